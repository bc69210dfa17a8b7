/** The API's routes on exec instances. */

import { createExec, startExec } from '../exec.ts'
import { hijack } from '../hijack.ts'
import { integer } from '../http.ts'
import { created, ok, type Route } from '../routes.ts'
import { ApiError } from '../state.ts'
import { call } from '../support.ts'

export const execRoutes: readonly Route[] = [
  [
    'POST',
    /^\/containers\/([^/]+)\/exec$/,
    function* (c, ref) {
      return created({ Id: (yield* createExec(c.sys, c.d, ref as string, yield* c.json('execCreate'))).id })
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/start$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      const body = yield* c.json<{ Detach?: boolean }>('execStart')
      if (body.Detach) {
        yield* startExec(c.sys, c.d, e)
        return ok({})
      }
      yield* hijack(c, e.options.Tty ?? false, (send) => startExec(c.sys, c.d, e, send), e.options.AttachStdin ?? false)
      return undefined
    },
  ],
  [
    'POST',
    /^\/exec\/([^/]+)\/resize$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (e)
        yield* call(c.sys, 'tasks.ResizePty', {
          id: e.container.id,
          execId: e.id.slice(0, 12),
          height: integer(c, 'h', 0),
          width: integer(c, 'w', 0),
        })
      return ok({})
    },
  ],
  [
    'GET',
    /^\/exec\/([^/]+)\/json$/,
    function* (c, id) {
      const e = c.d.execs.get(id as string)
      if (!e) throw new ApiError(404, `No such exec instance: ${id}`)
      return ok({ ID: e.id, Running: e.running, ExitCode: e.exitCode, ContainerID: e.container.id, Pid: e.pid })
    },
  ],
]

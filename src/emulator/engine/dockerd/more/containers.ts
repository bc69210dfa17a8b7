/** The API's routes on containers beyond a first lesson's. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { psTable } from '../../hostps.ts'
import { writeState } from '../files.ts'
import { filtersOf, filterValues, labelsPass, timeOf } from '../filters.ts'
import { nameRe } from '../record.ts'
import { none, ok, type Route } from '../routes.ts'
import { sizesOf } from '../sizes.ts'
import { resources } from '../spec.ts'
import { ApiError, findContainer, type HostConfig } from '../state.ts'
import { pause, remove } from '../stop.ts'
import { call, note } from '../support.ts'
import { validate } from '../validate.ts'

export const moreContainerRoutes: readonly Route[] = [
  [
    'POST',
    /^\/containers\/([^/]+)\/(pause|unpause)$/,
    function* (c, ref, what) {
      yield* pause(c.sys, c.d, findContainer(c.d, ref as string), what === 'pause')
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/rename$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const name = c.query('name').replace(/^\//, '')
      if (name === '') throw new ApiError(400, 'Neither old nor new names may be empty')
      const refused = (status: number, why: string): ApiError =>
        new ApiError(status, `Error when allocating new name: ${why}`)
      if (name === x.name) throw new ApiError(400, 'Renaming a container with the same name as its current name')
      if (!nameRe.test(name))
        throw refused(400, `Invalid container name (/${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
      for (const other of c.d.containers.values())
        if (other.name === name)
          throw refused(
            409,
            `Conflict. The container name "/${name}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`,
          )
      const old = x.name
      x.name = name
      yield* writeState(c.sys, x)
      yield* note(c.sys, c.d, x, 'rename', { oldName: `/${old}` })
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/update$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const change = yield* c.json<HostConfig>('updateRequest')
      const h: HostConfig = { ...x.hostConfig, ...change }
      const refused = (why: string): ApiError => new ApiError(409, `Cannot update container ${x.id}: ${why}`)
      if (x.hostConfig.AutoRemove && change.RestartPolicy && !['', 'no'].includes(change.RestartPolicy.Name))
        throw refused('Restart policy cannot be updated because AutoRemove is enabled for the container')
      // A limit that grows beyond memory and swap together needs both; swap without a limit of its own is twice the memory.
      const swap = x.hostConfig.MemorySwap || 2 * (x.hostConfig.Memory ?? 0)
      if (change.Memory && !change.MemorySwap && swap >= 0 && change.Memory > swap)
        throw refused(
          'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
        )
      const warnings = validate(h, yield* c.sys.schedGetaffinity())
      x.hostConfig = h
      if (x.status === 'running' || x.status === 'paused') {
        const r = yield* call(c.sys, 'tasks.Update', { id: x.id, resources: resources(h) })
        if (!r.ok) throw new ApiError(500, `Cannot update container ${x.id}: ${r.error}`)
      }
      yield* note(c.sys, c.d, x, 'update')
      return ok({ Warnings: warnings })
    },
  ],
  [
    'GET',
    /^\/containers\/([^/]+)\/top$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      if (x.status !== 'running' && x.status !== 'paused') throw new ApiError(409, `container ${x.id} is not running`)
      const args = (c.query('ps_args') || '-ef').split(/\s+/).filter(Boolean)
      const table = yield* psTable(c.sys, args, x.pid)
      if ('error' in table) throw new ApiError(500, table.error)
      yield* note(c.sys, c.d, x, 'top')
      return ok({ Titles: table.titles, Processes: table.rows })
    },
  ],
  [
    'POST',
    /^\/containers\/prune$/,
    function* (c) {
      const filters = filtersOf(c, ['label', 'label!', 'until'])
      const until = filterValues(filters, 'until')[0]
      const gone: string[] = []
      let freed = 0
      for (const x of [...c.d.containers.values()]) {
        if (!['created', 'exited', 'dead'].includes(x.status) || !labelsPass(x.config.Labels, filters)) continue
        if (until !== undefined && x.created > (yield* before(c.sys, until))) continue
        freed += (yield* sizesOf(c.sys, x)).SizeRw
        yield* remove(c.sys, c.d, x, false, false)
        gone.push(x.id)
      }
      return ok({ ContainersDeleted: gone.length > 0 ? gone : null, SpaceReclaimed: freed })
    },
  ],
]
/** The time that an `until` filter means: a time, or a duration ago. */
export function* before(sys: Sys, value: string): Run<number> {
  const m = /^(\d+)(s|m|h)$/.exec(value)
  if (!m) return timeOf(value)
  return (yield* sys.clock('realtime')) - Number(m[1]) * { s: 1e9, m: 60e9, h: 3600e9 }[m[2] as 's']
}

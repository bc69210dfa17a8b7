/** nerdctl wait, top, port and cp: what is asked of containers that are there. */
import { isErr } from '../../base/errno.ts'
import type { Containerd } from '../../engine/containerd/client.ts'
import { psTable } from '../../engine/hostps.ts'
import { entryOf, treeEntries } from '../../engine/layers.ts'
import { rootPath } from '../../engine/rootpath.ts'
import { unpack } from '../../engine/unpack.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir } from '../../kernel/linux/fs/flags.ts'
import { print } from '../../userland/lib/io.ts'
import { tabulate } from '../docker/format.ts'
import type { Given } from '../flags.ts'
import { ToolError } from '../urfave.ts'
import { find, type Item } from './store.ts'

/** Prints the exit codes of containers when they have ended. */
export function* wait(sys: Sys, g: Given, c: Containerd): Run<number> {
  for (const ref of g.args) {
    const i = yield* find(c, ref)
    const { status } = yield* c.call<{ status: number }>('tasks.Wait', { id: i.record.id })
    yield* print(sys, `${status}\n`)
  }
  return 0
}
export function* top(sys: Sys, g: Given, c: Containerd): Run<number> {
  const [ref = '', ...args] = g.args
  const i = yield* find(c, ref)
  if (!i.task || i.task.status === 'STOPPED') throw new ToolError(`container ${i.record.id} is not running`)
  const table = yield* psTable(sys, args.length > 0 ? args : ['-ef'], i.task.pid)
  if ('error' in table) throw new ToolError(table.error)
  yield* print(sys, tabulate([table.titles, ...table.rows], 20, 3))
  return 0
}
export function* port(sys: Sys, g: Given, c: Containerd): Run<number> {
  const [ref = '', wanted] = g.args
  const i = yield* find(c, ref)
  const [number, protocol = 'tcp'] = (wanted ?? '').split('/')
  const shown = i.ports.filter(
    (p) => wanted === undefined || (String(p.containerPort) === number && p.protocol === protocol),
  )
  if (wanted !== undefined && shown.length === 0)
    throw new ToolError(`no public port ${wanted}/${protocol} published for ${JSON.stringify(i.record.id)}`)
  const at = (p: Item['ports'][number]): string => `${p.hostIP}:${p.hostPort}`
  yield* print(
    sys,
    shown.map((p) => `${wanted === undefined ? `${p.containerPort}/${p.protocol} -> ` : ''}${at(p)}\n`).join(''),
  )
  return 0
}
const base = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '')
/** A path of an operand where it lies on the host: in a running container's root, or as it is. */
function* locate(sys: Sys, c: Containerd, arg: string): Run<{ readonly path: string; readonly inside: boolean }> {
  const colon = arg.indexOf(':')
  if (colon <= 0 || /^[./]/.test(arg)) return { path: arg, inside: false }
  const i = yield* find(c, arg.slice(0, colon))
  if (i.task?.status !== 'RUNNING')
    throw new ToolError('zukan: not emulated: nerdctl cp with a container that does not run')
  const path = yield* rootPath(sys, `/proc/${i.task.pid}/root`, arg.slice(colon + 1))
  if (isErr(path)) throw new ToolError(`${arg}: ${path.text.toLowerCase()}`)
  return { path: arg.endsWith('/') ? `${path}/` : path, inside: true }
}
export function* cp(sys: Sys, g: Given, c: Containerd): Run<number> {
  const [from = '', to = ''] = g.args
  const source = yield* locate(sys, c, from)
  const target = yield* locate(sys, c, to)
  if (source.inside === target.inside)
    throw new ToolError('one of src or dest must be a local file specification, the other one a container')
  const s = yield* sys.lstat(source.path.replace(/\/+$/, ''))
  if (isErr(s)) throw new ToolError(`source path ${JSON.stringify(base(source.path))} does not exist`)
  const there = yield* sys.stat(target.path)
  const into = !isErr(there) && isDir(there.mode)
  if (!into && target.path.endsWith('/'))
    throw new ToolError(`the destination directory must exist to be able to copy a file`)
  const folder = into ? target.path : target.path.replace(/[^/]*$/, '') || '.'
  const name = into ? base(from.slice(from.indexOf(':') + 1)) : base(target.path)
  const own = yield* entryOf(sys, source.path.replace(/\/+$/, ''), name, s)
  const below = isDir(s.mode) ? yield* treeEntries(sys, source.path, name) : []
  if (isErr(own) || isErr(below)) throw new ToolError('input/output error')
  const failed = yield* unpack(sys, folder, [...(own ? [own] : []), ...below])
  if (failed) throw new ToolError(failed)
  return 0
}

/** The API's routes on containers beyond a first lesson's. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { type ProcessRow, processes } from '../../../userland/lib/proc.ts'
import { strftime } from '../../../userland/lib/time.ts'
import { nameRe } from '../create.ts'
import { filtersOf, filterValues, labelsPass, timeOf } from '../filters.ts'
import { none, ok, type Route } from '../routes.ts'
import { sizesOf } from '../sizes.ts'
import { resources } from '../spec.ts'
import { ApiError, type Container, findContainer, type HostConfig } from '../state.ts'
import { pause, remove } from '../stop.ts'
import { call, note } from '../support.ts'
import { validate } from '../validate.ts'

/** A process, and the time that the machine was switched on (nanoseconds since 1970). */
type Row = ProcessRow & { readonly boot: number }
const time = (ticks: number): string => strftime('%H:%M:%S', ticks * 1e7)
/** The columns that top can show: heading, and value of a process. */
const columns: Readonly<Record<string, readonly [string, (r: Row) => string]>> = {
  uid: ['UID', (r) => (r.uid === 0 ? 'root' : String(r.uid))],
  user: ['USER', (r) => (r.uid === 0 ? 'root' : String(r.uid))],
  pid: ['PID', (r) => String(r.pid)],
  ppid: ['PPID', (r) => String(r.ppid)],
  c: ['C', () => '0'],
  stime: ['STIME', (r) => strftime('%H:%M', r.boot + r.start * 1e7)],
  tty: ['TTY', (r) => (r.tty ? `pts/${r.tty & 255}` : '?')],
  tt: ['TT', (r) => (r.tty ? `pts/${r.tty & 255}` : '?')],
  time: ['TIME', (r) => time(r.utime + r.stime)],
  cmd: ['CMD', (r) => r.args],
  args: ['COMMAND', (r) => r.args],
  command: ['COMMAND', (r) => r.args],
  comm: ['COMMAND', (r) => r.comm],
}
const full = ['uid', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd']
/** The columns that ps would print with these arguments; undefined for those that aren't known. */
function columnsOf(args: string): readonly string[] | undefined {
  const words = args.split(/\s+/).filter(Boolean)
  if (words.length === 0 || (words.length === 1 && /^-?e?f$/.test(words[0] as string))) return full
  const at = words.findIndex((w) => /^-?e?f?o/.test(w))
  if (at < 0) return undefined
  const list = (words[at] as string).replace(/^-?e?f?o/, '') || words.slice(at + 1).join(',')
  const names = list.split(',').filter(Boolean)
  return names.length > 0 && names.every((n) => Object.hasOwn(columns, n)) ? names : undefined
}
/** Processes of a container as the host sees them: PID 1 and all below it. */
function* inside(sys: Sys, c: Container): Run<Row[]> {
  const rows = yield* processes(sys)
  const found = new Set<number>([c.pid])
  for (let grown = true; grown; ) {
    grown = false
    for (const r of rows)
      if (found.has(r.ppid) && !found.has(r.pid)) {
        found.add(r.pid)
        grown = true
      }
  }
  const boot = (yield* sys.clock('realtime')) - (yield* sys.clock('boottime'))
  return rows.filter((r) => found.has(r.pid)).map((r) => ({ ...r, boot }))
}

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
      yield* note(c.sys, c.d, x, 'rename', { oldName: `/${old}` })
      return none
    },
  ],
  [
    'POST',
    /^\/containers\/([^/]+)\/update$/,
    function* (c, ref) {
      const x = findContainer(c.d, ref as string)
      const change = c.json<HostConfig>()
      const h: HostConfig = { ...x.hostConfig, ...change }
      // A limit that grows beyond memory and swap together needs both.
      if (change.Memory && !change.MemorySwap && h.MemorySwap && h.MemorySwap > 0 && change.Memory > h.MemorySwap)
        throw new ApiError(
          409,
          `Cannot update container ${x.id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
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
      const args = c.query('ps_args') || '-ef'
      const names = columnsOf(args)
      if (!names) throw new ApiError(500, `zukan: not emulated: ps ${args}`)
      if (!names.includes('pid')) throw new ApiError(500, "couldn't find PID field in ps output")
      const rows = yield* inside(c.sys, x)
      yield* note(c.sys, c.d, x, 'top')
      return ok({
        Titles: names.map((n) => columns[n]?.[0]),
        Processes: rows.map((r) => names.map((n) => columns[n]?.[1](r))),
      })
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

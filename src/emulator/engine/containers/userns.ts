/**
 * Rootless containers' first step: a user namespace in which the user is root, with subordinate ids for everybody else, user_namespaces(7).
 * The first command makes it, by newuidmap(1) and newgidmap(1), and leaves a process that holds it; the others join. pkg/rootless of podman.
 */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import {
  CLONE_NEWNS,
  CLONE_NEWUSER,
  MS_REC,
  MS_SLAVE,
  O_CLOEXEC,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../../kernel/linux/fs/flags.ts'
import { fail, print, readText, warn } from '../../userland/lib/io.ts'
import { waitFor } from '../../userland/lib/run.ts'
import { strftime } from '../../userland/lib/time.ts'
import { startScope } from '../systemd.ts'
import { makeFolders, putFile } from './files.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'

export const CATATONIT = '/usr/libexec/podman/catatonit'
const pauseFile = (p: Place): string => `${p.tmp}/pause.pid`

interface Range {
  readonly first: number
  readonly count: number
}
/** A user's subordinate ids, subuid(5). */
export function* subordinate(sys: Sys, file: '/etc/subuid' | '/etc/subgid', name: string, uid: number): Run<Range[]> {
  const text = yield* readText(sys, file)
  if (isErr(text)) return []
  return text
    .split('\n')
    .map((l) => l.split(':'))
    .filter((f) => f[0] === name || f[0] === String(uid))
    .map((f) => ({ first: Number(f[1]), count: Number(f[2]) }))
    .filter((r) => Number.isInteger(r.first) && r.count > 0)
}
/** Lines of a map: root is the user, others are the subordinate ids in turn. */
export function mapOf(own: number, ranges: readonly Range[]): (readonly [number, number, number])[] {
  const out: (readonly [number, number, number])[] = [[0, own, 1]]
  let next = 1
  for (const r of ranges) {
    out.push([next, r.first, r.count])
    next += r.count
  }
  return out
}
/** The pid of the process that holds the user's namespace; undefined where there is none. */
function* holder(sys: Sys, p: Place): Run<number | undefined> {
  const text = yield* readText(sys, pauseFile(p))
  const pid = isErr(text) ? 0 : Number(text)
  if (!(pid > 0)) return undefined
  const name = yield* readText(sys, `/proc/${pid}/comm`)
  return isErr(name) || !name.startsWith('catatonit') ? undefined : pid
}
function* join(sys: Sys, pid: number): Run<void> {
  const here = yield* sys.getcwd()
  for (const kind of ['user', 'mnt']) {
    const fd = yield* sys.open(`/proc/${pid}/ns/${kind}`, O_RDONLY | O_CLOEXEC)
    const failed = isErr(fd) ? fd : yield* sys.setns(fd, 0)
    if (!isErr(fd)) yield* sys.close(fd)
    if (failed) throw new Problem(`cannot join the ${kind} namespace of ${pid}: ${failed.text.toLowerCase()}`)
  }
  if (!isErr(here)) yield* sys.chdir(here)
}
/** Runs newuidmap or newgidmap on a process. */
function* setMap(sys: Sys, tool: string, pid: number, map: readonly (readonly number[])[]): Run<void> {
  const helper = yield* sys.fork(function* (own) {
    const failed = yield* own.execve(tool, [tool, String(pid), ...map.flat().map(String)], own.environ())
    yield* warn(own, `${tool}: ${failed.text.toLowerCase()}\n`)
    return 127
  })
  const r = isErr(helper) ? { code: 1 } : yield* waitFor(sys, helper)
  if (r.code !== 0) throw new Problem(`cannot set up namespace using "${tool}": exit status ${r.code ?? 1}`)
}
/** Makes the namespaces, and a process that keeps them. */
function* make(sys: Sys, p: Place): Run<number> {
  yield* makeFolders(sys, p.tmp, 0o700)
  const go = yield* sys.pipe()
  const ready = yield* sys.pipe()
  if (isErr(go) || isErr(ready)) throw new Problem('too many open files')
  const child = yield* sys.fork(
    function* (own) {
      yield* own.read(go[0], 1)
      yield* own.mount('', '/', '', MS_REC | MS_SLAVE)
      const pause = yield* own.fork(function* (idle) {
        yield* idle.setsid()
        const nothing = yield* idle.open('/dev/null', O_RDWR)
        if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* idle.dup2(nothing, fd)
        for (let fd = 3; fd < 32; fd++) yield* idle.close(fd)
        const failed = yield* idle.execve(CATATONIT, ['catatonit', '-P'], idle.environ())
        return failed.number
      })
      yield* own.write(ready[1], new TextEncoder().encode(String(isErr(pause) ? 0 : pause)))
      return 0
    },
    { flags: CLONE_NEWUSER | CLONE_NEWNS },
  )
  if (isErr(child)) throw new Problem(`cannot clone: ${child.text}`)
  const uids = yield* subordinate(sys, '/etc/subuid', p.user, p.uid)
  const gids = yield* subordinate(sys, '/etc/subgid', p.user, p.uid)
  if (uids.length === 0)
    yield* warn(
      sys,
      `time="${strftime('%FT%TZ', yield* sys.clock('realtime'))}" level=error msg="cannot find UID/GID for user ${p.user}: no subuid ranges found for user \\"${p.user}\\" in /etc/subuid - check rootless mode in man pages."\n`,
    )
  const { egid } = yield* sys.getcred()
  yield* setMap(sys, '/usr/bin/newuidmap', child, mapOf(p.uid, uids))
  yield* setMap(sys, '/usr/bin/newgidmap', child, mapOf(egid, gids))
  yield* sys.write(go[1], Uint8Array.of(1))
  const bytes = yield* sys.read(ready[0], 64)
  for (const fd of [...go, ...ready]) yield* sys.close(fd)
  yield* waitFor(sys, child)
  const pid = isErr(bytes) ? 0 : Number(new TextDecoder().decode(bytes))
  if (!(pid > 0)) throw new Problem(`cannot re-exec process`)
  yield* putFile(sys, pauseFile(p), String(pid))
  yield* startScope(sys, p.uid, `podman-pause-${pid.toString(16).padStart(8, '0')}.scope`, [pid])
  return pid
}
/** Enters the user's namespaces where this is not root already. Throws Problem. */
export function* becomeRoot(sys: Sys, p: Place): Run<void> {
  const { euid } = yield* sys.getcred()
  if (!p.rootless || euid === 0) return
  yield* join(sys, (yield* holder(sys, p)) ?? (yield* make(sys, p)))
}

/** newuidmap and newgidmap, shadow's set-uid programs: an unprivileged user gets the ids that /etc/subuid gives to it, and its own. */
const mapper = (name: string, file: '/etc/subuid' | '/etc/subgid', map: string): Program =>
  function* (sys, argv) {
    const [pid = '', ...numbers] = argv.slice(1)
    if (pid === '' || numbers.length % 3 !== 0 || !numbers.every((n) => /^\d+$/.test(n)))
      return yield* fail(sys, `usage: ${name} [<pid>] <uid> <loweruid> <count> [ <uid> <loweruid> <count> ] ... `)
    const { uid, gid } = yield* sys.getcred()
    const passwd = yield* readText(sys, '/etc/passwd')
    const user = isErr(passwd)
      ? ''
      : (passwd
          .split('\n')
          .find((l) => l.split(':')[2] === String(uid))
          ?.split(':')[0] ?? '')
    const allowed = yield* subordinate(sys, file, user, uid)
    const s = yield* sys.stat(`/proc/${pid}`)
    if (isErr(s)) return yield* fail(sys, `${name}: Could not open proc directory for target ${pid}`)
    const lines: string[] = []
    for (let i = 0; i < numbers.length; i += 3) {
      const [inside = 0, outside = 0, count = 0] = numbers.slice(i, i + 3).map(Number)
      const own = count === 1 && outside === (map === 'uid_map' ? uid : gid)
      if (!own && uid !== 0 && !allowed.some((r) => outside >= r.first && outside + count <= r.first + r.count))
        return yield* fail(
          sys,
          `${name}: ${map === 'uid_map' ? 'uid' : 'gid'} range [${inside}-${inside + count}) -> [${outside}-${outside + count}) not allowed`,
        )
      lines.push(`${inside} ${outside} ${count}\n`)
    }
    const fd = yield* sys.open(`/proc/${pid}/${map}`, O_WRONLY)
    const n = isErr(fd) ? fd : yield* sys.write(fd, new TextEncoder().encode(lines.join('')))
    if (isErr(n)) return yield* fail(sys, `${name}: write to ${map} failed: ${n.text}`)
    return 0
  }
export const newuidmap = mapper('newuidmap', '/etc/subuid', 'uid_map')
export const newgidmap = mapper('newgidmap', '/etc/subgid', 'gid_map')

/** catatonit -P: does nothing but stay, and collects what is left to it. */
export const catatonit: Program = function* (sys, argv) {
  if (argv[1] === '--version') {
    yield* print(sys, 'catatonit version 0.2.1\n')
    return 0
  }
  if (argv[1] !== '-P') return yield* fail(sys, `zukan: not emulated: catatonit ${argv.slice(1).join(' ')}`)
  yield* sys.chdir('/')
  let ended = false
  for (const signal of [2, 15])
    yield* sys.sigaction(signal, function* () {
      ended = true
    })
  while (!ended) if (isErr(yield* sys.wait(-1)) && !ended) yield* sys.pause()
  return 0
}

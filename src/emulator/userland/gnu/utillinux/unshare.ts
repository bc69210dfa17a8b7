/** unshare(1) of util-linux: runs a program in new namespaces. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Pid, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  CLONE_NEWNS,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
} from '../../../kernel/linux/fs/flags.ts'
import { SIGINT, SIGKILL, SIGTERM, signalNumber } from '../../../kernel/linux/signals.ts'
import { fail } from '../../lib/io.ts'
import type { Options } from '../../lib/options.ts'
import { endAs, execOrShell, waitFor } from '../../lib/run.ts'
import { getopt } from '../getopt.ts'
import { kinds, put } from './namespaces.ts'

const propagations: Readonly<Record<string, number>> = {
  slave: MS_REC | MS_SLAVE,
  private: MS_REC | MS_PRIVATE,
  shared: MS_REC | MS_SHARED,
  unchanged: 0,
}
const spec = {
  name: 'unshare',
  short: '+fmuinpUCTrcR:w:S:G:hV',
  long: {
    fork: 'f',
    'mount=?': 'm',
    'uts=?': 'u',
    'ipc=?': 'i',
    'net=?': 'n',
    'pid=?': 'p',
    'user=?': 'U',
    'cgroup=?': 'C',
    'time=?': 'T',
    'mount-proc=?': 'mount-proc',
    'map-user=': 'map-user',
    'map-group=': 'map-group',
    'map-users=': 'map-users',
    'map-groups=': 'map-groups',
    'map-root-user': 'r',
    'map-current-user': 'c',
    'map-auto': 'map-auto',
    'propagation=': 'propagation',
    'setgroups=': 'setgroups',
    'keep-caps': 'keep-caps',
    'kill-child=?': 'kill-child',
    'root=': 'R',
    'wd=': 'w',
    'setuid=': 'S',
    'setgid=': 'G',
    'monotonic=': 'monotonic',
    'boottime=': 'boottime',
    help: 'h',
    version: 'V',
  },
}

/** A child that stays outside and does something for the parent after it has unshared: binding its namespaces to files. */
function* outside(sys: Sys, work: (helper: Sys, parent: Pid) => Run<ExitCode>): Run<() => Run<ExitCode>> {
  const parent = yield* sys.getpid()
  const gate = yield* sys.pipe()
  if (isErr(gate)) return () => fail(sys, `unshare: pipe failed: ${gate.text}`)
  const [read, write] = gate
  const pid = yield* sys.fork(function* (helper) {
    yield* helper.close(write)
    yield* helper.read(read, 1)
    return yield* work(helper, parent)
  })
  yield* sys.close(read)
  return function* () {
    yield* sys.close(write)
    if (isErr(pid)) return 1
    const s = yield* waitFor(sys, pid)
    return s.code ?? 1
  }
}

export const unshare: Program = function* (sys, argv) {
  const parsed = yield* getopt(sys, spec, argv)
  if (typeof parsed === 'number') return parsed
  const o: Options = parsed
  if (o.has('h')) return yield* fail(sys, 'zukan: not emulated: unshare --help')
  let flags = 0
  for (const k of kinds) if (o.has(k.letter)) flags |= k.flag
  if (o.has('mount-proc')) flags |= CLONE_NEWNS
  const [euid, egid] = yield* ids(sys)
  const mapUser = o.value('map-user') ?? (o.has('r') ? '0' : o.has('c') ? String(euid) : undefined)
  const mapGroup = o.value('map-group') ?? (o.has('r') ? '0' : o.has('c') ? String(egid) : undefined)
  if (mapUser !== undefined || mapGroup !== undefined || o.has('map-users') || o.has('map-groups'))
    flags |= CLONE_NEWUSER
  if (o.has('map-auto')) return yield* fail(sys, 'zukan: not emulated: unshare --map-auto')
  if (o.has('monotonic') || o.has('boottime')) flags |= CLONE_NEWTIME
  const propagation = o.value('propagation') ?? 'private'
  if (!Object.hasOwn(propagations, propagation))
    return yield* fail(sys, `unshare: unsupported propagation mode: ${propagation}`)
  const setgroups = o.value('setgroups')
  if (setgroups !== undefined && setgroups !== 'allow' && setgroups !== 'deny')
    return yield* fail(sys, `unshare: unsupported --setgroups argument '${setgroups}'`)

  // Namespaces that are to outlive the program are bound to files from outside.
  const kept = kinds.filter((k) => o.value(k.letter)).map((k) => [k, o.value(k.letter) as string] as const)
  const bind =
    kept.length === 0
      ? undefined
      : yield* outside(sys, function* (helper, parent) {
          for (const [kind, file] of kept) {
            const name =
              kind.letter === 'p' ? 'pid_for_children' : kind.letter === 'T' ? 'time_for_children' : kind.file
            const failed = yield* helper.mount(`/proc/${parent}/ns/${name}`, file, '', MS_BIND)
            if (failed)
              return yield* fail(helper, `unshare: mount /proc/${parent}/ns/${name} on ${file} failed: ${failed.text}`)
          }
          return 0
        })
  const maps = [
    ['uid_map', o.all('map-users')],
    ['gid_map', o.all('map-groups')],
  ] as const
  const map =
    maps[0][1].length + maps[1][1].length === 0
      ? undefined
      : yield* outside(sys, function* (helper, parent) {
          for (const [file, ranges] of maps) {
            if (ranges.length === 0) continue
            const text = ranges.map((r) => (r.includes(':') ? r.split(':') : outerFirst(r)).join(' ')).join('\n')
            const failed = yield* put(helper, `/proc/${parent}/${file}`, text)
            if (failed) return yield* fail(helper, `unshare: write failed /proc/${parent}/${file}: ${failed}`)
          }
          return 0
        })
  const refused = yield* sys.unshare(flags)
  if (refused) return yield* fail(sys, `unshare: unshare failed: ${refused.text}`)
  for (const after of [bind, map]) {
    const code = after ? yield* after() : 0
    if (code !== 0) return code
  }
  for (const [name, key] of [
    ['monotonic', 'monotonic'],
    ['boottime', 'boottime'],
  ] as const) {
    const offset = o.value(key)
    if (offset === undefined) continue
    const failed = yield* put(sys, '/proc/self/timens_offsets', `${name} ${offset} 0`)
    if (failed) return yield* fail(sys, `unshare: write failed /proc/self/timens_offsets: ${failed}`)
  }
  // -p and -T count for children only: with --fork the program is one.
  if (o.has('f') || o.has('kill-child')) {
    for (const s of [SIGINT, SIGTERM]) yield* sys.sigaction(s, 'ignore')
    const deathSignal = o.has('kill-child') ? signalNumber(o.value('kill-child') || 'KILL') : 0
    if (deathSignal === undefined) return yield* fail(sys, `unshare: unknown signal: ${o.value('kill-child')}`)
    const pid = yield* sys.fork(function* (child) {
      for (const s of [SIGINT, SIGTERM]) yield* child.sigaction(s, 'default')
      if (deathSignal) yield* child.prctl('set_pdeathsig', deathSignal || SIGKILL)
      return yield* settle(child)
    })
    if (isErr(pid)) return yield* fail(sys, `unshare: fork failed: ${pid.text}`)
    return yield* endAs(sys, yield* waitFor(sys, pid))
  }
  return yield* settle(sys)

  /** What is left to do inside, then the program. */
  function* settle(sys: Sys): Run<ExitCode> {
    if (mapUser !== undefined) {
      const failed = yield* put(sys, '/proc/self/uid_map', `${mapUser} ${euid} 1`)
      if (failed) return yield* fail(sys, `unshare: write failed /proc/self/uid_map: ${failed}`)
    }
    if (mapGroup !== undefined) {
      if (setgroups === 'allow')
        return yield* fail(sys, 'unshare: options --setgroups=allow and --map-group are mutually exclusive')
      const denied = yield* put(sys, '/proc/self/setgroups', 'deny')
      if (denied) return yield* fail(sys, `unshare: cannot open /proc/self/setgroups: ${denied}`)
      const failed = yield* put(sys, '/proc/self/gid_map', `${mapGroup} ${egid} 1`)
      if (failed) return yield* fail(sys, `unshare: write failed /proc/self/gid_map: ${failed}`)
    } else if (setgroups !== undefined) yield* put(sys, '/proc/self/setgroups', setgroups)
    if (flags & CLONE_NEWNS && propagations[propagation] !== 0) {
      const failed = yield* sys.mount('none', '/', '', propagations[propagation] as number)
      if (failed) return yield* fail(sys, `unshare: cannot change root filesystem propagation: ${failed.text}`)
    }
    const root = o.value('R')
    if (root !== undefined) {
      const failed = yield* sys.chroot(root)
      if (failed) return yield* fail(sys, `unshare: cannot change root directory to '${root}': ${failed.text}`)
      yield* sys.chdir('/')
    }
    const wd = o.value('w')
    if (wd !== undefined) {
      const failed = yield* sys.chdir(wd)
      if (failed) return yield* fail(sys, `unshare: cannot chdir to '${wd}': ${failed.text}`)
    }
    if (o.has('mount-proc')) {
      const at = o.value('mount-proc') || '/proc'
      // Hide the mount from other namespaces, unless the new one is cut off anyhow.
      const failed =
        (root === undefined ? yield* sys.mount('none', at, '', MS_PRIVATE | MS_REC) : undefined) ??
        (yield* sys.mount('proc', at, 'proc', MS_NOSUID | MS_NOEXEC | MS_NODEV))
      if (failed) return yield* fail(sys, `unshare: mount ${at} failed: ${failed.text}`)
    }
    for (const [letter, set] of [
      ['G', (id: number) => sys.setgid(id)],
      ['S', (id: number) => sys.setuid(id)],
    ] as const) {
      const id = o.value(letter)
      if (id === undefined) continue
      const failed = yield* set(Number(id))
      if (failed) return yield* fail(sys, `unshare: ${letter === 'G' ? 'setgid' : 'setuid'} failed: ${failed.text}`)
    }
    return yield* execOrShell(sys, 'unshare', o.rest)
  }
}
function* ids(sys: Sys): Run<readonly [number, number]> {
  const c = yield* sys.getcred()
  return [c.euid, c.egid]
}
/** `outer,inner,count` of older versions in the order of uid_map. */
function outerFirst(range: string): string[] {
  const [outer = '', inner = '', count = ''] = range.split(',')
  return [inner, outer, count]
}

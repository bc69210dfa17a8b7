/** Programs that run another one in some way: timeout, nohup, nice, renice, setsid, chroot, usleep. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { SIGHUP, SIGKILL, SIGTERM, signalNumber } from '../../../kernel/linux/signals.ts'
import { users } from '../../lib/accounts.ts'
import { execPath } from '../../lib/exec.ts'
import { print, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { processes } from '../../lib/proc.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** `1.5`, `2m`, `1h`, `1d` in nanoseconds. */
export function duration(text: string): number | undefined {
  const m = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(text)
  if (text === 'inf' || text === 'infinity') return 9e15
  return m
    ? Math.min(9e15, Number(m[1]) * ({ '': 1, s: 1, m: 60, h: 3600, d: 86400 }[m[2] ?? ''] ?? 1) * 1e9)
    : undefined
}
export const timeout: Applet = {
  name: 'timeout',
  usage: '[-s SIG] [-k KILL_SECS] SECS PROG ARGS',
  help: 'Run PROG. Send SIG to it if it is not gone in SECS seconds.\nDefault SIG: TERM.If it still exists in KILL_SECS seconds, send KILL.',
  *run(sys, argv) {
    const o = yield* getopt(sys, timeout, argv, '+s:k:')
    if (typeof o === 'number') return o
    const named = o.value('s')
    const signal = named === undefined ? SIGTERM : signalNumber(named)
    if (signal === undefined) {
      yield* warn(sys, `timeout: bad signal name '${named}'\n`)
      return 1
    }
    if (o.rest.length < 2) return yield* showUsage(sys, timeout)
    const limit = duration(o.rest[0] as string)
    const then = o.has('k') ? duration(o.value('k') as string) : undefined
    if (limit === undefined || (o.has('k') && then === undefined)) {
      yield* warn(sys, `timeout: invalid number '${limit === undefined ? o.rest[0] : o.value('k')}'\n`)
      return 1
    }
    // PROG takes this process; a grandchild, whom nobody waits for, watches it.
    const watched = yield* sys.getpid()
    const between = yield* sys.fork(function* (child) {
      yield* child.fork((watcher) => watch(watcher, watched, limit, signal, then))
      return 0
    })
    if (isErr(between)) {
      yield* warn(sys, `timeout: fork: ${strerror(between)}\n`)
      return 1
    }
    yield* sys.wait(between)
    return yield* execPath(sys, o.rest.slice(1), sys.environ(), 'timeout')
  },
}
/** Sends the signal after a time, SIGKILL after another; ends within a second of the process it watches. */
function* watch(sys: Sys, pid: number, limit: number, signal: number, then: number | undefined): Run<ExitCode> {
  yield* sys.setsid()
  // It holds no pipe open.
  const nothing = yield* sys.open('/dev/null', O_RDWR)
  if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* sys.dup2(nothing, fd)
  for (let left = limit; left > 0; left -= 1e9) {
    yield* sys.nanosleep(Math.min(left, 1e9))
    if (yield* sys.kill(pid, 0)) return 0
  }
  yield* sys.kill(pid, signal)
  return then === undefined ? 0 : yield* watch(sys, pid, then, SIGKILL, undefined)
}
export const nohup: Applet = {
  name: 'nohup',
  usage: 'PROG ARGS',
  help: 'Run PROG immune to hangups, with output to a non-tty',
  *run(sys, argv) {
    if (argv.length < 2) return yield* showUsage(sys, nohup, 127)
    const terminal = function* (fd: number) {
      return !isErr(yield* sys.ioctl(fd, 'TCGETS'))
    }
    if (yield* terminal(0)) {
      const empty = yield* sys.open('/dev/null', O_RDONLY)
      if (!isErr(empty) && empty !== 0) {
        yield* sys.dup2(empty, 0)
        yield* sys.close(empty)
      }
    }
    if (yield* terminal(1)) {
      const home = sys
        .environ()
        .find((e) => e.startsWith('HOME='))
        ?.slice(5)
      let file = 'nohup.out'
      let out = yield* sys.open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      if (isErr(out) && home !== undefined) {
        file = `${home}/nohup.out`
        out = yield* sys.open(file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      }
      if (isErr(out)) {
        yield* warn(sys, `nohup: can't open '${file}': ${strerror(out)}\n`)
        return 127
      }
      yield* warn(sys, `nohup: appending output to ${file}\n`)
      if (yield* terminal(2)) yield* sys.dup2(out, 2)
      yield* sys.dup2(out, 1)
      yield* sys.close(out)
    } else if (yield* terminal(2)) yield* sys.dup2(1, 2)
    yield* sys.sigaction(SIGHUP, 'ignore')
    return yield* execPath(sys, argv.slice(1), sys.environ(), 'nohup')
  },
}
export const nice: Applet = {
  name: 'nice',
  usage: '[-n ADJUST] [PROG ARGS]',
  help: 'Change scheduling priority, run PROG\n\n\t-n ADJUST\tAdjust priority by ADJUST',
  *run(sys, given) {
    const argv = given.map((a, i) => (i === 1 && /^-[-+]?\d+$/.test(a) ? `-n${a.slice(1)}` : a))
    const o = yield* getopt(sys, nice, argv, '+n:')
    if (typeof o === 'number') return o
    const now = yield* sys.setpriority(0)
    if (isErr(now)) return 1
    if (o.rest.length === 0) {
      if (o.has('n')) return yield* showUsage(sys, nice)
      yield* print(sys, `${now}\n`)
      return 0
    }
    const by = parseNumber(o.value('n') ?? '10', -40, 40)
    if (typeof by !== 'number') {
      yield* warn(sys, `nice: ${by.error}\n`)
      return 1
    }
    const failed = yield* sys.setpriority(0, Math.max(-20, Math.min(19, now + by)))
    if (isErr(failed)) {
      yield* warn(sys, `nice: setpriority(${now + by}): ${strerror(failed)}\n`)
      return 1
    }
    return yield* execPath(sys, o.rest, sys.environ(), 'nice')
  },
}
export const renice: Applet = {
  name: 'renice',
  usage: '[-n] PRIORITY [[-p|g|u] ID...]...',
  help: 'Change scheduling priority of a running process\n\n\t-n\tAdd PRIORITY to current nice value\n\t\tWithout -n, nice value is set to PRIORITY\n\t-p\tProcess ids (default)\n\t-g\tProcess group ids\n\t-u\tProcess user names',
  *run(sys, argv) {
    let words = argv.slice(1)
    const relative = words[0] === '-n'
    if (relative) words = words.slice(1)
    const value = words[0] === undefined ? undefined : parseNumber(words[0], -40, 40)
    if (value === undefined || words.length < 2) return yield* showUsage(sys, renice)
    if (typeof value !== 'number') {
      yield* warn(sys, `renice: ${value.error}\n`)
      return 1
    }
    let kind = 'p'
    let status = 0
    for (const word of words.slice(1)) {
      if (/^-[pgu]$/.test(word)) {
        kind = word.slice(1)
        continue
      }
      let pids: number[]
      if (kind === 'p' && /^\d+$/.test(word)) pids = [Number(word)]
      else if (kind === 'g' && /^\d+$/.test(word))
        pids = (yield* processes(sys)).filter((r) => r.pgid === Number(word)).map((r) => r.pid)
      else if (kind === 'u') {
        const user = (yield* users(sys)).find((u) => u.name === word || String(u.uid) === word)
        if (!user) {
          yield* warn(sys, `renice: unknown user ${word}\n`)
          status = 1
          continue
        }
        pids = (yield* processes(sys)).filter((r) => r.uid === user.uid).map((r) => r.pid)
      } else {
        yield* warn(sys, `renice: invalid number '${word}'\n`)
        status = 1
        continue
      }
      for (const pid of pids) {
        const now = yield* sys.setpriority(pid)
        const failed = isErr(now)
          ? now
          : yield* sys.setpriority(pid, Math.max(-20, Math.min(19, relative ? now + value : value)))
        if (!isErr(failed)) continue
        yield* warn(sys, `renice: ${isErr(now) ? 'getpriority' : 'setpriority'} ${word}: ${strerror(failed)}\n`)
        status = 1
      }
    }
    return status
  },
}
export const setsid: Applet = {
  name: 'setsid',
  usage: '[-c] PROG ARGS',
  help: 'Run PROG in a new session. PROG will have no controlling terminal\nand will not be affected by keyboard signals (^C etc).\n\n\t-c\tSet controlling terminal to stdin',
  *run(sys, argv) {
    const o = yield* getopt(sys, setsid, argv, '+c')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, setsid)
    const body: Parameters<typeof sys.fork>[0] = function* (child) {
      yield* child.setsid()
      if (o.has('c')) yield* child.ioctl(0, 'TIOCSCTTY')
      return yield* execPath(child, o.rest, child.environ(), 'setsid')
    }
    // A leader of a process group can't become one of a session: a child does.
    if ((yield* sys.getpgid(0)) === (yield* sys.getpid())) return isErr(yield* sys.fork(body)) ? 1 : 0
    return yield* body(sys)
  },
}
export const chroot: Applet = {
  name: 'chroot',
  usage: 'NEWROOT [PROG ARGS]',
  help: 'Run PROG with root directory set to NEWROOT',
  *run(sys, argv) {
    const root = argv[1]
    if (root === undefined) return yield* showUsage(sys, chroot)
    const failed = yield* sys.chroot(root)
    if (failed) {
      yield* warn(sys, `chroot: can't change root directory to '${root}': ${strerror(failed)}\n`)
      return 1
    }
    yield* sys.chdir('/')
    const shell = sys
      .environ()
      .find((e) => e.startsWith('SHELL='))
      ?.slice(6)
    return yield* execPath(sys, argv.length > 2 ? argv.slice(2) : [shell || '/bin/sh', '-i'], sys.environ(), 'chroot')
  },
}
export const usleep: Applet = {
  name: 'usleep',
  usage: 'N',
  help: 'Pause for N microseconds',
  *run(sys, argv) {
    if (argv[1] === undefined) return yield* showUsage(sys, usleep)
    const n = parseNumber(argv[1])
    if (typeof n !== 'number') {
      yield* warn(sys, `usleep: ${n.error}\n`)
      return 1
    }
    yield* sys.nanosleep(n * 1000)
    return 0
  },
}

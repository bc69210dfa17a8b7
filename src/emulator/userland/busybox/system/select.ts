/** pgrep, pkill, pidof, killall: processes by their names. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGTERM, signalNames, signalNumber } from '../../../kernel/linux/signals.ts'
import { binary, encode, print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { type ProcessRow, processes } from '../../lib/proc.ts'
import { compileRegex } from '../../lib/regex.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** A list of signals as -l prints it. */
export const signalList = (): string =>
  signalNames
    .slice(1)
    .map((n, i) => `${String(i + 1).padStart(2)}) ${n}\n`)
    .join('')
/** Takes `-SIGNAL` off the front of a command line; an error text where it is no signal. */
export function takeSignal(
  argv: readonly string[],
): { readonly signal: number; readonly rest: readonly string[] } | { readonly error: string } {
  const first = argv[1] ?? ''
  if (!/^-[A-Z0-9]/.test(first) && !/^-[a-z]{3,}/.test(first)) return { signal: SIGTERM, rest: argv }
  const signal = signalNumber(first.slice(1))
  return signal === undefined
    ? { error: `bad signal name '${first.slice(1)}'` }
    : { signal, rest: [argv[0] as string, ...argv.slice(2)] }
}

const matcher = (name: 'pgrep' | 'pkill'): Applet => {
  const applet: Applet = {
    name,
    usage: name === 'pgrep' ? '[-flanovx] [-s SID|-P PPID|PATTERN]' : '[-l|-SIGNAL] [-xfvnoe] [-s SID|-P PPID|PATTERN]',
    help:
      name === 'pgrep'
        ? 'Display process(es) selected by regex PATTERN\n\n\t-l\tShow command name too\n\t-a\tShow command line too\n\t-f\tMatch against entire command line\n\t-n\tShow the newest process only\n\t-o\tShow the oldest process only\n\t-v\tNegate the match\n\t-x\tMatch whole name (not substring)\n\t-s\tMatch session ID (0 for current)\n\t-P\tMatch parent process ID'
        : 'Send signal to processes selected by regex PATTERN\n\n\t-l\tList all signals\n\t-x\tMatch whole name (not substring)\n\t-f\tMatch against entire command line\n\t-s SID\tMatch session ID (0 for current)\n\t-P PPID\tMatch parent process ID\n\t-v\tNegate the match\n\t-n\tSignal the newest process only\n\t-o\tSignal the oldest process only\n\t-e\tDisplay name and PID of the process being killed',
    *run(sys, argv) {
      const taken = name === 'pkill' ? takeSignal(argv) : { signal: SIGTERM, rest: argv }
      if ('error' in taken) {
        yield* warn(sys, `${name}: ${taken.error}\n`)
        return 1
      }
      const o = yield* getopt(sys, applet, taken.rest, 'vlafxonces:P:')
      if (typeof o === 'number') return o
      if (name === 'pkill' && o.has('l')) {
        yield* print(sys, signalList())
        return 0
      }
      const narrowed = o.has('s') || o.has('P')
      if (o.rest.length > 1 || (o.rest.length === 0 && !narrowed)) return yield* showUsage(sys, applet)
      const pattern = o.rest[0]
      const regex = pattern === undefined ? undefined : compileRegex(binary(encode(pattern)), true)
      if (regex && 'error' in regex) {
        yield* warn(sys, `${name}: bad regex '${pattern}': ${regex.error}\n`)
        return 1
      }
      const me = yield* sys.getpid()
      const session = o.value('s') === '0' ? yield* sys.getsid(0) : Number(o.value('s'))
      const list = yield* processes(sys)
      let hits = list.filter((r) => {
        if (r.pid === me) return false
        if (o.has('s') && r.sid !== session) return false
        if (o.has('P') && r.ppid !== Number(o.value('P'))) return false
        const text = binary(encode(o.has('f') ? r.args : r.comm))
        const m = regex?.exec(text, 0)
        const match = regex === undefined || (m !== undefined && (!o.has('x') || (m[0] === 0 && m[1] === text.length)))
        return match !== o.has('v')
      })
      if (o.has('n') && hits.length > 1) hits = [hits.reduce((a, b) => (b.start >= a.start ? b : a))]
      if (o.has('o') && hits.length > 1) hits = [hits.reduce((a, b) => (b.start < a.start ? b : a))]
      if (name === 'pgrep')
        yield* print(
          sys,
          hits.map((r) => `${r.pid}${o.has('a') ? ` ${r.args}` : o.has('l') ? ` ${r.comm}` : ''}\n`).join(''),
        )
      else
        for (const r of hits) {
          const failed = yield* sys.kill(r.pid, taken.signal)
          if (failed) yield* warn(sys, `pkill: ${r.pid}: ${strerror(failed)}\n`)
          else if (o.has('e')) yield* print(sys, `${r.comm} killed (pid ${r.pid})\n`)
        }
      return hits.length > 0 ? 0 : 1
    },
  }
  return applet
}
export const pgrep = matcher('pgrep')
export const pkill = matcher('pkill')

/** Whether a process is called so: by its name, its program's file or the first word of its command line, find_pid_by_name of libbb. */
function* called(sys: Sys, r: ProcessRow, name: string): Run<boolean> {
  if (r.comm === name.slice(0, 15) && (name.length < 16 || r.args.includes(name))) return true
  const first = r.args.split(' ')[0] ?? ''
  if (name.startsWith('/') ? first === name : first.split('/').at(-1) === name) return true
  if (!name.startsWith('/')) return false
  const exe = yield* sys.readlink(`/proc/${r.pid}/exe`)
  return !isErr(exe) && exe === name
}
export const pidof: Applet = {
  name: 'pidof',
  usage: '[-s] [-o PID] [NAME]...',
  help: "List PIDs of all processes with names that match NAMEs\n\n\t-s\tShow only one PID\n\t-o PID\tOmit given pid\n\t\tUse %PPID to omit pid of pidof's parent",
  *run(sys, argv) {
    const o = yield* getopt(sys, pidof, argv, 'so:')
    if (typeof o === 'number') return o
    const omit = new Set<number>()
    for (const word of o.all('o')) omit.add(word === '%PPID' ? yield* sys.getppid() : Number(word))
    const list = (yield* processes(sys)).reverse()
    const hits: number[] = []
    for (const name of o.rest)
      for (const r of list) if (!omit.has(r.pid) && (yield* called(sys, r, name))) hits.push(r.pid)
    const shown = o.has('s') ? hits.slice(0, 1) : hits
    if (shown.length > 0) yield* print(sys, `${shown.join(' ')}\n`)
    return shown.length > 0 ? 0 : 1
  },
}
export const killall: Applet = {
  name: 'killall',
  usage: '[-lq] [-SIG] PROCESS_NAME...',
  help: "Send a signal (default: TERM) to given processes\n\n\t-l\tList all signal names and numbers\n\t-q\tDon't complain if no processes were killed",
  *run(sys, argv) {
    const quiet = argv.includes('-q')
    const taken = takeSignal(argv.filter((a) => a !== '-q'))
    if ('error' in taken) {
      yield* warn(sys, `killall: ${taken.error}\n`)
      return 1
    }
    const names = taken.rest.slice(1)
    if (names[0] === '-l') {
      yield* print(sys, signalList())
      return 0
    }
    if (names.length === 0) {
      yield* warn(sys, 'killall: you need to specify whom to kill\n')
      return 1
    }
    const me = yield* sys.getpid()
    const list = yield* processes(sys)
    let status: ExitCode = 0
    for (const name of names) {
      let found = false
      for (const r of list) {
        if (r.pid === me || !(yield* called(sys, r, name))) continue
        found = true
        const failed = yield* sys.kill(r.pid, taken.signal)
        if (!failed) continue
        status = 1
        if (!quiet) yield* warn(sys, `killall: can't kill pid ${r.pid}: ${strerror(failed)}\n`)
      }
      if (found) continue
      status = 1
      if (!quiet) yield* warn(sys, `killall: ${name}: no process killed\n`)
    }
    return status
  },
}
export const kill: Applet = {
  name: 'kill',
  usage: '[-l] [-SIG] PID...',
  help: 'Send a signal (default: TERM) to given PIDs\n\n\t-l\tList all signal names and numbers',
  *run(sys, argv) {
    let words = [...argv]
    if (words[1] === '-l') {
      if (words.length === 2) yield* print(sys, signalList())
      for (const word of words.slice(2)) {
        const n = /^\d+$/.test(word) ? Number(word) & 127 : signalNumber(word)
        if (n === undefined) {
          yield* warn(sys, `kill: unknown signal '${word}'\n`)
          return 1
        }
        yield* print(sys, `${/^\d+$/.test(word) ? (signalNames[n] ?? n) : n}\n`)
      }
      return 0
    }
    if (words[1] === '-s' || words[1] === '-n') words = [words[0] as string, `-${words[2] ?? ''}`, ...words.slice(3)]
    const taken =
      words[1]?.startsWith('-') && words[1] !== '--' && words[1].length > 1
        ? { signal: signalNumber(words[1].slice(1)), rest: words.slice(2) }
        : { signal: SIGTERM, rest: words.slice(1) }
    if (taken.signal === undefined) {
      yield* warn(sys, `kill: bad signal name '${words[1]?.slice(1)}'\n`)
      return 1
    }
    const pids = taken.rest.filter((a, i) => i > 0 || a !== '--')
    if (pids.length === 0) {
      yield* warn(sys, 'kill: you need to specify whom to kill\n')
      return 1
    }
    let status: ExitCode = 0
    for (const word of pids) {
      const failed = /^-?\d+$/.test(word) ? yield* sys.kill(Number(word), taken.signal) : undefined
      if (!/^-?\d+$/.test(word)) yield* warn(sys, `kill: invalid number '${word}'\n`)
      else if (failed) yield* warn(sys, `kill: can't kill pid ${word}: ${strerror(failed)}\n`)
      else continue
      status = 1
    }
    return status
  },
}

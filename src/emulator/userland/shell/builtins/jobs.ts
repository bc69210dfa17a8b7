/** jobs, fg, bg, wait, kill. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { SIGCONT, SIGINT, SIGTERM, signalNames, signalNumber } from '../../../kernel/linux/signals.ts'
import { warn } from '../../lib/io.ts'
import { ShellError } from '../errors.ts'
import { jobLine, jobOf, noteChild, reap, tellSignal } from '../jobs.ts'
import type { Job } from '../state.ts'
import { appletError, type Builtin, complain, options, out } from './common.ts'

export const jobs: Builtin = function* (sh, argv) {
  const { flags, rest } = options(argv, 'lp')
  yield* reap(sh)
  let chosen = [...sh.s.jobs]
  if (rest.length > 0) {
    chosen = rest.flatMap((spec) => jobOf(sh, spec) ?? [])
    const missing = rest.find((spec) => !jobOf(sh, spec))
    if (missing !== undefined) throw new ShellError(`${missing}: no such job`)
  }
  for (const job of chosen) {
    yield* out(sh, flags.has('p') ? `${job.pgid}\n` : jobLine(sh, job, flags.has('l')))
    if (job.state === 'done') sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  }
  return 0
}
export const wait: Builtin = function* (sh, argv) {
  const { flags, rest: specs } = options(argv, 'n')
  let status = 0
  /** Takes what ends until then; false where a trapped signal came first. `of`: the job whose processes' signals are told. */
  const until = function* (done: () => boolean, of?: Job): Run<boolean> {
    while (!done()) {
      const result = yield* sh.sys.wait(-1)
      if (result === EINTR) {
        if (sh.s.pendingTraps.length > 0) return false
        continue
      }
      if (isErr(result) || !result) return true
      noteChild(sh, result)
      if (of?.pids.includes(result.pid)) yield* tellSignal(sh, result)
      if (sh.s.pendingTraps.length > 0) return false
    }
    return true
  }
  if (specs.length === 0 && flags.has('n')) {
    const running = sh.s.jobs.filter((j) => j.state === 'running')
    // As ash has it: 127 where there is no job at all, not even one that ended.
    if (running.length === 0) return sh.s.jobs.length === 0 ? 127 : 0
    const ended = (): Job | undefined => running.find((j) => j.state !== 'running')
    if (!(yield* until(() => ended() !== undefined))) return 128 + (sh.s.pendingTraps[0] ?? 0)
    return ended()?.status ?? 127
  }
  if (specs.length === 0) {
    if (!(yield* until(() => sh.s.jobs.every((j) => j.state !== 'running')))) return 128 + (sh.s.pendingTraps[0] ?? 0)
    for (const job of sh.s.jobs) job.waited = true
    return 0
  }
  for (const spec of specs) {
    const job = jobOf(sh, spec)
    if (!job) {
      if (spec.startsWith('%')) throw new ShellError(`${spec}: no such job`)
      if (!/^\d+$/.test(spec)) throw new ShellError(`Illegal number: ${spec}`)
      status = 127
      continue
    }
    if (!(yield* until(() => job.state !== 'running', job))) return 128 + (sh.s.pendingTraps[0] ?? 0)
    status = job.status
    job.waited = true
  }
  return status
}

export const kill: Builtin = function* (sh, argv) {
  let args = argv.slice(1)
  let signal = SIGTERM
  const first = args[0]
  if (first === '-l' || first === '-L') {
    if (args.length === 1)
      return yield* out(
        sh,
        signalNames
          .slice(1)
          .map((n, i) => `${String(i + 1).padStart(2)}) ${n}\n`)
          .join(''),
      )
    for (const word of args.slice(1)) {
      const n = Number(word)
      if (/^\d+$/.test(word)) yield* out(sh, `${signalNames[n & 127] ?? n & 127}\n`)
      else {
        const number = signalNumber(word)
        if (number === undefined) return yield* appletError(sh, `unknown signal '${word}'`)
        yield* out(sh, `${number}\n`)
      }
    }
    return 0
  }
  if (first === '-s' || first === '-n') {
    const n = signalNumber(args[1] ?? '')
    if (n === undefined) return yield* appletError(sh, `bad signal name '${args[1] ?? ''}'`)
    signal = n
    args = args.slice(2)
  } else if (first?.startsWith('-') && first !== '--' && first.length > 1) {
    const n = signalNumber(first.slice(1))
    if (n === undefined) {
      yield* appletError(sh, `bad signal name '${first.slice(1)}'`)
      return 1
    }
    signal = n
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) {
    yield* appletError(sh, 'you need to specify whom to kill')
    return 1
  }
  let status = 0
  for (const arg of args) {
    let pids: readonly number[]
    if (arg.startsWith('%')) {
      const job = jobOf(sh, arg)
      if (!job) throw new ShellError(`${arg}: no such job`)
      // Under job control the group; else each process that is left.
      pids = job.own ? [-job.pgid] : [...job.running]
    } else if (/^-?\d+$/.test(arg)) pids = [Number(arg)]
    else {
      yield* appletError(sh, `invalid number '${arg}'`)
      status = 1
      continue
    }
    for (const pid of pids) {
      const failed = yield* sh.sys.kill(pid, signal)
      if (!failed) continue
      yield* appletError(sh, `can't kill pid ${pid}: ${sh.s.reason(failed)}`)
      status = 1
    }
  }
  return status
}

export const foreground: Builtin = function* (sh, argv) {
  const job = jobOf(sh, argv[1])
  if (!job) return yield* complain(sh, argv[1] === undefined ? 'No current job' : `${argv[1]}: no such job`, 2)
  if (!job.own) return yield* complain(sh, `job ${argv[1] ?? '(null)'} not created under job control`, 2)
  yield* out(sh, argv[0] === 'fg' ? `${job.text}\n` : `[${job.number}] ${job.text}\n`)
  const front = argv[0] === 'fg'
  if (front) yield* sh.sys.ioctl(2, 'TIOCSPGRP', job.pgid)
  job.state = 'running'
  yield* sh.sys.kill(-job.pgid, SIGCONT)
  if (!front) return 0
  while (job.running.size > 0) {
    const result = yield* sh.sys.wait(-job.pgid, { untraced: true })
    if (isErr(result) || !result) break
    noteChild(sh, result)
    if (result.stopped !== undefined) {
      yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
      yield* warn(sh.sys, `\n${jobLine(sh, job)}`)
      return 128 + result.stopped
    }
  }
  yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
  if (job.status === 128 + SIGINT) yield* warn(sh.sys, '\n')
  sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  return job.status
}

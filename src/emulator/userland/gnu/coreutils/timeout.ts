/** GNU timeout: waits for the program itself, and answers 124 where it had to end it (coreutils manual, timeout invocation). */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { Program, Run } from '../../../kernel/linux/abi.ts'
import { SIGCONT, SIGKILL, SIGTERM, signalNames, signalNumber } from '../../../kernel/linux/signals.ts'
import { duration } from '../../busybox/system/run.ts'
import { execPath } from '../../lib/exec.ts'
import { fail, warn } from '../../lib/io.ts'
import { getopt } from '../getopt.ts'
import { help, version } from './wrap.ts'

const TRY = "Try 'timeout --help' for more information."
/** The statuses of its own: the time is up, and something is wrong with timeout. */
const TIMED_OUT = 124
const CANCELED = 125

export const timeout: Program = function* (sys, argv) {
  const long = {
    'signal=': 's',
    'kill-after=': 'k',
    'preserve-status': 'p',
    foreground: 'f',
    verbose: 'v',
    help: 'h',
    version: 'V',
  }
  const o = yield* getopt(sys, { name: 'timeout', short: '+s:k:vfp', long, code: CANCELED }, argv)
  if (typeof o === 'number') return o
  if (o.has('h'))
    return yield* help(sys, 'timeout', {
      usage: '[OPTION] DURATION COMMAND [ARG]...',
      purpose: 'Start COMMAND, and kill it if still running after DURATION.',
    })
  if (o.has('V')) return yield* version(sys, 'timeout')
  const signal = o.has('s') ? signalNumber(o.value('s') as string) : SIGTERM
  if (signal === undefined) return yield* fail(sys, `timeout: '${o.value('s')}': invalid signal\n${TRY}`, CANCELED)
  const [limitWord, ...command] = o.rest
  if (limitWord === undefined || command.length === 0)
    return yield* fail(sys, `timeout: missing operand\n${TRY}`, CANCELED)
  for (const word of [limitWord, o.value('k') ?? '0'])
    if (duration(word) === undefined)
      return yield* fail(sys, `timeout: invalid time interval '${word}'\n${TRY}`, CANCELED)
  const limit = duration(limitWord) as number
  const pid = yield* sys.fork((child) => execPath(child, command, child.environ(), 'timeout', 'failed to run command'))
  if (isErr(pid)) return yield* fail(sys, `timeout: fork system call failed: ${pid.text}`, CANCELED)
  let timedOut = false
  // A child of its own keeps the time: it tells by its end that the time is up.
  const clock = yield* sys.fork(function* (child) {
    if (limit === 0) yield* child.pause()
    yield* child.nanosleep(limit)
    return 0
  })
  const verbose = o.has('v')
  function* send(which: number): Run<void> {
    if (verbose) yield* warn(sys, `timeout: sending signal ${signalNames[which] ?? which} to command '${command[0]}'\n`)
    yield* sys.kill(pid as number, which)
    if (which !== SIGKILL && which !== SIGCONT) yield* sys.kill(pid as number, SIGCONT)
  }
  for (;;) {
    const r = yield* sys.wait(-1)
    if (r === EINTR) continue
    if (isErr(r) || !r) return CANCELED
    if (r.pid === pid) {
      if (!timedOut && !isErr(clock)) {
        yield* sys.kill(clock, SIGKILL)
        yield* sys.wait(clock)
      }
      // It goes as its program went.
      if (timedOut && r.signal === SIGKILL) yield* sys.kill(yield* sys.getpid(), SIGKILL)
      const status = r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
      return timedOut && !o.has('p') && r.signal !== SIGKILL ? TIMED_OUT : status
    }
    if (r.pid !== clock) continue
    timedOut = true
    yield* send(signal)
    if (!o.has('k')) continue
    const again = duration(o.value('k') as string) as number
    yield* sys.fork(function* (child) {
      yield* child.nanosleep(again)
      yield* child.kill(pid, SIGKILL)
      return 0
    })
  }
}

/**
 * The door: every system call of every program passes `call`, and nothing else does. Here it is filtered (seccomp), counted,
 * timed and traced (strace), here a sleeping call is interrupted by a signal, and here signal handlers run on the way back.
 * A user-space kernel such as gVisor's Sentry takes over programs by standing at this door.
 */
import { EINTR, ENOSYS } from '../../base/errno.ts'
import type { Program, Run, Sys, Wait } from './abi.ts'
import { codeOf } from './exec.ts'
import type { Process } from './process.ts'
import type { TraceSession } from './ptrace.ts'
import { Missing } from './restart.ts'
import { signals } from './scheduler.ts'
import { strictest } from './seccomp.ts'
import { SIGKILL, SIGSYS, SIGXCPU } from './signals.ts'
import { credentialCalls } from './syscalls/credentials.ts'
import { descriptorCalls } from './syscalls/descriptors.ts'
import { fileCalls } from './syscalls/files.ts'
import { registers, syscallName, unseen } from './syscalls/names.ts'
import { namespaceCalls } from './syscalls/namespaces.ts'
import { processCalls } from './syscalls/processes.ts'
import { socketCalls } from './syscalls/sockets.ts'
import { systemCalls } from './syscalls/system.ts'

/** What a call costs in the kernel, and its caller around it, in virtual nanoseconds. */
const SYSTEM_COST = 400
const USER_COST = 600

/** A call's work: given the process and the arguments, the result, at once or after waiting. */
export type Handler = (p: Process, ...args: never[]) => unknown

const table: Readonly<Record<string, Handler>> = {
  ...processCalls,
  ...credentialCalls,
  ...systemCalls,
  ...descriptorCalls,
  ...fileCalls,
  ...namespaceCalls,
  ...socketCalls,
}

const isGenerator = (value: unknown): value is Run<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Run<unknown>).next === 'function'

/** What a call that needn't wait answers: an iterator that is at its end, since most calls end at once and generators cost. */
class Done {
  readonly done = true
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
  next(): this {
    return this
  }
  [Symbol.iterator](): this {
    return this
  }
}

const done = new Done(undefined)

/** Whether the filters let a call pass; its arguments are looked at only where a rule asks for them. */
function passes(p: Process, name: string, args: never[]): boolean {
  for (const filter of p.seccomp)
    if (!filter.free(name)) return strictest(p.seccomp, syscallName(name), registers(name, args)).kind === 'allow'
  return true
}

/** One system call. What can be done at once is done at once; a generator is made only for what waits. */
function call(p: Process, name: string, handler: Handler, args: never[]): unknown {
  let result: unknown
  if (!unseen.has(name)) {
    if (p.tracer || (p.seccomp.length > 0 && !passes(p, name, args))) return watched(p, name, handler, args)
    p.syscalls++
    p.kernel.useTime(p, USER_COST, SYSTEM_COST)
  }
  try {
    result = handler(p, ...args)
    if (isGenerator(result)) {
      const step = result.next()
      if (!step.done) return waiting(p, result, step.value)
      result = step.value
    }
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    return waiting(p, again(p, handler, args), { kind: 'load', program: error.program })
  }
  if (--p.slice <= 0 || p.signalPending) return leaving(p, result)
  return result === undefined ? done : new Done(result)
}
/** A call whose code was missing, from its beginning. */
function* again(p: Process, handler: Handler, args: never[]): Run<unknown> {
  const result = handler(p, ...args)
  return isGenerator(result) ? yield* result : result
}
/** The rest of a call whose first step was to wait. One generator: while a process sleeps, all of these stand in memory. */
function* waiting(p: Process, work: Run<unknown>, first: Wait): Run<unknown> {
  let result: unknown
  for (let wait = first; ; ) {
    if (interrupted(p, wait)) {
      work.return(undefined)
      result = EINTR
      break
    }
    yield wait
    const step = work.next()
    if (step.done) {
      result = step.value
      break
    }
    wait = step.value
  }
  return --p.slice <= 0 || p.signalPending ? yield* leaving(p, result) : result
}
/** A signal that has a handler ends a sleep. */
const interrupted = (p: Process, wait: Wait): boolean => wait.kind === 'sleep' && p.signalPending && hasHandler(p)
/** Under a tracer's eyes, or where a filter has its say. */
function* watched(p: Process, name: string, handler: Handler, args: never[]): Run<unknown> {
  p.syscalls++
  p.kernel.useTime(p, USER_COST, SYSTEM_COST)
  const { tracer } = p
  const result = tracer ? yield* traced(p, tracer, name, handler, args) : yield* perform(p, name, handler, args)
  p.slice--
  return yield* leaving(p, result)
}
/** On the way back: the slice may be used up, signals may be waiting. */
function* leaving(p: Process, result: unknown): Run<unknown> {
  if (p.slice <= 0) {
    const limit = p.limits.get('cpu')
    const { userTime, systemTime } = p.leader
    if (limit && userTime + systemTime > limit[0] * 1e9)
      p.kernel.signal(p, userTime + systemTime > limit[1] * 1e9 ? SIGKILL : SIGXCPU, undefined)
    yield preempt
  }
  if (p.signalPending) yield* deliver(p)
  return result
}
/** What seccomp says, then the call's work. */
function* perform(p: Process, name: string, handler: Handler, args: never[]): Run<unknown> {
  if (p.seccomp.length > 0) {
    const verdict = strictest(p.seccomp, syscallName(name), registers(name, args))
    if (verdict.kind === 'errno') return verdict.errno
    if (verdict.kind === 'trap' || verdict.kind === 'kill') {
      p.kernel.printk(
        `audit: type=1326 audit(${(p.kernel.realtime / 1e9).toFixed(3)}:${p.syscalls}): auid=4294967295 uid=${p.cred.uid} gid=${p.cred.gid} ses=4294967295 pid=${p.pid} comm="${p.comm}" sig=31 syscall=${syscallName(name)} compat=0 code=0x${verdict.kind === 'trap' ? '30000' : '80000000'}`,
      )
      if (verdict.kind === 'kill') {
        p.kernel.exit(p.leader, { signal: SIGSYS })
        for (;;) yield { kind: 'stopped' }
      }
      p.kernel.signal(p, SIGSYS, undefined)
      return ENOSYS
    }
  }
  try {
    const result = handler(p, ...args)
    return isGenerator(result) ? yield* interruptible(p, result) : result
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    yield { kind: 'load', program: error.program }
    return yield* interruptible(p, again(p, handler, args))
  }
}
/** The same under a tracer's eyes, which is told before and after. */
function* traced(p: Process, tracer: TraceSession, name: string, handler: Handler, args: never[]): Run<unknown> {
  const what = { pid: tracer.numberOf(p), call: syscallName(name), method: name, args }
  yield* tracer.halt({ kind: 'enter', ...what })
  const began = p.kernel.clock.now
  const result = yield* perform(p, name, handler, args)
  if (p.tracer === tracer) yield* tracer.halt({ kind: 'leave', ...what, result, time: p.kernel.clock.now - began })
  return result
}
const preempt: Wait = { kind: 'preempt' }

/** Runs a call that may sleep; a signal that has a handler ends the sleep with EINTR. */
function* interruptible(p: Process, work: Run<unknown>): Run<unknown> {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (interrupted(p, step.value)) {
      work.return(undefined)
      return EINTR
    }
    yield step.value
  }
}
const hasHandler = (p: Process): boolean =>
  [...signals(p.pending & ~p.blocked)].some((s) => typeof p.action(s) === 'function')

/** Back to user mode: handlers run now, default actions take effect. */
function* deliver(p: Process): Run<void> {
  for (;;) {
    const [signal] = signals(p.pending & ~p.blocked)
    if (signal === undefined) return
    const action = p.action(signal)
    if (typeof action === 'function') {
      p.pending &= ~(1 << (signal - 1))
      const mask = p.blocked
      p.blocked |= 1 << (signal - 1)
      yield* action(p.sys, signal)
      p.blocked = mask
    } else {
      if (!p.kernel.takeSignals(p)) continue
      // Ended or stopped: nothing runs here until it is continued.
      yield { kind: 'stopped' }
    }
  }
}

const missingPart = (name: string): Program =>
  function* (sys) {
    const said = `zukan: ${name}: this part of the emulator could not be loaded; try again\n`
    yield* sys.write(2, new TextEncoder().encode(said))
    return 127
  }

/** The system-call interface of one process. */
export function makeSys(p: Process): Sys {
  return new ProcessSys(p) as unknown as Sys
}

class ProcessSys {
  readonly p: Process
  constructor(p: Process) {
    this.p = p
  }
  environ(): readonly string[] {
    return this.p.env
  }
  *part(name: string): Run<Program> {
    const program = yield* codeOf(this.p.kernel, name)
    return typeof program === 'function' ? program : missingPart(name)
  }
  traceMark(kind: 'api' | 'grpc' | 'http' | 'file' | 'command', to: string, what: string, document?: string): void {
    this.p.kernel.note(kind, this.p.kernel.describe(this.p), to, what, document)
  }
  thread(body: (sys: Sys) => Run<unknown>): void {
    this.p.kernel.thread(this.p, body)
  }
}
for (const [name, handler] of Object.entries(table)) {
  Object.defineProperty(ProcessSys.prototype, name, {
    value(this: ProcessSys, ...args: never[]) {
      return call(this.p, name, handler, args)
    },
  })
}

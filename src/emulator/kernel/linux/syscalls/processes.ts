/** System calls about processes: fork, exec, exit, wait, signals, groups and sessions. */
import { EACCES, EBADF, ECHILD, EINVAL, ENOMEM, EPERM, type Errno, ESRCH, isErr } from '../../../base/errno.ts'
import type {
  ExitCode,
  Fd,
  ForkOptions,
  Pid,
  Run,
  SignalAction,
  Sys,
  TraceStop,
  WaitOptions,
  WaitStatus,
} from '../abi.ts'
import { parseCpuList } from '../cpulist.ts'
import { execve } from '../exec.ts'
import { O_RDWR, S_IFREG } from '../fs/flags.ts'
import { OpenFile } from '../fs/openfile.ts'
import type { Process } from '../process.ts'
import { TraceSession } from '../ptrace.ts'
import { defaultAction, SIGHUP, SIGINT, SIGKILL, SIGSTOP } from '../signals.ts'
import { WaitQueue } from '../wait.ts'
import { install } from './descriptors.ts'

/** Nobody wakes it: for sleeps that only a signal or a deadline ends. */
const nothing = new WaitQueue()
/** Processes that led a group and went to another: their groups may still have members. */
const ledGroups = new WeakSet<Process>()

function report(parent: Process, child: Process): WaitStatus {
  const pid = child.pidIn(parent.ns.pid)
  if (!child.alive)
    return child.exitSignal !== undefined ? { pid, signal: child.exitSignal } : { pid, code: child.exitCode ?? 0 }
  return child.report?.stopped !== undefined ? { pid, stopped: child.report.stopped } : { pid, continued: true }
}

/** The longest time of looping between two looks at quota and signals. */
const PIECE = 2_560_000

/** @restartable */
export const processCalls = {
  getpid: (p: Process): Pid => p.nspid,
  getppid: (p: Process): Pid => p.parent?.pidIn(p.ns.pid) ?? 0,
  fork(p: Process, child: (sys: Sys) => Run<ExitCode>, options?: ForkOptions): Pid | Errno {
    const made = p.kernel.fork(p, child, options)
    return isErr(made) ? made : made.pidIn(p.ns.pid)
  },
  execve,
  *exit(p: Process, code: ExitCode): Run<never> {
    p.kernel.exit(p, { code: code & 0xff })
    for (;;) yield { kind: 'stopped' }
  },
  *wait(p: Process, pid: Pid, options: WaitOptions = {}): Run<WaitStatus | undefined | Errno> {
    for (;;) {
      let any = false
      for (const child of p.children) {
        if (pid > 0 && child.pidIn(p.ns.pid) !== pid) continue
        if (pid === 0 && child.group !== p.group) continue
        if (pid < -1 && child.group.pidIn(p.ns.pid) !== -pid) continue
        any = true
        if (!child.alive) {
          const status = report(p, child)
          p.kernel.collect(p, child)
          return status
        }
        if (
          (options.untraced && child.report?.stopped !== undefined) ||
          (options.continued && child.report?.continued)
        ) {
          const status = report(p, child)
          child.report = undefined
          return status
        }
      }
      if (!any) return ECHILD
      if (options.noHang) return undefined
      yield { kind: 'sleep', queues: [p.childEvents] }
    }
  },
  kill(p: Process, pid: Pid, signal: number): Errno | undefined {
    if (signal < 0 || signal > 64) return EINVAL
    const { kernel } = p
    const own = p.ns.pid
    let targets: Process[]
    if (pid > 0) {
      const target = kernel.find(p, pid)
      if (isErr(target)) return target
      targets = [target]
    } else if (pid === -1) targets = [...own.processes.values()].filter((q) => q !== p && q !== own.init && q.alive)
    else {
      const group = pid === 0 ? p.group : [...own.processes.values()].find((q) => q.group.pidIn(own) === -pid)?.group
      targets = group ? [...own.processes.values()].filter((q) => q.group === group && q.alive) : []
    }
    if (targets.length === 0) return ESRCH
    let allowed = false
    for (const target of targets) {
      if (kernel.maySignal(p, target, signal)) continue
      allowed = true
      kernel.signal(target, signal, p)
    }
    return allowed ? undefined : EPERM
  },
  sigaction(p: Process, signal: number, action: SignalAction): Errno | undefined {
    if (signal < 1 || signal > 31 || ((signal === SIGKILL || signal === SIGSTOP) && action !== 'default')) return EINVAL
    if (action === 'default') p.actions.delete(signal)
    else p.actions.set(signal, action)
    // A pending signal that is ignored now is discarded, sigaction(2).
    if (action === 'ignore' || (action === 'default' && defaultAction(signal) === 'ignore'))
      p.pending &= ~(1 << (signal - 1))
    return undefined
  },
  sigquery: (p: Process, signal: number): SignalAction => p.action(signal),
  sigprocmask(p: Process, how: 'block' | 'unblock' | 'set', mask: bigint): bigint {
    const old = BigInt(p.blocked >>> 0)
    const bits = Number(mask & 0x7fffffffn) & ~(1 << (SIGKILL - 1)) & ~(1 << (SIGSTOP - 1))
    p.blocked = how === 'set' ? bits : how === 'block' ? p.blocked | bits : p.blocked & ~bits
    return old
  },
  *pause(): Run<Errno> {
    for (;;) yield { kind: 'sleep', queues: [nothing] }
  },
  setsid(p: Process): Pid | Errno {
    if (p.group === p || ledGroups.has(p))
      for (const q of p.kernel.initial.pid.processes.values())
        if (q.group === p && q.alive && (q !== p || p.session.leader === p)) return EPERM
    p.session = { leader: p, tty: undefined }
    p.group = p
    return p.nspid
  },
  getsid(p: Process, pid: Pid): Pid | Errno {
    const target = pid === 0 ? p : p.kernel.find(p, pid)
    return isErr(target) ? target : target.session.leader.pidIn(p.ns.pid)
  },
  setpgid(p: Process, pid: Pid, pgid: Pid): Errno | undefined {
    const target = pid === 0 ? p : p.kernel.find(p, pid)
    if (isErr(target)) return target
    if (target !== p && target.parent !== p) return ESRCH
    if (target.session !== p.session || target.session.leader === target) return EPERM
    const leader = pgid === 0 ? target : (p.ns.pid.processes.get(pgid) ?? EPERM)
    if (isErr(leader)) {
      return EPERM
    }
    if (leader !== target && leader.group !== leader) return EPERM
    if (target.group === target) ledGroups.add(target)
    target.group = leader
    return undefined
  },
  getpgid(p: Process, pid: Pid): Pid | Errno {
    const target = pid === 0 ? p : p.kernel.find(p, pid)
    return isErr(target) ? target : target.group.pidIn(p.ns.pid)
  },
  setproctitle(p: Process, title: string): void {
    p.argv = [title]
  },
  *brk(p: Process, size: number): Run<Errno | undefined> {
    const base = 212_992
    const limit = p.limits.get('as')?.[0] ?? Infinity
    if (size > limit) return ENOMEM
    const grow = Math.max(0, Math.ceil(size / 4096) * 4096) + base - p.memory
    if (grow === 0) return undefined
    // Beyond the machine's memory there is nothing to charge: overcommit refuses obvious excess.
    if (p.kernel.memoryUsed + grow > p.kernel.options.memory) {
      p.kernel.outOfMemory(p.kernel.rootCgroup, p)
      if (!p.alive) yield { kind: 'stopped' }
      return ENOMEM
    }
    for (let tries = 0; tries < 100; tries++) {
      const full = p.cgroup.charge(grow)
      if (!full) {
        p.memory += grow
        p.peak = Math.max(p.peak, p.memory)
        return undefined
      }
      p.kernel.outOfMemory(full, p)
      if (!p.alive) for (;;) yield { kind: 'stopped' }
    }
    return ENOMEM
  },
  *compute(p: Process, time: number): Run<void> {
    // In pieces, so that quotas bite and others get their turn; looping uses up a slice as system calls do.
    for (let left = time; left > 0; left -= PIECE) {
      const piece = Math.min(left, PIECE)
      p.kernel.useTime(p, piece, 0)
      p.slice -= Math.ceil(piece / 10_000)
      if (p.slice <= 0 && left > PIECE) yield { kind: 'preempt' }
    }
  },
  *nanosleep(p: Process, time: number): Run<Errno | undefined> {
    const deadline = p.kernel.clock.now + time
    while (p.kernel.clock.now < deadline) yield { kind: 'sleep', queues: [nothing], deadline }
    return undefined
  },
  *futex(p: Process, queue: WaitQueue, ready: () => boolean, timeout?: number): Run<boolean> {
    const deadline = timeout === undefined ? undefined : p.kernel.clock.now + timeout
    while (!ready()) {
      if (deadline !== undefined && p.kernel.clock.now >= deadline) return false
      yield deadline === undefined ? { kind: 'sleep', queues: [queue] } : { kind: 'sleep', queues: [queue], deadline }
    }
    return true
  },
  ptrace(p: Process, pid: Pid, follow: boolean): Fd | Errno {
    const target = p.kernel.find(p, pid)
    if (isErr(target)) return target
    if (target === p.leader || target.tracer || !target.alive) return EPERM
    const c = p.cred
    const t = target.cred
    const same = [t.uid, t.euid, t.suid].every((id) => id === c.uid) && (t.permitted & ~c.permitted) === 0n
    if (!same && !p.kernel.capable(p, 'SYS_PTRACE', target.ns.user)) return EPERM
    const session = new TraceSession(p.leader, follow)
    session.attach(target)
    return install(p, new OpenFile(p.kernel.pipeFs.node(S_IFREG, 0, 0), O_RDWR, undefined, session), true)
  },
  *ptraceNext(p: Process, fd: Fd): Run<TraceStop | undefined | Errno> {
    const session = p.fds[fd]?.file.ops
    if (!(session instanceof TraceSession)) return EBADF
    return yield* session.next()
  },
  schedSetaffinity(p: Process, pid: Pid, cpus?: readonly number[]): readonly number[] | Errno {
    const target = pid === 0 ? p.leader : p.kernel.find(p, pid)
    if (isErr(target)) return target
    const set = parseCpuList(target.cgroup.effectiveCpus)
    const all = Array.from({ length: p.kernel.options.cpus }, (_, n) => n).filter((n) => !set || set.includes(n))
    if (cpus) {
      if (target.cred.uid !== p.cred.euid && !p.kernel.capable(p, 'SYS_NICE', target.ns.user)) return EPERM
      const can = all.filter((n) => cpus.includes(n))
      if (can.length === 0) return EINVAL
      target.affinity = can
    }
    return target.affinity?.filter((n) => all.includes(n)) ?? all
  },
  setpriority(p: Process, pid: Pid, nice?: number): number | Errno {
    const target = pid === 0 ? p.leader : p.kernel.find(p, pid)
    if (isErr(target)) return target
    if (nice === undefined) return target.nice
    const wanted = Math.max(-20, Math.min(19, Math.trunc(nice)))
    const able = p.kernel.capable(p, 'SYS_NICE', target.ns.user)
    if (target.cred.uid !== p.cred.euid && target.cred.euid !== p.cred.euid && !able) return EPERM
    if (wanted < target.nice && !able) return EACCES
    target.nice = wanted
    return wanted
  },
  reboot(p: Process, how: 'restart' | 'halt' | 'poweroff'): Errno | undefined {
    if (!p.kernel.capable(p, 'SYS_BOOT', p.ns.pid.owner)) return EPERM
    const { init } = p.ns.pid
    if (p.ns.pid !== p.kernel.initial.pid && init) p.kernel.exit(init, { signal: how === 'restart' ? SIGHUP : SIGINT })
    else {
      p.kernel.printk(how === 'restart' ? 'reboot: Restarting system' : 'reboot: Power down')
      p.kernel.halt()
    }
    return undefined
  },
  *schedYield(): Run<void> {
    yield { kind: 'preempt' }
  },
}

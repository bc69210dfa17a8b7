/** A process as the kernel keeps it: task_struct's part that programs can notice. */

import type { TimerHandle } from '../../base/clock.ts'
import { SmallMap } from '../../base/smallmap.ts'
import type { Bytes, Credentials, ExitCode, Nanoseconds, Pid, Resource, Run, SignalAction, Sys } from './abi.ts'
import type { Cgroup } from './cgroup.ts'
import type { Descriptor } from './fs/openfile.ts'
import type { Path } from './fs/path.ts'
import type { Kernel } from './kernel.ts'
import type { NamespaceSet, PidNamespace } from './namespaces.ts'
import type { TraceSession } from './ptrace.ts'
import type { SeccompFilter } from './seccomp.ts'
import type { Tty } from './tty.ts'
import { WaitQueue } from './wait.ts'

/** setsid(2)'s group of process groups, with its controlling terminal. */
export interface Session {
  readonly leader: Process
  tty: Tty | undefined
}

export type ProcessState = 'running' | 'sleeping' | 'stopped' | 'zombie' | 'dead'

export class Process {
  readonly kernel: Kernel
  /** The process itself, also where this is one of its further threads. */
  readonly leader: Process
  readonly sys: Sys
  /** Its numbers, from the initial pid namespace to its own: NSpid in proc_pid_status(5). */
  readonly pids: readonly Pid[]
  parent: Process | undefined
  readonly children = new Set<Process>()
  /** Leader's process object of its group: pgid is the leader's pid. */
  group: Process
  session: Session
  ns: NamespaceSet
  root: Path
  cwd: Path
  umask = 0o022
  fds: (Descriptor | undefined)[] = []
  /** No descriptor below is free. */
  fdHint = 0
  cred: Credentials
  argv: readonly string[] = []
  env: readonly string[] = []
  comm = ''
  /** What the trace calls it. One text for all its events: the trace holds thousands, and joined strings in pieces hold more. */
  described: { readonly comm: string; readonly text: string } | undefined
  exe: Path | undefined
  state: ProcessState = 'running'
  gen: Run<ExitCode> | undefined
  /** Queues it sleeps on. */
  waiting: readonly WaitQueue[] = []
  timer: TimerHandle | undefined
  /** True while it stands in the run queue. */
  queued = false
  /** Bit n-1 is signal n. */
  pending = 0
  blocked = 0
  /** Only what differs from the default. */
  actions = new SmallMap<number, SignalAction>()
  /** Set when it has ended: what wait(2) tells. */
  exitCode: number | undefined
  exitSignal: number | undefined
  /** Stop or continue not yet told to wait(2). */
  report: { readonly stopped?: number; readonly continued?: boolean } | undefined
  readonly childEvents = new WaitQueue()
  cgroup!: Cgroup
  /** Resident anonymous memory, charged to the memory cgroup. */
  memory: Bytes = 0
  /** The most that it ever had, and that any child had that was waited for. */
  peak: Bytes = 0
  childrenPeak: Bytes = 0
  userTime: Nanoseconds = 0
  systemTime: Nanoseconds = 0
  childrenUser: Nanoseconds = 0
  childrenSystem: Nanoseconds = 0
  readonly startTime: Nanoseconds
  limits: Map<Resource, readonly [number, number]>
  seccomp: readonly SeccompFilter[] = []
  parentDeathSignal = 0
  childSubreaper = false
  oomScoreAdj = 0
  /** Calls left before others get a turn. */
  slice = 0
  /** Slices used up in a row. */
  fullSlices = 0
  /** Weighted processor time among those who compete; until when its last slice lasts; the processor it last ran on. */
  vruntime = 0
  busyUntil = 0
  cpu = 0
  /** Processors it may use, sched_setaffinity(2); undefined: all. */
  affinity: readonly number[] | undefined
  /** setpriority(2), -20 to 19. */
  nice = 0
  syscalls = 0
  /** Further threads, which share what isn't their own (Kernel.thread). */
  threads: Process[] = []
  /** Who watches its system calls, ptrace(2). */
  tracer: TraceSession | undefined

  constructor(
    kernel: Kernel,
    pids: readonly Pid[],
    parent: Process | undefined,
    init: Pick<Process, 'ns' | 'root' | 'cwd' | 'cred' | 'limits'> & { session?: Session; group?: Process },
    makeSys: (p: Process) => Sys,
  ) {
    this.leader = this
    this.kernel = kernel
    this.pids = pids
    this.parent = parent
    this.ns = init.ns
    this.root = init.root
    this.cwd = init.cwd
    this.cred = init.cred
    this.limits = init.limits
    this.session = init.session ?? { leader: this, tty: undefined }
    this.group = init.group ?? this
    this.startTime = kernel.clock.now
    this.sys = makeSys(this)
  }

  /** The number in the initial pid namespace: the host's view. */
  get pid(): Pid {
    return this.pids[0] as Pid
  }
  /** The number in its own pid namespace. */
  get nspid(): Pid {
    return this.pids[this.pids.length - 1] as Pid
  }
  /** The number that a namespace's processes see; 0 where it lies outside. */
  pidIn(ns: PidNamespace): Pid {
    return this.pids.length > ns.level && this.isIn(ns) ? (this.pids[ns.level] as Pid) : 0
  }
  isIn(ns: PidNamespace): boolean {
    for (let at: PidNamespace | undefined = this.ns.pid; at; at = at.parent) if (at === ns) return true
    return false
  }
  get alive(): boolean {
    return this.state !== 'zombie' && this.state !== 'dead'
  }
  /** A signal is waiting that isn't blocked. */
  get signalPending(): boolean {
    return (this.pending & ~this.blocked) !== 0
  }
  action(signal: number): SignalAction {
    return this.actions.get(signal) ?? 'default'
  }
}

/**
 * One more thread of a process. Its own are its turns, its sleep, and what unshare(2), setns(2) and setuid(2) change for it alone; all
 * else it shares with the process by accessors (below), which look through to it.
 */
class Thread {
  readonly leader: Process
  readonly kernel: Kernel
  readonly pids: readonly Pid[]
  readonly sys: Sys
  state: ProcessState = 'running'
  gen: Run<ExitCode> | undefined = undefined
  waiting: readonly WaitQueue[] = []
  timer: TimerHandle | undefined = undefined
  queued = false
  pending = 0
  /** Signals go to the process's first thread. */
  blocked = -1
  slice = 0
  fullSlices = 0
  vruntime = 0
  busyUntil = 0
  cpu = 0
  ns: NamespaceSet
  root: Path
  cwd: Path
  cred: Credentials
  umask: number
  comm: string
  described: Process['described']
  constructor(leader: Process, makeSys: (p: Process) => Sys) {
    this.leader = leader
    this.kernel = leader.kernel
    this.pids = leader.pids
    this.ns = leader.ns
    this.root = leader.root
    this.cwd = leader.cwd
    this.cred = leader.cred
    this.umask = leader.umask
    this.comm = leader.comm
    this.described = leader.described
    this.sys = makeSys(this as unknown as Process)
  }
  // What nearly every system call touches: written out, since accessors made in a loop share one slow piece of code.
  get fds(): Process['fds'] {
    return this.leader.fds
  }
  set fds(value: Process['fds']) {
    this.leader.fds = value
  }
  get fdHint(): number {
    return this.leader.fdHint
  }
  set fdHint(value: number) {
    this.leader.fdHint = value
  }
  get tracer(): Process['tracer'] {
    return this.leader.tracer
  }
  set tracer(value: Process['tracer']) {
    this.leader.tracer = value
  }
  get seccomp(): Process['seccomp'] {
    return this.leader.seccomp
  }
  set seccomp(value: Process['seccomp']) {
    this.leader.seccomp = value
  }
  get cgroup(): Cgroup {
    return this.leader.cgroup
  }
  set cgroup(value: Cgroup) {
    this.leader.cgroup = value
  }
  get syscalls(): number {
    return this.leader.syscalls
  }
  set syscalls(value: number) {
    this.leader.syscalls = value
  }
}
let shared = false
/** One more thread of a process. */
export function makeThread(leader: Process, makeSys: (p: Process) => Sys): Process {
  if (!shared) {
    shared = true
    // A thread is a process to all who ask; accessors for all that it hasn't got itself.
    Object.setPrototypeOf(Thread.prototype, Process.prototype)
    const own = new Thread(leader, makeSys)
    for (const name of Object.keys(leader)) {
      if (Object.hasOwn(own, name) || Object.hasOwn(Thread.prototype, name)) continue
      Object.defineProperty(Thread.prototype, name, {
        get(this: { leader: Record<string, unknown> }) {
          return this.leader[name]
        },
        set(this: { leader: Record<string, unknown> }, value: unknown) {
          this.leader[name] = value
        },
      })
    }
  }
  return new Thread(leader, makeSys) as unknown as Process
}

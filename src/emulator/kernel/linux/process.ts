/** A process as the kernel keeps it: task_struct's part that programs can notice. */
import type { TimerHandle } from '../../base/clock.ts'
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
  actions = new Map<number, SignalAction>()
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

/** What each thread has of its own: its turns, its sleep, and what unshare(2), setns(2) and setuid(2) change for it alone. */
const ownOfThread: ReadonlySet<string> = new Set([
  'leader',
  'sys',
  'state',
  'gen',
  'waiting',
  'timer',
  'queued',
  'pending',
  'blocked',
  'slice',
  'fullSlices',
  'vruntime',
  'busyUntil',
  'cpu',
  'ns',
  'root',
  'cwd',
  'cred',
  'umask',
  'comm',
])
let threadShape: object | undefined
/** Everything else is the process's: accessors that look through to it. */
function shapeOf(leader: Process): object {
  if (threadShape) return threadShape
  const shape = Object.create(Process.prototype) as object
  for (const name of Object.keys(leader)) {
    if (ownOfThread.has(name)) continue
    Object.defineProperty(shape, name, {
      get(this: { leader: Record<string, unknown> }) {
        return this.leader[name]
      },
      set(this: { leader: Record<string, unknown> }, value: unknown) {
        this.leader[name] = value
      },
    })
  }
  threadShape = shape
  return shape
}
/** One more thread of a process, which shares with it all that isn't its own. */
export function makeThread(leader: Process, makeSys: (p: Process) => Sys): Process {
  const t = Object.create(shapeOf(leader)) as { -readonly [K in keyof Process]: Process[K] }
  t.leader = leader
  t.sys = makeSys(t)
  t.state = 'running'
  t.gen = undefined
  t.waiting = []
  t.timer = undefined
  t.queued = false
  t.pending = 0
  // Signals go to the process's first thread.
  t.blocked = -1
  t.slice = 0
  t.fullSlices = 0
  t.vruntime = 0
  t.busyUntil = 0
  t.cpu = 0
  t.ns = leader.ns
  t.root = leader.root
  t.cwd = leader.cwd
  t.cred = leader.cred
  t.umask = leader.umask
  t.comm = leader.comm
  return t
}

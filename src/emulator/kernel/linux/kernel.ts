/** One Linux kernel: its processes, namespaces, cgroups, mounts and devices, and what binds them together. */

import type { VirtualClock } from '../../base/clock.ts'
import { parseElf } from '../../base/elf.ts'
import { EAGAIN, ENOMEM, ENOSPC, EPERM, type Errno, ESRCH, isErr } from '../../base/errno.ts'
import type { Random } from '../../base/random.ts'
import type { Trace, TraceEvent } from '../../base/trace.ts'
import type { Credentials, ExitCode, ForkOptions, Pid, Program, Resource, Run, Sys } from './abi.ts'
import { allCapabilities, hasCapability } from './capabilities.ts'
import { Cgroup } from './cgroup.ts'
import { makeSys } from './door.ts'
import { addDisk, makeDevices } from './fs/devices.ts'
import { CLONE_NEWPID } from './fs/flags.ts'
import type { FileOps, FileSystem } from './fs/inode.ts'
import type { HeldBudget, MemFs } from './fs/memfs.ts'
import type { Mount, Path } from './fs/path.ts'
import { AnonymousFs } from './fs/pipe.ts'
import { createFileSystem, fileSystemTypes } from './fs/types.ts'
import { Walks } from './fs/walks.ts'
import { attachRoot, dissolve } from './mounts.ts'
import {
  CgroupNamespace,
  IpcNamespace,
  MountNamespace,
  type NamespaceKind,
  type NamespaceSet,
  PidNamespace,
  TimeNamespace,
  UserNamespace,
  UtsNamespace,
} from './namespaces.ts'
import { NetNamespace } from './net/namespace.ts'
import type { Socket } from './net/socket.ts'
import { makeThread, Process } from './process.ts'
import { Scheduler, signals } from './scheduler.ts'
import {
  defaultAction,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
} from './signals.ts'
import type { Tty } from './tty.ts'
import { newNamespaces } from './unshare.ts'

/** Programs by the name that executable files carry. `load` says that its code comes later (World.provide). */
export type ProgramTable = (name: string) => Program | 'load' | undefined

export interface KernelOptions {
  readonly clock: VirtualClock
  readonly random: Random
  readonly trace: Trace
  readonly programs: ProgramTable
  readonly budget: HeldBudget
  readonly hostname: string
  /** uname -r, -v, -m. */
  readonly release: string
  readonly version: string
  readonly machine: 'x86_64' | 'aarch64'
  readonly machineName: string
  readonly cpus: number
  readonly cpuModel: string
  readonly memory: number
  /** Bytes of it that the kernel keeps before anything runs: what MemTotal is less than the machine's memory. */
  readonly reserved?: number
  readonly cmdline: string
}

const hardLimits: readonly (readonly [Resource, number, number])[] = [
  ['cpu', Infinity, Infinity],
  ['fsize', Infinity, Infinity],
  ['data', Infinity, Infinity],
  ['stack', 8388608, Infinity],
  ['core', 0, Infinity],
  ['rss', Infinity, Infinity],
  ['nproc', 62774, 62774],
  ['nofile', 1024, 524288],
  ['memlock', 8388608, 8388608],
  ['as', Infinity, Infinity],
  ['locks', Infinity, Infinity],
  ['sigpending', 62774, 62774],
  ['msgqueue', 819200, 819200],
  ['nice', 0, 0],
  ['rtprio', 0, 0],
  ['rttime', Infinity, Infinity],
]

export const rootCredentials: Credentials = {
  uid: 0,
  euid: 0,
  suid: 0,
  fsuid: 0,
  gid: 0,
  egid: 0,
  sgid: 0,
  fsgid: 0,
  groups: [0],
  effective: allCapabilities,
  permitted: allCapabilities,
  inheritable: 0n,
  bounding: allCapabilities,
  ambient: 0n,
  noNewPrivs: false,
  securebits: 0,
}

/** The credentials of an ordinary user. */
export const userCredentials = (uid: number, gid: number): Credentials => ({
  ...rootCredentials,
  uid,
  euid: uid,
  suid: uid,
  fsuid: uid,
  gid,
  egid: gid,
  sgid: gid,
  fsgid: gid,
  groups: [gid],
  effective: 0n,
  permitted: 0n,
})
/** Memory a process holds beside what it asks for by brk(2): stack, page tables, private pages of its program. */
export const PROCESS_MEMORY = 212_992

const LOAD_INTERVAL = 5_000_000_000
/** In seconds. */
const LOAD_SPANS = [60, 300, 900]

export class Kernel {
  readonly options: KernelOptions
  readonly clock: VirtualClock
  readonly random: Random
  readonly trace: Trace
  readonly scheduler: Scheduler
  readonly rootCgroup: Cgroup
  readonly initial: NamespaceSet
  readonly initialMounts: MountNamespace
  readonly bootedAt: number
  readonly walks = new Walks()
  /** Those that have peers or a master: whom propagation looks at. */
  readonly propagating = new Set<Mount>()
  /** Copies of mounts whose own children are still to be copied (mountcopies.ts). */
  readonly unfinished = new Set<Mount>()
  readonly netNamespaces = new Map<number, NetNamespace>()
  /** The log of dmesg(1): seconds since boot and text. */
  readonly log: { readonly time: number; readonly text: string }[] = []
  /** Character and block devices by number. */
  readonly devices = new Map<number, (p: Process, flags: number) => FileOps | Errno>()
  /** Whole disks by `MAJ:MIN`, with their names: what io.max and /sys/block know. */
  readonly blockDevices = new Map<string, string>()
  /** Disks that mount(2) finds by their device name. */
  readonly disks = new Map<string, FileSystem>()
  /** Bugs of ours that ended a process; tests demand that there are none. */
  readonly faults: { readonly pid: Pid; readonly comm: string; readonly error: unknown }[] = []
  /** Programs learn of /proc/sys values here. */
  readonly sysctl = new Map<string, string>()
  halted = false
  /** binfmt_misc: processors of other kinds whose programs an emulator in user space runs, by ELF's number, with uname(2)'s name. */
  readonly emulated = new Map<number, string>()
  /** Folders of the host by tag, where this kernel runs in a virtual machine that is offered some: 9p, virtiofs. */
  readonly shares = new Map<string, FileSystem>()
  /** vsock(7): listeners by port, this machine's number, and the kernels that its hypervisor connects it with. */
  readonly vsock = {
    cid: 0,
    listeners: new Map<number, Socket>(),
    peer: (_cid: number): Kernel | undefined => undefined,
  }
  readonly pipeFs: AnonymousFs
  readonly sockFs: AnonymousFs
  readonly devtmpfs: MemFs
  /** Pseudo terminals by minor number. */
  readonly ptys: Tty[] = []
  readonly bootId: string
  #dev = 20
  #inum = 4026531834
  #mountId = 20
  #cgroupId = 1
  #peerGroup = 1
  #loads: readonly [number, number, number] = [0, 0, 0]
  #nextLoad = 0

  constructor(options: KernelOptions) {
    this.options = options
    this.clock = options.clock
    this.random = options.random
    this.trace = options.trace
    this.bootedAt = options.clock.now
    this.#nextLoad = this.bootedAt + LOAD_INTERVAL
    this.scheduler = new Scheduler(this)
    this.rootCgroup = new Cgroup('', undefined, this.#cgroupId++)
    const user = new UserNamespace(4026531837, undefined, 0)
    user.uidMap = user.gidMap = [{ inside: 0, outside: 0, count: 4294967295 }]
    const pid = new PidNamespace(4026531836, user, undefined, 300)
    this.initialMounts = new MountNamespace(4026531841, user)
    const time = new TimeNamespace(4026531834, user)
    const net = this.newNet(4026531840, user)
    this.initial = {
      mnt: this.initialMounts,
      pid,
      pidForChildren: pid,
      net,
      uts: new UtsNamespace(4026531838, user, options.hostname),
      ipc: new IpcNamespace(4026531839, user),
      user,
      cgroup: new CgroupNamespace(4026531835, user, this.rootCgroup),
      time,
      timeForChildren: time,
    }
    this.#inum = 4026531842
    this.bootId = this.uuid()
    this.pipeFs = new AnonymousFs('pipefs', this.nextDev())
    this.sockFs = new AnonymousFs('sockfs', this.nextDev())
    this.devtmpfs = makeDevices(this)
    const { memory, cmdline, release } = options
    this.printk(`Linux version ${release} ${options.version}`)
    this.printk(`Command line: ${cmdline}`)
    this.printk(`Memory: ${Math.floor(memory / 1024) - 65536}K/${Math.floor(memory / 1024)}K available`)
    this.printk(`smp: Brought up 1 node, ${options.cpus} CPU${options.cpus > 1 ? 's' : ''}`)
  }

  /** A random (version 4) UUID of this world. */
  uuid(): string {
    const h = this.random.hex(32)
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
  }

  nextDev(): number {
    return this.#dev++
  }
  nextInum(): number {
    return this.#inum++
  }
  /** The first of as many new numbers. */
  nextMountId(count = 1): number {
    this.#mountId += count
    return this.#mountId - count
  }
  nextPeerGroup(): number {
    return this.#peerGroup++
  }
  nextCgroupId(): number {
    return this.#cgroupId++
  }

  newNet(inum: number, owner: UserNamespace): NetNamespace {
    const ns = new NetNamespace(
      {
        now: () => this.clock.now,
        random: (n) => this.random.bytes(n),
        after: (delay, fn) => void this.clock.at(this.clock.now + delay, fn),
        log: (line) => this.printk(line),
        step: (from, to, what) => this.note('network', from, to, what),
      },
      inum,
      owner,
      this.netNamespaces.values().next().value,
    )
    this.netNamespaces.set(inum, ns)
    return ns
  }
  /** Frees a network namespace that nobody is in and nothing is mounted of. */
  dropNet(ns: NetNamespace): void {
    if (ns === this.initial.net || ns.refs > 0) return
    if (!this.netNamespaces.delete(ns.inum)) return
    ns.destroy()
  }

  /** Counts a process into its network and mount namespaces, which end with their last process. */
  hold(ns: NamespaceSet): void {
    ns.net.refs++
    ns.mnt.refs++
  }
  release(ns: NamespaceSet): void {
    ns.net.refs--
    this.dropNet(ns.net)
    if (--ns.mnt.refs === 0) dissolve(this, ns.mnt)
  }
  /** Puts a process into another set of namespaces. */
  move(p: Process, ns: NamespaceSet): void {
    this.hold(ns)
    const old = p.ns
    p.ns = ns
    this.release(old)
  }

  /** Uses processor time in user and system mode: moves the clock, the accounts and the groups' quotas. */
  useTime(p: Process, user: number, system: number): void {
    p.leader.userTime += user
    p.leader.systemTime += system
    const parallel = this.scheduler.parallel
    this.clock.now += parallel === 1 ? user + system : Math.round((user + system) / parallel)
    if (this.clock.now >= this.#nextLoad) this.loadAverages()
    // Out of quota: this was its slice.
    if (p.cgroup.account(user, system, this.clock)) p.slice = 0
  }

  /** What uname(2) names this kind of kernel and its processor. */
  get utsname(): { readonly sysname: string; readonly machine: string } {
    return { sysname: 'Linux', machine: this.options.machine }
  }
  /** The program that an executable file's beginning names; undefined where this kernel can't run such a file: ENOEXEC. */
  programIn(bytes: Uint8Array): string | undefined {
    const elf = parseElf(bytes)
    const machine = elf?.machine === 0x3e ? 'x86_64' : elf?.machine === 0xb7 ? 'aarch64' : undefined
    if (elf && this.emulated.has(elf.machine)) return elf.program
    return machine === this.options.machine ? elf?.program : undefined
  }

  /** Load averages over 1, 5 and 15 minutes: runnable processes, sampled every 5 seconds as kernel/sched/loadavg.c does. */
  loadAverages(): readonly [number, number, number] {
    while (this.clock.now >= this.#nextLoad) {
      // In samples that passed while nothing ran, nothing was runnable.
      const latest = this.clock.now - this.#nextLoad < LOAD_INTERVAL
      const active = latest ? this.scheduler.running : 0
      this.#loads = this.#loads.map((l, i) => {
        const keep = Math.exp(-5 / (LOAD_SPANS[i] as number))
        return l * keep + active * (1 - keep)
      }) as [number, number, number]
      this.#nextLoad += LOAD_INTERVAL
      if (this.clock.now - this.#nextLoad > 720 * LOAD_INTERVAL) {
        this.#loads = [0, 0, 0]
        this.#nextLoad = this.clock.now
      }
    }
    return this.#loads
  }

  /** CLOCK_REALTIME. */
  get realtime(): number {
    return this.clock.epoch + this.clock.now
  }
  readonly now = (): number => this.clock.epoch + this.clock.now

  printk(text: string): void {
    this.log.push({ time: this.clock.now - this.bootedAt, text })
    if (this.log.length > 1000) this.log.splice(0, 200)
  }
  /** Writes a step into the world's trace. */
  note(kind: TraceEvent['kind'], from: string, to: string, what: string, document?: string): void {
    const event = { time: this.clock.now, kind, machine: this.options.machineName, from, to, what }
    this.trace.add(document === undefined ? event : { ...event, document })
  }
  describe(p: Process): string {
    if (p.described?.comm !== p.comm) p.described = { comm: p.comm, text: ['process', p.pid, p.comm].join(':') }
    return p.described.text
  }

  /** Memory that processes and files hold, in bytes. */
  get memoryUsed(): number {
    return this.rootCgroup.memoryCurrent
  }

  /** Mounts `fs` as the initial root. */
  mountRoot(fs: FileSystem, source: string): void {
    addDisk(this, fs, source)
    attachRoot(this, this.initialMounts, fs, source)
  }
  /** Whether /proc/filesystems lists it. */
  knowsType(type: string): boolean {
    return fileSystemTypes.includes(type)
  }
  createFs(type: string, source: string, data: string, p: Process | undefined): FileSystem | Errno {
    return createFileSystem(this, type, source, data, p)
  }

  /** Starts PID 1 on the initial namespaces. */
  startInit(program: (sys: Sys) => Run<ExitCode>, comm: string): Process {
    const root: Path = { mount: this.initialMounts.root, dentry: this.initialMounts.root.root }
    const ns = { ...this.initial }
    const p = new Process(
      this,
      [ns.pid.next()],
      undefined,
      {
        ns,
        root,
        cwd: root,
        cred: rootCredentials,
        limits: new Map(hardLimits.map(([r, s, h]) => [r, [s, h] as const])),
      },
      makeSys,
    )
    ns.pid.init = p
    p.comm = comm
    p.argv = [comm]
    this.#admit(p, this.rootCgroup)
    p.gen = program(p.sys)
    this.scheduler.ready(p)
    return p
  }

  #admit(p: Process, cgroup: Cgroup): void {
    let ns: PidNamespace | undefined = p.ns.pid
    for (let level = p.pids.length - 1; ns; level--, ns = ns.parent) ns.processes.set(p.pids[level] as Pid, p)
    p.parent?.children.add(p)
    this.hold(p.ns)
    cgroup.attach(p)
    p.memory = 0
    if (!cgroup.charge(PROCESS_MEMORY)) p.memory = p.peak = PROCESS_MEMORY
  }

  /** fork(2)/clone(2): the child continues with `child`. */
  fork(p: Process, child: (sys: Sys) => Run<ExitCode>, options: ForkOptions = {}): Process | Errno {
    const flags = options.flags ?? 0
    const full = p.cgroup.mayFork()
    if (full) {
      this.printk(`cgroup: fork rejected by pids controller in ${full.path}`)
      return EAGAIN
    }
    const nproc = p.limits.get('nproc')?.[0] ?? Infinity
    if (
      p.cred.uid !== 0 &&
      nproc !== Infinity &&
      [...this.initial.pid.processes.values()].filter((q) => q.cred.uid === p.cred.uid).length >= nproc
    )
      return EAGAIN
    if (this.initial.pid.processes.size >= 32768) return EAGAIN
    const made = newNamespaces(this, p, flags & ~CLONE_NEWPID)
    if (isErr(made)) return made
    const pidNs =
      flags & CLONE_NEWPID ? new PidNamespace(this.nextInum(), made.ns.user, p.ns.pidForChildren) : p.ns.pidForChildren
    if (flags & CLONE_NEWPID) this.note('namespace', this.describe(p), `pid:[${pidNs.inum}]`, 'CLONE_NEWPID')
    // A namespace whose init has ended takes no more processes, pid_namespaces(7).
    if (!(flags & CLONE_NEWPID) && pidNs.init && !pidNs.init.alive) return ENOMEM
    if (pidNs.level > 31) return ENOSPC
    const pids: Pid[] = []
    for (let ns: PidNamespace | undefined = pidNs; ns; ns = ns.parent) pids.unshift(ns.next())
    const nsSet = { ...made.ns, pid: pidNs, pidForChildren: pidNs }
    nsSet.time = nsSet.timeForChildren
    nsSet.time.entered = true
    const c = new Process(
      this,
      pids,
      options.parent ? p.parent : p.leader,
      {
        ns: nsSet,
        root: made.root,
        cwd: made.cwd,
        cred: made.cred,
        limits: p.limits,
        session: p.session,
        group: p.group,
      },
      makeSys,
    )
    if (!pidNs.init) pidNs.init = c
    c.umask = p.umask
    c.argv = p.argv
    c.env = p.env
    c.comm = p.comm
    c.exe = p.exe
    c.actions = p.actions.copy()
    c.blocked = p.leader.blocked
    c.seccomp = p.seccomp
    c.oomScoreAdj = p.oomScoreAdj
    c.nice = p.nice
    c.affinity = p.affinity
    c.fdHint = p.fdHint
    c.fds = p.fds.slice()
    for (const d of c.fds) if (d) d.file.refs++
    this.#admit(c, p.cgroup)
    if (p.tracer?.follow) {
      p.tracer.attach(c)
      p.tracer.tell({ kind: 'fork', pid: p.tracer.numberOf(p), child: p.tracer.numberOf(c) })
    }
    c.gen = child(c.sys)
    this.scheduler.ready(c)
    this.note('fork', this.describe(p), this.describe(c), flags ? `clone(0x${flags.toString(16)})` : 'fork')
    return c
  }

  /** One more thread of a process. It looks through to the process for all that threads share. */
  thread(p: Process, body: (sys: Sys) => Run<unknown>): void {
    const { leader } = p
    const t = makeThread(leader, makeSys)
    // A thread has a number of its own in every pid namespace, clone(2) CLONE_THREAD.
    for (let ns: PidNamespace | undefined = leader.ns.pid; ns; ns = ns.parent) ns.next()
    t.gen = this.#lifeOf(t, body)
    leader.threads.push(t)
    this.scheduler.ready(t)
  }

  *#lifeOf(t: Process, body: (sys: Sys) => Run<unknown>): Run<ExitCode> {
    const { leader } = t
    yield* body(t.sys)
    t.state = 'dead'
    this.#leaveNamespaces(t, leader)
    leader.threads.splice(leader.threads.indexOf(t), 1)
    for (;;) yield { kind: 'stopped' }
  }
  /** A thread that had moved to namespaces of its own leaves them, and is counted with its process again. */
  #leaveNamespaces(t: Process, leader: Process): void {
    if (t.ns === leader.ns) return
    this.hold(leader.ns)
    this.release(t.ns)
  }

  /** Ends a process: exit_group(2), or by a signal. */
  exit(who: Process, how: { readonly code: number } | { readonly signal: number }): void {
    const p = who.leader
    if (!p.alive) return
    const isInit = p.ns.pid.init === p
    p.state = 'zombie'
    p.gen = undefined
    for (const t of p.threads) {
      t.state = 'dead'
      this.#leaveNamespaces(t, p)
      for (const queue of t.waiting) queue.delete(t)
      t.timer?.cancel()
    }
    p.threads = []
    for (const queue of p.waiting) queue.delete(p)
    p.waiting = []
    p.timer?.cancel()
    if ('code' in how) p.exitCode = how.code
    else p.exitSignal = how.signal
    p.tracer?.tell({ kind: 'exited', pid: p.tracer.numberOf(p), ...how })
    p.tracer?.ended(p)
    // Who waits for this very process without being its parent looks again.
    p.childEvents.wake()
    this.note('exit', this.describe(p), '', 'code' in how ? `exit(${how.code})` : `signal ${how.signal}`)
    if (isInit)
      for (const q of [...p.ns.pid.processes.values()]) if (q !== p && q.alive) this.exit(q, { signal: SIGKILL })
    const fds = p.fds
    p.fds = []
    p.fdHint = 0
    for (const d of fds) d?.file.close()
    p.cgroup.charge(-p.memory)
    p.memory = 0
    const cgroup = p.cgroup
    cgroup.detach(p)
    this.release(p.ns)
    if (p.session.leader === p && p.session.tty) {
      const tty = p.session.tty
      p.session.tty = undefined
      tty.session = undefined
      if (tty.foreground) this.signalGroup(tty.foreground, SIGHUP)
      tty.foreground = undefined
    }
    for (const child of p.children) this.#adopt(child, p)
    p.children.clear()
    if (isInit && p === this.initial.pid.init) {
      this.printk('Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000')
      this.halted = true
    }
    this.#notifyParent(p)
  }

  #adopt(child: Process, from: Process): void {
    let at = from.parent
    while (at && !(at.alive && at.childSubreaper && at.ns.pid === from.ns.pid)) at = at.parent
    const heir = at ?? (from.ns.pid.init?.alive ? from.ns.pid.init : undefined)
    if (!heir) {
      // Its namespace's init is ending: what still lives is killed next, and closes its files then.
      if (child.alive) child.parent = undefined
      else this.#reap(child)
      return
    }
    child.parent = heir
    heir.children.add(child)
    if (child.parentDeathSignal && child.alive) this.signal(child, child.parentDeathSignal, undefined)
    if (!child.alive) this.#notifyParent(child)
  }

  #notifyParent(p: Process): void {
    const parent = p.parent
    if (!parent?.alive) {
      if (!parent) this.#reap(p)
      return
    }
    if (parent.action(SIGCHLD) === 'ignore' && !p.alive) this.#reap(p)
    else this.signal(parent, SIGCHLD, undefined)
    parent.childEvents.wake()
  }

  /** Removes a zombie from the process table. */
  #reap(p: Process): void {
    p.state = 'dead'
    p.parent?.children.delete(p)
    let ns: PidNamespace | undefined = p.ns.pid
    for (let level = p.pids.length - 1; ns; level--, ns = ns.parent) ns.processes.delete(p.pids[level] as Pid)
  }
  /** wait(2) took notice of a zombie. */
  collect(parent: Process, p: Process): void {
    parent.childrenUser += p.userTime + p.childrenUser
    parent.childrenSystem += p.systemTime + p.childrenSystem
    parent.childrenPeak = Math.max(parent.childrenPeak, p.peak, p.childrenPeak)
    this.#reap(p)
  }

  /** Sends a signal; permission is the caller's business. `sender` is undefined for the kernel itself. */
  signal(target: Process, signal: number, sender: Process | undefined): void {
    if (!target.alive || signal === 0) return
    const { tracer } = target
    if (tracer && signal !== SIGKILL)
      tracer.tell({
        kind: 'signal',
        pid: tracer.numberOf(target),
        signal,
        from: sender ? tracer.numberOf(sender) : 0,
        uid: sender?.cred.uid ?? 0,
      })
    const action = target.action(signal)
    if (target.ns.pid.init === target) {
      const fromOutside =
        sender === undefined ? false : !sender.isIn(target.ns.pid) || sender.ns.pid.level < target.ns.pid.level
      const forced = (signal === SIGKILL || signal === SIGSTOP) && fromOutside && target.ns.pid.level > 0
      // PID 1 of a namespace gets only what it has a handler for; SIGKILL and SIGSTOP only from above. pid_namespaces(7)
      if (!forced && (action === 'default' || signal === SIGKILL || signal === SIGSTOP) && sender !== undefined) return
      if (!forced && action === 'default' && sender === undefined && signal !== SIGKILL) return
    }
    if (signal === SIGCONT) {
      target.pending &= ~(bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU))
      if (target.state === 'stopped') {
        target.state = 'running'
        target.report = { continued: true }
        if (target.parent?.alive) target.parent.childEvents.wake()
        this.scheduler.ready(target)
      }
    } else if (signal === SIGSTOP || signal === SIGTSTP || signal === SIGTTIN || signal === SIGTTOU)
      target.pending &= ~bit(SIGCONT)
    const catchable = signal !== SIGKILL && signal !== SIGSTOP
    const ignored =
      catchable &&
      (action === 'ignore' ||
        (action === 'default' && (defaultAction(signal) === 'ignore' || defaultAction(signal) === 'continue')))
    if (ignored && !(target.blocked & bit(signal))) return
    target.pending |= bit(signal)
    if (!catchable) target.blocked &= ~bit(signal)
    if (signal === SIGKILL && target.state === 'stopped') target.state = 'running'
    // A frozen cgroup lets SIGKILL through (cgroup v2, cgroup.freeze).
    if (signal === SIGKILL && target.cgroup.isFrozen) {
      this.exit(target, { signal })
      return
    }
    if (target.signalPending) this.scheduler.ready(target)
  }
  /** To every process of a group; the group is named by its leader. */
  signalGroup(group: Process, signal: number, sender?: Process): void {
    for (const q of [...this.initial.pid.processes.values()]) if (q.group === group) this.signal(q, signal, sender)
  }

  /** Before a process runs on: default actions of pending signals. True where it can't run on. */
  takeSignals(p: Process): boolean {
    for (const s of signals(p.pending & ~p.blocked)) {
      const action = s === SIGKILL || s === SIGSTOP ? 'default' : p.action(s)
      if (typeof action === 'function') continue
      p.pending &= ~bit(s)
      if (action === 'ignore') continue
      switch (defaultAction(s)) {
        case 'terminate':
          this.exit(p, { signal: s })
          return true
        case 'stop':
          p.state = 'stopped'
          p.report = { stopped: s }
          if (p.parent?.alive) {
            this.signal(p.parent, SIGCHLD, undefined)
            p.parent.childEvents.wake()
          }
          return true
        case 'ignore':
        case 'continue':
          break
      }
    }
    return false
  }

  /** A process whose program threw: as by a wild pointer. */
  fault(p: Process, error: unknown): void {
    this.faults.push({ pid: p.pid, comm: p.comm, error })
    this.printk(`${p.comm}[${p.pid}]: segfault at 0 ip 0000000000000000 sp 0000000000000000 error 4`)
    this.exit(p, { signal: SIGSEGV })
  }

  /** The OOM killer: ends the largest process of the group. True where one was found. */
  outOfMemory(group: Cgroup, asking: Process): void {
    group.memoryEvents.oom++
    const points = (q: Process): number =>
      q.memory + (q.oomScoreAdj / 1000) * Math.min(group.memoryMax, this.options.memory)
    let victim: Process | undefined
    for (const q of group.all())
      if (q.alive && q.oomScoreAdj > -1000 && (!victim || points(q) + (q === asking.leader ? 1 : 0) > points(victim)))
        victim = q
    const kb = (bytes: number): number => Math.ceil(bytes / 1024)
    this.printk(
      `${asking.comm} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=${asking.oomScoreAdj}`,
    )
    const limited = group.parent !== undefined
    if (limited) {
      this.printk(
        `memory: usage ${kb(group.memoryCurrent)}kB, limit ${kb(group.memoryMax)}kB, failcnt ${group.memoryEvents.max}`,
      )
      this.printk('swap: usage 0kB, limit 0kB, failcnt 0')
      this.printk(`Memory cgroup stats for ${group.path}:`)
    }
    if (!victim) {
      this.printk('Out of memory and no killable processes...')
      return
    }
    const kill = (q: Process): void => {
      for (let at: Cgroup | undefined = q.cgroup; at; at = at.parent) at.memoryEvents.oom_kill++
      this.printk(
        `${limited ? 'Memory cgroup out of memory' : 'Out of memory'}: Killed process ${q.pid} (${q.comm}) total-vm:${kb(q.memory) + 1024}kB, anon-rss:${kb(q.memory)}kB, file-rss:0kB, shmem-rss:0kB, UID:${q.cred.uid} pgtables:44kB oom_score_adj:${q.oomScoreAdj}`,
      )
      this.note('oom', group.path, this.describe(q), `memory.max = ${group.memoryMax}`)
      this.exit(q, { signal: SIGKILL })
    }
    this.printk(
      `oom-kill:constraint=${limited ? 'CONSTRAINT_MEMCG' : 'CONSTRAINT_NONE'},nodemask=(null),cpuset=${victim.cgroup.name || '/'},mems_allowed=0${limited ? `,oom_memcg=${group.path}` : ',global_oom'},task_memcg=${victim.cgroup.path},task=${victim.comm},pid=${victim.pid},uid=${victim.cred.uid}`,
    )
    if (group.oomGroup) {
      group.memoryEvents.oom_group_kill++
      this.printk(`Tasks in ${group.path} are going to be killed due to memory.oom.group set`)
      for (const q of [...group.all()]) if (q.oomScoreAdj > -1000) kill(q)
    } else kill(victim)
  }

  /** A process by its number in the namespace of `p`. */
  find(p: Process, pid: Pid): Process | Errno {
    return p.ns.pid.processes.get(pid) ?? ESRCH
  }

  /**
   * cap_capable: whether a process has a capability in a user namespace: its own or one below it, or one that its user made;
   * user_namespaces(7).
   */
  capable(p: Process, name: Parameters<typeof hasCapability>[1], user: UserNamespace = this.initial.user): boolean {
    for (let at: UserNamespace = user; ; at = at.parent) {
      if (at === p.ns.user) return hasCapability(p.cred.effective, name)
      if (!at.parent) return false
      if (at.parent === p.ns.user && at.owner === p.cred.euid) return true
    }
  }

  /** The object behind /proc/PID/ns/KIND. */
  namespaceOf(p: Process, kind: NamespaceKind): NamespaceSet[NamespaceKind] {
    return p.ns[kind]
  }

  /** Switches the machine off: all processes end at once. */
  halt(): void {
    this.halted = true
    for (const p of [...this.initial.pid.processes.values()]) if (p.alive) this.exit(p, { signal: SIGKILL })
    // Its cables carry nothing any more: another machine may have its addresses.
    for (const link of [...this.initial.net.interfaces.values()]) if (link.wire) this.initial.net.removeLink(link)
  }
  /** Whether a process may signal another, kill(2). */
  maySignal(p: Process, target: Process, signal: number): Errno | undefined {
    const c = p.cred
    const t = target.cred
    if (
      c.euid === t.uid ||
      c.euid === t.suid ||
      c.uid === t.uid ||
      c.uid === t.suid ||
      this.capable(p, 'KILL', target.ns.user)
    )
      return undefined
    if (signal === SIGCONT && p.session === target.session) return undefined
    return EPERM
  }
}

const bit = (signal: number): number => 1 << (signal - 1)

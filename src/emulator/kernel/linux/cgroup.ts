/** Control groups, version 2: the tree, its limits and its counters; Documentation/admin-guide/cgroup-v2.rst of the kernel. */

import type { VirtualClock } from '../../base/clock.ts'
import { EBUSY, EINVAL, ENOENT, type Errno } from '../../base/errno.ts'
import { SmallMap } from '../../base/smallmap.ts'
import type { Bytes, Nanoseconds } from './abi.ts'
import { Bandwidth } from './bandwidth.ts'
import type { Process } from './process.ts'
import { WaitQueue } from './wait.ts'

export type Controller = 'cpuset' | 'cpu' | 'io' | 'memory' | 'hugetlb' | 'pids' | 'rdma' | 'misc'
export const controllers: readonly Controller[] = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc']

/** No limit: files show it as `max`. */
export const MAX = Number.POSITIVE_INFINITY

/** What a program of type cgroup_device, attached by bpf(2), allows; the last rule that fits decides. Missing fields fit all. */
export interface DeviceRule {
  readonly allow: boolean
  readonly type?: string
  readonly major?: number
  readonly minor?: number
  /** Of r, w and m (mknod). */
  readonly access?: string
}

/** One device's line of io.max: bytes and operations a second. */
export interface IoLimits {
  rbps: number
  wbps: number
  riops: number
  wiops: number
}
export interface IoCounters {
  rbytes: number
  wbytes: number
  rios: number
  wios: number
}

/** One node of the tree. Its knobs are plain fields; cgroupfs.ts turns them into files. */
export class Cgroup {
  readonly name: string
  readonly parent: Cgroup | undefined
  readonly children = new SmallMap<string, Cgroup>()
  readonly processes = new Set<Process>()
  /** Controllers given on to the children, cgroup.subtree_control. */
  readonly subtree = new Set<Controller>()
  readonly id: number

  memoryMax: Bytes = MAX
  memoryHigh: Bytes = MAX
  memoryLow: Bytes = 0
  memoryMin: Bytes = 0
  memoryCurrent: Bytes = 0
  memoryPeak: Bytes = 0
  /** Of memory.current, what files in tmpfs hold. */
  shmem: Bytes = 0
  swapMax: Bytes = MAX
  oomGroup = false
  readonly memoryEvents = { low: 0, high: 0, max: 0, oom: 0, oom_kill: 0, oom_group_kill: 0 }

  pidsMax = MAX
  pidsCurrent = 0
  pidsPeak = 0
  pidsEvents = 0

  cpuWeight = 100
  cpuUser: Nanoseconds = 0
  cpuSystem: Nanoseconds = 0

  /** Quota and what was used of it, cpu.max. */
  readonly bandwidth = new Bandwidth()
  /** Weighted processor time used by its members that compete for processors; see scheduler.ts. */
  vruntime = 0
  /** The least vruntime among the members that compete: newcomers start there. */
  memberFloor = 0

  ioMax = new SmallMap<string, IoLimits>()
  /** Bytes and operations by device `MAJ:MIN`, io.stat. */
  readonly ioStat = new SmallMap<string, IoCounters>()
  cpusetCpus = ''
  cpusetMems = ''
  maxDepth = MAX
  maxDescendants = MAX

  /** Rules for device nodes; undefined: all are allowed. */
  deviceRules: readonly DeviceRule[] | undefined

  frozen = false
  /** Woken when it thaws or gets processor time again. */
  readonly resumed = new WaitQueue()

  constructor(name: string, parent: Cgroup | undefined, id: number) {
    this.name = name
    this.parent = parent
    this.id = id
  }

  /** `/` for the root, else `/a/b`. */
  get path(): string {
    return this.parent ? `${this.parent.parent ? this.parent.path : ''}/${this.name}` : '/'
  }
  /** As seen from a cgroup namespace's root; cgroup_namespaces(7). */
  pathFrom(root: Cgroup): string {
    const up: string[] = []
    let base: Cgroup | undefined = root
    while (base) {
      if (base === this || this.isBelow(base)) {
        const rest = base.parent ? this.path.slice(base.path.length) : this.path
        return up.length > 0 ? `/${up.join('/')}${rest === '/' ? '' : rest}` : rest || '/'
      }
      up.push('..')
      base = base.parent
    }
    return this.path
  }
  isBelow(other: Cgroup): boolean {
    for (let at = this.parent; at; at = at.parent) if (at === other) return true
    return false
  }
  /** Controllers whose files this group has. */
  available(): readonly Controller[] {
    return this.parent ? controllers.filter((c) => this.parent?.subtree.has(c)) : controllers
  }
  /** True where itself or one above is frozen. */
  get isFrozen(): boolean {
    return this.frozen || (this.parent?.isFrozen ?? false)
  }
  /** Processes here or below. */
  get populated(): boolean {
    if (this.processes.size > 0) return true
    for (const child of this.children.values()) if (child.populated) return true
    return false
  }
  *all(): Generator<Process> {
    yield* this.processes
    for (const child of this.children.values()) yield* child.all()
  }

  /** Whether any rules for devices hold here. */
  get guarded(): boolean {
    return this.deviceRules !== undefined || (this.parent?.guarded ?? false)
  }
  /** Whether a member may do `access` (of r, w, m) with a device: this group's rules and those of all above must allow it. */
  allowsDevice(type: 'b' | 'c', major: number, minor: number, access: string): boolean {
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      if (!at.deviceRules) continue
      for (const letter of access) {
        const fits = (r: DeviceRule): boolean =>
          (r.type ?? 'a') === 'a' || r.type === type
            ? (r.major ?? major) === major && (r.minor ?? minor) === minor && (r.access ?? 'rwm').includes(letter)
            : false
        if (!at.deviceRules.findLast(fits)?.allow) return false
      }
    }
    return true
  }

  /** Moves a process here, with what it uses; EBUSY by the no-internal-process rule. */
  attach(process: Process): Errno | undefined {
    if (process.cgroup === this) return undefined
    if (this.parent && this.subtree.size > 0) return EBUSY
    const from = process.cgroup
    from?.detach(process)
    process.cgroup = this
    this.processes.add(process)
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.pidsCurrent++
      at.pidsPeak = Math.max(at.pidsPeak, at.pidsCurrent)
      at.memoryCurrent += process.memory
      at.memoryPeak = Math.max(at.memoryPeak, at.memoryCurrent)
    }
    return undefined
  }
  detach(process: Process): void {
    if (!this.processes.delete(process)) return
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.pidsCurrent--
      at.memoryCurrent -= process.memory
    }
  }

  /** The group whose pids.max leaves no room for one more process, or undefined; counts the refusal in pids.events. */
  mayFork(): Cgroup | undefined {
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      if (at.pidsCurrent + 1 > at.pidsMax) {
        for (let up: Cgroup | undefined = at; up?.parent; up = up.parent) up.pidsEvents++
        return at
      }
    }
    return undefined
  }

  /** Adds to memory.current all the way up. Answers the group whose limit would be passed (nothing is charged then). */
  charge(bytes: Bytes): Cgroup | undefined {
    if (bytes > 0) {
      for (let at: Cgroup | undefined = this; at; at = at.parent) {
        if (at.memoryCurrent + bytes > at.memoryMax) {
          at.memoryEvents.max++
          return at
        }
      }
    }
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.memoryCurrent += bytes
      at.memoryPeak = Math.max(at.memoryPeak, at.memoryCurrent)
      if (at.memoryCurrent > at.memoryHigh) at.memoryEvents.high++
    }
    return undefined
  }
  /** Books processor time all the way up. True where a quota is used up by it. */
  account(user: Nanoseconds, system: Nanoseconds, clock: VirtualClock): boolean {
    let over = false
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.cpuUser += user
      at.cpuSystem += system
      if (at.bandwidth.quota !== MAX && at.bandwidth.use(user + system, clock, at)) over = true
    }
    return over
  }
  /** Itself or the nearest one above that keeps its processes from running: frozen, or out of quota. */
  get heldBy(): Cgroup | undefined {
    for (let at: Cgroup | undefined = this; at; at = at.parent) if (at.frozen || at.bandwidth.throttled) return at
    return undefined
  }
  /** Lets what waits here and below look again. */
  resume(): void {
    this.resumed.wake()
    for (const child of this.children.values()) child.resume()
  }
  /** The nearest group, itself included, whose cpu controller is on: its weight counts. */
  get cpuGroup(): Cgroup {
    let at: Cgroup = this
    while (at.parent && !at.parent.subtree.has('cpu')) at = at.parent
    return at
  }
  /** The processors that cpuset.cpus here and above leaves; undefined: all. */
  get effectiveCpus(): string {
    for (let at: Cgroup | undefined = this; at; at = at.parent) if (at.cpusetCpus) return at.cpusetCpus
    return ''
  }

  /** Enables or disables controllers for the children. */
  setSubtree(enable: readonly Controller[], disable: readonly Controller[]): Errno | undefined {
    const have = this.available()
    for (const c of enable) if (!have.includes(c)) return ENOENT
    if (this.parent && enable.length > 0 && this.processes.size > 0) return EBUSY
    for (const c of disable) for (const child of this.children.values()) if (child.subtree.has(c)) return EBUSY
    for (const c of enable) this.subtree.add(c)
    for (const c of disable) this.subtree.delete(c)
    return undefined
  }
}

/** `max`, or a whole number of bytes (K, M, G suffixes as memparse takes them); EINVAL otherwise. */
export function parseLimit(text: string): number | Errno {
  const word = text.trim()
  if (word === 'max') return MAX
  const m = /^(\d+)([kKmMgG]?)$/.exec(word)
  if (!m) return EINVAL
  const unit = { '': 1, k: 1024, m: 1048576, g: 1073741824 }[(m[2] ?? '').toLowerCase()] ?? 1
  return Number(m[1]) * unit
}
export const showLimit = (value: number): string => (value === MAX ? 'max' : String(value))

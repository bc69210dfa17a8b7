/** The eight kinds of namespaces(7) as objects. */
import { SmallMap } from '../../base/smallmap.ts'
import type { Nanoseconds, Pid } from './abi.ts'
import type { Cgroup } from './cgroup.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from './fs/flags.ts'
import type { MemFs } from './fs/memfs.ts'
import type { Mount } from './fs/path.ts'
import type { NetNamespace } from './net/namespace.ts'
import type { Process } from './process.ts'

/** As the links in /proc/PID/ns name them. */
export type NamespaceKind = 'mnt' | 'pid' | 'net' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time'

export const cloneFlagOf: Readonly<Record<NamespaceKind, number>> = {
  mnt: CLONE_NEWNS,
  pid: CLONE_NEWPID,
  net: CLONE_NEWNET,
  uts: CLONE_NEWUTS,
  ipc: CLONE_NEWIPC,
  user: CLONE_NEWUSER,
  cgroup: CLONE_NEWCGROUP,
  time: CLONE_NEWTIME,
}

/** One line of uid_map or gid_map: ids first inside, first outside (in the parent namespace), count. */
export interface IdMapping {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

export class UserNamespace {
  readonly kind = 'user'
  readonly inum: number
  readonly parent: UserNamespace | undefined
  /** The euid of its maker, in the kernel's (initial namespace's) ids. */
  readonly owner: number
  uidMap: readonly IdMapping[] = []
  gidMap: readonly IdMapping[] = []
  setgroups: 'allow' | 'deny' = 'allow'
  constructor(inum: number, parent: UserNamespace | undefined, owner: number) {
    this.inum = inum
    this.parent = parent
    this.owner = owner
  }
}

export class PidNamespace {
  readonly kind = 'pid'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  readonly parent: PidNamespace | undefined
  readonly level: number
  readonly processes = new SmallMap<Pid, Process>()
  /** Its PID 1, which reaps orphans. */
  init: Process | undefined
  #last = 0
  readonly #first: number
  constructor(inum: number, owner: UserNamespace, parent: PidNamespace | undefined, first = 1) {
    this.inum = inum
    this.parent = parent
    this.level = parent ? parent.level + 1 : 0
    this.#first = first
    this.owner = owner
  }
  /** The number given last: until they wrap, how many processes were made. */
  get last(): number {
    return this.#last
  }
  /** The next free number, wrapping at pid_max (32768 by default on small machines; 4194304 on 64-bit). */
  next(): Pid {
    if (this.#last === 0) {
      this.#last = 1
      return 1
    }
    let n = Math.max(this.#last + 1, this.#first)
    while (this.processes.has(n)) n++
    this.#last = n
    return n
  }
}

export class UtsNamespace {
  readonly kind = 'uts'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  hostname: string
  domainname: string
  constructor(inum: number, owner: UserNamespace, hostname: string, domainname = '(none)') {
    this.inum = inum
    this.hostname = hostname
    this.domainname = domainname
    this.owner = owner
  }
}

export class IpcNamespace {
  readonly kind = 'ipc'
  readonly inum: number
  /** Settings that were changed, by their names in /proc/sys/kernel. */
  readonly sysctl = new SmallMap<string, string>()
  /** Its message queues, once they have been mounted somewhere. */
  queues: MemFs | undefined = undefined
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  constructor(inum: number, owner: UserNamespace) {
    this.inum = inum
    this.owner = owner
  }
}

export class CgroupNamespace {
  readonly kind = 'cgroup'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  readonly root: Cgroup
  constructor(inum: number, owner: UserNamespace, root: Cgroup) {
    this.inum = inum
    this.root = root
    this.owner = owner
  }
}

export class TimeNamespace {
  readonly kind = 'time'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  /** Offsets of CLOCK_MONOTONIC and CLOCK_BOOTTIME, time_namespaces(7). */
  monotonic: Nanoseconds = 0
  boottime: Nanoseconds = 0
  /** Some process is in it: its offsets stay. */
  entered = false
  constructor(inum: number, owner: UserNamespace) {
    this.inum = inum
    this.owner = owner
  }
}

export class MountNamespace {
  readonly kind = 'mnt'
  readonly inum: number
  /** The user namespace whose capabilities count here. */
  readonly owner: UserNamespace
  /** Those of its mounts that exist already. */
  present = new Set<Mount>()
  /** Makes those that don't (mountcopies.ts). */
  finish: (() => void) | undefined
  root!: Mount
  /** Processes in it, and open or mounted references. */
  refs = 0
  constructor(inum: number, owner: UserNamespace) {
    this.inum = inum
    this.owner = owner
  }
  /** In order of mounting, as mountinfo lists them. */
  get mounts(): ReadonlySet<Mount> {
    this.finish?.()
    return this.present
  }
}

/** What a process is in. `pidForChildren` and `timeForChildren` differ after unshare(2). */
export interface NamespaceSet {
  mnt: MountNamespace
  pid: PidNamespace
  pidForChildren: PidNamespace
  net: NetNamespace
  uts: UtsNamespace
  ipc: IpcNamespace
  user: UserNamespace
  cgroup: CgroupNamespace
  time: TimeNamespace
  timeForChildren: TimeNamespace
}

/** An id of a user namespace in the kernel's own ids; undefined where it isn't mapped. */
export function toKernelId(ns: UserNamespace, id: number, kind: 'uid' | 'gid'): number | undefined {
  let at: UserNamespace | undefined = ns
  let value = id
  while (at?.parent) {
    const line: IdMapping | undefined = (kind === 'uid' ? at.uidMap : at.gidMap).find(
      (m) => value >= m.inside && value < m.inside + m.count,
    )
    if (!line) return undefined
    value = line.outside + (value - line.inside)
    at = at.parent
  }
  return value
}

/** A kernel id as a user namespace shows it; the overflow id 65534 where it isn't mapped. */
export function fromKernelId(ns: UserNamespace, id: number, kind: 'uid' | 'gid'): number {
  if (!ns.parent) return id
  const outer = fromKernelId(ns.parent, id, kind)
  const line = (kind === 'uid' ? ns.uidMap : ns.gidMap).find((m) => outer >= m.outside && outer < m.outside + m.count)
  return line ? line.inside + (outer - line.outside) : 65534
}

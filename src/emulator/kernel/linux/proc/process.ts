/**
 * /proc/PID: one process as a directory, proc_pid(5).
 * @restartable A system call reads or writes a file: its one effect.
 */

import { EACCES, EINVAL, ENOENT, EPERM, type Errno } from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import { cpuMask, formatCpuList, parseCpuList } from '../cpulist.ts'
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_WRONLY, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from '../fs/flags.ts'
import {
  GeneratedDir,
  GeneratedFile,
  type GeneratedFs,
  GeneratedLink,
  type Nodes,
  type Others,
  type Read,
  type Write,
} from '../fs/generated.ts'
import { Inode } from '../fs/inode.ts'
import { Dentry, Mount, type Path, pathName } from '../fs/path.ts'
import {
  fromKernelId,
  type IdMapping,
  type NamespaceKind,
  type NamespaceSet,
  type PidNamespace,
} from '../namespaces.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../process.ts'
import { mountsOf, netNodes, type ProcFs } from './procfs.ts'

/** The letter of proc_pid_stat(5). */
export function stateLetter(p: Process): string {
  return p.state === 'running'
    ? 'R'
    : p.state === 'sleeping'
      ? p.cgroup.isFrozen
        ? 'D'
        : 'S'
      : p.state === 'stopped'
        ? 'T'
        : 'Z'
}
const stateWord: Record<string, string> = { R: 'running', S: 'sleeping', D: 'disk sleep', T: 'stopped', Z: 'zombie' }
const hex16 = (value: bigint): string => value.toString(16).padStart(16, '0')
const ticks = (ns: number): number => Math.floor(ns / 1e7)

function cpusOf(p: Process): readonly number[] {
  const set = parseCpuList(p.cgroup.effectiveCpus)
  const all = Array.from({ length: p.kernel.options.cpus }, (_, n) => n).filter((n) => !set || set.includes(n))
  return p.affinity?.filter((n) => all.includes(n)) ?? all
}
function signalMasks(p: Process): { readonly ignored: number; readonly caught: number } {
  let ignored = 0
  let caught = 0
  for (const [signal, action] of p.actions) {
    if (action === 'ignore') ignored |= 1 << (signal - 1)
    else if (typeof action === 'function') caught |= 1 << (signal - 1)
  }
  return { ignored, caught }
}

function status(p: Process, ns: PidNamespace, viewer: Process): string {
  const c = p.cred
  const u = (id: number): number => fromKernelId(viewer.ns.user, id, 'uid')
  const g = (id: number): number => fromKernelId(viewer.ns.user, id, 'gid')
  const letter = stateLetter(p)
  const masks = signalMasks(p)
  const inner = p.pids.slice(ns.level)
  const kb = Math.ceil(p.memory / 1024)
  const mask = (bits: number): string => (bits >>> 0).toString(16).padStart(16, '0')
  return [
    `Name:\t${p.comm}`,
    `Umask:\t${p.umask.toString(8).padStart(4, '0')}`,
    `State:\t${letter} (${stateWord[letter]})`,
    `Tgid:\t${p.pidIn(ns)}`,
    'Ngid:\t0',
    `Pid:\t${p.pidIn(ns)}`,
    `PPid:\t${p.parent?.pidIn(ns) ?? 0}`,
    `TracerPid:\t${p.tracer?.tracerPid.pidIn(ns) ?? 0}`,
    `Uid:\t${u(c.uid)}\t${u(c.euid)}\t${u(c.suid)}\t${u(c.fsuid)}`,
    `Gid:\t${g(c.gid)}\t${g(c.egid)}\t${g(c.sgid)}\t${g(c.fsgid)}`,
    `FDSize:\t64`,
    `Groups:\t${c.groups.map(g).join(' ')} `,
    `NStgid:\t${inner.join('\t')}`,
    `NSpid:\t${inner.join('\t')}`,
    `NSpgid:\t${p.group.pids.slice(ns.level).join('\t')}`,
    `NSsid:\t${p.session.leader.pids.slice(ns.level).join('\t')}`,
    ...(p.alive
      ? [
          `VmPeak:\t${String(kb + 1024).padStart(8)} kB`,
          `VmSize:\t${String(kb + 1024).padStart(8)} kB`,
          `VmRSS:\t${String(kb).padStart(8)} kB`,
        ]
      : []),
    `Threads:\t${1 + p.threads.length}`,
    'SigQ:\t0/62774',
    `SigPnd:\t${mask(p.pending)}`,
    'ShdPnd:\t0000000000000000',
    `SigBlk:\t${mask(p.blocked)}`,
    `SigIgn:\t${mask(masks.ignored)}`,
    `SigCgt:\t${mask(masks.caught)}`,
    `CapInh:\t${hex16(c.inheritable)}`,
    `CapPrm:\t${hex16(c.permitted)}`,
    `CapEff:\t${hex16(c.effective)}`,
    `CapBnd:\t${hex16(c.bounding)}`,
    `CapAmb:\t${hex16(c.ambient)}`,
    `NoNewPrivs:\t${c.noNewPrivs ? 1 : 0}`,
    `Seccomp:\t${p.seccomp.length > 0 ? 2 : 0}`,
    `Seccomp_filters:\t${p.seccomp.length}`,
    `Cpus_allowed:\t${cpuMask(cpusOf(p))}`,
    `Cpus_allowed_list:\t${formatCpuList(cpusOf(p))}`,
    `voluntary_ctxt_switches:\t${p.syscalls}`,
    'nonvoluntary_ctxt_switches:\t0',
    '',
  ].join('\n')
}

function stat(p: Process, ns: PidNamespace): string {
  const tty = p.session.tty ? 34816 + p.session.tty.index : 0
  const front = p.session.tty?.foreground?.pidIn(ns) ?? -1
  const start = Math.floor((p.startTime - p.kernel.bootedAt) / 1e7)
  const rss = Math.ceil(p.memory / 4096)
  return `${p.pidIn(ns)} (${p.comm}) ${stateLetter(p)} ${p.parent?.pidIn(ns) ?? 0} ${p.group.pidIn(ns)} ${p.session.leader.pidIn(ns)} ${tty} ${front} 4194304 0 0 0 0 ${ticks(p.userTime)} ${ticks(p.systemTime)} ${ticks(p.childrenUser)} ${ticks(p.childrenSystem)} ${20 + p.nice} ${p.nice} ${1 + p.threads.length} 0 ${start} ${p.memory + 1048576} ${rss} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 ${p.cpu} 0 0 0 0 0 0 0 0 0 0 0 0 0\n`
}

function statm(p: Process): string {
  const pages = Math.ceil(p.memory / 4096)
  return `${pages + 256} ${pages} 128 16 0 64 0\n`
}
const oomScore = (p: Process): number =>
  Math.max(0, Math.round((p.memory / p.kernel.options.memory) * 1000) + p.oomScoreAdj)

function limits(p: Process): string {
  const rows: [string, Parameters<typeof p.limits.get>[0], string][] = [
    ['Max cpu time', 'cpu', 'seconds'],
    ['Max file size', 'fsize', 'bytes'],
    ['Max data size', 'data', 'bytes'],
    ['Max stack size', 'stack', 'bytes'],
    ['Max core file size', 'core', 'bytes'],
    ['Max resident set', 'rss', 'bytes'],
    ['Max processes', 'nproc', 'processes'],
    ['Max open files', 'nofile', 'files'],
    ['Max locked memory', 'memlock', 'bytes'],
    ['Max address space', 'as', 'bytes'],
  ]
  const show = (n: number): string => (n === Infinity ? 'unlimited' : String(n))
  return `Limit                     Soft Limit           Hard Limit           Units     \n${rows
    .map(([name, key, unit]) => {
      const [soft, hard] = p.limits.get(key) ?? [Infinity, Infinity]
      return `${name.padEnd(26)}${show(soft).padEnd(21)}${show(hard).padEnd(21)}${unit.padEnd(10)}\n`
    })
    .join('')}`
}

const kinds: readonly NamespaceKind[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']

/** A namespace as a file: what setns(2) takes and mount --bind keeps. */
export class NamespaceFile extends Inode {
  readonly namespace: NamespaceSet[NamespaceKind]
  readonly netNamespace: NetNamespace | undefined
  constructor(fs: GeneratedFs, namespace: NamespaceSet[NamespaceKind]) {
    super(fs, namespace.inum, S_IFREG | 0o444)
    this.namespace = namespace
    this.netNamespace = namespace.kind === 'net' ? namespace : undefined
  }
}

const same = (p: Process, viewer: Process): boolean =>
  viewer === p || viewer.cred.fsuid === p.cred.uid || viewer.kernel.capable(viewer, 'SYS_PTRACE', p.ns.user)

/** /proc/PID/uid_map and gid_map, user_namespaces(7). */
function idMap(d: ProcessDir, kind: 'uidMap' | 'gidMap'): GeneratedFile {
  return d.file(
    () =>
      d.process.ns.user[kind]
        .map(
          (m) => `${String(m.inside).padStart(10)} ${String(m.outside).padStart(10)} ${String(m.count).padStart(10)}\n`,
        )
        .join(''),
    0o644,
    (text, p) => {
      const ns = d.process.ns.user
      // Once only, and by someone with power over the namespace: user_namespaces(7).
      if (!ns.parent || ns[kind].length > 0) return EPERM
      const lines: IdMapping[] = []
      for (const line of text.split('\n').filter((l) => l.trim() !== '')) {
        const [inside, outside, count] = line.trim().split(/\s+/).map(Number)
        if (inside === undefined || outside === undefined || count === undefined || !(count > 0)) return EINVAL
        lines.push({ inside, outside, count })
      }
      const own =
        lines.length === 1 &&
        lines[0]?.count === 1 &&
        fromKernelId(ns.parent, kind === 'uidMap' ? p.cred.euid : p.cred.egid, kind === 'uidMap' ? 'uid' : 'gid') ===
          lines[0].outside
      if (!p.kernel.capable(p, kind === 'uidMap' ? 'SETUID' : 'SETGID', ns.parent) && !own) return EPERM
      if (kind === 'gidMap' && own && !p.kernel.capable(p, 'SETGID', ns.parent) && ns.setgroups !== 'deny') return EPERM
      ns[kind] = lines
      return undefined
    },
  )
}

const timeOffsets = ({ ns: { timeForChildren: t } }: Process): string => {
  const row = (name: string, ns: number): string =>
    `${name}  ${String(Math.floor(ns / 1e9)).padStart(10)} ${String(ns % 1e9).padStart(9)}\n`
  return row('monotonic', t.monotonic) + row('boottime ', t.boottime)
}
/** Offsets of a time namespace that nobody has entered yet, time_namespaces(7): `monotonic SECONDS NANOSECONDS`. */
function setTimeOffsets(p: Process, text: string, viewer: Process): Errno | undefined {
  const ns = p.ns.timeForChildren
  if (!viewer.kernel.capable(viewer, 'SYS_TIME', ns.owner)) return EPERM
  if (ns.entered || ns === viewer.kernel.initial.time) return EACCES
  for (const line of text.split('\n').filter((l) => l.trim() !== '')) {
    const [clock = '', seconds, nanoseconds] = line.trim().split(/\s+/)
    const offset = Number(seconds) * 1e9 + Number(nanoseconds)
    if (Number.isNaN(offset) || Math.abs(offset) > Number.MAX_SAFE_INTEGER) return EINVAL
    if (clock === 'monotonic' || clock === '1') ns.monotonic = offset
    else if (clock === 'boottime' || clock === '7') ns.boottime = offset
    else return EINVAL
  }
  return undefined
}

/** The program's file, its heap and its stack: what this kernel knows of a process's memory. */
function maps(p: Process): string {
  if (!p.exe) return ''
  const size = Math.max(4096, Math.ceil(p.exe.dentry.inode.size / 4096) * 4096)
  const hex = (n: number): string => n.toString(16).padStart(12, '0')
  const line = (from: number, to: number, mode: string, device: string, inode: number, name: string): string =>
    `${`${hex(from)}-${hex(to)} ${mode} 00000000 ${device} ${inode}`.padEnd(72)} ${name}\n`
  const inode = p.exe.dentry.inode
  const at = 0x55d000000000
  const name = pathName(p.exe, p.root) ?? p.exe.dentry.name
  const heap = at + size + 0x1000000
  const stack = 0x7ffe00000000
  return (
    line(
      at,
      at + size,
      'r-xp',
      `${String(Math.floor(inode.fs.dev / 0x100000).toString(16)).padStart(2, '0')}:${(inode.fs.dev % 0x100000).toString(16).padStart(2, '0')}`,
      inode.ino,
      name,
    ) +
    line(heap, heap + Math.max(4096, p.memory - 135168), 'rw-p', '00:00', 0, '[heap]') +
    line(stack, stack + 135168, 'rw-p', '00:00', 0, '[stack]')
  )
}

/** /proc/PID/fdinfo/N, proc_pid_fdinfo(5). */
function fdInfo(p: Process, n: number): string | Errno {
  const slot = p.fds[n]
  if (!slot) return ENOENT
  const { file } = slot
  // open(2) of 64-bit programs always asks for large files.
  const large = file.path ? 0o100000 : 0
  const flags = (file.flags | large | (slot.cloexec ? O_CLOEXEC : 0)).toString(8)
  return `pos:\t${file.offset}\nflags:\t0${flags}\nmnt_id:\t${file.path?.mount.id ?? 0}\nino:\t${file.inode.ino}\n`
}

/** What is in /proc/PID belongs to the process's user. */
function own(node: Inode, p: Process): void {
  node.uid = p.cred.euid
  node.gid = p.cred.egid
}
class ProcessFile extends GeneratedFile {
  readonly #process: Process
  constructor(dir: ProcessDir, mode: number, read: Read, write: Write | undefined) {
    super(dir.fs, mode, read, write)
    this.#process = dir.process
  }
  override revalidate(): void {
    own(this, this.#process)
  }
}
class ProcessSubdir extends GeneratedDir<ProcFs> {
  readonly #process: Process
  constructor(dir: ProcessDir, nodes: Nodes<never>, others: Others | undefined, mode: number) {
    super(dir.fs, nodes, others, mode)
    this.#process = dir.process
  }
  override revalidate(): void {
    own(this, this.#process)
  }
}

/** The directory of one process in a proc instance. */
export class ProcessDir extends GeneratedDir<ProcFs> {
  readonly process: Process
  readonly #namespaces = new SmallMap<number, NamespaceFile>()
  /** `thread`: as task/TID shows it, which has no tasks of its own. */
  constructor(fs: ProcFs, p: Process, thread = false) {
    super(fs, thread ? threadNodes : nodes)
    this.process = p
  }
  override get stale(): boolean {
    return this.process.state === 'dead'
  }
  override revalidate(): void {
    own(this, this.process)
  }
  file(read: Read, mode = 0o444, write?: Write): GeneratedFile {
    return new ProcessFile(this, mode, read, write)
  }
  /** What only who could trace the process may read. */
  secret(read: (p: Process) => string): GeneratedFile {
    const p = this.process
    return this.file((viewer) => (same(p, viewer) ? read(p) : EACCES), 0o400)
  }
  place(get: (p: Process) => Path | undefined): GeneratedLink {
    const p = this.process
    return new GeneratedLink(
      this.fs,
      (viewer) => {
        if (!same(p, viewer)) return EACCES
        const path = get(p)
        return path ? (pathName(path, viewer.root) ?? `/${path.dentry.name}`) : ENOENT
      },
      (viewer) => (same(p, viewer) ? (get(p) ?? ENOENT) : EACCES),
    )
  }
  descriptor(n: number): GeneratedLink {
    const p = this.process
    const link = new GeneratedLink(
      this.fs,
      (viewer) => {
        const f = p.fds[n]?.file
        if (!f) return ENOENT
        const name = f.path && pathName(f.path, viewer.root)
        if (f.path && name !== undefined) return name + (f.path.dentry.deleted ? ' (deleted)' : '')
        // A fifo that has no name here is shown as the pipe that it is.
        if (f.path && f.inode.type !== S_IFIFO) return `/${f.path.dentry.name}`
        return `${f.inode.type === S_IFIFO ? 'pipe' : 'socket'}:[${f.inode.ino}]`
      },
      () => {
        const f = p.fds[n]?.file
        if (!f) return ENOENT
        if (f.path) return f.path
        // A pipe has no name; opening /proc/PID/fd/N reaches its inode through a mount of nothing.
        return {
          mount: new Mount(0, f.inode.fs, new Dentry(f.inode, '', undefined), 'none', 0),
          dentry: new Dentry(f.inode, '', undefined),
        }
      },
    )
    // Its mode says for what the file is open.
    const access = (p.fds[n]?.file.flags ?? 0) & O_ACCMODE
    link.mode = S_IFLNK | (access === O_RDONLY ? 0o500 : access === O_WRONLY ? 0o300 : 0o700)
    // proc_fd_link's are the only ones with a length (fs/proc/fd.c).
    link.fixedSize = 64
    own(link, p)
    return link
  }
  namespace(kind: NamespaceKind | 'pidForChildren' | 'timeForChildren'): GeneratedLink {
    const p = this.process
    return new GeneratedLink(
      this.fs,
      (viewer) => (same(p, viewer) ? `${p.ns[kind].kind}:[${p.ns[kind].inum}]` : EACCES),
      (viewer) => {
        if (!same(p, viewer)) return EACCES
        const target = p.ns[kind]
        const known = this.#namespaces.get(target.inum) ?? new NamespaceFile(this.fs, target)
        this.#namespaces.set(target.inum, known)
        const dentry = new Dentry(known, `${target.kind}:[${target.inum}]`, undefined)
        return { mount: new Mount(0, known.fs, dentry, 'nsfs', 0), dentry }
      },
    )
  }
}

const nodes: Nodes<ProcessDir> = {
  task: (d) =>
    new GeneratedDir(
      d.fs,
      {},
      {
        lookup: (name) =>
          name === String(d.process.pidIn(d.fs.ns)) ? new ProcessDir(d.fs, d.process, true) : undefined,
        list: () => [{ name: String(d.process.pidIn(d.fs.ns)), ino: d.ino, type: S_IFDIR }],
      },
    ),
  status: (d) => d.file((viewer) => status(d.process, d.fs.ns, viewer)),
  stat: (d) => d.file(() => stat(d.process, d.fs.ns)),
  statm: (d) => d.file(() => statm(d.process)),
  cmdline: (d) => d.file(() => (d.process.alive ? d.process.argv.map((a) => `${a}\0`).join('') : '')),
  comm: (d) =>
    d.file(
      () => `${d.process.comm}\n`,
      0o644,
      (value) => void (d.process.comm = value.slice(0, 15)),
    ),
  environ: (d) => d.secret((p) => p.env.map((e) => `${e}\0`).join('')),
  cgroup: (d) => d.file((viewer) => `0::${d.process.cgroup.pathFrom(viewer.ns.cgroup.root)}\n`),
  mounts: (d) => d.file(() => mountsOf(d.process, 'mounts')),
  mountinfo: (d) => d.file(() => mountsOf(d.process, 'mountinfo')),
  limits: (d) => d.file(() => limits(d.process)),
  uid_map: (d) => idMap(d, 'uidMap'),
  gid_map: (d) => idMap(d, 'gidMap'),
  setgroups: (d) =>
    d.file(
      () => `${d.process.ns.user.setgroups}\n`,
      0o644,
      (value) => {
        const { user } = d.process.ns
        if (user.gidMap.length > 0) return EPERM
        user.setgroups = value === 'deny' ? 'deny' : 'allow'
        return undefined
      },
    ),
  oom_score_adj: (d) =>
    d.file(
      () => `${d.process.oomScoreAdj}\n`,
      0o644,
      (value, viewer) => {
        const n = Number(value)
        if (value.trim() === '' || !Number.isInteger(n) || n < -1000 || n > 1000) return EINVAL
        if (n < d.process.oomScoreAdj && !viewer.kernel.capable(viewer, 'SYS_RESOURCE')) return EACCES
        d.process.oomScoreAdj = n
        return undefined
      },
    ),
  oom_adj: (d) => d.file(() => `${Math.trunc((d.process.oomScoreAdj * 17) / 1000)}\n`, 0o644),
  oom_score: (d) => d.file(() => `${oomScore(d.process)}\n`),
  loginuid: (d) => d.file(() => '4294967295', 0o644),
  timens_offsets: (d) =>
    d.file(
      () => timeOffsets(d.process),
      0o644,
      (text, viewer) => setTimeOffsets(d.process, text, viewer),
    ),
  maps: (d) => d.file((viewer) => (same(d.process, viewer) ? maps(d.process) : EACCES)),
  mountstats: (d) => d.secret((p) => mountsOf(p, 'mountstats')),
  net: (d) =>
    new GeneratedDir(
      d.fs,
      netNodes(() => d.process),
    ),
  personality: (d) => d.secret(() => '00000000\n'),
  wchan: (d) => d.file(() => '0'),
  sessionid: (d) => d.file(() => '4294967295'),
  coredump_filter: (d) => d.file(() => '00000033\n', 0o644),
  timerslack_ns: (d) => d.file(() => '50000\n', 0o666),
  projid_map: (d) => d.file(() => '', 0o644),
  cpuset: (d) => d.file((viewer) => `${d.process.cgroup.pathFrom(viewer.ns.cgroup.root)}\n`),
  fdinfo: (d) =>
    new ProcessSubdir(
      d,
      {},
      {
        lookup: (name) =>
          /^\d+$/.test(name) && d.process.fds[Number(name)]
            ? d.file((viewer) => (same(d.process, viewer) ? fdInfo(d.process, Number(name)) : EACCES))
            : undefined,
        list: () => d.process.fds.flatMap((f, n) => (f ? [{ name: String(n), ino: 300_000 + n, type: S_IFREG }] : [])),
      },
      0o555,
    ),
  exe: (d) => d.place((p) => p.exe),
  cwd: (d) => d.place((p) => p.cwd),
  root: (d) => d.place((p) => p.root),
  fd: (d) =>
    new ProcessSubdir(
      d,
      {},
      {
        lookup: (name) => (/^\d+$/.test(name) && d.process.fds[Number(name)] ? d.descriptor(Number(name)) : undefined),
        list: () => d.process.fds.flatMap((f, n) => (f ? [{ name: String(n), ino: 200_000 + n, type: S_IFLNK }] : [])),
      },
      0o500,
    ),
  ns: (d) =>
    new ProcessSubdir(
      d,
      {
        ...Object.fromEntries(kinds.map((k) => [k, () => d.namespace(k)])),
        pid_for_children: () => d.namespace('pidForChildren'),
        time_for_children: () => d.namespace('timeForChildren'),
      },
      undefined,
      0o511,
    ),
}
const { task: _, ...threadNodes } = nodes

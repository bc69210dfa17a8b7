/** The cgroup v2 tree as a file system: its interface files, Documentation/admin-guide/cgroup-v2.rst. */
import { EBUSY, EEXIST, EINVAL, ENOENT, EOPNOTSUPP, EPERM, type Errno, ESRCH, isErr } from '../../../base/errno.ts'
import { Cgroup, type Controller, controllers, MAX, parseLimit, showLimit } from '../cgroup.ts'
import { isDir, S_IFDIR, S_IFMT } from '../fs/flags.ts'
import { GeneratedFile, GeneratedFs } from '../fs/generated.ts'
import { type Attributes, type DirEntry, Inode, type NodeInit } from '../fs/inode.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../process.ts'
import { SIGKILL } from '../signals.ts'

interface Knob {
  readonly controller?: Controller
  /** Not in the root group. */
  readonly notRoot?: boolean
  readonly read?: (g: Cgroup, p: Process) => string
  readonly write?: (g: Cgroup, text: string, p: Process) => Errno | undefined
}

/** A knob that holds a number or `max`. */
const limit = (
  controller: Controller,
  field: 'memoryMax' | 'memoryHigh' | 'memoryLow' | 'memoryMin' | 'swapMax' | 'pidsMax',
): Knob => ({
  controller,
  notRoot: true,
  read: (g) => `${showLimit(g[field])}\n`,
  write: (g, text, p) => {
    const value = parseLimit(text)
    if (isErr(value)) return value
    g[field] = controller === 'memory' && value !== MAX ? Math.floor(value / 4096) * 4096 : value
    p.kernel.note('cgroup', p.kernel.describe(p), g.path, `${controller}.${text}`)
    // Lowering memory.max below what is used calls the OOM killer.
    if (field === 'memoryMax')
      for (let n = 0; n < 100 && g.memoryCurrent > g.memoryMax && g.populated; n++) p.kernel.outOfMemory(g, p)
    return undefined
  },
})
const usec = (ns: number): number => Math.floor(ns / 1000)
const lines = (o: Readonly<Record<string, number>>): string =>
  Object.entries(o)
    .map(([k, v]) => `${k} ${v}\n`)
    .join('')

function setFrozen(g: Cgroup, frozen: boolean): void {
  g.frozen = frozen
  const wake = (group: Cgroup): void => {
    group.thaw.wake()
    for (const child of group.children.values()) wake(child)
  }
  if (!frozen) wake(g)
}

const knobs: Readonly<Record<string, Knob>> = {
  'cgroup.procs': {
    read: (g, p) =>
      [...g.processes]
        .map((q) => q.pidIn(p.ns.pid))
        .filter((n) => n > 0)
        .sort((a, b) => a - b)
        .map((n) => `${n}\n`)
        .join(''),
    write: (g, text, p) => {
      const n = Number(text.trim())
      if (!Number.isInteger(n) || n < 0) return EINVAL
      const target = n === 0 ? p : p.ns.pid.processes.get(n)
      if (!target) return ESRCH
      const done = g.attach(target)
      if (!done) p.kernel.note('cgroup', p.kernel.describe(target), g.path, 'cgroup.procs')
      return done
    },
  },
  'cgroup.threads': { read: (g, p) => [...g.processes].map((q) => `${q.pidIn(p.ns.pid)}\n`).join('') },
  'cgroup.controllers': { read: (g) => `${g.available().join(' ')}\n` },
  'cgroup.subtree_control': {
    read: (g) => `${controllers.filter((c) => g.subtree.has(c)).join(' ')}\n`,
    write: (g, text) => {
      const on: Controller[] = []
      const off: Controller[] = []
      for (const word of text.trim().split(/\s+/).filter(Boolean)) {
        const name = word.slice(1) as Controller
        if (!/^[+-]/.test(word) || !controllers.includes(name)) return EINVAL
        if (word.startsWith('+')) on.push(name)
        else off.push(name)
      }
      return g.setSubtree(on, off)
    },
  },
  'cgroup.events': { notRoot: true, read: (g) => `populated ${g.populated ? 1 : 0}\nfrozen ${g.isFrozen ? 1 : 0}\n` },
  'cgroup.type': { notRoot: true, read: () => 'domain\n', write: () => EOPNOTSUPP },
  'cgroup.stat': { read: (g) => `nr_descendants ${count(g)}\nnr_dying_descendants 0\n` },
  'cgroup.max.depth': { read: () => 'max\n' },
  'cgroup.max.descendants': { read: () => 'max\n' },
  'cgroup.freeze': {
    notRoot: true,
    read: (g) => `${g.frozen ? 1 : 0}\n`,
    write: (g, text) => {
      if (!/^[01]$/.test(text.trim())) return EINVAL
      setFrozen(g, text.trim() === '1')
      return undefined
    },
  },
  'cgroup.kill': {
    notRoot: true,
    write: (g, text, p) => {
      if (text.trim() !== '1') return EINVAL
      for (const q of [...g.all()]) p.kernel.exit(q, { signal: SIGKILL })
      return undefined
    },
  },
  'cpu.stat': {
    read: (g) =>
      lines({
        usage_usec: usec(g.cpuUser + g.cpuSystem),
        user_usec: usec(g.cpuUser),
        system_usec: usec(g.cpuSystem),
        nr_periods: 0,
        nr_throttled: 0,
        throttled_usec: 0,
      }),
  },
  'cpu.max': {
    controller: 'cpu',
    notRoot: true,
    read: (g) => `${g.cpuQuota === MAX ? 'max' : usec(g.cpuQuota)} ${usec(g.cpuPeriod)}\n`,
    write: (g, text) => {
      const [quota = '', period] = text.trim().split(/\s+/)
      const q = quota === 'max' ? MAX : Number(quota) * 1000
      const per = period === undefined ? g.cpuPeriod : Number(period) * 1000
      // At least 1 ms of quota; a period between 1 ms and 1 s.
      if (Number.isNaN(q) || q < 1_000_000 || Number.isNaN(per) || per < 1_000_000 || per > 1_000_000_000) return EINVAL
      g.cpuQuota = q
      g.cpuPeriod = per
      return undefined
    },
  },
  'cpu.weight': {
    controller: 'cpu',
    notRoot: true,
    read: (g) => `${g.cpuWeight}\n`,
    write: (g, text) => {
      const n = Number(text)
      if (!Number.isInteger(n)) return EINVAL
      if (n < 1 || n > 10000) return EINVAL
      g.cpuWeight = n
      return undefined
    },
  },
  'memory.current': { controller: 'memory', notRoot: true, read: (g) => `${g.memoryCurrent}\n` },
  'memory.peak': { controller: 'memory', notRoot: true, read: (g) => `${g.memoryPeak}\n` },
  'memory.max': limit('memory', 'memoryMax'),
  'memory.high': limit('memory', 'memoryHigh'),
  'memory.low': limit('memory', 'memoryLow'),
  'memory.min': limit('memory', 'memoryMin'),
  'memory.swap.max': limit('memory', 'swapMax'),
  'memory.swap.current': { controller: 'memory', notRoot: true, read: () => '0\n' },
  'memory.events': { controller: 'memory', notRoot: true, read: (g) => lines(g.memoryEvents) },
  'memory.oom.group': {
    controller: 'memory',
    notRoot: true,
    read: (g) => `${g.oomGroup ? 1 : 0}\n`,
    write: (g, text) => {
      if (!/^[01]$/.test(text.trim())) return EINVAL
      g.oomGroup = text.trim() === '1'
      return undefined
    },
  },
  'memory.stat': { controller: 'memory', read: (g) => lines({ anon: g.memoryCurrent, file: 0, kernel: 0, shmem: 0 }) },
  'pids.max': limit('pids', 'pidsMax'),
  'pids.current': { controller: 'pids', notRoot: true, read: (g) => `${g.pidsCurrent}\n` },
  'pids.peak': { controller: 'pids', notRoot: true, read: (g) => `${g.pidsPeak}\n` },
  'pids.events': { controller: 'pids', notRoot: true, read: (g) => `max ${g.pidsEvents}\n` },
  'cpuset.cpus': {
    controller: 'cpuset',
    notRoot: true,
    read: (g) => `${g.cpusetCpus}\n`,
    write: (g, text) => (/^[\d,-]*$/.test(text.trim()) ? void (g.cpusetCpus = text.trim()) : EINVAL),
  },
  'cpuset.cpus.effective': {
    controller: 'cpuset',
    read: (g, p) => `${g.cpusetCpus || `0-${p.kernel.options.cpus - 1}`}\n`,
  },
  'cpuset.mems': {
    controller: 'cpuset',
    notRoot: true,
    read: (g) => `${g.cpusetMems}\n`,
    write: (g, text) => void (g.cpusetMems = text.trim()),
  },
  'io.max': {
    controller: 'io',
    notRoot: true,
    read: (g) => g.ioMax.map((l) => `${l}\n`).join(''),
    write: (g, text) => void g.ioMax.push(text.trim()),
  },
  'io.stat': { controller: 'io', read: () => '' },
}
const count = (g: Cgroup): number => [...g.children.values()].reduce((n, c) => n + 1 + count(c), 0)

/** One mount of the tree, seen from a cgroup namespace's root. */
export class CgroupFs extends GeneratedFs {
  readonly kernel: Kernel
  readonly nodes = new WeakMap<Cgroup, CgroupDir>()
  constructor(kernel: Kernel, root: Cgroup) {
    super('cgroup2', kernel.nextDev())
    this.kernel = kernel
    this.root = this.node(root)
  }
  options(): string {
    return 'nsdelegate,memory_recursiveprot'
  }
  node(group: Cgroup): CgroupDir {
    const known = this.nodes.get(group) ?? new CgroupDir(this, group)
    this.nodes.set(group, known)
    return known
  }
}

class CgroupDir extends Inode {
  declare readonly fs: CgroupFs
  readonly group: Cgroup
  readonly #files = new Map<string, GeneratedFile>()
  constructor(fs: CgroupFs, group: Cgroup) {
    super(fs, fs.ino(), S_IFDIR | 0o755)
    this.group = group
    this.nlink = 2
  }
  #has(knob: Knob): boolean {
    if (knob.notRoot && !this.group.parent) return false
    return knob.controller === undefined || this.group.available().includes(knob.controller)
  }
  override lookup(name: string): Inode | Errno {
    const child = this.group.children.get(name)
    if (child) return this.fs.node(child)
    const knob = Object.hasOwn(knobs, name) ? knobs[name] : undefined
    if (!knob || !this.#has(knob)) return ENOENT
    let file = this.#files.get(name)
    if (!file) {
      const { read, write } = knob
      file = new GeneratedFile(
        this.fs,
        (read ? 0o444 : 0) | (write ? 0o200 : 0),
        read && ((p) => read(this.group, p)),
        write && ((text, p) => write(this.group, text, p)),
      )
      file.uid = this.uid
      file.gid = this.gid
      this.#files.set(name, file)
    }
    return file
  }
  override list(): readonly DirEntry[] {
    const files = Object.entries(knobs)
      .filter(([, k]) => this.#has(k))
      .map(([name]) => ({ name, ino: this.ino, type: 0o100000 }))
    return [
      ...files,
      ...[...this.group.children].map(([name, g]) => ({ name, ino: this.fs.node(g).ino, type: S_IFDIR })),
    ]
  }
  override create(name: string, init: NodeInit): Inode | Errno {
    if (!isDir(init.mode)) return EPERM
    if (!isErr(this.lookup(name))) return EEXIST
    const group = new Cgroup(name, this.group, this.fs.kernel.nextCgroupId())
    this.group.children.set(name, group)
    const node = this.fs.node(group)
    node.uid = init.uid
    node.gid = init.gid
    return node
  }
  override rmdir(name: string): Errno | undefined {
    const group = this.group.children.get(name)
    if (!group) return ENOENT
    if (group.processes.size > 0 || group.children.size > 0) return EBUSY
    this.group.children.delete(name)
    return undefined
  }
  override setattr(a: Attributes): Errno | undefined {
    if (a.mode !== undefined) this.mode = (this.mode & S_IFMT) | (a.mode & 0o7777)
    if (a.uid !== undefined) this.uid = a.uid
    if (a.gid !== undefined) this.gid = a.gid
    return undefined
  }
}

/**
 * The interface files of cgroup v2: what each shows and takes; Documentation/admin-guide/cgroup-v2.rst.
 * @restartable A system call reads or writes a file: its one effect.
 */
import {
  EACCES,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOENT,
  EOPNOTSUPP,
  ERANGE,
  type Errno,
  ESRCH,
  isErr,
} from '../../../base/errno.ts'
import { type Cgroup, type Controller, controllers, MAX, parseLimit, showLimit } from '../cgroup.ts'
import { formatCpuList, parseCpuList } from '../cpulist.ts'
import type { Process } from '../process.ts'
import { SIGKILL } from '../signals.ts'

export interface Knob {
  readonly controller?: Controller
  /** Not in the root group. */
  readonly notRoot?: boolean
  readonly read?: (g: Cgroup, p: Process) => string
  readonly write?: (g: Cgroup, text: string, p: Process, mayWrite: MayWrite) => Errno | undefined
}
/** Whether the writer may write a group's cgroup.procs: moving a process asks it of the common ancestor (delegation). */
export type MayWrite = (group: Cgroup) => boolean

/** A knob that holds a number of bytes or processes, or `max`. */
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
    if (field === 'pidsMax' && value !== MAX && value > 4194304) return EINVAL
    g[field] = controller === 'memory' && value !== MAX ? Math.floor(value / 4096) * 4096 : value
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
const bounded = (field: 'maxDepth' | 'maxDescendants'): Knob => ({
  read: (g) => `${showLimit(g[field])}\n`,
  write: (g, text) => {
    const value = text.trim() === 'max' ? MAX : Number(text)
    if (value !== MAX && (!Number.isInteger(value) || value < 0)) return ERANGE
    g[field] = value
    return undefined
  },
})
const flag = (
  controller: Controller | undefined,
  get: (g: Cgroup) => boolean,
  set: (g: Cgroup, on: boolean) => void,
): Knob => ({
  ...(controller ? { controller } : {}),
  notRoot: true,
  read: (g) => `${get(g) ? 1 : 0}\n`,
  write: (g, text) => {
    const n = Number(text)
    if (text.trim() === '' || !Number.isInteger(n)) return EINVAL
    if (n !== 0 && n !== 1) return ERANGE
    set(g, n === 1)
    return undefined
  },
})
const shown = (controller: Controller, read: (g: Cgroup) => string, notRoot = true): Knob => ({
  controller,
  notRoot,
  read,
})

function pidsOf(g: Cgroup, p: Process): string {
  return [...g.processes]
    .map((q) => q.pidIn(p.ns.pid))
    .sort((a, b) => a - b)
    .map((n) => `${n}\n`)
    .join('')
}
const commonAncestor = (a: Cgroup, b: Cgroup): Cgroup => {
  let at: Cgroup = a
  while (at !== b && !b.isBelow(at)) at = at.parent as Cgroup
  return at
}

function moveProcess(g: Cgroup, text: string, p: Process, mayWrite: MayWrite): Errno | undefined {
  const n = Number(text)
  if (text.trim() === '' || !Number.isInteger(n) || n < 0) return EINVAL
  const target = n === 0 ? p.leader : p.ns.pid.processes.get(n)
  if (!target?.alive) return ESRCH
  if (!mayWrite(commonAncestor(target.cgroup, g))) return EACCES
  // nsdelegate: neither end may lie outside the writer's cgroup namespace.
  const { root } = p.ns.cgroup
  for (const end of [target.cgroup, g]) if (end !== root && !end.isBelow(root)) return ENOENT
  const failed = g.attach(target)
  // Into a group that is frozen or out of quota: it stops where it is.
  if (!failed && g.heldBy) target.slice = 0
  return failed
}

function setSubtree(g: Cgroup, text: string): Errno | undefined {
  const on: Controller[] = []
  const off: Controller[] = []
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const name = word.slice(1) as Controller
    if (!/^[+-]/.test(word) || !controllers.includes(name)) return EINVAL
    if (word.startsWith('+')) on.push(name)
    else off.push(name)
  }
  return g.setSubtree(on, off)
}

function setCpuMax(g: Cgroup, text: string): Errno | undefined {
  const [quota = '', period] = text.trim().split(/\s+/)
  const q = quota === 'max' ? MAX : Number(quota) * 1000
  const per = period === undefined ? g.bandwidth.period : Number(period) * 1000
  // At least 1 ms of quota; a period between 1 ms and 1 s.
  if (quota === '' || Number.isNaN(q) || q < 1_000_000) return EINVAL
  if (Number.isNaN(per) || per < 1_000_000 || per > 1_000_000_000) return EINVAL
  g.bandwidth.set(q, per)
  return undefined
}

const noLimits = { rbps: MAX, wbps: MAX, riops: MAX, wiops: MAX }
function setIoMax(g: Cgroup, text: string, p: Process): Errno | undefined {
  const [device = '', ...rest] = text.trim().split(/\s+/)
  if (!/^\d+:\d+$/.test(device)) return EINVAL
  if (!p.kernel.blockDevices.has(device)) return ENODEV
  const made = { ...(g.ioMax.get(device) ?? noLimits) }
  for (const word of rest) {
    const m = /^(rbps|wbps|riops|wiops)=(max|\d+)$/.exec(word)
    if (!m) return EINVAL
    const value = m[2] === 'max' ? MAX : Number(m[2])
    if (value === 0) return ERANGE
    made[m[1] as keyof typeof noLimits] = value
  }
  if (Object.values(made).every((v) => v === MAX)) g.ioMax.delete(device)
  else g.ioMax.set(device, made)
  return undefined
}

const cpusOf = (g: Cgroup, p: Process): readonly number[] => {
  const all = Array.from({ length: p.kernel.options.cpus }, (_, n) => n)
  const own = parseCpuList(g.effectiveCpus)
  return own ? all.filter((n) => own.includes(n)) : all
}
const descendants = (g: Cgroup): number => [...g.children.values()].reduce((n, c) => n + 1 + descendants(c), 0)

/** All files, by name. */
export const knobs: Readonly<Record<string, Knob>> = {
  'cgroup.type': {
    notRoot: true,
    read: () => 'domain\n',
    write: (_g, text) => (text.trim() === 'threaded' ? EOPNOTSUPP : EINVAL),
  },
  'cgroup.procs': { read: pidsOf, write: moveProcess },
  'cgroup.threads': { read: pidsOf, write: moveProcess },
  'cgroup.controllers': { read: (g) => `${g.available().join(' ')}\n` },
  'cgroup.subtree_control': {
    read: (g) => `${controllers.filter((c) => g.subtree.has(c)).join(' ')}\n`,
    write: setSubtree,
  },
  'cgroup.events': { notRoot: true, read: (g) => `populated ${g.populated ? 1 : 0}\nfrozen ${g.isFrozen ? 1 : 0}\n` },
  'cgroup.stat': { read: (g) => `nr_descendants ${descendants(g)}\nnr_dying_descendants 0\n` },
  'cgroup.max.depth': bounded('maxDepth'),
  'cgroup.max.descendants': bounded('maxDescendants'),
  'cgroup.freeze': flag(
    undefined,
    (g) => g.frozen,
    (g, on) => {
      g.frozen = on
      if (!on) g.resume()
    },
  ),
  'cgroup.kill': {
    notRoot: true,
    write: (g, text, p) => {
      if (text.trim() !== '1') return Number.isInteger(Number(text)) && text.trim() !== '' ? ERANGE : EINVAL
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
        ...(g.parent?.subtree.has('cpu')
          ? {
              nr_periods: g.bandwidth.periods,
              nr_throttled: g.bandwidth.throttledPeriods,
              throttled_usec: usec(g.bandwidth.throttledTime),
              nr_bursts: 0,
              burst_usec: 0,
            }
          : {}),
      }),
  },
  'cpu.max': {
    controller: 'cpu',
    notRoot: true,
    read: (g) => `${g.bandwidth.quota === MAX ? 'max' : usec(g.bandwidth.quota)} ${usec(g.bandwidth.period)}\n`,
    write: setCpuMax,
  },
  'cpu.weight': {
    controller: 'cpu',
    notRoot: true,
    read: (g) => `${g.cpuWeight}\n`,
    write: (g, text) => {
      const n = Number(text)
      if (text.trim() === '' || !Number.isInteger(n)) return EINVAL
      if (n < 1 || n > 10000) return ERANGE
      g.cpuWeight = n
      return undefined
    },
  },
  'memory.current': shown('memory', (g) => `${g.memoryCurrent}\n`),
  'memory.peak': shown('memory', (g) => `${g.memoryPeak}\n`),
  'memory.max': limit('memory', 'memoryMax'),
  'memory.high': limit('memory', 'memoryHigh'),
  'memory.low': limit('memory', 'memoryLow'),
  'memory.min': limit('memory', 'memoryMin'),
  'memory.swap.max': limit('memory', 'swapMax'),
  'memory.swap.current': shown('memory', () => '0\n'),
  'memory.events': shown('memory', (g) => lines(g.memoryEvents)),
  'memory.oom.group': flag(
    'memory',
    (g) => g.oomGroup,
    (g, on) => {
      g.oomGroup = on
    },
  ),
  'memory.stat': shown(
    'memory',
    (g) =>
      lines({
        anon: g.memoryCurrent - g.shmem,
        file: g.shmem,
        kernel: 0,
        shmem: g.shmem,
      }),
    false,
  ),
  'pids.max': limit('pids', 'pidsMax'),
  'pids.current': shown('pids', (g) => `${g.pidsCurrent}\n`),
  'pids.peak': shown('pids', (g) => `${g.pidsPeak}\n`),
  'pids.events': shown('pids', (g) => `max ${g.pidsEvents}\n`),
  'cpuset.cpus': {
    controller: 'cpuset',
    notRoot: true,
    read: (g) => `${g.cpusetCpus}\n`,
    write: (g, text, p) => {
      const wanted = text.trim() === '' ? [] : parseCpuList(text)
      if (!wanted || wanted.some((n) => n >= p.kernel.options.cpus)) return EINVAL
      g.cpusetCpus = formatCpuList(wanted)
      return undefined
    },
  },
  'cpuset.cpus.effective': { controller: 'cpuset', read: (g, p) => `${formatCpuList(cpusOf(g, p))}\n` },
  'cpuset.mems': {
    controller: 'cpuset',
    notRoot: true,
    read: (g) => `${g.cpusetMems}\n`,
    write: (g, text) => (['', '0'].includes(text.trim()) ? void (g.cpusetMems = text.trim()) : EINVAL),
  },
  'cpuset.mems.effective': { controller: 'cpuset', read: () => '0\n' },
  'io.max': {
    controller: 'io',
    notRoot: true,
    read: (g) =>
      [...g.ioMax]
        .map(
          ([dev, l]) =>
            `${dev} ${Object.entries(l)
              .map(([k, v]) => `${k}=${showLimit(v)}`)
              .join(' ')}\n`,
        )
        .join(''),
    write: setIoMax,
  },
  'io.stat': {
    controller: 'io',
    read: (g) =>
      [...g.ioStat]
        .map(
          ([dev, s]) => `${dev} rbytes=${s.rbytes} wbytes=${s.wbytes} rios=${s.rios} wios=${s.wios} dbytes=0 dios=0\n`,
        )
        .join(''),
  },
}
/** Why a group can't get one more child: cgroup.max.depth and cgroup.max.descendants here and above. */
export function mayMakeChild(g: Cgroup): boolean {
  let depth = 1
  for (let at: Cgroup | undefined = g; at; at = at.parent, depth++)
    if (depth > at.maxDepth || (at.maxDescendants !== MAX && descendants(at) >= at.maxDescendants)) return false
  return true
}
/** A group with processes or children stays. */
export const removable = (g: Cgroup): Errno | undefined =>
  g.processes.size > 0 || g.children.size > 0 ? EBUSY : undefined

/** The cgroup tree with its counters and limits, cgroups(7); undefined stands for "max". */
import { type Cgroup, MAX } from '../kernel/linux/cgroup.ts'

export interface CgroupView {
  readonly path: string
  readonly name: string
  readonly processes: number
  /** Bytes. */
  readonly memory: { readonly current: number; readonly max: number | undefined; readonly oomKills: number }
  readonly pids: { readonly current: number; readonly max: number | undefined; readonly refused: number }
  /** `max` is a share of one processor: 0.5 of cpu.max "50000 100000". `used` is nanoseconds. */
  readonly cpu: {
    readonly used: number
    readonly max: number | undefined
    readonly weight: number
    /** Periods in which it had to wait: cpu.stat's nr_throttled. */
    readonly throttled: number
  }
  /** Bytes read and written on all devices, and the least of the limits of io.max in bytes a second. */
  readonly io: { readonly read: number; readonly written: number; readonly max: number | undefined }
  readonly frozen: boolean
  readonly children: readonly CgroupView[]
}
const limit = (value: number): number | undefined => (value === MAX ? undefined : value)
function ioView(g: Cgroup): CgroupView['io'] {
  let [read, written, max] = [0, 0, Infinity]
  for (const device of g.ioStat.values()) {
    read += device.rbytes
    written += device.wbytes
  }
  for (const { rbps, wbps } of g.ioMax.values()) max = Math.min(max, rbps, wbps)
  return { read, written, max: Number.isFinite(max) && max !== MAX ? max : undefined }
}

export function cgroupView(g: Cgroup): CgroupView {
  return {
    path: g.path,
    name: g.name || '/',
    processes: g.processes.size,
    memory: { current: g.memoryCurrent, max: limit(g.memoryMax), oomKills: g.memoryEvents.oom_kill },
    pids: { current: g.pidsCurrent, max: limit(g.pidsMax), refused: g.pidsEvents },
    cpu: {
      used: g.cpuUser + g.cpuSystem,
      max: Number.isFinite(g.bandwidth.quota) ? g.bandwidth.quota / g.bandwidth.period : undefined,
      throttled: g.bandwidth.throttledPeriods,
      weight: g.cpuWeight,
    },
    io: ioView(g),
    frozen: g.frozen,
    children: [...g.children.values()].map(cgroupView),
  }
}

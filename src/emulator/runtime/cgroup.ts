/** A container's cgroup: made, limited, and limited anew; runtime-spec config-linux.md "Control groups", in cgroup v2's files. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { O_RDONLY } from '../kernel/linux/fs/flags.ts'
import type { DeviceRule, Spec, SpecResources } from '../oci/runtimespec.ts'
import { lower, writeFile } from './files.ts'

const mode = (type: string, major: number, minor: number | undefined, access = 'rwm'): DeviceRule => ({
  allow: true,
  type,
  major,
  ...(minor === undefined ? {} : { minor }),
  access,
})
/** What every container may do whatever its rules say: make nodes, and use the devices that it has by default (runc, specconv.AllowedDevices). */
const allowedDevices: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...[3, 8, 7, 5, 9].map((minor) => mode('c', 1, minor)),
  mode('c', 5, 0),
  mode('c', 136, undefined),
  mode('c', 5, 2),
]

/** Where a container's cgroup lies: as given, or of the form slice:prefix:name where systemd makes it (`--systemd-cgroup`). */
export function cgroupPath(given: string | undefined, id: string, systemd: boolean | undefined): string | undefined {
  if (!systemd) return given === undefined ? `/${id}` : `/${given.replace(/^\/+/, '')}`
  const [slice, prefix, name, ...rest] = (given ?? `:runc:${id}`).split(':')
  if (name === undefined || rest.length > 0) return undefined
  return `/${slice || 'system.slice'}/${prefix ? `${prefix}-` : ''}${name}.scope`
}

/** Makes the cgroup and sets its limits; a message where a limit is refused. */
export function* makeCgroup(sys: Sys, path: string, spec: Spec): Run<string | undefined> {
  const base = '/sys/fs/cgroup'
  let at = base
  for (const part of path.split('/').filter(Boolean)) {
    // Controllers are handed down to every level that a limit may be set in; a user's manager has the second set alone.
    if (yield* writeFile(sys, `${at}/cgroup.subtree_control`, '+cpuset +cpu +io +memory +pids'))
      yield* writeFile(sys, `${at}/cgroup.subtree_control`, '+cpu +memory +pids')
    at += `/${part}`
    yield* sys.mkdir(at)
  }
  const { resources } = spec.linux
  if (resources?.devices) {
    const fd = yield* sys.open(at, O_RDONLY)
    if (!isErr(fd)) {
      yield* sys.bpf(fd, [...resources.devices, ...allowedDevices])
      yield* sys.close(fd)
    }
  }
  return yield* limit(sys, path, resources)
}
/** cgroup v1's CPU shares as v2's weight: both defaults, 1024 and 100, meet (runc 1.4, opencontainers/cgroups ConvertCPUSharesToCgroupV2Value). */
export function weightOf(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262144) return 10000
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}
/** Sets the limits that are given; a message where one is refused. */
export function* limit(sys: Sys, path: string, r: SpecResources | undefined): Run<string | undefined> {
  const at = `/sys/fs/cgroup${path}`
  const memory = r?.memory?.limit
  const swap = r?.memory?.swap
  const files: Readonly<Record<string, string | undefined>> = {
    'memory.max': memory ? (memory < 0 ? 'max' : String(memory)) : undefined,
    'memory.low': r?.memory?.reservation ? String(r.memory.reservation) : undefined,
    'memory.swap.max': swap !== undefined && memory ? (swap < 0 ? 'max' : String(swap - memory)) : undefined,
    'cpu.max': r?.cpu?.quota ? `${r.cpu.quota < 0 ? 'max' : r.cpu.quota} ${r.cpu.period ?? 100000}` : undefined,
    'cpu.weight': r?.cpu?.shares ? String(weightOf(r.cpu.shares)) : undefined,
    'cpuset.cpus': r?.cpu?.cpus || undefined,
    'cpuset.mems': r?.cpu?.mems || undefined,
    'pids.max': r?.pids?.limit ? (r.pids.limit < 0 ? 'max' : String(r.pids.limit)) : undefined,
    ...r?.unified,
  }
  for (const [file, value] of Object.entries(files)) {
    if (value === undefined) continue
    const failed = yield* writeFile(sys, `${at}/${file}`, value)
    if (failed)
      return `error setting cgroup config for procHooks process: failed to write "${value}": write ${at}/${file}: ${lower(failed)}`
  }
  return undefined
}

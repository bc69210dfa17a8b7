/** A container's cgroup: made, limited, and limited anew; runtime-spec config-linux.md "Control groups", in cgroup v2's files. */
import type { Run, Sys } from '../kernel/linux/abi.ts'
import type { Spec, SpecResources } from '../oci/runtimespec.ts'
import { lower, writeFile } from './files.ts'

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
  return yield* limit(sys, path, spec.linux.resources)
}
/** Sets the limits that are given; a message where one is refused. */
export function* limit(sys: Sys, path: string, r: SpecResources | undefined): Run<string | undefined> {
  const at = `/sys/fs/cgroup${path}`
  const set = function* (file: string, value: string | undefined): Run<string | undefined> {
    if (value === undefined) return undefined
    const failed = yield* writeFile(sys, `${at}/${file}`, value)
    return failed
      ? `error setting cgroup config for procHooks process: failed to write "${value}": write ${at}/${file}: ${lower(failed)}`
      : undefined
  }
  const memory = r?.memory?.limit
  const swap = r?.memory?.swap
  return (
    (yield* set('memory.max', memory ? String(memory) : undefined)) ??
    (yield* set('memory.low', r?.memory?.reservation ? String(r.memory.reservation) : undefined)) ??
    (yield* set(
      'memory.swap.max',
      swap !== undefined && memory ? (swap < 0 ? 'max' : String(swap - memory)) : undefined,
    )) ??
    (yield* set('cpu.max', r?.cpu?.quota ? `${r.cpu.quota} ${r.cpu.period ?? 100000}` : undefined)) ??
    (yield* set(
      'cpu.weight',
      r?.cpu?.shares ? String(Math.max(1, Math.round(1 + ((r.cpu.shares - 2) * 9999) / 262142))) : undefined,
    )) ??
    (yield* set('cpuset.cpus', r?.cpu?.cpus || undefined)) ??
    (yield* set('pids.max', r?.pids && r.pids.limit > 0 ? String(r.pids.limit) : undefined))
  )
}

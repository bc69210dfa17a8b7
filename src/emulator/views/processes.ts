/** Processes as diagrams see them: their numbers in every pid namespace, their namespaces and cgroup. */
import type { Kernel } from '../kernel/linux/kernel.ts'
import type { NamespaceKind } from '../kernel/linux/namespaces.ts'

export const namespaceKinds: readonly NamespaceKind[] = ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time']

export interface ProcessDetail {
  readonly pid: number
  /** NSpid: its numbers from the host's pid namespace to its own. */
  readonly pids: readonly number[]
  /** 0 where the parent lies outside. */
  readonly parent: number
  readonly command: string
  readonly uid: number
  readonly state: string
  /** Resident memory in bytes. */
  readonly memory: number
  readonly cgroup: string
  readonly namespaces: Readonly<Record<NamespaceKind, number>>
  readonly hostname: string
}

/** Every process that has not been waited for, by number. */
export function processDetails(kernel: Kernel): readonly ProcessDetail[] {
  return [...kernel.initial.pid.processes.values()]
    .sort((a, b) => a.pid - b.pid)
    .map((p) => ({
      pid: p.pid,
      pids: p.pids,
      parent: p.parent?.pid ?? 0,
      command: p.argv.join(' ') || p.comm,
      uid: p.cred.uid,
      state: p.state,
      memory: p.memory,
      cgroup: p.cgroup?.path ?? '/',
      namespaces: Object.fromEntries(namespaceKinds.map((k) => [k, p.ns[k].inum])) as Record<NamespaceKind, number>,
      hostname: p.ns.uts.hostname,
    }))
}

/** What a diagram may know of a world: a plain description, made anew when asked. */
import { isErr } from './base/errno.ts'
import type { Kernel } from './kernel/linux/kernel.ts'
import type { Process } from './kernel/linux/process.ts'
import type { Machine, World } from './machine/world.ts'

export interface ProcessView {
  readonly pid: number
  readonly name: string
}
export interface ContainerView {
  readonly id: string
  readonly name: string
  readonly image: string
  /** created, running, paused, exited ...: what `docker inspect` calls State.Status. */
  readonly status: string
  /** Number of its first process on the host; 0 where none runs. */
  readonly pid: number
  readonly exitCode: number
  /** Its addresses on Docker's networks. */
  readonly addresses: readonly string[]
  /** Resident memory of its processes, in bytes. */
  readonly memory: number
  readonly processes: readonly ProcessView[]
}
export interface MachineView {
  readonly name: string
  readonly virtual: boolean
  readonly arch: string
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
  /** Nanoseconds from power-on to a running init. */
  readonly bootTime: number
  readonly hypervisor: string | undefined
  readonly kernel: { readonly release: string; readonly processes: number } | undefined
  readonly containers: readonly ContainerView[]
  /** Containers that exist without a process: created or ended. */
  readonly stopped: readonly ContainerView[]
  readonly guests: readonly MachineView[]
}

/** The containers of a kernel, those with processes and those without, as its files tell: dockerd's state files, and the processes below each PID 1. */
function containersOf(kernel: Kernel): ContainerView[] {
  const out: ContainerView[] = []
  const text = (path: string): string | undefined => {
    let at = kernel.initialMounts.root.root.inode
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      if (isErr(next)) return undefined
      at = next
    }
    const bytes = at.read(0, 1 << 20)
    return isErr(bytes) ? undefined : new TextDecoder().decode(bytes)
  }
  const dir = (path: string): readonly string[] => {
    let at = kernel.initialMounts.root.root.inode
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      if (isErr(next)) return []
      at = next
    }
    const list = at.list()
    return isErr(list) ? [] : list.map((e) => e.name)
  }
  for (const id of dir('/var/lib/docker/containers')) {
    const state = text(`/var/lib/docker/containers/${id}/config.v2.json`)
    if (state === undefined) continue
    const c = JSON.parse(state) as {
      Name: string
      State: { Status: string; Pid: number; ExitCode: number }
      Config: { Image: string }
      NetworkSettings: readonly string[]
    }
    const init = kernel.initial.pid.processes.get(c.State.Pid)
    const lives = (c.State.Status === 'running' || c.State.Status === 'paused') && init?.alive === true
    const inside: Process[] = lives ? [...init.ns.pid.processes.values()].filter((p) => p.alive) : []
    out.push({
      id,
      name: c.Name.replace(/^\//, ''),
      image: c.Config.Image,
      status: c.State.Status,
      pid: lives ? c.State.Pid : 0,
      exitCode: c.State.ExitCode,
      addresses: c.NetworkSettings.filter(Boolean),
      memory: inside.reduce((n, p) => n + p.memory, 0),
      processes: inside.map((p) => ({ pid: p.pid, name: (p.argv[0] ?? p.comm).split(/[\s:]/)[0] || p.comm })),
    })
  }
  return out
}

function machineView(m: Machine): MachineView {
  const all = m.kernel ? containersOf(m.kernel) : []
  return {
    name: m.name,
    virtual: m.parent !== undefined,
    arch: m.arch,
    cpus: m.cpus,
    memory: m.memory,
    bootTime: m.bootTime,
    hypervisor: m.hypervisor,
    kernel: m.kernel && { release: m.kernel.options.release, processes: m.kernel.initial.pid.processes.size },
    containers: all.filter((c) => c.pid > 0),
    stopped: all.filter((c) => c.pid === 0),
    guests: m.guests.map(machineView),
  }
}
/** The machine that the reader works on, with all in it. */
export function viewOf(world: World, name: string): MachineView | undefined {
  const m = world.machines.find((x) => x.name === name)
  return m && machineView(m)
}

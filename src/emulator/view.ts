/** What a diagram may know of a world: a plain description, made anew when asked. */
import { isErr } from './base/errno.ts'
import type { Inode } from './kernel/linux/fs/inode.ts'
import type { Kernel } from './kernel/linux/kernel.ts'
import type { PidNamespace } from './kernel/linux/namespaces.ts'
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
  readonly kernel: { readonly system: string; readonly release: string; readonly processes: number } | undefined
  readonly containers: readonly ContainerView[]
  readonly guests: readonly MachineView[]
}

/** A container with the machine whose kernel serves it. */
export interface PlacedContainer {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly machine: Machine
  readonly init: Process
  readonly processes: readonly Process[]
  readonly isolation: 'namespaces' | 'silo' | 'sentry' | 'vm'
}
/** Where engines keep their containers' state, on Linux and on Windows. */
const stateFolders = ['/var/lib/docker/containers', '/C:/ProgramData/docker/containers']

/** The running containers that a machine's engine knows, as its state files tell; each where its processes really are. */
export function containersIn(machine: Machine): PlacedContainer[] {
  const { kernel } = machine
  if (!kernel) return []
  const out: PlacedContainer[] = []
  // An engine sees files and process ids from where it stands: a distribution of WSL, say. Without one its files are still there.
  const daemons = [...kernel.initial.pid.processes.values()].filter((p) => p.alive && /^dockerd(\.exe)?$/.test(p.comm))
  const places =
    daemons.length > 0
      ? daemons.map((p) => ({ root: p.root.dentry.inode, pids: p.ns.pid }))
      : [{ root: kernel.initialMounts.root.root.inode, pids: kernel.initial.pid }]
  for (const place of places) out.push(...containersOfEngine(machine, kernel, place))
  return out
}
function containersOfEngine(
  machine: Machine,
  kernel: Kernel,
  engine: { readonly root: Inode; readonly pids: PidNamespace },
): PlacedContainer[] {
  const out: PlacedContainer[] = []
  const find = (path: string): Inode | undefined => {
    let at = engine.root
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      if (isErr(next)) return undefined
      at = next
    }
    return at
  }
  for (const folder of stateFolders) {
    const list = find(folder)?.list()
    for (const { name: id } of list === undefined || isErr(list) ? [] : list) {
      const bytes = find(`${folder}/${id}/config.v2.json`)?.read(0, 1 << 20)
      if (bytes === undefined || isErr(bytes) || bytes.length === 0) continue
      const c = JSON.parse(new TextDecoder().decode(bytes)) as {
        Name: string
        State: { Running: boolean; Pid: number }
        Config: { Image: string }
      }
      // A runtime that gives each container a machine calls that machine after it.
      const own = machine.guests.find((g) => g.name.startsWith(id.slice(0, 12)))
      const place = own ?? machine
      const init = (own ? place.kernel?.initial.pid : engine.pids)?.processes.get(c.State.Pid)
      if (!c.State.Running || !init?.alive || !place.kernel) continue
      const job = init.cgroup
      const processes = [...(init.ns.pid !== engine.pids || own ? init.ns.pid.processes.values() : job.all())].filter(
        (p) => p.alive,
      )
      out.push({
        id,
        name: c.Name.replace(/^\//, ''),
        image: c.Config.Image,
        machine: place,
        init,
        processes,
        isolation: own ? 'vm' : kernel.utsname.sysname === 'Linux' ? 'namespaces' : 'silo',
      })
    }
  }
  return out
}
const toView = ({ id, name, image, processes }: PlacedContainer): ContainerView => ({
  id,
  name,
  image,
  memory: processes.reduce((n, p) => n + p.memory, 0),
  processes: processes.map((p) => ({ pid: p.pid, name: (p.argv[0] ?? p.comm).split(/[\s:]/)[0] || p.comm })),
})
/** Containers whose processes are on a machine, whichever engine manages them. */
const containersOf = (machine: Machine): ContainerView[] =>
  [machine, ...(machine.parent ? [machine.parent] : [])]
    .flatMap((m) => containersIn(m))
    .filter((c) => c.machine === machine)
    .map(toView)

function machineView(m: Machine): MachineView {
  return {
    name: m.name,
    virtual: m.parent !== undefined,
    arch: m.arch,
    cpus: m.cpus,
    memory: m.memory,
    bootTime: m.bootTime,
    hypervisor: m.hypervisor,
    kernel: m.kernel && {
      system: m.kernel.utsname.sysname,
      release: m.kernel.options.release,
      processes: m.kernel.initial.pid.processes.size,
    },
    containers: containersOf(m),
    guests: m.guests.map(machineView),
  }
}
/** The machine that the reader works on, with all in it. */
export function viewOf(world: World, name: string): MachineView | undefined {
  const m = world.machines.find((x) => x.name === name)
  return m && machineView(m)
}

/** What a diagram may know of a world: a plain description, made anew when asked. */
import { isErr } from './base/errno.ts'
import type { Inode } from './kernel/linux/fs/inode.ts'
import type { Kernel } from './kernel/linux/kernel.ts'
import type { PidNamespace } from './kernel/linux/namespaces.ts'
import type { Process } from './kernel/linux/process.ts'
import type { Machine, World } from './machine/world.ts'
import { type KernelView, kernelViews } from './views/index.ts'

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
  /** Number of its first process on the machine whose kernel serves it; 0 where none runs. */
  readonly pid: number
  readonly exitCode: number
  /** Its addresses on Docker's networks. */
  readonly addresses: readonly string[]
  /** The kernel that answers it, where that isn't its machine's own. */
  readonly sentry: string | undefined
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
  /** Its live processes, by the names of their programs' files. */
  readonly programs: readonly ProcessView[]
  readonly containers: readonly ContainerView[]
  /** Containers that exist without a process: created or ended. */
  readonly stopped: readonly ContainerView[]
  readonly guests: readonly MachineView[]
}

/** A container of an engine, with the machine whose kernel serves it. */
export interface PlacedContainer {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly status: string
  readonly exitCode: number
  readonly addresses: readonly string[]
  readonly machine: Machine
  /** The kernel that answers its system calls: the machine's, or a sandbox's own in user space. */
  readonly kernel: Kernel
  /** Its first process; undefined where none runs. */
  readonly init: Process | undefined
  readonly processes: readonly Process[]
  readonly isolation: 'namespaces' | 'silo' | 'sentry' | 'vm'
}
/** Where engines keep their containers' state: Docker on Linux and on Windows, Apple's container, those that serve the CRI, and Podman. */
const stateFolders = [
  ['/var/lib/docker/containers', 'config.v2.json'],
  ['/C:/ProgramData/docker/containers', 'config.v2.json'],
  ['/Users/zukan/Library/Application Support/com.apple.container/containers', 'config.v2.json'],
  ['/var/lib/containerd/io.containerd.grpc.v1.cri/containers', 'status'],
  ['/var/lib/crio/containers', 'status'],
  ['/var/lib/containers/storage/overlay-containers', 'userdata/status'],
  ['/home/user/.local/share/containers/storage/overlay-containers', 'userdata/status'],
] as const
const engineProcess = /^(dockerd(\.exe)?|wslc-dockerd)$/

/** The containers that a machine's engines know, as their state files tell; each where its processes really are. */
export function containersIn(machine: Machine): PlacedContainer[] {
  const { kernel } = machine
  // A kernel that is only starting has nothing mounted yet.
  if (!kernel || kernel.initialMounts.mounts.size === 0 || machine.sentry) return []
  // An engine sees files and process ids from where it stands: a distribution of WSL, say. Without one its files are still there.
  const daemons = [...kernel.initial.pid.processes.values()].filter((p) => p.alive && engineProcess.test(p.comm))
  const places =
    daemons.length > 0
      ? daemons.map((p) => ({ root: p.root.dentry.inode, pids: p.ns.pid }))
      : [{ root: kernel.initialMounts.root.root.inode, pids: kernel.initial.pid }]
  return places.flatMap((place) => containersOfEngine(machine, kernel, place))
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
  for (const [folder, file] of stateFolders) {
    const list = find(folder)?.list()
    for (const { name: id } of list === undefined || isErr(list) ? [] : list) {
      const bytes = find(`${folder}/${id}/${file}`)?.read(0, 1 << 20)
      if (bytes === undefined || isErr(bytes) || bytes.length === 0) continue
      const c = JSON.parse(new TextDecoder().decode(bytes)) as {
        Name: string
        State: { Status: string; Pid: number; ExitCode: number }
        Config: { Image: string }
        NetworkSettings?: readonly string[]
      }
      // A runtime that gives each container a machine calls that machine after it.
      // A pod's containers share the machine of its sandbox: their control groups tell which it is.
      const grouped = (g: Machine): Process | undefined => {
        const all = [...(g.kernel?.initial.pid.processes.values() ?? [])]
        const members = all.filter((p) => p.alive && p.cgroup.path.endsWith(`/${id}`))
        return members.find((p) => p.ns.pid.level > 0) ?? members[0]
      }
      const own =
        machine.guests.find((g) => g.name === `${id}@vm`) ??
        machine.guests.find((g) => g.name.endsWith('@vm') && grouped(g))
      // A Sentry is no machine: it is a process of this one, with a kernel in it.
      const guarded = machine.guests.filter((g) => g.sentry)
      const podSentry = guarded.find(grouped)
      const sentry = (guarded.find((g) => g.name === `${id}@sentry`) ?? podSentry)?.kernel
      // In a Linux machine of its own the engine knows the process that started it: the container is the namespace below.
      const below =
        (own && grouped(own)) ??
        (podSentry && grouped(podSentry)) ??
        [...(own?.kernel?.initial.pid.processes.values() ?? [])].find((p) => p.ns.pid.level > 0)?.ns.pid.init
      const found =
        below ?? sentry?.initial.pid.init ?? (own ? own.kernel?.initial.pid : engine.pids)?.processes.get(c.State.Pid)
      const init = (c.State.Status === 'running' || c.State.Status === 'paused') && found?.alive ? found : undefined
      const namespaces = init !== undefined && init.ns.pid.level > 0
      const inside = init
        ? [...(namespaces || (sentry && !podSentry) ? init.ns.pid.processes.values() : init.cgroup.all())]
        : []
      out.push({
        id,
        name: c.Name.replace(/^\//, ''),
        image: c.Config.Image,
        status: c.State.Status,
        exitCode: c.State.ExitCode,
        addresses: (c.NetworkSettings ?? []).filter(Boolean),
        machine: own ?? machine,
        kernel: sentry ?? own?.kernel ?? kernel,
        init,
        processes: inside.filter((p) => p.alive),
        isolation: sentry ? 'sentry' : own ? 'vm' : kernel.utsname.sysname === 'Windows_NT' ? 'silo' : 'namespaces',
      })
    }
  }
  return out
}
const toView = ({
  id,
  name,
  image,
  status,
  exitCode,
  addresses,
  init,
  processes,
  isolation,
  kernel,
}: PlacedContainer): ContainerView => ({
  sentry: isolation === 'sentry' ? kernel.options.release : undefined,
  id,
  name,
  image,
  status,
  pid: init?.pid ?? 0,
  exitCode,
  addresses,
  memory: processes.reduce((n, p) => n + p.memory, 0),
  processes: processes.map((p) => ({ pid: p.pid, name: (p.argv[0] ?? p.comm).split(/[\s:]/)[0] || p.comm })),
})
/** Containers that a machine's kernel serves, whichever machine their engine is on. */
const containersOf = (machine: Machine): ContainerView[] =>
  [machine, ...(machine.parent ? [machine.parent] : [])]
    .flatMap((m) => containersIn(m))
    .filter((c) => c.machine === machine)
    .map(toView)

/** The name of a program's file: comm is cut at 15 characters, argv[0] says it in full, with a path or with words after it. */
function programName({ argv, comm }: Process): string {
  const said = argv[0] ?? comm
  const at = said.indexOf(comm)
  return (at < 0 ? (said.split(' ')[0]?.split(/[\\/]/).at(-1) ?? '') : said.slice(at)).split(/[\s\\/:]/)[0] || comm
}

function machineView(m: Machine): MachineView {
  const all = containersOf(m)
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
    programs: [...(m.kernel?.initial.pid.processes.values() ?? [])]
      .filter((p) => p.alive)
      .map((p) => ({ pid: p.pid, name: programName(p) })),
    containers: all.filter((c) => c.pid > 0),
    stopped: all.filter((c) => c.pid === 0),
    guests: m.guests.filter((g) => !g.sentry).map(machineView),
  }
}
/** The machine that the reader works on, with all in it. */
export function viewOf(world: World, name: string): MachineView | undefined {
  const m = world.machines.find((x) => x.name === name)
  return m && machineView(m)
}
/** The machine that the reader works on, as diagrams see it. */
export function sessionView({ world, machine }: { readonly world: World; readonly machine: Machine }): MachineView {
  // A reader may sit in a virtual machine, as in domain 0 of Xen: the picture is of the machine around it.
  let top = machine
  while (top.parent) top = top.parent
  const view = viewOf(world, top.name)
  if (!view) throw new Error('the machine is gone')
  return view
}
/** The same with the insides of its Linux kernels: what pictures look at. */
export function lookAt(session: { readonly world: World; readonly machine: Machine }): {
  readonly view: MachineView
  readonly kernels: readonly KernelView[]
} {
  const view = sessionView(session)
  return { view, kernels: kernelViews(session.world, view.name) }
}

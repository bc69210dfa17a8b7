/** Who answers a container's system calls: for every container of a world its kernel, who shares that kernel, and what the stack costs. */
import type { Process } from './kernel/linux/process.ts'
import type { Machine, World } from './machine/world.ts'
import { containersIn, type PlacedContainer } from './view.ts'

/** What stands between a container and its neighbours. */
export type Isolation = 'namespaces' | 'silo' | 'sentry' | 'vm'

export interface KernelRow {
  readonly container: string
  readonly image: string
  /** The physical machine, and the machine whose kernel serves: the same where no virtual one stands between. */
  readonly host: string
  readonly machine: string
  readonly kernel: { readonly system: string; readonly release: string }
  readonly isolation: Isolation
  /** Other containers that ask the same kernel. */
  readonly sharedWith: readonly string[]
  /** Whether the programs of the physical machine ask it as well. */
  readonly sharedWithHost: boolean
  /** The virtual machine around it: memory given to it in bytes, nanoseconds from power-on to a running init. */
  readonly vm: { readonly name: string; readonly memory: number; readonly bootTime: number } | undefined
  /** Bytes, layer by layer: the container's processes, the machine around it, what holds and manages both. */
  readonly memory: {
    readonly container: number
    readonly engine: number
    readonly vm: number
    readonly total: number
  }
  /** Nanoseconds from the engine's order to start until the container's own program runs; undefined where the trace no longer tells. */
  readonly start: number | undefined
}

const engines =
  /^(dockerd|crio|conmon|pasta|catatonit|aardvark-dns|rootlessport|pause|containerd|containerd-shim|docker-proxy|runsc|vsudd|com\.docker|vmwp|vmcompute|kata|virtiofsd|cloud-hyperviso|qemu|vminitd|container-)/

/** Processes that hold a guest's memory: it is counted as the machine's already. */
const holders = /^(com\.docker\.virt|container-runti|VBoxHeadless|qemu|vmmem)/

/** Bytes that a kernel's processes hold for which `test` is true. */
const held = (m: Machine, test: (p: Process) => boolean): number =>
  [...(m.kernel?.initial.pid.processes.values() ?? [])]
    .filter((p) => p.alive && test(p))
    .reduce((n, p) => n + p.memory, 0)

function startOf(world: World, c: PlacedContainer): number | undefined {
  let asked: number | undefined
  let taken: number | undefined
  for (const e of world.trace.events()) {
    // Docker's order names the container; Apple's doesn't, but the machine in which the program then begins is the container's own.
    if (e.kind === 'api' && e.what.includes(`/containers/${c.id}/start`)) asked = e.time
    else if (e.kind === 'api' && e.what === 'containerStart' && taken === undefined) asked = e.time
    else if (
      e.kind === 'grpc' &&
      e.what.endsWith('RuntimeService/StartContainer') &&
      e.document?.includes(c.id.slice(0, 13))
    )
      asked = e.time
    // Podman asks nobody: it starts a conmon for the container.
    else if (e.kind === 'exec' && e.what.startsWith(`/usr/bin/conmon --api-version 1 -c ${c.id}`)) asked = e.time
    else if (
      asked !== undefined &&
      e.kind === 'exec' &&
      e.machine === c.kernel.options.machineName &&
      e.from.startsWith(`process:${c.init?.pid}:`)
    ) {
      taken = e.time - asked
      asked = undefined
    }
  }
  return taken
}

/** A row for each running container of the world, outermost machines first. */
export function kernelTable(world: World): readonly KernelRow[] {
  const rows: KernelRow[] = []
  for (const top of world.machines) {
    const placed = [...world.allMachines([top])].flatMap((m) => containersIn(m))
    for (const c of placed.filter((x) => x.init)) {
      const { machine, kernel } = c
      if (!c.init) continue
      const inside = new Set(c.processes)
      const virtual = machine.parent !== undefined
      const container = c.processes.reduce((n, p) => n + p.memory, 0)
      const engine = [...world.allMachines([top])].reduce(
        (n, m) => n + held(m, (p) => engines.test(p.comm) && !inside.has(p)),
        0,
      )
      // Where a process holds the machine's memory as far as that was touched, it is what the machine takes.
      const vm = virtual ? (machine.holder?.memory ?? machine.memory) : 0
      rows.push({
        container: c.name,
        image: c.image,
        host: top.name,
        machine: machine.name,
        kernel: { system: kernel.utsname.sysname, release: kernel.options.release },
        isolation: c.isolation,
        sharedWith: placed.filter((o) => o !== c && o.kernel === kernel).map((o) => o.name),
        sharedWithHost: kernel === top.kernel,
        vm: virtual ? { name: machine.name, memory: machine.memory, bootTime: machine.bootTime } : undefined,
        // A machine's memory is taken from its host as a whole: what runs inside it is part of it.
        memory: {
          container,
          engine,
          vm,
          total: virtual ? vm + held(top, (p) => engines.test(p.comm) && !holders.test(p.comm)) : container + engine,
        },
        start: startOf(world, c),
      })
    }
  }
  return rows
}

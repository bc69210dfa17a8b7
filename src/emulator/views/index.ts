/** What diagrams may know of a Linux kernel's insides: plain descriptions of processes, cgroups, network and layers, made anew when asked. */
import type { Machine, World } from '../machine/world.ts'
import { type CgroupView, cgroupView } from './cgroups.ts'
import { type LayerStackView, layerStacks } from './layers.ts'
import { type NetworkView, networkView } from './network.ts'
import { type ProcessDetail, processDetails } from './processes.ts'

export interface KernelView {
  readonly machine: string
  readonly release: string
  readonly processes: readonly ProcessDetail[]
  readonly cgroups: CgroupView
  readonly network: NetworkView
  readonly layers: readonly LayerStackView[]
}

function* within(machine: Machine): Generator<Machine> {
  yield machine
  for (const guest of machine.guests) yield* within(guest)
}
/** The Linux kernels of a machine and of its guests, outer ones first. */
export function kernelViews(world: World, machineName: string): readonly KernelView[] {
  const machine = world.machines.find((m) => m.name === machineName)
  if (!machine) return []
  const out: KernelView[] = []
  for (const { name, kernel } of within(machine)) {
    if (kernel?.utsname.sysname !== 'Linux') continue
    out.push({
      machine: name,
      release: kernel.options.release,
      processes: processDetails(kernel),
      cgroups: cgroupView(kernel.rootCgroup),
      network: networkView(kernel),
      layers: layerStacks(kernel),
    })
  }
  return out
}
export type { CgroupView, LayerStackView, NetworkView, ProcessDetail }

/** Which machine a picture of a kernel's insides is about: the one whose kernel serves the containers. */
import type { MachineView } from '../../emulator/view.ts'
import type { KernelView } from '../../emulator/views/index.ts'
import type { SceneInput } from './types.ts'

function* machines(m: MachineView): Generator<MachineView> {
  yield m
  for (const g of m.guests) yield* machines(g)
}

/** The outermost Linux machine that has containers; where none has, the outermost Linux machine, else the machine itself. */
export function focus({ view, kernels }: SceneInput): {
  readonly machine: MachineView
  readonly kernel: KernelView | undefined
} {
  const all = [...machines(view)].filter((m) => kernels.some((k) => k.machine === m.name))
  // A machine that was made for one container is a part of the host that made it, where that is a Linux machine itself.
  const shared = all.filter((m) => !m.name.endsWith('@vm'))
  const linux = shared.length > 0 ? shared : all
  const machine = linux.find((m) => m.containers.length + m.stopped.length > 0) ?? linux[0] ?? view
  return { machine, kernel: kernels.find((k) => k.machine === machine.name) }
}

/** Scene "syscalls": the way of one system call under runc, gVisor, Kata and in a virtual machine. */
import type { MachineView } from '../../emulator/view.ts'
import { type Way, words } from '../words/syscalls.ts'
import { amount } from './amount.ts'
import { focus } from './focus.ts'
import { ownMachines } from './guests.ts'
import { defineScene, type SceneInput } from './types.ts'

const ways: readonly Way[] = ['runc', 'gvisor', 'kata', 'vm']

const hardwareOf = (m: MachineView): readonly string[] => [`${m.cpus} CPU · ${amount(m.memory)} · ${m.arch}`]

/** What the world adds to the stations of a way, by their ids; undefined where it has no such container. */
function living(
  input: SceneInput,
  way: Way,
  w: (typeof words)['en'],
): Readonly<Record<string, readonly string[]>> | undefined {
  if (way === 'vm') return virtual(input, w)
  if (way === 'kata') return inMachine(input, w)
  const { machine, kernel } = focus(input)
  const c = machine.containers.findLast((x) => (x.sentry === undefined) === (way === 'runc'))
  if (!c || !kernel || machine.kernel?.system !== 'Linux') return undefined
  const app = [
    `${c.name}: ${c.processes[0]?.name ?? ''}`,
    way === 'runc' ? w.pidOnHost(String(c.pid)) : w.pidInside(c.processes.map((p) => p.pid).join(', ')),
  ]
  const linux = [`Linux ${machine.kernel.release}`]
  const hardware = hardwareOf(input.view)
  if (way === 'runc') return { app, kernel: linux, hardware }
  const own = kernel.processes.filter((p) => /^runsc-(sandbox|gofer) /.test(p.command) && p.command.includes(c.id))
  // What the Gofer opened for the last command: the end of it is the program's own doing.
  const opened = input.trace.filter((e) => e.kind === 'file' && own.some((p) => e.to.startsWith(`process:${p.pid}:`)))
  return {
    app,
    sentry: [`Linux ${c.sentry}`, ...own.map((p) => `${p.command.split(' ', 1)[0]}: ${w.pidOnHost(String(p.pid))}`)],
    kernel: linux,
    hardware,
    'call:sentry': [...new Set(opened.slice(-2).map((e) => `Gofer: ${e.what}`))],
  }
}

/** A container in a machine of its own. */
function inMachine(
  { view, kernels }: SceneInput,
  w: (typeof words)['en'],
): Readonly<Record<string, readonly string[]>> | undefined {
  const guest = ownMachines(view).findLast((m) => m.containers.length > 0)
  const c = guest?.containers[0]
  if (!guest || !c) return undefined
  const host = kernels.find((k) => k.machine === view.name)
  const qemu = (host?.processes ?? []).filter(
    (p) => p.command.includes('qemu-system') && p.command.includes(guest.name.replace('@vm', '')),
  )
  return {
    app: [`${c.name}: ${c.processes[0]?.name ?? ''}`, w.pidInGuest(c.processes.map((p) => p.pid).join(', '))],
    guest: [`Linux ${guest.kernel?.release ?? ''}`],
    vmm: qemu.map((p) => `qemu-system-x86_64: ${w.pidOnHost(String(p.pid))}`),
    kernel: [`Linux ${view.kernel?.release ?? ''}`],
    hardware: hardwareOf(view),
  }
}

/** A guest of the machine, other than the one that drives its devices. */
function virtual(
  { view }: SceneInput,
  w: (typeof words)['en'],
): Readonly<Record<string, readonly string[]>> | undefined {
  const guest = view.guests.find((g) => g.kernel?.system === 'Linux' && g.name !== 'Domain-0')
  const program = guest?.programs.at(-1)
  if (!guest?.kernel || !program) return undefined
  return {
    app: [`${guest.name}: ${program.name}`, w.pidInGuest(String(program.pid))],
    guest: [`Linux ${guest.kernel.release}`],
    vmm: [view.hypervisor ?? ''],
    hardware: hardwareOf(view),
  }
}

export default defineScene({
  words,
  setup:
    'docker run -d --name web nginx:1.25.3-alpine && docker run -d --name sandboxed --runtime runsc alpine sleep 1000',
  actions: {
    runc: 'docker run -d --name web nginx:1.25.3-alpine',
    gvisor: 'docker run -d --name sandboxed --runtime runsc alpine sleep 1000',
    kata: 'docker run -d --name guarded --runtime io.containerd.kata.v2 alpine sleep 1000',
  },
  choices: ways,
  hosts: { vm: 'vm-type1' },
  setups: {
    kata: 'docker run -d --name web --runtime io.containerd.kata.v2 alpine sleep 1000',
    vm: 'virsh start server1; sleep 20',
  },
  scene(input, w) {
    const way = ways.find((x) => x === input.choice) ?? 'runc'
    const stations = w.ways[way]
    const answering = w.answering[way]
    const live = living(input, way, w)
    return {
      root: {
        id: 'syscalls',
        kind: 'group',
        title: '',
        arrange: 'column',
        children: stations.map(([id, kind, tag, title, detail]) => ({
          id,
          kind,
          tag: id === answering ? `${tag} · ${w.answers}` : tag,
          title,
          details: [...(detail ? [detail] : []), ...(live?.[id] ?? [])],
          ...(id === answering ? { strong: true } : {}),
          ...(id === 'app' ? { kernel: answering } : {}),
          ...(kind === 'kernel' && id !== answering ? { faint: true } : {}),
        })),
      },
      links: stations.slice(0, -1).map((s, i) => ({
        id: `call:${s[0]}`,
        from: s[0],
        to: stations[i + 1]?.[0] as string,
        labels: [...(s[5] ? [s[5]] : []), ...(live?.[`call:${s[0]}`] ?? [])],
      })),
      walk: true,
      ...(live
        ? {}
        : {
            sources: [
              'OCI Runtime Specification v1.3.0, config-linux.md (2025-11-04)',
              'gVisor, Platform Guide (2026-08-21)',
              'Kata Containers 4.1, documentation (2026-08-22)',
            ],
          }),
    }
  },
})

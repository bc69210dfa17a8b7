/** Scene "stack": hypervisor versus kernel sharing. Which kernel answers for which box, from the world as it is. */
import type { MachineView } from '../../emulator/view.ts'

/** What a box is; draw/ gives each kind its looks. */
export type BoxKind = 'machine' | 'vm' | 'kernel' | 'hypervisor' | 'container' | 'process' | 'empty'

/** A box of a scene. Ids are stable, so that a box moves instead of being drawn anew. */
export interface Box {
  readonly id: string
  readonly kind: BoxKind
  readonly title: string
  readonly detail: string
  /** The kernel box that answers this box's system calls. */
  readonly kernel: string | undefined
  readonly children: readonly Box[]
}
/** The words of a scene, one catalogue a language. */
export interface StackWords {
  readonly hardware: string
  readonly sharedKernel: string
  readonly ownKernel: string
  readonly hypervisor: string
  readonly noContainers: string
  readonly noGuests: string
  readonly processes: (n: number) => string
  readonly boot: (seconds: string) => string
  readonly memory: (amount: string) => string
}
export const stackWords: Readonly<Record<'ja' | 'en', StackWords>> = {
  en: {
    hardware: 'Hardware',
    sharedKernel: 'Host kernel',
    ownKernel: "Guest's own kernel",
    hypervisor: 'Hypervisor (KVM)',
    noContainers: 'No container is running',
    noGuests: 'No virtual machine is running',
    processes: (n) => `${n} ${n === 1 ? 'process' : 'processes'}`,
    boot: (s) => `booted in ${s} s`,
    memory: (a) => `${a} of memory`,
  },
  ja: {
    hardware: 'ハードウェア',
    sharedKernel: 'ホストのカーネル',
    ownKernel: 'ゲスト専用のカーネル',
    hypervisor: 'ハイパーバイザー(KVM)',
    noContainers: '動作中のコンテナはありません',
    noGuests: '動作中の仮想マシンはありません',
    processes: (n) => `プロセス ${n} 個`,
    boot: (s) => `起動 ${s} 秒`,
    memory: (a) => `メモリ ${a}`,
  },
}
/** 8 GiB, 512 MiB, 2.1 MiB. */
export function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = bytes
  let i = 0
  while (value >= 1024 && i < units.length - 1) {
    value /= 1024
    i++
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[i]}`
}

const containers = (m: MachineView, w: StackWords, kernel: string): Box[] =>
  m.containers.length > 0
    ? m.containers.map((c) => ({
        id: `container:${c.id}`,
        kind: 'container' as const,
        title: c.name,
        detail: `${c.image} · ${w.processes(c.processes.length)} · ${amount(c.memory)}`,
        kernel,
        children: [],
      }))
    : [
        {
          id: `empty:containers:${m.name}`,
          kind: 'empty',
          title: w.noContainers,
          detail: '',
          kernel: undefined,
          children: [],
        },
      ]

/** The machine as nested boxes, bottom layer last: what runs, then the kernel it asks, then the hardware under it. */
export function stackScene(machine: MachineView, language: 'ja' | 'en'): Box {
  const w = stackWords[language]
  const kernel = `kernel:${machine.name}`
  return {
    id: `machine:${machine.name}`,
    kind: 'machine',
    title: machine.name,
    detail: `${w.hardware} · ${machine.cpus} CPU · ${amount(machine.memory)}`,
    kernel: undefined,
    children: [
      ...containers(machine, w, kernel),
      ...(machine.guests.length > 0
        ? machine.guests.map((g): Box => {
            const own = `kernel:${g.name}`
            return {
              id: `vm:${g.name}`,
              kind: 'vm',
              title: g.name,
              detail: `${w.memory(amount(g.memory))} · ${w.boot((g.bootTime / 1e9).toFixed(1))}`,
              kernel: own,
              children: [
                {
                  id: own,
                  kind: 'kernel',
                  title: w.ownKernel,
                  detail: g.kernel ? `Linux ${g.kernel.release}` : '',
                  kernel: own,
                  children: [],
                },
              ],
            }
          })
        : [
            {
              id: `empty:guests:${machine.name}`,
              kind: 'empty' as const,
              title: w.noGuests,
              detail: '',
              kernel: undefined,
              children: [],
            },
          ]),
      ...(machine.guests.length > 0
        ? [
            {
              id: `hypervisor:${machine.name}`,
              kind: 'hypervisor' as const,
              title: w.hypervisor,
              detail: machine.hypervisor ?? '',
              kernel,
              children: [],
            },
          ]
        : []),
      {
        id: kernel,
        kind: 'kernel',
        title: w.sharedKernel,
        detail: machine.kernel ? `Linux ${machine.kernel.release}` : '',
        kernel,
        children: [],
      },
    ],
  }
}

/** The same facts as rows of a table. */
export function rowsOf(
  box: Box,
): readonly { readonly title: string; readonly detail: string; readonly kernel: string }[] {
  const titles = new Map<string, string>()
  const collect = (b: Box): void => {
    titles.set(b.id, b.title)
    b.children.forEach(collect)
  }
  collect(box)
  const out: { title: string; detail: string; kernel: string }[] = []
  const visit = (b: Box): void => {
    if (b.kind !== 'empty')
      out.push({
        title: b.title,
        detail: b.detail,
        kernel: b.kernel === undefined ? '' : `${titles.get(b.kernel) ?? b.kernel}`,
      })
    b.children.forEach(visit)
  }
  visit(box)
  return out
}

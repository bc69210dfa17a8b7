/** The rows of `<Emulated what="kernels" />`: every set-up tried out, once in a build. */
import type { KernelRow } from '../emulator/kernels.ts'
import { setUps, tryOut } from '../emulator/setups.ts'
import { machineName } from './machines.ts'
import type { Language } from './markdown/library.ts'

const words = {
  ja: {
    host: 'ホストとほかのコンテナ',
    containers: '同じマシンのコンテナ',
    nobody: 'なし',
    none: 'なし',
    all: '全体で1台',
    each: 'コンテナごとに1台',
  },
  en: {
    host: 'the host and other containers',
    containers: 'containers in the same machine',
    nobody: 'nobody',
    none: 'none',
    all: 'one for all',
    each: 'one for each container',
  },
} as const

let tried: readonly { readonly row: KernelRow; readonly each: boolean }[] | undefined
/** The first container of each set-up, and whether the second stands in another machine. */
const answers = (): NonNullable<typeof tried> =>
  (tried ??= setUps.map((s) => {
    const { rows, stderr } = tryOut(s)
    const [row, other] = rows
    if (!row || !other) throw new Error(`${s.name} on ${s.host}: no containers: ${stderr}`)
    return { row, each: row.machine !== other.machine }
  }))

export function kernelCells(language: Language): readonly (readonly string[])[] {
  const w = words[language]
  const number = (n: number, digits: number): string =>
    n.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return answers().map(({ row, each }, i) => [
    setUps[i]?.name ?? '',
    machineName(setUps[i]?.host ?? '', language),
    `${row.kernel.system} ${row.kernel.release}`,
    row.sharedWithHost ? w.host : row.sharedWith.length > 0 ? w.containers : w.nobody,
    row.vm ? (each ? w.each : w.all) : w.none,
    `${number(row.memory.total / 1024 ** 2, 0)} MiB`,
    `${number((row.start ?? 0) / 1e9, 2)} s`,
  ])
}

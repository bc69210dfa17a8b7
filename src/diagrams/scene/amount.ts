/** Amounts as people read them; a number and its unit stay on one line. */
import type { ContainerView } from '../../emulator/view.ts'

/** 8 GiB, 512 MiB, 2.1 MiB. */
export function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let i = 0
  while (value >= 1024 && i < units.length - 1) {
    value /= 1024
    i++
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)}\u00a0${units[i]}`
}
/** 9.4 s, 125 ms. */
export function duration(nanoseconds: number): string {
  const ms = nanoseconds / 1e6
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`
}
/** The first twelve digits of an id or digest, as docker prints them. */
export const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)
/** What runs in a container, by the programs' names: nginx ×5. */
export function namesOf({ processes }: Pick<ContainerView, 'processes'>): string {
  const counts = new Map<string, number>()
  for (const { name } of processes) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, n]) => (n === 1 ? name : `${name}\u00a0×${n}`)).join(', ')
}

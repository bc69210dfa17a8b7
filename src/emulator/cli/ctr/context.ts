/** What ctr's commands get, and how they print. */
import type { Containerd } from '../../engine/containerd/client.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'

export interface Context {
  readonly client: Containerd
}
/** commands.PrintAsJSON of ctr: four blanks a level. */
export const printJson = (sys: Sys, value: unknown): Run<unknown> => print(sys, `${JSON.stringify(value, null, 4)}\n`)

/** progress.Bytes: `3.5 MiB`. */
export function iec(bytes: number): string {
  let value = bytes
  let unit = 0
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}
/** `key=value,...` sorted; `-` or nothing where there are none. */
export const labelsText = (labels: Readonly<Record<string, string>>, none = '-'): string =>
  Object.entries(labels)
    .map(([k, v]) => `${k}=${v}`)
    .sort()
    .join(',') || none

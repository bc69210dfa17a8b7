/** Amounts as people read them. */

/** 8 GiB, 512 MiB, 2.1 MiB. */
export function amount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let i = 0
  while (value >= 1024 && i < units.length - 1) {
    value /= 1024
    i++
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[i]}`
}
/** 9.4 s, 125 ms. */
export function duration(nanoseconds: number): string {
  const ms = nanoseconds / 1e6
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
/** The first twelve digits of an id or digest, as docker prints them. */
export const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12)

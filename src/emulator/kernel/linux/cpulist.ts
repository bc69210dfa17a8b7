/** Lists of processors as cpuset(7) writes them: `0-2,5`. */

/** The numbers of a list, in order; undefined where it isn't one. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const out = new Set<number>()
  for (const part of text.trim().split(',')) {
    const m = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!m) return undefined
    const to = Number(m[2] ?? m[1])
    if (to < Number(m[1]) || to > 4095) return undefined
    for (let n = Number(m[1]); n <= to; n++) out.add(n)
  }
  return [...out].sort((a, b) => a - b)
}

/** The shortest list of these numbers, which are in order. */
export function formatCpuList(cpus: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < cpus.length; ) {
    let j = i
    while (cpus[j + 1] === (cpus[j] as number) + 1) j++
    parts.push(i === j ? String(cpus[i]) : `${cpus[i]}-${cpus[j]}`)
    i = j + 1
  }
  return parts.join(',')
}
/** A mask in hexadecimal, as taskset(1) and /proc/PID/status show it. */
export const cpuMask = (cpus: readonly number[]): string =>
  cpus.reduce((mask, n) => mask | (1n << BigInt(n)), 0n).toString(16)

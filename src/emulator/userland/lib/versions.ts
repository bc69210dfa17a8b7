/** Names with numbers in them, in order. */

/** strverscmp(3): digits compare as numbers. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a.match(/\d+|\D/g) ?? [], b.match(/\d+|\D/g) ?? []]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x[i] as string, y[i] as string]
    const r = /\d/.test(p) && /\d/.test(q) ? Number(p) - Number(q) : p < q ? -1 : p > q ? 1 : 0
    if (r !== 0) return r
  }
  return x.length - y.length
}

/** The combinations of a job's `strategy.matrix`: all with all, less `exclude`, and what `include` adds. */
export type Combination = Readonly<Record<string, unknown>>

/** More than this GitHub doesn't run. */
const MOST = 256
const isTree = (v: unknown): v is Combination => typeof v === 'object' && v !== null && !Array.isArray(v)
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
/** True where both have the same values for the keys that both have, of those that count. */
const agree = (a: Combination, b: Combination, counts: (key: string) => boolean): boolean =>
  Object.entries(a).every(([k, v]) => !counts(k) || !Object.hasOwn(b, k) || same(v, b[k]))

/** One empty combination where there is no matrix. What is wrong is told by `fail`. */
export function combinations(matrix: unknown, where: string, fail: (message: string) => never): Combination[] {
  if (matrix === undefined || matrix === null) return [{}]
  if (!isTree(matrix)) return fail(`${where}: expected a mapping`)
  const { include, exclude, ...axes } = matrix
  const trees = (v: unknown, name: string): readonly Combination[] =>
    v === undefined || v === null
      ? []
      : Array.isArray(v) && v.every(isTree)
        ? v
        : fail(`${where}.${name}: expected a list of mappings`)
  const [includes, excludes] = [trees(include, 'include'), trees(exclude, 'exclude')]
  for (const e of excludes)
    for (const k of Object.keys(e))
      if (!Object.hasOwn(axes, k))
        fail(
          `the workflow is not valid. Matrix exclude key ${JSON.stringify(k)} does not match any key within the matrix`,
        )
  let all: Combination[] = Object.keys(axes).length === 0 ? [] : [{}]
  for (const [key, values] of Object.entries(axes)) {
    if (!Array.isArray(values)) return fail(`${where}.${key}: expected a list`)
    if (all.length * values.length > MOST) return fail(`${where}: more than ${MOST} jobs`)
    all = all.flatMap((c) => values.map((v: unknown) => ({ ...c, [key]: v })))
  }
  all = all.filter((c) => !excludes.some((e) => agree(c, e, () => true)))
  const own = (key: string): boolean => Object.hasOwn(axes, key)
  const extra: Combination[] = includes.filter((i) => !Object.keys(i).some(own))
  for (const i of includes.filter((x) => Object.keys(x).some(own))) {
    if (all.some((c) => agree(c, i, own))) all = all.map((c) => (agree(c, i, own) ? { ...c, ...i } : c))
    else extra.push(i)
  }
  all = [...all, ...extra]
  return all.length === 0 ? [{}] : all
}

/** Which licences are accepted (SPDX identifiers): of what ships to readers, and of tools that stay with those who build. Pure. */

/** Their terms are met by naming them: licenses.txt does. */
export const shipping: readonly string[] = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]
/** Tools may also be under licences that only concern who changes or passes on the tool itself. */
export const tools: readonly string[] = [...shipping, 'EPL-2.0', 'LGPL-3.0-or-later', 'MPL-2.0', 'Python-2.0']

/** Whether an SPDX expression can be met: of OR one side, of AND both; brackets group. Anything unknown isn't accepted. */
export function accepted(expression: string, allowed: readonly string[]): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  const one = (): boolean => {
    if (tokens[at] === '(') {
      at++
      const inner = any()
      return tokens[at++] === ')' && inner
    }
    return allowed.includes(tokens[at++] ?? '')
  }
  const all = (): boolean => {
    let good = one()
    while (tokens[at] === 'AND') {
      at++
      good = one() && good
    }
    return good
  }
  const any = (): boolean => {
    let good = all()
    while (tokens[at] === 'OR') {
      at++
      good = all() || good
    }
    return good
  }
  const good = any()
  return good && at === tokens.length
}

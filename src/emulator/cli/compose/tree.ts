/** Trees of YAML: merging one file over another, as compose-spec 13-merge.md says. */

export type Tree = Record<string, unknown>
export const isTree = (v: unknown): v is Tree => typeof v === 'object' && v !== null && !Array.isArray(v)
/** `a=b` or `a` words, or a mapping, as a mapping; null where no value is written. */
export function mapping(v: unknown): Record<string, string | null> {
  if (isTree(v)) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, x === null ? null : String(x)]))
  if (!Array.isArray(v)) return {}
  return Object.fromEntries(
    v.map((w) => {
      const s = String(w)
      const at = s.indexOf('=')
      return at < 0 ? [s, null] : [s.slice(0, at), s.slice(at + 1)]
    }),
  )
}
/** Lists whose later entry of the same target takes the place of the earlier. */
const targets: Readonly<Record<string, (x: unknown) => string>> = {
  volumes: (x) => (isTree(x) ? String(x.target) : (String(x).split(':')[1] ?? String(x))),
  ports: (x) => (isTree(x) ? JSON.stringify([x.target, x.published, x.protocol]) : String(x)),
}
const maps = new Set(['environment', 'labels', 'args', 'extra_hosts', 'sysctls'])
/** Values that are replaced as a whole. */
const whole = new Set(['command', 'entrypoint', 'test'])

/** What two files say together; `key` is the name that they have in common. */
export function merge(base: unknown, over: unknown, key = ''): unknown {
  if (base === undefined || base === null) return over
  if (over === undefined || over === null) return base
  if (maps.has(key)) return { ...mapping(base), ...mapping(over) }
  if (key === 'depends_on' || key === 'networks') {
    const tree = (v: unknown): Tree =>
      Array.isArray(v)
        ? Object.fromEntries(v.map((n) => [String(n), key === 'depends_on' ? { condition: 'service_started' } : null]))
        : (v as Tree)
    return mergeTrees(tree(base), tree(over))
  }
  if (key === 'build' && (typeof base === 'string' || typeof over === 'string')) {
    const tree = (v: unknown): Tree => (typeof v === 'string' ? { context: v } : (v as Tree))
    return mergeTrees(tree(base), tree(over))
  }
  if (whole.has(key)) return over
  if (Array.isArray(base) && Array.isArray(over)) {
    const by = targets[key]
    if (!by) return [...base, ...over.filter((x) => isTree(x) || !base.includes(x))]
    const later = new Set(over.map(by))
    return [...base.filter((x) => !later.has(by(x))), ...over]
  }
  return isTree(base) && isTree(over) ? mergeTrees(base, over) : over
}
function mergeTrees(base: Tree, over: Tree): Tree {
  const out: Tree = { ...base }
  for (const [k, v] of Object.entries(over)) out[k] = merge(base[k], v, k)
  return out
}
/** The words of a command line, as a shell splits them (go-shellwords). */
export function words(text: string): string[] {
  const out: string[] = []
  let word = ''
  let begun = false
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (quote !== "'" && c === '\\' && i + 1 < text.length) {
      word += text[++i]
      begun = true
    } else if (quote !== '') {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      begun = true
    } else if (/\s/.test(c)) {
      if (begun) out.push(word)
      word = ''
      begun = false
    } else {
      word += c
      begun = true
    }
  }
  if (begun) out.push(word)
  return out
}

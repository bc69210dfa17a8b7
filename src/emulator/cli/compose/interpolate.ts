/** Variables in a Compose file: ${X}, ${X:-default}, ${X-default}, ${X:?error}, ${X:+other}, $$; compose-spec 12-interpolation.md. */

/** A value where there is one; the caller tells of what is missing. */
export type Lookup = (name: string) => string | undefined
export interface Interpolated {
  readonly text: string
  /** Variables that have no value and no default. */
  readonly missing: readonly string[]
}

/** The text with its variables replaced, or what is wrong: `where` names the place in messages. */
export function interpolate(text: string, lookup: Lookup, where: string): Interpolated | { readonly error: string } {
  const missing: string[] = []
  let error: string | undefined
  const invalid = (): void => {
    error ??= `invalid interpolation format for ${where}: ${JSON.stringify(text)}. You may need to escape any $ with another $`
  }
  const value = (name: string): string => {
    const v = lookup(name)
    if (v === undefined && !missing.includes(name)) missing.push(name)
    return v ?? ''
  }
  /** Replaces from `at` to the end, or to the brace that closes. */
  const run = (from: number, nested: boolean): readonly [string, number] => {
    let out = ''
    let at = from
    while (at < text.length) {
      const c = text[at] as string
      if (nested && c === '}') return [out, at]
      if (c !== '$') {
        out += c
        at++
        continue
      }
      if (text[at + 1] === '$') {
        out += '$'
        at += 2
        continue
      }
      const plain = /^[_a-zA-Z][_a-zA-Z0-9]*/.exec(text.slice(at + 1))
      if (plain) {
        out += value(plain[0])
        at += 1 + plain[0].length
        continue
      }
      const braced = /^\$\{([_a-zA-Z][_a-zA-Z0-9]*)(:?[-?+])?/.exec(text.slice(at))
      if (!braced) {
        invalid()
        return [out, text.length]
      }
      const [head, name = '', operator] = braced
      at += head.length
      if (operator === undefined) {
        if (text[at] !== '}') {
          invalid()
          return [out, text.length]
        }
        out += value(name)
        at++
        continue
      }
      const noted = missing.length
      const [word, end] = run(at, true)
      if (text[end] !== '}') {
        invalid()
        return [out, text.length]
      }
      at = end + 1
      const v = lookup(name)
      const there = operator.startsWith(':') ? v !== undefined && v !== '' : v !== undefined
      // Only the branch that is taken can miss anything.
      if (operator.endsWith('+') ? !there : there) missing.length = noted
      if (operator.endsWith('+')) out += there ? word : ''
      else if (there) out += v
      else if (operator.endsWith('-')) out += word
      else
        error ??= `error while interpolating ${where}: required variable ${name} is missing a value${word ? `: ${word}` : ''}`
    }
    return [out, at]
  }
  const [out] = run(0, false)
  return error === undefined ? { text: out, missing } : { error }
}

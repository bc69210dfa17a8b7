/**
 * Expressions of GitHub Actions, `${{ ... }}`: contexts, literals, comparisons, not, and, or, and the functions that workflows use most.
 * docs.github.com, "Evaluate expressions in workflows and actions".
 */
import { jsonComplaint } from '../../oci/json.ts'

/** Values by their first name: `env`, `github`, `steps` and so on. */
export type Contexts = Readonly<Record<string, unknown>>
/** What is wrong with an expression, or what of it isn't emulated. */
export class ExpressionError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
type Status = 'success' | 'failure' | 'cancelled'
type Token = { readonly kind: 'op' | 'name' | 'string' | 'number'; readonly text: string }

function tokens(source: string): Token[] {
  const out: Token[] = []
  const re =
    /\s*(?:('(?:[^']|'')*')|(-?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?))|([A-Za-z_][\w-]*)|(==|!=|<=|>=|&&|\|\||[!<>().,[\]*]))/y
  let at = 0
  while (at < source.length) {
    if (/^\s*$/.test(source.slice(at))) break
    re.lastIndex = at
    const m = re.exec(source)
    if (!m)
      throw new ExpressionError(
        `unexpected ${JSON.stringify(source.slice(at).trim()[0])} in expression ${JSON.stringify(source)}`,
      )
    at = re.lastIndex
    if (m[1] !== undefined) out.push({ kind: 'string', text: m[1].slice(1, -1).replace(/''/g, "'") })
    else if (m[2] !== undefined) out.push({ kind: 'number', text: m[2] })
    else if (m[3] !== undefined) out.push({ kind: 'name', text: m[3] })
    else out.push({ kind: 'op', text: m[4] as string })
  }
  return out
}
const truthy = (v: unknown): boolean =>
  !(v === undefined || v === null || v === false || v === 0 || v === '' || Number.isNaN(v))
const plain = (v: unknown): v is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof v)
export const asText = (v: unknown): string =>
  v === undefined || v === null ? '' : plain(v) ? String(v) : JSON.stringify(v)
const number = (v: unknown): number =>
  v === null || v === undefined || v === '' ? 0 : typeof v === 'object' ? Number.NaN : Number(v)
function same(a: unknown, b: unknown): boolean {
  // Texts are compared without regard to case; values of different kinds as numbers.
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase()
  if (typeof a === typeof b) return a === b
  return number(a) === number(b)
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #contexts: Contexts
  readonly #status: Status
  #at = 0
  #depth = 0
  constructor(source: string, contexts: Contexts, status: Status) {
    this.#tokens = tokens(source)
    this.#contexts = contexts
    this.#status = status
  }
  value(): unknown {
    const v = this.#or()
    const left = this.#tokens[this.#at]
    if (left) throw new ExpressionError(`unexpected ${JSON.stringify(left.text)} in expression`)
    return v
  }
  #take(text: string): boolean {
    const t = this.#tokens[this.#at]
    if (t?.kind !== 'op' || t.text !== text) return false
    this.#at++
    return true
  }
  #need(text: string): void {
    if (!this.#take(text)) throw new ExpressionError(`expected ${JSON.stringify(text)} in expression`)
  }
  #or(): unknown {
    if (++this.#depth > 50) throw new ExpressionError('expression is too deep')
    let v = this.#and()
    while (this.#take('||')) {
      const right = this.#and()
      v = truthy(v) ? v : right
    }
    this.#depth--
    return v
  }
  #and(): unknown {
    let v = this.#compare()
    while (this.#take('&&')) {
      const right = this.#compare()
      v = truthy(v) ? right : v
    }
    return v
  }
  #compare(): unknown {
    const a = this.#unary()
    if (this.#take('==')) return same(a, this.#unary())
    if (this.#take('!=')) return !same(a, this.#unary())
    for (const [op, test] of [
      ['<=', (x: number, y: number) => x <= y],
      ['>=', (x: number, y: number) => x >= y],
      ['<', (x: number, y: number) => x < y],
      ['>', (x: number, y: number) => x > y],
    ] as const)
      if (this.#take(op)) return test(number(a), number(this.#unary()))
    return a
  }
  #unary(): unknown {
    return this.#take('!') ? !truthy(this.#unary()) : this.#primary()
  }
  #primary(): unknown {
    if (this.#take('(')) {
      const v = this.#or()
      this.#need(')')
      return v
    }
    const t = this.#tokens[this.#at++]
    if (!t) throw new ExpressionError('unexpected end of expression')
    if (t.kind === 'string') return t.text
    if (t.kind === 'number') return Number(t.text)
    if (t.kind === 'op') throw new ExpressionError(`unexpected ${JSON.stringify(t.text)} in expression`)
    if (this.#take('(')) return this.#members(this.#call(t.text))
    const literal: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }
    if (Object.hasOwn(literal, t.text)) return literal[t.text]
    if (!Object.hasOwn(this.#contexts, t.text))
      throw new ExpressionError(`zukan: not emulated: the context ${t.text} in an expression`)
    return this.#members(this.#contexts[t.text])
  }
  /** What `.name`, `[index]` and `.*` after a value pick; behind `.*` each of the values is asked, and those without one fall out. */
  #members(first: unknown): unknown {
    let v = first
    let filtered = false
    for (;;) {
      let key: string
      if (this.#take('.')) {
        const n = this.#tokens[this.#at++]
        if (n?.kind === 'op' && n.text === '*') {
          const all = (x: unknown): readonly unknown[] =>
            typeof x === 'object' && x !== null ? Object.values(x as object) : []
          v = filtered ? (v as readonly unknown[]).flatMap(all) : all(v)
          filtered = true
          continue
        }
        if (n?.kind !== 'name') throw new ExpressionError('expected a name after "."')
        key = n.text
      } else if (this.#take('[')) {
        key = asText(this.#or())
        this.#need(']')
      } else return v
      const pick = (x: unknown): unknown =>
        typeof x === 'object' && x !== null && Object.hasOwn(x, key) ? (x as Record<string, unknown>)[key] : undefined
      v = filtered ? (v as readonly unknown[]).map(pick).filter((x) => x !== undefined) : pick(v)
    }
  }
  #call(name: string): unknown {
    const args: unknown[] = []
    if (!this.#take(')')) {
      do args.push(this.#or())
      while (this.#take(','))
      this.#need(')')
    }
    const [a, b] = args
    const low = (v: unknown): string => asText(v).toLowerCase()
    switch (name.toLowerCase()) {
      case 'success':
        return this.#status === 'success'
      case 'failure':
        return this.#status === 'failure'
      case 'cancelled':
        return this.#status === 'cancelled'
      case 'always':
        return true
      case 'contains':
        return Array.isArray(a) ? a.some((x) => same(x, b)) : low(a).includes(low(b))
      case 'startswith':
        return low(a).startsWith(low(b))
      case 'endswith':
        return low(a).endsWith(low(b))
      case 'format':
        return asText(a).replace(/\{(\d+)\}|\{\{|\}\}/g, (m, n: string | undefined) =>
          n === undefined ? (m[0] as string) : asText(args[Number(n) + 1]),
        )
      case 'join':
        return Array.isArray(a) ? a.map(asText).join(b === undefined ? ',' : asText(b)) : asText(a)
      case 'fromjson':
        try {
          return JSON.parse(asText(a)) as unknown
        } catch {
          throw new ExpressionError(`fromJSON: ${jsonComplaint(asText(a))}`)
        }
      case 'tojson':
        return JSON.stringify(a, null, 2)
      default:
        throw new ExpressionError(`zukan: not emulated: the function ${name} in an expression`)
    }
  }
}
/** The value of an expression without its braces. Throws ExpressionError. */
export const evaluate = (source: string, contexts: Contexts, status: Status = 'success'): unknown =>
  new Parser(source, contexts, status).value()
/** A text with every `${{ ... }}` replaced by its value. Throws ExpressionError. */
export const interpolate = (source: string, contexts: Contexts, status: Status = 'success'): string =>
  source.replace(/\$\{\{((?:'[^']*'|[^'}]|\}(?!\}))*)\}\}/g, (_, inner: string) =>
    asText(evaluate(inner, contexts, status)),
  )
/** Whether an `if:` lets a step run: without a status function it asks for success as well. Throws ExpressionError. */
export function condition(source: string, contexts: Contexts, status: Status): boolean {
  const bare = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(source)?.[1] ?? source
  if (bare.trim() === '') return status === 'success'
  const asks = /\b(success|failure|always|cancelled)\s*\(/i.test(bare)
  return (asks || status === 'success') && truthy(evaluate(bare, contexts, status))
}

/** Arithmetic expansion, POSIX XCU 2.6.4, with ash's ++, --, ** and bases. 64-bit like the real one, by BigInt. */

/** Variables as an expression sees and sets them. */
export interface ArithScope {
  get(name: string): string
  set(name: string, value: string): void
}
/** What was wrong, in ash's words. */
export class ArithProblem {
  readonly message: string
  /** What is wrong is that something follows a whole expression. */
  readonly rest: boolean
  constructor(message: string, rest = false) {
    this.message = message
    this.rest = rest
  }
}

const wrap = (n: bigint): bigint => BigInt.asIntN(64, n)
const binary: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]
const assignOps = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^='])
const tokenRe =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|\+\+|--|&&|\|\||[-+*/%<>=!&|^]=|<<|>>|[-+*/%<>=!&|^~?:(),])|(\S))/y

type Tok =
  | { readonly kind: 'num'; readonly value: bigint }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'op'; readonly op: string }
  | { readonly kind: 'end' }

class Evaluator {
  readonly #tokens: Tok[] = []
  #at = 0
  readonly #scope: ArithScope
  readonly #depth: number
  /** False inside the branch that isn't taken: nothing is set there. */
  #live = true
  constructor(text: string, scope: ArithScope, depth: number) {
    this.#scope = scope
    this.#depth = depth
    tokenRe.lastIndex = 0
    let at = 0
    while (at < text.length) {
      tokenRe.lastIndex = at
      const m = tokenRe.exec(text)
      if (!m) break
      at = tokenRe.lastIndex
      if (m[1] !== undefined) this.#tokens.push({ kind: 'num', value: number(m[1]) })
      else if (m[2] !== undefined) this.#tokens.push({ kind: 'name', name: m[2] })
      else if (m[3] !== undefined) this.#tokens.push({ kind: 'op', op: m[3] })
      else throw new ArithProblem('arithmetic syntax error')
    }
  }
  run(): bigint {
    if (this.#tokens.length === 0) return 0n
    const value = this.#comma()
    if (this.#at < this.#tokens.length) throw new ArithProblem('arithmetic syntax error', true)
    return value
  }
  #peek(): Tok {
    return this.#tokens[this.#at] ?? { kind: 'end' }
  }
  #isOp(op: string): boolean {
    const t = this.#peek()
    return t.kind === 'op' && t.op === op
  }
  #comma(): bigint {
    let value = this.#assign()
    while (this.#isOp(',')) {
      this.#at++
      value = this.#assign()
    }
    return value
  }
  #assign(): bigint {
    const t = this.#peek()
    const next = this.#tokens[this.#at + 1]
    if (t.kind === 'name' && next?.kind === 'op' && assignOps.has(next.op)) {
      this.#at += 2
      const right = this.#assign()
      const value = next.op === '=' ? right : this.#apply(next.op.slice(0, -1), this.#variable(t.name), right)
      if (this.#live) this.#scope.set(t.name, String(value))
      return value
    }
    return this.#ternary()
  }
  #ternary(): bigint {
    const test = this.#binary(0)
    if (!this.#isOp('?')) return test
    this.#at++
    const live = this.#live
    this.#live = live && test !== 0n
    const yes = this.#comma()
    if (!this.#isOp(':')) throw new ArithProblem('malformed ?: operator')
    this.#at++
    this.#live = live && test === 0n
    const no = this.#assign()
    this.#live = live
    return test !== 0n ? yes : no
  }
  #binary(level: number): bigint {
    const ops = binary[level]
    if (!ops) return this.#power()
    let left = this.#binary(level + 1)
    for (;;) {
      const t = this.#peek()
      if (t.kind !== 'op' || !ops.includes(t.op)) return left
      this.#at++
      if (t.op === '&&' || t.op === '||') {
        const live = this.#live
        const decided = t.op === '&&' ? left === 0n : left !== 0n
        this.#live = live && !decided
        const right = this.#binary(level + 1)
        this.#live = live
        left = decided ? (t.op === '&&' ? 0n : 1n) : right !== 0n ? 1n : 0n
      } else left = this.#apply(t.op, left, this.#binary(level + 1))
    }
  }
  #power(): bigint {
    const base = this.#unary()
    if (!this.#isOp('**')) return base
    this.#at++
    const exponent = this.#power()
    if (exponent < 0n) throw new ArithProblem('exponent less than 0')
    let result = 1n
    for (let i = 0n; i < exponent && i < 4096n; i++) result = wrap(result * base)
    return result
  }
  #unary(): bigint {
    const t = this.#peek()
    if (t.kind === 'op') {
      switch (t.op) {
        case '-':
        case '+':
        case '!':
        case '~': {
          this.#at++
          const value = this.#unary()
          return t.op === '-' ? wrap(-value) : t.op === '+' ? value : t.op === '!' ? (value === 0n ? 1n : 0n) : ~value
        }
        case '++':
        case '--': {
          this.#at++
          const name = this.#peek()
          if (name.kind !== 'name') return this.#unary()
          this.#at++
          const value = wrap(this.#variable(name.name) + (t.op === '++' ? 1n : -1n))
          if (this.#live) this.#scope.set(name.name, String(value))
          return value
        }
      }
    }
    return this.#postfix()
  }
  #postfix(): bigint {
    const t = this.#peek()
    this.#at++
    if (t.kind === 'num') return t.value
    if (t.kind === 'name') {
      const value = this.#variable(t.name)
      if (this.#isOp('++') || this.#isOp('--')) {
        const step = this.#isOp('++') ? 1n : -1n
        this.#at++
        if (this.#live) this.#scope.set(t.name, String(wrap(value + step)))
      }
      return value
    }
    if (t.kind === 'op' && t.op === '(') {
      const value = this.#comma()
      if (!this.#isOp(')')) throw new ArithProblem('arithmetic syntax error')
      this.#at++
      return value
    }
    throw new ArithProblem('arithmetic syntax error')
  }
  #variable(name: string): bigint {
    const text = this.#scope.get(name).trim()
    if (text === '') return 0n
    if (/^[-+]?\d+$/.test(text) && !/^[-+]?0\d/.test(text)) return wrap(BigInt(text.replace('+', '')))
    if (this.#depth > 30) throw new ArithProblem('expression recursion loop detected')
    return new Evaluator(text, this.#scope, this.#depth + 1).run()
  }
  #apply(op: string, a: bigint, b: bigint): bigint {
    switch (op) {
      case '+':
        return wrap(a + b)
      case '-':
        return wrap(a - b)
      case '*':
        return wrap(a * b)
      case '/':
      case '%':
        if (b === 0n) {
          if (!this.#live) return 0n
          throw new ArithProblem('divide by zero')
        }
        return wrap(op === '/' ? a / b : a % b)
      case '<<':
        return wrap(a << (b & 63n))
      case '>>':
        return a >> (b & 63n)
      case '&':
        return a & b
      case '|':
        return a | b
      case '^':
        return a ^ b
      case '==':
        return a === b ? 1n : 0n
      case '!=':
        return a !== b ? 1n : 0n
      case '<':
        return a < b ? 1n : 0n
      case '<=':
        return a <= b ? 1n : 0n
      case '>':
        return a > b ? 1n : 0n
      default:
        return a >= b ? 1n : 0n
    }
  }
}

function number(text: string): bigint {
  if (/^0[xX]/.test(text)) return wrap(BigInt(text))
  const base = /^(\d+)#(.+)$/.exec(text)
  if (base) {
    const radix = Number(base[1])
    if (radix < 2 || radix > 64) throw new ArithProblem('arithmetic syntax error')
    let value = 0n
    for (const c of base[2] as string) {
      const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_'
      const d = digits.indexOf(radix <= 36 ? c.toLowerCase() : c)
      if (d < 0 || d >= radix) throw new ArithProblem('arithmetic syntax error')
      value = wrap(value * BigInt(radix) + BigInt(d))
    }
    return value
  }
  if (/^0[0-7]+$/.test(text)) return wrap(BigInt(`0o${text.slice(1)}`))
  if (/^0\d/.test(text)) throw new ArithProblem('arithmetic syntax error', true)
  return wrap(BigInt(text))
}

/** The value of an expression; throws ArithProblem. */
export function evaluate(text: string, scope: ArithScope): bigint {
  return new Evaluator(text, scope, 0).run()
}

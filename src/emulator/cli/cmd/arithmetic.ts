/** set /a: whole numbers of 32 bits with C's operators (help set). */

export interface Names {
  readonly get: (name: string) => number
  readonly set: (name: string, v: number) => void
}
const levels = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]

/** The value of a text's last sum, or what cmd complains of. */
export function evaluateSum(text: string, names: Names): number | string {
  const tokens = text.match(/\d\w*|[A-Za-z_]\w*|<<=?|>>=?|[-+*/%&|^]=|[-+*/%&|^~!()=,]/g) ?? []
  let at = 0
  class Wrong {
    readonly message: string
    constructor(message: string) {
      this.message = message
    }
  }
  const unary = (): number => {
    const t = tokens[at++]
    if (t === '-') return -unary() | 0
    if (t === '+') return unary()
    if (t === '~') return ~unary()
    if (t === '!') return unary() === 0 ? 1 : 0
    if (t === '(') {
      const v = list()
      if (tokens[at++] !== ')') throw new Wrong('Unbalanced parenthesis.')
      return v
    }
    if (t === undefined) throw new Wrong('Missing operand.')
    if (/^0x[0-9a-f]+$/i.test(t)) return Number(t) | 0
    if (/^0[0-7]+$/.test(t)) return Number.parseInt(t, 8)
    if (/^\d+$/.test(t)) return Number(t) | 0
    if (/^[A-Za-z_]/.test(t)) return names.get(t) | 0
    throw new Wrong(
      /^\d/.test(t)
        ? 'Invalid number.  Numeric constants are either decimal (17),\nhexadecimal (0x11), or octal (021).'
        : 'Missing operand.',
    )
  }
  const apply = (operator: string, a: number, b: number): number => {
    if ((operator === '/' || operator === '%') && b === 0) throw new Wrong('Divide by zero error.')
    switch (operator) {
      case '|':
        return a | b
      case '^':
        return a ^ b
      case '&':
        return a & b
      case '<<':
        return a << b
      case '>>':
        return a >> b
      case '+':
        return (a + b) | 0
      case '-':
        return (a - b) | 0
      case '*':
        return Math.imul(a, b)
      case '/':
        return Math.trunc(a / b)
      default:
        return a % b
    }
  }
  const binary = (level: number): number => {
    if (level === levels.length) return unary()
    let left = binary(level + 1)
    while (levels[level]?.includes(tokens[at] ?? '')) left = apply(tokens[at++] as string, left, binary(level + 1))
    return left
  }
  const assigned = (): number => {
    const [name, sign] = [tokens[at], tokens[at + 1]]
    if (name !== undefined && /^[A-Za-z_]/.test(name) && sign !== undefined && /^(=|.=|..=)$/.test(sign)) {
      at += 2
      const right = assigned()
      const v = sign === '=' ? right : apply(sign.slice(0, -1), names.get(name), right)
      names.set(name, v)
      return v
    }
    return binary(0)
  }
  const list = (): number => {
    let v = assigned()
    while (tokens[at] === ',') {
      at++
      v = assigned()
    }
    return v
  }
  try {
    const v = list()
    if (at < tokens.length) throw new Wrong('Missing operator.')
    return v
  } catch (e) {
    if (!(e instanceof Wrong)) throw e
    return e.message
  }
}

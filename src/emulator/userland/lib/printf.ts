/** printf(1) over strings of one character a byte. */

export interface Printed {
  readonly output: string
  /** Complaints, each a line without the program's name. */
  readonly errors: readonly string[]
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
  '\\': '\\',
  '"': '"',
}

/** Backslash escapes; `stop` where \c said that nothing more is printed. `zero`: octal needs \0 first, as in echo -e and %b. */
export function expandEscapes(
  text: string,
  zero = false,
  hex = true,
): { readonly text: string; readonly stop: boolean } {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c !== '\\' || i + 1 >= text.length) {
      out += c
      continue
    }
    const n = text[++i] as string
    if (n === 'c') return { text: out, stop: true }
    if (n === 'x' && hex) {
      const m = /^[0-9a-fA-F]{1,2}/.exec(text.slice(i + 1))
      if (m) {
        out += String.fromCharCode(Number.parseInt(m[0], 16))
        i += m[0].length
      } else out += '\\x'
    } else if (/[0-7]/.test(n)) {
      const m = (zero && n === '0' ? /^0[0-7]{0,3}/ : /^[0-7]{1,3}/).exec(text.slice(i)) as RegExpExecArray
      out += String.fromCharCode(Number.parseInt(m[0], 8) & 255)
      i += m[0].length - 1
    } else out += simple[n] ?? `\\${n}`
  }
  return { text: out, stop: false }
}

/** A number as printf takes it: decimal, octal, hexadecimal, or 'c for a character's code. What 64 bits can't hold is none. */
function numberOf(text: string | undefined, errors: string[], signed = true): bigint {
  if (text === undefined) return 0n
  if (/^['"]/.test(text)) return BigInt(text.charCodeAt(1) || 0)
  const m = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text)
  if (!m || m[0].length !== text.length) {
    errors.push(`invalid number '${text}'`)
    return 0n
  }
  const digits = m[2] as string
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const value = m[1] === '-' ? -size : size
  if (value >= -(1n << 63n) && value < 1n << (signed ? 63n : 64n)) return value
  errors.push(`invalid number '${text}'`)
  return 0n
}
function pad(text: string, flags: string, width: number): string {
  if (text.length >= width) return text
  if (flags.includes('-')) return text.padEnd(width)
  if (!flags.includes('0')) return text.padStart(width)
  const sign = /^[-+ ]?(0x)?/i.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

/** One conversion of a C-like printf: shared with awk. `value` is a number or a text by `kind`. */
export function convert(
  kind: string,
  flags: string,
  width: number,
  precision: number | undefined,
  value: string | number | bigint,
): string {
  switch (kind) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': {
      let n =
        typeof value === 'bigint'
          ? value
          : typeof value === 'number'
            ? BigInt(Number.isFinite(value) ? Math.trunc(value) : 0)
            : 0n
      const negative = n < 0n && (kind === 'd' || kind === 'i')
      if (negative) n = -n
      else if (n < 0n) n = BigInt.asUintN(64, n)
      let digits = n.toString(kind === 'o' ? 8 : kind.toLowerCase() === 'x' ? 16 : 10)
      if (precision !== undefined) digits = digits.padStart(precision, '0')
      if (flags.includes('#') && n !== 0n)
        digits = kind === 'o' ? `0${digits}` : kind.toLowerCase() === 'x' ? `0x${digits}` : digits
      if (kind === 'X') digits = digits.toUpperCase()
      const sign = negative
        ? '-'
        : 'diu'.includes(kind) && kind !== 'u'
          ? flags.includes('+')
            ? '+'
            : flags.includes(' ')
              ? ' '
              : ''
          : ''
      return pad(sign + digits, precision !== undefined ? flags.replace('0', '') : flags, width)
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a': {
      const n = Number(value)
      let text: string
      if (!Number.isFinite(n)) text = Number.isNaN(n) ? 'nan' : n < 0 ? '-inf' : 'inf'
      else if (kind.toLowerCase() === 'f')
        text = fixed(n, Math.min(100, precision ?? 6)) + (precision === 0 && flags.includes('#') ? '.' : '')
      else if (kind.toLowerCase() === 'e') text = exponent(n.toExponential(Math.min(100, precision ?? 6)))
      else text = general(n, precision ?? 6, flags.includes('#'))
      if (kind === kind.toUpperCase()) text = text.toUpperCase()
      if (n >= 0 && flags.includes('+')) text = `+${text}`
      else if (n >= 0 && flags.includes(' ')) text = ` ${text}`
      return pad(text, Number.isFinite(n) ? flags : flags.replace('0', ''), width)
    }
    case 'c':
      return pad(String(value).slice(0, 1), flags.replace('0', ''), width)
    default:
      return pad(
        precision === undefined ? String(value) : String(value).slice(0, precision),
        flags.replace('0', ''),
        width,
      )
  }
}
/** %f: rounded half to even, as C does where a number lies exactly between two; JavaScript rounds it up. */
export function fixed(n: number, digits: number): string {
  if (Math.abs(n) >= 1e21) return BigInt(n).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '')
  const [whole = '', fraction = ''] = Math.abs(n)
    .toFixed(Math.min(100, digits + 25))
    .split('.')
  const even = /[02468]$/.test((whole + fraction).slice(0, whole.length + digits))
  if (!even || !/^50*$/.test(fraction.slice(digits))) return n.toFixed(digits)
  const cut = digits > 0 ? `${whole}.${fraction.slice(0, digits)}` : whole
  return n < 0 ? `-${cut}` : cut
}
const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2')
/** %g: the shorter of %e and %f, without trailing zeros. */
export function general(n: number, precision: number, keep = false): string {
  if (n === 0) return Object.is(n, -0) ? '-0' : '0'
  const p = Math.max(1, Math.min(100, precision))
  const e = Number(n.toExponential(p - 1).split('e')[1])
  let text = e < -4 || e >= p ? exponent(n.toExponential(p - 1)) : fixed(n, Math.max(0, p - 1 - e))
  if (!keep && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '')
  return text
}

/**
 * The whole of printf(1): the format is used again while arguments are left. `missing`: what stands for one that isn't there (busybox
 * takes the empty text, which is no number); undefined: 0, as POSIX says.
 */
export function formatPrintf(format: string, args: readonly string[], missing?: string): Printed {
  const errors: string[] = []
  let output = ''
  let next = 0
  const conversion = /%(%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|-?\d+)?)?[hlLz]*([\s\S]?))/g
  do {
    const start = next
    let at = 0
    conversion.lastIndex = 0
    for (;;) {
      const m = conversion.exec(format)
      const literal = expandEscapes(format.slice(at, m ? m.index : undefined))
      output += literal.text
      if (literal.stop) return { output, errors }
      if (!m) break
      at = conversion.lastIndex
      if (m[1] === '%') {
        output += '%'
        continue
      }
      let flags = m[2] ?? ''
      let width = m[3] === '*' ? Number(numberOf(args[next++], errors)) : Number(m[3] ?? 0)
      if (width < 0) {
        flags += '-'
        width = -width
      }
      const hasPoint = /\./.test(m[0])
      const given =
        m[4] === '*'
          ? Number(numberOf(args[next++], errors))
          : m[4] !== undefined
            ? Number(m[4])
            : hasPoint
              ? 0
              : undefined
      // A negative one is as none.
      const precision = given !== undefined && given < 0 ? undefined : given
      const kind = m[5] ?? ''
      if (width > 100_000 || (precision ?? 0) > 100_000)
        return { output, errors: [...errors, `${m[0]}: invalid format`] }
      const arg = args[next]
      switch (kind) {
        case 'd':
        case 'i':
        case 'o':
        case 'u':
        case 'x':
        case 'X':
          next++
          output += convert(kind, flags, width, precision, numberOf(arg ?? missing, errors, 'di'.includes(kind)))
          break
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G':
        case 'a': {
          next++
          const n = arg === undefined || arg === '' ? 0 : /^['"]/.test(arg) ? arg.charCodeAt(1) : Number(arg)
          if (Number.isNaN(n)) errors.push(`invalid number '${arg}'`)
          output += convert(kind, flags, width, precision, Number.isNaN(n) ? Number.parseFloat(arg ?? '') || 0 : n)
          break
        }
        case 'c':
        case 's':
          next++
          output +=
            convert(kind, flags, width, precision, arg ?? '') || (kind === 'c' && missing !== undefined ? '\0' : '')
          break
        case 'b': {
          next++
          const u = expandEscapes(arg ?? '', true)
          output += pad(u.text, flags.replace('0', ''), width)
          if (u.stop) return { output, errors }
          break
        }
        default:
          // All that is left of the format is shown, without what says the size.
          return {
            output,
            errors: [...errors, `${m[0].replace(/[hlLz]+(?=[^hlLz]?$)/, '')}${format.slice(at)}: invalid format`],
          }
      }
    }
    if (next === start) break
  } while (next < args.length)
  return { output, errors }
}

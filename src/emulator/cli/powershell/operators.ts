/** Operators and members: about_Operators, and the few methods of strings and lists that documents use. */
import { compare, enumerate, isList, like, numberOf, PsError, PsObject, textOf, truthOf, type Value } from './values.ts'

const bad = (message: string, id: string): PsError =>
  new PsError(message, 'InvalidOperation: (:) [], RuntimeException', id)

/** A comparison with a list on the left gives the members for which it holds. */
function filtered(left: Value, test: (v: Value) => boolean): Value {
  return isList(left) ? left.filter(test) : test(left)
}
function regular(pattern: Value): RegExp {
  try {
    return new RegExp(textOf(pattern), 'is')
  } catch {
    throw bad(`parsing "${textOf(pattern)}" failed`, 'InvalidRegularExpression')
  }
}

export function evaluateOperator(operator: string, left: Value, right: Value): Value {
  switch (operator.replace(/^[ci](?=eq|ne|gt|ge|lt|le|like|match|not|contains|in|replace|split)/, '')) {
    case 'eq':
      return filtered(left, (v) => compare(v, right) === 0)
    case 'ne':
      return filtered(left, (v) => compare(v, right) !== 0)
    case 'gt':
      return filtered(left, (v) => compare(v, right) > 0)
    case 'ge':
      return filtered(left, (v) => compare(v, right) >= 0)
    case 'lt':
      return filtered(left, (v) => compare(v, right) < 0)
    case 'le':
      return filtered(left, (v) => compare(v, right) <= 0)
    case 'like':
      return filtered(left, (v) => like(textOf(v), textOf(right)))
    case 'notlike':
      return filtered(left, (v) => !like(textOf(v), textOf(right)))
    case 'match':
      return filtered(left, (v) => regular(right).test(textOf(v)))
    case 'notmatch':
      return filtered(left, (v) => !regular(right).test(textOf(v)))
    case 'contains':
      return enumerate(left).some((v) => compare(v, right) === 0)
    case 'notcontains':
      return !enumerate(left).some((v) => compare(v, right) === 0)
    case 'in':
      return enumerate(right).some((v) => compare(v, left) === 0)
    case 'notin':
      return !enumerate(right).some((v) => compare(v, left) === 0)
    case 'and':
      return truthOf(left) && truthOf(right)
    case 'or':
      return truthOf(left) || truthOf(right)
    case 'xor':
      return truthOf(left) !== truthOf(right)
    case 'replace': {
      const [pattern = '', by = ''] = enumerate(right)
      const one = (v: Value): string =>
        textOf(v).replace(new RegExp(regular(pattern as Value).source, 'gis'), textOf(by as Value))
      return isList(left) ? left.map(one) : one(left)
    }
    case 'split':
      return textOf(left).split(new RegExp(regular(right).source, 'is'))
    case 'join':
      return enumerate(left).map(textOf).join(textOf(right))
    case 'f': {
      const args = enumerate(right)
      return textOf(left).replace(
        /\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}/g,
        (_, n: string, width?: string, how?: string) => {
          const v = args[Number(n)] ?? null
          const decimals = /^[nf](\d*)$/i.exec(how ?? '')
          const t = decimals ? (numberOf(v) ?? 0).toFixed(decimals[1] === '' ? 2 : Number(decimals[1])) : textOf(v)
          return width === undefined ? t : Number(width) < 0 ? t.padEnd(-Number(width)) : t.padStart(Number(width))
        },
      )
    }
    case '..': {
      const from = numberOf(left) ?? 0
      const to = Math.min(numberOf(right) ?? 0, from + 100_000)
      const step = from <= to ? 1 : -1
      return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + i * step)
    }
    case '+':
      if (isList(left)) return [...left, ...enumerate(right)]
      if (typeof left === 'string') return left + textOf(right)
      return arithmetic(operator, left, right)
    default:
      return arithmetic(operator, left, right)
  }
}
function arithmetic(operator: string, left: Value, right: Value): Value {
  if (operator === '*' && typeof left === 'string')
    return left.repeat(Math.max(0, Math.min(100_000, numberOf(right) ?? 0)))
  const a = numberOf(left)
  const b = numberOf(right)
  if (a === undefined || b === undefined)
    throw bad(
      `Cannot convert value "${textOf(a === undefined ? left : right)}" to type "System.Int32". Error: "Input string was not in a correct format."`,
      'InvalidCastFromStringToInteger',
    )
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '%':
      return a % b
    case '/':
      if (b === 0)
        throw new PsError('Attempted to divide by zero.', 'NotSpecified: (:) [], RuntimeException', 'RuntimeException')
      return a / b
    default:
      throw bad(`zukan: not emulated: operator ${operator}`, 'NotEmulated')
  }
}

/** A property; of a list, its own or else its members'. */
export function memberOf(of: Value, name: string): Value {
  const lower = name.toLowerCase()
  if (isList(of)) {
    if (lower === 'count' || lower === 'length') return of.length
    const all = of.map((v) => memberOf(v, name)).filter((v) => v !== null)
    return all.length === 0 ? null : all
  }
  if (of instanceof PsObject && of.type === 'System.Collections.Hashtable' && of.get(name) === undefined) {
    if (lower === 'keys') return [...of.properties.keys()]
    if (lower === 'values') return [...of.properties.values()]
    if (lower === 'count') return of.properties.size
  }
  if (of instanceof PsObject) return of.get(name) ?? (lower === 'count' ? 1 : null)
  if (typeof of === 'string' && lower === 'length') return of.length
  return lower === 'count' ? (of === null ? 0 : 1) : null
}
const tableMethods: Readonly<Record<string, (t: PsObject, ...args: Value[]) => Value>> = {
  containskey: (t, k = null) => t.spelled(textOf(k)) !== undefined,
  contains: (t, k = null) => t.spelled(textOf(k)) !== undefined,
  add: (t, k = null, v = null) => {
    t.properties.set(textOf(k), v)
    return null
  },
  remove: (t, k = null) => {
    const name = t.spelled(textOf(k))
    if (name !== undefined) t.properties.delete(name)
    return null
  },
}
const stringMethods: Readonly<Record<string, (s: string, ...args: string[]) => Value>> = {
  toupper: (s) => s.toUpperCase(),
  tolower: (s) => s.toLowerCase(),
  trim: (s) => s.trim(),
  trimstart: (s) => s.trimStart(),
  trimend: (s) => s.trimEnd(),
  contains: (s, x = '') => s.includes(x),
  startswith: (s, x = '') => s.startsWith(x),
  endswith: (s, x = '') => s.endsWith(x),
  replace: (s, x = '', y = '') => s.split(x).join(y),
  split: (s, x = ' ') => s.split(x),
  substring: (s, from = '0', length) => s.substr(Number(from), length === undefined ? undefined : Number(length)),
  indexof: (s, x = '') => s.indexOf(x),
  padleft: (s, n = '0') => s.padStart(Number(n)),
  padright: (s, n = '0') => s.padEnd(Number(n)),
}
export function invokeMethod(of: Value, name: string, args: readonly Value[]): Value {
  const lower = name.toLowerCase()
  if (lower === 'tostring') return textOf(of)
  if (lower === 'gettype') {
    const type = isList(of)
      ? 'Object[]'
      : of instanceof PsObject
        ? (of.type.split('.').at(-1) as string)
        : ({ string: 'String', number: 'Int32', boolean: 'Boolean' }[typeof of as string] ?? 'Object')
    return new PsObject('System.RuntimeType', { Name: type }, type)
  }
  const method = typeof of === 'string' && Object.hasOwn(stringMethods, lower) ? stringMethods[lower] : undefined
  if (method) return method(of as string, ...args.map(textOf))
  const ofTable = of instanceof PsObject && of.type === 'System.Collections.Hashtable' ? tableMethods[lower] : undefined
  if (ofTable) return ofTable(of as PsObject, ...args)
  if (isList(of) && lower === 'contains') return of.some((v) => compare(v, args[0] ?? null) === 0)
  if (isList(of) && lower === 'indexof') return of.findIndex((v) => compare(v, args[0] ?? null) === 0)
  if (of === null) throw bad('You cannot call a method on a null-valued expression.', 'InvokeMethodOnNull')
  throw bad(
    `Method invocation failed because [${of instanceof PsObject ? of.type : `System.${isList(of) ? 'Object[]' : 'String'}`}] does not contain a method named '${name}'.`,
    'MethodNotFound',
  )
}

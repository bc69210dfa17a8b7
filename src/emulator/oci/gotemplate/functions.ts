/** The functions of docker's templates: text/template's own, and those of docker's templates package. */

import { sprintf } from './printf.ts'

type Value = unknown
/** What a function complains of, in Go's words; the template adds where. */
export class Complaint {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** Operands: exactly so many, or at least (a list of one). */
const arity: Readonly<Record<string, number | readonly [number]>> = {
  json: 1,
  join: 2,
  split: 2,
  upper: 1,
  lower: 1,
  title: 1,
  pad: 3,
  truncate: 2,
  len: 1,
  index: [1],
  slice: [1],
  not: 1,
  and: [1],
  or: [1],
  eq: [1],
  ne: 2,
  lt: 2,
  le: 2,
  gt: 2,
  ge: 2,
  printf: [1],
  print: [0],
  println: [0],
  html: [0],
  js: [0],
  urlquery: [0],
  call: [1],
}
export const isFunction = (name: string): boolean => Object.hasOwn(arity, name)
/** How many operands a function was given wrongly, in Go's words. */
export function wrongCount(name: string, got: number): string | undefined {
  const want = arity[name]
  if (want === undefined) return undefined
  if (typeof want === 'number')
    return got === want ? undefined : `wrong number of args for ${name}: want ${want} got ${got}`
  return got >= want[0] ? undefined : `wrong number of args for ${name}: want at least ${want[0]} got ${got}`
}
/** Functions whose first operand is a string. */
export const wantsText = new Set(['upper', 'lower', 'title', 'split', 'pad', 'truncate', 'printf'])

/** What Go knows of data by its types, and JSON doesn't tell: fields by their names. */
export interface GoTypes {
  /** Maps, whose keys are data; other objects are structs. */
  readonly maps: ReadonlySet<string>
  /** Pointers to a value; other nulls are empty lists. */
  readonly pointers: ReadonlySet<string>
  /** `Parent.Field` of structs' fields that JSON leaves out where they are empty, with what they then are. */
  readonly optional: Readonly<Record<string, null | ''>>
}
/** A pointer at the end of a struct, which JSON left out. */
const last = (v: object, field: string, types: GoTypes): readonly (readonly [string, Value])[] =>
  field === 'State' && 'State.Health' in types.optional && !('Health' in v) ? [['Health', null]] : []
/** A value of a typed field as Go prints it with %v: a struct's values stand in braces, in their order. */
export function goTyped(v: Value, field: string, types: GoTypes, parent = ''): string {
  const isMap = types.maps.has(field) || types.maps.has(`${parent}.${field}`)
  if (v === null) return isMap ? 'map[]' : types.pointers.has(field) ? '<nil>' : '[]'
  if (Array.isArray(v)) return `[${v.map((x) => goTyped(x, '', types)).join(' ')}]`
  if (typeof v !== 'object') return goString(v)
  if (!isMap)
    return `{${[...Object.entries(v), ...last(v, field, types)]
      .map(([k, x]) => goTyped(x, k, types, field))
      .join(' ')}}`
  return `map[${Object.entries(v)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, x]) => `${k}:${goTyped(x, '', types)}`)
    .join(' ')}]`
}
/** A value as Go prints it with %v. */
export function goString(v: Value): string {
  if (v === null || v === undefined) return '<no value>'
  if (Array.isArray(v)) return `[${v.map((x) => (x === null ? '<nil>' : goString(x))).join(' ')}]`
  if (typeof v === 'object')
    return `map[${Object.entries(v)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, x]) => `${k}:${x === null ? '<nil>' : goString(x)}`)
      .join(' ')}]`
  return String(v)
}
export const truthy = (v: Value): boolean =>
  Array.isArray(v) ? v.length > 0 : typeof v === 'object' && v !== null ? Object.keys(v).length > 0 : Boolean(v)
/** A value's type by Go's name. */
export const typeName = (v: Value): string =>
  v === null || v === undefined
    ? 'nil'
    : Array.isArray(v)
      ? '[]interface {}'
      : typeof v === 'boolean'
        ? 'bool'
        : typeof v === 'number'
          ? Number.isInteger(v)
            ? 'int'
            : 'float64'
          : typeof v === 'string'
            ? 'string'
            : 'map[string]interface {}'

const fail = (message: string): never => {
  throw new Complaint(message)
}
function compare(name: string, a: Value, b: Value): number {
  if (typeof a !== typeof b) return fail(`error calling ${name}: incompatible types for comparison`)
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}
function index(v: Value, keys: readonly Value[]): Value {
  let at = v
  for (const key of keys) {
    if (Array.isArray(at) || typeof at === 'string') {
      if (typeof key !== 'number')
        return fail(`error calling index: cannot index slice/array with type ${typeName(key)}`)
      if (key < 0 || key >= at.length) return fail(`error calling index: index out of range: ${key}`)
      at = typeof at === 'string' ? at.charCodeAt(key) : at[key]
    } else if (typeof at === 'object' && at !== null) at = (at as Record<string, Value>)[String(key)]
    else
      return fail(
        `error calling index: ${at === null || at === undefined ? 'index of untyped nil' : `can't index item of type ${typeName(at)}`}`,
      )
  }
  return at
}
const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&#34;', "'": '&#39;' }

/** Calls a function whose operands are as many as it wants. Throws a Complaint. */
export function callFunction(name: string, args: readonly Value[]): Value {
  const [a, b, c] = args
  const text = goString
  switch (name) {
    case 'json':
      return JSON.stringify(a ?? null)
    case 'join':
      return (a as Value[]).map(text).join(text(b))
    case 'split':
      return text(a).split(text(b))
    case 'upper':
      return text(a).toUpperCase()
    case 'lower':
      return text(a).toLowerCase()
    case 'title':
      return text(a).replace(/\b\w/g, (x) => x.toUpperCase())
    case 'pad':
      return a === ''
        ? ''
        : ' '.repeat(Math.min(999, Number(b) || 0)) + text(a) + ' '.repeat(Math.min(999, Number(c) || 0))
    case 'truncate':
      return text(a).slice(0, Number(b))
    case 'len':
      if (typeof a === 'string' || Array.isArray(a)) return a.length
      return typeof a === 'object' && a !== null
        ? Object.keys(a).length
        : fail(`error calling len: len of ${a === null || a === undefined ? 'nil pointer' : `type ${typeName(a)}`}`)
    case 'index':
      return index(a, args.slice(1))
    case 'slice': {
      if (typeof a !== 'string' && !Array.isArray(a))
        return fail(`error calling slice: can't slice item of type ${typeName(a)}`)
      for (const n of args.slice(1))
        if (typeof n !== 'number' || n < 0 || n > a.length)
          return fail(`error calling slice: index out of range: ${text(n)}`)
      return a.slice(Number(b ?? 0), c === undefined ? undefined : Number(c))
    }
    case 'print':
      // fmt.Sprint: blanks between operands where neither is a string.
      return args
        .map((x, i) => (i > 0 && typeof x !== 'string' && typeof args[i - 1] !== 'string' ? ` ${text(x)}` : text(x)))
        .join('')
    case 'println':
      return `${args.map(text).join(' ')}\n`
    case 'printf':
      return sprintf(text(a), args.slice(1))
    case 'html':
      return args
        .map(text)
        .join(' ')
        .replace(/[<>&"']/g, (x) => escapes[x] as string)
    case 'js':
      return args
        .map(text)
        .join(' ')
        .replace(/[\\'"<>&=\n\r\t]/g, (x) =>
          x === '\\' || x === "'" || x === '"'
            ? `\\${x}`
            : `\\u${x.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
        )
    case 'urlquery':
      return encodeURIComponent(args.map(text).join(' ')).replace(/%20/g, '+')
    case 'eq':
      if (args.length < 2) return fail('error calling eq: missing argument for comparison')
      return args.slice(1).some((x) => compare('eq', a, x) === 0 && x === a)
    case 'ne':
      return compare('ne', a, b) !== 0 || a !== b
    case 'lt':
      return compare('lt', a, b) < 0
    case 'le':
      return compare('le', a, b) <= 0
    case 'gt':
      return compare('gt', a, b) > 0
    case 'ge':
      return compare('ge', a, b) >= 0
    case 'and':
      return args.find((x) => !truthy(x)) ?? args.at(-1)
    case 'or':
      return args.find(truthy) ?? args.at(-1)
    default:
      return !truthy(a)
  }
}

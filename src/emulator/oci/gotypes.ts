/**
 * Documents from outside against the types that Go programs read them into. What passes has the types that our interfaces promise, so
 * that nothing behind it meets a list where it expects an object; what doesn't is refused in the words of encoding/json.
 */
import { type Refused, parseJson } from './json.ts'

const numbers = {
  int: [-(2 ** 63), 2 ** 63],
  int64: [-(2 ** 63), 2 ** 63],
  uint64: [0, 2 ** 64],
  uint32: [0, 2 ** 32 - 1],
  uint16: [0, 65_535],
  float64: undefined,
} as const
type Number = keyof typeof numbers
/** A struct: its name as messages have it (`specs.Process`), and its members by their names in JSON. */
export interface Struct {
  readonly struct: string
  readonly members: Readonly<Record<string, Shape>>
}
/** A Go type: of one value, of a list `[T]`, of a map, of a struct, or anything at all. */
export type Shape =
  | 'string'
  | 'bool'
  | Number
  | 'any'
  | 'StrSlice'
  | readonly [Shape]
  | { readonly map: Shape }
  | Struct

export const struct = (name: string, members: Struct['members']): Struct => ({ struct: name, members })
export const map = (of: Shape): Shape => ({ map: of })
export const strings: Shape = ['string']
export const stringMap = (): Shape => map('string')

const nameOf = (s: Shape): string =>
  typeof s === 'string'
    ? s === 'any'
      ? 'interface {}'
      : s === 'StrSlice'
        ? '[]string'
        : s
    : isList(s)
      ? `[]${nameOf(s[0])}`
      : 'map' in s
        ? `map[string]${nameOf(s.map)}`
        : s.struct
const isList = (s: Shape): s is readonly [Shape] => Array.isArray(s)
/** What a value of JSON is called in messages. */
const kindOf = (v: unknown): string =>
  Array.isArray(v) ? 'array' : typeof v === 'boolean' ? 'bool' : typeof v === 'object' ? 'object' : typeof v

class Misfit {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}
interface Place {
  /** The struct around, without its package. */
  readonly struct: string
  readonly path: string
}
function refuse(what: string, s: Shape, at: Place | undefined): never {
  const to = at ? `struct field ${at.struct}.${at.path}` : 'value'
  throw new Misfit(`json: cannot unmarshal ${what} into Go ${to} of type ${nameOf(s)}`)
}
/** The zero value of a type: what a null in a list or a map is to Go. */
const zero = (s: Shape): unknown =>
  s === 'string'
    ? ''
    : s === 'bool'
      ? false
      : s === 'any'
        ? null
        : s === 'StrSlice'
          ? []
          : typeof s === 'string'
            ? 0
            : isList(s)
              ? []
              : {}

/** A value as Go's decoder would keep it: members that are null are left out, names are found whatever their letters' case. */
function conform(v: unknown, s: Shape, at: Place | undefined, nulls: boolean): unknown {
  if (v === null) return zero(s)
  if (typeof s === 'string') {
    const type = s === 'string' ? 'string' : s === 'bool' ? 'boolean' : 'number'
    if (s === 'any') return v
    // Docker takes a command as one word, too: api/types/strslice.
    if (s === 'StrSlice') return conform(typeof v === 'string' ? [v] : v, strings, at, nulls)
    if (typeof v !== type) refuse(kindOf(v), s, at)
    const range = type === 'number' ? numbers[s as Number] : undefined
    if (range && !(Math.floor(v as number) === v && v >= range[0] && v <= range[1])) refuse(`number ${v}`, s, at)
    return v
  }
  if (isList(s)) {
    if (!Array.isArray(v)) refuse(kindOf(v), s, at)
    for (let n = 0; n < v.length; n++) v[n] = conform(v[n], s[0], at, nulls)
    return v
  }
  if (typeof v !== 'object' || Array.isArray(v)) refuse(kindOf(v), s, at)
  const object = v as Record<string, unknown>
  for (const key of Object.keys(object)) {
    if ('map' in s) {
      if (!nulls || object[key] !== null) object[key] = conform(object[key], s.map, at, nulls)
      continue
    }
    let member = Object.hasOwn(s.members, key) ? s.members[key] : undefined
    let name = key
    if (!member) {
      name = Object.keys(s.members).find((m) => m.toLowerCase() === key.toLowerCase()) ?? ''
      if (name === '') continue
      member = s.members[name] as Shape
      object[name] = object[key]
      delete object[key]
    }
    if (object[name] !== null)
      object[name] = conform(
        object[name],
        member,
        { struct: s.struct.slice(s.struct.indexOf('.') + 1), path: at ? `${at.path}.${name}` : name },
        nulls,
      )
    else if (!nulls) delete object[name]
  }
  return object
}

/**
 * A freshly parsed value as a Go type, or the complaint of encoding/json about the first part that doesn't fit. `nulls`: members that are
 * null stay, where whoever reads them tells null from nothing.
 */
export function fitShape<T>(value: unknown, shape: Shape, nulls = false): { readonly value: T } | Refused {
  try {
    return { value: conform(value, shape, undefined, nulls) as T }
  } catch (e) {
    if (e instanceof Misfit) return { refused: e.why }
    throw e
  }
}
/** What a text says as JSON of a Go type, or why it can't be read (json.Unmarshal). A shape is made when something is checked by it. */
export function readJson<T>(text: string, shape: () => Shape, nulls = false): { readonly value: T } | Refused {
  const parsed = parseJson(text)
  return 'refused' in parsed ? parsed : fitShape<T>(parsed.value, shape(), nulls)
}

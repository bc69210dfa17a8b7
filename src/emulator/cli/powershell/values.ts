/** What flows through PowerShell's pipelines: objects with properties, not text. */
import type { Block } from './ast.ts'

export type Value = null | boolean | number | string | PsObject | readonly Value[] | Block

/** An object: its type's name and its properties, whose names have no capitals that matter. */
export class PsObject {
  readonly type: string
  readonly properties: Map<string, Value>
  /** How it shows inside a string; by default its type's name. */
  readonly text: string | undefined
  constructor(type: string, properties: Readonly<Record<string, Value>> | Map<string, Value>, text?: string) {
    this.type = type
    this.properties = properties instanceof Map ? properties : new Map(Object.entries(properties))
    this.text = text
  }
  get(name: string): Value | undefined {
    const direct = this.properties.get(name)
    if (direct !== undefined) return direct
    const lower = name.toLowerCase()
    for (const [key, value] of this.properties) if (key.toLowerCase() === lower) return value
    return undefined
  }
  /** The property's name as the object spells it. */
  spelled(name: string): string | undefined {
    const lower = name.toLowerCase()
    return [...this.properties.keys()].find((k) => k.toLowerCase() === lower)
  }
}
export const isBlock = (v: Value | undefined): v is Block =>
  typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof PsObject)
export const isList = (v: Value | undefined): v is readonly Value[] => Array.isArray(v)

/** A failure of a command, with what PowerShell prints below it. */
export class PsError {
  readonly message: string
  readonly category: string
  readonly id: string
  /** Who fails, before the message: a command, or what was typed. */
  readonly source: string | undefined
  constructor(message: string, category: string, id: string, source?: string) {
    this.message = message
    this.category = category
    this.id = id
    this.source = source
  }
}

/** A value as a string, as "$x" shows it. */
export function textOf(v: Value | undefined): string {
  if (v === null || v === undefined) return ''
  if (typeof v === 'string') return v
  if (typeof v === 'number') return numberText(v)
  if (typeof v === 'boolean') return v ? 'True' : 'False'
  if (isList(v)) return v.map(textOf).join(' ')
  if (v instanceof PsObject)
    return (
      v.text ??
      (v.type === 'PSCustomObject' ? `@{${[...v.properties].map(([k, x]) => `${k}=${textOf(x)}`).join('; ')}}` : v.type)
    )
  return v.text
}
const numberText = (n: number): string => (Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(15))))
/** What counts as true: about_Booleans. */
export function truthOf(v: Value | undefined): boolean {
  if (v === null || v === undefined) return false
  if (isList(v)) return v.length > 1 || (v.length === 1 && truthOf(v[0]))
  if (typeof v === 'string') return v !== ''
  if (typeof v === 'number') return v !== 0
  return typeof v === 'boolean' ? v : true
}
/** A value as a number; undefined where it is none. */
export function numberOf(v: Value | undefined): number | undefined {
  if (typeof v === 'number') return v
  if (typeof v === 'boolean') return v ? 1 : 0
  if (v === null || v === undefined) return 0
  if (v instanceof PsObject) return numberOf(v.get('Ticks') ?? v.text ?? 'x')
  const t = textOf(v).trim()
  const m = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+))(kb|mb|gb|tb)?$/i.exec(t)
  if (!m) return /^0x[0-9a-f]+$/i.test(t) ? Number(t) : undefined
  const unit = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 }[(m[2] ?? '').toLowerCase()] ?? 1
  return Number(m[1]) * unit
}
/** -1, 0, 1: numbers by size, all else as text without regard to capitals. */
export function compare(a: Value | undefined, b: Value | undefined): number {
  const x = typeof a === 'number' || a instanceof PsObject ? numberOf(a) : undefined
  const y = x === undefined ? undefined : numberOf(b)
  if (x !== undefined && y !== undefined) return Math.sign(x - y)
  const s = textOf(a).toLowerCase()
  const t = textOf(b).toLowerCase()
  return s < t ? -1 : s > t ? 1 : 0
}
/** A wildcard pattern (*, ?, [a-z]) against a text, without regard to capitals. */
export function like(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  try {
    return new RegExp(`^(?:${source})$`, 'is').test(text)
  } catch {
    return false
  }
}
/** Values as PowerShell enumerates them: a list gives its members, null nothing. */
export const enumerate = (v: Value | undefined): readonly Value[] =>
  v === null || v === undefined ? [] : isList(v) ? v : [v]
/** One value for many: what `$x = a pipeline` holds. */
export const collapse = (values: readonly Value[]): Value =>
  values.length === 0 ? null : values.length === 1 ? (values[0] as Value) : values

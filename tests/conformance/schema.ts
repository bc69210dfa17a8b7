/** As much of JSON schema (draft 4) as the OCI's schemas use: what is wrong with a value, or nothing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Json = unknown
interface Schema {
  readonly [key: string]: Json
}
const isObject = (v: Json): v is Readonly<Record<string, Json>> =>
  typeof v === 'object' && v !== null && !Array.isArray(v)
const typeOf = (v: Json): string =>
  v === null
    ? 'null'
    : Array.isArray(v)
      ? 'array'
      : typeof v === 'number'
        ? Number.isInteger(v)
          ? 'integer'
          : 'number'
        : typeof v
const fits = (v: Json, type: string): boolean => typeOf(v) === type || (type === 'number' && typeOf(v) === 'integer')

/** A folder of schemas that refer to each other by file name. */
export class Schemas {
  readonly dir: string
  readonly #files = new Map<string, Schema>()
  constructor(dir: string) {
    this.dir = dir
  }
  #file(name: string): Schema {
    const known = this.#files.get(name) ?? (JSON.parse(readFileSync(join(this.dir, name), 'utf8')) as Schema)
    this.#files.set(name, known)
    return known
  }
  /** Complaints about a value by the schema in a file; none where it is valid. */
  check(file: string, value: Json): string[] {
    return this.#check(this.#file(file), value, file, '')
  }
  #resolve(ref: string, file: string): { readonly schema: Schema; readonly file: string } {
    const [name = '', pointer = ''] = ref.split('#')
    const target = name === '' ? file : name
    let at: Json = this.#file(target)
    for (const part of pointer.split('/').filter(Boolean)) at = (at as Schema)[part]
    if (!isObject(at)) throw new Error(`${file}: no ${ref}`)
    return { schema: at, file: target }
  }
  #check(s: Schema, v: Json, file: string, at: string): string[] {
    if (typeof s.$ref === 'string') {
      const r = this.#resolve(s.$ref, file)
      return this.#check(r.schema, v, r.file, at)
    }
    const out: string[] = []
    const types = s.type === undefined ? [] : Array.isArray(s.type) ? (s.type as string[]) : [s.type as string]
    if (types.length > 0 && !types.some((t) => fits(v, t))) return [`${at}: not ${types.join(' or ')}`]
    if (Array.isArray(s.enum) && !s.enum.some((e) => JSON.stringify(e) === JSON.stringify(v)))
      out.push(`${at}: not one of the allowed`)
    if (typeof v === 'string' && typeof s.pattern === 'string' && !new RegExp(s.pattern).test(v))
      out.push(`${at}: not ${s.pattern}`)
    if (
      typeof v === 'string' &&
      s.format === 'date-time' &&
      !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(v)
    )
      out.push(`${at}: not a date-time`)
    if (typeof v === 'string' && s.format === 'uri' && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(v))
      out.push(`${at}: not a URI`)
    if (typeof v === 'number') {
      if (typeof s.minimum === 'number' && v < s.minimum) out.push(`${at}: below ${s.minimum}`)
      if (typeof s.maximum === 'number' && v > s.maximum) out.push(`${at}: above ${s.maximum}`)
    }
    if (Array.isArray(v)) {
      if (typeof s.minItems === 'number' && v.length < s.minItems) out.push(`${at}: fewer than ${s.minItems}`)
      if (isObject(s.items)) for (const [i, x] of v.entries()) out.push(...this.#check(s.items, x, file, `${at}/${i}`))
    }
    if (isObject(v)) out.push(...this.#object(s, v, file, at))
    for (const x of (s.allOf as Schema[] | undefined) ?? []) out.push(...this.#check(x, v, file, at))
    const passing = (list: Json): number =>
      (list as Schema[]).filter((x) => this.#check(x, v, file, at).length === 0).length
    if (s.anyOf !== undefined && passing(s.anyOf) === 0) out.push(`${at}: fits none of anyOf`)
    if (s.oneOf !== undefined && passing(s.oneOf) !== 1) out.push(`${at}: fits not one of oneOf`)
    if (isObject(s.not) && this.#check(s.not, v, file, at).length === 0) out.push(`${at}: fits what it must not`)
    return out
  }
  #object(s: Schema, v: Readonly<Record<string, Json>>, file: string, at: string): string[] {
    const out: string[] = []
    for (const name of (s.required as string[] | undefined) ?? [])
      if (!Object.hasOwn(v, name)) out.push(`${at}: ${name} is missing`)
    const properties = (s.properties ?? {}) as Readonly<Record<string, Schema>>
    const patterns = Object.entries((s.patternProperties ?? {}) as Readonly<Record<string, Schema>>)
    for (const [name, x] of Object.entries(v)) {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined
      const matching = patterns.filter(([p]) => new RegExp(p).test(name)).map(([, y]) => y)
      for (const y of own ? [own, ...matching] : matching) out.push(...this.#check(y, x, file, `${at}/${name}`))
      if (own || matching.length > 0) continue
      if (s.additionalProperties === false) out.push(`${at}: ${name} is too much`)
      else if (isObject(s.additionalProperties))
        out.push(...this.#check(s.additionalProperties, x, file, `${at}/${name}`))
    }
    return out
  }
}

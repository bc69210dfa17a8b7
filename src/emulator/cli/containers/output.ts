/** Tables, templates and JSON as podman and buildah print them. */

import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { GoTypes } from '../../oci/gotemplate/execute.ts'
import { humanDuration, humanSize } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { tabulate } from '../docker/format.ts'
import { templates } from '../docker/templates.ts'

/** A column: its heading, and the field of a row that it shows. */
export type Column = readonly [heading: string, field: string]
type Row = Readonly<Record<string, unknown>>

export const ago = (then: number, now: number): string => `${humanDuration(now - then)} ago`
/** `211 kB`: three digits, and a blank before the unit. */
export const size = (bytes: number): string => humanSize(bytes, 3).replace(/([\d.])([a-zA-Z])/, '$1 $2')
export const table = (rows: readonly (readonly string[])[], minimum = 12): string => tabulate(rows, minimum, 2)

/** What is known of the types of these tools' documents: which fields are maps. */
const typesOf = (maps: ReadonlySet<string>): GoTypes => ({ maps, pointers: new Set(), optional: {} })
/** The names by which errors call a command's template and document. */
export interface Own {
  readonly name: string
  readonly type: string
}
/** Executes a template over each object, a line each. Throws Problem. */
export function* printTemplate(
  sys: Sys,
  source: string,
  objects: readonly unknown[],
  maps?: ReadonlySet<string>,
  own?: Own,
): Run<void> {
  const named = (error: string): string =>
    own
      ? error.replace(/^template: :/, `template: ${own.name}:`).replace('executing ""', `executing "${own.name}"`)
      : error
  const { parseTemplate, execute } = yield* templates(sys)
  const parsed = parseTemplate(source.replace(/\\t/g, '\t').replace(/\\n/g, '\n'))
  if ('error' in parsed) throw new Problem(named(parsed.error))
  for (const o of objects) {
    const out = execute(parsed, o, own?.type, maps && typesOf(maps))
    if (typeof out !== 'string') throw new Problem(named(out.error))
    yield* print(sys, `${out}\n`)
  }
}
export interface ListOptions {
  readonly format: string | undefined
  readonly noHeading?: boolean
  /** What --format json prints, where it isn't the rows. */
  readonly json?: readonly unknown[]
  readonly minimum?: number
}
/** A list: a table, JSON, `table TEMPLATE`, or a template. */
export function* printList(sys: Sys, columns: readonly Column[], rows: readonly Row[], o: ListOptions): Run<void> {
  const { format } = o
  if (format === 'json') {
    yield* print(sys, `${JSON.stringify(o.json ?? rows, null, 2)}\n`)
    return
  }
  if (format === undefined || format === 'table') {
    const cells = rows.map((r) => columns.map((c) => String(r[c[1]] ?? '')))
    yield* print(sys, table([...(o.noHeading ? [] : [columns.map((c) => c[0])]), ...cells], o.minimum))
    return
  }
  const asTable = format.startsWith('table ')
  const source = (asTable ? format.slice(6) : format).replace(/\\t/g, '\t').replace(/\\n/g, '\n')
  const { parseTemplate, execute } = yield* templates(sys)
  const parsed = parseTemplate(source)
  if ('error' in parsed) throw new Problem(parsed.error)
  const lines: string[] = []
  for (const row of rows) {
    const out = execute(parsed, row, undefined, typesOf(new Set(['Labels'])))
    if (typeof out !== 'string') throw new Problem(out.error)
    lines.push(out)
  }
  if (!asTable) {
    yield* print(sys, lines.map((l) => `${l}\n`).join(''))
    return
  }
  const heads = Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((k) => [
      k,
      columns.find((c) => c[1] === k)?.[0] ?? k.replace(/([a-z])([A-Z])/g, '$1 $2').toUpperCase(),
    ]),
  )
  const head = execute(parsed, heads)
  yield* print(
    sys,
    table(
      [...(o.noHeading || typeof head !== 'string' ? [] : [head.split('\t')]), ...lines.map((l) => l.split('\t'))],
      o.minimum,
    ),
  )
}
const maps = new Set(
  'Labels Ports Networks ExposedPorts Volumes PortBindings Sysctls Tmpfs Options Containers Annotations DriverOpts Storage Config'.split(
    ' ',
  ),
)
/** Objects that were inspected: indented JSON, or a template over each. */
export function* printObjects(
  sys: Sys,
  format: string | undefined,
  objects: readonly unknown[],
  indent = 5,
): Run<void> {
  if (format === undefined || format === 'json') yield* print(sys, `${JSON.stringify(objects, null, indent)}\n`)
  else yield* printTemplate(sys, format, objects, maps)
}
/** Filters as `key=value` words by key. Throws Problem where one isn't of that form, or isn't known. */
export function filtersOf(words: readonly string[], known: readonly string[], what: string): Map<string, string[]> {
  const out = new Map<string, string[]>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 0) throw new Problem(`invalid filter ${JSON.stringify(word)}`)
    const key = word.slice(0, at)
    if (!known.includes(key)) throw notEmulated(`${what} --filter ${key}`)
    out.set(key, [...(out.get(key) ?? []), word.slice(at + 1)])
  }
  return out
}

/** Tables and templates as the docker command prints them. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { GoTypes, Template } from '../../oci/gotemplate/execute.ts'
import { print } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'
import { templates } from './templates.ts'

/** Columns padded as by Go's tabwriter: at least `minimum` wide with its blanks, `gap` blanks between; the last isn't padded. */
export function tabulate(rows: readonly (readonly string[])[], minimum = 10, gap = 3): string {
  const columns = Math.max(0, ...rows.map((r) => r.length))
  // A column is a run of neighbouring rows that reach beyond it, as tabwriter has it; docker's rows are all of one length.
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(minimum, ...rows.filter((r) => r.length > i + 1).map((r) => [...(r[i] ?? '')].length + gap)),
  )
  const pad = (s: string, width: number): string => s + ' '.repeat(Math.max(0, width - [...s].length))
  return rows.map((r) => `${r.map((c, i) => (i < r.length - 1 ? pad(c, widths[i] ?? 0) : c)).join('')}\n`).join('')
}
/** The template of a --format value: \t and \n written out are what they mean. */
export function* compile(sys: Sys, source: string, code = 1): Run<Template> {
  const { parseTemplate } = yield* templates(sys)
  const template = parseTemplate(source.replace(/\\t/g, '\t').replace(/\\n/g, '\n'))
  if ('error' in template) throw new CliError(`template parsing error: ${template.error}`, code)
  return template
}
/** A field that has no heading has no value in a table's first line. */
const untitled: GoTypes = { maps: new Set(['']), pointers: new Set(), optional: {} }
/** The heading of a column by a label's name, SubHeaderContext.Label of docker's formatter. */
const labelHeading = (name: unknown): string => (String(name).split('.').at(-1) ?? '').replace(/[-_]/g, ' ')

/**
 * A list by --format: a table (default), `table TEMPLATE`, json, or a template. `columns` are the default table's headings and fields,
 * `headings` those of further fields; `type` is the name that Go's errors give a row.
 */
export function* printList(
  sys: Sys,
  format: string | undefined,
  columns: readonly (readonly [heading: string, field: string])[],
  rows: readonly Readonly<Record<string, unknown>>[],
  headings: Readonly<Record<string, string>> = {},
  type = '*formatter.subContext',
): Run<void> {
  if (format === undefined || format === 'table' || format === '') {
    yield* print(
      sys,
      tabulate([columns.map((c) => c[0]), ...rows.map((r) => columns.map((c) => String(r[c[1]] ?? '')))]),
    )
    return
  }
  if (format === 'json') {
    // The fields come from a map, whose keys Go sorts.
    const sorted = (r: Readonly<Record<string, unknown>>): unknown =>
      Object.fromEntries(Object.entries(r).sort(([a], [b]) => (a < b ? -1 : 1)))
    yield* print(sys, rows.map((r) => `${JSON.stringify(sorted(r))}\n`).join(''))
    return
  }
  const table = format.startsWith('table')
  const { execute } = yield* templates(sys)
  const template = yield* compile(sys, table ? format.slice(5).trimStart() : format)
  const lines: string[] = []
  for (const row of rows) {
    const out = execute(template, row, type)
    if (typeof out !== 'string') throw new CliError(`template parsing error: ${out.error}`)
    lines.push(out)
  }
  if (!table) {
    yield* print(sys, lines.map((l) => `${l}\n`).join(''))
    return
  }
  const heads = execute(
    template,
    {
      Label: labelHeading,
      ...Object.fromEntries(columns.map(([h, f]) => [f, h])),
      ...headings,
    },
    undefined,
    untitled,
  )
  const text = [typeof heads === 'string' ? heads : (lines[0] ?? ''), ...lines].join('\n')
  yield* print(sys, tabulate(text.split('\n').map((l) => l.split('\t'))))
}

/** Fields of inspected objects by their Go types (moby/moby api/types). */
const types: GoTypes = {
  // A key that isn't there is no error, it has no value.
  maps: new Set(
    'Labels Ports Networks ExposedPorts Volumes PortBindings Sysctls Tmpfs Options Containers Annotations DriverOpts Storage StorageOpt LogConfig.Config'.split(
      ' ',
    ),
  ),
  pointers: new Set('Health Healthcheck Init MemorySwappiness OomKillDisable PidsLimit StopTimeout'.split(' ')),
  optional: {
    ...Object.fromEntries(
      'State.Health Config.ExposedPorts Config.Healthcheck Config.OnBuild Config.StopTimeout HostConfig.Annotations HostConfig.Init HostConfig.Mounts HostConfig.StorageOpt HostConfig.Sysctls HostConfig.Tmpfs'
        .split(' ')
        .map((field) => [field, null]),
    ),
    'Config.StopSignal': '',
    '.Author': '',
    '.Comment': '',
  },
}
/** A command's own document, for the words of errors: the template's name and the data's type. */
export interface Own {
  readonly name: string
  readonly type: string
}
/** docker inspect's output: JSON, or a template over each object. */
export function* printObjects(sys: Sys, format: string | undefined, objects: readonly unknown[], own?: Own): Run<void> {
  if (format === undefined || format === '') {
    yield* print(sys, `${JSON.stringify(objects, null, 4)}\n`)
    return
  }
  if (format === 'json') {
    yield* print(sys, `${JSON.stringify(objects)}\n`)
    return
  }
  const { execute } = yield* templates(sys)
  let template: Template
  try {
    template = yield* compile(sys, format, 64)
  } catch (e) {
    throw own && e instanceof CliError
      ? new CliError(e.message.replace('template: :', `template: ${own.name}:`), e.code)
      : e
  }
  for (const o of objects) {
    const out = execute(template, o, own?.type, types)
    if (typeof out !== 'string') {
      yield* print(sys, '\n')
      throw new CliError(
        own
          ? out.error
              .replace('template: :', `template: ${own.name}:`)
              .replace('executing ""', `executing "${own.name}"`)
          : `template parsing error: ${out.error}`,
      )
    }
    yield* print(sys, `${out}\n`)
  }
}

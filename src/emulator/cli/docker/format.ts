/** Tables and templates as the docker command prints them. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { execute, parseTemplate } from '../../oci/gotemplate.ts'
import { print } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'

/** Columns padded as by Go's tabwriter with a minimum width of 10 and 3 blanks between. */
export function tabulate(rows: readonly (readonly string[])[], minimum = 10, gap = 3): string {
  const columns = Math.max(0, ...rows.map((r) => r.length))
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(minimum, ...rows.map((r) => (r[i]?.length ?? 0) + gap)),
  )
  return rows.map((r) => `${r.map((c, i) => (i < r.length - 1 ? c.padEnd(widths[i] ?? 0) : c)).join('')}\n`).join('')
}

/** A list by --format: table (default), `table TEMPLATE`, json, or a template; `columns` are the default table's headings and fields. */
export function* printList(
  sys: Sys,
  format: string | undefined,
  columns: readonly (readonly [heading: string, field: string])[],
  rows: readonly Readonly<Record<string, unknown>>[],
  headings: Readonly<Record<string, string>> = {},
): Run<void> {
  if (format === undefined || format === 'table' || format === '') {
    yield* print(
      sys,
      tabulate([columns.map((c) => c[0]), ...rows.map((r) => columns.map((c) => String(r[c[1]] ?? '')))]),
    )
    return
  }
  if (format === 'json') {
    yield* print(sys, rows.map((r) => `${JSON.stringify(r)}\n`).join(''))
    return
  }
  const table = format.startsWith('table ')
  const source = (table ? format.slice(6) : format).replace(/\\t/g, '\t').replace(/\\n/g, '\n')
  const template = parseTemplate(source)
  if ('error' in template) throw new CliError(`template parsing error: ${template.error}`, 64)
  const lines: string[] = []
  if (table) {
    const names = { ...Object.fromEntries(columns.map(([h, f]) => [f, h])), ...headings }
    const first = rows[0] ?? {}
    const heads = execute(template, {
      ...Object.fromEntries(Object.keys(first).map((k) => [k, k.toUpperCase()])),
      ...names,
    })
    lines.push(typeof heads === 'string' ? heads : '')
  }
  for (const row of rows) {
    const out = execute(template, row)
    if (typeof out !== 'string') throw new CliError(`template parsing error: ${out.error}`)
    lines.push(out)
  }
  yield* print(sys, table ? tabulate(lines.map((l) => l.split('\t'))) : lines.map((l) => `${l}\n`).join(''))
}

/** docker inspect's output: JSON, or a template over each object. */
export function* printObjects(sys: Sys, format: string | undefined, objects: readonly unknown[]): Run<void> {
  if (format === undefined || format === '') {
    yield* print(sys, `${JSON.stringify(objects, null, 4)}\n`)
    return
  }
  if (format === 'json') {
    for (const o of objects) yield* print(sys, `${JSON.stringify(o)}\n`)
    return
  }
  const template = parseTemplate(format.replace(/\\t/g, '\t').replace(/\\n/g, '\n'))
  if ('error' in template) throw new CliError(`template parsing error: ${template.error}`, 64)
  for (const o of objects) {
    const out = execute(template, o)
    if (typeof out !== 'string') {
      yield* print(sys, '\n')
      throw new CliError(`template parsing error: ${out.error}`)
    }
    yield* print(sys, `${out}\n`)
  }
}
export const isTerminal = function* (sys: Sys, fd: number): Run<boolean> {
  return !isErr(yield* sys.ioctl(fd, 'TCGETS'))
}

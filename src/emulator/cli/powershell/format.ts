/** How objects become text: Format-Table, Format-List, and the views that types have by default. */
import { isBlock, isList, PsObject, textOf, type Value } from './values.ts'

export interface Column {
  readonly label: string
  readonly right?: boolean
  /** At least so wide, as the type's view says. */
  readonly width?: number
  readonly of: (o: PsObject) => string
}
const field = (label: string, name = label, right = false, width?: number): Column => ({
  label,
  ...(right ? { right } : {}),
  ...(width === undefined ? {} : { width }),
  of: (o) => cell(o.get(name)),
})
const cell = (v: Value | undefined): string =>
  isList(v) ? `{${v.slice(0, 4).map(textOf).join(', ')}${v.length > 4 ? '...' : ''}}` : textOf(v)
const kilobytes = (label: string, name: string, width: number): Column => ({
  label,
  right: true,
  width,
  of: (o) => String(Math.round(Number(o.get(name) ?? 0) / 1024)),
})

/** The tables that types bring with them. */
const views: Readonly<
  Record<string, { readonly columns: readonly Column[]; readonly group?: (o: PsObject) => string }>
> = {
  'System.Diagnostics.Process': {
    columns: [
      field('Handles', 'Handles', true, 7),
      {
        label: 'NPM(K)',
        right: true,
        width: 7,
        of: (o) => String(Math.max(1, Math.round(Number(o.get('Handles')) / 14))),
      },
      kilobytes('PM(K)', 'PagedMemorySize', 8),
      kilobytes('WS(K)', 'WorkingSet', 10),
      {
        label: 'CPU(s)',
        right: true,
        width: 10,
        of: (o) => (typeof o.get('CPU') === 'number' ? (o.get('CPU') as number).toFixed(2) : ''),
      },
      field('Id', 'Id', true, 6),
      field('SI', 'SI', true, 3),
      field('ProcessName'),
    ],
  },
  'Microsoft.HyperV.PowerShell.VirtualMachine': {
    columns: [
      field('Name'),
      field('State'),
      field('CPUUsage(%)', 'CPUUsage'),
      {
        label: 'MemoryAssigned(M)',
        of: (o) => String(Math.round(Number(o.get('MemoryAssigned')) / 1024 ** 2)),
      },
      field('Uptime'),
      field('Status'),
      field('Version'),
    ],
  },
  'System.IO.FileInfo': {
    group: (o) => `\n    Directory: ${textOf(o.get('DirectoryName'))}\n`,
    columns: [
      field('Mode', 'Mode', false, 6),
      { label: 'LastWriteTime', right: true, width: 21, of: (o) => textOf(o.get('LastWriteTime')) },
      field('Length', 'Length', true, 14),
      field('Name'),
    ],
  },
  'System.ServiceProcess.ServiceController': {
    columns: [field('Status', 'Status', false, 8), field('Name', 'Name', false, 18), field('DisplayName')],
  },
  'Microsoft.PowerShell.HostCompute.ComputeProcess': {
    columns: [
      field('Id'),
      field('Type'),
      field('Isolation'),
      field('IsTemplate'),
      field('RuntimeId'),
      field('RuntimeTemplateId'),
      field('Owner'),
    ],
  },
  'System.Management.Automation.CommandInfo': {
    columns: [
      field('CommandType', 'CommandType', false, 15),
      field('Name', 'Name', false, 50),
      field('Version', 'Version', false, 10),
      field('Source'),
    ],
  },
  'System.Management.Automation.PathInfo': { columns: [field('Path')] },
  'System.Version': { columns: ['Major', 'Minor', 'Build', 'Revision'].map((n) => field(n, n, false, 6)) },
  'System.Collections.DictionaryEntry': { columns: [field('Name', 'Name', false, 30), field('Value')] },
  'System.Management.Automation.PSVariable': { columns: [field('Name', 'Name', false, 30), field('Value')] },
  'Microsoft.PowerShell.Commands.HistoryInfo': { columns: [field('Id', 'Id', true, 4), field('CommandLine')] },
  'Microsoft.PowerShell.Commands.GroupInfo': {
    columns: [field('Count', 'Count', true, 5), field('Name', 'Name', false, 25), field('Group')],
  },
  'Microsoft.PowerShell.Commands.MemberDefinition': {
    group: (o) => `   TypeName: ${textOf(o.get('TypeName'))}`,
    columns: [field('Name'), field('MemberType'), field('Definition')],
  },
}

/** Rows below their heads and a line of dashes. */
export function table(columns: readonly Column[], rows: readonly PsObject[]): string {
  const cells = rows.map((r) => columns.map((c) => c.of(r)))
  const widths = columns.map((c, i) =>
    Math.max(c.width ?? 0, c.label.length, ...cells.map((r) => (r[i] as string).length)),
  )
  const put = (texts: readonly string[]): string =>
    texts
      .map((t, i) => (columns[i]?.right ? t.padStart(widths[i] as number) : t.padEnd(widths[i] as number)))
      .join(' ')
      .trimEnd()
  const lines = [
    put(columns.map((c) => c.label)),
    put(columns.map((c) => '-'.repeat(c.label.length))),
    ...cells.map(put),
  ]
  return `${lines.join('\n')}\n`
}
/** Name : value, a line a property. */
export function list(rows: readonly PsObject[], names?: readonly string[]): string {
  return rows
    .map((r) => {
      const keys = names ?? [...r.properties.keys()]
      const width = Math.max(...keys.map((k) => k.length), 0)
      return `${keys.map((k) => `${(r.spelled(k) ?? k).padEnd(width)} : ${cell(r.get(k))}\n`).join('')}`
    })
    .join('\n')
}
/** Columns for named properties; numbers stand at the right. */
export function columnsOf(names: readonly string[], rows: readonly PsObject[]): Column[] {
  return names.map((n) => {
    const spelled = rows.map((r) => r.spelled(n)).find((s) => s !== undefined) ?? n
    return field(
      spelled,
      n,
      rows.some((r) => typeof r.get(n) === 'number'),
    )
  })
}
/** The columns that a type shows by default; undefined where it has no view. */
export const viewOf = (type: string): readonly Column[] | undefined => views[type]?.columns

/** Text that a Format cmdlet made: shown as it is. */
export const FORMATTED = 'Microsoft.PowerShell.Commands.Internal.Format'

function run(objects: readonly PsObject[]): string {
  const type = (objects[0] as PsObject).type
  if (type === FORMATTED) return objects.map((o) => o.text ?? '').join('')
  const view = views[type]
  if (view) {
    if (!view.group) return `\n${table(view.columns, objects)}\n\n`
    let out = ''
    for (let i = 0; i < objects.length; ) {
      const head = view.group(objects[i] as PsObject)
      let end = i
      while (end < objects.length && view.group(objects[end] as PsObject) === head) end++
      out += `\n${head}\n\n${table(view.columns, objects.slice(i, end))}\n`
      i = end
    }
    return `${out}\n`
  }
  if (type === 'System.Collections.Hashtable') {
    const rows = objects.flatMap((o) => [...o.properties].map(([Name, Value]) => new PsObject('', { Name, Value })))
    return `\n${table([field('Name', 'Name', false, 30), field('Value')], rows)}\n\n`
  }
  if (type === 'System.DateTime') return objects.map((o) => `\n${textOf(o.get('DateTime'))}\n\n\n`).join('')
  if (type === 'System.TimeSpan') return `\n${list(objects)}\n\n`
  // A view of its own: an empty line around.
  if (type === 'Microsoft.PowerShell.Commands.MatchInfo') return `\n${objects.map((o) => `${o.text}\n`).join('')}\n\n`
  if (type === 'System.Management.Automation.ErrorRecord') return objects.map((o) => `${o.text}\n`).join('')
  if ((objects[0] as PsObject).text !== undefined) return objects.map((o) => `${o.text}\n`).join('')
  const names = [...(objects[0] as PsObject).properties.keys()]
  return names.length <= 4 ? `\n${table(columnsOf(names, objects), objects)}\n\n` : `\n${list(objects, names)}\n\n`
}

/** Everything that a pipeline gave, as the console shows it: objects of one type in one table. */
export function formatValues(values: readonly Value[]): string {
  let out = ''
  let group: PsObject[] = []
  const flush = (): void => {
    if (group.length > 0) out += run(group)
    group = []
  }
  const shape = (o: PsObject): string => (views[o.type] ? o.type : `${o.type}:${[...o.properties.keys()].join()}`)
  const each = (v: Value): void => {
    if (v instanceof PsObject) {
      if (group[0] && shape(group[0]) !== shape(v)) flush()
      group.push(v)
      return
    }
    if (isList(v)) {
      for (const x of v) each(x)
      return
    }
    flush()
    if (v !== null) out += `${isBlock(v) ? v.text : textOf(v)}\n`
  }
  for (const v of values) each(v)
  flush()
  return out
}

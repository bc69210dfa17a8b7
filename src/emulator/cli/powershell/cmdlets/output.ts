/** Cmdlets that show, format, or take text apart. */
import { isErr } from '../../../base/errno.ts'
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { readText, warn, write, writeAll } from '../../../userland/lib/io.ts'
import { entriesOf, objectName, windowsName } from '../../../userland/windows/paths.ts'
import { type Cmdlets, flag, rest, value } from '../cmdlet.ts'
import { columnsOf, FORMATTED, formatValues, list, table, viewOf } from '../format.ts'
import { collapse, enumerate, isBlock, like, numberOf, PsObject, textOf, type Value } from '../values.ts'

const utility = 'Microsoft.PowerShell.Utility'
const formatted = (text: string): readonly Value[] => [new PsObject(FORMATTED, {}, text)]

/** JSON from objects, as ConvertTo-Json nests them. */
function plain(v: Value, depth: number): unknown {
  if (v instanceof PsObject)
    return depth <= 0 ? textOf(v) : Object.fromEntries([...v.properties].map(([k, x]) => [k, plain(x, depth - 1)]))
  if (Array.isArray(v)) return depth <= 0 ? textOf(v) : v.map((x) => plain(x as Value, depth - 1))
  return isBlock(v) ? v.text : v
}
/** The objects of a JSON text; undefined where it is none. */
export function fromJson(text: string): Value | undefined {
  try {
    return objects(JSON.parse(text))
  } catch {
    return undefined
  }
}
function objects(v: unknown): Value {
  if (Array.isArray(v)) return v.map(objects)
  if (typeof v === 'object' && v !== null)
    return new PsObject('PSCustomObject', Object.fromEntries(Object.entries(v).map(([k, x]) => [k, objects(x)])))
  return v as Value
}

export const outputCmdlets: Cmdlets = {
  'Write-Output': {
    short: 'Sends the specified objects to the next command in the pipeline.',
    module: utility,
    parameters: { InputObject: rest(0) },
    *run(g) {
      return [...g.input, ...enumerate(g.values.get('InputObject'))]
    },
  },
  'Write-Host': {
    short: 'Writes customized output to a host.',
    module: utility,
    parameters: { Object: rest(0), NoNewline: flag(), ForegroundColor: value() },
    *run(g) {
      const text = enumerate(g.values.get('Object') ?? collapse(g.input))
        .map(textOf)
        .join(' ')
      yield* write(g.sys, 1, g.has('NoNewline') ? text : `${text}\n`)
      return []
    },
  },
  'Write-Error': {
    short: 'Writes an object to the error stream.',
    module: utility,
    parameters: { Message: value(0) },
    *run(g) {
      yield* g.shell.fail(
        g.error(
          g.text('Message') ?? '',
          'NotSpecified: (:) [Write-Error], WriteErrorException',
          'Microsoft.PowerShell.Commands.WriteErrorException',
        ),
      )
      return []
    },
  },
  'Write-Warning': {
    short: 'Writes a warning message.',
    module: utility,
    parameters: { Message: value(0) },
    *run(g) {
      yield* warn(g.sys, `WARNING: ${g.text('Message') ?? ''}\n`)
      return []
    },
  },
  'Format-Table': {
    short: 'Formats the output as a table.',
    module: utility,
    parameters: { Property: rest(0), AutoSize: flag(), Wrap: flag(), HideTableHeaders: flag() },
    *run(g) {
      const rows = g.input.filter((i) => i instanceof PsObject)
      const names = g.list('Property')
      const first = rows[0]
      if (!first) return g.input
      const columns =
        names.length > 0
          ? columnsOf(names, rows)
          : (viewOf(first.type) ?? columnsOf([...first.properties.keys()], rows))
      const text = table(columns, rows)
      return formatted(`\n${g.has('HideTableHeaders') ? text.split('\n').slice(2).join('\n') : text}\n\n`)
    },
  },
  'Format-List': {
    short: 'Formats the output as a list of properties in which each property appears on a new line.',
    module: utility,
    parameters: { Property: rest(0) },
    *run(g) {
      const rows = g.input.filter((i) => i instanceof PsObject)
      const names = g.list('Property')
      if (rows.length === 0) return g.input
      const wild = names.includes('*')
      return formatted(`\n${list(rows, names.length > 0 && !wild ? names : undefined)}\n\n`)
    },
  },
  'Tee-Object': {
    short: 'Saves command output in a file or variable and also sends it down the pipeline.',
    module: utility,
    parameters: { FilePath: value(0), Variable: value(), Append: flag() },
    *run(g) {
      const name = g.text('Variable')
      if (name !== undefined) g.shell.set(name.toLowerCase(), [...g.input])
      const file = g.text('FilePath')
      if (file === undefined) return g.input
      const path = yield* objectName(g.sys, file)
      const fd = yield* g.sys.open(path, O_WRONLY | O_CREAT | (g.has('Append') ? O_APPEND : O_TRUNC), 0o644)
      if (isErr(fd)) return g.input
      yield* writeAll(g.sys, fd, new TextEncoder().encode(formatValues(g.input)))
      yield* g.sys.close(fd)
      return g.input
    },
  },
  'Out-Null': {
    short: 'Hides the output instead of sending it down the pipeline or displaying it.',
    module: 'Microsoft.PowerShell.Core',
    parameters: { InputObject: value(0) },
    *run() {
      return []
    },
  },
  'Out-String': {
    short: 'Outputs input objects as a string.',
    module: utility,
    parameters: { Stream: flag() },
    *run(g) {
      const text = formatValues(g.input)
      return g.has('Stream') ? text.replace(/\n$/, '').split('\n') : [text]
    },
  },
  'Out-Host': {
    short: 'Sends output to the command line.',
    module: 'Microsoft.PowerShell.Core',
    parameters: { Paging: flag() },
    *run(g) {
      return g.input
    },
  },
  'Out-File': {
    short: 'Sends output to a file.',
    module: utility,
    parameters: { FilePath: value(0), Append: flag(), Encoding: value() },
    *run(g) {
      const path = yield* objectName(g.sys, g.text('FilePath') ?? '')
      const fd = yield* g.sys.open(path, O_WRONLY | O_CREAT | (g.has('Append') ? O_APPEND : O_TRUNC), 0o644)
      if (isErr(fd))
        throw g.error(
          `Could not find a part of the path '${windowsName(path)}'.`,
          'OpenError: (:) [Out-File], DirectoryNotFoundException',
          'FileOpenFailure,Microsoft.PowerShell.Commands.OutFileCommand',
        )
      yield* writeAll(g.sys, fd, new TextEncoder().encode(formatValues(g.input)))
      yield* g.sys.close(fd)
      return []
    },
  },
  'Select-String': {
    short: 'Finds text in strings and files.',
    module: utility,
    parameters: {
      Pattern: value(0),
      Path: value(1),
      SimpleMatch: flag(),
      NotMatch: flag(),
      CaseSensitive: flag(),
      Quiet: flag(),
    },
    *run(g) {
      const lines: { readonly where: string; readonly text: string }[] = []
      const path = g.text('Path')
      if (path !== undefined) {
        const whole = yield* objectName(g.sys, path)
        const folder = whole.slice(0, whole.lastIndexOf('/'))
        const entries = yield* entriesOf(g.sys, folder)
        const pattern = whole.slice(whole.lastIndexOf('/') + 1)
        // Names of the current folder stand without it.
        const here = (yield* g.sys.getcwd()) === folder
        for (const e of isErr(entries) ? [] : entries)
          if (like(e.name, pattern)) {
            const text = yield* readText(g.sys, `${folder}/${e.name}`)
            if (!isErr(text))
              text
                .split(/\r?\n/)
                .forEach(
                  (t, n) =>
                    void lines.push({ where: `${here ? '' : `${windowsName(folder)}\\`}${e.name}:${n + 1}:`, text: t }),
                )
          }
      } else
        for (const t of formatValues(g.input.filter((i) => typeof i !== 'string'))
          .split('\n')
          .concat(g.input.filter((i) => typeof i === 'string')))
          if (t !== '') lines.push({ where: '', text: t })
      const source = g
        .list('Pattern')
        .map((p) => (g.has('SimpleMatch') ? p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : p))
        .join('|')
      let re: RegExp
      try {
        re = new RegExp(source, g.has('CaseSensitive') ? '' : 'i')
      } catch {
        throw g.error(
          `The string ${source} is not a valid regular expression.`,
          'InvalidArgument: (:) [Select-String], ArgumentException',
          'InvalidRegex,Microsoft.PowerShell.Commands.SelectStringCommand',
        )
      }
      const hits = lines.filter((l) => re.test(l.text) !== g.has('NotMatch'))
      if (g.has('Quiet')) return [hits.length > 0]
      return hits.map(
        (l) =>
          new PsObject('Microsoft.PowerShell.Commands.MatchInfo', { Line: l.text, Pattern: source }, l.where + l.text),
      )
    },
  },
  'ConvertTo-Json': {
    short: 'Converts an object to a JSON-formatted string.',
    module: utility,
    parameters: { InputObject: value(0), Depth: value(), Compress: flag() },
    *run(g) {
      const v = g.values.get('InputObject') ?? collapse(g.input)
      const tree = plain(v, (numberOf(g.values.get('Depth') ?? 2) ?? 2) + 1)
      return [g.has('Compress') ? JSON.stringify(tree) : JSON.stringify(tree, null, 4)]
    },
  },
  'ConvertFrom-Json': {
    short: 'Converts a JSON-formatted string to a custom object.',
    module: utility,
    parameters: { InputObject: value(0) },
    *run(g) {
      if (g.piped && g.input.length === 0) return []
      const lines = g.values.has('InputObject') ? [g.text('InputObject') as string] : g.input.map(textOf)
      const text = lines.join('\n')
      try {
        // A first line that is a document by itself: each line is one.
        if (lines.length > 1 && fromJson(lines[0] as string) !== undefined)
          return lines.filter((l) => l.trim() !== '').flatMap((l) => enumerate(objects(JSON.parse(l))))
        return enumerate(objects(JSON.parse(text)))
      } catch {
        throw g.error(
          `Invalid JSON primitive: ${text.trim().split(/\s/)[0] ?? ''}.`,
          'NotSpecified: (:) [ConvertFrom-Json], ArgumentException',
          'System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand',
        )
      }
    },
  },
  'Clear-Host': {
    short: 'Clears the display in the host program.',
    module: 'Microsoft.PowerShell.Core',
    parameters: {},
    *run(g) {
      yield* write(g.sys, 1, '\x1b[H\x1b[2J')
      return []
    },
  },
}

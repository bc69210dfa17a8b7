/** Cmdlets about the session itself: what was typed, text as commands; and small helpers for objects. */
import type { Run } from '../../../kernel/linux/abi.ts'
import { windowsName } from '../../../userland/windows/paths.ts'
import { type Cmdlets, flag, rest, value } from '../cmdlet.ts'
import { spanObject } from '../dates.ts'
import { Parser } from '../parser.ts'
import { ParseProblem } from '../scanner.ts'
import { compare, enumerate, numberOf, PsError, PsObject, textOf, type Value } from '../values.ts'

const utility = 'Microsoft.PowerShell.Utility'
const quote = (v: Value): string => `"${textOf(v).replace(/"/g, '""')}"`

export const sessionCmdlets: Cmdlets = {
  'Get-History': {
    short: 'Gets a list of the commands entered during the current session.',
    module: 'Microsoft.PowerShell.Core',
    parameters: { Count: value() },
    *run(g) {
      return g.shell.history.map(
        (CommandLine, i) => new PsObject('Microsoft.PowerShell.Commands.HistoryInfo', { Id: i + 1, CommandLine }),
      )
    },
  },
  'Invoke-Expression': {
    short: 'Runs commands or expressions on the local computer.',
    module: utility,
    parameters: { Command: value(0) },
    *run(g): Run<readonly Value[]> {
      const text = g.text('Command') ?? g.input.map(textOf).join('\n')
      try {
        const out: Value[] = []
        for (const s of new Parser(text).program()) out.push(...(yield* g.shell.statement(s, 'caller')))
        return out
      } catch (e) {
        if (!(e instanceof ParseProblem)) throw e
        throw new PsError(e.message, 'ParserError: (:) [Invoke-Expression], ParseException', e.id, 'Invoke-Expression')
      }
    },
  },
  'Get-Random': {
    short: 'Gets a random number, or selects objects randomly from a collection.',
    module: utility,
    parameters: { Maximum: value(0), Minimum: value(), InputObject: value(), Count: value() },
    *run(g) {
      const draw = function* (below: number): Run<number> {
        const bytes = yield* g.sys.getrandom(6)
        return bytes.reduce((n, b) => n * 256 + b, 0) % Math.max(1, below)
      }
      const items = [...(g.input.length > 0 ? g.input : enumerate(g.values.get('InputObject')))]
      if (items.length === 0) {
        const from = numberOf(g.values.get('Minimum') ?? 0) ?? 0
        return [from + (yield* draw((numberOf(g.values.get('Maximum') ?? 2147483647) ?? 1) - from))]
      }
      const out: Value[] = []
      const wanted = Math.min(items.length, numberOf(g.values.get('Count') ?? 1) ?? 1)
      while (out.length < wanted) out.push(...items.splice(yield* draw(items.length), 1))
      return out
    },
  },
  'Compare-Object': {
    short: 'Compares two sets of objects.',
    module: utility,
    parameters: { ReferenceObject: value(0), DifferenceObject: value(1), IncludeEqual: flag() },
    *run(g) {
      const left = enumerate(g.values.get('ReferenceObject'))
      const right = enumerate(g.values.get('DifferenceObject'))
      const has = (list: readonly Value[], v: Value): boolean => list.some((x) => compare(x, v) === 0)
      const row = (InputObject: Value, SideIndicator: string): PsObject =>
        new PsObject('PSCustomObject', { InputObject, SideIndicator })
      return [
        ...(g.has('IncludeEqual') ? left.filter((v) => has(right, v)).map((v) => row(v, '==')) : []),
        ...right.filter((v) => !has(left, v)).map((v) => row(v, '=>')),
        ...left.filter((v) => !has(right, v)).map((v) => row(v, '<=')),
      ]
    },
  },
  'New-TimeSpan': {
    short: 'Creates a TimeSpan object.',
    module: utility,
    parameters: { Days: value(), Hours: value(), Minutes: value(), Seconds: value() },
    *run(g) {
      const of = (name: string, unit: number): number => (numberOf(g.values.get(name) ?? 0) ?? 0) * unit
      return [spanObject(of('Days', 86_400e9) + of('Hours', 3600e9) + of('Minutes', 60e9) + of('Seconds', 1e9))]
    },
  },
  'ConvertTo-Csv': {
    short: 'Converts objects into a series of comma-separated value (CSV) variable-length strings.',
    module: utility,
    parameters: { NoTypeInformation: flag(['nti']), Delimiter: value() },
    *run(g) {
      const rows = g.input.filter((i) => i instanceof PsObject)
      const [first] = rows
      if (!first) return []
      const keys = [...first.properties.keys()]
      const between = g.text('Delimiter') ?? ','
      return [
        ...(g.has('NoTypeInformation') ? [] : [`#TYPE ${first.type}`]),
        keys.map(quote).join(between),
        ...rows.map((r) => keys.map((k) => quote(r.get(k) ?? null)).join(between)),
      ]
    },
  },
  'Start-Process': {
    short: 'Starts one or more processes on the local computer.',
    module: 'Microsoft.PowerShell.Management',
    parameters: { FilePath: value(0), ArgumentList: rest(1, ['args']), Wait: flag(), NoNewWindow: flag() },
    *run(g) {
      const name = g.text('FilePath') ?? ''
      const path = yield* g.shell.find(name)
      if (path === undefined)
        throw g.error(
          'This command cannot be run due to the error: The system cannot find the file specified.',
          'InvalidOperation: (:) [Start-Process], InvalidOperationException',
          'InvalidOperationException,Microsoft.PowerShell.Commands.StartProcessCommand',
        )
      // A program of the console opens a window of its own, which isn't shown: only its work is.
      yield* g.shell.native(path, [windowsName(path), ...g.list('ArgumentList')], [], false, g.has('NoNewWindow'))
      g.shell.succeeded = true
      return []
    },
  },
}

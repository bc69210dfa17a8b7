/** Cmdlets on any objects: choose, filter, sort, count. */
import type { Run } from '../../../kernel/linux/abi.ts'
import { type Cmdlets, flag, type Given, rest, value } from '../cmdlet.ts'
import { evaluateOperator, memberOf } from '../operators.ts'
import {
  collapse,
  compare,
  enumerate,
  isBlock,
  isList,
  like,
  numberOf,
  PsObject,
  textOf,
  truthOf,
  type Value,
} from '../values.ts'

const utility = 'Microsoft.PowerShell.Utility'
const core = 'Microsoft.PowerShell.Core'

/** A property by name, or a hashtable's Name and Expression. */
function* calculated(g: Given, spec: Value, item: Value): Run<readonly [string, Value]> {
  if (spec instanceof PsObject) {
    const block = spec.get('Expression') ?? spec.get('e')
    const name = textOf(spec.get('Name') ?? spec.get('n') ?? spec.get('Label') ?? spec.get('l'))
    return [name, isBlock(block) ? collapse(yield* g.shell.call(block, item)) : memberOf(item, textOf(block))]
  }
  if (isBlock(spec)) return [spec.text, collapse(yield* g.shell.call(spec, item))]
  const name = textOf(spec)
  return [item instanceof PsObject ? (item.spelled(name) ?? name) : name, memberOf(item, name)]
}
function* keyOf(g: Given, spec: Value | undefined, item: Value): Run<Value> {
  return spec === undefined ? item : (yield* calculated(g, spec, item))[1]
}

/** How Get-Member shows a property: `int Id {get;}`, `string Name=web`. */
function definition(type: string, name: string, v: Value): string {
  const kind =
    typeof v === 'number' ? (Number.isInteger(v) ? 'int' : 'double') : typeof v === 'boolean' ? 'bool' : 'string'
  return type === 'PSCustomObject' ? `${kind} ${name}=${textOf(v)}` : `${kind} ${name} {get;}`
}
/** -eq and the like as switches of Where-Object. */
const tests = ['EQ', 'NE', 'GT', 'GE', 'LT', 'LE', 'Like', 'NotLike', 'Match', 'NotMatch', 'Contains', 'In']

export const objectCmdlets: Cmdlets = {
  'Select-Object': {
    short: 'Selects objects or object properties.',
    module: utility,
    parameters: {
      Property: rest(0),
      First: value(),
      Last: value(),
      Skip: value(),
      ExpandProperty: value(),
      Unique: flag(),
    },
    *run(g) {
      let items: readonly Value[] = g.input
      const count = (name: string): number | undefined =>
        g.values.has(name) ? numberOf(g.values.get(name)) : undefined
      const skip = count('Skip')
      if (skip !== undefined) items = items.slice(skip)
      const first = count('First')
      const last = count('Last')
      if (first !== undefined) items = items.slice(0, first)
      if (last !== undefined) items = last === 0 ? [] : items.slice(-last)
      const expand = g.text('ExpandProperty')
      if (expand !== undefined) {
        const out: Value[] = []
        for (const i of items) {
          if (i instanceof PsObject && i.spelled(expand) === undefined)
            yield* g.shell.fail(
              g.error(
                `Property "${expand}" cannot be found.`,
                'InvalidArgument: (:PSObject) [Select-Object], PSArgumentException',
                'ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand',
              ),
            )
          else out.push(...enumerate(memberOf(i, expand)))
        }
        return out
      }
      const specs = enumerate(g.values.get('Property'))
      if (specs.length > 0) {
        const out: Value[] = []
        for (const i of items) {
          const pairs = new Map<string, Value>()
          for (const s of specs) {
            if (typeof s === 'string' && s.includes('*') && i instanceof PsObject) {
              for (const [k, v] of i.properties) if (like(k, s)) pairs.set(k, v)
            } else pairs.set(...(yield* calculated(g, s, i)))
          }
          out.push(new PsObject('PSCustomObject', pairs))
        }
        items = out
      }
      if (g.has('Unique')) {
        const seen = new Set<string>()
        items = items.filter((i) => {
          const key = textOf(i)
          if (seen.has(key)) return false
          seen.add(key)
          return true
        })
      }
      return items
    },
  },
  'Where-Object': {
    short: 'Selects objects from a collection based on their property values.',
    module: core,
    parameters: {
      FilterScript: value(0, ['property']),
      Value: value(1),
      ...Object.fromEntries(tests.map((t) => [t, flag()])),
    },
    *run(g) {
      const filter = g.values.get('FilterScript')
      const operator = tests.find((t) => g.has(t))
      const out: Value[] = []
      for (const i of g.input) {
        const holds = isBlock(filter)
          ? truthOf(collapse(yield* g.shell.call(filter, i)))
          : operator
            ? truthOf(
                evaluateOperator(operator.toLowerCase(), memberOf(i, textOf(filter)), g.values.get('Value') ?? null),
              )
            : truthOf(memberOf(i, textOf(filter)))
        if (holds) out.push(i)
      }
      return out
    },
  },
  'ForEach-Object': {
    short: 'Performs an operation against each item in a collection of input objects.',
    module: core,
    parameters: { Process: value(0, ['membername']), Begin: value(), End: value() },
    *run(g) {
      const work = g.values.get('Process')
      const out: Value[] = []
      const edge = function* (name: string): Run<void> {
        const block = g.values.get(name)
        if (isBlock(block)) out.push(...(yield* g.shell.call(block, null)))
      }
      yield* edge('Begin')
      for (const i of g.input)
        out.push(...(isBlock(work) ? yield* g.shell.call(work, i) : enumerate(memberOf(i, textOf(work)))))
      yield* edge('End')
      return out
    },
  },
  'Sort-Object': {
    short: 'Sorts objects by property values.',
    module: utility,
    parameters: { Property: rest(0), Descending: flag(), Unique: flag() },
    *run(g) {
      const specs = enumerate(g.values.get('Property'))
      const keyed: { readonly item: Value; readonly keys: Value[] }[] = []
      for (const item of g.input) {
        const keys: Value[] = []
        for (const s of specs.length > 0 ? specs : [undefined]) keys.push(yield* keyOf(g, s, item))
        keyed.push({ item, keys })
      }
      const sign = g.has('Descending') ? -1 : 1
      const order = (a: (typeof keyed)[number], b: (typeof keyed)[number]): number => {
        for (const [n, k] of a.keys.entries()) {
          const c = compare(k, b.keys[n])
          if (c !== 0) return sign * c
        }
        return 0
      }
      keyed.sort(order)
      const unique = g.has('Unique')
        ? keyed.filter((k, n) => n === 0 || order(keyed[n - 1] as (typeof keyed)[number], k) !== 0)
        : keyed
      return unique.map((k) => k.item)
    },
  },
  'Group-Object': {
    short: 'Groups objects that contain the same value for specified properties.',
    module: utility,
    parameters: { Property: rest(0), NoElement: flag() },
    *run(g) {
      const spec = enumerate(g.values.get('Property'))[0]
      const groups = new Map<string, Value[]>()
      for (const i of g.input) {
        const key = textOf(yield* keyOf(g, spec, i))
        groups.set(key, [...(groups.get(key) ?? []), i])
      }
      return [...groups].map(
        ([Name, members]) =>
          new PsObject('Microsoft.PowerShell.Commands.GroupInfo', {
            Count: members.length,
            Name,
            ...(g.has('NoElement') ? {} : { Group: members }),
          }),
      )
    },
  },
  'Measure-Object': {
    short: 'Calculates the numeric properties of objects.',
    module: utility,
    parameters: {
      Property: value(0),
      Sum: flag(),
      Average: flag(),
      Maximum: flag(),
      Minimum: flag(),
      Line: flag(),
    },
    *run(g) {
      const name = g.text('Property')
      if (g.has('Line'))
        return [
          new PsObject('Microsoft.PowerShell.Commands.TextMeasureInfo', {
            Lines: g.input.filter((i) => textOf(i).trim() !== '').length,
          }),
        ]
      const numbers: number[] = []
      for (const i of g.input) {
        const v = name === undefined ? i : memberOf(i, name)
        if (v === null) continue
        const n = numberOf(v)
        if (n === undefined) {
          if (['Sum', 'Average', 'Maximum', 'Minimum'].some((x) => g.has(x)))
            yield* g.shell.fail(
              g.error(
                `Input object "${textOf(v)}" is not numeric.`,
                `InvalidType: (${textOf(v)}:String) [Measure-Object], PSInvalidOperationException`,
                'NonNumericInputObject,Microsoft.PowerShell.Commands.MeasureObjectCommand',
              ),
            )
          continue
        }
        numbers.push(n)
      }
      const sum = numbers.reduce((a, b) => a + b, 0)
      const have = (x: string, v: number): Value => (g.has(x) && numbers.length > 0 ? v : null)
      return [
        new PsObject('Microsoft.PowerShell.Commands.GenericMeasureInfo', {
          Count: name === undefined ? g.input.length : g.input.filter((i) => memberOf(i, name) !== null).length,
          Average: have('Average', sum / Math.max(1, numbers.length)),
          Sum: have('Sum', sum),
          Maximum: have('Maximum', Math.max(...numbers)),
          Minimum: have('Minimum', Math.min(...numbers)),
          Property: name ?? null,
        }),
      ]
    },
  },
  'Get-Member': {
    short: 'Gets the properties and methods of objects.',
    module: utility,
    parameters: { Name: rest(0), MemberType: value() },
    *run(g) {
      const seen = new Set<string>()
      const out: Value[] = []
      for (const i of g.input) {
        const type =
          i instanceof PsObject
            ? i.type
            : isList(i)
              ? 'System.Object[]'
              : typeof i === 'number'
                ? 'System.Int32'
                : 'System.String'
        if (seen.has(type)) continue
        seen.add(type)
        const names = i instanceof PsObject ? [...i.properties.keys()].sort() : ['Length']
        for (const n of names)
          if (!g.has('Name') || g.list('Name').some((x) => like(n, x)))
            out.push(
              new PsObject('Microsoft.PowerShell.Commands.MemberDefinition', {
                TypeName: type,
                Name: n,
                MemberType: type === 'PSCustomObject' ? 'NoteProperty' : 'Property',
                Definition: definition(type, n, i instanceof PsObject ? (i.get(n) ?? null) : 0),
              }),
            )
      }
      return out
    },
  },
}

/** Types by their names: conversion, tests, and the static members of .NET that everyday lines use. What isn't here isn't emulated. */
import type { Run } from '../../kernel/linux/abi.ts'
import { dateObject } from './dates.ts'
import type { PowerShell } from './interp.ts'
import { enumerate, isBlock, isList, numberOf, PsError, PsObject, textOf, truthOf, type Value } from './values.ts'

const notEmulated = (what: string): PsError =>
  new PsError(`zukan: not emulated: ${what}`, 'NotImplemented: (:) [], RuntimeException', 'NotEmulated')
/** The name without namespace and the accelerators' synonyms. */
const plain = (type: string): string => {
  const name = type.replace(/^system\.(?:management\.automation\.)?/, '')
  return (
    { int32: 'int', int64: 'long', boolean: 'bool', single: 'float', 'object[]': 'array', psobject: 'pscustomobject' }[
      name
    ] ?? name
  )
}
const fullNames: Readonly<Record<string, string>> = {
  int: 'System.Int32',
  long: 'System.Int64',
  double: 'System.Double',
  bool: 'System.Boolean',
  string: 'System.String',
}

/** A value as a type, about_Type_Conversion. Throws a PsError where it can't be. */
export function converted(type: string, v: Value): Value {
  const name = plain(type)
  switch (name) {
    case 'int':
    case 'long':
    case 'byte':
    case 'uint32':
    case 'double':
    case 'decimal':
    case 'float': {
      const n = typeof v === 'string' && v.trim() === '' ? 0 : numberOf(v)
      if (n === undefined)
        throw new PsError(
          `Cannot convert value "${textOf(v)}" to type "${fullNames[name] ?? `System.${name}`}". Error: "Input string was not in a correct format."`,
          'InvalidArgument: (:) [], RuntimeException',
          'InvalidCastFromStringToInteger',
        )
      if (/^(double|decimal|float)$/.test(name)) return n
      // Halves go to the even neighbour.
      const floor = Math.floor(n)
      return n - floor === 0.5 ? floor + (floor % 2) : Math.round(n)
    }
    case 'string':
      return textOf(v)
    case 'string[]':
      return enumerate(v).map(textOf)
    case 'int[]':
      return enumerate(v).map((x) => converted('int', x))
    case 'char':
      return typeof v === 'number' ? String.fromCharCode(v) : textOf(v).slice(0, 1)
    case 'char[]':
      return [...textOf(v)]
    case 'bool':
    case 'switch':
      return truthOf(v)
    case 'array':
      return enumerate(v)
    case 'void':
      return null
    case 'object':
    case 'hashtable':
    case 'ordered':
      return v
    case 'pscustomobject':
      if (v instanceof PsObject) return new PsObject('PSCustomObject', v.properties)
      return v
    case 'version':
      return textOf(v)
    case 'scriptblock':
      if (isBlock(v)) return v
  }
  throw notEmulated(`[${type}]`)
}
/** The type of a value, as GetType() and -is know it. */
export function typeName(v: Value): string {
  if (isList(v)) return 'System.Object[]'
  if (isBlock(v)) return 'System.Management.Automation.ScriptBlock'
  if (v instanceof PsObject) return v.type === 'PSCustomObject' ? 'System.Management.Automation.PSCustomObject' : v.type
  if (typeof v === 'number')
    return Number.isInteger(v) ? (Math.abs(v) < 2 ** 31 ? 'System.Int32' : 'System.Int64') : 'System.Double'
  return typeof v === 'boolean' ? 'System.Boolean' : 'System.String'
}
/** -is: by the name of the type or of one that it derives from. */
export function isOfType(v: Value, type: string): boolean {
  if (v === null) return false
  const name = plain(type.toLowerCase())
  if (name === 'object') return true
  if (name === 'array') return isList(v)
  if (name === 'valuetype') return typeof v === 'number' || typeof v === 'boolean'
  const own = typeName(v).toLowerCase()
  return own === name || plain(own) === name || own.endsWith(`.${name}`)
}

type Static = (shell: PowerShell, args: readonly Value[]) => Run<Value>
const number = (v: Value | undefined): number => numberOf(v) ?? 0
const pure = (f: (...args: number[]) => number): Static =>
  function* (_shell, args) {
    return f(...args.map(number))
  }
/** Math.Round: halves go to the even neighbour. */
const round: Static = function* (_shell, [v, digits]) {
  const factor = 10 ** number(digits ?? 0)
  return number(converted('long', number(Number((number(v) * factor).toPrecision(15))))) / factor
}
const text = (f: (...args: string[]) => Value): Static =>
  function* (_shell, args) {
    return f(...args.map(textOf))
  }
const constant = (v: Value): Static =>
  function* () {
    return v
  }
const statics: Readonly<Record<string, Readonly<Record<string, Static>>>> = {
  math: {
    round,
    floor: pure(Math.floor),
    ceiling: pure(Math.ceil),
    abs: pure(Math.abs),
    max: pure(Math.max),
    min: pure(Math.min),
    pow: pure((a, b) => a ** b),
    sqrt: pure(Math.sqrt),
    truncate: pure(Math.trunc),
    pi: constant(Math.PI),
    e: constant(Math.E),
  },
  int: { maxvalue: constant(2 ** 31 - 1), minvalue: constant(-(2 ** 31)), parse: text((s) => converted('int', s)) },
  double: { parse: text((s) => converted('double', s)) },
  string: {
    isnullorempty: text((s = '') => s === ''),
    isnullorwhitespace: text((s = '') => s.trim() === ''),
    *join(_shell, [separator, ...items]) {
      return items
        .flatMap((i) => enumerate(i))
        .map(textOf)
        .join(textOf(separator))
    },
    empty: constant(''),
    *format(shell, [pattern, ...items]) {
      return shell.format(pattern ?? '', items)
    },
  },
  datetime: {
    *now(shell) {
      return dateObject(yield* shell.sys.clock('realtime'))
    },
    *utcnow(shell) {
      return dateObject(yield* shell.sys.clock('realtime'))
    },
    *today(shell) {
      const now = yield* shell.sys.clock('realtime')
      return dateObject(now - (now % 86_400_000_000_000))
    },
  },
  environment: {
    *getenvironmentvariable(shell, [name]) {
      return shell.environment.get(textOf(name)) ?? null
    },
    *setenvironmentvariable(shell, [name, v]) {
      shell.environment.set(textOf(name), textOf(v))
      return null
    },
    *machinename(shell) {
      return (yield* shell.sys.uname()).nodename
    },
    newline: constant('\r\n'),
    *processorcount(shell) {
      return yield* shell.sys.schedGetaffinity()
    },
  },
  guid: {
    *newguid(shell) {
      const h = [...(yield* shell.sys.getrandom(16))].map((b) => (b + 256).toString(16).slice(1)).join('')
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`
    },
  },
  'io.path': {
    getfilename: text((s) => s.split(/[\\/]/).at(-1) ?? ''),
    getextension: text((s) => /\.[^.\\/]+$/.exec(s)?.[0] ?? ''),
    getfilenamewithoutextension: text((s) => (s.split(/[\\/]/).at(-1) ?? '').replace(/\.[^.]+$/, '')),
    getdirectoryname: text((s) => s.replace(/[\\/][^\\/]*$/, '')),
    combine: text((...parts) => parts.join('\\').replace(/\\+/g, '\\')),
  },
}
/** `[type]::name` or `[type]::name(...)`. */
export function* staticMember(shell: PowerShell, type: string, name: string, args: readonly Value[]): Run<Value> {
  const member = statics[plain(type)]
  const found = member && Object.hasOwn(member, name.toLowerCase()) ? member[name.toLowerCase()] : undefined
  if (!found) throw notEmulated(`[${type}]::${name}`)
  return yield* found(shell, args)
}

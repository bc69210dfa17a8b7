/** What a cmdlet is: a specification that help, completion and binding share, and the work. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { PowerShell } from './interp.ts'
import { PsError, textOf, type Value } from './values.ts'

export interface ParameterSpec {
  /** 'switch' takes no value. */
  readonly kind: 'switch' | 'value'
  /** The place among arguments without a name; undefined where it must be named. */
  readonly position?: number
  /** Takes all further arguments without a name. */
  readonly rest?: boolean
  readonly alias?: readonly string[]
}
/** What a cmdlet was given. */
export class Given {
  readonly cmdlet: string
  readonly values: ReadonlyMap<string, Value>
  readonly input: readonly Value[]
  /** Stood in a pipeline behind another command. */
  readonly piped: boolean
  readonly sys: Sys
  readonly shell: PowerShell
  constructor(
    cmdlet: string,
    values: ReadonlyMap<string, Value>,
    input: readonly Value[],
    piped: boolean,
    shell: PowerShell,
  ) {
    this.cmdlet = cmdlet
    this.values = values
    this.input = input
    this.piped = piped
    this.shell = shell
    this.sys = shell.sys
  }
  has(name: string): boolean {
    const v = this.values.get(name)
    return v !== undefined && v !== false
  }
  text(name: string): string | undefined {
    const v = this.values.get(name)
    return v === undefined ? undefined : textOf(v)
  }
  list(name: string): readonly string[] {
    const v = this.values.get(name)
    return v === undefined ? [] : Array.isArray(v) ? v.map(textOf) : [textOf(v as Value)]
  }
  error(message: string, category: string, id: string): PsError {
    return new PsError(message, category.includes('[') ? category : `${category} [${this.cmdlet}]`, id, this.cmdlet)
  }
}
export interface Cmdlet {
  readonly short: string
  /** The module that it comes from, as Get-Command shows. */
  readonly module: string
  readonly parameters: Readonly<Record<string, ParameterSpec>>
  /** The objects that it gives on. A PsError that is thrown ends it; `shell.fail` reports one and goes on. */
  readonly run: (g: Given) => Run<readonly Value[]>
}
export type Cmdlets = Readonly<Record<string, Cmdlet>>

export const value = (position?: number, alias: readonly string[] = []): ParameterSpec =>
  position === undefined ? { kind: 'value', alias } : { kind: 'value', position, alias }
export const rest = (position: number, alias: readonly string[] = []): ParameterSpec => ({
  kind: 'value',
  position,
  rest: true,
  alias,
})
export const flag = (alias: readonly string[] = []): ParameterSpec => ({ kind: 'switch', alias })

/** Parameters that every cmdlet takes: about_CommonParameters. */
const common: Readonly<Record<string, ParameterSpec>> = {
  ErrorAction: value(undefined, ['ea']),
  Verbose: flag(['vb']),
  WarningAction: value(undefined, ['wa']),
  OutVariable: value(undefined, ['ov']),
}

/** Arguments bound to a cmdlet's parameters, or why they can't be. */
export function bind(
  name: string,
  cmdlet: Cmdlet,
  words: readonly { readonly parameter?: string; readonly value?: Value }[],
): Map<string, Value> | PsError {
  const specs: Readonly<Record<string, ParameterSpec>> = { ...cmdlet.parameters, ...common }
  const out = new Map<string, Value>()
  const loose: Value[] = []
  const find = (given: string): string | PsError => {
    const lower = given.toLowerCase()
    const names = Object.keys(specs)
    const exact = names.find((n) => n.toLowerCase() === lower || specs[n]?.alias?.includes(lower))
    if (exact) return exact
    const hits = names.filter((n) => n.toLowerCase().startsWith(lower))
    if (hits.length === 1) return hits[0] as string
    return new PsError(
      hits.length > 1
        ? `Parameter cannot be processed because the parameter name '${given}' is ambiguous. Possible matches include: ${hits.map((h) => `-${h}`).join(' ')}.`
        : `A parameter cannot be found that matches parameter name '${given}'.`,
      `InvalidArgument: (:) [${name}], ParameterBindingException`,
      `${hits.length > 1 ? 'AmbiguousParameter' : 'NamedParameterNotFound'},${commandType(name)}`,
      name,
    )
  }
  for (let i = 0; i < words.length; i++) {
    const w = words[i] as (typeof words)[number]
    if (w.parameter === undefined) {
      if (w.value !== undefined) loose.push(w.value)
      continue
    }
    const found = find(w.parameter)
    if (found instanceof PsError) return found
    if (specs[found]?.kind === 'switch') {
      out.set(found, w.value ?? true)
      continue
    }
    const next = words[i + 1]
    if (w.value !== undefined) out.set(found, w.value)
    else if (next && next.parameter === undefined && next.value !== undefined) {
      out.set(found, next.value)
      i++
    } else
      return new PsError(
        `Missing an argument for parameter '${found}'. Specify a parameter of type 'System.Object' and try again.`,
        `InvalidArgument: (:) [${name}], ParameterBindingException`,
        `MissingArgument,${commandType(name)}`,
        name,
      )
  }
  const open = Object.entries(specs)
    .filter(([n, s]) => s.position !== undefined && !out.has(n))
    .sort(([, a], [, b]) => (a.position ?? 0) - (b.position ?? 0))
  for (const [n, s] of open) {
    if (loose.length === 0) break
    out.set(n, s.rest ? (loose.length === 1 ? (loose[0] as Value) : loose.splice(0)) : (loose[0] as Value))
    loose.shift()
  }
  if (loose.length > 0)
    return new PsError(
      `A positional parameter cannot be found that accepts argument '${textOf(loose[0])}'.`,
      `InvalidArgument: (:) [${name}], ParameterBindingException`,
      `PositionalParameterNotFound,${commandType(name)}`,
      name,
    )
  return out
}
/** Microsoft.PowerShell.Commands.GetProcessCommand of Get-Process. */
export const commandType = (name: string): string => `Microsoft.PowerShell.Commands.${name.replace('-', '')}Command`

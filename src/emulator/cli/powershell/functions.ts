/** Functions of the user's: how their arguments find their parameters; about_Functions. */
import type { Run } from '../../kernel/linux/abi.ts'
import type { Block } from './ast.ts'
import { Jump } from './control.ts'
import type { PowerShell, Sink } from './interp.ts'
import { converted } from './types.ts'
import { isList, PsError, type Value } from './values.ts'

export interface UserFunction {
  readonly name: string
  readonly body: Block
}
export interface Argument {
  readonly parameter?: string
  readonly value?: Value
}
/** Calls a block as a function: a scope of its own, its parameters bound, $args and $input set. */
export function* callFunction(
  shell: PowerShell,
  name: string,
  body: Block,
  words: readonly Argument[],
  input: readonly Value[],
  sink: Sink,
): Run<readonly Value[]> {
  const parameters = body.parameters ?? []
  const given = new Map<string, Value>()
  const loose: Value[] = []
  for (let i = 0; i < words.length; i++) {
    const w = words[i] as Argument
    if (w.parameter === undefined) {
      loose.push(w.value ?? null)
      continue
    }
    const lower = w.parameter.toLowerCase()
    const exact = parameters.find((p) => p.name.toLowerCase() === lower)
    const hits = exact ? [exact] : parameters.filter((p) => p.name.toLowerCase().startsWith(lower))
    const [p] = hits
    if (!p || hits.length > 1) {
      if (parameters.length > 0)
        throw new PsError(
          `A parameter cannot be found that matches parameter name '${w.parameter}'.`,
          `InvalidArgument: (:) [${name}], ParameterBindingException`,
          `NamedParameterNotFound,${name}`,
          name,
        )
      loose.push(`-${w.parameter}`, ...(w.value === undefined ? [] : [w.value]))
      continue
    }
    const next = words[i + 1]
    if (p.type === 'switch') given.set(p.name, w.value ?? true)
    else if (w.value !== undefined) given.set(p.name, w.value)
    else if (next && next.parameter === undefined) {
      given.set(p.name, next.value ?? null)
      i++
    }
  }
  return yield* shell.scoped(function* () {
    for (const p of parameters) {
      const own = given.has(p.name)
      const v = own
        ? (given.get(p.name) ?? null)
        : p.type !== 'switch' && loose.length > 0
          ? (loose.shift() as Value)
          : p.fallback
            ? yield* shell.evaluate(p.fallback)
            : p.type === 'switch'
              ? false
              : null
      shell.set(
        p.name.toLowerCase(),
        p.type === undefined || (v === null && p.type !== 'string') ? v : converted(p.type, v),
      )
    }
    shell.set('args', loose)
    shell.set('input', isList(input) ? input : [])
    try {
      return yield* shell.block(body, sink)
    } catch (jump) {
      if (!(jump instanceof Jump) || jump.what !== 'return') throw jump
      return jump.values
    }
  })
}

/** Carries templates out: Go's text/template/exec.go, as far as data is JSON and the functions are docker's. */
import {
  Complaint,
  callFunction,
  type GoTypes,
  goString,
  goTyped,
  truthy,
  typeName,
  wantsText,
  wrongCount,
} from './functions.ts'
import { type Node, type Operand, type Pipe, Problem, type Template, type TemplateError } from './parser.ts'

export type { GoTypes } from './functions.ts'
export { parseTemplate, type Template, type TemplateError } from './parser.ts'

type Value = unknown
/** Where a piece of a template stands, for errors. */
interface Place {
  readonly at: number
  readonly source: string
}
/** How deep templates may call one another: maxExecDepth is larger, but no document needs that. */
const DEEPEST = 1000
/** {{break}} and {{continue}} on their way to their {{range}}. */
class Jump {
  readonly kind: 'break' | 'continue'
  /** What the round has printed so far. */
  readonly printed: string
  constructor(kind: 'break' | 'continue', printed: string) {
    this.kind = kind
    this.printed = printed
  }
}

/**
 * Runs a template over data; values that are functions are methods. `type` is the name that errors give the data's type, `types` what its
 * fields are where that is known. An error in Go's words where a field is missing or a function is misused.
 */
export function execute(template: Template, data: Value, type?: string, types?: GoTypes): string | TemplateError {
  let scope: Map<string, Value>[] = [new Map([['$', data]])]
  let budget = 200_000
  let depth = 0
  let running = ''
  const complain = (place: Place, what: string): never => {
    const before = template.text.slice(0, place.at)
    const column = place.at - (before.lastIndexOf('\n') + 1)
    throw new Problem(
      `template: :${before.split('\n').length}:${column}: executing ${JSON.stringify(running)} at <${place.source}>: ${what}`,
    )
  }
  const lookup = (start: Value, path: readonly string[], place: Place): Value => {
    let v = start
    for (const [i, key] of path.entries()) {
      if (v === null || v === undefined) return complain(place, `nil data; no entry for key ${JSON.stringify(key)}`)
      if (typeof v !== 'object' || Array.isArray(v))
        return complain(
          place,
          `can't evaluate field ${key} in type ${types ? 'interface {}' : typeof v === 'string' ? 'string' : typeof v === 'boolean' ? 'bool' : Array.isArray(v) ? '[]interface {}' : 'float64'}`,
        )
      if (Object.hasOwn(v, key)) {
        v = (v as Record<string, Value>)[key]
        continue
      }
      const field = `${path[i - 1] ?? ''}.${key}`
      if (types && Object.hasOwn(types.optional, field)) v = types.optional[field]
      // A map answers for a key that it hasn't; a struct's missing field is an error.
      else if (types?.maps.has(path[i - 1] ?? '')) v = undefined
      else
        return complain(
          place,
          v === data && type !== undefined
            ? `can't evaluate field ${key} in type ${type}`
            : `map has no entry for key ${JSON.stringify(key)}`,
        )
    }
    return v
  }
  const operand = (o: Operand, dot: Value): Value => {
    switch (o.kind) {
      case 'literal':
        return o.value
      case 'field':
        return lookup(dot, o.path, o)
      case 'variable':
        return lookup(scope.findLast((s) => s.has(o.name))?.get(o.name), o.path, o)
      case 'pipe':
        return lookup(pipe(o.pipe, dot), o.path, o)
      case 'function':
        return call(o.name, [], [], o)
    }
  }
  const pipe = (p: Pipe, dot: Value): Value => {
    let value: Value
    for (const [n, command] of p.commands.entries()) {
      const [first, ...rest] = command.words
      const has = n > 0
      if (first.kind === 'literal' && first.value === null) return complain(first, 'nil is not a command')
      if (first.kind === 'function' && (first.name === 'and' || first.name === 'or')) {
        // What decides ends it: the operands after are not looked at.
        const stop = first.name === 'or'
        if (rest.length + (has ? 1 : 0) === 0) call(first.name, [], rest, command)
        let decided: Value
        for (const make of [...rest.map((o) => () => operand(o, dot)), ...(has ? [() => value] : [])]) {
          decided = make()
          if (truthy(decided) === stop) break
        }
        value = decided
        continue
      }
      const args = rest.map((o) => operand(o, dot))
      if (first.kind === 'function') value = call(first.name, has ? [...args, value] : args, rest, command)
      else {
        const target = operand(first, dot)
        if (typeof target === 'function')
          value = (target as (...a: Value[]) => Value)(...(has ? [...args, value] : args))
        else if (args.length > 0 || has) return complain(first, `can't give argument to non-function ${first.source}`)
        else value = target
      }
    }
    const [name] = p.declare
    if (p.declare.length === 1 && name !== undefined) {
      const holder = p.assign ? scope.findLast((s) => s.has(name)) : scope.at(-1)
      holder?.set(name, value)
    }
    return value
  }
  const call = (name: string, args: readonly Value[], operands: readonly Operand[], at: Place): Value => {
    const word: Place = { at: at.at, source: name }
    const count = wrongCount(name, args.length)
    if (count !== undefined) return complain(word, count)
    const [first] = operands
    // A typed null is a list or a map with nothing in it.
    if (types && args[0] === null && (name === 'len' || name === 'index' || name === 'join'))
      return call(name, [[], ...args.slice(1)], operands, at)
    if (name === 'call')
      return complain(at, `error calling call: non-function ${first?.source ?? 'value'} of type ${typeName(args[0])}`)
    if (first && wantsText.has(name) && typeof args[0] === 'number')
      return complain(first, `expected string; found ${goString(args[0])}`)
    if (name === 'join' && !Array.isArray(args[0]))
      return complain(first ?? at, `wrong type for value; expected []string; got ${typeName(args[0])}`)
    try {
      return callFunction(name, args)
    } catch (e) {
      if (!(e instanceof Complaint)) throw e
      return complain(at, e.message)
    }
  }
  /** What an action prints: a field by what its type is. */
  const shown = (p: Pipe, v: Value): string => {
    const only = p.commands.length === 1 ? p.commands[0]?.words[0] : undefined
    const field = only && 'path' in only ? only.path.at(-1) : undefined
    return types && field !== undefined && typeof v === 'object' ? goTyped(v, field, types) : goString(v)
  }
  const loop = (n: Node & { readonly kind: 'if' | 'with' | 'range' }, dot: Value): string => {
    const v = pipe({ ...n.pipe, declare: [] }, dot)
    if (typeof v === 'string' || typeof v === 'boolean')
      return complain(n.pipe, `range can't iterate over ${goString(v)}`)
    const entries: (readonly [Value, Value])[] =
      typeof v === 'number'
        ? Array.from({ length: Math.max(0, Math.min(v, 10_000)) }, (_, k) => [k, k] as const)
        : Array.isArray(v)
          ? v.map((x, i) => [i, x] as const)
          : typeof v === 'object' && v !== null
            ? Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))
            : []
    let out = ''
    for (const [k, x] of entries) {
      const [one, two] = n.pipe.declare
      const own = new Map<string, Value>()
      const holder = (name: string): Map<string, Value> =>
        (n.pipe.assign ? scope.findLast((s) => s.has(name)) : undefined) ?? own
      if (one !== undefined) holder(one).set(one, two === undefined ? x : k)
      if (two !== undefined) holder(two).set(two, x)
      const height = scope.length
      scope.push(own)
      try {
        out += run(n.body, x)
      } catch (e) {
        if (!(e instanceof Jump)) throw e
        out += e.printed
        if (e.kind === 'break') break
      } finally {
        scope.length = height
      }
    }
    return entries.length === 0 ? run(n.other, dot) : out
  }
  const named = (n: Node & { readonly kind: 'template' }, dot: Value): string => {
    const nodes = template.named.get(n.name)
    const source = `{{template ${JSON.stringify(n.name)}${n.pipe ? ` ${n.pipe.source}` : ''}}}`
    if (!nodes) return complain({ at: n.at, source }, `template ${JSON.stringify(n.name)} not defined`)
    if (++depth > DEEPEST) return complain({ at: n.at, source }, `exceeded maximum template depth (${DEEPEST})`)
    const value = n.pipe && pipe(n.pipe, dot)
    const outer = [scope, running] as const
    scope = [new Map([['$', value]])]
    running = n.name
    const out = run(nodes, value)
    scope = outer[0]
    running = outer[1]
    depth--
    return out
  }
  const run = (nodes: readonly Node[], dot: Value): string => {
    let out = ''
    for (const n of nodes) {
      if (--budget < 0) throw new Problem('template: :1: output too long')
      if (n.kind === 'text') out += n.text
      else if (n.kind === 'action') {
        const v = pipe(n.pipe, dot)
        if (n.pipe.declare.length === 0) out += shown(n.pipe, v)
      } else if (n.kind === 'break' || n.kind === 'continue') throw new Jump(n.kind, out)
      else {
        const height = scope.length
        scope.push(new Map())
        try {
          if (n.kind === 'template') out += named(n, dot)
          else if (n.kind === 'range') out += loop(n, dot)
          else {
            const v = pipe(n.pipe, dot)
            out += truthy(v) ? run(n.body, n.kind === 'with' ? v : dot) : run(n.other, dot)
          }
        } catch (e) {
          // What was printed before goes on with what ends the round.
          throw e instanceof Jump ? new Jump(e.kind, out + e.printed) : e
        } finally {
          scope.length = height
        }
      }
    }
    return out
  }
  try {
    return run(template.nodes, data)
  } catch (e) {
    if (e instanceof Problem) return { error: e.message }
    throw e
  }
}

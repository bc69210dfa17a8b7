/** Go's text/template, as far as docker's --format uses it. */

import {
  Complaint,
  callFunction,
  type GoTypes,
  goString,
  goTyped,
  isFunction,
  truthy,
  typeName,
  wantsText,
  wrongCount,
} from './gofunctions.ts'

export type { GoTypes }

type Value = unknown
/** Where a piece of a template stands, for errors. */
interface Place {
  readonly at: number
  readonly source: string
}
type Pipe = {
  readonly declare: readonly string[]
  readonly commands: readonly (readonly Operand[])[]
  /** Where each command stands. */
  readonly places: readonly Place[]
}
type Operand =
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly at: number; readonly source: string }
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly path: readonly string[]
      readonly at: number
      readonly source: string
    }
  | { readonly kind: 'literal'; readonly value: Value; readonly at: number; readonly source: string }
  | { readonly kind: 'function'; readonly name: string; readonly at: number; readonly source: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe }
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipe: Pipe
      readonly body: readonly Node[]
      readonly other: readonly Node[]
    }

export interface Template {
  readonly nodes: readonly Node[]
}
export interface TemplateError {
  readonly error: string
}
class Problem {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** The parsed template, or what is wrong with it in Go's words. */
export function parseTemplate(source: string): Template | TemplateError {
  const pieces: ({ readonly text: string } | { readonly action: string; readonly at: number })[] = []
  let at = 0
  while (at < source.length) {
    const open = source.indexOf('{{', at)
    if (open < 0) {
      pieces.push({ text: source.slice(at) })
      break
    }
    let text = source.slice(at, open)
    let from = open + 2
    if (/^-\s/.test(source.slice(from))) {
      text = text.trimEnd()
      from += 2
    }
    if (text) pieces.push({ text })
    const close = source.indexOf('}}', from)
    if (close < 0) return { error: 'template: :1: unclosed action' }
    let action = source.slice(from, close)
    at = close + 2
    if (/\s-$/.test(action)) {
      action = action.slice(0, -2)
      at += /^\s*/.exec(source.slice(at))?.[0].length ?? 0
    }
    if (!action.trim().startsWith('/*'))
      pieces.push({
        action,
        at: open + 2 + (source.slice(open + 2, close).length - source.slice(open + 2, close).trimStart().length),
      })
  }
  let i = 0
  let loops = 0
  const list = (enders: readonly string[]): { readonly nodes: Node[]; readonly end: string } => {
    const nodes: Node[] = []
    for (; i < pieces.length; i++) {
      const p = pieces[i] as (typeof pieces)[number]
      if ('text' in p) {
        nodes.push({ kind: 'text', text: p.text })
        continue
      }
      const words = p.action.trim()
      const keyword = /^(if|with|range|else|end|define|template|block|break|continue)\b/.exec(words)?.[1]
      if (keyword === 'end' || keyword === 'else') {
        if (!enders.includes(keyword)) throw new Problem(`template: :1: unexpected {{${keyword}}}`)
        return { nodes, end: words }
      }
      if (keyword === 'if' || keyword === 'with' || keyword === 'range') {
        nodes.push(control(keyword, words.slice(keyword.length), p.at + keyword.length))
        continue
      }
      if ((keyword === 'break' || keyword === 'continue') && loops === 0)
        throw new Problem(`template: :1: {{${keyword}}} outside {{range}}`)
      if (keyword) throw new Problem(`template: :1: zukan: not emulated: {{${keyword}}}`)
      nodes.push({ kind: 'action', pipe: parsePipe(p.action, p.at) })
    }
    if (enders.length > 0) throw new Problem('template: :1: unexpected EOF')
    return { nodes, end: '' }
  }
  const control = (kind: 'if' | 'with' | 'range', text: string, from: number): Node => {
    const pipe = parsePipe(text, from, kind)
    i++
    if (kind === 'range') loops++
    const body = list(['end', 'else'])
    if (kind === 'range') loops--
    let other: Node[] = []
    if (body.end.startsWith('else')) {
      const chained = /^else\s+(if|with)\b([\s\S]*)$/.exec(body.end)
      if (chained) other = [control(chained[1] as 'if', chained[2] as string, 0)]
      else {
        i++
        other = list(['end']).nodes
      }
    }
    return { kind, pipe, body: body.nodes, other }
  }
  try {
    return { nodes: list([]).nodes }
  } catch (e) {
    if (e instanceof Problem) return { error: e.message }
    throw e
  }
}
const tokenRe =
  /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(\$\w*)((?:\.\w+)*)|((?:\.\w+)+)|(\.)|(-?0[xX][\da-fA-F]+|-?\d[\d_]*(?:\.\d+)?|'(?:[^'\\]|\\.)')|(:=|=)|([|(),])|(\w+))/y

/** A number as Go writes it: 0x10, 1_000, or a character's. */
const numberOf = (text: string): number =>
  text.startsWith("'") ? (text.at(-2) as string).charCodeAt(0) : Number(text.replace(/_/g, ''))

function parsePipe(text: string, base: number, what = 'command'): Pipe {
  if (text.trim() === '') throw new Problem(`template: :1: missing value for ${what}`)
  let at = 0
  const tokens: RegExpExecArray[] = []
  while (text.slice(at).trim() !== '') {
    tokenRe.lastIndex = at
    const m = tokenRe.exec(text)
    if (!m) {
      const bad = text.slice(at).trim()[0] as string
      throw new Problem(
        bad === '"'
          ? 'template: :1: unterminated quoted string'
          : `template: :1: unexpected ${JSON.stringify(bad)} in command`,
      )
    }
    tokens.push(m)
    at = tokenRe.lastIndex
  }
  let i = 0
  const pipe = (nested: boolean): Pipe => {
    const declare: string[] = []
    for (let k = i; k < tokens.length && (tokens[k]?.[2] !== undefined || tokens[k]?.[8] === ','); k++) {
      if (tokens[k + 1]?.[7] === ':=' || tokens[k + 1]?.[7] === '=') {
        for (let j = i; j <= k; j++) if (tokens[j]?.[2] !== undefined) declare.push(tokens[j]?.[2] as string)
        i = k + 2
        break
      }
    }
    const commands: Operand[][] = [[]]
    const places: Place[] = []
    let began = i
    /** Ends a command: its text is what stands between its first token and this one. */
    const close = (until: number): void => {
      const first = tokens[began]
      const start = first ? first.index + (first[0].length - first[0].trimStart().length) : 0
      const end = tokens[until]?.index ?? text.length
      places.push({ at: base + start, source: text.slice(start, end).trim() })
      began = until + 1
    }
    for (; i < tokens.length; i++) {
      const t = tokens[i] as RegExpExecArray
      const position = base + (t.index ?? 0) + (t[0].length - t[0].trimStart().length)
      const last = commands.at(-1) as Operand[]
      if (t[8] === ')') {
        if (!nested) throw new Problem('template: :1: unexpected right paren')
        close(i)
        return { declare, commands, places }
      }
      if (t[8] === '(') {
        i++
        last.push({ kind: 'pipe', pipe: pipe(true) })
      } else if (t[8] === '|') {
        if (last.length === 0) throw new Problem('template: :1: unexpected "|" in command')
        close(i)
        commands.push([])
      } else if (t[1] !== undefined) {
        let value: string
        try {
          value = t[1].startsWith('`') ? t[1].slice(1, -1) : (JSON.parse(t[1]) as string)
        } catch {
          throw new Problem(`template: :1: invalid syntax`)
        }
        last.push({ kind: 'literal', value, at: position, source: t[1] })
      } else if (t[2] !== undefined)
        last.push({
          kind: 'variable',
          name: t[2],
          path: (t[3] ?? '').split('.').filter(Boolean),
          at: position,
          source: t[0].trim(),
        })
      else if (t[4] !== undefined)
        last.push({ kind: 'field', path: t[4].split('.').filter(Boolean), at: position, source: t[4] })
      else if (t[5] !== undefined) {
        const before = tokens[i - 1]
        if (before && before.index + before[0].length === t.index && !/^\s/.test(t[0]) && (before[4] ?? before[5]))
          throw new Problem('template: :1: unexpected <.> in operand')
        last.push({ kind: 'field', path: [], at: position, source: '.' })
      } else if (t[6] !== undefined) last.push({ kind: 'literal', value: numberOf(t[6]), at: position, source: t[6] })
      else if (t[9] !== undefined) {
        const w = t[9]
        if (w === 'true' || w === 'false') last.push({ kind: 'literal', value: w === 'true', at: position, source: w })
        else if (w === 'nil') last.push({ kind: 'literal', value: null, at: position, source: w })
        else if (isFunction(w)) last.push({ kind: 'function', name: w, at: position, source: w })
        else throw new Problem(`template: :1: function "${w}" not defined`)
      } else throw new Problem(`template: :1: unexpected "${t[0].trim()}" in operand`)
    }
    if (nested) throw new Problem('template: :1: unclosed left paren')
    close(tokens.length)
    // A bar at the end hands on to nothing.
    if (commands.length > 1 && commands.at(-1)?.length === 0) commands.pop()
    if (commands.some((c) => c.length === 0)) throw new Problem('template: :1: missing value for command')
    return { declare, commands, places }
  }
  return pipe(false)
}

/**
 * Runs a template over data; values that are functions are methods. `type` is the name that errors give the data's type, `types` what its
 * fields are where that is known. An error in Go's words where a field is missing or a function is misused.
 */
export function execute(template: Template, data: Value, type?: string, types?: GoTypes): string | TemplateError {
  const scope: Map<string, Value>[] = [new Map([['$', data]])]
  let budget = 200_000
  const lookup = (start: Value, path: readonly string[], at: number, source: string): Value => {
    let v = start
    // A chain of fields stands where its second begins, as text/template's parser has it.
    const where = at + (path.length > 1 && source.startsWith('.') ? `.${path[0]}`.length : 0)
    const problem = (what: string): Problem =>
      new Problem(`template: :1:${where}: executing "" at <${source}>: ${what}`)
    for (const [i, key] of path.entries()) {
      if (v === null || v === undefined) throw problem(`nil data; no entry for key "${key}"`)
      if (typeof v !== 'object' || Array.isArray(v))
        throw problem(
          `can't evaluate field ${key} in type ${typeof v === 'string' ? 'string' : typeof v === 'boolean' ? 'bool' : Array.isArray(v) ? '[]interface {}' : 'float64'}`,
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
        throw problem(
          v === data && type !== undefined
            ? `can't evaluate field ${key} in type ${type}`
            : `map has no entry for key "${key}"`,
        )
    }
    return v
  }
  const operand = (o: Operand, dot: Value): Value => {
    switch (o.kind) {
      case 'literal':
        return o.value
      case 'field':
        return lookup(dot, o.path, o.at, o.source)
      case 'variable': {
        const holder = scope.findLast((s) => s.has(o.name))
        if (!holder) throw new Problem(`template: :1: undefined variable "${o.name}"`)
        return lookup(holder.get(o.name), o.path, o.at, o.source)
      }
      case 'pipe':
        return pipe(o.pipe, dot)
      case 'function':
        return call(o.name, [], [], o)
    }
  }
  const pipe = (p: Pipe, dot: Value): Value => {
    let value: Value
    let has = false
    for (const [n, command] of p.commands.entries()) {
      const [first, ...rest] = command
      const place = p.places[n]
      if (!first || !place) continue
      if (first.kind === 'literal' && first.value === null)
        throw new Problem(`template: :1:${first.at}: executing "" at <nil>: nil is not a command`)
      const args = rest.map((o) => operand(o, dot))
      if (first.kind === 'function') value = call(first.name, has ? [...args, value] : args, rest, place)
      else {
        const target = operand(first, dot)
        if (typeof target === 'function')
          value = (target as (...a: Value[]) => Value)(...(has ? [...args, value] : args))
        else if (args.length > 0 || has) {
          const source = 'source' in first ? first.source : place.source
          const where = 'at' in first ? first.at : place.at
          throw new Problem(
            `template: :1:${where}: executing "" at <${source}>: can't give argument to non-function ${source}`,
          )
        } else value = target
      }
      has = true
    }
    if (p.declare.length === 1) (scope.at(-1) as Map<string, Value>).set(p.declare[0] as string, value)
    return value
  }
  const call = (name: string, args: readonly Value[], operands: readonly Operand[], at: Place): Value => {
    const where = (source: string, position = at.at): string =>
      `template: :1:${position}: executing "" at <${source}>: `
    const count = wrongCount(name, args.length)
    if (count !== undefined) throw new Problem(`${where(name)}${count}`)
    const [first] = operands
    if (first && wantsText.has(name) && typeof args[0] === 'number' && 'at' in first)
      throw new Problem(`${where(first.source, first.at)}expected string; found ${goString(args[0])}`)
    if (name === 'join' && !Array.isArray(args[0])) {
      const place = first && 'at' in first ? first : at
      throw new Problem(
        `${where(place.source, place.at)}wrong type for value; expected []string; got ${typeName(args[0])}`,
      )
    }
    try {
      return callFunction(name, args)
    } catch (e) {
      if (!(e instanceof Complaint)) throw e
      throw new Problem(`${where(at.source)}${e.message}`)
    }
  }
  /** What an action prints: a field by what its type is. */
  const shown = (p: Pipe, v: Value): string => {
    const [only] = p.commands.length === 1 ? (p.commands[0] ?? []) : []
    const field = only && 'path' in only ? only.path.at(-1) : undefined
    return types && field !== undefined && typeof v === 'object' ? goTyped(v, field, types) : goString(v)
  }
  const run = (nodes: readonly Node[], dot: Value): string => {
    let out = ''
    for (const n of nodes) {
      if (--budget < 0) throw new Problem('template: :1: output too long')
      if (n.kind === 'text') out += n.text
      else if (n.kind === 'action') {
        const v = pipe(n.pipe, dot)
        if (n.pipe.declare.length === 0) out += shown(n.pipe, v)
      } else if (n.kind === 'range') {
        scope.push(new Map())
        const v = pipe({ ...n.pipe, declare: [] }, dot)
        if (typeof v === 'string' || typeof v === 'boolean') {
          const place = n.pipe.places[0] as Place
          throw new Problem(
            `template: :1:${place.at}: executing "" at <${place.source}>: range can't iterate over ${goString(v)}`,
          )
        }
        const entries: (readonly [Value, Value])[] =
          typeof v === 'number'
            ? Array.from({ length: Math.max(0, Math.min(v, 10_000)) }, (_, k) => [k, k] as const)
            : Array.isArray(v)
              ? v.map((x, i) => [i, x] as const)
              : typeof v === 'object' && v !== null
                ? Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1))
                : []
        for (const [k, x] of entries) {
          const names = n.pipe.declare
          const top = scope.at(-1) as Map<string, Value>
          if (names.length === 1) top.set(names[0] as string, x)
          if (names.length === 2) {
            top.set(names[0] as string, k)
            top.set(names[1] as string, x)
          }
          out += run(n.body, x)
        }
        if (entries.length === 0) out += run(n.other, dot)
        scope.pop()
      } else {
        scope.push(new Map())
        const v = pipe(n.pipe, dot)
        out += truthy(v) ? run(n.body, n.kind === 'with' ? v : dot) : run(n.other, dot)
        scope.pop()
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

/** Go's text/template, as far as docker's --format uses it. */

type Value = unknown
type Pipe = { readonly declare: readonly string[]; readonly commands: readonly (readonly Operand[])[] }
type Operand =
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly at: number; readonly source: string }
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly path: readonly string[]
      readonly at: number
      readonly source: string
    }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'function'; readonly name: string }
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
const functions = new Set([
  'json',
  'join',
  'split',
  'upper',
  'lower',
  'title',
  'len',
  'index',
  'println',
  'printf',
  'print',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'and',
  'or',
  'not',
  'pad',
  'truncate',
  'table',
  'slice',
  'html',
  'js',
  'urlquery',
  'call',
])

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
        nodes.push(control(keyword, words.slice(keyword.length), p.at + keyword.length + 1))
        continue
      }
      if (keyword) throw new Problem(`template: :1: zukan: not emulated: {{${keyword}}}`)
      if (words === '') throw new Problem('template: :1: missing value for command')
      nodes.push({ kind: 'action', pipe: parsePipe(p.action, p.at) })
    }
    if (enders.length > 0) throw new Problem('template: :1: unexpected EOF')
    return { nodes, end: '' }
  }
  const control = (kind: 'if' | 'with' | 'range', text: string, from: number): Node => {
    const pipe = parsePipe(text, from)
    i++
    const body = list(['end', 'else'])
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
  /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(\$\w*)((?:\.\w+)*)|((?:\.\w+)+)|(\.)|(-?\d+(?:\.\d+)?)|(:=|=)|([|(),])|(\w+))/y

function parsePipe(text: string, base: number): Pipe {
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
    for (; i < tokens.length; i++) {
      const t = tokens[i] as RegExpExecArray
      const position = base + (t.index ?? 0) + (t[0].length - t[0].trimStart().length)
      const last = commands.at(-1) as Operand[]
      if (t[8] === ')') {
        if (!nested) throw new Problem('template: :1: unexpected right paren')
        return { declare, commands }
      }
      if (t[8] === '(') {
        i++
        last.push({ kind: 'pipe', pipe: pipe(true) })
      } else if (t[8] === '|') commands.push([])
      else if (t[1] !== undefined) {
        let value: string
        try {
          value = t[1].startsWith('`') ? t[1].slice(1, -1) : (JSON.parse(t[1]) as string)
        } catch {
          throw new Problem(`template: :1: invalid syntax`)
        }
        last.push({ kind: 'literal', value })
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
      else if (t[5] !== undefined) last.push({ kind: 'field', path: [], at: position, source: '.' })
      else if (t[6] !== undefined) last.push({ kind: 'literal', value: Number(t[6]) })
      else if (t[9] !== undefined) {
        const w = t[9]
        if (w === 'true' || w === 'false') last.push({ kind: 'literal', value: w === 'true' })
        else if (w === 'nil') last.push({ kind: 'literal', value: null })
        else if (functions.has(w)) last.push({ kind: 'function', name: w })
        else throw new Problem(`template: :1: function "${w}" not defined`)
      } else throw new Problem(`template: :1: unexpected "${t[0].trim()}" in operand`)
    }
    if (nested) throw new Problem('template: :1: unclosed left paren')
    if (commands.some((c) => c.length === 0)) throw new Problem('template: :1: missing value for command')
    return { declare, commands }
  }
  return pipe(false)
}

/** A value as Go prints it with %v. */
export function goString(v: Value): string {
  if (v === null || v === undefined) return '<no value>'
  if (Array.isArray(v)) return `[${v.map((x) => (x === null ? '<nil>' : goString(x))).join(' ')}]`
  if (typeof v === 'object')
    return `map[${Object.entries(v)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, x]) => `${k}:${x === null ? '<nil>' : goString(x)}`)
      .join(' ')}]`
  return String(v)
}
const truthy = (v: Value): boolean =>
  Array.isArray(v) ? v.length > 0 : typeof v === 'object' && v !== null ? Object.keys(v).length > 0 : Boolean(v)

/** Runs a template over data, whose Go type may be named for errors; values that are functions are methods, `maps` are the fields whose keys are data; an error in Go's words where a field is missing or a function is misused. */
export function execute(
  template: Template,
  data: Value,
  type?: string,
  maps?: ReadonlySet<string>,
): string | TemplateError {
  const scope: Map<string, Value>[] = [new Map([['$', data]])]
  let budget = 200_000
  const lookup = (start: Value, path: readonly string[], at: number, source: string): Value => {
    let v = start
    let seen = ''
    for (const key of path) {
      seen += `.${key}`
      if (v === null || v === undefined)
        throw new Problem(`template: :1:${at}: executing "" at <${source}>: nil data; no entry for key "${key}"`)
      if (typeof v !== 'object' || Array.isArray(v))
        throw new Problem(
          `template: :1:${at}: executing "" at <${seen}>: can't evaluate field ${key} in type ${typeof v === 'string' ? 'string' : typeof v === 'boolean' ? 'bool' : Array.isArray(v) ? '[]interface {}' : 'float64'}`,
        )
      // A map answers for a key that it hasn't; a struct's missing field is an error.
      if (!Object.hasOwn(v, key) && maps?.has(path[path.indexOf(key) - 1] ?? '')) {
        v = undefined
        continue
      }
      if (!Object.hasOwn(v, key) && v === data && type !== undefined)
        throw new Problem(`template: :1:${at}: executing "" at <${seen}>: can't evaluate field ${key} in type ${type}`)
      if (!Object.hasOwn(v, key))
        throw new Problem(`template: :1:${at}: executing "" at <${seen}>: map has no entry for key "${key}"`)
      v = (v as Record<string, Value>)[key]
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
        return call(o.name, [])
    }
  }
  const pipe = (p: Pipe, dot: Value): Value => {
    let value: Value
    let has = false
    for (const command of p.commands) {
      const [first, ...rest] = command
      if (!first) continue
      const args = rest.map((o) => operand(o, dot))
      if (first.kind === 'function') value = call(first.name, has ? [...args, value] : args)
      else {
        const target = operand(first, dot)
        if (typeof target === 'function')
          value = (target as (...a: Value[]) => Value)(...(has ? [...args, value] : args))
        else if (args.length > 0 || has) {
          const source = 'source' in first ? first.source : first.kind === 'literal' ? String(first.value) : ''
          const where = 'at' in first ? first.at : 2
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
  const call = (name: string, args: Value[]): Value => {
    const [a, b, c] = args
    const text = (v: Value): string => goString(v)
    switch (name) {
      case 'json':
        return JSON.stringify(a)
      case 'join':
        return Array.isArray(a) ? a.map(text).join(text(b)) : text(a)
      case 'split':
        return text(a).split(text(b))
      case 'upper':
        return text(a).toUpperCase()
      case 'lower':
        return text(a).toLowerCase()
      case 'title':
        return text(a).replace(/\b\w/g, (x) => x.toUpperCase())
      case 'len':
        if (a === null || (typeof a !== 'object' && typeof a !== 'string'))
          throw new Problem(`template: :1: executing "" at <len>: error calling len: len of type ${typeof a}`)
        return typeof a === 'string' ? a.length : Array.isArray(a) ? a.length : Object.keys(a as object).length
      case 'index': {
        let v = a
        for (const key of args.slice(1)) {
          if (Array.isArray(v)) {
            if (typeof key !== 'number' || key < 0 || key >= v.length)
              throw new Problem(
                `template: :1: executing "" at <index>: error calling index: reflect: slice index out of range`,
              )
            v = v[key]
          } else if (typeof v === 'object' && v !== null) v = (v as Record<string, Value>)[String(key)]
          else throw new Problem('template: :1: executing "" at <index>: error calling index: index of untyped nil')
        }
        return v
      }
      case 'println':
        return `${args.map(text).join(' ')}\n`
      case 'print':
        return args.map(text).join(' ')
      case 'printf': {
        let i = 1
        return text(a).replace(
          /%([-+0 ]*)(\d*)(?:\.(\d+))?([vsdqtxf%])/g,
          (_, flags: string, width: string, precision: string | undefined, kind: string) => {
            if (kind === '%') return '%'
            const v = args[i++]
            let out =
              kind === 'q'
                ? JSON.stringify(text(v))
                : kind === 'x'
                  ? Number(v).toString(16)
                  : kind === 'f'
                    ? Number(v).toFixed(Number(precision ?? 6))
                    : kind === 's' && precision !== undefined
                      ? text(v).slice(0, Number(precision))
                      : text(v)
            if (width)
              out = flags.includes('-')
                ? out.padEnd(Math.min(999, Number(width)))
                : out.padStart(Math.min(999, Number(width)), flags.includes('0') ? '0' : ' ')
            return out
          },
        )
      }
      case 'eq':
        return args.slice(1).some((x) => x === a)
      case 'ne':
        return a !== b
      case 'lt':
        return (a as number) < (b as number)
      case 'le':
        return (a as number) <= (b as number)
      case 'gt':
        return (a as number) > (b as number)
      case 'ge':
        return (a as number) >= (b as number)
      case 'and':
        return args.find((x) => !truthy(x)) ?? args.at(-1)
      case 'or':
        return args.find(truthy) ?? args.at(-1)
      case 'not':
        return !truthy(a)
      case 'pad':
        return ' '.repeat(Math.min(999, Number(b) || 0)) + text(a) + ' '.repeat(Math.min(999, Number(c) || 0))
      case 'truncate':
        return text(a).slice(0, Number(b))
      default:
        throw new Problem(`template: :1: zukan: not emulated: ${name}`)
    }
  }
  const run = (nodes: readonly Node[], dot: Value): string => {
    let out = ''
    for (const n of nodes) {
      if (--budget < 0) throw new Problem('template: :1: output too long')
      if (n.kind === 'text') out += n.text
      else if (n.kind === 'action') {
        const v = pipe(n.pipe, dot)
        if (n.pipe.declare.length === 0) out += goString(v)
      } else if (n.kind === 'range') {
        scope.push(new Map())
        const v = pipe({ ...n.pipe, declare: [] }, dot)
        const entries: (readonly [Value, Value])[] = Array.isArray(v)
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

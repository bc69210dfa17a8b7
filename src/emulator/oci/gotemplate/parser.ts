/** Templates as trees: Go's text/template/parse/parse.go. Messages are Go's, without the template's name. */
import { isFunction } from './functions.ts'
import { type Kind, lex, type Token } from './lexer.ts'

/** A word or a pipeline in parentheses; `source` is how errors show it. */
export type Operand = { readonly at: number; readonly source: string } & (
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly path: readonly string[] }
)
export interface Command {
  readonly at: number
  readonly source: string
  readonly words: readonly [Operand, ...Operand[]]
}
export interface Pipe {
  readonly at: number
  readonly source: string
  readonly declare: readonly string[]
  /** `=` where the variables are there already. */
  readonly assign: boolean
  readonly commands: readonly Command[]
}
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined; readonly at: number }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipe: Pipe
      readonly body: readonly Node[]
      readonly other: readonly Node[]
    }
export interface Template {
  readonly nodes: readonly Node[]
  /** What {{define}} and {{block}} name. */
  readonly named: ReadonlyMap<string, readonly Node[]>
  /** The whole text: places are counted in it. */
  readonly text: string
}
export interface TemplateError {
  readonly error: string
}
/** A complaint with its place, thrown up to where the template is read or carried out. */
export class Problem {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** Words that a command may begin with. */
const beginnings: readonly Kind[] = [
  'bool',
  'character',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw',
  'string',
  'variable',
  'left',
]
/** How deep a template may be nested. */
const DEEPEST = 500

/** A word as errors name it. */
const shown = ({ kind, text }: Token): string => {
  if (kind === 'end') return 'EOF'
  if (kind === 'error') return text
  if (kind === 'keyword') return `<${text}>`
  return [...text].length > 10 ? `${JSON.stringify([...text].slice(0, 10).join(''))}...` : JSON.stringify(text)
}
const unquoted = (text: string): string | undefined => {
  if (text.startsWith('`')) return text.slice(1, -1)
  try {
    return JSON.parse(
      text
        .replace(/\\a/g, '\\u0007')
        .replace(/\\v/g, '\\u000b')
        .replace(/\\x(..)/g, '\\u00$1'),
    ) as string
  } catch {
    return undefined
  }
}
/** A number as Go writes it: 0x10, 1_000, 1e3, or a character's. */
function numberOf(text: string): number | undefined {
  if (text.startsWith("'")) {
    const inner = unquoted(`"${text.slice(1, -1).replace(/^\\'$/, "'").replace(/^"$/, '\\"')}"`)
    return inner !== undefined && [...inner].length === 1 ? inner.codePointAt(0) : undefined
  }
  const sign = text.startsWith('-') ? -1 : 1
  if (/^[-+.]*$/.test(text)) return undefined
  const n = Number(
    text
      .replace(/^[-+]/, '')
      .replace(/_/g, '')
      .replace(/^0+(?=[0-7]+$)/, '0o'),
  )
  return Number.isNaN(n) ? undefined : sign * n
}

class Parser {
  readonly tokens: readonly Token[]
  readonly text: string
  readonly named = new Map<string, readonly Node[]>()
  i = 0
  loops = 0
  depth = 0
  vars: string[] = ['$']
  constructor(text: string) {
    this.text = text
    this.tokens = lex(text)
  }
  /** The next word, which stays. The last one, an end or an error, is never passed. */
  peek(): Token {
    return this.tokens[Math.min(this.i, this.tokens.length - 1)] as Token
  }
  next(): Token {
    const t = this.peek()
    this.i++
    return t
  }
  peekWord(): Token {
    while (this.peek().kind === 'space') this.i++
    return this.peek()
  }
  nextWord(): Token {
    this.peekWord()
    return this.next()
  }
  fail(message: string, at = this.peek().at): never {
    throw new Problem(`template: :${this.text.slice(0, at).split('\n').length}: ${message}`)
  }
  unexpected(t: Token, context: string): never {
    return this.fail(t.kind === 'error' ? t.text : `unexpected ${shown(t)} in ${context}`, t.at)
  }
  expect(kinds: readonly Kind[], context: string): Token {
    const t = this.nextWord()
    return kinds.includes(t.kind) ? t : this.unexpected(t, context)
  }
  template(): Template {
    const nodes: Node[] = []
    while (this.peek().kind !== 'end') {
      if (this.peek().kind === 'open') {
        const began = this.i
        this.i++
        const word = this.nextWord()
        if (word.kind === 'keyword' && word.text === 'define') {
          this.define()
          continue
        }
        this.i = began
      }
      const n = this.piece()
      if (typeof n === 'string') this.fail(`unexpected {{${n}}}`)
      nodes.push(n)
    }
    return { nodes, named: this.named, text: this.text }
  }
  define(): void {
    const context = 'define clause'
    const name = this.nameOf(this.expect(['string', 'raw'], context), context)
    this.expect(['close'], context)
    const outer = [this.vars, this.loops] as const
    this.vars = ['$']
    this.loops = 0
    const { nodes, end } = this.list()
    if (end !== 'end') this.fail(`unexpected {{${end}}} in ${context}`)
    this.vars = outer[0]
    this.loops = outer[1]
    this.enter(name, nodes)
  }
  /** An empty definition doesn't replace one that isn't. */
  enter(name: string, nodes: readonly Node[]): void {
    const empty = nodes.every((n) => n.kind === 'text' && n.text.trim() === '')
    if (!this.named.has(name) || !empty) this.named.set(name, nodes)
  }
  nameOf(t: Token, context: string): string {
    if (t.kind !== 'string' && t.kind !== 'raw') return this.unexpected(t, context)
    return unquoted(t.text) ?? this.fail('invalid syntax', t.at)
  }
  /** Text or an action; the keyword where it is an end or an else. */
  piece(): Node | 'end' | 'else' {
    const t = this.next()
    if (t.kind === 'text') return { kind: 'text', text: t.text }
    if (t.kind !== 'open') return this.unexpected(t, 'input')
    const word = this.peekWord()
    if (word.kind !== 'keyword' || word.text === 'define')
      return { kind: 'action', pipe: this.pipeline('command', 'close') }
    this.i++
    switch (word.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.control(word.text)
      case 'end':
        this.expect(['close'], 'end')
        return 'end'
      case 'else': {
        const after = this.peekWord()
        if (!(after.kind === 'keyword' && (after.text === 'if' || after.text === 'with')))
          this.expect(['close'], 'else')
        return 'else'
      }
      case 'break':
      case 'continue':
        this.expect(['close'], `{{${word.text}}}`)
        if (this.loops === 0) this.fail(`{{${word.text}}} outside {{range}}`, word.at)
        return { kind: word.text }
      default:
        return this.call(word.text === 'block')
    }
  }
  /** {{template}} and {{block}}. */
  call(block: boolean): Node {
    const context = block ? 'block clause' : 'template clause'
    const t = this.nextWord()
    const name = this.nameOf(t, context)
    let pipe: Pipe | undefined
    if (block || this.peekWord().kind !== 'close') pipe = this.pipeline(context, 'close')
    else this.i++
    if (block) {
      const outer = [this.vars, this.loops] as const
      this.vars = ['$']
      this.loops = 0
      const { nodes, end } = this.list()
      if (end !== 'end') this.fail(`unexpected {{${end}}} in ${context}`)
      this.vars = outer[0]
      this.loops = outer[1]
      this.enter(name, nodes)
    }
    return { kind: 'template', name, pipe, at: t.at }
  }
  list(): { readonly nodes: Node[]; readonly end: 'end' | 'else' } {
    const nodes: Node[] = []
    if (++this.depth > DEEPEST) this.fail('max expression depth exceeded')
    while (this.peekWordless().kind !== 'end') {
      const n = this.piece()
      if (typeof n === 'string') {
        this.depth--
        return { nodes, end: n }
      }
      nodes.push(n)
    }
    return this.fail('unexpected EOF')
  }
  peekWordless(): Token {
    const t = this.peek()
    return t.kind === 'error' ? this.unexpected(t, 'input') : t
  }
  control(kind: 'if' | 'with' | 'range'): Node {
    const known = this.vars.length
    const pipe = this.pipeline(kind, 'close')
    if (kind === 'range') this.loops++
    const body = this.list()
    if (kind === 'range') this.loops--
    let other: Node[] = []
    if (body.end === 'else') {
      const after = this.peek()
      if (after.kind === 'keyword' && after.text === kind) {
        this.i++
        other = [this.control(kind)]
      } else {
        if (after.kind === 'keyword') this.unexpected(after, 'else')
        const rest = this.list()
        if (rest.end !== 'end') this.fail(`expected end; found {{else}}`)
        other = rest.nodes
      }
    }
    this.vars.length = known
    return { kind, pipe, body: body.nodes, other }
  }
  pipeline(context: string, end: 'close' | 'right'): Pipe {
    const { at } = this.peekWord()
    const declare: string[] = []
    let assign = false
    for (;;) {
      const v = this.peekWord()
      if (v.kind !== 'variable') break
      const began = this.i
      this.i++
      const after = this.peekWord()
      const comma = after.kind === 'other' && after.text === ','
      if (after.kind !== 'assign' && after.kind !== 'declare' && !comma) {
        this.i = began
        break
      }
      this.i++
      declare.push(v.text)
      this.vars.push(v.text)
      if (!comma) {
        assign = after.kind === 'assign'
        break
      }
      if (context !== 'range' || declare.length > 1) this.fail(`too many declarations in ${context}`)
      if (!['variable', 'close', 'right'].includes(this.peekWord().kind))
        this.fail('range can only initialize variables')
    }
    const commands: Command[] = []
    for (;;) {
      const t = this.peekWord()
      if (t.kind === end) break
      if (!beginnings.includes(t.kind)) this.unexpected(t, context)
      commands.push(this.command())
    }
    const source = this.text.slice(at, this.peek().at).trim()
    this.i++
    if (commands.length === 0) this.fail(`missing value for ${context}`)
    const literal = commands.findIndex((c, n) => n > 0 && (c.words[0].kind === 'literal' || c.words[0].source === '.'))
    if (literal > 0) this.fail(`non executable command in pipeline stage ${literal + 1}`)
    return { at, source, declare, assign, commands }
  }
  command(): Command {
    const { at } = this.peekWord()
    const words: Operand[] = []
    for (;;) {
      this.peekWord()
      const word = this.operand()
      if (word) words.push(word)
      const t = this.next()
      if (t.kind === 'space') continue
      if (t.kind === 'close' || t.kind === 'right') this.i--
      else if (t.kind !== 'pipe') this.unexpected(t, 'operand')
      break
    }
    const [first, ...rest] = words
    if (!first) return this.fail('empty command')
    return { at, source: words.map((w) => w.source).join(' '), words: [first, ...rest] }
  }
  operand(): Operand | undefined {
    const term = this.term()
    if (!term || this.peek().kind !== 'field') return term
    // A chain of fields stands where its second begins.
    const { at } = this.peek()
    const fields: string[] = []
    while (this.peek().kind === 'field') fields.push(this.next().text)
    const path = fields.map((f) => f.slice(1))
    const source = term.source + fields.join('')
    if (term.kind === 'literal' || term.source === '.')
      return this.fail(`unexpected . after term ${JSON.stringify(term.source)}`, at)
    if (term.kind === 'function')
      return {
        kind: 'pipe',
        path,
        at,
        source,
        pipe: {
          at,
          source: term.source,
          declare: [],
          assign: false,
          commands: [{ at: term.at, source: term.source, words: [term] }],
        },
      }
    return { ...term, at, source, path: [...term.path, ...path] }
  }
  term(): Operand | undefined {
    const t = this.peekWord()
    this.i++
    const word = { at: t.at, source: t.text }
    switch (t.kind) {
      case 'identifier':
        if (!isFunction(t.text)) return this.fail(`function ${JSON.stringify(t.text)} not defined`, t.at)
        return { kind: 'function', name: t.text, ...word }
      case 'dot':
        return { kind: 'field', path: [], ...word }
      case 'nil':
        return { kind: 'literal', value: null, ...word }
      case 'variable':
        if (!this.vars.includes(t.text)) return this.fail(`undefined variable ${JSON.stringify(t.text)}`, t.at)
        return { kind: 'variable', name: t.text, path: [], ...word }
      case 'field':
        return { kind: 'field', path: [t.text.slice(1)], ...word }
      case 'bool':
        return { kind: 'literal', value: t.text === 'true', ...word }
      case 'number':
      case 'character': {
        const value = numberOf(t.text)
        if (value === undefined)
          return this.fail(
            t.kind === 'number'
              ? `illegal number syntax: ${JSON.stringify(t.text)}`
              : `malformed character constant: ${t.text}`,
            t.at,
          )
        return { kind: 'literal', value, ...word }
      }
      case 'string':
      case 'raw':
        return { kind: 'literal', value: unquoted(t.text) ?? this.fail('invalid syntax', t.at), ...word }
      case 'left': {
        if (++this.depth > DEEPEST) return this.fail('max expression depth exceeded')
        const pipe = this.pipeline('parenthesized pipeline', 'right')
        this.depth--
        return { kind: 'pipe', pipe, path: [], at: t.at, source: `(${pipe.source})` }
      }
      default:
        this.i--
        return undefined
    }
  }
}

/** The parsed template, or what is wrong with it in Go's words. */
export function parseTemplate(text: string): Template | TemplateError {
  try {
    return new Parser(text).template()
  } catch (e) {
    if (e instanceof Problem) return { error: e.message }
    throw e
  }
}

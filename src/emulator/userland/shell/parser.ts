/**
 * The grammar: tokens to a tree. Our own recursive descent rather than a library, for three reasons: aliases work inside the lexer,
 * errors must be ash's to the letter, and it is a fifth of the size of what could be had.
 */
import type { Assignment, HereDoc, Node, Redirect, Word } from './ast.ts'
import { Lexer, SyntaxProblem, type Token } from './lexer.ts'

const reserved = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
  'function',
])
/** Words that can't begin a command: they end what is being read. */
const closers = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])
const redirectOps = new Set(['<', '>', '>>', '>|', '<>', '<&', '>&', '&>', '<<', '<<-'])
const MAX_DEPTH = 400

export type Aliases = ReadonlyMap<string, string>

class Parser {
  readonly lexer: Lexer
  readonly aliases: Aliases
  #token: Token | undefined
  #depth = 0
  /** Aliases being replaced, so that `alias ls='ls -l'` ends. */
  #expanding: { readonly name: string; readonly end: number }[] = []
  constructor(lexer: Lexer, aliases: Aliases) {
    this.lexer = lexer
    this.aliases = aliases
  }
  peek(): Token {
    this.#token ??= this.lexer.next()
    return this.#token
  }
  take(): Token {
    const t = this.peek()
    this.#token = undefined
    return t
  }
  isOp(op: string): boolean {
    const t = this.peek()
    return t.kind === 'op' && t.op === op
  }
  isWord(word: string): boolean {
    const t = this.peek()
    return t.kind === 'word' && t.plain === word
  }
  /** ash's words for what stands where it may not. */
  unexpected(expecting?: string): never {
    const t = this.peek()
    const what =
      t.kind === 'end'
        ? 'end of file'
        : t.kind === 'newline'
          ? 'newline'
          : t.kind === 'op'
            ? `"${t.op}"`
            : t.plain !== undefined && reserved.has(t.plain)
              ? `"${t.plain}"`
              : expecting
                ? 'word'
                : `"${t.text}"`
    throw new SyntaxProblem(
      `unexpected ${what}${expecting ? ` (expecting "${expecting}")` : ''}`,
      t.kind === 'end',
      t.line,
    )
  }
  expectWord(word: string): void {
    if (!this.isWord(word)) this.unexpected(word)
    this.take()
  }
  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.take()
  }

  /** Commands separated by ; & or newlines, up to a closer. */
  list(): Node | undefined {
    const nodes: Node[] = []
    for (;;) {
      this.skipNewlines()
      const t = this.peek()
      if (
        t.kind === 'end' ||
        (t.kind === 'op' && (t.op === ')' || t.op === ';;' || t.op === ';&')) ||
        (t.kind === 'word' && t.plain !== undefined && closers.has(t.plain))
      )
        break
      nodes.push(this.andOr())
      if (!this.#separator(nodes)) break
    }
    return nodes.length === 0 ? undefined : nodes.length === 1 ? (nodes[0] as Node) : { kind: 'list', nodes }
  }
  /** Takes `;`, `&` or a newline; false where the list ends here. */
  #separator(nodes: Node[]): boolean {
    const t = this.peek()
    if (t.kind === 'op' && t.op === '&') {
      this.take()
      nodes.push({ kind: 'async', node: nodes.pop() as Node, text: '' })
      return true
    }
    if (t.kind === 'op' && t.op === ';') {
      this.take()
      return true
    }
    return t.kind === 'newline'
  }
  required(expecting?: string): Node {
    const node = this.list()
    return node ?? this.unexpected(expecting)
  }

  andOr(): Node {
    let left = this.pipeline()
    for (;;) {
      const op = this.isOp('&&') ? 'and' : this.isOp('||') ? 'or' : undefined
      if (!op) return left
      this.take()
      this.skipNewlines()
      left = { kind: op, left, right: this.pipeline() }
    }
  }
  pipeline(): Node {
    let negate = false
    while (this.isWord('!')) {
      negate = !negate
      this.take()
    }
    const nodes = [this.command()]
    while (this.isOp('|')) {
      this.take()
      this.skipNewlines()
      nodes.push(this.command())
    }
    return nodes.length === 1 && !negate ? (nodes[0] as Node) : { kind: 'pipe', nodes, negate }
  }

  command(): Node {
    if (++this.#depth > MAX_DEPTH) throw new SyntaxProblem('out of memory', false, this.lexer.line)
    try {
      return this.#command()
    } finally {
      this.#depth--
    }
  }
  #command(): Node {
    this.#alias()
    const t = this.peek()
    if (t.kind === 'op') {
      if (t.op === '(') {
        this.take()
        const body = this.required()
        if (!this.isOp(')')) this.unexpected(')')
        this.take()
        return { kind: 'subshell', body, redirects: this.redirects() }
      }
      if (!redirectOps.has(t.op)) this.unexpected()
    } else if (t.kind !== 'word') this.unexpected()
    else if (t.plain !== undefined && reserved.has(t.plain)) {
      switch (t.plain) {
        case '{': {
          this.take()
          const body = this.required()
          this.expectWord('}')
          return { kind: 'group', body, redirects: this.redirects() }
        }
        case 'if':
          return this.#if()
        case 'while':
        case 'until': {
          this.take()
          const test = this.required('do')
          this.expectWord('do')
          const body = this.required('done')
          this.expectWord('done')
          return { kind: t.plain, test, body, redirects: this.redirects() }
        }
        case 'for':
          return this.#for()
        case 'case':
          return this.#case()
        case 'function': {
          this.take()
          const name = this.take()
          if (name.kind !== 'word' || name.plain === undefined) this.unexpected()
          if (this.isOp('(')) {
            this.take()
            if (!this.isOp(')')) this.unexpected(')')
            this.take()
          }
          this.skipNewlines()
          return { kind: 'function', name: (name as { plain: string }).plain, body: this.command() }
        }
        case 'in':
          break
        default:
          this.unexpected()
      }
    }
    return this.#simple()
  }
  #if(): Node {
    this.take()
    const arms: { test: Node; body: Node }[] = []
    const test = this.required('then')
    this.expectWord('then')
    arms.push({ test, body: this.required('fi') })
    let other: Node | undefined
    for (;;) {
      if (this.isWord('elif')) {
        this.take()
        const more = this.required('then')
        this.expectWord('then')
        arms.push({ test: more, body: this.required('fi') })
      } else if (this.isWord('else')) {
        this.take()
        other = this.required('fi')
        break
      } else break
    }
    this.expectWord('fi')
    return { kind: 'if', arms, other, redirects: this.redirects() }
  }
  #for(): Node {
    this.take()
    const t = this.take()
    if (t.kind !== 'word' || t.plain === undefined || !/^[A-Za-z_]\w*$/.test(t.plain))
      throw new SyntaxProblem('bad for loop variable', t.kind === 'end', t.line)
    let words: Word[] | undefined
    this.skipNewlines()
    if (this.isWord('in')) {
      this.take()
      words = []
      while (this.peek().kind === 'word') words.push((this.take() as { word: Word }).word)
      if (!this.isOp(';') && this.peek().kind !== 'newline') this.unexpected()
      this.take()
    } else if (this.isOp(';')) this.take()
    this.skipNewlines()
    this.expectWord('do')
    const body = this.required('done')
    this.expectWord('done')
    return { kind: 'for', name: t.plain, words, body, redirects: this.redirects() }
  }
  #case(): Node {
    this.take()
    const subject = this.take()
    if (subject.kind !== 'word') throw new SyntaxProblem('unexpected newline', subject.kind === 'end', subject.line)
    this.skipNewlines()
    if (!this.isWord('in')) this.unexpected('in')
    this.take()
    const arms: { patterns: Word[]; body: Node | undefined; fall: boolean }[] = []
    for (;;) {
      this.skipNewlines()
      if (this.isWord('esac')) break
      if (this.isOp('(')) this.take()
      const patterns: Word[] = []
      for (;;) {
        const p = this.take()
        if (p.kind !== 'word') {
          this.#token = p
          this.unexpected(')')
        }
        patterns.push((p as { word: Word }).word)
        if (!this.isOp('|')) break
        this.take()
      }
      if (!this.isOp(')')) this.unexpected(')')
      this.take()
      const body = this.list()
      const fall = this.isOp(';&')
      if (this.isOp(';;') || fall) this.take()
      else if (!this.isWord('esac')) this.unexpected(';;')
      arms.push({ patterns, body, fall })
    }
    this.take()
    return { kind: 'case', word: subject.word, arms, redirects: this.redirects() }
  }

  redirects(): Redirect[] {
    const all: Redirect[] = []
    for (;;) {
      const r = this.#redirect()
      if (!r) return all
      all.push(r)
    }
  }
  #redirect(): Redirect | undefined {
    const t = this.peek()
    let fd: number | undefined
    if (t.kind === 'word') {
      // `2>`: digits right before the operator.
      const next = this.lexer.text[this.lexer.at]
      if (t.plain === undefined || !/^\d{1,3}$/.test(t.plain) || (next !== '<' && next !== '>')) return undefined
      fd = Number(t.plain)
      this.take()
    } else if (t.kind !== 'op' || !redirectOps.has(t.op)) return undefined
    const op = (this.take() as { op: string }).op
    const target = this.take()
    if (target.kind !== 'word') {
      this.#token = target
      this.unexpected()
    }
    const { word, text } = target as { word: Word; text: string }
    if (op === '<<' || op === '<<-') {
      const quoted = /['"\\]/.test(text)
      const end = word.map((p) => (p.kind === 'text' ? p.text : '')).join('')
      const doc: HereDoc = { body: [] }
      const redirect = {
        fd,
        op: '<<' as const,
        get word(): Word {
          return doc.body
        },
      }
      this.lexer.waiting.push({ end: end || (quoted ? '' : text), strip: op === '<<-', quoted, doc })
      return redirect
    }
    return { fd, op: op as Redirect['op'], word }
  }

  #simple(): Node {
    const assigns: Assignment[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    const { line } = this.peek()
    for (;;) {
      const r = this.#redirect()
      if (r) {
        redirects.push(r)
        continue
      }
      const t = this.peek()
      if (t.kind !== 'word') {
        if (t.kind === 'op' && t.op === '(' && words.length === 1 && assigns.length === 0 && redirects.length === 0) {
          const name = words[0]?.map((p) => (p.kind === 'text' && !p.quoted ? p.text : '\0')).join('') ?? ''
          this.take()
          if (!this.isOp(')')) this.unexpected(')')
          this.take()
          if (!/^[A-Za-z_][\w.-]*$/.test(name)) throw new SyntaxProblem('bad function name', false, line)
          this.skipNewlines()
          return { kind: 'function', name, body: this.command() }
        }
        break
      }
      const assign = words.length === 0 ? assignment(t.word) : undefined
      this.take()
      if (assign) assigns.push(assign)
      else words.push(t.word)
      if (words.length === 0) this.#alias()
    }
    if (assigns.length + words.length + redirects.length === 0) this.unexpected()
    return { kind: 'simple', assigns, words, redirects, line }
  }
  /** Replaces an alias where a command begins. */
  #alias(): void {
    for (let tries = 0; tries < 50; tries++) {
      const t = this.peek()
      if (t.kind !== 'word' || t.plain === undefined) return
      const name = t.plain
      const value = this.aliases.get(name)
      const { lexer } = this
      this.#expanding = this.#expanding.filter((e) => e.end <= lexer.text.length - lexer.at)
      if (value === undefined || this.#expanding.some((e) => e.name === name)) return
      this.#expanding.push({ name, end: lexer.text.length - lexer.at })
      lexer.text = lexer.text.slice(0, lexer.at) + value + (value.endsWith(' ') ? '' : ' ') + lexer.text.slice(lexer.at)
      this.#token = undefined
    }
  }
}

/** NAME=value or NAME+=value. */
export function assignment(word: Word): Assignment | undefined {
  const first = word[0]
  if (first?.kind !== 'text' || first.quoted) return undefined
  const m = /^([A-Za-z_]\w*)(\+?)=/.exec(first.text)
  if (!m) return undefined
  const rest = first.text.slice(m[0].length)
  return {
    name: m[1] as string,
    append: m[2] === '+',
    value: [...(rest ? [{ ...first, text: rest }] : []), ...word.slice(1)],
  }
}

/** What is inside $( ) or backquotes. */
function inner(aliases: Aliases): (lexer: Lexer, close: ')' | '`') => Node | undefined {
  let depth = 0
  return (lexer, close) => {
    if (++depth > 60) throw new SyntaxProblem('out of memory', false, lexer.line)
    try {
      const parser = new Parser(lexer, aliases)
      const node = parser.list()
      if (close === ')') {
        if (!parser.isOp(')')) parser.unexpected(')')
      } else if (parser.peek().kind !== 'end') parser.unexpected()
      return node
    } finally {
      depth--
    }
  }
}

/**
 * Reads complete commands one by one, so that what one line does (an alias) counts for the next.
 * `next` answers a tree, undefined at the end, or the mistake.
 */
export class ScriptReader {
  readonly #lexer: Lexer
  readonly #aliases: Aliases
  constructor(text: string, aliases: Aliases) {
    this.#aliases = aliases
    this.#lexer = new Lexer(text, inner(aliases))
  }
  /** Nothing but blanks is left. */
  get atEnd(): boolean {
    return /^\s*$/.test(this.#lexer.text.slice(this.#lexer.at))
  }
  next(): Node | SyntaxProblem | undefined {
    try {
      const parser = new Parser(this.#lexer, this.#aliases)
      parser.skipNewlines()
      if (parser.peek().kind === 'end') return undefined
      const nodes: Node[] = []
      for (;;) {
        nodes.push(parser.andOr())
        const t = parser.peek()
        if (t.kind === 'op' && (t.op === '&' || t.op === ';')) {
          parser.take()
          if (t.op === '&') nodes.push({ kind: 'async', node: nodes.pop() as Node, text: '' })
          const after = parser.peek()
          if (after.kind === 'newline' || after.kind === 'end') {
            parser.take()
            break
          }
          continue
        }
        if (t.kind !== 'newline' && t.kind !== 'end') parser.unexpected()
        parser.take()
        break
      }
      return nodes.length === 1 ? (nodes[0] as Node) : { kind: 'list', nodes }
    } catch (problem) {
      if (problem instanceof SyntaxProblem) return problem
      if (problem instanceof RangeError) return new SyntaxProblem('out of memory', false, this.#lexer.line)
      throw problem
    }
  }
}

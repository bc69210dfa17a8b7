/**
 * The grammar: tokens to a tree. Our own recursive descent rather than a library, for three reasons: aliases work inside the lexer,
 * errors must be ash's to the letter, and it is a fifth of the size of what could be had.
 */

import type { Assignment, HereDoc, Node, Redirect, Word } from './ast.ts'
import type { Grammar } from './dialect.ts'
import { Lexer, SyntaxProblem, type Token } from './lexer.ts'

export const reserved: ReadonlySet<string> = new Set([
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
/** POSIX's special builtins, XCU 2.15, and ash's: no function can have their names. */
export const specialNames: ReadonlySet<string> = new Set(
  '. : break continue eval exec exit export local readonly return set shift source times trap unset'.split(' '),
)

export type Aliases = ReadonlyMap<string, string>

class Parser {
  readonly lexer: Lexer
  readonly aliases: Aliases
  #token: Token | undefined
  #depth = 0
  /** Aliases being replaced, so that `alias ls='ls -l'` ends. */
  #expanding: { readonly name: string; readonly end: number }[] = []
  /** How much text is left behind an alias that ended with a blank. */
  #open: number | undefined
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
            ? redirectOps.has(t.op)
              ? 'redirection'
              : `"${t.op}"`
            : t.plain !== undefined && reserved.has(t.plain)
              ? `"${t.plain}"`
              : 'word'
    throw new SyntaxProblem(
      `unexpected ${what}${expecting ? ` (expecting ${expecting === 'word' ? expecting : `"${expecting}"`})` : ''}`,
      t.kind === 'end',
      this.lexer.line,
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
      this.#alias()
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
    return node ?? this.unexpected(this.peek().kind === 'end' ? expecting : undefined)
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
      if (this.lexer.grammar !== 'bash') break
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
        return { kind: 'subshell', body, redirects: this.redirects(), line: t.line }
      }
      if (!redirectOps.has(t.op)) this.unexpected()
    } else if (t.kind !== 'word') this.unexpected()
    else if (
      t.plain !== undefined &&
      reserved.has(t.plain) &&
      !(t.plain === 'function' && this.lexer.grammar === 'dash')
    ) {
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
    const { line } = this.take()
    const t = this.take()
    if (t.kind !== 'word' || t.plain === undefined || !/^[A-Za-z_]\w*$/.test(t.plain))
      throw new SyntaxProblem('bad for loop variable', t.kind === 'end', this.lexer.line)
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
    return { kind: 'for', line, name: t.plain, words, body, redirects: this.redirects() }
  }
  #case(): Node {
    const { line } = this.take()
    const subject = this.peek()
    if (subject.kind !== 'word') return this.unexpected('word')
    this.take()
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
    return { kind: 'case', line, word: subject.word, arms, redirects: this.redirects() }
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
      const next = this.lexer.char()
      const { text, at } = this.lexer
      if (t.plain === undefined || !/^\d{1,9}$/.test(t.plain)) return undefined
      if (next !== '<' && next !== '>' && !(next === '&' && text[at + 1] === '>')) return undefined
      fd = Number(t.plain)
      this.take()
    } else if (t.kind !== 'op' || !redirectOps.has(t.op)) return undefined
    const op = (this.take() as { op: string }).op
    if (op === '<<' || op === '<<-') {
      const mark = this.lexer.delimiter() ?? this.unexpected()
      const doc: HereDoc = { body: [] }
      const redirect = {
        fd,
        op: '<<' as const,
        get word(): Word {
          return doc.body
        },
      }
      this.lexer.waiting.push({ ...mark, strip: op === '<<-', doc })
      return redirect
    }
    const target = this.peek()
    if (target.kind !== 'word') this.unexpected()
    this.take()
    const { word } = target as { word: Word }
    return { fd, op: op as Redirect['op'], word }
  }

  #simple(): Node {
    const assigns: Assignment[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    const { line } = this.peek()
    // Inside [[ ]] the operators && and || are words.
    let brackets = false
    for (;;) {
      const r = this.#redirect()
      if (r) {
        redirects.push(r)
        continue
      }
      if (words.length > 0) this.#aliasAfter()
      const t = this.peek()
      if (t.kind !== 'word') {
        if (t.kind === 'op' && brackets && (t.op === '&&' || t.op === '||')) {
          this.take()
          words.push([{ kind: 'text', text: t.op === '&&' ? '-a' : '-o', quoted: false }])
          continue
        }
        if (t.kind === 'op' && t.op === '(' && words.length === 1 && assigns.length === 0 && redirects.length === 0)
          return this.#function(words[0] as Word)
        break
      }
      const assign = words.length === 0 ? assignment(t.word) : undefined
      this.take()
      if (assign) assigns.push(assign)
      else {
        if (t.plain === '[[' && words.length === 0) brackets = true
        else if (t.plain === ']]') brackets = false
        words.push(t.word)
      }
      if (words.length === 0) this.#alias()
    }
    if (assigns.length + words.length + redirects.length === 0) this.unexpected()
    return { kind: 'simple', assigns, words, redirects, line }
  }
  #function(word: Word): Node {
    const name = word.map((p) => (p.kind === 'text' && !p.quoted ? p.text : '\0')).join('')
    this.take()
    if (!this.isOp(')')) this.unexpected(')')
    this.take()
    if (!/^[A-Za-z_]\w*$/.test(name) || specialNames.has(name))
      throw new SyntaxProblem('bad function name', false, this.lexer.line)
    this.skipNewlines()
    return { kind: 'function', name, body: this.command() }
  }
  /** Replaces an alias where a command begins. */
  #alias(): void {
    for (;;) {
      const t = this.peek()
      if (t.kind !== 'word' || t.plain === undefined || reserved.has(t.plain)) return
      const name = t.plain
      const value = this.aliases.get(name)
      const { lexer } = this
      this.#expanding = this.#expanding.filter((e) => e.end < t.left)
      if (value === undefined || this.#expanding.some((e) => e.name === name)) return
      const end = lexer.text.length - lexer.at
      this.#expanding.push({ name, end })
      if (/[ \t]$/.test(value)) this.#open = end
      lexer.text = `${lexer.text.slice(0, lexer.at)}${value} ${lexer.text.slice(lexer.at)}`
      this.#token = undefined
    }
  }
  /** An alias whose text ends with a blank has the word after it looked up, too. */
  #aliasAfter(): void {
    const t = this.peek()
    if (this.#open === undefined || t.kind !== 'word' || t.left > this.#open) return
    this.#open = undefined
    this.#alias()
    this.#aliasAfter()
  }
}

/** NAME=value. */
export function assignment(word: Word): Assignment | undefined {
  const first = word[0]
  if (first?.kind !== 'text' || first.quoted) return undefined
  const m = /^([A-Za-z_]\w*)=/.exec(first.text)
  if (!m) return undefined
  const rest = first.text.slice(m[0].length)
  return { name: m[1] as string, value: [...(rest ? [{ ...first, text: rest }] : []), ...word.slice(1)] }
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
  /** `line`: the number of the first line. `ranLine`: that of the command that ran last. */
  constructor(text: string, aliases: Aliases, line = 1, ranLine?: () => number, grammar?: Grammar) {
    this.#aliases = aliases
    this.#lexer = new Lexer(text, inner(aliases), line, ranLine, grammar)
  }
  /** The line that was read last. */
  get line(): number {
    return this.#lexer.line
  }
  /** The text ended inside a here-document. */
  get hereDocOpen(): boolean {
    return this.#lexer.hereDocOpen
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

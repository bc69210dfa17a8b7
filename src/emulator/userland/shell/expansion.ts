/** Word expansion, POSIX XCU 2.6: tilde, parameters, commands, arithmetic, field splitting, pathnames, quote removal. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { O_CLOEXEC, O_DIRECTORY, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { users } from '../lib/accounts.ts'
import { hasMagic, matchPattern, patternSource, unquotePattern } from '../lib/pattern.ts'
import { ArithProblem, evaluate } from './arith.ts'
import type { Part, Word } from './ast.ts'
import { ShellError } from './errors.ts'
import type { Substitute } from './expand.ts'
import { Lexer } from './lexer.ts'
import { assignment } from './parser.ts'
import type { ShellState } from './state.ts'
import { length, ofWord, slice, toWord } from './text.ts'

/** A run of characters with their quoting: `split` ones come from unquoted expansions. */
interface Piece {
  readonly text: string
  readonly quoted: boolean
  readonly split: boolean
  /** A field ends before this piece: "$@". */
  readonly cut?: boolean
}

const IFS = ' \t\n'

export class Expansion {
  readonly s: ShellState
  readonly #substitute: Substitute
  constructor(state: ShellState, substitute: Substitute) {
    this.s = state
    this.#substitute = substitute
  }

  /** The fields of a word. */
  *fields(word: Word): Run<string[]> {
    const out: string[] = []
    for (const field of this.#split(yield* this.#pieces(yield* this.#tilde(word))))
      out.push(...(yield* this.#glob(field)))
    return out
  }
  /** One string, neither split nor globbed. */
  *single(word: Word, assignment = false): Run<string> {
    return this.#join(yield* this.#pieces(yield* this.#tilde(word, assignment)))
  }
  /** A text as if it stood in double quotes: a prompt, PS4. Commands in it stay as they are. */
  *text(text: string): Run<string> {
    return yield* this.single(new Lexer(text, () => undefined).quoted(undefined))
  }
  /** An argument of export and its kin: NAME=value is neither split nor globbed. */
  *declaration(word: Word): Run<string[]> {
    const a = assignment(word)
    return a ? [`${a.name}=${yield* this.single(a.value, true)}`] : yield* this.fields(word)
  }
  /** Several positional parameters as one string: what IFS begins with stands between them. */
  #join(pieces: readonly Piece[]): string {
    const between = (this.s.get('IFS') ?? ' ').slice(0, 1)
    let out = ''
    for (const p of pieces) out += p.cut ? between + p.text : p.text
    return out
  }
  /** A pattern: quoted characters are escaped, so that they match themselves. */
  *pattern(word: Word): Run<string> {
    const pieces = yield* this.#pieces(yield* this.#tilde(word))
    return pieces.map((p) => (p.quoted ? p.text.replace(/[\\*?[\]!^-]/g, '\\$&') : p.text)).join('')
  }
  /** The value of an arithmetic expansion's inside. */
  *arithmetic(word: Word): Run<bigint> {
    const text = this.#join(yield* this.#pieces(word))
    const { s } = this
    // dash has no power.
    if (s.dialect?.posix && text.includes('**')) throw new ShellError(`arithmetic syntax error: "${text}"`)
    const made: [string, string | undefined][] = []
    for (const [name] of text.matchAll(/\b(RANDOM|EPOCH\w+)\b/g)) made.push([name, yield* this.#dynamic(name)])
    const take = (name: string): string | undefined => {
      const at = made.findIndex(([n]) => n === name)
      return at < 0 ? undefined : made.splice(at, 1)[0]?.[1]
    }
    try {
      return evaluate(text, {
        get: (name) => take(name) ?? this.#parameter(name) ?? '',
        set: (name, value) => {
          if (!s.set(name, value)) throw new ShellError(`${name}: is read only`)
        },
      })
    } catch (problem) {
      if (problem instanceof ArithProblem)
        throw new ShellError(
          s.dialect?.posix
            ? `${problem.rest ? 'arithmetic syntax rest' : problem.message}: "${text}"`
            : problem.message,
        )
      throw problem
    }
  }

  *#tilde(word: Word, assignment = false): Run<Word> {
    const first = word[0]
    if (first?.kind !== 'text' || first.quoted || !first.text.includes('~')) return word
    const known = /(^|:)~[^/:]/.test(first.text) ? yield* users(this.s.sys) : []
    const replace = (text: string, whole: boolean): string =>
      text.replace(/^~([^/]*)/, (all, user: string) => {
        if (!whole && !text.includes('/')) return all
        if (user === '') return this.s.get('HOME') ?? all
        return known.find((u) => u.name === user)?.home ?? all
      })
    if (!assignment) return [{ ...first, text: replace(first.text, word.length === 1) }, ...word.slice(1)]
    return [
      {
        ...first,
        text: first.text
          .split(':')
          .map((t) => replace(t, true))
          .join(':'),
      },
      ...word.slice(1),
    ]
  }
  *#pieces(word: Word): Run<Piece[]> {
    const out: Piece[] = []
    for (const part of word) {
      switch (part.kind) {
        case 'text':
          out.push({ text: part.text, quoted: part.quoted, split: false })
          break
        case 'param':
          out.push(...(yield* this.#param(part)))
          break
        case 'command': {
          const text = (yield* this.#substitute(this.s, part.list)).replace(/\n+$/, '')
          out.push({ text, quoted: part.quoted, split: !part.quoted })
          break
        }
        case 'arith':
          out.push({ text: String(yield* this.arithmetic(part.word)), quoted: part.quoted, split: !part.quoted })
          break
      }
    }
    return out
  }

  /** A parameter's value; undefined where it is unset. */
  #parameter(name: string): string | undefined {
    const { s } = this
    switch (name) {
      case '#':
        return String(s.positional.length)
      case '?':
        return String(s.status)
      case '$':
        return String(s.pid)
      case '!':
        return s.lastBackground === undefined ? undefined : String(s.lastBackground)
      case '-':
        return [...'EubaCvxcsnmiIfe'].filter((o) => s.options.has(o) || (o === 'i' && s.interactive)).join('')
      case '0':
        return s.name
      case '@':
      case '*':
        return s.positional.length === 0
          ? undefined
          : s.positional.join(name === '*' ? (s.get('IFS') ?? ' ').slice(0, 1) : ' ')
      case 'LINENO':
        return s.dialect?.posix ? undefined : String(s.line)
      default:
        if (/^\d/.test(name)) return s.positional[Number(name) - 1]
        return s.get(name)
    }
  }

  /** Variables that have another value each time, unless a script has set them. */
  *#dynamic(name: string): Run<string | undefined> {
    const { s } = this
    if (s.dialect?.posix) return undefined
    if ((name !== 'RANDOM' && !name.startsWith('EPOCH')) || s.variables.has(name)) return undefined
    if (name === 'RANDOM') {
      const b = yield* s.sys.getrandom(2)
      return String((((b[0] as number) << 8) | (b[1] as number)) & 32767)
    }
    const now = yield* s.sys.clock('realtime')
    if (name === 'EPOCHSECONDS') return String(Math.floor(now / 1e9))
    return name === 'EPOCHREALTIME' ? (now / 1e9).toFixed(6) : undefined
  }
  *#param(part: Extract<Part, { kind: 'param' }>): Run<Piece[]> {
    const { s } = this
    const { name, op, quoted } = part
    const piece = (text: string): Piece => ({ text, quoted, split: !quoted })
    if (op === 'bad' || (s.dialect?.posix && (op === ':' || op.startsWith('/'))))
      throw new ShellError('syntax error: bad substitution')
    let value = (yield* this.#dynamic(name)) ?? this.#parameter(name)
    if (op === 'length')
      return [piece(String(name === '@' || name === '*' ? this.#count() : length(this.#checked(name, value) ?? '')))]
    const empty = op.startsWith(':') && op.length === 2 ? value === undefined || value === '' : value === undefined
    switch (op.replace(/^:(?=.)/, '')) {
      case '-':
        if (empty) return yield* this.#wordPieces(part)
        break
      case '+':
        return empty ? (quoted ? [piece('')] : []) : yield* this.#wordPieces(part)
      case '=':
        if (empty) {
          if (!/^[A-Za-z_]/.test(name)) throw new ShellError(`${name}: bad variable name`)
          const text = this.#join(yield* this.#pieces(part.word ?? []))
          if (!s.set(name, text)) throw new ShellError(`${name}: is read only`)
          return [piece(text)]
        }
        break
      case '?':
        if (empty) {
          const message =
            part.word && part.word.length > 0
              ? this.#join(yield* this.#pieces(part.word))
              : op === ':?'
                ? 'parameter not set or null'
                : 'parameter not set'
          throw new ShellError(`${name}: ${message}`)
        }
        break
      case '#':
      case '##':
      case '%':
      case '%%': {
        const pattern = yield* this.pattern(part.word ?? [])
        if (name === '@' || name === '*')
          return this.#list(
            name,
            quoted,
            s.positional.map((v) => trim(v, pattern, op)),
          )
        return [piece(trim(this.#checked(name, value) ?? '', pattern, op))]
      }
      case '/':
      case '//': {
        const pattern = yield* this.pattern(part.word ?? [])
        const by = part.more ? this.#join(yield* this.#pieces(yield* this.#tilde(part.more))) : ''
        const text = this.#checked(name, value)
        return [piece(text === undefined ? '' : replacePattern(text, pattern, by, op === '//'))]
      }
      case ':': {
        const text = this.#checked(name, value) ?? ''
        const start = Number(yield* this.arithmetic(part.word ?? []))
        const all = length(text)
        const from = start < 0 ? all + start : start
        if (from < 0) return [piece('')]
        if (!part.more) return [piece(slice(text, from))]
        const count = Number(yield* this.arithmetic(part.more))
        return [piece(slice(text, from, count < 0 ? Math.max(from, all + count) : from + count))]
      }
    }
    if (name === '@' || name === '*') return this.#list(name, quoted, s.positional)
    value = this.#checked(name, value)
    return value === undefined ? [{ text: '', quoted: quoted, split: !quoted }] : [piece(value)]
  }
  /** `set -u`. */
  /** ${#*}: bash counts the parameters, ash the characters of all of them. */
  #count(): number {
    const { positional, dialect } = this.s
    return dialect?.grammar === 'bash' ? positional.length : length(positional.join(' '))
  }
  #checked(name: string, value: string | undefined): string | undefined {
    if (value === undefined && this.s.options.has('u') && name !== '@' && name !== '*')
      throw new ShellError(`${name}: parameter not set`)
    return value
  }
  *#wordPieces(part: Extract<Part, { kind: 'param' }>): Run<Piece[]> {
    const pieces = yield* this.#pieces(yield* this.#tilde(part.word ?? []))
    // What comes from an unquoted ${x:-word} is split where it isn't quoted itself.
    if (part.quoted && pieces.length === 0) return [{ text: '', quoted: true, split: false }]
    return part.quoted
      ? pieces.map((p) => ({ ...p, quoted: true, split: false }))
      : pieces.map((p) => (p.quoted ? p : { ...p, split: true }))
  }
  #list(name: string, quoted: boolean, values: readonly string[]): Piece[] {
    if (quoted && name === '*') {
      const ifs = this.s.get('IFS')
      return [{ text: values.join(ifs === undefined ? ' ' : ifs.slice(0, 1)), quoted: true, split: false }]
    }
    // "$@" with nothing is no field at all: marked by a piece that vanishes.
    if (values.length === 0) return quoted ? [{ text: '', quoted: false, split: true }] : []
    return values.map((text, i) =>
      i === 0 ? { text, quoted, split: !quoted } : { text, quoted, split: !quoted, cut: true },
    )
  }

  /** Field splitting: pieces to fields, each still with its quoting. */
  #split(pieces: readonly Piece[]): Piece[][] {
    const ifs = this.s.get('IFS') ?? IFS
    const blanks = [...ifs].filter((c) => IFS.includes(c)).join('')
    const fields: Piece[][] = []
    let field: Piece[] | undefined
    let ended = false
    const add = (p: Piece): void => {
      ended = false
      field ??= []
      field.push(p)
    }
    const cut = (): void => {
      if (field) fields.push(field)
      field = undefined
    }
    for (const p of pieces) {
      if (p.cut) {
        if (!field && !ended && p.quoted) fields.push([{ text: '', quoted: true, split: false }])
        cut()
        ended = false
      }
      if (!p.split) {
        if (p.text !== '' || p.quoted) add(p)
        continue
      }
      let text = ''
      for (let i = 0; i < p.text.length; i++) {
        const c = p.text[i] as string
        if (!ifs.includes(c)) {
          text += c
          continue
        }
        if (text !== '') add({ text, quoted: false, split: true })
        text = ''
        if (blanks.includes(c)) {
          if (field) {
            cut()
            ended = true
          }
        } else {
          // A non-blank separator ends a field, also an empty one; blanks around it belong to it.
          if (field) cut()
          else if (!ended) fields.push([{ text: '', quoted: false, split: true }])
          ended = false
          while (i + 1 < p.text.length && blanks.includes(p.text[i + 1] as string)) i++
        }
      }
      if (text !== '') add({ text, quoted: false, split: true })
    }
    cut()
    return fields
  }

  *#glob(field: readonly Piece[]): Run<string[]> {
    const plain = field.map((p) => p.text).join('')
    if (this.s.options.has('f')) return [plain]
    if (!field.some((p) => !p.quoted && /[*?[]/.test(p.text))) return [plain]
    const pattern = field.map((p) => (p.quoted ? p.text.replace(/[\\*?[\]!^-]/g, '\\$&') : p.text)).join('')
    if (!hasMagic(pattern)) return [plain]
    const found = yield* this.#expandPath(pattern)
    return found.length > 0 ? found : [plain]
  }
  *#expandPath(pattern: string): Run<string[]> {
    const absolute = pattern.startsWith('/')
    let paths: string[] = [absolute ? '/' : '']
    const parts = pattern.split(/\/+/).filter((p, i, all) => p !== '' || (i === all.length - 1 && i > 0))
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i] as string
      const next: string[] = []
      for (const base of paths) {
        if (!hasMagic(part)) {
          const path = base + unquotePattern(part)
          if (part === '' || i < parts.length - 1 || !isErr(yield* this.s.sys.lstat(toWord(path))))
            next.push(i < parts.length - 1 ? `${path}/` : path)
          continue
        }
        const fd = yield* this.s.sys.open(toWord(base) || '.', O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if (isErr(fd)) continue
        const entries = yield* this.s.sys.getdents(fd)
        yield* this.s.sys.close(fd)
        if (isErr(entries)) continue
        for (const entry of entries) {
          const name = ofWord(entry.name)
          if (name.startsWith('.') && !part.startsWith('.') && !part.startsWith('\\.')) continue
          if (!matchPattern(part, name)) continue
          if (i < parts.length - 1) {
            const s = yield* this.s.sys.stat(toWord(base + name))
            if (!isErr(s) && (s.mode & 0o170000) === 0o040000) next.push(`${base}${name}/`)
          } else next.push(base + name)
        }
      }
      paths = next
    }
    return paths.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }
}

/** ${x#p} and its kin: the shortest or longest part that matches is taken away. */
function trim(value: string, pattern: string, op: string): string {
  const front = op[0] === '#'
  const up = front === (op.length === 1)
  for (let i = up ? 0 : value.length; i >= 0 && i <= value.length; i += up ? 1 : -1) {
    // Not between the two halves of one character.
    if (/^[\udc00-\udfff]/.test(value.slice(i, i + 1)) && /[\ud800-\udbff]$/.test(value.slice(0, i))) continue
    if (matchPattern(pattern, front ? value.slice(0, i) : value.slice(i)))
      return front ? value.slice(i) : value.slice(0, i)
  }
  return value
}
/** ${x/p/by} and ${x//p/by}; ash has no anchors. */
function replacePattern(value: string, pattern: string, by: string, all: boolean): string {
  if (pattern === '') return value
  try {
    return value.replace(new RegExp(patternSource(pattern), all ? 'g' : ''), (m) =>
      m === '' && value !== '' ? '' : by,
    )
  } catch {
    return value
  }
}

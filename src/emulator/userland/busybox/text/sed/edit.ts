/** sed's cycle: a line into the pattern space, the commands over it, and out. */
import { isErr } from '../../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../../kernel/linux/abi.ts'
import { O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../../kernel/linux/fs/flags.ts'
import { toWord } from '../../../lib/argument.ts'
import { binary, LineReader, readFile, warn } from '../../../lib/io.ts'
import { Output } from '../../../lib/output.ts'
import type { Match, Regex } from '../../../lib/regex.ts'
import { strerror } from '../../../lib/strerror.ts'
import type { Address, Command, Substitution } from './parse.ts'

export interface SedOptions {
  readonly quiet: boolean
  /** Files are edited in place; what isn't empty is the suffix of the copy that is kept. */
  readonly inPlace: string | undefined
}
/** A line and whether a newline ended it. */
interface Line {
  readonly text: string
  readonly ended: boolean
}
/** What an error of the script ends with, while it runs. */
class Fatal {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
/** Where a command's range stands. */
interface Range {
  inside: boolean
  /** A range that began at a line number doesn't begin again. */
  spent: boolean
  end: number
}
/** Commands between two times at which the processor may be taken away. */
const SLICE = 500

/** The lines of the files one after the other, one ahead, so that the last is known. */
class Input {
  readonly #sys: Sys
  readonly #files: readonly string[]
  #at = 0
  #reader: LineReader | undefined
  #ahead: Line | undefined
  status: ExitCode = 0
  /** Called before the first line of each file. */
  onOpen: (file: string, fd: Fd) => Run<boolean> = function* () {
    return true
  }
  onClose: () => Run<void> = function* () {}
  constructor(sys: Sys, files: readonly string[]) {
    this.#sys = sys
    this.#files = files
  }
  get last(): boolean {
    return this.#ahead === undefined
  }
  *start(): Run<void> {
    this.#ahead = yield* this.#read()
  }
  *next(): Run<Line | undefined> {
    const line = this.#ahead
    if (line) this.#ahead = yield* this.#read()
    return line
  }
  *#read(): Run<Line | undefined> {
    for (;;) {
      if (!this.#reader) {
        const file = this.#files[this.#at++]
        if (file === undefined) return undefined
        const fd = file === '-' ? 0 : yield* this.#sys.open(file, O_RDONLY)
        if (isErr(fd)) {
          yield* warn(this.#sys, `sed: ${file}: ${strerror(fd)}\n`)
          this.status = 1
          continue
        }
        if (!(yield* this.onOpen(file, fd))) continue
        this.#reader = new LineReader(this.#sys, fd)
      }
      const reader = this.#reader
      const text = yield* reader.next()
      if (isErr(text)) {
        yield* warn(this.#sys, `sed: read error: ${strerror(text)}\n`)
        this.status = 1
      } else if (text !== undefined) return { text, ended: !reader.unterminated }
      this.#reader = undefined
      if (reader.fd !== 0) yield* this.#sys.close(reader.fd)
      yield* this.onClose()
    }
  }
}

export class Editor {
  readonly #sys: Sys
  readonly #commands: readonly Command[]
  readonly #ranges: Range[]
  readonly #options: SedOptions
  readonly #files = new Map<string, Output>()
  #out: Output
  /** Output whose last line had no newline gets one when more comes. */
  #open = new Set<Output>()
  #line = 0
  #pattern = ''
  #ended = true
  #hold = ''
  #substituted = false
  #regex: Regex | undefined
  /** What a and r add after the cycle. */
  #after: (() => Run<void>)[] = []
  #work = 0
  constructor(sys: Sys, commands: readonly Command[], options: SedOptions) {
    this.#sys = sys
    this.#commands = commands
    this.#options = options
    this.#ranges = commands.map(() => ({ inside: false, spent: false, end: 0 }))
    this.#out = new Output(sys)
  }

  /** Edits the files; answers the exit status. */
  *run(files: readonly string[]): Run<ExitCode> {
    const problem = yield* this.#openFiles()
    if (problem !== undefined) {
      yield* warn(this.#sys, `sed: ${problem}\n`)
      return 1
    }
    let status: ExitCode = 0
    const groups = this.#options.inPlace === undefined ? [files] : files.map((f) => [f])
    for (const group of groups) {
      const input = new Input(this.#sys, group)
      const [code, quit] = this.#options.inPlace === undefined ? yield* this.#edit(input) : yield* this.#inPlace(input)
      status = Math.max(status, code)
      if (quit) break
    }
    for (const file of this.#files.values()) yield* file.flush()
    return yield* this.#out.end('sed', status)
  }
  *#openFiles(): Run<string | undefined> {
    for (const c of this.#commands) {
      if ((c.letter !== 'w' && !c.substitution) || c.text === '' || this.#files.has(c.text)) continue
      if (c.text === '/dev/stdout') this.#files.set(c.text, this.#out)
      else if (c.text === '/dev/stderr') this.#files.set(c.text, new Output(this.#sys, 2))
      else {
        const name = toWord(c.text)
        const fd = yield* this.#sys.open(name, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        if (isErr(fd)) return `can't open '${name}': ${strerror(fd)}`
        this.#files.set(c.text, new Output(this.#sys, fd))
      }
    }
    return undefined
  }
  *#inPlace(input: Input): Run<readonly [ExitCode, boolean]> {
    const sys = this.#sys
    const standard = this.#out
    let name = ''
    let temporary = ''
    let problem = 0
    input.onOpen = function* (file, fd) {
      const s = yield* sys.fstat(fd)
      if (isErr(s) || (s.mode & 0o170000) !== 0o100000) {
        yield* warn(sys, `sed: ${file}: not a regular file\n`)
        problem = 1
        return false
      }
      name = file
      temporary = `${file}${[...(yield* sys.getrandom(3))].map((b) => b.toString(16).padStart(2, '0')).join('')}`
      const out = yield* sys.open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o600)
      if (isErr(out)) {
        yield* warn(sys, `sed: can't create temp file '${file}XXXXXX': ${strerror(out)}\n`)
        yield* sys.exit(1)
        return false
      }
      yield* sys.fchmod(out, s.mode & 0o7777)
      yield* sys.fchown(out, s.uid, s.gid)
      opened = new Output(sys, out)
      return true
    }
    let opened: Output | undefined
    this.#line = 0
    const r = yield* this.#edit(input, () => {
      if (opened) this.#out = opened
    })
    const made = opened as Output | undefined
    if (made) {
      yield* made.flush()
      yield* sys.close(made.fd)
      const suffix = this.#options.inPlace as string
      if (suffix !== '') yield* sys.rename(name, suffix.includes('*') ? suffix.replaceAll('*', name) : name + suffix)
      yield* sys.rename(temporary, name)
      this.#open.delete(made)
    }
    this.#out = standard
    return [Math.max(r[0], problem), r[1]]
  }
  /** Puts text and, where the line had one, its newline. */
  *#put(out: Output, text: string, ended = true): Run<void> {
    const before = this.#open.has(out) ? '\n' : ''
    this.#open.delete(out)
    if (!ended) this.#open.add(out)
    yield* out.write(`${before}${text}${ended ? '\n' : ''}`)
  }
  /** One stream of lines; answers the status and whether q ended it. */
  *#edit(input: Input, ready: () => void = () => {}): Run<readonly [ExitCode, boolean]> {
    yield* input.start()
    ready()
    let again = false
    for (;;) {
      if (!again) {
        const line = yield* input.next()
        if (!line) break
        this.#line++
        this.#pattern = line.text
        this.#ended = line.ended
      }
      again = false
      this.#substituted = false
      let end: 'next' | 'again' | 'discard' | 'quit'
      try {
        end = yield* this.#cycle(input)
      } catch (fatal) {
        if (!(fatal instanceof Fatal)) throw fatal
        yield* this.#out.flush()
        yield* warn(this.#sys, `sed: ${fatal.message}\n`)
        return [1, true]
      }
      if (end !== 'discard' && end !== 'again' && !this.#options.quiet)
        yield* this.#put(this.#out, this.#pattern, this.#ended)
      yield* this.#flushAfter()
      if (end === 'quit') {
        // What isn't edited any more is kept.
        if (this.#options.inPlace !== undefined)
          for (let rest = yield* input.next(); rest; rest = yield* input.next())
            yield* this.#put(this.#out, rest.text, rest.ended)
        return [input.status, true]
      }
      again = end === 'again'
    }
    return [input.status, false]
  }
  *#flushAfter(): Run<void> {
    const list = this.#after
    this.#after = []
    for (const add of list) yield* add()
  }
  #matches(address: Address, input: Input): boolean {
    switch (address.kind) {
      case 'line':
        return address.line === this.#line
      case 'last':
        return input.last
      case 'plus':
        return false
      case 'match': {
        const regex = address.regex ?? this.#regex
        if (!regex) throw new Fatal('no previous regexp')
        this.#regex = regex
        return regex.test(this.#pattern)
      }
    }
  }
  #selected(c: Command, range: Range, input: Input): boolean {
    const { from, to } = c
    // Line 0 is no line, and no address: busybox knows no `0,/re/`.
    if (!from || (from.kind === 'line' && from.line === 0 && !to)) return true
    if (!to) return this.#matches(from, input)
    const began = range.inside
    if (!began) {
      const starts =
        from.kind === 'line' ? !range.spent && from.line > 0 && from.line <= this.#line : this.#matches(from, input)
      if (!starts) return false
      range.spent = from.kind === 'line'
      range.end = to.kind === 'line' ? to.line : to.kind === 'plus' ? this.#line + to.lines : 0
    }
    range.inside =
      to.kind === 'match'
        ? !(began && this.#matches(to, input))
        : to.kind === 'last'
          ? !input.last
          : range.end > this.#line
    return true
  }
  /** Where the block that is opened at `at` ends. */
  #blockEnd(at: number): number {
    let depth = 0
    for (let i = at; i < this.#commands.length; i++) {
      const { letter } = this.#commands[i] as Command
      if (letter === '{') depth++
      else if (letter === '}' && --depth === 0) return i
    }
    throw new Fatal('unterminated {')
  }
  #label(name: string): number {
    if (name === '') return this.#commands.length
    const at = this.#commands.findIndex((c) => c.letter === ':' && c.text === name)
    if (at < 0) throw new Fatal(`can't find label for jump to '${name}'`)
    return at
  }
  *#cycle(input: Input): Run<'next' | 'again' | 'discard' | 'quit'> {
    for (let at = 0; at < this.#commands.length; at++) {
      const c = this.#commands[at] as Command
      if (++this.#work % SLICE === 0) yield* this.#sys.compute(SLICE * 200)
      if (this.#selected(c, this.#ranges[at] as Range, input) === c.negated) {
        if (c.letter === '{') at = this.#blockEnd(at)
        continue
      }
      switch (c.letter) {
        case '=':
          yield* this.#put(this.#out, String(this.#line))
          break
        case 'p':
          yield* this.#put(this.#out, this.#pattern, this.#ended)
          break
        case 'P':
          yield* this.#put(this.#out, this.#pattern.split('\n', 1)[0] ?? '')
          break
        case 'd':
          return 'discard'
        case 'D': {
          const newline = this.#pattern.indexOf('\n')
          if (newline < 0) return 'discard'
          this.#pattern = this.#pattern.slice(newline + 1)
          return 'again'
        }
        case 's':
          if (this.#substitute(c.substitution as Substitution)) {
            this.#substituted = true
            if (c.substitution?.print) yield* this.#put(this.#out, this.#pattern, this.#ended)
            const file = this.#files.get(c.text)
            if (file && c.text !== '') yield* this.#put(file, this.#pattern, this.#ended)
          }
          break
        case 'y':
          this.#pattern = [...this.#pattern].map((x) => c.translation?.get(x) ?? x).join('')
          break
        case 'a':
          this.#after.push(() => this.#put(this.#out, c.text))
          break
        case 'i':
          yield* this.#put(this.#out, c.text)
          break
        case 'c':
          // A range is changed as a whole, at its end.
          if (!(this.#ranges[at] as Range).inside) yield* this.#put(this.#out, c.text)
          return 'discard'
        case 'r':
          this.#after.push(() => this.#append(c.text))
          break
        case 'w':
          yield* this.#put(this.#files.get(c.text) as Output, this.#pattern, this.#ended)
          break
        case 'q':
          return 'quit'
        case 'n': {
          if (!this.#options.quiet) yield* this.#put(this.#out, this.#pattern, this.#ended)
          yield* this.#flushAfter()
          const line = yield* input.next()
          if (!line) return 'discard'
          this.#line++
          this.#pattern = line.text
          this.#ended = line.ended
          break
        }
        case 'N': {
          yield* this.#flushAfter()
          const line = yield* input.next()
          // As GNU's: the pattern space is printed where there is no next line.
          if (!line) return 'next'
          this.#line++
          this.#pattern += `\n${line.text}`
          this.#ended = line.ended
          if (this.#pattern.length > 1 << 24) throw new Fatal('out of memory')
          break
        }
        case 'h':
          this.#hold = this.#pattern
          break
        case 'H':
          this.#hold += `\n${this.#pattern}`
          break
        case 'g':
          this.#pattern = this.#hold
          break
        case 'G':
          this.#pattern += `\n${this.#hold}`
          break
        case 'x':
          ;[this.#pattern, this.#hold] = [this.#hold, this.#pattern]
          break
        case 'b':
          at = this.#label(c.text)
          break
        case 't':
        case 'T': {
          const jump = this.#substituted === (c.letter === 't')
          this.#substituted = false
          if (jump) at = this.#label(c.text)
          break
        }
        // `{` and `}` only group, `:` only marks; `l` is taken and does nothing in busybox.
      }
      if (this.#hold.length > 1 << 24 || this.#pattern.length > 1 << 24) throw new Fatal('out of memory')
    }
    return 'next'
  }
  *#append(file: string): Run<void> {
    const bytes = file === '/dev/stdin' ? new Uint8Array(0) : yield* readFile(this.#sys, toWord(file))
    if (isErr(bytes) || bytes.length === 0) return
    const text = binary(bytes)
    const ended = text.endsWith('\n')
    yield* this.#put(this.#out, ended ? text.slice(0, -1) : text, ended)
  }
  #substitute(s: Substitution): boolean {
    const regex = s.regex ?? this.#regex
    if (!regex) throw new Fatal('no previous regexp')
    this.#regex = regex
    const text = this.#pattern
    let out = ''
    let copied = 0
    let count = 0
    let done = false
    /** Where the last match that wasn't empty ended: an empty one there is none. */
    let before = -1
    for (let at = 0; at <= text.length; ) {
      const m = regex.exec(text, at)
      if (!m) break
      const [start = 0, end = 0] = m
      at = start === end ? end + 1 : end
      if (start === end && start === before) continue
      before = start === end ? -1 : end
      if (++count < s.which) continue
      out += text.slice(copied, start) + expand(s.replacement, text, m)
      copied = end
      done = true
      if (!s.global) break
    }
    if (!done) return false
    this.#pattern = out + text.slice(copied)
    return true
  }
}
/** `&` and `\1` to `\9` of a replacement. */
function expand(replacement: string, text: string, m: Match): string {
  return replacement.replace(/\\([\s\S])|&/g, (all, c?: string) => {
    const group = all === '&' ? 0 : /\d/.test(c as string) ? Number(c) : undefined
    if (group === undefined) return c as string
    const start = m[2 * group] ?? -1
    return start < 0 ? '' : text.slice(start, m[2 * group + 1])
  })
}

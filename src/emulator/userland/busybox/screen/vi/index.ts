/** vi: a small editor on the whole screen. Keys are turned into motions and changes of a buffer (buffer.ts); colon commands are ex.ts. */
import { isErr } from '../../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../../kernel/linux/abi.ts'
import { isDir, isReg, O_CREAT, O_TRUNC, O_WRONLY, W_OK } from '../../../../kernel/linux/fs/flags.ts'
import { runCommand } from '../../../lib/exec.ts'
import { type Finder, finder } from '../../../lib/finder.ts'
import { FullScreen, type Key, visible, widthOf } from '../../../lib/fullscreen.ts'
import { decode, encode, readFile, warn, writeAll } from '../../../lib/io.ts'
import { getopt } from '../../../lib/options.ts'
import { strerror } from '../../../lib/strerror.ts'
import type { Applet } from '../../../program.ts'
import { Buffer, type Place, type Register } from './buffer.ts'
import { runEx, shifted } from './ex.ts'

type Mode = 'command' | 'insert' | 'replace'
/** Where a motion leads, and how an operator takes what lies between. */
interface Motion {
  readonly to: Place
  readonly linewise?: boolean
  /** The character at the later end belongs to it. */
  readonly inclusive?: boolean
}
const TAB = 8

class Editor {
  readonly screen: FullScreen
  readonly sys: Sys
  readonly b = new Buffer()
  files: readonly string[]
  index = 0
  name: string | undefined
  readOnly = false
  top = 0
  message = ''
  alarm = false
  mode: Mode = 'command'
  registers = new Map<string, Register>()
  marks = new Map<string, number>()
  find: Finder | undefined
  backward = false
  options = { number: false, ignorecase: false, autoindent: false, list: false }
  /** Keys of the last change, for the dot; those of the change at work. */
  lastChange: Key[] = []
  #recorded: Key[] = []
  #replay: Key[] = []
  #replaying = false
  over = false
  status: ExitCode = 0

  constructor(screen: FullScreen, files: readonly string[]) {
    this.screen = screen
    this.sys = screen.sys
    this.files = files
  }

  // --- files ---
  *open(name: string | undefined): Run<void> {
    this.name = name
    this.top = 0
    if (name === undefined) {
      this.b.load('')
      return
    }
    const s = yield* this.sys.stat(name)
    const bytes = isErr(s) ? s : isDir(s.mode) ? undefined : yield* readFile(this.sys, name)
    if (bytes === undefined || isErr(bytes)) {
      this.b.load('')
      if (bytes === undefined || (!isErr(s) && !isReg(s.mode))) this.complain(`'${name}' is not a regular file`)
      else if (isErr(bytes) && bytes.name !== 'ENOENT') this.complain(`'${name}' ${strerror(bytes)}`)
      else this.message = `'${name}' [New file]`
      return
    }
    this.b.load(decode(bytes))
    const locked = this.readOnly || isErr(yield* this.sys.access(name, W_OK))
    this.message = `'${name}'${locked ? ' [Readonly]' : ''} ${this.#size(this.b.text())}`
  }
  #size(text: string): string {
    return `${text.split('\n').length - 1}L, ${[...text].length}C`
  }
  *save(file: string, from: number, to: number, force: boolean): Run<boolean> {
    if (this.readOnly && !force && file === this.name) {
      this.complain(`'${file}' File is read only`)
      return false
    }
    const fd = yield* this.sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    const text = this.b.text(from, to)
    const failed = isErr(fd) ? fd : yield* writeAll(this.sys, fd, encode(text))
    if (!isErr(fd)) yield* this.sys.close(fd)
    if (failed) {
      this.complain(`'${file}' ${strerror(failed)}`)
      return false
    }
    this.message = `'${file}' ${this.#size(text)}`
    return true
  }
  complain(text: string): void {
    this.message = text
    this.alarm = true
  }

  // --- the screen ---
  *draw(): Run<void> {
    const { b, screen } = this
    const height = screen.rows - 1
    b.clamp(this.mode !== 'command')
    if (b.row < this.top) this.top = b.row
    if (b.row >= this.top + height) this.top = b.row - height + 1
    const numbers = this.options.number ? 8 : 0
    let column = 0
    for (const c of b.line.slice(0, b.column)) column += c === '\t' ? TAB - (column % TAB) : widthOf(c)
    // In command mode the cursor stands on the last cell of a tab.
    if (this.mode === 'command' && b.line[b.column] === '\t') column += TAB - 1 - (column % TAB)
    const width = screen.columns - numbers
    const left = column >= width ? column - width + 1 : 0
    const rows = Array.from({ length: height }, (_, i) => {
      const line = b.lines[this.top + i]
      if (line === undefined) return '~'
      const number = numbers > 0 ? `${String(this.top + i + 1).padStart(7)} ` : ''
      return number + visible(this.options.list ? `${line}$` : line, width, left)
    })
    const status = visible(this.message === '' ? this.#statusLine() : this.message, screen.columns - 1)
    const shown = this.alarm ? `\x1b[7m${status}\x1b[m` : status
    yield* screen.draw([...rows, shown], b.row - this.top, column - left + numbers)
    this.message = ''
    this.alarm = false
  }
  #statusLine(): string {
    const { b } = this
    const mode = this.mode === 'command' ? '-' : this.mode === 'insert' ? 'I' : 'R'
    const total = b.lines.length
    const percent = Math.floor((100 * (b.row + 1)) / total)
    return `${mode} ${this.name ?? 'No file'}${this.readOnly ? ' [Readonly]' : ''}${b.changes > 0 ? ' [Modified]' : ''} ${b.row + 1}/${total} ${percent}%`
  }

  // --- keys ---
  *key(): Run<Key> {
    const again = this.#replay.shift()
    if (again !== undefined) return again
    for (;;) {
      const key = yield* this.screen.key()
      if (key !== undefined) {
        this.#recorded.push(key)
        return key
      }
      if (this.screen.ended) {
        this.over = true
        return 'Escape'
      }
      if (this.screen.resized) yield* this.screen.measure()
      yield* this.draw()
    }
  }
  /** A line typed at the bottom; undefined where it was given up. */
  *ask(prompt: string): Run<string | undefined> {
    let text = ''
    for (;;) {
      if (this.#replay.length === 0) yield* this.screen.write(`\x1b[${this.screen.rows};1H\x1b[K${prompt}${text}`)
      const key = yield* this.key()
      if (key === 'Enter' || key === '\n') return text
      if (key === 'Escape' || key === '\x03') return undefined
      if (key === 'Backspace' || key === '\b') {
        if (text === '') return undefined
        text = [...text].slice(0, -1).join('')
      } else if ([...key].length === 1) text += key
    }
  }
  *run(): Run<void> {
    while (!this.over) {
      yield* this.draw()
      this.#recorded = []
      const first = yield* this.key()
      if (this.over) break
      yield* this.command(first)
    }
  }
  /** Remembers the keys of the change that was made, for the dot. */
  #changed(): void {
    if (!this.#replaying) this.lastChange = [...this.#recorded]
  }

  *command(first: Key): Run<void> {
    const { b } = this
    let key = first
    let register = ''
    if (key === '"') {
      register = yield* this.key()
      key = yield* this.key()
    }
    let digits = ''
    while (/^[1-9]$/.test(key) || (digits !== '' && key === '0')) {
      digits = (digits + key).slice(0, 6)
      key = yield* this.key()
    }
    const count = digits === '' ? undefined : Number(digits)
    const motion = yield* this.motion(key, count, false)
    if (motion) {
      b.go(motion.to)
      if (motion.linewise && key !== 'j' && key !== 'k' && key !== 'Down' && key !== 'Up') b.column = b.indent()
      b.clamp()
      return
    }
    yield* this.change(key, count, register)
  }

  /** Where a motion's key leads; undefined where the key is none. `operator`: it tells d, c or y how far. */
  *motion(key: Key, count: number | undefined, operator: boolean): Run<Motion | undefined> {
    const { b } = this
    const n = Math.max(1, count ?? 1)
    const page = this.screen.rows - 1
    const line = (row: number): Motion => ({
      to: { row: Math.max(0, Math.min(b.lines.length - 1, row)), column: b.column },
      linewise: true,
    })
    const repeat = (step: () => Place): Place => {
      const at = b.place
      for (let i = 0; i < n; i++) b.go(step())
      const to = b.place
      b.go(at)
      return to
    }
    switch (key) {
      case 'h':
      case 'Left':
      case 'Backspace':
      case '\b':
        return { to: { row: b.row, column: Math.max(0, b.column - n) } }
      case 'l':
      case 'Right':
      case ' ':
        return { to: { row: b.row, column: Math.min(Math.max(0, b.line.length - (operator ? 0 : 1)), b.column + n) } }
      case 'j':
      case 'Down':
      case '\n':
      case '\x0e':
        return line(b.row + n)
      case 'k':
      case 'Up':
      case '\x10':
        return line(b.row - n)
      case '+':
      case 'Enter':
        return line(b.row + n)
      case '-':
        return line(b.row - n)
      case '0':
      case 'Home':
        return { to: { row: b.row, column: 0 } }
      case '^':
        return { to: { row: b.row, column: b.indent() } }
      case '$':
      case 'End':
        return { to: { row: b.row, column: Math.max(0, b.line.length - 1) }, inclusive: true }
      case '|':
        return { to: { row: b.row, column: n - 1 } }
      case 'w':
      case 'W': {
        const to = repeat(() => b.wordForward(key === 'W'))
        // An operator stays in its line; at the very end it takes the last character, too.
        if (operator && to.row > b.row) return { to: { row: b.row, column: b.line.length } }
        const last = to.row === b.lines.length - 1 && to.column >= (b.lines[to.row] ?? '').length - 1
        return operator &&
          last &&
          !/\s/.test(b.line[to.column] ?? ' ') &&
          !/\s/.test(b.line.slice(b.column, to.column)) &&
          to.column > b.column
          ? { to, inclusive: true }
          : { to }
      }
      case 'e':
      case 'E':
        return { to: repeat(() => b.wordEnd(key === 'E')), inclusive: true }
      case 'b':
      case 'B':
        return { to: repeat(() => b.wordBack(key === 'B')) }
      case 'G':
        return line(count === undefined ? b.lines.length - 1 : count - 1)
      case 'g': {
        const second = yield* this.key()
        return second === 'g' ? line((count ?? 1) - 1) : { to: b.place }
      }
      case 'H':
        return line(this.top + n - 1)
      case 'L':
        return line(Math.min(b.lines.length - 1, this.top + page - 1) - n + 1)
      case 'M':
        return line(this.top + Math.floor((Math.min(b.lines.length - this.top, page) - 1) / 2))
      case '\x06':
      case 'PageDown':
        this.top = Math.min(b.lines.length - 1, this.top + page - 2)
        return line(this.top)
      case '\x02':
      case 'PageUp':
        this.top = Math.max(0, this.top - page + 2)
        return line(Math.min(b.row, this.top + page - 1))
      case '\x04':
        return line(b.row + Math.floor(page / 2))
      case '\x15':
        return line(b.row - Math.floor(page / 2))
      case '}':
      case '{':
        return { to: repeat(() => b.paragraph(key === '}')) }
      case '%': {
        const to = b.matching()
        return to ? { to, inclusive: true } : { to: b.place }
      }
      case 'f':
      case 't':
      case 'F':
      case 'T': {
        const c = yield* this.key()
        const forward = key === 'f' || key === 't'
        let at = b.column
        for (let i = 0; i < n && at >= 0; i++)
          at = forward ? b.line.indexOf(c, at + 1) : at === 0 ? -1 : b.line.lastIndexOf(c, at - 1)
        if (at < 0) return { to: b.place }
        return {
          to: { row: b.row, column: at + (key === 't' ? -1 : key === 'T' ? 1 : 0) },
          inclusive: forward,
        }
      }
      case "'": {
        const row = this.marks.get(yield* this.key())
        if (row !== undefined) return line(row)
        this.complain('Mark not set')
        return { to: b.place }
      }
      case '/':
      case '?':
        return yield* this.search(key)
      case 'n':
      case 'N':
        return { to: this.searched((key === 'n') !== this.backward) }
      case '*': {
        const word = /^[\p{L}\p{N}_]+/u.exec(b.line.slice(b.column))?.[0]
        const made = word === undefined ? undefined : finder(word)
        if (made && !('error' in made)) this.find = made
        return { to: this.searched(true) }
      }
    }
    return undefined
  }
  *search(key: '/' | '?'): Run<Motion> {
    const pattern = yield* this.ask(key)
    if (pattern === undefined) return { to: this.b.place }
    if (pattern !== '') {
      const made = finder(pattern, this.options.ignorecase)
      if ('error' in made) {
        this.complain(`bad search pattern '${pattern}'`)
        return { to: this.b.place }
      }
      this.find = made
    }
    this.backward = key === '?'
    return { to: this.searched(!this.backward) }
  }
  /** The next match from the cursor, over the text's end to its beginning. */
  searched(forward: boolean): Place {
    const { b } = this
    if (!this.find) {
      this.complain('No previous search')
      return b.place
    }
    const total = b.lines.length
    for (let i = 0; i <= total; i++) {
      const row = (((b.row + (forward ? i : -i)) % total) + total) % total
      const hits = this.find(b.lines[row] as string).map(([from]) => from)
      const hit =
        i === 0
          ? forward
            ? hits.find((c) => c > b.column)
            : hits.findLast((c) => c < b.column)
          : i === total
            ? forward
              ? hits[0]
              : hits.at(-1)
            : forward
              ? hits[0]
              : hits.at(-1)
      if (hit !== undefined) return { row, column: hit }
    }
    this.complain('Pattern not found')
    return b.place
  }

  keep(register: string, r: Register): void {
    this.registers.set('', r)
    if (/^[a-z]$/.test(register)) this.registers.set(register, r)
    else if (/^[A-Z]$/.test(register)) {
      const old = this.registers.get(register.toLowerCase())
      this.registers.set(register.toLowerCase(), {
        text: (old?.text ?? '') + r.text,
        linewise: old?.linewise ?? r.linewise,
      })
    }
  }

  *change(key: Key, count: number | undefined, register: string): Run<void> {
    const { b } = this
    const n = Math.max(1, count ?? 1)
    switch (key) {
      case 'i':
        return yield* this.typing('insert')
      case 'I':
        b.column = b.indent()
        return yield* this.typing('insert')
      case 'a':
        b.column++
        return yield* this.typing('insert')
      case 'A':
        b.column = b.line.length
        return yield* this.typing('insert')
      case 'o':
      case 'O': {
        b.mark()
        const indent = this.options.autoindent ? (/^\s*/.exec(b.line)?.[0] ?? '') : ''
        if (key === 'o') b.row++
        b.lines.splice(b.row, 0, indent)
        b.column = indent.length
        return yield* this.typing('insert', true)
      }
      case 'R':
        return yield* this.typing('replace')
      case 'Insert':
        return yield* this.typing('insert')
      case 'x':
      case 'Delete':
      case 'X': {
        if (b.line === '') break
        b.mark()
        const from = key === 'X' ? Math.max(0, b.column - n) : b.column
        const to = key === 'X' ? b.column : Math.min(b.line.length, b.column + n)
        this.keep(register, { text: b.cut({ row: b.row, column: from }, { row: b.row, column: to }), linewise: false })
        b.clamp()
        this.#changed()
        break
      }
      case 's':
        b.mark()
        b.cut(b.place, { row: b.row, column: Math.min(b.line.length, b.column + n) })
        return yield* this.typing('insert', true)
      case 'r': {
        const c = yield* this.key()
        if (c === 'Escape' || b.column + n > b.line.length) break
        b.mark()
        const at = b.column
        b.cut(b.place, { row: b.row, column: at + n })
        b.insert(c === 'Enter' ? '\n' : c.repeat(n))
        if (c !== 'Enter') b.column = at + n - 1
        this.#changed()
        break
      }
      case '~': {
        b.mark()
        for (let i = 0; i < n && b.column < b.line.length; i++) {
          const c = b.line[b.column] as string
          b.lines[b.row] =
            b.line.slice(0, b.column) +
            (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()) +
            b.line.slice(b.column + 1)
          b.column++
        }
        b.clamp()
        this.#changed()
        break
      }
      case 'J':
        b.mark()
        for (let i = 0; i < Math.max(1, n - 1); i++) b.join()
        this.#changed()
        break
      case 'D':
      case 'C':
        b.mark()
        this.keep(register, { text: b.cut(b.place, { row: b.row, column: b.line.length }), linewise: false })
        if (key === 'C') return yield* this.typing('insert', true)
        b.clamp()
        this.#changed()
        break
      case 'S':
        return yield* this.operate('c', 'c', n, register)
      case 'Y':
        return yield* this.operate('y', 'y', n, register)
      case 'd':
      case 'c':
      case 'y':
      case '<':
      case '>': {
        let second = yield* this.key()
        let digits = ''
        while (/^[1-9]$/.test(second) || (digits !== '' && second === '0')) {
          digits = (digits + second).slice(0, 6)
          second = yield* this.key()
        }
        const times = digits === '' ? count : n * Number(digits)
        return yield* this.operate(key, second, times, register)
      }
      case 'p':
      case 'P': {
        const r = this.registers.get(register.toLowerCase())
        if (!r) {
          this.complain('Nothing in register')
          break
        }
        b.mark()
        for (let i = 0; i < Math.min(n, 1000); i++) b.put(r, key === 'p')
        this.#changed()
        break
      }
      case 'u':
        if (!b.undo()) this.complain('Already at oldest change')
        break
      case '.':
        if (this.#replaying || this.lastChange.length === 0) break
        this.#replaying = true
        this.#replay = [...this.lastChange]
        yield* this.command(yield* this.key())
        this.#replay = []
        this.#replaying = false
        break
      case 'm':
        this.marks.set(yield* this.key(), b.row)
        break
      case 'z': {
        const where = yield* this.key()
        const page = this.screen.rows - 1
        this.top = Math.max(
          0,
          b.row -
            (where === '.' || where === 'z' ? Math.floor(page / 2) : where === '-' || where === 'b' ? page - 1 : 0),
        )
        break
      }
      case '\x05':
        this.top = Math.min(b.lines.length - 1, this.top + 1)
        b.row = Math.max(b.row, this.top)
        break
      case '\x19':
        this.top = Math.max(0, this.top - 1)
        b.row = Math.min(b.row, this.top + this.screen.rows - 2)
        break
      case '\x07':
        this.message = this.#statusLine()
        break
      case '\x0c':
        yield* this.screen.write('\x1b[2J')
        break
      case ':': {
        const typed = yield* this.ask(':')
        if (typed !== undefined) yield* this.colon(typed)
        break
      }
      case 'Z': {
        const second = yield* this.key()
        if (second === 'Z') yield* this.colon(b.changes > 0 ? 'wq' : 'q')
        else if (second === 'Q') yield* this.colon('q!')
        break
      }
      case 'Escape':
      case '\x03':
        break
      default:
        this.complain(`'${key.length === 1 ? visible(key, 9) : key}' is not implemented`)
    }
  }
  /** d, c, y, < and > over a motion, or twice the same key for whole lines. */
  *operate(operator: string, key: Key, count: number | undefined, register: string): Run<void> {
    const { b } = this
    const start = b.place
    let motion: Motion | undefined
    if (key === operator)
      motion = { to: { row: Math.min(b.lines.length - 1, b.row + (count ?? 1) - 1), column: b.column }, linewise: true }
    // cw changes a word but not the blanks after it.
    else if (operator === 'c' && (key === 'w' || key === 'W') && /\S/.test(b.line[b.column] ?? ' '))
      motion = yield* this.motion(key === 'w' ? 'e' : 'E', count, true)
    else motion = yield* this.motion(key, count, true)
    if (!motion) {
      this.complain(`'${operator}${key}' is not implemented`)
      return
    }
    b.go(start)
    const { to } = motion
    const [low, high] =
      to.row < start.row || (to.row === start.row && to.column < start.column) ? [to, start] : [start, to]
    if (operator === '<' || operator === '>') {
      b.mark()
      for (let i = low.row; i <= high.row; i++) b.lines[i] = shifted(b.lines[i] as string, operator === '>')
      b.column = b.indent()
      this.#changed()
      return
    }
    const end: Place = motion.inclusive && to.column >= start.column ? { row: high.row, column: high.column + 1 } : high
    if (operator === 'y') {
      this.keep(
        register,
        motion.linewise
          ? { text: b.text(low.row, high.row), linewise: true }
          : { text: b.between(low, end), linewise: false },
      )
      b.go(low.row < start.row || !motion.linewise ? low : start)
      const lines = motion.linewise ? high.row - low.row + 1 : 0
      if (lines > 1) this.message = `Yank ${lines} lines`
      return
    }
    b.mark()
    if (motion.linewise && operator === 'c') {
      this.keep(register, { text: b.text(low.row, high.row), linewise: true })
      b.lines.splice(low.row, high.row - low.row + 1, '')
      b.go({ row: low.row, column: 0 })
    } else
      this.keep(
        register,
        motion.linewise
          ? { text: b.cutLines(low.row, high.row), linewise: true }
          : { text: b.cut(low, end), linewise: false },
      )
    if (operator === 'c') return yield* this.typing('insert', true)
    b.clamp()
    this.#changed()
  }

  /** Insert or replace mode, until ESC. `marked`: the step for undo was set already. */
  *typing(mode: 'insert' | 'replace', marked = false): Run<void> {
    const { b } = this
    if (!marked) b.mark()
    this.mode = mode
    for (;;) {
      if (this.#replay.length === 0) yield* this.draw()
      const key = yield* this.key()
      b.clamp(true)
      if (key === 'Escape' || key === '\x03' || this.over) break
      switch (key) {
        case 'Enter':
        case '\n': {
          const indent = this.options.autoindent ? (/^\s*/.exec(b.line)?.[0] ?? '') : ''
          b.insert(`\n${indent}`)
          break
        }
        case 'Backspace':
        case '\b':
          if (b.column > 0) b.cut({ row: b.row, column: b.column - 1 }, b.place)
          else if (b.row > 0) b.cut({ row: b.row - 1, column: (b.lines[b.row - 1] as string).length }, b.place)
          break
        case 'Delete':
          if (b.column < b.line.length) b.cut(b.place, { row: b.row, column: b.column + 1 })
          break
        case '\x15':
          b.cut({ row: b.row, column: 0 }, b.place)
          break
        case '\x17':
          b.cut(b.wordBack(false), b.place)
          break
        case '\x16':
          b.insert(yield* this.key())
          break
        case 'Up':
        case 'Down':
          b.row += key === 'Up' ? -1 : 1
          b.clamp(true)
          break
        case 'Left':
        case 'Right':
          b.column += key === 'Left' ? -1 : 1
          b.clamp(true)
          break
        case 'Home':
          b.column = 0
          break
        case 'End':
          b.column = b.line.length
          break
        default:
          if ([...key].length !== 1) break
          if (mode === 'replace' && b.column < b.line.length) b.cut(b.place, { row: b.row, column: b.column + 1 })
          b.insert(key)
      }
    }
    this.mode = 'command'
    b.column = Math.max(0, b.column - 1)
    this.#changed()
  }

  *colon(typed: string): Run<void> {
    const { b } = this
    const order = runEx(typed, b, { ignoreCase: this.options.ignorecase, marks: this.marks })
    switch (order.kind) {
      case 'done':
        if (order.message !== undefined) this.message = order.message
        break
      case 'error':
        this.complain(order.message)
        break
      case 'write': {
        const file = order.file ?? this.name
        if (file === undefined) {
          this.complain('No current filename')
          break
        }
        if (
          order.file !== undefined &&
          order.file !== this.name &&
          !order.force &&
          !isErr(yield* this.sys.stat(file))
        ) {
          this.complain(`'${file}' exists (add ! to override)`)
          break
        }
        // :x writes only what was changed.
        if (/^\s*x/.test(typed) && b.changes === 0) {
          this.over = true
          break
        }
        if (!(yield* this.save(file, order.from, order.to, order.force))) break
        if (order.all) b.changes = 0
        this.name ??= file
        if (order.quit) this.over = true
        break
      }
      case 'quit':
        if (b.changes > 0 && !order.force) {
          this.complain(`No write since last change (:${order.next ?? 'q'}! overrides)`)
          break
        }
        if (order.next === undefined) {
          const more = this.files.length - this.index - 1
          if (more > 0 && !order.force) {
            this.complain(`${more} more file(s) to edit`)
            break
          }
          this.over = true
        } else {
          const next = this.index + (order.next === 'n' ? 1 : -this.index)
          if (next >= this.files.length) this.complain('No more files to edit')
          else {
            this.index = next
            yield* this.open(this.files[next])
          }
        }
        break
      case 'edit':
        if (b.changes > 0 && !order.force) this.complain('No write since last change (:e! overrides)')
        else yield* this.open(order.file ?? this.name)
        break
      case 'read': {
        const bytes = yield* readFile(this.sys, order.file)
        if (isErr(bytes)) {
          this.complain(`'${order.file}' ${strerror(bytes)}`)
          break
        }
        b.mark()
        const text = decode(bytes)
        b.lines.splice(order.after + 1, 0, ...text.replace(/\n$/, '').split('\n'))
        b.row = Math.min(b.lines.length - 1, order.after + 1)
        this.message = `'${order.file}' ${this.#size(text)}`
        break
      }
      case 'shell':
        yield* this.screen.close()
        yield* this.screen.write('\r\n')
        yield* runCommand(this.sys, ['/bin/sh', '-c', order.command], 'vi')
        yield* this.screen.write('[Hit return to continue]')
        yield* this.screen.take()
        yield* this.screen.key()
        break
      case 'set':
        for (const word of order.words) {
          const on = !word.startsWith('no')
          const name = on ? word : word.slice(2)
          const full = { nu: 'number', ic: 'ignorecase', ai: 'autoindent', li: 'list' }[name] ?? name
          if (full in this.options) this.options[full as keyof Editor['options']] = on
          else if (!/^(tabstop|ts|showmatch|sm|flash|fl|et|expandtab)\b/.test(full))
            this.complain(`bad option: ${word}`)
        }
    }
  }
}

export const vi: Applet = {
  name: 'vi',
  usage: '[-c CMD] [-R] [-H] [FILE]...',
  help: 'Edit FILE\n\n\t-c CMD\tInitial command to run ($EXINIT and ~/.exrc also available)\n\t-R\tRead-only\n\t-H\tList available features',
  *run(sys, argv) {
    const o = yield* getopt(sys, vi, argv, 'c:RHh')
    if (typeof o === 'number') return o
    if (o.has('H')) {
      yield* warn(
        sys,
        'These features are available:\n\tPattern searches with / and ?\n\tLast command repeat with .\n\tLine marking with \'x\n\tNamed buffers with "x\n\tReadonly if vi is called as "view"\n\tReadonly with -R command line arg\n\tSome colon mode commands with :\n\tSettable options with ":set"\n\tSignal catching- ^C\n\tAdapt to window re-sizes\n',
      )
      return 0
    }
    const screen = yield* FullScreen.open(sys, { strict: false })
    if (isErr(screen)) return 1
    const editor = new Editor(screen, o.rest)
    editor.readOnly = o.has('R')
    yield* screen.write('\x1b[?1049h')
    yield* editor.open(o.rest[0])
    for (const command of o.all('c')) yield* editor.colon(command)
    yield* editor.run()
    yield* screen.write(`\x1b[${screen.rows};1H\x1b[K\x1b[?1049l`)
    yield* screen.close()
    if (screen.ended) {
      yield* warn(sys, "vi: can't read user input\n")
      return 1
    }
    return editor.status
  },
}

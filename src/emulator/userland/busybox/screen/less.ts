/** less and more: a text screen by screen. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { type Finder, finder } from '../../lib/finder.ts'
import { FullScreen, type Key, visible } from '../../lib/fullscreen.ts'
import { copy, eachFile } from '../../lib/input.ts'
import { decode, print, readAll, readFile, warn } from '../../lib/io.ts'
import { getopt, type Options } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const REVERSE = '\x1b[7m'
const NORMAL = '\x1b[m'
const HELP = [
  '  Commands',
  '',
  '  SPACE f ^F PgDn   one screen down        b ^B PgUp   one screen up',
  '  ENTER j e Down    one line down          k y Up      one line up',
  '  d ^D              half a screen down     u ^U        half a screen up',
  '  g Home            to the beginning       G End       to the end',
  '  Ng                to line N              Np          to N per cent',
  '  /PATTERN          search forward         ?PATTERN    search backward',
  '  n                 search again           N           in the other direction',
  '  :n                next file              :p          previous file',
  '  = ^G              where we are           q Q :q      end',
]

class Pager {
  readonly screen: FullScreen
  readonly names: readonly string[]
  readonly o: Options
  file = 0
  lines: string[] = []
  top = 0
  left = 0
  find: Finder | undefined
  backward = false
  message: string | undefined
  /** Nothing was moved yet: the prompt shows the file's name. */
  fresh = true
  readonly stdin: Uint8Array | undefined

  constructor(screen: FullScreen, names: readonly string[], o: Options, stdin: Uint8Array | undefined) {
    this.screen = screen
    this.names = names
    this.o = o
    this.stdin = stdin
  }
  get height(): number {
    return this.screen.rows - 1
  }
  get last(): number {
    return Math.max(0, this.lines.length - this.height)
  }
  *open(index: number): Run<boolean> {
    const name = this.names[index]
    if (name === undefined) return false
    const bytes = name === '-' ? (this.stdin ?? new Uint8Array(0)) : yield* readFile(this.screen.sys, name)
    if (isErr(bytes)) {
      this.message = `can't open '${name}': ${strerror(bytes)}`
      return false
    }
    const text = decode(bytes)
    this.file = index
    this.lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
    this.top = this.left = 0
    this.fresh = true
    return true
  }
  #row(n: number): string {
    const line = this.lines[n]
    if (line === undefined) return '~'
    const number = this.o.has('N') ? `${String(n + 1).padStart(7)} ` : ''
    const width = this.screen.columns - number.length
    const hits = this.find?.(line).filter(([a, b]) => b > a) ?? []
    if (hits.length === 0 || this.left > 0) return number + visible(line, width, this.left)
    let out = ''
    let at = 0
    for (const [from, to] of hits) {
      out += `${line.slice(at, from)}\x00${line.slice(from, to)}\x01`
      at = to
    }
    return number + marked(out + line.slice(at), width)
  }
  #prompt(): string {
    const name = this.names[this.file] === '-' ? '' : (this.names[this.file] ?? '')
    if (this.message !== undefined) return `${REVERSE}${this.message}${NORMAL}`
    const atEnd = this.top >= this.last
    if (this.o.has('m') || this.o.has('M')) {
      const to = Math.min(this.lines.length, this.top + this.height)
      const percent = this.lines.length > 0 ? Math.floor((100 * to) / this.lines.length) : 100
      return `${REVERSE}${name} lines ${Math.min(this.top + 1, this.lines.length)}-${to}/${this.lines.length} ${atEnd ? '(END) ' : `${percent}% `}${NORMAL}`
    }
    if (this.fresh && name !== '' && !(atEnd && this.lines.length < this.height))
      return `${REVERSE}${name}${this.names.length > 1 ? ` (file ${this.file + 1} of ${this.names.length})` : ''}${NORMAL}`
    return atEnd ? `${REVERSE}(END)${NORMAL}` : ':'
  }
  *draw(): Run<void> {
    const rows = Array.from({ length: this.height }, (_, i) => this.#row(this.top + i))
    const prompt = this.#prompt()
    yield* this.screen.draw([...rows, prompt], this.height, prompt.replace(/\x1b\[7?m/g, '').length)
    this.message = undefined
  }
  move(to: number): void {
    this.top = Math.max(0, Math.min(this.last, to))
    this.fresh = false
  }
  /** A line typed at the bottom; undefined where it was given up. */
  *ask(prompt: string): Run<string | undefined> {
    let text = ''
    for (;;) {
      yield* this.screen.write(`\x1b[${this.screen.rows};1H\x1b[K${prompt}${text}`)
      const key = yield* this.screen.key()
      if (key === undefined && this.screen.ended) return undefined
      if (key === 'Enter' || key === '\n') return text
      if (key === 'Escape' || key === '\x03') return undefined
      if (key === 'Backspace' || key === '\b') {
        if (text === '') return undefined
        text = [...text].slice(0, -1).join('')
      } else if (key !== undefined && key >= ' ' && [...key].length === 1) text += key
    }
  }
  search(backward: boolean): void {
    if (!this.find) {
      this.message = 'No previous regular expression'
      return
    }
    const step = backward ? -1 : 1
    for (let n = this.top + step; n >= 0 && n < this.lines.length; n += step)
      if (this.find(this.lines[n] as string).length > 0) {
        this.move(n)
        return
      }
    this.message = 'No matches found'
  }
  /** Does what a key says; true ends the program. */
  *press(key: Key, count: number | undefined): Run<boolean> {
    const page = this.height
    const half = Math.max(1, Math.floor(page / 2))
    switch (key) {
      case 'q':
      case 'Q':
      case '\x03':
        return true
      case ' ':
      case 'f':
      case '\x06':
      case '\x16':
      case 'PageDown':
        this.move(this.top + page)
        break
      case 'b':
      case '\x02':
      case 'PageUp':
        this.move(this.top - page)
        break
      case 'Enter':
      case '\n':
      case 'j':
      case 'e':
      case '\x0e':
      case 'Down':
        this.move(this.top + (count ?? 1))
        break
      case 'k':
      case 'y':
      case '\x10':
      case 'Up':
        this.move(this.top - (count ?? 1))
        break
      case 'd':
      case '\x04':
        this.move(this.top + half)
        break
      case 'u':
      case '\x15':
        this.move(this.top - half)
        break
      case 'g':
      case 'Home':
      case '<':
        this.move((count ?? 1) - 1)
        break
      case 'G':
      case 'End':
      case '>':
        this.move(count === undefined ? this.last : count - 1)
        break
      case 'p':
      case '%':
        this.move(Math.floor(((count ?? 0) * this.lines.length) / 100))
        break
      case 'Right':
        this.left += 8
        break
      case 'Left':
        this.left = Math.max(0, this.left - 8)
        break
      case '/':
      case '?': {
        const pattern = yield* this.ask(key)
        if (pattern === undefined) break
        this.backward = key === '?'
        if (pattern !== '') {
          const made = finder(pattern, this.o.has('I'))
          if ('error' in made) {
            this.message = made.error
            break
          }
          this.find = made
        }
        this.search(this.backward)
        break
      }
      case 'n':
        this.search(this.backward)
        break
      case 'N':
        this.search(!this.backward)
        break
      case '=':
      case '\x07':
        this.message = `${this.names[this.file]} lines ${this.top + 1}-${Math.min(this.lines.length, this.top + page)}/${this.lines.length}`
        break
      case 'h':
      case 'H':
        yield* this.screen.draw([...HELP, '', 'Press any key'], Math.min(HELP.length + 1, page), 13)
        yield* this.screen.key()
        break
      case ':': {
        const word = yield* this.ask(':')
        if (word === 'q' || word === 'Q') return true
        if (word === 'n' || word === 'p') {
          const opened = yield* this.open(this.file + (word === 'n' ? 1 : -1))
          if (!opened) this.message ??= word === 'n' ? 'No next file' : 'No previous file'
        }
        break
      }
      case 'Z':
        return (yield* this.screen.key()) === 'Z'
    }
    return false
  }
  *run(): Run<void> {
    let digits = ''
    for (;;) {
      yield* this.draw()
      const key = yield* this.screen.key()
      if (key === undefined) {
        if (this.screen.ended) return
        yield* this.screen.measure()
        continue
      }
      if (/^\d$/.test(key)) {
        digits = (digits + key).slice(0, 9)
        continue
      }
      if (yield* this.press(key, digits === '' ? undefined : Number(digits))) return
      digits = ''
      // -E ends at the end, where there is nothing more to come.
      if (this.o.has('E') && this.top >= this.last && this.file === this.names.length - 1) return
    }
  }
}
/** A line with \0 and \x01 around matches, cut to the width, with the matches in reverse. */
function marked(line: string, width: number): string {
  let out = ''
  let column = 0
  let on = false
  for (const part of line.split(/([\x00\x01])/)) {
    if (part === '\x00' || part === '\x01') {
      on = part === '\x00'
      out += on ? REVERSE : NORMAL
      continue
    }
    const shown = visible(part, width - column)
    out += shown
    column += shown.length
    if (column >= width) break
  }
  return on ? out + NORMAL : out
}

/** Everything that the names stand for goes to standard output, as where that is no terminal. */
const pass = (sys: Sys, name: string, files: readonly string[]): Run<ExitCode> =>
  eachFile(sys, name, files, (fd) => copy(sys, fd, name), true)

export const less: Applet = {
  name: 'less',
  usage: '[-EFIMmNSRh~] [FILE]...',
  help: 'View FILE (or stdin) one screenful at a time\n\n\t-E\tQuit once the end of a file is reached\n\t-F\tQuit if entire file fits on first screen\n\t-I\tIgnore case in all searches\n\t-M,-m\tDisplay status line with line numbers\n\t\tand percentage through the file\n\t-N\tPrefix line number to each line\n\t-S\tTruncate long lines\n\t-R\tRemove color escape codes in input\n\t-~\tSuppress ~s displayed past EOF',
  *run(sys, argv) {
    const o = yield* getopt(sys, less, argv, 'EMmN~I~SRFXrKsnWw')
    if (typeof o === 'number') return o
    const keyboard = !isErr(yield* sys.ioctl(0, 'TCGETS'))
    if (o.rest.length === 0 && keyboard) {
      yield* warn(sys, 'less: missing filename (see "less --help")\n')
      return 1
    }
    const names = o.rest.length > 0 ? o.rest : ['-']
    if (isErr(yield* sys.ioctl(1, 'TCGETS'))) return yield* pass(sys, 'less', names)
    for (const name of names) {
      const there = name === '-' ? undefined : yield* sys.access(name, 4)
      if (!there) continue
      yield* warn(sys, `less: can't open '${name}': ${strerror(there)}\n`)
      return 1
    }
    // An endless pipe ends here: the whole text is held.
    const input = names.includes('-') ? yield* readAll(sys, 0, 8 << 20) : undefined
    const screen = yield* FullScreen.open(sys, { strict: true })
    if (isErr(screen)) return yield* pass(sys, 'less', names)
    const pager = new Pager(screen, names, o, input && !isErr(input) ? input : undefined)
    yield* pager.open(0)
    const fits = o.has('F') && names.length === 1 && pager.lines.length < screen.rows
    if (!fits) {
      yield* screen.write('\x1b[?1049h')
      yield* pager.run()
      yield* screen.write('\x1b[?1049l')
    }
    yield* screen.close()
    if (fits) yield* print(sys, pager.lines.map((l) => `${l}\n`).join(''))
    return 0
  },
}

export const more: Applet = {
  name: 'more',
  usage: '[FILE]...',
  help: 'View FILE (or stdin) one screenful at a time',
  *run(sys, argv) {
    const o = yield* getopt(sys, more, argv, 'dflpcsu')
    if (typeof o === 'number') return o
    const names = o.rest.length > 0 ? o.rest : ['-']
    const keyboard = !isErr(yield* sys.ioctl(0, 'TCGETS'))
    if (o.rest.length === 0 && keyboard) {
      yield* warn(sys, 'more: missing filename\n')
      return 1
    }
    if (isErr(yield* sys.ioctl(1, 'TCGETS'))) return yield* pass(sys, 'more', names)
    let text = ''
    let size = 0
    const ends: (readonly [at: number, file: string])[] = []
    const status = yield* eachFile(
      sys,
      'more',
      names,
      function* (fd, file) {
        const bytes = yield* readAll(sys, fd)
        if (isErr(bytes)) return bytes
        if (names.length > 1) text += `::::::::::::::\n${file}\n::::::::::::::\n`
        text += decode(bytes)
        size = text.length
        ends.push([size, file])
        return undefined
      },
      true,
    )
    const screen = yield* FullScreen.open(sys, { strict: true })
    if (isErr(screen)) {
      yield* print(sys, text)
      return status
    }
    const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
    let shown = 0
    let room = screen.rows - 1
    for (let at = 0; at < lines.length; ) {
      const part = lines.slice(at, at + room)
      yield* screen.write(part.map((l) => `${l}\r\n`).join(''))
      at += part.length
      shown += part.reduce((n, l) => n + l.length + 1, 0)
      if (at >= lines.length) break
      const prompt = `--More-- ${size > 0 ? `(${Math.floor((100 * shown) / size)}% of ${size} bytes)` : ''}`
      yield* screen.write(`${REVERSE}${prompt}${NORMAL}`)
      let key = yield* screen.key()
      while (key === undefined && !screen.ended) key = yield* screen.key()
      yield* screen.write('\r\x1b[K')
      if (key === undefined || key === 'q' || key === 'Q' || key === '\x03') break
      room = key === 'Enter' || key === '\n' ? 1 : screen.rows - 1
    }
    yield* screen.close()
    return status
  },
}

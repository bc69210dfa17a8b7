/** A terminal used as a screen: keys one by one, and rows drawn where they belong; termios(3), console_codes(4). */
import { EINTR, type Errno, isErr } from '../../base/errno.ts'
import type { Fd, Nanoseconds, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGWINCH } from '../../kernel/linux/signals.ts'
import { decode, write } from './io.ts'

/** What a key is called: its character, or a name for those that send a sequence. */
export type Key = string
const named: Readonly<Record<string, Key>> = {
  A: 'Up',
  B: 'Down',
  C: 'Right',
  D: 'Left',
  H: 'Home',
  F: 'End',
  '1~': 'Home',
  '2~': 'Insert',
  '3~': 'Delete',
  '4~': 'End',
  '5~': 'PageUp',
  '6~': 'PageDown',
  '7~': 'Home',
  '8~': 'End',
}
/** How long after ESC the rest of a sequence may come. */
const SEQUENCE_TIME: Nanoseconds = 50e6

/** Columns that a character takes on a screen. */
export function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 32) return 2
  if (code < 0x1100) return 1
  return code <= 0x115f || (code >= 0x2e80 && code <= 0xffdc) || code >= 0x1f300 ? 2 : 1
}
/** A line as it stands on a screen: tabs as blanks, control characters as ^X, cut to `width` columns from column `from`. */
export function visible(line: string, width: number, from = 0, tab = 8): string {
  let column = 0
  let out = ''
  for (const c of line) {
    const shown =
      c === '\t'
        ? ' '.repeat(tab - (column % tab))
        : c < ' ' || c === '\x7f'
          ? `^${String.fromCharCode(c.charCodeAt(0) ^ 64)}`
          : c
    for (const piece of shown) {
      const w = shown.length > 1 ? 1 : widthOf(piece)
      if (column >= from && column + w <= from + width) out += piece
      column += w
    }
    if (column >= from + width) break
  }
  return out
}

export class FullScreen {
  readonly sys: Sys
  rows = 24
  columns = 80
  /** The input has ended: no key will come. */
  ended = false
  /** The size has changed since it was last asked for. */
  resized = false
  readonly #keys: Fd
  readonly #opened: boolean
  #before: Record<string, unknown> | undefined
  #signals = false
  #pending: number[] = []

  constructor(sys: Sys, keys: Fd, opened: boolean) {
    this.sys = sys
    this.#keys = keys
    this.#opened = opened
  }
  /**
   * Takes the terminal over: keys come from standard input where that is one, or from /dev/tty. An error where there is none and
   * `strict`; otherwise keys are read from standard input as they come. `signals`: ^C and ^Z keep their meaning.
   */
  static *open(sys: Sys, o: { readonly strict: boolean; readonly signals?: boolean }): Run<FullScreen | Errno> {
    const own = yield* sys.ioctl<Record<string, unknown>>(0, 'TCGETS')
    let fd: Fd = 0
    let modes = own
    if (isErr(own) && o.strict) {
      const tty = yield* sys.open('/dev/tty', O_RDONLY)
      if (isErr(tty)) return tty
      fd = tty
      modes = yield* sys.ioctl<Record<string, unknown>>(fd, 'TCGETS')
      if (isErr(modes)) return modes
    }
    const screen = new FullScreen(sys, fd, fd !== 0)
    yield* screen.measure()
    if (!isErr(modes)) {
      screen.#before = modes
      screen.#signals = o.signals === true
      yield* screen.take()
      yield* sys.sigaction(SIGWINCH, function* () {
        screen.resized = true
      })
    }
    return screen
  }
  /** Asks for the size anew. */
  *measure(): Run<void> {
    this.resized = false
    const size = yield* this.sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
    this.rows = isErr(size) || size.rows < 2 ? 24 : size.rows
    this.columns = isErr(size) || size.columns < 2 ? 80 : size.columns
  }
  *write(text: string): Run<void> {
    yield* write(this.sys, 1, text)
  }
  /** Draws every row from the top and puts the cursor at a place counted from 0. Rows are cut by the caller. */
  *draw(rows: readonly string[], row: number, column: number): Run<void> {
    const body = rows.slice(0, this.rows).map((r) => `${r}\x1b[K`)
    yield* this.write(`\x1b[H${body.join('\r\n')}\x1b[J\x1b[${row + 1};${column + 1}H`)
  }
  /** The next key; undefined when `timeout` is over, or at the end of the input, or when the size changed. */
  *key(timeout?: Nanoseconds): Run<Key | undefined> {
    const first = yield* this.#byte(timeout)
    if (first === undefined) return undefined
    if (first === 27) {
      const second = yield* this.#byte(SEQUENCE_TIME)
      if (second === undefined) return 'Escape'
      if (second !== 91 && second !== 79) {
        this.#pending.unshift(second)
        return 'Escape'
      }
      let rest = ''
      for (let i = 0; i < 8; i++) {
        const b = yield* this.#byte(SEQUENCE_TIME)
        if (b === undefined) break
        rest += String.fromCharCode(b)
        if (b >= 64) break
      }
      return named[rest] ?? 'Escape'
    }
    if (first === 13) return 'Enter'
    if (first === 127) return 'Backspace'
    if (first < 0xc0) return String.fromCharCode(first)
    // The rest of a UTF-8 character.
    const bytes = [first]
    for (let left = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1; left > 0; left--) {
      const b = yield* this.#byte(SEQUENCE_TIME)
      if (b === undefined) break
      bytes.push(b)
    }
    return decode(Uint8Array.from(bytes))
  }
  *#byte(timeout?: Nanoseconds): Run<number | undefined> {
    const ready = this.#pending.shift()
    if (ready !== undefined) return ready
    if (timeout !== undefined) {
      const came = yield* this.sys.poll([{ fd: this.#keys, read: true }], timeout)
      if (isErr(came) || came.length === 0) return undefined
    }
    const bytes = yield* this.sys.read(this.#keys, 64)
    if (bytes === EINTR) return undefined
    if (isErr(bytes) || bytes.length === 0) {
      this.ended = true
      return undefined
    }
    this.#pending = [...bytes]
    return this.#pending.shift()
  }
  /** Takes the terminal over again, after `close`. */
  *take(): Run<void> {
    if (!this.#before) return
    const modes = { ...this.#before, icanon: false, echo: false, icrnl: false, isig: this.#signals }
    yield* this.sys.ioctl(this.#keys, 'TCSETS', modes)
  }
  /** Gives the terminal back as it was. */
  *close(): Run<void> {
    if (this.#before) yield* this.sys.ioctl(this.#keys, 'TCSETS', this.#before)
    if (this.#opened) yield* this.sys.close(this.#keys)
  }
}

/** Lines and columns: paste, nl, fold, expand, unexpand, rev, tac. */
import { isErr } from '../../../base/errno.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { lines } from '../../lib/input.ts'
import { LineReader, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { expandEscapes } from '../../lib/printf.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const paste: Applet = {
  name: 'paste',
  usage: '[-d LIST] [-s] [FILE]...',
  help: 'Paste lines from each input file, separated with tab\n\n\t-d LIST\tUse delimiters from LIST, not tab\n\t-s      Serial: one file at a time',
  *run(sys, argv) {
    const o = yield* getopt(sys, paste, argv, 'd:s')
    if (typeof o === 'number') return o
    const spec = fromWord(o.value('d') ?? '\t')
    // `\0` is no separator at all.
    const separators = (spec.match(/\\[\s\S]|[\s\S]/g) ?? ['']).map((s) => (s === '\\0' ? '' : expandEscapes(s).text))
    const readers: LineReader[] = []
    for (const file of o.rest.length > 0 ? o.rest : ['-']) {
      const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
      if (isErr(fd)) {
        yield* warn(sys, `paste: ${file}: ${strerror(fd)}\n`)
        return 1
      }
      // All that name standard input take turns at it.
      const shared = fd === 0 ? readers.find((r) => r.fd === 0) : undefined
      readers.push(shared ?? new LineReader(sys, fd))
    }
    const out = new Output(sys)
    const separator = (i: number): string => separators[i % separators.length] as string
    if (o.has('s')) {
      for (const reader of readers) {
        let i = 0
        for (let line = yield* reader.next(); typeof line === 'string'; line = yield* reader.next())
          yield* out.write((i++ > 0 ? separator(i - 2) : '') + line)
        yield* out.write('\n')
      }
      return yield* out.end('paste')
    }
    for (;;) {
      let row = ''
      let any = false
      for (const [i, reader] of readers.entries()) {
        const line = yield* reader.next()
        if (typeof line === 'string') {
          any = true
          row += line
        }
        if (i < readers.length - 1) row += separator(i)
      }
      if (!any) return yield* out.end('paste')
      yield* out.write(`${row}\n`)
    }
  },
}

export const nl: Applet = {
  name: 'nl',
  usage: '[OPTIONS] [FILE]...',
  help: 'Write FILEs to standard output with line numbers added\n\n\t-b STYLE\tWhich lines to number - a: all, t: nonempty, n: none\n\t-i N\t\tLine number increment\n\t-s STRING\tUse STRING as line number separator\n\t-v N\t\tStart from N\n\t-w N\t\tWidth of line numbers',
  *run(sys, argv) {
    const o = yield* getopt(sys, nl, argv, 'pw:s:v:i:b:', {
      'body-numbering': 'b',
      'line-increment': 'i',
      'number-separator': 's',
      'starting-line-number': 'v',
      'number-width': 'w',
      'no-renumber': 'p',
    })
    if (typeof o === 'number') return o
    const numbers: number[] = []
    for (const [letter, other] of [
      ['w', '6'],
      ['v', '1'],
      ['i', '1'],
    ] as const) {
      const n = parseNumber(o.value(letter) ?? other, letter === 'w' ? 0 : Number.MIN_SAFE_INTEGER)
      if (typeof n !== 'number') {
        yield* warn(sys, `nl: ${n.error}\n`)
        return 1
      }
      numbers.push(n)
    }
    const [width = 6, start = 1, step = 1] = numbers
    const separator = fromWord(o.value('s') ?? '\t')
    const which = o.value('b')?.[0] ?? 't'
    let n = start
    const out = new Output(sys)
    const status = yield* lines(sys, 'nl', o.rest, function* (line) {
      const numbered = which === 'a' || (which !== 'n' && line !== '')
      yield* out.write(
        numbered
          ? `${String(n).padStart(width)}${separator}${line}\n`
          : `${' '.repeat(width + separator.length)}${line}\n`,
      )
      if (numbered) n += step
      return undefined
    })
    return yield* out.end('nl', status)
  },
}

export const fold: Applet = {
  name: 'fold',
  usage: '[-bs] [-w WIDTH] [FILE]...',
  help: 'Wrap input lines in FILEs (or stdin), writing to stdout\n\n\t-b\tCount bytes rather than columns\n\t-s\tBreak at spaces\n\t-w\tUse WIDTH columns instead of 80',
  *run(sys, given) {
    const argv = given.map((a, i) => (i > 0 && /^-\d+$/.test(a) ? `-w${a.slice(1)}` : a))
    const o = yield* getopt(sys, fold, argv, 'bsw:')
    if (typeof o === 'number') return o
    const width = parseNumber(o.value('w') ?? '80', 1, 10000)
    if (typeof width !== 'number') {
      yield* warn(sys, `fold: ${width.error}\n`)
      return 1
    }
    const out = new Output(sys)
    const after = (column: number, c: string): number =>
      o.has('b') || !/[\b\r\t\x80-\xbf]/.test(c)
        ? column + 1
        : c === '\t'
          ? column + 8 - (column % 8)
          : c === '\r'
            ? 0
            : c === '\b'
              ? Math.max(0, column - 1)
              : column
    const status = yield* lines(sys, 'fold', o.rest, function* (line, ended) {
      let row = ''
      let column = 0
      for (const c of line) {
        let next = after(column, c)
        if (next > width && row !== '') {
          const blank = o.has('s') ? Math.max(row.lastIndexOf(' '), row.lastIndexOf('\t')) : -1
          if (blank >= 0) {
            yield* out.write(`${row.slice(0, blank + 1)}\n`)
            row = row.slice(blank + 1)
          } else {
            yield* out.write(`${row}\n`)
            row = ''
          }
          column = [...row].reduce(after, 0)
          next = after(column, c)
        }
        row += c
        column = next
      }
      yield* out.write(row + (ended ? '\n' : ''))
      return undefined
    })
    return yield* out.end('fold', status)
  },
}

/** Columns at which tabs stop: one distance, or a list after which a tab is a blank. */
function tabStops(spec: string): ((column: number) => number) | undefined {
  const list = spec.split(/[, ]/).map(Number)
  if (list.some((n) => !Number.isInteger(n) || n < 1)) return undefined
  const [first = 8] = list
  if (list.length === 1) return (column) => column - (column % first) + first
  return (column) => list.find((n) => n > column) ?? column + 1
}
const UTF8_CONTINUES = /[\x80-\xbf]/
const wordsOf = (argv: readonly string[]): string[] =>
  argv.map((a, i) => (i > 0 && /^-\d+$/.test(a) ? `-t${a.slice(1)}` : a))

export const expand: Applet = {
  name: 'expand',
  usage: '[-i] [-t N] [FILE]...',
  help: "Convert tabs to spaces, writing to stdout\n\n\t-i\tDon't convert tabs after non blanks\n\t-t\tTabstops every N chars",
  *run(sys, argv) {
    const o = yield* getopt(sys, expand, wordsOf(argv), 'it:', { initial: 'i', tabs: 't' })
    if (typeof o === 'number') return o
    const stop = tabStops(o.value('t') ?? '8')
    if (!stop) {
      yield* warn(sys, `expand: invalid number '${o.value('t')}'\n`)
      return 1
    }
    const out = new Output(sys)
    const status = yield* lines(sys, 'expand', o.rest, function* (line, ended) {
      let text = ''
      let column = 0
      let lead = true
      for (const c of line) {
        if (c === '\t' && (lead || !o.has('i'))) {
          const next = stop(column)
          text += ' '.repeat(next - column)
          column = next
          continue
        }
        if (c !== ' ' && c !== '\t') lead = false
        if (!UTF8_CONTINUES.test(c)) column++
        text += c
      }
      yield* out.write(text + (ended ? '\n' : ''))
      return undefined
    })
    return yield* out.end('expand', status)
  },
}

export const unexpand: Applet = {
  name: 'unexpand',
  usage: '[-fa][-t N] [FILE]...',
  help: 'Convert spaces to tabs, writing to stdout\n\n\t-a\tConvert all blanks\n\t-f\tConvert only leading blanks\n\t-t N\tTabstops every N chars',
  *run(sys, argv) {
    const o = yield* getopt(sys, unexpand, wordsOf(argv), 'fat:', { 'first-only': 'f', all: 'a', tabs: 't' })
    if (typeof o === 'number') return o
    const stop = tabStops(o.value('t') ?? '8')
    if (!stop) {
      yield* warn(sys, `unexpand: invalid number '${o.value('t')}'\n`)
      return 1
    }
    const all = !o.has('f') && (o.has('a') || o.has('t'))
    const out = new Output(sys)
    const status = yield* lines(sys, 'unexpand', o.rest, function* (line, ended) {
      let text = ''
      let column = 0
      // Without -a the first run of blanks is the only one, wherever it stands.
      let converted = false
      for (let i = 0; i < line.length; ) {
        const blanks = /^[ \t]+/.exec(line.slice(i))?.[0] ?? ''
        if (blanks === '' || (!all && converted)) {
          const c = line[i] as string
          text += c
          if (!UTF8_CONTINUES.test(c)) column++
          i++
          continue
        }
        converted = true
        let end = column
        for (const c of blanks) end = c === '\t' ? stop(end) : end + 1
        // A single blank stays one, also where a tab would do.
        while (
          stop(column) <= end &&
          !(blanks.length === 1 && blanks === ' ' && stop(column) === column + 1 && i > 0)
        ) {
          text += '\t'
          column = stop(column)
        }
        text += ' '.repeat(end - column)
        column = end
        i += blanks.length
      }
      yield* out.write(text + (ended ? '\n' : ''))
      return undefined
    })
    return yield* out.end('unexpand', status)
  },
}

export const tac: Applet = {
  name: 'tac',
  usage: '[FILE]...',
  help: 'Concatenate FILEs and print them in reverse',
  *run(sys, argv) {
    const o = yield* getopt(sys, tac, argv, '')
    if (typeof o === 'number') return o
    const all: string[] = []
    const status = yield* lines(sys, 'tac', o.rest, function* (line, ended) {
      all.push(ended ? `${line}\n` : line)
      return undefined
    })
    const out = new Output(sys)
    yield* out.write(all.reverse().join(''))
    return yield* out.end('tac', status)
  },
}
export const rev: Applet = {
  name: 'rev',
  usage: '[FILE]...',
  help: 'Reverse lines of FILE',
  *run(sys, argv) {
    const o = yield* getopt(sys, rev, argv, '')
    if (typeof o === 'number') return o
    const out = new Output(sys)
    const status = yield* lines(sys, 'rev', o.rest, function* (line, ended) {
      const characters = line.match(/[\xc0-\xff][\x80-\xbf]*|[\s\S]/g) ?? []
      yield* out.write(characters.reverse().join('') + (ended ? '\n' : ''))
      return undefined
    })
    return yield* out.end('rev', status)
  },
}

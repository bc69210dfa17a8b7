/** Filters on lines and bytes: cat, head, tail, wc, tac, rev, nl, tee, cut, tr, sort, uniq, seq, yes. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { binary, LineReader, print, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import type { Applet } from '../../program.ts'

/** Opens each named file in turn (`-` or none: standard input) and calls `each`; 1 where one couldn't be opened. */
export function* eachFile(
  sys: Sys,
  name: string,
  files: readonly string[],
  each: (fd: Fd, file: string) => Run<Errno | undefined>,
): Run<ExitCode> {
  let status = 0
  for (const file of files.length > 0 ? files : ['-']) {
    const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
    if (isErr(fd)) {
      yield* warn(sys, `${name}: can't open '${file}': ${fd.text}\n`)
      status = 1
      continue
    }
    const failed = yield* each(fd, file)
    if (failed) {
      yield* warn(sys, `${name}: read error: ${failed.text}\n`)
      status = 1
    }
    if (fd !== 0) yield* sys.close(fd)
  }
  return status
}
/** Copies a descriptor to standard output. */
export function* copy(sys: Sys, fd: Fd): Run<Errno | undefined> {
  for (;;) {
    const part = yield* sys.read(fd, 65536)
    if (part === EINTR) continue
    if (isErr(part)) return part
    if (part.length === 0) return undefined
    const failed = yield* writeAll(sys, 1, part)
    if (failed) return failed
  }
}
/** Every line of the files, in order. */
export function* lines(
  sys: Sys,
  name: string,
  files: readonly string[],
  each: (line: string, ended: boolean) => Run<boolean | undefined>,
): Run<ExitCode> {
  let stop = false
  return yield* eachFile(sys, name, files, function* (fd) {
    const reader = new LineReader(sys, fd)
    while (!stop) {
      const line = yield* reader.next()
      if (isErr(line)) return line
      if (line === undefined) return undefined
      stop = (yield* each(line, !reader.unterminated)) === true
    }
    return undefined
  })
}
const put = (sys: Sys, text: string): Run<Errno | undefined> => writeAll(sys, 1, unbinary(text))

/** `10`, `1k`, `2m`, `-5` or `+5`. */
function amount(text: string): number {
  const m = /^([-+]?\d+)([bkKmMgG]?)/.exec(text)
  return m
    ? Number(m[1]) * ({ '': 1, b: 512, k: 1024, m: 1048576, g: 1073741824 }[(m[2] ?? '').toLowerCase()] ?? 1)
    : Number.NaN
}

const cat: Applet = {
  name: 'cat',
  usage: '[-nbvteA] [FILE]...',
  help: 'Print FILEs to stdout',
  *run(sys, argv) {
    const o = yield* getopt(sys, cat, argv, 'nbvteAu')
    if (typeof o === 'number') return o
    const number = o.has('n') || o.has('b')
    const show = o.has('v') || o.has('e') || o.has('t') || o.has('A')
    if (!number && !show) return yield* eachFile(sys, 'cat', o.rest, (fd) => copy(sys, fd))
    let n = 0
    return yield* lines(sys, 'cat', o.rest, function* (line, ended) {
      let text = line
      if (show) {
        text = text.replace(/[\x00-\x08\x0b-\x1f\x7f-\xff]/g, (c) => {
          const b = c.charCodeAt(0)
          const low = (x: number): string =>
            x < 32 ? `^${String.fromCharCode(x + 64)}` : x === 127 ? '^?' : String.fromCharCode(x)
          return b > 127 ? `M-${low(b - 128)}` : low(b)
        })
        if (o.has('t') || o.has('A')) text = text.replace(/\t/g, '^I')
        if (o.has('e') || o.has('A')) text += '$'
      }
      const count = number && (!o.has('b') || line !== '') ? `${String(++n).padStart(6)}\t` : ''
      yield* put(sys, `${count}${text}${ended ? '\n' : ''}`)
      return undefined
    })
  },
}

const head: Applet = {
  name: 'head',
  usage: '[OPTIONS] [FILE]...',
  help: 'Print first 10 lines of FILEs (or stdin).\nWith more than one FILE, precede each with a filename header.\n\n\t-n N[bkm]\tPrint first N lines\n\t-n -N[bkm]\tPrint all except N last lines\n\t-c [-]N[bkm]\tPrint first N bytes\n\t\t\t(b:*512 k:*1024 m:*1024^2)\n\t-q\t\tNever print headers\n\t-v\t\tAlways print headers',
  *run(sys, given) {
    const argv = given.map((a, i) =>
      i > 0 && /^-\d+$/.test(a) && !['-n', '-c'].includes(given[i - 1] ?? '') ? `-n${a.slice(1)}` : a,
    )
    const o = yield* getopt(sys, head, argv, 'n:c:qv')
    if (typeof o === 'number') return o
    const bytes = o.value('c')
    const n = amount(bytes ?? o.value('n') ?? '10')
    if (Number.isNaN(n)) {
      yield* warn(sys, `head: invalid number '${bytes ?? o.value('n')}'\n`)
      return 1
    }
    let first = true
    return yield* eachFile(sys, 'head', o.rest, function* (fd, file) {
      if ((o.rest.length > 1 && !o.has('q')) || o.has('v'))
        yield* print(sys, `${first ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`)
      first = false
      if (n < 0) {
        const all = yield* readAll(sys, fd)
        if (isErr(all)) return all
        if (bytes !== undefined) return yield* writeAll(sys, 1, all.subarray(0, Math.max(0, all.length + n)))
        const text = binary(all)
        const parts = text.split(/(?<=\n)/)
        return yield* put(sys, parts.slice(0, Math.max(0, parts.length + n)).join(''))
      }
      if (bytes !== undefined) {
        let left = n
        while (left > 0) {
          const part = yield* sys.read(fd, Math.min(left, 65536))
          if (isErr(part)) return part
          if (part.length === 0) break
          left -= part.length
          yield* writeAll(sys, 1, part)
        }
        return undefined
      }
      const reader = new LineReader(sys, fd)
      for (let i = 0; i < n; i++) {
        const line = yield* reader.next()
        if (isErr(line)) return line
        if (line === undefined) break
        yield* put(sys, reader.unterminated ? line : `${line}\n`)
      }
      return undefined
    })
  },
}

const tail: Applet = {
  name: 'tail',
  usage: '[OPTIONS] [FILE]...',
  help: 'Print last 10 lines of FILEs (or stdin) to.\nWith more than one FILE, precede each with a filename header.\n\n\t-c [+]N[bkm]\tPrint last N bytes\n\t-n N[bkm]\tPrint last N lines\n\t-n +N[bkm]\tStart on Nth line and print the rest\n\t\t\t(b:*512 k:*1024 m:*1024^2)\n\t-q\t\tNever print headers\n\t-v\t\tAlways print headers\n\t-f\t\tPrint data as file grows',
  *run(sys, given) {
    const argv = given.map((a, i) =>
      i > 0 && /^[-+]\d+$/.test(a) && !['-n', '-c', '-s'].includes(given[i - 1] ?? '')
        ? `-n${a.startsWith('+') ? a : a.slice(1)}`
        : a,
    )
    const o = yield* getopt(sys, tail, argv, 'n:c:qvfFs:')
    if (typeof o === 'number') return o
    const bytes = o.value('c')
    const spec = bytes ?? o.value('n') ?? '10'
    const n = amount(spec)
    if (Number.isNaN(n)) {
      yield* warn(sys, `tail: invalid number '${spec}'\n`)
      return 1
    }
    const from = spec.startsWith('+')
    const open: Fd[] = []
    let first = true
    const status = yield* eachFile(sys, 'tail', o.rest, function* (fd, file) {
      if ((o.rest.length > 1 && !o.has('q')) || o.has('v'))
        yield* print(sys, `${first ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`)
      first = false
      // What is kept lies in this process's memory, and is charged for.
      const parts: Uint8Array[] = []
      let size = 0
      for (;;) {
        const part = yield* sys.read(fd, 65536)
        if (part === EINTR) continue
        if (isErr(part)) return part
        if (part.length === 0) break
        parts.push(part)
        size += part.length
        const full = yield* sys.brk(size)
        if (full) {
          yield* warn(sys, 'tail: out of memory\n')
          yield* sys.exit(1)
        }
        if (size > 48 * 1024 * 1024) {
          // Beyond what a tab can hold the real thing would go on; say so rather than guess.
          yield* warn(sys, 'zukan: not emulated: tail of more than 48 MB\n')
          yield* sys.exit(1)
        }
      }
      const all = new Uint8Array(size)
      let at = 0
      for (const part of parts) {
        all.set(part, at)
        at += part.length
      }
      if (o.has('f') || o.has('F')) {
        const copyFd = yield* sys.dup(fd)
        if (!isErr(copyFd)) open.push(copyFd)
      }
      if (bytes !== undefined)
        return yield* writeAll(
          sys,
          1,
          from ? all.subarray(Math.max(0, n - 1)) : all.subarray(Math.max(0, all.length - Math.abs(n))),
        )
      const rows = binary(all).split(/(?<=\n)/)
      return yield* put(sys, (from ? rows.slice(Math.max(0, n - 1)) : n === 0 ? [] : rows.slice(-Math.abs(n))).join(''))
    })
    while (open.length > 0) {
      for (const fd of open) yield* copy(sys, fd)
      yield* sys.nanosleep(1e9)
    }
    return status
  },
}

const wc: Applet = {
  name: 'wc',
  usage: '[-cmlwL] [FILE]...',
  help: 'Count lines, words, and bytes for FILEs (or stdin)\n\n\t-c\tCount bytes\n\t-m\tCount characters\n\t-l\tCount newlines\n\t-w\tCount words\n\t-L\tPrint longest line length',
  *run(sys, argv) {
    const o = yield* getopt(sys, wc, argv, 'cmlwL')
    if (typeof o === 'number') return o
    const fields = [...'lwcmL'].filter((f) => o.has(f))
    const shown = fields.length > 0 ? fields : ['l', 'w', 'c']
    const total: Record<string, number> = { l: 0, w: 0, c: 0, m: 0, L: 0 }
    const row = (v: Record<string, number>, file: string): string => {
      const cells =
        shown.length === 1 && o.rest.length <= 1
          ? [String(v[shown[0] as string])]
          : shown.map((f) => String(v[f]).padStart(9))
      return `${cells.join(shown.length === 1 ? '' : ' ').replace(/^ (?= )/, '')}${file === '-' ? '' : ` ${file}`}\n`
    }
    const status = yield* eachFile(sys, 'wc', o.rest, function* (fd, file) {
      const v: Record<string, number> = { l: 0, w: 0, c: 0, m: 0, L: 0 }
      let inWord = false
      let column = 0
      for (;;) {
        const part = yield* sys.read(fd, 65536)
        if (part === EINTR) continue
        if (isErr(part)) return part
        if (part.length === 0) break
        v.c = (v.c ?? 0) + part.length
        for (const b of part) {
          if ((b & 0xc0) !== 0x80) v.m = (v.m ?? 0) + 1
          if (b === 10) {
            v.l = (v.l ?? 0) + 1
            column = 0
          } else v.L = Math.max(v.L ?? 0, ++column)
          const space = b === 32 || (b >= 9 && b <= 13)
          if (!space && !inWord) v.w = (v.w ?? 0) + 1
          inWord = !space
        }
      }
      for (const f of 'lwcm') total[f] = (total[f] ?? 0) + (v[f] ?? 0)
      total.L = Math.max(total.L ?? 0, v.L ?? 0)
      yield* print(sys, row(v, file))
      return undefined
    })
    if (o.rest.length > 1) yield* print(sys, row(total, 'total'))
    return status
  },
}

const tac: Applet = {
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
    yield* put(sys, all.reverse().join(''))
    return status
  },
}
const rev: Applet = {
  name: 'rev',
  usage: '[FILE]...',
  help: 'Reverse lines of FILE',
  *run(sys, argv) {
    const o = yield* getopt(sys, rev, argv, '')
    if (typeof o === 'number') return o
    return yield* lines(sys, 'rev', o.rest, function* (line, ended) {
      yield* put(sys, [...line].reverse().join('') + (ended ? '\n' : ''))
      return undefined
    })
  },
}
const tee: Applet = {
  name: 'tee',
  usage: '[-ai] [FILE]...',
  help: "Copy stdin to each FILE, and also to stdout\n\n\t-a\tAppend to the given FILEs, don't overwrite\n\t-i\tIgnore interrupt signals (SIGINT)",
  *run(sys, argv) {
    const o = yield* getopt(sys, tee, argv, 'ai')
    if (typeof o === 'number') return o
    const fds: Fd[] = [1]
    let status = 0
    for (const file of o.rest) {
      const fd = yield* sys.open(file, O_WRONLY | O_CREAT | (o.has('a') ? O_APPEND : O_TRUNC))
      if (isErr(fd)) {
        yield* warn(sys, `tee: ${file}: ${fd.text}\n`)
        status = 1
      } else fds.push(fd)
    }
    for (;;) {
      const part = yield* sys.read(0, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return status
      for (const fd of fds) yield* writeAll(sys, fd, part)
    }
  },
}

const cut: Applet = {
  name: 'cut',
  usage: '{-b|c LIST | -f LIST [-d SEP] [-s]} [-D] [-O SEP] [FILE]...',
  help: 'Print selected fields from FILEs to stdout\n\n\t-b LIST\tOutput only bytes from LIST\n\t-c LIST\tOutput only characters from LIST\n\t-d SEP\tInput field delimiter (default -f TAB, -F run of whitespace)\n\t-f LIST\tPrint only these fields (-d is single char)\n\t-s\tDrop lines with no delimiter',
  *run(sys, argv) {
    const o = yield* getopt(sys, cut, argv, 'b:c:f:d:sD')
    if (typeof o === 'number') return o
    const list = o.value('b') ?? o.value('c') ?? o.value('f')
    if (list === undefined) {
      yield* warn(sys, 'cut: expected a list of bytes, characters, or fields\n')
      return 1
    }
    const ranges: (readonly [number, number])[] = []
    for (const part of list.split(',')) {
      const m = /^(\d*)(-?)(\d*)$/.exec(part)
      if (!m || part === '' || part === '-') {
        yield* warn(sys, `cut: invalid range ${part}-\n`)
        return 1
      }
      ranges.push([m[1] === '' ? 1 : Number(m[1]), m[2] === '' ? Number(m[1]) : m[3] === '' ? Infinity : Number(m[3])])
    }
    const wanted = (n: number): boolean => ranges.some(([a, b]) => n >= a && n <= b)
    const sep = o.value('d') ?? '\t'
    return yield* lines(sys, 'cut', o.rest, function* (line) {
      if (o.value('f') === undefined) {
        yield* put(sys, `${[...line].filter((_, i) => wanted(i + 1)).join('')}\n`)
        return undefined
      }
      if (!line.includes(sep)) {
        if (!o.has('s')) yield* put(sys, `${line}\n`)
        return undefined
      }
      yield* put(
        sys,
        `${line
          .split(sep)
          .filter((_, i) => wanted(i + 1))
          .join(sep)}\n`,
      )
      return undefined
    })
  },
}

/** A set of tr: ranges, classes, escapes. */
function trSet(text: string): string {
  const classes: Record<string, string> = {
    digit: '0-9',
    lower: 'a-z',
    upper: 'A-Z',
    alpha: 'A-Za-z',
    alnum: '0-9A-Za-z',
    space: '\t\n\v\f\r ',
    blank: '\t ',
    xdigit: '0-9A-Fa-f',
    punct: '!-/:-@[-`{-~',
    cntrl: '\x00-\x1f\x7f',
    print: ' -~',
    graph: '!-~',
  }
  let out = ''
  const source = text
    .replace(/\[:(\w+):\]/g, (all, name: string) => classes[name] ?? all)
    .replace(/\\([0-7]{1,3}|.)/g, (_, e: string) =>
      /^[0-7]/.test(e)
        ? String.fromCharCode(Number.parseInt(e, 8))
        : ({ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }[e] ?? e),
    )
  for (let i = 0; i < source.length; i++) {
    if (source[i + 1] === '-' && i + 2 < source.length) {
      const to = source.charCodeAt(i + 2)
      for (let c = source.charCodeAt(i); c <= to; c++) out += String.fromCharCode(c)
      i += 2
    } else out += source[i]
  }
  return out
}
const tr: Applet = {
  name: 'tr',
  usage: '[-cds] STRING1 [STRING2]',
  help: 'Translate, squeeze, or delete characters from stdin, writing to stdout\n\n\t-c\tTake complement of STRING1\n\t-d\tDelete input characters coded STRING1\n\t-s\tSqueeze multiple output characters of STRING2 into one character',
  *run(sys, argv) {
    const o = yield* getopt(sys, tr, argv, '+cCds')
    if (typeof o === 'number') return o
    const [one, two] = o.rest
    if (one === undefined) {
      yield* warn(sys, `tr: missing operand\n`)
      return 1
    }
    let from = trSet(one)
    if (o.has('c') || o.has('C'))
      from = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
        .filter((c) => !from.includes(c))
        .join('')
    const to = two === undefined ? undefined : trSet(two)
    const drop = o.has('d')
    const map = new Map<string, string>()
    if (to !== undefined && !drop)
      for (const [i, c] of [...from].entries()) map.set(c, to[Math.min(i, to.length - 1)] ?? c)
    const squeeze = o.has('s') ? new Set(to !== undefined ? to : from) : undefined
    const gone = drop ? new Set(from) : undefined
    let last = ''
    for (;;) {
      const part = yield* sys.read(0, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return 0
      let out = ''
      for (const c of binary(part)) {
        if (gone?.has(c)) continue
        const n = map.get(c) ?? c
        if (squeeze?.has(n) && last === n) continue
        out += n
        last = n
      }
      yield* put(sys, out)
    }
  },
}

const sort: Applet = {
  name: 'sort',
  usage: '[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...',
  help: 'Sort lines of text',
  *run(sys, argv) {
    const o = yield* getopt(sys, sort, argv, 'nrughMcszbdfio:k:t:')
    if (typeof o === 'number') return o
    const end = o.has('z') ? '\0' : '\n'
    const all: string[] = []
    let size = 0
    let failed = false
    const status = yield* eachFile(sys, 'sort', o.rest, function* (fd) {
      const bytes = yield* readAll(sys, fd)
      if (isErr(bytes)) return bytes
      size += bytes.length
      if (yield* sys.brk(size)) failed = true
      const text = binary(bytes)
      if (text !== '') all.push(...(text.endsWith(end) ? text.slice(0, -1) : text).split(end))
      return undefined
    })
    if (failed) return 1
    const sep = o.value('t')
    const flags = (f: string): boolean => o.has(f)
    const keys = o.all('k').map((k) => {
      const m = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(k)
      return {
        from: Number(m?.[1] ?? 1),
        offset: Number(m?.[2] ?? 1),
        to: Number(m?.[4] ?? Infinity),
        end: Number(m?.[5] ?? 0),
        opts: (m?.[3] ?? '') + (m?.[6] ?? ''),
      }
    })
    const field = (line: string, k: (typeof keys)[number]): string => {
      const parts = sep !== undefined ? line.split(sep) : (line.match(/\s*\S+/g) ?? [])
      let text = parts.slice(k.from - 1, k.to === Infinity ? undefined : k.to).join(sep ?? '')
      if (k.offset > 1) text = text.slice(k.offset - 1)
      return text
    }
    const value = (text: string, opts: string): string | number => {
      const has = (f: string): boolean => opts.includes(f) || (opts === '' && flags(f))
      if (has('n') || has('g')) return Number.parseFloat(/^\s*[-+]?[\d.]+(e[-+]?\d+)?/i.exec(text)?.[0] ?? '0') || 0
      if (has('h')) {
        const m = /^\s*([-\d.]+)\s*([KMGTP]?)/i.exec(text)
        return m ? Number(m[1]) * 1024 ** 'KMGTP'.indexOf((m[2] ?? '').toUpperCase() || '\0') * (m[2] ? 1024 : 1024) : 0
      }
      if (has('M')) return 'JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC'.indexOf(text.trim().slice(0, 3).toUpperCase())
      let t = text
      if (has('b')) t = t.trimStart()
      if (has('d')) t = t.replace(/[^A-Za-z0-9\s]/g, '')
      if (has('f')) t = t.toUpperCase()
      return t
    }
    const order = (x: string | number, y: string | number): number => (x < y ? -1 : x > y ? 1 : 0)
    const compare = (a: string, b: string): number => {
      for (const k of keys) {
        const r = order(value(field(a, k), k.opts), value(field(b, k), k.opts))
        if (r !== 0) return k.opts.includes('r') || (k.opts === '' && flags('r')) ? -r : r
      }
      if (keys.length === 0) {
        const r = order(value(a, ''), value(b, ''))
        if (r !== 0) return flags('r') ? -r : r
      }
      if (flags('u') || flags('s')) return 0
      return flags('r') ? -order(a, b) : order(a, b)
    }
    if (o.has('c')) {
      for (let i = 1; i < all.length; i++) {
        if (compare(all[i - 1] as string, all[i] as string) > (flags('u') ? -1 : 0)) {
          yield* warn(sys, `sort: Check line ${i + 1}\n`)
          return 1
        }
      }
      return 0
    }
    all.sort(compare)
    const kept = o.has('u') ? all.filter((l, i) => i === 0 || compare(all[i - 1] as string, l) !== 0) : all
    const text = kept.map((l) => l + end).join('')
    const file = o.value('o')
    if (file === undefined) yield* put(sys, text)
    else {
      const fd = yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC)
      if (isErr(fd)) return 1
      yield* writeAll(sys, fd, unbinary(text))
      yield* sys.close(fd)
    }
    return status
  },
}

const uniq: Applet = {
  name: 'uniq',
  usage: '[-cdui] [-f,s,w N] [FILE [OUTFILE]]',
  help: 'Discard duplicate lines\n\n\t-c\tPrefix lines by the number of occurrences\n\t-d\tOnly print duplicate lines\n\t-u\tOnly print unique lines\n\t-i\tIgnore case\n\t-z\tNUL terminated output\n\t-f N\tSkip first N fields\n\t-s N\tSkip first N chars (after any skipped fields)\n\t-w N\tCompare N characters in line',
  *run(sys, argv) {
    const o = yield* getopt(sys, uniq, argv, 'cduif:s:w:z')
    if (typeof o === 'number') return o
    const key = (line: string): string => {
      let k = line
      for (let i = Number(o.value('f') ?? 0); i > 0; i--) k = k.replace(/^\s*\S+/, '')
      k = k.slice(Number(o.value('s') ?? 0))
      const w = o.value('w')
      if (w !== undefined) k = k.slice(0, Number(w))
      return o.has('i') ? k.toLowerCase() : k
    }
    let last: string | undefined
    let count = 0
    const flush = function* (): Run<void> {
      if (last === undefined || (o.has('d') && count < 2) || (o.has('u') && count > 1)) return
      yield* put(sys, `${o.has('c') ? `${String(count).padStart(7)} ` : ''}${last}\n`)
    }
    const status = yield* lines(sys, 'uniq', o.rest.slice(0, 1), function* (line) {
      if (last !== undefined && key(line) === key(last)) count++
      else {
        yield* flush()
        last = line
        count = 1
      }
      return undefined
    })
    yield* flush()
    return status
  },
}

const seq: Applet = {
  name: 'seq',
  usage: '[-w] [-s SEP] [FIRST [INC]] LAST',
  help: 'Print numbers from FIRST to LAST, in steps of INC.\nFIRST, INC default to 1.\n\n\t-w\tPad with leading zeros\n\t-s SEP\tString separator',
  *run(sys, given) {
    // Negative numbers are operands.
    const cut = given.findIndex((a, i) => i > 0 && /^-[\d.]/.test(a))
    const o = yield* getopt(sys, seq, cut > 0 ? [...given.slice(0, cut), '--', ...given.slice(cut)] : given, '+ws:')
    if (typeof o === 'number') return o
    const n = o.rest.map(Number)
    const bad = o.rest.find((a) => a.trim() === '' || Number.isNaN(Number(a)))
    if (bad !== undefined || n.length === 0 || n.length > 3) {
      yield* warn(sys, bad !== undefined ? `seq: invalid number '${bad}'\n` : `seq: missing operand\n`)
      return 1
    }
    const [first, step, last] =
      n.length === 1
        ? [1, 1, n[0] as number]
        : n.length === 2
          ? [n[0] as number, 1, n[1] as number]
          : [n[0] as number, n[1] as number, n[2] as number]
    const digits = Math.max(...o.rest.map((a) => a.split('.')[1]?.length ?? 0))
    const width = o.has('w') ? Math.max(first.toFixed(digits).length, last.toFixed(digits).length) : 0
    const sep = o.value('s') ?? '\n'
    let out = ''
    let any = false
    const total = Math.floor((last - first) / step + 1e-9)
    for (let i = 0; i <= total; i++) {
      const text = (first + i * step).toFixed(digits)
      out +=
        (any ? sep : '') +
        (text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0'))
      any = true
      if (out.length > 4096) {
        const failed = yield* print(sys, out)
        if (failed) return 1
        out = ''
      }
    }
    yield* print(sys, any ? `${out}\n` : '')
    return 0
  },
}
const yes: Applet = {
  name: 'yes',
  usage: '[STRING]',
  help: "Repeatedly print a line with STRING, or 'y'",
  *run(sys, argv) {
    const bytes = unbinary(`${argv.slice(1).join(' ') || 'y'}\n`.repeat(512))
    for (;;) {
      const failed = yield* writeAll(sys, 1, bytes)
      if (failed) return 1
    }
  },
}

export const filters: readonly Applet[] = [cat, head, tail, wc, tac, rev, tee, cut, tr, sort, uniq, seq, yes]

/** Texts in pieces: split, strings, shuf, tsort, dos2unix, unix2dos. */
import { isErr } from '../../../base/errno.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { content, eachFile } from '../../lib/input.ts'
import { binary, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const split: Applet = {
  name: 'split',
  usage: '[OPTIONS] [INPUT [PREFIX]]',
  help: '\t-b N[k|m]\tSplit by N (kilo|mega)bytes\n\t-l N\t\tSplit by N lines\n\t-a N\t\tUse N letters as suffix',
  *run(sys, argv) {
    const o = yield* getopt(sys, split, argv, 'l:b:a:')
    if (typeof o === 'number') return o
    const bytes = o.value('b')
    const size = parseNumber(bytes ?? o.value('l') ?? '1000', 1, undefined, bytes === undefined ? 'none' : 'few')
    const letters = parseNumber(o.value('a') ?? '2', 1, 250)
    if (typeof size !== 'number' || typeof letters !== 'number') {
      yield* warn(sys, `split: ${(typeof size === 'number' ? (letters as { error: string }) : size).error}\n`)
      return 1
    }
    const [file = '-', prefix = 'x'] = o.rest
    const data = yield* content(sys, 'split', file, true)
    if (!data) return 1
    let text = binary(data)
    for (let n = 0; text !== ''; n++) {
      let end = size
      if (bytes === undefined) {
        end = 0
        for (let i = 0; i < size && end < text.length; i++) end = text.indexOf('\n', end) + 1 || text.length
      }
      if (n >= 26 ** letters) {
        yield* warn(sys, 'split: suffixes exhausted\n')
        return 1
      }
      const suffix = Array.from({ length: letters }, (_, i) =>
        String.fromCharCode(97 + (Math.floor(n / 26 ** (letters - 1 - i)) % 26)),
      ).join('')
      const fd = yield* sys.open(prefix + suffix, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
      if (isErr(fd)) {
        yield* warn(sys, `split: can't open '${prefix}${suffix}': ${strerror(fd)}\n`)
        return 1
      }
      const failed = yield* writeAll(sys, fd, unbinary(text.slice(0, end)))
      yield* sys.close(fd)
      if (failed) {
        yield* warn(sys, `split: write error: ${strerror(failed)}\n`)
        return 1
      }
      text = text.slice(end)
    }
    return 0
  },
}

export const strings: Applet = {
  name: 'strings',
  usage: '[-fo] [-t o|d|x] [-n LEN] [FILE]...',
  help: 'Display printable strings in a binary file\n\n\t-f\t\tPrecede strings with filenames\n\t-o\t\tPrecede strings with octal offsets\n\t-t o|d|x\tPrecede strings with offsets in base 8/10/16\n\t-n LEN\t\tAt least LEN characters form a string (default 4)',
  *run(sys, argv) {
    const o = yield* getopt(sys, strings, argv, 'afon:t:', { radix: 't', bytes: 'n', all: 'a', 'print-file-name': 'f' })
    if (typeof o === 'number') return o
    const least = parseNumber(o.value('n') ?? '4', 1)
    if (typeof least !== 'number') {
      yield* warn(sys, `strings: ${least.error}\n`)
      return 1
    }
    const radix = o.has('o') ? 'o' : o.value('t')
    const out = new Output(sys)
    const status = yield* eachFile(sys, 'strings', o.rest, function* (fd, file) {
      const all = yield* readAll(sys, fd)
      if (isErr(all)) return all
      for (const m of binary(all).matchAll(/[\t -~]+/g)) {
        if (m[0].length < least) continue
        const at =
          radix === undefined ? '' : `${m.index.toString(radix === 'x' ? 16 : radix === 'o' ? 8 : 10).padStart(7)} `
        yield* out.write(`${o.has('f') ? `${fromWord(file)}: ` : ''}${at}${m[0]}\n`)
      }
      return undefined
    })
    return yield* out.end('strings', status)
  },
}

export const shuf: Applet = {
  name: 'shuf',
  usage: '[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]',
  help: 'Randomly permute lines\n\n\t-n NUM\tOutput at most NUM lines\n\t-o FILE\tWrite to FILE, not standard output\n\t-z\tNUL terminated output\n\t-e\tTreat ARGs as lines\n\t-i L-H\tTreat numbers L-H as lines',
  *run(sys, argv) {
    const o = yield* getopt(sys, shuf, argv, 'ei:n:o:z')
    if (typeof o === 'number') return o
    let items: string[]
    const span = o.value('i')
    const end = o.has('z') ? '\0' : '\n'
    if (span !== undefined) {
      const m = /^(\d+)-(\d+)$/.exec(span)
      if (!m || Number(m[1]) > Number(m[2])) {
        yield* warn(sys, `shuf: bad range '${span}'\n`)
        return 1
      }
      const [from, to] = [Number(m[1]), Number(m[2])]
      if (to - from > 1e6) {
        yield* warn(sys, 'zukan: not emulated: shuf of more than a million numbers\n')
        return 1
      }
      items = Array.from({ length: to - from + 1 }, (_, i) => String(from + i))
    } else if (o.has('e')) items = o.rest.map(fromWord)
    else {
      const data = yield* content(sys, 'shuf', o.rest[0] ?? '-')
      if (!data) return 1
      const text = binary(data)
      items = text === '' ? [] : (text.endsWith(end) ? text.slice(0, -1) : text).split(end)
    }
    const count = o.value('n') === undefined ? items.length : Math.min(items.length, Number(o.value('n')))
    // Fisher and Yates, as far as is printed.
    for (let i = 0; i < count; i++) {
      const [a = 0, b = 0, c = 0, d = 0] = yield* sys.getrandom(4)
      const k = i + ((a * 0x1000000 + b * 0x10000 + c * 0x100 + d) % (items.length - i))
      ;[items[i], items[k]] = [items[k] as string, items[i] as string]
    }
    const file = o.value('o')
    const fd = file === undefined ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    if (isErr(fd)) {
      yield* warn(sys, `shuf: can't open '${file}': ${strerror(fd)}\n`)
      return 1
    }
    const out = new Output(sys, fd)
    for (const item of items.slice(0, count)) yield* out.write(item + end)
    return yield* out.end('shuf')
  },
}

export const tsort: Applet = {
  name: 'tsort',
  usage: '[FILE]',
  help: 'Topological sort',
  *run(sys, argv) {
    const o = yield* getopt(sys, tsort, argv, '')
    if (typeof o === 'number') return o
    if (o.rest.length > 1) return yield* showUsage(sys, tsort)
    const data = yield* content(sys, 'tsort', o.rest[0] ?? '-')
    if (!data) return 1
    const words = binary(data).split(/\s+/).filter(Boolean)
    if (words.length % 2 === 1) {
      yield* warn(sys, 'tsort: odd input\n')
      return 1
    }
    // Nodes in the order of their names, as busybox keeps them.
    const after = new Map<string, string[]>()
    const waits = new Map<string, number>()
    for (const w of [...words].sort()) {
      if (waits.has(w)) continue
      after.set(w, [])
      waits.set(w, 0)
    }
    for (let i = 0; i < words.length; i += 2) {
      const [a, b] = [words[i] as string, words[i + 1] as string]
      if (a === b) continue
      after.get(a)?.push(b)
      waits.set(b, (waits.get(b) ?? 0) + 1)
    }
    const out = new Output(sys)
    let cycle = false
    while (waits.size > 0) {
      const free = [...waits].find(([, n]) => n === 0)?.[0]
      const next = free ?? ([...waits.keys()][0] as string)
      if (free === undefined && !cycle) {
        cycle = true
        yield* out.flush()
        yield* warn(sys, `tsort: cycle at ${next}\n`)
      }
      waits.delete(next)
      yield* out.write(`${next}\n`)
      for (const b of after.get(next) ?? []) if (waits.has(b)) waits.set(b, (waits.get(b) as number) - 1)
    }
    return yield* out.end('tsort', cycle ? 1 : 0)
  },
}

const converter = (name: 'dos2unix' | 'unix2dos'): Applet => {
  const applet: Applet = {
    name,
    ...(name === 'dos2unix'
      ? {
          usage: '[-ud] [FILE]',
          help: 'Convert FILE in-place from DOS to Unix format.\nWhen no file is given, use stdin/stdout.\n\n\t-u\tdos2unix\n\t-d\tunix2dos',
        }
      : {
          usage: '[-ud] [FILE]',
          help: 'Convert FILE in-place from Unix to DOS format.\nWhen no file is given, use stdin/stdout.\n\n\t-u\tdos2unix\n\t-d\tunix2dos',
        }),
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'du')
      if (typeof o === 'number') return o
      const toDos = o.has('d') || (name === 'unix2dos' && !o.has('u'))
      const turn = (text: string): string => text.replace(/\r?\n/g, toDos ? '\r\n' : '\n')
      let status = 0
      for (const file of o.rest.length > 0 ? o.rest : ['-']) {
        const data = yield* content(sys, name, file, true)
        if (!data) {
          status = 1
          continue
        }
        const fd = file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_TRUNC)
        if (isErr(fd)) {
          yield* warn(sys, `${name}: can't open '${file}': ${strerror(fd)}\n`)
          status = 1
          continue
        }
        yield* writeAll(sys, fd, unbinary(turn(binary(data))))
        if (fd !== 1) yield* sys.close(fd)
      }
      return status
    },
  }
  return applet
}
export const dos2unix = converter('dos2unix')
export const unix2dos = converter('unix2dos')

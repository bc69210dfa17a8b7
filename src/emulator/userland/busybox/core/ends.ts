/** head and tail: a text's begin and end. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { copy, eachFile } from '../../lib/input.ts'
import { binary, LineReader, print, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import type { Applet } from '../../program.ts'

const put = (sys: Sys, text: string): Run<Errno | undefined> => writeAll(sys, 1, unbinary(text))

/** `10`, `1k`, `2m`, `-5` or `+5`. */
function amount(text: string): number {
  const m = /^([-+]?\d+)([bkKmMgG]?)/.exec(text)
  return m
    ? Number(m[1]) * ({ '': 1, b: 512, k: 1024, m: 1048576, g: 1073741824 }[(m[2] ?? '').toLowerCase()] ?? 1)
    : Number.NaN
}

export const head: Applet = {
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

export const tail: Applet = {
  name: 'tail',
  usage: '[OPTIONS] [FILE]...',
  help: 'Print last 10 lines of FILEs (or stdin) to.\nWith more than one FILE, precede each with a filename header.\n\n\t-c [+]N[bkm]\tPrint last N bytes\n\t-n N[bkm]\tPrint last N lines\n\t-n +N[bkm]\tStart on Nth line and print the rest\n\t\t\t(b:*512 k:*1024 m:*1024^2)\n\t-q\t\tNever print headers\n\t-v\t\tAlways print headers\n\t-f\t\tPrint data as file grows\n\t-F\t\tSame as -f, but keep retrying\n\t-s SECONDS\tWait SECONDS between reads with -f',
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
    const status = yield* eachFile(
      sys,
      'tail',
      o.rest,
      function* (fd, file) {
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
        return yield* put(
          sys,
          (from ? rows.slice(Math.max(0, n - 1)) : n === 0 ? [] : rows.slice(-Math.abs(n))).join(''),
        )
      },
      true,
    )
    if (status !== 0 && first) yield* warn(sys, 'tail: no files\n')
    while (open.length > 0) {
      for (const fd of open) yield* copy(sys, fd)
      yield* sys.nanosleep(1e9)
    }
    return status
  },
}

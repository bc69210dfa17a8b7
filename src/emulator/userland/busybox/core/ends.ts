/** head and tail: a text's begin and end. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { copy, eachFile } from '../../lib/input.ts'
import { binary, LineReader, print, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const put = (sys: Sys, text: string): Run<Errno | undefined> => writeAll(sys, 1, unbinary(text))

/** `10`, `1k`, `2m`, `-5` or `+5`; NaN for anything else. */
function amount(text: string): number {
  const m = /^([-+]?)(\d.*)$/.exec(text)
  const n = parseNumber(m?.[2] ?? '', 0, Number.MAX_SAFE_INTEGER, 'few')
  return typeof n === 'number' ? (m?.[1] === '-' ? -n : n) : Number.NaN
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
      if (n < 0 || Object.is(n, -0)) {
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
    const period = Number(o.value('s') ?? 1)
    if (!/^\d+$/.test(o.value('s') ?? '1')) {
      yield* warn(sys, `tail: invalid number '${o.value('s')}'\n`)
      return 1
    }
    const from = spec.startsWith('+')
    const open: Followed[] = []
    let first = true
    let status: ExitCode = 0
    const header = (file: string): Run<unknown> => {
      const blank = first ? '' : '\n'
      first = false
      return print(sys, `${blank}==> ${file === '-' ? 'standard input' : file} <==\n`)
    }
    const headed = (o.rest.length > 1 && !o.has('q')) || o.has('v')
    for (const file of o.rest.length > 0 ? o.rest : ['-']) {
      const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
      if (isErr(fd)) {
        yield* warn(sys, `tail: can't open '${file}': ${strerror(fd)}\n`)
        status = 1
        if (o.has('F')) open.push({ file, fd: undefined })
        continue
      }
      open.push({ file, fd })
      if (headed) yield* header(file)
      first = false
      const all = yield* readKept(sys, fd)
      if (isErr(all)) {
        yield* warn(sys, `tail: read error: ${strerror(all)}\n`)
        status = 1
        continue
      }
      if (bytes !== undefined)
        yield* writeAll(
          sys,
          1,
          from ? all.subarray(Math.max(0, n - 1)) : all.subarray(Math.max(0, all.length - Math.abs(n))),
        )
      else {
        const rows = binary(all).split(/(?<=\n)/)
        yield* put(sys, (from ? rows.slice(Math.max(0, n - 1)) : n === 0 ? [] : rows.slice(-Math.abs(n))).join(''))
      }
    }
    if (open.length === 0) {
      yield* warn(sys, 'tail: no files\n')
      return 1
    }
    let shown = open.at(-1)
    while (o.has('f') || o.has('F')) {
      yield* sys.nanosleep(period * 1e9)
      for (const f of open) {
        if (o.has('F')) yield* reopen(sys, f)
        if (f.fd === undefined) continue
        yield* rewind(sys, f.fd)
        if (headed && f !== shown) {
          const part = yield* sys.read(f.fd, 65536)
          if (isErr(part) || part.length === 0) continue
          shown = f
          yield* header(f.file)
          yield* writeAll(sys, 1, part)
        }
        yield* copy(sys, f.fd, 'tail')
      }
    }
    return status
  },
}
/** A file that tail follows; no descriptor: it isn't there now. */
interface Followed {
  readonly file: string
  fd: Fd | undefined
}
/** -F: what has another file's name now is closed, and that file read from its begin. */
function* reopen(sys: Sys, f: Followed): Run<void> {
  const held = f.fd === undefined ? undefined : yield* sys.fstat(f.fd)
  const named = yield* sys.stat(f.file)
  if (held && !isErr(held) && !isErr(named) && held.dev === named.dev && held.ino === named.ino) return
  if (f.fd !== undefined) yield* sys.close(f.fd)
  const fd = yield* sys.open(f.file, O_RDONLY)
  if (!isErr(fd))
    yield* warn(
      sys,
      `tail: ${f.file} has ${f.fd === undefined ? 'appeared' : 'been replaced'}; following end of new file\n`,
    )
  else if (f.fd !== undefined) yield* warn(sys, `tail: ${f.file} has become inaccessible: ${strerror(fd)}\n`)
  f.fd = isErr(fd) ? undefined : fd
}
/** A file that has become shorter is read from its begin. */
function* rewind(sys: Sys, fd: Fd): Run<void> {
  const stat = yield* sys.fstat(fd)
  const at = yield* sys.lseek(fd, 0, 'cur')
  if (!isErr(stat) && !isErr(at) && stat.size > 0 && stat.size < at) yield* sys.lseek(fd, 0, 'set')
}
/** All of a file. What is kept lies in this process's memory, and is charged for. */
function* readKept(sys: Sys, fd: Fd): Run<Uint8Array | Errno> {
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
  return all
}

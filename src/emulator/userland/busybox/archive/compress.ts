/** gzip, gunzip, zcat, bzip2, bunzip2, bzcat: files packed and unpacked in place or to standard output. */
import { EEXIST, isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { readAll, warn, writeAll } from '../../lib/io.ts'
import { getopt, type Options } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { BzipError, bunzip2, bzip2 } from './bzip2.ts'
import { GzipError, gunzip, gzip } from './gzip.ts'

interface Format {
  readonly suffixes: Readonly<Record<string, string>>
  readonly suffix: string
  readonly pack: (bytes: Uint8Array, level: number) => Uint8Array
  readonly unpack: (bytes: Uint8Array) => Uint8Array
}
const formats: Readonly<Record<'gz' | 'bz2', Format>> = {
  gz: { suffix: '.gz', suffixes: { '.gz': '', '.tgz': '.tar', '.Z': '' }, pack: gzip, unpack: gunzip },
  bz2: { suffix: '.bz2', suffixes: { '.bz2': '', '.tbz2': '.tar', '.tbz': '.tar' }, pack: bzip2, unpack: bunzip2 },
}
/** Nanoseconds of processor time a byte. */
const COST = 20

/** What a packed text holds, or why it can't be read. Takes processor time. */
export function* unpack(
  sys: Sys,
  format: 'gz' | 'bz2',
  bytes: Uint8Array,
): Run<Uint8Array | { readonly error: string }> {
  try {
    const out = formats[format].unpack(bytes)
    yield* sys.compute((bytes.length + out.length) * COST)
    return out
  } catch (problem) {
    if (problem instanceof GzipError || problem instanceof BzipError) return { error: problem.message }
    throw problem
  }
}
function* each(sys: Sys, name: string, format: Format, packing: boolean, o: Options, toStdout: boolean): Run<ExitCode> {
  let status = 0
  const level = Number(o.list.findLast(([l]) => /[1-9]/.test(l))?.[0] ?? (format.suffix === '.gz' ? 6 : 9))
  const fail = function* (message: string) {
    yield* warn(sys, `${name}: ${message}\n`)
    status = 1
  }
  for (const file of o.rest.length > 0 ? o.rest : ['-']) {
    const stdout = toStdout || file === '-' || o.has('t')
    let target = ''
    const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
    if (isErr(fd)) {
      yield* fail(`${file}: ${strerror(fd)}`)
      continue
    }
    if (!stdout) {
      if (packing) target = file + format.suffix
      else {
        const suffix = Object.keys(format.suffixes).find((s) => file.endsWith(s) && file.length > s.length)
        if (suffix === undefined) {
          yield* fail(`${file}: unknown suffix - ignored`)
          yield* sys.close(fd)
          continue
        }
        target = file.slice(0, -suffix.length) + format.suffixes[suffix]
      }
    }
    const there = stdout || o.has('f') ? undefined : yield* sys.stat(target)
    if (there && !isErr(there)) {
      yield* fail(`can't open '${target}': ${strerror(EEXIST)}`)
      if (fd !== 0) yield* sys.close(fd)
      continue
    }
    const s = yield* sys.fstat(fd)
    const bytes = yield* readAll(sys, fd)
    if (fd !== 0) yield* sys.close(fd)
    if (isErr(bytes)) {
      yield* fail(
        packing && !stdout ? `can't remove file '${file}': ${strerror(bytes)}` : `read error: ${strerror(bytes)}`,
      )
      continue
    }
    if (packing && stdout && !o.has('f') && !isErr(yield* sys.ioctl(1, 'TCGETS'))) {
      yield* fail('compressed data not written to terminal. Use -f to force it')
      continue
    }
    let result: Uint8Array | { readonly error: string }
    if (packing) {
      result = format.pack(bytes, level)
      yield* sys.compute(bytes.length * COST * 3)
    } else result = yield* unpack(sys, format.suffix === '.gz' ? 'gz' : 'bz2', bytes)
    if ('error' in result) {
      yield* fail(result.error)
      continue
    }
    if (o.has('t')) continue
    const out = stdout ? 1 : yield* sys.open(target, O_WRONLY | O_CREAT | (o.has('f') ? O_TRUNC : O_EXCL), 0o600)
    if (isErr(out)) {
      yield* fail(`can't open '${target}': ${strerror(out)}`)
      continue
    }
    const failed = yield* writeAll(sys, out, result)
    if (failed) {
      yield* fail(`write error: ${strerror(failed)}`)
      if (!stdout) yield* sys.unlink(target)
      continue
    }
    if (stdout) continue
    if (!isErr(s)) {
      yield* sys.fchmod(out, s.mode & 0o7777)
      yield* sys.fchown(out, s.uid, s.gid)
    }
    yield* sys.close(out)
    if (!isErr(s)) yield* sys.utimens(target, s.atime, s.mtime)
    if (!o.has('k')) yield* sys.unlink(file)
  }
  return status
}
const make = (
  name: string,
  format: 'gz' | 'bz2',
  packing: boolean,
  toStdout: boolean,
  texts: Pick<Applet, 'usage' | 'help'>,
): Applet => {
  const applet: Applet = {
    name,
    ...texts,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, packing ? 'cfkdt123456789qvn' : 'cfkdtqvn', {
        stdout: 'c',
        force: 'f',
        keep: 'k',
        decompress: 'd',
        test: 't',
      })
      if (typeof o === 'number') return o
      return yield* each(sys, name, formats[format], packing && !o.has('d') && !o.has('t'), o, toStdout || o.has('c'))
    },
  }
  return applet
}
export const compressors: readonly Applet[] = [
  make('gzip', 'gz', true, false, {
    usage: '[-cfkdt] [FILE]...',
    help: 'Compress FILEs (or stdin)\n\n\t-d\tDecompress\n\t-c\tWrite to stdout\n\t-f\tForce\n\t-k\tKeep input files\n\t-t\tTest integrity',
  }),
  make('gunzip', 'gz', false, false, {
    usage: '[-cfkt] [FILE]...',
    help: 'Decompress FILEs (or stdin)\n\n\t-c\tWrite to stdout\n\t-f\tForce\n\t-k\tKeep input files\n\t-t\tTest integrity',
  }),
  make('zcat', 'gz', false, true, { usage: '[FILE]...', help: 'Decompress to stdout' }),
  make('bzip2', 'bz2', true, false, {
    usage: '[-cfkdt123456789] [FILE]...',
    help: 'Compress FILEs (or stdin) with bzip2 algorithm\n\n\t-1..9\tCompression level\n\t-d\tDecompress\n\t-c\tWrite to stdout\n\t-f\tForce\n\t-k\tKeep input files\n\t-t\tTest integrity',
  }),
  make('bunzip2', 'bz2', false, false, {
    usage: '[-cfk] [FILE]...',
    help: 'Decompress FILEs (or stdin)\n\n\t-c\tWrite to stdout\n\t-f\tForce\n\t-k\tKeep input files\n\t-t\tTest integrity',
  }),
  make('bzcat', 'bz2', false, true, { usage: '[FILE]...', help: 'Decompress to stdout' }),
]

/** dd: blocks from one file to another. */
import { EINTR, isErr } from '../../../base/errno.ts'
import { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const WORDS = {
  conv: ['notrunc', 'sync', 'noerror', 'fsync', 'swab'],
  iflag: ['skip_bytes', 'count_bytes', 'fullblock', 'direct'],
  oflag: ['seek_bytes', 'append', 'direct'],
  status: ['noxfer', 'none'],
} as const
const NUMBERS = ['bs', 'count', 'seek', 'skip', 'ibs', 'obs', 'iseek', 'oseek']
/** A size in the largest unit that leaves it at least one, with a decimal: `1.0KB`. */
function short(n: number): string {
  let value = n
  let unit = ''
  for (const u of 'KMGTPE') {
    if (value < 1024) break
    value /= 1024
    unit = u
  }
  return unit === '' ? `${n}B` : `${value.toFixed(1)}${unit}B`
}

export const dd: Applet = {
  name: 'dd',
  usage:
    '[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]\n\t[conv=notrunc|noerror|sync|fsync]\n\t[iflag=skip_bytes|count_bytes|fullblock|direct] [oflag=seek_bytes|append|direct]',
  help: "Copy a file with converting and formatting\n\n\tif=FILE\t\tRead from FILE instead of stdin\n\tof=FILE\t\tWrite to FILE instead of stdout\n\tbs=N\t\tRead and write N bytes at a time\n\tibs=N\t\tRead N bytes at a time\n\tobs=N\t\tWrite N bytes at a time\n\tcount=N\t\tCopy only N input blocks\n\tskip=N\t\tSkip N input blocks\n\tseek=N\t\tSkip N output blocks\n\tconv=notrunc\tDon't truncate output file\n\tconv=noerror\tContinue after read errors\n\tconv=sync\tPad blocks with zeros\n\tconv=fsync\tPhysically write data out before finishing\n\tconv=swab\tSwap every pair of bytes\n\tiflag=skip_bytes\tskip=N is in bytes\n\tiflag=count_bytes\tcount=N is in bytes\n\toflag=seek_bytes\tseek=N is in bytes\n\tiflag=direct\tO_DIRECT input\n\toflag=direct\tO_DIRECT output\n\tiflag=fullblock\tRead full blocks\n\toflag=append\tOpen output in append mode\n\tstatus=noxfer\tSuppress rate output\n\tstatus=none\tSuppress all output\n\nN may be suffixed by c (1), w (2), b (512), kB (1000), k (1024), MB, M, GB, G",
  *run(sys, argv) {
    const numbers: Record<string, number> = {}
    const flags = new Set<string>()
    const names: Record<string, string> = {}
    for (const word of argv.slice(1)) {
      const at = word.indexOf('=')
      const key = word.slice(0, Math.max(0, at))
      const value = word.slice(at + 1)
      if (key === 'if' || key === 'of') names[key] = value
      else if (NUMBERS.includes(key)) {
        const n = parseNumber(value, /bs$/.test(key) ? 1 : 0, undefined, 'many')
        if (typeof n !== 'number') {
          yield* warn(sys, `dd: ${n.error}\n`)
          return 1
        }
        numbers[key.replace(/^([io])seek$/, (_, c: string) => (c === 'i' ? 'skip' : 'seek'))] = n
      } else if (Object.hasOwn(WORDS, key)) {
        for (const flag of value.split(',')) {
          if (!(WORDS[key as keyof typeof WORDS] as readonly string[]).includes(flag)) {
            yield* warn(sys, `dd: invalid argument '${flag}' to '${key}'\n`)
            return 1
          }
          flags.add(`${key}=${flag}`)
        }
      } else return yield* showUsage(sys, dd)
    }
    const ibs = numbers.bs ?? numbers.ibs ?? 512
    const obs = numbers.bs ?? numbers.obs ?? 512
    const began = yield* sys.clock('monotonic')
    const input = names.if === undefined ? 0 : yield* sys.open(names.if, O_RDONLY)
    if (isErr(input)) {
      yield* warn(sys, `dd: can't open '${names.if}': ${strerror(input)}\n`)
      return 1
    }
    const keep = flags.has('conv=notrunc')
    const seek = (numbers.seek ?? 0) * (flags.has('oflag=seek_bytes') ? 1 : obs)
    const append = flags.has('oflag=append') ? O_APPEND : 0
    const output =
      names.of === undefined
        ? 1
        : yield* sys.open(names.of, O_WRONLY | O_CREAT | append | (keep || seek > 0 || append ? 0 : O_TRUNC), 0o666)
    if (isErr(output)) {
      yield* warn(sys, `dd: can't open '${names.of}': ${strerror(output)}\n`)
      return 1
    }
    let skip = (numbers.skip ?? 0) * (flags.has('iflag=skip_bytes') ? 1 : ibs)
    if (skip > 0 && isErr(yield* sys.lseek(input, skip, 'cur')))
      while (skip > 0) {
        const part = yield* sys.read(input, Math.min(skip, ibs))
        if (isErr(part) || part.length === 0) break
        skip -= part.length
      }
    if (seek > 0) {
      if (!keep && names.of !== undefined) yield* sys.ftruncate(output, seek)
      const moved = yield* sys.lseek(output, seek, 'set')
      if (isErr(moved)) {
        yield* warn(sys, `dd: ${names.of ?? 'standard output'}: ${strerror(moved)}\n`)
        return 1
      }
    }
    const bytesLeft = flags.has('iflag=count_bytes') ? (numbers.count ?? Infinity) : Infinity
    const blocks = flags.has('iflag=count_bytes') ? Infinity : (numbers.count ?? Infinity)
    const seen = { inFull: 0, inPart: 0, outFull: 0, outPart: 0, total: 0 }
    let status = 0
    let waiting = new Uint8Array(0)
    const put = function* (bytes: Uint8Array) {
      const failed = yield* writeAll(sys, output, bytes)
      if (failed) {
        yield* warn(sys, `dd: error writing '${names.of ?? 'standard output'}': ${strerror(failed)}\n`)
        status = 1
        return false
      }
      if (bytes.length === obs) seen.outFull++
      else seen.outPart++
      seen.total += bytes.length
      return true
    }
    let taken = 0
    reading: for (let n = 0; n < blocks && taken < bytesLeft; n++) {
      const wanted = Math.min(ibs, bytesLeft - taken)
      let got = yield* sys.read(input, wanted)
      while (got === EINTR) got = yield* sys.read(input, wanted)
      if (isErr(got)) {
        yield* warn(sys, `dd: ${names.if ?? 'standard input'}: ${strerror(got)}\n`)
        status = 1
        break
      }
      let part: Uint8Array = got
      while (flags.has('iflag=fullblock') && part.length > 0 && part.length < wanted) {
        const more = yield* sys.read(input, wanted - part.length)
        if (isErr(more) || more.length === 0) break
        const both: Uint8Array = new Uint8Array(part.length + more.length)
        both.set(part)
        both.set(more, part.length)
        part = both
      }
      if (part.length === 0) break
      taken += part.length
      if (part.length === ibs) seen.inFull++
      else {
        seen.inPart++
        if (flags.has('conv=sync')) {
          const whole = new Uint8Array(ibs)
          whole.set(part)
          part = whole
        }
      }
      if (flags.has('conv=swab')) {
        const turned = Uint8Array.from(part)
        for (let i = 0; i + 1 < turned.length; i += 2)
          [turned[i], turned[i + 1]] = [turned[i + 1] as number, turned[i] as number]
        part = turned
      }
      if (ibs === obs) {
        if (!(yield* put(part))) break
        continue
      }
      const both = new Uint8Array(waiting.length + part.length)
      both.set(waiting)
      both.set(part, waiting.length)
      waiting = both
      while (waiting.length >= obs) {
        if (!(yield* put(waiting.subarray(0, obs)))) break reading
        waiting = waiting.slice(obs)
      }
    }
    if (waiting.length > 0 && status === 0) yield* put(waiting)
    if (flags.has('status=none')) return status
    let text = `${seen.inFull}+${seen.inPart} records in\n${seen.outFull}+${seen.outPart} records out\n`
    if (!flags.has('status=noxfer')) {
      const seconds = Math.max(1e-6, ((yield* sys.clock('monotonic')) - began) / 1e9)
      text += `${seen.total} bytes (${short(seen.total)}) copied, ${seconds.toFixed(6)} seconds, ${short(Math.floor(seen.total / seconds))}/s\n`
    }
    yield* warn(sys, text)
    return status
  },
}

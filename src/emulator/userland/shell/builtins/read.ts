/** read, POSIX XCU 4, with ash's -n, -d, -t, -u, -s and -p. */
import { EINTR, isErr } from '../../../base/errno.ts'
import { ShellError } from '../errors.ts'
import { fromBinary, toBinary } from '../text.ts'
import { appletError, type Builtin, isName, options } from './common.ts'

const natural = (text: string | undefined, what: string): number => {
  if (text === undefined || !/^\d+$/.test(text)) throw new ShellError(`invalid ${what}`)
  return Number(text)
}
export const read: Builtin = function* (sh, argv) {
  const { s } = sh
  const { flags, rest } = options(argv, 'p:u:rt:n:sd:')
  const wrong = rest.find((n) => !isName(n))
  if (wrong !== undefined) return yield* appletError(sh, `read: '${wrong}': bad variable name`)
  const raw = flags.has('r')
  const limit = flags.has('n') ? natural(flags.get('n'), 'count') : 0
  const fd = flags.has('u') ? natural(flags.get('u'), 'file descriptor') : 0
  const delimiter = flags.has('d') ? toBinary(flags.get('d') || '\0').slice(0, 1) : '\n'
  const wait = flags.get('t')
  if (wait !== undefined && !/^\d+(\.\d*)?$/.test(wait)) throw new ShellError('invalid timeout')
  if (wait !== undefined && Number(wait) === 0) {
    // Only asks whether something could be read.
    const ready = yield* sh.sys.poll([{ fd, read: true }], 0)
    return isErr(ready) || ready.length === 0 ? 1 : 0
  }
  const terminal = !isErr(yield* sh.sys.ioctl(fd, 'TCGETS'))
  if (flags.has('p') && terminal) yield* sh.warn(flags.get('p') as string)
  const end = wait === undefined ? undefined : (yield* sh.sys.clock('monotonic')) + Number(wait) * 1e9
  // Bytes, and for each whether a backslash stood before it: those separate nothing.
  let bytes = ''
  let marks = ''
  let escaped = false
  let status = 1
  for (;;) {
    if (end !== undefined) {
      const left = end - (yield* sh.sys.clock('monotonic'))
      const ready = left <= 0 ? [] : yield* sh.sys.poll([{ fd, read: true }], left)
      if (isErr(ready) || ready.length === 0) {
        // What came until now is lost, as in ash.
        bytes = marks = ''
        break
      }
    }
    const byte = yield* sh.sys.read(fd, 1)
    if (byte === EINTR && s.pendingTraps.length === 0 && !s.interrupted) continue
    if (isErr(byte)) {
      if (byte === EINTR) status = 128 + (s.pendingTraps[0] ?? 2)
      break
    }
    if (byte.length === 0) break
    const c = String.fromCharCode(byte[0] as number)
    if (escaped) {
      escaped = false
      if (c === '\n') continue
      bytes += c
      marks += 'q'
    } else if (c === delimiter) {
      status = 0
      break
    } else if (c === '\0') continue
    else if (!raw && c === '\\') {
      escaped = true
      continue
    } else {
      bytes += c
      marks += '.'
    }
    if (limit > 0 && bytes.length >= limit) {
      status = 0
      break
    }
  }
  const names = rest.length > 0 ? rest : ['REPLY']
  const values = rest.length === 0 ? [bytes] : fieldsOf(bytes, marks, s.get('IFS') ?? ' \t\n', names.length)
  for (const [i, name] of names.entries()) sh.assign(name, fromBinary(values[i] ?? ''))
  return status
}
/** Splits a line for read: the last field takes the rest. */
function fieldsOf(text: string, quoted: string, ifs: string, most: number): string[] {
  const sep = (i: number): boolean => i < text.length && quoted[i] === '.' && ifs.includes(text[i] as string)
  const blank = (i: number): boolean => sep(i) && ' \t\n'.includes(text[i] as string)
  const out: string[] = []
  let i = 0
  while (blank(i)) i++
  while (i < text.length && out.length < most - 1) {
    const from = i
    while (i < text.length && !sep(i)) i++
    out.push(text.slice(from, i))
    while (blank(i)) i++
    if (sep(i)) {
      i++
      while (blank(i)) i++
    }
  }
  if (i < text.length || out.length === 0) {
    let end = text.length
    while (end > i && blank(end - 1)) end--
    // One separator at the very end belongs to the field only where there are more.
    if (end > i && sep(end - 1) && !blank(end - 1)) {
      let k = end - 1
      while (k > i && !sep(k - 1)) k--
      const inner = [...Array(end - 1 - i).keys()].some((n) => sep(i + n) && !blank(i + n))
      if (!inner) end--
    }
    out.push(text.slice(i, end))
  }
  return out
}

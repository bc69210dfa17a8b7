/** tr: other characters for these. */
import { EINTR, isErr } from '../../../base/errno.ts'
import { fromWord } from '../../lib/argument.ts'
import { binary, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { characterClass } from '../../lib/regex.ts'
import type { Applet } from '../../program.ts'

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }
/** The characters of a set: ranges (a reverse one is empty), `[:class:]`, `[=c=]`, escapes. */
function expandSet(text: string): string {
  let out = ''
  /** A character at a place, with escapes read, and where the next begins. */
  const one = (i: number): readonly [string, number] => {
    if (text[i] !== '\\' || i + 1 >= text.length) return [text[i] as string, i + 1]
    const octal = /^[0-7]{1,3}/.exec(text.slice(i + 1))
    if (octal) return [String.fromCharCode(Number.parseInt(octal[0], 8) & 255), i + 1 + octal[0].length]
    const c = text[i + 1] as string
    return [escapes[c] ?? c, i + 2]
  }
  for (let i = 0; i < text.length; ) {
    const named = /^\[:(\w+):\]/.exec(text.slice(i))
    const set = named && characterClass(named[1] as string)
    if (named && set) {
      for (let c = 0; c < 256; c++) if (set[c]) out += String.fromCharCode(c)
      i += named[0].length
      continue
    }
    const equal = /^\[=([\s\S])=\]/.exec(text.slice(i))
    if (equal) {
      out += equal[1]
      i += equal[0].length
      continue
    }
    const [from, after] = one(i)
    if (text[after] === '-' && after + 1 < text.length && !(text[i] === '[' && text[after + 1] === ']')) {
      const [to, end] = one(after + 1)
      for (let c = from.charCodeAt(0); c <= to.charCodeAt(0); c++) out += String.fromCharCode(c)
      i = end
      continue
    }
    out += from
    i = after
  }
  return out
}

export const tr: Applet = {
  name: 'tr',
  usage: '[-cds] STRING1 [STRING2]',
  help: 'Translate, squeeze, or delete characters from stdin, writing to stdout\n\n\t-c\tTake complement of STRING1\n\t-d\tDelete input characters coded STRING1\n\t-s\tSqueeze multiple output characters of STRING2 into one character',
  *run(sys, argv) {
    const o = yield* getopt(sys, tr, argv, '+cCds')
    if (typeof o === 'number') return o
    if (o.rest.length < 1 || o.rest.length > 2) return yield* showUsage(sys, tr)
    const drop = o.has('d')
    const sets = o.rest.map((word) => expandSet(fromWord(word)))
    let [from = ''] = sets
    const to = sets[1]
    if (o.has('c') || o.has('C'))
      from = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i))
        .filter((c) => !from.includes(c))
        .join('')
    if (to === '') {
      yield* warn(sys, 'tr: STRING2 cannot be empty\n')
      return 1
    }
    const map = new Map<string, string>()
    if (to !== undefined && !drop)
      for (const [i, c] of [...from].entries()) map.set(c, to[Math.min(i, to.length - 1)] as string)
    const squeeze = o.has('s') ? new Set(to ?? from) : undefined
    const gone = drop ? new Set(from) : undefined
    let last = ''
    const out = new Output(sys)
    for (;;) {
      const part = yield* sys.read(0, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return yield* out.end('tr', isErr(part) ? 1 : 0)
      let text = ''
      for (const c of binary(part)) {
        if (gone?.has(c)) continue
        const n = map.get(c) ?? c
        if (squeeze?.has(n) && last === n) continue
        text += n
        last = n
      }
      yield* out.write(text)
      yield* out.flush()
    }
  },
}

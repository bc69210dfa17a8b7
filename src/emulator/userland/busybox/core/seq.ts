/** seq: numbers from here to there. */
import { fromWord } from '../../lib/argument.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { fixed } from '../../lib/printf.ts'
import type { Applet } from '../../program.ts'

const NUMBER = /^[-+]?((\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|0[xX][\da-fA-F]+)$/
/** As strtod(3) reads it. */
const toValue = (text: string): number =>
  /^[-+]/.test(text) ? Number(text.slice(1)) * (text.startsWith('-') ? -1 : 1) : Number(text)
const decimals = (text: string): number => /\.(\d*)/.exec(text)?.[1]?.length ?? 0

export const seq: Applet = {
  name: 'seq',
  usage: '[-w] [-s SEP] [FIRST [INC]] LAST',
  help: 'Print numbers from FIRST to LAST, in steps of INC.\nFIRST, INC default to 1.\n\n\t-w\tPad with leading zeros\n\t-s SEP\tString separator',
  *run(sys, given) {
    // A negative number is an operand.
    const at = given.findIndex((a, i) => i > 0 && /^-[\d.]/.test(a) && given[i - 1] !== '-s')
    const o = yield* getopt(sys, seq, at > 0 ? [...given.slice(0, at), '--', ...given.slice(at)] : given, '+ws:')
    if (typeof o === 'number') return o
    const words = o.rest.filter((w) => w !== '--')
    if (words.length < 1 || words.length > 3 || words.some((w) => !NUMBER.test(w))) return yield* showUsage(sys, seq)
    const last = toValue(words.at(-1) as string)
    const first = words.length > 1 ? toValue(words[0] as string) : 1
    const step = words.length > 2 ? toValue(words[1] as string) : 1
    // As many decimals as the first number and the step have; as wide as the longest operand with -w.
    const digits = Math.max(0, ...words.slice(0, -1).map(decimals))
    const whole = (w: string): number => (/^[-+]?\d*/.exec(w)?.[0].length ?? 0) + (/^[-+]?\./.test(w) ? 1 : 0)
    const width = o.has('w') ? Math.max(...words.map(whole)) + (digits > 0 ? digits + 1 : 0) : 0
    const separator = o.has('s') ? fromWord(o.value('s') as string) : '\n'
    const total = step === 0 ? (first <= last ? Infinity : -1) : Math.floor((last - first) / step + 1e-9)
    const out = new Output(sys)
    for (let i = 0; i <= total && !out.failed; i++) {
      const text = fixed(first + i * step, digits)
      const padded = text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
      yield* out.write((i > 0 ? separator : '') + padded)
    }
    if (total >= 0) yield* out.write('\n')
    return yield* out.end('seq')
  },
}

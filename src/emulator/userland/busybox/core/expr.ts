/** expr: sums, comparisons and matches of words. */
import { fromWord, toWord } from '../../lib/argument.ts'
import { print, warn } from '../../lib/io.ts'
import { compileRegex } from '../../lib/regex.ts'
import type { Applet } from '../../program.ts'

export const expr: Applet = {
  name: 'expr',
  usage: 'EXPRESSION',
  help: "Print the value of EXPRESSION\n\nEXPRESSION may be:\n\tARG1 | ARG2\tARG1 if it is neither null nor 0, otherwise ARG2\n\tARG1 & ARG2\tARG1 if neither argument is null or 0, otherwise 0\n\tARG1 < ARG2\t1 if ARG1 is less than ARG2, else 0. Similarly:\n\tARG1 <= ARG2\n\tARG1 = ARG2\n\tARG1 != ARG2\n\tARG1 >= ARG2\n\tARG1 > ARG2\n\tARG1 + ARG2\tSum of ARG1 and ARG2. Similarly:\n\tARG1 - ARG2\n\tARG1 * ARG2\n\tARG1 / ARG2\n\tARG1 % ARG2\n\tSTRING : REGEXP\t\tAnchored pattern match of REGEXP in STRING\n\tmatch STRING REGEXP\tSame as STRING : REGEXP\n\tsubstr STRING POS LEN\tSubstring of STRING, POS counts from 1\n\tindex STRING CHARS\tIndex in STRING where any CHARS is found, or 0\n\tlength STRING\t\tLength of STRING\n\tquote TOKEN\t\tInterpret TOKEN as a string, even if\n\t\t\t\tit is a keyword like 'match' or an\n\t\t\t\toperator like '/'\n\t(EXPRESSION)\t\tValue of EXPRESSION\n\nBeware that many operators need to be escaped or quoted for shells.\nComparisons are arithmetic if both ARGs are numbers, else\nlexicographical. Pattern matches return the string matched between\n\\( and \\) or null; if \\( and \\) are not used, they return the number\nof characters matched or 0.",
  *run(sys, argv) {
    const t = argv.slice(1)
    let at = 0
    let error: string | undefined
    const num = (s: string): bigint => {
      if (!/^-?\d+$/.test(s)) error ??= 'non-numeric argument'
      return error === undefined ? BigInt(s) : 0n
    }
    const levels = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']]
    const level = (n: number): string => {
      const ops = levels[n]
      if (!ops) return primary()
      let left = level(n + 1)
      while (at < t.length && ops.includes(t[at] as string) && error === undefined) {
        const op = t[at++] as string
        const right = level(n + 1)
        const truth = (s: string): boolean => s !== '' && s !== '0'
        if (op === '|') left = truth(left) ? left : right
        else if (op === '&') left = truth(left) && truth(right) ? left : '0'
        else if (op === ':') left = match(left, right)
        else if (n === 2) {
          const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
          const c = numeric ? Number(BigInt(left) - BigInt(right)) : left < right ? -1 : left > right ? 1 : 0
          left = (
            op === '<'
              ? c < 0
              : op === '<='
                ? c <= 0
                : op === '>'
                  ? c > 0
                  : op === '>='
                    ? c >= 0
                    : op === '!='
                      ? c !== 0
                      : c === 0
          )
            ? '1'
            : '0'
        } else {
          const a = num(left)
          const b = num(right)
          if ((op === '/' || op === '%') && b === 0n) {
            error ??= 'division by zero'
            return ''
          }
          const value = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : a % b
          left = String(BigInt.asIntN(64, value))
        }
      }
      return left
    }
    const match = (text: string, pattern: string): string => {
      const re = compileRegex(fromWord(pattern), false)
      if ('error' in re) {
        error ??= re.error
        return ''
      }
      const subject = fromWord(text)
      // Only a match at the very start counts: expr(1).
      const m = re.exec(subject)
      const [start = -1, end = 0, open = -1, close = -1] = m ?? []
      if (re.groups > 0) return start === 0 && open >= 0 ? toWord(subject.slice(open, close)) : ''
      return String(start === 0 ? end : 0)
    }
    const primary = (): string => {
      const word = t[at++]
      if (word === undefined) {
        error ??= 'syntax error'
        return ''
      }
      if (word === '(') {
        const value = level(0)
        if (t[at++] !== ')') error ??= 'syntax error'
        return value
      }
      if (word === 'length' && at < t.length) return String(primary().length)
      if (word === 'match') return match(primary(), primary())
      if (word === 'index') {
        const s = primary()
        const set = primary()
        return String([...s].findIndex((c) => set.includes(c)) + 1)
      }
      if (word === 'substr') {
        const s = primary()
        const from = Number(num(primary()))
        const count = Number(num(primary()))
        return from < 1 || count < 1 ? '' : s.slice(from - 1, from - 1 + count)
      }
      return word
    }
    if (t.length === 0) {
      yield* warn(sys, 'expr: too few arguments\n')
      return 2
    }
    const value = level(0)
    if (error === undefined && at < t.length) error = 'syntax error'
    if (error !== undefined) {
      yield* warn(sys, `expr: ${error}\n`)
      return 2
    }
    yield* print(sys, `${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  },
}

/** awk: a language for lines and their fields. */
import { isErr } from '../../../../base/errno.ts'
import { fromWord } from '../../../lib/argument.ts'
import { binary, readAll, readFile, warn } from '../../../lib/io.ts'
import { getopt, showUsage } from '../../../lib/options.ts'
import { RegexLimit } from '../../../lib/regex.ts'
import { strerror } from '../../../lib/strerror.ts'
import type { Applet } from '../../../program.ts'
import { Interpreter, SPECIAL } from './interpreter.ts'
import { AwkError, readEscapes } from './lexer.ts'
import { parseProgram } from './parser.ts'

export const awk: Applet = {
  name: 'awk',
  usage: '[OPTIONS] [AWK_PROGRAM] [FILE]...',
  help: '\t-v VAR=VAL\tSet variable\n\t-F SEP\t\tUse SEP as field separator\n\t-f FILE\t\tRead program from FILE\n\t-e AWK_PROGRAM',
  *run(sys, argv) {
    const o = yield* getopt(sys, awk, argv, '+F:v:f:e:W:')
    if (typeof o === 'number') return o
    const parts: string[] = []
    let name = 'cmd. line'
    for (const [letter, value] of o.list) {
      if (letter === 'e') parts.push(fromWord(value))
      if (letter === 'W') {
        yield* warn(sys, 'awk: warning: option -W is ignored\n')
        return 1
      }
      if (letter !== 'f') continue
      const bytes = value === '-' ? yield* readAll(sys, 0) : yield* readFile(sys, value)
      if (isErr(bytes)) {
        yield* warn(sys, `awk: can't open '${value}': ${strerror(bytes)}\n`)
        return 1
      }
      parts.push(binary(bytes))
      name = value
    }
    const operands = [...o.rest]
    if (parts.length === 0) {
      const program = operands.shift()
      if (program === undefined) return yield* showUsage(sys, awk)
      parts.push(fromWord(program))
    }
    let interpreter: Interpreter | undefined
    try {
      interpreter = new Interpreter(sys, parseProgram(parts.join('\n'), SPECIAL))
      const separator = o.value('F')
      if (separator !== undefined) interpreter.setSpecial('FS', readEscapes(fromWord(separator)))
      for (const v of o.all('v')) {
        if (!/^[A-Za-z_]\w*=/.test(v)) return yield* showUsage(sys, awk)
        interpreter.assign(v)
      }
      return yield* interpreter.run(['awk', ...operands])
    } catch (problem) {
      if (!(problem instanceof AwkError) && !(problem instanceof RegexLimit)) throw problem
      yield* interpreter?.streams.flush() ?? nothing()
      const line = problem instanceof AwkError && problem.line > 0 ? `${name}:${problem.line}: ` : ''
      yield* warn(sys, `awk: ${line}${problem.message}\n`)
      return 1
    }
  },
}
function* nothing() {}

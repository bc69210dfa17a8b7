/** Programs over words: true, false, echo, printf, test, basename, dirname. */
import type { ExitCode } from '../../../kernel/linux/abi.ts'
import { fromWord } from '../../lib/argument.ts'
import { print, unbinary, warn, writeAll } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { expandEscapes, formatPrintf } from '../../lib/printf.ts'
import { strerror } from '../../lib/strerror.ts'
import { evalTest } from '../../lib/test.ts'
import type { Applet } from '../../program.ts'

export const constant = (name: string, code: ExitCode): Applet => ({
  name,
  usage: '',
  *run() {
    return code
  },
})
export const echo: Applet = {
  name: 'echo',
  usage: '',
  *run(sys, argv) {
    let i = 1
    let newline = true
    let escapes = false
    for (; i < argv.length && /^-[neE]+$/.test(argv[i] as string); i++)
      for (const c of (argv[i] as string).slice(1))
        if (c === 'n') newline = false
        else escapes = c === 'e'
    const text = fromWord(argv.slice(i).join(' '))
    const u = escapes ? expandEscapes(text, true) : { text, stop: false }
    const failed = yield* writeAll(sys, 1, unbinary(u.text + (newline && !u.stop ? '\n' : '')))
    if (!failed) return 0
    yield* warn(sys, `echo: write error: ${strerror(failed)}\n`)
    return 1
  },
}
export const printf: Applet = {
  name: 'printf',
  usage: 'FORMAT [ARG]...',
  help: 'Format and print ARG(s) according to FORMAT (a-la C printf)',
  *run(sys, argv) {
    const words = argv.slice(argv[1] === '--' ? 2 : 1).map(fromWord)
    const [format] = words
    if (format === undefined) return yield* showUsage(sys, printf)
    const { output, errors } = formatPrintf(format, words.slice(1), '')
    yield* writeAll(sys, 1, unbinary(output))
    for (const e of errors) yield* warn(sys, `printf: ${e}\n`)
    return errors.length > 0 ? 1 : 0
  },
}
export const test = (name: string): Applet => ({
  name,
  usage: '\b',
  *run(sys, argv) {
    if (name === '[' && argv.at(-1) !== ']') {
      yield* warn(sys, '[: missing ]\n')
      return 2
    }
    const r = yield* evalTest(sys, name === '[' ? argv.slice(1, -1) : argv.slice(1))
    if (r.error) yield* warn(sys, `${name}: ${r.error}\n`)
    return r.status
  },
})
export const basename: Applet = {
  name: 'basename',
  usage: 'FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...',
  help: 'Strip directory path and SUFFIX from FILE\n\n\t-a\t\tAll arguments are FILEs\n\t-s SUFFIX\tRemove SUFFIX (implies -a)',
  *run(sys, argv) {
    const o = yield* getopt(sys, basename, argv, '+as:')
    if (typeof o === 'number') return o
    const many = o.has('a') || o.has('s')
    if (o.rest.length === 0 || (!many && o.rest.length > 2)) return yield* showUsage(sys, basename)
    const suffix = o.value('s') ?? (many ? undefined : o.rest[1])
    for (const file of many ? o.rest : o.rest.slice(0, 1)) {
      const bare = file.replace(/\/+$/, '')
      const base = bare === '' ? '/' : (bare.split('/').at(-1) as string)
      yield* print(
        sys,
        `${suffix && base.endsWith(suffix) && base !== suffix ? base.slice(0, -suffix.length) : base}\n`,
      )
    }
    return 0
  },
}
export const dirname: Applet = {
  name: 'dirname',
  usage: 'FILENAME',
  help: 'Strip non-directory suffix from FILENAME',
  *run(sys, argv) {
    const files = argv.slice(argv[1] === '--' ? 2 : 1)
    if (files.length !== 1) return yield* showUsage(sys, dirname)
    for (const file of files) {
      const bare = file.replace(/\/+$/, '')
      const at = bare.lastIndexOf('/')
      yield* print(
        sys,
        `${at < 0 ? (file.startsWith('/') ? '/' : '.') : bare.slice(0, at).replace(/\/+$/, '') || '/'}\n`,
      )
    }
    return 0
  },
}

/** sed: a stream editor, POSIX's sed with busybox's additions. */
import { isErr } from '../../../../base/errno.ts'
import { fromWord } from '../../../lib/argument.ts'
import { binary, readAll, readFile, warn } from '../../../lib/io.ts'
import { getopt, showUsage } from '../../../lib/options.ts'
import { RegexLimit } from '../../../lib/regex.ts'
import { strerror } from '../../../lib/strerror.ts'
import type { Applet } from '../../../program.ts'
import { Editor } from './edit.ts'
import { parseScript } from './parse.ts'

export const sed: Applet = {
  name: 'sed',
  usage: '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...',
  help: '\t-e CMD\tAdd CMD to sed commands to be executed\n\t-f FILE\tAdd FILE contents to sed commands to be executed\n\t-i[SFX]\tEdit files in-place (otherwise write to stdout)\n\t\tOptionally back files up, appending SFX\n\t-n\tSuppress automatic printing of pattern space\n\t-r,-E\tUse extended regex syntax\n\nIf no -e or -f, the first non-option argument is the sed command string.\nRemaining arguments are input files (stdin if none).',
  *run(sys, argv) {
    if (argv.length === 2 && argv[1] === '--version') {
      yield* sys.write(1, new TextEncoder().encode('This is not GNU sed version 4.0\n'))
      return 0
    }
    const o = yield* getopt(sys, sed, argv, 'i::rEne:f:', {
      'in-place': 'i',
      'regexp-extended': 'r',
      quiet: 'n',
      silent: 'n',
      expression: 'e',
      file: 'f',
    })
    if (typeof o === 'number') return o
    const parts: string[] = []
    for (const [letter, value] of o.list) {
      if (letter === 'e') parts.push(fromWord(value))
      if (letter !== 'f') continue
      const bytes = value === '-' ? yield* readAll(sys, 0) : yield* readFile(sys, value)
      if (isErr(bytes)) {
        yield* warn(sys, `sed: ${value}: ${strerror(bytes)}\n`)
        return 1
      }
      parts.push(binary(bytes).replace(/\n$/, ''))
    }
    const files = [...o.rest]
    if (parts.length === 0) {
      const script = files.shift()
      if (script === undefined) return yield* showUsage(sys, sed)
      parts.push(fromWord(script))
    }
    const script = parts.join('\n')
    const commands = parseScript(script, o.has('r') || o.has('E'))
    if ('error' in commands) {
      yield* warn(sys, `sed: ${commands.error}\n`)
      return 1
    }
    const inPlace = o.value('i')
    if (inPlace !== undefined && files.length === 0) {
      yield* warn(sys, 'sed: -i requires an argument\n')
      return 1
    }
    const quiet = o.has('n') || /^#n(\n|$)/.test(script)
    try {
      return yield* new Editor(sys, commands, { quiet, inPlace }).run(files.length > 0 ? files : ['-'])
    } catch (limit) {
      if (!(limit instanceof RegexLimit)) throw limit
      yield* warn(sys, `sed: ${limit.message}\n`)
      return 1
    }
  },
}

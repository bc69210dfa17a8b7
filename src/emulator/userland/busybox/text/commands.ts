/** Programs that run others over a list, and what scripts need for options: xargs, getopt, ts. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode } from '../../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord, toWord } from '../../lib/argument.ts'
import { runCommand } from '../../lib/exec.ts'
import { content, lines } from '../../lib/input.ts'
import { binary, print, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt as readOptions, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

/** Words by blanks, with quotes and backslashes; `end` is a word that ends all (-E). Undefined: a quote isn't closed. */
function splitWords(text: string, end: string | undefined): string[] | undefined {
  const items: string[] = []
  let word = ''
  let open = false
  let quote = ''
  const push = (): boolean => {
    if (open) items.push(word)
    const stop = open && end !== undefined && word === end
    if (stop) items.pop()
    word = ''
    open = false
    return stop
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (quote !== '') {
      if (c === quote) quote = ''
      else if (c === '\n') return undefined
      else word += c
    } else if (c === '\\') {
      word += text[++i] ?? ''
      open = true
    } else if (c === '"' || c === "'") {
      quote = c
      open = true
    } else if (/[ \t\n\v\f\r]/.test(c)) {
      if (push()) return items
    } else {
      word += c
      open = true
    }
  }
  if (quote !== '') return undefined
  push()
  return items
}

export const xargs: Applet = {
  name: 'xargs',
  usage: '[OPTIONS] [PROG ARGS]',
  help: "Run PROG on every item given by stdin\n\n\t-0\tNUL terminated input\n\t-a FILE\tRead from FILE instead of stdin\n\t-r\tDon't run command if input is empty\n\t-t\tPrint the command on stderr before execution\n\t-p\tAsk user whether to run each command\n\t-E STR,-e[STR]\tSTR stops input processing\n\t-I STR\tReplace STR within PROG ARGS with input line\n\t-n N\tPass no more than N args to PROG\n\t-s N\tPass command line of no more than N bytes\n\t-P N\tRun up to N PROGs in parallel\n\t-x\tExit if size is exceeded",
  *run(sys, argv) {
    const o = yield* readOptions(sys, xargs, argv, '+trn:s:0xpE:e::I:i::a:P:', { 'no-run-if-empty': 'r' })
    if (typeof o === 'number') return o
    const data = yield* content(sys, 'xargs', o.value('a') ?? '-', true)
    if (!data) return 1
    const text = binary(data)
    const replace = o.has('I') ? o.value('I') : o.has('i') ? o.value('i') || '{}' : undefined
    const last = o.list.findLast(([l]) => l === 'E' || l === 'e')?.[1]
    const end = last === undefined || last === '' ? undefined : fromWord(last)
    const numbers: number[] = []
    for (const [letter, other] of [
      ['n', String(Number.MAX_SAFE_INTEGER)],
      ['s', '131072'],
    ] as const) {
      const n = parseNumber(o.value(letter) ?? other, 1)
      if (typeof n !== 'number') {
        yield* warn(sys, `xargs: ${n.error}\n`)
        return 1
      }
      numbers.push(n)
    }
    const [most = 1, room = 0] = numbers
    let items: string[] | undefined
    if (o.has('0'))
      items = text
        .replace(/\0$/, '')
        .split('\0')
        .filter((t, _, all) => t !== '' || all.length > 1)
    else if (replace !== undefined)
      items = text
        .split('\n')
        .map((l) => l.replace(/^[ \t\v\f\r]+/, ''))
        .filter((l) => l !== '')
        .map((l) => l.replace(/\\([\s\S])|"([^"]*)"|'([^']*)'/g, (_, a, b, c) => a ?? b ?? c))
    else items = splitWords(text, end)
    if (!items) {
      yield* warn(
        sys,
        'xargs: unmatched single quote\n'.replace(
          'single',
          text.includes('"') && !text.includes("'") ? 'double' : 'single',
        ),
      )
      return 1
    }
    const command = o.rest.length > 0 ? o.rest.map(fromWord) : ['echo']
    if (items.length === 0 && (o.has('r') || replace !== undefined)) return 0
    let status: ExitCode = 0
    const start = command.reduce((n, w) => n + w.length + 1, 0)
    let at = 0
    do {
      const words: string[] = []
      if (replace !== undefined) {
        const item = items[at++] ?? ''
        words.push(...command.map((w) => w.split(replace).join(item)))
      } else {
        words.push(...command)
        let size = start
        let count = 0
        while (at < items.length && count < most) {
          const item = items[at] as string
          if (size + item.length + 1 > room) {
            if (count > 0) break
            yield* warn(sys, 'xargs: argument line too long\n')
            return 1
          }
          size += item.length + 1
          words.push(item)
          count++
          at++
        }
      }
      if (o.has('t') || o.has('p')) yield* warn(sys, `${words.map(toWord).join(' ')}${o.has('p') ? ' ?...' : '\n'}`)
      if (o.has('p')) {
        const tty = yield* sys.open('/dev/tty', O_RDONLY)
        if (isErr(tty)) {
          yield* warn(sys, `xargs: can't open '/dev/tty': ${strerror(tty)}\n`)
          return 1
        }
        const answer = yield* sys.read(tty, 64)
        yield* sys.close(tty)
        if (isErr(answer) || !/^[yY]/.test(binary(answer))) continue
      }
      const r = yield* runCommand(sys, words.map(toWord), 'xargs')
      if (r.code === 126 || r.code === 127) return r.code
      if (r.signal !== undefined) {
        yield* warn(sys, `xargs: '${words[0]}' terminated by signal ${r.signal}\n`)
        return 125
      }
      if (r.code === 255) {
        yield* warn(sys, `xargs: ${words[0]}: exited with status 255; aborting\n`)
        return 124
      }
      if (r.code !== 0) status = 123
    } while (at < items.length)
    return status
  },
}

/** A word as getopt quotes it for a shell. */
const quoted = (word: string): string => `'${word.replace(/'/g, "'\\''")}'`
export const getopt: Applet = {
  name: 'getopt',
  usage: '[OPTIONS] [--] OPTSTRING PARAMS',
  help: '\t-a\t\tAllow long options starting with single -\n\t-l LOPT[,...]\tLong options to recognize\n\t-n PROGNAME\tThe name under which errors are reported\n\t-o OPTSTRING\tShort options to recognize\n\t-q\t\tNo error messages on unrecognized options\n\t-Q\t\tNo normal output\n\t-s SHELL\tSet shell quoting conventions\n\t-T\t\tVersion test (exits with 4)\n\t-u\t\tDon\'t quote output\n\nExample:\n\nO=`getopt -l bb: -- ab:c:: "$@"` || exit 1\neval set -- "$O"\nwhile true; do\n\tcase "$1" in\n\t-a)\techo A; shift;;\n\t-b|--bb) echo "B:\'$2\'"; shift 2;;\n\t-c)\tcase "$2" in\n\t\t"")\techo C; shift 2;;\n\t\t*)\techo "C:\'$2\'"; shift 2;;\n\t\tesac;;\n\t--)\tshift; break;;\n\t*)\techo Error; exit 1;;\n\tesac\ndone',
  *run(sys, argv) {
    // The first form: `getopt OPTSTRING PARAMETERS`, whose output isn't quoted.
    if (argv[1] === undefined) {
      yield* warn(sys, 'getopt: missing optstring argument\n')
      return 2
    }
    const old = !argv[1].startsWith('-')
    let letters = argv[1]
    const long = new Map<string, number>()
    let words = argv.slice(2)
    let name = 'getopt'
    let quiet = false
    let silent = false
    let plain = old
    let alternative = false
    if (!old) {
      const o = yield* readOptions(
        sys,
        getopt,
        argv,
        '+o:n:qQl:aTus:',
        {
          options: 'o',
          longoptions: 'l',
          quiet: 'q',
          'quiet-output': 'Q',
          shell: 's',
          test: 'T',
          unquoted: 'u',
          alternative: 'a',
          name: 'n',
        },
        2,
      )
      if (typeof o === 'number') return o
      if (o.has('T')) return 4
      words = [...o.rest]
      letters = o.value('o') ?? words.shift() ?? ''
      name = o.value('n') ?? name
      quiet = o.has('q')
      silent = o.has('Q')
      plain = o.has('u')
      alternative = o.has('a')
      for (const spec of o
        .all('l')
        .flatMap((l) => l.split(/[, \t\n]+/))
        .filter(Boolean))
        long.set(spec.replace(/:+$/, ''), (/:+$/.exec(spec)?.[0] ?? '').length)
    }
    const inOrder = letters.startsWith('-')
    const stops = letters.startsWith('+')
    letters = letters.replace(/^[-+]/, '')
    const value = (w: string): string => (plain ? w : quoted(w))
    const out: string[] = []
    const operands: string[] = []
    let status = 0
    const complain = function* (message: string) {
      status = 1
      if (!quiet) yield* warn(sys, `${name}: ${message}\n`)
    }
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as string
      if (word === '--') {
        operands.push(...words.slice(i + 1))
        break
      }
      if (!/^-./.test(word)) {
        if (stops) {
          operands.push(...words.slice(i))
          break
        }
        ;(inOrder ? out : operands).push(inOrder ? value(word) : word)
        continue
      }
      const isLong = word.startsWith('--') || (alternative && word.length > 2)
      if (isLong && (long.size > 0 || word.startsWith('--'))) {
        const [given = '', ...rest] = word.replace(/^--?/, '').split('=')
        const names = long.has(given) ? [given] : [...long.keys()].filter((n) => n.startsWith(given))
        const [found] = names
        if (names.length > 1) yield* complain(`option is ambiguous: ${given}`)
        else if (found === undefined) yield* complain(`unrecognized option: ${given}`)
        else {
          const takes = long.get(found) as number
          if (takes === 0 && rest.length > 0) yield* complain(`option does not take an argument: ${found}`)
          else if (takes === 1 && rest.length === 0 && i + 1 >= words.length)
            yield* complain(`option requires an argument: ${found}`)
          else {
            out.push(`--${found}`)
            if (takes === 1) out.push(value(rest.length > 0 ? rest.join('=') : (words[++i] as string)))
            else if (takes === 2) out.push(value(rest.join('=')))
          }
        }
        continue
      }
      for (let k = 1; k < word.length; k++) {
        const c = word[k] as string
        const at = c === ':' ? -1 : letters.indexOf(c)
        if (at < 0) {
          yield* complain(`unrecognized option: ${c}`)
          continue
        }
        out.push(`-${c}`)
        if (letters[at + 1] !== ':') continue
        const attached = word.slice(k + 1)
        if (attached !== '') out.push(value(attached))
        else if (letters[at + 2] === ':') out.push(value(''))
        else if (i + 1 < words.length) out.push(value(words[++i] as string))
        else {
          out.pop()
          yield* complain(`option requires an argument: ${c}`)
        }
        break
      }
    }
    if (!silent) yield* print(sys, `${[...out, '--', ...operands.map(value)].map((w) => ` ${w}`).join('')}\n`)
    return status
  },
}

export const ts: Applet = {
  name: 'ts',
  usage: '[-is] [STRFTIME]',
  help: 'Pipe stdin to stdout, add timestamp to each line\n\n\t-s\tTime since start\n\t-i\tTime since previous line',
  *run(sys, argv) {
    const o = yield* readOptions(sys, ts, argv, 'is')
    if (typeof o === 'number') return o
    if (o.rest.length > 1) return yield* showUsage(sys, ts)
    const relative = o.has('i') || o.has('s')
    const format = o.rest[0] ?? (relative ? '%b %d %H:%M:%S'.replace('%b %d ', '') : '%b %d %H:%M:%S')
    const zone = zoneOf(sys)
    let base = yield* sys.clock('realtime')
    const out = new Output(sys)
    const status = yield* lines(sys, 'ts', [], function* (line, ended) {
      const now = yield* sys.clock('realtime')
      yield* out.write(
        `${fromWord(strftime(format, relative ? now - base : now, relative ? undefined : zone))} ${line}${ended ? '\n' : ''}`,
      )
      yield* out.flush()
      if (o.has('i')) base = now
      return undefined
    })
    return yield* out.end('ts', status)
  },
}

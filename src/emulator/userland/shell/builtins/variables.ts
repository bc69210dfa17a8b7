/** Variables and options of the shell: export, readonly, local, unset, set, shift, getopts. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run } from '../../../kernel/linux/abi.ts'
import { ShellError } from '../errors.ts'
import type { Shell } from '../interp.ts'
import { type Builtin, complain, count, isName, options, out, quote } from './common.ts'

/** export and readonly. */
export const exportLike =
  (flag: 'exported' | 'readonly'): Builtin =>
  (sh, argv) =>
    marked(sh, argv, flag)
function* marked(sh: Shell, argv: readonly string[], flag: 'exported' | 'readonly'): Run<ExitCode> {
  const { flags, rest } = options(argv, flag === 'exported' ? 'np' : 'p')
  if (rest.length === 0 || flags.has('p')) {
    const lines = [...sh.s.variables].filter(([, v]) => v[flag]).sort(([a], [b]) => (a < b ? -1 : 1))
    const text = ([k, v]: (typeof lines)[number]): string =>
      `${argv[0]} ${k}${v.value === undefined ? '' : `=${quote(v.value)}`}\n`
    return yield* out(sh, lines.map(text).join(''))
  }
  for (const arg of rest) {
    const [, key = '', value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? []
    if (!isName(key)) throw new ShellError(`${key}: bad variable name`)
    if (value !== undefined) sh.assign(key, value)
    const v = sh.s.variables.get(key) ?? { value: undefined, exported: false, readonly: false }
    sh.s.variables.set(key, { ...v, [flag]: !flags.has('n') })
  }
  return 0
}
export const local: Builtin = function* ({ s }, argv) {
  yield* []
  const frame = s.locals.at(-1)
  if (!frame) throw new ShellError('not in a function')
  for (const arg of argv.slice(1)) {
    // `local -`: the options of set are put back, too.
    if (arg === '-') {
      frame.options ??= { letters: new Set(s.options), pipefail: s.pipefail }
      continue
    }
    const [, name = '', value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(arg) ?? []
    const old = s.variables.get(name)
    if (old?.readonly && value !== undefined) throw new ShellError(`${name}: is read only`)
    // What is local already stays as it is.
    if (frame.variables.has(name) && value === undefined) continue
    if (!frame.variables.has(name)) frame.variables.set(name, old)
    s.put(name, { value, exported: old?.exported ?? false, readonly: old?.readonly ?? false })
  }
  return 0
}
export const unset: Builtin = function* ({ s }, argv) {
  yield* []
  const { flags, rest } = options(argv, 'vf')
  for (const arg of rest) {
    if (flags.has('f')) {
      s.functions.delete(arg)
      continue
    }
    if (!isName(arg)) throw new ShellError(`${arg}: bad variable name`)
    if (s.variables.get(arg)?.readonly) throw new ShellError(`${arg}: is read only`)
    s.put(arg, undefined)
  }
  return 0
}
export const shift: Builtin = function* ({ s }, argv) {
  yield* []
  const n = argv[1] === undefined ? 1 : count(argv[1])
  if (n > s.positional.length) return 1
  s.setPositional(s.positional.slice(n))
  return 0
}

/** Options by their long names, in ash's order. */
export const longOptions: Readonly<Record<string, string>> = {
  errexit: 'e',
  noglob: 'f',
  ignoreeof: 'I',
  monitor: 'm',
  noexec: 'n',
  xtrace: 'x',
  verbose: 'v',
  noclobber: 'C',
  allexport: 'a',
  notify: 'b',
  nounset: 'u',
  errtrace: 'E',
  vi: 'vi',
  pipefail: 'pipefail',
}
/** Turns an option on or off. Job control wants a terminal. */
export function* setOption(sh: Shell, option: string, on: boolean): Run<void> {
  const { options, interactive } = sh.s
  if (option === 'pipefail') sh.s.pipefail = on
  if (on && option === 'm' && !interactive && isErr(yield* sh.sys.ioctl(2, 'TCGETS'))) {
    yield* sh.error("can't access tty; job control turned off")
    return
  }
  if (on) options.add(option)
  else options.delete(option)
}
function* listOptions(sh: Shell, on: boolean): Run<ExitCode> {
  const rows = Object.entries(longOptions).map(([name, letter]) => {
    const is = sh.s.options.has(letter)
    return on ? `${name.padEnd(15)} ${is ? 'on' : 'off'}\n` : `set ${is ? '-' : '+'}o ${name}\n`
  })
  return yield* out(sh, rows.join(''))
}
export const set: Builtin = function* (sh, argv) {
  const { s } = sh
  if (argv.length === 1) {
    const lines = [...s.variables].filter(([, v]) => v.value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
    return yield* out(sh, lines.map(([k, v]) => `${k}=${quote(v.value ?? '')}\n`).join(''))
  }
  let i = 1
  while (i < argv.length && /^[-+]/.test(argv[i] as string)) {
    const arg = argv[i++] as string
    const on = arg[0] === '-'
    if (arg === '-' || arg === '--') {
      if (arg === '-') {
        s.options.delete('x')
        s.options.delete('v')
      } else if (i === argv.length) s.setPositional([])
      break
    }
    for (const c of arg.slice(1)) {
      if (c === 'o') {
        const name = argv[i]
        if (name === undefined) yield* listOptions(sh, on)
        else if (!Object.hasOwn(longOptions, name))
          return yield* complain(sh, `illegal option ${on ? '-' : '+'}o ${name}`)
        else yield* setOption(sh, longOptions[name] as string, on)
        i++
      } else if ('efImnxvCabuE'.includes(c)) yield* setOption(sh, c, on)
      else throw new ShellError(`illegal option ${arg[0]}${c}`)
    }
  }
  if (i < argv.length) s.setPositional(argv.slice(i))
  return 0
}

/** getopts, POSIX XCU 4: the place in a word with several letters is the shell's own, beside OPTIND. */
export const getopts: Builtin = function* (sh, argv) {
  const [, spec, name, ...given] = argv
  if (spec === undefined || name === undefined) throw new ShellError('usage: getopts optstring var [arg]')
  const { s } = sh
  const args = given.length > 0 ? given : s.positional
  if (s.optind > args.length + 1 || s.optind < 1) {
    s.optind = 1
    s.optoff = -1
  }
  const silent = spec.startsWith(':') || s.get('OPTERR') === '0'
  let next = s.optind - 1
  const current = args[next - 1]
  let rest =
    next < 1 || s.optoff < 0 || current === undefined || current.length < s.optoff ? '' : current.slice(s.optoff)
  let letter = '?'
  let status = 0
  let argument: string | undefined
  const word = rest === '' ? args[next] : undefined
  const ended = rest === '' && (word === undefined || !/^-./.test(word))
  if (!ended && word !== undefined) {
    rest = word.slice(1)
    next++
  }
  if (ended || word === '--') {
    status = 1
    rest = ''
  } else {
    letter = rest[0] as string
    rest = rest.slice(1)
    const at = letter === ':' ? -1 : spec.indexOf(letter)
    if (at < 0) {
      if (silent) argument = letter
      else yield* sh.warn(`Illegal option -${letter}\n`)
      letter = '?'
    } else if (spec[at + 1] !== ':') argument = ''
    else if (rest !== '' || args[next] !== undefined) {
      argument = rest !== '' ? rest : args[next++]
      rest = ''
    } else if (silent) {
      argument = letter
      letter = ':'
    } else {
      yield* sh.warn(`No arg for -${letter} option\n`)
      letter = '?'
    }
  }
  if (argument === undefined) s.put('OPTARG', undefined)
  else sh.assign('OPTARG', argument)
  sh.assign('OPTIND', String(next + 1))
  if (!isName(name)) throw new ShellError(`${name}: bad variable name`)
  sh.assign(name, letter)
  s.optind = next + 1
  s.optoff = rest === '' && (status === 1 || argument !== '') ? -1 : (args[next - 1] as string).length - rest.length
  return status
}

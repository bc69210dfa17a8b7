/** dash(1), Debian's /bin/sh: ash without its extensions, and with words of its own (dash 0.5.12, src/error.c and its builtins). */
import type { Program, Run } from '../../kernel/linux/abi.ts'
import { SIGTERM, signalNames, signalNumber } from '../../kernel/linux/signals.ts'
import { unbinary } from '../lib/io.ts'
import { expandEscapes, formatPrintf } from '../lib/printf.ts'
import { evalTest } from '../lib/test.ts'
import { type Builtin, count, isName, options, out, outBytes } from './builtins/common.ts'
import { builtins } from './builtins/index.ts'
import type { Dialect } from './dialect.ts'
import { ShellError } from './errors.ts'
import { runShellProgram } from './index.ts'
import { jobOf } from './jobs.ts'
import { toBinary } from './text.ts'

/** ash's words, and dash's for the same. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^syntax error: bad substitution$/, 'Bad substitution'],
  [/^syntax error: unexpected (.*?)( \(expecting .*\))?$/, 'Syntax error: $1 unexpected$2'],
  [/^syntax error: unterminated/, 'Syntax error: Unterminated'],
  [/^syntax error: bad (fd|for|function)/, 'Syntax error: Bad $1'],
  [/^syntax error: /, 'Syntax error: '],
  [/^can't create (.*): nonexistent directory$/, 'cannot create $1: Directory nonexistent'],
  [/^can't create /, 'cannot create '],
  [/^can't open '?(.*?)'?: (?:no such file|No such file or directory)$/, 'cannot open $1: No such file'],
  [/^can't open '?(.*?)'?: /, 'cannot open $1: '],
  [/^(can't cd to .*): .*$/, '$1'],
  [/^illegal option /, 'Illegal option '],
  [/^can't fork: .*/, 'Cannot fork'],
  [/^illegal mode: /, 'Illegal number: '],
  [/^(.*): no such job$/, 'No such job: $1'],
  [/^usage: getopts optstring var \[arg\]$/, 'Usage: getopts optstring var [arg...]'],
  [/^(.*): unknown operand$/, '$1: unexpected operator'],
  [/^(.*): bad number$/, 'Illegal number: $1'],
  [/^invalid number '(.*)'$/, '$1: expected numeric value'],
  [/^(%[^a-zA-Z]*[a-zA-Z]?)[\s\S]*: invalid format$/, '$1: invalid directive'],
  [/^error setting limit: (.*)$/, 'error setting limit ($1)'],
  [/^divide by zero: (.*)$/s, 'arithmetic expression: division by zero: $1'],
  [/^arithmetic syntax error: (.*)$/s, 'arithmetic expression: expecting primary: $1'],
  [/^arithmetic syntax rest: (.*)$/s, 'arithmetic expression: expecting EOF: $1'],
]

/** Escapes are always read, and -n is the only option. */
const echo: Builtin = function* (sh, argv) {
  const newline = argv[1] !== '-n'
  const u = expandEscapes(toBinary(argv.slice(newline ? 1 : 2).join(' ')), true, false)
  return yield* outBytes(sh, unbinary(newline && !u.stop ? `${u.text}\n` : u.text))
}
const printf: Builtin = function* (sh, argv) {
  const args = argv.slice(argv[1] === '--' ? 2 : 1)
  if (args.length === 0) throw new ShellError('usage: printf format [arg ...]')
  const { output, errors } = formatPrintf(toBinary(args[0] as string), args.slice(1).map(toBinary))
  const status = yield* outBytes(sh, unbinary(output))
  for (const e of errors) yield* sh.error(e)
  return errors.some((e) => e.endsWith('invalid format')) ? 2 : errors.length > 0 ? 1 : status
}
const test: Builtin = function* (sh, argv) {
  const operands = argv.slice(1)
  if (argv[0] === '[' && operands.pop() !== ']') throw new ShellError('missing ]')
  // No == here: to dash it is an operand like others.
  const unknown = operands.length === 3 && operands[1] === '==' ? operands[0] : undefined
  if (unknown !== undefined) throw new ShellError(`${unknown}: unknown operand`)
  const r = yield* evalTest(sh.sys, operands, false)
  if (r.error !== undefined)
    throw new ShellError(
      operands.length >= 2 && operands.length <= 3 && /operand/.test(r.error)
        ? `${operands[0]}: unknown operand`
        : r.error,
    )
  return r.status
}
const kill: Builtin = function* (sh, argv) {
  let args = argv.slice(1)
  const usage = 'Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]'
  if (args[0] === '-l') {
    const word = args[1]
    if (word === undefined) return yield* out(sh, `0\n${signalNames.slice(1).join('\n')}\n`)
    return yield* out(sh, `${signalNames[count(word) & 127] ?? count(word)}\n`)
  }
  let signal = SIGTERM
  if (/^-./.test(args[0] ?? '') && args[0] !== '--') {
    const long = args[0] === '-s'
    const name = (long ? args[1] : args[0]?.slice(1)) ?? ''
    const n = signalNumber(name)
    if (n === undefined)
      throw new ShellError(long ? `invalid signal number or name: ${name}` : `Illegal option -${name[0]}`)
    signal = n
    args = args.slice(long ? 2 : 1)
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) throw new ShellError(usage)
  let status = 0
  for (const arg of args) {
    let pids: readonly number[]
    if (arg.startsWith('%')) {
      const job = jobOf(sh, arg)
      if (!job) throw new ShellError(`${arg}: no such job`)
      pids = [-job.pgid]
    } else pids = [arg.startsWith('-') ? -count(arg.slice(1)) : count(arg)]
    for (const pid of pids) {
      const failed = yield* sh.sys.kill(pid, signal)
      if (!failed) continue
      // sh_warnx() has a newline of its own already.
      yield* sh.error(`${failed.text}\n`)
      status = 1
    }
  }
  return status
}
/** Runs ash's form once the options are known to be dash's. */
const limited = (name: string, known: string): Builtin =>
  function* (sh, argv) {
    options(argv, known)
    return yield* (builtins.get(name) as Builtin)(sh, argv)
  }
/** A name without a value keeps the one that it has outside. */
const local: Builtin = function* (sh, argv) {
  const kept = argv.slice(1).map((arg) => {
    const value = arg.includes('=') ? undefined : sh.s.get(arg)
    return value === undefined ? arg : `${arg}=${value}`
  })
  return yield* (builtins.get('local') as Builtin)(sh, ['local', ...kept])
}
const read: Builtin = function* (sh, argv) {
  const { rest } = options(argv, 'p:r')
  if (rest.length === 0) throw new ShellError('arg count')
  const wrong = rest.find((name) => !isName(name))
  if (wrong !== undefined) throw new ShellError(`${wrong}: bad variable name`)
  return yield* (builtins.get('read') as Builtin)(sh, argv)
}
const shift: Builtin = function* (sh, argv) {
  if (argv[1] !== undefined && count(argv[1]) > sh.s.positional.length) throw new ShellError("can't shift that many")
  return yield* (builtins.get('shift') as Builtin)(sh, argv)
}
const limits: readonly (readonly [
  string,
  'cpu' | 'fsize' | 'data' | 'stack' | 'core' | 'rss' | 'memlock' | 'nproc' | 'nofile' | 'as' | 'locks' | 'rtprio',
  number,
  string,
])[] = [
  ['t', 'cpu', 1, 'time(seconds)'],
  ['f', 'fsize', 512, 'file(blocks)'],
  ['d', 'data', 1024, 'data(kbytes)'],
  ['s', 'stack', 1024, 'stack(kbytes)'],
  ['c', 'core', 512, 'coredump(blocks)'],
  ['m', 'rss', 1024, 'memory(kbytes)'],
  ['l', 'memlock', 1024, 'locked memory(kbytes)'],
  ['p', 'nproc', 1, 'process'],
  ['n', 'nofile', 1, 'nofiles'],
  ['v', 'as', 1024, 'vmemory(kbytes)'],
  ['w', 'locks', 1, 'locks'],
  ['r', 'rtprio', 1, 'rtprio'],
]
const ulimit: Builtin = function* (sh, argv) {
  const { flags, rest } = options(argv, 'HSatfdsmcnpl' + 'vwr')
  const hard = flags.has('H') && !flags.has('S')
  const show = (n: number, unit: number): string => (n === Infinity ? 'unlimited' : String(Math.floor(n / unit)))
  if (flags.has('a')) {
    let text = ''
    for (const [, resource, unit, label] of limits)
      text += `${label.padEnd(20)} ${show((yield* sh.sys.getrlimit(resource))[hard ? 1 : 0], unit)}\n`
    return yield* out(sh, text)
  }
  const letter = [...flags.keys()].filter((c) => c !== 'H' && c !== 'S').at(-1) ?? 'f'
  const [, resource, unit] = limits.find(([c]) => c === letter) as (typeof limits)[number]
  const [soft, max] = yield* sh.sys.getrlimit(resource)
  const [value, more] = rest
  if (more !== undefined) throw new ShellError('too many arguments')
  if (value === undefined) return yield* out(sh, `${show(hard ? max : soft, unit)}\n`)
  if (value !== 'unlimited' && !/^\d+$/.test(value)) throw new ShellError('bad number')
  const n = value === 'unlimited' ? Infinity : Number(value) * unit
  const failed = yield* sh.sys.setrlimit(
    resource,
    flags.has('H') && !flags.has('S') ? soft : n,
    flags.has('S') && !flags.has('H') ? max : n,
  )
  if (failed) throw new ShellError(`error setting limit: ${failed.text}`)
  return 0
}
const times: Builtin = function* (sh) {
  const u = yield* sh.sys.getrusage()
  const show = (ns: number): string => `${Math.floor(ns / 60e9)}m${((ns / 1e9) % 60).toFixed(6)}s`
  return yield* out(sh, `${show(u.user)} ${show(u.system)}\n${show(u.childrenUser)} ${show(u.childrenSystem)}\n`)
}
const trap: Builtin = function* (sh, argv) {
  const { rest } = options(argv, '')
  const wrong = rest
    .slice(1)
    .find((name) => name === 'ERR' || (!/^(0|EXIT)$/.test(name) && signalNumber(name) === undefined))
  if (wrong !== undefined) {
    yield* sh.warn(`trap: ${wrong}: bad trap\n`)
    return 1
  }
  return yield* (builtins.get('trap') as Builtin)(sh, argv)
}
/** Names of set -o in dash's order, with the letters that ours have for them. */
const optionNames =
  'errexit:e noglob:f ignoreeof:I interactive:i monitor:m noexec:n stdin:s xtrace:x verbose:v vi:vi emacs:emacs noclobber:C allexport:a notify:b nounset:u privileged:p nolog:nolog debug:debug'
const set: Builtin = function* (sh, argv) {
  const [, first, name] = argv
  const named = argv.findIndex((a) => /^[-+]\w*o$/.test(a))
  if ((first === '-o' || first === '+o') && name === undefined) {
    const rows = optionNames.split(' ').map((pair) => {
      const [long = '', letter = ''] = pair.split(':')
      const on = sh.s.options.has(letter)
      return first === '-o' ? `${long.padEnd(16)}${on ? 'on' : 'off'}\n` : `set ${on ? '-' : '+'}o ${long}\n`
    })
    return yield* out(sh, `${first === '-o' ? 'Current option settings\n' : ''}${rows.join('')}`)
  }
  const long = named > 0 ? argv[named + 1] : undefined
  if (long !== undefined && !optionNames.split(' ').some((pair) => pair.startsWith(`${long}:`)))
    throw new ShellError(`Illegal option ${argv[named]?.[0]}o ${long}`)
  return yield* (builtins.get('set') as Builtin)(sh, argv)
}
const foreground: Builtin = function* (sh, argv) {
  if (argv[1] === undefined && sh.s.jobs.length === 0) throw new ShellError('No current job')
  return yield* (builtins.get('fg') as Builtin)(sh, argv)
}

export const dash: Dialect = {
  *complaint(s, message, line): Run<string> {
    const [pattern, to] = words.find(([re]) => re.test(message)) ?? []
    const text = message.startsWith('write error: ')
      ? `${s.command}: I/O error`
      : pattern && to !== undefined
        ? message.replace(pattern, to)
        : message
    const arithmetic = /^arithmetic expression/.test(text)
    const command = s.command !== undefined && s.command !== s.name && !arithmetic ? `${s.command}: ` : ''
    return `${s.name}: ${line}: ${command}${text}\n`
  },
  builtins: new Map<string, Builtin | undefined>([
    ...['let', 'source', '[[', 'help'].map((name) => [name, undefined] as const),
    ['echo', echo],
    ['printf', printf],
    ['test', test],
    ['[', test],
    ['kill', kill],
    ['read', read],
    ['local', local],
    ['shift', shift],
    ['ulimit', ulimit],
    ['times', times],
    ['trap', trap],
    ['set', set],
    ['fg', foreground],
    ['bg', foreground],
    ['wait', limited('wait', '')],
    ['jobs', limited('jobs', 'lp')],
    ['pwd', limited('pwd', 'LP')],
  ]),
  grammar: 'dash',
  posix: true,
  redirectStatus: 2,
  counts: false,
}

/** The program that hosts/parts.ts names `shell/dash`. */
export const dashProgram: Program = (sys, argv) => runShellProgram(sys, argv, dash)

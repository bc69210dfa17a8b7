/** The commands inside the shell; POSIX XCU 2.15 and ash(1). */
import { EINTR, isErr } from '../../base/errno.ts'
import type { ExitCode, Run } from '../../kernel/linux/abi.ts'
import { isDir, X_OK } from '../../kernel/linux/fs/flags.ts'
import { SIGCONT, SIGTERM, signalNames, signalNumber, signalText } from '../../kernel/linux/signals.ts'
import { readText, warn, writeAll } from '../lib/io.ts'
import { expandEscapes, formatPrintf } from '../lib/printf.ts'
import { evalTest } from '../lib/test.ts'
import { ShellError } from './expand.ts'
import { Leave, type Shell, toBytes } from './interp.ts'
import type { Job } from './state.ts'

export type Builtin = (sh: Shell, argv: readonly string[]) => Run<ExitCode>

/** POSIX's special builtins: their errors end the shell, their assignments stay. */
export const specialBuiltins: ReadonlySet<string> = new Set([
  ':',
  '.',
  'source',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
])

const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text)
const quote = (value: string): string => `'${value.replace(/'/g, `'"'"'`)}'`
function* out(sh: Shell, text: string): Run<ExitCode> {
  const failed = yield* writeAll(sh.sys, 1, toBytes(text))
  if (failed) {
    yield* sh.error(`write error: ${failed.text}`)
    return 1
  }
  return 0
}
function* complain(sh: Shell, name: string, message: string, code: ExitCode = 1): Run<ExitCode> {
  yield* sh.error(`${name}: ${message}`)
  return code
}
function count(name: string, text: string | undefined): number {
  if (text === undefined) return 1
  if (!/^\d+$/.test(text)) throw new ShellError(`${name}: Illegal number: ${text}`)
  return Number(text)
}

function* cd(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  let args = argv.slice(1)
  while (args[0] === '-L' || args[0] === '-P' || args[0] === '--') args = args.slice(1)
  let to = args[0] ?? sh.s.get('HOME') ?? ''
  let print = false
  if (to === '-') {
    to = sh.s.get('OLDPWD') ?? ''
    print = true
  }
  if (to === '') return 0
  let target = to
  if (!/^\.{0,2}\//.test(to) && to !== '.' && to !== '..') {
    for (const dir of (sh.s.get('CDPATH') ?? '').split(':').filter(Boolean)) {
      const full = `${dir}/${to}`
      const s = yield* sh.sys.stat(full)
      if (!isErr(s) && isDir(s.mode)) {
        target = full
        print = true
        break
      }
    }
  }
  const old = sh.s.get('PWD') ?? ''
  // The logical path: `..` takes away a name, whatever links there are.
  const absolute = target.startsWith('/') ? target : `${old === '/' ? '' : old}/${target}`
  const parts: string[] = []
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const logical = argv.includes('-P') ? target : `/${parts.join('/')}`
  const failed = yield* sh.sys.chdir(logical)
  if (failed) {
    yield* sh.error(`cd: line ${Math.max(0, sh.s.line - 1)}: can't cd to ${to}: ${failed.text}`)
    return 2
  }
  const now = yield* sh.sys.getcwd()
  sh.s.set('OLDPWD', old)
  sh.s.set('PWD', argv.includes('-P') && !isErr(now) ? now : logical)
  return print ? yield* out(sh, `${sh.s.get('PWD')}\n`) : 0
}

function* echo(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  let i = 1
  let newline = true
  let escapes = false
  for (; i < argv.length && /^-[neE]+$/.test(argv[i] as string); i++) {
    for (const c of (argv[i] as string).slice(1)) {
      if (c === 'n') newline = false
      else escapes = c === 'e'
    }
  }
  let text = argv.slice(i).join(' ')
  if (escapes) {
    const u = expandEscapes(text, true)
    text = u.text
    if (u.stop) newline = false
  }
  return yield* out(sh, newline ? `${text}\n` : text)
}

function* exportLike(sh: Shell, argv: readonly string[], flag: 'exported' | 'readonly'): Run<ExitCode> {
  const name = argv[0] as string
  const args = argv.slice(1).filter((a) => a !== '-p' && a !== '--')
  const off = args[0] === '-n'
  if (off) args.shift()
  if (args.length === 0) {
    const lines = [...sh.s.variables].filter(([, v]) => v[flag]).sort(([a], [b]) => (a < b ? -1 : 1))
    return yield* out(
      sh,
      lines.map(([k, v]) => `${name} ${k}${v.value === undefined ? '' : `=${quote(v.value)}`}\n`).join(''),
    )
  }
  for (const arg of args) {
    const m = /^([A-Za-z_]\w*)(\+?)(=?)([\s\S]*)$/.exec(arg)
    if (!m || (m[3] === '' && (m[2] !== '' || m[4] !== ''))) throw new ShellError(`${name}: ${arg}: bad variable name`)
    const key = m[1] as string
    if (m[3] === '=') sh.assign(key, m[2] === '+' ? (sh.s.get(key) ?? '') + (m[4] ?? '') : (m[4] ?? ''))
    const v = sh.s.variables.get(key) ?? { value: undefined, exported: false, readonly: false }
    v[flag] = !off
    sh.s.variables.set(key, v)
  }
  return 0
}

function* set(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const { s } = sh
  if (argv.length === 1)
    return yield* out(
      sh,
      [...s.variables]
        .filter(([, v]) => v.value !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => `${k}=${quote(v.value ?? '')}\n`)
        .join(''),
    )
  const long: Record<string, string> = {
    errexit: 'e',
    nounset: 'u',
    xtrace: 'x',
    noglob: 'f',
    noexec: 'n',
    verbose: 'v',
    allexport: 'a',
    noclobber: 'C',
    monitor: 'm',
    notify: 'b',
    ignoreeof: 'I',
    vi: 'V',
    emacs: 'E',
  }
  let i = 1
  for (; i < argv.length; i++) {
    const arg = argv[i] as string
    if (arg === '--') {
      i++
      s.positional = argv.slice(i)
      return 0
    }
    if (arg === '-') {
      s.options.delete('x')
      s.options.delete('v')
      i++
      break
    }
    if (!/^[-+]./.test(arg)) break
    const on = arg[0] === '-'
    for (const c of arg.slice(1)) {
      if (c === 'o') {
        const name = argv[++i]
        if (name === undefined) {
          const rows = [...Object.entries(long), ['pipefail', 'pipefail']].map(
            ([k, v]) =>
              `${(k as string).padEnd(15)} ${s.options.has(v as string) || (v === 'pipefail' && s.pipefail) ? 'on' : 'off'}\n`,
          )
          return yield* out(
            sh,
            on
              ? `Current option settings\n${rows.join('')}`
              : rows.map((r) => `set ${r.trim().endsWith('on') ? '-' : '+'}o ${r.split(' ')[0]}\n`).join(''),
          )
        }
        if (name === 'pipefail') s.pipefail = on
        else if (Object.hasOwn(long, name)) toggle(s.options, long[name] as string, on)
        else throw new ShellError(`set: illegal option ${on ? '-' : '+'}o ${name}`)
      } else if ('euxfnvaCmbhI'.includes(c)) toggle(s.options, c, on)
      else throw new ShellError(`set: illegal option ${arg[0]}${c}`)
    }
  }
  if (i < argv.length) s.positional = argv.slice(i)
  return 0
}
function toggle(options: Set<string>, c: string, on: boolean): void {
  if (on) options.add(c)
  else options.delete(c)
}

function* trap(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const args = argv[1] === '--' ? argv.slice(2) : argv.slice(1)
  if (args.length === 0)
    return yield* out(
      sh,
      [...sh.s.traps]
        .sort(([a], [b]) => a - b)
        .map(([n, action]) => `trap -- ${quote(action)} ${signalNames[n]}\n`)
        .join(''),
    )
  if (args[0] === '-l') return yield* out(sh, `${signalNames.slice(1).join(' ')}\n`)
  const resets = args.length === 1 || args[0] === '-' || /^\d+$/.test(args[0] as string)
  const action = resets ? undefined : (args[0] as string)
  for (const name of args.length === 1 || (resets && args[0] !== '-') ? args : args.slice(1)) {
    const signal = name === 'EXIT' || name === '0' ? 0 : signalNumber(name)
    if (signal === undefined || signal > 31) return yield* complain(sh, 'trap', `${name}: invalid signal specification`)
    yield* sh.setTrap(signal, action)
  }
  return 0
}

function* read(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  let raw = false
  let limit = Infinity
  let timeout: number | undefined
  let delimiter = '\n'
  let fd = 0
  const args = argv.slice(1)
  while (args[0]?.startsWith('-') && args[0].length > 1) {
    const flag = args.shift() as string
    if (flag === '--') break
    for (let i = 1; i < flag.length; i++) {
      const c = flag[i] as string
      if (c === 'r') raw = true
      else if (c === 's') continue
      else if ('pntdu'.includes(c)) {
        const value = flag.slice(i + 1) || args.shift() || ''
        if (c === 'p') yield* warn(sh.sys, value)
        else if (c === 'n') limit = Number(value)
        else if (c === 't') timeout = Number(value)
        else if (c === 'u') fd = Number(value)
        else delimiter = value.slice(0, 1) || '\0'
        break
      } else throw new ShellError(`read: illegal option -${c}`)
    }
  }
  const names = args.length > 0 ? args : ['REPLY']
  for (const n of names) if (!isName(n)) throw new ShellError(`read: ${n}: bad variable name`)
  // Characters with a mark whether a backslash stood before: those aren't separators.
  let text = ''
  let quoted = ''
  let status = 1
  for (let n = 0; n < limit; ) {
    if (timeout !== undefined) {
      const ready = yield* sh.sys.poll([{ fd, read: true }], timeout * 1e9)
      if (isErr(ready) || ready.length === 0) {
        status = 142
        break
      }
    }
    const byte = yield* sh.sys.read(fd, 1)
    if (byte === EINTR && sh.s.pendingTraps.length === 0) continue
    if (isErr(byte)) {
      if (byte === EINTR) status = 130
      break
    }
    if (byte.length === 0) break
    const c = String.fromCharCode(byte[0] as number)
    if (!raw && c === '\\' && !quoted.endsWith('e')) {
      quoted += 'e'
      text += c
      continue
    }
    const escaped = quoted.endsWith('e')
    if (escaped) {
      quoted = quoted.slice(0, -1)
      text = text.slice(0, -1)
      if (c === '\n') continue
    } else if (c === delimiter) {
      status = 0
      break
    }
    if (c === '\0') continue
    text += c
    quoted += escaped ? 'q' : '.'
    n++
    if (n >= limit) status = 0
  }
  if (quoted.endsWith('e')) {
    text = text.slice(0, -1)
    quoted = quoted.slice(0, -1)
  }
  const values = args.length === 0 ? [text] : fieldsOf(text, quoted, sh.s.get('IFS') ?? ' \t\n', names.length)
  for (const [i, name] of names.entries()) sh.assign(name, values[i] ?? '')
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

function* getopts(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const [, spec, name, ...given] = argv
  if (spec === undefined || name === undefined) throw new ShellError('getopts: usage: getopts optstring var [arg]')
  const { s } = sh
  const args = given.length > 0 ? given : s.positional
  const silent = spec.startsWith(':')
  const word = args[s.optind - 1]
  if (s.optoff === 0 && (word === undefined || !word.startsWith('-') || word === '-' || word === '--')) {
    if (word === '--') s.optind++
    s.variables.set('OPTIND', { value: String(s.optind), exported: false, readonly: false })
    sh.assign(name, '?')
    s.variables.delete('OPTARG')
    return 1
  }
  const c = (word as string)[s.optoff + 1] as string
  s.optoff++
  const at = spec.indexOf(c)
  const endOfWord = (): void => {
    s.optind++
    s.optoff = 0
  }
  let result = c
  s.variables.delete('OPTARG')
  if (c === ':' || at < 0) {
    if (silent) sh.assign('OPTARG', c)
    else yield* warn(sh.sys, `Illegal option -${c}\n`)
    result = '?'
    if (s.optoff + 1 >= (word as string).length) endOfWord()
  } else if (spec[at + 1] === ':') {
    const rest = (word as string).slice(s.optoff + 1)
    if (rest !== '') {
      sh.assign('OPTARG', rest)
      endOfWord()
    } else {
      const value = args[s.optind]
      endOfWord()
      if (value === undefined) {
        if (silent) {
          sh.assign('OPTARG', c)
          result = ':'
        } else {
          yield* warn(sh.sys, `No arg for -${c} option\n`)
          result = '?'
        }
      } else {
        sh.assign('OPTARG', value)
        s.optind++
      }
    }
  } else if (s.optoff + 1 >= (word as string).length) endOfWord()
  const { optind, optoff } = s
  s.variables.set('OPTIND', { value: String(optind), exported: false, readonly: false })
  s.optoff = optoff
  sh.assign(name, result)
  return 0
}

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
  'function',
])
function* type(sh: Shell, argv: readonly string[], style: 'type' | '-v' | '-V'): Run<ExitCode> {
  let status = 0
  for (const name of argv) {
    const alias = sh.s.aliases.get(name)
    let text: string | undefined
    const brief = style === '-v'
    if (keywords.has(name)) text = brief ? name : `${name} is a shell keyword`
    else if (alias !== undefined) text = brief ? `alias ${name}=${quote(alias)}` : `${name} is an alias for ${alias}`
    else if (sh.s.functions.has(name)) text = brief ? name : `${name} is a function`
    else if (builtins.has(name))
      text = brief ? name : `${name} is a ${specialBuiltins.has(name) ? 'special ' : ''}shell builtin`
    else {
      const path = yield* sh.find(name)
      if (path !== undefined && !(yield* sh.sys.access(path, X_OK))) text = brief ? path : `${name} is ${path}`
    }
    if (text !== undefined) yield* out(sh, `${text}\n`)
    else {
      status = 127
      if (!brief) yield* out(sh, `${name}: not found\n`)
    }
  }
  return status
}

function jobOf(sh: Shell, spec: string | undefined): Job | undefined {
  const { jobs } = sh.s
  if (spec === undefined || spec === '%' || spec === '%%' || spec === '%+') return jobs.at(-1)
  if (spec === '%-') return jobs.at(-2) ?? jobs.at(-1)
  const n = /^%(\d+)$/.exec(spec)?.[1]
  if (n) return jobs.find((j) => j.number === Number(n))
  if (spec.startsWith('%')) return jobs.find((j) => j.text.startsWith(spec.slice(1)))
  return jobs.find((j) => j.pids.includes(Number(spec)))
}
function jobLine(sh: Shell, job: Job, pids = false): string {
  const mark = job === sh.s.jobs.at(-1) ? '+' : job === sh.s.jobs.at(-2) ? '-' : ' '
  const state =
    job.state === 'running'
      ? 'Running'
      : job.state === 'stopped'
        ? 'Stopped'
        : job.status === 0
          ? 'Done'
          : job.status > 128
            ? (signalText[job.status - 128] ?? 'Signal')
            : `Done(${job.status})`
  const text = sh.s.interactive ? job.text : ''
  return `[${job.number}]${mark}  ${pids ? `${job.pgid} ` : ''}${state.padEnd(26)} ${text}\n`
}
/** Before a prompt: what ended since. */
export function* announceJobs(sh: Shell): Run<void> {
  yield* sh.reap()
  for (const job of sh.s.jobs.filter((j) => j.state === 'done')) {
    yield* warn(sh.sys, jobLine(sh, job))
    sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  }
}

function* wait(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const specs = argv.slice(1)
  let status = 0
  const until = function* (done: () => boolean): Run<boolean> {
    while (!done()) {
      const result = yield* sh.sys.wait(-1)
      if (result === EINTR) {
        if (sh.s.pendingTraps.length > 0) return false
        continue
      }
      if (isErr(result) || !result) return true
      sh.noteChild(result)
    }
    return true
  }
  if (specs.length === 0) {
    if (!(yield* until(() => sh.s.jobs.every((j) => j.state !== 'running')))) return 128 + (sh.s.pendingTraps[0] ?? 0)
    sh.s.jobs = sh.s.jobs.filter((j) => j.state !== 'done')
    return 0
  }
  for (const spec of specs) {
    const job = jobOf(sh, spec)
    if (!job) {
      if (spec.startsWith('%')) yield* sh.error(`wait: ${spec}: no such job`)
      else if (!/^\d+$/.test(spec)) throw new ShellError(`wait: Illegal number: ${spec}`)
      status = 127
      continue
    }
    if (!(yield* until(() => job.state !== 'running'))) return 128 + (sh.s.pendingTraps[0] ?? 0)
    status = job.status
    sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  }
  return status
}

function* kill(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  let args = argv.slice(1)
  let signal = SIGTERM
  const first = args[0]
  if (first === '-l' || first === '-L') {
    if (args.length === 1)
      return yield* out(
        sh,
        signalNames
          .slice(1)
          .map((n, i) => `${String(i + 1).padStart(2)}) ${n}\n`)
          .join(''),
      )
    for (const word of args.slice(1)) {
      const n = Number(word)
      if (/^\d+$/.test(word)) yield* out(sh, `${signalNames[n & 127] ?? signalNames[n - 128] ?? n}\n`)
      else {
        const number = signalNumber(word)
        if (number === undefined) return yield* complain(sh, 'kill', `unknown signal '${word}'`)
        yield* out(sh, `${number}\n`)
      }
    }
    return 0
  }
  if (first === '-s' || first === '-n') {
    const n = signalNumber(args[1] ?? '')
    if (n === undefined) return yield* complain(sh, '', `bad signal name '${args[1] ?? ''}'`.trimStart())
    signal = n
    args = args.slice(2)
  } else if (first?.startsWith('-') && first !== '--' && first.length > 1) {
    const n = signalNumber(first.slice(1))
    if (n === undefined) {
      yield* sh.error(`bad signal name '${first.slice(1)}'`)
      return 1
    }
    signal = n
    args = args.slice(1)
  }
  if (args[0] === '--') args = args.slice(1)
  if (args.length === 0) {
    yield* sh.error('you need to specify whom to kill')
    return 1
  }
  let status = 0
  for (const arg of args) {
    let pid: number
    if (arg.startsWith('%')) {
      const job = jobOf(sh, arg)
      if (!job) {
        yield* sh.error(`kill: ${arg}: no such job`)
        status = 1
        continue
      }
      pid = sh.s.options.has('m') ? -job.pgid : job.pgid
    } else if (/^-?\d+$/.test(arg)) pid = Number(arg)
    else {
      yield* sh.error(`invalid number '${arg}'`)
      status = 1
      continue
    }
    const failed = yield* sh.sys.kill(pid, signal)
    if (failed) {
      yield* sh.error(`can't kill pid ${arg}: ${failed.text}`)
      status = 1
    }
  }
  return status
}

function* foreground(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const job = jobOf(sh, argv[1])
  if (!job) return yield* complain(sh, argv[0] as string, `${argv[1] ?? '%'}: no such job`, 2)
  yield* out(sh, argv[0] === 'fg' ? `${job.text}\n` : `[${job.number}] ${job.text}\n`)
  const front = argv[0] === 'fg'
  if (front) yield* sh.sys.ioctl(2, 'TIOCSPGRP', job.pgid)
  job.state = 'running'
  yield* sh.sys.kill(-job.pgid, SIGCONT)
  if (!front) return 0
  while (job.running.size > 0) {
    const result = yield* sh.sys.wait(-job.pgid, { untraced: true })
    if (isErr(result) || !result) break
    sh.noteChild(result)
    if (result.stopped !== undefined) {
      yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
      yield* warn(sh.sys, `\n${jobLine(sh, job)}`)
      return 128 + result.stopped
    }
  }
  yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
  sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  return job.status
}

function* ulimit(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const table: Record<string, readonly [Parameters<Shell['sys']['getrlimit']>[0], number, string]> = {
    c: ['core', 512, 'core file size (blocks)'],
    d: ['data', 1024, 'data seg size (kb)'],
    f: ['fsize', 512, 'file size (blocks)'],
    l: ['memlock', 1024, 'locked memory (kb)'],
    n: ['nofile', 1, 'file descriptors'],
    u: ['nproc', 1, 'processes'],
    s: ['stack', 1024, 'stack size (kb)'],
    t: ['cpu', 1, 'cpu time (seconds)'],
    v: ['as', 1024, 'address space (kb)'],
  }
  let which = 'f'
  let hard = false
  let value: string | undefined
  let all = false
  for (const arg of argv.slice(1)) {
    if (!arg.startsWith('-')) value = arg
    else
      for (const c of arg.slice(1)) {
        if (c === 'H') hard = true
        else if (c === 'a') all = true
        else if (Object.hasOwn(table, c)) which = c
        else if (c !== 'S') return yield* complain(sh, 'ulimit', `illegal option -${c}`, 2)
      }
  }
  const show = (n: number, unit: number): string => (n === Infinity ? 'unlimited' : String(Math.floor(n / unit)))
  if (all) {
    for (const [c, [resource, unit, label]] of Object.entries(table)) {
      const limits = yield* sh.sys.getrlimit(resource)
      yield* out(sh, `${label.padEnd(25)}(-${c}) ${show(limits[hard ? 1 : 0], unit)}\n`)
    }
    return 0
  }
  const [resource, unit] = table[which] as (typeof table)[string]
  const [soft, max] = yield* sh.sys.getrlimit(resource)
  if (value === undefined) return yield* out(sh, `${show(hard ? max : soft, unit)}\n`)
  const n = value === 'unlimited' ? Infinity : Number(value) * unit
  if (Number.isNaN(n)) return yield* complain(sh, 'ulimit', `bad number`, 2)
  const failed = yield* sh.sys.setrlimit(resource, n, argv.includes('-S') ? max : n)
  return failed ? yield* complain(sh, 'ulimit', `error setting limit: ${failed.text}`, 1) : 0
}

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [
    ':',
    function* () {
      return 0
    },
  ],
  [
    'true',
    function* () {
      return 0
    },
  ],
  [
    'false',
    function* () {
      return 1
    },
  ],
  ['cd', cd],
  ['chdir', cd],
  ['echo', echo],
  [
    'pwd',
    function* (sh, argv) {
      const real = yield* sh.sys.getcwd()
      const logical = sh.s.get('PWD')
      return yield* out(sh, `${argv.includes('-P') || !logical ? (isErr(real) ? (logical ?? '') : real) : logical}\n`)
    },
  ],
  [
    'printf',
    function* (sh, argv) {
      const args = argv[1] === '--' ? argv.slice(2) : argv.slice(1)
      if (args.length === 0) {
        yield* warn(sh.sys, 'BusyBox v1.37.0 multi-call binary.\n\nUsage: printf FORMAT [ARG]...\n')
        return 1
      }
      const { output, errors } = formatPrintf(args[0] as string, args.slice(1))
      const status = yield* out(sh, output)
      for (const e of errors) yield* sh.error(e)
      return errors.length > 0 ? 1 : status
    },
  ],
  [
    'test',
    function* (sh, argv) {
      const r = yield* evalTest(sh.sys, argv.slice(1))
      if (r.error) yield* sh.error(r.error)
      return r.status
    },
  ],
  [
    '[',
    function* (sh, argv) {
      if (argv.at(-1) !== ']') {
        yield* sh.error('missing ]')
        return 2
      }
      const r = yield* evalTest(sh.sys, argv.slice(1, -1))
      if (r.error) yield* sh.error(r.error)
      return r.status
    },
  ],
  [
    'exit',
    function* (sh, argv) {
      throw new Leave('exit', argv[1] === undefined ? sh.s.status : count('exit', argv[1]) & 255)
    },
  ],
  [
    'return',
    function* (sh, argv) {
      throw new Leave('return', argv[1] === undefined ? sh.s.status : count('return', argv[1]) & 255)
    },
  ],
  [
    'break',
    function* (sh, argv) {
      const n = count('break', argv[1])
      if (n === 0) throw new ShellError('break: Illegal number: 0')
      if (sh.s.loops > 0) throw new Leave('break', n)
      return 0
    },
  ],
  [
    'continue',
    function* (sh, argv) {
      const n = count('continue', argv[1])
      if (n === 0) throw new ShellError('continue: Illegal number: 0')
      if (sh.s.loops > 0) throw new Leave('continue', n)
      return 0
    },
  ],
  [
    'eval',
    function* (sh, argv) {
      if (sh.s.depth > 190) throw new ShellError('eval nesting too deep')
      sh.s.depth++
      try {
        sh.s.status = 0
        return yield* sh.runText(argv.slice(argv[1] === '--' ? 2 : 1).join(' '))
      } finally {
        sh.s.depth--
      }
    },
  ],
  ['.', dot],
  ['source', dot],
  ['export', (sh, argv) => exportLike(sh, argv, 'exported')],
  ['readonly', (sh, argv) => exportLike(sh, argv, 'readonly')],
  [
    'local',
    function* (sh, argv) {
      const frame = sh.s.locals.at(-1)
      if (!frame) throw new ShellError('local: not in a function')
      for (const arg of argv.slice(1)) {
        const at = arg.indexOf('=')
        const name = at < 0 ? arg : arg.slice(0, at)
        if (!isName(name)) throw new ShellError(`local: ${name}: bad variable name`)
        const old = sh.s.variables.get(name)
        if (!frame.has(name)) frame.set(name, old)
        sh.s.variables.set(name, {
          value: at < 0 ? old?.value : arg.slice(at + 1),
          exported: old?.exported ?? false,
          readonly: false,
        })
      }
      return 0
    },
  ],
  [
    'unset',
    function* (sh, argv) {
      let fn = false
      for (const arg of argv.slice(1)) {
        if (arg === '-f') fn = true
        else if (arg === '-v') fn = false
        else if (fn) sh.s.functions.delete(arg)
        else {
          if (!isName(arg)) throw new ShellError(`unset: ${arg}: bad variable name`)
          if (sh.s.variables.get(arg)?.readonly) throw new ShellError(`unset: ${arg}: is read only`)
          sh.s.variables.delete(arg)
        }
      }
      return 0
    },
  ],
  ['set', set],
  [
    'shift',
    function* (sh, argv) {
      const n = count('shift', argv[1])
      if (n > sh.s.positional.length) {
        if (argv[1] !== undefined) return 1
        return 1
      }
      sh.s.positional = sh.s.positional.slice(n)
      return 0
    },
  ],
  ['trap', trap],
  ['read', read],
  ['getopts', getopts],
  [
    'alias',
    function* (sh, argv) {
      if (argv.length === 1)
        return yield* out(
          sh,
          [...sh.s.aliases]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => `${k}=${quote(v)}\n`)
            .join(''),
        )
      let status = 0
      for (const arg of argv.slice(1)) {
        const at = arg.indexOf('=', 1)
        if (at > 0) sh.s.aliases.set(arg.slice(0, at), arg.slice(at + 1))
        else {
          const value = sh.s.aliases.get(arg)
          if (value === undefined) {
            yield* sh.error(`alias: ${arg} not found`)
            status = 1
          } else yield* out(sh, `${arg}=${quote(value)}\n`)
        }
      }
      return status
    },
  ],
  [
    'unalias',
    function* (sh, argv) {
      if (argv[1] === '-a') {
        sh.s.aliases.clear()
        return 0
      }
      let status = 0
      for (const name of argv.slice(1)) {
        if (!sh.s.aliases.delete(name)) {
          yield* sh.error(`unalias: ${name} not found`)
          status = 1
        }
      }
      return status
    },
  ],
  ['type', (sh, argv) => type(sh, argv.slice(1), 'type')],
  [
    'command',
    function* (sh, argv) {
      let args = argv.slice(1)
      if (args[0] === '-p' || args[0] === '--') args = args.slice(1)
      if (args[0] === '-v' || args[0] === '-V') return yield* type(sh, args.slice(1), args[0])
      if (args.length === 0) return 0
      const builtin = builtins.get(args[0] as string)
      if (builtin) return yield* builtin(sh, args)
      const pid = yield* sh.sys.fork(function* (sys) {
        const s = sh.s.copy(sys)
        const { Shell: Again } = { Shell: sh.constructor as new (state: typeof s) => Shell }
        return yield* new Again(s).execute(args, s.environment(), s.get('PATH') ?? '')
      })
      if (isErr(pid)) throw new ShellError(`can't fork: ${pid.text}`)
      const r = yield* sh.sys.wait(pid)
      return isErr(r) || !r ? 127 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
    },
  ],
  [
    'hash',
    function* () {
      return 0
    },
  ],
  [
    'jobs',
    function* (sh, argv) {
      yield* sh.reap()
      for (const job of [...sh.s.jobs]) {
        yield* out(sh, argv.includes('-p') ? `${job.pgid}\n` : jobLine(sh, job, argv.includes('-l')))
        if (job.state === 'done') sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
      }
      return 0
    },
  ],
  ['fg', foreground],
  ['bg', foreground],
  ['wait', wait],
  ['kill', kill],
  [
    'umask',
    function* (sh, argv) {
      const arg = argv.slice(1).find((a) => !a.startsWith('-'))
      if (arg === undefined) {
        const mask = yield* sh.sys.umask(0)
        yield* sh.sys.umask(mask)
        const letters = (bits: number): string => `${bits & 4 ? '' : 'r'}${bits & 2 ? '' : 'w'}${bits & 1 ? '' : 'x'}`
        return yield* out(
          sh,
          argv.includes('-S')
            ? `u=${letters(mask >> 6)},g=${letters((mask >> 3) & 7)},o=${letters(mask & 7)}\n`
            : `${mask.toString(8).padStart(4, '0')}\n`,
        )
      }
      if (/^[0-7]+$/.test(arg)) {
        yield* sh.sys.umask(Number.parseInt(arg, 8))
        return 0
      }
      let allowed = 0o777 & ~(yield* sh.sys.umask(0))
      for (const clause of arg.split(',')) {
        const m = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause)
        if (!m) return yield* complain(sh, 'umask', `Illegal mode: ${arg}`, 2)
        const bits = [...(m[3] as string)].reduce((b, c) => b | { r: 4, w: 2, x: 1 }[c as 'r' | 'w' | 'x'], 0)
        const who = m[1] === '' || m[1]?.includes('a') ? 'ugo' : (m[1] as string)
        for (const w of who) {
          const shift = { u: 6, g: 3, o: 0 }[w as 'u' | 'g' | 'o']
          allowed =
            m[2] === '+'
              ? allowed | (bits << shift)
              : m[2] === '-'
                ? allowed & ~(bits << shift)
                : (allowed & ~(7 << shift)) | (bits << shift)
        }
      }
      yield* sh.sys.umask(0o777 & ~allowed)
      return 0
    },
  ],
  ['ulimit', ulimit],
  [
    'times',
    function* (sh) {
      const u = yield* sh.sys.getrusage()
      const show = (ns: number): string => `${Math.floor(ns / 60e9)}m${((ns / 1e9) % 60).toFixed(2)}s`
      return yield* out(sh, `${show(u.user)} ${show(u.system)}\n${show(u.childrenUser)} ${show(u.childrenSystem)}\n`)
    },
  ],
  [
    'exec',
    function* () {
      return 0
    },
  ],
  [
    'let',
    function* (sh, argv) {
      let value = 0n
      for (const e of argv.slice(1)) value = yield* sh.expander.arithmetic([{ kind: 'text', text: e, quoted: true }])
      return value === 0n ? 1 : 0
    },
  ],
])

function* dot(sh: Shell, argv: readonly string[]): Run<ExitCode> {
  const name = argv[1]
  if (name === undefined) return 0
  let file: string | undefined = name
  if (!name.includes('/')) {
    file = undefined
    for (const dir of (sh.s.get('PATH') ?? '').split(':')) {
      const full = `${dir || '.'}/${name}`
      if (!isErr(yield* sh.sys.stat(full))) {
        file = full
        break
      }
    }
    file ??= name
  }
  const text = yield* readText(sh.sys, file)
  if (isErr(text)) {
    yield* sh.error(`.: line ${Math.max(0, sh.s.line - 1)}: can't open '${name}': ${text.text}`)
    if (!sh.s.interactive) throw new Leave('exit', 2)
    return 2
  }
  const saved = sh.s.positional
  if (argv.length > 2) sh.s.positional = argv.slice(2)
  if (sh.s.depth > 190) throw new ShellError('source nesting too deep')
  sh.s.depth++
  try {
    sh.s.status = 0
    return yield* sh.runText(text)
  } catch (leave) {
    if (leave instanceof Leave && leave.kind === 'return') return leave.count
    throw leave
  } finally {
    sh.s.depth--
    if (argv.length > 2) sh.s.positional = saved
  }
}

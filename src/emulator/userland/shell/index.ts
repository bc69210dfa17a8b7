/** The shell: ash, as Alpine's /bin/sh. What it offers: a program, and an interpreter for those who drive one line by line. */
import { EINTR, isErr } from '../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU } from '../../kernel/linux/signals.ts'
import { users } from '../lib/accounts.ts'
import { readFile, warn } from '../lib/io.ts'
import { longOptions, setOption } from './builtins/variables.ts'
import { find } from './command.ts'
import type { Dialect } from './dialect.ts'
import { Leave } from './errors.ts'
import { runShell, Shell } from './interp.ts'
import { announceJobs } from './jobs.ts'
import { SyntaxProblem } from './lexer.ts'
import { ScriptReader } from './parser.ts'
import { plainLines } from './plain.ts'
import { ShellState } from './state.ts'
import { fromBytes, ofWord, toWord } from './text.ts'

/** A shell on a process, with the variables of its environment. */
export function* openShell(sys: Sys, name: string, dialect?: Dialect): Run<Shell> {
  const s = new ShellState(sys)
  s.name = s.applet = name
  s.dialect = dialect
  s.importEnvironment(sys.environ())
  s.pid = yield* sys.getpid()
  s.variables.set('PPID', { value: String(yield* sys.getppid()), exported: false, readonly: false })
  s.variables.set('OPTIND', { value: '1', exported: false, readonly: false })
  if (dialect?.counts !== false) s.export('SHLVL', String((Number.parseInt(s.get('SHLVL') ?? '', 10) || 0) + 1))
  if (s.get('PATH') === undefined) s.set('PATH', '/sbin:/usr/sbin:/bin:/usr/bin')
  s.variables.delete('IFS')
  s.set('IFS', ' \t\n')
  s.set('PS1', dialect?.posix ? ((yield* sys.getcred()).euid === 0 ? '# ' : '$ ') : '\\w \\$ ')
  s.set('PS2', '> ')
  s.set('PS4', '+ ')
  const cwd = yield* sys.getcwd()
  if (!isErr(cwd)) {
    // The name by which the parent came here, where it is the same place.
    const named = s.get('PWD')
    const there = named?.startsWith('/') ? yield* sys.stat(toWord(named)) : undefined
    const here = yield* sys.stat('.')
    const same = there && !isErr(there) && !isErr(here) && there.ino === here.ino && there.dev === here.dev
    s.cwd = same ? (named as string) : ofWord(cwd)
    s.export('PWD', s.cwd)
  }
  // A shell never ends by SIGQUIT; what it forks does.
  if ((yield* sys.sigquery(SIGQUIT)) === 'ignore') s.locked.add(SIGQUIT)
  else yield* sys.sigaction(SIGQUIT, 'ignore')
  s.handled.add(SIGQUIT)
  return new Shell(s)
}

/** A shell's main() with a script, which is looked for in PATH, too. */
function* runScriptFile(sh: Shell, file: string, name: string): Run<ExitCode> {
  const { s, sys } = sh
  let bytes = yield* readFile(sys, toWord(file))
  if (isErr(bytes) && !file.includes('/')) {
    const found = yield* find(sh, file)
    if (!isErr(found)) bytes = yield* readFile(sys, toWord(found))
  }
  if (isErr(bytes)) {
    const problem = `can't open '${file}': ${s.reason(bytes)}`
    yield* warn(sys, s.dialect ? yield* s.dialect.complaint(s, problem, 0) : `${name}: ${problem}\n`)
    return s.dialect && !s.dialect.posix ? 127 : 2
  }
  const text = fromBytes(bytes)
  s.name = s.command = file
  return yield* runShell(sh, (x) => x.runText(text, true, 1))
}

/** What a shell's own options ask for, beside those of `set`. */
interface Asked {
  command: boolean
  stdin: boolean
  /** The word that is read. */
  at: number
}
/** The letters of a word of a shell's options, -o with the word after it; the exit status where one is wrong. */
function* takeOptions(sh: Shell, argv: readonly string[], asked: Asked): Run<ExitCode | undefined> {
  const { s, sys } = sh
  const arg = argv[asked.at] as string
  const on = arg[0] === '-'
  const illegal = function* (option: string): Run<void> {
    const problem = `illegal option ${option}`
    yield* warn(sys, s.dialect ? yield* s.dialect.complaint(s, problem, 0) : `${s.applet}: ${problem}\n`)
  }
  for (const c of arg.slice(1)) {
    if (c === 'c') {
      asked.command = true
      s.options.add('c')
    } else if (c === 's') asked.stdin = true
    else if (c === 'i') s.interactive = true
    else if (c === 'l') continue
    else if (c === 'o') {
      const option = argv[++asked.at] ?? ''
      if (!Object.hasOwn(longOptions, option)) {
        yield* illegal(`${arg[0]}o ${option}`)
        return s.dialect ? 2 : 1
      }
      yield* setOption(sh, longOptions[option] as string, on)
    } else if ('euxfnvaCmbIE'.includes(c)) {
      yield* setOption(sh, c, on)
    } else {
      yield* illegal(`${arg[0]}${c}`)
      return 2
    }
  }
  return undefined
}
/** sh [-cisexu...] [-o option] [file | string] [args]. */
export const shell: Program = (sys, argv) => runShellProgram(sys, argv)
/** A shell's main(), in a dialect. */
export function* runShellProgram(sys: Sys, words: readonly string[], dialect?: Dialect): Run<ExitCode> {
  const argv = words.map(ofWord)
  const name = (argv[0] ?? 'sh').replace(/^-/, '').split('/').at(-1) || 'sh'
  const sh = yield* openShell(sys, name, dialect)
  const { s } = sh
  s.login = argv[0]?.startsWith('-') === true
  const asked: Asked = { command: false, stdin: false, at: 1 }
  for (; asked.at < argv.length; asked.at++) {
    const arg = argv[asked.at] as string
    if (arg === '--' || arg === '-') {
      asked.at++
      break
    }
    if (!/^[-+]./.test(arg)) break
    if (arg.startsWith('--')) continue
    const refused = yield* takeOptions(sh, argv, asked)
    if (refused !== undefined) return refused
  }
  const rest = argv.slice(asked.at)
  const { command, stdin } = asked
  if (command) {
    const text = rest[0]
    if (text === undefined) {
      yield* warn(sys, `${name}: ${dialect?.posix ? '0: ' : ''}-c requires an argument\n`)
      return 2
    }
    if (rest[1] !== undefined) s.name = s.command = rest[1]
    s.positional = rest.slice(2)
    // ash counts the lines of -c from 0.
    return yield* runShell(sh, (x) => x.runText(text, true, dialect ? 1 : 0))
  }
  const file = stdin ? undefined : rest[0]
  if (file !== undefined) {
    s.positional = rest.slice(1)
    return yield* runScriptFile(sh, file, name)
  }
  s.positional = stdin ? rest : []
  s.options.add('s')
  const terminal = !isErr(yield* sys.ioctl(0, 'TCGETS')) && !isErr(yield* sys.ioctl(2, 'TCGETS'))
  if (terminal) s.interactive = true
  return yield* runShell(sh, s.interactive ? interact : (x) => readScript(x))
}

/** Commands from standard input, each run as soon as it is complete: what follows may be read by the command itself. */
function* readScript(sh: Shell): Run<ExitCode> {
  let text = ''
  let line = 1
  for (;;) {
    const more = yield* readLine(sh.sys)
    text += more ?? ''
    if (more === undefined && text === '') return sh.s.status
    if (more !== undefined && !plainLines(text, sh.s.aliases, 1) && isIncomplete(sh, text)) continue
    const done = text
    text = ''
    yield* sh.runText(done, false, line)
    line += done.split('\n').length - 1
    if (more === undefined) return sh.s.status
  }
}
/** One line with its newline, byte by byte so that nothing beyond is taken. */
function* readLine(sys: Sys): Run<string | undefined> {
  const bytes: number[] = []
  for (;;) {
    const b = yield* sys.read(0, 1)
    if (b === EINTR) continue
    if (isErr(b) || b.length === 0) return bytes.length > 0 ? fromBytes(Uint8Array.from(bytes)) : undefined
    bytes.push(b[0] as number)
    if (b[0] === 10) return fromBytes(Uint8Array.from(bytes))
  }
}
/** Whether more lines are needed to make commands of a text. */
export function isIncomplete(sh: Shell, text: string): boolean {
  if (/(^|[^\\])(\\\\)*\\\n$/.test(text)) return true
  const reader = new ScriptReader(text, sh.s.aliases, 1, undefined, sh.s.dialect?.grammar)
  for (;;) {
    const node = reader.next()
    if (node === undefined) return reader.hereDocOpen
    if (node instanceof SyntaxProblem) return node.incomplete
  }
}

/** A conversation at a terminal. */
function* interact(sh: Shell): Run<ExitCode> {
  const { sys, s } = sh
  s.options.add('m')
  yield* sys.setpgid(0, 0)
  yield* sys.sigaction(SIGTTOU, 'ignore')
  yield* sys.ioctl(0, 'TIOCSPGRP', yield* sys.getpgid(0))
  yield* sys.sigaction(SIGINT, function* () {
    s.interrupted = true
  })
  for (const signal of [SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN]) yield* sys.sigaction(signal, 'ignore')
  let text = ''
  for (;;) {
    if (text === '') yield* announceJobs(sh)
    yield* sh.warn(yield* prompt(sh, text === '' ? 'PS1' : 'PS2'))
    s.interrupted = false
    const chunk = yield* sys.read(0, 65536)
    if (chunk === EINTR || s.interrupted) {
      text = ''
      s.status = 130
      yield* warn(sys, '\n')
      continue
    }
    if (isErr(chunk) || chunk.length === 0) {
      if (text !== '') {
        yield* sh.error('syntax error: unexpected end of file')
        text = ''
        s.status = 2
        continue
      }
      return s.status
    }
    text += fromBytes(chunk)
    if (!text.endsWith('\n') || (!plainLines(text, s.aliases, 1) && isIncomplete(sh, text))) continue
    const line = text
    text = ''
    try {
      if (line.trim() !== '') sys.traceMark('command', 'shell', line.trim())
      yield* sh.runText(line, false, dialectLine(s, line))
    } catch (leave) {
      if (!(leave instanceof Leave) || leave.kind === 'exit') throw leave
      if (leave.kind === 'abort') s.status = leave.count
      if (leave.kind === 'interrupt') {
        s.status = 130
        yield* warn(sys, '\n')
      }
    }
  }
}
/** The number of a typed line: dash counts them, others don't. */
function dialectLine(s: ShellState, text: string): number {
  const first = s.typed + 1
  s.typed += text.split('\n').length - 1
  return s.dialect ? first : s.line
}
/** PS1 with \w, \h, \u and \$. */
function* prompt(sh: Shell, which: 'PS1' | 'PS2'): Run<string> {
  const text = sh.s.get(which) ?? ''
  if (sh.s.dialect?.posix) return yield* sh.expander.text(text.replace(/\$(?=\s|$)/g, '\\$'))
  const host = (yield* sh.sys.uname()).nodename
  const { euid } = yield* sh.sys.getcred()
  const home = sh.s.get('HOME') ?? ''
  const cwd = sh.s.get('PWD') ?? ''
  const short =
    home !== '' && home !== '/' && (cwd === home || cwd.startsWith(`${home}/`)) ? `~${cwd.slice(home.length)}` : cwd
  const values: Record<string, string> = {
    w: short,
    W: short.split('/').at(-1) || '/',
    h: host.split('.')[0] ?? host,
    H: host,
    u: text.includes('\\u') ? ((yield* users(sh.sys)).find((u) => u.uid === euid)?.name ?? '?') : '',
    $: euid === 0 ? '#' : '$',
    n: '\n',
    '[': '',
    ']': '',
    e: '\x1b',
    '\\': '\\',
  }
  const drawn = text.replace(/\\(.)/g, (all, c: string) => values[c] ?? all)
  return drawn.includes('$') ? yield* sh.expander.text(drawn.replace(/\$(?=\s|$)/g, '\\$')) : drawn
}

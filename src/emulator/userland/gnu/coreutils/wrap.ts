/** busybox's programs under GNU's names: their complaints go through words.ts, options and --help are as GNU has them. */
import * as errors from '../../../base/errno.ts'
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { decode, print, warn } from '../../lib/io.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { words } from './words.ts'

/** Of each program: what follows its name in the Usage line, and what it is for. */
export interface About {
  readonly usage: string
  readonly purpose: string
}
export function* help(sys: Sys, name: string, about: About): Run<ExitCode> {
  yield* print(
    sys,
    `Usage: ${name} ${about.usage.replace(/\n/g, `\n  or:  ${name} `)}\n${about.purpose}\n\nGNU coreutils online help: <https://www.gnu.org/software/coreutils/>\nFull documentation <https://www.gnu.org/software/coreutils/${name}>\n`,
  )
  return 0
}
export function* version(sys: Sys, name: string): Run<ExitCode> {
  yield* print(
    sys,
    `${name} (GNU coreutils) 9.7\nCopyright (C) 2025 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\nThis is free software: you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n`,
  )
  return 0
}
const tryHelp = (name: string): string => `Try '${name} --help' for more information.\n`

/** One program's standard error: text comes in pieces, and goes on line by line in GNU's words. */
class Complaints {
  readonly name: string
  readonly operands: readonly string[]
  /** A usage text was begun: the rest of it is left out. */
  usage = false
  complained = false
  constructor(name: string, operands: readonly string[]) {
    this.name = name
    this.operands = operands
  }
  translate(text: string): string {
    if (text.startsWith('BusyBox v')) {
      const missing = this.complained ? '' : `${this.name}: ${this.#missing()}\n`
      this.usage = true
      return missing + tryHelp(this.name)
    }
    // A question isn't a line.
    if (!text.endsWith('\n')) return text
    return text
      .slice(0, -1)
      .split('\n')
      .map((l) => this.#line(l))
      .join('')
  }
  /** cp and mv name the one operand that they were given. */
  #missing(): string {
    const given = this.operands.filter((w) => !w.startsWith('-'))
    if ((this.name === 'cp' || this.name === 'mv') && given.length === 1)
      return `missing destination file operand after '${given[0]}'`
    return words[this.name]?.missing ?? 'missing operand'
  }
  #line(line: string): string {
    const front = `${this.name}: `
    if (!line.startsWith(front)) return `${line}\n`
    this.complained = true
    const said = line.slice(front.length)
    const option = /^unrecognized option: (.*)$/.exec(said)
    if (option) {
      const o = option[1] as string
      return `${front}${[...o].length > 1 ? `unrecognized option '--${o}'` : `invalid option -- '${o}'`}\n`
    }
    const value = /^option requires an argument: (.*)$/.exec(said)
    if (value) return `${front}option requires an argument -- '${value[1]}'\n`
    for (const [pattern, gnu] of words[this.name]?.rules ?? []) {
      const m = pattern.exec(said)
      if (!m) continue
      const text =
        typeof gnu === 'string'
          ? gnu.replace(/\$<(\w+)>/g, (_, k: string) => m.groups?.[k] ?? '')
          : gnu(
              m,
              this.name === 'cp' || this.name === 'mv'
                ? this.operands.filter((w) => !w.startsWith('-'))
                : this.operands,
            )
      if (text === '') return ''
      return text.endsWith('\n~')
        ? `${front}${text.slice(0, -1)}${tryHelp(this.name)}`
        : `${glibcWords(`${front}${text}`)}\n`
    }
    return `${glibcWords(line)}\n`
  }
}

/** musl's text for an error at the end of a line, in glibc's words. */
function glibcWords(line: string): string {
  const at = line.lastIndexOf(': ')
  const error = Object.values(errors).find((e) => e instanceof errors.Errno && strerror(e) === line.slice(at + 2))
  return at >= 0 && error instanceof errors.Errno ? `${line.slice(0, at)}: ${error.text}` : line
}

/** The same process's calls with another write(2). */
export const withWrite = (sys: Sys, write: Sys['write']): Sys => Object.create(sys, { write: { value: write } }) as Sys

/** A busybox program as GNU's. `before` may refuse the command line: then its exit status is answered. */
export function gnuOf(
  applet: Applet,
  about: About,
  before?: (sys: Sys, args: readonly string[]) => Run<ExitCode | undefined>,
): Program {
  const { name } = applet
  return function* (sys, argv) {
    const args = argv.slice(1)
    if (args.includes('--help')) return yield* help(sys, name, about)
    if (args.includes('--version')) return yield* version(sys, name)
    const refused = before ? yield* before(sys, args) : undefined
    if (refused !== undefined) return refused
    const complaints = new Complaints(name, args)
    const inner = withWrite(sys, function* (fd, bytes) {
      if (fd !== 2) return yield* sys.write(fd, bytes)
      if (complaints.usage) return bytes.length
      yield* warn(sys, complaints.translate(decode(bytes)))
      return bytes.length
    })
    const status = yield* applet.run(inner, [name, ...args.filter((a) => !/^--(no-)?preserve-root$/.test(a))])
    if (complaints.usage) return words[name]?.usageStatus ?? 1
    return complaints.complained && status === 1 ? (words[name]?.failure ?? 1) : status
  }
}
/** Whether the last of several operands isn't a directory, said as cp, mv and ln do. */
export function* targetMissing(sys: Sys, name: string, args: readonly string[]): Run<ExitCode | undefined> {
  if (args.some((a) => a === '-t' || a.startsWith('--target') || a === '-T')) return undefined
  const operands = args.filter((a) => !a.startsWith('-'))
  if (operands.length < 3) return undefined
  const last = operands.at(-1) as string
  const s = yield* sys.stat(last)
  if (!isErr(s) && isDir(s.mode)) return undefined
  yield* warn(sys, `${name}: target '${last}': ${isErr(s) ? s.text : 'Not a directory'}\n`)
  return 1
}
/** `rm -r /` is refused, unless --no-preserve-root says that it is meant. */
export function* preserveRoot(sys: Sys, args: readonly string[]): Run<ExitCode | undefined> {
  const recursive = args.some((a) => /^-[a-zA-Z]*[rR]/.test(a) || a === '--recursive')
  if (!recursive || args.includes('--no-preserve-root') || !args.some((a) => /^\/+$/.test(a))) return undefined
  yield* warn(
    sys,
    "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n",
  )
  return 1
}

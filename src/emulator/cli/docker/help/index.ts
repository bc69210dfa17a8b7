/** docker --help, docker help, docker GROUP and docker COMMAND --help, as docker 28 prints them. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { print, warn } from '../../../userland/lib/io.ts'
import { flagsOf, Given, parseFlags } from '../../flags.ts'
import { flagLines } from '../../helptext.ts'
import { variable } from '../context.ts'
import { globals } from '../index.ts'
import { knownShapes, knownTexts } from '../known/texts.ts'
import { moreShapes } from '../more/shapes.ts'
import { type Shape, shapes } from '../shapes.ts'
import { groups, membersOf, type Resolved, resolve } from '../words.ts'
import { complete } from './complete.ts'
import { globalTexts, groupTexts, otherTexts } from './groups.ts'
import { formatTexts, texts } from './texts.ts'

/** One line on a command, where its own help begins with another. */
const listed: Readonly<Record<string, string>> = {
  login: 'Authenticate to a registry',
  logout: 'Log out from a registry',
  'volume rm': 'Remove one or more volumes',
}
const shortOf = (command: string): string =>
  listed[command] ?? texts[command]?.short.split('\n')[0] ?? otherTexts[command] ?? ''

/** The width that pflag wraps at: the terminal's, else 80; one column stays free. */
function* width(sys: Sys): Run<number> {
  const size = yield* sys.ioctl<{ readonly columns: number }>(0, 'TIOCGWINSZ')
  return (isErr(size) || size.columns === 0 ? 80 : size.columns) - 1
}
function commandHelp(found: Resolved & { readonly kind: 'command' }, shape: Shape, columns: number): string {
  const text = texts[found.name] ?? knownTexts[found.name]
  const lines = (text?.flags ?? '').split('\n').map((l) => formatTexts[l] ?? l.replace(/\v/g, '\n'))
  const options = flagLines(flagsOf(shape[3]), lines, columns)
  const aliases = text?.aliases ? `\nAliases:\n  ${text.aliases}\n` : ''
  // The whole group is an experiment, and each of its commands says so.
  const experiment = found.name.startsWith('manifest ')
    ? `\n${(groupTexts.manifest ?? '').replace(/^[\s\S]*(?=EXPERIMENTAL:)/, '').replace('docker manifest is', `${found.spelled} is`)}\n`
    : ''
  return `Usage:  ${found.spelled}${shape[0].slice(found.name.length)}\n\n${text?.short ?? ''}\n${experiment}${aliases}${options ? `\nOptions:\n${options}` : ''}`
}
const rows = (list: readonly (readonly [string, string])[]): string => {
  const column = Math.max(11, ...list.map(([n]) => n.length))
  return list.map(([n, text]) => `  ${n.padEnd(column)} ${text}\n`).join('')
}
function groupHelp(name: string): string {
  // Commands for a swarm's manager don't show where there is no swarm.
  const list = membersOf(name)
    .filter((m) => m.command !== 'volume update')
    .map((m) => [m.names[0] as string, shortOf(m.command)] as const)
  return `Usage:  docker ${name} COMMAND\n\n${groupTexts[name] ?? ''}\n\nCommands:\n${rows(list)}\nRun 'docker ${name} COMMAND --help' for more information on a command.\n`
}
const common = 'run exec ps build pull push images login logout search version info'.split(' ')
const others =
  'attach commit cp create diff events export history import inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause update wait'.split(
    ' ',
  )
/** Plug-ins are marked by a star; of the swarm's commands only `swarm` shows where there is none. */
const management = 'builder buildx* compose* container context image manifest network plugin system volume'.split(' ')
const plugins: Readonly<Record<string, string>> = { 'buildx*': 'Docker Buildx', 'compose*': 'Docker Compose' }
function wholeHelp(home: string, columns: number): string {
  const of = (names: readonly string[]): string =>
    rows(
      names.map(
        (n) => [n, plugins[n] ?? (groups[n] ? (groupTexts[n] ?? '').split('\n')[0] : shortOf(n)) ?? ''] as const,
      ),
    )
  const manifest = 'Manage Docker image manifests and manifest lists'
  return `Usage:  docker [OPTIONS] COMMAND

A self-sufficient runtime for containers

Common Commands:
${of(common)}
Management Commands:
${of(management).replace(/^( {2}manifest +).*$/m, `$1${manifest}`)}
Swarm Commands:
${of(['swarm'])}
Commands:
${of(others)}
Global Options:
${flagLines(flagsOf(globals), globalTexts(home), columns)}
Run 'docker COMMAND --help' for more information on a command.

For more help on how to use Docker, head to https://docs.docker.com/go/guides/
`
}

export const dockerHelp: Program = function* (sys, argv) {
  const parsed = parseFlags(flagsOf(globals), argv.slice(1), true)
  const given = new Given(parsed === 'help' || 'error' in parsed ? { values: new Map(), args: [] } : parsed)
  if (given.args[0]?.startsWith('__complete'))
    return yield* complete(sys, given.args.slice(1), given.args[0] === '__complete')
  const words = given.args[0] === 'help' ? given.args.slice(1) : given.args
  if (argv.some((a) => /^-[a-z]*h$/.test(a)) && !argv.includes('--help'))
    yield* print(sys, 'Flag shorthand -h has been deprecated, use --help\n')
  const columns = yield* width(sys)
  const home = variable(sys, 'HOME') ?? '/root'
  if (words.length === 0) {
    // Without a word it is a complaint.
    yield* (argv.length > 1 ? print : warn)(sys, wholeHelp(home, columns))
    return 0
  }
  const found = resolve(words)
  if (found.kind === 'group') {
    const asked = found.asked || given.args[0] === 'help'
    yield* (asked ? print : warn)(sys, (found.name === 'manifest' && !asked ? '\n' : '') + groupHelp(found.name))
    return 0
  }
  if (found.kind === 'unknown') {
    yield* warn(sys, `unknown help topic: ${words.at(-1)}\n`)
    return 1
  }
  // `docker help` takes the words of a command and no more.
  if (given.args[0] === 'help' && found.rest.length > 0) {
    yield* warn(sys, `unknown help topic: ${found.rest.at(-1)}\n`)
    return 1
  }
  const shape = shapes[found.name] ?? moreShapes[found.name] ?? knownShapes[found.name]
  if (shape) {
    yield* print(sys, commandHelp(found, shape, columns))
    return 0
  }
  yield* warn(sys, `zukan: not emulated: ${found.spelled} --help\n`)
  return 1
}

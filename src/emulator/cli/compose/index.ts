/** docker compose: finds the command, loads the project, has it done. Loaded when it is first typed. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { CliError, Client } from '../docker/api.ts'
import { endpoint } from '../docker/context.ts'
import { checkValue } from '../docker/values.ts'
import { countComplaint, flagsOf, Given, parseFlags } from '../flags.ts'
import { flagLines } from '../helptext.ts'
import { type ComposeCommand, projects, commands as simple } from './commands.ts'
import { extraCommands } from './extra.ts'
import { load } from './load.ts'
import { VERSION } from './model.ts'
import { Progress } from './progress.ts'
import { create, down, exec, run, up } from './run.ts'
import { type ComposeShape, globals, others, shapes } from './shapes.ts'

const commands: Readonly<Record<string, ComposeCommand>> = { ...simple, ...extraCommands, create, down, exec, run, up }
const columnOf = (lines: string): string =>
  lines
    .split('\n')
    .map((l) => l.split('|')[0])
    .join(' ')
const textsOf = (lines: string): string[] =>
  lines.split('\n').map((l) => l.slice(l.indexOf('|') + 1).replace(/\v/g, '\n'))

function commandHelp(s: ComposeShape): string {
  const options = s.flags === '' ? '' : flagLines(flagsOf(columnOf(s.flags)), textsOf(s.flags))
  return `Usage:  docker compose ${s.usage}\n\n${s.short}\n${options ? `\nOptions:\n${options}` : ''}`
}
function wholeHelp(): string {
  const rows = Object.entries(shapes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([n, s]) => `  ${n.padEnd(11)} ${s.short}\n`)
    .join('')
  return `Usage:  docker compose [OPTIONS] COMMAND\n\nDefine and run multi-container applications with Docker\n\nOptions:\n${flagLines(flagsOf(columnOf(globals)), textsOf(globals))}\nCommands:\n${rows}\nRun 'docker compose COMMAND --help' for more information on a command.\n`
}
/** The words of `docker compose ...`: docker's own flags before `compose` are taken off. */
function split(argv: readonly string[]): { readonly docker: readonly string[]; readonly words: readonly string[] } {
  const at = argv.indexOf('compose')
  return { docker: argv.slice(1, at), words: argv.slice(at + 1) }
}
function* version(sys: Sys, g: Given): Run<number> {
  if (g.has('short')) yield* print(sys, `${VERSION}\n`)
  else if (g.value('format') === 'json') yield* print(sys, `${JSON.stringify({ version: `v${VERSION}` })}\n`)
  else yield* print(sys, `Docker Compose version v${VERSION}\n`)
  return 0
}

export const compose: Program = function* (sys, argv) {
  const { docker, words } = split(argv)
  const top = parseFlags(flagsOf(columnOf(globals)), words, true, (f, v) => checkValue(f.type, v))
  if (top === 'help' || (!('error' in top) && top.args.length === 0 && !top.values.has('version'))) {
    yield* print(sys, wholeHelp())
    return 0
  }
  if ('error' in top) {
    yield* warn(
      sys,
      `${top.error}\n\nUsage:  docker compose [OPTIONS] COMMAND\n\nRun 'docker compose --help' for more information\n`,
    )
    return 1
  }
  const g = new Given(top)
  if (g.has('version')) return yield* version(sys, g)
  for (const flag of ['dry-run', 'compatibility', 'all-resources', 'parallel'])
    if (g.parsed.values.has(flag)) {
      yield* warn(sys, `zukan: not emulated: docker compose --${flag}\n`)
      return 1
    }
  const [name = '', ...rest] = top.args
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
  if (name === 'help' || !shape) {
    if (name === 'help') {
      const asked = Object.hasOwn(shapes, rest[0] ?? '') ? shapes[rest[0] as string] : undefined
      yield* print(sys, asked ? commandHelp(asked) : wholeHelp())
      return 0
    }
    if (others.includes(name)) yield* warn(sys, `zukan: not emulated: docker compose ${name}\n`)
    else
      yield* warn(
        sys,
        `unknown docker command: "compose ${name}"\n\nUsage:  docker compose [OPTIONS] COMMAND\n\nRun 'docker compose --help' for more information\n`,
      )
    return 1
  }
  const parsed = parseFlags(flagsOf(columnOf(shape.flags)), rest, shape.operandsFirst ?? false, (f, v) =>
    checkValue(f.type, v),
  )
  if (parsed === 'help') {
    yield* print(sys, commandHelp(shape))
    return 0
  }
  const complaint = 'error' in parsed ? parsed.error : countComplaint(parsed.args.length, shape.least, shape.most)
  if (complaint !== undefined || 'error' in parsed) {
    const said = 'error' in parsed ? complaint : `'docker compose ${name}' ${complaint}`
    yield* warn(
      sys,
      `${said}\n\nUsage:  docker compose ${shape.usage}\n\nRun 'docker compose ${name} --help' for more information\n`,
    )
    return 1
  }
  try {
    if (name === 'version') return yield* version(sys, new Given(parsed))
    const outer = parseFlags(
      flagsOf('H,host:string c,context:string config:string D,debug l,log-level:string'),
      docker,
      true,
    )
    const own = new Given(outer === 'help' || 'error' in outer ? { values: new Map(), args: [] } : outer)
    const at = yield* endpoint(sys, {
      host: own.value('host'),
      context: own.value('context'),
      config: own.value('config'),
    })
    const client = new Client(sys, at.host, at.context)
    const given = new Given(parsed)
    if (name === 'ls') return yield* projects(sys, client, given)
    const project = yield* load(sys, {
      files: g.all('file'),
      name: g.value('project-name'),
      directory: g.value('project-directory'),
      profiles: g.all('profile'),
      envFiles: g.all('env-file'),
      interpolate: !given.has('no-interpolate'),
    })
    const wanted = given.has('quiet-pull') ? 'quiet' : (g.value('progress') ?? 'auto')
    const progress = yield* Progress.open(sys, name, wanted)
    return yield* (commands[name] as ComposeCommand)({ sys, client, project, progress }, given)
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    if (e.message !== '') yield* warn(sys, `${e.message}\n`)
    return e.code
  }
}
/** docker-compose: the first Compose's name. It is gone; what is typed after it is told in today's words. */
export const dockerCompose: Program = function* (sys, argv) {
  const words = argv.slice(1).join(' ')
  yield* warn(
    sys,
    `docker-compose: Compose v1 got its last update in July 2023 and isn't installed here.\nType it with a blank instead of the hyphen: docker compose${words === '' ? '' : ` ${words}`}\n`,
  )
  return 127
}

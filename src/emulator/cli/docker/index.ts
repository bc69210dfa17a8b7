/** docker: finds the command, reads its flags, and has it done. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { commandHelp, hint, parseFlags } from '../flags.ts'
import { CliError, Client } from './api.ts'
import { type Command, commands } from './commands.ts'
import { Given } from './run.ts'
import { tables } from './tables.ts'

/** Groups of commands and the old spellings behind their new ones. */
export const groups: Readonly<
  Record<string, { readonly short: string; readonly members: Readonly<Record<string, string>> }>
> = {
  container: {
    short: 'Manage containers',
    members: Object.fromEntries(
      'attach commit cp create diff exec export kill logs pause port rename restart rm run start stats stop top unpause update wait'
        .split(' ')
        .map((n) => [n, n])
        .concat([
          ['inspect', 'container inspect'],
          ['ls', 'ps'],
          ['list', 'ps'],
          ['ps', 'ps'],
          ['prune', 'container prune'],
        ]),
    ),
  },
  image: {
    short: 'Manage images',
    members: {
      build: 'build',
      history: 'history',
      import: 'import',
      inspect: 'image inspect',
      load: 'load',
      ls: 'images',
      prune: 'image prune',
      pull: 'pull',
      push: 'push',
      rm: 'rmi',
      save: 'save',
      tag: 'tag',
    },
  },
  network: {
    short: 'Manage networks',
    members: Object.fromEntries(
      'connect create disconnect inspect ls prune rm'.split(' ').map((n) => [n, `network ${n}`]),
    ),
  },
  volume: {
    short: 'Manage volumes',
    members: Object.fromEntries('create inspect ls prune rm'.split(' ').map((n) => [n, `volume ${n}`])),
  },
  manifest: { short: 'Manage Docker image manifests and manifest lists', members: { inspect: 'manifest inspect' } },
  buildx: { short: 'Extended build capabilities with BuildKit', members: { build: 'build' } },
  system: {
    short: 'Manage Docker',
    members: { df: 'system df', events: 'events', info: 'info', prune: 'system prune' },
  },
}
const missing = new Set([
  'builder',
  'checkpoint',
  'compose',
  'context',
  'plugin',
  'trust',
  'config',
  'node',
  'secret',
  'service',
  'stack',
  'swarm',
  'init',
  'scout',
])
const shorts: Readonly<Record<string, string>> = {
  import: 'Import the contents from a tarball to create a filesystem image',
  'image ls': 'List images',
  'volume rm': 'Remove one or more volumes',
}

/** What may follow `docker`, for completion. */
export const dockerWords: readonly string[] = [
  ...new Set([...Object.keys(tables).filter((n) => !n.includes(' ')), ...Object.keys(groups)]),
].sort()

/** How many operands a command takes: at least, at most. */
const counts: Readonly<Record<string, readonly [number, number]>> = {
  run: [1, Infinity],
  create: [1, Infinity],
  exec: [2, Infinity],
  ps: [0, 0],
  images: [0, 1],
  pull: [1, 1],
  push: [1, 1],
  logs: [1, 1],
  attach: [1, 1],
  tag: [2, 2],
  rename: [2, 2],
  top: [1, Infinity],
  port: [1, 2],
  version: [0, 0],
  info: [0, 0],
  history: [1, 1],
  events: [0, 0],
  stats: [0, Infinity],
  'network ls': [0, 0],
  'network create': [1, 1],
  'network connect': [2, 2],
  'network disconnect': [2, 2],
  'network prune': [0, 0],
  'volume ls': [0, 0],
  'volume create': [0, 1],
  'volume prune': [0, 0],
  'container prune': [0, 0],
  'image prune': [0, 0],
  'system df': [0, 0],
  'system prune': [0, 0],
  diff: [1, 1],
  cp: [2, 2],
  commit: [1, 2],
  build: [1, 1],
  export: [1, 1],
  save: [1, Infinity],
  load: [0, 0],
  login: [0, 1],
  logout: [0, 1],
  search: [1, 1],
  import: [1, 2],
  'manifest inspect': [1, 2],
}
const operandsFirst = new Set(['run', 'create', 'exec', 'top'])

function groupHelp(name: string): string {
  const g = groups[name] as (typeof groups)[string]
  const rows = Object.entries(g.members)
    .filter(([n]) => n !== 'list' && n !== 'ps')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `Usage:  docker ${name} COMMAND\n\n${g.short}\n\nCommands:\n${rows.map(([n, target]) => `  ${n.padEnd(Math.max(11, ...rows.map(([x]) => x.length)))} ${shorts[target] ?? tables[target]?.short ?? ''}\n`).join('')}\nRun 'docker ${name} COMMAND --help' for more information on a command.\n`
}
function wholeHelp(): string {
  const line = (n: string): string => `  ${n.padEnd(11)} ${tables[n]?.short ?? ''}\n`
  return `Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\nCommon Commands:\n${['run', 'exec', 'ps', 'build', 'pull', 'push', 'images', 'login', 'logout', 'search', 'version', 'info'].map(line).join('')}\nManagement Commands:\n${Object.entries(
    groups,
  )
    .map(([n, g]) => `  ${n.padEnd(11)} ${g.short}\n`)
    .join(
      '',
    )}\nCommands:\n${'attach commit cp create diff events export history inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause update wait'.split(' ').map(line).join('')}\nGlobal Options:\n  -H, --host string        Daemon socket to connect to\n  -v, --version            Print version information and quit\n\nRun 'docker COMMAND --help' for more information on a command.\n\nFor more help on how to use Docker, head to https://docs.docker.com/go/guides/\n`
}

/** Commands that are carried out elsewhere, by the part's name. */
const partOf: Readonly<Record<string, string>> = {
  build: 'docker/build',
  ...Object.fromEntries(
    ['save', 'load', 'import', 'export', 'commit', 'diff', 'cp', 'push', 'login', 'logout', 'manifest inspect'].map(
      (n) => [n, 'docker/images'],
    ),
  ),
}

/** Runs the docker command with a set of commands. */
export function* runDocker(sys: Sys, argv: readonly string[], own: Readonly<Record<string, Command>>): Run<number> {
  const words = argv.slice(1)
  let host =
    sys
      .environ()
      .find((e) => e.startsWith('DOCKER_HOST='))
      ?.slice(12) ||
    ((yield* sys.uname()).sysname === 'Windows_NT' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock')
  while (words[0]?.startsWith('-')) {
    const w = words.shift() as string
    if (w === '-H' || w === '--host') host = words.shift() ?? host
    else if (w.startsWith('--host=')) host = w.slice(7)
    else if (w === '--version' || w === '-v') {
      yield* print(sys, 'Docker version 29.7.2, build 6a43e3d\n')
      return 0
    } else if (w === '--help' || w === '-h') {
      yield* print(sys, wholeHelp())
      return 0
    } else {
      yield* warn(
        sys,
        `unknown flag: ${w}\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n`,
      )
      return 125
    }
  }
  let name = words.shift()
  if (name === undefined || name === 'help') {
    yield* print(sys, wholeHelp())
    return 0
  }
  let spelled = `docker ${name}`
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined
  if (group) {
    const sub = words[0]
    if (sub === undefined || sub === '--help') {
      yield* (sub === undefined ? warn : print)(sys, groupHelp(name))
      return 0
    }
    const target = Object.hasOwn(group.members, sub) ? group.members[sub] : undefined
    if (target === undefined) {
      yield* warn(
        sys,
        `docker: unknown command: docker ${name} ${sub}\n\nUsage:  docker ${name}\n\nRun 'docker ${name} --help' for more information\n`,
      )
      return 1
    }
    words.shift()
    spelled = `docker ${name} ${sub}`
    name = target
  }
  const table = Object.hasOwn(tables, name) ? tables[name] : undefined
  if (!table) {
    if (missing.has(name)) {
      yield* warn(sys, `zukan: not emulated: docker ${name}\n`)
      return 1
    }
    yield* warn(sys, `docker: unknown command: docker ${name}\n\nRun 'docker --help' for more information\n`)
    return 1
  }
  const parsed = parseFlags(table, words, operandsFirst.has(name))
  if (parsed === 'help') {
    yield* print(sys, commandHelp(table))
    return 0
  }
  if ('error' in parsed) {
    yield* warn(sys, `${parsed.error}\n\nUsage:  ${table.usage}${hint(spelled)}\n`)
    return 125
  }
  const [least, most] = counts[name] ?? [1, Infinity]
  const n = parsed.args.length
  if (n < least || n > most) {
    const plural = (k: number): string => `${k} argument${k === 1 ? '' : 's'}`
    const what =
      most === 0
        ? 'accepts no arguments'
        : least === most
          ? `requires ${plural(least)}`
          : n < least
            ? `requires at least ${plural(least)}`
            : `requires at most ${plural(most)}`
    yield* warn(
      sys,
      `docker: '${spelled}' ${what}\n\nUsage:  ${table.usage}\n\n${least !== most && most !== 0 ? 'See' : 'Run'} '${spelled} --help' for more information\n`,
    )
    return 1
  }
  const command = Object.hasOwn(own, name) ? own[name] : undefined
  const part = Object.hasOwn(partOf, name) ? partOf[name] : undefined
  if (!command && part !== undefined) return yield* (yield* sys.part(part))(sys, argv)
  if (!command) {
    yield* warn(sys, `zukan: not emulated: ${spelled}\n`)
    return 1
  }
  try {
    return yield* command(sys, new Client(sys, host), new Given(parsed))
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    const running = name === 'run' || name === 'create'
    if (e.message.startsWith('zukan:')) yield* warn(sys, `${e.message}\n`)
    else yield* warn(sys, running ? `docker: ${e.message}${hint(spelled)}\n` : `${e.message}\n`)
    return running && e.code === 1 ? 125 : e.code
  }
}
export const docker: Program = (sys, argv) => runDocker(sys, argv, commands)

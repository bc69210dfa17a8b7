/** docker: its global flags, and the way to the command. What a first lesson types is here; other commands are parts that come when asked for. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { flagsOf, Given, parseFlags } from '../flags.ts'
import { CliError, Client } from './api.ts'
import { endpoint, variable } from './context.ts'
import { core } from './core.ts'
import { type Command, invoke } from './invoke.ts'
import { type Shape, shapes } from './shapes.ts'
import { type Resolved, resolve } from './words.ts'

export const globals =
  'config:string c,context:string D,debug H,host:list l,log-level:string tls tlscacert:string tlscert:string tlskey:string tlsverify v,version'
/** Commands of other parts, by the part's name; docker/known has those that nobody names. */
const partOf: Readonly<Record<string, string>> = {
  build: 'docker/build',
  compose: 'compose',
  'builder prune': 'docker/build',
  ...Object.fromEntries(
    ['save', 'load', 'import', 'export', 'commit', 'diff', 'cp', 'push', 'login', 'logout', 'manifest inspect'].map(
      (name) => [name, 'docker/images'],
    ),
  ),
  ...Object.fromEntries(
    'attach wait top port rename pause unpause update history tag version info stats events|network connect|network create|network disconnect|network inspect|network ls|network prune|network rm|volume create|volume inspect|volume ls|volume prune|volume rm|image inspect|image prune|container inspect|container prune|system df|system prune|context create|context inspect|context ls|context rm|context show|context update|context use'
      .split('|')
      .flatMap((s, i) => (i === 0 ? s.split(' ') : [s]))
      .map((name) => [name, 'docker/more']),
  ),
}

/** Reads what stands before the command. Undefined where all is said. */
function* globalFlags(
  sys: Sys,
  argv: readonly string[],
): Run<{ readonly given: Given; readonly words: readonly string[] } | number> {
  const parsed = parseFlags(flagsOf(globals), argv.slice(1), true)
  if (parsed === 'help') return yield* (yield* sys.part('docker/help'))(sys, argv)
  if ('error' in parsed) {
    yield* warn(
      sys,
      `${parsed.error}\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n`,
    )
    return 125
  }
  const given = new Given(parsed)
  // Before a command it says nothing.
  if (given.has('version') && parsed.args.length === 0) {
    yield* print(sys, 'Docker version 29.7.2, build 6a43e3d\n')
    return 0
  }
  return { given, words: parsed.args }
}
/** Whether one of the files that --tls and --tlsverify ask for isn't there; says which. */
function* uncertified(sys: Sys, given: Given): Run<boolean> {
  const dir =
    variable(sys, 'DOCKER_CERT_PATH') ?? given.value('config') ?? `${variable(sys, 'HOME') ?? '/root'}/.docker`
  for (const name of ['ca', 'cert', 'key']) {
    const path = given.value(`tls${name === 'ca' ? 'cacert' : name}`) ?? `${dir}/${name}.pem`
    if (!isErr(yield* sys.stat(path))) continue
    yield* warn(
      sys,
      `Failed to initialize: unable to resolve docker endpoint: open ${path}: no such file or directory\n`,
    )
    return true
  }
  return false
}
/** What a line says on a command that there isn't: the flags after it are read as those of the group, and one may be wrong. */
function unknownCommand(words: readonly string[], found: Resolved & { readonly kind: 'unknown' }): [string, number] {
  const of = found.group === undefined ? 'docker' : `docker ${found.group}`
  const see = `Run '${of} --help' for more information\n`
  const flags = parseFlags(flagsOf(found.group === undefined ? globals : ''), words.slice(1), false)
  const form = found.group === undefined ? ' [OPTIONS] COMMAND [ARG...]' : (usageOfGroup[found.group] ?? '')
  if (typeof flags === 'object' && 'error' in flags) return [`${flags.error}\n\nUsage:  ${of}${form}\n\n${see}`, 125]
  const usage = found.group === undefined ? '' : `Usage:  ${of}${form}\n\n`
  return [`docker: unknown command: ${found.spelled}\n\n${usage}${see}`, 1]
}
/** The forms of groups that aren't bare. */
const usageOfGroup: Readonly<Record<string, string>> = {
  manifest: ' COMMAND',
  stack: ' [OPTIONS]',
  volume: ' COMMAND',
}
/** Runs a command that was found, with the client that the global flags ask for. */
function* run(
  sys: Sys,
  argv: readonly string[],
  given: Given,
  found: Resolved & { readonly kind: 'command' },
  shape: Shape,
  command: Command,
): Run<number> {
  const host = given.value('host')
  const context = given.value('context')
  if (host !== undefined && context !== undefined) {
    yield* warn(sys, 'conflicting options: cannot specify both --host and --context\n')
    return 1
  }
  if (given.all('host').length > 1) {
    yield* warn(sys, 'Failed to initialize: unable to resolve docker endpoint: Specify only one -H\n')
    return 1
  }
  if ((given.has('tls') || given.has('tlsverify')) && (yield* uncertified(sys, given))) return 1
  let chosen: { readonly context: string; readonly host: string }
  try {
    chosen = yield* endpoint(sys, { host, context, config: given.value('config') })
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    // These manage contexts, and work without a right one.
    if (!found.name.startsWith('context ')) {
      yield* warn(sys, `Failed to initialize: unable to resolve docker endpoint: ${e.message}\n`)
      return 1
    }
    chosen = { context: context ?? '', host: '' }
  }
  return yield* invoke(sys, new Client(sys, chosen.host, chosen.context), found, shape, command, argv)
}

/** Runs the docker command with a set of commands and their shapes; what neither they nor a part has isn't emulated. */
export function* runDocker(
  sys: Sys,
  argv: readonly string[],
  own: Readonly<Record<string, Command>>,
  ownShapes: Readonly<Record<string, Shape>>,
): Run<number> {
  const start = yield* globalFlags(sys, argv)
  if (typeof start === 'number') return start
  const { given, words } = start
  const level = given.value('log-level')
  if (level !== undefined && !/^(panic|fatal|error|warn|warning|info|debug|trace)$/i.test(level)) {
    yield* warn(sys, `Unable to parse logging level: ${level}\n`)
    return 1
  }
  if (words.length === 0 || words[0] === 'help' || words[0]?.startsWith('__complete'))
    return yield* (yield* sys.part('docker/help'))(sys, argv)
  const found = resolve(words)
  if (found.kind === 'group') return yield* (yield* sys.part('docker/help'))(sys, argv)
  if (found.kind === 'unknown') {
    const [text, code] = unknownCommand(words, found)
    yield* warn(sys, text)
    return code
  }
  const { name } = found
  const shape = Object.hasOwn(ownShapes, name) ? ownShapes[name] : undefined
  const command = Object.hasOwn(own, name) ? own[name] : undefined
  if (shape && command) return yield* run(sys, argv, given, found, shape, command)
  const part = Object.hasOwn(partOf, name) ? partOf[name] : 'docker/known'
  // The last part has no command of the name either where nothing is known of it.
  if (part !== undefined && !command && !Object.hasOwn(own, 'service create'))
    return yield* (yield* sys.part(part))(sys, argv)
  if (found.rest.includes('--help')) return yield* (yield* sys.part('docker/help'))(sys, argv)
  yield* warn(sys, `zukan: not emulated: ${found.spelled}\n`)
  return 1
}
/** What the command takes before it does anything, nanoseconds: it is a large program (measured: `docker --version`, client 28.2). */
const START_TIME = 12_000_000

export const docker: Program = function* (sys, argv) {
  yield* sys.compute(START_TIME)
  return yield* runDocker(sys, argv, core, shapes)
}

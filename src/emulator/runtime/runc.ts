/** runc: the command line over create, start and the rest; runc(8). What a shim needs is here, the rest in more.ts. */
import type { ExitCode, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'
import { type Command, carryOut, creating, creatingSwitches, end, Failure, need, openGate, remove } from './command.ts'
import { create } from './create.ts'
import { writeFile } from './files.ts'
import { type Flavour, runcFlavour } from './flavour.ts'
import { load, statusOf } from './state.ts'

export { makeDirs } from './files.ts'

/** create, start and delete: what an engine asks for. */
export const coreCommands: Readonly<Record<string, Command>> = {
  create: {
    takes: creating,
    switches: creatingSwitches,
    least: 1,
    most: 1,
    *run({ sys, o, args }) {
      const failed = yield* create(sys, args[0] as string, o)
      if (failed !== undefined) throw new Failure(`runc create failed: ${failed}`)
      return 0
    },
  },
  start: {
    least: 1,
    most: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      if (status === 'stopped') throw new Failure('cannot start a container that has stopped')
      if (status !== 'created') throw new Failure('cannot start an already running container')
      const failed = yield* openGate(c.sys, c.o, s)
      if (failed !== undefined) {
        yield* end(c.sys, c.o, s)
        throw new Failure(failed)
      }
      return 0
    },
  },
  delete: {
    switches: ['force,f'],
    least: 1,
    most: 1,
    *run(c) {
      const force = c.flags.has('force')
      const s = yield* load(c.sys, c.o, c.args[0] as string)
      if (!s) {
        if (force) return 0
        throw new Failure(c.o.flavour.words.unknown(c.args[0] as string, c.o.root))
      }
      const status = yield* statusOf(c.sys, c.o, s)
      if (status !== 'stopped') {
        if (!force && status !== 'created')
          throw new Failure(`cannot delete container ${s.id} that is not stopped: ${status}`)
        yield* end(c.sys, c.o, s)
      }
      yield* remove(c.sys, c.o, s)
      return 0
    },
  },
}

/** A command line that was taken apart, or what is wrong with it. */
interface Parsed {
  readonly values: Map<string, string>
  readonly lists: Map<string, string[]>
  readonly flags: Set<string>
  readonly unknown?: string
}
/** Takes options off the front of `args`: -x, --x, --x=y, --x y, as Go's flag package does. */
export function parseOptions(args: string[], command: Pick<Command, 'takes' | 'switches'>): Parsed {
  const values = new Map<string, string>()
  const lists = new Map<string, string[]>()
  const flags = new Set<string>()
  const find = (list: readonly string[] | undefined, name: string): string | undefined =>
    list?.find((x) => x.split(',').includes(name))?.split(',')[0]
  while (args[0]?.startsWith('-') && args[0] !== '-') {
    const word = args.shift() as string
    if (word === '--') break
    const [, name = '', attached] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? []
    const taking = find(command.takes, name)
    const on = find(command.switches, name)
    if (taking !== undefined) {
      const value = attached ?? args.shift()
      if (value === undefined) return { values, lists, flags, unknown: `flag needs an argument: -${name}` }
      values.set(taking, value)
      lists.set(taking, [...(lists.get(taking) ?? []), value])
    } else if (on !== undefined) {
      if (attached !== 'false') flags.add(on)
    } else return { values, lists, flags, unknown: `flag provided but not defined: -${name}` }
  }
  return { values, lists, flags }
}
const globals: Pick<Command, 'takes' | 'switches'> = {
  takes: ['root', 'log', 'log-format', 'criu', 'rootless'],
  switches: ['debug', 'systemd-cgroup', 'help,h', 'version,v'],
}
/** What answers lines that the given commands don't: help, wrong usage, other commands. */
export type Elsewhere = (sys: Sys, argv: readonly string[], why: Wrong) => Run<ExitCode>
export interface Wrong {
  readonly command?: string
  readonly kind: 'help' | 'version' | 'options' | 'command' | 'operands'
  readonly text?: string
  /** Writes a message as the runtime logs it; answers the exit status. */
  readonly fail: (message: string, code?: ExitCode) => Run<ExitCode>
}

/** Runs a command line of runc's form. */
export function* runRunc(
  sys: Sys,
  argv: readonly string[],
  flavour: Flavour,
  commands: Readonly<Record<string, Command>>,
  elsewhere: Elsewhere,
): Run<ExitCode> {
  const args = argv.slice(1)
  const general = parseOptions(args, globals)
  const log = general.values.get('log')
  const fail = function* (message: string, code: ExitCode = 1): Run<ExitCode> {
    const now = strftime('%FT%TZ', yield* sys.clock('realtime'))
    const line =
      general.values.get('log-format') === 'json'
        ? `${JSON.stringify({ level: 'error', msg: message, time: now })}\n`
        : `time="${now}" level=error msg=${JSON.stringify(message)}\n`
    if (log !== undefined) yield* writeFile(sys, log, line)
    // What goes into a file is told on standard error as well, bare: runc's fatal().
    yield* warn(sys, log !== undefined || message.startsWith('zukan:') ? `${message}\n` : line)
    return code
  }
  if (general.unknown) return yield* elsewhere(sys, argv, { kind: 'options', text: general.unknown, fail })
  if (general.flags.has('version')) return yield* elsewhere(sys, argv, { kind: 'version', fail })
  const format = general.values.get('log-format')
  if (format !== undefined && format !== 'text' && format !== 'json') {
    general.values.delete('log-format')
    return yield* fail(`invalid log-format: ${format}`)
  }
  const name = args.shift() ?? 'help'
  if (general.flags.has('help') || name === 'help' || name === 'h')
    return yield* elsewhere(sys, argv, { kind: 'help', ...(args[0] ? { command: args[0] } : {}), fail })
  if (!Object.hasOwn(commands, name)) return yield* elsewhere(sys, argv, { kind: 'command', command: name, fail })
  const command = commands[name] as Command
  const given = parseOptions(args, { ...command, switches: [...(command.switches ?? []), 'help,h'] })
  const wrong = (kind: Wrong['kind'], text?: string): Run<ExitCode> =>
    elsewhere(sys, argv, { kind, command: name, ...(text === undefined ? {} : { text }), fail })
  if (given.unknown) return yield* wrong('options', given.unknown)
  if (given.flags.has('help')) return yield* wrong('help')
  const { least, most = Number.POSITIVE_INFINITY } = command
  if (args.length < least || args.length > most) {
    const [how, n] =
      least === most ? ['exactly', least] : args.length < least ? ['a minimum of', least] : ['a maximum of', most]
    return yield* wrong('operands', `runc: ${JSON.stringify(name)} requires ${how} ${n} argument(s)`)
  }
  return yield* carryOut(
    sys,
    command,
    { ...given, args },
    flavour,
    general.values.get('root') ?? flavour.root,
    general.flags.has('systemd-cgroup'),
    fail,
  )
}
export const runc: Program = (sys, argv) =>
  runRunc(sys, argv, runcFlavour, coreCommands, function* (s, line) {
    return yield* (yield* s.part('runc/more'))(s, line)
  })

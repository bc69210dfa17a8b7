/** Carries a command of docker out: flags, operands, the act, and what is said where one of them is wrong. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { restarting } from '../../kernel/linux/restart.ts'
import { warn } from '../../userland/lib/io.ts'
import { countComplaint, flagsOf, Given, parseFlags } from '../flags.ts'
import { CliError, type Client, startCode } from './api.ts'
import type { Shape } from './shapes.ts'
import { checkFlag, checkValue } from './values.ts'
import type { Resolved } from './words.ts'

export type Command = (sys: Sys, client: Client, g: Given) => Run<number>
/** What follows the first operand of these is not docker's. */
const operandsFirst = new Set(['run', 'create', 'exec', 'top', 'tag', 'commit', 'service create'])

/** docker context use counts by cobra's own rule, whose words are others. */
const contextUse = (name: string, count: number): string | undefined =>
  name === 'context use' && count !== 1 ? `accepts 1 arg(s), received ${count}` : undefined

/** Runs a command that was found. Answers its exit code; help is another part's. */
export function* invoke(
  sys: Sys,
  client: Client,
  found: Resolved & { readonly kind: 'command' },
  shape: Shape,
  command: Command,
  argv: readonly string[],
): Run<number> {
  const { name, spelled } = found
  const [usage, least, most, column] = shape
  const flags = flagsOf(column)
  const line = `Usage:  ${spelled}${usage.slice(name.length)}`
  const parsed = yield* restarting(() =>
    parseFlags(
      flags,
      found.rest,
      operandsFirst.has(name),
      (flag, value) => checkValue(flag.type, value, flag.name) ?? checkFlag(flag.name, value),
    ),
  )
  if (parsed === 'help') return yield* (yield* sys.part('docker/help'))(sys, argv)
  if ('error' in parsed) {
    // What isn't emulated is our own message, not pflag's.
    const own = /zukan: not emulated: .*/.exec(parsed.error)
    yield* warn(
      sys,
      own ? `${own[0]}\n` : `${parsed.error}\n\n${line}\n\nRun '${spelled} --help' for more information\n`,
    )
    return 125
  }
  for (const note of parsed.notes ?? []) yield* warn(sys, `${note}\n`)
  const wrong = contextUse(name, parsed.args.length) ?? countComplaint(parsed.args.length, least, most)
  if (wrong !== undefined) {
    if (name === 'context use') {
      yield* warn(sys, `${wrong}\n`)
      return 1
    }
    // "SRun" is what docker 28 prints.
    const see = most === Infinity ? 'See' : least === 0 && most > 0 ? 'SRun' : 'Run'
    yield* warn(sys, `docker: '${spelled}' ${wrong}\n\n${line}\n\n${see} '${spelled} --help' for more information\n`)
    return 1
  }
  const foreign = flags.find((f) => f.windows && parsed.values.has(f.name))
  if (foreign) {
    yield* warn(
      sys,
      `"--${foreign.name}" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux\n`,
    )
    return 1
  }
  try {
    return yield* command(sys, client, new Given({ ...parsed, called: spelled }))
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    // docker run tells what the daemon refuses as what it can't read itself; docker create does not.
    const own = !e.plain && (name === 'run' || (name === 'create' && e.code === 125))
    if (e.message !== '')
      yield* warn(
        sys,
        own ? `docker: ${e.message}\n\nRun '${spelled} --help' for more information\n` : `${e.message}\n`,
      )
    return own && e.code === 1 ? startCode(e.message) : e.code
  }
}

/** Does one thing to each operand; a failure is told, and the others still get their turn. */
export function each(act: (sys: Sys, client: Client, name: string, g: Given) => Run<string | undefined>): Command {
  return function* (sys, client, g) {
    const failures: string[] = []
    for (const name of g.args) {
      try {
        const said = yield* act(sys, client, name, g)
        if (said !== undefined) yield* sys.write(1, new TextEncoder().encode(`${said}\n`))
      } catch (e) {
        if (!(e instanceof CliError)) throw e
        if (e.message.startsWith('Cannot connect')) throw e
        failures.push(e.message)
      }
    }
    if (failures.length > 0) yield* warn(sys, `${failures.join('\n')}\n`)
    return failures.length > 0 ? 1 : 0
  }
}
/** --filter as the API takes it; undefined where none is given. */
export function filtersOf(g: Given, more: Readonly<Record<string, readonly string[]>> = {}): string | undefined {
  const out: Record<string, string[]> = Object.fromEntries(Object.entries(more).map(([k, v]) => [k, [...v]]))
  for (const f of g.all('filter')) {
    if (f === '') continue
    const at = f.indexOf('=')
    const key = f.slice(0, at).toLowerCase().trim()
    out[key] = [...(out[key] ?? []), f.slice(at + 1).trim()]
  }
  return Object.keys(out).length > 0 ? JSON.stringify(out) : undefined
}

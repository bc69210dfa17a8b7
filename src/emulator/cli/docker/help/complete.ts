/**
 * docker __complete and __completeNoDesc: what may end a line, as cobra's hidden commands tell shells (cobra shell completions:
 * a line `WORD\tDESCRIPTION` a choice, then `:N`, where 4 says that no file's name fits and 0 that one may).
 */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { print, warn } from '../../../userland/lib/io.ts'
import { type Flag, flagsOf, parseFlags } from '../../flags.ts'
import { Client } from '../api.ts'
import { endpoint } from '../context.ts'
import { globals } from '../index.ts'
import { knownShapes, knownTexts } from '../known/texts.ts'
import { moreShapes } from '../more/shapes.ts'
import { shapes } from '../shapes.ts'
import { commandWords, groups, membersOf, resolve } from '../words.ts'
import { globalTexts, groupTexts } from './groups.ts'
import { formatTexts, texts } from './texts.ts'

/** A word with what is said of it. */
type Choice = readonly [word: string, about: string]
interface Answer {
  readonly choices: readonly Choice[]
  /** Whether a file's name may stand there, too. */
  readonly files: boolean
}
const none: Answer = { choices: [], files: false }
const files: Answer = { choices: [], files: true }
const words = (text: string): Answer => ({ choices: text.split(' ').map((w) => [w, '']), files: false })

/** Values that are known before anything is asked. */
const values: Readonly<Record<string, Answer>> = {
  pull: words('always missing never'),
  restart: words('no always on-failure unless-stopped'),
  type: words('config container image network node plugin secret service task volume'),
  platform: words(
    'linux/386 linux/amd64 linux/arm linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm64 linux/arm64/v8 linux/ppc64le linux/s390x linux/riscv64 windows/amd64 windows/arm64',
  ),
}
/** The words that a daemon knows. */
const listed = {
  containers: (all: boolean) => `/containers/json${all ? '?all=1' : ''}`,
  images: () => '/images/json',
  networks: () => '/networks',
  volumes: () => '/volumes',
}
type Kind = 'running' | 'containers' | 'images' | 'networks' | 'volumes'
/** What a command's operands are. */
const operands: Readonly<Record<string, Kind>> = Object.fromEntries(
  (
    [
      ['running', 'attach exec kill pause port stats stop top'],
      ['containers', 'commit diff export logs rename restart rm start unpause update wait container-inspect'],
      ['images', 'create run history push rmi save tag images image-inspect'],
      ['networks', 'network-inspect network-rm network-connect network-disconnect'],
      ['volumes', 'volume-inspect volume-rm'],
    ] as const
  ).flatMap(([kind, list]) => list.split(' ').map((name) => [name.replace('-', ' '), kind])),
)
function* ask(sys: Sys, kind: Kind): Run<Answer> {
  const { host, context } = yield* endpoint(sys, {})
  const client = new Client(sys, host, context)
  const get = <T>(path: string): Run<T> => client.json<T>('GET', path)
  const named = (list: readonly string[]): Answer => ({ choices: list.map((w) => [w, '']), files: false })
  if (kind === 'images')
    return named((yield* get<{ RepoTags: string[] | null }[]>(listed.images())).flatMap((i) => i.RepoTags ?? []))
  if (kind === 'networks') return named((yield* get<{ Name: string }[]>(listed.networks())).map((n) => n.Name))
  if (kind === 'volumes')
    return named(
      ((yield* get<{ Volumes: { Name: string }[] | null }>(listed.volumes())).Volumes ?? []).map((v) => v.Name),
    )
  const rows = yield* get<{ Names: string[] }[]>(listed.containers(kind === 'containers'))
  return named(rows.flatMap((c) => c.Names.map((n) => n.replace(/^\//, ''))))
}
/** The first line of what is said of a flag, without the default that pflag adds: it adds none that is zero. */
const about = (text: string): string =>
  ((formatTexts[text] ?? text).split(/[\n\v]/)[0] ?? '').replace(/ \(default (?!0s?\)|hides |shows )[^()]*\)$/, '')
function flagChoices(flags: readonly Flag[], said: readonly string[], start: string): Answer {
  const shown = flags.filter((f) => !f.hidden)
  const choices = shown.flatMap((f, i): Choice[] => [
    [`--${f.name}`, about(said[i] ?? '')],
    ...(f.shorthand ? [[`-${f.shorthand}`, about(said[i] ?? '')] as const] : []),
  ])
  return { choices: choices.filter(([w]) => w.startsWith(start)), files: false }
}
const shortOf = (command: string): string =>
  (texts[command] ?? knownTexts[command])?.short.split('\n')[0] ?? groupTexts[command] ?? ''
/** What may follow the words before the last. */
function* answer(sys: Sys, before: readonly string[], last: string): Run<Answer> {
  const outer = parseFlags(flagsOf(globals), before, true)
  const given = outer === 'help' || 'error' in outer ? [] : outer.args
  if (given.length === 0) {
    if (last.startsWith('-')) return flagChoices(flagsOf(globals), globalTexts('/root'), last)
    const all = [...commandWords, ...Object.keys(groups), 'compose'].filter((w) => w !== 'checkpoint').sort()
    return { choices: all.map((w) => [w, w === 'compose' ? 'Docker Compose' : shortOf(w)]), files: false }
  }
  const [first = ''] = given
  if (Object.hasOwn(groups, first) && given.length === 1) {
    if (last.startsWith('-')) return none
    const members = membersOf(first).map((m): Choice => [m.names[0] as string, shortOf(m.command)])
    return { choices: members, files: false }
  }
  const found = resolve(given)
  if (found.kind !== 'command') return files
  const shape = shapes[found.name] ?? moreShapes[found.name] ?? knownShapes[found.name]
  if (!shape) return files
  const flags = flagsOf(shape[3])
  const said = ((texts[found.name] ?? knownTexts[found.name])?.flags ?? '').split('\n')
  const previous = found.rest.at(-1) ?? ''
  const wanting = flags.find((f) => f.type !== '' && (previous === `--${f.name}` || previous === `-${f.shorthand}`))
  const equals = /^--([\w-]+)=/.exec(last)
  const name = equals?.[1] ?? (wanting && !last.startsWith('--') ? wanting.name : undefined)
  if (name !== undefined) {
    if (name === 'network') return yield* ask(sys, 'networks')
    return values[name] ?? files
  }
  if (last.startsWith('-')) return flagChoices(flags, said, last)
  const parsed = parseFlags(flags, found.rest, false)
  const count = parsed === 'help' || 'error' in parsed ? 0 : parsed.args.length
  const kind = operands[found.name]
  const most = ['run', 'create', 'exec', 'top'].includes(found.name) ? 1 : shape[2]
  return kind === undefined || count >= most ? none : yield* ask(sys, kind)
}
/** Carries `docker __complete WORDS... LAST` out. */
export function* complete(sys: Sys, argv: readonly string[], described: boolean): Run<number> {
  const last = argv.at(-1) ?? ''
  const a = yield* answer(sys, argv.slice(0, -1), last)
  const start = last.replace(/^--[\w-]+=/, '')
  const lines = a.choices.filter(([w]) => w.startsWith(start))
  yield* print(sys, lines.map(([w, text]) => `${w}${described && text !== '' ? `\t${text}` : ''}\n`).join(''))
  yield* print(sys, `:${a.files ? 0 : 4}\n`)
  yield* warn(
    sys,
    `Completion ended with directive: ${a.files ? 'ShellCompDirectiveDefault' : 'ShellCompDirectiveNoFileComp'}\n`,
  )
  return 0
}

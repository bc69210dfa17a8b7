/** docker save, load, import, export, commit and diff. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { parseReference } from '../../../oci/reference.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import type { Command } from '../invoke.ts'
import { bodyOf, jsonLines, type Transfer, transfer } from '../transfer.ts'
import { checkOutput, input, isTerminal, output } from './files.ts'

const refuseTerminal = function* (sys: Sys, g: Parameters<Command>[2], message: string): Run<void> {
  if (g.value('output') === undefined && (yield* isTerminal(sys, 1))) throw new CliError(message)
}
export const save: Command = function* (sys, client, g) {
  yield* checkOutput(sys, g.value('output'), 'save image')
  yield* refuseTerminal(sys, g, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
  const names = g.args.map((n) => `names=${encodeURIComponent(n)}`).join('&')
  const platform = g.value('platform')
  const t = yield* transfer(
    sys,
    client,
    'GET',
    `/images/get?${names}${platform ? `&platform=${encodeURIComponent(platform)}` : ''}`,
  )
  yield* output(sys, g.value('output'), yield* bodyOf(t), 'save image')
  yield* sys.close(t.fd)
  return 0
}
export const exportFiles: Command = function* (sys, client, g) {
  yield* checkOutput(sys, g.value('output'), 'export container')
  yield* refuseTerminal(sys, g, 'cowardly refusing to save to a terminal. Use the -o flag or redirect')
  const t = yield* transfer(sys, client, 'GET', `/containers/${encodeURIComponent(g.args[0] as string)}/export`)
  yield* output(sys, g.value('output'), yield* bodyOf(t), 'export container')
  yield* sys.close(t.fd)
  return 0
}
/** The lines of a stream; an error among them is thrown as it is. */
function* said(sys: Sys, t: Transfer, each: (line: Record<string, unknown>) => Run<void>): Run<void> {
  let error: string | undefined
  yield* jsonLines(sys, t, function* (line) {
    if (typeof line.error === 'string') error = line.error
    else yield* each(line)
  })
  if (error !== undefined) throw new CliError(error)
}
export const load: Command = function* (sys, client, g) {
  if (g.value('input') === undefined && (yield* isTerminal(sys, 0)))
    throw new CliError('requested load from stdin, but stdin is empty')
  const bytes = yield* input(sys, g.value('input'))
  const t = yield* transfer(
    sys,
    client,
    'POST',
    `/images/load${query({ quiet: g.has('quiet'), platform: g.value('platform') })}`,
    { body: bytes },
  )
  yield* said(sys, t, function* (line) {
    if (typeof line.stream === 'string') yield* print(sys, line.stream)
  })
  return 0
}
export const importFiles: Command = function* (sys, client, g) {
  const [source = '', name] = g.args
  if (/^https?:\/\//.test(source)) throw new CliError(`zukan: not emulated: docker import ${source}`)
  const bytes = yield* input(sys, source)
  const ref = name === undefined ? undefined : parseReference(name)
  if (ref && 'error' in ref) throw new CliError(ref.error)
  const at = name === undefined ? -1 : name.lastIndexOf(':')
  const tagged = name !== undefined && at > name.lastIndexOf('/')
  const t = yield* transfer(
    sys,
    client,
    'POST',
    `/images/create${query({ fromSrc: '-', repo: tagged ? name?.slice(0, at) : name, tag: tagged ? name?.slice(at + 1) : undefined, message: g.value('message'), platform: g.value('platform') })}${g
      .all('change')
      .map((c) => `&changes=${encodeURIComponent(c)}`)
      .join('')}`,
    { body: bytes },
  )
  yield* said(sys, t, function* (line) {
    if (typeof line.status === 'string') yield* print(sys, `${line.status}\n`)
  })
  return 0
}
export const commit: Command = function* (sys, client, g) {
  const [container = '', name] = g.args
  const at = name === undefined ? -1 : name.lastIndexOf(':')
  const tagged = name !== undefined && at > name.lastIndexOf('/')
  const ref = name === undefined ? undefined : parseReference(name)
  if (ref && 'error' in ref) throw new CliError(ref.error)
  const made = yield* client.json<{ Id: string }>(
    'POST',
    `/commit${query({ container, repo: tagged ? name?.slice(0, at) : name, tag: tagged ? name?.slice(at + 1) : undefined, comment: g.value('message'), author: g.value('author'), pause: g.value('pause') === 'false' ? '0' : '1' })}${g
      .all('change')
      .map((c) => `&changes=${encodeURIComponent(c)}`)
      .join('')}`,
    {},
  )
  yield* print(sys, `${made.Id}\n`)
  return 0
}
export const diff: Command = function* (sys, client, g) {
  const name = g.args[0] as string
  if (name === '') throw new CliError('Container name cannot be empty')
  const list = yield* client.json<{ Path: string; Kind: 0 | 1 | 2 }[]>(
    'GET',
    `/containers/${encodeURIComponent(name)}/changes`,
  )
  yield* print(sys, list.map((c) => `${'CAD'[c.Kind]} ${c.Path}\n`).join(''))
  return 0
}

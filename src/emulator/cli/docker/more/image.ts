/** docker history, tag, and image inspect and prune. */
import { parseReference } from '../../../oci/reference.ts'
import { humanSize } from '../../../oci/units.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { confirm } from '../confirm.ts'
import { inspect } from '../core.ts'
import { printList } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'
import { ago, ellipsis, goTime } from '../list.ts'

interface Layer {
  readonly Id: string
  readonly Created: number
  readonly CreatedBy: string
  readonly Size: number
  readonly Comment: string
}
const history: Command = function* (sys, client, g) {
  if (g.value('platform') !== undefined) throw new CliError('zukan: not emulated: --platform')
  const rows = yield* client.json<Layer[]>('GET', `/images/${encodeURIComponent(g.args[0] as string)}/history`)
  const full = g.has('no-trunc')
  const human = g.value('human') !== 'false'
  const now = yield* sys.clock('realtime')
  const list = rows.map((r) => {
    const by = r.CreatedBy.replace(/\t/g, ' ')
    return {
      ID: full || !r.Id.startsWith('sha256:') ? r.Id : r.Id.slice(7, 19),
      CreatedAt: goTime(r.Created),
      CreatedSince: human ? (r.Created === 0 ? 'N/A' : ago(r.Created, now)) : goTime(r.Created),
      CreatedBy: full ? by : ellipsis(by, 45),
      Size: human ? humanSize(r.Size, 3) : String(r.Size),
      Comment: r.Comment,
    }
  })
  if (g.has('quiet')) {
    yield* print(sys, list.map((r) => `${r.ID}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    g.value('format'),
    [
      ['IMAGE', 'ID'],
      human ? ['CREATED', 'CreatedSince'] : ['CREATED AT', 'CreatedSince'],
      ['CREATED BY', 'CreatedBy'],
      ['SIZE', 'Size'],
      ['COMMENT', 'Comment'],
    ],
    list,
    { CreatedAt: 'CREATED AT' },
    '*image.historyContext',
  )
  return 0
}
const tag: Command = function* (_sys, client, g) {
  const [from = '', to = ''] = g.args
  const source = parseReference(from)
  if ('error' in source)
    throw new CliError(`Error parsing reference: "${from}" is not a valid repository/tag: ${source.error}`)
  const ref = parseReference(to)
  if ('error' in ref) throw new CliError(`Error parsing reference: "${to}" is not a valid repository/tag: ${ref.error}`)
  if (ref.digest !== undefined) throw new CliError('refusing to create a tag with a digest reference')
  const repo = ref.tag === undefined ? to : to.slice(0, to.lastIndexOf(':'))
  yield* client.json('POST', `/images/${encodeURIComponent(from)}/tag${query({ repo, tag: ref.tag ?? 'latest' })}`)
  return 0
}
const prune: Command = function* (sys, client, g) {
  const all = g.has('all')
  const what = all
    ? 'WARNING! This will remove all images without at least one container associated to them.'
    : 'WARNING! This will remove all dangling images.'
  if (!g.has('force')) yield* confirm(sys, `${what}\nAre you sure you want to continue?`)
  const r = yield* client.json<{
    ImagesDeleted: { Untagged?: string; Deleted?: string }[] | null
    SpaceReclaimed: number
  }>('POST', `/images/prune${query({ filters: filtersOf(g, { dangling: [String(!all)] }) })}`)
  const gone = (r.ImagesDeleted ?? []).map((x) =>
    x.Untagged ? `untagged: ${x.Untagged}\n` : `deleted: ${x.Deleted}\n`,
  )
  const head = gone.length > 0 ? `Deleted Images:\n${gone.join('')}\n` : ''
  yield* print(sys, `${head}Total reclaimed space: ${humanSize(r.SpaceReclaimed)}\n`)
  return 0
}
export const imageCommands: Readonly<Record<string, Command>> = {
  history,
  tag,
  'image inspect': inspect('image'),
  'image prune': prune,
}

/** GET /events: what happened, and what happens, as JSON lines. */
import { utf8 } from '../../../base/bytes.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { type Filters, filtersOf, filterValues, timeOf } from '../filters.ts'
import type { Route } from '../routes.ts'
import { ApiError, type Daemon } from '../state.ts'

type Event = Daemon['events'][number]
const known = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
]
/** Whether an event passes `docker events --filter`. */
function passes(e: Event, filters: Filters): boolean {
  const any = (key: string, test: (v: string) => boolean): boolean => {
    const values = filterValues(filters, key)
    return values.length === 0 || values.some(test)
  }
  const names = (type: string) => (v: string) =>
    (e.type === type && (e.id === v || e.id.startsWith(v) || e.attributes.name === v || e.attributes.image === v)) ||
    e.attributes[type] === v
  return (
    any('type', (v) => e.type === v) &&
    any('event', (v) => e.action === v || e.action.startsWith(`${v}:`)) &&
    any('scope', (v) => v === 'local') &&
    any('label', (v) =>
      v.includes('=') ? e.attributes[v.slice(0, v.indexOf('='))] === v.slice(v.indexOf('=') + 1) : v in e.attributes,
    ) &&
    ['container', 'image', 'network', 'volume'].every((type) => any(type, names(type)))
  )
}
const documentOf = (e: Event): Record<string, unknown> => ({
  ...(e.type === 'container' ? { status: e.action, id: e.id, from: e.attributes.image } : {}),
  Type: e.type,
  Action: e.action,
  Actor: { ID: e.id, Attributes: e.attributes },
  scope: 'local',
  time: Math.floor(e.time / 1e9),
  timeNano: e.time,
})
export const eventRoutes: readonly Route[] = [
  [
    'GET',
    /^\/events$/,
    function* (c) {
      const filters = filtersOf(c, known)
      const since = c.query('since') === '' ? undefined : timeOf(c.query('since'))
      const until = c.query('until') === '' ? Number.POSITIVE_INFINITY : timeOf(c.query('until'))
      if (since !== undefined && since > until)
        throw new ApiError(
          400,
          `\`since\` time (${Math.floor(since / 1e9)}) cannot be after \`until\` time (${Math.floor(until / 1e9)})`,
        )
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
      /** How many events there have been. */
      const count = (): number => c.d.eventsGone + c.d.events.length
      let at = since === undefined ? count() : c.d.eventsGone
      for (;;) {
        for (; at < count(); at++) {
          const e = c.d.events[at - c.d.eventsGone]
          if (!e || e.time < (since ?? 0) || e.time > until || !passes(e, filters)) continue
          if (yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(documentOf(e))}\n`))) return undefined
        }
        const left = until - (yield* c.sys.clock('realtime'))
        if (left <= 0) break
        const seen = at
        yield* c.sys.futex(c.d.changed, () => count() > seen, left === Number.POSITIVE_INFINITY ? undefined : left)
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
]

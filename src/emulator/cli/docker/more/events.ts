/** docker events. */

import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { execute, type Template } from '../../../oci/gotemplate/execute.ts'
import { print } from '../../../userland/lib/io.ts'
import { strftime } from '../../../userland/lib/time.ts'
import { CliError, query } from '../api.ts'
import { compile } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'
import { sinceOf } from '../time.ts'

interface Event {
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly timeNano: number
  readonly from?: string
}
/** `2026-11-21T09:00:00.000000000Z container start ID (image=alpine, name=web)` */
function line(e: Event): string {
  const attributes = Object.entries(e.Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}=${v}`)
  const tail = attributes.length > 0 ? ` (${attributes.join(', ')})` : ''
  return `${strftime('%FT%T.%NZ', e.timeNano)} ${e.Type} ${e.Action} ${e.Actor.ID}${tail}`
}
/** The template of --format, complained of in words of its own. */
function* templateOf(sys: Sys, format: string): Run<Template> {
  try {
    return yield* compile(sys, format, 64)
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    throw new CliError(e.message.replace(/^template parsing error/, 'Error parsing format'), e.code)
  }
}
/** A message with the members that a template finds by Go's names: in JSON they have others. */
function asGo(e: Event): object {
  const hidden = { ID: e.Actor.ID, Status: e.Action, From: e.from ?? '', Scope: 'local', TimeNano: e.timeNano }
  return Object.defineProperties(
    { ...e },
    Object.fromEntries(Object.entries(hidden).map(([name, value]) => [name, { value, enumerable: false }])),
  )
}
const goTypes = { maps: new Set(['Attributes']), pointers: new Set<string>(), optional: {} }
const empty: Event = { Type: '', Action: '', Actor: { ID: '', Attributes: {} }, timeNano: 0 }

export const events: Command = function* (sys, client, g) {
  const now = yield* sys.clock('realtime')
  const format = g.value('format')
  const template = format === undefined || format === 'json' ? undefined : yield* templateOf(sys, format)
  // A template is tried with an empty message before anything is asked for.
  const tried = template && execute(template, asGo(empty), '*events.Message', goTypes)
  if (tried !== undefined && typeof tried !== 'string') throw new CliError(`Error parsing format: ${tried.error}`, 64)
  yield* client.lines(
    'GET',
    `/events${query({ filters: filtersOf(g), since: sinceOf(g.value('since'), now, ''), until: sinceOf(g.value('until'), now, '') })}`,
    function* (e) {
      if (format === 'json') yield* print(sys, `${JSON.stringify(e)}\n`)
      else if (template) {
        const out = execute(template, asGo(e as unknown as Event), '*events.Message', goTypes)
        if (typeof out !== 'string') throw new CliError(`template parsing error: ${out.error}`)
        yield* print(sys, `${out}\n`)
      } else yield* print(sys, `${line(e as unknown as Event)}\n`)
    },
  )
  return 0
}

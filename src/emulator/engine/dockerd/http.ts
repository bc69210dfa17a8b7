/** A request of the Engine API as handlers want it. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readJson } from '../../oci/gotypes.ts'
import { streamComplaint } from '../../oci/json.ts'
import { isOurs } from '../../oci/own.ts'
import type { HttpRequest } from '../../userland/lib/http.ts'
import type { Context } from './routes.ts'
import { type Body, bodies } from './shapes.ts'
import { ApiError, type Daemon } from './state.ts'

/** %20 and the like; text that is no such code stays. */
export function unescapePath(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? ''
  }
}
/** A request's document: moby daemon/server/httputils ReadJSON. Members that are null stay null, as Go's pointers do. */
function* body<T>({ headers, body }: HttpRequest, type: Body): Run<T> {
  const content = headers['content-type'] ?? ''
  if (body.length === 0 && content === '') return {} as T
  const kind = (content.split(';')[0] as string).trim().toLowerCase()
  if (kind === '') throw new ApiError(400, `malformed Content-Type header (${content}): mime: no media type`)
  if (kind !== 'application/json')
    throw new ApiError(400, `unsupported Content-Type header (${content}): must be 'application/json'`)
  if (body.length === 0) return {} as T
  const document = text(body)
  return isOurs(document) ? (JSON.parse(document) as T) : checked<T>(document, type)
}
function checked<T>(document: string, type: Body): T {
  const read = readJson<T>(document, bodies[type], true)
  if (!('refused' in read)) return read.value
  const why = streamComplaint(read.refused, document)
  if (why === 'EOF') throw new ApiError(400, 'invalid JSON: got EOF while reading request body')
  if (why.endsWith(' after top-level value')) throw new ApiError(400, 'unexpected content after JSON')
  throw new ApiError(400, `invalid JSON: ${why}`)
}
/** A number among a request's parameters, `otherwise` where it isn't there: strconv.Atoi. */
export function integer(c: Context, key: string, otherwise: number): number {
  const value = c.query(key)
  if (value === '') return otherwise
  if (!/^[+-]?\d+$/.test(value))
    throw new ApiError(400, `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  return Number(value)
}
/** What a handler gets of a request. */
export function contextOf(sys: Sys, fd: number, d: Daemon, request: HttpRequest, rest: Uint8Array): Context {
  const params = (request.target.split('?')[1] ?? '')
    .split('&')
    .filter(Boolean)
    .map((p) => [p.split('=')[0] as string, unescapePath((p.split('=')[1] ?? '').replace(/\+/g, ' '))] as const)
  const queries = (key: string): readonly string[] => params.filter(([k]) => k === key).map(([, v]) => v)
  return {
    sys,
    fd,
    d,
    request,
    rest,
    queries,
    query: (key) => queries(key).at(-1) ?? '',
    json: (type) => body(request, type),
  }
}

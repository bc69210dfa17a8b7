/** Requests whose bodies are archives, and answers that are: what build, load, save, cp and the like ask of the API. */
import { text } from '../../base/bytes.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { type Headers, HttpReader, sendRequest } from '../../userland/lib/http.ts'
import { CliError, type Client } from './api.ts'

const BASE = '/v1.55'
export interface Transfer {
  readonly fd: Fd
  readonly reader: HttpReader
  readonly status: number
  readonly headers: Headers
}
/** Sends a request with any body, and answers the head of what comes. A failure is thrown in the daemon's words. */
export function* transfer(
  sys: Sys,
  client: Client,
  method: string,
  path: string,
  o: { readonly body?: Uint8Array; readonly type?: string; readonly headers?: Headers } = {},
): Run<Transfer> {
  const fd = yield* client.connect(method, path)
  sys.traceMark('api', 'dockerd', `${method} ${BASE}${path}`)
  yield* sendRequest(
    sys,
    fd,
    method,
    BASE + path,
    {
      Host: 'api.moby.localhost',
      'User-Agent': 'Docker-Client/29.7.2 (linux)',
      ...(o.body === undefined ? {} : { 'Content-Type': o.type ?? 'application/x-tar' }),
      ...o.headers,
    },
    o.body,
  )
  const reader = new HttpReader(sys, fd)
  const head = yield* reader.responseHead()
  if (!head) throw new CliError(`error during connect: ${method} "${path}": EOF`)
  const t = { fd, reader, status: head.status, headers: head.headers }
  if (head.status < 400) return t
  const body = method === 'HEAD' ? new Uint8Array(0) : yield* bodyOf(t)
  yield* sys.close(fd)
  let message = text(body).trim()
  try {
    message = (JSON.parse(message) as { message?: string }).message ?? message
  } catch {
    // Not JSON: the text itself is the message.
  }
  throw Object.assign(new CliError(`Error response from daemon: ${message}`), { status: head.status })
}
/** All of a body, whatever its framing. */
export function* bodyOf(t: Pick<Transfer, 'reader' | 'headers'>): Run<Uint8Array> {
  const parts: Uint8Array[] = []
  const length = t.headers['content-length']
  let size = 0
  while (length === undefined || size < Number(length)) {
    const part = yield* t.reader.piece(t.headers)
    if (!part) break
    parts.push(part)
    size += part.length
  }
  const out = new Uint8Array(size)
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}
/** The JSON objects of a streamed answer, a line each. */
export function* jsonLines(sys: Sys, t: Transfer, each: (line: Record<string, unknown>) => Run<void>): Run<void> {
  let rest = ''
  for (let part = yield* t.reader.piece(t.headers); part; part = yield* t.reader.piece(t.headers)) {
    rest += text(part)
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
      const line = rest.slice(0, at).trim()
      rest = rest.slice(at + 1)
      if (line) yield* each(JSON.parse(line) as Record<string, unknown>)
    }
  }
  if (rest.trim() !== '') yield* each(JSON.parse(rest) as Record<string, unknown>)
  yield* sys.close(t.fd)
}

/** HTTP/1.1 messages over a descriptor, RFC 9112: what docker, dockerd, registries, curl, wget and nginx speak. */
import { concat, text as fromUtf8, utf8 } from '../../base/bytes.ts'
import { EINTR, type Errno, isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { writeAll } from './io.ts'

/** Header names in lower case. */
export type Headers = Readonly<Record<string, string>>

export interface HttpRequest {
  readonly method: string
  /** Path with query. */
  readonly target: string
  readonly headers: Headers
  readonly body: Uint8Array
}
export interface HttpResponse {
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Uint8Array
}

export const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'UPGRADED',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  416: 'Range Not Satisfiable',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

const LIMIT = 64 * 1024 * 1024
const CR = 13
const LF = 10
/** Where the body begins: after the first empty line; undefined where there is none yet. */
function endOfHead(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1
    if (bytes[next] === LF) return next + 1
  }
  return undefined
}

/** Reads messages from a descriptor; bytes after a message stay for the next. */
export class HttpReader {
  readonly sys: Sys
  readonly fd: Fd
  #rest: Uint8Array = new Uint8Array(0)
  constructor(sys: Sys, fd: Fd) {
    this.sys = sys
    this.fd = fd
  }
  /** What was read beyond the last message: a connection that was taken over begins with it. */
  takeRest(): Uint8Array {
    const rest = this.#rest
    this.#rest = new Uint8Array(0)
    return rest
  }
  /** More bytes; false at the end. */
  *#more(): Run<boolean> {
    for (;;) {
      const part = yield* this.sys.read(this.fd, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return false
      this.#rest = this.#rest.length === 0 ? part : concat([this.#rest, part])
      return true
    }
  }
  *#line(): Run<string | undefined> {
    for (;;) {
      const at = this.#rest.indexOf(10)
      if (at >= 0) {
        const line = fromUtf8(this.#rest.subarray(0, at)).replace(/\r$/, '')
        this.#rest = this.#rest.subarray(at + 1)
        return line
      }
      if (this.#rest.length > 65536 || !(yield* this.#more())) return undefined
    }
  }
  *#bytes(count: number): Run<Uint8Array | undefined> {
    while (this.#rest.length < count) if (!(yield* this.#more())) return undefined
    const out = this.#rest.subarray(0, count)
    this.#rest = this.#rest.subarray(count)
    return out
  }
  /** Start line and headers. */
  *#head(): Run<{ readonly first: string; readonly headers: Record<string, string> } | undefined> {
    for (;;) {
      // Empty lines before the start line are left out, section 2.2.
      let begin = 0
      while (this.#rest[begin] === CR || this.#rest[begin] === LF) begin++
      const end = endOfHead(this.#rest, begin)
      if (end !== undefined) {
        const [first = '', ...lines] = fromUtf8(this.#rest.subarray(begin, end)).split(/\r?\n/)
        this.#rest = this.#rest.subarray(end)
        if (lines.length > 200) return undefined
        const headers: Record<string, string> = {}
        for (const line of lines) {
          const at = line.indexOf(':')
          if (at > 0) headers[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim()
        }
        return { first, headers }
      }
      if (this.#rest.length > 65536 || !(yield* this.#more())) return undefined
    }
  }
  /** One chunk of a chunked body; undefined at its end. */
  *chunk(): Run<Uint8Array | undefined> {
    const size = yield* this.#line()
    const n = Number.parseInt(size ?? '', 16)
    if (size === undefined || Number.isNaN(n) || n > LIMIT) return undefined
    if (n === 0) {
      yield* this.#line()
      return undefined
    }
    const bytes = yield* this.#bytes(n)
    yield* this.#line()
    return bytes
  }
  *#body(headers: Headers, untilClose: boolean): Run<Uint8Array | undefined> {
    if (headers['transfer-encoding']?.toLowerCase().includes('chunked')) {
      const parts: Uint8Array[] = []
      for (let part = yield* this.chunk(); part; part = yield* this.chunk()) parts.push(part)
      return concat(parts)
    }
    const length = headers['content-length']
    if (length !== undefined) return Number(length) <= LIMIT ? yield* this.#bytes(Number(length)) : undefined
    if (!untilClose) return new Uint8Array(0)
    while (this.#rest.length < LIMIT && (yield* this.#more()));
    return this.takeRest()
  }
  /** The next request; undefined where the other side is done. */
  *request(): Run<HttpRequest | undefined> {
    const head = yield* this.#head()
    if (!head) return undefined
    const [method = '', target = ''] = head.first.split(' ')
    const body = yield* this.#body(head.headers, false)
    return body && { method, target, headers: head.headers, body }
  }
  /** A response's start, its body still unread: for streams. */
  *responseHead(): Run<Omit<HttpResponse, 'body'> | undefined> {
    for (;;) {
      const head = yield* this.#head()
      if (!head) return undefined
      const m = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(head.first)
      if (!m) return undefined
      if (m[1] === '100') continue
      return { status: Number(m[1]), reason: m[2] ?? '', headers: head.headers }
    }
  }
  /** A whole response. */
  *response(method = 'GET'): Run<HttpResponse | undefined> {
    const head = yield* this.responseHead()
    if (!head) return undefined
    const none = method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101
    const body = none ? new Uint8Array(0) : yield* this.#body(head.headers, true)
    return body && { ...head, body }
  }
  /** The next piece of a streamed body, whatever its framing; undefined at the end. */
  *piece(headers: Headers): Run<Uint8Array | undefined> {
    if (headers['transfer-encoding']?.toLowerCase().includes('chunked')) return yield* this.chunk()
    if (this.#rest.length === 0 && !(yield* this.#more())) return undefined
    return this.takeRest()
  }
}

const head = (first: string, headers: Headers): Uint8Array =>
  utf8(
    `${first}\r\n${Object.entries(headers)
      .map(([k, v]) => `${k}: ${v}\r\n`)
      .join('')}\r\n`,
  )

/** Writes a request with its body. */
export function* sendRequest(
  sys: Sys,
  fd: Fd,
  method: string,
  target: string,
  headers: Headers,
  body?: Uint8Array,
): Run<Errno | undefined> {
  const length =
    body && body.length > 0
      ? { 'Content-Length': String(body.length) }
      : method === 'POST' || method === 'PUT'
        ? { 'Content-Length': '0' }
        : {}
  return yield* writeAll(
    sys,
    fd,
    concat([head(`${method} ${target} HTTP/1.1`, { ...headers, ...length }), body ?? new Uint8Array(0)]),
  )
}
/** Writes a response with its body. */
export function* sendResponse(
  sys: Sys,
  fd: Fd,
  status: number,
  headers: Headers,
  body: Uint8Array,
  bodyless = false,
): Run<Errno | undefined> {
  const all = {
    ...headers,
    ...(status === 204 || 'Content-Length' in headers ? {} : { 'Content-Length': String(body.length) }),
  }
  return yield* writeAll(
    sys,
    fd,
    concat([head(`HTTP/1.1 ${status} ${reasons[status] ?? ''}`, all), bodyless ? new Uint8Array(0) : body]),
  )
}
/** Begins a chunked response; `sendChunk` and `endChunks` follow. */
export function* startChunked(sys: Sys, fd: Fd, status: number, headers: Headers): Run<Errno | undefined> {
  return yield* writeAll(
    sys,
    fd,
    head(`HTTP/1.1 ${status} ${reasons[status] ?? ''}`, { ...headers, 'Transfer-Encoding': 'chunked' }),
  )
}
export function* sendChunk(sys: Sys, fd: Fd, bytes: Uint8Array): Run<Errno | undefined> {
  return bytes.length === 0
    ? undefined
    : yield* writeAll(sys, fd, concat([utf8(`${bytes.length.toString(16)}\r\n`), bytes, utf8('\r\n')]))
}
export const endChunks = (sys: Sys, fd: Fd): Run<Errno | undefined> => writeAll(sys, fd, utf8('0\r\n\r\n'))

/** A registry's client: distribution-spec requests over one connection, with token authentication as the Docker registry's clients do it. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { media } from '../../oci/image.ts'
import type { Reference } from '../../oci/reference.ts'
import { dial } from '../../userland/lib/dial.ts'
import { HttpReader, type HttpResponse, sendRequest } from '../../userland/lib/http.ts'
import { ApiError, VERSION } from './state.ts'

/** X-Registry-Auth of the Engine API. */
export interface Credentials {
  readonly username?: string
  readonly password?: string
  readonly serveraddress?: string
}
const accept = [
  media.index,
  media.manifest,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** docker.io's API has a host of its own. */
export const hostOf = (domain: string): string =>
  domain === 'docker.io' ? 'registry-1.docker.io' : (domain.split(':')[0] as string)
/** Registries on this machine speak http: they count as insecure. */
export const isLocal = (domain: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(domain)
const portOf = (domain: string): number => Number(/:(\d+)$/.exec(domain)?.[1] ?? (isLocal(domain) ? 80 : 443))
/** What messages call it. */
export const urlOf = (domain: string): string =>
  `${isLocal(domain) ? 'http' : 'https'}://${domain === 'docker.io' ? hostOf(domain) : domain}`

/** Base64 of ASCII text, RFC 4648. */
export function base64(value: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const bytes = new TextEncoder().encode(value)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3)
    const n = (a << 16) | (b << 8) | c
    for (let k = 0; k < 4; k++) out += i + k > bytes.length ? '=' : digits[(n >> (18 - 6 * k)) & 63]
  }
  return out
}
/** The text that base64 (or its URL form) stands for; undefined where it is none. */
export function unbase64(value: string): string | undefined {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const bytes: number[] = []
  let n = 0
  let bits = 0
  for (const ch of value.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')) {
    const digit = digits.indexOf(ch)
    if (digit < 0) return undefined
    n = ((n << 6) | digit) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((n >> bits) & 255)
    }
  }
  return text(Uint8Array.from(bytes))
}
/** X-Registry-Auth's value as credentials; none where it is empty or not JSON. */
export function readCredentials(header: string | undefined): Credentials {
  try {
    return JSON.parse(unbase64(header ?? '') ?? '{}') as Credentials
  } catch {
    return {}
  }
}

interface Connection {
  readonly fd: number
  readonly reader: HttpReader
}

/** Connections to a registry and to its token server, kept for several requests. */
export class RegistryClient {
  readonly sys: Sys
  readonly ref: Reference
  readonly credentials: Credentials
  readonly #connections = new Map<string, Connection>()
  #authorization: string | undefined
  constructor(sys: Sys, ref: Reference, credentials: Credentials = {}) {
    this.sys = sys
    this.ref = ref
    this.credentials = credentials
  }
  *#open(domain: string, method: string, path: string): Run<Connection> {
    const known = this.#connections.get(domain)
    if (known) return known
    const fd = yield* dial(this.sys, hostOf(domain), portOf(domain))
    if (typeof fd !== 'number') {
      const url = `${urlOf(domain)}${path}`
      const verb = method[0] + method.slice(1).toLowerCase()
      throw new ApiError(
        500,
        fd.error === 'name'
          ? `failed to resolve reference "${domain}/${this.ref.path}": failed to do request: ${verb} "${url}": dial tcp: lookup ${hostOf(domain)}: no such host`
          : `failed to do request: ${verb} "${url}": dial tcp ${fd.address}:${portOf(domain)}: connect: ${fd.text.toLowerCase()}`,
      )
    }
    const made = { fd, reader: new HttpReader(this.sys, fd) }
    this.#connections.set(domain, made)
    return made
  }
  *#send(
    domain: string,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
  ): Run<HttpResponse> {
    const c = yield* this.#open(domain, method, path)
    yield* sendRequest(
      this.sys,
      c.fd,
      method,
      path,
      { Host: hostOf(domain), 'User-Agent': `docker/${VERSION}`, ...headers },
      body,
    )
    const response = yield* c.reader.response(method)
    if (!response) {
      this.#connections.delete(domain)
      yield* this.sys.close(c.fd)
      throw new ApiError(500, `failed to do request: ${method} "${urlOf(domain)}${path}": EOF`)
    }
    // Manifests, indexes and configurations are documents worth opening; layers are not, and tokens are nobody's business.
    const carried =
      method === 'PUT' && response.status === 201 ? body : response.status === 200 ? response.body : undefined
    const document = /^\/v2\/.+\/(manifests|blobs)\//.test(path) && carried?.[0] === 0x7b ? carried : undefined
    this.sys.traceMark(
      'http',
      `registry:${domain}`,
      `${method} ${path}`,
      document && text(document.subarray(0, 65_536)),
    )
    return response
  }
  /** One request; a challenge is answered by Basic credentials or by a token from the server that it names. */
  *request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array,
  ): Run<HttpResponse> {
    const all = (): Record<string, string> => ({
      Accept: accept,
      ...headers,
      ...(this.#authorization ? { Authorization: this.#authorization } : {}),
    })
    const { domain } = this.ref
    const first = yield* this.#send(domain, method, path, all(), body)
    const challenge = first.headers['www-authenticate']
    if (first.status !== 401 || challenge === undefined) return first
    if (!(yield* this.#answer(challenge))) return first
    return yield* this.#send(domain, method, path, all(), body)
  }
  /** Distribution's token specification: fetches a token for the scope that was demanded. */
  *#answer(challenge: string): Run<boolean> {
    const { username, password } = this.credentials
    const basic = username ? `Basic ${base64(`${username}:${password ?? ''}`)}` : undefined
    if (/^Basic /i.test(challenge)) {
      const changed = basic !== undefined && this.#authorization !== basic
      this.#authorization = basic
      return changed
    }
    const parameter = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
    const realm = /^https?:\/\/([^/]+)(\/.*)$/.exec(parameter('realm'))
    if (!realm) return false
    const scope = parameter('scope')
    const r = yield* this.#send(
      realm[1] as string,
      'GET',
      `${realm[2]}?service=${encodeURIComponent(parameter('service'))}${scope ? `&scope=${encodeURIComponent(scope)}` : ''}`,
      basic ? { Authorization: basic } : {},
      undefined,
    )
    if (r.status === 401) throw new ApiError(401, 'unauthorized: incorrect username or password')
    if (r.status !== 200) return false
    const token = (JSON.parse(text(r.body)) as { token?: string }).token
    this.#authorization = token === undefined ? undefined : `Bearer ${token}`
    return token !== undefined
  }
  *close(): Run<void> {
    for (const c of this.#connections.values()) yield* this.sys.close(c.fd)
    this.#connections.clear()
  }
}
/** The first error of a response in the distribution-spec's form, as clients print it. */
export function errorText(r: HttpResponse): string {
  try {
    const e = (JSON.parse(text(r.body)) as { errors?: { code: string; message: string }[] }).errors?.[0]
    if (e) return `${e.code.toLowerCase().replace(/_/g, ' ')}: ${e.message}`
  } catch {
    // Not in that form: the status tells.
  }
  return `unexpected status: ${r.status} ${r.reason}`
}

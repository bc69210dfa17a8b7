/** curl(1) 8.14: HTTP over TCP or a unix socket, with curl's own words and exit codes. */
import { EAGAIN, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { parseUrl } from '../lib/dial.ts'
import { HttpReader, type HttpResponse, sendRequest } from '../lib/http.ts'
import { decode, encode, print, readAll, readText, warn, writeAll } from '../lib/io.ts'
import { resolveHost } from '../lib/resolve.ts'

const VERSION = '8.14.1'

interface Settings {
  silent: boolean
  show: boolean
  verbose: boolean
  headOnly: boolean
  include: boolean
  failFast: boolean
  follow: boolean
  remoteName: boolean
  asQuery: boolean
  method: string | undefined
  output: string | undefined
  data: string[]
  format: string
  socketPath: string | undefined
  user: string | undefined
  agent: string
  /** Nanoseconds. */
  connectTimeout: number | undefined
  timeout: number | undefined
  readonly headers: Record<string, string>
  readonly urls: string[]
}
const long: Readonly<Record<string, string>> = {
  silent: 's',
  'show-error': 'S',
  verbose: 'v',
  head: 'I',
  include: 'i',
  'show-headers': 'i',
  fail: 'f',
  location: 'L',
  insecure: 'k',
  'no-buffer': 'N',
  ipv4: '4',
  get: 'G',
  'remote-name': 'O',
  request: 'X',
  output: 'o',
  data: 'd',
  'data-raw': 'd',
  'data-ascii': 'd',
  json: 'J',
  header: 'H',
  'write-out': 'w',
  'max-time': 'm',
  user: 'u',
  'user-agent': 'A',
  'connect-timeout': 'C',
  'unix-socket': 'U',
  url: 'R',
}
/** Letters that take a value; J, C, U and R stand for long options only. */
const valued = 'XodHwmuAJCUR'

/** Reads the command line; the exit code where it is wrong. */
function* read(sys: Sys, argv: readonly string[]): Run<Settings | ExitCode> {
  const s: Settings = {
    silent: false,
    show: false,
    verbose: false,
    headOnly: false,
    include: false,
    failFast: false,
    follow: false,
    remoteName: false,
    asQuery: false,
    method: undefined,
    output: undefined,
    data: [],
    format: '',
    socketPath: undefined,
    user: undefined,
    agent: `curl/${VERSION}`,
    connectTimeout: undefined,
    timeout: undefined,
    headers: {},
    urls: [],
  }
  const args = argv.slice(1)
  function* unknown(arg: string, what: string): Run<ExitCode> {
    yield* warn(sys, `curl: option ${arg}: ${what}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`)
    return 2
  }
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (!arg.startsWith('-') || arg === '-') {
      s.urls.push(arg)
      continue
    }
    if (arg === '--version' || arg === '-V') {
      yield* print(sys, `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION}\nProtocols: http\n`)
      return 0
    }
    let letters = arg.slice(1)
    if (arg.startsWith('--')) {
      const letter = long[arg.slice(2)]
      if (!letter) return yield* unknown(arg, 'is unknown')
      letters = letter
    }
    for (let i = 0; i < letters.length; i++) {
      const c = letters[i] as string
      if (valued.includes(c)) {
        if (!arg.startsWith('--') && 'JCUR'.includes(c)) return yield* unknown(arg, 'is unknown')
        const rest = letters.slice(i + 1)
        i = letters.length
        const value = rest || args.shift()
        if (value === undefined) return yield* unknown(arg, 'requires parameter')
        const failed = yield* take(sys, s, c, value)
        if (failed !== undefined) return failed
      } else if (c === 's') s.silent = true
      else if (c === 'S') s.show = true
      else if (c === 'v') s.verbose = true
      else if (c === 'I') s.headOnly = true
      else if (c === 'i') s.include = true
      else if (c === 'f') s.failFast = true
      else if (c === 'L') s.follow = true
      else if (c === 'G') s.asQuery = true
      else if (c === 'O') s.remoteName = true
      else if (!'kN4#'.includes(c)) return yield* unknown(arg, 'is unknown')
    }
  }
  return s
}
function* take(sys: Sys, s: Settings, letter: string, value: string): Run<ExitCode | undefined> {
  switch (letter) {
    case 'X':
      s.method = value
      break
    case 'o':
      s.output = value
      break
    case 'J':
      s.data.push(value)
      s.headers['Content-Type'] = s.headers.Accept = 'application/json'
      break
    case 'd': {
      if (!value.startsWith('@')) {
        s.data.push(value)
        break
      }
      const text = value === '@-' ? yield* readAll(sys, 0) : yield* readText(sys, value.slice(1))
      if (isErr(text)) {
        yield* warn(
          sys,
          `curl: Failed to open ${value.slice(1)}\ncurl: option -d: error encountered when reading a file\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
        )
        return 26
      }
      s.data.push((typeof text === 'string' ? text : decode(text)).replace(/[\r\n]/g, ''))
      break
    }
    case 'H': {
      const at = value.indexOf(':')
      if (at > 0) s.headers[value.slice(0, at).trim()] = value.slice(at + 1).trim()
      break
    }
    case 'w':
      s.format = value
      break
    case 'm':
      s.timeout = Number(value) * 1e9
      break
    case 'C':
      s.connectTimeout = Number(value) * 1e9
      break
    case 'u':
      s.user = value
      break
    case 'A':
      s.agent = value
      break
    case 'U':
      s.socketPath = value
      break
    case 'R':
      s.urls.push(value)
      break
  }
  return undefined
}

type Url = NonNullable<ReturnType<typeof parseUrl>>
type Failure = { readonly code: ExitCode; readonly text: string }

/** A connection, or why there is none. */
function* connect(sys: Sys, s: Settings, u: Url, note: (text: string) => Run<void>): Run<Fd | Failure> {
  const began = yield* sys.clock('monotonic')
  const elapsed = function* () {
    return Math.floor(((yield* sys.clock('monotonic')) - began) / 1e6)
  }
  if (s.socketPath !== undefined) {
    const fd = yield* sys.socket('unix', 'stream')
    if (isErr(fd)) return { code: 7, text: fd.text }
    yield* note(`*   Trying ${s.socketPath}:0...\n`)
    const failed = yield* sys.connect(fd, { family: 'unix', path: s.socketPath })
    if (failed)
      return { code: 7, text: `Failed to connect to ${u.host} port ${u.port} after 0 ms: Could not connect to server` }
    yield* note(`* Connected to ${u.host} (${s.socketPath}) port 0\n`)
    return fd
  }
  const address = yield* resolveHost(sys, u.host)
  if (address === undefined) {
    yield* note(`* Could not resolve host: ${u.host}\n* closing connection #0\n`)
    return { code: 6, text: `Could not resolve host: ${u.host}` }
  }
  if (address !== u.host) yield* note(`* Host ${u.host}:${u.port} was resolved.\n* IPv6: (none)\n* IPv4: ${address}\n`)
  yield* note(`*   Trying ${address}:${u.port}...\n`)
  const fd = yield* sys.socket('inet', 'stream')
  if (isErr(fd)) return { code: 7, text: fd.text }
  const limit = s.connectTimeout ?? s.timeout
  if (limit !== undefined) yield* sys.setNonblock(fd, true)
  const failed = yield* sys.connect(fd, { family: 'inet', address, port: u.port })
  if (limit !== undefined) yield* sys.setNonblock(fd, false)
  if (failed === EAGAIN && limit !== undefined) {
    // Nobody answers: the time given passes.
    yield* sys.nanosleep(limit)
    yield* note(`* Connection timed out after ${yield* elapsed()} milliseconds\n* closing connection #0\n`)
    return { code: 28, text: `Connection timed out after ${yield* elapsed()} milliseconds` }
  }
  if (failed) {
    yield* note(
      `* connect to ${address} port ${u.port} from 0.0.0.0 port 0 failed: ${failed.text}\n* Failed to connect to ${u.host} port ${u.port} after ${yield* elapsed()} ms: Could not connect to server\n* closing connection #0\n`,
    )
    return {
      code: failed.name === 'ETIMEDOUT' ? 28 : 7,
      text: `Failed to connect to ${u.host} port ${u.port} after ${yield* elapsed()} ms: Could not connect to server`,
    }
  }
  yield* note(`* Connected to ${u.host} (${address}) port ${u.port}\n* using HTTP/1.x\n`)
  return fd
}

const titled = (name: string): string => name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** RFC 4648, of a text's UTF-8 bytes. */
function base64(text: string): string {
  const bytes = encode(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    for (let k = 0; k < 4; k++) out += k <= left ? alphabet[(n >> (18 - 6 * k)) & 63] : '='
  }
  return out
}

/** One exchange: the response, or why there is none. */
function* exchange(sys: Sys, s: Settings, u: Url, note: (text: string) => Run<void>): Run<HttpResponse | Failure> {
  const fd = yield* connect(sys, s, u, note)
  if (typeof fd !== 'number') return fd
  const data = s.data.length > 0 ? s.data.join('&') : undefined
  const verb = s.method ?? (s.headOnly ? 'HEAD' : data !== undefined && !s.asQuery ? 'POST' : 'GET')
  const path = s.asQuery && data !== undefined ? `${u.path}${u.path.includes('?') ? '&' : '?'}${data}` : u.path
  const body = data === undefined || s.asQuery ? undefined : encode(data)
  const sent: Record<string, string> = {
    Host: u.port === 80 ? u.host : `${u.host}:${u.port}`,
    ...(s.user === undefined ? {} : { Authorization: `Basic ${base64(s.user)}` }),
    'User-Agent': s.agent,
    Accept: '*/*',
    ...(body ? { 'Content-Length': String(body.length), 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
  }
  for (const [name, value] of Object.entries(s.headers)) {
    for (const known of Object.keys(sent)) if (known.toLowerCase() === name.toLowerCase()) delete sent[known]
    if (value !== '') sent[name] = value
  }
  if (s.user !== undefined) yield* note(`* Server auth using Basic with user '${s.user.split(':')[0]}'\n`)
  yield* note(
    `> ${verb} ${path} HTTP/1.1\n${Object.entries(sent)
      .map(([k, v]) => `> ${k}: ${v}\n`)
      .join(
        '',
      )}> \n${body ? `} [${body.length} bytes data]\n* upload completely sent off: ${body.length} bytes\n` : '* Request completely sent off\n'}`,
  )
  yield* sendRequest(sys, fd, verb, path, { ...sent, Connection: 'close' }, body)
  if (s.timeout !== undefined) {
    const ready = yield* sys.poll([{ fd, read: true }], s.timeout)
    if (isErr(ready) || ready.length === 0) {
      yield* sys.close(fd)
      return {
        code: 28,
        text: `Operation timed out after ${Math.floor(s.timeout / 1e6)} milliseconds with 0 bytes received`,
      }
    }
  }
  const response = yield* new HttpReader(sys, fd).response(verb)
  yield* sys.close(fd)
  if (!response) {
    yield* note('* Empty reply from server\n* shutting down connection #0\n')
    return { code: 52, text: 'Empty reply from server' }
  }
  yield* note(
    `< HTTP/1.1 ${response.status} ${response.reason}\n${Object.entries(response.headers)
      .map(([k, v]) => `< ${titled(k)}: ${v}\n`)
      .join(
        '',
      )}< \n${verb === 'HEAD' || response.body.length === 0 ? '' : `{ [${response.body.length} bytes data]\n`}* Connection #0 to host ${u.host} left intact\n`,
  )
  return response
}

/** %{http_code} and the like of -w. */
function written(format: string, values: Readonly<Record<string, string>>): string {
  return format
    .replace(/%\{(\w+)\}/g, (_, k: string) => values[k] ?? '')
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\r/g, '\r')
}

function* fetchUrl(sys: Sys, s: Settings, url: string): Run<ExitCode> {
  const fail = function* (code: ExitCode, text: string): Run<ExitCode> {
    if (!s.silent || s.show) yield* warn(sys, `curl: (${code}) ${text}\n`)
    return code
  }
  const note = function* (text: string): Run<void> {
    if (s.verbose) yield* warn(sys, text)
  }
  const began = yield* sys.clock('monotonic')
  let target = url
  let response: HttpResponse
  let u: Url
  for (let redirects = 0; ; redirects++) {
    const parsed = parseUrl(target)
    if (/^[a-z]+:\/\//.test(target) && !/^https?:/.test(target))
      return yield* fail(1, `Protocol "${target.split(':')[0]}" not supported`)
    if (!parsed) return yield* fail(3, 'URL rejected: Malformed input to a URL function')
    if (parsed.port > 65535)
      return yield* fail(3, 'URL rejected: Port number was not a decimal number between 0 and 65535')
    if (parsed.secure) {
      yield* warn(sys, 'zukan: not emulated: curl https\n')
      return 1
    }
    u = parsed
    const got = yield* exchange(sys, s, u, note)
    if ('code' in got) {
      if (s.format)
        yield* print(
          sys,
          written(s.format, { http_code: '000', response_code: '000', url_effective: target, size_download: '0' }),
        )
      return yield* fail(got.code, got.text)
    }
    response = got
    const to = response.headers.location
    if (!s.follow || response.status < 300 || response.status >= 400 || to === undefined) break
    if (redirects >= 50) return yield* fail(47, 'Maximum (50) redirects followed')
    target = /^https?:/.test(to) ? to : `http://${u.host}:${u.port}${to.startsWith('/') ? '' : '/'}${to}`
    yield* note(`* Issue another request to this URL: '${target}'\n`)
  }
  if (s.failFast && response.status >= 400)
    return yield* fail(22, `The requested URL returned error: ${response.status}`)
  const file = s.remoteName ? u.path.split('?')[0]?.split('/').at(-1) : s.output
  if (s.remoteName && !file) return yield* fail(23, 'Remote file name has no length')
  const out = file === undefined || file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(out)) {
    if (!s.silent || s.show) yield* warn(sys, `Warning: Failed to open the file ${file}: ${out.text}\n`)
    return yield* fail(23, 'client returned ERROR on write, tried to write data')
  }
  const head = `HTTP/1.1 ${response.status} ${response.reason}\r\n${Object.entries(response.headers)
    .map(([k, v]) => `${titled(k)}: ${v}\r\n`)
    .join('')}\r\n`
  if (s.headOnly || s.include) yield* writeAll(sys, out, encode(head))
  if (!s.headOnly) {
    const failed = yield* writeAll(sys, out, response.body)
    if (failed) return yield* fail(23, 'Failure writing output to destination')
  }
  if (out !== 1) yield* sys.close(out)
  const seconds = (((yield* sys.clock('monotonic')) - began) / 1e9).toFixed(6)
  if (s.format)
    yield* print(
      sys,
      written(s.format, {
        http_code: String(response.status),
        response_code: String(response.status),
        size_download: String(response.body.length),
        content_type: response.headers['content-type'] ?? '',
        url_effective: target,
        time_total: seconds,
        remote_port: String(u.port),
        http_version: '1.1',
        exitcode: '0',
      }),
    )
  return 0
}

export const curl: Program = function* (sys, argv) {
  const s = yield* read(sys, argv)
  if (typeof s === 'number') return s
  if (s.urls.length === 0) {
    yield* warn(sys, `curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n`)
    return 2
  }
  let code: ExitCode = 0
  for (const url of s.urls) code = yield* fetchUrl(sys, s, url)
  return code
}

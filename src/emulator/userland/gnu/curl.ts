import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { dial, parseUrl } from '../lib/dial.ts'
import { HttpReader, sendRequest } from '../lib/http.ts'
import { encode, print, warn, writeAll } from '../lib/io.ts'

/** curl(1): HTTP over TCP or a unix socket. */
export const curl: Program = function* (sys, argv) {
  let silent = false
  let show = false
  let headOnly = false
  let include = false
  let failFast = false
  let method: string | undefined
  let output: string | undefined
  let data: string | undefined
  let format = ''
  let socketPath: string | undefined
  const headers: Record<string, string> = {}
  let url: string | undefined
  const args = argv.slice(1)
  const long: Record<string, string> = {
    '--silent': '-s',
    '--head': '-I',
    '--include': '-i',
    '--fail': '-f',
    '--request': '-X',
    '--output': '-o',
    '--data': '-d',
    '--header': '-H',
    '--write-out': '-w',
    '--show-error': '-S',
    '--location': '-L',
    '--max-time': '-m',
  }
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === '--unix-socket') {
      socketPath = args.shift()
      continue
    }
    const word = long[arg] ?? arg
    if (!word.startsWith('-') || word === '-') {
      url = word
      continue
    }
    for (let i = 1; i < word.length; i++) {
      const c = word[i] as string
      const value = (): string => {
        const rest = word.slice(i + 1)
        i = word.length
        return rest || (args.shift() ?? '')
      }
      if (c === 's') silent = true
      else if (c === 'S') show = true
      else if (c === 'I') headOnly = true
      else if (c === 'i') include = true
      else if (c === 'f') failFast = true
      else if (c === 'L' || c === 'k') continue
      else if (c === 'X') method = value()
      else if (c === 'o') output = value()
      else if (c === 'd') data = value()
      else if (c === 'w') format = value()
      else if (c === 'm') value()
      else if (c === 'H') {
        const h = value()
        headers[h.slice(0, h.indexOf(':')).trim()] = h.slice(h.indexOf(':') + 1).trim()
      } else {
        yield* warn(
          sys,
          `curl: option ${arg}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
        )
        return 2
      }
    }
  }
  const quiet = silent && !show
  const fail = function* (code: number, message: string) {
    if (!quiet) yield* warn(sys, `curl: (${code}) ${message}\n`)
    return code
  }
  if (url === undefined) {
    yield* warn(sys, "curl: try 'curl --help' or 'curl --manual' for more information\n")
    return 2
  }
  const u = parseUrl(url)
  if (!u) return yield* fail(3, 'URL rejected: Malformed input to a URL function')
  if (u.secure) {
    yield* warn(sys, 'zukan: not emulated: curl https\n')
    return 1
  }
  let fd: number
  if (socketPath !== undefined) {
    const s = yield* sys.socket('unix', 'stream')
    if (isErr(s)) return 7
    const failed = yield* sys.connect(s, { family: 'unix', path: socketPath })
    if (failed)
      return yield* fail(7, `Failed to connect to ${u.host} port ${u.port} after 0 ms: Couldn't connect to server`)
    fd = s
  } else {
    const began = yield* sys.clock('monotonic')
    const s = yield* dial(sys, u.host, u.port)
    if (typeof s !== 'number') {
      if (s.error === 'name') return yield* fail(6, `Could not resolve host: ${u.host}`)
      const ms = Math.floor(((yield* sys.clock('monotonic')) - began) / 1e6)
      return yield* fail(
        s.text.includes('timed out') ? 28 : 7,
        `Failed to connect to ${u.host} port ${u.port} after ${ms} ms: Couldn't connect to server`,
      )
    }
    fd = s
  }
  const verb = method ?? (headOnly ? 'HEAD' : data !== undefined ? 'POST' : 'GET')
  yield* sendRequest(
    sys,
    fd,
    verb,
    u.path,
    {
      Host: u.port === 80 ? u.host : `${u.host}:${u.port}`,
      'User-Agent': 'curl/8.5.0',
      Accept: '*/*',
      ...(data !== undefined ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
      ...headers,
      Connection: 'close',
    },
    data === undefined ? undefined : encode(data),
  )
  const response = yield* new HttpReader(sys, fd).response(verb)
  yield* sys.close(fd)
  if (!response) return yield* fail(52, 'Empty reply from server')
  if (failFast && response.status >= 400) return yield* fail(22, `The requested URL returned error: ${response.status}`)
  const out = output === undefined || output === '-' ? 1 : yield* sys.open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(out)) return yield* fail(23, 'Failure writing output to destination')
  const head = `HTTP/1.1 ${response.status} ${response.reason}\r\n${Object.entries(response.headers)
    .map(([k, v]) => `${k.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}: ${v}\r\n`)
    .join('')}\r\n`
  if (headOnly || include) yield* writeAll(sys, out, encode(head))
  if (!headOnly) yield* writeAll(sys, out, response.body)
  if (format)
    yield* print(
      sys,
      format
        .replace(/%\{(\w+)\}/g, (_, k: string) =>
          k === 'http_code' || k === 'response_code'
            ? String(response.status)
            : k === 'size_download'
              ? String(response.body.length)
              : '',
        )
        .replace(/\\n/g, '\n')
        .replace(/\\t/g, '\t'),
    )
  return 0
}

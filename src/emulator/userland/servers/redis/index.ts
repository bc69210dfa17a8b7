/** Redis: a server that keeps its data in memory, and the client that asks it. */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGINT, SIGTERM } from '../../../kernel/linux/signals.ts'
import { binary, decode, encode, LineReader, print, unbinary, warn, writeAll } from '../../lib/io.ts'
import { resolveHost } from '../../lib/resolve.ts'
import { strftime } from '../../lib/time.ts'
import { answer, resp, Store } from './commands.ts'

/** Bytes of one command at most, and its words. */
const LARGEST = 8 << 20
const MOST_WORDS = 100_000

/** What came from a client and isn't a whole command yet. */
class Inbox {
  #text = ''
  add(bytes: Uint8Array): void {
    this.#text += binary(bytes)
  }
  /** The next command's words; undefined where more must come; an error text where it is none. */
  next(): readonly string[] | { readonly error: string } | undefined {
    const text = this.#text
    const end = text.indexOf('\n')
    if (end < 0) return text.length > 65536 ? { error: 'ERR Protocol error: too big inline request' } : undefined
    if (text[0] !== '*') {
      this.#text = text.slice(end + 1)
      return text.slice(0, end).trim().split(/\s+/).filter(Boolean)
    }
    const count = Number(text.slice(1, end).trim())
    if (!Number.isInteger(count) || count > MOST_WORDS) return { error: 'ERR Protocol error: invalid multibulk length' }
    const words: string[] = []
    let at = end + 1
    for (let i = 0; i < count; i++) {
      const line = text.indexOf('\n', at)
      if (line < 0)
        return text.length > LARGEST ? { error: 'ERR Protocol error: too big mbulk count string' } : undefined
      if (text[at] !== '$') return { error: `ERR Protocol error: expected '$', got '${text[at]}'` }
      const size = Number(text.slice(at + 1, line).trim())
      if (!Number.isInteger(size) || size < 0 || size > LARGEST)
        return { error: 'ERR Protocol error: invalid bulk length' }
      if (text.length < line + 1 + size + 2) return undefined
      words.push(text.slice(line + 1, line + 1 + size))
      at = line + 1 + size + 2
    }
    this.#text = text.slice(at)
    return words
  }
}

export const redisServer: Program = function* (sys, argv) {
  const pid = yield* sys.getpid()
  const version =
    sys
      .environ()
      .find((e) => e.startsWith('REDIS_VERSION='))
      ?.slice(14) ?? '7.4.2'
  const line = function* (mark: string, text: string): Run<void> {
    const now = yield* sys.clock('realtime')
    const ms = String(Math.floor(now / 1e6) % 1000).padStart(3, '0')
    yield* print(sys, `${pid}:M ${strftime('%d %b %Y %T', now)}.${ms} ${mark} ${text}\n`)
  }
  const at = argv.indexOf('--port')
  const port = at > 0 ? Number(argv[at + 1]) : 6379
  yield* line('*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const failed =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port })) ?? (yield* sys.listen(socket, 511))
  if (failed) {
    yield* line('#', `Warning: Could not create server TCP listening socket *:${port}: bind: ${failed.text}`)
    return 1
  }
  yield* line('*', `Running mode=standalone, port=${port}.`)
  yield* line('*', 'Ready to accept connections tcp')
  let stop: string | undefined
  for (const [signal, name] of [
    [SIGTERM, 'SIGTERM'],
    [SIGINT, 'SIGINT'],
  ] as const)
    yield* sys.sigaction(signal, function* () {
      stop = name
    })
  const store = new Store()
  const started = yield* sys.clock('realtime')
  const clients = new Map<Fd, Inbox>()
  let processed = 0
  const info = (section: string | undefined): string => {
    const up = Math.floor((store.now - started) / 1e9)
    const sections: Readonly<Record<string, string>> = {
      server: `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\nos:Linux\r\nprocess_id:${pid}\r\ntcp_port:${port}\r\nuptime_in_seconds:${up}\r\nuptime_in_days:${Math.floor(up / 86400)}\r\n`,
      clients: `# Clients\r\nconnected_clients:${clients.size}\r\n`,
      stats: `# Stats\r\ntotal_commands_processed:${processed}\r\n`,
      replication: '# Replication\r\nrole:master\r\nconnected_slaves:0\r\n',
      keyspace: `# Keyspace\r\n${store.size > 0 ? `db0:keys=${store.size},expires=${store.keys().filter((k) => store.entry(k)?.expires !== undefined).length}\r\n` : ''}`,
    }
    if (section === undefined || section === 'all' || section === 'default') return Object.values(sections).join('\r\n')
    return Object.hasOwn(sections, section) ? (sections[section] as string) : ''
  }
  function* serve(fd: Fd, inbox: Inbox): Run<void> {
    const bytes = yield* sys.read(fd, 65536)
    let open = !isErr(bytes) && bytes.length > 0
    if (!isErr(bytes)) inbox.add(bytes)
    for (let words = inbox.next(); open && words !== undefined; words = inbox.next()) {
      if ('error' in words) {
        yield* writeAll(sys, fd, unbinary(resp(words)))
        open = false
        break
      }
      if (words.length === 0) continue
      processed++
      const reply = answer(store, words, yield* sys.clock('realtime'), info)
      if (yield* writeAll(sys, fd, unbinary(resp(reply)))) open = false
      if (words[0]?.toLowerCase() === 'quit') open = false
    }
    if (open) return
    clients.delete(fd)
    yield* sys.close(fd)
  }
  while (stop === undefined) {
    const ready: readonly Fd[] | Errno = yield* sys.poll([socket, ...clients.keys()].map((fd) => ({ fd, read: true })))
    if (isErr(ready)) continue
    for (const fd of ready) {
      const inbox = clients.get(fd)
      if (inbox) yield* serve(fd, inbox)
      else if (fd === socket) {
        const client = yield* sys.accept(socket)
        if (!isErr(client)) clients.set(client, new Inbox())
      }
    }
  }
  yield* line('#', `Received ${stop} scheduling shutdown...`)
  yield* line('*', 'User requested shutdown...')
  yield* line('#', 'Redis is now ready to exit, bye bye...')
  return 0
}

/** A reply as redis-cli prints it: on a terminal with its type, otherwise bare. */
type Shown = { readonly raw: string; readonly rich: string }
const quoted = (text: string): string =>
  `"${text
    .replace(/["\\]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
function* readReply(sys: Sys, fd: Fd, buffer: { text: string }, indent = ''): Run<Shown | undefined> {
  const more = function* (): Run<boolean> {
    const bytes = yield* sys.read(fd, 65536)
    if (isErr(bytes) || bytes.length === 0) return false
    buffer.text += binary(bytes)
    return true
  }
  while (!buffer.text.includes('\n')) if (!(yield* more())) return undefined
  const end = buffer.text.indexOf('\n')
  const head = buffer.text.slice(0, end).replace(/\r$/, '')
  buffer.text = buffer.text.slice(end + 1)
  const rest = head.slice(1)
  switch (head[0]) {
    case '+':
      return { raw: rest, rich: rest }
    case '-':
      return { raw: rest, rich: `(error) ${rest}` }
    case ':':
      return { raw: rest, rich: `(integer) ${rest}` }
    case '$': {
      const size = Number(rest)
      if (size < 0) return { raw: '', rich: '(nil)' }
      while (buffer.text.length < size + 2) if (!(yield* more())) return undefined
      const text = buffer.text.slice(0, size)
      buffer.text = buffer.text.slice(size + 2)
      return { raw: text, rich: quoted(text) }
    }
    default: {
      const count = Number(rest)
      if (count <= 0) return { raw: '', rich: '(empty array)' }
      const raw: string[] = []
      const rich: string[] = []
      const width = String(count).length
      for (let i = 1; i <= count; i++) {
        const pad = `${indent}${' '.repeat(width + 2)}`
        const item = yield* readReply(sys, fd, buffer, pad)
        if (!item) return undefined
        raw.push(item.raw)
        rich.push(`${i > 1 ? indent : ''}${String(i).padStart(width)}) ${item.rich}`)
      }
      return { raw: raw.join('\n'), rich: rich.join('\n') }
    }
  }
}
/** Words of a line, with quotes as redis-cli takes them; undefined where one isn't closed. */
function wordsOf(line: string): string[] | undefined {
  const words: string[] = []
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']+))/y
  let at = 0
  while (line.slice(at).trim() !== '') {
    pattern.lastIndex = at
    const m = pattern.exec(line)
    if (!m) return undefined
    at = pattern.lastIndex
    const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
    words.push(m[1]?.replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c) ?? m[2] ?? m[3] ?? '')
  }
  return words
}
export const redisCli: Program = function* (sys, argv) {
  const words = argv.slice(1)
  let host = '127.0.0.1'
  let port = 6379
  let raw: boolean | undefined
  while (words[0]?.startsWith('-')) {
    const option = words.shift() as string
    if (option === '-h') host = words.shift() ?? host
    else if (option === '-p') port = Number(words.shift())
    else if (option === '--raw') raw = true
    else if (option === '--no-raw') raw = false
    else if (option === '-v' || option === '--version') {
      yield* print(
        sys,
        `redis-cli ${
          sys
            .environ()
            .find((e) => e.startsWith('REDIS_VERSION='))
            ?.slice(14) ?? '7.4.2'
        }\n`,
      )
      return 0
    } else {
      yield* warn(sys, `zukan: not emulated: redis-cli ${option}\n`)
      return 1
    }
  }
  const fd = yield* sys.socket('inet', 'stream')
  if (isErr(fd)) return 1
  const address = (yield* resolveHost(sys, host)) ?? host
  const failed = yield* sys.connect(fd, { family: 'inet', address, port })
  if (failed) {
    yield* warn(sys, `Could not connect to Redis at ${host}:${port}: ${failed.text}\n`)
    return 1
  }
  const terminal = !isErr(yield* sys.ioctl(1, 'TCGETS'))
  const bare = raw ?? !terminal
  const buffer = { text: '' }
  function* ask(command: readonly string[]): Run<ExitCode> {
    const bytes = command.map((w) => binary(encode(w)))
    yield* writeAll(
      sys,
      fd as Fd,
      unbinary(`*${bytes.length}\r\n${bytes.map((w) => `$${w.length}\r\n${w}\r\n`).join('')}`),
    )
    const reply = yield* readReply(sys, fd as Fd, buffer)
    if (!reply) {
      yield* warn(sys, 'Error: Server closed the connection\n')
      return 1
    }
    yield* writeAll(sys, 1, unbinary(`${bare ? reply.raw : reply.rich}\n`))
    return 0
  }
  if (words.length > 0) return yield* ask(words)
  const prompt = terminal && !isErr(yield* sys.ioctl(0, 'TCGETS'))
  const reader = new LineReader(sys, 0)
  for (;;) {
    if (prompt) yield* print(sys, `${host}:${port}> `)
    const text = yield* reader.next()
    if (text === undefined || isErr(text)) return 0
    const line = wordsOf(decode(unbinary(text)))
    if (!line) {
      yield* print(sys, 'Invalid argument(s)\n')
      continue
    }
    if (line.length === 0) continue
    if (/^(quit|exit)$/i.test(line[0] as string)) return 0
    const status = yield* ask(line)
    if (status !== 0) return status
  }
}

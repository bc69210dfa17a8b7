/** psql: asks a PostgreSQL server and prints its answers in tables. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { getopt } from '../../gnu/getopt.ts'
import { users } from '../../lib/accounts.ts'
import { dial } from '../../lib/dial.ts'
import { widthOf } from '../../lib/fullscreen.ts'
import { decode, LineReader, print, readText, unbinary, warn, writeAll } from '../../lib/io.ts'
import { versionOf } from './version.ts'
import { fields, Messages, message } from './wire.ts'

const PORT = 5432
const SOCKET = '/var/run/postgresql/.s.PGSQL.5432'
interface Style {
  readonly bare: boolean
  readonly plain: boolean
  readonly quiet: boolean
}
interface Heading {
  readonly name: string
  readonly right: boolean
}
const width = (text: string): number => [...text].reduce((n, c) => n + widthOf(c), 0)
const pad = (text: string, to: number, right: boolean): string =>
  right ? ' '.repeat(Math.max(0, to - width(text))) + text : text + ' '.repeat(Math.max(0, to - width(text)))
/** A table as psql prints it: aligned, or bare (-t) and with | between (-A). */
export function table(
  heads: readonly Heading[],
  rows: readonly (readonly string[])[],
  s: Style,
  title?: string,
): string {
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`
  if (s.plain)
    return `${s.bare ? '' : `${heads.map((h) => h.name).join('|')}\n`}${rows.map((r) => `${r.join('|')}\n`).join('')}${s.bare ? '' : count}`
  const widths = heads.map((h, i) =>
    Math.max(width(h.name), ...rows.flatMap((r) => (r[i] as string).split('\n').map(width))),
  )
  const center = (text: string, to: number): string => {
    const free = Math.max(0, to - width(text))
    return ' '.repeat(Math.floor(free / 2)) + text + ' '.repeat(Math.ceil(free / 2))
  }
  const last = heads.length - 1
  /** A row; a cell of several lines ends each but the last in +. */
  const line = (r: readonly string[]): string => {
    const cells = r.map((x) => x.split('\n'))
    const height = Math.max(...cells.map((x) => x.length))
    return Array.from({ length: height }, (_, k) =>
      cells
        .map((x, i) => {
          const more = k + 1 < x.length
          const text = x[k] ?? ''
          const end = i === last && !more
          return ` ${end && !heads[i]?.right ? text : pad(text, widths[i] as number, heads[i]?.right ?? false)}${more ? '+' : i === last ? '' : ' '}`
        })
        .join('|')
        .concat('\n'),
    ).join('')
  }
  const body = rows.map(line).join('')
  if (s.bare) return `${body}\n`
  const total = widths.reduce((a, b) => a + b + 3, -1)
  return `${title === undefined ? '' : `${' '.repeat(Math.max(0, Math.floor((total - width(title)) / 2)))}${title}\n`}${heads.map((h, i) => ` ${center(h.name, widths[i] as number)} `).join('|')}\n${widths.map((w) => '-'.repeat(w + 2)).join('+')}\n${body}${count}\n`
}

class Client {
  readonly #sys: Sys
  readonly #fd: Fd
  readonly #messages = new Messages(true)
  constructor(sys: Sys, fd: Fd) {
    this.#sys = sys
    this.#fd = fd
  }
  *next(): Run<{ readonly letter: string; readonly body: Uint8Array } | undefined> {
    for (;;) {
      const m = this.#messages.next()
      if (m) return m
      const bytes = yield* this.#sys.read(this.#fd, 65536)
      if (isErr(bytes) || bytes.length === 0) return undefined
      this.#messages.add(bytes)
    }
  }
  send(bytes: Uint8Array): Run<unknown> {
    return writeAll(this.#sys, this.#fd, bytes)
  }
}
/** The fields of an error or notice, by their letters. */
const problem = (body: Uint8Array): Readonly<Record<string, string>> =>
  Object.fromEntries(
    decode(body)
      .split('\0')
      .filter(Boolean)
      .map((f) => [f[0] as string, f.slice(1)] as const),
  )
function problemText(body: Uint8Array, query: string): string {
  const f = problem(body)
  // No mistake: there is nothing to list.
  if (f.C === '00000') return `${f.M}\n`
  let text = `${f.S}:  ${f.M}\n`
  if (f.P !== undefined) {
    const at = Number(f.P) - 1
    const start = query.lastIndexOf('\n', at - 1) + 1
    const line = query.slice(0, start).split('\n').length
    const head = `LINE ${line}: `
    text += `${head}${query.slice(start).split('\n')[0]}\n${' '.repeat(head.length + at - start)}^\n`
  }
  return f.D === undefined ? text : `${text}DETAIL:  ${f.D}\n`
}
/** Sends a query and prints what comes back; 1 where the server refused it. */
function* ask(sys: Sys, client: Client, query: string, s: Style, title?: string): Run<ExitCode> {
  yield* client.send(message('Q', fields(query)))
  let heads: Heading[] = []
  let rows: string[][] = []
  let status = 0
  for (;;) {
    const m = yield* client.next()
    if (!m) {
      yield* warn(sys, 'server closed the connection unexpectedly\n')
      return 2
    }
    const view = new DataView(m.body.buffer, m.body.byteOffset, m.body.byteLength)
    if (m.letter === 'Z') return status
    if (m.letter === 'E' || m.letter === 'N') {
      yield* warn(sys, problemText(m.body, query))
      if (m.letter === 'E') status = 1
    } else if (m.letter === 'T') {
      heads = []
      rows = []
      for (let i = 0, at = 2; i < view.getUint16(0); i++) {
        const end = m.body.indexOf(0, at)
        heads.push({ name: decode(m.body.slice(at, end)), right: [20, 23].includes(view.getUint32(end + 7)) })
        at = end + 19
      }
    } else if (m.letter === 'D') {
      const row: string[] = []
      for (let i = 0, at = 2; i < view.getUint16(0); i++) {
        const size = view.getInt32(at)
        at += 4
        row.push(size < 0 ? '' : decode(m.body.slice(at, at + size)))
        at += Math.max(0, size)
      }
      rows.push(row)
    } else if (m.letter === 'C') {
      const tag = decode(m.body).replace(/\0$/, '')
      if (heads.length > 0) yield* print(sys, table(heads, rows, s, title))
      else if (!s.quiet) yield* print(sys, `${tag}\n`)
      heads = []
    }
  }
}

export const psql: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'psql',
      short: 'c:U:d:h:p:tAqf:lwWVXv:n',
      long: {
        'command=': 'c',
        'username=': 'U',
        'dbname=': 'd',
        'host=': 'h',
        'port=': 'p',
        'tuples-only': 't',
        'no-align': 'A',
        quiet: 'q',
        'file=': 'f',
        list: 'l',
        version: 'V',
        'no-password': 'w',
        'no-psqlrc': 'X',
      },
    },
    argv,
  )
  if (typeof o === 'number') return o
  const env = (name: string): string | undefined =>
    sys
      .environ()
      .find((e) => e.startsWith(`${name}=`))
      ?.slice(name.length + 1)
  const version = versionOf(sys)
  if (o.has('V')) {
    yield* print(sys, `psql (PostgreSQL) ${version}\n`)
    return 0
  }
  if (o.has('v') || o.has('W')) {
    yield* warn(sys, `zukan: not emulated: psql -${o.has('v') ? 'v' : 'W'}\n`)
    return 1
  }
  const { euid } = yield* sys.getcred()
  const account = (yield* users(sys)).find((u) => u.uid === euid)?.name ?? String(euid)
  const user = o.value('U') ?? o.rest[1] ?? env('PGUSER') ?? account
  const database = o.value('d') ?? o.rest[0] ?? env('PGDATABASE') ?? user
  const host = o.value('h') ?? env('PGHOST')
  const port = Number(o.value('p') ?? env('PGPORT') ?? PORT)
  const where =
    host === undefined
      ? `connection to server on socket "${SOCKET}"`
      : `connection to server at "${host}", port ${port}`
  const fd = yield* dial(sys, host ?? 'localhost', port)
  if (typeof fd !== 'number') {
    const why =
      host === undefined
        ? 'No such file or directory\n\tIs the server running locally and accepting connections on that socket?'
        : fd.error === 'name'
          ? undefined
          : `${fd.text}\n\tIs the server running on that host and accepting TCP/IP connections?`
    yield* warn(
      sys,
      why === undefined
        ? `psql: error: could not translate host name "${host}" to address: Name does not resolve\n`
        : `psql: error: ${where} failed: ${why}\n`,
    )
    return 2
  }
  const client = new Client(sys, fd)
  yield* client.send(message('', fields([196608, 4], 'user', user, 'database', database, [0, 1])))
  for (;;) {
    const m = yield* client.next()
    if (m?.letter === 'Z') break
    if (m && m.letter !== 'E') continue
    yield* warn(
      sys,
      `psql: error: ${where} failed: ${m ? `${problem(m.body).S}:  ${problem(m.body).M}` : 'server closed the connection unexpectedly'}\n`,
    )
    return 2
  }
  const style: Style = { bare: o.has('t'), plain: o.has('A'), quiet: o.has('q') }
  function* one(text: string): Run<ExitCode> {
    const word = text.trim()
    if (!word.startsWith('\\')) return word === '' ? 0 : yield* ask(sys, client, text, style)
    if (word === '\\l' || word === '\\dt') {
      // The server knows its lists by names of its own; the real client reads system catalogues.
      return yield* ask(sys, client, `zukan ${word}`, style, word === '\\l' ? 'List of databases' : 'List of relations')
    }
    if (word === '\\conninfo') {
      yield* print(
        sys,
        `You are connected to database "${database}" as user "${user}" via socket in "/var/run/postgresql" at port "${port}".\n`,
      )
      return 0
    }
    yield* warn(sys, `zukan: not emulated: psql ${word.split(' ')[0]}\n`)
    return 1
  }
  if (o.has('l')) return yield* one('\\l')
  let status: ExitCode = 0
  for (const command of o.all('c')) {
    status = yield* one(command)
    if (status !== 0) return status
  }
  for (const file of o.all('f')) {
    const text = yield* readText(sys, file)
    if (isErr(text)) {
      yield* warn(sys, `psql: error: ${file}: ${text.text}\n`)
      return 1
    }
    for (const statement of text.split(/;\s*(?:\n|$)/)) if (statement.trim() !== '') yield* one(`${statement.trim()};`)
  }
  if (o.has('c') || o.has('f')) return status
  const tty = !isErr(yield* sys.ioctl(0, 'TCGETS'))
  if (tty) yield* print(sys, `psql (${version})\nType "help" for help.\n\n`)
  const reader = new LineReader(sys, 0)
  for (let pending = ''; ; ) {
    if (tty) yield* print(sys, `${database}${pending === '' ? '=' : '-'}# `)
    const line = yield* reader.next()
    if (line === undefined || isErr(line)) return 0
    const text = decode(unbinary(line))
    if (pending === '' && /^\s*(\\q|quit|exit)\s*;?\s*$/.test(text)) return 0
    if (pending === '' && text.trim().startsWith('\\')) yield* one(text)
    else if (/;\s*$/.test(text)) {
      yield* one(pending + text)
      pending = ''
    } else if (pending !== '' || text.trim() !== '') pending += `${text}\n`
  }
}

/** PostgreSQL's server as containers start it: its log, its processes, its socket; what it knows of SQL is sql.ts. */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { SIGINT, SIGQUIT, SIGTERM } from '../../../kernel/linux/signals.ts'
import { dial } from '../../lib/dial.ts'
import { decode, encode, print, readText, warn, writeAll } from '../../lib/io.ts'
import { strftime } from '../../lib/time.ts'
import { type Result, runSql, type Table, type Tables } from './sql.ts'
import { majorOf, versionOf } from './version.ts'
import { errorMessage, fields, Messages, message, ready, resultMessages } from './wire.ts'

const PORT = 5432
const UID = 70
/** What the postmaster starts beside itself, by the titles that ps shows. Since 18 workers read and write for the others. */
const helpersOf = (major: number): readonly string[] => [
  ...(major < 18 ? [] : ['io worker 0', 'io worker 1', 'io worker 2']),
  'checkpointer',
  'background writer',
  'walwriter',
  'autovacuum launcher',
  'logical replication launcher',
]

function* log(sys: Sys, text: string, level = 'LOG'): Run<void> {
  const now = yield* sys.clock('realtime')
  const milliseconds = String(Math.floor(now / 1e6) % 1000).padStart(3, '0')
  yield* warn(sys, `${strftime('%F %T', now)}.${milliseconds} UTC [${yield* sys.getpid()}] ${level}:  ${text}\n`)
}
/** Where tables are kept between starts: below the data directory, in a form of our own. */
const KEPT = '/base/zukan.json'

function* load(sys: Sys, file: string): Run<Tables> {
  const text = yield* readText(sys, file)
  return new Map(isErr(text) ? [] : (JSON.parse(text) as [string, Table][]))
}
function* keep(sys: Sys, file: string, tables: Tables): Run<void> {
  yield* sys.mkdir(file.replace(/\/[^/]*$/, ''), 0o700)
  const fd = yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, encode(JSON.stringify([...tables])))
  yield* sys.close(fd)
}
/** A table's rows as the lists of psql want them. */
function list(word: string, names: readonly string[], owner: string, tables: Tables): Result {
  const text = (...heads: readonly string[]) => heads.map((name) => ({ name, type: 'text' as const }))
  if (word.endsWith('\\dt')) {
    if (tables.size === 0) return { error: 'Did not find any relations.', code: '00000' }
    const rows = [...tables.keys()].sort().map((n) => ['public', n, 'table', owner])
    return { columns: text('Schema', 'Name', 'Type', 'Owner'), rows, tag: 'SELECT' }
  }
  const rows = [...names]
    .sort()
    .map((n) => [
      n,
      owner,
      'UTF8',
      'libc',
      'en_US.utf8',
      'en_US.utf8',
      '',
      '',
      n.startsWith('template') ? `=c/${owner}\n${owner}=CTc/${owner}` : '',
    ])
  return {
    columns: text(
      'Name',
      'Owner',
      'Encoding',
      'Locale Provider',
      'Collate',
      'Ctype',
      'Locale',
      'ICU Rules',
      'Access privileges',
    ),
    rows,
    tag: 'SELECT',
  }
}

export const postgres: Program = function* (sys) {
  // The image's entry point gives root up by su-exec before this; here the server does it itself.
  if ((yield* sys.getcred()).uid === 0) {
    yield* sys.setgid(UID)
    yield* sys.setuid(UID)
  }
  const version = versionOf(sys)
  const env = (name: string): string | undefined =>
    sys
      .environ()
      .find((e) => e.startsWith(`${name}=`))
      ?.slice(name.length + 1)
  const data = env('PGDATA') ?? '/var/lib/postgresql/data'
  const made = yield* readText(sys, `${data}/PG_VERSION`)
  if (!isErr(made) && made.trim() !== majorOf(sys)) {
    yield* log(sys, 'database files are incompatible with server', 'FATAL')
    const detail = `The data directory was initialized by PostgreSQL version ${made.trim()}, which is not compatible with this version ${version}.`
    yield* log(sys, detail, 'DETAIL')
    return 1
  }
  const gcc = Number(majorOf(sys)) < 18 ? '14.2.0' : '15.2.0'
  const build = `PostgreSQL ${version} on x86_64-pc-linux-musl, compiled by gcc (Alpine ${gcc}) ${gcc}, 64-bit`
  yield* log(sys, `starting ${build}`)
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const failed =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: PORT })) ?? (yield* sys.listen(socket, 244))
  if (failed) {
    yield* log(sys, `could not bind IPv4 address "0.0.0.0": ${failed.text}`)
    yield* log(sys, 'could not create any TCP/IP sockets', 'FATAL')
    return 1
  }
  yield* log(sys, `listening on IPv4 address "0.0.0.0", port ${PORT}`)
  yield* log(sys, 'database system is ready to accept connections')
  const children: number[] = []
  for (const title of helpersOf(Number(majorOf(sys)))) {
    const pid = yield* sys.fork(function* (child) {
      yield* child.setproctitle(`postgres: ${title}`)
      for (;;) yield* child.pause()
    })
    if (!isErr(pid)) children.push(pid)
  }
  let stop = false
  for (const signal of [SIGTERM, SIGINT, SIGQUIT])
    yield* sys.sigaction(signal, function* () {
      stop = true
    })
  const owner = env('POSTGRES_USER') ?? 'postgres'
  const databases = new Set(['postgres', 'template0', 'template1', env('POSTGRES_DB') ?? owner])
  const file = (name: string): string => `${data}${name === 'postgres' ? KEPT : KEPT.replace('zukan', `zukan-${name}`)}`
  const stores = new Map<string, Tables>()
  const clients = new Map<Fd, { readonly messages: Messages; database: string }>()
  function* serve(fd: Fd, client: { readonly messages: Messages; database: string }): Run<void> {
    const bytes = yield* sys.read(fd, 65536)
    let open = !isErr(bytes) && bytes.length > 0
    if (!isErr(bytes)) client.messages.add(bytes)
    for (let m = client.messages.next(); open && m; m = client.messages.next()) {
      if (m.letter === '') {
        const words = decode(m.body.slice(4)).split('\0')
        const user = words[words.indexOf('user') + 1] ?? ''
        client.database = words.includes('database') ? (words[words.indexOf('database') + 1] ?? user) : user
        const wrong =
          user !== owner
            ? { text: `role "${user}" does not exist`, code: '28000' }
            : !databases.has(client.database)
              ? { text: `database "${client.database}" does not exist`, code: '3D000' }
              : undefined
        if (wrong) {
          yield* log(sys, wrong.text, 'FATAL')
          yield* writeAll(sys, fd, errorMessage('FATAL', wrong.text, wrong.code))
          open = false
        } else {
          yield* writeAll(sys, fd, message('R', fields([0, 4])))
          yield* writeAll(sys, fd, message('S', fields('server_version', version)))
          yield* writeAll(sys, fd, ready)
        }
      } else if (m.letter === 'Q') {
        const query = decode(m.body).replace(/\0$/, '')
        let tables = stores.get(client.database)
        if (!tables) {
          tables = yield* load(sys, file(client.database))
          stores.set(client.database, tables)
        }
        const results = query.startsWith('zukan \\')
          ? [list(query, [...databases], owner, tables)]
          : runSql(query, tables, build)
        for (const r of results) {
          if ('error' in r && r.code !== '00000') {
            yield* log(sys, `${r.error}${r.at === undefined ? '' : ` at character ${r.at}`}`, 'ERROR')
            yield* log(sys, query, 'STATEMENT')
          }
          for (const part of resultMessages(r)) yield* writeAll(sys, fd, part)
        }
        if (results.some((r) => !('error' in r) && !('columns' in r))) yield* keep(sys, file(client.database), tables)
        yield* writeAll(sys, fd, ready)
      } else if (m.letter === 'X') open = false
      else {
        yield* writeAll(
          sys,
          fd,
          errorMessage('ERROR', `zukan: not emulated: message ${m.letter} of the protocol`, '0A000'),
        )
        yield* writeAll(sys, fd, ready)
      }
    }
    if (open) return
    clients.delete(fd)
    yield* sys.close(fd)
  }
  while (!stop) {
    const came: readonly Fd[] | Errno = yield* sys.poll([socket, ...clients.keys()].map((fd) => ({ fd, read: true })))
    if (isErr(came)) continue
    for (const fd of came) {
      const client = clients.get(fd)
      if (client) yield* serve(fd, client)
      else if (fd === socket) {
        const opened = yield* sys.accept(socket)
        if (!isErr(opened)) clients.set(opened, { messages: new Messages(false), database: '' })
      }
    }
  }
  yield* log(sys, 'received fast shutdown request')
  yield* log(sys, 'shutting down')
  for (const pid of children) {
    yield* sys.kill(pid, SIGQUIT)
    yield* sys.wait(pid)
  }
  yield* log(sys, 'database system is shut down')
  return 0
}
/** pg_isready(1): whether a server takes connections; 0 where it does, 2 where nobody answers. */
export const pgIsready: Program = function* (sys, argv) {
  const at = argv.indexOf('-h')
  const host = at > 0 ? (argv[at + 1] ?? 'localhost') : 'localhost'
  const fd = yield* dial(sys, host, PORT)
  const up = typeof fd === 'number'
  if (up) yield* sys.close(fd)
  const shown = at > 0 ? host : '/var/run/postgresql'
  yield* print(sys, `${shown}:${PORT} - ${up ? 'accepting connections' : 'no response'}\n`)
  return up ? 0 : 2
}

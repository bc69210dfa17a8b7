/** PostgreSQL's server as containers start it: its log, its processes, its socket. Statements of SQL aren't emulated: clients are told so. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGINT, SIGQUIT, SIGTERM } from '../../kernel/linux/signals.ts'
import { dial } from '../lib/dial.ts'
import { print, warn, writeAll } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

const PORT = 5432
const UID = 70
/** What the postmaster starts beside itself, by the titles that ps shows. */
const helpers = [
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
/** An ErrorResponse of the protocol, version 3: fields of a letter and a text, ended by a zero byte each. */
function errorResponse(message: string): Uint8Array {
  const body = new TextEncoder().encode(`SFATAL\0VFATAL\0C0A000\0M${message}\0\0`)
  const out = new Uint8Array(5 + body.length)
  out[0] = 'E'.charCodeAt(0)
  new DataView(out.buffer).setUint32(1, 4 + body.length)
  out.set(body, 5)
  return out
}

export const postgres: Program = function* (sys) {
  // The image's entry point gives root up by su-exec before this; here the server does it itself.
  if ((yield* sys.getcred()).uid === 0) {
    yield* sys.setgid(UID)
    yield* sys.setuid(UID)
  }
  const version =
    sys
      .environ()
      .find((e) => e.startsWith('PG_VERSION='))
      ?.slice(11) ?? '16.10'
  yield* log(
    sys,
    `starting PostgreSQL ${version} on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit`,
  )
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
  for (const title of helpers) {
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
  while (!stop) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) continue
    // Its StartupMessage; whatever it asks for, it is told that nobody here understands SQL.
    yield* sys.read(client, 8192)
    yield* writeAll(sys, client, errorResponse('zukan: not emulated: SQL'))
    yield* sys.close(client)
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
export const psql: Program = function* (sys) {
  yield* warn(sys, 'zukan: not emulated: psql\n')
  return 1
}

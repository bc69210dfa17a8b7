/** nc: bytes over TCP, either side. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGCHLD } from '../../../kernel/linux/signals.ts'
import { dial } from '../../lib/dial.ts'
import { warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { execvp } from '../../lib/run.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** -e: the program in nc's place, with the connection as its input and output; stderr stays (networking/nc_bloaty.c, doexec). */
function* become(sys: Sys, connection: Fd, program: readonly string[]): Run<ExitCode> {
  for (const fd of [0, 1]) yield* sys.dup2(connection, fd)
  yield* sys.close(connection)
  const failed = yield* execvp(sys, program)
  yield* warn(sys, `nc: can't execute '${program[0] ?? ''}': ${strerror(failed)}\n`)
  return 1
}

/** -lk with -e: a process for each connection, until a signal ends it. */
function* serve(sys: Sys, socket: Fd, program: readonly string[]): Run<ExitCode> {
  yield* sys.sigaction(SIGCHLD, 'ignore')
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (connection === EINTR) continue
    if (isErr(connection)) return 1
    yield* sys.fork(function* (child) {
      yield* child.close(socket)
      yield* child.sigaction(SIGCHLD, 'default')
      return yield* become(child, connection, program)
    })
    yield* sys.close(connection)
  }
}

export const nc: Applet = {
  name: 'nc',
  usage: '[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen',
  help: "\t-e PROG\tRun PROG after connect (must be last)\n\t-l\tListen mode, for inbound connects\n\t-lk\tWith -e, provides persistent server\n\t-p PORT\tLocal port\n\t-s ADDR\tLocal address\n\t-w SEC\tTimeout for connects and final net reads\n\t-i SEC\tDelay interval for lines sent\n\t-n\tDon't do DNS resolution\n\t-u\tUDP mode\n\t-b\tAllow broadcasts\n\t-v\tVerbose\n\t-o FILE\tHex dump traffic\n\t-z\tZero-I/O mode (scanning)",
  *run(sys, argv) {
    // All that follows -e is the program.
    const at = argv.indexOf('-e')
    const program = at < 0 || at + 1 === argv.length ? undefined : argv.slice(at + 1)
    const o = yield* getopt(sys, nc, program ? argv.slice(0, at) : argv, 'lkp:w:e:znvi:us:bo:')
    if (typeof o === 'number') return o
    for (const letter of 'iusbo')
      if (o.has(letter)) {
        yield* warn(sys, `zukan: not emulated: nc -${letter}\n`)
        return 1
      }
    if (!o.has('l') && o.rest.length < 2) return yield* showUsage(sys, nc)
    const patience = o.has('w') ? parseNumber(o.value('w') as string, 1) : undefined
    if (patience !== undefined && typeof patience !== 'number') {
      yield* warn(sys, `nc: ${patience.error}\n`)
      return 1
    }
    let fd: Fd
    if (o.has('l')) {
      const s = yield* sys.socket('inet', 'stream')
      if (isErr(s)) return 1
      const failed =
        (yield* sys.bind(s, {
          family: 'inet',
          address: '0.0.0.0',
          port: Number(o.value('p') ?? o.rest.at(-1) ?? 0),
        })) ?? (yield* sys.listen(s))
      if (failed) {
        yield* warn(sys, `nc: bind: ${strerror(failed)}\n`)
        return 1
      }
      if (program && (o.has('k') || o.all('l').length > 1)) return yield* serve(sys, s, program)
      const c = yield* sys.accept(s)
      if (isErr(c)) return 1
      fd = c
    } else {
      const c = yield* dial(sys, o.rest[0] ?? '', Number(o.rest[1]))
      if (typeof c !== 'number') {
        yield* warn(
          sys,
          c.error === 'name'
            ? `nc: bad address '${o.rest[0]}'\n`
            : `nc: ${o.rest[0]} (${c.address}:${o.rest[1]}): ${c.reason ? strerror(c.reason) : c.text}\n`,
        )
        return 1
      }
      if (o.has('v')) yield* warn(sys, `${o.rest[0]} (${yield* peerOf(sys, c)}) open\n`)
      if (o.has('z')) return 0
      fd = c
    }
    if (program) return yield* become(sys, fd, program)
    let input = true
    for (;;) {
      // Once nothing more is sent, -w bounds the wait for what still comes.
      const ready = yield* sys.poll(
        [{ fd, read: true }, ...(input ? [{ fd: 0, read: true }] : [])],
        input || patience === undefined ? undefined : patience * 1e9,
      )
      if (ready === EINTR) continue
      if (isErr(ready)) return 1
      if (ready.length === 0) return 0
      if (ready.includes(fd)) {
        const part = yield* sys.read(fd, 65536)
        if (isErr(part) || part.length === 0) return 0
        yield* writeAll(sys, 1, part)
      }
      if (input && ready.includes(0)) {
        const part = yield* sys.read(0, 65536)
        if (isErr(part) || part.length === 0) {
          input = false
          yield* sys.shutdown(fd, 'write')
        } else yield* writeAll(sys, fd, part)
      }
    }
  },
}
/** Who is at the other end, as `ADDRESS:PORT`. */
function* peerOf(sys: Sys, fd: Fd): Run<string> {
  const peer = yield* sys.getpeername(fd)
  return !isErr(peer) && peer.family === 'inet' ? `${peer.address}:${peer.port}` : '?'
}

/** nc: bytes over TCP, either side. */
import { EINTR, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGCHLD } from '../../../kernel/linux/signals.ts'
import { dial } from '../../lib/dial.ts'
import { pollWithInput, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
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
  *run(sys, argv) {
    // All that follows -e is the program.
    const at = argv.indexOf('-e')
    const program = at < 0 ? undefined : argv.slice(at + 1)
    const o = yield* getopt(sys, nc, at < 0 ? argv : argv.slice(0, at), '+lkp:w:znv')
    if (typeof o === 'number') return o
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
      if (o.has('z')) return 0
      fd = c
    }
    if (program) return yield* become(sys, fd, program)
    let input = true
    for (;;) {
      const ready = yield* pollWithInput(sys, fd, input)
      if (ready === EINTR) continue
      if (isErr(ready)) return 1
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

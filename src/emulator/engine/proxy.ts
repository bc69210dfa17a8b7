/** docker-proxy: listens on the host's port and hands connections on to the container. */
import { isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { writeAll } from '../userland/lib/io.ts'

export const dockerProxy: Program = function* (sys, argv) {
  const option = (name: string): string => argv[argv.indexOf(name) + 1] ?? ''
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const failed =
    (yield* sys.bind(socket, { family: 'inet', address: option('-host-ip'), port: Number(option('-host-port')) })) ??
    (yield* sys.listen(socket))
  if (failed) return 1
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) continue
    sys.thread(function* (t) {
      const server = yield* t.socket('inet', 'stream')
      if (isErr(server)) return
      if (
        !(yield* t.connect(server, {
          family: 'inet',
          address: option('-container-ip'),
          port: Number(option('-container-port')),
        }))
      ) {
        t.thread(function* (back) {
          for (;;) {
            const part = yield* back.read(server, 65536)
            if (isErr(part) || part.length === 0) break
            if (yield* writeAll(back, client, part)) break
          }
          yield* back.shutdown(client, 'write')
        })
        for (;;) {
          const part = yield* t.read(client, 65536)
          if (isErr(part) || part.length === 0) break
          if (yield* writeAll(t, server, part)) break
        }
        yield* t.shutdown(server, 'write')
        return
      }
      yield* t.close(server)
      yield* t.close(client)
    })
  }
}

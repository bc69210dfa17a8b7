/** The programs of the simulated internet: a registry that speaks the distribution API, and a name server. */
import { isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { catalogueBlobs, catalogueIndex, repositories } from '../oci/catalogue/index.ts'
import { emptyStore, handle } from '../oci/registry.ts'
import { decodeMessage, encodeResponse } from '../userland/lib/dns.ts'
import { HttpReader, sendResponse } from '../userland/lib/http.ts'

/** registry PORT: Docker Hub with the catalogue's images. Encryption isn't emulated: what is https outside is plain here. */
export const registry: Program = function* (sys, argv) {
  const store = emptyStore({
    blobs: catalogueBlobs,
    index: (repository, tag) => catalogueIndex(repository, tag)?.digest,
    tags: (repository) =>
      Object.hasOwn(repositories, repository) ? Object.keys(repositories[repository] ?? {}) : undefined,
  })
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: Number(argv[1] ?? 443) })
  yield* sys.listen(socket)
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (isErr(connection)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, connection)
      for (let request = yield* reader.request(); request; request = yield* reader.request()) {
        const r = handle(store, request)
        yield* sendResponse(t, connection, r.status, r.headers, r.body, request.method === 'HEAD')
      }
      yield* t.close(connection)
    })
  }
}

/** dns NAME=ADDRESS...: answers for those names, and for no others. */
export const nameServer: Program = function* (sys, argv) {
  const zone = new Map(argv.slice(1).map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]))
  const fd = yield* sys.socket('inet', 'dgram')
  if (isErr(fd)) return 1
  yield* sys.bind(fd, { family: 'inet', address: '0.0.0.0', port: 53 })
  for (;;) {
    const got = yield* sys.recvfrom(fd, 512)
    if (isErr(got)) continue
    const query = decodeMessage(got.bytes)
    if (!query) continue
    const address = zone.get(query.name)
    yield* sys.sendto(fd, encodeResponse(query, address ? [address] : [], address ? 0 : 3), got.from)
  }
}

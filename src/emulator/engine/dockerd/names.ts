/** The embedded name server of user-defined networks, 127.0.0.11 in each container. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { decodeMessage, encodeResponse } from '../../userland/lib/dns.ts'
import { ask } from '../../userland/lib/resolve.ts'
import { inside } from './networks.ts'
import type { Container, Daemon } from './state.ts'

/** The addresses of a name, as the embedded DNS server at 127.0.0.11 knows it for a container's networks: several containers may share an alias. */
function lookupName(d: Daemon, c: Container, name: string): readonly string[] {
  const mine = new Set(c.endpoints.map((e) => e.network))
  // --link gives names that hold for this container alone.
  for (const link of [...(c.hostConfig.Links ?? []), ...c.endpoints.flatMap((e) => e.links)]) {
    const [target = '', alias] = link.split(':')
    if (alias === name && target !== name) return lookupName(d, c, target)
  }
  const found: string[] = []
  for (const other of d.containers.values()) {
    for (const e of other.endpoints) {
      if (e.address === '' || !mine.has(e.network) || d.networks.get(e.network)?.name === 'bridge') continue
      if ([other.name, other.id.slice(0, 12), other.config.Hostname, ...e.aliases].includes(name)) found.push(e.address)
    }
  }
  return found
}
/** Serves names in a container's network namespace for as long as its process lives. */
export function* serveNames(sys: Sys, d: Daemon, c: Container, pid: number): Run<void> {
  yield* inside(
    sys,
    pid,
    function* (t) {
      const fd = yield* t.socket('inet', 'dgram')
      if (isErr(fd) || (yield* t.bind(fd, { family: 'inet', address: '127.0.0.11', port: 53 }))) return
      while (c.pid === pid) {
        const got = yield* t.recvfrom(fd, 512)
        if (isErr(got)) break
        const query = decodeMessage(got.bytes)
        if (!query) continue
        const found = lookupName(d, c, query.name)
        let answer: Uint8Array
        if (found.length > 0) answer = encodeResponse(query, found)
        else {
          const outer = query.name.includes('.') ? yield* ask(t, '10.0.0.2', query.name) : 'nxdomain'
          answer = typeof outer === 'string' ? encodeResponse(query, [], 3) : encodeResponse(query, outer)
        }
        yield* t.sendto(fd, answer, got.from)
      }
      yield* t.close(fd)
    },
    false,
  )
}

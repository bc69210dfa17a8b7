/**
 * A Kata machine's network, model tcfilter: for each interface that an engine has put into the sandbox's network namespace there is a tap
 * device, and filters hand what comes in at one to the other; behind the tap is the guest's card, with the address of the interface.
 * kata-containers docs/design/architecture/networking.md.
 */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CLOEXEC, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import type { AddressInfo, LinkInfo, RouteInfo } from '../../kernel/linux/net/netlink.ts'
import type { Interface, Route } from './agent.ts'

/** An interface of the namespace, the tap made for it, and what the guest's card is to be. */
export interface Endpoint {
  readonly tap: string
  readonly guest: Interface
}
export interface Network {
  readonly endpoints: readonly Endpoint[]
  readonly routes: readonly Route[]
}

/** Does `body` in a network namespace, by the path of its file. */
function* within(sys: Sys, netns: string, body: (t: Sys) => Run<void>): Run<void> {
  let finished = false
  sys.thread(function* (t) {
    const fd = yield* t.open(netns, O_RDONLY | O_CLOEXEC)
    if (!isErr(fd)) {
      yield* t.setns(fd, CLONE_NEWNET)
      yield* t.close(fd)
      yield* body(t)
    }
    finished = true
  })
  while (!finished) yield* sys.schedYield()
}
/** Connects every interface of a namespace that has no tap yet; `known` are those that have. */
export function* connect(sys: Sys, netns: string, known: readonly Endpoint[]): Run<Network> {
  const endpoints: Endpoint[] = []
  const routes: Route[] = []
  yield* within(sys, netns, function* (t) {
    const links = yield* t.netlink<readonly LinkInfo[]>({ op: 'link.dump' })
    const addresses = yield* t.netlink<readonly AddressInfo[]>({ op: 'addr.dump' })
    const table = yield* t.netlink<readonly RouteInfo[]>({ op: 'route.dump' })
    if (isErr(links) || isErr(addresses) || isErr(table)) return
    for (const link of links) {
      if (link.type === 'loopback' || link.type === 'tap' || link.redirect !== undefined) continue
      const tap = `tap${known.length + endpoints.length}_kata`
      yield* t.netlink({ op: 'link.add', name: tap, type: 'tap', mac: link.mac })
      yield* t.netlink({ op: 'link.set', name: tap, up: true, mtu: link.mtu })
      yield* t.netlink({ op: 'tc.redirect', name: link.name, to: tap })
      yield* t.netlink({ op: 'tc.redirect', name: tap, to: link.name })
      endpoints.push({
        tap,
        guest: {
          name: link.name,
          mac: link.mac,
          mtu: link.mtu,
          addresses: addresses.filter((a) => a.link === link.index).map(({ address, prefix }) => ({ address, prefix })),
        },
      })
      for (const r of table)
        if (r.link === link.index && !r.connected)
          routes.push({
            destination: r.destination,
            prefix: r.prefix,
            device: link.name,
            ...(r.gateway === undefined ? {} : { gateway: r.gateway }),
          })
    }
  })
  return { endpoints, routes }
}

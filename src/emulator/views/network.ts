/** Network namespaces with their interfaces, and the rules that rewrite addresses; network_namespaces(7). */
import type { Kernel } from '../kernel/linux/kernel.ts'
import { formatAddress } from '../kernel/linux/net/address.ts'
import type { Interface } from '../kernel/linux/net/namespace.ts'

export interface InterfaceView {
  readonly index: number
  readonly name: string
  readonly type: string
  readonly up: boolean
  /** `172.17.0.2/16` */
  readonly addresses: readonly string[]
  readonly master: string | undefined
  /** The other end of a veth pair: where it is, and its index there. */
  readonly peer: { readonly namespace: number; readonly name: string; readonly index: number } | undefined
  readonly packets: number
}
export interface NetNamespaceView {
  readonly inum: number
  /** The lowest pid in it, and what runs there. */
  readonly pid: number | undefined
  readonly hostname: string | undefined
  readonly interfaces: readonly InterfaceView[]
  /** `default via 172.17.0.1 dev eth0` */
  readonly routes: readonly string[]
  /** TCP sockets that accept connections. */
  readonly listening: readonly { readonly address: string; readonly port: number }[]
}
export interface NetworkView {
  /** The host's first. */
  readonly namespaces: readonly NetNamespaceView[]
  /** DNAT rules: from a port of the host to an address in a container. */
  readonly forwards: readonly { readonly port: number; readonly to: string; readonly packets: number }[]
  /** Sources that are hidden behind the host's address: MASQUERADE. */
  readonly masquerades: readonly { readonly source: string; readonly packets: number }[]
}

const interfaceView = (i: Interface): InterfaceView => ({
  index: i.index,
  name: i.name,
  type: i.type,
  up: i.up,
  addresses: i.addresses.map((a) => `${formatAddress(a.address)}/${a.prefix}`),
  master: i.master?.name,
  peer: i.peer && { namespace: i.peer.ns.inum, name: i.peer.name, index: i.peer.index },
  packets: i.stats.rxPackets + i.stats.txPackets,
})

export function networkView(kernel: Kernel): NetworkView {
  const processes = [...kernel.initial.pid.processes.values()].filter((p) => p.alive).sort((a, b) => a.pid - b.pid)
  const host = kernel.initial.net
  const rules = [...host.netfilter.table('nat').values()].flatMap((chain) => chain.rules)
  return {
    namespaces: [...kernel.netNamespaces.values()]
      .sort((a, b) => Number(b === host) - Number(a === host) || a.inum - b.inum)
      .map((ns) => {
        const first = processes.find((p) => p.ns.net === ns)
        return {
          inum: ns.inum,
          pid: first?.pid,
          hostname: first?.ns.uts.hostname,
          interfaces: [...ns.interfaces.values()].map(interfaceView),
          routes: ns.routes.map(
            (r) =>
              `${r.prefix === 0 ? 'default' : `${formatAddress(r.destination)}/${r.prefix}`}${r.gateway ? ` via ${formatAddress(r.gateway)}` : ''} dev ${r.link.name}`,
          ),
          listening: [...ns.sockets]
            .filter((s) => s.state === 'listening' && s.protocol === 'tcp')
            .map((s) => ({ address: formatAddress(s.localAddress), port: s.localPort })),
        }
      }),
    forwards: rules
      .filter((r) => r.target === 'DNAT' && r.dport !== undefined && r.toAddress !== undefined)
      .map((r) => ({
        port: r.dport as number,
        to: `${formatAddress(r.toAddress as number)}:${r.toPort ?? r.dport}`,
        packets: r.packets ?? 0,
      })),
    masquerades: rules
      .filter((r) => r.target === 'MASQUERADE' && r.source)
      .map((r) => ({
        source: `${formatAddress(r.source?.address ?? 0)}/${r.source?.prefix}`,
        packets: r.packets ?? 0,
      })),
  }
}

/**
 * The packet filter rules of bridge networks: what Engine 29 writes into the tables of the host's network namespace
 * (docs.docker.com/engine/network/firewall-iptables; moby/moby integration/network/bridge/iptablesdoc).
 *
 * Everything forwarded passes DOCKER-USER, then DOCKER-FORWARD: answers (DOCKER-CT), networks without a way out (DOCKER-INTERNAL), what goes
 * into a bridge (DOCKER-BRIDGE, then DOCKER: published ports only), and at last what comes out of one. A container of another network is an
 * outsider like any other, which is what keeps networks apart.
 */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { parseAddress } from '../../kernel/linux/net/address.ts'
import type { Rule, TableName } from '../../kernel/linux/net/netfilter.ts'
import type { Network, Published } from './state.ts'

/** A rule and where it stands; first: before the rules that are there. */
interface Placed {
  readonly table: TableName
  readonly chain: string
  readonly rule: Rule
  readonly first?: boolean
}

const number = (a: string): number => parseAddress(a) ?? 0
const one = (address: string): { readonly address: number; readonly prefix: number } => ({
  address: number(address),
  prefix: 32,
})

/** The chains that Docker keeps, made when the daemon starts. */
export function* prepareFirewall(sys: Sys): Run<void> {
  for (const [table, chain] of [
    ['nat', 'DOCKER'],
    ['filter', 'DOCKER'],
    ['filter', 'DOCKER-BRIDGE'],
    ['filter', 'DOCKER-CT'],
    ['filter', 'DOCKER-FORWARD'],
    ['filter', 'DOCKER-INTERNAL'],
    ['filter', 'DOCKER-USER'],
  ] as const)
    yield* sys.netlink({ op: 'nft.chain', table, chain })
  const loopback = { address: 0x7f000000, prefix: 8, not: true }
  yield* put(sys, [
    { table: 'nat', chain: 'PREROUTING', rule: { dstLocal: true, target: 'DOCKER' } },
    { table: 'nat', chain: 'OUTPUT', rule: { destination: loopback, dstLocal: true, target: 'DOCKER' } },
    { table: 'filter', chain: 'FORWARD', rule: { target: 'DOCKER-USER' } },
    { table: 'filter', chain: 'FORWARD', rule: { target: 'DOCKER-FORWARD' } },
    { table: 'filter', chain: 'DOCKER-FORWARD', rule: { target: 'DOCKER-CT' } },
    { table: 'filter', chain: 'DOCKER-FORWARD', rule: { target: 'DOCKER-INTERNAL' } },
    { table: 'filter', chain: 'DOCKER-FORWARD', rule: { target: 'DOCKER-BRIDGE' } },
  ])
  yield* sys.netlink({ op: 'nft.chain', table: 'filter', chain: 'FORWARD', policy: 'DROP' })
  yield* sys.netlink({ op: 'sysctl.set', name: 'net.ipv4.ip_forward', value: '1' })
}

/** What a bridge network needs; none for the others. */
export function networkRules(n: Network): readonly Placed[] {
  if (n.driver !== 'bridge') return []
  const { bridge } = n
  const subnet = { address: number(n.subnet), prefix: n.prefix }
  const talks = n.options['com.docker.network.bridge.enable_icc'] !== 'false'
  const among: Placed = {
    table: 'filter',
    chain: 'DOCKER-FORWARD',
    rule: { in: bridge, out: bridge, target: talks ? 'ACCEPT' : 'DROP' },
  }
  if (n.internal) {
    const outside = { ...subnet, not: true }
    return [
      { table: 'filter', chain: 'DOCKER-INTERNAL', rule: { source: outside, out: bridge, target: 'DROP' } },
      { table: 'filter', chain: 'DOCKER-INTERNAL', rule: { destination: outside, in: bridge, target: 'DROP' } },
      among,
    ]
  }
  const masquerade = { source: subnet, out: bridge, notOut: true, target: 'MASQUERADE' }
  return [
    { table: 'nat', chain: 'POSTROUTING', rule: masquerade, first: true },
    { table: 'nat', chain: 'DOCKER', rule: { in: bridge, target: 'RETURN' }, first: true },
    { table: 'filter', chain: 'DOCKER-CT', rule: { out: bridge, established: true, target: 'ACCEPT' } },
    { table: 'filter', chain: 'DOCKER-BRIDGE', rule: { out: bridge, target: 'DOCKER' } },
    { table: 'filter', chain: 'DOCKER', rule: { in: bridge, notIn: true, out: bridge, target: 'DROP' } },
    ...(talks ? [] : [among]),
    { table: 'filter', chain: 'DOCKER-FORWARD', rule: { in: bridge, target: 'ACCEPT' } },
  ]
}

/** What an address on a network needs: nobody reaches it past the published ports, not even by a route to it. */
export const addressRules = (n: Network, address: string): readonly Placed[] =>
  n.driver !== 'bridge' || n.internal
    ? []
    : [
        {
          table: 'raw',
          chain: 'PREROUTING',
          rule: { destination: one(address), in: n.bridge, notIn: true, target: 'DROP' },
        },
      ]

/** What a published port of a container at an address needs. */
export function portRules(n: Network, address: string, p: Published): readonly Placed[] {
  const { protocol } = p
  const everywhere = p.hostIp === '0.0.0.0' || p.hostIp === ''
  const door = { in: n.bridge, notIn: true, protocol, dport: p.hostPort }
  const inner = { destination: one(address), in: n.bridge, notIn: true, out: n.bridge, protocol, dport: p.port }
  return [
    {
      table: 'nat',
      chain: 'DOCKER',
      rule: {
        ...(everywhere ? {} : { destination: one(p.hostIp) }),
        ...door,
        target: 'DNAT',
        toAddress: number(address),
        toPort: p.port,
      },
    },
    { table: 'filter', chain: 'DOCKER', rule: { ...inner, target: 'ACCEPT' }, first: true },
  ]
}

/** Writes rules. */
export function* put(sys: Sys, rules: readonly Placed[]): Run<void> {
  for (const { first, ...placed } of rules) yield* sys.netlink({ op: first ? 'nft.insert' : 'nft.append', ...placed })
}
/** Takes rules away again. */
export function* withdraw(sys: Sys, rules: readonly Placed[]): Run<void> {
  for (const { first: _, ...placed } of rules) yield* sys.netlink({ op: 'nft.delete', ...placed })
}

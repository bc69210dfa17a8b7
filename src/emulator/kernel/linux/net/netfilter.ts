/** netfilter: tables of rules that filter packets and rewrite their addresses, with connection tracking; iptables(8). */
import { formatAddress, inNetwork } from './address.ts'

export type TableName = 'filter' | 'nat' | 'mangle' | 'raw'
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

export interface Cidr {
  readonly address: number
  readonly prefix: number
  readonly not?: boolean
}
/** One rule, as iptables -S would print it. Absent matches match all. */
export interface Rule {
  readonly in?: string
  readonly notIn?: boolean
  readonly out?: string
  readonly notOut?: boolean
  readonly source?: Cidr
  readonly destination?: Cidr
  readonly protocol?: 'tcp' | 'udp' | 'icmp'
  readonly dport?: number
  /** -m addrtype --dst-type LOCAL */
  readonly dstLocal?: boolean
  /** -m conntrack --ctstate RELATED,ESTABLISHED */
  readonly established?: boolean
  /** -m conntrack --ctstate, in other combinations. */
  readonly states?: readonly string[]
  readonly notProtocol?: boolean
  readonly notDport?: boolean
  readonly sport?: number
  readonly notSport?: boolean
  /** -m comment --comment */
  readonly comment?: string
  /** -j LOG --log-prefix */
  readonly logPrefix?: string
  /** ACCEPT, DROP, REJECT, RETURN, LOG, MASQUERADE, SNAT, DNAT, REDIRECT, or a chain; '' counts only. */
  readonly target: string
  readonly toAddress?: number
  readonly toPort?: number
  packets?: number
  bytes?: number
}
export interface Chain {
  readonly name: string
  policy?: 'ACCEPT' | 'DROP'
  readonly rules: Rule[]
  /** What the policy decided about. */
  packets?: number
  bytes?: number
}

/** What a rule looks at. */
export interface Packet {
  readonly protocol: 'tcp' | 'udp' | 'icmp'
  source: number
  destination: number
  sourcePort: number
  destinationPort: number
  ttl: number
  /** TCP SYN of a new connection, or any first packet. */
  readonly fresh: boolean
  readonly size: number
}

/** The verdict of a table at a hook. */
export type Verdict =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'REJECT' | 'MASQUERADE' }
  | { readonly kind: 'DNAT'; readonly address: number; readonly port: number | undefined }
  | { readonly kind: 'SNAT'; readonly address: number }
  | { readonly kind: 'REDIRECT'; readonly port: number | undefined }

const chainsOf: Readonly<Record<TableName, readonly Hook[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
}
const freshTable = (name: TableName): Map<string, Chain> =>
  new Map(chainsOf[name].map((hook) => [hook, { name: hook, policy: 'ACCEPT', rules: [] }]))

export class Netfilter {
  readonly #tables: Partial<Record<TableName, Map<string, Chain>>> = {}
  /** A table by its name; most namespaces never use one. */
  table(name: TableName): Map<string, Chain> {
    const known = this.#tables[name] ?? freshTable(name)
    this.#tables[name] = known
    return known
  }

  /** Where LOG writes. */
  log: (line: string) => void = () => {}

  /** Whether raw and mangle let a packet pass: they come before the other tables at each hook. */
  passes(hook: Hook, packet: Packet, inName: string, outName: string, isLocal: (address: number) => boolean): boolean {
    for (const table of ['raw', 'mangle'] as const)
      if (
        this.#tables[table]?.get(hook)?.rules.length &&
        this.run(table, hook, packet, inName, outName, isLocal).kind === 'DROP'
      )
        return false
    return true
  }

  /** Walks a built-in chain. */
  run(
    table: TableName,
    hook: Hook,
    packet: Packet,
    inName: string,
    outName: string,
    isLocal: (address: number) => boolean,
  ): Verdict {
    const chain = this.#tables[table]?.get(hook)
    if (!chain) return { kind: 'ACCEPT' }
    const verdict = this.#walk(table, chain, packet, inName, outName, isLocal, 0)
    if (verdict) return verdict
    chain.packets = (chain.packets ?? 0) + 1
    chain.bytes = (chain.bytes ?? 0) + packet.size
    return { kind: chain.policy === 'DROP' ? 'DROP' : 'ACCEPT' }
  }

  #walk(
    table: TableName,
    chain: Chain,
    packet: Packet,
    inName: string,
    outName: string,
    isLocal: (address: number) => boolean,
    depth: number,
  ): Verdict | undefined {
    if (depth > 16) return undefined
    for (const rule of chain.rules) {
      if (!matches(rule, packet, inName, outName, isLocal)) continue
      rule.packets = (rule.packets ?? 0) + 1
      rule.bytes = (rule.bytes ?? 0) + packet.size
      switch (rule.target) {
        case 'RETURN':
          return undefined
        case 'ACCEPT':
        case 'DROP':
        case 'REJECT':
        case 'MASQUERADE':
          return { kind: rule.target }
        case 'LOG':
          this.log(
            `${rule.logPrefix ?? ''}IN=${inName} OUT=${outName} SRC=${formatAddress(packet.source)} DST=${formatAddress(packet.destination)} LEN=${packet.size} TTL=${packet.ttl} PROTO=${packet.protocol.toUpperCase()}${packet.protocol === 'icmp' ? '' : ` SPT=${packet.sourcePort} DPT=${packet.destinationPort}`}`,
          )
          break
        case '':
          break
        case 'SNAT':
          return { kind: 'SNAT', address: rule.toAddress ?? 0 }
        case 'REDIRECT':
          return { kind: 'REDIRECT', port: rule.toPort }
        case 'DNAT':
          return { kind: 'DNAT', address: rule.toAddress ?? 0, port: rule.toPort }
        default: {
          const next = this.#tables[table]?.get(rule.target)
          const verdict = next && this.#walk(table, next, packet, inName, outName, isLocal, depth + 1)
          if (verdict) return verdict
        }
      }
    }
    return undefined
  }
}

const nameMatches = (pattern: string | undefined, not: boolean | undefined, name: string): boolean =>
  pattern === undefined || (name === pattern) !== (not ?? false)
const cidrMatches = (c: Cidr | undefined, address: number): boolean =>
  c === undefined || inNetwork(address, c.address, c.prefix) !== (c.not ?? false)

function matches(
  rule: Rule,
  packet: Packet,
  inName: string,
  outName: string,
  isLocal: (address: number) => boolean,
): boolean {
  return (
    nameMatches(rule.in, rule.notIn, inName) &&
    nameMatches(rule.out, rule.notOut, outName) &&
    cidrMatches(rule.source, packet.source) &&
    cidrMatches(rule.destination, packet.destination) &&
    (rule.protocol === undefined || (rule.protocol === packet.protocol) !== (rule.notProtocol ?? false)) &&
    (rule.dport === undefined || (rule.dport === packet.destinationPort) !== (rule.notDport ?? false)) &&
    (rule.sport === undefined || (rule.sport === packet.sourcePort) !== (rule.notSport ?? false)) &&
    (!rule.dstLocal || isLocal(packet.destination)) &&
    (!rule.established || !packet.fresh) &&
    (!rule.states || rule.states.includes(packet.fresh ? 'NEW' : 'ESTABLISHED'))
  )
}

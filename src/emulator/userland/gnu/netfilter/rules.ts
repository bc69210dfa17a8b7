/** Rules of netfilter as iptables(8) reads and writes them. */
import { formatAddress, parseAddress, parseCidr } from '../../../kernel/linux/net/address.ts'
import type { Chain, Cidr, Rule, TableName } from '../../../kernel/linux/net/netfilter.ts'

export const tableNames: readonly TableName[] = ['filter', 'nat', 'mangle', 'raw']
/** Ports with names, services(5), as iptables shows them without -n. */
const services: Readonly<Record<number, string>> = {
  20: 'ftp-data',
  21: 'ftp',
  22: 'ssh',
  23: 'telnet',
  25: 'smtp',
  53: 'domain',
  80: 'http',
  110: 'pop3',
  123: 'ntp',
  143: 'imap2',
  443: 'https',
  993: 'imaps',
  3306: 'mysql',
  5432: 'postgresql',
  6379: 'redis',
  8080: 'http-alt',
}
const portOf = (word: string): number | undefined => {
  if (/^\d+$/.test(word)) return Number(word) <= 65535 ? Number(word) : undefined
  const named = Object.entries(services).find(([, name]) => name === word)
  return named && Number(named[0])
}
const cidrText = (c: Cidr): string => `${formatAddress(c.address)}/${c.prefix}`

/** Targets that are no chains. */
export const targets: readonly string[] = [
  'ACCEPT',
  'DROP',
  'REJECT',
  'RETURN',
  'LOG',
  'MASQUERADE',
  'SNAT',
  'DNAT',
  'REDIRECT',
]
const destination = (r: Rule): string =>
  `${r.toAddress === undefined ? '' : formatAddress(r.toAddress)}${r.toPort === undefined ? '' : `:${r.toPort}`}`
const statesOf = (r: Rule): string | undefined => (r.established ? 'RELATED,ESTABLISHED' : r.states?.join(','))

/** A rule as `iptables -S` prints it, without `-A CHAIN`. */
export function ruleText(r: Rule): string {
  const out: string[] = []
  const not = (on: boolean | undefined): string => (on ? '! ' : '')
  if (r.source) out.push(`${not(r.source.not)}-s ${cidrText(r.source)}`)
  if (r.destination) out.push(`${not(r.destination.not)}-d ${cidrText(r.destination)}`)
  if (r.in !== undefined) out.push(`${not(r.notIn)}-i ${r.in}`)
  if (r.out !== undefined) out.push(`${not(r.notOut)}-o ${r.out}`)
  if (r.protocol) out.push(`${not(r.notProtocol)}-p ${r.protocol}`)
  if (r.sport !== undefined || r.dport !== undefined) {
    out.push(`-m ${r.protocol}`)
    if (r.sport !== undefined) out.push(`${not(r.notSport)}--sport ${r.sport}`)
    if (r.dport !== undefined) out.push(`${not(r.notDport)}--dport ${r.dport}`)
  }
  if (r.dstLocal) out.push('-m addrtype --dst-type LOCAL')
  const states = statesOf(r)
  if (states) out.push(`-m conntrack --ctstate ${states}`)
  if (r.comment !== undefined)
    out.push(`-m comment --comment ${/[\s"']/.test(r.comment) ? `"${r.comment}"` : r.comment}`)
  if (r.target !== '') out.push(`-j ${r.target}`)
  if (r.target === 'REJECT') out.push('--reject-with icmp-port-unreachable')
  if (r.target === 'DNAT') out.push(`--to-destination ${destination(r)}`)
  if (r.target === 'SNAT') out.push(`--to-source ${destination(r)}`)
  if (r.target === 'REDIRECT' && r.toPort !== undefined) out.push(`--to-ports ${r.toPort}`)
  if (r.target === 'LOG' && r.logPrefix !== undefined) out.push(`--log-prefix "${r.logPrefix}"`)
  return out.join(' ')
}

/** What `iptables -L` says behind the addresses. */
function details(r: Rule, numeric: boolean): string {
  const port = (n: number): string => (numeric ? String(n) : (services[n] ?? String(n)))
  const out: string[] = []
  if (r.sport !== undefined || r.dport !== undefined) {
    out.push(r.protocol ?? '')
    if (r.sport !== undefined) out.push(`spt:${r.notSport ? '!' : ''}${port(r.sport)}`)
    if (r.dport !== undefined) out.push(`dpt:${r.notDport ? '!' : ''}${port(r.dport)}`)
  }
  if (r.dstLocal) out.push('ADDRTYPE match dst-type LOCAL')
  const states = statesOf(r)
  if (states) out.push(`ctstate ${states}`)
  if (r.comment !== undefined) out.push(`/* ${r.comment} */`)
  if (r.target === 'REJECT') out.push('reject-with icmp-port-unreachable')
  if (r.target === 'DNAT' || r.target === 'SNAT') out.push(`to:${destination(r)}`)
  if (r.target === 'REDIRECT' && r.toPort !== undefined) out.push(`redir ports ${r.toPort}`)
  if (r.target === 'LOG') out.push(`LOG flags 0 level 4${r.logPrefix === undefined ? '' : ` prefix "${r.logPrefix}"`}`)
  return out.map((w) => ` ${w}`).join('')
}

export interface ListOptions {
  readonly numeric: boolean
  readonly verbose: boolean
  readonly exact: boolean
  readonly numbers: boolean
}
/** 5 digits, then K, M, G of 1000. */
function count(n: number, exact: boolean): string {
  if (exact || n < 100_000) return String(n).padStart(exact ? 8 : 5)
  for (const [unit, size] of [
    ['K', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const)
    if (n / size < 10_000) return `${Math.round(n / size)}${unit}`.padStart(5)
  return `${Math.round(n / 1e12)}T`.padStart(5)
}
/** A chain as `iptables -L` prints it. `references`: rules that jump to it. */
export function chainText(c: Chain, references: number, o: ListOptions): string {
  const policy = c.policy
    ? `policy ${c.policy}${o.verbose ? ` ${count(c.packets ?? 0, o.exact).trim()} packets, ${count(c.bytes ?? 0, o.exact).trim()} bytes` : ''}`
    : `${references} references`
  let out = `Chain ${c.name} (${policy})\n`
  if (o.numbers) out += 'num  '
  if (o.verbose) out += o.exact ? '    pkts      bytes ' : ' pkts bytes '
  out += `target     prot opt ${o.verbose ? 'in     out     ' : ''}source               destination         \n`
  const place = (cidr: Cidr | undefined): string => {
    if (!cidr || cidr.prefix === 0)
      return `${cidr?.not ? '!' : ' '}${(o.numeric ? '0.0.0.0/0' : 'anywhere').padEnd(19)} `
    return `${cidr.not ? '!' : ' '}${(cidr.prefix === 32 ? formatAddress(cidr.address) : cidrText(cidr)).padEnd(19)} `
  }
  c.rules.forEach((r, i) => {
    if (o.numbers) out += `${String(i + 1).padEnd(4)} `
    if (o.verbose) out += `${count(r.packets ?? 0, o.exact)} ${count(r.bytes ?? 0, o.exact)} `
    out += `${r.target.padEnd(9)} ${r.notProtocol ? '!' : ' '}${(r.protocol ?? 'all').padEnd(4)} -- `
    if (o.verbose) {
      out += ` ${`${r.notIn ? '!' : ''}${r.in ?? '*'}`.padEnd(6)} `
      out += `${`${r.notOut ? '!' : ''}${r.out ?? '*'}`.padEnd(6)} `
    }
    out += `${place(r.source)}${place(r.destination)}${details(r, o.numeric)}\n`
  })
  return out
}

/** A rule that was read, or what is wrong with it in iptables' words. */
export type Parsed = { readonly rule: Rule } | { readonly error: string; readonly hint: boolean; readonly code: number }
const wrong = (error: string, hint = true, code = 2): Parsed => ({ error, hint, code })

/** Reads a rule's matches and target. */
export function parseRule(words: readonly string[], table: TableName, chain: string): Parsed {
  const r: { -readonly [K in keyof Rule]: Rule[K] } = { target: '' }
  let not = false
  let tcp = false
  const queue = [...words]
  const list: ('conntrack' | 'addrtype' | 'comment' | 'state')[] = []
  for (let w = queue.shift(); w !== undefined; w = queue.shift()) {
    if (w === '!') {
      not = true
      continue
    }
    const value = (): string => queue.shift() ?? ''
    switch (w) {
      case '-p':
      case '--protocol': {
        const p = value().toLowerCase()
        if (p === 'all') break
        if (p !== 'tcp' && p !== 'udp' && p !== 'icmp') return wrong(`unknown protocol "${p}" specified`)
        r.protocol = p
        if (not) r.notProtocol = true
        tcp = p !== 'icmp'
        break
      }
      case '-s':
      case '--source':
      case '--src':
      case '-d':
      case '--destination':
      case '--dst': {
        const text = value()
        const cidr = parseCidr(text)
        if (!cidr) return wrong(`host/network \`${text.split('/')[0]}' not found`)
        const key = w === '-s' || w.startsWith('--s') ? 'source' : 'destination'
        const mask = cidr.prefix === 0 ? 0 : (0xffffffff << (32 - cidr.prefix)) >>> 0
        r[key] = { address: (cidr.address & mask) >>> 0, prefix: cidr.prefix, ...(not ? { not: true } : {}) }
        break
      }
      case '-i':
      case '--in-interface':
        if (chain === 'OUTPUT' || chain === 'POSTROUTING') return wrong(`Can't use -i with ${chain}\n`)
        r.in = value()
        if (not) r.notIn = true
        break
      case '-o':
      case '--out-interface':
        if (chain === 'INPUT' || chain === 'PREROUTING') return wrong(`Can't use -o with ${chain}\n`)
        r.out = value()
        if (not) r.notOut = true
        break
      case '--dport':
      case '--destination-port':
      case '--sport':
      case '--source-port': {
        if (!tcp) return wrong(`unknown option "${w}"`)
        const text = value()
        const port = portOf(text)
        if (port === undefined)
          return wrong(
            text.includes(':') ? `zukan: not emulated: a range of ports` : `invalid port/service \`${text}' specified`,
          )
        if (w.startsWith('--d')) {
          r.dport = port
          if (not) r.notDport = true
        } else {
          r.sport = port
          if (not) r.notSport = true
        }
        break
      }
      case '-m':
      case '--match': {
        const m = value()
        if (m === 'conntrack' || m === 'state' || m === 'addrtype' || m === 'comment') list.push(m)
        else if (m !== 'tcp' && m !== 'udp' && m !== 'icmp')
          return wrong(`zukan: not emulated: iptables -m ${m}`, false, 1)
        break
      }
      case '--ctstate':
      case '--state': {
        const states = value().toUpperCase().split(',')
        if (!list.includes(w === '--state' ? 'state' : 'conntrack')) return wrong(`unknown option "${w}"`)
        if (states.some((x) => !['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'].includes(x)))
          return wrong(`Bad ctstate "${states.join(',')}"`)
        if (states.length === 2 && states.includes('RELATED') && states.includes('ESTABLISHED')) r.established = true
        else r.states = states
        break
      }
      case '--dst-type': {
        const type = value().toUpperCase()
        if (type !== 'LOCAL') return wrong(`zukan: not emulated: iptables --dst-type ${type}`, false, 1)
        r.dstLocal = true
        break
      }
      case '--comment':
        r.comment = value()
        break
      case '-j':
      case '--jump':
        r.target = value()
        break
      case '-g':
        return wrong('zukan: not emulated: iptables -g', false, 1)
      case '--to-destination':
      case '--to-source': {
        const [address = '', port] = value().split(':')
        const ip = address === '' ? undefined : parseAddress(address)
        if (address !== '' && ip === undefined) return wrong(`Bad IP address "${address}"\n`)
        if (ip !== undefined) r.toAddress = ip
        if (port !== undefined) r.toPort = Number(port)
        break
      }
      case '--to-ports':
        r.toPort = Number(value())
        break
      case '--reject-with': {
        const kind = value()
        if (kind !== 'icmp-port-unreachable')
          return wrong(`zukan: not emulated: iptables --reject-with ${kind}`, false, 1)
        break
      }
      case '--log-prefix':
        r.logPrefix = value()
        break
      default:
        return wrong(w.startsWith('-') ? `unknown option "${w}"` : `Bad argument \`${w}'`)
    }
    not = false
  }
  if (r.target === 'DNAT' && r.toAddress === undefined && r.toPort === undefined)
    return wrong('DNAT: option "--to-destination" must be specified\n')
  if (r.target === 'SNAT' && r.toAddress === undefined) return wrong('SNAT: option "--to-source" must be specified\n')
  const natOnly = ['MASQUERADE', 'SNAT', 'DNAT', 'REDIRECT'].includes(r.target)
  if (natOnly && table !== 'nat') return wrong('', false, 4)
  return { rule: r }
}
/** Words of a line of iptables-save, with quotes. */
export const splitWords = (line: string): string[] =>
  [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '')

/** ss(8) of iproute2: sockets. */
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import type { SocketInfo } from '../../../kernel/linux/net/netlink.ts'
import { fail, print } from '../../lib/io.ts'
import { socketOwners } from '../../lib/sockets.ts'
import { getopt } from '../getopt.ts'
import { dump } from './show.ts'

const spec = {
  name: 'ss',
  short: 'tuwxalnpeimsoHr46KO',
  code: 255,
  long: {
    tcp: 't',
    udp: 'u',
    unix: 'x',
    all: 'a',
    listening: 'l',
    numeric: 'n',
    processes: 'p',
    summary: 's',
    'no-header': 'H',
    raw: 'w',
    ipv4: '4',
    ipv6: '6',
  },
}
const names: Readonly<Record<string, string>> = {
  ESTABLISHED: 'ESTAB',
  CLOSE: 'UNCONN',
  LISTEN: 'LISTEN',
  CLOSE_WAIT: 'CLOSE-WAIT',
  FIN_WAIT2: 'FIN-WAIT-2',
}
const services: Readonly<Record<number, string>> = {
  22: 'ssh',
  53: 'domain',
  80: 'http',
  443: 'https',
  3306: 'mysql',
  5432: 'postgresql',
  8080: 'http-alt',
}

interface Row {
  readonly netid: string
  readonly state: string
  readonly receive: string
  readonly send: string
  readonly local: readonly [string, string]
  readonly peer: readonly [string, string]
  readonly users: string
}

function* summary(sys: Sys): Run<void> {
  const all = yield* dump<SocketInfo>(sys, 'sockets.dump')
  const tcp = all.filter((s) => s.protocol === 'tcp' && s.localPort !== 0)
  const udp = all.filter((s) => s.protocol === 'udp')
  const row = (name: string, n: number): string =>
    `${name}\t  ${String(n).padEnd(9)} ${String(n).padEnd(9)} 0        \n`
  yield* print(
    sys,
    `Total: ${all.length}\nTCP:   ${tcp.length} (estab ${tcp.filter((s) => s.state === 'ESTABLISHED').length}, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\n${row('RAW', all.filter((s) => s.protocol === 'icmp').length)}${row('UDP', udp.length)}${row('TCP', tcp.length)}${row('INET', tcp.length + udp.length)}${row('FRAG', 0)}\n`,
  )
}

export const ss: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  if (o.rest.length > 0) return yield* fail(sys, `zukan: not emulated: ss ${o.rest[0]}`)
  const odd = ['e', 'i', 'm', 'o', 'K', 'r'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: ss -${odd}`)
  if (o.has('s')) {
    yield* summary(sys)
    return 0
  }
  const any = !['t', 'u', 'w', 'x'].some((l) => o.has(l))
  const wants = (s: SocketInfo): boolean =>
    s.protocol === 'tcp'
      ? (any && !o.has('x')) || o.has('t')
      : s.protocol === 'udp'
        ? any || o.has('u')
        : s.protocol === 'unix'
          ? (any && !o.has('4')) || o.has('x')
          : o.has('w')
  const owners = o.has('p') ? yield* socketOwners(sys) : undefined
  const port = (n: number): string => (n === 0 ? '*' : o.has('n') ? String(n) : (services[n] ?? String(n)))
  const rows: Row[] = []
  if (!o.has('6'))
    for (const s of yield* dump<SocketInfo>(sys, 'sockets.dump')) {
      if (!wants(s)) continue
      const inet = s.protocol !== 'unix'
      if (inet && s.localPort === 0) continue
      const listening = s.state === 'LISTEN' || (s.protocol === 'udp' && s.remotePort === 0)
      if (o.has('a') ? false : o.has('l') ? !listening : listening || s.state === 'CLOSE') continue
      const users = owners?.get(s.inode)
      rows.push({
        netid: s.protocol === 'unix' ? 'u_str' : s.protocol,
        state: names[s.state] ?? s.state,
        receive: String(s.receiveQueue),
        send: String(s.sendQueue),
        local: inet ? [s.local, port(s.localPort)] : [s.local || '*', String(s.inode)],
        peer: inet ? [s.remotePort ? s.remote : '0.0.0.0', port(s.remotePort)] : ['*', '0'],
        users: users ? ` users:(${users.map((u) => `("${u.name}",pid=${u.pid},fd=${u.fd})`).join(',')})` : '',
      })
    }
  const order = ['u_str', 'icmp', 'udp', 'tcp']
  rows.sort((a, b) => order.indexOf(a.netid) - order.indexOf(b.netid))
  const netid = any || ['t', 'u', 'w', 'x'].filter((l) => o.has(l)).length > 1
  const w = (title: string, cell: (r: Row) => string): number =>
    Math.max(title.length, ...rows.map((r) => cell(r).length))
  const widths = {
    netid: w('Netid', (r) => r.netid),
    state: w('State', (r) => r.state),
    receive: w('Recv-Q', (r) => r.receive),
    send: w('Send-Q', (r) => r.send),
    local: w('Local Address', (r) => r.local[0]),
    localPort: w('Port', (r) => r.local[1]),
    peer: w('Peer Address', (r) => r.peer[0]),
    peerPort: w('Port', (r) => r.peer[1]),
  }
  const line = (
    n: string,
    st: string,
    r: string,
    s: string,
    l: readonly [string, string],
    p: readonly [string, string],
    users: string,
  ): string =>
    `${netid ? `${n.padEnd(widths.netid)} ` : ''}${st.padEnd(widths.state)} ${r.padEnd(widths.receive)} ${s.padEnd(widths.send)} ${l[0].padStart(widths.local)}:${l[1].padEnd(widths.localPort)} ${p[0].padStart(widths.peer)}:${p[1].padEnd(widths.peerPort)}${users.padEnd(7)}\n`
  let out = o.has('H')
    ? ''
    : line('Netid', 'State', 'Recv-Q', 'Send-Q', ['Local Address', 'Port'], ['Peer Address', 'Port'], 'Process')
  for (const r of rows) out += line(r.netid, r.state, r.receive, r.send, r.local, r.peer, r.users)
  yield* print(sys, out)
  return 0
}

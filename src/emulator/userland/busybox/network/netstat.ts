/** netstat: sockets and routes. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { formatAddress, maskOf } from '../../../kernel/linux/net/address.ts'
import type { LinkInfo, RouteInfo, SocketInfo } from '../../../kernel/linux/net/netlink.ts'
import { print } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { socketOwners } from '../../lib/sockets.ts'
import type { Applet } from '../../program.ts'
import { dump } from './dump.ts'

/** The table of route and of netstat -r. */
export function* routeTable(sys: Sys, form: 'route' | 'netstat', numeric = true): Run<void> {
  const links = yield* dump<LinkInfo>(sys, 'link.dump')
  let out = `Kernel IP routing table\nDestination     Gateway         Genmask         Flags ${form === 'route' ? 'Metric Ref    Use Iface' : '  MSS Window  irtt Iface'}\n`
  for (const r of yield* dump<RouteInfo>(sys, 'route.dump')) {
    const mask = formatAddress(maskOf(r.prefix))
    const flags = `U${r.gateway ? 'G' : ''}${r.prefix === 32 ? 'H' : ''}`
    const numbers =
      form === 'route' ? `${String(r.metric).padEnd(6)} ${'0'.padEnd(2)} ${'0'.padStart(7)}` : '    0 0          0'
    out += `${(r.prefix === 0 && !numeric ? 'default' : r.destination).padEnd(15)} ${(r.gateway ?? (numeric ? '0.0.0.0' : '*')).padEnd(15)} ${mask.padEnd(16)}${flags.padEnd(5)} ${numbers} ${links.find((l) => l.index === r.link)?.name ?? '?'}\n`
  }
  yield* print(sys, out)
}

export const netstat: Applet = {
  name: 'netstat',
  usage: '[-ral] [-tuwx] [-enWp]',
  help: "Display networking information\n\n\t-r\tRouting table\n\t-a\tAll sockets\n\t-l\tListening sockets\n\t\tElse: connected sockets\n\t-t\tTCP sockets\n\t-u\tUDP sockets\n\t-w\tRaw sockets\n\t-x\tUnix sockets\n\t\tElse: all socket types\n\t-e\tOther/more information\n\t-n\tDon't resolve names\n\t-W\tWide display\n\t-p\tShow PID/program name for sockets",
  *run(sys, argv) {
    const o = yield* getopt(sys, netstat, argv, 'raltuwxenWp')
    if (typeof o === 'number') return o
    if (o.has('r')) {
      yield* routeTable(sys, 'netstat')
      return 0
    }
    const all = yield* dump<SocketInfo>(sys, 'sockets.dump')
    const owners = o.has('p') ? yield* socketOwners(sys) : undefined
    const owner = (s: SocketInfo): string => {
      const first = owners?.get(s.inode)?.[0]
      return owners ? (first ? `${first.pid}/${first.name}`.padEnd(20) : '-'.padEnd(20)) : ''
    }
    const any = !['t', 'u', 'w', 'x'].some((l) => o.has(l))
    const shown = (listening: boolean): boolean => o.has('a') || listening === o.has('l')
    const which = o.has('l') ? 'only servers' : o.has('a') ? 'servers and established' : 'w/o servers'
    const program = owners ? 'PID/Program name    ' : ''
    if (any || o.has('t') || o.has('u') || o.has('w')) {
      let out = `Active Internet connections (${which})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${program}\n`
      for (const protocol of ['tcp', 'udp'] as const) {
        if (!any && !o.has(protocol === 'tcp' ? 't' : 'u')) continue
        for (const s of all) {
          if (s.protocol !== protocol || s.localPort === 0) continue
          if (!shown(s.state === 'LISTEN' || (protocol === 'udp' && s.remotePort === 0))) continue
          const end = (address: string, port: number): string => `${address}:${port || '*'}`.padEnd(23)
          out += `${protocol}   ${String(s.receiveQueue).padStart(6)} ${String(s.state === 'LISTEN' ? 0 : s.sendQueue).padStart(6)} ${end(s.local, s.localPort)} ${end(s.remotePort ? s.remote : '0.0.0.0', s.remotePort)} ${(protocol === 'udp' && s.state === 'CLOSE' ? '' : s.state).padEnd(11)} ${owner(s)}\n`
        }
      }
      yield* print(sys, out)
    }
    if (any || o.has('x')) {
      let out = `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node ${program}Path\n`
      for (const s of all) {
        if (s.protocol !== 'unix' || !shown(s.state === 'LISTEN')) continue
        out += `unix  2      ${s.state === 'LISTEN' ? '[ ACC ]    ' : '[ ]        '} STREAM     ${(s.state === 'LISTEN' ? 'LISTENING' : s.state === 'ESTABLISHED' ? 'CONNECTED' : '').padEnd(13)} ${String(s.inode).padStart(6)} ${owner(s)}${s.local}\n`
      }
      yield* print(sys, out)
    }
    return 0
  },
}

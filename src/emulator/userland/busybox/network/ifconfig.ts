/** ifconfig: interfaces, the older way. */
import { isErr } from '../../../base/errno.ts'
import { formatAddress, maskOf } from '../../../kernel/linux/net/address.ts'
import type { AddressInfo, LinkInfo } from '../../../kernel/linux/net/netlink.ts'
import { print, warn } from '../../lib/io.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { dump } from './dump.ts'

export const ifconfig: Applet = {
  name: 'ifconfig',
  usage: '[-a] [IFACE] [ADDRESS] [up|down]...',
  help: 'Configure a network interface',
  *run(sys, argv) {
    const all = argv.includes('-a')
    const [name, ...rest] = argv.slice(1).filter((a) => a !== '-a')
    const links = yield* dump<LinkInfo>(sys, 'link.dump')
    const addresses = yield* dump<AddressInfo>(sys, 'addr.dump')
    if (name !== undefined && !links.some((l) => l.name === name)) {
      yield* warn(sys, `ifconfig: ${name}: error fetching interface information: Device not found\n`)
      return 1
    }
    if (rest.length > 0) {
      for (const word of rest) {
        const r =
          word === 'up' || word === 'down'
            ? yield* sys.netlink({ op: 'link.set', name, up: word === 'up' })
            : yield* sys.netlink({
                op: 'addr.add',
                name,
                address: word.split('/')[0],
                prefix: Number(word.split('/')[1] ?? 24),
              })
        if (isErr(r)) {
          yield* warn(sys, `ifconfig: SIOCSIFFLAGS: ${strerror(r)}\n`)
          return 1
        }
      }
      return 0
    }
    for (const l of [...links].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (name !== undefined ? l.name !== name : !all && !l.up) continue
      const a = addresses.find((x) => x.link === l.index)
      const loop = l.type === 'loopback'
      const s = l.stats
      const size = (n: number): string =>
        n < 1024 ? `${n}.0 B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1048576).toFixed(1)} MiB`
      yield* print(
        sys,
        `${l.name.padEnd(9)} Link encap:${loop ? 'Local Loopback' : 'Ethernet'}  ${loop ? '' : `HWaddr ${l.mac.toUpperCase()}  `}\n${a ? `          inet addr:${a.address}${a.broadcast ? `  Bcast:${a.broadcast}` : ''}  Mask:${formatAddress(maskOf(a.prefix))}\n` : ''}          ${l.up ? 'UP ' : ''}${loop ? 'LOOPBACK ' : 'BROADCAST '}${l.up && l.carrier ? 'RUNNING ' : ''}${loop ? '' : 'MULTICAST '} MTU:${l.mtu}  Metric:1\n          RX packets:${s.rxPackets} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:${s.txPackets} errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:${l.queueLength} \n          RX bytes:${s.rxBytes} (${size(s.rxBytes)})  TX bytes:${s.txBytes} (${size(s.txBytes)})\n\n`,
      )
    }
    return 0
  },
}

/** route: the routing table, the older way. */
import { isErr } from '../../../base/errno.ts'
import { warn } from '../../lib/io.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { routeTable } from './netstat.ts'

/** The prefix length of a mask. */
const prefixOf = (mask: string): number =>
  mask.split('.').reduce((n, b) => n + Number(b).toString(2).replace(/0/g, '').length, 0)

export const route: Applet = {
  name: 'route',
  usage:
    '[-ne] [-A inet[6]] [{add|del} [-net|-host] TARGET [netmask MASK]\n\t[gw ADDRESS] [metric N] [mss BYTES] [window BYTES] [irtt MSEC] [reject] [IFACE]]',
  help: "Show or edit kernel routing tables\n\n\t-n\tDon't resolve names\n\t-e\tDisplay other/more information\n\t-A inet[6]\tSelect address family",
  *run(sys, argv) {
    const words = argv.slice(1).filter((w) => !/^-[ne]+$/.test(w))
    const action = words.shift()
    if (action === undefined) {
      yield* routeTable(sys, 'route', argv.includes('-n') || argv.includes('-ne') || argv.includes('-en'))
      return 0
    }
    if (action !== 'add' && action !== 'del') {
      yield* warn(sys, `route: invalid argument '${action}'\n`)
      return 1
    }
    const kind = words[0] === '-net' || words[0] === '-host' ? words.shift() : undefined
    const target = words.shift() ?? ''
    const value = (key: string): string | undefined => {
      const at = words.indexOf(key)
      return at >= 0 ? words.splice(at, 2)[1] : undefined
    }
    const mask = value('netmask')
    const gateway = value('gw')
    const device = value('dev') ?? words.find((w) => !/^(metric|mss|window|irtt|reject|\d+)$/.test(w))
    const [address = '', p] = target === 'default' ? ['0.0.0.0', '0'] : target.split('/')
    const prefix = mask === undefined ? Number(p ?? (kind === '-net' ? 24 : 32)) : prefixOf(mask)
    const r = yield* sys.netlink({
      op: `route.${action}`,
      destination: address,
      prefix,
      ...(gateway ? { gateway } : {}),
      ...(device ? { dev: device } : {}),
    })
    if (!isErr(r)) return 0
    yield* warn(sys, `route: ${action === 'add' ? 'SIOCADDRT' : 'SIOCDELRT'}: ${strerror(r)}\n`)
    return 1
  },
}

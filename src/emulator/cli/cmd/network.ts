/** Console programs of Windows about the network: ipconfig, ping. */
import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import type { AddressInfo, LinkInfo, RouteInfo } from '../../kernel/linux/net/netlink.ts'
import { print, warn } from '../../userland/lib/io.ts'

const mask = (prefix: number): string =>
  [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.max(0, Math.min(8, prefix - from)))).join('.')
/** A label with dots at even places behind it, up to the colon; the longest label keeps a blank before them. */
function entry(label: string, value: string): string {
  let out = label.length === 30 ? `${label}  ` : label
  while (out.length < 34) out += out.length % 2 === 0 ? '.' : ' '
  return `   ${out}: ${value}\n`
}

/** ipconfig [/all] */
const ipconfig: Program = function* (sys, argv) {
  const all = /^\/all$/i.test(argv[1] ?? '')
  if (argv.length > 1 && !all) {
    yield* warn(sys, `zukan: not emulated: ipconfig ${argv.slice(1).join(' ')}\n`)
    return 1
  }
  const links = yield* sys.netlink<readonly LinkInfo[]>({ op: 'link.dump' })
  const addresses = yield* sys.netlink<readonly AddressInfo[]>({ op: 'addr.dump' })
  const routes = yield* sys.netlink<readonly RouteInfo[]>({ op: 'route.dump' })
  if (isErr(links) || isErr(addresses) || isErr(routes)) return 1
  yield* print(sys, '\nWindows IP Configuration\n\n')
  if (all) yield* print(sys, `${entry('Host Name', (yield* sys.uname()).nodename)}\n`)
  for (const link of links) {
    if (link.type === 'loopback') continue
    const own = addresses.find((a) => a.link === link.index)
    const gateway = routes.find((r) => r.link === link.index && r.prefix === 0)?.gateway
    yield* print(
      sys,
      `\nEthernet adapter ${link.name}:\n\n${entry('Connection-specific DNS Suffix', '')}${all ? entry('Physical Address', link.mac.toUpperCase().replace(/:/g, '-')) : ''}${own ? entry('IPv4 Address', own.address) + entry('Subnet Mask', mask(own.prefix)) : entry('Media State', 'Media disconnected')}${entry('Default Gateway', gateway ?? '')}`,
    )
  }
  return 0
}

/** ping [-t] [-n count] localhost: the loopback answers; a second between. */
const ping: Program = function* (sys, argv) {
  const words = argv.slice(1)
  const at = words.indexOf('-n')
  const count = words.includes('-t') ? Number.POSITIVE_INFINITY : at >= 0 ? Number(words[at + 1]) : 4
  const host = words.filter((w, i) => !w.startsWith('-') && words[i - 1] !== '-n')[0]
  if (host === undefined || !/^(localhost|127\.\d+\.\d+\.\d+)$/.test(host)) {
    yield* warn(sys, `zukan: not emulated: ping ${host ?? ''}\n`)
    return 1
  }
  const address = host === 'localhost' ? '127.0.0.1' : host
  yield* print(sys, `\nPinging ${host}${host === address ? '' : ` [${address}]`} with 32 bytes of data:\n`)
  for (let n = 0; n < count; n++) {
    if (n > 0) yield* sys.nanosleep(1_000_000_000)
    yield* print(sys, `Reply from ${address}: bytes=32 time<1ms TTL=128\n`)
  }
  yield* print(
    sys,
    `\nPing statistics for ${address}:\n    Packets: Sent = ${count}, Received = ${count}, Lost = 0 (0% loss),\nApproximate round trip times in milli-seconds:\n    Minimum = 0ms, Maximum = 0ms, Average = 0ms\n`,
  )
  return 0
}
export const networkTools: Readonly<Record<string, Program>> = { ipconfig, ping }

/**
 * /dev/net/tun, tun(4): an interface whose packets a process handles. The packets themselves aren't handed out: the program says by TUNSETIFF
 * for which process they leave again, and they go on as that process's own, from its network namespace, as passt's sockets send them.
 */
import { EBUSY, EINVAL, EPERM } from '../../../base/errno.ts'
import { makedev, S_IFCHR, S_IFDIR } from '../fs/flags.ts'
import type { Kernel } from '../kernel.ts'
import type { Interface } from './namespace.ts'
import type { Packet } from './netfilter.ts'

export interface TunRequest {
  readonly name: string
  /** The process that packets leave for. */
  readonly pid: number
  /** Addresses that stand for others there. */
  readonly forward: readonly { readonly from: number; readonly to: number }[]
}

/** Gives a machine the device. */
export function offerTun(kernel: Kernel): void {
  const dev = makedev(10, 200)
  const folder = kernel.devtmpfs.root.create('net', { mode: S_IFDIR | 0o755, uid: 0, gid: 0 })
  if ('create' in folder) folder.create('tun', { mode: S_IFCHR | 0o666, uid: 0, gid: 0, rdev: dev })
  kernel.devices.set(dev, (opener) => {
    // The interface comes into being where the device was opened.
    const { net } = opener.ns
    const allowed = kernel.capable(opener, 'NET_ADMIN', net.owner)
    let link: Interface | undefined
    return {
      ioctl(_file, request, arg) {
        if (request !== 'TUNSETIFF' || link) return EINVAL
        if (!allowed) return EPERM
        const { name, pid, forward } = arg as TunRequest
        if (net.interfaces.has(name)) return EBUSY
        link = net.addLink(name, 'tun')
        link.mtu = 65520
        link.splice = (packet: Packet) => {
          const owner = kernel.initial.pid.processes.get(pid)
          if (!owner?.alive) return undefined
          const to = owner.ns.net
          packet.destination = forward.find((f) => f.from === packet.destination)?.to ?? packet.destination
          packet.source = to.sourceFor(packet.destination) ?? packet.source
          if (packet.protocol !== 'icmp') packet.sourcePort = to.ephemeralPort(packet.protocol)
          return to
        }
        return 0
      },
      release() {
        if (link && net.interfaces.get(link.name) === link) net.removeLink(link)
      },
    }
  })
}

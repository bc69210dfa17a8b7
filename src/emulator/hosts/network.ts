/** Cables between machines, and the machines beyond them. */
import type { Kernel } from '../kernel/linux/kernel.ts'
import { parseAddress } from '../kernel/linux/net/address.ts'
import { attachEthernet, Wire } from '../kernel/linux/net/namespace.ts'
import type { World } from '../machine/world.ts'
import { reapForEver, service } from './init.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3

/** A cable between a host and its guests: its own network, 50 µs away. */
export const virtualSwitch = (): Wire => new Wire(50_000)

/** Network cards of virtual machines begin so: Hyper-V's, or QEMU's. */
const HYPERV = '00:15:5d'
const QEMU = '52:54:00'

/** Plugs a machine into a cable: a card called `name` with `addresses` and, where one is given, the default route over `gateway`. */
export function plugIn(
  kernel: Kernel,
  wire: Wire,
  name: string,
  addresses: string | readonly string[],
  o: { readonly gateway?: string | undefined; readonly prefix?: number; readonly vendor?: string } = {},
): void {
  const { net } = kernel.initial
  net.setUp(net.lo, true)
  net.addAddress(net.lo, 0x7f000001, 8)
  const mac = `${o.vendor ?? HYPERV}:${[...kernel.random.bytes(3)].map((b) => (b + 256).toString(16).slice(1)).join(':')}`
  const link = attachEthernet(net, wire, name, mac)
  net.setUp(link, true)
  for (const a of [addresses].flat()) net.addAddress(link, parseAddress(a) ?? 0, o.prefix ?? 24)
  if (o.gateway)
    net.routes.unshift({
      destination: 0,
      prefix: 0,
      gateway: parseAddress(o.gateway) ?? 0,
      link,
      source: 0,
      metric: 0,
      connected: false,
    })
}

/** Plugs a server that systemd boots into the internet. */
export function up(kernel: Kernel, addresses: string | readonly string[], world: World, gateway?: string): void {
  plugIn(kernel, world.internet, 'eth0', addresses, { gateway, vendor: QEMU })
  // systemd's sysctl.d/50-default.conf.
  kernel.initial.net.sysctl.set('net.ipv4.ping_group_range', '0\t2147483647')
}

/** The machines beyond the wire, as one: router, name server, Docker Hub and other `registries`. */
export function internet(world: World, registries: readonly string[] = []): void {
  const machine = world.addMachine({ name: 'internet', arch: 'amd64', cpus: 8, memory: 16 * GiB })
  const kernel = world.startKernel(machine, {
    hostname: 'registry-1.docker.io',
    release: '6.12.0',
    version: '#1 SMP',
    cmdline: '',
  })
  const disk = new Disk(kernel, GiB)
  for (const d of ['proc', 'dev', 'etc']) disk.dir(d)
  disk.program('/usr/bin/registry', 'registry', 20_000_000)
  disk.program('/usr/bin/dns', 'dns', 1_000_000)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, ['10.0.0.1', '10.0.0.2', '192.0.2.10'], world)
  kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  kernel.startInit(function* (sys) {
    yield* service(sys, '/usr/bin/dns', [
      'dns',
      'registry-1.docker.io=192.0.2.10',
      'auth.docker.io=192.0.2.10',
      'mcr.microsoft.com=192.0.2.10',
      'hub.docker.com=192.0.2.10',
      'example.com=192.0.2.10',
      ...registries.map((name) => `${name}=192.0.2.10`),
    ])
    yield* service(sys, '/usr/bin/registry', ['registry', '443'])
    return yield* reapForEver(sys)
  }, 'init')
}

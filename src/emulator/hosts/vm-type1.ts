/**
 * `vm-type1`: a hypervisor on the metal. Xen owns the machine; the system from which it is managed, domain 0, is itself a virtual machine that
 * Xen started first, and the others stand beside it, not above it.
 */

import { seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { debian, KERNEL_RELEASE, KERNEL_VERSION } from './debian.ts'
import { enginePrograms } from './guests.ts'
import type { Host } from './host.ts'
import { mountBasics, reapForEver, startEngine } from './init.ts'
import { linuxShell } from './linux-shell.ts'
import { internet, plugIn, up, virtualSwitch } from './network.ts'
import { Disk } from './root.ts'
import { defineGuests, offerHypervisor, routeGuests, vmPrograms } from './vms.ts'

const GiB = 1024 ** 3

function boot(world: World): Machine {
  internet(world)
  const metal = world.addMachine({
    name: 'vm-type1',
    arch: 'amd64',
    cpus: 16,
    memory: 64 * GiB,
    hypervisor: 'Xen 4.20',
  })
  const note = (to: string, what: string): void =>
    world.trace.add({ time: world.clock.now, kind: 'boot', machine: 'vm-type1', from: 'machine:vm-type1', to, what })
  const began = world.clock.now
  note('machine:vm-type1', 'UEFI firmware')
  world.clock.now += seconds(8)
  note('machine:vm-type1', 'Xen 4.20 takes the machine')
  world.clock.now += seconds(1.2)
  const dom0 = world.addMachine({ name: 'Domain-0', arch: 'amd64', cpus: 4, memory: 4 * GiB, parent: metal })
  metal.bootTime = world.clock.now - began
  world.clock.now += seconds(2.5)
  const kernel = world.startKernel(dom0, {
    hostname: 'xen-host',
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'placeholder root=/dev/sda1 ro quiet console=hvc0',
  })
  dom0.bootTime = seconds(2.5)
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, 'xen-host')
  enginePrograms(disk)
  defineGuests(disk, 'xen')
  disk.program('/usr/sbin/xl', 'xl', 900_000)
  disk.program('/usr/sbin/xl-domain', 'vm-process', 900_000)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, ['10.0.0.5'], world, '10.0.0.1')
  const wire = virtualSwitch()
  plugIn(kernel, wire, 'virbr0', '192.168.122.1')
  kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  offerHypervisor(world, metal, kernel, wire)
  const init = kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    yield* startEngine(sys)
    yield* routeGuests(sys, 'virbr0')
    return yield* reapForEver(sys)
  }, 'systemd')
  init.argv = ['/sbin/init']
  return dom0
}

export const vmType1: Host = {
  name: 'vm-type1',
  shell: linuxShell,
  programs: vmPrograms,
  boot,
  ready: (m) =>
    [...(m.kernel?.initial.net.sockets ?? [])].some(
      (s) => s.path === '/var/run/docker.sock' && s.state === 'listening',
    ),
  prepare: 'docker pull -q alpine:3.22 && docker tag alpine:3.22 alpine:latest',
}

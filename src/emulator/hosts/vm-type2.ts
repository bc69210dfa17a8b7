/**
 * `vm-type2`: a hypervisor on an operating system. VirtualBox is a program of an ordinary Linux; each machine is a process of that system, beside
 * its other processes, containers among them.
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
  const machine = world.addMachine({
    name: 'vm-type2',
    arch: 'amd64',
    cpus: 8,
    memory: 16 * GiB,
    hypervisor: 'VirtualBox 7.2',
  })
  const began = world.clock.now
  world.clock.now += seconds(9.4)
  const kernel = world.startKernel(machine, {
    hostname: 'desktop',
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
  })
  machine.bootTime = world.clock.now - began
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, 'desktop')
  enginePrograms(disk)
  defineGuests(disk, 'vbox')
  disk.program('/usr/bin/VBoxManage', 'VBoxManage', 900_000)
  disk.program('/usr/lib/virtualbox/VBoxHeadless', 'vm-process', 900_000)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, ['10.0.0.5'], world, '10.0.0.1')
  const wire = virtualSwitch()
  plugIn(kernel, wire, 'vboxnet0', '192.168.122.1')
  kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  offerHypervisor(world, machine, kernel, wire)
  const init = kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    yield* startEngine(sys)
    yield* routeGuests(sys, 'vboxnet0')
    return yield* reapForEver(sys)
  }, 'systemd')
  init.argv = ['/sbin/init']
  return machine
}

export const vmType2: Host = {
  name: 'vm-type2',
  shell: linuxShell,
  programs: vmPrograms,
  boot,
  ready: (m) =>
    [...(m.kernel?.initial.net.sockets ?? [])].some(
      (s) => s.path === '/var/run/docker.sock' && s.state === 'listening',
    ),
  prepare: 'docker pull -q alpine:3.22 && docker tag alpine:3.22 alpine:latest',
}

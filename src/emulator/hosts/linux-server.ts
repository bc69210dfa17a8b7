/** `linux-server`: a Debian server with Docker Engine 29, on an internet that has Docker Hub. */
import type { Machine, World } from '../machine/world.ts'
import { cni, debian, KERNEL_RELEASE, KERNEL_VERSION } from './debian.ts'
import { mountBasics, reapForEver, startEngine } from './init.ts'
import { installKata, KATA_SHIM } from './kata.ts'
import { internet, up } from './network.ts'
import { Disk } from './root.ts'
import { offerKvm, offerSandboxes } from './sandboxes.ts'
import { storeAlpine } from './stored.ts'

const GiB = 1024 ** 3
/** Low-level runtimes beside runc: what /etc/docker/daemon.json names. */
const runtimes = {
  crun: { path: '/usr/bin/crun' },
  youki: { path: '/usr/bin/youki' },
  runsc: { path: '/usr/bin/runsc' },
  kata: { runtimeType: KATA_SHIM },
}

/** Boots the world: the server and what is around it. Answers the machine that the reader works on. `more` writes further files. */
export function linuxServer(
  world: World,
  name = 'linux-server',
  host = 'server',
  more?: (disk: Disk) => void,
): Machine {
  internet(world)
  const machine = world.addMachine({ name, arch: 'amd64', cpus: 4, memory: 8 * GiB, hypervisor: 'kvm' })
  // From firmware to init: what a small server takes, so that uptime and dmesg have something to tell.
  const began = world.clock.now
  world.clock.now += 9_400_000_000
  const kernel = world.startKernel(machine, {
    hostname: host,
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
  })
  machine.bootTime = world.clock.now - began
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, host)
  for (const [path, program, size] of [
    ['/usr/bin/docker', 'docker', 41_000_000],
    ['/usr/bin/dockerd', 'dockerd', 98_000_000],
    ['/usr/bin/containerd', 'containerd', 44_000_000],
    ['/usr/bin/ctr', 'ctr', 23_000_000],
    ['/usr/bin/containerd-shim-runc-v2', 'containerd-shim-runc-v2', 8_600_000],
    ['/usr/bin/runc', 'runc', 11_900_000],
    ['/usr/bin/crun', 'crun', 510_000],
    ['/usr/bin/youki', 'youki', 6_900_000],
    ['/usr/bin/runsc', 'runsc', 70_000_000],
    ['/usr/bin/containerd-shim-runsc-v1', 'containerd-shim-runsc-v1', 31_000_000],
    ['/usr/bin/docker-proxy', 'docker-proxy', 3_100_000],
    ['/usr/bin/docker-init', 'docker-init', 700_000],
    ['/usr/bin/docker-compose', 'docker-compose', 300],
    ['/usr/bin/virsh', 'virsh', 1_100_000],
    ['/usr/bin/qemu-system-x86_64', 'qemu-system-x86_64', 24_000_000],
    ...cni,
  ] as const)
    disk.program(path, program, size)
  installKata(disk)
  storeAlpine(disk)
  disk.dir('etc/docker')
  disk.file('/etc/docker/daemon.json', `${JSON.stringify({ runtimes }, null, 4)}\n`)
  more?.(disk)
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, ['10.0.0.5'], world, '10.0.0.1')
  kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    yield* startEngine(sys, ['-H', 'fd://'])
    return yield* reapForEver(sys)
  }, 'systemd')
  offerKvm(world, machine, kernel)
  offerSandboxes(world, machine, kernel)
  const init = kernel.initial.pid.init
  if (init) init.argv = ['/sbin/init']
  return machine
}

/**
 * `mac-desktop`: Docker Desktop on a Mac with Apple silicon. One Linux machine by Virtualization.framework runs dockerd; all containers share
 * its arm64 kernel. Images for amd64 run by emulation in that machine: another processor's instructions, the same kernel.
 */
import { EM_X86_64 } from '../base/elf.ts'
import { macBackend, virtualization } from '../engine/macdesktop.ts'
import type { PartitionRequest } from '../machine/hypervisor.ts'
import { desktopVm, guestPrograms } from './guests.ts'
import type { Host } from './host.ts'
import { bootMac, HOME, macHostPrograms, macShell, socketReady } from './mac.ts'
import { internet, virtualSwitch } from './network.ts'

const GiB = 1024 ** 3
const MACOS = '/Applications/Docker.app/Contents/MacOS'
const SOCKET = `${HOME}/.docker/run/docker.sock`

export const macDesktop: Host = {
  name: 'mac-desktop',
  shell: macShell,
  programs: {
    ...macHostPrograms,
    ...guestPrograms,
    'com.docker.backend': macBackend,
    'com.docker.virtualization': virtualization,
  },
  boot(world) {
    internet(world)
    const wire = virtualSwitch()
    const guest = { wire, address: '192.168.65.3', gateway: '192.168.65.1' }
    const request: PartitionRequest = {
      name: 'linuxkit',
      // Half of the Mac's memory is Docker Desktop's default.
      memory: 8 * GiB,
      cpus: 10,
      system: 'linuxkit',
      shares: [{ tag: 'Users', path: '/Users', protocol: 'virtiofs' }],
    }
    return bootMac(world, {
      name: 'mac-desktop',
      wire,
      address: guest.gateway,
      systems: {
        linuxkit: desktopVm({
          ...guest,
          mounts: [{ tag: 'Users', type: 'virtiofs', at: '/Users' }],
          firmware: 'Linux direct boot (VZLinuxBootLoader)',
          emulates: [[EM_X86_64, 'x86_64']],
        }),
      },
      fill(disk) {
        disk.program('/usr/local/bin/docker', 'docker', 42_000_000)
        disk.program(`${MACOS}/com.docker.backend`, 'com.docker.backend', 90_000_000)
        disk.program(`${MACOS}/com.docker.virtualization`, 'com.docker.virtualization', 12_000_000)
        for (const folder of ['/.docker', '/.docker/run'])
          Object.assign(disk.dir(`${HOME}${folder}`), { uid: 501, gid: 20 })
        disk.link('/private/var/run/docker.sock', SOCKET)
      },
      *agents(_sys, run) {
        const file = `${MACOS}/com.docker.backend`
        yield* run(file, [file, JSON.stringify(request), guest.address, SOCKET])
      },
    })
  },
  ready: (machine) => socketReady(machine, SOCKET),
  prepare: 'docker pull -q alpine:3.22 >/dev/null; docker tag alpine:3.22 alpine:latest',
}

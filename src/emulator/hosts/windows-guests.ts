/** The utility machines of Windows containers: Windows for Hyper-V isolation, Linux for LCOW. */
import { fromText } from '../base/filedata.ts'
import { lcowGcs } from '../engine/lcowgcs.ts'
import { gcs } from '../engine/windows/gcs.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { makedev, S_IFCHR, S_IFREG } from '../kernel/linux/fs/flags.ts'
import type { Inode } from '../kernel/linux/fs/inode.ts'
import { Lcow9pFs } from '../kernel/linux/fs/lcow9p.ts'
import type { MemInode } from '../kernel/linux/fs/memfs.ts'
import { ShareFs } from '../kernel/linux/fs/share.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { NtKernel } from '../kernel/nt/kernel.ts'
import { type GuestSystem, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import { windowsReleases } from '../oci/catalogue/windows.ts'
import { smallLinux } from './guests.ts'
import { delegateControl, mountBasics, reapForEver, service } from './init.ts'
import { plugIn } from './network.ts'
import { Disk } from './root.ts'
import { Drive, SYSTEM32 } from './windows.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2

/** A utility machine with the Windows of a base image: its kernel is the image's, whatever the host's is. */
function windowsVm(version: string, wire: Wire, gateway: string): GuestSystem {
  return {
    firmware: 'UEFI (utility VM)',
    stages: { firmware: seconds(0.3), kernel: seconds(1.9), init: seconds(1.2) },
    source:
      'No published measurement; Microsoft says of Hyper-V isolation only that it starts later than process isolation',
    touched: 320 * MiB,
    boot(world: World, machine: Machine, request) {
      const [, , build = ''] = version.split('.')
      const kernel = world.startKernel(
        machine,
        { hostname: 'UVM', release: version, version: 'Windows Server', cmdline: '' },
        (options) => new NtKernel(options, build),
      )
      const drive = new Drive(kernel, 8 * GiB)
      drive.program('/Windows/System32/vmcomputeagent.exe', 'vmcomputeagent', 1_100_000)
      for (const name of ['smss.exe', 'wininit.exe', 'services.exe'])
        drive.program(`/Windows/System32/${name}`, 'nt/idle', 120_000)
      kernel.objects.root.put('C:', drive.fs.root)
      kernel.directory('Device').create('Null', { mode: S_IFCHR | 0o666, uid: 0, gid: 0, rdev: makedev(1, 3) })
      kernel.directory('Mounts', 'drive')
      const { net } = kernel.initial
      net.setUp(net.lo, true)
      net.addAddress(net.lo, 0x7f000001, 8)
      if (request.address !== undefined) plugIn(kernel, wire, 'vEthernet (Ethernet)', request.address, { gateway })
      for (const s of request.shares ?? []) if (s.tag !== 'drive') kernel.directory('Mounts', s.tag)
      const etc = kernel.directory('etc')
      const names = etc.create('resolv.conf', { mode: S_IFREG | 0o644, uid: 0, gid: 0 }) as MemInode
      names.fill(fromText('nameserver 10.0.0.2\n'))
      return () => {
        const system = kernel.startInit(function* (sys) {
          yield* sys.mount('ConDrv', '/Device/ConDrv', 'devpts', 0)
          for (const share of request.shares ?? [])
            yield* sys.mount(share.tag, `/Mounts/${share.tag}`, share.protocol, 0)
          for (const name of ['smss.exe', 'wininit.exe', 'services.exe'])
            yield* service(sys, `${SYSTEM32}/${name}`, [name, String(6 * MiB)])
          yield* service(sys, `${SYSTEM32}/vmcomputeagent.exe`, ['vmcomputeagent.exe'])
          return yield* reapForEver(sys)
        }, 'System')
        system.argv = ['System']
      }
    },
  }
}
/** One for each release that has base images. */
export const windowsVms = (wire: Wire, gateway: string): Readonly<Record<string, GuestSystem>> =>
  Object.fromEntries(Object.values(windowsReleases).map((v) => [`uvm-${v.split('.')[2]}`, windowsVm(v, wire, gateway)]))

/** LCOW's machine: LinuxKit's kernel and an initrd, the agent gcs and runc; no engine inside. */
export function lcowVm(wire: Wire, gateway: string): GuestSystem {
  return {
    firmware: 'Linux direct boot (no firmware)',
    stages: { firmware: seconds(0.05), kernel: seconds(0.7), init: seconds(0.25) },
    source: 'No published measurement; between a microVM (Firecracker SPECIFICATION.md, 125 ms) and the Moby VM',
    touched: 96 * MiB,
    boot(world: World, machine: Machine, request) {
      const kernel = world.startKernel(machine, {
        hostname: 'lcow',
        release: '4.14.35-linuxkit',
        version: '#1 SMP Mon Apr 23 15:24:51 UTC 2018',
        cmdline: 'initrd=/initrd.img panic=-1 brd.rd_nr=0 pmtmr=0',
      })
      const disk = new Disk(kernel, 20 * GiB)
      smallLinux(disk, 'lcow', 'LinuxKit LCOW')
      disk.program('/usr/bin/gcs', 'lcow-gcs', 12_000_000)
      disk.program('/usr/bin/runc', 'runc', 9_000_000)
      kernel.mountRoot(disk.fs, '/dev/sda1')
      if (request.address !== undefined) plugIn(kernel, wire, 'eth0', request.address, { gateway })
      return () =>
        void kernel.startInit(function* (sys) {
          yield* mountBasics(sys)
          yield* delegateControl(sys)
          yield* service(sys, '/usr/bin/gcs', ['/usr/bin/gcs'])
          return yield* reapForEver(sys)
        }, 'init')
    },
  }
}
/** How folders of Windows reach a machine: image layers as disks, a bind mount by 9p with what LCOW's server could do in 2019. */
export const windowsShare = (protocol: string, dev: number, root: Inode): ShareFs =>
  protocol === '9p' ? new Lcow9pFs(dev, root) : new ShareFs(protocol, dev, root, protocol === 'ext4' ? 'ro' : 'rw')
export const windowsGuestPrograms: Readonly<Record<string, Program>> = {
  vmcomputeagent: gcs,
  'lcow-gcs': lcowGcs,
}

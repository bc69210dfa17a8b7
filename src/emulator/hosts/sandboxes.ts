/** Devices for kernels beside a host's own: their code comes with the program that opens one. */
import { EINVAL, ENXIO } from '../base/errno.ts'
import { makedev } from '../kernel/linux/fs/flags.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import { lateDevices, type Machine, SENTRY_DEVICE, type World } from '../machine/world.ts'

/** What runsc needs of this machine: the device's code comes with it. */
export function offerSandboxes(world: World, machine: Machine, kernel: Kernel): void {
  kernel.devices.set(SENTRY_DEVICE, () => lateDevices.sentry?.(world, machine, kernel) ?? ENXIO)
}
/** /dev/kvm: the device's code comes with the first program that makes a machine. */
export function offerKvm(world: World, machine: Machine, kernel: Kernel): void {
  const rdev = makedev(10, 232)
  for (const [name, minor] of [
    ['kvm', 232],
    ['vhost-net', 238],
    ['vhost-vsock', 241],
  ] as const)
    kernel.devtmpfs.root.create(name, { mode: 0o020660, uid: 0, gid: 0, rdev: makedev(10, minor) })
  kernel.devices.set(rdev, () => lateDevices.kvm?.(world, machine, kernel) ?? { ioctl: () => EINVAL })
}

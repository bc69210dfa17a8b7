/**
 * Hypervisors: a device by which a process of the host makes a machine, powers it on and waits for its init. The machine lives as long as
 * that process holds the device open: qemu-system on KVM, vmwp.exe on Hyper-V, a VirtualMachine service on a Mac.
 */
import { EADDRINUSE, EINVAL, ENODEV, ENOMEM, isErr } from '../base/errno.ts'
import type { Run } from '../kernel/linux/abi.ts'
import type { FileOps, FileSystem, Inode } from '../kernel/linux/fs/inode.ts'
import type { Path } from '../kernel/linux/fs/path.ts'
import { ShareFs } from '../kernel/linux/fs/share.ts'
import { lookup } from '../kernel/linux/fs/vfs.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'
import { attachEthernet, Wire } from '../kernel/linux/net/namespace.ts'
import type { Process } from '../kernel/linux/process.ts'
import type { Machine, World } from './world.ts'

const second = 1_000_000_000

/** Virtual nanoseconds that each part of a boot takes. */
export interface BootStages {
  readonly firmware: number
  readonly kernel: number
  readonly init: number
}
/** What stands behind a guest's figures: a short text with its source. */
export interface GuestSystem {
  readonly firmware: string
  readonly stages: BootStages
  readonly source: string
  /** Bytes of its memory that a guest has touched when it has booted. */
  readonly touched: number
  /** Gives the machine a kernel and a root disk; what it answers starts init. */
  boot(world: World, machine: Machine, request: PartitionRequest): () => void
}
/** A folder of the host that a guest may mount by its tag, through a protocol for files between machines. */
export interface Share {
  readonly tag: string
  readonly path: string
  readonly protocol: string
}
export interface PartitionRequest {
  readonly name: string
  /** Bytes. */
  readonly memory: number
  readonly cpus: number
  /** Which of the systems that the hypervisor's host has on disk. */
  readonly system: string
  readonly arch?: 'amd64' | 'arm64'
  readonly shares?: readonly Share[]
  /** The address of its network card, where whoever asks for the machine chooses it. */
  readonly address?: string
  /** Its number for vsock(7), where the caller chooses; the next free one where not. */
  readonly cid?: number
  /** The kernel's command line, where the system takes one. */
  readonly cmdline?: string
}
/** A network card of the guest, behind a tap device of the namespace that the caller is in. */
export interface CardRequest {
  readonly tap: string
  readonly name: string
  readonly mac: string
}
export interface Partition {
  readonly cid: number
  /** Bytes that the guest has touched after its boot: what its host can't use. */
  readonly touched: number
  readonly stages: BootStages
}

/** The first number that vsock(7) gives to a guest. */
const FIRST_CID = 3

/** Between a tap device and the guest's card, one way: vhost-net copies. */
const CARD_LATENCY = 20_000

/**
 * Answers the operations of a hypervisor's device on a machine. `lazy`: memory is taken as guests touch it, so that they may be promised more
 * than there is, as KVM's users may; the process that holds the device takes it.
 */
export function hypervisorDevice(
  world: World,
  machine: Machine,
  host: Kernel,
  systems: Readonly<Record<string, GuestSystem>>,
  share: (protocol: string, dev: number, root: Inode, at: Path) => FileSystem = (protocol, dev, root) =>
    new ShareFs(protocol, dev, root, 'rw'),
  lazy = false,
): () => FileOps {
  let nextCid = FIRST_CID
  const kernels = new Map<number, () => Kernel | undefined>()
  host.vsock.cid = 2
  host.vsock.peer = (cid) => kernels.get(cid)?.()
  return () => {
    let guest: Machine | undefined
    let made: PartitionRequest | undefined
    let cid = 0
    const note = (what: string): void =>
      world.trace.add({
        time: world.clock.now,
        kind: 'boot',
        machine: machine.name,
        from: `machine:${machine.name}`,
        to: `machine:${made?.name ?? ''}`,
        what,
      })
    const run = function* (p: Process, system: GuestSystem, request: PartitionRequest, vm: Machine): Run<Partition> {
      const began = world.clock.now
      const until = function* (time: number): Run<void> {
        const deadline = world.clock.now + time
        while (world.clock.now < deadline) yield { kind: 'sleep', queues: [], deadline }
      }
      note(system.firmware)
      yield* until(system.stages.firmware)
      const start = system.boot(world, vm, request)
      const { kernel } = vm
      if (kernel) {
        kernel.vsock.cid = cid
        kernel.vsock.peer = (other) => (other === 2 ? host : undefined)
        for (const { tag, path, protocol } of request.shares ?? []) {
          const at = lookup(p, path)
          if (!isErr(at)) kernel.shares.set(tag, share(protocol, kernel.nextDev(), at.dentry.inode, at))
        }
      }
      yield* until(system.stages.kernel)
      start()
      yield* until(system.stages.init)
      vm.bootTime = world.clock.now - began
      note('init')
      return { cid, touched: system.touched, stages: system.stages }
    }
    return {
      ioctl(_file, name, argument, p) {
        if (name === 'HvCreatePartition') {
          const request = argument as PartitionRequest
          if (guest) return EINVAL
          if (!Object.hasOwn(systems, request.system)) return ENODEV
          const taken = machine.guests.reduce((n, g) => n + g.memory, 0)
          if (!lazy && taken + request.memory > machine.memory) return ENOMEM
          if (request.cid !== undefined && kernels.has(request.cid)) return EADDRINUSE
          made = request
          cid = request.cid ?? nextCid++
          const vm = world.addMachine({
            name: request.name,
            arch: request.arch ?? machine.arch,
            cpus: request.cpus,
            memory: request.memory,
            parent: machine,
          })
          guest = vm
          if (lazy) vm.holder = p.leader
          kernels.set(cid, () => vm.kernel)
          note('partition created')
          return cid
        }
        if (name === 'HvAttachCard' && guest?.kernel) {
          const card = argument as CardRequest
          const tap = p.ns.net.interfaces.get(card.tap)
          if (tap?.type !== 'tap' || tap.wire) return EINVAL
          const wire = new Wire(CARD_LATENCY)
          tap.wire = wire
          wire.ports.push(tap)
          attachEthernet(guest.kernel.initial.net, wire, card.name, card.mac)
          return undefined
        }
        if (name === 'HvRun' && guest && made) return run(p, systems[made.system] as GuestSystem, made, guest)
        return EINVAL
      },
      release() {
        guest?.powerOff()
        guest = undefined
        kernels.delete(cid)
        if (made)
          world.trace.add({
            time: world.clock.now,
            kind: 'halt',
            machine: machine.name,
            from: `machine:${machine.name}`,
            to: `machine:${made.name}`,
            what: 'power off',
          })
      },
    }
  }
}
/** 125 ms as nanoseconds, and the like. */
export const seconds = (n: number): number => Math.round(n * second)

/**
 * The NT kernel, as deep as the chapters need it. Scheduling, memory, pipes and sockets are those of the emulator's other kernel; what is
 * NT's own is what a reader of the chapters meets: process ids that are multiples of four, executables in PE format, an object
 * namespace instead of a root directory (drives, devices and named pipes hang in it), and jobs, which as server silos are what
 * Windows builds process-isolated containers from.
 */

import { EINVAL, ENOENT, isErr } from '../../base/errno.ts'
import { IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_ARM64, parsePe } from '../../base/pe.ts'
import { Cgroup } from '../linux/cgroup.ts'
import { makedev, S_IFCHR, S_IFDIR } from '../linux/fs/flags.ts'
import type { FileOps } from '../linux/fs/inode.ts'
import { MemFs, type MemInode } from '../linux/fs/memfs.ts'
import { Kernel, type KernelOptions } from '../linux/kernel.ts'
import { PidNamespace } from '../linux/namespaces.ts'
import { parseAddress } from '../linux/net/address.ts'
import { attachEthernet, type NetNamespace, type Wire } from '../linux/net/namespace.ts'
import type { Process } from '../linux/process.ts'
import { SIGKILL } from '../linux/signals.ts'
import type { JobInformation, NtRequest, ProcessInformation } from './abi.ts'

/** Client ids are multiples of four: processes and threads share the numbers. */
class ClientIds extends PidNamespace {
  #last = 0
  override next(): number {
    this.#last += 4
    return this.#last
  }
}

/** A job object; as a silo it has an object namespace, and so drives, of its own. */
interface Job {
  readonly name: string
  readonly silo: boolean
  readonly group: Cgroup
  /** Its network compartment; undefined: the host's. */
  net: NetNamespace | undefined
}

export class NtKernel extends Kernel {
  /** Build number: what decides whether an image's binaries fit this kernel. */
  readonly build: string
  readonly jobs = new Map<string, Job>()
  /** The virtual switch that silos are plugged into; undefined where the host has none. */
  natSwitch: Wire | undefined
  readonly objects: MemFs

  constructor(options: KernelOptions, build: string) {
    super(options)
    this.build = build
    const ids = new ClientIds(this.initial.pid.inum, this.initial.user, undefined)
    this.initial.pid = this.initial.pidForChildren = ids
    this.log.length = 0
    this.objects = new MemFs('ObjectDirectory', this.nextDev(), this.now, 1 << 20, options.budget)
    const device = this.directory('Device')
    this.directory('Device', 'NamedPipe')
    this.directory('Device', 'ConDrv')
    device.create('ntoskrnl', { mode: S_IFCHR | 0o666, uid: 0, gid: 0, rdev: makedev(250, 0) })
    this.devices.set(makedev(250, 0), () => this.#systemCalls())
    this.mountRoot(this.objects, 'ObjectDirectory')
  }

  override get utsname(): { readonly sysname: string; readonly machine: string } {
    return { sysname: 'Windows_NT', machine: this.options.machine === 'x86_64' ? 'AMD64' : 'ARM64' }
  }
  override programIn(bytes: Uint8Array): string | undefined {
    const file = parsePe(bytes)
    const own = this.options.machine === 'x86_64' ? IMAGE_FILE_MACHINE_AMD64 : IMAGE_FILE_MACHINE_ARM64
    return file?.machine === own ? file.program : undefined
  }

  /** A directory of the object namespace. */
  directory(...names: readonly string[]): MemInode {
    let at = this.objects.root
    for (const name of names) {
      const next = at.lookup(name)
      at = (isErr(next) ? at.create(name, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 }) : next) as MemInode
    }
    return at
  }

  /** NtQuerySystemInformation and the calls on job objects, which Linux has no counterpart of. */
  #systemCalls(): FileOps {
    return {
      ioctl: (_file, name, argument, caller) => {
        const request = { name, ...(argument as object) } as NtRequest
        switch (request.name) {
          case 'NtQuerySystemInformation': {
            // In a silo one sees the silo's processes, by the same ids as the host does.
            const own = this.#jobOf(caller)
            return [...this.initial.pid.processes.values()]
              .filter((p) => p.alive && (!own?.silo || this.#jobOf(p) === own))
              .map((p) => this.#information(p))
          }
          case 'NtCreateJobObject': {
            if (this.jobs.has(request.job)) return EINVAL
            const group = new Cgroup(request.job, this.rootCgroup, this.nextCgroupId())
            this.rootCgroup.children.set(request.job, group)
            this.jobs.set(request.job, { name: request.job, silo: request.silo, group, net: undefined })
            this.note(
              'namespace',
              this.describe(caller),
              `job:${request.job}`,
              request.silo ? 'server silo' : 'job object',
            )
            return undefined
          }
          case 'NtSetInformationJobObject': {
            const job = this.jobs.get(request.job)
            if (!job) return ENOENT
            if (request.memory !== undefined) job.group.memoryMax = request.memory
            if (request.processors !== undefined)
              job.group.bandwidth.quota = request.processors * job.group.bandwidth.period
            this.note('cgroup', this.describe(caller), `job:${request.job}`, 'JobObjectExtendedLimitInformation')
            return undefined
          }
          case 'NtCreateCompartment': {
            const job = this.jobs.get(request.job)
            if (!job || !this.natSwitch) return ENOENT
            job.net = this.#compartment(this.natSwitch, request)
            this.note(
              'namespace',
              this.describe(caller),
              `job:${request.job}`,
              `network compartment ${request.address}`,
            )
            return undefined
          }
          case 'NtAssignProcessToJobObject': {
            const job = this.jobs.get(request.job)
            const p = this.initial.pid.processes.get(request.pid)
            if (!job || !p) return ENOENT
            if (job.net && p.ns.net !== job.net) {
              this.release(p.ns)
              p.ns = { ...p.ns, net: job.net }
              this.hold(p.ns)
            }
            return job.group.attach(p)
          }
          case 'NtTerminateJobObject': {
            const job = this.jobs.get(request.job)
            if (!job) return ENOENT
            for (const p of [...job.group.all()]) this.exit(p, { signal: SIGKILL })
            this.rootCgroup.children.delete(request.job)
            this.jobs.delete(request.job)
            if (job.net) {
              job.net.refs--
              this.dropNet(job.net)
            }
            return undefined
          }
          case 'NtQueryInformationJobObject':
            return [...this.jobs.values()].map(
              (j): JobInformation => ({
                name: j.name,
                silo: j.silo,
                memory: j.group.memoryCurrent,
                processes: [...j.group.all()].filter((p) => p.alive).map((p) => p.pid),
              }),
            )
        }
      },
    }
  }

  #compartment(
    wire: Wire,
    o: { readonly address: string; readonly prefix: number; readonly gateway: string },
  ): NetNamespace {
    const net = this.newNet(this.nextInum(), this.initial.user)
    net.refs++
    net.setUp(net.lo, true)
    net.addAddress(net.lo, 0x7f000001, 8)
    const mac = `00:15:5d:${[...this.random.bytes(3)].map((b) => (b + 256).toString(16).slice(1)).join(':')}`
    const link = attachEthernet(net, wire, 'vEthernet (Ethernet)', mac)
    net.setUp(link, true)
    net.addAddress(link, parseAddress(o.address) ?? 0, o.prefix)
    const gateway = parseAddress(o.gateway) ?? 0
    net.routes.unshift({ destination: 0, prefix: 0, gateway, link, source: 0, metric: 0, connected: false })
    return net
  }
  #jobOf(p: Process): Job | undefined {
    return [...this.jobs.values()].find((j) => j.group.processes.has(p))
  }
  /** Session 1 is what sits at the screen: all below winlogon, and shells. Session 0 are services. */
  #isOfConsole(p: Process): boolean {
    for (let at: Process | undefined = p; at; at = at.parent)
      if (at.session.tty || /^(winlogon|powershell|cmd)\.exe$/.test(at.exe?.dentry.name ?? '')) return true
    return false
  }
  #information(p: Process): ProcessInformation {
    const job = this.#jobOf(p)
    return {
      pid: p.pid,
      parent: p.parent?.pid ?? 0,
      name: p.exe?.dentry.name ?? p.comm,
      commandLine: p.argv.join(' '),
      memory: p.memory,
      handles: p.fds.filter(Boolean).length,
      threads: 1 + p.threads.length,
      time: p.userTime + p.systemTime,
      start: this.clock.epoch + p.startTime,
      session: this.#isOfConsole(p) ? 1 : 0,
      job: job?.name,
      silo: job?.silo ?? false,
    }
  }
}

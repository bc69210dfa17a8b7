/**
 * XNU, the kernel of macOS, as deep as the chapters need it: it runs Mach-O executables and knows no containers. Scheduling, files and sockets
 * are those of the emulator's other kernel; processes are listed by sysctl(3), as there is no /proc.
 */
import { EINVAL } from '../../base/errno.ts'
import { parseMacho } from '../../base/macho.ts'
import { makedev } from '../linux/fs/flags.ts'
import { Kernel, type KernelOptions } from '../linux/kernel.ts'

/** struct kinfo_proc of sysctl KERN_PROC_ALL, as ps(1) of macOS shows it. */
export interface KinfoProc {
  readonly pid: number
  readonly ppid: number
  readonly uid: number
  /** Bytes. */
  readonly rss: number
  /** Processor time in nanoseconds. */
  readonly time: number
  /** Nanoseconds since 1970. */
  readonly start: number
  readonly command: string
  readonly state: string
}

export class DarwinKernel extends Kernel {
  constructor(options: KernelOptions) {
    super(options)
    this.log.length = 0
    this.devtmpfs.root.create('sysctl', { mode: 0o020666, uid: 0, gid: 0, rdev: makedev(240, 0) })
    this.devices.set(makedev(240, 0), () => ({
      ioctl: (_file, request) => (request === 'DarwinKernProcAll' ? this.#all() : EINVAL),
    }))
  }
  override get utsname(): { readonly sysname: string; readonly machine: string } {
    return { sysname: 'Darwin', machine: 'arm64' }
  }
  override programIn(bytes: Uint8Array): string | undefined {
    return parseMacho(bytes)
  }
  #all(): KinfoProc[] {
    return [...this.initial.pid.processes.values()]
      .filter((p) => p.alive)
      .map((p) => ({
        pid: p.pid,
        ppid: p.parent?.pid ?? 0,
        uid: p.cred.uid,
        rss: p.memory,
        time: p.userTime + p.systemTime,
        start: this.clock.epoch + p.startTime,
        command: p.argv.join(' '),
        state: p.state === 'running' ? 'R' : 'S',
      }))
  }
}

/** System calls about the machine: names, time, memory, randomness. */
import { parseElf } from '../../../base/elf.ts'
import { EINVAL, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import type { Usage, Utsname } from '../abi.ts'
import type { Process } from '../process.ts'

/** The processor that a program of another kind believes it runs on; undefined where it runs on the machine's own. */
function emulatedMachine(p: Process): string | undefined {
  if (p.kernel.emulated.size === 0 || !p.exe) return undefined
  const head = p.exe.dentry.inode.read(0, 64)
  const elf = isErr(head) ? undefined : parseElf(head)
  return elf && p.kernel.emulated.get(elf.machine)
}

/** @restartable */
export const systemCalls = {
  clock(p: Process, id: 'realtime' | 'monotonic' | 'boottime'): number {
    const { kernel, ns } = p
    if (id === 'realtime') return kernel.realtime
    return kernel.clock.now - kernel.bootedAt + (id === 'monotonic' ? ns.time.monotonic : ns.time.boottime)
  },
  uname(p: Process): Utsname {
    const { release, version } = p.kernel.options
    const machine = emulatedMachine(p)
    return {
      ...p.kernel.utsname,
      ...(machine === undefined ? {} : { machine }),
      nodename: p.ns.uts.hostname,
      release,
      version,
      domainname: p.ns.uts.domainname,
    }
  },
  sethostname(p: Process, name: string): Errno | undefined {
    if (!p.kernel.capable(p, 'SYS_ADMIN', p.ns.uts.owner)) return EPERM
    if (name.length > 64) return EINVAL
    p.ns.uts.hostname = name
    return undefined
  },
  setdomainname(p: Process, name: string): Errno | undefined {
    if (!p.kernel.capable(p, 'SYS_ADMIN', p.ns.uts.owner)) return EPERM
    if (name.length > 64) return EINVAL
    p.ns.uts.domainname = name
    return undefined
  },
  sysinfo(p: Process): {
    uptime: number
    totalram: number
    freeram: number
    procs: number
    loads: readonly [number, number, number]
  } {
    const { kernel } = p
    return {
      uptime: kernel.clock.now - kernel.bootedAt + p.ns.time.boottime,
      totalram: kernel.options.memory,
      freeram: kernel.options.memory - kernel.memoryUsed,
      procs: kernel.initial.pid.processes.size,
      loads: kernel.loadAverages(),
    }
  },
  getrandom: (p: Process, count: number): Uint8Array => p.kernel.random.bytes(Math.min(count, 1 << 20)),
  schedGetaffinity: (p: Process): number => {
    const set = p.cgroup.cpusetCpus
    if (!set) return p.kernel.options.cpus
    return set.split(',').reduce((n, part) => {
      const [a, b] = part.split('-').map(Number)
      return n + ((b ?? a ?? 0) - (a ?? 0) + 1)
    }, 0)
  },
  syslog(p: Process): readonly string[] | Errno {
    // Debian's kernels restrict it (CONFIG_SECURITY_DMESG_RESTRICT); where the setting is off, everybody may read.
    if (p.kernel.sysctl.get('kernel.dmesg_restrict') !== '0' && !p.kernel.capable(p, 'SYSLOG')) return EPERM
    return p.kernel.log.map((l) => `[${(l.time / 1e9).toFixed(6).padStart(12)}] ${l.text}`)
  },
  getrusage: (p: Process): Usage => ({
    user: p.userTime,
    system: p.systemTime,
    childrenUser: p.childrenUser,
    childrenSystem: p.childrenSystem,
    childrenPeak: p.childrenPeak,
  }),
}

/**
 * /proc: processes and the kernel as files, proc(5). One instance a pid namespace.
 * @restartable A system call reads or writes a file: its one effect.
 */
import { EINVAL, ENOENT, EPERM, type Errno } from '../../../base/errno.ts'
import type { Cgroup } from '../cgroup.ts'
import { MS_RDONLY, major, minor } from '../fs/flags.ts'
import { GeneratedDir, GeneratedFile, GeneratedFs, GeneratedLink, type Nodes } from '../fs/generated.ts'
import type { Inode } from '../fs/inode.ts'
import { mountOptions, pathName } from '../fs/path.ts'
import { fileSystemTypes } from '../fs/types.ts'
import type { Kernel } from '../kernel.ts'
import { type PidNamespace, toKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'
import { ProcessDir } from './process.ts'

const pageKb = (bytes: number): number => Math.floor(bytes / 1024)

/** Memory figures of the machine in bytes, not of a cgroup: what free(1) shows. */
export function memoryFigures(kernel: Kernel): {
  readonly total: number
  readonly free: number
  readonly available: number
  readonly cached: number
  readonly buffers: number
} {
  const total = kernel.options.memory - (kernel.options.reserved ?? 0)
  // A small machine has small caches.
  const cached = Math.min(412_000_000, total / 4) + Math.min(kernel.options.budget.held, total / 8)
  const buffers = 18_000_000
  const system = Math.min(170_000_000, total / 8)
  const used = kernel.memoryUsed + system
  return {
    total,
    free: Math.max(0, total - used - cached - buffers),
    available: Math.max(0, total - used),
    cached,
    buffers,
  }
}

function meminfo(kernel: Kernel): string {
  const m = memoryFigures(kernel)
  const rows: [string, number][] = [
    ['MemTotal', m.total],
    ['MemFree', m.free],
    ['MemAvailable', m.available],
    ['Buffers', m.buffers],
    ['Cached', m.cached],
    ['SwapCached', 0],
    ['Active', m.cached / 2],
    ['Inactive', m.cached / 2],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', kernel.memoryUsed],
    ['Mapped', 90_000_000],
    ['Shmem', 1_400_000],
    ['Slab', 60_000_000],
    ['SReclaimable', 34_000_000],
  ]
  return rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${String(pageKb(bytes)).padStart(8)} kB\n`).join('')
}
function cpuinfo(kernel: Kernel): string {
  const { cpus, cpuModel, machine } = kernel.options
  let out = ''
  for (let n = 0; n < cpus; n++)
    out +=
      machine === 'aarch64'
        ? `processor\t: ${n}\nBogoMIPS\t: 48.00\nCPU implementer\t: 0x61\n\n`
        : `processor\t: ${n}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel name\t: ${cpuModel}\ncpu MHz\t\t: 2600.000\ncache size\t: 36608 KB\nphysical id\t: 0\nsiblings\t: ${cpus}\ncore id\t\t: ${n}\ncpu cores\t: ${cpus}\nfpu\t\t: yes\nflags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 ht syscall nx lm constant_tsc vmx ssse3 sse4_1 sse4_2 aes avx avx2\nbogomips\t: 5200.00\n\n`
  return out
}

/** The mounts that a process sees, outermost first. */
export function mountsOf(p: Process, form: 'mounts' | 'mountinfo' | 'mountstats'): string {
  let out = ''
  for (const m of p.ns.mnt.mounts) {
    const where = pathName({ mount: m, dentry: m.root }, p.root)
    if (where === undefined) continue
    const options = m.fs.options?.()
    const superOptions = `${m.fs.readOnly ? 'ro' : 'rw'}${options ? `,${options}` : ''}`
    const escaped = where.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
    if (form === 'mountstats') out += `device ${m.source} mounted on ${escaped} with fstype ${m.fs.type}\n`
    else if (form === 'mounts')
      out += `${m.source} ${escaped} ${m.fs.type} ${mountOptions(m.fs.readOnly ? m.flags | MS_RDONLY : m.flags)}${options ? `,${options}` : ''} 0 0\n`
    else {
      let root = ''
      for (let d = m.root; d.parent; d = d.parent) root = `/${d.name}${root}`
      const tags = `${m.shared ? ` shared:${m.shared}` : ''}${m.master ? ` master:${m.master}` : ''}`
      out += `${m.id} ${m.parent?.id ?? 1} ${major(m.fs.dev)}:${minor(m.fs.dev)} ${root || '/'} ${escaped} ${mountOptions(m.flags)}${tags} - ${m.fs.type} ${m.source} ${superOptions}\n`
    }
  }
  return out
}

/** The text of /proc/net/dev. */
function netDev(p: Process): string {
  let out =
    'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n'
  for (const l of p.ns.net.interfaces.values()) {
    const s = l.stats
    out += `${l.name.padStart(6)}: ${String(s.rxBytes).padStart(7)} ${String(s.rxPackets).padStart(7)}    0    0    0     0          0         0 ${String(s.txBytes).padStart(8)} ${String(s.txPackets).padStart(7)}    0    0    0     0       0          0\n`
  }
  return out
}
const hexAddress = (a: number): string =>
  [a & 255, (a >>> 8) & 255, (a >>> 16) & 255, a >>> 24]
    .map((b) => b.toString(16).padStart(2, '0').toUpperCase())
    .join('')

function netTcp(p: Process, protocol: 'tcp' | 'udp'): string {
  const states: Record<string, string> = {
    ESTABLISHED: '01',
    FIN_WAIT2: '05',
    CLOSE: '07',
    CLOSE_WAIT: '08',
    LISTEN: '0A',
  }
  let out = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
  let n = 0
  for (const s of p.ns.net.sockets) {
    if (s.protocol !== protocol || s.localPort === 0) continue
    const port = (x: number): string => x.toString(16).toUpperCase().padStart(4, '0')
    out += `${String(n++).padStart(4)}: ${hexAddress(s.localAddress)}:${port(s.localPort)} ${hexAddress(s.remoteAddress)}:${port(s.remotePort)} ${states[s.stateName] ?? '07'} 00000000:00000000 00:00000000 00000000     0        0 ${s.inode} 1 0000000000000000 100 0 0 10 0\n`
  }
  return out
}

function netRoute(p: Process): string {
  let out = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n`
  for (const r of p.ns.net.routes) {
    const mask = r.prefix === 0 ? 0 : (0xffffffff << (32 - r.prefix)) >>> 0
    out += `${r.link.name}\t${hexAddress(r.destination)}\t${hexAddress(r.gateway)}\t${r.gateway ? '0003' : '0001'}\t0\t0\t0\t${hexAddress(mask)}\t0\t0\t0\n`
  }
  return out
}
function netUnix(p: Process): string {
  let out = 'Num       RefCount Protocol Flags    Type St Inode Path\n'
  for (const s of p.ns.net.sockets) {
    if (s.protocol !== 'unix') continue
    const state = s.state === 'listening' ? '00010000 0001 01' : '00000000 0001 03'
    out += `0000000000000000: 00000002 00000000 ${state} ${s.inode}${s.path ? ` ${s.path}` : ''}\n`
  }
  return out
}
/** Since the kernel's start, in nanoseconds. */
const upTime = (kernel: Kernel): number => kernel.clock.now - kernel.bootedAt
function uptime(p: Process): string {
  const { rootCgroup, options } = p.kernel
  const up = upTime(p.kernel) / 1e9
  const busy = (rootCgroup.cpuUser + rootCgroup.cpuSystem) / 1e9
  return `${(up + p.ns.time.boottime / 1e9).toFixed(2)} ${Math.max(0, up * options.cpus - busy).toFixed(2)}\n`
}
function loadavg(kernel: Kernel, ns: PidNamespace): string {
  const averages = kernel.loadAverages().map((l) => l.toFixed(2))
  let last = 0
  for (const pid of ns.processes.keys()) last = Math.max(last, pid)
  return `${averages.join(' ')} ${Math.max(1, kernel.scheduler.running)}/${kernel.initial.pid.processes.size} ${last}\n`
}
function cpuStat(kernel: Kernel): string {
  const { rootCgroup, options, clock, bootedAt } = kernel
  const idle = Math.floor(upTime(kernel) / 1e7)
  const boot = Math.floor((clock.epoch + bootedAt) / 1e9)
  const each = Array.from({ length: options.cpus }, (_, n) => `cpu${n} 0 0 0 ${idle} 0 0 0 0 0 0\n`).join('')
  return `cpu  ${Math.floor(rootCgroup.cpuUser / 1e7)} 0 ${Math.floor(rootCgroup.cpuSystem / 1e7)} ${idle * options.cpus} 0 0 0 0 0 0\n${each}btime ${boot}\nprocesses ${kernel.initial.pid.last}\nprocs_running ${Math.max(1, kernel.scheduler.running)}\nprocs_blocked 0\n`
}

const file =
  (read: (p: Process) => string | Errno, mode = 0o444, write?: (text: string, p: Process) => Errno | undefined) =>
  (d: GeneratedDir): Inode =>
    new GeneratedFile(d.fs, mode, read, write)
const dir =
  (nodes: Nodes<GeneratedDir> = {}) =>
  (d: GeneratedDir): Inode =>
    new GeneratedDir(d.fs, nodes)

const fixed = (value: (kernel: Kernel) => string): ((d: GeneratedDir) => Inode) => file((p) => `${value(p.kernel)}\n`)
/** A setting of the reader's network namespace: it belongs to root of the user namespace that owns that (net_ctl_set_ownership). */
class NetSetting extends GeneratedFile {
  constructor(fs: GeneratedFs, key: string) {
    super(
      fs,
      0o644,
      (p) => `${p.ns.net.sysctl.get(key) ?? '0'}\n`,
      (value, p) => {
        if (!p.kernel.capable(p, 'NET_ADMIN', p.ns.net.owner)) return EPERM
        p.ns.net.sysctl.set(key, value.trim())
        return undefined
      },
    )
  }
  override revalidate(p?: Process): void {
    if (p) this.uid = this.gid = toKernelId(p.ns.net.owner, 0, 'uid') ?? 0
  }
}
const netSetting =
  (key: string) =>
  (d: GeneratedDir): Inode =>
    new NetSetting(d.fs, key)
/** A limit of the reader's IPC namespace, which root of the user namespace that owns it may set; nothing here comes near them. */
class IpcSetting extends GeneratedFile {
  constructor(fs: GeneratedFs, key: string, value: string) {
    super(
      fs,
      0o644,
      (p) => `${p.ns.ipc.sysctl.get(key) ?? value}\n`,
      (text, p) => void p.ns.ipc.sysctl.set(key, text.trim()),
    )
  }
  override revalidate(p?: Process): void {
    if (p) this.uid = this.gid = toKernelId(p.ns.ipc.owner, 0, 'uid') ?? 0
  }
}
const ipcSettings = Object.fromEntries(
  [
    'msgmax 8192',
    'msgmnb 16384',
    'msgmni 32000',
    'sem 32000\t1024000000\t500\t32000',
    'shmall 18446744073692774399',
    'shmmax 18446744073692774399',
    'shmmni 4096',
    'shm_rmid_forced 0',
  ].map((line) => {
    const [key = '', value = ''] = line.split(' ')
    return [key, (d: GeneratedDir): Inode => new IpcSetting(d.fs, key, value)]
  }),
)
/** /proc/sys, proc_sys(5). */
const sys: Nodes<GeneratedDir> = {
  kernel: dir({
    hostname: file(
      (p) => `${p.ns.uts.hostname}\n`,
      0o644,
      (value, p) =>
        p.kernel.capable(p, 'SYS_ADMIN', p.ns.uts.owner) ? void (p.ns.uts.hostname = value.trim()) : EPERM,
    ),
    domainname: file((p) => `${p.ns.uts.domainname}\n`),
    osrelease: fixed((kernel) => kernel.options.release),
    ostype: fixed(() => 'Linux'),
    version: fixed((kernel) => kernel.options.version),
    pid_max: fixed(() => '4194304'),
    // What Debian's kernel begins with; nothing here changes by them.
    ...Object.fromEntries(
      'core_pattern core;core_uses_pid 1;dmesg_restrict 1;kptr_restrict 0;ngroups_max 65536;overflowuid 65534;overflowgid 65534;panic 0;perf_event_paranoid 3;printk 4\t4\t1\t7;randomize_va_space 2;sched_autogroup_enabled 1;sysrq 438;unprivileged_bpf_disabled 2;unprivileged_userns_clone 1;arch x86_64;tainted 0'
        .split(';')
        .map((line) => [line.slice(0, line.indexOf(' ')), fixed(() => line.slice(line.indexOf(' ') + 1))]),
    ),
    yama: dir({ ptrace_scope: fixed(() => '0') }),
    pty: dir({ max: fixed(() => '4096'), nr: fixed(() => '0'), reserve: fixed(() => '1024') }),
    cap_last_cap: fixed(() => '40'),
    random: dir({
      boot_id: fixed((kernel) => kernel.bootId),
      uuid: fixed((kernel) => kernel.uuid()),
      entropy_avail: fixed(() => '256'),
    }),
    ns_last_pid: file((p) => `${Math.max(...p.ns.pid.processes.keys())}\n`),
    'threads-max': fixed(() => '125549'),
    ...ipcSettings,
  }),
  net: dir({
    core: dir({ somaxconn: netSetting('net.core.somaxconn') }),
    ipv4: dir({
      ip_forward: netSetting('net.ipv4.ip_forward'),
      ip_unprivileged_port_start: netSetting('net.ipv4.ip_unprivileged_port_start'),
      ping_group_range: netSetting('net.ipv4.ping_group_range'),
    }),
  }),
  vm: dir({
    ...Object.fromEntries(
      'dirty_background_ratio 10;dirty_ratio 20;drop_caches 0;max_map_count 1048576;min_free_kbytes 67584;overcommit_memory 0;overcommit_ratio 50;panic_on_oom 0;oom_kill_allocating_task 0;swappiness 60;vfs_cache_pressure 100'
        .split(';')
        .map((line) => [line.slice(0, line.indexOf(' ')), fixed(() => line.slice(line.indexOf(' ') + 1))]),
    ),
  }),
  fs: dir({
    'file-max': fixed(() => '9223372036854775807'),
    nr_open: fixed(() => '1048576'),
    'pipe-max-size': fixed(() => '1048576'),
    inotify: dir({ max_user_instances: fixed(() => '128'), max_user_watches: fixed(() => '62235') }),
    mqueue: dir({ msg_max: fixed(() => '10'), msgsize_max: fixed(() => '8192'), queues_max: fixed(() => '256') }),
  }),
  user: dir(
    Object.fromEntries(
      'cgroup ipc mnt net pid time user uts'.split(' ').map((kind) => [`max_${kind}_namespaces`, fixed(() => '62774')]),
    ),
  ),
}

/** A proc instance shows the processes of one pid namespace. */
export class ProcFs extends GeneratedFs {
  readonly ns: PidNamespace
  readonly dirs = new WeakMap<Process, ProcessDir>()
  constructor(kernel: Kernel, ns: PidNamespace) {
    super('proc', kernel)
    this.ns = ns
  }
}

/** /proc/PID/net, proc_pid_net(5): the network namespace of that process, whoever reads it. */
export const netNodes = (of: () => Process): Nodes<GeneratedDir> => ({
  dev: file(() => netDev(of())),
  tcp: file(() => netTcp(of(), 'tcp')),
  udp: file(() => netTcp(of(), 'udp')),
  tcp6: file(
    () =>
      '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n',
  ),
  route: file(() => netRoute(of())),
  unix: file(() => netUnix(of())),
  arp: file(() => 'IP address       HW type     Flags       HW address            Mask     Device\n'),
})
/** /proc/cgroups, which tells of controllers also where all are in the one hierarchy of v2. */
function cgroups(kernel: Kernel): string {
  const count = (g: Cgroup): number => [...g.children.values()].reduce((n, c) => n + count(c), 1)
  const all = count(kernel.rootCgroup)
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${'cpuset cpu cpuacct blkio memory devices freezer net_cls perf_event net_prio hugetlb pids rdma misc'
    .split(' ')
    .map((name) => `${name}\t0\t${all}\t1\n`)
    .join('')}`
}

const root: Nodes<GeneratedDir<ProcFs>> = {
  self: ({ fs }) => new GeneratedLink(fs, (p) => String(p.pidIn(fs.ns) || '') || ENOENT),
  'thread-self': ({ fs }) =>
    new GeneratedLink(fs, (p) => (p.pidIn(fs.ns) ? `${p.pidIn(fs.ns)}/task/${p.pidIn(fs.ns)}` : ENOENT)),
  mounts: ({ fs }) => new GeneratedLink(fs, () => 'self/mounts'),
  net: ({ fs }) => new GeneratedLink(fs, () => 'self/net'),
  meminfo: file((p) => meminfo(p.kernel)),
  cpuinfo: file((p) => cpuinfo(p.kernel)),
  uptime: file(uptime),
  loadavg: (d) => file((p) => loadavg(p.kernel, d.fs.ns))(d),
  version: file((p) => `Linux version ${p.kernel.options.release} (${p.kernel.options.version})\n`),
  stat: file((p) => cpuStat(p.kernel)),
  filesystems: file(() => fileSystemTypes.map((t) => `${t === 'ext4' ? '' : 'nodev'}\t${t}\n`).join('')),
  cmdline: fixed((kernel) => kernel.options.cmdline),
  kcore: file(() => EPERM, 0o400),
  keys: file(() => ''),
  timer_list: file(() => '', 0o400),
  interrupts: file(() => ''),
  partitions: file(() => 'major minor  #blocks  name\n\n   8        0   41943040 sda\n   8        1   41942016 sda1\n'),
  'sysrq-trigger': file(() => EINVAL, 0o200),
  cgroups: file((p) => cgroups(p.kernel)),
  swaps: file(() => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'),
  devices: file(
    () =>
      'Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n 10 misc\n136 pts\n\nBlock devices:\n  7 loop\n  8 sd\n259 blkext\n',
  ),
  locks: file(() => ''),
  acpi: dir(),
  asound: dir(),
  bus: dir(),
  fs: dir(),
  irq: dir(),
  scsi: dir(),
  sys: dir(sys),
}

/** A proc instance for a pid namespace. */
export function makeProc(kernel: Kernel, ns: PidNamespace): ProcFs {
  const fs = new ProcFs(kernel, ns)
  fs.root = new GeneratedDir(fs, root, {
    lookup(name) {
      if (!/^[1-9]\d*$/.test(name)) return undefined
      const p = ns.processes.get(Number(name))
      if (!p) return undefined
      const dir = fs.dirs.get(p) ?? new ProcessDir(fs, p)
      fs.dirs.set(p, dir)
      return dir
    },
    list: () =>
      [...ns.processes.keys()]
        .sort((a, b) => a - b)
        .map((pid) => ({ name: String(pid), ino: pid + 100_000, type: 0o040000 })),
  })
  return fs
}

/** /proc: processes and the kernel as files, proc(5). One instance a pid namespace. */
import { EINVAL, ENOENT, EPERM, type Errno } from '../../../base/errno.ts'
import { MS_RDONLY, major, minor } from '../fs/flags.ts'
import { GeneratedDir, GeneratedFile, GeneratedFs, GeneratedLink } from '../fs/generated.ts'
import type { DirEntry, Inode } from '../fs/inode.ts'
import { mountOptions, pathName } from '../fs/path.ts'
import { fileSystemTypes } from '../fs/types.ts'
import type { Kernel } from '../kernel.ts'
import { type PidNamespace, toKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'
import { processDir } from './process.ts'

const pageKb = (bytes: number): number => Math.floor(bytes / 1024)

/** Memory figures of the machine in bytes, not of a cgroup: what free(1) shows. */
export function memoryFigures(kernel: Kernel): {
  readonly total: number
  readonly free: number
  readonly available: number
  readonly cached: number
  readonly buffers: number
} {
  const total = kernel.options.memory
  const cached = 412_000_000 + kernel.options.budget.held
  const buffers = 18_000_000
  const system = 170_000_000
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
export function mountsOf(p: Process, form: 'mounts' | 'mountinfo'): string {
  let out = ''
  for (const m of p.ns.mnt.mounts) {
    const where = pathName({ mount: m, dentry: m.root }, p.root)
    if (where === undefined) continue
    const options = m.fs.options?.()
    const superOptions = `${m.fs.readOnly ? 'ro' : 'rw'}${options ? `,${options}` : ''}`
    const escaped = where.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
    if (form === 'mounts')
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

function sysDir(kernel: Kernel, fs: GeneratedFs, tree: SysTree): GeneratedDir {
  const entries: Record<string, Inode> = {}
  for (const [name, node] of Object.entries(tree))
    entries[name] =
      'read' in node && typeof node.read === 'function'
        ? sysFile(fs, node as SysLeaf)
        : sysDir(kernel, fs, node as SysTree)
  return new GeneratedDir(fs, entries)
}
function sysFile(fs: GeneratedFs, leaf: SysLeaf): GeneratedFile {
  const file = new GeneratedFile(fs, leaf.write ? 0o644 : 0o444, leaf.read, leaf.write)
  // A network namespace's settings belong to root of the user namespace that owns it (net_ctl_set_ownership).
  if (leaf.net)
    file.revalidate = (p) => {
      if (p) file.uid = file.gid = toKernelId(p.ns.net.owner, 0, 'uid') ?? 0
    }
  return file
}
interface SysLeaf {
  readonly read: (p: Process) => string
  readonly write?: (text: string, p: Process) => Errno | undefined
  readonly net?: true
}
interface SysTree {
  readonly [name: string]: SysLeaf | SysTree
}

function sysTree(kernel: Kernel): SysTree {
  const fixed = (value: string): SysLeaf => ({ read: () => `${value}\n` })
  const net = (key: string): SysLeaf => ({
    read: (p) => `${p.ns.net.sysctl.get(key) ?? '0'}\n`,
    write: (value, p) => {
      if (!kernel.capable(p, 'NET_ADMIN', p.ns.net.owner)) return EPERM
      p.ns.net.sysctl.set(key, value.trim())
      return undefined
    },
    net: true,
  })
  return {
    kernel: {
      hostname: {
        read: (p) => `${p.ns.uts.hostname}\n`,
        write: (value, p) =>
          kernel.capable(p, 'SYS_ADMIN', p.ns.uts.owner) ? void (p.ns.uts.hostname = value.trim()) : EPERM,
      },
      domainname: { read: (p) => `${p.ns.uts.domainname}\n` },
      osrelease: fixed(kernel.options.release),
      ostype: fixed('Linux'),
      version: fixed(kernel.options.version),
      pid_max: fixed('4194304'),
      cap_last_cap: fixed('40'),
      random: {
        boot_id: fixed(kernel.bootId),
        uuid: { read: () => `${kernel.uuid()}\n` },
        entropy_avail: fixed('256'),
      },
      ns_last_pid: { read: (p) => `${Math.max(...p.ns.pid.processes.keys())}\n` },
      'threads-max': fixed('125549'),
    },
    net: {
      core: { somaxconn: fixed('4096') },
      ipv4: {
        ip_forward: net('net.ipv4.ip_forward'),
        ip_unprivileged_port_start: net('net.ipv4.ip_unprivileged_port_start'),
        ping_group_range: net('net.ipv4.ping_group_range'),
      },
    },
    vm: { overcommit_memory: fixed('0'), swappiness: fixed('60') },
    fs: { 'file-max': fixed('9223372036854775807'), nr_open: fixed('1048576') },
    user: { max_user_namespaces: fixed('62774') },
  }
}

/** A proc instance for a pid namespace. */
export function makeProc(kernel: Kernel, ns: PidNamespace): GeneratedFs {
  const fs = new GeneratedFs('proc', kernel.nextDev())
  const file = (
    read: (p: Process) => string | Errno,
    mode = 0o444,
    write?: (text: string, p: Process) => Errno | undefined,
  ): GeneratedFile => new GeneratedFile(fs, mode, read, write)
  const self = (p: Process | undefined): number => p?.pidIn(ns) ?? 0
  const dirs = new WeakMap<Process, Inode>()
  const net = (name: string, read: (p: Process) => string): [string, Inode] => [name, file(read)]
  const boot = (): number => Math.floor((kernel.clock.epoch + kernel.bootedAt) / 1e9)
  fs.root = new GeneratedDir(
    fs,
    {
      self: new GeneratedLink(fs, (p) => (self(p) ? String(self(p)) : ENOENT)),
      'thread-self': new GeneratedLink(fs, (p) => (self(p) ? `${self(p)}/task/${self(p)}` : ENOENT)),
      mounts: new GeneratedLink(fs, () => 'self/mounts'),
      net: new GeneratedDir(
        fs,
        Object.fromEntries([
          net('dev', netDev),
          net('tcp', (p) => netTcp(p, 'tcp')),
          net('udp', (p) => netTcp(p, 'udp')),
          net(
            'tcp6',
            () =>
              '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n',
          ),
          net(
            'route',
            (p) =>
              `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n${p.ns.net.routes.map((r) => `${r.link.name}\t${hexAddress(r.destination)}\t${hexAddress(r.gateway)}\t${r.gateway ? '0003' : '0001'}\t0\t0\t0\t${hexAddress(r.prefix === 0 ? 0 : (0xffffffff << (32 - r.prefix)) >>> 0)}\t0\t0\t0\n`).join('')}`,
          ),
          net(
            'unix',
            (p) =>
              `Num       RefCount Protocol Flags    Type St Inode Path\n${[...p.ns.net.sockets]
                .filter((s) => s.protocol === 'unix')
                .map(
                  (s) =>
                    `0000000000000000: 00000002 00000000 ${s.state === 'listening' ? '00010000 0001 01' : '00000000 0001 03'} ${s.inode}${s.path ? ` ${s.path}` : ''}\n`,
                )
                .join('')}`,
          ),
          net('arp', () => 'IP address       HW type     Flags       HW address            Mask     Device\n'),
        ]),
      ),
      meminfo: file(() => meminfo(kernel)),
      cpuinfo: file(() => cpuinfo(kernel)),
      uptime: file((p) => {
        const up = (kernel.clock.now - kernel.bootedAt) / 1e9
        const busy = (kernel.rootCgroup.cpuUser + kernel.rootCgroup.cpuSystem) / 1e9
        return `${(up + p.ns.time.boottime / 1e9).toFixed(2)} ${Math.max(0, up * kernel.options.cpus - busy).toFixed(2)}\n`
      }),
      loadavg: file(
        () =>
          `${kernel
            .loadAverages()
            .map((l) => l.toFixed(2))
            .join(
              ' ',
            )} ${Math.max(1, kernel.scheduler.running)}/${kernel.initial.pid.processes.size} ${Math.max(0, ...ns.processes.keys())}\n`,
      ),
      version: file(() => `Linux version ${kernel.options.release} (${kernel.options.version})\n`),
      stat: file(
        () =>
          `cpu  ${Math.floor(kernel.rootCgroup.cpuUser / 1e7)} 0 ${Math.floor(kernel.rootCgroup.cpuSystem / 1e7)} ${Math.floor((kernel.clock.now - kernel.bootedAt) / 1e7) * kernel.options.cpus} 0 0 0 0 0 0\n${Array.from({ length: kernel.options.cpus }, (_, n) => `cpu${n} 0 0 0 ${Math.floor((kernel.clock.now - kernel.bootedAt) / 1e7)} 0 0 0 0 0 0\n`).join('')}btime ${boot()}\nprocesses ${kernel.initial.pid.processes.size}\n`,
      ),
      filesystems: file(() => fileSystemTypes.map((t) => `${t === 'ext4' ? '' : 'nodev'}\t${t}\n`).join('')),
      cmdline: file(() => `${kernel.options.cmdline}\n`),
      kcore: file(() => EPERM, 0o400),
      keys: file(() => ''),
      timer_list: file(() => '', 0o400),
      interrupts: file(() => ''),
      partitions: file(
        () => 'major minor  #blocks  name\n\n   8        0   41943040 sda\n   8        1   41942016 sda1\n',
      ),
      'sysrq-trigger': file(() => EINVAL, 0o200),
      acpi: new GeneratedDir(fs, {}),
      asound: new GeneratedDir(fs, {}),
      bus: new GeneratedDir(fs, {}),
      fs: new GeneratedDir(fs, {}),
      irq: new GeneratedDir(fs, {}),
      scsi: new GeneratedDir(fs, {}),
      sys: sysDir(kernel, fs, sysTree(kernel)),
    },
    {
      lookup(name) {
        if (!/^[1-9]\d*$/.test(name)) return undefined
        const p = ns.processes.get(Number(name))
        if (!p) return undefined
        let dir = dirs.get(p)
        if (!dir) {
          dir = processDir(kernel, fs, p, ns)
          dirs.set(p, dir)
        }
        dir.uid = p.cred.euid
        dir.gid = p.cred.egid
        return dir
      },
      list(): readonly DirEntry[] {
        return [...ns.processes.keys()]
          .sort((a, b) => a - b)
          .map((pid) => ({ name: String(pid), ino: pid + 100_000, type: 0o040000 }))
      },
    },
  )
  return fs
}

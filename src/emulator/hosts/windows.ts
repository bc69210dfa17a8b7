/** What the Windows hosts have in common: the NT kernel with its first processes, drive C:, services and a PowerShell prompt. */
import { isErr } from '../base/errno.ts'
import { fromText } from '../base/filedata.ts'
import { IMAGE_FILE_MACHINE_AMD64, pe } from '../base/pe.ts'
import { cmd } from '../cli/cmd/index.ts'
import { consoleTools } from '../cli/cmd/tools.ts'
import { cmdlets } from '../cli/powershell/cmdlets/index.ts'
import { powershell } from '../cli/powershell/index.ts'
import { PowerShell } from '../cli/powershell/interp.ts'
import { vmms } from '../engine/windows/vmms.ts'
import { vmmem, vmwp } from '../engine/windows/worker.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { makedev, S_IFCHR, S_IFDIR, S_IFREG } from '../kernel/linux/fs/flags.ts'
import { MemFs, type MemInode } from '../kernel/linux/fs/memfs.ts'
import type { Wire } from '../kernel/linux/net/namespace.ts'
import { NtKernel } from '../kernel/nt/kernel.ts'
import { type GuestSystem, hypervisorDevice, type PartitionRequest, seconds } from '../machine/hypervisor.ts'
import type { Machine, World } from '../machine/world.ts'
import type { HostShell } from './host.ts'
import { reapForEver, service } from './init.ts'
import { plugIn } from './network.ts'

const GiB = 1024 ** 3
const MiB = 1024 ** 2
export const SYSTEM32 = '/C:/Windows/System32'
const HOME = '/C:/Users/zukan'

const environment: readonly string[] = [
  'COMPUTERNAME=ZUKAN-PC',
  'USERNAME=zukan',
  'USERPROFILE=C:\\Users\\zukan',
  'HOMEDRIVE=C:',
  'HOMEPATH=\\Users\\zukan',
  'OS=Windows_NT',
  'PROCESSOR_ARCHITECTURE=AMD64',
  'NUMBER_OF_PROCESSORS=8',
  'SystemRoot=C:\\Windows',
  'ProgramFiles=C:\\Program Files',
  'ProgramData=C:\\ProgramData',
  'ComSpec=C:\\Windows\\System32\\cmd.exe',
  'PATH=C:\\Windows\\System32;C:\\Windows;C:\\Windows\\System32\\WindowsPowerShell\\v1.0;C:\\Program Files\\Docker\\Docker\\resources\\bin;C:\\Program Files\\Docker;C:\\Program Files\\WSL',
]
const SHELL = `${SYSTEM32}/WindowsPowerShell/v1.0/powershell.exe`

export const windowsShell: HostShell = {
  environment,
  home: HOME,
  words: [...Object.keys(cmdlets), 'cmd', 'curl.exe', 'docker', 'wsl', ...Object.keys(consoleTools)].sort(),
  consoles: '/Device/ConDrv',
  login: { path: SHELL, argv: ['powershell.exe'], env: [] },
  script: (lines) => [SHELL, '-NoProfile', '-Command', lines],
  *open(sys) {
    return new PowerShell(sys)
  },
}
/** Programs that every Windows host has. */
export const windowsPrograms: Readonly<Record<string, Program>> = {
  powershell,
  cmd,
  ...consoleTools,
  vmms,
  vmwp,
  vmmem,
  /** A service or session process that only waits. */
  *'nt/idle'(sys, argv) {
    yield* sys.brk(Number(argv[1] ?? 0))
    for (;;) yield* sys.pause()
  },
}

/** Drive C:, and what is put on it before anything runs. */
export class Drive {
  readonly fs: MemFs
  constructor(kernel: NtKernel, size: number) {
    this.fs = new MemFs('NTFS', kernel.nextDev(), kernel.now, size, kernel.options.budget)
  }
  dir(path: string): MemInode {
    let at = this.fs.root
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      at = (isErr(next) ? at.create(part, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 }) : next) as MemInode
    }
    return at
  }
  #file(path: string, mode: number): MemInode {
    const at = path.lastIndexOf('/')
    return this.dir(path.slice(0, at)).create(path.slice(at + 1), { mode: S_IFREG | mode, uid: 0, gid: 0 }) as MemInode
  }
  text(path: string, content: string): void {
    this.#file(path, 0o644).fill(fromText(content))
  }
  /** A file of which only the size matters. */
  bulk(path: string, size: number): void {
    this.#file(path, 0o644).fill({ size, extents: [] })
  }
  program(path: string, name: string, size: number): void {
    this.#file(path, 0o755).fill(pe(IMAGE_FILE_MACHINE_AMD64, name, size))
  }
}

/** Processes that every Windows has: name, bytes of memory. Their parents are as on a real machine. */
const session0: readonly (readonly [string, number])[] = [
  ['lsass.exe', 22 * MiB],
  ['svchost.exe', 28 * MiB],
  ['svchost.exe', 17 * MiB],
  ['svchost.exe', 41 * MiB],
  ['MsMpEng.exe', 210 * MiB],
]
const session1: readonly (readonly [string, number])[] = [
  ['dwm.exe', 78 * MiB],
  ['explorer.exe', 142 * MiB],
]

export interface WindowsOptions {
  readonly name: string
  readonly edition: string
  /** Build number: 26200 is Windows 11 25H2, 26100 Windows Server 2025. */
  readonly build: string
  /** The last part of the version, which updates raise. */
  readonly revision: string
  readonly memory: number
  /** What Hyper-V may boot, and the machines that are defined. */
  readonly systems: Readonly<Record<string, GuestSystem>>
  readonly vms?: readonly PartitionRequest[]
  /** How folders reach a guest, by protocol. */
  readonly share?: Parameters<typeof hypervisorDevice>[4]
  /** The internal switch, with the host's address on it. */
  readonly lan?: { readonly wire: Wire; readonly address: string }
  /** Files and programs of this host. */
  fill?(drive: Drive): void
  /** Starts this host's own services. */
  services?(sys: Sys, run: (path: string, ...argv: readonly string[]) => Run<void>): Run<void>
}

/** Boots Windows on a machine of its own. */
export function bootWindows(world: World, o: WindowsOptions): { readonly machine: Machine; readonly kernel: NtKernel } {
  const machine = world.addMachine({ name: o.name, arch: 'amd64', cpus: 8, memory: o.memory, hypervisor: 'Hyper-V' })
  const began = world.clock.now
  world.clock.now += seconds(14.2)
  const kernel = world.startKernel(
    machine,
    {
      hostname: 'ZUKAN-PC',
      release: `10.0.${o.build}.${o.revision}`,
      version: o.edition,
      cmdline: '',
      cpuModel: '13th Gen Intel(R) Core(TM) i7-13700H',
    },
    (options) => new NtKernel(options, o.build),
  )
  machine.bootTime = world.clock.now - began
  const drive = new Drive(kernel, 512 * GiB)
  for (const d of [
    'Users/zukan/Documents',
    'Users/Public',
    'Windows/System32/drivers/etc',
    'ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines',
  ])
    drive.dir(d)
  for (const name of [
    'smss.exe',
    'csrss.exe',
    'wininit.exe',
    'winlogon.exe',
    'services.exe',
    'conhost.exe',
    ...new Set([...session0, ...session1].map(([n]) => n)),
  ])
    drive.program(`/Windows/System32/${name}`, 'nt/idle', 120_000)
  drive.program('/Windows/System32/WindowsPowerShell/v1.0/powershell.exe', 'powershell', 450_000)
  drive.program('/Windows/System32/cmd.exe', 'cmd', 330_000)
  drive.program('/Windows/System32/curl.exe', 'gnu/curl', 560_000)
  for (const tool of Object.keys(consoleTools)) drive.program(`/Windows/System32/${tool}.exe`, tool, 90_000)
  drive.text('/Windows/System32/drivers/etc/hosts', '127.0.0.1 localhost\n')
  for (const [name, program] of [
    ['vmms.exe', 'vmms'],
    ['vmwp.exe', 'vmwp'],
    ['vmmem', 'vmmem'],
    ['vmmemWSL', 'vmmem'],
  ] as const)
    drive.program(`/Windows/System32/${name}`, program, 4_600_000)
  o.fill?.(drive)
  kernel.objects.root.put('C:', drive.fs.root)
  // Where libraries of ported programs look for names.
  const etc = kernel.directory('etc')
  etc.put('hosts', drive.dir('Windows/System32/drivers/etc').entries?.get('hosts') as MemInode)
  ;(etc.create('resolv.conf', { mode: S_IFREG | 0o644, uid: 0, gid: 0 }) as MemInode).fill(
    fromText('nameserver 10.0.0.2\n'),
  )
  const device = kernel.directory('Device')
  device.create('Null', { mode: S_IFCHR | 0o666, uid: 0, gid: 0, rdev: makedev(1, 3) })
  device.create('VidExo', { mode: S_IFCHR | 0o600, uid: 0, gid: 0, rdev: makedev(251, 0) })
  const open = hypervisorDevice(world, machine, kernel, o.systems, o.share)
  kernel.devices.set(makedev(251, 0), open)
  plugIn(kernel, world.internet, 'Ethernet', '10.0.0.5', { gateway: '10.0.0.1' })
  if (o.lan) {
    plugIn(kernel, o.lan.wire, 'vEthernet', o.lan.address)
    kernel.natSwitch = o.lan.wire
    kernel.initial.net.sysctl.set('net.ipv4.ip_forward', '1')
  }
  const run = (sys: Sys) =>
    function* (path: string, ...argv: readonly string[]): Run<void> {
      yield* service(sys, path, [path.split('/').at(-1) as string, ...argv])
    }
  const system = kernel.startInit(function* (sys) {
    yield* sys.mount('ConDrv', '/Device/ConDrv', 'devpts', 0)
    // Guests reach the internet behind the host's address, as by Hyper-V's Default Switch.
    if (o.lan)
      yield* sys.netlink({
        op: 'nft.insert',
        table: 'nat',
        chain: 'POSTROUTING',
        rule: { out: 'Ethernet', target: 'MASQUERADE' },
      })
    yield* sys.fork(function* (smss) {
      yield* smss.setsid()
      for (const [name, inner] of [
        ['csrss.exe', []],
        ['winlogon.exe', session1],
      ] as const)
        yield* smss.fork(function* (child) {
          for (const [own, memory] of inner) yield* service(child, `${SYSTEM32}/${own}`, [own, String(memory)])
          return (yield* child.execve(`${SYSTEM32}/${name}`, [name, String(8 * MiB)], environment)).number
        })
      yield* smss.fork(function* (wininit) {
        yield* wininit.fork(function* (services) {
          const start = run(services)
          for (const [own, memory] of session0) yield* start(`${SYSTEM32}/${own}`, String(memory))
          yield* start(`${SYSTEM32}/vmms.exe`, JSON.stringify(o.vms ?? []))
          if (o.services) yield* o.services(services, start)
          return (yield* services.execve(`${SYSTEM32}/services.exe`, ['services.exe', String(12 * MiB)], environment))
            .number
        })
        return (yield* wininit.execve(`${SYSTEM32}/wininit.exe`, ['wininit.exe', String(6 * MiB)], environment)).number
      })
      return (yield* smss.execve(`${SYSTEM32}/smss.exe`, ['smss.exe', String(1 * MiB)], environment)).number
    })
    return yield* reapForEver(sys)
  }, 'System')
  system.argv = ['System']
  return { machine, kernel }
}
/** Whether a named pipe is being served. */
export function pipeReady(machine: Machine, path: string): boolean {
  return [...(machine.kernel?.initial.net.sockets ?? [])].some((s) => s.path === path && s.state === 'listening')
}

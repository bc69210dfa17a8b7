/**
 * Virtual machines of a host, as its tools show them: virsh (libvirt) on any hypervisor, xl on Xen, VBoxManage on VirtualBox. A machine is defined
 * by a file of /etc/libvirt, and runs as long as its process does.
 */
import { isErr } from '../base/errno.ts'
import { runInGuest } from '../engine/guest.ts'
import { CONSOLE_PORT } from '../engine/remote.ts'
import type { Pid, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_RDWR } from '../kernel/linux/fs/flags.ts'
import { SIGKILL, SIGTERM } from '../kernel/linux/signals.ts'
import type { Partition, PartitionRequest } from '../machine/hypervisor.ts'
import { decode, LineReader, print, readText, unbinary, warn, write } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'

const MONITOR_MEMORY = 5 * 1024 ** 2
const DEFINITIONS = '/etc/libvirt/domains'

interface Domain {
  readonly name: string
  /** Bytes. */
  readonly memory: number
  readonly cpus: number
  /** The disk image's name, and so the system. */
  readonly system: string
}
/** The definitions, by name. */
function* defined(sys: Sys): Run<readonly Domain[]> {
  const fd = yield* sys.open(DEFINITIONS, 0)
  const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
  const out: Domain[] = []
  for (const e of isErr(entries) ? [] : entries) {
    const xml = e.name.endsWith('.xml') ? yield* readText(sys, `${DEFINITIONS}/${e.name}`) : ''
    if (isErr(xml) || xml === '') continue
    out.push({
      name: /<name>(.*?)</.exec(xml)?.[1] ?? '',
      memory: Number(/<memory unit='KiB'>(\d+)</.exec(xml)?.[1] ?? 0) * 1024,
      cpus: Number(/<vcpu>(\d+)</.exec(xml)?.[1] ?? 1),
      system: /<source file='[^']*?([\w-]+)\.\w+'/.exec(xml)?.[1] ?? '',
    })
  }
  return out.sort((a, b) => (a.name < b.name ? -1 : 1))
}
interface Running {
  readonly pid: Pid
  readonly cid: number
}
/** Machines that run, with the process of each; its number stands in /run/libvirt. */
function* running(sys: Sys): Run<Map<string, Running>> {
  const out = new Map<string, Running>()
  for (const p of yield* processes(sys)) {
    const name = /--domain ([\w-]+)/.exec(p.args)?.[1]
    if (!name || p.state === 'Z') continue
    const cid = yield* readText(sys, `/run/libvirt/${name}.cid`)
    if (!isErr(cid)) out.set(name, { pid: p.pid, cid: Number(cid) })
  }
  return out
}

/** The process of a machine: EXECUTABLE --domain NAME JSON. It holds the partition, and tells by its output when init runs. */
export const vmProcess: Program = function* (sys, argv) {
  const request = JSON.parse(argv[3] ?? '{}') as PartitionRequest
  yield* sys.setproctitle(`${argv[0]} --domain ${request.name}`)
  const device = yield* sys.open('/dev/hypervisor', O_RDWR)
  if (isErr(device)) {
    yield* write(sys, 1, `error ${device.text}\n`)
    return 1
  }
  const cid = yield* sys.ioctl<number>(device, 'HvCreatePartition', request)
  if (isErr(cid)) {
    yield* write(sys, 1, `error ${cid.name === 'ENOMEM' ? 'not enough free memory for the machine' : cid.text}\n`)
    return 1
  }
  yield* sys.mkdir('/run/libvirt')
  const file = yield* sys.open(`/run/libvirt/${request.name}.cid`, 0o1101, 0o644)
  if (!isErr(file)) {
    yield* write(sys, file, String(cid))
    yield* sys.close(file)
  }
  const partition = yield* sys.ioctl<Partition>(device, 'HvRun')
  // On a hosted hypervisor the guest's memory is this process's; Xen gives its own.
  if (!isErr(partition)) yield* sys.brk((argv[0] ?? '').includes('xl') ? MONITOR_MEMORY : partition.touched)
  yield* write(sys, 1, 'running\n')
  yield* sys.close(1)
  for (;;) yield* sys.pause()
}
/** Boots a machine; undefined, or what went wrong. */
function* boot(sys: Sys, executable: string, d: Domain): Run<string | undefined> {
  const ends = yield* sys.pipe()
  if (isErr(ends)) return ends.text
  const request: PartitionRequest = { name: d.name, memory: d.memory, cpus: d.cpus, system: d.system }
  const pid = yield* sys.fork(function* (child) {
    const grand = yield* child.fork(function* (own) {
      yield* own.setsid()
      yield* own.dup2(ends[1], 1)
      for (const fd of [0, 2, 3, 4, 5, 6, 7]) yield* own.close(fd)
      return (yield* own.execve(executable, [executable, '--domain', d.name, JSON.stringify(request)], own.environ()))
        .number
    })
    return isErr(grand) ? 1 : 0
  })
  if (!isErr(pid)) yield* sys.wait(pid)
  yield* sys.close(ends[1])
  const line = yield* new LineReader(sys, ends[0]).next()
  yield* sys.close(ends[0])
  const said = typeof line === 'string' ? decode(unbinary(line)) : 'error the process ended'
  return said === 'running' ? undefined : said.slice(6)
}
const executables = { xen: '/usr/sbin/xl-domain', vbox: '/usr/lib/virtualbox/VBoxHeadless' } as const
function* flavour(sys: Sys): Run<keyof typeof executables> {
  return isErr(yield* sys.stat(executables.xen)) ? 'vbox' : 'xen'
}

/** virsh list | start | shutdown | destroy | dominfo | domstate | console | version */
export const virsh: Program = function* (sys, argv) {
  const words = argv.slice(1).filter((a) => !a.startsWith('-'))
  const [command = '', name = ''] = words
  const domains = yield* defined(sys)
  const on = yield* running(sys)
  const d = domains.find((x) => x.name === name)
  const r = on.get(name)
  const kind = yield* flavour(sys)
  const fail = function* (message: string): Run<number> {
    yield* warn(
      sys,
      message
        .split('\n')
        .map((l) => `error: ${l}\n`)
        .join(''),
    )
    return 1
  }
  if (['start', 'shutdown', 'destroy', 'dominfo', 'domstate', 'console'].includes(command) && !d)
    return yield* fail(name === '' ? `command '${command}' requires <domain> option` : `failed to get domain '${name}'`)
  switch (command) {
    case 'list': {
      const all = argv.includes('--all')
      const rows = domains.filter((x) => on.has(x.name) || all)
      const width = Math.max(4, ...rows.map((x) => x.name.length))
      let id = 0
      const dom0 = kind === 'xen' ? [` ${'0'.padEnd(4)} ${'Domain-0'.padEnd(Math.max(width, 8))}   running\n`] : []
      const w = Math.max(width, kind === 'xen' ? 8 : 4)
      const lines = rows.map(
        (x) =>
          ` ${(on.has(x.name) ? String(++id) : '-').padEnd(4)} ${x.name.padEnd(w)}   ${on.has(x.name) ? 'running' : 'shut off'}\n`,
      )
      yield* print(sys, ` Id   ${'Name'.padEnd(w)}   State\n${'-'.repeat(w + 17)}\n${dom0.join('')}${lines.join('')}\n`)
      return 0
    }
    case 'start': {
      if (r) return yield* fail('Domain is already active')
      const failed = yield* boot(sys, executables[kind], d as Domain)
      if (failed !== undefined) return yield* fail(`Failed to start domain '${name}'\n${failed}`)
      yield* print(sys, `Domain '${name}' started\n\n`)
      return 0
    }
    case 'shutdown':
    case 'destroy': {
      if (!r)
        return yield* fail(
          `Failed to ${command} domain '${name}'\nRequested operation is not valid: domain is not running`,
        )
      yield* sys.kill(r.pid, command === 'destroy' ? SIGKILL : SIGTERM)
      yield* sys.nanosleep(1_000_000)
      yield* print(
        sys,
        command === 'destroy' ? `Domain '${name}' destroyed\n\n` : `Domain '${name}' is being shutdown\n\n`,
      )
      return 0
    }
    case 'domstate':
      yield* print(sys, `${r ? 'running' : 'shut off'}\n\n`)
      return 0
    case 'dominfo': {
      const { memory, cpus } = d as Domain
      yield* print(
        sys,
        `${`Id:             ${r ? '1' : '-'}`}\nName:           ${name}\nOS Type:        hvm\nState:          ${r ? 'running' : 'shut off'}\nCPU(s):         ${cpus}\nMax memory:     ${memory / 1024} KiB\nUsed memory:    ${r ? memory / 1024 : 0} KiB\n\n`,
      )
      return 0
    }
    case 'console': {
      if (!r) return yield* fail('The domain is not running')
      yield* print(sys, `Connected to domain '${name}'\nEscape character is ^] (Ctrl + ])\n`)
      const tty = !isErr(yield* sys.ioctl(0, 'TCGETS'))
      const code = yield* runInGuest(sys, r.cid, CONSOLE_PORT, { op: 'run', tty })
      return typeof code === 'number' ? 0 : yield* fail(code)
    }
    case 'version':
      yield* print(
        sys,
        `Using library: libvirt 11.3.0\nUsing API: ${kind === 'xen' ? 'Xen 11.3.0\nRunning hypervisor: Xen 4.20.1' : 'VBOX 11.3.0\nRunning hypervisor: VBOX 7.2.4'}\n\n`,
      )
      return 0
    default:
      yield* warn(
        sys,
        command === '' ? 'zukan: not emulated: virsh without a command\n' : `zukan: not emulated: virsh ${command}\n`,
      )
      return 1
  }
}

/** xl list | create NAME | shutdown NAME | destroy NAME | console NAME: Xen's own tool, in domain 0. */
export const xl: Program = function* (sys, argv) {
  const [command = '', given = ''] = argv.slice(1).filter((a) => !a.startsWith('-'))
  const name = given.replace(/^.*\//, '').replace(/\.cfg$/, '')
  const domains = yield* defined(sys)
  const on = yield* running(sys)
  if (command === 'list') {
    const row = (n: string, id: number, memory: number, cpus: number): string =>
      `${n.padEnd(40)} ${String(id).padStart(4)} ${String(memory / 1024 ** 2).padStart(5)} ${String(cpus).padStart(5)}     r-----       0.0\n`
    const own = yield* sys.sysinfo()
    let out = `Name                                        ID   Mem VCPUs\tState\tTime(s)\n${row('Domain-0', 0, Math.round(own.totalram), yield* sys.schedGetaffinity())}`
    let id = 0
    for (const d of domains) if (on.has(d.name)) out += row(d.name, ++id, d.memory, d.cpus)
    yield* print(sys, out)
    return 0
  }
  const d = domains.find((x) => x.name === name)
  if (command === 'create') {
    if (!d) {
      yield* warn(
        sys,
        `Parsing config from ${given}\nFailed to read config file: ${given}: No such file or directory\n`,
      )
      return 1
    }
    const failed = on.has(name) ? `Domain with name "${name}" already exists` : yield* boot(sys, executables.xen, d)
    yield* failed === undefined
      ? print(sys, `Parsing config from /etc/xen/${name}.cfg\n`)
      : warn(sys, `libxl: error: ${failed}\n`)
    return failed === undefined ? 0 : 1
  }
  if (['destroy', 'shutdown', 'console'].includes(command)) {
    if (!on.has(name)) {
      yield* warn(sys, `${name} is an invalid domain identifier (rc=-6)\n`)
      return 1
    }
    return yield* virsh(sys, ['virsh', command, name])
  }
  yield* warn(sys, `zukan: not emulated: xl ${command}\n`)
  return 1
}

/** VBoxManage list vms|runningvms, startvm NAME, controlvm NAME poweroff|acpipowerbutton. */
export const vboxManage: Program = function* (sys, argv) {
  const [command = '', first = '', second = ''] = argv.slice(1).filter((a) => !a.startsWith('-') && a !== 'headless')
  const domains = yield* defined(sys)
  const on = yield* running(sys)
  const uuid = (n: string): string =>
    `{${[...n]
      .map((c) => c.charCodeAt(0).toString(16))
      .join('')
      .padEnd(32, '0')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')}}`
  const d = domains.find((x) => x.name === first)
  const missing = function* (): Run<number> {
    yield* warn(sys, `VBoxManage: error: Could not find a registered machine named '${first}'\n`)
    return 1
  }
  switch (command) {
    case 'list':
      if (first !== 'vms' && first !== 'runningvms') break
      yield* print(
        sys,
        domains
          .filter((x) => first === 'vms' || on.has(x.name))
          .map((x) => `"${x.name}" ${uuid(x.name)}\n`)
          .join(''),
      )
      return 0
    case 'startvm': {
      if (!d) return yield* missing()
      yield* print(sys, `Waiting for VM "${first}" to power on...\n`)
      const failed = on.has(first)
        ? 'The machine is already locked by a session (or being locked or unlocked)'
        : yield* boot(sys, executables.vbox, d)
      yield* failed === undefined
        ? print(sys, `VM "${first}" has been successfully started.\n`)
        : warn(sys, `VBoxManage: error: ${failed}\n`)
      return failed === undefined ? 0 : 1
    }
    case 'controlvm': {
      const r = on.get(first)
      if (!d) return yield* missing()
      if (!r) {
        yield* warn(sys, `VBoxManage: error: Machine '${first}' is not currently running.\n`)
        return 1
      }
      if (second !== 'poweroff' && second !== 'acpipowerbutton') break
      yield* sys.kill(r.pid, second === 'poweroff' ? SIGKILL : SIGTERM)
      yield* sys.nanosleep(1_000_000)
      if (second === 'poweroff') yield* print(sys, '0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n')
      return 0
    }
  }
  yield* warn(sys, `zukan: not emulated: VBoxManage ${argv.slice(1).join(' ')}\n`)
  return 1
}

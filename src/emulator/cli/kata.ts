/**
 * kata-runtime and kata-ctl: what an administrator asks of a Kata installation: its version, its settings, and whether the host can run it.
 * kata-containers src/runtime/cmd/kata-runtime and src/tools/kata-ctl.
 */
import { isErr } from '../base/errno.ts'
import { KATA_COMMIT, KATA_VERSION, type KataConfig, readConfig } from '../engine/kata/config.ts'
import type { ExitCode, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { print, readText, warn } from '../userland/lib/io.ts'
import { meminfo } from '../userland/lib/proc.ts'
import { strftime } from '../userland/lib/time.ts'
import { QEMU_VERSION } from './qemu.ts'

type Value = string | number | boolean | readonly string[] | Table
interface Table {
  readonly [key: string]: Value
}
const isTable = (v: Value): v is Table => typeof v === 'object' && !Array.isArray(v)
const scalar = (v: Value): string =>
  Array.isArray(v)
    ? `[${v.map((s) => JSON.stringify(s)).join(', ')}]`
    : typeof v === 'string'
      ? JSON.stringify(v)
      : String(v)

/** TOML, values before tables; `indent` for each level as Go's encoder writes it, none as Rust's. */
function toml(table: Table, indent: string, path: readonly string[] = []): string {
  const pad = indent.repeat(Math.max(0, path.length))
  const values = Object.entries(table).filter(([, v]) => !isTable(v))
  const tables = Object.entries(table).filter((e): e is [string, Table] => isTable(e[1]))
  return (
    values.map(([k, v]) => `${pad}${k} = ${scalar(v)}\n`).join('') +
    tables
      .map(([k, v], n) => {
        const gap = path.length === 0 ? n > 0 || values.length > 0 : indent === ''
        return `${gap ? '\n' : ''}${pad}[${[...path, k].join('.')}]\n${toml(v, indent, [...path, k])}`
      })
      .join('')
  )
}
/** `default_memory` as Go's exported fields are called. */
const goNames: Readonly<Record<string, string>> = {
  oci: 'OCI',
  cpu: 'CPU',
  cpus: 'CPUs',
  shared_fs: 'SharedFS',
  virtio_fs_daemon: 'VirtioFSDaemon',
  hot_plug_vfio: 'HotPlugVFIO',
  cold_plug_vfio: 'ColdPlugVFIO',
  pcie_root_port: 'PCIeRootPort',
  pcie_switch_port: 'PCIeSwitchPort',
  vm_container_capable: 'VMContainerCapable',
  support_vsocks: 'SupportVSocks',
}
const goName = (name: string): string =>
  goNames[name] ??
  name
    .split('_')
    .map((w) => `${w.slice(0, 1).toUpperCase()}${w.slice(1)}`)
    .join('')
const inGo = (t: Table): Table =>
  Object.fromEntries(Object.entries(t).map(([k, v]) => [goName(k), isTable(v) ? inGo(v) : v]))

function* host(sys: Sys): Run<Table & { readonly vm_container_capable: boolean }> {
  const { release } = yield* sys.uname()
  const os = yield* readText(sys, '/etc/os-release')
  const cpu = yield* readText(sys, '/proc/cpuinfo')
  const of = (text: string | object, key: string): string =>
    typeof text === 'string'
      ? (new RegExp(`^${key}\\s*[:=]\\s*"?([^"\\n]*)`, 'm').exec(text)?.[1] ?? 'unknown')
      : 'unknown'
  const memory = yield* meminfo(sys)
  return {
    available_guest_protections: ['noProtection'],
    kernel: release,
    architecture: 'amd64',
    vm_container_capable: / vmx /.test(of(cpu, 'flags')) && !isErr(yield* sys.stat('/dev/kvm')),
    support_vsocks: !isErr(yield* sys.stat('/dev/vhost-vsock')),
    distro: { name: of(os, 'NAME'), version: of(os, 'VERSION_ID') },
    cpu: { vendor: of(cpu, 'vendor_id'), model: of(cpu, 'model name'), cpus: yield* sys.schedGetaffinity() },
    memory: {
      total: Math.floor((memory.MemTotal ?? 0) / 1024),
      free: Math.floor((memory.MemFree ?? 0) / 1024),
      available: Math.floor((memory.MemAvailable ?? 0) / 1024),
    },
  }
}
function* environment(sys: Sys, c: KataConfig, go: boolean): Run<Table> {
  const text = (key: string): string => c.get(key) ?? ''
  const yes = (key: string): boolean => c.get(key) === 'true'
  const [major, minor, patch] = KATA_VERSION.split('.').map(Number) as [number, number, number]
  const qemu = `QEMU emulator version ${QEMU_VERSION.join('.')} (kata-static)\nCopyright (c) 2003-2026 Fabrice Bellard and the QEMU Project developers`
  return {
    kernel: { path: yield* target(sys, c.kernel), parameters: c.kernelParams },
    meta: { version: go ? '1.0.27' : '0.0.1-kata-ctl' },
    image: { path: yield* target(sys, c.image) },
    initrd: { path: '' },
    hypervisor: {
      machine_type: text('machine_type'),
      ...(go ? {} : { machine_accelerators: text('machine_accelerators') }),
      version: go ? qemu : `${qemu}\n`,
      path: c.path,
      block_device_driver: text('block_device_driver'),
      entropy_source: text('entropy_source'),
      shared_fs: text('shared_fs'),
      virtio_fs_daemon: c.virtiofsd,
      ...(go ? { socket_path: '' } : {}),
      msize9p: 8192,
      memory_slots: Number(text('memory_slots') || 10),
      pcie_root_port: 0,
      debug: yes('enable_debug'),
      ...(go ? {} : { default_vcpus: c.vcpus, cpu_features: text('cpu_features') }),
      security_info: {
        rootless: yes('rootless'),
        disable_seccomp: false,
        guest_hook_path: text('guest_hook_path'),
        enable_annotations: [],
        confidential_guest: yes('confidential_guest'),
      },
    },
    runtime: {
      path: go ? '/opt/kata/bin/kata-runtime' : '/opt/kata/runtime-rs/bin/containerd-shim-kata-v2',
      experimental: [],
      debug: yes('enable_debug'),
      trace: yes('enable_tracing'),
      disable_guest_seccomp: yes('disable_guest_seccomp'),
      disable_new_net_ns: yes('disable_new_netns'),
      sandbox_cgroup_only: yes('sandbox_cgroup_only'),
      ...(go ? {} : { static_sandbox_resource_mgmt: yes('static_sandbox_resource_mgmt') }),
      config: { path: c.file },
      version: go
        ? { oci: '1.3.0', version: { semver: KATA_VERSION, commit: KATA_COMMIT, major, minor, patch } }
        : { semver: KATA_VERSION, commit: KATA_COMMIT },
    },
    host: yield* host(sys),
    agent: { debug: false, trace: false },
  }
}
/** Where a link leads, as the assets of a release lie beside their names. */
function* target(sys: Sys, path: string): Run<string> {
  const to = yield* sys.readlink(path)
  return isErr(to) ? path : to.startsWith('/') ? to : `${path.slice(0, path.lastIndexOf('/'))}/${to}`
}
function* showEnvironment(sys: Sys, args: readonly string[], go: boolean): Run<ExitCode> {
  const config = yield* readConfig(sys)
  if (!config) {
    yield* warn(
      sys,
      'cannot find usable config file (config file "/etc/kata-containers/configuration.toml" does not exist)\n',
    )
    return 1
  }
  const all = yield* environment(sys, config, go)
  const shown = go ? inGo(all) : all
  yield* print(sys, args.includes('--json') ? `${JSON.stringify(shown, null, 2)}\n` : toml(shown, go ? '  ' : ''))
  return 0
}

export const kataRuntime: Program = function* (sys, argv) {
  const [command = 'help', ...args] = argv.slice(1)
  switch (command) {
    case '--version':
    case '-v':
    case 'version':
      yield* print(sys, `kata-runtime  : ${KATA_VERSION}\n   commit   : ${KATA_COMMIT}\n   OCI specs: 1.3.0\n`)
      return 0
    case 'env':
    case 'kata-env':
      return yield* showEnvironment(sys, args, true)
    case 'check':
    case 'kata-check': {
      const log = function* (level: string, message: string): Run<void> {
        const time = strftime('%FT%T.%NZ', yield* sys.clock('realtime'))
        const pid = yield* sys.getpid()
        yield* warn(
          sys,
          `time="${time}" level=${level} msg=${JSON.stringify(message)} arch=amd64 name=kata-runtime pid=${pid} source=runtime\n`,
        )
      }
      if ((yield* sys.getcred()).euid === 0) yield* log('warning', 'Not running network checks as super user')
      const { vm_container_capable: capable } = yield* host(sys)
      if (!capable) {
        yield* log('error', 'ERROR: System is not capable of running Kata Containers')
        yield* warn(sys, 'ERROR: System is not capable of running Kata Containers\n')
        return 1
      }
      yield* print(sys, 'System is capable of running Kata Containers\n')
      if ((yield* sys.getcred()).euid === 0) yield* print(sys, 'System can currently create Kata Containers\n')
      return 0
    }
    default:
      yield* warn(sys, `zukan: not emulated: kata-runtime ${command}\n`)
      return 1
  }
}
export const kataCtl: Program = function* (sys, argv) {
  const [command = 'help', ...args] = argv.slice(1)
  switch (command) {
    case 'version':
      yield* print(sys, `kata-ctl version ${JSON.stringify(KATA_VERSION)} (type: rust)\n`)
      return 0
    case 'env':
      return yield* showEnvironment(sys, args, false)
    default:
      yield* warn(sys, `zukan: not emulated: kata-ctl ${command}\n`)
      return 1
  }
}

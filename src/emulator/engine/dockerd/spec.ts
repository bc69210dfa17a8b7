/** A container's config.json: what Docker makes of an image's configuration and a user's options. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { capabilityNames } from '../../kernel/linux/capabilities.ts'
import type { SeccompProfile } from '../../kernel/linux/seccomp.ts'
import {
  type DeviceRule,
  defaultCapabilities,
  defaultDeviceRules,
  defaultMounts,
  maskedPaths,
  readonlyPaths,
  type Spec,
  type SpecDevice,
  type SpecMount,
  type SpecResources,
} from '../../oci/runtimespec.ts'
import { defaultSeccomp, type ProfileArch } from '../../oci/seccompprofile.ts'
import { readText } from '../../userland/lib/io.ts'
import { ApiError, type Container, type Daemon, findContainer, type HostConfig } from './state.ts'

/** Tables that were read last: containers of one image have the same. */
const tables = new Map<string, readonly (readonly string[])[]>()
const MOST_TABLES = 16
/** The rows of a file of passwd(5)'s form. */
function rowsOf(text: string): readonly (readonly string[])[] {
  let rows = tables.get(text)
  if (!rows) {
    rows = text
      .split('\n')
      .filter(Boolean)
      .map((l) => l.split(':'))
    if (tables.size >= MOST_TABLES) tables.clear()
    tables.set(text, rows)
  }
  return rows
}
function* readRows(sys: Sys, path: string): Run<readonly (readonly string[])[]> {
  const text = yield* readText(sys, path)
  return isErr(text) ? [] : rowsOf(text)
}
/** Numbers of `user[:group]` by the container's own passwd and group. */
export function* resolveUser(
  sys: Sys,
  rootfs: string,
  user: string,
): Run<{ readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] }> {
  const [u = '', after = ''] = user.split(':')
  const g = after === '' ? undefined : after
  const passwd = yield* readRows(sys, `${rootfs}/etc/passwd`)
  const group = yield* readRows(sys, `${rootfs}/etc/group`)
  const numeric = /^[-+]?\d+$/.test(u)
  const inRange = (n: number): number => {
    if (n < 0 || n > 2147483647) throw new ApiError(500, 'uids and gids must be in range 0-2147483647')
    return n
  }
  const entry = u === '' ? passwd.find((f) => f[2] === '0') : passwd.find((f) => (numeric ? f[2] === u : f[0] === u))
  if (!entry && !numeric && u !== '')
    throw new ApiError(500, `unable to find user ${u}: no matching entries in passwd file`)
  const uid = entry ? Number(entry[2]) : inRange(Number(u || 0))
  let gid = entry ? Number(entry[3]) : 0
  if (g !== undefined) {
    const found = /^[-+]?\d+$/.test(g) ? inRange(Number(g)) : group.find((f) => f[0] === g)?.[2]
    if (found === undefined) throw new ApiError(500, `unable to find group ${g}: no matching entries in group file`)
    gid = Number(found)
  }
  const name = entry?.[0]
  const more =
    name && g === undefined ? group.filter((f) => (f[3] ?? '').split(',').includes(name)).map((f) => Number(f[2])) : []
  return { uid, gid, additionalGids: [gid, ...more] }
}

/** Numbers of the groups that --group-add names. */
function* groupsOf(sys: Sys, rootfs: string, names: readonly string[]): Run<number[]> {
  if (names.length === 0) return []
  const text = yield* readText(sys, `${rootfs}/etc/group`)
  const rows = isErr(text) ? [] : text.split('\n').map((l) => l.split(':'))
  return names.map((name) => {
    const found = rows.find((f) => f[0] === name)?.[2]
    if (found !== undefined) return Number(found)
    if (/^\d+$/.test(name)) return Number(name)
    throw new ApiError(500, `Unable to find group ${name}: no matching entries in group file`)
  })
}

/** The capabilities that remain: moby daemon/pkg/oci/caps TweakCapabilities, in its order. */
export function capabilitiesOf(c: Pick<Container, 'hostConfig'>): string[] {
  const { CapAdd, CapDrop, Privileged } = c.hostConfig
  const all = capabilityNames.map((n) => `CAP_${n}`)
  if (Privileged) return all
  const norm = (x: string): string =>
    x.toUpperCase() === 'ALL' ? 'ALL' : `CAP_${x.toUpperCase().replace(/^CAP_/, '')}`
  const add = [...new Set((CapAdd ?? []).map(norm))]
  const drop = (CapDrop ?? []).map(norm)
  for (const x of [...add, ...drop])
    if (x !== 'ALL' && !all.includes(x))
      throw new ApiError(400, `invalid ${add.includes(x) ? 'CapAdd' : 'CapDrop'}: unknown capability: "${x}"`)
  if (add.includes('ALL')) return all.filter((x) => !drop.includes(x))
  if (drop.includes('ALL')) return add
  const base = defaultCapabilities.filter((x) => !drop.includes(x))
  return [...base, ...add.filter((x) => !base.includes(x))]
}

/** Limits as the runtime takes them. */
export function resources(h: HostConfig): SpecResources {
  const quota = h.NanoCpus ? Math.round(h.NanoCpus / 1e4) : h.CpuQuota
  return {
    ...(h.Memory || h.MemoryReservation
      ? {
          memory: {
            ...(h.Memory ? { limit: h.Memory } : {}),
            ...(h.MemoryReservation ? { reservation: h.MemoryReservation } : {}),
            ...(h.Memory ? { swap: h.MemorySwap ? h.MemorySwap : h.Memory * 2 } : {}),
          },
        }
      : {}),
    ...(quota || h.CpuShares || h.CpusetCpus || h.CpusetMems
      ? {
          cpu: {
            ...(h.CpuShares ? { shares: h.CpuShares } : {}),
            ...(quota ? { quota, period: h.CpuPeriod || 100000 } : {}),
            ...(h.CpusetCpus ? { cpus: h.CpusetCpus } : {}),
            ...(h.CpusetMems ? { mems: h.CpusetMems } : {}),
          },
        }
      : {}),
    ...(h.PidsLimit ? { pids: { limit: h.PidsLimit } } : {}),
  }
}

/** What parts that come later add: devices of the host, profiles of the user's own. */
export const rare: {
  devices?: (
    sys: Sys,
    h: HostConfig,
  ) => Run<{ readonly nodes: readonly SpecDevice[]; readonly rules: readonly DeviceRule[] }>
  seccomp?: (profile: string, arch: ProfileArch, bounding: readonly string[]) => SeccompProfile | undefined
} = {}

/** Mounts in the order of their depth, as runc must make them. */
const depth = (m: SpecMount): number => m.destination.split('/').length

/** Docker's mounts, the user's after them: moby daemon/oci_linux.go WithMounts. */
function mountsOf(d: Daemon, c: Container): { readonly mounts: SpecMount[]; readonly propagation: string | undefined } {
  const h = c.hostConfig
  const files = `/var/lib/docker/containers/${c.id}`
  const users: SpecMount[] = []
  let propagation: string | undefined
  // Read-only holds for what is mounted below as well, where the runtime can do that.
  const readOnly = /^(runsc|kata|io\.)/.test(h.Runtime ?? '') ? 'ro' : 'rro'
  const bind = (destination: string, source: string, rw: boolean, spread: string | undefined, alone = false): void =>
    void users.push({
      destination,
      type: 'bind',
      source,
      options: [alone ? 'bind' : 'rbind', ...(rw ? [] : [readOnly]), ...(spread ? [spread] : [])],
    })
  for (const m of c.mounts) {
    if (m.type === 'tmpfs')
      users.push({
        destination: m.destination,
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['noexec', 'nosuid', 'nodev', 'rprivate', ...m.mode.split(',').filter(Boolean)],
      })
    else {
      const given = m.propagation
      if (given?.endsWith('shared')) propagation = 'shared'
      else if (given?.endsWith('slave')) propagation ??= 'rslave'
      bind(m.destination, m.source, m.rw, given ?? (m.type === 'bind' ? 'rprivate' : undefined), m.alone)
    }
  }
  const covered = new Set(users.map((m) => m.destination))
  for (const name of ['resolv.conf', 'hostname', 'hosts'])
    if (!covered.has(`/etc/${name}`)) bind(`/etc/${name}`, `${files}/${name}`, !h.ReadonlyRootfs, 'rprivate')
  const ipc = h.IpcMode ?? ''
  if (ipc === 'host') bind('/dev/shm', '/dev/shm', true, 'rprivate')
  else if (ipc === 'shareable') bind('/dev/shm', shmOf(c), true, 'rprivate')
  else if (ipc.startsWith('container:')) {
    const donor = findContainer(d, ipc.slice(10))
    if (!['shareable', 'host'].includes(donor.hostConfig.IpcMode ?? ''))
      throw new ApiError(
        400,
        `invalid IPC mode: can't join IPC of container ${donor.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
      )
    bind('/dev/shm', donor.hostConfig.IpcMode === 'host' ? '/dev/shm' : shmOf(donor), true, 'rprivate')
  }
  for (const m of users) covered.add(m.destination)
  const clear = (m: SpecMount): SpecMount => ({ ...m, options: (m.options ?? []).filter((o) => o !== 'ro') })
  const own = defaultMounts
    .filter((m) => !covered.has(m.destination) && !(ipc === 'none' && m.destination === '/dev/shm'))
    .filter((m) => !(covered.has('/dev') && m.destination.startsWith('/dev/')))
    .map((m) =>
      m.destination === '/dev/shm' ? { ...m, options: [...(m.options ?? []), `size=${h.ShmSize || SHM_SIZE}`] } : m,
    )
    // A privileged container may write to the kernel's files.
    .map((m) => (h.Privileged && (m.type === 'sysfs' || m.type === 'cgroup') ? clear(m) : m))
  const init: SpecMount[] = hasInit(h)
    ? [{ destination: '/sbin/docker-init', type: 'bind', source: '/usr/bin/docker-init', options: ['bind', 'ro'] }]
    : []
  return { mounts: [...own, ...init, ...users.sort((a, b) => depth(a) - depth(b))], propagation }
}
export const SHM_SIZE = 64 * 1024 * 1024
/** Where the daemon mounts shared memory that other containers may join. */
export const shmOf = (c: Pick<Container, 'id'>): string => `/var/lib/docker/containers/${c.id}/mounts/shm`
/** docker-init belongs into a pid namespace of its own only. */
const hasInit = (h: HostConfig): boolean => h.Init === true && !h.PidMode

/** The namespaces that are the container's own, and those of others that it joins. */
function namespacesOf(d: Daemon, h: HostConfig): { readonly type: string; readonly path?: string }[] {
  const join = (mode: string | undefined, type: string): { readonly type: string; readonly path?: string }[] => {
    if (mode === 'host') return []
    if (!mode?.startsWith('container:')) return [{ type }]
    return [{ type, path: `/proc/${findContainer(d, mode.slice(10)).pid}/ns/${type === 'network' ? 'net' : type}` }]
  }
  return [
    { type: 'mount' },
    ...join(h.NetworkMode, 'network'),
    ...join(h.UTSMode, 'uts'),
    ...join(h.PidMode, 'pid'),
    ...join(h.IpcMode, 'ipc'),
    ...(h.CgroupnsMode === 'host' ? [] : [{ type: 'cgroup' }]),
    { type: 'time' },
  ]
}

/** The whole document, its keys in the order of the specification's Go types. `rootfs` is where the image's files can be read now. */
export function* makeSpec(sys: Sys, d: Daemon, c: Container, rootfs: string): Run<Spec> {
  const h = c.hostConfig
  const caps = capabilitiesOf(c)
  const base = yield* resolveUser(sys, rootfs, c.config.User ?? '')
  const user = {
    ...base,
    additionalGids: [...base.additionalGids, ...(yield* groupsOf(sys, rootfs, h.GroupAdd ?? []))],
  }
  const options = (h.SecurityOpt ?? []).map((o) => o.replace(/^([a-z-]+):/, '$1='))
  const own = options.find((o) => o.startsWith('seccomp='))?.slice(8)
  const profile = h.Privileged && own === undefined ? 'unconfined' : own
  const devices = h.Privileged || (h.Devices ?? []).length > 0 || (h.DeviceCgroupRules ?? []).length > 0
  if ((devices && !rare.devices) || (profile?.startsWith('{') && !rare.seccomp))
    yield* (yield* sys.part('dockerd/rarespec'))(sys, [])
  const found = devices && rare.devices ? yield* rare.devices(sys, h) : { nodes: [], rules: defaultDeviceRules }
  const arch: ProfileArch = (yield* sys.uname()).machine === 'aarch64' ? 'arm64' : 'amd64'
  const seccomp =
    profile === 'unconfined'
      ? undefined
      : profile?.startsWith('{')
        ? rare.seccomp?.(profile, arch, caps)
        : defaultSeccomp(arch, caps)
  const { mounts, propagation } = mountsOf(d, c)
  const ownNetwork = h.NetworkMode !== 'host' && !h.NetworkMode?.startsWith('container:')
  const sysctl: Record<string, string> = {
    ...(ownNetwork ? { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' } : {}),
    ...h.Sysctls,
  }
  const limits = resources(h)
  const [height = 0, width = 0] = h.ConsoleSize ?? []
  return {
    ociVersion: '1.3.0',
    process: {
      ...(c.config.Tty ? { terminal: true } : {}),
      ...(c.config.Tty && height + width > 0 ? { consoleSize: { height, width } } : {}),
      user,
      args: [...(hasInit(h) ? ['/sbin/docker-init', '--'] : []), c.path, ...c.args],
      env: environment(c),
      cwd: c.config.WorkingDir || '/',
      capabilities: { bounding: caps, ...(user.uid === 0 ? { effective: caps, permitted: caps } : {}) },
      ...(h.Ulimits?.length
        ? {
            rlimits: h.Ulimits.map((u) => ({
              type: `RLIMIT_${u.Name.toUpperCase()}`,
              // -1 is no limit: RLIM_INFINITY, the greatest number of 64 bits.
              hard: u.Hard < 0 ? 2 ** 64 : u.Hard,
              soft: u.Soft < 0 ? 2 ** 64 : u.Soft,
            })),
          }
        : {}),
      ...(options.some((o) => /^no-new-privileges(=(1|t|T|TRUE|true|True))?$/.test(o))
        ? { noNewPrivileges: true }
        : {}),
      oomScoreAdj: h.OomScoreAdj ?? 0,
    },
    root: { path: 'rootfs', ...(h.ReadonlyRootfs ? { readonly: true } : {}) },
    ...(h.UTSMode === 'host' ? {} : { hostname: c.config.Hostname ?? c.id.slice(0, 12) }),
    ...(c.config.Domainname ? { domainname: c.config.Domainname } : {}),
    mounts,
    linux: {
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      resources: {
        devices: found.rules,
        memory: limits.memory ?? {},
        cpu: { shares: 0, ...limits.cpu },
        ...(limits.pids ? { pids: limits.pids } : {}),
        blockIO: { weight: 0 },
      },
      cgroupsPath: `system.slice:docker:${c.id}`,
      namespaces: namespacesOf(d, h),
      ...(found.nodes.length > 0 ? { devices: found.nodes } : {}),
      ...(seccomp ? { seccomp } : {}),
      ...(propagation ? { rootfsPropagation: propagation } : {}),
      ...(h.Privileged || options.includes('systempaths=unconfined') ? {} : { maskedPaths, readonlyPaths }),
    },
    ...(h.Annotations ? { annotations: h.Annotations } : {}),
  }
}
/** PATH, HOSTNAME, TERM, then what image and user say; later ones win. */
export function environment(c: Container): string[] {
  const vars = new Map<string, string>()
  vars.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  vars.set('HOSTNAME', c.config.Hostname ?? c.id.slice(0, 12))
  if (c.config.Tty) vars.set('TERM', 'xterm')
  for (const e of c.config.Env ?? []) {
    const at = e.indexOf('=')
    if (at > 0) vars.set(e.slice(0, at), e.slice(at + 1))
  }
  return [...vars].map(([k, v]) => `${k}=${v}`)
}

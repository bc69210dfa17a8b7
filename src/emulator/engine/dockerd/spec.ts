/** A container's config.json: what Docker makes of an image's configuration and a user's options. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { capabilityNames } from '../../kernel/linux/capabilities.ts'
import { major, minor } from '../../kernel/linux/fs/flags.ts'
import {
  defaultCapabilities,
  defaultMounts,
  maskedPaths,
  readonlyPaths,
  type Spec,
  type SpecDevice,
  type SpecMount,
  type SpecResources,
  seccompRefused,
} from '../../oci/runtimespec.ts'
import { readText } from '../../userland/lib/io.ts'
import { ApiError, type Container, type Daemon, findContainer, type HostConfig } from './state.ts'

/** Numbers of `user[:group]` by the container's own passwd and group. */
export function* resolveUser(
  sys: Sys,
  rootfs: string,
  user: string,
): Run<{ readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] }> {
  const [u = '', after = ''] = user.split(':')
  const g = after === '' ? undefined : after
  const read = function* (file: string): Run<string[][]> {
    const text = yield* readText(sys, `${rootfs}/etc/${file}`)
    return isErr(text)
      ? []
      : text
          .split('\n')
          .filter(Boolean)
          .map((l) => l.split(':'))
  }
  const passwd = yield* read('passwd')
  const group = yield* read('group')
  const numeric = /^\d+$/.test(u)
  const entry = u === '' ? passwd.find((f) => f[2] === '0') : passwd.find((f) => (numeric ? f[2] === u : f[0] === u))
  if (!entry && !numeric && u !== '')
    throw new ApiError(500, `unable to find user ${u}: no matching entries in passwd file`)
  const uid = entry ? Number(entry[2]) : Number(u || 0)
  let gid = entry ? Number(entry[3]) : 0
  if (g !== undefined) {
    const found = /^\d+$/.test(g) ? Number(g) : group.find((f) => f[0] === g)?.[2]
    if (found === undefined) throw new ApiError(500, `unable to find group ${g}: no matching entries in group file`)
    gid = Number(found)
  }
  const name = entry?.[0]
  const more =
    name && g === undefined ? group.filter((f) => (f[3] ?? '').split(',').includes(name)).map((f) => Number(f[2])) : []
  return { uid, gid, additionalGids: [...new Set([gid, ...more])] }
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
    throw new ApiError(500, `Unable to find group ${name}`)
  })
}

/** The capabilities that remain, in the order of their numbers. */
export function capabilitiesOf(c: Pick<Container, 'hostConfig'>): string[] {
  const { CapAdd, CapDrop, Privileged } = c.hostConfig
  const all = capabilityNames.map((n) => `CAP_${n}`)
  if (Privileged) return all
  const norm = (x: string): string =>
    x.toUpperCase() === 'ALL' ? 'ALL' : `CAP_${x.toUpperCase().replace(/^CAP_/, '')}`
  const add = (CapAdd ?? []).map(norm)
  const drop = (CapDrop ?? []).map(norm)
  for (const x of [...add, ...drop])
    if (x !== 'ALL' && !all.includes(x))
      throw new ApiError(400, `invalid ${add.includes(x) ? 'CapAdd' : 'CapDrop'}: unknown capability: "${x}"`)
  const base = add.includes('ALL') ? all : drop.includes('ALL') ? [] : [...defaultCapabilities]
  return all.filter((x) => (base.includes(x) || add.includes(x)) && !(drop.includes(x) && !add.includes(x)))
}

/** Limits as the runtime takes them. */
export function resources(h: HostConfig): SpecResources {
  const quota = h.NanoCpus ? Math.round(h.NanoCpus / 1e4) : h.CpuQuota
  return {
    ...(h.Memory || h.MemoryReservation
      ? {
          memory: {
            ...(h.Memory
              ? { limit: h.Memory, swap: h.MemorySwap && h.MemorySwap !== 0 ? h.MemorySwap : h.Memory * 2 }
              : {}),
            ...(h.MemoryReservation ? { reservation: h.MemoryReservation } : {}),
          },
        }
      : {}),
    ...(quota || h.CpuShares || h.CpusetCpus
      ? {
          cpu: {
            ...(quota ? { quota, period: h.CpuPeriod || 100000 } : {}),
            ...(h.CpuShares ? { shares: h.CpuShares } : {}),
            ...(h.CpusetCpus ? { cpus: h.CpusetCpus } : {}),
          },
        }
      : {}),
    ...(h.PidsLimit ? { pids: { limit: h.PidsLimit } } : {}),
  }
}

/** A device of the host's as the document has it. */
function* deviceOf(sys: Sys, dev: NonNullable<HostConfig['Devices']>[number]): Run<SpecDevice> {
  const s = yield* sys.stat(dev.PathOnHost)
  if (isErr(s))
    throw new ApiError(
      500,
      `error gathering device information while adding custom device "${dev.PathOnHost}": ${s.text.toLowerCase()}`,
    )
  const type = (s.mode & 0o170000) === 0o020000 ? 'c' : (s.mode & 0o170000) === 0o060000 ? 'b' : undefined
  if (!type)
    throw new ApiError(
      500,
      `error gathering device information while adding custom device "${dev.PathOnHost}": not a device node`,
    )
  return {
    path: dev.PathInContainer,
    type,
    major: major(s.rdev),
    minor: minor(s.rdev),
    fileMode: s.mode & 0o777,
    uid: s.uid,
    gid: s.gid,
  }
}

/** The whole document. `rootfs` is where the image's files can be read now. */
export function* makeSpec(sys: Sys, d: Daemon, c: Container, rootfs: string): Run<Spec> {
  const h = c.hostConfig
  const mounts: SpecMount[] = [...defaultMounts]
  const bind = (destination: string, source: string, ro = false): void =>
    void mounts.push({ destination, type: 'bind', source, options: ['rbind', ro ? 'ro' : 'rw', 'rprivate'] })
  const files = `/var/lib/docker/containers/${c.id}`
  const covered = new Set(c.mounts.map((m) => m.destination))
  for (const [destination, source] of [
    ['/etc/resolv.conf', `${files}/resolv.conf`],
    ['/etc/hostname', `${files}/hostname`],
    ['/etc/hosts', `${files}/hosts`],
  ] as const)
    if (!covered.has(destination)) bind(destination, source)
  if (h.Init) bind('/sbin/docker-init', '/usr/bin/docker-init', true)
  for (const m of c.mounts) {
    if (m.type === 'tmpfs')
      mounts.push({
        destination: m.destination,
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['noexec', 'nosuid', 'nodev', ...m.mode.split(',').filter(Boolean)],
      })
    else bind(m.destination, m.source, !m.rw)
  }
  const caps = capabilitiesOf(c)
  const join = (
    mode: string | undefined,
    type: string,
  ): { readonly type: string; readonly path?: string } | undefined => {
    if (mode === 'host') return undefined
    if (mode?.startsWith('container:')) {
      const other = findContainer(d, mode.slice(10))
      return { type, path: `/proc/${other.pid}/ns/${type === 'network' ? 'net' : type}` }
    }
    return { type }
  }
  const namespaces = [
    { type: 'mount' },
    join(h.UTSMode, 'uts'),
    join(h.PidMode, 'pid'),
    join(h.IpcMode?.startsWith('container:') || h.IpcMode === 'host' ? h.IpcMode : undefined, 'ipc'),
    join(h.NetworkMode, 'network'),
    h.CgroupnsMode === 'host' || h.Privileged ? undefined : { type: 'cgroup' },
    { type: 'time' },
  ].filter((x) => x !== undefined)
  const base = yield* resolveUser(sys, rootfs, c.config.User ?? '')
  const user = {
    ...base,
    additionalGids: [...new Set([...base.additionalGids, ...(yield* groupsOf(sys, rootfs, h.GroupAdd ?? []))])],
  }
  const devices: SpecDevice[] = []
  for (const dev of h.Devices ?? []) devices.push(yield* deviceOf(sys, dev))
  const unconfined = h.Privileged || (h.SecurityOpt ?? []).some((o) => o.replace(':', '=') === 'seccomp=unconfined')
  const isRoot = user.uid === 0
  // CAP_SYS_ADMIN opens the calls that the default profile refuses.
  const refused = caps.includes('CAP_SYS_ADMIN') ? [] : seccompRefused
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: c.config.Tty ?? false,
      consoleSize: { height: 24, width: 80 },
      user,
      args: [...(h.Init ? ['/sbin/docker-init', '--'] : []), c.path, ...c.args],
      env: environment(c),
      cwd: c.config.WorkingDir || '/',
      capabilities: {
        bounding: caps,
        effective: isRoot ? caps : [],
        permitted: isRoot ? caps : [],
        inheritable: undefined,
        ambient: undefined,
      },
      noNewPrivileges: (h.SecurityOpt ?? []).some((o) => /^no-new-privileges(:true|=true)?$/.test(o)),
      oomScoreAdj: h.OomScoreAdj ?? 0,
      rlimits: (h.Ulimits ?? []).map((u) => ({
        type: `RLIMIT_${u.Name.toUpperCase()}`,
        soft: u.Soft < 0 ? Number.POSITIVE_INFINITY : u.Soft,
        hard: u.Hard < 0 ? Number.POSITIVE_INFINITY : u.Hard,
      })),
    },
    root: { path: 'rootfs', readonly: h.ReadonlyRootfs ?? false },
    hostname: c.config.Hostname ?? c.id.slice(0, 12),
    ...(c.config.Domainname ? { domainname: c.config.Domainname } : {}),
    mounts: mounts.map((m) => {
      if (m.destination === '/dev/shm' && h.ShmSize)
        return { ...m, options: [...(m.options ?? []).filter((o) => !o.startsWith('size=')), `size=${h.ShmSize}`] }
      // A privileged container may write to the kernel's files.
      return h.Privileged && (m.type === 'sysfs' || m.type === 'cgroup')
        ? { ...m, options: (m.options ?? []).filter((o) => o !== 'ro') }
        : m
    }),
    linux: {
      namespaces,
      cgroupsPath: `/system.slice/docker-${c.id}.scope`,
      resources: resources(h),
      ...(h.Sysctls && Object.keys(h.Sysctls).length > 0 ? { sysctl: h.Sysctls } : {}),
      ...(devices.length > 0 ? { devices } : {}),
      ...(h.Privileged ? {} : { maskedPaths, readonlyPaths }),
      ...(unconfined
        ? {}
        : {
            seccomp: {
              defaultAction: 'SCMP_ACT_ALLOW',
              syscalls: refused.length > 0 ? [{ names: refused, action: 'SCMP_ACT_ERRNO' }] : [],
            },
          }),
    },
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

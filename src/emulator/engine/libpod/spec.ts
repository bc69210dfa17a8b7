/** A container's config.json as podman writes it; pkg/specgen/generate of podman. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { capabilityNames } from '../../kernel/linux/capabilities.ts'
import { major, minor } from '../../kernel/linux/fs/flags.ts'
import {
  defaultMounts,
  maskedPaths,
  readonlyPaths,
  type Spec,
  type SpecDevice,
  type SpecMount,
} from '../../oci/runtimespec.ts'
import { defaultSeccomp } from '../../oci/seccompprofile.ts'
import { readText } from '../../userland/lib/io.ts'
import { putFile } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { CATATONIT } from '../containers/userns.ts'
import { resolveUser } from '../dockerd/spec.ts'
import { ApiError } from '../dockerd/state.ts'
import { userService } from '../systemd.ts'
import { type Libpod, PODMAN_VERSION } from './libpod.ts'
import { hostAddress, PASTA_HOST, resolvConf } from './network.ts'
import type { Container, NamespaceMode } from './types.ts'
import { volumePath } from './volumes.ts'

/** What root keeps in a container: three capabilities less than Docker's, containers.conf(5) default_capabilities. */
const defaultCapabilities =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'
    .split(' ')
    .map((n) => `CAP_${n}`)
/** The capabilities of a container, sorted. Throws Problem for a name that isn't one. */
export function capabilities(c: Pick<Container['config'], 'capAdd' | 'capDrop' | 'privileged'>): string[] {
  const all = capabilityNames.map((n) => `CAP_${n}`)
  if (c.privileged) return [...all].sort()
  const norm = (name: string): string => {
    const upper = name.toUpperCase()
    if (upper === 'ALL') return 'ALL'
    const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
    if (!all.includes(full)) throw new Problem(`unknown capability: ${JSON.stringify(full)}`)
    return full
  }
  const add = c.capAdd.map(norm)
  const drop = c.capDrop.map(norm)
  const both = add.find((x) => x !== 'ALL' && drop.includes(x))
  if (both) throw new Problem(`capability ${JSON.stringify(both)} cannot be dropped and added`)
  const base = add.includes('ALL') ? all : drop.includes('ALL') ? [] : defaultCapabilities
  return [...new Set([...base, ...add.filter((x) => x !== 'ALL')])].filter((x) => !drop.includes(x)).sort()
}
/** The whole command of a container. */
export const processArgs = (c: Container['config']): string[] => [...(c.entrypoint ?? []), ...c.command]

/** The cgroup of a container's processes. */
export function cgroupOf(lp: Libpod, c: Container): string {
  const slice = lp.place.rootless ? `${userService(lp.place.uid)}/user.slice` : '/machine.slice'
  return `${slice}/libpod-${c.config.id}.scope`
}
/** Variables: what podman sets, what the image says, what the user says; later ones win. */
export function environment(c: Container['config']): string[] {
  const vars = new Map<string, string>([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['container', 'podman'],
  ])
  if (c.tty) vars.set('TERM', 'xterm')
  for (const e of [...(c.image?.config.Env ?? []), ...c.env]) {
    const at = e.indexOf('=')
    if (at > 0) vars.set(e.slice(0, at), e.slice(at + 1))
  }
  if (!vars.has('HOSTNAME')) vars.set('HOSTNAME', c.hostname)
  return [...vars].map(([k, v]) => `${k}=${v}`)
}

/** Writes the files that every container gets from podman, and answers their mounts. */
function* ownFiles(lp: Libpod, c: Container): Run<SpecMount[]> {
  const dir = lp.storage.runDir(c.config.id)
  const { config } = c
  const out: SpecMount[] = []
  const give = function* (name: string, destination: string, text: string): Run<void> {
    yield* putFile(lp.sys, `${dir}/${name}`, text, 0o644)
    out.push({ destination, type: 'bind', source: `${dir}/${name}`, options: ['bind', 'rprivate'] })
  }
  const shared = config.network.kind === 'container' ? yield* lp.again(config.network.id) : undefined
  if (shared && !config.infra) {
    // Who shares a network has its files.
    for (const [name, destination] of [
      ['resolv.conf', '/etc/resolv.conf'],
      ['hosts', '/etc/hosts'],
    ] as const) {
      const source = `${lp.storage.runDir(shared.config.id)}/${name}`
      if (!isErr(yield* lp.sys.stat(source)))
        out.push({ destination, type: 'bind', source, options: ['bind', 'rprivate'] })
    }
  } else if (config.network.kind !== 'none' && config.network.kind !== 'private')
    yield* give('resolv.conf', '/etc/resolv.conf', yield* resolvConf(lp, c))
  if (!shared || config.infra) yield* give('hosts', '/etc/hosts', yield* hosts(lp, c))
  yield* give('hostname', '/etc/hostname', `${config.hostname}\n`)
  yield* give(
    '.containerenv',
    '/run/.containerenv',
    config.privileged
      ? `engine="podman-${PODMAN_VERSION}"\nname=${JSON.stringify(config.name)}\nid=${JSON.stringify(config.id)}\nimage=${JSON.stringify(config.image?.name ?? '')}\nimageid=${JSON.stringify(config.image?.id ?? '')}\nrootless=${lp.place.rootless ? 1 : 0}\n`
      : '',
  )
  return out
}
/** /etc/hosts: the host's lines, those of --add-host, the host itself, and the container. */
function* hosts(lp: Libpod, c: Container): Run<string> {
  const base = yield* readText(lp.sys, '/etc/hosts')
  const gateway = c.config.network.kind === 'pasta' ? PASTA_HOST : (c.state.endpoints[0]?.gateway ?? '')
  const lines = isErr(base)
    ? ['127.0.0.1\tlocalhost localhost.localdomain']
    : base.split('\n').filter((l) => /^(127\.0\.0\.1|::1)\s/.test(l))
  for (const h of c.config.hosts) {
    const at = h.search(/[:=]/)
    const address = h.slice(at + 1)
    lines.push(`${address === 'host-gateway' ? gateway : address}\t${h.slice(0, at)}`)
  }
  if (gateway !== '') lines.push(`${gateway}\thost.containers.internal host.docker.internal`)
  const own =
    c.state.endpoints[0]?.address ?? (c.config.network.kind === 'pasta' ? yield* hostAddress(lp.sys) : undefined)
  if (own !== undefined) lines.push(`${own}\t${c.config.hostname} ${c.config.name}`)
  return `${lines.join('\n')}\n`
}

/** The document. `root` is where the container's files are mounted. Throws Problem. */
export function* makeSpec(lp: Libpod, c: Container, root: string): Run<Spec> {
  const { config, state } = c
  const { sys } = lp
  const caps = capabilities(config)
  const join = function* (mode: NamespaceMode, type: string): Run<{ type: string; path?: string } | undefined> {
    if (mode === 'host') return undefined
    if (mode === 'private') return { type }
    const other = yield* lp.again(mode.slice(10))
    if (!other?.state.pid) throw new Problem(`container ${mode.slice(10)} is not running: container state improper`)
    return { type, path: `/proc/${other.state.pid}/ns/${type}` }
  }
  const net = config.network
  const network: { type: string; path?: string } | undefined =
    net.kind === 'host'
      ? undefined
      : net.kind === 'path'
        ? { type: 'network', path: net.path }
        : net.kind === 'container'
          ? yield* (function* () {
              const other = yield* lp.again(net.id)
              if (!other?.state.pid) throw new Problem(`container ${net.id} is not running: container state improper`)
              return { type: 'network', path: `/proc/${other.state.pid}/ns/net` }
            })()
          : { type: 'network', ...(state.netns === undefined ? {} : { path: state.netns }) }
  const namespaces = [
    { type: 'mount' },
    yield* join(config.pid, 'pid'),
    yield* join(config.ipc, 'ipc'),
    yield* join(config.uts, 'uts'),
    network,
    config.cgroupns === 'host' ? undefined : { type: 'cgroup' },
  ].filter((n) => n !== undefined)

  let user: { uid: number; gid: number; additionalGids: readonly number[] }
  try {
    user = yield* resolveUser(sys, root, config.user)
  } catch (e) {
    throw e instanceof ApiError ? new Problem(e.message) : e
  }
  const more: number[] = []
  for (const g of config.groups) {
    const text = yield* readText(sys, `${root}/etc/group`)
    const row = isErr(text)
      ? undefined
      : text
          .split('\n')
          .map((l) => l.split(':'))
          .find((f) => f[0] === g)
    if (!row && !/^\d+$/.test(g))
      throw new Problem(`looking up supplemental groups for container ${config.id}: Unable to find group ${g}`)
    more.push(Number(row?.[2] ?? g))
  }
  const isRoot = user.uid === 0

  const mounts: SpecMount[] = []
  for (const m of defaultMounts) {
    // A new sysfs belongs to a network namespace of one's own: without one the host's is bound.
    if (m.destination === '/sys' && network === undefined && lp.place.rootless)
      mounts.push({
        destination: '/sys',
        type: 'bind',
        source: '/sys',
        options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
      })
    else if (m.destination === '/sys/fs/cgroup' && network === undefined && lp.place.rootless) continue
    else if (m.destination === '/dev/shm')
      mounts.push({
        ...m,
        options: [...(m.options ?? []).filter((o) => !o.startsWith('size=')), `size=${config.shmSize}`],
      })
    else if (config.privileged && (m.type === 'sysfs' || m.type === 'cgroup'))
      mounts.push({ ...m, options: (m.options ?? []).filter((o) => o !== 'ro') })
    else mounts.push(m)
  }
  const covered = new Set([...config.binds, ...config.volumes].map((m) => m.destination))
  mounts.push(...(yield* ownFiles(lp, c)).filter((m) => !covered.has(m.destination)))
  if (config.init)
    mounts.push({ destination: '/run/podman-init', type: 'bind', source: CATATONIT, options: ['bind', 'ro'] })
  for (const b of config.binds)
    mounts.push({
      destination: b.destination,
      type: 'bind',
      source: b.source,
      options: ['rbind', b.readOnly ? 'ro' : 'rw', 'rprivate'],
    })
  for (const v of config.volumes)
    mounts.push({
      destination: v.destination,
      type: 'bind',
      source: volumePath(lp, v.name),
      options: ['rbind', v.readOnly ? 'ro' : 'rw', 'rprivate', 'nosuid', 'nodev'],
    })
  for (const [destination, options] of Object.entries(config.tmpfs))
    mounts.push({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: [
        'nosuid',
        'nodev',
        ...options.split(',').filter((o) => o !== '' && o !== 'rprivate' && o !== 'tmpcopyup'),
      ],
    })
  const devices: SpecDevice[] = []
  for (const d of config.devices) {
    const [from = '', to = from] = d.split(':')
    const s = yield* sys.stat(from)
    if (isErr(s)) throw new Problem(`stat ${from}: ${s.text.toLowerCase()}`)
    // Nobody makes nodes in a user namespace: what is the user's to open is bound.
    if (lp.place.rootless) mounts.push({ destination: to, type: 'bind', source: from, options: ['bind'] })
    else
      devices.push({
        path: to,
        type: (s.mode & 0o170000) === 0o060000 ? 'b' : 'c',
        major: major(s.rdev),
        minor: minor(s.rdev),
        fileMode: s.mode & 0o777,
        uid: s.uid,
        gid: s.gid,
      })
  }
  const unconfined = config.privileged || config.securityOpt.includes('seccomp=unconfined')
  const sysctl = {
    ...(network && net.kind !== 'container' ? { 'net.ipv4.ping_group_range': '0 0' } : {}),
    ...config.sysctls,
  }
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: config.tty,
      user: { ...user, additionalGids: [...new Set([...user.additionalGids, ...more])], umask: 0o22 },
      args: [...(config.init ? ['/run/podman-init', '--'] : []), ...processArgs(config)],
      env: environment(config),
      cwd: config.workDir || '/',
      capabilities: {
        bounding: caps,
        effective: isRoot ? caps : [],
        permitted: isRoot ? caps : [],
      },
      noNewPrivileges: config.securityOpt.some((o) => /^no-new-privileges(:true|=true)?$/.test(o)),
      rlimits: config.ulimits.map((u) => ({
        type: `RLIMIT_${u.name.toUpperCase()}`,
        soft: u.soft < 0 ? 2 ** 64 : u.soft,
        hard: u.hard < 0 ? 2 ** 64 : u.hard,
      })),
    },
    root: { path: root, readonly: config.readOnly },
    ...(config.uts === 'private' ? { hostname: config.hostname } : {}),
    mounts,
    linux: {
      namespaces,
      cgroupsPath: cgroupOf(lp, c),
      resources: config.resources,
      ...(Object.keys(sysctl).length > 0 ? { sysctl } : {}),
      ...(devices.length > 0 ? { devices } : {}),
      ...(config.privileged ? {} : { maskedPaths, readonlyPaths }),
      ...(unconfined
        ? {}
        : {
            // containers/common's profile differs from Docker's in a few calls that nothing here makes.
            seccomp: defaultSeccomp('amd64', caps),
          }),
    },
  }
}

/** JSON documents of the Engine API, made from the daemon's state. */
import { familiarName, parseReference } from '../../oci/reference.ts'
import { humanDuration } from '../../oci/units.ts'
import { strftime } from '../../userland/lib/time.ts'
import { published } from './networks.ts'
import { type Container, type Daemon, findContainer, type Image, type Network, type Volume } from './state.ts'

/** RFC 3339 with nanoseconds; the zero time where it never happened. */
export const rfc3339 = (ns: number): string => (ns === 0 ? '0001-01-01T00:00:00Z' : strftime('%FT%T.%NZ', ns))

/** `Up 5 minutes`, `Exited (0) 2 hours ago`, as Docker words it. */
export function statusText(c: Container, now: number): string {
  switch (c.status) {
    case 'running':
      return `Up ${humanDuration(now - c.startedAt)}`
    case 'paused':
      return `Up ${humanDuration(now - c.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${c.exitCode}) ${humanDuration(now - c.finishedAt)} ago`
    case 'created':
      return 'Created'
    case 'dead':
      return 'Dead'
    case 'exited':
      return `Exited (${c.exitCode}) ${humanDuration(now - c.finishedAt)} ago`
  }
}
const networkName = (d: Daemon, c: Container, id: string): string =>
  d.networks.get(id)?.name ?? (c.hostConfig.NetworkMode || 'bridge')
function endpoints(d: Daemon, c: Container): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const e of c.endpoints) {
    const n = d.networks.get(e.network)
    out[networkName(d, c, e.network)] = {
      IPAMConfig: null,
      Links: null,
      Aliases: e.aliases.length > 0 ? e.aliases : null,
      DriverOpts: null,
      GwPriority: 0,
      NetworkID: e.network,
      EndpointID: e.address ? e.id : '',
      Gateway: e.gateway,
      IPAddress: e.address,
      MacAddress: e.mac,
      IPPrefixLen: e.address ? (n?.prefix ?? 0) : 0,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      DNSNames: [c.name, c.id.slice(0, 12)],
    }
  }
  if (c.endpoints.length === 0 && (c.hostConfig.NetworkMode === 'host' || c.hostConfig.NetworkMode === 'none'))
    out[c.hostConfig.NetworkMode] = {
      NetworkID: [...d.networks.values()].find((n) => n.name === c.hostConfig.NetworkMode)?.id ?? '',
      Gateway: '',
      IPAddress: '',
      IPPrefixLen: 0,
      MacAddress: '',
    }
  return out
}
function portMap(c: Container): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(c.config.ExposedPorts ?? {})) out[key] = null
  for (const p of published(c))
    out[`${p.port}/${p.protocol}`] = [
      { HostIp: p.hostIp, HostPort: String(p.hostPort) },
      ...(p.hostIp === '0.0.0.0' ? [{ HostIp: '::', HostPort: String(p.hostPort) }] : []),
    ]
  return out
}
/** GET /containers/{id}/json */
export function inspectContainer(d: Daemon, c: Container): Record<string, unknown> {
  const own = c.endpoints.find((e) => d.networks.get(e.network)?.name === 'bridge')
  const dir = `/var/lib/docker/containers/${c.id}`
  const config = {
    Hostname: c.config.Hostname ?? '',
    Domainname: '',
    User: c.config.User ?? '',
    AttachStdin: c.config.AttachStdin ?? false,
    AttachStdout: true,
    AttachStderr: true,
    ...(Object.keys(c.config.ExposedPorts ?? {}).length > 0 ? { ExposedPorts: c.config.ExposedPorts } : {}),
    Tty: c.config.Tty ?? false,
    OpenStdin: c.config.OpenStdin ?? false,
    StdinOnce: c.config.StdinOnce ?? false,
    Env: c.config.Env ?? [],
    Cmd: (c.config.Cmd ?? []).length > 0 ? c.config.Cmd : null,
    Image: c.config.Image,
    Volumes: Object.keys(c.config.Volumes ?? {}).length > 0 ? c.config.Volumes : null,
    WorkingDir: c.config.WorkingDir ?? '',
    Entrypoint: (c.config.Entrypoint ?? []).length > 0 ? c.config.Entrypoint : null,
    Labels: c.config.Labels ?? {},
    ...(c.config.StopSignal ? { StopSignal: c.config.StopSignal } : {}),
  }
  const h = c.hostConfig
  return {
    Id: c.id,
    Created: rfc3339(c.created),
    Path: c.path,
    Args: c.args,
    State: {
      Status: c.status,
      Running: c.status === 'running' || c.status === 'paused',
      Paused: c.status === 'paused',
      Restarting: c.status === 'restarting',
      OOMKilled: c.oomKilled,
      Dead: false,
      Pid: c.pid,
      ExitCode: c.exitCode,
      Error: c.error,
      StartedAt: rfc3339(c.startedAt),
      FinishedAt: rfc3339(c.finishedAt),
    },
    Image: c.image.id,
    ResolvConfPath: `${dir}/resolv.conf`,
    HostnamePath: `${dir}/hostname`,
    HostsPath: `${dir}/hosts`,
    LogPath: `${dir}/${c.id}-json.log`,
    Name: `/${c.name}`,
    RestartCount: c.restartCount,
    Driver: 'overlayfs',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: {
      Binds: h.Binds && h.Binds.length > 0 ? h.Binds : null,
      ContainerIDFile: '',
      LogConfig: { Type: 'json-file', Config: {} },
      NetworkMode: h.NetworkMode || 'bridge',
      PortBindings: h.PortBindings ?? {},
      RestartPolicy: h.RestartPolicy ?? { Name: 'no', MaximumRetryCount: 0 },
      AutoRemove: h.AutoRemove ?? false,
      VolumeDriver: '',
      VolumesFrom: null,
      ConsoleSize: [24, 80],
      CapAdd: h.CapAdd ?? null,
      CapDrop: h.CapDrop ?? null,
      CgroupnsMode: h.CgroupnsMode || 'private',
      Dns: h.Dns ?? [],
      ExtraHosts: h.ExtraHosts ?? null,
      GroupAdd: h.GroupAdd ?? null,
      IpcMode: h.IpcMode || 'private',
      OomScoreAdj: h.OomScoreAdj ?? 0,
      PidMode: h.PidMode ?? '',
      Privileged: h.Privileged ?? false,
      PublishAllPorts: false,
      ReadonlyRootfs: h.ReadonlyRootfs ?? false,
      SecurityOpt: h.SecurityOpt ?? null,
      UTSMode: h.UTSMode ?? '',
      UsernsMode: '',
      ShmSize: h.ShmSize || 67108864,
      Runtime: 'runc',
      Isolation: '',
      CpuShares: h.CpuShares ?? 0,
      Memory: h.Memory ?? 0,
      NanoCpus: h.NanoCpus ?? 0,
      CgroupParent: '',
      CpuPeriod: h.CpuPeriod ?? 0,
      CpuQuota: h.CpuQuota ?? 0,
      CpusetCpus: h.CpusetCpus ?? '',
      MemoryReservation: h.MemoryReservation ?? 0,
      MemorySwap: h.MemorySwap || (h.Memory ? h.Memory * 2 : 0),
      PidsLimit: h.PidsLimit ?? null,
      Ulimits: h.Ulimits ?? null,
      Init: h.Init ?? null,
      MaskedPaths: [],
      ReadonlyPaths: [],
    },
    Mounts: c.mounts
      .filter((m) => m.type !== 'tmpfs')
      .map((m) => ({
        Type: m.type,
        ...(m.name ? { Name: m.name } : {}),
        Source: m.source,
        Destination: m.destination,
        ...(m.type === 'volume' ? { Driver: 'local' } : {}),
        Mode: m.mode,
        RW: m.rw,
        Propagation: m.type === 'bind' ? 'rprivate' : '',
      })),
    Config: config,
    NetworkSettings: {
      Bridge: '',
      SandboxID: c.pid ? c.id : '',
      SandboxKey: c.pid ? `/var/run/docker/netns/${c.id.slice(0, 12)}` : '',
      Ports: c.pid ? portMap(c) : {},
      ...(own
        ? {
            EndpointID: own.address ? own.id : '',
            Gateway: own.gateway,
            IPAddress: own.address,
            IPPrefixLen: own.address ? own.prefix : 0,
            MacAddress: own.mac,
          }
        : {}),
      Networks: endpoints(d, c),
    },
  }
}
/** One entry of GET /containers/json */
export function listContainer(d: Daemon, c: Container, now: number): Record<string, unknown> {
  const ports = published(c)
  const exposed = Object.keys(c.config.ExposedPorts ?? {}).filter(
    (k) => !ports.some((p) => `${p.port}/${p.protocol}` === k),
  )
  const command = [c.path, ...c.args].map((w) => (/\s/.test(w) ? `'${w}'` : w)).join(' ')
  return {
    Id: c.id,
    Names: [`/${c.name}`],
    Image: c.config.Image,
    ImageID: c.image.id,
    Command: command,
    Created: Math.floor(c.created / 1e9),
    Ports: c.pid
      ? [
          ...ports.flatMap((p) => [
            { IP: p.hostIp, PrivatePort: p.port, PublicPort: p.hostPort, Type: p.protocol },
            ...(p.hostIp === '0.0.0.0'
              ? [{ IP: '::', PrivatePort: p.port, PublicPort: p.hostPort, Type: p.protocol }]
              : []),
          ]),
          ...exposed.map((k) => ({ PrivatePort: Number(k.split('/')[0]), Type: k.split('/')[1] })),
        ]
      : [],
    Labels: c.config.Labels ?? {},
    State: c.status,
    Status: statusText(c, now),
    HostConfig: { NetworkMode: c.hostConfig.NetworkMode || 'bridge' },
    NetworkSettings: { Networks: endpoints(d, c) },
    Mounts: c.mounts.map((m) => ({ Type: m.type, Name: m.name ?? '', Source: m.source, Destination: m.destination })),
  }
}
export const listImage = (i: Image, containers: number): Record<string, unknown> => ({
  Id: i.id,
  ParentId: '',
  RepoTags: [...i.tags],
  RepoDigests: [...i.digests],
  Created: Math.floor(seconds(i.config.created)),
  Size: i.size,
  SharedSize: -1,
  Labels: i.config.config.Labels ?? null,
  Containers: containers,
})
/** Seconds since 1970 of an RFC 3339 time. */
export function seconds(text: string): number {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(text)
  if (!m) return 0
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = m.slice(1).map(Number)
  const yy = mo <= 2 ? y - 1 : y
  const era = Math.floor(yy / 400)
  const yoe = yy - era * 400
  const doy = Math.floor((153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5) + d - 1
  const days = era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468
  return days * 86400 + h * 3600 + mi * 60 + s
}
export function inspectImage(i: Image): Record<string, unknown> {
  const c = i.config.config
  return {
    Id: i.id,
    RepoTags: [...i.tags],
    RepoDigests: [...i.digests],
    Comment: '',
    Created: i.config.created,
    Config: {
      ...c,
      Cmd: c.Cmd ?? null,
      Entrypoint: c.Entrypoint ?? null,
      Env: c.Env ?? null,
      Labels: c.Labels ?? null,
      Volumes: c.Volumes ?? null,
      WorkingDir: c.WorkingDir ?? '',
      User: c.User ?? '',
    },
    Architecture: i.config.architecture,
    Os: i.config.os,
    Size: i.size,
    GraphDriver: { Name: 'overlayfs', Data: null },
    RootFS: { Type: 'layers', Layers: i.config.rootfs.diff_ids },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    Descriptor: { mediaType: i.target.mediaType, digest: i.target.digest, size: i.target.size },
  }
}
export function describeNetwork(d: Daemon, n: Network): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (const c of d.containers.values())
    for (const e of c.endpoints)
      if (e.network === n.id && e.address)
        members[c.id] = {
          Name: c.name,
          EndpointID: e.id,
          MacAddress: e.mac,
          IPv4Address: `${e.address}/${e.prefix}`,
          IPv6Address: '',
        }
  return {
    Name: n.name,
    Id: n.id,
    Created: rfc3339(n.created),
    Scope: 'local',
    Driver: n.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: n.driver === 'bridge' ? [{ Subnet: `${n.subnet}/${n.prefix}`, Gateway: n.gateway }] : [],
    },
    Internal: n.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: members,
    Options:
      n.name === 'bridge'
        ? { 'com.docker.network.bridge.default_bridge': 'true', 'com.docker.network.bridge.name': 'docker0' }
        : {},
    Labels: n.labels,
  }
}
export const describeVolume = (v: Volume): Record<string, unknown> => ({
  CreatedAt: rfc3339(v.created),
  Driver: 'local',
  Labels: Object.keys(v.labels).length > 0 ? v.labels : null,
  Mountpoint: v.mountpoint,
  Name: v.name,
  Options: null,
  Scope: 'local',
})

type Filters = Readonly<Record<string, readonly string[] | Readonly<Record<string, boolean>>>>
/** The values of a filter, in either form that the API takes. */
export function filterValues(filters: Filters, key: string): readonly string[] {
  const v = filters[key]
  return v === undefined ? [] : Array.isArray(v) ? (v as readonly string[]) : Object.keys(v)
}
/** Whether a container passes `docker ps --filter`. */
export function passes(d: Daemon, c: Container, filters: Filters): boolean {
  const all = (key: string, test: (value: string) => boolean): boolean => {
    const values = filterValues(filters, key)
    return values.length === 0 || values.some(test)
  }
  const labels = filterValues(filters, 'label')
  return (
    all('name', (v) => new RegExp(v.replace(/^\^?\/?/, (p) => (p.startsWith('^') ? '^' : ''))).test(c.name)) &&
    all('id', (v) => c.id.startsWith(v)) &&
    all('status', (v) => c.status === v) &&
    all('exited', (v) => c.status === 'exited' && c.exitCode === Number(v)) &&
    labels.every((l) =>
      l.includes('=')
        ? c.config.Labels?.[l.slice(0, l.indexOf('='))] === l.slice(l.indexOf('=') + 1)
        : l in (c.config.Labels ?? {}),
    ) &&
    all('ancestor', (v) => {
      const r = parseReference(v)
      return (
        c.config.Image === v ||
        c.image.id.startsWith(`sha256:${v}`) ||
        (!('error' in r) && [...c.image.tags].some((t) => t === v || t.split(':')[0] === familiarName(r)))
      )
    }) &&
    all(
      'network',
      (v) =>
        c.endpoints.some((e) => e.network === v || d.networks.get(e.network)?.name === v) ||
        c.hostConfig.NetworkMode === v,
    ) &&
    all('volume', (v) => c.mounts.some((m) => m.name === v || m.destination === v)) &&
    all('publish', (v) => published(c).some((p) => String(p.hostPort) === v.split('/')[0])) &&
    all('before', (v) => c.created < findContainer(d, v).created) &&
    all('since', (v) => c.created > findContainer(d, v).created)
  )
}
export const knownFilters = new Set([
  'name',
  'id',
  'status',
  'exited',
  'label',
  'ancestor',
  'network',
  'volume',
  'publish',
  'before',
  'since',
  'expose',
  'health',
  'is-task',
  'isolation',
])

/** JSON documents of the Engine API, made from the daemon's state. */
import { maskedPaths, readonlyPaths } from '../../oci/runtimespec.ts'
import { humanDuration, seconds } from '../../oci/units.ts'
import { strftime } from '../../userland/lib/time.ts'
import { published } from './ports.ts'
import { defaultRuntime } from './runtime.ts'
import type { Container, Daemon, Image } from './state.ts'

/** RFC 3339 with nanoseconds; the zero time where it never happened. */
export const rfc3339 = (ns: number): string => (ns === 0 ? '0001-01-01T00:00:00Z' : strftime('%FT%T.%NZ', ns))

/** `Up 5 minutes`, `Exited (0) 2 hours ago`, as Docker words it. */
export function statusText(c: Container, now: number): string {
  switch (c.status) {
    case 'running': {
      const health = c.health ? ` (${c.health.status === 'starting' ? 'health: starting' : c.health.status})` : ''
      return `Up ${humanDuration(now - c.startedAt)}${health}`
    }
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
      IPAMConfig: e.wanted.address ? { IPv4Address: e.wanted.address } : null,
      Links: e.links.length > 0 ? e.links : null,
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
      DNSNames:
        n?.name === 'bridge'
          ? null
          : [...new Set([c.name, ...e.aliases, c.id.slice(0, 12), c.config.Hostname ?? ''])].filter(Boolean),
    }
  }
  if (
    c.endpoints.length === 0 &&
    !c.parted &&
    (c.hostConfig.NetworkMode === 'host' || c.hostConfig.NetworkMode === 'none')
  )
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
  return sorted(out)
}
const filled = <T>(list: readonly T[] | null | undefined): readonly T[] | null =>
  list && list.length > 0 ? list : null
const given = (value: object | null | undefined): boolean => Object.keys(value ?? {}).length > 0
/** A map as Go writes it to JSON: its keys in their order. */
export const sorted = <T>(map: Readonly<Record<string, T>> | null | undefined): Record<string, T> =>
  Object.fromEntries(Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
/** --tmpfs isn't among a container's mounts, as --mount type=tmpfs is. */
const listedMounts = (c: Container): Container['mounts'] =>
  c.mounts.filter((m) => m.type !== 'tmpfs' || c.hostConfig.Tmpfs?.[m.destination] === undefined)
/** A container's name, and those that others' --link give it. */
const namesOf = (d: Daemon, c: Container): readonly string[] => [
  `/${c.name}`,
  ...[...d.containers.values()].flatMap((x) =>
    (x.hostConfig.Links ?? []).flatMap((link) => {
      const [target = '', alias = target] = link.split(':')
      return target === c.name || (target.length > 11 && c.id.startsWith(target)) ? [`/${x.name}/${alias}`] : []
    }),
  ),
]
const linkPaths = (d: Daemon, c: Container): readonly string[] =>
  (c.hostConfig.Links ?? []).map((l) => {
    const [target = '', alias = target] = l.split(':')
    const other = [...d.containers.values()].find((x) => x.name === target || x.id.startsWith(target))
    return `/${other?.name ?? target}:/${c.name}/${alias}`
  })
function runningExecs(d: Daemon, c: Container): readonly string[] | null {
  return filled([...d.execs.values()].filter((e) => e.container === c && e.running).map((e) => e.id))
}
/** GET /containers/{id}/json */
export function inspectContainer(d: Daemon, c: Container): Record<string, unknown> {
  const own = c.endpoints.find((e) => d.networks.get(e.network)?.name === 'bridge')
  const dir = `/var/lib/docker/containers/${c.id}`
  const config = {
    Hostname: c.config.Hostname ?? '',
    Domainname: c.config.Domainname ?? '',
    User: c.config.User ?? '',
    AttachStdin: c.config.AttachStdin ?? false,
    AttachStdout: c.config.AttachStdout ?? false,
    AttachStderr: c.config.AttachStderr ?? false,
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
    Labels: sorted(c.config.Labels),
    ...(c.config.StopSignal ? { StopSignal: c.config.StopSignal } : {}),
    ...(c.config.StopTimeout === undefined ? {} : { StopTimeout: c.config.StopTimeout }),
    ...(c.config.Healthcheck ? { Healthcheck: c.config.Healthcheck } : {}),
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
      ...(c.health
        ? { Health: { Status: c.health.status, FailingStreak: c.health.failingStreak, Log: c.health.log } }
        : {}),
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
    ExecIDs: runningExecs(d, c),
    HostConfig: {
      Binds: h.Binds && h.Binds.length > 0 ? h.Binds : null,
      ContainerIDFile: '',
      LogConfig: { Type: h.LogConfig?.Type || 'json-file', Config: sorted(h.LogConfig?.Config) },
      NetworkMode: h.NetworkMode || 'bridge',
      PortBindings: sorted(h.PortBindings),
      RestartPolicy: h.RestartPolicy ?? { Name: 'no', MaximumRetryCount: 0 },
      AutoRemove: h.AutoRemove ?? false,
      VolumeDriver: '',
      VolumesFrom: h.VolumesFrom ?? null,
      ConsoleSize: h.ConsoleSize ?? [0, 0],
      ...(given(h.Annotations) ? { Annotations: h.Annotations } : {}),
      CapAdd: filled(h.CapAdd),
      CapDrop: filled(h.CapDrop),
      CgroupnsMode: h.CgroupnsMode || 'private',
      Dns: h.Dns ?? [],
      DnsOptions: h.DnsOptions ?? [],
      DnsSearch: h.DnsSearch ?? [],
      ExtraHosts: filled(h.ExtraHosts),
      GroupAdd: filled(h.GroupAdd),
      IpcMode: h.IpcMode || 'private',
      Cgroup: '',
      Links: h.Links && h.Links.length > 0 ? linkPaths(d, c) : null,
      OomScoreAdj: h.OomScoreAdj ?? 0,
      PidMode: h.PidMode ?? '',
      Privileged: h.Privileged ?? false,
      PublishAllPorts: h.PublishAllPorts ?? false,
      ReadonlyRootfs: h.ReadonlyRootfs ?? false,
      SecurityOpt: filled(h.SecurityOpt),
      UTSMode: h.UTSMode ?? '',
      UsernsMode: '',
      ShmSize: h.ShmSize || 67108864,
      Runtime: h.Runtime || defaultRuntime(d),
      Isolation: '',
      CpuShares: h.CpuShares ?? 0,
      Memory: h.Memory ?? 0,
      NanoCpus: h.NanoCpus ?? 0,
      CgroupParent: '',
      BlkioWeight: 0,
      BlkioWeightDevice: [],
      BlkioDeviceReadBps: [],
      BlkioDeviceWriteBps: [],
      BlkioDeviceReadIOps: [],
      BlkioDeviceWriteIOps: [],
      CpuPeriod: h.CpuPeriod ?? 0,
      CpuQuota: h.CpuQuota ?? 0,
      CpuRealtimePeriod: 0,
      CpuRealtimeRuntime: 0,
      CpusetCpus: h.CpusetCpus ?? '',
      CpusetMems: h.CpusetMems ?? '',
      Devices: h.Devices ?? [],
      DeviceCgroupRules: filled(h.DeviceCgroupRules),
      DeviceRequests: filled(h.DeviceRequests),
      MemoryReservation: h.MemoryReservation ?? 0,
      MemorySwap: h.MemorySwap || (h.Memory ? h.Memory * 2 : 0),
      // cgroup v2 knows neither.
      MemorySwappiness: null,
      OomKillDisable: null,
      PidsLimit: h.PidsLimit ?? null,
      Ulimits: (h.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({ Name, Hard, Soft })),
      CpuCount: 0,
      CpuPercent: 0,
      IOMaximumIOps: 0,
      IOMaximumBandwidth: 0,
      ...(h.Sysctls && Object.keys(h.Sysctls).length > 0 ? { Sysctls: sorted(h.Sysctls) } : {}),
      ...(h.Tmpfs && Object.keys(h.Tmpfs).length > 0 ? { Tmpfs: sorted(h.Tmpfs) } : {}),
      ...(h.Mounts && h.Mounts.length > 0 ? { Mounts: h.Mounts } : {}),
      ...(h.Init === undefined ? {} : { Init: h.Init }),
      MaskedPaths: h.Privileged ? null : maskedPaths,
      ReadonlyPaths: h.Privileged ? null : readonlyPaths,
    },
    Mounts: listedMounts(c).map((m) => ({
      Type: m.type,
      ...(m.name ? { Name: m.name } : {}),
      Source: m.source,
      Destination: m.destination,
      ...(m.type === 'volume' ? { Driver: 'local' } : {}),
      Mode: m.mode,
      RW: m.rw,
      Propagation: m.type === 'bind' ? (m.propagation ?? 'rprivate') : '',
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
    Names: namesOf(d, c),
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
    Labels: sorted(c.config.Labels),
    State: c.status,
    Status: statusText(c, now),
    HostConfig: { NetworkMode: c.hostConfig.NetworkMode || 'bridge' },
    NetworkSettings: { Networks: endpoints(d, c) },
    Mounts: listedMounts(c).map((m) => ({
      Type: m.type,
      Name: m.name ?? '',
      Source: m.source,
      Destination: m.destination,
    })),
  }
}
/** One entry of GET /images/json */
export const listImage = (
  i: Image,
  containers: number,
  tags: readonly string[] = [...i.tags],
): Record<string, unknown> => ({
  Id: i.id,
  ParentId: '',
  RepoTags: tags,
  RepoDigests: [...i.digests],
  Created: Math.floor(seconds(i.config.created)),
  Size: i.size,
  SharedSize: -1,
  Labels: i.config.config.Labels ?? null,
  Containers: containers,
})
/** GET /images/{name}/json */
export function inspectImage(i: Image): Record<string, unknown> {
  const c = i.config.config
  return {
    Id: i.id,
    RepoTags: [...i.tags],
    RepoDigests: [...i.digests],
    ...(i.config.author ? { Author: i.config.author } : {}),
    Comment: i.config.history.at(-1)?.comment ?? '',
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

/** podman inspect: containers, images, volumes, networks and pods as documents. */

import { lookUp } from '../../engine/containers/names.ts'
import { Problem } from '../../engine/containers/problem.ts'
import { isoTime } from '../../engine/containers/storage.ts'
import { imageInfo } from '../../engine/libpod/images.ts'
import { PODMAN_VERSION, shownStatus } from '../../engine/libpod/libpod.ts'
import { findNetwork } from '../../engine/libpod/network.ts'
import { logPath, runtimeName, runtimePath } from '../../engine/libpod/runtime.ts'
import { capabilities, cgroupOf, environment, processArgs } from '../../engine/libpod/spec.ts'
import type { Container, Port } from '../../engine/libpod/types.ts'
import { volumePath } from '../../engine/libpod/volumes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { printObjects } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { portsOf } from './containers.ts'
import type { Commands, Context } from './context.ts'
import { inspectImage } from './images.ts'
import { inspectVolume } from './objects.ts'
import { inspectPod } from './pods.ts'

const NEVER = '0001-01-01T00:00:00Z'
const bindings = (ports: readonly Port[]): Record<string, { HostIp: string; HostPort: string }[]> => {
  const out: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const p of ports) {
    const key = `${p.containerPort}/${p.protocol}`
    out[key] = [...(out[key] ?? []), { HostIp: p.hostIp || '0.0.0.0', HostPort: String(p.hostPort) }]
  }
  return out
}
const modeText = (x: Container): string => {
  const n = x.config.network
  return n.kind === 'container' ? `container:${n.id}` : n.kind === 'path' ? `ns:${n.path}` : n.kind
}
/** What `podman inspect` prints of a container. */
export function* inspectContainer(c: Context, x: Container): Run<unknown> {
  const { lp } = c
  const { config, state } = x
  const args = processArgs(config)
  const caps = capabilities(config)
  const dir = lp.storage.containerDir(config.id)
  const run = lp.storage.runDir(config.id)
  const record = yield* lp.storage.findContainer(config.id)
  const layers = record ? yield* lp.storage.layersOf(record) : { upper: '', work: '', lower: [] }
  const image = (yield* lp.storage.images()).find((i) => i.id === config.image?.id)
  const ports = yield* portsOf(c, x)
  const first = state.endpoints[0]
  const live = state.pid > 0
  const networks: Record<string, unknown> = {}
  for (const e of state.endpoints) {
    const n = yield* findNetwork(lp, e.network)
    networks[e.network] = {
      EndpointID: '',
      Gateway: e.gateway,
      IPAddress: e.address,
      IPPrefixLen: e.prefix,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      MacAddress: e.mac,
      NetworkID: n.name,
      DriverOpts: null,
      IPAMConfig: null,
      Links: null,
      Aliases: [config.id.slice(0, 12)],
    }
  }
  return {
    Id: config.id,
    Created: isoTime(config.created),
    Path: args[0] ?? '',
    Args: args.slice(1),
    State: {
      OciVersion: '1.3.0',
      Status: shownStatus(x),
      Running: state.status === 'running',
      Paused: state.status === 'paused',
      Restarting: false,
      OOMKilled: state.oomKilled,
      Dead: false,
      Pid: state.pid,
      ConmonPid: state.conmonPid,
      ExitCode: state.exitCode,
      Error: state.error,
      StartedAt: state.started ? isoTime(state.started) : NEVER,
      FinishedAt: state.finished ? isoTime(state.finished) : NEVER,
      CgroupPath: live ? cgroupOf(lp, x) : '',
      CheckpointedAt: NEVER,
      RestoredAt: NEVER,
    },
    Image: config.image?.id ?? '',
    ImageDigest: image?.digest ?? '',
    ImageName: config.image?.name ?? '',
    Rootfs: '',
    Pod: config.pod ?? '',
    ResolvConfPath: live ? `${run}/resolv.conf` : '',
    HostnamePath: live ? `${run}/hostname` : '',
    HostsPath: live ? `${run}/hosts` : '',
    StaticDir: dir,
    OCIConfigPath: `${dir}/config.json`,
    OCIRuntime: runtimeName(yield* runtimePath(c.sys)),
    ConmonPidFile: `${run}/conmon.pid`,
    PidFile: `${run}/pidfile`,
    Name: config.name,
    RestartCount: state.restarts,
    Driver: 'overlay',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    EffectiveCaps: config.user === '' || config.user === 'root' || config.user === '0' ? caps : null,
    BoundingCaps: caps,
    ExecIDs: state.execs,
    GraphDriver: {
      Name: 'overlay',
      Data: {
        LowerDir: layers.lower.join(':'),
        ...(state.mountPoint ? { MergedDir: state.mountPoint } : {}),
        UpperDir: layers.upper,
        WorkDir: layers.work,
      },
    },
    Mounts: [
      ...config.volumes.map((v) => ({
        Type: 'volume',
        Name: v.name,
        Source: volumePath(lp, v.name),
        Destination: v.destination,
        Driver: 'local',
        Mode: '',
        Options: ['nosuid', 'nodev', 'rbind'],
        RW: !v.readOnly,
        Propagation: 'rprivate',
      })),
      ...config.binds
        .filter(() => !config.infra)
        .map((b) => ({
          Type: 'bind',
          Source: b.source,
          Destination: b.destination,
          Driver: '',
          Mode: '',
          Options: ['rbind'],
          RW: !b.readOnly,
          Propagation: 'rprivate',
        })),
    ],
    Dependencies: config.network.kind === 'container' ? [config.network.id] : [],
    NetworkSettings: {
      EndpointID: '',
      Gateway: first?.gateway ?? '',
      IPAddress: first && first.network === 'podman' ? first.address : (first?.address ?? ''),
      IPPrefixLen: first?.prefix ?? 0,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      MacAddress: first?.mac ?? '',
      Bridge: '',
      SandboxID: '',
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      Ports: bindings(ports),
      SandboxKey: state.netns ?? '',
      ...(Object.keys(networks).length > 0 ? { Networks: networks } : {}),
    },
    Namespace: '',
    IsInfra: config.infra,
    IsService: false,
    KubeExitCodePropagation: 'invalid',
    lockNumber: 0,
    Config: {
      Hostname: config.hostname,
      Domainname: '',
      User: config.user,
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: config.tty,
      OpenStdin: config.stdin,
      StdinOnce: false,
      Env: environment(config),
      Cmd: config.command,
      Image: config.image?.name ?? '',
      Volumes: null,
      WorkingDir: config.workDir,
      Entrypoint: config.entrypoint && config.entrypoint.length > 0 ? config.entrypoint : null,
      OnBuild: null,
      Labels: Object.keys(config.labels).length > 0 ? config.labels : null,
      Annotations: { 'io.container.manager': 'libpod', ...config.annotations },
      StopSignal: `SIG${['', 'HUP', 'INT', 'QUIT'][config.stopSignal] ?? (config.stopSignal === 15 ? 'TERM' : String(config.stopSignal))}`,
      HealthcheckOnFailureAction: 'none',
      CreateCommand: config.createCommand,
      Umask: '0022',
      Timeout: 0,
      StopTimeout: config.stopTimeout,
      Passwd: true,
      sdNotifyMode: 'container',
      ExposedPorts: Object.fromEntries(config.exposed.map((e) => [e, {}])),
    },
    HostConfig: {
      Binds: [
        ...config.volumes.map(
          (v) => `${v.name}:${v.destination}:${v.readOnly ? 'ro' : 'rw'},rprivate,nosuid,nodev,rbind`,
        ),
        ...config.binds.map((b) => `${b.source}:${b.destination}:${b.readOnly ? 'ro' : 'rw'},rprivate,rbind`),
      ],
      CgroupManager: 'systemd',
      CgroupMode: config.cgroupns,
      ContainerIDFile: '',
      LogConfig: { Type: 'k8s-file', Config: null, Path: logPath(lp, config.id), Tag: '', Size: '0B' },
      NetworkMode: modeText(x),
      PortBindings: bindings(config.ports),
      RestartPolicy: { Name: config.restart.policy || 'no', MaximumRetryCount: config.restart.retries },
      AutoRemove: config.autoRemove,
      Annotations: config.annotations,
      CapAdd: config.capAdd,
      CapDrop: config.capDrop,
      Dns: config.dns,
      ExtraHosts: config.hosts,
      GroupAdd: config.groups,
      IpcMode: config.ipc === 'private' ? 'shareable' : config.ipc,
      PidMode: config.pid,
      Privileged: config.privileged,
      PublishAllPorts: false,
      ReadonlyRootfs: config.readOnly,
      SecurityOpt: config.securityOpt,
      Tmpfs: config.tmpfs,
      UTSMode: config.uts,
      UsernsMode: '',
      ShmSize: config.shmSize,
      Runtime: 'oci',
      CpuShares: config.resources.cpu?.shares ?? 0,
      Memory: config.resources.memory?.limit ?? 0,
      NanoCpus: config.resources.cpu?.quota
        ? Math.round((config.resources.cpu.quota * 1e9) / (config.resources.cpu.period ?? 100_000))
        : 0,
      CpuPeriod: config.resources.cpu?.period ?? 0,
      CpuQuota: config.resources.cpu?.quota ?? 0,
      CpusetCpus: config.resources.cpu?.cpus ?? '',
      Devices: config.devices,
      MemoryReservation: config.resources.memory?.reservation ?? 0,
      MemorySwap: config.resources.memory?.swap ?? 0,
      PidsLimit: config.resources.pids?.limit ?? 0,
      Ulimits: config.ulimits.map((u) => ({ Name: `RLIMIT_${u.name.toUpperCase()}`, Soft: u.soft, Hard: u.hard })),
    },
    UseImageHosts: false,
    UseImageHostname: false,
    Version: PODMAN_VERSION,
  }
}
/** An object of one kind by name; undefined where there is none. */
function* find(c: Context, kind: string, name: string): Run<unknown> {
  try {
    switch (kind) {
      case 'container':
        return yield* inspectContainer(c, yield* c.lp.find(name))
      case 'image': {
        const found = lookUp(yield* c.lp.storage.images(), name, yield* c.lp.registries())
        return found && (yield* inspectImage(c, yield* imageInfo(c.lp.storage, found.image)))
      }
      case 'volume':
        return yield* inspectVolume(c, yield* c.lp.findVolume(name))
      case 'network':
        return yield* findNetwork(c.lp, name)
      case 'pod':
        return yield* inspectPod(c, yield* c.lp.findPod(name))
    }
  } catch (e) {
    if (!(e instanceof Problem)) throw e
  }
  return undefined
}
const kinds = ['container', 'image', 'volume', 'network', 'pod']
function inspect(only?: string) {
  return function* (c: Context, g: Given): Run<number> {
    const type = only ?? g.value('type') ?? 'all'
    if (type !== 'all' && !kinds.includes(type))
      throw new Problem(
        `invalid type ${JSON.stringify(type)}: must be ${kinds.map((k) => JSON.stringify(k)).join(', ')} or "all"`,
      )
    const names = g.has('latest')
      ? [(yield* c.lp.all()).sort((a, b) => b.config.created - a.config.created)[0]?.config.id ?? '']
      : g.args
    if (names.length === 0) throw new Problem('no names or ids specified')
    const out: unknown[] = []
    const missing: string[] = []
    for (const name of names) {
      let found: unknown
      for (const kind of type === 'all' ? kinds : [type]) found ??= yield* find(c, kind, name)
      if (found === undefined)
        missing.push(
          type === 'image'
            ? `${name}: image not known`
            : type === 'volume'
              ? `no such volume ${name}`
              : type === 'network'
                ? `network ${name}: unable to find network with name or ID ${name}: network not found`
                : type === 'container'
                  ? `no such container ${JSON.stringify(name)}`
                  : `no such object: ${JSON.stringify(name)}`,
        )
      else out.push(found)
    }
    if (g.value('format') === undefined || out.length > 0) yield* printObjects(c.sys, g.value('format'), out)
    if (missing.length > 0) throw new Problem(missing.join('\n'))
    return 0
  }
}
export const inspectCommands: Commands = {
  inspect: { args: [0, Infinity], flags: 'format latest type', run: inspect() },
  'container inspect': { args: [0, Infinity], flags: 'format latest', run: inspect('container') },
  'network inspect': { args: [1, Infinity], flags: 'format', run: inspect('network') },
  'volume inspect': {
    args: [0, Infinity],
    flags: 'all format',
    *run(c, g) {
      if (!g.has('all')) return yield* inspect('volume')(c, g)
      const out: unknown[] = []
      for (const v of (yield* c.lp.db()).volumes) out.push(yield* inspectVolume(c, v))
      yield* printObjects(c.sys, g.value('format'), out)
      return 0
    },
  },
}

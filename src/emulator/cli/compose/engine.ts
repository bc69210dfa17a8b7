/** What Compose asks the engine: containers of a project, images, networks, volumes, and the settings of a container. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import { ramInBytes } from '../../oci/units.ts'
import { encode } from '../../userland/lib/io.ts'
import { CliError, type Client, query } from '../docker/api.ts'
import { parseDuration } from '../docker/values.ts'
import { fileMounts } from './files.ts'
import { imageOf, type Project, type Service, VERSION } from './model.ts'
import type { Progress } from './progress.ts'
import { mapping } from './tree.ts'

export interface Context {
  readonly sys: Sys
  readonly client: Client
  readonly project: Project
  readonly progress: Progress
}
export interface Listed {
  readonly Id: string
  readonly Names: readonly string[]
  readonly Image: string
  readonly Command: string
  readonly Created: number
  readonly State: string
  readonly Status: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Ports: readonly {
    readonly IP?: string
    readonly PrivatePort: number
    readonly PublicPort?: number
    readonly Type: string
  }[]
}
const label = 'com.docker.compose'
export const nameOf = (c: Listed): string => (c.Names[0] ?? '').replace(/^\//, '')
export const serviceOf = (c: Listed): string => c.Labels[`${label}.service`] ?? ''
export const numberOf = (c: Listed): number => Number(c.Labels[`${label}.container-number`] ?? 1)

/** The project's containers, by service and number; one-off ones where asked for. */
export function* containersOf(client: Client, project: string, all: boolean, oneOff = false): Run<Listed[]> {
  const filters = JSON.stringify({ label: [`${label}.project=${project}`] })
  const rows = yield* client.json<Listed[]>('GET', `/containers/json${query({ all, filters })}`)
  return rows
    .filter((c) => oneOff || c.Labels[`${label}.oneoff`] !== 'True')
    .sort((a, b) => (serviceOf(a) < serviceOf(b) ? -1 : serviceOf(a) > serviceOf(b) ? 1 : numberOf(a) - numberOf(b)))
}
/** Whether something is there: undefined where it isn't. */
export function* find<T>(client: Client, path: string): Run<T | undefined> {
  try {
    return yield* client.json<T>('GET', path)
  } catch (e) {
    if (e instanceof CliError && (e as { status?: number }).status === 404) return undefined
    throw e
  }
}
const list = (v: unknown): string[] => (Array.isArray(v) ? v.map(String) : v === undefined ? [] : [String(v)])
const bytes = (v: unknown): number => (v === undefined ? 0 : typeof v === 'number' ? v : (ramInBytes(String(v)) ?? 0))
const nanoseconds = (v: unknown): number => {
  const d = v === undefined ? 0 : parseDuration(String(v))
  return typeof d === 'number' ? d : 0
}
const strings = (v: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(mapping(v)).map(([k, x]) => [k, x ?? '']))

function healthcheckOf(h: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (h.disable === true) return { Test: ['NONE'] }
  const test =
    typeof h.test === 'string' ? ['CMD-SHELL', h.test] : Array.isArray(h.test) ? h.test.map(String) : undefined
  return {
    ...(test ? { Test: test } : {}),
    Interval: nanoseconds(h.interval),
    Timeout: nanoseconds(h.timeout),
    StartPeriod: nanoseconds(h.start_period),
    StartInterval: nanoseconds(h.start_interval),
    Retries: Number(h.retries ?? 0),
  }
}
/** A digest of what makes a service's containers: where it differs, they are made anew. */
export const hashOf = (p: Project, s: Service): string =>
  digestOf(
    encode(
      JSON.stringify([
        { ...s, scale: 0, dependsOn: {} },
        Object.keys(s.networks).map((n) => p.networks[n]?.name),
        s.files.map((f) => p.outside[f.kind][f.source]),
      ]),
    ),
  ).slice(7)

export interface Variation {
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly environment?: readonly string[]
  readonly ports?: boolean
  readonly oneOff?: boolean
  readonly tty?: boolean
  readonly interactive?: boolean
  readonly autoRemove?: boolean
  readonly user?: string
  readonly workdir?: string
  readonly binds?: readonly string[]
  readonly bindings?: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>>
}
/** The body of POST /containers/create for a service's container. `containers` finds what network_mode and volumes_from name. */
export function createBody(
  p: Project,
  s: Service,
  number: number,
  v: Variation,
  containers: readonly Listed[],
): Record<string, unknown> {
  const t = s.settings
  const exposed: Record<string, object> = {}
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const port of s.ports) {
    const key = `${port.target}/${port.protocol}`
    exposed[key] = {}
    if (v.ports === false) continue
    bindings[key] = [...(bindings[key] ?? []), { HostIp: port.hostIp, HostPort: port.published }]
  }
  for (const e of list(t.expose)) exposed[e.includes('/') ? e : `${e}/tcp`] = {}
  const of = (service: string): string | undefined => containers.find((c) => serviceOf(c) === service)?.Id
  const keys = Object.keys(s.networks).sort()
  const shared = s.networkMode?.startsWith('service:') ? of(s.networkMode.slice(8)) : undefined
  const mode = shared ? `container:${shared}` : (s.networkMode ?? p.networks[keys[0] ?? '']?.name ?? 'none')
  const endpoints = Object.fromEntries(
    keys.map((k) => {
      const n = s.networks[k]
      const aliases = [...(v.oneOff ? [] : [s.name]), ...(n?.aliases ?? [])]
      return [
        p.networks[k]?.name ?? k,
        {
          Aliases: aliases,
          ...(n?.ipv4 ? { IPAMConfig: { IPv4Address: n.ipv4 } } : {}),
          Links: list(t.links).map((l) => (l.includes(':') ? l : `${l}:${l}`)),
        },
      ]
    }),
  )
  const restart = String(t.restart ?? 'no')
  const [policy = 'no', retries = '0'] = restart.split(':')
  const health = s.healthcheck && healthcheckOf(s.healthcheck)
  const ulimits =
    typeof t.ulimits === 'object' && t.ulimits !== null ? Object.entries(t.ulimits as Record<string, unknown>) : []
  return {
    Hostname: String(t.hostname ?? ''),
    Domainname: String(t.domainname ?? ''),
    User: v.user ?? String(t.user ?? ''),
    AttachStdin: v.interactive ?? false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: v.tty ?? t.tty === true,
    OpenStdin: v.interactive ?? t.stdin_open === true,
    StdinOnce: v.interactive ?? false,
    Image: imageOf(p, s),
    ...((v.command ?? s.command) ? { Cmd: v.command ?? s.command } : {}),
    ...((v.entrypoint ?? s.entrypoint) ? { Entrypoint: v.entrypoint ?? s.entrypoint } : {}),
    Env: [
      ...Object.entries(s.environment)
        .filter(([, x]) => x !== null)
        .map(([k, x]) => `${k}=${x}`),
      ...(v.environment ?? []),
    ],
    WorkingDir: v.workdir ?? String(t.working_dir ?? ''),
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    ...(t.stop_signal === undefined ? {} : { StopSignal: String(t.stop_signal) }),
    ...(t.stop_grace_period === undefined ? {} : { StopTimeout: Math.round(nanoseconds(t.stop_grace_period) / 1e9) }),
    ...(health ? { Healthcheck: health } : {}),
    Volumes: Object.fromEntries(
      s.volumes.filter((m) => m.type === 'volume' && m.source === '').map((m) => [m.target, {}]),
    ),
    Labels: {
      ...s.labels,
      [`${label}.project`]: p.name,
      [`${label}.service`]: s.name,
      [`${label}.container-number`]: String(number),
      [`${label}.oneoff`]: v.oneOff ? 'True' : 'False',
      [`${label}.config-hash`]: hashOf(p, s),
      [`${label}.project.config_files`]: p.files.join(','),
      [`${label}.project.working_dir`]: p.directory,
      [`${label}.depends_on`]: Object.entries(s.dependsOn)
        .map(([n, d]) => `${n}:${d.condition}:${d.restart}`)
        .join(','),
      [`${label}.version`]: VERSION,
    },
    HostConfig: {
      Binds: [
        ...s.volumes
          .filter((m) => m.type === 'bind' && m.create)
          .map((m) => `${m.source}:${m.target}:${m.readOnly ? 'ro' : 'rw'}`),
        ...(v.binds ?? []),
      ],
      Mounts: [
        ...s.volumes
          .filter((m) => !(m.type === 'bind' && m.create) && !(m.type === 'volume' && m.source === ''))
          .map((m) => ({
            Type: m.type,
            ...(m.type === 'tmpfs'
              ? {}
              : { Source: m.type === 'volume' ? (p.volumes[m.source]?.name ?? m.source) : m.source }),
            Target: m.target,
            ReadOnly: m.readOnly,
            ...(m.type === 'tmpfs' && m.tmpfs.size ? { TmpfsOptions: { SizeBytes: m.tmpfs.size } } : {}),
          })),
        ...fileMounts(s.files, p.outside),
      ],
      VolumesFrom: list(t.volumes_from).map((x) => {
        const [service = '', m] = x.replace(/^container:/, '').split(':')
        return `${of(service) ?? service}${m ? `:${m}` : ''}`
      }),
      NetworkMode: mode,
      PortBindings: v.bindings ? { ...bindings, ...v.bindings } : bindings,
      RestartPolicy: { Name: v.oneOff ? 'no' : policy, MaximumRetryCount: v.oneOff ? 0 : Number(retries) },
      AutoRemove: v.autoRemove ?? false,
      Memory: bytes(t.mem_limit),
      MemorySwap: bytes(t.memswap_limit),
      MemoryReservation: bytes(t.mem_reservation),
      NanoCpus: t.cpus === undefined ? 0 : Math.round(Number(t.cpus) * 1e9),
      CpuShares: Number(t.cpu_shares ?? 0),
      CpuQuota: Number(t.cpu_quota ?? 0),
      CpuPeriod: Number(t.cpu_period ?? 0),
      CpusetCpus: String(t.cpuset ?? ''),
      PidsLimit: t.pids_limit === undefined ? null : Number(t.pids_limit),
      CapAdd: list(t.cap_add),
      CapDrop: list(t.cap_drop),
      Privileged: t.privileged === true,
      ReadonlyRootfs: t.read_only === true,
      ExtraHosts: Array.isArray(t.extra_hosts)
        ? t.extra_hosts.map((h) => String(h).replace('=', ':'))
        : Object.entries(mapping(t.extra_hosts)).map(([k, x]) => `${k}:${x}`),
      Dns: list(t.dns),
      DnsOptions: list(t.dns_opt),
      DnsSearch: list(t.dns_search),
      PidMode: String(t.pid ?? ''),
      UTSMode: String(t.uts ?? ''),
      IpcMode: String(t.ipc ?? ''),
      SecurityOpt: list(t.security_opt),
      GroupAdd: list(t.group_add),
      ...(t.init === undefined ? {} : { Init: t.init === true }),
      OomScoreAdj: Number(t.oom_score_adj ?? 0),
      ShmSize: bytes(t.shm_size),
      Sysctls: strings(t.sysctls),
      Runtime: String(t.runtime ?? ''),
      Devices: list(t.devices).map((d) => {
        const [host = '', inside = host, permissions = 'rwm'] = d.split(':')
        return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions }
      }),
      LogConfig:
        typeof t.logging === 'object' && t.logging !== null
          ? {
              Type: String((t.logging as Record<string, unknown>).driver ?? ''),
              Config: strings((t.logging as Record<string, unknown>).options),
            }
          : { Type: '', Config: {} },
      Ulimits: ulimits.map(([Name, x]) => {
        const both = typeof x === 'object' && x !== null ? (x as { soft: number; hard: number }) : undefined
        return { Name, Soft: Number(both ? both.soft : x), Hard: Number(both ? both.hard : x) }
      }),
    },
    NetworkingConfig: { EndpointsConfig: s.networkMode === undefined ? endpoints : {} },
  }
}

/** What docker run and docker create ask the daemon for: the body of POST /containers/create from flags. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { jsonComplaint } from '../../oci/json.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { ramInBytes } from '../../oci/units.ts'
import { readText, warn } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'
import { CliError, type Client, query } from './api.ts'
import { environmentOf, labelsOf, pairs } from './environment.ts'
import { type MountOption, parseMount, volumeSections } from './mounts.ts'
import { parseExpose, parsePorts } from './ports.ts'
import { showPull } from './pull.ts'
import {
  type NetworkOption,
  parseCpus,
  parseDuration,
  parseNetwork,
  parseUlimit,
  platformComplaint,
  type Ulimit,
} from './values.ts'

/** Known flags that the emulator doesn't carry out: each is refused by name. */
const notEmulated =
  'blkio-weight blkio-weight-device cgroup-parent cpu-rt-period cpu-rt-runtime device-read-bps device-read-iops device-write-bps device-write-iops ip6 kernel-memory link-local-ip storage-opt use-api-socket userns volume-driver'.split(
    ' ',
  )
const fail = (message: string): never => {
  throw new CliError(message, 125)
}

/** `-v` values: binds, and destinations that get a volume without a name. */
function volumesOf(
  specs: readonly string[],
  cwd: string,
): { readonly binds: string[]; readonly anonymous: Record<string, object> } {
  const binds: string[] = []
  const anonymous: Record<string, object> = {}
  for (const v of specs) {
    const sections = volumeSections(v)
    if ('error' in sections) return fail(sections.error)
    const [source = '', ...rest] = sections
    if (rest.length === 0) anonymous[v] = {}
    else binds.push([/^\.\.?(\/|$)/.test(source) ? absolute(cwd, source) : source, ...rest].join(':'))
  }
  return { binds, anonymous }
}
/** filepath.Abs */
export function absolute(cwd: string, path: string): string {
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
const tellsHealth = (g: Given): boolean => [...g.parsed.values.keys()].some((name) => name.startsWith('health-'))
/** --health-*, or NONE; undefined where nothing is said of it. */
function healthOf(g: Given): Record<string, unknown> | undefined {
  const any = tellsHealth(g)
  if (g.has('no-healthcheck')) {
    if (any) fail('--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!any) return undefined
  const time = (name: string): number => {
    const d = parseDuration(g.value(`health-${name}`) ?? '0')
    const ns = typeof d === 'number' ? d : 0
    if (ns < 0) fail(`--health-${name} cannot be negative`)
    return ns
  }
  const retries = Number(g.value('health-retries') ?? 0)
  if (retries < 0) fail('--health-retries cannot be negative')
  const cmd = g.value('health-cmd')
  return {
    ...(cmd ? { Test: ['CMD-SHELL', cmd] } : {}),
    ...Object.fromEntries(
      (
        [
          ['Interval', time('interval')],
          ['Timeout', time('timeout')],
          ['StartPeriod', time('start-period')],
          ['StartInterval', time('start-interval')],
          ['Retries', retries],
        ] as const
      ).filter(([, n]) => n !== 0),
    ),
  }
}
/** --security-opt; a seccomp profile's file is sent as its content. */
function* securityOf(sys: Sys, specs: readonly string[]): Run<string[]> {
  const out: string[] = []
  for (const spec of specs) {
    const at = spec.search(/[=:]/)
    const key = at < 0 ? spec : spec.slice(0, at)
    const value = at < 0 ? '' : spec.slice(at + 1)
    if (at < 0 && key !== 'no-new-privileges') fail(`Invalid --security-opt: ${JSON.stringify(spec)}`)
    if (key === 'seccomp' && value !== 'unconfined' && value !== 'builtin') {
      const text = yield* readText(sys, value)
      if (isErr(text))
        return fail(`opening seccomp profile (${value}) failed: open ${value}: ${text.text.toLowerCase()}`)
      try {
        out.push(`seccomp=${JSON.stringify(JSON.parse(text))}`)
      } catch {
        fail(`compacting json for seccomp profile (${value}) failed: ${jsonComplaint(text)}`)
      }
    } else out.push(spec)
  }
  return out
}
interface Device {
  readonly PathOnHost: string
  readonly PathInContainer: string
  readonly CgroupPermissions: string
}
/** --device HOST[:CONTAINER][:PERMISSIONS] */
function deviceOf(spec: string): Device {
  const [host = '', inside = host, permissions = 'rwm', more] = spec.split(':')
  if (more !== undefined) fail(`invalid device specification: ${spec}`)
  if (!/^[rwm]+$/.test(permissions)) fail(`bad mode specified: ${permissions}`)
  return /^[rwm]+$/.test(inside)
    ? { PathOnHost: host, PathInContainer: host, CgroupPermissions: inside }
    : { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions }
}
/** A CliError where networks can't be joined together. */
function checkNetworks(networks: readonly NetworkOption[]): void {
  const seen = new Set<string>()
  for (const n of networks) {
    if (n.name === '') fail('no name set for network')
    if (seen.has(n.name)) fail(`network ${JSON.stringify(n.name)} is specified multiple times`)
    seen.add(n.name)
    if (n.foreign !== undefined) throw new CliError(`zukan: not emulated: --network ${n.foreign}`, 125)
  }
  const own = (n: NetworkOption): boolean =>
    !['default', 'bridge', 'host', 'none'].includes(n.name) && !n.name.startsWith('container:')
  if (networks.length > 1 && networks.some(own) && !networks.every(own))
    fail('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
}
/** The body of POST /containers/create; a CliError where the flags don't fit together. */
export function* createBody(sys: Sys, g: Given): Run<Record<string, unknown>> {
  // Isolation is the Windows daemon's; Linux has one kind.
  const isolation = g.value('isolation') ?? 'default'
  const [image = '', ...command] = g.args
  const here = yield* sys.getcwd()
  const cwd = isErr(here) ? '/' : here
  const mode = (flag: string, kind: string, also: RegExp): string => {
    const v = g.value(flag) ?? ''
    if (v !== '' && v !== 'host' && !also.test(v)) fail(`--${flag}: invalid ${kind} mode`)
    return v
  }
  const bytes = (name: string): number => {
    const v = g.value(name)
    return v === undefined ? 0 : v === '-1' ? -1 : (ramInBytes(v) ?? 0)
  }
  const number = (name: string): number => Number(g.value(name) ?? 0)
  const pid = mode('pid', 'PID', /^container:.+/)
  const uts = mode('uts', 'UTS', /^$/)
  mode('userns', 'USER', /^$/)
  mode('cgroupns', 'CGROUP', /^private$/)
  const swappiness = g.value('memory-swappiness') === undefined ? undefined : number('memory-swappiness')
  if (swappiness !== undefined && swappiness !== -1 && !(swappiness >= 0 && swappiness <= 100))
    fail(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`)
  const mac = g.value('mac-address') ?? ''
  if (mac !== '' && !/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(mac)) fail(`${mac} is not a valid mac address`)
  for (const name of notEmulated)
    if (g.parsed.values.has(name) && !(name === 'userns' && g.value(name) === 'host'))
      throw new CliError(`zukan: not emulated: --${name}`, 125)
  const { binds, anonymous } =
    g.all('volume').length > 0 ? volumesOf(g.all('volume'), cwd) : { binds: [], anonymous: {} }
  const ports = g.all('publish').length > 0 ? parsePorts(g.all('publish')) : { exposed: {}, bindings: {} }
  const exposed = { ...ports.exposed, ...(g.all('expose').length > 0 ? parseExpose(g.all('expose')) : {}) }
  const env = yield* environmentOf(sys, g.all('env-file'), g.all('env'))
  const labels = yield* labelsOf(sys, g.all('label-file'), g.all('label'))
  const [, policy = '', retries] = /^([^:]*)(?::(.*))?$/.exec(g.value('restart') ?? 'no') ?? []
  if (retries !== undefined && !/^[-+]?\d+$/.test(retries))
    fail('invalid restart policy format: maximum retry count must be an integer')
  if (policy === '' && retries !== undefined) fail('invalid restart policy format: no policy provided before colon')
  if (g.has('rm') && policy !== 'no' && policy !== '')
    throw new CliError('conflicting options: cannot specify both --restart and --rm', 125)
  const health = tellsHealth(g) || g.has('no-healthcheck') ? healthOf(g) : undefined
  const security = yield* securityOf(sys, g.all('security-opt'))
  const detached = g.has('detach')
  const interactive = g.has('interactive')
  const wanted = g.all('attach').map((a) => a.toLowerCase())
  const attach = (s: string): boolean =>
    wanted.length > 0 ? wanted.includes(s) : !detached && (s !== 'stdin' || interactive)
  const networks: NetworkOption[] = []
  for (const n of g.all('network')) networks.push(parseNetwork(n) as NetworkOption)
  checkNetworks(networks)
  const first = networks[0]?.name ?? 'default'
  const builtIn = ['default', 'bridge', 'host', 'none'].includes(first)
  if (builtIn && g.all('network-alias').length > 0)
    throw new CliError('network-scoped aliases are only supported for user-defined networks', 125)
  const endpoints: Record<string, unknown> = {}
  for (const [i, n] of networks.entries()) {
    const ip = n.ip || (i === 0 ? (g.value('ip') ?? '') : '')
    const aliases = [...n.aliases, ...(i === 0 ? g.all('network-alias') : [])]
    const own = ip !== '' || aliases.length > 0 || (i === 0 && mac)
    if (!builtIn || own || i > 0)
      endpoints[n.name] = {
        ...(ip === '' ? {} : { IPAMConfig: { IPv4Address: ip } }),
        ...(aliases.length > 0 ? { Aliases: aliases } : {}),
        ...(i === 0 && g.all('link').length > 0 && !builtIn ? { Links: g.all('link') } : {}),
        ...(n.mac ? { MacAddress: n.mac } : i === 0 && mac ? { MacAddress: mac } : {}),
      }
  }
  if (networks.length === 0 && (g.value('ip') || mac))
    endpoints.default = {
      ...(g.value('ip') ? { IPAMConfig: { IPv4Address: g.value('ip') } } : {}),
      ...(mac ? { MacAddress: mac } : {}),
    }
  const entrypoint = g.value('entrypoint')
  const devices: Device[] = []
  for (const d of g.all('device')) devices.push(deviceOf(d))
  const mounts: MountOption[] = []
  for (const m of g.all('mount')) mounts.push(parseMount(m) as MountOption)
  const ulimits: Ulimit[] = []
  for (const u of g.all('ulimit')) ulimits.push(parseUlimit(u) as Ulimit)
  // The last one of a name counts.
  const limits = new Map(ulimits.map((u) => [u.Name, u]))
  const logOptions = pairs(g.all('log-opt'))
  if (g.value('log-driver') === 'none' && g.all('log-opt').length > 0) fail('invalid logging opts for driver none')
  const terminal = yield* sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
  return {
    Hostname: g.value('hostname') ?? '',
    Domainname: g.value('domainname') ?? '',
    User: g.value('user') ?? '',
    AttachStdin: attach('stdin'),
    AttachStdout: attach('stdout'),
    AttachStderr: attach('stderr'),
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Tty: g.has('tty'),
    OpenStdin: interactive,
    StdinOnce: interactive && !detached,
    Env: env,
    Cmd: command,
    Image: image,
    Volumes: anonymous,
    WorkingDir: g.value('workdir') ?? '',
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint === '' ? [''] : [entrypoint] }),
    Labels: labels,
    ...(g.value('stop-signal') ? { StopSignal: g.value('stop-signal') } : {}),
    ...(g.value('stop-timeout') === undefined ? {} : { StopTimeout: number('stop-timeout') }),
    ...(health ? { Healthcheck: health } : {}),
    HostConfig: {
      Binds: binds,
      Mounts: mounts,
      Tmpfs: Object.fromEntries(g.all('tmpfs').map((t) => [t.split(':')[0], t.split(':').slice(1).join(':')])),
      NetworkMode: first,
      PortBindings: ports.bindings,
      PublishAllPorts: g.has('publish-all'),
      RestartPolicy: { Name: policy, MaximumRetryCount: Number(retries ?? 0) },
      AutoRemove: g.has('rm'),
      ...(isolation === 'default' ? {} : { Isolation: isolation }),
      LogConfig: { Type: g.value('log-driver') ?? '', Config: logOptions },
      VolumesFrom: g.all('volumes-from').length > 0 ? g.all('volumes-from') : null,
      Memory: bytes('memory'),
      MemorySwap: bytes('memory-swap'),
      MemoryReservation: bytes('memory-reservation'),
      NanoCpus: Number(parseCpus(g.value('cpus') ?? '0')),
      CpuShares: number('cpu-shares'),
      CpuQuota: number('cpu-quota'),
      CpuPeriod: number('cpu-period'),
      CpusetCpus: g.value('cpuset-cpus') ?? '',
      ...(g.value('cpuset-mems') ? { CpusetMems: g.value('cpuset-mems') } : {}),
      ...(g.has('oom-kill-disable') ? { OomKillDisable: true } : {}),
      ...(g.all('annotation').length > 0 ? { Annotations: pairs(g.all('annotation')) } : {}),
      ...(g.all('device-cgroup-rule').length > 0 ? { DeviceCgroupRules: g.all('device-cgroup-rule') } : {}),
      PidsLimit: g.value('pids-limit') === undefined ? null : number('pids-limit'),
      CapAdd: g.all('cap-add'),
      CapDrop: g.all('cap-drop'),
      Privileged: g.has('privileged'),
      ReadonlyRootfs: g.has('read-only'),
      ExtraHosts: g.all('add-host').map((h) => {
        const at = h.search(/[:=]/)
        return `${h.slice(0, at)}:${h.slice(at + 1)}`
      }),
      Links: g.all('link'),
      Dns: g.all('dns'),
      DnsOptions: g.all('dns-option'),
      DnsSearch: g.all('dns-search'),
      PidMode: pid,
      UTSMode: uts,
      IpcMode: g.value('ipc') ?? '',
      CgroupnsMode: g.value('cgroupns') ?? '',
      SecurityOpt: security,
      GroupAdd: g.all('group-add'),
      ...(g.parsed.values.has('init') ? { Init: g.has('init') } : {}),
      OomScoreAdj: number('oom-score-adj'),
      ShmSize: bytes('shm-size'),
      Sysctls: pairs(g.all('sysctl')),
      Devices: devices,
      Runtime: g.value('runtime') ?? '',
      ConsoleSize: isErr(terminal) ? [0, 0] : [terminal.rows, terminal.columns],
      ...(g.value('gpus') === undefined
        ? {}
        : { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] }),
      ...(swappiness === undefined ? {} : { MemorySwappiness: swappiness }),
      Ulimits: [...limits.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1)),
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  }
}

/** Creates a container, pulling its image first where it is missing. Answers its id; a CliError has the code 125 where the options can't be read. */
export function* createContainer(sys: Sys, client: Client, g: Given): Run<string> {
  const policy = g.value('pull') ?? 'missing'
  let body: Record<string, unknown>
  try {
    if (!['always', 'missing', 'never'].includes(policy))
      fail(`invalid pull option: '${policy}': must be one of "always", "missing" or "never"`)
    body = yield* createBody(sys, g)
  } catch (e) {
    throw e instanceof CliError ? new CliError(e.message, 125, e.plain) : e
  }
  const image = body.Image as string
  const cid = g.value('cidfile') || undefined
  if (cid !== undefined && !isErr(yield* sys.stat(cid)))
    throw new CliError(`container ID file found, make sure the other container isn't running or delete ${cid}`)
  const cidFile = cid === undefined ? undefined : yield* sys.open(cid, 0o301, 0o644)
  if (isErr(cidFile))
    throw new CliError(`failed to create the container ID file: open ${cid}: ${cidFile.text.toLowerCase()}`)
  let id = ''
  try {
    id = yield* askForContainer(sys, client, g, body, image, policy)
  } finally {
    if (cidFile !== undefined) {
      if (id) yield* sys.write(cidFile, new TextEncoder().encode(id))
      yield* sys.close(cidFile)
      if (!id) yield* sys.unlink(cid as string)
    }
  }
  return id
}
/** Asks for the container, and for its image where that is missing. */
function* askForContainer(
  sys: Sys,
  client: Client,
  g: Given,
  body: Record<string, unknown>,
  image: string,
  policy: string,
): Run<string> {
  const ref = parseReference(image)
  if ('error' in ref) throw new CliError(ref.error)
  const platform = g.value('platform')
  const odd = platform ? platformComplaint(platform) : undefined
  if (odd !== undefined) throw new CliError(`error parsing specified platform: ${odd}`)
  const path = `/containers/create${query({ name: g.value('name'), platform })}`
  if (policy === 'always') yield* showPull(sys, client, image, platform, 2, g.has('quiet'))
  const ask = client.json<{ Id: string; Warnings: readonly string[] | null }>('POST', path, body)
  let made: { Id: string; Warnings: readonly string[] | null }
  try {
    made = yield* ask
  } catch (e) {
    const missing = e instanceof CliError && /No such image|does not provide the specified platform/.test(e.message)
    if (!missing || policy === 'never') throw e
    yield* fetchMissing(sys, client, g, image, familiar(ref))
    made = yield* client.json('POST', path, body)
  }
  for (const w of made.Warnings ?? []) yield* warn(sys, `WARNING: ${w}\n`)
  return made.Id
}
function* fetchMissing(sys: Sys, client: Client, g: Given, image: string, name: string): Run<void> {
  if (!g.has('quiet')) yield* warn(sys, `Unable to find image '${name}' locally\n`)
  yield* showPull(sys, client, image, g.value('platform'), 2, g.has('quiet'))
}

/** A project out of the merged tree: short forms written out, references checked; compose-spec 05-services.md. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { ramInBytes } from '../../oci/units.ts'
import { readText } from '../../userland/lib/io.ts'
import { CliError } from '../docker/api.ts'
import { absolute } from '../docker/create.ts'
import { parseEnv } from './env.ts'
import { fileSpecs, fileUses } from './files.ts'
import type {
  Build,
  Condition,
  Dependency,
  NetworkSpec,
  PortMapping,
  Project,
  Service,
  VolumeMount,
  VolumeSpec,
} from './model.ts'
import { VERSION } from './model.ts'
import { isTree, mapping, type Tree, words } from './tree.ts'
import { checkKinds, checkTop } from './types.ts'

const topLevel = ['version', 'name', 'include', 'services', 'networks', 'volumes', 'secrets', 'configs', 'models']
/** Keys of a service that are carried out. */
const known =
  'build cap_add cap_drop command configs container_name cpu_shares cpu_quota cpu_period cpus cpuset depends_on deploy devices dns dns_opt dns_search domainname entrypoint env_file environment expose extra_hosts group_add healthcheck hostname image init ipc labels links logging mac_address mem_limit mem_reservation memswap_limit network_mode networks oom_score_adj pid pids_limit platform ports privileged profiles pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user uts volumes volumes_from working_dir'.split(
    ' ',
  )
/** Keys that Compose knows and the emulator doesn't carry out. */
const others =
  'annotations attach blkio_config cgroup cgroup_parent cpu_count cpu_percent cpu_rt_period cpu_rt_runtime credential_spec develop device_cgroup_rules extends external_links gpus isolation label_file mem_swappiness models oom_kill_disable post_start pre_stop provider pull_refresh_after storage_opt use_api_socket userns_mode'.split(
    ' ',
  )
interface Given {
  readonly tree: Tree
  readonly name: string
  readonly directory: string
  readonly files: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly profiles: readonly string[]
}
const invalid = (message: string): CliError => new CliError(`${message}: invalid compose project`, 15)
const list = (v: unknown): string[] =>
  Array.isArray(v) ? v.map(String) : v === undefined || v === null ? [] : [String(v)]
const strings = (v: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(mapping(v)).map(([k, x]) => [k, x ?? '']))
const bytes = (v: unknown): number => (typeof v === 'number' ? v : (ramInBytes(String(v)) ?? 0))

function commandOf(v: unknown): readonly string[] | undefined {
  if (v === undefined || v === null) return undefined
  return Array.isArray(v) ? v.map(String) : words(String(v))
}
/** `[ip:][published:]target[/protocol]` with ranges, or a mapping. */
function portsOf(v: unknown, service: string): PortMapping[] {
  const out: PortMapping[] = []
  for (const p of Array.isArray(v) ? v : []) {
    if (isTree(p)) {
      out.push({
        target: Number(p.target),
        published: p.published === undefined ? '' : String(p.published),
        hostIp: String(p.host_ip ?? ''),
        protocol: String(p.protocol ?? 'tcp'),
      })
      continue
    }
    const m = /^(?:(\[[^\]]+\]|\d+\.\d+\.\d+\.\d+):)?(?:(\d+(?:-\d+)?)?:)?(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(String(p))
    if (!m) throw new CliError(`services.${service}.ports: invalid containerPort: ${String(p).split(':').at(-1)}`, 15)
    const [first, last] = [Number(m[3]), Number(m[4] ?? m[3])]
    const [from, to] = (m[2] ?? '').split('-')
    for (let n = first; n <= last; n++)
      out.push({
        target: n,
        published:
          m[2] === undefined
            ? ''
            : first === last && to !== undefined
              ? (m[2] as string)
              : String(Number(from) + n - first),
        hostIp: (m[1] ?? '').replace(/^\[|\]$/g, ''),
        protocol: m[5] ?? 'tcp',
      })
  }
  return out
}
function volumesOf(v: unknown, directory: string, home: string): VolumeMount[] {
  const path = (p: string): string => (p.startsWith('~') ? home + p.slice(1) : absolute(directory, p))
  return (Array.isArray(v) ? v : []).map((x): VolumeMount => {
    if (isTree(x)) {
      const type = String(x.type ?? 'volume') as VolumeMount['type']
      const t = isTree(x.tmpfs) ? x.tmpfs : {}
      const source = x.source === undefined ? '' : String(x.source)
      return {
        type,
        source: type === 'bind' ? path(source) : source,
        target: String(x.target ?? ''),
        readOnly: x.read_only === true || x.read_only === 'true',
        create: isTree(x.bind) && x.bind.create_host_path === true,
        tmpfs: {
          ...(t.size === undefined ? {} : { size: bytes(t.size) }),
          ...(t.mode === undefined ? {} : { mode: Number(t.mode) }),
        },
      }
    }
    const [source = '', target, mode = ''] = String(x).split(':')
    if (target === undefined)
      return { type: 'volume', source: '', target: source, readOnly: false, create: false, tmpfs: {} }
    const bind = /^[./~]/.test(source)
    return {
      type: bind ? 'bind' : 'volume',
      source: bind ? path(source) : source,
      target,
      readOnly: mode.split(',').includes('ro'),
      create: true,
      tmpfs: {},
    }
  })
}
function dependenciesOf(v: unknown): Record<string, Dependency> {
  if (Array.isArray(v))
    return Object.fromEntries(
      v.map((n) => [String(n), { condition: 'service_started', required: true, restart: false } as const]),
    )
  if (!isTree(v)) return {}
  return Object.fromEntries(
    Object.entries(v).map(([n, d]) => {
      const t = isTree(d) ? d : {}
      return [
        n,
        {
          condition: String(t.condition ?? 'service_started') as Condition,
          required: t.required !== false,
          restart: t.restart === true,
        },
      ]
    }),
  )
}
function buildOf(v: unknown, directory: string): Build | undefined {
  if (v === undefined || v === null) return undefined
  const t: Tree = isTree(v) ? v : { context: v }
  for (const key of Object.keys(t))
    if (!['context', 'dockerfile', 'dockerfile_inline', 'target', 'args', 'tags'].includes(key))
      throw new CliError(`zukan: not emulated: build.${key}`)
  return {
    context: absolute(directory, String(t.context ?? '.')),
    ...(t.dockerfile === undefined ? {} : { dockerfile: String(t.dockerfile) }),
    ...(t.dockerfile_inline === undefined ? {} : { inline: String(t.dockerfile_inline) }),
    ...(t.target === undefined ? {} : { target: String(t.target) }),
    args: mapping(t.args),
    tags: list(t.tags),
  }
}
/** What deploy says that holds without a swarm too: replicas, and limits of resources. */
function deployOf(v: unknown, where: string): { readonly scale?: number; readonly settings: Tree } {
  if (!isTree(v)) return { settings: {} }
  for (const key of Object.keys(v))
    if (!['replicas', 'resources', 'labels', 'mode'].includes(key))
      throw new CliError(`zukan: not emulated: ${where}.deploy.${key}`)
  const resources = isTree(v.resources) ? v.resources : {}
  const limits = isTree(resources.limits) ? resources.limits : {}
  const reserved = isTree(resources.reservations) ? resources.reservations : {}
  return {
    ...(v.replicas === undefined ? {} : { scale: Number(v.replicas) }),
    settings: {
      ...(limits.cpus === undefined ? {} : { cpus: limits.cpus }),
      ...(limits.memory === undefined ? {} : { mem_limit: limits.memory }),
      ...(limits.pids === undefined ? {} : { pids_limit: limits.pids }),
      ...(reserved.memory === undefined ? {} : { mem_reservation: reserved.memory }),
    },
  }
}
function* serviceOf(sys: Sys, name: string, t: Tree, g: Given): Run<Service> {
  const where = `services.${name}`
  for (const key of Object.keys(t)) {
    if (key.startsWith('x-') || known.includes(key)) continue
    if (others.includes(key)) throw new CliError(`zukan: not emulated: ${where}.${key}`)
    throw new CliError(`validating ${g.files[0]}: ${where} additional properties '${key}' not allowed`, 15)
  }
  checkKinds(g.files[0] ?? '', where, t)
  if (t.image === undefined && t.build === undefined)
    throw invalid(`service ${JSON.stringify(name)} has neither an image nor a build context specified`)
  const environment: Record<string, string | null> = {}
  const files = t.env_file === undefined ? [] : Array.isArray(t.env_file) ? t.env_file : [t.env_file]
  for (const f of files) {
    const path = absolute(g.directory, String(isTree(f) ? f.path : f))
    const text = yield* readText(sys, path)
    if (!isErr(text)) Object.assign(environment, parseEnv(text))
    else if (!(isTree(f) && f.required === false))
      throw new CliError(`env file ${path} not found: stat ${path}: no such file or directory`, 14)
  }
  Object.assign(environment, mapping(t.environment))
  for (const [k, v] of Object.entries(environment))
    if (v === null && g.env[k] !== undefined) environment[k] = g.env[k] as string
  const networkMode = t.network_mode === undefined ? undefined : String(t.network_mode)
  if (networkMode !== undefined && t.networks !== undefined)
    throw invalid(`service ${name} declares mutually exclusive \`network_mode\` and \`networks\``)
  const attached: Tree =
    t.networks === undefined
      ? { default: null }
      : Array.isArray(t.networks)
        ? Object.fromEntries(t.networks.map((n) => [String(n), null]))
        : (t.networks as Tree)
  const deploy = deployOf(t.deploy, where)
  const scale = deploy.scale ?? (t.scale === undefined ? 1 : Number(t.scale))
  if (scale > 1 && typeof t.container_name === 'string')
    throw invalid(`services.${name}: can't set container_name and ${name} as container name must be unique`)
  return {
    name,
    image: t.image === undefined ? undefined : String(t.image),
    build: buildOf(t.build, g.directory),
    command: commandOf(t.command),
    entrypoint: commandOf(t.entrypoint),
    environment,
    ports: portsOf(t.ports, name),
    volumes: [
      ...volumesOf(t.volumes, g.directory, g.env.HOME ?? '/root'),
      ...list(t.tmpfs).map((x): VolumeMount => {
        const [target = '', o = ''] = x.split(':')
        const size = /size=([^,]+)/.exec(o)?.[1]
        return {
          type: 'tmpfs',
          source: '',
          target,
          readOnly: false,
          create: false,
          tmpfs: size ? { size: bytes(size) } : {},
        }
      }),
    ],
    networks:
      networkMode !== undefined
        ? {}
        : Object.fromEntries(
            Object.entries(attached).map(([n, x]) => [
              n,
              { aliases: isTree(x) ? list(x.aliases) : [], ipv4: isTree(x) ? String(x.ipv4_address ?? '') : '' },
            ]),
          ),
    networkMode,
    dependsOn: {
      ...Object.fromEntries(
        list(t.links).map((l) => [
          l.split(':')[0] as string,
          { condition: 'service_started', required: true, restart: false } as const,
        ]),
      ),
      ...(networkMode?.startsWith('service:')
        ? { [networkMode.slice(8)]: { condition: 'service_started', required: true, restart: true } as const }
        : {}),
      ...dependenciesOf(t.depends_on),
    },
    healthcheck: isTree(t.healthcheck) ? t.healthcheck : undefined,
    labels: strings(t.labels),
    profiles: list(t.profiles),
    scale,
    settings: { ...t, ...deploy.settings },
    files: [...fileUses(t.secrets, 'secret'), ...fileUses(t.configs, 'config')],
  }
}
/** The project, with the services of the profiles in use; a CliError where it doesn't fit together. */
export function* projectOf(sys: Sys, g: Given): Run<Project> {
  for (const key of Object.keys(g.tree)) {
    if (key.startsWith('x-')) continue
    if (!topLevel.includes(key))
      throw new CliError(`validating ${g.files[0]}: additional properties '${key}' not allowed`, 15)
    if (key === 'models') throw new CliError(`zukan: not emulated: ${key}`)
  }
  checkTop(g.files[0] ?? '', g.tree)
  const trees = isTree(g.tree.services) ? g.tree.services : {}
  const all: Service[] = []
  for (const [name, t] of Object.entries(trees)) {
    if (!isTree(t)) throw new CliError(`validating ${g.files[0]}: services.${name} must be a mapping`, 15)
    all.push(yield* serviceOf(sys, name, t, g))
  }
  const active = all.filter(
    (s) => s.profiles.length === 0 || g.profiles.includes('*') || s.profiles.some((x) => g.profiles.includes(x)),
  )
  const networks: Record<string, NetworkSpec> = {}
  const declared = isTree(g.tree.networks) ? g.tree.networks : {}
  const labels = { 'com.docker.compose.project': g.name, 'com.docker.compose.version': VERSION }
  for (const [key, x] of Object.entries<unknown>({ default: null, ...declared })) {
    const t: Tree = isTree(x) ? x : {}
    const external = t.external === true
    const config = isTree(t.ipam) && Array.isArray(t.ipam.config) && isTree(t.ipam.config[0]) ? t.ipam.config[0] : {}
    networks[key] = {
      name: typeof t.name === 'string' ? t.name : external ? key : `${g.name}_${key}`,
      external,
      driver: String(t.driver ?? 'bridge'),
      internal: t.internal === true,
      subnet: String(config.subnet ?? ''),
      gateway: String(config.gateway ?? ''),
      labels: { ...strings(t.labels), ...labels, 'com.docker.compose.network': key },
      options: strings(t.driver_opts),
    }
  }
  const volumes: Record<string, VolumeSpec> = {}
  for (const [key, x] of Object.entries(isTree(g.tree.volumes) ? g.tree.volumes : {})) {
    const t: Tree = isTree(x) ? x : {}
    const external = t.external === true
    volumes[key] = {
      name: typeof t.name === 'string' ? t.name : external ? key : `${g.name}_${key}`,
      external,
      driver: String(t.driver ?? 'local'),
      labels: { ...strings(t.labels), ...labels, 'com.docker.compose.volume': key },
      options: strings(t.driver_opts),
    }
  }
  const files = {
    secret: fileSpecs(g.tree.secrets, 'secret', g),
    config: fileSpecs(g.tree.configs, 'config', g),
  }
  for (const s of active) {
    for (const n of Object.keys(s.networks))
      if (!networks[n]) throw invalid(`service ${JSON.stringify(s.name)} refers to undefined network ${n}`)
    for (const v of s.volumes)
      if (v.type === 'volume' && v.source !== '' && !volumes[v.source])
        throw invalid(`service ${JSON.stringify(s.name)} refers to undefined volume ${v.source}`)
    for (const f of s.files)
      if (!files[f.kind][f.source])
        throw invalid(`service ${JSON.stringify(s.name)} refers to undefined ${f.kind} ${f.source}`)
    for (const [d, how] of Object.entries(s.dependsOn))
      if (!active.some((x) => x.name === d) && how.required)
        throw invalid(`service ${JSON.stringify(s.name)} depends on undefined service ${JSON.stringify(d)}`)
  }
  checkCycles(active)
  return {
    name: g.name,
    directory: g.directory,
    files: g.files,
    services: active,
    all,
    networks,
    volumes,
    outside: files,
    env: g.env,
    tree: g.tree,
  }
}
function checkCycles(services: readonly Service[]): void {
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw new CliError(`dependency cycle detected: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`, 15)
    for (const d of Object.keys(services.find((s) => s.name === name)?.dependsOn ?? {})) visit(d, [...path, name])
  }
  for (const s of services) visit(s.name, [])
}

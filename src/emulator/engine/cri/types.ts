/** The documents of the Container Runtime Interface, runtime.v1 (k8s.io/cri-api), as far as they are emulated. */
import type { ImageConfig } from '../../oci/image.ts'
import type { SpecResources } from '../../oci/runtimespec.ts'
import type { CniResult } from '../cni/runtime.ts'

/** 0 POD: shared by the pod's containers; 1 CONTAINER: of each its own; 2 NODE: the host's. */
export type NamespaceMode = 0 | 1 | 2
export interface NamespaceOptions {
  readonly network: NamespaceMode
  readonly pid: NamespaceMode
  readonly ipc: NamespaceMode
}
export interface PodSandboxConfig {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace: string
    readonly attempt: number
  }
  readonly hostname: string
  readonly logDirectory: string
  readonly dns:
    | { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] }
    | undefined
  readonly portMappings: readonly {
    readonly protocol: string
    readonly containerPort: number
    readonly hostPort: number
    readonly hostIp: string
  }[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly cgroupParent: string
  readonly sysctls: Readonly<Record<string, string>>
  readonly namespaces: NamespaceOptions
}
export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number }
  readonly image: string
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir: string
  readonly envs: readonly string[]
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string; readonly readonly: boolean }[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly logPath: string
  readonly stdin: boolean
  readonly stdinOnce: boolean
  readonly tty: boolean
  readonly resources: SpecResources
  readonly oomScoreAdj: number
  readonly privileged: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly namespaces: NamespaceOptions
  readonly user: string
  readonly readonlyRootfs: boolean
  readonly noNewPrivileges: boolean
  /** seccomp: 0 the runtime's default, 1 none. */
  readonly unconfined: boolean
}
/** An image as the runtime's store has it. */
export interface CriImage {
  /** The configuration's digest. */
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly size: number
  readonly pinned: boolean
  readonly config: ImageConfig
}
export interface Sandbox {
  readonly id: string
  readonly config: PodSandboxConfig
  /** The runtime class's handler; '' is the default. */
  readonly handler: string
  /** Nanoseconds since 1970. */
  readonly created: number
  state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY'
  /** The file of its network namespace; '' on the host's network. */
  readonly netns: string
  readonly network: CniResult | undefined
  /** The process that holds the namespaces; 0 where there is none. */
  pid: number
  /** Files of the namespaces that its containers join, by the spec's names. */
  readonly paths: Readonly<Record<string, string>>
}
export interface CriContainer {
  readonly id: string
  readonly sandbox: Sandbox
  readonly config: ContainerConfig
  readonly image: CriImage
  readonly created: number
  readonly logPath: string
  state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED'
  pid: number
  started: number
  finished: number
  exit: number
  reason: string
}

// --- reading the documents, in either spelling (log_directory, logDirectory) ---
type Json = Readonly<Record<string, unknown>>
/** A document that isn't what the interface says: which field, and what was expected. */
export class BadField {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
function field(o: Json, name: string): unknown {
  return Object.hasOwn(o, name) ? o[name] : Object.hasOwn(o, snake(name)) ? o[snake(name)] : undefined
}
const wrong = (name: string, is: unknown, type: string): never => {
  const kind = Array.isArray(is) ? 'array' : is === null ? 'null' : typeof is
  throw new BadField(
    `json: cannot unmarshal ${kind === 'boolean' ? 'bool' : kind} into Go struct field ${snake(name)} of type ${type}`,
  )
}
function object(o: Json, name: string): Json {
  const v = field(o, name)
  if (v === undefined || v === null) return {}
  return typeof v === 'object' && !Array.isArray(v) ? (v as Json) : wrong(name, v, 'struct')
}
function text(o: Json, name: string): string {
  const v = field(o, name)
  return v === undefined || v === null ? '' : typeof v === 'string' ? v : wrong(name, v, 'string')
}
function amount(o: Json, name: string): number {
  const v = field(o, name)
  if (v === undefined || v === null) return 0
  return typeof v === 'number' && Number.isInteger(v) ? v : wrong(name, v, 'int64')
}
function truth(o: Json, name: string): boolean {
  const v = field(o, name)
  return v === undefined || v === null ? false : typeof v === 'boolean' ? v : wrong(name, v, 'bool')
}
function list(o: Json, name: string): readonly unknown[] {
  const v = field(o, name)
  return v === undefined || v === null ? [] : Array.isArray(v) ? v : wrong(name, v, '[]')
}
const texts = (o: Json, name: string): readonly string[] =>
  list(o, name).map((v) => (typeof v === 'string' ? v : wrong(name, v, 'string')))
const objects = (o: Json, name: string): readonly Json[] =>
  list(o, name).map((v) =>
    typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : wrong(name, v, 'struct'),
  )
function pairs(o: Json, name: string): Readonly<Record<string, string>> {
  const v = object(o, name)
  for (const x of Object.values(v)) if (typeof x !== 'string') wrong(name, x, 'string')
  return v as Readonly<Record<string, string>>
}
const modes: Readonly<Record<string, NamespaceMode>> = { POD: 0, CONTAINER: 1, NODE: 2 }
function mode(o: Json, name: string): NamespaceMode {
  const v = field(o, name)
  if (v === undefined || v === null) return 0
  if (typeof v === 'string' && Object.hasOwn(modes, v)) return modes[v] as NamespaceMode
  if (v === 0 || v === 1 || v === 2) return v
  return v === 3 ? unsupported('namespace mode TARGET') : wrong(name, v, 'v1.NamespaceMode')
}
const unsupported = (what: string): never => {
  throw new BadField(`zukan: not emulated: ${what}`)
}
const namespacesOf = (context: Json): NamespaceOptions => {
  const o = object(context, 'namespaceOptions')
  return { network: mode(o, 'network'), pid: mode(o, 'pid'), ipc: mode(o, 'ipc') }
}
const top = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : wrong('config', value, 'struct')
/** A PodSandboxConfig from what a file says. Throws BadField. */
export function readPodConfig(value: unknown): PodSandboxConfig {
  const o = top(value)
  const m = object(o, 'metadata')
  const linux = object(o, 'linux')
  const dns = field(o, 'dnsConfig') === undefined ? undefined : object(o, 'dnsConfig')
  return {
    metadata: {
      name: text(m, 'name'),
      uid: text(m, 'uid'),
      namespace: text(m, 'namespace'),
      attempt: amount(m, 'attempt'),
    },
    hostname: text(o, 'hostname'),
    logDirectory: text(o, 'logDirectory'),
    dns: dns && { servers: texts(dns, 'servers'), searches: texts(dns, 'searches'), options: texts(dns, 'options') },
    portMappings: objects(o, 'portMappings').map((p) => ({
      protocol: ['TCP', 'UDP', 'SCTP'][typeof field(p, 'protocol') === 'number' ? amount(p, 'protocol') : 0] ?? 'TCP',
      containerPort: amount(p, 'containerPort'),
      hostPort: amount(p, 'hostPort'),
      hostIp: text(p, 'hostIp'),
    })),
    labels: pairs(o, 'labels'),
    annotations: pairs(o, 'annotations'),
    cgroupParent: text(linux, 'cgroupParent'),
    sysctls: pairs(linux, 'sysctls'),
    namespaces: namespacesOf(object(linux, 'securityContext')),
  }
}
/** A ContainerConfig from what a file says. Throws BadField. */
export function readContainerConfig(value: unknown): ContainerConfig {
  const o = top(value)
  const m = object(o, 'metadata')
  const linux = object(o, 'linux')
  const r = object(linux, 'resources')
  const s = object(linux, 'securityContext')
  const caps = object(s, 'capabilities')
  const seccomp = object(s, 'seccomp')
  const memory = amount(r, 'memoryLimitInBytes')
  const quota = amount(r, 'cpuQuota')
  const shares = amount(r, 'cpuShares')
  const cpus = text(r, 'cpusetCpus')
  for (const what of ['devices', 'CDIDevices'])
    if (list(o, what).length > 0) unsupported(`${snake(what)} of a container`)
  const user =
    field(s, 'runAsUser') === undefined ? text(s, 'runAsUsername') : String(amount(object(s, 'runAsUser'), 'value'))
  const group = field(s, 'runAsGroup') === undefined ? '' : `:${amount(object(s, 'runAsGroup'), 'value')}`
  return {
    metadata: { name: text(m, 'name'), attempt: amount(m, 'attempt') },
    image: text(object(o, 'image'), 'image'),
    command: texts(o, 'command'),
    args: texts(o, 'args'),
    workingDir: text(o, 'workingDir'),
    envs: objects(o, 'envs').map((e) => `${text(e, 'key')}=${text(e, 'value')}`),
    mounts: objects(o, 'mounts').map((x) => ({
      containerPath: text(x, 'containerPath'),
      hostPath: text(x, 'hostPath'),
      readonly: truth(x, 'readonly'),
    })),
    labels: pairs(o, 'labels'),
    annotations: pairs(o, 'annotations'),
    logPath: text(o, 'logPath'),
    stdin: truth(o, 'stdin'),
    stdinOnce: truth(o, 'stdinOnce'),
    tty: truth(o, 'tty'),
    resources: {
      ...(memory > 0 ? { memory: { limit: memory } } : {}),
      ...(quota > 0 || shares > 0 || cpus !== ''
        ? {
            cpu: {
              ...(quota > 0 ? { quota, period: amount(r, 'cpuPeriod') || 100000 } : {}),
              ...(shares > 0 ? { shares } : {}),
              ...(cpus === '' ? {} : { cpus }),
            },
          }
        : {}),
    },
    oomScoreAdj: amount(r, 'oomScoreAdj'),
    privileged: truth(s, 'privileged'),
    capAdd: texts(caps, 'addCapabilities'),
    capDrop: texts(caps, 'dropCapabilities'),
    namespaces: namespacesOf(s),
    user: user === '' ? '' : user + group,
    readonlyRootfs: truth(s, 'readonlyRootfs'),
    noNewPrivileges: truth(s, 'noNewPrivs'),
    unconfined: amount(seccomp, 'profileType') === 1,
  }
}

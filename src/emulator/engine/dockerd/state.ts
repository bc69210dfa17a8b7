/** What dockerd knows: containers, images, networks, volumes; the documents are those of the Engine API 1.55. */
import { hex } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Descriptor, ImageConfig, RunConfig } from '../../oci/image.ts'
import type { AddressPool } from './addresses.ts'
import type { DaemonConfig } from './runtime.ts'

export const VERSION = '29.7.2'
export const API_VERSION = '1.55'

/** Engine API "ContainerConfig". */
export interface ContainerConfig extends RunConfig {
  readonly Image: string
  readonly Hostname?: string
  readonly Tty?: boolean
  readonly OpenStdin?: boolean
  readonly StdinOnce?: boolean
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  readonly Domainname?: string
  /** Seconds. */
  readonly StopTimeout?: number
}
/** Engine API "HostConfig", as far as it is emulated. */
export interface HostConfig {
  readonly Binds?: readonly string[]
  readonly Mounts?: readonly {
    readonly Type: string
    readonly Source?: string
    readonly Target: string
    readonly ReadOnly?: boolean
    readonly BindOptions?: {
      readonly Propagation?: string
      readonly CreateMountpoint?: boolean
      readonly NonRecursive?: boolean
    }
    readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number }
    readonly VolumeOptions?: {
      readonly NoCopy?: boolean
      readonly Subpath?: string
      readonly Labels?: Readonly<Record<string, string>>
      readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> }
    }
  }[]
  readonly Tmpfs?: Readonly<Record<string, string>>
  readonly NetworkMode?: string
  readonly PortBindings?: Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[]>>
  readonly RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number }
  readonly AutoRemove?: boolean
  readonly Memory?: number
  readonly MemorySwap?: number
  readonly MemoryReservation?: number
  readonly NanoCpus?: number
  readonly CpuShares?: number
  readonly CpuQuota?: number
  readonly CpuPeriod?: number
  readonly CpusetCpus?: string
  readonly PidsLimit?: number | null
  readonly CapAdd?: readonly string[] | null
  readonly CapDrop?: readonly string[] | null
  readonly Privileged?: boolean
  readonly ReadonlyRootfs?: boolean
  readonly ExtraHosts?: readonly string[] | null
  readonly Dns?: readonly string[] | null
  readonly PidMode?: string
  readonly UTSMode?: string
  readonly IpcMode?: string
  readonly CgroupnsMode?: string
  readonly SecurityOpt?: readonly string[] | null
  readonly Init?: boolean
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | null
  readonly GroupAdd?: readonly string[] | null
  readonly OomScoreAdj?: number
  readonly ShmSize?: number
  readonly PublishAllPorts?: boolean
  readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> | null }
  readonly VolumesFrom?: readonly string[] | null
  readonly Links?: readonly string[] | null
  readonly DnsOptions?: readonly string[] | null
  readonly DnsSearch?: readonly string[] | null
  readonly Annotations?: Readonly<Record<string, string>> | null
  readonly CpusetMems?: string
  readonly OomKillDisable?: boolean
  readonly DeviceCgroupRules?: readonly string[] | null
  readonly Isolation?: string
  readonly Sysctls?: Readonly<Record<string, string>> | null
  readonly Devices?:
    | readonly { readonly PathOnHost: string; readonly PathInContainer: string; readonly CgroupPermissions: string }[]
    | null
  readonly Runtime?: string
  readonly MemorySwappiness?: number | null
  /** Rows and columns of the terminal that it was made from. */
  readonly ConsoleSize?: readonly [number, number]
  readonly DeviceRequests?:
    | readonly { readonly Driver?: string; readonly Capabilities?: readonly (readonly string[])[] }[]
    | null
}
/** Engine API "EndpointSettings", as a client gives it. */
export interface EndpointConfig {
  readonly Aliases?: readonly string[] | null
  readonly Links?: readonly string[] | null
  readonly IPAMConfig?: { readonly IPv4Address?: string } | null
  readonly MacAddress?: string
}
export interface Endpoint {
  readonly network: string
  address: string
  readonly prefix: number
  gateway: string
  mac: string
  readonly id: string
  readonly aliases: readonly string[]
  /** Other names for other containers, `container:alias` each. */
  readonly links: readonly string[]
  /** An address of the user's choice; '' where the engine chooses. */
  readonly wanted: { readonly address: string; readonly mac: string }
}
/** What the checks of a container's health have found. */
export interface Health {
  status: 'starting' | 'healthy' | 'unhealthy'
  failingStreak: number
  readonly log: { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[]
}
export type Status = 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead'

export interface Container {
  readonly id: string
  name: string
  /** Nanoseconds since 1970. */
  readonly created: number
  readonly config: ContainerConfig
  /** Changed by docker update. */
  hostConfig: HostConfig
  readonly image: Image
  readonly path: string
  readonly args: readonly string[]
  status: Status
  pid: number
  exitCode: number
  error: string
  oomKilled: boolean
  startedAt: number
  finishedAt: number
  restartCount: number
  /** Restarts without ten seconds of work between: the next waits longer. */
  backoff: number
  /** Asked to stop: no restart. */
  stopping: boolean
  endpoints: Endpoint[]
  /** Taken from the network `none`: others may be connected now. */
  parted?: boolean
  mounts: {
    readonly type: string
    readonly name?: string
    readonly source: string
    readonly destination: string
    readonly rw: boolean
    readonly mode: string
    /** What the user says of a bind mount's propagation. */
    readonly propagation?: string
    /** What is mounted below a bind mount's source stays out. */
    readonly alone?: boolean
    /** An empty volume takes nothing from the image. */
    readonly nocopy?: boolean
  }[]
  rootfs: { upper: string; work: string; lower: string[] } | undefined
  /** docker-proxy processes. */
  proxies: number[]
  log: { readonly stream: 'stdout' | 'stderr'; readonly time: number; readonly bytes: Uint8Array }[]
  /** Attached clients and waiting ones: called with what comes. */
  readonly attached: Set<(stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void>
  /** Counts ends, so that a waiter knows that one came. */
  ends: number
  stdin: number | undefined
  removed: boolean
  /** Undefined where nothing checks it, or it doesn't run. */
  health: Health | undefined
  /** Published ports while it runs. */
  ports: readonly Published[]
  /** Woken when anything above changes. */
  readonly changed: WaitQueue
}
export interface Published {
  readonly port: number
  readonly protocol: 'tcp' | 'udp'
  readonly hostIp: string
  readonly hostPort: number
}
/** An image for one platform. Daemon.images has it by its manifest's digest: variants of one name share the id. */
export interface Image {
  /** The target's digest, as the containerd image store shows it. */
  readonly id: Digest
  /** What the name stands for: an index, or a manifest. */
  readonly target: Descriptor
  readonly manifest: Descriptor
  readonly layers: readonly Descriptor[]
  readonly config: ImageConfig
  readonly tags: Set<string>
  readonly digests: Set<string>
  readonly chain: readonly string[]
  readonly size: number
  readonly parent: string
}
export interface Network {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnet: string
  /** The subnet is the user's choice: so may be containers' addresses. */
  readonly static?: boolean
  readonly reserved?: Readonly<Record<string, string>>
  /** The part of the subnet that containers' addresses come from, as ADDRESS/PREFIX. */
  readonly range?: string
  readonly prefix: number
  readonly gateway: string
  readonly addresses: AddressPool
  readonly bridge: string
  readonly created: number
  readonly internal: boolean
  /** Says something of swarm's networks alone; others keep it as it was given. */
  readonly attachable: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
}
export interface Volume {
  readonly name: string
  readonly mountpoint: string
  readonly created: number
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  /** Made without a name: removed with its container, and by prune. */
  readonly anonymous: boolean
}

export interface Daemon {
  readonly containers: Map<string, Container>
  readonly images: Map<string, Image>
  readonly networks: Map<string, Network>
  readonly volumes: Map<string, Volume>
  /** Where volumes lie; /var/lib/docker/volumes where nothing is said. */
  readonly volumeRoot?: string
  readonly execs: Map<string, Exec>
  /** The last events; `eventsGone` counts those before. */
  readonly events: {
    readonly time: number
    readonly type: string
    readonly action: string
    readonly id: string
    readonly attributes: Readonly<Record<string, string>>
  }[]
  eventsGone: number
  serial: number
  /** Chain ids that stay although no image has them: the build cache's. */
  readonly leases: Set<string>
  /** Unpacked sizes of layers, by digest. */
  readonly layerSizes: Map<string, number>
  /** Woken by a new event. */
  readonly changed: WaitQueue
  config: DaemonConfig
}
export interface Exec {
  readonly id: string
  readonly container: Container
  readonly options: {
    readonly Cmd: readonly string[]
    readonly Tty?: boolean
    readonly User?: string
    readonly WorkingDir?: string
    readonly Env?: readonly string[]
    readonly AttachStdin?: boolean
    readonly AttachStdout?: boolean
    readonly AttachStderr?: boolean
    readonly Privileged?: boolean
  }
  running: boolean
  exitCode: number | null
  pid: number
}

/** A failure with its HTTP status: what the API answers. */
export class ApiError {
  readonly status: number
  readonly message: string
  constructor(status: number, message: string) {
    this.status = status
    this.message = message
  }
}

export function containerNamed(d: Daemon, name: string): Container | undefined {
  for (const c of d.containers.values()) if (c.name === name) return c
  return undefined
}
/** A container by id, name or the beginning of an id. */
export function findContainer(d: Daemon, ref: string): Container {
  const bare = ref.replace(/^\//, '')
  const found = d.containers.get(bare) ?? containerNamed(d, bare)
  if (found) return found
  const hits = /^[0-9a-f]+$/.test(bare) ? [...d.containers.values()].filter((c) => c.id.startsWith(bare)) : []
  if (hits.length === 1) return hits[0] as Container
  if (hits.length > 1) throw new ApiError(400, `multiple IDs found with provided prefix: ${bare}`)
  throw new ApiError(404, `No such container: ${bare}`)
}
/** 64 hexadecimal digits that nothing else has. */
export function* newId(sys: Sys): Run<string> {
  return hex(yield* sys.getrandom(32))
}

/** What libpod keeps of containers, pods and volumes. */
import type { RunConfig } from '../../oci/image.ts'
import type { SpecResources } from '../../oci/runtimespec.ts'

export interface Port {
  readonly hostIp: string
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp' | 'udp'
}
export interface Bind {
  readonly source: string
  readonly destination: string
  readonly readOnly: boolean
  /** U: files there are given to the container's user. */
  readonly chown?: boolean
}
export interface NamedVolume {
  readonly name: string
  readonly destination: string
  readonly readOnly: boolean
}
/** `private`, `host`, `none`, `pasta`, `container:ID`, `ns:PATH`, or names of networks. */
export type NetworkMode =
  | { readonly kind: 'pasta' | 'host' | 'none' | 'private' }
  | { readonly kind: 'container'; readonly id: string }
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'bridge'
      readonly networks: readonly {
        readonly name: string
        readonly address?: string
        readonly mac?: string
        readonly aliases: readonly string[]
      }[]
    }
/** Where a namespace other than the network's comes from. */
export type NamespaceMode = 'private' | 'host' | `container:${string}`

export interface ContainerConfig {
  readonly id: string
  readonly name: string
  /** Nanoseconds since 1970. */
  readonly created: number
  readonly image: { readonly id: string; readonly name: string; readonly config: RunConfig } | undefined
  readonly pod: string | undefined
  readonly infra: boolean
  readonly entrypoint: readonly string[] | undefined
  /** What follows the image's name, or the image's own command. */
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly workDir: string
  readonly user: string
  readonly groups: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly hostname: string
  readonly stopSignal: number
  /** Seconds. */
  readonly stopTimeout: number
  readonly autoRemove: boolean
  readonly restart: { readonly policy: string; readonly retries: number }
  readonly ports: readonly Port[]
  readonly exposed: readonly string[]
  readonly network: NetworkMode
  readonly hosts: readonly string[]
  readonly dns: readonly string[]
  readonly ipc: NamespaceMode
  readonly pid: NamespaceMode
  readonly uts: NamespaceMode
  readonly cgroupns: 'private' | 'host'
  readonly binds: readonly Bind[]
  readonly volumes: readonly NamedVolume[]
  readonly tmpfs: Readonly<Record<string, string>>
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly privileged: boolean
  readonly readOnly: boolean
  readonly securityOpt: readonly string[]
  readonly resources: SpecResources
  readonly shmSize: number
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  readonly devices: readonly string[]
  readonly sysctls: Readonly<Record<string, string>>
  readonly init: boolean
  /** The command line that made it. */
  readonly createCommand: readonly string[]
}
export type Status = 'configured' | 'created' | 'running' | 'paused' | 'exited' | 'stopping' | 'removing'
export interface Endpoint {
  readonly network: string
  readonly interface: string
  readonly address: string
  readonly prefix: number
  readonly gateway: string
  readonly mac: string
}
export interface ContainerState {
  readonly status: Status
  readonly pid: number
  readonly conmonPid: number
  /** Nanoseconds since 1970; 0: never. */
  readonly started: number
  readonly finished: number
  readonly exitCode: number
  readonly oomKilled: boolean
  readonly error: string
  /** Where its network namespace is bound. */
  readonly netns: string | undefined
  readonly endpoints: readonly Endpoint[]
  /** Processes that forward ports or packets for it. */
  readonly helpers: readonly number[]
  readonly mountPoint: string
  readonly restarts: number
  /** Somebody asked it to stop: no restart. */
  readonly stopped: boolean
  readonly execs: readonly string[]
}
export interface Container {
  readonly config: ContainerConfig
  readonly state: ContainerState
}
export const fresh: ContainerState = {
  status: 'configured',
  pid: 0,
  conmonPid: 0,
  started: 0,
  finished: 0,
  exitCode: 0,
  oomKilled: false,
  error: '',
  netns: undefined,
  endpoints: [],
  helpers: [],
  mountPoint: '',
  restarts: 0,
  stopped: false,
  execs: [],
}
export interface Pod {
  readonly id: string
  readonly name: string
  readonly created: number
  readonly labels: Readonly<Record<string, string>>
  readonly hostname: string
  /** The container that holds the shared namespaces; undefined with --infra=false. */
  readonly infra: string | undefined
  readonly share: readonly string[]
  readonly exitPolicy: 'continue' | 'stop'
  readonly createCommand: readonly string[]
}
export interface Volume {
  readonly name: string
  readonly created: number
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly anonymous: boolean
  /** It has taken what the image has at its place. */
  readonly filled: boolean
}
export interface Database {
  readonly containers: readonly Container[]
  readonly pods: readonly Pod[]
  readonly volumes: readonly Volume[]
}

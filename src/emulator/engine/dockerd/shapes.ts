/** Bodies of the Engine API's requests as Go types: github.com/moby/moby/api/types. A member that isn't here is nowhere read. */
import { map, type Shape, type Struct, stringMap, strings, struct } from '../../oci/gotypes.ts'
import { runConfig } from '../../oci/imagetypes.ts'

const endpoint = (): Struct =>
  struct('network.EndpointSettings', {
    Aliases: strings,
    Links: strings,
    MacAddress: 'string',
    DriverOpts: stringMap(),
    IPAMConfig: struct('network.EndpointIPAMConfig', {
      IPv4Address: 'string',
      IPv6Address: 'string',
      LinkLocalIPs: strings,
    }),
  })
const mount = (): Struct =>
  struct('mount.Mount', {
    Type: 'string',
    Source: 'string',
    Target: 'string',
    ReadOnly: 'bool',
    Consistency: 'string',
    BindOptions: struct('mount.BindOptions', {
      Propagation: 'string',
      NonRecursive: 'bool',
      CreateMountpoint: 'bool',
      ReadOnlyNonRecursive: 'bool',
      ReadOnlyForceRecursive: 'bool',
    }),
    TmpfsOptions: struct('mount.TmpfsOptions', { SizeBytes: 'int64', Mode: 'uint32' }),
    VolumeOptions: struct('mount.VolumeOptions', {
      NoCopy: 'bool',
      Subpath: 'string',
      Labels: stringMap(),
      DriverConfig: struct('mount.Driver', { Name: 'string', Options: stringMap() }),
    }),
  })
const resources = (): Readonly<Record<string, Shape>> => ({
  Memory: 'int64',
  MemorySwap: 'int64',
  MemoryReservation: 'int64',
  MemorySwappiness: 'int64',
  NanoCpus: 'int64',
  CpuShares: 'int64',
  CpuQuota: 'int64',
  CpuPeriod: 'int64',
  CpusetCpus: 'string',
  CpusetMems: 'string',
  PidsLimit: 'int64',
  BlkioWeight: 'uint16',
  OomKillDisable: 'bool',
  DeviceCgroupRules: strings,
  Devices: [
    struct('container.DeviceMapping', { PathOnHost: 'string', PathInContainer: 'string', CgroupPermissions: 'string' }),
  ],
  DeviceRequests: [
    struct('container.DeviceRequest', { Driver: 'string', Count: 'int', DeviceIDs: strings, Capabilities: [strings] }),
  ],
  Ulimits: [struct('container.Ulimit', { Name: 'string', Soft: 'int64', Hard: 'int64' })],
})
const restartPolicy = (): Struct => struct('container.RestartPolicy', { Name: 'string', MaximumRetryCount: 'int' })
const hostConfig = (): Struct =>
  struct('container.HostConfig', {
    ...resources(),
    Binds: strings,
    Mounts: [mount()],
    Tmpfs: stringMap(),
    NetworkMode: 'string',
    PortBindings: map([struct('network.PortBinding', { HostIp: 'string', HostPort: 'string' })]),
    RestartPolicy: restartPolicy(),
    AutoRemove: 'bool',
    CapAdd: strings,
    CapDrop: strings,
    Privileged: 'bool',
    ReadonlyRootfs: 'bool',
    ExtraHosts: strings,
    Dns: strings,
    DnsOptions: strings,
    DnsSearch: strings,
    PidMode: 'string',
    UTSMode: 'string',
    IpcMode: 'string',
    UsernsMode: 'string',
    CgroupnsMode: 'string',
    SecurityOpt: strings,
    Init: 'bool',
    GroupAdd: strings,
    OomScoreAdj: 'int',
    ShmSize: 'int64',
    PublishAllPorts: 'bool',
    LogConfig: struct('container.LogConfig', { Type: 'string', Config: stringMap() }),
    VolumesFrom: strings,
    Links: strings,
    Annotations: stringMap(),
    Isolation: 'string',
    Sysctls: stringMap(),
    Runtime: 'string',
    ConsoleSize: ['int'],
    MaskedPaths: strings,
    ReadonlyPaths: strings,
    ContainerIDFile: 'string',
    VolumeDriver: 'string',
    StorageOpt: stringMap(),
    Cgroup: 'string',
    CgroupParent: 'string',
  })
/** POST /containers/create and, its configuration alone, POST /commit. */
const createRequest = (): Struct =>
  struct('container.CreateRequest', {
    ...runConfig(),
    Image: 'string',
    Hostname: 'string',
    Domainname: 'string',
    Tty: 'bool',
    OpenStdin: 'bool',
    StdinOnce: 'bool',
    AttachStdin: 'bool',
    AttachStdout: 'bool',
    AttachStderr: 'bool',
    NetworkDisabled: 'bool',
    StopTimeout: 'int',
    HostConfig: hostConfig(),
    NetworkingConfig: struct('network.NetworkingConfig', { EndpointsConfig: map(endpoint()) }),
  })
const updateRequest = (): Struct => struct('container.UpdateConfig', { ...resources(), RestartPolicy: restartPolicy() })
const execCreate = (): Struct =>
  struct('container.ExecCreateRequest', {
    User: 'string',
    Privileged: 'bool',
    Tty: 'bool',
    AttachStdin: 'bool',
    AttachStdout: 'bool',
    AttachStderr: 'bool',
    DetachKeys: 'string',
    Env: strings,
    WorkingDir: 'string',
    Cmd: strings,
    ConsoleSize: ['int'],
  })
const execStart = (): Struct =>
  struct('container.ExecStartRequest', { Detach: 'bool', Tty: 'bool', ConsoleSize: ['int'] })
const networkCreate = (): Struct =>
  struct('network.CreateRequest', {
    Name: 'string',
    Driver: 'string',
    Scope: 'string',
    EnableIPv4: 'bool',
    EnableIPv6: 'bool',
    Internal: 'bool',
    Attachable: 'bool',
    Ingress: 'bool',
    Labels: stringMap(),
    Options: stringMap(),
    IPAM: struct('network.IPAM', {
      Driver: 'string',
      Options: stringMap(),
      Config: [
        struct('network.IPAMConfig', {
          Subnet: 'string',
          Gateway: 'string',
          IPRange: 'string',
          AuxiliaryAddresses: stringMap(),
        }),
      ],
    }),
  })
const networkConnect = (): Struct =>
  struct('network.ConnectRequest', {
    Container: 'string',
    EndpointConfig: endpoint(),
    Force: 'bool',
  })
const volumeCreate = (): Struct =>
  struct('volume.CreateRequest', {
    Name: 'string',
    Driver: 'string',
    Labels: stringMap(),
    DriverOpts: stringMap(),
  })
const authConfig = (): Struct =>
  struct('registry.AuthConfig', {
    username: 'string',
    password: 'string',
    serveraddress: 'string',
    identitytoken: 'string',
  })

/** Bodies of requests, by the names that handlers ask for them. */
export const bodies = {
  createRequest,
  updateRequest,
  execCreate,
  execStart,
  networkCreate,
  networkConnect,
  volumeCreate,
  authConfig,
}
export type Body = keyof typeof bodies

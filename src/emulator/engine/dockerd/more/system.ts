/** The API's routes on the daemon itself: version, info, disk usage. */

import { meminfo } from '../../../userland/lib/proc.ts'
import { CONTAINERD_VERSION } from '../../containerd/version.ts'
import { listContainer, listImage } from '../documents.ts'
import { ok, type Route } from '../routes.ts'
import { defaultRuntime, runtimesOf } from '../runtime.ts'
import { sizesOf, treeSize } from '../sizes.ts'
import { API_VERSION, VERSION } from '../state.ts'
import { usersOf } from '../volumes.ts'
import { describeVolume } from './documents.ts'

const COMMIT = '6a43e3d5'
const BUILT = '2026-08-05T12:00:00.000000000+00:00'
const GO = 'go1.26.5'
const arch = (machine: string): string => (machine === 'aarch64' ? 'arm64' : 'amd64')

export const systemRoutes: readonly Route[] = [
  [
    'GET',
    /^\/version$/,
    function* ({ sys }) {
      const u = yield* sys.uname()
      const own = {
        ApiVersion: API_VERSION,
        MinAPIVersion: '1.40',
        GitCommit: COMMIT,
        GoVersion: GO,
        Os: 'linux',
        Arch: arch(u.machine),
        KernelVersion: u.release,
        BuildTime: BUILT,
      }
      return ok({
        Platform: { Name: 'Docker Engine - Community' },
        Version: VERSION,
        ...own,
        Components: [
          { Name: 'Engine', Version: VERSION, Details: { ...own, Experimental: 'false' } },
          { Name: 'containerd', Version: CONTAINERD_VERSION, Details: { GitCommit: '' } },
          { Name: 'runc', Version: '1.4.3', Details: { GitCommit: 'v1.4.3-0-g1e5d8a6' } },
          { Name: 'docker-init', Version: '0.19.0', Details: { GitCommit: 'de40ad0' } },
        ],
      })
    },
  ],
  [
    'GET',
    /^\/info$/,
    function* ({ sys, d }) {
      const u = yield* sys.uname()
      const m = yield* meminfo(sys)
      const count = (s: string): number => [...d.containers.values()].filter((c) => c.status === s).length
      return ok({
        ID: 'b6f1d9d2-3b0c-4c8e-9a6e-7f3f7c2a1d10',
        Containers: d.containers.size,
        ContainersRunning: count('running'),
        ContainersPaused: count('paused'),
        ContainersStopped: d.containers.size - count('running') - count('paused'),
        Images: new Set([...d.images.values()].map((i) => i.id)).size,
        Driver: 'overlayfs',
        DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
        Plugins: {
          Volume: ['local'],
          Network: ['bridge', 'host', 'null'],
          Authorization: null,
          Log: ['json-file', 'local', 'none'],
        },
        MemoryLimit: true,
        SwapLimit: true,
        CpuCfsPeriod: true,
        CpuCfsQuota: true,
        CPUShares: true,
        CPUSet: true,
        PidsLimit: true,
        IPv4Forwarding: true,
        Debug: false,
        NFd: 0,
        OomKillDisable: false,
        NGoroutines: 0,
        LoggingDriver: 'json-file',
        CgroupDriver: 'systemd',
        CgroupVersion: '2',
        KernelVersion: u.release,
        OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
        OSVersion: '13',
        OSType: 'linux',
        Architecture: u.machine,
        NCPU: yield* sys.schedGetaffinity(),
        MemTotal: m.MemTotal ?? 0,
        IndexServerAddress: 'https://index.docker.io/v1/',
        RegistryConfig: { InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'], Mirrors: null },
        DockerRootDir: '/var/lib/docker',
        HttpProxy: '',
        HttpsProxy: '',
        NoProxy: '',
        Name: u.nodename,
        Labels: [],
        ExperimentalBuild: false,
        ServerVersion: VERSION,
        Runtimes: runtimesOf(d),
        DefaultRuntime: defaultRuntime(d),
        Swarm: { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '' },
        LiveRestoreEnabled: false,
        Isolation: '',
        InitBinary: 'docker-init',
        ContainerdCommit: { ID: 'v2.3.3' },
        RuncCommit: { ID: 'v1.4.3-0-g1e5d8a6' },
        InitCommit: { ID: 'de40ad0' },
        SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
        Warnings: null,
      })
    },
  ],
  [
    'GET',
    /^\/system\/df$/,
    function* ({ sys, d }) {
      const now = yield* sys.clock('realtime')
      const containers: unknown[] = []
      for (const x of d.containers.values())
        containers.push({ ...listContainer(d, x, now), ...(yield* sizesOf(sys, x)) })
      const volumes: unknown[] = []
      for (const v of d.volumes.values())
        volumes.push({
          ...describeVolume(v),
          UsageData: { Size: yield* treeSize(sys, v.mountpoint), RefCount: usersOf(d, v.name).length },
        })
      // Variants for several platforms have one name and one id.
      const images = [...d.images.values()].filter((i, n, all) => all.findIndex((x) => x.id === i.id) === n)
      return ok({
        LayersSize: images.reduce((n, i) => n + i.size, 0),
        Images: images.map((i) => listImage(i, [...d.containers.values()].filter((x) => x.image === i).length)),
        Containers: containers,
        Volumes: volumes,
        BuildCache: [],
      })
    },
  ],
]

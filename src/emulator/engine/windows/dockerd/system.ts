/** The daemon itself: /_ping, /version, /info. */
import { utf8 } from '../../../base/bytes.ts'
import { sendResponse } from '../../../userland/lib/http.ts'
import { ok } from '../../dockerd/routes.ts'
import type { WindowsRoute } from './routes.ts'

export const systemRoutes: readonly WindowsRoute[] = [
  [
    'GET',
    /^\/_ping$/,
    function* (c) {
      yield* sendResponse(c.sys, c.fd, 200, { 'Api-Version': c.s.api, Ostype: 'windows' }, utf8('OK'))
      return undefined
    },
  ],
  [
    'GET',
    /^\/version$/,
    function* (c) {
      const u = yield* c.sys.uname()
      const details = {
        ApiVersion: c.s.api,
        MinAPIVersion: '1.24',
        GitCommit: '6a43e3d5',
        GoVersion: 'go1.26.5',
        Os: 'windows',
        Arch: 'amd64',
        KernelVersion: `${u.release} (${u.version})`,
        BuildTime: '2026-08-05T12:00:00.000000000+00:00',
        Experimental: c.s.lcow,
      }
      return ok({
        Platform: { Name: 'Docker Engine - Community' },
        Version: c.s.version,
        ...details,
        Components: [{ Name: 'Engine', Version: c.s.version, Details: { ...details, Experimental: String(c.s.lcow) } }],
      })
    },
  ],
  [
    'GET',
    /^\/info$/,
    function* (c) {
      const u = yield* c.sys.uname()
      const { totalram } = yield* c.sys.sysinfo()
      const running = [...c.d.containers.values()].filter((x) => x.status === 'running').length
      return ok({
        ID: 'b6f1d9d2-3b0c-4c8e-9a6e-7f3f7c2a1d10',
        Containers: c.d.containers.size,
        ContainersRunning: running,
        ContainersPaused: 0,
        ContainersStopped: c.d.containers.size - running,
        Images: c.d.images.size,
        Driver: c.s.lcow ? 'windowsfilter (windows) lcow (linux)' : 'windowsfilter',
        DriverStatus: c.s.lcow
          ? [
              ['Windows', ''],
              ['LCOW', ''],
            ]
          : [['Windows', '']],
        Debug: false,
        LiveRestoreEnabled: false,
        LoggingDriver: 'json-file',
        KernelVersion: u.release,
        OperatingSystem: u.version,
        OSType: 'windows',
        Architecture: 'x86_64',
        NCPU: yield* c.sys.schedGetaffinity(),
        MemTotal: totalram,
        DockerRootDir: 'C:\\ProgramData\\docker',
        Name: u.nodename,
        ServerVersion: c.s.version,
        Isolation: c.s.defaultIsolation,
        ExperimentalBuild: c.s.lcow,
        DefaultRuntime: '',
        Runtimes: {},
        SecurityOptions: [],
        Swarm: { LocalNodeState: 'inactive' },
        Plugins: { Volume: ['local'], Network: ['nat', 'null', 'overlay', 'transparent'], Log: ['json-file'] },
        IndexServerAddress: 'https://index.docker.io/v1/',
        Warnings: null,
      })
    },
  ],
]

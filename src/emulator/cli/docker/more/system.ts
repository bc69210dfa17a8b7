/** docker version, info, system df and system prune. */
import { bytesSize, humanSize } from '../../../oci/units.ts'
import { print } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { confirm } from '../confirm.ts'
import { printList, printObjects } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'
import { ago } from '../list.ts'

type Json = Readonly<Record<string, unknown>>
const VERSION = '29.7.2'
const BUILT = 'Wed Aug  5 12:00:00 2026'

const version: Command = function* (sys, client, g) {
  const u = yield* sys.uname()
  const arch = u.machine === 'aarch64' || u.machine === 'arm64' ? 'arm64' : 'amd64'
  const own = {
    Platform: { Name: 'Docker Engine - Community' },
    Version: VERSION,
    ApiVersion: '1.55',
    DefaultAPIVersion: '1.55',
    GitCommit: '6a43e3d',
    GoVersion: 'go1.26.5',
    Os: u.sysname === 'Windows_NT' ? 'windows' : u.sysname.toLowerCase(),
    Arch: arch,
    BuildTime: BUILT,
    Context: client.context,
  }
  let server: Json | undefined
  let failure: CliError | undefined
  try {
    server = yield* client.json<Json>('GET', '/version')
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    failure = e
  }
  const format = g.value('format')
  if (format !== undefined) {
    if (failure && /\.Server\./.test(format)) throw failure
    const value = { Client: own, Server: server ?? null }
    yield* printObjects(sys, format === 'json' ? '{{json .}}' : format, [value], {
      name: 'version',
      type: 'system.versionInfo',
    })
    if (failure) throw failure
    return 0
  }
  const row = (k: string, v: unknown, indent = 1): string =>
    `${' '.repeat(indent)}${`${k}:`.padEnd(20 - indent)}${String(v)}\n`
  let out = `Client: Docker Engine - Community\n${row('Version', own.Version)}${row('API version', own.ApiVersion)}${row('Go version', own.GoVersion)}${row('Git commit', own.GitCommit)}${row('Built', own.BuildTime)}${row('OS/Arch', `${own.Os}/${own.Arch}`)}${row('Context', own.Context)}`
  if (server) {
    const s = server
    out += `\nServer: Docker Engine - Community\n Engine:\n${row('Version', s.Version, 2)}${row('API version', `${s.ApiVersion as string} (minimum version ${s.MinAPIVersion as string})`, 2)}${row('Go version', s.GoVersion, 2)}${row('Git commit', String(s.GitCommit).slice(0, 7), 2)}${row('Built', BUILT, 2)}${row('OS/Arch', `${s.Os as string}/${s.Arch as string}`, 2)}${row('Experimental', String(s.Experimental ?? false), 2)}`
    for (const c of (s.Components as { Name: string; Version: string; Details: { GitCommit: string } }[]).slice(1))
      out += ` ${c.Name}:\n${row('Version', c.Version, 2)}${row('GitCommit', c.Details.GitCommit, 2)}`
  }
  yield* print(sys, out)
  if (failure) throw failure
  return 0
}

/** What `docker info` tells of a daemon for Linux alone. */
function linuxLines(i: Json, runtimes: readonly string[]): readonly string[] {
  return [
    ` Runtimes: ${runtimes.join(' ')}`,
    ` Default Runtime: ${i.DefaultRuntime as string}`,
    ` Init Binary: ${i.InitBinary as string}`,
    ` containerd version: ${(i.ContainerdCommit as { ID: string } | undefined)?.ID ?? ''}`,
    ` runc version: ${(i.RuncCommit as { ID: string } | undefined)?.ID ?? ''}`,
    ` init version: ${(i.InitCommit as { ID: string } | undefined)?.ID ?? ''}`,
    ' Security Options:',
    ...(i.SecurityOptions as string[]).flatMap((o) => {
      const parts = o.split(',').map((p) => p.split('=')[1] ?? '')
      return [`  ${parts[0]}`, ...parts.slice(1).map((p) => `   Profile: ${p}`)]
    }),
  ]
}
const info: Command = function* (sys, client, g) {
  const clientInfo = {
    Debug: g.has('debug'),
    Context: client.context,
    Plugins: [
      { Name: 'buildx', Version: 'v0.36.0', ShortDescription: 'Docker Buildx', Vendor: 'Docker Inc.' },
      { Name: 'compose', Version: 'v5.4.0', ShortDescription: 'Docker Compose', Vendor: 'Docker Inc.' },
    ],
  }
  let i: Json = {}
  let failure: CliError | undefined
  try {
    i = yield* client.json<Json>('GET', '/info')
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    failure = e
  }
  const format = g.value('format')
  if (format !== undefined) {
    if (failure) throw failure
    yield* printObjects(sys, format === 'json' ? '{{json .}}' : format, [{ ...i, ClientInfo: clientInfo }], {
      name: '',
      type: 'system.dockerInfo',
    })
    return 0
  }
  const windows = client.host.startsWith('npipe:')
  const plugin = (name: string): string =>
    windows
      ? `C:\\Program Files\\Docker\\cli-plugins\\docker-${name}.exe`
      : `/usr/libexec/docker/cli-plugins/docker-${name}`
  const lines = [
    'Client: Docker Engine - Community',
    ` Version:    ${VERSION}`,
    ` Context:    ${client.context}`,
    ' Debug Mode: false',
    ' Plugins:',
    ...clientInfo.Plugins.flatMap((p) => [
      `  ${p.Name}: ${p.ShortDescription} (${p.Vendor})`,
      `    Version:  ${p.Version}`,
      `    Path:     ${plugin(p.Name)}`,
    ]),
    '',
    'Server:',
  ]
  if (!failure) {
    const plugins = i.Plugins as { Volume: string[]; Network: string[]; Log: string[] }
    const runtimes = Object.keys(i.Runtimes as object).sort()
    lines.push(
      ` Containers: ${i.Containers as number}`,
      `  Running: ${i.ContainersRunning as number}`,
      `  Paused: ${i.ContainersPaused as number}`,
      `  Stopped: ${i.ContainersStopped as number}`,
      ` Images: ${i.Images as number}`,
      ` Server Version: ${i.ServerVersion as string}`,
      ` Storage Driver: ${i.Driver as string}`,
      ...(i.DriverStatus as [string, string][]).map(([k, v]) => `  ${k}: ${v}`),
      ` Logging Driver: ${i.LoggingDriver as string}`,
      ...(i.CgroupDriver ? [` Cgroup Driver: ${i.CgroupDriver}`, ` Cgroup Version: ${i.CgroupVersion as string}`] : []),
      ' Plugins:',
      `  Volume: ${plugins.Volume.join(' ')}`,
      `  Network: ${plugins.Network.join(' ')}`,
      `  Log: ${plugins.Log.join(' ')}`,
      ` Swarm: ${(i.Swarm as { LocalNodeState: string }).LocalNodeState}`,
      // Isolation is a word of Windows' daemons, and what lies between of Linux' alone.
      ...(i.OSType === 'windows' ? [` Default Isolation: ${i.Isolation as string}`] : linuxLines(i, runtimes)),
      ` Kernel Version: ${i.KernelVersion as string}`,
      ` Operating System: ${i.OperatingSystem as string}`,
      ` OSType: ${i.OSType as string}`,
      ` Architecture: ${i.Architecture as string}`,
      ` CPUs: ${i.NCPU as number}`,
      ` Total Memory: ${bytesSize(i.MemTotal as number)}`,
      ` Name: ${i.Name as string}`,
      ` ID: ${i.ID as string}`,
      ` Docker Root Dir: ${i.DockerRootDir as string}`,
      ` Debug Mode: ${i.Debug as boolean}`,
      ` Experimental: ${i.ExperimentalBuild as boolean}`,
      ' Insecure Registries:',
      '  ::1/128',
      '  127.0.0.0/8',
      ` Live Restore Enabled: ${i.LiveRestoreEnabled as boolean}`,
      '',
    )
  }
  yield* print(sys, `${lines.join('\n')}\n`)
  if (failure) throw failure
  return 0
}

interface Usage {
  readonly LayersSize: number
  readonly Images: readonly Json[]
  readonly Containers: readonly Json[]
  readonly Volumes: readonly Json[]
  readonly BuildCache: readonly Json[]
}
/** `12.3MB (45%)`: what could be had back, and its share. */
const share = (bytes: number, of: number): string =>
  of > 0 ? `${humanSize(bytes)} (${Math.trunc((bytes * 100) / of)}%)` : humanSize(bytes)

const df: Command = function* (sys, client, g) {
  const u = yield* client.json<Usage>('GET', '/system/df')
  const sum = (list: readonly Json[], of: (x: Json) => number): number => list.reduce((n, x) => n + of(x), 0)
  const used = u.Images.filter((x) => (x.Containers as number) > 0)
  const usedSize = sum(used, (x) => x.Size as number)
  const sized = (x: Json): number => (x.SizeRw as number | undefined) ?? 0
  const volumeSize = (x: Json): number => (x.UsageData as { Size: number }).Size
  const idle = u.Containers.filter((c) => !['running', 'paused', 'restarting'].includes(c.State as string))
  const unused = u.Volumes.filter((v) => (v.UsageData as { RefCount: number }).RefCount < 1)
  const cache = sum(u.BuildCache, (x) => x.Size as number)
  const row = (Type: string, all: number, active: number, size: number, reclaimable: string): Json => ({
    Type,
    TotalCount: String(all),
    Active: String(active),
    Size: humanSize(size),
    Reclaimable: reclaimable,
  })
  const format = g.value('format')
  if (g.has('verbose')) {
    if (format !== undefined) throw new CliError('zukan: not emulated: system df -v --format')
    const now = yield* sys.clock('realtime')
    yield* print(sys, 'Images space usage:\n\n')
    yield* printList(
      sys,
      undefined,
      [
        ['REPOSITORY', 'r'],
        ['TAG', 't'],
        ['IMAGE ID', 'i'],
        ['CREATED', 'c'],
        ['SIZE', 's'],
        ['SHARED SIZE', 'h'],
        ['UNIQUE SIZE', 'u'],
        ['CONTAINERS', 'n'],
      ],
      u.Images.flatMap((x) =>
        ((x.RepoTags as string[]).length > 0 ? (x.RepoTags as string[]) : ['<none>:<none>']).map((ref) => ({
          r: ref.slice(0, ref.lastIndexOf(':')),
          t: ref.slice(ref.lastIndexOf(':') + 1),
          i: String(x.Id).slice(7, 19),
          c: ago(x.Created as number, now),
          s: humanSize(x.Size as number, 3),
          h: humanSize(Math.max(0, x.SharedSize as number), 3),
          u: humanSize((x.Size as number) - Math.max(0, x.SharedSize as number), 3),
          n: String(x.Containers),
        })),
      ),
    )
    yield* print(sys, '\nContainers space usage:\n\n')
    yield* printList(
      sys,
      undefined,
      [
        ['CONTAINER ID', 'i'],
        ['IMAGE', 'm'],
        ['COMMAND', 'k'],
        ['LOCAL VOLUMES', 'v'],
        ['SIZE', 's'],
        ['CREATED', 'c'],
        ['STATUS', 't'],
        ['NAMES', 'n'],
      ],
      u.Containers.map((x) => ({
        i: String(x.Id).slice(0, 12),
        m: x.Image,
        k: JSON.stringify(x.Command),
        v: String((x.Mounts as { Type: string }[]).filter((m) => m.Type === 'volume').length),
        s: humanSize(sized(x), 3),
        c: ago(x.Created as number, now),
        t: x.Status,
        n: (x.Names as string[]).map((n) => n.slice(1)).join(','),
      })),
    )
    yield* print(sys, '\nLocal Volumes space usage:\n\n')
    yield* printList(
      sys,
      undefined,
      [
        ['VOLUME NAME', 'n'],
        ['LINKS', 'l'],
        ['SIZE', 's'],
      ],
      u.Volumes.map((v) => ({
        n: v.Name,
        l: String((v.UsageData as { RefCount: number }).RefCount),
        s: humanSize(volumeSize(v), 3),
      })),
    )
    yield* print(sys, `\nBuild cache usage: ${humanSize(cache)}\n\n`)
    yield* printList(
      sys,
      undefined,
      [
        ['CACHE ID', 'ID'],
        ['CACHE TYPE', 'Type'],
        ['SIZE', 'S'],
        ['CREATED', 'C'],
        ['LAST USED', 'L'],
        ['USAGE', 'UsageCount'],
        ['SHARED', 'Shared'],
      ],
      u.BuildCache.map((b) => ({ ...b, S: humanSize(b.Size as number, 3), C: '', L: '' })),
    )
    return 0
  }
  yield* printList(
    sys,
    format,
    [
      ['TYPE', 'Type'],
      ['TOTAL', 'TotalCount'],
      ['ACTIVE', 'Active'],
      ['SIZE', 'Size'],
      ['RECLAIMABLE', 'Reclaimable'],
    ],
    [
      row(
        'Images',
        u.Images.length,
        used.length,
        u.LayersSize,
        share(Math.max(0, u.LayersSize - usedSize), u.LayersSize),
      ),
      row(
        'Containers',
        u.Containers.length,
        u.Containers.length - idle.length,
        sum(u.Containers, sized),
        share(sum(idle, sized), sum(u.Containers, sized)),
      ),
      row(
        'Local Volumes',
        u.Volumes.length,
        u.Volumes.length - unused.length,
        sum(u.Volumes, volumeSize),
        share(sum(unused, volumeSize), sum(u.Volumes, volumeSize)),
      ),
      row('Build Cache', u.BuildCache.length, u.BuildCache.filter((b) => b.InUse).length, cache, humanSize(cache)),
    ],
    {},
    '*formatter.diskUsageImagesContext',
  )
  return 0
}

const systemPrune: Command = function* (sys, client, g) {
  if (g.has('volumes') && g.all('filter').some((f) => /^\s*until\s*=/i.test(f)))
    throw new CliError('ERROR: The "until" filter is not supported with "--volumes"')
  const all = g.has('all')
  const volumes = g.has('volumes')
  const what = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ]
  const question = `WARNING! This will remove:\n${what.map((w) => `  - ${w}\n`).join('')}\nAre you sure you want to continue?`
  if (!g.has('force')) yield* confirm(sys, question)
  let freed = 0
  const ask = function* (path: string, filters: string | undefined): ReturnType<typeof client.json<Json>> {
    const r = yield* client.json<Json>('POST', `${path}${query({ filters })}`)
    freed += (r.SpaceReclaimed as number | undefined) ?? 0
    return r
  }
  const told = function* (title: string, list: readonly string[]): ReturnType<Command> {
    if (list.length > 0) yield* print(sys, `${title}:\n${list.map((x) => `${x}\n`).join('')}\n`)
    return 0
  }
  const filters = filtersOf(g)
  yield* told(
    'Deleted Containers',
    ((yield* ask('/containers/prune', filters)).ContainersDeleted as string[] | null) ?? [],
  )
  yield* told('Deleted Networks', ((yield* ask('/networks/prune', filters)).NetworksDeleted as string[] | null) ?? [])
  if (volumes)
    yield* told('Deleted Volumes', ((yield* ask('/volumes/prune', filters)).VolumesDeleted as string[] | null) ?? [])
  const images = (yield* ask('/images/prune', filtersOf(g, { dangling: [String(!all)] }))).ImagesDeleted as
    | { Untagged?: string; Deleted?: string }[]
    | null
  yield* told(
    'Deleted Images',
    (images ?? []).map((x) => (x.Untagged ? `untagged: ${x.Untagged}` : `deleted: ${x.Deleted}`)),
  )
  try {
    yield* told(
      'Deleted build cache objects',
      ((yield* ask('/build/prune', undefined)).CachesDeleted as string[] | null) ?? [],
    )
  } catch (e) {
    if (!(e instanceof CliError)) throw e
  }
  yield* print(sys, `Total reclaimed space: ${humanSize(freed)}\n`)
  return 0
}
export const systemCommands: Readonly<Record<string, Command>> = {
  version,
  info,
  'system df': df,
  'system prune': systemPrune,
}

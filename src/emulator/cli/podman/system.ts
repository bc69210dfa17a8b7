/** podman info, version, system, unshare, events: what podman says of itself and its surroundings. */
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { treeEntries } from '../../engine/layers.ts'
import { imageInfo } from '../../engine/libpod/images.ts'
import { isLive, PODMAN_VERSION, type PodmanEvent } from '../../engine/libpod/libpod.ts'
import { removeContainer } from '../../engine/libpod/lifecycle.ts'
import { membersOf, removePod } from '../../engine/libpod/pods.ts'
import { runtimeName, runtimePath } from '../../engine/libpod/runtime.ts'
import { removeVolume, usersOf, volumePath } from '../../engine/libpod/volumes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { humanSize } from '../../oci/units.ts'
import { print, readText, warn } from '../../userland/lib/io.ts'
import { execvp } from '../../userland/lib/run.ts'
import { type LoginContext, login, logout } from '../containers/login.ts'
import { printTemplate, table } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { confirm } from './containers.ts'
import type { Commands, Context } from './context.ts'
import { pruneImages } from './images.ts'
import { pruneNetworks, unusedVolumes } from './objects.ts'

/** YAML of plain values, as podman info prints it: keys sorted, four blanks a level for lists within maps as ghodss/yaml has it. */
export function yaml(value: unknown, indent = ''): string {
  if (Array.isArray(value))
    return value.length === 0 ? ' []\n' : `\n${value.map((v) => `${indent}- ${item(v, `${indent}  `)}`).join('')}`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return entries.length === 0
      ? ' {}\n'
      : `\n${entries.map(([k, v]) => `${indent}${k}:${Array.isArray(v) ? yaml(v, indent) : yaml(v, `${indent}  `)}`).join('')}`
  }
  return ` ${scalar(value, indent)}\n`
}
const item = (v: unknown, indent: string): string =>
  v !== null && typeof v === 'object' ? yaml(v, indent).replace(/^\n\s*/, '') : `${scalar(v, indent)}\n`
function scalar(v: unknown, indent: string): string {
  if (v === null || v === undefined) return 'null'
  if (typeof v !== 'string') return String(v)
  if (v.includes('\n'))
    return `|-\n${v
      .split('\n')
      .map((l) => `${indent}${l}`)
      .join('\n')}`
  return v === '' || /^[\d.+-]+$|^(true|false|null|yes|no|on|off|~)$|: |^[\s&*!|>%@`#{[\]},?'"-]|\s$|:$/i.test(v)
    ? /^[\d.+-]+$|^(true|false|null|yes|no|on|off)$/i.test(v) || v === ''
      ? `"${v}"`
      : `'${v.replace(/'/g, "''")}'`
    : v
}
function* version(c: Context): Run<Record<string, unknown>> {
  const { machine } = yield* c.sys.uname()
  return {
    APIVersion: PODMAN_VERSION,
    Built: 1786492800,
    BuiltTime: 'Wed Aug 12 00:00:00 2026',
    BuildOrigin: 'Debian',
    GitCommit: '',
    GoVersion: 'go1.26.5',
    Os: 'linux',
    OsArch: `linux/${machine === 'aarch64' ? 'arm64' : 'amd64'}`,
    Version: PODMAN_VERSION,
  }
}
function* info(c: Context): Run<Record<string, unknown>> {
  const { lp } = c
  const u = yield* c.sys.uname()
  const s = yield* c.sys.sysinfo()
  const map = function* (file: string): Run<unknown> {
    const text = yield* readText(c.sys, `/proc/self/${file}`)
    if (!lp.place.rootless || isErr(text)) return null
    return text
      .trim()
      .split('\n')
      .map((l) => {
        const [a, b, n] = l.trim().split(/\s+/).map(Number)
        return { container_id: a, host_id: b, size: n }
      })
  }
  const os = yield* readText(c.sys, '/etc/os-release')
  const osField = (key: string): string => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(isErr(os) ? '' : os)?.[1] ?? ''
  const containers = yield* lp.all()
  const fs = yield* c.sys.statfs(lp.place.graphRoot)
  const path = yield* runtimePath(c.sys)
  const registries = yield* lp.registries()
  const controllers = yield* readText(
    c.sys,
    lp.place.rootless
      ? `/sys/fs/cgroup/user.slice/user-${lp.place.uid}.slice/user@${lp.place.uid}.service/cgroup.controllers`
      : '/sys/fs/cgroup/cgroup.controllers',
  )
  return {
    host: {
      arch: u.machine === 'aarch64' ? 'arm64' : 'amd64',
      buildahVersion: '1.44.0',
      cgroupControllers: isErr(controllers) ? [] : controllers.trim().split(/\s+/).filter(Boolean),
      cgroupManager: 'systemd',
      cgroupVersion: 'v2',
      conmon: { package: 'conmon', path: '/usr/bin/conmon', version: 'conmon version 2.2.1, commit: unknown' },
      cpus: yield* c.sys.schedGetaffinity(),
      databaseBackend: 'sqlite',
      distribution: {
        codename: osField('VERSION_CODENAME'),
        distribution: osField('ID'),
        version: osField('VERSION_ID'),
      },
      eventLogger: 'file',
      hostname: u.nodename,
      idMappings: { gidmap: yield* map('gid_map'), uidmap: yield* map('uid_map') },
      kernel: u.release,
      linkmode: 'dynamic',
      logDriver: 'k8s-file',
      memFree: s.freeram,
      memTotal: s.totalram,
      networkBackend: 'netavark',
      ociRuntime: { name: runtimeName(path), package: runtimeName(path), path },
      os: 'linux',
      pasta: { executable: '/usr/bin/pasta', package: 'passt' },
      remoteSocket: { exists: false, path: `unix://${lp.place.runtimeDir}/podman/podman.sock` },
      rootlessNetworkCmd: 'pasta',
      security: {
        apparmorEnabled: false,
        capabilities:
          'CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_NET_BIND_SERVICE,CAP_SETFCAP,CAP_SETGID,CAP_SETPCAP,CAP_SETUID,CAP_SYS_CHROOT',
        rootless: lp.place.rootless,
        seccompEnabled: true,
        selinuxEnabled: false,
      },
      serviceIsRemote: false,
      uptime: `${Math.floor(s.uptime / 3600e9)}h ${Math.floor((s.uptime % 3600e9) / 60e9)}m ${((s.uptime % 60e9) / 1e9).toFixed(2)}s`,
    },
    plugins: { authorization: null, log: ['k8s-file', 'json-file'], network: ['bridge'], volume: ['local'] },
    registries: registries.search.length > 0 ? { search: registries.search } : {},
    store: {
      configFile: lp.place.rootless
        ? `${lp.place.home}/.config/containers/storage.conf`
        : '/usr/share/containers/storage.conf',
      containerStore: {
        number: containers.length,
        paused: containers.filter((x) => x.state.status === 'paused').length,
        running: containers.filter((x) => x.state.status === 'running').length,
        stopped: containers.filter((x) => !isLive(x)).length,
      },
      graphDriverName: 'overlay',
      graphOptions: {},
      graphRoot: lp.place.graphRoot,
      graphRootAllocated: isErr(fs) ? 0 : fs.size,
      graphRootUsed: isErr(fs) ? 0 : fs.size - fs.free,
      graphStatus: {
        'Backing Filesystem': 'extfs',
        'Native Overlay Diff': String(!lp.place.rootless),
        'Supports d_type': 'true',
        'Using metacopy': 'false',
      },
      imageStore: { number: (yield* lp.storage.images()).length },
      runRoot: lp.place.runRoot,
      volumePath: `${lp.place.graphRoot}/volumes`,
    },
    version: yield* version(c),
  }
}
const infoCommand = {
  args: [0, 0],
  flags: 'format',
  *run(c: Context, g: Given): Run<number> {
    const document = yield* info(c)
    const format = g.value('format')
    if (format === undefined) yield* print(c.sys, yaml(document).replace(/^\n/, ''))
    else if (format === 'json') yield* print(c.sys, `${JSON.stringify(document, null, 2)}\n`)
    else yield* printTemplate(c.sys, format, [goNames(document)], undefined, { name: 'info', type: '*define.Info' })
    return 0
  },
} as const
/** Templates name the fields as Go does: .Host.Security.Rootless, .Store.GraphRoot. */
function goNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goNames)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([k, v]) => {
      const special: Readonly<Record<string, string>> = {
        os: 'OS',
        ociRuntime: 'OCIRuntime',
        idMappings: 'IDMappings',
        cgroupVersion: 'CgroupsVersion',
      }
      const name = special[k] ?? k.charAt(0).toUpperCase() + k.slice(1)
      return [[name, goNames(v)] as const]
    }),
  )
}
function* df(c: Context): Run<number> {
  const { lp } = c
  const infos = []
  for (const r of yield* lp.storage.images()) infos.push(yield* imageInfo(lp.storage, r))
  const containers = yield* lp.all()
  const records = yield* lp.storage.containers()
  const used = new Set(records.map((r) => r.image))
  const volumes: { name: string; links: number; size: number }[] = []
  const sizeIn = function* (dir: string): Run<number> {
    const entries = yield* treeEntries(c.sys, dir)
    return isErr(entries) ? 0 : entries.reduce((n, e) => n + (e.data?.size ?? 0), 0)
  }
  for (const v of (yield* lp.db()).volumes)
    volumes.push({ name: v.name, links: (yield* usersOf(lp, v)).length, size: yield* sizeIn(volumePath(lp, v.name)) })
  const sizes = new Map<string, number>()
  for (const r of records) sizes.set(r.id, yield* sizeIn((yield* lp.storage.layersOf(r)).upper))
  const own = containers.map((x) => ({ x, size: sizes.get(x.config.id) ?? 0 }))
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0)
  const idle = infos.filter((i) => !used.has(i.record.id))
  const stopped = own.filter(({ x }) => !isLive(x))
  const loose = volumes.filter((v) => v.links === 0)
  const row = (type: string, total: number, active: number, bytes: number, free: number): string[] => [
    type,
    String(total),
    String(active),
    humanSize(bytes),
    `${humanSize(free)} (${bytes > 0 ? Math.round((free / bytes) * 100) : 0}%)`,
  ]
  yield* print(
    c.sys,
    table([
      ['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'],
      row(
        'Images',
        infos.length,
        infos.length - idle.length,
        sum(infos.map((i) => i.size)),
        sum(idle.map((i) => i.size)),
      ),
      row(
        'Containers',
        own.length,
        own.length - stopped.length,
        sum(own.map((o) => o.size)),
        sum(stopped.map((o) => o.size)),
      ),
      row(
        'Local Volumes',
        volumes.length,
        volumes.length - loose.length,
        sum(volumes.map((v) => v.size)),
        sum(loose.map((v) => v.size)),
      ),
    ]),
  )
  return 0
}
/** One line of `podman events`. */
export function eventLine(e: PodmanEvent): string {
  const time = e.Time.replace('T', ' ').replace(/Z$/, ' +0000 UTC')
  const labels = Object.entries(e.Attributes ?? {})
    .map(([k, v]) => `, ${k}=${v}`)
    .join('')
  switch (e.Type) {
    case 'container':
      return `${time} container ${e.Status} ${e.ID} (image=${e.Image ?? ''}, name=${e.Name}${labels})`
    case 'pod':
      return `${time} pod ${e.Status} ${e.ID} (image=, name=${e.Name})`
    case 'volume':
      return `${time} volume ${e.Status} ${e.Name}`
    default:
      return `${time} ${e.Type} ${e.Status} ${e.ID} ${e.Name}`
  }
}
const credentials = (c: Context): LoginContext => ({
  sys: c.sys,
  place: c.lp.place,
  registries: () => c.lp.registries(),
})

export const systemCommands: Commands = {
  info: infoCommand,
  'system info': infoCommand,
  version: {
    args: [0, 0],
    flags: 'format',
    *run(c, g) {
      const v = yield* version(c)
      const format = g.value('format')
      if (format === 'json') yield* print(c.sys, `${JSON.stringify({ Client: v }, null, 2)}\n`)
      else if (format !== undefined)
        yield* printTemplate(c.sys, format, [{ Client: v, Server: v, Version: v.Version }], undefined, {
          name: 'version',
          type: '*define.Version',
        })
      else
        yield* print(
          c.sys,
          `Client:       Podman Engine\nVersion:      ${v.Version as string}\nAPI Version:  ${v.APIVersion as string}\nGo Version:   ${v.GoVersion as string}\nBuilt:        ${v.BuiltTime as string}\nBuild Origin: ${v.BuildOrigin as string}\nOS/Arch:      ${v.OsArch as string}\n`,
        )
      return 0
    },
  },
  unshare: {
    args: [0, Infinity],
    first: true,
    flags: 'rootless-netns',
    *run(c, g) {
      if (!c.lp.place.rootless) throw new Problem('please use unshare with rootless')
      if (g.has('rootless-netns')) throw notEmulated('podman unshare --rootless-netns')
      const words = g.args.length > 0 ? g.args : ['/bin/sh']
      const env = [
        ...c.sys.environ(),
        '_CONTAINERS_USERNS_CONFIGURED=done',
        `_CONTAINERS_ROOTLESS_UID=${c.lp.place.uid}`,
        `CONTAINERS_GRAPHROOT=${c.lp.place.graphRoot}`,
        `CONTAINERS_RUNROOT=${c.lp.place.runRoot}`,
      ]
      const failed = yield* execvp(c.sys, words, env)
      throw new Problem(
        `fork/exec ${words[0]}: ${failed.text.toLowerCase()}`.replace(
          'fork/exec',
          failed.name === 'ENOENT' ? 'exec' : 'fork/exec',
        ),
        127,
      )
    },
  },
  'system df': { args: [0, 0], flags: '', run: df },
  'system migrate': {
    args: [0, 0],
    flags: '',
    *run(c) {
      const file = `${c.lp.place.tmp}/pause.pid`
      for (const x of yield* c.lp.all()) if (isLive(x)) yield* warn(c.sys, `stopped ${x.config.id}\n`)
      const text = yield* readText(c.sys, file)
      if (!isErr(text)) yield* c.sys.kill(Number(text), 9)
      yield* c.sys.unlink(file)
      return 0
    },
  },
  'system prune': {
    args: [0, 0],
    flags: 'all force volumes',
    *run(c, g) {
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          `WARNING! This command removes:\n\t- all stopped containers\n\t- all networks not used by at least one container\n${g.has('volumes') ? '\t- all volumes not used by at least one container\n' : ''}\t- all ${g.has('all') ? 'images without at least one container associated with them' : 'dangling images'}\n\t- all dangling build cache\n\nAre you sure you want to continue? [y/N] `,
        ))
      )
        return 0
      let freed = 0
      const say = function* (what: string, ids: readonly string[]): Run<void> {
        if (ids.length > 0) yield* print(c.sys, `Deleted ${what}\n${ids.map((i) => `${i}\n`).join('')}`)
      }
      const pods: string[] = []
      for (const p of (yield* c.lp.db()).pods) {
        if ((yield* membersOf(c.lp, p)).some(isLive)) continue
        yield* removePod(c.lp, p, { force: true })
        pods.push(p.id)
      }
      yield* say('Pods', pods)
      const containers: string[] = []
      for (const x of yield* c.lp.all()) {
        if (isLive(x) || x.config.infra) continue
        yield* removeContainer(c.lp, x)
        containers.push(x.config.id)
      }
      yield* say('Containers', containers)
      yield* say('Networks', yield* pruneNetworks(c))
      const before = yield* imagesSize(c)
      yield* say('Images', yield* pruneImages(c, g.has('all')))
      freed += before - (yield* imagesSize(c))
      if (g.has('volumes')) {
        const names: string[] = []
        for (const v of yield* unusedVolumes(c)) {
          yield* removeVolume(c.lp, v)
          names.push(v.name)
        }
        yield* say('Volumes', names)
      }
      yield* print(c.sys, `Total reclaimed space: ${humanSize(freed)}\n`)
      return 0
    },
  },
  events: {
    args: [0, 0],
    flags: 'filter format since stream until no-trunc',
    *run(c, g) {
      const follow = g.value('stream') !== 'false' && g.value('until') === undefined
      if (g.all('filter').length > 0 || g.value('since') !== undefined || g.value('until') !== undefined)
        throw notEmulated('podman events with --filter, --since or --until')
      let seen = 0
      for (;;) {
        const text = yield* readText(c.sys, c.lp.eventsFile)
        const lines = (isErr(text) ? '' : text).split('\n').filter(Boolean)
        // What was there before is shown where nothing is waited for.
        if (!follow || seen > 0) {
          const list = lines.slice(follow ? seen : 0).map((l) => JSON.parse(l) as PodmanEvent)
          const format = g.value('format')
          if (format === undefined) yield* print(c.sys, list.map((e) => `${eventLine(e)}\n`).join(''))
          else if (format === 'json') yield* print(c.sys, list.map((e) => `${JSON.stringify(e)}\n`).join(''))
          else yield* printTemplate(c.sys, format, list)
        }
        if (!follow) return 0
        seen = Math.max(lines.length, 1)
        yield* c.sys.nanosleep(250_000_000)
      }
    },
  },
  login: {
    args: [0, 1],
    flags: 'authfile get-login password password-stdin tls-verify username verbose',
    run: (c, g) => login(credentials(c), g),
  },
  logout: {
    args: [0, 1],
    beside: '--all takes no arguments',
    flags: 'all authfile',
    run: (c, g) => logout(credentials(c), g),
  },
}
function* imagesSize(c: Context): Run<number> {
  let n = 0
  for (const l of yield* c.lp.storage.layers()) n += l['diff-size'] ?? 0
  return n
}

/** What a container mounts: -v, --mount, --tmpfs, --volumes-from and the image's volumes; moby daemon/volume/mounts/linux_parser.go. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { ApiError, type Container, type ContainerConfig, type Daemon, findContainer, type HostConfig } from './state.ts'
import { ensureVolume } from './volumes.ts'

type Mount = Container['mounts'][number]
type Wanted = NonNullable<HostConfig['Mounts']>[number]

/** Words of a mount's mode by what they are about: one of each kind is allowed. */
const modes: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'],
  ['nocopy'],
  ['consistent', 'cached', 'delegated'],
]
export const propagations = modes[2] as readonly string[]
const validMode = (mode: string): boolean => {
  const words = mode.split(',')
  return (
    mode === '' ||
    (words.every((w) => modes.flat().includes(w)) &&
      modes.every((kind) => words.filter((w) => kind.includes(w)).length < 2))
  )
}
const badMode = (mode: string): ApiError => new ApiError(400, `invalid mode: ${mode}`)
/** path.Clean for a path that begins with a slash. */
const clean = (path: string): string => {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
/** Why the engine refuses a mount; undefined where it doesn't. */
function complaint(m: Wanted): string | undefined {
  if (m.Target === '') return 'field Target must not be empty'
  if (m.Target.startsWith('/') && clean(m.Target) === '/') return "invalid specification: destination can't be '/'"
  if (!m.Target.startsWith('/')) return `invalid mount path: '${m.Target}' mount path must be absolute`
  switch (m.Type) {
    case 'bind': {
      const spread = m.BindOptions?.Propagation
      if (!m.Source) return 'field Source must not be empty'
      if (spread && !propagations.includes(spread)) return `invalid propagation mode: ${spread}`
      if (m.VolumeOptions) return 'field VolumeOptions must not be specified'
      return m.Source.startsWith('/') ? undefined : `invalid mount path: '${m.Source}' mount path must be absolute`
    }
    case 'volume':
      if (m.BindOptions) return 'field BindOptions must not be specified'
      if (m.VolumeOptions?.Subpath && !m.Source) return 'must not set Subpath when using anonymous volumes'
      return undefined
    case 'tmpfs':
      return m.Source ? 'field Source must not be specified' : undefined
    default:
      return 'mount type unknown'
  }
}
const wrong = (m: Wanted, why: string): string => `invalid mount config for type "${m.Type}": ${why}`

/** `-v SOURCE:TARGET[:MODE]` as a mount, with its mode. */
function parseBind(spec: string): { readonly mount: Wanted; readonly mode: string } {
  const bad = (why = ''): ApiError => new ApiError(400, `invalid volume specification: '${spec}'${why}`)
  const [source = '', target, mode = '', more] = spec.split(':')
  if (source === '' || target === undefined || more !== undefined) throw bad()
  if (mode === '' && validMode(target)) throw bad()
  if (!validMode(mode)) throw badMode(mode)
  const words = mode.split(',')
  const spread = words.find((w) => propagations.includes(w))
  const mount: Wanted = {
    Type: source.startsWith('/') ? 'bind' : 'volume',
    Source: source,
    Target: target,
    ...(words.includes('ro') ? { ReadOnly: true } : {}),
    ...(words.includes('nocopy') ? { VolumeOptions: { NoCopy: true } } : {}),
    ...(spread ? { BindOptions: { Propagation: spread } } : {}),
  }
  const why = complaint(mount)
  if (why) throw bad(`: ${wrong(mount, why)}`)
  return { mount, mode }
}
/** Options of a tmpfs mount as mount(8) takes them; a size has the greatest unit that divides it. */
function tmpfsMode(m: Wanted): string {
  const { SizeBytes: size, Mode: mode } = m.TmpfsOptions ?? {}
  const unit = [30, 20, 10].findIndex((n) => (size ?? 0) % 2 ** n === 0)
  return [
    ...(m.ReadOnly ? ['ro'] : []),
    ...(mode ? [`mode=${mode.toString(8)}`] : []),
    ...(size ? [`size=${unit < 0 ? size : `${size / 2 ** (30 - 10 * unit)}${'gmk'[unit]}`}`] : []),
  ].join(',')
}

/** Something is given: a list, or the keys of a table. */
const given = (value: object | null | undefined): boolean => Object.keys(value ?? {}).length > 0
export const asksForMounts = (h: HostConfig, config: ContainerConfig): boolean =>
  [h.VolumesFrom, h.Binds, h.Mounts, h.Tmpfs, config.Volumes].some(given)

/** Volumes and bind mounts of the options. Everything is looked at before a volume comes into being. */
export function* mountsOf(sys: Sys, d: Daemon, h: HostConfig, config: ContainerConfig): Run<Container['mounts']> {
  const out: Mount[] = []
  for (const from of h.VolumesFrom ?? []) {
    if (from === '') throw new ApiError(400, 'volumes-from specification cannot be an empty string')
    const colon = from.indexOf(':')
    const [name, mode] = colon < 0 ? [from, ''] : [from.slice(0, colon), from.slice(colon + 1)]
    if (!validMode(mode) || mode.split(',').some((w) => w === 'nocopy' || propagations.includes(w))) throw badMode(mode)
    // What is taken from another container is read-only where either says so.
    for (const m of findContainer(d, name).mounts)
      out.push({
        ...m,
        rw: m.rw && !mode.split(',').includes('ro'),
        mode: m.type === 'tmpfs' ? m.mode : '',
        nocopy: true,
      })
  }
  const binds = (h.Binds ?? []).map(parseBind)
  const targets: string[] = []
  const once = (target: string): void => {
    if (targets.includes(target)) throw new ApiError(400, `Duplicate mount point: ${target}`)
    targets.push(target)
  }
  for (const { mount } of binds) once(clean(mount.Target))
  for (const m of h.Mounts ?? []) {
    const why = complaint(m)
    if (why) throw new ApiError(400, wrong(m, why))
    if (m.Type === 'bind' && !m.BindOptions?.CreateMountpoint && isErr(yield* sys.stat(m.Source as string)))
      throw new ApiError(400, wrong(m, `bind source path does not exist: ${m.Source}`))
    const driver = m.VolumeOptions?.DriverConfig?.Name
    if (driver && driver !== 'local')
      throw new ApiError(404, `error looking up volume plugin ${driver}: plugin "${driver}" not found`)
    if (m.VolumeOptions?.Subpath) throw new ApiError(501, 'zukan: not emulated: volume-subpath')
    once(clean(m.Target))
  }
  const place = (m: Mount): void => {
    const at = out.findIndex((x) => x.destination === m.destination)
    if (at >= 0) out.splice(at, 1)
    out.push(m)
  }
  for (const { mount: m, mode } of binds) {
    const at = { destination: clean(m.Target), rw: !m.ReadOnly }
    const source = m.Source as string
    const propagation = m.BindOptions?.Propagation
    if (m.Type === 'bind') {
      // A directory that isn't there is made, for -v alone.
      if (isErr(yield* sys.stat(source))) yield* makeDirs(sys, source)
      place({ type: 'bind', source: clean(source), ...at, mode, ...(propagation ? { propagation } : {}) })
    } else {
      const v = yield* ensureVolume(sys, d, source)
      const nocopy = m.VolumeOptions?.NoCopy ?? false
      place({ type: 'volume', name: v.name, source: v.mountpoint, ...at, mode: mode || 'z', nocopy })
    }
  }
  for (const m of h.Mounts ?? []) {
    const at = { destination: clean(m.Target), rw: !m.ReadOnly }
    if (m.Type === 'tmpfs') place({ type: 'tmpfs', source: '', ...at, mode: tmpfsMode(m) })
    else if (m.Type === 'bind') {
      if (isErr(yield* sys.stat(m.Source as string))) yield* makeDirs(sys, m.Source as string)
      place({
        type: 'bind',
        source: clean(m.Source as string),
        ...at,
        mode: '',
        ...(m.BindOptions?.Propagation ? { propagation: m.BindOptions.Propagation } : {}),
        ...(m.BindOptions?.NonRecursive ? { alone: true } : {}),
      })
    } else {
      const { Labels, DriverConfig, NoCopy } = m.VolumeOptions ?? {}
      const v = yield* ensureVolume(sys, d, m.Source ?? '', Labels ?? {}, DriverConfig?.Options ?? {})
      place({
        type: 'volume',
        name: v.name,
        source: v.mountpoint,
        ...at,
        mode: 'z',
        ...(NoCopy ? { nocopy: true } : {}),
      })
    }
  }
  for (const [destination, mode] of Object.entries(h.Tmpfs ?? {})) {
    if (targets.includes(clean(destination))) throw new ApiError(400, `Duplicate mount point: ${clean(destination)}`)
    place({ type: 'tmpfs', source: '', destination: clean(destination), rw: !mode.split(',').includes('ro'), mode })
  }
  for (const target of Object.keys(config.Volumes ?? {})) {
    const destination = clean(target)
    if (out.some((m) => m.destination === destination)) continue
    const v = yield* ensureVolume(sys, d, '')
    out.push({ type: 'volume', name: v.name, source: v.mountpoint, destination, rw: true, mode: '' })
  }
  return out
}

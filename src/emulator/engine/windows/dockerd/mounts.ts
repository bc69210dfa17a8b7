/** -v and VOLUME on Windows: folders of drives, and volumes in C:\ProgramData\docker\volumes; moby daemon/volume/mounts/windows_parser.go. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir } from '../../../kernel/linux/fs/flags.ts'
import { objectName } from '../../../userland/windows/paths.ts'
import { splitBind } from '../../desktop.ts'
import { ApiError, type Container, type ContainerConfig, type Daemon, type HostConfig } from '../../dockerd/state.ts'
import { ensureVolume } from '../../dockerd/volumes.ts'

type Mount = Container['mounts'][number]
/** A drive, and what follows the colon behind it, apart: `C:\data:ro` as a target and its mode. */
function splitTarget(rest: string): readonly [string, string] {
  const m = /^((?:[A-Za-z]:)?[^:]*)(?::(.*))?$/.exec(rest)
  return [m?.[1] ?? rest, m?.[2] ?? '']
}
/** Whether a source is a folder of a drive, and not a volume's name. */
const isFolder = (source: string): boolean => /^([A-Za-z]:[\\/]|[\\/])/.test(source)

/** What a container mounts; volumes that it names come into being. Throws an ApiError for what can't be mounted. */
export function* windowsMounts(
  sys: Sys,
  d: Daemon,
  h: HostConfig,
  config: ContainerConfig,
  linux: boolean,
): Run<Mount[]> {
  const out: Mount[] = []
  const destination = (spec: string, type: string, target: string): string => {
    const invalid = (why: string): ApiError =>
      new ApiError(400, `invalid volume specification: '${spec}': invalid mount config for type "${type}": ${why}`)
    if (linux) {
      if (!target.startsWith('/')) throw invalid(`invalid mount path: '${target}' mount path must be absolute`)
      return target
    }
    if (!/^[A-Za-z]:/.test(target)) throw invalid(`invalid mount path: '${target}' mount path must be absolute`)
    if (/^c:[\\/]?$/i.test(target)) throw invalid("invalid specification: destination path can't be 'c:' or 'c:\\'")
    const path = target.replace(/\//g, '\\').replace(/\\+$/, '')
    return path.charAt(0).toLowerCase() + path.slice(1)
  }
  const add = (m: Mount): void => {
    if (out.some((x) => x.destination === m.destination))
      throw new ApiError(400, `Duplicate mount point: ${m.destination}`)
    out.push(m)
  }
  const volume = function* (name: string, target: string, rw: boolean): Run<void> {
    const v = yield* ensureVolume(sys, d, name)
    add({ type: 'volume', name: v.name, source: v.mountpoint, destination: target, rw, mode: '' })
  }
  const folder = function* (source: string, target: string, rw: boolean, mode: string): Run<void> {
    const path = yield* objectName(sys, source)
    const s = yield* sys.stat(path)
    if (isErr(s))
      throw new ApiError(
        400,
        `invalid mount config for type "bind": bind source path does not exist: ${source.toLowerCase()}`,
      )
    if (!isDir(s.mode)) throw new ApiError(400, 'invalid mount config for type "bind": source path must be a directory')
    add({ type: 'bind', source: path, destination: target, rw, mode })
  }
  for (const spec of h.Binds ?? []) {
    const [source, rest] = splitBind(spec)
    const [target, mode] = splitTarget(rest.slice(1))
    if (!['', 'ro', 'rw'].includes(mode)) throw new ApiError(400, `invalid mode: ${mode}`)
    const type = isFolder(source) ? 'bind' : 'volume'
    const at = destination(spec, type, target)
    if (type === 'bind') yield* folder(source, at, mode !== 'ro', mode)
    else yield* volume(source, at, mode !== 'ro')
  }
  for (const m of h.Mounts ?? []) {
    if (m.Type !== 'bind' && m.Type !== 'volume')
      throw new ApiError(501, `zukan: not emulated: --mount type=${m.Type} of the Windows engine`)
    const at = destination(m.Target, m.Type, m.Target)
    if (m.Type === 'bind') yield* folder(m.Source ?? '', at, !m.ReadOnly, '')
    else yield* volume(m.Source ?? '', at, !m.ReadOnly)
  }
  for (const target of Object.keys(config.Volumes ?? {}))
    if (!out.some((m) => m.destination.toLowerCase() === target.toLowerCase()))
      yield* volume('', destination(target, 'volume', target), true)
  return out
}

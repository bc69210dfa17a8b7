/** Images of the Windows daemon: its graph driver windowsfilter keeps each layer in a folder; LCOW's driver does so for Linux. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import type { ImageConfig, Platform } from '../../../oci/image.ts'
import { familiar, familiarName, parseReference } from '../../../oci/reference.ts'
import { readLayer } from '../../../oci/layer.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import { removeTree } from '../../containerd.ts'
import { type Credentials, RegistryClient } from '../../dockerd/distribution.ts'
import { fetchVerified, type Progress, resolveRemote } from '../../dockerd/images.ts'
import { ApiError, type Container, type Daemon, type Image } from '../../dockerd/state.ts'
import { unpack } from '../../unpack.ts'

export const ROOT = '/C:/ProgramData/docker'
const driver = (os: string): string => (os === 'windows' ? 'windowsfilter' : 'lcow')
/** The folder of a layer. */
export const layerFolder = (os: string, chain: string): string =>
  `${ROOT}/${driver(os)}/${chain.replace('sha256:', '').slice(0, 64)}`

/** The build that an image's binaries are made for: 26100 of 10.0.26100.7171; undefined where it isn't Windows. */
export function buildOf(config: ImageConfig): number | undefined {
  const version = config['os.version']
  return config.os === 'windows' && version ? Number(version.split('.')[2]) : undefined
}

/** Pulls an image for the first of some platforms that it exists for. */
export function* pullImage(
  sys: Sys,
  d: Daemon,
  name: string,
  platforms: readonly Platform[],
  progress: Progress,
  folderOf: (os: string, chain: string) => string = layerFolder,
): Run<Image> {
  const parsed = parseReference(name)
  if ('error' in parsed) throw new ApiError(400, parsed.error)
  const ref = parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: 'latest' } : parsed
  const credentials: Credentials = {}
  const client = new RegistryClient(sys, ref, credentials)
  try {
    yield* progress({ status: `Pulling from ${ref.path}`, id: ref.tag ?? ref.digest })
    const remote = yield* resolveFirst(sys, client, platforms)
    const { os } = remote.config
    const short = (digest: string): string => digest.slice(7, 19)
    for (const l of remote.layers)
      yield* progress({ status: 'Pulling fs layer', progressDetail: {}, id: short(l.digest) })
    let size = 0
    for (const [n, l] of remote.layers.entries()) {
      const folder = folderOf(os, remote.chain[n] as string)
      const bytes = yield* fetchVerified(client, `/v2/${ref.path}/blobs/${l.digest}`, l.digest, 'layer')
      const layer = readLayer(bytes)
      if ('error' in layer) throw new ApiError(500, `failed to register layer: ${layer.error}`)
      const { entries } = layer
      size += layer.size
      yield* progress({ status: 'Download complete', progressDetail: {}, id: short(l.digest) })
      if (isErr(yield* sys.stat(folder))) {
        yield* makeDirs(sys, folder)
        const below = remote.chain.slice(0, n).map((c) => folderOf(os, c))
        const failed = yield* unpack(sys, folder, entries, { layer: { lower: below.reverse() } })
        if (failed) throw new ApiError(500, `failed to register layer: ${failed}`)
      }
      yield* progress({ status: 'Pull complete', progressDetail: {}, id: short(l.digest) })
    }
    const id = remote.configDigest
    const image: Image =
      d.images.get(id) ??
      ({
        id,
        config: remote.config,
        tags: new Set<string>(),
        digests: new Set<string>(),
        chain: remote.chain,
        size,
        parent: '',
        target: remote.target,
        manifest: remote.manifest,
        layers: remote.layers,
      } as unknown as Image)
    d.images.set(id, image)
    const full = familiar(ref)
    for (const other of d.images.values()) if (other !== image) other.tags.delete(full)
    if (ref.tag !== undefined) image.tags.add(full)
    image.digests.add(`${familiarName(ref)}@${remote.target.digest}`)
    yield* progress({ status: `Digest: ${remote.target.digest}` })
    yield* progress({ status: `Status: Downloaded newer image for ${full}` })
    return image
  } finally {
    yield* client.close()
  }
}
function* resolveFirst(
  sys: Sys,
  client: RegistryClient,
  platforms: readonly Platform[],
): Run<ReturnType<typeof resolveRemote> extends Run<infer T> ? T : never> {
  for (const [i, platform] of platforms.entries()) {
    try {
      return yield* resolveRemote(client, platform)
    } catch (e) {
      if (!(e instanceof ApiError) || !e.message.startsWith('no matching manifest')) throw e
      if (i < platforms.length - 1) continue
      const release =
        platform.os === 'windows' ? ` ${(yield* sys.uname()).release.split('.').slice(0, 3).join('.')}` : ''
      throw new ApiError(
        404,
        `no matching manifest for ${platform.os}/${platform.architecture}${release} in the manifest list entries`,
      )
    }
  }
  throw new ApiError(404, 'no platform')
}

/** Layers of an image, topmost first. */
export const layersOf = (image: Image): readonly string[] =>
  [...image.chain].reverse().map((c) => layerFolder(image.config.os, c))
export const scratchFolder = (c: Pick<Container, 'id' | 'image'>): string =>
  `${ROOT}/${driver(c.image.config.os)}/${c.id}`

/** A path in lowerdir, where colons separate. */
const escaped = (path: string): string => path.replace(/:/g, '\\:')
/** Puts a writable layer over an image's: Windows' filter driver (wcifs) shows them as one drive. Answers the drive's folder. */
export function* mountDrive(sys: Sys, c: Container): Run<string> {
  const folder = scratchFolder(c)
  for (const part of ['upper', 'work', 'drive']) yield* makeDirs(sys, `${folder}/${part}`)
  const lower = layersOf(c.image).map((l) => escaped(`${l}/Files`))
  const failed = yield* sys.mount(
    'wcifs',
    `${folder}/drive`,
    'overlay',
    0,
    `lowerdir=${lower.join(':')},upperdir=${folder}/upper,workdir=${folder}/work`,
  )
  if (failed) throw new ApiError(500, `hcsshim::PrepareLayer failed: ${failed.text}`)
  return `${folder}/drive`
}
export function* unmountDrive(sys: Sys, c: Container): Run<void> {
  yield* sys.umount(`${scratchFolder(c)}/drive`, 2)
}
export const removeScratch = (sys: Sys, c: Container): Run<void> => removeTree(sys, scratchFolder(c))

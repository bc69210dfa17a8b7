/** Images as podman and buildah see them: looked up, pulled, listed with their sizes, removed; libimage. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { ImageConfig, Manifest, Platform } from '../../oci/image.ts'
import { parseReference } from '../../oci/reference.ts'
import { chooseManifest, copyImage, hostPlatform, type Say, silent } from '../containers/copy.ts'
import { candidates, lookUp, type Registries } from '../containers/names.ts'
import { Problem } from '../containers/problem.ts'
import { dockerOptions } from '../containers/registry.ts'
import type { ImageRecord, Storage } from '../containers/storage.ts'
import { openSource, parseImageName, storageDestination, type World } from '../containers/transport.ts'

export interface PullOptions {
  readonly policy?: 'always' | 'missing' | 'never' | 'newer'
  readonly platform?: Partial<Platform>
  readonly say?: Say
  readonly bars?: boolean
  readonly tlsVerify?: boolean | undefined
  readonly creds?: string | undefined
  readonly authfile?: string | undefined
}
export const worldOf = (
  sys: Sys,
  storage: Storage,
  registries: Registries,
  o: Pick<PullOptions, 'tlsVerify' | 'creds' | 'authfile'> = {},
): World => ({
  sys,
  storage,
  registries,
  docker: (domain) => dockerOptions(sys, storage.place, registries, domain, o),
})
/** A local image by any of its names. Throws Problem in podman's words. */
export function* findImage(storage: Storage, registries: Registries, name: string): Run<ImageRecord> {
  const found = lookUp(yield* storage.images(), name, registries)
  if (!found) throw new Problem(`${name}: image not known`)
  return found.image
}
/** Pulls an image by one of the names that a short one may stand for: its id, and the name that it was found by. Throws Problem. */
export function* pull(
  sys: Sys,
  storage: Storage,
  registries: Registries,
  name: string,
  o: PullOptions = {},
): Run<{ readonly id: string; readonly name: string }> {
  const say = o.say ?? silent
  const policy = o.policy ?? 'always'
  const known = lookUp(yield* storage.images(), name, registries)
  if (known && (policy === 'missing' || policy === 'never'))
    return { id: known.image.id, name: known.name ?? known.image.names[0] ?? '' }
  if (policy === 'never') throw new Problem(`${name}: image not known`)
  const parsed = parseImageName(name)
  const transport = 'error' in parsed || /^[^/]*:\d+\//.test(name) ? undefined : parsed
  const w = worldOf(sys, storage, registries, o)
  const platform = yield* hostPlatform(sys, o.platform)
  if (transport && transport.transport !== 'docker') {
    const source = yield* openSource(w, transport)
    const to = yield* storageDestination(w, [])
    yield* copyImage(source, to, { platform, say, bars: o.bars ?? false })
    return { id: to.id(), name: to.id() }
  }
  const { names, note } = candidates(name, registries)
  if (note) yield* say(note)
  const failures: string[] = []
  for (const full of names) {
    yield* say(`Trying to pull ${full}...`)
    try {
      return { id: yield* pullOne(w, full, platform, say, o.bars ?? false), name: full }
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      failures.push(e.message)
    }
  }
  if (failures.length === 1) throw new Problem(failures[0] as string)
  throw new Problem(
    `unable to copy from source ${names.join(', ')}: ${failures.length} errors occurred while pulling:\n * ${failures.join('\n * ')}`,
  )
}
function* pullOne(w: World, full: string, platform: Platform, say: Say, bars: boolean): Run<string> {
  const source = yield* openSource(w, { transport: 'docker', rest: full, whole: `docker://${full}` })
  try {
    const shown = `docker://${full.replace(/^docker\.io\/(library\/)?/, '')}`
    let chosen: Awaited<ReturnType<typeof chooseManifest> extends Run<infer T> ? T : never>
    try {
      chosen = yield* chooseManifest(source, platform)
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      throw new Problem(
        /^choosing an image/.test(e.message)
          ? `unable to copy from source docker://${full}: ${e.message}`
          : `initializing source ${shown}: ${e.message}`,
      )
    }
    const to = yield* storageDestination(w, [full], chosen.index ? [chosen.index] : [])
    try {
      yield* copyImage(source, to, { platform, say, bars })
    } catch (e) {
      throw e instanceof Problem ? new Problem(`copying system image from manifest list: ${e.message}`) : e
    }
    return to.id()
  } finally {
    yield* source.close()
  }
}
/** What a listing tells of an image. */
export interface ImageInfo {
  readonly record: ImageRecord
  readonly config: ImageConfig
  readonly manifest: Manifest
  /** Bytes of its layers' files and its documents. */
  readonly size: number
}
export function* imageInfo(storage: Storage, record: ImageRecord): Run<ImageInfo> {
  const manifest = yield* storage.imageJson<Manifest>(record.id, 'manifest')
  const config = yield* storage.imageJson<ImageConfig>(record.id, manifest.config.digest)
  const layers = yield* storage.layerChain(record.layer)
  const size =
    layers.reduce((n, l) => n + (l['diff-size'] ?? 0), 0) +
    Object.values(record['big-data-sizes']).reduce((n, s) => n + s, 0)
  return { record, config, manifest, size }
}
/** Digests that a repository's name stands for: of the image's manifest, and of the index that it came from. */
export function repoDigests(i: ImageRecord): string[] {
  const digests = [
    ...new Set(
      Object.entries(i['big-data-digests'])
        .filter(([k]) => k.startsWith('manifest'))
        .map(([, d]) => d),
    ),
  ].sort()
  const repos = [
    ...new Set(
      i.names.map((n) => {
        const ref = parseReference(n)
        return 'error' in ref ? n : `${ref.domain}/${ref.path}`
      }),
    ),
  ]
  return repos.flatMap((r) => digests.map((d) => `${r}@${d}`))
}
/** An image is another's parent where that one has its layers and its history, and one step more. */
function isParent(a: ImageConfig, b: ImageConfig): boolean {
  const short = a.rootfs.diff_ids
  const long = b.rootfs.diff_ids
  return (
    a.history.length > 0 &&
    a.history.length + 1 === b.history.length &&
    short.length <= long.length &&
    short.every((d, n) => d === long[n]) &&
    a.history.every((h, n) => h.created_by === b.history[n]?.created_by && h.created === b.history[n]?.created)
  )
}
/** The image that another was made on, if it is here. */
export const parentOf = (infos: readonly ImageInfo[], i: ImageInfo): ImageInfo | undefined =>
  infos.find((p) => p !== i && isParent(p.config, i.config))
/** Whether an image is somebody's intermediate one: it has no name, and another is made on it. */
export const hasChild = (infos: readonly ImageInfo[], i: ImageInfo): boolean =>
  infos.some((c) => c !== i && isParent(i.config, c.config))

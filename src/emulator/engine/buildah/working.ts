/** Buildah's working containers: a writable layer over an image, and the configuration that the next image will have; buildah.json. */
import type { Run } from '../../kernel/linux/abi.ts'
import type { ImageConfig, Manifest, RunConfig } from '../../oci/image.ts'
import { type Committed, commitImage } from '../containers/commit.ts'
import { hostPlatform } from '../containers/copy.ts'
import { loadJson, putFile } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { type ContainerRecord, type ImageRecord, isoTime } from '../containers/storage.ts'
import { imageInfo } from '../libpod/images.ts'
import type { Libpod } from '../libpod/libpod.ts'

export interface Working {
  readonly name: string
  readonly id: string
  /** '' for scratch. */
  readonly fromImage: string
  readonly fromImageId: string
  readonly base: { readonly config: ImageConfig; readonly manifest: Manifest } | undefined
  readonly config: RunConfig
  readonly author: string
  readonly comment: string
  readonly createdBy: string
  readonly annotations: Readonly<Record<string, string>>
  readonly hostname: string
}
const file = (lp: Libpod, id: string): string => `${lp.storage.containerDir(id)}/buildah.json`
export const save = (lp: Libpod, w: Working): Run<void> => putFile(lp.sys, file(lp, w.id), JSON.stringify(w))

/** A working container by name or id. Throws Problem. */
export function* find(lp: Libpod, name: string): Run<{ readonly w: Working; readonly record: ContainerRecord }> {
  const record = yield* lp.storage.findContainer(name)
  const w = record && (yield* loadJson<Working | undefined>(lp.sys, file(lp, record.id), undefined))
  if (!record || !w) throw new Problem(`reading build container ${JSON.stringify(name)}: container not known`)
  return { w, record }
}
/** All of them, oldest first. */
export function* all(lp: Libpod): Run<{ readonly w: Working; readonly record: ContainerRecord }[]> {
  const out: { w: Working; record: ContainerRecord }[] = []
  for (const record of yield* lp.storage.containers()) {
    const w = yield* loadJson<Working | undefined>(lp.sys, file(lp, record.id), undefined)
    if (w) out.push({ w, record })
  }
  return out
}
/** Makes one: `alpine-working-container`, with a number where the name is taken. Throws Problem. */
export function* create(
  lp: Libpod,
  image: { readonly record: ImageRecord; readonly name: string } | undefined,
  wanted: string | undefined,
): Run<Working> {
  const info = image ? yield* imageInfo(lp.storage, image.record) : undefined
  const short = image ? `${/([^/:@]+)(?:[:@][^/]*)?$/.exec(image.name)?.[1] ?? image.name}-` : ''
  const taken = new Set((yield* lp.storage.containers()).flatMap((c) => c.names))
  let name = wanted ?? `${short}working-container`
  for (let n = 1; wanted === undefined && taken.has(name); n++) name = `${short}working-container-${n}`
  const id = yield* lp.newId()
  yield* lp.storage.createContainer({
    id,
    name,
    image: image?.record,
    metadata: { 'container-name': name, 'image-name': image?.name ?? '' },
  })
  const w: Working = {
    name,
    id,
    fromImage: image?.name ?? '',
    fromImageId: image?.record.id ?? '',
    base: info ? { config: info.config, manifest: info.manifest } : undefined,
    config: info?.config.config ?? {},
    author: info?.config.author ?? '',
    comment: '',
    createdBy: '',
    annotations: {},
    hostname: '',
  }
  yield* save(lp, w)
  return w
}
/** Writes the image that a working container has become. */
export function* commit(
  lp: Libpod,
  w: Working,
  record: ContainerRecord,
  names: readonly string[],
  version: string,
): Run<Committed> {
  const created = isoTime(yield* lp.now())
  const base = (yield* lp.storage.images()).find((i) => i.id === record.image)
  return yield* commitImage(lp.storage, {
    base: w.base,
    parent: base?.layer,
    layer: yield* lp.storage.diff(record),
    config: { ...w.config, Labels: { ...w.config.Labels, 'io.buildah.version': version } },
    platform: yield* hostPlatform(lp.sys),
    created,
    author: w.author,
    history: [
      {
        created,
        created_by: w.createdBy || '/bin/sh',
        ...(w.author ? { author: w.author } : {}),
        comment: w.comment || (w.fromImage ? `FROM ${w.fromImage}` : ''),
      },
    ],
    annotations: {
      ...(base
        ? { 'org.opencontainers.image.base.digest': base.digest, 'org.opencontainers.image.base.name': w.fromImage }
        : {}),
      ...w.annotations,
    },
    names,
  })
}

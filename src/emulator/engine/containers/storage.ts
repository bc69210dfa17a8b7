/**
 * containers/storage: layers, images and containers as files below one directory, which podman, buildah and skopeo share without a daemon.
 * The files' names and shapes are the library's (overlay driver); the archive kept beside a layer is whole, where the real one keeps its headers.
 */
import { gunzipSync, gzipSync } from 'fflate'
import { hex, text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import { readTar, writeTar } from '../../oci/tar.ts'
import { readFile, readText } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { removeTree } from '../containerd.ts'
import { base64 } from '../dockerd/distribution.ts'
import { type Layers, layerEntries } from '../layers.ts'
import { unpack } from '../unpack.ts'
import { loadJson, locked, makeFolders, putFile, saveJson } from './files.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'

/** A read-only or writable layer; overlay-layers/layers.json. */
export interface LayerRecord {
  readonly id: string
  readonly parent?: string
  readonly names?: readonly string[]
  readonly created: string
  readonly 'compressed-diff-digest'?: string
  readonly 'compressed-size'?: number
  readonly 'diff-digest'?: string
  readonly 'diff-size'?: number
  readonly compression?: number
}
/** overlay-images/images.json */
export interface ImageRecord {
  /** The configuration's digest without its algorithm: what podman calls the image's id. */
  readonly id: string
  /** The digest that the name stood for when it was pulled: of an index, or of a manifest. */
  readonly digest: Digest
  readonly names: readonly string[]
  readonly 'names-history': readonly string[]
  readonly layer?: string
  readonly metadata: string
  readonly 'big-data-names': readonly string[]
  readonly 'big-data-sizes': Readonly<Record<string, number>>
  readonly 'big-data-digests': Readonly<Record<string, string>>
  readonly created: string
}
/** overlay-containers/containers.json */
export interface ContainerRecord {
  readonly id: string
  readonly names: readonly string[]
  /** '' for one without an image. */
  readonly image: string
  readonly layer: string
  readonly metadata: string
  readonly created: string
}
/** What a mounted container holds open: run root's mountpoints.json. */
interface MountRecord {
  readonly id: string
  readonly path: string
  readonly count: number
}
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Digests and other names that a file can't have are written in base64, as makeBigDataBaseName does. */
const fileOf = (key: string): string =>
  /^[a-z0-9-]+$/.test(key) ? key : `=${base64(key).replace(/\+/g, '-').replace(/\//g, '_')}`
/** The id of a layer over another: of what it holds and what is below, as storage's destination of containers/image computes it. */
export const layerId = (parent: string | undefined, diffId: string): string =>
  parent === undefined ? diffId.slice(7) : digestOf(utf8(`${parent}+${diffId.slice(7)}`)).slice(7)

/** Where engines put files of their own into containers: places that runtimes make for mounts are no changes (libpod's initInodes). */
const ownPaths = new Set(
  'dev etc/hostname etc/hosts etc/resolv.conf proc run run/notify run/.containerenv run/secrets sys etc/mtab catatonit'.split(
    ' ',
  ),
)
export const isOwnPath = (path: string): boolean => ownPaths.has(path.replace(/^\//, ''))

export class Storage {
  readonly sys: Sys
  readonly place: Place
  constructor(sys: Sys, place: Place) {
    this.sys = sys
    this.place = place
  }
  get #root(): string {
    return this.place.graphRoot
  }
  #lock<T>(body: () => Run<T>): Run<T> {
    return locked(this.sys, `${this.#root}/storage.lock`, body)
  }
  layers(): Run<readonly LayerRecord[]> {
    return loadJson<readonly LayerRecord[]>(this.sys, `${this.#root}/overlay-layers/layers.json`, [])
  }
  images(): Run<readonly ImageRecord[]> {
    return loadJson<readonly ImageRecord[]>(this.sys, `${this.#root}/overlay-images/images.json`, [])
  }
  containers(): Run<readonly ContainerRecord[]> {
    return loadJson<readonly ContainerRecord[]>(this.sys, `${this.#root}/overlay-containers/containers.json`, [])
  }
  *#save(kind: 'layers' | 'images' | 'containers', list: readonly unknown[]): Run<void> {
    const dir = `${this.#root}/overlay-${kind}`
    yield* makeFolders(this.sys, dir, 0o700)
    yield* saveJson(this.sys, `${dir}/${kind}.json`, list)
  }
  *#now(): Run<string> {
    const ns = yield* this.sys.clock('realtime')
    return isoTime(ns)
  }

  // --- layers ---
  layerDir(id: string): string {
    return `${this.#root}/overlay/${id}`
  }
  /** Makes the directories of a layer, with the short link that keeps mount options short. */
  *#makeLayer(id: string, parent: string | undefined): Run<void> {
    const dir = this.layerDir(id)
    yield* makeFolders(this.sys, `${this.#root}/overlay/l`, 0o700)
    yield* makeFolders(this.sys, `${dir}/diff`)
    for (const name of ['work', 'merged']) yield* makeFolders(this.sys, `${dir}/${name}`, 0o700)
    const link = [...(yield* this.sys.getrandom(26))].map((b) => letters[b % 32]).join('')
    yield* this.sys.symlink(`../${id}/diff`, `${this.#root}/overlay/l/${link}`)
    yield* putFile(this.sys, `${dir}/link`, link, 0o644)
    if (parent !== undefined) {
      const own = yield* readText(this.sys, `${this.layerDir(parent)}/link`)
      const below = yield* readText(this.sys, `${this.layerDir(parent)}/lower`)
      yield* putFile(
        this.sys,
        `${dir}/lower`,
        [`l/${isErr(own) ? '' : own}`, ...(isErr(below) ? [] : [below])].join(':'),
        0o644,
      )
    }
  }
  /** Layers below a layer, topmost first: what overlay's lowerdir lists. */
  *lowers(id: string): Run<string[]> {
    const text = yield* readText(this.sys, `${this.layerDir(id)}/lower`)
    return isErr(text) || text === '' ? [] : text.split(':').map((l) => `${this.#root}/overlay/${l}`)
  }
  /** Unpacks a layer's archive over its parent, unless it is there. Answers its id; a Problem where the archive is not what was promised. */
  *putLayer(bytes: Uint8Array, diffId: Digest, parent: string | undefined, tag = ''): Run<string> {
    const id = layerId(parent, diffId)
    if ((yield* this.layers()).some((l) => l.id === id)) return id
    let tar: Uint8Array
    try {
      tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
    } catch {
      throw new Problem(`${tag}unexpected EOF`)
    }
    if (digestOf(tar) !== diffId)
      throw new Problem(`${tag}the layer ${diffId} doesn't match its archive ${digestOf(tar)}`)
    const entries = readTar(tar)
    if ('error' in entries) throw new Problem(`${tag}unpacking failed: ${entries.error}`)
    return yield* this.#lock(
      function* (this: Storage): Run<string> {
        const list = yield* this.layers()
        if (list.some((l) => l.id === id)) return id
        yield* this.#makeLayer(id, parent)
        const failed = yield* unpack(this.sys, `${this.layerDir(id)}/diff`, entries, {
          layer: { lower: yield* this.lowers(id) },
        })
        if (failed) {
          yield* removeTree(this.sys, this.layerDir(id))
          throw new Problem(`${tag}unpacking failed (error: exit status 1; output: ${failed})`)
        }
        const packed = bytes === tar ? gzipSync(tar, { level: 6, mtime: 0 }) : bytes
        yield* makeFolders(this.sys, `${this.#root}/overlay-layers`, 0o700)
        yield* putFile(this.sys, `${this.#root}/overlay-layers/${id}.tar-split.gz`, packed)
        yield* this.#save('layers', [
          ...list,
          {
            id,
            ...(parent === undefined ? {} : { parent }),
            created: yield* this.#now(),
            'compressed-diff-digest': digestOf(packed),
            'compressed-size': packed.length,
            'diff-digest': diffId,
            'diff-size': entries.reduce((n, e) => n + (e.data?.size ?? 0), 0),
            compression: 2,
          },
        ])
        return id
      }.bind(this),
    )
  }
  /** A layer's compressed archive, as it came or as it was made. */
  *layerArchive(id: string): Run<Uint8Array> {
    const bytes = yield* readFile(this.sys, `${this.#root}/overlay-layers/${id}.tar-split.gz`)
    if (isErr(bytes)) throw new Problem(`layer ${id}: layer not known`)
    return bytes
  }
  /** Layers of an image, lowest first. */
  *layerChain(top: string | undefined): Run<LayerRecord[]> {
    const list = yield* this.layers()
    const out: LayerRecord[] = []
    for (let at = top; at !== undefined; ) {
      const l = list.find((x) => x.id === at)
      if (!l) break
      out.unshift(l)
      at = l.parent
    }
    return out
  }
  /** The directories of a container's writable layer. */
  *layersOf(c: Pick<ContainerRecord, 'layer'>): Run<Layers> {
    const dir = this.layerDir(c.layer)
    return { upper: `${dir}/diff`, work: `${dir}/work`, lower: yield* this.lowers(c.layer), tmp: `${this.#root}/tmp` }
  }
  /** The changes in a container's layer as an archive, with its diff id. */
  *diff(c: Pick<ContainerRecord, 'layer'>): Run<{ readonly tar: Uint8Array; readonly diffId: Digest }> {
    const entries = yield* layerEntries(this.sys, yield* this.layersOf(c))
    if (isErr(entries)) throw new Problem(`reading layer ${c.layer}: ${entries.text.toLowerCase()}`)
    const tar = writeTar(entries.filter((e) => !ownPaths.has(e.path)))
    return { tar, diffId: digestOf(tar) }
  }
  *#dropLayer(id: string): Run<void> {
    const link = yield* readText(this.sys, `${this.layerDir(id)}/link`)
    if (!isErr(link)) yield* this.sys.unlink(`${this.#root}/overlay/l/${link}`)
    yield* removeTree(this.sys, this.layerDir(id))
    yield* this.sys.unlink(`${this.#root}/overlay-layers/${id}.tar-split.gz`)
  }

  // --- mounts ---
  get #mountsFile(): string {
    return `${this.place.runRoot}/overlay-layers/mountpoints.json`
  }
  /** Mounts a container's file system, or counts one more user of it. Answers where. */
  *mount(c: Pick<ContainerRecord, 'id' | 'layer'>): Run<string> {
    const merged = `${this.layerDir(c.layer)}/merged`
    return yield* this.#lock(
      function* (this: Storage): Run<string> {
        const list = yield* loadJson<readonly MountRecord[]>(this.sys, this.#mountsFile, [])
        const known = list.find((m) => m.id === c.layer)
        if (!known) {
          const { upper, work, lower } = yield* this.layersOf(c)
          const failed =
            lower.length === 0
              ? yield* this.sys.mount(upper, merged, '', 4096)
              : yield* this.sys.mount(
                  'overlay',
                  merged,
                  'overlay',
                  0,
                  `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}${this.place.rootless ? ',userxattr' : ''}`,
                )
          if (failed)
            throw new Problem(
              `mounting storage for container ${c.id}: creating overlay mount to ${merged}: ${failed.text.toLowerCase()}`,
            )
        }
        yield* makeFolders(this.sys, `${this.place.runRoot}/overlay-layers`, 0o700)
        yield* saveJson(this.sys, this.#mountsFile, [
          ...list.filter((m) => m !== known),
          { id: c.layer, path: merged, count: (known?.count ?? 0) + 1 },
        ])
        return merged
      }.bind(this),
    )
  }
  /** Takes one user of a mounted file system away; the last, or `force`, unmounts it. */
  *unmount(c: Pick<ContainerRecord, 'layer'>, force = false): Run<void> {
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const list = yield* loadJson<readonly MountRecord[]>(this.sys, this.#mountsFile, [])
        const known = list.find((m) => m.id === c.layer)
        if (!known) return
        const left = force ? 0 : known.count - 1
        if (left <= 0) yield* this.sys.umount(known.path, 2)
        yield* saveJson(this.sys, this.#mountsFile, [
          ...list.filter((m) => m !== known),
          ...(left > 0 ? [{ ...known, count: left }] : []),
        ])
      }.bind(this),
    )
  }
  /** Where a container is mounted; undefined where it isn't. */
  *mountedAt(c: Pick<ContainerRecord, 'layer'>): Run<string | undefined> {
    const list = yield* loadJson<readonly MountRecord[]>(this.sys, this.#mountsFile, [])
    return list.find((m) => m.id === c.layer)?.path
  }

  // --- images ---
  imageDir(id: string): string {
    return `${this.#root}/overlay-images/${id}`
  }
  /** A document kept with an image: `manifest`, or a configuration by its digest. */
  *imageData(id: string, key: string): Run<Uint8Array> {
    const bytes = yield* readFile(this.sys, `${this.imageDir(id)}/${fileOf(key)}`)
    if (isErr(bytes))
      throw new Problem(`locating item named ${JSON.stringify(key)} for image with ID "${id}": file does not exist`)
    return bytes
  }
  *imageJson<T>(id: string, key: string): Run<T> {
    return JSON.parse(text(yield* this.imageData(id, key))) as T
  }
  /** Enters an image with its documents, or gives one that is there a further name. Whoever had the name loses it. */
  *putImage(o: {
    readonly id: string
    readonly digest: Digest
    readonly names: readonly string[]
    readonly layer: string | undefined
    readonly created: string
    readonly data: ReadonlyMap<string, Uint8Array>
  }): Run<void> {
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const list = yield* this.images()
        const known = list.find((i) => i.id === o.id)
        yield* makeFolders(this.sys, this.imageDir(o.id), 0o700)
        const sizes: Record<string, number> = { ...known?.['big-data-sizes'] }
        const digests: Record<string, string> = { ...known?.['big-data-digests'] }
        for (const [key, bytes] of o.data) {
          yield* putFile(this.sys, `${this.imageDir(o.id)}/${fileOf(key)}`, bytes)
          sizes[key] = bytes.length
          digests[key] = digestOf(bytes)
        }
        const made: ImageRecord = {
          id: o.id,
          digest: o.digest,
          names: [...o.names, ...(known?.names ?? []).filter((n) => !o.names.includes(n))],
          'names-history': [...new Set([...o.names, ...(known?.['names-history'] ?? [])])],
          ...(o.layer === undefined ? {} : { layer: o.layer }),
          metadata: '{}',
          'big-data-names': Object.keys(sizes),
          'big-data-sizes': sizes,
          'big-data-digests': digests,
          created: o.created,
        }
        const others = list.map((i) =>
          i.id === o.id ? made : { ...i, names: i.names.filter((n) => !o.names.includes(n)) },
        )
        yield* this.#save('images', known ? others : [...others, made])
      }.bind(this),
    )
  }
  *setNames(id: string, names: readonly string[]): Run<void> {
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const list = yield* this.images()
        yield* this.#save(
          'images',
          list.map((i) =>
            i.id === id
              ? { ...i, names, 'names-history': [...new Set([...i['names-history'], ...names])] }
              : { ...i, names: i.names.filter((n) => !names.includes(n)) },
          ),
        )
      }.bind(this),
    )
  }
  /** Removes an image, and the layers that no image and no container needs. */
  *deleteImage(id: string): Run<void> {
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const images = (yield* this.images()).filter((i) => i.id !== id)
        yield* this.#save('images', images)
        yield* removeTree(this.sys, this.imageDir(id))
        yield* this.#dropUnused(images, yield* this.containers())
      }.bind(this),
    )
  }
  *#dropUnused(images: readonly ImageRecord[], containers: readonly ContainerRecord[]): Run<void> {
    const list = yield* this.layers()
    const needed = new Set<string>()
    for (const top of [...images.map((i) => i.layer), ...containers.map((c) => c.layer)])
      for (let at = top; at !== undefined && !needed.has(at); at = list.find((l) => l.id === at)?.parent) needed.add(at)
    for (const l of list) if (!needed.has(l.id)) yield* this.#dropLayer(l.id)
    yield* this.#save(
      'layers',
      list.filter((l) => needed.has(l.id)),
    )
  }

  // --- containers ---
  containerDir(id: string): string {
    return `${this.#root}/overlay-containers/${id}/userdata`
  }
  runDir(id: string): string {
    return `${this.place.runRoot}/overlay-containers/${id}/userdata`
  }
  /** Makes a container with a writable layer over an image's, or over nothing. */
  *createContainer(o: {
    readonly id: string
    readonly name: string
    readonly image: ImageRecord | undefined
    readonly metadata: unknown
  }): Run<ContainerRecord> {
    return yield* this.#lock(
      function* (this: Storage): Run<ContainerRecord> {
        const list = yield* this.containers()
        const taken = list.find((c) => c.names.includes(o.name))
        if (taken)
          throw new Problem(
            `creating container storage: the container name "${o.name}" is already in use by ${taken.id}. You have to remove that container to be able to reuse that name: that name is already in use, or use --replace to instruct Podman to do so.`,
          )
        const layer = hex(yield* this.sys.getrandom(32))
        yield* this.#makeLayer(layer, o.image?.layer)
        const created = yield* this.#now()
        yield* this.#save('layers', [
          ...(yield* this.layers()),
          { id: layer, ...(o.image?.layer === undefined ? {} : { parent: o.image.layer }), created },
        ])
        const made: ContainerRecord = {
          id: o.id,
          names: [o.name],
          image: o.image?.id ?? '',
          layer,
          metadata: JSON.stringify(o.metadata),
          created,
        }
        yield* makeFolders(this.sys, this.containerDir(o.id), 0o700)
        yield* makeFolders(this.sys, this.runDir(o.id), 0o700)
        yield* this.#save('containers', [...list, made])
        return made
      }.bind(this),
    )
  }
  *renameContainer(id: string, name: string): Run<void> {
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const list = yield* this.containers()
        yield* this.#save(
          'containers',
          list.map((c) => (c.id === id ? { ...c, names: [name] } : c)),
        )
      }.bind(this),
    )
  }
  /** Unmounts and removes a container with its layer. */
  *deleteContainer(id: string): Run<void> {
    const c = (yield* this.containers()).find((x) => x.id === id)
    if (!c) return
    yield* this.unmount(c, true)
    yield* this.#lock(
      function* (this: Storage): Run<void> {
        const list = (yield* this.containers()).filter((x) => x.id !== id)
        yield* this.#save('containers', list)
        for (const base of [this.#root, this.place.runRoot])
          yield* removeTree(this.sys, `${base}/overlay-containers/${id}`)
        yield* this.#dropUnused(yield* this.images(), list)
      }.bind(this),
    )
  }
  /** A container by name, id or the beginning of an id; undefined where there is none. */
  *findContainer(name: string): Run<ContainerRecord | undefined> {
    const list = yield* this.containers()
    return (
      list.find((c) => c.names.includes(name) || c.id === name) ??
      (/^[0-9a-f]{3,}$/.test(name) ? list.find((c) => c.id.startsWith(name)) : undefined)
    )
  }
}
/** A time as Go writes it in JSON: `2026-11-21T14:44:50.770032487Z`. */
export function isoTime(ns: number): string {
  const rest = String(Math.floor(ns % 1e9))
    .padStart(9, '0')
    .replace(/0+$/, '')
  return strftime(`%FT%T${rest === '' ? '' : `.${rest}`}Z`, ns)
}

/** The documents of the image-spec: descriptor, manifest, index, configuration; and images made of layers. */
import { gzipSync } from 'fflate'
import { utf8 } from '../base/bytes.ts'
import { type Digest, digestOf } from './digest.ts'
import { ours } from './own.ts'
import { type TarEntry, writeTar } from './tar.ts'

export const media = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

export interface Platform {
  readonly architecture: string
  readonly os: string
  readonly variant?: string
  /** The build of Windows that its binaries are for: `10.0.26100.7171`. */
  readonly 'os.version'?: string
}
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
  readonly artifactType?: string
}
export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}
export interface Index {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly manifests: readonly Descriptor[]
}
/** image-spec config.md, "config". */
export interface RunConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Volumes?: Readonly<Record<string, object>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  /** Docker's additions (moby/docker-image-spec). */
  readonly Healthcheck?: {
    readonly Test?: readonly string[]
    /** Times in nanoseconds. */
    readonly Interval?: number
    readonly Timeout?: number
    readonly StartPeriod?: number
    readonly StartInterval?: number
    readonly Retries?: number
  }
  readonly OnBuild?: readonly string[]
  readonly Shell?: readonly string[]
  readonly ArgsEscaped?: boolean
}
export interface ImageConfig extends Platform {
  readonly created: string
  readonly author?: string
  readonly config: RunConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history: readonly {
    readonly created?: string
    readonly created_by?: string
    readonly author?: string
    readonly empty_layer?: boolean
    readonly comment?: string
  }[]
}

/** A layer as the recipe gives it. */
export interface LayerRecipe {
  readonly createdBy: string
  readonly entries: readonly TarEntry[]
}
export interface ImageRecipe {
  readonly platform: Platform
  readonly created: string
  readonly config: RunConfig
  readonly layers: readonly LayerRecipe[]
  /** Steps that changed the configuration alone. */
  readonly steps?: readonly string[]
}
export type Blobs = Map<Digest, Uint8Array>

export function addBlob(blobs: Blobs, bytes: Uint8Array): { readonly digest: Digest; readonly size: number } {
  const digest = digestOf(bytes)
  blobs.set(digest, bytes)
  return { digest, size: bytes.length }
}
export const addJson = (blobs: Blobs, value: unknown): { readonly digest: Digest; readonly size: number } =>
  addBlob(blobs, utf8(ours(JSON.stringify(value))))

/** Layers already packed: images share them. */
const packed = new WeakMap<readonly TarEntry[], { readonly bytes: Uint8Array; readonly diffId: Digest }>()
/** A layer's gzip bytes and diff id. */
export function packLayer(entries: readonly TarEntry[]): { readonly bytes: Uint8Array; readonly diffId: Digest } {
  const known = packed.get(entries)
  if (known) return known
  const tar = writeTar(entries)
  const made = { bytes: gzipSync(tar, { level: 6, mtime: 0 }), diffId: digestOf(tar) }
  packed.set(entries, made)
  return made
}

/** Builds one platform's image into a store of blobs: its manifest's descriptor. */
export function buildImage(blobs: Blobs, recipe: ImageRecipe): Descriptor {
  const layers = recipe.layers.map((l) => packLayer(l.entries))
  const config: ImageConfig = {
    ...recipe.platform,
    created: recipe.created,
    config: recipe.config,
    rootfs: { type: 'layers', diff_ids: layers.map((l) => l.diffId) },
    history: [
      ...recipe.layers.map((l) => ({ created: recipe.created, created_by: l.createdBy })),
      ...(recipe.steps ?? []).map((s) => ({ created: recipe.created, created_by: s, empty_layer: true })),
    ],
  }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: media.manifest,
    config: { mediaType: media.config, ...addJson(blobs, config) },
    layers: layers.map((l) => ({ mediaType: media.layer, ...addBlob(blobs, l.bytes) })),
  }
  return { mediaType: media.manifest, ...addJson(blobs, manifest), platform: recipe.platform }
}
/** An index over platforms: its descriptor. */
export function buildIndex(blobs: Blobs, manifests: readonly Descriptor[]): Descriptor {
  const index: Index = { schemaVersion: 2, mediaType: media.index, manifests }
  return { mediaType: media.index, ...addJson(blobs, index) }
}
/** The manifest for a platform; undefined where the index has none. */
export function choosePlatform(index: Index, want: Platform): Descriptor | undefined {
  return index.manifests.find(
    (m) =>
      m.platform?.os === want.os &&
      m.platform.architecture === want.architecture &&
      (want.variant === undefined || m.platform.variant === want.variant),
  )
}
/** Layers that one image may have: what overlayfs can stack. moby's layer store says "max depth exceeded". */
export const MAX_LAYERS = 125

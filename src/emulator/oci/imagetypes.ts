/** The image-spec's documents as containerd and docker read them: github.com/opencontainers/image-spec/specs-go/v1. */
import { type Digest, parseDigest } from './digest.ts'
import type { Run } from '../kernel/linux/abi.ts'
import { isOurs } from './own.ts'
import { map, readJson, type Shape, type Struct, stringMap, strings, struct } from './gotypes.ts'
import { type Descriptor, type ImageConfig, type Index, MAX_LAYERS, type Manifest } from './image.ts'
import type { Refused } from './json.ts'

const platform = (): Struct =>
  struct('v1.Platform', {
    architecture: 'string',
    os: 'string',
    variant: 'string',
    'os.version': 'string',
    'os.features': strings,
  })
const descriptor = (): Struct =>
  struct('v1.Descriptor', {
    mediaType: 'string',
    digest: 'string',
    size: 'int64',
    urls: strings,
    annotations: stringMap(),
    platform: platform(),
    artifactType: 'string',
  })
/** A manifest or an index: which of them it is shows by its members. */
export const manifestShape = (): Struct =>
  struct('v1.Manifest', {
    schemaVersion: 'int',
    mediaType: 'string',
    artifactType: 'string',
    config: descriptor(),
    layers: [descriptor()],
    manifests: [descriptor()],
    subject: descriptor(),
    annotations: stringMap(),
  })
const healthcheck = (): Struct =>
  struct('v1.HealthcheckConfig', {
    Test: strings,
    Interval: 'int64',
    Timeout: 'int64',
    StartPeriod: 'int64',
    StartInterval: 'int64',
    Retries: 'int',
  })
/** The configuration that containers of an image start with; docker's additions among it. */
export const runConfig = (): Readonly<Record<string, Shape>> => ({
  User: 'string',
  ExposedPorts: map(struct('struct {}', {})),
  Env: strings,
  Entrypoint: 'StrSlice',
  Cmd: 'StrSlice',
  Volumes: map(struct('struct {}', {})),
  WorkingDir: 'string',
  Labels: stringMap(),
  StopSignal: 'string',
  Healthcheck: healthcheck(),
  OnBuild: strings,
  Shell: 'StrSlice',
  ArgsEscaped: 'bool',
})
const image = (): Struct =>
  struct('v1.Image', {
    ...platform().members,
    created: 'string',
    author: 'string',
    config: struct('v1.ImageConfig', runConfig()),
    rootfs: struct('v1.RootFS', { type: 'string', diff_ids: strings }),
    history: [
      struct('v1.History', {
        created: 'string',
        created_by: 'string',
        author: 'string',
        comment: 'string',
        empty_layer: 'bool',
      }),
    ],
  })
const badDigest: Refused = { refused: 'invalid checksum digest format' }

/** A manifest or an index whose descriptors all have well-formed digests and sizes; or what is wrong with it. */
export function readManifest(text: string): { readonly value: Manifest | Index } | Refused {
  const r = readJson<Partial<Manifest> & Partial<Index>>(text, manifestShape)
  if ('refused' in r) return r
  const { config, layers, manifests } = r.value
  if (!config && !manifests) return { refused: 'neither a manifest with a config nor an index' }
  for (const d of [...(config ? [config] : []), ...(layers ?? []), ...(manifests ?? [])]) {
    if (!parseDigest(d.digest ?? '')) return badDigest
    if ((d.size ?? 0) < 0) return { refused: `invalid size ${d.size} of ${d.digest}` }
  }
  // Of a document that is both the containers' libraries trust neither (GHSA-77vh-xpmg-72qh).
  if (manifests && (config || layers)) return { refused: 'invalid manifest: both an index and a manifest' }
  return { value: (manifests ? r.value : { ...r.value, layers: layers ?? [] }) as Manifest | Index }
}
/** An image's configuration, complete as far as everybody relies on it; or what is wrong with it. */
export function readImageConfig(text: string): { readonly value: ImageConfig } | Refused {
  const r = readJson<Partial<ImageConfig>>(text, image)
  if ('refused' in r) return r
  const { architecture = '', os = '', created = '', config = {}, rootfs, history = [] } = r.value
  const ids = rootfs?.diff_ids ?? []
  if (ids.some((d) => !parseDigest(d))) return badDigest
  return {
    value: {
      ...r.value,
      architecture,
      os,
      created,
      config,
      rootfs: { type: 'layers', diff_ids: ids as readonly Digest[] },
      history,
    },
  }
}
/** The manifest or index that a text says: checked by readManifest, unless it is ours. */
export function* manifestOf(text: string): Run<ReturnType<typeof readManifest>> {
  return isOurs(text) ? { value: JSON.parse(text) as Manifest | Index } : readManifest(text)
}
/** The same of an image's configuration. */
export function* configOf(text: string): Run<ReturnType<typeof readImageConfig>> {
  return isOurs(text) ? { value: JSON.parse(text) as ImageConfig } : readImageConfig(text)
}
/** Why a configuration and a manifest's layers don't belong together; undefined where they do. */
export function layersComplaint(config: ImageConfig, layers: readonly Descriptor[]): string | undefined {
  if (config.rootfs.diff_ids.length !== layers.length) return 'mismatched image rootfs and manifest layers'
  return layers.length > MAX_LAYERS ? 'max depth exceeded' : undefined
}

/** Copying an image from one place to another, told as copy.Image of containers/image tells it. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { choosePlatform, type Index, type Manifest, type Platform } from '../../oci/image.ts'
import { Problem } from './problem.ts'
import type { Destination, Source } from './transport.ts'

export type Say = (line: string) => Run<void>
export const silent: Say = function* () {}
/** What this machine runs, unless the command line names another platform. */
export function* hostPlatform(sys: Sys, over: Partial<Platform> = {}): Run<Platform> {
  const architecture = (yield* sys.uname()).machine === 'aarch64' ? 'arm64' : 'amd64'
  return { os: 'linux', architecture, ...over }
}
/** A source's manifest for a platform, with the index that it was chosen from. Throws Problem where the index has none. */
export function* chooseManifest(
  source: Source,
  platform: Platform,
): Run<{ readonly bytes: Uint8Array; readonly mediaType: string; readonly index: Uint8Array | undefined }> {
  const top = yield* source.manifest()
  const document = parse<Index | Manifest>(top.bytes)
  if (!('manifests' in document)) return { ...top, index: undefined }
  const chosen = choosePlatform(document, platform)
  if (!chosen)
    throw new Problem(
      `choosing an image from manifest list: no image found in image index for architecture "${platform.architecture}", variant "${platform.variant ?? ''}", OS "${platform.os}"`,
    )
  const m = yield* source.manifest(chosen.digest)
  return { ...m, index: top.bytes }
}
function parse<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(text(bytes)) as T
  } catch {
    throw new Problem('parsing manifest: invalid character in JSON')
  }
}
/** Copies one manifest with its blobs. `done`: how a finished line ends, where a terminal shows bars. */
function* copyOne(
  source: Source,
  to: Destination,
  bytes: Uint8Array,
  mediaType: string,
  part: string | undefined,
  say: Say,
  bars: boolean,
): Run<void> {
  const m = parse<Manifest>(bytes)
  if (!m.config || !Array.isArray(m.layers))
    throw new Problem('parsing manifest: unsupported manifest: no config or layers')
  const line = (what: string, digest: string, state: string): string =>
    bars ? `Copying ${what} ${digest.slice(7, 7 + (what === 'blob' ? 12 : 10))} ${state}` : `Copying ${what} ${digest}`
  yield* say('Getting image source signatures')
  const told = new Set<string>()
  for (const l of m.layers) {
    if (told.has(l.digest)) continue
    told.add(l.digest)
    const there = yield* to.has(l.digest)
    yield* say(line('blob', l.digest, there ? 'skipped: already exists  ' : 'done   | '))
    if (!there) yield* to.putBlob(l.digest, yield* source.blob(l))
  }
  yield* say(line('config', m.config.digest, 'done   | '))
  if (!(yield* to.has(m.config.digest))) yield* to.putBlob(m.config.digest, yield* source.blob(m.config))
  yield* say('Writing manifest to image destination')
  yield* to.putManifest(bytes, mediaType, part)
}
export interface CopyOptions {
  readonly platform: Platform
  /** --all: an index with all its platforms. */
  readonly all?: boolean
  readonly say?: Say
  /** Progress is drawn on a terminal. */
  readonly bars?: boolean
}
/** Copies an image. Answers the manifest that was written. Throws Problem; nothing is committed then. */
export function* copyImage(source: Source, to: Destination, o: CopyOptions): Run<Uint8Array> {
  const say = o.say ?? silent
  const top = yield* source.manifest()
  const document = parse<Index | Manifest>(top.bytes)
  if (o.all && 'manifests' in document) {
    if (!to.takesIndex) throw new Problem('copying multiple images to a destination that can hold only one')
    yield* say('Getting image list signatures')
    const count = document.manifests.length
    yield* say(`Copying ${count} of ${count} images in list`)
    for (const [n, d] of document.manifests.entries()) {
      yield* say(`Copying image ${d.digest} (${n + 1}/${count})`)
      const m = yield* source.manifest(d.digest)
      yield* copyOne(source, to, m.bytes, m.mediaType, d.digest, say, o.bars ?? false)
    }
    yield* say('Writing manifest list to image destination')
    yield* to.putManifest(top.bytes, top.mediaType)
    yield* to.commit()
    return top.bytes
  }
  const m = yield* chooseManifest(source, o.platform)
  yield* copyOne(source, to, m.bytes, m.mediaType, undefined, say, o.bars ?? false)
  yield* to.commit()
  return m.bytes
}

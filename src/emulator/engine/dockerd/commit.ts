/** POST /commit and POST /images/create?fromSrc=-: images from a container's changes, and from a plain archive of files. */
import { gzipSync } from 'fflate'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { chainIds, digestOf } from '../../oci/digest.ts'
import { type Descriptor, type ImageConfig, media, type RunConfig } from '../../oci/image.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { type TarEntry, writeTar } from '../../oci/tar.ts'
import { strftime } from '../../userland/lib/time.ts'
import { BuildError, type Command, commandOf } from '../buildkit/dockerfile/instructions.ts'
import { parseDockerfile } from '../buildkit/dockerfile/parse.ts'
import { contain, enterImage, nameImage, putBlob, writeImage } from './content.ts'
import { hostPlatform, parsePlatform } from './images.ts'
import { containerLayer } from './rootfs.ts'
import type { Context, Route } from './routes.ts'
import { ApiError, type Container, type Daemon, findContainer, type Image } from './state.ts'
import { pause } from './stop.ts'
import { event } from './support.ts'

const allowed = ['cmd', 'entrypoint', 'env', 'expose', 'label', 'onbuild', 'user', 'volume', 'workdir', 'healthcheck']

/** Applies `--change` instructions to a configuration. */
export function applyChanges(config: RunConfig, changes: readonly string[]): RunConfig {
  let made: RunConfig = config
  for (const text of changes) {
    const parsed = parseDockerfile(text)
    if ('error' in parsed) throw new ApiError(400, parsed.error)
    for (const i of parsed.instructions) {
      if (!allowed.includes(i.keyword.toLowerCase()))
        throw new ApiError(400, `${i.keyword.toLowerCase()} is not a valid change command`)
      try {
        made = apply(made, commandOf(i))
      } catch (e) {
        throw e instanceof BuildError ? new ApiError(400, e.message) : e
      }
    }
  }
  return made
}
function apply(config: RunConfig, c: Command): RunConfig {
  const words = (line: { readonly words: readonly string[]; readonly shell: boolean }): string[] =>
    line.shell ? [...(config.Shell ?? ['/bin/sh', '-c']), line.words.join(' ')] : [...line.words]
  const plain = (v: string): string => v.replace(/^(["'])(.*)\1$/s, '$2')
  switch (c.kind) {
    case 'cmd':
      return { ...config, Cmd: words(c.line) }
    case 'entrypoint':
      return { ...config, Entrypoint: words(c.line) }
    case 'env': {
      const env = new Map((config.Env ?? []).map((e) => [e.split('=')[0] as string, e]))
      for (const p of c.pairs) env.set(p.name, `${p.name}=${plain(p.value)}`)
      return { ...config, Env: [...env.values()] }
    }
    case 'label':
      return {
        ...config,
        Labels: { ...config.Labels, ...Object.fromEntries(c.pairs.map((p) => [p.name, plain(p.value)])) },
      }
    case 'expose':
      return {
        ...config,
        ExposedPorts: {
          ...config.ExposedPorts,
          ...Object.fromEntries(c.values.map((v) => [v.includes('/') ? v : `${v}/tcp`, {}])),
        },
      }
    case 'volume':
      return { ...config, Volumes: { ...config.Volumes, ...Object.fromEntries(c.values.map((v) => [v, {}])) } }
    case 'user':
      return { ...config, User: c.value }
    case 'workdir':
      return { ...config, WorkingDir: c.value }
    case 'stopsignal':
      return { ...config, StopSignal: c.value }
    case 'healthcheck':
      return { ...config, Healthcheck: c.check }
    case 'onbuild':
      return { ...config, OnBuild: [...(config.OnBuild ?? []), c.trigger] }
    default:
      return config
  }
}

/** Stores entries as a layer on top of a chain, and unpacks it. */
export function* addLayer(
  sys: Sys,
  entries: readonly TarEntry[],
  below: { readonly diffIds: readonly string[]; readonly chain: readonly string[] },
): Run<{ readonly descriptor: Descriptor; readonly diffId: ReturnType<typeof digestOf>; readonly chainId: string }> {
  const tar = writeTar(entries)
  const diffId = digestOf(tar)
  const descriptor = yield* putBlob(sys, media.layer, gzipSync(tar, { level: 6, mtime: 0 }))
  const chainId = chainIds([...below.diffIds, diffId] as never).at(-1) as string
  yield* contain(sys, 'diff.Apply', {
    digest: descriptor.digest,
    diffId,
    chainId,
    ...(below.chain.length > 0 ? { parent: below.chain.at(-1) } : {}),
  })
  return { descriptor, diffId, chainId }
}
function nameOf(c: Context): string | undefined {
  if (c.query('repo') === '') return undefined
  const ref = parseReference(c.query('tag') === '' ? c.query('repo') : `${c.query('repo')}:${c.query('tag')}`)
  if ('error' in ref) throw new ApiError(400, ref.error)
  return familiar(ref)
}
function* named(c: Context, image: Image, name: string | undefined): Run<void> {
  if (name === undefined) return
  yield* nameImage(c.sys, c.d, image, name)
  yield* event(c.sys, c.d, 'image', 'tag', image.id, { name })
}
function* commit(c: Context, d: Daemon, x: Container): Run<Image> {
  const name = nameOf(c)
  const { image } = x
  const stop = c.query('pause') !== '0' && c.query('pause') !== 'false' && x.status === 'running'
  if (stop) yield* pause(c.sys, d, x, true)
  try {
    const entries = yield* containerLayer(c.sys, x)
    const diffIds = image.config.rootfs.diff_ids
    const layer = entries.length === 0 ? undefined : yield* addLayer(c.sys, entries, { diffIds, chain: image.chain })
    const created = strftime('%FT%T.%NZ', yield* c.sys.clock('realtime'))
    const { Image: _i, Hostname: _h, Tty: _t, OpenStdin: _o, StdinOnce: _s, AttachStdin: _a, ...config } = x.config
    const made: ImageConfig = {
      ...image.config,
      created,
      ...(c.query('author') === '' ? {} : { author: c.query('author') }),
      config: applyChanges(config, c.queries('changes')),
      rootfs: { type: 'layers', diff_ids: layer ? [...diffIds, layer.diffId] : diffIds },
      history: [
        ...image.config.history,
        {
          created,
          created_by: [x.path, ...x.args].join(' '),
          ...(c.query('comment') === '' ? {} : { comment: c.query('comment') }),
          ...(layer ? {} : { empty_layer: true }),
        },
      ],
    }
    const target = yield* writeImage(
      c.sys,
      made,
      layer ? [...image.layers, layer.descriptor] : image.layers,
      layer ? [...image.chain, layer.chainId] : image.chain,
    )
    const result = yield* enterImage(c.sys, d, target)
    yield* named(c, result, name)
    yield* event(c.sys, d, 'container', 'commit', x.id, {
      comment: c.query('comment'),
      imageID: result.id,
      name: x.name,
    })
    return result
  } finally {
    if (stop) yield* pause(c.sys, d, x, false)
  }
}
/** An image of one layer from an archive of files: `docker import`. */
export function* importFiles(c: Context, entries: readonly TarEntry[]): Run<Image> {
  const name = nameOf(c)
  const platform = c.query('platform') ? parsePlatform(c.query('platform')) : yield* hostPlatform(c.sys)
  const layer = yield* addLayer(c.sys, entries, { diffIds: [], chain: [] })
  const created = strftime('%FT%T.%NZ', yield* c.sys.clock('realtime'))
  const config: ImageConfig = {
    ...platform,
    created,
    config: applyChanges({}, c.queries('changes')),
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, comment: c.query('message') || 'Imported from -' }],
  }
  const image = yield* enterImage(c.sys, c.d, yield* writeImage(c.sys, config, [layer.descriptor], [layer.chainId]))
  yield* named(c, image, name)
  yield* event(c.sys, c.d, 'image', 'import', image.id, { name: name ?? image.id })
  return image
}
export const commitRoutes: readonly Route[] = [
  [
    'POST',
    /^\/commit$/,
    function* (c) {
      const image = yield* commit(c, c.d, findContainer(c.d, c.query('container')))
      return { status: 201, body: { Id: image.id } }
    },
  ],
]

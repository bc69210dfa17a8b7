/** podman build: Dockerfiles by buildah's library, with the flags that both have. */
import { isErr } from '../../base/errno.ts'
import { build } from '../../engine/buildah/build.ts'
import { readContext } from '../../engine/buildkit/builder.ts'
import { localName } from '../../engine/containers/names.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { ApiError } from '../../engine/dockerd/state.ts'
import type { PullOptions } from '../../engine/libpod/images.ts'
import type { Libpod } from '../../engine/libpod/libpod.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { print, readAll } from '../../userland/lib/io.ts'
import { CliError } from '../docker/api.ts'
import { packContext } from '../docker/build/context.ts'
import type { Given } from '../flags.ts'
import type { Commands } from './context.ts'
import { pullOptions } from './images.ts'
import { pairs } from './values.ts'

export const buildFlags =
  'arch authfile build-arg creds file force-rm format iidfile label layers network no-cache os platform pull quiet rm tag target tls-verify variant'
/** Builds from flags and a context directory: the image's id. Throws Problem. */
export function* buildFrom(
  lp: Libpod,
  g: Given,
  o: { readonly layers: boolean; readonly pull: PullOptions; readonly copying: boolean; readonly version: string },
): Run<string> {
  const { sys } = lp
  const dir = g.args[0] ?? '.'
  if (/^(https?|git):/.test(dir) || dir === '-') throw notEmulated(`building from ${dir}`)
  const files = g.all('file')
  if (files.length > 1) throw notEmulated('building from several files')
  const format = g.value('format') ?? 'oci'
  if (format !== 'oci') throw notEmulated(`build --format ${format}`)
  const network = g.value('network') ?? 'default'
  if (!['default', 'host', 'none', 'private'].includes(network)) throw notEmulated(`build --network ${network}`)
  const here = yield* sys.getcwd()
  const cwd = isErr(here) ? '/' : here
  const whole = dir.startsWith('/') ? dir : dir === '.' ? cwd : `${cwd}/${dir}`
  if (isErr(yield* sys.stat(whole))) throw new Problem(`context must be a directory: ${JSON.stringify(whole)}`)
  const named = files[0]
  // Containerfile comes before Dockerfile.
  const container = named === undefined && !isErr(yield* sys.stat(`${whole}/Containerfile`))
  let packed: Awaited<ReturnType<typeof packContext> extends Run<infer T> ? T : never>
  let context: ReturnType<typeof readContext>
  try {
    packed = yield* packContext(sys, cwd, dir, named ?? (container ? `${dir}/Containerfile` : undefined), function* () {
      const bytes = yield* readAll(sys, 0)
      return isErr(bytes) ? new Uint8Array() : bytes
    })
    if (packed.text === undefined)
      throw new Problem(
        named === undefined
          ? `no Containerfile or Dockerfile specified or found in context directory, ${whole}: no such file or directory`
          : `the specified Containerfile or Dockerfile does not exist, ${named.startsWith('/') ? named : `${whole}/${named}`}: no such file or directory`,
      )
    context = readContext(packed.archive, { dockerfile: packed.dockerfile, shown: packed.shown })
  } catch (e) {
    if (e instanceof CliError || e instanceof ApiError)
      throw new Problem(e.message.replace(/^ERROR: failed to build: /, ''))
    throw e
  }
  const quiet = g.has('quiet')
  const tags = g.all('tag').flatMap((t) => t.split(','))
  const layers = g.value('layers') === undefined ? o.layers : g.has('layers')
  const id = yield* build(lp, {
    dockerfile: packed.text,
    context: context.source,
    contextDir: whole,
    tags: tags.map(localName),
    shownTag: tags[0] ?? '',
    target: g.value('target') ?? '',
    buildArgs: new Map(Object.entries(pairs(g.all('build-arg')))),
    labels: new Map(Object.entries(pairs(g.all('label')))),
    platform: o.pull.platform ?? {},
    layers,
    noCache: g.has('no-cache'),
    network: network === 'private' ? 'default' : network,
    pull: {
      ...o.pull,
      policy: g.value('pull') === 'always' ? 'always' : g.value('pull') === 'never' ? 'never' : 'missing',
    },
    *say(line) {
      if (!quiet) yield* print(sys, `${line}\n`)
    },
    copying: o.copying && o.pull.say ? o.pull.say : undefined,
    version: o.version,
  })
  const file = g.value('iidfile')
  if (file !== undefined) {
    const fd = yield* sys.open(file, 0o1101, 0o644)
    if (!isErr(fd)) {
      yield* sys.write(fd, new TextEncoder().encode(`sha256:${id}`))
      yield* sys.close(fd)
    }
  }
  yield* print(sys, `${id}\n`)
  return id
}
export const BUILDAH_VERSION = '1.44.0'
export const buildCommands: Commands = {
  build: {
    args: [0, 1],
    flags: buildFlags,
    *run(c, g) {
      const pull = yield* pullOptions(c, g)
      const id = yield* buildFrom(c.lp, g, { layers: true, pull, copying: false, version: BUILDAH_VERSION })
      yield* c.lp.event({ ID: id, Name: '', Status: 'build', Type: 'image' })
      return 0
    },
  },
}

/** crictl's commands on images: images, pull, rmi, inspecti. */
import type { CriImage } from '../../engine/cri/types.ts'
import { humanSize } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { log } from '../logrus.ts'
import { type Leaf, ToolError } from '../urfave.ts'
import {
  type ContainerInfo,
  type Context,
  imageService,
  printedOtherwise,
  printStatus,
  printTable,
  runtime,
  short,
  trying,
} from './context.ts'
import { usage } from './usage.ts'

/** Name and tag of a reference; a name that has none is `<none>`. */
function pairOf(tag: string): readonly [string, string] {
  const at = tag.lastIndexOf(':')
  return at > tag.lastIndexOf('/') ? [tag.slice(0, at), tag.slice(at + 1)] : [tag, '<none>']
}
export const imageCommands: readonly Leaf<Context>[] = [
  {
    names: ['images', 'image', 'img'],
    usage: 'List images',
    args: '[REPOSITORY[:TAG]]',
    flags: 'v,verbose q,quiet f,filter:list o,output:string digests no-trunc pinned',
    texts: [
      'Show verbose info for images',
      'Only show image IDs',
      'Filter output based on provided conditions.',
      'Output format, One of: json|yaml|table',
      'Show digests',
      'Show output without truncating the ID',
      'Show whether the image is pinned or not',
    ],
    *run(sys, g, c) {
      if (g.args.length > 1) return yield* usage(sys, 'images')
      for (const flag of ['verbose', 'filter'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl images --${flag}`)
      const all = yield* trying('listing images', () => imageService<CriImage[]>(c, 'ListImages'))
      const [wanted] = g.args
      const named =
        wanted === undefined ? undefined : yield* imageService<CriImage | null>(c, 'ImageStatus', { image: wanted })
      const list = all
        .filter((i) => named === undefined || i.id === named?.id)
        .sort((a, b) => ((a.repoTags[0] ?? '') < (b.repoTags[0] ?? '') ? -1 : 1))
      if (
        yield* printedOtherwise(sys, g, list, () => ({
          images: list.map(({ config: _, size, ...i }) => ({ ...i, size: String(size) })),
        }))
      )
        return 0
      const full = g.has('no-trunc')
      yield* printTable(sys, [
        [
          'IMAGE',
          'TAG',
          ...(g.has('digests') ? ['DIGEST'] : []),
          'IMAGE ID',
          'SIZE',
          ...(g.has('pinned') ? ['PINNED'] : []),
        ],
        ...list.flatMap((i) => {
          const [name = '<none>', digest = '<none>'] = (i.repoDigests[0] ?? '').split('@')
          const pairs = i.repoTags.length > 0 ? i.repoTags.map(pairOf) : [[name, '<none>'] as const]
          return pairs.map(([repository, tag]) => [
            repository,
            tag,
            ...(g.has('digests') ? [full ? digest : short(digest)] : []),
            full ? i.id : short(i.id),
            humanSize(i.size, 3),
            ...(g.has('pinned') ? [String(i.pinned)] : []),
          ])
        }),
      ])
      return 0
    },
  },
  {
    names: ['inspecti'],
    usage: 'Return the status of one or more images',
    args: 'IMAGE-ID [IMAGE-ID...]',
    flags: 'o,output:string q,quiet template:string',
    texts: [
      'Output format, One of: json|yaml|go-template|table',
      'Do not show verbose information',
      'The template string is only used when output is go-template; The Template format is golang template',
    ],
    *run(sys, g, c) {
      if (g.args.length === 0) return yield* usage(sys, 'inspecti')
      const out: unknown[] = []
      for (const id of g.args) {
        const i = yield* trying(`image status for ${JSON.stringify(id)} request`, () =>
          imageService<CriImage | null>(c, 'ImageStatus', { image: id }),
        )
        if (!i) throw new ToolError(`no such image ${JSON.stringify(id)} present`)
        const { config, size, ...status } = i
        out.push({
          ...(g.has('quiet') ? {} : { info: { imageSpec: config } }),
          status: { ...status, size: String(size) },
        })
      }
      yield* printStatus(sys, g, out.length === 1 ? out[0] : out)
      return 0
    },
  },
  {
    names: ['pull'],
    usage: 'Pull an image from a registry',
    args: 'NAME[:TAG|@DIGEST]',
    flags: 'creds:string auth:string u,username:string pod-config:string a,annotation:list pull-timeout:duration',
    texts: [
      'Use `USERNAME[:PASSWORD]` for accessing the registry',
      "Use `AUTH_STRING` for accessing the registry. AUTH_STRING is a base64 encoded 'USERNAME[:PASSWORD]'",
      'Use `USERNAME` for accessing the registry. The password will be requested on the command line',
      'Use `pod-config.[json|yaml]` to override the pull c',
      'Annotation to be set on the pulled image',
      'Maximum time to be used for pulling the image, disabled if set to 0s',
    ],
    *run(sys, g, c) {
      const [image] = g.args
      if (image === undefined || image === '') throw new ToolError('Image name cannot be empty')
      if (g.args.length > 1) return yield* usage(sys, 'pull')
      for (const flag of ['creds', 'auth', 'username', 'pod-config', 'annotation'])
        if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl pull --${flag}`)
      const r = yield* trying('pulling image', () => imageService<{ imageRef: string }>(c, 'PullImage', { image }))
      yield* print(sys, `Image is up to date for ${r.imageRef}\n`)
      return 0
    },
  },
  {
    names: ['rmi'],
    usage: 'Remove one or more images',
    args: 'IMAGE-ID [IMAGE-ID...]',
    flags: 'a,all q,prune',
    texts: ['Remove all images', 'Remove all unused images'],
    *run(sys, g, c) {
      const ids = new Set(g.args)
      if (g.has('all') || g.has('prune'))
        for (const i of yield* imageService<CriImage[]>(c, 'ListImages'))
          if (!(g.has('prune') && i.pinned)) ids.add(i.id)
      if (g.has('prune')) for (const x of yield* runtime<ContainerInfo[]>(c, 'ListContainers')) ids.delete(x.imageRef)
      if (ids.size === 0) {
        if (!g.has('all') && !g.has('prune')) return yield* usage(sys, 'rmi')
        yield* log(sys, 'info', 'No images to remove')
        return 0
      }
      let failed = false
      for (const id of ids) {
        const i = yield* imageService<CriImage | null>(c, 'ImageStatus', { image: id })
        if (!i) {
          yield* log(sys, 'error', `no such image ${id}`)
          failed = true
          continue
        }
        yield* imageService(c, 'RemoveImage', { image: id })
        yield* print(sys, (i.repoTags.length > 0 ? i.repoTags : i.repoDigests).map((t) => `Deleted: ${t}\n`).join(''))
      }
      if (failed) throw new ToolError('unable to remove the image(s)')
      return 0
    },
  },
]

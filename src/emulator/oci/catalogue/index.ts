/** The images that the simulated registries hold, each a small recipe. Built when they are first asked for; all but alpine come as parts (common.ts, rare.ts ...). */
import {
  type Blobs,
  buildImage,
  buildIndex,
  type Descriptor,
  type ImageRecipe,
  type LayerRecipe,
  type Platform,
} from '../image.ts'
import { alpineRoot } from './alpine.ts'
import type { Arch } from './files.ts'

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** How an image is made for a processor; `platforms` where it isn't Linux on amd64 and arm64. */
export type Recipe = ((arch: Arch) => Omit<ImageRecipe, 'platform'>) & { readonly platforms?: readonly Platform[] }

export const alpineLayer = (version: string, arch: Arch): LayerRecipe => ({
  createdBy: `ADD alpine-minirootfs-${version}-${arch === 'amd64' ? 'x86_64' : 'aarch64'}.tar.gz / # buildkit`,
  entries: alpineRoot(version, arch),
})
const alpine =
  (version: string): Recipe =>
  (arch) => ({
    created: '2026-10-08T20:15:10Z',
    config: { Env: [PATH], Cmd: ['/bin/sh'], WorkingDir: '/' },
    layers: [alpineLayer(version, arch)],
    steps: ['CMD ["/bin/sh"]'],
  })

const layers = new Map<string, LayerRecipe>()
/** A recipe's layer, made once for each architecture, so that its digest is computed once. */
export function once(key: string, make: () => LayerRecipe): LayerRecipe {
  const known = layers.get(key) ?? make()
  layers.set(key, known)
  return known
}
const a322 = alpine('3.22.2')
const a324 = alpine('3.24.3')
/** Recipes by repository and tag, on docker.io. */
export const repositories: Readonly<Record<string, Readonly<Record<string, Recipe>>>> = {
  'library/alpine': {
    latest: a322,
    '3': a322,
    '3.22': a322,
    '3.22.2': a322,
    '3.24': a324,
    '3.24.3': a324,
    '3.18': alpine('3.18.12'),
  },
}

/** Repositories that parts have brought. */
const brought = new Map<string, Readonly<Record<string, Recipe>>>()
export function bring(more: Readonly<Record<string, Readonly<Record<string, Recipe>>>>): void {
  for (const [name, tags] of Object.entries(more)) brought.set(name, tags)
}
const tagsOf = (repository: string): Readonly<Record<string, Recipe>> | undefined =>
  brought.get(repository) ?? (Object.hasOwn(repositories, repository) ? repositories[repository] : undefined)
/** The names of the repositories that are here so far; all of them after bringAll (all.ts). */
export const catalogueRepositories = (): readonly string[] => [
  ...new Set([...Object.keys(repositories), ...brought.keys()]),
]
/** The tags of a repository that is here; undefined where there is none of that name. */
export function catalogueTags(repository: string): readonly string[] | undefined {
  const tags = tagsOf(repository)
  return tags && Object.keys(tags)
}

const built = new Map<Recipe, Descriptor>()
/** All blobs built so far, by digest: their content never differs, so worlds share them. */
export const catalogueBlobs: Blobs = new Map()
const linux: readonly Platform[] = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
]
/** The index of an image in the catalogue; undefined where there is no such name. */
export function catalogueIndex(repository: string, tag: string): Descriptor | undefined {
  const tags = tagsOf(repository)
  const recipe = tags && Object.hasOwn(tags, tag) ? tags[tag] : undefined
  if (!recipe) return undefined
  let index = built.get(recipe)
  if (!index) {
    index = buildIndex(
      catalogueBlobs,
      (recipe.platforms ?? linux).map((platform) =>
        buildImage(catalogueBlobs, { platform, ...recipe(platform.architecture as Arch) }),
      ),
    )
    built.set(recipe, index)
  }
  return index
}

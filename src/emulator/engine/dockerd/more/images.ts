/** The API's routes on images beyond a first lesson's: history, tag, prune. */
import { familiar, parseReference } from '../../../oci/reference.ts'
import { dropChain, keptChains, layerSize, nameImage, unnameImage } from '../content.ts'
import { filtersOf, filterValues, labelsPass } from '../filters.ts'
import { findImage, imageHistory } from '../images.ts'
import { created, ok, type Route } from '../routes.ts'
import { ApiError } from '../state.ts'
import { event } from '../support.ts'

export const moreImageRoutes: readonly Route[] = [
  [
    'GET',
    /^\/images\/(.+)\/history$/,
    function* (c, ref) {
      return ok(yield* imageHistory(c.sys, c.d, findImage(c.d, ref as string)))
    },
  ],
  [
    'POST',
    /^\/images\/(.+)\/tag$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const parsed = parseReference(`${c.query('repo')}:${c.query('tag') || 'latest'}`)
      if ('error' in parsed) throw new ApiError(400, parsed.error)
      const name = familiar(parsed)
      yield* nameImage(c.sys, c.d, i, name)
      yield* event(c.sys, c.d, 'image', 'tag', i.id, { name })
      return created({})
    },
  ],
  [
    'POST',
    /^\/images\/prune$/,
    function* (c) {
      const filters = filtersOf(c, ['dangling', 'label', 'label!', 'until'])
      const dangling = !['false', '0'].includes(filterValues(filters, 'dangling')[0] ?? 'true')
      const gone: Record<string, string>[] = []
      let freed = 0
      for (const i of [...c.d.images.values()]) {
        const used = [...c.d.containers.values()].some((x) => x.image === i)
        if (used || (dangling && i.tags.size > 0) || !labelsPass(i.config.config.Labels, filters)) continue
        for (const t of [...i.tags, ...i.digests]) gone.push({ Untagged: t })
        for (const t of [...i.tags]) yield* unnameImage(c.sys, i, t)
        c.d.images.delete(i.manifest.digest)
        gone.push({ Deleted: i.id })
        // Layers that others have as well free nothing.
        const kept = keptChains(c.d)
        for (const [n, l] of i.layers.entries())
          if (!kept.has(i.chain[n] as string)) freed += yield* layerSize(c.sys, c.d, l)
        yield* dropChain(c.sys, c.d, i.chain)
        yield* event(c.sys, c.d, 'image', 'delete', i.id, { name: i.id })
      }
      return ok({ ImagesDeleted: gone.length > 0 ? gone : null, SpaceReclaimed: freed })
    },
  ],
]

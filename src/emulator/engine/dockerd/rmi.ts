/** DELETE /images/{name}: takes a name from an image, or the image with its layers. */
import { familiar, parseReference } from '../../oci/reference.ts'
import { dropChain, unnameImage } from './content.ts'
import { findImage } from './images.ts'
import { ok, type Route, truth } from './routes.ts'
import { ApiError } from './state.ts'
import { event } from './support.ts'

export const removeRoutes: readonly Route[] = [
  [
    'DELETE',
    /^\/images\/(.+)$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const force = truth(c.query('force'))
      // An index goes with all its platforms that are here.
      const variants = [...c.d.images.values()].filter((x) => x.id === i.id)
      const users = [...c.d.containers.values()].filter((x) => variants.includes(x.image))
      const out: Record<string, string>[] = []
      const parsed = parseReference(ref as string)
      const name = 'error' in parsed ? '' : familiar(parsed)
      const byName = i.tags.has(name)
      if (byName && i.tags.size > 1) {
        for (const v of variants) yield* unnameImage(c.sys, v, name)
        yield* event(c.sys, c.d, 'image', 'untag', i.id, { name: i.id })
        return ok([{ Untagged: name }])
      }
      const running = users.find((x) => x.status === 'running')
      if (running)
        throw new ApiError(
          409,
          byName
            ? `conflict: unable to remove repository reference "${ref}" (must force) - container ${running.id.slice(0, 12)} is using its referenced image ${i.id.slice(7, 19)}`
            : `conflict: unable to delete ${i.id.slice(7, 19)} (cannot be forced) - image is being used by running container ${running.id.slice(0, 12)}`,
        )
      if (users.length > 0 && !force)
        throw new ApiError(
          409,
          byName
            ? `conflict: unable to remove repository reference "${ref}" (must force) - container ${users[0]?.id.slice(0, 12)} is using its referenced image ${i.id.slice(7, 19)}`
            : `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is being used by stopped container ${users[0]?.id.slice(0, 12)}`,
        )
      if (!byName && i.tags.size > 1 && !force)
        throw new ApiError(
          409,
          `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
        )
      for (const t of [...i.tags, ...i.digests]) out.push({ Untagged: t })
      for (const v of variants) for (const t of [...v.tags]) yield* unnameImage(c.sys, v, t)
      if (users.length === 0) {
        for (const v of variants) c.d.images.delete(v.manifest.digest)
        out.push({ Deleted: i.id })
        yield* event(c.sys, c.d, 'image', 'delete', i.id, { name: i.id })
        for (const v of variants) yield* dropChain(c.sys, c.d, v.chain)
      }
      return ok(out)
    },
  ],
]

/** The API's routes on images that a first lesson needs: list, pull, inspect. */
import { utf8 } from '../../../base/bytes.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { readCredentials } from '../distribution.ts'
import { inspectImage, listImage } from '../documents.ts'
import { filtersOf, imageFilters, imagePasses, shownTags } from '../filters.ts'
import { findImage, hostPlatform, parsePlatform, pull } from '../images.ts'
import { manifestsOf } from '../manifests.ts'
import { lateRoutes, ok, type Route, truth } from '../routes.ts'
import { ApiError } from '../state.ts'
import { event } from '../support.ts'

export const imageRoutes: readonly Route[] = [
  [
    'GET',
    /^\/images\/json$/,
    function* (c) {
      const filters = filtersOf(c, imageFilters)
      const list = [...c.d.images.values()].filter((i) => imagePasses(i, filters, (ref) => findImage(c.d, ref)))
      // Variants for several platforms have one name and one id.
      const shown = list.filter((i, n) => list.findIndex((x) => x.id === i.id) === n)
      const out: Record<string, unknown>[] = []
      for (const i of shown.reverse()) {
        const users = [...c.d.containers.values()].filter((x) => x.image === i).length
        const listed = listImage(i, users, shownTags(i, filters))
        out.push(truth(c.query('manifests')) ? { ...listed, Manifests: yield* manifestsOf(c.sys, c.d, i) } : listed)
      }
      return ok(out)
    },
  ],
  [
    'POST',
    /^\/images\/create$/,
    function* (c) {
      if (c.query('fromSrc') !== '') {
        const late = (yield* lateRoutes(c.sys, '/images/create')).find(([, pattern]) => pattern.test('/images/create'))
        return yield* (late as Route)[2](c)
      }
      const from = c.query('fromImage')
      const tag = c.query('tag')
      const name = tag === '' ? from : tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`
      const platform = c.query('platform') ? parsePlatform(c.query('platform')) : yield* hostPlatform(c.sys)
      let begun = false
      let pulled = false
      try {
        const told = function* (line: Readonly<Record<string, unknown>>): Run<void> {
          if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
          begun = true
          yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(line)}\r\n`))
        }
        yield* pull(c.sys, c.d, name, platform, told, readCredentials(c.request.headers['x-registry-auth']))
        pulled = true
      } catch (e) {
        if (!(e instanceof ApiError) || !begun) throw e
        yield* sendChunk(
          c.sys,
          c.fd,
          utf8(`${JSON.stringify({ errorDetail: { message: e.message }, error: e.message })}\r\n`),
        )
      }
      yield* endChunks(c.sys, c.fd)
      if (pulled) yield* event(c.sys, c.d, 'image', 'pull', name, { name: name.split(':')[0] ?? name })
      return undefined
    },
  ],
  [
    'GET',
    /^\/images\/(.+)\/json$/,
    function* (c, ref) {
      return ok(inspectImage(findImage(c.d, ref as string)))
    },
  ],
]

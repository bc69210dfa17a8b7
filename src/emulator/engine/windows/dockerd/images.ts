/** Images by the Engine API. */
import { utf8 } from '../../../base/bytes.ts'
import { familiar, parseReference } from '../../../oci/reference.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { inspectImage, listImage } from '../../dockerd/documents.ts'
import { findImage, parsePlatform } from '../../dockerd/images.ts'
import { ok } from '../../dockerd/routes.ts'
import { ApiError } from '../../dockerd/state.ts'
import { pullImage } from './layers.ts'
import type { WindowsRoute } from './routes.ts'

export const imageRoutes: readonly WindowsRoute[] = [
  [
    'POST',
    /^\/images\/(.+)\/tag$/,
    function* (c, ref) {
      const image = findImage(c.d, ref as string)
      const parsed = parseReference(`${c.query('repo')}:${c.query('tag') || 'latest'}`)
      if ('error' in parsed) throw new ApiError(400, parsed.error)
      const name = familiar(parsed)
      for (const other of c.d.images.values()) other.tags.delete(name)
      image.tags.add(name)
      return { status: 201 }
    },
  ],
  [
    'GET',
    /^\/images\/json$/,
    function* (c) {
      return ok([...c.d.images.values()].reverse().map((i) => listImage(i, 0)))
    },
  ],
  [
    'POST',
    /^\/images\/create$/,
    function* (c) {
      const tag = c.query('tag')
      const from = c.query('fromImage')
      const name = tag === '' ? from : tag.includes(':') ? `${from}@${tag}` : `${from}:${tag}`
      const asked = c.query('platform')
      const windows = { os: 'windows', architecture: 'amd64' }
      // Without --platform a daemon with LCOW takes a Windows image where there is one, else Linux.
      const platforms =
        asked !== ''
          ? [parsePlatform(asked.includes('/') ? asked : `${asked}/amd64`)]
          : c.s.lcow
            ? [windows, { os: 'linux', architecture: 'amd64' }]
            : [windows]
      if (platforms.some((p) => p.os === 'linux') && !c.s.lcow)
        throw new ApiError(
          400,
          'image operating system "linux" cannot be used on this platform: operating system is not supported',
        )
      let begun = false
      try {
        yield* pullImage(c.sys, c.d, name, platforms, function* (line) {
          if (!begun) yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
          begun = true
          yield* sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(line)}\r\n`))
        })
      } catch (e) {
        if (!(e instanceof ApiError) || !begun) throw e
        const error = JSON.stringify({ errorDetail: { message: e.message }, error: e.message })
        yield* sendChunk(c.sys, c.fd, utf8(`${error}\r\n`))
      }
      yield* endChunks(c.sys, c.fd)
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
  [
    'DELETE',
    /^\/images\/(.+)$/,
    function* (c, ref) {
      const i = findImage(c.d, ref as string)
      const user = [...c.d.containers.values()].find((x) => x.image === i)
      if (user)
        throw new ApiError(
          409,
          `conflict: unable to delete ${i.id.slice(7, 19)} (must be forced) - image is being used by container ${user.id.slice(0, 12)}`,
        )
      c.d.images.delete(i.id)
      return ok([...[...i.tags].map((t) => ({ Untagged: t })), { Deleted: i.id }])
    },
  ],
]

/** buildah images, rmi, push, pull, tag: what is kept of images, and registries. */

import { isErr } from '../../base/errno.ts'
import { copyImage, hostPlatform } from '../../engine/containers/copy.ts'
import { fullName, lookUp } from '../../engine/containers/names.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { openDestination, openSource, parseImageName } from '../../engine/containers/transport.ts'
import { findImage, imageInfo, pull, worldOf } from '../../engine/libpod/images.ts'
import { digestOf } from '../../oci/digest.ts'
import { parseReference } from '../../oci/reference.ts'
import { humanSize, seconds } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { each, type Spec } from '../containers/frame.ts'
import { ago, printTemplate } from '../containers/output.ts'
import { tabulate } from '../docker/format.ts'
import type { Context } from '../podman/context.ts'
import { imageCommands, pullOptions } from '../podman/images.ts'
import { need, told } from './working.ts'

export const imageKeeping: Readonly<Record<string, Spec<Context>>> = {
  images: {
    args: [0, 1],
    flags: 'all digests filter format json no-trunc noheading quiet history',
    *run(c, g) {
      if (g.all('filter').length > 0) throw notEmulated('buildah images --filter')
      const now = yield* c.lp.now()
      const rows: Record<string, string>[] = []
      const json: unknown[] = []
      const infos = []
      for (const r of yield* c.lp.storage.images()) infos.push(yield* imageInfo(c.lp.storage, r))
      for (const i of infos.sort((a, b) => (a.record.created < b.record.created ? 1 : -1))) {
        if (
          i.record.names.length === 0 &&
          !g.has('all') &&
          infos.some(
            (o) =>
              o.config.history.length > i.config.history.length &&
              i.config.history.every(
                (h, n) =>
                  h.created_by === o.config.history[n]?.created_by && h.created === o.config.history[n]?.created,
              ),
          )
        )
          continue
        for (const name of i.record.names.length > 0 ? [...i.record.names].sort() : ['<none>:<none>']) {
          const at = name.lastIndexOf(':')
          const [repository, tag] = [name.slice(0, at), name.slice(at + 1)]
          if (g.args[0] !== undefined && !name.includes(g.args[0])) continue
          rows.push({
            Name: repository,
            Tag: tag,
            Digest: i.record.digest,
            ID: g.has('no-trunc') ? `sha256:${i.record.id}` : i.record.id.slice(0, 12),
            CreatedAt: ago(seconds(i.record.created) * 1e9, now),
            Size: humanSize(i.size, 3)
              .replace(/([\d.])([a-zA-Z])/, '$1 $2')
              .replace('kB', 'KB'),
          })
          json.push({
            id: i.record.id,
            names: i.record.names,
            digest: i.record.digest,
            createdat: i.record.created,
            size: String(i.size),
            readonly: false,
          })
        }
      }
      if (g.has('json')) yield* print(c.sys, `${JSON.stringify(json, null, 4)}\n`)
      else if (g.has('quiet')) yield* print(c.sys, [...new Set(rows.map((r) => `${r.ID}\n`))].join(''))
      else if (g.value('format') !== undefined) yield* printTemplate(c.sys, g.value('format') as string, rows)
      else {
        const cells = rows.map((r) => [
          r.Name ?? '',
          r.Tag ?? '',
          ...(g.has('digests') ? [r.Digest ?? ''] : []),
          r.ID ?? '',
          r.CreatedAt ?? '',
          r.Size ?? '',
        ])
        const heads = ['REPOSITORY', 'TAG', ...(g.has('digests') ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE']
        yield* print(c.sys, tabulate([...(g.has('noheading') ? [] : [heads]), ...cells], 0, 3))
      }
      return 0
    },
  },
  rmi: {
    args: [0, Infinity],
    flags: 'all force prune',
    *run(c, g) {
      if (g.has('prune')) throw notEmulated('buildah rmi --prune')
      const list = g.has('all') ? (yield* c.lp.storage.images()).map((i) => i.id) : g.args
      if (list.length === 0 && !g.has('all')) throw new Problem('image name or ID must be specified')
      return yield* each(c.sys, list, function* (name) {
        const found = lookUp(yield* c.lp.storage.images(), name, yield* c.lp.registries())
        if (!found) {
          if (g.has('all')) return undefined
          throw new Problem(`1 error occurred:\n\t* ${name}: image not known\n\n`)
        }
        const { image } = found
        if (found.name !== undefined && image.names.length > 1) {
          yield* c.lp.storage.setNames(
            image.id,
            image.names.filter((n) => n !== found.name),
          )
          return `untagged: ${found.name}`
        }
        const users = (yield* c.lp.storage.containers()).filter((x) => x.image === image.id)
        if (users.length > 0 && !g.has('force'))
          throw new Problem(
            `1 error occurred:\n\t* image used by ${users[0]?.id}: image is in use by a container: consider listing external containers and force-removing image\n\n`,
          )
        for (const u of users) yield* c.lp.storage.deleteContainer(u.id)
        yield* c.lp.storage.deleteImage(image.id)
        return [...image.names.map((n) => `untagged: ${n}`), image.id].join('\n')
      })
    },
  },
  push: {
    args: [0, Infinity],
    flags: 'authfile creds digestfile quiet tls-verify',
    *run(c, g) {
      const name = need(g, 'At least a source image ID must be specified')
      const registries = yield* c.lp.registries()
      const image = yield* findImage(c.lp.storage, registries, name)
      const given = g.args[1] ?? lookUp(yield* c.lp.storage.images(), name, registries)?.name ?? ''
      const parsed = parseImageName(given)
      const plain = 'error' in parsed || /^[^/]*:\d+\//.test(given)
      const ref = plain ? parseReference(given) : undefined
      if (ref && 'error' in ref) throw new Problem(ref.error)
      const target =
        plain || 'error' in parsed
          ? {
              transport: 'docker',
              rest: ref && !('error' in ref) ? fullName({ ...ref, tag: ref.tag ?? 'latest' }) : '',
              whole: given,
            }
          : parsed
      const o = yield* told(c, g)
      const w = worldOf(c.sys, c.lp.storage, registries, o)
      const to = yield* openDestination(w, target)
      try {
        const written = yield* copyImage(
          yield* openSource(w, { transport: 'containers-storage', rest: image.id, whole: '' }),
          to,
          {
            platform: yield* hostPlatform(c.sys),
            say: o.say,
            bars: o.bars ?? false,
          },
        )
        const file = g.value('digestfile')
        if (file !== undefined) {
          const fd = yield* c.sys.open(file, 0o1101, 0o644)
          if (!isErr(fd)) {
            yield* c.sys.write(fd, new TextEncoder().encode(digestOf(written)))
            yield* c.sys.close(fd)
          }
        }
      } finally {
        yield* to.close()
      }
      return 0
    },
  },
  pull: {
    args: [0, Infinity],
    flags: 'arch authfile creds os platform policy quiet tls-verify variant',
    *run(c, g) {
      const name = need(g, 'an image name must be specified')
      const policy = g.value('policy') ?? 'missing'
      const { id } = yield* pull(c.sys, c.lp.storage, yield* c.lp.registries(), name, {
        ...(yield* pullOptions(c, g)),
        policy: policy === 'always' ? 'always' : policy === 'never' ? 'never' : 'missing',
      })
      yield* print(c.sys, `${id}\n`)
      return 0
    },
  },
  tag: { args: [2, Infinity], flags: '', run: (c, g) => (imageCommands.tag as Spec<Context>).run(c, g) },
}

/** podman save, load, import and commit: images from and to files, and from containers. */

import { isErr } from '../../base/errno.ts'
import { commitImage } from '../../engine/containers/commit.ts'
import { copyImage, hostPlatform } from '../../engine/containers/copy.ts'
import { localName, lookUp } from '../../engine/containers/names.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { type ImageRecord, isoTime } from '../../engine/containers/storage.ts'
import { namesOf, openDestination, openSource, storageDestination } from '../../engine/containers/transport.ts'
import { applyChanges } from '../../engine/dockerd/commit.ts'
import { ApiError } from '../../engine/dockerd/state.ts'
import { imageInfo, worldOf } from '../../engine/libpod/images.ts'
import { digestOf } from '../../oci/digest.ts'
import type { RunConfig } from '../../oci/image.ts'
import { readTar } from '../../oci/tar.ts'
import { print, readFile } from '../../userland/lib/io.ts'
import type { Commands } from './context.ts'
import { pullOptions } from './images.ts'

const changed = (config: RunConfig, changes: readonly string[]): RunConfig => {
  try {
    return applyChanges(config, changes)
  } catch (e) {
    throw e instanceof ApiError ? new Problem(`invalid change: ${e.message}`) : e
  }
}

export const archiveCommands: Commands = {
  save: {
    args: [1, Infinity],
    few: 'need at least 1 argument',
    flags: 'format output quiet',
    *run(c, g) {
      const format = g.value('format') ?? 'docker-archive'
      const output = g.value('output')
      if (output === undefined)
        throw !isErr(yield* c.sys.ioctl(1, 'TCGETS'))
          ? new Problem('refusing to save to terminal. Use -o flag or redirect')
          : notEmulated('podman save without -o')
      if (g.args.length > 1) throw notEmulated('podman save of several images')
      if (!['docker-archive', 'oci-archive', 'oci-dir'].includes(format))
        throw format === 'docker-dir'
          ? notEmulated('podman save --format docker-dir')
          : new Problem(`unknown format ${JSON.stringify(format)}`)
      const registries = yield* c.lp.registries()
      const found = lookUp(yield* c.lp.storage.images(), g.args[0] as string, registries)
      if (!found) throw new Problem(`${g.args[0]}: image not known`)
      const o = yield* pullOptions(c, g)
      const w = worldOf(c.sys, c.lp.storage, registries, o)
      const tag = found.name === undefined ? '' : `:${found.name}`
      const transport = format === 'oci-dir' ? 'oci' : format
      const to = yield* openDestination(w, { transport, rest: `${output}${tag}`, whole: '' })
      yield* copyImage(yield* openSource(w, { transport: 'containers-storage', rest: found.image.id, whole: '' }), to, {
        platform: yield* hostPlatform(c.sys),
        ...(o.say ? { say: o.say } : {}),
        bars: o.bars ?? false,
      })
      return 0
    },
  },
  load: {
    args: [0, 1],
    flags: 'input quiet',
    *run(c, g) {
      const input = g.value('input')
      if (input === undefined) throw notEmulated('podman load from standard input')
      const registries = yield* c.lp.registries()
      const o = yield* pullOptions(c, g)
      const w = worldOf(c.sys, c.lp.storage, registries, o)
      const bytes = yield* readFile(c.sys, input)
      if (isErr(bytes)) throw new Problem(`stat ${input}: ${bytes.text.toLowerCase()}`)
      let last = ''
      for (const transport of ['docker-archive', 'oci-archive']) {
        try {
          const name = { transport, rest: input, whole: '' }
          const source = yield* openSource(w, name)
          const names = yield* namesOf(w, name)
          const to = yield* storageDestination(w, names)
          yield* copyImage(source, to, {
            platform: yield* hostPlatform(c.sys),
            ...(o.say ? { say: o.say } : {}),
            bars: o.bars ?? false,
          })
          yield* print(c.sys, `Loaded image: ${names.join(',') || `sha256:${to.id()}`}\n`)
          return 0
        } catch (e) {
          if (!(e instanceof Problem)) throw e
          last = e.message
        }
      }
      throw new Problem(`payload does not match any of the supported image formats:\n * ${last}`)
    },
  },
  import: {
    args: [1, 2],
    flags: 'change message quiet arch os variant',
    *run(c, g) {
      const [file = '', name] = g.args
      if (file === '-' || /^https?:/.test(file)) throw notEmulated(`podman import ${file}`)
      const tar = yield* readFile(c.sys, file)
      if (isErr(tar)) throw new Problem(`stat ${file}: ${tar.text.toLowerCase()}`)
      const entries = readTar(tar)
      if ('error' in entries) throw new Problem(entries.error)
      const created = isoTime(yield* c.lp.now())
      const o = yield* pullOptions(c, g)
      const made = yield* commitImage(c.lp.storage, {
        base: undefined,
        parent: undefined,
        layer: { tar, diffId: digestOf(tar) },
        config: changed(
          {},
          g.all('change').map((x) => x.replace('=', ' ')),
        ),
        platform: yield* hostPlatform(c.sys, o.platform),
        created,
        history: [
          {
            created,
            created_by: '/bin/sh -c #(nop) ADD file in /',
            comment: g.value('message') ?? `imported from tarball`,
          },
        ],
        names: name === undefined ? [] : [localName(name)],
      })
      if (o.say)
        for (const line of [
          'Getting image source signatures',
          `Copying blob ${digestOf(tar)}`,
          `Copying config sha256:${made.id}`,
          'Writing manifest to image destination',
        ])
          yield* o.say(line)
      yield* print(c.sys, `sha256:${made.id}\n`)
      return 0
    },
  },
  commit: {
    args: [1, 2],
    flags: 'author change message pause quiet squash',
    *run(c, g) {
      if (g.has('squash')) throw notEmulated('podman commit --squash')
      const [name = '', target] = g.args
      const x = yield* c.lp.find(name)
      const record = yield* c.lp.storage.findContainer(x.config.id)
      if (!record) throw new Problem(`no container with ID ${x.config.id} in storage`)
      const base = (yield* c.lp.storage.images()).find((i: ImageRecord) => i.id === record.image)
      const info = base ? yield* imageInfo(c.lp.storage, base) : undefined
      const layer = yield* c.lp.storage.diff(record)
      const created = isoTime(yield* c.lp.now())
      const { config } = x
      const own: RunConfig = {
        ...info?.config.config,
        Env: [...(info?.config.config.Env ?? []), ...config.env],
        ...(config.command.length > 0 ? { Cmd: config.command } : {}),
        ...(config.entrypoint ? { Entrypoint: config.entrypoint } : {}),
        ...(config.user ? { User: config.user } : {}),
        WorkingDir: config.workDir,
        Labels: { ...config.labels },
      }
      const o = yield* pullOptions(c, g)
      const made = yield* commitImage(c.lp.storage, {
        base: info,
        parent: base?.layer,
        layer,
        config: changed(
          own,
          g.all('change').map((w) => (/^\w+=/.test(w) ? w.replace('=', ' ') : w)),
        ),
        platform: yield* hostPlatform(c.sys),
        created,
        author: g.value('author'),
        history: [
          { created, created_by: '/bin/sh', ...(g.value('message') ? { comment: g.value('message') as string } : {}) },
        ],
        names: target === undefined ? [] : [localName(target)],
      })
      if (o.say) {
        yield* o.say('Getting image source signatures')
        for (const [n, d] of made.diffIds.entries())
          yield* o.say(`Copying blob ${d}${n < made.diffIds.length - 1 ? ' skipped: already exists  ' : ''}`.trimEnd())
        yield* o.say(`Copying config sha256:${made.id}`)
        yield* o.say('Writing manifest to image destination')
      }
      yield* print(c.sys, `${made.id}\n`)
      return 0
    },
  },
}

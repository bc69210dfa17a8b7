/** buildah from, run, copy, add, config, commit, mount, inspect: the steps of a working container. */
import { isErr } from '../../base/errno.ts'
import { runIn } from '../../engine/buildah/exec.ts'
import { all, commit, create, find, save, type Working } from '../../engine/buildah/working.ts'
import { checksum, copyFiles } from '../../engine/buildkit/copy.ts'
import { BuildError } from '../../engine/buildkit/dockerfile/instructions.ts'
import { type Item, MountedSource, selectFiles } from '../../engine/buildkit/source.ts'
import { hostPlatform, type Say } from '../../engine/containers/copy.ts'
import { localName, lookUp } from '../../engine/containers/names.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { parseImageName } from '../../engine/containers/transport.ts'
import { imageInfo, type PullOptions, pull } from '../../engine/libpod/images.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import type { RunConfig } from '../../oci/image.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { each, type Spec } from '../containers/frame.ts'
import { printTemplate } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { BUILDAH_VERSION } from '../podman/build.ts'
import type { Context } from '../podman/context.ts'
import { pullOptions } from '../podman/images.ts'
import { absolute, pairs } from '../podman/values.ts'

export const need = (g: Given, message: string): string => {
  const [name] = g.args
  if (name === undefined) throw new Problem(message)
  return name
}
/** Runs with a working container's file system mounted. */
function* mounted<T>(
  c: Context,
  record: { readonly id: string; readonly layer: string },
  body: (root: string) => Run<T>,
): Run<T> {
  const root = yield* c.lp.storage.mount(record)
  try {
    return yield* body(root)
  } finally {
    yield* c.lp.storage.unmount(record)
  }
}
/** COPY and ADD: files of the host, or of another working container or image, into this one. Answers their digest. */
function* put(c: Context, g: Given, unpack: boolean): Run<number> {
  const [name, ...rest] = g.args
  if (name === undefined) throw new Problem('container ID must be specified')
  if (rest.length === 0) throw new Problem('src must be specified')
  const { w, record } = yield* find(c.lp, name)
  const last = rest.length > 1 ? (rest.pop() as string) : ''
  const destination = last.startsWith('/') ? last : `${w.config.WorkingDir || '/'}/${last}`.replace(/\/+/g, '/')
  const from = g.value('from')
  const select = function* (source: MountedSource, words: readonly string[], where: string): Run<Item[]> {
    const items = yield* selectFiles(source, words, [])
    if ('missing' in items)
      throw new Problem(
        `checking on sources under ${JSON.stringify(where)}: copier: stat: ${JSON.stringify(items.missing)}: no such file or directory`,
      )
    // What comes from the host belongs to root, unless somebody says otherwise.
    return from === undefined ? items.map((i) => ({ ...i, entry: { ...i.entry, uid: 0, gid: 0 } })) : items
  }
  let items: Item[]
  if (from === undefined) {
    const base = g.value('contextdir')
    const words: string[] = []
    for (const r of rest) {
      if (/^https?:/.test(r)) throw notEmulated(`buildah ${unpack ? 'add' : 'copy'} ${r}`)
      words.push(base === undefined ? yield* absolute(c.sys, r) : r)
    }
    const root = base === undefined ? '' : yield* absolute(c.sys, base)
    items = yield* select(new MountedSource(c.sys, root), words, root || '/')
  } else {
    const other = yield* c.lp.storage.findContainer(from)
    if (!other) throw notEmulated('--from an image')
    items = yield* mounted(c, other, (root) => select(new MountedSource(c.sys, root), rest, root))
  }
  try {
    yield* mounted(c, record, (root) =>
      copyFiles(
        c.sys,
        root,
        {
          kind: 'copy',
          below: { kind: 'scratch' },
          from: 'context',
          sources: rest,
          documents: [],
          destination:
            last === '' || last.endsWith('/') || rest.length > 1 ? `${destination.replace(/\/$/, '')}/` : destination,
          chown: g.value('chown') ?? '',
          chmod: g.value('chmod') ?? '',
          exclude: [],
          unpack,
          name: '',
          range: { start: 0, end: 0 },
        },
        items,
      ),
    )
  } catch (e) {
    throw e instanceof BuildError ? new Problem(e.message) : e
  }
  const kind = items.length === 1 && items[0]?.name !== undefined ? 'file' : 'dir'
  const digest = checksum(items).slice(7)
  if (g.has('add-history'))
    yield* save(c.lp, {
      ...w,
      createdBy: `/bin/sh -c #(nop) ${unpack ? 'ADD' : 'COPY'} ${kind}:${digest} in ${destination}`,
    })
  if (!g.has('quiet')) yield* print(c.sys, `${digest}\n`)
  return 0
}
/** A command line's words: a JSON list, or words between blanks. */
function words(text: string): string[] {
  if (text.startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String)
    } catch {
      // Not a list: words.
    }
  }
  return text.split(/\s+/).filter(Boolean)
}
function* config(c: Context, g: Given): Run<number> {
  const { w } = yield* find(c.lp, need(g, 'container ID must be specified'))
  let made: RunConfig = w.config
  const env = new Map((made.Env ?? []).map((e) => [e.split('=')[0] ?? '', e] as const))
  for (const e of g.all('env')) {
    if (e.endsWith('-')) env.delete(e.slice(0, -1))
    else env.set(e.split('=')[0] ?? '', e.includes('=') ? e : `${e}=`)
  }
  if (g.all('env').length > 0) made = { ...made, Env: [...env.values()] }
  const cmd = g.value('cmd')
  if (cmd !== undefined) made = { ...made, Cmd: words(cmd) }
  const entrypoint = g.value('entrypoint')
  if (entrypoint !== undefined) {
    if ((made.Cmd ?? []).length > 0 && cmd === undefined)
      yield* warn(
        c.sys,
        `time="${strftime('%FT%TZ', yield* c.lp.now())}" level=warning msg="cmd \\"${made.Cmd?.join(' ')}\\" exists and will be passed to entrypoint as a parameter"\n`,
      )
    made = {
      ...made,
      Entrypoint: entrypoint.startsWith('[')
        ? words(entrypoint)
        : entrypoint === ''
          ? []
          : ['/bin/sh', '-c', entrypoint],
    }
  }
  const user = g.value('user')
  if (user !== undefined) made = { ...made, User: user }
  const dir = g.value('workingdir')
  if (dir !== undefined) made = { ...made, WorkingDir: dir }
  const labels = g.all('label')
  if (labels.length > 0) {
    const kept = { ...made.Labels }
    for (const l of labels) {
      if (l.endsWith('-') && !l.includes('=')) delete kept[l.slice(0, -1)]
      else Object.assign(kept, pairs([l]))
    }
    made = { ...made, Labels: kept }
  }
  const ports = g.all('port').flatMap((p) => p.split(','))
  if (ports.length > 0)
    made = {
      ...made,
      ExposedPorts: {
        ...made.ExposedPorts,
        ...Object.fromEntries(ports.map((p) => [p.includes('/') ? p : `${p}/tcp`, {}])),
      },
    }
  const volumes = g.all('volume')
  if (volumes.length > 0)
    made = { ...made, Volumes: { ...made.Volumes, ...Object.fromEntries(volumes.map((v) => [v, {}])) } }
  const signal = g.value('stop-signal')
  if (signal !== undefined) made = { ...made, StopSignal: signal }
  yield* save(c.lp, {
    ...w,
    config: made,
    author: g.value('author') ?? w.author,
    comment: g.value('comment') ?? w.comment,
    createdBy: g.value('created-by') ?? w.createdBy,
    hostname: g.value('hostname') ?? w.hostname,
    annotations: { ...w.annotations, ...pairs(g.all('annotation')) },
  })
  return 0
}
export function* told(c: Context, g: Given): Run<PullOptions & { readonly say: Say }> {
  const o = yield* pullOptions(c, g)
  return { ...o, say: o.say ?? function* () {} }
}
const shownImage = (w: Working): string => w.fromImage || 'scratch'
function* inspectWorking(c: Context, w: Working): Run<unknown> {
  const record = yield* c.lp.storage.findContainer(w.id)
  const image = (yield* c.lp.storage.images()).find((i) => i.id === w.fromImageId)
  const oci = {
    created: w.base?.config.created ?? record?.created ?? '',
    architecture: w.base?.config.architecture ?? (yield* hostPlatform(c.sys)).architecture,
    os: 'linux',
    config: w.config,
    rootfs: w.base?.config.rootfs ?? { type: '', diff_ids: [] },
    ...(w.base ? { history: w.base.config.history } : {}),
  }
  return {
    Type: 'buildah 0.0.1',
    FromImage: w.fromImage,
    FromImageID: w.fromImageId,
    FromImageDigest: image?.digest ?? '',
    Config: w.base ? JSON.stringify(w.base.config) : '',
    Manifest: w.base ? JSON.stringify(w.base.manifest) : '',
    Container: w.name,
    ContainerID: w.id,
    MountPoint: (record && (yield* c.lp.storage.mountedAt(record))) ?? '',
    ProcessLabel: '',
    MountLabel: '',
    ImageAnnotations: w.annotations,
    ImageCreatedBy: w.createdBy,
    OCIv1: oci,
    Docker: oci,
    DefaultMountsFilePath: '',
    Isolation: c.lp.place.rootless ? 'rootless' : 'oci',
  }
}

export const workingCommands: Readonly<Record<string, Spec<Context>>> = {
  from: {
    args: [0, Infinity],
    flags: 'arch authfile cidfile creds name os platform pull quiet tls-verify variant',
    *run(c, g) {
      const name = need(g, 'an image name (or "scratch") must be specified')
      if (g.args.length > 1) throw new Problem('too many arguments specified')
      let image: { record: Parameters<typeof imageInfo>[1]; name: string } | undefined
      if (name !== 'scratch') {
        const policy = g.value('pull')
        const found = yield* pull(c.sys, c.lp.storage, yield* c.lp.registries(), name, {
          ...(yield* pullOptions(c, g)),
          policy: policy === 'always' ? 'always' : policy === 'never' || policy === 'false' ? 'never' : 'missing',
        })
        const record = (yield* c.lp.storage.images()).find((i) => i.id === found.id)
        if (!record) throw new Problem(`${name}: image not known`)
        image = { record, name: found.name }
      }
      const w = yield* create(c.lp, image, g.value('name'))
      yield* print(c.sys, `${w.name}\n`)
      return 0
    },
  },
  run: {
    args: [0, Infinity],
    first: true,
    flags: 'add-history env hostname network terminal user volume workingdir isolation',
    *run(c, g) {
      const [name, ...given] = g.args
      if (name === undefined) throw new Problem('container ID must be specified')
      const { w, record } = yield* find(c.lp, name)
      const command = given[0] === '--' ? given.slice(1) : given
      if (command.length === 0) throw new Problem('command must be specified')
      const network = g.value('network') ?? 'default'
      if (!['default', 'host', 'none', 'private'].includes(network))
        throw notEmulated(`buildah run --network ${network}`)
      const isolation = g.value('isolation') ?? 'oci'
      if (!['oci', 'rootless'].includes(isolation)) throw notEmulated(`buildah run --isolation ${isolation}`)
      const binds: { source: string; destination: string; readOnly: boolean }[] = []
      for (const v of g.all('volume')) {
        const [source = '', destination = '', options = ''] = v.split(':')
        const path = yield* absolute(c.sys, source)
        if (isErr(yield* c.sys.stat(path))) throw new Problem(`statfs ${path}: no such file or directory`)
        binds.push({ source: path, destination, readOnly: options.split(',').includes('ro') })
      }
      const terminal = g.value('terminal') === undefined ? !isErr(yield* c.sys.ioctl(0, 'TCGETS')) : g.has('terminal')
      const code = yield* mounted(c, record, (root) =>
        runIn(c.lp, root, {
          args: command,
          env: [
            'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
            ...(w.config.Env ?? []),
            ...(terminal ? ['TERM=xterm'] : []),
            ...g.all('env'),
          ],
          workDir: g.value('workingdir') ?? w.config.WorkingDir ?? '/',
          user: g.value('user') ?? w.config.User ?? '',
          hostname: g.value('hostname') ?? w.hostname,
          network: network === 'private' ? 'default' : network,
          terminal,
          binds,
        }),
      )
      if (code !== 0) {
        yield* warn(c.sys, `Error: while running runtime: exit status ${code}\n`)
        return code
      }
      if (g.has('add-history')) yield* save(c.lp, { ...w, createdBy: `/bin/sh -c ${command.join(' ')}` })
      return 0
    },
  },
  copy: {
    args: [0, Infinity],
    flags: 'add-history chmod chown contextdir from quiet',
    run: (c, g) => put(c, g, false),
  },
  add: { args: [0, Infinity], flags: 'add-history chmod chown contextdir from quiet', run: (c, g) => put(c, g, true) },
  config: {
    args: [0, Infinity],
    flags:
      'annotation author cmd comment created-by entrypoint env hostname label port stop-signal user volume workingdir',
    run: config,
  },
  commit: {
    args: [0, Infinity],
    flags: 'authfile creds format iidfile quiet rm tls-verify',
    *run(c, g) {
      const name = need(g, 'container ID must be specified')
      if (g.args.length > 2) throw new Problem('too many arguments specified')
      const format = g.value('format') ?? 'oci'
      if (format !== 'oci') throw notEmulated(`buildah commit --format ${format}`)
      const { w, record } = yield* find(c.lp, name)
      const target = g.args[1]
      if (
        target !== undefined &&
        /^(docker|oci|dir|docker-archive|oci-archive):/.test(target) &&
        !('error' in parseImageName(target))
      )
        throw notEmulated(`buildah commit to ${target}`)
      const made = yield* commit(c.lp, w, record, target === undefined ? [] : [localName(target)], BUILDAH_VERSION)
      const o = yield* told(c, g)
      yield* o.say('Getting image source signatures')
      for (const [n, d] of made.diffIds.entries())
        yield* o.say(`Copying blob ${d}${n < made.diffIds.length - 1 ? ' skipped: already exists' : ''}`)
      yield* o.say(`Copying config sha256:${made.id}`)
      yield* o.say('Writing manifest to image destination')
      const file = g.value('iidfile')
      if (file !== undefined) {
        const fd = yield* c.sys.open(file, 0o1101, 0o644)
        if (!isErr(fd)) {
          yield* c.sys.write(fd, new TextEncoder().encode(`sha256:${made.id}`))
          yield* c.sys.close(fd)
        }
      }
      yield* print(c.sys, `${made.id}\n`)
      if (g.has('rm')) yield* c.lp.storage.deleteContainer(w.id)
      return 0
    },
  },
  containers: {
    args: [0, 0],
    flags: 'all format json noheading notruncate quiet',
    *run(c, g) {
      const list = yield* all(c.lp)
      const rows = list.map(({ w }) => ({
        ContainerID: g.has('notruncate') ? w.id : w.id.slice(0, 12),
        Builder: '   *',
        ImageID: g.has('notruncate') ? w.fromImageId : w.fromImageId.slice(0, 12),
        ImageName: shownImage(w),
        ContainerName: w.name,
      }))
      if (g.has('json')) {
        const json = list.map(({ w }) => ({
          id: w.id,
          builder: true,
          imageid: w.fromImageId,
          imagename: shownImage(w),
          containername: w.name,
        }))
        yield* print(c.sys, `${JSON.stringify(json, null, 4)}\n`)
      } else if (g.has('quiet')) yield* print(c.sys, list.map(({ w }) => `${w.id}\n`).join(''))
      else if (g.value('format') !== undefined) yield* printTemplate(c.sys, g.value('format') as string, rows)
      else {
        const line = (a: string, b: string, i: string, n: string, name: string): string =>
          `${a.padEnd(12)}  ${b.padEnd(8)} ${i.padEnd(12)} ${n.padEnd(32)} ${name}\n`
        if (!g.has('noheading'))
          yield* print(c.sys, line('CONTAINER ID', 'BUILDER', 'IMAGE ID', 'IMAGE NAME', 'CONTAINER NAME'))
        for (const r of rows) yield* print(c.sys, line(r.ContainerID, '   *', r.ImageID, r.ImageName, r.ContainerName))
      }
      return 0
    },
  },
  rm: {
    args: [0, Infinity],
    flags: 'all',
    *run(c, g) {
      const list = g.has('all') ? (yield* all(c.lp)).map(({ w }) => w.name) : g.args
      if (list.length === 0 && !g.has('all')) throw new Problem('container ID must be specified')
      return yield* each(c.sys, list, function* (name) {
        const record = yield* c.lp.storage.findContainer(name)
        if (!record || !(yield* all(c.lp)).some(({ w }) => w.id === record.id))
          throw new Problem(`removing container ${JSON.stringify(name)}: container not known`)
        yield* c.lp.storage.deleteContainer(record.id)
        return record.id
      })
    },
  },
  mount: {
    args: [0, Infinity],
    flags: 'json',
    *run(c, g) {
      if (c.lp.place.rootless && !c.sys.environ().some((e) => e.startsWith('_CONTAINERS_USERNS_CONFIGURED=')))
        throw new Problem(
          'cannot mount using driver overlay in rootless mode. You need to run it in a `buildah unshare` session',
        )
      if (g.args.length === 0) {
        const rows: { container: string; mountPoint: string }[] = []
        for (const { w, record } of yield* all(c.lp)) {
          const at = yield* c.lp.storage.mountedAt(record)
          if (at) rows.push({ container: w.name, mountPoint: at })
        }
        yield* print(
          c.sys,
          g.has('json')
            ? `${JSON.stringify(rows, null, 4)}\n`
            : rows.map((r) => `${r.container} ${r.mountPoint}\n`).join(''),
        )
        return 0
      }
      return yield* each(c.sys, g.args, function* (name) {
        const { record } = yield* find(c.lp, name)
        const at = yield* c.lp.storage.mount(record)
        return g.args.length > 1 ? `${name} ${at}` : at
      })
    },
  },
  umount: {
    args: [0, Infinity],
    flags: 'all',
    *run(c, g) {
      const list = g.has('all') ? (yield* all(c.lp)).map(({ w }) => w.name) : g.args
      if (list.length === 0 && !g.has('all')) throw new Problem('at least one container ID must be specified')
      return yield* each(c.sys, list, function* (name) {
        const { record } = yield* find(c.lp, name)
        if ((yield* c.lp.storage.mountedAt(record)) === undefined) return undefined
        yield* c.lp.storage.unmount(record)
        return record.id
      })
    },
  },
  inspect: {
    args: [0, 1],
    flags: 'format type',
    *run(c, g) {
      const name = need(g, 'container or image name must be specified')
      const type = g.value('type') ?? 'container'
      if (type !== 'container' && type !== 'image')
        throw new Problem(`the only recognized types are "container" and "image"`)
      let document: unknown
      const record = yield* c.lp.storage.findContainer(name)
      const working = record && (yield* all(c.lp)).find(({ w }) => w.id === record.id)
      if (type === 'container' && working) document = yield* inspectWorking(c, working.w)
      else {
        const found = lookUp(yield* c.lp.storage.images(), name, yield* c.lp.registries())
        if (!found) throw new Problem(`importing settings: ${name}: image not known`)
        const info = yield* imageInfo(c.lp.storage, found.image)
        document = yield* inspectWorking(c, {
          name: '',
          id: '',
          fromImage: found.name ?? found.image.names[0] ?? '',
          fromImageId: found.image.id,
          base: info,
          config: info.config.config,
          author: '',
          comment: '',
          createdBy: '',
          annotations: {},
          hostname: '',
        })
      }
      if (g.value('format') === undefined) yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n`)
      else yield* printTemplate(c.sys, g.value('format') as string, [document])
      return 0
    },
  },
  rename: {
    args: [2, 2],
    flags: '',
    *run(c, g) {
      const [old = '', name = ''] = g.args
      const { w } = yield* find(c.lp, old)
      if (yield* c.lp.storage.findContainer(name))
        throw new Problem(`the container name ${JSON.stringify(name)} is already in use: that name is already in use`)
      yield* c.lp.storage.renameContainer(w.id, name)
      yield* save(c.lp, { ...w, name })
      return 0
    },
  },
}

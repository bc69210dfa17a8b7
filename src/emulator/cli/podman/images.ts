/** Podman's commands on images. */
import { isErr } from '../../base/errno.ts'
import { copyImage, hostPlatform, type Say } from '../../engine/containers/copy.ts'
import { fullName, localName, lookUp } from '../../engine/containers/names.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { openDestination, openSource, parseImageName } from '../../engine/containers/transport.ts'
import {
  findImage,
  hasChild,
  type ImageInfo,
  imageInfo,
  type PullOptions,
  parentOf,
  pull,
  repoDigests,
  worldOf,
} from '../../engine/libpod/images.ts'
import { removeContainer } from '../../engine/libpod/lifecycle.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import { parseReference } from '../../oci/reference.ts'
import { humanSize, seconds } from '../../oci/units.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { each } from '../containers/frame.ts'
import { ago, filtersOf, printList, printObjects, size } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { confirm, exists } from './containers.ts'
import type { Commands, Context } from './context.ts'

/** Says what goes on, on standard error. */
const teller =
  (c: Context): Say =>
  (line) =>
    warn(c.sys, `${line}\n`) as Run<never> as Run<void>
/** How an image is to be pulled, from the flags of pull, run, create and build. */
export function* pullOptions(c: Context, g: Given): Run<PullOptions> {
  const platform = g.value('platform')
  const [os, arch, variant] =
    platform === undefined ? [g.value('os'), g.value('arch'), g.value('variant')] : platform.split('/')
  const tls = g.value('tls-verify')
  return {
    platform: {
      ...(os ? { os } : {}),
      ...(arch ? { architecture: arch } : {}),
      ...(variant ? { variant } : {}),
    },
    ...(g.has('quiet') ? {} : { say: teller(c) }),
    bars: !isErr(yield* c.sys.ioctl(2, 'TCGETS')),
    tlsVerify: tls === undefined ? undefined : tls === 'true',
    creds: g.value('creds'),
    authfile: g.value('authfile'),
  }
}
function* allInfos(c: Context): Run<ImageInfo[]> {
  const out: ImageInfo[] = []
  for (const r of yield* c.lp.storage.images()) out.push(yield* imageInfo(c.lp.storage, r))
  return out
}
const repoOf = (name: string): { readonly repository: string; readonly tag: string } => {
  const ref = parseReference(name)
  return 'error' in ref
    ? { repository: name, tag: '<none>' }
    : { repository: `${ref.domain}/${ref.path}`, tag: ref.tag ?? '<none>' }
}
function* images(c: Context, g: Given): Run<number> {
  if (g.has('quiet') && g.value('format') !== undefined) throw new Problem('quiet and format are mutually exclusive')
  const infos = yield* allInfos(c)
  const now = yield* c.lp.now()
  const filters = filtersOf(
    g.all('filter'),
    ['dangling', 'label', 'reference', 'readonly', 'intermediate', 'id', 'before', 'since'],
    'podman images',
  )
  const wanted = g.args[0]
  const matches = (i: ImageInfo, name: string): boolean => {
    const { repository, tag } = repoOf(name)
    return (
      repository === wanted ||
      `${repository}:${tag}` === wanted ||
      repository.endsWith(`/${wanted}`) ||
      `${repository}:${tag}`.endsWith(`/${wanted}`) ||
      i.record.id.startsWith(wanted ?? ' ')
    )
  }
  const find = (name: string): ImageInfo | undefined =>
    infos.find(
      (i) =>
        i.record.names.some((n) => n === name || n.endsWith(`/${name}`) || n.endsWith(`/${name}:latest`)) ||
        i.record.id.startsWith(name),
    )
  const passes = (i: ImageInfo): boolean =>
    [...filters].every(([key, values]) =>
      values.every((v) => {
        if (key === 'dangling') return (i.record.names.length === 0 && !hasChild(infos, i)) === (v === 'true')
        if (key === 'label') {
          const [k = '', value] = v.split(/=(.*)/s)
          const labels = i.config.config.Labels ?? {}
          return k in labels && (value === undefined || labels[k] === value)
        }
        if (key === 'id') return i.record.id.startsWith(v)
        if (key === 'before' || key === 'since') {
          const other = find(v)
          if (!other) throw new Problem(`finding image ${JSON.stringify(v)}: ${v}: image not known`)
          return key === 'before' ? i.record.created < other.record.created : i.record.created > other.record.created
        }
        if (key === 'reference') {
          const re = new RegExp(`(^|/)${v.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}(:[^/]*)?$`)
          return i.record.names.some((n) => re.test(n))
        }
        return true
      }),
    )
  const rows: Record<string, unknown>[] = []
  const json: unknown[] = []
  const containers = yield* c.lp.storage.containers()
  const sorted = [...infos].sort(
    (a, b) => seconds(b.record.created) - seconds(a.record.created) || (b.record.created < a.record.created ? -1 : 1),
  )
  for (const i of sorted) {
    if (!passes(i)) continue
    if (i.record.names.length === 0 && !g.has('all') && hasChild(infos, i)) continue
    const names = i.record.names.length > 0 ? [...i.record.names].sort() : ['']
    for (const name of names) {
      if (wanted !== undefined && !matches(i, name)) continue
      const { repository, tag } = name === '' ? { repository: '<none>', tag: '<none>' } : repoOf(name)
      const created = seconds(i.record.created) * 1e9
      rows.push({
        Repository: repository,
        Tag: tag,
        Digest: i.record.digest,
        ID: g.has('no-trunc') ? `sha256:${i.record.id}` : i.record.id.slice(0, 12),
        Id: i.record.id,
        Created: ago(created, now),
        CreatedSince: ago(created, now),
        CreatedAt: strftime('%F %T +0000 UTC', created),
        CreatedTime: strftime('%F %T +0000 UTC', created),
        Size: size(i.size),
        Names: i.record.names,
        Labels: i.config.config.Labels ?? {},
        History: i.record['names-history'].join(', '),
        ReadOnly: false,
      })
      json.push({
        Id: i.record.id,
        ParentId: parentOf(infos, i)?.record.id ?? '',
        RepoTags: null,
        RepoDigests: repoDigests(i.record),
        Size: i.size,
        SharedSize: 0,
        VirtualSize: i.size,
        Labels: i.config.config.Labels ?? null,
        Containers: containers.filter((x) => x.image === i.record.id).length,
        Names: i.record.names,
        Digest: i.record.digest,
        History: i.record['names-history'],
        Created: seconds(i.record.created),
        CreatedAt: i.record.created,
      })
    }
  }
  if (g.has('quiet')) {
    yield* print(c.sys, [...new Set(rows.map((r) => `${r.ID as string}\n`))].join(''))
    return 0
  }
  yield* printList(
    c.sys,
    [
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ...(g.has('digests') ? ([['DIGEST', 'Digest']] as const) : []),
      ['IMAGE ID', 'ID'],
      ['CREATED', 'CreatedSince'],
      ['SIZE', 'Size'],
      ...(g.has('history') ? ([['HISTORY', 'History']] as const) : []),
    ],
    rows,
    { format: g.value('format'), noHeading: g.has('noheading'), json },
  )
  return 0
}
/** What `podman image inspect` prints of one. */
export function* inspectImage(c: Context, i: ImageInfo): Run<unknown> {
  const infos = yield* allInfos(c)
  const layers = yield* c.lp.storage.layerChain(i.record.layer)
  const dir = (id: string): string => `${c.lp.storage.layerDir(id)}/diff`
  const { config } = i.config
  return {
    Id: i.record.id,
    Digest: i.record.digest,
    RepoTags: [...i.record.names].sort(),
    RepoDigests: repoDigests(i.record),
    Parent: parentOf(infos, i)?.record.id ?? '',
    Comment: i.config.history.at(-1)?.comment ?? '',
    Created: i.config.created,
    Config: config,
    Version: '',
    Author: i.config.author ?? '',
    Architecture: i.config.architecture,
    Os: i.config.os,
    Size: i.size,
    VirtualSize: i.size,
    GraphDriver: {
      Name: 'overlay',
      Data: {
        ...(layers.length > 1
          ? {
              LowerDir: layers
                .slice(0, -1)
                .reverse()
                .map((l) => dir(l.id))
                .join(':'),
            }
          : {}),
        UpperDir: dir(layers.at(-1)?.id ?? ''),
        WorkDir: `${c.lp.storage.layerDir(layers.at(-1)?.id ?? '')}/work`,
      },
    },
    RootFS: { Type: 'layers', Layers: i.config.rootfs.diff_ids },
    Labels: config.Labels ?? null,
    Annotations: (i.manifest as { annotations?: object }).annotations ?? {},
    ManifestType: i.manifest.mediaType,
    User: config.User ?? '',
    History: i.config.history,
    NamesHistory: i.record['names-history'],
  }
}
/** Untags or removes an image: what is told of it. Throws Problem. */
function* remove(c: Context, name: string, force: boolean): Run<string[]> {
  const registries = yield* c.lp.registries()
  const found = lookUp(yield* c.lp.storage.images(), name, registries)
  if (!found) throw new Problem(`${name}: image not known`, 1)
  const { image } = found
  const byId = found.name === undefined
  if (!byId && image.names.length > 1) {
    yield* c.lp.storage.setNames(
      image.id,
      image.names.filter((n) => n !== found.name),
    )
    yield* c.lp.event({ ID: image.id, Name: found.name ?? '', Status: 'untag', Type: 'image' })
    return [`Untagged: ${found.name}`]
  }
  if (byId && image.names.length > 1 && !force)
    throw new Problem(
      `unable to delete image ${JSON.stringify(image.id)} by ID with more than one tag ([${image.names.join(' ')}]): please force removal`,
      2,
    )
  const users = (yield* c.lp.storage.containers()).filter((x) => x.image === image.id)
  for (const u of users) {
    if (!force)
      throw new Problem(
        `image used by ${u.id}: image is in use by a container: consider listing external containers and force-removing image`,
        2,
      )
    const x = yield* c.lp.again(u.id)
    if (x) yield* removeContainer(c.lp, yield* c.lp.sync(x), { force: true })
    else yield* c.lp.storage.deleteContainer(u.id)
  }
  const out = image.names.map((n) => `Untagged: ${n}`)
  const infos = yield* allInfos(c)
  const own = infos.find((i) => i.record.id === image.id)
  if (own && hasChild(infos, own)) {
    yield* c.lp.storage.setNames(image.id, [])
    return out
  }
  let next: ImageInfo | undefined = own
  let left = infos
  while (next) {
    const gone: ImageInfo = next
    yield* c.lp.storage.deleteImage(gone.record.id)
    out.push(`Deleted: ${gone.record.id}`)
    yield* c.lp.event({ ID: gone.record.id, Name: gone.record.names[0] ?? '', Status: 'remove', Type: 'image' })
    const parent: ImageInfo | undefined = parentOf(left, gone)
    left = left.filter((i) => i !== gone)
    // Intermediate images that nobody else needs go with it.
    next =
      parent &&
      parent.record.names.length === 0 &&
      !hasChild(left, parent) &&
      !(yield* c.lp.storage.containers()).some((x) => x.image === parent.record.id)
        ? parent
        : undefined
  }
  return out
}

export const imageCommands: Commands = {
  images: {
    args: [0, 1],
    flags: 'all digests filter format history no-trunc noheading quiet sort',
    *run(c, g) {
      if (g.value('sort') !== undefined && g.value('sort') !== 'created')
        throw notEmulated(`podman images --sort ${g.value('sort')}`)
      return yield* images(c, g)
    },
  },
  pull: {
    args: [1, Infinity],
    flags: 'arch authfile creds disable-content-trust os platform quiet tls-verify variant',
    *run(c, g) {
      return yield* each(c.sys, g.args, function* (name) {
        const { id } = yield* pull(c.sys, c.lp.storage, yield* c.lp.registries(), name, yield* pullOptions(c, g))
        yield* c.lp.event({ ID: id, Name: name, Status: 'pull', Type: 'image' })
        return id
      })
    },
  },
  push: {
    args: [1, 2],
    flags: 'authfile creds disable-content-trust quiet tls-verify digestfile',
    *run(c, g) {
      const registries = yield* c.lp.registries()
      const image = yield* findImage(c.lp.storage, registries, g.args[0] as string)
      const found = lookUp(yield* c.lp.storage.images(), g.args[0] as string, registries)
      const given = g.args[1] ?? found?.name ?? image.names[0] ?? ''
      const parsed = parseImageName(given)
      const name =
        'error' in parsed || (parsed.transport !== 'docker' && /^[^/]*:\d+\//.test(given)) ? undefined : parsed
      const ref = name ? undefined : parseReference(given)
      if (ref && 'error' in ref) throw new Problem(ref.error)
      const o = yield* pullOptions(c, g)
      const w = worldOf(c.sys, c.lp.storage, registries, o)
      const target = name ?? {
        transport: 'docker',
        rest: ref ? fullName({ ...ref, tag: ref.tag ?? 'latest' }) : '',
        whole: given,
      }
      const source = yield* openSource(w, { transport: 'containers-storage', rest: image.id, whole: '' })
      const to = yield* openDestination(w, target)
      let manifest: Uint8Array
      try {
        manifest = yield* copyImage(source, to, {
          platform: yield* hostPlatform(c.sys),
          bars: o.bars ?? false,
          ...(o.say ? { say: o.say } : {}),
        })
      } finally {
        yield* to.close()
      }
      const file = g.value('digestfile')
      if (file !== undefined) {
        const fd = yield* c.sys.open(file, 0o1101, 0o644)
        if (!isErr(fd)) {
          yield* c.sys.write(fd, new TextEncoder().encode(digestOf(manifest)))
          yield* c.sys.close(fd)
        }
      }
      yield* c.lp.event({ ID: image.id, Name: given, Status: 'push', Type: 'image' })
      return 0
    },
  },
  rmi: {
    args: [0, Infinity],
    beside: 'when using the --all switch, you may not pass any images names or IDs',
    flags: 'all force ignore',
    *run(c, g) {
      const names = g.has('all') ? (yield* c.lp.storage.images()).map((i) => i.id) : g.args
      if (names.length === 0 && !g.has('all')) throw new Problem('image name or ID must be specified')
      return yield* each(
        c.sys,
        names,
        function* (name) {
          if (g.has('all') && !(yield* c.lp.storage.images()).some((i) => i.id === name)) return undefined
          try {
            return (yield* remove(c, name, g.has('force') || g.has('all'))).join('\n')
          } catch (e) {
            if (e instanceof Problem && (g.has('ignore') || g.has('force')) && /image not known$/.test(e.message))
              return undefined
            throw e
          }
        },
        1,
      )
    },
  },
  tag: {
    args: [2, Infinity],
    flags: '',
    *run(c, g) {
      const [name = '', ...names] = g.args
      const image = yield* findImage(c.lp.storage, yield* c.lp.registries(), name)
      const added = names.map(localName)
      yield* c.lp.storage.setNames(image.id, [...new Set([...image.names, ...added])])
      for (const n of added) yield* c.lp.event({ ID: image.id, Name: n, Status: 'tag', Type: 'image' })
      return 0
    },
  },
  untag: {
    args: [1, Infinity],
    flags: '',
    *run(c, g) {
      const [name = '', ...names] = g.args
      const image = yield* findImage(c.lp.storage, yield* c.lp.registries(), name)
      const gone = names.map(localName)
      const missing = gone.find((n) => !image.names.includes(n))
      if (missing !== undefined) throw new Problem(`${missing}: tag not known`)
      yield* c.lp.storage.setNames(image.id, gone.length === 0 ? [] : image.names.filter((n) => !gone.includes(n)))
      return 0
    },
  },
  history: {
    args: [1, 1],
    flags: 'format human no-trunc quiet',
    *run(c, g) {
      const record = yield* findImage(c.lp.storage, yield* c.lp.registries(), g.args[0] as string)
      const info = yield* imageInfo(c.lp.storage, record)
      const layers = [...(yield* c.lp.storage.layerChain(record.layer))]
      const now = yield* c.lp.now()
      const full = g.has('no-trunc')
      const rows = [...info.config.history]
        .map((h) => ({ h, layer: h.empty_layer ? undefined : layers.shift() }))
        .reverse()
        .map(({ h, layer }, n) => {
          const by = (h.created_by ?? '').replace(/\s+/g, ' ')
          const bytes = layer?.['diff-size'] ?? 0
          return {
            ID: n === 0 ? (full ? record.id : record.id.slice(0, 12)) : '<missing>',
            Created: ago(seconds(h.created ?? '') * 1e9, now),
            CreatedAt: h.created ?? '',
            CreatedBy: full || by.length <= 45 ? by : `${by.slice(0, 42)}...`,
            Size: g.value('human') === 'false' ? String(bytes) : size(bytes),
            Comment: h.comment ?? '',
          }
        })
      if (g.has('quiet')) {
        yield* print(c.sys, rows.map((r) => `${r.ID}\n`).join(''))
        return 0
      }
      yield* printList(
        c.sys,
        [
          ['ID', 'ID'],
          ['CREATED', 'Created'],
          ['CREATED BY', 'CreatedBy'],
          ['SIZE', 'Size'],
          ['COMMENT', 'Comment'],
        ],
        rows,
        { format: g.value('format') },
      )
      return 0
    },
  },
  'image inspect': {
    args: [1, Infinity],
    flags: 'format',
    *run(c, g) {
      const out: unknown[] = []
      const missing: string[] = []
      for (const name of g.args) {
        const found = lookUp(yield* c.lp.storage.images(), name, yield* c.lp.registries())
        if (found) out.push(yield* inspectImage(c, yield* imageInfo(c.lp.storage, found.image)))
        else missing.push(name)
      }
      if (g.value('format') === undefined || out.length > 0) yield* printObjects(c.sys, g.value('format'), out)
      if (missing.length > 0) throw new Problem(missing.map((m) => `${m}: image not known`).join('\n'))
      return 0
    },
  },
  'image exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(function* () {
        return yield* findImage(c.lp.storage, yield* c.lp.registries(), g.args[0] as string)
      })
    },
  },
  'image prune': {
    args: [0, 0],
    flags: 'all force filter',
    *run(c, g) {
      filtersOf(g.all('filter'), [], 'podman image prune')
      const question = g.has('all')
        ? 'WARNING! This command removes all images without at least one container associated with them.\nAre you sure you want to continue? [y/N] '
        : 'WARNING! This command removes all dangling images.\nAre you sure you want to continue? [y/N] '
      if (!g.has('force') && !(yield* confirm(c, question))) return 0
      for (const id of yield* pruneImages(c, g.has('all'))) yield* print(c.sys, `${id}\n`)
      return 0
    },
  },
  'image tree': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      const record = yield* findImage(c.lp.storage, yield* c.lp.registries(), g.args[0] as string)
      const info = yield* imageInfo(c.lp.storage, record)
      const layers = yield* c.lp.storage.layerChain(record.layer)
      const every = yield* c.lp.storage.images()
      yield* print(
        c.sys,
        `Image ID: ${record.id.slice(0, 12)}\nTags:     [${record.names.join(' ')}]\nSize:     ${humanSize(info.size)}\nImage Layers\n`,
      )
      for (const [n, l] of layers.entries()) {
        const tops = every.filter((i) => i.layer === l.id).flatMap((i) => i.names)
        yield* print(
          c.sys,
          `${n === layers.length - 1 ? '└── ' : '├── '}ID: ${l.id.slice(0, 12)} Size: ${humanSize(l['diff-size'] ?? 0).padStart(6)}${tops.length > 0 ? ` Top Layer of: [${tops.join(' ')}]` : ''}\n`,
        )
      }
      return 0
    },
  },
}
/** Removes images without a name, or with `all` those that no container uses: their ids. */
export function* pruneImages(c: Context, all: boolean): Run<string[]> {
  const out: string[] = []
  for (;;) {
    const infos = yield* allInfos(c)
    const used = new Set((yield* c.lp.storage.containers()).map((x) => x.image))
    const next = infos.find(
      (i) => !used.has(i.record.id) && !hasChild(infos, i) && (all || i.record.names.length === 0),
    )
    if (!next) return out
    yield* c.lp.storage.deleteImage(next.record.id)
    out.push(next.record.id)
  }
}

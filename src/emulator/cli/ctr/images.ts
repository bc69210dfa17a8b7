/** ctr images, ctr content and ctr snapshots: what is stored. */
import { isErr } from '../../base/errno.ts'
import type { StoredImage } from '../../engine/containerd/images.ts'
import type { Transfer, Transferred } from '../../engine/containerd/transfer.ts'
import { platformText } from '../../engine/dockerd/images.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { parseDigest } from '../../oci/digest.ts'
import { humanDuration, humanSize } from '../../oci/units.ts'
import { print } from '../../userland/lib/io.ts'
import { log } from '../logrus.ts'
import { type Branch, type Leaf, ToolError, tabs } from '../urfave.ts'
import { type Context, iec, labelsText } from './context.ts'

const quiet = (what: string): Pick<Leaf<Context>, 'flags' | 'texts'> => ({
  flags: 'q,quiet',
  texts: [`Print only the ${what}`],
})
/** Known, but not emulated. */
const not = (names: string, usage: string): Leaf<Context> => ({ names: names.split(' '), usage })

/** The tree of what came, as ctr draws it when all is done. */
function drawing(t: Transfer, colour: boolean): string {
  const bar = colour ? `|\x1b[32m${'+'.repeat(38)}\x1b[0m|` : `|${'+'.repeat(38)}|`
  const short = (p: Transferred): string => `${p.kind} (${p.descriptor.digest.slice(7, 19)})`
  const line = (name: string, event: string, full: boolean): string =>
    full
      ? `${[...name].slice(0, 40).join('').padEnd(40)}\t${event.padEnd(11)}\t${bar}\t\n`
      : `${[...name].slice(0, 40).join('').padEnd(40)}\t${event}\t\n`
  const event = (p: Transferred): [string, boolean] =>
    p.bytes === 0 ? ['already exists', false] : [p.kind === 'layer' ? 'extracted' : 'complete', true]
  const index = t.parts.find((p) => p.kind === 'index')
  const manifest = t.parts.find((p) => p.kind === 'manifest')
  const rest = t.parts.filter((p) => p.kind === 'layer' || p.kind === 'config')
  let out = line(t.name, 'saved', false)
  let before = ''
  for (const p of [index, manifest]) {
    if (!p) continue
    out += line(`${before}└──${short(p)}`, ...event(p))
    before += '   '
  }
  for (const [n, p] of rest.entries())
    out += line(`${before}${n === rest.length - 1 ? '└──' : '├──'}${short(p)}`, ...event(p))
  const total = t.parts.reduce((n, p) => n + p.bytes, 0)
  const seconds = t.time / 1e9
  const speed = iec(seconds > 0 ? total / seconds : 0)
  return `${out}${t.target.mediaType} ${t.target.digest}\nPulling from OCI Registry (${t.name})\telapsed: ${seconds.toFixed(1).padEnd(4)}s\ttotal: ${iec(total).slice(0, 6).padStart(7)}\t(${speed}/s)\t\n`
}

const pull: Leaf<Context> = {
  names: ['pull'],
  usage: 'Pull an image from a remote',
  args: '[flags] <ref>',
  description:
    'Fetch and prepare an image for use in containerd.\n\nAfter pulling an image, it should be ready to use the same reference in a run\ncommand. As part of this process, we do the following:\n\n1. Fetch all resources into containerd.\n2. Prepare the snapshot filesystem with the pulled resources.\n3. Register metadata for the image.\n',
  flags: 'plain-http u,user:string hosts-dir:string label:list platform:list all-platforms print-chainid local',
  texts: [
    'Allow connections using plain HTTP',
    'User[:password] Registry user and password',
    'Custom hosts configuration directory',
    'Labels to attach to the image',
    'Pull content from a specific platform',
    'Pull content and metadata from all platforms',
    "Print the resulting image's chain ID",
    'Fetch content from local client rather than using transfer service',
  ],
  *run(sys, g, c) {
    const ref = g.args[0]
    if (ref === undefined) throw new ToolError('please provide an image reference to pull')
    for (const flag of ['user', 'hosts-dir', 'label', 'all-platforms', 'print-chainid', 'local', 'plain-http'])
      if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: ctr images pull --${flag}`)
    // ctr takes a name as it is: no registry and no tag are added.
    if (!/^[^/]*[.:][^/]*\/|^localhost\//.test(ref))
      throw new ToolError(`failed to resolve reference ${JSON.stringify(ref)}: object required`)
    const platform = g.value('platform')
    const [os = '', architecture = '', variant] = (platform ?? '').split('/')
    const r = yield* c.client.call<Transfer>('transfer.Transfer', {
      name: ref,
      ...(platform === undefined ? {} : { platform: { os, architecture, ...(variant ? { variant } : {}) } }),
    })
    yield* print(sys, drawing(r, !isErr(yield* sys.ioctl(1, 'TCGETS'))))
    return 0
  },
}
const listImages: Leaf<Context> = {
  names: ['list', 'ls'],
  usage: 'List images known to containerd',
  args: '[flags] [<filter>, ...]',
  description: 'list images registered with containerd',
  ...quiet('image refs'),
  *run(sys, g, c) {
    const names = filters(g.args, 'name')
    const images = (yield* c.client.call<StoredImage[]>('images.List')).filter((i) => names(i.name))
    if (g.has('quiet')) {
      yield* print(sys, images.map((i) => `${i.name}\n`).join(''))
      return 0
    }
    const rows = images.map((i) => [
      i.name,
      i.target.mediaType,
      i.target.digest,
      iec(i.size),
      [...new Set(i.platforms.map(platformText))].sort().join(','),
      '-',
    ])
    yield* print(sys, tabs([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], 1))
    return 0
  },
}
/** containerd's filters as far as they are emulated: `name==value` and `name~=expression`; any one suffices. */
function filters(words: readonly string[], field: string): (value: string) => boolean {
  const tests = words.map((w) => {
    const m = new RegExp(`^${field}(==|!=|~=)"?([^"]*)"?$`).exec(w)
    if (!m) {
      if (/[=~]/.test(w)) throw new ToolError(`zukan: not emulated: filter ${w}`)
      return () => false
    }
    const [, op, value = ''] = m
    if (op === '==') return (v: string) => v === value
    if (op === '!=') return (v: string) => v !== value
    try {
      const re = new RegExp(value)
      return (v: string) => re.test(v)
    } catch {
      throw new ToolError(`filters: parse error: [${w}]: invalid argument`)
    }
  })
  return (v) => tests.length === 0 || tests.some((t) => t(v))
}

export const images: Branch<Context> = {
  names: ['images', 'image', 'i'],
  usage: 'Manage images',
  below: [
    not('check', 'Check existing images to ensure all content is available locally'),
    not('export', 'Export images'),
    not('import', 'Import images'),
    not('inspect', 'inspect an image'),
    listImages,
    not('mount', 'Mount an image to a target path'),
    not('unmount', 'Unmount the image from the target'),
    pull,
    not('push', 'Push an image to a remote'),
    {
      names: ['delete', 'del', 'remove', 'rm'],
      usage: 'Remove one or more images by reference',
      args: '[flags] <ref> [<ref>, ...]',
      description: 'remove one or more images by reference',
      flags: 'sync',
      texts: ['Synchronously remove image and all associated resources'],
      *run(sys, g, c) {
        for (const name of g.args) {
          const r = yield* c.client.try('images.Delete', { name })
          if (r.ok) yield* print(sys, `${name}\n`)
          else yield* log(sys, 'warning', `${name}: image not found`)
        }
        return 0
      },
    },
    {
      names: ['tag'],
      usage: 'Tag an image',
      args: '[flags] <source_ref> <target_ref> [<target_ref>, ...]',
      description: 'Tag an image for use in containerd.',
      flags: 'force local',
      texts: [
        'Force target_ref to be created, regardless if it already exists',
        'Run tag locally rather than through transfer API',
      ],
      *run(sys, g, c) {
        const [source, ...targets] = g.args
        if (source === undefined) throw new ToolError('please provide an image reference to tag from')
        if (targets.length === 0) throw new ToolError('please provide an image reference to tag to')
        for (const name of targets) {
          if (g.has('force')) yield* c.client.try('images.Delete', { name })
          yield* c.client.call('images.Create', { name, source })
          yield* print(sys, `${name}\n`)
        }
        return 0
      },
    },
    not('label', 'Set and clear labels for an image'),
    not('convert', 'Convert an image'),
    not('usage', 'Display usage of snapshots for a given image ref'),
  ],
}

interface Blob {
  readonly digest: string
  readonly size: number
  readonly created: number
  readonly labels: Record<string, string>
}
/** Columns padded with tabulators, as tabwriter does with '\t' for padding. */
function tabbed(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map(
    (_, i) => Math.ceil((Math.max(...rows.map((r) => (r[i] ?? '').length)) + 1) / 8) * 8,
  )
  return rows
    .map(
      (r) =>
        `${r.map((c, i) => (i < r.length - 1 ? c + '\t'.repeat(Math.ceil(((widths[i] ?? 0) - c.length) / 8)) : c)).join('')}\n`,
    )
    .join('')
}
export const content: Branch<Context> = {
  names: ['content'],
  usage: 'Manage content',
  below: [
    not('active', 'Display active transfers'),
    not('delete del remove rm', 'Permanently delete one or more blobs'),
    not('edit', 'Edit a blob and return a new digest'),
    not('fetch', 'Fetch all content for an image into containerd'),
    not('fetch-object', 'Retrieve objects from a remote'),
    not('fetch-blob', 'Retrieve blobs from a remote'),
    {
      names: ['get'],
      usage: 'Get the data for an object',
      args: '[<digest>, ...]',
      description: 'display the image object',
      *run(sys, g, c) {
        const digest = g.args[0] ?? ''
        if (!parseDigest(digest))
          throw new ToolError(
            digest.startsWith('sha256:') ? 'invalid checksum digest length' : 'invalid checksum digest format',
          )
        const r = yield* c.client.call<{ text: string }>('content.Read', { digest })
        yield* print(sys, r.text)
        return 0
      },
    },
    not('ingest', 'Accept content into the store'),
    {
      names: ['list', 'ls'],
      usage: 'List all blobs in the store',
      args: '[flags]',
      description: 'list blobs in the content store',
      ...quiet('blob digest'),
      *run(sys, g, c) {
        const blobs = yield* c.client.call<Blob[]>('content.List')
        const now = yield* sys.clock('realtime')
        if (g.has('quiet')) yield* print(sys, blobs.map((b) => `${b.digest}\n`).join(''))
        else
          yield* print(
            sys,
            tabbed([
              ['DIGEST', 'SIZE', 'AGE', 'LABELS'],
              ...blobs.map((b) => [b.digest, humanSize(b.size), humanDuration(now - b.created), labelsText(b.labels)]),
            ]),
          )
        return 0
      },
    },
    not('push-object', 'Push an object to a remote'),
    not('label', 'Add labels to content'),
    not('prune', 'Prunes content from the content store'),
  ],
}

interface SnapshotRow {
  readonly key: string
  readonly parent: string
  readonly kind: string
}
const rowsOf = function* (c: Context): Run<SnapshotRow[]> {
  return yield* c.client.call<SnapshotRow[]>('snapshots.List')
}
function* tree(sys: Sys, rows: readonly SnapshotRow[], parent: string, level: number): Run<void> {
  for (const r of rows.filter((x) => x.parent === parent)) {
    yield* print(sys, `${'  '.repeat(level)}${level > 0 ? '\\_' : ''} ${r.key}\n`)
    yield* tree(sys, rows, r.key, level + 1)
  }
}
export const snapshots: Branch<Context> = {
  names: ['snapshots', 'snapshot'],
  usage: 'Manage snapshots',
  below: [
    not('commit', 'Commit an active snapshot into the provided name'),
    not('diff', "Get the diff of two snapshots. the default second snapshot is the first snapshot's parent."),
    not('info', 'Get info about a snapshot'),
    {
      names: ['list', 'ls'],
      usage: 'List snapshots',
      *run(sys, _g, c) {
        const rows = (yield* rowsOf(c)).map((r) => [r.key, r.parent, r.kind])
        yield* print(sys, tabs([['KEY', 'PARENT', 'KIND'], ...rows], 1))
        return 0
      },
    },
    not('mounts m mount', 'Mount gets mount commands for the snapshots'),
    not('prepare', 'Prepare a snapshot from a committed snapshot'),
    not('delete del remove rm', 'Remove snapshots'),
    not('label', 'Add labels to content'),
    {
      names: ['tree'],
      usage: 'Display tree view of snapshot branches',
      *run(sys, _g, c) {
        yield* tree(sys, yield* rowsOf(c), '', 0)
        return 0
      },
    },
    not('unpack', 'Unpack applies layers from a manifest to a snapshot'),
    not('usage', 'Usage snapshots'),
    not('view', 'Create a read-only snapshot from a committed snapshot'),
  ],
}

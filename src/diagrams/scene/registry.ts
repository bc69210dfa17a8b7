/** Scene "registry": the documents that a tag leads to, as the last pull fetched them or the last push sent them. */
import { words } from '../words/registry.ts'
import { amount, short } from './amount.ts'
import { type Content, contentOf, type Descriptor } from './content.ts'
import { passed } from './passed.ts'
import { type Box, defineScene, type Link } from './types.ts'

type Words = (typeof words)['en']
const platformOf = (d: Descriptor): string =>
  [d.platform?.os, d.platform?.architecture, d.platform?.variant].filter(Boolean).join('/')
const title = (digest: string): string => `sha256:${short(digest)}…`

/** The documents from the tag down, and what leads from one to the next. */
function documents(
  c: Content,
  push: boolean,
  w: Words,
): { readonly boxes: readonly Box[]; readonly links: readonly Link[] } {
  const boxes: Box[] = []
  const links: Link[] = []
  // A push names last what it has sent before: the tag is there when everything below it is.
  if (c.reference !== '')
    boxes.push({
      id: 'tag',
      kind: 'document',
      tag: w.tag,
      title: c.reference.startsWith('sha256:')
        ? `${c.repository}@${short(c.reference)}`
        : `${c.repository}:${c.reference}`,
      ...(push ? { details: [w.sentLast] } : {}),
      wide: true,
      refs: [c.reference],
    })
  if (c.entries) {
    boxes.push({
      id: 'index',
      kind: 'document',
      tag: w.index,
      title: w.indexDetail,
      wide: true,
      children: c.entries.map((d): Box => {
        const taken = d.digest === c.manifest?.digest
        return {
          id: `entry:${d.digest}`,
          kind: 'layer',
          tag: w.platform,
          title: platformOf(d),
          details: [title(d.digest), push ? (taken ? w.sent : '') : taken ? w.chosen : w.notFetched].filter(Boolean),
          ...(taken ? { strong: true } : { faint: true }),
        }
      }),
    })
    if (c.reference !== '') links.push({ id: 'tag-index', from: 'tag', to: 'index', labels: [w.points] })
  }
  const done = (digest: string): string => {
    const state = c.blobs.get(digest)
    return state === undefined ? '' : w.blobs[state]
  }
  /** Blobs of a push whose manifest is still to come: nobody has said yet what they are. */
  const known = new Set([c.manifest?.config.digest, ...(c.manifest?.layers ?? []).map((l) => l.digest)])
  if (c.manifest) {
    const { digest, config, layers } = c.manifest
    const platform = c.entries?.find((d) => d.digest === digest)
    const largest = Math.max(1, ...layers.map((l) => l.size))
    boxes.push(
      {
        id: 'manifest',
        kind: 'document',
        tag: w.manifest,
        title: digest.startsWith('sha256:') ? title(digest) : w.unnamed,
        details: [w.listed(layers.length + 1), ...(push ? [w.sentAfter] : [])],
        wide: true,
        refs: [digest],
      },
      {
        id: 'config',
        kind: 'file',
        tag: w.config,
        title: title(config.digest),
        details: [
          amount(config.size),
          w.configDetail,
          ...(c.run ? [w.command(c.run.join(' '))] : []),
          ...(done(config.digest) ? [done(config.digest)] : []),
        ],
        refs: [config.digest],
      },
      ...layers.map(
        (l, i): Box => ({
          id: `blob:${l.digest}`,
          kind: 'layer',
          tag: w.layer(i + 1),
          title: title(l.digest),
          details: [done(l.digest)].filter(Boolean),
          meters: [{ id: 'size', label: amount(l.size), fraction: l.size / largest }],
          refs: [l.digest],
        }),
      ),
    )
    if (c.entries)
      links.push({
        id: 'index-manifest',
        from: 'index',
        to: 'manifest',
        labels: platform ? [w.matches(platformOf(platform))] : [],
      })
    else if (c.reference !== '') links.push({ id: 'tag-manifest', from: 'tag', to: 'manifest', labels: [w.points] })
    links.push({ id: 'manifest-config', from: 'manifest', to: 'config' })
  }
  for (const digest of c.blobs.keys())
    if (!known.has(digest))
      boxes.push({
        id: `blob:${digest}`,
        kind: 'layer',
        tag: w.blob,
        title: title(digest),
        details: [done(digest)],
        refs: [digest],
      })
  return { boxes, links }
}

export default defineScene({
  words,
  setup: 'docker pull nginx:1.25.3-alpine',
  setups: {
    push: 'docker run -d --name registry -p 5000:5000 registry:2; docker pull -q nginx:1.25.3-alpine; docker tag nginx:1.25.3-alpine localhost:5000/mine:1; docker push localhost:5000/mine:1',
  },
  actions: {
    nginx: 'docker pull nginx:1.25.3-alpine',
    alpine: 'docker pull alpine:3.22',
    arm: 'docker pull --platform linux/arm64 alpine:3.22',
    registry: 'docker run -d --name registry -p 5000:5000 registry:2',
    push: 'docker tag alpine:3.22 localhost:5000/mine:1; docker push localhost:5000/mine:1',
  },
  choices: ['pull', 'push'],
  scene({ history, choice }, w) {
    const push = choice === 'push'
    const content = contentOf(history, push ? 'push' : 'pull')
    if (!content)
      return {
        root: {
          id: 'root',
          kind: 'group',
          title: '',
          children: [{ id: 'empty:registry', kind: 'empty', title: push ? w.nonePushed : w.none }],
        },
        links: [],
      }
    const { boxes, links } = documents(content, push, w)
    return {
      root: {
        id: 'root',
        kind: 'group',
        title: '',
        arrange: 'column',
        children: [
          {
            id: 'engine',
            kind: 'daemon',
            tag: w.engine,
            title: content.engine,
            details: [push ? w.pushes : w.pulls],
            refs: [content.engine],
          },
          {
            id: 'registry',
            kind: 'machine',
            tag: w.registry,
            title: content.registry,
            details: [w.registryDetail],
            children: boxes,
            refs: [`registry:${content.registry}`],
          },
        ],
      },
      links: [
        { id: 'engine-registry', from: 'engine', to: 'registry', ...passed('http', content.requests, () => true, w) },
        ...links,
      ],
    }
  },
})

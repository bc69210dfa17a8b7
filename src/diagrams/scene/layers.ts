/** Scene "layers": overlay mounts as stacks; which file comes from which layer, copy-up and whiteouts. */
import { words } from '../words/layers.ts'
import { amount } from './amount.ts'
import { focus } from './focus.ts'
import { type Box, defineScene, type Link } from './types.ts'

/** Files shown of a layer. */
const SHOWN = 4

export default defineScene({
  words,
  setup:
    "docker run -d --name web nginx:1.25.3-alpine && docker exec web sh -c 'echo hello > /usr/share/nginx/html/index.html; rm /docker-entrypoint.d/30-tune-worker-processes.sh; echo notes > /root/notes'",
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    write: "docker exec web sh -c 'echo hello > /usr/share/nginx/html/index.html'",
    remove: 'docker exec web rm /docker-entrypoint.d/30-tune-worker-processes.sh',
    make: 'docker exec web touch /root/notes',
    rm: 'docker rm -f web',
  },
  scene(input, w) {
    const { machine: view, kernel } = focus(input)
    const links: Link[] = []
    const stacks = kernel?.layers ?? []
    const boxes = stacks.map((stack, s): Box => {
      const container = view.containers.find((c) => stack.mountpoint.includes(c.id))
      // What engines mount is named after the container, also before it runs.
      const key = container?.id ?? /[0-9a-f]{64}/.exec(stack.mountpoint)?.[0] ?? stack.mountpoint
      const top = `merged:${key}`
      let last = top
      const lowers = stack.layers.filter((l) => !l.writable).length
      const layers = stack.layers.map((layer, i): Box => {
        const id = `layer:${key}:${layer.path}`
        links.push({ id: `below:${id}`, from: last, to: id, labels: i === 0 ? [w.from] : [] })
        last = id
        // What was copied up or removed tells more than what was there anyway.
        const files = layer.writable
          ? [...layer.sample].sort((a, b) => Number(a.kind === 'new') - Number(b.kind === 'new'))
          : layer.sample
        const shown = files.slice(0, layer.writable ? SHOWN + 2 : SHOWN)
        const rest = layer.files + files.filter((f) => f.kind === 'whiteout').length - shown.length
        return {
          id,
          kind: layer.writable ? 'container' : 'layer',
          tag: layer.writable ? w.upper : w.lower(lowers - (i - (stack.layers.length - lowers))),
          title: layer.files === 0 && shown.length === 0 ? w.empty : w.files(layer.files, amount(layer.bytes)),
          details: layer.writable
            ? [w.upperDetail]
            : [shown.map((f) => f.path).join(' · ') + (rest > 0 ? ` · ${w.more(rest)}` : '')],
          cell: 150,
          refs: [layer.path],
          children: layer.writable
            ? shown.map((f) => ({
                id: `file:${id}:${f.path}`,
                kind: f.kind === 'whiteout' ? ('empty' as const) : ('file' as const),
                title: f.path,
                details: [w.kinds[f.kind]],
              }))
            : [],
        }
      })
      return {
        id: `stack:${key}`,
        kind: 'group',
        title: '',
        arrange: 'column',
        wide: s === 0 && stacks.length === 1,
        children: [
          {
            id: top,
            kind: 'machine',
            tag: w.merged,
            title: container?.name ?? (key === stack.mountpoint ? key : key.slice(0, 12)),
            details: [w.mergedDetail, ...(container ? [container.image] : [])],
            refs: [stack.mountpoint],
          },
          ...layers,
        ],
      }
    })
    return {
      root: {
        id: 'layers',
        machine: view.name,
        kind: 'group',
        title: '',
        cell: 240,
        children: boxes.length > 0 ? boxes : [{ id: 'empty:layers', kind: 'empty', title: w.none }],
      },
      links,
    }
  },
})

/** Steps of a picture: what the reader walks through, and which boxes acted in each. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import { type Box, boxesOf, type Scene } from './types.ts'

export interface Step {
  /** What happened; undefined where a picture of facts is walked along its links. */
  readonly event: TraceEvent | undefined
  /** The box that acted, and the one that was acted on. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Boxes that this step brought or moved into another one, and the titles of those that it took away. */
  readonly came: readonly string[]
  readonly went: readonly string[]
  /** The link between the two, or the one along which a box moved. */
  readonly link: string | undefined
}

/** Names that a part of the world may go by in a scene: `process:329:runc` is also `process:329` and `runc`, `file:runc` is `runc`. */
export function aliases(part: string): readonly string[] {
  const process = /^process:(\d+):(.*)$/.exec(part)
  if (process) return [`process:${process[1]}`, process[2] as string, shortName(process[2] as string)]
  if (part.startsWith('file:')) return [part, part.slice(5)]
  const colon = part.indexOf(':')
  return colon > 0 && !part.startsWith('/') ? [part, part.slice(0, colon)] : [part]
}
/** comm is cut at 15 characters, and runc's first process renames itself. */
const shortName = (comm: string): string =>
  comm.startsWith('containerd-shim') ? 'shim' : comm.startsWith('runc') ? 'runc' : comm
/** Numbers and paths that another machine may have as well. */
const local = (ref: string): boolean => /^(process|if|nat|net|mnt|pid|uts|ipc|user|cgroup|time):|^\//.test(ref)

/** The boxes of a scene that stand for an event's parts, by the references that the scene itself gave them. */
export function actorsOf(scene: Scene, event: TraceEvent): Pick<Step, 'from' | 'to'> {
  const byRef = new Map<string, string>()
  const visit = (box: Box, outer: string | undefined): void => {
    const machine = box.machine ?? outer
    for (const ref of box.refs ?? []) {
      const key = machine !== undefined && local(ref) ? `${machine}/${ref}` : ref
      if (!byRef.has(key)) byRef.set(key, box.id)
    }
    for (const child of box.children ?? []) visit(child, machine)
  }
  visit(scene.root, undefined)
  // A packet that arrives is for who listens at its port, where the scene shows that one.
  const port = event.kind === 'network' && event.to.startsWith('net:') ? /:\d+$/.exec(event.what)?.[0] : undefined
  // A document or a blob of a registry, by the tag or the digest that was asked for.
  const url = event.kind === 'http' ? decodeURIComponent(event.what) : ''
  const asked = (/sha256:[0-9a-f]{64}$/.exec(url) ?? /[^/ ]+$/.exec(url))?.[0]
  const find = (part: string): string | undefined => {
    for (const alias of aliases(part)) {
      const id = byRef.get(`${event.machine}/${alias}`) ?? byRef.get(alias)
      if (id !== undefined) return id
    }
    return undefined
  }
  // What a kernel is asked for may be nobody's but its own.
  const to =
    (asked && byRef.get(asked)) ??
    (port && byRef.get(`${event.machine}/${event.to}${port}`)) ??
    find(event.to) ??
    byRef.get(`kind:${event.kind}`)
  return { from: find(event.from), to: event.to === '' ? undefined : to }
}

const linkOf = (scene: Scene, from: string | undefined, to: string | undefined): string | undefined =>
  scene.links.find((l) => l.from === from && l.to === to)?.id

/** Where each box is: its parent's id, by its own; with its title. */
const placesOf = (scene: Scene) =>
  new Map([...boxesOf(scene.root)].map(({ box, parent }) => [box.id, { within: parent?.id, title: box.title }]))

/**
 * The events in which a box took part, or which brought, moved or took one. `sceneAt` draws the world as it was after an event; undefined
 * where that isn't known.
 */
export function stepsOf(
  trace: readonly TraceEvent[],
  sceneAt: (event: TraceEvent) => Scene | undefined,
): readonly Step[] {
  const out: Step[] = []
  let before: ReturnType<typeof placesOf> | undefined
  for (const event of trace) {
    const scene = sceneAt(event)
    if (!scene) continue
    const places = placesOf(scene)
    const old = before ?? places
    before = places
    const came = [...places].filter(([id, p]) => old.get(id)?.within !== p.within).map(([id]) => id)
    const went = [...old].filter(([id]) => !places.has(id)).map(([, p]) => p.title)
    const { from, to } = actorsOf(scene, event)
    const moved = came.map((id) => linkOf(scene, old.get(id)?.within, places.get(id)?.within)).find(Boolean)
    if (from !== undefined || to !== undefined || came.length > 0 || went.length > 0)
      out.push({
        event,
        from,
        to,
        came,
        went: [...new Set(went)].filter(Boolean),
        link: linkOf(scene, from, to) ?? moved,
      })
  }
  return out
}
/** A walk along the links of a picture that no world stands behind: one step a link. */
export const walkOf = (scene: Scene): readonly Step[] =>
  scene.links
    .filter((l) => l.kind === undefined || l.kind === 'arrow')
    .map((l) => ({ event: undefined, from: l.from, to: l.to, came: [], went: [], link: l.id }))
/** Whether a picture has steps at all: a world's, or arrows to walk along. */
export const plays = (scene: Scene): boolean => scene.sources === undefined || walkOf(scene).length > 0

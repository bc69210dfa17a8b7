/** nerdctl volume: directories below nerdctl's own, which containers mount by name. */
import { isErr } from '../../base/errno.ts'
import type { Containerd } from '../../engine/containerd/client.ts'
import { removeTree } from '../../engine/containerd.ts'
import { writeFile } from '../../engine/dockerd/support.ts'
import { namesIn } from '../../engine/layers.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { print, readText } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'
import { log } from '../logrus.ts'
import { ToolError, tabs } from '../urfave.ts'
import { DATA, items } from './store.ts'

interface Volume {
  readonly Name: string
  readonly Mountpoint: string
  readonly Labels?: Readonly<Record<string, string>>
}
const home = (ns: string): string => `${DATA}/volumes/${ns}`
/** A volume's document; undefined where there is none of the name. */
function* read(sys: Sys, ns: string, name: string): Run<Volume | undefined> {
  const Mountpoint = `${home(ns)}/${name}/_data`
  if (name === '' || isErr(yield* sys.stat(Mountpoint))) return undefined
  const kept = yield* readText(sys, `${home(ns)}/${name}/volume.json`)
  const labels = isErr(kept) ? undefined : (JSON.parse(kept) as { Labels?: Record<string, string> }).Labels
  return { Name: name, Mountpoint, ...(labels ? { Labels: labels } : {}) }
}
/** The volume of a name, made where there is none: its directory. */
export function* ensureVolume(sys: Sys, ns: string, name: string, labels: readonly string[] = []): Run<string> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    throw new ToolError(`invalid name "${name}", only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  const known = yield* read(sys, ns, name)
  if (known) return known.Mountpoint
  const Mountpoint = `${home(ns)}/${name}/_data`
  yield* makeDirs(sys, Mountpoint)
  const Labels = Object.fromEntries(labels.map((l) => [l.split('=')[0], l.split('=').slice(1).join('=')]))
  yield* writeFile(sys, `${home(ns)}/${name}/volume.json`, JSON.stringify(labels.length > 0 ? { Labels } : {}))
  return Mountpoint
}
function* all(sys: Sys, ns: string): Run<Volume[]> {
  const out: Volume[] = []
  if (isErr(yield* sys.stat(home(ns)))) return out
  for (const name of [...(yield* namesIn(sys, home(ns)))].sort()) {
    const v = yield* read(sys, ns, name)
    if (v) out.push(v)
  }
  return out
}
/** Directories that containers mount, whether they run or not. */
function* used(c: Containerd): Run<Set<string>> {
  const sources = (yield* items(c)).flatMap((i) => i.record.spec.mounts.map((m) => m.source ?? ''))
  return new Set(sources)
}

export function* createVolume(sys: Sys, g: Given, c: Containerd): Run<number> {
  const name = g.args[0] as string
  if (yield* read(sys, c.ns, name))
    yield* log(sys, 'warning', `volume ${JSON.stringify(name)} already exists and will be returned as-is`)
  else yield* ensureVolume(sys, c.ns, name, g.all('label'))
  yield* print(sys, `${name}\n`)
  return 0
}
export function* listVolumes(sys: Sys, g: Given, c: Containerd): Run<number> {
  const list = yield* all(sys, c.ns)
  if (g.has('quiet')) yield* print(sys, list.map((v) => `${v.Name}\n`).join(''))
  else yield* print(sys, tabs([['VOLUME NAME', 'DIRECTORY'], ...list.map((v) => [v.Name, v.Mountpoint])], 4, 4, true))
  return 0
}
export function* inspectVolumes(sys: Sys, g: Given, c: Containerd): Run<number> {
  const found: Volume[] = []
  for (const name of g.args) {
    const v = yield* read(sys, c.ns, name)
    if (!v) throw new ToolError(`no such volume: ${name}`)
    found.push(v)
  }
  yield* print(sys, `${JSON.stringify(found, null, 4)}\n`)
  return 0
}
export function* removeVolumes(sys: Sys, g: Given, c: Containerd): Run<number> {
  const busy = yield* used(c)
  const failed: string[] = []
  for (const name of g.args) {
    const v = yield* read(sys, c.ns, name)
    if (!v) failed.push(`no such volume: ${name}`)
    else if (busy.has(v.Mountpoint)) failed.push(`volume ${JSON.stringify(name)} is in use`)
    else {
      yield* removeTree(sys, `${home(c.ns)}/${name}`)
      yield* print(sys, `${name}\n`)
    }
  }
  if (failed.length > 0) throw new ToolError(failed.join('\n'))
  return 0
}
export function* pruneVolumes(sys: Sys, g: Given, c: Containerd): Run<number> {
  if (!g.has('force')) throw new ToolError('zukan: not emulated: nerdctl volume prune without --force')
  const busy = yield* used(c)
  const gone: string[] = []
  for (const v of yield* all(sys, c.ns)) {
    // Volumes with names of the user's own stay, unless --all is given; nerdctl makes none without a name here.
    if (busy.has(v.Mountpoint) || !(g.has('all') || /^[0-9a-f]{64}$/.test(v.Name))) continue
    yield* removeTree(sys, `${home(c.ns)}/${v.Name}`)
    gone.push(v.Name)
  }
  if (gone.length > 0) yield* print(sys, `Deleted Volumes:\n${gone.map((n) => `${n}\n`).join('')}\n`)
  return 0
}

/** docker compose up, create and start: the engine is brought to what the file says. */

import { hex } from '../../base/bytes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { CliError, query } from '../docker/api.ts'
import {
  type Context,
  containersOf,
  createBody,
  find,
  hashOf,
  type Listed,
  nameOf,
  numberOf,
  serviceOf,
} from './engine.ts'
import { injectFiles } from './files.ts'
import { log } from './load.ts'
import { containerName, ordered, type Service } from './model.ts'

export interface UpOptions {
  readonly forceRecreate: boolean
  readonly noRecreate: boolean
  readonly removeOrphans: boolean
  readonly scale: Readonly<Record<string, number>>
  readonly start: boolean
  /** Seconds to wait for a stop. */
  readonly timeout: string | undefined
}
/** The services that are named, and those that they need; all where none is. */
export function selected(c: Context, names: readonly string[], dependencies = true): Service[] {
  const { services } = c.project
  if (names.length === 0) return [...services]
  const out: Service[] = []
  const add = (name: string): void => {
    // A service that is named is in use, whatever its profile.
    const s = c.project.all.find((x) => x.name === name)
    if (!s) throw new CliError(`no such service: ${name}`)
    if (out.includes(s)) return
    out.push(s)
    if (dependencies) for (const d of Object.keys(s.dependsOn)) if (c.project.all.some((x) => x.name === d)) add(d)
  }
  for (const n of names) add(n)
  return out
}
export function* ensureNetworks(c: Context, services: readonly Service[]): Run<void> {
  const used = new Set(services.flatMap((s) => Object.keys(s.networks)))
  for (const key of [...used].sort()) {
    const n = c.project.networks[key]
    if (!n) continue
    const there = yield* find<{ Labels: Record<string, string> }>(c.client, `/networks/${encodeURIComponent(n.name)}`)
    if (there) continue
    if (n.external) throw new CliError(`network ${n.name} declared as external, but could not be found`)
    yield* c.progress.on(`Network ${n.name}`, 'Creating')
    yield* c.client.json('POST', '/networks/create', {
      Name: n.name,
      Driver: n.driver,
      Internal: n.internal,
      Labels: n.labels,
      Options: n.options,
      IPAM: { Config: n.subnet ? [{ Subnet: n.subnet, ...(n.gateway ? { Gateway: n.gateway } : {}) }] : [] },
    })
    yield* c.progress.on(`Network ${n.name}`, 'Created', 'done')
  }
}
export function* ensureVolumes(c: Context, services: readonly Service[]): Run<void> {
  const used = new Set(
    services.flatMap((s) => s.volumes.filter((v) => v.type === 'volume' && v.source).map((v) => v.source)),
  )
  for (const key of [...used].sort()) {
    const v = c.project.volumes[key]
    if (!v || (yield* find(c.client, `/volumes/${encodeURIComponent(v.name)}`))) continue
    if (v.external) throw new CliError(`external volume ${JSON.stringify(v.name)} not found`)
    yield* c.progress.on(`Volume ${v.name}`, 'Creating')
    yield* c.client.json('POST', '/volumes/create', {
      Name: v.name,
      Driver: v.driver,
      DriverOpts: v.options,
      Labels: v.labels,
    })
    yield* c.progress.on(`Volume ${v.name}`, 'Created', 'done')
  }
}
/** Stops and removes containers, the later ones first. */
export function* removeContainers(c: Context, list: readonly Listed[], timeout?: string, volumes = false): Run<void> {
  for (const x of list) {
    const id = `Container ${nameOf(x)}`
    if (['running', 'paused', 'restarting'].includes(x.State)) {
      yield* c.progress.on(id, 'Stopping')
      yield* c.client.json('POST', `/containers/${x.Id}/stop${query({ t: timeout })}`)
      yield* c.progress.on(id, 'Stopped', 'done')
    }
    yield* c.progress.on(id, 'Removing')
    yield* c.client.json('DELETE', `/containers/${x.Id}${query({ force: true, v: volumes })}`)
    yield* c.progress.on(id, 'Removed', 'done')
  }
}
export function* createOne(c: Context, s: Service, n: number, existing: readonly Listed[]): Run<string> {
  const body = createBody(c.project, s, n, {}, existing)
  const platform = s.settings.platform === undefined ? undefined : String(s.settings.platform)
  const { Id } = yield* c.client.json<{ Id: string }>(
    'POST',
    `/containers/create${query({ name: containerName(c.project, s, n), platform })}`,
    body,
  )
  yield* injectFiles(c.sys, c.client, Id, s.files, c.project.outside, c.project.env)
  return Id
}
/** Creates what is missing, makes anew what has changed, takes away what is too much; then starts all in order. */
export function* converge(c: Context, services: readonly Service[], o: UpOptions): Run<void> {
  const orphans = (yield* containersOf(c.client, c.project.name, true)).filter(
    (x) => !c.project.all.some((s) => s.name === serviceOf(x)),
  )
  if (orphans.length > 0 && o.removeOrphans) yield* removeContainers(c, orphans, o.timeout)
  else if (orphans.length > 0)
    yield* log(
      c.sys,
      `Found orphan containers ([${orphans.map(nameOf).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
    )
  yield* ensureNetworks(c, services)
  yield* ensureVolumes(c, services)
  const order = ordered(c.project, services)
  for (const s of order) yield* createService(c, s, o)
  if (!o.start) return
  for (const s of order) yield* startService(c, s)
}
function* createService(c: Context, s: Service, o: UpOptions): Run<void> {
  const all = yield* containersOf(c.client, c.project.name, true)
  const mine = all.filter((x) => serviceOf(x) === s.name)
  const count = o.scale[s.name] ?? s.scale
  const extra = mine.filter((x) => numberOf(x) > count)
  yield* removeContainers(c, extra, o.timeout)
  for (let n = 1; n <= count; n++) {
    const old = mine.find((x) => numberOf(x) === n)
    const id = `Container ${containerName(c.project, s, n)}`
    const stale = old !== undefined && old.Labels['com.docker.compose.config-hash'] !== hashOf(c.project, s)
    if (old && !o.forceRecreate && (!stale || o.noRecreate)) {
      if (old.State === 'running' || !o.start)
        yield* c.progress.on(id, old.State === 'running' ? 'Running' : 'Created', 'done')
      continue
    }
    if (old) {
      yield* c.progress.on(id, 'Recreate')
      // The old one goes when the new one is made, and gives it its name.
      const random = hex(yield* c.sys.getrandom(6))
      yield* c.client.json('POST', `/containers/${old.Id}/stop${query({ t: o.timeout })}`)
      yield* c.client.json('POST', `/containers/${old.Id}/rename${query({ name: `${random}_${nameOf(old)}` })}`)
      yield* createOne(c, s, n, all)
      yield* c.client.json('DELETE', `/containers/${old.Id}${query({ force: true })}`)
      yield* c.progress.on(id, 'Recreated', 'done')
      continue
    }
    yield* c.progress.on(id, 'Creating')
    try {
      yield* createOne(c, s, n, all)
    } catch (e) {
      if (e instanceof CliError) yield* c.progress.on(id, 'Error', 'error', e.message)
      throw e
    }
    yield* c.progress.on(id, 'Created', 'done')
  }
}
interface State {
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Health?: { readonly Status: string } }
}
/** Waits for what a service needs, then starts its containers. */
export function* startService(c: Context, s: Service): Run<void> {
  const all = yield* containersOf(c.client, c.project.name, true)
  const mine = all.filter((x) => serviceOf(x) === s.name && x.State !== 'running')
  if (mine.length === 0) return
  for (const [name, d] of Object.entries(s.dependsOn)) {
    if (d.condition === 'service_started') continue
    for (const x of all.filter((y) => serviceOf(y) === name)) yield* waitFor(c, x, d.condition, d.required)
  }
  for (const x of mine) {
    const id = `Container ${nameOf(x)}`
    yield* c.progress.on(id, 'Starting')
    try {
      yield* c.client.json('POST', `/containers/${x.Id}/start`)
    } catch (e) {
      if (e instanceof CliError) yield* c.progress.on(id, 'Error', 'error', e.message)
      throw e
    }
    yield* c.progress.on(id, 'Started', 'done')
  }
}
export function* waitFor(c: Context, x: Listed, condition: string, required = true): Run<void> {
  const id = `Container ${nameOf(x)}`
  yield* c.progress.on(id, 'Waiting')
  const fail = function* (message: string): Run<void> {
    yield* c.progress.on(id, 'Error', required ? 'error' : 'warning')
    if (required) throw new CliError(`dependency failed to start: ${message}`)
  }
  for (;;) {
    const { State } = yield* c.client.json<State>('GET', `/containers/${x.Id}/json`)
    const ended = State.Status === 'exited' || State.Status === 'dead'
    if (condition === 'service_healthy') {
      if (!State.Health && !ended) return yield* fail(`container ${nameOf(x)} has no healthcheck configured`)
      if (State.Health?.Status === 'healthy') return yield* c.progress.on(id, 'Healthy', 'done')
      if (State.Health?.Status === 'unhealthy') return yield* fail(`container ${nameOf(x)} is unhealthy`)
      if (ended) return yield* fail(`container ${nameOf(x)} exited (${State.ExitCode})`)
    } else if (condition === 'service_completed_successfully') {
      if (ended && State.ExitCode === 0) return yield* c.progress.on(id, 'Exited', 'done')
      if (ended)
        return yield* fail(
          `service ${JSON.stringify(serviceOf(x))} didn't complete successfully: exit ${State.ExitCode}`,
        )
    } else if (State.Status === 'running') return yield* c.progress.on(id, 'Healthy', 'done')
    yield* c.sys.nanosleep(500_000_000)
  }
}

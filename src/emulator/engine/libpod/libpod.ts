/**
 * libpod: the library in which podman does its work. There is no daemon: each command reads the records from files, does its part, and ends.
 * db.sql holds them as JSON, where the real one is a SQLite file.
 */
import { hex } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { readText, write } from '../../userland/lib/io.ts'
import { loadJson, locked, makeFolders, parentOf, putFile, saveJson } from '../containers/files.ts'
import { type Registries, registries } from '../containers/names.ts'
import type { Place } from '../containers/place.ts'
import { Problem } from '../containers/problem.ts'
import { isoTime, Storage } from '../containers/storage.ts'
import type { Container, ContainerState, Database, Pod, Volume } from './types.ts'

const empty: Database = { containers: [], pods: [], volumes: [] }
export const PODMAN_VERSION = '6.1.0'

/** A container's exit code from conmon's file, with when it was written. */
export interface Exit {
  readonly code: number
  readonly time: number
}
export interface PodmanEvent {
  readonly Name: string
  readonly Status: string
  readonly Time: string
  readonly Type: string
  readonly ID?: string
  readonly Image?: string
  readonly ContainerExitCode?: number
  readonly Attributes?: Readonly<Record<string, string>>
}

export class Libpod {
  readonly sys: Sys
  readonly place: Place
  readonly storage: Storage
  #registries: Registries | undefined
  constructor(sys: Sys, place: Place) {
    this.sys = sys
    this.place = place
    this.storage = new Storage(sys, place)
  }
  get #file(): string {
    return `${this.place.graphRoot}/db.sql`
  }
  *registries(): Run<Registries> {
    this.#registries ??= yield* registries(this.sys, this.place)
    return this.#registries
  }
  db(): Run<Database> {
    return loadJson<Database>(this.sys, this.#file, empty)
  }
  /** Changes the records while nobody else does. */
  *change(make: (db: Database) => Database): Run<void> {
    yield* locked(
      this.sys,
      `${this.place.graphRoot}/db.lock`,
      function* (this: Libpod): Run<void> {
        yield* makeFolders(this.sys, parentOf(this.#file), 0o700)
        const old = yield* this.db()
        const now = make(old)
        yield* saveJson(this.sys, this.#file, now)
        for (const c of now.containers) if (!old.containers.includes(c)) yield* this.#tell(c)
      }.bind(this),
    )
  }
  /** What others on the machine may know of a container, in the shape that every engine here leaves it. */
  *#tell(c: Container): Run<void> {
    const dir = this.storage.containerDir(c.config.id)
    if (isErr(yield* this.sys.stat(dir))) return
    yield* putFile(
      this.sys,
      `${dir}/status`,
      JSON.stringify({
        Name: c.config.name,
        State: { Status: shownStatus(c), Pid: c.state.pid, ExitCode: c.state.exitCode },
        Config: { Image: c.config.image?.name ?? '' },
        NetworkSettings: c.state.endpoints.map((e) => e.address),
      }),
    )
  }
  /** Changes a container's state; nothing where it is gone. */
  setState(id: string, part: Partial<ContainerState>): Run<void> {
    return this.change((db) => ({
      ...db,
      containers: db.containers.map((c) => (c.config.id === id ? { ...c, state: { ...c.state, ...part } } : c)),
    }))
  }
  /** Runs while no other command works on this container. */
  holding<T>(id: string, body: () => Run<T>): Run<T> {
    return locked(this.sys, `${this.place.tmp}/locks/${id}`, body)
  }
  *newId(): Run<string> {
    return hex(yield* this.sys.getrandom(32))
  }
  now(): Run<number> {
    return this.sys.clock('realtime')
  }

  // --- finding ---
  /** A container by name, id or the beginning of an id. Throws Problem in podman's words. */
  *find(name: string): Run<Container> {
    const { containers } = yield* this.db()
    const exact = containers.find((c) => c.config.name === name || c.config.id === name)
    if (exact) return yield* this.sync(exact)
    const hits = /^[0-9a-f]+$/.test(name) ? containers.filter((c) => c.config.id.startsWith(name)) : []
    if (hits.length === 1) return yield* this.sync(hits[0] as Container)
    if (hits.length > 1) throw new Problem(`more than one result for container ID ${name}: container already exists`)
    throw new Problem(`no container with name or ID ${JSON.stringify(name)} found: no such container`)
  }
  /** A container as it is now; undefined where it has been removed. */
  *again(id: string): Run<Container | undefined> {
    return (yield* this.db()).containers.find((c) => c.config.id === id)
  }
  *findPod(name: string): Run<Pod> {
    const { pods } = yield* this.db()
    const exact = pods.find((p) => p.name === name || p.id === name)
    if (exact) return exact
    const hits = /^[0-9a-f]+$/.test(name) ? pods.filter((p) => p.id.startsWith(name)) : []
    if (hits.length === 1) return hits[0] as Pod
    throw new Problem(`no pod with name or ID ${name} found: no such pod`)
  }
  *findVolume(name: string): Run<Volume> {
    const { volumes } = yield* this.db()
    const hit =
      volumes.find((v) => v.name === name) ??
      (() => {
        const begins = volumes.filter((v) => v.name.startsWith(name))
        return begins.length === 1 ? begins[0] : undefined
      })()
    if (hit) return hit
    throw new Problem(`no volume with name ${JSON.stringify(name)} found: no such volume`)
  }
  /** Every container with the state that it really has. */
  *all(): Run<Container[]> {
    const out: Container[] = []
    for (const c of (yield* this.db()).containers) out.push(yield* this.sync(c))
    return out
  }
  /** What the exit file and the kernel say over what the records say. */
  *sync(c: Container): Run<Container> {
    const { status, pid } = c.state
    if (status !== 'running' && status !== 'paused' && status !== 'stopping' && status !== 'created') return c
    const exit = yield* this.exitOf(c.config.id)
    const alive = pid > 0 && !isErr(yield* this.sys.stat(`/proc/${pid}`))
    if (!exit && (alive || status === 'created')) return c
    return {
      ...c,
      state: {
        ...c.state,
        status: 'exited',
        pid: 0,
        exitCode: exit?.code ?? 255,
        finished: exit?.time ?? c.state.finished,
      },
    }
  }
  exitFile(id: string): string {
    return `${this.place.tmp}/exits/${id}`
  }
  *exitOf(id: string): Run<Exit | undefined> {
    const text = yield* readText(this.sys, this.exitFile(id))
    if (isErr(text) || text === '') return undefined
    const s = yield* this.sys.stat(this.exitFile(id))
    return { code: Number(text), time: isErr(s) ? 0 : s.mtime }
  }

  // --- events, kept in a file ---
  get eventsFile(): string {
    return `${this.place.tmp}/events/events.log`
  }
  *event(e: Omit<PodmanEvent, 'Time'>): Run<void> {
    yield* makeFolders(this.sys, parentOf(this.eventsFile), 0o700)
    const fd = yield* this.sys.open(this.eventsFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if (isErr(fd)) return
    yield* write(this.sys, fd, `${JSON.stringify({ ...e, Time: isoTime(yield* this.now()) })}\n`)
    yield* this.sys.close(fd)
  }
  /** An event of a container's. */
  note(c: Container, status: string, more: Partial<PodmanEvent> = {}): Run<void> {
    return this.event({
      ID: c.config.id,
      Image: c.config.image?.name ?? '',
      Name: c.config.name,
      Status: status,
      Type: 'container',
      Attributes: c.config.labels,
      ...more,
    })
  }
}
/** Whether a container's processes exist. */
export const isLive = (c: Container): boolean => ['running', 'paused', 'stopping'].includes(c.state.status)
/** What podman calls a state: what was never started is `created`, like what is ready to start. */
export const shownStatus = (c: Container): string =>
  c.state.status === 'configured' ? 'created' : c.state.status === 'created' ? 'initialized' : c.state.status

/** A container's life: initialised, started, stopped, cleaned up, removed. What a daemon would do, each command does by itself. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGKILL, signalNumber } from '../../kernel/linux/signals.ts'
import { writeSpec } from '../../oci/specdocument.ts'
import { warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { makeFolders, putFile } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { stopScope } from '../systemd.ts'
import { isLive, type Libpod, shownStatus } from './libpod.ts'
import { connect, disconnect } from './network.ts'
import { runtime, startConmon } from './runtime.ts'
import { cgroupOf, makeSpec } from './spec.ts'
import type { Container } from './types.ts'
import { fillVolumes, removeVolume } from './volumes.ts'

const stateProblem = (text: string, code = 125): Problem => new Problem(`${text}: container state improper`, code)

/** Everything before the program runs: file system, network, config.json, conmon, the runtime's create. Throws Problem. */
export function* initContainer(lp: Libpod, c: Container): Run<Container> {
  const { config } = c
  const { sys, storage } = lp
  const record = yield* storage.findContainer(config.id)
  if (!record) throw new Problem(`container ${config.id} has no storage`)
  yield* sys.unlink(lp.exitFile(config.id))
  yield* makeFolders(sys, `${lp.place.tmp}/exits`, 0o700)
  for (const d of [storage.containerDir(config.id), storage.runDir(config.id)]) yield* makeFolders(sys, d, 0o700)
  const root = yield* storage.mount(record)
  let connected: Awaited<ReturnType<typeof connect> extends Run<infer T> ? T : never> = {
    netns: undefined,
    endpoints: [],
    helpers: [],
  }
  let ready: Container = c
  try {
    yield* fillVolumes(lp, c, root)
    connected = yield* connect(lp, c)
    ready = { ...c, state: { ...c.state, ...connected, mountPoint: root } }
    const spec = yield* makeSpec(lp, ready, root)
    const bundle = storage.containerDir(config.id)
    const document = writeSpec(spec)
    yield* putFile(sys, `${bundle}/config.json`, document)
    sys.traceMark('file', 'file:config.json', `${bundle}/config.json`, document)
    const { pid, conmon } = yield* startConmon(lp, ready, { bundle, runDir: storage.runDir(config.id) })
    const state = {
      ...ready.state,
      status: 'created' as const,
      pid,
      conmonPid: conmon,
      stopped: false,
      error: '',
      exitCode: 0,
    }
    yield* lp.setState(config.id, state)
    yield* lp.note(c, 'init')
    return { config, state }
  } catch (e) {
    yield* disconnect(lp, { config, state: { ...c.state, ...connected } })
    yield* storage.unmount(record, true)
    throw e
  }
}
/** Starts what is initialised: `runc start`. */
export function* startInitialized(lp: Libpod, c: Container): Run<void> {
  const { id } = c.config
  yield* runtime(lp, ['start', id])
  yield* lp.setState(id, { status: 'running', started: yield* lp.now(), stopped: false })
  yield* lp.note(c, 'start')
}
/** Whatever this container needs runs first: its pod's infra container, the containers whose namespaces it joins. */
function* startDependencies(lp: Libpod, c: Container): Run<void> {
  for (const id of dependencies(c)) {
    const other = yield* lp.again(id)
    if (!other) throw new Problem(`container ${id} not found in database: no such container`)
    const now = yield* lp.sync(other)
    if (!isLive(now)) yield* startContainer(lp, now)
  }
}
/** Ids of the containers whose namespaces a container joins. */
export function dependencies(c: Container): string[] {
  const out = new Set<string>()
  if (c.config.network.kind === 'container') out.add(c.config.network.id)
  for (const m of [c.config.ipc, c.config.pid, c.config.uts]) if (m.startsWith('container:')) out.add(m.slice(10))
  return [...out]
}
/** Initialises a container, lets `before` attach, and starts it. Throws Problem. */
export function* startContainer(
  lp: Libpod,
  c: Container,
  before: (ready: Container) => Run<void> = function* () {},
): Run<Container> {
  const { id } = c.config
  if (c.state.status === 'running') return c
  if (c.state.status === 'paused')
    throw stateProblem(`container ${id} must be in Created or Stopped state to be started`)
  yield* startDependencies(lp, c)
  return yield* lp.holding(id, function* () {
    const ready = yield* initContainer(lp, c)
    yield* before(ready)
    yield* startInitialized(lp, ready)
    return (yield* lp.again(id)) ?? ready
  })
}

/** Sends a signal to a container's first process. Throws Problem. */
export function* kill(lp: Libpod, c: Container, signal: number): Run<void> {
  if (c.state.status !== 'running' && c.state.status !== 'stopping')
    throw stateProblem(`can only kill running containers. ${c.config.id} is in state ${shownStatus(c)}`)
  yield* runtime(lp, ['kill', c.config.id, String(signal)])
  yield* lp.note(c, 'kill')
}
/** How long one look at a container waits whose conmon doesn't answer, and how long a killed one may take: nanoseconds. */
const LOOK = 10_000_000
const KILL_PATIENCE = 5_000_000_000
/** Waits until a container has ended, at most so many nanoseconds: its exit code, or undefined. */
export function* waitForExit(lp: Libpod, id: string, patience = Number.POSITIVE_INFINITY): Run<number | undefined> {
  const { sys } = lp
  const end = (yield* sys.clock('monotonic')) + patience
  for (;;) {
    const exit = yield* lp.exitOf(id)
    if (exit) return exit.code
    const c = yield* lp.again(id)
    if (!c) return 0
    if (!isLive(c) && c.state.status !== 'created') return c.state.exitCode
    const left = end - (yield* sys.clock('monotonic'))
    if (left <= 0) return undefined
    // conmon hangs up when the container has ended, after it has written the exit file.
    const fd = yield* sys.socket('unix', 'stream')
    const failed = isErr(fd)
      ? fd
      : yield* sys.connect(fd, { family: 'unix', path: `${lp.storage.containerDir(id)}/attach` })
    if (failed || isErr(fd)) yield* sys.nanosleep(LOOK)
    else yield* untilHangUp(sys, fd, end)
    if (!isErr(fd)) yield* sys.close(fd)
  }
}
function* untilHangUp(sys: Sys, fd: number, end: number): Run<void> {
  for (;;) {
    const left = end - (yield* sys.clock('monotonic'))
    if (left <= 0) return
    const ready = yield* sys.poll([{ fd, read: true }], Number.isFinite(left) ? left : undefined)
    if (isErr(ready)) continue
    if (ready.length === 0) return
    const part = yield* sys.read(fd, 65536)
    if (isErr(part) || part.length === 0) return
  }
}
/** Stops a container: its signal, then after so many seconds SIGKILL. Throws Problem. */
export function* stop(lp: Libpod, c: Container, seconds = c.config.stopTimeout): Run<void> {
  const { id, name } = c.config
  if (c.state.status === 'configured' || c.state.status === 'exited') return
  if (c.state.status === 'paused')
    throw stateProblem(`can only stop created or running containers. ${id} is in state paused`)
  yield* lp.setState(id, { stopped: true, status: 'stopping' })
  if (seconds > 0) {
    const failed = yield* attempt(() => runtime(lp, ['kill', id, String(c.config.stopSignal)]))
    if (failed === undefined && (yield* waitForExit(lp, id, seconds * 1e9)) !== undefined) {
      yield* cleanup(lp, id)
      yield* lp.note(c, 'stop')
      return
    }
    yield* warn(
      lp.sys,
      `time="${strftime('%FT%TZ', yield* lp.now())}" level=warning msg="StopSignal ${signalName(c.config.stopSignal)} failed to stop container ${name} in ${seconds} seconds, resorting to SIGKILL"\n`,
    )
  }
  yield* attempt(() => runtime(lp, ['kill', id, String(SIGKILL)]))
  if ((yield* waitForExit(lp, id, KILL_PATIENCE)) === undefined)
    throw new Problem(`given PID did not die within timeout`)
  yield* cleanup(lp, id)
  yield* lp.note(c, 'stop')
}
const signalName = (n: number): string => {
  for (const name of ['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'WINCH'])
    if (signalNumber(name) === n) return `SIG${name}`
  return String(n)
}
function* attempt(body: () => Run<void>): Run<Problem | undefined> {
  try {
    yield* body()
    return undefined
  } catch (e) {
    if (e instanceof Problem) return e
    throw e
  }
}
/** After a container's end: takes network and mounts away, and notes how it ended. Done once, whoever comes first. */
export function* cleanup(lp: Libpod, id: string): Run<void> {
  yield* lp.holding(id, function* () {
    const c = yield* lp.again(id)
    if (!c || c.state.status === 'configured' || (c.state.status === 'exited' && c.state.mountPoint === '')) return
    const now = yield* lp.sync(c)
    if (isLive(now)) return
    yield* disconnect(lp, c)
    yield* attempt(() => runtime(lp, ['delete', '--force', id]))
    const record = yield* lp.storage.findContainer(id)
    if (record) yield* lp.storage.unmount(record, true)
    const oomKilled = now.state.exitCode === 137 && (yield* wasOomKilled(lp, c))
    yield* lp.sys.rmdir(`/sys/fs/cgroup${cgroupOf(lp, c)}`)
    yield* lp.setState(id, {
      status: 'exited',
      pid: 0,
      conmonPid: 0,
      exitCode: now.state.exitCode,
      finished: now.state.finished || (yield* lp.now()),
      netns: undefined,
      endpoints: [],
      helpers: [],
      mountPoint: '',
      oomKilled,
      execs: [],
    })
    if (c.state.status !== 'created') {
      yield* lp.note(c, 'died', { ContainerExitCode: now.state.exitCode })
      yield* lp.note(c, 'cleanup')
    }
  })
}
function* wasOomKilled(lp: Libpod, c: Container): Run<boolean> {
  const fd = yield* lp.sys.open(`/sys/fs/cgroup${cgroupOf(lp, c)}/memory.events`, 0)
  if (isErr(fd)) return false
  const bytes = yield* lp.sys.read(fd, 4096)
  yield* lp.sys.close(fd)
  return !isErr(bytes) && /^oom_kill [1-9]/m.test(new TextDecoder().decode(bytes))
}
/** What conmon's exit command does: cleans up, then removes or restarts as the container wants it. */
export function* cleanupCommand(lp: Libpod, id: string, remove: boolean): Run<void> {
  yield* cleanup(lp, id)
  const c = yield* lp.again(id)
  if (!c) return
  const { policy, retries } = c.config.restart
  const again =
    !c.state.stopped &&
    (policy === 'always' ||
      policy === 'unless-stopped' ||
      (policy === 'on-failure' && c.state.exitCode !== 0 && (retries === 0 || c.state.restarts < retries)))
  if (again) {
    yield* lp.setState(id, { restarts: c.state.restarts + 1 })
    const next = yield* lp.again(id)
    if (next) yield* startContainer(lp, next)
    return
  }
  if (remove) yield* removeContainer(lp, c, { volumes: true })
  else if (c.config.pod !== undefined) yield* podExit(lp, c)
}
/** A pod that kube play made stops when its last container has. */
function* podExit(lp: Libpod, c: Container): Run<void> {
  const pod = (yield* lp.db()).pods.find((p) => p.id === c.config.pod)
  if (pod?.exitPolicy !== 'stop' || c.config.infra) return
  const others = (yield* lp.all()).filter((x) => x.config.pod === pod.id && !x.config.infra)
  if (others.some(isLive)) return
  const infra = pod.infra === undefined ? undefined : yield* lp.again(pod.infra)
  if (infra && isLive(infra)) yield* stop(lp, infra, 0)
}

/** Removes a container with its layer, its records, and the volumes that only it has. Throws Problem. */
export function* removeContainer(
  lp: Libpod,
  c: Container,
  o: { readonly force?: boolean; readonly volumes?: boolean; readonly timeout?: number | undefined } = {},
): Run<void> {
  const { id } = c.config
  const all = yield* lp.all()
  const pod = (yield* lp.db()).pods.find((p) => p.infra === id)
  if (pod)
    throw new Problem(
      `container ${id} is the infra container of pod ${pod.id} and cannot be removed without removing the pod`,
    )
  const dependants = all.filter((x) => dependencies(x).includes(id))
  if (dependants.length > 0)
    throw new Problem(
      `container ${id} has dependent containers which must be removed before it: ${dependants.map((d) => d.config.id).join(', ')}: container already exists`,
    )
  if (isLive(c) && !o.force)
    throw stateProblem(
      `cannot remove container ${id} as it is ${c.state.status} - running or paused containers cannot be removed without force`,
      2,
    )
  yield* dropContainer(lp, c, o)
}
/** Removes without asking who needs it. */
export function* dropContainer(
  lp: Libpod,
  c: Container,
  o: { readonly volumes?: boolean; readonly timeout?: number | undefined } = {},
): Run<void> {
  const { id } = c.config
  if (c.state.status === 'paused') yield* unpause(lp, c)
  const now = c.state.status === 'paused' ? { ...c, state: { ...c.state, status: 'running' as const } } : c
  if (isLive(now)) yield* stop(lp, now, o.timeout)
  yield* cleanup(lp, id)
  yield* lp.change((db) => ({ ...db, containers: db.containers.filter((x) => x.config.id !== id) }))
  yield* lp.storage.deleteContainer(id)
  yield* lp.sys.unlink(lp.exitFile(id))
  yield* lp.sys.unlink(`${lp.place.tmp}/locks/${id}`)
  if (lp.place.rootless) yield* stopScope(lp.sys, lp.place.uid, `libpod-conmon-${id}.scope`)
  else yield* lp.sys.rmdir(`/sys/fs/cgroup/machine.slice/libpod-conmon-${id}.scope`)
  if (o.volumes) {
    const { volumes, containers } = yield* lp.db()
    for (const m of c.config.volumes) {
      const v = volumes.find((x) => x.name === m.name)
      if (v?.anonymous && !containers.some((x) => x.config.volumes.some((y) => y.name === v.name)))
        yield* removeVolume(lp, v)
    }
  }
  yield* lp.note(c, 'remove')
}

export function* pause(lp: Libpod, c: Container): Run<void> {
  if (c.state.status === 'paused') throw stateProblem(`${JSON.stringify(c.config.id)} is already paused`)
  if (c.state.status !== 'running') throw stateProblem(`${JSON.stringify(c.config.id)} is not running, can't pause`)
  yield* runtime(lp, ['pause', c.config.id])
  yield* lp.setState(c.config.id, { status: 'paused' })
  yield* lp.note(c, 'pause')
}
export function* unpause(lp: Libpod, c: Container): Run<void> {
  if (c.state.status !== 'paused') throw stateProblem(`${JSON.stringify(c.config.id)} is not paused, can't unpause`)
  yield* runtime(lp, ['resume', c.config.id])
  yield* lp.setState(c.config.id, { status: 'running' })
  yield* lp.note(c, 'unpause')
}

/**
 * Containers of the Windows daemon: each is a compute system of the Host Compute Service. By process isolation a silo on the host's kernel,
 * by Hyper-V isolation a silo in a utility machine of its own, and a Linux image (LCOW) runc's container in such a machine with Linux.
 */
import { utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { SIGKILL, signalNumber } from '../../../kernel/linux/signals.ts'
import { WaitQueue } from '../../../kernel/linux/wait.ts'
import type { PartitionRequest, Share } from '../../../machine/hypervisor.ts'
import { writeAll } from '../../../userland/lib/io.ts'
import { windowsName } from '../../../userland/windows/paths.ts'
import { removeTree } from '../../containerd.ts'
import { makeSpec } from '../../dockerd/spec.ts'
import { ApiError, type Container, type Daemon, type Exec, findContainer, newId } from '../../dockerd/state.ts'
import { removeVolume } from '../../dockerd/volumes.ts'
import { askGuest, awaitGuest, callGuest, type GuestRequest, readGuest, sendSignal, sendSize } from '../../guest.ts'
import { GCS_PORT } from '../gcs.ts'
import { hcs } from '../hcs.ts'
import { buildOf, layersOf, mountDrive, ROOT, removeScratch, scratchFolder, unmountDrive } from './layers.ts'
import { giveAddressBack, publish, takeAddress, unpublish } from './network.ts'

export type Isolation = 'process' | 'hyperv'
/** What the daemon was told at its start. */
export interface Settings {
  /** 'process' on Windows Server, 'hyperv' on Windows 10 and 11: daemon/daemon_windows.go. */
  readonly defaultIsolation: Isolation
  /** Linux images as well: LCOW, an experiment of Docker 17.09 to 20.10. */
  readonly lcow: boolean
}
/** The vsock number of a container's machine; 2 is the host. */
const places = new WeakMap<Container, { readonly cid: number; fd: Fd | undefined }>()
const MACHINE_MEMORY = 1024 ** 3

export const isolationOf = (c: Container, s: Settings): Isolation => {
  const asked = (c.hostConfig as { readonly Isolation?: string }).Isolation ?? ''
  if (c.image.config.os === 'linux') return 'hyperv'
  return asked === '' || asked === 'default' ? s.defaultIsolation : (asked as Isolation)
}
export function* writeState(sys: Sys, c: Container): Run<void> {
  const fd = yield* sys.open(`${ROOT}/containers/${c.id}/config.v2.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) return
  const state = { Status: c.status, Running: c.status === 'running', Pid: c.pid, ExitCode: c.exitCode }
  yield* writeAll(
    sys,
    fd,
    utf8(
      JSON.stringify({
        ID: c.id,
        Name: `/${c.name}`,
        State: state,
        Image: c.image.id,
        Config: { Image: c.config.Image },
        OS: c.image.config.os,
      }),
    ),
  )
  yield* sys.close(fd)
}

/** The machine for a container that gets one. */
function partitionOf(c: Container, shares: readonly Share[], address: string | undefined): PartitionRequest {
  return {
    name: `${c.id}@vm`,
    memory: c.hostConfig.Memory || MACHINE_MEMORY,
    cpus: 2,
    system: c.image.config.os === 'linux' ? 'lcow' : `uvm-${buildOf(c.image.config)}`,
    shares,
    ...(address === undefined ? {} : { address }),
  }
}

export function* start(sys: Sys, d: Daemon, s: Settings, c: Container): Run<void> {
  const linux = c.image.config.os === 'linux'
  const isolation = isolationOf(c, s)
  const fail = function* (message: string): Run<never> {
    c.status = 'created'
    c.exitCode = 128
    c.error = message
    c.ends++
    for (const send of c.attached) send('stdout', undefined)
    c.changed.wake()
    throw new ApiError(500, message)
  }
  const must = function* (r: { readonly ok: true } | { readonly ok: false; readonly error: string }): Run<void> {
    if (!r.ok) yield* fail(r.error)
  }
  const host = Number((yield* sys.uname()).release.split('.')[2])
  const build = buildOf(c.image.config)
  // hcsshim osversion: since Server 2022 a process-isolated container may be of an older build, but none before 20348.
  if (build !== undefined && isolation === 'process' && (build < 20348 || build > host))
    yield* fail(
      `failed to create task for container: hcs::CreateComputeSystem ${c.id}: The container operating system does not match the host operating system.`,
    )
  for (const m of c.mounts)
    if (isErr(yield* sys.stat(m.source)))
      yield* fail(
        `invalid mount config for type "${m.type}": bind source path does not exist: ${windowsName(m.source)}`,
      )
  const drive = linux ? '' : yield* mountDrive(sys, c)
  const protocol = linux ? '9p' : 'vsmb'
  const binds = c.mounts.map((m, i): Share => ({ tag: `bind${i}`, path: m.source, protocol }))
  const card = takeAddress(d, c)
  let cid = 2
  if (isolation === 'process') {
    yield* must(
      yield* hcs(sys, 'HcsCreateComputeSystem', { id: c.id, owner: 'docker', type: 'Container', isolation: 'Process' }),
    )
    yield* must(yield* hcs(sys, 'HcsStartComputeSystem', { id: c.id }))
  } else {
    const layers = linux
      ? layersOf(c.image).map((path, i): Share => ({ tag: `layer${i}`, path, protocol: 'ext4' }))
      : [{ tag: 'drive', path: drive, protocol: 'vsmb' }]
    const id = `${c.id}@vm`
    const partition = partitionOf(c, [...layers, ...binds], card?.address)
    yield* must(
      yield* hcs(sys, 'HcsCreateComputeSystem', {
        id,
        owner: 'docker',
        type: 'VirtualMachine',
        isolation: 'HyperV',
        partition,
      }),
    )
    const started = yield* hcs<{ readonly cid: number }>(sys, 'HcsStartComputeSystem', { id })
    if (!started.ok) {
      yield* hcs(sys, 'HcsTerminateComputeSystem', { id })
      yield* fail(started.error)
    } else cid = started.result.cid
    if (!(yield* awaitGuest(sys, cid, GCS_PORT))) yield* fail('failed to connect to the guest compute service')
  }
  const place: { readonly cid: number; fd: Fd | undefined } = { cid, fd: undefined }
  places.set(c, place)
  const spec = linux ? yield* makeSpec(sys, d, c, layersOf(c.image)[0] ?? '') : undefined
  sys.traceMark('api', isolation === 'process' ? 'vmcompute' : `machine:${c.id}@vm`, 'CreateContainer (gcs)')
  const made = yield* callGuest(sys, cid, GCS_PORT, {
    op: 'create',
    id: c.id,
    drive: isolation === 'process' ? drive : 'drive',
    share: isolation !== 'process',
    layers: layersOf(c.image).length,
    binds: c.mounts.map((m, i) => ({ tag: `bind${i}`, source: m.source, destination: m.destination, rw: m.rw })),
    ...(isolation === 'process' && card ? { network: card } : {}),
    ...(spec ? { spec } : {}),
    ...(c.hostConfig.Memory ? { memory: c.hostConfig.Memory } : {}),
    ...(c.hostConfig.NanoCpus ? { processors: c.hostConfig.NanoCpus / 1e9 } : {}),
  })
  if (typeof made === 'string') {
    yield* cleanUp(sys, d, c, isolation)
    yield* fail(made)
  }
  try {
    yield* publish(sys, d, c)
  } catch (e) {
    if (!(e instanceof ApiError)) throw e
    yield* cleanUp(sys, d, c, isolation)
    yield* fail(e.message)
  }
  const request: GuestRequest = {
    op: 'run',
    id: c.id,
    argv: [c.path, ...c.args],
    env: environment(c),
    cwd: c.config.WorkingDir ?? '',
    tty: c.config.Tty ?? false,
  }
  sys.traceMark('api', isolation === 'process' ? 'vmcompute' : `machine:${c.id}@vm`, `HcsCreateProcess ${c.path}`)
  const fd = yield* askGuest(sys, cid, GCS_PORT, request)
  if (fd === undefined) return yield* fail('the guest compute service does not answer')
  place.fd = fd
  const begun = { done: false, error: '', changed: new WaitQueue() }
  sys.thread(function* (t) {
    const code = yield* readGuest(t, fd, {
      *started(pid) {
        c.pid = pid
        c.status = 'running'
        c.startedAt = yield* t.clock('realtime')
        yield* writeState(t, c)
        begun.done = true
        begun.changed.wake()
        c.changed.wake()
      },
      *output(stream, bytes) {
        c.log.push({ stream, time: yield* t.clock('realtime'), bytes })
        for (const send of c.attached) send(stream, bytes)
        c.changed.wake()
      },
    })
    yield* t.close(fd)
    place.fd = undefined
    if (typeof code === 'string') {
      begun.error = code
      begun.changed.wake()
      yield* cleanUp(t, d, c, isolation)
      return
    }
    yield* cleanUp(t, d, c, isolation)
    c.pid = 0
    c.exitCode = code
    c.status = 'exited'
    c.finishedAt = yield* t.clock('realtime')
    yield* writeState(t, c)
    c.ends++
    for (const send of c.attached) send('stdout', undefined)
    c.attached.clear()
    c.changed.wake()
    if (c.hostConfig.AutoRemove) yield* remove(t, d, c, true)
  })
  yield* sys.futex(begun.changed, () => begun.done || begun.error !== '')
  if (begun.error !== '') yield* fail(`failed to create task for container: ${begun.error}`)
}
const environment = (c: Container): readonly string[] => {
  const windows = [
    `COMPUTERNAME=${(c.config.Hostname ?? '').toUpperCase()}`,
    'OS=Windows_NT',
    'PATH=C:\\Windows\\System32;C:\\Windows;C:\\Windows\\System32\\WindowsPowerShell\\v1.0',
    'ComSpec=C:\\Windows\\System32\\cmd.exe',
    'USERNAME=ContainerAdministrator',
  ]
  return [...(c.image.config.os === 'windows' ? windows : []), ...(c.config.Env ?? [])]
}
/** Takes down what a container ran in. */
function* cleanUp(sys: Sys, d: Daemon, c: Container, isolation: Isolation): Run<void> {
  yield* unpublish(sys, c)
  giveAddressBack(d, c)
  if (isolation === 'process') {
    yield* callGuest(sys, 2, GCS_PORT, { op: 'terminate', id: c.id })
    yield* hcs(sys, 'HcsTerminateComputeSystem', { id: c.id })
  } else yield* hcs(sys, 'HcsTerminateComputeSystem', { id: `${c.id}@vm` })
  if (c.image.config.os === 'windows') yield* unmountDrive(sys, c)
}

export function* kill(sys: Sys, c: Container, name: string): Run<void> {
  const fd = places.get(c)?.fd
  const n = signalNumber(name)
  if (n === undefined) throw new ApiError(400, `invalid signal: ${name}`)
  if (fd === undefined) throw new ApiError(409, `container ${c.id} is not running`)
  yield* sendSignal(sys, fd, n)
}
export function* stop(sys: Sys, c: Container, limit: number): Run<void> {
  const fd = places.get(c)?.fd
  if (c.status !== 'running' || fd === undefined) return
  const { ends } = c
  yield* sendSignal(sys, fd, signalNumber(c.config.StopSignal ?? 'SIGTERM') ?? 15)
  if (yield* sys.futex(c.changed, () => c.ends !== ends, limit * 1e9)) return
  yield* sendSignal(sys, fd, SIGKILL)
  yield* sys.futex(c.changed, () => c.ends !== ends)
}
export function* remove(sys: Sys, d: Daemon, c: Container, force: boolean, volumes = false): Run<void> {
  if (c.removed) return
  if (c.status === 'running') {
    if (!force)
      throw new ApiError(
        409,
        `cannot remove container "${c.name}": container is running: stop the container before removing or force remove`,
      )
    const { ends } = c
    yield* kill(sys, c, 'SIGKILL')
    yield* sys.futex(c.changed, () => c.ends !== ends)
    if (c.hostConfig.AutoRemove) {
      yield* sys.futex(c.changed, () => c.removed)
      return
    }
  }
  c.removed = true
  d.containers.delete(c.id)
  if (volumes || c.hostConfig.AutoRemove)
    for (const m of c.mounts) {
      const v = m.name === undefined ? undefined : d.volumes.get(m.name)
      if (v?.anonymous) yield* removeVolume(sys, d, v)
    }
  yield* removeScratch(sys, c)
  yield* removeTree(sys, `${ROOT}/containers/${c.id}`)
  c.changed.wake()
}
export function* resize(sys: Sys, c: Container, rows: number, columns: number): Run<void> {
  const fd = places.get(c)?.fd
  if (fd !== undefined) yield* sendSize(sys, fd, rows, columns)
}
/** The connection that carries a container's streams. */
export const streamOf = (c: Container): Fd | undefined => places.get(c)?.fd

export function* createExec(sys: Sys, d: Daemon, ref: string, options: Exec['options']): Run<Exec> {
  const c = findContainer(d, ref)
  if (c.status !== 'running') throw new ApiError(409, `container ${c.id} is not running`)
  const e: Exec = { id: yield* newId(sys), container: c, options, running: false, exitCode: null, pid: 0 }
  d.execs.set(e.id, e)
  return e
}
/** Starts a further process; what it prints goes to `send`, undefined at the end. Answers its connection. */
export function* startExec(
  sys: Sys,
  e: Exec,
  send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void,
): Run<Fd | undefined> {
  const place = places.get(e.container)
  const fd = place
    ? yield* askGuest(sys, place.cid, GCS_PORT, {
        op: e.container.image.config.os === 'linux' ? 'exec' : 'run',
        id: e.container.id,
        argv: e.options.Cmd,
        env: [...environment(e.container), ...(e.options.Env ?? [])],
        cwd: e.options.WorkingDir ?? e.container.config.WorkingDir ?? '',
        tty: e.options.Tty ?? false,
      })
    : undefined
  if (fd === undefined) throw new ApiError(409, `container ${e.container.id} is not running`)
  e.running = true
  sys.thread(function* (t) {
    const code = yield* readGuest(t, fd, {
      *started(pid) {
        e.pid = pid
      },
      *output(stream, bytes) {
        send(stream, bytes)
      },
    })
    if (typeof code === 'string') send('stderr', utf8(`${code}\n`))
    e.exitCode = typeof code === 'number' ? code : 126
    e.running = false
    send('stdout', undefined)
    yield* t.close(fd)
  })
  return fd
}
export { scratchFolder }

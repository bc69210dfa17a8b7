/** com.docker.backend.exe on Windows: starts Docker's machine, by Hyper-V or as a WSL distribution, and serves \\.\pipe\docker_engine. */

import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { awaitEngine, awaitLoss, serveEngine, servePorts, windowsFolders } from '../desktop.ts'
import { type Methods, type Reply, serveRpc } from '../rpc.ts'
import { askVmms } from './vmms.ts'
import { wslCall } from './wsl.ts'

export const ENGINE_PIPE = '/Device/NamedPipe/docker_engine'
/** Docker's daemon for Windows containers, and where the tray's menu speaks to the backend. */
const WINDOWS_PIPE = '/Device/NamedPipe/docker_engine_windows'
export const BACKEND_PIPE = '/Device/NamedPipe/dockerBackendApiServer'
export const DESKTOP_VM = 'DockerDesktopVM'

/** com.docker.backend.exe -vm-address ADDRESS */
export const hyperVBackend: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(150 * 1024 ** 2)
  const address = argv[argv.indexOf('-vm-address') + 1] ?? ''
  let cid = 0
  for (let tries = 0; tries < 1000; tries++) {
    const r = yield* askVmms<{ cid: number }>(sys, 'Msvm_ComputerSystem.Start', { name: DESKTOP_VM })
    if (r.ok) {
      cid = r.result.cid
      break
    }
    yield* sys.nanosleep(10_000_000)
  }
  sys.thread((t) => servePorts(t, address))
  if (!(yield* awaitEngine(sys, cid))) return 1
  let windows = false
  const methods: Methods = {
    *Start(): Run<Reply<unknown>> {
      return { ok: true, result: { state: 'running' } }
    },
    /** The menu's "Switch to Windows containers" and back: which daemon answers at the pipe that clients use. */
    *SwitchEngine(t, p: { to?: 'windows' | 'linux' }): Run<Reply<unknown>> {
      windows = p.to === undefined ? !windows : p.to === 'windows'
      if (windows && isErr(yield* t.stat(WINDOWS_PIPE))) {
        yield* t.fork(function* (child) {
          yield* child.setsid()
          yield* child.closeRange(3)
          const file = '/C:/Program Files/Docker/Docker/resources/dockerd.exe'
          return (yield* child.execve(file, ['dockerd.exe', '-H', WINDOWS_PIPE], child.environ())).number
        })
        for (let tries = 0; tries < 1000 && isErr(yield* t.stat(WINDOWS_PIPE)); tries++) yield* t.nanosleep(5_000_000)
      }
      return { ok: true, result: { windows } }
    },
  }
  sys.thread((t) => serveRpc(t, BACKEND_PIPE, methods))
  yield* serveEngine(sys, ENGINE_PIPE, {
    cid: () => cid,
    folder: windowsFolders('/host_mnt'),
    hop: `hvsocket to ${DESKTOP_VM}`,
    instead: () => (windows ? WINDOWS_PIPE : undefined),
  })
  return 1
}

/**
 * com.docker.backend.exe with WSL 2: the engine runs in the distribution docker-desktop. When that ends (wsl --shutdown), the engine's pipe goes
 * away, and nothing brings the distribution back until the user has Docker Desktop start it.
 */
export const wslBackend: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(150 * 1024 ** 2)
  const address = argv[argv.indexOf('-vm-address') + 1] ?? ''
  let cid = 0
  let state: 'stopped' | 'starting' | 'running' = 'stopped'
  const start = function* (t: Sys): Run<boolean> {
    state = 'starting'
    cid = 0
    for (let tries = 0; tries < 1000 && cid === 0; tries++) {
      const r = yield* wslCall<{ readonly cid: number }>(t, 'CreateInstance', { name: 'docker-desktop' })
      cid = r.ok ? r.result.cid : 0
      if (cid === 0) yield* t.nanosleep(10_000_000)
    }
    state = cid !== 0 && (yield* awaitEngine(t, cid)) ? 'running' : 'stopped'
    return state === 'running'
  }
  sys.thread((t) => servePorts(t, address))
  if (!(yield* start(sys))) return 1
  const serve = function* (t: Sys): Run<void> {
    let socket = -1
    t.thread(function* (own) {
      yield* awaitLoss(own, cid)
      state = 'stopped'
      yield* own.unlink(ENGINE_PIPE)
      yield* own.shutdown(socket, 'both')
      yield* own.close(socket)
    })
    yield* serveEngine(t, ENGINE_PIPE, {
      cid: () => cid,
      folder: windowsFolders('/mnt'),
      hop: 'hvsocket to the WSL utility VM',
      opened: (fd) => {
        socket = fd
      },
    })
  }
  sys.thread((t) => serve(t))
  const methods: Methods = {
    /** What opening Docker Desktop does: nothing where the engine runs. */
    *Start(t): Run<Reply<unknown>> {
      if (state === 'stopped') {
        if (!(yield* start(t))) return { ok: false, error: 'Docker Desktop is unable to start' }
        sys.thread((own) => serve(own))
        for (let tries = 0; tries < 1000 && isErr(yield* t.stat(ENGINE_PIPE)); tries++) yield* t.nanosleep(1_000_000)
      }
      return { ok: true, result: { state } }
    },
  }
  return yield* serveRpc(sys, BACKEND_PIPE, methods)
}

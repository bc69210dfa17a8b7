/** com.docker.backend.exe on Windows: starts Docker's machine, by Hyper-V or as a WSL distribution, and serves \\.\pipe\docker_engine. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { awaitEngine, serveEngine, servePorts, windowsFolders } from '../desktop.ts'
import { askVmms } from './vmms.ts'
import { wslCall } from './wsl.ts'

export const ENGINE_PIPE = '/Device/NamedPipe/docker_engine'
export const DESKTOP_VM = 'DockerDesktopVM'

/** com.docker.backend.exe -vm-address ADDRESS */
export const hyperVBackend: Program = function* (sys, argv) {
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
  yield* serveEngine(sys, ENGINE_PIPE, {
    cid: () => cid,
    folder: windowsFolders('/host_mnt'),
    hop: `hvsocket to ${DESKTOP_VM}`,
  })
  return 1
}

/** com.docker.backend.exe with WSL 2: the engine runs in the distribution docker-desktop. */
export const wslBackend: Program = function* (sys, argv) {
  const address = argv[argv.indexOf('-vm-address') + 1] ?? ''
  let cid = 0
  const start = function* (t: Sys): Run<void> {
    const r = yield* wslCall<{ readonly cid: number }>(t, 'CreateInstance', { name: 'docker-desktop' })
    cid = r.ok ? r.result.cid : 0
  }
  for (let tries = 0; tries < 1000 && cid === 0; tries++) {
    yield* start(sys)
    if (cid === 0) yield* sys.nanosleep(10_000_000)
  }
  sys.thread((t) => servePorts(t, address))
  if (!(yield* awaitEngine(sys, cid))) return 1
  yield* serveEngine(sys, ENGINE_PIPE, {
    cid: () => cid,
    folder: windowsFolders('/mnt'),
    hop: 'hvsocket to the WSL utility VM',
  })
  return 1
}

/** DockerCli.exe, and Docker Desktop.exe: what the menu of Docker Desktop does, from a command line. */
import { callRpc } from '../engine/rpc.ts'
import { BACKEND_PIPE } from '../engine/windows/backend.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { warn } from '../userland/lib/io.ts'

/** DockerCli.exe -SwitchDaemon | -SwitchWindowsEngine | -SwitchLinuxEngine */
export const dockerCli: Program = function* (sys, argv) {
  const word = (argv[1] ?? '').toLowerCase()
  const to = { '-switchdaemon': undefined, '-switchwindowsengine': 'windows', '-switchlinuxengine': 'linux' }
  if (!Object.hasOwn(to, word)) {
    yield* warn(sys, `zukan: not emulated: DockerCli.exe ${argv[1] ?? ''}\n`)
    return 1
  }
  const r = yield* callRpc(
    sys,
    BACKEND_PIPE,
    'com.docker.backend',
    'SwitchEngine',
    { to: to[word as keyof typeof to] },
    'api',
  )
  if (r.ok) return 0
  yield* warn(sys, `${r.error}\n`)
  return 1
}

/** Docker Desktop.exe: opened, it starts the engine where that doesn't run. Its window isn't shown. */
export const dockerDesktop: Program = function* (sys) {
  const r = yield* callRpc(sys, BACKEND_PIPE, 'com.docker.backend', 'Start', {}, 'api')
  if (r.ok) return 0
  yield* warn(sys, `${r.error}\n`)
  return 1
}

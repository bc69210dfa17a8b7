/** wslservice.exe: WSL's service on Windows. It boots the utility machine for the first distribution and keeps the list of them. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { awaitGuest, callGuest } from '../guest.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { UtilityMachine } from './utilityvm.ts'

export const WSL_PIPE = '/Device/NamedPipe/wslservice'
/** Where init of the utility machine listens. */
export const WSL_PORT = 50000
const MACHINE = 'WSL'

export interface Distribution {
  readonly name: string
  readonly state: 'Running' | 'Stopped'
  readonly version: 1 | 2
  readonly isDefault: boolean
}

/** wslservice.exe JSON: the machine's partition request and the names of the distributions, the default one first. */
export const wslService: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(14 * 1024 ** 2)
  const { partition, names } = JSON.parse(argv[1] ?? '{}') as {
    readonly partition: PartitionRequest
    readonly names: readonly string[]
  }
  const running = new Set<string>()
  const machine = new UtilityMachine(MACHINE, partition, (t, cid) => awaitGuest(t, cid, WSL_PORT))
  const methods: Methods = {
    *List(): Run<Reply<unknown>> {
      const result = names.map(
        (name, i): Distribution => ({
          name,
          state: running.has(name) ? 'Running' : 'Stopped',
          version: 2,
          isDefault: i === 0,
        }),
      )
      return { ok: true, result }
    },
    *CreateInstance(t, p: { name: string }): Run<Reply<unknown>> {
      const name = p.name === '' ? names[0] : names.find((n) => n.toLowerCase() === p.name.toLowerCase())
      if (name === undefined) return { ok: false, error: 'WSL_E_DISTRO_NOT_FOUND' }
      const failed = yield* machine.boot(t)
      if (failed !== undefined) return { ok: false, error: failed }
      if (!running.has(name)) {
        running.add(name)
        const answer = yield* callGuest(t, machine.cid, WSL_PORT, { op: 'start', distribution: name })
        if (typeof answer === 'string') {
          running.delete(name)
          return { ok: false, error: answer }
        }
      }
      return { ok: true, result: { cid: machine.cid, name } }
    },
    *Terminate(t, p: { name: string }): Run<Reply<unknown>> {
      const name = names.find((n) => n.toLowerCase() === p.name.toLowerCase())
      if (name === undefined) return { ok: false, error: 'WSL_E_DISTRO_NOT_FOUND' }
      if (running.delete(name)) yield* callGuest(t, machine.cid, WSL_PORT, { op: 'stop', distribution: name })
      return done
    },
    *Shutdown(t): Run<Reply<unknown>> {
      running.clear()
      yield* machine.shutDown(t)
      return done
    },
  }
  return yield* serveRpc(sys, WSL_PIPE, methods)
}
/** A call to the service, as wsl.exe makes it by COM. */
export const wslCall = <T = unknown>(
  sys: Sys,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Run<Reply<T>> => callRpc<T>(sys, WSL_PIPE, 'wslservice', method, params, 'api')

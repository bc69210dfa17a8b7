/** wslservice.exe: WSL's service on Windows. It boots the utility machine for the first distribution and keeps the list of them. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { awaitGuest, callGuest } from '../guest.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { hcs } from './hcs.ts'

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
  let cid = 0
  let booting = false
  const boot = function* (t: Sys): Run<string | undefined> {
    while (booting) yield* t.nanosleep(5_000_000)
    if (cid !== 0) return undefined
    booting = true
    yield* hcs(t, 'HcsCreateComputeSystem', {
      id: MACHINE,
      owner: 'WSL',
      type: 'VirtualMachine',
      partition,
      memoryName: 'vmmemWSL',
    })
    const r = yield* hcs<{ readonly cid: number }>(t, 'HcsStartComputeSystem', { id: MACHINE })
    if (r.ok && (yield* awaitGuest(t, r.result.cid, WSL_PORT))) cid = r.result.cid
    else yield* hcs(t, 'HcsTerminateComputeSystem', { id: MACHINE })
    booting = false
    return cid === 0 ? (r.ok ? 'the utility machine does not answer' : r.error) : undefined
  }
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
      const failed = yield* boot(t)
      if (failed !== undefined) return { ok: false, error: failed }
      if (!running.has(name)) {
        running.add(name)
        const answer = yield* callGuest(t, cid, WSL_PORT, { op: 'start', distribution: name })
        if (typeof answer === 'string') {
          running.delete(name)
          return { ok: false, error: answer }
        }
      }
      return { ok: true, result: { cid, name } }
    },
    *Terminate(t, p: { name: string }): Run<Reply<unknown>> {
      const name = names.find((n) => n.toLowerCase() === p.name.toLowerCase())
      if (name === undefined) return { ok: false, error: 'WSL_E_DISTRO_NOT_FOUND' }
      if (running.delete(name)) yield* callGuest(t, cid, WSL_PORT, { op: 'stop', distribution: name })
      return done
    },
    *Shutdown(t): Run<Reply<unknown>> {
      running.clear()
      if (cid !== 0) yield* hcs(t, 'HcsTerminateComputeSystem', { id: MACHINE })
      cid = 0
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

/** vmcompute.exe, the Host Compute Service: compute systems are containers and the utility machines around them. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { serveContainers } from './gcs.ts'
import { guid } from './vmms.ts'
import { type RunningPartition, startPartition, stopPartition } from './worker.ts'

export const HCS_PIPE = '/Device/NamedPipe/vmcompute'

/** What HcsEnumerateComputeSystems tells of one. */
export interface ComputeSystem {
  readonly id: string
  readonly type: 'Container' | 'VirtualMachine'
  readonly isolation: 'Process' | 'HyperV' | ''
  readonly owner: string
  readonly runtimeId: string
  readonly state: 'Created' | 'Running' | 'Stopped'
  /** The number by which vsock reaches a machine; 0 where it is none. */
  readonly cid: number
}
interface Known extends ComputeSystem {
  state: ComputeSystem['state']
  cid: number
  readonly partition: PartitionRequest | undefined
  readonly memoryName: string
  running: RunningPartition | undefined
}
export interface CreateSystem {
  readonly id: string
  readonly owner: string
  readonly type: 'Container' | 'VirtualMachine'
  readonly isolation?: 'Process' | 'HyperV'
  /** A machine to boot. */
  readonly partition?: PartitionRequest
  readonly memoryName?: string
}

export const vmcompute: Program = function* (sys) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(9 * 1024 ** 2)
  // It answers for the containers on the host's own kernel as the guest compute service does for those in a machine.
  sys.thread((t) => serveContainers(t))
  const systems = new Map<string, Known>()
  const unknown = (id: string): Reply<unknown> => ({
    ok: false,
    error: `hcs: ${id}: The specified identifier does not exist. (0xc037010e)`,
  })
  const methods: Methods = {
    *HcsCreateComputeSystem(t, p: CreateSystem): Run<Reply<unknown>> {
      if (systems.has(p.id))
        return {
          ok: false,
          error: `hcs: ${p.id}: The virtual machine or container with the specified identifier already exists. (0xc037010f)`,
        }
      systems.set(p.id, {
        id: p.id,
        type: p.type,
        isolation: p.isolation ?? '',
        owner: p.owner,
        runtimeId: (yield* guid(t)).toLowerCase(),
        state: 'Created',
        cid: 0,
        partition: p.partition,
        memoryName: p.memoryName ?? 'vmmem',
        running: undefined,
      })
      return done
    },
    *HcsStartComputeSystem(t, p: { id: string }): Run<Reply<unknown>> {
      const s = systems.get(p.id)
      if (!s) return unknown(p.id)
      if (s.partition) {
        const started = yield* startPartition(t, s.runtimeId.toUpperCase(), {
          request: s.partition,
          memoryName: s.memoryName,
        })
        if (typeof started === 'string') return { ok: false, error: `hcs: ${p.id}: ${started}` }
        s.running = started
        s.cid = started.cid
      }
      s.state = 'Running'
      return { ok: true, result: { cid: s.cid } }
    },
    *HcsTerminateComputeSystem(t, p: { id: string }): Run<Reply<unknown>> {
      const s = systems.get(p.id)
      if (!s) return unknown(p.id)
      if (s.running) yield* stopPartition(t, s.running.worker)
      systems.delete(p.id)
      return done
    },
    *HcsEnumerateComputeSystems(t): Run<Reply<unknown>> {
      for (const s of [...systems.values()])
        if (s.running && isErr(yield* t.kill(s.running.worker, 0))) systems.delete(s.id)
      return {
        ok: true,
        result: [...systems.values()].map(
          ({ id, type, isolation, owner, runtimeId, state, cid }): ComputeSystem => ({
            id,
            type,
            isolation,
            owner,
            runtimeId,
            state,
            cid,
          }),
        ),
      }
    },
  }
  return yield* serveRpc(sys, HCS_PIPE, methods)
}
/** A call to the service; its name is that of the function in vmcompute.dll. */
export const hcs = <T = unknown>(sys: Sys, method: string, params: object): Run<Reply<T>> =>
  callRpc<T>(sys, HCS_PIPE, 'vmcompute', method, { ...params }, 'api')

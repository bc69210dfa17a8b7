/** vmms.exe, Hyper-V's Virtual Machine Management Service: the machines that a user defines, and what Get-VM asks. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { type RunningPartition, startPartition, stopPartition } from './worker.ts'

export const VMMS_PIPE = '/Device/NamedPipe/vmms'

export type VmState = 'Off' | 'Starting' | 'Running' | 'Stopping'
/** What Get-VM shows of a machine. */
export interface VmInformation {
  readonly name: string
  readonly id: string
  readonly state: VmState
  /** Bytes: assigned now, and at its start. */
  readonly assigned: number
  readonly startup: number
  readonly processors: number
  /** Nanoseconds since it was switched on. */
  readonly uptime: number
  readonly generation: number
  readonly cid: number
}
interface Vm {
  readonly request: PartitionRequest
  readonly id: string
  state: VmState
  started: number
  running: RunningPartition | undefined
}

/** vmms.exe JSON: the machines that are defined when the service starts, as partition requests. */
export const vmms: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(22 * 1024 ** 2)
  const vms = new Map<string, Vm>()
  for (const request of JSON.parse(argv[1] ?? '[]') as readonly PartitionRequest[])
    vms.set(request.name.toLowerCase(), { request, id: yield* guid(sys), state: 'Off', started: 0, running: undefined })
  const find = (name: string): Vm | undefined => vms.get(name.toLowerCase())
  const unknown = (name: string): Reply<unknown> => ({
    ok: false,
    error: `Hyper-V was unable to find a virtual machine with name "${name}".`,
  })
  const methods: Methods = {
    *'Msvm_ComputerSystem.List'(t): Run<Reply<unknown>> {
      const now = yield* t.clock('realtime')
      const list = [...vms.values()].map(
        (v): VmInformation => ({
          name: v.request.name,
          id: v.id,
          state: v.state,
          assigned: v.state === 'Running' ? v.request.memory : 0,
          startup: v.request.memory,
          processors: v.request.cpus,
          uptime: v.state === 'Running' ? now - v.started : 0,
          generation: 2,
          cid: v.running?.cid ?? 0,
        }),
      )
      return { ok: true, result: list }
    },
    *'Msvm_ComputerSystem.Start'(t, p: { name: string }): Run<Reply<unknown>> {
      const vm = find(p.name)
      if (!vm) return unknown(p.name)
      if (vm.state !== 'Off') return { ok: true, result: { cid: vm.running?.cid ?? 0, already: true } }
      vm.state = 'Starting'
      vm.started = yield* t.clock('realtime')
      const started = yield* startPartition(t, vm.id, { request: vm.request, memoryName: 'vmmem' })
      if (typeof started === 'string') {
        vm.state = 'Off'
        return { ok: false, error: `'${vm.request.name}' failed to start. ${started}` }
      }
      vm.running = started
      vm.state = 'Running'
      return { ok: true, result: { cid: started.cid } }
    },
    *'Msvm_ComputerSystem.Stop'(t, p: { name: string }): Run<Reply<unknown>> {
      const vm = find(p.name)
      if (!vm) return unknown(p.name)
      if (!vm.running) return { ok: true, result: { already: true } }
      vm.state = 'Stopping'
      yield* stopPartition(t, vm.running.worker)
      vm.running = undefined
      vm.state = 'Off'
      return done
    },
  }
  return yield* serveRpc(sys, VMMS_PIPE, methods)
}
/** A GUID as Windows writes it. */
export function* guid(sys: Sys): Run<string> {
  const h = [...(yield* sys.getrandom(16))]
    .map((b) => (b + 256).toString(16).slice(1))
    .join('')
    .toUpperCase()
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-A${h.slice(17, 20)}-${h.slice(20)}`
}
/** A question to the service, as the Hyper-V module of PowerShell asks it by WMI. */
export const askVmms = <T>(sys: Sys, method: string, params: Readonly<Record<string, unknown>> = {}): Run<Reply<T>> =>
  callRpc<T>(sys, VMMS_PIPE, 'vmms', method, params, 'api')

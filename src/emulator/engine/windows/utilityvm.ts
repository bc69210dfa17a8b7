/** The utility machine that WSL's service boots when it is first needed, by the Host Compute Service: once, however many ask meanwhile. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { hcs } from './hcs.ts'

export class UtilityMachine {
  readonly #id: string
  readonly #partition: PartitionRequest
  /** Whether what is to run in it answers. */
  readonly #answers: (sys: Sys, cid: number) => Run<boolean>
  #booting = false
  #cid = 0
  constructor(id: string, partition: PartitionRequest, answers: (sys: Sys, cid: number) => Run<boolean>) {
    this.#id = id
    this.#partition = partition
    this.#answers = answers
  }
  /** The number by which vsock reaches it; 0 where it doesn't run. */
  get cid(): number {
    return this.#cid
  }
  /** Boots it where it doesn't run; the text of an error, or undefined. `fresh` is called when it was just booted. */
  *boot(sys: Sys, fresh?: () => void): Run<string | undefined> {
    while (this.#booting) yield* sys.nanosleep(5_000_000)
    if (this.#cid !== 0) return undefined
    this.#booting = true
    const id = this.#id
    yield* hcs(sys, 'HcsCreateComputeSystem', {
      id,
      owner: 'WSL',
      type: 'VirtualMachine',
      partition: this.#partition,
      memoryName: 'vmmemWSL',
    })
    const r = yield* hcs<{ readonly cid: number }>(sys, 'HcsStartComputeSystem', { id })
    if (r.ok && (yield* this.#answers(sys, r.result.cid))) this.#cid = r.result.cid
    else yield* hcs(sys, 'HcsTerminateComputeSystem', { id })
    this.#booting = false
    if (this.#cid === 0) return r.ok ? 'the utility machine does not answer' : r.error
    fresh?.()
    return undefined
  }
  *shutDown(sys: Sys): Run<void> {
    if (this.#cid !== 0) yield* hcs(sys, 'HcsTerminateComputeSystem', { id: this.#id })
    this.#cid = 0
  }
}

/** vmcompute.exe, the Host Compute Service: compute systems are containers and the utility machines around them. */

export const HCS_PIPE = '/Device/NamedPipe/vmcompute'

/** What HcsEnumerateComputeSystems tells of one. */
export interface ComputeSystem {
  readonly id: string
  readonly type: 'Container' | 'VirtualMachine'
  readonly isolation: 'Process' | 'HyperV' | ''
  readonly owner: string
  readonly runtimeId: string
  readonly state: 'Created' | 'Running' | 'Stopped'
}

/** Where the CRI plugin's code is put when its part has come; containerd's other services know no more of it. */
import type { Store } from '../containerd.ts'
import type { Methods } from '../rpc.ts'

export const plugin: { methods?: (store: Store) => Methods } = {}

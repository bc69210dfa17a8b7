/** What the kernel tells about the network, read whole. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'

/** A dump of rtnetlink(7); empty where it is refused. */
export function* dump<T>(sys: Sys, op: string): Run<readonly T[]> {
  const r = yield* sys.netlink<readonly T[]>({ op })
  return isErr(r) ? [] : r
}

/** Which process holds which socket: what ss -p and netstat -p find in /proc. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { readText } from './io.ts'

export interface SocketOwner {
  readonly pid: number
  readonly name: string
  readonly fd: number
}
/** Owners by the socket's inode. Processes whose descriptors the caller may not see are left out. */
export function* socketOwners(sys: Sys): Run<ReadonlyMap<number, readonly SocketOwner[]>> {
  const out = new Map<number, SocketOwner[]>()
  const proc = yield* sys.open('/proc', O_RDONLY)
  if (isErr(proc)) return out
  const entries = yield* sys.getdents(proc)
  yield* sys.close(proc)
  for (const e of isErr(entries) ? [] : entries) {
    if (!/^\d+$/.test(e.name)) continue
    const dir = yield* sys.open(`/proc/${e.name}/fd`, O_RDONLY)
    if (isErr(dir)) continue
    const fds = yield* sys.getdents(dir)
    yield* sys.close(dir)
    let name: string | undefined
    for (const f of isErr(fds) ? [] : fds) {
      const link = yield* sys.readlink(`/proc/${e.name}/fd/${f.name}`)
      const inode = isErr(link) ? undefined : /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode === undefined) continue
      if (name === undefined) {
        const comm = yield* readText(sys, `/proc/${e.name}/comm`)
        name = isErr(comm) ? '' : comm.trim()
      }
      const list = out.get(Number(inode)) ?? []
      list.push({ pid: Number(e.name), name, fd: Number(f.name) })
      out.set(Number(inode), list)
    }
  }
  return out
}

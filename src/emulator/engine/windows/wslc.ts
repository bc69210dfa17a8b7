/**
 * WSL containers (wslc): the WSL service boots a machine for a session, with containerd and dockerd inside, and offers its API at a pipe. The
 * containers of a session share that machine's kernel.
 */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { awaitEngine, serveEngine, servePorts, windowsFolders } from '../desktop.ts'
import { done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { hcs } from './hcs.ts'
import { WSL_PIPE } from './wsl.ts'

/** Where the engine of the session answers. */
export const SESSION_PIPE = '/Device/NamedPipe/wslc-session'
const MACHINE = 'wslc-session'

/** wslservice.exe JSON ADDRESS, as far as containers need it. */
export const wslcService: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(14 * 1024 ** 2)
  const partition = JSON.parse(argv[1] ?? '{}') as PartitionRequest
  const address = argv[2] ?? ''
  let cid = 0
  let booting = false
  const open = function* (t: Sys): Run<Reply<unknown>> {
    while (booting) yield* t.nanosleep(5_000_000)
    if (cid !== 0) return done
    booting = true
    yield* hcs(t, 'HcsCreateComputeSystem', {
      id: MACHINE,
      owner: 'WSL',
      type: 'VirtualMachine',
      partition,
      memoryName: 'vmmemWSL',
    })
    const r = yield* hcs<{ readonly cid: number }>(t, 'HcsStartComputeSystem', { id: MACHINE })
    if (r.ok && (yield* awaitEngine(t, r.result.cid))) {
      cid = r.result.cid
      t.thread((own) => servePorts(own, address))
      t.thread((own) =>
        serveEngine(own, SESSION_PIPE, {
          cid: () => cid,
          folder: windowsFolders('/mnt'),
          hop: 'hvsocket to the session VM',
        }),
      )
      yield* t.nanosleep(1_000_000)
    }
    booting = false
    return cid !== 0 ? done : { ok: false, error: r.ok ? 'the session does not answer' : r.error }
  }
  const methods: Methods = {
    OpenSession: open,
    *CloseSession(t): Run<Reply<unknown>> {
      if (cid !== 0) yield* hcs(t, 'HcsTerminateComputeSystem', { id: MACHINE })
      cid = 0
      yield* t.unlink(SESSION_PIPE)
      return done
    },
  }
  return yield* serveRpc(sys, WSL_PIPE, methods)
}

/**
 * WSL containers (wslc): the WSL service boots a machine for a session, with containerd and dockerd inside, and offers its API at a pipe. The
 * containers of a session share that machine's kernel.
 */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { PartitionRequest } from '../../machine/hypervisor.ts'
import { awaitEngine, serveEngine, servePorts, windowsFolders } from '../desktop.ts'
import { done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { UtilityMachine } from './utilityvm.ts'
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
  const machine = new UtilityMachine(MACHINE, partition, awaitEngine)
  const open = function* (t: Sys): Run<Reply<unknown>> {
    const failed = yield* machine.boot(t, () => {
      t.thread((own) => servePorts(own, address))
      t.thread((own) =>
        serveEngine(own, SESSION_PIPE, {
          cid: () => machine.cid,
          folder: windowsFolders('/mnt'),
          hop: 'hvsocket to the session VM',
        }),
      )
    })
    if (failed !== undefined) return { ok: false, error: failed }
    yield* t.nanosleep(1_000_000)
    return done
  }
  const methods: Methods = {
    OpenSession: open,
    *CloseSession(t): Run<Reply<unknown>> {
      yield* machine.shutDown(t)
      yield* t.unlink(SESSION_PIPE)
      return done
    },
  }
  return yield* serveRpc(sys, WSL_PIPE, methods)
}

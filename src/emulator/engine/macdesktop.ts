/** Docker Desktop on a Mac: the process that holds the virtual machine, and the backend that serves the engine's socket in the user's home. */
import { isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { O_RDWR } from '../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../kernel/linux/signals.ts'
import type { Partition, PartitionRequest } from '../machine/hypervisor.ts'
import { decode, LineReader, unbinary, write } from '../userland/lib/io.ts'
import { awaitEngine, serveEngine, servePorts } from './desktop.ts'

/** com.docker.virtualization JSON: a machine by Apple's Virtualization.framework. Tells its vsock number when init runs. */
export const virtualization: Program = function* (sys, argv) {
  const request = JSON.parse(argv[1] ?? '{}') as PartitionRequest
  yield* sys.setproctitle(`com.apple.Virtualization.VirtualMachine`)
  const device = yield* sys.open('/dev/hypervisor', O_RDWR)
  if (isErr(device)) return 1
  const cid = yield* sys.ioctl<number>(device, 'HvCreatePartition', request)
  if (isErr(cid)) {
    yield* write(sys, 1, `error ${cid.text}\n`)
    return 1
  }
  const partition = yield* sys.ioctl<Partition>(device, 'HvRun')
  if (!isErr(partition)) yield* sys.brk(partition.touched)
  yield* write(sys, 1, `${cid}\n`)
  yield* sys.close(1)
  for (;;) yield* sys.pause()
}

/** com.docker.backend JSON ADDRESS SOCKET */
export const macBackend: Program = function* (sys, argv) {
  // What a fresh one holds, by order of magnitude; nobody publishes a figure.
  yield* sys.brk(150 * 1024 ** 2)
  const [, request = '{}', address = '', path = ''] = argv
  yield* sys.setproctitle('/Applications/Docker.app/Contents/MacOS/com.docker.backend')
  const ends = yield* sys.pipe()
  if (isErr(ends)) return 1
  yield* sys.fork(function* (child) {
    yield* child.prctl('set_pdeathsig', SIGKILL)
    yield* child.dup2(ends[1], 1)
    const file = '/Applications/Docker.app/Contents/MacOS/com.docker.virtualization'
    return (yield* child.execve(file, [file, request], child.environ())).number
  })
  yield* sys.close(ends[1])
  const line = yield* new LineReader(sys, ends[0]).next()
  const cid = typeof line === 'string' ? Number(decode(unbinary(line))) : Number.NaN
  if (!Number.isInteger(cid)) return 1
  sys.thread((t) => servePorts(t, address))
  if (!(yield* awaitEngine(sys, cid))) return 1
  // /Users is shared under the name that it has on the Mac.
  yield* serveEngine(sys, path, { cid: () => cid, folder: () => undefined, hop: 'vsock to the LinuxKit VM' })
  return 1
}

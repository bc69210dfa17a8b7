/**
 * virtiofsd: offers a folder of the host to a virtual machine. A process of its own looks after the connection, and both end with the machine.
 * virtiofsd(1); the protocol between it and QEMU is vhost-user, of which only the folder's name is said here.
 */
import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import { warn, write } from '../../userland/lib/io.ts'

/** Bytes; two processes of 3 MB each were measured with Kata 4.0. */
const MEMORY = 2_900_000

export const virtiofsd: Program = function* (sys, argv) {
  const option = (name: string): string | undefined => {
    const at = argv.findIndex((a) => a === name || a.startsWith(`${name}=`))
    return at < 0 ? undefined : argv[at]?.includes('=') ? argv[at]?.slice(name.length + 1) : argv[at + 1]
  }
  if (argv.includes('--version') || argv.includes('-V')) {
    yield* write(sys, 1, 'virtiofsd 1.13.3\n')
    return 0
  }
  const folder = option('--shared-dir')
  const path = option('--socket-path')
  if (folder === undefined || path === undefined) {
    yield* warn(
      sys,
      `Error: ${folder === undefined ? '"--shared-dir" or "--print-capabilities" is required' : 'Either "--fd" or "--socket-path" is required'}\n`,
    )
    return 2
  }
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return 1
  yield* sys.unlink(path)
  yield* sys.bind(socket, { family: 'unix', path })
  yield* sys.listen(socket)
  yield* sys.brk(MEMORY)
  const pid = yield* sys.fork(function* (own) {
    yield* own.prctl('set_pdeathsig', SIGKILL)
    yield* own.brk(MEMORY)
    const fd = yield* own.accept(socket)
    if (isErr(fd)) return 1
    yield* write(own, fd, `${JSON.stringify({ sharedDir: folder })}\n`)
    // Until QEMU hangs up.
    for (;;) {
      const part = yield* own.read(fd, 1)
      if (!isErr(part) && part.length === 0) return 0
      if (isErr(part) && part.name !== 'EINTR') return 0
    }
  })
  if (isErr(pid)) return 1
  yield* sys.wait(pid)
  yield* sys.unlink(path)
  return 0
}

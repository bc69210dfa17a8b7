/** ssh [user@]host [command]: a shell of another machine. Encryption and keys aren't emulated. */
import { isErr } from '../base/errno.ts'
import { runAt } from '../engine/guest.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { dial } from '../userland/lib/dial.ts'
import { warn } from '../userland/lib/io.ts'

export const ssh: Program = function* (sys, argv) {
  const words = argv.slice(1)
  while (words[0]?.startsWith('-')) {
    const flag = words.shift() as string
    if (!['-t', '-T', '-q'].includes(flag)) {
      yield* warn(sys, `zukan: not emulated: ssh ${flag}\n`)
      return 255
    }
  }
  const target = words.shift()
  if (target === undefined) {
    yield* warn(sys, 'usage: ssh [-tTq] destination [command [argument ...]]\n')
    return 255
  }
  const [user, name] = target.includes('@') ? (target.split('@') as [string, string]) : ['root', target]
  if (user !== 'root') {
    yield* warn(sys, `${target}: Permission denied (publickey,password).\n`)
    return 255
  }
  const probe = yield* dial(sys, name, 22)
  if (typeof probe !== 'number') {
    yield* warn(
      sys,
      probe.error === 'name'
        ? `ssh: Could not resolve hostname ${name}: Name or service not known\n`
        : `ssh: connect to host ${name} port 22: ${probe.text}\n`,
    )
    return 255
  }
  const at = yield* sys.getpeername(probe)
  yield* sys.close(probe)
  if (isErr(at)) return 255
  const tty = words.length === 0 && !isErr(yield* sys.ioctl(0, 'TCGETS'))
  const code = yield* runAt(sys, at, { op: 'run', tty, ...(words.length > 0 ? { line: words.join(' ') } : {}) })
  if (typeof code === 'number') return code
  yield* warn(sys, `Connection to ${name} closed by remote host.\n`)
  return 255
}

/** docker-init (tini): PID 1 of a container under --init. It passes signals on, collects what is left to it, and ends as its child ends. */
import { EINTR, isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { SIGCHLD, SIGKILL, SIGSTOP } from '../kernel/linux/signals.ts'
import { warn } from '../userland/lib/io.ts'

export const dockerInit: Program = function* (sys, argv) {
  const words = argv[1] === '--' ? argv.slice(2) : argv.slice(1)
  if (words.length === 0) {
    yield* warn(sys, 'tini (tini version 0.19.0 - git.de40ad0)\nUsage: tini [OPTIONS] PROGRAM -- [ARGS] | --version\n')
    return 1
  }
  if (words[0] === '--version') {
    yield* sys.write(1, new TextEncoder().encode('tini version 0.19.0 - git.de40ad0\n'))
    return 0
  }
  const name = words[0] as string
  const child = yield* sys.fork(function* (own) {
    yield* own.setpgid(0, 0)
    const path =
      own
        .environ()
        .find((e) => e.startsWith('PATH='))
        ?.slice(5) ?? '/usr/bin:/bin'
    const tries = name.includes('/') ? [name] : path.split(':').map((d) => `${d || '.'}/${name}`)
    let failed = yield* own.execve(tries[0] as string, words, own.environ())
    for (const t of tries.slice(1)) if (failed.name === 'ENOENT') failed = yield* own.execve(t, words, own.environ())
    yield* warn(own, `[FATAL tini (${yield* own.getpid()})] exec ${name} failed: ${failed.text}\n`)
    return failed.name === 'ENOENT' ? 127 : 126
  })
  if (isErr(child)) return 1
  for (let signal = 1; signal <= 31; signal++)
    if (signal !== SIGKILL && signal !== SIGSTOP && signal !== SIGCHLD)
      yield* sys.sigaction(signal, function* (own, n) {
        yield* own.kill(child, n)
      })
  // A job's terminal belongs to it.
  yield* sys.ioctl(0, 'TIOCSPGRP', child)
  for (;;) {
    const r = yield* sys.wait(-1)
    if (r === EINTR || !r) continue
    if (isErr(r)) return 1
    if (r.pid === child) return r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
  }
}

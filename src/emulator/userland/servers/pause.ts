/** pause: the process that holds a pod's namespaces. It waits, collects whoever is left to it, and ends when asked to. */
import type { Program } from '../../kernel/linux/abi.ts'
import { SIGCHLD, SIGINT, SIGTERM } from '../../kernel/linux/signals.ts'

export const pause: Program = function* (sys) {
  for (const signal of [SIGINT, SIGTERM])
    yield* sys.sigaction(signal, function* (own) {
      yield* own.exit(0)
    })
  yield* sys.sigaction(SIGCHLD, function* (own) {
    for (;;) {
      const r = yield* own.wait(-1, { noHang: true })
      if (r === undefined || !('pid' in r)) return
    }
  })
  for (;;) yield* sys.pause()
}

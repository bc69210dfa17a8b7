/** The container's log: JSON lines, written by a process of nerdctl's own that outlives the command; nerdctl docs/dir.md. */
import { isErr } from '../../base/errno.ts'
import { writeFile } from '../../engine/dockerd/support.ts'
import { StreamLog } from '../../engine/streamlog.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { DATA, fifoDir, logFile, stateDir } from './store.ts'

/** A container's log, as Docker's json-file driver writes it. */
export const jsonLog = (ns: string, id: string): StreamLog =>
  new StreamLog(logFile(ns, id), 0o600, (time, stream, text, whole) => {
    const log = whole ? `${text}\n` : text
    return `${JSON.stringify({ log, stream, time })}\n`
  })
/** Notes when a container ended: containerd tells only that it did. */
export function* noteEnd(t: Sys, ns: string, id: string): Run<void> {
  yield* writeFile(t, `${stateDir(ns, id)}/lifecycle.json`, JSON.stringify({ exitedAt: yield* t.clock('realtime') }))
}

/** nerdctl _NERDCTL_INTERNAL_LOGGING: reads a container's streams into its log until they end. */
export const logging: Program = function* (sys) {
  const env = new Map(sys.environ().map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)]))
  const ns = env.get('CONTAINER_NAMESPACE') ?? 'default'
  const id = env.get('CONTAINER_ID') ?? ''
  const log = jsonLog(ns, id)
  const done = new WaitQueue()
  let open = 2
  for (const stream of ['stdout', 'stderr'] as const)
    sys.thread(function* (t) {
      const fd = yield* t.open(`${fifoDir(id)}/${stream}`, O_RDONLY)
      while (!isErr(fd)) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        yield* log.write(t, stream, part)
      }
      yield* log.write(t, stream, undefined)
      open--
      done.wake()
    })
  yield* sys.futex(done, () => open === 0)
  yield* noteEnd(sys, ns, id)
  return 0
}
/** Starts the logger of a container; it becomes init's. */
export function* startLogger(sys: Sys, ns: string, id: string): Run<void> {
  const pid = yield* sys.fork(function* (child) {
    const grand = yield* child.fork(function* (own) {
      yield* own.setsid()
      const nothing = yield* own.open('/dev/null', 2)
      if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* own.dup2(nothing, fd)
      for (let fd = 3; fd < 64; fd++) yield* own.close(fd)
      const failed = yield* own.execve(
        '/usr/local/bin/nerdctl',
        ['/usr/local/bin/nerdctl', '_NERDCTL_INTERNAL_LOGGING', DATA],
        [...own.environ().filter((e) => e.startsWith('PATH=')), `CONTAINER_ID=${id}`, `CONTAINER_NAMESPACE=${ns}`],
      )
      return failed.number
    })
    return isErr(grand) ? 1 : 0
  })
  if (!isErr(pid)) yield* sys.wait(pid)
}

/** QMP, by which the shim tells QEMU what to do: a JSON line each way on a UNIX socket (qemu docs/interop/qmp-spec.rst). */
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { decode, LineReader, unbinary, write } from '../../userland/lib/io.ts'

export interface QmpCommand {
  readonly execute: string
  readonly arguments?: Readonly<Record<string, unknown>>
}
export type QmpAnswer =
  | { readonly return: unknown }
  | { readonly error: { readonly class: string; readonly desc: string } }

/** Sends one command; undefined where QEMU doesn't answer. */
export function* qmp(sys: Sys, path: string, command: QmpCommand, to: string): Run<QmpAnswer | undefined> {
  const fd = yield* sys.socket('unix', 'stream')
  if (isErr(fd)) return undefined
  let answer: QmpAnswer | undefined
  if (!(yield* sys.connect(fd, { family: 'unix', path }))) {
    sys.traceMark('api', to, `QMP ${command.execute}`, JSON.stringify(command))
    const lines = new LineReader(sys, fd)
    // The greeting comes first, and capabilities must be agreed on.
    yield* lines.next()
    yield* write(sys, fd, `${JSON.stringify({ execute: 'qmp_capabilities' })}\n${JSON.stringify(command)}\n`)
    yield* lines.next()
    const line = yield* lines.next()
    if (typeof line === 'string') answer = JSON.parse(decode(unbinary(line))) as QmpAnswer
  }
  yield* sys.close(fd)
  return answer
}
/** QEMU's end: serves commands at a path; never returns. */
export function* serveQmp(
  sys: Sys,
  path: string,
  version: readonly [number, number, number],
  act: (t: Sys, c: QmpCommand) => Run<QmpAnswer>,
): Run<void> {
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return
  yield* sys.unlink(path)
  yield* sys.bind(socket, { family: 'unix', path })
  yield* sys.listen(socket)
  const [major, minor, micro] = version
  const greeting = {
    QMP: { version: { qemu: { micro, minor, major }, package: 'kata-static' }, capabilities: ['oob'] },
  }
  const serve = function* (t: Sys, fd: Fd): Run<void> {
    yield* write(t, fd, `${JSON.stringify(greeting)}\n`)
    const lines = new LineReader(t, fd)
    for (;;) {
      const line = yield* lines.next()
      if (typeof line !== 'string') break
      let answer: QmpAnswer
      try {
        const command = JSON.parse(decode(unbinary(line))) as QmpCommand
        answer = command.execute === 'qmp_capabilities' ? { return: {} } : yield* act(t, command)
      } catch (e) {
        if (!(e instanceof SyntaxError)) throw e
        answer = { error: { class: 'GenericError', desc: 'JSON parse error, invalid keyword' } }
      }
      yield* write(t, fd, `${JSON.stringify(answer)}\n`)
    }
    yield* t.close(fd)
  }
  for (;;) {
    const fd = yield* sys.accept(socket)
    if (!isErr(fd)) sys.thread((t) => serve(t, fd))
  }
}

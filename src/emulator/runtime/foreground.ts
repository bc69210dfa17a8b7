/** A container, or a process in one, that a person at a terminal waits for. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Pid, Run, Sys } from '../kernel/linux/abi.ts'
import { readText } from '../userland/lib/io.ts'
import { codeOf, end, Failure, openGate, remove } from './command.ts'
import { openConsole } from './console.ts'
import { create } from './create.ts'
import { makeDirs } from './files.ts'
import { load, type Options } from './state.ts'

/**
 * Starts something with `work`, whose terminal, where it has one, becomes the caller's own. Answers its number, and what waits for its end;
 * a message where it couldn't be started.
 */
export function* inForeground(
  sys: Sys,
  o: Options,
  terminal: boolean,
  name: string,
  noTerminal: string,
  work: (o: Options) => Run<Pid | string>,
): Run<{ readonly pid: Pid; readonly wait: () => Run<ExitCode> } | string> {
  if (!terminal) {
    const pid = yield* work(o)
    return typeof pid === 'string' ? pid : { pid, wait: () => codeOf(sys, pid) }
  }
  yield* makeDirs(sys, o.root, 0o711)
  const console = yield* openConsole(sys, `${o.root}/${name}.console`)
  if (!console) return noTerminal
  const pid = yield* work({ ...o, consoleSocket: console.path })
  if (typeof pid === 'string') return pid
  return {
    pid,
    *wait() {
      yield* console.copy()
      return yield* codeOf(sys, pid)
    },
  }
}

/** create and start in one; in the foreground, waits and deletes as well. */
export function* runContainer(
  sys: Sys,
  o: Options,
  id: string,
  c: { readonly terminal: boolean; readonly detached: boolean; readonly keep: boolean },
): Run<ExitCode | string> {
  const started = yield* inForeground(
    sys,
    o,
    c.terminal && !c.detached,
    id,
    'open /dev/tty: no such device or address',
    function* (own) {
      const failed = yield* create(sys, id, own)
      if (failed !== undefined) return failed
      return (yield* load(sys, own, id))?.init_process_pid ?? 'container does not exist'
    },
  )
  if (typeof started === 'string') return started
  const s = yield* load(sys, o, id)
  if (!s) throw new Failure(o.flavour.words.unknown(id, o.root))
  const refused = yield* openGate(sys, o, s)
  if (refused !== undefined) {
    yield* end(sys, o, s)
    yield* remove(sys, o, s)
    return refused
  }
  if (c.detached) return 0
  const code = yield* started.wait()
  const late = c.keep ? undefined : yield* remove(sys, o, s)
  // The program has run: a hook that fails now is told, and changes nothing.
  if (late !== undefined) yield* o.tell?.(late) ?? nothing()
  return code
}
/** Whether a bundle's process wants a terminal. */
export function* wantsTerminal(sys: Sys, o: Options): Run<boolean> {
  const text = yield* readText(sys, `${o.bundle}/config.json`)
  return !isErr(text) && /"terminal":\s*true/.test(text)
}
function* nothing(): Run<void> {}

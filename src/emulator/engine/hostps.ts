/** ps(1) of the host for the processes of a container: what docker top and nerdctl top show. */
import { text as decode } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { readAll } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'
import { waitFor } from '../userland/lib/run.ts'

const PS = '/usr/bin/ps'
export interface PsTable {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly string[])[]
}
/** A line's words, as many as there are titles: the last takes what remains. */
const wordsOf = (line: string, most: number): string[] => {
  const words = line.split(/\s+/).filter(Boolean)
  return words.length > most ? [...words.slice(0, most - 1), words.slice(most - 1).join(' ')] : words
}
/** What ps prints with some arguments, or its complaint. */
function* psOutput(sys: Sys, args: readonly string[]): Run<string | { readonly error: string }> {
  const out = yield* sys.pipe()
  const err = yield* sys.pipe()
  if (isErr(out) || isErr(err)) return { error: 'pipe2: too many open files' }
  const pid = yield* sys.fork(function* (own) {
    yield* own.dup2(out[1], 1)
    yield* own.dup2(err[1], 2)
    for (const fd of [...out, ...err]) yield* own.close(fd)
    const failed = yield* own.execve(PS, ['ps', ...args], own.environ())
    return failed ? 127 : 0
  })
  for (const fd of [out[1], err[1]]) yield* sys.close(fd)
  const printed = yield* readAll(sys, out[0])
  const complaint = yield* readAll(sys, err[0])
  for (const fd of [out[0], err[0]]) yield* sys.close(fd)
  if (isErr(pid)) return { error: `fork/exec ${PS}: ${pid.text.toLowerCase()}` }
  const end = yield* waitFor(sys, pid)
  if (end.code === 0) return isErr(printed) ? '' : decode(printed)
  const first = isErr(complaint)
    ? undefined
    : decode(complaint)
        .split('\n')
        .find((l) => l !== '')
  return { error: `ps: ${first ?? 'exit status 1'}` }
}
/** The rows of ps with these arguments that are about a process or those below it; what is wrong where ps refuses, or shows no PID. */
export function* psTable(sys: Sys, args: readonly string[], pid: number): Run<PsTable | { readonly error: string }> {
  const output = yield* psOutput(sys, args)
  if (typeof output !== 'string') return output
  const [head = '', ...lines] = output.split('\n')
  const titles = wordsOf(head, Infinity)
  const at = titles.indexOf('PID')
  if (at < 0) return { error: "couldn't find PID field in ps output" }
  const all = yield* processes(sys)
  const found = new Set<number>([pid])
  for (let grown = true; grown; ) {
    grown = false
    for (const r of all)
      if (found.has(r.ppid) && !found.has(r.pid)) {
        found.add(r.pid)
        grown = true
      }
  }
  return { titles, rows: lines.map((l) => wordsOf(l, titles.length)).filter((r) => found.has(Number(r[at]))) }
}

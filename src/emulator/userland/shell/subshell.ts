/** What runs in processes of its own: pipelines, ( ), & and $( ). POSIX XCU 2.9.2, 2.9.3, 2.12. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run } from '../../kernel/linux/abi.ts'
import { readAll, warn } from '../lib/io.ts'
import type { Node, Redirect } from './ast.ts'
import { ShellError } from './errors.ts'
import type { Shell } from './interp.ts'
import { controls, describe, fork, forkFailed, jobNumber, waitFor } from './jobs.ts'
import { redirect } from './redirect.ts'
import { MEMORY_LIMIT } from './state.ts'
import { fromBytes } from './text.ts'

export function* runPipe(sh: Shell, node: Extract<Node, { kind: 'pipe' }>): Run<ExitCode> {
  if (node.nodes.length === 1) {
    sh.s.tested++
    let status: ExitCode
    try {
      status = yield* sh.exec(node.nodes[0] as Node)
    } finally {
      sh.s.tested--
    }
    return node.negate ? (status === 0 ? 1 : 0) : status
  }
  const status = yield* waitFor(sh, yield* startPipe(sh, node, false), describe(node))
  return node.negate ? (status === 0 ? 1 : 0) : status
}
/** Forks a process for each command of a pipeline; their ids. */
function* startPipe(sh: Shell, node: Extract<Node, { kind: 'pipe' }>, background: boolean): Run<readonly number[]> {
  const pids: number[] = []
  let input: Fd | undefined
  for (let i = 0; i < node.nodes.length; i++) {
    const part = node.nodes[i] as Node
    let ends: readonly [Fd, Fd] | undefined
    if (i < node.nodes.length - 1) {
      const made = yield* sh.sys.pipe()
      if (isErr(made)) throw new ShellError(`can't create pipe: ${sh.s.reason(made)}`)
      ends = made
    }
    const from = input
    const child = yield* fork(sh, (own) => runPart(own, part, from, ends, background), {
      ...(pids[0] !== undefined ? { group: pids[0] } : {}),
      background,
      listsJobs: isJobs(part),
    })
    if (input !== undefined) yield* sh.sys.close(input)
    if (ends) yield* sh.sys.close(ends[1])
    input = ends?.[0]
    if (isErr(child)) {
      if (input !== undefined) yield* sh.sys.close(input)
      return forkFailed(child)
    }
    pids.push(child)
  }
  return pids
}
/** `jobs | ...`: its process keeps the list, as it would have nothing to tell. */
const isJobs = (node: Node): boolean => {
  const part = node.kind === 'simple' && node.words[0]?.length === 1 ? node.words[0][0] : undefined
  return part?.kind === 'text' && part.text === 'jobs'
}
/** One command of a pipeline, in its own process, between the pipe it reads and the one it writes. */
function* runPart(
  sh: Shell,
  part: Node,
  from: Fd | undefined,
  ends: readonly [Fd, Fd] | undefined,
  background: boolean,
): Run<ExitCode> {
  if (from !== undefined) {
    yield* sh.sys.dup2(from, 0)
    yield* sh.sys.close(from)
  }
  if (ends) {
    yield* sh.sys.close(ends[0])
    yield* sh.sys.dup2(ends[1], 1)
    yield* sh.sys.close(ends[1])
  }
  if (background) sh.s.tested = 0
  return yield* sh.exec(part, true)
}
export function* runSubshell(sh: Shell, body: Node, redirects: readonly Redirect[]): Run<ExitCode> {
  const child = yield* fork(sh, (own) => runInside(own, body, redirects), { listsJobs: isJobs(body) })
  if (isErr(child)) return forkFailed(child)
  return yield* waitFor(sh, [child], describe(body))
}
function* runInside(sh: Shell, body: Node, redirects: readonly Redirect[]): Run<ExitCode> {
  const failed = yield* redirect(sh, redirects)
  return failed ?? (yield* sh.exec(body, true))
}
export function* runAsync(sh: Shell, node: Node): Run<ExitCode> {
  const body = function* (sh: Shell): Run<ExitCode> {
    sh.s.tested = 0
    return yield* sh.exec(node, true)
  }
  let pids: readonly number[]
  if (node.kind === 'pipe' && node.nodes.length > 1 && !node.negate) pids = yield* startPipe(sh, node, true)
  else {
    const child = yield* fork(sh, body, { background: true, listsJobs: isJobs(node) })
    if (isErr(child)) return forkFailed(child)
    pids = [child]
  }
  const last = pids.at(-1) as number
  sh.s.lastBackground = last
  const number = jobNumber(sh)
  sh.s.jobs.push({
    number,
    pgid: pids[0] as number,
    pids: [...pids],
    text: describe(node),
    own: controls(sh.s),
    running: new Set(pids),
    status: 0,
    state: 'running',
  })
  if (sh.s.interactive) yield* warn(sh.sys, `[${number}] ${last}\n`)
  return 0
}

/** $( ): a subshell whose output is the value. NUL bytes are dropped, as no variable can hold one. */
export function* substitute(sh: Shell, list: Node | undefined): Run<string> {
  if (!list) {
    sh.s.substituted = 0
    return ''
  }
  const ends = yield* sh.sys.pipe()
  if (isErr(ends)) throw new ShellError(`can't create pipe: ${sh.s.reason(ends)}`)
  const [read, to] = ends
  const { traps } = sh.s
  const child = yield* fork(
    sh,
    function* (sh) {
      sh.s.options.delete('m')
      // As in bash, -e isn't in force inside.
      sh.s.options.delete('e')
      sh.s.tested = 0
      // $(trap) is how a script asks for its own traps.
      if (list.kind === 'simple' && list.words.length === 1) sh.s.shownTraps = traps
      yield* sh.sys.close(read)
      yield* sh.sys.dup2(to, 1)
      yield* sh.sys.close(to)
      return yield* sh.exec(list, true)
    },
    { listsJobs: isJobs(list) },
  )
  yield* sh.sys.close(to)
  if (isErr(child)) {
    yield* sh.sys.close(read)
    return forkFailed(child)
  }
  const bytes = yield* readAll(sh.sys, read, MEMORY_LIMIT)
  yield* sh.sys.close(read)
  sh.s.substituted = yield* waitFor(sh, [child], '')
  if (isErr(bytes)) return ''
  if (bytes.length >= MEMORY_LIMIT) throw new ShellError('out of memory')
  return fromBytes(bytes.includes(0) ? bytes.filter((b) => b !== 0) : bytes)
}

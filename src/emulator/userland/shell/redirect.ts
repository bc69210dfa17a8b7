/** Redirections, POSIX XCU 2.7. They happen in the shell's own process, so that what a here-document sets stays set. */
import { ENOENT, ENOTDIR, isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run } from '../../kernel/linux/abi.ts'
import { isReg, O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import type { Redirect } from './ast.ts'
import { Leave, ShellError } from './errors.ts'
import type { Shell } from './interp.ts'
import { toBytes, toWord } from './text.ts'

/** A descriptor and its copy; none where it was closed. */
type Saved = [Fd, Fd | undefined]

/**
 * Runs with redirections in force, and puts the descriptors back. A failure is status 1, or gives up the script for a special builtin.
 * `keep`: asked after success whether the redirections stay (exec).
 */
export function* redirected(
  sh: Shell,
  redirects: readonly Redirect[],
  body: () => Run<ExitCode>,
  special = false,
  keep = false,
): Run<ExitCode> {
  if (redirects.length === 0) return yield* body()
  const saved: Saved[] = []
  let kept = false
  try {
    const failed = yield* redirect(sh, redirects, saved)
    if (failed !== undefined) {
      sh.s.status = failed
      if (special) throw new Leave('abort', failed)
      return failed
    }
    kept = keep
    return yield* body()
  } finally {
    for (const [fd, copy] of saved.reverse()) {
      if (kept) {
        if (copy !== undefined) yield* sh.sys.close(copy)
      } else if (copy === undefined) yield* sh.sys.close(fd)
      else {
        yield* sh.sys.dup2(copy, fd)
        yield* sh.sys.close(copy)
      }
    }
  }
}

/** Applies redirections; the status where one fails. `saved` collects what to put back. */
export function* redirect(sh: Shell, redirects: readonly Redirect[], saved?: Saved[]): Run<ExitCode | undefined> {
  for (const r of redirects) {
    const both = r.op === '&>'
    const fd = r.fd ?? (r.op.startsWith('<') ? 0 : 1)
    if (saved) {
      for (const n of both ? [1, 2] : [fd]) {
        const copy = yield* sh.sys.dupfd(n, 10, true)
        saved.push([n, isErr(copy) ? undefined : copy])
      }
    }
    const failed = yield* one(sh, r, fd, both)
    if (failed !== undefined) {
      yield* sh.error(failed)
      return sh.s.dialect?.redirectStatus ?? 1
    }
  }
  return undefined
}

function* one(sh: Shell, r: Redirect, fd: Fd, both: boolean): Run<string | undefined> {
  const { sys } = sh
  if (r.op === '<<') return yield* hereDocument(sh, toBytes(yield* sh.expander.single(r.word)), fd)
  const target = yield* sh.expander.single(r.word)
  let all = both
  if (r.op === '<&' || r.op === '>&') {
    if (target === '-') {
      yield* sys.close(fd)
      return undefined
    }
    if (/^\d+$/.test(target)) {
      const failed = Number(target) === fd ? undefined : yield* sys.dup2(Number(target), fd)
      return isErr(failed) ? `${target}: ${sh.s.reason(failed)}` : undefined
    }
    if (r.op === '<&' || r.fd !== undefined) throw new ShellError('syntax error: bad fd number')
    all = true
  }
  let flags: number
  switch (r.op) {
    case '<':
      flags = O_RDONLY
      break
    case '<>':
      flags = O_RDWR | O_CREAT
      break
    case '>>':
      flags = O_WRONLY | O_CREAT | O_APPEND
      break
    default:
      flags = O_WRONLY | O_CREAT | O_TRUNC
  }
  const path = toWord(target)
  if (r.op === '>' && sh.s.options.has('C')) {
    const stat = yield* sys.stat(path)
    if (!isErr(stat) && isReg(stat.mode)) return `can't create ${target}: File exists`
    if (isErr(stat)) flags |= O_EXCL
  }
  const opened = yield* sys.open(path, flags, 0o666)
  if (isErr(opened)) {
    if (r.op === '<') return `can't open ${target}: ${opened === ENOENT ? 'no such file' : sh.s.reason(opened)}`
    const parent = opened === ENOENT || (opened === ENOTDIR && !target.endsWith('/'))
    return `can't create ${target}: ${parent ? 'nonexistent directory' : sh.s.reason(opened)}`
  }
  yield* move(sh, opened, all ? 1 : fd)
  if (all) yield* sys.dup2(1, 2)
  return undefined
}
/** A pipe with the text in it; what doesn't fit is written by a process of its own. */
function* hereDocument(sh: Shell, body: Uint8Array, fd: Fd): Run<string | undefined> {
  const { sys } = sh
  const ends = yield* sys.pipe()
  if (isErr(ends)) return `can't create pipe: ${sh.s.reason(ends)}`
  const [read, to] = ends
  if (body.length <= 4096) yield* sys.write(to, body)
  else
    yield* sys.fork(function* (child) {
      yield* child.close(read)
      for (let at = 0; at < body.length; at += 4096)
        if (isErr(yield* child.write(to, body.subarray(at, at + 4096)))) break
      return 0
    })
  yield* sys.close(to)
  yield* move(sh, read, fd)
  return undefined
}
function* move(sh: Shell, from: Fd, to: Fd): Run<void> {
  if (from === to) return
  yield* sh.sys.dup2(from, to)
  yield* sh.sys.close(from)
}

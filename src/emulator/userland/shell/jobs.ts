/** Processes and jobs of the shell: POSIX XCU 2.12 and 2.11, with ash's words. */
import { ECHILD, EINTR, type Errno, isErr } from '../../base/errno.ts'
import type { ExitCode, Run, Sys, WaitStatus } from '../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, signalText } from '../../kernel/linux/signals.ts'
import { warn } from '../lib/io.ts'
import type { Node, Word } from './ast.ts'
import { ShellError } from './errors.ts'
import { runShell, Shell } from './interp.ts'
import type { Job, ShellState } from './state.ts'

export const exitOf = (r: WaitStatus): ExitCode => (r.signal !== undefined ? 128 + r.signal : (r.code ?? 0))
/** Whether children get process groups and the terminal of their own. */
export const controls = (s: ShellState): boolean => s.options.has('m') && !s.subshell

/** Forks a subshell that runs `body` to its end. */
export function* fork(
  sh: Shell,
  body: (child: Shell) => Run<ExitCode>,
  job: { readonly group?: number; readonly background?: boolean; readonly listsJobs?: boolean } = {},
): Run<number | Errno> {
  const parent = sh.s
  const own = controls(parent)
  const child = yield* sh.sys.fork((sys) => begin(sys, parent, body, job, own))
  if (own && !isErr(child)) {
    yield* sh.sys.setpgid(child, job.group ?? child)
    if (!job.background) yield* sh.sys.ioctl(2, 'TIOCSPGRP', job.group ?? child)
  }
  return child
}
/** The child's side of a fork. */
function* begin(
  sys: Sys,
  parent: ShellState,
  body: (child: Shell) => Run<ExitCode>,
  job: { readonly group?: number; readonly background?: boolean; readonly listsJobs?: boolean },
  own: boolean,
): Run<ExitCode> {
  const state = parent.copy(sys)
  if (own) {
    yield* sys.setpgid(0, job.group ?? 0)
    if (!job.background) yield* sys.ioctl(2, 'TIOCSPGRP', yield* sys.getpgid(0))
    for (const signal of [SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU]) yield* sys.sigaction(signal, 'default')
  } else {
    for (const signal of parent.traps.keys())
      if (signal > 0 && parent.traps.get(signal) !== '') yield* sys.sigaction(signal, 'default')
    if (!parent.subshell && !parent.locked.has(SIGQUIT) && parent.traps.get(SIGQUIT) !== '')
      yield* sys.sigaction(SIGQUIT, 'default')
    if (job.background) {
      // Without job control a background command doesn't hear the keyboard.
      for (const signal of [SIGINT, SIGQUIT]) {
        yield* sys.sigaction(signal, 'ignore')
        state.handled.add(signal)
        state.locked.add(signal)
      }
      const fd = job.group === undefined ? yield* sys.open('/dev/null', O_RDONLY) : 0
      if (!isErr(fd) && fd !== 0) {
        yield* sys.dup2(fd, 0)
        yield* sys.close(fd)
      }
    }
  }
  state.interactive = false
  if (job.listsJobs && !parent.dialect?.posix) state.jobs = parent.jobs.map((j) => ({ ...j }))
  return yield* runShell(new Shell(state), body)
}

/** Waits for a foreground job; its status is that of the last process. */
export function* waitFor(sh: Shell, pids: readonly number[], text: string): Run<ExitCode> {
  let status = 0
  let failed = 0
  const own = controls(sh.s)
  for (let i = 0; i < pids.length; i++) {
    const pid = pids[i] as number
    let result: WaitStatus | undefined | Errno
    do result = yield* sh.sys.wait(pid, { untraced: own })
    while (result === EINTR)
    if (isErr(result) || !result) {
      status = result === ECHILD ? 127 : 130
      continue
    }
    if (result.stopped !== undefined) {
      yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
      const number = jobNumber(sh)
      sh.s.jobs.push({
        number,
        pgid: pids[0] as number,
        pids: [...pids],
        text,
        own,
        running: new Set(pids.slice(i)),
        status: 0,
        state: 'stopped',
      })
      yield* warn(sh.sys, `\n[${number}]+  Stopped                    ${text}\n`)
      return 128 + result.stopped
    }
    status = exitOf(result)
    if (status !== 0) failed = status
    yield* tellSignal(sh, result)
    if (result.signal === SIGINT && i === pids.length - 1 && sh.s.interactive) yield* warn(sh.sys, '\n')
  }
  if (own) yield* sh.sys.ioctl(2, 'TIOCSPGRP', yield* sh.sys.getpgid(0))
  return sh.s.pipefail ? failed : status
}
/** Says by which signal a process ended that the shell waited for; nothing of ^C and of pipes that nobody reads. */
export function* tellSignal(sh: Shell, { signal }: WaitStatus): Run<void> {
  if (signal !== undefined && signal !== SIGINT && signal !== SIGPIPE)
    yield* warn(sh.sys, `${signalText[signal] ?? 'Unknown signal'}\n`)
}
/** A process couldn't be made. */
export function forkFailed(error: Errno): never {
  throw new ShellError(`can't fork: ${error.text}`, 2)
}
/** A number for a new job; jobs that are done and were waited for give up theirs, where no job control lists them. */
export function jobNumber(sh: Shell): number {
  if (!controls(sh.s)) sh.s.jobs = sh.s.jobs.filter((j) => j.state !== 'done' || !j.waited)
  let n = 1
  while (sh.s.jobs.some((j) => j.number === n)) n++
  return n
}
/** Takes notice of background jobs that ended. */
export function* reap(sh: Shell): Run<void> {
  for (;;) {
    const result = yield* sh.sys.wait(-1, { noHang: true, untraced: sh.s.interactive })
    if (isErr(result) || !result) return
    noteChild(sh, result)
  }
}
/** Enters what wait(2) told into the table of jobs. */
export function noteChild(sh: Shell, result: WaitStatus): void {
  const job = sh.s.jobs.find((j) => j.pids.includes(result.pid))
  if (!job) return
  if (result.stopped !== undefined) {
    job.state = 'stopped'
    return
  }
  job.running.delete(result.pid)
  if (result.pid === job.pids.at(-1)) job.status = exitOf(result)
  if (job.running.size === 0) job.state = 'done'
}

/** The job of `%1`, `%+`, `%text` or a process id, POSIX XBD 3.204; undefined where there is none. */
export function jobOf(sh: Shell, spec: string | undefined): Job | undefined {
  const { jobs } = sh.s
  if (spec === undefined || spec === '%' || spec === '%%' || spec === '%+') return jobs.at(-1)
  if (spec === '%-') return jobs.at(-2) ?? jobs.at(-1)
  const n = /^%(\d+)$/.exec(spec)?.[1]
  if (n) return jobs.find((j) => j.number === Number(n))
  if (spec.startsWith('%')) return jobs.find((j) => j.text.startsWith(spec.slice(1)))
  return jobs.find((j) => j.pids.at(-1) === Number(spec))
}
/** A job's line as `jobs` prints it. */
export function jobLine(sh: Shell, job: Job, pids = false): string {
  const mark = job === sh.s.jobs.at(-1) ? '+' : job === sh.s.jobs.at(-2) ? '-' : ' '
  const state =
    job.state === 'running'
      ? 'Running'
      : job.state === 'stopped'
        ? 'Stopped'
        : job.status === 0
          ? 'Done'
          : job.status > 128
            ? (signalText[job.status - 128] ?? 'Signal')
            : `Done(${job.status})`
  const text = sh.s.interactive ? job.text : ''
  const first = `[${job.number}]${sh.s.dialect?.posix ? ` ${mark}` : `${mark} `} ${pids ? `${job.pids[0]} ` : ''}${state}`
  const margin = ' '.repeat(`[${job.number}]   `.length)
  const others = pids ? job.pids.slice(1).map((pid) => `\n${`${margin}${pid} `.padEnd(33)}| `) : []
  return `${first.padEnd(32)} ${text}${others.join('')}\n`
}
/** Before a prompt: what ended since. */
export function* announceJobs(sh: Shell): Run<void> {
  yield* reap(sh)
  for (const job of sh.s.jobs.filter((j) => j.state === 'done')) {
    yield* warn(sh.sys, jobLine(sh, job))
    sh.s.jobs = sh.s.jobs.filter((j) => j !== job)
  }
}

/** A command as jobs(1) shows it. */
export function describe(node: Node): string {
  const word = (w: Word): string =>
    w
      .map((p) =>
        p.kind === 'text' ? p.text : p.kind === 'param' ? `\${${p.name}}` : p.kind === 'arith' ? '$((...))' : '$(...)',
      )
      .join('')
  switch (node.kind) {
    case 'simple':
      return [...node.assigns.map((a) => `${a.name}=${word(a.value)}`), ...node.words.map(word)].join(' ')
    case 'pipe':
      return node.nodes.map(describe).join(' | ')
    case 'and':
      return `${describe(node.left)} && ${describe(node.right)}`
    case 'or':
      return `${describe(node.left)} || ${describe(node.right)}`
    case 'list':
      return node.nodes.map(describe).join('; ')
    case 'subshell':
      return `(${describe(node.body)})`
    case 'group':
      return `{ ${describe(node.body)}; }`
    case 'async':
      return `${describe(node.node)} &`
    default:
      return `${node.kind} ...`
  }
}

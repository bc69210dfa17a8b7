/** strace(1): prints a program's system calls as they come and go. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Pid, Program, Run, Sys, TraceStop } from '../../kernel/linux/abi.ts'
import { O_APPEND, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { signalNames } from '../../kernel/linux/signals.ts'
import { encode, fail, warn, writeAll } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'
import { getopt } from './getopt.ts'
import { argumentsOf, classes, resultOf } from './stracetext.ts'

const spec = {
  name: 'strace',
  short: '+cCfFe:o:p:s:tTrqvyxXihVwzZnkS:E:',
  long: {
    'follow-forks': 'f',
    'output=': 'o',
    'attach=': 'p',
    'trace=': 'e',
    'summary-only': 'c',
    'string-limit=': 's',
    help: 'h',
    version: 'V',
  },
}
const hint = "Try 'strace -h' for more information.\n"

export const strace: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  const odd = ['C', 'r', 'y', 'i', 'k', 'S', 'E', 'h', 'w', 'x', 'X', 'n', 'V'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: strace -${odd}`)
  const pids = o.all('p').flatMap((p) => p.split(/[\s,]+/))
  if (o.rest.length === 0 && pids.length === 0) {
    yield* warn(sys, `strace: must have PROG [ARGS] or -p PID\n${hint}`)
    return 1
  }
  // Which calls: names, classes (%file), negations, all.
  let picked: ((call: string) => boolean) | undefined
  let signals = true
  for (const e of o.all('e')) {
    const [key, value] = e.includes('=') ? [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)] : ['trace', e]
    if (key === 'signal' || key === 'signals') {
      signals = value !== 'none'
      continue
    }
    if (key !== 'trace' && key !== 't') return yield* fail(sys, `zukan: not emulated: strace -e ${e}`)
    const not = value.startsWith('!')
    const names = new Set<string>()
    for (const word of value.replace(/^!/, '').split(',')) {
      const list = Object.hasOwn(classes, word.replace(/^%/, '')) ? classes[word.replace(/^%/, '')] : undefined
      if (word === 'all' || word === 'none') {
        picked = () => (word === 'all') !== not
        continue
      }
      if (!list && (word.startsWith('%') || !/^[a-z_0-9?]+$/.test(word) || !knownCall(word))) {
        yield* warn(sys, `strace: invalid system call '${word}'\n`)
        return 1
      }
      for (const n of list ?? [word]) names.add(n)
    }
    if (names.size > 0) picked = (call) => names.has(call) !== not
  }
  let out: Fd = 2
  const file = o.value('o')
  if (file !== undefined) {
    const fd = yield* sys.open(
      file,
      O_WRONLY | O_CREAT | O_CLOEXEC | (file.startsWith('|') ? O_APPEND : O_TRUNC),
      0o666,
    )
    if (isErr(fd)) return yield* fail(sys, `strace: Can't fopen '${file}': ${fd.text}`)
    out = fd
  }
  const follow = o.has('f') || o.has('F')
  let tracee: Pid | undefined
  let session: Fd
  if (pids.length > 0) {
    if (pids.length > 1) return yield* fail(sys, 'zukan: not emulated: strace -p of several processes')
    const fd = yield* sys.ptrace(Number(pids[0]), follow)
    if (isErr(fd)) return yield* fail(sys, `strace: attach: ptrace(PTRACE_SEIZE, ${pids[0]}): ${fd.text}`)
    yield* warn(sys, `strace: Process ${pids[0]} attached\n`)
    session = fd
  } else {
    const path = yield* locate(sys, o.rest[0] as string)
    if (path === undefined) return yield* fail(sys, `strace: Can't stat '${o.rest[0]}': No such file or directory`)
    const gate = yield* sys.pipe()
    if (isErr(gate)) return yield* fail(sys, `strace: pipe: ${gate.text}`)
    const [read, write] = gate
    for (const end of gate) yield* sys.setCloexec(end, true)
    const pid = yield* sys.fork(function* (child): Run<ExitCode> {
      yield* child.read(read, 1)
      const failed = yield* child.execve(path, o.rest, child.environ())
      yield* warn(child, `strace: exec: ${failed.text}\n`)
      return 1
    })
    if (isErr(pid)) return yield* fail(sys, `strace: fork: ${pid.text}`)
    tracee = pid
    const fd = yield* sys.ptrace(pid, follow)
    if (isErr(fd)) return yield* fail(sys, `strace: ptrace(PTRACE_SEIZE, ${pid}): ${fd.text}`)
    yield* sys.write(write, Uint8Array.of(0))
    session = fd
  }
  const printer = new Printer(sys, out, {
    limit: Number(o.value('s') ?? 32),
    times: o.all('t').length,
    spent: o.has('T'),
    summary: o.has('c'),
    picked: (call) => picked?.(call) ?? true,
    signals,
    only: o.has('Z') ? 'failed' : o.has('z') ? 'done' : undefined,
    always: out !== 2 && follow,
  })
  let code: ExitCode = 0
  let started = tracee === undefined
  for (;;) {
    const stop = yield* sys.ptraceNext(session)
    if (stop === undefined || isErr(stop)) break
    // What happens before the program is there isn't the program's.
    if (stop.kind === 'enter' && stop.call === 'execve') started = true
    if (!started) continue
    yield* printer.tell(stop)
    if (stop.kind === 'exited' && stop.pid === tracee) code = stop.code ?? 128 + (stop.signal ?? 0)
  }
  if (tracee !== undefined) yield* sys.wait(tracee, { noHang: true })
  yield* printer.end()
  return code
}

/** Whether a name could be one of Linux's: those of the emulated kernel and those it doesn't have. */
const knownCall = (name: string): boolean =>
  Object.values(classes).some((list) => list.includes(name)) ||
  /^(clone3?|v?fork|exec|wait|exit|kill|rt_|sched_|clock_|mmap|mprotect|munmap|brk|futex|get|set|u?name|uname|sys|prctl|capset|capget|seccomp|p?read|p?write|lseek|dup|fcntl|pipe|poll|p?select|ioctl|unshare|ptrace|umask|syslog|reboot|arch_prctl|keyctl|bpf)/.test(
    name,
  )

/** The program's path; undefined where there is none. */
function* locate(sys: Sys, name: string): Run<string | undefined> {
  if (name.includes('/')) return isErr(yield* sys.stat(name)) ? undefined : name
  const path =
    sys
      .environ()
      .find((e) => e.startsWith('PATH='))
      ?.slice(5) ?? '/bin:/usr/bin'
  for (const d of path.split(':')) if (!isErr(yield* sys.stat(`${d}/${name}`))) return `${d}/${name}`
  return undefined
}

interface Settings {
  readonly limit: number
  /** -t, -tt, -ttt. */
  readonly times: number
  readonly spent: boolean
  readonly summary: boolean
  readonly picked: (call: string) => boolean
  readonly signals: boolean
  readonly only: 'failed' | 'done' | undefined
  /** The process is named on each line, also while there is only one. */
  readonly always: boolean
}
type Enter = Extract<TraceStop, { kind: 'enter' }>
type Leave = Extract<TraceStop, { kind: 'leave' }>

/** Writes lines, or counts for the summary. A call that another process's line interrupts is told in two parts. */
class Printer {
  readonly #sys: Sys
  readonly #out: Fd
  readonly #s: Settings
  readonly #entered = new Map<Pid, Enter>()
  /** Whose line is begun and not ended, and how wide it is. */
  #open: { readonly pid: Pid; width: number } | undefined
  readonly #unfinished = new Set<Pid>()
  readonly #ended = new Set<Pid>()
  #many = false
  readonly #counts = new Map<string, { calls: number; errors: number; time: number }>()
  constructor(sys: Sys, out: Fd, settings: Settings) {
    this.#sys = sys
    this.#out = out
    this.#s = settings
  }
  *#write(text: string): Run<void> {
    yield* writeAll(this.#sys, this.#out, encode(text))
  }
  *#prefix(pid: Pid): Run<string> {
    const who = this.#s.always ? `${String(pid).padEnd(5)} ` : this.#many ? `[pid ${String(pid).padStart(5)}] ` : ''
    if (this.#s.times === 0) return who
    const now = yield* this.#sys.clock('realtime')
    if (this.#s.times > 2) return `${who}${(now / 1e9).toFixed(6)} `
    return `${who}${strftime('%H:%M:%S', now)}${this.#s.times > 1 ? `.${String(Math.floor((now % 1e9) / 1000)).padStart(6, '0')}` : ''} `
  }
  /** A begun line of another process is broken off. */
  *#interrupt(): Run<void> {
    if (!this.#open) return
    this.#unfinished.add(this.#open.pid)
    this.#open = undefined
    yield* this.#write(' <unfinished ...>\n')
  }
  *tell(stop: TraceStop): Run<void> {
    const s = this.#s
    switch (stop.kind) {
      case 'enter':
        this.#entered.set(stop.pid, stop)
        if (s.summary || s.only || !s.picked(stop.call)) return
        yield* this.#begin(stop)
        return
      case 'leave': {
        const entered = this.#entered.delete(stop.pid)
        // A call that was entered before the tracer came isn't told of.
        if (!entered && stop.call !== 'execve') return
        this.#count(stop)
        if (s.summary || !s.picked(stop.call)) return
        if (s.only && isErr(stop.result) !== (s.only === 'failed')) return
        yield* this.#finish(stop, entered)
        return
      }
      case 'fork':
        this.#many = true
        if (s.summary) return
        yield* this.#interrupt()
        if (this.#out === 2) yield* this.#write(`strace: Process ${stop.child} attached\n`)
        return
      case 'signal':
        if (s.summary || !s.signals) return
        yield* this.#interrupt()
        yield* this.#write(
          `${yield* this.#prefix(stop.pid)}--- SIG${signalNames[stop.signal]} {si_signo=SIG${signalNames[stop.signal]}, ${stop.from > 0 ? `si_code=SI_USER, si_pid=${stop.from}, si_uid=${stop.uid}` : stop.signal === 17 ? 'si_code=CLD_EXITED' : 'si_code=SI_KERNEL'}} ---\n`,
        )
        return
      case 'exited': {
        const e = this.#entered.get(stop.pid)
        this.#entered.delete(stop.pid)
        if (s.summary) return
        if (this.#open?.pid === stop.pid) {
          yield* this.#write(`${pad(this.#open.width)}= ?\n`)
          this.#open = undefined
        } else {
          yield* this.#interrupt()
          if (e && this.#unfinished.delete(stop.pid))
            yield* this.#write(`${yield* this.#prefix(stop.pid)}<... ${e.call} resumed>) = ?\n`)
          // Returning from main() is exit_group(2).
          else if (!e && stop.code !== undefined && s.picked('exit_group') && !s.only)
            yield* this.#write(`${yield* this.#prefix(stop.pid)}${`exit_group(${stop.code})`.padEnd(39)} = ?\n`)
        }
        this.#ended.add(stop.pid)
        yield* this.#write(
          `${yield* this.#prefix(stop.pid)}+++ ${stop.code !== undefined ? `exited with ${stop.code}` : `killed by SIG${signalNames[stop.signal ?? 0]}`} +++\n`,
        )
        return
      }
    }
  }
  *#begin(stop: Enter): Run<void> {
    yield* this.#interrupt()
    const text = `${stop.call}(${argumentsOf(stop.method, stop.args, undefined, this.#s.limit).before}`
    yield* this.#write((yield* this.#prefix(stop.pid)) + text)
    this.#open = { pid: stop.pid, width: text.length }
  }
  *#finish(stop: Leave, entered: boolean): Run<void> {
    const { before, after } = argumentsOf(stop.method, stop.args, stop.result, this.#s.limit)
    const spent = this.#s.spent ? ` <${(stop.time / 1e9).toFixed(6)}>` : ''
    const value = `= ${resultOf(stop.method, stop.result)}${spent}\n`
    if (this.#open?.pid === stop.pid) {
      const width = this.#open.width + after.length + 1
      yield* this.#write(`${after})${pad(width)}${value}`)
      this.#open = undefined
      return
    }
    yield* this.#interrupt()
    const prefix = yield* this.#prefix(stop.pid)
    if (entered && this.#unfinished.delete(stop.pid)) {
      const text = `<... ${stop.call} resumed>${after})`
      yield* this.#write(`${prefix}${text}${pad(text.length)}${value}`)
    } else {
      const text = `${stop.call}(${before}${after})`
      yield* this.#write(`${prefix}${text}${pad(text.length)}${value}`)
    }
  }
  #count(stop: Leave): void {
    const c = this.#counts.get(stop.call) ?? { calls: 0, errors: 0, time: 0 }
    c.calls++
    if (isErr(stop.result)) c.errors++
    // Time in the kernel, not time asleep.
    c.time += 1
    this.#counts.set(stop.call, c)
  }
  /** The summary of -c. */
  *end(): Run<void> {
    if (!this.#s.summary) return
    const rows = [...this.#counts]
      .filter(([call]) => this.#s.picked(call))
      .sort((a, b) => b[1].calls - a[1].calls || (a[0] < b[0] ? -1 : 1))
    const total = rows.reduce((n, [, c]) => n + c.calls, 0)
    const errors = rows.reduce((n, [, c]) => n + c.errors, 0)
    const rule = '------ ----------- ----------- --------- --------- ----------------\n'
    const line = (share: number, calls: number, bad: number, name: string, average: string): string =>
      `${share.toFixed(2).padStart(6)} ${((calls * CALL) / 1e9).toFixed(6).padStart(11)} ${average.padStart(11)} ${String(calls).padStart(9)} ${(bad ? String(bad) : '').padStart(9)} ${name}\n`
    yield* this.#write(
      `% time     seconds  usecs/call     calls    errors syscall\n${rule}${rows.map(([name, c]) => line((c.calls / Math.max(1, total)) * 100, c.calls, c.errors, name, String(Math.floor(CALL / 1000)))).join('')}${rule}${line(total ? 100 : 0, total, errors, 'total', String(Math.floor(CALL / 1000)))}`,
    )
  }
}
/** What a call takes in this kernel, in nanoseconds. */
const CALL = 400
/** Results stand in the 40th column, where the call leaves room. */
const pad = (width: number): string => ' '.repeat(Math.max(1, 40 - width))

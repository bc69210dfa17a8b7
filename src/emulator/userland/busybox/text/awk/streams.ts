/** What an awk program reads and writes: records of files and commands, and files and commands for print. */
import { EINTR, type Errno, isErr } from '../../../../base/errno.ts'
import type { Fd, Pid, Run, Sys } from '../../../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../../../../kernel/linux/fs/flags.ts'
import { toWord } from '../../../lib/argument.ts'
import { binary } from '../../../lib/io.ts'
import { Output } from '../../../lib/output.ts'
import type { Regex } from '../../../lib/regex.ts'

/** How records end: by a character, by blank lines, or by an expression. */
export type Separator = string | Regex

/** Records of one descriptor. */
export class Records {
  readonly #sys: Sys
  readonly fd: Fd
  readonly pid: Pid | undefined
  #buffer = ''
  #ended = false
  constructor(sys: Sys, fd: Fd, pid?: Pid) {
    this.#sys = sys
    this.fd = fd
    this.pid = pid
  }
  *#more(): Run<Errno | undefined> {
    const part = yield* this.#sys.read(this.fd, 65536)
    if (part === EINTR) return undefined
    if (isErr(part)) return part
    if (part.length === 0) this.#ended = true
    else this.#buffer += binary(part)
    return undefined
  }
  #cut(end: number, next: number): string {
    const record = this.#buffer.slice(0, end)
    this.#buffer = this.#buffer.slice(next)
    return record
  }
  /** The next record; undefined at the end, or the error. */
  *next(separator: Separator): Run<string | undefined | Errno> {
    for (;;) {
      const found = this.#find(separator)
      if (found) return this.#cut(...found)
      if (this.#ended) {
        if (this.#buffer === '') return undefined
        const record = this.#buffer
        this.#buffer = ''
        return separator === '' ? record.replace(/\n+$/, '') : record
      }
      const failed = yield* this.#more()
      if (failed) return failed
    }
  }
  /** Where the first whole record ends and the next begins. */
  #find(separator: Separator): readonly [number, number] | undefined {
    if (separator === '') {
      const lead = /^\n+/.exec(this.#buffer)
      if (lead) this.#buffer = this.#buffer.slice(lead[0].length)
      const m = /\n\n+/.exec(this.#buffer)
      return m && (this.#ended || m.index + m[0].length < this.#buffer.length)
        ? [m.index, m.index + m[0].length]
        : undefined
    }
    if (typeof separator === 'string') {
      const at = this.#buffer.indexOf(separator)
      return at < 0 ? undefined : [at, at + 1]
    }
    for (let at = 0; ; ) {
      const m = separator.exec(this.#buffer, at)
      if (!m) return undefined
      const [start = 0, end = 0] = m
      // What matches up to the end of what was read may go on.
      if (end === this.#buffer.length && !this.#ended) return undefined
      if (end > start) return [start, end]
      at = end + 1
    }
  }
}
interface Sink {
  readonly out: Output
  readonly pid: Pid | undefined
}

/** All that is open, by the name that the program uses. */
export class Streams {
  readonly #sys: Sys
  readonly stdout: Output
  readonly #sources = new Map<string, Records>()
  readonly #sinks = new Map<string, Sink>()
  constructor(sys: Sys) {
    this.#sys = sys
    this.stdout = new Output(sys)
  }
  /** Runs a command by the shell with one end of a pipe as its standard input or output. */
  *#command(command: string, child: 0 | 1): Run<readonly [Fd, Pid] | Errno> {
    yield* this.flush()
    const ends = yield* this.#sys.pipe()
    if (isErr(ends)) return ends
    const [mine, theirs] = child === 1 ? ends : [ends[1], ends[0]]
    yield* this.#sys.setCloexec(mine, true)
    const pid = yield* this.#sys.fork(function* (sys) {
      yield* sys.dup2(theirs, child)
      if (theirs !== child) yield* sys.close(theirs)
      yield* sys.execve('/bin/sh', ['sh', '-c', toWord(command)], sys.environ())
      return 127
    })
    yield* this.#sys.close(theirs)
    return isErr(pid) ? pid : [mine, pid]
  }
  /** What `getline < name` or `name | getline` reads from. */
  *source(name: string, command: boolean): Run<Records | Errno> {
    const known = this.#sources.get(name)
    if (known) return known
    let records: Records
    if (command) {
      const made = yield* this.#command(name, 1)
      if (isErr(made)) return made
      records = new Records(this.#sys, made[0], made[1])
    } else {
      const fd = name === '-' || name === '/dev/stdin' ? 0 : yield* this.#sys.open(toWord(name), O_RDONLY)
      if (isErr(fd)) return fd
      records = new Records(this.#sys, fd)
    }
    this.#sources.set(name, records)
    return records
  }
  /** What print writes to. */
  *sink(name: string, how: '>' | '>>' | '|'): Run<Output | Errno> {
    const known = this.#sinks.get(name)
    if (known) return known.out
    if (how !== '|' && name === '/dev/stdout') return this.stdout
    let sink: Sink
    if (how === '|') {
      const made = yield* this.#command(name, 0)
      if (isErr(made)) return made
      sink = { out: new Output(this.#sys, made[0]), pid: made[1] }
    } else if (name === '/dev/stderr') sink = { out: new Output(this.#sys, 2), pid: undefined }
    else {
      const fd = yield* this.#sys.open(toWord(name), O_WRONLY | O_CREAT | (how === '>' ? O_TRUNC : O_APPEND), 0o666)
      if (isErr(fd)) return fd
      sink = { out: new Output(this.#sys, fd), pid: undefined }
    }
    this.#sinks.set(name, sink)
    return sink.out
  }
  *flush(): Run<void> {
    yield* this.stdout.flush()
    for (const { out } of this.#sinks.values()) yield* out.flush()
  }
  /** close(): the status as wait(2) has it, -1 where nothing of that name is open. */
  *close(name: string): Run<number> {
    const sink = this.#sinks.get(name)
    const source = this.#sources.get(name)
    if (!sink && !source) return -1
    this.#sinks.delete(name)
    this.#sources.delete(name)
    let status = 0
    for (const [fd, pid] of [
      [sink?.out.fd, sink?.pid],
      [source?.fd, source?.pid],
    ] as const) {
      if (fd === undefined) continue
      if (sink && fd === sink.out.fd) yield* sink.out.flush()
      if (fd > 2) yield* this.#sys.close(fd)
      if (pid === undefined) continue
      const r = yield* this.#sys.wait(pid)
      status = isErr(r) || !r ? -1 : (r.signal ?? 0) + ((r.code ?? 0) << 8)
    }
    return status
  }
  *closeAll(): Run<void> {
    yield* this.flush()
    for (const name of new Set([...this.#sinks.keys(), ...this.#sources.keys()])) yield* this.close(name)
  }
}

/** A client of containerd, as ctr and nerdctl are: calls in a namespace, and the fifos of a task's streams. */
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY, O_RDWR, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { SIGWINCH } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { CONTAINERD_SOCKET } from '../containerd.ts'
import { releaseReaders } from '../dockerd/start.ts'
import { callRpc, type Reply } from '../rpc.ts'
import type { Stdio } from '../shim.ts'

/** What containerd refused, in its words. */
export class ContainerdError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

export class Containerd {
  readonly sys: Sys
  readonly ns: string
  readonly address: string
  constructor(sys: Sys, ns: string, address = CONTAINERD_SOCKET) {
    this.sys = sys
    this.ns = ns
    this.address = address
  }
  /** One call; what is refused is answered as it is. */
  try<T = unknown>(method: string, params: object = {}, sys = this.sys): Run<Reply<T>> {
    return callRpc<T>(sys, this.address, 'containerd', method, { ns: this.ns, ...params })
  }
  /** One call; what is refused is thrown. */
  *call<T = unknown>(method: string, params: object = {}, sys = this.sys): Run<T> {
    const r = yield* this.try<T>(method, params, sys)
    if (!r.ok) throw new ContainerdError(r.error)
    return r.result
  }
  /** Whether containerd is there; its words where it isn't. */
  *ping(): Run<void> {
    if (!isErr(yield* this.sys.stat(this.address))) return
    throw new ContainerdError(
      `failed to dial "${this.address}": context deadline exceeded: connection error: desc = "transport: error while dialing: dial unix ${this.address}: connect: no such file or directory"`,
    )
  }
}

/** The streams of a task at this process's own descriptors: fifos, and threads that copy. */
export class Streams {
  readonly sys: Sys
  readonly stdio: Stdio
  readonly #done = new WaitQueue()
  #reading = 0
  #input: Fd | undefined
  #state: unknown
  readonly #also: ((t: Sys, stream: 'stdout' | 'stderr', bytes: Uint8Array) => Run<void>) | undefined
  /** `also` gets what the task prints, beside this process's descriptors. */
  constructor(
    sys: Sys,
    dir: string,
    name: string,
    o: { readonly tty: boolean; readonly input: boolean },
    also?: (t: Sys, stream: 'stdout' | 'stderr', bytes: Uint8Array) => Run<void>,
  ) {
    this.sys = sys
    this.#also = also
    const at = (what: string): string => `${dir}/${name}-${what}`
    this.stdio = {
      stdin: o.input ? at('stdin') : '',
      stdout: at('stdout'),
      stderr: o.tty ? '' : at('stderr'),
      terminal: o.tty,
    }
  }
  get #paths(): readonly string[] {
    return [this.stdio.stdin, this.stdio.stdout, this.stdio.stderr].filter(Boolean)
  }
  /** Makes the fifos and begins to copy. */
  *open(): Run<void> {
    const { sys, stdio } = this
    yield* makeDirs(sys, stdio.stdout.slice(0, stdio.stdout.lastIndexOf('/')), 0o700)
    for (const path of this.#paths) {
      yield* sys.unlink(path)
      yield* sys.mknod(path, S_IFIFO | 0o700)
    }
    // Held open: the other end must not wait for a writer.
    const to = stdio.stdin ? yield* sys.open(stdio.stdin, O_RDWR) : undefined
    this.#input = to === undefined || isErr(to) ? undefined : to
    this.#take(stdio.stdout, 1)
    if (stdio.stderr) this.#take(stdio.stderr, 2)
  }
  /** Begins to hand standard input over: once the process is there. */
  feed(): void {
    const to = this.#input
    if (to === undefined) return
    this.sys.thread(function* (t) {
      for (;;) {
        const part = yield* t.read(0, 65536)
        if (isErr(part) || part.length === 0 || (yield* writeAll(t, to, part))) break
      }
      yield* t.close(to)
    })
  }
  #take(path: string, to: Fd): void {
    this.#reading++
    const ended = (): void => {
      this.#reading--
      this.#done.wake()
    }
    const also = this.#also
    this.sys.thread(function* (t) {
      const from = yield* t.open(path, O_RDONLY)
      while (!isErr(from)) {
        const part = yield* t.read(from, 65536)
        if (isErr(part) || part.length === 0 || (yield* writeAll(t, to, part))) break
        if (also) yield* also(t, to === 1 ? 'stdout' : 'stderr', part)
      }
      if (!isErr(from)) yield* t.close(from)
      ended()
    })
  }
  /** Sets the terminal raw; its size goes to `resize`, now and whenever it changes. */
  *raw(resize: (rows: number, columns: number) => Run<void>): Run<void> {
    const { sys } = this
    this.#state = yield* sys.ioctl(0, 'TCGETS')
    if (isErr(this.#state)) return
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
    const tell = function* (): Run<void> {
      const s = yield* sys.ioctl<{ rows: number; columns: number }>(0, 'TIOCGWINSZ')
      if (!isErr(s)) yield* resize(s.rows, s.columns)
    }
    yield* tell()
    yield* sys.sigaction(SIGWINCH, () => tell())
  }
  /** Waits until all is copied; the fifos go, and the terminal is as it was. */
  *close(): Run<void> {
    const { sys } = this
    yield* releaseReaders(sys, [this.stdio.stdout, this.stdio.stderr])
    yield* sys.futex(this.#done, () => this.#reading === 0)
    for (const path of this.#paths) yield* sys.unlink(path)
    if (this.#state !== undefined && !isErr(this.#state)) yield* sys.ioctl(0, 'TCSETS', this.#state)
  }
}

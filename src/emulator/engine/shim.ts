/**
 * containerd-shim-runc-v2: the parent of a container's processes. It runs runc, holds standard input and output and the terminal,
 * and knows how its processes ended; containerd and dockerd may come and go meanwhile. containerd docs/runtime-v2.md.
 */
import { EINTR, isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { SIGTERM } from '../kernel/linux/signals.ts'
import { WaitQueue } from '../kernel/linux/wait.ts'
import { readText, writeAll } from '../userland/lib/io.ts'
import { done, type Methods, type Reply, serveRpc } from './rpc.ts'

/** Where a task's shim listens. */
export const shimSocket = (id: string, ns = 'moby'): string => `/run/containerd/s/${`${ns}-${id}`.slice(0, 37)}`

/** Which runtime a shim is to run, and how: containerd's options of io.containerd.runc.v2. */
export interface RuncOptions {
  readonly BinaryName: string
  readonly Root: string
  readonly SystemdCgroup: boolean
}
export interface Stdio {
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
  readonly terminal: boolean
}
/** A container's process: its first one, or a further one. */
export interface Target {
  readonly id: string
  readonly execId?: string
}
export interface Task {
  pid: number
  started: boolean
  paused: boolean
  stdio: Stdio
  status: number | undefined
  master: number | undefined
  /** Copies that still have to reach the fifos before the task counts as ended. */
  copying: number
  readonly changed: WaitQueue
}

/** What methods that come later work with. */
export interface Shim {
  readonly tasks: ReadonlyMap<string, Task>
  runc(thread: Sys, p: Target, args: readonly string[]): Run<string | undefined>
  put(t: Sys, file: string, document: unknown): Run<void>
  keyOf(p: Target): string
  bundleOf(p: Target): string
}
export const later: { methods?: (shim: Shim) => Methods } = {}

/** The two ends of a pipe for a process's stream; undefined where nobody wants that stream. */
type Ends = readonly [number, number] | undefined
/** A child that becomes the runtime. It gets pipes, not the fifos, whose names would mean nothing in the container; go-runc io.go NewPipeIO. */
function* become(child: Sys, program: string, argv: readonly string[], ends: readonly Ends[]): Run<number> {
  const nowhere = yield* child.open('/dev/null', O_RDWR)
  const streams = ends.map((pipe, to) => (pipe ? pipe[to === 0 ? 0 : 1] : nowhere))
  // A shim has no standard streams: pipes may have taken those numbers.
  for (const [to, fd] of streams.entries()) if (!isErr(fd) && fd < 3) streams[to] = yield* child.dupfd(fd, 3, true)
  for (const [to, fd] of streams.entries()) if (!isErr(fd)) yield* child.dup2(fd, to)
  yield* child.closeRange(3)
  return (yield* child.execve(program, argv, child.environ())).number
}
function* copy(thread: Sys, from: number, path: string): Run<void> {
  const to = yield* thread.open(path, O_WRONLY)
  for (;;) {
    const part = yield* thread.read(from, 65536)
    if (isErr(part) || part.length === 0) break
    if (!isErr(to) && (yield* writeAll(thread, to, part))) break
  }
  if (!isErr(to)) yield* thread.close(to)
}

/** Copies what a process says to the fifo of who wants to hear it. */
function* drain(t: Sys, from: number, path: string, task: Task): Run<void> {
  yield* copy(t, from, path)
  yield* t.close(from)
  task.copying--
  task.changed.wake()
}
/** Hands what comes by a fifo on to a process, until nobody is left to write. */
function* feed(thread: Sys, path: string, to: number): Run<void> {
  const from = yield* thread.open(path, O_RDONLY)
  for (;;) {
    const part = isErr(from) ? from : yield* thread.read(from, 65536)
    if (isErr(part) || part.length === 0) break
    if (yield* writeAll(thread, to, part)) break
  }
  if (!isErr(from)) yield* thread.close(from)
  yield* thread.close(to)
}

/** How a service of tasks stands: which runtime it runs unless told otherwise, where bundles lie, and with which task it ends. */
export interface TaskPlace {
  readonly ns: string
  readonly runtime: RuncOptions
  bundleOf(p: Target): string
  /** What deletes its last task tells the caller by this. */
  deleted?(t: Sys, p: Target): Run<void>
}
/** The methods of a task service, over a runtime with runc's commands. */
export function taskMethods(place: TaskPlace): { readonly methods: Methods; others(t: Sys): Run<Methods> } {
  const service = new TaskService(place)
  return { methods: service as unknown as Methods, others: (t) => laterMethods(t, service) }
}
function* laterMethods(t: Sys, service: TaskService): Run<Methods> {
  if (!later.methods) yield* (yield* t.part('shim/more'))(t, [])
  return later.methods?.(service) ?? {}
}

/** The tasks of one shim, and what containerd asks of it, each a method by the service's own name. */
class TaskService implements Shim {
  readonly tasks = new Map<string, Task>()
  readonly #place: TaskPlace
  readonly #ended = new Map<number, number>()
  #runtime: RuncOptions

  constructor(place: TaskPlace) {
    this.#place = place
    this.#runtime = place.runtime
  }

  /** Runs the runtime's program; a message where it failed. */
  *runc(thread: Sys, p: Target, args: readonly string[], task?: Task): Run<string | undefined> {
    const runtime = this.#runtime
    const log = `${this.bundleOf(p)}/log.json`
    yield* thread.unlink(log)
    const io = task && !task.stdio.terminal ? task.stdio : undefined
    const ends: Ends[] = []
    for (const path of [io?.stdin, io?.stdout, io?.stderr]) {
      const pipe = path ? yield* thread.pipe() : undefined
      if (isErr(pipe)) return pipe.text
      ends.push(pipe)
    }
    const argv = [
      runtime.BinaryName.slice(runtime.BinaryName.lastIndexOf('/') + 1),
      '--root',
      `${runtime.Root}/${this.#place.ns}`,
      '--log',
      log,
      '--log-format',
      'json',
      ...(runtime.SystemdCgroup ? ['--systemd-cgroup'] : []),
      ...args,
    ]
    const pid = yield* thread.fork((child) => become(child, runtime.BinaryName, argv, ends))
    for (const [to, pipe] of ends.entries()) if (pipe) yield* thread.close(pipe[to === 0 ? 0 : 1])
    const code = isErr(pid) ? 1 : yield* this.#until(thread, pid)
    if (code === 0) {
      if (task) this.#connect(thread, ends, task)
      return undefined
    }
    // What the runtime itself has said is in its log.
    for (const [to, pipe] of ends.entries()) if (pipe) yield* thread.close(pipe[to === 0 ? 1 : 0])
    if (isErr(pid)) return pid.text
    const text = yield* readText(thread, log)
    if (isErr(text)) return `runc did not terminate successfully: exit status ${code}`
    try {
      return (JSON.parse(text.trim().split('\n').at(-1) ?? '{}') as { msg?: string }).msg ?? text
    } catch {
      return text
    }
  }
  /** The status of a child; all children are collected here, whoever asks. */
  *#until(thread: Sys, pid: number): Run<number> {
    for (;;) {
      const known = this.#ended.get(pid)
      if (known !== undefined) return known
      const r = yield* thread.wait(pid)
      if (r === EINTR) continue
      if (isErr(r) || !r) {
        // Another thread took it: its status is there by now.
        const taken = this.#ended.get(pid)
        if (taken !== undefined) return taken
        yield* thread.nanosleep(1_000_000)
        if (!this.#ended.has(pid)) return 255
        continue
      }
      this.#ended.set(r.pid, r.signal !== undefined ? 128 + r.signal : (r.code ?? 0))
    }
  }
  /** Copies between a process's pipes and the fifos of who asked for it. */
  #connect(thread: Sys, [input, out, err]: readonly Ends[], task: Task): void {
    const { stdin, stdout, stderr } = task.stdio
    if (input) thread.thread((t) => feed(t, stdin, input[1]))
    if (out) {
      task.copying++
      thread.thread((t) => drain(t, out[0], stdout, task))
    }
    if (err) {
      task.copying++
      thread.thread((t) => drain(t, err[0], stderr, task))
    }
  }
  /** Receives a terminal's master from runc and copies between it and the fifos. */
  private *takeConsole(
    thread: Sys,
    bundle: string,
    key: string,
    task: Task,
  ): Run<{ readonly path: string; readonly socket: number }> {
    const path = `${bundle}/console-${key || 'init'}.sock`
    const socket = yield* thread.socket('unix', 'stream')
    if (isErr(socket)) return { path, socket: -1 }
    yield* thread.unlink(path)
    yield* thread.bind(socket, { family: 'unix', path })
    yield* thread.listen(socket)
    task.copying++
    thread.thread(function* (t) {
      const c = yield* t.accept(socket)
      const master = isErr(c) ? c : yield* t.recvfd(c)
      if (!isErr(c)) yield* t.close(c)
      if (!isErr(master)) {
        task.master = master
        t.thread(function* (input) {
          const from = yield* input.open(task.stdio.stdin || '/dev/null', O_RDONLY)
          for (;;) {
            const part = isErr(from) ? from : yield* input.read(from, 65536)
            if (isErr(part) || part.length === 0) break
            if (yield* writeAll(input, master, part)) break
          }
        })
        yield* copy(t, master, task.stdio.stdout)
        yield* t.close(master)
        task.master = undefined
      }
      task.copying--
      task.changed.wake()
    })
    return { path, socket }
  }
  private newTask(stdio: Stdio): Task {
    return {
      pid: 0,
      started: false,
      paused: false,
      stdio,
      status: undefined,
      master: undefined,
      copying: 0,
      changed: new WaitQueue(),
    }
  }
  private *watch(t: Sys, task: Task): Run<void> {
    const status = yield* this.#until(t, task.pid)
    yield* t.futex(task.changed, () => task.copying === 0)
    task.status = status
    task.changed.wake()
  }

  bundleOf(p: Target): string {
    return this.#place.bundleOf(p)
  }
  keyOf(p: Target): string {
    return `${p.id}/${p.execId ?? ''}`
  }
  /** Writes a document that runc is to read. */
  *put(t: Sys, file: string, document: unknown): Run<void> {
    const fd = yield* t.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if (isErr(fd)) return
    yield* writeAll(t, fd, new TextEncoder().encode(JSON.stringify(document)))
    yield* t.close(fd)
  }

  *'Task.Create'(t: Sys, p: Target & { stdio: Stdio; options?: RuncOptions }): Run<Reply<unknown>> {
    this.#runtime = p.options ?? this.#runtime
    const task = this.newTask(p.stdio)
    const own = this.bundleOf(p)
    const console = p.stdio.terminal ? yield* this.takeConsole(t, own, '', task) : undefined
    const failed = yield* this.runc(
      t,
      p,
      [
        'create',
        '--bundle',
        own,
        '--pid-file',
        `${own}/init.pid`,
        ...(console ? ['--console-socket', console.path] : []),
        p.id,
      ],
      task,
    )
    if (failed !== undefined) return { ok: false, error: `OCI runtime create failed: ${failed}: unknown` }
    const pid = yield* readText(t, `${own}/init.pid`)
    task.pid = isErr(pid) ? 0 : Number(pid)
    this.tasks.set(this.keyOf(p), task)
    t.thread((w) => this.watch(w, task))
    return { ok: true, result: { pid: task.pid } }
  }
  *'Task.Start'(t: Sys, p: Target): Run<Reply<unknown>> {
    const failed = yield* this.runc(t, p, ['start', p.id])
    const task = this.tasks.get(this.keyOf(p))
    if (task) task.started = true
    return failed === undefined ? done : { ok: false, error: `OCI runtime start failed: ${failed}: unknown` }
  }
  *'Task.Exec'(t: Sys, p: Target & { process: unknown; stdio: Stdio }): Run<Reply<unknown>> {
    const task = this.newTask(p.stdio)
    const own = this.bundleOf(p)
    const file = `${own}/exec-${p.execId}.json`
    yield* this.put(t, file, p.process)
    const console = p.stdio.terminal ? yield* this.takeConsole(t, own, p.execId ?? '', task) : undefined
    const failed = yield* this.runc(
      t,
      p,
      [
        'exec',
        '--process',
        file,
        '--detach',
        '--pid-file',
        `${file}.pid`,
        ...(console ? ['--console-socket', console.path] : []),
        p.id,
      ],
      task,
    )
    yield* t.unlink(file)
    if (failed !== undefined) return { ok: false, error: `OCI runtime exec failed: ${failed}: unknown` }
    const pid = yield* readText(t, `${file}.pid`)
    yield* t.unlink(`${file}.pid`)
    task.pid = isErr(pid) ? 0 : Number(pid)
    task.started = true
    this.tasks.set(this.keyOf(p), task)
    t.thread((w) => this.watch(w, task))
    return { ok: true, result: { pid: task.pid } }
  }
  *'Task.Wait'(t: Sys, p: Target): Run<Reply<unknown>> {
    const task = this.tasks.get(this.keyOf(p))
    if (!task) return { ok: false, error: 'process does not exist: not found' }
    // The watcher's thread ends when the process has ended and its output is copied.
    yield* t.futex(task.changed, () => task.status !== undefined)
    return { ok: true, result: { status: task.status } }
  }
  *'Task.Kill'(t: Sys, p: Target & { signal: number }): Run<Reply<unknown>> {
    const task = this.tasks.get(this.keyOf(p))
    const failed = task && task.status === undefined ? yield* t.kill(task.pid, p.signal) : 'gone'
    return failed ? { ok: false, error: 'process already finished: not found' } : done
  }
  *'Task.ResizePty'(t: Sys, p: Target & { height: number; width: number }): Run<Reply<unknown>> {
    const master = this.tasks.get(this.keyOf(p))?.master
    if (master !== undefined) yield* t.ioctl(master, 'TIOCSWINSZ', { rows: p.height, columns: p.width })
    return done
  }
  *'Task.Delete'(t: Sys, p: Target): Run<Reply<unknown>> {
    yield* this.runc(t, p, ['delete', '--force', p.id])
    for (const key of this.tasks.keys()) if (key.startsWith(`${p.id}/`)) this.tasks.delete(key)
    yield* this.#place.deleted?.(t, p) ?? nothing()
    return done
  }
}
function* nothing(): Run<void> {}

export const shim: Program = function* (sys, argv) {
  // Its own part; the program's pages are shared by all of them.
  yield* sys.brk(3 * 1024 ** 2)
  const option = (name: string): string => argv[argv.indexOf(name) + 1] ?? ''
  const id = option('-id')
  const bundle = option('-bundle')
  const ns = option('-namespace')
  const socket = shimSocket(id, ns)
  // containerd-shim-runsc-v1 is the same service over another program.
  const own = /shim-(\w+)-/.exec(argv[0] ?? '')?.[1] ?? 'runc'
  yield* sys.setsid()
  yield* sys.prctl('set_child_subreaper', 1)
  // Caught, not ignored: what is ignored would stay so in the container.
  yield* sys.sigaction(SIGTERM, nothing)
  const { methods, others } = taskMethods({
    ns,
    runtime: { BinaryName: `/usr/bin/${own}`, Root: `/run/containerd/${own}`, SystemdCgroup: false },
    // A pod's containers share a shim: their bundles lie side by side.
    bundleOf: (p) => `${bundle.slice(0, -id.length)}${p.id}`,
    deleted: (t, p) => (p.id === id ? leave(t, socket) : nothing()),
  })
  return yield* serveRpc(sys, socket, methods, others)
}
/** A shim's last task is gone: it ends. */
function* leave(t: Sys, socket: string): Run<void> {
  // At once: a container that is started again gets a new shim, which will listen by this name.
  yield* t.unlink(socket)
  t.thread(endSoon)
}
function* endSoon(last: Sys): Run<void> {
  yield* last.nanosleep(1_000_000)
  yield* last.kill(yield* last.getpid(), 9)
}

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
  const { ns, bundleOf } = place
  let { runtime } = place
  const tasks = new Map<string, Task>()
  const ended = new Map<number, number>()
  const runc = function* (thread: Sys, p: Target, args: readonly string[], task?: Task): Run<string | undefined> {
    const log = `${bundleOf(p)}/log.json`
    yield* thread.unlink(log)
    // The runtime gets pipes, not the fifos, whose names would mean nothing in the container; go-runc io.go NewPipeIO.
    const io = task && !task.stdio.terminal ? task.stdio : undefined
    const ends: (readonly [number, number] | undefined)[] = []
    for (const path of [io?.stdin, io?.stdout, io?.stderr]) {
      const pipe = path ? yield* thread.pipe() : undefined
      if (isErr(pipe)) return pipe.text
      ends.push(pipe)
    }
    const pid = yield* thread.fork(function* (child) {
      const nowhere = yield* child.open('/dev/null', O_RDWR)
      const streams = ends.map((pipe, to) => (pipe ? pipe[to === 0 ? 0 : 1] : nowhere))
      // A shim has no standard streams: pipes may have taken those numbers.
      for (const [to, fd] of streams.entries()) {
        const moved = !isErr(fd) && fd < 3 ? yield* child.dupfd(fd, 3, true) : fd
        streams[to] = moved
      }
      for (const [to, fd] of streams.entries()) if (!isErr(fd)) yield* child.dup2(fd, to)
      yield* child.closeRange(3)
      const failed = yield* child.execve(
        runtime.BinaryName,
        [
          runtime.BinaryName.slice(runtime.BinaryName.lastIndexOf('/') + 1),
          '--root',
          `${runtime.Root}/${ns}`,
          '--log',
          log,
          '--log-format',
          'json',
          ...(runtime.SystemdCgroup ? ['--systemd-cgroup'] : []),
          ...args,
        ],
        child.environ(),
      )
      return failed.number
    })
    for (const [to, pipe] of ends.entries()) if (pipe) yield* thread.close(pipe[to === 0 ? 0 : 1])
    const code = isErr(pid) ? 1 : yield* until(thread, pid)
    if (code === 0) {
      connect(thread, ends, task)
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
  function* until(thread: Sys, pid: number): Run<number> {
    for (;;) {
      const known = ended.get(pid)
      if (known !== undefined) return known
      const r = yield* thread.wait(pid)
      if (r === EINTR) continue
      if (isErr(r) || !r) {
        // Another thread took it: its status is there by now.
        const taken = ended.get(pid)
        if (taken !== undefined) return taken
        yield* thread.nanosleep(1_000_000)
        if (!ended.has(pid)) return 255
        continue
      }
      ended.set(r.pid, r.signal !== undefined ? 128 + r.signal : (r.code ?? 0))
    }
  }
  const copy = function* (thread: Sys, from: number, path: string): Run<void> {
    const to = yield* thread.open(path, O_WRONLY)
    for (;;) {
      const part = yield* thread.read(from, 65536)
      if (isErr(part) || part.length === 0) break
      if (!isErr(to) && (yield* writeAll(thread, to, part))) break
    }
    if (!isErr(to)) yield* thread.close(to)
  }
  /** Copies between a process's pipes and the fifos of who asked for it. */
  const connect = (thread: Sys, ends: readonly (readonly [number, number] | undefined)[], task?: Task): void => {
    if (!task) return
    const { stdin, stdout, stderr } = task.stdio
    const [input, ...outputs] = ends
    if (input) thread.thread((t) => feed(t, stdin, input[1]))
    for (const [n, pipe] of outputs.entries()) {
      if (!pipe) continue
      task.copying++
      thread.thread(function* (t) {
        yield* copy(t, pipe[0], n === 0 ? stdout : stderr)
        yield* t.close(pipe[0])
        task.copying--
        task.changed.wake()
      })
    }
  }
  /** Hands what comes by a fifo on to a process, until nobody is left to write. */
  const feed = function* (thread: Sys, path: string, to: number): Run<void> {
    const from = yield* thread.open(path, O_RDONLY)
    for (;;) {
      const part = isErr(from) ? from : yield* thread.read(from, 65536)
      if (isErr(part) || part.length === 0) break
      if (yield* writeAll(thread, to, part)) break
    }
    if (!isErr(from)) yield* thread.close(from)
    yield* thread.close(to)
  }
  /** Receives a terminal's master from runc and copies between it and the fifos. */
  const takeConsole = function* (
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
  const newTask = (stdio: Stdio): Task => ({
    pid: 0,
    started: false,
    paused: false,
    stdio,
    status: undefined,
    master: undefined,
    copying: 0,
    changed: new WaitQueue(),
  })
  const watch = (thread: Sys, task: Task): void =>
    thread.thread(function* (t) {
      const status = yield* until(t, task.pid)
      yield* t.futex(task.changed, () => task.copying === 0)
      task.status = status
      task.changed.wake()
    })

  const keyOf = (p: Target): string => `${p.id}/${p.execId ?? ''}`
  /** Writes a document that runc is to read. */
  const put = function* (t: Sys, file: string, document: unknown): Run<void> {
    const fd = yield* t.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if (isErr(fd)) return
    yield* writeAll(t, fd, new TextEncoder().encode(JSON.stringify(document)))
    yield* t.close(fd)
  }
  const methods: Methods = {
    *'Task.Create'(t, p: Target & { stdio: Stdio; options?: RuncOptions }): Run<Reply<unknown>> {
      runtime = p.options ?? runtime
      const task = newTask(p.stdio)
      const own = bundleOf(p)
      const console = p.stdio.terminal ? yield* takeConsole(t, own, '', task) : undefined
      const failed = yield* runc(
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
      tasks.set(keyOf(p), task)
      watch(t, task)
      return { ok: true, result: { pid: task.pid } }
    },
    *'Task.Start'(t, p: Target): Run<Reply<unknown>> {
      const failed = yield* runc(t, p, ['start', p.id])
      const task = tasks.get(keyOf(p))
      if (task) task.started = true
      return failed === undefined ? done : { ok: false, error: `OCI runtime start failed: ${failed}: unknown` }
    },
    *'Task.Exec'(t, p: Target & { process: unknown; stdio: Stdio }): Run<Reply<unknown>> {
      const task = newTask(p.stdio)
      const own = bundleOf(p)
      const file = `${own}/exec-${p.execId}.json`
      yield* put(t, file, p.process)
      const console = p.stdio.terminal ? yield* takeConsole(t, own, p.execId ?? '', task) : undefined
      const failed = yield* runc(
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
      tasks.set(keyOf(p), task)
      watch(t, task)
      return { ok: true, result: { pid: task.pid } }
    },
    *'Task.Wait'(t, p: Target): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      if (!task) return { ok: false, error: 'process does not exist: not found' }
      // The watcher's thread ends when the process has ended and its output is copied.
      yield* t.futex(task.changed, () => task.status !== undefined)
      return { ok: true, result: { status: task.status } }
    },
    *'Task.Kill'(t, p: Target & { signal: number }): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      const failed = task && task.status === undefined ? yield* t.kill(task.pid, p.signal) : 'gone'
      return failed ? { ok: false, error: 'process already finished: not found' } : done
    },
    *'Task.ResizePty'(t, p: Target & { height: number; width: number }): Run<Reply<unknown>> {
      const master = tasks.get(keyOf(p))?.master
      if (master !== undefined) yield* t.ioctl(master, 'TIOCSWINSZ', { rows: p.height, columns: p.width })
      return done
    },
    *'Task.Delete'(t, p: Target): Run<Reply<unknown>> {
      yield* runc(t, p, ['delete', '--force', p.id])
      for (const key of tasks.keys()) if (key.startsWith(`${p.id}/`)) tasks.delete(key)
      yield* place.deleted?.(t, p) ?? nothing()
      return done
    },
  }
  return {
    methods,
    *others(t) {
      if (!later.methods) yield* (yield* t.part('shim/more'))(t, [])
      return later.methods?.({ tasks, runc, put, keyOf, bundleOf }) ?? {}
    },
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
  yield* sys.sigaction(SIGTERM, function* () {})
  const { methods, others } = taskMethods({
    ns,
    runtime: { BinaryName: `/usr/bin/${own}`, Root: `/run/containerd/${own}`, SystemdCgroup: false },
    // A pod's containers share a shim: their bundles lie side by side.
    bundleOf: (p) => `${bundle.slice(0, -id.length)}${p.id}`,
    *deleted(t, p) {
      if (p.id !== id) return
      // At once: a container that is started again gets a new shim, which will listen by this name.
      yield* t.unlink(socket)
      t.thread(function* (last) {
        yield* last.nanosleep(1_000_000)
        yield* last.kill(yield* last.getpid(), 9)
      })
    },
  })
  return yield* serveRpc(sys, socket, methods, others)
}

/**
 * containerd-shim-runc-v2: the parent of a container's processes. It runs runc, holds standard input and output and the terminal,
 * and knows how its processes ended; containerd and dockerd may come and go meanwhile. containerd docs/runtime-v2.md.
 */
import { EINTR, isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { SIGTERM } from '../kernel/linux/signals.ts'
import { WaitQueue } from '../kernel/linux/wait.ts'
import { readText, writeAll } from '../userland/lib/io.ts'
import { done, type Methods, type Reply, serveRpc } from './rpc.ts'

export const shimSocket = (id: string): string => `/run/containerd/s/${id.slice(0, 32)}`

export interface Stdio {
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
  readonly terminal: boolean
}
interface Task {
  pid: number
  stdio: Stdio
  status: number | undefined
  master: number | undefined
  /** Copies that still have to reach the fifos before the task counts as ended. */
  copying: number
  readonly changed: WaitQueue
}

export const shim: Program = function* (sys, argv) {
  const option = (name: string): string => argv[argv.indexOf(name) + 1] ?? ''
  const id = option('-id')
  const bundle = option('-bundle')
  const root = `/run/docker/runtime-runc/${option('-namespace')}`
  yield* sys.setsid()
  yield* sys.prctl('set_child_subreaper', 1)
  const tasks = new Map<string, Task>()
  const ended = new Map<number, number>()
  // Caught, not ignored: what is ignored would stay so in the container.
  yield* sys.sigaction(SIGTERM, function* () {})

  const runc = function* (thread: Sys, args: readonly string[], io?: Stdio): Run<string | undefined> {
    const log = `${bundle}/log.json`
    yield* thread.unlink(log)
    const errors = yield* thread.pipe()
    if (isErr(errors)) return errors.text
    const pid = yield* thread.fork(function* (child) {
      const open = function* (path: string, flags: number, to: number): Run<void> {
        const fd = yield* child.open(path || '/dev/null', flags)
        if (isErr(fd)) return
        if (fd !== to) {
          yield* child.dup2(fd, to)
          yield* child.close(fd)
        }
      }
      yield* open(io && !io.terminal ? io.stdin : '', O_RDONLY, 0)
      yield* open(io && !io.terminal ? io.stdout : '', O_WRONLY, 1)
      yield* open(io && !io.terminal ? io.stderr : '', O_WRONLY, 2)
      yield* child.closeRange(3)
      const failed = yield* child.execve(
        '/usr/bin/runc',
        ['runc', '--root', root, '--log', log, '--log-format', 'json', ...args],
        child.environ(),
      )
      return failed.number
    })
    yield* thread.close(errors[0])
    yield* thread.close(errors[1])
    if (isErr(pid)) return pid.text
    const code = yield* until(thread, pid)
    if (code === 0) return undefined
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
  /** Receives a terminal's master from runc and copies between it and the fifos. */
  const takeConsole = function* (
    thread: Sys,
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

  const methods: Methods = {
    *'Task.Create'(t, p: { stdio: Stdio }): Run<Reply<unknown>> {
      const task = newTask(p.stdio)
      const console = p.stdio.terminal ? yield* takeConsole(t, '', task) : undefined
      const failed = yield* runc(
        t,
        [
          'create',
          '--bundle',
          bundle,
          '--pid-file',
          `${bundle}/init.pid`,
          ...(console ? ['--console-socket', console.path] : []),
          id,
        ],
        p.stdio,
      )
      if (failed !== undefined) return { ok: false, error: `OCI runtime create failed: ${failed}: unknown` }
      const pid = yield* readText(t, `${bundle}/init.pid`)
      task.pid = isErr(pid) ? 0 : Number(pid)
      tasks.set('', task)
      watch(t, task)
      return { ok: true, result: { pid: task.pid } }
    },
    *'Task.Start'(t): Run<Reply<unknown>> {
      const failed = yield* runc(t, ['start', id])
      return failed === undefined ? done : { ok: false, error: `OCI runtime start failed: ${failed}: unknown` }
    },
    *'Task.Exec'(t, p: { execId: string; process: unknown; stdio: Stdio }): Run<Reply<unknown>> {
      const task = newTask(p.stdio)
      const file = `${bundle}/exec-${p.execId}.json`
      const fd = yield* t.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      if (!isErr(fd)) {
        yield* writeAll(t, fd, new TextEncoder().encode(JSON.stringify(p.process)))
        yield* t.close(fd)
      }
      const console = p.stdio.terminal ? yield* takeConsole(t, p.execId, task) : undefined
      const failed = yield* runc(
        t,
        [
          'exec',
          '--process',
          file,
          '--detach',
          '--pid-file',
          `${file}.pid`,
          ...(console ? ['--console-socket', console.path] : []),
          id,
        ],
        p.stdio,
      )
      yield* t.unlink(file)
      if (failed !== undefined) return { ok: false, error: `OCI runtime exec failed: ${failed}: unknown` }
      const pid = yield* readText(t, `${file}.pid`)
      yield* t.unlink(`${file}.pid`)
      task.pid = isErr(pid) ? 0 : Number(pid)
      tasks.set(p.execId, task)
      watch(t, task)
      return { ok: true, result: { pid: task.pid } }
    },
    *'Task.Wait'(t, p: { execId?: string }): Run<Reply<unknown>> {
      const task = tasks.get(p.execId ?? '')
      if (!task) return { ok: false, error: 'process does not exist: not found' }
      // The watcher's thread ends when the process has ended and its output is copied.
      yield* t.futex(task.changed, () => task.status !== undefined)
      return { ok: true, result: { status: task.status } }
    },
    *'Task.Kill'(t, p: { signal: number; execId?: string }): Run<Reply<unknown>> {
      const task = tasks.get(p.execId ?? '')
      const failed = task && task.status === undefined ? yield* t.kill(task.pid, p.signal) : 'gone'
      return failed ? { ok: false, error: 'process already finished: not found' } : done
    },
    *'Task.Pause'(t): Run<Reply<unknown>> {
      const failed = yield* runc(t, ['pause', id])
      return failed === undefined ? done : { ok: false, error: failed }
    },
    *'Task.Update'(t, p: { resources: unknown }): Run<Reply<unknown>> {
      const file = `${bundle}/resources.json`
      const fd = yield* t.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      if (!isErr(fd)) {
        yield* writeAll(t, fd, new TextEncoder().encode(JSON.stringify(p.resources)))
        yield* t.close(fd)
      }
      const failed = yield* runc(t, ['update', '--resources', file, id])
      yield* t.unlink(file)
      return failed === undefined ? done : { ok: false, error: failed }
    },
    *'Task.Resume'(t): Run<Reply<unknown>> {
      const failed = yield* runc(t, ['resume', id])
      return failed === undefined ? done : { ok: false, error: failed }
    },
    *'Task.ResizePty'(t, p: { execId?: string; height: number; width: number }): Run<Reply<unknown>> {
      const master = tasks.get(p.execId ?? '')?.master
      if (master !== undefined) yield* t.ioctl(master, 'TIOCSWINSZ', { rows: p.height, columns: p.width })
      return done
    },
    *'Task.Delete'(t): Run<Reply<unknown>> {
      yield* runc(t, ['delete', '-f', id])
      // At once: a container that is started again gets a new shim, which will listen by this name.
      yield* t.unlink(shimSocket(id))
      t.thread(function* (last) {
        yield* last.nanosleep(1_000_000)
        yield* last.kill(yield* last.getpid(), 9)
      })
      return done
    },
  }
  return yield* serveRpc(sys, shimSocket(id), methods)
}

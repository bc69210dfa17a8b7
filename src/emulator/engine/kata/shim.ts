/**
 * containerd-shim-kata-v2: the runtime of Kata Containers and the task service that containerd calls, in one program. For the first container it
 * makes a virtual machine, further ones of the same pod go into that; what is asked of a container goes to the agent in the machine.
 */
import { EINTR, isErr } from '../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_RDONLY, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGTERM } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { cgroupPath } from '../../runtime/cgroup.ts'
import { binary, print, readText, unbinary, writeAll } from '../../userland/lib/io.ts'
import { done, type Methods, type Reply, serveRpc } from '../rpc.ts'
import { type Stdio, shimSocket, type Target } from '../shim.ts'
import type { TaskState } from '../shimmore.ts'
import { KATA_COMMIT, KATA_VERSION, readConfig } from './config.ts'
import {
  agentName,
  plugNetwork,
  type Sandbox,
  SandboxError,
  shareFiles,
  startSandbox,
  stopSandbox,
  unshareFiles,
} from './sandbox.ts'
import { callAgent } from './ttrpc.ts'

/** Memory of the shim itself: 45 MB were measured with Kata 4.0. */
const SHIM_MEMORY = 45_000_000

interface Task {
  started: boolean
  paused: boolean
  status: ExitCode | undefined
  /** Streams that are still being copied. */
  copying: number
  readonly stdio: Stdio
  readonly changed: WaitQueue
}
/** How runtime-rs words an error to containerd: what it was about, and the causes one by one. */
const failure = (message: string, causes: readonly string[]): Reply<never> => ({
  ok: false,
  error: `Others("failed to handle message ${message}\\n\\nCaused by:\\n${causes
    .map((c, n) => `    ${causes.length > 1 ? `${n}: ` : ''}${c.replace(/"/g, '\\"')}`)
    .join('\\n')}")`,
})

export const kataShim: Program = function* (sys, argv) {
  if (argv.includes('--version') || argv.includes('-v')) {
    yield* print(
      sys,
      `Kata Containers containerd shim (Rust): id: io.containerd.kata.v2, version: ${KATA_VERSION}, commit: ${KATA_COMMIT}\n`,
    )
    return 0
  }
  const option = (name: string): string => argv[argv.indexOf(name) + 1] ?? ''
  const id = option('-id')
  const bundle = option('-bundle')
  const ns = option('-namespace')
  const socket = shimSocket(id, ns)
  const bundleOf = (p: Target): string => `${bundle.slice(0, -id.length)}${p.id}`
  const keyOf = (p: Target): string => `${p.id}/${p.execId ?? ''}`
  yield* sys.setsid()
  yield* sys.brk(SHIM_MEMORY)
  yield* sys.sigaction(SIGTERM, function* () {})
  const tasks = new Map<string, Task>()
  let sandbox: Sandbox | undefined

  const agent = function* <T = Record<string, unknown>>(
    t: Sys,
    method: string,
    params: Readonly<Record<string, unknown>>,
    quiet = false,
  ): Run<Reply<T>> {
    if (!sandbox) return { ok: false, error: 'sandbox is not running' }
    return yield* callAgent<T>(t, sandbox.cid, method, params, quiet ? undefined : agentName(id))
  }
  const named = (p: Target): Record<string, string> => ({ id: p.id, ...(p.execId ? { execId: p.execId } : {}) })
  /** Copies a process's streams between its fifos on the host and the agent. */
  const pump = (t: Sys, p: Target, task: Task): void => {
    const out = (method: string, path: string): void => {
      if (path === '') return
      task.copying++
      t.thread(function* (own) {
        const to = yield* own.open(path, O_WRONLY)
        for (let first = true; ; first = false) {
          const r = yield* agent<{ data: string }>(own, method, named(p), !first)
          if (!r.ok) break
          if (!isErr(to) && (yield* writeAll(own, to, unbinary(r.result.data)))) break
        }
        if (!isErr(to)) yield* own.close(to)
        task.copying--
        task.changed.wake()
      })
    }
    out('ReadStdout', task.stdio.stdout)
    if (!task.stdio.terminal) out('ReadStderr', task.stdio.stderr)
    t.thread(function* (own) {
      const from = task.stdio.stdin === '' ? undefined : yield* own.open(task.stdio.stdin, O_RDONLY)
      while (from !== undefined && !isErr(from)) {
        const part = yield* own.read(from, 65536)
        if (part === EINTR) continue
        if (isErr(part) || part.length === 0) break
        yield* agent(own, 'WriteStdin', { ...named(p), data: binary(part) }, true)
      }
      if (from !== undefined && !isErr(from)) yield* own.close(from)
      yield* agent(own, 'CloseStdin', named(p), true)
    })
  }
  const watch = (t: Sys, p: Target, task: Task): void =>
    t.thread(function* (own) {
      const r = yield* agent<{ status: ExitCode }>(own, 'WaitProcess', named(p))
      yield* own.futex(task.changed, () => task.copying === 0)
      task.status ??= r.ok ? r.result.status : 255
      task.changed.wake()
    })
  /** A machine that is gone takes its processes along; how they ended nobody can say. */
  const guard = (t: Sys, s: Sandbox): void =>
    t.thread(function* (own) {
      for (;;) {
        const r = yield* own.wait(s.qemu)
        if (r !== EINTR) break
      }
      for (const task of tasks.values()) {
        task.status ??= 255
        task.changed.wake()
      }
    })

  const methods: Methods = {
    *'Task.Create'(t, p: Target & { stdio: Stdio }): Run<Reply<unknown>> {
      const text = yield* readText(t, `${bundleOf(p)}/config.json`)
      if (isErr(text)) return failure('create container', [`load spec: ${text.text}`])
      const spec = JSON.parse(text) as Spec
      const kind = 'create container'
      const root = spec.root.path.startsWith('/') ? spec.root.path : `${bundleOf(p)}/${spec.root.path}`
      if (!spec.linux.namespaces.some((n) => n.type === 'network'))
        return failure('try init runtime instance', ['zukan: not emulated: a Kata machine in the network of its host'])
      if (!sandbox) {
        const config = yield* readConfig(t)
        if (!config) return failure('try init runtime instance', ['load config', 'no valid config file found'])
        const systemd = /^[^/]+:[^/]*:[^/]+$/.test(spec.linux.cgroupsPath ?? '')
        const cgroup = cgroupPath(spec.linux.cgroupsPath, p.id, systemd) ?? `/${p.id}`
        try {
          sandbox = yield* startSandbox(t, id, spec, config, cgroup)
        } catch (e) {
          if (!(e instanceof SandboxError)) throw e
          return failure('start sandbox in task handler', e.message.split(/: (?=connect|vsock)/))
        }
        guard(t, sandbox)
      }
      const task: Task = {
        started: false,
        paused: false,
        status: undefined,
        copying: 0,
        stdio: p.stdio,
        changed: new WaitQueue(),
      }
      let shared: { readonly spec: Spec; readonly rootfs: string }
      try {
        shared = yield* shareFiles(t, id, p.id, spec, root)
      } catch (e) {
        if (!(e instanceof SandboxError)) throw e
        return failure(kind, [e.message])
      }
      const r = yield* agent(t, 'CreateContainer', { id: p.id, ...shared })
      if (!r.ok) return failure(kind, ['create', `rpc status: Status { code: INTERNAL, message: "${r.error}" }`])
      tasks.set(keyOf(p), task)
      return { ok: true, result: { pid: sandbox.qemu } }
    },
    *'Task.Start'(t, p: Target): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      if (!task || !sandbox) return failure('start process', [`not found`])
      if (p.id === id) yield* plugNetwork(t, sandbox)
      pump(t, p, task)
      watch(t, p, task)
      const r = yield* agent(t, 'StartContainer', named(p))
      task.started = true
      return r.ok ? done : failure('start process', [r.error])
    },
    *'Task.Exec'(t, p: Target & { process: unknown; stdio: Stdio }): Run<Reply<unknown>> {
      const task: Task = {
        started: true,
        paused: false,
        status: undefined,
        copying: 0,
        stdio: p.stdio,
        changed: new WaitQueue(),
      }
      const r = yield* agent(t, 'ExecProcess', { ...named(p), process: p.process })
      if (!r.ok)
        return failure('start process', [
          'exec process',
          `rpc status: Status { code: INTERNAL, message: "${r.error}" }`,
        ])
      tasks.set(keyOf(p), task)
      pump(t, p, task)
      watch(t, p, task)
      return { ok: true, result: { pid: sandbox?.qemu ?? 0 } }
    },
    *'Task.Wait'(t, p: Target): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      if (!task) return { ok: false, error: 'process does not exist: not found' }
      yield* t.futex(task.changed, () => task.status !== undefined)
      return { ok: true, result: { status: task.status } }
    },
    *'Task.Kill'(t, p: Target & { signal: number }): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      if (!task || task.status !== undefined) return { ok: false, error: 'process already finished: not found' }
      const r = yield* agent(t, 'SignalProcess', { ...named(p), signal: p.signal })
      return r.ok ? done : { ok: false, error: 'process already finished: not found' }
    },
    *'Task.ResizePty'(t, p: Target & { height: number; width: number }): Run<Reply<unknown>> {
      yield* agent(t, 'TtyWinResize', { ...named(p), height: p.height, width: p.width })
      return done
    },
    *'Task.State'(_t, p: Target): Run<Reply<unknown>> {
      const task = tasks.get(keyOf(p))
      if (!task) return { ok: false, error: 'process does not exist: not found' }
      const { status, started, paused } = task
      return { ok: true, result: { pid: sandbox?.qemu ?? 0, status, started, paused } satisfies TaskState }
    },
    *'Task.Pause'(t, p: Target): Run<Reply<unknown>> {
      const r = yield* agent(t, 'PauseContainer', named(p))
      const task = tasks.get(keyOf(p))
      if (task && r.ok) task.paused = true
      return r
    },
    *'Task.Resume'(t, p: Target): Run<Reply<unknown>> {
      const r = yield* agent(t, 'ResumeContainer', named(p))
      const task = tasks.get(keyOf(p))
      if (task && r.ok) task.paused = false
      return r
    },
    *'Task.Update'(t, p: Target & { resources: unknown }): Run<Reply<unknown>> {
      return yield* agent(t, 'UpdateContainer', { ...named(p), resources: p.resources })
    },
    /** Figures of the container's control group in the guest, which the host doesn't know. */
    *'Task.Stats'(t, p: Target): Run<Reply<unknown>> {
      return yield* agent(t, 'StatsContainer', named(p))
    },
    *'Task.Delete'(t, p: Target): Run<Reply<unknown>> {
      if (sandbox) {
        yield* agent(t, 'RemoveContainer', named(p))
        yield* unshareFiles(t, id, p.id)
      }
      for (const key of [...tasks.keys()]) if (key.startsWith(`${p.id}/`)) tasks.delete(key)
      if (p.id !== id) return done
      if (sandbox) yield* stopSandbox(t, sandbox)
      sandbox = undefined
      yield* t.unlink(socket)
      t.thread(function* (last) {
        yield* last.nanosleep(1_000_000)
        yield* last.kill(yield* last.getpid(), 9)
      })
      return done
    },
  }
  return yield* serveRpc(sys, socket, methods)
}

/**
 * kata-agent: what manages containers in a Kata guest. It serves the shim's calls on vsock, mounts what the host shares, and makes
 * containers with namespaces and control groups as runc does on a host (rustjail). kata-containers src/agent.
 */
import { EINTR, isErr } from '../../base/errno.ts'
import type { Fd, Pid, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CLOEXEC, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Spec, SpecProcess } from '../../oci/runtimespec.ts'
import { type Flavour, paceOf, runcFlavour } from '../../runtime/flavour.ts'
import { moreCommands } from '../../runtime/more.ts'
import { coreCommands, makeDirs, runRunc } from '../../runtime/runc.ts'
import { binary, readText, unbinary, write, writeAll } from '../../userland/lib/io.ts'
import { done, type Methods, type Reply } from '../rpc.ts'
import { taskMethods } from '../shim.ts'
import { serveAgent } from './ttrpc.ts'

/** Where the guest mounts what the host shares, and the tag of the share. */
export const GUEST_SHARE = '/run/kata-containers/shared/containers'
export const SHARE_TAG = 'kataShared'
/** The shared memory of all containers of the sandbox. */
export const GUEST_SHM = '/run/kata-containers/sandbox/shm'
const BUNDLES = '/run/kata-containers'
const bundleOf = (p: { readonly id: string }): string => `${BUNDLES}/${p.id}`

/** rustjail: runc's steps in the agent's own program. */
const rustjail: Flavour = {
  ...runcFlavour,
  name: 'kata-agent',
  waiting: { title: 'kata-agent init', comm: 'kata-agent' },
  root: '/run/kata-containers/state',
  threads: 0,
  // No figure is published: as crun, which is as small (youki README, May 2024).
  pace: paceOf(47.3),
  words: {
    ...runcFlavour.words,
    noProgram: (name) => `the file ${name} was not found`,
    badProgram: (name) => `the file ${name} was not found`,
    init: (message) => message,
  },
}
export interface Interface {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly addresses: readonly { readonly address: string; readonly prefix: number }[]
}
export interface Route {
  readonly destination: string
  readonly prefix: number
  readonly gateway?: string
  readonly device: string
}
/** A process: a container's first one where `execId` is missing. */
export interface Named {
  readonly id: string
  readonly execId?: string
}
/** Files of a container's control group that figures come from. */
export const figures = [
  'memory.current',
  'memory.max',
  'memory.stat',
  'memory.events',
  'cpu.stat',
  'io.stat',
  'pids.current',
  'pids.max',
]

/** The specification as it is carried out in the guest: the network is the machine's, seccomp is left to who turns it on. */
function guestSpec(spec: Spec, rootfs: string, sandbox: Pid | undefined): Spec {
  const { seccomp: _seccomp, ...linux } = spec.linux
  const { pids: _pids, blockIO: _io, devices: _devices, ...resources } = linux.resources ?? {}
  return {
    ...spec,
    root: { ...spec.root, path: rootfs },
    linux: {
      ...linux,
      resources,
      cgroupsPath: `/${(linux.cgroupsPath ?? '').split(/[:/]/).slice(-2).join('/')}`,
      sysctl: Object.fromEntries(Object.entries(linux.sysctl ?? {}).filter(([name]) => !name.startsWith('net.'))),
      namespaces: linux.namespaces
        .filter((n) => !['network', 'cgroup', 'time'].includes(n.type))
        // What a container shares on the host with its pod, it shares in the guest with the pod's first container.
        .map(({ type, path }) =>
          path !== undefined && sandbox !== undefined && type !== 'mount'
            ? { type, path: `/proc/${sandbox}/ns/${type}` }
            : { type },
        ),
    },
  }
}

function* put(t: Sys, path: string, text: string): Run<void> {
  const fd = yield* t.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  if (isErr(fd)) return
  yield* write(t, fd, text)
  yield* t.close(fd)
}

/** Output that nobody has asked for yet may grow to this; then its writer waits. */
const KEPT = 65536
type Output = 'stdout' | 'stderr'

/** The pipes of a process's standard streams: what it writes is kept until the shim asks for it. */
class Streams {
  readonly #dir: string
  readonly #terminal: boolean
  readonly #kept: Readonly<Record<Output, Uint8Array[]>> = { stdout: [], stderr: [] }
  readonly #ended = new Set<Output>()
  readonly #changed = new WaitQueue()
  #input: Fd | undefined
  constructor(p: Named, terminal: boolean) {
    this.#dir = `${BUNDLES}/io/${p.id}${p.execId === undefined ? '' : `-${p.execId}`}`
    this.#terminal = terminal
  }
  #at(name: string): string {
    return `${this.#dir}/${name}`
  }
  *make(t: Sys): Run<{ stdin: string; stdout: string; stderr: string; terminal: boolean }> {
    yield* makeDirs(t, this.#dir)
    for (const name of ['stdin', 'stdout', 'stderr']) {
      yield* t.unlink(this.#at(name))
      yield* t.mknod(this.#at(name), S_IFIFO | 0o600)
    }
    const input = yield* t.open(this.#at('stdin'), O_RDWR)
    this.#input = isErr(input) ? undefined : input
    this.#collect(t, 'stdout')
    if (!this.#terminal) this.#collect(t, 'stderr')
    return {
      stdin: this.#at('stdin'),
      stdout: this.#at('stdout'),
      stderr: this.#terminal ? '' : this.#at('stderr'),
      terminal: this.#terminal,
    }
  }
  #collect(sys: Sys, name: Output): void {
    const kept = this.#kept[name]
    sys.thread((t) => this.#copy(t, name, kept))
  }
  *#copy(t: Sys, name: Output, kept: Uint8Array[]): Run<void> {
    const fd = yield* t.open(this.#at(name), O_RDONLY)
    for (;;) {
      const part = isErr(fd) ? fd : yield* t.read(fd, KEPT)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) break
      kept.push(part)
      this.#changed.wake()
      yield* t.futex(this.#changed, () => kept.reduce((n, k) => n + k.length, 0) < KEPT)
    }
    if (!isErr(fd)) yield* t.close(fd)
    this.#ended.add(name)
    this.#changed.wake()
  }
  /** Lets readers that wait for a writer go on to the end: nobody will come. */
  *release(t: Sys): Run<void> {
    for (const name of ['stdout', 'stderr']) {
      const fd = yield* t.open(this.#at(name), O_WRONLY | 0o4000)
      if (!isErr(fd)) yield* t.close(fd)
    }
  }
  /** Waits for output; undefined at its end. */
  *read(t: Sys, name: Output): Run<Uint8Array | undefined> {
    const kept = this.#kept[name]
    yield* t.futex(this.#changed, () => kept.length > 0 || this.#ended.has(name))
    const part = kept.shift()
    this.#changed.wake()
    return part
  }
  /** Until the shim has all of it. */
  *drained(t: Sys): Run<void> {
    const { stdout, stderr } = this.#kept
    const ends = this.#terminal ? 1 : 2
    yield* t.futex(this.#changed, () => this.#ended.size === ends && stdout.length + stderr.length === 0)
  }
  *write(t: Sys, bytes: Uint8Array): Run<void> {
    if (this.#input !== undefined) yield* writeAll(t, this.#input, bytes)
  }
  *closeInput(t: Sys): Run<void> {
    const fd = this.#input
    this.#input = undefined
    if (fd !== undefined) yield* t.close(fd)
  }
  *remove(t: Sys): Run<void> {
    yield* this.closeInput(t)
    for (const name of ['stdin', 'stdout', 'stderr']) yield* t.unlink(this.#at(name))
    yield* t.rmdir(this.#dir)
  }
}

function agentMethods(): Methods {
  const { methods: tasks, others } = taskMethods({
    ns: 'kata',
    runtime: { BinaryName: '/usr/bin/kata-agent', Root: rustjail.root, SystemdCgroup: false },
    bundleOf,
  })
  const task = function* (t: Sys, name: string, p: object): Run<Reply<unknown>> {
    const having = (tasks[`Task.${name}`] ? tasks : yield* others(t)) as {
      readonly [method: string]: (t: Sys, p: object) => Run<Reply<unknown>>
    }
    return yield* (having[`Task.${name}`] as (typeof having)[string]).call(having, t, p)
  }
  const streams = new Map<string, Streams>()
  /** The first container's first process: it has the pod's namespaces. */
  let sandbox: Pid | undefined
  const keyOf = (p: Named): string => `${p.id}/${p.execId ?? ''}`
  const open = function* (t: Sys, p: Named, terminal: boolean) {
    const s = new Streams(p, terminal)
    streams.set(keyOf(p), s)
    return { s, stdio: yield* s.make(t) }
  }
  const read = (name: 'stdout' | 'stderr') =>
    function* (t: Sys, p: Named): Run<Reply<unknown>> {
      const part = yield* streams.get(keyOf(p))?.read(t, name) ?? nothing()
      return part ? { ok: true, result: { data: binary(part) } } : { ok: false, error: 'EOF' }
    }
  const pass = (name: string) => (t: Sys, p: object) => task(t, name, p)
  return {
    /** Mounts the host's folder, names the machine, and sets what the network's settings ask for. */
    *CreateSandbox(t, p: { hostname: string; sysctl: Record<string, string>; share: boolean }): Run<Reply<unknown>> {
      yield* makeDirs(t, GUEST_SHARE)
      const failed = yield* t.mount(SHARE_TAG, GUEST_SHARE, 'virtiofs', 0)
      if (failed) return { ok: false, error: `mount ${SHARE_TAG}: ${failed.text}` }
      yield* makeDirs(t, GUEST_SHM)
      yield* t.mount('shm', GUEST_SHM, 'tmpfs', 14, 'mode=1777,size=67108864')
      if (p.hostname) yield* t.sethostname(p.hostname)
      yield* t.netlink({ op: 'link.set', name: 'lo', up: true })
      yield* t.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
      for (const [name, value] of Object.entries(p.sysctl))
        if (name.startsWith('net.')) yield* put(t, `/proc/sys/${name.replace(/\./g, '/')}`, value)
      return done
    },
    *UpdateInterface(t, p: Interface): Run<Reply<unknown>> {
      yield* t.netlink({ op: 'link.set', name: p.name, mac: p.mac, mtu: p.mtu })
      for (const { address, prefix } of p.addresses) yield* t.netlink({ op: 'addr.add', name: p.name, address, prefix })
      const failed = yield* t.netlink({ op: 'link.set', name: p.name, up: true })
      return isErr(failed) ? { ok: false, error: `update interface: ${failed.text}` } : done
    },
    *UpdateRoutes(t, p: { routes: readonly Route[] }): Run<Reply<unknown>> {
      for (const r of p.routes)
        yield* t.netlink({
          op: 'route.add',
          destination: r.destination,
          prefix: r.prefix,
          dev: r.device,
          ...(r.gateway === undefined ? {} : { gateway: r.gateway }),
        })
      return done
    },
    *CreateContainer(t, p: Named & { spec: Spec; rootfs: string }): Run<Reply<unknown>> {
      yield* makeDirs(t, bundleOf(p))
      const spec = guestSpec(p.spec, p.rootfs, sandbox)
      yield* put(t, `${bundleOf(p)}/config.json`, JSON.stringify(spec))
      const { s, stdio } = yield* open(t, p, spec.process.terminal ?? false)
      const r = yield* task(t, 'Create', { id: p.id, stdio })
      if (!r.ok) yield* s.release(t)
      else sandbox ??= (r.result as { pid: Pid }).pid
      return r.ok ? r : { ok: false, error: bare(r.error) }
    },
    StartContainer: pass('Start'),
    *ExecProcess(t, p: Named & { process: SpecProcess }): Run<Reply<unknown>> {
      const { s, stdio } = yield* open(t, p, p.process.terminal ?? false)
      const r = yield* task(t, 'Exec', { ...p, stdio })
      if (!r.ok) yield* s.release(t)
      return r.ok ? r : { ok: false, error: bare(r.error) }
    },
    *WaitProcess(t, p: Named): Run<Reply<unknown>> {
      const r = yield* task(t, 'Wait', p)
      if (p.execId !== undefined) {
        yield* streams.get(keyOf(p))?.drained(t) ?? nothing()
        yield* streams.get(keyOf(p))?.remove(t) ?? nothing()
        streams.delete(keyOf(p))
      }
      return r
    },
    SignalProcess: pass('Kill'),
    TtyWinResize: pass('ResizePty'),
    PauseContainer: pass('Pause'),
    ResumeContainer: pass('Resume'),
    UpdateContainer: pass('Update'),
    ReadStdout: read('stdout'),
    ReadStderr: read('stderr'),
    *WriteStdin(t, p: Named & { data: string }): Run<Reply<unknown>> {
      yield* streams.get(keyOf(p))?.write(t, unbinary(p.data)) ?? nothing()
      return done
    },
    *CloseStdin(t, p: Named): Run<Reply<unknown>> {
      yield* streams.get(keyOf(p))?.closeInput(t) ?? nothing()
      return done
    },
    /** The figures of a container's control group in the guest, file by file. */
    *StatsContainer(t, p: Named): Run<Reply<unknown>> {
      const text = yield* readText(t, `${rustjail.root}/kata/${p.id}/state.json`)
      if (isErr(text)) return { ok: false, error: `Container ${p.id} not found` }
      const { cgroup } = JSON.parse(text) as { cgroup: string }
      const files: Record<string, string> = {}
      for (const name of figures) {
        const content = yield* readText(t, `/sys/fs/cgroup${cgroup}/${name}`)
        if (!isErr(content)) files[name] = content
      }
      return { ok: true, result: { files, total: (yield* t.sysinfo()).totalram } }
    },
    *RemoveContainer(t, p: Named): Run<Reply<unknown>> {
      const r = yield* task(t, 'Delete', p)
      for (const [key, s] of streams)
        if (key.startsWith(`${p.id}/`)) {
          yield* s.release(t)
          yield* s.remove(t)
          streams.delete(key)
        }
      for (const file of ['config.json', 'log.json', 'init.pid']) yield* t.unlink(`${bundleOf(p)}/${file}`)
      yield* t.rmdir(bundleOf(p))
      return r
    },
    *DestroySandbox(): Run<Reply<unknown>> {
      return done
    },
    /** A shell of the machine itself: the agent's debug console. */
    *GetGuestDetails(t): Run<Reply<unknown>> {
      const { release } = yield* t.uname()
      return { ok: true, result: { kernel: release, memory: (yield* t.sysinfo()).totalram } }
    },
  }
}
/** What went wrong, without what an engine that runs runc puts before it. */
const bare = (error: string): string =>
  error
    .replace(/^OCI runtime (create|exec|start) failed: /, '')
    .replace(/^runc create failed: /, '')
    .replace(/: unknown$/, '')
function* nothing(): Run<undefined> {
  return undefined
}

export const kataAgent: Program = function* (sys, argv) {
  // Its own program is what becomes a container's first process.
  if (argv[1] !== undefined)
    return yield* runRunc(sys, argv, rustjail, { ...coreCommands, ...moreCommands }, function* (s, _line, why) {
      yield* write(s, 2, `kata-agent: ${why.text ?? why.command ?? why.kind}\n`)
      return 1
    })
  yield* sys.prctl('set_child_subreaper', 1)
  return yield* serveAgent(sys, agentMethods())
}

/** RUN: a container of its own for one command, made by runc directly, without containerd and shim (BuildKit's runcexecutor). */
import { hex, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Spec, SpecMount } from '../../oci/runtimespec.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { writeAll } from '../../userland/lib/io.ts'
import { removeTree } from '../containerd.ts'
import { addEndpoint, findNetwork, plug } from '../dockerd/networks.ts'
import { newContainer } from '../dockerd/record.ts'
import { makeSpec } from '../dockerd/spec.ts'
import { ApiError, type Container, type Daemon } from '../dockerd/state.ts'
import type { Layers } from '../layers.ts'
import { rootPath } from '../rootpath.ts'
import { BuildError } from './dockerfile/instructions.ts'
import type { Op } from './graph.ts'

type ExecOp = Extract<Op, { kind: 'exec' }>
const BUILDKIT = '/var/lib/docker/buildkit'
export type Output = (stream: 1 | 2, bytes: Uint8Array) => Run<void>

function* writeFile(sys: Sys, path: string, content: string): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, utf8(content))
  yield* sys.close(fd)
}

/** Starts runc in a network namespace of its own on docker0, and hands its output on until it ends. */
function* runInNetwork(
  sys: Sys,
  d: Daemon,
  c: Container,
  bundle: string,
  bridge: boolean,
  output: Output,
): Run<number> {
  const pipes: (readonly [number, number])[] = []
  for (let i = 0; i < 4; i++) {
    const p = yield* sys.pipe()
    if (isErr(p)) throw new ApiError(500, p.text)
    pipes.push(p)
  }
  const [out, err, ready, go] = pipes as [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ]
  const pid = yield* sys.fork(function* (child) {
    if (bridge) {
      yield* child.unshare(CLONE_NEWNET)
      yield* child.netlink({ op: 'link.set', name: 'lo', up: true })
      yield* child.netlink({ op: 'addr.add', name: 'lo', address: '127.0.0.1', prefix: 8 })
    }
    yield* child.write(ready[1], Uint8Array.of(1))
    yield* child.read(go[0], 1)
    const nothing = yield* child.open('/dev/null', 0)
    if (!isErr(nothing)) yield* child.dup2(nothing, 0)
    yield* child.dup2(out[1], 1)
    yield* child.dup2(err[1], 2)
    yield* child.closeRange(3)
    const failed = yield* child.execve(
      '/usr/bin/runc',
      ['runc', '--root', '/run/docker/runtime-runc/buildkit', 'run', '--bundle', bundle, c.id],
      child.environ(),
    )
    return failed.number
  })
  if (isErr(pid)) throw new ApiError(500, pid.text)
  yield* sys.read(ready[0], 1)
  if (bridge) {
    c.pid = pid
    for (const [i, e] of c.endpoints.entries()) yield* plug(sys, d, c, e, i)
  }
  yield* sys.write(go[1], Uint8Array.of(1))
  for (const fd of [out[1], err[1], ready[0], ready[1], go[0], go[1]]) yield* sys.close(fd)
  const queue: (readonly [1 | 2, Uint8Array])[] = []
  const changed = new WaitQueue()
  let open = 2
  for (const [stream, fd] of [
    [1, out[0]],
    [2, err[0]],
  ] as const)
    sys.thread(function* (t) {
      for (;;) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        queue.push([stream, part.slice()])
        changed.wake()
      }
      yield* t.close(fd)
      open--
      changed.wake()
    })
  for (;;) {
    yield* sys.futex(changed, () => queue.length > 0 || open === 0)
    const part = queue.shift()
    if (part) yield* output(part[0], part[1])
    else if (open === 0) break
  }
  const r = yield* sys.wait(pid)
  for (const e of c.endpoints) yield* sys.netlink({ op: 'link.del', name: `veth${e.id.slice(0, 7)}` })
  return isErr(r) || !r ? 255 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}

/** Runs the command on a writable layer: its exit code. `binds` are directories for --mount by target. Throws BuildError. */
export function* execute(
  sys: Sys,
  d: Daemon,
  op: ExecOp,
  layers: Layers,
  binds: readonly { readonly target: string; readonly source: string; readonly readonly: boolean }[],
  output: Output,
): Run<number> {
  const id = hex(yield* sys.getrandom(16)).slice(0, 25)
  const bundle = `${BUILDKIT}/executor/${id}`
  const root = `${bundle}/rootfs`
  yield* makeDirs(sys, root)
  const { upper, work, lower } = layers
  const mounted =
    lower.length > 0
      ? yield* sys.mount('overlay', root, 'overlay', 0, `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`)
      : yield* sys.mount(upper, root, '', 4096)
  if (mounted) throw new BuildError(`failed to mount rootfs: ${mounted.text.toLowerCase()}`)
  const network = op.network === 'default' ? 'bridge' : op.network
  const c = container(id, op, network)
  const made: string[] = []
  try {
    const real = yield* rootPath(sys, root, op.cwd)
    if (!isErr(real)) yield* makeDirs(sys, real)
    // Mount points that runc will make don't belong into the layer.
    for (const b of [
      '/etc/resolv.conf',
      '/etc/hosts',
      ...binds.map((x) => x.target),
      ...(op.script ? ['/dev/pipes'] : []),
    ]) {
      const at = yield* rootPath(sys, root, b)
      if (!isErr(at) && isErr(yield* sys.lstat(at))) made.push(at)
    }
    if (network === 'bridge') yield* addEndpoint(sys, c, findNetwork(d, 'bridge'))
    let spec: Spec
    try {
      const full = yield* makeSpec(sys, d, c, root)
      yield* writeFile(
        sys,
        `${bundle}/hosts`,
        `127.0.0.1\tlocalhost ${c.config.Hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`,
      )
      const mounts: SpecMount[] = full.mounts.filter(
        (m) => !['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'].includes(m.destination),
      )
      const bind = (destination: string, source: string, ro: boolean): void =>
        void mounts.push({ destination, type: 'bind', source, options: ['rbind', ro ? 'ro' : 'rw'] })
      bind('/etc/resolv.conf', '/etc/resolv.conf', true)
      bind('/etc/hosts', `${bundle}/hosts`, true)
      for (const m of op.mounts)
        if (m.type === 'tmpfs')
          mounts.push({ destination: m.target, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev'] })
      for (const b of binds) bind(b.target, b.source, b.readonly)
      if (op.script) {
        yield* makeDirs(sys, `${bundle}/pipes`)
        yield* writeFile(sys, `${bundle}/pipes/${op.script.name}`, op.script.content)
        yield* sys.chmod(`${bundle}/pipes/${op.script.name}`, 0o755)
        bind('/dev/pipes', `${bundle}/pipes`, true)
      }
      spec = {
        ...full,
        process: { ...full.process, env: op.env },
        mounts,
        linux: {
          ...full.linux,
          // Settings belong to a namespace of one's own.
          sysctl: {},
          cgroupsPath: `/system.slice/buildkit-${id}.scope`,
          // The network is runc's own: it was started in it.
          namespaces: full.linux.namespaces.filter((n) => n.type !== 'network' || network === 'none'),
        },
      }
    } catch (e) {
      if (e instanceof ApiError) throw new BuildError(e.message)
      throw e
    }
    yield* writeFile(sys, `${bundle}/config.json`, JSON.stringify(spec))
    return yield* runInNetwork(sys, d, c, bundle, network === 'bridge', output)
  } finally {
    yield* sys.umount(root, 2)
    for (const at of made.reverse()) yield* removeStub(sys, at.replace(root, upper))
    yield* removeTree(sys, bundle)
  }
}
/** Removes an empty file or directory that was a mount point. */
function* removeStub(sys: Sys, path: string): Run<void> {
  const s = yield* sys.lstat(path)
  if (isErr(s)) return
  if ((s.mode & 0o170000) === 0o040000) yield* sys.rmdir(path)
  else if (s.size === 0) yield* sys.unlink(path)
}
/** As much of a container as configuration and network are made from: it has no image, but the layers so far. */
const container = (id: string, op: ExecOp, network: string): Container =>
  newContainer({
    id,
    name: `buildkit-${id}`,
    created: 0,
    config: { Image: '', Hostname: 'buildkitsandbox', Env: op.env, User: op.user, WorkingDir: op.cwd },
    hostConfig: { NetworkMode: network },
    image: undefined as never,
    mounts: [],
    rootfs: undefined,
    words: op.args,
  })

/** nerdctl run, create, start and exec: what dockerd would do, nerdctl does by itself. */
import { hex } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import { type Containerd, Streams } from '../../engine/containerd/client.ts'
import { fullName, type StoredImage } from '../../engine/containerd/images.ts'
import { RUNC_V2 } from '../../engine/containerd/index.ts'
import { makeSpec } from '../../engine/containerd/spec.ts'
import type { Transfer } from '../../engine/containerd/transfer.ts'
import { releaseReaders } from '../../engine/dockerd/start.ts'
import { ApiError } from '../../engine/dockerd/state.ts'
import { writeFile } from '../../engine/dockerd/support.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { SIGINT, SIGTERM } from '../../kernel/linux/signals.ts'
import { parseReference } from '../../oci/reference.ts'
import type { SpecMount, SpecResources } from '../../oci/runtimespec.ts'
import { ramInBytes } from '../../oci/units.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { readText, write } from '../../userland/lib/io.ts'
import { iec } from '../ctr/context.ts'
import { environmentOf } from '../docker/environment.ts'
import type { Given } from '../flags.ts'
import { ToolError } from '../urfave.ts'
import { jsonLog, noteEnd, startLogger } from './logging.ts'
import { DATA, fifoDir, find, type Item, items, join, label, leave, stateDir } from './store.ts'
import { ensureVolume } from './volumes.ts'

/** Pulls an image and draws what came. */
export function* pull(sys: Sys, c: Containerd, name: string, fd: Fd, quiet: boolean): Run<void> {
  const parsed = parseReference(name)
  if ('error' in parsed) throw new ToolError(parsed.error)
  const r = yield* c.try<Transfer>('transfer.Transfer', { name: fullName(name) })
  if (!r.ok)
    throw new ToolError(
      r.error.replace(/^failed to resolve image/, `failed to resolve reference ${JSON.stringify(fullName(name))}`),
    )
  if (quiet) return
  const rows = [
    [`${r.result.name}:`, 'resolved'],
    ...r.result.parts.map((p) => [`${p.kind}-${p.descriptor.digest}:`, p.bytes === 0 ? 'exists' : 'done']),
  ]
  const wide = Math.max(...rows.map((x) => (x[0] as string).length)) + 4
  const total = r.result.parts.reduce((n, p) => n + p.bytes, 0)
  const seconds = r.result.time / 1e9
  const lines = rows.map(([a = '', b = '']) => `${a.padEnd(wide)}${b.padEnd(15)}|${'+'.repeat(38)}| \n`).join('')
  const elapsed = `elapsed: ${seconds.toFixed(1).padEnd(4)}s`.padEnd(wide)
  yield* write(
    sys,
    fd,
    `${lines}${elapsed}total: ${iec(total).slice(0, 6).padStart(7)} (${iec(seconds > 0 ? total / seconds : 0)}/s)\n`,
  )
}
/** An image by its name, pulled where it isn't there. */
function* imageOf(sys: Sys, c: Containerd, name: string, policy: string, quiet: boolean): Run<StoredImage> {
  if (policy === 'always') yield* pull(sys, c, name, 2, quiet)
  const there = yield* c.try<StoredImage>('images.Get', { name: fullName(name) })
  if (there.ok) return there.result
  if (policy === 'never') throw new ToolError(`image not available: ${JSON.stringify(name)}`)
  yield* pull(sys, c, name, 2, quiet)
  return yield* c.call<StoredImage>('images.Get', { name: fullName(name) })
}
/** `8080:80`, `127.0.0.1:8080:80/udp`. */
function portOf(text: string): { hostPort: number; containerPort: number; protocol: string; hostIP: string } {
  const m = /^(?:([\d.]+):)?(\d+):(\d+)(?:\/(tcp|udp))?$/.exec(text)
  if (!m) {
    if (/^\d+(\/\w+)?$/.test(text))
      throw new ToolError(`zukan: not emulated: nerdctl run -p ${text} (a port of the host's choice)`)
    throw new ToolError(`invalid containerPort: ${text}`)
  }
  return { hostPort: Number(m[2]), containerPort: Number(m[3]), protocol: m[4] ?? 'tcp', hostIP: m[1] ?? '0.0.0.0' }
}
function* mountsOf(sys: Sys, ns: string, g: Given): Run<SpecMount[]> {
  const out: SpecMount[] = []
  for (const text of g.all('volume')) {
    const [source = '', destination, mode] = text.split(':')
    if (destination === undefined)
      throw new ToolError(`zukan: not emulated: nerdctl run -v ${text} (a volume without a name)`)
    const named = !source.startsWith('/')
    const at = named ? yield* ensureVolume(sys, ns, source) : source
    if (!named && isErr(yield* sys.stat(source))) yield* makeDirs(sys, source)
    out.push({ type: 'bind', source: at, destination, options: ['rbind', mode === 'ro' ? 'ro' : 'rw', 'rprivate'] })
  }
  for (const text of g.all('tmpfs'))
    out.push({
      type: 'tmpfs',
      source: 'tmpfs',
      destination: text.split(':')[0] ?? '',
      options: ['nosuid', 'nodev', 'noexec'],
    })
  return out
}
function resources(g: Given): SpecResources {
  const memory = g.value('memory')
  const limit = memory === undefined ? 0 : ramInBytes(memory)
  if (limit === undefined)
    throw new ToolError(`failed to parse memory bytes ${JSON.stringify(memory)}: invalid size: '${memory}'`)
  const cpus = Number(g.value('cpus') ?? 0)
  const pids = Number(g.value('pids-limit') ?? -1)
  return {
    ...(limit > 0 ? { memory: { limit } } : {}),
    ...(cpus > 0 ? { cpu: { quota: Math.round(cpus * 100000), period: 100000 } } : {}),
    ...(pids > 0 ? { pids: { limit: pids } } : {}),
  }
}
/** Makes a container: snapshot, files, and containerd's record with nerdctl's labels. */
function* create(sys: Sys, c: Containerd, g: Given): Run<Item> {
  const [ref = '', ...args] = g.args
  const network = g.value('network') ?? g.value('net') ?? 'bridge'
  if (!['bridge', 'host', 'none'].includes(network))
    throw new ToolError(`zukan: not emulated: nerdctl run --network ${network}`)
  const image = yield* imageOf(sys, c, ref, g.value('pull') ?? 'missing', g.has('quiet'))
  const id = hex(yield* sys.getrandom(32))
  const base = (parseReference(ref) as { path?: string }).path?.split('/').at(-1) ?? 'container'
  const name = g.value('name') ?? `${base}-${id.slice(0, 5)}`
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    throw new ToolError(`invalid name "${name}", only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  const taken = (yield* items(c)).find((i) => i.name === name)
  if (taken) throw new ToolError(`name "${name}" is already used by ID "${taken.record.id}"`)
  const dir = stateDir(c.ns, id)
  yield* makeDirs(sys, dir, 0o700)
  yield* makeDirs(sys, `${DATA}/names/${c.ns}`, 0o700)
  yield* writeFile(sys, `${DATA}/names/${c.ns}/${name}`, id)
  const hostname = g.value('hostname') ?? (network === 'host' ? (yield* sys.uname()).nodename : id.slice(0, 12))
  const resolv = yield* readText(sys, '/etc/resolv.conf')
  yield* writeFile(sys, `${dir}/resolv.conf`, isErr(resolv) ? '' : resolv)
  yield* writeFile(sys, `${dir}/hostname`, `${hostname}\n`)
  yield* writeFile(sys, `${dir}/hosts`, `127.0.0.1\tlocalhost\n`)
  const key = `${c.ns}/${id}`
  const rootfs = yield* c.call<{ upper: string; lower: string[] }>('snapshots.Prepare', {
    key,
    parent: image.chain.at(-1),
  })
  const bind = (file: string, destination: string): SpecMount => ({
    type: 'bind',
    source: file,
    destination,
    options: ['rbind', 'rw'],
  })
  const entrypoint = g.value('entrypoint')
  try {
    const spec = yield* makeSpec(sys, [rootfs.upper, ...rootfs.lower], {
      image: image.config.config,
      args,
      ...(entrypoint === undefined ? {} : { entrypoint: entrypoint === '' ? [] : [entrypoint] }),
      env: [`HOSTNAME=${hostname}`, ...(yield* environmentOf(sys, g.all('env-file'), g.all('env')))],
      ...(g.value('workdir') === undefined ? {} : { cwd: g.value('workdir') as string }),
      ...(g.value('user') === undefined ? {} : { user: g.value('user') as string }),
      tty: g.has('tty'),
      ...(network === 'host' ? {} : { hostname }),
      readonly: g.has('read-only'),
      privileged: g.has('privileged'),
      capAdd: g.all('cap-add'),
      capDrop: g.all('cap-drop'),
      mounts: [
        bind(`${dir}/resolv.conf`, '/etc/resolv.conf'),
        bind(`${dir}/hostname`, '/etc/hostname'),
        bind(network === 'host' ? '/etc/hosts' : `${dir}/hosts`, '/etc/hosts'),
        ...(yield* mountsOf(sys, c.ns, g)),
      ],
      namespaces: network === 'host' ? { network: 'host', uts: 'host' } : {},
      cgroup: `/${c.ns}/${id}`,
      cgroupNamespace: true,
      resources: resources(g),
      seccomp: true,
      noNewPrivileges: false,
    })
    const labels: Record<string, string> = {
      ...image.config.config.Labels,
      ...Object.fromEntries(g.all('label').map((l) => [l.split('=')[0], l.split('=').slice(1).join('=')])),
      [label.name]: name,
      [label.hostname]: hostname,
      [label.networks]: JSON.stringify([network]),
      [label.ports]: JSON.stringify(g.all('publish').map(portOf)),
      [label.state]: dir,
      [label.platform]: 'linux/amd64',
      [label.stop]: g.value('stop-signal') ?? image.config.config.StopSignal ?? 'SIGTERM',
    }
    yield* c.call('containers.Create', {
      id,
      image: image.name,
      runtime: RUNC_V2,
      snapshotter: 'overlayfs',
      snapshotKey: id,
      labels,
      spec,
    })
  } catch (e) {
    yield* c.try('snapshots.Remove', { key })
    yield* sys.unlink(`${DATA}/names/${c.ns}/${name}`)
    throw e instanceof ApiError ? new ToolError(e.message) : e
  }
  return yield* find(c, id)
}
/** Makes the task, joins its network, and lets it begin. */
function* launch(sys: Sys, c: Containerd, i: Item, stdio: object): Run<void> {
  const { id, spec, labels } = i.record
  const rootfs = yield* c.call('snapshots.Mounts', { key: `${c.ns}/${id}` })
  const task = yield* c.try<{ pid: number }>('tasks.Create', { id, spec, rootfs, stdio, image: i.record.image })
  if (!task.ok) throw new ToolError(task.error)
  if (JSON.parse(labels[label.networks] ?? '[]')[0] === 'bridge') {
    try {
      const address = yield* join(sys, c.ns, { id, pid: task.result.pid, ports: i.ports })
      yield* writeFile(
        sys,
        `${stateDir(c.ns, id)}/hosts`,
        `127.0.0.1\tlocalhost\n${address}\t${labels[label.hostname] ?? ''} ${i.name}\n`,
      )
    } catch (e) {
      yield* c.try('tasks.Delete', { id })
      throw e
    }
  }
  const started = yield* c.try('tasks.Start', { id })
  if (!started.ok) {
    yield* c.try('tasks.Delete', { id })
    yield* leave(sys, c.ns, { id, ports: i.ports })
    throw new ToolError(started.error)
  }
}
/** Takes the ended task of a container away, and its address. */
export function* clear(sys: Sys, c: Containerd, i: Item): Run<void> {
  if (i.task) yield* c.try('tasks.Delete', { id: i.record.id })
  yield* leave(sys, c.ns, { id: i.record.id, ports: i.ports })
}
export function* remove(sys: Sys, c: Containerd, i: Item): Run<void> {
  yield* clear(sys, c, i)
  yield* c.call('containers.Delete', { id: i.record.id, snapshot: true })
  const dir = stateDir(c.ns, i.record.id)
  for (const file of ['resolv.conf', 'hostname', 'hosts', 'lifecycle.json', `${i.record.id}-json.log`])
    yield* sys.unlink(`${dir}/${file}`)
  yield* sys.rmdir(dir)
  yield* sys.unlink(`${DATA}/names/${c.ns}/${i.name}`)
}
/** In the background: a process of nerdctl's reads the streams into the log. */
export function* detached(sys: Sys, c: Containerd, i: Item): Run<void> {
  const dir = fifoDir(i.record.id)
  yield* makeDirs(sys, dir, 0o700)
  const stdio = { stdin: '', stdout: `${dir}/stdout`, stderr: `${dir}/stderr`, terminal: false }
  for (const path of [stdio.stdout, stdio.stderr]) {
    yield* sys.unlink(path)
    yield* sys.mknod(path, S_IFIFO | 0o700)
  }
  yield* startLogger(sys, c.ns, i.record.id)
  try {
    yield* launch(sys, c, i, i.record.spec.process.terminal ? { ...stdio, stderr: '', terminal: true } : stdio)
    if (i.record.spec.process.terminal) yield* releaseReaders(sys, [stdio.stderr])
  } catch (e) {
    yield* releaseReaders(sys, [stdio.stdout, stdio.stderr])
    throw e
  }
}
/** In the foreground: streams here and in the log; signals go to the container. Answers the exit code. */
export function* attached(sys: Sys, c: Containerd, i: Item, input: boolean): Run<number> {
  const { id, spec } = i.record
  const log = jsonLog(c.ns, id)
  const tty = spec.process.terminal ?? false
  const streams = new Streams(sys, fifoDir(id), 'run', { tty, input }, (t, stream, bytes) =>
    log.write(t, stream, bytes),
  )
  yield* streams.open()
  try {
    yield* launch(sys, c, i, streams.stdio)
  } catch (e) {
    yield* streams.close()
    throw e
  }
  streams.feed()
  if (tty)
    yield* streams.raw(function* (height, width) {
      yield* c.try('tasks.ResizePty', { id, height, width })
    })
  else
    for (const signal of [SIGINT, SIGTERM])
      yield* sys.sigaction(signal, function* () {
        yield* c.try('tasks.Kill', { id, signal })
      })
  const ended = yield* c.call<{ status: number }>('tasks.Wait', { id })
  yield* streams.close()
  for (const stream of ['stdout', 'stderr'] as const) yield* log.write(sys, stream, undefined)
  yield* noteEnd(sys, c.ns, id)
  return ended.status
}
export function* run(sys: Sys, c: Containerd, g: Given): Run<number> {
  if (g.has('detach') && g.has('rm')) throw new ToolError('zukan: not emulated: nerdctl run -d --rm')
  const tty = g.has('tty')
  if (tty && !g.has('detach') && isErr(yield* sys.ioctl(0, 'TCGETS')))
    throw new ToolError('provided file is not a console')
  const i = yield* create(sys, c, g)
  try {
    if (g.has('detach')) {
      yield* detached(sys, c, i)
      yield* write(sys, 1, `${i.record.id}\n`)
      return 0
    }
    const code = yield* attached(sys, c, i, g.has('interactive'))
    const now = yield* find(c, i.record.id)
    if (g.has('rm')) yield* remove(sys, c, now)
    else yield* clear(sys, c, { ...now, task: undefined })
    return code
  } catch (e) {
    if (g.has('rm')) yield* remove(sys, c, i)
    throw e
  }
}
export function* createOnly(sys: Sys, c: Containerd, g: Given): Run<number> {
  const i = yield* create(sys, c, g)
  yield* write(sys, 1, `${i.record.id}\n`)
  return 0
}
export function* exec(sys: Sys, c: Containerd, g: Given): Run<number> {
  const [ref = '', ...args] = g.args
  const i = yield* find(c, ref)
  if (i.task?.status !== 'RUNNING') throw new ToolError(`cannot exec in a container that is not running`)
  const tty = g.has('tty')
  if (tty && isErr(yield* sys.ioctl(0, 'TCGETS'))) throw new ToolError('provided file is not a console')
  const user = g.value('user')
  if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
    throw new ToolError('zukan: not emulated: nerdctl exec --user with a name')
  const [uid = 0, gid = 0] = (user ?? '').split(':').map(Number)
  const { process } = i.record.spec
  const execId = `exec-${hex(yield* sys.getrandom(32))}`
  const target = { id: i.record.id, execId }
  const streams = new Streams(sys, fifoDir(i.record.id), execId.slice(0, 17), { tty, input: g.has('interactive') })
  const quiet = g.has('detach')
  if (!quiet) yield* streams.open()
  const started = yield* c.try('tasks.Exec', {
    ...target,
    process: {
      ...process,
      terminal: tty,
      args,
      env: [...(process.env ?? []), ...(tty ? ['TERM=xterm'] : []), ...g.all('env')],
      cwd: g.value('workdir') ?? process.cwd,
      ...(user === undefined ? {} : { user: { uid, gid } }),
    },
    stdio: quiet ? { stdin: '', stdout: '', stderr: '', terminal: false } : streams.stdio,
  })
  if (!started.ok) {
    if (!quiet) yield* streams.close()
    throw new ToolError(started.error)
  }
  if (quiet) return 0
  streams.feed()
  if (tty)
    yield* streams.raw(function* (height, width) {
      yield* c.try('tasks.ResizePty', { ...target, height, width })
    })
  const ended = yield* c.call<{ status: number }>('tasks.Wait', target)
  yield* streams.close()
  if (ended.status !== 0) throw new ToolError(`exec failed with exit code ${ended.status}`, ended.status)
  return 0
}

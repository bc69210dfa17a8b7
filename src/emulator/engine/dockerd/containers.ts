/** Containers: create, start, stop, remove, exec; their log and their attached clients. */
import { concat, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, S_IFIFO } from '../../kernel/linux/fs/flags.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { Platform } from '../../oci/image.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decodeMessage, encodeResponse } from '../../userland/lib/dns.ts'
import { decode, readText, writeAll } from '../../userland/lib/io.ts'
import { ask } from '../../userland/lib/resolve.ts'
import { strftime } from '../../userland/lib/time.ts'
import { CONTAINERD_SOCKET, removeTree } from '../containerd.ts'
import { callRpc, type Reply } from '../rpc.ts'
import { findImage } from './images.ts'
import { addEndpoint, findNetwork, inside, plug, publish, unpublish } from './networks.ts'
import { capabilitiesOf, environment, makeSpec, resolveUser } from './spec.ts'
import {
  ApiError,
  type Container,
  type ContainerConfig,
  type Daemon,
  type Exec,
  findContainer,
  type HostConfig,
  newId,
} from './state.ts'

const nameRe = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/
const left =
  'admiring adoring amazing awesome bold brave clever cool dazzling eager ecstatic elegant epic focused friendly gallant happy hopeful inspiring jolly keen kind laughing lucid modest mystifying nice nifty optimistic peaceful quirky relaxed serene sharp stoic sweet tender trusting upbeat vibrant vigilant wizardly xenodochial youthful zealous zen'.split(
    ' ',
  )
const right =
  'archimedes babbage banach bohr boyd cerf curie darwin dijkstra einstein euler fermat feynman galileo gauss goldberg hamilton hawking hopper hypatia kepler kilby knuth lamarr leibniz liskov lovelace maxwell mclean meitner mendel morse newton noether pascal pasteur perlman ritchie rosalind shannon swartz tesla thompson torvalds turing villani volta wiles wozniak'.split(
    ' ',
  )

export function* call<T = Record<string, unknown>>(
  sys: Sys,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Run<Reply<T>> {
  return yield* callRpc<T>(sys, CONTAINERD_SOCKET, 'containerd', method, params)
}
function* write(sys: Sys, path: string, text: string): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, utf8(text))
  yield* sys.close(fd)
}
export function* event(
  sys: Sys,
  d: Daemon,
  type: string,
  action: string,
  id: string,
  attributes: Readonly<Record<string, string>>,
): Run<void> {
  ;(d.events as unknown[]).push({ time: yield* sys.clock('realtime'), type, action, id, attributes })
  d.changed.wake()
}
const note = (
  sys: Sys,
  d: Daemon,
  c: Container,
  action: string,
  more: Readonly<Record<string, string>> = {},
): Run<void> => event(sys, d, 'container', action, c.id, { image: c.config.Image, name: c.name, ...more })

/** Limits that the API refuses before anything is made. */
function validate(h: HostConfig): void {
  if (h.Memory && h.Memory < 6 * 1024 * 1024) throw new ApiError(400, 'Minimum memory limit allowed is 6MB')
  if (h.Memory && h.MemorySwap && h.MemorySwap > 0 && h.MemorySwap < h.Memory)
    throw new ApiError(400, 'Minimum memoryswap limit should be larger than memory limit, see usage')
  if (!h.Memory && h.MemorySwap && h.MemorySwap > 0)
    throw new ApiError(400, 'You should always set the Memory limit when using Memoryswap limit, see usage')
  const policy = h.RestartPolicy?.Name
  if (policy && !['no', 'always', 'on-failure', 'unless-stopped'].includes(policy))
    throw new ApiError(
      400,
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  if (h.AutoRemove && policy && policy !== 'no')
    throw new ApiError(400, "can't create 'AutoRemove' container with restart policy")
}

/** Volumes and bind mounts of the options; named volumes come into being. */
function* mountsOf(sys: Sys, d: Daemon, h: HostConfig, config: ContainerConfig): Run<Container['mounts']> {
  const out: Container['mounts'] = []
  const named = function* (name: string, destination: string, rw: boolean, mode: string): Run<void> {
    const v = yield* ensureVolume(sys, d, name)
    out.push({ type: 'volume', name, source: v.mountpoint, destination, rw, mode })
  }
  for (const b of h.Binds ?? []) {
    const [source = '', destination = '', mode = ''] = b.split(':')
    for (const word of mode.split(',').filter(Boolean))
      if (
        ![
          'ro',
          'rw',
          'z',
          'Z',
          'nocopy',
          'rshared',
          'rslave',
          'rprivate',
          'shared',
          'slave',
          'private',
          'cached',
          'delegated',
          'consistent',
        ].includes(word)
      )
        throw new ApiError(400, `invalid mode: ${mode}`)
    if (!destination.startsWith('/'))
      throw new ApiError(
        400,
        `invalid volume specification: '${b}': invalid mount config for type "volume": invalid mount path: '${destination}' mount path must be absolute`,
      )
    const rw = !mode.split(',').includes('ro')
    if (source.startsWith('/')) {
      // A directory that isn't there is made, for -v alone.
      if (isErr(yield* sys.stat(source))) yield* makeDirs(sys, source)
      out.push({ type: 'bind', source, destination, rw, mode })
    } else yield* named(source, destination, rw, mode)
  }
  for (const m of h.Mounts ?? []) {
    if (!['bind', 'volume', 'tmpfs'].includes(m.Type))
      throw new ApiError(400, `invalid mount config for type "${m.Type}": mount type unknown`)
    if (m.Type === 'tmpfs') out.push({ type: 'tmpfs', source: '', destination: m.Target, rw: true, mode: '' })
    else if (m.Type === 'bind') {
      if (isErr(yield* sys.stat(m.Source ?? '')))
        throw new ApiError(400, `invalid mount config for type "bind": bind source path does not exist: ${m.Source}`)
      out.push({ type: 'bind', source: m.Source ?? '', destination: m.Target, rw: !m.ReadOnly, mode: '' })
    } else yield* named(m.Source || (yield* newId(sys)), m.Target, !m.ReadOnly, 'z')
  }
  for (const [destination, mode] of Object.entries(h.Tmpfs ?? {}))
    out.push({ type: 'tmpfs', source: '', destination, rw: true, mode })
  for (const destination of Object.keys(config.Volumes ?? {}))
    if (!out.some((m) => m.destination === destination)) yield* named(yield* newId(sys), destination, true, '')
  return out
}
export function* ensureVolume(
  sys: Sys,
  d: Daemon,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Run<{ readonly mountpoint: string }> {
  const known = d.volumes.get(name)
  if (known) return known
  if (!nameRe.test(name))
    throw new ApiError(
      400,
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    )
  const mountpoint = `/var/lib/docker/volumes/${name}/_data`
  yield* makeDirs(sys, mountpoint)
  const made = { name, mountpoint, created: yield* sys.clock('realtime'), labels }
  d.volumes.set(name, made)
  return made
}

export function* createContainer(
  sys: Sys,
  d: Daemon,
  name: string,
  config: ContainerConfig,
  h: HostConfig,
  aliases: readonly string[],
  platform?: Platform,
): Run<Container> {
  const ref = parseReference(config.Image)
  const image = (() => {
    try {
      const found = findImage(d, config.Image, platform)
      // Another platform's image of that name is none: the client pulls the right one.
      const suits =
        !platform || (found.config.os === platform.os && found.config.architecture === platform.architecture)
      if (!suits) throw new ApiError(404, 'No such image')
      return found
    } catch (e) {
      if (e instanceof ApiError && e.status === 404 && !('error' in ref))
        throw new ApiError(404, `No such image: ${familiar(ref)}`)
      throw e
    }
  })()
  if (name !== '' && !nameRe.test(name))
    throw new ApiError(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  for (const c of d.containers.values())
    if (name !== '' && c.name === name)
      throw new ApiError(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${c.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      )
  validate(h)
  const id = yield* newId(sys)
  let given = name
  while (given === '' || [...d.containers.values()].some((c) => c.name === given)) {
    const [a = 0, b = 0] = yield* sys.getrandom(2)
    given = `${left[a % left.length]}_${right[b % right.length]}`
  }
  const ic = image.config.config
  const merged: ContainerConfig = {
    ...config,
    Hostname: config.Hostname || id.slice(0, 12),
    Env: [
      ...(config.Env ?? []),
      ...(ic.Env ?? []).filter((e) => !(config.Env ?? []).some((x) => x.startsWith(`${e.split('=')[0]}=`))),
    ],
    WorkingDir: config.WorkingDir || ic.WorkingDir || '',
    User: config.User || ic.User || '',
    ExposedPorts: { ...ic.ExposedPorts, ...config.ExposedPorts },
    Labels: { ...ic.Labels, ...config.Labels },
    Volumes: { ...ic.Volumes, ...config.Volumes },
    ...((config.StopSignal ?? ic.StopSignal) ? { StopSignal: config.StopSignal ?? (ic.StopSignal as string) } : {}),
    Entrypoint: config.Entrypoint ?? ic.Entrypoint ?? [],
    // An entrypoint of the user's own takes the image's command away.
    Cmd: config.Cmd && config.Cmd.length > 0 ? config.Cmd : config.Entrypoint ? [] : (ic.Cmd ?? []),
  }
  const words = [...(merged.Entrypoint ?? []), ...(merged.Cmd ?? [])]
  if (words.length === 0) throw new ApiError(400, 'no command specified')
  const mode = h.NetworkMode || 'default'
  const network = mode === 'default' || mode === 'bridge' ? 'bridge' : mode
  if (!network.startsWith('container:') && network !== 'host' && network !== 'none') findNetwork(d, network)
  const mounts = yield* mountsOf(sys, d, h, merged)
  const prepared = yield* call<Container['rootfs'] & object>(sys, 'snapshots.Prepare', {
    key: id,
    parent: image.chain.at(-1),
  })
  if (!prepared.ok) throw new ApiError(500, prepared.error)
  const c: Container = {
    id,
    name: given,
    created: yield* sys.clock('realtime'),
    config: merged,
    hostConfig: h,
    image,
    path: words[0] as string,
    args: words.slice(1),
    status: 'created',
    pid: 0,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: 0,
    finishedAt: 0,
    restartCount: 0,
    stopping: false,
    endpoints: [],
    mounts,
    rootfs: prepared.result,
    proxies: [],
    log: [],
    attached: new Set(),
    ends: 0,
    stdin: undefined,
    removed: false,
    changed: new WaitQueue(),
  }
  d.containers.set(id, c)
  if (!network.startsWith('container:') && network !== 'host' && network !== 'none')
    yield* addEndpoint(sys, c, findNetwork(d, network), aliases)
  yield* makeDirs(sys, `/var/lib/docker/containers/${id}`, 0o700)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'create')
  return c
}

/** The files that every container gets from the engine. */
function* writeFiles(sys: Sys, d: Daemon, c: Container): Run<void> {
  const dir = `/var/lib/docker/containers/${c.id}`
  const own = c.endpoints[0]
  const network = own && d.networks.get(own.network)
  const embedded = network !== undefined && network.name !== 'bridge'
  const host = yield* readText(sys, '/etc/resolv.conf')
  const name = c.config.Hostname ?? ''
  yield* write(sys, `${dir}/hostname`, `${name}\n`)
  yield* write(
    sys,
    `${dir}/resolv.conf`,
    c.hostConfig.Dns && c.hostConfig.Dns.length > 0 && !embedded
      ? c.hostConfig.Dns.map((x) => `nameserver ${x}\n`).join('')
      : embedded
        ? 'nameserver 127.0.0.11\noptions ndots:0\n'
        : isErr(host)
          ? ''
          : host,
  )
  yield* write(
    sys,
    `${dir}/hosts`,
    `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n${(
      c.hostConfig.ExtraHosts ?? []
    )
      .map((x) => {
        const at = x.indexOf(':')
        const address = x.slice(at + 1)
        return `${address === 'host-gateway' ? '172.17.0.1' : address}\t${x.slice(0, at)}\n`
      })
      .join('')}`,
  )
}
function* writeState(sys: Sys, c: Container): Run<void> {
  yield* write(
    sys,
    `/var/lib/docker/containers/${c.id}/config.v2.json`,
    JSON.stringify({
      ID: c.id,
      Name: `/${c.name}`,
      State: { Status: c.status, Running: c.status === 'running', Pid: c.pid, ExitCode: c.exitCode },
      Image: c.image.id,
      Config: { Image: c.config.Image },
      NetworkSettings: c.endpoints.map((e) => e.address),
    }),
  )
}

/** Names that the embedded DNS server at 127.0.0.11 knows for a container's networks. */
function lookupName(d: Daemon, c: Container, name: string): string | undefined {
  const mine = new Set(c.endpoints.map((e) => e.network))
  for (const other of d.containers.values()) {
    for (const e of other.endpoints) {
      if (e.address === '' || !mine.has(e.network) || d.networks.get(e.network)?.name === 'bridge') continue
      if ([other.name, other.id.slice(0, 12), other.config.Hostname, ...e.aliases].includes(name)) return e.address
    }
  }
  return undefined
}
function* serveNames(sys: Sys, d: Daemon, c: Container, pid: number): Run<void> {
  yield* inside(
    sys,
    pid,
    function* (t) {
      const fd = yield* t.socket('inet', 'dgram')
      if (isErr(fd) || (yield* t.bind(fd, { family: 'inet', address: '127.0.0.11', port: 53 }))) return
      while (c.pid === pid) {
        const got = yield* t.recvfrom(fd, 512)
        if (isErr(got)) break
        const query = decodeMessage(got.bytes)
        if (!query) continue
        const found = lookupName(d, c, query.name)
        let answer: Uint8Array
        if (found) answer = encodeResponse(query, [found])
        else {
          const outer = query.name.includes('.') ? yield* ask(t, '10.0.0.2', query.name) : 'nxdomain'
          answer = typeof outer === 'string' ? encodeResponse(query, [], 3) : encodeResponse(query, outer)
        }
        yield* t.sendto(fd, answer, got.from)
      }
      yield* t.close(fd)
    },
    false,
  )
}

/** Starts a container: mounts, config.json, task, network, then the program. */
export function* start(sys: Sys, d: Daemon, c: Container): Run<void> {
  if (c.status === 'running') return
  if (c.status === 'paused') throw new ApiError(409, `cannot start a paused container, try unpause instead`)
  c.error = ''
  c.stopping = false
  const fail = function* (message: string, code: number): Run<never> {
    c.exitCode = code
    c.error = message
    c.status = 'created'
    c.ends++
    for (const send of c.attached) send('stdout', undefined)
    c.changed.wake()
    yield* unpublish(sys, d, c)
    throw new ApiError(code === 125 ? 500 : 400, message)
  }
  yield* writeFiles(sys, d, c)
  const rootfs = c.rootfs as { upper: string; work: string; lower: string[] }
  // The image's files, to look up users: topmost layer that has the file.
  const view = yield* topLayer(sys, [rootfs.upper, ...rootfs.lower], 'etc/passwd')
  let spec: Spec
  try {
    spec = yield* makeSpec(sys, d, c, view)
  } catch (e) {
    if (e instanceof ApiError) return yield* fail(e.message, 125)
    throw e
  }
  const dir = `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}`
  yield* makeDirs(sys, dir)
  const stdio = {
    stdin: c.config.OpenStdin ? `${dir}/init-stdin` : '',
    stdout: `${dir}/init-stdout`,
    stderr: c.config.Tty ? '' : `${dir}/init-stderr`,
    terminal: c.config.Tty ?? false,
  }
  for (const path of [stdio.stdin, stdio.stdout, stdio.stderr]) {
    if (path === '') continue
    yield* sys.unlink(path)
    yield* sys.mknod(path, S_IFIFO | 0o600)
  }
  if (stdio.stdin) {
    const fd = yield* sys.open(stdio.stdin, O_RDWR)
    c.stdin = isErr(fd) ? undefined : fd
  }
  const reading: Reading = { count: 0, changed: new WaitQueue() }
  for (const [stream, path] of [
    ['stdout', stdio.stdout],
    ['stderr', stdio.stderr],
  ] as const)
    if (path) readOutput(sys, c, stream, path, reading)
  const created = yield* call<{ pid: number }>(sys, 'tasks.Create', { id: c.id, spec, rootfs, stdio })
  if (!created.ok) {
    yield* sys.unlink(stdio.stdout)
    yield* releaseReaders(sys, [stdio.stdout, stdio.stderr])
    const text = created.error
    return yield* fail(
      text,
      /executable file not found|no such file or directory: unknown$/.test(text)
        ? 127
        : /permission denied/.test(text)
          ? 126
          : 125,
    )
  }
  c.pid = created.result.pid
  try {
    for (const [i, e] of c.endpoints.entries()) yield* plug(sys, d, c, e, i)
    yield* publish(sys, d, c)
  } catch (e) {
    yield* call(sys, 'tasks.Delete', { id: c.id })
    c.pid = 0
    if (e instanceof ApiError) return yield* fail(e.message, 125)
    throw e
  }
  const own = c.endpoints.find((e) => e.address !== '')
  if (own) {
    const fd = yield* sys.open(`/var/lib/docker/containers/${c.id}/hosts`, O_WRONLY | 0o2000)
    if (!isErr(fd)) {
      yield* writeAll(sys, fd, utf8(`${own.address}\t${c.config.Hostname}\n`))
      yield* sys.close(fd)
    }
    if (c.endpoints.some((e) => d.networks.get(e.network)?.name !== 'bridge')) yield* serveNames(sys, d, c, c.pid)
  }
  c.status = 'running'
  c.changed.wake()
  c.startedAt = yield* sys.clock('realtime')
  c.oomKilled = false
  const started = yield* call(sys, 'tasks.Start', { id: c.id })
  if (!started.ok) return yield* fail(started.error, 125)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'start')
  sys.thread((t) => watch(t, d, c, reading))
}
function* topLayer(sys: Sys, layers: readonly string[], file: string): Run<string> {
  for (const l of layers) if (!isErr(yield* sys.stat(`${l}/${file}`))) return l
  return layers[0] ?? '/'
}
/** Opens the readers' fifos once, so that threads that wait for a writer go on to the end. */
function* releaseReaders(sys: Sys, paths: readonly string[]): Run<void> {
  for (const path of paths) {
    if (!path) continue
    const fd = yield* sys.open(path, O_WRONLY | 0o4000)
    if (!isErr(fd)) yield* sys.close(fd)
  }
}
/** Reads one stream of a container into its log, and to who is attached. */
function readOutput(sys: Sys, c: Container, stream: 'stdout' | 'stderr', path: string, reading: Reading): void {
  reading.count++
  sys.thread(function* (t) {
    const fd = yield* t.open(path, O_RDONLY)
    while (!isErr(fd)) {
      const part = yield* t.read(fd, 65536)
      if (isErr(part) || part.length === 0) break
      yield* record(t, c, stream, part)
    }
    if (!isErr(fd)) yield* t.close(fd)
    reading.count--
    reading.changed.wake()
  })
}
/** Streams of one container that are still being read. */
interface Reading {
  count: number
  readonly changed: WaitQueue
}
const LOG_LIMIT = 4 * 1024 * 1024
function* record(sys: Sys, c: Container, stream: 'stdout' | 'stderr', bytes: Uint8Array): Run<void> {
  c.log.push({ stream, time: yield* sys.clock('realtime'), bytes })
  let total = c.log.reduce((n, l) => n + l.bytes.length, 0)
  while (total > LOG_LIMIT && c.log.length > 1) total -= c.log.shift()?.bytes.length ?? 0
  for (const send of c.attached) send(stream, bytes)
  c.changed.wake()
}
/** The json-file driver's file, written when the container ends or its log is asked for. */
export function* flushLog(sys: Sys, c: Container): Run<void> {
  const lines = logLines(c).map((l) =>
    JSON.stringify({ log: decode(l.bytes), stream: l.stream, time: strftime('%FT%T.%NZ', l.time) }),
  )
  yield* write(
    sys,
    `/var/lib/docker/containers/${c.id}/${c.id}-json.log`,
    lines.length > 0 ? `${lines.join('\n')}\n` : '',
  )
}
/** The log line by line. */
export function logLines(
  c: Container,
): { readonly stream: 'stdout' | 'stderr'; readonly time: number; readonly bytes: Uint8Array }[] {
  const out: { stream: 'stdout' | 'stderr'; time: number; bytes: Uint8Array }[] = []
  const rest = new Map<string, Uint8Array>()
  for (const l of c.log) {
    let bytes = rest.has(l.stream) ? concat([rest.get(l.stream) as Uint8Array, l.bytes]) : l.bytes
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
      out.push({ stream: l.stream, time: l.time, bytes: bytes.subarray(0, at + 1) })
      bytes = bytes.subarray(at + 1)
    }
    if (bytes.length > 0) rest.set(l.stream, bytes)
    else rest.delete(l.stream)
  }
  for (const [stream, bytes] of rest) out.push({ stream: stream as 'stdout', time: c.log.at(-1)?.time ?? 0, bytes })
  return out
}

/** Waits for a container's end, cleans up after it, and restarts or removes it where that was asked for. */
function* watch(sys: Sys, d: Daemon, c: Container, reading: Reading): Run<void> {
  const r = yield* call<{ status: number }>(sys, 'tasks.Wait', { id: c.id })
  const events = yield* readText(sys, `/sys/fs/cgroup/system.slice/docker-${c.id}.scope/memory.events`)
  c.oomKilled = !isErr(events) && /oom_kill [1-9]/.test(events)
  // A stream that nobody opened must not hold the end up.
  yield* releaseReaders(sys, [
    `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}/init-stdout`,
    `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}/init-stderr`,
  ])
  yield* sys.futex(reading.changed, () => reading.count === 0)
  yield* unpublish(sys, d, c)
  yield* call(sys, 'tasks.Delete', { id: c.id })
  if (c.stdin !== undefined) yield* sys.close(c.stdin)
  c.stdin = undefined
  c.pid = 0
  c.exitCode = r.ok ? r.result.status : 255
  c.status = 'exited'
  c.finishedAt = yield* sys.clock('realtime')
  yield* flushLog(sys, c)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'die', { exitCode: String(c.exitCode) })
  const policy = c.hostConfig.RestartPolicy
  const again =
    !c.stopping &&
    (policy?.Name === 'always' ||
      policy?.Name === 'unless-stopped' ||
      (policy?.Name === 'on-failure' &&
        c.exitCode !== 0 &&
        (policy.MaximumRetryCount === 0 || c.restartCount < policy.MaximumRetryCount)))
  if (again) {
    c.restartCount++
    c.status = 'restarting'
    c.changed.wake()
    yield* sys.nanosleep(Math.min(60e9, 100e6 * 2 ** Math.min(c.restartCount - 1, 10)))
    if (!c.stopping && !c.removed) {
      c.status = 'exited'
      yield* start(sys, d, c)
      return
    }
    c.status = 'exited'
  }
  c.ends++
  for (const send of c.attached) send('stdout', undefined)
  c.attached.clear()
  c.changed.wake()
  if (c.hostConfig.AutoRemove) yield* remove(sys, d, c, true, true)
}

/** Sends a signal to PID 1 of a container. */
export function* signal(sys: Sys, d: Daemon, c: Container, name: string): Run<void> {
  const n = signalNumber(name)
  if (n === undefined) throw new ApiError(400, `invalid signal: ${name}`)
  if (c.status !== 'running' && c.status !== 'paused') throw new ApiError(409, `Container ${c.id} is not running`)
  if (n === 9) c.stopping = true
  yield* call(sys, 'tasks.Kill', { id: c.id, signal: n })
  yield* note(sys, d, c, 'kill', { signal: String(n) })
}
/** Asks a container to stop, and ends it by SIGKILL when the time is over. */
export function* stop(sys: Sys, d: Daemon, c: Container, seconds: number | undefined, name?: string): Run<void> {
  if (c.status !== 'running' && c.status !== 'paused' && c.status !== 'restarting') return
  c.stopping = true
  if (c.status === 'paused') yield* pause(sys, d, c, false)
  const { ends } = c
  yield* call(sys, 'tasks.Kill', { id: c.id, signal: signalNumber(name ?? c.config.StopSignal ?? 'SIGTERM') ?? 15 })
  const limit = seconds ?? 10
  if (!(yield* sys.futex(c.changed, () => c.ends !== ends, limit < 0 ? undefined : limit * 1e9))) {
    yield* call(sys, 'tasks.Kill', { id: c.id, signal: 9 })
    yield* sys.futex(c.changed, () => c.ends !== ends)
  }
  yield* note(sys, d, c, 'stop')
}
export function* pause(sys: Sys, d: Daemon, c: Container, on: boolean): Run<void> {
  if (on && c.status === 'paused') throw new ApiError(409, `Container ${c.id} is already paused`)
  if (on && c.status !== 'running') throw new ApiError(409, `Container ${c.id} is not running`)
  if (!on && c.status !== 'paused') throw new ApiError(500, `Container ${c.id} is not paused`)
  const r = yield* call(sys, on ? 'tasks.Pause' : 'tasks.Resume', { id: c.id })
  if (!r.ok) throw new ApiError(500, r.error)
  c.status = on ? 'paused' : 'running'
  yield* writeState(sys, c)
  yield* note(sys, d, c, on ? 'pause' : 'unpause')
}
/** Waits until a container isn't running (or until its next end). */
export function* waitFor(sys: Sys, c: Container, condition: string): Run<void> {
  const { ends } = c
  if (condition === 'removed') {
    yield* sys.futex(c.changed, () => c.removed)
    return
  }
  const over = (): boolean =>
    condition === 'next-exit'
      ? c.ends > ends
      : c.status !== 'running' && c.status !== 'paused' && c.status !== 'restarting' && c.status !== 'created'
  yield* sys.futex(c.changed, over)
}
export function* remove(sys: Sys, d: Daemon, c: Container, force: boolean, volumes: boolean): Run<void> {
  if (c.removed) return
  if (c.status === 'running' || c.status === 'paused' || c.status === 'restarting') {
    if (!force)
      throw new ApiError(
        409,
        `cannot remove container "${c.name}": container is ${c.status}: stop the container before removing or force remove`,
      )
    const { ends } = c
    c.stopping = true
    if (c.status === 'paused') yield* pause(sys, d, c, false)
    yield* call(sys, 'tasks.Kill', { id: c.id, signal: 9 })
    yield* sys.futex(c.changed, () => c.ends !== ends)
    // --rm may be taking it away already.
    if (c.hostConfig.AutoRemove) {
      yield* sys.futex(c.changed, () => c.removed)
      return
    }
  }
  yield* call(sys, 'snapshots.Remove', { key: c.id })
  yield* removeTree(sys, `/var/lib/docker/containers/${c.id}`)
  yield* removeTree(sys, `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}`)
  d.containers.delete(c.id)
  if (volumes)
    for (const m of c.mounts)
      if (
        m.type === 'volume' &&
        m.name &&
        /^[0-9a-f]{64}$/.test(m.name) &&
        ![...d.containers.values()].some((o) => o.mounts.some((x) => x.name === m.name))
      ) {
        d.volumes.delete(m.name)
        yield* removeTree(sys, `/var/lib/docker/volumes/${m.name}`)
      }
  c.removed = true
  c.changed.wake()
  for (const send of c.attached) send('stdout', undefined)
  yield* note(sys, d, c, 'destroy')
}

/** Prepares a further process in a container. */
export function* createExec(sys: Sys, d: Daemon, ref: string, options: Exec['options']): Run<Exec> {
  const c = findContainer(d, ref)
  if (c.status === 'paused') throw new ApiError(409, `Container ${c.name} is paused, unpause the container before exec`)
  if (c.status !== 'running') throw new ApiError(409, `container ${c.id} is not running`)
  if (options.Cmd.length === 0) throw new ApiError(400, 'No exec command specified')
  const e: Exec = { id: yield* newId(sys), container: c, options, running: false, exitCode: null, pid: 0 }
  d.execs.set(e.id, e)
  return e
}
/** Starts it; what it prints goes to `send`, undefined at the end. Answers the descriptor of its input. */
export function* startExec(
  sys: Sys,
  d: Daemon,
  e: Exec,
  send: (stream: 'stdout' | 'stderr', bytes: Uint8Array | undefined) => void,
): Run<number | undefined> {
  const c = e.container
  const dir = `/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/${c.id}`
  const base = `${dir}/${e.id.slice(0, 12)}`
  const tty = e.options.Tty ?? false
  const stdio = {
    stdin: e.options.AttachStdin ? `${base}-stdin` : '',
    stdout: `${base}-stdout`,
    stderr: tty ? '' : `${base}-stderr`,
    terminal: tty,
  }
  for (const path of [stdio.stdin, stdio.stdout, stdio.stderr]) if (path) yield* sys.mknod(path, S_IFIFO | 0o600)
  const rootfs = c.rootfs as { upper: string; lower: string[] }
  const user = yield* resolveUser(
    sys,
    yield* topLayer(sys, [rootfs.upper, ...rootfs.lower], 'etc/passwd'),
    e.options.User || c.config.User || '',
  )
  const caps = capabilitiesOf(e.options.Privileged ? { hostConfig: { Privileged: true } } : c)
  const process = {
    terminal: tty,
    consoleSize: { height: 24, width: 80 },
    user,
    args: e.options.Cmd,
    env: [
      ...environment(c).filter((x) => !(e.options.Env ?? []).some((y) => y.split('=')[0] === x.split('=')[0])),
      ...(tty ? ['TERM=xterm'] : []),
      ...(e.options.Env ?? []),
    ],
    cwd: e.options.WorkingDir || c.config.WorkingDir || '/',
    capabilities: { bounding: caps, effective: user.uid === 0 ? caps : [], permitted: user.uid === 0 ? caps : [] },
  }
  let stdin: number | undefined
  if (stdio.stdin) {
    const fd = yield* sys.open(stdio.stdin, O_RDWR)
    stdin = isErr(fd) ? undefined : fd
  }
  const reading: Reading = { count: 0, changed: new WaitQueue() }
  for (const [stream, path] of [
    ['stdout', stdio.stdout],
    ['stderr', stdio.stderr],
  ] as const) {
    if (!path) continue
    reading.count++
    sys.thread(function* (t) {
      const fd = yield* t.open(path, O_RDONLY)
      while (!isErr(fd)) {
        const part = yield* t.read(fd, 65536)
        if (isErr(part) || part.length === 0) break
        send(stream, part)
      }
      if (!isErr(fd)) yield* t.close(fd)
      yield* t.unlink(path)
      reading.count--
      reading.changed.wake()
    })
  }
  e.running = true
  const r = yield* call<{ pid: number }>(sys, 'tasks.Exec', { id: c.id, execId: e.id.slice(0, 12), process, stdio })
  if (!r.ok) {
    e.running = false
    e.exitCode = 126
    yield* releaseReaders(sys, [stdio.stdout, stdio.stderr])
    yield* sys.futex(reading.changed, () => reading.count === 0)
    if (stdin !== undefined) yield* sys.close(stdin)
    send('stdout', utf8(`${r.error}\r\n`))
    send('stdout', undefined)
    return undefined
  }
  e.pid = r.result.pid
  yield* event(sys, d, 'container', `exec_start: ${e.options.Cmd.join(' ')}`, c.id, { name: c.name })
  sys.thread(function* (t) {
    const w = yield* call<{ status: number }>(t, 'tasks.Wait', { id: c.id, execId: e.id.slice(0, 12) })
    yield* releaseReaders(t, [stdio.stdout, stdio.stderr])
    yield* t.futex(reading.changed, () => reading.count === 0)
    e.running = false
    e.exitCode = w.ok ? w.result.status : 137
    if (stdin !== undefined) yield* t.close(stdin)
    yield* t.unlink(stdio.stdin || '/nonexistent')
    send('stdout', undefined)
  })
  return stdin
}

/** docker run, create, exec, attach, start -a: a container's configuration from flags, and its streams. */
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } from '../../kernel/linux/signals.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { ramInBytes } from '../../oci/units.ts'
import type { HttpReader } from '../../userland/lib/http.ts'
import { print, readText, warn, writeAll } from '../../userland/lib/io.ts'
import type { Parsed } from '../flags.ts'
import { CliError, type Client, query } from './api.ts'

/** Access to what was given. */
export class Given {
  readonly parsed: Parsed
  constructor(parsed: Parsed) {
    this.parsed = parsed
  }
  has(name: string): boolean {
    return this.parsed.values.get(name)?.at(-1) === 'true'
  }
  value(name: string): string | undefined {
    return this.parsed.values.get(name)?.at(-1)
  }
  all(name: string): readonly string[] {
    return this.parsed.values.get(name) ?? []
  }
  get args(): readonly string[] {
    return this.parsed.args
  }
}

/** Flags of run and create that are carried out; the others say that they aren't. */
const done = new Set(
  'add-host attach cap-add cap-drop cidfile cpu-period cpu-quota cpu-shares cpus cpuset-cpus detach detach-keys dns entrypoint env env-file expose group-add hostname init interactive ipc label label-file memory memory-reservation memory-swap mount name network network-alias oom-score-adj pid pids-limit platform privileged publish pull quiet read-only restart rm security-opt shm-size sig-proxy stop-signal stop-timeout tmpfs tty ulimit user uts volume workdir cgroupns isolation'.split(
    ' ',
  ),
)

function port(spec: string, what: 'hostPort' | 'containerPort'): number {
  if (!/^\d+$/.test(spec) || Number(spec) > 65535) throw new CliError(`invalid ${what}: ${spec}`, 125)
  return Number(spec)
}
/** `[ip:]host:container[/proto]`, ranges included. */
export function parsePorts(specs: readonly string[]): {
  readonly exposed: Record<string, object>
  readonly bindings: Record<string, { HostIp: string; HostPort: string }[]>
} {
  const exposed: Record<string, object> = {}
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const spec of specs) {
    const [ports = '', protocol = 'tcp'] = spec.split('/')
    if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw new CliError(`invalid proto: ${protocol}`, 125)
    const parts = ports.split(':')
    const container = parts.pop() ?? ''
    const host = parts.pop() ?? ''
    const ip = parts.join(':')
    if (container === '') throw new CliError(`no port specified: ${spec}<empty>`, 125)
    const [from = '', to = from] = container.split('-')
    const first = port(from, 'containerPort')
    const last = port(to, 'containerPort')
    const [hostFrom = '', hostTo = hostFrom] = host.split('-')
    const hostFirst = host === '' ? undefined : port(hostFrom, 'hostPort')
    if (hostFirst !== undefined) port(hostTo, 'hostPort')
    if (last < first) throw new CliError(`invalid containerPort: ${container}`, 125)
    if (ip !== '' && !/^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-fA-F:]+\]?)$/.test(ip))
      throw new CliError(`invalid IP address: ${ip}`, 125)
    for (let p = first; p <= last; p++) {
      const key = `${p}/${protocol.toLowerCase()}`
      exposed[key] = {}
      bindings[key] = [
        ...(bindings[key] ?? []),
        { HostIp: ip, HostPort: hostFirst === undefined ? '' : String(hostFirst + p - first) },
      ]
    }
  }
  return { exposed, bindings }
}
function* envFile(sys: Sys, file: string): Run<string[]> {
  const text = yield* readText(sys, file)
  if (isErr(text)) throw new CliError(`open ${file}: ${text.text.toLowerCase()}`, 125)
  const out: string[] = []
  for (const line of text.split('\n')) {
    const t = line.trimStart()
    if (t === '' || t.startsWith('#')) continue
    if (t.includes('=')) out.push(t)
    else {
      const own = sys.environ().find((e) => e.startsWith(`${t}=`))
      if (own) out.push(own)
    }
  }
  return out
}
/** Source, target and mode of -v; the colon of a drive letter (C:\\data) belongs to the path. */
function volumeParts(spec: string): string[] {
  const parts: string[] = []
  for (const piece of spec.split(':')) {
    const last = parts.at(-1)
    if (last !== undefined && /^[A-Za-z]$/.test(last) && /^[\\/]/.test(piece) && spec.includes('\\'))
      parts[parts.length - 1] = `${last}:${piece}`
    else parts.push(piece)
  }
  return parts
}
/** The body of POST /containers/create. */
export function* createBody(sys: Sys, g: Given, cwd: string): Run<Record<string, unknown>> {
  for (const name of g.parsed.values.keys())
    if (!done.has(name)) throw new CliError(`zukan: not emulated: docker run --${name}`, 125)
  const [image = '', ...command] = g.args
  const ref = parseReference(image)
  if ('error' in ref) throw new CliError(ref.error, 125)
  const env: string[] = []
  for (const f of g.all('env-file')) env.push(...(yield* envFile(sys, f)))
  for (const e of g.all('env')) {
    if (e.includes('=')) env.push(e)
    else {
      const own = sys.environ().find((x) => x.startsWith(`${e}=`))
      if (own) env.push(own)
    }
  }
  const ports = parsePorts(g.all('publish'))
  const bytes = (name: string): number | undefined => {
    const v = g.value(name)
    return v === undefined ? undefined : v === '-1' ? -1 : ramInBytes(v)
  }
  const binds: string[] = []
  for (const v of g.all('volume')) {
    const parts = volumeParts(v)
    if (parts.some((x) => x === '')) throw new CliError(`invalid spec: ${v}: empty section between colons`, 125)
    if (parts.length > 3) throw new CliError(`invalid spec: ${v}: too many colons`, 125)
    if (parts.length === 1) binds.push(`:${v}`)
    else
      binds.push(
        [
          (parts[0] as string).startsWith('.')
            ? `${cwd}/${(parts[0] as string).replace(/^\.\/?/, '')}`.replace(/\/$/, '')
            : parts[0],
          ...parts.slice(1),
        ].join(':'),
      )
  }
  const mounts = g.all('mount').map((m) => {
    const o = new Map(
      m.split(',').map((x) => [x.split('=')[0] as string, x.includes('=') ? x.slice(x.indexOf('=') + 1) : 'true']),
    )
    const target = o.get('target') ?? o.get('dst') ?? o.get('destination')
    if (target === undefined) throw new CliError(`invalid argument "${m}" for "--mount" flag: target is required`, 125)
    return {
      Type: o.get('type') ?? 'volume',
      Source: o.get('source') ?? o.get('src') ?? '',
      Target: target,
      ReadOnly: ['true', '1'].includes(o.get('readonly') ?? o.get('ro') ?? ''),
    }
  })
  const anonymous = Object.fromEntries(binds.filter((b) => b.startsWith(':')).map((b) => [b.slice(1), {}]))
  const restart = g.value('restart')
  const [policy = 'no', retries] = (restart ?? 'no').split(':')
  if (retries !== undefined && !/^\d+$/.test(retries))
    throw new CliError('invalid restart policy format: maximum retry count must be an integer', 125)
  const hosts = g.all('add-host').map((h) => {
    const at = h.search(/[:=]/)
    if (at <= 0)
      throw new CliError(`invalid argument "${h}" for "--add-host" flag: bad format for add-host: "${h}"`, 125)
    const address = h.slice(at + 1)
    if (address !== 'host-gateway' && !/^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-fA-F:]+\]?)$/.test(address))
      throw new CliError(
        `invalid argument "${h}" for "--add-host" flag: invalid IP address in add-host: "${address}"`,
        125,
      )
    return `${h.slice(0, at)}:${address}`
  })
  const cpus = g.value('cpus')
  const detached = g.has('detach')
  const network = g.value('network') ?? 'default'
  const entrypoint = g.value('entrypoint')
  const interactive = g.has('interactive')
  return {
    Hostname: g.value('hostname') ?? '',
    User: g.value('user') ?? '',
    AttachStdin: interactive && !detached,
    AttachStdout: !detached,
    AttachStderr: !detached,
    ExposedPorts: {
      ...ports.exposed,
      ...Object.fromEntries(g.all('expose').map((e) => [e.includes('/') ? e : `${e}/tcp`, {}])),
    },
    Tty: g.has('tty'),
    OpenStdin: interactive,
    StdinOnce: interactive && !detached,
    Env: env,
    Cmd: command,
    Image: image,
    Volumes: anonymous,
    WorkingDir: g.value('workdir') ?? '',
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint === '' ? [''] : [entrypoint] }),
    Labels: Object.fromEntries(
      g.all('label').map((l) => [l.split('=')[0], l.includes('=') ? l.slice(l.indexOf('=') + 1) : '']),
    ),
    ...(g.value('stop-signal') ? { StopSignal: g.value('stop-signal') } : {}),
    HostConfig: {
      Binds: binds.filter((b) => !b.startsWith(':')),
      Mounts: mounts,
      Tmpfs: Object.fromEntries(g.all('tmpfs').map((t) => [t.split(':')[0], t.split(':').slice(1).join(':')])),
      NetworkMode: network,
      PortBindings: ports.bindings,
      RestartPolicy: { Name: policy, MaximumRetryCount: Number(retries ?? 0) },
      AutoRemove: g.has('rm'),
      Memory: bytes('memory') ?? 0,
      MemorySwap: bytes('memory-swap') ?? 0,
      MemoryReservation: bytes('memory-reservation') ?? 0,
      NanoCpus: cpus === undefined ? 0 : Math.round(Number(cpus) * 1e9),
      CpuShares: Number(g.value('cpu-shares') ?? 0),
      CpuQuota: Number(g.value('cpu-quota') ?? 0),
      CpuPeriod: Number(g.value('cpu-period') ?? 0),
      CpusetCpus: g.value('cpuset-cpus') ?? '',
      PidsLimit: g.value('pids-limit') === undefined ? null : Number(g.value('pids-limit')),
      CapAdd: g.all('cap-add'),
      CapDrop: g.all('cap-drop'),
      Privileged: g.has('privileged'),
      ReadonlyRootfs: g.has('read-only'),
      ExtraHosts: hosts,
      Dns: g.all('dns'),
      PidMode: g.value('pid') ?? '',
      UTSMode: g.value('uts') ?? '',
      IpcMode: g.value('ipc') ?? '',
      CgroupnsMode: g.value('cgroupns') ?? '',
      SecurityOpt: g.all('security-opt'),
      GroupAdd: g.all('group-add'),
      Init: g.has('init'),
      OomScoreAdj: Number(g.value('oom-score-adj') ?? 0),
      ...(g.value('isolation') === undefined ? {} : { Isolation: g.value('isolation') }),
      ShmSize: bytes('shm-size') ?? 0,
      Ulimits: g.all('ulimit').map((u) => {
        const [name = '', range = ''] = u.split('=')
        const [soft, hard] = range.split(':').map(Number)
        return { Name: name, Soft: soft ?? 0, Hard: hard ?? soft ?? 0 }
      }),
    },
    NetworkingConfig: {
      EndpointsConfig: network === 'default' ? {} : { [network]: { Aliases: g.all('network-alias') } },
    },
  }
}

/** Shows a pull's progress as plain lines. */
export function* showPull(
  sys: Sys,
  client: Client,
  image: string,
  platform: string | undefined,
  fd: Fd,
  quiet = false,
): Run<void> {
  const ref = parseReference(image)
  if ('error' in ref) throw new CliError(ref.error)
  const name = familiar(ref)
  const bare = name.split('@')[0] as string
  const tag = ref.digest ?? ref.tag ?? 'latest'
  let failed: string | undefined
  yield* client.lines(
    'POST',
    `/images/create${query({ fromImage: ref.digest ? bare : bare.replace(/:[^:/]*$/, ''), tag, platform })}`,
    function* (line) {
      if (typeof line.error === 'string') failed = line.error
      else if (!quiet)
        yield* writeAll(
          sys,
          fd,
          new TextEncoder().encode(`${line.id ? `${line.id as string}: ` : ''}${line.status as string}\n`),
        )
    },
  )
  if (failed !== undefined) throw new CliError(`Error response from daemon: ${failed}`)
}

/** Creates a container, pulling its image first where it is missing. */
export function* createWithPull(sys: Sys, client: Client, g: Given): Run<string> {
  const cwd = yield* sys.getcwd()
  const body = yield* createBody(sys, g, isErr(cwd) ? '/' : cwd)
  const path = `/containers/create${query({ name: g.value('name'), platform: g.value('platform') })}`
  const policy = g.value('pull') ?? 'missing'
  const image = body.Image as string
  if (policy === 'always') yield* showPull(sys, client, image, g.value('platform'), 2, g.has('quiet'))
  try {
    return (yield* client.json<{ Id: string }>('POST', path, body)).Id
  } catch (e) {
    if (!(e instanceof CliError) || !/No such image/.test(e.message) || policy === 'never') throw e
    const ref = parseReference(image)
    if (!g.has('quiet')) yield* warn(sys, `Unable to find image '${'error' in ref ? image : familiar(ref)}' locally\n`)
    yield* showPull(sys, client, image, g.value('platform'), 2, g.has('quiet'))
    return (yield* client.json<{ Id: string }>('POST', path, body)).Id
  }
}

/** Copies between the terminal and a connection that was taken over, until the other side is done or the detach keys came. */
export function* pump(
  sys: Sys,
  connection: { readonly fd: Fd; readonly reader: HttpReader },
  o: {
    readonly tty: boolean
    readonly input: boolean
    readonly resize?: (rows: number, columns: number) => Run<void>
    readonly forward?: (signal: number) => Run<void>
  },
): Run<'end' | 'detached'> {
  const { fd } = connection
  const state: unknown = o.tty ? yield* sys.ioctl(0, 'TCGETS') : undefined
  const rawMode = o.tty && o.input && !isErr(state)
  if (rawMode)
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
  const size = function* (): Run<void> {
    const s = yield* sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
    if (!isErr(s) && o.resize) yield* o.resize(s.rows, s.columns)
  }
  if (o.tty) {
    yield* size()
    yield* sys.sigaction(SIGWINCH, () => size())
  }
  const { forward } = o
  if (forward)
    for (const signal of [SIGINT, SIGTERM, SIGQUIT, SIGHUP]) yield* sys.sigaction(signal, () => forward(signal))
  let pending = connection.reader.takeRest()
  let input = o.input
  let held = false
  let result: 'end' | 'detached' = 'end'
  const show = function* (bytes: Uint8Array): Run<void> {
    if (o.tty) {
      yield* writeAll(sys, 1, bytes)
      return
    }
    // Frames of eight bytes and a payload: which stream, how long.
    const joined = new Uint8Array(pending.length + bytes.length)
    joined.set(pending)
    joined.set(bytes, pending.length)
    pending = joined
    while (pending.length >= 8) {
      const length = new DataView(pending.buffer, pending.byteOffset).getUint32(4)
      if (pending.length < 8 + length) return
      yield* writeAll(sys, pending[0] === 2 ? 2 : 1, pending.subarray(8, 8 + length))
      pending = pending.subarray(8 + length)
    }
  }
  if (pending.length > 0) {
    const first = pending
    pending = new Uint8Array(0)
    yield* show(first)
  }
  for (;;) {
    const ready = yield* sys.poll(
      input
        ? [
            { fd, read: true },
            { fd: 0, read: true },
          ]
        : [{ fd, read: true }],
    )
    if (isErr(ready)) continue
    if (ready.includes(fd)) {
      const part = yield* sys.read(fd, 65536)
      if (isErr(part) || part.length === 0) break
      yield* show(part)
    }
    if (input && ready.includes(0)) {
      const part = yield* sys.read(0, 65536)
      if (isErr(part) || part.length === 0) {
        input = false
        yield* sys.shutdown(fd, 'write')
        continue
      }
      let send = part
      if (o.tty) {
        // ctrl-p ctrl-q leaves the container running.
        const keys = held ? [16, ...part] : [...part]
        held = false
        const at = keys.findIndex((k, i) => k === 16 && keys[i + 1] === 17)
        if (at >= 0) {
          result = 'detached'
          break
        }
        if (keys.at(-1) === 16) {
          held = true
          keys.pop()
        }
        send = Uint8Array.from(keys)
      }
      if (send.length > 0) yield* writeAll(sys, fd, send)
    }
  }
  if (rawMode) yield* sys.ioctl(0, 'TCSETS', state)
  yield* sys.close(fd)
  return result
}

/** docker run. */
export function* runCommand(sys: Sys, client: Client, g: Given): Run<number> {
  const detached = g.has('detach')
  const tty = g.has('tty')
  const interactive = g.has('interactive')
  if (tty && interactive && !detached && isErr(yield* sys.ioctl(0, 'TCGETS')))
    throw new CliError('the input device is not a TTY', 1)
  const id = yield* createWithPull(sys, client, g)
  const cid = g.value('cidfile')
  if (cid !== undefined) {
    const fd = yield* sys.open(cid, 0o301, 0o644)
    if (isErr(fd))
      throw new CliError(`container ID file found, make sure the other container isn't running or delete ${cid}`, 125)
    yield* writeAll(sys, fd, new TextEncoder().encode(id))
    yield* sys.close(fd)
  }
  if (detached) {
    yield* startContainer(client, g, id)
    yield* print(sys, `${id}\n`)
    return 0
  }
  const wanted = g.all('attach')
  const want = (s: string): boolean => wanted.length === 0 || wanted.includes(s)
  const connection = yield* client.stream(
    'POST',
    `/containers/${id}/attach${query({ stream: true, stdin: interactive, stdout: want('stdout'), stderr: want('stderr') })}`,
    undefined,
    true,
  )
  const waiting = yield* client.stream(
    'POST',
    `/containers/${id}/wait${query({ condition: g.has('rm') ? 'removed' : 'next-exit' })}`,
  )
  yield* startContainer(client, g, id)
  const how = yield* pump(sys, connection, {
    tty,
    input: interactive,
    resize: function* (h, w) {
      yield* client.json('POST', `/containers/${id}/resize${query({ h, w })}`)
    },
    ...(tty || g.value('sig-proxy') === 'false'
      ? {}
      : {
          forward: function* (signal: number): Run<void> {
            try {
              yield* client.json('POST', `/containers/${id}/kill${query({ signal })}`)
            } catch (e) {
              if (!(e instanceof CliError)) throw e
            }
          },
        }),
  })
  if (how === 'detached') return 0
  const part = yield* waiting.reader.piece(waiting.headers)
  return part ? ((JSON.parse(new TextDecoder().decode(part)) as { StatusCode: number }).StatusCode ?? 0) : 0
}

/** Starts what was just created; a failure's exit code tells what was wrong: 127 no such program, 126 it can't be run, 125 all else. */
function* startContainer(client: Client, g: Given, id: string): Run<void> {
  try {
    yield* client.json('POST', `/containers/${id}/start`)
  } catch (e) {
    // A container that couldn't start is no use to --rm.
    if (e instanceof CliError && g.has('rm'))
      yield* client.json('DELETE', `/containers/${id}${query({ force: true, v: true })}`)
    throw e instanceof CliError
      ? new CliError(
          e.message,
          /executable file not found|no such file or directory/.test(e.message)
            ? 127
            : /permission denied|is a directory/.test(e.message)
              ? 126
              : 125,
        )
      : e
  }
}

/** The other commands of docker: each asks the API and prints what it answers. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { parseReference } from '../../oci/reference.ts'
import { bytesSize, humanDuration, humanSize } from '../../oci/units.ts'
import { print, warn, writeAll } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { CliError, type Client, query } from './api.ts'
import { isTerminal, printList, printObjects, tabulate } from './format.ts'
import { createWithPull, type Given, pump, runCommand, showPull } from './run.ts'

export type Command = (sys: Sys, client: Client, g: Given) => Run<number>
type Json = Readonly<Record<string, unknown>>

/** Does one thing to each operand; a failure is told, and the others still get their turn. */
function each(act: (sys: Sys, client: Client, name: string, g: Given) => Run<string | undefined>): Command {
  return function* (sys, client, g) {
    const failures: string[] = []
    for (const name of g.args) {
      try {
        const shown = yield* act(sys, client, name, g)
        if (shown !== undefined) yield* print(sys, `${shown}\n`)
      } catch (e) {
        if (!(e instanceof CliError)) throw e
        failures.push(e.message)
      }
    }
    if (failures.length > 0) yield* warn(sys, `${failures.join('\n')}\n`)
    return failures.length > 0 ? 1 : 0
  }
}
const post = (path: (name: string, g: Given) => string): Command =>
  each(function* (_sys, client, name, g) {
    yield* client.json('POST', path(encodeURIComponent(name), g))
    return name
  })

const filters = (g: Given): string | undefined => {
  const all = g.all('filter')
  if (all.length === 0) return undefined
  const out: Record<string, string[]> = {}
  for (const f of all) {
    const at = f.indexOf('=')
    if (at < 0)
      throw new CliError(
        `invalid argument "${f}" for "-f, --filter" flag: invalid filter '${f}': must be of the form key=value`,
        125,
      )
    const key = f.slice(0, at).toLowerCase().trim()
    out[key] = [...(out[key] ?? []), f.slice(at + 1)]
  }
  return JSON.stringify(out)
}
const ago = (seconds: number, now: number): string => `${humanDuration(now - seconds * 1e9)} ago`
const quoted = (s: string, limit: number): string => `"${s.length > limit ? `${s.slice(0, limit - 1)}…` : s}"`

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp` */
function portsText(ports: readonly { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[]): string {
  return ports
    .map((p) =>
      p.PublicPort
        ? `${p.IP?.includes(':') ? `[${p.IP}]` : p.IP}:${p.PublicPort}->${p.PrivatePort}/${p.Type}`
        : `${p.PrivatePort}/${p.Type}`,
    )
    .join(', ')
}

const ps: Command = function* (sys, client, g) {
  const last = g.value('last')
  const rows = yield* client.json<Json[]>(
    'GET',
    `/containers/json${query({ all: g.has('all'), limit: g.has('latest') ? 1 : last, filters: filters(g), size: g.has('size') })}`,
  )
  if (g.has('quiet')) {
    yield* print(sys, rows.map((r) => `${String(r.Id).slice(0, g.has('no-trunc') ? 64 : 12)}\n`).join(''))
    return 0
  }
  const now = yield* sys.clock('realtime')
  const full = g.has('no-trunc')
  const list = rows.map((r) => ({
    Command: full ? `"${r.Command as string}"` : quoted(r.Command as string, 20),
    CreatedAt: strftime('%F %T +0000 UTC', (r.Created as number) * 1e9),
    ID: full ? r.Id : String(r.Id).slice(0, 12),
    Image: r.Image,
    Labels: Object.entries(r.Labels as object)
      .map(([k, v]) => `${k}=${v as string}`)
      .join(','),
    LocalVolumes: String((r.Mounts as { Type: string }[]).filter((m) => m.Type === 'volume').length),
    Mounts: (r.Mounts as { Name: string; Source: string }[]).map((m) => m.Name || m.Source).join(','),
    Names: (r.Names as string[]).map((n) => n.replace(/^\//, '')).join(','),
    Networks: Object.keys((r.NetworkSettings as { Networks: object }).Networks).join(','),
    Platform: null,
    Ports: portsText(r.Ports as never),
    RunningFor: ago(r.Created as number, now),
    Size: '0B',
    State: r.State,
    Status: r.Status,
  }))
  yield* printList(
    sys,
    g.value('format'),
    [
      ['CONTAINER ID', 'ID'],
      ['IMAGE', 'Image'],
      ['COMMAND', 'Command'],
      ['CREATED', 'RunningFor'],
      ['STATUS', 'Status'],
      ['PORTS', 'Ports'],
      ['NAMES', 'Names'],
    ],
    list,
  )
  return 0
}

const images: Command = function* (sys, client, g) {
  const name = g.args[0]
  const f = filters(g)
  const rows = yield* client.json<Json[]>(
    'GET',
    `/images/json${query({ all: g.has('all'), filters: name !== undefined ? JSON.stringify({ ...(f ? (JSON.parse(f) as object) : {}), reference: [name] }) : f })}`,
  )
  const now = yield* sys.clock('realtime')
  const list = rows.flatMap((r) => {
    const tags = (r.RepoTags as string[]).length > 0 ? (r.RepoTags as string[]) : ['<none>:<none>']
    return tags.map((t) => ({
      Containers: 'N/A',
      CreatedAt: strftime('%F %T +0000 UTC', (r.Created as number) * 1e9),
      CreatedSince: ago(r.Created as number, now),
      Digest: ((r.RepoDigests as string[])[0] ?? '<none>@<none>').split('@')[1],
      ID: g.has('no-trunc') ? r.Id : String(r.Id).slice(7, 19),
      Repository: t.slice(0, t.lastIndexOf(':')),
      SharedSize: 'N/A',
      Size: humanSize(r.Size as number, 3),
      Tag: t.slice(t.lastIndexOf(':') + 1),
      UniqueSize: 'N/A',
    }))
  })
  if (g.has('quiet')) {
    yield* print(sys, [...new Set(list.map((r) => r.ID))].map((id) => `${id as string}\n`).join(''))
    return 0
  }
  yield* printList(
    sys,
    g.value('format'),
    [
      ['REPOSITORY', 'Repository'],
      ['TAG', 'Tag'],
      ...(g.has('digests') ? [['DIGEST', 'Digest'] as const] : []),
      ['IMAGE ID', 'ID'],
      ['CREATED', 'CreatedSince'],
      ['SIZE', 'Size'],
    ],
    list,
  )
  return 0
}

const exec: Command = function* (sys, client, g) {
  const [name = '', ...command] = g.args
  const tty = g.has('tty')
  const interactive = g.has('interactive')
  if (tty && interactive && !(yield* isTerminal(sys, 0))) throw new CliError('the input device is not a TTY')
  const made = yield* client.json<{ Id: string }>('POST', `/containers/${encodeURIComponent(name)}/exec`, {
    User: g.value('user') ?? '',
    Privileged: g.has('privileged'),
    Tty: tty,
    AttachStdin: interactive && !g.has('detach'),
    AttachStdout: !g.has('detach'),
    AttachStderr: !g.has('detach'),
    Env: g.all('env').flatMap((e) => (e.includes('=') ? [e] : sys.environ().filter((x) => x.startsWith(`${e}=`)))),
    WorkingDir: g.value('workdir') ?? '',
    Cmd: command,
  })
  if (g.has('detach')) {
    yield* client.json('POST', `/exec/${made.Id}/start`, { Detach: true, Tty: tty })
    return 0
  }
  const connection = yield* client.stream('POST', `/exec/${made.Id}/start`, { Detach: false, Tty: tty }, true)
  const how = yield* pump(sys, connection, {
    tty,
    input: interactive,
    resize: function* (h, w) {
      yield* client.json('POST', `/exec/${made.Id}/resize${query({ h, w })}`)
    },
  })
  if (how === 'detached') return 0
  return (yield* client.json<{ ExitCode: number | null }>('GET', `/exec/${made.Id}/json`)).ExitCode ?? 0
}

const logs: Command = function* (sys, client, g) {
  const name = g.args[0] as string
  const info = yield* client.json<{ Config: { Tty: boolean } }>('GET', `/containers/${encodeURIComponent(name)}/json`)
  const stream = yield* client.stream(
    'GET',
    `/containers/${encodeURIComponent(name)}/logs${query({ stdout: true, stderr: true, follow: g.has('follow'), tail: g.value('tail') ?? 'all', timestamps: g.has('timestamps'), since: g.value('since') })}`,
  )
  for (let part = yield* stream.reader.piece(stream.headers); part; part = yield* stream.reader.piece(stream.headers)) {
    if (info.Config.Tty) yield* writeAll(sys, 1, part)
    else {
      for (let at = 0; at + 8 <= part.length; ) {
        const length = new DataView(part.buffer, part.byteOffset + at).getUint32(4)
        yield* writeAll(sys, part[at] === 2 ? 2 : 1, part.subarray(at + 8, at + 8 + length))
        at += 8 + length
      }
    }
  }
  yield* sys.close(stream.fd)
  return 0
}

/** docker inspect: containers, then images, networks and volumes of that name. */
function inspect(only?: string): Command {
  return function* (sys, client, g) {
    const found: unknown[] = []
    const errors: string[] = []
    const type = only ?? g.value('type') ?? ''
    for (const name of g.args) {
      const n = encodeURIComponent(name)
      const kinds: Record<string, string> = {
        container: `/containers/${n}/json`,
        image: `/images/${n}/json`,
        network: `/networks/${n}`,
        volume: `/volumes/${n}`,
      }
      let hit = false
      let message = `Error: No such object: ${name}`
      for (const [kind, path] of Object.entries(kinds)) {
        if (type !== '' && kind !== type) continue
        try {
          found.push(yield* client.json('GET', path))
          hit = true
          break
        } catch (e) {
          if (!(e instanceof CliError)) throw e
          if (!('status' in e)) throw e
          if (type !== '') message = e.message
        }
      }
      if (!hit) errors.push(message)
    }
    if (found.length > 0 || (g.value('format') === undefined && errors.length > 0))
      yield* printObjects(sys, g.value('format'), found)
    else if (errors.length > 0) yield* print(sys, '\n')
    if (errors.length > 0) yield* warn(sys, `${errors.join('\n')}\n`)
    return errors.length > 0 ? 1 : 0
  }
}

const start: Command = function* (sys, client, g) {
  if (!g.has('attach') && !g.has('interactive')) return yield* post((n) => `/containers/${n}/start`)(sys, client, g)
  const name = encodeURIComponent(g.args[0] as string)
  const info = yield* client.json<{ Config: { Tty: boolean; OpenStdin: boolean } }>('GET', `/containers/${name}/json`)
  const connection = yield* client.stream(
    'POST',
    `/containers/${name}/attach${query({ stream: true, stdin: g.has('interactive') && info.Config.OpenStdin, stdout: true, stderr: true })}`,
    undefined,
    true,
  )
  const waiting = yield* client.stream('POST', `/containers/${name}/wait${query({ condition: 'next-exit' })}`)
  yield* client.json('POST', `/containers/${name}/start`)
  yield* pump(sys, connection, { tty: info.Config.Tty, input: g.has('interactive') })
  const part = yield* waiting.reader.piece(waiting.headers)
  return part ? (JSON.parse(text(part)) as { StatusCode: number }).StatusCode : 0
}
const attach: Command = function* (sys, client, g) {
  const name = encodeURIComponent(g.args[0] as string)
  const info = yield* client.json<{
    Config: { Tty: boolean; OpenStdin: boolean }
    State: { Running: boolean; ExitCode: number }
  }>('GET', `/containers/${name}/json`)
  if (!info.State.Running) throw new CliError('You cannot attach to a stopped container, start it first')
  const connection = yield* client.stream(
    'POST',
    `/containers/${name}/attach${query({ stream: true, stdin: info.Config.OpenStdin, stdout: true, stderr: true })}`,
    undefined,
    true,
  )
  const how = yield* pump(sys, connection, { tty: info.Config.Tty, input: info.Config.OpenStdin })
  return how === 'detached'
    ? 0
    : (yield* client.json<{ State: { ExitCode: number } }>('GET', `/containers/${name}/json`)).State.ExitCode
}

const version: Command = function* (sys, client, g) {
  const own = {
    Version: '29.7.2',
    ApiVersion: '1.55',
    DefaultAPIVersion: '1.55',
    GitCommit: '6a43e3d',
    GoVersion: 'go1.26.5',
    Os: 'linux',
    Arch: (yield* sys.uname()).machine === 'aarch64' ? 'arm64' : 'amd64',
    BuildTime: 'Wed Aug  5 12:00:00 2026',
    Context: 'default',
  }
  let server: Json | undefined
  let failure: CliError | undefined
  try {
    server = yield* client.json<Json>('GET', '/version')
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    failure = e
  }
  const format = g.value('format')
  if (format !== undefined) {
    if (failure && /\.Server/.test(format)) throw failure
    yield* printObjects(sys, format, [{ Client: own, Server: server ?? null }])
    return failure ? 1 : 0
  }
  const row = (k: string, v: unknown, indent = 1): string =>
    `${' '.repeat(indent)}${`${k}:`.padEnd(19 - indent)}${String(v)}\n`
  let out = `Client: Docker Engine - Community\n${row('Version', own.Version)}${row('API version', own.ApiVersion)}${row('Go version', own.GoVersion)}${row('Git commit', own.GitCommit)}${row('Built', own.BuildTime)}${row('OS/Arch', `${own.Os}/${own.Arch}`)}${row('Context', own.Context)}`
  if (server) {
    const s = server
    out += `\nServer: Docker Engine - Community\n Engine:\n${row('Version', s.Version, 2)}${row('API version', `${s.ApiVersion as string} (minimum version ${s.MinAPIVersion as string})`, 2)}${row('Go version', s.GoVersion, 2)}${row('Git commit', String(s.GitCommit).slice(0, 7), 2)}${row('Built', own.BuildTime, 2)}${row('OS/Arch', `${s.Os as string}/${s.Arch as string}`, 2)}${row('Experimental', 'false', 2)}`
    for (const c of (s.Components as { Name: string; Version: string; Details: { GitCommit: string } }[]).slice(1))
      out += ` ${c.Name}:\n${row('Version', c.Version, 2)}${c.Details.GitCommit ? row('GitCommit', c.Details.GitCommit, 2) : ''}`
  }
  yield* print(sys, out)
  if (failure) throw failure
  return 0
}
const info: Command = function* (sys, client, g) {
  const i = yield* client.json<Json>('GET', '/info')
  const format = g.value('format')
  if (format !== undefined) {
    yield* printObjects(sys, format, [i])
    return 0
  }
  yield* print(
    sys,
    `Client: Docker Engine - Community\n Version:    29.7.2\n Context:    default\n Debug Mode: false\n\nServer:\n Containers: ${i.Containers as number}\n  Running: ${i.ContainersRunning as number}\n  Paused: ${i.ContainersPaused as number}\n  Stopped: ${i.ContainersStopped as number}\n Images: ${i.Images as number}\n Server Version: ${i.ServerVersion as string}\n Storage Driver: ${i.Driver as string}\n  driver-type: io.containerd.snapshotter.v1\n Logging Driver: json-file\n Cgroup Driver: systemd\n Cgroup Version: 2\n Runtimes: io.containerd.runc.v2 runc\n Default Runtime: runc\n Security Options:\n  seccomp\n   Profile: builtin\n  cgroupns\n Kernel Version: ${i.KernelVersion as string}\n Operating System: ${i.OperatingSystem as string}\n OSType: linux\n Architecture: ${i.Architecture as string}\n CPUs: ${i.NCPU as number}\n Total Memory: ${bytesSize(i.MemTotal as number)}\n Name: ${i.Name as string}\n Docker Root Dir: /var/lib/docker\n`,
  )
  return 0
}
const pull: Command = function* (sys, client, g) {
  const name = g.args[0] as string
  const ref = parseReference(name)
  if ('error' in ref) throw new CliError(ref.error)
  if (ref.tag === undefined && ref.digest === undefined && !g.has('quiet'))
    yield* print(sys, 'Using default tag: latest\n')
  yield* showPull(sys, client, name, g.value('platform'), 1, g.has('quiet'))
  yield* print(sys, `${ref.domain}/${ref.path}${ref.digest ? `@${ref.digest}` : `:${ref.tag ?? 'latest'}`}\n`)
  return 0
}
const top: Command = function* (sys, client, g) {
  const [name = '', ...args] = g.args
  const t = yield* client.json<{ Titles: string[]; Processes: string[][] }>(
    'GET',
    `/containers/${encodeURIComponent(name)}/top${query({ ps_args: args.join(' ') })}`,
  )
  yield* print(sys, tabulate([t.Titles, ...t.Processes], 20, 3))
  return 0
}
const stats: Command = function* (sys, client, g) {
  if (!g.has('no-stream')) {
    yield* warn(sys, 'zukan: not emulated: docker stats without --no-stream\n')
    return 1
  }
  const rows = yield* client.json<Json[]>('GET', `/containers/json${query({ all: g.has('all') })}`)
  const list: Record<string, unknown>[] = []
  for (const r of rows) {
    if (g.args.length > 0 && !g.args.some((a) => (r.Names as string[]).includes(`/${a}`) || String(r.Id).startsWith(a)))
      continue
    const s = yield* client.json<{ pids_stats: { current: number }; memory_stats: { usage: number; limit: number } }>(
      'GET',
      `/containers/${r.Id as string}/stats${query({ stream: 'false' })}`,
    )
    const m = s.memory_stats
    list.push({
      Container: String(r.Id).slice(0, 12),
      ID: String(r.Id).slice(0, 12),
      Name: (r.Names as string[])[0]?.slice(1),
      CPUPerc: '0.00%',
      MemUsage: `${bytesSize(m.usage)} / ${bytesSize(m.limit)}`,
      MemPerc: `${((m.usage / m.limit) * 100).toFixed(2)}%`,
      NetIO: '0B / 0B',
      BlockIO: '0B / 0B',
      PIDs: String(s.pids_stats.current),
    })
  }
  yield* printList(
    sys,
    g.value('format'),
    [
      ['CONTAINER ID', 'ID'],
      ['NAME', 'Name'],
      ['CPU %', 'CPUPerc'],
      ['MEM USAGE / LIMIT', 'MemUsage'],
      ['MEM %', 'MemPerc'],
      ['NET I/O', 'NetIO'],
      ['BLOCK I/O', 'BlockIO'],
      ['PIDS', 'PIDs'],
    ],
    list,
  )
  return 0
}
const port: Command = function* (sys, client, g) {
  const i = yield* client.json<{
    NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> }
  }>('GET', `/containers/${encodeURIComponent(g.args[0] as string)}/json`)
  const want =
    g.args[1] === undefined ? undefined : (g.args[1] as string).includes('/') ? g.args[1] : `${g.args[1]}/tcp`
  let out = ''
  for (const [key, list] of Object.entries(i.NetworkSettings.Ports))
    for (const b of list ?? []) {
      const address = `${b.HostIp.includes(':') ? `[${b.HostIp}]` : b.HostIp}:${b.HostPort}`
      if (want === undefined) out += `${key} -> ${address}\n`
      else if (want === key) out += `${address}\n`
    }
  if (want !== undefined && out === '') throw new CliError(`No public port '${want}' published for ${g.args[0]}`)
  yield* print(sys, out)
  return 0
}
const events: Command = function* (sys, client, g) {
  const time = function* (v: string | undefined): Run<string | undefined> {
    if (v === undefined) return undefined
    const m = /^(\d+)(s|m|h)?$/.exec(v)
    return m?.[2]
      ? String(((yield* sys.clock('realtime')) - Number(m[1]) * { s: 1e9, m: 60e9, h: 3600e9 }[m[2] as 's']) / 1e9)
      : v
  }
  yield* client.lines(
    'GET',
    `/events${query({ since: yield* time(g.value('since')), until: yield* time(g.value('until')) })}`,
    function* (e) {
      const actor = e.Actor as { ID: string; Attributes: Record<string, string> }
      const format = g.value('format')
      if (format !== undefined) yield* printObjects(sys, format, [e])
      else
        yield* print(
          sys,
          `${strftime('%FT%T.%N+00:00', e.timeNano as number)} ${e.Type as string} ${e.Action as string} ${actor.ID} (${Object.entries(
            actor.Attributes,
          )
            .map(([k, v]) => `${k}=${v}`)
            .join(', ')})\n`,
        )
    },
  )
  return 0
}
const history: Command = function* (sys, client, g) {
  const rows = yield* client.json<Json[]>('GET', `/images/${encodeURIComponent(g.args[0] as string)}/history`)
  const now = yield* sys.clock('realtime')
  const list = rows.map((r, n) => ({
    ID: n === 0 ? String(r.Id).slice(7, 19) : '<missing>',
    CreatedSince: (r.Created as number) > 0 ? ago(r.Created as number, now) : 'N/A',
    CreatedBy:
      g.has('no-trunc') || String(r.CreatedBy).length < 46 ? r.CreatedBy : `${String(r.CreatedBy).slice(0, 44)}…`,
    Size: humanSize(r.Size as number, 3),
    Comment: r.Comment,
  }))
  yield* printList(
    sys,
    g.value('format'),
    [
      ['IMAGE', 'ID'],
      ['CREATED', 'CreatedSince'],
      ['CREATED BY', 'CreatedBy'],
      ['SIZE', 'Size'],
      ['COMMENT', 'Comment'],
    ],
    list,
  )
  return 0
}
const rmi = each(function* (sys, client, name, g) {
  const out = yield* client.json<{ Untagged?: string; Deleted?: string }[]>(
    'DELETE',
    `/images/${encodeURIComponent(name)}${query({ force: g.has('force') })}`,
  )
  yield* print(sys, out.map((o) => (o.Untagged ? `Untagged: ${o.Untagged}\n` : `Deleted: ${o.Deleted}\n`)).join(''))
  return undefined
})
const tag: Command = function* (_sys, client, g) {
  const [from = '', to = ''] = g.args
  const ref = parseReference(to)
  if ('error' in ref) throw new CliError(`Error parsing reference: "${to}" is not a valid repository/tag: ${ref.error}`)
  const at = to.lastIndexOf(':')
  const tagged = ref.tag !== undefined
  yield* client.json(
    'POST',
    `/images/${encodeURIComponent(from)}/tag${query({ repo: tagged ? to.slice(0, at) : to, tag: ref.tag ?? 'latest' })}`,
  )
  return 0
}
const network = {
  ls: function* (sys, client, g) {
    const rows = (yield* client.json<Json[]>('GET', '/networks'))
      .sort((a, b) => (String(a.Name) < String(b.Name) ? -1 : 1))
      .map((n) => ({
        ID: g.has('no-trunc') ? n.Id : String(n.Id).slice(0, 12),
        Name: n.Name,
        Driver: n.Driver,
        Scope: n.Scope,
      }))
    if (g.has('quiet')) yield* print(sys, rows.map((r) => `${r.ID as string}\n`).join(''))
    else
      yield* printList(
        sys,
        g.value('format'),
        [
          ['NETWORK ID', 'ID'],
          ['NAME', 'Name'],
          ['DRIVER', 'Driver'],
          ['SCOPE', 'Scope'],
        ],
        rows,
      )
    return 0
  },
  create: function* (sys, client, g) {
    const made = yield* client.json<{ Id: string }>('POST', '/networks/create', {
      Name: g.args[0],
      Driver: g.value('driver') ?? 'bridge',
      Internal: g.has('internal'),
      Labels: Object.fromEntries(g.all('label').map((l) => [l.split('=')[0], l.slice(l.indexOf('=') + 1)])),
      IPAM: {
        Config:
          g.value('subnet') || g.value('gateway') ? [{ Subnet: g.value('subnet'), Gateway: g.value('gateway') }] : [],
      },
    })
    yield* print(sys, `${made.Id}\n`)
    return 0
  },
  rm: each(function* (_sys, client, name) {
    yield* client.json('DELETE', `/networks/${encodeURIComponent(name)}`)
    return name
  }),
  connect: function* (_sys, client, g) {
    yield* client.json('POST', `/networks/${encodeURIComponent(g.args[0] as string)}/connect`, {
      Container: g.args[1],
      EndpointConfig: { Aliases: g.all('alias') },
    })
    return 0
  },
  disconnect: function* (_sys, client, g) {
    yield* client.json('POST', `/networks/${encodeURIComponent(g.args[0] as string)}/disconnect`, {
      Container: g.args[1],
      Force: g.has('force'),
    })
    return 0
  },
} satisfies Record<string, Command>
const volume = {
  ls: function* (sys, client, g) {
    const rows = (yield* client.json<{ Volumes: Json[] }>('GET', '/volumes')).Volumes.map((v) => ({
      Driver: v.Driver,
      Name: v.Name,
      Mountpoint: v.Mountpoint,
      Scope: 'local',
    })).sort((a, b) => (String(a.Name) < String(b.Name) ? -1 : 1))
    if (g.has('quiet')) yield* print(sys, rows.map((r) => `${r.Name as string}\n`).join(''))
    else
      yield* printList(
        sys,
        g.value('format'),
        [
          ['DRIVER', 'Driver'],
          ['VOLUME NAME', 'Name'],
        ],
        rows,
      )
    return 0
  },
  create: function* (sys, client, g) {
    const v = yield* client.json<{ Name: string }>('POST', '/volumes/create', { Name: g.args[0] ?? '', Labels: {} })
    yield* print(sys, `${v.Name}\n`)
    return 0
  },
  rm: each(function* (_sys, client, name) {
    yield* client.json('DELETE', `/volumes/${encodeURIComponent(name)}`)
    return name
  }),
} satisfies Record<string, Command>
const prune = (what: 'containers' | 'networks' | 'volumes', label: string): Command =>
  function* (sys, client, g) {
    if (!g.has('force')) {
      yield* warn(sys, 'zukan: not emulated: prune without --force\n')
      return 1
    }
    const r = yield* client.json<Record<string, string[]>>('POST', `/${what}/prune`)
    const gone = r[`${label}Deleted`] ?? []
    yield* print(
      sys,
      `${gone.length > 0 ? `Deleted ${label}:\n${gone.map((x) => `${x}\n`).join('')}\n` : ''}${what === 'networks' ? '' : 'Total reclaimed space: 0B\n'}`,
    )
    return 0
  }
const df: Command = function* (sys, client, g) {
  const r = yield* client.json<{
    Images: Json[]
    Containers: Json[]
    Volumes: Json[]
    BuildCache: Json[]
    LayersSize: number
  }>('GET', '/system/df')
  const row = (Type: string, all: number, active: number, size: number): Record<string, string> => ({
    Type,
    TotalCount: String(all),
    Active: String(active),
    Size: humanSize(size, 3),
    Reclaimable: '0B',
  })
  yield* printList(
    sys,
    g.value('format'),
    [
      ['TYPE', 'Type'],
      ['TOTAL', 'TotalCount'],
      ['ACTIVE', 'Active'],
      ['SIZE', 'Size'],
      ['RECLAIMABLE', 'Reclaimable'],
    ],
    [
      row('Images', r.Images.length, 0, r.LayersSize),
      row('Containers', r.Containers.length, r.Containers.filter((c) => c.State === 'running').length, 0),
      row('Local Volumes', r.Volumes.length, 0, 0),
      row('Build Cache', 0, 0, 0),
    ],
  )
  return 0
}

export const commands: Readonly<Record<string, Command>> = {
  run: runCommand,
  create: function* (sys, client, g) {
    yield* print(sys, `${yield* createWithPull(sys, client, g)}\n`)
    return 0
  },
  ps,
  images,
  exec,
  logs,
  inspect: inspect(),
  'container inspect': inspect('container'),
  'image inspect': inspect('image'),
  'network inspect': inspect('network'),
  'volume inspect': inspect('volume'),
  start,
  attach,
  version,
  info,
  pull,
  top,
  stats,
  port,
  events,
  history,
  rmi,
  tag,
  stop: post(
    (n, g) => `/containers/${n}/stop${query({ t: g.value('timeout') ?? g.value('time'), signal: g.value('signal') })}`,
  ),
  restart: post((n, g) => `/containers/${n}/restart${query({ t: g.value('timeout') ?? g.value('time') })}`),
  kill: post((n, g) => `/containers/${n}/kill${query({ signal: g.value('signal') ?? 'KILL' })}`),
  pause: post((n) => `/containers/${n}/pause`),
  unpause: post((n) => `/containers/${n}/unpause`),
  rename: function* (_sys, client, g) {
    yield* client.json(
      'POST',
      `/containers/${encodeURIComponent(g.args[0] as string)}/rename${query({ name: g.args[1] })}`,
    )
    return 0
  },
  rm: each(function* (sys, client, name, g) {
    try {
      yield* client.json(
        'DELETE',
        `/containers/${encodeURIComponent(name)}${query({ force: g.has('force'), v: g.has('volumes') })}`,
      )
    } catch (e) {
      // rm -f of what isn't there is no failure, but it is told.
      if (e instanceof CliError && g.has('force') && (e as { status?: number }).status === 404) {
        yield* warn(sys, `${e.message}\n`)
        return undefined
      }
      throw e
    }
    return name
  }),
  wait: each(function* (_sys, client, name) {
    const w = yield* client.stream('POST', `/containers/${encodeURIComponent(name)}/wait`)
    const part = yield* w.reader.piece(w.headers)
    return part ? String((JSON.parse(text(part)) as { StatusCode: number }).StatusCode) : undefined
  }),
  'network ls': network.ls,
  'network create': network.create,
  'network rm': network.rm,
  'network connect': network.connect,
  'network disconnect': network.disconnect,
  'network prune': prune('networks', 'Networks'),
  'volume ls': volume.ls,
  'volume create': volume.create,
  'volume rm': volume.rm,
  'volume prune': prune('volumes', 'Volumes'),
  'container prune': prune('containers', 'Containers'),
  'system df': df,
}

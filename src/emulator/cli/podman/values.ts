/** Values of podman's options: ports, volumes, mounts, networks, limits. Each throws Problem in podman's words. */
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import type { Bind, NamedVolume, NetworkMode, Port } from '../../engine/libpod/types.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { ramInBytes } from '../../oci/units.ts'

function portRange(text: string): readonly [number, number] {
  const [from = '', to = from, more] = text.split('-')
  for (const p of [from, to]) {
    if (!/^\d+$/.test(p))
      throw new Problem(
        `cannot parse ${JSON.stringify(p)} as an integer: strconv.Atoi: parsing ${JSON.stringify(p)}: invalid syntax`,
      )
    if (Number(p) < 1 || Number(p) > 65535)
      throw new Problem('port numbers must be between 1 and 65535 (inclusive), got ' + p)
  }
  if (more !== undefined || Number(to) < Number(from)) throw new Problem(`invalid port range: ${text}`)
  return [Number(from), Number(to)]
}
/** `[[ip:][hostPort]:]containerPort[/protocol]`, with ranges. `free` answers a port of the host's where none is given. */
export function parsePorts(specs: readonly string[], free: () => number): Port[] {
  const out: Port[] = []
  for (const spec of specs) {
    const [left = '', protocol = 'tcp', more] = spec.split('/')
    if (more !== undefined) throw new Problem('invalid port format - protocol can only be specified once')
    if (!['tcp', 'udp', 'sctp'].includes(protocol))
      throw new Problem(`unrecognized protocol ${JSON.stringify(protocol)} in port mapping`)
    if (protocol === 'sctp') throw notEmulated('-p with sctp')
    const ip = /^\[[^\]]*\]/.exec(left)?.[0]
    const parts = (ip === undefined ? left : left.slice(ip.length + 1)).split(':')
    const container = parts.pop() ?? ''
    const host = parts.pop()
    const address = ip ?? parts.pop() ?? ''
    if (parts.length > 0) throw new Problem('invalid port format, format is [[hostIP:]hostPort:]containerPort')
    if (address.startsWith('[')) throw notEmulated('-p with an IPv6 address')
    if (address !== '' && !/^\d{1,3}(\.\d{1,3}){3}$/.test(address))
      throw new Problem(`cannot parse ${JSON.stringify(address)} as an IP address`)
    const [first, last] = portRange(container)
    const hosts = host === undefined || host === '' ? undefined : portRange(host)
    if (hosts && hosts[1] - hosts[0] !== last - first)
      throw new Problem(
        `container and host port ranges have different lengths: ${last - first + 1} vs ${hosts[1] - hosts[0] + 1}`,
      )
    for (let p = first; p <= last; p++)
      out.push({
        hostIp: address,
        hostPort: hosts ? hosts[0] + p - first : free(),
        containerPort: p,
        protocol: protocol as 'tcp' | 'udp',
      })
  }
  return out
}
/** filepath.Abs */
export function* absolute(sys: Sys, path: string): Run<string> {
  const here = yield* sys.getcwd()
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${isErr(here) ? '' : here}/${path}`).split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
const volumeOptions =
  /^(ro|rw|z|Z|U|O|nocopy|copy|exec|noexec|dev|nodev|suid|nosuid|bind|rbind|r?(shared|slave|private|unbindable)|idmap)$/
export interface Mounts {
  readonly binds: Bind[]
  readonly volumes: NamedVolume[]
  readonly tmpfs: Record<string, string>
}
/** -v, --mount and --tmpfs. */
export function* parseMounts(
  sys: Sys,
  volumes: readonly string[],
  mounts: readonly string[],
  tmpfs: readonly string[],
): Run<Mounts> {
  const out: Mounts = { binds: [], volumes: [], tmpfs: {} }
  const seen = new Set<string>()
  const claim = (destination: string): string => {
    if (!destination.startsWith('/'))
      throw new Problem(`invalid container path ${JSON.stringify(destination)}, must be an absolute path`)
    const clean = destination.replace(/\/+$/, '') || '/'
    if (seen.has(clean)) throw new Problem(`${clean}: duplicate mount destination`)
    seen.add(clean)
    return clean
  }
  const bind = function* (source: string, destination: string, readOnly: boolean, chown = false): Run<void> {
    const path = yield* absolute(sys, source)
    const s = yield* sys.stat(path)
    if (isErr(s)) throw new Problem(`statfs ${path}: ${s.text.toLowerCase()}`)
    out.binds.push({ source: path, destination: claim(destination), readOnly, ...(chown ? { chown } : {}) })
  }
  for (const v of volumes) {
    const parts = v.split(':')
    if (parts.length > 3) throw new Problem(`incorrect volume format, should be [host-dir:]ctr-dir[:option]: ${v}`)
    const [a = '', b, options = ''] = parts
    for (const o of options.split(',').filter(Boolean)) {
      if (!volumeOptions.test(o)) throw new Problem(`invalid mount option ${JSON.stringify(o)}`)
      if (o === 'O' || o === 'idmap') throw notEmulated(`-v with the option ${o}`)
    }
    const readOnly = options.split(',').includes('ro')
    if (b === undefined) out.volumes.push({ name: '', destination: claim(a), readOnly: false })
    else if (a === '') throw new Problem('host directory cannot be empty')
    else if (/^[./]/.test(a)) yield* bind(a, b, readOnly, options.split(',').includes('U'))
    else out.volumes.push({ name: a, destination: claim(b), readOnly })
  }
  for (const m of mounts) {
    const fields = new Map<string, string | undefined>(
      m.split(',').map((f) => {
        const [key = '', value] = f.split(/=(.*)/s)
        return [key, value]
      }),
    )
    const type = fields.get('type') ?? 'volume'
    const source = fields.get('source') ?? fields.get('src') ?? ''
    const destination = fields.get('destination') ?? fields.get('dst') ?? fields.get('target')
    if (destination === undefined) throw new Problem(`must set volume destination`)
    for (const key of fields.keys())
      if (
        !/^(type|source|src|destination|dst|target|ro|readonly|rw|tmpfs-size|tmpfs-mode|z|Z|relabel|bind-propagation)$/.test(
          key,
        )
      )
        throw new Problem(`${key}: invalid mount option`)
    const flag = fields.has('ro') ? fields.get('ro') : fields.get('readonly')
    const readOnly = (fields.has('ro') || fields.has('readonly')) && flag !== 'false'
    if (type === 'bind') yield* bind(source, destination, readOnly)
    else if (type === 'volume') out.volumes.push({ name: source, destination: claim(destination), readOnly })
    else if (type === 'tmpfs') {
      const size = fields.get('tmpfs-size')
      const mode = fields.get('tmpfs-mode')
      out.tmpfs[claim(destination)] = [
        ...(size ? [`size=${size}`] : []),
        ...(mode ? [`mode=${mode}`] : []),
        ...(readOnly ? ['ro'] : []),
      ].join(',')
    } else
      throw ['image', 'devpts', 'glob', 'ramfs'].includes(type)
        ? notEmulated(`--mount type=${type}`)
        : new Problem(`invalid filesystem type ${JSON.stringify(type)}`)
  }
  for (const t of tmpfs) {
    const at = t.indexOf(':')
    out.tmpfs[claim(at < 0 ? t : t.slice(0, at))] = at < 0 ? '' : t.slice(at + 1)
  }
  return out
}
/** --network, which may be repeated for names of networks. */
export function parseNetwork(
  values: readonly string[],
  o: {
    readonly aliases: readonly string[]
    readonly ip: string | undefined
    readonly mac: string | undefined
    readonly rootless: boolean
  },
): NetworkMode | undefined {
  const extra = {
    aliases: o.aliases,
    ...(o.ip === undefined ? {} : { address: o.ip }),
    ...(o.mac === undefined ? {} : { mac: o.mac }),
  }
  const names: string[] = []
  for (const v of values) {
    if (v === '' || v === 'default') continue
    if (v === 'host' || v === 'none' || v === 'private')
      return { kind: v === 'private' ? (o.rootless ? 'pasta' : 'none') : v }
    if (v === 'pasta') {
      if (!o.rootless) throw new Problem('pasta networking is only supported for rootless mode')
      return { kind: 'pasta' }
    }
    if (v.startsWith('container:')) return { kind: 'container', id: v.slice(10) }
    if (v.startsWith('ns:')) return { kind: 'path', path: v.slice(3) }
    if (v === 'slirp4netns' || v.startsWith('slirp4netns:'))
      throw notEmulated('--network slirp4netns, which Podman 6 has dropped for pasta')
    if (/^(pasta|bridge):|:/.test(v)) throw notEmulated(`--network ${v}`)
    names.push(v === 'bridge' ? 'podman' : v)
  }
  if (names.length === 0) {
    if (o.ip === undefined && o.mac === undefined && o.aliases.length === 0) return undefined
    if (o.rootless)
      throw new Problem(
        '--ip, --mac-address and --network-alias can only be used with a bridge network: invalid argument',
      )
    names.push('podman')
  }
  return { kind: 'bridge', networks: names.map((name) => ({ name, ...extra })) }
}
/** A size such as 64m, in bytes. */
export function bytes(value: string, flag: string): number {
  const n = ramInBytes(value)
  if (n === undefined) throw new Problem(`invalid value for ${flag}: invalid size: '${value}'`)
  return n
}
/** `a=b` words as an object. */
export const pairs = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((w) => {
      const at = w.indexOf('=')
      return at < 0 ? [w, ''] : [w.slice(0, at), w.slice(at + 1)]
    }),
  )

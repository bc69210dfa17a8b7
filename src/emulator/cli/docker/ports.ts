/** -p and --expose: `[ip:][host:]container[/protocol]`, ranges included, as go-connections' nat package reads them. */
import { CliError } from './api.ts'
import { isAddress } from './values.ts'

export interface Published {
  readonly exposed: Record<string, object>
  readonly bindings: Record<string, { HostIp: string; HostPort: string }[]>
}
const fail = (message: string): never => {
  throw new CliError(message, 125)
}
function range(text: string, what: string): readonly [number, number] {
  const [from = '', to = from, more] = text.split('-')
  const [first, last] = [Number(from), Number(to)]
  const right = [from, to].every((p) => /^\d+$/.test(p) && Number(p) <= 65535)
  if (!right || more !== undefined || last < first) fail(`invalid ${what}: ${text}`)
  return [first, last]
}
/** `published=80,target=8080` as the short form says it; docker/cli container/opts.go convertToStandardNotation. */
function shortForm(spec: string): string {
  if (!spec.includes('=')) return spec
  const fields: Record<string, string> = { protocol: 'tcp' }
  for (const field of spec.split(',')) {
    const [key = '', value] = field.split('=')
    if (value === undefined) fail(`invalid publish opts format (should be name=value but got '${field}')`)
    fields[key] = value as string
  }
  return `${fields.published ?? ''}:${fields.target ?? ''}/${fields.protocol}`
}
/** What --publish asks for; a CliError with docker's words where a value is wrong. */
export function parsePorts(specs: readonly string[]): Published {
  const exposed: Published['exposed'] = {}
  const bindings: Published['bindings'] = {}
  for (const spec of specs.map(shortForm)) {
    const [ports = '', protocol = 'tcp'] = spec.split('/')
    const at = ports.lastIndexOf(':')
    const container = ports.slice(at + 1)
    const left = at < 0 ? '' : ports.slice(0, at)
    const colon = left.lastIndexOf(':')
    const host = left.slice(colon + 1)
    const ip = (colon < 0 ? '' : left.slice(0, colon)).replace(/^\[(.*)\]$/, '$1')
    if (container === '') fail(`no port specified: ${spec}<empty>`)
    if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) fail(`invalid proto: ${protocol}`)
    if (ip !== '' && !isAddress(ip)) fail(`invalid IP address: ${ip}`)
    const [first, last] = range(container, 'containerPort')
    const hosts = host === '' ? undefined : range(host, 'hostPort')
    // A range of the host's for one port of the container's: any that is free.
    const spread = hosts !== undefined && first === last && hosts[1] > hosts[0]
    if (hosts && !spread && hosts[1] - hosts[0] !== last - first)
      fail(`invalid ranges specified for container and host Ports: ${container} and ${host}`)
    for (let p = first; p <= last; p++) {
      const key = `${p}/${protocol.toLowerCase()}`
      exposed[key] = {}
      const HostPort = hosts === undefined ? '' : spread ? `${hosts[0]}-${hosts[1]}` : String(hosts[0] + p - first)
      bindings[key] = [...(bindings[key] ?? []), { HostIp: ip, HostPort }]
    }
  }
  return { exposed, bindings }
}
/** What --expose asks for. */
export function parseExpose(specs: readonly string[]): Record<string, object> {
  const out: Record<string, object> = {}
  for (const spec of specs) {
    if (spec.includes(':')) fail(`invalid port format for --expose: ${spec}`)
    const [ports = '', protocol = 'tcp'] = spec.split('/')
    const [from = '', to = from] = ports.split('-')
    for (const p of [from, to])
      if (!/^\d+$/.test(p) || Number(p) > 65535)
        fail(
          `invalid range format for --expose: ${spec}, error: strconv.ParseUint: parsing ${JSON.stringify(p)}: ${/^\d+$/.test(p) ? 'value out of range' : 'invalid syntax'}`,
        )
    if (Number(to) < Number(from))
      fail(`invalid range format for --expose: ${spec}, error: invalid range specified for port: ${ports}`)
    for (let p = Number(from); p <= Number(to); p++) out[`${p}/${protocol.toLowerCase()}`] = {}
  }
  return out
}

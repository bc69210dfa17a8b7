/**
 * Forms of flags' values, as docker's opts package checks them. Each answers a message, or undefined where the value is right.
 * @restartable They only look.
 */
import { ramInBytes } from '../../oci/units.ts'

/** Nanoseconds of a Go duration such as 1m30s; a message of package time's where it is none. */
export function parseDuration(text: string): number | { readonly error: string } {
  const units: Readonly<Record<string, number>> = {
    ns: 1,
    us: 1e3,
    µs: 1e3,
    μs: 1e3,
    ms: 1e6,
    s: 1e9,
    m: 60e9,
    h: 3600e9,
  }
  let rest = text.replace(/^[-+]/, '')
  const sign = text.startsWith('-') ? -1 : 1
  if (rest === '0') return 0
  if (rest === '') return { error: `time: invalid duration ${JSON.stringify(text)}` }
  let total = 0
  while (rest !== '') {
    const m = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest)
    if (!m) return { error: `time: invalid duration ${JSON.stringify(text)}` }
    if (m[2] === '') return { error: `time: missing unit in duration ${JSON.stringify(text)}` }
    const unit = units[m[2] as string]
    if (unit === undefined)
      return { error: `time: unknown unit ${JSON.stringify(m[2])} in duration ${JSON.stringify(text)}` }
    total += Number(m[1]) * unit
    rest = rest.slice(m[0].length)
  }
  return sign * Math.round(total)
}

export interface MountOption {
  readonly Type: string
  readonly Source?: string
  readonly Target: string
  readonly ReadOnly?: boolean
  readonly BindOptions?: { readonly Propagation?: string; readonly CreateMountpoint?: boolean }
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number }
  readonly VolumeOptions?: { readonly NoCopy?: boolean }
}
/** --mount: key=value pairs with commas between. */
export function parseMount(text: string): MountOption | { readonly error: string } {
  if (text === '') return { error: 'value is empty' }
  let type = 'volume'
  let source: string | undefined
  let target: string | undefined
  let readOnly = false
  let propagation: string | undefined
  let create = false
  let size: number | undefined
  let mode: number | undefined
  let noCopy = false
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    const value = at < 0 ? undefined : field.slice(at + 1)
    const bool = (): boolean | undefined =>
      value === undefined || /^(1|true)$/.test(value) ? true : /^(0|false)$/.test(value) ? false : undefined
    if (
      value === undefined &&
      !['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src'].includes(key)
    )
      return { error: `invalid field '${field}' must be a key=value pair` }
    switch (key) {
      case 'type':
        type = (value as string).toLowerCase()
        break
      case 'source':
      case 'src':
        source = value
        break
      case 'target':
      case 'dst':
      case 'destination':
        target = value
        break
      case 'readonly':
      case 'ro': {
        const b = bool()
        if (b === undefined) return { error: `invalid value for ${key}: ${value}` }
        readOnly = b
        break
      }
      case 'bind-propagation':
        propagation = (value as string).toLowerCase()
        break
      case 'bind-create-src':
        create = bool() ?? false
        break
      case 'volume-nocopy':
        noCopy = bool() ?? false
        break
      case 'tmpfs-size': {
        const n = ramInBytes(value as string)
        if (n === undefined) return { error: `invalid value for ${key}: ${value}` }
        size = n
        break
      }
      case 'tmpfs-mode':
        if (!/^[0-7]+$/.test(value as string)) return { error: `invalid value for ${key}: ${value}` }
        mode = Number.parseInt(value as string, 8)
        break
      case 'bind-nonrecursive':
      case 'bind-recursive':
      case 'consistency':
      case 'volume-label':
      case 'volume-driver':
      case 'volume-opt':
      case 'volume-subpath':
      case 'image-subpath':
        return { error: `zukan: not emulated: ${key}` }
      default:
        return { error: `unknown option '${key}' in '${field}'` }
    }
  }
  if (target === undefined) return { error: 'target is required' }
  if (type !== 'bind' && (propagation !== undefined || create))
    return { error: `cannot mix 'bind-*' options with mount type '${type}'` }
  if (type !== 'tmpfs' && (size !== undefined || mode !== undefined))
    return { error: `cannot mix 'tmpfs-*' options with mount type '${type}'` }
  return {
    Type: type,
    ...(source === undefined ? {} : { Source: source }),
    Target: target,
    ...(readOnly ? { ReadOnly: true } : {}),
    ...(type === 'bind' && (propagation !== undefined || create)
      ? {
          BindOptions: {
            ...(propagation === undefined ? {} : { Propagation: propagation }),
            ...(create ? { CreateMountpoint: true } : {}),
          },
        }
      : {}),
    ...(size !== undefined || mode !== undefined
      ? {
          TmpfsOptions: {
            ...(size === undefined ? {} : { SizeBytes: size }),
            ...(mode === undefined ? {} : { Mode: mode }),
          },
        }
      : {}),
    ...(noCopy ? { VolumeOptions: { NoCopy: true } } : {}),
  }
}

export interface Ulimit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}
/** --ulimit name=soft[:hard], as go-units reads it. */
export function parseUlimit(text: string): Ulimit | { readonly error: string } {
  const [name = '', range, more] = text.split('=')
  if (range === undefined || more !== undefined) return { error: `invalid ulimit argument: ${text}` }
  const kinds = 'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  )
  if (!kinds.includes(name)) return { error: `invalid ulimit type: ${name}` }
  const limits = range.split(':')
  if (limits.length > 2)
    return { error: `too many limit value arguments - ${range}, can only have up to two, \`soft[:hard]\`` }
  for (const l of limits)
    if (!/^[-+]?\d+$/.test(l)) return { error: `strconv.ParseInt: parsing ${JSON.stringify(l)}: invalid syntax` }
  const soft = Number(limits[0])
  const hard = limits[1] === undefined ? soft : Number(limits[1])
  if (hard !== -1 && (soft === -1 || soft > hard))
    return {
      error:
        soft === -1
          ? `ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`
          : `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
    }
  return { Name: name, Soft: soft, Hard: hard }
}

export interface NetworkOption {
  readonly name: string
  readonly aliases: readonly string[]
  readonly ip: string
}
/** --network: a name, or name=,alias=,ip= fields. */
export function parseNetwork(text: string): NetworkOption | { readonly error: string } {
  if (!/^(name|alias|ip|ip6|mac-address|link-local-ip|driver-opt|gw-priority)=/.test(text))
    return { name: text, aliases: [], ip: '' }
  let name = ''
  let ip = ''
  const aliases: string[] = []
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    if (at < 0) return { error: `invalid field ${field}` }
    const key = field.slice(0, at).trim().toLowerCase()
    const value = field.slice(at + 1).trim()
    if (key === 'name') name = value
    else if (key === 'alias') aliases.push(value)
    else if (key === 'ip') ip = value
    else return { error: `zukan: not emulated: ${key}` }
  }
  return name === '' ? { error: 'network name/id is not specified' } : { name, aliases, ip }
}

const integer = (value: string, parser: string, limit: bigint, negative: boolean): string | undefined => {
  const said = (what: string): string => `strconv.${parser}: parsing ${JSON.stringify(value)}: ${what}`
  if (!(negative ? /^[-+]?\d+$/ : /^\d+$/).test(value)) return said('invalid syntax')
  const n = BigInt(value.replace(/^\+/, ''))
  return n > limit || n < -limit - 1n ? said('value out of range') : undefined
}
const wrong = (r: unknown): string | undefined =>
  typeof r === 'object' && r !== null && 'error' in r ? (r as { error: string }).error : undefined

const types: Readonly<Record<string, (value: string) => string | undefined>> = {
  bytes: (v) => (ramInBytes(v) === undefined ? `invalid size: '${v}'` : undefined),
  int: (v) => integer(v, 'ParseInt', 2n ** 63n - 1n, true),
  uint: (v) => integer(v, 'ParseUint', 2n ** 64n - 1n, false),
  uint16: (v) => integer(v, 'ParseUint', 65535n, false),
  decimal: (v) =>
    /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(v) ? undefined : `failed to parse ${v} as a rational number`,
  duration: (v) => wrong(parseDuration(v)),
  mount: (v) => wrong(parseMount(v)),
  ulimit: (v) => wrong(parseUlimit(v)),
  network: (v) => wrong(parseNetwork(v)),
  filter: (v) => (v.includes('=') || v === '' ? undefined : 'bad format of filter (expected name=value)'),
  'gpu-request': (v) =>
    /^(all|\d+|(\w+=.*))$/.test(v)
      ? undefined
      : `invalid count (${v}): value must be either "all" or an integer: invalid syntax`,
}
/** What is wrong with a value of a flag's type; swap alone may be without a limit. */
export const checkValue = (type: string, value: string, name = ''): string | undefined =>
  Object.hasOwn(types, type) && !(name === 'memory-swap' && value === '-1') ? types[type]?.(value) : undefined

const addHost = (v: string): string | undefined => {
  const at = v.search(/[:=]/)
  if (at <= 0) return `bad format for add-host: ${JSON.stringify(v)}`
  const address = v.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
  return address === 'host-gateway' || /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*)$/.test(address)
    ? undefined
    : `invalid IP address in add-host: ${JSON.stringify(address)}`
}
/** What is wrong with a value of a flag whose rule its type's name doesn't tell. */
export function checkFlag(name: string, value: string): string | undefined {
  switch (name) {
    case 'add-host':
      return addHost(value)
    case 'attach':
      return /^(stdin|stdout|stderr)$/i.test(value) ? undefined : 'valid streams are STDIN, STDOUT and STDERR'
    case 'dns':
      return /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*)$/.test(value)
        ? undefined
        : `IP address is not correctly formatted: ${value}`
    case 'env':
      return value.startsWith('=') ? `invalid environment variable: ${value}` : undefined
    case 'label':
      return value.startsWith('=') ? `invalid label '${value}': empty name` : undefined
    case 'link':
      return value.split(':').length > 2 ? `bad format for links: ${value}` : undefined
    case 'sysctl':
      return /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+|net\..+)=/.test(
        value,
      )
        ? undefined
        : `sysctl '${value}' is not allowed`
    case 'device-read-bps':
    case 'device-write-bps':
    case 'device-read-iops':
    case 'device-write-iops':
    case 'blkio-weight-device':
      return value.includes(':') ? undefined : `bad format: ${value}`
    default:
      return undefined
  }
}

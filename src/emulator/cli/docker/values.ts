/**
 * Forms of flags' values, as docker's opts package checks them. Each answers a message, or undefined where the value is right.
 * @restartable They only look.
 */
import { ramInBytes, sizeComplaint } from '../../oci/units.ts'
import { parseMount } from './mounts.ts'

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
  readonly mac?: string
  /** A field that the emulator doesn't carry out. */
  readonly foreign?: string
}
const networkFields = ['name', 'alias', 'ip', 'ip6', 'mac-address', 'link-local-ip', 'driver-opt', 'gw-priority']
/** --network: a name, or name=,alias=,ip= fields. */
export function parseNetwork(text: string): NetworkOption | { readonly error: string } {
  if (!networkFields.some((f) => text.startsWith(`${f}=`))) return { name: text, aliases: [], ip: '' }
  let name = ''
  let ip = ''
  let mac: string | undefined
  let foreign: string | undefined
  const aliases: string[] = []
  for (const field of text.split(',')) {
    const at = field.indexOf('=')
    if (at < 0) return { error: `invalid field ${field}` }
    const key = field.slice(0, at).trim().toLowerCase()
    const value = field.slice(at + 1).trim()
    if (key === 'name') name = value
    else if (key === 'alias') aliases.push(value)
    else if (key === 'ip') ip = value
    else if (key === 'mac-address') mac = value
    else if (key === 'ip6' || key === 'link-local-ip') foreign = key
    else if (key === 'driver-opt') {
      if (!value.includes('=')) return { error: 'invalid key value pair format in driver options' }
      foreign = key
    } else if (key === 'gw-priority') {
      if (!/^[-+]?\d+$/.test(value)) return { error: `invalid gw-priority (${value}): invalid syntax` }
      foreign = key
    } else return { error: `invalid field key ${key}` }
  }
  if (name === '') return { error: 'network name/id is not specified' }
  return {
    name,
    aliases,
    ip,
    ...(mac === undefined ? {} : { mac }),
    ...(foreign === undefined ? {} : { foreign }),
  }
}

/** Billionths of a CPU that --cpus asks for: a number or a fraction, as big.Rat reads one, with at most nine places. */
export function parseCpus(text: string): number | { readonly error: string } {
  const bad = { error: `failed to parse ${text} as a rational number` }
  const fraction = /^([-+]?\d+)\/(\d+)$/.exec(text)
  const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) || /^[-+]?0[xX][0-9a-fA-F]+$/.test(text)
  if (!fraction && !number) return bad
  if (fraction && Number(fraction[2]) === 0) return bad
  const cpus = fraction ? Number(fraction[1]) / Number(fraction[2]) : Number(text)
  const nano = Math.round(cpus * 1e9)
  return Math.abs(nano / 1e9 - cpus) > 1e-12 ? { error: 'value is too precise' } : nano
}

const integer = (value: string, parser: string, limit: bigint, negative: boolean): string | undefined => {
  const said = (what: string): string => `strconv.${parser}: parsing ${JSON.stringify(value)}: ${what}`
  if (!(negative ? /^[-+]?\d+$/ : /^\d+$/).test(value)) return said('invalid syntax')
  const n = BigInt(value.replace(/^\+/, ''))
  return n > limit || n < -limit - 1n ? said('value out of range') : undefined
}
const wrong = (r: unknown): string | undefined =>
  typeof r === 'object' && r !== null && 'error' in r ? (r as { error: string }).error : undefined

/** --gpus: a count, or fields with commas between; docker/cli opts/gpus.go. */
function gpus(text: string): string | undefined {
  if (text === '') return 'EOF'
  const fields = text.split(',')
  const seen = new Set<string>()
  for (const field of fields) {
    const at = field.indexOf('=')
    const key = at < 0 ? '' : field.slice(0, at)
    const value = at < 0 ? field : field.slice(at + 1)
    const name = at < 0 ? 'count' : key
    if (seen.has(name)) return `gpu request key '${name}' can be specified only once`
    seen.add(name)
    if (name === 'count') {
      if (value !== 'all' && !/^[-+]?\d+$/.test(value))
        return `invalid count (${value}): value must be either "all" or an integer: invalid syntax`
    } else if (!['driver', 'device', 'capabilities', 'options'].includes(name))
      return `unexpected key '${key}' in '${field}'`
  }
  return undefined
}

const types: Readonly<Record<string, (value: string) => string | undefined>> = {
  bytes: (v) => (ramInBytes(v) === undefined ? sizeComplaint(v) : undefined),
  int: (v) => integer(v, 'ParseInt', 2n ** 63n - 1n, true),
  uint: (v) => integer(v, 'ParseUint', 2n ** 64n - 1n, false),
  uint16: (v) => integer(v, 'ParseUint', 65535n, false),
  decimal: (v) => {
    const nano = parseCpus(v)
    return typeof nano === 'object' ? nano.error : undefined
  },
  duration: (v) => wrong(parseDuration(v)),
  mount: (v) => wrong(parseMount(v)),
  ulimit: (v) => wrong(parseUlimit(v)),
  network: (v) => wrong(parseNetwork(v)),
  filter: (v) => (v.includes('=') || v === '' ? undefined : 'bad format of filter (expected name=value)'),
  'gpu-request': gpus,
}
/** What is wrong with a value of a flag's type; swap alone may be without a limit. */
export const checkValue = (type: string, value: string, name = ''): string | undefined =>
  Object.hasOwn(types, type) && !(name === 'memory-swap' && value === '-1') ? types[type]?.(value) : undefined

/** Whether a text is an IP address, as net.ParseIP has it. */
export function isAddress(text: string): boolean {
  const four = (t: string): boolean =>
    t.split('.').length === 4 && t.split('.').every((n) => /^(0|[1-9]\d{0,2})$/.test(n) && Number(n) < 256)
  if (!text.includes(':')) return four(text)
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((h) => (h === '' ? [] : h.split(':')))
  const tail = groups.at(-1) ?? ''
  const dotted = tail.includes('.')
  if (dotted && !four(tail)) return false
  const count = groups.length + (dotted ? 1 : 0)
  const right = (dotted ? groups.slice(0, -1) : groups).every((g) => /^[0-9a-fA-F]{1,4}$/.test(g))
  return right && (halves.length === 2 ? count < 8 : count === 8)
}
const operatingSystems =
  /^(aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9|solaris|windows|zos)$/i
const architectures =
  /^(386|amd64|amd64p32|arm|armbe|arm64|arm64be|loong64|ppc64|ppc64le|loongarch64|mips|mipsle|mips64|mips64le|mips64p32|mips64p32le|ppc|riscv|riscv64|s390|s390x|sparc|sparc64|wasm|i386|x86_64|x86-64|aarch64|armhf|armel)$/i
/** What is wrong with `os[/arch[/variant]]`, in the words of containerd's platforms package; undefined where it is right. */
export function platformComplaint(text: string): string | undefined {
  const parts = text.split('/')
  const said = (why: string): string => `${why}: invalid argument`
  for (const p of parts)
    if (!/^[A-Za-z0-9_.-]+(\([A-Za-z0-9_.-]*\))?$/.test(p))
      return said(
        `${JSON.stringify(p)} is an invalid component of ${JSON.stringify(text)}: platform specifier component must match "^[A-Za-z0-9_.-]+$"`,
      )
  if (parts.length > 3) return said(`${JSON.stringify(text)}: cannot parse platform specifier`)
  const [one = ''] = parts
  return parts.length > 1 || operatingSystems.test(one) || architectures.test(one)
    ? undefined
    : said(`${JSON.stringify(text)}: unknown operating system or architecture`)
}

const addHost = (v: string): string | undefined => {
  const at = v.search(/[:=]/)
  if (at <= 0) return `bad format for add-host: ${JSON.stringify(v)}`
  const address = v.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
  return address === 'host-gateway' || isAddress(address)
    ? undefined
    : `invalid IP address in add-host: ${JSON.stringify(address)}`
}
/** A name of the DNS, with a letter somewhere. */
const domainName =
  /^(?=.*[a-zA-Z])[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*\.?$/
/** `/dev/NAME:...`, as the flags on block devices begin. */
const devicePath = (value: string): string | undefined =>
  value.indexOf(':') <= 0
    ? `bad format: ${value}`
    : value.startsWith('/dev/')
      ? undefined
      : `bad format for device path: ${value}`
/** A device with a rate of bytes, which may have a unit, or of operations. */
function throttle(value: string, bytes: boolean): string | undefined {
  const rate = value.slice(value.indexOf(':') + 1)
  const fits = bytes ? ramInBytes(rate) !== undefined : /^\d+$/.test(rate)
  const form = bytes ? '<device-path>:<number>[<unit>]' : '<device-path>:<number>'
  const unit = bytes ? '. Unit is optional and can be kb, mb, or gb' : ''
  const why = `invalid rate for device: ${value}. The correct format is ${form}. Number must be a positive integer${unit}`
  return devicePath(value) ?? (fits ? undefined : why)
}
/** What is wrong with a value of a flag whose rule its type's name doesn't tell. */
export function checkFlag(name: string, value: string): string | undefined {
  switch (name) {
    case 'add-host':
      return addHost(value)
    case 'attach':
      return /^(stdin|stdout|stderr)$/i.test(value) ? undefined : 'valid streams are STDIN, STDOUT and STDERR'
    case 'dns':
      return isAddress(value) ? undefined : `IP address is not correctly formatted: ${value}`
    case 'env':
      return value === '' || value.startsWith('=') ? `invalid environment variable: ${value}` : undefined
    case 'label':
      return value === '' || value.startsWith('=') ? `invalid label '${value}': empty name` : undefined
    case 'docker': {
      const bare = value.split(',').find((f) => !f.includes('='))
      return bare === undefined ? undefined : `${bare} must be formatted as key=value`
    }
    case 'link':
      if (value === '') return 'empty string specified for links'
      return value.split(':').length > 2 ? `bad format for links: ${value}` : undefined
    case 'sysctl':
      return /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+|net\..+)=/.test(
        value,
      )
        ? undefined
        : `sysctl '${value}' is not allowed`
    case 'device-read-bps':
    case 'device-write-bps':
      return throttle(value, true)
    case 'device-read-iops':
    case 'device-write-iops':
      return throttle(value, false)
    case 'blkio-weight-device': {
      const n = /^0*(\d{1,5})$/.exec(value.slice(value.indexOf(':') + 1))?.[1]
      const fits = n !== undefined && (Number(n) === 0 || (Number(n) >= 10 && Number(n) <= 1000))
      return devicePath(value) ?? (fits ? undefined : `invalid weight for device: ${value}`)
    }
    case 'device-cgroup-rule':
      return /^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(value) ? undefined : `invalid device cgroup format '${value}'`
    case 'dns-search':
      return value.trim() === '.' || domainName.test(value.trim()) ? undefined : `${value} is not a valid domain`
    default:
      return undefined
  }
}

/**
 * --mount and -v as docker's client reads them: docker/cli opts/mount.go and its loader's volume.go.
 * @restartable They only look.
 */
import { ramInBytes } from '../../oci/units.ts'

export interface MountOption {
  readonly Type: string
  readonly Source?: string
  readonly Target: string
  readonly ReadOnly?: boolean
  readonly Consistency?: string
  readonly BindOptions?: {
    readonly Propagation?: string
    readonly NonRecursive?: boolean
    readonly CreateMountpoint?: boolean
    readonly ReadOnlyNonRecursive?: boolean
    readonly ReadOnlyForceRecursive?: boolean
  }
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number }
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean
    readonly Labels?: Readonly<Record<string, string>>
    readonly Subpath?: string
    readonly DriverConfig?: { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> }
  }
  readonly ImageOptions?: { readonly Subpath?: string }
}
type Fault = { readonly error: string }

/** Keys that stand for true where they have no value. */
const switches = ['readonly', 'ro', 'volume-nocopy', 'bind-create-src']
/** `a=b` put into a table that may not be there yet. */
const withPair = (table: Readonly<Record<string, string>> | undefined, text: string): Record<string, string> => {
  const at = text.indexOf('=')
  return { ...table, [at < 0 ? text : text.slice(0, at)]: at < 0 ? '' : text.slice(at + 1) }
}
/** What a field says, or what is wrong with it. */
function field(m: MountOption, key: string, value: string | undefined, text: string): MountOption | Fault {
  const word = value ?? ''
  const bool = (make: (on: boolean) => MountOption): MountOption | Fault => {
    if (value === undefined || /^(1|true)$/.test(value)) return make(true)
    if (/^(0|false)$/.test(value)) return make(false)
    return {
      error: `invalid value for '${key}': invalid boolean value (${JSON.stringify(value)}): must be one of "true", "1", "false", or "0" (default "true")`,
    }
  }
  const bind = (o: NonNullable<MountOption['BindOptions']>): MountOption => ({
    ...m,
    BindOptions: { ...m.BindOptions, ...o },
  })
  const volume = (o: NonNullable<MountOption['VolumeOptions']>): MountOption => ({
    ...m,
    VolumeOptions: { ...m.VolumeOptions, ...o },
  })
  const driver = m.VolumeOptions?.DriverConfig
  switch (key) {
    case 'type':
      return { ...m, Type: word.toLowerCase() }
    case 'source':
    case 'src':
      return { ...m, Source: word }
    case 'target':
    case 'dst':
    case 'destination':
      return { ...m, Target: word }
    case 'readonly':
    case 'ro':
      return bool((on) => ({ ...m, ReadOnly: on }))
    case 'consistency':
      return { ...m, Consistency: word.toLowerCase() }
    case 'bind-propagation':
      return bind({ Propagation: word.toLowerCase() })
    case 'bind-create-src':
      return bool((on) => bind({ CreateMountpoint: on }))
    case 'bind-nonrecursive':
      return { error: 'bind-nonrecursive is deprecated, use bind-recursive=disabled instead' }
    case 'bind-recursive':
      if (word === 'enabled') return m
      if (word === 'disabled') return bind({ NonRecursive: true })
      if (word === 'writable') return bind({ ReadOnlyNonRecursive: true })
      if (word === 'readonly') return bind({ ReadOnlyForceRecursive: true })
      return {
        error: `invalid value for ${key}: ${word} (must be "enabled", "disabled", "writable", or "readonly")`,
      }
    case 'volume-nocopy':
      return bool((on) => volume({ NoCopy: on }))
    case 'volume-subpath':
      return volume({ Subpath: word })
    case 'volume-label':
      return volume({ Labels: withPair(m.VolumeOptions?.Labels, word) })
    case 'volume-driver':
      return volume({ DriverConfig: { ...driver, Name: word } })
    case 'volume-opt':
      return volume({ DriverConfig: { ...driver, Options: withPair(driver?.Options, word) } })
    case 'image-subpath':
      return { ...m, ImageOptions: { Subpath: word } }
    case 'tmpfs-size': {
      const size = ramInBytes(word)
      if (size === undefined) return { error: `invalid value for ${key}: ${word}` }
      return { ...m, TmpfsOptions: { ...m.TmpfsOptions, SizeBytes: size } }
    }
    case 'tmpfs-mode':
      if (!/^[0-7]+$/.test(word)) return { error: `invalid value for ${key}: ${word}` }
      return { ...m, TmpfsOptions: { ...m.TmpfsOptions, Mode: Number.parseInt(word, 8) } }
    default:
      return { error: `unknown option '${key}' in '${text}'` }
  }
}
/** Options of another kind of mount, or options that ask for one another. */
function disagreement(m: MountOption): string | undefined {
  const mixed = (
    [
      ['bind', m.BindOptions],
      ['volume', m.VolumeOptions],
      ['image', m.ImageOptions],
      ['tmpfs', m.TmpfsOptions],
    ] as const
  ).find(([type, options]) => options && m.Type !== type)
  if (m.Type === '') return 'type is required'
  if (m.Target === '') return 'target is required'
  if (mixed) return `cannot mix '${mixed[0]}-*' options with mount type '${m.Type}'`
  const needs = (what: string, other: string): string =>
    `option 'bind-recursive=${what}' requires '${other}' to be specified in conjunction`
  if (m.BindOptions?.ReadOnlyNonRecursive && !m.ReadOnly) return needs('writable', 'readonly')
  if (m.BindOptions?.ReadOnlyForceRecursive && !m.ReadOnly) return needs('readonly', 'readonly')
  if (m.BindOptions?.ReadOnlyForceRecursive && m.BindOptions.Propagation !== 'rprivate')
    return needs('readonly', 'bind-propagation=rprivate')
  if (m.Type === 'image') return 'zukan: not emulated: --mount type=image'
  if (m.BindOptions?.ReadOnlyNonRecursive) return 'zukan: not emulated: bind-recursive=writable'
  return undefined
}
/** The fields of a line with commas between, where quotes keep commas, as Go's encoding/csv reads it. */
export function csvFields(line: string): readonly string[] | Fault {
  const out: string[] = []
  const bad = (column: number, why: string): Fault => ({ error: `parse error on line 1, column ${column}: ${why}` })
  for (let i = 0; ; i++) {
    if (line[i] !== '"') {
      const comma = line.indexOf(',', i)
      const end = comma < 0 ? line.length : comma
      const field = line.slice(i, end)
      const quote = field.indexOf('"')
      if (quote >= 0) return bad(i + quote + 1, 'bare " in non-quoted-field')
      out.push(field)
      if (comma < 0) return out
      i = end
      continue
    }
    let field = ''
    let at = i + 1
    for (;;) {
      const quote = line.indexOf('"', at)
      if (quote < 0) return bad(line.length + 1, 'extraneous or missing " in quoted-field')
      field += line.slice(at, quote)
      at = quote + 1
      if (line[at] !== '"') break
      field += '"'
      at++
    }
    out.push(field)
    if (at >= line.length) return out
    if (line[at] !== ',') return bad(at, 'extraneous or missing " in quoted-field')
    i = at
  }
}
/** --mount: key=value pairs with commas between. */
export function parseMount(given: string): MountOption | Fault {
  const text = given.trim()
  if (text === '') return { error: 'value is empty' }
  const parts = csvFields(text)
  if ('error' in parts) return parts
  let m: MountOption = { Type: 'volume', Target: '' }
  for (const part of parts) {
    const at = part.indexOf('=')
    const name = at < 0 ? part : part.slice(0, at)
    const value = at < 0 ? undefined : part.slice(at + 1)
    if (name.trim() !== name)
      return { error: `invalid option '${name.trim()}' in '${part}': option should not have whitespace` }
    if (value?.trim() === '') return { error: `invalid value for '${name}': value is empty` }
    if (value !== undefined && value.trim() !== value)
      return { error: `invalid value for '${name}' in '${part}': value should not have whitespace` }
    const key = name.toLowerCase()
    if (value === undefined && !switches.includes(key) && key !== 'bind-nonrecursive')
      return { error: `invalid field '${part}' must be a key=value pair` }
    const next = field(m, key, value, part)
    if ('error' in next) return next
    m = next
  }
  const error = disagreement(m)
  return error === undefined ? m : { error }
}

/** The sections of a -v value: a letter before a colon is a drive of Windows, wherever a section begins with it. */
export function volumeSections(spec: string): readonly string[] | Fault {
  if (spec === '') return { error: 'invalid empty volume spec' }
  if (spec.length < 3) return [spec]
  const wrong = (why: string): Fault => ({ error: `invalid spec: ${spec}: ${why}` })
  const sections: string[] = []
  let section = ''
  for (const ch of [...spec, '']) {
    if (ch === ':' && /^\p{L}$/u.test(section)) section += ch
    else if (ch === ':' || ch === '') {
      if (section === '') return wrong('empty section between colons')
      if (sections.length === 2 && ch === ':') return wrong('too many colons')
      sections.push(section)
      section = ''
    } else section += ch
  }
  return sections
}

/** Which image a name stands for: registries.conf(5), its short-name aliases, and the local images that come first. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { parseReference, type Reference } from '../../oci/reference.ts'
import { readText } from '../../userland/lib/io.ts'
import { namesIn } from '../layers.ts'
import type { Place } from './place.ts'
import { Problem } from './problem.ts'
import type { ImageRecord } from './storage.ts'

const CONF = '/etc/containers/registries.conf'
export interface Registries {
  /** unqualified-search-registries, and the file that says so. */
  readonly search: readonly string[]
  readonly file: string
  readonly aliases: ReadonlyMap<string, { readonly target: string; readonly file: string }>
  /** Locations with `insecure = true`. */
  readonly insecure: ReadonlySet<string>
}
/** The little of TOML that these files use: tables, strings, booleans, and lists of strings on a line. */
function read(
  text: string,
  file: string,
  into: {
    search: string[]
    file: string
    aliases: Map<string, { target: string; file: string }>
    insecure: Set<string>
  },
): void {
  let table = ''
  let location = ''
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^((?:[^"#]|"[^"]*")*)#.*$/, '$1').trim()
    const head = /^\[+\s*([^\]]+?)\s*\]+$/.exec(line)
    if (head) {
      table = head[1] as string
      location = ''
      continue
    }
    const pair = /^(?:"([^"]+)"|([\w.-]+))\s*=\s*(.*)$/.exec(line)
    if (!pair) continue
    const key = pair[1] ?? pair[2] ?? ''
    const value = pair[3] ?? ''
    const words = [...value.matchAll(/"([^"]*)"/g)].map((m) => m[1] as string)
    if (table === '' && key === 'unqualified-search-registries') {
      into.search = words
      into.file = file
    } else if (table === 'aliases') into.aliases.set(key, { target: words[0] ?? '', file })
    else if (table === 'registry' && (key === 'location' || key === 'prefix')) location = words[0] ?? ''
    else if (table === 'registry' && key === 'insecure' && value === 'true') into.insecure.add(location)
  }
}
/** registries.conf of the user or of the machine, and the files of its drop-in directory, later ones over earlier ones. */
export function* registries(sys: Sys, place: Place): Run<Registries> {
  const out = {
    search: [] as string[],
    file: CONF,
    aliases: new Map<string, { target: string; file: string }>(),
    insecure: new Set<string>(),
  }
  const own = `${place.home}/.config/containers/registries.conf`
  const file = place.rootless && !isErr(yield* sys.stat(own)) ? own : CONF
  out.file = file
  const bases = place.rootless ? [CONF, own] : [CONF]
  for (const path of [
    file,
    ...(yield* dropIns(sys, bases)),
    `${place.rootless ? `${place.home}/.cache` : '/var/cache'}/containers/short-name-aliases.conf`,
  ]) {
    const text = yield* readText(sys, path)
    if (!isErr(text)) read(text, path, out)
  }
  return out
}
function* dropIns(sys: Sys, bases: readonly string[]): Run<string[]> {
  const out: string[] = []
  for (const base of bases)
    for (const name of yield* namesIn(sys, `${base}.d`)) if (name.endsWith('.conf')) out.push(`${base}.d/${name}`)
  return out
}

const withTag = (ref: Reference): Reference =>
  ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref
/** `docker.io/library/alpine:latest` */
export const fullName = (ref: Reference): string =>
  `${ref.domain}/${ref.path}${ref.tag === undefined ? '' : `:${ref.tag}`}${ref.digest === undefined ? '' : `@${ref.digest}`}`
/** Whether a name says which registry it is of. */
export function isQualified(name: string): boolean {
  const first = name.split('/')[0] ?? ''
  return name.includes('/') && (/[.:]/.test(first) || first === 'localhost')
}
/** A name in full, where short ones are this machine's own: what tag, commit and build give images. Throws Problem. */
export function localName(name: string): string {
  const ref = parseReference(isQualified(name) ? name : `localhost/${name}`)
  if ('error' in ref) throw new Problem(`parsing reference ${JSON.stringify(name)}: ${ref.error}`)
  return fullName(withTag(ref))
}
/** Where a name may be pulled from, in turn, and what is told of it. Throws Problem where no registry is asked for it. */
export function candidates(
  name: string,
  r: Registries,
): { readonly names: readonly string[]; readonly note: string | undefined } {
  const bare = name.replace(/^docker:\/\//, '')
  const check = (full: string): string => {
    const ref = parseReference(full)
    if ('error' in ref) throw new Problem(`parsing reference ${JSON.stringify(bare)}: ${ref.error}`)
    return fullName(withTag(ref))
  }
  if (isQualified(bare) || name !== bare) return { names: [check(bare)], note: undefined }
  const m = /^([^:@]*)((?::[^@]*)?(?:@.*)?)$/.exec(bare)
  const alias = r.aliases.get(m?.[1] ?? '')
  if (alias)
    return {
      names: [check(`${alias.target}${m?.[2] ?? ''}`)],
      note: `Resolved ${JSON.stringify(m?.[1])} as an alias (${alias.file})`,
    }
  check(bare)
  if (r.search.length === 0)
    throw new Problem(
      `short-name ${JSON.stringify(bare)} did not resolve to an alias and no unqualified-search registries are defined in ${JSON.stringify(r.file)}`,
    )
  return {
    names: r.search.map((host) =>
      check(`${host}/${host === 'docker.io' && !bare.includes('/') ? 'library/' : ''}${bare}`),
    ),
    note: `Resolving ${JSON.stringify(bare)} using unqualified-search registries (${r.file})`,
  }
}
/**
 * The local image that a name means: an id or the beginning of one, a full name, or a short one of `localhost/`, of an alias or of a search
 * registry, as libimage's LookupImage looks. Undefined where there is none. Answers the name that it was found by, too.
 */
export function lookUp(
  images: readonly ImageRecord[],
  name: string,
  r: Registries,
): { readonly image: ImageRecord; readonly name: string | undefined } | undefined {
  const bare = name.replace(/^sha256:/, '')
  const at = (full: string): { image: ImageRecord; name: string } | undefined => {
    const ref = parseReference(full)
    if ('error' in ref) return undefined
    const wanted = fullName(withTag({ ...ref, digest: undefined }))
    const image = images.find((i) =>
      ref.digest === undefined
        ? i.names.includes(wanted)
        : Object.values(i['big-data-digests']).includes(ref.digest) &&
          i.names.some((n) => n.startsWith(`${ref.domain}/${ref.path}`)),
    )
    return image && { image, name: ref.digest === undefined ? wanted : fullName(ref) }
  }
  if (isQualified(name)) {
    const hit = at(name)
    if (hit) return hit
  } else {
    const m = /^([^:@]*)((?::[^@]*)?(?:@.*)?)$/.exec(name)
    const alias = r.aliases.get(m?.[1] ?? '')
    for (const full of [
      `localhost/${name}`,
      ...(alias ? [`${alias.target}${m?.[2] ?? ''}`] : []),
      ...r.search.map((h) => `${h}/${name}`),
      `docker.io/${name}`,
    ]) {
      const hit = at(full)
      if (hit) return hit
    }
    // A name without its registry finds what any registry's image of that name is here.
    const tail = name.includes(':') || name.includes('@') ? name : `${name}:latest`
    const any = images.find((i) => i.names.some((n) => n.endsWith(`/${tail}`)))
    if (any && !/^[0-9a-f]{3,64}$/.test(bare))
      return { image: any, name: any.names.find((n) => n.endsWith(`/${tail}`)) }
  }
  if (/^[0-9a-f]{3,64}$/.test(bare)) {
    const image = images.find((i) => i.id.startsWith(bare))
    if (image) return { image, name: undefined }
  }
  return undefined
}

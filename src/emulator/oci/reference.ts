/** Image references as distribution/reference parses them: [domain/]path[:tag][@digest]. */

export interface Reference {
  /** `docker.io` where none is written. */
  readonly domain: string
  /** `library/alpine` */
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

const component = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*'
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const whole = new RegExp(
  `^((?:(?:${domain})/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
)
const domainRe = new RegExp(`^${domain}$`)

/** A reference in normal form, or the words of the real parser for what is wrong. */
export function parseReference(text: string): Reference | { readonly error: string } {
  if (text === '') return { error: 'invalid reference format' }
  if (/^[0-9a-f]{64}$/.test(text))
    return { error: `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings` }
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  // A first part is a domain where it has a dot or a port, is localhost, or has capitals.
  const isDomain = slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first)
  let host = isDomain ? first : 'docker.io'
  let rest = isDomain ? text.slice(slash + 1) : text
  if (host === 'index.docker.io') host = 'docker.io'
  if (host === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`
  const name = rest.split(/[:@]/)[0] as string
  if (name.toLowerCase() !== name)
    return { error: `invalid reference format: repository name (${name}) must be lowercase` }
  const m = whole.exec(`${host}/${rest}`)
  if (!m || !domainRe.test(host)) return { error: 'invalid reference format' }
  const digest = m[3]
  if (digest !== undefined) {
    if (!/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|sha384:[0-9a-f]{96})$/.test(digest))
      return {
        error: /^sha(256|384|512):/.test(digest) ? 'invalid checksum digest length' : 'unsupported digest algorithm',
      }
  }
  const path = (m[1] as string).slice(host.length + 1)
  if (path.length > 255) return { error: 'repository name must not be more than 255 characters' }
  return { domain: host, path, tag: m[2], digest }
}
/** As docker shows it: without `docker.io/` and `library/`. */
export function familiarName(r: Pick<Reference, 'domain' | 'path'>): string {
  return r.domain === 'docker.io' ? r.path.replace(/^library\/(?!.*\/)/, '') : `${r.domain}/${r.path}`
}
/** The familiar name with tag or digest; `latest` where neither is written. */
export function familiar(r: Reference): string {
  return `${familiarName(r)}${r.tag !== undefined ? `:${r.tag}` : r.digest === undefined ? ':latest' : ''}${r.digest !== undefined ? `@${r.digest}` : ''}`
}

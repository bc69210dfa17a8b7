/**
 * The register of published ids, src/content/links.yaml: what links from elsewhere may hold. An id that stood there once must exist or be
 * redirected (src/content/redirects.yaml). Pure.
 *
 *   process                     a page            embed/stack               a picture
 *   process#limits              a heading, a term embed/stack?choice=vms    what it shows first
 *   lab/memory-limit            a lab             lab?host=linux-server     a terminal
 */
export const REGISTER = 'src/content/links.yaml'
export const REDIRECTS = 'src/content/redirects.yaml'

export interface Redirect {
  readonly from: string
  readonly to: string
}
/** Where an id leads that is no more: by a rule of its own, or by that of its page for a heading of the same id. */
export function targetOf(id: string, redirects: readonly Redirect[], present: ReadonlySet<string>): string | undefined {
  const own = redirects.find((r) => r.from === id)
  if (own) return own.to
  const [page, heading] = id.split('#')
  const moved = heading === undefined ? undefined : redirects.find((r) => r.from === page)
  const same = `${moved?.to.replace(/#.*/, '')}#${heading}`
  return moved && present.has(same) ? same : undefined
}
/** What is wrong with the register and the redirects, in sentences. */
export function checkRegister(
  register: readonly string[],
  present: ReadonlySet<string>,
  redirects: readonly Redirect[],
): readonly string[] {
  const out: string[] = []
  for (const id of register)
    if (!present.has(id) && targetOf(id, redirects, present) === undefined)
      out.push(
        id.includes('?')
          ? `${REGISTER}: "${id}" is gone, and links hold it: keep the choice or host of that name`
          : `${REGISTER}: "${id}" is gone, and links hold it: keep the id, or say in ${REDIRECTS} where it leads now`,
      )
  for (const { from, to } of redirects) {
    if (present.has(from)) out.push(`${REDIRECTS}: "${from}" exists: it can't be redirected`)
    if (!present.has(to)) out.push(`${REDIRECTS}: "${from}" leads to "${to}", which isn't there`)
    if (from.includes('?') || to.includes('?'))
      out.push(`${REDIRECTS}: "${from}": what follows a "?" can't be redirected`)
  }
  return out
}
/** Ids that exist and aren't registered yet. */
export const unregistered = (register: readonly string[], present: ReadonlySet<string>): readonly string[] => {
  const known = new Set(register)
  return [...present].filter((id) => !known.has(id))
}
/** The register's text: sorted, a line an id, so that two branches seldom touch the same line. */
export const registerText = (ids: Iterable<string>): string =>
  `# Ids that links from elsewhere hold. Written by \`npm run links\`; nothing is ever taken out (src/content/redirects.yaml).\n${[
    ...new Set(ids),
  ]
    .sort()
    .map((id) => `- ${/[?]/.test(id) ? `"${id}"` : id}\n`)
    .join('')}`

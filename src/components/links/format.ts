/** A link as it is pasted elsewhere. Pure. */
export type Format = 'link' | 'markdown' | 'html'

const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')

export interface Target {
  readonly title: string
  readonly href: string
  /** What an iframe shows, where the thing can be framed. */
  readonly embed?: string
}
/** The text for a format; HTML is an iframe where there is something to frame, a link otherwise. */
export function linkText({ title, href, embed }: Target, format: Format): string {
  if (format === 'link') return href
  // CommonMark 6.3: brackets in a link's text are escaped, and parentheses in its address.
  if (format === 'markdown')
    return `[${title.replace(/[\\[\]]/g, '\\$&')}](${href.replace(/\(/g, '%28').replace(/\)/g, '%29')})`
  if (embed === undefined) return `<a href="${escaped(href)}">${escaped(title)}</a>`
  return `<iframe src="${escaped(embed)}" title="${escaped(title)}" width="100%" height="640" loading="lazy"></iframe>`
}

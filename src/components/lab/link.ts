/**
 * Links that open a terminal with commands at hand: `/ja/lab/?host=linux-server&run=docker+ps`. Reading and making them; pure.
 *
 *   v        version of this format; 1 where it is absent
 *   host     the machine; linux-server where it is absent
 *   run      a command, or several lines; may be given again and again
 *   file     PATH=CONTENT: a file that is there before the first command; may be given again and again
 *   picture  a scene beside the terminal; may be given twice
 *
 * The query is application/x-www-form-urlencoded (WHATWG URL, 5.1) and at most LIMIT bytes. What isn't understood is refused by name:
 * half of a link would be another lesson. Other parameters (lang, theme, what mail programs add) are none of ours.
 */

/** The version that is made now; links of all earlier ones are read. */
export const VERSION = 1
/** Bytes of the query, as it stands in the address. */
export const LIMIT = 2048
const MOST_PICTURES = 2

export interface LabFile {
  readonly path: string
  readonly text: string
}
export interface Lab {
  readonly host: string
  /** What is typed, in order; an entry may have several lines. */
  readonly run: readonly string[]
  readonly files: readonly LabFile[]
  readonly pictures: readonly string[]
}
/** Why a link isn't opened; `what` is the part that is at fault, shortened, where it can be named. */
export interface Refusal {
  readonly reason:
    | 'too-long'
    | 'newer'
    | 'version'
    | 'encoding'
    | 'control'
    | 'host'
    | 'picture'
    | 'pictures'
    | 'file'
    | 'file-host'
  readonly what: string
}
export interface Known {
  readonly hosts: readonly string[]
  readonly pictures: readonly string[]
}
export type Read = { readonly ok: true; readonly lab: Lab } | { readonly ok: false; readonly refusal: Refusal }

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
const refuse = (reason: Refusal['reason'], what = ''): Read => ({
  ok: false,
  refusal: { reason, what: what.length > 60 ? `${what.slice(0, 59)}…` : what },
})
/** Characters that a reader can't see, or that make text look other than it is: controls, and marks of writing direction. */
const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/u

/** One name or value of a query; undefined where its percent signs or bytes aren't well-formed. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
const codeOf = (c: string): string => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Whether a path may be written by a link: below the home folder, or absolute; no way up, nothing that a shell would take apart. */
const isPath = (path: string): boolean =>
  /^\/?[A-Za-z0-9._@+-]+(?:\/[A-Za-z0-9._@+-]+)*$/.test(path) && path.length <= 200 && !/(^|\/)\.{1,2}(\/|$)/.test(path)

/** Reads the query of an address ("?host=..." or without the mark). Never throws, whatever it is given. */
export function readLink(search: string, known: Known): Read {
  const query = search.replace(/^\?/, '')
  // The unit is what stands in the address; characters outside ASCII are encoded there.
  if (query.length > LIMIT || bytesOf(query) > LIMIT) return refuse('too-long', String(bytesOf(query)))
  const own = new Set(['v', 'host', 'run', 'file', 'picture'])
  const pairs: [string, string][] = []
  for (const part of query.split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = decoded(at < 0 ? part : part.slice(0, at))
    if (name === undefined) return refuse('encoding', part)
    if (!own.has(name)) continue
    const value = decoded(at < 0 ? '' : part.slice(at + 1))
    if (value === undefined) return refuse('encoding', part)
    pairs.push([name, value.replaceAll('\r\n', '\n')])
  }
  const all = (name: string): readonly string[] => pairs.filter(([n]) => n === name).map(([, v]) => v)

  // The version comes first: a newer link may mean something else by everything that follows.
  const version = all('v').at(-1) ?? '1'
  if (!/^[1-9]\d{0,5}$/.test(version)) return refuse('version', version)
  if (Number(version) > VERSION) return refuse('newer', version)
  for (const [name, value] of pairs) {
    const bad = hidden.exec(value) ?? (name === 'file' ? null : /\t/.exec(value))
    if (bad) return refuse('control', codeOf(bad[0]))
  }

  const host = all('host').at(-1) ?? 'linux-server'
  if (!known.hosts.includes(host)) return refuse('host', host)
  const pictures = [...new Set(all('picture'))]
  if (pictures.length > MOST_PICTURES) return refuse('pictures', String(pictures.length))
  for (const picture of pictures) if (!known.pictures.includes(picture)) return refuse('picture', picture)
  const files: LabFile[] = []
  for (const file of all('file')) {
    const at = file.indexOf('=')
    if (at < 0 || !isPath(file.slice(0, at))) return refuse('file', at < 0 ? file : file.slice(0, at))
    // A Windows machine's drives aren't reached by such paths.
    if (host.startsWith('windows')) return refuse('file-host', host)
    files.push({ path: file.slice(0, at), text: file.slice(at + 1) })
  }
  const run = all('run')
    .map((lines) => lines.replace(/^\n+|\n+$/g, ''))
    .filter((lines) => lines.trim() !== '')
  return { ok: true, lab: { host, run, files, pictures } }
}

/** A value that stays readable in an address: what a query may hold stands as it is, a space is a plus sign. */
const encoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/%(2F|3A|2C|40|24|3B|3D)/gi, (code) => decodeURIComponent(code))

/** The query for a lab, without the mark, as readable as it can be. */
export function makeLink(lab: Lab): string {
  const parts = [`v=${VERSION}`, `host=${encoded(lab.host)}`]
  for (const picture of lab.pictures) parts.push(`picture=${encoded(picture)}`)
  for (const { path, text } of lab.files) parts.push(`file=${encoded(path)}=${encoded(text)}`)
  for (const lines of lab.run) parts.push(`run=${encoded(lines)}`)
  return parts.join('&')
}
/** Whether a link for the lab stays within what is read. */
export const fits = (query: string): boolean => bytesOf(query) <= LIMIT

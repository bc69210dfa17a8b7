/** docker images since 29: a row a name, and with --tree a row an image with one for each platform below; docker/cli command/image/tree.go. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { humanSize } from '../../oci/units.ts'
import { print, warn } from '../../userland/lib/io.ts'

interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}
/** What is wanted of an entry of GET /images/json?manifests=1. */
export interface ListedImage {
  readonly Id: string
  readonly RepoTags: readonly string[] | null
  readonly Containers: number
  readonly Manifests?: readonly {
    readonly ID: string
    readonly Available: boolean
    readonly Kind: string
    readonly Size: { readonly Total: number; readonly Content: number }
    readonly ImageData?: { readonly Platform: Platform; readonly Containers: readonly string[] }
  }[]
}
interface Details {
  readonly id: string
  readonly disk: number
  readonly content: number
  readonly used: boolean
}
interface Row {
  readonly names: readonly string[]
  readonly details: Details
  readonly children: readonly { readonly platform: string; readonly available: boolean; readonly details: Details }[]
}
type Paint = (text: string) => string
/** Blanks between two columns. */
const GAP = 3
const sgr =
  (codes: string): Paint =>
  (text) =>
    `\x1b[${codes}m${text}\x1b[0m`
const plain: Paint = (text) => text
const ellipsis = (text: string, width: number): string =>
  [...text].length > width ? `${[...text].slice(0, Math.max(0, width - 1)).join('')}…` : text
const left = (text: string, width: number, paint: Paint): string => {
  const shown = ellipsis(text, width)
  return paint(shown) + ' '.repeat(width - [...shown].length)
}
const right = (text: string, width: number, paint: Paint): string => {
  const shown = ellipsis(text, width)
  return ' '.repeat(width - [...shown].length) + paint(shown)
}
const platformText = (p: Platform): string => [p.os, p.architecture, ...(p.variant ? [p.variant] : [])].join('/')

/** How images are shown. */
export interface TreeOptions {
  /** An image with its platforms, instead of a row for each of its names. */
  readonly expanded: boolean
  /** Images without a name, too. */
  readonly all: boolean
  /** Whether standard output is a terminal. */
  readonly terminal: boolean
}
/** The rows of a list. */
function rowsOf(images: readonly ListedImage[], o: TreeOptions): Row[] {
  const rows = images.flatMap((image): Row[] => {
    const manifests = image.Manifests ?? []
    const listed = manifests.filter((m) => m.Kind === 'image')
    const sum = (key: 'Total' | 'Content'): number => manifests.reduce((n, m) => n + m.Size[key], 0)
    const details: Details = {
      id: image.Id,
      disk: sum('Total'),
      content: sum('Content'),
      used: image.Containers > 0 || listed.some((m) => (m.ImageData?.Containers ?? []).length > 0),
    }
    const children = listed.map((m) => ({
      platform: m.ImageData ? platformText(m.ImageData.Platform) : '',
      available: m.Available,
      details: {
        id: m.ID,
        disk: m.Size.Total,
        content: m.Size.Content,
        used: (m.ImageData?.Containers ?? []).length > 0,
      },
    }))
    const names = [...(image.RepoTags ?? [])].sort()
    if (o.expanded) return [{ names, details, children }]
    if (names.length === 0) return o.all ? [{ names, details, children: [] }] : []
    return names.map((name) => ({ names: [name], details, children: [] }))
  })
  const key = (r: Row): string => r.names[0] ?? '\uffff'
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
/** Prints images as a table for people. Answers how many rows there are. */
export function* printTree(sys: Sys, images: readonly ListedImage[], o: TreeOptions): Run<number> {
  const { terminal } = o
  if (!terminal)
    yield* warn(
      sys,
      'WARNING: This output is designed for human readability. For machine-readable output, please use --format.\n',
    )
  const size = terminal ? yield* sys.ioctl<{ readonly columns: number }>(1, 'TIOCGWINSZ') : undefined
  const width = size === undefined || isErr(size) ? 0 : Math.max(20, size.columns)
  const rows = rowsOf(images, o)
  const paint = (codes: string): Paint => (terminal ? sgr(codes) : plain)
  const [title, top, normal, faint] = [paint('39;1'), paint('34;1'), paint('39'), paint('2')]
  const chip = terminal ? `\x1b[38;5;0m\x1b[48;5;14m U \x1b[0m` : 'U'
  const noChip = terminal ? '   ' : ' '
  let out = ''
  if (width > 0) {
    const legend = 'i Info →   U  In Use'
    out += `${' '.repeat(Math.max(0, width - [...legend].length))}${sgr('1')('i')} ${sgr('96')('Info →')}  ${chip} In Use\n`
  }
  const used = rows.some((r) => r.details.used || r.children.some((c) => c.details.used))
  const columns = [
    { heading: 'ID', width: 12 },
    { heading: 'DISK USAGE', width: 10 },
    { heading: 'CONTENT SIZE', width: 12 },
    { heading: 'EXTRA', width: 5 },
  ]
  let name = width
  let shown = columns.length
  for (const [i, c] of columns.entries()) {
    // Where the names would get too short, the last columns go.
    if (width > 0 && name - c.width - GAP < 12) {
      shown = i
      break
    }
    name -= c.width + GAP
  }
  const widest = Math.max(
    'Image'.length,
    ...rows.flatMap((r) => [...r.names.map((n) => n.length), ...r.children.map((c) => c.platform.length + 3)]),
  )
  if (width === 0 || name > widest) name = widest
  const blank = ' '.repeat(GAP)
  const cells = (d: Details, p: Paint): string =>
    [
      left(d.id.replace(/^sha256:/, '').slice(0, 12), 12, p),
      right(humanSize(d.disk, 3), 10, p),
      right(humanSize(d.content, 3), 12, p),
      used ? (d.used ? chip : noChip) + ' '.repeat(terminal ? 2 : 4) : ' '.repeat(5),
    ]
      .slice(0, shown)
      .map((cell) => blank + cell)
      .join('')
  out += [
    left('IMAGE', name, title),
    ...columns.slice(0, shown).map((c, i) => (i === 1 || i === 2 ? right : left)(c.heading, c.width, title)),
  ].join(blank)
  out += '\n'
  const spaced = rows.some((r) => r.children.length > 0)
  for (const r of rows) {
    for (const n of r.names.slice(0, -1)) out += `${top(n)}\n`
    const last = r.names.at(-1)
    out += last === undefined ? left('<untagged>', name, faint) : left(last, name, top)
    out += cells(r.details, normal)
    if (spaced) out += '\n'
    for (const [i, c] of r.children.entries()) {
      const p = c.available ? normal : terminal ? sgr('39;2') : plain
      out += `${left(`${i < r.children.length - 1 ? '├─' : '└─'} ${c.platform}`, name, p)}${cells(c.details, p)}\n`
    }
    out += '\n'
  }
  yield* print(sys, out)
  return rows.length
}

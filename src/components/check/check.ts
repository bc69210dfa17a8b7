/**
 * The check of an installed copy: reads the list of files and says what is missing, differs, or is served wrongly. Stands alone, since
 * the site's other scripts may be what is missing. Over http every byte is compared; from file:// only whether a file is there.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { addressOf, contentType } from '../offline/paths.ts'
import { words } from './words.ts'

type Listed = readonly [path: string, size: number, sha256: string]
interface List {
  readonly build: string
  readonly files: readonly Listed[]
}
interface Problem {
  readonly path: string
  readonly kind: 'missing' | 'differs' | 'type' | 'answer'
  readonly what?: string
}
const AT_ONCE = 6
/** Problems shown one by one; the rest are counted. */
const SHOWN = 100
const language = document.documentElement.lang === 'ja' ? 'ja' : 'en'
const t = words[language]
const root = new URL('../..', location.href.replace(/[^/]*$/, '')).href
const local = location.protocol === 'file:'
const fill = (text: string, ...figures: readonly (string | number)[]): string => {
  const rest = [...figures]
  return text.replace(/\{\}/g, () => String(rest.shift() ?? ''))
}
const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
const ask = (address: string): Promise<Response> => fetch(new URL(address, root), { cache: 'no-store' })

/** From file:// data come as scripts that call zukan.file. */
function listFromFile(): Promise<string> {
  return new Promise((resolve, reject) => {
    const file = (text: string): void =>
      resolve(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))))
    // Modules may come, too: nothing on this page waits for them.
    const taker = Object.assign(() => {}, { file })
    Object.assign(window, { zukan: taker })
    const script = document.createElement('script')
    script.src = `${root}files.json.js`
    script.onerror = () => reject(new Error('files.json.js'))
    document.head.append(script)
  })
}
/** Whether a file is there, without running it or reading it. */
function present(path: string): Promise<Problem | undefined> {
  return new Promise((resolve) => {
    const link = document.createElement('link')
    link.rel = 'preload'
    link.as = /\.(png|svg)$/.test(path) ? 'image' : 'script'
    link.href = new URL(path, root).href
    link.onload = () => {
      link.remove()
      resolve(undefined)
    }
    link.onerror = () => {
      link.remove()
      resolve({ path, kind: 'missing' })
    }
    document.head.append(link)
  })
}
/** Types that a browser refuses to run or show when the server calls them something else. */
function wrongType(path: string, response: Response): string | undefined {
  const want = contentType(path).split(';')[0] as string
  const given = (response.headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/\.(html|css|js|svg|png)$/.test(path) || given === want) return undefined
  return /\.js$/.test(path) && /^(application|text)\/(x-)?javascript$/.test(given) ? undefined : given || '-'
}
async function served([path, , hash]: Listed): Promise<Problem | undefined> {
  try {
    const response = await ask(addressOf(path))
    if (response.status === 404) return { path, kind: 'missing' }
    if (!response.ok) return { path, kind: 'answer', what: String(response.status) }
    if (hex(sha256(new Uint8Array(await response.arrayBuffer()))) !== hash) return { path, kind: 'differs' }
    const type = wrongType(path, response)
    return type === undefined ? undefined : { path, kind: 'type', what: type }
  } catch {
    return { path, kind: 'answer', what: '-' }
  }
}
/** What isn't wrong but could be better, seen by how the server answers. */
async function advice(files: readonly Listed[]): Promise<readonly string[]> {
  const out: string[] = []
  const page = await ask(`${language}/`)
  const asset = files.find(([path]) => /^_astro\/.*\.css$/.test(path))
  const script = asset && (await ask(asset[0]))
  const gone = await ask(`${language}/no-such-page-${Math.floor(performance.now())}/`)
  const embed = files.find(([path]) => /^en\/embed\//.test(path))
  const framed = embed && (await ask(addressOf(embed[0])))
  if (!page.headers.get('Content-Encoding') && /html/.test(page.headers.get('Content-Type') ?? ''))
    out.push(t.notes.plain)
  if (gone.status !== 404) out.push(t.notes.found)
  const age = (response: Response): number =>
    Number(/max-age=(\d+)/.exec(response.headers.get('Cache-Control') ?? '')?.[1] ?? 0)
  if (script && age(script) < 86_400) out.push(t.notes.slow)
  if (age(page) > 3600 && !/no-cache/.test(page.headers.get('Cache-Control') ?? '')) out.push(t.notes.stale)
  const ancestors = /frame-ancestors ([^;]*)/.exec(framed?.headers.get('Content-Security-Policy') ?? '')?.[1]
  if (framed && (ancestors === undefined ? framed.headers.get('X-Frame-Options') : !/\*|https?:/.test(ancestors)))
    out.push(t.notes.frame)
  if (!isSecureContext) out.push(t.notes.http)
  return out
}

function say(text: string, state: string): void {
  const status = document.querySelector('[role=status]') as HTMLElement
  status.textContent = text
  status.dataset.state = state
}
function items(selector: string, texts: readonly string[]): void {
  const list = document.querySelector(selector) as HTMLElement
  list.hidden = texts.length === 0
  list.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement('li')
      item.textContent = text
      return item
    }),
  )
}
const told = ({ path, kind, what }: Problem): string => `${path}: ${fill(t[kind], what ?? '')}`

async function check(): Promise<void> {
  let list: List
  try {
    list = JSON.parse(local ? await listFromFile() : await (await ask('files.json')).text()) as List
  } catch {
    say(t.list, 'bad')
    items('[data-advice]', [t.mend])
    return
  }
  const { files, build } = list
  const problems: Problem[] = []
  let done = 0
  let at = 0
  const one = async (): Promise<void> => {
    for (let file = files[at++]; file; file = files[at++]) {
      const problem = local ? await present(file[0]) : await served(file)
      if (problem) problems.push(problem)
      if (++done % 50 === 0) say(fill(t.going, done, files.length), 'going')
    }
  }
  say(fill(t.going, 0, files.length), 'going')
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  problems.sort((a, b) => (a.path < b.path ? -1 : 1))
  const rest = problems.length - SHOWN
  items('[data-problems]', [...problems.slice(0, SHOWN).map(told), ...(rest > 0 ? [fill(t.more, rest)] : [])])
  if (problems.length === 0) say(fill(local ? t.goodFile : t.good, files.length, build), 'good')
  else say(fill(t.bad, files.length, problems.length, build), 'bad')
  const mends = [
    ...(problems.some(({ kind }) => kind !== 'type') ? [t.mend] : []),
    ...(problems.some(({ kind }) => kind === 'type') ? [t.mendType] : []),
  ]
  items('[data-advice]', [...mends, ...(local ? [] : await advice(files).catch(() => []))])
}
void check()

/** Which chapters a reader has read: kept in this browser alone, as `{"version":1,"read":{"process":"2026-11-21"}}`. Pure but for the storage. */
export const KEY = 'zukan-progress'

/** Pages by name, with the day on which they were read. */
export type Progress = Readonly<Record<string, string>>

/** What a text from the storage or a file holds; undefined where it isn't a record of progress. */
export function parseProgress(text: string): Progress | undefined {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof data !== 'object' || data === null || !('version' in data) || !('read' in data)) return undefined
  if (data.version !== 1 || typeof data.read !== 'object' || data.read === null || Array.isArray(data.read))
    return undefined
  const out: [string, string][] = []
  for (const [page, day] of Object.entries(data.read)) {
    if (!/^[a-z][a-z0-9-]{0,60}$/.test(page)) continue
    if (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day)) out.push([page, day])
  }
  return Object.fromEntries(out.slice(0, 1000))
}
export const progressText = (read: Progress): string => JSON.stringify({ version: 1, read })
/** Both records in one; of two days the earlier. */
export function merged(a: Progress, b: Progress): Progress {
  const out: Record<string, string> = { ...a }
  for (const [page, day] of Object.entries(b)) {
    const known = out[page]
    out[page] = known !== undefined && known < day ? known : day
  }
  return out
}

/** What this browser remembers; nothing where it may not. */
export function load(): Progress {
  try {
    return parseProgress(localStorage.getItem(KEY) ?? '') ?? {}
  } catch {
    return {}
  }
}
export function save(read: Progress): void {
  try {
    if (Object.keys(read).length === 0) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, progressText(read))
  } catch {
    // Where storage is forbidden nothing is remembered.
  }
  dispatchEvent(new Event(KEY))
}
/** The page's name without language: `process` of /any/path/ja/process/; '' where it has none. */
export const pageName = (path: string): string =>
  /\/(?:ja|en)\/([a-z][a-z0-9-]*)\/(?:index\.html)?$/.exec(path)?.[1] ?? ''

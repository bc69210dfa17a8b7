/**
 * Words as the search sees them, the same for pages (at build time) and queries (in the browser). Pagefind splits Japanese by one
 * dictionary when it indexes and by another when it is asked, so compounds get lost; pairs of neighbouring characters need no
 * dictionary and find every part of a word. Pure.
 */

/** One spelling for what readers write differently: full width, capitals, long vowels (サーバー, サーバ), ヴ, middle dots. */
export function normalize(text: string): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      // Small letters of some capitals are composed anew.
      .normalize('NFKC')
      .replace(/ヴ[ァィェォ]/g, (v) => ({ ヴァ: 'バ', ヴィ: 'ビ', ヴェ: 'ベ', ヴォ: 'ボ' })[v] as string)
      .replaceAll('ヴ', 'ブ')
      .replace(/[ー・]+/g, '')
  )
}

const runs = /[a-z0-9]+|[\p{Script=Han}\p{Script=Katakana}々]+|\p{Script=Hiragana}+/gu
const isLatin = (run: string): boolean => /^[a-z0-9]/.test(run)
const isHiragana = (run: string): boolean => /^\p{Script=Hiragana}/u.test(run)
/** Letters and figures alone, so that no other program splits or stems it. */
const code = (characters: string): string =>
  `q${[...characters].map((c) => (c.codePointAt(0) as number).toString(16).padStart(5, '0')).join('')}`
const pairs = (run: string): readonly string[] => {
  const characters = [...run]
  return characters.length === 1
    ? [code(run)]
    : characters.slice(1).map((c, i) => `${code((characters[i] as string) + c)}q`)
}

/** A run's last character begins no pair, but may be asked for alone. */
const withLast = (words: readonly string[], run: string): readonly string[] =>
  words.length > 1 || [...run].length > 1 ? [...words, code([...run].at(-1) as string)] : words

/** `PID 1`, `WSL 2`: a figure alone says nothing, so it is a word with the one before it. */
const numbered = (run: string, before: string | undefined): boolean =>
  /^\d{1,2}$/.test(run) && before !== undefined && /^[a-z]{2,}$/.test(before)

/** Words of a page's text, in order. */
export function indexTerms(text: string): readonly string[] {
  const all = normalize(text).match(runs) ?? []
  return all.flatMap((run, i) => {
    if (!isLatin(run)) return withLast(pairs(run), run)
    return numbered(run, all[i - 1]) ? [run, `${all[i - 1]}${run}`] : [run]
  })
}

/**
 * Words that a page must hold to answer a query. Particles and endings (hiragana) count only where there is nothing else, or where all is
 * wanted: a title that was typed as it stands.
 */
export function queryTerms(query: string, wanted: 'telling' | 'all' = 'telling'): readonly string[] {
  const all = normalize(query).match(runs) ?? []
  const telling = wanted === 'all' ? all : all.filter((run) => !isHiragana(run))
  const chosen = telling.length > 0 ? telling : all
  const words = chosen.flatMap((run, i) => {
    if (!isLatin(run)) return pairs(run)
    if (numbered(run, chosen[i - 1])) return [`${chosen[i - 1]}${run}`]
    // Said with the figure that follows.
    return numbered(chosen[i + 1] ?? '', run) ? [] : [run]
  })
  return [...new Set(words)]
}

/** The query, and the query with each word that has other names said by them. `groups` hold names of one thing. */
export function variants(query: string, groups: readonly (readonly string[])[]): readonly string[] {
  const asked = normalize(query).trim()
  const out = new Set([asked])
  for (const group of groups) {
    const names = group.map((name) => normalize(name))
    // The longest name that is in the query: `コンテナイメージ` is not `コンテナ` and something.
    const said = names.filter((name) => holds(asked, name)).sort((a, b) => b.length - a.length)[0]
    if (said === undefined) continue
    for (const name of names) if (name !== said) out.add(asked.replace(said, name))
  }
  return [...out].slice(0, 6)
}
/** True where the text holds the name; a Latin name only as a whole word. */
function holds(text: string, name: string): boolean {
  const at = text.indexOf(name)
  if (at < 0) return false
  if (!/^[a-z0-9]/.test(name)) return true
  return !/[a-z0-9]/.test(text[at - 1] ?? '') && !/[a-z0-9]/.test(text[at + name.length] ?? '')
}

/** A part of a text around the first word of the query, and where the query's words stand in it. */
export function excerpt(
  text: string,
  query: string,
  length = 110,
): { readonly text: string; readonly marks: readonly (readonly [number, number])[] } {
  const words = (query.normalize('NFKC').match(/[A-Za-z0-9]+|[\p{Script=Han}\p{Script=Katakana}ー々]+/gu) ?? []).filter(
    (w) => w.length > 1,
  )
  // Long vowels may stand in the text where the query has none, and the reverse.
  const loosely = (w: string): string =>
    /^[A-Za-z0-9]/.test(w) ? w : [...w].map((c) => (c === 'ー' ? '' : `${c}ー?`)).join('')
  const pattern = words.length > 0 ? new RegExp(words.map(loosely).join('|'), 'giu') : undefined
  const first = pattern ? text.search(pattern) : -1
  const from = first < 0 ? 0 : Math.max(0, first - Math.floor(length / 4))
  const cut = `${from > 0 ? '…' : ''}${text.slice(from, from + length)}${from + length < text.length ? '…' : ''}`
  const marks = pattern
    ? [...cut.matchAll(pattern)].map((m) => [m.index, m.index + m[0].length] as const).filter(([a, b]) => b > a)
    : []
  return { text: cut, marks }
}

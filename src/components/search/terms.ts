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

const OPTION = /(?<![\w-])--([a-z0-9][a-z0-9-]*)/g
const SHORT_OPTION = /(?<![\w-])-([a-z]{1,3})(?![\w-])/g
const COMPOUND = /[a-z0-9]+(?:[-._/:][a-z0-9]+)+/g
/** Programs whose commands are asked for by two or three words, and words after which a third belongs to them. */
const COMMAND =
  /(?<![\w./-])(docker|podman|nerdctl|wslc?|runc|ctr|crictl|buildah|skopeo|virsh|container|act)((?: (?:compose|network|volume|image|images|container|containers|context|system|manifest|pod))? [a-z][a-z-]*)(?![\w-])/g
/** One word, of letters and figures alone, so that nothing splits it. */
const joined = (kind: string, text: string): string => `${kind}${text.replace(/[^a-z0-9]/g, '')}`
/**
 * What is written in code is one word, whatever signs stand in it: an option (`--memory`, `-p`), a compound (`memory.max`, `Get-VM`), a program
 * with its command (`docker exec`). `rest` is the text without options and commands.
 */
function codeWords(text: string): { readonly words: readonly string[]; readonly rest: string } {
  const words: string[] = []
  const rest = normalize(text)
    .replace(OPTION, (_, name: string) => {
      words.push(joined('opt', name))
      return ' '
    })
    .replace(SHORT_OPTION, (_, letters: string) => {
      words.push(joined('short', letters))
      return ' '
    })
    .replace(COMMAND, (_, program: string, command: string) => {
      words.push(joined('cmd', program + command))
      return ' '
    })
    .replace(COMPOUND, (compound) => {
      words.push(joined('sym', compound))
      return ' '
    })
  return { words, rest }
}

/** Words of a page's text, in order; after them, those of its code. */
export function indexTerms(text: string): readonly string[] {
  const all = normalize(text).match(runs) ?? []
  const words = all.flatMap((run, i) => {
    if (!isLatin(run)) return withLast(pairs(run), run)
    return numbered(run, all[i - 1]) ? [run, `${all[i - 1]}${run}`] : [run]
  })
  return [...words, ...codeWords(text).words]
}

/** Words that a page must hold to answer a query that has code in it exactly; none where it has no code. */
export function exactTerms(query: string): readonly string[] {
  const { words, rest } = codeWords(query)
  return words.length === 0 ? [] : [...new Set([...words, ...wordsOf((rest.match(runs) ?? []).filter(tells))])]
}

/** Words that say how something is asked, not what. */
const asking = new Set(
  `a an and are as at be between by can could do does for from had has have how i if in is it its me my of on or per should so than that the
  their there this to use used using versus vs was what when where which who why will with without would you your
  command commands example examples explained flag flags guide meaning option options overview relationship tutorial
  使 方 何 書 見 例 方法 意味 関係 役割 手順 技術 概要 解説 入門 特徴 コマンド オプション フラグ`.split(/\s+/),
)

/**
 * Words that a page must hold to answer a query. Particles and endings (hiragana), the small words of English questions and letters of options count only where
 * there is nothing else, or where all is wanted: a title that was typed as it stands.
 */
export function queryTerms(query: string, wanted: 'telling' | 'all' = 'telling'): readonly string[] {
  const all = normalize(query).match(runs) ?? []
  const telling = wanted === 'all' ? all : all.filter(tells)
  const chosen = telling.length > 0 ? telling : all
  return wordsOf(chosen)
}
function wordsOf(chosen: readonly string[]): readonly string[] {
  const words = chosen.flatMap((run, i) => {
    if (!isLatin(run)) return pairs(run)
    if (numbered(run, chosen[i - 1])) return [`${chosen[i - 1]}${run}`]
    // Said with the figure that follows.
    return numbered(chosen[i + 1] ?? '', run) ? [] : [run]
  })
  return [...new Set(words)]
}

/** Whether a word says what is asked: particles and endings (hiragana), words that only ask and single letters don't. */
const tells = (word: string): boolean => !isHiragana(word) && !asking.has(word) && !/^[a-z]$/.test(word)

/** One thing that a query names: the words of each of its names, the one that was typed first. */
export type Part = readonly (readonly string[])[]

const scripts = /[a-z0-9]+|[\p{Script=Han}々]+|\p{Script=Katakana}+|\p{Script=Hiragana}+/gu
/** From this many characters on, a compound of Chinese characters is asked for by its halves too: 配布仕様 is 配布 and 仕様. */
const COMPOUNDED = 4

/**
 * The things that a query names, each to be found by itself: code (`--memory`) and known names first, then what is left, a word each (where
 * writing changes between kanji and katakana, a word ends). Words that only ask name nothing.
 */
export function queryParts(query: string, groups: readonly (readonly string[])[]): readonly Part[] {
  const parts: Part[] = codeWords(query).words.map((word) => [[word]])
  let rest = normalize(query).trim()
  const known = groups
    .map((group) => group.map((name) => normalize(name)))
    .flatMap((names) => names.map((name) => ({ name, names })))
    .filter(({ name }) => name.length > 1)
    .sort((a, b) => b.name.length - a.name.length)
  for (const { name } of known) {
    const at = where(rest, name)
    if (at < 0) continue
    const names = known.filter((other) => other.name === name).flatMap((other) => other.names)
    parts.push([...new Set([name, ...names])].map((n) => wordsOf(n.match(runs) ?? [])).filter((n) => n.length > 0))
    rest = `${rest.slice(0, at)} ${rest.slice(at + name.length)}`
  }
  for (const word of rest.match(scripts) ?? []) {
    if (!tells(word)) continue
    parts.push([wordsOf([word])])
    if (!/^\p{Script=Han}/u.test(word) || word.length < COMPOUNDED) continue
    for (let i = 0; i + 1 < word.length; i += 2)
      parts.push([pairs(word.slice(i, i + 3 === word.length ? i + 3 : i + 2))])
  }
  return parts
}

/** An English word without the endings that a heading may have and a query not. */
const stem = (word: string): string => word.replace(/(?:ies|es|s|ing|ed)$/, '')
/** Answers whether a title has all of some words. */
function wordsIn(title: string): (asked: readonly string[]) => boolean {
  const words = new Set(indexTerms(title).map(stem))
  return (asked) => asked.every((word) => words.has(stem(word)))
}
/** Whether a title has every telling word of a query, of which there are two at least. */
export function covers(title: string, query: string): boolean {
  const asked = queryTerms(query)
  return asked.length > 1 && wordsIn(title)(asked)
}
/** Whether a title says a part of a query, by any of its names. */
export const says = (title: string, part: Part): boolean => part.some(wordsIn(title))
/** Words that every page of this site has, and what they count beside others. */
const everywhere = new Set(wordsOf('コンテナ docker container containers'.match(runs) ?? []))
const EVERYWHERE = 0.3
/** What of a query the words of another, shorter one make: from 0, where that one asks for something else too, to 1. */
export function shareOf(shorter: string, query: string): number {
  const all = queryTerms(query)
  const words = queryTerms(shorter)
  const weigh = (some: readonly string[]): number =>
    some.reduce((sum, word) => sum + (everywhere.has(word) ? EVERYWHERE : 1), 0)
  return words.length > 0 && words.every((word) => all.includes(word)) ? weigh(words) / weigh(all) : 0
}

/** The query, and the query with each word that has other names said by them. `groups` hold names of one thing. */
export function variants(query: string, groups: readonly (readonly string[])[]): readonly string[] {
  const asked = normalize(query).trim()
  const out = new Set([asked])
  for (const group of groups) {
    const names = group.map((name) => normalize(name))
    // The longest name that is in the query: `コンテナイメージ` is not `コンテナ` and something.
    const said = names.filter((name) => where(asked, name) >= 0).sort((a, b) => b.length - a.length)[0]
    if (said === undefined) continue
    for (const name of names) if (name !== said) out.add(asked.replace(said, name))
  }
  return [...out].slice(0, 6)
}
/** Where the text holds the name, a Latin one only as a whole word; -1 where it doesn't. */
function where(text: string, name: string): number {
  const latin = isLatin(name)
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!latin || (!/[a-z0-9]/.test(text[at - 1] ?? '') && !/[a-z0-9]/.test(text[at + name.length] ?? ''))) return at
  }
  return -1
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

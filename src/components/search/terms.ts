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
const COMPOUND = /[a-z0-9]+(?:[-._/:][a-z0-9]+)+/g
/** Programs whose commands are asked for by two or three words, and words after which a third belongs to them. */
const COMMAND =
  /(?<![\w./-])(docker|podman|nerdctl|wslc?|runc|ctr|crictl|buildah|skopeo|virsh|container|act)((?: (?:compose|network|volume|image|images|container|containers|context|system|manifest|pod))? [a-z][a-z-]*)(?![\w-])/g
/** One word, of letters and figures alone, so that nothing splits it. */
const joined = (kind: string, text: string): string => `${kind}${text.replace(/[^a-z0-9]/g, '')}`
/**
 * What is written in code is one word, whatever signs stand in it: an option (`--memory`), a compound (`memory.max`, `Get-VM`), a program
 * with its command (`docker exec`). `rest` is the text without options and commands.
 */
function codeWords(text: string): { readonly words: readonly string[]; readonly rest: string } {
  const words: string[] = []
  const rest = normalize(text)
    .replace(OPTION, (_, name: string) => {
      words.push(joined('opt', name))
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
  return words.length === 0 ? [] : [...new Set([...words, ...queryTerms(rest)])]
}

/** English words that say how something is asked, not what. */
const asking = new Set(
  'a an and are as at be between by can could do does for from had has have how i if in is it its me my of on or per should so than that the their there this to use used using versus vs was what when where which who why will with without would you your'.split(
    ' ',
  ),
)

/**
 * Words that a page must hold to answer a query. Particles and endings (hiragana), the small words of English questions and letters of options count only where
 * there is nothing else, or where all is wanted: a title that was typed as it stands.
 */
export function queryTerms(query: string, wanted: 'telling' | 'all' = 'telling'): readonly string[] {
  const all = normalize(query).match(runs) ?? []
  const telling =
    wanted === 'all' ? all : all.filter((run) => !isHiragana(run) && !asking.has(run) && !/^[a-z]$/.test(run))
  const chosen = telling.length > 0 ? telling : all
  const words = chosen.flatMap((run, i) => {
    if (!isLatin(run)) return pairs(run)
    if (numbered(run, chosen[i - 1])) return [`${chosen[i - 1]}${run}`]
    // Said with the figure that follows.
    return numbered(chosen[i + 1] ?? '', run) ? [] : [run]
  })
  return [...new Set(words)]
}

/** An English word without the endings that a heading may have and a query not. */
const stem = (word: string): string => word.replace(/(?:ies|es|s|ing|ed)$/, '')
/** Whether a title has every telling word of a query, of which there are two at least. */
export function covers(title: string, query: string): boolean {
  const words = new Set(indexTerms(title).map(stem))
  const asked = queryTerms(query).map((word) => stem(word.replace(/q$/, '')))
  return asked.length > 1 && asked.every((word) => words.has(word) || words.has(`${word}q`))
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

/**
 * Finds figures in the prose that no source answers for. A figure is a time, a size, a share or a multiple, the year of an event, a
 * release (1.24, 29.7.2), or a number of things from ten on ("14 capabilities"). It is answered for if
 *   - its paragraph, list or table has a footnote, or the text that introduces or follows the table or list;
 *   - the page gives the same figure elsewhere with a footnote, or a page of ours does to which the paragraph links;
 *   - the page's code has the number: then a reader sees where it comes from (`--memory=256m`);
 *   - it is the month in which the page was last gone over;
 *   - it is a size, a time or a number of things within a <Quiz>: a case made up for a question;
 *   - a comment says what it is: {/* figures: shown *\/} by the page's commands, {/* figures: case *\/} made up, {/* figures: ours *\/} of this site.
 */
import type { Problem } from './checks.ts'
import type { Language, Page } from './page.ts'

interface Figure {
  /** What is compared: number and unit, the same in both languages. */
  readonly key: string
  readonly number: string
  readonly kind: 'year' | 'quantity' | 'release' | 'count'
  readonly text: string
}
interface Block {
  readonly lines: readonly { readonly line: number; readonly text: string }[]
  readonly kind: 'table' | 'list' | 'paragraph'
  readonly quiz: boolean
}

const MARK = /\{\/\* figures: (shown|case|ours) \*\/\}/
const units: readonly (readonly [unit: string, spellings: RegExp])[] = [
  ['ms', /^(?:ms|milliseconds?|ミリ秒)$/],
  ['µs', /^(?:µs|microseconds?|マイクロ秒)$/],
  ['s', /^(?:s|seconds?|秒)$/],
  ['min', /^(?:minutes?|分)$/],
  ['h', /^(?:hours?|時間)$/],
  ['B', /^(?:bytes?|バイト)$/],
  ['x', /^(?:times|倍)$/],
]
const quantity: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\w.,/-])(\d[\d,]*(?:\.\d+)?)[ -]?(ms|milliseconds?|µs|microseconds?|s|seconds?|minutes?|hours?|bytes?|[KMGT]i?B|%|times)(?![\w-])/g,
  ja: /(?<![\w.,/-])(\d[\d,]*(?:\.\d+)?) ?(ミリ秒|マイクロ秒|秒|分(?!の|け|か)|時間|バイト|[KMGT]i?B|%|倍)/g,
}
const year: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\w.,-])((?:19|20)\d\d)(?![\w.,-]*\w)/g,
  ja: /(?<!\d)((?:19|20)\d\d)年/g,
}
const release = /(?<![\w./:-])(\d+\.\d+(?:\.\d+)?)(?!\w|\.\d|%)/g

/** From this number on, written in figures, a number of things is a claim; below it the text mostly counts its own examples. */
const MANY = 10
/** What makes the number after it a name: a port, an id, a release, a day of a month. */
const names =
  /(?:\b(?:ports?|user|group|uid|version|code|status|PID|process|number|build|signal|Windows|Server|Engine|Docker|Desktop|PostgreSQL|Redis|Linux|NET|HTTP|RFC|chapter|step|level)|\b(?:to|or|and|-) ?\d+ (?:and|or|to)| [#§]) ?$/i
/** A number of things: "14 capabilities", "44 of more than 300"; in Japanese with a word for counting: 「14個」. */
const count: Readonly<Record<Language, RegExp>> = {
  en: /(?<![\w.,/:$-])(\d[\d,]*)(?= (?:of (?:about|more|over|them|the|\d)|(?:[a-z]+ )?(?!plus|minus|comes|means|gives|goes|does|gets|stands)[a-z]+[^s\W]s\b|people\b|are\b))|(?<=\b(?:more than|fewer than|less than|at least|at most|over|about|above) )(\d[\d,]*)(?![\w.,-]*\w|[%])/g,
  ja: /(?<![\w.,/:-])(\d[\d,]*)(?=(?:万|億)?(?:個|件|人|台|種類|社|本|枚|行|桁|回|列|ドル|円)|を超える|あまりの?)/g,
}
const written = (text: string): string => text.replaceAll(',', '')

const months = 'January February March April May June July August September October November December'.split(' ')
/** The page's own date, as either language writes its month. */
function ownDate(page: Page): RegExp {
  const [y = '', m = ''] = page.lastUpdated.split('-')
  return page.language === 'ja'
    ? new RegExp(`${y}年${Number(m)}月(?:\\d+日)?`, 'g')
    : new RegExp(`(?:\\d+ )?${months[Number(m) - 1]} ${y}`, 'g')
}

/** The figures of a line; one or none of a thing ("1秒", "1 byte") is a word, not a figure. */
function figuresOf(text: string, language: Language): Figure[] {
  const out: Figure[] = []
  for (const m of text.matchAll(quantity[language])) {
    const number = (m[1] as string).replaceAll(',', '')
    if (number === '0' || number === '1') continue
    const unit = units.find(([, spellings]) => spellings.test(m[2] as string))?.[0] ?? (m[2] as string)
    out.push({ key: `${number} ${unit}`, number, kind: 'quantity', text: m[0].trim() })
  }
  for (const m of text.matchAll(year[language]))
    out.push({ key: m[1] as string, number: m[1] as string, kind: 'year', text: m[1] as string })
  const quantities = [...text.matchAll(quantity[language])].map((m) => m.index)
  const measured = (at: number): boolean => quantities.includes(at)
  for (const m of text.matchAll(release))
    if (!measured(m.index))
      out.push({ key: m[1] as string, number: m[1] as string, kind: 'release', text: m[1] as string })
  for (const m of text.matchAll(count[language])) {
    const shown = (m[1] ?? m[2]) as string
    const number = written(shown)
    const year = language === 'en' && /^(?:19|20)\d\d$/.test(shown)
    if (Number(number) < MANY || year || measured(m.index) || names.test(text.slice(0, m.index))) continue
    out.push({ key: `${number} things`, number, kind: 'count', text: shown })
  }
  return out
}

function blocksOf(page: Page): Block[] {
  const out: Block[] = []
  let lines: { line: number; text: string }[] = []
  let quiz = false
  const close = (): void => {
    const first = lines[0]?.text ?? ''
    if (lines.length > 0)
      out.push({
        lines,
        quiz,
        kind: /^\s*\|/.test(first) ? 'table' : /^\s*(?:[-*]|\d+\.) /.test(first) ? 'list' : 'paragraph',
      })
    lines = []
  }
  page.text.forEach((text, i) => {
    if (/^<\/?Quiz>/.test(text)) {
      close()
      quiz = text === '<Quiz>'
    } else if (text.trim() === '' || /^#{1,6}\s/.test(text)) close()
    else lines.push({ line: i + 1, text })
  })
  close()
  return out
}
const has = (block: Block | undefined, pattern: RegExp): boolean =>
  block?.lines.some((l) => pattern.test(l.text)) ?? false
const NOTE = /\[\^[a-z0-9-]+\]/

/** Whether a block's figures are answered for where they stand: by a footnote, or by a comment. */
function answered(blocks: readonly Block[], at: number): boolean {
  const block = blocks[at] as Block
  const [before, after] = [blocks[at - 1], blocks[at + 1]]
  if (has(block, NOTE) || has(block, MARK)) return true
  // A comment on its own stands for the block that follows.
  if (before?.lines.length === 1 && has(before, MARK)) return true
  if (block.quiz) return false
  if (block.kind === 'table') return has(before, NOTE) || (after?.kind === 'paragraph' && has(after, NOTE))
  return block.kind === 'list' && before?.kind === 'paragraph' && has(before, NOTE)
}

/** Whether the figures that have a source on a page answer for this one; 1.1.1 does for 1.1. */
const answers = (cited: ReadonlySet<string> | undefined, f: Figure): boolean =>
  cited?.has(f.key) === true || (f.kind === 'release' && [...(cited ?? [])].some((key) => key.startsWith(`${f.key}.`)))

/** Figures that nothing answers for. Footnotes themselves are checkSources' affair. */
export function checkFigures(pages: readonly Page[]): Problem[] {
  const blocks = new Map(pages.map((p) => [p, blocksOf(p)]))
  const cited = new Map(
    [...blocks].map(([page, list]) => [
      `${page.language}/${page.name}`,
      new Set(
        list.flatMap((block, i) =>
          answered(list, i) ? block.lines.flatMap((l) => figuresOf(l.text, page.language).map((f) => f.key)) : [],
        ),
      ),
    ]),
  )
  return pages.flatMap((page) => {
    const own = ownDate(page)
    const numbers = new Set(page.code.replaceAll(',', '').match(/\d+(?:\.\d+)*/g))
    const here = cited.get(`${page.language}/${page.name}`)
    return (blocks.get(page) as Block[]).flatMap((block, i, all): Problem[] => {
      if (answered(all, i)) return []
      return block.lines.flatMap(({ line, text }) => {
        const linked = [...text.matchAll(/\]\(\.\.?\/([a-z0-9-]+)\//g)].map((m) =>
          cited.get(`${page.language}/${m[1]}`),
        )
        return figuresOf(text.replace(own, ''), page.language).flatMap((f): Problem[] => {
          if ([here, ...linked].some((set) => answers(set, f))) return []
          if (f.kind !== 'year' && numbers.has(f.number)) return []
          if (block.quiz && (f.kind === 'quantity' || f.kind === 'count')) return []
          return [
            {
              file: page.file,
              line,
              text: `"${f.text}" has no source: add a footnote [^id] here, or say with {/* figures: shown */} (case, ours) why it needs none`,
            },
          ]
        })
      })
    })
  })
}

/** Brace expansion, bash(1): {a,b} and {1..3}, before all other expansions. */
import type { Run } from '../../kernel/linux/abi.ts'
import type { Part, Word } from './ast.ts'

/** A character outside quotes, or a part that stays whole. */
type Item = string | Part
const itemsOf = (word: Word): Item[] =>
  word.flatMap((part): Item[] => (part.kind === 'text' && !part.quoted ? [...part.text] : [part]))
function wordOf(items: readonly Item[]): Word {
  const word: Part[] = []
  let text = ''
  const flush = (): void => {
    if (text !== '') word.push({ kind: 'text', text, quoted: false })
    text = ''
  }
  for (const item of items) {
    if (typeof item === 'string') text += item
    else {
      flush()
      word.push(item)
    }
  }
  flush()
  return word
}

/** The numbers or letters of `1..5`, `a..e`, `1..9..2`; undefined where it is no such thing. */
function sequence(text: string): string[] | undefined {
  const m = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/.exec(text)
  if (!m) return undefined
  const numbers = m[1] !== undefined
  const [from, to] = numbers
    ? [Number(m[1]), Number(m[2])]
    : [(m[3] as string).charCodeAt(0), (m[4] as string).charCodeAt(0)]
  const step = Math.abs(Number(m[5] ?? 1)) || 1
  if (Math.abs(to - from) / step > 100_000) return undefined
  const width =
    numbers && [m[1], m[2]].some((n) => /^-?0\d/.test(n as string))
      ? Math.max((m[1] as string).length, (m[2] as string).length)
      : 0
  const out: string[] = []
  for (let n = from; from <= to ? n <= to : n >= to; n += from <= to ? step : -step)
    out.push(
      numbers
        ? n < 0
          ? `-${String(-n).padStart(width - 1, '0')}`
          : String(n).padStart(width, '0')
        : String.fromCharCode(n),
    )
  return out
}
function expand(items: readonly Item[]): (readonly Item[])[] {
  for (let open = items.indexOf('{'); open >= 0; open = items.indexOf('{', open + 1)) {
    const commas: number[] = []
    let depth = 0
    let close = -1
    for (let i = open; i < items.length && close < 0; i++) {
      if (items[i] === '{') depth++
      else if (items[i] === '}' && --depth === 0) close = i
      else if (items[i] === ',' && depth === 1) commas.push(i)
    }
    if (close < 0) continue
    const inside = items.slice(open + 1, close)
    const range =
      commas.length === 0 && inside.every((i) => typeof i === 'string') ? sequence(inside.join('')) : undefined
    if (commas.length === 0 && range === undefined) continue
    const bounds = [open, ...commas, close]
    const choices: (readonly Item[])[] =
      range?.map((text) => [...text]) ??
      bounds.slice(1).flatMap((end, i) => expand(items.slice((bounds[i] as number) + 1, end)))
    const before = items.slice(0, open)
    const rests = expand(items.slice(close + 1))
    return choices.flatMap((choice) => rests.map((rest) => [...before, ...choice, ...rest]))
  }
  return [items]
}
/** The words that one word stands for. */
export function* expandBraces(word: Word): Run<readonly Word[]> {
  return expand(itemsOf(word)).map(wordOf)
}

/** vi's commands after a colon: which lines they are for, and what they do to the text. */
import { finder } from '../../../lib/finder.ts'
import type { Buffer } from './buffer.ts'

/** What a colon command asks for that the text alone can't do. */
export type Order =
  | { readonly kind: 'done'; readonly message?: string }
  | { readonly kind: 'error'; readonly message: string }
  | {
      readonly kind: 'write'
      readonly file: string | undefined
      readonly from: number
      readonly to: number
      readonly all: boolean
      readonly force: boolean
      readonly quit: boolean
    }
  | { readonly kind: 'quit'; readonly force: boolean; readonly next?: 'n' | 'p' }
  | { readonly kind: 'edit'; readonly file: string | undefined; readonly force: boolean }
  | { readonly kind: 'read'; readonly file: string; readonly after: number }
  | { readonly kind: 'shell'; readonly command: string }
  | { readonly kind: 'set'; readonly words: readonly string[] }

const done: Order = { kind: 'done' }
const error = (message: string): Order => ({ kind: 'error', message })

/** One address at the start of a text: the line (from 0) and what is left; undefined where there is none. */
function address(text: string, b: Buffer, marks: ReadonlyMap<string, number>): readonly [number, string] | undefined {
  const m = /^(\.|\$|\d+|'[a-z]|\/(?:[^/\\]|\\.)*\/?)/.exec(text)
  let row = b.row
  let rest = text
  if (m) {
    const word = m[1] as string
    rest = text.slice(word.length)
    if (word === '$') row = b.lines.length - 1
    else if (/^\d/.test(word)) row = Number(word) - 1
    else if (word.startsWith("'")) row = marks.get(word[1] as string) ?? -1
    else if (word.startsWith('/')) {
      const find = finder(word.replace(/^\/|\/$/g, ''))
      if ('error' in find) return [-2, rest]
      row = b.lines.findIndex((l, i) => i > b.row && find(l).length > 0)
      if (row < 0) row = b.lines.findIndex((l) => find(l).length > 0)
      if (row < 0) return [-2, rest]
    }
  }
  const shift = /^((?:[-+]\d*)+)/.exec(rest)
  if (!m && !shift) return undefined
  for (const [, sign, n] of (shift?.[1] ?? '').matchAll(/([-+])(\d*)/g)) row += (sign === '-' ? -1 : 1) * Number(n || 1)
  return [row, rest.slice(shift?.[1]?.length ?? 0)]
}

/** Runs what was typed after the colon. */
export function runEx(
  typed: string,
  b: Buffer,
  o: { readonly ignoreCase: boolean; readonly marks: ReadonlyMap<string, number> },
): Order {
  let rest = typed.replace(/^[ :]+/, '')
  let from: number | undefined
  let to: number | undefined
  if (rest.startsWith('%')) {
    from = 0
    to = b.lines.length - 1
    rest = rest.slice(1)
  } else {
    for (;;) {
      const found = address(rest, b, o.marks)
      if (found) {
        from = to ?? found[0]
        to = found[0]
        rest = found[1]
      }
      if (!rest.startsWith(',')) break
      to ??= b.row
      rest = rest.slice(1)
      if (address(rest, b, o.marks) === undefined) {
        from = to
        to = b.row
        break
      }
    }
  }
  if (
    from !== undefined &&
    to !== undefined &&
    (from < -1 || to < from || to >= b.lines.length || from >= b.lines.length)
  )
    return error('Invalid range')
  rest = rest.trimStart()
  const m = /^([a-zA-Z]+|[!=<>]|)(!?)\s*([\s\S]*)$/.exec(rest)
  let word = m?.[1] ?? ''
  const force = m?.[2] === '!'
  let args = m?.[3] ?? ''
  // s/a/b/ needs no blank after the letter.
  const substitution = /^s(?:ubstitute)?([^\w\s])([\s\S]*)$/.exec(rest)
  if (substitution) {
    word = 's'
    args = (substitution[1] as string) + (substitution[2] as string)
  }
  const first = Math.max(0, from ?? b.row)
  const last = Math.max(0, to ?? b.row)
  const is = (full: string, least = 1): boolean => word.length >= least && full.startsWith(word)
  if (word === '') {
    if (to === undefined) return done
    b.row = Math.max(0, to)
    b.column = b.indent()
    return done
  }
  if (word === '!') return { kind: 'shell', command: rest.slice(1) }
  if (word === '=') return { kind: 'done', message: String((to ?? b.lines.length - 1) + 1) }
  if (word === '<' || word === '>') {
    b.mark()
    for (let i = first; i <= last; i++) b.lines[i] = shifted(b.lines[i] as string, word === '>')
    return done
  }
  if (word === 's') return substitute(b, args, first, last, o.ignoreCase)
  if (word === 'wq' || word === 'x' || word === 'xit' || word === 'wn') {
    const all = from === undefined
    return {
      kind: 'write',
      file: args === '' ? undefined : args,
      from: all ? 0 : first,
      to: all ? b.lines.length - 1 : last,
      all,
      force,
      quit: true,
    }
  }
  if (is('write')) {
    const all = from === undefined
    return {
      kind: 'write',
      file: args === '' ? undefined : args,
      from: all ? 0 : first,
      to: all ? b.lines.length - 1 : last,
      all,
      force,
      quit: false,
    }
  }
  if (is('quit')) return { kind: 'quit', force }
  if (is('next')) return { kind: 'quit', force, next: 'n' }
  if (word === 'prev' || word === 'rewind') return { kind: 'quit', force, next: 'p' }
  if (is('edit')) return { kind: 'edit', file: args === '' ? undefined : args, force }
  if (is('read'))
    return args === ''
      ? error('No filename given')
      : { kind: 'read', file: args, after: from === undefined ? b.row : last }
  if (is('delete')) {
    b.mark()
    b.cutLines(first, last)
    return done
  }
  if (is('set', 2)) return { kind: 'set', words: args.split(/\s+/).filter(Boolean) }
  return error(`'${word}' is not implemented`)
}
/** A line with a tab more or less at its beginning. */
export const shifted = (line: string, right: boolean): string =>
  right ? (line === '' ? '' : `\t${line}`) : line.replace(/^(\t| {1,8})/, '')

function substitute(b: Buffer, args: string, from: number, to: number, ignoreCase: boolean): Order {
  const separator = args[0] ?? '/'
  const parts: string[] = ['']
  for (let i = 1; i < args.length; i++) {
    const c = args[i] as string
    if (c === '\\' && i + 1 < args.length) {
      parts[parts.length - 1] += args[i + 1] === separator ? separator : c + args[i + 1]
      i++
    } else if (c === separator && parts.length < 3) parts.push('')
    else parts[parts.length - 1] += c
  }
  const [pattern = '', replacement = '', flags = ''] = parts
  if (pattern === '') return error('No previous search')
  const find = finder(pattern, ignoreCase || flags.includes('i'))
  if ('error' in find) return error(`bad search pattern '${pattern}'`)
  let lines = 0
  let count = 0
  let marked = false
  for (let row = from; row <= to && row < b.lines.length; row++) {
    const line = b.lines[row] as string
    const hits = flags.includes('g') ? find(line) : find(line).slice(0, 1)
    if (hits.length === 0) continue
    if (!marked) b.mark()
    marked = true
    lines++
    let made = ''
    let at = 0
    for (const [start, end] of hits) {
      count++
      const whole = line.slice(start, end)
      made +=
        line.slice(at, start) +
        replacement.replace(/\\(.)|&/g, (all, c?: string) => (all === '&' ? whole : c === 'n' ? '\n' : (c ?? '')))
      at = end
    }
    const rows = (made + line.slice(at)).split('\n')
    b.lines.splice(row, 1, ...rows)
    row += rows.length - 1
    to += rows.length - 1
    b.row = row
  }
  if (count === 0) return error(`Pattern not found`)
  b.column = b.indent()
  return lines > 1 ? { kind: 'done', message: `${count} substitutions on ${lines} lines` } : done
}

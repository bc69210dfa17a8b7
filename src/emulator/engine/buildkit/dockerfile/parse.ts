/** A Dockerfile's text as a list of instructions with their arguments: lines, comments, parser directives, here-documents (Dockerfile reference, "Format"). */
import { expand } from './words.ts'

/** Lines, counted from 1. */
export interface Range {
  readonly start: number
  readonly end: number
}
export interface HereDocument {
  readonly name: string
  /** Variables in it are expanded: its name wasn't quoted. */
  readonly expand: boolean
  /** Leading tabs are taken away. */
  readonly chomp: boolean
  readonly content: string
  readonly descriptor: number
}
export interface Instruction {
  /** As written. */
  readonly keyword: string
  readonly flags: readonly string[]
  /** Arguments; for ENV and LABEL name, value and separator in turn. */
  readonly args: readonly string[]
  /** Written as a JSON array. */
  readonly json: boolean
  /** The instruction behind ONBUILD. */
  readonly child?: Instruction
  readonly heredocs: readonly HereDocument[]
  readonly range: Range
  /** The logical line, continuations joined. */
  readonly original: string
}
export interface Dockerfile {
  readonly instructions: readonly Instruction[]
  readonly escape: string
  /** `# syntax=`, `# check=`. */
  readonly directives: Readonly<Record<string, string>>
  readonly warnings: readonly { readonly message: string; readonly line: number }[]
}
export interface ParseError {
  readonly error: string
  readonly range: Range
}

class Problem {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
const blank = /[\t\v\f\r ]+/
const known = ['syntax', 'escape', 'check']
const isComment = (line: string): boolean => /^\s*#/.test(line)

interface Arguments {
  readonly args: readonly string[]
  readonly json?: boolean
  readonly child?: Instruction
}
type Reader = (rest: string, token: string) => Arguments

/** An array of strings in JSON; undefined where the text isn't JSON. */
function jsonArray(rest: string): string[] | undefined {
  if (!rest.trimStart().startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(rest)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  if (!value.every((v) => typeof v === 'string'))
    throw new Problem('when using JSON array syntax, arrays must be comprised of strings only')
  return value
}
const whole: Reader = (rest) => ({ args: rest === '' ? [] : [rest] })
const byBlanks: Reader = (rest) => ({ args: rest === '' ? [] : rest.split(blank) })
const jsonOr =
  (otherwise: Reader): Reader =>
  (rest, token) => {
    const args = jsonArray(rest)
    return args ? { args, json: true } : otherwise(rest, token)
  }

/** Splits at blanks outside of quotes; quotes and escapes stay for later. */
function rawWords(rest: string, token: string): string[] {
  const words: string[] = []
  const chars = [...rest]
  let word = ''
  let started = false
  let quote = ''
  for (let i = 0; i < chars.length; i++) {
    const ch = chars[i] as string
    if (quote === '' && /\s/.test(ch)) {
      if (started) words.push(word)
      word = ''
      started = false
      continue
    }
    if (ch === token && quote !== "'") {
      // At the very end it stands for nothing.
      if (i + 1 === chars.length) {
        quote = ''
        continue
      }
      word += ch + (chars[++i] as string)
      started = true
      continue
    }
    if (quote === '' && (ch === "'" || ch === '"')) quote = ch
    else if (ch === quote) quote = ''
    word += ch
    started = true
  }
  if (started) words.push(word)
  return words
}
const pairs =
  (keyword: string): Reader =>
  (rest, token) => {
    const words = rawWords(rest, token)
    const first = words[0]
    if (first === undefined) return { args: [] }
    if (!first.includes('=')) {
      const at = blank.exec(rest)
      if (!at) throw new Problem(`${keyword} must have two arguments`)
      return { args: [rest.slice(0, at.index), rest.slice(at.index + at[0].length), ''] }
    }
    return {
      args: words.flatMap((w) => {
        const at = w.indexOf('=')
        if (at < 0)
          throw new Problem(`Syntax error - can't find = in ${JSON.stringify(w)}. Must be of the form: name=value`)
        return [w.slice(0, at), w.slice(at + 1), '=']
      }),
    }
  }
const health: Reader = (rest, token) => {
  const m = /^(\S+)\s*([\s\S]*)$/.exec(rest)
  if (!m) return { args: [] }
  const command = readers.cmd?.(m[2] as string, token) ?? { args: [] }
  return { args: [m[1] as string, ...command.args], json: command.json ?? false }
}
const readers: Readonly<Record<string, Reader>> = {
  add: jsonOr(byBlanks),
  arg: (rest, token) => ({ args: rawWords(rest, token) }),
  cmd: jsonOr(whole),
  copy: jsonOr(byBlanks),
  entrypoint: jsonOr(whole),
  env: pairs('ENV'),
  expose: byBlanks,
  from: byBlanks,
  healthcheck: health,
  label: pairs('LABEL'),
  maintainer: whole,
  onbuild: (rest, token) =>
    rest === '' ? { args: [] } : { args: [], child: readInstruction(rest, token, { start: 0, end: 0 }) },
  run: jsonOr(whole),
  shell: jsonOr(whole),
  stopsignal: whole,
  user: whole,
  volume: jsonOr(byBlanks),
  workdir: whole,
}

/** Takes `--name=value` words off the front. */
function takeFlags(line: string): { readonly rest: string; readonly flags: string[] } {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (at < line.length && /\s/.test(line[at] as string)) at++
    if (!line.startsWith('--', at)) return { rest: line.slice(at), flags }
    let word = ''
    let quote = ''
    for (; at < line.length; at++) {
      const ch = line[at] as string
      if (quote === '' && /\s/.test(ch)) break
      if (quote === '' && (ch === "'" || ch === '"')) quote = ch
      else if (ch === quote) quote = ''
      else if (ch === '\\') {
        if (at + 1 < line.length) word += line[++at]
      } else word += ch
    }
    if (word === '--') return { rest: line.slice(at), flags }
    flags.push(word)
  }
}

function readInstruction(line: string, token: string, range: Range): Instruction {
  const trimmed = line.trim()
  const at = blank.exec(trimmed)
  const keyword = at ? trimmed.slice(0, at.index) : trimmed
  const { rest, flags } = at ? takeFlags(trimmed.slice(at.index + at[0].length)) : { rest: '', flags: [] }
  const name = keyword.toLowerCase()
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined
  const { args, json = false, child } = read ? read(rest.trim(), token) : { args: [] }
  return { keyword, flags, args, json, ...(child ? { child } : {}), heredocs: [], range, original: line.trim() }
}

/** The here-documents that a line begins, without their content. */
function heredocsOf(line: string, token: string): Omit<HereDocument, 'content'>[] {
  const found = expand(line, () => undefined, { escape: token, rawQuotes: true, rawEscapes: true, keepUnset: true })
  if ('error' in found) return []
  return found.words.flatMap((word) => {
    const m = /^(\d*)<<(-?)([^<]*)$/.exec(word)
    if (!m?.[3]) return []
    const name = expand(m[3], () => undefined, { escape: token, keepUnset: true })
    if ('error' in name || name.words.length !== 1) return []
    return [
      {
        name: name.text,
        expand: !/['"]/.test(m[3]) && name.text === m[3],
        chomp: m[2] === '-',
        descriptor: Number(m[1] || 0),
      },
    ]
  })
}
const mayHaveHeredoc = (i: Instruction): boolean => {
  const name = i.keyword.toLowerCase()
  return (['add', 'copy', 'run'].includes(name) && !i.json) || (name === 'onbuild' && !i.child?.json)
}

/** Parses a Dockerfile; what is wrong with it and where, in BuildKit's words. */
export function parseDockerfile(text: string): Dockerfile | ParseError {
  const lines = text.replace(/^\ufeff/, '').split('\n')
  if (lines.at(-1) === '') lines.pop()
  const instructions: Instruction[] = []
  const warnings: { message: string; line: number }[] = []
  const directives: Record<string, string> = {}
  let token = '\\'
  let head = true
  const fail = (error: string, start: number, end = start): ParseError => ({ error, range: { start, end } })
  const continues = (line: string): string | undefined => {
    const m = /^([\s\S]*?)[ \t]*$/.exec(line)?.[1] ?? line
    if (!m.endsWith(token) || m.endsWith(token + token)) return undefined
    return m.slice(0, -1)
  }
  for (let at = 0; at < lines.length; ) {
    let raw = (lines[at++] as string).replace(/\r$/, '').trimStart()
    const start = at
    if (head) {
      const m = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(raw)
      if (!m) head = false
      else {
        const key = (m[1] as string).toLowerCase()
        if (known.includes(key)) {
          if (Object.hasOwn(directives, key)) return fail(`only one ${key} parser directive can be used`, start)
          directives[key] = m[2] as string
          if (key === 'escape') {
            if (m[2] !== '`' && m[2] !== '\\')
              return fail(`invalid escape token '${m[2]}' does not match \` or \\`, start)
            token = m[2]
          }
        }
      }
    }
    if (isComment(raw)) raw = ''
    let line = ''
    let more = continues(raw)
    if (more === undefined && raw === '') continue
    line += more ?? raw
    let empty = false
    while (more !== undefined && at < lines.length) {
      const next = (lines[at++] as string).replace(/\r$/, '')
      if (isComment(next)) continue
      if (next.trim() === '') {
        empty = true
        continue
      }
      more = continues(next)
      line += more ?? next
    }
    if (empty)
      warnings.push({ message: 'Empty continuation lines will become errors in a future release', line: start })
    if (line.trim() === '') continue
    try {
      let made = readInstruction(line, token, { start, end: at })
      if (mayHaveHeredoc(made) && line.includes('<<')) {
        const heredocs: HereDocument[] = []
        for (const h of heredocsOf(line, token)) {
          let content = ''
          let closed = false
          while (at < lines.length && !closed) {
            const next = lines[at++] as string
            const bare = next.replace(/\r$/, '')
            if ((h.chomp ? bare.replace(/^\t+/, '') : bare) === h.name) closed = true
            else content += `${h.chomp ? next.replace(/^\t+/, '') : next}\n`
          }
          if (!closed) return fail('unterminated heredoc', start, at)
          heredocs.push({ ...h, content })
        }
        made = { ...made, heredocs, range: { start, end: at } }
      }
      instructions.push(made)
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      return fail(e.message, start, at)
    }
  }
  if (instructions.length === 0) return fail('file with no instructions', Math.max(1, lines.length))
  return { instructions, escape: token, directives, warnings }
}

/** The tree as BuildKit's parser dumps it, a line an instruction. */
export const dump = (i: Instruction): string =>
  `(${[
    i.keyword.toLowerCase(),
    ...(i.flags.length > 0 ? [`[${i.flags.map((f) => JSON.stringify(f)).join(' ')}]`] : []),
    ...(i.child ? [dump(i.child)] : []),
    ...i.args.map((a) => JSON.stringify(a)),
  ].join(' ')})`

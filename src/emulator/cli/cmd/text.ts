/** Console programs of Windows that read text: findstr, sort, more; and where, which finds programs. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { decode, print, readAll, readText, warn } from '../../userland/lib/io.ts'
import { entriesOf, objectName, windowsName } from '../../userland/windows/paths.ts'

const lines = (text: string): string[] => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/))
function* standardInput(sys: Sys): Run<string> {
  const bytes = yield* readAll(sys, 0)
  return isErr(bytes) ? '' : decode(bytes)
}
/** The flags of a command line, in small letters without their slash, and the other words. */
function taken(argv: readonly string[]): { readonly flags: ReadonlySet<string>; readonly rest: readonly string[] } {
  const given = argv.slice(1)
  return {
    flags: new Set(given.filter((a) => a.startsWith('/')).map((a) => a.slice(1).toLowerCase())),
    rest: given.filter((a) => !a.startsWith('/')),
  }
}

/** findstr [/i] [/v] [/n] [/x] [/b] [/e] [/l | /r] [/c:text] words [files] */
const findstr: Program = function* (sys, argv) {
  const { flags, rest } = taken(argv)
  const literal = [...flags].find((f) => f.startsWith('c:'))
  const known = /^([ivnxbelr]+|c:.*)$/
  const odd = [...flags].find((f) => !known.test(f))
  if (odd !== undefined) {
    yield* warn(sys, `zukan: not emulated: findstr /${odd}\n`)
    return 2
  }
  const has = (f: string): boolean => [...flags].some((x) => !x.startsWith('c:') && x.includes(f))
  const given = argv.find((a) => a.toLowerCase().startsWith('/c:'))?.slice(3)
  // Words apart are alternatives.
  const patterns = literal === undefined ? (rest[0] ?? '').split(' ').filter(Boolean) : [given as string]
  const files = literal === undefined ? rest.slice(1) : rest
  const source = (p: string): string => {
    const plain = has('l') || (literal !== undefined && !has('r'))
    const body = plain
      ? p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      : p.replace(/[+?{}()|]/g, '\\$&').replace(/\\<|\\>/g, '\\b')
    return `${has('b') || has('x') ? '^' : ''}${body}${has('e') || has('x') ? '$' : ''}`
  }
  let tests: RegExp[]
  try {
    tests = patterns.map((p) => new RegExp(source(p), has('i') ? 'i' : ''))
  } catch {
    tests = patterns.map((p) => new RegExp(p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), has('i') ? 'i' : ''))
  }
  const texts: (readonly [string, string])[] = []
  for (const name of files) {
    const text = yield* readText(sys, yield* objectName(sys, name))
    if (isErr(text)) yield* warn(sys, `FINDSTR: Cannot open ${name}\n`)
    else texts.push([files.length > 1 ? `${name}:` : '', text])
  }
  if (files.length === 0) texts.push(['', yield* standardInput(sys)])
  let hits = 0
  for (const [where, text] of texts)
    for (const [n, line] of lines(text).entries())
      if (tests.some((t) => t.test(line)) !== has('v')) {
        hits++
        yield* print(sys, `${where}${has('n') ? `${n + 1}:` : ''}${line}\n`)
      }
  return hits > 0 ? 0 : 1
}
/** sort [/r] [file] */
const sort: Program = function* (sys, argv) {
  const { flags, rest } = taken(argv)
  const text = rest[0] === undefined ? yield* standardInput(sys) : yield* readText(sys, yield* objectName(sys, rest[0]))
  if (isErr(text)) {
    yield* warn(sys, `${rest[0]}The system cannot find the file specified.\n`)
    return 1
  }
  const sign = flags.has('r') || flags.has('reverse') ? -1 : 1
  const sorted = lines(text).sort((a, b) => sign * (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  yield* print(sys, sorted.map((l) => `${l}\n`).join(''))
  return 0
}
/** more [file]: without a screen to fill, all of it. */
const more: Program = function* (sys, argv) {
  const { rest } = taken(argv)
  const text = rest[0] === undefined ? yield* standardInput(sys) : yield* readText(sys, yield* objectName(sys, rest[0]))
  if (isErr(text)) {
    yield* warn(sys, `Cannot access file ${windowsName(yield* objectName(sys, rest[0] ?? ''))}\n`)
    return 1
  }
  yield* print(sys, text)
  return 0
}
/** where name: programs of that name, by the current folder and PATH. */
const where: Program = function* (sys, argv) {
  const { rest } = taken(argv)
  const path = sys
    .environ()
    .find((e) => /^path=/i.test(e))
    ?.slice(5)
  let found = 0
  for (const name of rest)
    for (const folder of ['.', ...(path ?? '').split(';').filter(Boolean)]) {
      const at = yield* objectName(sys, folder)
      const entries = yield* entriesOf(sys, at)
      for (const e of isErr(entries) ? [] : entries)
        if (
          /\.(exe|cmd|bat)$/i.test(e.name) &&
          e.name.toLowerCase().replace(/\.(exe|cmd|bat)$/, '') === name.toLowerCase().replace(/\.(exe|cmd|bat)$/, '')
        ) {
          found++
          yield* print(sys, `${windowsName(`${at}/${e.name}`)}\n`)
        }
    }
  if (found > 0) return 0
  yield* warn(sys, 'INFO: Could not find files for the given pattern(s).\n')
  return 1
}
export const textTools: Readonly<Record<string, Program>> = { findstr, sort, more, where }

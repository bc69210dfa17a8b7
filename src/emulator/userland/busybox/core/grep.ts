/** grep, egrep, fgrep. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord, toWord } from '../../lib/argument.ts'
import { binary, LineReader, readAll, readFile, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { compileRegex, type RegexError } from '../../lib/regex.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

/** All files below directories, in order. */
export function* walkFiles(sys: Sys, path: string): Run<string[]> {
  const s = yield* sys.stat(path)
  if (isErr(s) || !isDir(s.mode)) return [path]
  const fd = yield* sys.open(path, O_RDONLY)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  const out: string[] = []
  if (!isErr(entries))
    for (const e of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (e.name !== '.' && e.name !== '..')
        out.push(...(yield* walkFiles(sys, `${path.replace(/\/$/, '')}/${e.name}`)))
  return out
}

/** Where a match lies: its start and its end. */
type Span = readonly [start: number, end: number]
/** The leftmost longest match of one pattern at or after an offset. */
type Finder = (line: string, from: number) => Span | undefined

function finderOf(pattern: string, kind: 'basic' | 'extended' | 'fixed', fold: boolean): Finder | RegexError {
  if (kind === 'fixed') {
    const lower = (text: string): string => (fold ? text.toLowerCase() : text)
    const wanted = lower(pattern)
    return (line, from) => {
      const at = lower(line).indexOf(wanted, from)
      return at < 0 ? undefined : [at, at + wanted.length]
    }
  }
  const regex = compileRegex(pattern, kind === 'extended', fold ? 'i' : '')
  if ('error' in regex) return regex
  return (line, from) => {
    const m = regex.exec(line, from)
    return m && [m[0] as number, m[1] as number]
  }
}
function leftmost(finders: readonly Finder[], line: string, from: number): Span | undefined {
  let best: Span | undefined
  for (const finder of finders) {
    const span = finder(line, from)
    if (span && (!best || span[0] < best[0] || (span[0] === best[0] && span[1] > best[1]))) best = span
  }
  return best
}
/** `-x`: one pattern matches from the line's start to its end. */
function wholeLine(finders: readonly Finder[], line: string): Span | undefined {
  return finders.map((finder) => finder(line, 0)).find((span) => span?.[0] === 0 && span[1] === line.length)
}
/** `-w`: no word character on either side of the match. */
function wholeWord(finders: readonly Finder[], line: string, from: number): Span | undefined {
  const isWord = (c: string | undefined): boolean => c !== undefined && /\w/.test(c)
  for (let at = from; at <= line.length; ) {
    const span = leftmost(finders, line, at)
    if (!span || (!isWord(line[span[0] - 1]) && !isWord(line[span[1]]))) return span
    at = span[0] + 1
  }
  return undefined
}

function* run(sys: Sys, applet: Applet, argv: readonly string[], kind: 'basic' | 'extended' | 'fixed'): Run<ExitCode> {
  const o = yield* getopt(sys, applet, argv, 'EFGiyIvncolLqsrRwxe:f:m:A:B:C:hHaz\x01::', { color: '\x01' }, 2)
  if (typeof o === 'number') return o
  const mode = o.has('F') ? 'fixed' : o.has('E') ? 'extended' : kind
  let rest = [...o.rest]
  const patterns = o.all('e').flatMap((e) => fromWord(e).split('\n'))
  for (const f of o.all('f')) {
    const bytes = f === '-' ? yield* readAll(sys, 0) : yield* readFile(sys, f)
    if (isErr(bytes)) {
      yield* warn(sys, `${applet.name}: ${f}: ${strerror(bytes)}\n`)
      return 2
    }
    if (bytes.length > 0) patterns.push(...binary(bytes).replace(/\n$/, '').split('\n'))
  }
  if (o.all('e').length === 0 && o.all('f').length === 0) {
    const first = rest.shift()
    if (first === undefined) {
      return yield* showUsage(sys, applet, 2)
    }
    patterns.push(...fromWord(first).split('\n'))
  }
  const finders: Finder[] = []
  let refused: string | undefined
  for (const pattern of patterns) {
    const finder = finderOf(pattern, mode, o.has('i') || o.has('y'))
    // A pattern is compiled when the first line is there, and refused then.
    if ('error' in finder) refused ??= `${applet.name}: bad regex '${toWord(pattern)}': ${finder.error}\n`
    else finders.push(finder)
  }
  const find = (line: string, from: number): Span | undefined =>
    o.has('x') ? wholeLine(finders, line) : o.has('w') ? wholeWord(finders, line, from) : leftmost(finders, line, from)
  const recursive = o.has('r') || o.has('R')
  let descended = false
  if (recursive) {
    const found: string[] = []
    for (const f of rest) {
      const s = yield* sys.stat(f)
      if (!isErr(s) && isDir(s.mode)) descended = true
      found.push(...(yield* walkFiles(sys, f)))
    }
    rest = found
  }
  const withName = o.has('H') || (!o.has('h') && (rest.length > 1 || descended))
  const before = Number(o.value('B') ?? o.value('C') ?? 0)
  const after = Number(o.value('A') ?? o.value('C') ?? 0)
  const most = Number(o.value('m') ?? Infinity)
  const out = new Output(sys)
  let any = false
  let listed = false
  let failed = false
  for (const file of rest.length > 0 ? rest : ['-']) {
    const fd = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
    if (isErr(fd)) {
      if (!o.has('s')) yield* warn(sys, `${applet.name}: ${file}: ${strerror(fd)}\n`)
      failed = true
      continue
    }
    const label = file === '-' ? '(standard input)' : fromWord(file)
    const reader = new LineReader(sys, fd)
    const kept: [number, string][] = []
    let count = 0
    let n = 0
    let trailing = 0
    let printed = 0
    const show = function* (at: number, line: string, mark: string): Run<void> {
      yield* out.write(
        `${withName ? `${label}${mark}` : ''}${o.has('n') ? `${at}${mark}` : ''}${line}${o.has('z') ? '\0' : '\n'}`,
      )
      printed = at
    }
    for (;;) {
      if (count >= most && trailing === 0) break
      const line = yield* reader.next()
      if (isErr(line)) {
        // A directory opens, reading it fails: no line, and no word about it.
        break
      }
      if (line === undefined) break
      if (refused !== undefined) {
        yield* warn(sys, refused)
        return 2
      }
      n++
      const hit = (find(line, 0) !== undefined) !== o.has('v')
      if (hit && count >= most) break
      if (!hit) {
        if (trailing > 0) {
          trailing--
          yield* show(n, line, '-')
        } else if (before > 0) {
          kept.push([n, line])
          if (kept.length > before) kept.shift()
        }
        continue
      }
      any = true
      count++
      if (o.has('q')) return 0
      if (o.has('l') || o.has('L')) break
      if (o.has('c')) continue
      if ((before > 0 || after > 0) && printed > 0 && (kept[0]?.[0] ?? n) > printed + 1) yield* out.write('--\n')
      for (const [at, text] of kept.splice(0)) yield* show(at, text, '-')
      if (o.has('o') && !o.has('v')) {
        for (let at = 0, span = find(line, 0); span; span = at <= line.length ? find(line, at) : undefined) {
          if (span[1] > span[0]) yield* show(n, line.slice(span[0], span[1]), ':')
          at = Math.max(span[1], span[0] + 1)
        }
      } else yield* show(n, line, ':')
      trailing = after
    }
    if (fd !== 0) yield* sys.close(fd)
    if (o.has('c')) yield* out.write(`${withName ? `${label}:` : ''}${count}\n`)
    if (o.has('L')) any = false
    if ((o.has('l') && count > 0) || (o.has('L') && count === 0)) {
      yield* out.write(`${label}\n`)
      listed = true
    }
  }
  return yield* out.end(applet.name, failed && !(any && o.has('q')) ? 2 : any || (o.has('L') && listed) ? 0 : 1)
}

const make = (name: string, kind: 'basic' | 'extended' | 'fixed'): Applet => {
  const applet: Applet = {
    name,
    usage: '[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...',
    help: "Search for PATTERN in FILEs (or stdin)\n\n\t-H\tAdd 'filename:' prefix\n\t-h\tDo not add 'filename:' prefix\n\t-n\tAdd 'line_no:' prefix\n\t-l\tShow only names of files that match\n\t-L\tShow only names of files that don't match\n\t-c\tShow only count of matching lines\n\t-o\tShow only the matching part of line\n\t-q\tQuiet. Return 0 if PATTERN is found, 1 otherwise\n\t-v\tSelect non-matching lines\n\t-s\tSuppress open and read errors\n\t-r\tRecurse\n\t-R\tRecurse and dereference symlinks\n\t-i\tIgnore case\n\t-w\tMatch whole words only\n\t-x\tMatch whole lines only\n\t-F\tPATTERN is a literal (not regexp)\n\t-E\tPATTERN is an extended regexp\n\t-z\tNUL terminated input\n\t-m N\tMatch up to N times per file\n\t-A N\tPrint N lines of trailing context\n\t-B N\tPrint N lines of leading context\n\t-C N\tSame as '-A N -B N'\n\t-e PTRN\tPattern to match\n\t-f FILE\tRead pattern from file",
    run: (sys, argv) => run(sys, applet, argv, kind),
  }
  return applet
}
export const greps: readonly Applet[] = [make('grep', 'basic'), make('egrep', 'extended'), make('fgrep', 'fixed')]

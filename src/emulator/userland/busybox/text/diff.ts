/** diff: what differs between files or directories, in the unified form. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, isReg, O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { binary, readAll, readFile, warn } from '../../lib/io.ts'
import { getopt, type Options, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { matchLines } from './lcs.ts'

interface Change {
  /** Lines from 1; an empty side has `to` below `from`. */
  readonly from: readonly [number, number]
  readonly to: readonly [number, number]
}
/** Where two lists of lines differ. */
function changes(first: readonly string[], second: readonly string[]): Change[] {
  const matched = matchLines(first, second)
  matched[0] = 0
  matched[first.length + 1] = second.length + 1
  const out: Change[] = []
  for (let i = 1, j = 1; i <= first.length || j <= second.length; ) {
    if (matched[i] === j && i <= first.length) {
      i++
      j++
      continue
    }
    let end = i
    while (end <= first.length && matched[end] === 0) end++
    const next = matched[end] as number
    out.push({ from: [i, end - 1], to: [j, next - 1] })
    i = end
    j = next
  }
  return out
}
/** `3`, `3,2` or, for no line, the line before and `,0`. */
const range = ([a, b]: readonly [number, number]): string =>
  b < a ? `${a - 1},0` : a === b ? String(a) : `${a},${b - a + 1}`

class Differ {
  readonly #sys: Sys
  readonly #o: Options
  readonly #out: Output
  readonly #context: number
  status: ExitCode = 0
  constructor(sys: Sys, o: Options, context: number) {
    this.#sys = sys
    this.#o = o
    this.#out = new Output(sys)
    this.#context = context
  }
  *end(): Run<ExitCode> {
    return yield* this.#out.end('diff', this.status)
  }
  *#text(file: string): Run<string | undefined> {
    const bytes = file === '-' ? yield* readAll(this.#sys, 0) : yield* readFile(this.#sys, file)
    if (!isErr(bytes)) return binary(bytes)
    yield* warn(this.#sys, `diff: ${file}: ${strerror(bytes)}\n`)
    this.status = 2
    return undefined
  }
  /** Two files; an undefined one is absent (-N). `names` are those of the header. */
  *files(one: string | undefined, two: string | undefined): Run<void> {
    const a = one === undefined ? '' : yield* this.#text(one)
    const b = two === undefined ? '' : one === '-' && two === '-' ? a : yield* this.#text(two)
    if (a === undefined || b === undefined) return
    const nameA = one ?? '/dev/null'
    const nameB = two ?? '/dev/null'
    const differs = a !== b
    if (differs && (a.includes('\0') || b.includes('\0')) && !this.#o.has('a')) {
      yield* this.#out.write(fromWord(`Files ${nameA} and ${nameB} differ\n`))
      this.status = Math.max(this.status, 1)
      return
    }
    const [rowsA, rowsB] = [rowsOf(a), rowsOf(b)]
    const key = (row: string): string => {
      let k = row
      if (this.#o.has('w')) k = k.replace(/[ \t\r\v\f]/g, '')
      else if (this.#o.has('b')) k = k.replace(/[ \t\r\v\f]+/g, ' ').replace(/ (?=\n?$|\n?\0$)/, '')
      return this.#o.has('i') ? k.toLowerCase() : k
    }
    let found = differs ? changes(rowsA.map(key), rowsB.map(key)) : []
    const blank = (rows: readonly string[], [from, to]: readonly [number, number]): boolean =>
      rows.slice(from - 1, to).every((r) => r === '\n')
    if (this.#o.has('B')) {
      const kept = found.filter((c) => !(blank(rowsA, c.from) && blank(rowsB, c.to)))
      if (kept.length === 0) found = []
    }
    if (found.length === 0) {
      if (this.#o.has('s')) yield* this.#out.write(fromWord(`Files ${nameA} and ${nameB} are identical\n`))
      return
    }
    this.status = Math.max(this.status, 1)
    if (this.#o.has('q')) {
      yield* this.#out.write(fromWord(`Files ${nameA} and ${nameB} differ\n`))
      return
    }
    const labels = this.#o.all('L')
    yield* this.#out.write(fromWord(`--- ${labels[0] ?? nameA}\n+++ ${labels[1] ?? nameB}\n`))
    yield* this.#hunks(rowsA, rowsB, found)
  }
  *#hunks(a: readonly string[], b: readonly string[], found: readonly Change[]): Run<void> {
    const c = this.#context
    for (let i = 0; i < found.length; ) {
      let last = i
      while (
        last + 1 < found.length &&
        (found[last + 1] as Change).from[0] - (found[last] as Change).from[1] - 1 <= 2 * c
      )
        last++
      const [head, tail] = [found[i] as Change, found[last] as Change]
      const from: readonly [number, number] = [Math.max(1, head.from[0] - c), Math.min(a.length, tail.from[1] + c)]
      const to: readonly [number, number] = [Math.max(1, head.to[0] - c), Math.min(b.length, tail.to[1] + c)]
      yield* this.#out.write(`@@ -${range(from)} +${range(to)} @@\n`)
      let at = from[0]
      for (const change of found.slice(i, last + 1)) {
        for (; at < change.from[0]; at++) yield* this.#row(' ', a[at - 1] as string)
        for (; at <= change.from[1]; at++) yield* this.#row('-', a[at - 1] as string)
        for (let j = change.to[0]; j <= change.to[1]; j++) yield* this.#row('+', b[j - 1] as string)
      }
      for (; at <= from[1]; at++) yield* this.#row(' ', a[at - 1] as string)
      i = last + 1
    }
  }
  *#row(mark: string, row: string): Run<void> {
    const lead = this.#o.has('T') ? `${mark}\t` : mark
    const text = row.replace(/\0$/, '')
    const shown = this.#o.has('t') ? expandTabs(text) : text
    yield* this.#out.write(row.endsWith('\0') ? `${lead}${shown}\n\\ No newline at end of file\n` : lead + shown)
  }
  *#names(dir: string | undefined): Run<string[]> {
    if (dir === undefined) return []
    const fd = yield* this.#sys.open(dir, O_RDONLY)
    if (isErr(fd)) return []
    const entries = yield* this.#sys.getdents(fd)
    yield* this.#sys.close(fd)
    return isErr(entries) ? [] : entries.map((e) => e.name).filter((n) => n !== '.' && n !== '..')
  }
  *directories(one: string, two: string): Run<void> {
    const [inOne, inTwo] = [new Set(yield* this.#names(one)), new Set(yield* this.#names(two))]
    const start = this.#o.value('S') ?? ''
    for (const name of [...new Set([...inOne, ...inTwo])].sort()) {
      if (name < start) continue
      const [a, b] = [`${one.replace(/\/$/, '')}/${name}`, `${two.replace(/\/$/, '')}/${name}`]
      const [sa, sb] = [yield* this.#sys.stat(a), yield* this.#sys.stat(b)]
      const only = !inOne.has(name) || !inTwo.has(name)
      if (only && !this.#o.has('N')) {
        yield* this.#out.write(fromWord(`Only in ${inOne.has(name) ? one : two}: ${name}\n`))
        this.status = Math.max(this.status, 1)
        continue
      }
      const [da, db] = [!isErr(sa) && isDir(sa.mode), !isErr(sb) && isDir(sb.mode)]
      if (da || db) {
        if (da && db && !this.#o.has('r')) yield* this.#out.write(fromWord(`Common subdirectories: ${a} and ${b}\n`))
        else if (da && db) yield* this.directories(a, b)
        else if (only && this.#o.has('r')) yield* this.directories(a, b)
        else {
          const kind = (d: boolean): string => (d ? 'directory' : 'regular file')
          yield* this.#out.write(fromWord(`File ${a} is a ${kind(da)} while file ${b} is a ${kind(db)}\n`))
          this.status = Math.max(this.status, 1)
        }
        continue
      }
      if (isErr(sa) ? !isErr(sb) && !isReg(sb.mode) : !isReg(sa.mode)) continue
      yield* this.files(isErr(sa) ? undefined : a, isErr(sb) ? undefined : b)
    }
  }
}
/** Lines with their newline; one that has none ends in NUL, so that it is another line. */
const rowsOf = (text: string): string[] =>
  text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((r) => (r.endsWith('\n') ? r : `${r}\0`))
const expandTabs = (text: string): string => {
  let out = ''
  for (const c of text) out += c === '\t' ? ' '.repeat(8 - (out.length % 8)) : c
  return out
}

export const diff: Applet = {
  name: 'diff',
  usage: '[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2',
  help: 'Compare files line by line and output the differences between them.\nThis implementation supports unified diffs only.\n\n\t-a\tTreat all files as text\n\t-b\tIgnore changes in the amount of whitespace\n\t-B\tIgnore changes whose lines are all blank\n\t-d\tTry hard to find a smaller set of changes\n\t-i\tIgnore case differences\n\t-L\tUse LABEL instead of the filename in the unified header\n\t-N\tTreat absent files as empty\n\t-q\tOutput only whether files differ\n\t-r\tRecurse\n\t-S\tStart with FILE when comparing directories\n\t-T\tMake tabs line up by prefixing a tab when necessary\n\t-s\tReport when two files are the same\n\t-t\tExpand tabs to spaces in output\n\t-U\tOutput LINES lines of context\n\t-w\tIgnore all whitespace',
  *run(sys, argv) {
    const o = yield* getopt(sys, diff, argv, 'abdiL:NqrsS:tTU:wupB', {
      'ignore-all-space': 'w',
      'ignore-space-change': 'b',
      'ignore-blank-lines': 'B',
      'ignore-case': 'i',
      'new-file': 'N',
      unified: 'U',
      brief: 'q',
      recursive: 'r',
      'report-identical-files': 's',
      text: 'a',
      'initial-tab': 'T',
      'expand-tabs': 't',
      label: 'L',
      minimal: 'd',
      'starting-file': 'S',
    })
    if (typeof o === 'number') return o
    if (o.rest.length !== 2) return yield* showUsage(sys, diff)
    let [one, two] = o.rest as readonly [string, string]
    const context = Number(o.value('U') ?? 3)
    const stat = function* (file: string) {
      const s = file === '-' ? yield* sys.fstat(0) : yield* sys.stat(file)
      if (isErr(s)) yield* warn(sys, `diff: can't stat '${file}': ${strerror(s)}\n`)
      return s
    }
    const absent = function* (file: string) {
      return o.has('N') && file !== '-' && isErr(yield* sys.stat(file))
    }
    const [noOne, noTwo] = [yield* absent(one), yield* absent(two)]
    let [a, b] = [noOne ? undefined : yield* stat(one), noTwo ? undefined : yield* stat(two)]
    if (isErr(a) || isErr(b)) return 2
    const differ = new Differ(sys, o, context)
    if (a && b) {
      if ((one === '-' && isDir(b.mode)) || (two === '-' && isDir(a.mode))) {
        yield* warn(sys, "diff: can't compare stdin to a directory\n")
        return 2
      }
      if (isDir(a.mode) && isDir(b.mode)) {
        yield* differ.directories(one, two)
        return yield* differ.end()
      }
      const last = (path: string): string => path.split('/').at(-1) as string
      if (isDir(a.mode)) {
        one = `${one.replace(/\/$/, '')}/${last(two)}`
        a = yield* stat(one)
      } else if (isDir(b.mode)) {
        two = `${two.replace(/\/$/, '')}/${last(one)}`
        b = yield* stat(two)
      }
      if (isErr(a) || isErr(b)) return 2
      if (a?.dev === b?.dev && a?.ino === b?.ino) return 0
    }
    yield* differ.files(noOne ? undefined : one, noTwo ? undefined : two)
    return yield* differ.end()
  },
}

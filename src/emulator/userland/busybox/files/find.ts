/** find: files of a tree that pass tests, and what is done to them. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, isFifo, isLink, isReg, isSock } from '../../../kernel/linux/fs/flags.ts'
import type { Stat } from '../../../kernel/linux/fs/inode.ts'
import { groups, users } from '../../lib/accounts.ts'
import { fromWord } from '../../lib/argument.ts'
import { runCommand } from '../../lib/exec.ts'
import { changeMode, entriesOf } from '../../lib/files.ts'
import { warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { Output } from '../../lib/output.ts'
import { matchPattern } from '../../lib/pattern.ts'
import { compileRegex } from '../../lib/regex.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

interface Item {
  readonly path: string
  readonly name: string
  readonly stat: Stat
}
type Test = (item: Item) => Run<boolean>
/** Why the arguments can't be understood; without a text the usage is shown. */
class Refusal {
  readonly message: string
  readonly usage: boolean
  constructor(message: string, usage = false) {
    this.message = message
    this.usage = usage
  }
}
const TYPES: Readonly<Record<string, (mode: number) => boolean>> = {
  f: isReg,
  d: isDir,
  l: isLink,
  p: isFifo,
  s: isSock,
  c: isChr,
  b: isBlk,
}
const UNITS: Readonly<Record<string, number>> = { '': 512, b: 512, c: 1, w: 2, k: 1024 }
interface Batch {
  readonly command: readonly string[]
  files: string[]
  size: number
}
/** Room for the names that one command gets with `{} +`. */
const ROOM = 32 * 1024
const yes: Test = function* () {
  return true
}

class Finder {
  readonly #sys: Sys
  readonly #words: string[]
  readonly #out: Output
  readonly #batches: Batch[] = []
  readonly #now: number
  most = Infinity
  least = 0
  deepFirst = false
  sameDevice = false
  acted = false
  status: ExitCode = 0
  #pruned = false
  #quit = false
  constructor(sys: Sys, words: readonly string[], now: number) {
    this.#sys = sys
    this.#words = [...words]
    this.#out = new Output(sys)
    this.#now = now
  }
  get #next(): string | undefined {
    return this.#words[0]
  }
  *parse(): Run<Test> {
    if (this.#words.length === 0) return yes
    const test = yield* this.#or()
    if (this.#words.length > 0)
      throw new Refusal(this.#next === ')' ? "unpaired ')'" : `unrecognized: ${this.#next}`, true)
    return test
  }
  *#or(): Run<Test> {
    let left = yield* this.#and()
    while (this.#next === '-o' || this.#next === '-or') {
      this.#words.shift()
      const a = left
      const b = this.#words.length === 0 ? yes : yield* this.#and()
      left = function* (i) {
        return (yield* a(i)) || (yield* b(i))
      }
    }
    return left
  }
  *#and(): Run<Test> {
    let left = yield* this.#not()
    while (this.#next !== undefined && this.#next !== ')' && this.#next !== '-o' && this.#next !== '-or') {
      if (this.#next === '-a' || this.#next === '-and') this.#words.shift()
      const a = left
      const b = yield* this.#not()
      left = function* (i) {
        return (yield* a(i)) && (yield* b(i))
      }
    }
    return left
  }
  *#not(): Run<Test> {
    if (this.#next !== '!' && this.#next !== '-not') return yield* this.#primary()
    this.#words.shift()
    const a = yield* this.#not()
    return function* (i) {
      return !(yield* a(i))
    }
  }
  #argument(name: string): string {
    const value = this.#words.shift()
    if (value === undefined) throw new Refusal(`${name} requires an argument`)
    return value
  }
  /** `N`, `+N`, `-N`, with a unit: whether a value compares so. */
  #comparison(
    spec: string,
    units: Readonly<Record<string, number>> = { '': 1 },
  ): readonly [(v: number) => boolean, number] {
    const m = /^([-+]?)(\d+)([a-zA-Z]*)$/.exec(spec)
    const unit = m && Object.hasOwn(units, m[3] as string) ? (units[m[3] as string] as number) : undefined
    if (!m || unit === undefined) throw new Refusal(`invalid number '${spec.replace(/^[-+]/, '')}'`)
    const n = Number(m[2])
    return [(v) => (m[1] === '+' ? v > n : m[1] === '-' ? v < n : v === n), unit]
  }
  *#primary(): Run<Test> {
    const sys = this.#sys
    const word = this.#words.shift()
    switch (word) {
      case undefined:
        return yes
      case '(': {
        const inner = yield* this.#or()
        if (this.#words.shift() !== ')') throw new Refusal("unpaired '('")
        return inner
      }
      case '-name':
      case '-iname':
      case '-path':
      case '-ipath':
      case '-wholename': {
        const pattern = this.#argument(word)
        const fold = word.startsWith('-i')
        const whole = !word.endsWith('name') || word === '-wholename'
        const lower = (t: string): string => (fold ? t.toLowerCase() : t)
        return function* (i) {
          return matchPattern(lower(pattern), lower(whole ? i.path : i.name))
        }
      }
      case '-regex': {
        const source = this.#argument(word)
        const regex = compileRegex(fromWord(source), false)
        if ('error' in regex) throw new Refusal(`bad regex '${source}': ${regex.error}`)
        return function* (i) {
          const path = fromWord(i.path)
          const m = regex.exec(path)
          return m !== undefined && m[0] === 0 && m[1] === path.length
        }
      }
      case '-type': {
        const wanted = this.#argument(word)
        const test = Object.hasOwn(TYPES, wanted) ? TYPES[wanted] : undefined
        if (!test) throw new Refusal(`invalid argument '${wanted}' to '-type'`)
        return function* (i) {
          return test(i.stat.mode)
        }
      }
      case '-size': {
        const [holds, unit] = this.#comparison(this.#argument(word), UNITS)
        return function* (i) {
          return holds(Math.ceil(i.stat.size / unit))
        }
      }
      case '-mtime':
      case '-atime':
      case '-ctime':
      case '-mmin':
      case '-amin':
      case '-cmin': {
        const [holds] = this.#comparison(this.#argument(word))
        const unit = word.endsWith('min') ? 60e9 : 86400e9
        const which = word[1] === 'm' ? 'mtime' : word[1] === 'a' ? 'atime' : 'ctime'
        const now = this.#now
        return function* (i) {
          return holds(Math.floor((now - i.stat[which]) / unit))
        }
      }
      case '-newer': {
        const file = this.#argument(word)
        const s = yield* sys.stat(file)
        if (isErr(s)) throw new Refusal(`can't stat '${file}': ${strerror(s)}`)
        return function* (i) {
          return i.stat.mtime > s.mtime
        }
      }
      case '-perm': {
        const spec = this.#argument(word)
        const mode = changeMode(spec.replace(/^[-/+]/, ''), 0)
        if (mode === undefined) throw new Refusal(`invalid mode '${spec.replace(/^[-/+]/, '')}'`)
        return function* (i) {
          const bits = i.stat.mode & 0o7777
          if (spec.startsWith('-')) return (bits & mode) === mode
          return /^[/+]/.test(spec) ? mode === 0 || (bits & mode) !== 0 : bits === mode
        }
      }
      case '-user':
      case '-group': {
        const name = this.#argument(word)
        const known =
          word === '-user'
            ? (yield* users(sys)).find((u) => u.name === name)?.uid
            : (yield* groups(sys)).find((g) => g.name === name)?.gid
        const id = known ?? (/^\d+$/.test(name) ? Number(name) : undefined)
        if (id === undefined) throw new Refusal(`unknown ${word.slice(1)} ${name}`)
        return function* (i) {
          return (word === '-user' ? i.stat.uid : i.stat.gid) === id
        }
      }
      case '-links':
      case '-inum': {
        const [holds] = this.#comparison(this.#argument(word))
        return function* (i) {
          return holds(word === '-links' ? i.stat.nlink : i.stat.ino)
        }
      }
      case '-samefile': {
        const file = this.#argument(word)
        const s = yield* sys.stat(file)
        if (isErr(s)) throw new Refusal(`can't stat '${file}': ${strerror(s)}`)
        return function* (i) {
          return i.stat.ino === s.ino && i.stat.dev === s.dev
        }
      }
      case '-empty':
        return function* (i) {
          if (!isDir(i.stat.mode)) return isReg(i.stat.mode) && i.stat.size === 0
          const list = yield* entriesOf(sys, i.path)
          return !isErr(list) && list.length === 0
        }
      case '-executable':
        return function* (i) {
          return !(yield* sys.access(i.path, 1))
        }
      case '-maxdepth':
      case '-mindepth': {
        const text = this.#argument(word)
        if (!/^\d+$/.test(text)) throw new Refusal(`invalid number '${text}'`)
        if (word === '-maxdepth') this.most = Number(text)
        else this.least = Number(text)
        return yes
      }
      case '-depth':
        this.deepFirst = true
        return yes
      case '-xdev':
        this.sameDevice = true
        return yes
      case '-follow':
      case '-noleaf':
        return yes
      case '-prune':
        return this.#do((): void => {
          this.#pruned = true
        })
      case '-quit':
        this.acted = true
        return this.#do((): void => {
          this.#quit = true
        })
      case '-print':
      case '-print0':
        this.acted = true
        return (i) => this.#print(i.path, word === '-print' ? '\n' : '\0')
      case '-delete':
        this.acted = true
        this.deepFirst = true
        return (i) => this.#delete(i)
      case '-exec':
      case '-ok':
        if (word === '-exec') return this.#exec()
    }
    throw new Refusal(`unrecognized: ${word}`, true)
  }
  #do(act: () => void): Test {
    return function* () {
      act()
      return true
    }
  }
  *#print(path: string, end: string): Run<boolean> {
    yield* this.#out.write(fromWord(path) + end)
    return true
  }
  *#delete(i: Item): Run<boolean> {
    if (i.path === '.') return true
    const failed = isDir(i.stat.mode) ? yield* this.#sys.rmdir(i.path) : yield* this.#sys.unlink(i.path)
    if (!failed) return true
    yield* this.#out.flush()
    yield* warn(this.#sys, `find: ${i.path}: ${strerror(failed)}\n`)
    this.status = 1
    return true
  }
  #exec(): Test {
    this.acted = true
    const end = this.#words.findIndex((w, i) => w === ';' || (w === '+' && this.#words[i - 1] === '{}'))
    if (end < 1) throw new Refusal('-exec requires an argument')
    const command = this.#words.slice(0, end)
    const plus = this.#words[end] === '+'
    this.#words.splice(0, end + 1)
    if (!plus) {
      const run = (path: string): Run<boolean> => this.#run(command.map((c) => c.split('{}').join(path)))
      return (i) => run(i.path)
    }
    const batch: Batch = { command: command.slice(0, -1), files: [], size: 0 }
    this.#batches.push(batch)
    const flush = (): Run<void> => this.#runBatch(batch)
    return function* (i) {
      batch.files.push(i.path)
      batch.size += i.path.length + 1
      if (batch.size > ROOM) yield* flush()
      return true
    }
  }
  *#run(argv: readonly string[]): Run<boolean> {
    yield* this.#out.flush()
    const r = yield* runCommand(this.#sys, argv, 'find')
    return r.code === 0 && r.signal === undefined
  }
  *#runBatch(batch: Batch): Run<void> {
    if (batch.files.length === 0) return
    const files = batch.files
    batch.files = []
    batch.size = 0
    if (!(yield* this.#run([...batch.command, ...files]))) this.status = 1
  }
  /** Goes through a tree. `follow`: links are what they point to, for all (-L) or for operands alone (-H). */
  *visit(path: string, test: Test, follow: 'never' | 'operands' | 'always', depth = 0, device?: number): Run<void> {
    if (this.#quit) return
    const through = follow === 'always' || (follow === 'operands' && depth === 0)
    let s = through ? yield* this.#sys.stat(path) : yield* this.#sys.lstat(path)
    if (isErr(s) && through) s = yield* this.#sys.lstat(path)
    if (isErr(s)) {
      yield* this.#out.flush()
      yield* warn(this.#sys, `find: ${path}: ${strerror(s)}\n`)
      this.status = 1
      return
    }
    const stat = s
    const name = /^\/+$/.test(path) ? '/' : (path.replace(/\/+$/, '').split('/').at(-1) as string)
    const item: Item = { path, name, stat }
    this.#pruned = false
    if (!this.deepFirst) yield* this.#check(item, test, depth)
    const other = this.sameDevice && device !== undefined && stat.dev !== device
    if (isDir(stat.mode) && depth < this.most && !this.#pruned && !other && !this.#quit) {
      const list = yield* entriesOf(this.#sys, path)
      if (isErr(list)) {
        yield* this.#out.flush()
        yield* warn(this.#sys, `find: ${path}: ${strerror(list)}\n`)
        this.status = 1
      } else
        for (const n of list)
          yield* this.visit(`${path.replace(/\/$/, '')}/${n}`, test, follow, depth + 1, device ?? stat.dev)
    }
    if (this.deepFirst) yield* this.#check(item, test, depth)
  }
  *#check(item: Item, test: Test, depth: number): Run<void> {
    if (depth < this.least || this.#quit) return
    if ((yield* test(item)) && !this.acted) yield* this.#print(item.path, '\n')
  }
  *end(): Run<ExitCode> {
    for (const batch of this.#batches) yield* this.#runBatch(batch)
    return yield* this.#out.end('find', this.status)
  }
}

export const find: Applet = {
  name: 'find',
  usage: '[-HL] [PATH]... [OPTIONS] [ACTIONS]',
  help: "Search for files and perform actions on them.\nFirst failed action stops processing of current file.\nDefaults: PATH is current directory, action is '-print'\n\n\t-L,-follow\tFollow symlinks\n\t-H\t\t...on command line only\n\t-xdev\t\tDon't descend directories on other filesystems\n\t-maxdepth N\tDescend at most N levels. -maxdepth 0 applies\n\t\t\tactions to command line arguments only\n\t-mindepth N\tDon't act on first N levels\n\t-depth\t\tAct on directory *after* traversing it\n\nActions:\n\t( ACTIONS )\tGroup actions for -o / -a\n\t! ACT\t\tInvert ACT's success/failure\n\tACT1 [-a] ACT2\tIf ACT1 fails, stop, else do ACT2\n\tACT1 -o ACT2\tIf ACT1 succeeds, stop, else do ACT2\n\t\t\tNote: -a has higher priority than -o\n\t-name PATTERN\tMatch file name (w/o directory name) to PATTERN\n\t-iname PATTERN\tCase insensitive -name\n\t-path PATTERN\tMatch path to PATTERN\n\t-ipath PATTERN\tCase insensitive -path\n\t-regex PATTERN\tMatch path to regex PATTERN\n\t-type X\t\tFile type is X (one of: f,d,l,b,c,s,p)\n\t-executable\tFile is executable\n\t-perm MASK\tAt least one mask bit (+MASK), all bits (-MASK),\n\t\t\tor exactly MASK bits are set in file's mode\n\t-mtime DAYS\tmtime is greater than (+N), less than (-N),\n\t\t\tor exactly N days in the past\n\t-atime DAYS\tatime +N/-N/N days in the past\n\t-ctime DAYS\tctime +N/-N/N days in the past\n\t-mmin MINS\tmtime is greater than (+N), less than (-N),\n\t\t\tor exactly N minutes in the past\n\t-amin MINS\tatime +N/-N/N minutes in the past\n\t-cmin MINS\tctime +N/-N/N minutes in the past\n\t-newer FILE\tmtime is more recent than FILE's\n\t-inum N\t\tFile has inode number N\n\t-samefile FILE\tFile is same as FILE\n\t-user NAME/ID\tFile is owned by given user\n\t-group NAME/ID\tFile is owned by given group\n\t-size N[bck]\tFile size is N (c:bytes,k:kbytes,b:512 bytes(def.))\n\t\t\t+/-N: file size is bigger/smaller than N\n\t-links N\tNumber of links is greater than (+N), less than (-N),\n\t\t\tor exactly N\n\t-empty\t\tMatch empty file/directory\n\t-prune\t\tIf current file is directory, don't descend into it\nIf none of the following actions is specified, -print is assumed\n\t-print\t\tPrint file name\n\t-print0\t\tPrint file name, NUL terminated\n\t-exec CMD ARG ;\tRun CMD with all instances of {} replaced by\n\t\t\tfile name. Fails if CMD exits with nonzero\n\t-exec CMD ARG + Run CMD with {} replaced by list of file names\n\t-quit\t\tExit",
  *run(sys, argv) {
    const at = argv.findIndex((a, i) => i > 0 && !/^-[HL]+$/.test(a))
    const options = yield* getopt(sys, find, at < 0 ? argv : argv.slice(0, at), 'HL')
    if (typeof options === 'number') return options
    const rest = at < 0 ? [] : argv.slice(at)
    const count = rest.findIndex((w) => /^-./.test(w) || w === '!' || w === '(')
    const paths = count < 0 ? rest : rest.slice(0, count)
    const finder = new Finder(sys, count < 0 ? [] : rest.slice(count), yield* sys.clock('realtime'))
    try {
      const follow = options.has('L') || rest.includes('-follow') ? 'always' : options.has('H') ? 'operands' : 'never'
      const test = yield* finder.parse()
      for (const path of paths.length > 0 ? paths : ['.']) yield* finder.visit(path, test, follow)
      return yield* finder.end()
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      yield* warn(sys, `find: ${refusal.message}\n`)
      return refusal.usage ? yield* showUsage(sys, find) : 1
    }
  },
}

/** The command interpreter: variables, blocks, pipes and redirections, and the commands that are part of it. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { print, readText, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { objectName, windowsName } from '../../userland/windows/paths.ts'
import { isReal } from '../powershell/cmdlets/known.ts'
import { evaluateSum } from './arithmetic.ts'
import { fileCommands } from './files.ts'
import { type Node, parse, type Redirection, Unexpected } from './parse.ts'

/** Words as programs get them: quotes hold a word together. */
const words = (line: string): string[] => [...line.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map((m) => m[0].replace(/"/g, ''))
/** Commands that are part of the real interpreter and not of this one. */
const absent =
  /^(assoc|break|color|ftype|goto|mklink|prompt|setlocal|endlocal|shift|start|verify|chcp|dpath|keys|help)$/

/** `exit`, with its code. */
export class Leave {
  readonly code: ExitCode
  constructor(code: ExitCode) {
    this.code = code
  }
}

export class Cmd {
  readonly sys: Sys
  readonly environment = new Map<string, string>()
  /** %ERRORLEVEL% */
  level = 0
  /** Variables of for loops, by their letter. */
  readonly #letters = new Map<string, string>()
  readonly #folders: string[] = []
  /** A batch file's arguments; undefined where lines are typed. */
  readonly #batch: readonly string[] | undefined
  constructor(sys: Sys, batch?: readonly string[]) {
    this.sys = sys
    this.#batch = batch
    for (const entry of sys.environ()) {
      const at = entry.indexOf('=')
      if (at > 0) this.environment.set(entry.slice(0, at), entry.slice(at + 1))
    }
  }
  variable(name: string): string | undefined {
    for (const [k, v] of this.environment) if (k.toLowerCase() === name.toLowerCase()) return v
    return undefined
  }
  set(name: string, v: string): void {
    for (const k of this.environment.keys()) if (k.toLowerCase() === name.toLowerCase()) name = k
    if (v === '') this.environment.delete(name)
    else this.environment.set(name, v)
  }
  #environ(): readonly string[] {
    return [...this.environment].map(([k, v]) => `${k}=${v}`)
  }
  *#dynamic(name: string): Run<string | undefined> {
    const { sys } = this
    switch (name.toLowerCase()) {
      case 'cd': {
        const cwd = yield* sys.getcwd()
        return isErr(cwd) ? '' : windowsName(cwd)
      }
      case 'date':
        return strftime('%a %m/%d/%Y', yield* sys.clock('realtime'))
      case 'time':
        return `${strftime('%H:%M:%S', yield* sys.clock('realtime')).replace(/^0/, ' ')}.00`
      case 'errorlevel':
        return String(this.level)
      case 'random': {
        const [a = 0, b = 0] = yield* sys.getrandom(2)
        return String((a * 256 + b) % 32768)
      }
      default:
        return undefined
    }
  }
  /** %NAME%, %NAME:~from,count%, %NAME:a=b%, a batch file's %1; a line that is typed keeps what has no value. */
  *expand(text: string): Run<string> {
    let out = ''
    let at = 0
    const pattern = /%%|%(\*|\d)|%([^%:\n]+)(?::([^%\n]*))?%/g
    for (const m of text.matchAll(pattern)) {
      const [whole, argument, name, change] = m
      if (whole === '%%' ? this.#batch === undefined : argument !== undefined && this.#batch === undefined) continue
      out += text.slice(at, m.index)
      at = m.index + whole.length
      if (whole === '%%') {
        out += '%'
        continue
      }
      if (argument !== undefined) {
        out += argument === '*' ? (this.#batch ?? []).slice(1).join(' ') : (this.#batch?.[Number(argument)] ?? '')
        continue
      }
      const v = this.variable(name as string) ?? (yield* this.#dynamic(name as string))
      if (v === undefined) {
        out += this.#batch === undefined ? whole : ''
        continue
      }
      out += changed(v, change)
    }
    return out + text.slice(at)
  }
  /** Runs a line; answers the code of its last command. Throws Leave at exit. */
  *runLine(line: string): Run<number> {
    let nodes: readonly Node[]
    try {
      nodes = parse(yield* this.expand(line))
    } catch (e) {
      if (!(e instanceof Unexpected)) throw e
      yield* warn(this.sys, e.message)
      this.level = 1
      return 1
    }
    for (const node of nodes) this.level = yield* this.#run(node)
    return this.level
  }
  /** Runs a batch file: its lines one after the other, joined where a bracket is open. */
  *runBatch(path: string): Run<number> {
    const text = yield* readText(this.sys, path)
    if (isErr(text)) return 1
    let pending = ''
    for (const line of text.split(/\r?\n/)) {
      pending += pending === '' ? line : `\n${line}`
      if ((pending.match(/\(/g) ?? []).length > (pending.match(/\)/g) ?? []).length) continue
      if (!/^\s*(@?echo\s+off|::|rem\b)/i.test(pending)) yield* this.runLine(pending)
      pending = ''
    }
    return this.level
  }

  *#run(node: Node): Run<number> {
    switch (node.kind) {
      case 'join': {
        const code = yield* this.#run(node.left)
        this.level = code
        if (node.operator === '&' || (code === 0) === (node.operator === '&&')) return yield* this.#run(node.right)
        return code
      }
      case 'pipe':
        return yield* this.#pipe(node.left, node.right)
      case 'group':
        return yield* this.#redirected(node.redirections, () => this.#all(node.body))
      case 'if': {
        const holds = (yield* this.#test(node.test)) !== node.not
        const branch = holds ? node.then : node.otherwise
        return branch ? yield* this.#run(branch) : this.level
      }
      case 'for':
        return yield* this.#for(node)
      case 'command':
        return yield* this.#redirected(node.redirections, () => this.#command(node.text))
    }
  }
  *#all(body: readonly Node[]): Run<number> {
    for (const node of body) this.level = yield* this.#run(node)
    return this.level
  }
  *#pipe(left: Node, right: Node): Run<number> {
    const { sys } = this
    const ends = yield* sys.pipe()
    if (isErr(ends)) return 1
    const pid = yield* sys.fork((child) => this.#part(child, left, [ends[1], 1], ends))
    const last = yield* sys.fork((child) => this.#part(child, right, [ends[0], 0], ends))
    for (const fd of ends) yield* sys.close(fd)
    for (const p of [pid, last]) {
      if (isErr(p)) continue
      const r = yield* sys.wait(p)
      if (p === last) return isErr(r) || !r ? 1 : (r.code ?? 128 + (r.signal ?? 0))
    }
    return 1
  }
  /** A side of a pipe: an interpreter of its own. */
  *#part(child: Sys, node: Node, [from, to]: readonly [Fd, Fd], ends: readonly Fd[]): Run<number> {
    yield* child.dup2(from, to)
    for (const fd of ends) yield* child.close(fd)
    const own = new Cmd(child, this.#batch)
    own.environment.clear()
    for (const [k, v] of this.environment) own.environment.set(k, v)
    for (const [k, v] of this.#letters) own.#letters.set(k, v)
    try {
      return yield* own.#run(node)
    } catch (e) {
      if (e instanceof Leave) return e.code
      throw e
    }
  }
  *#redirected(redirections: readonly Redirection[], run: () => Run<number>): Run<number> {
    if (redirections.length === 0) return yield* run()
    const { sys } = this
    const kept: [Fd, Fd][] = []
    try {
      for (const r of redirections) {
        let fd: Fd
        if (typeof r.to === 'number') fd = r.to
        else {
          const nul = /^(nul|nul:)$/i.test(r.to)
          const path = nul ? '/Device/Null' : yield* objectName(sys, yield* this.#letter(r.to))
          const how = r.from === 0 ? 0 : nul ? 2 : O_WRONLY | O_CREAT | (r.append ? O_APPEND : O_TRUNC)
          const opened = yield* sys.open(path, how, 0o644)
          if (isErr(opened)) {
            yield* warn(sys, `The system cannot find the ${r.from === 0 ? 'file' : 'path'} specified.\n`)
            return 1
          }
          fd = opened
        }
        const old = yield* sys.dup(r.from)
        if (!isErr(old)) kept.unshift([old, r.from])
        yield* sys.dup2(fd, r.from)
        if (typeof r.to !== 'number') yield* sys.close(fd)
      }
      return yield* run()
    } finally {
      for (const [old, at] of kept) {
        yield* sys.dup2(old, at)
        yield* sys.close(old)
      }
    }
  }
  *#test(test: readonly string[]): Run<boolean> {
    const fold = test[0] === '/i'
    const parts = (fold ? test.slice(1) : test).map((t) => t)
    const [first = '', second = ''] = parts
    if (first === 'exist')
      return !isErr(yield* this.sys.stat(yield* objectName(this.sys, (yield* this.#letter(second)).replace(/"/g, ''))))
    if (first === 'defined') return this.variable(second) !== undefined
    if (first === 'errorlevel') return this.level >= Number(second)
    const [left, right] = [yield* this.#letter(first), yield* this.#letter(parts[2] ?? '')]
    const [a, b] = fold ? [left.toLowerCase(), right.toLowerCase()] : [left, right]
    const numbers = /^-?\d+$/.test(a) && /^-?\d+$/.test(b)
    const order = numbers ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0
    switch (second) {
      case 'NEQ':
        return order !== 0
      case 'LSS':
        return order < 0
      case 'LEQ':
        return order <= 0
      case 'GTR':
        return order > 0
      case 'GEQ':
        return order >= 0
      default:
        return second === 'EQU' ? order === 0 : a === b
    }
  }
  *#for(node: Extract<Node, { kind: 'for' }>): Run<number> {
    let items: string[]
    if (node.option === '/l') {
      const [from = 0, step = 1, to = 0] = node.items
        .split(/[,\s]+/)
        .filter(Boolean)
        .map(Number)
      items = []
      for (let n = from; step > 0 ? n <= to : step < 0 && n >= to; n += step) items.push(String(n))
    } else if (node.option === '') items = words(node.items.replace(/,/g, ' '))
    else {
      yield* warn(this.sys, `zukan: not emulated: for ${node.option}\n`)
      return 1
    }
    for (const item of items) {
      this.#letters.set(node.name, item)
      this.level = yield* this.#run(node.body)
      yield* this.sys.compute(1000)
    }
    this.#letters.delete(node.name)
    return this.level
  }
  /** Puts the variables of for loops into a text. */
  *#letter(text: string): Run<string> {
    return text.replace(/%{1,2}([A-Za-z])/g, (whole, n: string) => this.#letters.get(n) ?? whole)
  }

  *#command(given: string): Run<number> {
    const { sys } = this
    const text = yield* this.#letter(given)
    const echoed = /^echo([.:/(]|(?=\s|$))(.*)$/is.exec(text)
    if (echoed) {
      const rest = (echoed[2] as string).replace(/^\s/, '')
      if (/^(on|off)$/i.test(rest.trim()) && echoed[1] === '') return 0
      yield* print(sys, `${rest.trim() === '' && echoed[1] === '' ? 'ECHO is on.' : rest}\n`)
      return 0
    }
    // cd.. and cd\ need no blank.
    const [head = '', ...rest] = words(text.replace(/^(cd|dir)(?=[.\\])/i, '$1 '))
    const name = head.toLowerCase()
    const tail = text.slice(head.length).trim()
    const own = fileCommands[name]
    if (own) {
      const flags = new Set(
        rest.filter((w) => w.startsWith('/')).map((w) => w.slice(1).toLowerCase().replace(/^a:/, 'a')),
      )
      return yield* own(
        sys,
        rest.filter((w) => !w.startsWith('/')),
        flags,
      )
    }
    switch (name) {
      case '':
      case 'rem':
      case 'title':
        return 0
      case 'ver':
        yield* print(sys, `\nMicrosoft Windows [Version ${(yield* sys.uname()).release}]\n`)
        return 0
      case 'vol':
        yield* print(sys, ' Volume in drive C has no label.\n Volume Serial Number is 5A4B-2D1C\n')
        return 0
      case 'cls':
        yield* print(sys, '\x1b[2J\x1b[H')
        return 0
      case 'cd':
      case 'chdir':
        return yield* this.#changeFolder(rest.filter((w) => w.toLowerCase() !== '/d')[0])
      case 'pushd': {
        const cwd = yield* sys.getcwd()
        const code = yield* this.#changeFolder(rest[0])
        if (code === 0 && !isErr(cwd)) this.#folders.push(cwd)
        return code
      }
      case 'popd': {
        const back = this.#folders.pop()
        if (back !== undefined) yield* sys.chdir(back)
        return 0
      }
      case 'date':
      case 'time':
        if (rest[0]?.toLowerCase() === '/t') {
          const now = yield* sys.clock('realtime')
          yield* print(sys, `${strftime(name === 'date' ? '%a %m/%d/%Y ' : '%I:%M %p', now)}\n`)
          return 0
        }
        break
      case 'path':
        if (rest.length === 0) yield* print(sys, `PATH=${this.variable('PATH') ?? ''}\n`)
        else this.set('PATH', tail)
        return 0
      case 'set':
        return yield* this.#set(tail)
      case 'pause': {
        yield* print(sys, 'Press any key to continue . . . ')
        yield* sys.read(0, 1)
        yield* print(sys, '\n')
        return 0
      }
      case 'call':
        // What a line holds is looked at once more.
        return yield* this.#command(yield* this.expand(tail))
      case 'exit':
        throw new Leave(Number(rest.filter((w) => w.toLowerCase() !== '/b')[0] ?? this.level))
    }
    return yield* this.#program(head, name, rest)
  }
  *#changeFolder(folder: string | undefined): Run<number> {
    const { sys } = this
    if (folder === undefined) {
      const cwd = yield* sys.getcwd()
      yield* print(sys, `${isErr(cwd) ? '' : windowsName(cwd)}\n`)
      return 0
    }
    const path = yield* objectName(sys, folder)
    const failed = yield* sys.chdir(path)
    if (!failed) return 0
    yield* warn(
      sys,
      failed.name === 'ENOTDIR' ? 'The directory name is invalid.\n' : 'The system cannot find the path specified.\n',
    )
    return 1
  }
  /** set, set PREFIX, set NAME=VALUE, set /a SUM. */
  *#set(tail: string): Run<number> {
    const text = tail.replace(/^"(.*)"$/, '$1')
    if (/^\/p\b/i.test(text)) {
      yield* warn(this.sys, 'zukan: not emulated: set /p\n')
      return 1
    }
    const sum = /^\/a\s+(.*)$/i.exec(text)
    if (sum) {
      const result = evaluateSum((sum[1] as string).replace(/^"(.*)"$/, '$1'), {
        get: (n) => Number(this.variable(n) ?? 0) || 0,
        set: (n, v) => this.set(n, String(v)),
      })
      if (typeof result === 'string') yield* warn(this.sys, `${result}\n`)
      else if (this.#batch === undefined) yield* print(this.sys, String(result))
      return typeof result === 'string' ? 1 : 0
    }
    const at = text.indexOf('=')
    if (at > 0) {
      this.set(text.slice(0, at), text.slice(at + 1))
      return 0
    }
    const shown = this.#environ()
      .filter((e) => e.toLowerCase().startsWith(text.trim().toLowerCase()))
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    if (shown.length === 0) {
      yield* warn(this.sys, `Environment variable ${text.trim()} not defined\n`)
      return 1
    }
    yield* print(this.sys, shown.map((e) => `${e}\n`).join(''))
    return 0
  }
  /** The program for a name, by the current directory and PATH; undefined where there is none. */
  *#find(name: string): Run<string | undefined> {
    const folders = /[\\/:]/.test(name) ? [''] : ['.', ...(this.variable('PATH') ?? '').split(';').filter(Boolean)]
    for (const folder of folders)
      for (const extension of /\.(exe|com|bat|cmd)$/i.test(name) ? [''] : ['.exe', '.bat', '.cmd']) {
        const path = yield* objectName(this.sys, `${folder === '' ? '' : `${folder}\\`}${name}${extension}`)
        const s = yield* this.sys.stat(path)
        if (!isErr(s) && !isDir(s.mode)) return path
      }
    return undefined
  }
  *#program(head: string, name: string, rest: readonly string[]): Run<number> {
    const { sys } = this
    const path = yield* this.#find(head)
    if (path === undefined) {
      yield* warn(
        sys,
        absent.test(name) || (!name.includes('-') && isReal(name))
          ? `zukan: not emulated: ${name}\n`
          : `'${head}' is not recognized as an internal or external command,\noperable program or batch file.\n`,
      )
      return 9009
    }
    if (/\.(bat|cmd)$/i.test(path)) {
      const inner = new Cmd(sys, [head, ...rest])
      inner.environment.clear()
      for (const [k, v] of this.environment) inner.environment.set(k, v)
      try {
        return yield* inner.runBatch(path)
      } catch (e) {
        if (!(e instanceof Leave)) throw e
        return e.code
      } finally {
        for (const [k, v] of inner.environment) this.environment.set(k, v)
      }
    }
    const env = this.#environ()
    const pid = yield* sys.fork(function* (child) {
      const failed = yield* child.execve(path, [head, ...rest], env)
      yield* warn(
        child,
        failed.name === 'ENOEXEC' ? 'This program cannot be run in this version of Windows.\n' : `${failed.text}\n`,
      )
      return 193
    })
    if (isErr(pid)) return 1
    const r = yield* sys.wait(pid)
    return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
  }
}
/** `:~from,count` and `:old=new` behind a variable's name. */
function changed(v: string, change: string | undefined): string {
  if (change === undefined) return v
  const cut = /^~(-?\d+)(?:,(-?\d+))?$/.exec(change)
  if (cut) {
    const from = Number(cut[1]) < 0 ? Math.max(0, v.length + Number(cut[1])) : Number(cut[1])
    if (cut[2] === undefined) return v.slice(from)
    return Number(cut[2]) < 0 ? v.slice(from, Number(cut[2])) : v.slice(from, from + Number(cut[2]))
  }
  const at = change.indexOf('=')
  if (at <= 0) return v
  const old = change.slice(0, at).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return v.replace(new RegExp(old, 'gi'), () => change.slice(at + 1))
}

/** ps(1) of procps-ng 4: UNIX options with a dash, BSD options without, and GNU's long ones. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { fail, print, warn } from '../../lib/io.ts'
import { columns, type PsColumn, type PsRow, psWorld, rowsFor } from './columns.ts'

interface Wanted {
  /** Columns by name, with a header of their own where one was given. */
  format: (readonly [name: string, header: string | undefined])[] | undefined
  everyone: boolean
  /** BSD: also without a terminal; all users. */
  noTerminal: boolean
  allUsers: boolean
  pids: number[]
  parents: number[]
  sessions: number[]
  commands: string[]
  uids: string[]
  ttys: string[]
  forest: boolean
  unlimited: boolean
  headings: boolean
  sort: string[]
  bsd: boolean
}
const usage = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`
const list = (text: string): [string, string | undefined][] => {
  const out: [string, string | undefined][] = []
  // `a,b=TEXT`: a header goes to the end of the word.
  let rest = text
  while (rest !== '') {
    const m = /^([^,=\s]+)(=(.*))?/.exec(rest)
    if (!m) break
    if (m[2] !== undefined) {
      out.push([m[1] as string, m[3] ?? ''])
      break
    }
    out.push([m[1] as string, undefined])
    rest = rest.slice((m[1] as string).length).replace(/^[,\s]+/, '')
  }
  return out
}
const formats: Readonly<Record<string, string>> = {
  plain: 'pid,tname=TTY,time,ucmd',
  f: 'user=UID,pid,ppid,c,stime=STIME,tname=TTY,time,cmd',
  F: 'user=UID,pid,ppid,c,sz,rss,psr,stime=STIME,tname=TTY,time,cmd',
  l: 'f,s,uid,pid,ppid,c,pri,ni,addr,sz,wchan,tname=TTY,time,ucmd',
  j: 'pid,pgid,sid,tname=TTY,time,ucmd',
  u: 'user,pid,%cpu,%mem,vsz,rss,tname=TTY,stat,start_time=START,bsdtime,args',
  bsd: 'pid,tname=TTY,stat,bsdtime,args',
  bsdj: 'ppid,pid,pgid,sid,tname=TTY,tpgid,stat,uid,bsdtime,args',
}
const named = (key: string): (readonly [string, string | undefined])[] =>
  (formats[key] ?? '').split(',').map((w) => [w.split('=')[0] as string, w.split('=')[1]] as const)
const bsdTime: PsColumn = {
  header: 'TIME',
  width: 6,
  right: true,
  cell: (r) => {
    const s = Math.floor((r.utime + r.stime) / 100)
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
  },
}
const columnOf = (name: string): PsColumn | undefined =>
  name === 'bsdtime' ? bsdTime : Object.hasOwn(columns, name) ? columns[name] : undefined

/** Reads the command line; the exit code where it is wrong. */
function* read(sys: Sys, argv: readonly string[]): Run<Wanted | ExitCode> {
  const w: Wanted = {
    format: undefined,
    everyone: false,
    noTerminal: false,
    allUsers: false,
    pids: [],
    parents: [],
    sessions: [],
    commands: [],
    uids: [],
    ttys: [],
    forest: false,
    unlimited: false,
    headings: true,
    sort: [],
    bsd: false,
  }
  const words = argv.slice(1)
  const numbers = (text: string): number[] =>
    text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number)
  function* bad(text: string): Run<ExitCode> {
    yield* warn(sys, `error: ${text}\n${usage}`)
    return 1
  }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (/^\d[\d,]*$/.test(word)) {
      w.pids.push(...numbers(word))
      continue
    }
    if (word.startsWith('--')) {
      const [key = '', inline] = word.slice(2).split(/=(.*)/s)
      const value = (): string => inline ?? words.shift() ?? ''
      switch (key) {
        case 'forest':
          w.forest = true
          break
        case 'no-headers':
        case 'no-heading':
        case 'no-headings':
          w.headings = false
          break
        case 'sort':
          w.sort = value().split(',')
          break
        case 'pid':
          w.pids.push(...numbers(value()))
          break
        case 'ppid':
          w.parents.push(...numbers(value()))
          break
        case 'format':
          w.format = [...(w.format ?? []), ...list(value())]
          break
        case 'user':
          w.uids.push(...value().split(','))
          break
        case 'version':
          yield* print(sys, 'ps from procps-ng 4.0.4\n')
          return 0
        default:
          return key === 'help'
            ? yield* fail(sys, 'zukan: not emulated: ps --help')
            : yield* bad('unknown gnu long option')
      }
      continue
    }
    const unix = word.startsWith('-')
    const letters = unix ? word.slice(1) : word
    if (!unix) w.bsd = true
    for (let i = 0; i < letters.length; i++) {
      const c = letters[i] as string
      const value = (): string => {
        const rest = letters.slice(i + 1)
        i = letters.length
        return rest || (words.shift() ?? '')
      }
      if (unix) {
        // `ps -aux` means what `ps aux` means, unless there is a user x.
        if (c === 'u' && letters.startsWith('aux')) {
          w.everyone = true
          w.bsd = true
          w.format = named('u')
          if (letters.includes('f')) w.forest = true
          break
        }
        switch (c) {
          case 'e':
          case 'A':
            w.everyone = true
            break
          case 'a':
            w.allUsers = true
            break
          case 'd':
            w.everyone = true
            break
          case 'f':
            w.format = named('f')
            break
          case 'F':
            w.format = named('F')
            break
          case 'l':
            w.format = named('l')
            break
          case 'j':
            w.format = named('j')
            break
          case 'H':
            w.forest = true
            break
          case 'w':
            w.unlimited = true
            break
          case 'y':
          case 'L':
          case 'T':
          case 'm':
          case 'M':
          case 'Z':
            return yield* fail(sys, `zukan: not emulated: ps -${c}`)
          case 'o':
          case 'O':
            w.format = [...(w.format ?? []), ...list(value())]
            break
          case 'p':
          case 'q':
            w.pids.push(...numbers(value()))
            break
          case 's':
          case 'g':
            w.sessions.push(...numbers(value()))
            break
          case 'C':
            w.commands.push(...value().split(','))
            break
          case 'u':
          case 'U':
            w.uids.push(...value().split(','))
            break
          case 't':
            w.ttys.push(...value().split(','))
            break
          case 'V':
            yield* print(sys, 'ps from procps-ng 4.0.4\n')
            return 0
          default:
            return yield* bad('unsupported SysV option')
        }
        continue
      }
      switch (c) {
        case 'a':
          w.allUsers = true
          break
        case 'x':
          w.noTerminal = true
          break
        case 'u':
          w.format = named('u')
          break
        case 'j':
          w.format = named('bsdj')
          break
        case 'f':
          w.forest = true
          break
        case 'w':
          w.unlimited = true
          break
        case 'h':
          w.headings = false
          break
        case 'o':
        case 'O':
          w.format = [...(w.format ?? []), ...list(value())]
          break
        case 'p':
          w.pids.push(...numbers(value()))
          break
        case 'k':
          w.sort = value().split(',')
          break
        case 'U':
          w.uids.push(...value().split(','))
          break
        case 'e':
        case 'l':
        case 's':
        case 'v':
        case 'm':
        case 'r':
        case 'T':
        case 't':
        case 'c':
        case 'g':
        case 'n':
        case 'S':
        case 'X':
        case 'L':
          return yield* fail(sys, `zukan: not emulated: ps ${c}`)
        default:
          return yield* bad('unsupported option (BSD syntax)')
      }
    }
  }
  return w
}

/** Children below their parents, with branches. */
function asForest(rows: readonly PsRow[], unixStyle: boolean): PsRow[] {
  const known = new Set(rows.map((r) => r.pid))
  const out: PsRow[] = []
  const walk = (list: readonly PsRow[], prefix: string, depth: number): void => {
    list.forEach((r, i) => {
      const last = i === list.length - 1
      r.branch = depth === 0 ? '' : unixStyle ? '  '.repeat(depth) : `${prefix} \\_ `
      out.push(r)
      walk(
        rows.filter((c) => c.ppid === r.pid && c !== r),
        depth === 0 ? '' : `${prefix}${last ? '    ' : ' |  '}`,
        depth + 1,
      )
    })
  }
  walk(
    rows.filter((r) => !known.has(r.ppid) || r.ppid === r.pid),
    '',
    0,
  )
  return out
}

export const ps: Program = function* (sys, argv) {
  const w = yield* read(sys, argv)
  if (typeof w === 'number') return w
  const format = w.format ?? named(w.bsd ? 'bsd' : 'plain')
  for (const [name] of format)
    if (!columnOf(name.toLowerCase())) {
      yield* warn(sys, `error: unknown user-defined format specifier "${name}"\n${usage}`)
      return 1
    }
  const sortKeys = w.sort.map((k) => k.replace(/^[+-]/, ''))
  const rows = yield* rowsFor(sys, [...format.map(([n]) => n.toLowerCase()), ...sortKeys])
  const world = yield* psWorld(sys)
  const me = yield* sys.getpid()
  const self = rows.find((r) => r.pid === me)
  const uids = w.uids.map((u) => (/^\d+$/.test(u) ? Number(u) : [...world.names].find(([, n]) => n === u)?.[0]))
  if (uids.includes(undefined)) return yield* fail(sys, `error: user name does not exist\n${usage}`)
  const chosen =
    w.pids.length + w.parents.length + w.commands.length + uids.length + w.ttys.length + w.sessions.length > 0
  let picked = rows.filter((r) => {
    if (chosen && !w.everyone)
      return (
        w.pids.includes(r.pid) ||
        w.parents.includes(r.ppid) ||
        w.sessions.includes(r.sid) ||
        w.commands.includes(r.comm) ||
        uids.includes(r.uid) ||
        w.ttys.includes(`pts/${r.tty & 255}`)
      )
    if (w.everyone) return true
    if (w.bsd) return (w.allUsers || r.uid === self?.uid) && (w.noTerminal || r.tty !== 0)
    if (w.allUsers) return r.tty !== 0 && r.sid !== r.pid
    return r.tty === self?.tty && r.uid === self?.uid
  })
  for (const key of [...w.sort].reverse()) {
    const name = key.replace(/^[+-]/, '')
    const c = columnOf(name)
    if (!c) {
      yield* warn(sys, `error: unknown sort specifier\n${usage}`)
      return 1
    }
    const value = (r: PsRow): number | string => {
      const text = c.cell(r, world)
      return c.right && !Number.isNaN(Number(text)) ? Number(text) : text
    }
    const sign = key.startsWith('-') ? -1 : 1
    picked = picked.slice().sort((a, b) => {
      const [x, y] = [value(a), value(b)]
      return sign * (x < y ? -1 : x > y ? 1 : 0)
    })
  }
  if (w.forest)
    picked = asForest(
      picked,
      argv.some((a) => /^-[a-zA-Z]*H/.test(a)),
    )
  const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
  const limit = isErr(size) || w.unlimited ? Number.POSITIVE_INFINITY : size.columns
  const cells = format.map(([name, header]) => {
    const c = columnOf(name.toLowerCase()) as PsColumn
    // Numbers of processes get as wide as they need; USER and friends stay.
    return { ...c, header: header ?? c.header, width: Math.max(c.width, (header ?? c.header).length) }
  })
  const line = (texts: readonly string[]): string => {
    const out = texts
      .map((t, i) => {
        const c = cells[i] as PsColumn
        return c.right ? t.padStart(c.width) : i === texts.length - 1 ? t : t.padEnd(c.width)
      })
      .join(' ')
    return `${out.slice(0, limit)}\n`
  }
  let text = w.headings && cells.some((c) => c.header !== '') ? line(cells.map((c) => c.header)) : ''
  for (const r of picked) text += line(cells.map((c) => c.cell(r, world)))
  yield* print(sys, text)
  return picked.length > 0 ? 0 : 1
}

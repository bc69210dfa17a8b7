/** A build's progress as buildx shows it: plain text, or a table that is drawn anew on a terminal (BuildKit's progressui). */

import type { Status } from '../../../engine/buildkit/builder.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { write } from '../../../userland/lib/io.ts'

type Part = Extract<Status, { status: unknown }>['status']
interface Row {
  readonly index: number
  name: string
  started: number | undefined
  completed: number | undefined
  cached: boolean
  error: string
  readonly statuses: Map<string, Part>
  /** What it printed, with times; the last line may be unfinished. */
  readonly logs: string[]
  partial: string
}
export interface Progress {
  update(s: Status): Run<void>
  /** What stays when all is over; logs of a step that failed come again. */
  finish(): Run<void>
}
const units = ['B', 'kB', 'MB', 'GB', 'TB']
/** Two digits behind the point, none for bytes. */
export function sizeText(bytes: number): string {
  let value = bytes
  let i = 0
  while (value >= 1000 && i < units.length - 1) {
    value /= 1000
    i++
  }
  return i === 0 ? `${bytes}B` : `${value.toFixed(2)}${units[i]}`
}
const seconds = (ns: number, digits = 1): string => (ns / 1e9).toFixed(digits)

/** The steps so far, in the order they came. */
class Rows {
  readonly list: Row[] = []
  readonly byId = new Map<string, Row>()
  began: number | undefined
  last = 0
  apply(s: Status): Row | undefined {
    if ('vertex' in s) {
      const v = s.vertex
      const row: Row = this.byId.get(v.id) ?? {
        index: this.list.length + 1,
        name: v.name,
        started: v.started,
        completed: undefined,
        cached: false,
        error: '',
        statuses: new Map(),
        logs: [],
        partial: '',
      }
      if (!this.byId.has(v.id)) {
        this.byId.set(v.id, row)
        this.list.push(row)
      }
      this.began ??= v.started
      row.started ??= v.started
      row.completed = v.completed
      row.cached = v.cached ?? false
      row.error = v.error ?? ''
      this.last = Math.max(this.last, v.completed ?? v.started ?? 0)
      return row
    }
    const row = this.byId.get('status' in s ? s.status.vertex : s.log.vertex)
    if (!row) return undefined
    if ('status' in s) {
      row.statuses.set(s.status.id, s.status)
      this.last = Math.max(this.last, s.status.time)
    } else {
      const stamp = seconds(s.log.time - (row.started ?? s.log.time), 3).slice(0, 5)
      const lines = (row.partial + s.log.text).split('\n')
      row.partial = lines.pop() ?? ''
      for (const l of lines) row.logs.push(`${stamp} ${l.replace(/^.*\r(?!$)/, '').replace(/\r$/, '')}`)
      this.last = Math.max(this.last, s.log.time)
    }
    return row
  }
  /** An unfinished last line, when its step is over. */
  flush(row: Row): void {
    if (row.partial === '') return
    const stamp = seconds((row.completed ?? this.last) - (row.started ?? 0), 3).slice(0, 5)
    row.logs.push(`${stamp} ${row.partial}`)
    row.partial = ''
  }
}
function* failedLogs(sys: Sys, fd: Fd, rows: Rows): Run<void> {
  for (const row of rows.list) {
    if (row.error === '') continue
    yield* write(
      sys,
      fd,
      `------\n > ${row.name}:\n${row.logs
        .slice(-24)
        .map((l) => `${l}\n`)
        .join('')}------\n`,
    )
  }
}
const statusLine = (s: Part): string => {
  const bytes = s.total
    ? ` ${sizeText(s.current ?? 0)} / ${sizeText(s.total)}`
    : s.current
      ? ` ${sizeText(s.current)}`
      : ''
  const took = s.time - s.started
  return `${s.id}${bytes}${took > 1e7 ? ` ${seconds(took)}s` : ''}${s.completed ? ' done' : ''}`
}

/** --progress=plain */
export class PlainProgress implements Progress {
  readonly #sys: Sys
  readonly #fd: Fd
  readonly #rows = new Rows()
  #current: Row | undefined
  #shown = 0
  constructor(sys: Sys, fd: Fd) {
    this.#sys = sys
    this.#fd = fd
  }
  *begin(): Run<void> {
    yield* write(this.#sys, this.#fd, '#0 building with "default" instance using docker driver\n')
  }
  *update(s: Status): Run<void> {
    const row = this.#rows.apply(s)
    if (!row) return
    let out = ''
    if (this.#current !== row) {
      if (this.#current && this.#current.completed === undefined) out += `#${this.#current.index} ...\n`
      out += `\n#${row.index} ${row.name}\n`
      this.#current = row
      this.#shown = 0
    }
    const n = row.index
    if ('status' in s) out += `#${n} ${statusLine(s.status)}\n`
    if (row.completed !== undefined) this.#rows.flush(row)
    for (; this.#shown < row.logs.length; this.#shown++) out += `#${n} ${row.logs[this.#shown]}\n`
    if ('vertex' in s && row.completed !== undefined)
      out +=
        row.error !== ''
          ? `#${n} ERROR: ${row.error}\n`
          : row.cached
            ? `#${n} CACHED\n`
            : `#${n} DONE ${seconds(row.completed - (row.started ?? row.completed))}s\n`
    yield* write(this.#sys, this.#fd, out)
  }
  finish(): Run<void> {
    return failedLogs(this.#sys, this.#fd, this.#rows)
  }
}

/** On a terminal: a line a step, the times at the right edge. */
export class TerminalProgress implements Progress {
  readonly #sys: Sys
  readonly #fd: Fd
  readonly #rows = new Rows()
  readonly #width: number
  #drawn = 0
  constructor(sys: Sys, fd: Fd, width: number) {
    this.#sys = sys
    this.#fd = fd
    this.#width = Math.max(40, width)
  }
  #lines(over: boolean): string[] {
    const rows = this.#rows
    const done = rows.list.filter((r) => r.completed !== undefined)
    const failed = rows.list.some((r) => r.error !== '')
    const right = (left: string, end: string): string => {
      const room = this.#width - end.length - 1
      return `${left.length > room ? `${left.slice(0, room - 3)}...` : left.padEnd(room)} ${end}`
    }
    const state = over ? (failed ? 'FINISHED' : 'FINISHED') : ''
    const head = `[+] Building ${seconds(rows.last - (rows.began ?? rows.last))}s (${done.length}/${rows.list.length}) ${state}`
    const out = [right(head.trimEnd(), 'docker:default')]
    for (const r of rows.list) {
      const mark = r.error !== '' ? 'ERROR ' : r.cached ? 'CACHED ' : ''
      const took = (r.completed ?? rows.last) - (r.started ?? rows.last)
      out.push(right(` => ${mark}${r.name}`, `${seconds(took)}s`))
      for (const s of r.statuses.values())
        out.push(
          right(
            ` => => ${[s.id, s.total ? `${sizeText(s.current ?? 0)} / ${sizeText(s.total)}` : s.current ? sizeText(s.current) : ''].filter(Boolean).join(' ')}`,
            `${seconds(s.time - s.started)}s`,
          ),
        )
      if (!over && r.completed === undefined)
        for (const l of r.logs.slice(-6)) out.push(right(` => => # ${l.replace(/^\S+ /, '')}`, ''))
    }
    return out
  }
  *#draw(over: boolean): Run<void> {
    const lines = this.#lines(over)
    const back = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[J` : ''
    this.#drawn = lines.length
    yield* write(this.#sys, this.#fd, back + lines.map((l) => `${l.trimEnd()}\n`).join(''))
  }
  *update(s: Status): Run<void> {
    const row = this.#rows.apply(s)
    if (row?.completed !== undefined) this.#rows.flush(row)
    yield* this.#draw(false)
  }
  *finish(): Run<void> {
    yield* this.#draw(true)
    yield* failedLogs(this.#sys, this.#fd, this.#rows)
  }
}
/** --progress=quiet, and -q. */
export class NoProgress implements Progress {
  *update(): Run<void> {}
  *finish(): Run<void> {}
}
/** --progress=rawjson */
export class RawProgress implements Progress {
  readonly #sys: Sys
  readonly #fd: Fd
  constructor(sys: Sys, fd: Fd) {
    this.#sys = sys
    this.#fd = fd
  }
  *update(s: Status): Run<void> {
    yield* write(this.#sys, this.#fd, `${JSON.stringify(s)}\n`)
  }
  *finish(): Run<void> {}
}

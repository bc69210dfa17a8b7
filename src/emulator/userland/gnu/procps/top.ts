/** top(1) of procps-ng: batch mode, and the screen that renews itself until q. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGINT } from '../../../kernel/linux/signals.ts'
import { users } from '../../lib/accounts.ts'
import { decode, fail, print, readText } from '../../lib/io.ts'
import { meminfo, type ProcessRow, processes } from '../../lib/proc.ts'
import { getopt } from '../getopt.ts'
import { uptimeLine } from './load.ts'

interface Sample {
  readonly time: number
  readonly ticks: ReadonlyMap<number, number>
  /** user, nice, system, idle in ticks. */
  readonly cpu: readonly number[]
}
function* sample(sys: Sys, rows: readonly ProcessRow[]): Run<Sample> {
  const stat = yield* readText(sys, '/proc/stat')
  return {
    time: yield* sys.clock('monotonic'),
    ticks: new Map(rows.map((r) => [r.pid, r.utime + r.stime])),
    cpu: isErr(stat) ? [0, 0, 0, 0] : (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 4).map(Number),
  }
}
const elapsed = (ticks: number): string => {
  const s = ticks / 100
  return `${Math.floor(s / 60)}:${(s % 60).toFixed(2).padStart(5, '0')}`
}

/** One screen's text. */
function* screen(
  sys: Sys,
  before: Sample | undefined,
  pick: (r: ProcessRow) => boolean,
  columns: number,
): Run<{ readonly text: string; readonly now: Sample }> {
  const rows = yield* processes(sys)
  const now = yield* sample(sys, rows)
  const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const m = yield* meminfo(sys)
  const { uptime } = yield* sys.sysinfo()
  const count = (s: string): number => rows.filter((r) => (s === 'S' ? 'SDI' : s).includes(r.state)).length
  const spent = now.cpu.map((x, i) => x - (before?.cpu[i] ?? 0))
  const all = Math.max(
    1,
    spent.reduce((a, b) => a + b, 0),
  )
  const share = (i: number): string => (((spent[i] ?? 0) / all) * 100).toFixed(1).padStart(5)
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1).padStart(8)
  const v = (k: string): number => m[k] ?? 0
  const head = `top -${yield* uptimeLine(sys)}
Tasks: ${String(rows.length).padStart(3)} total, ${String(count('R')).padStart(3)} running, ${String(count('S')).padStart(3)} sleeping, ${String(count('T')).padStart(3)} stopped, ${String(count('Z')).padStart(3)} zombie
%Cpu(s):${share(0)} us,${share(2)} sy,${share(1)} ni,${share(3)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st 
MiB Mem : ${mib(v('MemTotal'))} total, ${mib(v('MemFree'))} free, ${mib(v('MemTotal') - v('MemAvailable'))} used, ${mib(v('Buffers') + v('Cached') + v('SReclaimable'))} buff/cache     
MiB Swap: ${mib(v('SwapTotal'))} total, ${mib(v('SwapFree'))} free, ${mib(v('SwapTotal') - v('SwapFree'))} used. ${mib(v('MemAvailable'))} avail Mem 

    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
`
  const usage = (r: ProcessRow): number => {
    const since = before ? (now.time - before.time) / 1e9 : uptime / 1e9 - r.start / 100
    const ticks = r.utime + r.stime - (before?.ticks.get(r.pid) ?? 0)
    return since > 0 ? ticks / since : 0
  }
  const list = rows
    .filter(pick)
    .map((r) => ({ r, cpu: usage(r) }))
    .sort((a, b) => b.cpu - a.cpu || a.r.pid - b.r.pid)
  const user = (r: ProcessRow): string => {
    const n = names.get(r.uid) ?? String(r.uid)
    return n.length > 8 ? `${n.slice(0, 7)}+` : n
  }
  const kb = (bytes: number, width: number): string => String(Math.floor(bytes / 1024)).padStart(width)
  const body = list
    .map(
      ({ r, cpu }) =>
        `${String(r.pid).padStart(7)} ${user(r).padEnd(8)} ${String(20 + r.nice).padStart(3)} ${String(r.nice).padStart(3)} ${kb(r.vsz, 7)} ${kb(r.rss, 6)} ${kb(Math.min(r.rss, 131072), 6)} ${r.state} ${cpu.toFixed(1).padStart(5)} ${((r.rss / v('MemTotal')) * 100).toFixed(1).padStart(5)} ${elapsed(r.utime + r.stime).padStart(9)} ${r.comm}`,
    )
    .map((l) => `${l.slice(0, columns)}\n`)
    .join('')
  return { text: head + body, now }
}

export const top: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'top',
      short: 'bn:d:p:u:cHiSs1eEo:Ow:hv',
      long: { 'batch-mode': 'b', 'iterations=': 'n', 'delay=': 'd', 'pid=': 'p' },
    },
    argv,
  )
  if (typeof o === 'number') return o
  const odd = ['c', 'H', 'i', 'S', 's', '1', 'e', 'E', 'o', 'O', 'h', 'v'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: top -${odd}`)
  const pids = o.all('p').flatMap((p) => p.split(',').map(Number))
  const names = new Map((yield* users(sys)).map((u) => [u.name, u.uid]))
  const who = o.value('u')
  const uid = who === undefined ? undefined : /^\d+$/.test(who) ? Number(who) : names.get(who)
  if (who !== undefined && uid === undefined) return yield* fail(sys, 'top: Invalid user')
  const pick = (r: ProcessRow): boolean =>
    (pids.length === 0 || pids.includes(r.pid)) && (uid === undefined || r.uid === uid)
  const rounds = Number(o.value('n') ?? Number.POSITIVE_INFINITY)
  const delay = Number(o.value('d') ?? 3) * 1e9
  let before: Sample | undefined
  if (o.has('b')) {
    const width = Number(o.value('w') ?? 512)
    for (let n = 0; n < rounds; n++) {
      const made = yield* screen(sys, before, pick, width)
      yield* print(sys, n === 0 ? made.text : `\n${made.text}`)
      before = made.now
      if (n + 1 < rounds) yield* sys.nanosleep(delay)
    }
    return 0
  }
  const size = yield* sys.ioctl<{ rows: number; columns: number }>(1, 'TIOCGWINSZ')
  const modes = yield* sys.ioctl<Record<string, unknown>>(0, 'TCGETS')
  if (isErr(size) || isErr(modes)) return yield* fail(sys, 'top: failed tty get')
  yield* sys.ioctl(0, 'TCSETS', { ...modes, icanon: false, echo: false })
  let stop = false
  yield* sys.sigaction(SIGINT, function* () {
    stop = true
  })
  for (let n = 0; n < rounds && !stop; n++) {
    const made = yield* screen(sys, before, pick, size.columns)
    before = made.now
    yield* print(
      sys,
      `\x1b[H\x1b[2J${made.text
        .split('\n')
        .slice(0, size.rows - 1)
        .join('\n')}`,
    )
    if (n + 1 >= rounds) break
    const ready = yield* sys.poll([{ fd: 0, read: true }], delay)
    if (!isErr(ready) && ready.length > 0) {
      const keys = yield* sys.read(0, 16)
      if (isErr(keys) || keys.length === 0 || /[q\x03]/.test(decode(keys))) break
    }
  }
  yield* sys.ioctl(0, 'TCSETS', modes)
  yield* print(sys, '\n')
  return 0
}

/** top: processes by the processor time they take, renewed every few seconds. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { users } from '../../lib/accounts.ts'
import { FullScreen } from '../../lib/fullscreen.ts'
import { print, readText, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { meminfo, type ProcessRow, processes } from '../../lib/proc.ts'
import type { Applet } from '../../program.ts'

interface Sample {
  readonly time: number
  readonly ticks: ReadonlyMap<number, number>
  /** user, nice, system, idle in ticks. */
  readonly cpu: readonly number[]
}
type Order = 'cpu' | 'memory' | 'pid' | 'time'

/** Five columns of a size: kilobytes, or with a unit where they don't fit. */
function size5(bytes: number): string {
  const kb = Math.floor(bytes / 1024)
  if (kb < 100_000) return String(kb).padStart(5)
  const mb = kb / 1024
  return (mb < 10_000 ? `${Math.floor(mb)}m` : `${Math.floor(mb / 1024)}g`).padStart(5)
}
function* sample(sys: Sys, rows: readonly ProcessRow[]): Run<Sample> {
  const stat = yield* readText(sys, '/proc/stat')
  return {
    time: yield* sys.clock('monotonic'),
    ticks: new Map(rows.map((r) => [r.pid, r.utime + r.stime])),
    cpu: isErr(stat) ? [0, 0, 0, 0] : (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').slice(0, 4).map(Number),
  }
}
const states = (r: ProcessRow): string =>
  `${r.state}${r.vsz === 0 ? 'W' : ' '}${r.nice < 0 ? '<' : r.nice > 0 ? 'N' : ' '}`

/** The lines of one picture: three of the machine, the headings, and a line a process. */
function* picture(
  sys: Sys,
  before: Sample | undefined,
  order: Order,
): Run<{ readonly head: string[]; readonly rows: string[]; readonly now: Sample }> {
  const list = yield* processes(sys)
  const now = yield* sample(sys, list)
  const { uptime } = yield* sys.sysinfo()
  const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const m = yield* meminfo(sys)
  const load = yield* readText(sys, '/proc/loadavg')
  const kb = (name: string): number => Math.floor((m[name] ?? 0) / 1024)
  const spent = now.cpu.map((x, i) => Math.max(0, x - (before?.cpu[i] ?? 0)))
  const all = Math.max(
    1,
    spent.reduce((a, b) => a + b, 0),
  )
  const share = (i: number): string => `${String(Math.round(((spent[i] ?? 0) * 100) / all)).padStart(4)}%`
  const head = [
    `Mem: ${kb('MemTotal') - kb('MemFree')}K used, ${kb('MemFree')}K free, ${kb('Shmem')}K shrd, ${kb('Buffers')}K buff, ${kb('Cached')}K cached`,
    `CPU:${share(0)} usr${share(2)} sys${share(1)} nic${share(3)} idle   0% io   0% irq   0% sirq`,
    `Load average: ${isErr(load) ? '' : load.trim()}`,
    '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND',
  ]
  const since = Math.max(1e7, before ? now.time - before.time : uptime)
  const usage = (r: ProcessRow): number => {
    const ticks = r.utime + r.stime - (before?.ticks.get(r.pid) ?? 0)
    return (ticks * 1e7 * 100) / since
  }
  const total = Math.max(1, m.MemTotal ?? 1)
  const items = list.map((r) => ({ r, cpu: usage(r) }))
  const by: Record<Order, (a: (typeof items)[number], b: (typeof items)[number]) => number> = {
    cpu: (a, b) => b.cpu - a.cpu || b.r.vsz - a.r.vsz,
    memory: (a, b) => b.r.vsz - a.r.vsz,
    pid: (a, b) => b.r.pid - a.r.pid,
    time: (a, b) => b.r.utime + b.r.stime - a.r.utime - a.r.stime,
  }
  items.sort((a, b) => by[order](a, b) || a.r.pid - b.r.pid)
  const rows = items.map(
    ({ r, cpu }) =>
      `${String(r.pid).padStart(5)}${String(r.ppid).padStart(6)} ${(names.get(r.uid) ?? String(r.uid)).slice(0, 8).padEnd(8)} ${states(r)}  ${size5(r.vsz)}${String(Math.floor((r.vsz * 100) / total)).padStart(4)}% ${String(r.cpu).padStart(3)}${String(Math.floor(cpu)).padStart(4)}% ${r.args}`,
  )
  return { head, rows, now }
}

export const top: Applet = {
  name: 'top',
  usage: '[-bmH] [-n COUNT] [-d SECONDS]',
  help: "Show a view of process activity in real time.\nRead the status of all processes from /proc each SECONDS\nand show a screenful of them.\nKeys:\n\tN/M/P/T: sort by pid/mem/cpu/time\n\tR: reverse sort\n\tH: toggle threads, 1: toggle SMP\n\tQ,^C: exit\n\nOptions:\n\t-b\tBatch mode\n\t-n N\tExit after N iterations\n\t-d SEC\tDelay between updates\n\t-m\tSame as 's' key\n\t-H\tShow threads",
  *run(sys, argv) {
    const o = yield* getopt(
      sys,
      top,
      [argv[0] as string, ...argv.slice(1).map((a, i) => (i === 0 && /^[bmHnd]/.test(a) ? `-${a}` : a))],
      'd:n:bHm',
    )
    if (typeof o === 'number') return o
    const odd = ['H', 'm'].find((l) => o.has(l))
    if (odd !== undefined) {
      yield* warn(sys, `zukan: not emulated: top -${odd}\n`)
      return 1
    }
    const rounds = o.has('n') ? Number(o.value('n')) : Number.POSITIVE_INFINITY
    const delay = Number(o.value('d') ?? 5) * 1e9
    if (!(rounds >= 0) || !(delay >= 0)) {
      yield* warn(sys, `top: invalid number '${o.value(rounds >= 0 ? 'd' : 'n')}'\n`)
      return 1
    }
    let before: Sample | undefined
    const terminal = !isErr(yield* sys.ioctl(1, 'TCGETS'))
    if (o.has('b') || !terminal) {
      const width = 80
      for (let n = 0; n < rounds; n++) {
        const { head, rows, now } = yield* picture(sys, before, 'cpu')
        before = now
        yield* print(sys, [...head, ...rows].map((l) => `${l.slice(0, width - 1)}\n`).join(''))
        if (n + 1 < rounds) yield* sys.nanosleep(delay)
      }
      return 0
    }
    const screen = yield* FullScreen.open(sys, { strict: false })
    if (isErr(screen)) return 1
    let order: Order = 'cpu'
    let reverse = false
    for (let n = 0; n < rounds; n++) {
      yield* screen.measure()
      const { head, rows, now } = yield* picture(sys, before, order)
      before = now
      const cut = (l: string): string => l.slice(0, screen.columns)
      const list = (reverse ? rows.reverse() : rows).slice(0, Math.max(0, screen.rows - head.length))
      const shown = head.map((l, i) => (i === 3 ? `\x1b[7m${cut(l.padEnd(screen.columns))}\x1b[m` : cut(l)))
      yield* screen.draw([...shown, ...list.map(cut)], 0, 0)
      if (n + 1 >= rounds) break
      const key = (yield* screen.key(delay))?.toLowerCase()
      if (key === 'q' || key === '\x03' || screen.ended) break
      if (key === 'n') order = 'pid'
      else if (key === 'm') order = 'memory'
      else if (key === 'p') order = 'cpu'
      else if (key === 't') order = 'time'
      else if (key === 'r') reverse = !reverse
    }
    yield* screen.close()
    yield* print(sys, '\n')
    return 0
  },
}

/** uptime(1), w(1), free(1), vmstat(8) of procps-ng: the machine's load and memory. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { fail, print, readText } from '../../lib/io.ts'
import { meminfo, processes } from '../../lib/proc.ts'
import { strftime } from '../../lib/time.ts'
import { getopt } from '../getopt.ts'

const two = (n: number): string => String(n).padStart(2, '0')
/** ` 09:00:12 up 1 min,  1 user,  load average: 0.00, 0.00, 0.00`: the first line of uptime, w and top. */
export function* uptimeLine(sys: Sys): Run<string> {
  const { uptime, loads } = yield* sys.sysinfo()
  const minutes = Math.floor(uptime / 60e9)
  const days = Math.floor(minutes / 1440)
  const hours = Math.floor(minutes / 60) % 24
  const span = `${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${two(minutes % 60)}` : `${minutes % 60} min`}`
  const terminals = new Set((yield* processes(sys)).filter((p) => p.tty !== 0 && p.sid === p.pid).map((p) => p.tty))
  return ` ${strftime('%H:%M:%S', yield* sys.clock('realtime'))} up ${span}, ${String(terminals.size).padStart(2)} user${terminals.size === 1 ? '' : 's'},  load average: ${loads.map((l) => l.toFixed(2)).join(', ')}`
}

export const uptime: Program = function* (sys, argv) {
  const o = yield* getopt(sys, { name: 'uptime', short: 'psV', long: { pretty: 'p', since: 's', version: 'V' } }, argv)
  if (typeof o === 'number') return o
  const { uptime: up } = yield* sys.sysinfo()
  if (o.has('p')) {
    const m = Math.floor(up / 60e9)
    const part = (n: number, unit: string): string[] => (n > 0 ? [`${n} ${unit}${n > 1 ? 's' : ''}`] : [])
    const parts = [
      ...part(Math.floor(m / 1440), 'day'),
      ...part(Math.floor(m / 60) % 24, 'hour'),
      ...part(m % 60, 'minute'),
    ]
    yield* print(sys, `up ${parts.join(', ') || '0 minutes'}\n`)
  } else if (o.has('s')) yield* print(sys, `${strftime('%Y-%m-%d %H:%M:%S', (yield* sys.clock('realtime')) - up)}\n`)
  else yield* print(sys, `${yield* uptimeLine(sys)}\n`)
  return 0
}

export const free: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'free',
      short: 'bkmghlLtvwc:s:',
      long: {
        bytes: 'b',
        kibi: 'k',
        mebi: 'm',
        gibi: 'g',
        human: 'h',
        wide: 'w',
        total: 't',
        'count=': 'c',
        'seconds=': 's',
        si: 'si',
      },
    },
    argv,
  )
  if (typeof o === 'number') return o
  const odd = ['l', 'L', 'v', 'c', 's', 'si'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: free -${odd}`)
  const m = yield* meminfo(sys)
  const v = (k: string): number => m[k] ?? 0
  const unit = o.has('m') ? 2 ** 20 : o.has('g') ? 2 ** 30 : o.has('b') ? 1 : 1024
  const human = (n: number): string => {
    for (const [suffix, size] of [
      ['Ti', 2 ** 40],
      ['Gi', 2 ** 30],
      ['Mi', 2 ** 20],
      ['Ki', 2 ** 10],
    ] as const) {
      if (n < size) continue
      const x = n / size
      return `${x < 10 ? (Math.floor(x * 10) / 10).toFixed(1) : Math.floor(x)}${suffix}`
    }
    return `${n}B`
  }
  const cell = (n: number): string => (o.has('h') ? human(n) : String(Math.floor(n / unit))).padStart(12)
  const row = (name: string, values: readonly number[]): string => `${name.padEnd(8)}${values.map(cell).join('')}\n`
  const cache = v('Cached') + v('SReclaimable')
  const used = v('MemTotal') - v('MemAvailable')
  const swap = [v('SwapTotal'), v('SwapTotal') - v('SwapFree'), v('SwapFree')]
  const memory = o.has('w')
    ? [v('MemTotal'), used, v('MemFree'), v('Shmem'), v('Buffers'), cache, v('MemAvailable')]
    : [v('MemTotal'), used, v('MemFree'), v('Shmem'), v('Buffers') + cache, v('MemAvailable')]
  const titles = o.has('w')
    ? ['total', 'used', 'free', 'shared', 'buffers', 'cache', 'available']
    : ['total', 'used', 'free', 'shared', 'buff/cache', 'available']
  yield* print(
    sys,
    `${' '.repeat(8)}${titles.map((t) => t.padStart(12)).join('')}\n${row('Mem:', memory)}${row('Swap:', swap)}${o.has('t') ? row('Total:', [v('MemTotal') + (swap[0] ?? 0), used + (swap[1] ?? 0), v('MemFree') + (swap[2] ?? 0)]) : ''}`,
  )
  return 0
}

/** vmstat: averages since boot, then one line a delay. */
export const vmstat: Program = function* (sys, argv) {
  const words = argv.slice(1)
  if (words.some((w) => w.startsWith('-')))
    return yield* fail(sys, `zukan: not emulated: vmstat ${words.find((w) => w.startsWith('-'))}`)
  const delay = Number(words[0] ?? 0)
  const count = words[1] !== undefined ? Number(words[1]) : words[0] !== undefined ? Number.POSITIVE_INFINITY : 1
  yield* print(
    sys,
    'procs -----------memory---------- ---swap-- -----io---- -system-- -------cpu-------\n r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st gu\n',
  )
  let before = [0, 0, 0]
  for (let n = 0; n < count; n++) {
    const stat = yield* readText(sys, '/proc/stat')
    const m = yield* meminfo(sys)
    const cpu = isErr(stat) ? [] : (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number)
    const now = [cpu[0] ?? 0, cpu[2] ?? 0, cpu[3] ?? 0]
    const spent = now.map((x, i) => x - (before[i] ?? 0))
    const all = Math.max(
      1,
      spent.reduce((a, b) => a + b, 0),
    )
    const share = spent.map((x) => Math.round((x / all) * 100))
    before = now
    const running = (yield* processes(sys)).filter((p) => p.state === 'R').length
    const kb = (k: string): string => String(Math.floor((m[k] ?? 0) / 1024)).padStart(6)
    yield* print(
      sys,
      `${String(running).padStart(2)}  0      0 ${kb('MemFree')} ${kb('Buffers')} ${kb('Cached')}    0    0     0     0    0    0 ${share.map((s) => String(s).padStart(2)).join(' ')}  0  0  0\n`,
    )
    if (n + 1 < count) yield* sys.nanosleep(delay * 1e9)
  }
  return 0
}

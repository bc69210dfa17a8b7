/** What goes on in a container, seen from outside: its processes by the host's ps, its counters by its cgroup. */
import { concat } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { decode, readText } from '../userland/lib/io.ts'
import { Failure } from './command.ts'
import type { State } from './state.ts'

/** Numbers of a container's processes. */
export function* pidsOf(sys: Sys, s: State): Run<number[]> {
  const list = yield* readText(sys, `/sys/fs/cgroup${s.cgroup}/cgroup.procs`)
  return isErr(list) ? [] : list.split('\n').filter(Boolean).map(Number)
}
/** Lines of the host's ps that are about a container, its heading first. */
export function* psTable(sys: Sys, s: State, options: readonly string[]): Run<string> {
  const out = yield* sys.pipe()
  if (isErr(out)) throw new Failure('too many open files')
  const args = options.length > 0 ? options : ['-ef']
  const child = yield* sys.fork(function* (c) {
    yield* c.dup2(out[1], 1)
    for (let fd = 3; fd < 32; fd++) yield* c.close(fd)
    for (const path of ['/usr/bin/ps', '/bin/ps']) yield* c.execve(path, ['ps', ...args], c.environ())
    return 127
  })
  yield* sys.close(out[1])
  const parts: Uint8Array[] = []
  for (;;) {
    const part = yield* sys.read(out[0], 65536)
    if (isErr(part) || part.length === 0) break
    parts.push(part)
  }
  const ended = isErr(child) ? undefined : yield* sys.wait(child)
  const [heading = '', ...lines] = decode(concat(parts)).split('\n')
  if (!ended || isErr(ended) || ended.code) throw new Failure(`exit status ${!ended || isErr(ended) ? 1 : ended.code}`)
  const at = heading.trim().split(/\s+/).indexOf('PID')
  if (at < 0) throw new Failure("couldn't find PID field in ps output")
  const pids = new Set(yield* pidsOf(sys, s))
  return [heading, ...lines.filter((l) => pids.has(Number(l.trim().split(/\s+/)[at])))].map((l) => `${l}\n`).join('')
}

/** What `runc events` tells of a container's resources, from the files of cgroup v2; runc types/events. */
export function* statsOf(sys: Sys, s: State): Run<object> {
  const read = function* (file: string): Run<string> {
    const text = yield* readText(sys, `/sys/fs/cgroup${s.cgroup}/${file}`)
    return isErr(text) ? '' : text.trim()
  }
  const pairs = (text: string): Record<string, number> =>
    Object.fromEntries(
      text
        .split('\n')
        .filter(Boolean)
        .map((l) => [l.split(' ')[0] ?? '', Number(l.split(' ')[1])]),
    )
  const number = function* (file: string): Run<number> {
    const text = yield* read(file)
    // No limit is the greatest number of 64 bits, which isn't one of JavaScript's.
    return text === 'max' ? 2 ** 64 : Number(text)
  }
  const cpu = pairs(yield* read('cpu.stat'))
  const events = pairs(yield* read('memory.events'))
  const limit = yield* number('pids.max')
  const periods = cpu.nr_periods ?? 0
  return {
    cpu: {
      usage: {
        total: (cpu.usage_usec ?? 0) * 1000,
        kernel: (cpu.system_usec ?? 0) * 1000,
        user: (cpu.user_usec ?? 0) * 1000,
      },
      throttling: periods
        ? { periods, throttledPeriods: cpu.nr_throttled ?? 0, throttledTime: (cpu.throttled_usec ?? 0) * 1000 }
        : {},
    },
    cpuset: {},
    memory: {
      usage: {
        limit: yield* number('memory.max'),
        usage: yield* number('memory.current'),
        max: yield* number('memory.peak'),
        failcnt: events.max ?? 0,
      },
      raw: pairs(yield* read('memory.stat')),
    },
    pids: { current: yield* number('pids.current'), ...(limit < 2 ** 64 ? { limit } : {}) },
    blkio: {},
    hugetlb: {},
    intel_rdt: {},
    network_interfaces: null,
  }
}
/** One line of `runc events`. */
export const eventLine = (id: string, data: object): string =>
  `${JSON.stringify({ type: 'stats', id, data }).replaceAll(String(2 ** 64), (2n ** 64n - 1n).toString())}\n`

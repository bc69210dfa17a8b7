/** taskset(1), prlimit(1), renice(1) of util-linux and nice(1) of coreutils: what the scheduler and the limits allow a process. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Resource } from '../../../kernel/linux/abi.ts'
import { cpuMask, formatCpuList, parseCpuList } from '../../../kernel/linux/cpulist.ts'
import { fail, print } from '../../lib/io.ts'
import { execOrShell, execvp } from '../../lib/run.ts'
import { type Column, table } from '../../lib/table.ts'
import { getopt } from '../getopt.ts'

export const taskset: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    { name: 'taskset', short: '+apch', long: { 'all-tasks': 'a', pid: 'p', 'cpu-list': 'c', help: 'h' } },
    argv,
  )
  if (typeof o === 'number') return o
  const words = [...o.rest]
  const self = yield* sys.getpid()
  const onlyShow = o.has('p') && words.length === 1
  const wanted = onlyShow ? undefined : words.shift()
  if (!onlyShow && (wanted === undefined || words.length === 0))
    return yield* fail(sys, "taskset: bad usage\nTry 'taskset --help' for more information.")
  let cpus: readonly number[] | undefined
  if (wanted !== undefined) {
    if (o.has('c')) cpus = parseCpuList(wanted)
    else if (/^(0x)?[0-9a-f]+$/i.test(wanted)) {
      const mask = BigInt(wanted.startsWith('0x') ? wanted : `0x${wanted}`)
      cpus = Array.from({ length: 64 }, (_, n) => n).filter((n) => mask & (1n << BigInt(n)))
    }
    if (!cpus) return yield* fail(sys, `taskset: failed to parse CPU ${o.has('c') ? 'list' : 'mask'}: ${wanted}`)
  }
  const pid = o.has('p') ? Number(words[0]) : self
  if (!Number.isInteger(pid)) return yield* fail(sys, `taskset: invalid PID argument: '${words[0]}'`)
  const shown = (set: readonly number[]): string =>
    o.has('c') ? `list: ${formatCpuList(set)}` : `mask: ${cpuMask(set)}`
  if (o.has('p')) {
    const now = yield* sys.schedSetaffinity(pid)
    if (isErr(now)) return yield* fail(sys, `taskset: failed to get pid ${pid}'s affinity: ${now.text}`)
    yield* print(sys, `pid ${pid}'s current affinity ${shown(now)}\n`)
  }
  if (cpus) {
    const done = yield* sys.schedSetaffinity(pid, cpus)
    if (isErr(done)) return yield* fail(sys, `taskset: failed to set pid ${pid}'s affinity: ${done.text}`)
    if (o.has('p')) {
      yield* print(sys, `pid ${pid}'s new affinity ${shown(done)}\n`)
      return 0
    }
    return yield* execOrShell(sys, 'taskset', words)
  }
  return 0
}

interface Limit {
  readonly option: string
  readonly resource: Resource
  readonly name: string
  readonly text: string
  readonly units: string
}
const limits: readonly Limit[] = (
  [
    ['as', 'as', 'AS', 'address space limit', 'bytes'],
    ['core', 'core', 'CORE', 'max core file size', 'bytes'],
    ['cpu', 'cpu', 'CPU', 'CPU time', 'seconds'],
    ['data', 'data', 'DATA', 'max data size', 'bytes'],
    ['fsize', 'fsize', 'FSIZE', 'max file size', 'bytes'],
    ['locks', 'locks', 'LOCKS', 'max number of file locks held', 'locks'],
    ['memlock', 'memlock', 'MEMLOCK', 'max locked-in-memory address space', 'bytes'],
    ['msgqueue', 'msgqueue', 'MSGQUEUE', 'max bytes in POSIX mqueues', 'bytes'],
    ['nice', 'nice', 'NICE', 'max nice prio allowed to raise', ''],
    ['nofile', 'nofile', 'NOFILE', 'max number of open files', 'files'],
    ['nproc', 'nproc', 'NPROC', 'max number of processes', 'processes'],
    ['rss', 'rss', 'RSS', 'max resident set size', 'bytes'],
    ['rtprio', 'rtprio', 'RTPRIO', 'max real-time priority', ''],
    ['rttime', 'rttime', 'RTTIME', 'timeout for real-time tasks', 'microsecs'],
    ['sigpending', 'sigpending', 'SIGPENDING', 'max number of pending signals', 'signals'],
    ['stack', 'stack', 'STACK', 'max stack size', 'bytes'],
  ] as const
).map(([option, resource, name, text, units]) => ({ option, resource, name, text, units }))

export const prlimit: Program = function* (sys, argv) {
  const spec = {
    name: 'prlimit',
    short: '+p:o:h',
    long: {
      'pid=': 'p',
      'output=': 'o',
      noheadings: 'noheadings',
      raw: 'raw',
      verbose: 'verbose',
      ...Object.fromEntries(limits.map((l) => [`${l.option}=?`, `limit-${l.option}`])),
      help: 'h',
    },
  }
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  const pid = Number(o.value('p') ?? 0)
  const named = limits.filter((l) => o.has(`limit-${l.option}`))
  const toShow: Limit[] = []
  const show = (n: number): string => (n === Infinity ? 'unlimited' : String(n))
  for (const l of named) {
    const value = o.value(`limit-${l.option}`) ?? ''
    if (value === '') {
      toShow.push(l)
      continue
    }
    const old = yield* sys.prlimit(pid, l.resource)
    if (isErr(old)) return yield* fail(sys, `prlimit: failed to get old ${l.name} limit: ${old.text}`)
    const parse = (t: string | undefined, now: number): number =>
      t === undefined || t === '' ? now : t === 'unlimited' || t === '-1' ? Infinity : Number(t)
    const [a, b] = value.split(':')
    const soft = parse(a, old[0])
    const hard = value.includes(':') ? parse(b, old[1]) : parse(a, old[1])
    if (Number.isNaN(soft) || Number.isNaN(hard)) return yield* fail(sys, `prlimit: failed to parse ${l.name} limit`)
    if (soft > hard) return yield* fail(sys, `prlimit: the soft limit ${l.name} cannot exceed the hard limit`)
    const done = yield* sys.prlimit(pid, l.resource, [soft, hard])
    if (isErr(done)) return yield* fail(sys, `prlimit: failed to set the ${l.name} resource limit: ${done.text}`)
  }
  if (o.rest.length > 0) return yield* execOrShell(sys, 'prlimit', o.rest)
  if (named.length > 0 && toShow.length === 0) return 0
  const rows: { readonly l: Limit; readonly soft: string; readonly hard: string }[] = []
  for (const l of toShow.length > 0 ? toShow : limits) {
    const now = yield* sys.prlimit(pid, l.resource)
    if (isErr(now)) return yield* fail(sys, `prlimit: failed to get the ${l.name} resource limit: ${now.text}`)
    rows.push({ l, soft: show(now[0]), hard: show(now[1]) })
  }
  type Row = (typeof rows)[number]
  const columns: Column<Row>[] = [
    { name: 'RESOURCE', cell: (r) => r.l.name },
    { name: 'DESCRIPTION', cell: (r) => r.l.text },
    { name: 'SOFT', cell: (r) => r.soft, right: true },
    { name: 'HARD', cell: (r) => r.hard, right: true },
    { name: 'UNITS', cell: (r) => r.l.units },
  ]
  yield* print(sys, table(columns, rows, !o.has('noheadings')))
  return 0
}

/** nice(1) of coreutils. */
export const nice: Program = function* (sys, argv) {
  const words =
    argv[1] !== undefined && /^-\d+$/.test(argv[1]) ? [argv[0] ?? '', '-n', argv[1].slice(1), ...argv.slice(2)] : argv
  const o = yield* getopt(sys, { name: 'nice', short: '+n:', long: { 'adjustment=': 'n' }, code: 125 }, words)
  if (typeof o === 'number') return o
  const now = yield* sys.setpriority(0)
  const current = isErr(now) ? 0 : now
  const given = o.value('n')
  if (given !== undefined && !/^[+-]?\d+$/.test(given))
    return yield* fail(sys, `nice: invalid adjustment ‘${given}’`, 125)
  if (o.rest.length === 0) {
    if (given !== undefined)
      return yield* fail(
        sys,
        "nice: a command must be given with an adjustment\nTry 'nice --help' for more information.",
        125,
      )
    yield* print(sys, `${current}\n`)
    return 0
  }
  const done = yield* sys.setpriority(0, current + Number(given ?? 10))
  if (isErr(done)) yield* fail(sys, `nice: cannot set niceness: ${done.text}`)
  const failed = yield* execvp(sys, o.rest)
  return yield* fail(sys, `nice: ‘${o.rest[0]}’: ${failed.text}`, failed.name === 'ENOENT' ? 127 : 126)
}

export const renice: Program = function* (sys, argv) {
  const words = argv.slice(1)
  if (words[0] === '-n' || words[0] === '--priority') words.shift()
  const priority = Number(words.shift())
  if (words[0] === '-p' || words[0] === '--pid') words.shift()
  if (!Number.isInteger(priority) || words.length === 0)
    return yield* fail(sys, "renice: bad usage\nTry 'renice --help' for more information.")
  let code = 0
  for (const word of words) {
    const pid = Number(word)
    const old = Number.isInteger(pid) ? yield* sys.setpriority(pid) : undefined
    if (old === undefined) return yield* fail(sys, `renice: bad process ID value: ${word}`)
    const done = isErr(old) ? old : yield* sys.setpriority(pid, priority)
    if (isErr(done)) {
      yield* fail(sys, `renice: failed to ${isErr(old) ? 'get' : 'set'} priority for ${pid} (process ID): ${done.text}`)
      code = 1
    } else yield* print(sys, `${pid} (process ID) old priority ${isErr(old) ? 0 : old}, new priority ${done}\n`)
  }
  return code
}

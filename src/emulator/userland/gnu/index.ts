/** A host's own forms of commands, where they differ from busybox's: procps, iproute2, util-linux, curl. */
import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { dial, ipCommand, parseUrl } from '../busybox/system/network.ts'
import { users } from '../lib/accounts.ts'
import { HttpReader, sendRequest } from '../lib/http.ts'
import { encode, print, warn, writeAll } from '../lib/io.ts'
import { meminfo, type ProcessRow, processes } from '../lib/proc.ts'
import { strftime } from '../lib/time.ts'

/** ps(1) of procps: aux, -ef, -e, -p, -o. */
const ps: Program = function* (sys, argv) {
  const words = argv.slice(1)
  const rows = yield* processes(sys)
  const accounts = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const user = (r: ProcessRow): string => {
    const n = accounts.get(r.uid) ?? String(r.uid)
    return n.length > 8 ? String(r.uid) : n
  }
  const { totalram, uptime } = yield* sys.sysinfo()
  const now = yield* sys.clock('realtime')
  const tty = (r: ProcessRow): string => (r.tty ? `pts/${r.tty & 255}` : '?')
  const time = (r: ProcessRow): number => Math.floor((r.utime + r.stime) / 100)
  const started = (r: ProcessRow): string => strftime('%H:%M', now - uptime + r.start * 1e7)
  const stat = (r: ProcessRow): string => `${r.state}${r.sid === r.pid ? 's' : ''}${r.foreground === r.pgid ? '+' : ''}`
  const cpu = (r: ProcessRow): string => '0.0'.padStart(r.pid ? 3 : 3)
  const bsd = words.find((w) => /^-?[auxfww]+$/.test(w) && /u/.test(w))
  const me = yield* sys.getpid()
  const own = rows.find((r) => r.pid === me)
  const unknown = words.find(
    (w, i) =>
      !/^-?(aux|auxf|axu|ax|a|x|u|ef|e|f|A|efww|auxww|ww|w|o|p|eo|C|axo|forest)$/.test(w.replace(/^--/, '')) &&
      !/^(-?o|-?p|-?eo|-C|axo)$/.test(words[i - 1] ?? ''),
  )
  if (unknown !== undefined && !/^(-o|-p|-eo|-C).+/.test(unknown) && !/^\d+$/.test(unknown)) {
    yield* warn(sys, `zukan: not emulated: ps ${unknown}\n`)
    return 1
  }
  const at = words.findIndex((w) => /^(-?o|-eo|axo)$/.test(w))
  const pids = words.flatMap((w, i) =>
    /^-?p$/.test(words[i - 1] ?? '')
      ? w.split(',').map(Number)
      : /^-p\d/.test(w)
        ? w.slice(2).split(',').map(Number)
        : /^\d+$/.test(w) && !/^(-?o|-eo|axo)$/.test(words[i - 1] ?? '')
          ? [Number(w)]
          : [],
  )
  const every = words.some((w) => /^-(e|A|ef|eo|efww)$/.test(w) || /^-?(aux|auxf|axu|ax|auxww|axo)$/.test(w))
  const comm = words.flatMap((w, i) => (words[i - 1] === '-C' ? w.split(',') : []))
  const picked = rows.filter((r) =>
    pids.length > 0
      ? pids.includes(r.pid)
      : comm.length > 0
        ? comm.includes(r.comm)
        : every || (own !== undefined && r.tty === own.tty && r.uid === own.uid),
  )
  const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
  const width = isErr(size) || words.some((w) => w.includes('ww')) ? Infinity : size.columns
  const put = (line: string): string => `${line.slice(0, width)}\n`
  let text: string
  if (at >= 0) {
    const columns: Record<string, readonly [string, (r: ProcessRow) => string, number]> = {
      pid: ['PID', (r) => String(r.pid), -7],
      ppid: ['PPID', (r) => String(r.ppid), -7],
      pgid: ['PGID', (r) => String(r.pgid), -7],
      sid: ['SID', (r) => String(r.sid), -7],
      user: ['USER', user, 8],
      uid: ['UID', (r) => String(r.uid), -5],
      comm: ['COMMAND', (r) => r.comm, 15],
      args: ['COMMAND', (r) => r.args, 27],
      cmd: ['CMD', (r) => r.args, 27],
      command: ['COMMAND', (r) => r.args, 27],
      stat: ['STAT', stat, 4],
      state: ['S', (r) => r.state, 1],
      rss: ['RSS', (r) => String(Math.floor(r.rss / 1024)), -5],
      vsz: ['VSZ', (r) => String(Math.floor(r.vsz / 1024)), -6],
      tty: ['TT', tty, 8],
      time: ['TIME', (r) => `00:00:${String(time(r)).padStart(2, '0')}`, -8],
    }
    const list = (words[at + 1] ?? '').split(',').map((w) => {
      const [k = '', header] = w.split('=')
      const c = Object.hasOwn(columns, k) ? columns[k] : undefined
      return c && (header === undefined ? c : ([header, c[1], c[2]] as const))
    })
    if (list.includes(undefined)) {
      yield* warn(sys, `error: unknown user-defined format specifier "${words[at + 1]}"\n\nUsage:\n ps [options]\n`)
      return 1
    }
    const cells = list as (readonly [string, (r: ProcessRow) => string, number])[]
    const pad = (t: string, w: number, last: boolean): string => (w < 0 ? t.padStart(-w) : last ? t : t.padEnd(w))
    text = cells.some((c) => c[0] !== '')
      ? put(cells.map((c, i) => pad(c[0], c[2], i === cells.length - 1)).join(' '))
      : ''
    for (const r of picked) text += put(cells.map((c, i) => pad(c[1](r), c[2], i === cells.length - 1)).join(' '))
  } else if (bsd !== undefined) {
    text = put('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND')
    for (const r of picked)
      text += put(
        `${user(r).padEnd(8)} ${String(r.pid).padStart(7)} ${cpu(r).padStart(4)} ${((r.rss / totalram) * 100).toFixed(1).padStart(4)} ${String(Math.floor(r.vsz / 1024)).padStart(6)} ${String(Math.floor(r.rss / 1024)).padStart(5)} ${tty(r).padEnd(8)} ${stat(r).padEnd(4)} ${started(r)}   ${Math.floor(time(r) / 60)}:${String(time(r) % 60).padStart(2, '0')} ${r.args}`,
      )
  } else if (words.some((w) => /^-.*f/.test(w))) {
    text = put('UID          PID    PPID  C STIME TTY          TIME CMD')
    for (const r of picked)
      text += put(
        `${user(r).padEnd(8)} ${String(r.pid).padStart(7)} ${String(r.ppid).padStart(7)}  0 ${started(r)} ${tty(r).padEnd(8)} 00:00:${String(time(r)).padStart(2, '0')} ${r.args}`,
      )
  } else {
    text = put('    PID TTY          TIME CMD')
    for (const r of picked)
      text += put(
        `${String(r.pid).padStart(7)} ${tty(r).padEnd(8)} 00:00:${String(time(r)).padStart(2, '0')} ${r.comm}`,
      )
  }
  yield* print(sys, text)
  return picked.length > 0 ? 0 : 1
}

/** free(1) of procps. */
const free: Program = function* (sys, argv) {
  const m = yield* meminfo(sys)
  const v = (k: string): number => m[k] ?? 0
  const unit = argv.includes('-m') ? 1048576 : argv.includes('-g') ? 1073741824 : argv.includes('-b') ? 1 : 1024
  const human = argv.includes('-h')
  const cell = (n: number): string =>
    (human
      ? n >= 1073741824
        ? `${(n / 1073741824).toFixed(1)}Gi`
        : n >= 1048576
          ? `${Math.round(n / 1048576)}Mi`
          : `${Math.round(n / 1024)}Ki`
      : String(Math.floor(n / unit))
    ).padStart(12)
  const cached = v('Buffers') + v('Cached') + v('SReclaimable')
  yield* print(
    sys,
    `               total        used        free      shared  buff/cache   available\nMem:    ${[v('MemTotal'), v('MemTotal') - v('MemAvailable'), v('MemFree'), v('Shmem'), cached, v('MemAvailable')].map(cell).join('')}\nSwap:   ${[v('SwapTotal'), 0, v('SwapFree')].map(cell).join('')}\n`,
  )
  return 0
}

/** curl(1): HTTP over TCP or a unix socket. */
const curl: Program = function* (sys, argv) {
  let silent = false
  let show = false
  let headOnly = false
  let include = false
  let failFast = false
  let method: string | undefined
  let output: string | undefined
  let data: string | undefined
  let format = ''
  let socketPath: string | undefined
  const headers: Record<string, string> = {}
  let url: string | undefined
  const args = argv.slice(1)
  const long: Record<string, string> = {
    '--silent': '-s',
    '--head': '-I',
    '--include': '-i',
    '--fail': '-f',
    '--request': '-X',
    '--output': '-o',
    '--data': '-d',
    '--header': '-H',
    '--write-out': '-w',
    '--show-error': '-S',
    '--location': '-L',
    '--max-time': '-m',
  }
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (arg === '--unix-socket') {
      socketPath = args.shift()
      continue
    }
    const word = long[arg] ?? arg
    if (!word.startsWith('-') || word === '-') {
      url = word
      continue
    }
    for (let i = 1; i < word.length; i++) {
      const c = word[i] as string
      const value = (): string => {
        const rest = word.slice(i + 1)
        i = word.length
        return rest || (args.shift() ?? '')
      }
      if (c === 's') silent = true
      else if (c === 'S') show = true
      else if (c === 'I') headOnly = true
      else if (c === 'i') include = true
      else if (c === 'f') failFast = true
      else if (c === 'L' || c === 'k') continue
      else if (c === 'X') method = value()
      else if (c === 'o') output = value()
      else if (c === 'd') data = value()
      else if (c === 'w') format = value()
      else if (c === 'm') value()
      else if (c === 'H') {
        const h = value()
        headers[h.slice(0, h.indexOf(':')).trim()] = h.slice(h.indexOf(':') + 1).trim()
      } else {
        yield* warn(
          sys,
          `curl: option ${arg}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
        )
        return 2
      }
    }
  }
  const quiet = silent && !show
  const fail = function* (code: number, message: string) {
    if (!quiet) yield* warn(sys, `curl: (${code}) ${message}\n`)
    return code
  }
  if (url === undefined) {
    yield* warn(sys, "curl: try 'curl --help' or 'curl --manual' for more information\n")
    return 2
  }
  const u = parseUrl(url)
  if (!u) return yield* fail(3, 'URL rejected: Malformed input to a URL function')
  if (u.secure) {
    yield* warn(sys, 'zukan: not emulated: curl https\n')
    return 1
  }
  let fd: number
  if (socketPath !== undefined) {
    const s = yield* sys.socket('unix', 'stream')
    if (isErr(s)) return 7
    const failed = yield* sys.connect(s, { family: 'unix', path: socketPath })
    if (failed)
      return yield* fail(7, `Failed to connect to ${u.host} port ${u.port} after 0 ms: Couldn't connect to server`)
    fd = s
  } else {
    const began = yield* sys.clock('monotonic')
    const s = yield* dial(sys, u.host, u.port)
    if (typeof s !== 'number') {
      if (s.error === 'name') return yield* fail(6, `Could not resolve host: ${u.host}`)
      const ms = Math.floor(((yield* sys.clock('monotonic')) - began) / 1e6)
      return yield* fail(
        s.text.includes('timed out') ? 28 : 7,
        `Failed to connect to ${u.host} port ${u.port} after ${ms} ms: Couldn't connect to server`,
      )
    }
    fd = s
  }
  const verb = method ?? (headOnly ? 'HEAD' : data !== undefined ? 'POST' : 'GET')
  yield* sendRequest(
    sys,
    fd,
    verb,
    u.path,
    {
      Host: u.port === 80 ? u.host : `${u.host}:${u.port}`,
      'User-Agent': 'curl/8.5.0',
      Accept: '*/*',
      ...(data !== undefined ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
      ...headers,
      Connection: 'close',
    },
    data === undefined ? undefined : encode(data),
  )
  const response = yield* new HttpReader(sys, fd).response(verb)
  yield* sys.close(fd)
  if (!response) return yield* fail(52, 'Empty reply from server')
  if (failFast && response.status >= 400) return yield* fail(22, `The requested URL returned error: ${response.status}`)
  const out = output === undefined || output === '-' ? 1 : yield* sys.open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(out)) return yield* fail(23, 'Failure writing output to destination')
  const head = `HTTP/1.1 ${response.status} ${response.reason}\r\n${Object.entries(response.headers)
    .map(([k, v]) => `${k.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}: ${v}\r\n`)
    .join('')}\r\n`
  if (headOnly || include) yield* writeAll(sys, out, encode(head))
  if (!headOnly) yield* writeAll(sys, out, response.body)
  if (format)
    yield* print(
      sys,
      format
        .replace(/%\{(\w+)\}/g, (_, k: string) =>
          k === 'http_code' || k === 'response_code'
            ? String(response.status)
            : k === 'size_download'
              ? String(response.body.length)
              : '',
        )
        .replace(/\\n/g, '\n')
        .replace(/\\t/g, '\t'),
    )
  return 0
}

/** ip(8) of iproute2. */
const ip: Program = (sys, argv) => ipCommand(sys, argv, true)

export const gnuPrograms: Readonly<Record<string, Program>> = { ps, free, curl, ip }

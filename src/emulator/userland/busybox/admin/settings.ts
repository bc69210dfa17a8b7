/** Small tools of a system: sysctl, mountpoint, hostid, arch, dnsdomainname, ttysize, nologin, ipcalc, flock. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_RDONLY, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { runCommand } from '../../lib/exec.ts'
import { entriesOf } from '../../lib/files.ts'
import { encode, print, readText, warn, writeAll } from '../../lib/io.ts'
import { mountRows } from '../../lib/mounts.ts'
import { getopt, type Options, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

function* bad(sys: Sys, text: string): Run<ExitCode> {
  yield* warn(sys, `${text}\n`)
  return 1
}
/** `net.ipv4.ip_forward` and `net/ipv4/ip_forward` are the same; in the second form dots belong to names. */
function swapped(key: string): string {
  const slash = key.indexOf('/')
  const dot = key.indexOf('.')
  if (slash >= 0 && (dot < 0 || slash < dot)) return key
  return key.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'))
}
const dotted = (path: string): string => path.replace(/[./]/g, (c) => (c === '/' ? '.' : '/'))

export const sysctl: Applet = {
  name: 'sysctl',
  usage: '[-enq] { -a | -p [FILE]... | [-w] [KEY[=VALUE]]... }',
  help: "Show/set kernel parameters\n\n\t-e\tDon't warn about unknown keys\n\t-n\tDon't show key names\n\t-q\tQuiet\n\t-a\tShow all values\n\t-p\tSet values from FILEs (default /etc/sysctl.conf)\n\t-w\tSet values",
  *run(sys, argv) {
    const parsed = yield* getopt(sys, sysctl, argv, 'neAapwq')
    if (typeof parsed === 'number') return parsed
    const o: Options = parsed
    let status: ExitCode = 0
    function* one(word: string): Run<void> {
      const at = word.indexOf('=')
      const path = swapped((at < 0 ? word : word.slice(0, at)).trim())
      const key = dotted(path)
      const s = yield* sys.stat(`/proc/sys/${path}`)
      if (isErr(s)) {
        if (o.has('e')) return
        status = yield* bad(
          sys,
          s.name === 'ENOENT'
            ? `sysctl: error: '${key}' is an unknown key`
            : `sysctl: error setting key '${key}': ${strerror(s)}`,
        )
        return
      }
      if (isDir(s.mode)) return yield* tree(path)
      if (at >= 0) {
        const value = word.slice(at + 1).trim()
        const fd = yield* sys.open(`/proc/sys/${path}`, O_WRONLY)
        const failed = isErr(fd) ? fd : yield* writeAll(sys, fd, encode(value))
        if (!isErr(fd)) yield* sys.close(fd)
        if (failed) status = yield* bad(sys, `sysctl: error setting key '${key}': ${strerror(failed)}`)
        else if (!o.has('q')) yield* print(sys, o.has('n') ? `${value}\n` : `${key} = ${value}\n`)
        return
      }
      const text = yield* readText(sys, `/proc/sys/${path}`)
      if (isErr(text)) status = yield* bad(sys, `sysctl: error reading key '${key}': ${strerror(text)}`)
      else
        yield* print(
          sys,
          text
            .replace(/\n$/, '')
            .split('\n')
            .map((l) => (o.has('n') ? `${l}\n` : `${key} = ${l}\n`))
            .join(''),
        )
    }
    function* tree(path: string): Run<void> {
      const names = yield* entriesOf(sys, `/proc/sys/${path}`)
      for (const n of isErr(names) ? [] : names) {
        const full = path === '' ? n : `${path}/${n}`
        const s = yield* sys.stat(`/proc/sys/${full}`)
        if (isErr(s)) continue
        if (isDir(s.mode)) yield* tree(full)
        else if (s.mode & 0o444) yield* one(full)
      }
    }
    if (o.has('a') || o.has('A')) yield* tree('')
    else if (o.has('p')) {
      for (const file of o.rest.length > 0 ? o.rest : ['/etc/sysctl.conf']) {
        const text = yield* readText(sys, file)
        if (isErr(text)) {
          status = yield* bad(sys, `sysctl: can't open '${file}': ${strerror(text)}`)
          continue
        }
        for (const line of text.split('\n'))
          if (/^\s*[^#;\s]/.test(line)) yield* one(line.replace(/\s*=\s*/, '=').trim())
      }
    } else for (const word of o.rest) yield* one(word)
    return status
  },
}
export const mountpoint: Applet = {
  name: 'mountpoint',
  usage: '[-q] { [-dn] DIR | -x DEVICE }',
  help: 'Check if DIR is a mountpoint\n\n\t-q\tQuiet\n\t-d\tPrint major:minor of the filesystem\n\t-n\tPrint device name of the filesystem\n\t-x\tPrint major:minor of DEVICE',
  *run(sys, argv) {
    const o = yield* getopt(sys, mountpoint, argv, 'qdxn')
    if (typeof o === 'number') return o
    const path = o.rest[0]
    if (path === undefined || o.rest.length > 1) return yield* showUsage(sys, mountpoint)
    if (o.has('x')) return yield* bad(sys, 'zukan: not emulated: mountpoint -x')
    const s = yield* sys.lstat(path)
    if (isErr(s)) return o.has('q') ? 1 : yield* bad(sys, `mountpoint: ${path}: ${strerror(s)}`)
    if (!isDir(s.mode)) return o.has('q') ? 1 : yield* bad(sys, `mountpoint: ${path}: Not a directory`)
    const above = yield* sys.stat(`${path.replace(/\/+$/, '')}/..`)
    const rows = yield* mountRows(sys)
    const row = isErr(rows) ? undefined : rows.findLast((r) => r.target === path.replace(/(.)\/+$/, '$1'))
    const is = row !== undefined || (!isErr(above) && (above.dev !== s.dev || above.ino === s.ino))
    if (o.has('d')) yield* print(sys, `${row?.device ?? `0:${s.dev}`}\n`)
    else if (o.has('n')) yield* print(sys, `${row?.source ?? 'UNKNOWN'} ${path}\n`)
    else if (!o.has('q')) yield* print(sys, `${path} is ${is ? '' : 'not '}a mountpoint\n`)
    return is ? 0 : 1
  },
}
export const hostid: Applet = {
  name: 'hostid',
  usage: '',
  help: 'Print out a unique 32-bit identifier for the machine',
  *run(sys, argv) {
    if (argv.length > 1) return yield* showUsage(sys, hostid)
    // musl's gethostid(3) is always 0.
    yield* print(sys, '00000000\n')
    return 0
  },
}
export const arch: Applet = {
  name: 'arch',
  usage: '',
  help: 'Print system architecture',
  *run(sys) {
    yield* print(sys, `${(yield* sys.uname()).machine}\n`)
    return 0
  },
}
export const dnsdomainname: Applet = {
  name: 'dnsdomainname',
  usage: '',
  *run(sys) {
    const { nodename } = yield* sys.uname()
    const hosts = yield* readText(sys, '/etc/hosts')
    const names = isErr(hosts) ? [] : hosts.split('\n').map((l) => l.split(/\s+/))
    const full = names.find((l) => l.slice(1).includes(nodename))?.[1] ?? nodename
    const dot = full.indexOf('.')
    if (dot >= 0) yield* print(sys, `${full.slice(dot + 1)}\n`)
    return 0
  },
}
export const ttysize: Applet = {
  name: 'ttysize',
  usage: '[w] [h]',
  help: 'Print dimensions of stdin tty, or 80x24',
  *run(sys, argv) {
    const size = yield* sys.ioctl<{ rows: number; columns: number }>(0, 'TIOCGWINSZ')
    const { rows, columns } = isErr(size) ? { rows: 24, columns: 80 } : size
    const words = argv.slice(1).flatMap((a) => (a.startsWith('w') ? [columns] : a.startsWith('h') ? [rows] : []))
    yield* print(sys, `${(argv.length > 1 ? words : [columns, rows]).join(' ')}\n`)
    return 0
  },
}
export const nologin: Applet = {
  name: 'nologin',
  usage: '',
  *run(sys) {
    yield* print(sys, 'This account is not available\n')
    return 1
  },
}
const number4 = (text: string): number | undefined => {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  const parts = m?.slice(1).map(Number)
  return parts?.every((p) => p < 256) ? parts.reduce((n, p) => n * 256 + p, 0) : undefined
}
const text4 = (n: number): string => [24, 16, 8, 0].map((s) => Math.floor(n / 2 ** s) % 256).join('.')
export const ipcalc: Applet = {
  name: 'ipcalc',
  usage: '[-bnmphs] ADDRESS[/PREFIX] [NETMASK]',
  help: 'Calculate and display network settings from IP address\n\n\t-b\tBroadcast address\n\t-n\tNetwork address\n\t-m\tDefault netmask for IP\n\t-p\tPrefix for IP/NETMASK\n\t-h\tResolved host name\n\t-s\tNo error messages',
  *run(sys, argv) {
    const o = yield* getopt(sys, ipcalc, argv, 'mbnphs')
    if (typeof o === 'number') return o
    if (o.has('h')) return yield* bad(sys, 'zukan: not emulated: ipcalc -h')
    const [word, maskWord] = o.rest
    if (word === undefined || o.rest.length > 2 || !['b', 'n', 'm', 'p'].some((l) => o.has(l)))
      return yield* showUsage(sys, ipcalc)
    const [addressText = '', prefixText] = word.split('/')
    const ip = number4(addressText)
    if (ip === undefined) return o.has('s') ? 1 : yield* bad(sys, `ipcalc: bad IP address: ${addressText}`)
    let mask: number | undefined
    if (prefixText !== undefined) {
      const n = /^\d+$/.test(prefixText) ? Number(prefixText) : 33
      mask = n <= 32 ? 2 ** 32 - 2 ** (32 - n) : undefined
      if (mask === undefined) return o.has('s') ? 1 : yield* bad(sys, `ipcalc: bad IP prefix: ${prefixText}`)
    } else if (maskWord !== undefined) {
      mask = number4(maskWord)
      if (mask === undefined) return o.has('s') ? 1 : yield* bad(sys, `ipcalc: bad netmask: ${maskWord}`)
    } else mask = ip < 2 ** 31 ? 0xff000000 : ip < 0xc0000000 ? 0xffff0000 : 0xffffff00
    const hosts = 2 ** 32 - 1 - mask
    const network = Number(BigInt(ip) & BigInt(mask))
    const lines = [
      o.has('m') && `NETMASK=${text4(mask)}`,
      o.has('b') && `BROADCAST=${text4(network + hosts)}`,
      o.has('n') && `NETWORK=${text4(network)}`,
      o.has('p') && `PREFIX=${mask.toString(2).replace(/0/g, '').length}`,
    ]
    yield* print(
      sys,
      lines
        .filter(Boolean)
        .map((l) => `${l}\n`)
        .join(''),
    )
    return 0
  },
}
export const flock: Applet = {
  name: 'flock',
  usage: '[-sxun] FD | { FILE [-c] PROG ARGS }',
  help: '[Un]lock file descriptor, or lock FILE, run PROG\n\n\t-s\tShared lock\n\t-x\tExclusive lock (default)\n\t-u\tUnlock FD\n\t-n\tFail rather than wait',
  *run(sys, argv) {
    const o = yield* getopt(sys, flock, argv, '+sxnu', { shared: 's', exclusive: 'x', unlock: 'u', nonblock: 'n' })
    if (typeof o === 'number') return o
    if (o.has('s')) return yield* bad(sys, 'zukan: not emulated: flock -s')
    const [target, ...rest] = o.rest
    if (target === undefined) return yield* showUsage(sys, flock)
    let fd = Number(target)
    if (rest.length > 0) {
      const opened = yield* sys.open(target, O_RDONLY | O_CREAT, 0o666)
      if (isErr(opened)) return yield* bad(sys, `flock: can't open '${target}': ${strerror(opened)}`)
      fd = opened
    } else if (!/^\d+$/.test(target)) return yield* bad(sys, `flock: invalid number '${target}'`)
    for (;;) {
      const failed = yield* sys.flock(fd, o.has('u') ? 'unlock' : 'exclusive')
      if (!failed) break
      if (failed.name !== 'EAGAIN') return yield* bad(sys, `flock: ${target}: ${strerror(failed)}`)
      if (o.has('n')) return 1
      yield* sys.nanosleep(10e6)
    }
    if (rest.length === 0) return 0
    const words = rest[0] === '-c' ? ['/bin/sh', '-c', rest.slice(1).join(' ')] : rest
    const { code } = yield* runCommand(sys, words, 'flock', "can't execute")
    return code
  },
}

/** Programs of macOS that differ from those of Linux: ps, sw_vers, sysctl. */
import { isErr } from '../base/errno.ts'
import type { KinfoProc } from '../kernel/darwin/kernel.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_RDWR } from '../kernel/linux/fs/flags.ts'
import { print, warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'

function* processes(sys: Sys): Run<readonly KinfoProc[]> {
  const fd = yield* sys.open('/dev/sysctl', O_RDWR)
  if (isErr(fd)) return []
  const all = yield* sys.ioctl<readonly KinfoProc[]>(fd, 'DarwinKernProcAll')
  yield* sys.close(fd)
  return isErr(all) ? [] : [...all].sort((a, b) => a.pid - b.pid)
}
const user = (uid: number): string => (uid === 0 ? 'root' : uid === 501 ? 'zukan' : String(uid))
const cpu = (ns: number): string =>
  `${Math.floor(ns / 60e9)}:${(Math.floor(ns / 10e6) / 100 - Math.floor(ns / 60e9) * 60).toFixed(2).padStart(5, '0')}`

/** ps [aux | -ef | -A]: the processes of macOS. What runs in virtual machines isn't among them. */
const ps: Program = function* (sys, argv) {
  const how = argv.slice(1).join(' ').replace(/^-/, '')
  const rows = yield* processes(sys)
  const { totalram } = yield* sys.sysinfo()
  if (/^(aux|auxww)$/.test(how)) {
    let out = 'USER               PID  %CPU %MEM      VSZ    RSS   TT  STAT STARTED      TIME COMMAND\n'
    for (const p of rows)
      out += `${user(p.uid).padEnd(16)} ${String(p.pid).padStart(5)}   0.0 ${((p.rss / totalram) * 100).toFixed(1).padStart(4)} ${String(Math.round(p.rss / 1024) + 408_000).padStart(8)} ${String(Math.round(p.rss / 1024)).padStart(6)}   ??  ${(p.uid === 0 && p.pid === 1 ? 'Ss' : p.state).padEnd(4)} ${strftime('%I:%M%p', p.start).replace(/^0/, '').padEnd(8)}  ${cpu(p.time)} ${p.command}\n`
    yield* print(sys, out)
    return 0
  }
  if (how === 'ef' || how === 'A' || how === 'e' || how === '') {
    const full = how === 'ef'
    let out = full ? '  UID   PID  PPID   C STIME   TTY           TIME CMD\n' : '  PID TTY           TIME CMD\n'
    for (const p of how === '' ? rows.filter((r) => r.uid === 501) : rows)
      out += full
        ? `${String(p.uid).padStart(5)} ${String(p.pid).padStart(5)} ${String(p.ppid).padStart(5)}   0 ${strftime('%I:%M%p', p.start).replace(/^0/, '').padEnd(7)} ??         ${cpu(p.time)} ${p.command}\n`
        : `${String(p.pid).padStart(5)} ??         ${cpu(p.time)} ${p.command}\n`
    yield* print(sys, out)
    return 0
  }
  yield* warn(sys, `zukan: not emulated: ps ${argv.slice(1).join(' ')}\n`)
  return 1
}
const swVers: Program = function* (sys) {
  yield* print(sys, 'ProductName:\t\tmacOS\nProductVersion:\t\t26.1\nBuildVersion:\t\t25B78\n')
  return 0
}
/** uname [-amnrsv] */
const uname: Program = function* (sys, argv) {
  const u = yield* sys.uname()
  const asked = argv.slice(1).join('').replace(/-/g, '') || 's'
  const flags = asked.includes('a') ? 'snrvm' : asked
  const values: Readonly<Record<string, string>> = {
    s: u.sysname,
    n: u.nodename,
    r: u.release,
    v: u.version,
    m: u.machine,
  }
  for (const f of flags)
    if (!Object.hasOwn(values, f)) {
      yield* warn(sys, `uname: illegal option -- ${f}\nusage: uname [-amnoprsv]\n`)
      return 1
    }
  yield* print(
    sys,
    `${[...'snrvm']
      .filter((f) => flags.includes(f))
      .map((f) => values[f])
      .join(' ')}\n`,
  )
  return 0
}
export const macPrograms: Readonly<Record<string, Program>> = {
  'macos/ps': ps,
  'macos/sw_vers': swVers,
  'macos/uname': uname,
}

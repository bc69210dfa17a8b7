/** Processes and the system: ps, kill, sleep, env, id, uname, free, mount and the like. */
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  O_RDONLY,
  X_OK,
} from '../../../kernel/linux/fs/flags.ts'
import { groups, users } from '../../lib/accounts.ts'
import { execPath, runCommand, statusOf } from '../../lib/exec.ts'
import { print, readText, warn } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage, usageOf } from '../../lib/options.ts'
import { meminfo, type ProcessRow, processes } from '../../lib/proc.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { chroot, duration, nice, nohup, renice, setsid, timeout, usleep } from './run.ts'
import { kill, killall, pgrep, pidof, pkill } from './select.ts'

const clockText = (ticks: number): string => {
  const s = Math.floor(ticks / 100)
  return s < 3600
    ? `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
    : `${Math.floor(s / 3600)}h${String(Math.floor(s / 60) % 60).padStart(2, '0')}`
}
const memoryText = (bytes: number): string =>
  bytes < 1 << 20
    ? String(Math.floor(bytes / 1024))
    : bytes < 100 << 20
      ? `${(bytes / 1048576).toFixed(1).slice(0, 3).replace(/\.$/, '')}m`
      : `${Math.floor(bytes / 1048576)}m`

const ps: Applet = {
  name: 'ps',
  usage: '[-o COL1,COL2=HEADER] [-T]',
  help: 'Show list of processes\n\n\t-o COL1,COL2=HEADER\tSelect columns for display\n\t-T\t\t\tShow threads',
  *run(sys, argv) {
    // Words without a dash (aux) are taken and ignored, as busybox does.
    const o = yield* getopt(sys, ps, argv, 'o:TaelfAxwj')
    if (typeof o === 'number') return o
    const accounts = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
    const name = (uid: number): string => (accounts.get(uid) ?? String(uid)).slice(0, 8)
    const groupNames = new Map((yield* groups(sys)).map((g) => [g.gid, g.name]))
    const groupName = (gid: number): string => (groupNames.get(gid) ?? String(gid)).slice(0, 8)
    const uptime = Number.parseFloat(String(yield* readText(sys, '/proc/uptime')))
    const elapsed = (seconds: number): string =>
      `${String(Math.floor(seconds / 60)).padStart(3)}:${String(Math.floor(seconds) % 60).padStart(2, '0')}`
    /** Real user and group by process, where they are asked for. */
    const real = new Map<number, readonly [number, number]>()
    const columns: Record<string, readonly [string, number, (r: ProcessRow) => string]> = {
      pid: ['PID', 5, (r) => String(r.pid).padStart(5)],
      ppid: ['PPID', 5, (r) => String(r.ppid).padStart(5)],
      pgid: ['PGID', 5, (r) => String(r.pgid).padStart(5)],
      sid: ['SID', 5, (r) => String(r.sid).padStart(5)],
      user: ['USER', 8, (r) => name(r.uid)],
      group: ['GROUP', 8, (r) => groupName(r.gid)],
      ruser: ['RUSER', 8, (r) => name(real.get(r.pid)?.[0] ?? r.uid)],
      rgroup: ['RGROUP', 8, (r) => groupName(real.get(r.pid)?.[1] ?? r.gid)],
      comm: ['COMMAND', 16, (r) => r.comm],
      args: ['COMMAND', 256, (r) => r.args],
      stat: ['STAT', 4, (r) => r.state],
      time: ['TIME', 5, (r) => clockText(r.utime + r.stime).padStart(5)],
      etime: ['ELAPSED', 7, (r) => elapsed(uptime - r.start / 100)],
      vsz: ['VSZ', 4, (r) => memoryText(r.vsz).padStart(4)],
      rss: ['RSS', 4, (r) => memoryText(r.rss).padStart(4)],
      tty: ['TT', 6, (r) => (r.tty ? `136,${r.tty & 255}` : '?')],
      nice: ['NI', 5, (r) => String(r.nice).padStart(5)],
    }
    const spec = o.all('o')
    const picked: (readonly [string, number, (r: ProcessRow) => string])[] = []
    for (const word of spec.length > 0 ? spec.flatMap((s) => s.split(',')) : ['pid', 'user', 'time', 'args']) {
      const [key = '', header] = word.split('=')
      const column = Object.hasOwn(columns, key) ? columns[key] : undefined
      if (!column) {
        yield* warn(
          sys,
          `ps: bad -o argument '${word}', supported arguments: user,group,comm,args,pid,ppid,pgid,etime,nice,rgroup,ruser,time,tty,vsz,sid,stat,rss\n`,
        )
        return 1
      }
      picked.push(header === undefined ? column : [header, column[1], column[2]])
    }
    const size = yield* sys.ioctl<{ columns: number }>(1, 'TIOCGWINSZ')
    const width = isErr(size) ? Infinity : size.columns - 1
    const line = (cells: readonly string[]): string =>
      `${cells
        .map((c, i) => (i < cells.length - 1 ? c.padEnd(picked[i]?.[1] ?? 0) : c))
        .join(' ')
        .slice(0, width)}\n`
    let text = line(picked.map((c) => c[0]))
    const rows = yield* processes(sys)
    if (spec.some((w) => /\br(user|group)\b/.test(w))) for (const r of rows) real.set(r.pid, yield* realIds(sys, r.pid))
    for (const row of rows) text += line(picked.map((c) => c[2](row)))
    yield* print(sys, text)
    return 0
  },
}

/** A process's real user and group, of /proc/PID/status. */
function* realIds(sys: Sys, pid: number): Run<readonly [number, number]> {
  const status = String(yield* readText(sys, `/proc/${pid}/status`))
  const id = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  return [id('Uid'), id('Gid')]
}
const sleep: Applet = {
  name: 'sleep',
  usage: '[N]...',
  help: 'Pause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays',
  *run(sys, argv) {
    const o = yield* getopt(sys, sleep, argv, '+')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) {
      yield* warn(sys, usageOf(sleep))
      return 1
    }
    let total = 0
    for (const arg of o.rest) {
      const d = duration(arg)
      if (d === undefined) {
        yield* warn(sys, `sleep: invalid number '${arg}'\n`)
        return 1
      }
      total += d
    }
    const end = (yield* sys.clock('monotonic')) + total
    for (;;) {
      const left = end - (yield* sys.clock('monotonic'))
      if (left <= 0) return 0
      yield* sys.nanosleep(left)
    }
  },
}
const env: Applet = {
  name: 'env',
  usage: '[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]',
  help: 'Print current environment or run PROG after setting up environment',
  *run(sys, argv) {
    const o = yield* getopt(sys, env, argv, '+iu:0')
    if (typeof o === 'number') return o
    const vars = new Map<string, string>()
    const rest = [...o.rest]
    const clear = o.has('i') || rest[0] === '-'
    if (rest[0] === '-') rest.shift()
    if (!clear) for (const e of sys.environ()) vars.set(e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1))
    for (const u of o.all('u')) vars.delete(u)
    while (rest[0]?.includes('=')) {
      const e = rest.shift() as string
      vars.set(e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1))
    }
    const all = [...vars].map(([k, v]) => `${k}=${v}`)
    if (rest.length === 0) {
      yield* print(sys, all.map((e) => `${e}\n`).join(''))
      return 0
    }
    // The program is looked for along the new PATH, or the old one where there is none.
    const path =
      vars.get('PATH') ??
      sys
        .environ()
        .find((e) => e.startsWith('PATH='))
        ?.slice(5) ??
      '/bin'
    for (const dir of (rest[0] as string).includes('/') ? [''] : path.split(':')) {
      const file = dir ? `${dir}/${rest[0]}` : (rest[0] as string)
      if (isErr(yield* sys.stat(file))) continue
      const failed = yield* sys.execve(file, rest, all)
      yield* warn(sys, `env: can't execute '${rest[0]}': ${strerror(failed)}\n`)
      return 126
    }
    yield* warn(sys, `env: can't execute '${rest[0]}': No such file or directory\n`)
    return 127
  },
}
const printenv: Applet = {
  name: 'printenv',
  usage: '[VARIABLE]...',
  help: 'Print environment VARIABLEs.\nIf no VARIABLE specified, print all.',
  *run(sys, argv) {
    if (argv.length === 1) {
      yield* print(
        sys,
        sys
          .environ()
          .map((e) => `${e}\n`)
          .join(''),
      )
      return 0
    }
    let status = 0
    for (const name of argv.slice(1)) {
      const e = sys.environ().find((x) => x.startsWith(`${name}=`))
      if (e) yield* print(sys, `${e.slice(name.length + 1)}\n`)
      else status = 1
    }
    return status
  },
}
/** `owning`: the process's own group is listed among its groups too, as GNU id does. */
export const idWith = (owning: boolean): Applet => ({
  name: 'id',
  usage: '[-ugGnr] [USER]',
  help: 'Print information about USER or the current user',
  *run(sys, argv) {
    const o = yield* getopt(sys, id, argv, 'ugGnrZ')
    if (typeof o === 'number') return o
    const us = yield* users(sys)
    const gs = yield* groups(sys)
    let uid: number
    let gid: number
    let all: number[]
    // busybox lists only a process's supplementary groups, of a user the own one as well.
    let listed: readonly number[]
    const who = o.rest[0]
    if (who !== undefined) {
      const u = us.find((x) => x.name === who || String(x.uid) === who)
      if (!u) {
        yield* warn(sys, `id: unknown user ${who}\n`)
        return 1
      }
      uid = u.uid
      gid = u.gid
      all = [gid, ...gs.filter((g) => g.members.includes(u.name) && g.gid !== gid).map((g) => g.gid)]
      listed = all
    } else {
      const c = yield* sys.getcred()
      uid = c.euid
      gid = c.egid
      all = [gid, ...c.groups.filter((g) => g !== gid)]
      listed = owning ? all : c.groups
    }
    const un = us.find((x) => x.uid === uid)?.name
    const gn = (g: number): string | undefined => gs.find((x) => x.gid === g)?.name
    const both = (n: number, name: string | undefined): string => (name ? `${n}(${name})` : String(n))
    if (o.has('u')) yield* print(sys, `${o.has('n') ? (un ?? uid) : uid}\n`)
    else if (o.has('g')) yield* print(sys, `${o.has('n') ? (gn(gid) ?? gid) : gid}\n`)
    else if (o.has('G')) yield* print(sys, `${all.map((g) => (o.has('n') ? (gn(g) ?? g) : g)).join(' ')}\n`)
    else
      yield* print(
        sys,
        `uid=${both(uid, un)} gid=${both(gid, gn(gid))}${listed.length > 0 ? ` groups=${listed.map((g) => both(g, gn(g))).join(',')}` : ''}\n`,
      )
    return 0
  },
})
const id = idWith(false)
const whoami: Applet = {
  name: 'whoami',
  usage: '',
  help: 'Print the username associated with the current effective user id',
  *run(sys) {
    const { euid } = yield* sys.getcred()
    const u = (yield* users(sys)).find((x) => x.uid === euid)
    if (!u) return yield* failWith(sys, `whoami: unknown uid ${euid}`)
    yield* print(sys, `${u.name}\n`)
    return 0
  },
}
function* failWith(sys: Sys, message: string): Run<ExitCode> {
  yield* warn(sys, `${message}\n`)
  return 1
}
const groupsApplet: Applet = {
  name: 'groups',
  usage: '[USER]',
  help: 'Print the groups USER is in',
  run: (sys, argv) => id.run(sys, ['id', '-Gn', ...argv.slice(1)]),
}
const hostname: Applet = {
  name: 'hostname',
  usage: '[-sidf] [HOSTNAME | -F FILE]',
  help: 'Show or set hostname or DNS domain name',
  *run(sys, argv) {
    const o = yield* getopt(sys, hostname, argv, 'sidfF:')
    if (typeof o === 'number') return o
    if (o.rest[0] !== undefined) {
      const failed = yield* sys.sethostname(o.rest[0])
      return failed ? yield* failWith(sys, `hostname: sethostname: ${strerror(failed)}`) : 0
    }
    const { nodename } = yield* sys.uname()
    if (o.has('i')) {
      const hosts = yield* readText(sys, '/etc/hosts')
      const line = isErr(hosts) ? undefined : hosts.split('\n').find((l) => l.split(/\s+/).slice(1).includes(nodename))
      yield* print(sys, `${line?.split(/\s+/)[0] ?? '127.0.0.1'}\n`)
    } else yield* print(sys, `${o.has('s') ? nodename.split('.')[0] : nodename}\n`)
    return 0
  },
}
const uname: Applet = {
  name: 'uname',
  usage: '[-amnrspvio]',
  help: 'Print system information',
  *run(sys, argv) {
    const o = yield* getopt(sys, uname, argv, 'amnrspvio')
    if (typeof o === 'number') return o
    const u = yield* sys.uname()
    const fields: [string, string][] = [
      ['s', u.sysname],
      ['n', u.nodename],
      ['r', u.release],
      ['v', u.version],
      ['m', u.machine],
      ['o', 'Linux'],
    ]
    const extra: [string, string][] = [
      ['p', 'unknown'],
      ['i', 'unknown'],
    ]
    const picked = [...fields, ...extra].filter(([k]) => (o.has('a') ? k !== 'p' && k !== 'i' : o.has(k)))
    yield* print(sys, `${(picked.length > 0 ? picked : fields.slice(0, 1)).map(([, v]) => v).join(' ')}\n`)
    return 0
  },
}
const free: Applet = {
  name: 'free',
  usage: '[-bkmgh]',
  help: 'Display free and used memory',
  *run(sys, argv) {
    const o = yield* getopt(sys, free, argv, 'bkmgh')
    if (typeof o === 'number') return o
    const m = yield* meminfo(sys)
    const unit = o.has('b') ? 1 : o.has('m') ? 1048576 : o.has('g') ? 1073741824 : 1024
    const cell = (n: number): string =>
      (o.has('h') ? `${(n / 1073741824).toFixed(1)}G` : String(Math.floor(n / unit))).padStart(12)
    const v = (k: string): number => m[k] ?? 0
    const cached = v('Buffers') + v('Cached') + v('SReclaimable')
    const used = v('MemTotal') - v('MemFree') - cached
    yield* print(
      sys,
      `              total        used        free      shared  buff/cache   available\nMem:  ${[v('MemTotal'), used, v('MemFree'), v('Shmem'), cached, v('MemAvailable')].map(cell).join('').slice(0)}\nSwap: ${[v('SwapTotal'), 0, v('SwapFree')].map(cell).join('')}\n`,
    )
    return 0
  },
}
const uptime: Applet = {
  name: 'uptime',
  usage: '',
  help: 'Display the time since the last boot',
  *run(sys, argv) {
    const o = yield* getopt(sys, uptime, argv, 's')
    if (typeof o === 'number') return o
    const now = yield* sys.clock('realtime')
    const { uptime: up, loads } = yield* sys.sysinfo()
    if (o.has('s')) {
      yield* print(sys, `${strftime('%F %T', now - up)}\n`)
      return 0
    }
    const minutes = Math.floor(up / 60e9)
    const days = Math.floor(minutes / 1440)
    const hours = Math.floor(minutes / 60) % 24
    const length =
      hours > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`
    yield* print(
      sys,
      ` ${strftime('%T', now)} up ${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${length},  0 users,  load average: ${loads.map((l) => l.toFixed(2)).join(', ')}\n`,
    )
    return 0
  },
}
const mount: Applet = {
  name: 'mount',
  usage: '[OPTIONS] [-o OPT] DEVICE NODE',
  help: 'Mount a filesystem. Filesystem autodetection requires /proc.',
  *run(sys, argv) {
    const o = yield* getopt(sys, mount, argv, 'at:o:rwnvf', {
      bind: 'B',
      rbind: 'R',
      'make-private': 'P',
      'make-rprivate': 'Q',
      'make-shared': 'S',
    })
    if (typeof o === 'number') return o
    if (o.rest.length === 0) {
      const text = yield* readText(sys, '/proc/mounts')
      if (isErr(text)) return yield* failWith(sys, `mount: no /proc/mounts`)
      const want = o.value('t')
      yield* print(
        sys,
        text
          .split('\n')
          .filter(Boolean)
          .map((l) => l.split(' '))
          .filter((f) => want === undefined || f[2] === want)
          .map((f) => `${f[0]} on ${f[1]} type ${f[2]} (${f[3]})\n`)
          .join(''),
      )
      return 0
    }
    const words: Record<string, number> = {
      ro: MS_RDONLY,
      nosuid: MS_NOSUID,
      nodev: MS_NODEV,
      noexec: MS_NOEXEC,
      remount: MS_REMOUNT,
      bind: MS_BIND,
      rbind: MS_BIND | MS_REC,
      private: MS_PRIVATE,
      rprivate: MS_PRIVATE | MS_REC,
      shared: MS_SHARED,
      rshared: MS_SHARED | MS_REC,
      slave: MS_SLAVE,
      rslave: MS_SLAVE | MS_REC,
      rw: 0,
      defaults: 0,
      relatime: 0,
    }
    let flags =
      (o.has('r') ? MS_RDONLY : 0) |
      (o.has('B') ? MS_BIND : 0) |
      (o.has('R') ? MS_BIND | MS_REC : 0) |
      (o.has('P') ? MS_PRIVATE : 0) |
      (o.has('Q') ? MS_PRIVATE | MS_REC : 0) |
      (o.has('S') ? MS_SHARED : 0)
    const data: string[] = []
    for (const word of o.all('o').flatMap((x) => x.split(','))) {
      if (Object.hasOwn(words, word)) flags |= words[word] as number
      else data.push(word)
    }
    const [source = '', target = source] = o.rest
    const failed = yield* sys.mount(source, target, o.value('t') ?? 'ext4', flags, data.join(','))
    if (!failed) return 0
    if (failed.name === 'EPERM') return yield* failWith(sys, 'mount: permission denied (are you root?)')
    return yield* failWith(sys, `mount: mounting ${source} on ${target} failed: ${strerror(failed)}`)
  },
}
const umount: Applet = {
  name: 'umount',
  usage: '[-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY',
  help: 'Unmount filesystems',
  *run(sys, argv) {
    const o = yield* getopt(sys, umount, argv, 'rlfdat:')
    if (typeof o === 'number') return o
    let status = 0
    for (const path of o.rest) {
      const failed = yield* sys.umount(path, o.has('l') ? 2 : 0)
      if (failed) {
        yield* warn(sys, `umount: can't unmount ${path}: ${strerror(failed)}\n`)
        status = 1
      }
    }
    return status
  },
}
const which: Applet = {
  name: 'which',
  usage: '[-a] COMMAND...',
  help: 'Locate COMMAND',
  *run(sys, argv) {
    const o = yield* getopt(sys, which, argv, 'a')
    if (typeof o === 'number') return o
    if (o.rest.length === 0) return yield* showUsage(sys, which)
    const path =
      sys
        .environ()
        .find((e) => e.startsWith('PATH='))
        ?.slice(5) ?? '/sbin:/usr/sbin:/bin:/usr/bin'
    let status = 0
    for (const name of o.rest) {
      let found = false
      for (const file of name.includes('/') ? [name] : path.split(':').map((d) => `${d || '.'}/${name}`)) {
        if (isErr(yield* sys.stat(file)) || (yield* sys.access(file, X_OK))) continue
        yield* print(sys, `${file}\n`)
        found = true
        if (!o.has('a')) break
      }
      if (!found) status = 1
    }
    return status
  },
}
/** Processors of the machine, whatever this process may use. */
function* allProcessors(sys: Sys): Run<number> {
  const text = yield* readText(sys, '/proc/cpuinfo')
  return isErr(text) ? 1 : [...text.matchAll(/^processor\s*:/gm)].length || 1
}
const nproc: Applet = {
  name: 'nproc',
  usage: '[--all] [--ignore=N]',
  help: 'Print number of available CPUs',
  *run(sys, argv) {
    const o = yield* getopt(sys, nproc, argv, 'ai:', { all: 'a', ignore: 'i' })
    if (typeof o === 'number') return o
    const less = parseNumber(o.value('i') ?? '0')
    if (typeof less !== 'number') return yield* failWith(sys, `nproc: ${less.error}`)
    const cpus = o.has('a') ? yield* allProcessors(sys) : yield* sys.schedGetaffinity()
    yield* print(sys, `${Math.max(1, cpus - less)}\n`)
    return 0
  },
}
const dmesg: Applet = {
  name: 'dmesg',
  usage: '[-cr] [-n LEVEL] [-s SIZE]',
  help: 'Print or control the kernel ring buffer',
  *run(sys) {
    const log = yield* sys.syslog()
    if (isErr(log)) return yield* failWith(sys, `dmesg: klogctl: ${strerror(log)}`)
    yield* print(sys, log.map((l) => `${l}\n`).join(''))
    return 0
  },
}
const tty: Applet = {
  name: 'tty',
  usage: '[-s]',
  help: "Print file name of stdin's terminal",
  *run(sys, argv) {
    const n = yield* sys.ioctl<number>(0, 'TIOCGPTN')
    if (!argv.includes('-s')) yield* print(sys, isErr(n) ? 'not a tty\n' : `/dev/pts/${n}\n`)
    return isErr(n) ? 1 : 0
  },
}
const su: Applet = {
  name: 'su',
  usage: "[-lmp] [-s SH] [-] [USER [FILE ARGS | -c 'CMD' [ARG0 ARGS]]]",
  help: 'Run shell under USER (by default, root)',
  *run(sys, argv) {
    const o = yield* getopt(
      sys,
      su,
      argv.filter((a) => a !== '-'),
      'lmps:c:',
    )
    if (typeof o === 'number') return o
    const name = o.rest[0] ?? 'root'
    const u = (yield* users(sys)).find((x) => x.name === name)
    if (!u) return yield* failWith(sys, `su: unknown user ${name}`)
    const { euid } = yield* sys.getcred()
    if (euid !== 0) return yield* failWith(sys, 'su: must be suid to work properly')
    yield* sys.setgroups([u.gid, ...(yield* groups(sys)).filter((g) => g.members.includes(name)).map((g) => g.gid)])
    yield* sys.setgid(u.gid)
    yield* sys.setuid(u.uid)
    const shell = o.value('s') ?? u.shell
    const command = o.value('c')
    return yield* execPath(
      sys,
      [shell, ...(command !== undefined ? ['-c', command] : []), ...o.rest.slice(1)],
      [
        ...sys.environ().filter((e) => !/^(HOME|USER|SHELL|LOGNAME)=/.test(e)),
        `HOME=${u.home}`,
        `USER=${name}`,
        `LOGNAME=${name}`,
        `SHELL=${shell}`,
      ],
      'su',
    )
  },
}
const flagsOf: readonly (readonly [string, string, number])[] = [
  ['m', 'mount', CLONE_NEWNS],
  ['u', 'uts', CLONE_NEWUTS],
  ['i', 'ipc', CLONE_NEWIPC],
  ['n', 'net', CLONE_NEWNET],
  ['p', 'pid', CLONE_NEWPID],
  ['U', 'user', CLONE_NEWUSER],
  ['C', 'cgroup', CLONE_NEWCGROUP],
  ['T', 'time', CLONE_NEWTIME],
]
const unshare: Applet = {
  name: 'unshare',
  usage: '[OPTIONS] [PROG ARGS]',
  help: 'Unshare namespaces before running PROG',
  *run(sys, argv) {
    const o = yield* getopt(sys, unshare, argv, '+muinpUCTrf', {
      ...Object.fromEntries(flagsOf.map(([c, n]) => [n, c])),
      fork: 'f',
      'map-root-user': 'r',
      'mount-proc': 'f',
    })
    if (typeof o === 'number') return o
    const { euid, egid } = yield* sys.getcred()
    const flags = flagsOf.reduce((f, [c, , bit]) => (o.has(c) ? f | bit : f), o.has('r') ? CLONE_NEWUSER : 0)
    const failed = yield* sys.unshare(flags)
    if (failed) return yield* failWith(sys, `unshare: unshare(0x${flags.toString(16)}): ${strerror(failed)}`)
    if (o.has('r'))
      for (const [file, text] of [
        ['setgroups', 'deny'],
        ['uid_map', `0 ${euid} 1`],
        ['gid_map', `0 ${egid} 1`],
      ] as const) {
        const fd = yield* sys.open(`/proc/self/${file}`, 1)
        if (isErr(fd)) continue
        yield* sys.write(fd, new TextEncoder().encode(text))
        yield* sys.close(fd)
      }
    const command = o.rest.length > 0 ? o.rest : ['/bin/sh']
    return o.has('f')
      ? statusOf(yield* runCommand(sys, command, 'unshare', "can't execute"))
      : yield* execPath(sys, command, sys.environ(), 'unshare')
  },
}
const nsenter: Applet = {
  name: 'nsenter',
  usage: '[OPTIONS] [PROG ARGS]',
  *run(sys, argv) {
    const o = yield* getopt(sys, nsenter, argv, '+t:muinpUCTar', {
      target: 't',
      all: 'a',
      ...Object.fromEntries(flagsOf.map(([c, n]) => [n, c])),
    })
    if (typeof o === 'number') return o
    const pid = o.value('t')
    if (pid === undefined) return yield* failWith(sys, 'nsenter: no target PID specified')
    const fds: number[] = []
    const names: string[] = []
    for (const [c, name] of flagsOf) {
      if (!o.has(c) && !o.has('a')) continue
      const file = `/proc/${pid}/ns/${name === 'mount' ? 'mnt' : name}`
      const fd = yield* sys.open(file, O_RDONLY)
      if (isErr(fd)) return yield* failWith(sys, `nsenter: can't open '${file}': ${strerror(fd)}`)
      if (c === 'U' && o.has('a')) continue
      fds.push(fd)
      names.push(name === 'mount' ? 'mnt' : name)
    }
    for (const [i, fd] of fds.entries()) {
      const failed = yield* sys.setns(fd, 0)
      if (failed)
        return yield* failWith(
          sys,
          `nsenter: setns(): can't reassociate to namespace '${names[i]}': ${strerror(failed)}`,
        )
      yield* sys.close(fd)
    }
    return statusOf(yield* runCommand(sys, o.rest.length > 0 ? o.rest : ['/bin/sh'], 'nsenter', "can't execute"))
  },
}
const sync: Applet = {
  name: 'sync',
  usage: '[-df] [FILE]...',
  *run(sys, argv) {
    const o = yield* getopt(sys, sync, argv, 'df')
    if (typeof o === 'number') return o
    let status = 0
    for (const path of o.rest) {
      const s = yield* sys.stat(path)
      if (!isErr(s)) continue
      status = yield* failWith(sys, `sync: can't open '${path}': ${strerror(s)}`)
    }
    return status
  },
}
const clear: Applet = {
  name: 'clear',
  usage: '',
  help: 'Clear screen',
  *run(sys) {
    yield* print(sys, '\x1b[H\x1b[J')
    return 0
  },
}
const passwd: Applet = {
  name: 'passwd',
  usage: '[-a ALG] [-dlu] [USER]',
  *run(sys) {
    const { euid } = yield* sys.getcred()
    const name = (yield* users(sys)).find((u) => u.uid === euid)?.name ?? String(euid)
    yield* print(sys, `Changing password for ${name}\nNew password: `)
    const line = yield* sys.read(0, 128)
    yield* print(sys, '\n')
    if (isErr(line) || line.length <= 1) return yield* failWith(sys, `passwd: password for ${name} is unchanged`)
    return yield* failWith(sys, 'zukan: not emulated: passwd')
  },
}

export const processApplets: readonly Applet[] = [
  ps,
  kill,
  pidof,
  pgrep,
  pkill,
  killall,
  sleep,
  env,
  printenv,
  id,
  whoami,
  groupsApplet,
  hostname,
  uname,
  free,
  uptime,
  mount,
  umount,
  which,
  nproc,
  dmesg,
  tty,
  chroot,
  su,
  unshare,
  nsenter,
  timeout,
  nohup,
  nice,
  renice,
  usleep,
  setsid,
  sync,
  clear,
  passwd,
]
/** The program that hosts/parts.ts names `busybox/processes`. */
export const processesPart = programOf(processApplets)

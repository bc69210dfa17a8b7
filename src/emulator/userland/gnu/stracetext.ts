/** Arguments and results of system calls as strace(1) writes them. */
import { isErr } from '../../base/errno.ts'
import { signalNames } from '../../kernel/linux/signals.ts'

/** What -e trace=%CLASS stands for. */
export const classes: Readonly<Record<string, readonly string[]>> = {
  file: 'execve openat newfstatat access readlink mkdir rmdir link symlink unlink rename mknod chmod chown lchown truncate utimensat statfs chdir getcwd chroot mount umount2 pivot_root'.split(
    ' ',
  ),
  process: 'execve clone wait4 exit_group kill'.split(' '),
  network:
    'socket socketpair bind listen accept4 connect shutdown sendto recvfrom getsockname getpeername setsockopt sendmsg recvmsg'.split(
      ' ',
    ),
  signal: 'rt_sigaction rt_sigprocmask kill pause'.split(' '),
  desc: 'openat close close_range read write pread64 pwrite64 lseek dup dup2 fcntl pipe2 fstat ftruncate fchmod fchown getdents64 poll ioctl'.split(
    ' ',
  ),
  memory: ['brk'],
  creds: 'geteuid setuid setgid setgroups setresuid setresgid capset prctl'.split(' '),
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '"': '\\"', '\\': '\\\\' }
/** A string in quotes, cut at the limit. */
export function quoted(text: string, limit = Number.POSITIVE_INFINITY): string {
  const cut = text.length > limit
  let out = ''
  for (const c of cut ? text.slice(0, limit) : text) {
    const code = c.charCodeAt(0)
    out += escapes[c] ?? (code < 32 || code > 126 ? `\\${code.toString(8)}` : c)
  }
  return `"${out}"${cut ? '...' : ''}`
}
const bytes = (b: Uint8Array, limit: number): string => quoted(String.fromCharCode(...b.subarray(0, limit + 1)), limit)

function flagNames(value: number, names: readonly (readonly [string, number])[], none = '0'): string {
  let left = value
  const out: string[] = []
  for (const [name, bit] of names)
    if (bit !== 0 && (left & bit) === bit) {
      out.push(name)
      left &= ~bit
    }
  if (left) out.push(`0x${(left >>> 0).toString(16)}`)
  return out.length > 0 ? out.join('|') : none
}
const openFlags = [
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_NOCTTY', 0o400],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  ['O_DIRECTORY', 0o200000],
  ['O_NOFOLLOW', 0o400000],
  ['O_CLOEXEC', 0o2000000],
  ['O_PATH', 0o10000000],
] as const
const cloneFlags = [
  ['CLONE_NEWTIME', 0x80],
  ['CLONE_NEWNS', 0x20000],
  ['CLONE_NEWCGROUP', 0x2000000],
  ['CLONE_NEWUTS', 0x4000000],
  ['CLONE_NEWIPC', 0x8000000],
  ['CLONE_NEWUSER', 0x10000000],
  ['CLONE_NEWPID', 0x20000000],
  ['CLONE_NEWNET', 0x40000000],
] as const
const mountFlags = [
  ['MS_RDONLY', 1],
  ['MS_NOSUID', 2],
  ['MS_NODEV', 4],
  ['MS_NOEXEC', 8],
  ['MS_SYNCHRONOUS', 16],
  ['MS_REMOUNT', 32],
  ['MS_NOATIME', 1024],
  ['MS_NODIRATIME', 2048],
  ['MS_BIND', 4096],
  ['MS_MOVE', 8192],
  ['MS_REC', 16384],
  ['MS_UNBINDABLE', 1 << 17],
  ['MS_PRIVATE', 1 << 18],
  ['MS_SLAVE', 1 << 19],
  ['MS_SHARED', 1 << 20],
  ['MS_RELATIME', 1 << 21],
  ['MS_STRICTATIME', 1 << 24],
] as const
const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_RDWR']
const octal = (mode: unknown): string => `0${Number(mode ?? 0).toString(8)}`
const signal = (n: unknown): string =>
  signalNames[Number(n)] && Number(n) > 0 ? `SIG${signalNames[Number(n)]}` : String(n)

interface Address {
  readonly family: string
  readonly path?: string
  readonly address?: string
  readonly port?: number
}
function sockaddr(a: unknown): string {
  const address = a as Address | undefined
  if (!address) return 'NULL, NULL'
  return address.family === 'unix'
    ? `{sa_family=AF_UNIX, sun_path=${quoted(address.path ?? '')}}, ${(address.path ?? '').length + 3}`
    : `{sa_family=AF_INET, sin_port=htons(${address.port}), sin_addr=inet_addr("${address.address}")}, 16`
}
function mode(m: number): string {
  const type: Readonly<Record<number, string>> = {
    1: 'S_IFIFO',
    2: 'S_IFCHR',
    4: 'S_IFDIR',
    6: 'S_IFBLK',
    8: 'S_IFREG',
    10: 'S_IFLNK',
    12: 'S_IFSOCK',
  }
  return `${type[m >> 12] ?? '0'}|0${(m & 0o7777).toString(8)}`
}
function stat(result: unknown): string {
  const s = result as { mode: number; size: number; rdev: number }
  const kind = s.mode >> 12
  return `{st_mode=${mode(s.mode)}, ${kind === 2 || kind === 6 ? `st_rdev=makedev(0x${Math.floor(s.rdev / 0x100000).toString(16)}, 0x${(s.rdev % 0x100000).toString(16)})` : `st_size=${s.size}`}, ...}`
}
function waitStatus(result: unknown): string {
  const s = result as { code?: number; signal?: number; stopped?: number; continued?: boolean } | undefined
  if (!s) return '0x7ffc0000'
  if (s.code !== undefined) return `[{WIFEXITED(s) && WEXITSTATUS(s) == ${s.code}}]`
  if (s.signal !== undefined) return `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signal(s.signal)}}]`
  if (s.stopped !== undefined) return `[{WIFSTOPPED(s) && WSTOPSIG(s) == ${signal(s.stopped)}}]`
  return '[{WIFCONTINUED(s)}]'
}
const action = (a: unknown): string =>
  `{sa_handler=${a === 'default' ? 'SIG_DFL' : a === 'ignore' ? 'SIG_IGN' : '0x55d0c0de'}, sa_mask=[], sa_flags=0}`
const fileBits = (m: bigint): string => {
  const names = signalNames.map((n, i) => (i > 0 && m & (1n << BigInt(i - 1)) ? n : '')).filter(Boolean)
  return `[${names.join(' ')}]`
}

/** The arguments: what is known when the call begins, and what only its end tells. */
export function argumentsOf(
  method: string,
  args: readonly unknown[],
  result: unknown,
  limit: number,
): { readonly before: string; readonly after: string } {
  const a = (n: number): unknown => args[n]
  const str = (n: number): string => quoted(String(a(n) ?? ''))
  const done = (before: string, after = ''): { before: string; after: string } => ({ before, after })
  const failed = result === undefined || isErr(result)
  switch (method) {
    case 'execve':
      return done(
        `${str(0)}, [${(a(1) as readonly string[]).map((w) => quoted(w, limit)).join(', ')}], 0x7ffe /* ${(a(2) as readonly string[]).length} vars */`,
      )
    case 'open': {
      const flags = Number(a(1))
      const rest = flagNames(flags & ~3, openFlags, '')
      return done(
        `AT_FDCWD, ${str(0)}, ${access[flags & 3]}${rest ? `|${rest}` : ''}${flags & 0o100 ? `, ${octal(a(2) ?? 0o666)}` : ''}`,
      )
    }
    case 'read':
    case 'pread':
      return done(
        `${a(0)}, `,
        `${result instanceof Uint8Array ? bytes(result, limit) : '0x7ffc0000'}, ${a(1)}${method === 'pread' ? `, ${a(2)}` : ''}`,
      )
    case 'write':
    case 'pwrite': {
      const b = a(1) as Uint8Array
      return done(`${a(0)}, ${bytes(b, limit)}, ${b.length}${method === 'pwrite' ? `, ${a(2)}` : ''}`)
    }
    case 'fork': {
      const flags = (a(1) as { flags?: number } | undefined)?.flags ?? 0
      return done(`child_stack=NULL, flags=${flags ? `${flagNames(flags, cloneFlags)}|` : ''}SIGCHLD`)
    }
    case 'wait': {
      const o = (a(1) ?? {}) as { noHang?: boolean; untraced?: boolean; continued?: boolean }
      const options =
        [o.noHang && 'WNOHANG', o.untraced && 'WSTOPPED', o.continued && 'WCONTINUED'].filter(Boolean).join('|') || '0'
      return done(`${a(0)}, `, `${isErr(result) ? '0x7ffc0000' : waitStatus(result)}, ${options}, NULL`)
    }
    case 'exit':
      return done(String(a(0)))
    case 'kill':
      return done(`${a(0)}, ${signal(a(1))}`)
    case 'sigaction':
      return done(`${signal(a(0))}, ${action(a(1))}, NULL, 8`)
    case 'sigquery':
      return done(`${signal(a(0))}, NULL, `, `${action(result)}, 8`)
    case 'sigprocmask':
      return done(
        `SIG_${String(a(0)) === 'set' ? 'SETMASK' : String(a(0)).toUpperCase()}, ${fileBits(a(1) as bigint)}, `,
        `${typeof result === 'bigint' ? fileBits(result) : 'NULL'}, 8`,
      )
    case 'stat':
    case 'lstat':
      return done(
        `AT_FDCWD, ${str(0)}, `,
        `${failed ? '0x7ffc0000' : stat(result)}, ${method === 'lstat' ? 'AT_SYMLINK_NOFOLLOW' : '0'}`,
      )
    case 'fstat':
      return done(`${a(0)}, `, failed ? '0x7ffc0000' : stat(result))
    case 'readlink':
      return done(`${str(0)}, `, `${typeof result === 'string' ? quoted(result) : '0x7ffc0000'}, 4096`)
    case 'getcwd':
      return done('', `${typeof result === 'string' ? quoted(result) : '0x7ffc0000'}, 4096`)
    case 'getdents':
      return done(`${a(0)}, `, `0x55d0 /* ${Array.isArray(result) ? result.length : 0} entries */, 32768`)
    case 'pipe':
      return done('', `${Array.isArray(result) ? `[${result.join(', ')}]` : '0x7ffc0000'}, 0`)
    case 'access':
      return done(
        `${str(0)}, ${flagNames(
          Number(a(1)),
          [
            ['R_OK', 4],
            ['W_OK', 2],
            ['X_OK', 1],
          ],
          'F_OK',
        )}`,
      )
    case 'mkdir':
      return done(`${str(0)}, ${octal(a(1) ?? 0o777)}`)
    case 'chmod':
      return done(`${str(0)}, ${octal(a(1))}`)
    case 'fchmod':
      return done(`${a(0)}, ${octal(a(1))}`)
    case 'mknod':
      return done(
        `${str(0)}, ${mode(Number(a(1)))}, makedev(0x${Math.floor(Number(a(2) ?? 0) / 0x100000).toString(16)}, 0x${(Number(a(2) ?? 0) % 0x100000).toString(16)})`,
      )
    case 'umask':
      return done(octal(a(0)))
    case 'mount':
      return done(
        `${a(0) === '' ? 'NULL' : str(0)}, ${str(1)}, ${a(2) === '' ? 'NULL' : str(2)}, ${flagNames(Number(a(3)), mountFlags)}, ${a(4) ? str(4) : 'NULL'}`,
      )
    case 'umount':
      return done(
        `${str(0)}, ${flagNames(Number(a(1) ?? 0), [
          ['MNT_FORCE', 1],
          ['MNT_DETACH', 2],
        ])}`,
      )
    case 'unshare':
      return done(flagNames(Number(a(0)), cloneFlags))
    case 'setns':
      return done(`${a(0)}, ${flagNames(Number(a(1)), cloneFlags)}`)
    case 'socket':
      return done(
        `${a(0) === 'unix' ? 'AF_UNIX' : 'AF_INET'}, ${a(1) === 'stream' ? 'SOCK_STREAM' : 'SOCK_DGRAM'}, ${a(1) === 'icmp' ? 'IPPROTO_ICMP' : a(0) === 'unix' ? '0' : a(1) === 'stream' ? 'IPPROTO_TCP' : 'IPPROTO_UDP'}`,
      )
    case 'connect':
    case 'bind':
      return done(`${a(0)}, ${sockaddr(a(1))}`)
    case 'accept':
      return done(`${a(0)}, NULL, NULL, 0`)
    case 'sendto':
      return done(`${a(0)}, ${bytes(a(1) as Uint8Array, limit)}, ${(a(1) as Uint8Array).length}, 0, ${sockaddr(a(2))}`)
    case 'recvfrom': {
      const r = result as { bytes?: Uint8Array; from?: unknown } | undefined
      return done(
        `${a(0)}, `,
        `${r?.bytes ? bytes(r.bytes, limit) : '0x7ffc0000'}, ${a(1)}, 0, ${r?.from ? sockaddr(r.from).replace(/, (\d+)$/, ', [$1]') : 'NULL, NULL'}`,
      )
    }
    case 'ioctl':
      return done(
        `${a(0)}, ${a(1)}`,
        a(2) === undefined ? '' : `, ${typeof a(2) === 'number' ? `[${a(2)}]` : '0x7ffc0000'}`,
      )
    case 'poll': {
      const fds = a(0) as readonly { fd: number; read?: boolean; write?: boolean }[]
      const events = (f: { read?: boolean; write?: boolean }): string =>
        [f.read && 'POLLIN', f.write && 'POLLOUT'].filter(Boolean).join('|') || '0'
      return done(
        `[${fds.map((f) => `{fd=${f.fd}, events=${events(f)}}`).join(', ')}], ${fds.length}, ${a(1) === undefined ? -1 : Math.round(Number(a(1)) / 1e6)}`,
      )
    }
    case 'nanosleep':
      return done(
        `CLOCK_REALTIME, 0, {tv_sec=${Math.floor(Number(a(0)) / 1e9)}, tv_nsec=${Number(a(0)) % 1e9}}, `,
        failed ? '{...}' : 'NULL',
      )
    case 'clock':
      return done(
        `CLOCK_${String(a(0)).toUpperCase()}, `,
        typeof result === 'number' ? `{tv_sec=${Math.floor(result / 1e9)}, tv_nsec=${result % 1e9}}` : '0x7ffc0000',
      )
    case 'uname': {
      const u = result as { nodename?: string } | undefined
      return done(
        '',
        u?.nodename !== undefined ? `{sysname="Linux", nodename=${quoted(u.nodename)}, ...}` : '0x7ffc0000',
      )
    }
    case 'closeRange':
      return done(`${a(0)}, 4294967295, 0`)
    case 'dupfd':
      return done(`${a(0)}, ${a(2) ? 'F_DUPFD_CLOEXEC' : 'F_DUPFD'}, ${a(1)}`)
    case 'setCloexec':
      return done(`${a(0)}, F_SETFD, ${a(1) ? 'FD_CLOEXEC' : '0'}`)
    case 'setNonblock':
      return done(`${a(0)}, F_SETFL, ${a(1) ? 'O_NONBLOCK' : '0'}`)
    case 'lseek':
      return done(`${a(0)}, ${a(1)}, SEEK_${String(a(2)).toUpperCase()}`)
    case 'prctl':
      return done(`PR_${String(a(0)).toUpperCase()}, ${typeof a(1) === 'string' ? str(1) : a(1)}`)
    case 'getrlimit':
      return done(`0, RLIMIT_${String(a(0)).toUpperCase()}, NULL, `, '{...}')
    case 'setrlimit':
      return done(`0, RLIMIT_${String(a(0)).toUpperCase()}, {rlim_cur=${a(1)}, rlim_max=${a(2)}}, NULL`)
    case 'getcred':
    case 'getpid':
    case 'getppid':
    case 'schedYield':
    case 'pause':
      return done('')
    default:
      return done(args.map((x) => plain(x, limit)).join(', '))
  }
}
function plain(x: unknown, limit: number): string {
  if (typeof x === 'string') return quoted(x)
  if (x instanceof Uint8Array) return `${bytes(x, limit)}, ${x.length}`
  if (typeof x === 'function') return '0x55d0c0de'
  if (Array.isArray(x)) return `[${x.map((y) => plain(y, limit)).join(', ')}]`
  if (typeof x === 'object' && x !== null)
    return `{${Object.entries(x)
      .map(([k, v]) => `${k}=${plain(v, limit)}`)
      .join(', ')}}`
  return x === undefined ? 'NULL' : String(x)
}

/** What stands behind the equals sign. */
export function resultOf(method: string, result: unknown): string {
  if (isErr(result)) return `-1 ${result.name} (${result.text})`
  if (method === 'umask') return octal(result)
  if (typeof result === 'number') return String(method === 'clock' ? 0 : result)
  if (result instanceof Uint8Array) return String(result.length)
  if (method === 'readlink' || method === 'getcwd') return String(String(result).length + (method === 'getcwd' ? 1 : 0))
  if (method === 'wait') return String((result as { pid?: number } | undefined)?.pid ?? 0)
  if (method === 'getdents') return String((result as readonly unknown[]).length * 24)
  if (method === 'getcred') return String((result as { euid: number }).euid)
  if (method === 'recvfrom') return String((result as { bytes: Uint8Array }).bytes.length)
  if (method === 'poll') return String((result as readonly unknown[]).length)
  return '0'
}

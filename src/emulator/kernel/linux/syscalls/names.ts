/** How the methods of `Sys` are called on x86-64, syscalls(2): what seccomp filters and strace(1) go by. */

/** Methods that are no system calls: they write to the program's own memory, or use time. They pass the door unseen. */
export const unseen: ReadonlySet<string> = new Set(['compute', 'setproctitle'])

const renamed: Readonly<Record<string, string>> = {
  fork: 'clone',
  exit: 'exit_group',
  wait: 'wait4',
  sigaction: 'rt_sigaction',
  sigquery: 'rt_sigaction',
  sigprocmask: 'rt_sigprocmask',
  getcred: 'geteuid',
  getrlimit: 'prlimit64',
  setrlimit: 'prlimit64',
  clock: 'clock_gettime',
  nanosleep: 'clock_nanosleep',
  schedYield: 'sched_yield',
  schedGetaffinity: 'sched_getaffinity',
  schedSetaffinity: 'sched_setaffinity',
  open: 'openat',
  closeRange: 'close_range',
  pread: 'pread64',
  pwrite: 'pwrite64',
  dupfd: 'fcntl',
  setCloexec: 'fcntl',
  setNonblock: 'fcntl',
  pipe: 'pipe2',
  getdents: 'getdents64',
  stat: 'newfstatat',
  lstat: 'newfstatat',
  utimens: 'utimensat',
  umount: 'umount2',
  pivotRoot: 'pivot_root',
  accept: 'accept4',
  sendfd: 'sendmsg',
  recvfd: 'recvmsg',
  netlink: 'sendto',
  ptraceNext: 'wait4',
}
/** Linux's name of a method's system call. */
export const syscallName = (method: string): string =>
  Object.hasOwn(renamed, method) ? (renamed[method] as string) : method

const families: Readonly<Record<string, number>> = { unix: 1, inet: 2, vsock: 40 }
const requests: Readonly<Record<string, number>> = {
  TCGETS: 0x5401,
  TCSETS: 0x5402,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x540f,
  TIOCSPGRP: 0x5410,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  FIONREAD: 0x541b,
  TIOCNOTTY: 0x5422,
  TIOCGPTN: 0x80045430,
}
/** The argument registers as a filter sees them: numbers; pointers are 0 here, since no filter can look behind them. */
export function registers(method: string, args: readonly unknown[]): readonly number[] {
  switch (method) {
    case 'fork': {
      const flags = (args[1] as { flags?: number } | undefined)?.flags ?? 0
      return [(flags & ~0xff) | 17]
    }
    case 'socket':
      return [families[String(args[0])] ?? 0, args[1] === 'stream' ? 1 : args[1] === 'dgram' ? 2 : 3]
    case 'netlink':
      return [0, 0, 0, 0]
    case 'ioctl':
      return [Number(args[0]), requests[String(args[1])] ?? 0]
    case 'open':
      return [-100, 0, Number(args[1]), Number(args[2] ?? 0)]
    case 'mount':
      return [0, 0, 0, Number(args[3])]
    default:
      return args.map((a) => (typeof a === 'number' ? a : 0))
  }
}

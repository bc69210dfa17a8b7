/**
 * The system-call interface: what a program sees of the kernel, and all that it sees.
 * One system call is one method of `Sys`; each goes through one door (see door.ts), where permission, seccomp,
 * counting, tracing and signals happen. Names, flags and errors follow section 2 of the Linux man-pages.
 */
import type { Errno } from '../../base/errno.ts'
import type { DeviceRule } from './cgroup.ts'
import type { DirEntry, Stat, StatFs } from './fs/inode.ts'
import type { SeccompProfile } from './seccomp.ts'
import type { WaitQueue } from './wait.ts'

export type Pid = number
export type Fd = number
export type Bytes = number
/** Virtual time since the machine was switched on (monotonic) or since 1970 (realtime). Safe integers: up to 104 days. */
export type Nanoseconds = number
export type ExitCode = number

/** What a program yields when it must wait. Programs never make one themselves: system calls do. */
export type Wait =
  | { readonly kind: 'sleep'; readonly queues: readonly WaitQueue[]; readonly deadline?: Nanoseconds }
  | { readonly kind: 'preempt' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'load'; readonly program: string }

/** A piece of a program that may wait. */
export type Run<T> = Generator<Wait, T, void>

/** A program: main(argv) over system calls. Returning is exit_group(2) with that code. */
export type Program = (sys: Sys, argv: readonly string[]) => Run<ExitCode>

/** A signal's disposition, sigaction(2). */
export type SignalAction = 'default' | 'ignore' | ((sys: Sys, signal: number) => Run<void>)

export interface ForkOptions {
  /** CLONE_NEW* flags, clone(2). */
  readonly flags?: number
  /** CLONE_PARENT: the new process gets the caller's parent. */
  readonly parent?: boolean
}

export interface WaitStatus {
  readonly pid: Pid
  /** Exit code where the process exited by itself. */
  readonly code?: number
  /** Signal that ended it. */
  readonly signal?: number
  /** Signal that stopped it (WUNTRACED). */
  readonly stopped?: number
  /** Continued by SIGCONT (WCONTINUED). */
  readonly continued?: boolean
}

/** WNOHANG, WUNTRACED, WCONTINUED as waitpid(2). */
export interface WaitOptions {
  readonly noHang?: boolean
  readonly untraced?: boolean
  readonly continued?: boolean
}

export interface Utsname {
  readonly sysname: string
  readonly nodename: string
  readonly release: string
  readonly version: string
  readonly machine: string
  readonly domainname: string
}

export interface Capabilities {
  readonly effective: bigint
  readonly permitted: bigint
  readonly inheritable: bigint
  readonly bounding: bigint
  readonly ambient: bigint
}

/** The identity that kernel checks use; credentials(7). */
export interface Credentials extends Capabilities {
  readonly uid: number
  readonly euid: number
  readonly suid: number
  readonly fsuid: number
  readonly gid: number
  readonly egid: number
  readonly sgid: number
  readonly fsgid: number
  readonly groups: readonly number[]
  readonly noNewPrivs: boolean
  readonly securebits: number
}

export interface Usage {
  readonly user: Nanoseconds
  readonly system: Nanoseconds
  readonly childrenUser: Nanoseconds
  readonly childrenSystem: Nanoseconds
  /** The most memory that a child had, ru_maxrss of RUSAGE_CHILDREN. */
  readonly childrenPeak: Bytes
}

/** A socket address, by family; ip(7), unix(7), vsock(7); netlink is `Sys.netlink`. */
export type SocketAddress =
  | { readonly family: 'inet'; readonly address: string; readonly port: number }
  | { readonly family: 'unix'; readonly path: string }
  /** vsock(7): a port of the machine's host (cid 2) or of one of its guests. */
  | { readonly family: 'vsock'; readonly cid: number; readonly port: number }

export type SocketType = 'stream' | 'dgram' | 'icmp'

export interface PollFd {
  readonly fd: Fd
  readonly read?: boolean
  readonly write?: boolean
}

/** One method per system call. All are `yield*`ed: `const n = yield* sys.read(fd, 4096)`. */
export interface Sys {
  /** The environment given to execve(2), as environ(7): NAME=value each. Not a system call. */
  environ(): readonly string[]
  /**
   * Code of the program that comes when it is first needed, as dlopen(3) brings it: another entry point, by name. Not a system call.
   * Where the code can't be had, the program answered says so and fails.
   */
  part(name: string): Run<Program>
  /** A mark in the world's trace, as user space writes to tracefs' trace_marker: what one program asked of another. */
  traceMark(kind: 'api' | 'grpc' | 'http' | 'file' | 'command', to: string, what: string, document?: string): void
  /**
   * clone(2) with CLONE_THREAD | CLONE_VM | CLONE_FILES: another thread of this process. It shares all but its system calls' state
   * and, after unshare(2) or setns(2), its namespaces. It ends with the process.
   *
   * Where it matters, pass `(t) => serve(t, ...)` with a generator function of the module, here and to fork: the first call of a generator
   * function that was made at run time costs V8 3.5 us and 300 bytes that stay as long as the thread.
   */
  thread(body: (sys: Sys) => Run<unknown>): void

  // --- processes: fork(2), execve(2), wait4(2), exit_group(2), credentials(7) ---
  getpid(): Run<Pid>
  getppid(): Run<Pid>
  /**
   * fork(2)/clone(2). A generator can't be copied, so the child's continuation is given: it runs with copies of the
   * caller's file descriptors, working directory, signal dispositions and credentials. Answers the child's pid as the caller sees it.
   */
  fork(child: (sys: Sys) => Run<ExitCode>, options?: ForkOptions): Run<Pid | Errno>
  /** execve(2). Answers only where it fails. `env` is a list of NAME=value. Handles #! scripts, ELF and PE headers. */
  execve(path: string, argv: readonly string[], env: readonly string[]): Run<Errno>
  /** exit_group(2). */
  exit(code: ExitCode): Run<never>
  /** wait4(2): pid > 0 that child, -1 any, 0 the caller's group, < -1 that group. Undefined with noHang and nothing to report. */
  wait(pid: Pid, options?: WaitOptions): Run<WaitStatus | undefined | Errno>
  kill(pid: Pid, signal: number): Run<Errno | undefined>
  sigaction(signal: number, action: SignalAction): Run<Errno | undefined>
  /** The present disposition, without changing it. */
  sigquery(signal: number): Run<SignalAction>
  /** sigprocmask(2): answers the former mask (bit n-1 = signal n). */
  sigprocmask(how: 'block' | 'unblock' | 'set', mask: bigint): Run<bigint>
  /** pause(2): returns EINTR after a caught signal. */
  pause(): Run<Errno>
  setsid(): Run<Pid | Errno>
  getsid(pid: Pid): Run<Pid | Errno>
  setpgid(pid: Pid, pgid: Pid): Run<Errno | undefined>
  getpgid(pid: Pid): Run<Pid | Errno>
  getcred(): Run<Credentials>
  setuid(uid: number): Run<Errno | undefined>
  setgid(gid: number): Run<Errno | undefined>
  /** setresuid(2) and setresgid(2): -1 leaves one as it is. */
  setresuid(ruid: number, euid: number, suid: number): Run<Errno | undefined>
  setresgid(rgid: number, egid: number, sgid: number): Run<Errno | undefined>
  setgroups(groups: readonly number[]): Run<Errno | undefined>
  capset(caps: Pick<Capabilities, 'effective' | 'permitted' | 'inheritable'>): Run<Errno | undefined>
  /** prctl(2): PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT_RAISE, PR_SET_KEEPCAPS. */
  prctl(option: PrctlOption, value: string | number): Run<Errno | undefined>
  /** SECCOMP_SET_MODE_FILTER of seccomp(2), with the filter as a runtime-spec profile. EINVAL where it names an unknown action. */
  seccomp(profile: SeccompProfile): Run<Errno | undefined>
  /** PTRACE_SEIZE: a descriptor by which the caller sees another process's system calls, with `follow` its children's, too. */
  ptrace(pid: Pid, follow: boolean): Run<Fd | Errno>
  /** Lets the tracee that was told of last go on, and waits for the next stop; undefined where no tracee is left. */
  ptraceNext(fd: Fd): Run<TraceStop | undefined | Errno>
  /** prlimit(2): `pid` 0 is the caller. */
  prlimit(
    pid: Pid,
    resource: Resource,
    limit?: readonly [soft: number, hard: number],
  ): Run<readonly [soft: number, hard: number] | Errno>
  getrlimit(resource: Resource): Run<readonly [soft: number, hard: number]>
  setrlimit(resource: Resource, soft: number, hard: number): Run<Errno | undefined>
  getrusage(): Run<Usage>
  /** Linux keeps argv in the process's memory, where ps(1) finds it; this overwrites it (setproctitle(3)). */
  setproctitle(title: string): Run<void>
  /** brk(2)/mmap(2) in one: sets the size of the anonymous memory, which is charged to the memory cgroup. ENOMEM, or the OOM killer. */
  brk(size: Bytes): Run<Errno | undefined>
  /**
   * futex(2) FUTEX_WAIT: sleeps on a queue that threads of one process share until `ready` holds or the time is over (nanoseconds).
   * Whoever changes what `ready` looks at wakes the queue. True where it holds.
   */
  futex(queue: WaitQueue, ready: () => boolean, timeout?: Nanoseconds): Run<boolean>
  /** Uses processor time in user mode: programs that loop without system calls say so here, or they could not be preempted. */
  compute(time: Nanoseconds): Run<void>

  // --- time ---
  clock(id: 'realtime' | 'monotonic' | 'boottime'): Run<Nanoseconds>
  /** nanosleep(2): EINTR where a caught signal came. */
  nanosleep(time: Nanoseconds): Run<Errno | undefined>
  schedYield(): Run<void>

  // --- system ---
  uname(): Run<Utsname>
  sethostname(name: string): Run<Errno | undefined>
  setdomainname(name: string): Run<Errno | undefined>
  /** sysinfo(2), the machine's: not limited by cgroups. Bytes, nanoseconds. */
  sysinfo(): Run<{
    readonly uptime: Nanoseconds
    readonly totalram: Bytes
    readonly freeram: Bytes
    readonly procs: number
    readonly loads: readonly [number, number, number]
  }>
  getrandom(count: number): Run<Uint8Array>
  /** sched_getaffinity(2) as a count of processors. */
  schedGetaffinity(): Run<number>
  /** sched_getaffinity(2) of any process: its processors' numbers. `cpus` sets them, sched_setaffinity(2). */
  schedSetaffinity(pid: Pid, cpus?: readonly number[]): Run<readonly number[] | Errno>
  /** getpriority(2) of a process, or with `nice` setpriority(2): -20 to 19. */
  setpriority(pid: Pid, nice?: number): Run<number | Errno>
  /** reboot(2). In a pid namespace it ends the namespace's init instead. */
  reboot(how: 'restart' | 'halt' | 'poweroff'): Run<Errno | undefined>
  /** The kernel's log, syslog(2). */
  syslog(): Run<readonly string[] | Errno>

  // --- files by descriptor ---
  /** open(2) with the O_* flags of fs/flags.ts. */
  open(path: string, flags: number, mode?: number): Run<Fd | Errno>
  close(fd: Fd): Run<Errno | undefined>
  /** close_range(2) up to the highest number: all descriptors from `first` on. */
  closeRange(first: Fd): Run<undefined>
  /**
   * Up to `count` bytes; an empty array is the end of the file. Bytes that were read or written are handed on without being copied:
   * nobody changes them afterwards.
   */
  read(fd: Fd, count: number): Run<Uint8Array | Errno>
  write(fd: Fd, bytes: Uint8Array): Run<number | Errno>
  pread(fd: Fd, count: number, offset: number): Run<Uint8Array | Errno>
  pwrite(fd: Fd, bytes: Uint8Array, offset: number): Run<number | Errno>
  lseek(fd: Fd, offset: number, whence: 'set' | 'cur' | 'end'): Run<number | Errno>
  dup(fd: Fd): Run<Fd | Errno>
  dup2(fd: Fd, to: Fd): Run<Fd | Errno>
  /** fcntl(2) F_DUPFD_CLOEXEC or F_DUPFD: the lowest free descriptor from `min` up. */
  dupfd(fd: Fd, min: Fd, cloexec: boolean): Run<Fd | Errno>
  /** fcntl(2) F_SETFD FD_CLOEXEC. */
  setCloexec(fd: Fd, on: boolean): Run<Errno | undefined>
  /** fcntl(2) F_SETFL O_NONBLOCK. */
  setNonblock(fd: Fd, on: boolean): Run<Errno | undefined>
  pipe(): Run<readonly [read: Fd, write: Fd] | Errno>
  /** flock(2) without waiting (LOCK_NB): EAGAIN where another open file holds it. */
  flock(fd: Fd, how: 'exclusive' | 'unlock'): Run<Errno | undefined>
  fstat(fd: Fd): Run<Stat | Errno>
  ftruncate(fd: Fd, size: Bytes): Run<Errno | undefined>
  fchmod(fd: Fd, mode: number): Run<Errno | undefined>
  fchown(fd: Fd, uid: number, gid: number): Run<Errno | undefined>
  /** getdents(2): all entries of an open directory, `.` and `..` included. */
  getdents(fd: Fd): Run<readonly DirEntry[] | Errno>
  /** poll(2): the descriptors that are ready; [] on timeout (nanoseconds; undefined waits for ever). Hang-up counts as readable. */
  poll(fds: readonly PollFd[], timeout?: Nanoseconds): Run<readonly Fd[] | Errno>
  ioctl<T = unknown>(fd: Fd, request: IoctlRequest, arg?: unknown): Run<T | Errno>

  // --- files by path ---
  stat(path: string): Run<Stat | Errno>
  lstat(path: string): Run<Stat | Errno>
  access(path: string, mode: number): Run<Errno | undefined>
  readlink(path: string): Run<string | Errno>
  mkdir(path: string, mode?: number): Run<Errno | undefined>
  rmdir(path: string): Run<Errno | undefined>
  link(from: string, to: string): Run<Errno | undefined>
  symlink(target: string, path: string): Run<Errno | undefined>
  unlink(path: string): Run<Errno | undefined>
  rename(from: string, to: string): Run<Errno | undefined>
  /** mknod(2): `mode` holds the type bits; `rdev` as makedev(3) of fs/flags.ts. */
  mknod(path: string, mode: number, rdev?: number): Run<Errno | undefined>
  chmod(path: string, mode: number): Run<Errno | undefined>
  chown(path: string, uid: number, gid: number): Run<Errno | undefined>
  lchown(path: string, uid: number, gid: number): Run<Errno | undefined>
  truncate(path: string, size: Bytes): Run<Errno | undefined>
  /** utimensat(2); undefined means now, 'omit' leaves it. Nanoseconds since 1970. */
  utimens(
    path: string,
    atime?: Nanoseconds | 'omit',
    mtime?: Nanoseconds | 'omit',
    follow?: boolean,
  ): Run<Errno | undefined>
  statfs(path: string): Run<StatFs | Errno>
  chdir(path: string): Run<Errno | undefined>
  fchdir(fd: Fd): Run<Errno | undefined>
  getcwd(): Run<string | Errno>
  chroot(path: string): Run<Errno | undefined>
  umask(mask: number): Run<number>

  // --- namespaces and mounts ---
  /** mount(2): MS_* flags of fs/flags.ts; `data` as mount -o gives it. */
  mount(source: string, target: string, type: string, flags: number, data?: string): Run<Errno | undefined>
  umount(target: string, flags?: number): Run<Errno | undefined>
  pivotRoot(newRoot: string, putOld: string): Run<Errno | undefined>
  unshare(flags: number): Run<Errno | undefined>
  setns(fd: Fd, nstype: number): Run<Errno | undefined>

  /** BPF_PROG_ATTACH of bpf(2): a program of type cgroup_device, given as its rules, to the cgroup whose directory is open at `fd`. */
  bpf(fd: Fd, rules: readonly DeviceRule[]): Run<Errno | undefined>

  // --- sockets: socket(7) ---
  socket(family: 'inet' | 'unix' | 'vsock', type: SocketType): Run<Fd | Errno>
  socketpair(): Run<readonly [Fd, Fd] | Errno>
  bind(fd: Fd, address: SocketAddress): Run<Errno | undefined>
  listen(fd: Fd, backlog?: number): Run<Errno | undefined>
  accept(fd: Fd): Run<Fd | Errno>
  connect(fd: Fd, address: SocketAddress): Run<Errno | undefined>
  shutdown(fd: Fd, how: 'read' | 'write' | 'both'): Run<Errno | undefined>
  sendto(fd: Fd, bytes: Uint8Array, to?: SocketAddress): Run<number | Errno>
  recvfrom(
    fd: Fd,
    count: number,
  ): Run<{ readonly bytes: Uint8Array; readonly from: SocketAddress; readonly ttl?: number } | Errno>
  getsockname(fd: Fd): Run<SocketAddress | Errno>
  getpeername(fd: Fd): Run<SocketAddress | Errno>
  setsockopt(fd: Fd, option: 'ttl' | 'reuseaddr', value: number): Run<Errno | undefined>
  /** sendmsg(2) with SCM_RIGHTS: gives the other side of a UNIX socket a descriptor. */
  sendfd(fd: Fd, what: Fd): Run<Errno | undefined>
  /** recvmsg(2) with SCM_RIGHTS: the descriptor that the other side gave. */
  recvfd(fd: Fd): Run<Fd | Errno>
  /** rtnetlink(7) and nf_tables, as typed requests; see net/netlink.ts. */
  netlink<T = unknown>(request: { readonly op: string } & Record<string, unknown>): Run<T | Errno>
}

export type PrctlOption =
  | 'set_name'
  | 'set_no_new_privs'
  | 'capbset_drop'
  | 'cap_ambient_raise'
  | 'set_pdeathsig'
  | 'set_child_subreaper'
  | 'set_keepcaps'
  | 'set_securebits'

export type Resource =
  | 'nofile'
  | 'nproc'
  | 'cpu'
  | 'fsize'
  | 'as'
  | 'core'
  | 'data'
  | 'stack'
  | 'memlock'
  | 'rss'
  | 'locks'
  | 'sigpending'
  | 'msgqueue'
  | 'nice'
  | 'rtprio'
  | 'rttime'

/** What a tracer learns of a tracee, ptrace(2). `call` is Linux's name, `method` that of `Sys`; numbers are the tracer's. */
export type TraceStop =
  | {
      readonly kind: 'enter'
      readonly pid: Pid
      readonly call: string
      readonly method: string
      readonly args: readonly unknown[]
    }
  | {
      readonly kind: 'leave'
      readonly pid: Pid
      readonly call: string
      readonly method: string
      readonly args: readonly unknown[]
      readonly result: unknown
      /** Time in the call. */
      readonly time: Nanoseconds
    }
  | { readonly kind: 'signal'; readonly pid: Pid; readonly signal: number; readonly from: Pid; readonly uid: number }
  | { readonly kind: 'fork'; readonly pid: Pid; readonly child: Pid }
  | { readonly kind: 'exited'; readonly pid: Pid; readonly code?: number; readonly signal?: number }

/** tty_ioctl(4) and the few others that programs here use. */
export type IoctlRequest =
  | 'TCGETS'
  | 'TCSETS'
  | 'TIOCGWINSZ'
  | 'TIOCSWINSZ'
  | 'TIOCGPGRP'
  | 'TIOCSPGRP'
  | 'TIOCSCTTY'
  | 'TIOCNOTTY'
  | 'TIOCGPTN'
  | 'FIONREAD'
  | 'TUNSETIFF'
  /** What hypervisors and other kernels than Linux offer by devices: machine/hypervisor.ts, kernel/nt/abi.ts. */
  | `Hv${string}`
  | `Nt${string}`
  | `Darwin${string}`

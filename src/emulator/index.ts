/**
 * The emulator's door for those above it: sessions on ready-made hosts. It knows nothing of pages, pictures or Node:
 * a browser tab, a test and a script use it alike.
 */
import { isErr } from './base/errno.ts'
import { fromText } from './base/filedata.ts'
import { type Host, type HostName, hostNames } from './hosts/host.ts'
import { linuxServerHost } from './hosts/linux-server-host.ts'
import { programs } from './hosts/programs.ts'
import type { ExitCode, Program, Run, Sys } from './kernel/linux/abi.ts'
import { makeTty } from './kernel/linux/fs/devices.ts'
import { O_RDWR, S_IFDIR, S_IFREG } from './kernel/linux/fs/flags.ts'
import type { MemInode } from './kernel/linux/fs/memfs.ts'
import type { OpenFile } from './kernel/linux/fs/openfile.ts'
import type { Kernel } from './kernel/linux/kernel.ts'
import { rootCredentials, userCredentials } from './kernel/linux/kernel.ts'
import type { Process } from './kernel/linux/process.ts'
import type { Tty } from './kernel/linux/tty.ts'
import { WaitQueue } from './kernel/linux/wait.ts'
import { type Machine, World } from './machine/world.ts'
import { shell } from './userland/shell/index.ts'
import type { MachineView } from './view.ts'

/** 2026-11-21 09:00:00 UTC: when every world begins. */
export const EPOCH = 1_795_251_600_000_000_000
/** Turns of the scheduler in one piece of work: a few milliseconds on a slow phone. */
const SLICE = 512
/** Nanoseconds that a server may take to start, and pieces of work that it may use. */
const MOMENT = 2_000_000_000
const MOMENT_SLICES = 160
/** Turns of the scheduler that one line may take. */
export const STEP_LIMIT = 150_000
/** Virtual seconds of processor time for what a line starts, RLIMIT_CPU: endless loops end by SIGXCPU, real work doesn't come near. */
const CPU_LIMIT = 20

export interface SessionOptions {
  /** `linux-server` where none is given; others come by loadHost. */
  readonly host?: Host
  /** The same seed gives the same world. */
  readonly seed?: number
  /** Code of parts that is at hand already; what isn't is asked for by World.run (see hosts/parts.ts). */
  readonly loaded?: ReadonlyMap<string, Program>
}
/** What is left of a work in pieces: the world that runs, and parts whose code it waits for (loadPart, World.provide). */
export interface Pending {
  readonly world: World
  readonly wanted: readonly string[]
}
/** Work that a page does a piece at a time. */
export type Work<T> = Generator<Pending, T, void>

export interface RunResult {
  readonly status: number
  /** Standard output and error as a terminal shows them, lines ended by newlines. */
  readonly output: string
}

/** A host that was booted, with a shell. */
export class Session {
  readonly host: Host
  readonly world: World
  readonly machine: Machine
  readonly kernel: Kernel
  #console:
    | { readonly tty: Tty; request: string | undefined; status: number | undefined; readonly wake: WaitQueue }
    | undefined

  /** `others`: programs that are neither the host's, nor loaded, nor among the first. */
  constructor(host: Host, seed: number, loaded: ReadonlyMap<string, Program>, others = programs) {
    this.host = host
    this.world = new World(
      (name) => (Object.hasOwn(host.programs, name) ? host.programs[name] : (loaded.get(name) ?? others(name))),
      seed,
      EPOCH,
    )
    this.machine = host.boot(this.world)
    const { kernel } = this.machine
    if (!kernel) throw new Error(`${host.name} has no kernel after its boot`)
    this.kernel = kernel
  }
  /** Boots the host to the point where a reader may begin. */
  *boot(): Work<void> {
    const { host, machine, world } = this
    yield { world, wanted: [] }
    yield* this.#until(() => host.ready(machine))
    yield* this.running(host.prepare)
  }

  /** Runs until `done` holds or nothing is ready and no timer is due; time jumps. False where `limit` steps didn't suffice. */
  *#until(done: () => boolean, limit = STEP_LIMIT): Work<boolean> {
    for (let left = limit; left > 0; ) {
      const state = this.world.run(SLICE, done)
      // In the midst of a step nothing is decided.
      if (state.kind !== 'load') {
        left -= SLICE
        if (done()) return true
      }
      if (state.kind === 'idle') {
        const next = this.world.nextTimer
        if (next === undefined) return false
        this.world.advanceTo(next)
      }
      yield { world: this.world, wanted: state.kind === 'load' ? state.programs : [] }
    }
    return false
  }

  /** A process of root's, child of init, that runs `program` on these files. */
  spawn(
    program: (sys: Sys) => Run<ExitCode>,
    files: readonly OpenFile[],
    env: readonly string[] = this.host.shell.environment,
    limited = false,
  ): Process {
    const init = this.kernel.initial.pid.init as Process
    const p = this.kernel.fork(init, program)
    if (isErr(p)) throw new Error(p.text)
    const { user } = this.host.shell
    p.cred = user ? userCredentials(user.uid, user.gid) : rootCredentials
    if (limited) p.limits = new Map(p.limits).set('cpu', [CPU_LIMIT, CPU_LIMIT + 5])
    p.env = env
    p.fdHint = 0
    p.fds = files.map((file) => {
      file.refs++
      return { file, cloexec: false }
    })
    return p
  }

  /** A terminal with a login shell: type into it, take its output. Each call opens another one. */
  openTerminal(size = { rows: 24, columns: 80 }): Tty {
    const pts = [...this.kernel.initialMounts.mounts].find((m) => m.fs.type === 'devpts')?.fs
    if (!pts) throw new Error('no devpts')
    const tty = makeTty(this.kernel, pts, this.host.shell.user?.uid ?? 0)
    tty.size = size
    const { shell } = this.host
    const p = this.spawn(function* (sys) {
      if (!(yield* takeTerminal(sys, shell, tty))) return 1
      const failed = yield* sys.execve(shell.login.path, shell.login.argv, [...shell.environment, ...shell.login.env])
      return failed.number
    }, [])
    p.comm = 'login'
    return tty
  }

  /** Runs lines in a shell that keeps its variables and directory from call to call, to their end; time jumps. */
  *running(lines: string): Work<RunResult> {
    const c = (this.#console ??= this.#openConsole())
    c.tty.takeOutput()
    c.request = lines
    this.kernel.note('command', 'session', 'shell', lines)
    c.status = undefined
    c.wake.wake()
    const ended = yield* this.#until(() => c.status !== undefined)
    const text = new TextDecoder().decode(c.tty.takeOutput()).replace(/\r\n/g, '\n')
    if (!ended && c.status === undefined) {
      // Too long: the terminal is hung up, and the next call gets a new one.
      this.#console = undefined
      if (c.tty.foreground) this.kernel.signalGroup(c.tty.foreground, 24)
      c.tty.hangUp()
      return { status: 152, output: `${text}CPU time limit exceeded\n` }
    }
    return { status: c.status ?? 0, output: text }
  }

  /** Gives what runs in the background the moment that it needs to start, so that an example shows it at work. */
  *settling(): Work<void> {
    const end = this.world.clock.now + MOMENT
    for (let n = 0; n < MOMENT_SLICES; ) {
      const state = this.world.run(SLICE)
      if (state.kind !== 'load') n++
      if (state.kind === 'idle') {
        const next = this.world.nextTimer
        if (next === undefined || next > end) return
        this.world.advanceTo(next)
      }
      yield { world: this.world, wanted: state.kind === 'load' ? state.programs : [] }
    }
  }

  #openConsole(): {
    readonly tty: Tty
    request: string | undefined
    status: number | undefined
    readonly wake: WaitQueue
  } {
    const pts = [...this.kernel.initialMounts.mounts].find((m) => m.fs.type === 'devpts')?.fs
    if (!pts) throw new Error('no devpts')
    const tty = makeTty(this.kernel, pts, this.host.shell.user?.uid ?? 0)
    const c = {
      tty,
      request: undefined as string | undefined,
      status: undefined as number | undefined,
      wake: new WaitQueue(),
    }
    const { shell } = this.host
    const p = this.spawn(function* (sys) {
      if (!(yield* takeTerminal(sys, shell, tty))) return 1
      const sh = yield* shell.open(sys)
      for (;;) {
        yield* sys.futex(c.wake, () => c.request !== undefined)
        const text = c.request ?? ''
        c.request = undefined
        c.status = yield* sh.runText(text)
      }
    }, [])
    p.argv = shell.login.argv
    p.comm = (shell.login.path.split('/').at(-1) ?? '').slice(0, 15)
    return c
  }

  /** A folder of the host, made with those above it. */
  makeFolder(path: string): MemInode {
    let at = this.kernel.initialMounts.root.root.inode as MemInode
    for (const part of path.split('/').filter(Boolean)) {
      const next = at.lookup(part)
      at = (isErr(next) ? at.create(part, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 }) : next) as MemInode
    }
    return at
  }
  /** Puts files into a folder of the host. */
  putFiles(folder: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = name.startsWith('/') ? name : `${folder}/${name}`
      const slash = path.lastIndexOf('/')
      const at = this.makeFolder(path.slice(0, slash))
      at.unlink(path.slice(slash + 1))
      const file = at.create(path.slice(slash + 1), { mode: S_IFREG | 0o644, uid: 0, gid: 0 })
      if (!isErr(file)) file.fill(fromText(text))
    }
  }
}

/** Makes a terminal the one that a new session's process stands at; false where it can't be opened. */
function* takeTerminal(sys: Sys, shell: Host['shell'], tty: Tty): Run<boolean> {
  yield* sys.setsid()
  const fd = yield* sys.open(`${shell.consoles}/${tty.index}`, O_RDWR)
  if (isErr(fd)) return false
  yield* sys.ioctl(fd, 'TIOCSCTTY')
  for (const to of [0, 1, 2]) yield* sys.dup2(fd, to)
  yield* sys.chdir(shell.home)
  return true
}

/** Boots a host, in pieces. The same seed gives the same world. */
export function* openingSession({
  host = linuxServerHost,
  seed = 1,
  loaded = new Map(),
}: SessionOptions = {}): Work<Session> {
  const session = new Session(host, seed, loaded)
  yield* session.boot()
  return session
}
/** Fetches the code of a part that World.run asked for. Rejects where it can't be had. */
export const loadPart = (name: string): PromiseLike<Program | undefined> =>
  import('./hosts/parts.ts').then(({ parts }) => parts[name]?.())
/** Fetches a host's code; undefined where there is no such host. Rejects where it can't be had. */
export const loadHost = (name: string): PromiseLike<Host | undefined> =>
  name === linuxServerHost.name
    ? import('./hosts/linux-server-host.ts').then((m) => m.linuxServerHost)
    : import('./hosts/hosts.ts').then(({ hosts }) =>
        Object.hasOwn(hosts, name) ? hosts[name as HostName]() : undefined,
      )
export { type Host, type HostName, hostNames, type MachineView, type Program, shell, type Tty, type World }

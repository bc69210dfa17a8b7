/** A small world for tests: one kernel, a root in memory, and one program run to its end. */
import { EM_X86_64, elf } from '../../base/elf.ts'
import { isErr } from '../../base/errno.ts'
import { fromText } from '../../base/filedata.ts'
import { World } from '../../machine/world.ts'
import type { Program, Run, Sys } from './abi.ts'
import { S_IFDIR, S_IFLNK, S_IFREG } from './fs/flags.ts'
import { MemFs, type MemInode } from './fs/memfs.ts'
import { OpenFile } from './fs/openfile.ts'
import { Pipe } from './fs/pipe.ts'
import type { Kernel } from './kernel.ts'

export interface RunOptions {
  readonly stdin?: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly programs?: Readonly<Record<string, Program>>
  /** Names under /bin, each a link to busybox. */
  readonly links?: readonly string[]
}
export interface RunResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly kernel: Kernel
  readonly world: World
}

/** Makes a directory with those above it. */
export function makeDirs(root: MemInode, path: string, mode = 0o755): MemInode {
  let at = root
  for (const part of path.split('/').filter(Boolean)) {
    const next = at.lookup(part)
    at = (isErr(next) ? at.create(part, { mode: S_IFDIR | mode, uid: 0, gid: 0 }) : next) as MemInode
  }
  return at
}
/** Puts a file of text into a memory file system. */
export function putFile(root: MemInode, path: string, text: string, mode = 0o644): void {
  const at = path.lastIndexOf('/')
  const inode = makeDirs(root, path.slice(0, at)).create(path.slice(at + 1), {
    mode: S_IFREG | mode,
    uid: 0,
    gid: 0,
  }) as MemInode
  inode.fill(fromText(text))
}

/** A pipe whose other end is outside. */
export function endOf(kernel: Kernel, pipe: Pipe, flags: number): OpenFile {
  pipe.opened(flags)
  return new OpenFile(kernel.pipeFs.node(0o010600, 0, 0), flags, undefined, pipe)
}

/** Runs one program as PID 1's child until it ends, time jumping freely. */
export function runProgram(program: Program, argv: readonly string[], options: RunOptions = {}): RunResult {
  const programs: Record<string, Program> = { ...options.programs }
  const world = new World((name) => programs[name], 1, 0)
  const machine = world.addMachine({ name: 'test', arch: 'amd64', cpus: 2, memory: 2 * 1024 ** 3 })
  const kernel = world.startKernel(machine, { hostname: 'test', release: '6.12.0', version: '#1 SMP', cmdline: '' })
  const fs = new MemFs('ext4', kernel.nextDev(), kernel.now, 1024 ** 3, world.budget)
  for (const dir of ['bin', 'dev', 'proc', 'sys', 'etc', 'root']) makeDirs(fs.root, dir)
  makeDirs(fs.root, 'tmp', 0o1777)
  putFile(fs.root, '/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n')
  putFile(fs.root, '/etc/group', 'root:x:0:root\nnobody:x:65534:\n')
  for (const name of Object.keys(programs)) {
    const file = makeDirs(fs.root, 'bin').create(name, { mode: S_IFREG | 0o755, uid: 0, gid: 0 }) as MemInode
    file.fill(elf(EM_X86_64, name, 0x2000))
  }
  for (const name of options.links ?? [])
    makeDirs(fs.root, 'bin').create(name, { mode: S_IFLNK | 0o777, uid: 0, gid: 0, target: 'busybox' })
  for (const [path, text] of Object.entries(options.files ?? {}))
    putFile(fs.root, path.startsWith('/') ? path : `/tmp/${path}`, text)
  kernel.mountRoot(fs, '/dev/sda1')
  const input = new Pipe()
  const output = new Pipe()
  const errors = new Pipe()
  let status = -1
  kernel.startInit(function* (sys): Run<number> {
    yield* sys.mount('proc', '/proc', 'proc', 0)
    yield* sys.mount('sysfs', '/sys', 'sysfs', 0)
    yield* sys.mount('devtmpfs', '/dev', 'devtmpfs', 0)
    const child = yield* sys.fork(function* (mine: Sys): Run<number> {
      yield* mine.setsid()
      yield* mine.chdir(options.cwd ?? '/tmp')
      return yield* program(mine, argv)
    })
    for (;;) {
      const s = yield* sys.wait(-1)
      if (isErr(s) || !s) return 0
      if (s.pid === child) {
        status = s.signal !== undefined ? 128 + s.signal : (s.code ?? 0)
        return 0
      }
    }
  }, 'init')
  const init = kernel.initial.pid.init
  if (!init) throw new Error('no init')
  init.env = options.env ?? ['PATH=/bin', 'HOME=/root']
  init.fds = [endOf(kernel, input, 0), endOf(kernel, output, 1), endOf(kernel, errors, 1)].map((file) => {
    file.refs++
    return { file, cloexec: false }
  })
  output.readers = errors.readers = 1
  input.put(new TextEncoder().encode(options.stdin ?? ''))
  let out = ''
  let err = ''
  const decoder = new TextDecoder()
  for (let turns = 0; turns < 20_000 && status < 0; turns++) {
    const state = world.run(5000)
    if (output.length > 0) out += decoder.decode(output.take(output.length))
    if (errors.length > 0) err += decoder.decode(errors.take(errors.length))
    if (state.kind === 'idle') {
      const next = world.nextTimer
      if (next === undefined) break
      world.advanceTo(next)
    }
  }
  if (kernel.faults.length > 0) throw kernel.faults[0]?.error
  return { status, stdout: out, stderr: err, kernel, world }
}

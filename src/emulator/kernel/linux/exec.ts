/** execve(2): from a file to a running program. */

import { E2BIG, EACCES, EIO, ELOOP, ENOENT, ENOEXEC, type Errno, isErr } from '../../base/errno.ts'
import type { Credentials, Program, Run } from './abi.ts'
import { isReg, MS_NOEXEC, MS_NOSUID, S_ISGID, S_ISUID, X_OK } from './fs/flags.ts'
import type { Path } from './fs/path.ts'
import { lookup, permission } from './fs/vfs.ts'
import { type Kernel, PROCESS_MEMORY } from './kernel.ts'
import { toKernelId } from './namespaces.ts'
import type { Process } from './process.ts'

const decoder = new TextDecoder()

/** What runs: the program, the file it came from, and argv after #! lines. */
interface Image {
  readonly program: string
  readonly path: Path
  readonly argv: readonly string[]
}

function load(p: Process, name: string, argv: readonly string[], depth: number): Image | Errno {
  if (depth > 4) return ELOOP
  const path = lookup(p, name)
  if (isErr(path)) return path
  const inode = path.dentry.inode
  if (!isReg(inode.mode)) return EACCES
  const denied = permission(p, inode, X_OK)
  if (denied) return denied
  if (path.mount.flags & MS_NOEXEC) return EACCES
  const head = inode.read(0, 0x1100)
  if (isErr(head)) return head
  if (head[0] === 0x23 && head[1] === 0x21) {
    const line = (decoder.decode(head.subarray(0, 256)).split('\n')[0] ?? '').slice(2).trim()
    const [, interpreter, argument] = /^(\S+)(?:\s+(.*))?$/.exec(line) ?? []
    if (!interpreter) return ENOEXEC
    return load(p, interpreter, [interpreter, ...(argument ? [argument] : []), name, ...argv.slice(1)], depth + 1)
  }
  const program = p.kernel.programIn(head)
  return program === undefined ? ENOEXEC : { program, path, argv }
}

/** Credentials of the new program: setuid bits and capabilities, capabilities(7) "Transformation of capabilities during execve". */
function execCredentials(p: Process, path: Path): Credentials {
  const inode = path.dentry.inode
  const nosuid = p.cred.noNewPrivs || (path.mount.flags & MS_NOSUID) !== 0
  let c = p.cred
  const setid = !nosuid && (inode.mode & (S_ISUID | S_ISGID)) !== 0
  if (!nosuid && inode.mode & S_ISUID && toKernelId(p.ns.user, 0, 'uid') !== undefined)
    c = { ...c, euid: inode.uid, suid: inode.uid, fsuid: inode.uid }
  if (!nosuid && inode.mode & S_ISGID) c = { ...c, egid: inode.gid, sgid: inode.gid, fsgid: inode.gid }
  const root = toKernelId(p.ns.user, 0, 'uid')
  const isRoot = (c.euid === root || c.uid === root) && !(c.securebits & 1)
  const inheritable = isRoot ? c.bounding : 0n
  // A set-id program cancels the ambient set.
  const ambient = setid ? 0n : c.ambient
  const permitted = isRoot ? c.inheritable | inheritable | ambient : ambient
  const effective = c.euid === root && !(c.securebits & 1) ? permitted : ambient
  return { ...c, permitted, effective, ambient, securebits: c.securebits & ~16 }
}

/** A program's code, waited for where it must be loaded first; 'load' where it didn't come (World.provide without a program). */
export function* codeOf(kernel: Kernel, name: string): Run<Program | 'load' | undefined> {
  const known = kernel.options.programs(name)
  if (known !== 'load') return known
  yield { kind: 'load', program: name }
  return kernel.options.programs(name)
}

/** Replaces the program of a process. Answers only where it fails. */
export function* execve(p: Process, name: string, argv: readonly string[], env: readonly string[]): Run<Errno> {
  const { kernel } = p
  if (name === '') return ENOENT
  let size = 0
  for (const word of argv) size += word.length + 1
  for (const word of env) size += word.length + 1
  if (size > 2 * 1024 * 1024) return E2BIG
  const image = load(p, name, argv.length > 0 ? argv : [''], 0)
  if (isErr(image)) return image
  const program = yield* codeOf(kernel, image.program)
  if (program === 'load') return EIO
  if (!program) return ENOEXEC
  kernel.note('exec', kernel.describe(p), `file:${image.path.dentry.name}`, argv.join(' '))
  become(p, image.path, image.argv, env, program, name)
  // The scheduler sees that the process has another generator now, and never comes back to this one.
  for (;;) yield { kind: 'preempt' }
}

function become(
  p: Process,
  path: Path,
  argv: readonly string[],
  env: readonly string[],
  program: Program,
  name: string,
): void {
  p.cred = execCredentials(p, path)
  // A new program enters the time namespace that was made for children (Linux 6.3).
  p.ns.time = p.ns.timeForChildren
  p.ns.time.entered = true
  // A new memory map enters the time namespace that was made for children, time_namespaces(7); Linux 6.2 and later.
  if (p.ns.time !== p.ns.timeForChildren) p.ns = { ...p.ns, time: p.ns.timeForChildren }
  p.argv = argv
  p.env = env
  p.comm = (name.split('/').at(-1) ?? '').slice(0, 15)
  p.exe = path
  for (const [signal, action] of p.actions) if (typeof action === 'function') p.actions.delete(signal)
  p.fds.forEach((d, fd) => {
    if (!d?.cloexec) return
    p.fds[fd] = undefined
    if (fd < p.fdHint) p.fdHint = fd
    d.file.close()
  })
  // What is closed leaves no holes at the end.
  while (p.fds.length > 0 && !p.fds[p.fds.length - 1]) p.fds.pop()
  const shrink = PROCESS_MEMORY - p.memory
  p.cgroup.charge(shrink)
  p.memory += shrink
  p.tracer?.tell({
    kind: 'leave',
    pid: p.tracer.numberOf(p),
    call: 'execve',
    method: 'execve',
    args: [name, argv, env],
    result: undefined,
    time: 0,
  })
  p.gen = program(p.sys, argv)
}

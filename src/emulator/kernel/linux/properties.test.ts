/** What holds for any sequence of system calls: fast-check looks for one that breaks it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from './abi.ts'
import { S_IFDIR, S_IFREG } from './fs/flags.ts'
import type { Inode } from './fs/inode.ts'
import { MemFs } from './fs/memfs.ts'
import { isWhiteout, OverlayFs } from './fs/overlay.ts'
import type { Kernel } from './kernel.ts'
import { runProgram } from './testing.ts'

type Call = readonly [name: keyof Sys, args: readonly unknown[]]

const path = fc.constantFrom(
  '/tmp/a',
  '/tmp/b',
  '/tmp/a/c',
  '/proc/self/status',
  '/proc/self/fd/0',
  '/proc/self/ns/net',
  '/proc/1/root/tmp',
  '/proc/sys/kernel/hostname',
  '/dev/null',
  '/dev/tty',
  '/dev/ptmx',
  '/sys/fs/cgroup',
  '/',
  '.',
  '..',
  '',
  '//x//',
  'a\u0000b',
  'x'.repeat(300),
)
const number = fc.oneof(
  fc.integer({ min: -2, max: 12 }),
  fc.constantFrom(-1, 65535, 2 ** 31, 2 ** 40, -(2 ** 31), 0.5, Number.NaN),
)
const fd = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 8 }) }, number)
const flags = fc.oneof(
  fc.integer({ min: 0, max: 0x7fffffff }),
  fc.constantFrom(0, 1, 2, 0o101, 0o1102, 0x20000, 0x10000000, 0x7e020000),
)
const bytes = fc.uint8Array({ maxLength: 40 })
const call = (name: keyof Sys, ...args: fc.Arbitrary<unknown>[]): fc.Arbitrary<Call> =>
  fc.tuple(...args).map((a) => [name, a] as const)
const address = fc.oneof(
  fc.record({
    family: fc.constant('inet'),
    address: fc.constantFrom('127.0.0.1', '0.0.0.0', '10.1.2.3', 'x'),
    port: number,
  }),
  fc.record({ family: fc.constant('unix'), path }),
)
/** Every call that answers at once or soon, with arguments good and bad. */
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  call('open', path, flags, number),
  call('close', fd),
  call('read', fd, fc.constantFrom(0, 1, 100, -1)),
  call('write', fd, bytes),
  call('pread', fd, fc.nat(100), number),
  call('pwrite', fd, bytes, fc.nat(5000)),
  call('lseek', fd, number, fc.constantFrom('set', 'cur', 'end')),
  call('dup', fd),
  call('dup2', fd, number),
  call('dupfd', fd, number, fc.boolean()),
  call('setCloexec', fd, fc.boolean()),
  call('fstat', fd),
  call('ftruncate', fd, fc.nat(100_000)),
  call('fchmod', fd, flags),
  call('fchown', fd, number, number),
  call('getdents', fd),
  call('stat', path),
  call('lstat', path),
  call('access', path, number),
  call('readlink', path),
  call('mkdir', path, flags),
  call('rmdir', path),
  call('link', path, path),
  call('symlink', path, path),
  call('unlink', path),
  call('rename', path, path),
  call('mknod', path, flags, number),
  call('chmod', path, flags),
  call('chown', path, number, number),
  call('truncate', path, number),
  call('utimens', path),
  call('statfs', path),
  call('chdir', path),
  call('fchdir', fd),
  call('getcwd'),
  call('chroot', path),
  call('umask', flags),
  call(
    'mount',
    path,
    path,
    fc.constantFrom('tmpfs', 'proc', 'sysfs', 'overlay', 'cgroup2', 'devpts', 'ext4', '', 'x'),
    flags,
    fc.constantFrom('', 'size=1k', 'lowerdir=/tmp,upperdir=/tmp/a,workdir=/tmp/b', 'mode=x'),
  ),
  call('umount', path, number),
  call('pivotRoot', path, path),
  call('unshare', flags),
  call('setns', fd, flags),
  call('setsid'),
  call('setpgid', number, number),
  call('getpgid', number),
  call('kill', fc.constantFrom(0.5, 99_999, -99_999), number),
  call('setuid', number),
  call('setgid', number),
  call('setgroups', fc.array(number, { maxLength: 3 })),
  call('setresuid', number, number, number),
  call(
    'prctl',
    fc.constantFrom('set_name', 'capbset_drop', 'cap_ambient_raise', 'set_pdeathsig', 'set_keepcaps', 'set_securebits'),
    fc.constantFrom('KILL', 'x', 1, 0),
  ),
  call('setrlimit', fc.constantFrom('nofile', 'fsize', 'stack'), number, number),
  call('brk', fc.constantFrom(0, 4096, 1e6, 2 ** 40)),
  call('sigprocmask', fc.constantFrom('block', 'unblock', 'set'), fc.bigInt({ min: 0n, max: 1n << 33n })),
  call('setpriority', fc.constantFrom(0, 99_999), number),
  call('schedSetaffinity', fc.constantFrom(0, 99_999), fc.array(fc.nat(9), { maxLength: 3 })),
  call('sethostname', path),
  call('socket', fc.constantFrom('inet', 'unix', 'x'), fc.constantFrom('stream', 'dgram', 'icmp')),
  call('socketpair'),
  call('pipe'),
  call('bind', fd, address),
  call('listen', fd, number),
  call('connect', fd, fc.record({ family: fc.constant('unix'), path })),
  call('shutdown', fd, fc.constantFrom('read', 'write', 'both')),
  call('sendto', fd, bytes, address),
  call('accept', fd),
  call('recvfrom', fd, fc.constant(100)),
  call(
    'poll',
    fc.array(fc.record({ fd, read: fc.boolean(), write: fc.boolean() }), { maxLength: 3 }),
    fc.constantFrom(0, 1000),
  ),
  call('wait', fc.constantFrom(-1, 0, 5), fc.constant({ noHang: true })),
  call('getsockname', fd),
  call('getpeername', fd),
  call('sendfd', fd, number),
  call(
    'ioctl',
    fd,
    fc.constantFrom('TCGETS', 'TIOCGWINSZ', 'TIOCSPGRP', 'TIOCSCTTY', 'TIOCNOTTY', 'FIONREAD', 'TIOCGPTN'),
    number,
  ),
  call('ptrace', number, fc.boolean()),
  call('execve', path, fc.array(path, { maxLength: 2 }), fc.constant([])),
  call(
    'netlink',
    fc.oneof(
      fc.record({
        op: fc.constantFrom('link.add', 'link.set', 'link.del'),
        name: fc.constantFrom('lo', 'v0', 'br0'),
        type: fc.constantFrom('veth', 'bridge', 'dummy'),
        up: fc.boolean(),
        peer: fc.record({ name: fc.constantFrom('v1', 'lo') }),
      }),
      fc.record({
        op: fc.constantFrom('addr.add', 'addr.del', 'route.add', 'route.del'),
        name: fc.constantFrom('lo', 'v0'),
        address: fc.constantFrom('10.0.0.1', 'x'),
        destination: fc.constantFrom('0.0.0.0', '10.1.0.0'),
        prefix: number,
        gateway: fc.constantFrom('10.0.0.2', 'x'),
      }),
      fc.record({
        op: fc.constantFrom('nft.newchain', 'nft.flush', 'nft.delchain', 'nft.rename', 'nft.dump'),
        table: fc.constantFrom('nat', 'filter'),
        chain: fc.constantFrom('A', 'INPUT', 'B'),
        to: fc.constant('B'),
      }),
      fc.record({ op: fc.constantFrom('sockets.dump', 'neigh.dump', 'link.dump') }),
    ),
  ),
)

/** Makes the calls in a child, so that whatever happens to it, the test's process stays. */
function* attempt(sys: Sys, calls: readonly Call[]): Run<number> {
  const pid = yield* sys.fork(function* (child) {
    yield* child.setsid()
    for (const [name, args] of calls)
      yield* (child[name] as unknown as (...a: readonly unknown[]) => Run<unknown>)(...args)
    return 0
  })
  if (isErr(pid)) return 1
  // A call may wait for ever: it gets a second.
  yield* sys.nanosleep(1_000_000_000)
  yield* sys.kill(pid, 9)
  yield* sys.wait(pid)
  return 0
}

/** Everyone is in one cgroup and one namespace of each kind, counts are what they count, and nobody who ended is anywhere. */
function checkKernel(kernel: Kernel): void {
  const all = [...kernel.initial.pid.processes.values()]
  for (const p of all) {
    if (!p.alive) continue
    let groups = 0
    const visit = (g: typeof kernel.rootCgroup): void => {
      if (g.processes.has(p)) groups++
      for (const c of g.children.values()) visit(c)
    }
    visit(kernel.rootCgroup)
    expect(groups).toBe(1)
    for (const kind of ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const)
      expect(p.ns[kind].kind).toBe(kind)
    expect(p.ns.pid.processes.get(p.nspid)).toBe(p)
  }
  expect(kernel.rootCgroup.pidsCurrent).toBe([...kernel.rootCgroup.all()].length)
  const held = [...kernel.rootCgroup.all()].reduce((n, p) => n + p.memory, 0)
  expect(kernel.rootCgroup.memoryCurrent - kernel.rootCgroup.shmem).toBe(held)
}

test('no system call with any arguments makes the kernel throw', () => {
  fc.assert(
    fc.property(fc.array(anyCall, { minLength: 1, maxLength: 25 }), (calls) => {
      const { kernel, status } = runProgram((sys) => attempt(sys, calls), ['test'])
      expect(kernel.faults).toEqual([])
      expect(status).toBe(0)
      checkKernel(kernel)
    }),
    { numRuns: 400, seed: 20261121 },
  )
})

test('the same calls make the same world', () => {
  const trace = (calls: readonly Call[]): string => {
    const { world, kernel } = runProgram((sys) => attempt(sys, calls), ['test'])
    return JSON.stringify([world.clock.now, world.trace.events(), kernel.log])
  }
  fc.assert(
    fc.property(fc.array(anyCall, { maxLength: 15 }), (calls) => {
      expect(trace(calls)).toBe(trace(calls))
    }),
    { numRuns: 60, seed: 20261121 },
  )
})

test('pipes lose no byte and keep their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 }),
      (writes, reads) => {
        const total = writes.reduce((a, b) => a + b, 0)
        const { status } = runProgram(
          function* (sys) {
            const ends = yield* sys.pipe()
            if (isErr(ends)) return 1
            const [r, w] = ends
            yield* sys.fork(function* (child) {
              yield* child.close(r)
              let at = 0
              for (const size of writes) {
                let part = Uint8Array.from({ length: size }, (_, i) => (at + i) % 251)
                at += size
                while (part.length > 0) {
                  const n = yield* child.write(w, part)
                  if (isErr(n)) return 1
                  part = part.subarray(n)
                }
              }
              return 0
            })
            yield* sys.close(w)
            let at = 0
            for (let turn = 0; ; turn++) {
              const part = yield* sys.read(r, reads[turn % reads.length] as number)
              if (isErr(part)) return 2
              if (part.length === 0) return at === total ? 0 : 3
              for (const b of part) if (b !== at++ % 251) return 4
            }
          },
          ['test'],
        )
        expect(status).toBe(0)
      },
    ),
    { numRuns: 60, seed: 20261121 },
  )
})

/** A layer as a plain map of paths: directories are `null`, whiteouts are applied when layers are folded. */
type Tree = Map<string, string | null>
type Change = readonly [what: 'write' | 'mkdir' | 'remove', name: string, text: string]
const names = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a')
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('write', 'mkdir', 'remove'),
  names,
  fc.string({ maxLength: 5 }),
)

/** Applies a change as a user of the merged view would; what can't be done changes nothing. */
function fold(tree: Tree, [what, name, text]: Change): void {
  const parent = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : ''
  if (parent !== '' && tree.get(parent) !== null) return
  const now = tree.get(name)
  if (what === 'write' && now !== null) tree.set(name, text)
  if (what === 'mkdir' && now === undefined) tree.set(name, null)
  if (what === 'remove')
    for (const key of [...tree.keys()]) if (key === name || key.startsWith(`${name}/`)) tree.delete(key)
}
function find(root: Inode, name: string): Inode | undefined {
  let at = root
  for (const part of name.split('/')) {
    if ((at.mode & 0o170000) !== S_IFDIR) return undefined
    const next = at.lookup(part)
    if (isErr(next)) return undefined
    at = next
  }
  return at
}
function removeAll(dir: Inode, name: string): void {
  const inode = find(dir, name)
  if (!inode) return
  const list = (inode.mode & 0o170000) === S_IFDIR ? inode.list() : []
  for (const e of isErr(list) ? [] : list) removeAll(inode, e.name)
  if ((inode.mode & 0o170000) === S_IFDIR) dir.rmdir(name)
  else dir.unlink(name)
}
function apply(root: Inode, [what, name, text]: Change): void {
  const at = name.lastIndexOf('/')
  const dir = at < 0 ? root : find(root, name.slice(0, at))
  const last = name.slice(at + 1)
  if (!dir || (dir.mode & 0o170000) !== S_IFDIR) return
  const now = find(dir, last)
  if (what === 'remove') removeAll(dir, last)
  else if (what === 'mkdir') {
    if (!now) dir.create(last, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 })
  } else {
    const file = now ?? dir.create(last, { mode: S_IFREG | 0o644, uid: 0, gid: 0 })
    if (isErr(file) || (file.mode & 0o170000) !== S_IFREG) return
    file.truncate(0)
    file.write(0, new TextEncoder().encode(text))
  }
}
function view(root: Inode, prefix = '', out: Tree = new Map()): Tree {
  const list = root.list()
  for (const e of isErr(list) ? [] : list) {
    const inode = root.lookup(e.name)
    if (isErr(inode)) throw new Error(`${prefix}${e.name} is listed and not found`)
    expect(isWhiteout(inode)).toBe(false)
    if ((inode.mode & 0o170000) === S_IFDIR) {
      out.set(prefix + e.name, null)
      view(inode, `${prefix}${e.name}/`, out)
    } else {
      const bytes = inode.read(0, 100)
      out.set(prefix + e.name, isErr(bytes) ? bytes.name : new TextDecoder().decode(bytes))
    }
  }
  return out
}

test('an overlay shows the fold of its layers, and leaves the lower ones alone', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 12 }), { minLength: 2, maxLength: 4 }), (stages) => {
      const disk = new MemFs('ext4', 1, () => 0, 1 << 24, { held: 0, limit: 1 << 24 })
      const layers: Inode[] = []
      const model: Tree = new Map()
      // Each stage works on an overlay over those before it, as the steps of an image build do.
      stages.forEach((changes, n) => {
        const upper = disk.root.create(`layer${n}`, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 })
        if (isErr(upper)) throw new Error(upper.text)
        const before = layers.map((l) => JSON.stringify([...rawView(l)]))
        const merged = new OverlayFs(n + 2, layers, upper, '', () => 0).root
        for (const c of changes) {
          apply(merged, c)
          fold(model, c)
        }
        expect([...view(merged)].sort()).toEqual([...model].sort())
        expect(layers.map((l) => JSON.stringify([...rawView(l)]))).toEqual(before)
        layers.unshift(upper)
        // Mounted anew it shows the same: the layers hold all there is.
        const anew = new OverlayFs(100 + n, layers, undefined, '', () => 0).root
        expect([...view(anew)].sort()).toEqual([...model].sort())
      })
    }),
    { numRuns: 300, seed: 20261121 },
  )
})
/** A layer's own entries, whiteouts as they are. */
function rawView(root: Inode, prefix = '', out = new Map<string, string>()): Map<string, string> {
  const list = root.list()
  for (const e of isErr(list) ? [] : list) {
    const inode = root.lookup(e.name)
    if (isErr(inode)) continue
    const bytes = (inode.mode & 0o170000) === S_IFREG ? inode.read(0, 100) : undefined
    out.set(prefix + e.name, `${inode.mode} ${bytes && !isErr(bytes) ? new TextDecoder().decode(bytes) : ''}`)
    if ((inode.mode & 0o170000) === S_IFDIR) rawView(inode, `${prefix}${e.name}/`, out)
  }
  return out
}

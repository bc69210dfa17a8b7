import { describe, expect, test } from 'vitest'
import { ECHILD, ENOENT, EPIPE, isErr } from '../../base/errno.ts'
import { print, readAll, writeAll } from '../../userland/lib/io.ts'
import { CLONE_NEWPID, CLONE_NEWUTS, MS_BIND, O_CREAT, O_RDONLY, O_RDWR } from './fs/flags.ts'
import { SIGKILL, SIGTERM, SIGUSR1 } from './signals.ts'
import { runProgram } from './testing.ts'

describe('processes', () => {
  test('a parent learns the exit code of its child, and then has none', () => {
    const r = runProgram(
      function* (sys) {
        const pid = yield* sys.fork(function* () {
          return 7
        })
        const status = yield* sys.wait(-1)
        yield* print(sys, JSON.stringify([status, (status as { pid: number }).pid === pid]))
        return (yield* sys.wait(-1)) === ECHILD ? 0 : 1
      },
      ['t'],
    )
    expect(r.status).toBe(0)
    expect(r.stdout).toMatch(/"code":7.*true/)
  })

  test('bytes go through a pipe from one process to another, more than it holds at once', () => {
    const r = runProgram(
      function* (sys) {
        const ends = yield* sys.pipe()
        if (isErr(ends)) return 1
        const [read, write] = ends
        yield* sys.fork(function* (child) {
          yield* child.close(read)
          yield* writeAll(child, write, new Uint8Array(200_000).fill(65))
          return 0
        })
        yield* sys.close(write)
        const all = yield* readAll(sys, read)
        yield* print(sys, String(isErr(all) ? all.name : all.length))
        return 0
      },
      ['t'],
    )
    expect(r.stdout).toBe('200000')
  })

  test('writing without a reader ends a process by SIGPIPE, or fails with EPIPE where that is ignored', () => {
    const r = runProgram(
      function* (sys) {
        const ends = yield* sys.pipe()
        if (isErr(ends)) return 1
        yield* sys.close(ends[0])
        yield* sys.fork(function* (child) {
          yield* child.write(ends[1], Uint8Array.of(1))
          return 0
        })
        const status = yield* sys.wait(-1)
        yield* sys.sigaction(13, 'ignore')
        const n = yield* sys.write(ends[1], Uint8Array.of(1))
        yield* print(sys, `${JSON.stringify(status)} ${n === EPIPE}`)
        return 0
      },
      ['t'],
    )
    expect(r.stdout).toMatch(/"signal":13.* true/)
  })

  test('PID 1 of a pid namespace ignores what it has no handler for, except from outside', () => {
    const r = runProgram(
      function* (sys) {
        const pid = yield* sys.fork(
          function* (child) {
            yield* child.kill(1, SIGTERM)
            yield* child.kill(1, SIGKILL)
            yield* print(child, `still ${yield* child.getpid()}`)
            yield* child.nanosleep(1e12)
            return 0
          },
          { flags: CLONE_NEWPID },
        )
        yield* sys.nanosleep(1e9)
        yield* sys.kill(pid as number, SIGTERM)
        yield* sys.nanosleep(1e9)
        yield* sys.kill(pid as number, SIGKILL)
        const status = yield* sys.wait(-1)
        yield* print(sys, ` ${JSON.stringify(status)}`)
        return 0
      },
      ['t'],
    )
    expect(r.stdout).toMatch(/^still 1 .*"signal":9/)
  })

  test('a handler runs when its signal comes, and the sleep ends', () => {
    const r = runProgram(
      function* (sys) {
        yield* sys.sigaction(SIGUSR1, function* (s) {
          yield* print(s, 'caught ')
        })
        const me = yield* sys.getpid()
        yield* sys.fork(function* (child) {
          yield* child.kill(me, SIGUSR1)
          return 0
        })
        yield* sys.pause()
        yield* print(sys, 'after')
        return 0
      },
      ['t'],
    )
    expect(r.stdout).toBe('caught after')
  })
})

describe('namespaces and mounts', () => {
  test('a host name set in a new uts namespace is not seen outside', () => {
    const r = runProgram(
      function* (sys) {
        yield* sys.fork(
          function* (child) {
            yield* child.sethostname('inside')
            yield* print(child, (yield* child.uname()).nodename)
            return 0
          },
          { flags: CLONE_NEWUTS },
        )
        yield* sys.wait(-1)
        yield* print(sys, ` ${(yield* sys.uname()).nodename}`)
        return 0
      },
      ['t'],
    )
    expect(r.stdout).toBe('inside test')
  })

  test('overlay: writing copies up, removing leaves a whiteout, the lower layer stays as it was', () => {
    const r = runProgram(
      function* (sys) {
        for (const d of ['/tmp/u', '/tmp/w', '/tmp/m']) yield* sys.mkdir(d)
        const done = yield* sys.mount(
          'overlay',
          '/tmp/m',
          'overlay',
          0,
          'lowerdir=/tmp/l,upperdir=/tmp/u,workdir=/tmp/w',
        )
        if (done) return 1
        const fd = yield* sys.open('/tmp/m/a', O_RDWR)
        if (isErr(fd)) return 2
        yield* sys.write(fd, new TextEncoder().encode('new'))
        yield* sys.unlink('/tmp/m/b')
        const lower = yield* sys.open('/tmp/l/a', O_RDONLY)
        const upper = yield* sys.open('/tmp/u/a', O_RDONLY)
        if (isErr(lower) || isErr(upper)) return 3
        const white = yield* sys.stat('/tmp/u/b')
        yield* print(
          sys,
          `${new TextDecoder().decode((yield* sys.read(lower, 9)) as Uint8Array)} ${new TextDecoder().decode((yield* sys.read(upper, 9)) as Uint8Array)} ${(yield* sys.stat('/tmp/m/b')) === ENOENT} ${isErr(white) ? '' : white.rdev}`,
        )
        return 0
      },
      ['t'],
      { files: { 'l/a': 'old', 'l/b': 'gone' } },
    )
    expect(r.stdout).toBe('old new true 0')
  })

  test('a bind mount shows the same files, and pivot_root makes them the root', () => {
    const r = runProgram(
      function* (sys) {
        yield* sys.unshare(0x20000)
        yield* sys.mount('', '/', '', (1 << 18) | 16384)
        yield* sys.mount('/tmp/new', '/tmp/new', '', MS_BIND)
        yield* sys.chdir('/tmp/new')
        const old = yield* sys.open('/', O_RDONLY)
        const done = yield* sys.pivotRoot('.', '.')
        if (done) return 1
        yield* sys.fchdir(old as number)
        const gone = yield* sys.umount('.', 2)
        if (gone) return 2
        yield* sys.chdir('/')
        const fd = yield* sys.open('/', O_RDONLY)
        const names = ((yield* sys.getdents(fd as number)) as unknown as { name: string }[]).map((e) => e.name)
        yield* print(sys, names.join(' '))
        return 0
      },
      ['t'],
      { files: { 'new/only': 'x' } },
    )
    expect([r.status, r.stdout]).toEqual([0, '. .. only'])
  })
  test('a file that is open for writing keeps its bytes', () => {
    const r = runProgram(
      function* (sys) {
        const fd = yield* sys.open('/tmp/x', O_RDWR | O_CREAT, 0o600)
        if (isErr(fd)) return 1
        yield* sys.write(fd, new Uint8Array(70_000).fill(66))
        yield* sys.lseek(fd, 65_530, 'set')
        const part = yield* sys.read(fd, 20)
        return isErr(part) ? 2 : part.every((b) => b === 66) && part.length === 20 ? 0 : 3
      },
      ['t'],
    )
    expect(r.status).toBe(0)
  })
})

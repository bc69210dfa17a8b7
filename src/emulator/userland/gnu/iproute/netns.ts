/** ip netns: network namespaces that have names, ip-netns(8). */
import { EEXIST, EINVAL, type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  CLONE_NEWNET,
  CLONE_NEWNS,
  MNT_DETACH,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
} from '../../../kernel/linux/fs/flags.ts'
import { fail, print } from '../../lib/io.ts'
import { execvp } from '../../lib/run.ts'

const DIRECTORY = '/run/netns'

/** A descriptor of a named namespace, or why there is none. */
export function* openNamed(sys: Sys, name: string): Run<Fd | Errno> {
  return yield* sys.open(`${DIRECTORY}/${name}`, O_RDONLY | O_CLOEXEC)
}
/** Moves the caller into a named namespace; the exit code where it can't. */
export function* enterNamed(sys: Sys, name: string): Run<ExitCode | undefined> {
  const fd = yield* openNamed(sys, name)
  if (isErr(fd)) return yield* fail(sys, `Cannot open network namespace "${name}": ${fd.text}`)
  const failed = yield* sys.setns(fd, CLONE_NEWNET)
  yield* sys.close(fd)
  if (failed) return yield* fail(sys, `setting the network namespace "${name}" failed: ${failed.text}`)
  return undefined
}

function* add(sys: Sys, name: string): Run<ExitCode> {
  if (name === '' || name.includes('/') || name === '.' || name === '..')
    return yield* fail(sys, `Invalid netns name "${name}"`)
  yield* sys.mkdir(DIRECTORY, 0o755)
  // Names are to be seen in all mount namespaces: the directory is a shared mount.
  let failed = yield* sys.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC)
  if (failed === EINVAL) {
    failed =
      (yield* sys.mount(DIRECTORY, DIRECTORY, 'none', MS_BIND | MS_REC)) ??
      (yield* sys.mount('', DIRECTORY, 'none', MS_SHARED | MS_REC))
  }
  if (failed) return yield* fail(sys, `mount --make-shared ${DIRECTORY} failed: ${failed.text}`)
  const path = `${DIRECTORY}/${name}`
  const fd = yield* sys.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
  if (isErr(fd))
    return yield* fail(sys, `Cannot create namespace file "${path}": ${fd === EEXIST ? 'File exists' : fd.text}`)
  yield* sys.close(fd)
  const refused = yield* sys.unshare(CLONE_NEWNET)
  if (refused) {
    yield* sys.unlink(path)
    return yield* fail(sys, `Failed to create a new network namespace "${name}": ${refused.text}`)
  }
  const bound = yield* sys.mount('/proc/self/ns/net', path, 'none', MS_BIND)
  return bound ? yield* fail(sys, `Bind /proc/self/ns/net -> ${path} failed: ${bound.text}`) : 0
}

function* remove(sys: Sys, name: string): Run<ExitCode> {
  const path = `${DIRECTORY}/${name}`
  yield* sys.umount(path, MNT_DETACH)
  const failed = yield* sys.unlink(path)
  return failed ? yield* fail(sys, `Cannot remove namespace file "${path}": ${failed.text}`) : 0
}

function* names(sys: Sys): Run<string[]> {
  const fd = yield* sys.open(DIRECTORY, O_RDONLY)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  return isErr(entries) ? [] : entries.map((e) => e.name).filter((n) => n !== '.' && n !== '..')
}

function* execIn(sys: Sys, name: string, words: readonly string[]): Run<ExitCode> {
  if (words.length === 0) return yield* fail(sys, 'No command specified')
  const failed = yield* enterNamed(sys, name)
  if (failed !== undefined) return failed
  // A mount namespace of its own, so that /sys shows the new one's interfaces.
  const refused = yield* sys.unshare(CLONE_NEWNS)
  if (refused) return yield* fail(sys, `unshare failed: ${refused.text}`)
  yield* sys.mount('', '/', 'none', MS_SLAVE | MS_REC)
  yield* sys.umount('/sys', MNT_DETACH)
  yield* sys.mount(name, '/sys', 'sysfs', 0)
  const error = yield* execvp(sys, words)
  return yield* fail(sys, `exec of "${words[0]}" failed: ${error.text}`)
}

export function* netns(sys: Sys, words: readonly string[]): Run<ExitCode> {
  const [action = 'list', name, ...rest] = words
  switch (action) {
    case 'list':
    case 'ls':
    case 'show':
      yield* print(sys, (yield* names(sys)).map((n) => `${n}\n`).join(''))
      return 0
    case 'add':
      return name === undefined ? yield* fail(sys, 'No netns name specified') : yield* add(sys, name)
    case 'delete':
    case 'del':
      return name === undefined ? yield* fail(sys, 'No netns name specified') : yield* remove(sys, name)
    case 'exec':
      return name === undefined ? yield* fail(sys, 'No netns name specified') : yield* execIn(sys, name, rest)
    case 'identify': {
      const own = yield* sys.stat(`/proc/${name ?? 'self'}/ns/net`)
      for (const n of yield* names(sys)) {
        const s = yield* sys.stat(`${DIRECTORY}/${n}`)
        if (!isErr(s) && !isErr(own) && s.ino === own.ino) yield* print(sys, `${n}\n`)
      }
      return 0
    }
    case 'pids': {
      const wanted = yield* sys.stat(`${DIRECTORY}/${name}`)
      if (isErr(wanted)) return yield* fail(sys, `open("${DIRECTORY}/${name}"): ${wanted.text}`)
      const fd = yield* sys.open('/proc', O_RDONLY)
      const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
      for (const e of isErr(entries) ? [] : entries) {
        const s = /^\d+$/.test(e.name) ? yield* sys.stat(`/proc/${e.name}/ns/net`) : undefined
        if (s && !isErr(s) && s.ino === wanted.ino) yield* print(sys, `${e.name}\n`)
      }
      return 0
    }
    default:
      return yield* fail(sys, `Command "${action}" is unknown, try "ip netns help".`, 255)
  }
}

/**
 * init of WSL's utility machine. Each distribution gets namespaces of its own (mount, pid, uts, ipc) over one kernel and one network:
 * distributions are separated from each other as containers are, not as machines.
 */
import { isErr } from '../base/errno.ts'
import type { Fd, Pid, Program, Run, Sys } from '../kernel/linux/abi.ts'
import {
  CLONE_NEWIPC,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  MS_BIND,
  MS_PRIVATE,
  MS_REC,
  O_CLOEXEC,
  O_RDONLY,
} from '../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../kernel/linux/signals.ts'
import { type GuestAction, type GuestRequest, serveGuest } from './guest.ts'
import { WSL_PORT } from './windows/wsl.ts'

const environment = (name: string, windowsPath: string): readonly string[] => [
  `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${windowsPath}`,
  'HOME=/root',
  'USER=root',
  'SHELL=/bin/sh',
  'TERM=xterm-256color',
  `WSL_DISTRO_NAME=${name}`,
  'WSL_INTEROP=/run/WSL/1_interop',
]

/** Starts a distribution: its disk becomes the root of namespaces of its own, in which its own init runs. */
function* startInstance(sys: Sys, name: string): Run<Pid | string> {
  const ready = yield* sys.pipe()
  if (isErr(ready)) return ready.text
  const pid = yield* sys.fork(
    function* (init) {
      yield* init.setsid()
      const root = `/distro/${name}`
      yield* init.mount('none', '/', '', MS_REC | MS_PRIVATE)
      yield* init.mount(root, root, '', MS_BIND | MS_REC)
      yield* init.mount('/mnt/wsl', `${root}/mnt/wsl`, '', MS_BIND)
      yield* init.mount('/mnt/c', `${root}/mnt/c`, '', MS_BIND)
      yield* init.mount('/sys', `${root}/sys`, '', MS_BIND | MS_REC)
      yield* init.mount('/dev', `${root}/dev`, '', MS_BIND | MS_REC)
      yield* init.chdir(root)
      yield* init.mkdir(`${root}/oldroot`)
      yield* init.pivotRoot(root, `${root}/oldroot`)
      yield* init.chdir('/')
      yield* init.mount('proc', '/proc', 'proc', 0xe)
      yield* init.mount('tmpfs', '/run', 'tmpfs', 6, 'mode=755')
      yield* init.umount('/oldroot', 2)
      yield* init.rmdir('/oldroot')
      yield* init.sethostname(name === 'docker-desktop' ? 'docker-desktop' : 'ZUKAN-PC')
      yield* init.fork(function* (boot) {
        yield* boot.setsid()
        yield* boot.closeRange(0)
        // What the distribution wants to be run when it starts, /etc/wsl.conf [boot] command.
        const failed = yield* boot.execve('/etc/wsl-boot', ['/etc/wsl-boot'], environment(name, ''))
        return failed.name === 'ENOENT' ? 0 : failed.number
      })
      yield* init.close(ready[1])
      for (;;) {
        const r = yield* init.wait(-1)
        if (isErr(r)) yield* init.pause()
      }
    },
    { flags: CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC },
  )
  if (isErr(pid)) return pid.text
  yield* sys.close(ready[1])
  // End of file: the root is in its place.
  yield* sys.read(ready[0], 1)
  yield* sys.close(ready[0])
  return pid
}
function* enter(sys: Sys, pid: Pid): Run<boolean> {
  const fds: Fd[] = []
  for (const kind of ['ipc', 'uts', 'pid', 'mnt']) {
    const fd = yield* sys.open(`/proc/${pid}/ns/${kind}`, O_RDONLY | O_CLOEXEC)
    if (isErr(fd)) return false
    fds.push(fd)
  }
  for (const fd of fds) if (yield* sys.setns(fd, 0)) return false
  return true
}

export const wslInit: Program = function* (sys) {
  const instances = new Map<string, Pid>()
  const act = function* (t: Sys, request: GuestRequest): Run<GuestAction> {
    const name = String(request.distribution)
    switch (request.op) {
      case 'start': {
        if (isErr(yield* t.stat(`/distro/${name}/proc`))) return { error: `no disk of ${name}` }
        const pid = yield* startInstance(t, name)
        if (typeof pid === 'string') return { error: pid }
        instances.set(name, pid)
        return { answer: {} }
      }
      case 'stop': {
        const pid = instances.get(name)
        instances.delete(name)
        if (pid !== undefined) yield* t.kill(pid, SIGKILL)
        return { answer: {} }
      }
      case 'run': {
        const init = instances.get(name)
        if (init === undefined) return { error: `${name} is not running` }
        const argv = request.argv as readonly string[]
        const cwd = String(request.cwd ?? '/root')
        return {
          *run(child) {
            if (!(yield* enter(child, init))) return 1
            // Only a child is in the new pid namespace, setns(2).
            const pid = yield* child.fork(function* (own) {
              if (yield* own.chdir(cwd)) yield* own.chdir('/root')
              const path = yield* find(own, argv[0] ?? '/bin/sh')
              const failed = yield* own.execve(path, argv, environment(name, ':/mnt/c/Windows/System32'))
              const say = new TextEncoder().encode(`wsl: ${argv[0] ?? ''}: ${failed.text}\n`)
              yield* own.write(2, say)
              return failed.name === 'ENOENT' ? 127 : 126
            })
            if (isErr(pid)) return 1
            const r = yield* child.wait(pid)
            return isErr(r) || !r ? 1 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
          },
        }
      }
      default:
        return { error: `zukan: not emulated: ${request.op}` }
    }
  }
  return yield* serveGuest(sys, WSL_PORT, act)
}
function* find(sys: Sys, name: string): Run<string> {
  if (name.includes('/')) return name
  for (const folder of ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'])
    if (!isErr(yield* sys.stat(`${folder}/${name}`))) return `${folder}/${name}`
  return name
}

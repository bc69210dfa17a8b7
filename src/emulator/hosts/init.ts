/** What an init does on the Linux hosts and guests: file systems, control groups, services, and collecting orphans. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'

export const environment = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8']
/** What a login shell of root starts with. */
export const rootEnvironment: readonly string[] = [
  ...environment,
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/bash',
  'TERM=xterm-256color',
]

/** Starts a service as init does, in the background. */
export function* service(sys: Sys, path: string, argv: readonly string[]): Run<void> {
  yield* sys.fork(function* (child) {
    yield* child.setsid()
    const error = yield* child.execve(path, argv, environment)
    return error.number
  })
}
/** PID 1's life after boot: it collects whoever is left to it. */
export function* reapForEver(sys: Sys): Run<number> {
  for (;;) {
    const r = yield* sys.wait(-1)
    if (isErr(r)) yield* sys.pause()
  }
}
/** The file systems that every Linux here has, mounted as init does. */
export function* mountBasics(sys: Sys): Run<void> {
  yield* sys.mount('proc', '/proc', 'proc', 0xe)
  yield* sys.mount('sysfs', '/sys', 'sysfs', 0xe)
  yield* sys.mount('udev', '/dev', 'devtmpfs', 2)
  yield* sys.mount('devpts', '/dev/pts', 'devpts', 10, 'gid=5,mode=620,ptmxmode=666')
  yield* sys.mount('tmpfs', '/dev/shm', 'tmpfs', 6)
  yield* sys.mount('tmpfs', '/run', 'tmpfs', 14, 'size=806400k,mode=755')
  yield* sys.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 14)
  yield* sys.mount('mqueue', '/dev/mqueue', 'mqueue', 14)
}
/** Gives control groups below the root their controllers, and makes the one of system services. */
export function* delegateControl(sys: Sys): Run<void> {
  const control = yield* sys.open('/sys/fs/cgroup/cgroup.subtree_control', 1)
  if (!isErr(control)) {
    yield* sys.write(control, new TextEncoder().encode('+cpuset +cpu +io +memory +pids'))
    yield* sys.close(control)
  }
  yield* sys.mkdir('/sys/fs/cgroup/system.slice')
}
/** Starts containerd and dockerd, as an init does, when the control groups are there. `flags` go to dockerd. */
export function* startEngine(sys: Sys, flags: readonly string[] = []): Run<void> {
  yield* delegateControl(sys)
  yield* service(sys, '/usr/bin/containerd', ['/usr/bin/containerd'])
  for (let tries = 0; tries < 1000 && isErr(yield* sys.stat('/run/containerd/containerd.sock')); tries++)
    yield* sys.nanosleep(1_000_000)
  yield* service(sys, '/usr/bin/dockerd', [
    '/usr/bin/dockerd',
    ...flags,
    '--containerd=/run/containerd/containerd.sock',
  ])
}

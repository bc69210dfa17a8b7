/**
 * What podman asks of systemd: a scope, which is a cgroup with processes in it. A user's manager may make groups below its own, but only PID 1
 * may take a process out of its session's group: org.freedesktop.systemd1.Manager StartTransientUnit and AttachProcessesToUnit.
 * Messages are JSON lines, where the real ones are D-Bus.
 */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { makeDirs } from '../runtime/files.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from './rpc.ts'

const CGROUPS = '/sys/fs/cgroup'
/** PID 1's socket. */
const SYSTEM_BUS = '/run/systemd/private'
export const userBus = (uid: number): string => `/run/user/${uid}/bus`
/** Where systemd lets a user's own groups begin. */
export const userService = (uid: number): string => `/user.slice/user-${uid}.slice/user@${uid}.service`

function* write(sys: Sys, path: string, value: string): Run<string | undefined> {
  const fd = yield* sys.open(path, O_WRONLY)
  if (isErr(fd)) return fd.text
  const n = yield* sys.write(fd, new TextEncoder().encode(value))
  yield* sys.close(fd)
  return isErr(n) ? n.text : undefined
}
/** Makes the groups of users, with what is delegated to them: cpu, memory and pids, as user@.service says. */
export function* delegate(sys: Sys, uid: number): Run<void> {
  let at = CGROUPS
  for (const part of userService(uid).split('/').filter(Boolean)) {
    yield* write(
      sys,
      `${at}/cgroup.subtree_control`,
      at === CGROUPS ? '+cpuset +cpu +io +memory +pids' : '+cpu +memory +pids',
    )
    at += `/${part}`
    yield* sys.mkdir(at)
  }
  for (const name of ['', '/cgroup.procs', '/cgroup.threads', '/cgroup.subtree_control'])
    yield* sys.chown(`${at}${name}`, uid, uid)
}
/** PID 1's side: serves until the machine stops. */
export function* systemManager(sys: Sys): Run<void> {
  yield* makeDirs(sys, '/run/systemd')
  const methods: Methods = {
    *AttachProcessesToUnit(t, p: { cgroup: string; pids: number[] }): Run<Reply<unknown>> {
      if (!/^\/user\.slice\/user-\d+\.slice\/user@\d+\.service\//.test(p.cgroup) || p.cgroup.includes('..'))
        return { ok: false, error: 'Access denied' }
      for (const pid of p.pids) {
        const failed = yield* write(t, `${CGROUPS}${p.cgroup}/cgroup.procs`, String(pid))
        if (failed !== undefined) return { ok: false, error: failed }
      }
      return done
    },
  }
  sys.thread(function* (t) {
    for (let tries = 0; tries < 100 && isErr(yield* t.stat(SYSTEM_BUS)); tries++) yield* t.nanosleep(10_000)
    yield* t.chmod(SYSTEM_BUS, 0o666)
  })
  yield* serveRpc(sys, SYSTEM_BUS, methods)
}
/** systemd --user: a user's manager. */
export const userManager: Program = function* (sys) {
  const { euid: uid } = yield* sys.getcred()
  const base = userService(uid)
  const beginning = new Set<string>()
  /** Scopes without processes are collected; systemd learns of them by cgroup.events. */
  const collect = function* (t: Sys): Run<void> {
    const slice = `${CGROUPS}${base}/user.slice`
    const fd = yield* t.open(slice, 0)
    const list = isErr(fd) ? [] : yield* t.getdents(fd)
    if (!isErr(fd)) yield* t.close(fd)
    for (const e of isErr(list) ? [] : list)
      if (e.name.endsWith('.scope') && !beginning.has(e.name)) yield* t.rmdir(`${slice}/${e.name}`)
  }
  const methods: Methods = {
    *StartTransientUnit(t, p: { unit: string; slice: string; pids: number[] }): Run<Reply<unknown>> {
      const slice = `${base}/${p.slice}`
      beginning.add(p.unit)
      yield* t.mkdir(`${CGROUPS}${slice}`)
      for (const at of [base, slice]) yield* write(t, `${CGROUPS}${at}/cgroup.subtree_control`, '+cpu +memory +pids')
      const cgroup = `${slice}/${p.unit}`
      yield* t.mkdir(`${CGROUPS}${cgroup}`)
      const reply = yield* callRpc(t, SYSTEM_BUS, 'systemd', 'AttachProcessesToUnit', { cgroup, pids: p.pids }, 'api')
      beginning.delete(p.unit)
      yield* collect(t)
      return reply
    },
    /** The last process of a scope may take a moment to end. */
    *StopUnit(t, p: { unit: string; slice: string }): Run<Reply<unknown>> {
      t.thread(function* (own) {
        const scope = `${CGROUPS}${base}/${p.slice}/${p.unit}`
        for (let pause = 20_000_000; pause < 2e9; pause *= 3) {
          yield* collect(own)
          if (isErr(yield* own.stat(scope))) return
          yield* own.nanosleep(pause)
        }
      })
      return done
    },
  }
  return yield* serveRpc(sys, userBus(uid), methods)
}
/** Asks the user's manager for a scope around processes. */
export const startScope = (sys: Sys, uid: number, unit: string, pids: readonly number[]): Run<Reply> =>
  callRpc(
    sys,
    userBus(uid),
    'systemd --user',
    'StartTransientUnit',
    { unit, slice: 'user.slice', pids: [...pids] },
    'api',
  )
/** Tells the user's manager that a scope is over. */
export const stopScope = (sys: Sys, uid: number, unit: string): Run<Reply> =>
  callRpc(sys, userBus(uid), 'systemd --user', 'StopUnit', { unit, slice: 'user.slice' }, 'api')

/** What few bundles ask for: hooks, mappings of ids, clocks, and a closer look at specifications that ask for more than Docker's do. */
import { concat } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { SIGKILL } from '../kernel/linux/signals.ts'
import { WaitQueue } from '../kernel/linux/wait.ts'
import type { IdMapping, Spec } from '../oci/runtimespec.ts'
import { decode, writeAll } from '../userland/lib/io.ts'
import { type HookState, later, type Rarities } from './create.ts'
import { lower, writeFile } from './files.ts'
import type { SpecFault } from './flavour.ts'
import type { Options } from './state.ts'

const namespaces = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time']
const propagations = ['', 'private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable']
const limits =
  'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME'.split(' ')
const actions = 'KILL KILL_PROCESS KILL_THREAD TRAP ERRNO TRACE ALLOW LOG NOTIFY'.split(' ').map((a) => `SCMP_ACT_${a}`)
const operators = 'NE LT LE EQ GE GT MASKED_EQ'.split(' ').map((o) => `SCMP_CMP_${o}`)
/** Settings of /proc/sys that belong to the ipc namespace; libcontainer/configs/validate. */
const ipcSettings = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|fs\.mqueue\.)/

/** The first fault of a specification, in the order in which runc looks. */
function faultOf(spec: Spec): readonly [SpecFault, string] | undefined {
  const { process, root, linux } = spec
  if (!process) return ['process', '']
  if (!process.args?.length) return ['args', '']
  if (!process.cwd?.startsWith('/')) return ['cwd', process.cwd ?? '']
  if (root?.path === undefined) return ['root', '']
  const types = (linux?.namespaces ?? []).map((n) => n.type)
  const has = (type: string): boolean => types.includes(type)
  for (const [n, { type, path = '' }] of (linux?.namespaces ?? []).entries()) {
    const shown = `{${JSON.stringify(type)} ${JSON.stringify(path)}}`
    if (!namespaces.includes(type)) return ['namespace', shown]
    if (types.indexOf(type) < n) return ['twice', shown]
  }
  if (!propagations.includes(linux.rootfsPropagation ?? '')) return ['propagation', linux.rootfsPropagation ?? '']
  const user = linux.namespaces.find((n) => n.type === 'user')
  if (user && !user.path && !linux.uidMappings?.length) return ['mappings', 'uid']
  if (user && !user.path && !linux.gidMappings?.length) return ['mappings', 'gid']
  for (const { type } of process.rlimits ?? [])
    if (!limits.includes(type.replace(/^RLIMIT_/, ''))) return ['rlimit', type]
  for (const d of linux.devices ?? []) if (!/^[cubp]$/.test(d.type ?? '')) return ['device', d.type ?? '']
  if (process.env?.some((e) => !e.includes('='))) return ['environment', '']
  const { seccomp } = linux
  for (const action of seccomp ? [seccomp.defaultAction, ...(seccomp.syscalls ?? []).map((r) => r.action)] : [])
    if (!actions.includes(action)) return ['action', action]
  for (const { op } of (seccomp?.syscalls ?? []).flatMap((r) => r.args ?? []))
    if (!operators.includes(op)) return ['operator', op]
  if (spec.hostname && !has('uts')) return ['hostname', 'hostname']
  if (spec.domainname && !has('uts')) return ['hostname', 'domainname']
  if (!has('mount') && (linux.maskedPaths?.length || linux.readonlyPaths?.length)) return ['mount', '']
  for (const key of Object.keys(linux.sysctl ?? {})) {
    if (key === 'kernel.hostname' || key === 'kernel.domainname') return ['own-sysctl', key]
    if (ipcSettings.test(key)) {
      if (!has('ipc')) return ['ipc-sysctl', key]
    } else if (key.startsWith('net.')) {
      if (!has('network')) return ['host-sysctl', key]
    } else return ['sysctl', key]
  }
  if (linux.timeOffsets && !has('time')) return ['time', '']
  return undefined
}
/** runc's words. */
const runcWords: Readonly<Record<SpecFault, (detail: string) => string>> = {
  root: () => 'root must be specified',
  process: () => 'process property must not be empty',
  args: () => 'args must not be empty',
  cwd: (d) => (d === '' ? 'Cwd property must not be empty' : 'Cwd must be an absolute path'),
  namespace: (d) => `namespace ${d} does not exist`,
  twice: (d) => `malformed spec file: duplicated ns ${d}`,
  mappings: (d) => `user namespaces enabled, but no ${d} mappings found`,
  hostname: (d) => `unable to set ${d} without a private UTS namespace`,
  mount: () => 'unable to restrict sys entries without a private MNT namespace',
  'host-sysctl': (d) => `sysctl ${JSON.stringify(d)} not allowed in host network namespace`,
  'ipc-sysctl': (d) => `sysctl ${JSON.stringify(d)} is not allowed in the hosts ipc namespace`,
  device: (d) => `invalid device type ${JSON.stringify(d)}`,
  environment: () =>
    `unable to start container process: error during container init: invalid environment variable: missing '='`,
  sysctl: (d) => `sysctl ${JSON.stringify(d)} is not in a separate kernel namespace`,
  'own-sysctl': (d) =>
    `sysctl ${JSON.stringify(d)} is not allowed as it conflicts with the OCI ${JSON.stringify(d.slice(7))} field`,
  rlimit: (d) => `wrong rlimit value: ${d}`,
  action: (d) => `string ${d} is not a valid action for seccomp`,
  operator: (d) => `string ${d} is not a valid operator for seccomp`,
  propagation: (d) => `rootfsPropagation=${d} is not supported`,
  time: () => "time namespace offsets specified, but time namespace isn't enabled in the config",
}

const map = (ranges: readonly IdMapping[] | undefined): string =>
  (ranges ?? []).map((r) => `${r.containerID} ${r.hostID} ${r.size}\n`).join('')

function* prepare(sys: Sys, pid: number, spec: Spec): Run<string | undefined> {
  const { linux } = spec
  const write = function* (file: string, text: string): Run<string | undefined> {
    const failed = text === '' ? undefined : yield* writeFile(sys, `/proc/${pid}/${file}`, text)
    return failed && `write /proc/${pid}/${file}: ${lower(failed)}`
  }
  const offsets = Object.entries(linux.timeOffsets ?? {})
    .map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`)
    .join('')
  const own = linux.namespaces.some((n) => n.type === 'user' && !n.path)
  return (
    (yield* write('uid_map', own ? map(linux.uidMappings) : '')) ??
    (yield* write('gid_map', own ? map(linux.gidMappings) : '')) ??
    (yield* write('timens_offsets', offsets))
  )
}

/** Runs one program with the container's state as its standard input; undefined where it succeeded, or how it failed. */
function* runHook(
  sys: Sys,
  hook: NonNullable<NonNullable<Spec['hooks']>['prestart']>[number],
  state: string,
): Run<string | undefined> {
  const input = yield* sys.pipe()
  const out = yield* sys.pipe()
  const err = yield* sys.pipe()
  if (isErr(input) || isErr(out) || isErr(err)) return 'too many open files'
  if (isErr(yield* sys.stat(hook.path))) {
    for (const fd of [...input, ...out, ...err]) yield* sys.close(fd)
    return `fork/exec ${hook.path}: no such file or directory`
  }
  const pid = yield* sys.fork(function* (child) {
    yield* child.dup2(input[0], 0)
    yield* child.dup2(out[1], 1)
    yield* child.dup2(err[1], 2)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve(hook.path, hook.args ?? [hook.path], hook.env ?? [])
    return failed.number
  })
  for (const fd of [input[0], out[1], err[1]]) yield* sys.close(fd)
  if (isErr(pid)) return lower(pid)
  const done = { ended: false, late: false, changed: new WaitQueue() }
  if (hook.timeout)
    sys.thread(function* (t) {
      if (yield* t.futex(done.changed, () => done.ended, (hook.timeout ?? 0) * 1e9)) return
      done.late = true
      yield* t.kill(pid, SIGKILL)
    })
  sys.thread(function* (t) {
    yield* writeAll(t, input[1], new TextEncoder().encode(state))
    yield* t.close(input[1])
  })
  const said = ['', '']
  for (const [n, fd] of [out[0], err[0]].entries()) {
    const parts: Uint8Array[] = []
    for (;;) {
      const part = yield* sys.read(fd, 65536)
      if (isErr(part) || part.length === 0) break
      parts.push(part)
    }
    said[n] = decode(concat(parts))
    yield* sys.close(fd)
  }
  const r = yield* sys.wait(pid)
  done.ended = true
  done.changed.wake()
  if (done.late) return `hook ran past specified timeout of ${(hook.timeout ?? 0).toFixed(1)}s`
  if (isErr(r) || !r) return 'wait: no child processes'
  const how = r.signal !== undefined ? `signal: ${r.signal}` : r.code ? `exit status ${r.code}` : undefined
  return how && `${how}, stdout: ${said[0]}, stderr: ${said[1]}`
}

const found: Rarities = {
  check(spec: Spec, o: Options) {
    const fault = faultOf(spec)
    if (!fault) return undefined
    return o.flavour.words.invalid?.(...fault) ?? runcWords[fault[0]](fault[1])
  },
  prepare,
  *hooks(sys, point, spec, o, state: HookState) {
    const document = JSON.stringify({
      ociVersion: '1.3.0',
      id: state.id,
      status: state.status,
      ...(state.pid === undefined ? {} : { pid: state.pid }),
      bundle: o.bundle,
      ...(spec.annotations ? { annotations: spec.annotations } : {}),
    })
    for (const [n, hook] of (spec.hooks?.[point] ?? []).entries()) {
      sys.traceMark('command', `file:${hook.path}`, `${point} hook`, document)
      const failed = yield* runHook(sys, hook, document)
      if (failed !== undefined) return o.flavour.words.hook(point, n, hook.path, failed)
    }
    return undefined
  },
}
/** The part `runc/rare`: it hands its work to create and to what shares it. */
export const runcRare: Program = function* () {
  later.rarities = found
  return 0
}

/**
 * A Kata sandbox on the host: a network namespace, a shared folder with its virtiofsd, and QEMU with the machine; then the agent answers.
 * kata-containers docs/design/architecture/README.md "Container creation"; src/runtime-rs for names and options.
 */
import { isErr } from '../../base/errno.ts'
import type { Fd, Pid, Run, Sys } from '../../kernel/linux/abi.ts'
import {
  CLONE_NEWNET,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  MS_SLAVE,
  O_CLOEXEC,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
} from '../../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import type { Spec, SpecMount } from '../../oci/runtimespec.ts'
import { makeCgroup } from '../../runtime/cgroup.ts'
import { makeDirs, writeFile } from '../../runtime/files.ts'
import { removeTree } from '../containerd.ts'
import { GUEST_SHARE, GUEST_SHM, SHARE_TAG } from './agent.ts'
import { type KataConfig, sizeOf } from './config.ts'
import { connect, type Endpoint } from './network.ts'
import { qmp } from './qmp.ts'
import { AGENT_PORT, callAgent } from './ttrpc.ts'

const MiB = 1024 ** 2

/** Thrown where a sandbox can't be had; the message is what the shim answers. */
export class SandboxError extends Error {}

export interface Sandbox {
  readonly id: string
  readonly cid: number
  readonly qemu: Pid
  readonly virtiofsd: Pid
  readonly cgroup: string
  /** The file of its network namespace. */
  readonly netns: string
  readonly endpoints: Endpoint[]
}
const runDir = (id: string): string => `/run/kata/${id}/root`
const shareDir = (id: string): string => `/run/kata-containers/shared/sandboxes/${id}`
/** How the trace names the agent, and QEMU. */
export const agentName = (id: string): string => `agent:${id.slice(0, 12)}`
const qemuName = (pid: Pid): string => `process:${pid}:qemu-system-x86`

/** Kernel parameters of a Kata guest with an image, before those of the configuration. */
const params =
  'reboot=k panic=1 systemd.unit=kata-containers.target systemd.mask=systemd-networkd.service root=/dev/pmem0p1 rootflags=dax,data=ordered,errors=remount-ro ro rootfstype=ext4'

function commandLine(
  id: string,
  config: KataConfig,
  size: ReturnType<typeof sizeOf>,
  o: { readonly cid: number; readonly cpus: number; readonly total: number; readonly endpoints: readonly Endpoint[] },
): string[] {
  const dir = runDir(id)
  const memory = `${size.memory / MiB}M`
  return [
    config.path,
    '-name',
    `sandbox-${id}`,
    '-kernel',
    config.kernel,
    '-append',
    `${params} ${config.kernelParams} selinux=0 agent.log_vport=1025`.replace(/ +/g, ' '),
    '-smp',
    `${size.vcpus},maxcpus=${o.cpus}`,
    '-machine',
    'q35,accel=kvm,nvdimm=on',
    '-cpu',
    `host,${config.get('cpu_features') ?? ''}`.replace(/,$/, ''),
    '-m',
    `${memory},slots=10,maxmem=${Math.floor(o.total / MiB)}M`,
    '-object',
    `memory-backend-file,id=entire-guest-memory-share,mem-path=/dev/shm,size=${memory},share=on,prealloc=off`,
    '-qmp',
    `unix:${dir}/qmp.sock,server=on,wait=off`,
    '-rtc',
    'base=utc,clock=host,driftfix=slew',
    '-object',
    'rng-random,id=rng0,filename=/dev/urandom',
    '-device',
    'virtio-rng-pci,rng=rng0',
    '-device',
    'virtio-scsi-pci,id=scsi0',
    '-device',
    `vhost-vsock-pci,vhostfd=17,guest-cid=${o.cid}`,
    ...o.endpoints.flatMap(({ tap, guest }, n) => [
      '-netdev',
      `tap,id=network-${tap},vhost=on,vhostfds=${20 + 2 * n},fds=${19 + 2 * n}`,
      '-device',
      `virtio-net-pci,netdev=network-${tap},mac=${guest.mac},mq=on,vectors=4`,
    ]),
    '-chardev',
    `socket,id=virtiofsd-chardev,path=${dir}/virtiofsd.sock`,
    '-device',
    `vhost-user-fs-pci,chardev=virtiofsd-chardev,tag=${SHARE_TAG},queue-size=1024`,
    '-numa',
    'node,memdev=entire-guest-memory-share',
    '-object',
    `memory-backend-file,id=image,mem-path=${config.image},size=256M,share=on,readonly=on`,
    '-device',
    'nvdimm,memdev=image,unarmed=on',
    '-vga',
    'none',
    '-no-user-config',
    '-nodefaults',
    '-nographic',
    '-no-reboot',
  ]
}

/** Starts a program of the sandbox; in the network namespace where one is given. */
function* launch(sys: Sys, argv: readonly string[], output: Fd, netns?: string): Run<Pid> {
  const pid = yield* sys.fork(function* (child) {
    if (netns !== undefined) {
      const fd = yield* child.open(netns, O_RDONLY | O_CLOEXEC)
      if (!isErr(fd)) yield* child.setns(fd, CLONE_NEWNET)
    }
    const nowhere = yield* child.open('/dev/null', O_RDONLY)
    if (!isErr(nowhere)) yield* child.dup2(nowhere, 0)
    yield* child.dup2(output, 1)
    yield* child.dup2(output, 2)
    yield* child.closeRange(3)
    const failed = yield* child.execve(argv[0] as string, argv, child.environ())
    return failed.number
  })
  if (isErr(pid)) throw new SandboxError(`start ${argv[0]}: ${pid.text}`)
  return pid
}
/** Waits until the agent takes a connection; false where `limit` nanoseconds pass before. */
function* awaitAgent(sys: Sys, cid: number, limit: number): Run<boolean> {
  const until = (yield* sys.clock('monotonic')) + limit
  let pause = 50_000_000
  while ((yield* sys.clock('monotonic')) < until) {
    const fd = yield* sys.socket('vsock', 'stream')
    if (isErr(fd)) return false
    const failed = yield* sys.connect(fd, { family: 'vsock', cid, port: AGENT_PORT })
    yield* sys.close(fd)
    if (!failed) return true
    yield* sys.nanosleep(pause)
    if ((yield* sys.clock('monotonic')) > until - limit + 2e9) pause = 500_000_000
  }
  return false
}

/** Makes the machine of a sandbox and waits for its agent. Throws a SandboxError, and leaves nothing behind. */
export function* startSandbox(sys: Sys, id: string, spec: Spec, config: KataConfig, cgroup: string): Run<Sandbox> {
  const size = sizeOf(config, spec)
  const dir = runDir(id)
  const share = shareDir(id)
  yield* makeDirs(sys, dir)
  for (const part of ['rw', 'ro']) yield* makeDirs(sys, `${share}/${part}`)
  // What is mounted below rw appears below ro, which is what the guest is offered.
  yield* sys.mount(`${share}/rw`, `${share}/rw`, '', MS_BIND)
  yield* sys.mount('', `${share}/rw`, '', MS_SHARED)
  yield* sys.mount(`${share}/rw`, `${share}/ro`, '', MS_BIND)
  yield* sys.mount('', `${share}/ro`, '', MS_SLAVE)
  yield* makeDirs(sys, `${share}/rw/passthrough`)
  yield* makeCgroup(sys, cgroup, { ...spec, linux: { ...spec.linux, resources: {} } })
  yield* writeFile(sys, `/sys/fs/cgroup${cgroup}/cgroup.procs`, String(yield* sys.getpid()))
  const log = yield* sys.open(`${dir}/qemu.log`, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
  if (isErr(log)) throw new SandboxError(log.text)
  const given = spec.linux.namespaces.find((n) => n.type === 'network')
  const netns =
    given?.path ??
    `/var/run/netns/cnitest-${[...(yield* sys.getrandom(8))].map((b) => (b + 256).toString(16).slice(1)).join('')}`
  if (given && given.path === undefined) yield* makeNetns(sys, netns)
  const random = yield* sys.getrandom(4)
  const cid = 3 + random.reduce((n, b) => (n * 256 + b) % 0x7fff_fff0, 0)
  const undo = function* (pids: readonly Pid[], why: string): Run<never> {
    for (const pid of pids) {
      yield* sys.kill(pid, SIGKILL)
      yield* sys.wait(pid)
    }
    yield* clean(sys, { id, cgroup, netns: given?.path === undefined ? netns : '' })
    throw new SandboxError(why)
  }
  const virtiofsd = yield* launch(
    sys,
    [
      config.virtiofsd,
      '--socket-path',
      `${dir}/virtiofsd.sock`,
      '--shared-dir',
      `${share}/ro`,
      '--cache',
      config.get('virtio_fs_cache') ?? 'auto',
      '--sandbox',
      'none',
      '--seccomp',
      'none',
      ...config.virtiofsArgs,
    ],
    log,
  )
  for (let tries = 0; tries < 200 && isErr(yield* sys.stat(`${dir}/virtiofsd.sock`)); tries++)
    yield* sys.nanosleep(1_000_000)
  const { endpoints, routes } = yield* connect(sys, netns, [])
  const cpus = yield* sys.schedGetaffinity()
  const { totalram } = yield* sys.sysinfo()
  const qemu = yield* launch(sys, commandLine(id, config, size, { cid, cpus, total: totalram, endpoints }), log, netns)
  yield* sys.close(log)
  const limit = Number(config.get('reconnect_timeout_ms') ?? 3000) * 1e6
  if (!(yield* awaitAgent(sys, cid, limit)))
    return yield* undo(
      [qemu, virtiofsd],
      `start vm: connect to agent: vsock: failed to connect to Vsock { vsock_cid: ${cid}, port: ${AGENT_PORT} } within ${limit / 1e9}s`,
    )
  const s: Sandbox = { id, cid, qemu, virtiofsd, cgroup, netns, endpoints: [] }
  const made = yield* callAgent(
    sys,
    cid,
    'CreateSandbox',
    { hostname: spec.hostname ?? '', sysctl: spec.linux.sysctl ?? {}, share: true },
    agentName(id),
  )
  if (!made.ok) return yield* undo([qemu, virtiofsd], `create sandbox: ${made.error}`)
  yield* tell(sys, s, endpoints, routes)
  return s
}
/** A network namespace with a name, as `ip netns add` makes one. */
function* makeNetns(sys: Sys, path: string): Run<void> {
  yield* makeDirs(sys, path.slice(0, path.lastIndexOf('/')))
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o444)
  if (!isErr(fd)) yield* sys.close(fd)
  const gate = yield* sys.pipe()
  if (isErr(gate)) return
  const holder = yield* sys.fork(
    function* (child) {
      yield* child.netlink({ op: 'link.set', name: 'lo', up: true })
      yield* child.close(gate[1])
      yield* child.read(gate[0], 1)
      return 0
    },
    { flags: CLONE_NEWNET },
  )
  if (!isErr(holder)) yield* sys.mount(`/proc/${holder}/ns/net`, path, '', MS_BIND)
  for (const fd of gate) yield* sys.close(fd)
  if (!isErr(holder)) yield* sys.wait(holder)
}
/** Has the agent give the guest's cards their addresses and routes. */
function* tell(sys: Sys, s: Sandbox, endpoints: readonly Endpoint[], routes: readonly unknown[]): Run<void> {
  for (const e of endpoints) {
    yield* callAgent(sys, s.cid, 'UpdateInterface', { ...e.guest }, agentName(s.id))
    s.endpoints.push(e)
  }
  if (routes.length > 0) yield* callAgent(sys, s.cid, 'UpdateRoutes', { routes }, agentName(s.id))
}
/**
 * Plugs in what came into the namespace since: Docker configures networks between a task's creation and its start, so that the shim looks again
 * (kata-containers pull requests 12754 and 12899).
 */
export function* plugNetwork(sys: Sys, s: Sandbox): Run<void> {
  const { endpoints, routes } = yield* connect(sys, s.netns, s.endpoints)
  const control = `${runDir(s.id)}/qmp.sock`
  for (const { tap, guest } of endpoints) {
    const id = `network-${tap}`
    yield* qmp(sys, control, { execute: 'netdev_add', arguments: { type: 'tap', id, ifname: tap } }, qemuName(s.qemu))
    yield* qmp(
      sys,
      control,
      { execute: 'device_add', arguments: { driver: 'virtio-net-pci', netdev: id, mac: guest.mac } },
      qemuName(s.qemu),
    )
  }
  yield* tell(sys, s, endpoints, routes)
}

/** Ends the machine and takes away what was made for it. */
export function* stopSandbox(sys: Sys, s: Sandbox): Run<void> {
  yield* callAgent(sys, s.cid, 'DestroySandbox', { id: s.id }, agentName(s.id))
  yield* qmp(sys, `${runDir(s.id)}/qmp.sock`, { execute: 'quit' }, qemuName(s.qemu))
  // QEMU is waited for by who guards it.
  for (let tries = 0; tries < 100 && !isErr(yield* sys.stat(`/proc/${s.qemu}`)); tries++)
    yield* sys.nanosleep(1_000_000)
  yield* sys.wait(s.virtiofsd)
  yield* clean(sys, { id: s.id, cgroup: s.cgroup, netns: s.netns.includes('/cnitest-') ? s.netns : '' })
}
function* clean(sys: Sys, s: { id: string; cgroup: string; netns: string }): Run<void> {
  for (const part of ['ro', 'rw']) yield* sys.umount(`${shareDir(s.id)}/${part}`, 2)
  yield* removeTree(sys, shareDir(s.id))
  yield* removeTree(sys, `/run/kata/${s.id}`)
  if (s.netns) {
    yield* sys.umount(s.netns, 2)
    yield* sys.unlink(s.netns)
  }
  yield* writeFile(sys, '/sys/fs/cgroup/cgroup.procs', String(yield* sys.getpid()))
  yield* sys.rmdir(`/sys/fs/cgroup${s.cgroup}`)
}

/** Offers a container's root and the host's files that it mounts to the guest; answers the specification with the guest's names for them. */
export function* shareFiles(
  sys: Sys,
  sandbox: string,
  id: string,
  spec: Spec,
  rootfs: string,
): Run<{ readonly spec: Spec; readonly rootfs: string }> {
  const base = `${shareDir(sandbox)}/rw/passthrough`
  yield* makeDirs(sys, `${base}/${id}/rootfs`)
  yield* sys.mount(rootfs, `${base}/${id}/rootfs`, '', MS_BIND | MS_REC)
  const mounts: SpecMount[] = []
  for (const [n, m] of spec.mounts.entries()) {
    const bind = m.source?.startsWith('/') && /bind/.test([m.type, ...(m.options ?? [])].join())
    const there = bind ? yield* sys.stat(m.source as string) : undefined
    if (m.destination === '/dev/shm' || !bind) {
      // Shared memory is the guest's own, and so are its control groups.
      mounts.push(
        m.destination === '/dev/shm'
          ? { destination: '/dev/shm', type: 'bind', source: GUEST_SHM, options: ['rbind'] }
          : m,
      )
      continue
    }
    if (there === undefined || isErr(there)) throw new SandboxError(`stat ${m.source}: No such file or directory`)
    const name = `${id}-${n}-${m.destination.slice(m.destination.lastIndexOf('/') + 1)}`
    if ((there.mode & 0o170000) === 0o040000) yield* makeDirs(sys, `${base}/${name}`)
    else {
      const fd = yield* sys.open(`${base}/${name}`, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
      if (!isErr(fd)) yield* sys.close(fd)
    }
    yield* sys.mount(m.source as string, `${base}/${name}`, '', MS_BIND | MS_REC)
    mounts.push({ ...m, source: `${GUEST_SHARE}/passthrough/${name}` })
  }
  return { spec: { ...spec, mounts }, rootfs: `${GUEST_SHARE}/passthrough/${id}/rootfs` }
}
/** Takes a container's files out of the shared folder again. */
export function* unshareFiles(sys: Sys, sandbox: string, id: string): Run<void> {
  const base = `${shareDir(sandbox)}/rw/passthrough`
  const fd = yield* sys.open(base, O_RDONLY | O_CLOEXEC)
  if (isErr(fd)) return
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  for (const { name } of isErr(entries) ? [] : entries) {
    if (!name.startsWith(id)) continue
    const at = name === id ? `${base}/${name}/rootfs` : `${base}/${name}`
    yield* sys.umount(at, 2)
    yield* removeTree(sys, `${base}/${name}`)
  }
}

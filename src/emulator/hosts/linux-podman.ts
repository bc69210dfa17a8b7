/**
 * `linux-podman`: a Linux machine with Podman and without any daemon. An ordinary user sits there: containers are rootless unless `sudo` is
 * written. systemd runs as PID 1 and as the user's manager.
 */

import { isErr } from '../base/errno.ts'
import { conmon } from '../engine/conmon.ts'
import { catatonit, newgidmap, newuidmap } from '../engine/containers/userns.ts'
import { pasta } from '../engine/pasta.ts'
import { aardvark, rootlessport } from '../engine/rootlessport.ts'
import { sudo } from '../engine/sudo.ts'
import { delegate, systemManager, userManager, userService } from '../engine/systemd.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { offerTun } from '../kernel/linux/net/tun.ts'
import type { Machine, World } from '../machine/world.ts'
import { debian, KERNEL_RELEASE, KERNEL_VERSION } from './debian.ts'
import type { Host } from './host.ts'
import { environment, mountBasics, reapForEver } from './init.ts'
import { linuxShell } from './linux-shell.ts'
import { internet, up } from './network.ts'
import { containersConf, policy, registriesConf, shortNames, storageConf } from './podman-files.ts'
import { Disk } from './root.ts'

const GiB = 1024 ** 3
const UID = 1000
const HOME = '/home/user'
const RUNTIME = `/run/user/${UID}`

/** What a login shell of the user's starts with. */
const userEnvironment: readonly string[] = [
  'PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
  'LANG=C.UTF-8',
  `HOME=${HOME}`,
  'USER=user',
  'LOGNAME=user',
  'SHELL=/bin/bash',
  'TERM=xterm-256color',
  `XDG_RUNTIME_DIR=${RUNTIME}`,
]

/** Programs, their names in the emulator, and their sizes. */
const binaries = [
  ['/usr/bin/podman', 'podman', 47_000_000],
  ['/usr/bin/buildah', 'buildah', 34_000_000],
  ['/usr/bin/skopeo', 'skopeo', 31_000_000],
  ['/usr/bin/conmon', 'conmon', 170_000],
  ['/usr/bin/crun', 'crun', 510_000],
  ['/usr/bin/runc', 'runc', 11_900_000],
  ['/usr/bin/pasta', 'pasta', 1_100_000],
  ['/usr/libexec/podman/catatonit', 'catatonit', 960_000],
  ['/usr/libexec/podman/rootlessport', 'rootlessport', 9_000_000],
  ['/usr/libexec/podman/aardvark-dns', 'aardvark-dns', 4_500_000],
  ['/usr/lib/systemd/systemd', 'systemd', 101_000],
] as const

function boot(world: World): Machine {
  internet(world, ['quay.io', 'ghcr.io'])
  const machine = world.addMachine({ name: 'linux-podman', arch: 'amd64', cpus: 4, memory: 8 * GiB })
  const began = world.clock.now
  world.clock.now += 9_400_000_000
  const kernel = world.startKernel(machine, {
    hostname: 'server',
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
  })
  machine.bootTime = world.clock.now - began
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, 'server')
  for (const [path, name, size] of binaries) disk.program(path, name, size)
  // Who runs these gets root's power for what they check themselves.
  for (const [path, name, size] of [
    ['/usr/bin/newuidmap', 'newuidmap', 46_000],
    ['/usr/bin/newgidmap', 'newgidmap', 46_000],
    ['/usr/bin/sudo', 'sudo', 281_000],
  ] as const) {
    disk.program(path, name, size)
    const folder = disk.dir('/usr/bin')
    const file = folder.lookup(path.slice(9))
    if (!isErr(file)) file.setattr({ mode: 0o4755 })
  }
  for (const file of ['/etc/subuid', '/etc/subgid']) disk.file(file, 'user:100000:65536\n')
  disk.file('/etc/sudoers', 'root ALL=(ALL:ALL) ALL\nuser ALL=(ALL) NOPASSWD: ALL\n', 0o440)
  disk.file('/etc/containers/registries.conf', registriesConf)
  disk.file('/etc/containers/registries.conf.d/shortnames.conf', shortNames)
  disk.file('/etc/containers/policy.json', policy)
  disk.file('/usr/share/containers/containers.conf', containersConf)
  disk.file('/usr/share/containers/storage.conf', storageConf)
  disk.dir(HOME, 0o700).setattr({ uid: UID, gid: UID })
  disk.dir('/var/lib/systemd')
  kernel.mountRoot(disk.fs, '/dev/sda1')
  offerTun(kernel)
  up(kernel, ['10.0.0.5'], world, '10.0.0.1')
  kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    yield* delegate(sys, UID)
    yield* sys.mkdir('/run/user')
    yield* sys.mkdir(RUNTIME)
    yield* sys.mount('tmpfs', RUNTIME, 'tmpfs', 6, `size=806400k,mode=700,uid=${UID},gid=${UID}`)
    yield* sys.chown(RUNTIME, UID, UID)
    yield* sys.chmod(RUNTIME, 0o700)
    sys.thread((t) => systemManager(t))
    const manager = yield* sys.fork(function* (own) {
      yield* own.setsid()
      const scope = `/sys/fs/cgroup${userService(UID)}/init.scope`
      yield* own.mkdir(scope)
      const procs = yield* own.open(`${scope}/cgroup.procs`, O_WRONLY)
      if (!isErr(procs)) {
        yield* own.write(procs, new TextEncoder().encode(String(yield* own.getpid())))
        yield* own.close(procs)
      }
      yield* own.chown(scope, UID, UID)
      yield* own.setgid(UID)
      yield* own.setgroups([UID])
      yield* own.setuid(UID)
      const failed = yield* own.execve(
        '/usr/lib/systemd/systemd',
        ['/usr/lib/systemd/systemd', '--user'],
        [...environment, `HOME=${HOME}`, `XDG_RUNTIME_DIR=${RUNTIME}`],
      )
      return failed.number
    })
    if (isErr(manager)) return 1
    return yield* reapForEver(sys)
  }, 'systemd')
  const init = kernel.initial.pid.init
  if (init) init.argv = ['/sbin/init']
  return machine
}

/** Programs of this host alone; the three command lines come as parts. */
const programs: Readonly<Record<string, Program>> = {
  conmon,
  pasta,
  catatonit,
  newuidmap,
  newgidmap,
  sudo,
  rootlessport,
  'aardvark-dns': aardvark,
  systemd: userManager,
}
export const linuxPodman: Host = {
  name: 'linux-podman',
  shell: {
    ...linuxShell,
    environment: userEnvironment,
    user: { uid: UID, gid: UID },
    home: HOME,
    login: { path: '/bin/bash', argv: ['-bash'], env: ['PS1=\\u@\\h:\\w\\$ '] },
  },
  programs,
  boot,
  ready: (machine) =>
    [...(machine.kernel?.initial.net.sockets ?? [])].some(
      (s) => s.path === `${RUNTIME}/bus` && s.state === 'listening',
    ),
  prepare: '',
}

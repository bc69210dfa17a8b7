/** RUN and `buildah run`: one command on a container's file system, by the OCI runtime directly; no conmon watches it. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { O_RDWR } from '../../kernel/linux/fs/flags.ts'
import { warn } from '../../userland/lib/io.ts'
import { waitFor } from '../../userland/lib/run.ts'
import { removeTree } from '../containerd.ts'
import { makeFolders, putFile } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import type { Libpod } from '../libpod/libpod.ts'
import { connect, disconnect } from '../libpod/network.ts'
import { runtimePath, runtimeRoot } from '../libpod/runtime.ts'
import { makeSpec } from '../libpod/spec.ts'
import { type Container, fresh } from '../libpod/types.ts'
import { startScope, userService } from '../systemd.ts'

export interface RunOptions {
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly workDir: string
  readonly user: string
  readonly hostname?: string
  /** `default`, `host` or `none`. */
  readonly network: string
  readonly terminal?: boolean
  readonly binds?: readonly { readonly source: string; readonly destination: string; readonly readOnly: boolean }[]
  readonly tmpfs?: readonly string[]
}
/** Runs the command in a mounted root file system, with this process's streams: its exit code. Throws Problem. */
export function* runIn(lp: Libpod, root: string, o: RunOptions): Run<number> {
  const { sys } = lp
  const id = (yield* lp.newId()).slice(0, 25)
  const bundle = `${lp.place.runRoot}/buildah/${id}`
  yield* makeFolders(sys, bundle, 0o700)
  yield* makeFolders(sys, lp.storage.runDir(id), 0o700)
  const network =
    o.network === 'host' ? { kind: 'host' as const } : o.network === 'none' ? { kind: 'none' as const } : undefined
  const c: Container = {
    config: {
      id,
      name: `buildah-${id}`,
      created: 0,
      image: undefined,
      pod: undefined,
      infra: false,
      entrypoint: undefined,
      command: o.args,
      env: o.env,
      workDir: o.workDir || '/',
      user: o.user,
      groups: [],
      tty: o.terminal ?? false,
      stdin: true,
      labels: {},
      annotations: {},
      hostname: o.hostname || id.slice(0, 12),
      stopSignal: 15,
      stopTimeout: 0,
      autoRemove: false,
      restart: { policy: '', retries: 0 },
      ports: [],
      exposed: [],
      network:
        network ??
        (lp.place.rootless ? { kind: 'pasta' } : { kind: 'bridge', networks: [{ name: 'podman', aliases: [] }] }),
      hosts: [],
      dns: [],
      ipc: 'private',
      pid: 'private',
      uts: o.network === 'host' ? 'host' : 'private',
      cgroupns: 'private',
      binds: o.binds ?? [],
      volumes: [],
      tmpfs: Object.fromEntries((o.tmpfs ?? []).map((t) => [t, ''])),
      capAdd: [],
      capDrop: [],
      privileged: false,
      readOnly: false,
      securityOpt: [],
      resources: {},
      shmSize: 65_536_000,
      ulimits: [],
      devices: [],
      sysctls: {},
      init: false,
      createCommand: [],
    },
    state: fresh,
  }
  const connected = yield* connect(lp, c)
  const ready: Container = { ...c, state: { ...c.state, ...connected, mountPoint: root } }
  try {
    const spec = yield* makeSpec(lp, ready, root)
    const scope = `buildah-${id}.scope`
    const slice = lp.place.rootless ? `${userService(lp.place.uid)}/user.slice` : '/machine.slice'
    const document = { ...spec, linux: { ...spec.linux, cgroupsPath: `${slice}/${scope}/container` } }
    yield* putFile(sys, `${bundle}/config.json`, JSON.stringify(document))
    const path = yield* runtimePath(sys)
    const go = yield* sys.pipe()
    if (isErr(go)) throw new Problem(go.text)
    const pid = yield* sys.fork(function* (child) {
      yield* child.read(go[0], 1)
      if (!o.terminal && isErr(yield* child.ioctl(0, 'TCGETS')) === false) {
        const nothing = yield* child.open('/dev/null', O_RDWR)
        if (!isErr(nothing)) yield* child.dup2(nothing, 0)
      }
      for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
      const failed = yield* child.execve(
        path,
        [path, '--root', runtimeRoot(lp, path), 'run', '--bundle', bundle, id],
        child.environ(),
      )
      yield* warn(child, `${path}: ${failed.text}\n`)
      return 127
    })
    if (isErr(pid)) throw new Problem(pid.text)
    // The runtime must stand where it may make groups.
    if (lp.place.rootless) yield* startScope(sys, lp.place.uid, scope, [pid])
    yield* sys.write(go[1], Uint8Array.of(1))
    for (const fd of go) yield* sys.close(fd)
    const r = yield* waitFor(sys, pid)
    if (lp.place.rootless) yield* sys.rmdir(`/sys/fs/cgroup${slice}/${scope}`)
    return r.signal !== undefined ? 128 + r.signal : (r.code ?? 255)
  } finally {
    yield* disconnect(lp, ready)
    yield* removeTree(sys, bundle)
    yield* removeTree(sys, lp.storage.runDir(id).replace(/\/userdata$/, ''))
  }
}

/** podman exec: a further process in a running container, watched by a conmon of its own. */
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { capabilityNames } from '../../kernel/linux/capabilities.ts'
import type { SpecProcess } from '../../oci/runtimespec.ts'
import { removeTree } from '../containerd.ts'
import { loadJson, makeFolders, putFile } from '../containers/files.ts'
import { Problem } from '../containers/problem.ts'
import { resolveUser } from '../dockerd/spec.ts'
import { ApiError } from '../dockerd/state.ts'
import { type AttachOptions, connectTo, pump } from './attach.ts'
import type { Libpod } from './libpod.ts'
import { startConmon } from './runtime.ts'
import type { Container } from './types.ts'

export interface ExecOptions {
  readonly command: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly detach: boolean
  readonly env: readonly string[]
  readonly user: string | undefined
  readonly workDir: string | undefined
  readonly privileged: boolean
  readonly keys: readonly number[]
}
/** Runs it: its exit code; 0 where it was left in the background. Throws Problem. */
export function* exec(lp: Libpod, c: Container, o: ExecOptions): Run<number | 'detached'> {
  if (c.state.status !== 'running')
    throw new Problem('can only create exec sessions on running containers: container state improper', 255)
  const { sys } = lp
  const id = yield* lp.newId()
  const bundle = lp.storage.containerDir(c.config.id)
  const dir = `${bundle}/${id}`
  yield* makeFolders(sys, dir, 0o700)
  const spec = yield* loadJson<{ process: SpecProcess }>(sys, `${bundle}/config.json`, {
    process: { args: [], cwd: '/', user: { uid: 0, gid: 0 } },
  })
  let user: SpecProcess['user'] = spec.process.user
  if (o.user !== undefined) {
    try {
      user = { ...(yield* resolveUser(sys, c.state.mountPoint, o.user)), umask: 0o22 }
    } catch (e) {
      throw e instanceof ApiError ? new Problem(e.message) : e
    }
  }
  const all = capabilityNames.map((n) => `CAP_${n}`)
  const bounding = o.privileged ? all : (spec.process.capabilities?.bounding ?? [])
  const effective = user.uid === 0 ? bounding : []
  const env = new Map((spec.process.env ?? []).map((e) => [e.slice(0, e.indexOf('=')), e] as const))
  if (o.tty && !env.has('TERM')) env.set('TERM', 'TERM=xterm')
  for (const e of o.env) env.set(e.slice(0, e.indexOf('=')), e)
  const process: SpecProcess = {
    ...spec.process,
    terminal: o.tty,
    args: o.command,
    user,
    cwd: o.workDir ?? spec.process.cwd,
    env: [...env.values()],
    capabilities: { bounding, effective, permitted: effective },
  }
  yield* putFile(sys, `${dir}/exec-process.json`, JSON.stringify(process))
  yield* lp.setState(c.config.id, { execs: [...c.state.execs, id] })
  try {
    const socket = `${dir}/attach`
    let fd: number | undefined
    yield* startConmon(lp, c, {
      bundle: dir,
      runDir: dir,
      exec: { id, spec: `${dir}/exec-process.json`, tty: o.tty, stdin: o.stdin },
      *before() {
        if (o.detach) return
        while (isErr(yield* sys.stat(socket))) yield* sys.nanosleep(1_000_000)
        fd = yield* connectTo(sys, socket)
      },
    })
    yield* lp.note(c, 'exec')
    if (fd === undefined) return 0
    const attach: AttachOptions = { socket, tty: o.tty, stdin: o.stdin, keys: o.keys }
    return (yield* pump(sys, fd, attach)) ?? 255
  } finally {
    if (!o.detach) {
      const now = yield* lp.again(c.config.id)
      if (now) yield* lp.setState(c.config.id, { execs: now.state.execs.filter((x) => x !== id) })
      if (!isErr(yield* sys.stat(dir))) yield* removeTree(sys, dir)
    }
  }
}

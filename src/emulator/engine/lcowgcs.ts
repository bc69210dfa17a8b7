/**
 * gcs in an LCOW utility machine: all that the machine runs beside the container. The engine stays on Windows; here are only a kernel, an init,
 * this agent and runc (microsoft/hcsshim, cmd/gcs).
 */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { makeDirs } from '../runtime/runc.ts'
import { readText, writeAll } from '../userland/lib/io.ts'
import { type GuestAction, type GuestRequest, serveGuest } from './guest.ts'
import { GCS_PORT } from './windows/gcs.ts'

const bundleOf = (id: string): string => `/run/gcs/c/${id}`

interface Create extends GuestRequest {
  readonly id: string
  readonly layers: number
  readonly binds: readonly { readonly tag: string; readonly destination: string; readonly rw: boolean }[]
  readonly spec: Spec
}
/** Mounts the layers that the host attached, and writes the bundle. */
function* create(sys: Sys, p: Create): Run<string | undefined> {
  const bundle = bundleOf(p.id)
  const lower: string[] = []
  for (let n = 0; n < p.layers; n++) {
    const at = `/run/layers/${n}`
    yield* makeDirs(sys, at)
    const failed = yield* sys.mount(`layer${n}`, at, 'ext4', 1)
    if (failed) return `failed to mount layer ${n}: ${failed.text}`
    lower.push(at)
  }
  for (const part of ['scratch/upper', 'scratch/work', 'rootfs']) yield* makeDirs(sys, `${bundle}/${part}`)
  const options = `lowerdir=${lower.join(':')},upperdir=${bundle}/scratch/upper,workdir=${bundle}/scratch/work`
  const failed = yield* sys.mount('overlay', `${bundle}/rootfs`, 'overlay', 0, options)
  if (failed) return `failed to mount the root file system: ${failed.text}`
  const mounts = p.spec.mounts.filter(
    (m) => !(m.source ?? '').startsWith('/var/lib/docker/') && !/^\/[A-Za-z]:/.test(m.source ?? ''),
  )
  for (const b of p.binds) {
    const at = `/run/mounts/${b.tag}`
    yield* makeDirs(sys, at)
    const shared = (yield* sys.mount(b.tag, at, '9p', 0)) && (yield* sys.mount(b.tag, at, 'virtiofs', 0))
    if (shared) return `failed to mount ${b.destination}: ${shared.text}`
    mounts.push({ destination: b.destination, type: 'bind', source: at, options: ['rbind', b.rw ? 'rw' : 'ro'] })
  }
  const spec: Spec = {
    ...p.spec,
    process: { ...p.spec.process, terminal: false },
    mounts,
    linux: {
      ...p.spec.linux,
      cgroupsPath: `/containers/${p.id}`,
      // The machine's network is the container's; settings would be the machine's.
      sysctl: {},
      namespaces: p.spec.linux.namespaces.filter((n) => n.type !== 'network'),
    },
  }
  const fd = yield* sys.open(`${bundle}/config.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) return fd.text
  yield* writeAll(sys, fd, new TextEncoder().encode(JSON.stringify(spec)))
  yield* sys.close(fd)
  return undefined
}

function* act(t: Sys, request: GuestRequest): Run<GuestAction> {
  const id = String(request.id)
  const runc = (args: readonly string[]): Extract<GuestAction, { run: unknown }> => ({
    *run(child) {
      const failed = yield* child.execve('/usr/bin/runc', ['runc', ...args], ['PATH=/usr/sbin:/usr/bin'])
      return failed.number
    },
  })
  switch (request.op) {
    case 'create': {
      const failed = yield* create(t, request as unknown as Create)
      return failed === undefined ? { answer: {} } : { error: failed }
    }
    case 'run':
      return {
        ...runc(['run', '--bundle', bundleOf(id), id]),
        // runc prepares the container for a while: only then can others join it.
        *started(sys, pid) {
          for (;;) {
            const stat = yield* readText(sys, `/proc/${pid}/stat`)
            if (isErr(stat) || / Z /.test(stat)) return
            const there = !isErr(yield* sys.stat(`/run/runc/${id}/state.json`))
            if (there && isErr(yield* sys.stat(`/run/runc/${id}/exec.fifo`))) return
            yield* sys.nanosleep(20_000_000)
          }
        },
        // runc waits for the container; a signal is meant for the container's first process.
        *signal(sys, n) {
          const pid = yield* sys.fork(function* (child) {
            return (yield* child.execve('/usr/bin/runc', ['runc', 'kill', id, String(n)], ['PATH=/usr/sbin:/usr/bin']))
              .number
          })
          if (!isErr(pid)) yield* sys.wait(pid)
        },
      }
    case 'exec':
      return runc(['exec', id, ...(request.argv as readonly string[])])
    default:
      return { error: `zukan: not emulated: ${request.op}` }
  }
}
export const lcowGcs: Program = function* (sys) {
  return yield* serveGuest(sys, GCS_PORT, act)
}

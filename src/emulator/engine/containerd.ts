/** containerd: content, snapshots, and tasks, each task behind a shim. */
import { gunzipSync } from 'fflate'
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../kernel/linux/fs/flags.ts'
import { type Digest, digestOf } from '../oci/digest.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { readTar } from '../oci/tar.ts'
import { makeDirs } from '../runtime/runc.ts'
import { print, readFile, writeAll } from '../userland/lib/io.ts'
import { callRpc, done, type Methods, type Reply, serveRpc } from './rpc.ts'
import { type Stdio, shimSocket } from './shim.ts'
import { unpack } from './unpack.ts'

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
const ROOT = '/var/lib/containerd'
const CONTENT = `${ROOT}/io.containerd.content.v1.content/blobs/sha256`
const SNAPSHOTS = `${ROOT}/io.containerd.snapshotter.v1.overlayfs/snapshots`
/** Where a blob lies. */
export const blobPath = (digest: string): string => `${CONTENT}/${digest.replace(/^sha256:/, '')}`

export const CONTAINERD_VERSION = 'v2.3.3'

export const containerd: Program = function* (sys, argv) {
  if (/^(--version|-v)$/.test(argv[1] ?? '')) {
    yield* print(sys, `containerd github.com/containerd/containerd/v2 ${CONTAINERD_VERSION}\n`)
    return 0
  }
  // Go's runtime raises the limit on descriptors to the hard one, and gives children back what it was.
  const [soft, hard] = yield* sys.getrlimit('nofile')
  yield* sys.setrlimit('nofile', hard, hard)
  for (const d of [CONTENT, SNAPSHOTS, '/run/containerd/s', '/run/containerd/io.containerd.runtime.v2.task/moby'])
    yield* makeDirs(sys, d)
  /** Committed layers by chain id, active ones by container: the number of their directory, and what lies below. */
  const snapshots = new Map<string, { readonly number: number; readonly parent: string | undefined }>()
  let next = 1
  const lowers = (key: string | undefined): string[] => {
    const out: string[] = []
    for (let at = key; at !== undefined; at = snapshots.get(at)?.parent)
      out.push(`${SNAPSHOTS}/${snapshots.get(at)?.number}/fs`)
    return out
  }
  const bundleOf = (id: string): string => `/run/containerd/io.containerd.runtime.v2.task/moby/${id}`
  const toShim = (t: Sys, id: string, method: string, params: Readonly<Record<string, unknown>> = {}): Run<Reply> =>
    callRpc(t, shimSocket(id), `shim:${id.slice(0, 12)}`, method, params)

  const methods: Methods = {
    *'content.Commit'(t, p: { digest: Digest }): Run<Reply<unknown>> {
      const bytes = yield* readFile(t, blobPath(p.digest))
      if (isErr(bytes)) return { ok: false, error: `content ${p.digest}: not found` }
      const found = digestOf(bytes)
      if (found === p.digest) return done
      yield* t.unlink(blobPath(p.digest))
      return { ok: false, error: `unexpected commit digest ${found}, expected ${p.digest}: failed precondition` }
    },
    *'diff.Apply'(t, p: { digest: Digest; diffId: Digest; chainId: string; parent?: string }): Run<Reply<unknown>> {
      if (snapshots.has(p.chainId)) return done
      const bytes = yield* readFile(t, blobPath(p.digest))
      if (isErr(bytes)) return { ok: false, error: `content ${p.digest}: not found` }
      let tar: Uint8Array
      try {
        tar = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes
      } catch {
        return { ok: false, error: 'failed to extract layer: unexpected EOF' }
      }
      if (digestOf(tar) !== p.diffId)
        return { ok: false, error: `wrong diff id calculated on extraction "${digestOf(tar)}"` }
      const entries = readTar(tar)
      if ('error' in entries) return { ok: false, error: `failed to extract layer ${p.diffId}: ${entries.error}` }
      const number = next++
      yield* makeDirs(t, `${SNAPSHOTS}/${number}/fs`)
      const failed = yield* unpack(t, `${SNAPSHOTS}/${number}/fs`, entries, { layer: { lower: lowers(p.parent) } })
      if (failed) {
        // Nothing half-written stays.
        yield* removeTree(t, `${SNAPSHOTS}/${number}`)
        return { ok: false, error: failed }
      }
      snapshots.set(p.chainId, { number, parent: p.parent })
      return done
    },
    *'snapshots.Prepare'(t, p: { key: string; parent?: string }): Run<Reply<unknown>> {
      const number = next++
      for (const d of ['fs', 'work']) yield* makeDirs(t, `${SNAPSHOTS}/${number}/${d}`)
      snapshots.set(p.key, { number, parent: p.parent })
      return {
        ok: true,
        result: { upper: `${SNAPSHOTS}/${number}/fs`, work: `${SNAPSHOTS}/${number}/work`, lower: lowers(p.parent) },
      }
    },
    /** A writable layer becomes a read-only one by the name of its chain; where that is there already, the new one goes. */
    *'snapshots.Commit'(t, p: { key: string; name: string }): Run<Reply<unknown>> {
      const s = snapshots.get(p.key)
      if (!s) return { ok: false, error: `snapshot ${p.key}: not found` }
      snapshots.delete(p.key)
      if (snapshots.has(p.name)) yield* removeTree(t, `${SNAPSHOTS}/${s.number}`)
      else snapshots.set(p.name, s)
      return done
    },
    /** Directories of a snapshot and those below it, topmost first: to be mounted read-only. */
    *'snapshots.View'(_t, p: { key?: string }): Run<Reply<unknown>> {
      if (p.key !== undefined && !snapshots.has(p.key)) return { ok: false, error: `snapshot ${p.key}: not found` }
      return { ok: true, result: { lower: lowers(p.key) } }
    },
    *'snapshots.Remove'(t, p: { key: string }): Run<Reply<unknown>> {
      const s = snapshots.get(p.key)
      if (!s) return { ok: false, error: `snapshot ${p.key}: not found` }
      snapshots.delete(p.key)
      yield* removeTree(t, `${SNAPSHOTS}/${s.number}`)
      return done
    },
    /** Mounts the root file system and writes the bundle, starts a shim, and has it create the container. */
    *'tasks.Create'(
      t,
      p: { id: string; spec: Spec; rootfs: { upper: string; work: string; lower: string[] }; stdio: Stdio },
    ): Run<Reply<unknown>> {
      const bundle = bundleOf(p.id)
      yield* makeDirs(t, `${bundle}/rootfs`)
      const fd = yield* t.open(`${bundle}/config.json`, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      if (isErr(fd)) return { ok: false, error: fd.text }
      yield* writeAll(t, fd, new TextEncoder().encode(JSON.stringify(p.spec)))
      t.traceMark('file', 'file:config.json', `${bundle}/config.json`, JSON.stringify(p.spec))
      yield* t.close(fd)
      const { upper, work, lower } = p.rootfs
      const mounted =
        lower.length > 0
          ? yield* t.mount(
              'overlay',
              `${bundle}/rootfs`,
              'overlay',
              0,
              `lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}`,
            )
          : yield* t.mount(upper, `${bundle}/rootfs`, '', 4096)
      if (mounted) return { ok: false, error: `failed to mount rootfs component: ${mounted.text}` }
      const pid = yield* t.fork(function* (child) {
        // The shim must outlive containerd: it becomes a child of init.
        const grand = yield* child.fork(function* (own) {
          yield* own.closeRange(3)
          yield* own.setrlimit('nofile', soft, hard)
          const failed = yield* own.execve(
            '/usr/bin/containerd-shim-runc-v2',
            [
              '/usr/bin/containerd-shim-runc-v2',
              '-namespace',
              'moby',
              '-id',
              p.id,
              '-address',
              CONTAINERD_SOCKET,
              '-bundle',
              bundle,
            ],
            own.environ(),
          )
          return failed.number
        })
        return isErr(grand) ? 1 : 0
      })
      if (isErr(pid)) return { ok: false, error: `failed to start shim: ${pid.text}` }
      yield* t.wait(pid)
      for (let tries = 0; tries < 1000 && isErr(yield* t.stat(shimSocket(p.id))); tries++) yield* t.nanosleep(50_000)
      const reply = yield* toShim(t, p.id, 'Task.Create', { stdio: p.stdio })
      if (!reply.ok) {
        yield* toShim(t, p.id, 'Task.Delete')
        yield* t.umount(`${bundle}/rootfs`, 2)
        yield* removeTree(t, bundle)
        return { ok: false, error: `failed to create shim task: ${reply.error}` }
      }
      return reply
    },
    *'tasks.Start'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Start')
    },
    *'tasks.Exec'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Exec', p)
    },
    *'tasks.Wait'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Wait', p)
    },
    *'tasks.Kill'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Kill', p)
    },
    *'tasks.Pause'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Pause')
    },
    *'tasks.Resume'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Resume')
    },
    *'tasks.Update'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.Update', p)
    },
    *'tasks.ResizePty'(t, p: { id: string }): Run<Reply<unknown>> {
      return yield* toShim(t, p.id, 'Task.ResizePty', p)
    },
    *'tasks.Delete'(t, p: { id: string }): Run<Reply<unknown>> {
      yield* toShim(t, p.id, 'Task.Delete')
      yield* t.umount(`${bundleOf(p.id)}/rootfs`, 2)
      yield* removeTree(t, bundleOf(p.id))
      return done
    },
  }
  return yield* serveRpc(sys, CONTAINERD_SOCKET, methods)
}

/** rm -r */
export function* removeTree(sys: Sys, path: string): Run<void> {
  const failed = yield* sys.unlink(path)
  if (failed?.name !== 'EISDIR') return
  const fd = yield* sys.open(path, 0)
  if (isErr(fd)) return
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  if (!isErr(entries))
    for (const e of entries) if (e.name !== '.' && e.name !== '..') yield* removeTree(sys, `${path}/${e.name}`)
  yield* sys.rmdir(path)
}

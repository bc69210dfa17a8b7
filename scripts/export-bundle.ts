/**
 * An emulated image as an OCI bundle on the real disk: config.json as the emulated Docker writes it, and the image's files.
 *   npm run export-bundle -- [--spec 1.0] IMAGE DIR
 * --spec 1.0 leaves out what runtimes older than runtime-spec 1.1 refuse: the time namespace.
 * The files are the emulator's: their programs are for its processor alone. A busybox of the machine's own is put in the place of
 * the image's, so that a real runc can run the bundle.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { isErr } from '../src/emulator/base/errno.ts'
import { slice } from '../src/emulator/base/filedata.ts'
import { openSession, type Session } from '../src/emulator/complete.ts'
import type { MemInode } from '../src/emulator/kernel/linux/fs/memfs.ts'
import { readTar } from '../src/emulator/oci/tar.ts'

/** Bytes of a file that are really written; the rest is a hole. */
const HELD = 1024 * 1024

/** A file of the world's host, as it lies there. */
function readWorldFile(session: Session, path: string): Uint8Array {
  let at = session.kernel.initialMounts.root.root.inode as MemInode
  for (const part of path.split('/').filter(Boolean)) {
    const next = at.lookup(part)
    if (isErr(next)) throw new Error(`${path}: ${next.text}`)
    at = next as MemInode
  }
  return at.content?.read(0, at.size) ?? new Uint8Array(0)
}

/** Writes the bundle; answers its config.json. Throws where the image isn't there. */
export function exportBundle(image: string, dir: string, spec: '1.0' | '1.3' = '1.3'): { readonly config: unknown } {
  const session = openSession()
  const run = (line: string): string => {
    const r = session.execute(['/bin/sh', '-c', line])
    if (r.status !== 0) throw new Error(r.stderr.trim() || `${line}: exit status ${r.status}`)
    return r.stdout
  }
  const quoted = `'${image.replace(/'/g, "'\\''")}'`
  const id = run(`docker run -d ${quoted} sleep 1000`).trim()
  const config = JSON.parse(run(`cat /run/containerd/io.containerd.runtime.v2.task/moby/${id}/config.json`)) as Record<
    string,
    never
  > & {
    ociVersion: string
    mounts: { source?: string; destination: string }[]
    linux: { namespaces: { type: string }[] }
  }
  run(`docker export -o /tmp/root.tar ${id}`)
  const tar = readWorldFile(session, '/tmp/root.tar')
  const entries = readTar(tar)
  if ('error' in entries) throw new Error(entries.error)
  const root = resolve(dir, 'rootfs')
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root, { recursive: true })
  for (const e of entries) {
    const path = resolve(root, e.path)
    if (!path.startsWith(root + sep)) throw new Error(`${e.path} would leave the bundle`)
    mkdirSync(dirname(path), { recursive: true })
    if (e.type === 'dir') mkdirSync(path, { recursive: true })
    else if (e.type === 'symlink' && !existsSync(path)) symlinkSync(e.target ?? '', path)
    else if (e.type === 'file') {
      const data = e.data ?? { size: 0, extents: [] }
      writeFileSync(path, slice(data, 0, Math.min(data.size, HELD)))
      if (data.size > HELD) truncateSync(path, data.size)
    }
    if (e.type === 'dir' || e.type === 'file') chmodSync(path, e.mode)
  }
  if (existsSync('/bin/busybox') && existsSync(join(root, 'bin/busybox'))) {
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
    chmodSync(join(root, 'bin/busybox'), 0o755)
  }
  // Files that the engine binds lie in the world: the bundle brings its own.
  mkdirSync(join(dir, 'files'), { recursive: true })
  for (const m of config.mounts) {
    if (!m.source?.startsWith('/var/lib/docker/')) continue
    const name = m.destination.replace(/\//g, '_')
    writeFileSync(join(dir, 'files', name), run(`cat ${m.source}`))
    m.source = resolve(dir, 'files', name)
  }
  if (spec === '1.0') {
    config.ociVersion = '1.0.2'
    config.linux.namespaces = config.linux.namespaces.filter((n) => n.type !== 'time')
  }
  writeFileSync(join(dir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
  return { config }
}

if (process.argv[1]?.endsWith('export-bundle.ts')) {
  const words = process.argv.slice(2)
  const old = words[0] === '--spec' && words[1] === '1.0'
  const [image, dir] = old ? words.slice(2) : words
  if (image === undefined || dir === undefined) {
    process.stderr.write('export-bundle: IMAGE and DIR are missing\n')
    process.exit(2)
  }
  mkdirSync(dir, { recursive: true })
  exportBundle(image, dir, old ? '1.0' : '1.3')
  process.stdout.write(`${join(dir, 'config.json')}\n`)
}

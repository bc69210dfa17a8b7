/** The image that every example starts from, on a machine's disk as containerd left it there when it pulled it. */
import { isErr } from '../base/errno.ts'
import { blobPath, META, type Metadata, SNAPSHOTS } from '../engine/containerd.ts'
import { S_IFDIR, S_IFLNK, S_IFREG } from '../kernel/linux/fs/flags.ts'
import type { MemInode } from '../kernel/linux/fs/memfs.ts'
import { alpineRoot } from '../oci/catalogue/alpine.ts'
import { packedAlpine } from '../oci/catalogue/packed.ts'
import { packLayer } from '../oci/image.ts'
import type { TarEntry } from '../oci/tar.ts'
import type { Disk } from './root.ts'

const entries = (): readonly TarEntry[] => alpineRoot('3.22.2', 'amd64')
/** @restartable It makes the same bytes whenever it is asked. */
const layerBytes = (): Uint8Array => packLayer(entries()).bytes

/** Puts alpine into the store of a containerd that hasn't started yet, by the names that Docker gives it. */
export function storeAlpine(disk: Disk): void {
  const { names, target, documents, layer, diffId } = packedAlpine()
  for (const [digest, document] of Object.entries(documents)) disk.file(blobPath(digest), document, 0o444)
  disk.file(blobPath(layer.digest), '', 0o444).fillLater(layer.size, layerBytes)
  const size = layTree(disk.dir(`${SNAPSHOTS}/1/fs`), entries())
  const created = disk.fs.now()
  const meta: Metadata = {
    snapshots: [[diffId, { number: 1, parent: undefined, size }]],
    images: names.map((name) => [`moby/${name}`, { target, created }]),
  }
  disk.file(META, JSON.stringify(meta), 0o600)
}

/** Lays directories, files and symbolic links below a directory; the bytes of the files. */
function layTree(root: MemInode, tree: readonly TarEntry[]): number {
  let size = 0
  const folders: [MemInode, number][] = []
  for (const { path, type, mode, uid, gid, mtime, target, data } of tree) {
    const names = path.split('/')
    let at = root
    for (const name of names.slice(0, -1)) at = folder(at, name, 0o755)
    const name = names.at(-1) as string
    if (type === 'dir') {
      const made = folder(at, name, mode)
      made.setattr({ mode, uid, gid })
      folders.push([made, mtime])
      continue
    }
    const init = { mode: mode | (type === 'symlink' ? S_IFLNK : S_IFREG), uid, gid }
    const inode = at.create(name, target === undefined ? init : { ...init, target })
    if (isErr(inode) || !data) continue
    inode.fill(data)
    inode.setattr({ atime: mtime * 1e9, mtime: mtime * 1e9 })
    size += data.size
  }
  // What was put into directories has changed their times.
  for (const [made, mtime] of folders) made.setattr({ atime: mtime * 1e9, mtime: mtime * 1e9 })
  return size
}
function folder(above: MemInode, name: string, mode: number): MemInode {
  const known = above.lookup(name)
  return (isErr(known) ? above.create(name, { mode: S_IFDIR | mode, uid: 0, gid: 0 }) : known) as MemInode
}

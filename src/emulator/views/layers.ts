/** Overlay mounts as stacks of layers, with which file comes from where; overlayfs.rst of the kernel. */
import { isErr } from '../base/errno.ts'
import { isDir } from '../kernel/linux/fs/flags.ts'
import type { Inode } from '../kernel/linux/fs/inode.ts'
import { isWhiteout, OverlayFs } from '../kernel/linux/fs/overlay.ts'
import type { Kernel } from '../kernel/linux/kernel.ts'

export interface LayerFileView {
  readonly path: string
  /** What it says of this name: a file of its own, one copied up from below, or that the name is gone. */
  readonly kind: 'new' | 'copied' | 'whiteout'
  /** Bytes. */
  readonly size: number
}
export interface LayerView {
  /** Where its files lie on the host, as the mount options say. */
  readonly path: string
  readonly writable: boolean
  /** Regular files and bytes in it. */
  readonly files: number
  readonly bytes: number
  /** The writable layer's files, or some of a read-only one's. */
  readonly sample: readonly LayerFileView[]
}
export interface LayerStackView {
  readonly mountpoint: string
  /** Topmost first. */
  readonly layers: readonly LayerView[]
}
/** Names kept of each layer. */
const SAMPLE = 8

function* walk(dir: Inode, path: string): Generator<{ readonly path: string; readonly inode: Inode }> {
  const entries = dir.list()
  if (isErr(entries)) return
  for (const { name } of entries) {
    if (name === '.' || name === '..') continue
    const inode = dir.lookup(name)
    if (isErr(inode)) continue
    if (isDir(inode.mode)) yield* walk(inode, `${path}/${name}`)
    else yield { path: `${path}/${name}`, inode }
  }
}
function exists(root: Inode, path: string): boolean {
  let at = root
  for (const part of path.split('/').filter(Boolean)) {
    const next = at.lookup(part)
    if (isErr(next) || isWhiteout(next)) return false
    at = next
  }
  return true
}

function layerView(root: Inode, path: string, writable: boolean, below: readonly Inode[]): LayerView {
  let files = 0
  let bytes = 0
  const sample: LayerFileView[] = []
  for (const f of walk(root, '')) {
    const gone = isWhiteout(f.inode)
    if (!gone) {
      files++
      bytes += f.inode.size
    }
    if (sample.length < SAMPLE)
      sample.push({
        path: f.path,
        kind: gone ? 'whiteout' : below.some((b) => exists(b, f.path)) ? 'copied' : 'new',
        size: gone ? 0 : f.inode.size,
      })
  }
  return { path, writable, files, bytes, sample }
}

const place = (options: string, name: string): readonly string[] =>
  (new RegExp(`(?:^|,)${name}=([^,]*)`).exec(options)?.[1] ?? '').split(':').filter(Boolean)

/** The overlay mounts of the host's mount namespace, a stack each. Read-only layers are looked through once. */
export function layerStacks(kernel: Kernel): readonly LayerStackView[] {
  const out: LayerStackView[] = []
  for (const mount of kernel.initialMounts.mounts) {
    const { fs } = mount
    if (!(fs instanceof OverlayFs)) continue
    const options = fs.options()
    const lowers = fs.root.lowers
    const paths = place(options, 'lowerdir')
    const layers: LayerView[] = []
    if (fs.upper) layers.push(layerView(fs.upper, place(options, 'upperdir')[0] ?? '', true, lowers))
    lowers.forEach((lower, i) => {
      let known = readOnly.get(lower)
      if (!known) {
        known = layerView(lower, paths[i] ?? '', false, lowers.slice(i + 1))
        readOnly.set(lower, known)
      }
      layers.push(known)
    })
    const names: string[] = []
    for (let at = mount.mountpoint; at; at = at.parent) if (at.name) names.unshift(at.name)
    out.push({ mountpoint: `/${names.join('/')}`, layers })
  }
  return out
}
/** Layers that nobody writes to keep their view. */
const readOnly = new WeakMap<Inode, LayerView>()

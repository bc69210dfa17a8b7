/**
 * virtiofs as virtiofsd serves it with `--announce-submounts`: a folder of the host together with what is mounted below it. A container's root
 * is such a mount, so that what the host mounts into the folder later appears in the guest as well. virtio-fs.gitlab.io, virtiofsd(1).
 */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { Inode } from './inode.ts'
import { type Dentry, followDown, type Mount, type Path } from './path.ts'
import { ShareFs, ShareInode } from './share.ts'

export class VirtioFs extends ShareFs {
  readonly #nodes = new Map<Mount, Map<Dentry, VirtioInode>>()
  constructor(dev: number, at: Path) {
    super('virtiofs', dev, at.dentry.inode, '')
    ;(this.root as VirtioInode).at = at
  }
  protected override make(inode: Inode): ShareInode {
    return new VirtioInode(this, inode)
  }
  /** The node of a place on the host; the same each time. */
  nodeAt(at: Path): VirtioInode {
    let known = this.#nodes.get(at.mount)
    if (!known) this.#nodes.set(at.mount, (known = new Map()))
    let node = known.get(at.dentry)
    if (!node) known.set(at.dentry, (node = new VirtioInode(this, at.dentry.inode)))
    node.at = at
    return node
  }
}
class VirtioInode extends ShareInode {
  declare readonly fs: VirtioFs
  at: Path | undefined
  #below(name: string, inode: Inode): Inode {
    if (!this.at) return this.fs.node(inode)
    return this.fs.nodeAt(followDown(this.at.mount, this.at.dentry.child(name, inode)))
  }
  override lookup(name: string): Inode | Errno {
    const found = this.origin.lookup(name)
    return isErr(found) ? found : this.#below(name, found)
  }
  override create(...[name, init]: Parameters<ShareInode['create']>): Inode | Errno {
    const made = this.origin.create(name, init)
    this.revalidate()
    return isErr(made) ? made : this.#below(name, made)
  }
}

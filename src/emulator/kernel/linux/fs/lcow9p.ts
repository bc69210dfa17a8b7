/**
 * A folder of Windows as LCOW's 9p server showed it in 2019. Files lie on NTFS, and these operations of 9P2000.L were not implemented or only in
 * part, by Microsoft's page of 17 September 2019 ("Linux Containers on Windows", bind mounts): MkNod, XAttrWalk, XAttrCreate, Lock, GetLock,
 * Auth, Flush, INotify; GetAttr's Nlink was always 2; Open knew only the access modes.
 */
import { EOPNOTSUPP, type Errno } from '../../../base/errno.ts'
import { isDir, isLink, isReg } from './flags.ts'
import type { Inode, NodeInit } from './inode.ts'
import { ShareFs, ShareInode } from './share.ts'

export class Lcow9pFs extends ShareFs {
  constructor(dev: number, root: Inode) {
    super('9p', dev, root, 'trans=fd,version=9p2000.L')
  }
  protected override make(inode: Inode): ShareInode {
    return new Lcow9pInode(this, inode)
  }
}
class Lcow9pInode extends ShareInode {
  /** GetAttr: the number of links is always 2. */
  override revalidate(): void {
    super.revalidate()
    this.nlink = 2
  }
  /** MkNod: no devices, fifos or sockets. */
  override create(name: string, init: NodeInit): Inode | Errno {
    return isReg(init.mode) || isDir(init.mode) || isLink(init.mode) ? super.create(name, init) : EOPNOTSUPP
  }
  /** Lock and GetLock: flock(2) and fcntl(2) locks fail. */
  override get lockable(): boolean {
    return false
  }
}

/**
 * A folder of Windows as LCOW's 9p server showed it in 2019. Files lie on NTFS, and these operations of 9P2000.L were not implemented or only in
 * part, by Microsoft's page of 17 September 2019 ("Linux Containers on Windows", bind mounts): MkNod, XAttrWalk, XAttrCreate, Lock, GetLock,
 * Auth, Flush, INotify; GetAttr's Nlink was always 2; Open knew only the access modes. NTFS has no owner and no mode in Linux's sense either:
 * everything was root's and open to all, a change of owner was ignored, and a change of mode refused (moby/moby#35665, docker/for-win#1386,
 * docker-library/rabbitmq#257).
 */
import { EACCES, EOPNOTSUPP, type Errno } from '../../../base/errno.ts'
import { isDir, isLink, isReg, S_IFMT } from './flags.ts'
import type { Attributes, Inode, NodeInit } from './inode.ts'
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
  /** GetAttr: the number of links is always 2; owner and mode are the same for all files. */
  override revalidate(): void {
    super.revalidate()
    this.nlink = 2
    this.uid = 0
    this.gid = 0
    this.mode = (this.mode & S_IFMT) | 0o777
  }
  /** MkNod: no devices, fifos or sockets. */
  override create(name: string, init: NodeInit): Inode | Errno {
    return isReg(init.mode) || isDir(init.mode) || isLink(init.mode) ? super.create(name, init) : EOPNOTSUPP
  }
  /** SetAttr: times are kept, a new owner is ignored, a new mode refused. */
  override setattr(a: Attributes): Errno | undefined {
    const { mode, uid: _uid, gid: _gid, ...times } = a
    if (mode !== undefined && (mode & 0o7777) !== (this.mode & 0o7777)) return EACCES
    return super.setattr(times)
  }
  /** Lock and GetLock: flock(2) and fcntl(2) locks fail. */
  override get lockable(): boolean {
    return false
  }
}

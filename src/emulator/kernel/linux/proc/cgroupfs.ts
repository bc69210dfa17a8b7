/**
 * The cgroup v2 tree as a file system: its interface files, Documentation/admin-guide/cgroup-v2.rst.
 * @restartable A system call reads or writes a file: its one effect.
 */
import { EACCES, EAGAIN, EEXIST, EINVAL, ENOENT, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import { Cgroup } from '../cgroup.ts'
import { isDir, isReg, S_IFDIR, S_IFMT, W_OK } from '../fs/flags.ts'
import { GeneratedFile, GeneratedFs } from '../fs/generated.ts'
import { type Attributes, type DirEntry, Inode, type NodeInit } from '../fs/inode.ts'
import { permission } from '../fs/vfs.ts'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../process.ts'
import { type Knob, knobs, mayMakeChild, removable } from './cgroupfiles.ts'

/** One mount of the tree, seen from a cgroup namespace's root. */
export class CgroupFs extends GeneratedFs {
  readonly kernel: Kernel
  readonly nodes = new WeakMap<Cgroup, CgroupDir>()
  constructor(kernel: Kernel, root: Cgroup) {
    super('cgroup2', kernel)
    this.kernel = kernel
    this.root = this.node(root)
  }
  options(): string {
    return 'nsdelegate,memory_recursiveprot'
  }
  node(group: Cgroup): CgroupDir {
    const known = this.nodes.get(group) ?? new CgroupDir(this, group)
    this.nodes.set(group, known)
    return known
  }
  mayMove(p: Process, group: Cgroup): boolean {
    const file = this.node(group).lookup('cgroup.procs')
    return !isErr(file) && permission(p, file, W_OK) === undefined
  }
}

class CgroupDir extends Inode {
  declare readonly fs: CgroupFs
  readonly group: Cgroup
  readonly #files = new SmallMap<string, GeneratedFile>()
  constructor(fs: CgroupFs, group: Cgroup) {
    super(fs, fs.ino(), S_IFDIR | 0o755)
    fs.born(this)
    this.group = group
    this.nlink = 2
  }
  #has(knob: Knob): boolean {
    if (knob.notRoot && !this.group.parent) return false
    return knob.controller === undefined || this.group.available().includes(knob.controller)
  }
  override lookup(name: string): Inode | Errno {
    const child = this.group.children.get(name)
    if (child) return this.fs.node(child)
    const knob = Object.hasOwn(knobs, name) ? knobs[name] : undefined
    if (!knob || !this.#has(knob)) return ENOENT
    let file = this.#files.get(name)
    if (!file) {
      const { read, write } = knob
      file = new GeneratedFile(
        this.fs,
        (read ? 0o444 : 0) | (write ? 0o200 : 0),
        read && ((p) => read(this.group, p)),
        write &&
          ((text, p) => {
            const failed = write(this.group, text, p, (group) => this.fs.mayMove(p, group))
            if (!failed) p.kernel.note('cgroup', p.kernel.describe(p), this.group.path, `${name} = ${text.trim()}`)
            return failed
          }),
      )
      file.uid = this.uid
      file.gid = this.gid
      this.#files.set(name, file)
    }
    return file
  }
  override list(): readonly DirEntry[] {
    const files = Object.entries(knobs)
      .filter(([, k]) => this.#has(k))
      .map(([name]) => ({ name, ino: this.ino, type: 0o100000 }))
    return [
      ...files,
      ...[...this.group.children].map(([name, g]) => ({ name, ino: this.fs.node(g).ino, type: S_IFDIR })),
    ]
  }
  override create(name: string, init: NodeInit): Inode | Errno {
    if (!isDir(init.mode)) return isReg(init.mode) ? EACCES : EPERM
    if (!isErr(this.lookup(name))) return EEXIST
    if (name.includes('\n')) return EINVAL
    if (!mayMakeChild(this.group)) return EAGAIN
    const group = new Cgroup(name, this.group, this.fs.kernel.nextCgroupId())
    this.group.children.set(name, group)
    const node = this.fs.node(group)
    node.uid = init.uid
    node.gid = init.gid
    return node
  }
  override rmdir(name: string): Errno | undefined {
    const group = this.group.children.get(name)
    if (!group) return ENOENT
    const stays = removable(group)
    if (!stays) this.group.children.delete(name)
    return stays
  }
  override setattr(a: Attributes): Errno | undefined {
    if (a.mode !== undefined) this.mode = (this.mode & S_IFMT) | (a.mode & 0o7777)
    if (a.uid !== undefined) this.uid = a.uid
    if (a.gid !== undefined) this.gid = a.gid
    return undefined
  }
}

/** System calls on namespaces and mounts. */
import { EBADF, EINVAL, EPERM, type Errno } from '../../../base/errno.ts'
import type { Fd, Run } from '../abi.ts'
import type { Cgroup, DeviceRule } from '../cgroup.ts'
import { mount, pivotRoot, umount } from '../mounts.ts'
import { cloneFlagOf, type NamespaceKind, type NamespaceSet } from '../namespaces.ts'
import type { Process } from '../process.ts'
import { joinNamespace, unshare } from '../unshare.ts'

/** Generators, although none sleeps: so a build can have them wait for code that it put aside. @restartable */
export const namespaceCalls = {
  *mount(p: Process, source: string, target: string, type: string, flags: number, data = ''): Run<Errno | undefined> {
    return mount(p.kernel, p, source, target, type, flags, data)
  },
  *umount(p: Process, target: string, flags = 0): Run<Errno | undefined> {
    return umount(p.kernel, p, target, flags)
  },
  *pivotRoot(p: Process, newRoot: string, putOld: string): Run<Errno | undefined> {
    return pivotRoot(p.kernel, p, newRoot, putOld)
  },
  *unshare(p: Process, flags: number): Run<Errno | undefined> {
    return unshare(p.kernel, p, flags)
  },
  *setns(p: Process, fd: Fd, nstype: number): Run<Errno | undefined> {
    const file = p.fds[fd]?.file
    if (!file) return EBADF
    const { namespace } = file.inode as { namespace?: NamespaceSet[NamespaceKind] }
    if (!namespace || (nstype !== 0 && nstype !== cloneFlagOf[namespace.kind])) return EINVAL
    return joinNamespace(p.kernel, p, namespace)
  },
  bpf(p: Process, fd: Fd, rules: readonly DeviceRule[]): Errno | undefined {
    const file = p.fds[fd]?.file
    if (!file) return EBADF
    const { group } = file.inode as { group?: Cgroup }
    if (!group) return EBADF
    if (!p.kernel.capable(p, 'SYS_ADMIN')) return EPERM
    group.deviceRules = rules
    return undefined
  },
}

/** New namespaces for clone(2) and unshare(2), and joining them by setns(2). */
import { EINVAL, ENOSPC, EPERM, type Errno, EUSERS, isErr } from '../../base/errno.ts'
import type { Credentials } from './abi.ts'
import { allCapabilities } from './capabilities.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from './fs/flags.ts'
import { followDown, type Path } from './fs/path.ts'
import type { Kernel } from './kernel.ts'
import { copyMountNamespace } from './mounts.ts'
import {
  CgroupNamespace,
  fromKernelId,
  IpcNamespace,
  type MountNamespace,
  type NamespaceKind,
  type NamespaceSet,
  PidNamespace,
  TimeNamespace,
  UserNamespace,
  UtsNamespace,
} from './namespaces.ts'
import type { Process } from './process.ts'

const all =
  CLONE_NEWNS |
  CLONE_NEWUTS |
  CLONE_NEWIPC |
  CLONE_NEWUSER |
  CLONE_NEWPID |
  CLONE_NEWNET |
  CLONE_NEWCGROUP |
  CLONE_NEWTIME

/** Credentials of a process that comes into a user namespace: all power there, none of what it brought; user_namespaces(7). */
const entering = (cred: Credentials): Credentials => ({
  ...cred,
  effective: allCapabilities,
  permitted: allCapabilities,
  inheritable: 0n,
  ambient: 0n,
  bounding: allCapabilities,
  securebits: 0,
})
/**
 * Puts a new user namespace, whose owner the process is, among the namespaces that it will have; answers its credentials there.
 * @restartable Who can't have one is told so before anything is made.
 */
function intoNewUser(kernel: Kernel, p: Process, ns: NamespaceSet): Credentials | Errno {
  const { cred } = p
  // Who is in a changed root can't leave it that way; ids that aren't mapped have no owner.
  if (p.root.mount !== p.ns.mnt.root || p.root.dentry !== p.ns.mnt.root.root) return EPERM
  if (p.ns.user.parent && fromKernelId(p.ns.user, cred.euid, 'uid') === OVERFLOW_ID) return EPERM
  if (levelOf(p.ns.user) >= 32) return ENOSPC
  if (p.threads.length > 0) return EINVAL
  ns.user = new UserNamespace(kernel.nextInum(), p.ns.user, cred.euid)
  kernel.note('namespace', kernel.describe(p), `user:[${ns.user.inum}]`, 'CLONE_NEWUSER')
  return entering(cred)
}
/** The sets that a process would have after unsharing; nothing is changed yet. */
export function newNamespaces(
  kernel: Kernel,
  p: Process,
  flags: number,
): { readonly ns: NamespaceSet; readonly root: Path; readonly cwd: Path; readonly cred: Credentials } | Errno {
  const ns: NamespaceSet = { ...p.ns }
  let { root, cwd, cred } = p
  if (!(flags & all)) return { ns, root, cwd, cred }
  const who = kernel.describe(p)
  if (flags & CLONE_NEWUSER) {
    const own = intoNewUser(kernel, p, ns)
    if (isErr(own)) return own
    cred = own
  } else if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  if (flags & CLONE_NEWNS) {
    const copy = copyMountNamespace(kernel, p, ns.user)
    ns.mnt = copy.ns
    root = copy.root
    cwd = copy.cwd
    kernel.note('namespace', who, `mnt:[${ns.mnt.inum}]`, 'CLONE_NEWNS')
  }
  if (flags & CLONE_NEWUTS) {
    ns.uts = new UtsNamespace(kernel.nextInum(), ns.user, p.ns.uts.hostname, p.ns.uts.domainname)
    kernel.note('namespace', who, `uts:[${ns.uts.inum}]`, 'CLONE_NEWUTS')
  }
  if (flags & CLONE_NEWIPC) {
    ns.ipc = new IpcNamespace(kernel.nextInum(), ns.user)
    kernel.note('namespace', who, `ipc:[${ns.ipc.inum}]`, 'CLONE_NEWIPC')
  }
  if (flags & CLONE_NEWPID) {
    // Only once: the next child is its init already.
    if (p.ns.pidForChildren !== p.ns.pid) return EINVAL
    ns.pidForChildren = new PidNamespace(kernel.nextInum(), ns.user, p.ns.pid)
    kernel.note('namespace', who, `pid:[${ns.pidForChildren.inum}]`, 'CLONE_NEWPID')
  }
  if (flags & CLONE_NEWNET) {
    ns.net = kernel.newNet(kernel.nextInum(), ns.user)
    kernel.note('namespace', who, `net:[${ns.net.inum}]`, 'CLONE_NEWNET')
  }
  if (flags & CLONE_NEWCGROUP) {
    ns.cgroup = new CgroupNamespace(kernel.nextInum(), ns.user, p.cgroup)
    kernel.note('namespace', who, `cgroup:[${ns.cgroup.inum}]`, 'CLONE_NEWCGROUP')
  }
  if (flags & CLONE_NEWTIME) {
    ns.timeForChildren = new TimeNamespace(kernel.nextInum(), ns.user)
    kernel.note('namespace', who, `time:[${ns.timeForChildren.inum}]`, 'CLONE_NEWTIME')
  }
  return { ns, root, cwd, cred }
}

const OVERFLOW_ID = 65534
function levelOf(user: UserNamespace): number {
  let level = 0
  for (let at = user.parent; at; at = at.parent) level++
  return level
}

/** unshare(2). */
export function unshare(kernel: Kernel, p: Process, flags: number): Errno | undefined {
  if (flags & ~all) return EINVAL
  const made = newNamespaces(kernel, p, flags)
  if ('ns' in made) {
    kernel.move(p, made.ns)
    p.root = made.root
    p.cwd = made.cwd
    p.cred = made.cred
    return undefined
  }
  return made
}

/** setns(2): joins the namespace object `target`. */
export function joinNamespace(kernel: Kernel, p: Process, target: NamespaceSet[NamespaceKind]): Errno | undefined {
  if (target.kind === 'user') {
    if (target === p.ns.user) return EINVAL
    if (p.threads.length > 0) return EINVAL
    if (!kernel.capable(p, 'SYS_ADMIN', target)) return EPERM
    kernel.move(p, { ...p.ns, user: target })
    p.cred = entering(p.cred)
    return undefined
  }
  // Power is needed over the namespace, and in one's own user namespace.
  if (!kernel.capable(p, 'SYS_ADMIN', target.owner) || !kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  const ns = { ...p.ns }
  switch (target.kind) {
    case 'mnt': {
      if (!kernel.capable(p, 'SYS_CHROOT', p.ns.user)) return EPERM
      const mnt = target as MountNamespace
      ns.mnt = mnt
      p.root = p.cwd = followDown(mnt.root, mnt.root.root)
      break
    }
    case 'pid':
      // Only down, or back to one's own: a process can't get out of what it is in.
      if (target !== p.ns.pid && !isBelow(target, p.ns.pid)) return EINVAL
      ns.pidForChildren = target
      break
    case 'net':
      ns.net = target
      break
    case 'uts':
      ns.uts = target
      break
    case 'ipc':
      ns.ipc = target
      break
    case 'cgroup':
      ns.cgroup = target
      break
    case 'time':
      if (p.threads.length > 0) return EUSERS
      ns.time = ns.timeForChildren = target
      target.entered = true
      break
  }
  kernel.move(p, ns)
  return undefined
}
function isBelow(ns: PidNamespace, above: PidNamespace): boolean {
  for (let at = ns.parent; at; at = at.parent) if (at === above) return true
  return false
}

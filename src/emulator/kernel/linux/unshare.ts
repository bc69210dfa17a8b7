/** New namespaces for clone(2) and unshare(2), and joining them by setns(2). */
import { EINVAL, EPERM, type Errno } from '../../base/errno.ts'
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
import type { Path } from './fs/path.ts'
import type { Kernel } from './kernel.ts'
import { copyMountNamespace } from './mounts.ts'
import {
  CgroupNamespace,
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
    ns.user = new UserNamespace(kernel.nextInum(), p.ns.user, cred.euid)
    cred = {
      ...cred,
      effective: allCapabilities,
      permitted: allCapabilities,
      inheritable: 0n,
      ambient: 0n,
      bounding: allCapabilities,
    }
    kernel.note('namespace', who, `user:[${ns.user.inum}]`, 'CLONE_NEWUSER')
  } else if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  if (flags & CLONE_NEWNS) {
    const copy = copyMountNamespace(kernel, p)
    ns.mnt = copy.ns
    root = copy.root
    cwd = copy.cwd
    kernel.note('namespace', who, `mnt:[${ns.mnt.inum}]`, 'CLONE_NEWNS')
  }
  if (flags & CLONE_NEWUTS) {
    ns.uts = new UtsNamespace(kernel.nextInum(), p.ns.uts.hostname, p.ns.uts.domainname)
    kernel.note('namespace', who, `uts:[${ns.uts.inum}]`, 'CLONE_NEWUTS')
  }
  if (flags & CLONE_NEWIPC) {
    ns.ipc = new IpcNamespace(kernel.nextInum())
    kernel.note('namespace', who, `ipc:[${ns.ipc.inum}]`, 'CLONE_NEWIPC')
  }
  if (flags & CLONE_NEWPID) {
    ns.pidForChildren = new PidNamespace(kernel.nextInum(), p.ns.pid)
    kernel.note('namespace', who, `pid:[${ns.pidForChildren.inum}]`, 'CLONE_NEWPID')
  }
  if (flags & CLONE_NEWNET) {
    ns.net = kernel.newNet(kernel.nextInum())
    kernel.note('namespace', who, `net:[${ns.net.inum}]`, 'CLONE_NEWNET')
  }
  if (flags & CLONE_NEWCGROUP) {
    ns.cgroup = new CgroupNamespace(kernel.nextInum(), p.cgroup)
    kernel.note('namespace', who, `cgroup:[${ns.cgroup.inum}]`, 'CLONE_NEWCGROUP')
  }
  if (flags & CLONE_NEWTIME) {
    ns.timeForChildren = new TimeNamespace(kernel.nextInum())
    kernel.note('namespace', who, `time:[${ns.timeForChildren.inum}]`, 'CLONE_NEWTIME')
  }
  return { ns, root, cwd, cred }
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
    kernel.move(p, { ...p.ns, user: target })
    p.cred = { ...p.cred, effective: allCapabilities, permitted: allCapabilities }
    return undefined
  }
  if (!kernel.capable(p, 'SYS_ADMIN', p.ns.user)) return EPERM
  const ns = { ...p.ns }
  switch (target.kind) {
    case 'mnt': {
      const mnt = target as MountNamespace
      ns.mnt = mnt
      p.root = p.cwd = { mount: mnt.root, dentry: mnt.root.root }
      break
    }
    case 'pid':
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
      ns.time = ns.timeForChildren = target
      break
  }
  kernel.move(p, ns)
  return undefined
}

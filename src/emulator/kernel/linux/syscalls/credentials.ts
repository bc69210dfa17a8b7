/** System calls about identity: ids, capabilities, prctl, seccomp, limits; credentials(7), capabilities(7). */
import { EINVAL, EPERM, type Errno } from '../../../base/errno.ts'
import type { Capabilities, Credentials, PrctlOption, Resource, SeccompFilter } from '../abi.ts'
import { capabilityBit, hasCapability } from '../capabilities.ts'
import { fromKernelId, toKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'

/** Capabilities after a change of uids, capabilities(7) "Effect of user ID changes on capabilities". */
function afterUidChange(old: Credentials, cred: Credentials): Credentials {
  const wasRoot = old.uid === 0 || old.euid === 0 || old.suid === 0
  const isRoot = cred.uid === 0 || cred.euid === 0 || cred.suid === 0
  let next = cred
  if (wasRoot && !isRoot && !(old.securebits & 16)) next = { ...next, permitted: 0n, effective: 0n, ambient: 0n }
  if (old.euid === 0 && cred.euid !== 0) next = { ...next, effective: 0n }
  if (old.euid !== 0 && cred.euid === 0) next = { ...next, effective: next.permitted }
  return next
}

export const credentialCalls = {
  /** Ids as the process's user namespace shows them. */
  getcred(p: Process): Credentials {
    const c = p.cred
    if (!p.ns.user.parent) return c
    const u = (id: number): number => fromKernelId(p.ns.user, id, 'uid')
    const g = (id: number): number => fromKernelId(p.ns.user, id, 'gid')
    return {
      ...c,
      uid: u(c.uid),
      euid: u(c.euid),
      suid: u(c.suid),
      fsuid: u(c.fsuid),
      gid: g(c.gid),
      egid: g(c.egid),
      sgid: g(c.sgid),
      fsgid: g(c.fsgid),
      groups: c.groups.map(g),
    }
  },
  setuid(p: Process, id: number): Errno | undefined {
    const uid = toKernelId(p.ns.user, id, 'uid')
    if (uid === undefined) return EINVAL
    const c = p.cred
    if (hasCapability(c.effective, 'SETUID'))
      p.cred = afterUidChange(c, { ...c, uid, euid: uid, suid: uid, fsuid: uid })
    else if (uid === c.uid || uid === c.suid) p.cred = afterUidChange(c, { ...c, euid: uid, fsuid: uid })
    else return EPERM
    return undefined
  },
  setgid(p: Process, id: number): Errno | undefined {
    const gid = toKernelId(p.ns.user, id, 'gid')
    if (gid === undefined) return EINVAL
    const c = p.cred
    if (hasCapability(c.effective, 'SETGID')) p.cred = { ...c, gid, egid: gid, sgid: gid, fsgid: gid }
    else if (gid === c.gid || gid === c.sgid) p.cred = { ...c, egid: gid, fsgid: gid }
    else return EPERM
    return undefined
  },
  setgroups(p: Process, groups: readonly number[]): Errno | undefined {
    if (!hasCapability(p.cred.effective, 'SETGID') || p.ns.user.setgroups === 'deny') return EPERM
    const ids = groups.map((g) => toKernelId(p.ns.user, g, 'gid'))
    if (ids.includes(undefined)) return EINVAL
    p.cred = { ...p.cred, groups: ids as number[] }
    return undefined
  },
  capset(p: Process, caps: Pick<Capabilities, 'effective' | 'permitted' | 'inheritable'>): Errno | undefined {
    const c = p.cred
    if (caps.permitted & ~c.permitted) return EPERM
    if (caps.effective & ~caps.permitted) return EPERM
    if (caps.inheritable & ~(c.inheritable | c.permitted) && !hasCapability(c.effective, 'SETPCAP')) return EPERM
    p.cred = { ...c, ...caps, ambient: c.ambient & caps.permitted & caps.inheritable }
    return undefined
  },
  prctl(p: Process, option: PrctlOption, value: string | number): Errno | undefined {
    const c = p.cred
    switch (option) {
      case 'set_name':
        p.comm = String(value).slice(0, 15)
        return undefined
      case 'set_no_new_privs':
        p.cred = { ...c, noNewPrivs: true }
        return undefined
      case 'capbset_drop':
      case 'cap_ambient_raise': {
        const bit = capabilityBit(String(value))
        if (bit === undefined) return EINVAL
        if (option === 'cap_ambient_raise') {
          if (!(c.permitted & bit) || !(c.inheritable & bit)) return EPERM
          p.cred = { ...c, ambient: c.ambient | bit }
        } else {
          if (!hasCapability(c.effective, 'SETPCAP')) return EPERM
          p.cred = { ...c, bounding: c.bounding & ~bit }
        }
        return undefined
      }
      case 'set_pdeathsig':
        p.parentDeathSignal = Number(value)
        return undefined
      case 'set_child_subreaper':
        p.childSubreaper = Boolean(value)
        return undefined
      case 'set_keepcaps':
        p.cred = { ...c, securebits: value ? c.securebits | 16 : c.securebits & ~16 }
        return undefined
      case 'set_securebits':
        if (!hasCapability(c.effective, 'SETPCAP')) return EPERM
        p.cred = { ...c, securebits: Number(value) }
        return undefined
    }
  },
  seccomp(p: Process, filter: SeccompFilter): Errno | undefined {
    if (!p.cred.noNewPrivs && !hasCapability(p.cred.effective, 'SYS_ADMIN')) return EPERM
    p.seccomp = [...p.seccomp, filter]
    return undefined
  },
  getrlimit: (p: Process, resource: Resource): readonly [number, number] =>
    p.limits.get(resource) ?? [Infinity, Infinity],
  setrlimit(p: Process, resource: Resource, soft: number, hard: number): Errno | undefined {
    const [, max] = p.limits.get(resource) ?? [Infinity, Infinity]
    if (soft > hard) return EINVAL
    if (hard > max && !hasCapability(p.cred.effective, 'SYS_RESOURCE')) return EPERM
    p.limits = new Map(p.limits).set(resource, [soft, hard])
    return undefined
  },
}

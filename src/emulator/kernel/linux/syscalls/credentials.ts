/** System calls about identity: ids, capabilities, prctl, seccomp, limits; credentials(7), capabilities(7). */
import { EACCES, EINVAL, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import type { Capabilities, Credentials, PrctlOption, Resource } from '../abi.ts'
import { capabilityBit, hasCapability } from '../capabilities.ts'
import { fromKernelId, toKernelId } from '../namespaces.ts'
import type { Process } from '../process.ts'
import { compileSeccomp, type SeccompProfile } from '../seccomp.ts'

/** fs.nr_open: no process may have more files open, whatever its capabilities. */
const NR_OPEN = 1048576

/** Capabilities after a change of uids, capabilities(7) "Effect of user ID changes on capabilities". */
function afterUidChange(p: Process, cred: Credentials): Credentials {
  const old = p.cred
  const root = toKernelId(p.ns.user, 0, 'uid')
  const wasRoot = old.uid === root || old.euid === root || old.suid === root
  const isRoot = cred.uid === root || cred.euid === root || cred.suid === root
  let next = cred
  // SECBIT_NO_SETUID_FIXUP
  if (old.securebits & 4) return next
  if (wasRoot && !isRoot && !(old.securebits & 16)) next = { ...next, permitted: 0n, effective: 0n, ambient: 0n }
  if (old.euid === root && cred.euid !== root) next = { ...next, effective: 0n }
  if (old.euid !== root && cred.euid === root) next = { ...next, effective: next.permitted }
  return next
}

/** @restartable */
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
      p.cred = afterUidChange(p, { ...c, uid, euid: uid, suid: uid, fsuid: uid })
    else if (uid === c.uid || uid === c.suid) p.cred = afterUidChange(p, { ...c, euid: uid, fsuid: uid })
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
  setresuid(p: Process, ruid: number, euid: number, suid: number): Errno | undefined {
    const ids = [ruid, euid, suid].map((id) => (id < 0 ? -1 : toKernelId(p.ns.user, id, 'uid')))
    if (ids.includes(undefined)) return EINVAL
    const [r, e, s] = ids as number[] as [number, number, number]
    const c = p.cred
    const known = [c.uid, c.euid, c.suid]
    if (!hasCapability(c.effective, 'SETUID') && [r, e, s].some((id) => id >= 0 && !known.includes(id))) return EPERM
    const pick = (id: number, old: number): number => (id < 0 ? old : id)
    const now = pick(e, c.euid)
    p.cred = afterUidChange(p, { ...c, uid: pick(r, c.uid), euid: now, suid: pick(s, c.suid), fsuid: now })
    return undefined
  },
  setresgid(p: Process, rgid: number, egid: number, sgid: number): Errno | undefined {
    const ids = [rgid, egid, sgid].map((id) => (id < 0 ? -1 : toKernelId(p.ns.user, id, 'gid')))
    if (ids.includes(undefined)) return EINVAL
    const [r, e, s] = ids as number[] as [number, number, number]
    const c = p.cred
    const known = [c.gid, c.egid, c.sgid]
    if (!hasCapability(c.effective, 'SETGID') && [r, e, s].some((id) => id >= 0 && !known.includes(id))) return EPERM
    const pick = (id: number, old: number): number => (id < 0 ? old : id)
    const now = pick(e, c.egid)
    p.cred = { ...c, gid: pick(r, c.gid), egid: now, sgid: pick(s, c.sgid), fsgid: now }
    return undefined
  },
  setgroups(p: Process, groups: readonly number[]): Errno | undefined {
    if (!hasCapability(p.cred.effective, 'SETGID') || p.ns.user.setgroups === 'deny') return EPERM
    if (p.ns.user.parent && p.ns.user.gidMap.length === 0) return EPERM
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
  seccomp(p: Process, profile: SeccompProfile): Errno | undefined {
    if (!p.cred.noNewPrivs && !hasCapability(p.cred.effective, 'SYS_ADMIN')) return EACCES
    const filter = compileSeccomp(profile)
    if (!filter) return EINVAL
    p.leader.seccomp = [...p.seccomp, filter]
    return undefined
  },
  prlimit(
    p: Process,
    pid: number,
    resource: Resource,
    limit?: readonly [number, number],
  ): readonly [number, number] | Errno {
    const target = pid === 0 ? p.leader : p.kernel.find(p, pid)
    if (isErr(target)) return target
    const old = target.limits.get(resource)
    if (!old) return EINVAL
    const own = [target.cred.uid, target.cred.euid, target.cred.suid].every((id) => id === p.cred.uid)
    if (target !== p.leader && !own && !p.kernel.capable(p, 'SYS_RESOURCE', target.ns.user)) return EPERM
    if (limit) {
      const [soft, hard] = limit
      if (!(soft <= hard)) return EINVAL
      if (hard > old[1] && !p.kernel.capable(p, 'SYS_RESOURCE')) return EPERM
      if (resource === 'nofile' && hard > NR_OPEN) return EPERM
      target.limits = new Map(target.limits).set(resource, [soft, hard])
    }
    return old
  },
  getrlimit: (p: Process, resource: Resource): readonly [number, number] =>
    p.limits.get(resource) ?? [Infinity, Infinity],
  setrlimit(p: Process, resource: Resource, soft: number, hard: number): Errno | undefined {
    const [, max] = p.limits.get(resource) ?? [Infinity, Infinity]
    if (soft > hard) return EINVAL
    if (hard > max && !hasCapability(p.cred.effective, 'SYS_RESOURCE')) return EPERM
    if (resource === 'nofile' && hard > NR_OPEN) return EPERM
    p.limits = new Map(p.limits).set(resource, [soft, hard])
    return undefined
  },
}

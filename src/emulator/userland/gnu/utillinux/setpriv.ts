/** setpriv(1) of util-linux: runs a program with other privileges. */
import { isErr } from '../../../base/errno.ts'
import type { Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import { capabilityBit, capabilityNames } from '../../../kernel/linux/capabilities.ts'
import { groups as allGroups, users } from '../../lib/accounts.ts'
import { capabilitiesOf, namesOf } from '../../lib/caps.ts'
import { fail, print } from '../../lib/io.ts'
import { execOrShell } from '../../lib/run.ts'
import { getopt } from '../getopt.ts'

const spec = {
  name: 'setpriv',
  short: '+dh',
  long: {
    dump: 'd',
    nnp: 'nnp',
    'no-new-privs': 'nnp',
    'inh-caps=': 'inh',
    'ambient-caps=': 'amb',
    'bounding-set=': 'bnd',
    'ruid=': 'ruid',
    'euid=': 'euid',
    'rgid=': 'rgid',
    'egid=': 'egid',
    'reuid=': 'reuid',
    'regid=': 'regid',
    'clear-groups': 'clear',
    'keep-groups': 'keep',
    'init-groups': 'init',
    'groups=': 'groups',
    'pdeathsig=': 'pdeathsig',
    'reset-env': 'reset-env',
    'securebits=': 'securebits',
    help: 'h',
  },
}
/** `+net_raw,-all` on a set. */
function changed(set: bigint, text: string): bigint | string {
  let out = set
  for (const word of text.split(',')) {
    const name = word.slice(1).toLowerCase()
    const bits = name === 'all' ? (1n << BigInt(capabilityNames.length)) - 1n : capabilityBit(name)
    if (!/^[+-]/.test(word)) return 'bad capability string'
    if (bits === undefined) return `unknown capability "${name}"`
    out = word.startsWith('+') ? out | bits : out & ~bits
  }
  return out
}

function* dump(sys: Sys): Run<number> {
  const c = yield* sys.getcred()
  const s = yield* capabilitiesOf(sys, 'self')
  if (isErr(s)) return yield* fail(sys, `setpriv: ${s.text}`)
  const caps = (set: bigint): string =>
    namesOf(set)
      .map((n) => n.slice(4))
      .join(',') || '[none]'
  const bits = [
    ['noroot', 1],
    ['noroot_locked', 2],
    ['no_setuid_fixup', 4],
    ['no_setuid_fixup_locked', 8],
    ['keep_caps_locked', 32],
  ] as const
  yield* print(
    sys,
    `uid: ${c.uid}
euid: ${c.euid}
gid: ${c.gid}
egid: ${c.egid}
Supplementary groups: ${c.groups.join(',') || '[none]'}
no_new_privs: ${s.noNewPrivs ? 1 : 0}
Inheritable capabilities: ${caps(s.inheritable)}
Ambient capabilities: ${caps(s.ambient)}
Capability bounding set: ${caps(s.bounding)}
Securebits: ${
      bits
        .filter(([, b]) => c.securebits & b)
        .map(([n]) => n)
        .join(',') || '[none]'
    }
Parent death signal: [none]
`,
  )
  return 0
}

export const setpriv: Program = function* (sys, argv) {
  const o = yield* getopt(sys, spec, argv)
  if (typeof o === 'number') return o
  if (o.has('d')) return yield* dump(sys)
  if (o.rest.length === 0) return yield* fail(sys, 'setpriv: No program specified')
  const c = yield* sys.getcred()
  const accounts = yield* users(sys)
  const names = yield* allGroups(sys)
  const user = (t: string | undefined): number =>
    t === undefined ? -1 : /^\d+$/.test(t) ? Number(t) : (accounts.find((u) => u.name === t)?.uid ?? Number.NaN)
  const group = (t: string | undefined): number =>
    t === undefined ? -1 : /^\d+$/.test(t) ? Number(t) : (names.find((g) => g.name === t)?.gid ?? Number.NaN)
  const ruid = user(o.value('reuid') ?? o.value('ruid'))
  const euid = user(o.value('reuid') ?? o.value('euid'))
  const rgid = group(o.value('regid') ?? o.value('rgid'))
  const egid = group(o.value('regid') ?? o.value('egid'))
  if ([ruid, euid].some(Number.isNaN)) return yield* fail(sys, 'setpriv: failed to parse reuid')
  if ([rgid, egid].some(Number.isNaN)) return yield* fail(sys, 'setpriv: failed to parse regid')
  const groupsGiven = ['clear', 'keep', 'init', 'groups'].some((k) => o.has(k))
  if ((rgid >= 0 || egid >= 0) && !groupsGiven)
    return yield* fail(sys, 'setpriv: --[re]gid requires --keep-groups, --clear-groups, --init-groups, or --groups')
  if (o.has('nnp')) yield* sys.prctl('set_no_new_privs', 1)
  if (o.has('securebits')) return yield* fail(sys, 'zukan: not emulated: setpriv --securebits')
  // Ids change while the capabilities for it are still there; the bounding set goes first, it needs CAP_SETPCAP.
  const bound = o.value('bnd')
  if (bound !== undefined) {
    const next = changed(c.bounding, bound)
    if (typeof next === 'string') return yield* fail(sys, `setpriv: ${next}`)
    for (const [n, name] of capabilityNames.entries()) {
      const bit = 1n << BigInt(n)
      if (!(c.bounding & bit) || next & bit) continue
      const failed = yield* sys.prctl('capbset_drop', name)
      if (failed) return yield* fail(sys, `setpriv: apply bounding set: ${failed.text}`)
    }
  }
  yield* sys.prctl('set_keepcaps', 1)
  if (o.has('clear') || o.has('groups')) {
    const list = o.has('clear') ? [] : (o.value('groups') ?? '').split(',').map(group)
    if (list.some(Number.isNaN)) return yield* fail(sys, 'setpriv: Invalid supplementary group id')
    const failed = yield* sys.setgroups(list)
    if (failed) return yield* fail(sys, `setpriv: setgroups failed: ${failed.text}`)
  } else if (o.has('init')) {
    const account = accounts.find((u) => u.uid === ruid)
    yield* sys.setgroups(
      names.filter((g) => account && (g.gid === account.gid || g.members.includes(account.name))).map((g) => g.gid),
    )
  }
  if (rgid >= 0 || egid >= 0) {
    const failed = yield* sys.setresgid(rgid, egid, egid)
    if (failed) return yield* fail(sys, `setpriv: setresgid failed: ${failed.text}`)
  }
  if (ruid >= 0 || euid >= 0) {
    const failed = yield* sys.setresuid(ruid, euid, euid)
    if (failed) return yield* fail(sys, `setpriv: setresuid failed: ${failed.text}`)
  }
  const now = yield* sys.getcred()
  let { inheritable } = now
  if (o.has('inh')) {
    const next = changed(inheritable, o.value('inh') ?? '')
    if (typeof next === 'string') return yield* fail(sys, `setpriv: ${next}`)
    inheritable = next
    const failed = yield* sys.capset({ inheritable, permitted: now.permitted, effective: now.permitted })
    if (failed) return yield* fail(sys, `setpriv: apply capabilities: ${failed.text}`)
  }
  if (o.has('amb')) {
    const next = changed(now.ambient, o.value('amb') ?? '')
    if (typeof next === 'string') return yield* fail(sys, `setpriv: ${next}`)
    for (const [n, name] of capabilityNames.entries()) {
      if (!(next & (1n << BigInt(n)))) continue
      const failed = yield* sys.prctl('cap_ambient_raise', name)
      if (failed) return yield* fail(sys, `setpriv: failed to process --ambient-caps: ${failed.text}`)
    }
  }
  if (ruid > 0 || euid > 0) {
    // Keeping capabilities over the change of ids was for the ambient set only.
    const last = yield* sys.getcred()
    yield* sys.capset({ inheritable, permitted: last.ambient, effective: last.ambient })
  }
  yield* sys.prctl('set_keepcaps', 0)
  return yield* execOrShell(sys, 'setpriv', o.rest)
}

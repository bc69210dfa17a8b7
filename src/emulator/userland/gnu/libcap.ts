/** capsh(1) and getpcaps(1) of libcap: what a process may do. */
import { isErr } from '../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { capabilityBit, capabilityNames } from '../../kernel/linux/capabilities.ts'
import { users } from '../lib/accounts.ts'
import { capabilitiesOf, capabilityText, namesOf } from '../lib/caps.ts'
import { fail, print, warn } from '../lib/io.ts'

function* printState(sys: Sys): Run<ExitCode> {
  const s = yield* capabilitiesOf(sys, 'self')
  const c = yield* sys.getcred()
  if (isErr(s)) return yield* fail(sys, `capsh: ${s.text}`)
  const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const iab = capabilityNames
    .map((n, i) => {
      const bit = 1n << BigInt(i)
      const mark =
        s.ambient & bit
          ? '^'
          : s.inheritable & bit
            ? s.bounding & bit
              ? ''
              : '!%'
            : s.bounding & bit
              ? undefined
              : '!'
      return mark === undefined ? undefined : `${mark}cap_${n.toLowerCase()}`
    })
    .filter((x) => x !== undefined)
  const bits = c.securebits
  const flag = (name: string, n: number): string =>
    ` secure-${name}: ${bits & (1 << n) ? 'yes' : 'no'} (${bits & (2 << n) ? 'locked' : 'unlocked'})\n`
  yield* print(
    sys,
    `Current: ${capabilityText(s)}
Bounding set =${namesOf(s.bounding).join(',')}
Ambient set =${namesOf(s.ambient).join(',')}
Current IAB: ${iab.join(',')}
Securebits: 0${bits.toString(8)}/0x${bits.toString(16)}/${Math.max(1, bits.toString(2).length)}'b${bits.toString(2)} (no-new-privs=${s.noNewPrivs ? 1 : 0})
${flag('noroot', 0)}${flag('no-suid-fixup', 2)}${flag('keep-caps', 4)}${flag('no-ambient-raise', 6)}uid=${c.uid}(${names.get(c.uid) ?? '???'}) euid=${c.euid}(${names.get(c.euid) ?? '???'})
gid=${c.gid}(${c.gid === 0 ? 'root' : '???'})
groups=${c.groups.map((g) => `${g}(${g === 0 ? 'root' : '???'})`).join(',')}
Guessed mode: ${c.uid === 0 && s.inheritable === 0n ? 'HYBRID (4)' : 'UNCERTAIN (0)'}
`,
  )
  return 0
}

/** capsh: its options act one after the other. */
export const capsh: Program = function* (sys, argv) {
  if (argv.length === 1) return yield* fail(sys, 'usage: capsh [args ...]')
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i] as string
    const value = arg.slice(arg.indexOf('=') + 1)
    if (arg === '--print') yield* printState(sys)
    else if (arg === '--') {
      const failed = yield* sys.execve('/bin/bash', ['/bin/bash', ...argv.slice(i + 1)], sys.environ())
      return yield* fail(sys, `execve '/bin/bash' failed!: ${failed.text}`)
    } else if (arg.startsWith('--drop=')) {
      for (const name of value === 'all' ? capabilityNames : value.split(',')) {
        if (capabilityBit(name) === undefined) return yield* fail(sys, `failed to drop [${name}=-1]`)
        const failed = yield* sys.prctl('capbset_drop', name)
        if (failed) return yield* fail(sys, `failed to drop [${name}]: ${failed.text}`)
      }
    } else if (arg.startsWith('--decode=')) {
      const set = BigInt(`0x${value.replace(/^0x/, '')}`)
      yield* print(sys, `0x${value.replace(/^0x/, '').padStart(16, '0')}=${namesOf(set).join(',')}\n`)
    } else if (arg.startsWith('--has-p=')) {
      const s = yield* capabilitiesOf(sys, 'self')
      const bit = capabilityBit(value)
      if (isErr(s) || bit === undefined || !(s.permitted & bit)) return yield* fail(sys, `cap[${value}] not permitted`)
    } else if (arg.startsWith('--uid=')) {
      const failed = yield* sys.setuid(Number(value))
      if (failed) return yield* fail(sys, `Failed to set uid=${value}: ${failed.text}`)
    } else if (arg.startsWith('--gid=')) {
      const failed = yield* sys.setgid(Number(value))
      if (failed) return yield* fail(sys, `Failed to set gid=${value}: ${failed.text}`)
    } else if (arg === '--no-new-privs') yield* sys.prctl('set_no_new_privs', 1)
    else return yield* fail(sys, `zukan: not emulated: capsh ${arg}`)
  }
  return 0
}

export const getpcaps: Program = function* (sys, argv) {
  if (argv.length === 1) {
    yield* warn(
      sys,
      'usage: getpcaps <pid> [<pid> ...]\n\n  This program displays the capabilities on the queried process(es).\n',
    )
    return 1
  }
  let code = 0
  for (const pid of argv.slice(1)) {
    const s = yield* capabilitiesOf(sys, pid)
    if (isErr(s)) {
      yield* warn(sys, `Failed to get cap's for process ${pid}: (No such process)\n`)
      code = 1
    } else yield* print(sys, `${pid}: ${capabilityText(s)}\n`)
  }
  return code
}

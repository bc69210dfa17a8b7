/** Sets of capabilities as texts, cap_to_text(3), and a process's as /proc shows them. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { allCapabilities, capabilityNames } from '../../kernel/linux/capabilities.ts'
import { readText } from './io.ts'

export interface CapabilitySets {
  readonly inheritable: bigint
  readonly permitted: bigint
  readonly effective: bigint
  readonly bounding: bigint
  readonly ambient: bigint
  readonly noNewPrivs: boolean
}

/** cap_chown, cap_kill ... of a set, in order of number. */
export const namesOf = (set: bigint): string[] =>
  capabilityNames.filter((_, n) => set & (1n << BigInt(n))).map((n) => `cap_${n.toLowerCase()}`)

/** The sets of a process. */
export function* capabilitiesOf(sys: Sys, pid: string): Run<CapabilitySets | Errno> {
  const text = yield* readText(sys, `/proc/${pid}/status`)
  if (isErr(text)) return text
  const set = (key: string): bigint => BigInt(`0x${new RegExp(`^${key}:\\t(\\w+)`, 'm').exec(text)?.[1] ?? '0'}`)
  return {
    inheritable: set('CapInh'),
    permitted: set('CapPrm'),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
    noNewPrivs: /^NoNewPrivs:\t1/m.test(text),
  }
}

/** cap_to_text(3): the commonest combination of flags for all, then what differs from it. */
export function capabilityText(s: Pick<CapabilitySets, 'inheritable' | 'permitted' | 'effective'>): string {
  const flagsOf = (n: number): string => {
    const bit = 1n << BigInt(n)
    return `${s.effective & bit ? 'e' : ''}${s.inheritable & bit ? 'i' : ''}${s.permitted & bit ? 'p' : ''}`
  }
  const groups = new Map<string, number[]>()
  capabilityNames.forEach((_, n) => {
    const f = flagsOf(n)
    groups.set(f, [...(groups.get(f) ?? []), n])
  })
  let base = ''
  let most = -1
  for (const [f, list] of groups) if (list.length > most) [base, most] = [f, list.length]
  let out = base === '' ? '' : `=${base}`
  const names = (list: readonly number[]): string =>
    list.map((n) => `cap_${capabilityNames[n]?.toLowerCase()}`).join(',')
  for (const [f, list] of groups) {
    if (f === base) continue
    const gained = [...f].filter((c) => !base.includes(c)).join('')
    const lost = [...base].filter((c) => !f.includes(c)).join('')
    const op = base === '' ? `=${f}` : `${gained ? `+${gained}` : ''}${lost ? `-${lost}` : ''}`
    out += `${out === '' ? '' : ' '}${names(list)}${op}`
  }
  return out === '' ? '=' : out
}
export const everything = allCapabilities

/**
 * Seccomp filters, seccomp(2): what a profile in the form of the OCI runtime specification (config-linux.md, "Seccomp") decides about a
 * system call. The real one is compiled to BPF by libseccomp; the decision is the same.
 */
import { ENOSYS, EPERM, type Errno, errnoOf } from '../../base/errno.ts'
import { syscallName } from './syscalls/names.ts'

export type SeccompOperator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ'

export interface SeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: SeccompOperator | (string & {})
}
/** `linux.seccomp` of a runtime-spec config.json. */
export interface SeccompProfile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures?: readonly string[]
  readonly flags?: readonly string[]
  readonly syscalls?: readonly {
    readonly names: readonly string[]
    readonly action: string
    readonly errnoRet?: number
    readonly args?: readonly SeccompArgument[]
  }[]
}

/** What is to happen, the strictest last. */
export type Verdict =
  | { readonly kind: 'allow' | 'log' | 'trap' | 'kill' }
  | { readonly kind: 'errno'; readonly errno: Errno }

/** A compiled profile. */
export interface SeccompFilter {
  /** Whether a method of `Sys` is allowed whatever its arguments: what most calls need to know, answered by one look. */
  free(method: string): boolean
  /** What is to become of a call, by its Linux name and argument registers. */
  decide(name: string, registers: readonly number[]): Verdict
}

const order: readonly Verdict['kind'][] = ['allow', 'log', 'errno', 'trap', 'kill']
const allow: Verdict = { kind: 'allow' }

function verdictOf(action: string, errnoRet: number | undefined): Verdict | undefined {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return allow
    case 'SCMP_ACT_LOG':
      return { kind: 'log' }
    case 'SCMP_ACT_ERRNO':
      return errnoRet === 0 ? allow : { kind: 'errno', errno: errnoOf(errnoRet ?? EPERM.number) ?? EPERM }
    // Nobody traces, nobody listens: the call fails as if it didn't exist.
    case 'SCMP_ACT_TRACE':
    case 'SCMP_ACT_NOTIFY':
      return { kind: 'errno', errno: ENOSYS }
    case 'SCMP_ACT_TRAP':
      return { kind: 'trap' }
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
    case 'SCMP_ACT_KILL_PROCESS':
      return { kind: 'kill' }
    default:
      return undefined
  }
}

function holds(a: SeccompArgument, registers: readonly number[]): boolean {
  const value = BigInt.asUintN(64, BigInt(Math.trunc(registers[a.index] ?? 0)))
  const wanted = BigInt(a.value)
  switch (a.op) {
    case 'SCMP_CMP_NE':
      return value !== wanted
    case 'SCMP_CMP_LT':
      return value < wanted
    case 'SCMP_CMP_LE':
      return value <= wanted
    case 'SCMP_CMP_GE':
      return value >= wanted
    case 'SCMP_CMP_GT':
      return value > wanted
    case 'SCMP_CMP_MASKED_EQ':
      return (value & wanted) === BigInt(a.valueTwo ?? 0)
    default:
      return value === wanted
  }
}

/** Comparisons of one rule hold together; several of the same argument are rules of their own (opencontainers/runc issue 2735). */
function alternatives(args: readonly SeccompArgument[]): readonly (readonly SeccompArgument[])[] {
  return new Set(args.map((a) => a.index)).size < args.length ? args.map((a) => [a]) : [args]
}

function compile(profile: SeccompProfile): SeccompFilter | undefined {
  const fallback = verdictOf(profile.defaultAction, profile.defaultErrnoRet)
  if (!fallback) return undefined
  const rules = new Map<string, { readonly args: readonly SeccompArgument[]; readonly verdict: Verdict }[]>()
  for (const rule of profile.syscalls ?? []) {
    const verdict = verdictOf(rule.action, rule.errnoRet ?? profile.defaultErrnoRet)
    if (!verdict) return undefined
    for (const name of rule.names) {
      const list = rules.get(name) ?? []
      for (const args of alternatives(rule.args ?? [])) list.push({ args, verdict })
      rules.set(name, list)
    }
  }
  const known = new Map<string, boolean>()
  return {
    free(method) {
      let free = known.get(method)
      if (free === undefined) {
        const list = rules.get(syscallName(method)) ?? [{ args: [], verdict: fallback }]
        free = list[0]?.args.length === 0 && list[0].verdict.kind === 'allow'
        known.set(method, free)
      }
      return free
    },
    decide(name, registers) {
      for (const { args, verdict } of rules.get(name) ?? []) if (args.every((a) => holds(a, registers))) return verdict
      return fallback
    },
  }
}

/** Filters of the profiles that were met last: containers of the same options share one. */
const compiled = new Map<string, SeccompFilter | undefined>()
/** Those of profiles that are one object: nobody changes a profile. */
const compiledOf = new WeakMap<SeccompProfile, SeccompFilter>()
const MOST_COMPILED = 16

/** The filter of a profile; undefined where it names an unknown action. */
export function compileSeccomp(profile: SeccompProfile): SeccompFilter | undefined {
  const same = compiledOf.get(profile)
  if (same) return same
  const key = JSON.stringify(profile)
  if (!compiled.has(key)) {
    if (compiled.size >= MOST_COMPILED) compiled.clear()
    compiled.set(key, compile(profile))
  }
  const filter = compiled.get(key)
  if (filter) compiledOf.set(profile, filter)
  return filter
}

/** Of several filters the strictest verdict counts, seccomp(2). */
export function strictest(filters: readonly SeccompFilter[], name: string, registers: readonly number[]): Verdict {
  let worst = allow
  for (const filter of filters) {
    const v = filter.decide(name, registers)
    if (order.indexOf(v.kind) > order.indexOf(worst.kind)) worst = v
  }
  return worst
}

/**
 * config.json as text. A container's seccomp rules are nine tenths of the document and the same for nearly all containers, so their text
 * is written and read once; what comes out is what JSON.stringify and JSON.parse make of the whole.
 */
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'
import { ours } from './own.ts'
import type { Spec } from './runtimespec.ts'

/** No limit is the greatest number of 64 bits, which JavaScript's numbers can't be. */
const unlimited = (text: string): string => text.replaceAll(String(2 ** 64), (2n ** 64n - 1n).toString())

/** Stands for the rules in the rest of a document: no argument or variable can hold a zero character. */
const PLACE = '\0seccomp'
const PLACE_TEXT = JSON.stringify(PLACE)
const written = new WeakMap<SeccompProfile, string>()

/** The document as a container manager takes it; keys in the order of the object's. */
export const writeSpec = (spec: Spec): string => ours(textOf(spec))
function textOf(spec: Spec): string {
  const { seccomp } = spec.linux
  if (!seccomp) return unlimited(JSON.stringify(spec))
  let rules = written.get(seccomp)
  if (rules === undefined) {
    rules = unlimited(JSON.stringify(seccomp))
    written.set(seccomp, rules)
  }
  const [before = '', after = ''] = unlimited(
    JSON.stringify({ ...spec, linux: { ...spec.linux, seccomp: PLACE } }),
  ).split(PLACE_TEXT)
  return before + rules + after
}

const KEY = '"seccomp":'
/** The rules that were read last. Nobody changes what is read. */
let last: { readonly text: string; readonly rules: SeccompProfile } | undefined

/** What a document says. Throws a SyntaxError where it isn't JSON, as JSON.parse does. */
export function readSpec(text: string): Spec {
  const at = text.indexOf(KEY) + KEY.length
  const known = at >= KEY.length && last && text.startsWith(last.text, at) ? last : undefined
  // In a string the key's quotes would be escaped; elsewhere than in `linux` it is something else's.
  if (known && /[{,]/.test(text.charAt(at - KEY.length - 1))) {
    const spec = parsed(`${text.slice(0, at)}null${text.slice(at + known.text.length)}`)
    if (spec?.linux?.seccomp === null)
      return { ...(spec as Spec), linux: { ...(spec as Spec).linux, seccomp: known.rules } }
  }
  const spec = JSON.parse(text) as Spec
  const rules = spec?.linux?.seccomp
  if (rules && at >= KEY.length) {
    const own = JSON.stringify(rules)
    if (text.startsWith(own, at)) last = { text: own, rules }
  }
  return spec
}
function parsed(text: string): { readonly linux?: { readonly seccomp?: unknown } } | undefined {
  try {
    return JSON.parse(text) as Spec
  } catch {
    return undefined
  }
}

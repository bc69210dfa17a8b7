/** Numbers as busybox's command lines take them: digits and a suffix, checked as xatou(3)'s kin of libbb do. */

const SUFFIXES: Readonly<Record<string, number>> = {
  b: 512,
  k: 1024,
  K: 1024,
  m: 1048576,
  M: 1048576,
  g: 1073741824,
  G: 1073741824,
}
/** Suffixes of dd and others: those above, `c` and `w`, and the decimal kB, MB, GB. */
const MANY: Readonly<Record<string, number>> = {
  ...SUFFIXES,
  c: 1,
  w: 2,
  kD: 1000,
  kB: 1000,
  KB: 1000,
  MD: 1e6,
  MB: 1e6,
  GD: 1e9,
  GB: 1e9,
  T: 2 ** 40,
  TB: 1e12,
}
/** Why a number isn't taken, as the applet says it after its name. */
export interface BadNumber {
  readonly error: string
}
/** A whole number from `least` to `most`. */
export function parseNumber(
  text: string,
  least = 0,
  most = Number.MAX_SAFE_INTEGER,
  suffixes: 'none' | 'few' | 'many' = 'none',
): number | BadNumber {
  const m = /^([-+]?)(\d+)([A-Za-z]*)$/.exec(text)
  const table = suffixes === 'many' ? MANY : suffixes === 'few' ? SUFFIXES : {}
  const unit =
    m?.[3] === '' ? 1 : Object.hasOwn(table, m?.[3] ?? '') ? (table as Record<string, number>)[m?.[3] ?? ''] : undefined
  if (!m || unit === undefined || (m[1] !== '' && least >= 0)) return { error: `invalid number '${text}'` }
  const value = Number(m[2]) * unit * (m[1] === '-' ? -1 : 1)
  return value < least || value > most ? { error: `number ${text} is not in ${least}..${most} range` } : value
}

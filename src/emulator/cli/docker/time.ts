/** Times on the command line: --since and --until. */
import { seconds } from '../../oci/units.ts'
import { CliError } from './api.ts'
import { parseDuration } from './values.ts'

/**
 * A time as the API takes it, in seconds since 1970 with a fraction: an RFC 3339 time, a Unix time, or a duration before `now` (nanoseconds).
 * Undefined stays undefined; a CliError where it is none of these.
 */
export function sinceOf(value: string | undefined, now: number, what: string): string | undefined {
  if (value === undefined || value === '') return undefined
  const show = (ns: number): string => `${Math.floor(ns / 1e9)}.${String(Math.floor(ns % 1e9)).padStart(9, '0')}`
  // By itself 0 is the beginning of Unix time, and no duration: moby api/types/time GetTimestamp.
  const d = value === '0' ? undefined : parseDuration(value)
  if (typeof d === 'number') return show(now - d)
  if (/^\d+(\.\d+)?$/.test(value)) return value
  if (/^\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[-+]\d\d:\d\d)?)?$/.test(value)) {
    const [date = '', rest = ''] = value.split('T')
    const m = /^(\d\d)?(?::(\d\d))?(?::(\d\d)(\.\d+)?)?(Z|[-+]\d\d:\d\d)?$/.exec(rest)
    const zone = /^([-+])(\d\d):(\d\d)$/.exec(m?.[5] ?? '')
    const offset = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 3600 + Number(zone[3]) * 60) : 0
    const base = seconds(`${date}T${m?.[1] ?? '00'}:${m?.[2] ?? '00'}:${m?.[3] ?? '00'}Z`) - offset
    return show(base * 1e9 + Number(m?.[4] ?? 0) * 1e9)
  }
  throw new CliError(`${what}: failed to parse value as time or duration: ${JSON.stringify(value)}`.replace(/^: /, ''))
}

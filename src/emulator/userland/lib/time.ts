/** Calendar, time zones (TZ as POSIX writes it, tzset(3)) and strftime(3). Times are nanoseconds since 1970. */
import type { Nanoseconds, Sys } from '../../kernel/linux/abi.ts'

export interface Calendar {
  readonly year: number
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}
/** Days since 1970 of a date, the month from 1; month and day may lie outside their range. */
function daysOf(year: number, month: number, day: number): number {
  const y = year + Math.floor((month - 1) / 12)
  const m = ((((month - 1) % 12) + 12) % 12) + 1
  const shifted = m <= 2 ? y - 1 : y
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5)
  return (
    era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear + day - 719469
  )
}
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
export const daysInMonth = (year: number, month: number): number => daysOf(year, month + 1, 1) - daysOf(year, month, 1)
/** 0 is Sunday. */
export const weekdayOf = (year: number, month: number, day: number): number =>
  (((daysOf(year, month, day) + 4) % 7) + 7) % 7

/** The calendar of a time, in UTC. */
export function calendar(ns: Nanoseconds): Calendar & { readonly weekday: number; readonly yearday: number } {
  const seconds = Math.floor(ns / 1e9)
  const days = Math.floor(seconds / 86400)
  const rest = seconds - days * 86400
  const z = days + 719468
  const era = Math.floor(z / 146097)
  const doe = z - era * 146097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0)
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: ((days % 7) + 11) % 7,
    yearday: days - daysOf(year, 1, 1) + 1,
  }
}

/** When summer time begins or ends: day and second of a year. */
interface ChangeRule {
  readonly kind: 'M' | 'J' | 'n'
  readonly values: readonly number[]
  readonly seconds: number
}
interface Half {
  readonly name: string
  /** Seconds to add to UTC. */
  readonly offset: number
}
export interface Zone {
  readonly standard: Half
  readonly summer?: Half & { readonly from: ChangeRule; readonly to: ChangeRule }
}
export const UTC: Zone = { standard: { name: 'UTC', offset: 0 } }

/** The zone of a TZ value; UTC where it can't be read (zoneinfo files aren't there in a bare Alpine). */
export function parseZone(text: string | undefined): Zone {
  const name = '([A-Za-z]{3,}|<[-+\\w]+>)'
  const offset = '([-+]?\\d{1,3}(?::\\d\\d){0,2})'
  const m = new RegExp(`^:?${name}${offset}(?:${name}${offset}?(?:,([^,]+),([^,]+))?)?$`).exec(text ?? '')
  if (!m) return UTC
  const seconds = (t: string): number => {
    const [, sign, h = 0, min = 0, s = 0] = /^([-+]?)(\d+)(?::(\d+))?(?::(\d+))?/.exec(t) ?? []
    return (sign === '-' ? -1 : 1) * (Number(h) * 3600 + Number(min) * 60 + Number(s))
  }
  const bare = (n: string): string => n.replace(/[<>]/g, '')
  const standard = { name: bare(m[1] as string), offset: -seconds(m[2] as string) }
  if (!m[3]) return { standard }
  const rule = (t: string | undefined): ChangeRule => {
    const r = /^([MJ]?)([\d.]+)(?:\/(.+))?$/.exec(t ?? '')
    return {
      kind: (r?.[1] || 'n') as ChangeRule['kind'],
      values: (r?.[2] ?? '0').split('.').map(Number),
      seconds: r?.[3] ? seconds(r[3]) : t === undefined ? 0 : 7200,
    }
  }
  const offsetOfSummer = m[4] ? -seconds(m[4]) : standard.offset + 3600
  return { standard, summer: { name: bare(m[3]), offset: offsetOfSummer, from: rule(m[5]), to: rule(m[6]) } }
}
/** The zone of a process, by its environment. */
export const zoneOf = (sys: Sys): Zone =>
  parseZone(
    sys
      .environ()
      .find((e) => e.startsWith('TZ='))
      ?.slice(3),
  )
/** Seconds from a year's begin at which a rule applies, in local time. */
function changeAt(year: number, { kind, values, seconds }: ChangeRule): number {
  const [a = 0, b = 0, c = 0] = values
  let days: number
  if (kind === 'M') {
    const first = (c - weekdayOf(year, a, 1) + 7) % 7
    let day = first + 1 + (b - 1) * 7
    if (day > daysInMonth(year, a)) day -= 7
    days = daysOf(year, a, day) - daysOf(year, 1, 1)
  } else if (kind === 'J') days = a - 1 + (isLeap(year) && a >= 60 ? 1 : 0)
  else days = a
  return days * 86400 + seconds
}
/** What the clocks of a zone say at a time in seconds since 1970. */
function halfAt(zone: Zone, seconds: number): Half {
  const { standard, summer } = zone
  if (!summer) return standard
  const { year } = calendar((seconds + standard.offset) * 1e9)
  const begin = daysOf(year, 1, 1) * 86400
  const from = begin + changeAt(year, summer.from) - standard.offset
  const to = begin + changeAt(year, summer.to) - summer.offset
  const inSummer = from < to ? seconds >= from && seconds < to : !(seconds >= to && seconds < from)
  return inSummer ? summer : standard
}
/** mktime(3): the time that the clocks of a zone show so. Values outside their ranges carry over. */
export function mktime(c: Calendar, zone: Zone = UTC): Nanoseconds {
  const local = daysOf(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second
  let t = local - zone.standard.offset
  const half = halfAt(zone, local - (zone.summer?.offset ?? zone.standard.offset))
  if (half !== zone.standard && halfAt(zone, local - half.offset) === half) t = local - half.offset
  return t * 1e9
}
/** localtime(3). */
export function localTime(ns: Nanoseconds, zone: Zone): ReturnType<typeof calendar> & Half {
  const half = halfAt(zone, Math.floor(ns / 1e9))
  return { ...calendar(ns + half.offset * 1e9), ...half }
}

export const MONTHS = 'January February March April May June July August September October November December'.split(' ')
export const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const two = (n: number, fill = '0'): string => String(n).padStart(2, fill)

/** strftime(3) in the C locale; %N (nanoseconds) is busybox's. An unknown conversion stays as it is. */
export function strftime(format: string, ns: Nanoseconds, zone: Zone = UTC): string {
  const c = localTime(ns, zone)
  const day = DAYS[c.weekday] as string
  const month = MONTHS[c.month - 1] as string
  const yearday = c.yearday - 1
  const week = (firstDay: number): number => Math.floor((yearday + 7 - ((c.weekday - firstDay + 7) % 7)) / 7)
  /** ISO 8601: the week that holds the year's first Thursday is the first. */
  const iso = (): readonly [year: number, week: number] => {
    const number = Math.floor((yearday - ((c.weekday + 6) % 7) + 10) / 7)
    const weeks = (y: number): number => {
      const first = weekdayOf(y, 1, 1)
      return first === 4 || (first === 3 && isLeap(y)) ? 53 : 52
    }
    if (number < 1) return [c.year - 1, weeks(c.year - 1)]
    return number > weeks(c.year) ? [c.year + 1, 1] : [c.year, number]
  }
  const zoneText = (): string => {
    const minutes = Math.abs(Math.trunc(c.offset / 60))
    return `${c.offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
  }
  const table: Readonly<Record<string, () => string>> = {
    a: () => day.slice(0, 3),
    A: () => day,
    b: () => month.slice(0, 3),
    h: () => month.slice(0, 3),
    B: () => month,
    c: () => expand('%a %b %e %T %Y'),
    C: () => two(Math.floor(c.year / 100)),
    d: () => two(c.day),
    D: () => expand('%m/%d/%y'),
    e: () => two(c.day, ' '),
    F: () => expand('%Y-%m-%d'),
    g: () => two(iso()[0] % 100),
    G: () => String(iso()[0]),
    H: () => two(c.hour),
    I: () => two(c.hour % 12 || 12),
    j: () => String(c.yearday).padStart(3, '0'),
    k: () => two(c.hour, ' '),
    l: () => two(c.hour % 12 || 12, ' '),
    m: () => two(c.month),
    M: () => two(c.minute),
    n: () => '\n',
    N: () => String(ns - Math.floor(ns / 1e9) * 1e9).padStart(9, '0'),
    p: () => (c.hour < 12 ? 'AM' : 'PM'),
    P: () => (c.hour < 12 ? 'am' : 'pm'),
    r: () => expand('%I:%M:%S %p'),
    R: () => expand('%H:%M'),
    s: () => String(Math.floor(ns / 1e9)),
    S: () => two(c.second),
    t: () => '\t',
    T: () => expand('%H:%M:%S'),
    u: () => String(c.weekday || 7),
    U: () => two(week(0)),
    V: () => two(iso()[1]),
    w: () => String(c.weekday),
    W: () => two(week(1)),
    x: () => expand('%m/%d/%y'),
    X: () => expand('%H:%M:%S'),
    y: () => two(c.year % 100),
    Y: () => String(c.year),
    z: zoneText,
    Z: () => c.name,
    '%': () => '%',
  }
  const expand = (f: string): string =>
    f.replace(/%([-_0]?)([A-Za-z%])/g, (all, flag: string, k: string) => {
      const text = Object.hasOwn(table, k) ? (table[k] as () => string)() : undefined
      if (text === undefined) return all
      if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '')
      return flag === '_' ? text.replace(/^0+(?=.)/, (z) => ' '.repeat(z.length)) : text
    })
  return expand(format)
}

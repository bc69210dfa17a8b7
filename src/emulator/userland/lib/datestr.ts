/** Times as busybox's date -d and touch -d take them. */
import type { Nanoseconds } from '../../kernel/linux/abi.ts'
import { type Calendar, localTime, MONTHS, mktime, UTC, type Zone } from './time.ts'

/** The time that a text stands for, beginning with what the clock says `now`; undefined where it isn't one. */
export function parseDate(text: string, now: Nanoseconds, zone: Zone): Nanoseconds | undefined {
  const at = /^@(-?\d+)$/.exec(text)
  if (at) return Number(at[1]) * 1e9
  const today = localTime(now, zone)
  const clock = { hour: 0, minute: 0, second: 0 }
  const n = (t: string | undefined, other = 0): number => (t === undefined ? other : Number(t))
  const time = '(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2}))?'
  let m = new RegExp(`^${time}$`).exec(text)
  if (m) return checked({ ...today, hour: n(m[1]), minute: n(m[2]), second: n(m[3]) }, zone)
  m = new RegExp(`^(?:(\\d+)\\.)?(\\d{1,2})\\.(\\d{1,2})-${time}$`).exec(text)
  if (m)
    return checked(
      { year: n(m[1], today.year), month: n(m[2]), day: n(m[3]), hour: n(m[4]), minute: n(m[5]), second: n(m[6]) },
      zone,
    )
  m = new RegExp(`^(\\d+)-(\\d{1,2})-(\\d{1,2})(?:[ T]+${time}(?:\\.\\d+)?)?\\s*(Z|[-+]\\d\\d:?\\d\\d)?$`).exec(text)
  if (m) {
    const c = { year: n(m[1]), month: n(m[2]), day: n(m[3]), hour: n(m[4]), minute: n(m[5]), second: n(m[6]) }
    if (!m[7]) return checked(c, zone)
    const utc = checked(c, UTC)
    const digits = m[7].replace(/\D/g, '')
    const offset = m[7] === 'Z' ? 0 : (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60e9
    return utc === undefined ? undefined : m[7].startsWith('-') ? utc + offset : utc - offset
  }
  m = /^(\d+)-(\d{1,2})-(\d{1,2}) (\d{1,2})$/.exec(text)
  if (m) return checked({ ...clock, year: n(m[1]), month: n(m[2]), day: n(m[3]), hour: n(m[4]) }, zone)
  m = new RegExp(`^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\\d{1,2}) ${time}(?: [A-Z]{3,4})? (\\d{4})$`).exec(text)
  if (m) {
    const month = MONTHS.findIndex((name) => name.startsWith(m?.[1] as string)) + 1
    if (month > 0)
      return checked({ year: n(m[6]), month, day: n(m[2]), hour: n(m[3]), minute: n(m[4]), second: n(m[5]) }, zone)
  }
  return digits(text, today, zone)
}
/** `[[[[[CC]YY]MM]DD]hh]mm[.ss]`, as touch -t has it. */
export function digits(text: string, today: Calendar, zone: Zone): Nanoseconds | undefined {
  const m = /^((?:\d\d){1,6})(?:\.(\d\d))?$/.exec(text)
  if (!m) return undefined
  const parts = (m[1] as string).match(/\d\d/g)?.map(Number) as number[]
  const minute = parts.pop() ?? 0
  const hour = parts.pop() ?? today.hour
  const day = parts.pop() ?? today.day
  const month = parts.pop() ?? today.month
  const low = parts.pop()
  const high = parts.pop()
  // POSIX: 69 to 99 are of the last century.
  const year =
    low === undefined ? today.year : high !== undefined ? high * 100 + low : low < 69 ? 2000 + low : 1900 + low
  return checked({ year, month, day, hour, minute, second: Number(m[2] ?? 0) }, zone)
}
/** strptime(3) with the conversions of numbers and names; undefined where the text doesn't fit the format. */
export function strptime(format: string, text: string, now: Nanoseconds, zone: Zone): Nanoseconds | undefined {
  const today = localTime(now, zone)
  const c = { year: today.year, month: today.month, day: today.day, hour: 0, minute: 0, second: 0 }
  let rest = text
  let seconds: number | undefined
  let afternoon: boolean | undefined
  const number = (most: number): number | undefined => {
    const m = new RegExp(`^\\s*(\\d{1,${most}})`).exec(rest)
    if (m) rest = rest.slice(m[0].length)
    return m ? Number(m[1]) : undefined
  }
  const month = (): number | undefined => {
    const at = MONTHS.findIndex((name) => rest.toLowerCase().startsWith(name.slice(0, 3).toLowerCase()))
    const whole = MONTHS[at] ?? ''
    rest = rest.slice(rest.toLowerCase().startsWith(whole.toLowerCase()) ? whole.length : 3)
    return at < 0 ? undefined : at + 1
  }
  const long: Readonly<Record<string, string>> = { T: '%H:%M:%S', D: '%m/%d/%y', F: '%Y-%m-%d', R: '%H:%M' }
  const spec = format.replace(/%([TDFR])/g, (_, k: string) => long[k] ?? '')
  for (let i = 0; i < spec.length; i++) {
    const k = spec[i] as string
    if (/\s/.test(k)) {
      rest = rest.replace(/^\s+/, '')
      continue
    }
    if (k !== '%') {
      if (rest[0] !== k) return undefined
      rest = rest.slice(1)
      continue
    }
    let n: number | undefined
    switch (spec[++i]) {
      case 'Y':
        c.year = (n = number(4)) ?? 0
        break
      case 'y':
        n = number(2)
        c.year = (n ?? 0) < 69 ? 2000 + (n ?? 0) : 1900 + (n ?? 0)
        break
      case 'm':
        c.month = (n = number(2)) ?? 0
        break
      case 'b':
      case 'B':
      case 'h':
        c.month = (n = month()) ?? 0
        break
      case 'd':
      case 'e':
        c.day = (n = number(2)) ?? 0
        break
      case 'H':
      case 'I':
      case 'k':
      case 'l':
        c.hour = (n = number(2)) ?? 0
        break
      case 'M':
        c.minute = (n = number(2)) ?? 0
        break
      case 'S':
        c.second = (n = number(2)) ?? 0
        break
      case 's':
        seconds = n = number(12)
        break
      case 'p': {
        const m = /^([ap])m/i.exec(rest)
        if (!m) return undefined
        afternoon = m[1]?.toLowerCase() === 'p'
        rest = rest.slice(2)
        n = 0
        break
      }
      case 'a':
      case 'A': {
        const m = /^(sun|mon|tue|wed|thu|fri|sat)[a-z]*/i.exec(rest)
        if (!m) return undefined
        rest = rest.slice(m[0].length)
        n = 0
        break
      }
      case 'n':
      case 't':
        rest = rest.replace(/^\s+/, '')
        n = 0
        break
      case '%':
        if (rest[0] !== '%') return undefined
        rest = rest.slice(1)
        n = 0
    }
    if (n === undefined) return undefined
  }
  if (rest !== '') return undefined
  if (seconds !== undefined) return seconds * 1e9
  if (afternoon !== undefined) c.hour = (c.hour % 12) + (afternoon ? 12 : 0)
  return checked(c, zone)
}
function checked(c: Calendar, zone: Zone): Nanoseconds | undefined {
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31) return undefined
  if (c.hour > 24 || c.minute > 59 || c.second > 60) return undefined
  return mktime(c, zone)
}

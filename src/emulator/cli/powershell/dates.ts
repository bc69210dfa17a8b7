/** Dates and spans of time as objects, in the forms of en-US. */
import { strftime } from '../../userland/lib/time.ts'
import { PsObject } from './values.ts'

/** Formats of .NET's custom date strings as strftime has them; a single letter is a standard format. */
const custom: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  yy: '%y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  dddd: '%A',
  ddd: '%a',
  dd: '%d',
  HH: '%H',
  hh: '%I',
  mm: '%M',
  ss: '%S',
  tt: '%p',
}
const standard: Readonly<Record<string, string>> = {
  d: 'M/d/yyyy',
  D: 'dddd, MMMM d, yyyy',
  f: 'dddd, MMMM d, yyyy h:mm tt',
  F: 'dddd, MMMM d, yyyy h:mm:ss tt',
  g: 'M/d/yyyy h:mm tt',
  G: 'M/d/yyyy h:mm:ss tt',
  s: "yyyy-MM-dd'T'HH:mm:ss",
  u: "yyyy-MM-dd HH:mm:ss'Z'",
  o: "yyyy-MM-dd'T'HH:mm:ss.fffffff",
  t: 'h:mm tt',
  T: 'h:mm:ss tt',
}
/** A moment (nanoseconds since 1970) by a format of .NET's. */
export function formatDate(time: number, format: string): string {
  const pattern = standard[format] ?? format
  return pattern.replace(
    /'([^']*)'|yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|tt|f+/g,
    (m, quoted?: string) => {
      if (quoted !== undefined) return quoted
      if (/^f/.test(m))
        return String(Math.floor(time % 1e9))
          .padStart(9, '0')
          .slice(0, m.length)
          .padEnd(m.length, '0')
      const code = custom[m] ?? custom[m + m]
      const whole = code === undefined ? m : strftime(code, time)
      return custom[m] === undefined ? String(Number(whole)) : whole
    },
  )
}
export const dateObject = (time: number): PsObject =>
  new PsObject(
    'System.DateTime',
    {
      DateTime: formatDate(time, 'F'),
      Year: Number(strftime('%Y', time)),
      Month: Number(strftime('%m', time)),
      Day: Number(strftime('%d', time)),
      DayOfWeek: strftime('%A', time),
      Hour: Number(strftime('%H', time)),
      Minute: Number(strftime('%M', time)),
      Second: Number(strftime('%S', time)),
      Ticks: Math.floor(time / 100) + 621_355_968_000_000_000,
    },
    strftime('%m/%d/%Y %H:%M:%S', time),
  )
export const spanObject = (taken: number): PsObject =>
  new PsObject(
    'System.TimeSpan',
    {
      Days: Math.floor(taken / 86_400e9),
      Hours: Math.floor(taken / 3600e9) % 24,
      Minutes: Math.floor(taken / 60e9) % 60,
      Seconds: Math.floor(taken / 1e9) % 60,
      Milliseconds: Math.floor(taken / 1e6) % 1000,
      Ticks: Math.floor(taken / 100),
      TotalDays: taken / 86_400e9,
      TotalHours: taken / 3600e9,
      TotalMinutes: taken / 60e9,
      TotalSeconds: taken / 1e9,
      TotalMilliseconds: taken / 1e6,
    },
    `${[3600e9, 60e9, 1e9].map((u, i) => String(Math.floor(taken / u) % (i === 0 ? 24 : 60)).padStart(2, '0')).join(':')}.${String(Math.floor(taken / 100) % 1e7).padStart(7, '0')}`,
  )

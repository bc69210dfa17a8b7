/** date: show or set the time. */
import { isErr } from '../../../base/errno.ts'
import { parseDate, strptime } from '../../lib/datestr.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime, UTC, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'

/** Formats of -I by precision. */
const ISO: Readonly<Record<string, string>> = {
  '': '%F',
  date: '%F',
  hours: '%FT%H',
  minutes: '%FT%H:%M',
  seconds: '%FT%T',
  ns: '%FT%T,%N',
}
export const date: Applet = {
  name: 'date',
  usage: '[OPTIONS] [+FMT] [[-s] TIME]',
  help: "Display time (using +FMT), or set time\n\n\t-u\t\tWork in UTC (don't convert to local time)\n\t[-s] TIME\tSet time to TIME\n\t-d TIME\t\tDisplay TIME, not 'now'\n\t-D FMT\t\tFMT (strptime format) for -s/-d TIME conversion\n\t-r FILE\t\tDisplay last modification time of FILE\n\t-R\t\tOutput RFC-2822 date\n\t-I[SPEC]\tOutput ISO-8601 date\n\t\t\tSPEC=date (default), hours, minutes, seconds or ns\n\nRecognized TIME formats:\n\t@seconds_since_1970\n\thh:mm[:ss]\n\t[YYYY.]MM.DD-hh:mm[:ss]\n\tYYYY-MM-DD hh:mm[:ss]\n\t[[[[[YY]YY]MM]DD]hh]mm[.ss]\n\t'date TIME' form accepts MMDDhhmm[[YY]YY][.ss] instead",
  *run(sys, argv) {
    const o = yield* getopt(sys, date, argv, 'Rs:ud:r:I::D:', {
      'rfc-822': 'R',
      'rfc-2822': 'R',
      set: 's',
      utc: 'u',
      date: 'd',
      reference: 'r',
    })
    if (typeof o === 'number') return o
    const words = [...o.rest]
    const formats = words[0]?.startsWith('+') ? words.splice(0, 1) : []
    const set =
      o.value('s') ?? (!o.has('d') && words.length > 0 && !words[0]?.startsWith('+') ? words.shift() : undefined)
    if (words.length > 0 || (formats[0] !== undefined && (o.has('R') || o.has('I')))) return yield* showUsage(sys, date)
    const zone = o.has('u') ? UTC : zoneOf(sys)
    let time = yield* sys.clock('realtime')
    const fail = function* (message: string) {
      yield* warn(sys, `date: ${message}\n`)
      return 1
    }
    const given = o.value('d') ?? set
    const reference = o.value('r')
    if (given !== undefined) {
      const form = o.value('D')
      const parsed = form === undefined ? parseDate(given, time, zone) : strptime(form, given, time, zone)
      if (parsed === undefined) return yield* fail(`invalid date '${given}'`)
      time = parsed
    } else if (reference !== undefined) {
      const s = yield* sys.stat(reference)
      if (isErr(s)) return yield* fail(`can't stat '${reference}': ${strerror(s)}`)
      time = s.mtime
    }
    // In a container nobody may set the clock; a kernel's own clock goes by the virtual time alone.
    if (set !== undefined) yield* fail("can't set date: Operation not permitted")
    const precision = o.value('I')
    const iso = precision === undefined ? undefined : Object.hasOwn(ISO, precision) ? ISO[precision] : null
    if (iso === null) return yield* showUsage(sys, date)
    // ISO 8601 has a colon in the offset, which %z hasn't.
    const offset = iso !== undefined && iso !== '%F' ? strftime('%z', time, zone).replace(/(..)$/, ':$1') : ''
    const format =
      formats[0]?.slice(1) ??
      (iso === undefined ? undefined : iso + offset) ??
      (o.has('R') ? '%a, %d %b %Y %T %z' : '%a %b %e %T %Z %Y')
    yield* print(sys, `${strftime(format, time, zone)}\n`)
    return 0
  },
}

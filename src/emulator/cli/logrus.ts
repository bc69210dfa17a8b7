/** Lines as sirupsen/logrus writes them: coloured and short on a terminal, `key=value` elsewhere. */
import { isErr } from '../base/errno.ts'
import type { Run, Sys } from '../kernel/linux/abi.ts'
import { warn } from '../userland/lib/io.ts'
import { strftime } from '../userland/lib/time.ts'

type Level = 'info' | 'warning' | 'error' | 'fatal'
const short: Readonly<Record<Level, readonly [string, number]>> = {
  info: ['INFO', 36],
  warning: ['WARN', 33],
  error: ['ERRO', 31],
  fatal: ['FATA', 31],
}
const quoted = (value: string): string => (/^[\w\-./@^+]+$/.test(value) ? value : JSON.stringify(value))

/** Writes one line to standard error. */
export function* log(
  sys: Sys,
  level: Level,
  message: string,
  fields: Readonly<Record<string, string>> = {},
): Run<void> {
  const more = Object.entries(fields)
  if (isErr(yield* sys.ioctl(2, 'TCGETS'))) {
    const time = strftime('%FT%TZ', yield* sys.clock('realtime'))
    const rest = more.map(([k, v]) => ` ${k}=${quoted(v)}`).join('')
    yield* warn(sys, `time=${JSON.stringify(time)} level=${level} msg=${quoted(message)}${rest}\n`)
    return
  }
  const [word, colour] = short[level]
  const rest = more.map(([k, v]) => ` \x1b[${colour}m${k}\x1b[0m=${quoted(v)}`).join('')
  yield* warn(sys, `\x1b[${colour}m${word}\x1b[0m[0000] ${rest === '' ? message : message.padEnd(44)}${rest}\n`)
}

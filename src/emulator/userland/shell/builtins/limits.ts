/** umask, ulimit, times. */

import { changeMode } from '../../lib/files.ts'
import { ShellError } from '../errors.ts'
import type { Shell } from '../interp.ts'
import { appletError, type Builtin, options, out } from './common.ts'

export const umask: Builtin = function* (sh, argv) {
  const { flags, rest } = options(
    argv.map((a, i) => (i > 0 && /^-[rwxXst=,+-]|^[-+]$/.test(a) ? '' : a)),
    'S',
  )
  const mask = yield* sh.sys.umask(0)
  yield* sh.sys.umask(mask)
  const text = rest.length > 0 ? argv.at(-1) : undefined
  if (text === undefined) {
    const letters = (bits: number): string => `${bits & 4 ? '' : 'r'}${bits & 2 ? '' : 'w'}${bits & 1 ? '' : 'x'}`
    return yield* out(
      sh,
      flags.has('S')
        ? `u=${letters(mask >> 6)},g=${letters((mask >> 3) & 7)},o=${letters(mask & 7)}\n`
        : `${mask.toString(8).padStart(4, '0')}\n`,
    )
  }
  // A number is the mask; words speak of what is allowed.
  const octal = /^[0-7]+$/.test(text)
  const allowed = octal ? undefined : changeMode(text, 0o777 & ~mask, mask)
  if (!octal && allowed === undefined) throw new ShellError(`illegal mode: ${text}`)
  yield* sh.sys.umask(octal ? Number.parseInt(text, 8) & 0o777 : 0o777 & ~(allowed as number))
  return 0
}

export const ulimit: Builtin = function* (sh, argv) {
  const table: Record<string, readonly [Parameters<Shell['sys']['getrlimit']>[0], number, string]> = {
    c: ['core', 512, 'core file size (blocks)'],
    d: ['data', 1024, 'data seg size (kb)'],
    e: ['nice', 1, 'scheduling priority'],
    f: ['fsize', 512, 'file size (blocks)'],
    i: ['sigpending', 1, 'pending signals'],
    l: ['memlock', 1024, 'max locked memory (kb)'],
    m: ['rss', 1024, 'max memory size (kb)'],
    n: ['nofile', 1, 'open files'],
    q: ['msgqueue', 1, 'POSIX message queues (bytes)'],
    r: ['rtprio', 1, 'real-time priority'],
    s: ['stack', 1024, 'stack size (kb)'],
    t: ['cpu', 1, 'cpu time (seconds)'],
    u: ['nproc', 1, 'max user processes'],
    v: ['as', 1024, 'virtual memory (kb)'],
    x: ['locks', 1, 'file locks'],
  }
  let which = 'f'
  let hard = false
  let value: string | undefined
  let all = false
  for (const arg of argv.slice(1)) {
    if (!arg.startsWith('-')) value = arg
    else
      for (const c of arg.slice(1)) {
        if (c === 'H') hard = true
        else if (c === 'a') all = true
        else if (Object.hasOwn(table, c)) which = c
        else if (c !== 'S') {
          // getopt(3) of musl says it, under the command's name.
          yield* sh.warn(`ulimit: unrecognized option: ${c}\n`)
          return 1
        }
      }
  }
  const show = (n: number, unit: number): string => (n === Infinity ? 'unlimited' : String(Math.floor(n / unit)))
  if (all) {
    for (const [c, [resource, unit, label]] of Object.entries(table)) {
      const limits = yield* sh.sys.getrlimit(resource)
      yield* out(sh, `${label.padEnd(32)}(-${c}) ${show(limits[hard ? 1 : 0], unit)}\n`)
    }
    return 0
  }
  const [resource, unit] = table[which] as (typeof table)[string]
  const [soft, max] = yield* sh.sys.getrlimit(resource)
  if (value === undefined) return yield* out(sh, `${show(hard ? max : soft, unit)}\n`)
  const n = value === 'unlimited' ? Infinity : Number(value) * unit
  if (Number.isNaN(n)) return yield* appletError(sh, `invalid number '${value}'`)
  const failed = yield* sh.sys.setrlimit(resource, n, argv.includes('-S') ? max : n)
  return failed ? yield* appletError(sh, `error setting limit: ${sh.s.reason(failed)}`) : 0
}

export const times: Builtin = function* (sh) {
  const u = yield* sh.sys.getrusage()
  const show = (ns: number): string => `${Math.floor(ns / 60e9)}m${((ns / 1e9) % 60).toFixed(2)}s`
  return yield* out(sh, `${show(u.user)} ${show(u.system)}\n${show(u.childrenUser)} ${show(u.childrenSystem)}\n`)
}

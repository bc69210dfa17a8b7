/** Small console programs of Windows: each is an .exe in System32. */
import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import { ntProcesses } from '../../kernel/nt/abi.ts'
import { decode, print, readAll, warn } from '../../userland/lib/io.ts'

const hostname: Program = function* (sys) {
  yield* print(sys, `${(yield* sys.uname()).nodename}\n`)
  return 0
}
const whoami: Program = function* (sys) {
  yield* print(sys, `${(yield* sys.uname()).nodename.toLowerCase()}\\zukan\n`)
  return 0
}
/** tasklist: every process with its memory. */
const tasklist: Program = function* (sys) {
  const rows = yield* ntProcesses(sys)
  let out =
    '\nImage Name                     PID Session Name        Session#    Mem Usage\n========================= ======== ================ =========== ============\n'
  for (const p of rows)
    out += `${p.name.padEnd(25).slice(0, 25)} ${String(p.pid).padStart(8)} ${(p.session === 0 ? 'Services' : 'Console').padEnd(16)} ${String(p.session).padStart(11)} ${`${Math.round(p.memory / 1024).toLocaleString('en-US')} K`.padStart(12)}\n`
  yield* print(sys, out)
  return 0
}
/** taskkill /PID n [/F] */
const taskkill: Program = function* (sys, argv) {
  const at = argv.findIndex((a) => a.toLowerCase() === '/pid')
  const pid = Number(argv[at + 1])
  if (at < 0 || !Number.isInteger(pid)) {
    yield* warn(sys, 'ERROR: Invalid syntax. Neither /FI nor /PID nor /IM were specified.\n')
    return 1
  }
  if (yield* sys.kill(pid, SIGKILL)) {
    yield* warn(sys, `ERROR: The process "${pid}" not found.\n`)
    return 128
  }
  yield* print(sys, `SUCCESS: The process with PID ${pid} has been terminated.\n`)
  return 0
}
/** findstr [/i] [/v] text: lines of standard input. */
const findstr: Program = function* (sys, argv) {
  const flags = argv
    .slice(1)
    .filter((a) => a.startsWith('/'))
    .map((a) => a.toLowerCase())
  const [text = ''] = argv.slice(1).filter((a) => !a.startsWith('/'))
  const input = yield* readAll(sys, 0)
  if (isErr(input)) return 2
  const fold = (t: string): string => (flags.includes('/i') ? t.toLowerCase() : t)
  // Words apart are alternatives.
  const any = text.split(' ').filter(Boolean)
  const lines = decode(input)
    .split('\n')
    .filter((l) => l !== '' && any.some((w) => fold(l).includes(fold(w))) !== flags.includes('/v'))
  yield* print(sys, lines.map((l) => `${l}\n`).join(''))
  return lines.length > 0 ? 0 : 1
}

/** ping [-t] [-n count] localhost: the loopback answers; a second between. */
const ping: Program = function* (sys, argv) {
  const words = argv.slice(1)
  const at = words.indexOf('-n')
  const count = words.includes('-t') ? Number.POSITIVE_INFINITY : at >= 0 ? Number(words[at + 1]) : 4
  const host = words.filter((w, i) => !w.startsWith('-') && words[i - 1] !== '-n')[0]
  if (host === undefined || !/^(localhost|127\.\d+\.\d+\.\d+)$/.test(host)) {
    yield* warn(sys, `zukan: not emulated: ping ${host ?? ''}\n`)
    return 1
  }
  const address = host === 'localhost' ? '127.0.0.1' : host
  yield* print(sys, `\nPinging ${host}${host === address ? '' : ` [${address}]`} with 32 bytes of data:\n`)
  for (let n = 0; n < count; n++) {
    if (n > 0) yield* sys.nanosleep(1_000_000_000)
    yield* print(sys, `Reply from ${address}: bytes=32 time<1ms TTL=128\n`)
  }
  yield* print(
    sys,
    `\nPing statistics for ${address}:\n    Packets: Sent = ${count}, Received = ${count}, Lost = 0 (0% loss),\nApproximate round trip times in milli-seconds:\n    Minimum = 0ms, Maximum = 0ms, Average = 0ms\n`,
  )
  return 0
}

export const consoleTools: Readonly<Record<string, Program>> = {
  hostname,
  whoami,
  tasklist,
  taskkill,
  findstr,
  ping,
}

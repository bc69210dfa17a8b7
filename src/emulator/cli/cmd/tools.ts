/** Small console programs of Windows: each is an .exe in System32. */
import type { Program } from '../../kernel/linux/abi.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import { ntProcesses } from '../../kernel/nt/abi.ts'
import { print, warn } from '../../userland/lib/io.ts'
import { networkTools } from './network.ts'
import { textTools } from './text.ts'

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
/** taskkill /PID n | /IM name [/F] */
const taskkill: Program = function* (sys, argv) {
  const option = (name: string): string | undefined => {
    const at = argv.findIndex((a) => a.toLowerCase() === name)
    return at < 0 ? undefined : argv[at + 1]
  }
  const pid = option('/pid')
  const image = option('/im')?.toLowerCase()
  if (pid === undefined && image === undefined) {
    yield* warn(sys, 'ERROR: Invalid syntax. Neither /FI nor /PID nor /IM were specified.\n')
    return 1
  }
  const wanted = (yield* ntProcesses(sys)).filter((p) =>
    image === undefined ? String(p.pid) === pid : p.name.toLowerCase() === image,
  )
  let code = 0
  for (const p of wanted) {
    const failed = yield* sys.kill(p.pid, SIGKILL)
    if (failed) code = 1
    const what = image === undefined ? `process with PID ${p.pid}` : `process "${p.name}" with PID ${p.pid}`
    yield* failed
      ? warn(sys, `ERROR: The process with PID ${p.pid} could not be terminated.\nReason: Access is denied.\n`)
      : print(sys, `SUCCESS: The ${what} has been terminated.\n`)
  }
  if (wanted.length > 0) return code
  yield* warn(sys, `ERROR: The process "${image === undefined ? pid : option('/im')}" not found.\n`)
  return 128
}
/** timeout /t seconds */
const timeout: Program = function* (sys, argv) {
  const at = argv.findIndex((a) => a.toLowerCase() === '/t')
  const seconds = Number(argv[at + 1])
  if (at < 0 || !Number.isInteger(seconds)) {
    yield* warn(sys, "ERROR: Invalid syntax. Default option is not allowed more than '1' time(s).\n")
    return 1
  }
  yield* sys.nanosleep(seconds * 1e9)
  return 0
}

export const consoleTools: Readonly<Record<string, Program>> = {
  hostname,
  whoami,
  tasklist,
  taskkill,
  timeout,
  ...textTools,
  ...networkTools,
}

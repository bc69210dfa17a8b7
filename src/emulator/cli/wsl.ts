/** wsl.exe: runs programs in a distribution, lists and stops them. */
import { isErr } from '../base/errno.ts'
import { runInGuest } from '../engine/guest.ts'
import { type Distribution, WSL_PORT, wslCall } from '../engine/windows/wsl.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { print, warn } from '../userland/lib/io.ts'

const NOT_FOUND = 'There is no distribution with the supplied name.\nError code: Wsl/Service/WSL_E_DISTRO_NOT_FOUND\n'

/** wsl -l -v: a table with the default marked. */
function* list(sys: Sys, words: readonly string[]): Run<number> {
  const r = yield* wslCall<readonly Distribution[]>(sys, 'List')
  if (!r.ok) return yield* noService(sys)
  const shown = r.result.filter((d) => !words.includes('--running') || d.state === 'Running')
  if (words.includes('-q') || words.includes('--quiet')) {
    yield* print(sys, shown.map((d) => `${d.name}\n`).join(''))
    return 0
  }
  if (words.includes('-v') || words.includes('--verbose')) {
    const width = Math.max(...shown.map((d) => d.name.length), 4) + 4
    yield* print(
      sys,
      `  ${'NAME'.padEnd(width)}STATE           VERSION\n${shown.map((d) => `${d.isDefault ? '*' : ' '} ${d.name.padEnd(width)}${d.state.padEnd(16)}${d.version}\n`).join('')}`,
    )
    return 0
  }
  yield* print(
    sys,
    `Windows Subsystem for Linux Distributions:\n${shown.map((d) => `${d.name}${d.isDefault ? ' (Default)' : ''}\n`).join('')}`,
  )
  return 0
}
function* noService(sys: Sys): Run<number> {
  yield* warn(sys, 'The Windows Subsystem for Linux service is not running.\nError code: Wsl/Service/0x80070422\n')
  return 1
}
/** The folder of a Windows path inside a distribution: C:\Users as /mnt/c/Users. */
const inside = (cwd: string): string => cwd.replace(/^\/([A-Z]):/, (_, drive: string) => `/mnt/${drive.toLowerCase()}`)

export const wsl: Program = function* (sys, argv) {
  const words = argv.slice(1)
  let name = ''
  let cwd = yield* sys.getcwd()
  let direct = false
  while (words[0]?.startsWith('-') || words[0] === '~') {
    const word = words.shift() as string
    switch (word) {
      case '-l':
      case '--list':
        return yield* list(sys, words)
      case '--shutdown': {
        const r = yield* wslCall(sys, 'Shutdown')
        return r.ok ? 0 : yield* noService(sys)
      }
      case '-t':
      case '--terminate': {
        const r = yield* wslCall(sys, 'Terminate', { name: words[0] ?? '' })
        if (r.ok) {
          yield* print(sys, 'The operation completed successfully.\n')
          return 0
        }
        yield* warn(sys, NOT_FOUND)
        return 1
      }
      case '--status': {
        const r = yield* wslCall<readonly Distribution[]>(sys, 'List')
        if (!r.ok) return yield* noService(sys)
        yield* print(
          sys,
          `Default Distribution: ${r.result.find((d) => d.isDefault)?.name ?? ''}\nDefault Version: 2\n`,
        )
        return 0
      }
      case '--version':
      case '-v':
        yield* print(
          sys,
          `WSL version: 3.0.1.0\nKernel version: 6.6.87.2-1\nWindows version: ${(yield* sys.uname()).release}\n`,
        )
        return 0
      case '-d':
      case '--distribution':
        name = words.shift() ?? ''
        break
      case '-u':
      case '--user': {
        const user = words.shift()
        if (user === 'root') break
        yield* warn(sys, `zukan: not emulated: wsl --user ${user}\n`)
        return 1
      }
      case '--cd':
        cwd = words.shift() ?? '/'
        break
      case '~':
        cwd = '/root'
        break
      case '-e':
      case '--exec':
        direct = true
        break
      case '--':
        direct = false
        break
      default:
        yield* warn(
          sys,
          /^--(install|import|export|unregister|update|mount|unmount|set-default|set-version|manage|help)$/.test(word)
            ? `zukan: not emulated: wsl ${word}\n`
            : `Invalid command line argument: ${word}\nPlease use 'wsl.exe --help' to get a list of supported arguments.\n`,
        )
        return 1
    }
    if (word === '--' || word === '-e' || word === '--exec') break
  }
  const instance = yield* wslCall<{ readonly cid: number; readonly name: string }>(sys, 'CreateInstance', { name })
  if (!instance.ok) {
    if (instance.error === 'WSL_E_DISTRO_NOT_FOUND') yield* warn(sys, NOT_FOUND)
    else return yield* noService(sys)
    return 1
  }
  const tty = !isErr(yield* sys.ioctl(0, 'TCGETS')) && !isErr(yield* sys.ioctl(1, 'TCGETS'))
  // The command line goes to the distribution's shell as Windows has it: words with spaces in double quotes.
  const line = words.map((w) => (w === '' || /\s/.test(w) ? `"${w.replace(/"/g, '\\"')}"` : w)).join(' ')
  const code = yield* runInGuest(sys, instance.result.cid, WSL_PORT, {
    op: 'run',
    distribution: instance.result.name,
    argv: words.length === 0 ? ['/bin/sh', '-l'] : direct ? words : ['/bin/sh', '-c', line],
    cwd: typeof cwd === 'string' ? inside(cwd) : '/root',
    tty,
  })
  if (typeof code === 'number') return code
  yield* warn(sys, `${code}\n`)
  return 1
}

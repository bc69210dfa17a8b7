/** sudo(8) for a user who may do all without a password: `user ALL=(ALL) NOPASSWD: ALL`. */
import { isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { fail, readText } from '../userland/lib/io.ts'
import { execvp } from '../userland/lib/run.ts'

export const sudo: Program = function* (sys, argv) {
  const args = argv.slice(1)
  if (args[0] === '-n' || args[0] === '-E') args.shift()
  const interactive = args[0] === '-i' || args[0] === '-s'
  if (interactive) args.shift()
  if (args[0]?.startsWith('-') && args[0] !== '--') return yield* fail(sys, `zukan: not emulated: sudo ${args[0]}`)
  if (args[0] === '--') args.shift()
  if (args.length === 0 && !interactive) {
    return yield* fail(
      sys,
      'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHkNnPS] [VAR=value] [-i | -s] [command [arg ...]]',
    )
  }
  const { uid, euid } = yield* sys.getcred()
  if (euid !== 0) return yield* fail(sys, 'sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set')
  const passwd = yield* readText(sys, '/etc/passwd')
  const caller = isErr(passwd)
    ? undefined
    : passwd
        .split('\n')
        .map((l) => l.split(':'))
        .find((f) => f[2] === String(uid))
  const rules = yield* readText(sys, '/etc/sudoers')
  const name = caller?.[0] ?? String(uid)
  if (uid !== 0 && (isErr(rules) || !new RegExp(`^${name}\\s+ALL=\\(ALL\\) NOPASSWD: ALL`, 'm').test(rules)))
    return yield* fail(sys, `sudo: a password is required`)
  yield* sys.setgid(0)
  yield* sys.setgroups([0])
  yield* sys.setuid(0)
  const kept = sys.environ().filter((e) => /^(TERM|LANG|PATH)=/.test(e))
  const env = [
    ...kept,
    'HOME=/root',
    'USER=root',
    'LOGNAME=root',
    'SHELL=/bin/bash',
    `SUDO_USER=${name}`,
    `SUDO_UID=${uid}`,
    `SUDO_COMMAND=${args.join(' ')}`,
  ]
  if (interactive && args.length === 0) {
    yield* sys.chdir('/root')
    const failed = yield* sys.execve('/bin/bash', ['-bash'], env)
    return failed.number
  }
  const failed = yield* execvp(sys, interactive ? ['/bin/bash', '-c', args.join(' ')] : args, env)
  return yield* fail(
    sys,
    `sudo: ${args[0]}: ${failed.name === 'ENOENT' ? 'command not found' : failed.text.toLowerCase()}`,
  )
}

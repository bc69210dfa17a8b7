/** Shells of other machines: the serial console of a guest, and sshd. Each gives who asks a shell, or runs one command line by it. */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { type GuestAction, type GuestRequest, serveGuest } from './guest.ts'

/** The serial console, as the hypervisor offers it to its host. */
export const CONSOLE_PORT = 1
const environment: readonly string[] = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'USER=root',
  'LOGNAME=root',
  'SHELL=/bin/bash',
  'TERM=xterm-256color',
  'PS1=\\u@\\h:\\w\\$ ',
]
function* act(_t: Sys, request: GuestRequest): Run<GuestAction> {
  const line = typeof request.line === 'string' ? request.line : undefined
  return {
    *run(child) {
      yield* child.chdir('/root')
      const shell = isErr(yield* child.stat('/bin/bash')) ? 'sh' : 'bash'
      const argv = line === undefined ? [`-${shell}`] : [shell, '-c', line]
      return (yield* child.execve(`/bin/${shell}`, argv, environment)).number
    },
  }
}
/** agetty on the serial line. */
export const serialConsole: Program = function* (sys) {
  return yield* serveGuest(sys, CONSOLE_PORT, act)
}
/** sshd on port 22. Encryption and keys aren't emulated: whoever comes is root. */
export const sshd: Program = function* (sys) {
  return yield* serveGuest(sys, 22, act, '/dev/pts', { family: 'inet', address: '0.0.0.0', port: 22 })
}

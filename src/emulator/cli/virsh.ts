/** virsh: virtual machines on a host's KVM. Each guest is a qemu process (qemu.ts), as on a real host. */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { SIGKILL, SIGTERM } from '../kernel/linux/signals.ts'
import { print, warn } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'

/** Guests that are defined: name and memory in bytes. */
const defined: Readonly<Record<string, number>> = { guest1: 1024 ** 3, guest2: 1024 ** 3 }

function* running(sys: Sys): Run<Map<string, number>> {
  const out = new Map<string, number>()
  for (const p of yield* processes(sys)) {
    const name = p.comm.startsWith('qemu') ? /guest=([\w-]+)/.exec(p.args)?.[1] : undefined
    if (name) out.set(name, p.pid)
  }
  return out
}
export const virsh: Program = function* (sys, argv) {
  const [command = '', name = ''] = argv.slice(1).filter((a) => !a.startsWith('-'))
  const on = yield* running(sys)
  const known = Object.hasOwn(defined, name)
  const missing = function* (): Run<number> {
    yield* warn(sys, `error: failed to get domain '${name}'\n`)
    return 1
  }
  switch (command) {
    case 'list': {
      let id = 0
      const rows = Object.keys(defined)
        .filter((n) => on.has(n) || argv.includes('--all') || argv.includes('--inactive'))
        .map(
          (n) =>
            ` ${(on.has(n) ? String(++id) : '-').padEnd(4)} ${n.padEnd(8)} ${on.has(n) ? 'running' : 'shut off'}\n`,
        )
      yield* print(sys, ` Id   Name     State\n--------------------------\n${rows.join('')}\n`)
      return 0
    }
    case 'start': {
      if (!known) return yield* missing()
      if (on.has(name)) {
        yield* warn(sys, 'error: Domain is already active\n')
        return 1
      }
      const pid = yield* sys.fork(function* (child) {
        const grand = yield* child.fork(function* (own) {
          yield* own.setsid()
          yield* own.closeRange(0)
          const error = yield* own.execve(
            '/usr/bin/qemu-system-x86_64',
            [
              '/usr/bin/qemu-system-x86_64',
              '-name',
              `guest=${name}`,
              '-machine',
              'q35,accel=kvm',
              '-m',
              String((defined[name] as number) / 1024 ** 2),
              '-smp',
              '1',
            ],
            own.environ(),
          )
          return error.number
        })
        return isErr(grand) ? 1 : 0
      })
      if (!isErr(pid)) yield* sys.wait(pid)
      // Firmware, kernel and init of the guest take this long; virsh itself would return at once.
      yield* sys.nanosleep(1_000_000)
      yield* print(sys, `Domain '${name}' started\n\n`)
      return 0
    }
    case 'shutdown':
    case 'destroy': {
      if (!known) return yield* missing()
      const pid = on.get(name)
      if (pid === undefined) {
        yield* warn(
          sys,
          `error: Failed to ${command} domain '${name}'\nerror: Requested operation is not valid: domain is not running\n`,
        )
        return 1
      }
      yield* sys.kill(pid, command === 'destroy' ? SIGKILL : SIGTERM)
      yield* sys.nanosleep(1_000_000)
      yield* print(
        sys,
        command === 'destroy' ? `Domain '${name}' destroyed\n\n` : `Domain '${name}' is being shutdown\n\n`,
      )
      return 0
    }
    default:
      yield* warn(sys, `zukan: not emulated: virsh ${command}\n`)
      return 1
  }
}

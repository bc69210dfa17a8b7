/**
 * virsh and qemu-system-x86_64: virtual machines on a host's KVM. Each guest is a qemu process, as on a real host; the machine in it
 * lives as long as that process holds its KVM descriptor.
 */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { O_RDWR } from '../kernel/linux/fs/flags.ts'
import { SIGKILL, SIGTERM } from '../kernel/linux/signals.ts'
import { print, warn } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'

/** Guests that are defined: name and memory in bytes. */
const defined: Readonly<Record<string, number>> = { guest1: 1024 ** 3, guest2: 1024 ** 3 }

/** qemu-system-x86_64 -name guest=NAME -m MIB: asks KVM for a machine and runs it until a signal ends it. */
export const qemu: Program = function* (sys, argv) {
  const name = /guest=([\w-]+)/.exec(argv.join(' '))?.[1] ?? 'guest'
  const memory = Number(argv[argv.indexOf('-m') + 1] ?? 512) * 1024 ** 2
  const kvm = yield* sys.open('/dev/kvm', O_RDWR)
  if (isErr(kvm)) {
    yield* warn(sys, `Could not access KVM kernel module: ${kvm.text}\n`)
    return 1
  }
  // What a small guest touches of its memory while it boots becomes resident in this process.
  const failed = yield* sys.brk(Math.min(memory, 168 * 1024 ** 2))
  if (failed) {
    yield* warn(sys, `qemu-system-x86_64: cannot set up guest memory 'pc.ram': ${failed.text}\n`)
    return 1
  }
  const vm = yield* sys.ioctl(kvm, 'KVM_CREATE_VM', { name, memory })
  if (isErr(vm)) return 1
  for (;;) yield* sys.pause()
}

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

/** The shell of hosts on which the reader is root on Linux. */
import type { Sys } from '../kernel/linux/abi.ts'
import { bash } from '../userland/shell/bash.ts'
import type { Dialect } from '../userland/shell/dialect.ts'
import { Leave } from '../userland/shell/errors.ts'
import { openShell } from '../userland/shell/index.ts'
import type { HostShell } from './host.ts'
import { rootEnvironment } from './init.ts'

/** Opens a login shell of that name to which lines are given one by one. */
export const openLines = (name: string, dialect?: Dialect): HostShell['open'] =>
  function* (sys: Sys) {
    const sh = yield* openShell(sys, name, dialect)
    sh.s.login = true
    return {
      *runText(text: string) {
        try {
          return yield* sh.runText(text)
        } catch (leave) {
          if (!(leave instanceof Leave)) throw leave
          return leave.count
        }
      },
    }
  }

export const linuxShell: HostShell = {
  environment: rootEnvironment,
  home: '/root',
  consoles: '/dev/pts',
  login: { path: '/bin/bash', argv: ['-bash'], env: ['PS1=\\u@\\h:\\w\\$ '] },
  script: (lines) => ['/bin/sh', '-c', lines],
  open: openLines('bash', bash),
}

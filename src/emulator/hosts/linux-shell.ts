/** The shell of hosts on which the reader is root on Linux. */

import { Leave } from '../userland/shell/errors.ts'
import { openShell } from '../userland/shell/index.ts'
import type { HostShell } from './host.ts'
import { rootEnvironment } from './init.ts'

export const linuxShell: HostShell = {
  environment: rootEnvironment,
  home: '/root',
  consoles: '/dev/pts',
  login: { path: '/bin/sh', argv: ['-sh'], env: ['PS1=\\u@\\h:\\w\\$ '] },
  script: (lines) => ['/bin/sh', '-c', lines],
  *open(sys) {
    const sh = yield* openShell(sys, 'sh')
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
  },
}

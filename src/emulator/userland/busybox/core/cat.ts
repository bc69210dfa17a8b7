/** cat, tee, yes: bytes from here to there. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { fromWord } from '../../lib/argument.ts'
import { copy, eachFile, lines } from '../../lib/input.ts'
import { unbinary, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

const put = (sys: Sys, text: string): Run<Errno | undefined> => writeAll(sys, 1, unbinary(text))

export const cat: Applet = {
  name: 'cat',
  usage: '[-nbvteA] [FILE]...',
  help: 'Print FILEs to stdout\n\n\t-n\tNumber output lines\n\t-b\tNumber nonempty lines\n\t-v\tShow nonprinting characters as ^x or M-x\n\t-t\t...and tabs as ^I\n\t-e\t...and end lines with $\n\t-A\tSame as -vte',
  *run(sys, argv) {
    const o = yield* getopt(sys, cat, argv, 'nbvteAu')
    if (typeof o === 'number') return o
    const number = o.has('n') || o.has('b')
    const show = o.has('v') || o.has('e') || o.has('t') || o.has('A')
    if (!number && !show) return yield* eachFile(sys, 'cat', o.rest, (fd) => copy(sys, fd, 'cat'), true)
    let n = 0
    return yield* lines(
      sys,
      'cat',
      o.rest,
      function* (line, ended) {
        let text = line
        if (show) {
          text = text.replace(/[\x00-\x08\x0b-\x1f\x7f-\xff]/g, (c) => {
            const b = c.charCodeAt(0)
            const low = (x: number): string =>
              x < 32 ? `^${String.fromCharCode(x + 64)}` : x === 127 ? '^?' : String.fromCharCode(x)
            return b > 127 ? `M-${low(b - 128)}` : low(b)
          })
          if (o.has('t') || o.has('A')) text = text.replace(/\t/g, '^I')
          if (o.has('e') || o.has('A')) text += '$'
        }
        const count = number && (!o.has('b') || line !== '') ? `${String(++n).padStart(6)}\t` : ''
        yield* put(sys, `${count}${text}${ended ? '\n' : ''}`)
        return undefined
      },
      true,
    )
  },
}

export const tee: Applet = {
  name: 'tee',
  usage: '[-ai] [FILE]...',
  help: "Copy stdin to each FILE, and also to stdout\n\n\t-a\tAppend to the given FILEs, don't overwrite\n\t-i\tIgnore interrupt signals (SIGINT)",
  *run(sys, argv) {
    const o = yield* getopt(sys, tee, argv, 'ai')
    if (typeof o === 'number') return o
    const fds: Fd[] = [1]
    let status = 0
    for (const file of o.rest) {
      const fd = yield* sys.open(file, O_WRONLY | O_CREAT | (o.has('a') ? O_APPEND : O_TRUNC))
      if (isErr(fd)) {
        yield* warn(sys, `tee: ${file}: ${strerror(fd)}\n`)
        status = 1
      } else fds.push(fd)
    }
    for (;;) {
      const part = yield* sys.read(0, 65536)
      if (part === EINTR) continue
      if (isErr(part) || part.length === 0) return status
      for (const fd of fds) yield* writeAll(sys, fd, part)
    }
  },
}

export const yes: Applet = {
  name: 'yes',
  usage: '[STRING]',
  help: "Repeatedly print a line with STRING, or 'y'",
  *run(sys, argv) {
    const bytes = unbinary(`${fromWord(argv.slice(1).join(' ')) || 'y'}\n`.repeat(512))
    for (;;) {
      const failed = yield* writeAll(sys, 1, bytes)
      if (failed) return 1
    }
  },
}

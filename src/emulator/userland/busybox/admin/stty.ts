/** stty: a terminal's modes, stty(1p). The special characters are fixed here: those that a terminal begins with. */
import { isErr } from '../../../base/errno.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

type Modes = Record<string, boolean>
/** Modes that can be changed, and those that have one value here, in the order in which they are shown. */
const groups: readonly string[] = [
  '-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts',
  '-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl ixon -ixoff -iuclc -ixany -imaxbel -iutf8',
  'opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0',
  'isig icanon iexten echo echoe echok -echonl -noflsh -xcase -tostop -echoprt echoctl echoke -flusho -extproc',
]
const known = new Set(['icanon', 'echo', 'isig', 'icrnl', 'opost', 'onlcr'])
const cooked: Modes = { icanon: true, echo: true, isig: true, icrnl: true, opost: true, onlcr: true }
const combined: Readonly<Record<string, Modes>> = {
  sane: cooked,
  cooked: { icanon: true, isig: true, icrnl: true, opost: true },
  '-raw': { icanon: true, isig: true, icrnl: true, opost: true },
  raw: { icanon: false, isig: false, icrnl: false, opost: false },
  '-cooked': { icanon: false, isig: false, icrnl: false, opost: false },
  cbreak: { icanon: false },
  '-cbreak': { icanon: true },
  nl: { icrnl: false, onlcr: false },
  '-nl': { icrnl: true, onlcr: true },
}

export const stty: Applet = {
  name: 'stty',
  usage: '[-a|g] [-F DEVICE] [SETTING]...',
  help: 'Without arguments, prints baud rate, line discipline,\nand deviations from stty sane\n\n\t-F DEVICE\tOpen device instead of stdin\n\t-a\t\tPrint all current settings in human-readable form\n\t-g\t\tPrint in stty-readable form\n\t[SETTING]\tSee manpage',
  *run(sys, argv) {
    const words: string[] = []
    const letters: string[] = [argv[0] as string]
    for (let i = 1; i < argv.length; i++) {
      const a = argv[i] as string
      if (a === '-F') letters.push(a, argv[++i] ?? '')
      else if (/^-[ag]+$/.test(a) || a.startsWith('-F')) letters.push(a)
      else words.push(a)
    }
    const o = yield* getopt(sys, stty, letters, 'agF:')
    if (typeof o === 'number') return o
    const device = o.value('F')
    const name = device ?? 'standard input'
    const fd = device === undefined ? 0 : yield* sys.open(device, O_RDONLY)
    const modes = isErr(fd) ? fd : yield* sys.ioctl<Modes>(fd, 'TCGETS')
    if (isErr(fd) || isErr(modes)) {
      yield* warn(
        sys,
        `stty: ${isErr(fd) ? `can't open '${name}'` : name}: ${strerror(isErr(fd) ? fd : (modes as never))}\n`,
      )
      return 1
    }
    if (o.has('g')) {
      yield* warn(sys, 'zukan: not emulated: stty -g\n')
      return 1
    }
    const size = yield* sys.ioctl<{ rows: number; columns: number }>(fd, 'TIOCGWINSZ')
    let { rows, columns } = isErr(size) ? { rows: 0, columns: 0 } : size
    if (words.length === 0) {
      const line = (w: string): string => {
        const bare = w.replace(/^-/, '')
        return known.has(bare) ? `${modes[bare] ? '' : '-'}${bare}` : w
      }
      if (o.has('a'))
        yield* print(
          sys,
          `speed 38400 baud; rows ${rows}; columns ${columns}; line = 0;\nintr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;\neol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;\nwerase = ^W; lnext = ^V; flush = ^O; min = 1; time = 0;\n${groups.map((g) => `${g.split(' ').map(line).join(' ')}\n`).join('')}`,
        )
      else {
        const odd = Object.keys(cooked).filter((k) => modes[k] !== cooked[k])
        yield* print(
          sys,
          `speed 38400 baud; line = 0;\n${odd.length > 0 ? `${odd.map((k) => `-${k}`).join(' ')}\n` : ''}`,
        )
      }
      return 0
    }
    let next: Modes = { ...modes }
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as string
      const bare = word.replace(/^-/, '')
      if (word === 'size') yield* print(sys, `${rows} ${columns}\n`)
      else if (word === 'speed') yield* print(sys, '38400\n')
      else if (word === 'rows' || word === 'cols' || word === 'columns') {
        const n = Number(words[++i])
        if (!Number.isInteger(n) || n < 0 || n > 9999) {
          yield* warn(sys, `stty: invalid argument '${word}'\n`)
          return 1
        }
        if (word === 'rows') rows = n
        else columns = n
        yield* sys.ioctl(fd, 'TIOCSWINSZ', { rows, columns })
      } else if (Object.hasOwn(combined, word)) next = { ...next, ...combined[word] }
      else if (known.has(bare)) next[bare] = bare === word
      else {
        const real = groups.some((g) => g.split(' ').some((w) => w.replace(/^-/, '') === bare))
        yield* warn(sys, real ? `zukan: not emulated: stty ${word}\n` : `stty: invalid argument '${word}'\n`)
        return 1
      }
    }
    yield* sys.ioctl(fd, 'TCSETS', next)
    return 0
  },
}

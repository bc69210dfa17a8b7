/** busybox: many small programs in one executable, chosen by the name it is called by. */
import type { Program } from '../../kernel/linux/abi.ts'
import { print, warn } from '../lib/io.ts'
import { BANNER } from '../lib/options.ts'
import type { Applet } from '../program.ts'
import { shell } from '../shell/index.ts'
import { fileApplets } from './system/files.ts'
import { networkApplets } from './system/network.ts'
import { processApplets } from './system/processes.ts'
import { filters } from './text/filters.ts'
import { greps } from './text/grep.ts'
import { small } from './text/small.ts'

/** All applets by name, the shell under its three. */
export const applets: ReadonlyMap<string, Applet> = new Map(
  [
    ...filters,
    ...greps,
    ...small,
    ...fileApplets,
    ...processApplets,
    ...networkApplets,
    ...['sh', 'ash'].map(
      (name): Applet => ({
        name,
        usage: "[-il] [-|+Cabefmnuvx] [-|+o OPT]... [-c 'SCRIPT' [ARG0 ARGS] | FILE ARGS | -s ARGS]",
        run: shell,
      }),
    ),
  ].map((a) => [a.name, a]),
)

/** The program behind /bin/busybox and its links. */
export const busybox: Program = function* (sys, argv) {
  let name = (argv[0] ?? '').replace(/^-/, '').split('/').at(-1) ?? ''
  let words = argv
  if (name === 'busybox') {
    const wanted = argv[1]
    if (wanted === undefined || wanted === '--help') {
      yield* print(
        sys,
        `${BANNER}\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nCurrently defined functions:\n\t${[...applets.keys()].sort().join(', ')}\n`,
      )
      return 0
    }
    if (wanted === '--list') {
      yield* print(
        sys,
        [...applets.keys()]
          .sort()
          .map((n) => `${n}\n`)
          .join(''),
      )
      return 0
    }
    name = wanted
    words = argv.slice(1)
  }
  const applet = applets.get(name)
  if (!applet) {
    // Alpine has this name; its program isn't written yet. Never a wrong answer.
    yield* warn(sys, known.has(name) ? `zukan: not emulated: ${name}\n` : `${name}: applet not found\n`)
    return 127
  }
  yield* sys.prctl('set_name', name)
  return yield* applet.run(sys, words)
}
/** Names that Alpine links to busybox. */
const known: ReadonlySet<string> = new Set(
  'awk sed tar gzip gunzip zcat diff cmp vi top watch less more od hexdump xxd crond adduser addgroup deluser delgroup login getty init halt reboot poweroff fdisk mke2fs route arp traceroute stty split fold expand unexpand nl paste comm shuf factor bc dc cal cksum strings install run-parts mkswap modprobe lsmod insmod rmmod iostat lsof fuser fold time ulimit sysctl getopt ts mknod nice renice ionice chpasswd cryptpw mkpasswd crontab'.split(
    ' ',
  ),
)

/** GNU coreutils on hosts of Debian's kind: what differs from busybox's form is here, the rest is busybox's in GNU's words. */

import { isErr } from '../../../base/errno.ts'
import type { Program } from '../../../kernel/linux/abi.ts'
import { basicApplets } from '../../busybox/basic.ts'
import { duWith } from '../../busybox/files/du.ts'
import { fileApplets } from '../../busybox/files/index.ts'
import { applets } from '../../busybox/index.ts'
import { idWith, processApplets } from '../../busybox/system/processes.ts'
import { names } from '../../lib/accounts.ts'
import type { Applet } from '../../program.ts'
import { df, statLines, wc } from './figures.ts'
import { humanSize, ls } from './ls.ts'
import { type About, gnuOf, preserveRoot, targetMissing, withWrite } from './wrap.ts'

const all = new Map<string, Applet>(
  [...applets.values(), ...basicApplets, ...fileApplets, ...processApplets].map((a) => [a.name, a]),
)
all.set('du', duWith(humanSize))
all.set('id', idWith(true))
const about: Readonly<Record<string, About>> = {
  cat: { usage: '[OPTION]... [FILE]...', purpose: 'Concatenate FILE(s) to standard output.' },
  rm: { usage: '[OPTION]... [FILE]...', purpose: 'Remove (unlink) the FILE(s).' },
  cp: {
    usage: '[OPTION]... [-T] SOURCE DEST\n[OPTION]... SOURCE... DIRECTORY\n[OPTION]... -t DIRECTORY SOURCE...',
    purpose: 'Copy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.',
  },
  mv: {
    usage: '[OPTION]... [-T] SOURCE DEST\n[OPTION]... SOURCE... DIRECTORY\n[OPTION]... -t DIRECTORY SOURCE...',
    purpose: 'Rename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.',
  },
  mkdir: { usage: '[OPTION]... DIRECTORY...', purpose: 'Create the DIRECTORY(ies), if they do not already exist.' },
  rmdir: { usage: '[OPTION]... DIRECTORY...', purpose: 'Remove the DIRECTORY(ies), if they are empty.' },
  touch: {
    usage: '[OPTION]... FILE...',
    purpose: 'Update the access and modification times of each FILE to the current time.',
  },
  ln: {
    usage:
      '[OPTION]... [-T] TARGET LINK_NAME\n[OPTION]... TARGET\n[OPTION]... TARGET... DIRECTORY\n[OPTION]... -t DIRECTORY TARGET...',
    purpose: 'Create a link to TARGET with the name LINK_NAME.',
  },
  chmod: {
    usage: '[OPTION]... MODE[,MODE]... FILE...\n[OPTION]... OCTAL-MODE FILE...',
    purpose: 'Change the mode of each FILE to MODE.',
  },
  chown: {
    usage: '[OPTION]... [OWNER][:[GROUP]] FILE...',
    purpose: 'Change the owner and/or group of each FILE to OWNER and/or GROUP.',
  },
  chgrp: { usage: '[OPTION]... GROUP FILE...', purpose: 'Change the group of each FILE to GROUP.' },
  head: { usage: '[OPTION]... [FILE]...', purpose: 'Print the first 10 lines of each FILE to standard output.' },
  tail: { usage: '[OPTION]... [FILE]...', purpose: 'Print the last 10 lines of each FILE to standard output.' },
  sort: { usage: '[OPTION]... [FILE]...', purpose: 'Write sorted concatenation of all FILE(s) to standard output.' },
  date: {
    usage: '[OPTION]... [+FORMAT]\n[-u|--utc|--universal] [MMDDhhmm[[CC]YY][.ss]]',
    purpose: 'Display date and time in the given FORMAT.',
  },
  du: {
    usage: '[OPTION]... [FILE]...',
    purpose: 'Summarize device usage of the set of FILEs, recursively for directories.',
  },
  stat: { usage: '[OPTION]... FILE...', purpose: 'Display file or file system status.' },
  id: { usage: '[OPTION]... [USER]...', purpose: 'Print user and group information for each specified USER.' },
  uname: { usage: '[OPTION]...', purpose: 'Print certain system information.  With no OPTION, same as -s.' },
  env: {
    usage: '[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]',
    purpose: 'Set each NAME to VALUE in the environment and run COMMAND.',
  },
  sleep: { usage: 'NUMBER[SUFFIX]...', purpose: 'Pause for NUMBER seconds.' },
}
const before: Readonly<Record<string, Parameters<typeof gnuOf>[2]>> = {
  rm: preserveRoot,
  cp: (sys, args) => targetMissing(sys, 'cp', args),
  mv: (sys, args) => targetMissing(sys, 'mv', args),
  ln: (sys, args) => targetMissing(sys, 'ln', args),
}
const wrapped = Object.fromEntries(
  Object.entries(about).map(([name, a]) => [name, gnuOf(all.get(name) as Applet, a, before[name])]),
)
/** stat without a format prints other columns. */
const stat: Program = function* (sys, argv) {
  const args = argv.slice(1)
  if (args.some((a) => /^(-[cft]|--)/.test(a)) || args.length === 0)
    return yield* (wrapped.stat as Program)(
      sys,
      argv.map((a) => a.replace(/^--format=/, '-c')),
    )
  const follow = args.includes('-L')
  const who = yield* names(sys)
  let status = 0
  for (const path of args.filter((a) => a !== '-L')) {
    const s = follow ? yield* sys.stat(path) : yield* sys.lstat(path)
    const id = (n: number, name: string): string => `${String(n).padStart(5)}/${name.padStart(8)}`
    const format = isErr(s)
      ? '%n'
      : (yield* statLines(sys, path, follow))
          .replace('%u/%U', id(s.uid, who.user(s.uid)))
          .replace('%g/%G', id(s.gid, who.group(s.gid)))
    status |= yield* (wrapped.stat as Program)(sys, ['stat', ...(follow ? ['-L'] : []), '-c', format, path])
  }
  return status
}
/** GNU's system is called GNU/Linux. */
const uname: Program = function* (sys, argv) {
  const long: Readonly<Record<string, string>> = {
    all: 'a',
    'kernel-name': 's',
    nodename: 'n',
    'kernel-release': 'r',
    'kernel-version': 'v',
    machine: 'm',
    'operating-system': 'o',
  }
  const args = argv
    .slice(1)
    .map((a) => (a.startsWith('--') && Object.hasOwn(long, a.slice(2)) ? `-${long[a.slice(2)]}` : a))
  const inner = withWrite(sys, (fd, bytes) =>
    sys.write(
      fd,
      fd === 1
        ? new TextEncoder().encode(
            new TextDecoder()
              .decode(bytes)
              .replace(/Linux\n$/, args.some((a) => /^-[a-z]*[ao]/.test(a)) ? 'GNU/Linux\n' : 'Linux\n'),
          )
        : bytes,
    ),
  )
  return yield* (wrapped.uname as Program)(inner, ['uname', ...args])
}
/** The programs by name; hosts/parts.ts offers each as `gnu/NAME`. */
export const coreutils: Readonly<Record<string, Program>> = { ...wrapped, stat, uname, ls, wc, df }

/** A Debian host's own programs, which print other forms than busybox's: their paths, and how large their files are. */

/** Those of coreutils, in coreutils/index.ts. */
export const coreutilsNames =
  'cat chgrp chmod chown cp date df du env head id ln ls mkdir mv rm rmdir sleep sort stat tail touch uname wc'.split(
    ' ',
  )
const sizes: Readonly<Record<string, number>> = {
  ls: 158_632,
  cp: 157_080,
  mv: 153_016,
  sort: 113_864,
  df: 96_752,
  du: 158_784,
}

/** Programs by name: `gnu/NAME` is what the executable asks the loader for. Bytes. */
export const gnuTools: readonly (readonly [name: string, directory: 'bin' | 'sbin', size: number])[] = [
  ['ps', 'bin', 150_856],
  ['free', 'bin', 27_144],
  ['top', 'bin', 133_192],
  ['uptime', 'bin', 14_792],
  ['vmstat', 'bin', 39_264],
  ['pstree', 'bin', 39_400],
  ['curl', 'bin', 296_552],
  ['ip', 'bin', 759_720],
  ['unshare', 'bin', 47_888],
  ['nsenter', 'bin', 39_696],
  ['lsns', 'bin', 72_632],
  ['findmnt', 'bin', 72_632],
  ['lsblk', 'bin', 191_704],
  ['mount', 'bin', 56_080],
  ['umount', 'bin', 35_600],
  ['dmesg', 'bin', 84_920],
  ['pivot_root', 'sbin', 14_712],
  ['chroot', 'sbin', 43_944],
  ['setpriv', 'bin', 43_792],
  ['prlimit', 'bin', 43_792],
  ['taskset', 'bin', 35_600],
  ['nice', 'bin', 43_888],
  ['renice', 'bin', 18_912],
  ['capsh', 'sbin', 35_144],
  ['getpcaps', 'sbin', 14_408],
  ['timeout', 'bin', 43_888],
  ['strace', 'bin', 2_059_016],
  ...coreutilsNames.map((name) => [name, 'bin', sizes[name] ?? 60_000] as const),
  ['ss', 'bin', 208_616],
  ['ping', 'bin', 155_160],
  ['iptables', 'sbin', 224_224],
  ['iptables-save', 'sbin', 224_224],
  ['iptables-restore', 'sbin', 224_224],
]

/** What unshare(1), nsenter(1) and lsns(8) know of namespaces: names, letters, flags and files. */
import { isErr } from '../../../base/errno.ts'
import type { Fd, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  O_TRUNC,
  O_WRONLY,
} from '../../../kernel/linux/fs/flags.ts'
import { encode, writeAll } from '../../lib/io.ts'

export interface Kind {
  /** The option's letter. */
  readonly letter: string
  readonly flag: number
  /** Its file in /proc/PID/ns. */
  readonly file: string
}
/** In the order in which nsenter joins them: the user namespace first, since it brings the power for the others. */
export const kinds: readonly Kind[] = [
  { letter: 'U', flag: CLONE_NEWUSER, file: 'user' },
  { letter: 'C', flag: CLONE_NEWCGROUP, file: 'cgroup' },
  { letter: 'i', flag: CLONE_NEWIPC, file: 'ipc' },
  { letter: 'u', flag: CLONE_NEWUTS, file: 'uts' },
  { letter: 'n', flag: CLONE_NEWNET, file: 'net' },
  { letter: 'p', flag: CLONE_NEWPID, file: 'pid' },
  { letter: 'm', flag: CLONE_NEWNS, file: 'mnt' },
  { letter: 'T', flag: CLONE_NEWTIME, file: 'time' },
]

/** Writes a whole small file of /proc; the error's text, or undefined. */
export function* put(sys: Sys, path: string, text: string): Run<string | undefined> {
  const fd: Fd | { text: string } = yield* sys.open(path, O_WRONLY | O_TRUNC)
  if (isErr(fd)) return fd.text
  const failed = yield* writeAll(sys, fd as Fd, encode(text))
  yield* sys.close(fd as Fd)
  return failed?.text
}

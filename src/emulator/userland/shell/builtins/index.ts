/** The commands inside the shell; POSIX XCU 2.15 and ash(1). */
import type { Shell } from '../interp.ts'
import { specialNames } from '../parser.ts'
import type { Builtin } from './common.ts'
import * as control from './control.ts'
import { cd, pwd } from './directory.ts'
import { foreground, jobs, kill, wait } from './jobs.ts'
import { times, ulimit, umask } from './limits.ts'
import { alias, command, hash, help, type, unalias } from './names.ts'
import { echo, printf, test } from './output.ts'
import { read } from './read.ts'
import { exportLike, getopts, local, set, shift, unset } from './variables.ts'

export type { Builtin } from './common.ts'

/** Their errors give up the script, and assignments before them stay. */
export const specialBuiltins = specialNames
/** Whose arguments NAME=value are expanded like assignments. */
export const assigning: ReadonlySet<string> = new Set(['alias', 'export', 'local', 'readonly'])

/** The builtin of a name in a shell's dialect. */
export function builtinOf(sh: Shell, name: string): Builtin | undefined {
  const own = sh.s.dialect?.builtins
  return own?.has(name) ? own.get(name) : builtins.get(name)
}

const status = (n: number): Builtin =>
  function* () {
    return n
  }
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['.', control.dot],
  [':', status(0)],
  ['[', test],
  ['[[', test],
  ['alias', alias],
  ['bg', foreground],
  ['break', control.loopControl],
  ['cd', cd],
  ['chdir', cd],
  ['command', command],
  ['continue', control.loopControl],
  ['echo', echo],
  ['eval', control.eval_],
  ['exec', control.exec],
  ['exit', control.exit],
  ['export', exportLike('exported')],
  ['false', status(1)],
  ['fg', foreground],
  ['getopts', getopts],
  ['hash', hash],
  ['help', help],
  ['jobs', jobs],
  ['kill', kill],
  ['let', control.let_],
  ['local', local],
  ['printf', printf],
  ['pwd', pwd],
  ['read', read],
  ['readonly', exportLike('readonly')],
  ['return', control.return_],
  ['set', set],
  ['shift', shift],
  ['source', control.dot],
  ['test', test],
  ['times', times],
  ['trap', control.trap],
  ['true', status(0)],
  ['type', type],
  ['ulimit', ulimit],
  ['umask', umask],
  ['unalias', unalias],
  ['unset', unset],
  ['wait', wait],
])

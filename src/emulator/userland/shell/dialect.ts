/**
 * What makes a shell of ash's family another one: its words, and what it has not. busybox's ash needs none of it; Debian's dash and bash do.
 */
import type { Run } from '../../kernel/linux/abi.ts'
import type { Word } from './ast.ts'
import type { Builtin } from './builtins/index.ts'
import type { ShellState } from './state.ts'

/** Whose grammar a text is read by: ash's, or what dash lacks of it and bash adds. */
export type Grammar = 'ash' | 'dash' | 'bash'
export interface Dialect {
  readonly grammar: Grammar
  /** A complaint with its newline; `message` in ash's words. */
  complaint(s: ShellState, message: string, line: number): Run<string>
  /** Builtins of its own form; undefined for those of ash that it hasn't. */
  readonly builtins: ReadonlyMap<string, Builtin | undefined>
  /** Only the grammar of POSIX: no `function`, &>, $'...', ${x:1}, ${x/a/b}. */
  readonly posix: boolean
  /** The status of a redirection that fails. */
  readonly redirectStatus: number
  /** Words that one word stands for before it is expanded otherwise. */
  braces?(word: Word): Run<readonly Word[]>
  /** What a text that can't be read has of this shell's grammar that isn't emulated. */
  missing?(text: string): string | undefined
  /** Whether it counts shells in SHLVL. */
  readonly counts: boolean
}

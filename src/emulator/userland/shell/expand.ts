/** Words to fields, POSIX XCU 2.6: what is plain text stays as it is, the rest is for expansion.ts. */
import type { Run } from '../../kernel/linux/abi.ts'
import type { Node, Word } from './ast.ts'
import { Expansion } from './expansion.ts'
import type { ShellState } from './state.ts'

/** Runs a command substitution: given by the interpreter. */
export type Substitute = (state: ShellState, list: Node | undefined) => Run<string>

/** A word's text where nothing in it is expanded; `magic`: the characters that would be. */
function plain(word: Word, magic: RegExp): string | undefined {
  const [only, ...others] = word
  return only?.kind === 'text' && others.length === 0 && (only.quoted || !magic.test(only.text)) ? only.text : undefined
}

/** Whether braces could begin in a word. */
const opens = (word: Word): boolean => word.some((p) => p.kind === 'text' && !p.quoted && p.text.includes('{'))

export class Expander {
  readonly s: ShellState
  readonly substitute: Substitute
  constructor(state: ShellState, substitute: Substitute) {
    this.s = state
    this.substitute = substitute
  }

  /** All fields of some words: what a command line becomes. */
  *fields(words: readonly Word[]): Run<string[]> {
    const out: string[] = []
    const { dialect } = this.s
    for (const whole of words)
      for (const word of dialect?.braces && opens(whole) ? yield* dialect.braces(whole) : [whole]) {
        const text = plain(word, /[*?[~]/)
        if (text === undefined) out.push(...(yield* (yield* this.expansion()).fields(word)))
        else out.push(text)
      }
    return out
  }
  /** One string, neither split nor globbed: an assignment, a here-document, a redirection's target. */
  *single(word: Word, assignment = false): Run<string> {
    if (word.length === 0) return ''
    return plain(word, /~/) ?? (yield* (yield* this.expansion()).single(word, assignment))
  }
  /** A text as if it stood in double quotes: a prompt, PS4. Commands in it stay as they are. */
  *text(text: string): Run<string> {
    return yield* (yield* this.expansion()).text(text)
  }
  /** An argument of export and its kin: NAME=value is neither split nor globbed. */
  *declaration(word: Word): Run<string[]> {
    return yield* (yield* this.expansion()).declaration(word)
  }
  /** A pattern: quoted characters are escaped, so that they match themselves. */
  *pattern(word: Word): Run<string> {
    return yield* (yield* this.expansion()).pattern(word)
  }
  /** The value of an arithmetic expansion's inside. */
  *arithmetic(word: Word): Run<bigint> {
    return yield* (yield* this.expansion()).arithmetic(word)
  }
  *expansion(): Run<Expansion> {
    return new Expansion(this.s, this.substitute)
  }
}

/** The shell's syntax tree: POSIX.1-2024 XCU 2.10, with ash's additions. */

/** A word is a list of parts; quoted parts are not split or globbed. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'param'
      readonly name: string
      readonly op: string
      readonly word: Word | undefined
      readonly quoted: boolean
      readonly more?: Word
    }
  | { readonly kind: 'command'; readonly list: Node | undefined; readonly quoted: boolean }
  | { readonly kind: 'arith'; readonly word: Word; readonly quoted: boolean }
export type Word = readonly Part[]

export interface Redirect {
  readonly fd: number | undefined
  readonly op: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '&>' | '<<'
  readonly word: Word
}
/** A here-document's body, read after its line. */
export interface HereDoc {
  body: Word
}

export interface Assignment {
  readonly name: string
  readonly value: Word
}

export type Node =
  | {
      readonly kind: 'simple'
      readonly assigns: readonly Assignment[]
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
      readonly line: number
    }
  | { readonly kind: 'pipe'; readonly nodes: readonly Node[]; readonly negate: boolean }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'list'; readonly nodes: readonly Node[] }
  | { readonly kind: 'async'; readonly node: Node; readonly text: string }
  | { readonly kind: 'group'; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'subshell'; readonly body: Node; readonly redirects: readonly Redirect[]; readonly line: number }
  | {
      readonly kind: 'if'
      readonly arms: readonly { readonly test: Node; readonly body: Node }[]
      readonly other: Node | undefined
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'while' | 'until'
      readonly test: Node
      readonly body: Node
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'for'
      readonly line: number
      readonly name: string
      readonly words: readonly Word[] | undefined
      readonly body: Node
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'case'
      readonly line: number
      readonly word: Word
      readonly arms: readonly {
        readonly patterns: readonly Word[]
        readonly body: Node | undefined
        readonly fall: boolean
      }[]
      readonly redirects: readonly Redirect[]
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Node }

/** PowerShell's grammar as far as the chapters need it. */

export interface Block {
  readonly kind: 'block'
  readonly body: readonly Statement[]
  readonly text: string
}
export type Statement =
  | { readonly kind: 'pipeline'; readonly elements: readonly Element[]; readonly text: string; readonly at: number }
  | { readonly kind: 'assign'; readonly target: Expression; readonly operator: string; readonly value: Statement }
  | { readonly kind: 'if'; readonly arms: readonly (readonly [Statement | undefined, Block])[] }
  | { readonly kind: 'foreach'; readonly name: string; readonly list: Statement; readonly body: Block }
  | { readonly kind: 'while'; readonly test: Statement; readonly body: Block }

export type Element =
  | {
      readonly kind: 'command'
      /** Where it stands in the whole text. */
      readonly at: number
      readonly name: Expression
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
      readonly text: string
    }
  | { readonly kind: 'expression'; readonly value: Expression; readonly redirects: readonly Redirect[] }
/** An argument: a parameter's name (without its dash), or a value. `raw` is what was typed. */
export interface Word {
  readonly parameter?: string
  readonly value?: Expression
  readonly raw: string
}
export interface Redirect {
  readonly from: 1 | 2 | '*'
  readonly append: boolean
  /** `&1` for a stream. */
  readonly to: Expression | '&1'
}
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'string'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'variable'; readonly scope: string; readonly name: string }
  | {
      readonly kind: 'member'
      readonly of: Expression
      readonly name: Expression
      readonly call?: readonly Expression[]
    }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'array'; readonly body: readonly Statement[] }
  | { readonly kind: 'hash'; readonly pairs: readonly (readonly [Expression, Statement])[] }
  | { readonly kind: 'group'; readonly body: readonly Statement[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'cast'; readonly type: string; readonly of: Expression }
  | Block

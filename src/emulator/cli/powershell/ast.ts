/** PowerShell's grammar as far as the chapters need it. */

export interface Block {
  readonly kind: 'block'
  readonly body: readonly Statement[]
  readonly text: string
  /** What `param(...)` at its beginning names. */
  readonly parameters?: readonly Parameter[]
}
/** A parameter of a function: `[type]$name = default`. */
export interface Parameter {
  readonly name: string
  readonly type: string | undefined
  readonly fallback: Expression | undefined
}
export type Statement =
  | { readonly kind: 'pipeline'; readonly elements: readonly Element[]; readonly text: string; readonly at: number }
  | { readonly kind: 'assign'; readonly target: Expression; readonly operator: string; readonly value: Statement }
  | { readonly kind: 'if'; readonly arms: readonly (readonly [Statement | undefined, Block])[] }
  | { readonly kind: 'foreach'; readonly name: string; readonly list: Statement; readonly body: Block }
  | {
      readonly kind: 'loop'
      readonly begin: Statement | undefined
      readonly test: Statement | undefined
      readonly step: Statement | undefined
      readonly body: Block
      /** do: the body comes before the test; until: it goes on while the test fails. */
      readonly first: boolean
      readonly until: boolean
    }
  | {
      readonly kind: 'switch'
      readonly value: Statement
      readonly mode: string
      /** Undefined: default. */
      readonly arms: readonly (readonly [Expression | undefined, Block])[]
    }
  | {
      readonly kind: 'try'
      readonly body: Block
      readonly catches: readonly { readonly types: readonly string[]; readonly body: Block }[]
      readonly last: Block | undefined
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Block }
  | {
      readonly kind: 'jump'
      readonly what: 'break' | 'continue' | 'return' | 'throw'
      readonly value: Statement | undefined
      readonly at: number
      readonly text: string
    }

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
  | {
      readonly kind: 'expression'
      readonly at: number
      readonly value: Expression
      readonly redirects: readonly Redirect[]
      readonly text: string
    }
/** An argument: a parameter's name (without its dash), or a value. `raw` is what was typed. */
export interface Word {
  readonly parameter?: string
  readonly value?: Expression
  /** `@name`: a table's entries are parameters, a list's members arguments. */
  readonly splat?: string
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
  /** `[type]`, and `[type]::member`. */
  | { readonly kind: 'type'; readonly name: string }
  | { readonly kind: 'static'; readonly type: string; readonly name: string; readonly call?: readonly Expression[] }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'array'; readonly body: readonly Statement[] }
  | {
      readonly kind: 'hash'
      readonly pairs: readonly (readonly [Expression, Statement])[]
    }
  | { readonly kind: 'group'; readonly body: readonly Statement[]; readonly sub?: boolean }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  /** `$x++` and `--$x`: the value before or after, in a statement of its own nothing. */
  | { readonly kind: 'step'; readonly of: Expression; readonly by: 1 | -1; readonly before: boolean }
  | { readonly kind: 'cast'; readonly type: string; readonly of: Expression }
  | Block

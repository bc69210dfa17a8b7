/** The tree of an awk program. */

/** What can be assigned to. */
export type Place =
  | { readonly op: 'var'; readonly slot: number; readonly local: boolean; readonly pure: boolean }
  | { readonly op: 'field'; readonly index: Expr; readonly pure: boolean }
  | {
      readonly op: 'index'
      readonly slot: number
      readonly local: boolean
      readonly subscripts: readonly Expr[]
      readonly pure: boolean
    }
/** `pure`: it calls no function of the program and touches no file, so that it needs no `yield*`. */
export type Expr = Place | Other
type Other = { readonly pure: boolean } & (
  | { readonly op: 'constant'; readonly value: number | string }
  | { readonly op: 'regex'; readonly source: string }
  | { readonly op: 'list'; readonly items: readonly Expr[] }
  | { readonly op: 'assign'; readonly how: string; readonly place: Place; readonly value: Expr }
  | { readonly op: 'step'; readonly by: 1 | -1; readonly prefix: boolean; readonly place: Place }
  | { readonly op: 'unary'; readonly how: '-' | '+' | '!'; readonly of: Expr }
  | { readonly op: 'binary'; readonly how: string; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'match'; readonly negated: boolean; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'cond'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly op: 'in'; readonly slot: number; readonly local: boolean; readonly subscripts: readonly Expr[] }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Expr[]; readonly line: number }
  | { readonly op: 'builtin'; readonly name: string; readonly args: readonly Expr[]; readonly line: number }
  | {
      readonly op: 'getline'
      readonly from: 'main' | 'file' | 'command'
      readonly source: Expr | undefined
      readonly place: Place | undefined
    }
)
export interface Redirection {
  readonly how: '>' | '>>' | '|'
  readonly target: Expr
}
export type Statement = { readonly line: number } & (
  | { readonly op: 'expr'; readonly expr: Expr }
  | { readonly op: 'print' | 'printf'; readonly args: readonly Expr[]; readonly to: Redirection | undefined }
  | { readonly op: 'block'; readonly body: readonly Statement[] }
  | { readonly op: 'if'; readonly test: Expr; readonly yes: Statement; readonly no: Statement | undefined }
  | { readonly op: 'while'; readonly test: Expr; readonly body: Statement }
  | { readonly op: 'do'; readonly test: Expr; readonly body: Statement }
  | {
      readonly op: 'for'
      readonly begin: Statement | undefined
      readonly test: Expr | undefined
      readonly step: Statement | undefined
      readonly body: Statement
    }
  | {
      readonly op: 'forin'
      readonly place: Place
      readonly slot: number
      readonly local: boolean
      readonly body: Statement
    }
  | { readonly op: 'break' | 'continue' | 'next' | 'nextfile' }
  | { readonly op: 'exit' | 'return'; readonly value: Expr | undefined }
  | {
      readonly op: 'delete'
      readonly slot: number
      readonly local: boolean
      readonly subscripts: readonly Expr[] | undefined
    }
)
export interface Rule {
  readonly from: Expr | undefined
  readonly to: Expr | undefined
  /** Undefined prints the record. */
  readonly body: Statement | undefined
}
export interface Func {
  readonly params: readonly string[]
  body: Statement | undefined
}
export interface Program {
  readonly begin: readonly Statement[]
  readonly rules: readonly Rule[]
  readonly end: readonly Statement[]
  readonly functions: ReadonlyMap<string, Func>
  /** Names of the global variables, by slot. */
  readonly globals: readonly string[]
}

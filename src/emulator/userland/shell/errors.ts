/** What travels through the interpreter as thrown values, caught inside it. */

/** Leaves loops, functions, the command line (`abort`, `interrupt`) or the shell. */
export class Leave {
  readonly kind: 'break' | 'continue' | 'return' | 'exit' | 'abort' | 'interrupt'
  /** Loops to leave, or the status. */
  count: number
  constructor(kind: Leave['kind'], count: number) {
    this.kind = kind
    this.count = count
  }
}

/** Ends the present command (and a non-interactive shell) with a message. */
export class ShellError {
  readonly message: string
  readonly status: number
  constructor(message: string, status = 2) {
    this.message = message
    this.status = status
  }
}

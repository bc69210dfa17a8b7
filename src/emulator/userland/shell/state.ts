/** What a shell remembers: variables, functions, options, traps, jobs. A subshell starts from a copy. */
import type { Sys } from '../../kernel/linux/abi.ts'
import type { Node } from './ast.ts'

export interface Variable {
  value: string | undefined
  exported: boolean
  readonly: boolean
}
export interface Job {
  readonly number: number
  readonly pgid: number
  readonly pids: number[]
  readonly text: string
  /** Pids that still run. */
  readonly running: Set<number>
  status: number
  state: 'running' | 'stopped' | 'done'
}

/** Bytes that all variables may hold together: a shell that doubles a string for ever ends with "out of memory". */
export const MEMORY_LIMIT = 32 * 1024 * 1024

export class ShellState {
  readonly sys: Sys
  variables = new Map<string, Variable>()
  functions = new Map<string, Node>()
  aliases = new Map<string, string>()
  traps = new Map<number, string>()
  /** Signals that were ignored when the shell began can't be trapped. */
  positional: readonly string[] = []
  name = 'sh'
  /** Letters of set -o: e u x f n v a C m b, and pipefail. */
  options = new Set<string>()
  pipefail = false
  status = 0
  lastBackground: number | undefined
  jobs: Job[] = []
  pid = 0
  interactive = false
  /** Function calls deep. */
  depth = 0
  loops = 0
  /** In a condition, where `set -e` doesn't end the shell. */
  tested = 0
  line = 0
  /** Names that `local` covered, per function call. */
  locals: Map<string, Variable | undefined>[] = []
  optind = 1
  optoff = 0
  hash = new Map<string, string>()
  subshell = false
  /** Memory that variables take. */
  held = 0
  pendingTraps: number[] = []
  /** ^C came while an interactive shell was busy: what runs is given up. */
  interrupted = false

  constructor(sys: Sys) {
    this.sys = sys
  }

  get(name: string): string | undefined {
    return this.variables.get(name)?.value
  }
  /** Sets a variable; false where it is read-only. */
  set(name: string, value: string): boolean {
    const v = this.variables.get(name)
    if (v?.readonly) return false
    this.held += value.length - (v?.value?.length ?? 0)
    if (v) v.value = value
    else this.variables.set(name, { value, exported: this.options.has('a'), readonly: false })
    if (v && this.options.has('a')) v.exported = true
    if (name === 'OPTIND') {
      this.optind = Number(value) || 1
      this.optoff = 0
    }
    if (name === 'PATH') this.hash.clear()
    return true
  }
  environment(): string[] {
    const env: string[] = []
    for (const [name, v] of this.variables) if (v.exported && v.value !== undefined) env.push(`${name}=${v.value}`)
    return env
  }

  /** The state of a subshell on another process. */
  copy(sys: Sys): ShellState {
    const s = new ShellState(sys)
    s.variables = new Map([...this.variables].map(([k, v]) => [k, { ...v }]))
    s.functions = new Map(this.functions)
    s.aliases = new Map(this.aliases)
    // Traps are reset, but for those that ignore.
    s.traps = new Map([...this.traps].filter(([n, action]) => action === '' && n !== 0))
    s.positional = this.positional
    s.name = this.name
    s.options = new Set(this.options)
    s.options.delete('m')
    s.pipefail = this.pipefail
    s.status = this.status
    s.lastBackground = this.lastBackground
    s.pid = this.pid
    s.depth = this.depth
    s.loops = this.loops
    s.tested = this.tested
    s.line = this.line
    s.locals = this.locals.map((m) => new Map(m))
    s.optind = this.optind
    s.hash = new Map(this.hash)
    s.subshell = true
    s.held = this.held
    return s
  }
}

/** What a shell remembers: variables, functions, options, traps, jobs. A subshell starts from a copy. */
import type { Errno } from '../../base/errno.ts'
import type { Sys } from '../../kernel/linux/abi.ts'
import { strerror } from '../lib/strerror.ts'
import type { Node } from './ast.ts'
import type { Dialect } from './dialect.ts'
import { ofWord } from './text.ts'

export interface Variable {
  readonly value: string | undefined
  readonly exported: boolean
  readonly readonly: boolean
}
/** What a function call puts back at its end: what `local` covered. */
export interface Frame {
  readonly variables: Map<string, Variable | undefined>
  options?: { readonly letters: ReadonlySet<string>; readonly pipefail: boolean }
}
export interface Job {
  readonly number: number
  readonly pgid: number
  readonly pids: number[]
  readonly text: string
  /** Whether it has a process group of its own: fg and bg want that. */
  readonly own: boolean
  /** Pids that still run. */
  readonly running: Set<number>
  status: number
  state: 'running' | 'stopped' | 'done'
  /** `wait` has told its status: its place may be taken when it is done. */
  waited?: boolean
}

/** The list of ash's table of variables that holds a name. */
function bucket(name: string): number {
  let sum = name.charCodeAt(0) << 4
  for (let i = 0; i < name.length; i++) sum += name.charCodeAt(i)
  return sum % 39
}

/** Bytes that all variables may hold together: a shell that doubles a string for ever ends with "out of memory". */
export const MEMORY_LIMIT = 32 * 1024 * 1024

export class ShellState {
  readonly sys: Sys
  variables = new Map<string, Variable>()
  functions = new Map<string, Node>()
  aliases = new Map<string, string>()
  traps = new Map<number, string>()
  /** Another shell of the family than ash. */
  dialect: Dialect | undefined
  /** Started by login: bash says so with a dash before its name. */
  login = false
  /** Signals whose disposition the shell has set itself, and those ignored from before: these can't be trapped, XCU 2.15 trap. */
  handled = new Set<number>()
  locked = new Set<number>()
  positional: readonly string[] = []
  name = 'sh'
  /** The name that the program was started by: complaints of applets' code have it. */
  applet = 'sh'
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
  /** The command whose name stands in messages: a script's, or a builtin's while it runs. */
  command: string | undefined
  /** Files that `.` is reading. */
  sourced = 0
  /** Lines that were typed. */
  typed = 0
  /** The line that was read last; `line` is that of the command that runs. */
  read = 0
  /** Status of the last command substitution of the present command. */
  substituted: number | undefined
  /** While a trap's action runs: the status from before it, and how deep functions were. */
  trapStatus: number | undefined
  trapDepth = 0
  inErrTrap = false
  /** In $(trap): the traps of the shell around it. */
  shownTraps: ReadonlyMap<number, string> | undefined
  /** The working directory by the names that led to it, as `pwd` shows it. */
  cwd = ''
  /** In a condition, where `set -e` doesn't end the shell. */
  tested = 0
  line = 0
  /** One per function call. */
  locals: Frame[] = []
  optind = 1
  /** Where getopts is in a word with several letters; -1 where it begins a word. */
  optoff = -1
  subshell = false
  /** Memory that variables take. */
  held = 0
  pendingTraps: number[] = []
  /** ^C came while an interactive shell was busy: what runs is given up. */
  interrupted = false

  constructor(sys: Sys) {
    this.sys = sys
  }

  /** What the C library of this shell's system calls an error: musl's words for ash, glibc's for the others. */
  reason(e: Errno): string {
    return this.dialect ? e.text : strerror(e)
  }
  get(name: string): string | undefined {
    return this.variables.get(name)?.value
  }
  /** Sets a variable; false where it is read-only. */
  set(name: string, value: string): boolean {
    const v = this.variables.get(name)
    if (v?.readonly) return false
    this.held += value.length - (v?.value?.length ?? 0)
    this.variables.set(name, { value, exported: v?.exported || this.options.has('a'), readonly: false })
    this.#changed(name, value)
    return true
  }
  /** Sets a variable that programs get to see. */
  export(name: string, value: string): void {
    if (!this.set(name, value)) return
    const v = this.variables.get(name)
    if (v) this.variables.set(name, { ...v, exported: true })
  }
  /** Puts a variable in another's place, or takes it away. */
  put(name: string, v: Variable | undefined): void {
    if (v) this.variables.set(name, v)
    else this.variables.delete(name)
    this.#changed(name, v?.value)
  }
  #changed(name: string, value: string | undefined): void {
    if (name !== 'OPTIND') return
    this.optind = Number(value) || 1
    this.optoff = -1
  }
  /** $1, $2, ...; getopts begins anew. */
  setPositional(args: readonly string[]): void {
    this.positional = args
    this.optind = 1
    this.optoff = -1
  }
  /** Takes variables from an environment; names that no shell has stay out. */
  importEnvironment(env: readonly string[]): void {
    for (const entry of env) {
      const at = entry.indexOf('=')
      if (at > 0 && /^[A-Za-z_]\w*$/.test(entry.slice(0, at)))
        this.variables.set(entry.slice(0, at), { value: ofWord(entry.slice(at + 1)), exported: true, readonly: false })
    }
  }
  /** What programs get, in the order of ash's table of 39 lists (listvars() of shell/ash.c), which `env` shows. */
  environment(): string[] {
    const env: [number, string][] = []
    for (const [name, v] of this.variables)
      if (v.exported && v.value !== undefined) env.push([bucket(name), `${name}=${v.value}`])
    return env.sort(([a], [b]) => a - b).map(([, entry]) => entry)
  }

  /** The state of a subshell on another process. */
  copy(sys: Sys): ShellState {
    const s = new ShellState(sys)
    s.variables = new Map(this.variables)
    s.functions = new Map(this.functions)
    s.aliases = new Map(this.aliases)
    // Traps are reset, but for those that ignore.
    s.traps = new Map([...this.traps].filter(([n, action]) => action === '' && n !== 0))
    s.handled = new Set(this.handled)
    s.locked = new Set(this.locked)
    s.positional = this.positional
    s.name = this.name
    s.dialect = this.dialect
    s.login = this.login
    s.applet = this.applet
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
    s.locals = this.locals.map((f) => ({ ...f, variables: new Map(f.variables) }))
    s.optind = this.optind
    s.optoff = this.optoff
    s.command = this.command
    s.sourced = this.sourced
    s.read = this.read
    s.cwd = this.cwd
    s.trapStatus = this.trapStatus
    s.trapDepth = this.trapDepth
    s.subshell = true
    s.held = this.held
    return s
  }
}

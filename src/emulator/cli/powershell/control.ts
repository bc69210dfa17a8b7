/** Statements that choose, repeat, leave, and catch; about_Language_Keywords. */
import type { Run } from '../../kernel/linux/abi.ts'
import type { Statement } from './ast.ts'
import { errorRecord } from './errors.ts'
import type { PowerShell, Sink } from './interp.ts'
import { collapse, compare, enumerate, isBlock, like, PsError, textOf, truthOf, type Value } from './values.ts'

/** break, continue and return, on their way out; with what the left statements had given. */
export class Jump {
  readonly what: 'break' | 'continue' | 'return'
  values: readonly Value[]
  constructor(what: Jump['what'], values: readonly Value[]) {
    this.what = what
    this.values = values
  }
}

type Control = Exclude<Statement, { readonly kind: 'pipeline' } | { readonly kind: 'assign' }>

export function* runControl(shell: PowerShell, s: Control, sink: Sink): Run<readonly Value[]> {
  const out: Value[] = []
  /** Runs a loop's body once; false where the loop is left. */
  const turn = function* (body: Run<readonly Value[]>): Run<boolean> {
    try {
      out.push(...(yield* body))
      yield* shell.sys.compute(1000)
      return true
    } catch (jump) {
      if (!(jump instanceof Jump) || jump.what === 'return') {
        if (jump instanceof Jump) jump.values = [...out, ...jump.values]
        throw jump
      }
      out.push(...jump.values)
      return jump.what === 'continue'
    }
  }
  const holds = function* (test: Statement): Run<boolean> {
    return truthOf(collapse(yield* shell.statement(test, 'caller')))
  }
  switch (s.kind) {
    case 'if':
      for (const [test, block] of s.arms) if (!test || (yield* holds(test))) return yield* shell.block(block, sink)
      return []
    case 'foreach':
      for (const item of enumerate(collapse(yield* shell.statement(s.list, 'caller')))) {
        shell.set(s.name.toLowerCase(), item)
        if (!(yield* turn(shell.block(s.body, sink)))) break
      }
      return out
    case 'loop': {
      if (s.begin) yield* shell.statement(s.begin, 'caller')
      for (let first = s.first; ; first = false) {
        if (!first && s.test && (yield* holds(s.test)) === s.until) return out
        if (!(yield* turn(shell.block(s.body, sink)))) return out
        if (s.step) yield* shell.statement(s.step, 'caller')
      }
    }
    case 'switch':
      for (const item of enumerate(collapse(yield* shell.statement(s.value, 'caller')))) {
        let hit = false
        const run = function* (): Run<readonly Value[]> {
          const all: Value[] = []
          for (const [test, block] of s.arms) {
            const v = test ? yield* shell.evaluate(test) : null
            const fits = !test
              ? !hit
              : isBlock(v)
                ? truthOf(collapse(yield* shell.call(v, item)))
                : s.mode === 'wildcard'
                  ? like(textOf(item), textOf(v))
                  : s.mode === 'regex'
                    ? new RegExp(textOf(v), 'i').test(textOf(item))
                    : compare(item, v) === 0
            if (!fits) continue
            hit = true
            all.push(...(yield* shell.withItem(item, () => shell.block(block, sink))))
          }
          return all
        }
        if (!(yield* turn(run()))) break
      }
      return out
    case 'function':
      shell.functions.set(s.name.toLowerCase(), { name: s.name, body: s.body })
      return []
    case 'jump': {
      const values = s.value ? yield* shell.statement(s.value, 'caller') : []
      if (s.what !== 'throw') throw new Jump(s.what, values)
      const thrown = collapse(values)
      shell.mark(s.at, s.text.length)
      const message = thrown === null ? 'ScriptHalted' : textOf(thrown)
      throw new PsError(message, `OperationStopped: (${message}:String) [], RuntimeException`, message)
    }
    case 'try':
      try {
        return yield* shell.strictly(() => shell.block(s.body, sink))
      } catch (error) {
        if (!(error instanceof PsError)) throw error
        const kind = (/, (\w+)$/.exec(error.category)?.[1] ?? 'RuntimeException').toLowerCase()
        const found = s.catches.find(
          (c) =>
            c.types.length === 0 ||
            c.types.some((t) => /^(system\.)?exception$/i.test(t) || t.toLowerCase().split('.').at(-1) === kind),
        )
        if (!found) throw error
        const record = errorRecord(error)
        shell.errors.unshift(record)
        return yield* shell.withItem(record, () => shell.block(found.body, sink))
      } finally {
        if (s.last) yield* shell.block(s.last, sink)
      }
  }
}

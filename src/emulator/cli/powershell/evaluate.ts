/** What expressions are worth, and where values are put. */
import type { Run } from '../../kernel/linux/abi.ts'
import { windowsName } from '../../userland/windows/paths.ts'
import type { Expression } from './ast.ts'
import type { PowerShell } from './interp.ts'
import { evaluateOperator, invokeMethod, memberOf } from './operators.ts'
import { converted, isOfType, staticMember } from './types.ts'
import { collapse, enumerate, isList, numberOf, PsError, PsObject, textOf, truthOf, type Value } from './values.ts'

export function* evaluate(shell: PowerShell, e: Expression): Run<Value> {
  switch (e.kind) {
    case 'block':
      return e
    case 'literal':
      return e.value
    case 'string': {
      let out = ''
      for (const p of e.parts) out += typeof p === 'string' ? p : textOf(yield* evaluate(shell, p))
      return out
    }
    case 'variable':
      return yield* variable(shell, e.scope, e.name)
    case 'group':
    case 'array': {
      const out: Value[] = []
      for (const s of e.body) {
        // Behind `(` stands one statement, whose value counts even where it is ++.
        const one =
          e.kind === 'group' && !e.sub && s.kind === 'pipeline' && s.elements.length === 1 ? s.elements[0] : undefined
        if (one?.kind === 'expression' && one.value.kind === 'step') out.push(yield* evaluate(shell, one.value))
        else out.push(...(yield* shell.statement(s, 'caller')))
      }
      return e.kind === 'array' ? out : collapse(out)
    }
    case 'list': {
      const out: Value[] = []
      for (const i of e.items) out.push(yield* evaluate(shell, i))
      return out
    }
    case 'hash': {
      const pairs = new Map<string, Value>()
      for (const [k, v] of e.pairs)
        pairs.set(textOf(yield* evaluate(shell, k)), collapse(yield* shell.statement(v, 'caller')))
      return new PsObject('System.Collections.Hashtable', pairs)
    }
    case 'unary': {
      const v = yield* evaluate(shell, e.of)
      switch (e.operator) {
        case '-':
          return -(numberOf(v) ?? 0)
        case '+':
          return numberOf(v) ?? 0
        case '-split':
          return enumerate(v).flatMap((x) => textOf(x).trim().split(/\s+/))
        case '-join':
          return enumerate(v).map(textOf).join('')
        case '-bnot':
          return ~(numberOf(v) ?? 0)
        default:
          return !truthOf(v)
      }
    }
    case 'binary': {
      const left = yield* evaluate(shell, e.left)
      if (e.operator === 'and' && !truthOf(left)) return false
      if (e.operator === 'or' && truthOf(left)) return true
      const right = yield* evaluate(shell, e.right)
      if (/^[ci]?match$/.test(e.operator) && !isList(left)) keepMatches(shell, e.operator, textOf(left), textOf(right))
      if (e.operator === 'is' || e.operator === 'isnot')
        return isOfType(left, textOf(right).replace(/^\[|\]$/g, '')) === (e.operator === 'is')
      if (e.operator === 'as') {
        try {
          return converted(textOf(right).toLowerCase(), left)
        } catch (error) {
          if (error instanceof PsError && error.id !== 'NotEmulated') return null
          throw error
        }
      }
      return evaluateOperator(e.operator, left, right)
    }
    case 'step': {
      const before = yield* evaluate(shell, e.of)
      const n = numberOf(before)
      if (n === undefined)
        throw new PsError(
          `The '${e.by === 1 ? '++' : '--'}' operator works only on numbers. The operand is a 'System.String'.`,
          `InvalidOperation: (${textOf(before)}:String) [], RuntimeException`,
          'OperatorRequiresNumber',
        )
      yield* assign(shell, e.of, n + e.by)
      return e.before ? n + e.by : before === null ? 0 : before
    }
    case 'cast':
      return converted(e.type, yield* evaluate(shell, e.of))
    case 'type':
      return new PsObject('System.RuntimeType', { Name: e.name, FullName: e.name }, e.name)
    case 'static': {
      const args: Value[] = []
      for (const a of e.call ?? []) args.push(yield* evaluate(shell, a))
      return yield* staticMember(shell, e.type, e.name, args)
    }
    case 'member': {
      const of = yield* evaluate(shell, e.of)
      const name = textOf(yield* evaluate(shell, e.name))
      if (!e.call) return memberOf(of, name)
      const args: Value[] = []
      for (const a of e.call) args.push(yield* evaluate(shell, a))
      return invokeMethod(of, name, args)
    }
    case 'index': {
      const of = yield* evaluate(shell, e.of)
      const at = yield* evaluate(shell, e.at)
      if (of === null)
        throw new PsError('Cannot index into a null array.', 'InvalidOperation: (:) [], RuntimeException', 'NullArray')
      if (of instanceof PsObject && (of.type === 'System.Collections.Hashtable' || typeof at === 'string'))
        return of.get(textOf(at)) ?? null
      const list = typeof of === 'string' ? [...of] : enumerate(of)
      const pick = (v: Value): Value =>
        list[((numberOf(v) ?? 0) + ((numberOf(v) ?? 0) < 0 ? list.length : 0)) | 0] ?? null
      return isList(at) ? at.map(pick) : pick(at)
    }
  }
}
/** $Matches, as -match leaves it behind. */
function keepMatches(shell: PowerShell, operator: string, text: string, pattern: string): void {
  let m: RegExpExecArray | null = null
  try {
    m = new RegExp(pattern, operator === 'cmatch' ? 's' : 'is').exec(text)
  } catch {
    return
  }
  if (!m) return
  const found = new Map<string, Value>([...m].map((v, i) => [String(i), v ?? null]))
  for (const [k, v] of Object.entries(m.groups ?? {})) found.set(k, v)
  shell.set('matches', new PsObject('System.Collections.Hashtable', found))
}
/** Puts a value where a variable, a property or an entry is. */
export function* assign(shell: PowerShell, target: Expression, v: Value): Run<void> {
  if (target.kind === 'variable') {
    if (target.scope === 'env') {
      if (v === null || v === '') shell.environment.delete(target.name.toUpperCase())
      else shell.environment.set(target.name.toUpperCase(), textOf(v))
    } else if (/^(true|false|null|pid|psversiontable|home|\?)$/i.test(target.name))
      throw new PsError(
        `Cannot overwrite variable ${target.name} because it is read-only or constant.`,
        `WriteError: (${target.name}:String) [], SessionStateUnauthorizedAccessException`,
        'VariableNotWritable',
      )
    else shell.set(target.name.toLowerCase(), v, target.scope)
    return
  }
  if (target.kind !== 'member' && target.kind !== 'index') return
  const of = yield* evaluate(shell, target.of)
  const key = yield* evaluate(shell, target.kind === 'member' ? target.name : target.at)
  if (of instanceof PsObject) {
    const name = textOf(key)
    if (of.spelled(name) === undefined && of.type !== 'System.Collections.Hashtable')
      throw new PsError(
        `The property '${name}' cannot be found on this object. Verify that the property exists and can be set.`,
        'InvalidOperation: (:) [], RuntimeException',
        'PropertyNotFound',
      )
    of.properties.set(of.spelled(name) ?? name, v)
    return
  }
  if (isList(of) && target.kind === 'index') {
    const n = numberOf(key) ?? 0
    const at = n < 0 ? n + of.length : n
    if (at < 0 || at >= of.length)
      throw new PsError(
        'Index was outside the bounds of the array.',
        'OperationStopped: (:) [], IndexOutOfRangeException',
        'System.IndexOutOfRangeException',
      )
      // An array is one thing, however many names it has.
    ;(of as Value[])[at] = v
  }
}
function* variable(shell: PowerShell, scope: string, name: string): Run<Value> {
  const lower = name.toLowerCase()
  if (scope === 'env') {
    for (const [k, v] of shell.environment) if (k.toLowerCase() === lower) return v
    return null
  }
  switch (lower) {
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    case '?':
      return shell.succeeded
    case 'pid':
      return yield* shell.sys.getpid()
    case 'lastexitcode':
      return shell.exitCode
    case 'pwd': {
      const cwd = yield* shell.sys.getcwd()
      return typeof cwd === 'string' ? windowsName(cwd) : ''
    }
    case 'home':
      return 'C:\\Users\\zukan'
    case 'error':
      return shell.errors
    case 'pshome':
      return 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0'
    case 'psversiontable':
      return versionTable((yield* shell.sys.uname()).release)
    default:
      return shell.get(lower, scope)
  }
}
/** Windows PowerShell comes with the system: its build is the system's. */
function versionTable(release: string): PsObject {
  const [, , build = '0', revision = '0'] = release.split('.')
  const version = new PsObject(
    'System.Version',
    { Major: 5, Minor: 1, Build: Number(build), Revision: Number(revision) },
    `5.1.${build}.${revision}`,
  )
  return new PsObject('System.Collections.Hashtable', {
    PSVersion: version,
    PSEdition: 'Desktop',
    PSCompatibleVersions: ['1.0', '2.0', '3.0', '4.0', '5.0', `5.1.${build}.${revision}`],
    BuildVersion: `10.0.${build}.${revision}`,
    CLRVersion: '4.0.30319.42000',
    WSManStackVersion: '3.0',
    PSRemotingProtocolVersion: '2.3',
    SerializationVersion: '1.1.0.1',
  })
}

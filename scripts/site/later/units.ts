/** What a module is made of, and which pieces of it could move into another one. Pure. */
import { liftsOf } from './lift.ts'
import { childrenOf, isFunction, type Node, namesBound, namesDeclared, type Reference, referencesIn } from './scopes.ts'

export interface Source {
  /** Its absolute path. */
  readonly path: string
  /** As it was written. */
  readonly typed: string
  /** Without types, every character where it was. */
  readonly text: string
  /** Its ESTree Program. */
  readonly program: Node
  /** `start-end` of the functions that never ran; undefined where nothing of this module may move. */
  readonly idle: ReadonlySet<string> | undefined
  /** Something that isn't among the sources, or an import(), knows its exports. */
  readonly known: boolean
  /** Its text isn't the file's. */
  readonly changed?: boolean
}
/** What may move, as a whole. */
export interface Unit {
  readonly home: Module
  /** What goes out of the text. */
  readonly start: number
  readonly end: number
  /** Its code, for the module it moves to, but for `export`. */
  readonly code: string
  /** Its name at the module's top level; undefined: a function in the midst of something. */
  readonly name: string | undefined
  /** What stays in its place; undefined: nothing. */
  readonly stub: ((key: string) => string) | undefined
  /** The stub can't wait: where the code is missing, it says so. */
  readonly throws: boolean
}
export interface Import {
  readonly from: string
  readonly name: string
}
export interface Module extends Source {
  readonly imports: ReadonlyMap<string, Import>
  /** Names of the top level that exports have, by the local name. */
  readonly exports: ReadonlyMap<string, string>
  /** Names that may change. */
  readonly variables: ReadonlySet<string>
  readonly references: readonly Reference[]
  readonly units: Unit[]
}

export const nodes = (value: unknown): readonly Node[] => value as readonly Node[]
export const nameOf = (node: Node): string => (node.name ?? node.value) as string
const rangeOf = (node: Node): string => `${node.start}-${node.end}`

/** A generator that runs in a process and so may wait. Others say in their type what they are: the emulator annotates every iterator. */
export function mayWait(typed: string, f: Node): boolean {
  if (!f.generator) return false
  const params = nodes(f.params)
  const head = typed.slice(params.at(-1)?.end ?? f.start, (f.body as Node).start)
  return /\)\s*:\s*Run\b/.test(head) || !/\)\s*:\s*\S/.test(head)
}
export const some = (node: Node, test: (node: Node) => boolean): boolean =>
  test(node) || childrenOf(node).some((child) => some(child, test))
/** It reaches what only code inside its class does. */
export const needsClass = (f: Node): boolean => some(f, (n) => n.type === 'PrivateIdentifier' || n.type === 'Super')

const pureCalls = new Set(['Set', 'Map', 'RegExp', 'TextEncoder', 'TextDecoder'])
/** Evaluating it does nothing and gives the same whenever it is done. */
function isPure(node: Node | null, variables: ReadonlySet<string>): boolean {
  if (!node) return true
  const pure = (n: unknown): boolean => isPure(n as Node | null, variables)
  switch (node.type) {
    case 'Literal':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return true
    case 'Identifier':
      return !variables.has(node.name as string)
    case 'TemplateLiteral':
      return nodes(node.expressions).every(pure)
    case 'UnaryExpression':
      return node.operator !== 'delete' && pure(node.argument)
    case 'BinaryExpression':
      return pure(node.left) && pure(node.right)
    case 'ArrayExpression':
      return nodes(node.elements).every(pure)
    case 'ObjectExpression':
      return nodes(node.properties).every((p) =>
        p.type === 'Property' ? p.kind === 'init' && !p.computed && pure(p.value) : pure(p.argument),
      )
    case 'SpreadElement':
      return pure(node.argument)
    case 'NewExpression':
      return pureCalls.has((node.callee as Node).name as string) && nodes(node.arguments).every(pure)
    case 'CallExpression': {
      // 'a b c'.split(' ')
      const callee = node.callee as Node
      const object = callee.object as Node | undefined
      return (
        callee.type === 'MemberExpression' && object?.type === 'Literal' && nameOf(callee.property as Node) === 'split'
      )
    }
    default:
      return false
  }
}

/** The comment right before a place says it of what stands there. */
const saysRestartable = (typed: string, at: number): boolean =>
  /@restartable(?:(?!\*\/)[\s\S])*\*\/\s*$/.test(typed.slice(Math.max(0, at - 600), at))
/** The comment at the module's head says it of all of it. */
const fileRestarts = (source: Source): boolean => /^\/\*\*(?:(?!\*\/)[\s\S])*@restartable\b/.test(source.typed)

/** Stops the build at what the rules here don't foresee. */
function check(source: Source, references: readonly Reference[]): void {
  const stop = (at: number, what: string): never => {
    const line = source.typed.slice(0, at).split('\n').length
    throw new Error(`${source.path}:${line}: ${what} (scripts/site/later)`)
  }
  // What a split module brings along is called so: $later, $a, keys.
  for (const r of references)
    if (r.name.startsWith('$')) stop(r.start, `${r.name}: names that begin with $ are the split's own`)
  const visit = (node: Node): void => {
    if (isFunction(node) || node.type === 'VariableDeclarator')
      for (const name of [...nodes(node.params ?? []), ...(node.id ? [node.id as Node] : [])].flatMap(namesBound))
        if (name.startsWith('$')) stop(node.start, `${name}: names that begin with $ are the split's own`)
    // It is the whole function's, whatever block it stands in.
    if (node.type === 'VariableDeclaration' && node.kind === 'var') stop(node.start, 'var')
    if (node.type === 'MetaProperty' && nameOf(node.meta as Node) === 'new') stop(node.start, 'new.target')
    for (const child of childrenOf(node)) visit(child)
  }
  visit(source.program)
}

/** Reads what a module imports, exports and may give away. */
export function moduleOf(source: Source): Module {
  const imports = new Map<string, Import>()
  const exports = new Map<string, string>()
  const variables = new Set<string>()
  const declared = new Set<number>()
  const body = nodes(source.program.body)
  const statements: { readonly outer: Node; readonly inner: Node }[] = []
  for (const outer of body) {
    if (outer.type === 'ImportDeclaration') {
      const from = (outer.source as Node).value as string
      for (const s of nodes(outer.specifiers)) {
        const name =
          s.type === 'ImportSpecifier'
            ? nameOf(s.imported as Node)
            : s.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*'
        imports.set(nameOf(s.local as Node), { from, name })
      }
      continue
    }
    const inner = outer.type === 'ExportNamedDeclaration' ? (outer.declaration as Node | null) : outer
    if (!inner) {
      if (!outer.source)
        for (const s of nodes(outer.specifiers)) exports.set(nameOf(s.local as Node), nameOf(s.exported as Node))
      continue
    }
    if (inner !== outer) for (const name of namesDeclared(inner)) exports.set(name, name)
    if (inner.type === 'VariableDeclaration') {
      if (inner.kind !== 'const') for (const name of namesDeclared(inner)) variables.add(name)
      for (const d of nodes(inner.declarations)) for (const r of referencesIn(d.id as Node)) declared.add(r.start)
    }
    statements.push({ outer, inner })
  }
  const references = body
    .filter((s) => s.type !== 'ImportDeclaration' && !(s.type === 'ExportNamedDeclaration' && s.source))
    .flatMap(referencesIn)
    .filter((r) => !declared.has(r.start))
  check(source, references)
  const module: Module = { ...source, imports, exports, variables, references, units: [] }
  if (!source.idle) return module
  let before = 0
  for (const { outer, inner } of statements) {
    const restarts = /@restartable\b/.test(source.typed.slice(before, outer.start))
    const pieces = [...unitsOf(module, outer, inner, restarts || fileRestarts(source)), ...liftsOf(module, outer)]
    module.units.push(...pieces.filter((u) => u.name !== undefined || !isSmall(u.code)))
    before = outer.end
  }
  return module
}

/** Characters below which a stub is no smaller. */
const SMALL = 45
const isSmall = (code: string): boolean => code.replace(/\s+/g, ' ').length < SMALL

/** What stays of a function, its parameters being $a: it waits for the code and goes on there, or says that it is missing. */
const goOn = (waits: boolean, key: string, f: Node): string => {
  const self = some(f, (n) => n.type === 'ThisExpression') ? ',this' : ''
  return `{return ${waits ? 'yield*$run' : '$call'}("${key}",$a${self})}`
}

/** The pieces of a statement that never ran, and so may move. `restarts`: its functions may say that their code is missing. */
function unitsOf(home: Module, outer: Node, inner: Node, restarts: boolean): readonly Unit[] {
  const { typed, text, idle } = home
  const neverRan = (f: Node): boolean => idle?.has(rangeOf(f)) ?? false
  const writesVariables = (node: Node): boolean =>
    home.references.some((r) => r.assigned && r.start >= node.start && r.end <= node.end && home.variables.has(r.name))
  const units: Unit[] = []
  const throws = (waits: boolean): boolean => restarts && !waits
  /** A whole statement that declares one name. */
  const whole = (name: string, waits: boolean, stub?: Unit['stub']): void => {
    if (writesVariables(inner)) return
    const code = text.slice(inner.start, inner.end)
    const kept = isSmall(code) ? undefined : stub
    units.push({ home, start: outer.start, end: outer.end, code, name, stub: kept, throws: throws(waits) })
  }
  const said = outer === inner ? '' : 'export '
  let rest: Node | undefined = inner
  if (inner.type === 'FunctionDeclaration') {
    const name = nameOf(inner.id as Node)
    const waits = mayWait(typed, inner)
    const head = `${said}function${waits ? '*' : ''} ${name}(...$a)`
    if (neverRan(inner)) whole(name, waits, waits || restarts ? (key) => head + goOn(waits, key, inner) : undefined)
    rest = undefined
  } else if (inner.type === 'ClassDeclaration') {
    const members = nodes((inner.body as Node).body)
    const methods = members.filter((m) => m.type === 'MethodDefinition')
    const plain =
      members.every((m) => !m.static || m.type === 'MethodDefinition') &&
      (!inner.superClass || isPure(inner.superClass as Node, home.variables))
    const unused = methods.length > 0 && methods.every((m) => neverRan({ ...m, end: (m.value as Node).end }))
    if (plain && unused) {
      whole(nameOf(inner.id as Node), true)
      rest = undefined
    }
  } else if (inner.type === 'VariableDeclaration' && inner.kind === 'const' && nodes(inner.declarations).length === 1) {
    const [d] = nodes(inner.declarations) as [Node]
    const init = d.init as Node
    const name = namesBound(d.id as Node)[0] as string
    const simple = (d.id as Node).type === 'Identifier'
    if (simple && isFunction(init)) {
      const waits = mayWait(typed, init)
      const head = `${said}const ${name}=function${waits ? '*' : ''}(...$a)`
      if (neverRan(init))
        whole(name, waits, waits || restarts ? (key) => `${head}${goOn(waits, key, init)};` : undefined)
      rest = undefined
    } else if (simple && isPure(init, home.variables)) whole(name, true)
  }
  /** Functions among what the statement evaluates. */
  const nested = (node: Node): void => {
    const method =
      (node.type === 'Property' && node.method) ||
      (node.type === 'MethodDefinition' && node.kind === 'method' && !node.static)
    const f = method ? (node.value as Node) : node
    if (!isFunction(f)) {
      for (const child of childrenOf(node)) nested(child)
      return
    }
    const waits = mayWait(typed, f)
    const restartable = restarts || saysRestartable(typed, node.start)
    const able = waits || (restartable && !f.generator)
    if (
      !able ||
      !neverRan(method ? { ...node, end: f.end } : f) ||
      needsClass(f) ||
      node.computed ||
      writesVariables(f)
    )
      return
    const star = waits ? '*' : ''
    const head = method ? star + text.slice((node.key as Node).start, (node.key as Node).end) : `function${star}`
    const arrow = f.type === 'ArrowFunctionExpression'
    const from = method ? f.start : ((f.id as Node | null)?.end ?? f.start)
    const code = arrow ? text.slice(f.start, f.end) : `function${star}${text.slice(text.indexOf('(', from), f.end)}`
    const stub = (key: string): string =>
      arrow ? `(...$a)=>$call("${key}",$a)` : `${head}(...$a)${goOn(waits, key, f)}`
    units.push({ home, start: node.start, end: node.end, code, name: undefined, stub, throws: !waits })
  }
  if (rest) nested(rest)
  return units
}

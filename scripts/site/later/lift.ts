/**
 * Lifts what never ran out of functions that did: generators within them, and blocks of those that may wait. What they use of the
 * function around them becomes parameters, as by lambda lifting; that is right for names which nothing ever writes to. Pure.
 */
import { type Binding, bindingsIn, childrenOf, isFunction, type Node, referencesIn } from './scopes.ts'
import { type Module, mayWait, needsClass, some, type Unit } from './units.ts'

const targets = /^(Assignment|Update|ForIn|ForOf)/
/** Names that something below a node writes to. */
function writtenIn(node: Node, names = new Set<string>()): ReadonlySet<string> {
  const target = targets.test(node.type) ? ((node.left ?? node.argument) as Node) : undefined
  if (target && target.type !== 'VariableDeclaration') for (const r of referencesIn(target)) names.add(r.name)
  for (const child of childrenOf(node)) writtenIn(child, names)
  return names
}
/** Control leaves a statement only by its end, or only by return and throw. */
function exitOf(block: Node): 'end' | 'return' | undefined {
  const leaves = (node: Node, loop: boolean, choice: boolean): boolean => {
    if (isFunction(node)) return false
    if (node.type === 'LabeledStatement' || node.label) return true
    if (node.type === 'BreakStatement') return !choice
    if (node.type === 'ContinueStatement') return !loop
    const inLoop = loop || /^(For|While|DoWhile)/.test(node.type)
    return childrenOf(node).some((c) => leaves(c, inLoop, inLoop || choice || node.type === 'SwitchStatement'))
  }
  if (leaves(block, false, false)) return undefined
  const returns = (node: Node): boolean =>
    node.type === 'ReturnStatement' || (!isFunction(node) && childrenOf(node).some(returns))
  const last = block.type === 'BlockStatement' ? (block.body as readonly Node[]).at(-1) : block
  if (last?.type === 'ReturnStatement' || last?.type === 'ThrowStatement') return 'return'
  return returns(block) ? undefined : 'end'
}

/** A block, or the one statement that an if runs. */
const depends = (node: Node, parent: Node | undefined): boolean =>
  node.type === 'BlockStatement' ||
  (parent?.type === 'IfStatement' && node !== parent.test && /^(Return|Throw|Expression)/.test(node.type))

/** What can be lifted out of a statement of the top level. */
export function liftsOf(home: Module, statement: Node): readonly Unit[] {
  const { typed, text, idle } = home
  const ranges = [...(idle ?? [])].map((r) => r.split('-').map(Number) as [number, number])
  const neverRan = (node: Node): boolean => ranges.some(([start, end]) => start <= node.start && node.end <= end)
  const written = writtenIn(statement)
  /** An import can't be written to: what writes to the module's own variables stays. */
  const keepsState = (node: Node): boolean =>
    !home.references.some((r) => r.assigned && r.start >= node.start && r.end <= node.end && home.variables.has(r.name))
  const units: Unit[] = []

  /** Values of the functions around a node that it uses; undefined where they can't be handed over. */
  const captured = (node: Node, around: readonly Binding[], before: number): readonly string[] | undefined => {
    const names = new Set(referencesIn(node).map((r) => r.name))
    const local = new Map(around.map((b) => [b.name, b]))
    const used = [...names].flatMap((name) => local.get(name) ?? [])
    return used.every((b) => !written.has(b.name) && b.from <= before && b.name !== 'arguments')
      ? used.map((b) => b.name)
      : undefined
  }
  const unit = (node: Node, code: string, stub: (key: string) => string): void =>
    void units.push({ home, start: node.start, end: node.end, code, name: undefined, stub, throws: false })

  const visit = (node: Node, around: readonly Binding[], within: Node | undefined, parent: Node | undefined): void => {
    const method = node.type === 'Property' && node.method === true
    const f = method ? (node.value as Node) : node
    if (
      within &&
      isFunction(f) &&
      f.generator &&
      mayWait(typed, f) &&
      neverRan(node) &&
      !needsClass(f) &&
      keepsState(f) &&
      !node.computed
    ) {
      // Its values are looked up when it is called: whatever it uses is there by then.
      const used = captured(f, around, Number.POSITIVE_INFINITY)
      const id = f.id ? ` ${(f.id as Node).name as string}` : ''
      const head = method ? `*${text.slice((node.key as Node).start, (node.key as Node).end)}` : `function*${id}`
      const params = text.indexOf('(', method ? f.start : ((f.id as Node | null)?.end ?? f.start))
      if (used)
        unit(
          node,
          `(${used.join()})=>function*${text.slice(params, f.end)}`,
          (key) => `${head}(...$a){return yield*(yield*$later()).${key}(${used.join()}).apply(this,$a)}`,
        )
    }
    if (within && node !== within.body && depends(node, parent) && mayWait(typed, within) && neverRan(node)) {
      const used = captured(node, around, node.start)
      const exit = exitOf(node)
      if (used && exit && !needsClass(node) && keepsState(node)) {
        const own = some(node, (n) => n.type === 'ThisExpression')
        const args = [...(own ? ['this'] : []), ...used].join()
        unit(
          node,
          `function*(${used.join()}){${text.slice(node.start, node.end)}}`,
          (key) => `{${exit === 'return' ? 'return ' : ''}yield*(yield*$later()).${key}${own ? '.call' : ''}(${args})}`,
        )
      }
    }
    const inner = [...around, ...(bindingsIn(node) ?? [])]
    for (const child of childrenOf(node)) visit(child, inner, isFunction(node) ? node : within, node)
  }
  visit(statement, [], undefined, undefined)
  return units
}

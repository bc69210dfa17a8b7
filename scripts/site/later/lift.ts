/**
 * Lifts what never ran out of functions that did: generators within them, and statements of those that may wait. What they use of the
 * function around them becomes parameters, as by lambda lifting; that is right for names which nothing writes to meanwhile. Pure.
 */
import { type Binding, bindingsIn, childrenOf, isFunction, type Node, namesDeclared, referencesIn } from './scopes.ts'
import { type Module, mayWait, needsClass, some, type Unit } from './units.ts'

const targets = /^(Assignment|Update|ForIn|ForOf)/
/** A place that writes to a name, and the innermost function around it. */
interface Write {
  readonly name: string
  readonly at: number
  readonly within: Node | undefined
}
/** A name of the functions around a place. */
interface Local extends Binding {
  /** The function that each activation of which has one of its own. */
  readonly owner: Node | undefined
}
/** What is written to below a node. */
function writesIn(node: Node, within?: Node, found: Write[] = []): readonly Write[] {
  const target = targets.test(node.type) ? ((node.left ?? node.argument) as Node) : undefined
  if (target && target.type !== 'VariableDeclaration')
    for (const r of referencesIn(target)) found.push({ name: r.name, at: r.start, within })
  for (const child of childrenOf(node)) writesIn(child, isFunction(node) ? node : within, found)
  return found
}
/** Control leaves statements only by their end, or only by return and throw. */
function exitOf(list: readonly Node[]): 'end' | 'return' | undefined {
  const leaves = (node: Node, loop: boolean, choice: boolean): boolean => {
    if (isFunction(node)) return false
    if (node.type === 'LabeledStatement' || node.label) return true
    if (node.type === 'BreakStatement') return !choice
    if (node.type === 'ContinueStatement') return !loop
    const inLoop = loop || /^(For|While|DoWhile)/.test(node.type)
    return childrenOf(node).some((c) => leaves(c, inLoop, inLoop || choice || node.type === 'SwitchStatement'))
  }
  if (list.some((s) => leaves(s, false, false))) return undefined
  const returns = (node: Node): boolean =>
    node.type === 'ReturnStatement' || (!isFunction(node) && childrenOf(node).some(returns))
  const ends = (s: Node | undefined): boolean => {
    if (s?.type === 'BlockStatement') return ends((s.body as readonly Node[]).at(-1))
    if (s?.type === 'IfStatement') return ends(s.consequent as Node) && ends((s.alternate as Node | null) ?? undefined)
    return s?.type === 'ReturnStatement' || s?.type === 'ThrowStatement'
  }
  if (ends(list.at(-1))) return 'return'
  return list.some(returns) ? undefined : 'end'
}
/** Every name below a node, whatever it means. */
function identifiersIn(
  node: Node,
  found: { name: string; at: number }[] = [],
): readonly { name: string; at: number }[] {
  if (node.type === 'Identifier') found.push({ name: node.name as string, at: node.start })
  for (const child of childrenOf(node)) identifiersIn(child, found)
  return found
}
/** The statements that a node runs one after the other. */
function listOf(node: Node): readonly Node[] {
  if (node.type === 'BlockStatement') return node.body as readonly Node[]
  return node.type === 'SwitchCase' ? (node.consequent as readonly Node[]) : []
}

/** What an expression has for a value in some cases only. */
const chosen = (node: Node, parent: Node | undefined): boolean =>
  (parent?.type === 'ConditionalExpression' && node !== parent.test) ||
  (parent?.type === 'LogicalExpression' && node === parent.right)
/** A block, or the one statement that an if runs. */
const depends = (node: Node, parent: Node | undefined): boolean =>
  node.type === 'BlockStatement' ||
  (parent?.type === 'IfStatement' && node !== parent.test && /^(Return|Throw|Expression)/.test(node.type))

type Range = readonly [start: number, end: number]
/**
 * Ranges that never ran, as V8 tells them, but for what follows a branch with a yield: V8 counts from a yield to the next place that it
 * counts at, so that what comes after `a ? b : yield c` seems not to have run where c didn't.
 */
function idleRanges(statement: Node, idle: Iterable<string>): readonly Range[] {
  const branches: { readonly from: number; readonly start: number; readonly end: number }[] = []
  const yields = (node: Node): boolean =>
    node.type === 'YieldExpression' || (!isFunction(node) && childrenOf(node).some(yields))
  const visit = (node: Node, parent: Node | undefined): void => {
    if (parent && chosen(node, parent) && yields(node))
      branches.push({ from: parent.start, start: node.start, end: node.end })
    for (const child of childrenOf(node)) visit(child, node)
  }
  visit(statement, undefined)
  return [...idle]
    .map((r) => r.split('-').map(Number) as [number, number])
    .filter(([start, end]) => start < statement.end && statement.start < end)
    .map(([start, end]) => {
      const cut = branches.find((b) => b.from < start && start <= b.start && b.start < end && b.end < end)
      return [start, cut ? cut.end : end] as const
    })
}
const locals = (node: Node, owner: Node | undefined): readonly Local[] =>
  (bindingsIn(node) ?? []).map((b) => ({ ...b, owner }))

/** What can be lifted out of a statement of the top level. */
export function liftsOf(home: Module, statement: Node): readonly Unit[] {
  const { typed, text, idle } = home
  const ranges = idleRanges(statement, idle ?? [])
  const neverRan = (node: Node): boolean => ranges.some(([start, end]) => start <= node.start && node.end <= end)
  const writes = writesIn(statement)
  const written = new Set(writes.map((w) => w.name))
  /** An import can't be written to: what writes to the module's own variables stays. */
  const keepsState = (node: Node): boolean =>
    !home.references.some((r) => r.assigned && r.start >= node.start && r.end <= node.end && home.variables.has(r.name))
  const units: Unit[] = []

  /** Values of the functions around a node that it uses; undefined where they can't be handed over. */
  const captured = (
    list: readonly Node[],
    around: readonly Local[],
    before: number,
    within?: Node,
  ): readonly string[] | undefined => {
    const references = list.flatMap(referencesIn)
    const names = new Set(references.map((r) => r.name))
    for (const name of list.flatMap(namesDeclared)) names.delete(name)
    const local = new Map(around.map((b) => [b.name, b]))
    const used = [...names].flatMap((name) => local.get(name) ?? [])
    const inside = (at: number): boolean => list.some((s) => s.start <= at && at < s.end)
    /** While the function stands here, nobody writes to it, and nobody keeps it: its value will do. */
    const still = (b: Local): boolean =>
      within !== undefined &&
      b.owner === within &&
      writes.every(
        (w) => w.name !== b.name || w.at < within.start || w.at >= within.end || (w.within === within && !inside(w.at)),
      ) &&
      references.every((r) => r.name !== b.name || !r.within)
    return used.every((b) => (!written.has(b.name) || still(b)) && b.from <= before && b.name !== 'arguments')
      ? used.map((b) => b.name)
      : undefined
  }
  const unit = ({ start, end }: Pick<Node, 'start' | 'end'>, code: string, stub: (key: string) => string): void =>
    void units.push({ home, start, end, code, name: undefined, stub, throws: false })
  /** Statements one after the other that never ran, though what is around them did. */
  const lift = (list: readonly Node[], around: readonly Local[], within: Node, as: 'block' | 'row' | 'value'): void => {
    const [first, last] = [list[0], list.at(-1)]
    if (!first || !last) return
    const used = captured(list, around, first.start, within)
    const exit = as === 'value' ? 'end' : exitOf(list)
    if (!used || !exit || !list.every((s) => !needsClass(s) && keepsState(s))) return
    const own = list.some((s) => some(s, (n) => n.type === 'ThisExpression'))
    const args = [...(own ? ['this'] : []), ...used].join()
    const code = text.slice(first.start, last.end)
    unit(
      { start: first.start, end: last.end },
      `function*(${used.join()}){${as === 'value' ? `return (${code})` : code}}`,
      (key) => {
        const call = `yield*(yield*$later()).${key}${own ? '.call' : ''}(${args})`
        if (as === 'value') return `(${call})`
        return as === 'block'
          ? `{${exit === 'return' ? 'return ' : ''}${call}}`
          : `${exit === 'return' ? 'return ' : ''}${call};`
      },
    )
  }

  /** The longest rows of statements in a node's list that never ran; what they declare nobody else in `scope` names. */
  const idleRuns = (node: Node, scope: Node): readonly (readonly Node[])[] => {
    const runs: Node[][] = [[]]
    for (const s of listOf(node))
      if (neverRan(s) && !/^(FunctionDeclaration|ClassDeclaration|BreakStatement|ContinueStatement)$/.test(s.type))
        runs.at(-1)?.push(s)
      else runs.push([])
    return runs.filter((run) => {
      const names = new Set(run.flatMap(namesDeclared))
      const [from, to] = [run[0]?.start ?? 0, run.at(-1)?.end ?? 0]
      return (
        run.length > 0 &&
        (names.size === 0 || !identifiersIn(scope).some((i) => names.has(i.name) && !(from <= i.at && i.at < to)))
      )
    })
  }

  const visit = (node: Node, around: readonly Local[], within: Node | undefined, parent: Node | undefined): void => {
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
      const used = captured([f], around, Number.POSITIVE_INFINITY)
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
    if (within && mayWait(typed, within)) {
      if (node !== within.body && depends(node, parent) && neverRan(node)) lift([node], around, within, 'block')
      if (chosen(node, parent) && node.start >= (within.body as Node).start && neverRan(node))
        lift([node], around, within, 'value')
      if (!neverRan(node))
        for (const run of idleRuns(node, node.type === 'SwitchCase' ? (parent as Node) : node))
          lift(run, [...around, ...locals(node, within)], within, 'row')
    }
    const inner = [...around, ...locals(node, isFunction(node) ? node : within)]
    for (const child of childrenOf(node)) visit(child, inner, isFunction(node) ? node : within, node)
  }
  visit(statement, [], undefined, undefined)
  return units
}

/** What names a module's top level declares, and where code refers to them: ECMAScript's scopes over an ESTree. Pure. */

/** A node of ESTree; fields by their type's name in the specification (github.com/estree/estree). */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}
/** A place in the text that names something of the module's top level. */
export interface Reference {
  readonly name: string
  readonly start: number
  readonly end: number
  /** It is written to. */
  readonly assigned: boolean
  /** `{ name }`: to put something else there, the key must be repeated. */
  readonly shorthand: boolean
  /** It is what a call calls. */
  readonly called: boolean
  /** The innermost function around it. */
  readonly within: Node | undefined
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
/** The nodes right below one. */
export function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = []
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) children.push(...value.filter(isNode))
    else if (isNode(value)) children.push(value)
  }
  return children
}
export const isFunction = (node: Node): boolean =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'

/** The names that a pattern binds: of a declaration or a parameter. */
export function namesBound(pattern: Node): readonly string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name as string]
    case 'Property':
      return namesBound(pattern.value as Node)
    case 'AssignmentPattern':
      return namesBound(pattern.left as Node)
    case 'RestElement':
      return namesBound(pattern.argument as Node)
    case 'ObjectPattern':
      return (pattern.properties as readonly Node[]).flatMap(namesBound)
    case 'ArrayPattern':
      return (pattern.elements as readonly (Node | null)[]).flatMap((e) => (e ? namesBound(e) : []))
    default:
      return []
  }
}
/** What a statement declares in the scope around it. */
export function namesDeclared(statement: Node): readonly string[] {
  switch (statement.type) {
    case 'VariableDeclaration':
      return (statement.declarations as readonly Node[]).flatMap((d) => namesBound(d.id as Node))
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return [(statement.id as Node).name as string]
    default:
      return []
  }
}
/** A name that is new inside a node. */
export interface Binding {
  readonly name: string
  /** Where in the text it has its value from. */
  readonly from: number
}
/** What is new inside a node; undefined where it has no scope. */
export function bindingsIn(node: Node): readonly Binding[] | undefined {
  const always = (names: readonly string[]): readonly Binding[] => names.map((name) => ({ name, from: 0 }))
  const declared = (statements: readonly Node[]): readonly Binding[] =>
    statements.flatMap((s) =>
      namesDeclared(s).map((name) => ({ name, from: s.type === 'FunctionDeclaration' ? 0 : s.end })),
    )
  const list = (value: unknown): readonly Node[] => value as readonly Node[]
  if (isFunction(node)) {
    const id = node.type === 'FunctionExpression' ? (node.id as Node | null) : null
    return always([...(id ? [id.name as string] : []), ...list(node.params).flatMap(namesBound), 'arguments'])
  }
  switch (node.type) {
    case 'BlockStatement':
    case 'StaticBlock':
      return declared(list(node.body))
    case 'SwitchStatement':
      return declared(list(node.cases).flatMap((c) => list(c.consequent)))
    case 'ForStatement':
      return isNode(node.init) ? declared([node.init]) : undefined
    case 'ForInStatement':
    case 'ForOfStatement':
      return always(namesDeclared(node.left as Node))
    case 'CatchClause':
      return isNode(node.param) ? always(namesBound(node.param)) : undefined
    case 'ClassExpression':
      return isNode(node.id) ? always([node.id.name as string]) : undefined
    default:
      return undefined
  }
}

/** Every place below a node that names something which isn't declared between it and the node. */
export function referencesIn(root: Node): readonly Reference[] {
  const found: Reference[] = []
  const scopes: ReadonlySet<string>[] = []
  const refer = (node: Node, within: Node | undefined, how: Partial<Reference> = {}): void => {
    const name = node.name as string
    if (scopes.some((scope) => scope.has(name))) return
    found.push({
      name,
      start: node.start,
      end: node.end,
      assigned: false,
      shorthand: false,
      called: false,
      within,
      ...how,
    })
  }
  const visit = (
    node: Node,
    within: Node | undefined,
    parent: Node | undefined,
    key: string,
    written: boolean,
  ): void => {
    if (node.type === 'Identifier') {
      const called = (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') && key === 'callee'
      refer(node, within, { assigned: written, called })
      return
    }
    const scope = bindingsIn(node)
    if (scope) scopes.push(new Set(scope.map((b) => b.name)))
    const inner = isFunction(node) ? node : within
    for (const [field, value] of Object.entries(node)) {
      // Names that aren't references: of members, keys, labels and of what is declared.
      if (field === 'property' && node.type === 'MemberExpression' && !node.computed) continue
      if (field === 'key' && !node.computed) continue
      if (field === 'label' || (field === 'id' && node.type !== 'VariableDeclarator')) continue
      if (
        field === 'value' &&
        node.type === 'Property' &&
        node.shorthand &&
        isNode(value) &&
        value.type === 'Identifier'
      ) {
        refer(value, inner, { shorthand: true, assigned: written })
        continue
      }
      const target =
        (field === 'left' && /^(Assignment|ForIn|ForOf)/.test(node.type)) || node.type === 'UpdateExpression'
      for (const child of Array.isArray(value) ? value : [value])
        if (isNode(child)) visit(child, inner, node, field, target || (written && !isFunction(node)))
    }
    if (scope) scopes.pop()
  }
  visit(root, undefined, undefined, '', false)
  return found
}

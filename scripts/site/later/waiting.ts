/**
 * Plain functions that only programs call, and that hold much which never ran, become generators, as by a selective transformation to
 * continuation-passing style: then they may wait, and what never ran in them can be put aside too. Pure.
 */
import { posix } from 'node:path'
import { childrenOf, type Node, namesDeclared, referencesIn } from './scopes.ts'
import { programOf } from './sources.ts'
import { mayWait, nameOf, nodes, type Source } from './units.ts'

/** Characters that must have never run in a function for it to be worth it. */
const WORTH = 150

interface Call {
  readonly path: string
  readonly node: Node
  /** It is a statement of its own. */
  readonly alone: boolean
  /** The function that calls. */
  readonly within: Node
}
interface Candidate {
  readonly path: string
  readonly f: Node
  readonly calls: Call[]
  /** Characters of its own that never ran. */
  readonly never: number
  /** All who name it call it, and may wait. */
  able: boolean
  /** It is worth it, or what it calls is. */
  wanted: boolean
}
interface Edit {
  readonly at: number
  readonly text: string
}

/** The sources with those functions as generators, and their calls as delegations. */
export function waitingSources(sources: readonly Source[]): readonly Source[] {
  const candidates = candidatesIn(sources)
  for (const s of sources) for (const reference of namedIn(s, candidates)) reference()
  const generators = new Map([...candidates.values()].map((c) => [c.f, c]))
  const modules = new Map(sources.map((s) => [s.path, s]))
  for (let changed = true; changed; ) {
    changed = false
    for (const c of candidates.values())
      if (
        c.able &&
        !c.calls.every(
          ({ path, within }) => generators.get(within)?.able || mayWait((modules.get(path) as Source).typed, within),
        )
      ) {
        c.able = false
        changed = true
      }
  }
  const want = (c: Candidate): void => {
    if (c.wanted) return
    c.wanted = true
    for (const { within } of c.calls) {
      const above = generators.get(within)
      if (above) want(above)
    }
  }
  for (const c of candidates.values()) if (c.able && c.never >= WORTH) want(c)
  const edits = new Map<string, Edit[]>()
  const edit = (path: string, at: number, text: string): void =>
    void (edits.get(path) ?? edits.set(path, []).get(path))?.push({ at, text })
  const heads = new Map<string, (readonly [number, number])[]>()
  for (const c of candidates.values()) {
    if (!c.wanted) continue
    edit(c.path, c.f.start + 'function'.length, '*')
    const head = [(nodes(c.f.params).at(-1) ?? (c.f.id as Node)).end, (c.f.body as Node).start] as const
    heads.set(c.path, [...(heads.get(c.path) ?? []), head])
    for (const { path, node, alone } of c.calls) {
      edit(path, node.start, alone ? 'yield*' : '(yield*')
      if (!alone) edit(path, node.end, ')')
    }
  }
  return sources.map((s) => (edits.has(s.path) ? edited(s, edits.get(s.path) ?? [], heads.get(s.path) ?? []) : s))
}

/** Plain functions of what is needed at first, by path and name. */
function candidatesIn(sources: readonly Source[]): Map<string, Candidate> {
  const found = new Map<string, Candidate>()
  for (const { path, program, text, idle, known } of sources) {
    if (!idle || /\/base\//.test(path)) continue
    const ranges = [...idle].map((r) => r.split('-').map(Number) as [number, number])
    for (const s of nodes(program.body)) {
      const f = s.type === 'ExportNamedDeclaration' ? (s.declaration as Node | null) : s
      if (f?.type !== 'FunctionDeclaration' || f.generator || (known && f !== s)) continue
      const body = f.body as Node
      if (idle.has(`${f.start}-${f.end}`)) continue
      const inner = ranges.filter(([start, end]) => body.start < start && end <= body.end)
      const never = inner.reduce((n, [start, end]) => n + text.slice(start, end).replace(/\s+/g, ' ').length, 0)
      if (usesItself(body)) continue
      found.set(`${path} ${nameOf(f.id as Node)}`, { path, f, calls: [], never, able: true, wanted: false })
    }
  }
  return found
}
/** It names what a call gives it beside its parameters. */
const usesItself = (node: Node): boolean =>
  node.type === 'ThisExpression' ||
  (node.type === 'Identifier' && node.name === 'arguments') ||
  childrenOf(node).some(usesItself)

/** For each place where a module names a candidate, what notes it: a call, or something else, after which it must stay as it is. */
function* namedIn(source: Source, candidates: ReadonlyMap<string, Candidate>): Generator<() => void> {
  const { path, program } = source
  const named = new Map<string, Candidate>()
  const refuse = (c: Candidate | undefined): void => {
    if (c) c.able = false
  }
  const all = (from: string): readonly Candidate[] => [...candidates.values()].filter((c) => c.path === from)
  for (const s of nodes(program.body)) {
    if (s.source) {
      const from = nameOf(s.source as Node)
      const to = from.startsWith('.') ? posix.join(posix.dirname(path), from) : from
      // Whoever hands on a module's names may give them others.
      if (s.type !== 'ImportDeclaration') yield () => all(to).forEach(refuse)
      else
        for (const x of nodes(s.specifiers)) {
          const c = x.type === 'ImportSpecifier' ? candidates.get(`${to} ${nameOf(x.imported as Node)}`) : undefined
          if (c) named.set(nameOf(x.local as Node), c)
          if (x.type === 'ImportNamespaceSpecifier') yield () => all(to).forEach(refuse)
        }
    }
    for (const name of namesDeclared((s.type === 'ExportNamedDeclaration' ? (s.declaration as Node | null) : s) ?? s)) {
      const c = candidates.get(`${path} ${name}`)
      if (c) named.set(name, c)
    }
  }
  if (named.size === 0) return
  const calls = new Map<number, Node>()
  /** Where statements begin that are expressions: a parenthesis there would go on with the line before. */
  const begin = new Map<number, Node>()
  const visit = (node: Node): void => {
    if (node.type === 'ExpressionStatement') begin.set(node.start, node.expression as Node)
    if (node.type === 'CallExpression' && (node.callee as Node).type === 'Identifier' && !node.optional)
      calls.set((node.callee as Node).start, node)
    for (const child of childrenOf(node)) visit(child)
  }
  visit(program)
  for (const statement of nodes(program.body)) {
    if (statement.type === 'ImportDeclaration') continue
    for (const r of referencesIn(statement)) {
      const c = named.get(r.name)
      const node = calls.get(r.start)
      if (!c) continue
      const { within } = r
      const statement = node && begin.get(node.start)
      if (!node || !within || r.start < (within.body as Node).start || (statement && statement !== node))
        yield () => refuse(c)
      else yield () => void c.calls.push({ path, node, within, alone: statement !== undefined })
    }
  }
}

/** A source with insertions, what never ran where it is now; the heads of its new generators no longer say what they answer. */
function edited(source: Source, edits: readonly Edit[], heads: readonly (readonly [number, number])[]): Source {
  // At one place what ends comes before what begins.
  const sorted = [...edits].sort((a, b) => a.at - b.at || (a.text === ')' ? 0 : 1) - (b.text === ')' ? 0 : 1))
  const apply = (text: string): string => {
    let out = ''
    let at = 0
    for (const e of sorted) {
      out += text.slice(at, e.at) + e.text
      at = e.at
    }
    return out + text.slice(at)
  }
  /** Where a place is now: after what closes there, before what opens. */
  const moved = (place: number): number =>
    sorted.reduce((n, e) => (e.at < place || (e.at === place && e.text === ')') ? n + e.text.length : n), place)
  const silent = heads.reduce(
    (typed, [from, to]) => typed.slice(0, from) + source.text.slice(from, to) + typed.slice(to),
    source.typed,
  )
  const text = apply(source.text)
  return {
    ...source,
    changed: true,
    typed: apply(silent),
    text,
    program: programOf(source.path, text),
    idle:
      source.idle &&
      new Set(
        [...source.idle].map((r) =>
          r
            .split('-')
            .map((place) => moved(Number(place)))
            .join('-'),
        ),
      ),
  }
}

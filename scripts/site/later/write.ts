/** The texts of split modules. Pure. */
import { type Node, namesDeclared, type Reference } from './scopes.ts'
import { type Module, nodes, type Unit } from './units.ts'

export interface Split {
  /** Texts of the modules that changed, by path. */
  readonly hot: ReadonlyMap<string, string>
  /** What was moved out of a module, by its path. */
  readonly later: ReadonlyMap<string, string>
  /** The module that has whatever stubs ask for. */
  readonly table: string
}
/** How split modules name each other. */
export interface Names {
  /** The specifier of what was moved out of a module. */
  later(path: string): string
  /**
   * The module that exports `later`, which waits for the table and answers it, and two that call one of its functions: `run`, which
   * waits, and `call`, which throws where the table isn't there.
   */
  readonly runtime: string
}

/** How names and moved units relate. */
export interface Relations {
  /** The path that a specifier means. */
  resolve(m: Module, from: string): string
  /** The module and the name there that a name means; undefined where it isn't among the modules. */
  meaning(m: Module, name: string): { readonly m: Module; readonly name: string } | undefined
  /** What moves of this name. */
  unitOf(m: Module, name: string): Unit | undefined
  /** What moves with this place in it. */
  around(m: Module, at: number): Unit | undefined
  /** It is a call that can wait for what it calls. */
  canWait(m: Module, r: Reference): boolean
}

/** The texts of the split modules. */
export function write(
  modules: ReadonlyMap<string, Module>,
  moved: ReadonlySet<Unit>,
  specifiers: Names,
  by: Relations,
): Split {
  const { unitOf, around } = by
  const keys = new Map<Unit, string>()
  const keyOf = (u: Unit): string => {
    const key = keys.get(u) ?? `$${keys.size.toString(36)}`
    keys.set(u, key)
    return key
  }
  /** What moved code needs from where it was, by path. */
  const needed = new Map<string, Set<string>>()
  const need = (m: Module, name: string): void =>
    void (needed.get(m.path) ?? needed.set(m.path, new Set()).get(m.path))?.add(name)
  const importing = (what: string, as: string, from: string): string =>
    `import {${what === as ? as : `${what} as ${as}`}} from ${JSON.stringify(from)}\n`
  /** Import lines for these names of a module's, from wherever they are now. */
  const importsOf = (m: Module, used: ReadonlySet<string>, moveStubs: boolean): string => {
    let out = ''
    for (const [name, i] of m.imports) {
      if (!used.has(name)) continue
      const path = by.resolve(m, i.from)
      const what = by.meaning(m, name)
      const unit = what && unitOf(what.m, what.name)
      if (unit && what && (!unit.stub || moveStubs)) out += importing(what.name, name, specifiers.later(what.m.path))
      else if (i.name === '*') out += `import * as ${name} from ${JSON.stringify(path)}\n`
      else out += importing(i.name, name, path)
    }
    return out
  }

  const later = new Map<string, string>()
  for (const m of modules.values()) {
    const units = m.units.filter((u) => moved.has(u))
    if (units.length === 0) continue
    const used = new Set(m.references.filter((r) => around(m, r.start)).map((r) => r.name))
    let text = importsOf(m, used, true)
    const own: string[] = []
    const tops = new Set(
      nodes(m.program.body).flatMap((s) =>
        namesDeclared((s.type === 'ExportNamedDeclaration' ? (s.declaration as Node | null) : s) ?? s),
      ),
    )
    for (const name of used)
      if (!m.imports.has(name) && tops.has(name) && !unitOf(m, name)) {
        need(m, name)
        own.push(name)
      }
    if (own.length > 0)
      text += `import {${own.map((n) => (m.exports.has(n) && m.exports.get(n) !== n ? `${m.exports.get(n)} as ${n}` : n)).join()}} from ${JSON.stringify(m.path)}\n`
    for (const u of units) text += `export ${u.name === undefined ? `const ${keyOf(u)}=` : ''}${u.code};\n`
    later.set(m.path, text)
  }

  const hot = new Map<string, string>()
  for (const m of modules.values()) {
    const units = m.units.filter((u) => moved.has(u))
    const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
    for (const u of units) edits.push({ start: u.start, end: u.end, text: u.stub ? u.stub(keyOf(u)) : '' })
    const used = new Set<string>()
    let waits = units.some((u) => u.stub)
    for (const r of m.references) {
      if (around(m, r.start)) continue
      const what = by.meaning(m, r.name)
      const unit = what && unitOf(what.m, what.name)
      if (m.idle && unit && (unit.throws && unit.stub ? by.canWait(m, r) : !unit.stub)) {
        edits.push({ start: r.start, end: r.end, text: `(yield*$later()).${keyOf(unit)}` })
        waits = true
      } else used.add(r.name)
    }
    const touched = [...m.imports.keys()].some((name) => {
      const what = by.meaning(m, name)
      return what && unitOf(what.m, what.name)
    })
    const extra = [...(needed.get(m.path) ?? [])].filter((name) => !m.exports.has(name))
    if (edits.length === 0 && extra.length === 0 && !touched && !m.changed) continue
    for (const s of nodes(m.program.body))
      if (s.type === 'ImportDeclaration') {
        // An import without names is there for what the module does.
        const bare = /^import\s*['"]/.test(m.typed.slice(s.start, s.end))
        const path = by.resolve(m, (s.source as Node).value as string)
        edits.push({ start: s.start, end: s.end, text: bare ? `import ${JSON.stringify(path)}\n` : '' })
      }
    let text = m.text
    for (const e of edits.sort((a, b) => b.start - a.start)) text = text.slice(0, e.start) + e.text + text.slice(e.end)
    const runtime = ['later', 'run', 'call'].map((name) => importing(name, `$${name}`, specifiers.runtime)).join('')
    const head = importsOf(m, used, false) + (waits ? runtime : '')
    hot.set(m.path, head + text + (extra.length > 0 ? `\nexport {${extra.join()}}\n` : ''))
  }

  let table = ''
  for (const [u, key] of keys)
    table += `export {${u.name === undefined ? key : `${u.name} as ${key}`}} from ${JSON.stringify(specifiers.later(u.home.path))}\n`
  return { hot, later, table }
}

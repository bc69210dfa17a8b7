/**
 * Splits modules into what runs at first and what comes later, function by function, as Doloto does ("Doloto: Code Splitting for
 * Network-Bound Web 2.0 Applications", Livshits and Kiciman, FSE 2008): functions that a profile never saw running move into a second
 * module, and what may wait for code, which every program of the emulator may, fetches it where it first calls one of them. Pure.
 *
 * What moves:
 * - generator functions of programs and system calls (Run<T>): a stub stays, which waits for the code and goes on there;
 * - functions, classes and constants that only moved code names, or that programs call directly: those calls wait instead;
 * - functions under a comment with @restartable: what calls them begins again when they say that their code is missing.
 * What a module's state is never moves, nor does anything that code names which can't wait.
 */
import { posix } from 'node:path'
import type { Node } from './scopes.ts'
import { type Module, mayWait, moduleOf, nameOf, nodes, type Source, type Unit } from './units.ts'
import { type Names, type Relations, type Split, write } from './write.ts'

export function split(sources: readonly Source[], names: Names): Split {
  const modules = new Map(sources.map((s) => [s.path, moduleOf(s)]))
  const resolve = (m: Module, from: string): string =>
    from.startsWith('.') ? posix.join(posix.dirname(m.path), from) : from
  const meaning: Relations['meaning'] = (m, name) => {
    const i = m.imports.get(name)
    if (!i) return { m, name }
    const target = modules.get(resolve(m, i.from))
    const local = target && [...target.exports].find(([, exported]) => exported === i.name)?.[0]
    return local === undefined ? undefined : { m: target as Module, name: local }
  }

  const moved = new Set<Unit>()
  for (const m of modules.values()) for (const u of m.units) moved.add(u)
  const relations: Relations = {
    resolve,
    meaning,
    unitOf: (m, name) => m.units.find((u) => u.name === name && moved.has(u)),
    around: (m, at) => m.units.find((u) => moved.has(u) && u.start <= at && at < u.end),
    canWait: (m, r) =>
      r.called && r.within !== undefined && mayWait(m.typed, r.within) && r.start > (r.within.body as Node).start,
  }
  const { unitOf, around, canWait } = relations

  // Whatever stays and names something that moves takes it back, until nothing more comes back.
  for (let changed = true; changed; ) {
    changed = false
    const keep = (u: Unit | undefined): void => {
      if (u && !u.stub && moved.delete(u)) changed = true
    }
    for (const m of modules.values()) {
      if (m.known) for (const local of m.exports.keys()) keep(unitOf(m, local))
      for (const [, i] of m.imports) {
        const target = modules.get(resolve(m, i.from))
        if (i.name === '*' && target) for (const local of target.exports.keys()) keep(unitOf(target, local))
      }
      for (const statement of nodes(m.program.body)) {
        if (!/^Export(Named|All)/.test(statement.type) || !statement.source) continue
        const target = modules.get(resolve(m, nameOf(statement.source as Node)))
        if (target) for (const local of target.exports.keys()) keep(unitOf(target, local))
      }
      // Modules that nothing at first needs name moved code where it is.
      if (!m.idle) continue
      for (const r of m.references) {
        if (canWait(m, r) || around(m, r.start)) continue
        const what = meaning(m, r.name)
        if (what) keep(unitOf(what.m, what.name))
      }
    }
  }
  // A unit inside another one moves with it.
  for (const u of moved)
    if (u.home.units.some((o) => o !== u && moved.has(o) && o.start <= u.start && u.end <= o.end)) moved.delete(u)

  return write(modules, moved, names, relations)
}

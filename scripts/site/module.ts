/** ES modules of the build as classic scripts for loader.js. Pure. */

import { posix } from 'node:path'
import { init, parse } from 'es-module-lexer'
import { transformSync } from 'esbuild'
import { minifySync, parseSync } from 'rolldown/utils'
import { type Node, namesBound, referencesIn } from './later/scopes.ts'

export interface ClassicModule {
  readonly code: string
  /** Names of modules that must be there before this one runs. */
  readonly needs: readonly string[]
  /** What an export is called now, by the name that it had: a module's own names are the shortest. */
  readonly exports: ReadonlyMap<string, string>
}
/** How modules name each other's exports. */
export interface Naming {
  /** What another module's export is called now. */
  readonly called: (module: string, name: string) => string
  /** Names that an export must keep. */
  readonly kept: ReadonlySet<string>
}
const LOAD = '__zukan_load'
const URL_OF = '__zukan_url'
const BOX = '__zukan_box'

await init

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}
const edited = (text: string, edits: readonly Edit[]): string =>
  // From the end, so that offsets stay right.
  [...edits].sort((a, b) => b.start - a.start).reduce((t, e) => t.slice(0, e.start) + e.text + t.slice(e.end), text)
const nodes = (value: unknown): readonly Node[] => value as readonly Node[]
const nameOf = (node: unknown): string => ((node as Node).name ?? (node as Node).value) as string

/** Names that a module may read from what its import()s get: as members, in patterns, or as texts. */
export const namesRead = (source: string): ReadonlySet<string> => new Set(source.match(/[\w$]+/g))
/** Modules that a module names, as paths below the loader's folder: by import, and by import(). */
export function namedModules(
  source: string,
  name: string,
): { readonly needs: readonly string[]; readonly later: readonly string[] } {
  const named = parse(source)[0].flatMap(({ n, d }) =>
    n === undefined || d < -1 ? [] : [{ to: posix.join(posix.dirname(name), n), later: d >= 0 }],
  )
  const of = (later: boolean): readonly string[] => [...new Set(named.flatMap((m) => (m.later === later ? m.to : [])))]
  return { needs: of(false), later: of(true) }
}

/** The exports of a module that ends with what it exports, as an object's literal; undefined where it exports otherwise. */
function exportsOf(program: Node): { readonly edits: readonly Edit[]; readonly literal: string } | undefined {
  const body = nodes(program.body)
  const stated = body.filter((s) => s.type.startsWith('Export'))
  if (stated.some((s) => s.type !== 'ExportNamedDeclaration' || s.source || s.declaration)) return undefined
  const changing = new Set(body.flatMap(referencesIn).flatMap((r) => (r.assigned ? r.name : [])))
  // A declaration's own names are no writing.
  const constant = new Set(
    body.flatMap((s) =>
      s.type === 'VariableDeclaration' && s.kind === 'const'
        ? nodes(s.declarations).flatMap((d) => namesBound(d.id as Node))
        : [],
    ),
  )
  const imported = new Set(
    body.flatMap((s) => (s.type === 'ImportDeclaration' ? nodes(s.specifiers).map((x) => nameOf(x.local)) : [])),
  )
  const members = stated.flatMap((s) =>
    nodes(s.specifiers).map((x) => {
      const [key, local] = [JSON.stringify(nameOf(x.exported)), nameOf(x.local)]
      const may = (changing.has(local) && !constant.has(local)) || imported.has(local)
      return may ? `get ${key}(){return ${local}}` : `${key}:${local}`
    }),
  )
  if (stated.some((s) => nodes(s.specifiers).some((x) => nameOf(x.exported) === 'default')))
    members.push('__esModule:true')
  return {
    edits: stated.map(({ start, end }) => ({ start, end, text: '' })),
    literal: members.length > 0 ? `\n${BOX}.exports={${members.join()}};` : '',
  }
}

/** Calls exports what they are called inside, where that is shorter and nobody minds: `{a:b}` becomes `{b}`. */
function shortened(
  code: string,
  kept: ReadonlySet<string>,
): { readonly code: string; readonly exports: ReadonlyMap<string, string> } {
  const exports = new Map<string, string>()
  const program = parseSync('a.js', code).program as unknown as Node
  const call = (nodes(program.body)[0] as Node).expression as Node
  const body = nodes((((call.arguments as Node[]).at(-1) as Node).body as Node).body)
  const box = nameOf(nodes(((call.arguments as Node[]).at(-1) as Node).params)[1])
  const found: Node[] = []
  const visit = (node: Node): void => {
    if (node.type === 'SequenceExpression') for (const e of nodes(node.expressions)) visit(e)
    if (node.type !== 'AssignmentExpression') return
    const left = node.left as Node
    const right = node.right as Node
    if (left.type !== 'MemberExpression' || nameOf(left.object) !== box || right.type !== 'ObjectExpression') return
    found.push(right)
  }
  for (const s of body) if (s.type === 'ExpressionStatement') visit(s.expression as Node)
  const literal = found.at(-1)
  if (!literal) return { code, exports }
  const properties = nodes(literal.properties)
  const inner = (p: Node): string | undefined =>
    p.kind === 'init' && (p.value as Node).type === 'Identifier' ? nameOf(p.value) : undefined
  const fixed = new Set(
    properties.flatMap((p) => (inner(p) === undefined || kept.has(nameOf(p.key)) ? nameOf(p.key) : [])),
  )
  const taken = new Set<string>()
  for (let before = -1; before !== fixed.size; ) {
    before = fixed.size
    taken.clear()
    for (const p of properties) {
      const name = inner(p)
      if (name === undefined || fixed.has(nameOf(p.key))) continue
      if (fixed.has(name) || taken.has(name)) fixed.add(nameOf(p.key))
      taken.add(name)
    }
  }
  const texts = properties.map((p) => {
    const key = nameOf(p.key)
    if (fixed.has(key)) return code.slice(p.start, p.end)
    exports.set(key, inner(p) as string)
    return inner(p) as string
  })
  // Sorted, they compress best.
  return { code: edited(code, [{ ...literal, text: `{${texts.sort().join()}}` }]), exports }
}

/** `name` is the module's path below the loader's folder; names of others are resolved against it. */
export function classicModule(
  source: string,
  name: string,
  { called, kept }: Naming = { called: (_, key) => key, kept: new Set() },
): ClassicModule {
  const resolve = (specifier: string): string => posix.join(posix.dirname(name), specifier)
  const program = parseSync(name, source).program as unknown as Node
  const stated = exportsOf(program)
  const edits: Edit[] = [...(stated?.edits ?? [])]
  const needs = new Set<string>()
  for (const s of nodes(program.body)) {
    if (s.type !== 'ImportDeclaration') continue
    for (const x of nodes(s.specifiers)) {
      if (x.type !== 'ImportSpecifier') continue
      const now = called(resolve(nameOf(s.source)), nameOf(x.imported))
      edits.push({ start: x.start, end: x.end, text: `${now} as ${nameOf(x.local)}` })
    }
  }
  for (const { t: kind, n: specifier, s: start, e: end, ss: from, se: to, d: dynamic } of parse(source)[0]) {
    if (kind === 3) edits.push({ start, end, text: source.slice(start, end).replace('import.meta', URL_OF) })
    else if (dynamic >= 0) {
      if (specifier === undefined) throw new Error(`${name}: import() of something that isn't a plain string`)
      edits.push({ start: from, end: to, text: `${LOAD}(${JSON.stringify(resolve(specifier))})` })
    } else if (specifier !== undefined) {
      needs.add(resolve(specifier))
      edits.push({ start, end, text: source.slice(start, end).replace(specifier, resolve(specifier)) })
    }
  }
  const esm = edited(source, edits).replaceAll(`${URL_OF}.url`, URL_OF) + (stated?.literal ?? '')
  const { code } = transformSync(esm, { format: 'cjs', target: 'es2022', charset: 'utf8', legalComments: 'none' })
  const names = JSON.stringify([name, [...needs]]).slice(1, -1)
  const body = `zukan(${names},function(require,${stated ? BOX : 'module'},${LOAD},${URL_OF},fetch){"use strict";${code}})`
  // The bundle was minified; this is for what is new in it, and for names that esbuild made longer.
  const minified = minifySync(name, body, { module: false, compress: true, mangle: true })
  if (minified.errors.length > 0) throw new Error(`${name}: ${minified.errors[0]?.message}`)
  const short = stated ? shortened(minified.code, kept) : { code: minified.code, exports: new Map<string, string>() }
  return { ...short, code: `${short.code}\n`, needs: [...needs] }
}

/** A data file as a script that loader.js can take from file://. */
export const fileScript = (bytes: Uint8Array): string => `zukan.file("${Buffer.from(bytes).toString('base64')}")\n`

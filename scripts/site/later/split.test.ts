import { stripTypeScriptTypes } from 'node:module'
import { rolldown } from 'rolldown'
import { parseSync } from 'rolldown/utils'
import { expect, test } from 'vitest'
import { childrenOf, isFunction, type Node } from './scopes.ts'
import { split } from './split.ts'
import type { Source } from './units.ts'
import { waitingSources } from './waiting.ts'
import type { Split } from './write.ts'

/** Modules of /, of which the innermost functions and blocks with `idle` in their text never ran, nor what stands in brackets in comments. */
function sources(texts: Readonly<Record<string, string>>): readonly Source[] {
  return Object.entries(texts).map(([name, typed]) => {
    const text = stripTypeScriptTypes(typed)
    const program = parseSync('m.js', text).program as unknown as Node
    const idle = new Set<string>()
    const says = (node: Node): boolean => text.slice(node.start, node.end).includes('idle')
    /** Answers whether it or something below is marked. */
    const visit = (node: Node): boolean => {
      const method = (node.type === 'Property' && node.method) || node.type === 'MethodDefinition'
      const f = method ? (node.value as Node) : node
      const inner = isFunction(f) ? childrenOf(f.body as Node) : childrenOf(node)
      if (inner.map(visit).includes(true)) return true
      if (!(isFunction(f) || node.type === 'BlockStatement') || !says(node)) return false
      idle.add(`${node.start}-${node.end}`)
      return true
    }
    visit(program)
    for (const m of text.matchAll(/\/\*\[\*\/(.*?)\/\*\]\*\//gs)) idle.add(`${m.index}-${m.index + m[0].length}`)
    return { path: `/${name}.ts`, typed, text, program, idle, known: false }
  })
}
const divide = (texts: Readonly<Record<string, string>>): Split =>
  split(waitingSources(sources(texts)), { later: (path) => `later:${path}`, runtime: 'runtime' })
/** Pads a body, so that it is worth moving. */
const long = `// ${'x'.repeat(300)}\n`

/** Bundles the split modules and gives /main.ts. */
async function run<T>(texts: Readonly<Record<string, string>>): Promise<T> {
  const s = divide(texts)
  const runtime = `import * as table from 'later'
    let there = false
    export function* later() { if (!there) yield 'load'; there = true; return table }
    export function* run(key, args, self) { return yield* (yield* later())[key].apply(self, args) }
    export function call(key, args, self) {
      if (!there) { there = true; throw 'missing' }
      return table[key].apply(self, args)
    }`
  const bundle = await rolldown({
    input: '/main.ts',
    plugins: [
      {
        name: 'split',
        resolveId: (id, from) => (id.startsWith('./') && from ? `/${id.slice(2)}` : id),
        load(id) {
          if (id === 'runtime') return { code: runtime, moduleType: 'js' }
          if (id === 'later') return { code: s.table, moduleType: 'js' }
          const code = id.startsWith('later:') ? s.later.get(id.slice(6)) : s.hot.get(id)
          return { code: code ?? stripTypeScriptTypes(texts[id.slice(1, -3)] ?? ''), moduleType: 'js' }
        },
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'es' })
  return (await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)) as T
}
/** What a program answers, and how often it waited for code. */
function finish<T>(program: Generator<string, T, void>): readonly [T, number] {
  for (let waits = 0; ; waits++) {
    const step = program.next()
    if (step.done) return [step.value, waits]
  }
}
type Main = { readonly main: (...args: unknown[]) => Generator<string, unknown, void> }

test('a program that never ran waits for its code, and only then', async () => {
  const texts = {
    main: `import { rare, often } from './other.ts'
      export function* main(n: number): Run<number> { return n === 0 ? yield* often() : yield* rare(n, 1) }`,
    other: `let count = 0
      const step = 2
      export function* often(): Run<number> { return ++count }
      const helper = (n: number): number => /* idle */ n * step
      export function* rare(n: number, m: number): Run<number> { ${long} return helper(n) + m + count /* idle */ }`,
  }
  const s = divide(texts)
  expect(s.hot.get('/other.ts')).not.toMatch(/helper/)
  expect(s.later.get('/other.ts')).toMatch(/helper/)
  const { main } = await run<Main>(texts)
  expect(finish(main(0))).toEqual([1, 0])
  expect(finish(main(20))).toEqual([42, 1])
})
test('a program calls what moved, and constructs it, where it can wait; what can not wait keeps it', async () => {
  const texts = {
    main: `import { table, direct, kept } from './other.ts'
      import { Thing as T } from './thing.ts'
      export function* main(): Run<unknown> { return [direct(1), new T(2).value, kept(3), [3].map((n) => kept(n)), yield* table.run(4)] }`,
    other: `export function direct(n: number) { return n /* idle */ }
      export function kept(n: number) { return n /* idle */ }
      export const table = { factor: 10, *run(n: number) { ${long} return n * this.factor /* idle */ } }`,
    thing: `export class Thing { value: number
      constructor(value: number) { this.value = value /* idle */ } }`,
  }
  const s = divide(texts)
  expect(s.later.get('/other.ts')).toMatch(/function direct/)
  expect(s.later.get('/thing.ts')).toMatch(/class Thing/)
  expect(s.hot.get('/other.ts')).toMatch(/function kept/)
  const { main } = await run<Main>(texts)
  expect(finish(main())).toEqual([[1, 2, 3, [3], 40], 1])
})
test('state, iterators, private members and shadowed names stay right', async () => {
  const texts = {
    main: `import { turn, set, get } from './state.ts'
      export function* main(): Run<unknown> {
        const direct = (n: number) => n + 1
        set(7)
        return [get(), [...turn()], direct(1), yield* new Safe().open()]
      }
      function direct(n: number) { return n /* idle */ }
      class Safe { #n = 5;
        *open(): Run<number> { ${long} return this.#n /* idle */ } }
      export const all = () => [direct]`,
    state: `let n = 0
      export function set(to: number) { n = to /* idle */ }
      export function get() { return n /* idle */ }
      export function* turn(): Generator<number> { ${long} yield 1 /* idle */ }`,
  }
  const { main } = await run<Main>(texts)
  expect(finish(main())[0]).toEqual([7, [1], 2, 5])
})
test('the build stops at what the rules do not foresee', () => {
  expect(() => divide({ main: 'export const a = ($later: number) => $later' })).toThrow('/main.ts:1: $later')
  expect(() => divide({ main: 'export function f() {\n  var a = 1\n  return a }' })).toThrow('/main.ts:2: var')
  expect(() => divide({ main: 'export function F() { return new.target }' })).toThrow('new.target')
})
test("blocks that write to the module's variables stay", async () => {
  const texts = {
    main: `let count = 0
      export function* main(n: number): Run<unknown> {
        if (n === 1) { ${long} count = 5 /* idle */ }
        return count
      }`,
  }
  expect(divide(texts).hot.get('/main.ts') ?? texts.main).toMatch(/count = 5/)
  expect(finish((await run<Main>(texts)).main(1))[0]).toBe(5)
})
test('a module that is imported for what it does is imported still', async () => {
  const texts = {
    main: `import './effect.ts'
      import { seen, rare } from './other.ts'
      export function* main(): Run<unknown> { return [seen.join(), yield* rare()] }`,
    effect: `import { seen } from './other.ts'
      seen.push('effect')`,
    other: `export const seen: string[] = []
      export function* rare(): Run<number> { ${long} return 1 /* idle */ }`,
  }
  const { main } = await run<Main>(texts)
  expect(finish(main())[0]).toEqual(['effect', 1])
})
test('what may be begun again says that its code is missing', async () => {
  const texts = {
    main: `import { calls, direct } from './calls.ts'
      export function* main(): Run<unknown> { return [calls.often(), calls.rare(4), calls.arrow(5), direct(6)] }`,
    calls: `/** @restartable */
      export const calls = { often: () => 1,
        rare(n: number) { ${long} return n + this.often() /* idle */ },
        arrow: (n: number) => { ${long} return -n /* idle */ } }
      /** @restartable */
      export function direct(n: number) { ${long} return helper(n) /* idle */ }
      const helper = (n: number) => /* idle */ n * 2`,
  }
  const s = divide(texts)
  expect(s.hot.get('/calls.ts')).not.toMatch(/this.often|-n|helper/)
  const { main } = await run<Main>(texts)
  expect(() => finish(main())).toThrow('missing')
  // Begun again.
  expect(finish(main())).toEqual([[1, 5, -5, 12], 0])
})
test('generators and blocks leave the functions around them, with the values that they use', async () => {
  const texts = {
    main: `import { make } from './make.ts'
      export function* main(n: number): Run<unknown> { return yield* make(n) }`,
    make: `export function* make(n: number): Run<unknown> {
        const base = 10
        let written = 0
        for (const k of [1, 2]) {
          if (n === k) { ${long} return [base + k, this === undefined] /* idle */ }
          if (n === 5) { ${long} written = base /* idle */ }
          if (n === 6) { ${long} break /* idle */ }
        }
        const methods = { *act(a: number): Run<number> { ${long} return a + base + n /* idle */ } }
        if (n === 3) { ${long} return yield* methods.act(1) /* idle */ }
        return written
      }`,
  }
  const s = divide(texts)
  expect(s.hot.get('/make.ts')).toMatch(/written = base/)
  expect(s.hot.get('/make.ts')).toMatch(/break/)
  expect(s.hot.get('/make.ts')).not.toMatch(/base [+]/)
  const { main } = await run<Main>(texts)
  expect([0, 1, 2, 3, 5, 6].map((n) => finish(main(n))[0])).toEqual([0, [11, true], [12, true], 14, 10, 0])
})
test('rows of statements, cases and values leave a function, where nobody else writes to what they use meanwhile', async () => {
  const texts = {
    main: `export function* main(n: number): Run<unknown> {
        let at = 0
        let kept = 0
        let told = 0
        const later: (() => number)[] = []
        const tell = () => { told++ }
        at = n * 2
        switch (n) {
          case 0: return 'often'
          case 1: /*[*/${long} later.push(() => 1); return ['row', at, n]/*]*/
          case 2: /*[*/${long} kept = at; later.push(() => 2);/*]*/ break
          case 3: /*[*/${long} later.push(() => at); later.push(() => 3);/*]*/ break
          case 4: /*[*/${long} tell(); later.push(() => told);/*]*/ break
          case 5: /*[*/${long} const own = at; later.push(() => own, () => own + 1);/*]*/ break
          default: /*[*/${long} if (n > 6) return 'six'; else return own2(at)/*]*/
        }
        at = 100
        const value = n === 5 ? /*[*/own2(at) + own2(at) + own2(at) + own2(at) + own2(at)/*]*/ : n
        return [at, kept, told, value, later.map((f) => f())]
      }
      const own2 = (n: number) => n + 1`,
  }
  const hot = divide(texts).hot.get('/main.ts') ?? ''
  expect(hot).not.toMatch(/'row'|const own = |'six'|own2\(at\) [+]/)
  // What is written to, what is kept by a closure, and what a closure writes to.
  expect(hot).toMatch(/kept = at.*=> at\).*tell\(\)/s)
  const { main } = await run<Main>(texts)
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((n) => finish(main(n))[0])).toEqual([
    'often',
    ['row', 2, 1],
    [100, 4, 0, 2, [2]],
    [100, 0, 0, 3, [100, 3]],
    [100, 0, 1, 4, [1]],
    [100, 0, 0, 505, [10, 11]],
    13,
    'six',
  ])
})
test('plain functions that only programs call become programs where that puts much aside', async () => {
  const often =
    'if (n > 100) { /*[*/ const text = `never ${n} is so much that it was seen before, nor was it much more or less than that`; return text.repeat(3).slice(0, 9).padEnd(20, "-").trim() /*]*/ }'
  const texts = {
    main: `import { called, kept } from './other.ts'
      export function* main(n: number): Run<unknown> {
        const before = n
        called(n)
        if (called(n) === '') called(n)
        return [before, called(n), called(n + 1).length, [n].map((m) => kept(m)), through(called(n))]
      }
      function through(text: string): string { return called(text.length) + text }`,
    other: `export function called(n: number): string { ${often} return 'short' }
      export function kept(n: number): string { ${often} return 'short' }`,
  }
  const s = divide(texts)
  expect(s.hot.get('/other.ts')).toMatch(/function[*] called.*function kept/s)
  expect(s.hot.get('/main.ts')).toMatch(/function[*] through/)
  const { main } = await run<Main>(texts)
  expect(finish(main(1))[0]).toEqual([1, 'short', 5, ['short'], 'shortshort'])
  expect(finish(main(101))[0]).toEqual([
    101,
    'never 101-----------',
    20,
    ['never 101-----------'],
    'shortnever 101-----------',
  ])
})

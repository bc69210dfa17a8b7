import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { classicModules } from './classic.ts'

/** What the modules' classic scripts give, run as the site's loader runs them; and their texts. */
async function loaded(sources: Readonly<Record<string, string>>, first = 'a.js') {
  const texts = classicModules(new Map(Object.entries(sources)))
  type Body = (require: (name: string) => unknown, box: { exports: object }, load: unknown, url: string) => void
  const bodies = new Map<string, Body>()
  for (const { code } of texts.values())
    runInNewContext(code, { zukan: (name: string, _: unknown, body: Body) => bodies.set(name, body) })
  const known = new Map<string, object>()
  const run = (name: string): object => {
    const before = known.get(name)
    if (before) return before
    const exports = {}
    known.set(name, exports)
    const box = { exports }
    bodies.get(name)?.(run, box, async (n: string) => run(n), name)
    return Object.defineProperties(exports, Object.getOwnPropertyDescriptors(box.exports))
  }
  const exports = run(first) as Record<string, unknown>
  return { exports, texts: new Map([...texts].map(([name, { code }]) => [name, code])) }
}
const say = 'globalThis.said = globalThis.said ?? [];'

test('exports are called as they are inside, and importers ask for them so', async () => {
  const { exports, texts } = await loaded({
    'a.js': 'import{x as y,z}from"./b.js";function sum(){return y()+z.n}export{sum as result}',
    'b.js': 'function one(){return Math.max(1,0)}const two={n:2};two.m=one;export{one as x,two as z}',
  })
  expect(Object.values(exports).map((f) => (f as () => number)())).toEqual([3])
  expect(texts.get('b.js')).toMatch(/\.exports=\{\w,\w\}/)
})
test('what changes after its module ran is read when it is asked for', async () => {
  const { exports } = await loaded({
    'a.js': 'import{n,up}from"./b.js";function f(){up();up();return n}export{f}',
    'b.js': 'let n=0;function up(){n++}export{n,up}',
  })
  expect(Object.values(exports).map((f) => (f as () => number)())).toEqual([2])
})
test('names that an import() reads stay; default and namespace imports work', async () => {
  const { exports } = await loaded({
    'a.js':
      'import d,{x}from"./b.js";import*as all from"./b.js";async function f(){let m=await import("./b.js"),{x:y}=await import("./b.js"),k="x";return[d,x,all.x,all.default,m.x,y,m[k]].join()}export{f}',
    'b.js': 'const longer=JSON.parse("5"),other=JSON.parse("6");export{longer as x,other as default}',
  })
  const [f] = Object.values(exports)
  expect(await (f as () => Promise<string>)()).toBe('6,5,5,6,5,5,5')
})
test('modules that name each other, and what is handed on', async () => {
  const { exports } = await loaded({
    'a.js': 'import{b}from"./b.js";function a(n){return n>0?b(n-1):"a"}export{a as c,b as d}',
    'b.js': 'import{c as other}from"./a.js";function b(n){return n>0?other(n-1):"b"}export{b}',
  })
  const names = Object.values(exports).map((f) => (f as (n: number) => string)(3))
  expect(names.sort()).toEqual(['a', 'b'])
})
test('a name that is another export’s own is not taken twice', async () => {
  const { exports } = await loaded({
    'a.js': 'import{p,q,r}from"./b.js";const f=()=>[p,q,r].join();export{f}',
    'b.js': 'let[q,r,p]=JSON.parse("[1,2,3]");export{q as p,r as q,p as r}',
  })
  expect(Object.values(exports).map((f) => (f as () => string)())).toEqual(['1,2,3'])
})
test('other forms of exports are left to the transformation', async () => {
  const { exports } = await loaded({
    'a.js': `${say}export * from "./b.js"; export const own = 1; export default 2`,
    'b.js': 'export const x = JSON.parse("7")',
  })
  expect(exports).toMatchObject({ own: 1, x: 7, default: 2 })
})

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { remembering } from './compiled.ts'

const folder = mkdtempSync(join(tmpdir(), 'zukan-pages-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A processor that counts, as a new build would have it. */
function build(version: string) {
  const asked: string[] = []
  const processor = {
    createMdxRenderer: async () => ({
      process: async (content: string, path: string, _: unknown) => {
        asked.push(path)
        if (content === 'wrong') throw new Error(path)
        return { code: `${content}!` }
      },
    }),
  }
  return { asked, processor: remembering(processor, version, folder) }
}
const pages = async (b: ReturnType<typeof build>, ...given: readonly (readonly [string, string])[]) => {
  const renderer = await b.processor.createMdxRenderer()
  const out: string[] = []
  for (const [path, text] of given) out.push((await renderer.process(text, path, {})).code)
  return out
}

test('only pages whose text or surroundings changed are compiled again', async () => {
  await pages(build('1'), ['a', 'x'], ['b', 'y'])
  const again = build('1')
  expect(await pages(again, ['a', 'x'], ['b', 'z'])).toEqual(['x!', 'z!'])
  expect(again.asked).toEqual(['b'])
  const other = build('2')
  await pages(other, ['a', 'x'])
  expect(other.asked).toEqual(['a'])
})
test('what stops a build stops the next one, too', async () => {
  for (const b of [build('1'), build('1')]) await expect(pages(b, ['a', 'wrong'])).rejects.toThrow('a')
  expect(readdirSync(folder)).toEqual([])
})

import { expect, test } from 'vitest'
import { pageText } from './search.ts'

const page = (body: string) =>
  pageText(
    `<!doctype html><html lang="en"><head><title>T</title></head><body><main><h1 id="_top">T</h1><div class="sl-markdown-content">${body}</div></main></body></html>`,
  )
const all = (body: string) => JSON.stringify(page(body)?.sections.map((s) => s.text))

test('what is marked data-pagefind-ignore isn’t searched, whatever its value; what stands beside it is', () => {
  expect(all('<h2 id="a">A</h2><p>kept</p>')).toContain('kept')
  for (const mark of ['data-pagefind-ignore', 'data-pagefind-ignore="all"', 'data-pagefind-ignore="true"']) {
    const text = all(
      `<h2 id="a">A</h2><p>kept</p><div ${mark}><table><tr><td>hidden</td></tr></table></div><p>after</p>`,
    )
    expect(text).toContain('kept')
    expect(text).toContain('after')
    expect(text).not.toContain('hidden')
  }
})

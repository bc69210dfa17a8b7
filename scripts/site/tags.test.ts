import { expect, test } from 'vitest'
import { changeTags, type Tag, withAttributes } from './tags.ts'

const upper = (tag: Tag): string => tag.text.toUpperCase()

test('start tags change; comments, texts and what stands in attributes stay', () => {
  const html = '<p class="a>b">1 < 2<!-- <p> --><script>if (a<p) "<p>"</script><P id=x><br/></p>'
  expect(changeTags(html, /^<p/i, upper)).toBe(
    '<P CLASS="A>B">1 < 2<!-- <p> --><script>if (a<p) "<p>"</script><P ID=X><br/></p>',
  )
})
test('an element whose contents are text is changed as a whole', () => {
  const seen: string[] = []
  const html = '<style media="print">p::after{content:"</p>"}</style><i>'
  const out = changeTags(html, /^<style/, (tag) => {
    seen.push(tag.contents, tag.get('media') ?? '')
    return ''
  })
  expect(out).toBe('<i>')
  expect(seen).toEqual(['p::after{content:"</p>"}', 'print'])
})
test('attributes are read in each of their forms, with entities', () => {
  const values: (string | undefined)[] = []
  changeTags(`<a href="/?a=1&amp;b=&#39;" title='"' data-x=y hidden>`, /^<a/, (tag) => {
    values.push(tag.get('href'), tag.get('title'), tag.get('data-x'), tag.get('hidden'), tag.get('class'))
    return undefined
  })
  expect(values).toEqual(["/?a=1&b='", '"', 'y', '', undefined])
})
test('attributes are set where they stand, added at the end, and taken away', () => {
  expect(withAttributes('<a href="/x" style="color:red">', { href: '../x?a&b', style: undefined, class: 'c' })).toBe(
    '<a href="../x?a&amp;b" class="c">',
  )
  expect(withAttributes('<path d="M0 0"/>', { class: 'a' })).toBe('<path d="M0 0" class="a"/>')
})
test('something can be put before an end tag', () => {
  const out = changeTags('<head><title></head></title></head><body>', /^$/, upper, (name) =>
    name === 'head' ? '<link>' : '',
  )
  expect(out).toBe('<head><title></head></title><link></head><body>')
})

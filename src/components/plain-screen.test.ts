import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PlainScreen } from './plain-screen.ts'
import { Screen } from './screen.ts'

const encoder = new TextEncoder()
const size = { rows: 4, columns: 6 }

test('plain lines look as on the screen that knows everything, and so does what takes over from them', () => {
  const piece = fc.constantFrom(
    'a',
    'word',
    'longer than a line',
    ' ',
    '\r\n',
    '\r\n\r\n',
    '\x1b[31mred\x1b[m',
    '日本',
    '\b',
    '\t',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const plain = new PlainScreen(size, 1000)
      const full = new Screen(size, 1000)
      let shown = true
      for (const p of pieces) {
        const ok = plain.write(encoder.encode(p))
        full.write(encoder.encode(p))
        expect(ok && !shown).toBe(false)
        shown = ok
        if (ok) expect(plain.rows.map((r) => r.cells.join(''))).toEqual(full.rows.map((r) => r.cells.join('')))
      }
      const after = new Screen(size, 1000)
      for (const part of plain.written) after.write(part)
      expect(after.rows.map((r) => [r.cells, r.styles])).toEqual(full.rows.map((r) => [r.cells, r.styles]))
    }),
  )
})
test('old lines go', () => {
  const plain = new PlainScreen(size, 3)
  plain.write(encoder.encode('1\r\n2\r\n3\r\n4\r\n'))
  expect(plain.rows.map((r) => r.cells.join(''))).toEqual(['3', '4', ''])
})

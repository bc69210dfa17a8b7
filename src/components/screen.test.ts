import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf, Screen } from './screen.ts'

const size = { rows: 5, columns: 20 }
function shown(text: string, limit?: number): Screen {
  const screen = new Screen(size, limit)
  screen.write(new TextEncoder().encode(text))
  return screen
}

describe('lines', () => {
  test.each([
    ['a new line begins a row', 'one\r\ntwo', 'one\ntwo'],
    ['a carriage return writes over', 'hello\rJ', 'Jello'],
    ['an erased character leaves nothing', 'ab\b \bc', 'ac'],
    ['a tab goes to the next stop', 'a\tb', 'a       b'],
    ['a long line goes on below', `${'x'.repeat(20)}y`, `${'x'.repeat(20)}\ny`],
    ['a wide character that doesn’t fit goes below', `${'x'.repeat(19)}語`, `${'x'.repeat(19)}\n語`],
    ['a title for the window is not text', '\x1b]0;title\x07ok', 'ok'],
  ])('%s', (_, input, want) => {
    expect(shown(input).text).toBe(want)
  })
  test('what scrolls off is kept up to a limit', () => {
    expect(shown('1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7', 6).text).toBe('2\n3\n4\n5\n6\n7')
  })
  test('clear leaves what has scrolled off, and an empty screen', () => {
    expect(shown('1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[H\x1b[J$ ').text).toBe('1\n$')
  })
})

describe('a program that draws the screen', () => {
  test('goes to places, and inserts and deletes lines', () => {
    expect(shown('\x1b[1;1Hone\x1b[2;1Htwo\x1b[3;1Hthree\x1b[2;1H\x1b[Lnew').text).toBe('one\nnew\ntwo\nthree\n')
    expect(shown('\x1b[1;1Hone\x1b[2;1Htwo\x1b[3;1Hthree\x1b[2;1H\x1b[M').text).toBe('one\nthree\n\n\n')
  })
  test('gives the screen back as it was', () => {
    const screen = shown('$ vi\r\n\x1b[?1049h\x1b[H\x1b[J~\x1b[2;1H~')
    expect(screen.fullScreen).toBe(true)
    expect(screen.text).toBe('~\n~')
    screen.write(new TextEncoder().encode('\x1b[?1049l$ '))
    expect(screen.fullScreen).toBe(false)
    expect(screen.text).toBe('$ vi\n$')
  })
  test('scrolls a region alone', () => {
    expect(shown('\x1b[1;1Ha\x1b[2;1Hb\x1b[3;1Hc\x1b[4;1Hd\x1b[2;3r\x1b[3;1H\n').text).toBe('a\nc\n\nd')
  })
})

test('colours and wide characters become pieces', () => {
  const [row] = shown('\x1b[1;32mok\x1b[0m 語!').rows
  expect(piecesOf(row as never)).toEqual([
    { text: 'ok', style: 'zt-green zt-bold' },
    { text: ' ', style: '' },
    { text: '語', style: '', columns: 2 },
    { text: '!', style: '' },
  ])
})

test('no bytes break the screen: rows stay as wide as it is, and the cursor in it', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.tuple(fc.nat(30), fc.nat(30), fc.constantFrom(...'HJKLMPXABCDrSTmhl@')).map(([a, b, f]) => `\x1b[${a};${b}${f}`),
    fc.constantFrom('\x1bM', '\x1b7', '\x1b8', '\x1b[?1049h', '\x1b[?1049l', '\n', '語', '\x1b]0;x'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const screen = shown(pieces.join(''), 40)
      for (const row of screen.rows) {
        expect(row.cells.length).toBeLessThanOrEqual(size.columns)
        piecesOf(row)
      }
      expect(screen.rows.length).toBeLessThanOrEqual(40)
      expect(screen.cursor.column).toBeLessThanOrEqual(size.columns)
      expect(screen.cursor.row).toBeLessThan(40 + size.rows)
    }),
  )
})

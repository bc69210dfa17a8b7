import { describe, expect, test } from 'vitest'
import { settled } from './blocks.ts'

describe('what is left of an output', () => {
  test('plain text as it is, long lines too', () => {
    expect(settled(`a\n${'x'.repeat(200)}\n`)).toBe(`a\n${'x'.repeat(200)}\n`)
  })
  test('only the last state of what was drawn over itself', () => {
    expect(settled('[+] 0/1\n => a\n\x1b[2A\x1b[J[+] 1/1\n => a\n => b\n')).toBe('[+] 1/1\n => a\n => b\n')
  })
  test('no colours', () => {
    expect(settled('\x1b[31mred\x1b[0m plain\n')).toBe('red plain\n')
  })
})

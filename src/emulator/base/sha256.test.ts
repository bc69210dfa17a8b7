import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex, utf8 } from './bytes.ts'
import { sha256 } from './sha256.ts'

test('FIPS 180-4, the examples of NIST', () => {
  expect(hex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hex(sha256(utf8('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(hex(sha256(utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  )
})
test('any bytes, at every length around a block and in the midst of a buffer', () => {
  const check = (bytes: Uint8Array): void => {
    expect(hex(sha256(bytes))).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
  for (let n = 0; n < 200; n++) check(new Uint8Array(300).fill(n).subarray(n % 7, (n % 7) + n))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 1000 }), check))
})

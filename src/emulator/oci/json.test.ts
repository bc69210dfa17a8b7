import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonComplaint } from './json.ts'

test.each([
  ['', 'unexpected end of JSON input'],
  ['{"a":1', 'unexpected end of JSON input'],
  ['{bad', "invalid character 'b' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['tru3', "invalid character '3' in literal true (expecting 'e')"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\q"', "invalid character 'q' in string escape code"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
])('%j: %s', (text, why) => expect(jsonComplaint(text)).toBe(why))

test('whatever JSON.parse refuses has a complaint of its own', () =>
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.nat(40), fc.string({ maxLength: 2 }), (text, at, more) => {
      const broken = text.slice(0, at) + more + text.slice(at + 1)
      let parses = true
      try {
        JSON.parse(broken)
      } catch {
        parses = false
      }
      return parses || /^(unexpected end of JSON input|invalid character '.+' .+)$/s.test(jsonComplaint(broken))
    }),
  ))

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../../complete.ts'
import { format, parse, subtract } from './decimal.ts'

const run = (program: 'bc' | 'dc', input: string, ...args: string[]) =>
  openSession().execute(['/bin/busybox', program, ...args], { stdin: input })

describe('bc', () => {
  test.each([
    ['1+2*3; 10/3; scale=3; -10/3; 10%3; 2^-2; 0.5', '7\n3\n-3.333\n.001\n.250\n.5\n'],
    ['define f(n) { if (n<2) return 1; return n*f(n-1) }\nf(20)\n', '2432902008176640000\n'],
    ['obase=16; 255; obase=10; ibase=16; FF', 'FF\n255\n'],
    ['for (i=0;i<3;i++) print i," "\n', '0 1 2 '],
    ['if (1) { "a" } else { "b" }\n', 'a'],
  ])('%s', (input, stdout) => expect(run('bc', input)).toMatchObject({ status: 0, stdout }))
  test.each([
    ['1/0', 'bc: divide by zero\n'],
    ['1+\n', "bc: bad expression at ''\n"],
    ['nosuch(1)', 'bc: undefined function\n'],
    ['@', "bc: bad character '@'\n"],
  ])('%s fails', (input, stderr) => expect(run('bc', input)).toMatchObject({ status: 1, stderr }))
  test('-l has the functions, cut at 20 places', () =>
    expect(run('bc', 's(1); 4*a(1); l(10); e(1)', '-l').stdout).toBe(
      '.84147098480789650665\n3.14159265358979323844\n2.30258509299404568401\n2.71828182845904523536\n',
    ))
})
test('dc: a stack, registers and macros', () =>
  expect(run('dc', '1 2 + p 5 k 10 3 / p 3 [p 1 - d 0 <m] sm lm x').stdout).toBe('3\n3.33333\n3\n2\n1\n'))
test('a number that is written is read again', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.nat(20), fc.constantFrom(10, 16, 2, 7), (n, scale, base) => {
      const whole = { n: base === 10 ? n : n / 10n ** BigInt(scale), scale: base === 10 ? scale : 0 }
      const text = format(whole, base, 0).replace('-', '')
      const again = parse(text, base)
      const size = { n: whole.n < 0n ? -whole.n : whole.n, scale: whole.scale }
      // One digit has its value in whatever base.
      expect(subtract(again, size).n).toBe(0n)
    }),
  )
})
test('no input throws or runs past its budget', () => {
  const s = openSession()
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.constantFrom(
            ...'1 2 x y ( ) { } [ ] + - * / % ^ = == < ! && ; \n if( while( for(;;) define_f(){ return break scale=5 sqrt( "a" print obase=3 2^9999 d p'.split(
              ' ',
            ),
          ),
          fc.string(),
        ),
        { maxLength: 30 },
      ),
      fc.constantFrom('bc', 'dc'),
      (parts, program) => {
        s.execute(['/bin/busybox', program], { stdin: parts.join(' '), steps: 20_000 })
      },
    ),
    { numRuns: 150 },
  )
})

import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkRegister, registerText, targetOf, unregistered } from './register.ts'

const present = new Set(['cgroups', 'cgroups#memory', 'process', 'process#limits', 'embed/stack?choice=a'])

test('an id that has vanished is named, with what to do', () => {
  expect(checkRegister(['process', 'process#old'], present, [])).toEqual([
    expect.stringContaining('"process#old" is gone'),
  ])
  expect(checkRegister(['embed/stack?choice=b'], present, [])[0]).toContain('keep the choice')
})
test('a redirected id is no fault', () => {
  expect(checkRegister(['process#old'], present, [{ from: 'process#old', to: 'cgroups#memory' }])).toEqual([])
})
test('a page that moved takes along the headings that moved with it, and no others', () => {
  const redirects = [{ from: 'limits', to: 'cgroups' }]
  expect(targetOf('limits#memory', redirects, present)).toBe('cgroups#memory')
  expect(checkRegister(['limits', 'limits#memory', 'limits#cpu'], present, redirects)).toEqual([
    expect.stringContaining('"limits#cpu" is gone'),
  ])
})
test('a redirect must lead somewhere, and away from nothing that exists', () => {
  expect(checkRegister([], present, [{ from: 'process', to: 'cgroups' }])[0]).toContain('exists')
  expect(checkRegister([], present, [{ from: 'x', to: 'y' }])[0]).toContain("isn't there")
})
test('what is new is told', () => {
  expect(unregistered(['process'], new Set(['process', 'process#new']))).toEqual(['process#new'])
})
test('the text of the register reads back', () => {
  const ids = ['lab?host=a', 'b#c', 'b', 'b']
  expect(parse(registerText(ids))).toEqual(['b', 'b#c', 'lab?host=a'])
})

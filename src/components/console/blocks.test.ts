import { describe, expect, test } from 'vitest'
import { commandsOf, promptOf, runBlock, settled } from './blocks.ts'

describe('commands of a block', () => {
  test('one a line, continued by a backslash or by lines after ">"', () => {
    expect(commandsOf('$ one\n\n$ two \\\n  more\n$ cat <<END\n> text\n> END\n')).toEqual([
      'one',
      'two \\\n  more',
      'cat <<END\ntext\nEND',
    ])
  })
  test('PowerShell has a prompt of its own', () => {
    expect(commandsOf('PS> Get-VM', promptOf('windows-moby'))).toEqual(['Get-VM'])
    expect(() => commandsOf('$ ls', promptOf('windows-moby'))).toThrow('after "PS> "')
  })
  test('other lines, and blocks without a command, are mistakes', () => {
    expect(() => commandsOf('output')).toThrow('this line is none: output')
    expect(() => commandsOf('\n')).toThrow('without a command')
  })
})

describe('running a block', () => {
  const runner = (statuses: readonly number[]) => {
    let n = 0
    return { run: (line: string) => ({ status: statuses[n++] ?? 0, output: `did ${line}\n` }) }
  }
  test('answers what each command printed', () => {
    expect(runBlock(runner([]), '$ a\n$ b', false)).toEqual([
      { command: 'a', output: 'did a\n' },
      { command: 'b', output: 'did b\n' },
    ])
  })
  test('a failure is an error, unless the block says so; then its absence is', () => {
    expect(() => runBlock(runner([0, 2]), '$ a\n$ b', false)).toThrow('ended with status 2:\n$ b')
    expect(runBlock(runner([0, 2]), '$ a\n$ b', true)).toHaveLength(2)
    expect(() => runBlock(runner([]), '$ a', true)).toThrow('every command in it succeeded')
  })
})

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

import { expect, test } from 'vitest'
import { BlockError, commandsOf, lineOfBlock, promptOf, runBlock, settled, transcript } from './blocks.ts'

const linux = promptOf('linux-server')
const windows = promptOf('windows-moby')

test('each line after the prompt is a command; empty lines separate', () => {
  expect(commandsOf('$ ls\n\n$ docker ps -a\n')).toEqual(['ls', 'docker ps -a'])
})
test('a backslash continues a line', () => {
  expect(commandsOf('$ docker run \\\n  alpine true\n$ ls')).toEqual(['docker run \\\n  alpine true', 'ls'])
})
test('lines after "> " belong to a here-document, also empty ones', () => {
  expect(commandsOf("$ cat <<'EOF'\n> a: 1\n>\n> EOF\n$ ls")).toEqual(["cat <<'EOF'\na: 1\n\nEOF", 'ls'])
})
test('on Windows commands follow PS>, and a backslash at the end is part of a path', () => {
  expect(commandsOf('PS> Get-ChildItem C:\\\nPS> wsl -l -v', windows)).toEqual(['Get-ChildItem C:\\', 'wsl -l -v'])
})
test('a line that is no command is refused with the prompt that is missing', () => {
  expect(() => commandsOf('ls')).toThrow('each after "$ "')
  expect(() => commandsOf('$ ls', windows)).toThrow('each after "PS> "')
  expect(() => commandsOf('\n')).toThrow('without a command')
})
test('a transcript reads back as the commands it came from', () => {
  for (const code of ['$ ls', "$ cat <<'EOF'\n> x\n> EOF", '$ echo a \\\n  b'])
    expect(transcript(commandsOf(code)[0] as string, linux)).toBe(code)
  expect(transcript('Get-VM', windows)).toBe('PS> Get-VM')
})
test('a failing command stops the page, unless the block says that it fails', () => {
  const runner = { run: (line: string) => ({ status: line === 'false' ? 1 : 0, output: `${line}\n` }) }
  expect(runBlock(runner, '$ true', false)).toEqual([{ command: 'true', output: 'true\n' }])
  expect(() => runBlock(runner, '$ false', false)).toThrow('ended with status 1')
  expect(runBlock(runner, '$ false', true)).toHaveLength(1)
  expect(() => runBlock(runner, '$ true', true)).toThrow('every command in it succeeded')
})
test('of a progress display the last state is shown', () => {
  const drawn = 'one: Waiting\ntwo: Waiting\n\x1b[2A\x1b[2K\rone: Pull complete \r\x1b[2Bdone\n'
  expect(settled(drawn).trimEnd()).toBe('one: Pull complete\ntwo: Waiting\ndone')
  expect(settled('a\n\n')).toBe('a\n\n')
  expect(settled('HTTP/1.1 200 OK\r\nEtag: x\r\n')).toBe('HTTP/1.1 200 OK\nEtag: x\n')
})
test('what is wrong is said with its line, in the block and in the file', () => {
  const runner = { run: (line: string) => ({ status: line === 'false' ? 1 : 0, output: '' }) }
  const lineOf = (code: string): number => {
    try {
      runBlock(runner, code, false)
    } catch (error) {
      if (error instanceof BlockError) return error.line
    }
    return -1
  }
  expect(lineOf('$ true\n\n$ cat <<E\n> x\n> E\n$ false')).toBe(5)
  expect(lineOf('$ true\nnot a command')).toBe(1)
  const page = 'a\n```console\n$ ls\n```\nb\n```console fails\n$ ls\n$ rm\n```\n```console\n$ ls\n```\n'
  expect(lineOfBlock(page, '$ ls\n$ rm\n')).toBe(7)
  expect(lineOfBlock(page, '$ ls')).toBe(3)
  expect(lineOfBlock(page, '$ ls', 8)).toBe(11)
  expect(lineOfBlock(page, '$ none')).toBe(1)
})

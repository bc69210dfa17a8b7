import { expect, test } from 'vitest'
import { commandsOf, promptOf, runBlock, settled, transcript } from './blocks.ts'

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

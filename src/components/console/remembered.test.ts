import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { CommandRunner } from './blocks.ts'
import { emulatorVersion, RememberedRunner, RunMemory } from './remembered.ts'

/** A shell that tells how many lines it has run. */
class Counting implements CommandRunner {
  static opened = 0
  readonly lines: string[] = []
  constructor() {
    Counting.opened++
  }
  run(line: string) {
    this.lines.push(line)
    return { status: 0, output: `${line} is line ${this.lines.length}\n` }
  }
}
const runner = (memory: RunMemory, host = 'linux-server') => new RememberedRunner(memory, host, () => new Counting())
const all = (r: CommandRunner, ...lines: readonly string[]) => lines.map((line) => r.run(line).output)
afterEach(() => {
  Counting.opened = 0
})

test('the same lines on the same host are run once', () => {
  const memory = new RunMemory('1')
  const first = all(runner(memory), 'a', 'b')
  expect(all(runner(memory), 'a', 'b')).toEqual(first)
  expect(Counting.opened).toBe(1)
})
test('a new line sees the world that the remembered ones made', () => {
  const memory = new RunMemory('1')
  all(runner(memory), 'a', 'b')
  expect(all(runner(memory), 'a', 'c', 'b')).toEqual(['a is line 1\n', 'c is line 2\n', 'b is line 3\n'])
})
test('another host, another order and another version remember nothing of it', () => {
  const memory = new RunMemory('1')
  all(runner(memory), 'a', 'b')
  all(runner(memory, 'mac-desktop'), 'a')
  all(runner(memory), 'b')
  all(runner(new RunMemory('2')), 'a')
  expect(Counting.opened).toBe(4)
})
test('a file of another version or a broken one is as none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'remembered-'))
  try {
    const memory = new RunMemory('1', join(folder, 'none.json'))
    expect(all(runner(memory), 'a')).toEqual(['a is line 1\n'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
test('the version follows the sources and what they are built on, not the tests', () => {
  const root = mkdtempSync(join(tmpdir(), 'sources-'))
  try {
    const write = (path: string, text: string): string => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
      return emulatorVersion(root)
    }
    mkdirSync(join(root, 'src/emulator'), { recursive: true })
    write('package.json', '{}')
    const first = write('src/emulator/kernel/a.ts', 'one')
    expect(write('src/emulator/kernel/a.test.ts', 'a test')).toBe(first)
    const second = write('src/emulator/kernel/a.ts', 'two')
    const third = write('package.json', '{ "dependencies": {} }')
    expect(new Set([first, second, third]).size).toBe(3)
    write('package.json', '{}')
    expect(write('src/emulator/kernel/a.ts', 'one')).toBe(first)
  } finally {
    rmSync(root, { recursive: true })
  }
})

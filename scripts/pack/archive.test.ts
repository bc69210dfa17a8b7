import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ArchiveFile, tar, zip } from './archive.ts'

const time = new Date('2026-03-04T05:06:08Z')
const long = `top/${'long-folder/'.repeat(11)}${'n'.repeat(90)}.txt`
const files: readonly ArchiveFile[] = [
  { path: 'top/はじめに.txt', bytes: Buffer.from('読む\n') },
  { path: 'top/empty', bytes: new Uint8Array() },
  { path: 'top/run.sh', bytes: Buffer.from('#!/bin/sh\n'), executable: true },
  { path: long, bytes: Buffer.alloc(1300, 'x') },
]
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zukan-archive-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the system’s tar unpacks names, contents, times and modes', () => {
  const file = join(folder, 'a.tar')
  writeFileSync(file, tar(files, time))
  const r = spawnSync('tar', ['-xf', file, '-C', folder], { encoding: 'utf8' })
  expect(r.stderr).toBe('')
  for (const { path, bytes } of files) expect(readFileSync(join(folder, path)).equals(bytes)).toBe(true)
  expect(statSync(join(folder, 'top/run.sh')).mode & 0o777).toBe(0o755)
  expect(statSync(join(folder, 'top/empty')).mtime).toEqual(time)
})
test('the zip holds the same, and both are the same each time', () => {
  const packed = zip(files, time)
  const there = unzipSync(packed)
  for (const { path, bytes } of files) expect(Buffer.from(there[path] as Uint8Array).equals(bytes)).toBe(true)
  expect(Buffer.from(zip(files, time)).equals(packed)).toBe(true)
  expect(Buffer.from(tar(files, time)).equals(tar(files, time))).toBe(true)
})
test('a name that no tar can hold is said so', () => {
  expect(() => tar([{ path: 'n'.repeat(101), bytes: new Uint8Array() }], time)).toThrow('too long')
})

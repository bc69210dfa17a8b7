/** Command lines that go no further than the client: what docker 28.2.2 printed, with no daemon at the other end of its socket. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/emulator/complete.ts'

interface Case {
  readonly args: string
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}
const cases = readFileSync(new URL('docker-client.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .slice(1)
  .map((l) => JSON.parse(l) as Case)

let s: Session
beforeAll(() => {
  s = openSession()
})
test.each(cases.map((c) => [c.args, c] as const))('docker %s', (_, c) => {
  const argv = ['/usr/bin/docker', '-H', 'unix:///nosuch.sock', ...c.args.split(' ')]
  const r = s.execute(argv, { stdin: '', cwd: '/tmp' })
  expect({ exit: r.status, stdout: r.stdout, stderr: r.stderr }).toEqual({
    exit: c.exit,
    stdout: c.stdout,
    stderr: c.stderr,
  })
})

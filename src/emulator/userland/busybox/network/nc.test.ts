/** nc as a server: one connection, or with -lk -e a process for each. */
import { expect, test } from 'vitest'
import { openSession } from '../../../complete.ts'

const run = (script: string) =>
  openSession({ host: 'linux-server' }).execute([
    '/bin/sh',
    '-c',
    `docker run -d -q --name net alpine sleep 1000 >/dev/null; docker exec net sh -c '${script}'`,
  ])

test('-e puts a program in the place of nc, with all that follows as its words', () => {
  expect(run('nc -l -p 9 -e echo one -k two & sleep 1; nc 127.0.0.1 9; wait').stdout).toBe('one -k two\n')
})
test('-l alone ends with its first connection, -lk -e goes on', () => {
  const ask = 'sleep 1; for i in 1 2 3; do nc 127.0.0.1 9 </dev/null 2>&1; done'
  expect(run(`nc -l -p 9 -e echo hi & ${ask}`).stdout).toMatch(/^hi\nnc: .*refused\nnc: .*refused\n$/)
  expect(run(`nc -lk -p 9 -e echo hi & ${ask}; kill $!`).stdout).toBe('hi\nhi\nhi\n')
})
test('the program reads what the other side writes; nobody stays a zombie', () => {
  const r = run('nc -lk -p 9 -e sh -c "read a; echo got \\$a" & sleep 1; echo x | nc 127.0.0.1 9; ps; kill $!')
  expect(r.stdout).toMatch(/^got x\n/)
  expect(r.stdout).not.toMatch(/\[(sh|nc)\]/)
})
test("a program that isn't there is said", () => {
  expect(run('nc -l -p 9 -e /nope 2>&1 & sleep 1; nc 127.0.0.1 9 </dev/null; wait').stdout).toMatch(
    /nc: can't execute '\/nope': No such file or directory/,
  )
})

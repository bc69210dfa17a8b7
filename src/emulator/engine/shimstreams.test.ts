/** What a container finds as its standard streams, and what a runtime's failure leaves in them. */
import { expect, test } from 'vitest'
import { openSession } from '../complete.ts'

const run = (lines: string) => openSession().execute(['/bin/sh', '-c', lines])

test('they are /dev/null and pipes, a terminal where one was asked for', () => {
  const list = "sh -c 'for n in 0 1 2; do readlink /proc/self/fd/$n; done'"
  expect(run(`docker run --rm alpine ${list}`).stdout).toMatch(/^\/dev\/null\npipe:\[\d+\]\npipe:\[\d+\]\n$/)
  expect(run(`echo | docker run --rm -i alpine ${list}`).stdout).toMatch(/^(pipe:\[\d+\]\n){3}$/)
  expect(run(`docker run -d --name aa alpine sleep 9 >/dev/null; docker exec aa ${list}`).stdout).toMatch(
    /^\/dev\/null\npipe:\[\d+\]\npipe:\[\d+\]\n$/,
  )
})
test('they belong to the user of the container', () => {
  expect(run('docker run --rm -u 1000 alpine sh -c "echo out >/dev/stdout; echo err >/dev/stderr"')).toMatchObject({
    stdout: 'out\n',
    stderr: 'err\n',
  })
})
test('a process that says nothing and is gone at once ends an exec', () => {
  expect(
    run('docker run -d --name aa alpine sleep 600 >/dev/null; docker exec aa sh -c "exit 4"; echo $?').stdout,
  ).toBe('4\n')
})
test('runtimes tell a failure on standard error beside their log, and the log of a container has none of it', () => {
  const broken = 'mkdir -p b/rootfs; cd b; echo "{bad" > config.json;'
  const runc = run(`${broken} runc --log /tmp/log --log-format json create x; cat /tmp/log`)
  expect(runc.stderr).toBe("runc create failed: invalid character 'b' looking for beginning of object key string\n")
  expect(runc.stdout).toContain('"level":"error"')
  const crun = run(`${broken} crun --log /tmp/log --log-format json create x; cat /tmp/log`)
  expect(crun.stderr).not.toContain('{"msg"')
  expect(crun.stdout).toContain('{"msg"')
  expect(run('docker run --name aa alpine nosuch 2>/dev/null; docker logs aa').stdout).toBe('')
})

import { beforeEach, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'

describe('the packet filter of bridge networks', () => {
  let session: Session
  beforeEach(() => {
    session = openSession()
    session.run('docker network create one; docker network create --internal shut')
    session.run('docker run -d --name web -p 8080:80 nginx:1.25.3-alpine; docker run -d --name aa alpine sleep 100')
  })
  const run = (line: string) => {
    const { output, status } = session.run(line)
    return `${output}${status}`
  }
  const address = (name: string) => `$(docker inspect -f '{{.NetworkSettings.IPAddress}}' ${name})`

  test('containers of one network reach each other, those of another do not', () => {
    expect(run(`docker run --rm alpine ping -c1 -W1 ${address('aa')}`)).toMatch(/1 packets received/)
    expect(run(`docker run --rm --network one alpine ping -c1 -W1 ${address('aa')}`)).toMatch(/100% packet loss/)
  })
  test('what is published is reached from elsewhere by the host alone', () => {
    expect(run('docker run --rm --network one alpine wget -qO- http://172.17.0.1:8080/')).toMatch(/nginx/)
    expect(run(`docker run --rm --network one alpine wget -qO- -T1 http://${address('web')}/`)).toMatch(/timed out\n1$/)
  })
  test('an internal network has no way out', () =>
    expect(run('docker run --rm --network shut alpine ping -c1 -W1 10.0.0.1')).toMatch(/Network unreachable/))
  test('what goes takes its rules along', () => {
    const rules = 'for t in filter nat raw; do iptables -t $t -S; done'
    const before = run(rules)
    run('docker network create two; docker run -d --name x2 -p 9090:80 --network two nginx:1.25.3-alpine')
    expect(run(rules)).toMatch(/--dport 9090 -j DNAT/)
    run('docker rm -f x2; docker network rm two')
    expect(run(rules)).toBe(before)
  })
})

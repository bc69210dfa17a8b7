/** What containers took is given back: whatever was done with them, after `docker rm -f` nothing of them is left in the kernel. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession, type Session } from './complete.ts'

/** Everything countable that a container can hold. */
function resources(s: Session): Record<string, unknown> {
  const { kernel } = s
  const groups = (g: typeof kernel.rootCgroup): number =>
    1 + [...g.children.values()].reduce((n, c) => n + groups(c), 0)
  return {
    processes: kernel.initial.pid.processes.size,
    mounts: [kernel.initialMounts.present.size, kernel.unfinished.size, kernel.propagating.size],
    networks: kernel.netNamespaces.size,
    links: [...kernel.initial.net.interfaces.keys()],
    rules: [
      ...kernel.initial.net.netfilter.table('nat').values(),
      ...kernel.initial.net.netfilter.table('filter').values(),
    ].map((c) => `${c.name} ${c.rules.length}`),
    sockets: kernel.initial.net.sockets.size,
    cgroups: groups(kernel.rootCgroup),
    memory: kernel.rootCgroup.memoryCurrent,
    shmem: kernel.rootCgroup.shmem,
    pids: kernel.rootCgroup.pidsCurrent,
    held: s.world.budget.held,
  }
}

const name = fc.constantFrom('aa', 'bb', 'cc')
const command = fc.oneof(
  name.map((n) => `docker run -d --name ${n} alpine sleep 1000`),
  name.map((n) => `docker run -d --name ${n} -p 8080:80 -m 64m --cpus 0.5 alpine sleep 1000`),
  name.map((n) => `docker run --name ${n} --tmpfs /x alpine dd if=/dev/urandom of=/x/f bs=1k count=20`),
  name.map((n) => `docker run -d --name ${n} --read-only --pids-limit 4 alpine sh -c 'sleep 1000 & wait'`),
  name.map((n) => `docker exec ${n} dd if=/dev/urandom of=/dev/shm/y bs=1k count=8`),
  name.map((n) => `docker exec -d ${n} sleep 500`),
  name.map((n) => `docker exec ${n} unshare -mnpf true`),
  name.map((n) => `docker stop -t 1 ${n}`),
  name.map((n) => `docker kill ${n}`),
  name.map((n) => `docker pause ${n}`),
  name.map((n) => `docker start ${n}`),
  name.map((n) => `docker restart -t 0 ${n}`),
  name.map((n) => `docker rm -f ${n}`),
  name.map((n) => `kill -9 $(docker inspect -f '{{.State.Pid}}' ${n})`),
)

test('after docker rm -f nothing is left', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 8 }), (commands) => {
      const s = openSession()
      s.run('docker run --rm alpine true; sleep 1')
      const before = resources(s)
      for (const c of commands) s.run(c)
      s.run('docker rm -f aa bb cc >/dev/null 2>&1; rm -f /tmp/*')
      s.run('sleep 1')
      expect(resources(s)).toEqual(before)
      expect(s.kernel.faults).toEqual([])
    }),
    { numRuns: 40, seed: 20261121 },
  )
}, 60_000)

/** Whether anybody can tell that a namespace's mounts are copied only when they are asked for. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../../complete.ts'

const place = fc.constantFrom('/a', '/b', '/a/x', '/b/x', '/run/x')
const change = fc.oneof(
  place.map((p) => `mount -t tmpfs t ${p}; mkdir -p ${p}/x`),
  place.map((p) => `umount ${p}`),
  place.map((p) => `umount -l ${p}`),
  fc.tuple(place, place).map(([a, b]) => `mount --bind ${a} ${b}`),
  fc.tuple(place, place).map(([a, b]) => `mount --rbind ${a} ${b}`),
  place.map((p) => `mount -o remount,bind,ro ${p}`),
  fc
    .tuple(fc.constantFrom('rshared', 'rslave', 'rprivate', 'runbindable', 'shared', 'slave'), place)
    .map(([kind, p]) => `mount --make-${kind} ${p}`),
  place.map((p) => `ls ${p}`),
)
const inside = fc.tuple(fc.boolean(), change).map(([own, c]) => (own ? `nsenter -t $pid -m sh -c '${c}'` : c))

test('a copy of all mounts is the same whether it is looked at early or late', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 6 }),
      fc.constantFrom('unchanged', 'shared', 'slave', 'private'),
      fc.boolean(),
      fc.array(inside, { maxLength: 8 }),
      (before, propagation, user, after) => {
        const [early, late] = ['mountinfo', 'status'].map((look) => {
          const s = openSession()
          s.run('mkdir -p /a/x /b/x /run/x; mount --make-rshared /')
          for (const c of before) s.run(`{ ${c}; } 2>/dev/null`)
          s.run(`unshare ${user ? '-Ur' : ''} -m --propagation ${propagation} sleep 100000 & pid=$!`)
          s.run(`cat /proc/$pid/${look} >/dev/null`)
          for (const c of after) s.run(`{ ${c}; } 2>/dev/null`)
          const seen = s.run('cat /proc/$pid/mountinfo; echo; cat /proc/self/mountinfo').output
          expect(seen).toContain(' - ext4 ')
          expect(s.kernel.faults).toEqual([])
          s.run('kill -9 $pid; wait; umount -R /a /b /run/x')
          return [seen, s.kernel.unfinished.size]
        })
        expect(late).toEqual(early)
        expect(late?.[1]).toBe(0)
      },
    ),
    { numRuns: 60, seed: 20261122 },
  )
})

test('mounts that are not copied yet leave their peer groups with the others', () => {
  const s = openSession()
  s.run(
    'mkdir /a; mount --make-rshared /; mount -t tmpfs t /a; mkdir /a/x; unshare -m --propagation private sleep 9 & pid=$!',
  )
  expect(s.kernel.unfinished.size).toBe(1)
  expect(s.run('cat /proc/$pid/mountinfo').output).not.toMatch(/shared:|master:/)
  expect(s.kernel.unfinished.size).toBe(0)
})

test("a container keeps no copies of its host's mounts waiting", () => {
  const s = openSession()
  s.run('docker run -d --name one alpine sleep 1000; docker run -d --name two alpine sleep 1000')
  expect(s.kernel.unfinished.size).toBe(0)
  expect(s.run('docker exec one cat /proc/self/mountinfo').output).not.toContain('two')
})

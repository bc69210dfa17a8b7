/** Whether remembered directories can be told from walked ones, whatever happens to them in between. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../../../complete.ts'

const base = '/srv/a-long-name'
const dir = fc
  .constantFrom('one', 'two', 'one/in', 'two/in', 'merged/one', 'merged/one/in', 'upper/one')
  .map((d) => `${base}/${d}`)
const change = fc.oneof(
  { weight: 6, arbitrary: dir.map((d) => `ls ${d}/in ${d}/file; cat ${d}/file`) },
  { weight: 3, arbitrary: fc.tuple(dir, fc.nat(9)).map(([d, n]) => `echo ${n} > ${d}/file`) },
  dir.map((d) => `rm -rf ${d}`),
  dir.map((d) => `mkdir -p ${d}`),
  fc.tuple(dir, dir).map(([a, b]) => `mv ${a} ${b}`),
  fc.tuple(dir, dir).map(([a, b]) => `mount --bind ${a} ${b}`),
  dir.map((d) => `mount -t tmpfs t ${d}`),
  dir.map((d) => `umount -l ${d}`),
  fc.tuple(dir, dir).map(([a, b]) => `rm -rf ${b}; ln -s ${a} ${b}`),
  dir.map((d) => `chroot ${d} true; unshare -m sh -c 'mount -t tmpfs t ${d}; ls ${d}/in'; ls ${d}/in`),
  fc.constant(
    `mount -t overlay o ${base}/merged -o lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work`,
  ),
)

test('what is found does not depend on what was found before', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 4, maxLength: 16 }), (changes) => {
      const [remembering, walking] = [true, false].map((remembers) => {
        const s = openSession()
        if (!remembers) s.kernel.walks.find = () => undefined
        s.run(
          `cd ${base.slice(0, 4)}; mkdir -p ${base}/lower/one/in ${base}/upper ${base}/work ${base}/merged ${base}/one/in`,
        )
        return changes.map((c) => s.run(c).output)
      })
      expect(remembering).toEqual(walking)
    }),
    { numRuns: 80, seed: 20261123 },
  )
})

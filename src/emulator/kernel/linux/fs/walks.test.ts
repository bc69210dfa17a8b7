/** Whether remembered directories can be told from walked ones, whatever happens to them in between. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../../../complete.ts'

const base = '/srv/a-long-name'
const dirs = ['one', 'two', 'one/in', 'merged/one', 'merged/one/in', 'upper/one'].map((d) => `${base}/${d}`)
const dir = fc.constantFrom(...dirs)
const looks = dirs.map((d) => `ls ${d} ${d}/in ${d}/file; cat ${d}/file`).join('; ')
const change = fc.oneof(
  fc.tuple(dir, fc.nat(9)).map(([d, n]) => `echo ${n} > ${d}/file`),
  dir.map((d) => `rm -rf ${d}; mkdir -p ${d}`),
  fc.tuple(dir, dir).map(([a, b]) => `mv -T ${a} ${b}`),
  fc.tuple(dir, dir).map(([a, b]) => `mount --bind ${a} ${b}`),
  dir.map((d) => `mount -t tmpfs t ${d}`),
  dir.map((d) => `umount -l ${d}`),
  fc.tuple(dir, dir).map(([a, b]) => `rm -rf ${b}; ln -s ${a} ${b}`),
  dir.map((d) => `unshare -m sh -c 'mount -t tmpfs t ${d}; ls ${d}/in'`),
  fc.constant(
    `mount -t overlay o ${base}/merged -o lowerdir=${base}/lower,upperdir=${base}/upper,workdir=${base}/work`,
  ),
)

test('what is found does not depend on what was found before', () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 10 }), (changes) => {
      const [remembering, walking] = [true, false].map((remembers) => {
        const s = openSession()
        if (!remembers) s.kernel.walks.find = () => undefined
        s.run(`mkdir -p ${base}/lower/one/in ${base}/upper ${base}/work ${base}/merged ${base}/one/in`)
        return changes.map((c) => s.run(`${c}; ${looks}`).output)
      })
      expect(remembering).toEqual(walking)
    }),
    { numRuns: 30, seed: 20261123 },
  )
})

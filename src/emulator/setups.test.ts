/** The central table of the chapters (vms-and-containers, "Whose kernel answers?"), asked of every host that the emulator has. */
import { describe, expect, test } from 'vitest'
import { hostNames } from './complete.ts'
import type { KernelRow } from './kernels.ts'
import { setUps, tryOut } from './setups.ts'

describe.each(setUps)('$name ($host)', (s) => {
  const { status, stderr, rows } = tryOut(s)
  const [one, other] = rows as [KernelRow, KernelRow]

  test('both containers run', () => expect([status, rows.length], stderr).toEqual([0, 2]))
  test('the kernel is of the kind that the table says', () =>
    expect(rows.map((r) => r.kernel.system)).toEqual([s.system, s.system]))
  test('it is shared with those, and only those, that the table says', () => {
    expect(rows.map((r) => r.sharedWith)).toEqual(s.shared === 'nobody' ? [[], []] : [['two'], ['one']])
    expect(rows.map((r) => r.sharedWithHost)).toEqual([s.shared === 'host', s.shared === 'host'])
  })
  test('a virtual machine stands around them where the table says so', () => {
    expect(rows.map((r) => r.vm === undefined)).toEqual([s.vm === 'none', s.vm === 'none'])
    expect(one.machine === other.machine).toBe(s.vm !== 'each')
  })
  test('the stack costs more memory than the container alone: with a machine, at least all that this takes', () => {
    for (const r of rows) {
      expect(r.memory.container).toBeGreaterThan(0)
      expect(r.memory.total).toBeGreaterThan(r.memory.container)
      if (!r.vm) continue
      expect(r.memory.total).toBeGreaterThanOrEqual(r.memory.vm)
      // Kata's QEMU takes what its guest has touched, the others all that was given to the machine.
      if (s.name === 'Kata') expect(r.memory.vm).toBeLessThan(r.vm.memory)
      else expect(r.memory.vm).toBe(r.vm.memory)
    }
  })
  test('the start took time, the boot of the machine within it where each has its own', () => {
    for (const r of rows) {
      expect(r.start).toBeGreaterThan(0)
      if (r.vm) expect(r.vm.bootTime).toBeGreaterThan(0)
      if (s.vm === 'each') expect(r.start).toBeGreaterThan(r.vm?.bootTime ?? 0)
    }
  })
})
test('every host has a set-up, but those that repeat another host', () =>
  expect(hostNames.filter((h) => !setUps.some((s) => s.host === h))).toEqual(['vm-type2', 'ci-runner']))

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../engine/containers/problem.ts'
import { mapOf } from '../../engine/containers/userns.ts'
import { detachKeys } from '../../engine/libpod/attach.ts'
import { parseForwards } from '../../engine/pasta.ts'
import { argsComplaint, distance } from '../containers/frame.ts'
import { quantity } from './kube.ts'
import { portsText } from './ps.ts'
import { yaml } from './system.ts'
import { parseNetwork, parsePorts } from './values.ts'

const free = (): number => 40000
/** Runs, and lets a Problem pass: any other exception is a bug. */
function onlyProblems(f: () => unknown): void {
  try {
    f()
  } catch (e) {
    expect(e).toBeInstanceOf(Problem)
  }
}
describe('published ports', () => {
  test('with address, range and protocol', () => {
    expect(parsePorts(['127.0.0.1:8080-8081:80-81/tcp', '53/udp'], free)).toEqual([
      { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostIp: '127.0.0.1', hostPort: 8081, containerPort: 81, protocol: 'tcp' },
      { hostIp: '', hostPort: 40000, containerPort: 53, protocol: 'udp' },
    ])
    expect(() => parsePorts(['1-2:3'], free)).toThrow(
      expect.objectContaining({ message: 'container and host port ranges have different lengths: 1 vs 2' }),
    )
  })
  test('neighbours are shown as a range, exposed ones behind them', () => {
    expect(portsText(parsePorts(['8080-8081:80-81', '90:90'], free), ['80/tcp', '443'])).toBe(
      '0.0.0.0:8080-8081->80-81/tcp, 0.0.0.0:90->90/tcp, 443/tcp',
    )
  })
  test('what pasta gets is what pasta reads', () => {
    expect(parseForwards('127.0.0.1/8080-8081:80-81')?.map((f) => [f.address, f.host, f.inside])).toEqual([
      ['127.0.0.1', 8080, 80],
      ['127.0.0.1', 8081, 81],
    ])
    expect(parseForwards('none')).toEqual([])
    expect(parseForwards('x')).toBeUndefined()
  })
  test('any text is ports or a problem', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.:/-]{0,20}$/)), (t) => {
        onlyProblems(() => parsePorts([t], free))
        parseForwards(t)
      }),
    )
  })
})
test('networks', () => {
  const o = { aliases: [], ip: undefined, mac: undefined, rootless: true }
  expect(parseNetwork([], o)).toBeUndefined()
  expect(parseNetwork(['host'], o)).toEqual({ kind: 'host' })
  expect(parseNetwork(['a', 'b'], o)).toMatchObject({ kind: 'bridge', networks: [{ name: 'a' }, { name: 'b' }] })
  expect(() => parseNetwork(['slirp4netns'], o)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^zukan: not emulated/) }),
  )
  fc.assert(fc.property(fc.string(), (t) => onlyProblems(() => parseNetwork([t], o))))
})
test('quantities of Kubernetes, keys to detach, operands, spelling', () => {
  expect(quantity('64Mi')).toBe(64 * 1024 ** 2)
  expect(quantity('500m')).toBe(0.5)
  expect(quantity('many')).toBeUndefined()
  expect(detachKeys('ctrl-p,ctrl-q')).toEqual([16, 17])
  fc.assert(fc.property(fc.string(), (t) => onlyProblems(() => detachKeys(t))))
  expect(argsComplaint('podman run', 0, [1, Infinity])).toBe('requires at least 1 arg(s), only received 0')
  expect(argsComplaint('podman ps', 1, [0, 0])).toBe('`podman ps` takes no arguments')
  expect(distance('bogus', 'logs')).toBe(2)
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => distance(a, b) === distance(b, a)))
})
test('the user is root, subordinate ids are the others', () => {
  expect(mapOf(1000, [{ first: 100000, count: 65536 }])).toEqual([
    [0, 1000, 1],
    [1, 100000, 65536],
  ])
})
test('info is YAML', () => {
  expect(yaml({ b: [{ x: 1, y: 'two' }], a: { c: '1.0', d: null, e: [] } })).toBe(
    '\na:\n  c: "1.0"\n  d: null\n  e: []\nb:\n- x: 1\n  y: two\n',
  )
})

/** The chains of a Kubernetes node, drawn from what really ran there. */
import { expect, test } from 'vitest'
import { openSession } from '../../emulator/complete.ts'
import { lookAt } from '../../emulator/view.ts'
import { hostFor, inputOf, setupFor, type Watched, WIDE } from '../index.ts'
import { layoutScene, overflows } from '../layout/index.ts'
import runtimes from './runtimes.ts'
import { stepsOf } from './steps.ts'

const session = openSession({ host: 'k8s-node' })
session.run(setupFor(runtimes, 'k8s-node', ''))
const watched: Watched = {
  trace: session.world.trace,
  now: () => lookAt(session),
  at: () => undefined,
}
test.each([
  ['containerd', 'shim', 'runc', 'Task.Create'],
  ['crio', 'conmon', 'crun', 'fork, exec'],
])('%s: from crictl to the kernel', (choice, shim, low, handed) => {
  expect(hostFor(runtimes, choice, 'linux-server')).toBe('k8s-node')
  const input = inputOf(watched, choice)
  const scene = runtimes.scene(input, 'en')
  const labels = (from: string, to: string) => scene.links.find((l) => l.from === from && l.to === to)?.labels
  expect(labels('crictl', choice)).toContain('runtime.v1.RuntimeService/RunPodSandbox')
  expect(labels('crictl', choice)).toContain('runtime.v1.RuntimeService/CreateContainer')
  expect(labels(choice, shim)).toContain(handed)
  expect(labels(shim, low)).toContain(`${low} create`)
  expect(labels(low, 'kernel')?.[0]).toMatch(/^namespaces: .*\bpid\b/)
  expect(labels(low, 'kernel')?.[1]).toMatch(/^cgroup: .*cgroup\.procs = \d+/)
  // Both runtimes have a container of this name; each picture shows its own.
  const containers = scene.root.children?.find((b) => b.id === 'containers')?.children
  expect(containers?.map((c) => c.title)).toEqual(['shell'])
  expect(scene.root.children?.find((b) => b.id === low)?.details?.[1]).toBe('has done its work and ended')
  const documents = scene.links.flatMap((l) => l.documents ?? [])
  expect(documents.some((d) => d.text.includes('"ociVersion"'))).toBe(true)
  expect(scene.sources).toBeUndefined()
  const pairs = stepsOf(input.trace, () => scene).map((s) => `${s.from} > ${s.to}`)
  expect(pairs).toContain(`crictl > ${choice}`)
  expect(pairs).toContain(`${low} > kernel`)
  for (const width of [276, WIDE]) expect(overflows(layoutScene(scene, width))).toEqual([])
})
test('each has a container of its own', () => {
  const [a, b] = ['containerd', 'crio'].map(
    (choice) =>
      runtimes.scene(inputOf(watched, choice), 'ja').root.children?.find((x) => x.id === 'containers')?.children?.[0]
        ?.id,
  )
  expect(a).not.toBe(b)
})

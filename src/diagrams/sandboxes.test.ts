import { expect, test } from 'vitest'
import { openSession } from '../emulator/complete.ts'
import { lookAt } from '../emulator/view.ts'
import { inputOf, type Watched } from './index.ts'
import runtimes from './scene/runtimes.ts'
import syscalls from './scene/syscalls.ts'
import { boxesOf, type Scene } from './scene/types.ts'

const world = openSession()
const watched: Watched = {
  trace: world.world.trace,
  now: () => lookAt(world),
  at: () => undefined,
}
const run = (line: string): string => world.execute(['/bin/sh', '-c', line]).stdout
const box = (scene: Scene, id: string) => [...boxesOf(scene.root)].find(({ box }) => box.id.startsWith(id))?.box

test('who answers a system call is what the world has', () => {
  run(syscalls.setup)
  const plain = syscalls.scene(inputOf(watched, 'runc'), 'en')
  expect(plain.sources).toBeUndefined()
  expect(box(plain, 'app')?.details?.join()).toMatch(/web: nginx,PID \d+ on the host/)
  run('docker exec sandboxed cat /etc/hostname')
  const scene = syscalls.scene(inputOf(watched, 'gvisor'), 'en')
  expect(scene.sources).toBeUndefined()
  expect(box(scene, 'app')?.details?.join()).toContain('sandboxed: sleep,PID 1 in the sandbox')
  expect(box(scene, 'sentry')?.details?.join()).toMatch(
    /Linux 4\.4\.0,runsc-gofer: PID \d+ on the host,runsc-sandbox: PID/,
  )
  expect(scene.links.find((l) => l.id === 'call:sentry')?.labels).toContain('Gofer: openat hostname')
  expect(syscalls.scene(inputOf(watched, 'kata'), 'en').sources).toHaveLength(3)
})
test('the chain of runtimes names the low-level runtime that was called, and the kernel that answers', () => {
  run('docker run -d --name small --runtime crun alpine sleep 1000')
  const crun = runtimes.scene(inputOf(watched, 'docker'), 'en')
  expect(box(crun, 'runc')?.title).toBe('crun')
  expect(crun.links.find((l) => l.id === 'shim-runc')?.labels).toContain('crun create')
  run('docker rm -f web small; docker run -d --name other --runtime runsc alpine sleep 1000')
  const scene = runtimes.scene(inputOf(watched, 'gvisor'), 'en')
  expect(scene.sources).toBeUndefined()
  expect(box(scene, 'runc')?.title).toBe('runsc')
  expect(box(scene, 'sentry:')?.title).toBe('Sentry (Linux 4.4.0)')
  expect(box(scene, 'container:')?.kernel).toMatch(/^sentry:/)
  expect(scene.links.some((l) => l.from.startsWith('sentry:') && l.to === 'kernel')).toBe(true)
  expect(scene.links.some((l) => l.from === 'containers' && l.to === 'kernel')).toBe(false)
})
test('under Kata the shim speaks to an agent in a machine whose own kernel answers', () => {
  run('docker rm -f $(docker ps -aq); docker run -d --name boxed --runtime io.containerd.kata.v2 alpine sleep 1000')
  const guest = watched.now().view.guests.find((g) => g.containers.some((c) => c.name === 'boxed'))
  const scene = runtimes.scene(inputOf(watched, 'kata'), 'en')
  expect(scene.sources).toBeUndefined()
  expect(box(scene, 'machine:')?.title).toBe('boxed')
  expect(box(scene, 'container:')?.kernel).toBe(`kernel:${guest?.name}`)
  expect(box(scene, 'kernel:')?.title).toBe(`Linux ${guest?.kernel?.release}`)
  expect([...boxesOf(scene.root)].find((b) => b.box.id === 'kernel')?.box.details).toEqual([
    'Sees QEMU, not the program in the machine',
  ])
  expect(scene.links.find((l) => l.from === 'shim')?.labels).toContain('grpc.AgentService/CreateSandbox')
  expect(scene.links.map((l) => `${l.from} > ${l.to}`)).toContain('qemu-system-x86_64 > kernel')
  const calls = syscalls.scene(inputOf(watched, 'kata'), 'ja')
  expect(calls.sources).toBeUndefined()
  expect(box(calls, 'vmm')?.details?.join()).toMatch(/qemu-system-x86_64: ホストのPID \d+/)
  expect(box(calls, 'guest')?.details).toContain(`Linux ${guest?.kernel?.release}`)
})

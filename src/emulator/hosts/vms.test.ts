import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

describe.each(['vm-type1', 'vm-type2'] as const)('virtual machines on %s', (host) => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  const machine = (name: string) => [...s.world.allMachines()].find((m) => m.name === name)
  beforeAll(() => {
    s = openSession({ host })
    run('virsh start server1; virsh start micro1')
  })
  test('are listed as running once they are started', () => {
    expect(run('virsh list').stdout).toMatch(/server1 +running/)
    expect(run('virsh domstate micro1').stdout).toBe('running\n\n')
  })
  test('each answers with a kernel of its own', () => {
    const releases = run('uname -r; ssh server1 uname -r; ssh micro1 uname -r').stdout.trim().split('\n')
    expect(new Set(releases).size).toBe(3)
  })
  test('a server takes seconds to boot, a microVM at most the 125 ms that Firecracker promises', () => {
    expect(machine('server1')?.bootTime).toBeGreaterThan(10e9)
    expect(machine('micro1')?.bootTime).toBeLessThanOrEqual(125e6)
  })
  test('firmware, kernel and init of a boot are in the trace, in this order', () => {
    const from = s.world.trace.count
    run('virsh destroy micro1; virsh start micro1')
    const steps = s.world.trace.events(from).filter((e) => e.kind === 'boot' && e.to === 'machine:micro1')
    expect(steps.map((e) => e.what)).toEqual([
      'partition created',
      'none (direct kernel boot)',
      'Linux 6.1.155',
      'init',
    ])
  })
  test('containers run inside a machine, unseen by the host', () => {
    run('ssh server1 docker run -d --name inside nginx')
    expect(run('ssh server1 docker ps').stdout).toMatch(/inside$/m)
    expect(run('docker ps').stdout).not.toMatch(/inside/)
    expect(run('ps aux').stdout).not.toMatch(/nginx/)
  })
  test('the hypervisor is where its kind says', () => {
    const m = machine('server1')
    // Type 1 owns the metal, which has no other kernel; type 2 is a program of the host's system.
    expect(m?.parent?.kernel === undefined).toBe(host === 'vm-type1')
    expect(m?.parent?.name).toBe(host)
    expect(s.view().guests.map((g) => g.name)).toContain('server1')
  })
  test('a machine ends with its process', () => {
    run('virsh start micro1; kill -9 $(pgrep -f "domain micro1")')
    expect(machine('micro1')).toBeUndefined()
  })
  test('what lies on its disk is there after the next boot', () => {
    run('virsh start micro1; ssh micro1 "echo kept > /root/note"; virsh destroy micro1; virsh start micro1')
    expect(run('ssh micro1 cat /root/note').stdout).toBe('kept\n')
  })
  test('what cannot be is refused in libvirt’s words', () => {
    expect(run('virsh start nope').stderr).toBe("error: failed to get domain 'nope'\n")
    expect(run('virsh start server1').stderr).toBe('error: Domain is already active\n')
    expect(run('virsh migrate server1').stderr).toBe('zukan: not emulated: virsh migrate\n')
  })
})
test('domain 0 is a virtual machine beside the others', () => {
  const s = openSession({ host: 'vm-type1' })
  expect(s.execute(['/usr/sbin/xl', 'list']).stdout).toMatch(/^Domain-0 +0 +4096 /m)
  expect(s.view().guests.map((g) => g.name)).toEqual(['Domain-0'])
})

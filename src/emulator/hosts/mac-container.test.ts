import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

describe("Apple's container on a Mac", () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'mac-container' })
    run('container run -d --name one nginx; container run -d --name two alpine sleep 600')
  })
  test('each container has a machine and a kernel of its own', () => {
    const boot = (n: string) => run(`container exec ${n} cat /proc/sys/kernel/random/boot_id`).stdout
    expect(boot('one')).not.toBe(boot('two'))
    expect(run('ps aux').stdout.match(/container-runtime-linux start .* --uuid (one|two)$/gm)).toHaveLength(2)
  })
  test('each has an address of its own, at which it answers', () => {
    const address = /one +nginx .* (192\.168\.64\.\d+) /.exec(run('container ls').stdout)?.[1]
    expect(run(`curl -s ${address} | grep -c Welcome`).stdout).toBe('2\n')
  })
  test('a start takes less than a second, machine included', () => {
    const from = s.world.clock.now
    expect(run('container run --rm alpine uname -sm').stdout).toBe('Linux aarch64\n')
    expect(s.world.clock.now - from).toBeLessThan(1e9)
  })
  test("the machine's init is vminitd; no engine is inside", () => {
    const guest = [...s.world.allMachines()].find((m) => m.name === 'one@vm')
    expect(guest?.kernel?.initial.pid.init?.comm).toBe('vminitd')
    expect([...(guest?.kernel?.initial.pid.processes.values() ?? [])].map((p) => p.comm)).not.toContain('dockerd')
  })
  test('docker is another program, which is not here', () =>
    expect(run('docker ps')).toMatchObject({ status: 127, stderr: 'zsh: command not found: docker\n' }))
  test('the exit code is that of the program', () =>
    expect(run("container run --rm alpine sh -c 'exit 7'").status).toBe(7))
  test('a running container is not deleted, a stopped one is', () => {
    expect(run('container delete two').stderr).toContain('is running and can not be deleted')
    run('container kill two; container delete two')
    expect(run('container ls -a').stdout).not.toMatch(/two/)
    expect([...s.world.allMachines()].some((m) => m.name === 'two@vm')).toBe(false)
  })
  test('what is unknown is refused', () => {
    expect(run('container nonsense').status).toBe(64)
    expect(run('container run --nope alpine').stderr).toBe("Error: Unknown option '--nope'\n")
    expect(run('container build .').stderr).toBe('zukan: not emulated: container build\n')
  })
})

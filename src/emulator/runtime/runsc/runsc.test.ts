/** gVisor: whose kernel answers, and what the host sees of it. */
import { describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'
import { kernelTable } from '../../kernels.ts'

function run(lines: string): { readonly out: string; readonly err: string; readonly session: Session } {
  const session = openSession()
  const r = session.execute(['/bin/sh', '-c', lines])
  for (const m of session.world.allMachines()) expect(m.kernel?.faults ?? []).toEqual([])
  return { out: r.stdout, err: r.stderr, session }
}
const d = 'docker run --rm --runtime runsc alpine'

describe('a container under runsc', () => {
  test('asks the Sentry: its log, its version, its processes', () => {
    const r = run(`${d} dmesg; ${d} uname -r; ${d} ps`)
    expect(r.out).toMatch(/^\[ {4}0\.000000\] Starting gVisor\.\.\.\n(\[.*\] .*\.\.\.\n){9}\[.*\] Ready!\n4\.4\.0\n/)
    expect(r.out).toContain('    1 root      0:00 ps\n')
  })
  test('shows on the host as a sandbox and a gofer, not as the program', () => {
    const { out } = run(
      'docker run -d --runtime runsc --name one alpine sleep 321 >/dev/null; ps -eo comm,args | grep -E "^runsc|sleep 321" | cut -d" " -f1',
    )
    expect(out.split('\n').filter((l) => l && l !== 'sh' && l !== 'grep')).toEqual(['runsc-gofer', 'runsc-sandbox'])
  })
  test('is served by a kernel of its own, without a machine', () => {
    const { session } = run(
      'docker run -d --runtime runsc --name one nginx; docker run -d --runtime runsc --name two nginx; docker run -d --name three nginx',
    )
    const rows = kernelTable(session.world)
    expect(rows.map((r) => [r.container, r.kernel.release, r.isolation, r.sharedWith, r.sharedWithHost, r.vm])).toEqual(
      [
        ['one', '4.4.0', 'sentry', [], false, undefined],
        ['two', '4.4.0', 'sentry', [], false, undefined],
        ['three', expect.stringMatching(/^6\.12/), 'namespaces', [], true, undefined],
      ],
    )
    expect(rows[0]?.start).toBeGreaterThan(0)
  })
  test('runs, is run in, stops, starts again and ends with its code', () => {
    const r = run(
      `docker pull -q nginx >/dev/null; docker run -d --runtime runsc --name web nginx >/dev/null; sleep 1; curl -s $(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' web) | grep -c Welcome; docker exec web ps | grep -c nginx:; docker stop web; docker start web; docker exec web sh -c 'exit 3'; echo $?; docker rm -f web; ${d} sh -c 'exit 7'; echo $?; echo in | docker run -i --rm --runtime runsc alpine cat; sleep 1; ps -eo comm | grep -c runsc`,
    )
    expect(r).toMatchObject({ out: '2\n5\nweb\nweb\n3\nweb\n7\nin\n0\n', err: '' })
  })
  test('has its files through the gofer, read-only ones as well', () => {
    const r = run(
      'echo one > /root/a; docker run --rm --runtime runsc -v /root/a:/a:ro -v /root:/r alpine sh -c "cat /a; echo two > /r/b; echo no > /a"; cat /root/b',
    )
    expect(r.out).toBe('one\ntwo\n')
    expect(r.err).toContain("can't create /a: Read-only file system")
  })
  test('with a terminal has one of the Sentry', () => {
    expect(run('docker run --rm -t --runtime runsc alpine tty').out).toBe('/dev/pts/0\r\n')
  })
  test('that cannot start says why', () => {
    expect(run(`${d} nosuch; echo $?`).err).toContain('error finding executable "nosuch" in PATH')
  })
})
test('the trace tells of the requests to the gofer', () => {
  const { session } = run(`${d} cat /etc/alpine-release`)
  const asked = [...session.world.trace.events()].filter((e) => e.kind === 'file' && e.to.endsWith(':runsc-gofer'))
  expect(asked.map((e) => e.what)).toContain('openat alpine-release')
})
test('containerd-shim-runsc-v1 is the same by the name of its shim', () => {
  expect(run('docker run --rm --runtime io.containerd.runsc.v1 alpine uname -r').out).toBe('4.4.0\n')
})
test('flags that would change what is not emulated say so', () => {
  expect(run('runsc --platform=kvm list').err).toBe('zukan: not emulated: runsc --platform=kvm\n')
})

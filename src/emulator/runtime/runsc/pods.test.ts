/** Pods of the class runsc: one Sentry with the containers of the pod in it, each with a root and processes of its own. */
import { describe, expect, test } from 'vitest'
import { openSession } from '../../complete.ts'
import { kernelTable } from '../../kernels.ts'

describe('A pod in a gVisor sandbox', () => {
  const session = openSession({ host: 'k8s-node' })
  const sh = (lines: string): string => session.execute(['/bin/sh', '-c', lines], { cwd: '/root' }).stdout
  test('has one Sentry for all its containers, whose programs are no processes of the host', () => {
    sh(`crictl pull docker.io/library/nginx:1.25.3-alpine
        crictl runp --runtime runsc pod.json >pod
        for c in nginx shell; do crictl create $(cat pod) $c.json pod.json >$c; crictl start $(cat $c); done; sleep 2`)
    expect(sh("ps -eo comm | grep -E 'runsc|containerd-shim|nginx|sleep'")).toBe(
      'containerd-shim\nrunsc-gofer\nrunsc-sandbox\nrunsc\nrunsc\n',
    )
    expect(sh('crictl exec $(cat shell) sh -c "uname -r; hostname; ps -o args | head -2; ls /usr/sbin/nginx"')).toBe(
      '4.4.0\nweb\nCOMMAND\nsleep 3600\n',
    )
    expect(sh('crictl exec $(cat nginx) ls /usr/sbin/nginx')).toBe('/usr/sbin/nginx\n')
  })
  test('shares its network stack and shared memory', () => {
    expect(sh('crictl exec $(cat shell) wget -qO- http://127.0.0.1 | grep -c "Welcome to nginx"')).toBe('2\n')
    expect(sh('wget -qO- http://10.88.0.2 | grep -c nginx; crictl logs $(cat nginx) | grep -c GET')).toMatch(
      /^\d+\n2\n$/,
    )
    sh('crictl exec $(cat nginx) sh -c "echo shared > /dev/shm/f"')
    expect(sh('crictl exec $(cat shell) cat /dev/shm/f')).toBe('shared\n')
    const rows = kernelTable(session.world)
    expect(rows.map((r) => [r.container, r.isolation, r.sharedWith, r.sharedWithHost])).toEqual([
      ['nginx', 'sentry', ['shell'], false],
      ['shell', 'sentry', ['nginx'], false],
    ])
  })
  test('lets its containers end each for itself, and goes with its sandbox', () => {
    expect(
      sh('crictl stop -t 1 $(cat shell) >/dev/null; crictl ps -q | wc -l; crictl inspect $(cat shell) | grep exitCode'),
    ).toMatch(/^1\n +"exitCode": 137,\n$/)
    expect(sh('wget -qO- http://10.88.0.2 | grep -c nginx')).toMatch(/^\d+\n$/)
    sh('crictl stopp $(cat pod); crictl rmp $(cat pod); sleep 1')
    expect(sh("ps -eo comm | grep -E 'runsc|containerd-shim'; crictl pods -q; ls /run/containerd/runsc/k8s.io")).toBe(
      '',
    )
  })
})

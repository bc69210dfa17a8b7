/** The Container Runtime Interface on a node, by containerd and by CRI-O: pods, what their containers share, and how each runtime does it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../complete.ts'
import { handlersOf } from '../containerd/cri.ts'
import { BadField, readContainerConfig, readPodConfig } from './types.ts'

describe('configurations', () => {
  test('both spellings are read', () => {
    const snake = readPodConfig({
      metadata: { name: 'a' },
      log_directory: '/l',
      linux: { security_context: { namespace_options: { pid: 1 } } },
    })
    const camel = readPodConfig({
      metadata: { name: 'a' },
      logDirectory: '/l',
      linux: { securityContext: { namespaceOptions: { pid: 'CONTAINER' } } },
    })
    expect(snake).toEqual(camel)
    expect(snake.namespaces).toEqual({ network: 0, pid: 1, ipc: 0 })
  })
  test.each([
    [{ metadata: [] }, 'cannot unmarshal array into Go struct field metadata'],
    [{ metadata: { attempt: 'x' } }, 'cannot unmarshal string into Go struct field attempt of type int64'],
    [{ labels: { a: 1 } }, 'cannot unmarshal number into Go struct field labels of type string'],
    [7, 'cannot unmarshal number'],
  ])('%j is refused with its place', (value, message) =>
    expect(() => readPodConfig(value)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) })))
  test('no value makes the readers fail otherwise than by a message', () => {
    const keys = [
      'metadata',
      'linux',
      'image',
      'security_context',
      'namespace_options',
      'pid',
      'resources',
      'envs',
      'mounts',
      'command',
      'port_mappings',
      'capabilities',
    ]
    const value = fc.object({ key: fc.constantFrom(...keys), maxDepth: 4 })
    fc.assert(
      fc.property(fc.oneof(value, fc.anything()), (v) => {
        for (const read of [readPodConfig, readContainerConfig])
          try {
            read(v)
          } catch (e) {
            expect(e).toBeInstanceOf(BadField)
          }
      }),
      { numRuns: 300 },
    )
  })
})

const runtimes = [
  { name: 'containerd', socket: '/run/containerd/containerd.sock', network: '10.88.0.2' },
  { name: 'cri-o', socket: '/run/crio/crio.sock', network: '10.85.0.2' },
] as const
test('config.toml: whatever it says, runc is there, and what has a program', () => {
  expect([
    ...handlersOf(
      "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun.options]\n  BinaryName = '/c'\n[other]\nBinaryName = '/d'",
    ),
  ]).toEqual([
    ['runc', { type: 'io.containerd.runc.v2', binary: '/usr/bin/runc' }],
    ['crun', { type: 'io.containerd.runc.v2', binary: '/c' }],
  ])
  fc.assert(fc.property(fc.string(), (text) => handlersOf(text).has('runc')))
})
describe.each(runtimes)('$name', ({ name, socket, network }) => {
  const run = (lines: string) => {
    const s = openSession({ host: 'k8s-node' })
    const r = s.execute([
      '/bin/sh',
      '-c',
      `export CONTAINER_RUNTIME_ENDPOINT=unix://${socket} IMAGE_SERVICE_ENDPOINT=unix://${socket}; crictl pull nginx:1.25.3-alpine >/dev/null; crictl pull alpine:3.22 >/dev/null; ${lines}`,
    ])
    expect(s.kernel.faults).toEqual([])
    return r
  }
  const pod =
    'POD=$(crictl runp pod.json); WEB=$(crictl create $POD nginx.json pod.json); BOX=$(crictl create $POD shell.json pod.json); crictl start $WEB $BOX >/dev/null; sleep 1; '
  test('it says who it is', () => expect(run('crictl version').stdout).toContain(`RuntimeName:  ${name}\n`))
  test('the containers of a pod have one network: localhost is the pod', () => {
    const { stdout } = run(
      `${pod} crictl exec $BOX wget -qO- localhost | grep -c Welcome; crictl exec $BOX ip addr | grep -o ${network}; curl -s ${network} | grep -c title`,
    )
    expect(stdout).toBe(`2\n${network}\n1\n`)
  })
  test.each(['runc', 'crun'])('a pod runs by %s', (runtime) => {
    const { stdout } = run(
      `POD=$(crictl runp --runtime=${runtime} pod.json); BOX=$(crictl create $POD shell.json pod.json); crictl start $BOX >/dev/null; crictl exec $BOX hostname; crictl pods | awk 'NR==2 {print $NF}'; find /run -path "*/$BOX*" -name ${runtime === 'runc' ? 'state.json' : 'status'} | wc -l; crictl rmp -fa | wc -l; crictl ps -aq`,
    )
    expect(stdout).toBe(`web\n${runtime}\n1\n2\n`)
  })
  test('a runtime that nobody configured is refused', () =>
    expect(run('crictl runp --runtime=nope pod.json').stderr).toMatch(
      name === 'containerd'
        ? /no runtime for .*nope.* is configured/
        : /failed to find runtime handler nope from runtime list/,
    ))
  test('they share the host name, and not the processes', () => {
    const { stdout } = run(`${pod} crictl exec $BOX hostname; crictl exec $BOX ps -o args | grep -c nginx`)
    expect(stdout).toBe('web\n0\n')
  })
  test('exit codes, input and output pass through', () => {
    const r = run(
      `${pod} echo data | crictl exec -i $BOX cat; crictl exec $BOX sh -c 'echo err >&2; exit 3'; crictl exec -s $BOX echo hi`,
    )
    expect(r.stdout).toBe('data\nhi\n\n\n')
    expect(r.stderr).toMatch(/^err\n.*command terminated with exit code 3"\n$/)
  })
  test('the log is a file in the form that the kubelet reads', () => {
    const { stdout } = run(
      `${pod} crictl exec $BOX wget -qO- localhost >/dev/null; crictl logs $WEB 2>/dev/null | tail -n 1; tail -n 1 /var/log/pods/default_web_6d2a1e1c-web/nginx/0.log`,
    )
    const [shown = '', kept = ''] = stdout.split('\n')
    expect(shown).toMatch(/^127\.0\.0\.1 .*"GET \/ HTTP\/1\.1" 200/)
    expect(kept).toMatch(/^2026-11-21T\S+ stdout F /)
    expect(kept.endsWith(shown)).toBe(true)
  })
  test('stopping and removing leaves nothing: processes, names, addresses, mounts', () => {
    const { stdout } = run(
      `${pod} crictl stop $BOX >/dev/null; crictl stopp $POD >/dev/null; crictl rmp $POD >/dev/null; sleep 1; crictl ps -aq; crictl pods -q; ps -eo comm | grep -cE 'pause|shim|conmon|nginx'; ls /run/netns /var/run/utsns 2>/dev/null | grep -cE '^(cni|[0-9a-f]{64})'; iptables -t nat -S POSTROUTING | grep -c 10.8; mount | grep -cE 'shm.*sandboxes|merged|rootfs'`,
    )
    expect(stdout).toBe('0\n0\n0\n0\n')
  })
  test('names and places of what is wrong are told', () => {
    const r = run(
      'crictl runp none.json; echo {} > x.json; crictl runp x.json; crictl inspect abc; crictl runp --runtime=nobody pod.json',
    )
    expect(r.stdout).toBe('')
    const lines = r.stderr.trim().split('\n')
    expect(lines[0]).toContain('load podSandboxConfig: config at none.json not found')
    expect(lines[1]).toContain('metadata is not set')
    expect(lines[2]).toContain('code = NotFound')
    expect(lines[3]).toContain('nobody')
  })
  test('a port of the host leads into the pod', () => {
    const { stdout } = run(
      `sed 's/"hostname": "web",/"port_mappings": [{"container_port": 80, "host_port": 8080}],/' pod.json > p.json; crictl run nginx.json p.json >/dev/null 2>&1; sleep 1; curl -s localhost:8080 | grep -c title; curl -s 10.0.0.5:8080 | grep -c title`,
    )
    expect(stdout).toBe('1\n1\n')
  })
  test('namespaces are held by a process or by files', () => {
    const { stdout } = run(
      `${pod} ps -eo comm | grep -c pause; ls /var/run/utsns 2>/dev/null | grep -c .; ps -eo ppid,comm | awk '$2 ~ /^(nginx|sleep)$/ {print $1}' | sort -u | wc -l`,
    )
    // containerd: one pause, one shim for all. CRI-O: pinned to files, a conmon for each (and nginx's own children).
    expect(stdout).toBe(name === 'containerd' ? '1\n0\n2\n' : '0\n1\n3\n')
  })
})
test('a pod whose processes are shared has the pause process as number one, by either runtime', () => {
  for (const { socket } of runtimes) {
    const r = openSession({ host: 'k8s-node' }).execute([
      '/bin/sh',
      '-c',
      `export CONTAINER_RUNTIME_ENDPOINT=unix://${socket} IMAGE_SERVICE_ENDPOINT=unix://${socket}; sed 's/"pid": 1/"pid": 0/' pod.json > p.json; sed 's/"pid": 1/"pid": 0/' shell.json > s.json; crictl run s.json p.json >/dev/null 2>&1; crictl exec $(crictl ps -q) ps -o pid,args | sed -n 2p`,
    ])
    expect(r.stdout).toBe('    1 /pause\n')
  }
})

/** The central table of the chapters: whose kernel answers, on every host. One row a set-up, as the documents give it. */
import { describe, expect, test } from 'vitest'
import { type HostName, openSession } from '../complete.ts'
import { kernelTable } from '../kernels.ts'

interface SetUp {
  readonly setUp: string
  readonly host: HostName
  /** Starts two containers, `one` and `two`. */
  readonly lines: string
  readonly system: 'Linux' | 'Windows_NT'
  /** The host's own kernel, or a machine's that all share, or one a container. */
  readonly vmPer: 'none' | 'host' | 'container'
}
const two = 'docker run -d --name one nginx; docker run -d --name two alpine sleep 600'
const windows = (isolation: string): string =>
  ['one', 'two']
    .map(
      (n) =>
        `docker run -d --name ${n} --isolation=${isolation} mcr.microsoft.com/windows/nanoserver:ltsc2025 ping -t localhost`,
    )
    .join('; ')
/** Two pods of one container each, named after the container, as the kubelet would ask a runtime for them. */
const pods = (socket: string): string =>
  [
    `export CONTAINER_RUNTIME_ENDPOINT=unix://${socket} IMAGE_SERVICE_ENDPOINT=unix://${socket}`,
    ...['one', 'two'].map(
      (n) =>
        `sed 's/"name": "web"/"name": "${n}"/; s/6d2a1e1c-web/uid-${n}/g' pod.json > ${n}-pod.json; sed 's/"name": "shell"/"name": "${n}"/' shell.json > ${n}.json; crictl run ${n}.json ${n}-pod.json`,
    ),
  ].join('; ')
const setUps: readonly SetUp[] = [
  {
    setUp: "Kubernetes node, containerd's CRI",
    host: 'k8s-node',
    lines: pods('/run/containerd/containerd.sock'),
    system: 'Linux',
    vmPer: 'none',
  },
  {
    setUp: 'Kubernetes node, CRI-O',
    host: 'k8s-node',
    lines: pods('/run/crio/crio.sock'),
    system: 'Linux',
    vmPer: 'none',
  },
  {
    setUp: 'Podman, rootless',
    host: 'linux-podman',
    lines: two.replace(/docker run/g, 'podman run -q'),
    system: 'Linux',
    vmPer: 'none',
  },
  {
    setUp: 'Podman, as root',
    host: 'linux-podman',
    lines: two.replace(/docker run/g, 'sudo podman run -q'),
    system: 'Linux',
    vmPer: 'none',
  },
  { setUp: 'Docker on Linux', host: 'linux-server', lines: two, system: 'Linux', vmPer: 'none' },
  { setUp: 'Docker Desktop, WSL 2', host: 'windows-wsl2', lines: two, system: 'Linux', vmPer: 'host' },
  { setUp: 'Docker Desktop, Hyper-V backend', host: 'windows-moby', lines: two, system: 'Linux', vmPer: 'host' },
  {
    setUp: 'Apple container',
    host: 'mac-container',
    lines: two.replace(/docker run/g, 'container run'),
    system: 'Linux',
    vmPer: 'container',
  },
  { setUp: 'Docker Desktop on Mac', host: 'mac-desktop', lines: two, system: 'Linux', vmPer: 'host' },
  {
    setUp: 'Docker in a virtual machine',
    host: 'vm-type1',
    lines: `virsh start server1; ${two.replace(/docker run/g, 'ssh server1 docker run')}`,
    system: 'Linux',
    vmPer: 'host',
  },
  {
    setUp: 'wslc (WSL containers)',
    host: 'windows-wslc',
    lines: two.replace(/docker run/g, 'wslc run'),
    system: 'Linux',
    vmPer: 'host',
  },
  { setUp: 'Docker LCOW', host: 'windows-lcow', lines: two, system: 'Linux', vmPer: 'container' },
  {
    setUp: 'Windows, process isolation',
    host: 'windows-containers',
    lines: windows('process'),
    system: 'Windows_NT',
    vmPer: 'none',
  },
  {
    setUp: 'Windows, Hyper-V isolation',
    host: 'windows-containers',
    lines: windows('hyperv'),
    system: 'Windows_NT',
    vmPer: 'container',
  },
]

describe.each(setUps)('$setUp ($host)', ({ host, lines, system, vmPer }) => {
  const session = openSession({ host })
  const ran = session.execute(session.host.shell.script(lines))
  const rows = kernelTable(session.world).filter((r) => r.container === 'one' || r.container === 'two')
  const [one, other] = rows as [(typeof rows)[number], (typeof rows)[number]]

  test('both containers run', () => expect([ran.status, rows.length], ran.stderr).toEqual([0, 2]))
  test('the kernel is of the kind that the table says', () =>
    expect(rows.map((r) => r.kernel.system)).toEqual([system, system]))
  test('it is shared with those, and only those, that the table says', () => {
    expect(rows.map((r) => r.sharedWith)).toEqual(vmPer === 'container' ? [[], []] : [['two'], ['one']])
    expect(rows.map((r) => r.sharedWithHost)).toEqual([vmPer === 'none', vmPer === 'none'])
  })
  test('a virtual machine stands around them where the table says so', () => {
    expect(rows.map((r) => r.vm === undefined)).toEqual([vmPer === 'none', vmPer === 'none'])
    expect(one.machine === other.machine).toBe(vmPer !== 'container')
  })
  test('the stack costs more memory than the container alone, and the start took time', () => {
    for (const r of rows) {
      expect(r.memory.total).toBeGreaterThan(r.memory.container)
      expect(r.start).toBeGreaterThan(0)
      if (r.vm) expect(r.vm.bootTime).toBeGreaterThan(0)
    }
  })
})

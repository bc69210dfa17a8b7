/**
 * The set-ups in which the chapters run containers, each as lines to type on a host of the emulator. Two containers `one` and `two` are started;
 * whose kernel answers them is then asked of the world itself (kernels.ts). The shape of each is that of the chapters' central table.
 */
import { type HostName, openSession } from './complete.ts'
import { type KernelRow, kernelTable } from './kernels.ts'

export interface SetUp {
  readonly name: string
  readonly host: HostName
  /** Starts two containers, `one` and `two`. */
  readonly lines: string
  readonly system: 'Linux' | 'Windows_NT'
  /** Who else asks the kernel that answers: the host and all containers, all containers of the machine, or nobody. */
  readonly shared: 'host' | 'containers' | 'nobody'
  /** How many virtual machines there are: none, one for all containers, one for each. */
  readonly vm: 'none' | 'all' | 'each'
}

const two = (client: string): string =>
  `${client} run -d --name one nginx; ${client} run -d --name two alpine sleep 600`
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

const own = { system: 'Linux', shared: 'host', vm: 'none' } as const
const machine = { system: 'Linux', shared: 'containers', vm: 'all' } as const
const each = { system: 'Linux', shared: 'nobody', vm: 'each' } as const
export const setUps: readonly SetUp[] = [
  { name: 'Docker, runc', host: 'linux-server', lines: two('docker'), ...own },
  { name: 'Podman, rootless', host: 'linux-podman', lines: two('podman'), ...own },
  { name: 'Podman, root', host: 'linux-podman', lines: two('sudo podman'), ...own },
  { name: 'Kubernetes, containerd', host: 'k8s-node', lines: pods('/run/containerd/containerd.sock'), ...own },
  { name: 'Kubernetes, CRI-O', host: 'k8s-node', lines: pods('/run/crio/crio.sock'), ...own },
  {
    name: 'gVisor',
    host: 'linux-server',
    lines: two('docker').replace(/ run /g, ' run --runtime runsc '),
    ...own,
    shared: 'nobody',
  },
  { name: 'Kata', host: 'linux-server', lines: two('docker').replace(/ run /g, ' run --runtime kata '), ...each },
  { name: 'Docker in a VM', host: 'vm-type1', lines: `virsh start server1; ${two('ssh server1 docker')}`, ...machine },
  { name: 'Docker Desktop, WSL 2', host: 'windows-wsl2', lines: two('docker'), ...machine },
  { name: 'Docker Desktop, Hyper-V', host: 'windows-moby', lines: two('docker'), ...machine },
  { name: 'Docker Desktop, Mac', host: 'mac-desktop', lines: two('docker'), ...machine },
  { name: 'wslc', host: 'windows-wslc', lines: two('wslc'), ...machine },
  { name: 'Apple container', host: 'mac-container', lines: two('container'), ...each },
  { name: 'LCOW', host: 'windows-lcow', lines: two('docker'), ...each },
  { name: 'Windows, process', host: 'windows-containers', lines: windows('process'), ...own, system: 'Windows_NT' },
  { name: 'Windows, Hyper-V', host: 'windows-containers', lines: windows('hyperv'), ...each, system: 'Windows_NT' },
]

/** Runs a set-up on a fresh host and asks: the exit code, what was complained of, and a row for each of its two containers. */
export function tryOut(s: SetUp): {
  readonly status: number
  readonly stderr: string
  readonly rows: readonly KernelRow[]
} {
  const session = openSession({ host: s.host })
  const { status, stderr } = session.execute(session.host.shell.script(s.lines))
  const rows = kernelTable(session.world).filter((r) => r.container === 'one' || r.container === 'two')
  return { status, stderr, rows }
}

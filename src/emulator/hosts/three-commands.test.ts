/**
 * The same three commands on every host: start a server, ask a container for its kernel, look at the host's processes. What differs is who
 * answers, by which way, and what the host sees of it. Where a host has no `docker`, its own client is asked.
 */
import { describe, expect, test } from 'vitest'
import { type HostName, hostNames, openSession } from '../complete.ts'

interface Expectation {
  /** What stands before `run`. */
  readonly client: string
  /** Lines that are typed before. */
  readonly before?: string
  /** The kernel's release as a container gives it, and the processor. */
  readonly release: RegExp
  readonly processor: 'x86_64' | 'aarch64'
  /** Names in the host's list of processes when the server runs, and names that must not be there. */
  readonly sees: readonly string[]
  readonly hides: readonly string[]
  /** Steps of the server's start in this order: kind, machine, who, to whom, what. */
  readonly way: readonly RegExp[]
}
const runc = (machine: string): readonly RegExp[] => [
  new RegExp(`^grpc ${machine} dockerd>containerd tasks.Create`),
  new RegExp(`^exec ${machine} .*>file:containerd-shim-runc-v2 `),
  new RegExp(`^grpc ${machine} containerd>shim:\\w+ Task.Create`),
  new RegExp(`^exec ${machine} .*>file:runc `),
  new RegExp(`^namespace ${machine} runc>pid:`),
  new RegExp(`^exec ${machine} .*>file:nginx `),
]
const onLinux = (machine: string): Expectation => ({
  client: 'docker',
  release: /^6\.12\.57\+deb13-amd64$/,
  processor: 'x86_64',
  sees: ['dockerd', 'containerd', 'containerd-shim', 'nginx: master process'],
  hides: ['vmmem', 'qemu'],
  way: [new RegExp(`^api ${machine} docker>dockerd POST /v1.55/containers/create`), ...runc(machine)],
})
const inGuest = (host: string, holder: string): Expectation => ({
  client: 'ssh server1 docker',
  before: 'virsh start server1',
  release: /^6\.12\.57\+deb13-cloud-amd64$/,
  processor: 'x86_64',
  sees: [holder],
  hides: ['nginx: master process', 'containerd-shim'],
  way: [
    new RegExp(`^exec ${host} .*>file:${holder} `),
    /^boot .*>machine:server1 UEFI \(OVMF\)/,
    /^boot .*>machine:server1 Linux 6\.12/,
    /^boot .*>machine:server1 init/,
    /^exec server1 sshd>/,
    /^api server1 docker>dockerd POST \/v1.55\/containers\/create/,
    ...runc('server1'),
  ],
})
const expectations: Readonly<Record<Exclude<HostName, 'windows-containers' | 'k8s-node'>, Expectation>> = {
  'linux-server': onLinux('linux-server'),
  'ci-runner': onLinux('ci-runner'),
  'vm-type1': inGuest('Domain-0', 'xl-domain'),
  'vm-type2': inGuest('vm-type2', 'VBoxHeadless'),
  'windows-moby': {
    client: 'docker',
    release: /linuxkit$/,
    processor: 'x86_64',
    sees: ['com.docker.backend', 'vmms', 'vmwp', 'vmmem'],
    hides: ['nginx', 'dockerd', 'containerd'],
    way: [
      /^api windows-moby docker.exe>dockerd POST \/v1.55\/containers\/create/,
      /^api windows-moby com.docker.back>dockerd POST .*\(hvsocket to DockerDesktopVM\)/,
      ...runc('DockerDesktopVM'),
    ],
  },
  'windows-wsl2': {
    client: 'docker',
    release: /microsoft-standard-WSL2$/,
    processor: 'x86_64',
    sees: ['com.docker.backend', 'wslservice', 'vmmemWSL'],
    hides: ['nginx', 'dockerd', 'containerd'],
    way: [
      /^api windows-wsl2 docker.exe>dockerd POST /,
      /^api windows-wsl2 com.docker.back>dockerd POST .*\(hvsocket to the WSL utility VM\)/,
      ...runc('WSL'),
    ],
  },
  'windows-wslc': {
    client: 'wslc',
    release: /microsoft-standard-WSL2$/,
    processor: 'x86_64',
    sees: ['wslservice', 'vmmemWSL'],
    hides: ['nginx', 'dockerd', 'com.docker.backend'],
    way: [
      /^api windows-wslc wslc.exe>wslservice OpenSession/,
      /^api windows-wslc wslservice.exe>vmcompute HcsStartComputeSystem/,
      /^boot .*>machine:wslc-session init/,
      /^api windows-wslc wslservice.exe>dockerd POST .*\(hvsocket to the session VM\)/,
      ...runc('wslc-session'),
    ],
  },
  'windows-lcow': {
    client: 'docker',
    release: /^4\.14\.35-linuxkit$/,
    processor: 'x86_64',
    sees: ['dockerd', 'vmcompute', 'vmwp', 'vmmem'],
    hides: ['nginx', 'containerd'],
    way: [
      /^api windows-lcow docker.exe>dockerd POST /,
      /^api windows-lcow dockerd.exe>vmcompute HcsCreateComputeSystem/,
      /^boot .*>machine:\w+@vm Linux 4\.14\.35/,
      /^api windows-lcow dockerd.exe>machine:\w+@vm CreateContainer \(gcs\)/,
      /^exec \w+@vm gcs>file:runc /,
      /^namespace \w+@vm runc>pid:/,
      /^exec \w+@vm .*>file:nginx /,
    ],
  },
  'mac-desktop': {
    client: 'docker',
    release: /linuxkit$/,
    processor: 'aarch64',
    sees: ['com.docker.backend', 'com.apple.Virtualization.VirtualMachine'],
    hides: ['nginx', 'dockerd', 'containerd'],
    way: [
      /^api mac-desktop docker>dockerd POST \/v1.55\/containers\/create/,
      /^api mac-desktop com.docker.back>dockerd POST .*\(vsock to the LinuxKit VM\)/,
      ...runc('linuxkit'),
    ],
  },
  'mac-container': {
    client: 'container',
    release: /^6\.12\.28$/,
    processor: 'aarch64',
    sees: ['container-apiserver', 'container-runtime-linux'],
    hides: ['nginx', 'dockerd', 'containerd'],
    way: [
      /^api mac-container container>container-apiserver containerCreate/,
      /^exec mac-container .*>file:container-runtime-linux /,
      /^boot .* init/,
      /^exec \S+ .*>file:nginx /,
    ],
  },
  'linux-podman': {
    client: 'podman',
    release: /^6\.12\.57\+deb13-amd64$/,
    processor: 'x86_64',
    sees: ['conmon', 'pasta', 'nginx: master process'],
    hides: ['dockerd', 'containerd'],
    way: [
      /^exec linux-podman .*>file:podman /,
      /^namespace linux-podman .*>user:/,
      /^exec linux-podman .*>file:conmon /,
      /^exec linux-podman .*>file:crun /,
      /^exec linux-podman .*>file:nginx /,
    ],
  },
}

/** The host's processes, a name or command line each, without the folder of the program. */
function processes(host: HostName, run: (lines: string) => { readonly stdout: string }): readonly string[] {
  const windows = host.startsWith('windows')
  const lines = run(windows ? 'Get-Process | Select-Object -ExpandProperty ProcessName' : 'ps aux').stdout.split('\n')
  const names = windows ? lines : lines.slice(1).map((l) => l.trim().split(/\s+/).slice(10).join(' '))
  return names.map((n) => n.replace(/^\/(\S*\/)?/, ''))
}
/** Whether steps contain, in this order, one that matches each pattern; the first that is missing else. */
function missing(steps: readonly string[], way: readonly RegExp[]): RegExp | undefined {
  let at = 0
  for (const pattern of way) {
    while (at < steps.length && !pattern.test(steps[at] as string)) at++
    if (at === steps.length) return pattern
  }
  return undefined
}
const open = (host: HostName) => {
  const session = openSession({ host })
  const run = (lines: string) => session.execute(session.host.shell.script(lines))
  /** `kind machine who>whom what` for each step since a count. */
  const steps = (from: number): readonly string[] =>
    session.world.trace
      .events(from)
      .map((e) => `${e.kind} ${e.machine} ${e.from.replace(/^process:\d+:/, '')}>${e.to} ${e.what}`)
  return { session, run, steps }
}

describe.each(Object.entries(expectations))('the same three commands on %s', (name, x) => {
  const host = name as HostName
  const { session, run, steps } = open(host)
  const from = session.world.trace.count
  const before = x.before === undefined ? '' : `${x.before}; `
  const started = run(`${before}${x.client} run -d nginx`)
  const asked = run(`${x.client} run --rm alpine uname -a`)
  // Podman answers while the image's entry point still prepares: the server itself begins a little later.
  const way = steps(from)
  const list = processes(host, run)

  test('the server starts, and its identifier is printed', () => {
    expect(started.status, started.stderr).toBe(0)
    expect(started.stdout.trim().split('\n').at(-1)).toMatch(/^[0-9a-f-]{36,64}$/)
  })
  test('the way of the start is in the trace', () => expect(missing(way, x.way)).toBeUndefined())
  test("a container's uname tells the kernel that serves it", () => {
    const [system, , release = '', ...rest] = asked.stdout.trim().split(' ')
    expect(system, asked.stderr).toBe('Linux')
    expect(release).toMatch(x.release)
    expect(rest.slice(-2)).toEqual([x.processor, 'Linux'])
  })
  test("the host's list of processes shows what runs on its own kernel, and no more", () => {
    for (const one of x.sees) expect(list.filter((n) => n.startsWith(one))).not.toEqual([])
    for (const one of x.hides) expect(list.filter((n) => n.startsWith(one))).toEqual([])
  })
})

describe('the same three commands on windows-containers', () => {
  const { session, run, steps } = open('windows-containers')
  test.each([
    'docker run -d nginx',
    'docker run --rm alpine uname -a',
  ])('%s: an image of Linux has nothing for this kernel', (line) =>
    expect(run(line)).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('no matching manifest for windows/amd64 10.0.26100 in the manifest list entries'),
    }))
  test("a Windows image's program is a process of the host, started in a silo", () => {
    const from = session.world.trace.count
    const r = run('docker run -d mcr.microsoft.com/windows/nanoserver:ltsc2025 ping -t localhost')
    expect(r.status, r.stderr).toBe(0)
    expect(
      missing(steps(from), [
        /^api windows-containers docker.exe>dockerd POST /,
        /^api windows-containers dockerd.exe>vmcompute HcsCreateComputeSystem/,
        /^namespace windows-containers .*>job:\w+ server silo/,
        /^exec windows-containers .*>file:CExecSvc.exe /,
        /^exec windows-containers .*>file:ping.exe /,
      ]),
    ).toBeUndefined()
    expect(processes('windows-containers', run)).toContain('ping')
  })
})
describe('the same three commands on k8s-node', () => {
  const { session, run, steps } = open('k8s-node')
  test.each(['docker run -d nginx', 'docker run --rm alpine uname -a'])('%s: a node has no Docker', (line) =>
    expect(run(line)).toMatchObject({ status: 127, stderr: 'sh: 1: docker: not found\n' }))
  test('crictl starts a pod instead, by the interface that the kubelet speaks', () => {
    const from = session.world.trace.count
    const r = run('crictl run shell.json pod.json && crictl exec $(crictl ps -q) uname -r')
    expect(r.status, r.stderr).toBe(0)
    expect(r.stdout.trim().split('\n').at(-1)).toMatch(/^6\.12\.57\+deb13-amd64$/)
    expect(
      missing(steps(from), [
        /RunPodSandbox/,
        /^exec k8s-node .*>file:containerd-shim-runc-v2 /,
        /CreateContainer/,
        /StartContainer/,
        /^exec k8s-node .*>file:runc /,
      ]),
    ).toBeUndefined()
    expect(processes('k8s-node', run).join()).toMatch(/containerd-shim/)
  })
})
test('no host is forgotten', () =>
  expect([...Object.keys(expectations), 'windows-containers', 'k8s-node'].sort()).toEqual([...hostNames].sort()))

/** Worlds made up for tests of pictures: one to look at, and any number of random ones. */
import fc from 'fast-check'
import type { TraceEvent } from '../emulator/base/trace.ts'
import type { ContainerView, MachineView } from '../emulator/view.ts'
import type { CgroupView, KernelView, ProcessDetail } from '../emulator/views/index.ts'
import type { SceneInput } from './scene/types.ts'

const kinds = ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const
const HOST = 4026531834
const namespaces = (own: Readonly<Partial<Record<(typeof kinds)[number], number>>> = {}): ProcessDetail['namespaces'] =>
  Object.fromEntries(kinds.map((k, i) => [k, own[k] ?? HOST + i])) as ProcessDetail['namespaces']

interface Plan {
  readonly containers: readonly {
    readonly name: string
    readonly image: string
    readonly processes: number
    readonly status: 'running' | 'paused' | 'exited' | 'created'
    readonly memory: number
    readonly shares: readonly (typeof kinds)[number][]
    readonly limit: number | undefined
    readonly written: readonly string[]
  }[]
  readonly daemons: readonly string[]
  readonly hypervisor?: string
  readonly guests: readonly { readonly name: string; readonly memory: number; readonly boot: number }[]
}
const hex = (n: number): string => n.toString(16).padStart(2, '0').repeat(32).slice(0, 64)

/** A world as its views would describe it. */
export function worldOf(plan: Plan, choice = ''): SceneInput {
  let pid = 300
  const processes: ProcessDetail[] = []
  const add = (p: Partial<ProcessDetail> & { readonly command: string }): ProcessDetail => {
    const number = processes.length === 0 ? 1 : pid++
    const made: ProcessDetail = {
      pid: number,
      pids: [number],
      parent: number === 1 ? 0 : 1,
      uid: 0,
      state: 'running',
      memory: 4096,
      cgroup: '/',
      namespaces: namespaces(),
      hostname: 'server',
      ...p,
    }
    processes.push(made)
    return made
  }
  add({ command: '/sbin/init' })
  for (const d of plan.daemons) add({ command: d })
  const containers: ContainerView[] = []
  const groups: CgroupView[] = []
  const layers: KernelView['layers'][number][] = []
  const nets: KernelView['network']['namespaces'][number][] = []
  const ends: KernelView['network']['namespaces'][number]['interfaces'][number][] = []
  plan.containers.forEach((c, n) => {
    const id = hex(n + 16)
    const alive = c.status === 'running' || c.status === 'paused'
    const own = Object.fromEntries(
      kinds.filter((k) => k !== 'user' && !c.shares.includes(k)).map((k, i) => [k, HOST + 100 * (n + 1) + i]),
    )
    const shim = alive ? add({ command: `/usr/bin/containerd-shim-runc-v2 -id ${id}` }) : undefined
    const inside: ProcessDetail[] = []
    for (let i = 0; alive && i < c.processes; i++)
      inside.push(
        add({
          command: i === 0 ? `${c.name} --serve` : `${c.name}: worker`,
          pids: [pid, i + 1],
          parent: i === 0 ? (shim?.pid ?? 1) : (inside[0]?.pid ?? 1),
          cgroup: `/system.slice/docker-${id}.scope`,
          namespaces: namespaces(own),
          hostname: id.slice(0, 12),
        }),
      )
    containers.push({
      id,
      name: c.name,
      image: c.image,
      status: c.status,
      sentry: undefined,
      pid: inside[0]?.pid ?? 0,
      exitCode: c.status === 'exited' ? 137 : 0,
      addresses: [`172.17.0.${n + 2}`],
      memory: c.memory,
      processes: inside.map((p) => ({ pid: p.pid, name: p.command })),
    })
    if (!alive) return
    groups.push({
      path: `/system.slice/docker-${id}.scope`,
      name: `docker-${id}.scope`,
      processes: inside.length,
      memory: { current: c.memory, max: c.limit, oomKills: n },
      pids: { current: inside.length, max: c.limit === undefined ? undefined : 32, refused: 0 },
      io: { read: 4096, written: 0, max: undefined },
      cpu: { used: 3_000_000, max: c.limit === undefined ? undefined : 0.5, weight: 100, throttled: n },
      frozen: c.status === 'paused',
      children: [],
    })
    layers.push({
      mountpoint: `/run/containerd/task/${id}/rootfs`,
      layers: [
        {
          path: `/snapshots/${n}/fs`,
          writable: true,
          files: c.written.length,
          bytes: 100 * c.written.length,
          sample: c.written.map((path, i) => ({
            path,
            kind: (['new', 'copied', 'whiteout'] as const)[i % 3] as 'new',
            size: 100,
          })),
        },
        {
          path: '/snapshots/base/fs',
          writable: false,
          files: 300,
          bytes: 7_000_000,
          sample: [{ path: '/bin/busybox', kind: 'new', size: 900_000 }],
        },
      ],
    })
    if (c.shares.includes('net')) return
    const net = namespaces(own).net
    ends.push({
      index: 10 + n,
      name: `veth${n}abc`,
      type: 'veth',
      up: true,
      addresses: [],
      master: 'docker0',
      peer: { namespace: net, name: 'eth0', index: 2 },
      packets: 7,
    })
    nets.push({
      inum: net,
      pid: inside[0]?.pid,
      hostname: id.slice(0, 12),
      interfaces: [
        {
          index: 2,
          name: 'eth0',
          type: 'veth',
          up: true,
          addresses: [`172.17.0.${n + 2}/16`],
          master: undefined,
          peer: { namespace: HOST + 2, name: `veth${n}abc`, index: 10 + n },
          packets: 7,
        },
      ],
      routes: ['default via 172.17.0.1 dev eth0', '172.17.0.0/16 dev eth0'],
      listening: [{ address: '0.0.0.0', port: 80 }],
    })
  })
  const view: MachineView = {
    name: 'linux-server',
    virtual: false,
    arch: 'amd64',
    cpus: 4,
    memory: 8 * 1024 ** 3,
    bootTime: 9_400_000_000,
    hypervisor: plan.hypervisor ?? 'kvm',
    kernel: { system: 'Linux', release: '6.12.57+deb13-amd64', processes: processes.length },
    programs: processes.map((p) => ({ pid: p.pid, name: p.command })),
    containers: containers.filter((c) => c.pid > 0),
    stopped: containers.filter((c) => c.pid === 0),
    guests: plan.guests.map((g) => ({
      name: g.name,
      virtual: true,
      arch: 'amd64',
      cpus: 1,
      memory: g.memory,
      bootTime: g.boot,
      hypervisor: undefined,
      kernel: { system: 'Linux', release: '6.12.57+deb13-cloud-amd64', processes: 1 },
      programs: [{ pid: 1, name: 'init' }],
      containers: [],
      stopped: [],
      guests: [],
    })),
  }
  const leaf = { oomKills: 0 }
  const kernel: KernelView = {
    machine: 'linux-server',
    release: '6.12.57+deb13-amd64',
    processes,
    cgroups: {
      path: '/',
      name: '/',
      processes: 5,
      memory: { current: 90_000_000, max: undefined, ...leaf },
      pids: { current: processes.length, max: undefined, refused: 0 },
      io: { read: 4096, written: 0, max: undefined },
      cpu: { used: 5_000_000, max: undefined, weight: 100, throttled: 0 },
      frozen: false,
      children: [
        {
          path: '/system.slice',
          name: 'system.slice',
          processes: 0,
          memory: { current: 60_000_000, max: undefined, ...leaf },
          pids: { current: groups.length, max: undefined, refused: 0 },
          io: { read: 4096, written: 0, max: undefined },
          cpu: { used: 3_000_000, max: undefined, weight: 100, throttled: 0 },
          frozen: false,
          children: groups,
        },
      ],
    },
    network: {
      namespaces: [
        {
          inum: HOST + 2,
          pid: 1,
          hostname: 'server',
          interfaces: [
            {
              index: 2,
              name: 'eth0',
              type: 'ethernet',
              up: true,
              addresses: ['10.0.0.5/24'],
              master: undefined,
              peer: undefined,
              packets: 12,
            },
            {
              index: 3,
              name: 'docker0',
              type: 'bridge',
              up: true,
              addresses: ['172.17.0.1/16'],
              master: undefined,
              peer: undefined,
              packets: 7,
            },
            ...ends,
          ],
          routes: ['default via 10.0.0.1 dev eth0'],
          listening: [],
        },
        ...nets,
      ],
      forwards: nets.length > 0 ? [{ port: 8080, to: '172.17.0.2:80', packets: 1 }] : [],
      masquerades: [{ source: '172.17.0.0/16', packets: 0 }],
    },
    layers,
  }
  const trace = traceOf(processes)
  return { view, kernels: [kernel], trace, history: trace, choice }
}

/** What a start would have left in the trace. */
function traceOf(processes: readonly ProcessDetail[]): readonly TraceEvent[] {
  const event = (kind: TraceEvent['kind'], from: string, to: string, what: string, document?: string): TraceEvent => ({
    time: 1_000_000,
    kind,
    machine: 'linux-server',
    from,
    to,
    what,
    ...(document === undefined ? {} : { document }),
  })
  const last = processes.at(-1)?.pid ?? 1
  const digest = (n: number): string => `sha256:${hex(n)}`
  const entry = (architecture: string, n: number) => ({
    digest: digest(n),
    size: 1200,
    platform: { os: 'linux', architecture },
  })
  return [
    event('command', 'session', 'shell', 'docker run -d --name web nginx:1.25.3-alpine'),
    event(
      'api',
      'process:310:docker',
      'dockerd',
      'POST /v1.55/containers/create?name=web',
      JSON.stringify({ Image: 'nginx:1.25.3-alpine', HostConfig: { PortBindings: {} } }),
    ),
    event(
      'http',
      'process:301:dockerd',
      'registry:docker.io',
      'GET /v2/library/nginx/manifests/1.25.3-alpine',
      JSON.stringify({ manifests: [entry('amd64', 1), entry('arm64', 2)] }),
    ),
    event(
      'http',
      'process:301:dockerd',
      'registry:docker.io',
      `GET /v2/library/nginx/manifests/${digest(1)}`,
      JSON.stringify({
        config: { digest: digest(3), size: 1500 },
        layers: [
          { digest: digest(4), size: 3_400_000 },
          { digest: digest(5), size: 12_000 },
        ],
      }),
    ),
    event(
      'http',
      'process:301:dockerd',
      'registry:docker.io',
      `GET /v2/library/nginx/blobs/${digest(3)}`,
      JSON.stringify({ config: { Entrypoint: ['/docker-entrypoint.sh'], Cmd: ['nginx', '-g', 'daemon off;'] } }),
    ),
    event(
      'grpc',
      'process:301:dockerd',
      'containerd',
      'tasks.Create',
      JSON.stringify({ id: hex(16), spec: { ociVersion: '1.3.0', process: { args: ['nginx'] } } }),
    ),
    event(
      'file',
      'process:300:containerd',
      'file:config.json',
      `/run/containerd/${hex(16)}/config.json`,
      JSON.stringify({ ociVersion: '1.3.0', process: { args: ['nginx', '-g', 'daemon off;'] } }),
    ),
    event('grpc', 'process:300:containerd', `shim:${hex(16).slice(0, 12)}`, 'Task.Create'),
    event('exec', 'process:329:containerd-shim', 'file:runc', 'runc --root /run/docker/runtime-runc/moby create'),
    event('namespace', 'process:329:runc', 'pid:[4026531847]', 'CLONE_NEWPID'),
    event('exec', `process:${last}:nginx`, 'file:nginx', 'nginx -g daemon off;'),
  ]
}

/** The world of the kept pictures. */
export const exampleWorld = (choice = ''): SceneInput =>
  worldOf(
    {
      daemons: ['/usr/bin/containerd', '/usr/bin/dockerd -H fd://', '-sh'],
      containers: [
        {
          name: 'web',
          image: 'nginx:1.25.3-alpine',
          processes: 3,
          status: 'running',
          memory: 4_300_000,
          shares: ['user'],
          limit: 67_108_864,
          written: ['/usr/share/nginx/html/index.html', '/etc/motd', '/root/notes'],
        },
        {
          name: 'agent',
          image: 'alpine',
          processes: 1,
          status: 'paused',
          memory: 400_000,
          shares: ['user', 'net'],
          limit: undefined,
          written: [],
        },
        {
          name: 'done',
          image: 'alpine',
          processes: 0,
          status: 'exited',
          memory: 0,
          shares: [],
          limit: undefined,
          written: [],
        },
      ],
      guests: [{ name: 'guest1', memory: 1024 ** 3, boot: 6_200_000_000 }],
    },
    choice,
  )

const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,40}$/)
/** Random worlds, from empty to crowded. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  hypervisor: fc.constantFrom('kvm', 'Hyper-V'),
  daemons: fc.array(
    fc.constantFrom('/usr/bin/dockerd -H fd://', '/usr/bin/containerd', '-sh', '/usr/bin/docker-proxy -proto tcp'),
    { maxLength: 6 },
  ),
  guests: fc.uniqueArray(
    fc.record({
      name: name.map((n) => `vm-${n}`),
      memory: fc.integer({ min: 1, max: 2 ** 40 }),
      boot: fc.integer({ min: 0, max: 1e11 }),
    }),
    { maxLength: 4, selector: (g) => g.name },
  ),
  containers: fc.uniqueArray(
    fc.record({
      name,
      image: fc.constantFrom(
        'alpine',
        'nginx:1.25.3-alpine',
        'registry.example.com:5000/team/some-quite-long-name:2026-11-21',
      ),
      processes: fc.integer({ min: 1, max: 9 }),
      status: fc.constantFrom('running' as const, 'paused' as const, 'exited' as const, 'created' as const),
      memory: fc.integer({ min: 0, max: 2 ** 40 }),
      shares: fc.subarray(['net', 'pid', 'uts', 'ipc'] as const).map((s) => [...s]),
      limit: fc.option(fc.integer({ min: 1, max: 2 ** 36 }), { nil: undefined }),
      written: fc.uniqueArray(
        name.map((n) => `/srv/${n}`),
        { maxLength: 5 },
      ),
    }),
    { maxLength: 7, selector: (c) => c.name },
  ),
})

/** podman pod: groups of containers that share namespaces. */

import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isoTime } from '../../engine/containers/storage.ts'
import { isLive, shownStatus } from '../../engine/libpod/libpod.ts'
import { kill } from '../../engine/libpod/lifecycle.ts'
import { createPod, membersOf, podStatus, removePod, startPod, stopPod } from '../../engine/libpod/pods.ts'
import type { Pod } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { print } from '../../userland/lib/io.ts'
import { each } from '../containers/frame.ts'
import { ago, filtersOf, printList, printObjects } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { confirm, exists } from './containers.ts'
import { type Commands, type Context, chosenPods } from './context.ts'
import { pairs, parseNetwork, parsePorts } from './values.ts'

const time = (g: Given): number | undefined => (g.value('time') === undefined ? undefined : Number(g.value('time')))

export function* inspectPod(c: Context, p: Pod): Run<unknown> {
  const members = yield* membersOf(c.lp, p)
  const infra = members.find((m) => m.config.infra)
  return {
    Id: p.id,
    Name: p.name,
    Created: isoTime(p.created),
    CreateCommand: p.createCommand,
    ExitPolicy: p.exitPolicy,
    State: podStatus(members),
    Hostname: '',
    CreateCgroup: true,
    CgroupParent: 'user.slice',
    CgroupPath: '',
    CreateInfra: infra !== undefined,
    InfraContainerID: infra?.config.id ?? '',
    InfraConfig: infra && {
      PortBindings: Object.fromEntries(
        infra.config.ports.map((b) => [
          `${b.containerPort}/${b.protocol}`,
          [{ HostIp: b.hostIp || '0.0.0.0', HostPort: String(b.hostPort) }],
        ]),
      ),
      HostNetwork: infra.config.network.kind === 'host',
      StaticIP: '',
      StaticMAC: '',
      NoManageResolvConf: false,
      DNSServer: null,
      DNSSearch: null,
      DNSOption: null,
      NoManageHosts: false,
      HostAdd: infra.config.hosts.length > 0 ? infra.config.hosts : null,
      Networks: infra.config.network.kind === 'bridge' ? infra.config.network.networks.map((n) => n.name) : null,
      NetworkOptions: null,
      pid_ns: 'private',
      userns: 'host',
      uts_ns: 'private',
    },
    SharedNamespaces: p.share,
    NumContainers: members.length,
    Containers: members.map((m) => ({ Id: m.config.id, Name: m.config.name, State: shownStatus(m) })),
    LockNumber: 0,
  }
}
function* list(c: Context, g: Given): Run<number> {
  const filters = filtersOf(g.all('filter'), ['name', 'id', 'status', 'label'], 'podman pod ps')
  const now = yield* c.lp.now()
  const { pods } = yield* c.lp.db()
  const rows: Record<string, unknown>[] = []
  const json: unknown[] = []
  const full = g.has('no-trunc')
  const short = (id: string): string => (full ? id : id.slice(0, 12))
  for (const p of [...pods].sort((a, b) => b.created - a.created)) {
    const members = yield* membersOf(c.lp, p)
    const status = podStatus(members)
    const ok = [...filters].every(([key, values]) =>
      values.some((v) => {
        const [k = '', value] = v.split(/=(.*)/s)
        return key === 'name'
          ? new RegExp(v).test(p.name)
          : key === 'id'
            ? p.id.startsWith(v)
            : key === 'status'
              ? status.toLowerCase() === v.toLowerCase()
              : k in p.labels && (value === undefined || p.labels[k] === value)
      }),
    )
    if (!ok) continue
    if (g.has('latest') && rows.length > 0) break
    rows.push({
      ID: short(p.id),
      Id: short(p.id),
      Name: p.name,
      Status: status,
      Created: ago(p.created, now),
      InfraID: p.infra === undefined ? '' : short(p.infra),
      NumberOfContainers: members.length,
      ContainerIds: members.map((m) => short(m.config.id)).join(','),
      ContainerNames: members.map((m) => m.config.name).join(','),
      ContainerStatuses: members.map((m) => shownStatus(m)).join(','),
      Namespaces: p.share.join(','),
      Labels: p.labels,
    })
    json.push({
      Cgroup: 'user.slice',
      Containers: members.map((m) => ({
        Id: m.config.id,
        Names: m.config.name,
        Status: shownStatus(m),
        RestartCount: m.state.restarts,
      })),
      Created: isoTime(p.created),
      Id: p.id,
      InfraId: p.infra ?? '',
      Name: p.name,
      Namespace: '',
      Networks: [],
      Status: status,
      Labels: p.labels,
    })
  }
  if (g.has('quiet')) {
    yield* print(c.sys, rows.map((r) => `${r.ID as string}\n`).join(''))
    return 0
  }
  yield* printList(
    c.sys,
    [
      ['POD ID', 'ID'],
      ['NAME', 'Name'],
      ['STATUS', 'Status'],
      ['CREATED', 'Created'],
      ...(g.has('ns') ? ([['NAMESPACES', 'Namespaces']] as const) : []),
      ['INFRA ID', 'InfraID'],
      ...(g.has('ctr-names') ? ([['NAMES', 'ContainerNames']] as const) : []),
      ...(g.has('ctr-ids') ? ([['IDS', 'ContainerIds']] as const) : []),
      ...(g.has('ctr-status') ? ([['STATUS', 'ContainerStatuses']] as const) : []),
      ...(g.has('ctr-names') || g.has('ctr-ids') || g.has('ctr-status')
        ? []
        : ([['# OF CONTAINERS', 'NumberOfContainers']] as const)),
    ],
    rows,
    { format: g.value('format'), noHeading: g.has('noheading'), json },
  )
  return 0
}
export const podCommands: Commands = {
  'pod create': {
    args: [0, 1],
    flags: 'add-host hostname infra infra-name label name network publish share exit-policy replace',
    *run(c, g) {
      const name = g.value('name') ?? g.args[0]
      const share = (g.value('share') ?? 'ipc,net,uts')
        .replace(/^\+/, 'ipc,net,uts,')
        .split(',')
        .filter((s) => s !== '' && s !== 'none')
      for (const s of share)
        if (!['ipc', 'net', 'pid', 'uts'].includes(s))
          throw s === 'cgroup' || s === 'user'
            ? notEmulated(`podman pod create --share ${s}`)
            : new Problem(`invalid kernel namespace to share: ${s}. Options are: cgroup, ipc, net, pid, uts or none`)
      const policy = g.value('exit-policy') ?? 'continue'
      if (policy !== 'continue' && policy !== 'stop')
        throw new Problem(`invalid pod exit policy: ${JSON.stringify(policy)}`)
      if (g.has('replace') && name !== undefined) {
        const old = (yield* c.lp.db()).pods.find((p) => p.name === name)
        if (old) yield* removePod(c.lp, old, { force: true })
      }
      const random = yield* c.sys.getrandom(64)
      let at = 0
      const pod = yield* createPod(c.lp, {
        name,
        labels: pairs(g.all('label')),
        ...(g.value('hostname') === undefined ? {} : { hostname: g.value('hostname') as string }),
        ports: parsePorts(
          g.all('publish').flatMap((p) => p.split(',')),
          () => 32768 + ((((random[at++ % 64] ?? 0) << 7) | (random[at++ % 64] ?? 0)) % 28232),
        ),
        network: parseNetwork(
          g.all('network').flatMap((n) => n.split(',')),
          { aliases: [], ip: undefined, mac: undefined, rootless: c.lp.place.rootless },
        ),
        infra: g.value('infra') !== 'false',
        infraName: g.value('infra-name'),
        share,
        exitPolicy: policy,
        hosts: g.all('add-host').flatMap((h) => h.split(',')),
        createCommand: c.argv,
      })
      yield* print(c.sys, `${pod.id}\n`)
      return 0
    },
  },
  'pod ps': {
    args: [0, 0],
    flags: 'ctr-ids ctr-names ctr-status filter format latest no-trunc noheading ns quiet sort',
    run: list,
  },
  'pod inspect': {
    args: [0, Infinity],
    few: 'no names or ids specified',
    flags: 'format latest',
    *run(c, g) {
      const out: unknown[] = []
      for (const p of yield* chosenPods(c, g)) out.push(yield* inspectPod(c, p))
      yield* printObjects(c.sys, g.value('format'), out)
      return 0
    },
  },
  'pod start': {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      return yield* each(c.sys, yield* chosenPods(c, g), function* (p) {
        yield* startPod(c.lp, p)
        return p.id
      })
    },
  },
  'pod stop': {
    args: [0, Infinity],
    flags: 'all ignore latest time',
    *run(c, g) {
      return yield* each(c.sys, yield* chosenPods(c, g), function* (p) {
        yield* stopPod(c.lp, p, time(g))
        return p.id
      })
    },
  },
  'pod restart': {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      return yield* each(c.sys, yield* chosenPods(c, g), function* (p) {
        yield* stopPod(c.lp, p)
        yield* startPod(c.lp, p)
        return p.id
      })
    },
  },
  'pod kill': {
    args: [0, Infinity],
    flags: 'all latest signal',
    *run(c, g) {
      const signal = signalNumber(g.value('signal') ?? 'KILL') ?? 9
      return yield* each(c.sys, yield* chosenPods(c, g), function* (p) {
        for (const m of yield* membersOf(c.lp, p)) if (isLive(m)) yield* kill(c.lp, m, signal)
        return p.id
      })
    },
  },
  'pod rm': {
    args: [0, Infinity],
    flags: 'all force ignore latest time',
    *run(c, g) {
      return yield* each(
        c.sys,
        yield* chosenPods(c, g),
        function* (p) {
          yield* removePod(c.lp, p, { force: g.has('force'), timeout: time(g) })
          return p.id
        },
        1,
      )
    },
  },
  'pod prune': {
    args: [0, 0],
    flags: 'force',
    *run(c, g) {
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          'WARNING! This will remove all stopped/exited pods..\nAre you sure you want to continue? [y/N] ',
        ))
      )
        return 0
      for (const p of (yield* c.lp.db()).pods) {
        const members = yield* membersOf(c.lp, p)
        if (members.some(isLive)) continue
        yield* removePod(c.lp, p, { force: true })
        yield* print(c.sys, `${p.id}\n`)
      }
      return 0
    },
  },
  'pod exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => c.lp.findPod(g.args[0] as string))
    },
  },
}

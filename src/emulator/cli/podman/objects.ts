/** Podman's commands on volumes and networks. */

import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isoTime } from '../../engine/containers/storage.ts'
import { isLive } from '../../engine/libpod/libpod.ts'
import { removeContainer } from '../../engine/libpod/lifecycle.ts'
import { createNetwork, DEFAULT_NETWORK, findNetwork, networks, removeNetwork } from '../../engine/libpod/network.ts'
import type { Container, Volume } from '../../engine/libpod/types.ts'
import { makeVolume, removeVolume, usersOf, volumePath } from '../../engine/libpod/volumes.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'
import { each } from '../containers/frame.ts'
import { filtersOf, printList } from '../containers/output.ts'
import { confirm, exists } from './containers.ts'
import type { Commands, Context } from './context.ts'
import { pairs } from './values.ts'

export function* inspectVolume(c: Context, v: Volume): Run<unknown> {
  const users = yield* usersOf(c.lp, v)
  return {
    Name: v.name,
    Driver: 'local',
    Mountpoint: volumePath(c.lp, v.name),
    CreatedAt: isoTime(v.created),
    Labels: v.labels,
    Scope: 'local',
    Options: v.options,
    ...(v.anonymous ? { Anonymous: true } : {}),
    MountCount: users.filter(isLive).length,
    NeedsCopyUp: !v.filled,
    LockNumber: 0,
  }
}
const usesNetwork = (x: Container, name: string): boolean =>
  x.config.network.kind === 'bridge' && x.config.network.networks.some((n) => n.name === name)

export const objectCommands: Commands = {
  'volume create': {
    args: [0, 1],
    flags: 'driver label opt ignore',
    *run(c, g) {
      const driver = g.value('driver') ?? 'local'
      if (driver !== 'local') throw notEmulated(`podman volume create --driver ${driver}`)
      const options = pairs(g.all('opt'))
      if (Object.keys(options).length > 0) throw notEmulated('podman volume create --opt')
      const v = yield* makeVolume(c.lp, g.args[0] ?? (yield* c.lp.newId()), {
        labels: pairs(g.all('label')),
        may: g.has('ignore'),
      })
      yield* print(c.sys, `${v.name}\n`)
      return 0
    },
  },
  'volume ls': {
    args: [0, 0],
    flags: 'filter format noheading quiet',
    *run(c, g) {
      const filters = filtersOf(g.all('filter'), ['name', 'label', 'dangling', 'driver'], 'podman volume ls')
      const list: Volume[] = []
      for (const v of (yield* c.lp.db()).volumes) {
        const used = (yield* usersOf(c.lp, v)).length > 0
        const ok = [...filters].every(([key, values]) =>
          values.some((f) => {
            const [k = '', value] = f.split(/=(.*)/s)
            return key === 'name'
              ? new RegExp(f).test(v.name)
              : key === 'driver'
                ? f === 'local'
                : key === 'dangling'
                  ? (f === 'true') === !used
                  : k in v.labels && (value === undefined || v.labels[k] === value)
          }),
        )
        if (ok) list.push(v)
      }
      if (g.has('quiet')) {
        yield* print(c.sys, list.map((v) => `${v.name}\n`).join(''))
        return 0
      }
      const json: unknown[] = []
      for (const v of list) json.push(yield* inspectVolume(c, v))
      const rows = list.map((v) => ({
        Driver: 'local',
        Name: v.name,
        Mountpoint: volumePath(c.lp, v.name),
        Labels: v.labels,
        Scope: 'local',
        CreatedAt: isoTime(v.created),
      }))
      if (rows.length === 0 && g.value('format') === undefined) return 0
      yield* printList(
        c.sys,
        [
          ['DRIVER', 'Driver'],
          ['VOLUME NAME', 'Name'],
        ],
        rows,
        { format: g.value('format'), noHeading: g.has('noheading'), json },
      )
      return 0
    },
  },
  'volume rm': {
    args: [0, Infinity],
    flags: 'all force',
    *run(c, g) {
      const names = g.has('all') ? (yield* c.lp.db()).volumes.map((v) => v.name) : g.args
      if (names.length === 0 && !g.has('all')) throw new Problem('choose either one or more volumes or all')
      return yield* each(
        c.sys,
        names,
        function* (name) {
          // To remove by force what isn't there is no failure.
          if (g.has('force') && !(yield* c.lp.db()).volumes.some((x) => x.name === name)) return undefined
          const v = yield* c.lp.findVolume(name)
          const users = yield* usersOf(c.lp, v)
          if (users.length > 0 && !g.has('force'))
            throw new Problem(
              `volume ${v.name} is being used by the following container(s): ${users.map((u) => u.config.id).join(', ')}: volume is being used`,
              2,
            )
          for (const u of users) yield* removeContainer(c.lp, u, { force: true })
          yield* removeVolume(c.lp, v)
          return name
        },
        1,
      )
    },
  },
  'volume prune': {
    args: [0, 0],
    flags: 'filter force',
    *run(c, g) {
      filtersOf(g.all('filter'), [], 'podman volume prune')
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          'WARNING! This will remove all volumes not used by at least one container. The following volumes will be removed:\nAre you sure you want to continue? [y/N] ',
        ))
      )
        return 0
      for (const v of yield* unusedVolumes(c)) {
        yield* removeVolume(c.lp, v)
        yield* print(c.sys, `${v.name}\n`)
      }
      return 0
    },
  },
  'volume exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => c.lp.findVolume(g.args[0] as string))
    },
  },
  'network create': {
    args: [0, 1],
    flags: 'disable-dns driver gateway internal label subnet ignore',
    *run(c, g) {
      const driver = g.value('driver') ?? 'bridge'
      if (driver !== 'bridge')
        throw ['macvlan', 'ipvlan'].includes(driver)
          ? notEmulated(`podman network create --driver ${driver}`)
          : new Problem(`unsupported driver ${driver}: invalid argument`)
      const n = yield* createNetwork(c.lp, {
        name: g.args[0],
        subnet: g.value('subnet'),
        gateway: g.value('gateway'),
        internal: g.has('internal'),
        dns: !g.has('disable-dns'),
        labels: pairs(g.all('label')),
      })
      yield* print(c.sys, `${n.name}\n`)
      return 0
    },
  },
  'network ls': {
    args: [0, 0],
    flags: 'filter format no-trunc noheading quiet',
    *run(c, g) {
      const filters = filtersOf(g.all('filter'), ['name', 'driver', 'label', 'id'], 'podman network ls')
      const list = (yield* networks(c.lp)).filter((n) =>
        [...filters].every(([key, values]) =>
          values.some((v) => {
            const [k = '', value] = v.split(/=(.*)/s)
            return key === 'name'
              ? new RegExp(v).test(n.name)
              : key === 'id'
                ? n.id.startsWith(v)
                : key === 'driver'
                  ? n.driver === v
                  : k in (n.labels ?? {}) && (value === undefined || n.labels?.[k] === value)
          }),
        ),
      )
      if (g.has('quiet')) {
        yield* print(c.sys, list.map((n) => `${n.name}\n`).join(''))
        return 0
      }
      yield* printList(
        c.sys,
        [
          ['NETWORK ID', 'ID'],
          ['NAME', 'Name'],
          ['DRIVER', 'Driver'],
        ],
        list.map((n) => ({
          ID: g.has('no-trunc') ? n.id : n.id.slice(0, 12),
          Name: n.name,
          Driver: n.driver,
          Labels: n.labels ?? {},
          Subnets: n.subnets,
          Internal: n.internal,
          DNSEnabled: n.dns_enabled,
          Created: n.created,
        })),
        { format: g.value('format'), noHeading: g.has('noheading'), json: list },
      )
      return 0
    },
  },
  'network rm': {
    args: [1, Infinity],
    flags: 'force time',
    *run(c, g) {
      return yield* each(
        c.sys,
        g.args,
        function* (name) {
          const n = yield* findNetwork(c.lp, name)
          if (n.name === DEFAULT_NETWORK) throw new Problem(`default network ${DEFAULT_NETWORK} cannot be removed`)
          const users = (yield* c.lp.all()).filter((x) => usesNetwork(x, n.name))
          if (users.length > 0 && !g.has('force'))
            throw new Problem(
              `${JSON.stringify(n.name)} has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`,
              2,
            )
          for (const u of users) yield* removeContainer(c.lp, u, { force: true })
          yield* removeNetwork(c.lp, n)
          return name
        },
        1,
      )
    },
  },
  'network prune': {
    args: [0, 0],
    flags: 'filter force',
    *run(c, g) {
      filtersOf(g.all('filter'), [], 'podman network prune')
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          'WARNING! This will remove all networks not used by at least one container.\nAre you sure you want to continue? [y/N] ',
        ))
      )
        return 0
      for (const name of yield* pruneNetworks(c)) yield* print(c.sys, `${name}\n`)
      return 0
    },
  },
  'network exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => findNetwork(c.lp, g.args[0] as string))
    },
  },
}
export function* unusedVolumes(c: Context): Run<Volume[]> {
  const out: Volume[] = []
  for (const v of (yield* c.lp.db()).volumes) if ((yield* usersOf(c.lp, v)).length === 0) out.push(v)
  return out
}
export function* pruneNetworks(c: Context): Run<string[]> {
  const all = yield* c.lp.all()
  const out: string[] = []
  for (const n of yield* networks(c.lp)) {
    if (n.name === DEFAULT_NETWORK || all.some((x) => usesNetwork(x, n.name))) continue
    yield* removeNetwork(c.lp, n)
    out.push(n.name)
  }
  return out
}

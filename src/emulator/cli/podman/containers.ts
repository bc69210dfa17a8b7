/** Podman's commands on containers that exist. */
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isOwnPath } from '../../engine/containers/storage.ts'
import { changesOf, treeEntries } from '../../engine/layers.ts'
import { isLive } from '../../engine/libpod/libpod.ts'
import {
  cleanupCommand,
  kill,
  pause,
  removeContainer,
  startContainer,
  stop,
  unpause,
  waitForExit,
} from '../../engine/libpod/lifecycle.ts'
import type { Container } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { writeTar } from '../../oci/tar.ts'
import { print } from '../../userland/lib/io.ts'
import { each } from '../containers/frame.ts'
import { filtersOf } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { type Commands, type Context, chosen } from './context.ts'

const timeout = (g: Given): number | undefined => (g.value('time') === undefined ? undefined : Number(g.value('time')))
/** Names of the operands that aren't there, where --ignore forgives that. */
function* named(c: Context, g: Given): Run<Container[]> {
  if (g.has('all') || g.has('latest')) return yield* chosen(c, g)
  const out: Container[] = []
  for (const name of g.args) {
    try {
      out.push(yield* c.lp.find(name))
    } catch (e) {
      if (!(e instanceof Problem) || !(g.has('ignore') || g.has('force'))) throw e
    }
  }
  if (g.args.length === 0 && !g.has('ignore')) throw new Problem('you must provide at least one name or id')
  return out
}
const shownAs = (g: Given, x: Container): string =>
  g.args.find((a) => a === x.config.name || x.config.id.startsWith(a)) ?? x.config.id

/** Runs with a container's file system mounted: the running one's own, or for the moment. */
export function* mounted<T>(c: Context, x: Container, body: (root: string) => Run<T>): Run<T> {
  const record = yield* c.lp.storage.findContainer(x.config.id)
  if (!record) throw new Problem(`no container with ID ${x.config.id} in storage`)
  const root = yield* c.lp.storage.mount(record)
  try {
    return yield* body(root)
  } finally {
    yield* c.lp.storage.unmount(record)
  }
}

export const containerCommands: Commands = {
  stop: {
    args: [0, Infinity],
    flags: 'all ignore latest time',
    *run(c, g) {
      const list = yield* named(c, g)
      return yield* each(c.sys, list, function* (x) {
        if (g.has('all') && !isLive(x)) return undefined
        yield* stop(c.lp, x, timeout(g))
        return g.has('all') ? x.config.id : shownAs(g, x)
      })
    },
  },
  restart: {
    args: [0, Infinity],
    flags: 'all latest running time',
    *run(c, g) {
      const list = g.has('running')
        ? (yield* c.lp.all()).filter((x) => x.state.status === 'running')
        : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        if (isLive(x)) yield* stop(c.lp, x, timeout(g))
        yield* startContainer(c.lp, yield* c.lp.find(x.config.id))
        return shownAs(g, x)
      })
    },
  },
  kill: {
    args: [0, Infinity],
    flags: 'all latest signal',
    *run(c, g) {
      const signal = signalNumber(g.value('signal') ?? 'KILL')
      if (signal === undefined || signal < 1 || signal > 64) throw new Problem(`invalid signal: ${g.value('signal')}`)
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        if (g.has('all') && !isLive(x)) return undefined
        yield* kill(c.lp, x, signal)
        return shownAs(g, x)
      })
    },
  },
  rm: {
    args: [0, Infinity],
    beside: 'no arguments are needed with --all',
    flags: 'all force ignore latest time volumes depend',
    *run(c, g) {
      if (g.has('depend')) throw notEmulated('podman rm --depend')
      const names = g.has('all')
        ? (yield* c.lp.all()).filter((x) => !x.config.infra).map((x) => x.config.id)
        : g.has('latest')
          ? (yield* chosen(c, g)).map((x) => x.config.id)
          : g.args
      if (names.length === 0 && !g.has('all') && !g.has('ignore'))
        throw new Problem('you must provide at least one name or id')
      return yield* each(
        c.sys,
        names,
        function* (name) {
          let x: Container
          try {
            x = yield* c.lp.find(name)
          } catch (e) {
            if (e instanceof Problem && (g.has('force') || g.has('ignore'))) return undefined
            throw e
          }
          yield* removeContainer(c.lp, x, { force: g.has('force'), volumes: g.has('volumes'), timeout: timeout(g) })
          return name
        },
        1,
      )
    },
  },
  pause: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      const list = g.has('all') ? (yield* c.lp.all()).filter((x) => x.state.status === 'running') : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        yield* pause(c.lp, x)
        return shownAs(g, x)
      })
    },
  },
  unpause: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      const list = g.has('all') ? (yield* c.lp.all()).filter((x) => x.state.status === 'paused') : yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        yield* unpause(c.lp, x)
        return shownAs(g, x)
      })
    },
  },
  wait: {
    args: [0, Infinity],
    few: '"podman wait" requires a name, id, or the "--latest" flag',
    flags: 'condition ignore interval latest',
    *run(c, g) {
      const condition = g.value('condition')
      if (condition !== undefined && condition !== 'stopped' && condition !== 'exited')
        throw notEmulated(`podman wait --condition ${condition}`)
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        return String(
          isLive(x) ? yield* waitForExit(c.lp, x.config.id) : x.state.status === 'exited' ? x.state.exitCode : -1,
        )
      })
    },
  },
  rename: {
    args: [2, 2],
    flags: '',
    *run(c, g) {
      const [old = '', name = ''] = g.args
      const x = yield* c.lp.find(old)
      const db = yield* c.lp.db()
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
        throw new Problem('names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument')
      if (db.containers.some((y) => y.config.name === name))
        throw new Problem(`renaming container: name "${name}" is in use: container already exists`)
      yield* c.lp.change((d) => ({
        ...d,
        containers: d.containers.map((y) =>
          y.config.id === x.config.id ? { ...y, config: { ...y.config, name } } : y,
        ),
      }))
      yield* c.lp.storage.renameContainer(x.config.id, name)
      return 0
    },
  },
  port: {
    args: [0, 2],
    beside: 'no arguments are needed with --all',
    flags: 'all latest',
    *run(c, g) {
      const all = g.has('all')
      const list = all
        ? (yield* c.lp.all()).filter(isLive)
        : g.has('latest')
          ? yield* chosen(c, g)
          : g.args[0] === undefined
            ? []
            : [yield* c.lp.find(g.args[0])]
      if (list.length === 0 && !all) throw new Problem('you must supply a running container name or id')
      const [number, protocol = 'tcp'] = (g.has('latest') ? g.args[0] : g.args[1])?.split('/') ?? []
      let found = false
      for (const x of list)
        for (const p of yield* portsOf(c, x)) {
          if (number !== undefined && (p.containerPort !== Number(number) || p.protocol !== protocol)) continue
          found = true
          const at = `${p.hostIp || '0.0.0.0'}:${p.hostPort}`
          yield* print(
            c.sys,
            `${all ? `${x.config.id.slice(0, 12)}\t` : ''}${number === undefined ? `${p.containerPort}/${p.protocol} -> ` : ''}${at}\n`,
          )
        }
      if (!found && number !== undefined)
        throw new Problem(`failed to find published port ${JSON.stringify(`${number}/${protocol}`)}`)
      return 0
    },
  },
  diff: {
    args: [0, 2],
    flags: 'format latest',
    *run(c, g) {
      const [x] = yield* chosen(c, g)
      const record = x && (yield* c.lp.storage.findContainer(x.config.id))
      if (!x || !record) return 0
      const all = yield* changesOf(c.sys, yield* c.lp.storage.layersOf(record))
      if (isErr(all)) throw new Problem(all.text.toLowerCase())
      const list = all.filter((l) => !isOwnPath(l.path))
      if (g.value('format') === 'json') {
        const of = (kind: string): string[] => list.filter((l) => l.kind === kind).map((l) => l.path)
        yield* print(c.sys, `${JSON.stringify({ changed: of('C'), added: of('A'), deleted: of('D') }, null, 4)}\n`)
      } else if (g.value('format') !== undefined) throw notEmulated('podman diff --format with a template')
      else yield* print(c.sys, list.map((l) => `${l.kind} ${l.path}\n`).join(''))
      return 0
    },
  },
  export: {
    args: [1, 1],
    flags: 'output',
    *run(c, g) {
      const [x] = yield* chosen(c, g)
      if (!x) return 0
      const out = g.value('output')
      if (out === undefined && !isErr(yield* c.sys.ioctl(1, 'TCGETS')))
        throw new Problem('refusing to export to terminal. Use -o flag or redirect')
      yield* mounted(c, x, function* (root) {
        const entries = yield* treeEntries(c.sys, root)
        if (isErr(entries)) throw new Problem(entries.text.toLowerCase())
        const bytes = writeTar(entries)
        const fd = out === undefined ? 1 : yield* c.sys.open(out, 0o1101, 0o644)
        if (isErr(fd)) throw new Problem(`open ${out}: ${fd.text.toLowerCase()}`)
        for (let at = 0; at < bytes.length; at += 65536) yield* c.sys.write(fd, bytes.subarray(at, at + 65536))
        if (out !== undefined) yield* c.sys.close(fd)
      })
      return 0
    },
  },
  mount: {
    args: [0, Infinity],
    flags: 'all latest',
    *run(c, g) {
      if (c.lp.place.rootless && (yield* inHostMounts(c)))
        throw new Problem('cannot run command "podman mount" in rootless mode, must execute `podman unshare` first')
      if (g.args.length === 0 && !g.has('all') && !g.has('latest')) {
        for (const x of yield* c.lp.all()) {
          const record = yield* c.lp.storage.findContainer(x.config.id)
          const at = record && (yield* c.lp.storage.mountedAt(record))
          if (at) yield* print(c.sys, `${x.config.id.slice(0, 12)} ${at}\n`)
        }
        return 0
      }
      const list = yield* chosen(c, g)
      return yield* each(c.sys, list, function* (x) {
        const record = yield* c.lp.storage.findContainer(x.config.id)
        if (!record) return undefined
        const at = yield* c.lp.storage.mount(record)
        return list.length > 1 ? `${x.config.id} ${at}` : at
      })
    },
  },
  unmount: {
    args: [0, Infinity],
    flags: 'all force latest',
    *run(c, g) {
      return yield* each(c.sys, yield* chosen(c, g), function* (x) {
        const record = yield* c.lp.storage.findContainer(x.config.id)
        if (record) yield* c.lp.storage.unmount(record, g.has('force'))
        return x.config.id
      })
    },
  },
  'container exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => c.lp.find(g.args[0] as string))
    },
  },
  'container cleanup': {
    args: [0, Infinity],
    flags: 'all latest rm stopped-only',
    *run(c, g) {
      return yield* each(c.sys, g.args, function* (name) {
        const x = yield* c.lp.again(name)
        if (!x) throw new Problem(`no container with name or ID ${JSON.stringify(name)} found: no such container`)
        yield* cleanupCommand(c.lp, x.config.id, g.has('rm'))
        return undefined
      })
    },
  },
  'container prune': {
    args: [0, 0],
    flags: 'force filter',
    *run(c, g) {
      filtersOf(g.all('filter'), [], 'podman container prune')
      if (
        !g.has('force') &&
        !(yield* confirm(
          c,
          'WARNING! This will remove all non running containers.\nAre you sure you want to continue? [y/N] ',
        ))
      )
        return 0
      return yield* each(
        c.sys,
        (yield* c.lp.all()).filter((x) => !isLive(x) && !x.config.infra),
        function* (x) {
          yield* removeContainer(c.lp, x)
          return x.config.id
        },
      )
    },
  },
}
/** Whether this process sees the host's mounts: not those of podman's own namespace. */
function* inHostMounts(c: Context): Run<boolean> {
  return !c.sys.environ().some((e) => e.startsWith('_CONTAINERS_USERNS_CONFIGURED='))
}
/** Exit code 0 where something is there, 1 where it isn't. */
export function* exists(find: () => Run<unknown>): Run<number> {
  try {
    yield* find()
    return 0
  } catch (e) {
    if (e instanceof Problem) return 1
    throw e
  }
}
/** Asks before something that can't be undone. */
export function* confirm(c: Context, question: string): Run<boolean> {
  yield* print(c.sys, question)
  const answer = yield* c.sys.read(0, 256)
  return !isErr(answer) && /^y/i.test(new TextDecoder().decode(answer))
}
/** A container's published ports: its own, or those of the one whose network it shares. */
export function* portsOf(c: Context, x: Container): Run<Container['config']['ports']> {
  if (x.config.network.kind !== 'container') return x.config.ports
  const other = yield* c.lp.again(x.config.network.id)
  return other?.config.ports ?? []
}

/** ctr containers, ctr tasks and ctr namespaces: what runs, and where it belongs. */
import { Streams } from '../../engine/containerd/client.ts'
import type { ContainerRecord, TaskInfo } from '../../engine/containerd/index.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import type { SpecProcess } from '../../oci/runtimespec.ts'
import { print } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { log } from '../logrus.ts'
import { type Branch, type Leaf, ToolError, tabs } from '../urfave.ts'
import { type Context, labelsText, printJson } from './context.ts'
import { create, follow } from './run.ts'

const not = (names: string, usage: string): Leaf<Context> => ({ names: names.split(' '), usage })
const idOf = (g: { readonly args: readonly string[] }): string => {
  const [id] = g.args
  if (id === undefined) throw new ToolError('container id must be provided')
  return id
}

export const containers: Branch<Context> = {
  names: ['containers', 'c', 'container'],
  usage: 'Manage containers',
  below: [
    create,
    {
      names: ['delete', 'del', 'remove', 'rm'],
      usage: 'Delete one or more existing containers',
      args: '[flags] CONTAINER [CONTAINER, ...]',
      flags: 'keep-snapshot',
      texts: ['Do not clean up snapshot with container'],
      *run(sys, g, c) {
        if (g.args.length === 0) throw new ToolError('must specify at least one container to delete: invalid argument')
        let first: string | undefined
        for (const id of g.args) {
          const task = yield* c.client.try<TaskInfo>('tasks.Get', { id })
          let failed: string | undefined
          if (task.ok && (task.result.status === 'RUNNING' || task.result.status === 'PAUSED'))
            failed = `cannot delete a non stopped container: {${task.result.status.toLowerCase()} 0 0001-01-01 00:00:00 +0000 UTC}`
          else {
            if (task.ok) yield* c.client.call('tasks.Delete', { id })
            const r = yield* c.client.try('containers.Delete', { id, snapshot: !g.has('keep-snapshot') })
            failed = r.ok ? undefined : r.error
          }
          if (failed === undefined) continue
          first ??= failed
          yield* log(sys, 'error', `failed to delete container ${JSON.stringify(id)}`, { error: failed })
        }
        if (first !== undefined) throw new ToolError(first)
        return 0
      },
    },
    {
      names: ['info'],
      usage: 'Get info about a container',
      args: 'CONTAINER',
      flags: 'spec',
      texts: ['Only display the spec'],
      *run(sys, g, c) {
        if (g.args[0] === undefined) throw new ToolError('container id must be provided: invalid argument')
        const r = yield* c.client.call<ContainerRecord>('containers.Get', { id: g.args[0] })
        const time = strftime('%FT%T.%NZ', r.created)
        yield* printJson(
          sys,
          g.has('spec')
            ? r.spec
            : {
                ID: r.id,
                Labels: r.labels,
                Image: r.image,
                Runtime: { Name: r.runtime, Options: { type_url: 'containerd.runc.v1.Options' } },
                SnapshotKey: r.snapshotKey,
                Snapshotter: r.snapshotter,
                CreatedAt: time,
                UpdatedAt: time,
                Extensions: {},
                SandboxID: '',
                Spec: r.spec,
              },
        )
        return 0
      },
    },
    {
      names: ['list', 'ls'],
      usage: 'List containers',
      args: '[flags] [<filter>, ...]',
      flags: 'q,quiet',
      texts: ['Print only the container id'],
      *run(sys, g, c) {
        if (g.args.length > 0) throw new ToolError(`zukan: not emulated: filter ${g.args[0]}`)
        const list = yield* c.client.call<ContainerRecord[]>('containers.List')
        yield* print(
          sys,
          g.has('quiet')
            ? list.map((r) => `${r.id}\n`).join('')
            : tabs([['CONTAINER', 'IMAGE', 'RUNTIME'], ...list.map((r) => [r.id, r.image || '-', r.runtime])], 4, 4),
        )
        return 0
      },
    },
    not('label', 'Set and clear labels for a container'),
    not('checkpoint', 'Checkpoint a container'),
    not('restore', 'Restore a container from checkpoint'),
  ],
}

/** A command that does one thing to a task. */
const simple = (name: string, usage: string, method: string): Leaf<Context> => ({
  names: [name],
  usage,
  args: 'CONTAINER',
  *run(_sys, g, c) {
    const id = idOf(g)
    yield* c.client.call('tasks.Get', { id })
    yield* c.client.call(method, { id })
    return 0
  },
})
const start: Leaf<Context> = {
  names: ['start'],
  usage: 'Start a container that has been created',
  args: '[flags] CONTAINER',
  flags: 'null-io log-uri:string fifo-dir:string pid-file:string d,detach',
  texts: [
    'Send all IO to /dev/null',
    'Log uri',
    'Directory used for storing IO FIFOs',
    "File path to write the task's pid",
    'Detach from the task after it has started execution',
  ],
  *run(sys, g, c) {
    const id = idOf(g)
    for (const flag of ['log-uri', 'fifo-dir', 'pid-file'])
      if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: ctr tasks start --${flag}`)
    const r = yield* c.client.call<ContainerRecord>('containers.Get', { id })
    const running = yield* c.client.try('tasks.Get', { id })
    if (running.ok) throw new ToolError(`task ${JSON.stringify(id)}: already exists`)
    const rootfs = yield* c.client.call('snapshots.Mounts', { key: `${c.client.ns}/${r.snapshotKey}` })
    const detached = g.has('detach') || g.has('null-io')
    const streams = new Streams(sys, '/run/containerd/fifo', id, { tty: r.spec.process.terminal ?? false, input: true })
    const stdio = detached ? { stdin: '', stdout: '', stderr: '', terminal: false } : streams.stdio
    if (!detached) yield* streams.open()
    const created = yield* c.client.try('tasks.Create', { id, spec: r.spec, rootfs, stdio })
    const started = created.ok ? yield* c.client.try('tasks.Start', { id }) : created
    if (!started.ok) {
      if (created.ok) yield* c.client.try('tasks.Delete', { id })
      if (!detached) yield* streams.close()
      throw new ToolError(started.error)
    }
    if (detached) return 0
    return yield* follow(sys, c, streams, id, undefined, function* () {
      yield* c.client.call('tasks.Delete', { id })
    })
  },
}
const exec: Leaf<Context> = {
  names: ['exec'],
  usage: 'Execute additional processes in an existing container',
  args: '[flags] CONTAINER CMD [ARG...]',
  flags: 'cwd:string t,tty d,detach exec-id:string fifo-dir:string log-uri:string user:string',
  texts: [
    'Working directory of the new process',
    'Allocate a TTY for the container',
    'Detach from the task after it has started execution',
    'Exec specific id for the process',
    'Directory used for storing IO FIFOs',
    'Log uri for custom shim logging',
    'User id or name',
  ],
  *run(sys, g, c) {
    const execId = g.value('exec-id')
    if (execId === undefined) throw new ToolError('Required flag "exec-id" not set')
    const id = idOf(g)
    for (const flag of ['fifo-dir', 'log-uri'])
      if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: ctr tasks exec --${flag}`)
    const user = g.value('user')
    if (user !== undefined && !/^\d+(:\d+)?$/.test(user))
      throw new ToolError('zukan: not emulated: ctr tasks exec --user with a name')
    const r = yield* c.client.call<ContainerRecord>('containers.Get', { id })
    yield* c.client.call('tasks.Get', { id })
    const [uid = 0, gid = 0] = (user ?? '').split(':').map(Number)
    const process: SpecProcess = {
      ...r.spec.process,
      terminal: g.has('tty'),
      args: g.args.slice(1),
      cwd: g.value('cwd') ?? r.spec.process.cwd,
      ...(user === undefined ? {} : { user: { uid, gid } }),
    }
    const streams = new Streams(sys, '/run/containerd/fifo', `${id}-${execId}`, { tty: g.has('tty'), input: true })
    const detached = g.has('detach')
    if (!detached) yield* streams.open()
    const stdio = detached ? { stdin: '', stdout: '', stderr: '', terminal: false } : streams.stdio
    const started = yield* c.client.try('tasks.Exec', { id, execId, process, stdio })
    if (!started.ok) {
      if (!detached) yield* streams.close()
      throw new ToolError(started.error)
    }
    if (detached) return 0
    return yield* follow(sys, c, streams, id, execId, function* () {})
  },
}
export const tasks: Branch<Context> = {
  names: ['tasks', 't', 'task'],
  usage: 'Manage tasks',
  below: [
    not('attach', 'Attach to the IO of a running container'),
    not('checkpoint', 'Checkpoint a container'),
    {
      names: ['delete', 'del', 'remove', 'rm'],
      usage: 'Delete one or more tasks',
      args: 'CONTAINER [CONTAINER, ...]',
      flags: 'f,force exec-id:string',
      texts: ['Force delete task process', 'Process ID to kill'],
      *run(sys, g, c) {
        if (g.value('exec-id') !== undefined) throw new ToolError('zukan: not emulated: ctr tasks delete --exec-id')
        let first: string | undefined
        for (const id of g.args) {
          const task = yield* c.client.try<TaskInfo>('tasks.Get', { id })
          if (!task.ok) {
            first ??= task.error
            yield* log(sys, 'error', `failed to load task from ${id}`, { error: task.error })
            continue
          }
          let { exit } = task.result
          if (task.result.status !== 'STOPPED' && task.result.status !== 'CREATED') {
            if (!g.has('force')) {
              const failed = `task must be stopped before deletion: ${task.result.status.toLowerCase()}: failed precondition`
              first ??= failed
              yield* log(sys, 'error', `unable to delete ${id}`, { error: failed })
              continue
            }
            yield* c.client.call('tasks.Kill', { id, signal: 9 })
            exit = (yield* c.client.call<{ status: number }>('tasks.Wait', { id })).status
          }
          yield* c.client.call('tasks.Delete', { id })
          if (exit !== 0) yield* log(sys, 'warning', `task ${id} exit with non-zero exit code ${exit}`)
        }
        if (first !== undefined) throw new ToolError(first)
        return 0
      },
    },
    exec,
    {
      names: ['list', 'ls'],
      usage: 'List tasks',
      args: '[flags]',
      flags: 'q,quiet',
      texts: ['Print only the task id'],
      *run(sys, g, c) {
        const list = yield* c.client.call<TaskInfo[]>('tasks.List')
        yield* print(
          sys,
          g.has('quiet')
            ? list.map((t) => `${t.id}\n`).join('')
            : tabs([['TASK', 'PID', 'STATUS'], ...list.map((t) => [t.id, String(t.pid), t.status])], 4, 4),
        )
        return 0
      },
    },
    {
      names: ['kill'],
      usage: 'Signal a container (default: SIGTERM)',
      args: '[flags] CONTAINER',
      flags: 's,signal:string exec-id:string a,all',
      texts: [
        'Signal to send to the container',
        'Process ID to kill',
        'Send signal to all processes inside the container',
      ],
      *run(_sys, g, c) {
        const id = idOf(g)
        if (g.has('all') && g.value('exec-id') !== undefined) throw new ToolError('specify an exec-id or all; not both')
        if (g.has('all')) throw new ToolError('zukan: not emulated: ctr tasks kill --all')
        const r = yield* c.client.call<ContainerRecord>('containers.Get', { id })
        const given = g.value('signal')
        const wanted = given ?? r.labels['io.containerd.image.config.stop-signal'] ?? 'SIGTERM'
        const signal = signalNumber(wanted)
        if (signal === undefined) throw new ToolError(`unknown signal ${JSON.stringify(wanted)}`)
        yield* c.client.call('tasks.Get', { id })
        const execId = g.value('exec-id')
        yield* c.client.call('tasks.Kill', { id, signal, ...(execId === undefined ? {} : { execId }) })
        return 0
      },
    },
    not('metrics metric', 'Get a single data point of metrics for a task with the built-in Linux runtime'),
    simple('pause', 'Pause an existing container', 'tasks.Pause'),
    {
      names: ['ps'],
      usage: 'List processes for container',
      args: 'CONTAINER',
      *run(sys, g, c) {
        const id = idOf(g)
        yield* c.client.call('tasks.Get', { id })
        const pids = yield* c.client.call<number[]>('tasks.ListPids', { id })
        yield* print(sys, tabs([['PID', 'INFO'], ...pids.map((p) => [String(p), '-'])], 4, 1, false))
        return 0
      },
    },
    simple('resume', 'Resume a paused container', 'tasks.Resume'),
    start,
  ],
}

export const namespaces: Branch<Context> = {
  names: ['namespaces', 'namespace', 'ns'],
  usage: 'Manage namespaces',
  below: [
    {
      names: ['create', 'c'],
      usage: 'Create a new namespace',
      args: '<name> [<key>=<value>]',
      description: 'create a new namespace. it must be unique',
      *run(_sys, g, c) {
        const [name, ...pairs] = g.args
        if (name === undefined) throw new ToolError('please specify a namespace')
        const labels = Object.fromEntries(pairs.map((p) => [p.split('=')[0], p.split('=').slice(1).join('=')]))
        yield* c.client.call('namespaces.Create', { name, labels })
        return 0
      },
    },
    {
      names: ['list', 'ls'],
      usage: 'List namespaces',
      args: '[flags]',
      description: 'list namespaces',
      flags: 'q,quiet',
      texts: ['Print only the namespace name'],
      *run(sys, g, c) {
        const list = yield* c.client.call<{ name: string; labels: Record<string, string> }[]>('namespaces.List')
        yield* print(
          sys,
          g.has('quiet')
            ? list.map((n) => `${n.name}\n`).join('')
            : tabs([['NAME', 'LABELS'], ...list.map((n) => [n.name, labelsText(n.labels, '')])], 1),
        )
        return 0
      },
    },
    {
      names: ['remove', 'rm'],
      usage: 'Remove one or more namespaces',
      args: '<name> [<name>, ...]',
      description: 'remove one or more namespaces. for now, the namespace must be empty',
      flags: 'c,cgroup',
      texts: ["Delete the namespace's cgroup"],
      *run(sys, g, c) {
        if (g.has('cgroup')) throw new ToolError('zukan: not emulated: ctr namespaces remove --cgroup')
        let first: string | undefined
        for (const name of g.args) {
          const r = yield* c.client.try('namespaces.Delete', { name })
          if (r.ok || /: not found$/.test(r.error)) yield* print(sys, `${name}\n`)
          else {
            first ??= `unable to delete ${name}: ${r.error}`
            yield* log(sys, 'error', `unable to delete ${name}`, { error: r.error })
          }
        }
        if (first !== undefined) throw new ToolError(first)
        return 0
      },
    },
    not('label', 'Set and clear labels for a namespace'),
  ],
}

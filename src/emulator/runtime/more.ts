/** runc's commands for people: spec, run, state, list, ps, update, and its help. */
import { isErr } from '../base/errno.ts'
import type { Program, Run } from '../kernel/linux/abi.ts'
import { O_RDONLY } from '../kernel/linux/fs/flags.ts'
import type { SpecResources } from '../oci/runtimespec.ts'
import { print, readAll, readText } from '../userland/lib/io.ts'
import { processes } from '../userland/lib/proc.ts'
import { strftime } from '../userland/lib/time.ts'
import { limit } from './cgroup.ts'
import { type Command, codeOf, creating, Failure, need, openGate, remove } from './command.ts'
import { openConsole } from './console.ts'
import { create } from './create.ts'
import { exampleSpec } from './example.ts'
import { lower, makeDirs, writeFile } from './files.ts'
import { runRunc } from './runc.ts'
import { load, type State, statusOf } from './state.ts'

const text = (e: unknown): string => (e instanceof Error ? e.message : String(e))
const commands: Readonly<Record<string, Command>> = {
  spec: {
    takes: ['--bundle', '-b'],
    least: 0,
    *run({ sys, o }) {
      const file = `${o.bundle}/config.json`
      if (!isErr(yield* sys.stat(file))) throw new Failure('File config.json exists. Remove it first')
      yield* writeFile(sys, file, `${JSON.stringify(exampleSpec(), null, '\t')}\n`)
      return 0
    },
  },
  run: {
    takes: creating,
    switches: ['--detach', '-d', '--keep'],
    least: 1,
    *run({ sys, o, args, flags }) {
      const id = args[0] as string
      const detached = flags.has('-d') || flags.has('--detach')
      const config = yield* readText(sys, `${o.bundle}/config.json`)
      const terminal = !isErr(config) && /"terminal":\s*true/.test(config)
      let console: Awaited<ReturnType<typeof openConsole> extends Run<infer T> ? T : never>
      if (terminal && !detached) {
        yield* makeDirs(sys, o.root, 0o711)
        console = yield* openConsole(sys, `${o.root}/${id}.console`)
        if (!console) throw new Failure('runc run failed: provided file is not a console')
      }
      const failed = yield* create(sys, id, console ? { ...o, consoleSocket: console.path } : o)
      if (failed !== undefined) throw new Failure(`runc run failed: ${failed}`)
      const s = yield* load(sys, o, id)
      yield* openGate(sys, o, id)
      if (detached || !s) return 0
      if (console) yield* console.copy()
      const code = yield* codeOf(sys, s.init_process_pid)
      if (!flags.has('--keep')) yield* remove(sys, o, s)
      return code
    },
  },
  state: {
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const status = yield* statusOf(c.sys, c.o, s)
      const pid = status === 'stopped' ? 0 : s.init_process_pid
      const rootfs = `${s.bundle}/rootfs`
      const document = {
        ociVersion: '1.3.0',
        id: s.id,
        pid,
        status,
        bundle: s.bundle,
        rootfs,
        created: s.created,
        owner: '',
      }
      yield* print(c.sys, `${JSON.stringify(document, null, 2)}\n`)
      return 0
    },
  },
  list: {
    takes: ['--format', '-f'],
    switches: ['--quiet', '-q'],
    least: 0,
    *run({ sys, o, flags, values }) {
      const fd = yield* sys.open(o.root, O_RDONLY)
      const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
      const rows: (State & { readonly status: string; readonly pid: number })[] = []
      for (const e of isErr(entries) ? [] : entries) {
        const s = e.name.startsWith('.') ? undefined : yield* load(sys, o, e.name)
        if (!s) continue
        const status = yield* statusOf(sys, o, s)
        rows.push({ ...s, status, pid: status === 'stopped' ? 0 : s.init_process_pid })
      }
      if (flags.has('-q') || flags.has('--quiet')) {
        yield* print(sys, rows.map((r) => `${r.id}\n`).join(''))
        return 0
      }
      const format = values.get('--format') ?? values.get('-f') ?? 'table'
      if (format === 'json') {
        const list = rows.map((r) => ({
          ociVersion: '1.3.0',
          id: r.id,
          pid: r.pid,
          status: r.status,
          bundle: r.bundle,
          rootfs: `${r.bundle}/rootfs`,
          created: r.created,
          owner: 'root',
        }))
        yield* print(sys, `${JSON.stringify(list.length > 0 ? list : null)}\n`)
        return 0
      }
      if (format !== 'table') throw new Failure('invalid format option')
      const cells = [
        ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'],
        ...rows.map((r) => [r.id, String(r.pid), r.status, r.bundle, r.created, 'root']),
      ]
      const width = (i: number): number => Math.max(12, ...cells.map((r) => (r[i] ?? '').length + 3))
      for (const r of cells)
        yield* print(sys, `${r.map((c, i) => (i < r.length - 1 ? c.padEnd(width(i)) : c)).join('')}\n`)
      return 0
    },
  },
  ps: {
    takes: ['--format', '-f'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const list = yield* readText(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.procs`)
      const pids = isErr(list) ? [] : list.split('\n').filter(Boolean).map(Number)
      const format = c.values.get('--format') ?? c.values.get('-f') ?? 'table'
      if (format === 'json') {
        yield* print(c.sys, `${JSON.stringify(pids)}\n`)
        return 0
      }
      const rows = (yield* processes(c.sys)).filter((r) => pids.includes(r.pid))
      const boot = (yield* c.sys.clock('realtime')) - (yield* c.sys.clock('boottime'))
      yield* print(c.sys, 'UID          PID    PPID  C STIME TTY          TIME CMD\n')
      for (const r of rows) {
        const user = (r.uid === 0 ? 'root' : String(r.uid)).padEnd(8)
        const tty = (r.tty ? `pts/${r.tty & 255}` : '?').padEnd(8)
        const time = strftime('%H:%M:%S', (r.utime + r.stime) * 1e7)
        const begun = strftime('%H:%M', boot + r.start * 1e7)
        yield* print(
          c.sys,
          `${user} ${String(r.pid).padStart(7)} ${String(r.ppid).padStart(7)}  0 ${begun} ${tty} ${time} ${r.args}\n`,
        )
      }
      return 0
    },
  },
  update: {
    takes: [
      '--resources',
      '-r',
      '--memory',
      '--memory-reservation',
      '--memory-swap',
      '--cpu-quota',
      '--cpu-period',
      '--cpu-share',
      '--cpuset-cpus',
      '--pids-limit',
    ],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const file = c.values.get('--resources') ?? c.values.get('-r')
      let r: SpecResources
      if (file !== undefined) {
        const content = file === '-' ? yield* readAll(c.sys, 0) : yield* readText(c.sys, file)
        if (isErr(content)) throw new Failure(`open ${file}: ${lower(content)}`)
        try {
          r = JSON.parse(typeof content === 'string' ? content : new TextDecoder().decode(content)) as SpecResources
        } catch (e) {
          throw new Failure(text(e))
        }
      } else {
        const n = (name: string): Record<string, number> | undefined => {
          const v = c.values.get(name)
          if (v === undefined) return undefined
          if (!/^-?\d+$/.test(v))
            throw new Failure(
              `invalid value for ${name.slice(2)}: strconv.ParseInt: parsing ${JSON.stringify(v)}: invalid syntax`,
            )
          const key = {
            '--memory': 'limit',
            '--memory-reservation': 'reservation',
            '--memory-swap': 'swap',
            '--cpu-quota': 'quota',
            '--cpu-period': 'period',
            '--cpu-share': 'shares',
            '--pids-limit': 'limit',
          }[name] as string
          return { [key]: Number(v) }
        }
        const cpus = c.values.get('--cpuset-cpus')
        const pids = n('--pids-limit')
        r = {
          memory: { ...n('--memory'), ...n('--memory-reservation'), ...n('--memory-swap') },
          cpu: {
            ...n('--cpu-quota'),
            ...n('--cpu-period'),
            ...n('--cpu-share'),
            ...(cpus === undefined ? {} : { cpus }),
          },
          ...(pids ? { pids: pids as { limit: number } } : {}),
        }
      }
      const failed = yield* limit(c.sys, s.cgroup, r)
      if (failed !== undefined) throw new Failure(failed)
      return 0
    },
  },
  help: {
    least: 0,
    *run({ sys }) {
      yield* print(sys, usage)
      return 0
    },
  },
}
const usage = `NAME:
   runc - Open Container Initiative runtime

USAGE:
   runc [global options] command [command options] [arguments...]

COMMANDS:
   create   create a container
   delete   delete any resources held by the container often used with detached container
   exec     execute new process inside the container
   kill     kill sends the specified signal (default: SIGTERM) to the container's init process
   list     lists containers started by runc with the given root
   pause    pause suspends all processes inside the container
   ps       ps displays the processes running inside a container
   resume   resumes all processes that have been previously paused
   run      create and run a container
   spec     create a new specification file
   start    executes the user defined process in a created container
   state    output the state of a container
   update   update container resource constraints

GLOBAL OPTIONS:
   --log value         set the log file to write runc logs to (default is '/dev/stderr')
   --log-format value  set the log format ('text' (default), or 'json') (default: "text")
   --root value        root directory for storage of container state (this should be located in tmpfs) (default: "/run/runc")
   --help, -h          show help
   --version, -v       print the version
`

export const runcMore: Program = (sys, argv) => runRunc(sys, argv, commands, undefined)

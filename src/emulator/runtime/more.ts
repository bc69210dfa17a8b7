/** runc's commands for people: run, exec, kill, pause, list, ps, events, update, spec, features. */
import { isErr } from '../base/errno.ts'
import type { ExitCode, Run, Sys } from '../kernel/linux/abi.ts'
import { SIGTERM, signalNumber } from '../kernel/linux/signals.ts'
import { readJson } from '../oci/gotypes.ts'
import { streamComplaint } from '../oci/json.ts'
import type { Spec, SpecProcess } from '../oci/runtimespec.ts'
import { processShape } from '../oci/spectypes.ts'
import { print, readText } from '../userland/lib/io.ts'
import { type Call, type Command, creating, creatingSwitches, Failure, need, specOf } from './command.ts'
import { exampleSpec, rootlessSpec } from './example.ts'
import { execIn } from './exec.ts'
import { features } from './features.ts'
import { lower, writeFile } from './files.ts'
import { runcFlavour } from './flavour.ts'
import { inForeground, runContainer, wantsTerminal } from './foreground.ts'
import { commandHelp, generalHelp, runcVersion } from './help.ts'
import { eventLine, pidsOf, psTable, statsOf } from './inside.ts'
import { coreCommands, runRunc, type Wrong } from './runc.ts'
import { load, statusOf } from './state.ts'
import { columns, listStates, type Row, rowOf } from './states.ts'
import { updateLimits, updateOptions } from './update.ts'

const VERSION = '1.3.0'

/** A command that runc has and this one hasn't. */
const missing = (what: string): Command => ({
  takes: ['image-path', 'work-path', 'parent-path', 'bundle,b', 'pid-file', 'manage-cgroups-mode', 'empty-ns'],
  switches: ['leave-running', 'tcp-established', 'ext-unix-sk', 'shell-job', 'file-locks', 'pre-dump', 'detach,d'],
  least: 1,
  most: 1,
  *run({ sys, o, args }) {
    if (what === 'checkpoint' && !(yield* load(sys, o, args[0] as string)))
      throw new Failure(o.flavour.words.unknown(args[0] as string, o.root))
    throw new Failure(`zukan: not emulated: runc ${what}`)
  },
})

/** A process for `exec`: from a file, or the container's own with what the command line says. */
export function* execProcess(c: Call, fail: (message: string) => Failure, known?: Spec): Run<SpecProcess> {
  const spec = known ?? (yield* specOf(c.sys, yield* need(c)))
  const file = c.values.get('process')
  if (file !== undefined) {
    const text = yield* readText(c.sys, file)
    if (isErr(text)) throw fail(`open ${file}: ${lower(text)}`)
    const read = readJson<SpecProcess>(text, processShape)
    if ('refused' in read) throw fail(streamComplaint(read.refused, text))
    const given = read.value
    if (!given.cwd) throw fail('Cwd property must not be empty')
    if (!given.cwd.startsWith('/')) throw fail('Cwd must be an absolute path')
    if (!given.args?.length) throw fail('args must not be empty')
    return { ...given, user: { ...given.user, uid: given.user?.uid ?? 0, gid: given.user?.gid ?? 0 } }
  }
  if (c.args.length < 2) throw fail('process args cannot be empty')
  const user = c.values.get('user')
  // The group is looked at first.
  const [gid, uid] = (['gid', 'uid'] as const).map((what) => {
    const x = user?.split(':')[what === 'gid' ? 1 : 0]
    if (x !== undefined && !/^\d+$/.test(x))
      throw fail(`parsing ${x} as int for ${what} failed: strconv.Atoi: parsing ${JSON.stringify(x)}: invalid syntax`)
    return x === undefined ? undefined : Number(x)
  })
  const caps = c.lists.get('cap') ?? []
  const own = spec.process.capabilities
  const more = (list: readonly string[] | undefined): readonly string[] => [...new Set([...(list ?? []), ...caps])]
  const gids = (c.lists.get('additional-gids') ?? []).map(Number)
  return {
    ...spec.process,
    terminal: c.flags.has('tty'),
    args: c.args.slice(1),
    cwd: c.values.get('cwd') ?? spec.process.cwd,
    env: [...(spec.process.env ?? []), ...(c.lists.get('env') ?? [])],
    user: {
      ...spec.process.user,
      ...(uid === undefined ? {} : { uid, gid: gid ?? spec.process.user.gid }),
      ...(gids.length > 0 ? { additionalGids: gids } : {}),
    },
    ...(c.flags.has('no-new-privs') ? { noNewPrivileges: true } : {}),
    ...(own && caps.length > 0
      ? {
          capabilities: {
            ...own,
            bounding: more(own.bounding),
            effective: more(own.effective),
            permitted: more(own.permitted),
          },
        }
      : {}),
  }
}
const stateOf = (r: Row): object => ({
  ociVersion: VERSION,
  id: r.id,
  pid: r.pid,
  status: r.status,
  bundle: r.bundle,
  rootfs: `${r.bundle}/rootfs`,
  created: r.created,
})
/** Writes 1 or 0 into a container's cgroup.freeze. */
export function* freeze(c: Call, on: boolean): Run<void> {
  const s = yield* need(c)
  yield* writeFile(c.sys, `/sys/fs/cgroup${s.cgroup}/cgroup.freeze`, on ? '1' : '0')
}
export const execOptions: Pick<Command, 'takes' | 'switches'> = {
  takes: [
    'console-socket',
    'cwd',
    'env,e',
    'user,u',
    'additional-gids,g',
    'process,p',
    'pid-file',
    'process-label',
    'apparmor',
    'cap,c',
    'preserve-fds',
    'cgroup',
  ],
  switches: ['tty,t', 'detach,d', 'no-new-privs', 'ignore-paused'],
}
/** Starts a process in a container and, unless it is detached, waits for it. A message where it couldn't be started. */
export function* execAndWait(c: Call, p: SpecProcess): Run<ExitCode | string> {
  const s = yield* need(c)
  const spec = yield* specOf(c.sys, s)
  const detached = c.flags.has('detach')
  const started = yield* inForeground(
    c.sys,
    c.o,
    (p.terminal ?? false) && !detached && !c.o.consoleSocket,
    `${s.id}-exec`,
    'open /dev/tty: no such device or address',
    (o) => execIn(c.sys, s, spec, p, o),
  )
  if (typeof started === 'string') return started
  return detached ? 0 : yield* started.wait()
}

export const moreCommands: Readonly<Record<string, Command>> = {
  ...coreCommands,
  checkpoint: missing('checkpoint'),
  restore: missing('restore'),
  run: {
    takes: creating,
    switches: [...creatingSwitches, 'detach,d', 'keep', 'no-subreaper'],
    least: 1,
    most: 1,
    *run({ sys, o, args, flags }) {
      const result = yield* runContainer(sys, o, args[0] as string, {
        terminal: yield* wantsTerminal(sys, o),
        detached: flags.has('detach'),
        keep: flags.has('keep'),
      })
      if (typeof result === 'string') throw new Failure(`runc run failed: ${result}`)
      return result
    },
  },
  exec: {
    ...execOptions,
    least: 1,
    *run(c) {
      const fail = (message: string): Failure => new Failure(`exec failed: ${message}`, 255)
      const s = yield* load(c.sys, c.o, c.args[0] as string)
      if (!s) throw fail('container does not exist')
      const status = yield* statusOf(c.sys, c.o, s)
      if (status === 'stopped') throw fail('cannot exec in a stopped container')
      if (status === 'paused' && !c.flags.has('ignore-paused'))
        throw fail('cannot exec in a paused container (use --ignore-paused to override)')
      const p = yield* execProcess(c, fail)
      if (!p.cwd.startsWith('/')) throw fail('Cwd must be an absolute path')
      const result = yield* execAndWait(c, p)
      if (typeof result === 'string')
        throw fail(result.startsWith('open /dev/tty') ? result : `unable to start container process: ${result}`)
      return result
    },
  },
  kill: {
    switches: ['all,a'],
    least: 1,
    most: 2,
    *run(c) {
      const s = yield* need(c)
      const signal = signalNumber(c.args[1] ?? 'TERM')
      if (signal === undefined) throw new Failure(`unknown signal ${JSON.stringify(c.args[1])}`)
      const stopped = (yield* statusOf(c.sys, c.o, s)) === 'stopped'
      const failed = stopped ? 'stopped' : yield* c.sys.kill(s.init_process_pid, signal || SIGTERM)
      if (failed)
        throw new Failure(
          typeof failed === 'string' || failed.name === 'ESRCH' ? 'container not running' : lower(failed),
        )
      return 0
    },
  },
  pause: {
    least: 1,
    most: 1,
    *run(c) {
      const status = yield* statusOf(c.sys, c.o, yield* need(c))
      if (status !== 'running' && status !== 'created') throw new Failure('container not running')
      yield* freeze(c, true)
      return 0
    },
  },
  resume: {
    least: 1,
    most: 1,
    *run(c) {
      if ((yield* statusOf(c.sys, c.o, yield* need(c))) !== 'paused') throw new Failure('container not paused')
      yield* freeze(c, false)
      return 0
    },
  },
  state: {
    least: 1,
    most: 1,
    *run(c) {
      const row = yield* rowOf(c.sys, c.o, yield* need(c))
      yield* print(c.sys, `${JSON.stringify({ ...stateOf(row), owner: '' }, null, 2)}\n`)
      return 0
    },
  },
  list: {
    takes: ['format,f'],
    switches: ['quiet,q'],
    least: 0,
    most: 0,
    *run({ sys, o, flags, values }) {
      const rows = yield* listStates(sys, o)
      const format = values.get('format') ?? 'table'
      if (flags.has('quiet')) yield* print(sys, rows.map((r) => `${r.id}\n`).join(''))
      else if (format === 'json') {
        const list = rows.map((r) => ({ ...stateOf(r), owner: 'root' }))
        yield* print(sys, `${JSON.stringify(list.length > 0 ? list : null)}\n`)
      } else if (format === 'table') {
        const cells = rows.map((r) => [r.id, String(r.pid), r.status, r.bundle, r.created, 'root'])
        yield* print(sys, columns([['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...cells], 12, 3))
      } else throw new Failure('invalid format option')
      return 0
    },
  },
  ps: {
    takes: ['format,f'],
    least: 1,
    *run(c) {
      const s = yield* need(c)
      const format = c.values.get('format') ?? 'table'
      if (format === 'json') yield* print(c.sys, `${JSON.stringify(yield* pidsOf(c.sys, s))}\n`)
      else if (format === 'table') yield* print(c.sys, yield* psTable(c.sys, s, c.args.slice(1)))
      else throw new Failure('invalid format option')
      return 0
    },
  },
  events: {
    takes: ['interval'],
    switches: ['stats'],
    least: 1,
    most: 1,
    *run(c) {
      const s = yield* need(c)
      const text = c.values.get('interval') ?? '5s'
      const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
      if (number === undefined)
        throw new Failure(`invalid value ${JSON.stringify(text)} for flag -interval: parse error`)
      const interval = Number(number) * { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }[unit as 'ms' | 's' | 'm' | 'h']
      if (interval <= 0) throw new Failure('duration interval must be greater than 0')
      if ((yield* statusOf(c.sys, c.o, s)) === 'stopped') throw new Failure(`container with id ${s.id} is not running`)
      const once = c.flags.has('stats')
      do {
        if (!once) yield* c.sys.nanosleep(interval)
        if ((yield* statusOf(c.sys, c.o, s)) === 'stopped') break
        yield* print(c.sys, eventLine(s.id, yield* statsOf(c.sys, s)))
      } while (!once)
      return 0
    },
  },
  update: {
    takes: updateOptions,
    least: 1,
    most: 1,
    *run(c) {
      yield* updateLimits(c)
      return 0
    },
  },
  spec: {
    takes: ['bundle,b'],
    switches: ['rootless'],
    least: 0,
    most: 0,
    *run({ sys, o, flags }) {
      const file = `${o.bundle}/config.json`
      if (!isErr(yield* sys.stat(file))) throw new Failure('File config.json exists. Remove it first')
      const example = exampleSpec('runc')
      const cred = yield* sys.getcred()
      const spec = flags.has('rootless') ? rootlessSpec(example, cred.euid, cred.egid) : example
      const failed = yield* writeFile(sys, file, `${JSON.stringify(spec, null, '\t')}\n`)
      if (failed) throw new Failure(`open ${file}: ${lower(failed)}`)
      return 0
    },
  },
  features: {
    least: 0,
    most: 0,
    *run({ sys }) {
      yield* print(sys, `${JSON.stringify(features, null, 4)}\n`)
      return 0
    },
  },
}

/** Help and complaints about usage, as urfave/cli prints them. */
function* answer(sys: Sys, _argv: readonly string[], w: Wrong): Run<ExitCode> {
  const help = w.command !== undefined ? commandHelp(w.command) : undefined
  switch (w.kind) {
    case 'version':
      yield* print(sys, `runc version ${runcVersion}\n`)
      return 0
    case 'help':
      if (w.command !== undefined && help === undefined) return yield* w.fail(`No help topic for '${w.command}'\n`, 3)
      yield* print(sys, help ?? generalHelp)
      return 0
    case 'command':
      return yield* w.fail(`No help topic for '${w.command}'\n`, 3)
    case 'options':
      yield* print(sys, help ? `Incorrect Usage: ${w.text}\n\n${help}` : `Incorrect Usage. ${w.text}\n\n${generalHelp}`)
      return yield* w.fail(w.text ?? '')
    case 'operands':
      yield* print(sys, `Incorrect Usage.\n\n${help ?? ''}`)
      return yield* w.fail(w.text ?? '')
  }
}
/** The part `runc/more`: runc with all its commands. */
export const runcMore = (sys: Sys, argv: readonly string[]): Run<ExitCode> =>
  runRunc(sys, argv, runcFlavour, moreCommands, answer)

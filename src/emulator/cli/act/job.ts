/** One job: its services, the container that its steps run in, and the steps in turn; told as act tells it. */

import { sha256 } from '@noble/hashes/sha2.js'
import { hex, text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import { fromText } from '../../base/filedata.ts'
import { treeEntries } from '../../engine/layers.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readTar, type TarEntry, writeTar } from '../../oci/tar.ts'
import { decode, LineReader, unbinary } from '../../userland/lib/io.ts'
import { CliError, type Client, query } from '../docker/api.ts'
import { createContainer } from '../docker/create.ts'
import { showPull } from '../docker/pull.ts'
import { shapes } from '../docker/shapes.ts'
import { pump } from '../docker/streams.ts'
import { bodyOf, transfer } from '../docker/transfer.ts'
import { checkFlag, checkValue } from '../docker/values.ts'
import { flagsOf, Given, parseFlags } from '../flags.ts'
import { type Contexts, condition, interpolate } from './expression.ts'
import type { JobLog } from './log.ts'
import { goDuration } from './log.ts'
import type { Combination } from './matrix.ts'
import type { Job, Service, Step, Workflow } from './workflow.ts'

const ACT = '/var/run/act'
/** The same in the image, whose /var/run is a link to /run. */
const STORE = '/run/act'
/** What a run of act was asked for. */
export interface Plan {
  readonly sys: Sys
  readonly client: Client
  /** The repository's folder on this machine, and in the job's container. */
  readonly directory: string
  readonly event: string
  readonly images: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** Says what would be done, and asks nothing of the engine. */
  readonly dry: boolean
}
export type Outcome = 'success' | 'failure' | 'skipped'
/** A name for the engine: letters and digits, with a digest so that no two are alike. */
const nameOf = (...parts: readonly string[]): string => {
  const whole = parts.join('/')
  const bare = ['act', ...parts].map((p) => p.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '')).join('-')
  return `${bare.slice(0, 40)}-${hex(sha256(utf8(whole)))}`
}
/** Words of a text as a shell splits them: what `options:` of a service is. */
function wordsOf(line: string): string[] {
  const out: string[] = []
  for (const m of line.matchAll(/(?:[^\s"']+|"((?:[^"\\]|\\.)*)"|'([^']*)')+/g))
    out.push(
      m[0].replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, a: string | undefined, b: string | undefined) =>
        (a ?? b ?? '').replace(/\\(.)/g, '$1'),
      ),
    )
  return out
}

/** What a job left for those that need it. */
export interface JobResult {
  readonly result: Outcome
  readonly outputs: Readonly<Record<string, string>>
}
/** One of the runs of a job: with its values of the matrix, and what the jobs left that it needs. */
export interface Turn {
  readonly matrix: Combination
  readonly index: number
  readonly needs: Readonly<Record<string, JobResult>>
}

export class JobRun {
  readonly #plan: Plan
  readonly #workflow: Workflow
  readonly #job: Job
  readonly #log: JobLog
  readonly #steps: Record<string, { outputs: Record<string, string>; outcome: Outcome; conclusion: Outcome }> = {}
  /** What steps wrote to GITHUB_ENV and GITHUB_PATH. */
  readonly #added: Record<string, string> = {}
  #path: string[] = []
  #status: 'success' | 'failure' = 'success'
  readonly #turn: Turn
  /** The job's name in this turn: the matrix makes several of one job. */
  readonly #title: string
  constructor(plan: Plan, workflow: Workflow, job: Job, turn: Turn, log: (title: string) => JobLog) {
    this.#plan = plan
    this.#workflow = workflow
    this.#job = job
    this.#turn = turn
    const title = interpolate(job.name, this.#contexts({}), 'success')
    this.#title = job.matrix.length > 1 ? `${title}-${turn.index + 1}` : title
    this.#log = log(this.#title)
  }
  get #name(): string {
    return nameOf(this.#workflow.name, this.#title)
  }
  get #network(): string {
    return `${this.#name}-network`
  }
  #contexts(env: Readonly<Record<string, string>>): Contexts {
    const { plan, workflow } = { plan: this.#plan, workflow: this.#workflow }
    return {
      env,
      secrets: plan.secrets,
      steps: this.#steps,
      job: { status: this.#status },
      runner: { os: 'Linux', arch: 'X64', temp: '/tmp', tool_cache: '/opt/hostedtoolcache' },
      github: {
        workflow: workflow.name,
        event_name: plan.event,
        job: this.#job.id,
        workspace: plan.directory,
        actor: 'nektos/act',
        run_id: '1',
        run_number: '1',
        repository: `local/${plan.directory.split('/').at(-1) ?? ''}`,
        ref: 'refs/heads/main',
        ref_name: 'main',
        token: plan.secrets.GITHUB_TOKEN ?? '',
      },
      matrix: this.#turn.matrix,
      strategy: { 'job-index': this.#turn.index, 'job-total': this.#job.matrix.length },
      needs: this.#turn.needs,
      vars: {},
      inputs: {},
    }
  }
  #environment(step?: Step): Record<string, string> {
    const all: Record<string, string> = {}
    const add = (more: Readonly<Record<string, string>>): void => {
      for (const [k, v] of Object.entries(more)) all[k] = interpolate(v, this.#contexts(all), this.#status)
    }
    add(this.#plan.env)
    add(this.#workflow.env)
    add(this.#job.env)
    add(this.#added)
    if (step) add(step.env)
    return all
  }

  /** Runs the job, and answers what it left. Throws ExpressionError or WorkflowError where something isn't emulated. */
  *run(): Run<JobResult> {
    // A job that needs one that failed, or that wasn't run, is run only where its condition asks for it.
    const before = Object.values(this.#turn.needs).every((n) => n.result === 'success') ? 'success' : 'failure'
    if (!condition(this.#job.if, this.#contexts({}), before)) return { result: 'skipped', outputs: {} }
    const result: Outcome = (yield* this.#run()) ? 'success' : 'failure'
    const env = this.#environment()
    const outputs = Object.entries(this.#job.outputs).map(
      ([k, v]) => [k, interpolate(v, this.#contexts(env), this.#status)] as const,
    )
    return { result, outputs: Object.fromEntries(outputs) }
  }
  *#run(): Run<boolean> {
    const { sys } = this.#plan
    yield* this.#clean()
    yield* this.#log.line('⭐ Run Set up job')
    const platform = interpolate(this.#job.runsOn, this.#contexts({}), this.#status)
    const image = this.#plan.images.get(platform)
    if (image === undefined) {
      yield* this.#log.line(`🚧  Skipping unsupported platform -- Try running with \`-P ${platform}=...\``)
      return true
    }
    try {
      yield* this.#log.line(`🚀  Start image=${image}`)
      for (const s of this.#job.services) yield* this.#service(s)
      yield* this.#start(image)
      yield* this.#log.line('  ✅  Success - Set up job')
    } catch (e) {
      if (!(e instanceof CliError)) throw e
      yield* this.#log.line('  ❌  Failure - Set up job')
      yield* this.#log.line(e.message)
      yield* this.#log.line('🏁  Job failed')
      return false
    }
    for (const step of this.#job.steps) yield* this.#step(step)
    if (this.#status === 'success') {
      yield* this.#log.line('⭐ Run Complete job')
      yield* this.#log.line(`Cleaning up container for job ${this.#job.id}`)
      if (this.#job.services.length > 0) {
        yield* this.#log.line(`Cleaning up services for job ${this.#job.id}`)
        yield* this.#log.line(`Cleaning up network for job ${this.#job.id}, and network name is: ${this.#network}`)
      }
      yield* this.#clean()
      yield* this.#log.line('  ✅  Success - Complete job')
      yield* this.#log.line('🏁  Job succeeded')
    } else yield* this.#log.line('🏁  Job failed')
    yield* sys.schedYield()
    return this.#status === 'success'
  }
  /** What an earlier run left: a failed job's containers stay for a look. */
  *#clean(): Run<void> {
    if (this.#plan.dry) return
    const gone = function* (ask: Run<unknown>): Run<void> {
      try {
        yield* ask
      } catch (e) {
        if (!(e instanceof CliError)) throw e
      }
    }
    const { client } = this.#plan
    for (const name of [this.#name, ...this.#job.services.map((s) => this.#serviceName(s))])
      yield* gone(client.json('DELETE', `/containers/${name}${query({ force: true, v: true })}`))
    if (this.#job.services.length > 0) yield* gone(client.json('DELETE', `/networks/${this.#network}`))
    yield* gone(client.json('DELETE', `/volumes/${this.#name}`))
    yield* gone(client.json('DELETE', `/volumes/${this.#name}-env`))
  }
  #serviceName(s: Service): string {
    return nameOf(this.#workflow.name, this.#title, s.name)
  }
  /** A container as `docker create` makes it of words. */
  *#make(words: readonly string[]): Run<string> {
    const shape = shapes.create
    const flags = flagsOf(shape?.[3] ?? '')
    const parsed = parseFlags(
      flags,
      words,
      true,
      (flag, value) => checkValue(flag.type, value) ?? checkFlag(flag.name, value),
    )
    if (parsed === 'help' || 'error' in parsed) throw new CliError(parsed === 'help' ? 'help' : parsed.error)
    return yield* createContainer(this.#plan.sys, this.#plan.client, new Given(parsed))
  }
  *#pull(image: string): Run<void> {
    const { sys, client, dry } = this.#plan
    yield* this.#log.line(`  🐳  docker pull image=${image} platform= username= forcePull=true`)
    if (!dry) yield* showPull(sys, client, image, undefined, 2, true)
  }
  *#service(s: Service): Run<void> {
    const { client, sys, dry } = this.#plan
    const env = this.#environment()
    const value = (v: string): string => interpolate(v, this.#contexts(env), this.#status)
    const image = value(s.image)
    yield* this.#pull(image)
    if (s === this.#job.services[0] && !dry)
      yield* client.json('POST', '/networks/create', { Name: this.#network, Driver: 'bridge' })
    const words = [
      '--name',
      this.#serviceName(s),
      '--network',
      this.#network,
      '--network-alias',
      s.name,
      ...Object.entries(s.env).flatMap(([k, v]) => ['-e', `${k}=${value(v)}`]),
      ...s.ports.flatMap((p) => ['-p', value(p)]),
      ...s.volumes.flatMap((v) => ['-v', value(v)]),
      ...wordsOf(value(s.options)),
      image,
    ]
    yield* this.#log.line(
      `  🐳  docker create image=${image} platform= entrypoint=[] cmd=[] network="${this.#network}"`,
    )
    const id = dry ? '' : yield* this.#make(words)
    yield* this.#log.line(`  🐳  docker run image=${image} platform= entrypoint=[] cmd=[] network="${this.#network}"`)
    if (dry) return
    yield* client.json('POST', `/containers/${id}/start`)
    // A service with a health check is waited for.
    for (;;) {
      const { State } = yield* client.json<{ State: { Running: boolean; Health?: { Status: string } } }>(
        'GET',
        `/containers/${id}/json`,
      )
      if (!State.Health || State.Health.Status === 'healthy') return
      if (State.Health.Status === 'unhealthy' || !State.Running)
        throw new CliError(`service ${s.name} is not healthy: ${State.Health.Status}`)
      yield* sys.nanosleep(1_000_000_000)
    }
  }
  *#start(image: string): Run<void> {
    const { client, directory, dry } = this.#plan
    const network = this.#job.services.length > 0 ? this.#network : 'host'
    yield* this.#pull(image)
    const told = `image=${image} platform= entrypoint=["tail" "-f" "/dev/null"] cmd=[] network="${network}"`
    yield* this.#log.line(`  🐳  docker create ${told}`)
    const words = [
      '--name',
      this.#name,
      '--network',
      network,
      '-v',
      '/var/run/docker.sock:/run/docker.sock',
      '-v',
      `${this.#name}:${directory}`,
      '-v',
      `${this.#name}-env:${STORE}`,
      '-w',
      directory,
      '--entrypoint',
      'tail',
      image,
      '-f',
      '/dev/null',
    ]
    const id = dry ? '' : yield* this.#make(words)
    yield* this.#log.line(`  🐳  docker run ${told}`)
    if (dry) return
    yield* client.json('POST', `/containers/${id}/start`)
    yield* this.#put(STORE, [
      { path: 'workflow', type: 'dir', mode: 0o777, uid: 0, gid: 0, mtime: 0 },
      fileEntry('workflow/event.json', '{}\n'),
    ])
  }
  /** Puts files into the job's container. */
  *#put(path: string, entries: readonly TarEntry[]): Run<void> {
    if (this.#plan.dry) return
    const t = yield* transfer(
      this.#plan.sys,
      this.#plan.client,
      'PUT',
      `/containers/${this.#name}/archive${query({ path })}`,
      {
        body: writeTar(entries),
      },
    )
    yield* this.#plan.sys.close(t.fd)
  }
  /** A file of the job's container as text; '' where it isn't there. */
  *#get(path: string): Run<string> {
    try {
      const t = yield* transfer(
        this.#plan.sys,
        this.#plan.client,
        'GET',
        `/containers/${this.#name}/archive${query({ path })}`,
      )
      const entries = readTar(yield* bodyOf(t))
      yield* this.#plan.sys.close(t.fd)
      const first = 'error' in entries ? undefined : entries.find((e) => e.type === 'file')
      return first?.data?.extents.map((x) => text(x.bytes)).join('') ?? ''
    } catch (e) {
      if (e instanceof CliError) return ''
      throw e
    }
  }

  *#step(step: Step): Run<void> {
    const { sys } = this.#plan
    const result = {
      outputs: {} as Record<string, string>,
      outcome: 'success' as Outcome,
      conclusion: 'success' as Outcome,
    }
    this.#steps[step.id] = result
    const env = this.#environment(step)
    const contexts = this.#contexts(env)
    if (!condition(step.if, contexts, this.#status)) {
      result.outcome = result.conclusion = 'skipped'
      return
    }
    const name = interpolate(step.name, contexts, this.#status)
    yield* this.#log.line(`⭐ Run Main ${name}`)
    const began = yield* sys.clock('monotonic')
    const code = step.uses === '' ? yield* this.#command(step, env) : yield* this.#action(step)
    const took = `[${goDuration((yield* sys.clock('monotonic')) - began)}]`
    if (!this.#plan.dry) yield* this.#files(result.outputs)
    if (code === 0) {
      yield* this.#log.line(`  ✅  Success - Main ${name} ${took}`)
      return
    }
    result.outcome = 'failure'
    if (step.continueOnError) {
      yield* this.#log.line('Failed but continue next step')
      yield* this.#log.line(`  ❌  Failure - Main ${name} ${took}`)
      return
    }
    result.conclusion = 'failure'
    this.#status = 'failure'
    yield* this.#log.line(`  ❌  Failure - Main ${name} ${took}`)
    yield* this.#log.line(`exitcode '${code}': failure`)
  }
  /** `uses:` actions/checkout is a copy of the repository's folder; others would be fetched from GitHub. */
  *#action(step: Step): Run<number> {
    const { sys, directory } = this.#plan
    const [what = ''] = step.uses.split('@')
    if (what !== 'actions/checkout') {
      yield* this.#log.line(`zukan: not emulated: the action ${step.uses}`)
      return 1
    }
    const odd = Object.keys(step.with).find((k) => !['path', 'fetch-depth', 'clean'].includes(k))
    if (odd !== undefined) {
      yield* this.#log.line(`zukan: not emulated: ${odd} of actions/checkout`)
      return 1
    }
    const to = step.with.path === undefined ? directory : `${directory}/${step.with.path}`
    yield* this.#log.line(`  🐳  docker cp src=${directory}/. dst=${to}`)
    const entries = yield* treeEntries(sys, directory)
    if (isErr(entries)) return 1
    const below = step.with.path === undefined ? '' : `${step.with.path}/`
    yield* this.#put(
      directory,
      below === ''
        ? entries
        : [
            { path: below.slice(0, -1), type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0 },
            ...entries.map((e) => ({
              ...e,
              path: below + e.path,
              ...(e.type === 'link' && e.target !== undefined ? { target: below + e.target } : {}),
            })),
          ],
    )
    return 0
  }
  /** `run:` a script in the job's container. */
  *#command(step: Step, env: Readonly<Record<string, string>>): Run<number> {
    const { directory, dry } = this.#plan
    const shell = step.shell || this.#job.shell || ''
    const file = `${ACT}/workflow/${step.id}${shell === 'sh' || shell === 'bash' ? '.sh' : ''}`
    const commands: Readonly<Record<string, readonly string[]>> = {
      '': ['bash', '-e', file],
      bash: ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', file],
      sh: ['sh', '-e', file],
    }
    const cmd = Object.hasOwn(commands, shell) ? commands[shell] : undefined
    if (!cmd) {
      yield* this.#log.line(`zukan: not emulated: shell: ${shell}`)
      return 1
    }
    yield* this.#put(STORE, [
      fileEntry(file.slice(ACT.length + 1), `${interpolate(step.run, this.#contexts(env), this.#status)}\n`, 0o755),
      ...['envs.txt', 'outputcmd.txt', 'pathcmd.txt', 'statecmd.txt', 'SUMMARY.md'].map((n) =>
        fileEntry(`workflow/${n}`, '', 0o666),
      ),
    ])
    if (dry) return 0
    const where =
      step.directory === ''
        ? directory
        : step.directory.startsWith('/')
          ? step.directory
          : `${directory}/${step.directory}`
    yield* this.#log.line(
      `  🐳  docker exec cmd=[${cmd.join(' ')}] user= workdir=${step.directory === '' ? '' : where}`,
    )
    const path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    const all: Record<string, string> = {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKFLOW: this.#workflow.name,
      GITHUB_JOB: this.#job.id,
      GITHUB_EVENT_NAME: this.#plan.event,
      GITHUB_EVENT_PATH: `${ACT}/workflow/event.json`,
      GITHUB_WORKSPACE: directory,
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_NUMBER: '1',
      GITHUB_ACTOR: 'nektos/act',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REF_NAME: 'main',
      GITHUB_ENV: `${ACT}/workflow/envs.txt`,
      GITHUB_OUTPUT: `${ACT}/workflow/outputcmd.txt`,
      GITHUB_PATH: `${ACT}/workflow/pathcmd.txt`,
      GITHUB_STATE: `${ACT}/workflow/statecmd.txt`,
      GITHUB_STEP_SUMMARY: `${ACT}/workflow/SUMMARY.md`,
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      RUNNER_TEMP: '/tmp',
      ACT: 'true',
      PATH: [...this.#path, ...path].join(':'),
      ...env,
    }
    return yield* this.#exec(cmd, all, where)
  }
  /** Runs words in the job's container; what they print goes into the log line by line. Answers the exit code. */
  *#exec(cmd: readonly string[], env: Readonly<Record<string, string>>, where: string): Run<number> {
    const { sys, client } = this.#plan
    const { Id } = yield* client.json<{ Id: string }>('POST', `/containers/${this.#name}/exec`, {
      Cmd: cmd,
      AttachStdout: true,
      AttachStderr: true,
      WorkingDir: where,
      Env: Object.entries(env).map(([k, v]) => `${k}=${v}`),
    })
    const pipe = yield* sys.pipe()
    if (isErr(pipe)) throw new CliError(pipe.text)
    const pid = yield* sys.fork(function* (child) {
      yield* child.close(pipe[0])
      yield* child.dup2(pipe[1], 1)
      yield* child.dup2(pipe[1], 2)
      yield* child.close(pipe[1])
      const own = Object.assign(Object.create(Object.getPrototypeOf(client)) as Client, client, { sys: child })
      const connection = yield* own.stream('POST', `/exec/${Id}/start`, { Detach: false, Tty: false }, true)
      yield* pump(child, connection, { tty: false, input: false })
      return 0
    })
    yield* sys.close(pipe[1])
    if (isErr(pid)) throw new CliError(pid.text)
    const lines = new LineReader(sys, pipe[0])
    for (let line = yield* lines.next(); typeof line === 'string'; line = yield* lines.next())
      yield* this.#log.output(decode(unbinary(line)))
    yield* sys.close(pipe[0])
    yield* sys.wait(pid)
    return (yield* client.json<{ ExitCode: number | null }>('GET', `/exec/${Id}/json`)).ExitCode ?? 1
  }
  /** Takes over what a step wrote to GITHUB_ENV, GITHUB_OUTPUT and GITHUB_PATH. */
  *#files(outputs: Record<string, string>): Run<void> {
    Object.assign(this.#added, pairsOf(yield* this.#get(`${STORE}/workflow/envs.txt`)))
    Object.assign(outputs, pairsOf(yield* this.#get(`${STORE}/workflow/outputcmd.txt`)))
    const path = (yield* this.#get(`${STORE}/workflow/pathcmd.txt`)).split('\n').filter(Boolean)
    this.#path = [...path, ...this.#path]
  }
}
const fileEntry = (path: string, content: string, mode = 0o644): TarEntry => ({
  path,
  type: 'file',
  mode,
  uid: 0,
  gid: 0,
  mtime: 0,
  data: fromText(content),
})
/** `name=value` lines, and `name<<END` with the lines up to END. */
export function pairsOf(source: string): Record<string, string> {
  const out: Record<string, string> = {}
  const lines = source.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    const here = /^([^=<]+)<<(.+)$/.exec(line)
    if (here) {
      const parts: string[] = []
      while (++i < lines.length && lines[i] !== here[2]) parts.push(lines[i] as string)
      out[here[1] as string] = parts.join('\n')
      continue
    }
    const at = line.indexOf('=')
    if (at > 0) out[line.slice(0, at)] = line.slice(at + 1)
  }
  return out
}

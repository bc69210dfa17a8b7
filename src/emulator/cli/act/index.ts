/** act: runs GitHub Actions workflows on this machine, with containers for runners; nektos/act. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import { print, readText, warn } from '../../userland/lib/io.ts'
import { CliError, Client } from '../docker/api.ts'
import { endpoint } from '../docker/context.ts'
import { flagsOf, Given, parseFlags } from '../flags.ts'
import { flagLines } from '../helptext.ts'
import { log } from '../logrus.ts'
import { tabs } from '../urfave.ts'
import { ExpressionError } from './expression.ts'
import { type JobResult, JobRun } from './job.ts'
import { JobLog } from './log.ts'
import { readWorkflow, stagesOf, type Workflow, WorkflowError } from './workflow.ts'

const VERSION = '0.2.82'
const flags =
  'C,directory:string n,dryrun env:stringArray g,graph j,job:string l,list P,platform:stringArray q,quiet rm s,secret:stringArray v,verbose version W,workflows:string'
const texts = [
  'working directory (default ".")',
  'disable container creation, validates only workflow correctness',
  'env to make available to actions with optional value (e.g. --env myenv=foo or --env myenv)',
  'draw workflows',
  'run a specific job ID',
  'list workflows',
  'custom image to use per platform (e.g. -P ubuntu-18.04=nektos/act-environments-ubuntu:18.04)',
  'disable logging of output from steps',
  'automatically remove container(s)/volume(s) after a workflow(s) failure',
  'secret to make available to actions with optional value (e.g. -s mysecret=foo or -s mysecret)',
  'verbose output',
  'version for act',
  'path to workflow file(s) (default "./.github/workflows/")',
]
const help = `Run GitHub actions locally by specifying the event name (e.g. \`push\`) or an action name directly.

Usage:
  act [event name to run] [flags]

If no event name passed, will default to "on: push"
If actions handles only one event it will be used as default instead of "on: push"

Flags:
${flagLines(flagsOf(flags), texts)}`
/** What \`runs-on\` names, as containers. */
const platforms: readonly (readonly [string, string])[] = ['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-22.04'].map((p) => [
  p,
  `catthehacker/ubuntu:act-${p.slice(7)}`,
])
function absolute(from: string, path: string): string {
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/'))
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  return `/${out.join('/')}`
}

/** The workflows of a file, or of a folder's .yml and .yaml files. Throws WorkflowError. */
function* workflows(sys: Sys, path: string): Run<Workflow[]> {
  const s = yield* sys.stat(path)
  if (isErr(s)) throw new WorkflowError(`stat ${path}: no such file or directory`)
  const name = (p: string): string => p.slice(p.lastIndexOf('/') + 1)
  if (!isDir(s.mode)) {
    const text = yield* readText(sys, path)
    return [readWorkflow(name(path), isErr(text) ? '' : text)]
  }
  const fd = yield* sys.open(path, O_RDONLY)
  const entries = isErr(fd) ? [] : yield* sys.getdents(fd)
  if (!isErr(fd)) yield* sys.close(fd)
  const out: Workflow[] = []
  for (const e of isErr(entries) ? [] : [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!/\.ya?ml$/.test(e.name)) continue
    const text = yield* readText(sys, `${path}/${e.name}`)
    out.push(readWorkflow(e.name, isErr(text) ? '' : text))
  }
  return out
}
/** `-s NAME=value`, or the environment's value of NAME. */
function pairs(sys: Sys, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((g) => {
      const at = g.indexOf('=')
      if (at >= 0) return [g.slice(0, at), g.slice(at + 1)]
      const own = sys.environ().find((e) => e.startsWith(`${g}=`))
      return [g, own?.slice(g.length + 1) ?? '']
    }),
  )
}
function* list(sys: Sys, all: readonly Workflow[]): Run<number> {
  const rows = all.flatMap((w) =>
    stagesOf(w.jobs).flatMap((jobs, stage) =>
      jobs.map((j) => [String(stage), j.id, j.name, w.name, w.file, w.events.join(',')]),
    ),
  )
  yield* print(
    sys,
    tabs([['Stage', 'Job ID', 'Job name', 'Workflow name', 'Workflow file', 'Events'], ...rows], 2, 0, false),
  )
  return 0
}

function* runAll(sys: Sys, g: Given): Run<number> {
  const here = yield* sys.getcwd()
  const directory = absolute(isErr(here) ? '/' : here, g.value('directory') ?? '.')
  const all = yield* workflows(sys, absolute(directory, g.value('workflows') ?? '.github/workflows'))
  if (all.length === 0) throw new WorkflowError(`no workflow files found in ${directory}/.github/workflows`)
  if (g.has('list')) return yield* list(sys, all)
  for (const flag of ['graph', 'quiet', 'verbose'])
    if (g.has(flag)) throw new WorkflowError(`zukan: not emulated: act --${flag}`)
  const events = [...new Set(all.flatMap((w) => w.events))]
  const event = g.args[0] ?? (events.includes('push') || events.length !== 1 ? 'push' : (events[0] as string))
  const only = g.value('job')
  const chosen = all.flatMap((w) =>
    (only === undefined ? w.events.includes(event) : true)
      ? [{ workflow: w, jobs: only === undefined ? w.jobs : w.jobs.filter((j) => j.id === only) }]
      : [],
  )
  if (chosen.every((c) => c.jobs.length === 0))
    throw new WorkflowError(
      only === undefined
        ? `Could not find any stages to run. View the valid jobs with \`act --list\`. Use \`act --help\` to find how to filter by Job ID/Workflow/Event Name`
        : `Could not find job: ${only}`,
    )
  const at = yield* endpoint(sys, { host: undefined, context: undefined, config: undefined })
  yield* log(sys, 'info', `Using docker host '${at.host}', and daemon socket '${at.host}'`)
  const images = new Map([
    ...platforms,
    ...g.all('platform').map((p) => [p.split('=')[0] as string, p.split('=').slice(1).join('=')] as const),
  ])
  const secrets = pairs(sys, g.all('secret'))
  const plan = {
    sys,
    client: new Client(sys, at.host, at.context),
    directory,
    event,
    images,
    env: pairs(sys, g.all('env')),
    secrets,
    dry: g.has('dryrun'),
  }
  let n = 0
  for (const { workflow, jobs } of chosen) {
    const failed = new Set<string>()
    const left: Record<string, JobResult> = {}
    for (const stage of stagesOf(
      jobs.map((j) => ({ ...j, needs: j.needs.filter((x) => jobs.some((y) => y.id === x)) })),
    )) {
      for (const job of stage) {
        const needs = Object.fromEntries(job.needs.map((x) => [x, left[x] as JobResult]))
        const results: JobResult[] = []
        for (const [index, matrix] of job.matrix.entries()) {
          const title = (name: string): JobLog =>
            new JobLog(sys, `${workflow.name}/${name}`, n++, Object.values(secrets), plan.dry)
          results.push(yield* new JobRun(plan, workflow, job, { matrix, index, needs }, title).run())
        }
        const result = (['failure', 'skipped'] as const).find((o) => results.some((r) => r.result === o)) ?? 'success'
        left[job.id] = { result, outputs: Object.assign({}, ...results.map((r) => r.outputs)) }
        if (result === 'failure') failed.add(job.id)
      }
    }
    const [first] = failed
    if (first !== undefined) {
      yield* warn(sys, `Error: Job '${jobs.find((j) => j.id === first)?.name ?? first}' failed\n`)
      return 1
    }
  }
  return 0
}

export const act: Program = function* (sys, argv) {
  const parsed = parseFlags(flagsOf(flags), argv.slice(1), false)
  if (parsed === 'help') {
    yield* print(sys, help)
    return 0
  }
  if ('error' in parsed) {
    yield* warn(sys, `Error: ${parsed.error}\n`)
    return 1
  }
  const g = new Given(parsed)
  if (g.has('version')) {
    yield* print(sys, `act version ${VERSION}\n`)
    return 0
  }
  try {
    return yield* runAll(sys, g)
  } catch (e) {
    if (!(e instanceof CliError || e instanceof WorkflowError || e instanceof ExpressionError)) throw e
    yield* warn(sys, e.message.startsWith('zukan:') ? `${e.message}\n` : `Error: ${e.message}\n`)
    return 1
  }
}

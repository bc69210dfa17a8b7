/** Workflow files: jobs, services and steps; docs.github.com, "Workflow syntax for GitHub Actions". What isn't emulated is refused when it is met. */
import { parseYaml } from '../yaml.ts'
import { type Combination, combinations } from './matrix.ts'

export interface Step {
  readonly id: string
  readonly name: string
  readonly uses: string
  readonly run: string
  readonly shell: string
  readonly directory: string
  readonly with: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly if: string
  readonly continueOnError: boolean
}
export interface Service {
  readonly name: string
  readonly image: string
  readonly env: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly options: string
}
export interface Job {
  readonly id: string
  readonly name: string
  readonly runsOn: string
  readonly needs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly services: readonly Service[]
  readonly steps: readonly Step[]
  readonly if: string
  readonly shell: string
  /** What the job is run with in turn: one at least. */
  readonly matrix: readonly Combination[]
  readonly outputs: Readonly<Record<string, string>>
}
export interface Workflow {
  readonly file: string
  readonly name: string
  readonly events: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly jobs: readonly Job[]
}
export class WorkflowError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
type Tree = Readonly<Record<string, unknown>>
const fail = (message: string): never => {
  throw new WorkflowError(message)
}
const isTree = (v: unknown): v is Tree => typeof v === 'object' && v !== null && !Array.isArray(v)
const tree = (v: unknown, where: string): Tree =>
  v === undefined || v === null ? {} : isTree(v) ? v : fail(`${where}: expected a mapping`)
const list = (v: unknown, where: string): readonly unknown[] =>
  v === undefined || v === null ? [] : Array.isArray(v) ? v : fail(`${where}: expected a list`)
const scalar = (v: unknown, where: string): string =>
  v === undefined || v === null ? '' : typeof v === 'object' ? fail(`${where}: expected a text`) : String(v)
const texts = (v: unknown, where: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tree(v, where)).map(([k, x]) => [k, scalar(x, `${where}.${k}`)]))
/** Refuses keys that the syntax doesn't have, and those that aren't emulated. */
function only(t: Tree, where: string, known: readonly string[], later: readonly string[] = []): void {
  for (const key of Object.keys(t)) {
    if (later.includes(key)) fail(`zukan: not emulated: ${where}.${key}`)
    if (!known.includes(key)) fail(`${where}: Unknown Property ${key}`)
  }
}
function stepOf(v: unknown, where: string, n: number): Step {
  const t = tree(v, where)
  only(t, where, [
    'id',
    'name',
    'uses',
    'run',
    'shell',
    'working-directory',
    'with',
    'env',
    'if',
    'continue-on-error',
    'timeout-minutes',
  ])
  const uses = scalar(t.uses, `${where}.uses`)
  const run = scalar(t.run, `${where}.run`)
  if (uses === '' && run === '') fail(`${where}: invalid Step: missing run or uses key`)
  if (uses !== '' && run !== '') fail(`${where}: a step cannot have both the \`uses\` and \`run\` keys`)
  const title = scalar(t.name, `${where}.name`)
  return {
    id: scalar(t.id, `${where}.id`) || String(n),
    name: title || uses || run.split('\n')[0] || '',
    uses,
    run,
    shell: scalar(t.shell, `${where}.shell`),
    directory: scalar(t['working-directory'], `${where}.working-directory`),
    with: texts(t.with, `${where}.with`),
    env: texts(t.env, `${where}.env`),
    if: scalar(t.if, `${where}.if`),
    continueOnError: t['continue-on-error'] === true || t['continue-on-error'] === 'true',
  }
}
function serviceOf(name: string, v: unknown, where: string): Service {
  const t = tree(v, where)
  only(t, where, ['image', 'env', 'ports', 'volumes', 'options'], ['credentials', 'command', 'entrypoint'])
  return {
    name,
    image: scalar(t.image, `${where}.image`) || fail(`${where}: image is missing`),
    env: texts(t.env, `${where}.env`),
    ports: list(t.ports, `${where}.ports`).map((p) => scalar(p, `${where}.ports`)),
    volumes: list(t.volumes, `${where}.volumes`).map((p) => scalar(p, `${where}.volumes`)),
    options: scalar(t.options, `${where}.options`).trim(),
  }
}
function jobOf(id: string, v: unknown, defaults: Tree): Job {
  const where = `jobs.${id}`
  const t = tree(v, where)
  only(
    t,
    where,
    [
      'name',
      'runs-on',
      'needs',
      'env',
      'services',
      'steps',
      'if',
      'defaults',
      'timeout-minutes',
      'permissions',
      'strategy',
      'outputs',
    ],
    ['container', 'uses', 'with', 'secrets', 'concurrency', 'environment', 'continue-on-error'],
  )
  const runsOn = t['runs-on']
  const strategy = tree(t.strategy, `${where}.strategy`)
  only(strategy, `${where}.strategy`, ['matrix', 'fail-fast', 'max-parallel'])
  if (typeof strategy.matrix === 'string' && strategy.matrix.includes('${{'))
    fail(`zukan: not emulated: an expression for ${where}.strategy.matrix`)
  const run = tree(tree({ ...defaults, ...tree(t.defaults, `${where}.defaults`) }.run, 'defaults.run'), 'defaults.run')
  return {
    id,
    name: scalar(t.name, `${where}.name`) || id,
    runsOn: Array.isArray(runsOn) ? scalar(runsOn[0], `${where}.runs-on`) : scalar(runsOn, `${where}.runs-on`),
    needs: Array.isArray(t.needs)
      ? t.needs.map((n) => scalar(n, `${where}.needs`))
      : t.needs
        ? [scalar(t.needs, `${where}.needs`)]
        : [],
    env: texts(t.env, `${where}.env`),
    services: Object.entries(tree(t.services, `${where}.services`)).map(([n, s]) =>
      serviceOf(n, s, `${where}.services.${n}`),
    ),
    steps: list(t.steps, `${where}.steps`).map((s, n) => stepOf(s, `${where}.steps[${n}]`, n)),
    if: scalar(t.if, `${where}.if`),
    shell: scalar(run.shell, 'defaults.run.shell'),
    matrix: combinations(strategy.matrix, `${where}.strategy.matrix`, fail),
    outputs: texts(t.outputs, `${where}.outputs`),
  }
}
/** A workflow from a file's text. Throws WorkflowError with the place of the mistake. */
export function readWorkflow(file: string, source: string): Workflow {
  const parsed = parseYaml(source)
  if ('error' in parsed) return fail(`workflow is not valid. '${file}': ${parsed.error}`)
  if (!isTree(parsed.value)) return fail(`workflow is not valid. '${file}': expected a mapping`)
  try {
    const t = parsed.value
    only(t, 'workflow', ['name', 'run-name', 'on', 'true', 'env', 'jobs', 'defaults', 'permissions'], ['concurrency'])
    const { on } = t
    const events = typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(tree(on, 'on'))
    if (events.length === 0) fail('on: no event is named')
    const jobs = Object.entries(tree(t.jobs, 'jobs')).map(([id, j]) => jobOf(id, j, tree(t.defaults, 'defaults')))
    if (jobs.length === 0) fail('jobs: there is none')
    for (const j of jobs)
      for (const n of j.needs)
        if (!jobs.some((x) => x.id === n)) fail(`jobs.${j.id}.needs: there is no job ${JSON.stringify(n)}`)
    return { file, name: scalar(t.name, 'name') || file, events, env: texts(t.env, 'env'), jobs }
  } catch (e) {
    if (!(e instanceof WorkflowError) || e.message.startsWith('zukan:')) throw e
    throw new WorkflowError(`workflow is not valid. '${file}': ${e.message}`)
  }
}
/** Jobs in stages: each after those that it needs. Throws WorkflowError where they need each other. */
export function stagesOf(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const out: Job[][] = []
  const done = new Set<string>()
  let left = [...jobs]
  while (left.length > 0) {
    const ready = left.filter((j) => j.needs.every((n) => done.has(n)))
    if (ready.length === 0)
      return fail(`unable to build dependency graph: jobs need each other: ${left.map((j) => j.id).join(', ')}`)
    out.push(ready)
    for (const j of ready) done.add(j.id)
    left = left.filter((j) => !done.has(j.id))
  }
  return out
}

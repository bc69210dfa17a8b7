/** act's readers of files and expressions, and a workflow on the machine that has one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../complete.ts'
import { condition, ExpressionError, evaluate, interpolate } from './expression.ts'
import { pairsOf } from './job.ts'
import { goDuration } from './log.ts'
import { combinations } from './matrix.ts'
import { readWorkflow, stagesOf, WorkflowError } from './workflow.ts'

const contexts = {
  env: { A: 'x', N: '3' },
  github: { ref: 'refs/heads/main' },
  steps: { one: { outputs: { v: '1.2' } } },
}

describe('expressions', () => {
  test.each([
    ["env.A == 'X'", true],
    ['env.N == 3', true],
    ["github.ref == 'refs/heads/main' && 'yes' || 'no'", 'yes'],
    ["!contains(github.ref, 'tags')", true],
    ["format('{0}-{1}', env.A, steps.one.outputs.v)", 'x-1.2'],
    ["startsWith(github.ref, 'refs/')", true],
    ["env['A']", 'x'],
    ['env.missing', undefined],
    ["'it''s'", "it's"],
    ['1 < 2 && 2 >= 2', true],
    ['null == 0', true],
    ["fromJSON('[1,2]')[1]", 2],
    ['join(fromJSON(\'[{"a":1},{"b":2},{"a":3}]\').*.a, \'-\')', '1-3'],
    ['fromJSON(\'{"x":{"y":true}}\').x.y', true],
    ['join(env.*)', 'x,3'],
  ])('%s', (source, value) => expect(evaluate(source, contexts)).toEqual(value))
  test('texts hold several', () => expect(interpolate('${{ env.A }}/${{ env.N }}', contexts)).toBe('x/3'))
  test.each([
    ['', 'failure', false],
    ['always()', 'failure', true],
    ['failure()', 'failure', true],
    ["env.A == 'x'", 'failure', false],
    ["${{ failure() && env.A == 'x' }}", 'failure', true],
    ['', 'success', true],
  ] as const)('if: %s after %s', (source, status, runs) => expect(condition(source, contexts, status)).toBe(runs))
  test('JSON that is none names its mistake', () =>
    expect(() => evaluate("fromJSON('{')", contexts)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('fromJSON: ') }),
    ))
  test('what is not emulated says so', () => {
    expect(() => evaluate("hashFiles('a')", contexts)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('zukan: not emulated') }),
    )
    expect(() => evaluate('vars.X', contexts)).toThrow(ExpressionError)
  })
  test('no text makes the reader fail otherwise than by a message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\s\w'().,[\]!<>=&|*{}$-]{0,40}$/)), (source) => {
        try {
          evaluate(source, contexts)
          interpolate(`\${{ ${source} }}`, contexts)
        } catch (e) {
          expect(e).toBeInstanceOf(ExpressionError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const minimal = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: true\n'
describe('workflow files', () => {
  test('a job is read with its services and steps', () => {
    const w = readWorkflow(
      'ci.yml',
      'name: CI\non: [push, pull_request]\nenv: { A: 1 }\njobs:\n  t:\n    runs-on: [ubuntu-latest]\n    services:\n      db: { image: "postgres:16", ports: ["5432:5432"] }\n    steps:\n      - uses: actions/checkout@v7\n      - { name: Say, run: "echo hi", env: { B: true } }\n',
    )
    expect(w).toMatchObject({ name: 'CI', events: ['push', 'pull_request'], env: { A: '1' } })
    expect(w.jobs[0]).toMatchObject({
      runsOn: 'ubuntu-latest',
      services: [{ name: 'db', ports: ['5432:5432'] }],
      steps: [{ uses: 'actions/checkout@v7' }, { name: 'Say', env: { B: 'true' } }],
    })
  })
  test.each([
    ['a mistake in YAML', 'on: [push', 'workflow is not valid'],
    ['an unknown key', minimal.replace('runs-on', 'run-on'), 'jobs.a: Unknown Property run-on'],
    ['a step without a deed', minimal.replace('run: true', 'name: x'), 'missing run or uses key'],
    ['a job that needs nobody', minimal.replace('runs-on', 'needs: b\n    runs-on'), 'there is no job "b"'],
    [
      'what is not emulated',
      minimal.replace('runs-on', 'container: node\n    runs-on'),
      'zukan: not emulated: jobs.a.container',
    ],
    [
      'a matrix that excludes what it has not',
      minimal.replace('runs-on', 'strategy: { matrix: { v: [1], exclude: [{ w: 1 }] } }\n    runs-on'),
      'Matrix exclude key "w" does not match any key within the matrix',
    ],
    ['no jobs', 'on: push\njobs: {}\n', 'jobs: there is none'],
  ])('%s is told with its place', (_, source, message) =>
    expect(() => readWorkflow('ci.yml', source)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message) }),
    ))
  test('jobs come in stages; a circle is refused', () => {
    const jobs = (needs: Record<string, string[]>) =>
      readWorkflow(
        'x.yml',
        `on: push\njobs:\n${Object.entries(needs)
          .map(([id, n]) => `  ${id}:\n    runs-on: u\n    needs: [${n.join(', ')}]\n    steps: [{ run: "true" }]\n`)
          .join('')}`,
      ).jobs
    expect(stagesOf(jobs({ c: ['a', 'b'], a: [], b: ['a'] })).map((s) => s.map((j) => j.id))).toEqual([
      ['a'],
      ['b'],
      ['c'],
    ])
    expect(() => stagesOf(jobs({ a: ['b'], b: ['a'] }))).toThrow(WorkflowError)
  })
  test('no YAML makes the reader fail otherwise than by a message', () => {
    const leaf = fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null))
    const tree = fc.object({
      key: fc.constantFrom('on', 'jobs', 'a', 'steps', 'run', 'uses', 'services', 'env', 'needs', 'image'),
      values: [leaf],
      maxDepth: 5,
    })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          tree.map((t) => JSON.stringify(t)),
        ),
        (source) => {
          try {
            stagesOf(readWorkflow('x.yml', source).jobs)
          } catch (e) {
            expect(e).toBeInstanceOf(WorkflowError)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
describe('matrix', () => {
  const of = (m: unknown) =>
    combinations(m, 'm', (e) => {
      throw new WorkflowError(e)
    })
  test.each([
    [undefined, [{}]],
    [
      { a: [1, 2], b: ['x'] },
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'x' },
      ],
    ],
    [{ a: [1, 2], exclude: [{ a: 2 }] }, [{ a: 1 }]],
    [{ a: [1, 2], include: [{ a: 2, c: 3 }] }, [{ a: 1 }, { a: 2, c: 3 }]],
    [{ a: [1], include: [{ a: 9, c: 3 }, { d: 4 }] }, [{ a: 1 }, { d: 4 }, { a: 9, c: 3 }]],
    [{ include: [{ a: 1 }] }, [{ a: 1 }]],
  ])('%j', (m, out) => expect(of(m)).toEqual(out))
  test('any value gives one job at least, or a message', () => {
    const value = fc.object({ key: fc.constantFrom('a', 'b', 'include', 'exclude'), maxDepth: 3 })
    fc.assert(
      fc.property(fc.oneof(value, fc.jsonValue()), (m) => {
        try {
          expect(of(m).length).toBeGreaterThan(0)
        } catch (e) {
          expect(e).toBeInstanceOf(WorkflowError)
        }
      }),
    )
  })
})
test('files that steps write: lines, and texts of several lines', () =>
  expect(pairsOf('A=1\nB<<END\nx\ny=z\nEND\nC=a=b\n')).toEqual({ A: '1', B: 'x\ny=z', C: 'a=b' }))
test('times are written as Go writes them', () =>
  expect([5, 1500, 2_500_000, 1_250_000_000, 61_000_000_000].map(goDuration)).toEqual([
    '5ns',
    '1.5µs',
    '2.5ms',
    '1.25s',
    '1m1s',
  ]))

describe('on the runner', () => {
  const workflow = (steps: string): string =>
    `mkdir -p /w/.github/workflows; cd /w; cat > .github/workflows/x.yml <<'END'\nname: X\non: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n${steps}END\nact`
  const run = (steps: string) => openSession({ host: 'ci-runner' }).execute(['/bin/sh', '-c', workflow(steps)])
  test('steps share a workspace, and what one sets the next sees', () => {
    const r = run(
      "      - run: echo data > file\n      - { id: set, run: 'echo v=7 >> $GITHUB_OUTPUT; echo E=env >> $GITHUB_ENV' }\n      - run: echo $(cat file) ${{ steps.set.outputs.v }} $E\n",
    )
    expect([r.status, r.stderr.includes('Error')]).toEqual([0, false])
    expect(r.stdout).toContain('[X/j]   | data 7 env\n')
  })
  test('a failing step fails the job; only those that ask for it run after', () => {
    const r = run('      - run: false\n      - run: echo never\n      - { if: failure(), run: echo told }\n')
    expect(r.status).toBe(1)
    expect(r.stdout).toContain("exitcode '1': failure")
    expect(r.stdout).not.toContain('| never')
    expect(r.stdout).toContain('| told')
    expect(r.stderr).toContain("Error: Job 'j' failed")
  })
  test('without checkout the workspace is empty: nothing is left of what another job did', () =>
    expect(run('      - run: ls -A | wc -l\n').stdout).toContain('| 0\n'))
  test('a matrix makes several jobs of one; outputs go to those that need it', () => {
    const r = openSession({ host: 'ci-runner' }).execute([
      '/bin/sh',
      '-c',
      `mkdir -p /w/.github/workflows; cd /w; cat > .github/workflows/x.yml <<'END'
name: X
on: push
jobs:
  t:
    runs-on: \${{ matrix.os }}
    strategy: { matrix: { os: [ubuntu-latest], v: [1, 2] } }
    outputs: { last: '\${{ steps.s.outputs.v }}' }
    steps:
      - id: s
        run: echo v=\${{ matrix.v }} >> $GITHUB_OUTPUT; echo of \${{ strategy.job-total }}
  never: { runs-on: ubuntu-latest, if: false, steps: [{ run: echo never }] }
  after: { runs-on: ubuntu-latest, needs: never, steps: [{ run: echo never }] }
  u:
    runs-on: ubuntu-latest
    needs: [t]
    steps:
      - run: echo got \${{ needs.t.outputs.last }} \${{ needs.t.result }}
END
act`,
    ])
    expect([r.status, r.stdout.includes('never')]).toEqual([0, false])
    for (const line of ['[X/t-1]   | of 2\n', '[X/t-2]   | of 2\n', '[X/u]   | got 2 success\n'])
      expect(r.stdout).toContain(line)
  })
  test('a dry run says what would be done and does nothing', () => {
    const s = openSession({ host: 'ci-runner' })
    const r = s.execute(['/bin/sh', '-c', `${workflow('      - run: echo hi\n')} -n`])
    expect([r.status, r.stdout.includes('| hi')]).toEqual([0, false])
    expect(r.stdout).toContain('*DRYRUN* [X/j] ⭐ Run Main echo hi\n')
    expect(r.stdout).toContain('*DRYRUN* [X/j] 🏁  Job succeeded\n')
    expect(s.execute(['docker', 'ps', '-aq']).stdout).toBe('')
  })
  test('an action of GitHub is not to be had', () =>
    expect(run('      - uses: actions/setup-node@v5\n').stdout).toContain(
      'zukan: not emulated: the action actions/setup-node@v5',
    ))
})

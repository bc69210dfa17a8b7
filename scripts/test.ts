/** Runs every check and test, and says how many passed: lint, floors, documents, prose, types, unit tests, build, browser tests. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
let passed = 0
let failed = 0

function run(title: string, command: string, args: readonly string[]): boolean {
  console.log(`\n== ${title}`)
  const r = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  return r.status === 0
}
/** A check counts as one test. */
function check(title: string, command: string, args: readonly string[]): void {
  if (run(title, command, args)) passed++
  else {
    failed++
    console.error(`FAILED: ${title}`)
  }
}
/** Adds a runner's own counts; a run that left no report counts as one failure. */
function count(title: string, ok: boolean, file: string, read: (report: never) => readonly [number, number]): void {
  if (!existsSync(root + file)) {
    failed++
    console.error(`FAILED: ${title} left no report`)
    return
  }
  const [good, bad] = read(JSON.parse(readFileSync(root + file, 'utf8')) as never)
  passed += good
  failed += bad > 0 || ok ? bad : 1
}

rmSync(`${root}test-results`, { recursive: true, force: true })
check('lint', 'npx', ['biome', 'lint', '.'])
check('floors', process.execPath, ['scripts/check-floors.ts'])
check('documents', process.execPath, ['scripts/check-content.ts'])
check('prose', process.execPath, ['scripts/lint-prose.ts'])
check('types of the emulator, without DOM and Node', 'npx', ['tsc', '--noEmit', '-p', 'src/emulator'])
check('types of pages and scripts', 'npx', ['astro', 'check'])
const unit = run('unit tests and conformance', 'npx', [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  '--outputFile.json=test-results/unit.json',
])
count(
  'unit tests',
  unit,
  'test-results/unit.json',
  (r: { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number }) => [
    r.numPassedTests,
    r.numFailedTests + (r.numFailedTests === 0 ? r.numFailedTestSuites : 0),
  ],
)
check('build', 'npx', ['astro', 'build'])
const browser = run('browser tests', 'npx', ['playwright', 'test'])
count(
  'browser tests',
  browser,
  'test-results/e2e.json',
  (r: { stats: { expected: number; unexpected: number; flaky: number } }) => [
    r.stats.expected + r.stats.flaky,
    r.stats.unexpected,
  ],
)
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

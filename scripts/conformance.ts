/**
 * Runs others' test suites and the recordings of real tools (../shared) through the emulator and prints how many agree, by topic.
 *   npm run conformance                        everything
 *   npm run conformance -- goldens shell       suites (ash, posix-shell, busybox-applets, goldens) or topics by name
 *   npm run conformance -- --show bb-cut       prints what differs, too
 */
import { knownDifferences } from '../tests/conformance/known-differences.ts'
import { knownScripts } from '../tests/conformance/known-script-differences.ts'
import { agrees, outcome, readSuite, suiteNames } from '../tests/conformance/suites.ts'

const wanted = process.argv.slice(2).filter((a) => a !== '--show')
const show = process.argv.includes('--show')
const reasons: Readonly<Record<string, string>> = { ...knownScripts, ...knownDifferences }
const percent = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(1).padStart(5)} %`

let failed = false
for (const suite of suiteNames) {
  const all = readSuite(suite)
  if (!all) {
    console.log(`${suite}: skipped, ../shared has no such file`)
    continue
  }
  const cases = all.filter((c) => wanted.length === 0 || wanted.includes(suite) || wanted.includes(c.topic))
  const topics = new Map<string, { agree: number; listed: number; all: number }>()
  for (const c of cases) {
    const row = topics.get(c.topic) ?? { agree: 0, listed: 0, all: 0 }
    topics.set(c.topic, row)
    row.all++
    const o = outcome(suite, c)
    const reason = reasons[c.id]
    if (agrees(o)) row.agree++
    else {
      if (reason !== undefined) row.listed++
      else failed = true
      if (show)
        console.log(
          `--- ${c.id} [${c.in}] ${c.run}\nreal ${JSON.stringify(o.real)}\nours ${JSON.stringify(o.ours)}\n${reason ?? 'NOT EXPLAINED'}`,
        )
    }
  }
  if (cases.length === 0) continue
  const rows = [...topics].sort(([a], [b]) => (a < b ? -1 : 1))
  const sum = (key: 'agree' | 'listed' | 'all'): number => rows.reduce((n, [, r]) => n + r[key], 0)
  console.log(`\n${suite}: ${sum('agree')} of ${sum('all')} agree (${percent(sum('agree'), sum('all')).trim()})`)
  for (const [topic, r] of rows) {
    const rest = r.all - r.agree - r.listed
    const notes = [r.listed > 0 && `${r.listed} explained`, rest > 0 && `${rest} NOT EXPLAINED`].filter(Boolean)
    console.log(
      `  ${topic.padEnd(24)} ${String(r.agree).padStart(4)}/${String(r.all).padEnd(4)} ${percent(r.agree, r.all)}${notes.length > 0 ? `  (${notes.join(', ')})` : ''}`,
    )
  }
}
process.exitCode = failed ? 1 : 0

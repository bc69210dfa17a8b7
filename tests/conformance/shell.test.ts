/**
 * Shell scripts by others (busybox's own tests, Oils' spec tests) and what a real busybox made of them. The suites lie outside the
 * project; where they are missing the test says so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCase } from '../../scripts/emulate.ts'

interface Case {
  readonly id: string
  readonly topic: string
  readonly in: string
  readonly files?: Readonly<Record<string, string>>
  readonly run: string
  readonly exit: number
  readonly stdout: string
  /** Patterns of what may be otherwise each time. */
  readonly volatile?: readonly string[]
}

const debian = "Debian's busybox runs its own applets before PATH's; Alpine's looks into PATH"
const lines = 'recorded with a line put before the script, so that LINENO is one more'
const emptyPattern = 'busybox 1.35 prints rubbish for ${x/} with an empty or a quoted / as its pattern'
const latin1 = 'recorded in the C locale and read as Latin-1; Alpine counts characters of UTF-8'
const nesting = "shell/math.c of 1.35 can't nest ?: nor assign in it; that of 1.37 can"
const time = 'time is an applet that is not emulated yet'
/** Cases that differ from the recording, each with the reason. */
const known: Readonly<Record<string, string>> = {
  'ash-0237':
    'the script is PID 1 here, and a signal without a handler leaves PID 1 alone (pid_namespaces(7)); it was recorded outside',
  'posix-shell-0050': nesting,
  'posix-shell-0051': nesting,
  'posix-shell-0145': 'recorded where /dev/full was a plain file',
  'posix-shell-0151': "Debian's help lists the applets, too",
  'posix-shell-0163': 'recorded in another folder',
  'posix-shell-0211': debian,
  'posix-shell-0302': lines,
  'posix-shell-0304': lines,
  'posix-shell-0306': lines,
  'posix-shell-0309': lines,
  'posix-shell-0312': lines,
  'posix-shell-0314': lines,
  'posix-shell-0338': debian,
  'posix-shell-0359': debian,
  'posix-shell-0421': debian,
  'posix-shell-0448': time,
  'posix-shell-0659': time,
  'posix-shell-0551': 'od with two formats pads the columns of the first otherwise',
  'posix-shell-0722': emptyPattern,
  'posix-shell-0723': emptyPattern,
  'posix-shell-0724': emptyPattern,
  'posix-shell-0725': emptyPattern,
  'posix-shell-0731': latin1,
  'posix-shell-0735': emptyPattern,
  'posix-shell-0740': latin1,
  'posix-shell-0743': latin1,
  'posix-shell-0758': latin1,
  'posix-shell-0792': lines,
  'posix-shell-0793': lines,
  'posix-shell-0794': lines,
}

const plain = (text: string, volatile: readonly string[] = []): string =>
  volatile.reduce((t, v) => t.replace(new RegExp(v, 'g'), '<v>'), text)

for (const name of ['ash', 'posix-shell']) {
  const file = fileURLToPath(new URL(`../../../shared/conformance/${name}.jsonl`, import.meta.url))
  const found = existsSync(file)
  describe.skipIf(!found)(`${name} (skipped where ../shared/conformance is missing)`, () => {
    const cases = found
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((l) => JSON.parse(l) as Case)
          .filter((c) => c.id)
      : []
    test('there are cases', () => expect(cases.length).toBeGreaterThan(200))
    test.each(
      cases.map((c) => [`${c.id}${known[c.id] ? ` (differs: ${known[c.id]})` : ''}`, c] as const),
    )('%s', (_, c) => {
      const r = runCase(c)
      const ours = [r.exit, plain(r.stdout, c.volatile)]
      const real = [c.exit, plain(c.stdout, c.volatile)]
      if (known[c.id]) expect(ours, 'it agrees: take it off the list').not.toEqual(real)
      else expect(ours).toEqual(real)
    })
  })
}

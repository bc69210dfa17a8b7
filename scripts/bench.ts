/**
 * Speed, as ratios to a plain JavaScript loop of the same run: a machine's own speed then matters little.
 *   npm run bench
 */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { openSession } from '../src/emulator/complete.ts'

/** The median of several runs, in milliseconds. */
function median(runs: number, work: () => void): number {
  const times: number[] = []
  for (let i = 0; i < runs; i++) {
    const began = performance.now()
    work()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] as number
}
const unit = median(9, () => {
  let x = 0
  for (let i = 0; i < 1_000_000; i++) x = (x * 31 + i) | 0
  if (x === 0.5) throw new Error('never')
})
const row = (name: string, ms: number, goal?: string): void =>
  console.log(
    `${name.padEnd(46)} ${ms.toFixed(2).padStart(8)} ms ${(ms / unit).toFixed(1).padStart(8)} x${goal ? `   goal ${goal}` : ''}`,
  )
console.log(`unit: a loop of a million steps takes ${unit.toFixed(2)} ms here\n`)

row(
  'boot of linux-server, with alpine pulled',
  median(9, () => void openSession()),
)
const s = openSession()
s.run('docker run --rm alpine true')
row(
  'docker run --rm alpine true',
  median(60, () => void s.run('docker run --rm alpine true')),
  '1 ms',
)
row(
  '200 commands',
  median(5, () => {
    const fresh = openSession()
    for (let i = 0; i < 200; i++) fresh.run(i % 10 === 0 ? 'docker run --rm alpine true' : 'ls / | wc -l')
  }),
  '50 ms',
)
row(
  'fork, exec and exit of /bin/true, 100 times',
  median(
    20,
    () =>
      void s.run(
        'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/true; done',
      ),
  ),
)

const assets = new URL('../dist/_astro/', import.meta.url)
try {
  const sizes = readdirSync(assets)
    .filter((f) => /^(emulator|Terminal|sessions)/.test(f) && f.endsWith('.js'))
    .map((f) => [f, gzipSync(readFileSync(new URL(f, assets))).length] as const)
  const total = sizes.reduce((n, [, b]) => n + b, 0)
  console.log(`\nemulator and terminal as shipped: ${(total / 1000).toFixed(0)} kB gzip   goal 110 kB`)
} catch {
  console.log('\nno dist/: run npm run build to see what is shipped')
}

/**
 * Speed, in milliseconds and as ratios to a plain JavaScript loop of the same run: a machine's own speed then matters little.
 *   npm run bench
 */
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { openSession } from '../src/emulator/complete.ts'
import { drawTimes } from './bench/draw.ts'
import { tabFigures } from './bench/tab.ts'

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
// Many runs, so that it is compiled as what it is measured against.
const unit = median(200, () => {
  let x = 0
  for (let i = 0; i < 1_000_000; i++) x = (x * 31 + i) | 0
  if (x === 0.5) throw new Error('never')
})
/** A row: the time, and how many units it is. */
const row = (name: string, ms: number, goal?: string): void =>
  console.log(
    `${name.padEnd(52)} ${ms.toFixed(2).padStart(9)} ms ${(ms / unit).toFixed(2).padStart(9)} x${goal ? `   goal ${goal}` : ''}`,
  )
const figure = (name: string, value: string, goal?: string): void =>
  console.log(`${name.padEnd(52)} ${value.padStart(12)}${goal ? `              goal ${goal}` : ''}`)
console.log(`unit: a loop of a million steps takes ${unit.toFixed(2)} ms here\n`)

const began = performance.now()
openSession()
row('first boot of linux-server in a fresh process', performance.now() - began)
row(
  'boot of linux-server, with alpine pulled',
  median(9, () => void openSession()),
)
const s = openSession()
const dockerRun = (): void => void s.run('docker run --rm alpine true')
for (let i = 0; i < 30; i++) dockerRun()
row('docker run --rm alpine true, from the 30th on', median(60, dockerRun))
// As the unit: compiled as what runs often is.
for (let i = 0; i < 210; i++) dockerRun()
row('docker run --rm alpine true', median(200, dockerRun), '1 ms')
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
row(
  '64 MB through a pipe',
  median(5, () => void s.run('head -c 67108864 /dev/zero | cat > /dev/null')),
)

/** An image of five layers in a registry on this host: what a pull costs without the simulated internet's waiting. */
{
  const puller = openSession()
  const dockerfile = ['FROM alpine', 'RUN touch /1', 'RUN touch /2', 'RUN touch /3', 'RUN touch /4'].join('\\n')
  puller.run(
    [
      'docker run -d -p 5000:5000 --name registry registry:2',
      `mkdir five; printf '${dockerfile}\\n' > five/Dockerfile; docker build -q -t localhost:5000/five five`,
      'docker push -q localhost:5000/five',
    ].join('\n'),
  )
  const drop = (): void =>
    void puller.run('docker rmi -f localhost:5000/five; docker image prune -af; docker builder prune -af')
  const times: number[] = []
  for (let i = 0; i < 30; i++) {
    drop()
    const at = performance.now()
    puller.run('docker pull -q localhost:5000/five')
    times.push(performance.now() - at)
  }
  row('docker pull of an image of 5 layers', times.sort((a, b) => a - b)[15] as number, '5 ms')
}

/** A world with many processes, made in the kernel at once. */
{
  const many = openSession()
  const { kernel } = many
  const init = kernel.initial.pid.init
  for (let i = 0; init && i < 10_000; i++)
    kernel.fork(init, function* (sys) {
      yield* sys.pause()
      return 0
    })
  many.run('true')
  row(
    'ps aux with 10,000 processes',
    median(3, () => void many.run('ps aux | tail -n 1')),
  )
}

/** A thousand containers: the last must start as fast as the tenth, and idle ones must be small. */
{
  const crowd = openSession()
  const start = (n: number): number => {
    const at = performance.now()
    crowd.run(`docker run -d --name c${n} alpine sleep 1000000`)
    return performance.now() - at
  }
  const collect = (globalThis as { gc?: () => void }).gc
  const times: number[] = []
  let heap = 0
  for (let n = 1; n <= 1000; n++) {
    times.push(start(n))
    if (n === 40) {
      collect?.()
      heap = process.memoryUsage().heapUsed
    }
  }
  const middle = (from: number, to: number): number =>
    times.slice(from, to).sort((a, b) => a - b)[(to - from) >> 1] as number
  const early = middle(10, 40)
  const late = middle(970, 1000)
  row('start of a container, about the 10th', early)
  row('start of a container, about the 1,000th', late)
  figure('the 1,000th against the 10th', `${(late / early).toFixed(2)} x`, '1.2 x')
  collect?.()
  if (collect)
    figure(
      'memory of an idle container',
      `${((process.memoryUsage().heapUsed - heap) / 960 / 1000).toFixed(1)} kB`,
      '60 kB',
    )
  else console.log('memory of an idle container: run with node --expose-gc')
}

{
  const tab = await tabFigures()
  if (tab) {
    row('the first docker run of a tab in Chromium', tab.first)
    row('docker run --rm alpine true in Chromium', tab.median, '1 ms')
    figure('memory of an idle container in Chromium', `${(tab.idle / 1000).toFixed(1)} kB`, '60 kB')
  } else console.log('in a tab: no Chromium here')
}

{
  const drawn = await drawTimes(200)
  if (drawn) {
    row(`the very first drawing of ${drawn.boxes} boxes in Chromium`, drawn.cold)
    row(`first drawing of ${drawn.boxes} boxes in Chromium`, drawn.first, '16 ms')
    row('the same with the words out of sight, drawn in later frames', drawn.whole)
    row('drawing them with one more', drawn.next, '8 ms')
  } else console.log('drawing: no Chromium here')
}

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

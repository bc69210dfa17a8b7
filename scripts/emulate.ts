/**
 * The emulator without a page.
 *   npm run --silent emulate                           a terminal on the host
 *   npm run --silent emulate -- --host NAME -c LINES   runs the lines and exits with the last status
 *   npm run --silent emulate -- --kernels              which kernel answers in every set-up, who shares it, and what the stack costs
 *   npm run --silent emulate -- --jsonl                one JSON case a line on standard input, one answer a line on standard output
 */
import { createInterface } from 'node:readline'
import { type HostName, hostNames, openSession } from '../src/emulator/complete.ts'
import { setUps, tryOut } from '../src/emulator/setups.ts'

interface Case {
  readonly id: string
  readonly host?: HostName
  readonly in?: string
  readonly files?: Readonly<Record<string, string>>
  readonly setup?: readonly string[]
  readonly run: string
  readonly stdin?: string
}

/** Runs one case in a fresh world. */
export function runCase(c: Case): {
  readonly id: string
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
} {
  const host = c.host ?? 'linux-server'
  if (!hostNames.includes(host)) return { id: c.id, exit: 2, stdout: '', stderr: `emulate: ${unknownHost(host)}\n` }
  const session = openSession({ host })
  const { shell } = session.host
  const work = `${shell.home}/work`
  session.makeFolder(work)
  const script = [...(c.setup ?? []), c.run].join('\n')
  const inImage = c.in !== undefined && c.in !== 'host'
  let argv: string[]
  if (inImage) {
    session.putFiles(work, c.files ?? {})
    const binds = Object.keys(c.files ?? {}).length > 0 ? ['-v', `${work}:/tmp`] : []
    argv = ['/usr/bin/docker', 'run', '--rm', '-i', '-w', '/tmp', ...binds, c.in as string, 'sh', '-c', script]
    if (binds.length > 0) session.execute(['/bin/chmod', '1777', work])
  } else {
    session.putFiles(work, c.files ?? {})
    for (const line of c.setup ?? []) session.execute(shell.script(line), { cwd: work })
    argv = [...shell.script(c.run)]
  }
  const r = session.execute(argv, { cwd: work, ...(c.stdin === undefined ? {} : { stdin: c.stdin }) })
  return { id: c.id, exit: r.status, stdout: r.stdout, stderr: r.stderr }
}

/** A line for the first container of each set-up. */
function kernels(): void {
  const rows = setUps.map((s) => {
    const row = tryOut(s).rows[0]
    const mib = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`
    return [
      s.name,
      s.host,
      `${row?.kernel.system} ${row?.kernel.release}`,
      row?.sharedWithHost ? 'host and containers' : row?.sharedWith.length ? 'containers' : 'nobody',
      row?.vm ? `${row.vm.name.replace(/^[0-9a-f-]{36,64}/, 'ID')} ${(row.vm.bootTime / 1e9).toFixed(2)} s` : '-',
      row ? mib(row.memory.total) : '',
      row?.start === undefined ? '' : `${(row.start / 1e9).toFixed(3)} s`,
    ]
  })
  const head = ['SET-UP', 'HOST', 'KERNEL', 'SHARED WITH', 'VM AND ITS BOOT', 'MEMORY', 'START']
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] as string).length)))
  for (const row of [head, ...rows])
    process.stdout.write(
      `${row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd()}\n`,
    )
}

const unknownHost = (name: string): string => `no host is called ${name}; there are: ${hostNames.join(', ')}`
function option(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at >= 0 ? process.argv[at + 1] : undefined
}
function fail(message: string): never {
  process.stderr.write(`emulate: ${message}\n`)
  process.exit(2)
}

async function jsonl(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    let c: Case
    try {
      c = JSON.parse(line) as Case
    } catch (e) {
      fail(`not JSON: ${(e as Error).message}: ${line.slice(0, 80)}`)
    }
    process.stdout.write(`${JSON.stringify(runCase(c))}\n`)
  }
}

/** A real terminal on an emulated one: keys in, screen out, time with the user's. */
function interactive(host: HostName): void {
  const session = openSession({ host })
  const tty = session.openTerminal({ rows: process.stdout.rows ?? 24, columns: process.stdout.columns ?? 80 })
  const raw = process.stdin.isTTY
  if (raw) process.stdin.setRawMode(true)
  process.stdin.on('data', (bytes: Buffer) => tty.type(new Uint8Array(bytes)))
  let inputEnded = false
  process.stdin.on('end', () => {
    inputEnded = true
    tty.type(Uint8Array.of(4))
  })
  process.stdout.on('resize', () => tty.resize({ rows: process.stdout.rows, columns: process.stdout.columns }))
  const began = performance.now()
  const base = session.world.clock.now
  const tick = (): void => {
    const state = session.world.run(20_000)
    const out = tty.takeOutput()
    if (out.length > 0) process.stdout.write(out)
    if (tty.everOpened && tty.slaves === 0) {
      if (raw) process.stdin.setRawMode(false)
      process.exit(0)
    }
    if (state.kind === 'idle') {
      const next = session.world.nextTimer
      // While a program waits for a key, the clock goes with the wall's; otherwise waiting is skipped.
      if (tty.awaited && !inputEnded)
        session.world.advanceTo(Math.max(session.world.clock.now, base + (performance.now() - began) * 1e6))
      else if (next !== undefined) session.world.advanceTo(next)
      setTimeout(tick, out.length > 0 ? 0 : 5)
    } else setImmediate(tick)
  }
  tick()
}

if (process.argv[1]?.endsWith('emulate.ts')) {
  const host = (option('--host') ?? 'linux-server') as HostName
  if (!hostNames.includes(host)) fail(unknownHost(host))
  const lines = option('-c')
  if (process.argv.includes('--jsonl')) await jsonl()
  else if (process.argv.includes('--kernels')) kernels()
  else if (lines !== undefined) {
    const session = openSession({ host })
    const r = session.execute(session.host.shell.script(lines))
    process.stdout.write(r.stdout)
    process.stderr.write(r.stderr)
    process.exitCode = r.status
  } else interactive(host)
}

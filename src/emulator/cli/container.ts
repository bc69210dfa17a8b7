/** container: Apple's tool for Linux containers on a Mac, each in a virtual machine of its own. */
import { isErr } from '../base/errno.ts'
import { API_SOCKET, apple, type ContainerInfo } from '../engine/apple/apiserver.ts'
import { runInGuest } from '../engine/guest.ts'
import { GCS_PORT } from '../engine/windows/gcs.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { signalNumber } from '../kernel/linux/signals.ts'
import { print, warn } from '../userland/lib/io.ts'

const valued: Readonly<Record<string, string>> = {
  '--name': 'name',
  '-e': 'env',
  '--env': 'env',
  '-w': 'workdir',
  '--workdir': 'workdir',
  '--cwd': 'workdir',
  '-m': 'memory',
  '--memory': 'memory',
  '-c': 'cpus',
  '--cpus': 'cpus',
  '-v': 'volume',
  '--volume': 'volume',
  '-a': 'arch',
  '--arch': 'arch',
  '-s': 'signal',
  '--signal': 'signal',
}
const switches: Readonly<Record<string, string>> = {
  '-d': 'detach',
  '--detach': 'detach',
  '--rm': 'remove',
  '--remove': 'remove',
  '-i': 'interactive',
  '--interactive': 'interactive',
  '-t': 'tty',
  '--tty': 'tty',
  '-f': 'force',
  '--force': 'force',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '--all': 'all',
}
interface Parsed {
  readonly values: Map<string, string[]>
  readonly flags: Set<string>
  readonly rest: readonly string[]
}
/** Options up to the first operand. */
function parse(words: readonly string[]): Parsed | string {
  const values = new Map<string, string[]>()
  const flags = new Set<string>()
  let i = 0
  for (; i < words.length && (words[i] as string).startsWith('-'); i++) {
    const word = words[i] as string
    if (word === '--') {
      i++
      break
    }
    const [name = '', inline] = word.startsWith('--') ? (word.split(/=(.*)/s) as [string, string?]) : [word]
    if (Object.hasOwn(valued, name)) {
      const key = valued[name] as string
      const v = inline ?? words[++i]
      if (v === undefined) return `Missing value for '${name} <${key}>'`
      values.set(key, [...(values.get(key) ?? []), v])
    } else if (Object.hasOwn(switches, name)) flags.add(switches[name] as string)
    else if (/^-[a-z]{2,}$/.test(name) && [...name.slice(1)].every((c) => Object.hasOwn(switches, `-${c}`)))
      for (const c of name.slice(1)) flags.add(switches[`-${c}`] as string)
    else return `Unknown option '${name}'`
  }
  return { values, flags, rest: words.slice(i) }
}
function* fail(sys: Sys, message: string, code = 1): Run<number> {
  yield* warn(sys, `Error: ${message}\n`)
  return code
}
/** 512m, 2g as bytes; MiB where there is no unit. */
function bytes(text: string): number | undefined {
  const m = /^(\d+)([kmgt]?)(i?b)?$/i.exec(text)
  return m
    ? Number(m[1]) *
        { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, '': 1024 ** 2 }[(m[2] ?? '').toLowerCase() as 'm']
    : undefined
}
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length))) ?? []
  return rows
    .map(
      (r) =>
        `${r
          .map((c, i) => c.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function* create(sys: Sys, p: Parsed): Run<string | { readonly error: string }> {
  const [image = '', ...args] = p.rest
  const arch = p.values.get('arch')?.[0] ?? 'arm64'
  if (arch !== 'arm64') return { error: `zukan: not emulated: container run --arch ${arch}` }
  const memory = p.values.get('memory')?.[0]
  const size = memory === undefined ? undefined : bytes(memory)
  if (memory !== undefined && size === undefined) return { error: `The value '${memory}' is invalid for '-m <memory>'` }
  const request = {
    ...(p.values.has('name') ? { name: p.values.get('name')?.[0] } : {}),
    image,
    args,
    env: p.values.get('env') ?? [],
    ...(p.values.has('workdir') ? { cwd: p.values.get('workdir')?.[0] } : {}),
    ...(p.values.has('cpus') ? { cpus: Number(p.values.get('cpus')?.[0]) } : {}),
    ...(size === undefined ? {} : { memory: size }),
    volumes: p.values.get('volume') ?? [],
    remove: p.flags.has('remove'),
  }
  let made = yield* apple<{ readonly id: string }>(sys, 'containerCreate', request)
  if (!made.ok && made.error.includes('image')) {
    const pulled = yield* apple(sys, 'imagePull', { reference: image, arch })
    if (!pulled.ok) return { error: pulled.error }
    made = yield* apple<{ readonly id: string }>(sys, 'containerCreate', request)
  }
  return made.ok ? made.result.id : { error: made.error }
}

const commands: Readonly<Record<string, (sys: Sys, p: Parsed) => Run<number>>> = {
  *run(sys, p) {
    if (p.rest.length === 0) return yield* fail(sys, "Missing expected argument '<image>'", 64)
    const id = yield* create(sys, p)
    if (typeof id !== 'string') return yield* fail(sys, id.error)
    const attach = !p.flags.has('detach')
    const started = yield* apple<{ readonly cid: number }>(sys, 'containerStart', { id, attach })
    if (!started.ok) return yield* fail(sys, started.error)
    if (!attach) {
      yield* print(sys, `${id}\n`)
      return 0
    }
    const tty = p.flags.has('tty') && !isErr(yield* sys.ioctl(0, 'TCGETS'))
    const code = yield* runInGuest(sys, started.result.cid, GCS_PORT, { op: 'run', id, tty })
    yield* apple(sys, 'containerEnded', { id, code: typeof code === 'number' ? code : 1 })
    return typeof code === 'number' ? code : yield* fail(sys, code)
  },
  *create(sys, p) {
    const id = yield* create(sys, p)
    if (typeof id !== 'string') return yield* fail(sys, id.error)
    yield* print(sys, `${id}\n`)
    return 0
  },
  *start(sys, p) {
    for (const id of p.rest) {
      const r = yield* apple(sys, 'containerStart', { id })
      if (!r.ok) return yield* fail(sys, r.error)
      yield* print(sys, `${id}\n`)
    }
    return 0
  },
  *list(sys, p) {
    const r = yield* apple<readonly ContainerInfo[]>(sys, 'containerList')
    if (!r.ok) return yield* fail(sys, r.error)
    const rows = r.result.filter((c) => p.flags.has('all') || c.state === 'running')
    if (p.flags.has('quiet')) {
      yield* print(sys, rows.map((c) => `${c.id}\n`).join(''))
      return 0
    }
    yield* print(
      sys,
      table([
        ['ID', 'IMAGE', 'OS', 'ARCH', 'STATE', 'ADDR', 'CPUS', 'MEMORY'],
        ...rows.map((c) => [
          c.id,
          c.image,
          c.os,
          c.arch,
          c.state,
          c.address,
          String(c.cpus),
          `${c.memory / 1024 ** 2} MB`,
        ]),
      ]),
    )
    return 0
  },
  *stop(sys, p) {
    for (const id of p.rest) {
      const r = yield* apple(sys, 'containerStop', {
        id,
        signal: signalNumber(p.values.get('signal')?.[0] ?? 'SIGTERM') ?? 15,
      })
      if (!r.ok) return yield* fail(sys, r.error)
      yield* print(sys, `${id}\n`)
    }
    return 0
  },
  *kill(sys, p) {
    for (const id of p.rest) {
      const r = yield* apple(sys, 'containerStop', {
        id,
        signal: signalNumber(p.values.get('signal')?.[0] ?? 'SIGKILL') ?? 9,
      })
      if (!r.ok) return yield* fail(sys, r.error)
      yield* print(sys, `${id}\n`)
    }
    return 0
  },
  *delete(sys, p) {
    for (const id of p.rest) {
      const r = yield* apple(sys, 'containerDelete', { id, force: p.flags.has('force') })
      if (!r.ok) return yield* fail(sys, r.error)
      yield* print(sys, `${id}\n`)
    }
    return 0
  },
  *logs(sys, p) {
    const r = yield* apple<{ readonly text: string }>(sys, 'containerLogs', { id: p.rest[0] ?? '' })
    if (!r.ok) return yield* fail(sys, r.error)
    yield* print(sys, r.result.text)
    return 0
  },
  *exec(sys, p) {
    const [id = '', ...argv] = p.rest
    const r = yield* apple<{ readonly cid: number }>(sys, 'containerConnect', { id })
    if (!r.ok) return yield* fail(sys, r.error)
    const tty = p.flags.has('tty') && !isErr(yield* sys.ioctl(0, 'TCGETS'))
    const code = yield* runInGuest(sys, r.result.cid, GCS_PORT, { op: 'exec', id, argv, tty })
    return typeof code === 'number' ? code : yield* fail(sys, code)
  },
  *'image list'(sys) {
    const r = yield* apple<readonly { name: string; tag: string; digest: string }[]>(sys, 'imageList')
    if (!r.ok) return yield* fail(sys, r.error)
    yield* print(
      sys,
      table([['NAME', 'TAG', 'DIGEST'], ...r.result.map((i) => [i.name, i.tag, `${i.digest.slice(7, 31)}...`])]),
    )
    return 0
  },
  *'image pull'(sys, p) {
    const r = yield* apple(sys, 'imagePull', { reference: p.rest[0] ?? '', arch: 'arm64' })
    if (!r.ok) return yield* fail(sys, r.error)
    yield* print(sys, `${p.rest[0]}\n`)
    return 0
  },
  *'system status'(sys) {
    const r = yield* apple(sys, 'ping')
    yield* print(sys, r.ok ? 'apiserver is running\n' : 'apiserver is not running and not registered with launchd\n')
    return r.ok ? 0 : 1
  },
}
const aliases: Readonly<Record<string, string>> = {
  ls: 'list',
  rm: 'delete',
  'image ls': 'image list',
  'images ls': 'image list',
  'images list': 'image list',
  'images pull': 'image pull',
}

export const container: Program = function* (sys, argv) {
  const words = argv.slice(1)
  if (words[0] === '--version') {
    yield* print(sys, 'container CLI version 1.2.2 (build: release)\n')
    return 0
  }
  let name = words.shift() ?? ''
  if (['image', 'images', 'i', 'system', 's', 'network', 'volume', 'builder', 'machine'].includes(name)) {
    const group = { i: 'image', s: 'system' }[name] ?? name
    name = `${group} ${words.shift() ?? ''}`.trim()
  }
  const command = commands[aliases[name] ?? name]
  if (!command) {
    yield* warn(
      sys,
      /^(build|inspect|stats|network|volume|builder|machine|registry|system|image|images)\b/.test(name) || name === ''
        ? `zukan: not emulated: container ${name}\n`
        : `Error: Unexpected argument '${name}'\nUsage: container <subcommand>\n  See 'container --help' for more information.\n`,
    )
    return name === '' ? 1 : 64
  }
  // -a means --all where things are listed.
  const parsed = parse((aliases[name] ?? name) === 'list' ? words.map((w) => (w === '-a' ? '--all' : w)) : words)
  if (typeof parsed === 'string') return yield* fail(sys, parsed, 64)
  if (isErr(yield* sys.stat(API_SOCKET)))
    return yield* fail(
      sys,
      'interrupted: "XPC connection error: Connection invalid"\nEnsure container system service has been started with `container system start`.',
    )
  return yield* command(sys, parsed)
}

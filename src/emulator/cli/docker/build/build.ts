/** docker build and docker buildx build: the context goes to the builder, its progress comes back. */
import { text as fromUtf8, hex, utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import { fromBytes } from '../../../base/filedata.ts'
import type { Status } from '../../../engine/buildkit/builder.ts'
import type { Range } from '../../../engine/buildkit/dockerfile/parse.ts'
import type { Warning } from '../../../engine/buildkit/graph.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { parseReference } from '../../../oci/reference.ts'
import { readTar, writeTar } from '../../../oci/tar.ts'
import { humanSize } from '../../../oci/units.ts'
import { print, readAll, readFile, warn, writeAll } from '../../../userland/lib/io.ts'
import { CliError, type Client, query } from '../api.ts'
import type { Command } from '../invoke.ts'
import { jsonLines, transfer } from '../transfer.ts'
import { type PackedContext, packContext } from './context.ts'
import { NoProgress, PlainProgress, type Progress, RawProgress, TerminalProgress } from './progress.ts'

type Options = Parameters<Command>[2]
/** Flags that are carried out; the others say that they aren't. */
const done = new Set(
  'build-arg file force-rm iidfile label load no-cache platform progress pull push quiet rm secret tag target network provenance sbom builder'.split(
    ' ',
  ),
)

function* variables(sys: Sys, list: readonly string[]): Run<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const item of list) {
    const at = item.indexOf('=')
    if (at >= 0) out[item.slice(0, at)] = item.slice(at + 1)
    else {
      const found = sys.environ().find((e) => e.startsWith(`${item}=`))
      if (found) out[item] = found.slice(item.length + 1)
    }
  }
  return out
}
/** The archive or Dockerfile on standard input: `docker build -`. */
function* fromStdin(sys: Sys, file: string | undefined): Run<PackedContext> {
  const bytes = yield* readAll(sys, 0)
  if (isErr(bytes)) throw new CliError(bytes.text)
  const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? [] : readTar(bytes)
  if ('error' in tar) {
    // Text: a Dockerfile without a context.
    const archive = writeTar([
      { path: 'Dockerfile', type: 'file', mode: 0o600, uid: 0, gid: 0, mtime: 0, data: fromBytes(bytes) },
    ])
    return { archive, dockerfile: 'Dockerfile', shown: 'Dockerfile', text: fromUtf8(bytes) }
  }
  return { archive: bytes, dockerfile: file ?? 'Dockerfile', shown: file ?? 'Dockerfile', text: undefined }
}
/** The lines that are to blame, with two before and behind, as buildx prints them. */
export function excerpt(name: string, text: string, range: Range): string {
  const lines = text.split('\n')
  const from = Math.max(1, range.start - 2)
  const to = Math.min(lines.length, range.end + 2)
  let out = `${name}:${range.start}\n--------------------\n`
  for (let n = from; n <= to; n++)
    out += `${String(n).padStart(4)} | ${n >= range.start && n <= range.end ? '>>>' : '   '} ${lines[n - 1] ?? ''}\n`
  return `${out}--------------------\n`
}
const widthOf = function* (sys: Sys, fd: number): Run<number> {
  const size = yield* sys.ioctl<{ columns?: number; ws_col?: number }>(fd, 'TIOCGWINSZ')
  return isErr(size) ? 80 : (size.columns ?? size.ws_col ?? 80)
}

/** Whether the daemon at a named pipe is one for Windows containers. */
function* ofWindows(sys: Sys, client: Client): Run<boolean> {
  if (!client.host.startsWith('npipe:')) return false
  const { fd, headers } = yield* client.stream('GET', '/_ping')
  yield* sys.close(fd)
  return headers.ostype === 'windows'
}
export const build: Command = function* (sys, client, g) {
  for (const name of g.parsed.values.keys())
    if (!done.has(name)) throw new CliError(`zukan: not emulated: docker build --${name}`)
  const asked = sys.environ().find((e) => e.startsWith('DOCKER_BUILDKIT='))
  // BuildKit is the builder of Linux daemons: docker/cli cli/command, BuildKitEnabled.
  const legacy = asked === undefined ? yield* ofWindows(sys, client) : /=(0|false)$/i.test(asked)
  const path = g.args[0] as string
  for (const tag of g.all('tag')) {
    const ref = parseReference(tag)
    if ('error' in ref)
      throw new CliError(
        legacy
          ? `invalid argument ${JSON.stringify(tag)} for "-t, --tag" flag: ${ref.error}`
          : `ERROR: failed to build: invalid tag ${JSON.stringify(tag)}: ${ref.error}`,
        legacy ? 125 : 1,
      )
  }
  if (/^(https?:\/\/|git@|git:\/\/|github\.com\/)/.test(path))
    throw new CliError(`zukan: not emulated: docker build ${path}`)
  const cwd = yield* sys.getcwd()
  const here = isErr(cwd) ? '/' : cwd
  const file = g.value('file')
  if (path === '-' && file === '-')
    throw new CliError(
      "ERROR: failed to build: invalid argument: can't use stdin for both build context and dockerfile",
    )
  const stdin = function* (): Run<Uint8Array> {
    const bytes = yield* readAll(sys, 0)
    return isErr(bytes) ? new Uint8Array(0) : bytes
  }
  const packed = path === '-' ? yield* fromStdin(sys, file) : yield* packContext(sys, here, path, file, stdin)
  return legacy
    ? yield* classic(sys, client, g, packed)
    : yield* buildx(sys, client, g, packed, path === '-' ? '-' : `${here}/${path}`)
}

function* parameters(sys: Sys, g: Options, packed: PackedContext, more: Readonly<Record<string, string>>): Run<string> {
  const tags = g.all('tag').map((t) => `t=${encodeURIComponent(t)}`)
  const q = query({
    dockerfile: packed.dockerfile,
    'zukan-name': packed.shown,
    target: g.value('target'),
    nocache: g.has('no-cache'),
    pull: g.has('pull'),
    platform: g.value('platform'),
    buildargs: JSON.stringify(yield* variables(sys, g.all('build-arg'))),
    labels: JSON.stringify(yield* variables(sys, g.all('label'))),
    ...more,
  })
  return [`/build${q}`, ...tags].join('&')
}
/** --secret id=NAME,src=FILE or id=NAME,env=VARIABLE: contents in hexadecimal digits, by id (buildx util/buildflags). */
function* secrets(sys: Sys, list: readonly string[]): Run<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const item of list) {
    const fields = new Map(
      item.split(',').map((f): [string, string] => {
        const at = f.indexOf('=')
        if (at < 0) throw new CliError(`ERROR: failed to build: invalid field '${f}' must be a key=value pair`)
        return [f.slice(0, at).toLowerCase(), f.slice(at + 1)]
      }),
    )
    const id = fields.get('id') ?? ''
    if (id === '') throw new CliError('ERROR: failed to build: secret missing ID')
    const file = fields.get('src') ?? fields.get('source') ?? (fields.has('env') ? undefined : id)
    if (file === undefined) {
      const name = `${fields.get('env')}=`
      const found = sys.environ().find((e) => e.startsWith(name))
      out[id] = hex(utf8(found?.slice(name.length) ?? ''))
      continue
    }
    const bytes = yield* readFile(sys, file)
    if (isErr(bytes))
      throw new CliError(`ERROR: failed to build: failed to stat ${file}: stat ${file}: ${bytes.text.toLowerCase()}`)
    out[id] = hex(bytes)
  }
  return out
}
function* writeId(sys: Sys, g: Options, id: string): Run<void> {
  const file = g.value('iidfile')
  if (file === undefined) return
  const fd = yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(fd)) throw new CliError(`open ${file}: ${fd.text.toLowerCase()}`)
  yield* writeAll(sys, fd, utf8(id))
  yield* sys.close(fd)
}

function* buildx(sys: Sys, client: Client, g: Options, packed: PackedContext, contextKey: string): Run<number> {
  const mode = g.has('quiet') ? 'quiet' : (g.value('progress') ?? 'auto')
  const tty = !isErr(yield* sys.ioctl(2, 'TCGETS'))
  let progress: Progress
  switch (mode) {
    case 'quiet':
    case 'none':
      progress = new NoProgress()
      break
    case 'rawjson':
      progress = new RawProgress(sys, 2)
      break
    case 'auto':
    case 'tty':
    case 'plain':
      if (mode === 'tty' && !tty)
        throw new CliError('ERROR: failed to build: failed to get console: provided file is not a console')
      if (mode !== 'plain' && tty) progress = new TerminalProgress(sys, 2, yield* widthOf(sys, 2))
      else {
        const plain = new PlainProgress(sys, 2)
        yield* plain.begin()
        progress = plain
      }
      break
    default:
      throw new CliError(`ERROR: failed to build: invalid progress mode ${mode}`)
  }
  if (g.has('push') && g.all('tag').length === 0)
    throw new CliError('ERROR: failed to build: tag is needed when pushing to registry')
  const answer = yield* transfer(
    sys,
    client,
    'POST',
    yield* parameters(sys, g, packed, {
      version: '2',
      'zukan-context': contextKey,
      // What a session carries in BuildKit's own protocol.
      'zukan-secrets': JSON.stringify(yield* secrets(sys, g.all('secret'))),
      ...(g.has('push') ? { 'zukan-push': '1' } : {}),
    }),
    { body: packed.archive },
  )
  let id = ''
  let error: string | undefined
  let range: Range | undefined
  let warnings: readonly Warning[] = []
  yield* jsonLines(sys, answer, function* (line) {
    if (line.id === 'moby.buildkit.trace') yield* progress.update(line.aux as Status)
    else if (line.id === 'moby.buildkit.warnings') warnings = line.aux as readonly Warning[]
    else if (line.id === 'moby.buildkit.source') range = line.aux as Range
    else if (line.id === 'moby.image.id') id = (line.aux as { ID: string }).ID
    else if (typeof line.error === 'string') error = line.error
  })
  yield* progress.finish()
  if (error !== undefined) {
    if (range && packed.text !== undefined) yield* warn(sys, excerpt(packed.shown, packed.text, range))
    throw new CliError(error.startsWith('zukan:') ? error : `ERROR: failed to build: failed to solve: ${error}`)
  }
  if (warnings.length > 0 && mode !== 'quiet' && mode !== 'rawjson')
    yield* warn(
      sys,
      `\n ${warnings.length} warning${warnings.length === 1 ? '' : 's'} found (use docker --debug to expand):\n${warnings.map((w) => ` - ${w.rule}: ${w.message} (line ${w.line})\n`).join('')}`,
    )
  yield* writeId(sys, g, id)
  if (mode === 'quiet') yield* print(sys, `${id}\n`)
  return 0
}

const deprecated =
  'DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0\n            environment-variable.\n\n'
function* classic(sys: Sys, client: Client, g: Options, packed: PackedContext): Run<number> {
  if (sys.environ().some((e) => e.startsWith('DOCKER_BUILDKIT='))) yield* warn(sys, deprecated)
  if (packed.text === undefined && g.args[0] !== '-')
    throw new CliError(
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${packed.dockerfile}: no such file or directory`,
    )
  const quiet = g.has('quiet')
  const out: string[] = []
  if (!quiet) yield* print(sys, `Sending build context to Docker daemon  ${humanSize(packed.archive.length)}\r\r\n`)
  const answer = yield* transfer(
    sys,
    client,
    'POST',
    yield* parameters(sys, g, packed, { rm: g.value('rm') === 'false' ? '0' : '1', q: quiet ? '1' : '' }),
    { body: packed.archive },
  )
  let error: { readonly message: string; readonly code: number } | undefined
  let id = ''
  yield* jsonLines(sys, answer, function* (line) {
    if (typeof line.error === 'string')
      error = { message: line.error, code: (line.errorDetail as { code?: number } | undefined)?.code ?? 1 }
    else if (typeof line.stream === 'string') {
      if (quiet) out.push(line.stream)
      else yield* print(sys, line.stream)
    } else if (line.aux) id = (line.aux as { ID: string }).ID
    else if (typeof line.status === 'string' && !quiet)
      yield* print(sys, `${line.id ? `${line.id as string}: ` : ''}${line.status}\n`)
  })
  if (error) throw new CliError(error.message, error.code)
  const last = out.at(-1)?.trim() ?? id
  yield* writeId(sys, g, id || last)
  if (quiet) yield* print(sys, `${last}\n`)
  return 0
}

/**
 * POST /build of the Windows daemon: the classic builder, one instruction after the other. A RUN starts a container of what was made so far, and
 * what it leaves in its writable layer becomes a layer of the image. BuildKit doesn't build for Windows by default.
 */
import { utf8 } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import { slice } from '../../../base/filedata.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY, S_IFCHR, S_IFMT } from '../../../kernel/linux/fs/flags.ts'
import { digestOf } from '../../../oci/digest.ts'
import type { RunConfig } from '../../../oci/image.ts'
import { familiar, parseReference } from '../../../oci/reference.ts'
import { readJson, stringMap } from '../../../oci/gotypes.ts'
import { unpacked } from '../../../oci/layer.ts'
import { readTar, type TarEntry } from '../../../oci/tar.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import { endChunks, sendChunk, startChunked } from '../../../userland/lib/http.ts'
import { readFile, writeAll } from '../../../userland/lib/io.ts'
import { entriesOf } from '../../../userland/windows/paths.ts'
import { BuildError, type Command, programOf, type Stage } from '../../buildkit/dockerfile/instructions.ts'
import { parseDockerfile } from '../../buildkit/dockerfile/parse.ts'
import { expand } from '../../buildkit/dockerfile/words.ts'
import { rfc3339 } from '../../dockerd/documents.ts'
import { findImage } from '../../dockerd/images.ts'
import { truth } from '../../dockerd/routes.ts'
import { ApiError, type Daemon, type Image, newId } from '../../dockerd/state.ts'
import { remove, scratchFolder, start } from './containers.ts'
import { createContainer } from './create.ts'
import { layerFolder, pullImage } from './layers.ts'
import type { WindowsContext, WindowsRoute } from './routes.ts'

/** What a build has come to after an instruction. */
interface Made {
  readonly image: Image
  readonly config: RunConfig
  /** The command that runs a RUN's line: SHELL. */
  readonly shell: readonly string[]
  readonly args: ReadonlyMap<string, string>
}
const caches = new WeakMap<Daemon, Map<string, Made>>()
function cacheOf(d: Daemon): Map<string, Made> {
  const known = caches.get(d) ?? new Map<string, Made>()
  caches.set(d, known)
  return known
}
const DEFAULT_SHELL = ['cmd', '/S', '/C']
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12)
/** A path of the image below its drive's folder: `c:\app` and `/app` as `app`. */
const inside = (path: string, workdir: string): string => {
  const text = path.replace(/\\/g, '/')
  const whole = /^([a-z]:)?\//i.test(text) ? text : `${workdir.replace(/\\/g, '/')}/${text}`
  return whole
    .replace(/^[a-z]:/i, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\/\.?(?=\/|$)/g, '')
}

class WindowsBuild {
  #escape = '\\'
  readonly #c: WindowsContext
  readonly #files: ReadonlyMap<string, TarEntry>
  readonly #say: (text: string) => Run<void>
  readonly #stages = new Map<string, Made>()
  readonly #noCache: boolean
  constructor(c: WindowsContext, files: ReadonlyMap<string, TarEntry>, say: (text: string) => Run<void>) {
    this.#c = c
    this.#noCache = truth(c.query('nocache'))
    this.#files = files
    this.#say = say
  }
  *run(text: string, buildArgs: ReadonlyMap<string, string>, target: string): Run<Image> {
    const parsed = parseDockerfile(text)
    if ('error' in parsed) throw new ApiError(400, `dockerfile parse error: ${parsed.error}`)
    this.#escape = parsed.escape
    const program = programOf(parsed.instructions)
    const total = program.stages.reduce((n, s) => n + 1 + s.commands.length, program.args.length)
    let step = 0
    const globals = new Map<string, string>()
    const announce = (original: string): Run<void> => this.#say(`Step ${++step}/${total} : ${original}\n`)
    for (const a of program.args) {
      yield* announce(a.original)
      for (const { name, value } of a.args) globals.set(name, buildArgs.get(name) ?? value ?? '')
    }
    let made: Made | undefined
    for (const [n, stage] of program.stages.entries()) {
      const base = this.#word(stage.base, (name) => globals.get(name))
      yield* announce(`FROM ${base}${stage.name === '' ? '' : ` AS ${stage.name}`}`)
      made = yield* this.#from(stage, base)
      yield* this.#say(` ---> ${short(made.image.id)}\n`)
      for (const command of stage.commands) {
        yield* announce(command.original)
        made = yield* this.#cached(command, made, buildArgs)
        yield* this.#say(` ---> ${short(made.image.id)}\n`)
      }
      this.#stages.set(stage.name || String(n), made).set(String(n), made)
      if (target !== '' && stage.name === target) break
    }
    if (!made) throw new ApiError(400, 'No image was generated. Is your Dockerfile empty?')
    return made.image
  }
  #word(text: string, lookup: (name: string) => string | undefined): string {
    const r = expand(text, lookup, { escape: this.#escape })
    if ('error' in r) throw new ApiError(400, r.error)
    return r.text
  }
  *#from(stage: Stage, base: string): Run<Made> {
    const earlier = this.#stages.get(base)
    if (earlier) return { ...earlier, args: new Map() }
    if (base === 'scratch') throw new ApiError(400, 'Windows does not support FROM scratch')
    const { sys, d } = this.#c
    let image: Image
    try {
      image = findImage(d, base)
    } catch (e) {
      if (!(e instanceof ApiError) || e.status !== 404) throw e
      const say = this.#say
      image = yield* pullImage(sys, d, base, [{ os: 'windows', architecture: 'amd64' }], function* (line) {
        const { status, id } = line as { readonly status?: string; readonly id?: string }
        if (status && !id) yield* say(`${status}\n`)
      })
    }
    if (image.config.os !== 'windows')
      throw new ApiError(501, `zukan: not emulated: FROM ${stage.base} on Windows (${image.config.os})`)
    return { image, config: image.config.config, shell: DEFAULT_SHELL, args: new Map() }
  }
  /** The instruction's result, or what it came to when it was carried out before on the same image with the same files. */
  *#cached(command: Command, made: Made, buildArgs: ReadonlyMap<string, string>): Run<Made> {
    const files = command.kind === 'copy' || command.kind === 'add' ? this.#contextDigest() : ''
    const given = command.kind === 'arg' ? [...buildArgs] : []
    const key = digestOf(
      utf8(JSON.stringify([made.image.id, made.shell, [...made.args], command.original, files, given])),
    )
    const known = this.#noCache ? undefined : cacheOf(this.#c.d).get(key)
    if (known) {
      if (command.kind !== 'arg') yield* this.#say(' ---> Using cache\n')
      return known
    }
    // The classic builder makes a container for each change, and starts it for RUN alone.
    const passing = /^(arg|copy|add|run)$/.test(command.kind) ? undefined : short(yield* newId(this.#c.sys))
    if (passing !== undefined) yield* this.#say(` ---> Running in ${passing}\n`)
    const next = yield* this.#apply(command, made, buildArgs)
    if (passing !== undefined) yield* this.#say(` ---> Removed intermediate container ${passing}\n`)
    cacheOf(this.#c.d).set(key, next)
    return next
  }
  #contextDigest(): string {
    const list = [...this.#files].map(([path, e]) => [path, e.type, e.data ? digestOf(slice(e.data)) : ''])
    return digestOf(utf8(JSON.stringify(list)))
  }
  *#apply(command: Command, made: Made, buildArgs: ReadonlyMap<string, string>): Run<Made> {
    const { config } = made
    const env = new Map((config.Env ?? []).map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)]))
    const value = (text: string): string => this.#word(text, (n) => env.get(n) ?? made.args.get(n))
    const settled = (changes: Partial<RunConfig>): Run<Made> =>
      this.#commit(made, { ...config, ...changes }, command.original, undefined)
    switch (command.kind) {
      case 'env': {
        for (const p of command.pairs) env.set(value(p.name), value(p.value))
        return yield* settled({ Env: [...env].map(([k, v]) => `${k}=${v}`) })
      }
      case 'label':
        return yield* settled({
          Labels: {
            ...config.Labels,
            ...Object.fromEntries(command.pairs.map((p) => [value(p.name), value(p.value)])),
          },
        })
      case 'arg': {
        const args = new Map(made.args)
        for (const a of command.args) {
          const v = buildArgs.get(a.name) ?? (a.value === undefined ? undefined : value(a.value))
          if (v !== undefined) args.set(a.name, v)
        }
        return { ...made, args }
      }
      case 'workdir': {
        const at = inside(value(command.value), config.WorkingDir ?? 'C:\\')
        const changed = yield* this.#commit(
          made,
          { ...config, WorkingDir: `C:\\${at.replace(/\//g, '\\')}` },
          command.original,
          function* (sys, folder) {
            yield* makeDirs(sys, `${folder}/${at}`)
          },
        )
        return changed
      }
      case 'user':
        return yield* settled({ User: value(command.value) })
      case 'expose':
        return yield* settled({
          ExposedPorts: {
            ...config.ExposedPorts,
            ...Object.fromEntries(
              command.values.map((v) => [value(v).includes('/') ? value(v) : `${value(v)}/tcp`, {}]),
            ),
          },
        })
      case 'volume':
        return yield* settled({
          Volumes: { ...config.Volumes, ...Object.fromEntries(command.values.map((v) => [value(v), {}])) },
        })
      case 'shell':
        return { ...(yield* settled({})), shell: command.values }
      case 'cmd':
      case 'entrypoint': {
        const line = command.line.shell ? [...made.shell, ...command.line.words] : command.line.words
        return yield* settled(command.kind === 'cmd' ? { Cmd: line } : { Entrypoint: line })
      }
      case 'copy':
      case 'add':
        return yield* this.#copy(command, made, value)
      case 'run':
        return yield* this.#execute(command, made)
      default:
        throw new ApiError(501, `zukan: not emulated: ${command.kind.toUpperCase()} on Windows`)
    }
  }
  *#copy(command: Extract<Command, { kind: 'copy' | 'add' }>, made: Made, value: (t: string) => string): Run<Made> {
    if (command.from !== '' || command.documents.length > 0 || command.sources.some((s) => /^https?:/.test(s)))
      throw new ApiError(501, `zukan: not emulated: ${command.original} on Windows`)
    const destination = value(command.destination)
    const folderLike = /[\\/]$/.test(destination) || /(^|[\\/])\.$/.test(destination) || command.sources.length > 1
    const target = inside(destination, made.config.WorkingDir ?? 'C:\\')
    const files = this.#files
    const places: (readonly [TarEntry, string])[] = []
    for (const source of command.sources) {
      const name = value(source)
        .replace(/\\/g, '/')
        .replace(/^\.?\/+/, '')
        .replace(/^\.$|\/+$/, '')
      const pattern = new RegExp(
        `^${name
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replace(/\*/g, '[^/]*')
          .replace(/\?/g, '[^/]')}$`,
      )
      const roots = name === '' ? [''] : [...files.keys()].filter((f) => pattern.test(f))
      if (roots.length === 0)
        throw new ApiError(
          400,
          `COPY failed: file not found in build context or excluded by .dockerignore: stat ${name}: file does not exist`,
        )
      for (const root of roots) {
        const entry = files.get(root)
        if (entry && entry.type !== 'dir')
          places.push([entry, folderLike ? `${target}/${root.split('/').at(-1)}` : target])
        else
          for (const [path, e] of files)
            if ((root === '' || path.startsWith(`${root}/`)) && e.type === 'file')
              places.push([e, `${target}/${root === '' ? path : path.slice(root.length + 1)}`])
      }
    }
    return yield* this.#commit(made, made.config, command.original, function* (sys, folder) {
      for (const [entry, place] of places) {
        const path = `${folder}/${place}`.replace(/\/+/g, '/')
        yield* makeDirs(sys, path.slice(0, path.lastIndexOf('/')))
        const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        if (isErr(fd)) throw new ApiError(500, `COPY failed: ${fd.text}`)
        if (entry.data) yield* writeAll(sys, fd, slice(entry.data))
        yield* sys.close(fd)
      }
    })
  }
  *#execute(command: Extract<Command, { kind: 'run' }>, made: Made): Run<Made> {
    if (command.mounts.length > 0 || command.documents.length > 0)
      throw new ApiError(501, `zukan: not emulated: ${command.original} on Windows`)
    const { sys, d, s } = this.#c
    const line = command.line.shell ? [...made.shell, ...command.line.words] : command.line.words
    const c = yield* createContainer(
      sys,
      d,
      s,
      '',
      {
        ...made.config,
        Image: made.image.id,
        Entrypoint: [line[0] ?? ''],
        Cmd: line.slice(1),
        Env: [...(made.config.Env ?? []), ...[...made.args].map(([k, v]) => `${k}=${v}`)],
      },
      {},
    )
    yield* this.#say(` ---> Running in ${short(c.id)}\n`)
    const heard: Uint8Array[] = []
    c.attached.add((_stream, bytes) => {
      if (bytes) heard.push(bytes)
    })
    const { ends } = c
    yield* start(sys, d, s, c)
    yield* sys.futex(c.changed, () => c.ends !== ends)
    for (const bytes of heard) yield* this.#say(new TextDecoder().decode(bytes))
    if (c.exitCode !== 0) {
      yield* remove(sys, d, c, true)
      throw new ApiError(500, `The command '${line.join(' ')}' returned a non-zero code: ${c.exitCode}`)
    }
    const upper = `${scratchFolder(c)}/upper`
    const next = yield* this.#commit(made, made.config, command.original, (t, folder) => copyTree(t, upper, folder))
    yield* remove(sys, d, c, true)
    yield* this.#say(` ---> Removed intermediate container ${short(c.id)}\n`)
    return next
  }
  /** An image one instruction further: with a layer that `fill` writes, or with another configuration alone. */
  *#commit(
    made: Made,
    config: RunConfig,
    createdBy: string,
    fill: ((sys: Sys, folder: string) => Run<void>) | undefined,
  ): Run<Made> {
    const { sys, d } = this.#c
    const { image } = made
    const chain = [...image.chain]
    let size = image.size
    if (fill) {
      // No two layers that are made here are the same: their content isn't compared.
      const id = digestOf(utf8(`${image.chain.at(-1)} ${yield* newId(sys)}`))
      const folder = layerFolder('windows', id)
      yield* makeDirs(sys, `${folder}/Files`)
      yield* fill(sys, `${folder}/Files`)
      size += yield* sizeOf(sys, `${folder}/Files`)
      chain.push(id)
    }
    const now = rfc3339(yield* sys.clock('realtime'))
    const document = {
      ...image.config,
      created: now,
      config,
      history: [
        ...(image.config.history ?? []),
        { created: now, created_by: createdBy, ...(fill ? {} : { empty_layer: true }) },
      ],
    }
    const id = digestOf(utf8(JSON.stringify([document, chain])))
    const next: Image = {
      ...image,
      id,
      config: document,
      chain,
      size,
      parent: image.id,
      tags: new Set(),
      digests: new Set(),
    }
    d.images.set(id, next)
    // What a build goes through on its way isn't listed.
    if (image.tags.size === 0 && image.digests.size === 0) d.images.delete(image.id)
    return { ...made, image: next, config }
  }
}

/** Copies a folder's content into another. */
function* copyTree(sys: Sys, from: string, to: string): Run<void> {
  const entries = yield* entriesOf(sys, from)
  for (const e of isErr(entries) ? [] : entries) {
    const s = yield* sys.lstat(`${from}/${e.name}`)
    if (isErr(s)) continue
    // Folders, files, and the marks of what was deleted.
    if (isDir(s.mode)) {
      yield* sys.mkdir(`${to}/${e.name}`, 0o755)
      yield* copyTree(sys, `${from}/${e.name}`, `${to}/${e.name}`)
    } else if ((s.mode & S_IFMT) === S_IFCHR) yield* sys.mknod(`${to}/${e.name}`, s.mode, s.rdev)
    else {
      const bytes = yield* readFile(sys, `${from}/${e.name}`)
      const fd = yield* sys.open(`${to}/${e.name}`, O_WRONLY | O_CREAT | O_TRUNC, s.mode & 0o777)
      if (isErr(fd) || isErr(bytes)) continue
      yield* writeAll(sys, fd, bytes)
      yield* sys.close(fd)
    }
  }
}
function* sizeOf(sys: Sys, path: string): Run<number> {
  const entries = yield* entriesOf(sys, path)
  let size = 0
  for (const e of isErr(entries) ? [] : entries) {
    const s = yield* sys.lstat(`${path}/${e.name}`)
    if (!isErr(s)) size += isDir(s.mode) ? yield* sizeOf(sys, `${path}/${e.name}`) : s.size
  }
  return size
}
/** The context's files by their paths; .dockerignore has been heeded by the client. */
function contextFiles(body: Uint8Array): ReadonlyMap<string, TarEntry> {
  const bytes = unpacked(body)
  const entries = 'error' in bytes ? bytes : readTar(bytes)
  if ('error' in entries) throw new ApiError(400, entries.error)
  return new Map(entries.map((e) => [e.path.replace(/^\.\//, ''), e]))
}

export const buildRoutes: readonly WindowsRoute[] = [
  [
    'POST',
    /^\/build$/,
    function* (c) {
      if (c.query('version') === '2')
        throw new ApiError(400, 'BuildKit builder is not supported on this platform: no worker for windows/amd64')
      if (c.query('remote') !== '' && c.query('remote') !== 'client-session')
        throw new ApiError(501, `zukan: not emulated: docker build ${c.query('remote')}`)
      const files = contextFiles(c.request.body)
      const name = (c.query('dockerfile') || 'Dockerfile').replace(/\\/g, '/')
      const file = files.get(name)
      if (!file?.data) throw new ApiError(500, `Cannot locate specified Dockerfile: ${name}`)
      const quiet = truth(c.query('q'))
      yield* startChunked(c.sys, c.fd, 200, { 'Content-Type': 'application/json' })
      const line = (value: object): Run<unknown> => sendChunk(c.sys, c.fd, utf8(`${JSON.stringify(value)}\r\n`))
      const say = function* (stream: string): Run<void> {
        if (!quiet) yield* line({ stream })
      }
      try {
        const given = readJson<Readonly<Record<string, string | null>>>(c.query('buildargs') || '{}', stringMap, true)
        if ('refused' in given) throw new ApiError(400, `error reading build args: ${given.refused}`)
        const args = new Map(Object.entries(given.value).filter((e): e is [string, string] => e[1] !== null))
        const text = new TextDecoder().decode(slice(file.data))
        const image = yield* new WindowsBuild(c, files, say).run(text, args, c.query('target'))
        if (quiet) yield* line({ stream: `${image.id}\n` })
        else yield* line({ aux: { ID: image.id } })
        yield* say(`Successfully built ${short(image.id)}\n`)
        for (const tag of c.queries('t')) {
          const ref = parseReference(tag)
          if ('error' in ref) throw new ApiError(400, ref.error)
          const full = familiar({ ...ref, tag: ref.tag ?? 'latest' })
          for (const other of c.d.images.values()) other.tags.delete(full)
          image.tags.add(full)
          yield* say(`Successfully tagged ${full}\n`)
        }
      } catch (e) {
        if (!(e instanceof ApiError) && !(e instanceof BuildError)) throw e
        yield* line({ errorDetail: { message: e.message }, error: e.message })
      }
      yield* endChunks(c.sys, c.fd)
      return undefined
    },
  ],
]

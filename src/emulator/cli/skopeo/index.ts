/** skopeo: images in registries and elsewhere, read and copied without running or unpacking them; skopeo(1). */
import { text } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import { chooseManifest, copyImage, hostPlatform } from '../../engine/containers/copy.ts'
import { type Registries, registries } from '../../engine/containers/names.ts'
import { type Place, placeOf } from '../../engine/containers/place.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { DockerSource, dockerOptions } from '../../engine/containers/registry.ts'
import { Storage } from '../../engine/containers/storage.ts'
import {
  type ImageName,
  openDestination,
  openSource,
  parseImageName,
  type World,
} from '../../engine/containers/transport.ts'
import { becomeRoot } from '../../engine/containers/userns.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import type { ImageConfig, Manifest, Platform } from '../../oci/image.ts'
import { familiarName, parseReference, type Reference } from '../../oci/reference.ts'
import { print, readFile } from '../../userland/lib/io.ts'
import { runTool, type Spec, type Tool } from '../containers/frame.ts'
import { login, logout } from '../containers/login.ts'
import { printTemplate } from '../containers/output.ts'
import type { Given } from '../flags.ts'
import { globals, others, shapes } from './shapes.ts'

const VERSION = '1.23.0'
interface Context {
  readonly sys: Sys
  readonly place: Place
  readonly storage: Storage
  readonly registries: Registries
  readonly globals: Given
}
/** Flags that say how a registry is spoken to; `side` is 'src-' or 'dest-' where there are two. */
function access(
  g: Given,
  side = '',
): { tlsVerify: boolean | undefined; creds: string | undefined; authfile: string | undefined } {
  const tls = g.value(`${side}tls-verify`) ?? g.value('tls-verify')
  const user = g.value(`${side}username`)
  const password = g.value(`${side}password`)
  return {
    tlsVerify: tls === undefined ? undefined : tls === 'true',
    creds: g.has(`${side}no-creds`)
      ? ':'
      : (g.value(`${side}creds`) ?? (user === undefined ? undefined : `${user}:${password ?? ''}`)),
    authfile: g.value(`${side}authfile`) ?? g.value('authfile'),
  }
}
const world = (c: Context, g: Given, side = ''): World => ({
  sys: c.sys,
  storage: c.storage,
  registries: c.registries,
  docker: (domain) => dockerOptions(c.sys, c.place, c.registries, domain, access(g, side)),
})
function nameOf(word: string, what = 'Error parsing image name "%": '): ImageName {
  const parsed = parseImageName(word)
  if ('error' in parsed) throw new Problem(`${what.replace('%', word)}${parsed.error}`)
  return parsed
}
/** containers/storage is read as root of the user's namespace. */
function* enter(c: Context, ...names: readonly ImageName[]): Run<void> {
  if (names.some((n) => n.transport === 'containers-storage')) yield* becomeRoot(c.sys, c.place)
}
function* platform(c: Context): Run<Platform> {
  const g = c.globals
  const [os, arch, variant] = ['os', 'arch', 'variant'].map((n) => g.value(`override-${n}`))
  return yield* hostPlatform(c.sys, {
    ...(os ? { os } : {}),
    ...(arch ? { architecture: arch } : {}),
    ...(variant ? { variant } : {}),
  })
}
const latest = (r: Reference): Reference =>
  r.tag === undefined && r.digest === undefined ? { ...r, tag: 'latest' } : r

function* inspect(c: Context, g: Given): Run<number> {
  if (g.args.length !== 1) throw new Problem('Exactly one argument expected')
  const word = g.args[0] as string
  const name = nameOf(word)
  yield* enter(c, name)
  const failed = (e: unknown): unknown =>
    e instanceof Problem ? new Problem(`Error parsing image name ${JSON.stringify(word)}: ${e.message}`) : e
  let source: Awaited<ReturnType<typeof openSource> extends Run<infer T> ? T : never>
  try {
    source = yield* openSource(world(c, g), name)
  } catch (e) {
    throw failed(e)
  }
  try {
    if (g.has('raw') && !g.has('config')) {
      yield* print(c.sys, text((yield* attempt(source.manifest(), failed)).bytes))
      return 0
    }
    const chosen = yield* attempt(chooseManifest(source, yield* platform(c)), failed)
    const manifest = JSON.parse(text(chosen.bytes)) as Manifest
    const configBytes = yield* attempt(source.blob(manifest.config), failed)
    if (g.has('raw')) {
      yield* print(c.sys, text(configBytes))
      return 0
    }
    const config = JSON.parse(text(configBytes)) as ImageConfig
    if (g.has('config')) {
      const { created, author, architecture, os, config: run, rootfs, history, ...rest } = config
      const document = {
        created,
        ...(author ? { author } : {}),
        architecture,
        os,
        ...rest,
        config: run,
        rootfs,
        history,
      }
      if (g.value('format') === undefined) yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n`)
      else yield* printTemplate(c.sys, g.value('format') as string, [document])
      return 0
    }
    const ref = name.transport === 'docker' ? parseReference(name.rest) : undefined
    let tags: string[] = []
    if (ref && !('error' in ref) && !g.has('no-tags')) {
      const docker = new DockerSource(
        c.sys,
        latest(ref),
        yield* dockerOptions(c.sys, c.place, c.registries, ref.domain, access(g)),
      )
      try {
        tags = yield* docker.tags()
      } catch (e) {
        throw e instanceof Problem ? new Problem(`Error determining repository tags: ${e.message}`) : e
      } finally {
        yield* docker.close()
      }
    }
    const document = {
      ...(ref && !('error' in ref) ? { Name: `${ref.domain}/${ref.path}` } : {}),
      Digest: digestOf(chosen.index ?? chosen.bytes),
      RepoTags: tags,
      Created: config.created,
      DockerVersion: '',
      Labels: config.config.Labels ?? null,
      Architecture: config.architecture,
      Os: config.os,
      Layers: manifest.layers.map((l) => l.digest),
      LayersData: manifest.layers.map((l) => ({
        MIMEType: l.mediaType,
        Digest: l.digest,
        Size: l.size,
        Annotations: l.annotations ?? null,
      })),
      Env: config.config.Env ?? null,
    }
    if (g.value('format') === undefined) yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n`)
    else yield* printTemplate(c.sys, g.value('format') as string, [document])
    return 0
  } finally {
    yield* source.close()
  }
}
/** Runs, and rewords a failure. */
function* attempt<T>(body: Run<T>, failed: (e: unknown) => unknown): Run<T> {
  try {
    return yield* body
  } catch (e) {
    throw failed(e)
  }
}
function* copy(c: Context, g: Given): Run<number> {
  if (g.args.length !== 2) throw new Problem('Exactly two arguments expected')
  const [from = '', into = ''] = g.args
  const parse = (word: string, side: string): ImageName => nameOf(word, `Invalid ${side} name %: `)
  const source = parse(from, 'source')
  const target = parse(into, 'destination')
  yield* enter(c, source, target)
  const multi = g.value('multi-arch')
  if (multi !== undefined && multi !== 'system' && multi !== 'all')
    throw notEmulated(`skopeo copy --multi-arch ${multi}`)
  const all = g.has('all') || multi === 'all'
  const format = g.value('format')
  if (format !== undefined && format !== 'oci') throw notEmulated(`skopeo copy --format ${format}`)
  const reader = yield* attempt(openSource(world(c, g, 'src-'), source), initializing(source))
  try {
    const wanted = yield* platform(c)
    const index = all
      ? void (yield* attempt(reader.manifest(), initializing(source)))
      : (yield* attempt(chooseManifest(reader, wanted), initializing(source))).index
    const writer = yield* openDestination(world(c, g, 'dest-'), target, index ? [index] : [])
    try {
      const bars = !isErr(yield* c.sys.ioctl(1, 'TCGETS'))
      const written = yield* copyImage(reader, writer, {
        platform: wanted,
        all,
        bars,
        ...(g.has('quiet') ? {} : { say: (line: string) => print(c.sys, `${line}\n`) as Run<unknown> as Run<void> }),
      })
      const file = g.value('digestfile')
      if (file !== undefined) {
        const fd = yield* c.sys.open(file, 0o1101, 0o644)
        if (isErr(fd))
          throw new Problem(
            `Failed to write digest to file ${JSON.stringify(file)}: open ${file}: ${fd.text.toLowerCase()}`,
          )
        yield* c.sys.write(fd, new TextEncoder().encode(digestOf(written)))
        yield* c.sys.close(fd)
      }
    } finally {
      yield* writer.close()
    }
  } finally {
    yield* reader.close()
  }
  return 0
}
const initializing =
  (n: ImageName) =>
  (e: unknown): unknown => {
    if (!(e instanceof Problem)) return e
    const ref = n.transport === 'docker' ? parseReference(n.rest) : undefined
    const shown =
      ref && !('error' in ref)
        ? `docker://${familiarName(ref)}:${latest(ref).tag ?? ''}`.replace(/:$/, `@${ref.digest}`)
        : `${n.transport}:${n.rest}`
    return n.transport === 'dir' ? e : new Problem(`initializing source ${shown}: ${e.message}`)
  }
/** A repository's name without tag. Throws Problem. */
function repository(word: string): Reference {
  const name = nameOf(word, '')
  if (name.transport !== 'docker') throw notEmulated(`skopeo list-tags ${name.transport}:`)
  const ref = parseReference(name.rest)
  if ('error' in ref) throw new Problem(ref.error)
  if (ref.tag !== undefined || ref.digest !== undefined) throw new Problem('No tag or digest allowed in reference')
  return ref
}
const how = 'authfile creds no-creds password tls-verify username retry-times'
const commands: Readonly<Record<string, Spec<Context>>> = {
  inspect: { args: [0, Infinity], flags: `${how} config format no-tags raw`, run: inspect },
  copy: {
    args: [0, Infinity],
    flags: `all authfile dest-authfile dest-creds dest-no-creds dest-password dest-tls-verify dest-username digestfile format multi-arch preserve-digests quiet remove-signatures retry-times src-authfile src-creds src-no-creds src-password src-tls-verify src-username`,
    run: copy,
  },
  'list-tags': {
    args: [0, Infinity],
    flags: how,
    *run(c, g) {
      if (g.args.length !== 1) throw new Problem('Exactly one non-option argument expected')
      const ref = repository(g.args[0] as string)
      const docker = new DockerSource(
        c.sys,
        ref,
        yield* dockerOptions(c.sys, c.place, c.registries, ref.domain, access(g)),
      )
      try {
        const document = { Repository: `${ref.domain}/${ref.path}`, Tags: yield* docker.tags() }
        yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n`)
      } catch (e) {
        throw e instanceof Problem ? new Problem(`Error listing repository tags: ${e.message}`) : e
      } finally {
        yield* docker.close()
      }
      return 0
    },
  },
  delete: {
    args: [0, Infinity],
    flags: how,
    *run(c, g) {
      if (g.args.length !== 1) throw new Problem('Exactly one argument expected')
      const name = nameOf(g.args[0] as string, 'Invalid source name %: ')
      if (name.transport !== 'docker') throw notEmulated(`skopeo delete ${name.transport}:`)
      const ref = parseReference(name.rest)
      if ('error' in ref) throw new Problem(ref.error)
      const docker = new DockerSource(
        c.sys,
        latest(ref),
        yield* dockerOptions(c.sys, c.place, c.registries, ref.domain, access(g)),
      )
      try {
        yield* docker.delete()
      } finally {
        yield* docker.close()
      }
      return 0
    },
  },
  'manifest-digest': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      const bytes = yield* readFile(c.sys, g.args[0] as string)
      if (isErr(bytes))
        throw new Problem(`Error reading manifest from ${g.args[0]}: open ${g.args[0]}: ${bytes.text.toLowerCase()}`)
      yield* print(c.sys, `${digestOf(bytes)}\n`)
      return 0
    },
  },
  login: {
    args: [0, 1],
    flags: 'authfile get-login password password-stdin tls-verify username verbose',
    run: (c, g) =>
      login(
        {
          ...c,
          *registries() {
            return c.registries
          },
        },
        g,
      ),
  },
  logout: {
    args: [0, 1],
    flags: 'all authfile',
    run: (c, g) =>
      logout(
        {
          ...c,
          *registries() {
            return c.registries
          },
        },
        g,
      ),
  },
}
export const skopeoTool: Tool<Context> = {
  name: 'skopeo',
  globals,
  shapes,
  others,
  aliases: {},
  commands,
  help: 'skopeo/help',
  version: `skopeo version ${VERSION}\n`,
  known: 'insecure-policy override-arch override-os override-variant policy debug help version',
  logs: true,
  *open(sys, _argv, _name, g) {
    const place = yield* placeOf(sys)
    return { sys, place, storage: new Storage(sys, place), registries: yield* registries(sys, place), globals: g }
  },
}
export const skopeo: Program = (sys, argv) => runTool(skopeoTool, sys, argv)

/** docker context: daemons by name, kept in ~/.docker. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import { print, readText, warn, write } from '../../../userland/lib/io.ts'
import { CliError } from '../api.ts'
import { type ContextMeta, configDir, defaultHost, metaFile, readConfig, readContext, variable } from '../context.ts'
import { pairs } from '../environment.ts'
import { printList, printObjects } from '../format.ts'
import type { Command } from '../invoke.ts'

const O_WRITE = 0o1101
function* save(sys: Sys, path: string, content: string): Run<void> {
  yield* makeDirs(sys, path.slice(0, path.lastIndexOf('/')))
  const fd = yield* sys.open(path, O_WRITE, 0o644)
  if (isErr(fd)) throw new CliError(`open ${path}: ${fd.text.toLowerCase()}`)
  yield* write(sys, fd, content)
  yield* sys.close(fd)
}
/** The contexts that are stored, by name. */
function* stored(sys: Sys, dir: string): Run<ContextMeta[]> {
  const fd = yield* sys.open(`${dir}/contexts/meta`, 0)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  const out: ContextMeta[] = []
  for (const e of isErr(entries) ? [] : entries) {
    const text = e.name.startsWith('.') ? undefined : yield* readText(sys, `${dir}/contexts/meta/${e.name}/meta.json`)
    if (typeof text === 'string') out.push(JSON.parse(text) as ContextMeta)
  }
  return out.sort((a, b) => (a.Name < b.Name ? -1 : 1))
}
function* standard(sys: Sys): Run<ContextMeta> {
  const Host = variable(sys, 'DOCKER_HOST') ?? (yield* defaultHost(sys))
  return { Name: 'default', Metadata: {}, Endpoints: { docker: { Host, SkipTLSVerify: false } } }
}
/** config.json as docker writes it: with tabs, without the context where it is the default. */
function* choose(sys: Sys, dir: string, name: string): Run<void> {
  const { currentContext: _, ...rest } = yield* readConfig(sys, dir)
  const config = { auths: {}, ...rest, ...(name === 'default' ? {} : { currentContext: name }) }
  yield* save(sys, `${dir}/config.json`, JSON.stringify(config, null, '\t'))
}
function check(name: string): void {
  if (name === '') throw new CliError('context name cannot be empty')
  if (name === 'default') throw new CliError('"default" is a reserved context name')
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name))
    throw new CliError(
      `context name ${JSON.stringify(name)} is invalid, names are validated against regexp "^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$"`,
    )
}
/** --docker's fields. */
function endpointOf(g: Parameters<Command>[2]): Record<string, string> {
  const text = g.value('docker')
  const fields = text === undefined ? [] : text.split(',')
  const given = pairs(fields)
  for (const key of Object.keys(given))
    if (!['host', 'from', 'ca', 'cert', 'key', 'skip-tls-verify'].includes(key))
      throw new CliError(`unrecognized config key: ${key}`)
  return given
}

const create: Command = function* (sys, _client, g) {
  const name = g.args[0] as string
  const dir = configDir(sys)
  check(name)
  const given = endpointOf(g)
  if (!isErr(yield* sys.stat(metaFile(dir, name)))) throw new CliError(`context ${JSON.stringify(name)} already exists`)
  const from = g.value('from') ?? given.from
  const base = from === undefined || from === 'default' ? yield* standard(sys) : yield* readContext(sys, dir, from)
  const meta: ContextMeta = {
    Name: name,
    Metadata: g.value('description') ? { Description: g.value('description') as string } : {},
    Endpoints: {
      docker: {
        Host: given.host ?? base.Endpoints.docker.Host,
        SkipTLSVerify: given['skip-tls-verify'] === 'true',
      },
    },
  }
  yield* save(sys, metaFile(dir, name), JSON.stringify(meta))
  yield* print(sys, `${name}\n`)
  yield* warn(sys, `Successfully created context ${JSON.stringify(name)}\n`)
  return 0
}
const update: Command = function* (sys, _client, g) {
  const name = g.args[0] as string
  const dir = configDir(sys)
  check(name)
  const old = yield* readContext(sys, dir, name)
  const given = endpointOf(g)
  const meta: ContextMeta = {
    ...old,
    Metadata: g.value('description') === undefined ? old.Metadata : { Description: g.value('description') as string },
    Endpoints: { docker: { ...old.Endpoints.docker, ...(given.host ? { Host: given.host } : {}) } },
  }
  yield* save(sys, metaFile(dir, name), JSON.stringify(meta))
  yield* print(sys, `${name}\n`)
  yield* warn(sys, `Successfully updated context ${JSON.stringify(name)}\n`)
  return 0
}
const ls: Command = function* (sys, client, g) {
  const own = yield* standard(sys)
  const Host = client.context === 'default' && client.host !== '' ? client.host : own.Endpoints.docker.Host
  const list = [
    { ...own, Endpoints: { docker: { ...own.Endpoints.docker, Host } } },
    ...(yield* stored(sys, configDir(sys))),
  ].sort((a, b) => (a.Name < b.Name ? -1 : 1))
  if (g.has('quiet')) {
    yield* print(sys, list.map((c) => `${c.Name}\n`).join(''))
    return 0
  }
  const rows = list.map((c) => ({
    Current: c.Name === client.context,
    Description: c.Name === 'default' ? 'Current DOCKER_HOST based configuration' : (c.Metadata.Description ?? ''),
    DockerEndpoint: c.Endpoints.docker.Host,
    Error: '',
    Name: c.Name,
  }))
  const format = g.value('format')
  const columns = [
    ['NAME', 'Name'],
    ['DESCRIPTION', 'Description'],
    ['DOCKER ENDPOINT', 'DockerEndpoint'],
    ['ERROR', 'Error'],
  ] as const
  if (format === undefined || format === '' || format === 'table')
    yield* printList(
      sys,
      undefined,
      columns,
      rows.map((r) => ({ ...r, Name: r.Current ? `${r.Name} *` : r.Name })),
    )
  else yield* printList(sys, format, columns, rows, {}, '*formatter.clientContextContext')
  if (variable(sys, 'DOCKER_HOST'))
    yield* warn(
      sys,
      'Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n',
    )
  return 0
}
const inspect: Command = function* (sys, client, g) {
  const dir = configDir(sys)
  const found: unknown[] = []
  const errors: string[] = []
  for (const name of g.args.length > 0 ? g.args : [client.context]) {
    try {
      const meta = name === 'default' ? yield* standard(sys) : yield* readContext(sys, dir, name)
      const place = metaFile(dir, name).replace(/\/meta\.json$/, '')
      found.push({
        ...meta,
        TLSMaterial: {},
        Storage:
          name === 'default'
            ? { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' }
            : { MetadataPath: place, TLSPath: place.replace('/meta/', '/tls/') },
      })
    } catch (e) {
      if (!(e instanceof CliError)) throw e
      errors.push(e.message)
    }
  }
  yield* printObjects(sys, g.value('format'), found)
  if (errors.length > 0) throw new CliError(errors.join('\n'))
  return 0
}
const rm: Command = function* (sys, client, g) {
  const dir = configDir(sys)
  const errors: string[] = []
  for (const name of g.args) {
    const file = metaFile(dir, name)
    if (name === 'default') errors.push('context "default" cannot be removed')
    else if (isErr(yield* sys.stat(file))) {
      if (!g.has('force')) errors.push(`context ${JSON.stringify(name)} does not exist`)
    } else if (client.context === name && !g.has('force'))
      errors.push(`context ${JSON.stringify(name)} is in use, set -f flag to force remove`)
    else {
      if (client.context === name) yield* choose(sys, dir, 'default')
      yield* sys.unlink(file)
      yield* sys.rmdir(file.replace(/\/meta\.json$/, ''))
      yield* print(sys, `${name}\n`)
    }
  }
  if (errors.length > 0) throw new CliError(errors.join('\n'))
  return 0
}
export const contextCommands: Readonly<Record<string, Command>> = {
  'context create': create,
  'context update': update,
  'context ls': ls,
  'context inspect': inspect,
  'context rm': rm,
  'context show': function* (sys, client) {
    yield* print(sys, `${client.context}\n`)
    return 0
  },
  'context use': function* (sys, _client, g) {
    const name = g.args[0] ?? ''
    const dir = configDir(sys)
    if (name !== 'default') yield* readContext(sys, dir, name)
    yield* choose(sys, dir, name)
    yield* print(sys, `${name}\n`)
    yield* warn(sys, `Current context is now ${JSON.stringify(name)}\n`)
    if (variable(sys, 'DOCKER_HOST') && name !== 'default')
      yield* warn(
        sys,
        'Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n',
      )
    return 0
  },
}

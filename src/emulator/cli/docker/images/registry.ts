/** docker push, login, logout and manifest inspect: what docker says to registries, with the credentials of ~/.docker/config.json. */
import { isErr } from '../../../base/errno.ts'
import { base64, RegistryClient, unbase64 } from '../../../engine/dockerd/distribution.ts'
import { ApiError } from '../../../engine/dockerd/state.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { parseReference, type Reference } from '../../../oci/reference.ts'
import { decode, print, readAll, readText, warn, writeAll } from '../../../userland/lib/io.ts'
import { CliError } from '../api.ts'
import type { Command } from '../invoke.ts'
import { jsonLines, transfer } from '../transfer.ts'
import { isTerminal } from './files.ts'

const HUB = 'https://index.docker.io/v1/'
interface ConfigFile {
  auths?: Record<string, { auth?: string }>
  [key: string]: unknown
}
const homeOf = (sys: Sys): string =>
  sys
    .environ()
    .find((e) => e.startsWith('HOME='))
    ?.slice(5) || '/root'
const configPath = (sys: Sys): string => {
  const given = sys.environ().find((e) => e.startsWith('DOCKER_CONFIG='))
  return `${given ? given.slice(14) : `${homeOf(sys)}/.docker`}/config.json`
}
function* readConfig(sys: Sys): Run<ConfigFile> {
  const text = yield* readText(sys, configPath(sys))
  if (isErr(text)) return {}
  try {
    return JSON.parse(text) as ConfigFile
  } catch {
    throw new CliError(`Error loading config file: ${configPath(sys)}: invalid character`)
  }
}
function* writeConfig(sys: Sys, config: ConfigFile): Run<void> {
  const path = configPath(sys)
  yield* sys.mkdir(path.replace(/\/[^/]*$/, ''), 0o700)
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) throw new CliError(`open ${path}: ${fd.text.toLowerCase()}`)
  yield* writeAll(sys, fd, new TextEncoder().encode(JSON.stringify(config, null, '\t')))
  yield* sys.close(fd)
}
const keyOf = (domain: string): string => (domain === 'docker.io' ? HUB : domain)
/** The stored credentials of a registry. */
function* credentialsOf(
  sys: Sys,
  domain: string,
): Run<{ username?: string; password?: string; serveraddress: string }> {
  const auth = (yield* readConfig(sys)).auths?.[keyOf(domain)]?.auth
  const plain = auth === undefined ? undefined : unbase64(auth)
  if (plain === undefined) return { serveraddress: keyOf(domain) }
  const at = plain.indexOf(':')
  return { username: plain.slice(0, at), password: plain.slice(at + 1), serveraddress: keyOf(domain) }
}

export const push: Command = function* (sys, client, g) {
  const ref = parseReference(g.args[0] as string)
  if ('error' in ref) throw new CliError(ref.error)
  const every = g.has('all-tags')
  if (every && (ref.tag !== undefined || ref.digest !== undefined))
    throw new CliError("tag can't be used with --all-tags/-a")
  const quiet = g.has('quiet')
  const name = `${ref.domain === 'docker.io' ? ref.path.replace(/^library\/(?!.*\/)/, '') : `${ref.domain}/${ref.path}`}`
  if (ref.tag === undefined && !every && !quiet) yield* print(sys, 'Using default tag: latest\n')
  const query = [
    ...(every ? [] : [`tag=${encodeURIComponent(ref.tag ?? 'latest')}`]),
    ...(g.value('platform') ? [`platform=${encodeURIComponent(g.value('platform') as string)}`] : []),
  ]
  const t = yield* transfer(sys, client, 'POST', `/images/${encodeURIComponent(name)}/push?${query.join('&')}`, {
    headers: { 'X-Registry-Auth': base64(JSON.stringify(yield* credentialsOf(sys, ref.domain))) },
  })
  let error: string | undefined
  let single: { originalIndex: { digest: string }; selectedManifest: { digest: string } } | undefined
  yield* jsonLines(sys, t, function* (line) {
    if (typeof line.error === 'string') error = line.error
    else if ((line.aux as { manifestPushedInsteadOfIndex?: boolean } | undefined)?.manifestPushedInsteadOfIndex)
      single = line.aux as NonNullable<typeof single>
    else if (typeof line.status === 'string' && !quiet)
      yield* print(sys, `${line.id ? `${line.id as string}: ` : ''}${line.status}\n`)
  })
  if (error !== undefined) throw new CliError(error)
  if (quiet) yield* print(sys, `${ref.domain}/${ref.path}${every ? '' : `:${ref.tag ?? 'latest'}`}\n`)
  if (single && !quiet)
    yield* print(
      sys,
      `\n Info -> Not all multiplatform-content is present and only the available single-platform image was pushed\n         ${single.originalIndex.digest} -> ${single.selectedManifest.digest}\n`,
    )
  return 0
}
const serverOf = (given: string | undefined): { readonly key: string; readonly shown: string } => {
  if (
    given === undefined ||
    /^(docker\.io|index\.docker\.io|registry-1\.docker\.io|https:\/\/index\.docker\.io\/v1\/)$/.test(given)
  )
    return { key: HUB, shown: HUB }
  const bare = given.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return { key: bare, shown: bare }
}
function* ask(sys: Sys, prompt: string, secret: boolean): Run<string> {
  yield* print(sys, prompt)
  const before = secret ? yield* sys.ioctl<Record<string, unknown>>(0, 'TCGETS') : undefined
  if (before && !isErr(before)) yield* sys.ioctl(0, 'TCSETS', { ...before, echo: false })
  let line = ''
  while (!line.endsWith('\n')) {
    const part = yield* sys.read(0, 256)
    if (isErr(part) || part.length === 0) break
    line += decode(part)
  }
  if (before && !isErr(before)) {
    yield* sys.ioctl(0, 'TCSETS', before)
    yield* print(sys, '\n')
  }
  return line.trim()
}
export const login: Command = function* (sys, client, g) {
  const { key } = serverOf(g.args[0])
  let username = g.value('username') ?? ''
  let password = g.value('password')
  if (password !== undefined) {
    if (g.has('password-stdin'))
      throw new CliError('conflicting options: cannot specify both --password and --password-stdin')
    yield* warn(sys, 'WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
  }
  if (g.has('password-stdin')) {
    if (username === '') throw new CliError('the --password-stdin option requires --username to be set')
    const bytes = yield* readAll(sys, 0)
    password = isErr(bytes) ? '' : decode(bytes).replace(/\r?\n$/, '')
  }
  if (username === '' || password === undefined) {
    if (!(yield* isTerminal(sys, 0)))
      throw new CliError('Error: Cannot perform an interactive login from a non TTY device')
    if (key === HUB && username === '')
      throw new CliError('zukan: not emulated: docker login by browser; give --username')
    if (username === '') username = yield* ask(sys, 'Username: ', false)
    password ??= yield* ask(sys, 'Password: ', true)
  }
  if (username === '') throw new CliError('Error: Non-null Username Required')
  if (password === '') throw new CliError('Error: Password Required')
  const answer = yield* client.json<{ Status: string }>('POST', '/auth', { username, password, serveraddress: key })
  const config = yield* readConfig(sys)
  config.auths = { ...config.auths, [key]: { auth: base64(`${username}:${password}`) } }
  yield* writeConfig(sys, config)
  yield* warn(
    sys,
    `\nWARNING! Your credentials are stored unencrypted in '${configPath(sys)}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
  )
  yield* print(sys, `${answer.Status}\n`)
  return 0
}
export const logout: Command = function* (sys, _client, g) {
  const { key, shown } = serverOf(g.args[0])
  const config = yield* readConfig(sys)
  yield* print(sys, `Removing login credentials for ${shown}\n`)
  if (!config.auths?.[key]) return 0
  const { [key]: _, ...rest } = config.auths
  yield* writeConfig(sys, { ...config, auths: rest })
  return 0
}
/** docker manifest inspect: this one asks the registry itself, not the daemon. */
export const manifestInspect: Command = function* (sys, _client, g) {
  const name = g.args.at(-1) as string
  if (g.args.length > 1 || g.has('verbose'))
    throw new CliError('zukan: not emulated: docker manifest inspect of a local list, or --verbose')
  const parsed = parseReference(name)
  if ('error' in parsed) throw new CliError(parsed.error)
  const ref: Reference = parsed.tag === undefined && parsed.digest === undefined ? { ...parsed, tag: 'latest' } : parsed
  const client = new RegistryClient(sys, ref, yield* credentialsOf(sys, ref.domain))
  try {
    const r = yield* client.request('GET', `/v2/${ref.path}/manifests/${ref.digest ?? ref.tag}`)
    if (r.status !== 200)
      throw new CliError(`no such manifest: ${ref.domain}/${ref.path}${ref.digest ? `@${ref.digest}` : `:${ref.tag}`}`)
    yield* print(sys, `${JSON.stringify(JSON.parse(decode(r.body)), null, '\t')}\n`)
    return 0
  } catch (e) {
    throw e instanceof ApiError ? new CliError(e.message) : e
  } finally {
    yield* client.close()
  }
}

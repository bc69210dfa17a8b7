/** login and logout of podman, buildah and skopeo: credentials in auth.json. */
import { isErr } from '../../base/errno.ts'
import { loadJson } from '../../engine/containers/files.ts'
import type { Registries } from '../../engine/containers/names.ts'
import type { Place } from '../../engine/containers/place.ts'
import { Problem } from '../../engine/containers/problem.ts'
import { authFile, DockerSource, loginOf, saveLogin } from '../../engine/containers/registry.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { decode, print } from '../../userland/lib/io.ts'
import type { Given } from '../flags.ts'

export interface LoginContext {
  readonly sys: Sys
  readonly place: Place
  registries(): Run<Registries>
}
const bare = (server: string): string => server.replace(/^https?:\/\//, '')

/** Asks at the terminal; a secret isn't echoed. */
function* ask(sys: Sys, prompt: string, secret: boolean): Run<string> {
  yield* print(sys, prompt)
  const state = secret ? yield* sys.ioctl<Record<string, unknown>>(0, 'TCGETS') : undefined
  if (state && !isErr(state)) yield* sys.ioctl(0, 'TCSETS', { ...state, echo: false })
  const bytes = yield* sys.read(0, 1024)
  if (state && !isErr(state)) {
    yield* sys.ioctl(0, 'TCSETS', state)
    yield* print(sys, '\n')
  }
  return isErr(bytes) ? '' : decode(bytes).trim()
}
export function* login(c: LoginContext, g: Given): Run<number> {
  const { sys, place } = c
  const server = bare(g.args[0] ?? 'docker.io')
  const file = g.value('authfile') ?? authFile(sys, place)
  if (g.has('get-login')) {
    const known = yield* loginOf(sys, file, server)
    if (known === undefined) throw new Problem(`not logged into ${server}`)
    yield* print(sys, `${known}\n`)
    return 0
  }
  let username = g.value('username')
  let password = g.value('password')
  if (g.has('password-stdin')) {
    if (password !== undefined) throw new Problem("Can't specify both --password-stdin and --password")
    if (username === undefined) throw new Problem('Must provide --username with --password-stdin')
    const bytes = yield* sys.read(0, 4096)
    password = isErr(bytes) ? '' : decode(bytes).replace(/\r?\n$/, '')
  }
  if (username === undefined || password === undefined) {
    if (isErr(yield* sys.ioctl(0, 'TCGETS'))) throw new Problem('getting username and password: reading username: EOF')
    username ??= yield* ask(sys, 'Username: ', false)
    password ??= yield* ask(sys, 'Password: ', true)
  }
  const tls = g.value('tls-verify')
  const source = new DockerSource(
    sys,
    { domain: server, path: 'library/none', tag: undefined, digest: undefined },
    {
      insecure: tls === undefined ? (yield* c.registries()).insecure.has(server) : tls === 'false',
      credentials: { username, password },
    },
  )
  try {
    yield* source.ping()
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    throw new Problem(
      /invalid username\/password/.test(e.message)
        ? `logging into ${JSON.stringify(server)}: invalid username/password`
        : `authenticating creds for ${JSON.stringify(server)}: ${e.message}`,
    )
  } finally {
    yield* source.close()
  }
  yield* saveLogin(sys, file, server, { username, password })
  yield* print(sys, 'Login Succeeded!\n')
  return 0
}
export function* logout(c: LoginContext, g: Given): Run<number> {
  const { sys, place } = c
  const file = g.value('authfile') ?? authFile(sys, place)
  if (g.has('all')) {
    const known = yield* loadJson<{ auths?: Record<string, unknown> }>(sys, file, {})
    for (const server of Object.keys(known.auths ?? {})) yield* saveLogin(sys, file, server, undefined)
    yield* print(sys, 'Removed login credentials for all registries\n')
    return 0
  }
  const server = bare(g.args[0] ?? 'docker.io')
  if ((yield* loginOf(sys, file, server)) === undefined) throw new Problem(`not logged into ${server}`)
  yield* saveLogin(sys, file, server, undefined)
  yield* print(sys, `Removed login credentials for ${server}\n`)
  return 0
}

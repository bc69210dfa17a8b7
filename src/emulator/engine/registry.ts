/** The programs of the simulated internet: Docker Hub with its token server, and a name server; and the registry that readers run themselves. */

import { utf8 } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { restarting } from '../kernel/linux/restart.ts'
import { catalogueBlobs, catalogueIndex, catalogueTags } from '../oci/catalogue/index.ts'
import { digestOf } from '../oci/digest.ts'
import {
  emptyStore,
  failure,
  handle,
  type RegistryRequest,
  type RegistryResponse,
  type RegistryStore,
} from '../oci/registry.ts'
import { decodeMessage, encodeResponse } from '../userland/lib/dns.ts'
import { HttpReader, sendResponse } from '../userland/lib/http.ts'
import { unbase64 } from './dockerd/distribution.ts'

/** Serves HTTP on a port, a thread a connection. Never returns but where the port is taken. */
export function* serveHttp(
  sys: Sys,
  port: number,
  answer: (t: Sys, request: RegistryRequest, from: string) => Run<RegistryResponse>,
): Run<number> {
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const failed = (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port })) ?? (yield* sys.listen(socket))
  if (failed) return 1
  for (;;) {
    const connection = yield* sys.accept(socket)
    if (isErr(connection)) continue
    sys.thread(function* (t) {
      const peer = yield* t.getpeername(connection)
      const from = isErr(peer) || peer.family !== 'inet' ? '' : `${peer.address}:${peer.port}`
      const reader = new HttpReader(t, connection)
      for (let request = yield* reader.request(); request; request = yield* reader.request()) {
        const r = yield* answer(t, request, from)
        yield* sendResponse(t, connection, r.status, r.headers, r.body, request.method === 'HEAD')
      }
      yield* t.close(connection)
    })
  }
}

/** Who may push to the simulated Docker Hub: below a name of their own. */
const accounts: Readonly<Record<string, string>> = { reader: 'zukan' }
/** The names that a token was given for: the scope that it carries, signed by the server's own digest. */
const sign = (claims: string): string => `${claims}.${digestOf(utf8(`hub ${claims}`)).slice(7, 39)}`
const verified = (token: string): string | undefined => {
  const claims = token.slice(0, token.lastIndexOf('.'))
  return sign(claims) === token ? claims : undefined
}
/** Distribution's token specification: GET /token with a scope, and credentials where there are any. */
function token(request: RegistryRequest): RegistryResponse {
  const query = new Map(
    (request.target.split('?')[1] ?? '').split('&').map((p) => {
      const [k = '', v = ''] = p.split('=')
      return [k, decodeURIComponent(v)]
    }),
  )
  const basic = /^Basic (.*)$/.exec(request.headers.authorization ?? '')?.[1]
  let user = ''
  if (basic !== undefined) {
    const [name = '', password] = (unbase64(basic) ?? '').split(':')
    if (!Object.hasOwn(accounts, name) || accounts[name] !== password)
      return failure(401, 'UNAUTHORIZED', 'incorrect username or password')
    user = name
  }
  const [, name = '', wanted = ''] = /^repository:([^:]+):(.*)$/.exec(query.get('scope') ?? '') ?? []
  const actions = wanted.split(',').filter((a) => a === 'pull' || (user !== '' && name.startsWith(`${user}/`)))
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: utf8(JSON.stringify({ token: sign(`${user}|${name}|${actions.join(',')}`), expires_in: 300 })),
  }
}
/** Repositories whose recipes come as parts. */
const partOf: Readonly<Record<string, string>> = {
  'library/debian': 'images/debian',
  'library/ubuntu': 'images/debian',
  'library/node': 'images/debian',
  'catthehacker/ubuntu': 'images/debian',
  'library/python': 'images/debian',
  'library/nginx': 'images/common',
  'library/redis': 'images/common',
  'library/postgres': 'images/common',
  'library/busybox': 'images/common',
  'library/hello-world': 'images/common',
  'library/registry': 'images/rare',
  'library/mysql': 'images/databases',
  'library/mariadb': 'images/databases',
  'library/wordpress': 'images/applications',
  'library/rabbitmq': 'images/applications',
  'jenkins/jenkins': 'images/applications',
  'registry.k8s.io/pause': 'images/kubernetes',
  'mcr.microsoft.com/windows/nanoserver': 'images/windows',
  'mcr.microsoft.com/windows/servercore': 'images/windows',
  'mcr.microsoft.com/windows/servercore/iis': 'images/windows',
}
/** A store over the catalogue; other registries than Docker Hub have their names before those of the repositories. */
const seeded = (host: string): RegistryStore =>
  emptyStore({
    blobs: catalogueBlobs,
    index: (repository, tag) => catalogueIndex(host + repository, tag)?.digest,
    tags: (repository) => catalogueTags(host + repository),
    repositories: () => [],
  })
/**
 * registry PORT: Docker Hub, Microsoft's registry and Kubernetes', with the catalogue's images. Encryption isn't emulated: what is https outside
 * is plain here.
 */
function hub(sys: Sys, port: number): Run<number> {
  /** The registries' stores by host, opened with the first request; Docker Hub's has no host. */
  const stores = new Map<string, RegistryStore>()
  return serveHttp(sys, port, function* (t, request) {
    if (stores.size === 0)
      for (const host of ['', 'mcr.microsoft.com', 'registry.k8s.io']) stores.set(host, seeded(host && `${host}/`))
    const path = request.target.split('?')[0] as string
    if (path === '/token') return token(request)
    const [, name = ''] = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path) ?? []
    const host = request.headers.host ?? ''
    const other = host === '' ? undefined : stores.get(host)
    const part = partOf[(other ? `${host}/` : '') + name]
    if (part !== undefined) yield* (yield* t.part(part))(t, [])
    const reading = request.method === 'GET' || request.method === 'HEAD'
    // Microsoft's registry and Kubernetes' let everybody read, without a token.
    if (other)
      return reading
        ? yield* restarting(() => handle(other, request))
        : failure(405, 'UNSUPPORTED', 'The operation is unsupported.')
    const claims = verified((request.headers.authorization ?? '').replace(/^Bearer /, ''))
    const actions = reading ? ['pull'] : ['pull', 'push']
    const [, granted, given = ''] = claims?.split('|') ?? []
    const allowed =
      claims !== undefined &&
      (name === '' ? path !== '/v2/_catalog' : granted === name && actions.every((a) => given.split(',').includes(a)))
    const store = stores.get('')
    if (allowed && store) return yield* restarting(() => handle(store, request))
    const scope = name === '' ? '' : `,scope="repository:${name}:${actions.join(',')}"`
    const refused = failure(401, 'UNAUTHORIZED', 'authentication required', null)
    return {
      ...refused,
      headers: {
        ...refused.headers,
        'WWW-Authenticate': `Bearer realm="https://auth.docker.io/token",service="registry.docker.io"${scope}${claims !== undefined && name !== '' ? ',error="insufficient_scope"' : ''}`,
      },
    }
  })
}
export const registry: Program = function* (sys, argv) {
  // The registry that readers run themselves is a program of another part.
  if (argv[1] === 'serve') return yield* (yield* sys.part('registry/own'))(sys, argv)
  return yield* hub(sys, Number(argv[1] ?? 443))
}

/** dns NAME=ADDRESS...: answers for those names, and for no others. */
export const nameServer: Program = function* (sys, argv) {
  const zone = new Map(argv.slice(1).map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)]))
  const fd = yield* sys.socket('inet', 'dgram')
  if (isErr(fd)) return 1
  yield* sys.bind(fd, { family: 'inet', address: '0.0.0.0', port: 53 })
  for (;;) {
    const got = yield* sys.recvfrom(fd, 512)
    if (isErr(got)) continue
    const query = decodeMessage(got.bytes)
    if (!query) continue
    const address = zone.get(query.name)
    yield* sys.sendto(fd, encodeResponse(query, address ? [address] : [], address ? 0 : 3), got.from)
  }
}

/** The docker:// transport: a registry asked by the distribution API, with the words that containers/image has for failures. */
import { text } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { type Digest, digestOf } from '../../oci/digest.ts'
import type { Reference } from '../../oci/reference.ts'
import type { HttpResponse } from '../../userland/lib/http.ts'
import {
  base64,
  type Credentials,
  errorText,
  hostOf,
  isLocal,
  RegistryClient,
  unbase64,
} from '../dockerd/distribution.ts'
import { ApiError } from '../dockerd/state.ts'
import { loadJson, makeFolders, parentOf, saveJson } from './files.ts'
import type { Registries } from './names.ts'
import { type Place, variable } from './place.ts'
import { Problem } from './problem.ts'

/** auth.json, containers-auth.json(5): where logins are kept. */
export const authFile = (sys: Sys, place: Place): string =>
  variable(sys, 'REGISTRY_AUTH_FILE') ??
  (place.rootless ? `${place.runtimeDir}/containers/auth.json` : '/run/containers/0/auth.json')
interface AuthFile {
  auths?: Record<string, { auth: string }>
}
export function* credentialsFor(sys: Sys, file: string, domain: string): Run<Credentials> {
  const auth = (yield* loadJson<AuthFile>(sys, file, {})).auths?.[domain]?.auth
  const pair = auth === undefined ? undefined : unbase64(auth)
  if (pair === undefined) return {}
  const at = pair.indexOf(':')
  return { username: pair.slice(0, at), password: pair.slice(at + 1) }
}
/** Who is logged in to a registry; undefined: nobody. */
export function* loginOf(sys: Sys, file: string, domain: string): Run<string | undefined> {
  return (yield* credentialsFor(sys, file, domain)).username
}
export function* saveLogin(sys: Sys, file: string, domain: string, c: Credentials | undefined): Run<void> {
  const known = yield* loadJson<AuthFile>(sys, file, {})
  const { [domain]: _, ...rest } = known.auths ?? {}
  yield* makeFolders(sys, parentOf(file), 0o700)
  yield* saveJson(sys, file, {
    auths: c === undefined ? rest : { ...rest, [domain]: { auth: base64(`${c.username}:${c.password}`) } },
  })
}

export interface DockerOptions {
  /** --tls-verify=false, or `insecure = true` in registries.conf: plain http will do. */
  readonly insecure?: boolean
  readonly credentials?: Credentials
}
/** How a registry is to be spoken to: by what the command line says, else by registries.conf and auth.json. */
export function* dockerOptions(
  sys: Sys,
  place: Place,
  r: Registries,
  domain: string,
  given: {
    readonly tlsVerify?: boolean | undefined
    readonly creds?: string | undefined
    readonly authfile?: string | undefined
  },
): Run<DockerOptions> {
  const insecure = given.tlsVerify === undefined ? r.insecure.has(domain) : !given.tlsVerify
  if (given.creds === undefined)
    return { insecure, credentials: yield* credentialsFor(sys, given.authfile ?? authFile(sys, place), domain) }
  const at = given.creds.indexOf(':')
  return {
    insecure,
    credentials: {
      username: at < 0 ? given.creds : given.creds.slice(0, at),
      password: at < 0 ? '' : given.creds.slice(at + 1),
    },
  }
}

/** One repository of a registry. Each method throws Problem with the registry's words behind what was tried. */
export class DockerSource {
  readonly ref: Reference
  readonly #client: RegistryClient
  readonly #insecure: boolean
  constructor(sys: Sys, ref: Reference, o: DockerOptions = {}) {
    this.ref = ref
    this.#client = new RegistryClient(sys, ref, o.credentials)
    this.#insecure = o.insecure ?? false
  }
  get #base(): string {
    return `/v2/${this.ref.path}`
  }
  get shown(): string {
    return `${this.ref.domain}/${this.ref.path}`
  }
  *#request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Uint8Array,
  ): Run<HttpResponse> {
    const host = this.ref.domain === 'docker.io' ? hostOf(this.ref.domain) : this.ref.domain
    const url = `https://${host}/v2/`
    // Registries on the machine itself speak http, which is only taken where somebody said so.
    if (isLocal(this.ref.domain) && !this.#insecure)
      throw new Problem(
        `pinging container registry ${host}: Get "${url}": http: server gave HTTP response to HTTPS client`,
      )
    try {
      return yield* this.#client.request(method, path, headers, body)
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      if (e.status === 401) throw new Problem(`unable to retrieve auth token: invalid username/password: ${e.message}`)
      const dial = /dial tcp .*$/.exec(e.message)?.[0] ?? e.message
      throw new Problem(
        `pinging container registry ${host}: Get "${isLocal(this.ref.domain) ? url.replace('https', 'http') : url}": ${dial.replace(/: no such host$/, ' on 10.0.0.2:53: no such host').replace(/^dial tcp: lookup/, 'dial tcp: lookup')}`,
      )
    }
  }
  /** What is wrong, in the words of docker/distribution's client. */
  #why(r: HttpResponse): string {
    if (r.status === 401 || r.status === 403)
      return this.ref.domain === 'docker.io'
        ? 'requested access to the resource is denied'
        : 'unauthorized: authentication required'
    return errorText(r)
  }
  *ping(): Run<void> {
    const r = yield* this.#request('GET', '/v2/')
    if (r.status === 401) throw new Problem('invalid username/password')
    if (r.status !== 200) throw new Problem(this.#why(r))
  }
  /** A manifest or index by tag or digest. */
  *manifest(which?: string): Run<{ readonly bytes: Uint8Array; readonly mediaType: string; readonly digest: Digest }> {
    const name = which ?? this.ref.digest ?? this.ref.tag ?? 'latest'
    const r = yield* this.#request('GET', `${this.#base}/manifests/${name}`)
    if (r.status !== 200) throw new Problem(`reading manifest ${name} in ${this.shown}: ${this.#why(r)}`)
    const digest = digestOf(r.body)
    if (/^sha256:/.test(name) && digest !== name)
      throw new Problem(`Manifest does not match provided manifest digest ${name}`)
    return { bytes: r.body, mediaType: r.headers['content-type'] ?? '', digest }
  }
  *blob(digest: string): Run<Uint8Array> {
    const r = yield* this.#request('GET', `${this.#base}/blobs/${digest}`)
    if (r.status !== 200) throw new Problem(`parsing image configuration: fetching blob: ${this.#why(r)}`)
    if (digestOf(r.body) !== digest)
      throw new Problem(`Digest did not match, expected ${digest}, got ${digestOf(r.body)}`)
    return r.body
  }
  *tags(): Run<string[]> {
    const r = yield* this.#request('GET', `${this.#base}/tags/list`)
    if (r.status !== 200) throw new Problem(`fetching tags list: ${this.#why(r)}`)
    return [...((JSON.parse(text(r.body)) as { tags?: string[] | null }).tags ?? [])]
  }
  *has(digest: string): Run<boolean> {
    return (yield* this.#request('HEAD', `${this.#base}/blobs/${digest}`)).status === 200
  }
  *putBlob(digest: string, bytes: Uint8Array): Run<void> {
    const begun = yield* this.#request('POST', `${this.#base}/blobs/uploads/`)
    const failed = (r: HttpResponse): Problem =>
      new Problem(
        `writing blob: initiating layer upload to ${this.#base}/blobs/uploads/ in ${hostOf(this.ref.domain)}: ${this.#why(r)}`,
      )
    if (begun.status !== 202) throw failed(begun)
    const location = (begun.headers.location ?? '').replace(/^https?:\/\/[^/]+/, '')
    const put = yield* this.#request(
      'PUT',
      `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`,
      { 'Content-Type': 'application/octet-stream' },
      bytes,
    )
    if (put.status !== 201) throw failed(put)
  }
  *putManifest(name: string, mediaType: string, bytes: Uint8Array): Run<void> {
    const r = yield* this.#request('PUT', `${this.#base}/manifests/${name}`, { 'Content-Type': mediaType }, bytes)
    if (r.status !== 201)
      throw new Problem(`writing manifest: uploading manifest ${name} to ${this.shown}: ${this.#why(r)}`)
  }
  /** Deletes what a tag stands for. */
  *delete(): Run<void> {
    const { digest } = yield* this.manifest()
    const r = yield* this.#request('DELETE', `${this.#base}/manifests/${digest}`)
    if (r.status !== 202) throw new Problem(`deleting ${this.shown}: ${this.#why(r)}`)
  }
  close(): Run<void> {
    return this.#client.close()
  }
}

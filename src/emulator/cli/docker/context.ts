/** Which daemon the docker command talks to: flags, environment, or a stored context. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import { encode, readText } from '../../userland/lib/io.ts'
import { CliError } from './api.ts'

export const variable = (sys: Sys, name: string): string | undefined =>
  sys
    .environ()
    .find((e) => e.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** The daemon's usual address: a socket, or a pipe where the client runs on Windows. */
export function* defaultHost(sys: Sys): Run<string> {
  return (yield* sys.uname()).sysname === 'Windows_NT'
    ? 'npipe:////./pipe/docker_engine'
    : 'unix:///var/run/docker.sock'
}
/** ~/.docker, or what --config and DOCKER_CONFIG say. */
export const configDir = (sys: Sys, given?: string): string =>
  given ?? variable(sys, 'DOCKER_CONFIG') ?? `${variable(sys, 'HOME') ?? '/root'}/.docker`
/** Where a context's description lies. */
export const metaFile = (dir: string, name: string): string =>
  `${dir}/contexts/meta/${digestOf(encode(name)).slice(7)}/meta.json`
/** config.json's content; {} where there is none. */
export function* readConfig(sys: Sys, dir: string): Run<Record<string, unknown>> {
  const text = yield* readText(sys, `${dir}/config.json`)
  if (isErr(text)) return {}
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
export interface ContextMeta {
  readonly Name: string
  readonly Metadata: { readonly Description?: string }
  readonly Endpoints: { readonly docker: { readonly Host: string; readonly SkipTLSVerify: boolean } }
}
export function* readContext(sys: Sys, dir: string, name: string): Run<ContextMeta> {
  const file = metaFile(dir, name)
  const text = yield* readText(sys, file)
  if (isErr(text))
    throw new CliError(`context ${JSON.stringify(name)}: context not found: open ${file}: ${text.text.toLowerCase()}`)
  return JSON.parse(text) as ContextMeta
}
/** A -H value written out: a name alone is a machine of the net; docker/cli opts ParseHost. */
function hostOf(text: string): string {
  if (!text.includes('://')) return hostOf(`tcp://${text}`)
  if (!text.startsWith('tcp://')) return text
  const [name = '', port = ''] = text.slice(6).split(':')
  return `tcp://${name || 'localhost'}:${port || '2375'}`
}
/** The context in use and its daemon's address. */
export function* endpoint(
  sys: Sys,
  o: {
    readonly host?: string | undefined
    readonly context?: string | undefined
    readonly config?: string | undefined
  },
): Run<{ readonly context: string; readonly host: string }> {
  const dir = configDir(sys, o.config)
  const host = o.host ?? (o.context === undefined ? variable(sys, 'DOCKER_HOST') : undefined)
  if (host) return { context: 'default', host: hostOf(host) }
  const named = o.context || variable(sys, 'DOCKER_CONTEXT')
  const context = named || String((yield* readConfig(sys, dir)).currentContext ?? 'default')
  if (context === 'default' || context === '') return { context: 'default', host: yield* defaultHost(sys) }
  return { context, host: (yield* readContext(sys, dir, context)).Endpoints.docker.Host }
}

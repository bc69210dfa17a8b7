/** What crictl's commands share: the endpoint, its documents as files, and how they print. */
import { isErr } from '../../base/errno.ts'
import { IMAGE, RUNTIME } from '../../engine/cri/names.ts'
import { callRpc } from '../../engine/rpc.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { humanDuration } from '../../oci/units.ts'
import { print, readText } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { templates } from '../docker/templates.ts'
import type { Given } from '../flags.ts'
import { log } from '../logrus.ts'
import { ToolError, tabs } from '../urfave.ts'
import { parseYaml } from '../yaml.ts'

export interface Context {
  readonly sys: Sys
  readonly runtime: string
  readonly image: string
}
export interface PodInfo {
  readonly id: string
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace: string
    readonly attempt: number
  }
  readonly state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY'
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly runtimeHandler: string
}
export interface ContainerInfo {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata: { readonly name: string; readonly attempt: number }
  readonly image: { readonly image: string }
  readonly imageRef: string
  readonly state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN'
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
}
const socketOf = (endpoint: string): string => endpoint.replace(/^unix:\/\//, '')
/** One call of the runtime service; what it refuses is thrown. */
export function* runtime<T = unknown>(c: Context, method: string, params: object = {}): Run<T> {
  return yield* call<T>(c, c.runtime, `${RUNTIME}/${method}`, params)
}
export function* imageService<T = unknown>(c: Context, method: string, params: object = {}): Run<T> {
  return yield* call<T>(c, c.image, `${IMAGE}/${method}`, params)
}
/** Who answers at an endpoint, as pictures name it. */
const serverAt = (path: string): string => (path.includes('crio') ? 'crio' : 'containerd')
function* call<T>(c: Context, endpoint: string, method: string, params: object): Run<T> {
  const path = socketOf(endpoint)
  const there = yield* c.sys.stat(path)
  const refused = isErr(there)
    ? `no such file or directory`
    : yield* (function* (): Run<string | undefined> {
        const fd = yield* c.sys.socket('unix', 'stream')
        if (isErr(fd)) return fd.text
        const failed = yield* c.sys.connect(fd, { family: 'unix', path })
        yield* c.sys.close(fd)
        return failed?.text.toLowerCase()
      })()
  if (refused !== undefined)
    throw new ToolError(
      `validate service connection: validate CRI v1 runtime API for endpoint "unix://${path}": rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: ${refused}"`,
    )
  const r = yield* callRpc<T>(c.sys, path, serverAt(path), method, params as Record<string, unknown>)
  if (!r.ok) throw new ToolError(r.error)
  return r.result
}
/** Adds what was tried before what went wrong. */
export function* trying<T>(what: string, body: () => Run<T>): Run<T> {
  try {
    return yield* body()
  } catch (e) {
    throw e instanceof ToolError && !e.message.startsWith('zukan:') && e.message !== ''
      ? new ToolError(`${what}: ${e.message}`, e.code)
      : e
  }
}

/** /etc/crictl.yaml, or the file of --config: flags and variables go before it. */
export function* begin(sys: Sys, g: Given): Run<Context> {
  const env = new Map(sys.environ().map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)]))
  const file = g.value('config') ?? env.get('CRI_CONFIG_FILE') ?? '/etc/crictl.yaml'
  const bytes = yield* readText(sys, file)
  if (isErr(bytes) && g.value('config') !== undefined)
    throw new ToolError(`load config file: read config file: open ${file}: no such file or directory`)
  const config = isErr(bytes) ? {} : (read(bytes) as Readonly<Record<string, unknown>> | null)
  const set = (name: string, variable: string): string | undefined => {
    const given = g.value(name) ?? env.get(variable)
    const there = config?.[name]
    return given ?? (typeof there === 'string' && there !== '' ? there : undefined)
  }
  let endpoint = set('runtime-endpoint', 'CONTAINER_RUNTIME_ENDPOINT')
  if (endpoint === '') throw new ToolError('--runtime-endpoint is not set')
  if (endpoint === undefined) {
    const defaults = [
      'unix:///run/containerd/containerd.sock',
      'unix:///run/crio/crio.sock',
      'unix:///var/run/cri-dockerd.sock',
    ]
    yield* log(
      sys,
      'warning',
      `runtime connect using default endpoints: [${defaults.join(' ')}]. As the default settings are now deprecated, you should set the endpoint instead.`,
    )
    endpoint = defaults[0] as string
    for (const d of defaults)
      if (!isErr(yield* sys.stat(socketOf(d)))) {
        endpoint = d
        break
      }
  }
  return { sys, runtime: endpoint, image: set('image-endpoint', 'IMAGE_SERVICE_ENDPOINT') ?? endpoint }
}
/** A YAML or JSON text as a value; a ToolError where it is neither. */
function read(source: string): unknown {
  const r = parseYaml(source)
  if ('error' in r) throw new ToolError(r.error)
  return r.value
}

/** A document of a file, as crictl reads configurations. */
export function* fileConfig(sys: Sys, path: string): Run<unknown> {
  const source = yield* readText(sys, path)
  if (isErr(source))
    throw new ToolError(
      source.name === 'ENOENT' ? `config at ${path} not found` : `open ${path}: ${source.text.toLowerCase()}`,
    )
  return read(source)
}
export const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 13)
export const printTable = (sys: Sys, rows: readonly (readonly string[])[]): Run<unknown> =>
  print(sys, tabs(rows, 3, 20, false))
export const ago = (now: number, then: number): string => `${humanDuration(now - then)} ago`
/** RFC 3339 with nanoseconds, as Go's RFC3339Nano: without zeros at the end. */
export const time = (ns: number): string =>
  ns === 0 ? '0001-01-01T00:00:00Z' : `${strftime('%FT%T.%N', ns).replace(/\.?0+$/, '')}Z`

/** A status by --output: json, yaml, or a template over the JSON. */
export function* printStatus(sys: Sys, g: Given, value: unknown): Run<void> {
  const format = g.value('output') || 'json'
  if (format === 'json') {
    yield* print(sys, `${JSON.stringify(value, null, 2)}\n`)
    return
  }
  if (format !== 'go-template')
    throw new ToolError(
      format === 'yaml' || format === 'table'
        ? `zukan: not emulated: crictl --output ${format}`
        : `unsupported format: ${JSON.stringify(format)}`,
    )
  const { parseTemplate, execute } = yield* templates(sys)
  const template = parseTemplate(g.value('template') ?? '')
  if ('error' in template) throw new ToolError(`execute template: ${template.error}`)
  const out = execute(template, value)
  if (typeof out !== 'string') throw new ToolError(`execute template: ${out.error}`)
  yield* print(sys, `${out}\n`)
}
/** What `-q` and `-o json` print of a list; false where its table is wanted. */
export function* printedOtherwise(
  sys: Sys,
  g: Given,
  list: readonly { readonly id: string }[],
  document: () => object,
): Run<boolean> {
  if (g.has('quiet')) {
    yield* print(sys, list.map((x) => `${x.id}\n`).join(''))
    return true
  }
  const output = g.value('output')
  if (output === undefined || output === 'table') return false
  if (output !== 'json')
    throw new ToolError(
      output === 'yaml'
        ? 'zukan: not emulated: crictl --output yaml'
        : `unsupported output format ${JSON.stringify(output)}`,
    )
  yield* print(sys, `${JSON.stringify(document(), null, 2)}\n`)
  return true
}

/** The docker command's side of the Engine API: requests over the daemon's socket. */
import { text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { ours } from '../../oci/own.ts'
import { dial } from '../../userland/lib/dial.ts'
import { type Headers, HttpReader, sendRequest } from '../../userland/lib/http.ts'
import { readText } from '../../userland/lib/io.ts'

/** A failure that the user is told, with the exit code. */
export class CliError {
  readonly message: string
  readonly code: number
  /** Said as it is, without the command's name before it. */
  readonly plain: boolean
  constructor(message: string, code = 1, plain = message.startsWith('zukan:')) {
    this.message = message
    this.code = code
    this.plain = plain
  }
}
/** What can go wrong with a container's first process, as an exit code: 127 no such program, 126 it can't be run, 125 all else. */
export const startCode = (message: string): number =>
  /executable file not found|no such file or directory/.test(message)
    ? 127
    : /permission denied|is a directory|exec format error/.test(message)
      ? 126
      : 125
const BASE = '/v1.55'

export class Client {
  readonly sys: Sys
  readonly host: string
  /** The name of the context that the host comes from. */
  readonly context: string
  constructor(sys: Sys, host: string, context = 'default') {
    this.sys = sys
    this.host = host
    this.context = context
  }
  get path(): string {
    return this.host.replace(/^unix:\/\//, '').replace(/^npipe:\/\/\/\/\.\/pipe/, '/Device/NamedPipe')
  }
  /** Opens a connection for a request, which the complaint about an unknown name tells. */
  *connect(method = 'GET', path = '/_ping'): Run<Fd> {
    const away = `Cannot connect to the Docker daemon at ${this.host}. Is the docker daemon running?`
    if (this.host.startsWith('tcp://')) {
      const [name = '', port = '2375'] = this.host.slice(6).split(':')
      const fd = yield* dial(this.sys, name, Number(port))
      if (typeof fd === 'number') return fd
      if (fd.error === 'name') {
        const conf = yield* readText(this.sys, '/etc/resolv.conf')
        const server = isErr(conf) ? undefined : /^nameserver\s+(\S+)/m.exec(conf)?.[1]
        const verb = method[0] + method.slice(1).toLowerCase()
        const why = `lookup ${name}${server ? ` on ${server}:53` : ''}: no such host`
        throw new CliError(`error during connect: ${verb} "http://${name}:${port}${BASE}${path}": dial tcp: ${why}`)
      }
      throw new CliError(away)
    }
    const pipe = /^npipe:\/\/(\/\/\.\/pipe\/.+)$/.exec(this.host)?.[1]
    if (!pipe && !this.host.startsWith('unix://')) throw new CliError(`zukan: not emulated: docker -H ${this.host}`)
    const fd = yield* this.sys.socket('unix', 'stream')
    if (isErr(fd)) throw new CliError(fd.text)
    const failed = yield* this.sys.connect(fd, { family: 'unix', path: this.path })
    if (!failed) return fd
    yield* this.sys.close(fd)
    if (failed.name === 'EACCES')
      throw new CliError(`permission denied while trying to connect to the docker API at ${this.host}`)
    if (pipe)
      throw new CliError(
        `failed to connect to the docker API at ${this.host}; check if the path is correct and if the daemon is running: open ${pipe}: The system cannot find the file specified.`,
      )
    throw new CliError(away)
  }
  /** One request and its JSON answer; an error of the daemon's is thrown in its words. */
  *json<T = unknown>(method: string, path: string, body?: unknown): Run<T> {
    const fd = yield* this.connect(method, path)
    const document = body === undefined ? undefined : ours(JSON.stringify(body))
    this.sys.traceMark('api', 'dockerd', `${method} ${BASE}${path}`, document)
    yield* sendRequest(
      this.sys,
      fd,
      method,
      BASE + path,
      {
        Host: 'api.moby.localhost',
        'User-Agent': 'Docker-Client/29.7.2 (linux)',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      document === undefined ? undefined : utf8(document),
    )
    const response = yield* new HttpReader(this.sys, fd).response(method)
    yield* this.sys.close(fd)
    if (!response)
      throw new CliError(
        `error during connect: ${method} "http://${this.path.replace(/\//g, '%2F')}${BASE}${path}": EOF`,
      )
    if (response.status >= 400) throw daemonError(text(response.body), response.status)
    return (response.body.length > 0 ? JSON.parse(text(response.body)) : undefined) as T
  }
  /** A request whose answer is a stream of JSON lines. */
  *lines(method: string, path: string, each: (line: Record<string, unknown>) => Run<void>): Run<void> {
    const { fd, reader, headers } = yield* this.stream(method, path)
    let rest = ''
    for (let part = yield* reader.piece(headers); part; part = yield* reader.piece(headers)) {
      rest += text(part)
      for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
        const line = rest.slice(0, at).trim()
        rest = rest.slice(at + 1)
        if (line) yield* each(JSON.parse(line) as Record<string, unknown>)
      }
    }
    yield* this.sys.close(fd)
  }
  /** Begins a streamed answer; with `upgrade` the connection is taken over. */
  *stream(
    method: string,
    path: string,
    body?: unknown,
    upgrade = false,
  ): Run<{ readonly fd: Fd; readonly reader: HttpReader; readonly headers: Headers }> {
    const fd = yield* this.connect(method, path)
    const document = body === undefined ? undefined : ours(JSON.stringify(body))
    this.sys.traceMark('api', 'dockerd', `${method} ${BASE}${path}`, document)
    yield* sendRequest(
      this.sys,
      fd,
      method,
      BASE + path,
      {
        Host: 'api.moby.localhost',
        'User-Agent': 'Docker-Client/29.7.2 (linux)',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(upgrade ? { Connection: 'Upgrade', Upgrade: 'tcp' } : {}),
      },
      document === undefined ? undefined : utf8(document),
    )
    const reader = new HttpReader(this.sys, fd)
    const head = yield* reader.responseHead()
    if (!head) throw new CliError('error during connect: EOF')
    if (head.status >= 400) {
      let all = ''
      if (head.headers['content-length']) {
        while (all.length < Number(head.headers['content-length'])) {
          const part = yield* reader.piece({})
          if (!part) break
          all += text(part)
        }
      }
      yield* this.sys.close(fd)
      throw daemonError(all, head.status)
    }
    return { fd, reader, headers: head.headers }
  }
}
function daemonError(body: string, status: number): CliError & { readonly status: number } {
  let message = body.trim()
  try {
    message = (JSON.parse(body) as { message?: string }).message ?? message
  } catch {
    // Not JSON: the text itself is the message.
  }
  return Object.assign(new CliError(`Error response from daemon: ${message}`), { status })
}
export const query = (params: Readonly<Record<string, string | number | boolean | undefined>>): string => {
  const parts = Object.entries(params)
    .filter(([, v]) => v !== undefined && v !== '' && v !== false)
    .map(([k, v]) => `${k}=${encodeURIComponent(v === true ? '1' : String(v))}`)
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

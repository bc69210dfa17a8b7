/**
 * com.docker.backend: Docker Desktop's part on the desktop. It offers the engine's API where clients look for it (a named pipe, a socket
 * in the user's home), carries each connection into the virtual machine where dockerd runs, names the desktop's folders as the machine
 * sees them, and opens published ports on the desktop.
 */
import { text, utf8 } from '../base/bytes.ts'
import { isErr } from '../base/errno.ts'
import type { Fd, Program, Run, Sys } from '../kernel/linux/abi.ts'
import { HttpReader, sendRequest } from '../userland/lib/http.ts'
import { decode, LineReader, unbinary, write, writeAll } from '../userland/lib/io.ts'
import { bridge } from './bridge.ts'
import { dockerProxy } from './proxy.ts'

/** Where the guest's vsudd waits for the engine's API, and the desktop for ports to open. */
export const ENGINE_PORT = 2376
export const EXPOSE_PORT = 62373

/** How a folder of the desktop is called in the machine; undefined where it isn't shared. */
export type FolderName = (path: string) => string | undefined

/** The host's end of the Windows drives in the machine: C:\Users\x as /run/desktop/mnt/host/c/Users/x. */
export const windowsFolders =
  (mount: string): FolderName =>
  (path) => {
    const m = /^([A-Za-z]):[\\/]?(.*)$/.exec(path)
    return m ? `${mount}/${(m[1] as string).toLowerCase()}/${(m[2] ?? '').replace(/\\/g, '/')}` : undefined
  }

/** A source of -v with its drive letter, and the rest behind the colon. */
export function splitBind(bind: string): readonly [source: string, rest: string] {
  const at = bind.indexOf(':', /^[A-Za-z]:[\\/]/.test(bind) ? 2 : 0)
  return at < 0 ? [bind, ''] : [bind.slice(0, at), bind.slice(at)]
}

/** Names the folders of a container's HostConfig as the machine sees them. */
function translated(body: Uint8Array, folder: FolderName): Uint8Array {
  const document = JSON.parse(text(body)) as {
    HostConfig?: { Binds?: string[]; Mounts?: { Type: string; Source?: string }[] }
  }
  const h = document.HostConfig
  if (!h) return body
  if (h.Binds)
    h.Binds = h.Binds.map((b) => {
      const [source, rest] = splitBind(b)
      return `${folder(source) ?? source}${rest}`
    })
  for (const m of h.Mounts ?? []) if (m.Type === 'bind' && m.Source) m.Source = folder(m.Source) ?? m.Source
  return utf8(JSON.stringify(document))
}

/** Serves the engine's API at a path of the desktop by a machine's vsock; returns when its socket is shut down. */
export function* serveEngine(
  sys: Sys,
  path: string,
  o: {
    readonly cid: () => number
    readonly folder: FolderName
    readonly hop: string
    /** Another daemon of the desktop's that answers for now, by the path of its pipe. */
    readonly instead?: () => string | undefined
    /** Told of the listening socket: shut down, the service ends. */
    readonly opened?: (socket: Fd) => void
  },
): Run<void> {
  yield* sys.unlink(path)
  const socket = yield* sys.socket('unix', 'stream')
  if (isErr(socket)) return
  if ((yield* sys.bind(socket, { family: 'unix', path })) ?? (yield* sys.listen(socket))) return
  o.opened?.(socket)
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) {
      if (client.name === 'EINTR') continue
      return
    }
    sys.thread(function* (t) {
      const other = o.instead?.()
      if (other !== undefined) {
        const own = yield* t.socket('unix', 'stream')
        if (!isErr(own) && !(yield* t.connect(own, { family: 'unix', path: other }))) yield* bridge(t, client, own)
        else yield* t.close(client)
        return
      }
      const guest = yield* connectVsock(t, o.cid(), ENGINE_PORT)
      if (guest === undefined) {
        yield* t.close(client)
        return
      }
      const reader = new HttpReader(t, client)
      const request = yield* reader.request()
      if (request) {
        t.traceMark('api', 'dockerd', `${request.method} ${request.target} (${o.hop})`)
        const create = request.method === 'POST' && /\/containers\/create(\?|$)/.test(request.target)
        const body = create ? translated(request.body, o.folder) : request.body
        const { 'content-length': _, ...headers } = request.headers
        yield* sendRequest(t, guest, request.method, request.target, headers, body.length > 0 ? body : undefined)
        const rest = reader.takeRest()
        if (rest.length > 0) yield* writeAll(t, guest, rest)
        yield* bridge(t, client, guest)
        return
      }
      yield* t.close(client)
      yield* t.close(guest)
    })
  }
}
/** Waits until a machine whose engine answers is there no more: a connection that says nothing stays open as long as the machine runs. */
export function* awaitLoss(sys: Sys, cid: number): Run<void> {
  for (;;) {
    const fd = yield* connectVsock(sys, cid, ENGINE_PORT)
    if (fd === undefined) return
    const part = yield* sys.read(fd, 1)
    yield* sys.close(fd)
    if (isErr(part) && part.name !== 'EINTR') return
  }
}
function* connectVsock(sys: Sys, cid: number, port: number): Run<Fd | undefined> {
  const fd = yield* sys.socket('vsock', 'stream')
  if (isErr(fd)) return undefined
  if (!(yield* sys.connect(fd, { family: 'vsock', cid, port }))) return fd
  yield* sys.close(fd)
  return undefined
}
/** Waits until the machine's engine answers; false after `tries` times 10 ms. */
export function* awaitEngine(sys: Sys, cid: number, tries = 3000): Run<boolean> {
  for (let n = 0; n < tries; n++) {
    const fd = yield* connectVsock(sys, cid, ENGINE_PORT)
    if (fd !== undefined) {
      yield* sendRequest(sys, fd, 'GET', '/_ping', { Host: 'docker' }, undefined)
      const answer = yield* new HttpReader(sys, fd).response('GET')
      yield* sys.close(fd)
      if (answer) return true
    }
    yield* sys.nanosleep(10_000_000)
  }
  return false
}

/** Opens a port of the desktop for each that the machine asks for, as long as it keeps the connection; never returns. */
export function* servePorts(sys: Sys, machine: string): Run<void> {
  const socket = yield* sys.socket('vsock', 'stream')
  if (isErr(socket)) return
  yield* sys.bind(socket, { family: 'vsock', cid: 2, port: EXPOSE_PORT })
  yield* sys.listen(socket)
  for (;;) {
    const asked = yield* sys.accept(socket)
    if (isErr(asked)) continue
    sys.thread(function* (t) {
      const line = yield* new LineReader(t, asked).next()
      if (typeof line === 'string') {
        const { address, port } = JSON.parse(decode(unbinary(line))) as { address: string; port: number }
        const open = yield* t.socket('inet', 'stream')
        if (!isErr(open)) {
          const failed =
            (yield* t.bind(open, { family: 'inet', address, port })) ?? (yield* t.listen(open)) ?? undefined
          yield* write(t, asked, failed ? `${failed.text}\n` : '\n')
          if (!failed) t.thread((own) => relayPort(own, open, machine, port))
          // The proxy in the machine ends with its container, and its connection with it.
          yield* t.read(asked, 1)
          yield* t.shutdown(open, 'both')
          yield* t.close(open)
        }
      }
      yield* t.close(asked)
    })
  }
}
function* relayPort(sys: Sys, open: Fd, machine: string, port: number): Run<void> {
  for (;;) {
    const client = yield* sys.accept(open)
    if (isErr(client)) {
      if (client.name !== 'EINTR') return
      continue
    }
    sys.thread(function* (t) {
      const server = yield* t.socket('inet', 'stream')
      if (!isErr(server) && !(yield* t.connect(server, { family: 'inet', address: machine, port })))
        yield* bridge(t, client, server)
      else yield* t.close(client)
    })
  }
}

/** docker-proxy in a desktop's machine: asks the desktop for the port, then serves it here as anywhere. */
export const desktopProxy: Program = function* (sys, argv) {
  const option = (name: string): string => argv[argv.indexOf(name) + 1] ?? ''
  const fd = yield* connectVsock(sys, 2, EXPOSE_PORT)
  if (fd !== undefined) {
    yield* write(sys, fd, `${JSON.stringify({ address: option('-host-ip'), port: Number(option('-host-port')) })}\n`)
    const answer = yield* new LineReader(sys, fd).next()
    if (typeof answer === 'string' && answer !== '') return 1
  }
  return yield* dockerProxy(sys, argv)
}

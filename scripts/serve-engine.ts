/**
 * The emulated Docker Engine on a real unix socket, for real clients:
 *   npm run serve-engine -- --socket /tmp/zukan.sock
 *   DOCKER_HOST=unix:///tmp/zukan.sock docker run --rm alpine ps aux
 * A process in the world connects to the emulated dockerd's socket for each client; bytes go both ways unread. While the world
 * has nothing to do, its clock goes with the wall's. Builds go by the classic API: BuildKit's session is gRPC over HTTP/2, which
 * isn't emulated, so a client with buildx needs DOCKER_BUILDKIT=0.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { isErr } from '../src/emulator/base/errno.ts'
import { openSession, type Session } from '../src/emulator/complete.ts'
import type { Run, Sys } from '../src/emulator/kernel/linux/abi.ts'
import { rootCredentials } from '../src/emulator/kernel/linux/kernel.ts'
import type { Process } from '../src/emulator/kernel/linux/process.ts'
import { WaitQueue } from '../src/emulator/kernel/linux/wait.ts'
import { writeAll } from '../src/emulator/userland/lib/io.ts'

const DOCKER_SOCKET = '/var/run/docker.sock'
/** Milliseconds that the world may run before Node's turn comes. */
const SLICE = 10

export interface EngineServer {
  readonly session: Session
  close(): Promise<void>
}

/** One client's bytes on their way in. */
interface Inbox {
  readonly queue: Uint8Array[]
  ended: boolean
  readonly filled: WaitQueue
}
/** Copies between a client and the emulated daemon, as a process of the world. */
function bridge(session: Session, client: Socket, kick: () => void): void {
  const inbox: Inbox = { queue: [], ended: false, filled: new WaitQueue() }
  const { kernel } = session
  const body = function* (sys: Sys): Run<number> {
    const fd = yield* sys.socket('unix', 'stream')
    if (isErr(fd) || (yield* sys.connect(fd, { family: 'unix', path: DOCKER_SOCKET }))) {
      client.destroy()
      return 1
    }
    let open = true
    sys.thread(function* (t) {
      for (;;) {
        yield* t.futex(inbox.filled, () => inbox.queue.length > 0 || inbox.ended || !open)
        const part = inbox.queue.shift()
        if (part) {
          if (yield* writeAll(t, fd, part)) return
        } else if (inbox.ended || !open) {
          if (open) yield* t.shutdown(fd, 'write')
          return
        }
      }
    })
    for (;;) {
      const part = yield* sys.read(fd, 65_536)
      if (isErr(part) || part.length === 0) break
      if (!client.destroyed) client.write(part.slice())
    }
    open = false
    inbox.filled.wake()
    client.end()
    yield* sys.close(fd)
    return 0
  }
  const p = kernel.fork(kernel.initial.pid.init as Process, body)
  if (isErr(p)) throw new Error(p.text)
  p.cred = rootCredentials
  p.comm = 'client'
  p.fds = []
  client.on('data', (bytes) => {
    inbox.queue.push(new Uint8Array(bytes))
    inbox.filled.wake()
    kick()
  })
  client.on('end', () => {
    inbox.ended = true
    inbox.filled.wake()
    kick()
  })
  client.on('error', () => client.destroy())
  client.on('close', () => {
    inbox.ended = true
    inbox.filled.wake()
    kick()
  })
}

/** Boots a host and serves its engine at a path. */
export function serveEngine(path: string): Promise<EngineServer> {
  const session = openSession()
  const { world } = session
  // Ages that clients work out by their own clock come out right where the world isn't ahead of it.
  world.advanceTo(Math.max(world.clock.now, Date.now() * 1e6 - world.clock.epoch))
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let scheduled = false
  const began = performance.now()
  const base = world.clock.now
  const kick = (): void => {
    if (scheduled || closed) return
    scheduled = true
    setImmediate(turn)
  }
  const turn = (): void => {
    scheduled = false
    if (closed) return
    clearTimeout(timer)
    const now = performance.now()
    // Work takes virtual time, too: the world may be ahead already.
    world.advanceTo(Math.max(world.clock.now, base + (now - began) * 1e6))
    const end = now + SLICE
    let state = world.run(500)
    while (state.kind === 'busy' && performance.now() < end) state = world.run(500)
    if (state.kind === 'busy') {
      kick()
      return
    }
    const next = world.nextTimer
    if (next !== undefined) timer = setTimeout(kick, Math.min(1000, Math.max(1, (next - world.clock.now) / 1e6)))
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    bridge(session, client, kick)
    kick()
  })
  const clients = new Set<Socket>()
  server.on('connection', (c) => {
    clients.add(c)
    c.on('close', () => clients.delete(c))
  })
  rmSync(path, { force: true })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(path, () => {
      chmodSync(path, 0o600)
      kick()
      resolve({
        session,
        close: () =>
          new Promise((done) => {
            closed = true
            clearTimeout(timer)
            for (const c of clients) c.destroy()
            server.close(() => done())
          }),
      })
    })
  })
}

if (process.argv[1]?.endsWith('serve-engine.ts')) {
  const at = process.argv.indexOf('--socket')
  const path = at >= 0 ? process.argv[at + 1] : undefined
  if (path === undefined) {
    process.stderr.write('serve-engine: --socket PATH is missing\n')
    process.exit(2)
  }
  await serveEngine(path)
  process.stdout.write(`the emulated engine listens: DOCKER_HOST=unix://${path}\n`)
}

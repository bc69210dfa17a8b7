/** Sockets: TCP and UNIX streams, UDP and ICMP datagrams; socket(7), tcp(7), udp(7), icmp(7), unix(7). */
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EDESTADDRREQ,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  type Errno,
  ETIMEDOUT,
  isErr,
} from '../../../base/errno.ts'
import { SmallMap } from '../../../base/smallmap.ts'
import type { Run, SocketAddress } from '../abi.ts'
import { O_NONBLOCK } from '../fs/flags.ts'
import type { FileOps, Inode } from '../fs/inode.ts'
import type { OpenFile } from '../fs/openfile.ts'
import { PIPE_CAPACITY, Pipe } from '../fs/pipe.ts'
import type { Process } from '../process.ts'
import { SIGPIPE } from '../signals.ts'
import { WaitQueue } from '../wait.ts'
import { formatAddress, parseAddress } from './address.ts'
import type { Interface, NetNamespace } from './namespace.ts'
import type { Packet } from './netfilter.ts'
import { answersArrive, walk } from './stack.ts'

/** A first SYN and six retries, tcp(7) tcp_syn_retries. */
const CONNECT_TIMEOUT = 127_000_000_000

export interface Datagram {
  readonly bytes: Uint8Array
  readonly from: SocketAddress
  readonly ttl?: number
}

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'unix'

/** Listeners of UNIX sockets by the inode they are bound to. */
const unixListeners = new WeakMap<Inode, Socket>()
export const unixListener = (inode: Inode): Socket | undefined => unixListeners.get(inode)

const none: readonly never[] = []
const rest = <T>(list: readonly T[]): readonly T[] => (list.length > 1 ? list.slice(1) : none)

/** One socket of any kind; what it can do depends on `protocol` and `state`. */
export class Socket implements FileOps {
  readonly stream = true
  readonly ns: NetNamespace
  readonly protocol: Protocol
  /** Its inode in sockfs, and who made it. */
  inode = 0
  uid = 0
  state: 'closed' | 'listening' | 'connecting' | 'established' | 'shut' = 'closed'
  localAddress = 0
  localPort = 0
  remoteAddress = 0
  remotePort = 0
  /** The path of a UNIX socket. */
  path = ''
  /** Made by accept(2): it holds no port of its own. */
  connectionOnly = false
  ttl = 64
  backlog = 128
  /** Connections that nobody has accepted yet. Lists of most sockets stay empty: they share one. */
  pending: readonly Socket[] = none
  peer: Socket | undefined
  /** Bytes to be read here, and queue of what happened. */
  readonly incoming = new Pipe()
  datagrams: readonly Datagram[] = none
  readonly changed = new WaitQueue()
  #links: readonly Interface[] = none
  #latency = 0
  error: Errno | undefined
  /** Files passed by sendmsg(2) SCM_RIGHTS, in order. */
  passed: readonly OpenFile[] = none
  sentShut = false

  constructor(ns: NetNamespace, protocol: Protocol) {
    this.ns = ns
    this.protocol = protocol
    // The buffer's two ends are the two sockets.
    this.incoming.readers = 1
    this.incoming.writers = 1
    ns.sockets.add(this)
  }

  // --- addresses ---
  bind(address: SocketAddress, capable: boolean): Errno | undefined {
    if (address.family !== 'inet' || this.protocol === 'unix') return EINVAL
    const ip = parseAddress(address.address)
    if (ip === undefined) return EINVAL
    if (this.localPort !== 0) return EINVAL
    if (ip !== 0 && !this.ns.isLocal(ip)) return EADDRNOTAVAIL
    const floor = Number(this.ns.sysctl.get('net.ipv4.ip_unprivileged_port_start'))
    if (address.port > 0 && address.port < floor && !capable) return EACCES
    const protocol = this.protocol === 'udp' ? 'udp' : 'tcp'
    if (address.port > 0 && this.ns.portUsed(protocol, address.port, ip)) return EADDRINUSE
    this.localAddress = ip
    this.localPort = address.port || this.ns.ephemeralPort(protocol)
    return undefined
  }
  bindPath(inode: Inode, path: string): void {
    this.path = path
    unixListeners.set(inode, this)
  }
  listen(backlog = 128): Errno | undefined {
    if (this.protocol !== 'tcp' && this.protocol !== 'unix') return EOPNOTSUPP
    if (this.protocol === 'tcp' && this.localPort === 0) this.localPort = this.ns.ephemeralPort('tcp')
    this.state = 'listening'
    this.backlog = Math.max(1, backlog)
    return undefined
  }
  *accept(nonblock: boolean): Run<Socket | Errno> {
    for (;;) {
      // A listener that is closed meanwhile wakes who waits here.
      if (this.state !== 'listening') return EINVAL
      const next = this.pending[0]
      if (next) {
        this.pending = rest(this.pending)
        return next
      }
      if (nonblock) return EAGAIN
      yield { kind: 'sleep', queues: [this.changed] }
    }
  }

  *connect(address: SocketAddress, nonblock: boolean): Run<Errno | undefined> {
    if (address.family !== 'inet') return EINVAL
    const ip = parseAddress(address.address)
    if (ip === undefined) return EINVAL
    if (this.protocol === 'udp' || this.protocol === 'icmp') {
      this.remoteAddress = ip
      this.remotePort = address.port
      this.state = 'established'
      return undefined
    }
    if (this.state === 'established') return EISCONN
    const source = this.localAddress || this.ns.sourceFor(ip === 0 ? 0x7f000001 : ip)
    const packet: Packet = {
      protocol: 'tcp',
      source: source ?? 0,
      destination: ip === 0 ? 0x7f000001 : ip,
      sourcePort: this.localPort || this.ns.ephemeralPort('tcp'),
      destinationPort: address.port,
      ttl: 64,
      fresh: true,
      size: 60,
    }
    this.localAddress = packet.source
    this.localPort = packet.sourcePort
    this.connectionOnly = true
    this.remoteAddress = ip
    this.remotePort = address.port
    const outcome = walk(this.ns, packet)
    if (outcome.kind === 'unreachable') return outcome.error
    if (
      outcome.kind === 'dropped' ||
      outcome.kind === 'expired' ||
      (outcome.kind === 'delivered' && !answersArrive(outcome))
    ) {
      if (nonblock) return EAGAIN
      const deadline = this.ns.env.now() + CONNECT_TIMEOUT
      while (this.ns.env.now() < deadline) yield { kind: 'sleep', queues: [this.changed], deadline }
      return ETIMEDOUT
    }
    if (outcome.kind === 'rejected') return ECONNREFUSED
    // SYN there, SYN-ACK back.
    if (outcome.latency > 0) {
      const deadline = this.ns.env.now() + 2 * outcome.latency
      while (this.ns.env.now() < deadline) yield { kind: 'sleep', queues: [this.changed], deadline }
    }
    const listener = findListener(outcome.ns, outcome.packet.destination, outcome.packet.destinationPort)
    if (!listener || listener.pending.length >= listener.backlog) return ECONNREFUSED
    const other = new Socket(outcome.ns, 'tcp')
    other.connectionOnly = true
    other.localAddress = outcome.packet.destination
    other.localPort = outcome.packet.destinationPort
    other.remoteAddress = outcome.packet.source
    other.remotePort = outcome.packet.sourcePort
    this.#join(other, outcome.links, outcome.latency)
    listener.pending = [...listener.pending, other]
    listener.changed.wake()
    return undefined
  }
  /** connect(2) of a UNIX socket to what is bound at an inode. */
  connectUnix(inode: Inode): Errno | undefined {
    return this.connectTo(unixListeners.get(inode))
  }
  /** Joins a listening socket of this machine or, by vsock(7), of another. */
  connectTo(listener: Socket | undefined): Errno | undefined {
    if (listener?.state !== 'listening') return ECONNREFUSED
    const other = new Socket(listener.ns, 'unix')
    other.path = listener.path
    this.#join(other, none, 0)
    listener.pending = [...listener.pending, other]
    listener.changed.wake()
    return undefined
  }
  /** socketpair(2). */
  pairWith(other: Socket): void {
    this.#join(other, none, 0)
  }
  #join(other: Socket, links: readonly Interface[], latency: number): void {
    this.state = other.state = 'established'
    this.peer = other
    other.peer = this
    this.#links = other.#links = links
    this.#latency = other.#latency = latency
  }

  // --- streams ---
  read(file: OpenFile, count: number): Uint8Array | Run<Uint8Array | Errno> {
    const stream = this.protocol === 'unix' || this.protocol === 'tcp'
    if (stream && !this.error && this.state === 'established' && this.incoming.length > 0)
      return this.incoming.take(count)
    return this.#await(file, count)
  }
  *#await(file: OpenFile, count: number): Run<Uint8Array | Errno> {
    if (this.protocol === 'udp' || this.protocol === 'icmp') {
      const got = yield* this.receive((file.flags & O_NONBLOCK) !== 0)
      return isErr(got) ? got : got.bytes
    }
    if (this.error) return this.error
    if (this.state === 'closed' || this.state === 'listening') return ENOTCONN
    while (this.incoming.length === 0) {
      if (this.error) return this.error
      if (this.incoming.writers === 0) return new Uint8Array(0)
      if (file.flags & O_NONBLOCK) return EAGAIN
      yield { kind: 'sleep', queues: [this.incoming.changed, this.changed] }
    }
    return this.incoming.take(count)
  }
  write(file: OpenFile, bytes: Uint8Array, proc: Process): number | Run<number | Errno> {
    const to = this.peer
    if (
      this.protocol === 'unix' &&
      this.state === 'established' &&
      bytes.length > 0 &&
      !this.sentShut &&
      to &&
      to.incoming.readers > 0 &&
      to.incoming.length + bytes.length <= PIPE_CAPACITY
    ) {
      to.incoming.put(bytes)
      return bytes.length
    }
    return this.#writeOn(file, bytes, proc)
  }
  *#writeOn(file: OpenFile, bytes: Uint8Array, proc: Process): Run<number | Errno> {
    if (this.protocol === 'udp' || this.protocol === 'icmp') return this.send(bytes, undefined)
    const broken = (): Errno => {
      proc.kernel.signal(proc, SIGPIPE, undefined)
      return EPIPE
    }
    if (this.state === 'closed' || this.state === 'listening') return ENOTCONN
    let written = 0
    while (written < bytes.length) {
      const to = this.peer
      if (this.sentShut || !to || to.incoming.readers === 0) return written || broken()
      if (!this.#links.every((l) => l.up)) {
        this.error = ETIMEDOUT
        return ETIMEDOUT
      }
      const room = PIPE_CAPACITY - to.incoming.length
      if (room > 0) {
        const part = written === 0 && room >= bytes.length ? bytes : bytes.subarray(written, written + room)
        this.#deliver(to, part)
        written += part.length
        continue
      }
      if (file.flags & O_NONBLOCK) return written || EAGAIN
      yield { kind: 'sleep', queues: [to.incoming.changed, this.changed] }
    }
    return written
  }
  #deliver(to: Socket, bytes: Uint8Array): void {
    if (this.#latency === 0) to.incoming.put(bytes)
    else this.ns.env.after(this.#latency, () => to.incoming.put(bytes))
  }
  shutdown(how: 'read' | 'write' | 'both'): Errno | undefined {
    if (this.state !== 'established') return ENOTCONN
    if (how !== 'read') this.#endWriting()
    if (how !== 'write') this.incoming.readers = 0
    return undefined
  }
  #endWriting(): void {
    if (this.sentShut) return
    this.sentShut = true
    const to = this.peer
    if (!to) return
    const end = (): void => {
      to.incoming.writers = 0
      to.incoming.changed.wake()
      to.changed.wake()
    }
    if (this.#latency === 0) end()
    else this.ns.env.after(this.#latency, end)
  }
  release(): void {
    this.destroy()
  }
  destroy(): void {
    this.ns.sockets.delete(this)
    if (this.state === 'listening') {
      for (const p of this.pending) p.destroy()
      this.pending = none
    }
    if (this.peer) {
      // Unread bytes are lost: the other side learns it by a reset.
      if (this.incoming.length > 0 && this.protocol === 'tcp')
        this.peer.error ??= this.peer.incoming.length > 0 ? undefined : ECONNRESET
      this.#endWriting()
      this.incoming.readers = 0
      this.incoming.changed.wake()
      this.peer.changed.wake()
    }
    for (const f of this.passed) f.close()
    this.state = 'shut'
    this.changed.wake()
  }

  // --- datagrams ---
  /** sendto(2): one datagram, walked through the network; ICMP echo requests are answered by the kernel at the other end. */
  send(bytes: Uint8Array, to: SocketAddress | undefined): number | Errno {
    const address = to?.family === 'inet' ? parseAddress(to.address) : this.remoteAddress || undefined
    const port = to?.family === 'inet' ? to.port : this.remotePort
    if (address === undefined) return EDESTADDRREQ
    const protocol = this.protocol === 'icmp' ? 'icmp' : 'udp'
    if (this.localPort === 0) this.localPort = this.ns.ephemeralPort('udp')
    const source = this.localAddress || this.ns.sourceFor(address) || 0
    const packet: Packet = {
      protocol,
      source,
      destination: address,
      sourcePort: this.localPort,
      destinationPort: port,
      ttl: this.ttl,
      fresh: true,
      size: bytes.length + 28,
    }
    const asked = { address, port }
    const outcome = walk(this.ns, packet)
    const { env } = this.ns
    const arrive = (delay: number, what: () => void): void => (delay === 0 ? what() : env.after(delay, what))
    switch (outcome.kind) {
      case 'unreachable':
        return outcome.error
      case 'rejected':
      case 'dropped':
        return bytes.length
      case 'expired':
        if (protocol === 'icmp')
          arrive(2 * outcome.latency, () =>
            this.#take({
              bytes: Uint8Array.of(11, 0),
              from: { family: 'inet', address: formatAddress(outcome.at), port: 0 },
              ttl: 64,
            }),
          )
        return bytes.length
      case 'delivered':
        if (protocol === 'icmp') {
          if (!answersArrive(outcome)) return bytes.length
          const ttl = outcome.packet.ttl
          arrive(2 * outcome.latency, () =>
            this.#take({ bytes, from: { family: 'inet', address: formatAddress(asked.address), port: 0 }, ttl }),
          )
          return bytes.length
        }
        arrive(outcome.latency, () => {
          for (const s of outcome.ns.sockets) {
            if (s.protocol !== 'udp' || s.localPort !== outcome.packet.destinationPort) continue
            if (s.localAddress !== 0 && s.localAddress !== outcome.packet.destination) continue
            // What comes back must look as if it came from where it was sent: connection tracking.
            s.#replies ??= new SmallMap()
            s.#replies.set(`${outcome.packet.source}:${outcome.packet.sourcePort}`, {
              socket: this,
              address: asked.address,
              port: asked.port,
              latency: outcome.latency,
            })
            s.#take({
              bytes,
              from: { family: 'inet', address: formatAddress(outcome.packet.source), port: outcome.packet.sourcePort },
            })
            return
          }
          this.error = ECONNREFUSED
          this.changed.wake()
        })
        return bytes.length
    }
  }
  #replies:
    | SmallMap<
        string,
        { readonly socket: Socket; readonly address: number; readonly port: number; readonly latency: number }
      >
    | undefined
  /** An answer to a datagram that came in goes back the way it came. */
  sendTo(bytes: Uint8Array, to: SocketAddress): number | Errno {
    if (to.family === 'inet') {
      const flow = this.#replies?.get(`${parseAddress(to.address)}:${to.port}`)
      if (flow) {
        const take = (): void =>
          flow.socket.#take({
            bytes,
            from: { family: 'inet', address: formatAddress(flow.address), port: flow.port },
          })
        if (flow.latency === 0) take()
        else this.ns.env.after(flow.latency, take)
        return bytes.length
      }
    }
    return this.send(bytes, to)
  }
  #take(datagram: Datagram): void {
    if (this.datagrams.length < 256) this.datagrams = [...this.datagrams, datagram]
    this.changed.wake()
  }
  *receive(nonblock: boolean): Run<Datagram | Errno> {
    for (;;) {
      const next = this.datagrams[0]
      if (next) {
        this.datagrams = rest(this.datagrams)
        return next
      }
      if (this.error) {
        const { error } = this
        this.error = undefined
        return error
      }
      if (this.state === 'shut') return ENOTCONN
      if (nonblock) return EAGAIN
      yield { kind: 'sleep', queues: [this.changed] }
    }
  }

  poll(): { readable: boolean; writable: boolean; queues: readonly WaitQueue[] } {
    const stream = this.protocol === 'tcp' || this.protocol === 'unix'
    const readable =
      this.state === 'listening'
        ? this.pending.length > 0
        : stream
          ? this.incoming.length > 0 || this.incoming.writers === 0 || this.error !== undefined
          : this.datagrams.length > 0 || this.error !== undefined
    const writable = !stream || (this.peer !== undefined && this.peer.incoming.length < PIPE_CAPACITY)
    return {
      readable,
      writable,
      queues: this.peer
        ? [this.changed, this.incoming.changed, this.peer.incoming.changed]
        : [this.changed, this.incoming.changed],
    }
  }

  get local(): SocketAddress {
    return this.protocol === 'unix'
      ? { family: 'unix', path: this.path }
      : { family: 'inet', address: formatAddress(this.localAddress), port: this.localPort }
  }
  get remote(): SocketAddress | Errno {
    if (this.state !== 'established') return ENOTCONN
    return this.protocol === 'unix'
      ? { family: 'unix', path: this.peer?.path ?? '' }
      : { family: 'inet', address: formatAddress(this.remoteAddress), port: this.remotePort }
  }
  /** As /proc/net/tcp and ss(8) name it. */
  get stateName(): string {
    if (this.state === 'listening') return 'LISTEN'
    if (this.state === 'established')
      return this.incoming.writers === 0 ? 'CLOSE_WAIT' : this.sentShut ? 'FIN_WAIT2' : 'ESTABLISHED'
    return 'CLOSE'
  }
}

function findListener(ns: NetNamespace, address: number, port: number): Socket | undefined {
  for (const s of ns.sockets)
    if (
      s.protocol === 'tcp' &&
      s.state === 'listening' &&
      s.localPort === port &&
      (s.localAddress === 0 || s.localAddress === address)
    )
      return s
  return undefined
}

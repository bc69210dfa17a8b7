/** System calls on sockets: the door to net/. */
import {
  EACCES,
  EADDRINUSE,
  EAFNOSUPPORT,
  EBADF,
  ECONNREFUSED,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOTSOCK,
  EPROTONOSUPPORT,
  type Errno,
  isErr,
} from '../../../base/errno.ts'
import type { Fd, Run, SocketAddress, SocketType } from '../abi.ts'
import { isSock, O_NONBLOCK, O_RDWR, S_IFSOCK, W_OK } from '../fs/flags.ts'
import { OpenFile } from '../fs/openfile.ts'
import { create, lookup, permission, resolve } from '../fs/vfs.ts'
import { type NetlinkRequest, netlink } from '../net/netlink.ts'
import { type Datagram, Socket } from '../net/socket.ts'
import type { Process } from '../process.ts'
import { fileAt, install } from './descriptors.ts'

function wrap(p: Process, socket: Socket): Fd | Errno {
  const node = p.kernel.sockFs.node(S_IFSOCK | 0o777, p.cred.fsuid, p.cred.fsgid)
  socket.inode = node.ino
  socket.uid = p.cred.fsuid
  return install(p, new OpenFile(node, O_RDWR, undefined, socket), false)
}
function socketAt(p: Process, fd: Fd): { readonly socket: Socket; readonly file: OpenFile } | Errno {
  const file = fileAt(p, fd)
  if (isErr(file)) return EBADF
  return file.ops instanceof Socket ? { socket: file.ops, file } : ENOTSOCK
}
const nonblock = (file: OpenFile): boolean => (file.flags & O_NONBLOCK) !== 0

/** @restartable */
export const socketCalls = {
  socket(p: Process, family: 'inet' | 'unix' | 'vsock', type: SocketType): Fd | Errno {
    if (family === 'unix' || family === 'vsock')
      return type === 'stream' ? wrap(p, new Socket(p.ns.net, 'unix')) : EPROTONOSUPPORT
    if (family !== 'inet') return EAFNOSUPPORT
    if (type === 'icmp' && !p.kernel.capable(p, 'NET_RAW', p.ns.net.owner)) {
      const [low = 1, high = 0] = (p.ns.net.sysctl.get('net.ipv4.ping_group_range') ?? '').split(/\s+/).map(Number)
      if (p.cred.egid < low || p.cred.egid > high) return EACCES
    }
    return wrap(p, new Socket(p.ns.net, type === 'stream' ? 'tcp' : type === 'dgram' ? 'udp' : 'icmp'))
  },
  socketpair(p: Process): readonly [Fd, Fd] | Errno {
    const a = new Socket(p.ns.net, 'unix')
    const b = new Socket(p.ns.net, 'unix')
    a.pairWith(b)
    const x = wrap(p, a)
    if (isErr(x)) return x
    const y = wrap(p, b)
    return isErr(y) ? y : [x, y]
  },
  bind(p: Process, fd: Fd, address: SocketAddress): Errno | undefined {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    if (address.family === 'inet')
      return s.socket.bind(address, p.kernel.capable(p, 'NET_BIND_SERVICE', p.ns.net.owner))
    if (address.family === 'vsock') {
      const { listeners } = p.kernel.vsock
      if (listeners.get(address.port)?.state === 'listening') return EADDRINUSE
      listeners.set(address.port, s.socket)
      return undefined
    }
    const target = resolve(p, address.path, true)
    if (isErr(target)) return target
    if (target.path) return EADDRINUSE
    const made = create(p, target, { mode: S_IFSOCK | (0o777 & ~p.umask) })
    if (isErr(made)) return made
    s.socket.bindPath(made.dentry.inode, address.path)
    return undefined
  },
  listen(p: Process, fd: Fd, backlog?: number): Errno | undefined {
    const s = socketAt(p, fd)
    return isErr(s) ? s : s.socket.listen(backlog)
  },
  *accept(p: Process, fd: Fd): Run<Fd | Errno> {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    const made = yield* s.socket.accept(nonblock(s.file))
    return isErr(made) ? made : wrap(p, made)
  },
  connect(p: Process, fd: Fd, address: SocketAddress): Errno | undefined | Run<Errno | undefined> {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    if (address.family === 'inet')
      return s.socket.protocol === 'unix' ? EINVAL : s.socket.connect(address, nonblock(s.file))
    if (address.family === 'vsock') {
      const { vsock } = p.kernel
      const kernel = address.cid === vsock.cid || address.cid === 1 ? p.kernel : vsock.peer(address.cid)
      return kernel ? s.socket.connectTo(kernel.vsock.listeners.get(address.port)) : ENODEV
    }
    const path = lookup(p, address.path)
    if (isErr(path)) return path
    const { inode } = path.dentry
    if (!isSock(inode.mode)) return ECONNREFUSED
    return permission(p, inode, W_OK) ?? s.socket.connectUnix(inode)
  },
  shutdown(p: Process, fd: Fd, how: 'read' | 'write' | 'both'): Errno | undefined {
    const s = socketAt(p, fd)
    return isErr(s) ? s : s.socket.shutdown(how)
  },
  sendto(p: Process, fd: Fd, bytes: Uint8Array, to?: SocketAddress): number | Errno {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    return to ? s.socket.sendTo(bytes, to) : s.socket.send(bytes, undefined)
  },
  *recvfrom(p: Process, fd: Fd, _count: number): Run<Datagram | Errno> {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    return yield* s.socket.receive(nonblock(s.file))
  },
  getsockname(p: Process, fd: Fd): SocketAddress | Errno {
    const s = socketAt(p, fd)
    return isErr(s) ? s : s.socket.local
  },
  getpeername(p: Process, fd: Fd): SocketAddress | Errno {
    const s = socketAt(p, fd)
    return isErr(s) ? s : s.socket.remote
  },
  setsockopt(p: Process, fd: Fd, option: 'ttl' | 'reuseaddr', value: number): Errno | undefined {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    if (option === 'ttl') s.socket.ttl = value
    return undefined
  },
  /** sendmsg(2) with SCM_RIGHTS: the other side gets a descriptor of the same open file. */
  sendfd(p: Process, fd: Fd, what: Fd): Errno | undefined {
    const s = socketAt(p, fd)
    const file = fileAt(p, what)
    if (isErr(s)) return s
    if (isErr(file)) return file
    if (!s.socket.peer) return ENOENT
    file.refs++
    s.socket.peer.passed = [...s.socket.peer.passed, file]
    s.socket.peer.changed.wake()
    return undefined
  },
  *recvfd(p: Process, fd: Fd): Run<Fd | Errno> {
    const s = socketAt(p, fd)
    if (isErr(s)) return s
    while (s.socket.passed.length === 0) {
      if (s.socket.incoming.writers === 0) return ENOENT
      yield { kind: 'sleep', queues: [s.socket.changed, s.socket.incoming.changed] }
    }
    const [file, ...passed] = s.socket.passed as [OpenFile]
    s.socket.passed = passed
    const made = install(p, file, false)
    file.refs--
    return made
  },
  *netlink(p: Process, request: NetlinkRequest): Run<unknown> {
    return netlink(p.ns.net, request, {
      netnsOfPid: (pid) => p.ns.pid.processes.get(pid)?.ns.net,
      netnsOfFd: (fd) => (p.fds[fd]?.file.inode as { netNamespace?: Process['ns']['net'] } | undefined)?.netNamespace,
      capable: p.kernel.capable(p, 'NET_ADMIN', p.ns.net.owner),
    })
  },
}

/**
 * What stands beside containers on a user's own bridges: rootlessport, which listens on the host and connects within the container's network
 * namespace, and aardvark-dns, which answers for the containers' names.
 */
import { isErr } from '../base/errno.ts'
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import { CLONE_NEWNET, O_RDONLY, O_RDWR } from '../kernel/linux/fs/flags.ts'
import { decodeMessage, encodeResponse } from '../userland/lib/dns.ts'
import { fail, readText, warn } from '../userland/lib/io.ts'
import { ask, nameservers } from '../userland/lib/resolve.ts'
import { bridge } from './bridge.ts'
import { namesIn } from './layers.ts'

/** rootlessport NETNS ADDRESS IP/HOSTPORT:PORT,...: the real one reads these as JSON from standard input. */
export const rootlessport: Program = function* (sys, argv) {
  const [netns = '', address = '', spec = ''] = argv.slice(1)
  const listeners: { readonly fd: number; readonly to: number }[] = []
  for (const part of spec.split(',')) {
    const m = /^([\d.]+)\/(\d+):(\d+)$/.exec(part)
    if (!m) return yield* fail(sys, `zukan: not emulated: rootlessport ${part}`)
    const [, ip = '', port = '', to = ''] = m
    const fd = yield* sys.socket('inet', 'stream')
    if (isErr(fd)) return yield* fail(sys, fd.text)
    const failed = (yield* sys.bind(fd, { family: 'inet', address: ip, port: Number(port) })) ?? (yield* sys.listen(fd))
    if (failed) {
      const why = `listen tcp ${ip}:${port}: bind: ${failed.text.toLowerCase()}`
      return yield* fail(
        sys,
        failed.name === 'EACCES'
          ? `rootlessport cannot expose privileged port ${port}, you can add 'net.ipv4.ip_unprivileged_port_start=${port}' to /etc/sysctl.conf (currently 1024), or choose a larger port number (>= 1024): ${why}`
          : `rootlessport ${why}`,
      )
    }
    listeners.push({ fd, to: Number(to) })
  }
  const ns = yield* sys.open(netns, O_RDONLY)
  if (isErr(ns)) return yield* fail(sys, `open ${netns}: ${ns.text.toLowerCase()}`)
  const pid = yield* sys.fork(function* (own) {
    yield* own.setsid()
    const nothing = yield* own.open('/dev/null', O_RDWR)
    if (!isErr(nothing)) for (const fd of [0, 1, 2]) yield* own.dup2(nothing, fd)
    for (const { fd, to } of listeners) own.thread((t) => forward(t, fd, ns, address, to))
    for (;;) yield* own.pause()
  })
  yield* warn(sys, `ready ${isErr(pid) ? 0 : pid}\n`)
  return 0
}
function* forward(sys: Sys, listener: number, ns: number, address: string, port: number): Run<void> {
  for (;;) {
    const client = yield* sys.accept(listener)
    if (isErr(client)) return
    sys.thread(function* (t) {
      yield* t.setns(ns, CLONE_NEWNET)
      const fd = yield* t.socket('inet', 'stream')
      if (isErr(fd) || (yield* t.connect(fd, { family: 'inet', address, port }))) yield* t.close(client)
      else yield* bridge(t, client, fd)
    })
  }
}

interface Row {
  readonly address: string
  readonly names: readonly string[]
}
/** One network's file: the address to listen at, then `ID ADDRESS  NAME,NAME` a line. */
export function readNames(text: string): { readonly listen: string; readonly rows: readonly Row[] } {
  const [listen = '', ...rest] = text.split('\n').filter(Boolean)
  return {
    listen: listen.trim(),
    rows: rest.map((line) => {
      const [, address = '', names = ''] = line.split(/\s+/)
      return { address, names: names.split(',') }
    }),
  }
}
/** aardvark-dns --config DIR -p PORT run: SIGHUP has it look for networks that came. */
export const aardvark: Program = function* (sys, argv) {
  const at = argv.indexOf('--config')
  const dir = at < 0 ? '' : (argv[at + 1] ?? '')
  if (dir === '' || argv.at(-1) !== 'run')
    return yield* fail(sys, 'zukan: not emulated: aardvark-dns without --config DIR run')
  const serving = new Set<string>()
  let wake = true
  yield* sys.sigaction(1, function* () {
    wake = true
  })
  for (;;) {
    if (wake) {
      wake = false
      for (const network of yield* namesIn(sys, dir)) {
        if (network.startsWith('aardvark.') || serving.has(network)) continue
        const text = yield* readText(sys, `${dir}/${network}`)
        if (isErr(text)) continue
        serving.add(network)
        const { listen } = readNames(text)
        sys.thread(function* (t) {
          yield* serve(t, `${dir}/${network}`, listen)
          serving.delete(network)
        })
      }
    }
    if (!wake) yield* sys.pause()
  }
}
function* serve(sys: Sys, file: string, address: string): Run<void> {
  const fd = yield* sys.socket('inet', 'dgram')
  if (isErr(fd) || (yield* sys.bind(fd, { family: 'inet', address, port: 53 }))) return
  for (;;) {
    const got = yield* sys.recvfrom(fd, 512)
    if (isErr(got)) continue
    const query = decodeMessage(got.bytes)
    if (!query) continue
    const text = yield* readText(sys, file)
    const name = query.name.replace(/\.dns\.podman$/, '')
    const found = isErr(text)
      ? []
      : readNames(text)
          .rows.filter((r) => r.names.includes(name))
          .map((r) => r.address)
    let answer: Uint8Array
    if (found.length > 0) answer = encodeResponse(query, found)
    else {
      const [server] = yield* nameservers(sys)
      const outer = query.name.includes('.') && server ? yield* ask(sys, server, query.name) : 'nxdomain'
      answer = typeof outer === 'string' ? encodeResponse(query, [], 3) : encodeResponse(query, outer)
    }
    yield* sys.sendto(fd, answer, got.from)
  }
}

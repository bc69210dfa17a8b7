/** Names to addresses: /etc/hosts, then the servers of /etc/resolv.conf; resolver(3). */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { decodeMessage, encodeQuery } from './dns.ts'
import { readText } from './io.ts'

const isAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((n) => Number(n) < 256)

/** Servers to ask, in order. */
export function* nameservers(sys: Sys): Run<string[]> {
  const text = yield* readText(sys, '/etc/resolv.conf')
  return isErr(text) ? [] : [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((m) => m[1] as string).filter(isAddress)
}
/** Asks one server: addresses, or 'no such name', or 'no answer'. */
export function* ask(sys: Sys, server: string, name: string): Run<readonly string[] | 'nxdomain' | 'timeout'> {
  const fd = yield* sys.socket('inet', 'dgram')
  if (isErr(fd)) return 'timeout'
  const id = (yield* sys.getrandom(2)).reduce((a, b) => a * 256 + b, 0)
  let answer: readonly string[] | 'nxdomain' | 'timeout' = 'timeout'
  for (let tries = 0; tries < 2 && answer === 'timeout'; tries++) {
    const sent = yield* sys.sendto(fd, encodeQuery(id, name), { family: 'inet', address: server, port: 53 })
    if (isErr(sent)) break
    const ready = yield* sys.poll([{ fd, read: true }], 2_500_000_000)
    if (isErr(ready) || ready.length === 0) continue
    const got = yield* sys.recvfrom(fd, 512)
    if (isErr(got)) break
    const message = decodeMessage(got.bytes)
    if (message?.id === id)
      answer = message.rcode === 3 || message.addresses.length === 0 ? 'nxdomain' : message.addresses
  }
  yield* sys.close(fd)
  return answer
}
/** The first address of a host; undefined where it has none. */
export function* resolveHost(sys: Sys, name: string): Run<string | undefined> {
  if (isAddress(name)) return name
  const hosts = yield* readText(sys, '/etc/hosts')
  if (!isErr(hosts)) {
    for (const line of hosts.split('\n')) {
      const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
      if (address && isAddress(address) && names.includes(name)) return address
    }
  }
  if (name === 'localhost') return '127.0.0.1'
  for (const server of yield* nameservers(sys)) {
    const answer = yield* ask(sys, server, name)
    if (answer === 'nxdomain') return undefined
    if (answer !== 'timeout') return answer[0]
  }
  return undefined
}

/** The files that every container gets from the engine, and those that the engine keeps of it. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText } from '../../userland/lib/io.ts'
import type { Container, Daemon } from './state.ts'
import { containerDir, writeFile } from './support.ts'

/** The files that every container gets from the engine. */
export function* writeFiles(sys: Sys, d: Daemon, c: Container): Run<void> {
  const dir = containerDir(c)
  yield* writeFile(sys, `${dir}/hostname`, `${c.config.Hostname ?? ''}\n`)
  yield* writeResolvConf(sys, d, c)
  yield* writeFile(sys, `${dir}/hosts`, hosts(d, c))
}
/** Writes resolv.conf anew: a network of the user's own may have come. */
export function* writeResolvConf(sys: Sys, d: Daemon, c: Container): Run<void> {
  const embedded = c.endpoints.some((e) => d.networks.get(e.network)?.name !== 'bridge')
  const host = yield* readText(sys, '/etc/resolv.conf')
  yield* writeFile(sys, `${containerDir(c)}/resolv.conf`, resolvConf(c, embedded, isErr(host) ? '' : host))
}
/** /etc/resolv.conf: the embedded server's address on networks of the user's own, else the host's servers, or those that --dns names. */
function resolvConf(c: Container, embedded: boolean, host: string): string {
  const h = c.hostConfig
  const servers = h.Dns ?? []
  const search = h.DnsSearch ?? []
  const options = h.DnsOptions ?? []
  if (!embedded && servers.length + search.length + options.length === 0) return host
  const of = (word: string): string[] =>
    host
      .split('\n')
      .filter((l) => l.startsWith(`${word} `))
      .map((l) => l.slice(word.length + 1))
  const names = embedded ? ['127.0.0.11'] : servers.length > 0 ? servers : of('nameserver')
  const searched = search.length > 0 ? search.filter((x) => x !== '.') : of('search')
  const opts = embedded ? [...options, ...(options.some((o) => o.startsWith('ndots')) ? [] : ['ndots:0'])] : options
  return [
    ...names.map((x) => `nameserver ${x}\n`),
    ...(searched.length > 0 ? [`search ${searched.join(' ')}\n`] : []),
    ...(opts.length > 0 ? [`options ${opts.join(' ')}\n`] : []),
  ].join('')
}
/** /etc/hosts: the usual lines, --add-host's, and the linked containers of the default bridge. */
function hosts(d: Daemon, c: Container): string {
  const base =
    '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n'
  const added = (c.hostConfig.ExtraHosts ?? []).map((x) => {
    const at = x.indexOf(':')
    const address = x.slice(at + 1)
    return `${address === 'host-gateway' ? '172.17.0.1' : address}\t${x.slice(0, at)}\n`
  })
  const linked = linksOf(d, c).map(
    ({ other, alias, address }) =>
      `${address}\t${[...new Set([alias, other.config.Hostname ?? '', other.name])].filter(Boolean).join(' ')}\n`,
  )
  return base + added.join('') + linked.join('')
}
/** The containers that --link names, with their addresses on the default bridge. */
export function linksOf(
  d: Daemon,
  c: Container,
): readonly { readonly other: Container; readonly alias: string; readonly address: string }[] {
  return (c.hostConfig.Links ?? []).flatMap((link) => {
    const [name = '', alias = name] = link.split(':')
    const other = [...d.containers.values()].find((x) => x.name === name || x.id.startsWith(name))
    const e = other?.endpoints.find((x) => d.networks.get(x.network)?.name === 'bridge')
    return other && e?.address ? [{ other, alias, address: e.address }] : []
  })
}
/** config.v2.json, where other programs of the host find a container. */
export function* writeState(sys: Sys, c: Container): Run<void> {
  yield* writeFile(
    sys,
    `${containerDir(c)}/config.v2.json`,
    JSON.stringify({
      ID: c.id,
      Name: `/${c.name}`,
      State: { Status: c.status, Running: c.status === 'running', Pid: c.pid, ExitCode: c.exitCode },
      Image: c.image.id,
      Config: { Image: c.config.Image },
      NetworkSettings: c.endpoints.map((e) => e.address),
    }),
  )
}

/** The runtime's side of CNI: a configuration list from /etc/cni/net.d, and its plugins as programs; CNI specification 1.0, section 3. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { CLONE_NEWNET, MS_BIND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR } from '../../kernel/linux/fs/flags.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decode, readAll, readText, writeAll } from '../../userland/lib/io.ts'

export const CNI_BIN = '/opt/cni/bin'
export const CNI_CONF = '/etc/cni/net.d'
const NETNS = '/var/run/netns'

/** A plugin's part of a list, or a list as one file holds it. */
export interface PluginConf {
  readonly type: string
  readonly [field: string]: unknown
}
export interface ConfList {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly PluginConf[]
}
/** What a chain of plugins answers: CNI specification, "Add Success". */
export interface CniResult {
  readonly cniVersion: string
  readonly interfaces?: readonly { readonly name: string; readonly mac?: string; readonly sandbox?: string }[]
  readonly ips?: readonly { readonly address: string; readonly gateway?: string; readonly interface?: number }[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dns?: object
}
export interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: string
  readonly hostIP?: string
}
/** What a call is about: a container, its network namespace's file, the name inside, and what the runtime wants beyond. */
export interface Attachment {
  readonly id: string
  readonly netns: string
  readonly ifName: string
  readonly ports: readonly PortMapping[]
}

/** The list of a name, or else the one that comes first by its file's name; a text where there is none, or where it is broken. */
export function* loadConf(sys: Sys, wanted?: string, dir = CNI_CONF): Run<ConfList | string> {
  const fd = yield* sys.open(dir, O_RDONLY)
  const entries = isErr(fd) ? fd : yield* sys.getdents(fd)
  if (!isErr(fd)) yield* sys.close(fd)
  const names = (isErr(entries) ? [] : entries.map((e) => e.name).sort()).filter((n) =>
    /\.(conflist|conf|json)$/.test(n),
  )
  for (const name of names) {
    const text = yield* readText(sys, `${dir}/${name}`)
    try {
      const conf = JSON.parse(isErr(text) ? '' : text) as ConfList & PluginConf
      if (wanted !== undefined && conf.name !== wanted) continue
      if (Array.isArray(conf.plugins)) return conf
      return { cniVersion: conf.cniVersion, name: conf.name, plugins: [conf] }
    } catch (e) {
      if (wanted === undefined)
        return `failed to load CNI config list file ${dir}/${name}: error parsing configuration list: ${(e as Error).message}: invalid cni config: failed to load cni config`
    }
  }
  return wanted === undefined
    ? `no network config found in ${dir}: cni plugin not initialized`
    : `No CNI configuration file in ${dir}/. Has your network provider started?`
}
/** Runs one plugin: its standard output, or what it says is wrong. */
export function* runPlugin(
  sys: Sys,
  type: string,
  command: 'ADD' | 'DEL',
  conf: object,
  a: Omit<Attachment, 'ports'>,
): Run<{ readonly result: CniResult } | { readonly error: string }> {
  const input = yield* sys.pipe()
  const output = yield* sys.pipe()
  if (isErr(input) || isErr(output)) return { error: 'too many open files' }
  const path = `${CNI_BIN}/${type}`
  const pid = yield* sys.fork(function* (child) {
    // A daemon's pipes may have the numbers of the standard streams: they are moved out of the way first.
    const from = yield* child.dupfd(input[0], 10, true)
    const to = yield* child.dupfd(output[1], 10, true)
    const nothing = yield* child.open('/dev/null', O_RDWR)
    if (isErr(from) || isErr(to) || isErr(nothing)) return 126
    const high = yield* child.dupfd(nothing, 10, true)
    yield* child.dup2(from, 0)
    yield* child.dup2(to, 1)
    if (!isErr(high)) yield* child.dup2(high, 2)
    for (let fd = 3; fd < 64; fd++) yield* child.close(fd)
    const failed = yield* child.execve(
      path,
      [path],
      [
        `CNI_COMMAND=${command}`,
        `CNI_CONTAINERID=${a.id}`,
        `CNI_NETNS=${a.netns}`,
        `CNI_IFNAME=${a.ifName}`,
        `CNI_PATH=${CNI_BIN}`,
        ...child.environ().filter((e) => e.startsWith('PATH=')),
      ],
    )
    return failed.name === 'ENOENT' ? 127 : 126
  })
  yield* sys.close(input[0])
  yield* sys.close(output[1])
  if (isErr(pid)) return { error: pid.text }
  yield* writeAll(sys, input[1], new TextEncoder().encode(JSON.stringify(conf)))
  yield* sys.close(input[1])
  const said = yield* readAll(sys, output[0])
  yield* sys.close(output[0])
  const ended = yield* sys.wait(pid)
  const text = isErr(said) ? '' : decode(said)
  if (!isErr(ended) && ended?.code === 127) return { error: `failed to find plugin "${type}" in path [${CNI_BIN}]` }
  try {
    const answer = JSON.parse(text || '{}') as CniResult & { readonly msg?: string }
    return answer.msg === undefined && !isErr(ended) && ended?.code === 0
      ? { result: answer }
      : {
          error: `plugin type="${type}" failed (${command === 'ADD' ? 'add' : 'delete'}): ${answer.msg ?? 'netplugin failed'}`,
        }
  } catch {
    return { error: `plugin type="${type}" failed: netplugin failed with no error message` }
  }
}
const confOf = (list: ConfList, p: PluginConf, a: Attachment, previous: CniResult | undefined): object => ({
  ...p,
  cniVersion: list.cniVersion,
  name: list.name,
  ...(a.ports.length > 0 && (p.capabilities as { portMappings?: boolean } | undefined)?.portMappings
    ? { runtimeConfig: { portMappings: a.ports } }
    : {}),
  ...(previous ? { prevResult: previous } : {}),
})
/** Adds a container to a network: every plugin in turn, each with the answer of the one before. */
export function* addNetwork(sys: Sys, list: ConfList, a: Attachment): Run<CniResult | string> {
  let result: CniResult | undefined
  for (const p of list.plugins) {
    const r = yield* runPlugin(sys, p.type, 'ADD', confOf(list, p, a, result), a)
    if ('error' in r) {
      yield* delNetwork(sys, list, a, result)
      return r.error
    }
    result = r.result
  }
  return result ?? { cniVersion: list.cniVersion }
}
/** Takes a container from a network, the last plugin first. */
export function* delNetwork(sys: Sys, list: ConfList, a: Attachment, result?: CniResult): Run<void> {
  for (const p of [...list.plugins].reverse()) yield* runPlugin(sys, p.type, 'DEL', confOf(list, p, a, result), a)
}

/** Makes a network namespace that outlives its maker: a file that it is mounted on. Answers the file's path. */
export function* makeNetns(sys: Sys, name: string): Run<string | undefined> {
  yield* makeDirs(sys, NETNS)
  const path = `${NETNS}/${name}`
  const fd = yield* sys.open(path, O_RDONLY | O_CREAT | O_EXCL, 0o444)
  if (isErr(fd)) return undefined
  yield* sys.close(fd)
  const pid = yield* sys.fork(function* (child) {
    if (yield* child.unshare(CLONE_NEWNET)) return 1
    return (yield* child.mount('/proc/self/ns/net', path, 'none', MS_BIND)) ? 1 : 0
  })
  const ended = isErr(pid) ? pid : yield* sys.wait(pid)
  if (!isErr(ended) && ended?.code === 0) return path
  yield* sys.unlink(path)
  return undefined
}
export function* removeNetns(sys: Sys, path: string): Run<void> {
  yield* sys.umount(path, 2)
  yield* sys.unlink(path)
}

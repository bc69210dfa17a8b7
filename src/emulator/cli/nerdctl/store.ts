/** What nerdctl keeps: labels of containerd's containers, and files below /var/lib/nerdctl. There is no daemon that would know more. */
import { isErr } from '../../base/errno.ts'
import { addNetwork, type ConfList, delNetwork, loadConf, type PortMapping } from '../../engine/cni/runtime.ts'
import type { Containerd } from '../../engine/containerd/client.ts'
import type { ContainerRecord, TaskInfo } from '../../engine/containerd/index.ts'
import { writeFile } from '../../engine/dockerd/support.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { readText } from '../../userland/lib/io.ts'
import { ToolError } from '../urfave.ts'

/** The digits stand for containerd's address: one machine may have several. */
export const DATA = '/var/lib/nerdctl/1935db59'
export const label = {
  name: 'nerdctl/name',
  hostname: 'nerdctl/hostname',
  networks: 'nerdctl/networks',
  ports: 'nerdctl/ports',
  state: 'nerdctl/state-dir',
  platform: 'nerdctl/platform',
  stop: 'containerd.io/restart.stop-signal',
} as const
export const stateDir = (ns: string, id: string): string => `${DATA}/containers/${ns}/${id}`
export const logFile = (ns: string, id: string): string => `${stateDir(ns, id)}/${id}-json.log`
export const fifoDir = (id: string): string => `/run/containerd/fifo/nerdctl-${id.slice(0, 12)}`

/** A container with what runs of it. */
export interface Item {
  readonly record: ContainerRecord
  readonly task: TaskInfo | undefined
  readonly name: string
  readonly ports: readonly PortMapping[]
}
/** `k8s://default/web/nginx`: what the CRI plugin made has a name only by its labels. */
function podName(labels: Readonly<Record<string, string>>): string {
  const [ns, pod, name] = ['pod.namespace', 'pod.name', 'container.name'].map((k) => labels[`io.kubernetes.${k}`])
  return ns && pod ? ['k8s:/', ns, pod, ...(name ? [name] : [])].join('/') : ''
}
export function* itemOf(c: Containerd, record: ContainerRecord): Run<Item> {
  const task = yield* c.try<TaskInfo>('tasks.Get', { id: record.id })
  return {
    record,
    task: task.ok ? task.result : undefined,
    name: record.labels[label.name] ?? podName(record.labels),
    ports: JSON.parse(record.labels[label.ports] ?? '[]') as PortMapping[],
  }
}
/** Containers of the namespace, the newest first. */
export function* items(c: Containerd): Run<Item[]> {
  const out: Item[] = []
  for (const r of yield* c.call<ContainerRecord[]>('containers.List')) out.push(yield* itemOf(c, r))
  return out.sort((a, b) => b.record.created - a.record.created)
}
/** A container by name, id or the beginning of an id. */
export function* find(c: Containerd, ref: string): Run<Item> {
  const all = yield* items(c)
  const named = all.filter((i) => i.name === ref)
  const hits = named.length > 0 ? named : all.filter((i) => ref !== '' && i.record.id.startsWith(ref))
  if (hits.length === 0) throw new ToolError(`no such container: ${ref}`)
  if (hits.length > 1) throw new ToolError(`multiple IDs found with provided prefix: ${ref}`)
  return hits[0] as Item
}

const CONF = '/etc/cni/net.d/nerdctl-bridge.conflist'
/** The default network: its configuration is written when it is first used. */
export function* bridgeNetwork(sys: Sys): Run<ConfList> {
  if (isErr(yield* sys.stat(CONF))) {
    yield* makeDirs(sys, '/etc/cni/net.d')
    const conf = {
      cniVersion: '1.0.0',
      name: 'bridge',
      nerdctlID: '17f29b073143d8cd97b5bbe492bdeffec1c5fee55cc1fe2112c8b9335f8b6121',
      nerdctlLabels: { 'nerdctl/default-network': 'true' },
      plugins: [
        {
          type: 'bridge',
          bridge: 'nerdctl0',
          isGateway: true,
          ipMasq: true,
          hairpinMode: true,
          ipam: {
            ranges: [[{ gateway: '10.4.0.1', subnet: '10.4.0.0/24' }]],
            routes: [{ dst: '0.0.0.0/0' }],
            type: 'host-local',
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
        { type: 'firewall' },
      ],
    }
    yield* writeFile(sys, CONF, `${JSON.stringify(conf, null, 2)}\n`)
  }
  const list = yield* loadConf(sys, 'bridge')
  if (typeof list === 'string') throw new ToolError(list)
  return list
}
const attachment = (
  ns: string,
  i: { readonly id: string; readonly pid: number; readonly ports: readonly PortMapping[] },
) => ({
  id: `${ns}-${i.id}`,
  netns: i.pid === 0 ? '' : `/proc/${i.pid}/ns/net`,
  ifName: 'eth0',
  ports: i.ports,
})
/** Puts a created container on the bridge: its address. */
export function* join(
  sys: Sys,
  ns: string,
  i: { readonly id: string; readonly pid: number; readonly ports: readonly PortMapping[] },
): Run<string> {
  const list = yield* bridgeNetwork(sys)
  const result = yield* addNetwork(sys, list, attachment(ns, i))
  if (typeof result === 'string') throw new ToolError(`failed to call cni.Setup: ${result}`)
  yield* writeFile(sys, `${stateDir(ns, i.id)}/network-config.json`, JSON.stringify(result))
  return result.ips?.[0]?.address.split('/')[0] ?? ''
}
/** Takes an ended container's address and forwarded ports away. */
export function* leave(
  sys: Sys,
  ns: string,
  i: { readonly id: string; readonly ports: readonly PortMapping[] },
): Run<void> {
  const path = `${stateDir(ns, i.id)}/network-config.json`
  const kept = yield* readText(sys, path)
  if (isErr(kept)) return
  yield* delNetwork(sys, yield* bridgeNetwork(sys), attachment(ns, { ...i, pid: 0 }), JSON.parse(kept))
  yield* sys.unlink(path)
}
/** The address that a container has; '' where it has none. */
export function* addressOf(sys: Sys, ns: string, id: string): Run<string> {
  const kept = yield* readText(sys, `${stateDir(ns, id)}/network-config.json`)
  return isErr(kept)
    ? ''
    : ((JSON.parse(kept) as { ips?: { address: string }[] }).ips?.[0]?.address.split('/')[0] ?? '')
}

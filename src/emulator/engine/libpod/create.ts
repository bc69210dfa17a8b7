/** Making a container: its configuration from options, an image and defaults; its name; its writable layer. */

import type { Run } from '../../kernel/linux/abi.ts'
import { SIGTERM, signalNumber } from '../../kernel/linux/signals.ts'
import { generateName } from '../containernames.ts'
import { Problem } from '../containers/problem.ts'
import type { ImageRecord } from '../containers/storage.ts'
import { imageInfo } from './images.ts'
import type { Libpod } from './libpod.ts'
import { dependencies } from './lifecycle.ts'
import { findNetwork } from './network.ts'
import { capabilities, processArgs } from './spec.ts'
import { type Container, type ContainerConfig, fresh, type NamedVolume, type NetworkMode, type Port } from './types.ts'
import { makeVolume, nameComplaint, validName } from './volumes.ts'

/** A name that no container and no pod has. */
export function* freeName(lp: Libpod): Run<string> {
  const db = yield* lp.db()
  return yield* generateName(
    lp.sys,
    (name) => !db.containers.some((c) => c.config.name === name) && !db.pods.some((p) => p.name === name),
  )
}

/** What a caller asks for; what is absent is the image's or podman's to say. */
export type Wanted = Partial<Omit<ContainerConfig, 'id' | 'created' | 'image' | 'volumes' | 'hostname'>> & {
  readonly image?: { readonly record: ImageRecord; readonly name: string } | undefined
  readonly hostname?: string
  /** -v NAME:PATH; '' as a name: an anonymous one. */
  readonly volumes?: readonly NamedVolume[]
  readonly publishAll?: boolean
  readonly replace?: boolean
  /** Gives an infra container its file system. */
  readonly id?: string
}

/** Makes the container. Throws Problem; nothing is left then. */
export function* createContainer(lp: Libpod, w: Wanted): Run<Container> {
  const db = yield* lp.db()
  const image = w.image ? yield* imageInfo(lp.storage, w.image.record) : undefined
  const ic = image?.config.config ?? {}
  const name = w.name ?? (yield* freeName(lp))
  if (!validName.test(name)) throw new Problem(`running container create option: ${nameComplaint}`)
  const pod = w.pod === undefined ? undefined : db.pods.find((p) => p.id === w.pod)
  if (db.pods.some((p) => p.name === name) && !w.infra)
    throw new Problem(`adding container ${name} to state: name "${name}" is in use: container already exists`)
  const id = w.id ?? (yield* lp.newId())
  const command = w.command && w.command.length > 0 ? w.command : w.entrypoint !== undefined ? [] : (ic.Cmd ?? [])
  const entrypoint = w.entrypoint ?? ic.Entrypoint
  const network: NetworkMode =
    w.network ??
    (lp.place.rootless ? { kind: 'pasta' } : { kind: 'bridge', networks: [{ name: 'podman', aliases: [] }] })
  if (network.kind === 'bridge') for (const n of network.networks) yield* findNetwork(lp, n.name)
  if (network.kind === 'container') yield* lp.find(network.id)
  const exposed = [...new Set([...(w.exposed ?? []), ...Object.keys(ic.ExposedPorts ?? {})])]
  const stopSignal = w.stopSignal ?? signalOf(ic.StopSignal) ?? SIGTERM
  const config: ContainerConfig = {
    id,
    name,
    created: yield* lp.now(),
    image: w.image ? { id: w.image.record.id, name: w.image.name, config: ic } : undefined,
    pod: pod?.id,
    infra: w.infra ?? false,
    entrypoint,
    command,
    env: w.env ?? [],
    workDir: w.workDir || ic.WorkingDir || '/',
    user: w.user || ic.User || '',
    groups: w.groups ?? [],
    tty: w.tty ?? false,
    stdin: w.stdin ?? false,
    labels: { ...ic.Labels, ...w.labels },
    annotations: w.annotations ?? {},
    hostname:
      w.hostname ||
      (network.kind === 'host' || w.uts === 'host'
        ? (yield* lp.sys.uname()).nodename
        : (pod?.hostname ?? id.slice(0, 12))),
    stopSignal,
    stopTimeout: w.stopTimeout ?? 10,
    autoRemove: w.autoRemove ?? false,
    restart: w.restart ?? { policy: '', retries: 0 },
    ports: [...(w.ports ?? []), ...(w.publishAll ? yield* randomPorts(lp, exposed, w.ports ?? []) : [])],
    exposed,
    network,
    hosts: w.hosts ?? [],
    dns: w.dns ?? [],
    ipc: w.ipc ?? 'private',
    pid: w.pid ?? 'private',
    uts: w.uts ?? 'private',
    cgroupns: w.cgroupns ?? 'private',
    binds: w.binds ?? [],
    volumes: [],
    tmpfs: w.tmpfs ?? {},
    capAdd: w.capAdd ?? [],
    capDrop: w.capDrop ?? [],
    privileged: w.privileged ?? false,
    readOnly: w.readOnly ?? false,
    securityOpt: w.securityOpt ?? [],
    resources: w.resources ?? { pids: { limit: 2048 } },
    shmSize: w.shmSize ?? 65_536_000,
    ulimits: w.ulimits ?? [],
    devices: w.devices ?? [],
    sysctls: w.sysctls ?? {},
    init: w.init ?? false,
    createCommand: w.createCommand ?? [],
  }
  capabilities(config)
  if (processArgs(config).length === 0)
    throw new Problem('no command or entrypoint provided, and no CMD or ENTRYPOINT from image')
  for (const d of dependencies({ config, state: fresh })) yield* lp.find(d)
  const old = db.containers.find((c) => c.config.name === name)
  if (old && !w.replace)
    throw new Problem(
      `creating container storage: the container name "${name}" is already in use by ${old.config.id}. You have to remove that container to be able to reuse that name: that name is already in use, or use --replace to instruct Podman to do so.`,
    )
  const volumes = yield* volumesOf(lp, w.volumes ?? [], Object.keys(ic.Volumes ?? {}), config)
  yield* lp.storage.createContainer({
    id,
    name,
    image: w.image?.record,
    metadata: {
      'image-name': w.image?.name ?? '',
      'image-id': w.image?.record.id ?? '',
      name,
      'created-at': Math.floor(config.created / 1e9),
    },
  })
  const made: Container = { config: { ...config, volumes }, state: fresh }
  yield* lp.change((d) => ({ ...d, containers: [...d.containers, made] }))
  yield* lp.note(made, 'create')
  return made
}
const signalOf = (name: string | undefined): number | undefined => (name === undefined ? undefined : signalNumber(name))
/** Volumes of the options, then of the image where nothing else is mounted; those without a name get one. */
function* volumesOf(
  lp: Libpod,
  wanted: readonly NamedVolume[],
  ofImage: readonly string[],
  config: ContainerConfig,
): Run<NamedVolume[]> {
  const out: NamedVolume[] = []
  const covered = new Set([...config.binds.map((b) => b.destination), ...Object.keys(config.tmpfs)])
  const all = [
    ...wanted,
    ...ofImage
      .filter((d) => !covered.has(d) && !wanted.some((v) => v.destination === d))
      .map((destination) => ({ name: '', destination, readOnly: false })),
  ]
  for (const v of all) {
    const name = v.name || (yield* lp.newId())
    yield* makeVolume(lp, name, { anonymous: v.name === '', may: true })
    out.push({ ...v, name })
  }
  return out
}
/** -P: a free port of the host's for each that the image exposes. */
function* randomPorts(lp: Libpod, exposed: readonly string[], taken: readonly Port[]): Run<Port[]> {
  const used = new Set<number>()
  for (const c of yield* lp.all()) for (const p of c.config.ports) used.add(p.hostPort)
  const out: Port[] = []
  for (const key of exposed) {
    const [port = '', protocol = 'tcp'] = key.split('/')
    if (taken.some((p) => p.containerPort === Number(port) && p.protocol === protocol)) continue
    let hostPort = 0
    do {
      const [a = 0, b = 0] = yield* lp.sys.getrandom(2)
      hostPort = 32768 + (((a << 8) | b) % 28232)
    } while (used.has(hostPort))
    used.add(hostPort)
    out.push({ hostIp: '', hostPort, containerPort: Number(port), protocol: protocol === 'udp' ? 'udp' : 'tcp' })
  }
  return out
}

/** podman kube generate, kube play and kube down, and generate systemd: what a container or a pod is as a document for others. */
import { parse as parseYaml, stringify } from 'yaml'
import { isErr } from '../../base/errno.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isoTime } from '../../engine/containers/storage.ts'
import { createContainer } from '../../engine/libpod/create.ts'
import { pull } from '../../engine/libpod/images.ts'
import { PODMAN_VERSION } from '../../engine/libpod/libpod.ts'
import { createPod, membersOf, removePod, shared, startPod } from '../../engine/libpod/pods.ts'
import type { Container, Pod, Port } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { decode, print, readAll, readText } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import type { Given } from '../flags.ts'
import type { Commands, Context } from './context.ts'
import { pullOptions } from './images.ts'

/** One container as Kubernetes' Container. */
function containerSpec(x: Container, ports: readonly Port[]): Record<string, unknown> {
  const { config } = x
  const own = config.env
  return {
    ...(config.entrypoint && JSON.stringify(config.entrypoint) !== JSON.stringify(config.image?.config.Entrypoint)
      ? { command: config.entrypoint }
      : {}),
    ...(JSON.stringify(config.command) === JSON.stringify(config.image?.config.Cmd ?? [])
      ? {}
      : { args: config.command }),
    ...(own.length > 0
      ? { env: own.map((e) => ({ name: e.slice(0, e.indexOf('=')), value: e.slice(e.indexOf('=') + 1) })) }
      : {}),
    image: config.image?.name ?? '',
    name: config.name,
    ...(ports.length > 0
      ? {
          ports: ports.map((p) => ({
            containerPort: p.containerPort,
            hostPort: p.hostPort,
            ...(p.hostIp ? { hostIP: p.hostIp } : {}),
            ...(p.protocol === 'udp' ? { protocol: 'UDP' } : {}),
          })),
        }
      : {}),
    ...(config.resources.memory?.limit
      ? { resources: { limits: { memory: String(config.resources.memory.limit) } } }
      : {}),
    ...(config.privileged ? { securityContext: { privileged: true } } : {}),
    ...(config.tty ? { tty: true } : {}),
    ...(config.stdin ? { stdin: true } : {}),
    ...(config.binds.length + config.volumes.length > 0
      ? {
          volumeMounts: [
            ...config.binds.map((b) => ({
              mountPath: b.destination,
              name: volumeName(b.source),
              ...(b.readOnly ? { readOnly: true } : {}),
            })),
            ...config.volumes.map((v) => ({
              mountPath: v.destination,
              name: `${v.name}-pvc`,
              ...(v.readOnly ? { readOnly: true } : {}),
            })),
          ],
        }
      : {}),
    ...(config.workDir && config.workDir !== (config.image?.config.WorkingDir || '/')
      ? { workingDir: config.workDir }
      : {}),
  }
}
const volumeName = (path: string): string =>
  `${path
    .replace(/^\//, '')
    .replace(/[^a-zA-Z0-9]/g, '-')
    .toLowerCase()}-host-0`
function* kubePod(
  c: Context,
  name: string,
  pod: Pod | undefined,
  members: readonly Container[],
): Run<Record<string, unknown>> {
  const infra = members.find((m) => m.config.infra)
  const list = members.filter((m) => !m.config.infra)
  const volumes = list.flatMap((x) => [
    ...x.config.binds.map((b) => ({ hostPath: { path: b.source, type: 'Directory' }, name: volumeName(b.source) })),
    ...x.config.volumes.map((v) => ({ name: `${v.name}-pvc`, persistentVolumeClaim: { claimName: v.name } })),
  ])
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      creationTimestamp: isoTime(Math.floor((yield* c.lp.now()) / 1e9) * 1e9),
      labels: { app: name, ...pod?.labels },
      name,
    },
    spec: {
      containers: list.map((x, n) => containerSpec(x, n === 0 && infra ? infra.config.ports : x.config.ports)),
      ...(infra?.config.network.kind === 'host' || list[0]?.config.network.kind === 'host'
        ? { hostNetwork: true }
        : {}),
      ...(pod && pod.hostname !== pod.name ? { hostname: pod.hostname } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  }
}
function* generateKube(c: Context, g: Given): Run<number> {
  const type = g.value('type') ?? 'pod'
  if (type !== 'pod') throw notEmulated(`podman kube generate --type ${type}`)
  if (g.has('service')) throw notEmulated('podman kube generate --service')
  const documents: unknown[] = []
  for (const name of g.args) {
    const { pods } = yield* c.lp.db()
    const pod = pods.find((p) => p.name === name || p.id.startsWith(name))
    if (pod) documents.push(yield* kubePod(c, pod.name, pod, yield* membersOf(c.lp, pod)))
    else {
      let x: Container
      try {
        x = yield* c.lp.find(name)
      } catch (e) {
        if (!(e instanceof Problem)) throw e
        throw new Problem(`name or ID ${JSON.stringify(name)} not found`)
      }
      if (x.config.pod !== undefined)
        throw new Problem(
          `container ${x.config.id} is associated with pod ${x.config.pod}: use generate on the pod itself: invalid argument`,
        )
      documents.push(yield* kubePod(c, `${x.config.name}-pod`, undefined, [x]))
    }
  }
  const text = `# Save the output of this file and use kubectl create -f to import\n# it into Kubernetes.\n#\n# Created with podman-${PODMAN_VERSION}\n${documents.map((d) => stringify(d, { lineWidth: 0, defaultStringType: 'PLAIN', indentSeq: false }).replace(/^( +creationTimestamp: )(\S+)$/m, '$1"$2"')).join('---\n')}`
  const file = g.value('filename')
  if (file === undefined) {
    yield* print(c.sys, text)
    return 0
  }
  if (!isErr(yield* c.sys.stat(file))) throw new Problem(`cannot write to ${JSON.stringify(file)}: file exists`)
  const fd = yield* c.sys.open(file, 0o101, 0o644)
  if (isErr(fd)) throw new Problem(`open ${file}: ${fd.text.toLowerCase()}`)
  yield* c.sys.write(fd, new TextEncoder().encode(text))
  yield* c.sys.close(fd)
  return 0
}

interface KubeContainer {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly ports?: readonly {
    readonly containerPort: number
    readonly hostPort?: number
    readonly hostIP?: string
    readonly protocol?: string
  }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[]
  readonly workingDir?: string
  readonly tty?: boolean
  readonly stdin?: boolean
  readonly resources?: { readonly limits?: { readonly memory?: string; readonly cpu?: string } }
  readonly securityContext?: { readonly privileged?: boolean; readonly runAsUser?: number }
}
interface KubePod {
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly spec?: {
    readonly containers?: readonly KubeContainer[]
    readonly initContainers?: readonly unknown[]
    readonly hostNetwork?: boolean
    readonly hostname?: string
    readonly restartPolicy?: string
    readonly volumes?: readonly {
      readonly name: string
      readonly hostPath?: { readonly path: string }
      readonly persistentVolumeClaim?: { readonly claimName: string }
      readonly emptyDir?: object
    }[]
  }
}
/** A quantity of Kubernetes' as a number: 64Mi, 100m, 1G. */
export function quantity(text: string): number | undefined {
  const m = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text)
  if (!m) return undefined
  const unit =
    { m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4 }[m[2] ?? ''] ?? 1
  return Number(m[1]) * unit
}
/** The documents of a file; a Problem where it isn't YAML. */
function* documentsOf(c: Context, file: string): Run<KubePod[]> {
  let text: string
  if (file === '-') {
    const bytes = yield* readAll(c.sys, 0)
    text = isErr(bytes) ? '' : decode(bytes)
  } else {
    const read = yield* readText(c.sys, file)
    if (isErr(read)) throw new Problem(`open ${file}: ${read.text.toLowerCase()}`)
    text = read
  }
  try {
    return text
      .split(/^---\s*$/m)
      .filter((d) => d.replace(/^\s*#.*$/gm, '').trim() !== '')
      .map((d) => parseYaml(d) as KubePod)
  } catch (e) {
    throw new Problem(`multi doc yaml could not be split: yaml: ${(e as Error).message.split('\n')[0]}`)
  }
}
function* play(c: Context, g: Given): Run<number> {
  const documents = yield* documentsOf(c, g.args[0] as string)
  if (g.has('down')) return yield* down(c, documents)
  for (const d of documents) {
    if (d === null || typeof d !== 'object' || !d.kind)
      throw new Problem('unable to read YAML as Kube Pod: missing kind')
    if (d.kind !== 'Pod') throw notEmulated(`podman kube play of a ${d.kind}`)
    yield* playPod(c, g, d)
  }
  return 0
}
function* playPod(c: Context, g: Given, d: KubePod): Run<void> {
  const { lp } = c
  const name = d.metadata?.name
  if (!name) throw new Problem('pod does not have a name')
  const spec = d.spec ?? {}
  if ((spec.initContainers ?? []).length > 0) throw notEmulated('podman kube play of init containers')
  const old = (yield* lp.db()).pods.find((p) => p.name === name)
  if (old) {
    if (!g.has('replace'))
      throw new Problem(`adding pod to state: name ${JSON.stringify(name)} is in use: pod already exists`)
    yield* removePod(lp, old, { force: true })
  }
  const containers = spec.containers ?? []
  const ports: Port[] = containers.flatMap((k) =>
    (k.ports ?? []).flatMap((p) =>
      p.hostPort
        ? [
            {
              hostIp: p.hostIP ?? '',
              hostPort: p.hostPort,
              containerPort: p.containerPort,
              protocol: p.protocol === 'UDP' ? ('udp' as const) : ('tcp' as const),
            },
          ]
        : [],
    ),
  )
  const pod = yield* createPod(lp, {
    name,
    labels: d.metadata?.labels ?? {},
    hostname: spec.hostname ?? name,
    ports,
    ...(spec.hostNetwork ? { network: { kind: 'host' as const } } : lp.place.rootless ? {} : {}),
    exitPolicy: 'stop',
    createCommand: c.argv,
  })
  const ids: string[] = []
  try {
    for (const k of containers) {
      const { id, name: full } = yield* pull(c.sys, lp.storage, yield* lp.registries(), k.image, {
        ...(yield* pullOptions(c, g)),
        policy: 'missing',
      })
      const record = (yield* lp.storage.images()).find((i) => i.id === id)
      if (!record) throw new Problem(`${k.image}: image not known`)
      const memory = k.resources?.limits?.memory
      const cpu = k.resources?.limits?.cpu
      const limit = memory === undefined ? undefined : quantity(String(memory))
      const share = cpu === undefined ? undefined : quantity(String(cpu))
      if ((memory !== undefined && limit === undefined) || (cpu !== undefined && share === undefined))
        throw new Problem(`quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
      const binds: { source: string; destination: string; readOnly: boolean }[] = []
      const volumes: { name: string; destination: string; readOnly: boolean }[] = []
      for (const m of k.volumeMounts ?? []) {
        const v = spec.volumes?.find((x) => x.name === m.name)
        if (!v) throw new Problem(`volume mount ${m.name} specified for container but not configured in volumes`)
        if (v.hostPath) binds.push({ source: v.hostPath.path, destination: m.mountPath, readOnly: m.readOnly ?? false })
        else
          volumes.push({
            name: v.persistentVolumeClaim?.claimName ?? `${name}-${v.name}`,
            destination: m.mountPath,
            readOnly: m.readOnly ?? false,
          })
      }
      const made = yield* createContainer(lp, {
        name: `${name}-${k.name}`,
        image: { record, name: full },
        pod: pod.id,
        ...shared(pod),
        ...(k.command ? { entrypoint: k.command } : {}),
        ...(k.args ? { command: k.args } : {}),
        env: (k.env ?? []).map((e) => `${e.name}=${e.value ?? ''}`),
        workDir: k.workingDir ?? '',
        tty: k.tty ?? false,
        stdin: k.stdin ?? false,
        privileged: k.securityContext?.privileged ?? false,
        user: k.securityContext?.runAsUser === undefined ? '' : String(k.securityContext.runAsUser),
        restart: {
          policy: spec.restartPolicy === 'Never' ? '' : spec.restartPolicy === 'OnFailure' ? 'on-failure' : 'always',
          retries: 0,
        },
        binds,
        volumes,
        resources: {
          ...(limit ? { memory: { limit, swap: limit * 2 } } : {}),
          ...(share ? { cpu: { quota: Math.round(share * 100_000), period: 100_000 } } : {}),
          pids: { limit: 2048 },
        },
        createCommand: c.argv,
      })
      ids.push(made.config.id)
    }
    if (g.value('start') !== 'false') yield* startPod(lp, pod)
  } catch (e) {
    yield* removePod(lp, pod, { force: true })
    throw e
  }
  yield* print(
    c.sys,
    `Pod:\n${pod.id}\n${ids.length === 1 ? 'Container' : 'Containers'}:\n${ids.map((i) => `${i}\n`).join('')}\n`,
  )
}
function* down(c: Context, documents: readonly KubePod[]): Run<number> {
  const { pods } = yield* c.lp.db()
  const found = documents.flatMap((d) => pods.filter((p) => p.name === d.metadata?.name))
  yield* print(c.sys, `Pods stopped:\n${found.map((p) => `${p.id}\n`).join('')}`)
  for (const p of found) yield* removePod(c.lp, p, { force: true })
  yield* print(c.sys, `Pods removed:\n${found.map((p) => `${p.id}\n`).join('')}Secrets removed:\nVolumes removed:\n`)
  return 0
}
/** A unit file; podman says itself that quadlets have taken its place. */
function* generateSystemd(c: Context, g: Given): Run<number> {
  if (g.has('new') || g.has('files')) throw notEmulated(`podman generate systemd ${g.has('new') ? '--new' : '--files'}`)
  const name = g.args[0] as string
  let x: Container
  try {
    x = yield* c.lp.find(name)
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    throw new Problem(
      `${name} does not refer to a container or pod: no pod with name or ID ${name} found: no such pod: ${e.message}`,
    )
  }
  const shown = g.has('name') ? x.config.name : x.config.id
  const stop = x.config.stopTimeout
  yield* c.sys.write(
    2,
    new TextEncoder().encode(
      '\nDEPRECATED command:\nIt is recommended to use Quadlets for running containers and pods under systemd.\n\nPlease refer to podman-systemd.unit(5) for details.\n',
    ),
  )
  yield* print(
    c.sys,
    `# container-${shown}.service\n# autogenerated by Podman ${PODMAN_VERSION}\n# ${strftime('%a %b %e %H:%M:%S UTC %Y', yield* c.lp.now())}\n\n[Unit]\nDescription=Podman container-${shown}.service\nDocumentation=man:podman-generate-systemd(1)\nWants=network-online.target\nAfter=network-online.target\nRequiresMountsFor=${c.lp.place.runRoot}\n\n[Service]\nEnvironment=PODMAN_SYSTEMD_UNIT=%n\nRestart=on-failure\nTimeoutStopSec=${60 + stop}\nExecStart=/usr/bin/podman start ${shown}\nExecStop=/usr/bin/podman stop  \\\n\t-t ${stop} ${shown}\nExecStopPost=/usr/bin/podman stop  \\\n\t-t ${stop} ${shown}\nPIDFile=${c.lp.storage.runDir(x.config.id)}/conmon.pid\nType=forking\n\n[Install]\nWantedBy=default.target\n`,
  )
  return 0
}
export const kubeCommands: Commands = {
  'generate kube': { args: [1, Infinity], flags: 'filename service type', run: generateKube },
  'kube play': { args: [1, 1], flags: 'authfile creds down quiet replace start tls-verify', run: play },
  'kube down': {
    args: [1, 1],
    flags: 'force',
    *run(c, g) {
      return yield* down(c, yield* documentsOf(c, g.args[0] as string))
    },
  },
  'generate systemd': { args: [1, 1], flags: 'files name new', run: generateSystemd },
}

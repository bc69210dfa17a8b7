/** Pods: containers that share namespaces, which an infra container holds. */
import type { Run } from '../../kernel/linux/abi.ts'
import { Problem } from '../containers/problem.ts'
import { CATATONIT } from '../containers/userns.ts'
import { createContainer, freeName } from './create.ts'
import { isLive, type Libpod, shownStatus } from './libpod.ts'
import { dropContainer, startContainer, stop } from './lifecycle.ts'
import type { Container, NetworkMode, Pod, Port } from './types.ts'
import { nameComplaint, validName } from './volumes.ts'

export interface PodWanted {
  readonly name?: string | undefined
  readonly labels?: Readonly<Record<string, string>>
  readonly hostname?: string
  readonly ports?: readonly Port[]
  readonly network?: NetworkMode | undefined
  readonly infra?: boolean
  readonly infraName?: string | undefined
  readonly share?: readonly string[]
  readonly exitPolicy?: 'continue' | 'stop'
  readonly hosts?: readonly string[]
  readonly createCommand?: readonly string[]
}
/** Makes a pod with its infra container, which isn't started yet. Throws Problem. */
export function* createPod(lp: Libpod, w: PodWanted): Run<Pod> {
  const name = w.name ?? (yield* freeName(lp))
  if (!validName.test(name)) throw new Problem(`running pod create option: ${nameComplaint}`)
  const db = yield* lp.db()
  if (db.pods.some((p) => p.name === name) || db.containers.some((c) => c.config.name === name))
    throw new Problem(`adding pod to state: name "${name}" is in use: pod already exists`)
  const id = yield* lp.newId()
  const hasInfra = w.infra ?? true
  if (!hasInfra && (w.ports ?? []).length > 0)
    throw new Problem('cannot set port bindings on an existing container network namespace')
  const infraId = hasInfra ? yield* lp.newId() : undefined
  const pod: Pod = {
    id,
    name,
    created: yield* lp.now(),
    labels: w.labels ?? {},
    hostname: w.hostname || name,
    infra: infraId,
    share: hasInfra ? (w.share ?? ['ipc', 'net', 'uts']) : [],
    exitPolicy: w.exitPolicy ?? 'continue',
    createCommand: w.createCommand ?? [],
  }
  yield* lp.change((d) => ({ ...d, pods: [...d.pods, pod] }))
  try {
    if (infraId !== undefined)
      yield* createContainer(lp, {
        id: infraId,
        name: w.infraName ?? `${id.slice(0, 12)}-infra`,
        infra: true,
        pod: id,
        // It has no image: its one program is the host's, bound into an empty root.
        entrypoint: ['/catatonit', '-P'],
        command: [],
        binds: [{ source: CATATONIT, destination: '/catatonit', readOnly: true }],
        ...(w.network ? { network: w.network } : {}),
        ports: w.ports ?? [],
        hosts: w.hosts ?? [],
        hostname: pod.hostname,
      })
  } catch (e) {
    yield* lp.change((d) => ({ ...d, pods: d.pods.filter((p) => p.id !== id) }))
    throw e
  }
  yield* lp.event({ ID: id, Name: name, Status: 'create', Type: 'pod' })
  return pod
}
/** What a container of a pod takes from the infra container. */
export function shared(pod: Pod): Partial<Pick<Container['config'], 'network' | 'ipc' | 'pid' | 'uts'>> {
  const { infra } = pod
  if (infra === undefined) return {}
  const from = `container:${infra}` as const
  return {
    ...(pod.share.includes('net') ? { network: { kind: 'container', id: infra } as const } : {}),
    ...(pod.share.includes('ipc') ? { ipc: from } : {}),
    ...(pod.share.includes('pid') ? { pid: from } : {}),
    ...(pod.share.includes('uts') ? { uts: from } : {}),
  }
}
export function* membersOf(lp: Libpod, pod: Pod): Run<Container[]> {
  return (yield* lp.all()).filter((c) => c.config.pod === pod.id)
}
/** Created, Running, Degraded, Exited, Stopped, Paused: of its containers' states, as createPodStatusResults has it. */
export function podStatus(members: readonly Container[]): string {
  const count = (s: string): number => members.filter((c) => shownStatus(c) === s).length
  const n = members.length
  if (n === 0) return 'Created'
  const running = count('running')
  const created = count('created') + count('initialized')
  if (running === n) return 'Running'
  if (created === n) return 'Created'
  if (count('paused') === n) return 'Paused'
  if (running > 0) return 'Degraded'
  if (count('exited') > 0 && count('paused') === 0) return 'Exited'
  return count('paused') > 0 ? 'Paused' : 'Created'
}
export function* startPod(lp: Libpod, pod: Pod): Run<void> {
  const members = yield* membersOf(lp, pod)
  for (const c of [...members.filter((m) => m.config.infra), ...members.filter((m) => !m.config.infra)]) {
    const now = yield* lp.find(c.config.id)
    if (!isLive(now)) yield* startContainer(lp, now)
  }
  yield* lp.event({ ID: pod.id, Name: pod.name, Status: 'start', Type: 'pod' })
}
/** Stops the containers, the infra container last. */
export function* stopPod(lp: Libpod, pod: Pod, seconds?: number): Run<void> {
  const members = yield* membersOf(lp, pod)
  for (const c of [...members.filter((m) => !m.config.infra), ...members.filter((m) => m.config.infra)])
    if (isLive(c)) yield* stop(lp, c, c.config.infra ? 0 : seconds)
  yield* lp.event({ ID: pod.id, Name: pod.name, Status: 'stop', Type: 'pod' })
}
export function* removePod(
  lp: Libpod,
  pod: Pod,
  o: { readonly force?: boolean; readonly timeout?: number | undefined } = {},
): Run<void> {
  const members = yield* membersOf(lp, pod)
  const running = members.filter((c) => isLive(c) && !c.config.infra)
  if (!o.force && members.some((c) => !c.config.infra)) {
    if (running.length > 0)
      throw new Problem(
        `not all containers could be removed from pod ${pod.id}: removing pod containers: ${running.map((c) => `cannot remove container ${c.config.id} as it is running - running or paused containers cannot be removed without force: container state improper`).join('\n')}`,
        1,
      )
  }
  for (const c of [...members.filter((m) => !m.config.infra), ...members.filter((m) => m.config.infra)])
    yield* dropContainer(lp, c, { volumes: true, timeout: c.config.infra ? 0 : o.timeout })
  yield* lp.change((d) => ({ ...d, pods: d.pods.filter((p) => p.id !== pod.id) }))
  yield* lp.event({ ID: pod.id, Name: pod.name, Status: 'remove', Type: 'pod' })
}

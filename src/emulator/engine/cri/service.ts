/**
 * The CRI's RuntimeService and ImageService over a backend: pods, their containers, images. Kubernetes' container-runtime interface,
 * runtime.v1; what containerd's CRI plugin and CRI-O have in common.
 */

import { hex } from '../../base/bytes.ts'
import { type Errno, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { WaitQueue } from '../../kernel/linux/wait.ts'
import { parseReference } from '../../oci/reference.ts'
import type { SpecMount } from '../../oci/runtimespec.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { readText } from '../../userland/lib/io.ts'
import { addNetwork, type ConfList, delNetwork, loadConf, makeNetns, removeNetns } from '../cni/runtime.ts'
import { fullName } from '../containerd/images.ts'
import { removeTree } from '../containerd.ts'
import { writeFile } from '../dockerd/support.ts'
import type { Methods, Reply } from '../rpc.ts'
import { type Backend, CriError } from './backend.ts'
import { IMAGE, RUNTIME } from './names.ts'
import { collect, Streaming } from './streaming.ts'
import {
  BadField,
  type ContainerConfig,
  type CriContainer,
  type CriImage,
  readContainerConfig,
  readPodConfig,
  type Sandbox,
} from './types.ts'

const ok = (result: unknown = {}): Reply<unknown> => ({ ok: true, result })
export class CriService {
  readonly #sandboxes = new Map<string, Sandbox>()
  readonly #containers = new Map<string, CriContainer>()
  readonly #changed = new WaitQueue()
  readonly #backend: Backend
  readonly #streaming: Streaming
  constructor(sys: Sys, backend: Backend) {
    this.#backend = backend
    this.#streaming = new Streaming(sys, backend)
  }

  /** The services' methods. A CriError becomes the status that gRPC sends. */
  methods(): Methods {
    const table: Record<string, (t: Sys, p: never) => Run<unknown>> = {
      [`${RUNTIME}/Version`]: () => this.#version(),
      [`${RUNTIME}/Status`]: (t) => this.#status(t),
      [`${RUNTIME}/RunPodSandbox`]: (t, p: { config: unknown; runtimeHandler: string }) =>
        this.#runPod(t, p.config, p.runtimeHandler),
      [`${RUNTIME}/StopPodSandbox`]: (t, p: { id: string }) => this.#stopPod(t, p.id),
      [`${RUNTIME}/RemovePodSandbox`]: (t, p: { id: string }) => this.#removePod(t, p.id),
      [`${RUNTIME}/PodSandboxStatus`]: (_t, p: { id: string }) => this.#podStatus(p.id),
      [`${RUNTIME}/ListPodSandbox`]: () => this.#listPods(),
      [`${RUNTIME}/CreateContainer`]: (t, p: { pod: string; config: unknown; sandboxConfig: unknown }) =>
        this.#create(t, p.pod, p.config, p.sandboxConfig),
      [`${RUNTIME}/StartContainer`]: (t, p: { id: string }) => this.#start(t, p.id),
      [`${RUNTIME}/StopContainer`]: (t, p: { id: string; timeout: number }) =>
        this.#stop(t, this.#container(p.id), p.timeout),
      [`${RUNTIME}/RemoveContainer`]: (t, p: { id: string }) => this.#remove(t, p.id),
      [`${RUNTIME}/ContainerStatus`]: (t, p: { id: string }) => this.#containerStatus(t, p.id),
      [`${RUNTIME}/ListContainers`]: () => this.#listContainers(),
      [`${RUNTIME}/ExecSync`]: (t, p: { id: string; cmd: string[] }) => this.#execSync(t, p.id, p.cmd),
      [`${RUNTIME}/Exec`]: (t, p: { id: string; cmd: string[]; tty: boolean; stdin: boolean }) =>
        this.#streaming.offer(t, this.#running(p.id), p),
      [`${RUNTIME}/ListContainerStats`]: (t) => this.#stats(t),
      [`${RUNTIME}/UpdateContainerResources`]: () => {
        throw new CriError('zukan: not emulated: UpdateContainerResources', 'Unimplemented')
      },
      [`${IMAGE}/ListImages`]: (t) => this.#backend.images(t),
      [`${IMAGE}/ImageStatus`]: (t, p: { image: string }) => this.#findImage(t, p.image),
      [`${IMAGE}/PullImage`]: (t, p: { image: string }) => this.#pull(t, p.image),
      [`${IMAGE}/RemoveImage`]: (t, p: { image: string }) => this.#removeImage(t, p.image),
    }
    return Object.fromEntries(
      Object.entries(table).map(([name, act]) => [
        name,
        function* (t: Sys, p: never): Run<Reply<unknown>> {
          try {
            return ok((yield* act(t, p)) ?? null)
          } catch (e) {
            if (e instanceof CriError) return { ok: false, error: `rpc error: code = ${e.code} desc = ${e.message}` }
            if (e instanceof BadField)
              return { ok: false, error: `rpc error: code = InvalidArgument desc = ${e.message}` }
            throw e
          }
        },
      ]),
    )
  }

  *#version(): Run<unknown> {
    return {
      version: '0.1.0',
      runtimeName: this.#backend.name,
      runtimeVersion: this.#backend.version,
      runtimeApiVersion: 'v1',
    }
  }
  *#status(t: Sys): Run<unknown> {
    const conf = yield* this.#network(t)
    const network = typeof conf !== 'string'
    return {
      status: {
        conditions: [
          { type: 'RuntimeReady', status: true, reason: '', message: '' },
          {
            type: 'NetworkReady',
            status: network,
            reason: network ? '' : 'NetworkPluginNotReady',
            message: network ? '' : `Network plugin returns error: cni plugin not initialized`,
          },
        ],
      },
      runtimeHandlers: (yield* this.#backend.handlers(t)).map((name) => ({ name })),
      cni: network ? conf : null,
    }
  }

  /** The configuration of the network that pods join, or why there is none. */
  #network(t: Sys): Run<ConfList | string> {
    return loadConf(t, this.#backend.network)
  }

  // --- finding by the beginning of an id ---
  #find<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
    const exact = map.get(id)
    if (exact) return exact
    const hits = id === '' ? [] : [...map].filter(([k]) => k.startsWith(id))
    if (hits.length === 1) return (hits[0] as [string, T])[1]
    if (hits.length > 1) throw new CriError(`multiple IDs found with provided prefix: ${id}`, 'InvalidArgument')
    throw new CriError(
      this.#backend.name === 'containerd'
        ? `an error occurred when try to find ${what} ${JSON.stringify(id)}: not found`
        : `could not find ${what} ${JSON.stringify(id)}: ${what} with ID starting with ${id} not found: ID does not exist`,
      'NotFound',
    )
  }
  #sandbox(id: string): Sandbox {
    return this.#find(this.#sandboxes, id, 'sandbox')
  }
  #container(id: string): CriContainer {
    return this.#find(this.#containers, id, 'container')
  }
  #running(id: string): CriContainer {
    const c = this.#container(id)
    if (c.state !== 'CONTAINER_RUNNING') throw new CriError(`container is in ${c.state} state`, 'Unknown')
    return c
  }

  // --- images ---
  *#image(t: Sys, ref: string): Run<CriImage | undefined> {
    const images = yield* this.#backend.images(t)
    const bare = ref.replace(/^sha256:/, '')
    const name = fullName(ref)
    return images.find(
      (i) =>
        (/^[0-9a-f]{4,64}$/.test(bare) && i.id.slice(7).startsWith(bare)) ||
        i.repoTags.includes(name) ||
        i.repoDigests.includes(name),
    )
  }
  *#findImage(t: Sys, ref: string): Run<CriImage | null> {
    return (yield* this.#image(t, ref)) ?? null
  }
  *#pull(t: Sys, image: string): Run<unknown> {
    const parsed = parseReference(image)
    if ('error' in parsed)
      throw new CriError(`failed to parse image reference ${JSON.stringify(image)}: ${parsed.error}`)
    const failed = yield* this.#backend.pull(t, fullName(image))
    if (failed !== undefined)
      throw new CriError(
        this.#backend.name === 'containerd'
          ? `failed to pull and unpack image ${JSON.stringify(fullName(image))}: ${failed}`
          : failed,
        /not found|does not exist/.test(failed) ? 'NotFound' : 'Unknown',
      )
    const got = yield* this.#image(t, image)
    return { imageRef: this.#backend.name === 'containerd' ? (got?.id ?? '') : (got?.repoDigests[0] ?? got?.id ?? '') }
  }
  *#removeImage(t: Sys, ref: string): Run<void> {
    const image = yield* this.#image(t, ref)
    if (image) yield* this.#backend.removeImage(t, image)
  }

  // --- pods ---
  *#runPod(t: Sys, raw: unknown, handler: string): Run<unknown> {
    const b = this.#backend
    const config = readPodConfig(raw)
    const handlers = yield* b.handlers(t)
    if (handler !== '' && !handlers.includes(handler))
      throw new CriError(
        b.name === 'containerd'
          ? `failed to get sandbox runtime: no runtime for ${JSON.stringify(handler)} is configured`
          : `failed to find runtime handler ${handler} from runtime list map[${handlers.join(' ')}]`,
      )
    const m = config.metadata
    const name = (x: PodName): string => `${x.name}_${x.namespace}_${x.uid}_${x.attempt}`
    const taken = [...this.#sandboxes.values()].find((s) => name(s.config.metadata) === name(m))
    if (taken)
      throw new CriError(
        b.name === 'containerd'
          ? `failed to reserve sandbox name ${JSON.stringify(name(m))}: name ${JSON.stringify(name(m))} is reserved for ${JSON.stringify(taken.id)}`
          : `pod sandbox with name "k8s_${name(m)}" already exists`,
      )
    const id = hex(yield* t.getrandom(32))
    const dir = `${b.state}/sandboxes/${id}`
    yield* makeDirs(t, dir)
    const onHost = config.namespaces.network === 2
    let netns = ''
    let network: Sandbox['network']
    const attachment = (path: string) => ({ id, netns: path, ifName: 'eth0', ports: portsOf(config) })
    if (!onHost) {
      const conf = yield* this.#network(t)
      if (typeof conf === 'string')
        throw new CriError(`failed to setup network for sandbox ${JSON.stringify(id)}: ${conf}`)
      const made = yield* makeNetns(t, `cni-${uuid(yield* t.getrandom(16))}`)
      if (made === undefined) throw new CriError(`failed to create network namespace for sandbox ${JSON.stringify(id)}`)
      netns = made
      yield* addNetwork(
        t,
        { cniVersion: '1.0.0', name: 'cni-loopback', plugins: [{ type: 'loopback' }] },
        { ...attachment(netns), ifName: 'lo' },
      )
      const added = yield* addNetwork(t, conf, attachment(netns))
      if (typeof added === 'string') {
        yield* removeNetns(t, netns)
        throw new CriError(`failed to setup network for sandbox ${JSON.stringify(id)}: ${added}`)
      }
      network = added
    }
    yield* this.#podFiles(t, dir, config, network)
    const s: Sandbox = {
      id,
      config,
      handler,
      created: yield* t.clock('realtime'),
      state: 'SANDBOX_READY',
      netns,
      network,
      pid: 0,
      paths: {},
    }
    const service = this
    const undo = function* (): Run<void> {
      const conf = yield* service.#network(t)
      if (netns !== '' && typeof conf !== 'string') yield* delNetwork(t, conf, attachment(netns), network)
      if (netns !== '') yield* removeNetns(t, netns)
      yield* t.umount(`${dir}/shm`, 2)
      yield* removeTree(t, dir)
    }
    const failed = yield* this.#hold(t, s, dir)
    if (failed !== undefined) {
      yield* undo()
      throw new CriError(failed)
    }
    this.#sandboxes.set(id, s)
    return { podSandboxId: id }
  }
  /** Files that the pod's containers share: names, and memory. */
  *#podFiles(t: Sys, dir: string, config: Sandbox['config'], network: Sandbox['network']): Run<void> {
    const hostname = yield* this.#hostname(t, config)
    yield* writeFile(t, `${dir}/hostname`, `${hostname}\n`)
    const hosts = yield* readText(t, '/etc/hosts')
    const ip = network?.ips?.[0]?.address.split('/')[0]
    yield* writeFile(
      t,
      `${dir}/hosts`,
      ip === undefined ? (isErr(hosts) ? '' : hosts) : `127.0.0.1\tlocalhost\n::1\tlocalhost\n${ip}\t${hostname}\n`,
    )
    const own = yield* readText(t, '/etc/resolv.conf')
    const { dns } = config
    yield* writeFile(
      t,
      `${dir}/resolv.conf`,
      dns === undefined
        ? isErr(own)
          ? ''
          : own
        : [
            ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}`] : []),
            ...dns.servers.map((s) => `nameserver ${s}`),
            ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []),
          ]
            .map((l) => `${l}\n`)
            .join(''),
    )
    yield* makeDirs(t, `${dir}/shm`)
    if (config.namespaces.ipc !== 2) yield* t.mount('shm', `${dir}/shm`, 'tmpfs', 0xe, 'mode=1777,size=65536k')
  }
  *#hostname(t: Sys, config: Sandbox['config']): Run<string> {
    return config.hostname || (yield* t.uname()).nodename
  }
  /** Starts the process that holds the pod's namespaces, where one is needed. A text where it failed. */
  *#hold(t: Sys, s: Sandbox, dir: string): Run<string | undefined> {
    const b = this.#backend
    const { namespaces } = s.config
    if (!b.needsPause(s)) return yield* pin(t, s, yield* this.#hostname(t, s.config))
    let image = yield* this.#image(t, b.pause)
    if (!image) {
      const failed = yield* b.pull(t, b.pause)
      image = yield* this.#image(t, b.pause)
      if (!image)
        return `failed to start sandbox ${JSON.stringify(s.id)}: failed to get sandbox image ${JSON.stringify(b.pause)}: failed to pull image ${JSON.stringify(b.pause)}: ${failed ?? ''}`
    }
    const pid = yield* b.create(t, {
      id: s.id,
      sandbox: s,
      container: undefined,
      image,
      options: {
        image: image.config.config,
        hostname: yield* this.#hostname(t, s.config),
        readonly: true,
        namespaces: {
          ...(s.netns === '' ? { network: 'host' } : { network: s.netns }),
          ...(namespaces.pid === 2 ? { pid: 'host' } : {}),
          ...(namespaces.ipc === 2 ? { ipc: 'host' } : {}),
        },
        cgroup: b.cgroup(s.config.cgroupParent, s.id),
        cgroupNamespace: true,
        resources: { cpu: { shares: 2 } },
        seccomp: true,
        sysctl: s.config.sysctls,
        oomScoreAdj: -998,
        mounts: [{ destination: '/dev/shm', type: 'bind', source: `${dir}/shm`, options: ['rbind', 'ro'] }],
      },
    })
    if (typeof pid === 'string')
      return `failed to start sandbox ${JSON.stringify(s.id)}: failed to create ${b.name === 'containerd' ? 'containerd task' : 'pod sandbox'}: ${pid}`
    s.pid = pid
    const failed = yield* b.start(t, s.id)
    if (failed !== undefined) return `failed to start sandbox ${JSON.stringify(s.id)}: ${failed}`
    const at = (type: string): string => `/proc/${pid}/ns/${type}`
    Object.assign(s.paths, {
      network: s.netns === '' ? 'host' : s.netns,
      uts: at('uts'),
      ipc: namespaces.ipc === 2 ? 'host' : at('ipc'),
      pid: namespaces.pid === 2 ? 'host' : at('pid'),
    })
    const service = this
    t.thread(function* (own) {
      yield* b.wait(own, s.id)
      s.state = 'SANDBOX_NOTREADY'
      service.#changed.wake()
    })
    return undefined
  }
  *#stopPod(t: Sys, id: string): Run<void> {
    const s = this.#sandbox(id)
    for (const c of this.#containers.values())
      if (c.sandbox === s && c.state === 'CONTAINER_RUNNING') yield* this.#stop(t, c, 0)
    if (s.pid !== 0 && s.state === 'SANDBOX_READY') {
      yield* this.#backend.kill(t, s.id, 9)
      yield* t.futex(this.#changed, () => s.state === 'SANDBOX_NOTREADY')
    }
    s.state = 'SANDBOX_NOTREADY'
    const conf = yield* this.#network(t)
    if (s.netns !== '' && !isErr(yield* t.stat(s.netns))) {
      if (typeof conf !== 'string')
        yield* delNetwork(t, conf, { id: s.id, netns: s.netns, ifName: 'eth0', ports: portsOf(s.config) }, s.network)
      yield* removeNetns(t, s.netns)
    }
    yield* unpin(t, s)
    yield* t.umount(`${this.#backend.state}/sandboxes/${s.id}/shm`, 2)
  }
  *#removePod(t: Sys, id: string): Run<void> {
    const s = this.#sandbox(id)
    yield* this.#stopPod(t, s.id)
    for (const c of [...this.#containers.values()]) if (c.sandbox === s) yield* this.#remove(t, c.id)
    if (s.pid !== 0) yield* this.#backend.remove(t, s.id)
    yield* removeTree(t, `${this.#backend.state}/sandboxes/${s.id}`)
    this.#sandboxes.delete(s.id)
  }
  #pod(s: Sandbox): Readonly<Record<string, unknown>> {
    const { metadata, labels, annotations } = s.config
    return { id: s.id, metadata, state: s.state, createdAt: s.created, labels, annotations, runtimeHandler: s.handler }
  }
  *#listPods(): Run<unknown> {
    return [...this.#sandboxes.values()].map((s) => this.#pod(s))
  }
  *#podStatus(id: string): Run<unknown> {
    const s = this.#sandbox(id)
    return {
      status: {
        ...this.#pod(s),
        network: {
          ip: s.state === 'SANDBOX_READY' ? (s.network?.ips?.[0]?.address.split('/')[0] ?? '') : '',
          additionalIps: [],
        },
        namespaces: ['POD', 'CONTAINER', 'NODE'],
        options: s.config.namespaces,
      },
      info: {
        ...(s.pid === 0 ? {} : { pid: s.pid }),
        ...this.#backend.info(s),
        ...(s.network ? { cniResult: s.network } : {}),
      },
    }
  }

  // --- containers ---
  *#create(t: Sys, pod: string, raw: unknown, rawPod: unknown): Run<unknown> {
    const b = this.#backend
    const config = readContainerConfig(raw)
    const s = this.#sandbox(pod)
    if (rawPod !== null && rawPod !== undefined) readPodConfig(rawPod)
    if (s.state !== 'SANDBOX_READY') throw new CriError(`sandbox container ${JSON.stringify(s.id)} is not running`)
    const same = [...this.#containers.values()].find(
      (c) =>
        c.sandbox === s &&
        c.config.metadata.name === config.metadata.name &&
        c.config.metadata.attempt === config.metadata.attempt,
    )
    const p = s.config.metadata
    const name = `${config.metadata.name}_${p.name}_${p.namespace}_${p.uid}_${config.metadata.attempt}`
    if (same)
      throw new CriError(
        `failed to reserve container name ${JSON.stringify(name)}: name ${JSON.stringify(name)} is reserved for ${JSON.stringify(same.id)}`,
      )
    const image = yield* this.#image(t, config.image)
    if (!image)
      throw new CriError(
        b.name === 'containerd'
          ? `failed to resolve image ${JSON.stringify(config.image)}: failed to get image from containerd ${JSON.stringify(config.image)}: image ${JSON.stringify(config.image)}: not found`
          : `locating image "${config.image}" locally: image not known`,
        'NotFound',
      )
    const id = hex(yield* t.getrandom(32))
    const logPath = config.logPath === '' ? '' : `${s.config.logDirectory}/${config.logPath}`.replace(/\/+/g, '/')
    if (logPath !== '' && s.config.logDirectory !== '') yield* makeDirs(t, logPath.slice(0, logPath.lastIndexOf('/')))
    const c: CriContainer = {
      id,
      sandbox: s,
      config,
      image,
      created: yield* t.clock('realtime'),
      logPath,
      state: 'CONTAINER_CREATED',
      pid: 0,
      started: 0,
      finished: 0,
      exit: 0,
      reason: '',
    }
    const pid = yield* b.create(t, {
      id,
      sandbox: s,
      container: c,
      image,
      options: {
        image: image.config.config,
        ...(config.command.length > 0 ? { entrypoint: config.command } : {}),
        args: config.args,
        env: [`HOSTNAME=${yield* this.#hostname(t, s.config)}`, ...config.envs],
        cwd: config.workingDir,
        user: config.user,
        tty: config.tty,
        readonly: config.readonlyRootfs,
        privileged: config.privileged,
        capAdd: config.capAdd,
        capDrop: config.capDrop,
        mounts: this.#mounts(s, config),
        namespaces: {
          network: s.paths.network ?? '',
          uts: s.paths.uts ?? '',
          ipc: config.namespaces.ipc === 2 ? 'host' : (s.paths.ipc ?? ''),
          ...(config.namespaces.pid === 1
            ? {}
            : { pid: config.namespaces.pid === 2 ? 'host' : (s.paths.pid ?? 'host') }),
        },
        cgroup: b.cgroup(s.config.cgroupParent, id),
        cgroupNamespace: !config.privileged,
        resources: config.resources,
        seccomp: !config.unconfined,
        noNewPrivileges: config.noNewPrivileges,
        oomScoreAdj: config.oomScoreAdj,
      },
    })
    if (typeof pid === 'string')
      throw new CriError(
        b.name === 'containerd' ? `failed to create containerd container: ${pid}` : `container create failed: ${pid}`,
      )
    c.pid = pid
    this.#containers.set(id, c)
    yield* this.#record(t, c)
    return { containerId: id }
  }
  #mounts(s: Sandbox, config: ContainerConfig): readonly SpecMount[] {
    const dir = `${this.#backend.state}/sandboxes/${s.id}`
    const covered = new Set(config.mounts.map((m) => m.containerPath))
    const shared: readonly (readonly [string, string])[] = [
      ['/etc/hosts', `${dir}/hosts`],
      ['/etc/hostname', `${dir}/hostname`],
      ['/etc/resolv.conf', `${dir}/resolv.conf`],
      ['/dev/shm', s.config.namespaces.ipc === 2 ? '/dev/shm' : `${dir}/shm`],
    ]
    return [
      ...shared
        .filter(([to]) => !covered.has(to))
        .map(([destination, source]) => ({ destination, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] })),
      ...config.mounts.map((m) => ({
        destination: m.containerPath,
        type: 'bind',
        source: m.hostPath,
        options: ['rbind', 'rprivate', m.readonly ? 'ro' : 'rw'],
      })),
    ]
  }
  *#start(t: Sys, id: string): Run<void> {
    const c = this.#container(id)
    if (c.state !== 'CONTAINER_CREATED')
      throw new CriError(
        this.#backend.name === 'containerd'
          ? `failed to set starting state for container ${JSON.stringify(c.id)}: container is in ${c.state} state`
          : `container ${c.id} is not in created state: ${c.state === 'CONTAINER_RUNNING' ? 'running' : 'stopped'}`,
      )
    const failed = yield* this.#backend.start(t, c.id)
    if (failed !== undefined) {
      c.state = 'CONTAINER_EXITED'
      c.exit = 128
      c.reason = 'StartError'
      c.finished = yield* t.clock('realtime')
      throw new CriError(
        this.#backend.name === 'containerd'
          ? `failed to start containerd task ${JSON.stringify(c.id)}: ${failed}`
          : `failed to start container ${c.id}: ${failed}`,
      )
    }
    c.state = 'CONTAINER_RUNNING'
    c.started = yield* t.clock('realtime')
    yield* this.#record(t, c)
    const b = this.#backend
    const changed = this.#changed
    const record = (own: Sys): Run<void> => this.#record(own, c)
    t.thread(function* (own) {
      c.exit = yield* b.wait(own, c.id)
      c.finished = yield* own.clock('realtime')
      c.reason = c.exit === 0 ? 'Completed' : 'Error'
      c.pid = 0
      c.state = 'CONTAINER_EXITED'
      yield* record(own)
      changed.wake()
    })
  }
  /** A container's state as a file: it outlives the daemon, and pictures read it. */
  *#record(t: Sys, c: CriContainer): Run<void> {
    const dir = `${this.#backend.state}/containers/${c.id}`
    yield* makeDirs(t, dir)
    const running = c.state === 'CONTAINER_RUNNING'
    const address = c.sandbox.network?.ips?.[0]?.address.split('/')[0]
    yield* writeFile(
      t,
      `${dir}/status`,
      JSON.stringify({
        Name: c.config.metadata.name,
        Pod: c.sandbox.config.metadata.name,
        CreatedAt: c.created,
        StartedAt: c.started,
        FinishedAt: c.finished,
        State: {
          Status: running ? 'running' : c.state === 'CONTAINER_CREATED' ? 'created' : 'exited',
          Pid: running ? c.pid : 0,
          ExitCode: c.exit,
        },
        Config: { Image: c.config.image },
        NetworkSettings: address === undefined ? [] : [address],
      }),
    )
  }
  /** Asks a container's first process to end; after `timeout` seconds it is killed. */
  *#stop(t: Sys, c: CriContainer, timeout: number): Run<void> {
    if (c.state !== 'CONTAINER_RUNNING') return
    const over = (): boolean => c.state === 'CONTAINER_EXITED'
    if (timeout > 0) {
      yield* this.#backend.kill(t, c.id, signalNumber(c.image.config.config.StopSignal ?? 'SIGTERM') ?? 15)
      if (yield* t.futex(this.#changed, over, timeout * 1e9)) return
    }
    yield* this.#backend.kill(t, c.id, 9)
    yield* t.futex(this.#changed, over)
  }
  *#remove(t: Sys, id: string): Run<void> {
    const c = this.#container(id)
    if (c.state === 'CONTAINER_RUNNING') yield* this.#stop(t, c, 0)
    yield* this.#backend.remove(t, c.id)
    yield* removeTree(t, `${this.#backend.state}/containers/${c.id}`)
    this.#containers.delete(c.id)
  }
  #shown(c: CriContainer): Readonly<Record<string, unknown>> {
    return {
      id: c.id,
      podSandboxId: c.sandbox.id,
      metadata: c.config.metadata,
      image: { image: c.config.image },
      imageRef: c.image.id,
      state: c.state,
      createdAt: c.created,
      labels: c.config.labels,
      annotations: c.config.annotations,
    }
  }
  *#listContainers(): Run<unknown> {
    return [...this.#containers.values()].map((c) => this.#shown(c))
  }
  *#containerStatus(t: Sys, id: string): Run<unknown> {
    const c = this.#container(id)
    const spec = yield* this.#backend.spec(t, c.id)
    return {
      status: {
        ...this.#shown(c),
        imageName: c.image.repoTags[0] ?? '',
        imageDigest: c.image.repoDigests[0] ?? c.image.id,
        startedAt: c.started,
        finishedAt: c.finished,
        exitCode: c.exit,
        reason: c.reason,
        logPath: c.logPath,
        mounts: c.config.mounts,
      },
      info: {
        sandboxID: c.sandbox.id,
        pid: c.pid,
        ...this.#backend.info(c),
        ...(spec ? { runtimeSpec: spec } : {}),
      },
    }
  }
  *#execSync(t: Sys, id: string, cmd: readonly string[]): Run<unknown> {
    return yield* collect(t, this.#backend, this.#running(id), cmd)
  }
  *#stats(t: Sys): Run<unknown> {
    const out: unknown[] = []
    for (const c of this.#containers.values()) {
      const at = `/sys/fs/cgroup${this.#backend.cgroup(c.sandbox.config.cgroupParent, c.id)}`
      const told = yield* this.#backend.figures?.(t, c) ?? nothing()
      const file = function* (name: string): Run<string | Errno> {
        return told ? (told[name] ?? '') : yield* readText(t, `${at}/${name}`)
      }
      const cpu = yield* file('cpu.stat')
      const memory = yield* file('memory.current')
      const inactive = yield* file('memory.stat')
      const cached = isErr(inactive) ? 0 : Number(/^inactive_file (\d+)/m.exec(inactive)?.[1] ?? 0)
      out.push({
        id: c.id,
        podSandboxId: c.sandbox.id,
        name: c.config.metadata.name,
        labels: c.config.labels,
        time: yield* t.clock('realtime'),
        cpu: isErr(cpu) ? 0 : Number(/^usage_usec (\d+)/m.exec(cpu)?.[1] ?? 0) * 1000,
        memory: isErr(memory) ? 0 : Math.max(0, Number(memory) - cached),
        disk: yield* this.#backend.usage(t, c.id),
      })
    }
    return out
  }
}
type PodName = Sandbox['config']['metadata']
const portsOf = (config: Sandbox['config']) =>
  config.portMappings
    .filter((p) => p.hostPort > 0)
    .map((p) => ({
      hostPort: p.hostPort,
      containerPort: p.containerPort,
      protocol: p.protocol.toLowerCase(),
      ...(p.hostIp === '' ? {} : { hostIP: p.hostIp }),
    }))
const uuid = (bytes: Uint8Array): string => {
  const h = hex(bytes)
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`
}

const kinds = [
  ['uts', 0x04000000],
  ['ipc', 0x08000000],
] as const
/** pinns(8): namespaces without a process, held by files that they are mounted on. A text where it failed. */
function* pin(t: Sys, s: Sandbox, hostname: string): Run<string | undefined> {
  const wanted = kinds.filter(([type]) => !(type === 'ipc' && s.config.namespaces.ipc === 2))
  const pid = yield* t.fork(function* (child) {
    for (const [type, flag] of wanted) {
      const dir = `/var/run/${type}ns`
      yield* makeDirs(child, dir)
      yield* writeFile(child, `${dir}/${s.id}`, '')
      if (yield* child.unshare(flag)) return 1
      if (type === 'uts') yield* child.sethostname(hostname)
      if (yield* child.mount(`/proc/self/ns/${type}`, `${dir}/${s.id}`, 'none', 4096)) return 1
    }
    return 0
  })
  const ended = isErr(pid) ? pid : yield* t.wait(pid)
  if (isErr(ended) || ended?.code !== 0) return `failed to pin namespaces of sandbox ${s.id}`
  Object.assign(s.paths, {
    network: s.netns === '' ? 'host' : s.netns,
    ipc: 'host',
    ...Object.fromEntries(wanted.map(([type]) => [type, `/var/run/${type}ns/${s.id}`])),
  })
  return undefined
}
function* unpin(t: Sys, s: Sandbox): Run<void> {
  for (const path of Object.values(s.paths)) {
    if (!path.endsWith(`ns/${s.id}`)) continue
    yield* t.umount(path, 2)
    yield* t.unlink(path)
  }
}
function* nothing(): Run<undefined> {
  return undefined
}

/** Creating a container: its configuration from image and options, its mounts, its name. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isReg, O_CREAT, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { generateName } from '../containernames.ts'
import { writeState } from './files.ts'
import { findImage, hostPlatform, parsePlatform, suits } from './images.ts'
import { asksForMounts, mountsOf } from './mounts.ts'
import { addEndpoint, addressComplaint, findNetwork } from './networks.ts'
import { checkName, mergedConfig, newContainer } from './record.ts'
import { runtimeOf } from './runtime.ts'
import {
  ApiError,
  type Container,
  type ContainerConfig,
  containerNamed,
  type Daemon,
  type EndpointConfig,
  findContainer,
  type HostConfig,
  newId,
} from './state.ts'
import { call, containerDir, note } from './support.ts'
import { asksNothing, validate } from './validate.ts'

/** Something is given: a list, or the keys of a table. */
const given = (value: object | null | undefined): boolean => Object.keys(value ?? {}).length > 0
/** What a container on another one's network can't have: moby daemon/pkg/runconfig validateNetContainerMode. */
function checkShared(h: HostConfig, config: ContainerConfig, macAddress: boolean): void {
  const conflict = (what: string): ApiError => new ApiError(400, `conflicting options: ${what}`)
  if (config.Hostname) throw conflict('hostname and the network mode')
  if (given(h.Links))
    throw conflict("container type network can't be used with links. This would result in undefined behavior")
  if (given(h.Dns)) throw conflict('dns and the network mode')
  if (given(h.ExtraHosts)) throw conflict('custom host-to-IP mapping and the network mode')
  if (macAddress) throw conflict('mac-address and the network mode')
  if (given(h.PortBindings) || h.PublishAllPorts) throw conflict('port publishing and the container type network mode')
  if (given(config.ExposedPorts)) throw conflict('port exposing and the container type network mode')
}
/** The container that --link names; an ApiError where there is none. */
function linked(d: Daemon, link: string): void {
  const [name = ''] = link.split(':')
  try {
    findContainer(d, name)
  } catch (e) {
    throw e instanceof ApiError ? new ApiError(e.status, `could not get container for ${name}: ${e.message}`) : e
  }
}
/** Capabilities by their full names, and containers by their ids, which stay when a name changes. */
function normalised(d: Daemon, h: HostConfig): HostConfig {
  const capabilities = (names: HostConfig['CapAdd']): readonly string[] | null =>
    names?.map((n) => (n.toUpperCase() === 'ALL' ? 'ALL' : `CAP_${n.toUpperCase().replace(/^CAP_/, '')}`)) ?? null
  const byId = (mode: string | undefined): string | undefined =>
    mode?.startsWith('container:') ? `container:${findContainer(d, mode.slice(10)).id}` : mode
  const [NetworkMode, PidMode, IpcMode] = [byId(h.NetworkMode), byId(h.PidMode), byId(h.IpcMode)]
  return {
    ...h,
    ...(h.CapAdd ? { CapAdd: capabilities(h.CapAdd) } : {}),
    ...(h.CapDrop ? { CapDrop: capabilities(h.CapDrop) } : {}),
    ...(NetworkMode === undefined ? {} : { NetworkMode }),
    ...(PidMode === undefined ? {} : { PidMode }),
    ...(IpcMode === undefined ? {} : { IpcMode }),
  }
}

/** Whether the working directory is a file in the topmost layer that has its name. */
function* fileInTheWay(sys: Sys, path: string, layers: readonly string[]): Run<boolean> {
  if (path === '' || path === '/') return false
  for (const l of layers) {
    const s = yield* sys.lstat(`${l}${path}`)
    if (!isErr(s)) return isReg(s.mode)
  }
  return false
}

/** POST /containers/create: the container and what to warn of, with its read-write layer prepared. `endpoints` are the settings of its networks by name. */
export function* createContainer(
  sys: Sys,
  d: Daemon,
  name: string,
  config: ContainerConfig,
  h: HostConfig,
  endpoints: Readonly<Record<string, EndpointConfig | null>> = {},
  platform = '',
): Run<{ readonly container: Container; readonly warnings: readonly string[] }> {
  const ref = parseReference(config.Image)
  const missing = (): ApiError => new ApiError(404, `No such image: ${'error' in ref ? config.Image : familiar(ref)}`)
  // Without a wish the host's own platform is taken where the image has it, and else what is there.
  const wanted = platform === '' ? yield* hostPlatform(sys) : parsePlatform(platform)
  const image = (() => {
    try {
      return findImage(d, config.Image, wanted)
    } catch (e) {
      throw e instanceof ApiError && e.status === 404 ? missing() : e
    }
  })()
  if (platform !== '' && !suits(image, wanted))
    throw new ApiError(
      404,
      `image with reference ${'error' in ref ? config.Image : familiar(ref)} was found but does not provide the specified platform (${platform})`,
    )
  checkName(d, name)
  const warnings = asksNothing(h, config) ? [] : validate(h, yield* sys.schedGetaffinity(), config)
  runtimeOf(d, h.Runtime)
  const id = yield* newId(sys)
  const called = name || (yield* generateName(sys, (free) => containerNamed(d, free) === undefined))
  const mode = h.NetworkMode || 'default'
  const network = mode === 'default' || mode === 'bridge' ? 'bridge' : mode
  // A number is taken as it is: moby/sys/signal ParseSignal.
  if (config.StopSignal && !signalNumber(config.StopSignal) && !/^[1-9]\d*$/.test(config.StopSignal))
    throw new ApiError(400, `invalid signal: ${config.StopSignal}`)
  const ic = image.config.config
  // On the host's network a container has the host's name.
  const hostname = network === 'host' ? (yield* sys.uname()).nodename : id.slice(0, 12)
  const { merged, words } = mergedConfig(config, ic, hostname)
  const shared = /^container:(.*)/.exec(network)
  if (shared) checkShared(h, config, endpoints[mode]?.MacAddress !== undefined)
  if (shared) findContainer(d, shared[1] as string)
  for (const link of h.Links ?? []) linked(d, link)
  for (const n of [network, ...Object.keys(endpoints)])
    if (!n.startsWith('container:') && n !== 'default' && n !== 'host' && n !== 'none') findNetwork(d, n)
  const wantsAddress = endpoints[mode]?.IPAMConfig?.IPv4Address ?? ''
  if (wantsAddress !== '' && (network === 'bridge' || network === 'host' || network === 'none'))
    throw new ApiError(
      400,
      'invalid config for network bridge: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only',
    )
  for (const [n, settings] of Object.entries(endpoints)) {
    const on = [...d.networks.values()].find((x) => x.name === n || x.id === n)
    const why = on && addressComplaint(on, settings?.IPAMConfig?.IPv4Address)
    if (why) throw new ApiError(400, `invalid config for network ${n}: invalid endpoint settings:\n${why}`)
  }
  const mounts = asksForMounts(h, merged) ? yield* mountsOf(sys, d, h, merged) : []
  const prepared = yield* call<Container['rootfs'] & object>(sys, 'snapshots.Prepare', {
    key: id,
    parent: image.chain.at(-1),
  })
  if (!prepared.ok) throw new ApiError(500, prepared.error)
  // By this file programs tell that they run in Docker: moby daemon/initlayer/setup_unix.go.
  const mark = yield* sys.open(`${prepared.result.upper}/.dockerenv`, O_CREAT | O_WRONLY, 0o755)
  if (!isErr(mark)) yield* sys.close(mark)
  const blocked = yield* fileInTheWay(sys, merged.WorkingDir ?? '', [prepared.result.upper, ...prepared.result.lower])
  if (blocked) {
    yield* call(sys, 'snapshots.Remove', { key: id })
    throw new ApiError(400, `Cannot mkdir: ${merged.WorkingDir} is not a directory`)
  }
  const c = newContainer({
    id,
    name: called,
    created: yield* sys.clock('realtime'),
    config: merged,
    hostConfig: normalised(d, h),
    image,
    words,
    mounts,
    rootfs: prepared.result,
  })
  d.containers.set(id, c)
  if (!shared && network !== 'host' && network !== 'none') {
    yield* addEndpoint(sys, c, findNetwork(d, network), endpoints[mode] ?? endpoints[network] ?? {})
    for (const [other, settings] of Object.entries(endpoints))
      if (other !== mode && other !== network) yield* addEndpoint(sys, c, findNetwork(d, other), settings ?? {})
  }
  yield* makeDirs(sys, containerDir(c), 0o700)
  yield* writeState(sys, c)
  yield* note(sys, d, c, 'create')
  return { container: c, warnings }
}

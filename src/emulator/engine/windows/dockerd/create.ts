/** POST /containers/create of the Windows daemon: what an image and options come to, for an image of Windows or, by LCOW, of Linux. */
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { makeDirs } from '../../../runtime/runc.ts'
import { generateName } from '../../containernames.ts'
import { findImage } from '../../dockerd/images.ts'
import { checkName, mergedConfig, newContainer } from '../../dockerd/record.ts'
import {
  ApiError,
  type Container,
  type ContainerConfig,
  containerNamed,
  type Daemon,
  type HostConfig,
  newId,
} from '../../dockerd/state.ts'
import { type Settings, writeState } from './containers.ts'
import { ROOT } from './layers.ts'
import { windowsMounts } from './mounts.ts'
import { connect } from './network.ts'

/** Options that this daemon would silently ignore: they are refused instead. */
const absent: readonly (readonly [string, (h: HostConfig) => boolean])[] = [
  ['--restart', (h) => (h.RestartPolicy?.Name ?? 'no') !== 'no' && h.RestartPolicy?.Name !== ''],
  ['--volumes-from', (h) => (h.VolumesFrom ?? []).length > 0],
  ['--link', (h) => (h.Links ?? []).length > 0],
  ['--device', (h) => (h.Devices ?? []).length > 0],
  ['--add-host', (h) => (h.ExtraHosts ?? []).length > 0],
]
/** Options of which a Windows daemon has nothing: moby daemon/daemon_windows.go, verifyPlatformContainerSettings and the like. */
const linuxOnly: readonly (readonly [string, (h: HostConfig) => boolean])[] = [
  ['Windows does not support privileged mode', (h) => h.Privileged === true],
  ['Windows does not support CapAdd', (h) => (h.CapAdd ?? []).length > 0],
  ['Windows does not support CapDrop', (h) => (h.CapDrop ?? []).length > 0],
]

export function* createContainer(
  sys: Sys,
  d: Daemon,
  s: Settings,
  name: string,
  config: ContainerConfig,
  h: HostConfig,
): Run<Container> {
  const image = findImage(d, config.Image)
  const linux = image.config.os === 'linux'
  if (linux && !s.lcow)
    throw new ApiError(
      500,
      `image operating system "linux" cannot be used on this platform: operating system is not supported`,
    )
  checkName(d, name)
  const asked = (h as { readonly Isolation?: string }).Isolation ?? ''
  if (!['', 'default', 'process', 'hyperv'].includes(asked))
    throw new ApiError(400, `invalid isolation '${asked}' on windows`)
  if (!linux)
    for (const [message, test] of linuxOnly) if (test(h)) throw new ApiError(400, `invalid option: ${message}`)
  for (const [option, test] of absent)
    if (test(h)) throw new ApiError(501, `zukan: not emulated: ${option} of the Windows engine`)
  const id = yield* newId(sys)
  const { merged, words } = mergedConfig(config, image.config.config, id.slice(0, 12))
  const c = newContainer({
    id,
    name: name || (yield* generateName(sys, (free) => containerNamed(d, free) === undefined)),
    created: yield* sys.clock('realtime'),
    config: merged,
    hostConfig: h,
    image,
    words,
    mounts: yield* windowsMounts(sys, d, h, merged, linux),
    rootfs: undefined,
  })
  yield* connect(sys, d, c)
  d.containers.set(id, c)
  yield* makeDirs(sys, `${ROOT}/containers/${id}`)
  yield* writeState(sys, c)
  return c
}

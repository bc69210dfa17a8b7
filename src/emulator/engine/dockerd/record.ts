/** The record of a new container: what daemons on Linux and on Windows do alike when one is made. */
import { WaitQueue } from '../../kernel/linux/wait.ts'
import type { RunConfig } from '../../oci/image.ts'
import { ApiError, type Container, type ContainerConfig, containerNamed, type Daemon } from './state.ts'

export const nameRe = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Throws an ApiError where a name can't be given: its letters, or another container's. '' asks for one of the daemon's choice. */
export function checkName(d: Daemon, name: string): void {
  if (name !== '' && !nameRe.test(name))
    throw new ApiError(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  const holder = name === '' ? undefined : containerNamed(d, name)
  if (holder)
    throw new ApiError(
      409,
      `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    )
}
/** The health check that counts: what the user says over what the image says, field by field. */
function healthcheckOf(config: ContainerConfig, image: ContainerConfig['Healthcheck']): ContainerConfig['Healthcheck'] {
  const own = config.Healthcheck
  if (!own) return image
  if (own.Test && own.Test.length > 0) return own
  return image ? { ...image, ...Object.fromEntries(Object.entries(own).filter(([, v]) => v)) } : own
}

/** What the user says over what the image says, and the command line that comes of it. Throws an ApiError where there is none. */
export function mergedConfig(
  config: ContainerConfig,
  image: RunConfig,
  hostname: string,
): { readonly merged: ContainerConfig; readonly words: readonly string[] } {
  const health = healthcheckOf(config, image.Healthcheck)
  const signal = config.StopSignal ?? image.StopSignal
  // One empty word takes the image's entrypoint away (docker run --entrypoint '').
  const entrypoint = config.Entrypoint?.length === 1 && config.Entrypoint[0] === '' ? [] : config.Entrypoint
  const merged: ContainerConfig = {
    ...config,
    Hostname: config.Hostname || hostname,
    Env: [
      ...(config.Env ?? []),
      ...(image.Env ?? []).filter((e) => !(config.Env ?? []).some((x) => x.startsWith(`${e.split('=')[0]}=`))),
    ],
    WorkingDir: config.WorkingDir || image.WorkingDir || '',
    User: config.User || image.User || '',
    ExposedPorts: { ...image.ExposedPorts, ...config.ExposedPorts },
    Labels: { ...image.Labels, ...config.Labels },
    Volumes: { ...image.Volumes, ...config.Volumes },
    ...(health ? { Healthcheck: health } : {}),
    ...(signal ? { StopSignal: signal } : {}),
    Entrypoint: entrypoint ?? image.Entrypoint ?? [],
    // An entrypoint of the user's own takes the image's command away.
    Cmd: config.Cmd && config.Cmd.length > 0 ? config.Cmd : entrypoint ? [] : (image.Cmd ?? []),
  }
  const words = [...(merged.Entrypoint ?? []), ...(merged.Cmd ?? [])]
  if (words.length === 0) throw new ApiError(400, 'no command specified')
  return { merged, words }
}
/** A container that was created and never started. */
export const newContainer = (
  o: Pick<Container, 'id' | 'name' | 'created' | 'config' | 'hostConfig' | 'image' | 'mounts' | 'rootfs'> & {
    readonly words: readonly string[]
  },
): Container => {
  const { words, ...own } = o
  return {
    ...own,
    path: words[0] ?? '',
    args: words.slice(1),
    status: 'created',
    pid: 0,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: 0,
    finishedAt: 0,
    restartCount: 0,
    backoff: 0,
    stopping: false,
    endpoints: [],
    proxies: [],
    log: [],
    attached: new Set(),
    ends: 0,
    stdin: undefined,
    removed: false,
    health: undefined,
    ports: [],
    changed: new WaitQueue(),
  }
}

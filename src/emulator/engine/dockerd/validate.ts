/** What an engine refuses, or warns of, in a container's options. */
import { parseCpuList } from '../../kernel/linux/cpulist.ts'
import { capabilitiesOf } from './spec.ts'
import { ApiError, type ContainerConfig, type HostConfig } from './state.ts'

/** The least memory that a limit may be, bytes. */
const least = 6 * 1024 * 1024
/** Log drivers and their options (docs.docker.com/engine/logging/drivers). */
const logOptions: Readonly<Record<string, readonly string[]>> = {
  'json-file': [
    'max-size',
    'max-file',
    'compress',
    'labels',
    'labels-regex',
    'env',
    'env-regex',
    'tag',
    'mode',
    'max-buffer-size',
  ],
  local: ['max-size', 'max-file', 'compress', 'mode', 'max-buffer-size'],
  none: [],
}
/** Options of a tmpfs mount that --tmpfs takes, mount(8). */
const tmpfsOption =
  /^(ro|rw|(no)?(suid|dev|exec|atime|diratime)|(rel|strict)atime|a?sync|(r?(private|shared|slave|unbindable))|remount|bind|rbind|(size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=.*)$/

const nothing = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.values(value).every(nothing))
/** No option is given that `validate` looks at: then it needn't. */
export function asksNothing(h: HostConfig, config: ContainerConfig): boolean {
  const { AutoRemove, ConsoleSize, NetworkMode, RestartPolicy, Tmpfs, ...rest } = h
  return (
    nothing(rest) &&
    Object.keys(Tmpfs ?? {}).length === 0 &&
    rest.MemorySwappiness == null &&
    (RestartPolicy?.Name ?? 'no') === 'no' &&
    !RestartPolicy?.MaximumRetryCount &&
    !config.WorkingDir &&
    !config.Healthcheck
  )
}
/** Times of a health check are a millisecond at least: moby daemon/container.go validateHealthCheck. */
function checkHealth(check: ContainerConfig['Healthcheck']): void {
  if (!check) return
  const time = (name: 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'): void => {
    const ns = check[name] ?? 0
    if (ns !== 0 && ns < 1e6) throw new ApiError(400, `${name} in Healthcheck cannot be less than 1ms`)
  }
  time('Interval')
  time('Timeout')
  if ((check.Retries ?? 0) < 0) throw new ApiError(400, 'Retries in Healthcheck cannot be negative')
  time('StartPeriod')
  time('StartInterval')
}
/**
 * Refuses with an ApiError what the API refuses before anything is made; answers what it only warns of.
 * As moby's daemon/container.go and daemon_unix.go, verifyContainerSettings and verifyPlatformContainerResources.
 */
export function validate(h: HostConfig, cpus: number, config: ContainerConfig | undefined = undefined): string[] {
  if (config?.WorkingDir && !config.WorkingDir.startsWith('/'))
    throw new ApiError(400, `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
  if (h.NanoCpus && (h.NanoCpus < 0 || h.NanoCpus > cpus * 1e9))
    throw new ApiError(400, `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`)
  if (h.Memory && h.Memory < least) throw new ApiError(400, 'Minimum memory limit allowed is 6MB')
  if (h.MemoryReservation && h.MemoryReservation < least)
    throw new ApiError(400, 'Minimum memory reservation allowed is 6MB')
  if (h.Memory && h.MemoryReservation && h.Memory < h.MemoryReservation)
    throw new ApiError(400, 'Minimum memory limit can not be less than memory reservation limit, see usage')
  if (h.Memory && h.MemorySwap && h.MemorySwap > 0 && h.MemorySwap < h.Memory)
    throw new ApiError(400, 'Minimum memoryswap limit should be larger than memory limit, see usage')
  if (!h.Memory && h.MemorySwap && h.MemorySwap > 0)
    throw new ApiError(400, 'You should always set the Memory limit when using Memoryswap limit, see usage')
  const policy = h.RestartPolicy?.Name
  if (policy && !['no', 'always', 'on-failure', 'unless-stopped'].includes(policy))
    throw new ApiError(
      400,
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  const retries = h.RestartPolicy?.MaximumRetryCount ?? 0
  if (retries < 0) throw new ApiError(400, 'invalid restart policy: maximum retry count cannot be negative')
  if (retries > 0 && policy !== 'on-failure')
    throw new ApiError(400, "invalid restart policy: maximum retry count can only be used with 'on-failure'")
  if (h.NanoCpus && (h.CpuQuota || h.CpuPeriod))
    throw new ApiError(
      400,
      `Conflicting options: Nano CPUs and CPU ${h.CpuPeriod ? 'Period' : 'Quota'} cannot both be set`,
    )
  if (h.CpuQuota && h.CpuQuota > 0 && h.CpuQuota < 1000)
    throw new ApiError(400, 'CPU cfs quota can not be less than 1ms (i.e. 1000)')
  if (h.CpuPeriod && (h.CpuPeriod < 1000 || h.CpuPeriod > 1000000))
    throw new ApiError(400, 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  if (h.OomScoreAdj !== undefined && Math.abs(h.OomScoreAdj) > 1000)
    throw new ApiError(400, `Invalid value ${h.OomScoreAdj}, range for oom score adj is [-1000, 1000]`)
  if (h.ShmSize && h.ShmSize < 0) throw new ApiError(400, 'SHM size can not be less than 0')
  const wanted = h.CpusetCpus ? parseCpuList(h.CpusetCpus) : []
  if (!wanted) throw new ApiError(400, `Invalid value ${h.CpusetCpus} for cpuset cpus: failed to parse cpuset`)
  if (wanted.some((n) => n >= cpus))
    throw new ApiError(
      400,
      `Requested CPUs are not available - requested ${h.CpusetCpus}, available: 0${cpus > 1 ? `-${cpus - 1}` : ''}`,
    )
  const nodes = h.CpusetMems ? parseCpuList(h.CpusetMems) : []
  if (!nodes) throw new ApiError(400, `Invalid value ${h.CpusetMems} for cpuset mems: failed to parse cpuset`)
  // The machine has one memory node.
  if (nodes.some((n) => n > 0))
    throw new ApiError(400, `Requested memory nodes are not available - requested ${h.CpusetMems}, available: 0`)
  if (h.Isolation && h.Isolation !== 'default')
    throw new ApiError(400, `invalid isolation: ${JSON.stringify(h.Isolation)} - linux only supports 'default'`)
  checkHealth(config?.Healthcheck)
  const log = h.LogConfig?.Type || 'json-file'
  if (/^(awslogs|etwlogs|fluentd|gcplogs|gelf|journald|splunk|syslog)$/.test(log))
    throw new ApiError(501, `zukan: not emulated: --log-driver ${log}`)
  const known = logOptions[log]
  if (!known) throw new ApiError(400, `error looking up logging plugin ${log}: plugin "${log}" not found`)
  for (const name of Object.keys(h.LogConfig?.Config ?? {}))
    if (!known.includes(name)) throw new ApiError(400, `unknown log opt '${name}' for ${log} log driver`)
  for (const option of h.SecurityOpt ?? [])
    if (!/^(no-new-privileges([:=]|$)|disable$|writable-cgroups|(label|apparmor|seccomp|systempaths)[:=])/.test(option))
      throw new ApiError(400, `invalid --security-opt 2: ${JSON.stringify(option)}`)
  for (const option of h.SecurityOpt ?? []) {
    const [, value = 'true'] = /^(?:no-new-privileges|writable-cgroups)[:=](.*)$/.exec(option) ?? []
    if (!/^(1|0|t|f|true|false|TRUE|FALSE|True|False|T|F)$/.test(value))
      throw new ApiError(400, `invalid --security-opt 2: ${JSON.stringify(option)}`)
  }
  const ipc = h.IpcMode ?? ''
  if (ipc !== '' && !['none', 'private', 'shareable', 'host'].includes(ipc) && !/^container:.+/.test(ipc))
    throw new ApiError(400, `invalid IPC mode: ${ipc}`)
  capabilitiesOf({ hostConfig: h })
  if (h.AutoRemove && policy && policy !== 'no')
    throw new ApiError(400, "can't create 'AutoRemove' container with restart policy")
  for (const [target, options] of Object.entries(h.Tmpfs ?? {})) {
    if (!target.startsWith('/')) throw new ApiError(400, `invalid mount path: '${target}' mount path must be absolute`)
    for (const o of options.split(',').filter(Boolean))
      if (!tmpfsOption.test(o)) throw new ApiError(400, `invalid tmpfs option [${JSON.stringify(o)}]`)
  }
  if (h.UTSMode === 'host' && config?.Hostname)
    throw new ApiError(400, 'conflicting options: hostname and the UTS mode')
  return [
    ...(h.OomKillDisable ? ['Your kernel does not support OomKillDisable. OomKillDisable discarded.'] : []),
    ...(h.MemorySwappiness != null && h.MemorySwappiness >= 0
      ? [
          'Your kernel does not support memory swappiness capabilities, or the cgroup is not mounted. Memory swappiness discarded.',
        ]
      : []),
    ...(h.NetworkMode === 'host' && Object.keys(h.PortBindings ?? {}).length > 0
      ? ['Published ports are discarded when using host network mode']
      : []),
  ]
}

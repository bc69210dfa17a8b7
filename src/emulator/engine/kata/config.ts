/**
 * Kata's configuration: the file, what the shim reads of it, and how large a machine it makes of a container's limits
 * (kata-containers docs/how-to/how-to-size-sandbox-overhead-runtime-rs.md).
 */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { Spec } from '../../oci/runtimespec.ts'
import { readText } from '../../userland/lib/io.ts'

export const KATA_VERSION = '4.1.0'
export const KATA_COMMIT = 'ddcb1ad8d23cbb4323f86c209f132b89592902df'
/** Of the release 4.1.0: its assets' names carry the kernel's version and that of its configuration. */
export const KATA_KERNEL = '6.18.35'
export const KATA_PREFIX = '/opt/kata'
const SHARE = `${KATA_PREFIX}/share/kata-containers`
const DEFAULTS = `${KATA_PREFIX}/share/defaults/kata-containers/runtime-rs`
/** The first that is there counts; the one in /etc is for the administrator. */
export const configPaths: readonly string[] = [
  '/etc/kata-containers/configuration.toml',
  `${DEFAULTS}/configuration.toml`,
]
const MiB = 1024 ** 2

export interface KataConfig {
  /** Which file it is from. */
  readonly file: string
  readonly path: string
  readonly kernel: string
  readonly image: string
  readonly kernelParams: string
  readonly virtiofsd: string
  readonly virtiofsArgs: readonly string[]
  readonly vcpus: number
  /** MiB. */
  readonly memory: number
  readonly overheadVcpus: number
  readonly overheadMemory: number
  /** The text, for who asks for other settings. */
  get(key: string): string | undefined
}
/** The configuration in force; undefined where no file is there. */
export function* readConfig(sys: Sys): Run<KataConfig | undefined> {
  for (const file of configPaths) {
    const text = yield* readText(sys, file)
    if (isErr(text)) continue
    const get = (key: string): string | undefined =>
      new RegExp(`^${key}[ \\t]*=[ \\t]*(.*)$`, 'm')
        .exec(text)?.[1]
        ?.trim()
        .replace(/^"(.*)"$/, '$1')
    const number = (key: string, otherwise: number): number => {
      const value = Number(get(key) ?? otherwise)
      return Number.isFinite(value) ? value : otherwise
    }
    return {
      file,
      path: get('path') ?? `${KATA_PREFIX}/bin/qemu-system-x86_64`,
      kernel: get('kernel') ?? `${SHARE}/vmlinux.container`,
      image: get('image') ?? `${SHARE}/kata-containers.img`,
      kernelParams: get('kernel_params') ?? '',
      virtiofsd: get('virtio_fs_daemon') ?? `${KATA_PREFIX}/libexec/virtiofsd`,
      virtiofsArgs: [...(get('virtio_fs_extra_args') ?? '').matchAll(/"([^"]*)"/g)].map((m) => m[1] ?? ''),
      vcpus: number('default_vcpus', 1) || 1,
      memory: number('default_memory', 2048) || 2048,
      overheadVcpus: number('overhead_vcpus', 0),
      overheadMemory: number('overhead_memory', 0),
      get,
    }
  }
  return undefined
}
/**
 * Processors and bytes of a machine: the defaults where no limit is set; with limits these and the overhead, in both dimensions. That a
 * container with a limit for its processors alone gets a machine of the mere overhead is what 4.1 does (document, example 2B).
 */
export function sizeOf(
  config: KataConfig,
  spec: Pick<Spec, 'linux'> & { readonly annotations?: Readonly<Record<string, string>> },
): { readonly vcpus: number; readonly memory: number } {
  const { cpu, memory } = spec.linux.resources ?? {}
  // A pod's whole is told by its engine (containerd 1.6 and later).
  const told = (name: string): number => Number(spec.annotations?.[`io.kubernetes.cri.sandbox-${name}`] ?? 0)
  const quota = told('cpu-quota') || (cpu?.quota ?? 0)
  const period = told('cpu-period') || (cpu?.period ?? 100_000)
  const asked = quota > 0 ? quota / period : 0
  const limit = told('memory') || (memory?.limit ?? 0)
  if (asked === 0 && limit <= 0) return { vcpus: Math.ceil(config.vcpus), memory: config.memory * MiB }
  return {
    vcpus: Math.max(1, Math.ceil(asked + config.overheadVcpus)),
    memory: (Math.ceil(Math.max(0, limit) / MiB) + config.overheadMemory) * MiB,
  }
}

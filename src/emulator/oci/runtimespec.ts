/** config.json of an OCI bundle, runtime-spec 1.3: its types, and what Docker 29 writes by default. */
import type { DeviceRule } from '../kernel/linux/cgroup.ts'
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'

export type { DeviceRule }

export interface SpecMount {
  readonly destination: string
  readonly type?: string
  readonly source?: string
  readonly options?: readonly string[]
}
export interface SpecProcess {
  readonly terminal?: boolean
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: {
    readonly uid: number
    readonly gid: number
    readonly additionalGids?: readonly number[]
    readonly umask?: number
  }
  readonly args: readonly string[]
  readonly env?: readonly string[]
  readonly cwd: string
  readonly capabilities?: Readonly<
    Partial<Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', readonly string[]>>
  >
  readonly rlimits?: readonly { readonly type: string; readonly hard: number; readonly soft: number }[]
  readonly noNewPrivileges?: boolean
  readonly oomScoreAdj?: number
}
export interface SpecResources {
  readonly devices?: readonly DeviceRule[]
  readonly memory?: { readonly limit?: number; readonly reservation?: number; readonly swap?: number }
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly cpus?: string
    readonly mems?: string
  }
  readonly pids?: { readonly limit: number }
  readonly blockIO?: { readonly weight?: number }
  /** Any file of cgroup v2, by its name. */
  readonly unified?: Readonly<Record<string, string>>
}
/** A program that the runtime starts at a point of a container's life; config.md "POSIX-platform Hooks". */
export interface SpecHook {
  readonly path: string
  readonly args?: readonly string[]
  readonly env?: readonly string[]
  /** Seconds. */
  readonly timeout?: number
}
export type HookPoint = 'prestart' | 'createRuntime' | 'createContainer' | 'startContainer' | 'poststart' | 'poststop'
export interface IdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}
/** A device node in the container. */
export interface SpecDevice {
  readonly path: string
  readonly type: string
  readonly major: number
  readonly minor: number
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
}
export interface Spec {
  readonly ociVersion: string
  readonly process: SpecProcess
  readonly root: { readonly path: string; readonly readonly?: boolean }
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts: readonly SpecMount[]
  readonly hooks?: Readonly<Partial<Record<HookPoint, readonly SpecHook[]>>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: {
    readonly uidMappings?: readonly IdMapping[]
    readonly gidMappings?: readonly IdMapping[]
    /** Offsets of a new time namespace's clocks. */
    readonly timeOffsets?: Readonly<Record<string, { readonly secs?: number; readonly nanosecs?: number }>>
    readonly namespaces: readonly { readonly type: string; readonly path?: string }[]
    readonly cgroupsPath?: string
    readonly resources?: SpecResources
    readonly maskedPaths?: readonly string[]
    readonly readonlyPaths?: readonly string[]
    readonly seccomp?: SeccompProfile
    readonly devices?: readonly SpecDevice[]
    readonly sysctl?: Readonly<Record<string, string>>
    readonly rootfsPropagation?: string
  }
}
/** What a root process keeps in a default container: moby daemon/pkg/oci/caps/defaults.go. */
export const defaultCapabilities: readonly string[] =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((c) => `CAP_${c}`)

export const defaultMounts: readonly SpecMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777'],
  },
]
/** Devices of every container: null, zero, random and the like, and none else. */
export const defaultDeviceRules: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...(
    [
      [1, 5],
      [1, 3],
      [1, 9],
      [1, 8],
      [5, 0],
      [5, 1],
    ] as const
  ).map(([major, minor]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
]
export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

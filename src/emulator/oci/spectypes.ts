/** config.json as Go types: github.com/opencontainers/runtime-spec/specs-go, as far as the runtimes here read it. */
import type { Run } from '../kernel/linux/abi.ts'
import type { SeccompProfile } from '../kernel/linux/seccomp.ts'
import { fitShape, map, type Shape, type Struct, stringMap, strings, struct } from './gotypes.ts'
import { jsonComplaint, type Refused } from './json.ts'
import type { Spec } from './runtimespec.ts'
import { isOurs } from './own.ts'
import { readSpec } from './specdocument.ts'

const mapping = (): Struct =>
  struct('specs.LinuxIDMapping', { containerID: 'uint32', hostID: 'uint32', size: 'uint32' })
const hooks = (): Shape => [struct('specs.Hook', { path: 'string', args: strings, env: strings, timeout: 'int' })]
export const processShape = (): Struct =>
  struct('specs.Process', {
    terminal: 'bool',
    consoleSize: struct('specs.Box', { height: 'uint64', width: 'uint64' }),
    user: struct('specs.User', { uid: 'uint32', gid: 'uint32', umask: 'uint32', additionalGids: ['uint32'] }),
    args: strings,
    env: strings,
    cwd: 'string',
    capabilities: struct('specs.LinuxCapabilities', {
      bounding: strings,
      effective: strings,
      inheritable: strings,
      permitted: strings,
      ambient: strings,
    }),
    rlimits: [struct('specs.POSIXRlimit', { type: 'string', hard: 'uint64', soft: 'uint64' })],
    noNewPrivileges: 'bool',
    apparmorProfile: 'string',
    oomScoreAdj: 'int',
    selinuxLabel: 'string',
  })
export const resourcesShape = (): Struct =>
  struct('specs.LinuxResources', {
    devices: [
      struct('specs.LinuxDeviceCgroup', {
        allow: 'bool',
        type: 'string',
        major: 'int64',
        minor: 'int64',
        access: 'string',
      }),
    ],
    memory: struct('specs.LinuxMemory', { limit: 'int64', reservation: 'int64', swap: 'int64' }),
    cpu: struct('specs.LinuxCPU', {
      shares: 'uint64',
      quota: 'int64',
      period: 'uint64',
      cpus: 'string',
      mems: 'string',
    }),
    pids: struct('specs.LinuxPids', { limit: 'int64' }),
    blockIO: struct('specs.LinuxBlockIO', { weight: 'uint16' }),
    unified: stringMap(),
  })
const seccompShape = (): Struct =>
  struct('specs.LinuxSeccomp', {
    defaultAction: 'string',
    defaultErrnoRet: 'uint64',
    architectures: strings,
    flags: strings,
    listenerPath: 'string',
    syscalls: [
      struct('specs.LinuxSyscall', {
        names: strings,
        action: 'string',
        errnoRet: 'uint64',
        args: [struct('specs.LinuxSeccompArg', { index: 'uint64', value: 'uint64', valueTwo: 'uint64', op: 'string' })],
      }),
    ],
  })
/** Rules are nine tenths of a document: they are looked at once (see specdocument.ts). */
const specShape = (): Struct =>
  struct('specs.Spec', {
    ociVersion: 'string',
    process: processShape(),
    root: struct('specs.Root', { path: 'string', readonly: 'bool' }),
    hostname: 'string',
    domainname: 'string',
    mounts: [struct('specs.Mount', { destination: 'string', type: 'string', source: 'string', options: strings })],
    hooks: struct('specs.Hooks', {
      prestart: hooks(),
      createRuntime: hooks(),
      createContainer: hooks(),
      startContainer: hooks(),
      poststart: hooks(),
      poststop: hooks(),
    }),
    annotations: stringMap(),
    linux: struct('specs.Linux', {
      uidMappings: [mapping()],
      gidMappings: [mapping()],
      timeOffsets: map(struct('specs.LinuxTimeOffset', { secs: 'int64', nanosecs: 'uint32' })),
      namespaces: [struct('specs.LinuxNamespace', { type: 'string', path: 'string' })],
      cgroupsPath: 'string',
      resources: resourcesShape(),
      maskedPaths: strings,
      readonlyPaths: strings,
      devices: [
        struct('specs.LinuxDevice', {
          path: 'string',
          type: 'string',
          major: 'int64',
          minor: 'int64',
          fileMode: 'uint32',
          uid: 'uint32',
          gid: 'uint32',
        }),
      ],
      sysctl: stringMap(),
      rootfsPropagation: 'string',
    }),
  })
const checked = new WeakSet<SeccompProfile>()

/**
 * What a config.json says, or the complaint of encoding/json. Members have their types; of those that a runtime reads without asking,
 * only `process` and `root` may still be missing.
 */
export function* parseSpec(text: string): Run<{ readonly value: Spec } | Refused> {
  return isOurs(text) ? { value: readSpec(text) } : parseForeign(text)
}
function parseForeign(text: string): { readonly value: Spec } | Refused {
  let value: unknown
  try {
    value = readSpec(text)
  } catch {
    return { refused: jsonComplaint(text) }
  }
  const whole = fitShape<{ -readonly [K in keyof Spec]: Spec[K] }>(value, specShape())
  if ('refused' in whole) return whole
  const { process } = whole.value
  if (process && (process.user?.uid === undefined || process.user.gid === undefined))
    whole.value.process = {
      ...process,
      user: { ...process.user, uid: process.user?.uid ?? 0, gid: process.user?.gid ?? 0 },
    }
  whole.value.mounts ??= []
  whole.value.linux = { ...whole.value.linux, namespaces: whole.value.linux?.namespaces ?? [] }
  const rules = whole.value.linux.seccomp
  if (rules == null || checked.has(rules)) return whole
  const fitting = fitShape<SeccompProfile>(rules, seccompShape())
  if ('refused' in fitting) return fitting
  checked.add(fitting.value)
  return whole
}

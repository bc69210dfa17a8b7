/** config.json as containerd's clients write it: the defaults of containerd's oci package, and what a client changes of them. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { capabilityNames } from '../../kernel/linux/capabilities.ts'
import type { RunConfig } from '../../oci/image.ts'
import {
  defaultCapabilities,
  defaultMounts,
  maskedPaths,
  readonlyPaths,
  type Spec,
  type SpecMount,
  type SpecResources,
} from '../../oci/runtimespec.ts'
import { defaultSeccomp, type ProfileArch } from '../../oci/seccompprofile.ts'
import { resolveUser } from '../dockerd/spec.ts'
import { topLayer } from '../dockerd/start.ts'

/** What a client wants of a container. */
export interface SpecOptions {
  /** The image's configuration. */
  readonly image: RunConfig
  /** What runs instead of the image's command; with `entrypoint` instead of its entry point. */
  readonly args?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly user?: string
  readonly tty?: boolean
  readonly hostname?: string
  readonly readonly?: boolean
  readonly privileged?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly mounts?: readonly SpecMount[]
  /** Namespaces that aren't the container's own: a path to join, or `host`. */
  readonly namespaces?: Readonly<Record<string, string>>
  readonly cgroup: string
  /** A namespace of cgroups of its own. */
  readonly cgroupNamespace?: boolean
  readonly resources?: SpecResources
  readonly seccomp?: boolean
  readonly noNewPrivileges?: boolean
  readonly oomScoreAdj?: number
  readonly sysctl?: Readonly<Record<string, string>>
}
/** Variables with later ones instead of earlier ones of the same name. */
export function mergeEnv(...lists: readonly (readonly string[] | undefined)[]): string[] {
  const vars = new Map<string, string>()
  for (const e of lists.flatMap((l) => l ?? [])) {
    const at = e.indexOf('=')
    vars.set(at < 0 ? e : e.slice(0, at), e)
  }
  return [...vars.values()]
}
const capability = (name: string): string => `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`
/** The capabilities that are left. */
function capabilitiesOf(o: SpecOptions): string[] {
  const all = capabilityNames.map((n) => `CAP_${n}`)
  if (o.privileged) return all
  const add = (o.capAdd ?? []).map(capability)
  const drop = (o.capDrop ?? []).map(capability)
  const base = add.includes('CAP_ALL') ? all : drop.includes('CAP_ALL') ? [] : defaultCapabilities
  return all.filter((c) => (base.includes(c) && !drop.includes(c)) || add.includes(c))
}
/** The words of the container's program: the client's over the image's. */
export const argsOf = (o: Pick<SpecOptions, 'image' | 'args' | 'entrypoint'>): readonly string[] => [
  ...(o.entrypoint ?? o.image.Entrypoint ?? []),
  ...(o.args && o.args.length > 0 ? o.args : o.entrypoint ? [] : (o.image.Cmd ?? [])),
]

/** The whole document. `layers` are directories of the root file system, topmost first: users are looked up there. */
export function* makeSpec(sys: Sys, layers: readonly string[], o: SpecOptions): Run<Spec> {
  const user = yield* resolveUser(sys, yield* topLayer(sys, layers, 'etc/passwd'), o.user ?? o.image.User ?? '')
  const caps = capabilitiesOf(o)
  const own = user.uid === 0 ? caps : []
  const elsewhere = o.namespaces ?? {}
  const extra = o.mounts ?? []
  const arch: ProfileArch = (yield* sys.uname()).machine === 'aarch64' ? 'arm64' : 'amd64'
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: o.tty ?? false,
      user,
      args: argsOf(o),
      env: mergeEnv(
        ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        o.tty ? ['TERM=xterm'] : [],
        o.image.Env,
        o.env,
      ),
      cwd: o.cwd || o.image.WorkingDir || '/',
      capabilities: { bounding: caps, effective: own, permitted: own },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: o.noNewPrivileges ?? true,
      ...(o.oomScoreAdj === undefined ? {} : { oomScoreAdj: o.oomScoreAdj }),
    },
    root: { path: 'rootfs', readonly: o.readonly ?? false },
    ...(o.hostname === undefined ? {} : { hostname: o.hostname }),
    mounts: [
      ...defaultMounts
        .filter((m) => !extra.some((x) => x.destination === m.destination))
        .map((m) => (m.destination === '/dev/shm' ? { ...m, options: [...(m.options ?? []), 'size=65536k'] } : m)),
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      ...extra,
    ].map((m) =>
      o.privileged && (m.type === 'sysfs' || m.type === 'cgroup')
        ? { ...m, options: (m.options ?? []).filter((x) => x !== 'ro') }
        : m,
    ),
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network', ...(o.cgroupNamespace ? ['cgroup'] : [])]
        .filter((type) => elsewhere[type] !== 'host')
        .map((type) => ({ type, ...(elsewhere[type] === undefined ? {} : { path: elsewhere[type] }) })),
      cgroupsPath: o.cgroup,
      resources: o.resources ?? {},
      ...(o.sysctl ? { sysctl: o.sysctl } : {}),
      ...(o.privileged ? {} : { maskedPaths, readonlyPaths }),
      ...(o.seccomp && !o.privileged
        ? // containerd's contrib/seccomp and Docker's profile are kept alike.
          { seccomp: defaultSeccomp(arch, caps) }
        : {}),
    },
  }
}

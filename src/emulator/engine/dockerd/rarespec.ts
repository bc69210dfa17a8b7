/** What few containers ask of config.json: devices of the host, and seccomp profiles of the user's own. Comes when one is asked for. */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, major, minor } from '../../kernel/linux/fs/flags.ts'
import type { SeccompProfile } from '../../kernel/linux/seccomp.ts'
import { type DeviceRule, defaultDeviceRules, type SpecDevice } from '../../oci/runtimespec.ts'
import { architectures, type ProfileArch } from '../../oci/seccompprofile.ts'
import { rare } from './spec.ts'
import { ApiError, type HostConfig } from './state.ts'

const custom = (path: string, why: string): ApiError =>
  new ApiError(500, `error gathering device information while adding custom device "${path}": ${why}`)

/** A device node as config.json describes it; undefined where it is none. */
function* nodeAt(sys: Sys, path: string, inContainer: string): Run<SpecDevice | undefined | string> {
  const s = yield* sys.stat(path)
  if (isErr(s)) return s.text.toLowerCase()
  const type = isChr(s.mode) ? 'c' : isBlk(s.mode) ? 'b' : undefined
  if (!type) return undefined
  return {
    path: inContainer,
    type,
    major: major(s.rdev),
    minor: minor(s.rdev),
    fileMode: s.mode & 0o777,
    uid: s.uid,
    gid: s.gid,
  }
}
/** Directories of /dev that containers have their own of: containerd's HostDevices leaves them out. */
const ownFolders = ['pts', 'shm', 'fd', 'mqueue']

/** Every device node below a directory. */
function* nodesBelow(sys: Sys, directory: string): Run<SpecDevice[]> {
  const fd = yield* sys.open(directory, 0)
  if (isErr(fd)) return []
  const entries = yield* sys.getdents(fd)
  yield* sys.close(fd)
  const out: SpecDevice[] = []
  for (const { name } of isErr(entries) ? [] : entries) {
    const path = `${directory}/${name}`
    const s = yield* sys.lstat(path)
    if (isErr(s) || name.startsWith('.') || path === '/dev/console') continue
    if (isDir(s.mode)) {
      if (!ownFolders.includes(name)) out.push(...(yield* nodesBelow(sys, path)))
    } else if (isChr(s.mode) || isBlk(s.mode)) {
      const node = yield* nodeAt(sys, path, path)
      if (node && typeof node === 'object') out.push(node)
    }
  }
  return out
}
const allowed = (d: SpecDevice, access: string): DeviceRule => ({
  allow: true,
  type: d.type,
  major: d.major,
  minor: d.minor,
  access,
})

/** Nodes and rules of --device and --privileged: moby daemon/oci_linux.go WithDevices. */
function* devicesOf(
  sys: Sys,
  h: HostConfig,
): Run<{ readonly nodes: readonly SpecDevice[]; readonly rules: readonly DeviceRule[] }> {
  const nodes: SpecDevice[] = h.Privileged ? yield* nodesBelow(sys, '/dev') : []
  const rules: DeviceRule[] = h.Privileged ? [{ allow: true, access: 'rwm' }] : [...defaultDeviceRules]
  for (const { PathOnHost: path, PathInContainer: inContainer, CgroupPermissions: access } of h.Devices ?? []) {
    // A privileged container has them all by their own names.
    if (h.Privileged && path === inContainer) continue
    const node = yield* nodeAt(sys, path, inContainer)
    if (typeof node === 'string') throw custom(path, node)
    let found = node ? [node] : []
    if (!node) {
      // A directory stands for the devices in it.
      found = (yield* nodesBelow(sys, path)).map((d) => ({ ...d, path: d.path.replace(path, inContainer) }))
      if (found.length === 0) throw custom(path, 'not a device node')
    }
    nodes.push(...found)
    if (!h.Privileged) rules.push(...found.map((d) => allowed(d, access || 'rwm')))
  }
  // --device-cgroup-rule: `TYPE MAJOR:MINOR ACCESS`, a star stands for any number.
  for (const rule of h.DeviceCgroupRules ?? []) {
    const [, type = 'a', at = '', below = '', access = ''] = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(rule) ?? []
    if (access === '') throw new ApiError(400, `invalid device cgroup rule format: '${rule}'`)
    rules.push({
      allow: true,
      type: type as 'a' | 'b' | 'c',
      ...(at === '*' ? {} : { major: Number(at) }),
      ...(below === '*' ? {} : { minor: Number(below) }),
      access,
    })
  }
  return { nodes, rules }
}

/** A profile as users write it: rules may hold for a processor, a capability or a kernel version alone. */
interface Given extends Omit<SeccompProfile, 'syscalls'> {
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[]
  readonly syscalls?: readonly (NonNullable<SeccompProfile['syscalls']>[number] & {
    readonly name?: string
    readonly includes?: Condition
    readonly excludes?: Condition
  })[]
}
interface Condition {
  readonly caps?: readonly string[]
  readonly arches?: readonly string[]
  readonly minKernel?: string
}
const bad = (why: string): ApiError => new ApiError(400, why)

/** A user's profile as runtimes take it: moby/profiles seccomp_linux.go setupSeccomp. Undefined where it switches filtering off. */
function resolveProfile(text: string, arch: ProfileArch, bounding: readonly string[]): SeccompProfile | undefined {
  let given: Given
  try {
    given = JSON.parse(text) as Given
  } catch (e) {
    throw bad(`Decoding seccomp profile failed: ${(e as Error).message}`)
  }
  const { archMap, syscalls, ...rest } = given
  if (!given.defaultAction && !syscalls?.length) return undefined
  if (given.architectures?.length && archMap?.length)
    throw bad(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    )
  const native = architectures[arch][0]
  const mapped = archMap?.find((a) => a.architecture === native)
  const out: NonNullable<SeccompProfile['syscalls']>[number][] = []
  for (const { name, includes, excludes, names, action, errnoRet, args } of syscalls ?? []) {
    if (name && names?.length)
      throw bad("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'")
    const has = (c: string): boolean => bounding.includes(c)
    if (excludes?.arches?.includes(arch) || excludes?.caps?.some(has) || excludes?.minKernel) continue
    if (includes?.arches?.length && !includes.arches.includes(arch)) continue
    if (!(includes?.caps ?? []).every(has)) continue
    out.push({
      names: name ? [name] : (names ?? []),
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args?.length ? { args } : {}),
    })
  }
  return {
    ...rest,
    ...(mapped ? { architectures: [mapped.architecture, ...(mapped.subArchitectures ?? [])] } : {}),
    ...(out.length > 0 ? { syscalls: out } : {}),
  }
}

/** The part `dockerd/rarespec`: it hands its work to the making of config.json. */
export const rareSpec: Program = function* () {
  rare.devices = devicesOf
  rare.seccomp = resolveProfile
  return 0
}

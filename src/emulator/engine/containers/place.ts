/** Where podman, buildah and skopeo keep things, for root and for others: containers-storage.conf(5), podman(1) "Rootless mode". */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText } from '../../userland/lib/io.ts'

export interface Place {
  /** The user on the host where it isn't root: the one that container root is mapped to. */
  readonly uid: number
  readonly rootless: boolean
  readonly user: string
  readonly home: string
  /** XDG_RUNTIME_DIR, or /run. */
  readonly runtimeDir: string
  /** Images, layers, containers; stays over a reboot. */
  readonly graphRoot: string
  /** What doesn't. */
  readonly runRoot: string
  /** libpod's state of running containers. */
  readonly tmp: string
}
export const variable = (sys: Sys, name: string): string | undefined =>
  sys
    .environ()
    .find((e) => e.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** Who runs this on the host: root within a user namespace of podman's is the user that it is mapped to. */
export function* hostUser(sys: Sys): Run<number> {
  const { euid } = yield* sys.getcred()
  if (euid !== 0) return euid
  const map = yield* readText(sys, '/proc/self/uid_map')
  if (isErr(map)) return 0
  const first = map.trim().split('\n')[0]?.trim().split(/\s+/).map(Number) ?? []
  return first[0] === 0 ? (first[1] ?? 0) : 0
}
/** The name and home of a user, by the host's passwd(5). */
function* account(sys: Sys, uid: number): Run<{ readonly name: string; readonly home: string }> {
  const text = yield* readText(sys, '/etc/passwd')
  const row = isErr(text)
    ? undefined
    : text
        .split('\n')
        .map((l) => l.split(':'))
        .find((f) => f[2] === String(uid))
  return { name: row?.[0] ?? String(uid), home: row?.[5] ?? '/' }
}
export function* placeOf(sys: Sys): Run<Place> {
  const uid = yield* hostUser(sys)
  const { name: user, home: own } = yield* account(sys, uid)
  const home = variable(sys, 'HOME') ?? own
  if (uid === 0)
    return {
      uid,
      rootless: false,
      user,
      home,
      runtimeDir: '/run',
      graphRoot: '/var/lib/containers/storage',
      runRoot: '/run/containers/storage',
      tmp: '/run/libpod',
    }
  const runtimeDir = variable(sys, 'XDG_RUNTIME_DIR') ?? `/run/user/${uid}`
  return {
    uid,
    rootless: true,
    user,
    home,
    runtimeDir,
    graphRoot: `${variable(sys, 'XDG_DATA_HOME') ?? `${home}/.local/share`}/containers/storage`,
    runRoot: `${runtimeDir}/containers`,
    tmp: `${runtimeDir}/libpod/tmp`,
  }
}

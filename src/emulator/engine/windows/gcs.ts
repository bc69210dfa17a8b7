/**
 * Processes of Windows containers. The same requests are answered in two places: by vmcompute on the host for process isolation (a silo
 * on the host's own kernel), and by the guest compute service in a utility machine for Hyper-V isolation (a silo on that machine's).
 */
import { isErr } from '../../base/errno.ts'
import type { Pid, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { MS_BIND, MS_RDONLY, MS_REMOUNT } from '../../kernel/linux/fs/flags.ts'
import { nt } from '../../kernel/nt/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { type GuestAction, type GuestRequest, serveGuest } from '../guest.ts'

/** Where the service listens, host or guest. */
export const GCS_PORT = 0x40000000
const silo = (id: string): string => `/Silos/${id}`

/** Nanoseconds that each of them takes: a small Windows starts here, without a boot. No published measurement. */
const SYSTEM_PROCESS_START = 80_000_000
/** The system processes that each Windows container starts with. */
const systemProcesses: readonly (readonly [string, number])[] = [
  ['smss.exe', 1_100_000],
  ['wininit.exe', 5_800_000],
  ['services.exe', 6_900_000],
  ['lsass.exe', 11_500_000],
  ['CExecSvc.exe', 4_700_000],
]

/** Makes a silo: a job with an object namespace of its own, whose drive C: is the container's. */
function* createSilo(
  sys: Sys,
  p: {
    readonly id: string
    readonly drive: string
    /** The drive comes from the host, shared by VSMB. */
    readonly share?: boolean
    readonly memory?: number
    readonly processors?: number
    readonly binds?: readonly {
      readonly tag: string
      readonly source: string
      readonly destination: string
      readonly rw: boolean
    }[]
    /** The card of a silo on the host's kernel; a machine has its own. */
    readonly network?: { readonly address: string; readonly prefix: number; readonly gateway: string }
  },
  system: Pid[],
  binds: string[],
): Run<string | undefined> {
  const made = yield* nt(sys, { name: 'NtCreateJobObject', job: p.id, silo: true })
  if (isErr(made)) return made.text
  yield* nt(sys, {
    name: 'NtSetInformationJobObject',
    job: p.id,
    ...(p.memory ? { memory: p.memory } : {}),
    ...(p.processors ? { processors: p.processors } : {}),
  })
  const root = silo(p.id)
  for (const folder of ['C:', 'Device', 'etc']) yield* makeDirs(sys, `${root}/${folder}`)
  const drive = p.share ? '/Mounts/drive' : p.drive
  const failed =
    (yield* sys.mount(drive, `${root}/C:`, '', MS_BIND)) ??
    (yield* sys.mount('/Device', `${root}/Device`, '', MS_BIND | 0x4000))
  if (failed) return failed.text
  for (const b of p.binds ?? []) {
    const at = `${root}/C:/${b.destination.slice(2).replace(/\\/g, '/').replace(/^\/+/, '')}`
    yield* makeDirs(sys, at)
    const wrong = yield* sys.mount(p.share ? `/Mounts/${b.tag}` : b.source, at, '', MS_BIND)
    if (!wrong && !b.rw) yield* sys.mount('', at, '', MS_BIND | MS_REMOUNT | MS_RDONLY)
    if (wrong) return wrong.text
    binds.push(at)
  }
  if (p.network) yield* nt(sys, { name: 'NtCreateCompartment', job: p.id, ...p.network })
  for (const [name, memory] of systemProcesses) {
    if (isErr(yield* sys.stat(`${root}/C:/Windows/System32/${name}`))) continue
    yield* sys.nanosleep(SYSTEM_PROCESS_START)
    const pid = yield* inSilo(sys, p.id, `/C:/Windows/System32/${name}`, [name, String(memory)], [], 'C:\\')
    if (pid !== undefined) system.push(pid)
  }
  return undefined
}
/** Starts a program in a silo with this process's standard streams. */
function* inSilo(
  sys: Sys,
  id: string,
  path: string,
  argv: readonly string[],
  env: readonly string[],
  cwd: string,
): Run<Pid | undefined> {
  const pid = yield* sys.fork(function* (child) {
    yield* child.closeRange(3)
    return yield* becomeSilo(child, id, path, argv, env, cwd)
  })
  return isErr(pid) ? undefined : pid
}
function* becomeSilo(
  child: Sys,
  id: string,
  path: string,
  argv: readonly string[],
  env: readonly string[],
  cwd: string,
): Run<number> {
  yield* nt(child, { name: 'NtAssignProcessToJobObject', job: id, pid: yield* child.getpid() })
  yield* child.chroot(silo(id))
  if (yield* child.chdir(`/${cwd.replace(/\\/g, '/')}`)) yield* child.chdir('/C:')
  const failed = yield* child.execve(path, argv, env)
  return failed.number
}
/** The program that a command line names, in a silo's drive: by its path, or in System32. */
function* find(sys: Sys, id: string, name: string): Run<string | undefined> {
  const bare = name.replace(/\\/g, '/')
  const tries = /^[A-Za-z]:/.test(bare)
    ? [`/C:${bare.slice(2)}`]
    : bare.startsWith('/')
      ? [`/C:${bare}`]
      : [`/C:/Windows/System32/${bare}`, `/C:/Windows/System32/WindowsPowerShell/v1.0/${bare}`, `/C:/${bare}`]
  for (const t of tries)
    for (const extension of ['', '.exe']) {
      const s = yield* sys.stat(`${silo(id)}${t}${extension}`)
      if (!isErr(s) && (s.mode & 0o170000) === 0o100000) return t + extension
    }
  return undefined
}

/** What a container has beside its own program: system processes, and mounted folders. */
interface System {
  readonly processes: Pid[]
  readonly binds: string[]
}
/** Answers the requests on containers. */
function* act(sys: Sys, request: GuestRequest, systems: Map<string, System>): Run<GuestAction> {
  const id = String(request.id)
  switch (request.op) {
    case 'create': {
      const system: System = { processes: [], binds: [] }
      systems.set(id, system)
      const given = request as unknown as Parameters<typeof createSilo>[1]
      const failed = yield* createSilo(sys, given, system.processes, system.binds)
      return failed === undefined ? { answer: {} } : { error: failed }
    }
    case 'run': {
      const argv = request.argv as readonly string[]
      const path = yield* find(sys, id, argv[0] ?? '')
      if (path === undefined)
        return {
          error: `hcs::System::CreateProcess ${id}: The system cannot find the file specified.: unknown`,
        }
      return {
        run: (child) =>
          becomeSilo(child, id, path, argv, request.env as readonly string[], String(request.cwd || 'C:\\')),
      }
    }
    case 'terminate': {
      yield* nt(sys, { name: 'NtTerminateJobObject', job: id })
      for (const pid of systems.get(id)?.processes ?? []) yield* sys.wait(pid)
      for (const at of systems.get(id)?.binds ?? []) yield* sys.umount(at, 2)
      systems.delete(id)
      for (const folder of ['C:', 'Device']) yield* sys.umount(`${silo(id)}/${folder}`, 2)
      return { answer: {} }
    }
    default:
      return { error: `zukan: not emulated: ${request.op}` }
  }
}
/** Serves the requests of one machine; never returns. */
export function* serveContainers(sys: Sys): Run<number> {
  const systems = new Map<string, System>()
  return yield* serveGuest(sys, GCS_PORT, (t, request) => act(t, request, systems), '/Device/ConDrv')
}

/** vmcomputeagent.exe: the guest compute service in a utility machine with Windows. */
export const gcs: Program = function* (sys) {
  return yield* serveContainers(sys)
}

/** What runtimes that make the same system calls have of their own: a name, where they keep states, their words for failures, their pace. */
import type { Errno } from '../base/errno.ts'
import type { Spec } from '../oci/runtimespec.ts'
import { lower } from './files.ts'
import type { State } from './state.ts'

/** Faults of a specification that is well-formed JSON. */
export type SpecFault =
  | 'root'
  | 'process'
  | 'args'
  | 'cwd'
  | 'namespace'
  | 'twice'
  | 'mappings'
  | 'hostname'
  | 'mount'
  | 'sysctl'
  | 'own-sysctl'
  | 'rlimit'
  | 'action'
  | 'operator'
  | 'propagation'
  | 'host-sysctl'
  | 'ipc-sysctl'
  | 'device'
  | 'environment'
  | 'time'

/** How a runtime words what went wrong. */
export interface Words {
  /** The program of the container isn't along PATH. */
  noProgram(name: string): string
  /** It has a path, and can't be found there or isn't executable. */
  badProgram(name: string, why: Errno): string
  /** Something to be mounted isn't there. */
  noSource(source: string, destination: string, why: Errno): string
  mount(source: string, destination: string, options: string, why: Errno): string
  namespace(path: string, why: Errno): string
  sysctl(name: string, why: Errno): string
  /** What comes before a failure to join a namespace that isn't there. */
  readonly parent?: string
  noConfig: string
  noBundle(path: string, why: Errno): string
  badConfig(why: string, text: string): string
  rootfs(path: string, why: Errno): string
  exists(id: string): string
  badId(id: string): string
  /** No container has this name. */
  unknown(id: string, root: string): string
  /** A failure of the first process, before its program. */
  init(message: string): string
  /** A hook failed: its place in the list and how. */
  hook(point: string, index: number, path: string, why: string): string
  /** What is wrong with a specification, where this runtime says it in other words than runc. */
  invalid?(fault: SpecFault, detail: string): string | undefined
}
export interface Flavour {
  readonly name: string
  /** What ps shows of a container's process before its program: the command line, where it has one of its own, and the short name. */
  readonly waiting: { readonly title?: string; readonly comm: string }
  /** Threads of the runtime's language, whose numbers are why the next process in a container isn't PID 2. */
  readonly threads: number
  readonly root: string
  /** Where a container's state lies in its directory, and how it is written; runc's form where nothing is said. */
  readonly stateFile: string
  readonly parse?: (id: string, text: string) => State
  readonly render?: (s: State, spec: Spec) => string
  /** Nanoseconds that create, start and delete take of themselves. */
  readonly pace: { readonly create: number; readonly start: number; readonly delete: number }
  readonly words: Words
}

/**
 * Of the time from create to delete, as measured by youki's developers (README, May 2024), how much falls to each step: the source gives
 * the sum alone. Creating makes processes, namespaces, mounts and the cgroup; deleting waits for them to go.
 */
export function paceOf(milliseconds: number): Flavour['pace'] {
  const share = (part: number): number => Math.round(milliseconds * part * 1e6)
  return { create: share(0.75), start: share(0.2), delete: share(0.05) }
}

const init = (message: string): string =>
  `unable to start container process: ${/^(exec:|error closing exec fds)/.test(message) ? message : `error during container init: ${message}`}`

/** runc, in the words of its libcontainer. */
export const runcFlavour: Flavour = {
  name: 'runc',
  waiting: { title: 'runc init', comm: 'runc:[2:INIT]' },
  threads: 5,
  root: '/run/runc',
  stateFile: 'state.json',
  pace: paceOf(224.6),
  words: {
    noProgram: (name) => `exec: ${JSON.stringify(name)}: executable file not found in $PATH`,
    badProgram: (name, why) =>
      `exec: ${JSON.stringify(name)}: ${why.name === 'EACCES' ? 'permission denied' : `stat ${name}: ${lower(why)}`}`,
    noSource: (source, destination, why) =>
      `error mounting "${source}" to rootfs at "${destination}": stat ${source}: ${lower(why)}`,
    mount: (source, destination, options, why) =>
      `error mounting "${source}" to rootfs at "${destination}": mount src=${source}, dst=${destination}, dstFd=/proc/thread-self/fd/11${options ? `, data=${options}` : ''}: ${lower(why)}`,
    namespace: (path, why) => `namespace path: lstat ${path}: ${lower(why)}`,
    sysctl: (name, why) => `open /proc/sys/${name.replace(/\./g, '/')}: ${lower(why)}`,
    parent: 'unable to create new parent process: ',
    noConfig: 'JSON specification file config.json not found',
    noBundle: (path, why) => `chdir ${path}: ${why.text.toLowerCase()}`,
    badConfig: (why, text) => (/^unexpected end/.test(why) ? (text.trim() === '' ? 'EOF' : 'unexpected EOF') : why),
    rootfs: (path, why) => `invalid rootfs: stat ${path}: ${lower(why)}`,
    exists: () => 'container with given ID already exists',
    badId: (id) => (id === '' ? 'container id cannot be empty' : 'invalid container ID format'),
    unknown: () => 'container does not exist',
    init,
    hook: (point, index, _path, why) => `error running ${point} hook #${index}: ${why}`,
  },
}

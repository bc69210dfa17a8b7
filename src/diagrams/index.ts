/** Pictures as a whole: from a scene's module and a world to a layout. What pages and tests use. */
import type { TraceEvent } from '../emulator/base/trace.ts'
import { type HostName, hostNames } from '../emulator/hosts/host.ts'
import type { Moment, Watched } from './record.ts'
import { type Step, stepsOf, walkOf } from './scene/steps.ts'
import type { Language, SceneInput, SceneModule } from './scene/types.ts'

export type { Watched }
const nowhere: Moment = {
  view: {
    name: '',
    virtual: false,
    arch: '',
    cpus: 0,
    memory: 0,
    bootTime: 0,
    hypervisor: undefined,
    kernel: undefined,
    programs: [],
    containers: [],
    stopped: [],
    guests: [],
  },
  kernels: [],
}

/**
 * What a scene is drawn from: a session's world, or nothing where the scene shows facts alone. `at`: as it was after that event of the
 * last command, where somebody looked then.
 */
export function inputOf(watched: Watched | undefined, choice: string, at?: TraceEvent): SceneInput {
  if (!watched) return { ...nowhere, trace: [], history: [], choice }
  const trace = watched.trace.lastCommand()
  const history = watched.trace.events()
  const moment = at && watched.at(at)
  const later = moment ? trace.length - 1 - trace.indexOf(at) : 0
  return {
    ...(moment ?? watched.now()),
    trace: later > 0 ? trace.slice(0, -later) : trace,
    history: later > 0 ? history.slice(0, -later) : history,
    choice,
  }
}
/** The steps of a picture: those of its world's last command; where it shows facts, a walk along its arrows. */
export function playOf(
  module: SceneModule,
  watched: Watched | undefined,
  choice: string,
  language: Language,
): readonly Step[] {
  const now = module.scene(inputOf(watched, choice), language)
  if (!watched || now.sources || now.walk) return walkOf(now)
  return stepsOf(watched.trace.lastCommand(), (event) =>
    watched.at(event) ? module.scene(inputOf(watched, choice, event), language) : undefined,
  )
}
/** The choice that is shown first, or the one asked for where the scene has it. */
export const choiceOf = (module: SceneModule, asked: string | undefined): string =>
  asked !== undefined && module.choices.includes(asked) ? asked : (module.choices[0] ?? '')

/** Whether a word is a host's name; a host that isn't there yet leaves its pictures to their facts. */
const isHost = (name: string | undefined): name is HostName => hostNames.some((h) => h === name)

/** The host whose world a picture is drawn from; undefined where it shows facts alone. */
export function hostFor(module: SceneModule, choice: string, asked: string): HostName | undefined {
  const own = module.hosts[choice]
  if (isHost(own)) return own
  if (own === '') return undefined
  return module.runs && isHost(asked) ? asked : undefined
}
/** What most engines understand, wherever they run. */
const anywhere = 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine'
/** The same on hosts with other commands or images. On a node without an engine for people: a pod by each of its runtimes. */
const examples: Readonly<Partial<Record<HostName, string>>> = {
  'k8s-node':
    'for r in containerd/containerd crio/crio; do crictl -r unix:///run/$r.sock -i unix:///run/$r.sock run shell.json pod.json; done',
  'linux-podman': 'podman run -d --name web -p 8080:80 nginx:1.25.3-alpine',
  'mac-container': 'container run -d --name web nginx:1.25.3-alpine',
  'vm-type1': 'virsh start server1; sleep 20',
  'vm-type2': 'virsh start server1; sleep 20',
  'windows-containers': 'docker run -d --name web mcr.microsoft.com/windows/nanoserver:ltsc2025 ping -t localhost',
  'windows-lcow': 'docker run -d --name web nginx:1.25.3-alpine',
  'windows-wslc': 'wslc run -d --name web nginx:1.25.3-alpine',
}
/** The commands of a scene's example on a host. */
export function setupFor(module: SceneModule, host: HostName | undefined, choice: string): string {
  if (host === undefined) return ''
  const own = host === (module.hosts[choice] ?? 'linux-server') ? module.setups[choice] : undefined
  return own ?? (host === 'linux-server' ? module.setup : (examples[host] ?? anywhere))
}
/** The commands that a picture's buttons run on a host. */
export const actionsFor = (module: SceneModule, host: HostName | undefined): readonly (readonly [string, string])[] =>
  Object.entries(module.actions).filter(
    ([, command]) =>
      host === 'linux-server' ||
      (host !== undefined &&
        command.startsWith('docker ') &&
        !command.includes('--runtime') &&
        /^docker run .*nginx/.test(examples[host] ?? anywhere)),
  )

/** Widths in px that are drawn at build time; the page shows the one that fits. */
export const WIDE = 700
export const NARROW = 276

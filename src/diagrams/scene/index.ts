/** The scenes by name. Each one's code loads when it is asked for; to add one, write its file, its words, and a line here. */
import type { SceneModule } from './types.ts'

const loaders = {
  stack: () => import('./stack.ts'),
  processes: () => import('./processes.ts'),
  runtimes: () => import('./runtimes.ts'),
  namespaces: () => import('./namespaces.ts'),
  cgroups: () => import('./cgroups.ts'),
  layers: () => import('./layers.ts'),
  network: () => import('./network.ts'),
  registry: () => import('./registry.ts'),
  lifecycle: () => import('./lifecycle.ts'),
  syscalls: () => import('./syscalls.ts'),
  windows: () => import('./windows.ts'),
  mac: () => import('./mac.ts'),
  timeline: () => import('./timeline.ts'),
  startup: () => import('./startup.ts'),
} satisfies Record<string, () => Promise<{ readonly default: SceneModule }>>

export type SceneName = keyof typeof loaders
export const sceneNames = Object.keys(loaders) as readonly SceneName[]
export const isSceneName = (name: string): name is SceneName => Object.hasOwn(loaders, name)

/** Loads a scene; rejects with a list of the scenes where there is none of that name. */
export async function loadScene(name: string): Promise<SceneModule> {
  if (!isSceneName(name)) throw new Error(`no such scene: "${name}". Scenes are: ${sceneNames.join(', ')}`)
  return (await loaders[name]()).default
}

/** What a page's picture is made from while the page is built. */
import { choiceOf, hostFor, inputOf, setupFor, type Watched } from '../diagrams/index.ts'
import { loadScene, sceneNames } from '../diagrams/scene/index.ts'
import type { Language, Scene, SceneModule } from '../diagrams/scene/types.ts'
import { type HostName, hostNames, openSession, type Session } from '../emulator/complete.ts'
import { lookAt } from '../emulator/view.ts'

/** Worlds after their commands; pages that show the same example share one. */
const sessions = new Map<string, Session>()

/** A booted host on which `commands` ran; throws where one fails. */
function worldAfter(host: HostName, commands: string): Session {
  const key = `${host}\n${commands}`
  const known = sessions.get(key)
  if (known) return known
  const session = openSession({ host })
  if (commands !== '') {
    const { status, output } = session.run(commands)
    if (status !== 0) throw new Error(`the picture's commands ended with status ${status}:\n$ ${commands}\n${output}`)
  }
  session.settle()
  sessions.set(key, session)
  return session
}

/** A world that is only looked at once: nobody steps through what the build draws. */
const watch = (s: Session): Watched => ({
  trace: s.world.trace,
  now: () => lookAt(s),
  at: () => undefined,
})

export interface Built {
  readonly module: SceneModule
  readonly scene: Scene
  readonly choice: string
  readonly setup: string
  /** The host whose world is drawn; undefined where the picture shows facts alone. */
  readonly world: HostName | undefined
}
/** Loads and draws a scene; errors name the page, what was wrong with it, and what there is. */
export async function buildScene(
  file: string,
  o: { readonly scene: string; readonly host: string; readonly choice?: string; readonly run?: string },
  language: Language,
): Promise<Built> {
  let module: SceneModule
  try {
    module = await loadScene(o.scene)
  } catch (problem) {
    throw new Error(`${file}: ${(problem as Error).message}`)
  }
  const host = hostNames.find((h) => h === o.host)
  if (host === undefined) throw new Error(`${file}: no such host: "${o.host}". Hosts are: ${hostNames.join(', ')}`)
  if (o.choice !== undefined && !module.choices.includes(o.choice))
    throw new Error(
      `${file}: scene "${o.scene}" has no choice "${o.choice}". Choices are: ${module.choices.join(', ')}`,
    )
  const choice = choiceOf(module, o.choice)
  const world = hostFor(module, choice, host)
  const setup = world === undefined ? '' : (o.run ?? setupFor(module, world, choice))
  const input = inputOf(world === undefined ? undefined : watch(worldAfter(world, setup)), choice)
  return { module, scene: module.scene(input, language), choice, setup, world }
}
export { sceneNames }

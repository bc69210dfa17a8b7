/** podman: the command line over libpod. It asks no daemon; each command does its own work and ends. */

import { placeOf } from '../../engine/containers/place.ts'
import { becomeRoot } from '../../engine/containers/userns.ts'
import { Libpod, PODMAN_VERSION } from '../../engine/libpod/libpod.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { runTool, type Tool } from '../containers/frame.ts'
import { archiveCommands } from './archives.ts'
import { buildCommands } from './build.ts'
import { containerCommands } from './containers.ts'
import type { Context } from './context.ts'
import { copyCommands } from './cp.ts'
import { imageCommands } from './images.ts'
import { inspectCommands } from './inspect.ts'
import { kubeCommands } from './kube.ts'
import { objectCommands } from './objects.ts'
import { podCommands } from './pods.ts'
import { psCommands } from './ps.ts'
import { runCommands } from './run.ts'
import { secretCommands } from './secrets.ts'
import { globals, others, shapes } from './shapes.ts'
import { systemCommands } from './system.ts'
import { watchCommands } from './watch.ts'

/** Commands that two names have: the older one is in the tables. */
const both =
  'attach commit cp create diff exec export init kill logs mount pause port ps rename restart rm run start stats stop top unmount unpause update wait'.split(
    ' ',
  )
const imageNames = 'build history import load pull push save tag untag'.split(' ')
const aliases: Readonly<Record<string, string>> = {
  ...Object.fromEntries(both.map((n) => [`container ${n}`, n])),
  ...Object.fromEntries(imageNames.map((n) => [`image ${n}`, n])),
  'container list': 'ps',
  'container ls': 'ps',
  list: 'ps',
  ls: 'ps',
  umount: 'unmount',
  'container umount': 'unmount',
  'image list': 'images',
  'image ls': 'images',
  'image rm': 'rmi',
  'network list': 'network ls',
  'volume list': 'volume ls',
  'secret list': 'secret ls',
  'secret remove': 'secret rm',
  'pod ls': 'pod ps',
  'pod list': 'pod ps',
  'kube generate': 'generate kube',
  'play kube': 'kube play',
  'system events': 'events',
  'container remove': 'rm',
}
/** Commands, and groups of them, that Podman 6 has beyond the tables, and that aren't emulated. */
const further =
  'artifact|auto-update|compose|farm|healthcheck|machine|manifest|quadlet|system connection|image trust'.split('|')

export const podmanTool: Tool<Context> = {
  name: 'podman',
  globals,
  shapes,
  others: [...others, ...further],
  aliases,
  commands: {
    ...runCommands,
    ...psCommands,
    ...containerCommands,
    ...imageCommands,
    ...archiveCommands,
    ...watchCommands,
    ...inspectCommands,
    ...objectCommands,
    ...podCommands,
    ...systemCommands,
    ...kubeCommands,
    ...copyCommands,
    ...secretCommands,
    ...buildCommands,
  },
  help: 'podman/help',
  version: `podman version ${PODMAN_VERSION}\n`,
  known: 'log-level help version',
  same: { '--net': '--network' },
  *open(sys, argv, name) {
    const place = yield* placeOf(sys)
    // Help and version need no namespace of the user's.
    if (name !== 'version') yield* becomeRoot(sys, place)
    return { sys, lp: new Libpod(sys, place), argv }
  },
}
export const podman: Program = (sys, argv) => runTool(podmanTool, sys, argv)

/** docker's commands that are known by their lines and help, and that the emulator doesn't carry out; and those that only ever meet a refusal. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { CliError } from '../api.ts'
import { runDocker } from '../index.ts'
import type { Command } from '../invoke.ts'
import { moreShapes } from '../more/shapes.ts'
import { swarmCommands } from './swarm.ts'
import { knownShapes } from './texts.ts'

const shapes = { ...moreShapes, ...knownShapes }
const refused = (name: string): Command =>
  function* () {
    throw new CliError(`zukan: not emulated: docker ${name}`)
  }
/** Checkpoints are an experiment, which a daemon has to be started for. */
const experimental = (name: string): Command =>
  function* (_sys, client) {
    const { Experimental } = yield* client.json<{ Experimental?: boolean }>('GET', '/version')
    const why = `docker ${name} is only supported on a Docker daemon with experimental features enabled`
    throw new CliError(Experimental ? `zukan: not emulated: docker ${name}` : why)
  }
const commands: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(
    Object.keys(shapes).map((name) => [name, name.startsWith('checkpoint ') ? experimental(name) : refused(name)]),
  ),
  ...swarmCommands,
}

export const dockerKnown: Program = (sys, argv) => runDocker(sys, argv, commands, shapes)

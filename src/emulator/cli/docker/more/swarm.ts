/** The lists of a swarm and of plugins. An engine that is in no swarm answers the former with a refusal. */
import { query } from '../api.ts'
import { printList } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'

/** Asks for a list of the swarm's: the engine's refusal is what is told. */
const asks = (method: string, path: string): Command =>
  function* (_sys, client, g) {
    yield* client.json(method, `${path}${query({ filters: g.parsed.values.has('filter') ? filtersOf(g) : undefined })}`)
    return 0
  }
const plugins: Command = function* (sys, client, g) {
  yield* client.json('GET', `/plugins${query({ filters: filtersOf(g) })}`)
  if (g.has('quiet')) return 0
  const columns = [
    ['ID', 'ID'],
    ['NAME', 'Name'],
    ['DESCRIPTION', 'Description'],
    ['ENABLED', 'Enabled'],
  ] as const
  yield* printList(sys, g.value('format'), columns, [], {}, '*plugin.pluginContext')
  return 0
}

export const swarmCommands: Readonly<Record<string, Command>> = {
  'config ls': asks('GET', '/configs'),
  'node ls': asks('GET', '/nodes'),
  'plugin ls': plugins,
  'secret ls': asks('GET', '/secrets'),
  'service ls': asks('GET', '/services'),
  'stack ls': asks('GET', '/services'),
  'swarm join-token': asks('GET', '/swarm'),
  'swarm leave': asks('POST', '/swarm/leave'),
  'swarm unlock-key': asks('GET', '/swarm/unlockkey'),
}

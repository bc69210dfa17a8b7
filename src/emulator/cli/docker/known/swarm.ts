/** The lists of a swarm and of plugins. An engine that is in no swarm answers the former with a refusal. */
import { print, warn } from '../../../userland/lib/io.ts'
import { CliError, query } from '../api.ts'
import { printList } from '../format.ts'
import { type Command, filtersOf } from '../invoke.ts'

/** Asks for a list of the swarm's: the engine's refusal is what is told. */
const asks = (method: string, path: string): Command =>
  function* (_sys, client, g) {
    yield* client.json(method, `${path}${query({ filters: g.parsed.values.has('filter') ? filtersOf(g) : undefined })}`)
    return 0
  }
/** Asks, and prints an empty list before the refusal is told. */
const inspects = (path: string): Command =>
  function* (sys, client, g) {
    try {
      return yield* asks('GET', path)(sys, client, g)
    } catch (e) {
      yield* print(sys, g.value('format') === undefined ? '[]\n' : '\n')
      throw e
    }
  }
/** What only a swarm's manager carries out. */
const managed =
  'node inspect|node ps|node rm|node promote|node demote|node update|service create|service ps|service rm|service inspect|service logs|service update|service rollback|stack ps|stack rm|stack services|secret rm|secret inspect|config rm|config inspect|swarm ca'.split(
    '|',
  )
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

/** Asks for something of each plugin. No engine here has one: it refuses. */
const eachPlugin = (method: string, tail: string, lists = false): Command =>
  function* (sys, client, g) {
    const errors: string[] = []
    for (const name of g.args)
      try {
        yield* client.json(method, `/plugins/${encodeURIComponent(name)}${tail}`)
      } catch (e) {
        if (!(e instanceof CliError)) throw e
        errors.push(e.message)
      }
    if (lists) yield* print(sys, g.value('format') === undefined ? '[]\n' : '\n')
    yield* warn(sys, errors.map((m) => `${m}\n`).join(''))
    return errors.length > 0 ? 1 : 0
  }

/** Sub-commands that say what they lack before they ask. */
const lacks = (what: string, flag: string | number): Command =>
  function* (_sys, _client, g) {
    if (typeof flag === 'number' ? g.args.length < flag : g.value(flag) === undefined) throw new CliError(what)
    throw new CliError(`zukan: not emulated: ${g.called}`)
  }

export const swarmCommands: Readonly<Record<string, Command>> = {
  'config ls': asks('GET', '/configs'),
  'node ls': asks('GET', '/nodes'),
  'plugin ls': plugins,
  'secret ls': asks('GET', '/secrets'),
  'service ls': asks('GET', '/services'),
  ...Object.fromEntries(
    managed.map((name) => {
      const [group = '', verb] = name.split(' ')
      const path = group === 'swarm' ? '/swarm' : group === 'stack' ? '/services' : `/${group}s`
      return [name, verb === 'inspect' ? inspects(path) : asks('GET', path)]
    }),
  ),
  'swarm update': function* (sys, client, g) {
    if (g.parsed.values.size === 0)
      return yield* (yield* sys.part('docker/help'))(sys, ['docker', 'swarm', 'update', '--help'])
    return yield* asks('GET', '/swarm')(sys, client, g)
  },
  'stack ls': asks('GET', '/services'),
  'swarm join-token': function* (sys, client, g) {
    const role = g.args[0] as string
    if (role !== 'worker' && role !== 'manager') throw new CliError(`unknown role ${role}`)
    return yield* asks('GET', '/swarm')(sys, client, g)
  },
  'stack deploy': lacks('Specify a Compose file (with --compose-file)', 'compose-file'),
  'stack config': lacks('Specify a Compose file (with --compose-file)', 'compose-file'),
  'secret create': lacks('secret file is required', 2),
  'swarm leave': asks('POST', '/swarm/leave'),
  'swarm unlock-key': function* (sys, client, g) {
    try {
      return yield* asks('GET', '/swarm/unlockkey')(sys, client, g)
    } catch (e) {
      throw e instanceof CliError ? new CliError(`could not fetch unlock key: ${e.message}`) : e
    }
  },
  'plugin inspect': eachPlugin('GET', '/json', true),
  'plugin rm': eachPlugin('DELETE', ''),
  'plugin enable': eachPlugin('POST', '/enable'),
  'plugin disable': eachPlugin('POST', '/disable'),
}

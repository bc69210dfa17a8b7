/** What an engine that is in no swarm answers to questions about swarms. */
import { ok, type Route } from '../routes.ts'
import { ApiError } from '../state.ts'

export const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

export const swarmRoutes: readonly Route[] = [
  [
    'POST',
    /^\/swarm\/leave$/,
    function* () {
      throw new ApiError(503, 'This node is not part of a swarm')
    },
  ],
  [
    'POST',
    /^\/swarm\/(init|join)$/,
    function* () {
      throw new ApiError(501, 'zukan: not emulated: swarm mode')
    },
  ],
  [
    'GET',
    /^\/plugins$/,
    function* () {
      return ok([])
    },
  ],
  ...(['GET', 'POST', 'DELETE'] as const).map(
    (method): Route => [
      method,
      /^\/plugins\/(.+?)(\/json|\/enable|\/disable)?$/,
      function* (_, name = '') {
        throw new ApiError(404, `plugin ${JSON.stringify(decodeURIComponent(name))} not found`)
      },
    ],
  ),
  ...(['GET', 'POST', 'DELETE'] as const).map(
    (method): Route => [
      method,
      /^\/(swarm|nodes|services|tasks|secrets|configs)(\/|$)/,
      function* () {
        throw new ApiError(503, notManager)
      },
    ],
  ),
]

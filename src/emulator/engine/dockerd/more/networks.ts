/** The API's routes on networks. */

import { writeResolvConf } from '../files.ts'
import { filtersOf, filterValues, labelsPass, nameMatches } from '../filters.ts'
import { serveNames } from '../names.ts'
import { addEndpoint, addressComplaint, createNetwork, findNetwork, plug, removeNetwork, unplug } from '../networks.ts'
import { created, none, ok, type Route } from '../routes.ts'
import { ApiError, type Daemon, type EndpointConfig, findContainer, type Network } from '../state.ts'
import { event } from '../support.ts'
import { before } from './containers.ts'
import { describeNetwork } from './documents.ts'
import { notManager } from './swarm.ts'

const builtIn = ['bridge', 'host', 'none']
const usersOf = (d: Daemon, n: Network): readonly string[] =>
  [...d.containers.values()].filter((x) => x.endpoints.some((e) => e.network === n.id && e.address)).map((x) => x.name)
const attributes = (n: Network): Record<string, string> => ({ name: n.name, type: n.driver })

export const networkRoutes: readonly Route[] = [
  [
    'GET',
    /^\/networks$/,
    function* (c) {
      const filters = filtersOf(c, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'])
      const any = (key: string, test: (v: string) => boolean): boolean => {
        const values = filterValues(filters, key)
        return values.length === 0 || values.some(test)
      }
      for (const v of filterValues(filters, 'dangling'))
        if (!/^(true|false|0|1)$/.test(v))
          throw new ApiError(400, 'invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")')
      for (const v of filterValues(filters, 'type'))
        if (v !== 'custom' && v !== 'builtin') throw new ApiError(400, `invalid filter: 'type'='${v}'`)
      const list = [...c.d.networks.values()].filter(
        (n) =>
          any('name', (v) => nameMatches(n.name, v)) &&
          any('id', (v) => n.id.startsWith(v)) &&
          any('driver', (v) => n.driver === v) &&
          any('scope', (v) => v === 'local') &&
          any('type', (v) => builtIn.includes(n.name) === (v === 'builtin')) &&
          any(
            'dangling',
            (v) => (!builtIn.includes(n.name) && usersOf(c.d, n).length === 0) === /^(true|1)$/.test(v),
          ) &&
          labelsPass(n.labels, filters),
      )
      return ok(list.map((n) => describeNetwork(c.d, n)))
    },
  ],
  [
    'POST',
    /^\/networks\/create$/,
    function* (c) {
      const b = yield* c.json<{
        Name: string
        Driver?: string
        Internal?: boolean
        Attachable?: boolean
        Scope?: string
        Labels?: Record<string, string>
        Options?: Record<string, string>
        IPAM?: {
          Driver?: string
          Config?: {
            Subnet?: string
            Gateway?: string
            IPRange?: string
            AuxiliaryAddresses?: Record<string, string>
          }[]
        }
      }>('networkCreate')
      if (!b.Name) throw new ApiError(400, 'network name is required')
      const [ipam, second] = b.IPAM?.Config ?? []
      if (builtIn.includes(b.Name) || b.Name === 'default')
        throw new ApiError(403, `operation is not permitted on predefined ${b.Name} network`)
      if (b.Driver === 'host' || b.Driver === 'null')
        throw new ApiError(403, `only one instance of "${b.Driver}" network is allowed`)
      const { Driver: ipamDriver = 'default' } = b.IPAM ?? {}
      if (ipamDriver !== 'default' && ipamDriver !== '' && ipamDriver !== 'null')
        throw new ApiError(404, `plugin ${JSON.stringify(ipamDriver)} not found`)
      if (b.Scope && b.Scope !== 'local') throw new ApiError(503, notManager)
      if (b.Driver === 'overlay') throw new ApiError(503, notManager)
      if (second) throw new ApiError(400, "bridge driver doesn't support multiple subnets")
      const n = yield* createNetwork(c.sys, c.d, b.Name, {
        ...(b.Driver ? { driver: b.Driver } : {}),
        ...(ipam?.Subnet ? { subnet: ipam.Subnet } : {}),
        ...(ipam?.Gateway ? { gateway: ipam.Gateway } : {}),
        ...(ipam?.IPRange ? { range: ipam.IPRange } : {}),
        ...(ipam?.AuxiliaryAddresses ? { reserved: ipam.AuxiliaryAddresses } : {}),
        internal: b.Internal ?? false,
        attachable: b.Attachable ?? false,
        labels: b.Labels ?? {},
        options: b.Options ?? {},
      })
      yield* event(c.sys, c.d, 'network', 'create', n.id, attributes(n))
      return created({ Id: n.id, Warning: '' })
    },
  ],
  [
    'POST',
    /^\/networks\/prune$/,
    function* (c) {
      const filters = filtersOf(c, ['label', 'label!', 'until'])
      const until = filterValues(filters, 'until')[0]
      const gone: string[] = []
      for (const n of [...c.d.networks.values()]) {
        if (until !== undefined && n.created > (yield* before(c.sys, until))) continue
        if (builtIn.includes(n.name) || !labelsPass(n.labels, filters)) continue
        if ([...c.d.containers.values()].some((x) => x.endpoints.some((e) => e.network === n.id))) continue
        yield* removeNetwork(c.sys, c.d, n)
        gone.push(n.name)
        yield* event(c.sys, c.d, 'network', 'destroy', n.id, attributes(n))
      }
      return ok({ NetworksDeleted: gone.length > 0 ? gone : null })
    },
  ],
  [
    'POST',
    /^\/networks\/([^/]+)\/(connect|disconnect)$/,
    function* (c, ref, what) {
      const n = findNetwork(c.d, ref as string)
      const b = yield* c.json<{ Container?: string; EndpointConfig?: EndpointConfig; Force?: boolean }>(
        'networkConnect',
      )
      if (
        b.Force &&
        ![...c.d.containers.values()].some((y) => y.name === b.Container || y.id.startsWith(b.Container ?? ''))
      )
        throw new ApiError(404, `endpoint ${b.Container} not found`)
      const x = findContainer(c.d, b.Container ?? '')
      const mode = x.hostConfig.NetworkMode ?? ''
      if (mode.startsWith('container:'))
        throw new ApiError(
          403,
          'container sharing network namespace with another container or host cannot be connected to any other network',
        )
      const alone = mode === 'none' && x.endpoints.length === 0 && !x.parted
      if (what === 'connect') {
        if (mode !== 'host' && n.name === 'host')
          throw new ApiError(
            403,
            'cannot connect container to host network - container must be created in host network mode',
          )
        if (mode === 'host')
          throw new ApiError(
            403,
            'container sharing network namespace with another container or host cannot be connected to any other network',
          )
        if (alone !== (n.name === 'none') || (n.name === 'none' && x.endpoints.length > 0))
          throw new ApiError(
            403,
            'container cannot be connected to multiple networks with one of the networks in private (none) mode',
          )
      } else if (mode === 'host' && n.name === 'host')
        throw new ApiError(
          403,
          'cannot disconnect container from host network - container was created in host network mode',
        )
      else if (alone && n.name === 'none') {
        x.parted = true
        return ok({})
      }
      const at = x.endpoints.findIndex((e) => e.network === n.id)
      if (what === 'connect') {
        if (at >= 0) throw new ApiError(403, `endpoint with name ${x.name} already exists in network ${n.name}`)
        const why = addressComplaint(n, b.EndpointConfig?.IPAMConfig?.IPv4Address)
        if (why) throw new ApiError(400, `invalid endpoint settings:\n${why}`)
        const e = yield* addEndpoint(c.sys, x, n, b.EndpointConfig)
        // The lowest number of an interface that is free inside.
        if (x.status === 'running') {
          yield* plug(c.sys, c.d, x, e, x.endpoints.length - 1)
          if (n.name !== 'bridge') {
            yield* writeResolvConf(c.sys, c.d, x)
            yield* serveNames(c.sys, c.d, x, x.pid)
          }
        }
      } else {
        if (at < 0) throw new ApiError(403, `container ${x.id} is not connected to network ${n.name}`)
        for (const e of x.endpoints.splice(at, 1)) yield* unplug(c.sys, c.d, e)
      }
      yield* event(c.sys, c.d, 'network', what as string, n.id, { container: x.id, ...attributes(n) })
      return ok({})
    },
  ],
  [
    'GET',
    /^\/networks\/([^/]+)$/,
    function* (c, ref) {
      return ok(describeNetwork(c.d, findNetwork(c.d, ref as string)))
    },
  ],
  [
    'DELETE',
    /^\/networks\/([^/]+)$/,
    function* (c, ref) {
      const n = findNetwork(c.d, ref as string)
      if (builtIn.includes(n.name)) throw new ApiError(403, `${n.name} is a pre-defined network and cannot be removed`)
      const users = [...c.d.containers.values()].flatMap((x) =>
        x.endpoints
          .filter((e) => e.network === n.id && e.address)
          .map((e) => `name:"${x.name}" id:"${e.id.slice(0, 12)}"`),
      )
      if (users.length > 0)
        throw new ApiError(
          403,
          `error while removing network: network ${n.name} has active endpoints (${users.join(', ')})`,
        )
      yield* removeNetwork(c.sys, c.d, n)
      yield* event(c.sys, c.d, 'network', 'destroy', n.id, attributes(n))
      return none
    },
  ],
]

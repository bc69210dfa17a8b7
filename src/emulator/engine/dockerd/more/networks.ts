/** The API's routes on networks. */

import { writeResolvConf } from '../files.ts'
import { filtersOf, filterValues, labelsPass, nameMatches } from '../filters.ts'
import { serveNames } from '../names.ts'
import { addEndpoint, createNetwork, findNetwork, plug, removeNetwork, unplug } from '../networks.ts'
import { created, none, ok, type Route } from '../routes.ts'
import { ApiError, type Daemon, type EndpointConfig, findContainer, type Network } from '../state.ts'
import { event } from '../support.ts'
import { describeNetwork } from './documents.ts'

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
      const b = c.json<{
        Name: string
        Driver?: string
        Internal?: boolean
        Labels?: Record<string, string>
        Options?: Record<string, string>
        IPAM?: { Config?: { Subnet?: string; Gateway?: string; IPRange?: string }[] }
      }>()
      const ipam = b.IPAM?.Config?.[0]
      const n = yield* createNetwork(c.sys, c.d, b.Name, {
        ...(b.Driver ? { driver: b.Driver } : {}),
        ...(ipam?.Subnet ? { subnet: ipam.Subnet } : {}),
        ...(ipam?.Gateway ? { gateway: ipam.Gateway } : {}),
        ...(ipam?.IPRange ? { range: ipam.IPRange } : {}),
        internal: b.Internal ?? false,
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
      const gone: string[] = []
      for (const n of [...c.d.networks.values()]) {
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
      const b = c.json<{ Container: string; EndpointConfig?: EndpointConfig; Force?: boolean }>()
      const x = findContainer(c.d, b.Container)
      const mode = x.hostConfig.NetworkMode ?? ''
      if (mode.startsWith('container:'))
        throw new ApiError(
          403,
          'container sharing network namespace with another container or host cannot be connected to any other network',
        )
      if (mode === 'host' || n.name === 'host')
        throw new ApiError(
          403,
          what === 'connect'
            ? 'cannot connect container to host network - container must be created in host network mode'
            : 'container cannot be disconnected from host network or connected to host network',
        )
      const at = x.endpoints.findIndex((e) => e.network === n.id)
      if (what === 'connect') {
        if (at >= 0) throw new ApiError(403, `endpoint with name ${x.name} already exists in network ${n.name}`)
        if (b.EndpointConfig?.IPAMConfig?.IPv4Address && n.name === 'bridge')
          throw new ApiError(
            400,
            'invalid endpoint settings:\nuser specified IP address is supported on user defined networks only',
          )
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

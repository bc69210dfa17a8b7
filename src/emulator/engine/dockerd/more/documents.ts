/** JSON documents of networks and volumes. */
import { rfc3339, sorted } from '../documents.ts'
import type { Daemon, Network, Volume } from '../state.ts'

/** GET /networks/{id} */
export function describeNetwork(d: Daemon, n: Network): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (const c of d.containers.values())
    for (const e of c.endpoints)
      if (e.network === n.id && e.address)
        members[c.id] = {
          Name: c.name,
          EndpointID: e.id,
          MacAddress: e.mac,
          IPv4Address: `${e.address}/${e.prefix}`,
          IPv6Address: '',
        }
  return {
    Name: n.name,
    Id: n.id,
    Created: rfc3339(n.created),
    Scope: 'local',
    Driver: n.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config:
        n.driver === 'bridge'
          ? [
              {
                Subnet: `${n.subnet}/${n.prefix}`,
                ...(n.range ? { IPRange: n.range } : {}),
                Gateway: n.gateway,
                ...(n.reserved ? { AuxiliaryAddresses: n.reserved } : {}),
              },
            ]
          : [],
    },
    Internal: n.internal,
    Attachable: n.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: members,
    Options:
      n.name === 'bridge'
        ? {
            'com.docker.network.bridge.default_bridge': 'true',
            'com.docker.network.bridge.enable_icc': 'true',
            'com.docker.network.bridge.enable_ip_masquerade': 'true',
            'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
            'com.docker.network.bridge.name': 'docker0',
            'com.docker.network.driver.mtu': '1500',
          }
        : sorted(n.options),
    Labels: sorted(n.labels),
  }
}
/** GET /volumes/{name} */
export const describeVolume = (v: Volume): Record<string, unknown> => ({
  CreatedAt: rfc3339(v.created).replace(/\.\d+/, ''),
  Driver: 'local',
  Labels: Object.keys(v.labels).length > 0 ? sorted(v.labels) : null,
  Mountpoint: v.mountpoint,
  Name: v.name,
  Options: Object.keys(v.options).length > 0 ? sorted(v.options) : null,
  Scope: 'local',
})

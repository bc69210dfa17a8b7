/** Scene "network": interfaces of the host and of each container, the bridge between them, and the rules that rewrite addresses. */
import { words } from '../words/network.ts'
import { focus } from './focus.ts'
import { type Box, defineScene, type Link } from './types.ts'

export default defineScene({
  words,
  setup: 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine && curl -s localhost:8080 > /dev/null',
  actions: {
    run: 'docker run -d --name web -p 8080:80 nginx:1.25.3-alpine',
    curl: 'curl -s localhost:8080',
    ping: 'docker exec web ping -c 1 10.0.0.1',
    rm: 'docker rm -f web',
  },
  scene(input, w) {
    const { machine: view, kernel } = focus(input)
    const network = kernel?.network
    const host = network?.namespaces[0]
    if (!network || !host) return { root: { id: 'network', kind: 'group', title: '' }, links: [] }
    const links: Link[] = []
    const containers = network.namespaces.slice(1).map((ns): Box => {
      const container = view.containers.find((c) =>
        c.processes.some((p) => kernel?.processes.find((q) => q.pid === p.pid)?.namespaces.net === ns.inum),
      )
      const ports = ns.listening.map((l) => l.port).join(', ')
      return {
        id: `net:${ns.inum}`,
        kind: 'container',
        tag: `${w.container} · ${w.namespace} ${ns.inum}`,
        title: container?.name ?? ns.hostname ?? '',
        details: [...(ports ? [w.ports(ports)] : []), ...ns.routes],
        refs: [`net:[${ns.inum}]`, `net:${ns.inum}`],
        children: ns.interfaces
          .filter((i) => i.type !== 'loopback')
          .map((i) => ({
            id: `link:${ns.inum}:${i.name}`,
            kind: 'network' as const,
            tag: w.interface,
            title: i.name,
            details: [...i.addresses, w.packets(i.packets), ...(i.up ? [] : [w.down])],
            refs: [`if:${ns.inum}:${i.name}`],
            wide: true,
          })),
      }
    })
    const bridges = host.interfaces.filter((i) => i.type === 'bridge')
    const loose = host.interfaces.filter((i) => i.type === 'ethernet')
    const proxies = (kernel?.processes ?? []).filter((p) => /(^|\/)(docker-proxy|pasta) /.test(p.command))
    const bridgeRows = bridges.map((bridge): Box => {
      const ends = host.interfaces.filter((i) => i.master === bridge.name)
      return {
        id: `link:${host.inum}:${bridge.name}`,
        kind: 'network',
        tag: w.bridge,
        title: bridge.name,
        details: [[...bridge.addresses, w.packets(bridge.packets)].join(' · ')],
        wide: true,
        strong: true,
        refs: [`if:${host.inum}:${bridge.name}`],
        children: ends.map((end) => ({
          id: `link:${host.inum}:${end.name}`,
          kind: 'file' as const,
          tag: w.veth,
          title: end.name,
          refs: [`if:${host.inum}:${end.name}`],
          details: [`${w.peer}: ${end.peer?.name ?? ''} (${end.peer?.namespace ?? ''})`, w.packets(end.packets)],
        })),
      }
    })
    const nat: Box = {
      id: 'nat',
      kind: 'kernel',
      tag: w.nat,
      title:
        network.forwards.length > 0 ? network.forwards.map((f) => w.forward(f.port, f.to)).join(' · ') : w.noForward,
      details: [...network.masquerades.map((m) => w.masquerade(m.source)), w.natDetail],
      wide: true,
      refs: [`nat:${host.inum}`],
    }
    const first = bridgeRows.find((b) => (b.children?.length ?? 0) > 0) ?? bridgeRows[0]
    // Two ways in: a program on this machine meets the proxy at localhost, a packet from outside meets the rules.
    const local: Box = {
      id: 'local',
      kind: 'group',
      title: w.local,
      arrange: 'column',
      children: [
        {
          id: 'client',
          kind: 'process',
          tag: w.client,
          title: 'curl localhost:8080',
          details: [w.clientDetail],
          refs: ['curl', 'wget', 'ping', 'shell', 'session', `if:${host.inum}:lo`],
        },
        ...(proxies.length > 0
          ? [
              {
                id: 'proxy',
                kind: 'daemon' as const,
                title: [...new Set(proxies.map((p) => p.command.split(' ', 1)[0]?.split('/').at(-1)))].join(', '),
                details: [first ? w.proxyDetail : w.carrierDetail, w.pids(proxies.map((p) => p.pid).join(', '))],
                refs: [
                  'docker-proxy',
                  'pasta',
                  ...proxies.map((p) => `process:${p.pid}`),
                  ...network.forwards.map((f) => `net:${host.inum}:${f.port}`),
                ],
              },
            ]
          : []),
      ],
    }
    const outside: Box = {
      id: 'outside',
      kind: 'group',
      title: w.outside,
      arrange: 'column',
      children: [
        ...loose.map(
          (i): Box => ({
            id: `link:${host.inum}:${i.name}`,
            kind: 'network',
            tag: w.interface,
            title: i.name,
            details: [[...i.addresses, w.packets(i.packets)].join(' · ')],
            refs: [`if:${host.inum}:${i.name}`, `net:${host.inum}`],
          }),
        ),
        nat,
      ],
    }
    const rows: readonly Box[] = [local, outside, ...bridgeRows]
    const nearest = loose.at(-1)
    if (nearest) links.push({ id: 'nic-nat', from: `link:${host.inum}:${nearest.name}`, to: 'nat' })
    if (proxies.length > 0) links.push({ id: 'client-proxy', from: 'client', to: 'proxy', labels: [w.toProxy] })
    if (first)
      links.push(
        { id: 'local-bridge', from: 'local', to: first.id, labels: proxies.length > 0 ? [w.newConnection] : [] },
        { id: 'nat-bridge', from: 'outside', to: first.id, labels: network.forwards.length > 0 ? [w.rewritten] : [] },
      )
    // Without a bridge a process alone carries the packets, as pasta does for users who may not make interfaces.
    else if (proxies.length > 0)
      for (const c of containers) links.push({ id: `carry:${c.id}`, from: 'local', to: c.id, labels: [w.carried] })
    if (first && containers.length > 0)
      for (const c of containers) {
        const ns = network.namespaces.find((n) => `net:${n.inum}` === c.id)
        const eth = ns?.interfaces.find((i) => i.peer?.namespace === host.inum)
        const end = host.interfaces.find((i) => i.name === eth?.peer?.name)
        const bridge = bridgeRows.find((b) => b.title === end?.master)
        if (eth && bridge)
          links.push({ id: `plug:${c.id}`, from: bridge.id, to: c.id, labels: [`${end?.name} – ${eth.name}`] })
      }
    return {
      root: {
        id: 'network',
        kind: 'machine',
        machine: view.name,
        tag: w.host,
        title: view.name,
        cell: 180,
        children: [...rows, ...containers],
        refs: [],
      },
      links,
    }
  },
})

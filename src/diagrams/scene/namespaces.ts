/** Scene "namespaces": groups of processes that see the same, and which of the eight kinds each has to itself. */
import type { ProcessDetail } from '../../emulator/views/index.ts'
import { words } from '../words/namespaces.ts'
import { focus } from './focus.ts'
import { type Box, defineScene } from './types.ts'

const kinds = ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'] as const

/** Members that a box has room for. */
const NAMED = 6
/** The processes in a box, by their programs' names: nginx: ×5. */
function membersOf(members: readonly ProcessDetail[], w: (typeof words)['en']): string {
  const counts = new Map<string, number>()
  for (const p of members) {
    const name = (p.command.split(' ', 1)[0] ?? '').replace(/:$/, '').replace(/^.*\//, '')
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const names = [...counts].map(([name, n]) => (n === 1 ? name : `${name}\u00a0×${n}`))
  return w.members(names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ' …' : ''))
}

export default defineScene({
  words,
  setup: 'docker run -d --name web nginx:1.25.3-alpine && docker run -d --name agent --network host alpine sleep 600',
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    share: 'docker run -d --name agent --network host alpine sleep 600',
    unshare: 'unshare --uts sleep 600 &',
    rm: 'docker rm -f web agent',
  },
  scene(input, w) {
    const { machine: view, kernel } = focus(input)
    const processes = kernel?.processes ?? []
    const host = processes[0]?.namespaces
    // Processes in exactly the same namespaces are one group.
    const groups = new Map<string, ProcessDetail[]>()
    for (const p of processes) {
      const key = kinds.map((k) => p.namespaces[k]).join(',')
      groups.set(key, [...(groups.get(key) ?? []), p])
    }
    const names = new Map(
      view.containers.map((c) => [processes.find((p) => p.pid === c.pid)?.namespaces.mnt, c.name] as const),
    )
    const boxes = [...groups.values()].map((members): Box => {
      const first = members[0] as ProcessDetail
      const isHost = kinds.every((k) => first.namespaces[k] === host?.[k])
      const name = names.get(first.namespaces.mnt)
      const visible = processes.filter(
        (p) => first.namespaces.pid === host?.pid || p.namespaces.pid === first.namespaces.pid,
      ).length
      return {
        id: `ns:${first.pid}`,
        kind: isHost ? 'machine' : 'container',
        tag: isHost ? w.host : w.container,
        title: isHost ? view.name : (name ?? first.command.split(' ')[0] ?? ''),
        details: [membersOf(members, w), w.calledItself(first.hostname), w.sees(visible)],
        wide: isHost,
        cell: isHost ? 104 : 94,
        refs: members.map((p) => `process:${p.pid}`),
        children: kinds.map((k): Box => {
          const own = first.namespaces[k] !== host?.[k]
          return {
            id: `ns:${first.pid}:${k}`,
            kind: 'namespace',
            title: `${k}`,
            details: [
              isHost ? `${w.kinds[k]}: ${w.hides[k]}` : w.kinds[k],
              String(first.namespaces[k]),
              ...(isHost ? [] : [own ? w.own : w.shared]),
            ],
            ...(isHost || own ? {} : { faint: true }),
            refs: own || isHost ? [`${k}:[${first.namespaces[k]}]`] : [],
          }
        }),
      }
    })
    return {
      root: { id: 'namespaces', machine: view.name, kind: 'group', title: '', cell: 270, children: boxes },
      links: [],
    }
  },
})

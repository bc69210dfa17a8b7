/** Scene "cgroups": the tree with what each group uses of what it may use. */
import type { CgroupView } from '../../emulator/views/index.ts'
import { words } from '../words/cgroups.ts'
import { amount, duration } from './amount.ts'
import { focus } from './focus.ts'
import { type Box, defineScene, type Link, type Meter } from './types.ts'

/** Limits that hold for a group: its own, or the nearest above. */
interface Limits {
  readonly memory: number
  readonly pids: number
}

export default defineScene({
  words,
  setup: 'docker run -d --name web --memory 32m --pids-limit 32 --cpus 0.5 nginx:1.25.3-alpine',
  actions: {
    run: 'docker run -d --name web --memory 32m --pids-limit 32 --cpus 0.5 nginx:1.25.3-alpine',
    hog: "docker exec web sh -c 'head -c 40m /dev/zero | tail > /dev/null'",
    burn: "docker exec web timeout 2 sh -c 'while :; do :; done'",
    pause: 'docker pause web',
    rm: 'docker rm -f web',
  },
  scene(input, w) {
    const { machine: view, kernel } = focus(input)
    const boxes: Box[] = []
    const links: Link[] = []
    const names = new Map(view.containers.map((c) => [c.id, c.name]))
    const visit = (g: CgroupView, level: number, above: Limits): void => {
      const limits: Limits = {
        memory: Math.min(above.memory, g.memory.max ?? Infinity),
        pids: Math.min(above.pids, g.pids.max ?? Infinity),
      }
      const id = `cgroup:${g.path}`
      const container = /[0-9a-f]{64}/.exec(g.name)?.[0] ?? ''
      const name = names.get(container)
      const meters: Meter[] = [
        {
          id: 'memory',
          label: w.memory(amount(g.memory.current), g.memory.max === undefined ? undefined : amount(g.memory.max)),
          fraction: g.memory.current / limits.memory,
          alarm: g.memory.current > limits.memory * 0.9,
        },
        ...(g.pids.max === undefined && level === 0
          ? []
          : [
              {
                id: 'pids',
                label: w.pids(g.pids.current, g.pids.max),
                fraction: Number.isFinite(limits.pids) ? g.pids.current / limits.pids : 0,
                alarm: g.pids.current >= limits.pids,
              },
            ]),
      ]
      boxes.push({
        id,
        kind: level === 0 ? 'machine' : name !== undefined ? 'container' : 'cgroup',
        tag: name !== undefined ? `${w.tag} · ${w.of(name)}` : w.tag,
        title: level === 0 ? `/ (${w.root})` : g.name.replace(/[0-9a-f]{64}/, (x) => x.slice(0, 12)),
        details: [
          [
            w.members(g.processes),
            w.cpu(duration(g.cpu.used), g.cpu.max),
            ...(g.cpu.throttled > 0 ? [w.throttled(g.cpu.throttled)] : []),
            ...(g.io.read + g.io.written > 0 ? [w.io(amount(g.io.read), amount(g.io.written))] : []),
            ...(g.io.max === undefined ? [] : [w.ioMax(`${amount(g.io.max)}/s`)]),
            ...(g.frozen ? [w.frozen] : []),
            ...(g.memory.oomKills > 0 ? [w.killed(g.memory.oomKills)] : []),
            ...(g.pids.refused > 0 ? [w.refused(g.pids.refused)] : []),
          ].join(' · '),
        ],
        meters,
        level,
        refs: [g.path, id],
        ...(g.frozen ? { faint: true } : {}),
      })
      for (const child of g.children) {
        links.push({ id: `tree:${child.path}`, kind: 'tree', from: id, to: `cgroup:${child.path}` })
        visit(child, level + 1, limits)
      }
    }
    if (kernel) visit(kernel.cgroups, 0, { memory: view.memory, pids: Infinity })
    return {
      root: { id: 'cgroups', machine: view.name, kind: 'group', title: '', arrange: 'column', children: boxes },
      links,
    }
  },
})

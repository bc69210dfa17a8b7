/** Scene "processes": the host's process tree, with the number that each process has in its container beside the host's. */
import type { ProcessDetail } from '../../emulator/views/index.ts'
import { words } from '../words/processes.ts'
import { focus } from './focus.ts'
import { type Box, defineScene, type Link } from './types.ts'

/** Words of a command line that a box has room for. */
const brief = (command: string): string => {
  const cut = command.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12))
  const [program = '', ...rest] = cut.split(' ')
  const name = /:$/.test(program) ? program : program.replace(/^.*\//, '')
  const all = [name, ...rest].join(' ')
  return all.length > 44 ? `${name} ${rest.slice(0, /:$/.test(name) ? 2 : 0).join(' ')}`.trim() : all
}

export default defineScene({
  words,
  setup: 'docker run -d --name web nginx:1.25.3-alpine',
  actions: {
    run: 'docker run -d --name web nginx:1.25.3-alpine',
    exec: 'docker exec -d web sleep 600',
    rm: 'docker rm -f web',
  },
  scene(input, w) {
    const { machine: view, kernel } = focus(input)
    const processes = kernel?.processes ?? []
    const known = new Set(processes.map((p) => p.pid))
    const byParent = new Map<number, ProcessDetail[]>()
    for (const p of processes) {
      const parent = known.has(p.parent) && p.parent !== p.pid ? p.parent : 0
      byParent.set(parent, [...(byParent.get(parent) ?? []), p])
    }
    const hostPidNs = processes[0]?.namespaces.pid
    const containerOf = new Map(
      view.containers.map((c) => [processes.find((p) => p.pid === c.pid)?.namespaces.pid, c.name]),
    )
    const boxes: Box[] = []
    const links: Link[] = []
    const visit = (p: ProcessDetail, level: number): void => {
      const inside = p.namespaces.pid !== hostPidNs
      const container = containerOf.get(p.namespaces.pid)
      const id = `process:${p.pid}`
      boxes.push({
        id,
        kind: inside ? 'container' : 'process',
        ...(inside && container !== undefined ? { tag: w.inContainer(container) } : {}),
        title: brief(p.command),
        details: [
          [
            w.hostPid(p.pid),
            ...(inside ? [w.ownPid(p.pids.at(-1) as number)] : []),
            w.runsAs(p.uid),
            ...(p.state === 'zombie' ? [w.zombie] : p.state === 'stopped' ? [w.stopped] : []),
          ].join(' · '),
        ],
        level,
        refs: [id],
        ...(p.state === 'zombie' ? { faint: true } : {}),
      })
      if (level > 0) links.push({ id: `child:${p.pid}`, kind: 'tree', from: `process:${p.parent}`, to: id })
      for (const child of byParent.get(p.pid) ?? []) visit(child, level + 1)
    }
    for (const p of byParent.get(0) ?? []) visit(p, 0)
    return {
      root: {
        id: 'processes',
        machine: view.name,
        kind: 'machine',
        tag: w.host,
        title: view.name,
        arrange: 'column',
        children: boxes,
        refs: ['session'],
      },
      links,
    }
  },
})

/** Scene "lifecycle": the states of a container with what causes each step, and the world's containers standing in them. */
import type { ContainerView } from '../../emulator/view.ts'
import { type StateName, words } from '../words/lifecycle.ts'
import { focus } from './focus.ts'
import { type Box, defineScene, type Link } from './types.ts'

const stateOf = (c: ContainerView): StateName =>
  c.status === 'paused' ? 'paused' : c.pid > 0 ? 'running' : c.status === 'created' ? 'created' : 'exited'

export default defineScene({
  words,
  setup:
    'docker create --name later alpine sleep 60 && docker run -d --name web nginx:1.25.3-alpine && docker run --name done alpine true',
  actions: {
    create: 'docker create --name web nginx:1.25.3-alpine',
    start: 'docker start web',
    pause: 'docker pause web',
    unpause: 'docker unpause web',
    stop: 'docker stop web',
    rm: 'docker rm -f web',
  },
  scene(input, w) {
    const { machine: view } = focus(input)
    const all = [view, ...view.guests.filter((g) => g.name.endsWith('@vm'))].flatMap((m) => [
      ...m.containers,
      ...m.stopped,
    ])
    const state = (name: StateName, wide: boolean): Box => ({
      id: `state:${name}`,
      kind: 'state',
      tag: name,
      title: w.states[name][0],
      details: [w.states[name][1]],
      wide,
      cell: 120,
      children: all
        .filter((c) => stateOf(c) === name)
        .map((c) => ({
          id: `container:${c.id}`,
          kind: 'container',
          tag: w.container,
          title: c.name,
          details: [c.image, c.pid > 0 ? w.pid(c.pid) : name === 'exited' ? w.exit(c.exitCode) : ''].filter(Boolean),
          refs: [`process:${c.pid}`, ...c.processes.map((p) => `process:${p.pid}`)],
        })),
    })
    const link = (id: keyof typeof w.moves, from: StateName, to: StateName): Link => ({
      id,
      from: `state:${from}`,
      to: `state:${to}`,
      labels: w.moves[id],
    })
    return {
      root: {
        id: 'lifecycle',
        machine: view.name,
        refs: ['kind:api'],
        kind: 'group',
        title: '',
        cell: 250,
        children: [
          state('created', true),
          state('running', true),
          state('paused', false),
          state('exited', false),
          { ...state('removed', true), faint: true },
        ],
      },
      links: [
        link('start', 'created', 'running'),
        link('pause', 'running', 'paused'),
        link('unpause', 'paused', 'running'),
        link('stop', 'running', 'exited'),
        link('restart', 'exited', 'running'),
        link('rm', 'exited', 'removed'),
        { ...link('rm', 'created', 'removed'), id: 'rm-created' },
      ],
    }
  },
})

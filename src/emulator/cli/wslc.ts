/** wslc.exe (also container.exe): containers of WSL. What it has in common with docker's command line is carried out by the same code. */

import { wslCall } from '../engine/windows/wsl.ts'
import { SESSION_PIPE } from '../engine/windows/wslc.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { print, warn } from '../userland/lib/io.ts'
import { docker } from './docker/index.ts'

/** Commands, and the docker command that does the same. */
const commands: Readonly<Record<string, readonly string[]>> = {
  run: ['run'],
  create: ['create'],
  start: ['start'],
  stop: ['stop'],
  kill: ['kill'],
  exec: ['exec'],
  logs: ['logs'],
  inspect: ['inspect'],
  list: ['ps'],
  ls: ['ps'],
  ps: ['ps'],
  remove: ['rm'],
  rm: ['rm'],
  pull: ['pull'],
  images: ['images'],
  'image pull': ['pull'],
  'image list': ['images'],
  'image ls': ['images'],
  'image remove': ['rmi'],
  'image rm': ['rmi'],
}

export const wslc: Program = function* (sys, argv) {
  const words = argv.slice(1)
  if (words[0] === '--version') {
    yield* print(sys, 'wslc 3.0.1.0\n')
    return 0
  }
  if (words[0] === 'container') words.shift()
  const name = words[0] === 'image' ? words.splice(0, 2).join(' ') : (words.shift() ?? '')
  const same = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!same) {
    yield* warn(sys, `zukan: not emulated: wslc ${name}\n`)
    return 1
  }
  const session = yield* wslCall(sys, 'OpenSession')
  if (!session.ok) {
    yield* warn(sys, `${session.error}\n`)
    return 1
  }
  const pipe = SESSION_PIPE.replace('/Device/NamedPipe', 'npipe:////./pipe')
  return yield* docker(sys, ['docker', '-H', pipe, ...same, ...words])
}

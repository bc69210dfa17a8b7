import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession } from '../../../src/emulator/complete.ts'
import type { Work } from '../../../src/emulator/index.ts'
import { divide, groupsOf, pluginOf } from './plugin.ts'

const folder = mkdtempSync(join(tmpdir(), 'zukan-later-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  const division = divide()
  const { core, aside } = groupsOf(division)
  const input = fileURLToPath(new URL('../../../src/emulator/index.ts', import.meta.url))
  const bundle = await rolldown({ input, plugins: [pluginOf(division)], logLevel: 'silent' })
  await bundle.write({
    dir: join(folder, 'built'),
    entryFileNames: 'entry.mjs',
    chunkFileNames: '[name].mjs',
    codeSplitting: {
      groups: [
        { name: 'emulator', test: core, priority: 2 },
        { name: 'later', test: aside, priority: 1 },
      ],
    },
  })
}, 120_000)

/** What the split emulator says to lines, from the start, and which parts it asked for. */
async function built(
  lines: string,
  copy: string,
): Promise<{ readonly said: unknown; readonly parts: readonly string[] }> {
  // A copy of its own has nothing loaded.
  cpSync(join(folder, 'built'), join(folder, copy), { recursive: true })
  const url = pathToFileURL(join(folder, copy, 'entry.mjs')).href
  const emulator = (await import(url)) as typeof import('../../../src/emulator/index.ts')
  const parts: string[] = []
  async function done<T>(work: Work<T>): Promise<T> {
    for (;;) {
      const step = work.next()
      if (step.done) return step.value
      for (const name of step.value.wanted) {
        parts.push(name)
        step.value.world.provide(name, await emulator.loadPart(name))
      }
    }
  }
  const session = await done(emulator.openingSession())
  return { said: await done(session.running(lines)), parts }
}

test('the first container needs nothing that was put aside', async () => {
  const { said, parts } = await built('docker run --rm alpine echo here', 'first')
  expect(said).toEqual({ status: 0, output: 'here\n' })
  expect(parts).toEqual([])
}, 60_000)

test.each([
  'cat /proc/meminfo | head -2; cat /proc/self/status | grep Cap; ls /proc/1/ns',
  'x=5; for i in 1 2 3; do x=$((x+i)); done; echo $x | sed s/1/one/; case $x in 1*) echo yes;; esac',
  'docker run -d --name w -p 8080:80 -m 64m nginx:1.25.3-alpine >/dev/null; docker ps --format "{{.Names}} {{.Ports}}"; curl -s localhost:8080 | head -2; docker exec w cat /sys/fs/cgroup/memory.max; docker rm -f w',
  'docker run --memory 1m alpine true; docker run --network container:no alpine true; docker frob; docker run --cpus x alpine',
  'ip addr show lo; ip link add d0 type dummy; ip link show d0; cd /tmp; touch a; mv a b; ln b c; ls -i | wc -l; unshare -n ip link',
  'docker run --rm -v v:/d -u 1000 --cap-drop ALL alpine sh -c "id; touch /d/x; echo $?"; docker volume ls -q; docker inspect alpine | head -3',
  'sleep 5 & kill %1; wait; echo $?; trap "echo bye" EXIT; (exit 3); echo $?; ulimit -n; umask',
])('code that comes in the midst of things changes nothing: %s', async (lines) => {
  const { said, parts } = await built(lines, `copy-${lines.length}`)
  expect(said).toEqual(openSession().run(lines))
  expect(parts).toContain('later')
}, 60_000)

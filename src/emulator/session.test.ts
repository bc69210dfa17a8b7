import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from './complete.ts'

/** Runs lines on a fresh linux-server. */
const fresh = (lines: string) => openSession().execute(['/bin/sh', '-c', lines])

describe('a container from the first command to the last', () => {
  let r: { status: number; stdout: string; stderr: string }
  beforeAll(() => {
    r = fresh(`docker run -d --name first-app-web -p 8080:80 nginx:1.25.3-alpine >/dev/null 2>&1
echo "# curl"; curl -s localhost:8080
echo "# inside"; docker exec first-app-web ps -o pid,args
echo "# host"; ps -eo pid,args
echo "# kill"; kill $(docker inspect --format '{{.State.Pid}}' first-app-web); docker wait first-app-web; docker ps -a --format '{{.Names}} {{.State}}'
echo "# rm"; docker rm first-app-web; docker ps -aq | wc -l`)
  })
  const part = (name: string): string => r.stdout.split(`# ${name}\n`)[1]?.split('\n# ')[0] ?? ''
  test('its server answers on the published port', () => expect(part('curl')).toContain('Welcome to nginx!'))
  test('inside it is PID 1', () => expect(part('inside')).toMatch(/^ +1 nginx: master process/m))
  test('the host sees the same process, below its shim', () => {
    expect(part('host')).toMatch(/nginx: master process/)
    expect(part('host')).toMatch(/containerd-shim-runc-v2/)
  })
  test('a kill on the host ends it', () => expect(part('kill')).toMatch(/0\nfirst-app-web exited/))
  test('removed, nothing is left', () => expect(part('rm')).toBe('first-app-web\n0\n'))
})

describe('what goes wrong says what the real thing says', () => {
  test('an unknown command of docker', () =>
    expect(fresh('docker foo')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('unknown command: docker foo'),
    }))
  test('an unknown flag', () =>
    expect(fresh('docker ps --nope')).toMatchObject({
      status: 125,
      stderr: expect.stringContaining('unknown flag: --nope'),
    }))
  test('no such image', () =>
    expect(fresh('docker run --rm nosuchimage').stderr).toMatch(/pull access denied for nosuchimage/))
  test('docker without dockerd', () => {
    const r = fresh('kill -9 $(pidof dockerd); docker ps')
    expect(r).toMatchObject({
      status: 1,
      stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
    })
  })
  test("a fork bomb ends in the kernel's own refusal, and the host lives on", () => {
    const r = fresh("docker run --rm --pids-limit 20 alpine sh -c 'f() { f | f & f; }; f' 2>&1 | tail -1; echo alive")
    expect(r.stdout).toMatch(/alive\n$/)
  })
  test('an endless loop ends by the limit on processor time', () =>
    expect(fresh('while :; do :; done')).toMatchObject({ status: 152 }))
  test('memory beyond the limit calls the OOM killer', () =>
    expect(
      fresh('docker run --rm -m 32m --memory-swap 32m alpine tail /dev/zero; echo $?; dmesg | grep -c "Killed process"')
        .stdout,
    ).toBe('137\n1\n'))
  test('what is not emulated says so', () =>
    expect(fresh('docker swarm init')).toMatchObject({ status: 1, stderr: 'zukan: not emulated: docker swarm init\n' }))
})

test('the same commands give the same world, byte for byte', () => {
  const lines =
    'docker run -d alpine sleep 5; docker ps; ps aux; docker run --rm alpine cat /proc/sys/kernel/random/uuid'
  expect(fresh(lines)).toEqual(fresh(lines))
})

test('after docker rm -f nothing of a container is left in the kernel', () => {
  const s = openSession()
  const count = (): unknown => [
    s.kernel.initial.pid.processes.size,
    s.kernel.netNamespaces.size,
    s.kernel.rootCgroup.memoryCurrent,
    s.kernel.initialMounts.present.size,
    // Copies that a container's namespace holds, finished or not.
    s.kernel.unfinished.size,
    s.kernel.propagating.size,
  ]
  s.run('docker run -d --name warm alpine sleep 100 >/dev/null; docker rm -f warm; sleep 5')
  const before = count()
  s.run('docker run -d --name gone alpine sleep 100 >/dev/null; docker rm -f gone; sleep 5')
  expect(count()).toEqual(before)
})

describe('no script makes a program throw', () => {
  let s: Session
  beforeAll(() => {
    s = openSession()
  })
  const word = fc.constantFrom(
    '$(',
    ')',
    '"',
    "'",
    '`',
    '${',
    '}',
    '|',
    '&&',
    ';',
    '&',
    '<<E',
    '\n',
    '>',
    '/tmp/x',
    '$x',
    '*',
    '[',
    'if',
    'then',
    'fi',
    'while',
    'do',
    'done',
    'case',
    'esac',
    'in',
    'echo',
    'set',
    '-e',
    '{',
    '((',
    '$((',
    '1/0',
    '))',
    'local',
    'trap',
    'EXIT',
    '\\',
    '#',
    'docker',
    'ps',
    '--format',
    '{{.ID',
    'sort',
    '-k',
    'x=1',
    'eval',
    'exec',
    '2>&1',
    '<&9',
  )
  test('random words in any order', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        s.execute(['/bin/sh', '-c', words.join(' ')], { steps: 40_000 })
        expect(s.kernel.faults).toEqual([])
      }),
      { numRuns: 150, seed: 7 },
    )
  })
})

test('output of any size comes out whole, though a pipe holds 64 KiB', () => {
  const { status, stdout } = fresh('seq 1 40000')
  expect([status, stdout.length, stdout.slice(-6)]).toEqual([0, 228_894, '40000\n'])
})

test('how many steps are asked for at a time changes nothing in a world', () => {
  const lines =
    'docker run -d nginx; for n in 1 2; do (i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; date +%N) & done; for n in 1 2 3 4 5 6; do sleep 0.01; date +%N; done; virsh start server1; wait'
  const events = (pieces: boolean): readonly unknown[] => {
    const s = openSession({ host: 'vm-type1' })
    const { world } = s
    const seen: unknown[] = []
    const { run } = world
    const add = world.trace.add.bind(world.trace)
    world.trace.add = (event) => {
      seen.push(JSON.stringify(event))
      add(event)
    }
    if (pieces)
      world.run = (steps, stop) => {
        for (let left = steps; ; left -= 16) {
          const state = run.call(world, 1, stop)
          if (left <= 16 || state.kind !== 'busy' || stop?.()) return state
        }
      }
    return [s.run(lines), world.clock.now, seen]
  }
  expect(events(true)).toEqual(events(false))
})

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'
import { flagsOf, parseFlags } from '../flags.ts'
import { texts } from './help/texts.ts'
import { portsText } from './list.ts'
import { moreShapes } from './more/shapes.ts'
import { parseMount } from './mounts.ts'
import { parsePorts } from './ports.ts'
import { shapes } from './shapes.ts'
import { detachKeys } from './streams.ts'
import { sinceOf } from './time.ts'
import { parseDuration } from './values.ts'

describe('flags as pflag reads them', () => {
  const flags = flagsOf('i,interactive t,tty p,publish:list e,env:list rm name:string')
  const read = (line: string, first = true) => {
    const r = parseFlags(flags, line.split(' '), first)
    return r === 'help' ? r : 'error' in r ? r.error : [Object.fromEntries(r.values), r.args]
  }
  test('shorthands in a row, the last with its value', () =>
    expect(read('-itp80:80 alpine')).toEqual([
      { interactive: ['true'], tty: ['true'], publish: ['80:80'] },
      ['alpine'],
    ]))
  test('a value after =, or as the next word, and again', () =>
    expect(read('--name=x -e A=1 -e=B --rm=false img')).toEqual([
      { name: ['x'], env: ['A=1', 'B'], rm: ['false'] },
      ['img'],
    ]))
  test('what follows the image is not ours, unless flags may come between', () => {
    expect(read('img -it')).toEqual([{}, ['img', '-it']])
    expect(read('img -it', false)).toEqual([{ interactive: ['true'], tty: ['true'] }, ['img']])
  })
  test('-- ends the flags', () => expect(read('--rm -- -it')).toEqual([{ rm: ['true'] }, ['-it']]))
  test.each([
    ['--nope', 'unknown flag: --nope'],
    ['-ix', "unknown shorthand flag: 'x' in -x"],
    ['--name', 'flag needs an argument: --name'],
    ['-p', "flag needs an argument: 'p' in -p"],
    ['--=x', 'bad flag syntax: --=x'],
    ['--rm=maybe', 'invalid argument "maybe" for "--rm" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  ])('%s: %s', (line, message) => expect(read(line)).toBe(message))
  test('any words give values or a message', () =>
    fc.assert(
      fc.property(fc.array(fc.string()), fc.boolean(), (list, first) => parseFlags(flags, list, first) !== undefined),
    ))
})
test('every flag has its description, in the same order', () => {
  for (const [name, shape] of Object.entries({ ...shapes, ...moreShapes })) {
    const shown = flagsOf(shape[3]).filter((f) => !f.hidden).length
    const lines = texts[name]?.flags === '' ? 0 : texts[name]?.flags.split('\n').length
    expect([name, lines]).toEqual([name, shown])
  }
})
test('durations are Go durations', () => {
  expect(parseDuration('1h2m3.5s')).toBe(3723.5e9)
  expect(parseDuration('100ms')).toBe(1e8)
  expect(parseDuration('5')).toEqual({ error: 'time: missing unit in duration "5"' })
})
test('times are durations ago, seconds or dates', () => {
  expect(sinceOf('10s', 100e9, '')).toBe('90.000000000')
  expect(sinceOf('1700000000.5', 0, '')).toBe('1700000000.5')
  expect(sinceOf('2026-11-21T09:00:00+09:00', 0, '')).toBe('1795219200.000000000')
})
test('mounts name what is wrong', () => {
  expect(parseMount('type=bind,src=/a,dst=/b,ro')).toMatchObject({
    Type: 'bind',
    Source: '/a',
    Target: '/b',
    ReadOnly: true,
  })
  expect(parseMount('type=volume,target=/x,tmpfs-size=1m')).toEqual({
    error: "cannot mix 'tmpfs-*' options with mount type 'volume'",
  })
})
test('ranges of ports are published one to one', () =>
  expect(Object.entries(parsePorts(['8000-8001:80-81/udp']).bindings)).toEqual([
    ['80/udp', [{ HostIp: '', HostPort: '8000' }]],
    ['81/udp', [{ HostIp: '', HostPort: '8001' }]],
  ]))
test('ports that map alike are shown as a range', () =>
  expect(
    portsText([
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 80, Type: 'tcp' },
      { IP: '0.0.0.0', PrivatePort: 81, PublicPort: 81, Type: 'tcp' },
      { PrivatePort: 443, Type: 'tcp' },
      { IP: '::', PrivatePort: 90, PublicPort: 8090, Type: 'tcp' },
    ]),
  ).toBe('0.0.0.0:80-81->80-81/tcp, 443/tcp, [::]:8090->90/tcp'))
test('detach keys', () => expect(detachKeys('ctrl-p,ctrl-q,x')).toEqual([16, 17, 120]))

describe('docker, as the manual has it', () => {
  let s: Session
  const run = (line: string) => s.execute(['/bin/sh', '-c', line])
  const out = (line: string): string => {
    const r = run(line)
    expect(r.status, `${line}: ${r.stderr}`).toBe(0)
    return r.stdout
  }
  beforeAll(() => {
    s = openSession()
  })
  test('a health check goes from starting to healthy, and to unhealthy', () => {
    out(
      'docker run -d --name sick --health-cmd "test ! -f /ill" --health-interval 1s --health-retries 2 alpine sleep 1000',
    )
    expect(out("docker ps --format '{{.Status}}'")).toMatch(/\(health: starting\)\n$/)
    expect(out("sleep 2; docker inspect -f '{{.State.Health.Status}}' sick")).toBe('healthy\n')
    expect(
      out(
        "docker exec sick touch /ill; sleep 3; docker inspect -f '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' sick",
      ),
    ).toMatch(/^unhealthy [23]\n$/)
    expect(out('docker ps -q --filter health=unhealthy | wc -l').trim()).toBe('1')
    expect(out("docker events --since 1m --until 0s --filter event=health_status --format '{{.Action}}'")).toBe(
      'health_status: healthy\nhealth_status: unhealthy\n',
    )
    out('docker rm -f sick')
  })
  test('images --tree lists the platforms of an image, and which of them is here', () => {
    out('docker run -d --name leaf alpine sleep 1000')
    expect(run('docker image ls --tree alpine').stdout).toMatch(
      /^IMAGE +ID +DISK USAGE +CONTENT SIZE +EXTRA\nalpine:3\.22\nalpine:latest +[0-9a-f]{12} .* U +\n├─ linux\/amd64 +[0-9a-f]{12} .* U +\n└─ linux\/arm64\/v8 +[0-9a-f]{12} +0B +0B +\n\n$/,
    )
    expect(run('docker images -q --tree').stderr).toBe('--quiet is not yet supported with --tree\n')
    out('docker rm -f leaf')
  })
  test('--init puts a PID 1 there that passes signals on', () => {
    out('docker run -d --name init --init alpine sleep 1000')
    expect(out('docker exec init ps -o pid,args | head -3')).toMatch(
      /1 \/sbin\/docker-init -- sleep 1000\n +7 sleep 1000/,
    )
    expect(out("docker stop init; docker inspect -f '{{.State.ExitCode}}' init; docker rm init")).toBe(
      'init\n143\ninit\n',
    )
  })
  test('a deaf PID 1 is killed after ten seconds, or sooner', () => {
    out('docker run -d --name deaf alpine sleep 1000')
    expect(
      out(
        "a=$(date +%s); docker stop deaf; b=$(date +%s); echo $((b-a)); docker inspect -f '{{.State.ExitCode}}' deaf",
      ),
    ).toMatch(/^deaf\n1[01]\n137\n$/)
    out('docker rm deaf')
  })
  test('restart policies count and wait', () => {
    out("docker run -d --name again --restart on-failure:3 alpine sh -c 'echo try; exit 4'; sleep 5")
    expect(
      out("docker inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.State.Status}}' again; docker logs again"),
    ).toBe('3 4 exited\ntry\ntry\ntry\ntry\n')
    out('docker rm again')
  })
  test('update changes the limits of a running container', () => {
    out('docker run -d --name limits -m 64m alpine sleep 1000')
    out('docker update -m 32m --memory-swap 64m --cpus 0.5 --pids-limit 9 limits')
    expect(out('docker exec limits sh -c "cd /sys/fs/cgroup; cat memory.max cpu.max pids.max"')).toBe(
      '33554432\n50000 100000\n9\n',
    )
    out('docker rm -f limits')
  })
  test('links and networks give names', () => {
    out(
      'docker run -d --name db alpine sleep 1000; docker network create --subnet 10.77.0.0/24 lan; docker network connect --alias store lan db',
    )
    expect(out('docker run --rm --link db:box alpine ping -c1 box')).toMatch(/1 packets received/)
    expect(out('docker run --rm --network lan --ip 10.77.0.50 alpine sh -c "hostname -i; ping -c1 store"')).toMatch(
      /^10.77.0.50\n.*\n.*\n.*\n.*1 packets received/s,
    )
    expect(run('docker network rm lan').stderr).toMatch(
      /network lan has active endpoints \(name:"db" id:"[0-9a-f]{12}"\)\nexit status 1\n$/,
    )
    out('docker rm -f db; docker network rm lan')
  })
  test('logs can be cut: by count, by time, with times', () => {
    out("docker run --name talk alpine sh -c 'echo one; sleep 5; echo two; echo three >&2'")
    expect(out('docker logs --tail 1 talk 2>&1')).toBe('three\n')
    expect(out('docker logs --since 3s talk 2>/dev/null')).toBe('two\n')
    expect(out('docker logs -t talk 2>/dev/null | head -1')).toMatch(/^2026-11-21T\S+Z one\n$/)
    out('docker rm talk')
  })
  test('contexts name daemons', () => {
    out('docker context create far --docker host=unix:///nosuch.sock')
    expect(run('docker --context far ps').stderr).toBe(
      'Cannot connect to the Docker daemon at unix:///nosuch.sock. Is the docker daemon running?\n',
    )
    expect(
      out(
        'docker context use far >/dev/null; docker context show; docker context use default; docker context rm far; docker context ls -q',
      ),
    ).toBe('far\ndefault\nfar\ndefault\n')
  })
  test('old and new spellings are one', () =>
    expect(out('docker container ls -aq; docker ps -aq; docker image ls -q | sort -u | wc -l')).toBe('1\n'))
  test('prune asks first, and takes no for an answer', () => {
    out('docker create --name idle alpine true')
    expect(run('echo n | docker container prune')).toMatchObject({ status: 0, stderr: '' })
    expect(out('echo y | docker container prune')).toMatch(
      /Are you sure you want to continue\? \[y\/N\] Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/,
    )
  })
  test('another CPU cannot run the program', () =>
    expect(run('docker run --rm --platform linux/arm64 alpine true')).toMatchObject({
      status: 255,
      stderr: expect.stringMatching(/exec \/bin\/true: exec format error\n$/),
    }))
  test.each([
    ['--gpus all', 'could not select device driver "" with capabilities: [[gpu]]'],
    ['--userns foo', '--userns: invalid USER mode'],
    ['--storage-opt size=1G', 'zukan: not emulated: --storage-opt'],
    ['--runtime nosuch', 'unknown or invalid runtime name: nosuch'],
    ['--cpus 99', 'range of CPUs is from 0.01 to 4.00, as there are only 4 CPUs available'],
    ['--log-driver fluent', 'error looking up logging plugin fluent: plugin "fluent" not found'],
    ['--stop-signal NOPE', 'invalid signal: NOPE'],
    ['--rm --restart always', 'conflicting options: cannot specify both --restart and --rm'],
    ['--network bridge --ip 172.17.0.9', 'user specified IP address is supported on user defined networks only'],
    ['-v /a:/', "destination can't be '/'"],
    ['-v /a:b', "invalid mount path: 'b' mount path must be absolute"],
    ['-v v1:/d -v v2:/d', 'Duplicate mount point: /d'],
  ])('run %s is refused: %s', (flags, message) => {
    const r = run(`docker run ${flags} alpine true`)
    expect(r.stderr).toContain(message)
    expect(r.status).toBe(125)
  })
  test.each([
    ['{{range .Mounts}}{{.Type}}{{end}}{{if .State.Running}}up{{else}}down{{end}}', 'down'],
    ['{{json .Config.Cmd}} {{len .Args}} {{index .Args 0}}', '["echo","a"] 1 a'],
    ['{{join .Config.Cmd "/"}} {{upper .Path}} {{title .Path}} {{split .Path "c"}}', 'echo/a ECHO Echo [e ho]'],
    ['{{with .Config.Labels}}{{.who}}{{end}}{{println}}{{.Config.Labels.none}}', 'me\n<no value>'],
    ['{{eq .Path "echo"}} {{ne 1 2}} {{and true false}} {{or "" "x"}} {{not 0}}', 'true true false x true'],
    ['{{ printf "%-6s|%q" .Path .Path }}{{- "  trimmed" | lower -}}  ', 'echo  |"echo"  trimmed'],
  ])('a template: %s', (template, shown) => {
    run('docker create --name tpl -l who=me alpine echo a')
    expect(out(`docker inspect -f '${template}' tpl`)).toBe(`${shown}\n`)
  })
  test('no command line makes docker throw', () => {
    const word = fc.constantFrom(
      'run',
      'ps',
      'container',
      'ls',
      '-a',
      '--format',
      '{{.ID',
      '{{json .}}',
      'table {{.Names}}',
      '-f',
      'name=(',
      'status=x',
      'inspect',
      'tpl',
      'logs',
      '--since',
      '-1h',
      '--tail',
      'x',
      'network',
      'create',
      '--subnet',
      '1.2.3.4/99',
      'n',
      'volume',
      'rm',
      'update',
      '--cpus',
      '0.1',
      'top',
      '-o',
      'pid',
      'stats',
      '--no-stream',
      'events',
      '--until',
      '0s',
      'system',
      'df',
      '-v',
      'context',
      'use',
      '../x',
      'port',
      '99999',
      'history',
      'alpine',
      'compose',
      'up',
      '--help',
      '-h',
      '-H',
      'unix:///x',
      'start',
      '-a',
      'exec',
      'cp',
      '',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 7 }), (words) => {
        s.execute(['/usr/bin/docker', ...words], { steps: 30_000, stdin: '' })
        expect(s.kernel.faults).toEqual([])
      }),
      { numRuns: 250, seed: 5 },
    )
  })
})

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'
import { interpolate } from './interpolate.ts'
import { merge, words } from './tree.ts'

describe('variables in a Compose file', () => {
  const env: Readonly<Record<string, string>> = { A: 'a', EMPTY: '' }
  const text = (s: string): unknown => {
    const r = interpolate(s, (n) => env[n], 'services.web.image')
    return 'error' in r ? r.error : r.text
  }
  test.each([
    ['$A-${A}', 'a-a'],
    ['${NO:-x}${NO-y}', 'xy'],
    ['${EMPTY:-x}|${EMPTY-y}', 'x|'],
    ['${A:+set}${NO:+set}${EMPTY+there}', 'setthere'],
    ['${NO:-${A}}', 'a'],
    ['$$A costs $$5', '$A costs $5'],
    [
      '${NO:?give one}',
      'error while interpolating services.web.image: required variable NO is missing a value: give one',
    ],
  ])('%s becomes %s', (from, to) => expect(text(from)).toBe(to))
  test('a missing one is blank, and told', () =>
    expect(interpolate('${NO}!', () => undefined, 'x')).toEqual({ text: '!', missing: ['NO'] }))
  test('what has no closing brace names its place', () =>
    expect(text('${A')).toMatch(/^invalid interpolation format for services.web.image/))
  test('any text gives a text or a message', () =>
    fc.assert(
      fc.property(fc.string(), (s) => typeof text(s) === 'string'),
      { seed: 3 },
    ))
})
test('a later file adds to mappings, replaces commands, and mounts anew at the same target', () =>
  expect(
    merge(
      { command: ['a'], environment: ['X=1', 'Y=2'], volumes: ['./a:/d', 'v:/e'] },
      { command: 'b', environment: { X: '3' }, volumes: ['./b:/d'] },
    ),
  ).toEqual({ command: 'b', environment: { X: '3', Y: '2' }, volumes: ['v:/e', './b:/d'] }))
test('a command line is split as a shell does', () =>
  expect(words(`sh -c "echo 'a b'" c\\ d ''`)).toEqual(['sh', '-c', "echo 'a b'", 'c d', '']))

const file = `services:
  web:
    image: nginx:1.25.3-alpine
    ports: ["8080:80"]
    depends_on:
      cache: { condition: service_healthy }
    volumes: ["./html:/usr/share/nginx/html:ro"]
    environment: { WHO: "\${WHO:-you}" }
  cache:
    image: redis:7-alpine
    healthcheck: { test: ["CMD", "redis-cli", "ping"], interval: 2s }
  job:
    image: alpine
    command: echo done
    profiles: [jobs]
`
describe('docker compose', () => {
  let s: Session
  const run = (line: string) => s.execute(['/bin/sh', '-c', line], { cwd: '/root/shop' })
  beforeAll(() => {
    s = openSession()
    s.execute(['/bin/mkdir', '-p', '/root/shop'])
    s.putFiles('/root/shop', { 'compose.yaml': file, 'html/index.html': 'hello from a file\n' })
  })
  test('up -d makes network and containers, and waits for health', () => {
    const r = run('docker compose up -d')
    expect(r.status, r.stderr).toBe(0)
    expect(
      r.stderr
        .split('\n')
        .filter((l) => !l.includes('Image'))
        .map((l) => l.trim()),
    ).toEqual([
      'Network shop_default Creating',
      'Network shop_default Created',
      'Container shop-cache-1 Creating',
      'Container shop-cache-1 Created',
      'Container shop-web-1 Creating',
      'Container shop-web-1 Created',
      'Container shop-cache-1 Starting',
      'Container shop-cache-1 Started',
      'Container shop-cache-1 Waiting',
      'Container shop-cache-1 Healthy',
      'Container shop-web-1 Starting',
      'Container shop-web-1 Started',
      '',
    ])
  })
  test('the service answers with the mounted file', () =>
    expect(run('curl -s localhost:8080').stdout).toBe('hello from a file\n'))
  test('services find each other by name', () =>
    expect(run('docker compose exec -T web ping -c1 cache').stdout).toMatch(/1 packets received/))
  test('variables reach the container', () =>
    expect(run('WHO=me docker compose config | grep WHO; docker compose exec -T web sh -c "echo $WHO"').stdout).toBe(
      '      WHO: me\n\n',
    ))
  test('up again changes nothing', () =>
    expect(run('docker compose up -d').stderr).toBe(
      ' Container shop-cache-1 Running \n Container shop-web-1 Running \n',
    ))
  test('ps lists services, ls the project', () => {
    expect(run("docker compose ps --format '{{.Service}} {{.State}} {{.Health}}'").stdout).toBe(
      'cache running healthy\nweb running \n',
    )
    expect(run('docker compose ls -q').stdout).toBe('shop\n')
  })
  test('a service of a profile runs when it is named', () => {
    expect(run('docker compose run --rm job').stdout).toBe('done\n')
    expect(run('docker compose run --rm job sh -c "exit 7"').status).toBe(7)
  })
  test('a changed file makes the container anew', () => {
    const r = run("sed -i 's/you/all/' compose.yaml; docker compose up -d web")
    expect(r.stderr).toMatch(/Container shop-web-1 Recreated/)
    expect(r.stderr).toMatch(/Container shop-cache-1 Running/)
    expect(run('docker compose exec -T web printenv WHO').stdout).toBe('all\n')
  })
  test('--scale starts more of one', () => {
    run('docker compose up -d --scale cache=3')
    expect(run('docker compose ps -q cache | wc -l').stdout.trim()).toBe('3')
  })
  test('down leaves nothing', () => {
    expect(run('docker compose down').status).toBe(0)
    expect(run('docker ps -aq; docker network ls -q --filter type=custom').stdout).toBe('')
  })
  test('without -d it shows logs, and ends when all have ended', () =>
    expect(run('docker compose --profile jobs up job').stdout).toBe(
      'Attaching to job-1\njob-1  | done\njob-1 exited with code 0\n',
    ))
  test('a version is told to be obsolete', () => {
    run('printf \'version: "3.9"\\nservices:\\n  a:\\n    image: alpine\\n\' > v.yaml')
    expect(run('docker compose -f v.yaml config -q').stderr).toMatch(
      /level=warning msg="\/root\/shop\/v.yaml: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion"\n$/,
    )
  })
  test.each([
    [
      'services:\n  a: {}\n',
      15,
      'service "a" has neither an image nor a build context specified: invalid compose project\n',
    ],
    [
      'services:\n  a: { image: x, depends_on: [b] }\n',
      15,
      'service "a" depends on undefined service "b": invalid compose project\n',
    ],
    [
      'services:\n  a: { image: x, networks: [n] }\n',
      15,
      'service "a" refers to undefined network n: invalid compose project\n',
    ],
    [
      'services:\n  a: { image: x, volumes: ["v:/d"] }\n',
      15,
      'service "a" refers to undefined volume v: invalid compose project\n',
    ],
    ['services:\n  a: { image: x, nope: 1 }\n', 15, "additional properties 'nope' not allowed\n"],
    ['services:\n  a: { image: 5 }\n', 15, 'services.a.image must be a string\n'],
    ['services: []\n', 15, 'services must be a mapping\n'],
    ['services:\n  a: { image: x, ports: { a: b } }\n', 15, 'services.a.ports must be a list\n'],
    ['services:\n  a: { image: x, mem_limit: 5x }\n', 15, "invalid suffix: 'x'\n"],
    ['services:\n  a:\n    image: x\n    image: y\n', 15, 'line 4: mapping key "image" already defined at line 3\n'],
    ['services:\n  a:\n    image: *x\n', 15, "yaml: unknown anchor 'x' referenced\n"],
    ['services:\n  a:\n\timage: x\n', 15, 'yaml: line 3: found character that cannot start any token\n'],
    [
      'services:\n  a: { image: x, secrets: [s] }\n',
      15,
      'service "a" refers to undefined secret s: invalid compose project\n',
    ],
    ['services:\n  a: { image: x }\nconfigs:\n  c: {}\n', 15, 'one of file, environment or content must be set\n'],
    [
      'services:\n  a: { image: alpine, configs: [c] }\nconfigs:\n  c: { external: true }\n',
      1,
      'unsupported external config c\n',
    ],
    [
      'services:\n  a: { image: x, depends_on: [b] }\n  b: { image: x, depends_on: [a] }\n',
      15,
      'dependency cycle detected: a -> b -> a\n',
    ],
    ['services:\n\ta: 1\n', 15, 'yaml: line 2: '],
    ['- a\n', 15, 'top-level object must be a mapping\n'],
  ])('%j is refused with its place', (yaml, code, message) => {
    s.putFiles('/root/shop', { 'bad.yaml': yaml })
    const r = run('docker compose -f bad.yaml up -d')
    expect(r.stderr).toContain(message)
    expect(r.status).toBe(code)
  })
  test('secrets and configs are files inside: mounted from the host, or put there', () => {
    s.putFiles('/root/shop', {
      'pw.txt': 's3cret\n',
      'files.yaml':
        'services:\n  a:\n    image: alpine\n    command: sleep 1000\n    secrets: [pw, { source: tok, target: t, mode: 0400 }]\n    configs: [{ source: conf, target: /etc/app.conf }]\nsecrets:\n  pw: { file: ./pw.txt }\n  tok: { environment: TOKEN }\nconfigs:\n  conf: { content: "port ${PORT:-80}" }\n',
    })
    const go = (line: string) => run(`export TOKEN=abc; docker compose -p files -f files.yaml ${line}`)
    expect(go('up -d').status).toBe(0)
    expect(go('exec a cat /run/secrets/pw /run/secrets/t /etc/app.conf').stdout).toBe('s3cret\nabcport 80')
    expect(go("exec a sh -c 'stat -c %a /run/secrets/t; echo x > /run/secrets/pw'").stderr).toContain(
      'Read-only file system',
    )
    expect(go('cp a:/etc/app.conf out; cat out').stdout).toBe('port 80')
    expect(go('kill a; docker compose -p files -f files.yaml wait a').stderr).toContain('no containers for project')
    expect(go('down').status).toBe(0)
  })
  test('an included file brings its services, with its own folder; conflicts are told', () => {
    s.putFiles('/root/shop/sub', {
      'compose.yaml': 'services:\n  inner: { image: alpine, volumes: ["./d:/d"] }\n',
    })
    s.putFiles('/root/shop', {
      'inc.yaml': 'include: [sub/compose.yaml]\nservices:\n  outer: { image: alpine, depends_on: [inner] }\n',
      'twice.yaml': 'include: [sub/compose.yaml]\nservices:\n  inner: { image: busybox }\n',
    })
    const config = run('docker compose -f inc.yaml config').stdout
    expect(config).toContain('source: /root/shop/sub/d')
    expect(run('docker compose -f inc.yaml config --services').stdout).toBe('inner\nouter\n')
    expect(run('docker compose -f twice.yaml config').stderr).toContain('defines conflicting service inner')
  })
  test('without a file it says so', () =>
    expect(s.execute(['/bin/sh', '-c', 'docker compose up'], { cwd: '/' })).toMatchObject({
      status: 14,
      stderr: 'no configuration file provided: not found\n',
    }))
  test('docker-compose says what took its place', () =>
    expect(run('docker-compose up -d').stderr).toContain('docker compose up -d'))
  test('no file makes it throw', () => {
    const word = fc.constantFrom(
      'services',
      ':',
      '\n',
      '  ',
      'a',
      'image',
      'alpine',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&x',
      '*x',
      '<<',
      'ports',
      '"80:80"',
      'depends_on',
      'extends',
      '${',
      '|',
      '!!binary',
      'networks',
      'volumes',
      '3',
      'null',
      'environment',
      'build',
      'healthcheck',
      'deploy',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 24 }), (list) => {
        s.putFiles('/root/shop', { 'fuzz.yaml': list.join('') })
        run('docker compose -f fuzz.yaml config')
        expect(s.kernel.faults).toEqual([])
      }),
      { numRuns: 200, seed: 11 },
    )
  })
})

/**
 * Real programs against the emulator: the docker command on the emulated Engine API, skopeo on the emulated registry, runc and crun on
 * an exported bundle. Each part is skipped, and says so, where its program isn't installed.
 */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportBundle } from '../../scripts/export-bundle.ts'
import { type EngineServer, serveEngine } from '../../scripts/serve-engine.ts'
import { serveRegistry } from '../../scripts/serve-registry.ts'
import { openSession } from '../../src/emulator/complete.ts'

const installed = (name: string): boolean => spawnSync(name, ['--version'], { timeout: 20_000 }).status === 0
const dir = mkdtempSync(join(tmpdir(), 'real-clients-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Outcome {
  readonly status: number
  readonly out: string
  readonly err: string
}
/** Runs a program while the emulator, in this same process, goes on. */
const run = (
  program: string,
  args: readonly string[],
  o: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { timeout: 15_000, env: { ...process.env, ...o.env }, maxBuffer: 1 << 26 },
      (error, out, err) => resolve({ status: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err }),
    )
    if (o.input !== undefined) child.stdin?.write(o.input)
    child.stdin?.end()
  })

describe.skipIf(!installed('docker'))('the real docker command (skipped where it is not installed)', () => {
  let engine: EngineServer
  const socket = join(dir, 'engine.sock')
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: dir, DOCKER_CLI_HINTS: 'false' }
  const docker = (...args: string[]): Promise<Outcome> => run('docker', args, { env })
  const ok = async (...args: string[]): Promise<string> => {
    const r = await docker(...args)
    expect(r, `${args.join(' ')}: ${r.err}`).toMatchObject({ status: 0 })
    return r.out
  }
  beforeAll(async () => {
    engine = await serveEngine(socket)
  })
  afterAll(() => engine?.close())

  test('version and info', async () => {
    expect(await ok('version', '--format', '{{.Server.Version}}')).toBe('29.7.2\n')
    expect(await ok('info', '--format', '{{.Driver}} {{.CgroupVersion}}')).toBe('overlayfs 2\n')
  })
  test('run, with input, --rm and exit codes', async () => {
    expect(await ok('run', '--rm', 'alpine', 'echo', 'hi')).toBe('hi\n')
    expect((await run('docker', ['run', '-i', '--rm', 'alpine', 'cat'], { env, input: 'in\n' })).out).toBe('in\n')
    expect((await docker('run', '--rm', 'alpine', 'sh', '-c', 'exit 7')).status).toBe(7)
    expect((await docker('run', '--rm', 'alpine', 'nosuch')).status).toBe(127)
    expect(await ok('ps', '-aq')).toBe('')
  })
  test('pull, images', async () => {
    expect(await ok('pull', 'busybox')).toContain('Status: Downloaded newer image for busybox:latest')
    expect(await ok('images', '--format', '{{.Repository}}:{{.Tag}}')).toContain('busybox:latest\n')
  })
  test('a server in the background: ps, exec, logs, inspect, stats, top, stop, rm', async () => {
    const id = (await ok('run', '-d', '--name', 'web', '-p', '8080:80', 'nginx:alpine')).trim()
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await ok('ps', '--format', '{{.Names}} {{.Ports}}')).toContain('web 0.0.0.0:8080->80/tcp')
    expect(await ok('exec', 'web', 'ps')).toContain('nginx: master process')
    expect((await docker('logs', 'web')).err).toContain('start worker process')
    expect(await ok('inspect', 'web', '--format', '{{.State.Status}} {{.Id}}')).toBe(`running ${id}\n`)
    expect(await ok('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}')).toMatch(/^web [1-9]/)
    expect(await ok('top', 'web')).toContain('nginx: worker process')
    expect(await ok('stop', 'web')).toBe('web\n')
    expect(await ok('rm', 'web')).toBe('web\n')
  })
  test('network, volume', async () => {
    await ok('network', 'create', 'own')
    expect(await ok('network', 'ls', '--format', '{{.Name}}')).toContain('own\n')
    await ok('volume', 'create', 'data')
    await ok('run', '--rm', '-v', 'data:/d', 'alpine', 'sh', '-c', 'echo kept > /d/x')
    expect(await ok('run', '--rm', '-v', 'data:/d', '--network', 'own', 'alpine', 'cat', '/d/x')).toBe('kept\n')
    expect(await ok('volume', 'rm', 'data')).toBe('data\n')
    expect(await ok('network', 'rm', 'own')).toBe('own\n')
  })
  test('events, of the past by filters and as they come', async () => {
    expect(await ok('events', '--since', '1', '--until', '0s', '--format', '{{.Action}}')).toContain('start\n')
    await ok('run', '--name', 'gone', '-l', 'k=v', 'alpine', 'sh', '-c', 'exit 3').catch(() => '')
    // The client says until when by its own clock, and work in the world takes the world's time.
    await new Promise((later) => setTimeout(later, 2000))
    const died = ['events', '--since', '1', '--until', '0s', '--filter', 'event=die', '--filter', 'container=gone']
    expect(await ok(...died, '--format', '{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.k}}')).toBe('3 v\n')
    await ok('rm', 'gone')
    const listening = run(
      'docker',
      [
        'events',
        '--until',
        String(Math.floor(Date.now() / 1000) + 5),
        '--filter',
        'type=container',
        '--format',
        '{{.Action}}',
      ],
      {
        env,
      },
    )
    await new Promise((later) => setTimeout(later, 700))
    await ok('run', '--rm', 'alpine', 'true')
    expect((await listening).out).toBe('create\nattach\nstart\ndie\ndestroy\n')
  })
  test('run with input, mounts, limits and a user; a server reached by its published port', async () => {
    const sum = await run('docker', ['run', '-i', '--rm', 'alpine', 'wc', '-l'], { env, input: 'a\nb\nc\n' })
    expect(sum).toMatchObject({ status: 0, out: '3\n' })
    const box = [
      '--rm',
      '-v',
      '/etc/hostname:/h:ro',
      '--tmpfs',
      '/t',
      '--read-only',
      '-m',
      '32m',
      '--user',
      '7',
      '-w',
      '/t',
    ]
    expect(
      await ok('run', ...box, '-e', 'A=b', 'alpine', 'sh', '-c', 'id -u; pwd; echo $A; cat /h; touch x y; ls'),
    ).toBe('7\n/t\nb\nserver\nx\ny\n')
    expect((await docker('run', ...box, 'alpine', 'touch', '/x')).err).toContain('Read-only file system')
    await ok('run', '-d', '--name', 'web', '-p', '8081:80', 'nginx:alpine')
    const get = ['wget', '-qO-', 'http://localhost:8081/']
    expect(await ok('run', '--rm', '--network', 'host', 'alpine', ...get)).toContain('Welcome to nginx!')
    expect(await ok('port', 'web')).toBe('80/tcp -> 0.0.0.0:8081\n80/tcp -> [::]:8081\n')
    await ok('pause', 'web')
    expect(await ok('ps', '--format', '{{.Status}}', '--filter', 'status=paused')).toContain('(Paused)')
    await ok('unpause', 'web')
    await ok('rename', 'web', 'front')
    await ok('update', '-m', '64m', '--memory-swap', '64m', 'front')
    expect(await ok('inspect', 'front', '-f', '{{.HostConfig.Memory}}')).toBe('67108864\n')
    await ok('restart', '-t', '0', 'front')
    await ok('kill', '-s', 'TERM', 'front')
    expect(await ok('wait', 'front')).toBe('0\n')
    expect(await ok('rm', '-f', 'front')).toBe('front\n')
  })
  test.skipIf(!installed('script'))('run -it at a terminal (skipped where script is not installed)', async () => {
    const line = 'docker run --rm -it alpine sh -c "tty; read a; echo got $a; exit 3"'.replace('$a', '\\$a')
    const r = await run('script', ['-qec', line, '/dev/null'], { env, input: 'typed\n' })
    expect(r.status).toBe(3)
    expect(r.out.replace(/\r/g, '')).toContain('/dev/pts/0\n')
    expect(r.out).toContain('got typed')
  })
  test('push to a registry of the world, and pull from it', async () => {
    await ok('run', '-d', '--name', 'registry', '-p', '5000:5000', 'registry:2')
    await ok('tag', 'alpine', 'localhost:5000/me/a:1')
    const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await ok('push', 'localhost:5000/me/a:1'))?.[1]
    await ok('rmi', 'localhost:5000/me/a:1')
    expect(await ok('pull', 'localhost:5000/me/a:1')).toContain(`Digest: ${pushed}`)
    expect((await docker('pull', 'localhost:5000/me/nosuch')).err).toMatch(/not found|denied/)
    await ok('rm', '-f', 'registry')
  })
  test('build with stages, arguments, .dockerignore and an archive', async () => {
    const context = mkdtempSync(join(dir, 'context-'))
    const lines = [
      'FROM alpine AS one\nARG V=1\nRUN echo $V > /v',
      'FROM alpine\nCOPY --from=one /v /v\nCOPY f* /d/\nUSER 5\nWORKDIR /w\nCMD ["cat", "/v"]',
    ]
    writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`)
    writeFileSync(join(context, '.dockerignore'), 'f2\n')
    for (const f of ['f1', 'f2']) writeFileSync(join(context, f), f)
    await ok('build', '-q', '-t', 'staged', '--build-arg', 'V=7', '--label', 'a=b', context)
    expect(await ok('run', '--rm', 'staged')).toBe('7\n')
    expect(await ok('run', '--rm', 'staged', 'sh', '-c', 'ls /d; id -u; pwd')).toBe('f1\n5\n/w\n')
    expect(await ok('inspect', '-f', '{{.Config.Labels}}', 'staged')).toBe('map[a:b]\n')
    const broken = await run('docker', ['build', '-'], { env, input: 'FROM alpine\nBAD x\n' })
    expect([broken.status, broken.err]).toEqual([
      1,
      expect.stringContaining('Error response from daemon: dockerfile parse error'),
    ])
    const failing = await run('docker', ['build', '-'], { env, input: 'FROM alpine\nRUN exit 4\n' })
    expect([failing.status, failing.err]).toEqual([
      4,
      expect.stringContaining("The command '/bin/sh -c exit 4' returned a non-zero code: 4"),
    ])
  })
  test('build, by the classic API: BuildKit’s session is gRPC, which is not emulated', async () => {
    const context = mkdtempSync(join(dir, 'context-'))
    writeFileSync(join(context, 'Dockerfile'), 'FROM alpine\nCOPY f /f\nRUN cat /f > /g\nCMD cat /g\n')
    writeFileSync(join(context, 'f'), 'data\n')
    expect(await ok('build', '-t', 'built', context)).toContain('Successfully tagged built:latest')
    expect(await ok('run', '--rm', 'built')).toBe('data\n')
    expect(await ok('build', '-t', 'built', context)).toContain('Using cache')
  })
  test('other runtimes: a kernel in user space, and one in a machine', async () => {
    expect(await ok('run', '--rm', '--runtime', 'runsc', 'alpine', 'uname', '-r')).toBe('4.4.0\n')
    expect(await ok('run', '--rm', '--runtime', 'kata', '-m', '256m', 'alpine', 'uname', '-r')).toBe('6.18.35\n')
  })
  test('push of what is not there', async () => {
    const r = await run('docker', ['push', 'nosuch'], { env })
    expect([r.status, r.out, r.err]).toEqual([
      1,
      'Using default tag: latest\nThe push refers to repository [docker.io/library/nosuch]\n',
      'tag does not exist: nosuch:latest\n',
    ])
  })
  test('save, load, cp, diff, commit', async () => {
    const tar = join(dir, 'a.tar')
    await ok('create', '--name', 'box', 'alpine', 'cat', '/x')
    writeFileSync(join(dir, 'x'), 'copied\n')
    await ok('cp', join(dir, 'x'), 'box:/x')
    expect(await ok('start', '-a', 'box')).toBe('copied\n')
    expect(await ok('diff', 'box')).toBe('A /x\n')
    await ok('commit', 'box', 'mine:1')
    await ok('save', '-o', tar, 'mine:1')
    await ok('rmi', 'mine:1')
    expect(await ok('load', '-i', tar)).toContain('Loaded image: mine:1')
    expect(await ok('run', '--rm', 'mine:1')).toBe('copied\n')
    await ok('rm', 'box')
  })
})

describe.skipIf(!installed('skopeo'))('the real skopeo (skipped where it is not installed)', () => {
  let server: Server
  let at = ''
  beforeAll(async () => {
    server = await serveRegistry(0)
    at = `localhost:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server?.close())
  const layout = join(dir, 'layout')
  // Debian's package comes without a policy.
  const skopeo = (args: readonly string[]): Promise<Outcome> => run('skopeo', ['--insecure-policy', ...args])

  test('inspects an image', async () => {
    const r = await skopeo(['inspect', '--tls-verify=false', `docker://${at}/library/alpine:3.22`])
    expect(r.status, r.err).toBe(0)
    expect(JSON.parse(r.out)).toMatchObject({ Architecture: 'amd64', Os: 'linux' })
  })
  test('copies one out, with all its platforms, and back under another name', async () => {
    const out = await skopeo([
      'copy',
      '--all',
      '--src-tls-verify=false',
      `docker://${at}/library/nginx:alpine`,
      `oci:${layout}:a`,
    ])
    expect(out.status, out.err).toBe(0)
    const back = await skopeo([
      'copy',
      '--all',
      '--dest-tls-verify=false',
      `oci:${layout}:a`,
      `docker://${at}/mine/web:1`,
    ])
    expect(back.status, back.err).toBe(0)
    const tags = await skopeo(['list-tags', '--tls-verify=false', `docker://${at}/mine/web`])
    expect(JSON.parse(tags.out)).toMatchObject({ Tags: ['1'] })
  })
  test('deletes one', async () => {
    const r = await skopeo(['delete', '--tls-verify=false', `docker://${at}/mine/web:1`])
    expect(r.status, r.err).toBe(0)
    expect((await skopeo(['inspect', '--tls-verify=false', `docker://${at}/mine/web:1`])).err).toContain(
      'manifest unknown',
    )
  })
})

describe.skipIf(!installed('skopeo'))(
  'archives that leave the emulated podman (skipped where skopeo is not installed)',
  () => {
    test.each(['oci-archive', 'docker-archive'])('an image by podman build and skopeo copy as %s', async (form) => {
      const s = openSession({ host: 'linux-podman' })
      const made = s.execute([
        '/bin/sh',
        '-c',
        `mkdir b; echo hi > b/f; printf 'FROM alpine\\nCOPY f /f\\nRUN mkdir /d && rm -r /srv\\nENV A=1\\nCMD ["cat", "/f"]\\n' > b/Dockerfile
podman build -q -t t b 2>/dev/null >&2 && skopeo copy -q containers-storage:localhost/t ${form}:t.tar:localhost/t:1 && gzip -c t.tar | base64`,
      ])
      expect(made.status, made.stderr).toBe(0)
      const file = join(dir, `${form}.tar`)
      writeFileSync(file, gunzipSync(Buffer.from(made.stdout, 'base64')))
      const name = `${form}:${file}:localhost/t:1`
      const r = await run('skopeo', ['--insecure-policy', 'inspect', '--config', name])
      expect(r.status, r.err).toBe(0)
      expect(JSON.parse(r.out)).toMatchObject({ config: { Cmd: ['cat', '/f'], Env: expect.arrayContaining(['A=1']) } })
      // Copying reads and verifies every layer.
      const out = await run('skopeo', ['--insecure-policy', 'copy', name, `dir:${join(dir, form)}`])
      expect(out.status, out.err).toBe(0)
    })
  },
)
describe.skipIf(!installed('podman') || process.getuid?.() !== 0)(
  'the real podman (skipped where it is not installed, or for others than root)',
  () => {
    test('pulls from the emulated registry, and has the id that the emulated podman has', async () => {
      const server = await serveRegistry(0)
      try {
        const at = `localhost:${(server.address() as AddressInfo).port}`
        const home = join(dir, 'home')
        mkdirSync(join(home, '.config/containers'), { recursive: true })
        writeFileSync(join(home, '.config/containers/policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
        const options = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run'), '--storage-driver', 'vfs']
        const r = await run('podman', [...options, 'pull', '-q', '--tls-verify=false', `${at}/library/alpine:3.22`], {
          env: { HOME: home, XDG_RUNTIME_DIR: join(dir, 'run') },
        })
        expect(r.status, r.err).toBe(0)
        const own = openSession({ host: 'linux-podman' })
        expect(own.execute(['/bin/sh', '-c', 'podman pull -q docker.io/library/alpine:3.22']).stdout).toBe(r.out)
      } finally {
        server.close()
      }
    })
  },
)

describe.skipIf(!installed('dockerd') || !installed('docker') || process.getuid?.() !== 0)(
  'a real engine (skipped where dockerd is not installed, or for others than root)',
  () => {
    test('pulls from the emulated registry, pushes to it and pulls that again', {
      timeout: 90_000,
    }, async (context) => {
      const own = join(dir, 'dockerd')
      const env = { DOCKER_HOST: `unix://${own}/docker.sock`, DOCKER_CONFIG: own }
      const where = [
        '--data-root',
        `${own}/data`,
        '--exec-root',
        `${own}/exec`,
        '-p',
        `${own}/pid`,
        '-H',
        env.DOCKER_HOST,
      ]
      const daemon = spawn('dockerd', [...where, '--bridge=none', '--iptables=false', '--storage-driver=vfs'], {
        stdio: 'ignore',
      })
      const server = await serveRegistry(0)
      try {
        const up = Date.now() + 30_000
        while ((await run('docker', ['info'], { env })).err !== '' && Date.now() < up && daemon.exitCode === null)
          await new Promise((later) => setTimeout(later, 300))
        // A sandbox may forbid what a daemon needs: that says nothing about the registry.
        if ((await run('docker', ['version'], { env })).status !== 0) return context.skip()
        const at = `localhost:${(server.address() as AddressInfo).port}`
        const ok = async (...args: string[]): Promise<string> => {
          const r = await run('docker', args, { env })
          expect(r, `${args.join(' ')}: ${r.err}`).toMatchObject({ status: 0 })
          return r.out
        }
        expect(await ok('pull', `${at}/library/alpine:3.22`)).toContain('Status: Downloaded newer image')
        await ok('tag', `${at}/library/alpine:3.22`, `${at}/me/a:1`)
        const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await ok('push', `${at}/me/a:1`))?.[1]
        const id = await ok('inspect', '-f', '{{.Id}}', `${at}/me/a:1`)
        await ok('rmi', '-f', id.trim())
        expect(await ok('pull', `${at}/me/a:1`)).toContain(`Digest: ${pushed}`)
        expect(await ok('inspect', '-f', '{{.Id}}', `${at}/me/a:1`)).toBe(id)
        expect((await run('docker', ['pull', `${at}/me/nosuch`], { env })).err).toMatch(/not found|denied|unknown/)
      } finally {
        server.close()
        const ended = new Promise((done) => daemon.once('exit', done))
        if (daemon.exitCode === null && daemon.kill('SIGTERM')) await ended
      }
    })
  },
)

describe.skipIf(!installed('buildah') || process.getuid?.() !== 0)(
  'the real buildah (skipped where it is not installed, or for others than root)',
  () => {
    test('makes an image from one of the emulated registry, and pushes it', async () => {
      const server = await serveRegistry(0)
      try {
        const at = `localhost:${(server.address() as AddressInfo).port}`
        const home = join(dir, 'buildah')
        mkdirSync(join(home, '.config/containers'), { recursive: true })
        writeFileSync(join(home, '.config/containers/policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
        const env = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run') }
        const where = ['--root', join(home, 'root'), '--runroot', join(home, 'run'), '--storage-driver', 'vfs']
        const buildah = async (...args: string[]): Promise<string> => {
          const r = await run('buildah', [...where, ...args], { env })
          expect(r, `${args.join(' ')}: ${r.err}`).toMatchObject({ status: 0 })
          return r.out.trim()
        }
        const box = await buildah('from', '--tls-verify=false', `${at}/library/alpine:3.22`)
        await buildah('config', '--cmd', 'echo made', '--label', 'by=buildah', box)
        await buildah(
          'copy',
          box,
          join(dir, 'home/.config/containers/policy.json').replace('/home/', '/buildah/'),
          '/p',
        )
        await buildah('commit', '-q', box, 'made')
        await buildah('push', '-q', '--tls-verify=false', 'made', `docker://${at}/me/made:1`)
        const r = await run('skopeo', ['inspect', '--tls-verify=false', '--config', `docker://${at}/me/made:1`])
        expect(JSON.parse(r.out)).toMatchObject({ config: { Labels: { by: 'buildah' } } })
      } finally {
        server.close()
      }
    })
  },
)

describe('an exported bundle', () => {
  const bundle = join(dir, 'bundle')
  test('holds the configuration that the emulated engine wrote', () => {
    const { config } = exportBundle('alpine', bundle, '1.0')
    expect(config).toMatchObject({ ociVersion: '1.0.2', root: { path: 'rootfs' } })
  })
  test.each([
    'runc',
    'crun',
  ])('is accepted by the real %s (skipped where it is not installed, or may not make containers)', async (runtime) => {
    if (!installed(runtime) || process.getuid?.() !== 0) return
    const args = ['--root', join(dir, runtime), 'run', '--bundle', bundle, `zukan-${runtime}`]
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(plain(bundle)))
    const r = await run(runtime, args)
    // Sandboxes may forbid what every container needs: that says nothing about the bundle.
    if (r.status !== 0 && /operation not permitted|cgroup/i.test(r.err)) return
    expect(r).toMatchObject({ status: 0, out: 'from the bundle\n' })
  })
})
/** The bundle's configuration for a machine without systemd: a command of ours, and no cgroup to be made. */
function plain(bundle: string): unknown {
  const config = JSON.parse(spawnSync('cat', [join(bundle, 'config.json')], { encoding: 'utf8' }).stdout) as {
    process: { args: string[] }
    linux: { cgroupsPath?: string; namespaces: { type: string }[] }
  }
  config.process.args = ['/bin/busybox', 'echo', 'from the bundle']
  delete config.linux.cgroupsPath
  return config
}

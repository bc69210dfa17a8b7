/**
 * Every command of the texts that the site grew from, run, and asked for what it teaches.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/emulator/complete.ts'

interface Seed {
  readonly line: string
  /** What a reader learns from it. */
  readonly teaches: string
  readonly output: RegExp
  readonly status?: number
}
/** In the order of the texts; what comes first prepares what follows. */
const seeds: readonly Seed[] = [
  {
    line: 'docker run --rm alpine ps aux',
    teaches: 'a container has processes of its own, from PID 1',
    output: /^PID +USER +TIME +COMMAND\n +1 root +0:00 ps aux\n$/,
  },
  {
    line: 'docker run --rm alpine ip addr',
    teaches: 'and interfaces of its own',
    output: /eth0@if\d+.*\n.*\n +inet 172\.17\.0\.2\/16/,
  },
  { line: 'docker run --rm alpine ls /', teaches: 'and a root of its own', output: /^bin\ndev\netc\nhome\n/ },
  {
    line: 'docker run --rm alpine hostname',
    teaches: 'and a name of its own: the first twelve digits of its id',
    output: /^[0-9a-f]{12}\n$/,
  },
  { line: 'docker run --rm alpine id', teaches: 'root inside', output: /^uid=0\(root\) gid=0\(root\)/ },
  {
    line: 'docker run --rm alpine cat /proc/self/uid_map',
    teaches: 'is root outside too: uid 0 maps to 0',
    output: /^ +0 +0 +4294967295\n$/,
  },
  {
    line: 'docker run --memory=256m --rm alpine free -m',
    teaches: "free shows the host's memory, not the limit",
    output: /Mem: +8192/,
  },
  {
    line: 'docker run --memory=256m --rm alpine cat /sys/fs/cgroup/memory.max',
    teaches: 'the limit is in the cgroup',
    output: /^268435456\n$/,
  },
  {
    line: 'docker run --cpus=1.0 --rm alpine cat /proc/cpuinfo',
    teaches: "/proc/cpuinfo lists the host's processors",
    output: /processor\s*: 3/,
  },
  {
    line: 'docker run --cpus=1.0 --rm alpine cat /sys/fs/cgroup/cpu.max',
    teaches: '--cpus is a share of time',
    output: /^100000 100000\n$/,
  },
  {
    line: 'docker run -d --memory=512m --cpus=2.0 --name limited nginx',
    teaches: 'both limits at once',
    output: /[0-9a-f]{64}\n$/,
  },
  {
    line: 'docker stats --no-stream',
    teaches: 'what a container uses of its limit',
    output: /limited +\d+\.\d\d% +[\d.]+[KM]iB \/ 512MiB/,
  },
  { line: 'docker rm -f limited', teaches: 'a container is thrown away', output: /^limited\n$/ },
  {
    line: 'docker version',
    teaches: 'client and server are two programs',
    output:
      /^Client: .*\n Version: +29\.7\.2\n[\s\S]*Server: [\s\S]*containerd:\n {2}Version: +v2\.3\.3[\s\S]*runc:\n {2}Version: +1\.4\.3/,
  },
  {
    line: 'docker info',
    teaches: 'what the engine is made of',
    output: /Server Version: 29\.7\.2\n Storage Driver: overlayfs/,
  },
  {
    line: "docker info --format '{{.Driver}}'",
    teaches: 'a fresh Engine 29 stores images in containerd',
    output: /^overlayfs\n$/,
  },
  {
    line: 'runc --version',
    teaches: 'the low-level runtime is a program of its own',
    output: /^runc version 1\.4\.3\n.*\nspec: 1\.3\.0/,
  },
  {
    line: 'docker run -d --name first-app-web -p 8080:80 nginx:1.25.3-alpine',
    teaches: 'a pinned image',
    output: /[0-9a-f]{64}\n$/,
  },
  {
    line: 'ps aux',
    teaches: 'the host sees containers as processes',
    output: /nginx: master process nginx -g daemon off;/,
  },
  {
    line: 'docker exec first-app-web cat /etc/os-release',
    teaches: 'a container brings its distribution',
    output: /^NAME="Alpine Linux"\nID=alpine\n/,
  },
  {
    line: 'docker exec first-app-web ps aux',
    teaches: 'the server is PID 1',
    output: /^PID +USER +TIME +COMMAND\n +1 root +0:00 nginx: master process/,
  },
  {
    line: 'docker exec first-app-web ifconfig',
    teaches: 'and has an address',
    output: /eth0 .*\n +inet addr:172\.17\.0\.2/,
  },
  {
    line: 'curl -s localhost:8080',
    teaches: 'which the host reaches by the published port',
    output: /Welcome to nginx!/,
  },
  { line: 'docker network create microservices', teaches: 'a network for services', output: /^[0-9a-f]{64}\n$/ },
  { line: 'docker network connect microservices first-app-web', teaches: 'a running container joins it', output: /^$/ },
  {
    line: 'docker run --rm --network microservices alpine ping -c1 first-app-web',
    teaches: 'names are found there',
    output: /1 packets received/,
  },
  { line: 'docker run -d nginx:latest', teaches: 'latest is a tag like any other', output: /[0-9a-f]{64}\n$/ },
  { line: 'docker run -d --name cache redis:7', teaches: 'one process a container', output: /[0-9a-f]{64}\n$/ },
  {
    line: 'docker run --rm --network host alpine hostname',
    teaches: "the host's network is the host's",
    output: /^server\n$/,
  },
  {
    line: 'docker run --help | grep platform',
    teaches: 'the platform can be forced',
    output: /--platform string +Set platform if server is\n/,
  },
  { line: 'docker run --rm hello-world', teaches: 'what docker run does', output: /Hello from Docker!/ },
  {
    line: 'docker run -d my-monolith-container',
    teaches: 'an image that nobody built or published',
    output: /pull access denied for my-monolith-container/,
    status: 125,
  },
  {
    line: 'docker run -d --name db -e POSTGRES_PASSWORD=test postgres:16 && sleep 1 && docker exec db pg_isready',
    teaches: 'a database for one job of a pipeline',
    output: /accepting connections/,
  },
  { line: 'docker-compose up -d', teaches: 'the hyphen is history', output: /docker compose up -d/, status: 127 },
]
/** Those of tools that need no daemon, on the host that has none. */
const daemonless: readonly Seed[] = [
  {
    line: 'podman run --rm alpine echo "Hello from Podman"',
    teaches: "Podman takes Docker's command line",
    output: /\nHello from Podman\n$/,
  },
  {
    line: 'buildah from alpine',
    teaches: 'a working container, not yet an image',
    output: /^alpine-working-container\n$/m,
  },
  {
    line: 'skopeo inspect docker://alpine:latest',
    teaches: 'an image is read without being pulled',
    output: /"Name": "docker.io\/library\/alpine"/,
  },
]

describe('the commands of the texts', () => {
  let s: Session
  beforeAll(() => {
    s = openSession()
  })
  test.each(seeds.map((c) => [c.line, c] as const))('%s', (line, c) => {
    const r = s.execute(['/bin/sh', '-c', `${line} 2>&1`])
    expect(r.stdout, c.teaches).toMatch(c.output)
    if (!line.includes('|')) expect(r.status).toBe(c.status ?? 0)
    expect(s.kernel.faults).toEqual([])
  })
  test('without a daemon', () => {
    const own = openSession({ host: 'linux-podman' })
    for (const c of daemonless) {
      const r = own.execute(['/bin/sh', '-c', `${c.line} 2>&1`])
      expect(r.stdout, c.teaches).toMatch(c.output)
      expect(r.status, c.line).toBe(0)
    }
    expect(own.kernel.faults).toEqual([])
  })
})

test('services that are built here and joined by a network', () => {
  const s = openSession()
  s.execute(['/bin/mkdir', '-p', '/root/svc'])
  s.putFiles('/root/svc', { Dockerfile: 'FROM alpine\nCMD ["sleep", "1000"]\n' })
  const r = s.execute(
    [
      '/bin/sh',
      '-c',
      `docker network create microservices >/dev/null
port=8080
for s in api-gateway user-service order-service payment-service; do
  docker build -q -t $s:v1 . >/dev/null
  docker run -d --name $s -p $port:$port $s:v1 >/dev/null
  docker network connect microservices $s
  port=$((port+1))
done
docker exec api-gateway ping -c1 payment-service
docker network inspect -f '{{len .Containers}}' microservices`,
    ],
    { cwd: '/root/svc' },
  )
  expect(r.stderr).toBe('')
  expect(r.stdout).toMatch(/1 packets received[\s\S]*\n4\n$/)
})
test('the development environment of docker-compose.yml', () => {
  const s = openSession()
  s.execute(['/bin/mkdir', '-p', '/root/dev'])
  s.putFiles('/root/dev', {
    Dockerfile: 'FROM alpine\nWORKDIR /app\nCMD ["sh", "-c", "ls; sleep 1000"]\n',
    'docker-compose.yml':
      'version: "3.9"\nservices:\n  app:\n    build: .\n    volumes:\n      - .:/app\n    ports:\n      - "3000:3000"\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: devpass\n  redis:\n    image: redis:7-alpine\n',
  })
  const run = (line: string) => s.execute(['/bin/sh', '-c', line], { cwd: '/root/dev' })
  const up = run('docker compose up -d')
  expect(up.status, up.stderr).toBe(0)
  expect(up.stderr).toMatch(/the attribute `version` is obsolete/)
  const services = run("docker compose ps --format '{{.Service}} {{.State}} {{.Ports}}'").stdout
  expect(services).toMatch(/^app running 0\.0\.0\.0:3000->3000\/tcp, \[::\]:3000->3000\/tcp$/m)
  expect(services).toMatch(/^redis running 6379\/tcp$/m)
  expect(run('docker compose logs --no-log-prefix app').stdout).toBe('Dockerfile\ndocker-compose.yml\n')
  expect(run('docker compose exec -T app ping -c1 redis').stdout).toMatch(/1 packets received/)
})
test('the test job of CI builds an image and runs its tests', () => {
  const s = openSession()
  s.execute(['/bin/mkdir', '-p', '/root/ci'])
  s.putFiles('/root/ci', {
    Dockerfile: 'FROM alpine\nCOPY test.sh /test.sh\nCMD ["sh", "/test.sh"]\n',
    'test.sh': 'echo 1 passed\n',
  })
  const r = s.execute(['/bin/sh', '-c', 'docker build -q -t myapp:test . >/dev/null && docker run --rm myapp:test'], {
    cwd: '/root/ci',
  })
  expect(r).toMatchObject({ status: 0, stdout: '1 passed\n' })
})

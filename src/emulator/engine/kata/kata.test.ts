/** Kata: whose kernel answers, what the host sees of it, and that all of docker's verbs reach into the machine. */
import { describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'
import { kernelTable } from '../../kernels.ts'

function run(lines: string): {
  readonly out: string
  readonly err: string
  readonly status: number
  readonly session: Session
} {
  const session = openSession()
  const r = session.execute(['/bin/sh', '-c', lines])
  for (const m of session.world.allMachines()) expect(m.kernel?.faults ?? []).toEqual([])
  return { out: r.stdout, err: r.stderr, status: r.status, session }
}
const d = 'docker run --rm --runtime kata alpine'
const quiet = '>/dev/null 2>&1'

describe('a container under kata', () => {
  test('asks the kernel of its own machine', () => {
    const r = run(`${d} uname -r; docker run --rm --runtime io.containerd.kata.v2 alpine cat /proc/version; uname -r`)
    expect(r.out).toMatch(/^6\.18\.35\nLinux version 6\.18\.35 .*\n6\.12\.\d+\+deb13-amd64\n$/)
    const log = run(`${d} dmesg`).out
    expect(log).toContain('Linux version 6.18.35')
    expect(log).toContain('systemd.unit=kata-containers.target')
    expect(log).toContain('Hypervisor detected: KVM')
  })
  test('sees the memory and processors of that machine: defaults, or its limits and the overhead', () => {
    // 2080 MiB gave 2000556 kB (a user's measurement, see hosts/kvm.ts); the kernel's share of 2048 MiB follows from it.
    expect(run(`${d} sh -c 'nproc; head -1 /proc/meminfo'`).out).toBe('1\nMemTotal:        1968300 kB\n')
    expect(run(`docker run --rm --runtime kata -m 2g alpine head -1 /proc/meminfo`).out).toBe(
      'MemTotal:        2000556 kB\n',
    )
    expect(run(`docker run --rm --runtime kata -m 512m --cpus 2 alpine nproc`).out).toBe('3\n')
    expect(
      run('docker run -d --runtime kata -m 512m --cpus 1.5 alpine sleep 9 >/dev/null; ps -eo args | grep [q]emu').out,
    ).toMatch(/ -smp 2,maxcpus=4 .* -m 544M,slots=10,maxmem=8192M /)
  })
  test('whose limit is for processors alone gets a machine that is too small to boot', () => {
    const r = run(
      'docker run --rm --runtime kata --cpus 1 alpine true; ls /run/kata; ps -e | grep -E "[q]emu|[v]irtiofs|[k]ata"',
    )
    expect(r.err).toMatch(/failed to connect to Vsock \{ vsock_cid: \d+, port: 1024 \} within 10s/)
    expect(r.out).toBe('')
  })
  test('shows on the host as shim, virtiofsd and QEMU, not as its program; they end with it', () => {
    const list = "ps -eo comm,args | grep -E 'kata|qemu-|virtiofsd|nginx' | grep -v grep | cut -d' ' -f1"
    const r = run(
      `docker run -d --runtime kata --name one nginx ${quiet}; ${list}; docker top one | tail -1 | grep -o sandbox-; docker rm -f one; sleep 1; ${list}; ls /run/kata /var/run/netns /run/kata-containers/shared/sandboxes`,
    )
    expect(r.out.split('\n').filter((l) => l !== 'sh')).toEqual([
      'containerd-shim',
      'virtiofsd',
      'virtiofsd',
      'qemu-system-x86',
      'sandbox-',
      'one',
      '/run/kata:',
      '',
      '/run/kata-containers/shared/sandboxes:',
      '',
      '/var/run/netns:',
      '',
    ])
  })
  test('is served by a machine each, whose cost is what it has touched', () => {
    const { session } = run(
      'docker run -d --runtime kata --name one nginx; docker run -d --runtime kata --name two nginx; docker run -d --name three nginx; sleep 2',
    )
    const rows = kernelTable(session.world)
    expect(rows.map((r) => [r.container, r.kernel.release, r.isolation, r.sharedWith, r.sharedWithHost])).toEqual([
      ['one', '6.18.35', 'vm', [], false],
      ['two', '6.18.35', 'vm', [], false],
      ['three', expect.stringMatching(/^6\.12/), 'namespaces', [], true],
    ])
    const [one, , three] = rows
    expect(one?.vm?.memory).toBe(2048 * 1024 ** 2)
    expect(one?.vm?.bootTime).toBeGreaterThan(1e9)
    // QEMU 326 MiB, and the processes beside it.
    expect(one?.memory.vm).toBeGreaterThan(326 * 1024 ** 2)
    expect(one?.memory.vm).toBeLessThan(330 * 1024 ** 2)
    expect((one?.start ?? 0) - (three?.start ?? 0)).toBeGreaterThan(1e9)
  })
  test('has its exit codes, streams and input', () => {
    expect(
      run(`echo hi | docker run --rm -i --runtime kata alpine sh -c 'cat; echo no >&2; exit 7'; echo $?`),
    ).toMatchObject({
      out: 'hi\n7\n',
      err: 'no\n',
    })
    const many = run(`${d} sh -c 'seq 30000' | tail -1`)
    expect(many.out).toBe('30000\n')
    expect(run(`${d} nosuch; echo $?`).err).toContain('the file nosuch was not found')
  })
  test('is run in, paused, signalled and stopped', () => {
    const r = run(
      `docker run -d --runtime kata --name one alpine sh -c 'trap "echo bye; exit 5" TERM; while :; do sleep 1; done' >/dev/null
       docker exec one sh -c 'echo $$ $PPID; exit 4'; echo $?
       docker exec one ps -o pid,comm | head -2
       docker pause one; docker ps --format '{{.Status}}' | grep -o Paused; docker unpause one
       docker stop one; docker logs one; docker wait one; docker start one; docker kill one; docker wait one`,
    )
    expect(r.out).toBe(
      `${r.out.split('\n')[0]}\n4\nPID   COMMAND\n    1 sh\none\nPaused\none\none\nbye\n5\none\none\n137\n`,
    )
  })
  test('uses volumes, files of the host and published ports', () => {
    const r = run(
      `mkdir /root/site; echo hello > /root/site/index.html
       docker run -d --runtime kata --name web -p 8080:80 -v /root/site:/usr/share/nginx/html -v data:/data nginx:alpine ${quiet}
       curl -s localhost:8080; echo changed > /root/site/index.html; curl -s localhost:8080
       docker exec web sh -c 'echo in > /data/file; hostname; cat /etc/hosts | tail -1; mount | grep -o "on / type [a-z]*"'
       cat /var/lib/docker/volumes/data/_data/file
       docker run --rm alpine wget -qO- http://172.17.0.2 && docker exec web wget -qO- http://172.17.0.2`,
    )
    const id = r.out.split('\n')[2]
    expect(r.out).toBe(`hello\nchanged\n${id}\n172.17.0.2\t${id}\non / type virtiofs\nin\nchanged\nchanged\n`)
  })
  test('reaches the internet and other containers through tap and filter', () => {
    const r = run(
      `docker run -d --name plain nginx:alpine ${quiet}
       docker run -d --runtime kata --name boxed alpine sleep 99 ${quiet}
       docker exec boxed ip -o -4 addr show eth0 | tr -s ' ' | cut -d' ' -f2-4
       docker exec boxed wget -qO- http://172.17.0.2 | grep -c nginx
       docker exec boxed ping -c1 172.17.0.1 | tail -1 | cut -d/ -f1
       docker run --rm --runtime kata alpine nslookup example.com | tail -2 | head -1
       nsenter -t $(docker inspect -f '{{.State.Pid}}' boxed) -n ip -o link | cut -d: -f2 | cut -d@ -f1`,
    )
    expect(r.out).toMatch(
      /^eth0 inet 172\.17\.0\.3\/16\n[1-9]\d*\nround-trip min\nAddress: 192\.0\.2\.10\n lo\n eth0\n tap0_kata\n$/,
    )
  })
  test("has figures of its machine's control group in docker stats", () => {
    const r = run(
      `docker run -d --runtime kata --name one -m 512m alpine sleep 99 ${quiet}; sleep 1
       docker stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}'`,
    )
    expect(r.out).toMatch(/^one \d+(\.\d+)?KiB \/ 512MiB 1\n$/)
  })
  test('dies with its machine', () => {
    const r = run(
      `docker run -d --runtime kata --name one alpine sleep 99 ${quiet}
       kill -9 $(docker inspect -f '{{.State.Pid}}' one); sleep 1; docker ps -a --format '{{.Names}} {{.Status}}'; docker start one; docker exec one uname -r`,
    )
    expect(r.out).toMatch(/^one Exited \(255\) .*\none\n6\.18\.35\n$/)
  })
  test('says by its trace who asked whom', () => {
    const { session } = run(d.concat(' true'))
    const steps = session.world.trace.events().map((e) => e.what)
    const names = [
      'Task.Create',
      'partition created',
      'Linux 6.18.35',
      'grpc.AgentService/CreateSandbox',
      'grpc.AgentService/CreateContainer',
      'QMP device_add',
      'grpc.AgentService/UpdateInterface',
      'grpc.AgentService/StartContainer',
      'grpc.AgentService/WaitProcess',
      'grpc.AgentService/RemoveContainer',
      'QMP quit',
      'power off',
    ]
    expect([...steps].filter((s) => names.includes(s)).filter((s, n, all) => all.indexOf(s) === n)).toEqual(names)
  })
  test('follows the configuration file', () => {
    const r = run(
      `mkdir /etc/kata-containers; sed 's/^default_memory = .*/default_memory = 1024/; s/^default_vcpus = .*/default_vcpus = 2/' /opt/kata/share/defaults/kata-containers/runtime-rs/configuration.toml > /etc/kata-containers/configuration.toml
       docker run -d --runtime kata alpine sleep 9 >/dev/null; ps -eo args | grep [q]emu | grep -oE -- '-(m|smp) [^, ]*'`,
    )
    expect(r.out).toBe('-smp 2\n-m 1024M\n')
  })
})
test('kata-runtime tells the version, the settings in force and whether the host can run it', () => {
  const r = run(
    'kata-runtime --version | head -1; kata-runtime check; kata-runtime env | grep MachineType; kata-ctl env | grep sandbox_cgroup_only',
  )
  expect(r.out).toContain(
    'kata-runtime  : 4.1.0\nSystem is capable of running Kata Containers\nSystem can currently create Kata Containers\n',
  )
  expect(r.out).toContain('sandbox_cgroup_only = true\n')
})
describe('a pod of the class kata', () => {
  const session = openSession({ host: 'k8s-node' })
  const sh = (lines: string): string => session.execute(['/bin/sh', '-c', lines], { cwd: '/root' }).stdout
  test('has one machine for all its containers, which share network, names and memory', () => {
    sh(`crictl pull docker.io/library/nginx:1.25.3-alpine
        crictl runp --runtime kata pod.json >pod
        for c in nginx shell; do crictl create $(cat pod) $c.json pod.json >$c; crictl start $(cat $c); done; sleep 2`)
    expect(sh("ps -eo comm | grep -E 'qemu|virtiofsd|containerd-shim|nginx'")).toBe(
      'containerd-shim\nvirtiofsd\nvirtiofsd\nqemu-system-x86\n',
    )
    expect(
      sh(
        'crictl exec $(cat shell) uname -r; crictl exec $(cat shell) hostname; crictl exec $(cat shell) wget -qO- http://127.0.0.1 | grep -c "Welcome to nginx"',
      ),
    ).toBe('6.18.35\nweb\n2\n')
    expect(sh('wget -qO- http://10.88.0.2 | grep -c nginx; crictl logs $(cat nginx) | grep -c GET')).toMatch(
      /^\d+\n2\n$/,
    )
    sh('crictl exec $(cat nginx) sh -c "echo shared > /dev/shm/f"')
    expect(sh('crictl exec $(cat shell) cat /dev/shm/f')).toBe('shared\n')
    const rows = kernelTable(session.world)
    expect(rows.map((r) => [r.container, r.isolation, r.sharedWith, r.sharedWithHost])).toEqual([
      ['nginx', 'vm', ['shell'], false],
      ['shell', 'vm', ['nginx'], false],
    ])
    expect(sh('crictl stats | tail -n +2 | tr -s " " | cut -d" " -f2,4 | sort')).toMatch(
      /^nginx [\d.]+kB\nshell [\d.]+kB\n$/,
    )
  })
  test('goes with its machine', () => {
    expect(sh('crictl stop $(cat shell) >/dev/null; crictl ps -q | wc -l')).toBe('1\n')
    sh('crictl stopp $(cat pod); crictl rmp $(cat pod); sleep 1')
    expect(sh("ps -eo comm | grep -E 'qemu|virtiofsd|containerd-shim'; crictl pods -q; ls /run/kata")).toBe('')
  })
  test('only names in the configuration can be chosen', () => {
    expect(
      session.execute(['/bin/sh', '-c', 'crictl runp --runtime wasm pod.json'], { cwd: '/root' }).stderr,
    ).toContain('no runtime for \\"wasm\\" is configured')
  })
})

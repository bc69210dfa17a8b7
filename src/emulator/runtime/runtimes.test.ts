/** Low-level runtimes as people call them: given a bundle on a server, run this line, expect this. */
import { describe, expect, test } from 'vitest'
import { openSession } from '../complete.ts'
import type { Spec } from '../oci/runtimespec.ts'

/** Output and status of lines on a fresh server; `B` is a bundle of alpine that sleeps, with its config.json changed by `edit`. */
function run(lines: string): { readonly out: string; readonly err: string; readonly status: number } {
  const s = openSession()
  const r = s.execute(['/bin/sh', '-c', lines])
  expect(s.kernel.faults).toEqual([])
  return { out: r.stdout, err: r.stderr.replace(/time="[^"]*" /g, ''), status: r.status }
}
const bundle = (runtime: string, edit = ''): string =>
  `mkdir -p b/rootfs && cd b && docker export $(docker create alpine) | tar -C rootfs -x && ${runtime} spec && sed -i 's/"terminal": true/"terminal": false/; s/"sh"$/"sleep","50"/${edit}' config.json; `
/** config.json of a container that docker starts with some options. */
function specOf(options: string): Spec {
  const { out, err } = run(
    `docker run -d ${options} alpine sleep 9 >/dev/null && cat /run/containerd/io.containerd.runtime.v2.task/moby/*/config.json`,
  )
  expect(err).toBe('')
  return JSON.parse(out.replaceAll('18446744073709551615', '"unlimited"')) as Spec
}

describe('config.json as docker writes it', () => {
  test('is what moby writes by default, down to the order of keys', () => {
    const spec = specOf('')
    expect(Object.keys(spec)).toEqual(['ociVersion', 'process', 'root', 'hostname', 'mounts', 'linux'])
    expect(Object.keys(spec.linux)).toEqual([
      'sysctl',
      'resources',
      'cgroupsPath',
      'namespaces',
      'seccomp',
      'maskedPaths',
      'readonlyPaths',
    ])
    expect(spec.linux.sysctl).toEqual({
      'net.ipv4.ip_unprivileged_port_start': '0',
      'net.ipv4.ping_group_range': '0 2147483647',
    })
    expect(spec.linux.resources).toMatchObject({ memory: {}, cpu: { shares: 0 }, blockIO: { weight: 0 } })
    expect(spec.mounts.slice(7).map((m) => [m.destination, ...(m.options ?? [])])).toEqual([
      ['/etc/resolv.conf', 'rbind', 'rprivate'],
      ['/etc/hostname', 'rbind', 'rprivate'],
      ['/etc/hosts', 'rbind', 'rprivate'],
    ])
    expect(spec.linux.cgroupsPath).toMatch(/^system\.slice:docker:[0-9a-f]{64}$/)
  })
  test('lists what the default profile allows, and refuses the rest', () => {
    const { seccomp } = specOf('').linux
    expect(seccomp).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    })
    const names = new Set((seccomp?.syscalls ?? []).flatMap((r) => r.names))
    expect([...['read', 'openat', 'chroot', 'ptrace'].map((n) => names.has(n))]).toEqual([true, true, true, true])
    for (const name of ['mount', 'unshare', 'setns', 'bpf', 'io_uring_setup', 'reboot', 'keyctl'])
      expect(names.has(name), name).toBe(false)
  })
  test.each([
    ['--cap-add SYS_ADMIN', 'mount', true],
    ['--cap-add SYS_ADMIN', 'clone3', true],
    ['--cap-drop SYS_CHROOT', 'chroot', false],
    ['--cap-add SYS_BOOT', 'reboot', true],
    ['--cap-add all', 'delete_module', true],
  ])('%s: %s is allowed: %s', (options, name, allowed) => {
    const rules = specOf(options).linux.seccomp?.syscalls ?? []
    expect(rules.some((r) => r.names.includes(name) && r.action === 'SCMP_ACT_ALLOW' && !r.args)).toBe(allowed)
  })
  test('capabilities stand in the order in which moby puts them', () => {
    expect(specOf('--cap-add net_admin --cap-add SYS_ADMIN').process.capabilities?.bounding?.slice(-2)).toEqual([
      'CAP_NET_ADMIN',
      'CAP_SYS_ADMIN',
    ])
    expect(specOf('--cap-drop ALL --cap-add CHOWN').process.capabilities?.effective).toEqual(['CAP_CHOWN'])
    expect(specOf('--user 1000').process.capabilities?.effective).toBeUndefined()
  })
  test('a privileged container has all devices, no profile and nothing masked', () => {
    const { linux, process } = specOf('--privileged')
    expect(linux.seccomp).toBeUndefined()
    expect(linux.maskedPaths).toBeUndefined()
    expect(linux.resources?.devices).toEqual([{ allow: true, access: 'rwm' }])
    expect(linux.devices?.map((d) => d.path)).toContain('/dev/sda')
    expect(process.capabilities?.bounding).toHaveLength(41)
  })
  test('options become fields', () => {
    const s = specOf(
      '--read-only --tmpfs /tmp:size=1m --memory 64m --cpus 1.5 --pids-limit 50 --ulimit memlock=100:-1 --cpu-shares 512 --sysctl net.core.somaxconn=99 --security-opt no-new-privileges --oom-score-adj 5',
    )
    expect(s.root.readonly).toBe(true)
    expect(s.linux.resources).toMatchObject({
      memory: { limit: 67108864, swap: 134217728 },
      cpu: { shares: 512, quota: 150000, period: 100000 },
      pids: { limit: 50 },
    })
    expect(s.process.rlimits).toEqual([{ type: 'RLIMIT_MEMLOCK', hard: 'unlimited', soft: 100 }])
    expect(s.process).toMatchObject({ noNewPrivileges: true, oomScoreAdj: 5 })
    expect(s.linux.sysctl).toMatchObject({ 'net.core.somaxconn': '99' })
    expect(s.mounts.find((m) => m.destination === '/tmp')?.options).toEqual([
      'noexec',
      'nosuid',
      'nodev',
      'rprivate',
      'size=1m',
    ])
    expect(s.mounts.find((m) => m.destination === '/etc/hosts')?.options).toEqual(['rbind', 'rro', 'rprivate'])
  })
  test('namespaces that are shared are left out, or joined', () => {
    const types = (o: string): string[] => specOf(o).linux.namespaces.map((n) => n.type)
    expect(types('')).toEqual(['mount', 'network', 'uts', 'pid', 'ipc', 'cgroup', 'time'])
    expect(types('--pid host --network host --uts host --ipc host --cgroupns host')).toEqual(['mount', 'time'])
    expect(specOf('--network host').linux.sysctl).toBeUndefined()
  })
  test('a device is made and allowed as far as was asked', () => {
    const { linux } = specOf('--device /dev/zero:/dev/zz:r')
    expect(linux.devices).toEqual([{ path: '/dev/zz', type: 'c', major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 }])
    expect(linux.resources?.devices?.at(-1)).toEqual({ allow: true, type: 'c', major: 1, minor: 5, access: 'r' })
  })
})

describe('what the fields do', () => {
  test('devices that nobody allowed cannot be opened, whatever node there is', () => {
    const r = run("docker run --rm alpine sh -c 'mknod /tmp/d b 8 0 && head -c1 /tmp/d; head -c3 /dev/zero | wc -c'")
    expect(r.err).toContain('/tmp/d: Operation not permitted')
    expect(r.out).toBe('3\n')
    expect(run('docker run --rm --device /dev/sda alpine test -b /dev/sda && echo yes').out).toBe('yes\n')
  })
  test("a profile of the user's own is taken, with its conditions", () => {
    const profile = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
        { names: ['rmdir'], action: 'SCMP_ACT_ERRNO', includes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    })
    const r = run(
      `echo '${profile}' > p.json; docker run --rm --security-opt seccomp=p.json alpine sh -c 'mkdir /x; rmdir /media/usb && echo removed'`,
    )
    expect(r.err).toContain("can't create directory '/x': Permission denied")
    expect(r.out).toBe('removed\n')
  })
  test('shared memory is shared by who asks for it', () => {
    const r = run(
      "docker run -d --name one --ipc shareable alpine sh -c 'echo hi > /dev/shm/x; sleep 9' >/dev/null; sleep 1; docker run --rm --ipc container:one alpine cat /dev/shm/x; docker run -d --name two alpine sleep 9 >/dev/null; docker run --rm --ipc container:two alpine true",
    )
    expect(r.out).toBe('hi\n')
    expect(r.err).toContain('non-shareable IPC (hint: use IpcMode:shareable for the donor container)')
  })
  test('hooks run with the state of the container', () => {
    const hooks = JSON.stringify({
      createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'cat >> /tmp/log'] }],
      poststop: [{ path: '/bin/sh', args: ['sh', '-c', 'cat >> /tmp/log'] }],
    })
    const r = run(
      `${bundle('runc')}sed -i 's#"hostname"#"hooks": ${hooks},\\n"hostname"#' config.json; runc run -d x </dev/null && runc delete -f x; cat /tmp/log`,
    )
    expect(r.out).toMatch(/^\{"ociVersion":"1.3.0","id":"x","status":"creating","pid":\d+,"bundle":"\/root\/b"\}/)
    expect(r.out).toContain('"status":"stopped"')
  })
  test('a hook that fails stops the start, with what it said', () => {
    const hooks = JSON.stringify({ createRuntime: [{ path: '/bin/sh', args: ['sh', '/root/hook'] }] })
    const r = run(
      `echo 'echo no >&2; exit 3' > /root/hook; ${bundle('runc')}sed -i 's#"hostname"#"hooks": ${hooks},\\n"hostname"#' config.json; runc run x </dev/null`,
    )
    expect(r.err).toBe(
      'level=error msg="runc run failed: unable to start container process: error during container init: error running createRuntime hook #0: exit status 3, stdout: , stderr: no\\n"\n',
    )
  })
  test('a user namespace maps ids', () => {
    const maps =
      '"uidMappings": [{"containerID":0,"hostID":1000,"size":10}], "gidMappings": [{"containerID":0,"hostID":1000,"size":10}],'
    const r = run(
      `cd /srv; ${bundle('runc')}sed -i 's#"namespaces": \\[#${maps} "namespaces": [{"type":"user"},#; s#"sleep","50"#"cat","/proc/self/uid_map"#' config.json; runc run x </dev/null`,
    )
    expect(r.err).toBe('')
    expect(r.out.trim()).toBe('0       1000         10')
  })
})

describe.each([
  ['runc', 'container with given ID already exists', 'cannot start an already running container'],
  ['crun', 'container `x` already exists', 'cannot open `/root/b/r/x/exec.fifo`: No such file or directory'],
  ['youki', 'container already exists', 'failed operation due to incompatible container status: `Running`'],
])('%s', (rt, exists, started) => {
  const line = `${rt} --root $PWD/r`
  test('creates, starts, runs further processes, and deletes', () => {
    const r = run(
      `${bundle(rt)}${line} create x </dev/null && ${line} state x | grep -c 'status": "created"'; ${line} start x; ${line} exec x cat /proc/1/comm; ${line} pause x; ${line} state x | grep -c '"paused"'; ${line} resume x; ${line} kill x KILL; sleep 1; ${line} state x | grep -c '"stopped"'; ${line} delete x; ls r`,
    )
    expect(r).toMatchObject({ out: '1\nsleep\n1\n1\n', err: '' })
  })
  test('says in its own words what is wrong', () => {
    const r = run(
      `${bundle(rt)}${line} create x </dev/null; ${line} create x; ${line} start x; ${line} start x; ${line} delete -f x; ${line} delete x`,
    )
    expect(r.err).toContain(exists)
    expect(r.err).toContain(started)
    expect(r.status).not.toBe(0)
  })
})
test('a container that waits for its start shows as runc init', () => {
  expect(run(`${bundle('runc')}runc create x </dev/null; runc ps x | tail -n 1; runc delete x`).out).toMatch(
    / runc init\n$/,
  )
})
test('the time from create to delete is that of the published measurement', () => {
  const of = (rt: string): number =>
    Number(/real.*0m (\d\.\d\d)s/.exec(run(`${bundle(rt, '; s/"50"/"0"/')}time ${rt} run x </dev/null`).err)?.[1])
  expect([of('runc'), of('youki'), of('crun')]).toEqual([0.22, 0.11, 0.04])
})
test('docker takes a runtime by its name, and lists those that it knows', () => {
  const r = run(
    "docker info | grep Runtimes; docker run -d --runtime crun --name one alpine sleep 9 >/dev/null; docker inspect -f '{{.HostConfig.Runtime}}' one; docker exec one cat /proc/1/comm; docker run --runtime nosuch alpine; docker run --runtime io.containerd.nosuch.v9 alpine",
  )
  expect(r.out).toMatch(/^ Runtimes: crun io\.containerd\.runc\.v2 .*runc .*youki\ncrun\nsleep\n$/)
  expect(r.err).toContain('unknown or invalid runtime name: nosuch')
  expect(r.err).toContain('binary not installed "containerd-shim-nosuch-v9": file does not exist')
})
test('what is not emulated says so', () => {
  expect(run(`${bundle('runc')}runc create x </dev/null; runc checkpoint x`).err).toBe(
    'zukan: not emulated: runc checkpoint\n',
  )
})

test('a mount follows links within the container’s root alone', () => {
  const { out } = run(
    'docker run --rm -v /var/run/docker.sock:/var/run/docker.sock debian ls /var/run /run; ls /run | grep -c docker.sock',
  )
  expect(out).toBe('/run:\ndocker.sock\n\n/var/run:\ndocker.sock\n1\n')
})

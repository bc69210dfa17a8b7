import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

const nano = (tag: string): string => `mcr.microsoft.com/windows/nanoserver:${tag}`
describe('Windows Server with containers of Windows', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'windows-containers' })
    run(`docker run -d --name silo ${nano('ltsc2025')} ping -t localhost`)
  })
  test('process isolation is the default on Server', () =>
    expect(run("docker inspect --format '{{.HostConfig.Isolation}}' silo").stdout).toBe('process\n'))
  test("a process-isolated container's program is a process of the host, in a silo", () => {
    expect(run('Get-Process ping').stdout).toMatch(/ping$/m)
    expect(run('Get-ComputeProcess | Select-Object -ExpandProperty Type').stdout).toBe('Container\n')
    const pid = run('(Get-Process ping).Id').stdout.trim()
    expect(run('docker top silo').stdout).toContain(pid)
  })
  test('inside one sees the container alone, by the same ids', () => {
    const inside = run('docker run --rm mcr.microsoft.com/windows/servercore:ltsc2025 powershell -Command Get-Process')
    expect(inside.stdout).toMatch(/CExecSvc/)
    expect(inside.stdout).not.toMatch(/explorer|dockerd/)
  })
  test('with --isolation=hyperv the host sees a machine instead of the program', () => {
    run(`docker run -d --name machine --isolation=hyperv ${nano('ltsc2025')} ping -t localhost`)
    expect(run('(Get-Process ping).Count').stdout).toBe('1\n')
    expect(run('(Get-Process vmwp).Count').stdout).toBe('1\n')
    expect(run('docker logs machine').stdout).toMatch(/Reply from 127.0.0.1/)
    run('docker rm -f machine')
    expect(run('Get-Process vmwp').status).toBe(1)
  })
  test("an older build doesn't fit the host's kernel, but a machine brings its own", () => {
    expect(run(`docker run --rm ${nano('ltsc2019')} cmd /c ver`).stderr).toContain(
      'The container operating system does not match the host operating system.',
    )
    expect(run(`docker run --rm --isolation=hyperv ${nano('ltsc2019')} cmd /c ver`).stdout).toMatch(/10\.0\.17763\./)
  })
  test('a Linux image has nothing for this kernel', () => {
    expect(run('docker run -d nginx').stderr).toContain(
      'no matching manifest for windows/amd64 10.0.26100 in the manifest list entries',
    )
    expect(run('docker run --rm --platform linux/amd64 alpine uname -a').stderr).toContain(
      'image operating system "linux" cannot be used on this platform: operating system is not supported',
    )
  })
  test('a Linux program is not an executable of Windows', () =>
    expect(run(`docker run --rm ${nano('ltsc2025')} uname -a`).stderr).toContain(
      'The system cannot find the file specified.',
    ))
  test('what a container prints and answers reaches the client', () => {
    expect(run(`docker run --rm ${nano('ltsc2025')} cmd /c exit 7`).status).toBe(7)
    expect(run('docker exec silo cmd /c echo hello').stdout).toBe('hello\n')
  })
  test('removed, nothing is left of it', () => {
    run('docker rm -f silo')
    expect(run('Get-ComputeProcess').stdout).toBe('')
    expect(run('Get-Process ping').status).toBe(1)
  })
})

describe('Linux containers on Windows, as of 2019', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'windows-lcow' })
  })
  test('each Linux container has a machine and a kernel of its own', () => {
    run('docker run -d --name one nginx; docker run -d --name two alpine sleep 600')
    expect(run('Get-ComputeProcess | Measure-Object | Select-Object -ExpandProperty Count').stdout).toBe('2\n')
    expect(run('(Get-Process vmwp).Count').stdout).toBe('2\n')
    expect(run('docker exec one ps').stdout).not.toMatch(/sleep/)
    const boot = (n: string) => run(`docker exec ${n} cat /proc/sys/kernel/random/boot_id`).stdout
    expect(boot('one')).not.toBe(boot('two'))
  })
  test('the engine is a process of Windows; its machines hold no engine', () => {
    expect(run('(Get-Process dockerd).Count').stdout).toBe('1\n')
    const guests = [...s.world.allMachines()].filter((m) => m.parent)
    const names = guests.flatMap((m) => [...(m.kernel?.initial.pid.processes.values() ?? [])].map((p) => p.comm))
    expect(names).toContain('gcs')
    expect(names).not.toContain('dockerd')
    expect(names).not.toContain('containerd')
  })
  test('Windows containers run beside', () =>
    expect(run(`docker run --rm ${nano('ltsc2019')} cmd /c ver`).stdout).toMatch(/Windows \[Version 10\.0\.17763/))
  test("the small Linux's files lie in C:\\Program Files\\Linux Containers", () =>
    expect(run("(Get-ChildItem 'C:\\Program Files\\Linux Containers').Name").stdout).toBe(
      'initrd.img\nkernel\nversions.txt\n',
    ))
  const bound = (script: string) => run(`docker run --rm -v C:\\Users\\zukan:/data alpine sh -c '${script}'`)
  test('a mapped folder holds plain files', () => {
    bound('echo from Linux > /data/note.txt')
    expect(run('Get-Content note.txt').stdout).toBe('from Linux\n')
  })
  test('SetAttr: owner and mode are not those of Linux', () => {
    expect(bound('chown nobody /data/note.txt && stat -c %u:%a /data/note.txt').stdout).toBe('0:777\n')
    expect(bound('chmod 600 /data/note.txt').stderr).toBe('chmod: /data/note.txt: Permission denied\n')
  })
  test('MkNod: no fifo, socket or device can be made there', () =>
    expect(bound('mkfifo /data/pipe').stderr).toMatch(/Operation not supported|Not supported/i))
  test('GetAttr: every file has two links', () =>
    expect(bound('echo x > /data/f; stat -c %h /data/f').stdout).toBe('2\n'))
  // Their images declare a volume, which the engine made on drive C: as well: MariaDB/mariadb-docker#144 failed without -v.
  test.each([
    ['mysql', '-v C:\\Users\\zukan\\data:/var/lib/mysql'],
    ['mysql', ''],
    ['mariadb', '-v C:\\Users\\zukan\\data:/var/lib/mysql'],
    ['mariadb', ''],
  ])("Lock: %s %s can't start where its data lies on a share", (image, more) => {
    run('mkdir data -Force')
    run(`docker run -d --name db ${more} -e MYSQL_ROOT_PASSWORD=x ${image}; Start-Sleep 5`)
    expect(run('docker logs db 2>&1').stdout).toMatch(/Unable to lock \.\/ibdata1 error: 95/)
    expect(run("docker inspect --format '{{.State.ExitCode}}' db").stdout).toBe('1\n')
    run('docker rm -v db')
  })
  test.each([
    [
      'postgres',
      '/var/lib/postgresql/data',
      /could not change permissions of directory "\/var\/lib\/postgresql\/data"/,
    ],
    ['wordpress', '/var/www/html', /tar: \.\/index\.php: Cannot change mode to rw-r--r--: Permission denied/],
    ['rabbitmq', '/var/lib/rabbitmq', /Failed to change mode: eperm/],
    [
      'jenkins/jenkins',
      '/var/jenkins_home',
      /FileSystemException: \/var\/jenkins_home\/secrets: Operation not permitted/,
    ],
  ])("%s can't keep its data on a mapped folder", (image, at, message) => {
    const folder = `C:\\Users\\zukan\\${image.replace('/', '-')}`
    run(`mkdir ${folder}; docker run -d --name app -v ${folder}:${at} -e POSTGRES_PASSWORD=x ${image}; Start-Sleep 5`)
    expect(run('docker logs app 2>&1').stdout).toMatch(message)
    run('docker rm -f app')
  })
})
test.each([
  ['mysql', /ready for connections/],
  ['mariadb', /ready for connections/],
  ['postgres', /database system is ready to accept connections/],
  ['wordpress', /WordPress has been successfully copied/],
  ['rabbitmq', /Server startup complete/],
  ['jenkins/jenkins', /Jenkins is fully up and running/],
])('%s begins its work on a file system of Linux', (image, message) => {
  const s = openSession({ host: 'linux-server' })
  const r = s.execute([
    '/bin/sh',
    '-c',
    `mkdir data; docker run -d --name app -v ./data:/data -e POSTGRES_PASSWORD=x -e MYSQL_ROOT_PASSWORD=x ${image}; sleep 5; docker logs app 2>&1`,
  ])
  expect(r.stdout).toMatch(message)
})

describe("the Windows engine's volumes, ports and builds", () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  const iis = 'mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2025'
  beforeAll(() => {
    s = openSession({ host: 'windows-containers' })
    run('mkdir C:\\host; Set-Content C:\\host\\a.txt hello')
  })
  test.each(['process', 'hyperv'])('a folder and a volume are in the container (%s)', (isolation) => {
    const r = run(
      `docker run --rm --isolation=${isolation} -v C:\\host:C:\\in -v data:C:\\out ${nano('ltsc2025')} cmd /c "type C:\\in\\a.txt & echo ${isolation}>> C:\\out\\k.txt & type C:\\out\\k.txt"`,
    )
    expect(r.stdout).toBe(isolation === 'process' ? 'hello\nprocess\n' : 'hello\nprocess\nhyperv\n')
  })
  test("a volume lies in the daemon's folder, in Windows' spelling", () =>
    expect(run("docker volume inspect -f '{{.Mountpoint}}' data").stdout).toBe(
      'C:\\ProgramData\\docker\\volumes\\data\\_data\n',
    ))
  test.each([
    ['-v C:\\nope:C:\\in', 'bind source path does not exist: c:\\nope'],
    ['-v C:\\host:/in', "invalid mount path: '/in' mount path must be absolute"],
    ['--privileged', 'Windows does not support privileged mode'],
    ['--restart always', 'zukan: not emulated: --restart of the Windows engine'],
  ])('%s is refused', (option, message) =>
    expect(run(`docker run ${option} ${nano('ltsc2025')} cmd /c ver`)).toMatchObject({
      status: 125,
      stderr: expect.stringContaining(message),
    }))
  test('each container has an address of its own, and publishes ports', () => {
    run(
      `docker run -d --name web -p 8080:80 ${iis}; docker run -d --name vm -p 8081:80 --isolation=hyperv ${iis}; Start-Sleep 1`,
    )
    expect(
      run('curl.exe -s localhost:8080; curl.exe -s localhost:8081').stdout.match(/IIS Windows Server/g),
    ).toHaveLength(2)
    expect(run('curl.exe -s localhost:80').status).toBe(7)
    const address = (n: string) =>
      run(`docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' ${n}`).stdout.trim()
    expect(address('web')).not.toBe(address('vm'))
    expect(run('docker exec web ipconfig').stdout).toContain(address('web'))
    expect(run('(Get-Process w3wp).Count').stdout).toBe('1\n')
    expect(run(`docker run -d --name late -p 8080:80 ${iis}`).stderr).toMatch(/hnsCall failed in Win32/)
    run('docker stop web')
    expect(run('curl.exe -s localhost:8080').status).toBe(7)
    run('docker rm -f web vm late')
    expect(run('Get-ComputeProcess').stdout).toBe('')
  })
  const dockerfile = (...lines: readonly string[]) =>
    run(`mkdir app -Force | Out-Null; Set-Content app\\Dockerfile ${lines.map((l) => `'${l}'`).join(',')}`)
  test('docker build makes an image of Windows, a step a container', () => {
    run("mkdir app; Set-Content app\\hello.txt 'from the context'")
    dockerfile(
      `FROM ${nano('ltsc2025')}`,
      'ENV GREETING=hi',
      'WORKDIR C:\\\\app',
      'COPY hello.txt .',
      'RUN echo %GREETING%> built.txt',
      'CMD type hello.txt && type built.txt',
    )
    const first = run('docker build -t hello app').stdout
    expect(first).toMatch(/^Sending build context[^\n]*\nStep 1\/6 : FROM mcr[^\n]*\n ---> [0-9a-f]{12}\n/)
    expect(first).toMatch(/\n ---> Running in [0-9a-f]{12}\n ---> Removed intermediate container [0-9a-f]{12}\n/)
    expect(first).toMatch(/\nSuccessfully tagged hello:latest\n$/)
    expect(run('docker run --rm hello').stdout).toBe('from the context\nhi\n')
    expect(run('docker build app').stdout.match(/Using cache/g)).toHaveLength(5)
  })
  test.each([
    ['COPY nope.txt .', /COPY failed: file not found in build context/],
    ['RUN exit 3', /The command 'cmd \/S \/C exit 3' returned a non-zero code: 3/],
    ['HEALTHCHECK CMD ver', /zukan: not emulated: HEALTHCHECK on Windows/],
  ])('a build ends at %s', (line, message) => {
    dockerfile(`FROM ${nano('ltsc2025')}`, line)
    const r = run('docker build app')
    expect(r.status).toBe(1)
    expect(r.stderr + r.stdout).toMatch(message)
  })
})

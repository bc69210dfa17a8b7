import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

describe('Windows with WSL 2', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'windows-wsl2' })
  })
  test('a distribution runs from its first use on', () => {
    expect(run('wsl -l -v').stdout).toBe(
      '  NAME              STATE           VERSION\n* Ubuntu            Stopped         2\n  docker-desktop    Running         2\n',
    )
    run('wsl -d Ubuntu true')
    expect(run('wsl -l -v').stdout).toMatch(/^\* Ubuntu +Running +2$/m)
  })
  test('distributions and containers answer with one kernel', () => {
    const kernels = run(
      'wsl -d Ubuntu uname -r; wsl -d docker-desktop uname -r; docker run --rm alpine uname -r',
    ).stdout
    expect(new Set(kernels.trim().split('\n')).size).toBe(1)
    expect(kernels).toMatch(/microsoft-standard-WSL2/)
  })
  test('each distribution has process numbers and files of its own', () => {
    expect(run('wsl -d Ubuntu ps -eo args').stdout).not.toMatch(/dockerd/)
    expect(run('wsl -d docker-desktop ps -o args').stdout).toMatch(/^dockerd/m)
    expect(run('wsl -d Ubuntu cat /etc/os-release').stdout).toMatch(/^ID=ubuntu$/m)
  })
  test("Ubuntu's docker command reaches the same engine as that of Windows", () => {
    run('docker run -d --name shared alpine sleep 600')
    expect(run("wsl -d Ubuntu docker ps --format '{{.Names}}'").stdout).toBe('shared\n')
  })
  test('drive C: is at /mnt/c by 9p, and a command begins in the same folder', () => {
    expect(run('Set-Content a.txt hello; wsl cat a.txt').stdout).toBe('hello\n')
    expect(run('wsl mount').stdout).toMatch(/ on \/mnt\/c type 9p /)
  })
  test("the machine's memory is a process of Windows; no machine of a user's shows in Get-VM", () => {
    expect(run('(Get-Process vmmemWSL).Count').stdout).toBe('1\n')
    expect(run('Get-VM').stdout).toBe('')
  })
  test('what a program answers is what wsl answers', () => {
    expect(run("wsl sh -c 'exit 7'").status).toBe(7)
    expect(run('wsl nosuchprogram').status).toBe(127)
  })
  test('an unknown distribution is refused by its code', () =>
    expect(run('wsl -d Debian').stderr).toContain('Wsl/Service/WSL_E_DISTRO_NOT_FOUND'))
  test('--shutdown switches the machine off, and the containers with it', () => {
    run('wsl --shutdown')
    expect(run('wsl -l -v').stdout).not.toMatch(/Running/)
    expect([...s.world.allMachines()].some((m) => m.name === 'WSL')).toBe(false)
    expect(run('docker ps')).toMatchObject({
      status: 1,
      stderr:
        'failed to connect to the docker API at npipe:////./pipe/docker_engine; check if the path is correct and if the daemon is running: open //./pipe/docker_engine: The system cannot find the file specified.\n',
    })
  })
  test('the engine comes back when Docker Desktop is opened, and only then', () => {
    run('wsl -d Ubuntu true')
    expect(run('docker ps').status).toBe(1)
    run("& 'C:\\Program Files\\Docker\\Docker\\Docker Desktop.exe'")
    // Distributions keep their disks.
    expect(run('docker images -q alpine:3.22').stdout).not.toBe('')
    expect(run('docker run --rm alpine uname -r').stdout).toMatch(/microsoft-standard-WSL2/)
    expect(run('wsl -l -v').stdout).toMatch(/^ {2}docker-desktop +Running +2$/m)
  })
})

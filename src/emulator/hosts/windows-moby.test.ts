import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

/** Lines in the PowerShell of a fresh machine. */
const fresh = (lines: string) => {
  const s = openSession({ host: 'windows-moby' })
  return { ...s.execute(s.host.shell.script(lines)), session: s }
}

describe('Windows with the Moby VM', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'windows-moby' })
  })
  test('a container answers with the kernel of the machine, not with Windows', () => {
    const r = run('docker run --rm alpine uname -a')
    expect(r.stdout).toMatch(/^Linux [0-9a-f]{12} 6\.\d+\.\d+-linuxkit /)
    expect(r.status).toBe(0)
  })
  test('Get-VM shows the machine that runs dockerd', () =>
    expect(run('Get-VM').stdout).toMatch(/^DockerDesktopVM +Running +0 +2048 /m))
  test("the container's processes are not in Windows' list; the machine's worker is", () => {
    run('docker run -d --name web nginx')
    const names = run('Get-Process | Select-Object -ExpandProperty ProcessName').stdout.split('\n')
    expect(names).toContain('vmwp')
    expect(names).toContain('vmmem')
    expect(names).not.toContain('nginx')
    expect(names).not.toContain('dockerd')
    run('docker rm -f web')
  })
  test('the pipe and the hop into the machine are in the trace', () => {
    const from = s.world.trace.count
    run('docker ps')
    const events = s.world.trace.events(from).filter((e) => e.kind === 'api')
    expect(events.map((e) => [e.from.split(':')[2], e.what])).toEqual([
      ['docker.exe', 'GET /v1.55/containers/json'],
      ['com.docker.back', 'GET /v1.55/containers/json (hvsocket to DockerDesktopVM)'],
    ])
  })
  test('a published port answers on Windows', () =>
    expect(
      run('docker run -d --name port -p 8080:80 nginx | Out-Null; (Invoke-WebRequest http://localhost:8080).StatusCode')
        .stdout,
    ).toBe('200\n'))
  test('a folder of drive C: is the same in the container', () =>
    expect(
      run(
        "Set-Content note.txt 'from Windows'; docker run --rm -v ${PWD}:/w alpine sh -c 'cat /w/note.txt; echo from Linux > /w/back.txt'; Get-Content back.txt",
      ).stdout,
    ).toBe('from Windows\nfrom Linux\n'))
  test("'Switch to Windows containers' changes the daemon that the client talks to, and nothing else", () => {
    const os = "docker version --format '{{.Server.Os}}'"
    const menu = "& 'C:\\Program Files\\Docker\\Docker\\DockerCli.exe' -SwitchDaemon"
    run('docker run -d --name stays alpine sleep 600')
    expect(run(`${os}; ${menu}; ${os}`).stdout).toBe('linux\nwindows\n')
    expect(run('docker ps -q').stdout).toBe('')
    expect(run('docker run --rm alpine uname').stderr).toContain('no matching manifest for windows/amd64')
    // On a client of Windows each container gets a machine unless one says otherwise.
    run('docker run -d --name win mcr.microsoft.com/windows/nanoserver:ltsc2025 ping -t localhost')
    expect(run("docker inspect --format '{{.HostConfig.Isolation}}' win").stdout).toBe('hyperv\n')
    run('docker rm -f win')
    expect(run(`${menu}; docker ps --format '{{.Names}}'`).stdout).toContain('stays\n')
  })
  test('without the machine the client finds no pipe to talk to', () => {
    const r = fresh('Stop-Process -Name com.docker.backend; Start-Sleep 1; docker ps')
    expect(r.stderr).toMatch(/failed to connect to the docker API at npipe:\/\/\/\/\.\/pipe\/docker_engine/)
    expect(r.status).not.toBe(0)
  })
})

describe('PowerShell', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'windows-moby' })
  })
  test('passes objects, not text', () => {
    expect(
      run(
        '(Get-VM).Name; Get-VM | Where-Object State -eq Running | Measure-Object | Select-Object -ExpandProperty Count',
      ).stdout,
    ).toBe('DockerDesktopVM\n1\n')
    expect(run('Get-VM | Where-Object { $_.MemoryAssigned -gt 4GB }').stdout).toBe('')
  })
  test('sorts by number where a property is one', () => {
    const ids = run('Get-Process | Sort-Object Id -Descending | Select-Object -First 3 -ExpandProperty Id').stdout
    const n = ids.trim().split('\n').map(Number)
    expect(n).toEqual([...n].sort((a, b) => b - a))
    expect(n.every((x) => x % 4 === 0)).toBe(true)
  })
  test('knows variables, strings with values in them, and arithmetic', () =>
    expect(run('$n = 2 + 3 * 4; "n is $n, twice $($n * 2)"; \'$n\'; 1..3 | ForEach-Object { $_ * 10 }').stdout).toBe(
      'n is 14, twice 28\n$n\n10\n20\n30\n',
    ))
  test.each([
    [
      'uname -a',
      /^uname : The term 'uname' is not recognized as the name of a cmdlet, function, script file, or operable program\./,
    ],
    ['Get-Foo', /FullyQualifiedErrorId : CommandNotFoundException/],
    ['ps aux', /^ps : Cannot find a process with the name "aux"\./],
    ['Get-VM Nope', /^Get-VM : Hyper-V was unable to find a virtual machine with name "Nope"\./],
    ['Get-Process -Foo', /A parameter cannot be found that matches parameter name 'Foo'\./],
    ['Get-Content nothing.txt', /Cannot find path 'C:\\Users\\zukan\\nothing.txt' because it does not exist\./],
    ['docker ps && docker images', /The token '&&' is not a valid statement separator in this version\./],
  ])('%s is refused as by the real one', (line, message) => {
    const r = run(line)
    expect(r.stderr).toMatch(message)
    expect(r.status).toBe(1)
  })
  test('completes cmdlets whatever their capitals', () => {
    expect(s.complete('get-v')).toEqual(['Get-VM'])
    expect(s.complete('Set-L')).toEqual(['Set-Location'])
  })
  test('marks the command that failed', () =>
    expect(run('Get-VM | Out-Null; Get-Process nobody').stderr).toContain(
      'At line:1 char:20\n+ Get-VM | Out-Null; Get-Process nobody\n+                    ~~~~~~~~~~~~~~~~~~\n',
    ))
  test('cmd is there as well, with its own words for what it does not know', () => {
    expect(run('cmd /c ver').stdout).toMatch(/Microsoft Windows \[Version 10\.0\./)
    expect(run('cmd /c ls').stderr).toMatch(/^'ls' is not recognized as an internal or external command,/)
  })
  test('at a console it prompts with the folder and goes on after an error', () => {
    const tty = s.openTerminal()
    const settle = (): string => {
      for (let n = 0; n < 200; n++) {
        const state = s.world.run(2000)
        if (state.kind === 'idle' && tty.awaited) break
        if (state.kind === 'idle' && s.world.nextTimer !== undefined) s.world.advanceTo(s.world.nextTimer)
      }
      return new TextDecoder().decode(tty.takeOutput()).replace(/\r/g, '')
    }
    expect(settle()).toMatch(/PS C:\\Users\\zukan> $/)
    tty.type(new TextEncoder().encode('nonsense\ncd \\Windows\n'))
    expect(settle()).toMatch(/not recognized[\s\S]*PS C:\\Windows> $/)
  })
})

import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'

describe('Docker Desktop on a Mac', () => {
  let s: Session
  const run = (lines: string) => s.execute(s.host.shell.script(lines))
  beforeAll(() => {
    s = openSession({ host: 'mac-desktop' })
  })
  test("containers answer with the machine's arm64 Linux, the Mac with Darwin", () => {
    expect(run('uname -sm').stdout).toBe('Darwin arm64\n')
    expect(run('docker run --rm alpine uname -sm').stdout).toBe('Linux aarch64\n')
  })
  test('an amd64 image runs by emulation, on the same kernel', () => {
    expect(run('docker run --rm -q --platform linux/amd64 alpine uname -m').stdout).toBe('x86_64\n')
    const releases = run(
      'docker run --rm alpine uname -r; docker run --rm -q --platform linux/amd64 alpine uname -r',
    ).stdout
    expect(new Set(releases.trim().split('\n')).size).toBe(1)
  })
  test("the Mac's list of processes has one for the machine, none for the containers", () => {
    run('docker run -d --name web -p 8080:80 nginx')
    const ps = run('ps aux').stdout
    expect(ps).toMatch(/com\.apple\.Virtualization\.VirtualMachine/)
    expect(ps).not.toMatch(/nginx|dockerd|containerd/)
  })
  test('a published port answers on the Mac', () =>
    expect(run('curl -s localhost:8080 | grep -c Welcome').stdout).toBe('2\n'))
  test('a folder of the user is the same in a container, by virtiofs', () =>
    expect(
      run(
        'echo Mac > a; docker run --rm -v $PWD:/w alpine sh -c "cat /w/a; mount | grep -o virtiofs | head -1; echo Linux > /w/b"; cat b',
      ).stdout,
    ).toBe('Mac\nvirtiofs\nLinux\n'))
  test('an executable of Linux is none of macOS', () =>
    expect(run('docker run --rm -v $PWD:/w alpine cp /bin/busybox /w/busybox && ./busybox').status).toBe(126))
})

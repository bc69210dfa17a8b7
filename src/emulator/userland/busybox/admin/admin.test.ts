import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../../complete.ts'
import { partOf } from '../catalogue.ts'

let s: Session
beforeEach(() => {
  s = openSession()
})
const alpine = (script: string) => s.execute(['/usr/bin/docker', 'run', '--rm', 'alpine', 'sh', '-c', script])
const bb = (script: string) => s.execute(['/bin/sh', '-c', script])

describe('accounts', () => {
  test('a user gets a group, a home and a locked password', () => {
    const r = alpine(
      'adduser -D app; tail -n1 /etc/passwd /etc/group /etc/shadow; stat -c "%U:%G %a" /home/app; su app -c id',
    )
    expect(r.stdout).toContain('app:x:1000:1000:Linux User,,,:/home/app:/bin/sh\n')
    expect(r.stdout).toContain('\napp:x:1000:\n')
    expect(r.stdout).toMatch(/\napp:!:\d+:0:99999:7:::\n/)
    expect(r.stdout).toContain('app:app 2755\nuid=1000(app) gid=1000(app) groups=1000(app)\n')
  })
  test('a system user in a group of its own', () => {
    const r = alpine(
      'addgroup -S web && adduser -S -D -H -h /srv -G web www; tail -n1 /etc/passwd; tail -n1 /etc/group',
    )
    expect(r.stdout).toBe('www:x:100:101:Linux User,,,:/srv:/sbin/nologin\nweb:x:101:www\n')
  })
  test('what goes, goes everywhere', () =>
    expect(
      alpine('adduser -D a; addgroup b; addgroup a b; deluser a; grep -c "^a:\\|a$" /etc/passwd /etc/group').stdout,
    ).toBe('/etc/passwd:0\n/etc/group:0\n'))
  test.each([
    ['adduser -D root', "adduser: user 'root' in use\n"],
    ['addgroup bin', "addgroup: group 'bin' in use\n"],
    ['deluser nobodyx', 'deluser: unknown user nobodyx\n'],
    ['delgroup root', "delgroup: 'root' still has 'root' as their primary group!\n"],
    ['adduser -D -G nogrp x', 'adduser: unknown group nogrp\n'],
  ])('%s', (line, text) => expect(alpine(line)).toMatchObject({ status: 1, stderr: text }))
})
describe('settings', () => {
  test('sysctl reads and writes /proc/sys', () => {
    expect(
      bb('sysctl -n kernel.ostype; sysctl -w kernel.hostname=x; cat /proc/sys/kernel/hostname; sysctl nope').stdout,
    ).toBe('Linux\nkernel.hostname = x\nx\n')
    expect(bb('sysctl nope').stderr).toBe("sysctl: error: 'nope' is an unknown key\n")
  })
  test('ipcalc', () =>
    expect(bb('ipcalc -bnmp 192.168.1.10/26').stdout).toBe(
      'NETMASK=255.255.255.192\nBROADCAST=192.168.1.63\nNETWORK=192.168.1.0\nPREFIX=26\n',
    ))
  test('flock keeps others out', () =>
    expect(
      bb('flock /tmp/l sleep 5 & sleep 1; flock -n /tmp/l echo in; echo $?; wait; flock /tmp/l echo in').stdout,
    ).toBe('1\nin\n'))
})
describe('time', () => {
  test('the clock goes by what the program takes, and its status is kept', () => {
    const r = bb('time -f "%e %x %C" sh -c "sleep 2; exit 3"; echo $?')
    expect(r.stdout).toBe('3\n')
    expect(r.stderr).toBe('Command exited with non-zero status 3\n2.00 3 sh -c sleep 2; exit 3\n')
  })
})
describe('processes', () => {
  test('pgrep takes a regular expression, pkill a signal', () =>
    expect(
      bb(
        'sleep 50 & a=$!; sleep 60 & pgrep -x "sl.*p" | wc -l; pkill -f "sleep 5.$"; wait $a; pgrep -a sleep | cut -d" " -f2-',
      ).stdout,
    ).toBe('2\nsleep 60\n'))
  test('timeout ends with what it sent', () =>
    expect(bb('busybox timeout -s KILL 1 sleep 9; echo $?; busybox timeout 1 sleep 9; echo $?').stdout).toBe(
      '137\n143\n',
    ))
})
test('what Alpine links and nothing here runs says so and fails', () => {
  const r = alpine(
    'for d in /bin /sbin /usr/bin /usr/sbin; do for f in $d/*; do [ -L $f ] && echo ${f##*/}; done; done',
  )
  const names = r.stdout.split('\n').filter((n) => n !== '' && !partOf.has(n))
  const said = alpine(
    names
      .filter((n) => !/^(a?sh|\[\[?|cat|ls|mkdir|pwd|true|false|echo|printf|test|basename|dirname|busybox)$/.test(n))
      .map((n) => `${n} </dev/null || echo "${n} $?"`)
      .join('\n'),
  )
  expect(said.stderr.split('\n').filter((l) => l !== '' && !l.startsWith('zukan: not emulated: '))).toEqual([])
})
test('no arguments make them throw', () => {
  const names = [
    'adduser',
    'addgroup',
    'deluser',
    'delgroup',
    'sysctl',
    'ipcalc',
    'stty',
    'flock',
    'fuser',
    'mountpoint',
    'pstree',
    'pwdx',
    'pmap',
    'time',
    'nice',
    'renice',
    'pgrep',
    'pkill',
    'pidof',
    'killall',
    'timeout',
    'nohup',
    'cp',
    'mv',
    'rm',
    'ln',
    'df',
    'stat',
    'date',
  ]
  const word = fc.oneof(
    fc.constantFrom(
      '-a',
      '-n',
      '-S',
      '-D',
      '-s',
      '1',
      '-1',
      '0.1',
      '/proc',
      'nope',
      '-',
      '--',
      '10.0.0.1/8',
      'x=1',
      '%Y',
      '-d',
      '-f',
      '-c',
      '*',
    ),
    fc.string({ maxLength: 6 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(word, { maxLength: 4 }), (name, args) => {
      const r = s.execute(['/usr/bin/busybox', name, ...args.filter((a) => !a.includes('\0'))], { stdin: '' })
      return r.status >= 0 && r.status < 256 && r.status !== 139
    }),
    { numRuns: 150 },
  )
})

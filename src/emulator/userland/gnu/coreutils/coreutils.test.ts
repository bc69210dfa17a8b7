import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { openSession, type Session } from '../../../complete.ts'
import { coreutilsNames } from '../names.ts'

let s: Session
beforeEach(() => {
  s = openSession()
})
const sh = (script: string) => s.execute(['/bin/sh', '-c', `mkdir -p /tmp/g; cd /tmp/g; ${script}`])

// What coreutils 9 of Debian says (LANG=C.UTF-8).
test.each([
  ['ls nope', 2, "ls: cannot access 'nope': No such file or directory\n"],
  ['cat nope', 1, 'cat: nope: No such file or directory\n'],
  ['mkdir d; cat d', 1, 'cat: d: Is a directory\n'],
  ['rm nope', 1, "rm: cannot remove 'nope': No such file or directory\n"],
  ['mkdir d; rm d', 1, "rm: cannot remove 'd': Is a directory\n"],
  [
    'rm -rf /',
    1,
    "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n",
  ],
  ['rm', 1, "rm: missing operand\nTry 'rm --help' for more information.\n"],
  ['touch a; cp a', 1, "cp: missing destination file operand after 'a'\nTry 'cp --help' for more information.\n"],
  ['mkdir d; cp d e', 1, "cp: -r not specified; omitting directory 'd'\n"],
  ['mkdir d; cp -r d d/x', 1, "cp: cannot copy a directory, 'd', into itself, 'd/x'\n"],
  ['touch a b; cp a b c', 1, "cp: target 'c': No such file or directory\n"],
  ['mv nope x', 1, "mv: cannot stat 'nope': No such file or directory\n"],
  ['mkdir d; mv d d/x', 1, "mv: cannot move 'd' to a subdirectory of itself, 'd/x'\n"],
  ['mkdir d; mkdir d', 1, 'mkdir: cannot create directory ‘d’: File exists\n'],
  ['rmdir nope', 1, "rmdir: failed to remove 'nope': No such file or directory\n"],
  ['touch /nope/x', 1, "touch: cannot touch '/nope/x': No such file or directory\n"],
  ['touch a; ln -s a a', 1, "ln: failed to create symbolic link 'a': File exists\n"],
  ['ln nope x', 1, "ln: failed to access 'nope': No such file or directory\n"],
  ['touch a; chmod zzz a', 1, "chmod: invalid mode: ‘zzz’\nTry 'chmod --help' for more information.\n"],
  ['touch a; chown nobodyx a', 1, 'chown: invalid user: ‘nobodyx’\n'],
  ['head nope', 1, "head: cannot open 'nope' for reading: No such file or directory\n"],
  ['tail nope', 1, "tail: cannot open 'nope' for reading: No such file or directory\n"],
  ['sort nope', 2, 'sort: cannot read: nope: No such file or directory\n'],
  ['date -d x', 1, 'date: invalid date ‘x’\n'],
  ['stat nope', 1, "stat: cannot statx 'nope': No such file or directory\n"],
  ['id nope', 1, 'id: ‘nope’: no such user\n'],
  ['env nope', 127, 'env: ‘nope’: No such file or directory\n'],
  ['sleep x', 1, "sleep: invalid time interval ‘x’\nTry 'sleep --help' for more information.\n"],
  ['ls -z', 2, "ls: invalid option -- 'z'\nTry 'ls --help' for more information.\n"],
])('%s', (line, status, text) => expect(sh(line)).toMatchObject({ status, stderr: text }))

test('ls -l is as wide as it needs to be', () =>
  expect(sh('mkdir d; printf 12345678901 > file; ls -l | cut -d" " -f1-5').stdout).toBe(
    'total 8\ndrwxr-xr-x 2 root root 4096\n-rw-r--r-- 1 root root \n',
  ))
test('ls fills the columns of a line', () =>
  expect(sh('touch a b c ddd e; ls -C -w 12').stdout).toBe('a  c    e\nb  ddd\n'))
test('wc has columns as wide as the largest figure', () =>
  expect(sh('printf "a b\\nc\\n" > f; : > g; wc f; wc f g; wc -l f; wc -l < f; printf x | wc').stdout).toBe(
    '2 3 6 f\n2 3 6 f\n0 0 0 g\n2 3 6 total\n2 f\n2\n      0       1       1\n',
  ))
test('df and du in units of their own', () => {
  expect(sh('df -h /').stdout).toMatch(
    /^Filesystem {6}Size {2}Used Avail Use% Mounted on\n\/dev\/sda1 {8}40G +\S+ +40G +1% \/\n$/,
  )
  expect(sh('dd if=/dev/zero of=f bs=1k count=20 2>/dev/null; du -h f').stdout).toBe('20K\tf\n')
})
test('the system is GNU/Linux, and every program says who it is', () => {
  expect(sh('uname -o').stdout).toBe('GNU/Linux\n')
  for (const name of coreutilsNames)
    expect(sh(`${name} --version | head -n1`).stdout).toBe(`${name} (GNU coreutils) 9.7\n`)
})
test('no arguments make them throw', () => {
  const word = fc.oneof(
    fc.constantFrom(
      '-l',
      '-a',
      '-R',
      '-h',
      '-n',
      '-c',
      '-w',
      '-1',
      '3',
      '/proc',
      '/etc/passwd',
      'nope',
      '--',
      '-C',
      '-s',
      '%Y',
      '-t',
      '-T',
      'é',
    ),
    fc.string({ maxLength: 5 }),
  )
  const names = coreutilsNames.filter((n) => n !== 'env' && n !== 'sleep')
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(word, { maxLength: 3 }), (name, args) => {
      const r = s.execute([`/usr/bin/${name}`, ...args.filter((a) => !a.includes('\0'))], { stdin: '' })
      return r.status !== 139 && r.status < 256
    }),
    { numRuns: 120 },
  )
})

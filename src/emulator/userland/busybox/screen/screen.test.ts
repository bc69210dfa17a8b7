import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../../complete.ts'

let s: Session
let tty: ReturnType<Session['openTerminal']>
beforeEach(() => {
  s = openSession()
  tty = s.openTerminal({ rows: 8, columns: 40 })
  settle()
})
const encoder = new TextEncoder()
/** Lets programs run until they wait for a key; answers what they wrote. */
function settle(): string {
  for (let n = 0; n < 300; n++) {
    const state = s.world.run(4000)
    if (state.kind === 'idle' && tty.awaited) {
      // A key may be awaited for a while only: an ESC alone is told by the clock.
      s.world.advanceTo(s.world.clock.now + 100e6)
      if (s.world.run(4000).kind === 'idle' && tty.awaited) break
    } else if (state.kind === 'idle' && s.world.nextTimer !== undefined) s.world.advanceTo(s.world.nextTimer)
  }
  return new TextDecoder().decode(tty.takeOutput())
}
function type(keys: string): string {
  tty.type(encoder.encode(keys))
  return settle()
}
/** The rows of the last picture drawn, without control sequences. */
const rows = (output: string): string[] =>
  (output.split('\x1b[H').at(-1) ?? '')
    .replace(/\x1b\[[\d;?]*[a-zA-Z]/g, '')
    .replace(/\r/g, '')
    .split('\n')
const file = (): string => s.execute(['/bin/cat', '/root/f']).stdout

describe('vi', () => {
  const edit = (text: string, keys: string): string => {
    s.putFiles('/root', { f: text })
    type('vi /root/f\n')
    for (const part of keys.split(/(?<=\x1b)/)) type(part)
    type(':wq\r')
    return file()
  }
  test.each([
    ['typing', '', 'ihello\rworld\x1b', 'hello\nworld\n'],
    ['append, open, insert at both ends', 'b\n', 'ac\x1bIa\x1bod\x1bOx\x1b', 'abc\nx\nd\n'],
    ['delete and put lines', 'a\nb\nc\n', 'ddp', 'b\na\nc\n'],
    ['a count', 'a\nb\nc\nd\n', '2ddjp', 'c\nd\na\nb\n'],
    ['words', 'one two three\n', 'wdw', 'one three\n'],
    ['the last word', 'one two\n', 'wdw', 'one \n'],
    ['change a word', 'one two\n', 'cwsix\x1b', 'six two\n'],
    ['to the end of the line', 'one two\n', 'wD', 'one \n'],
    ['characters', 'abc\n', 'xp', 'bac\n'],
    ['replace, case, join', 'abc\ndef\n', 'rXl~J', 'XBc def\n'],
    ['undo', 'abc\n', 'xxu', 'bc\n'],
    ['the dot', 'a\nb\nc\n', 'A;\x1bj.j.', 'a;\nb;\nc;\n'],
    ['yank into a register', 'a\nb\n', '"qyyj"qp', 'a\nb\na\n'],
    ['search', 'one\ntwo\nthree\n', '/th\rx', 'one\ntwo\nhree\n'],
    ['find in the line', 'a(b)c\n', 'f(%x', 'a(bc\n'],
    ['inside: up to a character', 'key: value\n', 'dt:', ': value\n'],
    ['substitute', 'aa\nba\n', ':%s/a/x/g\r', 'xx\nbx\n'],
    ['substitute with the match', 'port 80\n', ':s/[0-9][0-9]*/<&>/\r', 'port <80>\n'],
    ['a range', '1\n2\n3\n4\n', ':2,3d\r', '1\n4\n'],
    ['shift', 'a\n', '>>', '\ta\n'],
    ['go to a line', '1\n2\n3\n', '2Gx', '1\n\n3\n'],
    ['backspace over a line end', 'a\nb\n', 'ji\x7f\x1b', 'ab\n'],
    ['Japanese', '', 'iコンテナ\x1bx', 'コンテ\n'],
  ])('%s', (_, text, keys, made) => expect(edit(text, keys)).toBe(made))
  test('shows the text, tildes below it, and what it opened', () => {
    s.putFiles('/root', { f: 'one\ntwo\n' })
    expect(rows(type('vi f\n')).slice(0, 8)).toEqual(['one', 'two', '~', '~', '~', '~', '~', "'f' 2L, 8C"])
  })
  test('says that a file is new, and where one is in it', () => {
    expect(type('vi new\n')).toContain("'new' [New file]")
    expect(rows(type('ix\x1b')).at(-1)).toBe('- new [Modified] 1/1 100%')
  })
  test('does not leave with changes, unless told to', () => {
    s.putFiles('/root', { f: 'a\n' })
    type('vi f\nx')
    expect(type(':q\r')).toContain('No write since last change')
    expect(type(':q!\r')).toContain('# ')
    expect(file()).toBe('a\n')
  })
  test('without a terminal it reads its keys from standard input', () =>
    expect(s.execute(['/bin/sh', '-c', 'printf "ihi\\033:wq\\n" | vi g >/dev/null; cat g']).stdout).toBe('hi\n'))
  test('any keys: nothing throws, and :q! ends it', () => {
    const keys = fc.constantFrom(
      ...'h j k l w b e W B E 0 $ ^ G gg x X dd dw d$ yy yw p P J o O i I a A r R cw cc C D s S u . ~ % { } H M L f; t, n N /a\r ?b\r :s/a/b/g\r :%d\r :2\r :x! "ayy "aP ma \'a >> << z. zz \x06 \x02 \x04 \x15 \x1b \x1b[A \x1b[D 3 12 ! @ # é 漢 \t \r \x7f'.split(
        ' ',
      ),
    )
    s.putFiles('/root', { f: 'a b\n(c) {d}\n\n\té漢\n' })
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 25 }), (list) => {
        type('vi f\n')
        type(list.join(''))
        type('\x1b')
        type('\x1b')
        type(':q!\r')
        return type('echo o\\k\n').includes('ok')
      }),
      { numRuns: 25 },
    )
  })
})

describe('less', () => {
  const text = Array.from({ length: 30 }, (_, i) => `line ${i + 1}\n`).join('')
  test('screen by screen, and to the end', () => {
    s.putFiles('/root', { f: text })
    expect(rows(type('less f\n'))).toEqual([...Array.from({ length: 7 }, (_, i) => `line ${i + 1}`), 'f'])
    expect(rows(type(' '))[0]).toBe('line 8')
    expect(rows(type('k'))[0]).toBe('line 7')
    expect(rows(type('G')).slice(-2)).toEqual(['line 30', '(END)'])
    expect(rows(type('g'))[0]).toBe('line 1')
    expect(rows(type('/e 2[05]\r'))[0]).toBe('line 20')
    expect(rows(type('n'))[0]).toBe('line 24')
    expect(type('q')).toContain('# ')
  })
  test('of a pipe, keys come from the terminal', () => {
    expect(rows(type('seq 50 | less -N\n'))[0]).toBe('      1 1')
    expect(type('q')).toContain('# ')
  })
  test('where its output is no terminal it is cat', () =>
    expect(s.execute(['/bin/sh', '-c', 'seq 3 | less | tail -1; less nope']).stdout).toBe('3\n'))
  test('more asks after a screen', () => {
    expect(type('seq 20 | more\n')).toContain('--More-- ')
    expect(type('q')).toContain('# ')
  })
})

describe('top and watch', () => {
  test('top in batches', () => {
    const r = s.execute(['/usr/bin/busybox', 'top', '-b', '-n', '1']).stdout.split('\n')
    expect(r[0]).toMatch(/^Mem: \d+K used, \d+K free, \d+K shrd, \d+K buff, \d+K cached$/)
    expect(r[3]).toBe('  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND')
    expect(r.slice(4).join('\n')).toMatch(/^ +1 +0 root {5}S /m)
  })
  test('watch renews the output until it is interrupted', () => {
    tty.type(encoder.encode('watch -n 1 echo hi\n'))
    for (let n = 0; n < 3000 && s.world.clock.now < 60e9; n++)
      if (s.world.run(200).kind === 'idle' && s.world.nextTimer !== undefined) s.world.advanceTo(s.world.nextTimer)
    const out = new TextDecoder().decode(tty.takeOutput())
    expect(out.split('\x1b[H\x1b[J').length).toBeGreaterThan(3)
    expect(out).toMatch(/Every 1\.0s: echo hi +.*\r\n\r\nhi/)
    expect(type('\x03')).toContain('# ')
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../complete.ts'
import { evaluate } from './arith.ts'
import type { Node, Word } from './ast.ts'
import { SyntaxProblem } from './lexer.ts'
import { ScriptReader } from './parser.ts'
import { fromBytes, length, slice, toBytes } from './text.ts'

const run = (script: string, o: { readonly stdin?: string; readonly steps?: number } = {}) =>
  openSession().execute(['/bin/busybox', 'sh', '-c', script], o)
const parse = (text: string): Node | SyntaxProblem | undefined => new ScriptReader(text, new Map()).next()
const wordsOf = (text: string): readonly Word[] => (parse(text) as Extract<Node, { kind: 'simple' }>).words

describe('text', () => {
  test('no byte is lost', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...toBytes(fromBytes(bytes))]).toEqual([...bytes])
      }),
    )
  })
  test('valid text is itself, counted in characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromBytes(toBytes(text))).toBe(text)
        expect(length(text)).toBe([...text].length)
        expect(slice(text, 0, 1) + slice(text, 1)).toBe(text)
      }),
    )
  })
})

describe('the parser', () => {
  test('a backslash with its newline is no character', () => {
    expect(parse('a &\\\n& b')).toMatchObject({ kind: 'and' })
    expect(wordsOf('echo $\\\n{x\\\ny}')[1]).toEqual([
      { kind: 'param', name: 'xy', op: '', word: undefined, quoted: false },
    ])
  })
  test.each([
    [')', 'unexpected ")"'],
    ['if true; then', 'unexpected end of file (expecting "fi")'],
    ['for x in a; echo', 'unexpected word (expecting "do")'],
    ['echo "a', 'unterminated quoted string'],
    ['a | | b', 'unexpected "|"'],
    ['echo <', 'unexpected end of file'],
    ['f-x() { :; }', 'bad function name'],
  ])('%s', (text, message) => {
    const problem = parse(text)
    expect(problem).toBeInstanceOf(SyntaxProblem)
    expect((problem as SyntaxProblem).message).toBe(message)
  })
  test('any text ends in a tree or a mistake', () => {
    const pieces = fc.constantFrom(
      ...'if then fi while do done case in esac { } ( ) ; ;; & && | || < >> << <<- \n \\\n $ ${ $( $(( )) ` " \' # a b=c 2 * ! [[ ]]'.split(
        ' ',
      ),
      ' ',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
        const reader = new ScriptReader(
          list.join(''),
          new Map([
            ['a', 'b '],
            ['b', 'a x'],
          ]),
        )
        for (let i = 0; i < 100; i++) {
          const node = reader.next()
          if (node === undefined || node instanceof SyntaxProblem) return
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('arithmetic', () => {
  const scope = new Map([['x', '7']])
  const value = (text: string): bigint =>
    evaluate(text, { get: (n) => scope.get(n) ?? '', set: (n, v) => scope.set(n, v) })
  test.each([
    ['1+2*3', 7n],
    ['-7/2', -3n],
    ['-7%2', -1n],
    ['1<<62<<1', -9223372036854775808n],
    ['x==7?x:0', 7n],
    ['0x1f|010', 31n],
    ['2**10', 1024n],
  ])('%s', (text, n) => expect(value(text)).toBe(n))
})

describe('messages', () => {
  test.each([
    ['nosuch', 'sh: nosuch: not found\n', 127],
    ['cd /nosuch', "sh: cd: line 0: can't cd to /nosuch: No such file or directory\n", 2],
    ['echo ${&}', 'sh: syntax error: bad substitution\n', 2],
    ['true\nshift -1', 'sh: shift: line 1: Illegal number: -1\n', 2],
    ['eval "\n)"', 'sh: eval: line 1: syntax error: unexpected ")"\n', 2],
    ['printf ")\\n" >f; . ./f', 'sh: ./f: line 1: syntax error: unexpected ")"\n', 2],
    ['readonly a; a=1', 'sh: a: is read only\n', 2],
  ])('%j', (script, stderr, status) => expect(run(script)).toMatchObject({ stderr, status }))
})

describe('jobs and signals', () => {
  test.each([
    ['(exit 3) & wait -n; echo $?; wait; wait -n; echo $?', '3\n0\n', ''],
    ['sleep 9 & kill $!; wait $!; echo $?', '143\n', 'Terminated\n'],
    ["sh -c 'kill -9 $$' | true; echo $?", '0\n', 'Killed\n'],
    ['kill -QUIT $$; echo alive', 'alive\n', ''],
    ["trap 'echo child' CHLD; /bin/true; echo end", 'child\nend\n', ''],
    ["trap '' INT; sh -c \"trap 'echo no' INT; kill -INT \\$\\$; echo kept\"", 'kept\n', ''],
    ['sleep 1 | sleep 2 & jobs -p | wc -l; ps -o args | grep -c "^sleep"', '1\n2\n', ''],
    ['env -i Z=1 HOME=/ A=2 busybox sh -c "cd /tmp; env"', 'SHLVL=1\nHOME=/\nOLDPWD=', ''],
  ])('%s', (script, stdout, stderr) => {
    const r = run(script)
    expect(r.stderr).toBe(stderr)
    expect(r.stdout.slice(0, stdout.length)).toBe(stdout)
  })
})

describe('other shells of the family', () => {
  const dash = (script: string) => openSession().execute(['/bin/sh', '-c', script])
  const bash = (script: string) => openSession().execute(['/bin/bash', '-c', script])
  test.each([
    ['nosuch', 'sh: 1: nosuch: not found\n', 127],
    ['\ncd /nosuch', "sh: 2: cd: can't cd to /nosuch\n", 2],
    ['echo )', 'sh: 1: Syntax error: ")" unexpected\n', 2],
    ['[ a == a ]', 'sh: 1: [: a: unexpected operator\n', 2],
    ['echo $((1 2))', 'sh: 1: arithmetic expression: expecting EOF: "1 2"\n', 2],
    ['set -o pipefail', 'sh: 1: set: Illegal option -o pipefail\n', 2],
    ['x=abc; echo ${x:1}', 'sh: 1: Bad substitution\n', 2],
    ['echo a > /nosuch/x', 'sh: 1: cannot create /nosuch/x: Directory nonexistent\n', 2],
    ['f() { local a; echo $a; }; a=1; f; echo "x\\ty"; echo {a,b}', '', 0],
  ])('dash: %j', (script, stderr, status) => expect(dash(script)).toMatchObject({ stderr, status }))
  test('dash reads escapes in echo, keeps outer values in local, and knows no braces', () =>
    expect(dash('f() { local a; echo $a; }; a=1; f; echo "x\\ty"; echo {a,b}').stdout).toBe('1\nx\ty\n{a,b}\n'))
  test.each([
    ['nosuch', 'bash: line 1: nosuch: command not found\n', 127],
    ['cd /nosuch', 'bash: line 1: cd: /nosuch: No such file or directory\n', 2],
    ['echo )', "bash: -c: line 1: syntax error near unexpected token `)'\n", 2],
    ['a=(1 2)', 'zukan: not emulated: arrays\n', 2],
  ])('bash: %j', (script, stderr, status) => expect(bash(script)).toMatchObject({ stderr, status }))
  test('bash expands braces', () =>
    expect(bash('echo {a,b}{1,2} {1..3} {c..a} {08..10} x{a,"b c"}y {a} "{a,b}"').stdout).toBe(
      'a1 a2 b1 b2 1 2 3 c b a 08 09 10 xay xb cy {a} {a,b}\n',
    ))
})

describe('expansion', () => {
  test.each([
    ['x=日本語; echo ${#x} ${x#?} ${x:1:1}', '3 本語 本\n'],
    ['x=$(printf "\\377a"); printf %s "$x" | wc -c', '2\n'],
    ['set -- "a b" c; for i in "$@"; do echo "<$i>"; done', '<a b>\n<c>\n'],
    ['IFS=:; x=a::b; set -- $x; echo $#', '3\n'],
    ['x=/a/b; echo ${x##*/} ${x%/*} ${x////-}', 'b /a -a-b\n'],
    ['cat <<E\n${a=set}\nE\necho $a', 'set\nset\n'],
    ['false; a=$?; echo $a', '1\n'],
    ['a=1; b=$a c=$b sh -c "echo $b:$c"', ':\n'],
  ])('%s', (script, stdout) => expect(run(script).stdout).toBe(stdout))
})

test('a loop of builtins lets time pass', () => {
  const r = run('trap "echo over; exit" USR1; (sleep 1; kill -USR1 $$) & while continue; do :; done')
  expect(r.stdout).toBe('over\n')
})
test('exit in a trap answers the status from before', () => {
  expect(run('trap "false; exit" TERM; kill $$; exit 5').status).toBe(0)
  expect(run("(exit 3); trap 'false; exit' EXIT; (exit 4)").status).toBe(4)
})

test('no script text throws or runs past its budget', { timeout: 60_000 }, () => {
  const word = fc.constantFrom(
    'echo',
    'cat',
    'x=1',
    '$x',
    '"$@"',
    '${x:-y}',
    '${x',
    '$((',
    '))',
    '$(',
    ')',
    '`',
    '"',
    "'",
    ';',
    '&',
    '|',
    '&&',
    '>f',
    '<f',
    '<<E',
    '\n',
    'if',
    'then',
    'fi',
    'while',
    'do',
    'done',
    'case',
    'in',
    'esac',
    'trap',
    'exit',
    'read',
    'set -e',
    'f()',
    '{',
    '}',
    'f',
    'eval',
    '.',
    'wait',
    'local',
    'exec',
    'break',
    '[[',
    ']]',
    '*',
    '~',
    '\\',
    'é',
    'alias a=b',
  ) // prettier-ignore
  const session = openSession()
  fc.assert(
    fc.property(fc.array(word, { maxLength: 14 }), (words) => {
      const r = session.execute(['/bin/sh', '-c', words.join(' ')], { steps: 20_000 })
      expect(r.status).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 150 },
  )
  expect(session.execute(['/bin/sh', '-c', 'echo ok']).stdout).toBe('ok\n')
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { execute, parseTemplate } from './execute.ts'

const data = {
  Name: 'web',
  On: true,
  Port: 80,
  Empty: '',
  Args: ['a', 'b', 'c'],
  State: { Status: 'up', Pid: 7 },
  None: null,
}
const run = (source: string): string => {
  const parsed = parseTemplate(source)
  if ('error' in parsed) return `! ${parsed.error}`
  const out = execute(parsed, data)
  return typeof out === 'string' ? out : `! ${out.error}`
}

describe('what templates print, as Go prints it', () => {
  test.each([
    ['{{.Name}} {{.State.Pid}} {{.None}}', 'web 7 <no value>'],
    ['a {{- " b " -}} c', 'a b c'],
    ['{{/* nothing */}}x{{- /* here */ -}} y', 'xy'],
    ['{{range .Args}}{{.}},{{end}}', 'a,b,c,'],
    ['{{range $i, $x := .Args}}{{$i}}={{$x}} {{end}}', '0=a 1=b 2=c '],
    ['{{range .Args}}{{if eq . "b"}}{{continue}}{{end}}{{.}}{{end}}', 'ac'],
    ['{{range .Args}}{{.}}{{if eq . "b"}}{{break}}{{end}}{{end}}', 'ab'],
    ['{{range .None}}x{{else}}none{{end}}', 'none'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range .Args}}{{range $.Args}}{{.}}{{end}};{{end}}', 'abc;abc;abc;'],
    ['{{$n := 0}}{{range .Args}}{{$n = .}}{{end}}{{$n}}', 'c'],
    [
      '{{with .State}}{{.Status}} {{$.Name}}{{end}}{{with .Empty}}x{{else with .Name}}{{.}}{{else}}y{{end}}',
      'up webweb',
    ],
    ['{{if .Empty}}a{{else if .On}}b{{else}}c{{end}}', 'b'],
    ['{{define "T"}}[{{.}}]{{end}}{{template "T" .Name}}{{template "T" .Port}}', '[web][80]'],
    ['{{block "B" .State}}{{.Pid}}{{end}}', '7'],
    ['{{and false (index .Args 9)}} {{or "x" (index .Args 9)}}', 'false x'],
    ['{{.Name | upper | printf "%s-%d" | len}}', '16'],
    ['{{printf "%05d|%-4s|%x|%q|%v|%t" 42 "a" "hi" "q" .Args true}}', '00042|a   |6869|"q"|[a b c]|true'],
    ['{{printf "%d %s %z" "x" 1}}', '%!d(string=x) %!s(int=1) %!z(MISSING)'],
    ['{{(index .Args 0) | printf "%s%s" .Name}} {{(.State).Pid}}', 'weba 7'],
    [
      '{{slice .Name 1}} {{join (split "a,b" ",") "-"}} {{title "hello you"}} {{json .State}}',
      'eb a-b Hello You {"Status":"up","Pid":7}',
    ],
  ])('%s', (source, wanted) => expect(run(source)).toBe(wanted))
})
describe('what is wrong with a template, and where', () => {
  test.each([
    ['{{', 'template: :1: unclosed action'],
    ['{{.', 'template: :1: unclosed action'],
    ['{{.}', "template: :1: bad character U+007D '}'"],
    ['{{"x}}', 'template: :1: unterminated quoted string'],
    ['{{(1}}', 'template: :1: unclosed left paren'],
    ['{{1)}}', 'template: :1: unexpected right paren'],
    ['{{/* x', 'template: :1: unclosed comment'],
    ['{{if}}x{{end}}', 'template: :1: missing value for if'],
    ['{{end}}', 'template: :1: unexpected {{end}}'],
    ['{{range .Args}}', 'template: :1: unexpected EOF'],
    ['{{if .On}}{{else}}{{else}}{{end}}', 'template: :1: expected end; found {{else}}'],
    ['{{break}}', 'template: :1: {{break}} outside {{range}}'],
    ['{{nosuch}}', 'template: :1: function "nosuch" not defined'],
    ['{{$x}}', 'template: :1: undefined variable "$x"'],
    ['{{range $a, $b, $c := .Args}}{{end}}', 'template: :1: too many declarations in range'],
    ['{{.Name | 3}}', 'template: :1: non executable command in pipeline stage 2'],
    ['{{"a".Name}}', 'template: :1: unexpected . after term "\\"a\\""'],
    ['x\ny {{1.2.3}}', 'template: :2: unexpected ".3" in operand'],
    ['{{template x}}', 'template: :1: unexpected "x" in template clause'],
    ['{{template "no"}}', 'template: :1:11: executing "" at <{{template "no"}}>: template "no" not defined'],
    ['a\n{{.Nope}}', 'template: :2:2: executing "" at <.Nope>: map has no entry for key "Nope"'],
    [
      '{{define "T"}}{{.x}}{{end}}{{template "T" .State}}',
      'template: :1:16: executing "T" at <.x>: map has no entry for key "x"',
    ],
    [
      '{{index .Args 9}}',
      'template: :1:2: executing "" at <index .Args 9>: error calling index: index out of range: 9',
    ],
    [
      '{{call .Name}}',
      'template: :1:2: executing "" at <call .Name>: error calling call: non-function .Name of type string',
    ],
    ['{{.Name "x"}}', 'template: :1:2: executing "" at <.Name>: can\'t give argument to non-function .Name'],
    [
      '{{define "T"}}{{template "T"}}{{end}}{{template "T"}}',
      'template: :1:25: executing "T" at <{{template "T"}}>: exceeded maximum template depth (1000)',
    ],
  ])('%s', (source, wanted) => expect(run(source)).toBe(`! ${wanted}`))
})
test('any text is carried out, or complained of with its place', () => {
  const piece = fc.constantFrom(
    ...'{{ }} {{- -}} range end else if with define block template break continue .Args .Name . $ $x := = | ( ) "T" 1 -2 printf "%d" index len /* */ \n'.split(
      ' ',
    ),
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((p) => p.join(' ')),
  )
  fc.assert(
    fc.property(text, (source) => {
      const out = run(source)
      return !out.startsWith('! ') || /^! template: :\d+/.test(out)
    }),
    { numRuns: 500 },
  )
})

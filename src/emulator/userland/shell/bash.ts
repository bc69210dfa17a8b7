/** bash(1) as far as ash's ways reach: its words. What ash can't do at all (arrays, coprocesses) says that it isn't emulated. */
import type { Run } from '../../kernel/linux/abi.ts'
import { expandBraces } from './braces.ts'
import type { Dialect } from './dialect.ts'
import type { ShellState } from './state.ts'

/** ash's words, and bash's for the same. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^syntax error: unexpected end of file.*/, 'syntax error: unexpected end of file'],
  [/^syntax error: unexpected "(.*?)"( \(expecting .*\))?$/, "syntax error near unexpected token `$1'"],
  [/^syntax error: unexpected newline.*/, "syntax error near unexpected token `newline'"],
  [/^syntax error: unterminated quoted string/, 'unexpected EOF while looking for matching quote'],
  [/^arithmetic syntax error$/, 'syntax error: operand expected'],
  [/^invalid number '(.*)'$/, '$1: invalid number'],
  [/^(.*): unknown operand$/, '$1: binary operator expected'],
  [/^No current job$/, 'current: no such job'],
  [/^syntax error: bad substitution/, 'bad substitution'],
  [/^can't create (.*): nonexistent directory$/, '$1: No such file or directory'],
  [/^can't create (.*): File exists$/, '$1: cannot overwrite existing file'],
  [/^can't (?:create|open) '?(.*?)'?: no such file$/i, '$1: No such file or directory'],
  [/^can't (?:create|open) '?(.*?)'?: (.*)$/, '$1: $2'],
  [/^can't fork: (.*)$/, 'fork: $1'],
  [/^can't cd to (.*)$/, '$1'],
  [/^(\S+): parameter not set$/, '$1: unbound variable'],
  [/^(\S+): is read only$/, '$1: readonly variable'],
  [/^(.*\/.*): not found$/, '$1: No such file or directory'],
  [/^(.*): not found$/, '$1: command not found'],
  [/^illegal option (-\S)$/, '$1: invalid option'],
  [/^illegal option -o (\S+)$/, '$1: invalid option name'],
  [/^Illegal number: (.*)$/, '$1: numeric argument required'],
  [/^not in a function$/, 'can only be used in a function'],
  [/^(.*): bad variable name$/, "`$1': not a valid identifier"],
  [/^(.*): bad number$/, '$1: integer expression expected'],
  [/^missing \]$/, "missing `]'"],
  [/^can't kill pid (.*): (.*)$/, '($1) - $2'],
  [/^divide by zero$/, 'division by 0'],
]

/** What bash's grammar has beyond ash's. */
const grammar: readonly (readonly [RegExp, string])[] = [
  [/<<</, 'here-strings'],
  [/[<>]\(/, 'process substitution'],
  [/[A-Za-z_]\w*\+?=\(/, 'arrays'],
  [/\bfor\s*\(\(/, 'for ((...))'],
  [/\b(select|coproc)\b/, 'select and coproc'],
]

export const bash: Dialect = {
  *complaint(s: ShellState, message: string, line: number): Run<string> {
    const [pattern, to] = words.find(([re]) => re.test(message)) ?? []
    const text = pattern && to !== undefined ? message.replace(pattern, to) : message
    const syntax = message.startsWith('syntax error') && s.options.has('c') ? '-c: ' : ''
    const where = ((s.interactive || s.login) && s.sourced === 0) || line === 0 ? '' : `${syntax}line ${line}: `
    const command = s.command !== undefined && s.command !== s.name ? `${s.command}: ` : ''
    return `${s.login ? '-' : ''}${s.name}: ${where}${command}${text}\n`
  },
  builtins: new Map(),
  braces: expandBraces,
  missing: (text) => grammar.find(([pattern]) => pattern.test(text))?.[1],
  grammar: 'bash',
  posix: false,
  redirectStatus: 1,
  counts: true,
}

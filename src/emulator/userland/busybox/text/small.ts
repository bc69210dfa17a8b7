/** Small programs over words: echo, printf, test, basename, dirname, expr, xargs, od-like dumps, checksums. */

import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { hex } from '../../../base/bytes.ts'
import { isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { fromWord, toWord } from '../../lib/argument.ts'
import { binary, print, readAll, unbinary, warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { expandEscapes, formatPrintf } from '../../lib/printf.ts'
import { compileRegex } from '../../lib/regex.ts'
import { evalTest } from '../../lib/test.ts'
import type { Applet } from '../../program.ts'
import { eachFile } from './filters.ts'

const constant = (name: string, code: ExitCode): Applet => ({
  name,
  usage: '',
  *run() {
    return code
  },
})
const echo: Applet = {
  name: 'echo',
  usage: '[-neE] [ARG]...',
  *run(sys, argv) {
    let i = 1
    let newline = true
    let escapes = false
    for (; i < argv.length && /^-[neE]+$/.test(argv[i] as string); i++)
      for (const c of (argv[i] as string).slice(1))
        if (c === 'n') newline = false
        else escapes = c === 'e'
    const text = argv.slice(i).join(' ')
    const u = escapes ? expandEscapes(text, true) : { text, stop: false }
    yield* print(sys, u.text + (newline && !u.stop ? '\n' : ''))
    return 0
  },
}
const printf: Applet = {
  name: 'printf',
  usage: 'FORMAT [ARG]...',
  help: 'Format and print ARG(s) according to FORMAT (a-la C printf)',
  *run(sys, argv) {
    const o = yield* getopt(sys, printf, argv.slice(0, 2), '+')
    if (typeof o === 'number') return o
    const { output, errors } = formatPrintf(argv[1] ?? '', argv.slice(2))
    yield* writeAll(sys, 1, unbinary(output))
    for (const e of errors) yield* warn(sys, `printf: ${e}\n`)
    return errors.length > 0 ? 1 : 0
  },
}
const test = (name: string): Applet => ({
  name,
  usage: 'EXPRESSION',
  *run(sys, argv) {
    if (name === '[' && argv.at(-1) !== ']') {
      yield* warn(sys, '[: missing ]\n')
      return 2
    }
    const r = yield* evalTest(sys, name === '[' ? argv.slice(1, -1) : argv.slice(1))
    if (r.error) yield* warn(sys, `${name}: ${r.error}\n`)
    return r.status
  },
})
const basename: Applet = {
  name: 'basename',
  usage: 'FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...',
  help: 'Strip directory path and SUFFIX from FILE',
  *run(sys, argv) {
    const o = yield* getopt(sys, basename, argv, '+as:')
    if (typeof o === 'number') return o
    const many = o.has('a') || o.has('s')
    const suffix = o.value('s') ?? (many ? undefined : o.rest[1])
    for (const file of many ? o.rest : o.rest.slice(0, 1)) {
      const bare = file.replace(/\/+$/, '')
      const base = bare === '' ? '/' : (bare.split('/').at(-1) as string)
      yield* print(
        sys,
        `${suffix && base.endsWith(suffix) && base !== suffix ? base.slice(0, -suffix.length) : base}\n`,
      )
    }
    return 0
  },
}
const dirname: Applet = {
  name: 'dirname',
  usage: 'FILENAME',
  help: 'Strip non-directory suffix from FILENAME',
  *run(sys, argv) {
    for (const file of argv.slice(1)) {
      const bare = file.replace(/\/+$/, '')
      const at = bare.lastIndexOf('/')
      yield* print(
        sys,
        `${at < 0 ? (file.startsWith('/') ? '/' : '.') : bare.slice(0, at).replace(/\/+$/, '') || '/'}\n`,
      )
    }
    return 0
  },
}

const expr: Applet = {
  name: 'expr',
  usage: 'EXPRESSION',
  help: 'Print the value of EXPRESSION to stdout',
  *run(sys, argv) {
    const t = argv.slice(1)
    let at = 0
    let error: string | undefined
    const num = (s: string): number => {
      if (!/^-?\d+$/.test(s)) error ??= 'non-numeric argument'
      return Number(s)
    }
    const levels = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']]
    const level = (n: number): string => {
      const ops = levels[n]
      if (!ops) return primary()
      let left = level(n + 1)
      while (at < t.length && ops.includes(t[at] as string) && error === undefined) {
        const op = t[at++] as string
        const right = level(n + 1)
        const truth = (s: string): boolean => s !== '' && s !== '0'
        if (op === '|') left = truth(left) ? left : right
        else if (op === '&') left = truth(left) && truth(right) ? left : '0'
        else if (op === ':') left = match(left, right)
        else if (n === 2) {
          const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
          const c = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0
          left = (
            op === '<'
              ? c < 0
              : op === '<='
                ? c <= 0
                : op === '>'
                  ? c > 0
                  : op === '>='
                    ? c >= 0
                    : op === '!='
                      ? c !== 0
                      : c === 0
          )
            ? '1'
            : '0'
        } else {
          const a = num(left)
          const b = num(right)
          if ((op === '/' || op === '%') && b === 0) error ??= 'division by zero'
          left = String(
            op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : Math.trunc(op === '/' ? a / b : a % b),
          )
        }
      }
      return left
    }
    const match = (text: string, pattern: string): string => {
      const re = compileRegex(fromWord(pattern), false)
      if ('error' in re) {
        error ??= re.error
        return ''
      }
      const subject = fromWord(text)
      // Only a match at the very start counts: expr(1).
      const m = re.exec(subject)
      const [start = -1, end = 0, open = -1, close = -1] = m ?? []
      if (re.groups > 0) return start === 0 && open >= 0 ? toWord(subject.slice(open, close)) : ''
      return String(start === 0 ? end : 0)
    }
    const primary = (): string => {
      const word = t[at++]
      if (word === undefined) {
        error ??= 'syntax error'
        return ''
      }
      if (word === '(') {
        const value = level(0)
        if (t[at++] !== ')') error ??= 'syntax error'
        return value
      }
      if (word === 'length' && at < t.length) return String(primary().length)
      if (word === 'match') return match(primary(), primary())
      if (word === 'index') {
        const s = primary()
        const set = primary()
        return String([...s].findIndex((c) => set.includes(c)) + 1)
      }
      if (word === 'substr') {
        const s = primary()
        const from = num(primary())
        const count = num(primary())
        return from < 1 || count < 1 ? '' : s.slice(from - 1, from - 1 + count)
      }
      return word
    }
    if (t.length === 0) {
      yield* warn(sys, 'expr: too few arguments\n')
      return 2
    }
    const value = level(0)
    if (error === undefined && at < t.length) error = 'syntax error'
    if (error !== undefined) {
      yield* warn(sys, `expr: ${error}\n`)
      return 2
    }
    yield* print(sys, `${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  },
}

const xargs: Applet = {
  name: 'xargs',
  usage: '[OPTIONS] [PROG ARGS]',
  help: "Run PROG on every item given by stdin\n\n\t-0\tNUL terminated input\n\t-r\tDon't run command if input is empty\n\t-t\tPrint the command on stderr before execution\n\t-I STR\tReplace STR within PROG ARGS with input line\n\t-n N\tPass no more than N args to PROG",
  *run(sys, argv) {
    const o = yield* getopt(sys, xargs, argv, '+0rtn:I:L:P:pxs:')
    if (typeof o === 'number') return o
    const bytes = yield* readAll(sys, 0)
    if (isErr(bytes)) return 1
    const text = binary(bytes)
    const replace = o.value('I')
    const items = o.has('0')
      ? text.split('\0').filter((x, i, all) => x !== '' || i < all.length - 1)
      : replace !== undefined
        ? text
            .split('\n')
            .map((l) => l.trim())
            .filter((l) => l !== '')
        : [...text.matchAll(/(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"[^"]*")+/g)].map((m) =>
            m[0].replace(/'([^']*)'|"([^"]*)"|\\([\s\S])/g, (_, a, b, c) => a ?? b ?? c),
          )
    const base = o.rest.length > 0 ? [...o.rest] : ['echo']
    if (items.length === 0 && (o.has('r') || replace !== undefined)) return 0
    const most = replace !== undefined ? 1 : Number(o.value('n') ?? o.value('L') ?? 5000)
    let status = 0
    const batches =
      items.length === 0
        ? [[]]
        : Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most))
    for (const batch of batches) {
      const line = replace !== undefined ? base.map((b) => b.replaceAll(replace, batch[0] ?? '')) : [...base, ...batch]
      if (o.has('t')) yield* warn(sys, `${line.join(' ')}\n`)
      const code = yield* runCommand(sys, line, 'xargs')
      if (code === 127 || code === 126) return code
      if (code !== 0) status = 123
    }
    return status
  },
}

/** Finds a program by PATH and runs it as a child; its status, 126 or 127. */
export function* runCommand(sys: Sys, argv: readonly string[], who: string): Run<ExitCode> {
  const pid = yield* sys.fork(function* (child) {
    return yield* execPath(child, argv, child.environ(), who)
  })
  if (isErr(pid)) {
    yield* warn(sys, `${who}: fork: ${pid.text}\n`)
    return 126
  }
  const r = yield* sys.wait(pid)
  return isErr(r) || !r ? 127 : r.signal !== undefined ? 128 + r.signal : (r.code ?? 0)
}
/** execvp(3): answers only where nothing could be run. */
export function* execPath(sys: Sys, argv: readonly string[], env: readonly string[], who: string): Run<ExitCode> {
  const name = argv[0] ?? ''
  const path = env.find((e) => e.startsWith('PATH='))?.slice(5) ?? '/bin:/usr/bin'
  let error = undefined as { readonly text: string; readonly name: string } | undefined
  for (const file of name.includes('/') ? [name] : path.split(':').map((d) => `${d || '.'}/${name}`)) {
    const failed = yield* sys.execve(file, argv, env)
    if (!error || failed.name !== 'ENOENT') error = failed
  }
  yield* warn(
    sys,
    `${who}: ${who === 'env' || who === 'xargs' || who === 'nohup' ? `can't execute '${name}'` : name}: ${error?.text ?? 'No such file or directory'}\n`,
  )
  return error?.name === 'ENOENT' ? 127 : 126
}

const sum = (name: string, hash: (bytes: Uint8Array) => Uint8Array): Applet => {
  const applet: Applet = {
    name,
    usage: '[-c[sw]] [FILE]...',
    help: `Print or check ${name.replace('sum', '').toUpperCase()} checksums`,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, 'csw')
      if (typeof o === 'number') return o
      let bad = 0
      const status = yield* eachFile(sys, name, o.rest, function* (fd, file) {
        const bytes = yield* readAll(sys, fd)
        if (isErr(bytes)) return bytes
        if (!o.has('c')) {
          yield* print(sys, `${hex(hash(bytes))}  ${file}\n`)
          return undefined
        }
        for (const line of binary(bytes).split('\n').filter(Boolean)) {
          const [want, , target] = line.split(' ')
          yield* eachFile(sys, name, [target ?? ''], function* (inner) {
            const content = yield* readAll(sys, inner)
            if (isErr(content)) return content
            const ok = hex(hash(content)) === want
            if (!ok) bad++
            if (!o.has('s')) yield* print(sys, `${target}: ${ok ? 'OK' : 'FAILED'}\n`)
            return undefined
          })
        }
        return undefined
      })
      if (bad > 0 && !o.has('s'))
        yield* warn(sys, `${name}: WARNING: ${bad} of ${bad} computed checksums did NOT match\n`)
      return bad > 0 ? 1 : status
    },
  }
  return applet
}

const base64: Applet = {
  name: 'base64',
  usage: '[-d] [-w COL] [FILE]',
  help: 'Base64 encode or decode FILE to standard output',
  *run(sys, argv) {
    const o = yield* getopt(sys, base64, argv, 'dw:')
    if (typeof o === 'number') return o
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    return yield* eachFile(sys, 'base64', o.rest, function* (fd) {
      const bytes = yield* readAll(sys, fd)
      if (isErr(bytes)) return bytes
      if (o.has('d')) {
        let bits = 0
        let value = 0
        const out: number[] = []
        for (const c of binary(bytes).replace(/[\s=]/g, '')) {
          value = (value << 6) | letters.indexOf(c)
          bits += 6
          if (bits >= 8) out.push((value >> (bits -= 8)) & 255)
        }
        return yield* writeAll(sys, 1, Uint8Array.from(out))
      }
      let text = ''
      for (let i = 0; i < bytes.length; i += 3) {
        const n = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
        text +=
          (letters[n >> 18] as string) +
          letters[(n >> 12) & 63] +
          (i + 1 < bytes.length ? letters[(n >> 6) & 63] : '=') +
          (i + 2 < bytes.length ? letters[n & 63] : '=')
      }
      const width = Number(o.value('w') ?? 76)
      return yield* print(sys, width > 0 ? text.replace(new RegExp(`.{1,${width}}`, 'g'), '$&\n') : text)
    })
  },
}

export const small: readonly Applet[] = [
  constant('true', 0),
  constant('false', 1),
  echo,
  printf,
  test('test'),
  test('['),
  basename,
  dirname,
  expr,
  xargs,
  sum('md5sum', md5),
  sum('sha1sum', sha1),
  sum('sha256sum', sha256),
  sum('sha512sum', sha512),
  base64,
]

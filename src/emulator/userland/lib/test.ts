/** test(1) and [: the conditions of POSIX with busybox's additions. */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, isFifo, isLink, isReg, isSock, R_OK, W_OK, X_OK } from '../../kernel/linux/fs/flags.ts'

import { matchPattern } from './pattern.ts'
import { compileRegex } from './regex.ts'

class Problem {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}
const unary = new Set([
  '-b',
  '-c',
  '-d',
  '-e',
  '-f',
  '-g',
  '-h',
  '-k',
  '-L',
  '-n',
  '-p',
  '-r',
  '-s',
  '-S',
  '-t',
  '-u',
  '-w',
  '-x',
  '-z',
  '-O',
  '-G',
])
const binary = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef', '=~'])

/** 0 true, 1 false, 2 with a message where the expression is wrong. `patterns`: as in [[ ]], = takes a shell pattern, =~ an ERE. */
export function* evalTest(
  sys: Sys,
  args: readonly string[],
  patterns = false,
): Run<{ readonly status: number; readonly error?: string }> {
  let at = 0
  function* or(): Run<boolean> {
    let value = yield* and()
    while (args[at] === '-o') {
      at++
      const right = yield* and()
      value ||= right
    }
    return value
  }
  function* and(): Run<boolean> {
    let value = yield* not()
    while (args[at] === '-a') {
      at++
      const right = yield* not()
      value &&= right
    }
    return value
  }
  function* not(): Run<boolean> {
    if (args[at] === '!' && at + 1 < args.length && !(binary.has(args[at + 1] ?? '') && at + 2 < args.length)) {
      at++
      return !(yield* not())
    }
    return yield* primary()
  }
  function* primary(): Run<boolean> {
    const word = args[at]
    if (word === undefined) throw new Problem('argument expected')
    const op = args[at + 1]
    if (op !== undefined && binary.has(op) && word !== '(') {
      if (at + 2 >= args.length) {
        if (unary.has(word)) {
          at += 2
          return yield* one(word, op)
        }
        throw new Problem(`${op}: argument expected`)
      }
      const right = args[at + 2] as string
      at += 3
      return yield* compare(word, op, right)
    }
    if (word === '(' && args.length > at + 1) {
      at++
      const value = yield* or()
      if (args[at] !== ')') throw new Problem('closing paren expected')
      at++
      return value
    }
    if (unary.has(word) && op !== undefined) {
      at += 2
      return yield* one(word, op)
    }
    at++
    return word !== ''
  }
  function* one(op: string, word: string): Run<boolean> {
    if (op === '-n') return word !== ''
    if (op === '-z') return word === ''
    if (op === '-t') return !isErr(yield* sys.ioctl(Number(integer(word)), 'TCGETS'))
    if (op === '-r' || op === '-w' || op === '-x')
      return !(yield* sys.access(word, op === '-r' ? R_OK : op === '-w' ? W_OK : X_OK))
    const s = op === '-h' || op === '-L' ? yield* sys.lstat(word) : yield* sys.stat(word)
    if (isErr(s)) return false
    switch (op) {
      case '-e':
        return true
      case '-f':
        return isReg(s.mode)
      case '-d':
        return isDir(s.mode)
      case '-h':
      case '-L':
        return isLink(s.mode)
      case '-b':
        return isBlk(s.mode)
      case '-c':
        return isChr(s.mode)
      case '-p':
        return isFifo(s.mode)
      case '-S':
        return isSock(s.mode)
      case '-s':
        return s.size > 0
      case '-g':
        return (s.mode & 0o2000) !== 0
      case '-u':
        return (s.mode & 0o4000) !== 0
      case '-k':
        return (s.mode & 0o1000) !== 0
      case '-O':
        return s.uid === (yield* sys.getcred()).euid
      default:
        return s.gid === (yield* sys.getcred()).egid
    }
  }
  function* compare(left: string, op: string, right: string): Run<boolean> {
    if (patterns && op === '=~') {
      const re = compileRegex(right, true)
      if ('error' in re) throw new Problem(re.error)
      return re.test(left)
    }
    if (patterns && /^[=!]/.test(op)) return matchPattern(right, left) !== (op === '!=')
    switch (op) {
      case '=':
      case '==':
        return left === right
      case '!=':
        return left !== right
      case '<':
        return left < right
      case '>':
        return left > right
      case '-nt':
      case '-ot':
      case '-ef': {
        const a = yield* sys.stat(left)
        const b = yield* sys.stat(right)
        if (op === '-ef') return !isErr(a) && !isErr(b) && a.dev === b.dev && a.ino === b.ino
        if (isErr(a) || isErr(b)) return false
        // In whole seconds, as st_mtime has them.
        const [x, y] = [Math.floor(a.mtime / 1e9), Math.floor(b.mtime / 1e9)]
        return op === '-nt' ? x > y : x < y
      }
    }
    const a = integer(left)
    const b = integer(right)
    switch (op) {
      case '-eq':
        return a === b
      case '-ne':
        return a !== b
      case '-lt':
        return a < b
      case '-le':
        return a <= b
      case '-gt':
        return a > b
      default:
        return a >= b
    }
  }
  /** POSIX XCU 4, test: what up to four words mean is told by their number. Undefined: by the grammar. */
  function* few(): Run<boolean | undefined> {
    for (let from = 0; ; from++) {
      const negate = from % 2 === 1
      const [a = '', op = '', b = ''] = args.slice(from)
      switch (args.length - from) {
        case 0:
          return negate
        case 1:
          return (a !== '') !== negate
        case 3:
          if (binary.has(op)) return (yield* compare(a, op, b)) !== negate
          if (a === '(' && b === ')') return (op !== '') !== negate
      }
      if (a !== '!') return undefined
    }
  }
  try {
    const short = yield* few()
    if (short !== undefined) return { status: short ? 0 : 1 }
    const value = yield* or()
    if (at < args.length) throw new Problem(`${args[at]}: unknown operand`)
    return { status: value ? 0 : 1 }
  } catch (problem) {
    if (problem instanceof Problem) return { status: 2, error: problem.message }
    throw problem
  }
}
/** A whole number of 64 bits. */
function integer(text: string): bigint {
  if (text === '') throw new Problem('bad number')
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new Problem(`${text}: bad number`)
  const value = BigInt(text.trim().replace('+', ''))
  if (BigInt.asIntN(64, value) !== value) throw new Problem(`${text}: out of range`)
  return value
}

/** dc: a calculator with a stack, dc(1) as busybox has it. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { print, readAll, readText, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import * as d from './decimal.ts'
import { CalcError, type Num, num } from './decimal.ts'

type Value = Num | string
/** Levels of macros to leave, or the program. */
class Quit {
  levels: number
  constructor(levels: number) {
    this.levels = levels
  }
}
const MAX_DEPTH = 1000
const TOKEN_TIME = 500

class Machine {
  readonly #sys: Sys
  readonly #stack: Value[] = []
  readonly #registers = new Map<string, Value[]>()
  #scale = 0
  #ibase = 10
  #obase = 10
  constructor(sys: Sys) {
    this.#sys = sys
  }
  *#print(text: string): Run<void> {
    yield* print(this.#sys, text)
  }
  #pop(): Value {
    const top = this.#stack.pop()
    if (top === undefined) throw new CalcError('stack has too few elements')
    return top
  }
  #number(): Num {
    const top = this.#pop()
    if (typeof top === 'string') throw new CalcError('not a number')
    return top
  }
  #show(v: Value): string {
    return typeof v === 'string' ? v : d.format(v, this.#obase)
  }
  *run(text: string, depth = 0): Run<void> {
    if (depth > MAX_DEPTH) throw new CalcError('zukan: not emulated: macros so deep')
    for (let at = 0; at < text.length; ) {
      yield* this.#sys.compute(TOKEN_TIME)
      const number = /^_?(?:[0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]+)/.exec(text.slice(at, at + 10_000))?.[0]
      if (number) {
        const value = d.parse(number.replace('_', ''), this.#ibase)
        this.#stack.push(number.startsWith('_') ? d.negate(value) : value)
        at += number.length
        continue
      }
      const c = text[at++] as string
      if (/\s/.test(c)) continue
      if (c === '#') {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
        continue
      }
      if (c === '[') {
        let open = 1
        const from = at
        while (at < text.length && open > 0) {
          if (text[at] === '[') open++
          else if (text[at] === ']') open--
          at++
        }
        if (open > 0) throw new CalcError('unterminated string')
        this.#stack.push(text.slice(from, at - 1))
        continue
      }
      const test = /^(!?[<>=])([^\s])(?:e(.))?/.exec(text.slice(at - 1, at + 4))
      if (test) {
        at += test[0].length - 1
        const a = this.#number()
        const order = d.compare(a, this.#number())
        const op = (test[1] as string).replace('!', '')
        const holds = (op === '=' ? order === 0 : op === '<' ? order < 0 : order > 0) !== test[1]?.startsWith('!')
        const name = holds ? test[2] : test[3]
        const macro = name === undefined ? undefined : this.#registers.get(name)?.at(-1)
        if (typeof macro === 'string') yield* this.#macro(macro, depth)
        continue
      }
      if ('sSlL:;'.includes(c)) {
        const name = text[at++]
        if (name === undefined) throw new CalcError('zukan: not emulated: a register without a name')
        this.#register(c, name)
        continue
      }
      yield* this.#command(c, depth)
    }
  }
  *#macro(text: string, depth: number): Run<void> {
    try {
      yield* this.run(text, depth + 1)
    } catch (quit) {
      if (!(quit instanceof Quit) || --quit.levels > 0) throw quit
    }
  }
  #register(c: string, name: string): void {
    const values = this.#registers.get(name) ?? []
    this.#registers.set(name, values)
    if (c === 's') {
      values.pop()
      values.push(this.#pop())
    } else if (c === 'S') values.push(this.#pop())
    else if (c === 'l') this.#stack.push(values.at(-1) ?? num(0))
    else if (c === 'L') {
      const value = values.pop()
      if (value === undefined) throw new CalcError('stack has too few elements')
      this.#stack.push(value)
    } else throw new CalcError('zukan: not emulated: arrays of dc')
  }
  *#command(c: string, depth: number): Run<void> {
    const stack = this.#stack
    switch (c) {
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case '~': {
        if (stack.length < 2) throw new CalcError('stack has too few elements')
        const b = this.#number()
        const a = this.#number()
        if (c === '+') stack.push(d.add(a, b))
        else if (c === '-') stack.push(d.subtract(a, b))
        else if (c === '*') stack.push(d.multiply(a, b, this.#scale))
        else if (c === '/') stack.push(d.divide(a, b, this.#scale))
        else if (c === '%') stack.push(d.remainder(a, b, this.#scale))
        else if (c === '^') stack.push(d.power(a, b, this.#scale))
        else stack.push(d.divide(a, b, this.#scale), d.remainder(a, b, this.#scale))
        return
      }
      case '|': {
        const modulus = d.rescale(this.#number(), 0).n
        let exponent = d.rescale(this.#number(), 0).n
        let base = d.rescale(this.#number(), 0).n
        if (modulus === 0n) throw new CalcError('divide by zero')
        let result = 1n
        for (base %= modulus; exponent > 0n; exponent >>= 1n) {
          if (exponent & 1n) result = (result * base) % modulus
          base = (base * base) % modulus
        }
        stack.push(num(result))
        return
      }
      case 'v':
        stack.push(d.squareRoot(this.#number(), this.#scale))
        return
      case 'p':
        if (stack.length === 0) throw new CalcError('stack has too few elements')
        return yield* this.#print(`${this.#show(stack.at(-1) as Value)}\n`)
      case 'n': {
        const top = this.#pop()
        return yield* this.#print(`${this.#show(top)}\n`)
      }
      case 'P': {
        const top = this.#pop()
        return yield* this.#print(
          typeof top === 'string' ? top : String.fromCharCode(Number(d.rescale(top, 0).n & 255n)),
        )
      }
      case 'f':
        return yield* this.#print(
          stack
            .toReversed()
            .map((v) => `${this.#show(v)}\n`)
            .join(''),
        )
      case 'c':
        stack.length = 0
        return
      case 'd': {
        const top = this.#pop()
        stack.push(top, top)
        return
      }
      case 'r': {
        if (stack.length < 2) throw new CalcError('stack has too few elements')
        const top = this.#pop()
        const under = this.#pop()
        stack.push(top, under)
        return
      }
      case 'z':
        stack.push(num(stack.length))
        return
      case 'Z': {
        const top = this.#pop()
        stack.push(num(typeof top === 'string' ? top.length : d.length(top)))
        return
      }
      case 'X': {
        const top = this.#pop()
        stack.push(num(typeof top === 'string' ? 0 : top.scale))
        return
      }
      case 'k':
      case 'i':
      case 'o': {
        const value = Number(d.rescale(this.#number(), 0).n)
        const name = c === 'k' ? 'scale' : c === 'i' ? 'ibase' : 'obase'
        const [low, high] = c === 'k' ? [0, 10_000] : c === 'i' ? [2, 16] : [2, 999]
        if (value < low || value > high)
          throw new CalcError(`bad ${name}; must be [${low}, ${c === 'k' ? 4294967295 : high}]`)
        if (c === 'k') this.#scale = value
        else if (c === 'i') this.#ibase = value
        else this.#obase = value
        return
      }
      case 'K':
        stack.push(num(this.#scale))
        return
      case 'I':
        stack.push(num(this.#ibase))
        return
      case 'O':
        stack.push(num(this.#obase))
        return
      case 'x': {
        const top = this.#pop()
        if (typeof top === 'string') yield* this.#macro(top, depth)
        else stack.push(top)
        return
      }
      case 'q':
        throw new Quit(2)
      case 'Q':
        throw new Quit(Number(d.rescale(this.#number(), 0).n))
      default:
        throw new CalcError(`bad character '${c}'`)
    }
  }
}

export const dc: Applet = {
  name: 'dc',
  usage: '[-x] [-eSCRIPT]... [-fFILE]... [FILE]...',
  help: "Tiny RPN calculator. Operations:\nArithmetic: + - * / % ^\n~ - divide with remainder\n| - modular exponentiation\nv - square root\np - print top of the stack without popping\nf - print entire stack\nk - pop the value and set precision\ni - pop the value and set input radix\no - pop the value and set output radix\nExamples: dc -e'2 2 + p' -> 4, dc -e'8 8 * 2 2 + / p' -> 16",
  *run(sys, argv) {
    const o = yield* getopt(sys, dc, argv, 'xe:f:')
    if (typeof o === 'number') return o
    const machine = new Machine(sys)
    const texts = o.list.flatMap(([l, v]): (string | { readonly file: string })[] =>
      l === 'e' ? [v] : l === 'f' ? [{ file: v }] : [],
    )
    texts.push(...o.rest.map((file) => ({ file })))
    if (texts.length === 0) texts.push({ file: '-' })
    for (const what of texts) {
      let text = typeof what === 'string' ? what : ''
      if (typeof what !== 'string') {
        const bytes = what.file === '-' ? yield* readAll(sys, 0) : yield* readText(sys, what.file)
        if (isErr(bytes)) {
          yield* warn(sys, `dc: can't open '${what.file}': ${strerror(bytes)}\n`)
          return 1
        }
        text = typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)
      }
      try {
        yield* machine.run(text)
      } catch (problem) {
        if (problem instanceof Quit) return 0
        if (!(problem instanceof CalcError)) throw problem
        yield* warn(sys, problem.message.startsWith('zukan:') ? `${problem.message}\n` : `dc: ${problem.message}\n`)
        return 1
      }
    }
    return 0
  },
}

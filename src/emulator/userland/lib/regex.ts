/**
 * POSIX basic and extended regular expressions, regex(7), over texts of one character a byte: the leftmost match, and of those the
 * longest. Extensions are those of musl's library: `\+ \? \|` in basic ones, `\< \> \b \B`, `\w \s \d` and their opposites, `\n \t \xHH`.
 *
 * An expression is compiled twice: to a program for a machine that follows all ways at once (never slower than text times program), and
 * to a JavaScript expression, which is faster and is used where it finds the same and can't take exponential time.
 */

/** Why an expression is refused, in musl's words (regerror(3)). */
export interface RegexError {
  readonly error: string
}
/** Offsets of the match and of each group, start and end by turns; -1 where a group took no part. */
export type Match = readonly number[]

/** RE_DUP_MAX */
const MOST_REPEATS = 255
/** Steps of the machine, so that nested intervals can't fill the memory. */
const LONGEST_PROGRAM = 4000
/** Beyond about so many steps JavaScript's way of matching is not tried. */
const NATIVE_STEPS = 1e8

type CharSet = Uint8Array
type Assertion = 'start' | 'end' | 'word' | 'inside' | 'wordStart' | 'wordEnd'
type Step =
  | { readonly op: 'set'; readonly set: CharSet }
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'match' }

/** A part of an expression: its program (jumps are relative), its JavaScript, and what matching it may cost. */
interface Part {
  readonly steps: readonly Step[]
  readonly source: string
  /** Unbounded repetitions. */
  readonly stars: number
  /** What is repeated can match in more than one way. */
  readonly nested: boolean
  readonly choice: boolean
  /** Texts of several lengths match. */
  readonly varies: boolean
}
const empty: Part = { steps: [], source: '', stars: 0, nested: false, choice: false, varies: false }

const inClass: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z\d]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[\t-\r ]/,
  blank: /[\t ]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[\dA-Fa-f]/,
  cntrl: /[\x00-\x1f\x7f]/,
  print: /[ -~]/,
  graph: /[!-~]/,
}
const wordSet = setOf((c) => /\w/.test(c))
/** Classes by a letter after a backslash. */
const letters: Readonly<Record<string, CharSet>> = {
  w: wordSet,
  s: setOf((c) => /[\t-\r ]/.test(c)),
  d: setOf((c) => /\d/.test(c)),
}
const assertions: Readonly<Record<string, readonly [Assertion, string]>> = {
  '<': ['wordStart', '\\b(?=\\w)'],
  '>': ['wordEnd', '\\b(?<=\\w)'],
  b: ['word', '\\b'],
  B: ['inside', '\\B'],
  '`': ['start', '^'],
  "'": ['end', '$'],
}
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', a: '\x07', e: '\x1b', v: '\v' }

/** The characters of a class such as `alpha`; undefined for a name that isn't one. */
export const characterClass = (name: string): CharSet | undefined => {
  const test = Object.hasOwn(inClass, name) ? inClass[name] : undefined
  return test && setOf((c) => test.test(c))
}
function setOf(test: (c: string) => boolean): CharSet {
  return Uint8Array.from({ length: 256 }, (_, i) => (test(String.fromCharCode(i)) ? 1 : 0))
}
const invert = (set: CharSet): CharSet => set.map((x) => 1 - x)
const hex = (n: number): string => `\\x${n.toString(16).padStart(2, '0')}`

function one(set: CharSet): Part {
  let source = ''
  let count = 0
  for (let i = 0; i < 256; i++) {
    if (!set[i]) continue
    let to = i
    while (to < 255 && set[to + 1]) to++
    source += to > i ? `${hex(i)}-${hex(to)}` : hex(i)
    count += to - i + 1
    i = to
  }
  return { ...empty, steps: [{ op: 'set', set }], source: count === 1 ? source : count === 256 ? '[^]' : `[${source}]` }
}
const join = (a: Part, b: Part): Part => ({
  steps: [...a.steps, ...b.steps],
  source: a.source + b.source,
  stars: a.stars + b.stars,
  nested: a.nested || b.nested,
  choice: a.choice || b.choice,
  varies: a.varies || b.varies,
})
const either = (a: Part, b: Part): Part => ({
  ...join(a, b),
  steps: [
    { op: 'split', first: 1, second: a.steps.length + 2 },
    ...a.steps,
    { op: 'jump', to: b.steps.length + 1 },
    ...b.steps,
  ],
  source: `${a.source}|${b.source}`,
  choice: true,
})
function repeat(part: Part, least: number, most: number): Part {
  const size = part.steps.length
  const steps: Step[] = []
  for (let i = 0; i < least && steps.length <= LONGEST_PROGRAM; i++) steps.push(...part.steps)
  if (most === Infinity)
    steps.push({ op: 'split', first: 1, second: size + 2 }, ...part.steps, { op: 'jump', to: -size - 1 })
  else
    for (let left = most - least; left > 0 && steps.length <= LONGEST_PROGRAM; left--)
      steps.push({ op: 'split', first: 1, second: left * (size + 1) }, ...part.steps)
  const count = least === 0 && most === Infinity ? '*' : `{${least},${most === Infinity ? '' : most}}`
  return {
    steps,
    source: `(?:${part.source})${count}`,
    stars: part.stars + (most > 1 ? 1 : 0),
    nested: part.nested || (most > 1 && (part.varies || part.choice)),
    choice: part.choice,
    varies: part.varies || least !== most,
  }
}

class Refusal {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

class Compiler {
  readonly #source: string
  readonly #extended: boolean
  readonly #fold: boolean
  #at = 0
  #depth = 0
  groups = 0
  /** Groups that are closed, and so can be referred to. */
  readonly #closed = new Set<number>()
  backReference = false
  constructor(source: string, extended: boolean, fold: boolean) {
    this.#source = source
    this.#extended = extended
    this.#fold = fold
  }
  #next(text: string): boolean {
    return this.#source.startsWith(text, this.#at)
  }
  #operator(letter: string): boolean {
    return this.#next(this.#extended ? letter : `\\${letter}`)
  }
  #set(set: CharSet): Part {
    if (this.#fold) for (let i = 65; i <= 90; i++) set[i] = set[i + 32] = (set[i] ?? 0) | (set[i + 32] ?? 0)
    return one(set)
  }
  #char(c: string): Part {
    return this.#set(setOf((x) => x === c))
  }

  whole(): Part {
    const part = this.#choices()
    if (this.#at < this.#source.length) throw new Refusal("Missing ')'")
    return part
  }
  #choices(): Part {
    let part = this.#sequence()
    while (this.#operator('|')) {
      this.#at += this.#extended ? 1 : 2
      part = either(part, this.#sequence())
    }
    return part
  }
  #sequence(): Part {
    let part = empty
    let first = true
    while (this.#at < this.#source.length && !this.#operator('|') && !(this.#operator(')') && this.#depth > 0)) {
      let item = this.#atom(first)
      const anchor = item.source === '^' && !this.#extended
      for (;;) {
        const least = this.#at
        const range = anchor ? undefined : this.#count()
        if (!range) break
        item = repeat(item, range[0], range[1])
        if (this.#at === least) break
      }
      part = join(part, item)
      if (part.steps.length > LONGEST_PROGRAM) throw new Refusal('Out of memory')
      first = anchor
    }
    return part
  }
  /** A repetition that follows an atom. */
  #count(): readonly [number, number] | undefined {
    const c = this.#source[this.#at]
    if (c === '*') {
      this.#at++
      return [0, Infinity]
    }
    for (const [mark, least, most] of [
      ['+', 1, Infinity],
      ['?', 0, 1],
    ] as const) {
      if (!this.#operator(mark)) continue
      this.#at += this.#extended ? 1 : 2
      return [least, most]
    }
    if (!this.#operator('{')) return undefined
    const m = (this.#extended ? /^\{(\d+)(,?)(\d*)\}/ : /^\\\{(\d+)(,?)(\d*)\\\}/).exec(this.#source.slice(this.#at))
    if (!m) throw new Refusal('Invalid contents of {}')
    const least = Number(m[1])
    const most = m[2] === '' ? least : m[3] === '' ? Infinity : Number(m[3])
    if (least > MOST_REPEATS || (most > MOST_REPEATS && most < Infinity) || most < least)
      throw new Refusal('Invalid contents of {}')
    this.#at += m[0].length
    return [least, most]
  }
  #atom(first: boolean): Part {
    const c = this.#source[this.#at] as string
    if (this.#operator('(')) {
      this.#at += this.#extended ? 1 : 2
      const group = ++this.groups
      if (++this.#depth > 200) throw new Refusal('Out of memory')
      const inner = this.#choices()
      if (!this.#operator(')')) throw new Refusal("Missing ')'")
      this.#at += this.#extended ? 1 : 2
      this.#depth--
      this.#closed.add(group)
      return {
        ...inner,
        steps: [{ op: 'save', slot: 2 * group }, ...inner.steps, { op: 'save', slot: 2 * group + 1 }],
        source: `(${inner.source})`,
      }
    }
    if (c === '[') return this.#bracket()
    if (c === '*' ? this.#extended : this.#extended && '+?{'.includes(c))
      throw new Refusal('Repetition not preceded by valid expression')
    if (c === '\\') return this.#escape()
    this.#at++
    if (c === '.') return one(setOf(() => true))
    if (c === '^' && (this.#extended || first))
      return { ...empty, steps: [{ op: 'assert', what: 'start' }], source: '^' }
    if (c === '$' && (this.#extended || this.#at === this.#source.length || this.#next('\\)') || this.#next('\\|')))
      return { ...empty, steps: [{ op: 'assert', what: 'end' }], source: '$' }
    return this.#char(c)
  }
  #escape(): Part {
    const c = this.#source[this.#at + 1]
    if (c === undefined) throw new Refusal('Trailing backslash')
    this.#at += 2
    if (!this.#extended && c === '{') throw new Refusal('Repetition not preceded by valid expression')
    if (!this.#extended && c === ')') throw new Refusal("Missing ')'")
    const set = Object.hasOwn(letters, c.toLowerCase()) ? letters[c.toLowerCase()] : undefined
    if (set) return one(c === c.toLowerCase() ? set : invert(set))
    const assertion = Object.hasOwn(assertions, c) ? assertions[c] : undefined
    if (assertion) return { ...empty, steps: [{ op: 'assert', what: assertion[0] }], source: assertion[1] }
    if (/[1-9]/.test(c)) {
      if (!this.#closed.has(Number(c))) throw new Refusal('Invalid back reference')
      this.backReference = true
      // An empty group around it keeps a digit that follows apart.
      return { ...empty, source: `(?:\\${c})`, varies: true }
    }
    const m = c === 'x' && /^[0-9a-fA-F]{1,2}/.exec(this.#source.slice(this.#at))
    if (m) {
      this.#at += m[0].length
      return this.#char(String.fromCharCode(Number.parseInt(m[0], 16)))
    }
    return this.#char(escapes[c] ?? c)
  }
  #bracket(): Part {
    const s = this.#source
    const set = new Uint8Array(256)
    let i = this.#at + 1
    const negated = s[i] === '^'
    if (negated) i++
    for (let first = true; ; first = false) {
      const c = s[i]
      if (c === undefined) throw new Refusal("Missing ']'")
      if (c === ']' && !first) break
      const kind = c === '[' ? s[i + 1] : undefined
      if (kind === ':') {
        const end = s.indexOf(':]', i + 2)
        const named = end < 0 ? undefined : characterClass(s.slice(i + 2, end))
        if (!named) throw new Refusal('Unknown character class name')
        for (let k = 0; k < 256; k++) set[k] = (set[k] ?? 0) | (named[k] ?? 0)
        i = end + 2
        continue
      }
      const [low, after] = this.#element(i)
      i = after
      let high = low
      if (s[i] === '-' && s[i + 1] !== ']' && s[i + 1] !== undefined) [high, i] = this.#element(i + 1)
      if (high < low) throw new Refusal('Invalid character range')
      set.fill(1, low, high + 1)
    }
    this.#at = i + 1
    const part = this.#set(set)
    return negated ? one(invert(set)) : part
  }
  /** A character of a bracket expression, `[.x.]` and `[=x=]` too, and where it ends. */
  #element(i: number): readonly [code: number, end: number] {
    const m = /^\[([.=])([\s\S])\1\]/.exec(this.#source.slice(i, i + 5))
    if (m) return [(m[2] as string).charCodeAt(0) & 255, i + 5]
    if (/^\[[.=]/.test(this.#source.slice(i, i + 2))) throw new Refusal('Unknown collating element')
    return [this.#source.charCodeAt(i) & 255, i + 1]
  }
}

/** A way through the program: where it is, and what it has seen. */
interface Thread {
  readonly at: number
  readonly slots: readonly number[]
}

/** A compiled expression. */
export class Regex {
  /** Groups in parentheses. */
  readonly groups: number
  readonly #steps: readonly Step[]
  readonly #source: string
  readonly #native: boolean
  readonly #exact: boolean
  readonly #stars: number
  readonly #exponential: boolean
  /** Offsets of groups ('d') are slow: asked for only where there are groups. */
  readonly #compiled: Partial<Record<'g' | 'dg', RegExp>> = {}
  #firsts: CharSet | undefined

  constructor(part: Part, groups: number, backReference: boolean) {
    this.groups = groups
    this.#steps = [{ op: 'save', slot: 0 }, ...part.steps, { op: 'save', slot: 1 }, { op: 'match' }]
    this.#source = part.source
    this.#native = backReference
    this.#exact = !part.choice && !part.nested
    this.#stars = part.stars
    this.#exponential = part.nested
  }

  /** About how many steps JavaScript's own way may take: each star's end against each other's. */
  #cost(length: number): number {
    if (this.#exponential) return 2 ** length
    let cost = length
    for (let i = 1; i <= this.#stars; i++) cost *= length / (i + 1)
    return cost
  }
  /** True where the text has a match. */
  test(text: string): boolean {
    if (this.#native || this.#cost(text.length) < NATIVE_STEPS) return this.#javascript(text, 0, false) !== null
    return this.#run(text, 0, true) !== undefined
  }
  /** The leftmost longest match at or after an offset; `^` matches at the text's start alone, and \b sees what is before the offset. */
  exec(text: string, from = 0): Match | undefined {
    if (!this.#native && this.#cost(text.length - from) > NATIVE_STEPS) return this.#run(text, from, true)
    const exact = this.#native || this.#exact
    const m = this.#javascript(text, from, exact && this.groups > 0)
    if (!m) return undefined
    // JavaScript takes the first way that matches, not the longest; where it matches is right in any case.
    if (!exact) return this.#run(text, m.index, false)
    return m.indices?.flatMap((pair) => (pair ? [pair[0], pair[1]] : [-1, -1])) ?? [m.index, m.index + m[0].length]
  }
  #javascript(text: string, from: number, groups: boolean): RegExpExecArray | null {
    // Back references need it; where it could run for ever, an answer is refused rather than guessed.
    if (this.#native && this.#cost(text.length - from) > NATIVE_STEPS * 10) throw new RegexLimit()
    const flags = groups ? 'dg' : 'g'
    const compiled = (this.#compiled[flags] ??= new RegExp(this.#source, flags))
    compiled.lastIndex = from
    return compiled.exec(text)
  }

  /**
   * Follows all ways at once, older starts first: the first to match is leftmost, and goes on until it can't grow. Matches begin at
   * `from`, or with `later` after it.
   */
  #run(text: string, from: number, later: boolean): Match | undefined {
    const firsts = (this.#firsts ??= this.#firstSet())
    const steps = this.#steps
    const mark = new Int32Array(steps.length).fill(-1)
    let found: readonly number[] | undefined
    let threads: Thread[] = []
    const slots: readonly number[] = new Array<number>(2 * this.groups + 2).fill(-1)
    for (let i = from; i <= text.length; i++) {
      const code = i < text.length ? text.charCodeAt(i) & 255 : -1
      if (threads.length === 0) {
        if (found || (!later && i > from)) break
        if (code >= 0 && !firsts[code]) continue
      }
      const next: Thread[] = []
      const now: Thread[] = []
      for (const t of threads) this.#follow(t.at, t.slots, text, i, mark, now)
      if (!found && (later || i === from)) this.#follow(0, slots, text, i, mark, now)
      for (const t of now) {
        const step = steps[t.at] as Step
        if (found && (t.slots[0] as number) > (found[0] as number)) continue
        if (step.op === 'match') {
          if (!found || (t.slots[0] as number) < (found[0] as number) || (t.slots[1] as number) > (found[1] as number))
            found = t.slots
        } else if (step.op === 'set' && code >= 0 && step.set[code]) next.push({ at: t.at + 1, slots: t.slots })
      }
      threads = next
    }
    return found
  }
  /** Goes on from a step to all that consume a character or match, in order of preference. */
  #follow(from: number, slots: readonly number[], text: string, i: number, mark: Int32Array, out: Thread[]): void {
    const stack: Thread[] = [{ at: from, slots }]
    for (let t = stack.pop(); t; t = stack.pop()) {
      if (mark[t.at] === i) continue
      mark[t.at] = i
      const step = this.#steps[t.at] as Step
      switch (step.op) {
        case 'jump':
          stack.push({ at: t.at + step.to, slots: t.slots })
          break
        case 'split':
          stack.push({ at: t.at + step.second, slots: t.slots }, { at: t.at + step.first, slots: t.slots })
          break
        case 'save':
          stack.push({ at: t.at + 1, slots: t.slots.with(step.slot, i) })
          break
        case 'assert':
          if (holds(step.what, text, i)) stack.push({ at: t.at + 1, slots: t.slots })
          break
        default:
          out.push(t)
      }
    }
  }
  /** Characters that a match can begin with. */
  #firstSet(): CharSet {
    const set = new Uint8Array(256)
    const seen = new Set<number>()
    const stack = [0]
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen.has(at)) continue
      seen.add(at)
      const step = this.#steps[at] as Step
      if (step.op === 'match') return set.fill(1)
      if (step.op === 'set') {
        for (let c = 0; c < 256; c++) if (step.set[c]) set[c] = 1
      } else if (step.op === 'split') stack.push(at + step.first, at + step.second)
      else stack.push(at + (step.op === 'jump' ? step.to : 1))
    }
    return set
  }
}
/** A back reference in an expression that could take for ever. */
export class RegexLimit extends Error {
  constructor() {
    super('zukan: not emulated: a back reference in so ambiguous an expression')
  }
}

function holds(what: Assertion, text: string, i: number): boolean {
  if (what === 'start') return i === 0
  if (what === 'end') return i === text.length
  const before = i > 0 && wordSet[text.charCodeAt(i - 1) & 255] === 1
  const after = i < text.length && wordSet[text.charCodeAt(i) & 255] === 1
  if (what === 'wordStart') return !before && after
  if (what === 'wordEnd') return before && !after
  return (before !== after) === (what === 'word')
}

/** Compiles an expression; `flags` with `i` makes it ignore case. What is wrong with it is said in musl's words. */
export function compileRegex(source: string, extended: boolean, flags = ''): Regex | RegexError {
  const compiler = new Compiler(source, extended, flags.includes('i'))
  try {
    const part = compiler.whole()
    return new Regex(part, compiler.groups, compiler.backReference)
  } catch (refusal) {
    if (refusal instanceof Refusal) return { error: refusal.message }
    throw refusal
  }
}

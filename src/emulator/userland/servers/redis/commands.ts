/** Redis' commands over a store in memory: what each answers in RESP, the protocol (redis.io/docs/reference/protocol-spec). Strings hold one character a byte. */

type Value =
  | { readonly type: 'string'; text: string }
  | { readonly type: 'list'; readonly items: string[] }
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> }
type Type = Value['type']
interface Entry {
  readonly value: Value
  /** When it ends, in nanoseconds of the clock. */
  expires?: number
}
/** An answer before it is written: simple text, an error, a number, bytes or none, a list. */
export type Reply =
  | { readonly ok: string }
  | { readonly error: string }
  | number
  | string
  | undefined
  | readonly Reply[]
const OK: Reply = { ok: 'OK' }
const WRONG_TYPE: Reply = { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' }
const NOT_INTEGER: Reply = { error: 'ERR value is not an integer or out of range' }
const SYNTAX: Reply = { error: 'ERR syntax error' }

/** A reply in RESP version 2. */
export function resp(r: Reply): string {
  if (r === undefined) return '$-1\r\n'
  if (typeof r === 'number') return `:${r}\r\n`
  if (typeof r === 'string') return `$${r.length}\r\n${r}\r\n`
  if ('ok' in r) return `+${r.ok}\r\n`
  if ('error' in r) return `-${r.error}\r\n`
  return `*${r.length}\r\n${r.map(resp).join('')}`
}

/** Names match as KEYS has it: * ? [a-z] \\x. */
function glob(pattern: string): RegExp {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string
    const end = c === '[' ? pattern.indexOf(']', i + 2) : -1
    if (c === '*') source += '[^]*'
    else if (c === '?') source += '[^]'
    else if (end > 0) {
      source += `[${pattern.slice(i + 1, end).replace(/[\\[\]]/g, '\\$&')}]`
      i = end
    } else source += (c === '\\' ? (pattern[++i] ?? '\\') : c).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  }
  try {
    return new RegExp(`^${source}$`)
  } catch {
    return /^$(?!)/
  }
}
const integer = (text: string): number | undefined => (/^-?\d{1,16}$/.test(text) ? Number(text) : undefined)

export class Store {
  readonly #entries = new Map<string, Entry>()
  now = 0

  get size(): number {
    return this.keys().length
  }
  clear(): void {
    this.#entries.clear()
  }
  entry(key: string): Entry | undefined {
    const e = this.#entries.get(key)
    if (e?.expires !== undefined && e.expires <= this.now) {
      this.#entries.delete(key)
      return undefined
    }
    return e
  }
  keys(): string[] {
    return [...this.#entries.keys()].filter((k) => this.entry(k))
  }
  put(key: string, value: Value, expires?: number): void {
    this.#entries.set(key, expires === undefined ? { value } : { value, expires })
  }
  remove(key: string): boolean {
    const there = this.entry(key) !== undefined
    this.#entries.delete(key)
    return there
  }
  /** The value of one type: undefined where there is none, 'wrong' where it is another. */
  get<T extends Type>(key: string, type: T): Extract<Value, { type: T }> | undefined | 'wrong' {
    const v = this.entry(key)?.value
    return v === undefined ? undefined : v.type === type ? (v as Extract<Value, { type: T }>) : 'wrong'
  }
}

/** How many arguments a command takes: at least, and at most. */
type Command = readonly [least: number, most: number, run: (s: Store, a: readonly string[]) => Reply]
const many = Number.POSITIVE_INFINITY

/** Redis keeps no empty lists, hashes and sets. */
function isEmpty(v: Value): boolean {
  switch (v.type) {
    case 'string':
      return false
    case 'list':
      return v.items.length === 0
    case 'hash':
      return v.fields.size === 0
    case 'set':
      return v.members.size === 0
    case 'zset':
      return v.scores.size === 0
  }
}
/** Runs on a value of a type, which is made where it is missing; an empty one is removed afterwards. */
function on<T extends Type>(
  type: T,
  make: (() => Extract<Value, { type: T }>) | undefined,
  none: Reply,
  run: (v: Extract<Value, { type: T }>, a: readonly string[]) => Reply,
): (s: Store, a: readonly string[]) => Reply {
  return (s, a) => {
    const key = a[0] as string
    let v = s.get(key, type)
    if (v === 'wrong') return WRONG_TYPE
    if (v === undefined) {
      if (!make) return none
      v = make()
      s.put(key, v)
    }
    const reply = run(v, a)
    if (isEmpty(v)) s.remove(key)
    return reply
  }
}
const newList = (): Extract<Value, { type: 'list' }> => ({ type: 'list', items: [] })
const newHash = (): Extract<Value, { type: 'hash' }> => ({ type: 'hash', fields: new Map() })
const newSet = (): Extract<Value, { type: 'set' }> => ({ type: 'set', members: new Set() })
const newZset = (): Extract<Value, { type: 'zset' }> => ({ type: 'zset', scores: new Map() })

/** Start and stop of a range, counted from the end where negative. */
function range<T>(items: readonly T[], from: string | undefined, to: string | undefined): readonly T[] | undefined {
  const a = integer(from ?? '')
  const b = integer(to ?? '')
  if (a === undefined || b === undefined) return undefined
  const at = (n: number): number => (n < 0 ? Math.max(0, items.length + n) : n)
  return b < 0 && items.length + b < 0 ? [] : items.slice(at(a), at(b) + 1)
}
const ranked = (scores: ReadonlyMap<string, number>): [string, number][] =>
  [...scores].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))

function add(s: Store, key: string, by: number | undefined): Reply {
  const v = s.get(key, 'string')
  if (v === 'wrong') return WRONG_TYPE
  const now = integer(v?.text ?? '0')
  if (now === undefined || by === undefined) return NOT_INTEGER
  const sum = now + by
  if (!Number.isSafeInteger(sum)) return { error: 'ERR increment or decrement would overflow' }
  if (v) v.text = String(sum)
  else s.put(key, { type: 'string', text: String(sum) })
  return sum
}
function set(s: Store, a: readonly string[]): Reply {
  const [key = '', text = ''] = a
  let expires: number | undefined
  let only: string | undefined
  let keep = false
  let old = false
  for (let i = 2; i < a.length; i++) {
    const word = (a[i] as string).toUpperCase()
    if (word === 'NX' || word === 'XX') only = word
    else if (word === 'KEEPTTL') keep = true
    else if (word === 'GET') old = true
    else if (word === 'EX' || word === 'PX') {
      const n = integer(a[++i] ?? '')
      if (n === undefined) return NOT_INTEGER
      if (n <= 0) return { error: "ERR invalid expire time in 'set' command" }
      expires = s.now + n * (word === 'EX' ? 1e9 : 1e6)
    } else return SYNTAX
  }
  const there = s.entry(key)
  if (old && there && there.value.type !== 'string') return WRONG_TYPE
  const before = there?.value.type === 'string' ? there.value.text : undefined
  if ((only === 'NX' && there) || (only === 'XX' && !there)) return old ? before : undefined
  s.put(key, { type: 'string', text }, keep ? there?.expires : expires)
  return old ? before : OK
}
const expire =
  (unit: number) =>
  (s: Store, a: readonly string[]): Reply => {
    const n = integer(a[1] ?? '')
    if (n === undefined) return NOT_INTEGER
    const e = s.entry(a[0] as string)
    if (!e) return 0
    if (n <= 0) s.remove(a[0] as string)
    else e.expires = s.now + n * unit
    return 1
  }
const left =
  (unit: number) =>
  (s: Store, a: readonly string[]): Reply => {
    const e = s.entry(a[0] as string)
    return !e ? -2 : e.expires === undefined ? -1 : Math.round((e.expires - s.now) / unit)
  }
const pop =
  (end: 'shift' | 'pop') =>
  (v: Extract<Value, { type: 'list' }>, a: readonly string[]): Reply => {
    if (a[1] === undefined) return v.items[end]()
    const n = integer(a[1])
    if (n === undefined || n < 0) return { error: 'ERR value is out of range, must be positive' }
    const out: string[] = []
    while (out.length < n && v.items.length > 0) out.push(v.items[end]() as string)
    return out
  }
const pairs = (a: readonly string[], from: number): [string, string][] =>
  Array.from({ length: Math.floor((a.length - from) / 2) }, (_, i) => [
    a[from + 2 * i] as string,
    a[from + 2 * i + 1] as string,
  ])

const flush = (s: Store): Reply => {
  s.clear()
  return OK
}
export const commands: Readonly<Record<string, Command>> = {
  ping: [0, 1, (_, a) => a[0] ?? { ok: 'PONG' }],
  echo: [1, 1, (_, a) => a[0]],
  quit: [0, 0, () => OK],
  select: [1, 1, (_, a) => (a[0] === '0' ? OK : { error: 'ERR zukan: not emulated: databases other than 0' })],
  time: [0, 0, (s) => [String(Math.floor(s.now / 1e9)), String(Math.floor(s.now / 1e3) % 1e6)]],
  dbsize: [0, 0, (s) => s.size],
  flushall: [0, 1, flush],
  flushdb: [0, 1, flush],
  keys: [1, 1, (s, a) => s.keys().filter((k) => glob(a[0] as string).test(k))],
  scan: [1, many, (s, a) => (a.length > 1 ? { error: 'ERR zukan: not emulated: options of SCAN' } : ['0', s.keys()])],
  type: [1, 1, (s, a) => ({ ok: s.entry(a[0] as string)?.value.type ?? 'none' })],
  del: [1, many, (s, a) => a.filter((k) => s.remove(k)).length],
  unlink: [1, many, (s, a) => a.filter((k) => s.remove(k)).length],
  exists: [1, many, (s, a) => a.filter((k) => s.entry(k)).length],
  rename: [
    2,
    2,
    (s, a) => {
      const e = s.entry(a[0] as string)
      if (!e) return { error: 'ERR no such key' }
      s.remove(a[0] as string)
      s.put(a[1] as string, e.value, e.expires)
      return OK
    },
  ],
  expire: [2, 2, expire(1e9)],
  pexpire: [2, 2, expire(1e6)],
  ttl: [1, 1, left(1e9)],
  pttl: [1, 1, left(1e6)],
  persist: [
    1,
    1,
    (s, a) => {
      const e = s.entry(a[0] as string)
      if (e?.expires === undefined) return 0
      delete e.expires
      return 1
    },
  ],
  set: [2, many, set],
  setnx: [2, 2, (s, a) => (set(s, [...a, 'NX']) === OK ? 1 : 0)],
  setex: [3, 3, (s, a) => set(s, [a[0] as string, a[2] as string, 'EX', a[1] as string])],
  get: [1, 1, on('string', undefined, undefined, (v) => v.text)],
  getset: [2, 2, (s, a) => set(s, [...a, 'GET'])],
  getdel: [
    1,
    1,
    (s, a) => {
      const v = s.get(a[0] as string, 'string')
      if (v === 'wrong') return WRONG_TYPE
      s.remove(a[0] as string)
      return v?.text
    },
  ],
  mset: [
    2,
    many,
    (s, a) => {
      if (a.length % 2) return { error: "ERR wrong number of arguments for 'mset' command" }
      for (const [k, text] of pairs(a, 0)) s.put(k, { type: 'string', text })
      return OK
    },
  ],
  mget: [
    1,
    many,
    (s, a) =>
      a.map((k) => {
        const v = s.get(k, 'string')
        return v === 'wrong' ? undefined : v?.text
      }),
  ],
  append: [
    2,
    2,
    on(
      'string',
      () => ({ type: 'string', text: '' }),
      0,
      (v, a) => (v.text += a[1]).length,
    ),
  ],
  strlen: [1, 1, on('string', undefined, 0, (v) => v.text.length)],
  incr: [1, 1, (s, a) => add(s, a[0] as string, 1)],
  decr: [1, 1, (s, a) => add(s, a[0] as string, -1)],
  incrby: [2, 2, (s, a) => add(s, a[0] as string, integer(a[1] as string))],
  decrby: [
    2,
    2,
    (s, a) => {
      const n = integer(a[1] as string)
      return add(s, a[0] as string, n === undefined ? undefined : -n)
    },
  ],
  lpush: [2, many, on('list', newList, 0, (v, a) => v.items.unshift(...a.slice(1).reverse()))],
  rpush: [2, many, on('list', newList, 0, (v, a) => v.items.push(...a.slice(1)))],
  lpop: [1, 2, on('list', undefined, undefined, pop('shift'))],
  rpop: [1, 2, on('list', undefined, undefined, pop('pop'))],
  llen: [1, 1, on('list', undefined, 0, (v) => v.items.length)],
  lindex: [
    2,
    2,
    on('list', undefined, undefined, (v, a) => {
      const n = integer(a[1] as string)
      return n === undefined ? NOT_INTEGER : v.items.at(n)
    }),
  ],
  lrange: [3, 3, on('list', undefined, [], (v, a) => range(v.items, a[1], a[2]) ?? NOT_INTEGER)],
  hset: [
    3,
    many,
    (s, a) => {
      if (a.length % 2 === 0) return { error: "ERR wrong number of arguments for 'hset' command" }
      return on('hash', newHash, 0, (v) => {
        const before = v.fields.size
        for (const [k, text] of pairs(a, 1)) v.fields.set(k, text)
        return v.fields.size - before
      })(s, a)
    },
  ],
  hget: [2, 2, on('hash', undefined, undefined, (v, a) => v.fields.get(a[1] as string))],
  hmget: [
    2,
    many,
    (s, a) =>
      on(
        'hash',
        undefined,
        a.slice(1).map(() => undefined),
        (v) => a.slice(1).map((f) => v.fields.get(f)),
      )(s, a),
  ],
  hgetall: [1, 1, on('hash', undefined, [], (v) => [...v.fields].flat())],
  hdel: [2, many, on('hash', undefined, 0, (v, a) => a.slice(1).filter((f) => v.fields.delete(f)).length)],
  hexists: [2, 2, on('hash', undefined, 0, (v, a) => (v.fields.has(a[1] as string) ? 1 : 0))],
  hkeys: [1, 1, on('hash', undefined, [], (v) => [...v.fields.keys()])],
  hvals: [1, 1, on('hash', undefined, [], (v) => [...v.fields.values()])],
  hlen: [1, 1, on('hash', undefined, 0, (v) => v.fields.size)],
  hincrby: [
    3,
    3,
    on('hash', newHash, 0, (v, a) => {
      const now = integer(v.fields.get(a[1] as string) ?? '0')
      const by = integer(a[2] as string)
      if (by === undefined) return NOT_INTEGER
      if (now === undefined) return { error: 'ERR hash value is not an integer' }
      v.fields.set(a[1] as string, String(now + by))
      return now + by
    }),
  ],
  sadd: [
    2,
    many,
    on('set', newSet, 0, (v, a) => a.slice(1).filter((m) => !v.members.has(m) && v.members.add(m)).length),
  ],
  srem: [2, many, on('set', undefined, 0, (v, a) => a.slice(1).filter((m) => v.members.delete(m)).length)],
  smembers: [1, 1, on('set', undefined, [], (v) => [...v.members])],
  sismember: [2, 2, on('set', undefined, 0, (v, a) => (v.members.has(a[1] as string) ? 1 : 0))],
  scard: [1, 1, on('set', undefined, 0, (v) => v.members.size)],
  zadd: [
    3,
    many,
    (s, a) => {
      const list = pairs(a, 1)
      if (a.length % 2 === 0) return SYNTAX
      if (list.some(([n]) => n.trim() === '' || Number.isNaN(Number(n))))
        return { error: 'ERR value is not a valid float' }
      return on('zset', newZset, 0, (v) => {
        const before = v.scores.size
        for (const [n, m] of list) v.scores.set(m, Number(n))
        return v.scores.size - before
      })(s, a)
    },
  ],
  zscore: [
    2,
    2,
    on('zset', undefined, undefined, (v, a) => {
      const n = v.scores.get(a[1] as string)
      return n === undefined ? undefined : String(n)
    }),
  ],
  zcard: [1, 1, on('zset', undefined, 0, (v) => v.scores.size)],
  zrem: [2, many, on('zset', undefined, 0, (v, a) => a.slice(1).filter((m) => v.scores.delete(m)).length)],
  zincrby: [
    3,
    3,
    on('zset', newZset, undefined, (v, a) => {
      const by = Number(a[1])
      if (a[1]?.trim() === '' || Number.isNaN(by)) return { error: 'ERR value is not a valid float' }
      const n = (v.scores.get(a[2] as string) ?? 0) + by
      v.scores.set(a[2] as string, n)
      return String(n)
    }),
  ],
  zrange: [
    3,
    4,
    on('zset', undefined, [], (v, a) => {
      const part = range(ranked(v.scores), a[1], a[2])
      if (!part) return NOT_INTEGER
      const scores = a[3]?.toUpperCase() === 'WITHSCORES'
      if (a[3] !== undefined && !scores) return SYNTAX
      return part.flatMap(([m, n]) => (scores ? [m, String(n)] : [m]))
    }),
  ],
}
/** Commands of the real server that have no counterpart here: they say so. */
const others = new Set(
  'acl auth bgrewriteaof bgsave bitcount blpop brpop client cluster config copy debug dump eval evalsha exec expireat discard geoadd getbit getrange hello hscan hsetnx incrbyfloat info lastsave latency linsert lmove lpos lrem lset ltrim memory migrate module monitor move multi object pfadd pfcount psubscribe publish pubsub randomkey replicaof reset restore role save script sdiff setbit setrange shutdown sinter slaveof slowlog smove sort spop srandmember sscan subscribe sunion swapdb sync touch unsubscribe unwatch wait watch xadd xlen xrange xread zcount zrangebyscore zrank zrevrange zscan'.split(
    ' ',
  ),
)
/** Answers one command. `now` is the clock in nanoseconds; `info` makes the text of INFO. */
export function answer(store: Store, words: readonly string[], now: number, info: (section?: string) => string): Reply {
  store.now = now
  const [given = '', ...args] = words
  const name = given.toLowerCase()
  if (name === 'info') return info(args[0]?.toLowerCase())
  if (name === 'command') return args[0]?.toLowerCase() === 'count' ? Object.keys(commands).length + 2 : []
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    if (others.has(name)) return { error: `ERR zukan: not emulated: ${given.toUpperCase()}` }
    return { error: `ERR unknown command '${given}', with args beginning with: ${args.map((x) => `'${x}' `).join('')}` }
  }
  const [least, most, run] = command
  if (args.length < least || args.length > most) return { error: `ERR wrong number of arguments for '${name}' command` }
  return run(store, args)
}

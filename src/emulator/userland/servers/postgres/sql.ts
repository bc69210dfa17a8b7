/** A small part of SQL as PostgreSQL has it: tables with a few types, rows, and statements over one table. Its words for mistakes are PostgreSQL's. */

export type Cell = string | number | boolean | null
export interface Column {
  readonly name: string
  readonly type: 'integer' | 'bigint' | 'text' | 'boolean'
  readonly notNull: boolean
  readonly unique: boolean
  readonly key: boolean
  readonly serial: boolean
  readonly fallback?: Cell
}
export interface Table {
  readonly columns: readonly Column[]
  rows: Cell[][]
  /** The next number of its serial column. */
  next: number
}
export type Tables = Map<string, Table>
/** What one statement answers. `tag` is the command's, such as `INSERT 0 1`. */
export type Result =
  | {
      readonly columns: readonly { readonly name: string; readonly type: Column['type'] }[]
      readonly rows: readonly Cell[][]
      readonly tag: string
    }
  | { readonly tag: string; readonly notice?: string }
  | { readonly error: string; readonly code: string; readonly detail?: string; readonly at?: number }

class Refusal {
  readonly error: string
  readonly code: string
  readonly detail: string | undefined
  readonly at: number | undefined
  constructor(error: string, code: string, o: { readonly detail?: string; readonly at?: number } = {}) {
    this.error = error
    this.code = code
    this.detail = o.detail
    this.at = o.at
  }
}
const notHere = (what: string): Refusal => new Refusal(`zukan: not emulated: ${what}`, '0A000')

interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign' | 'end'
  readonly text: string
  /** Place in the query, from 1. */
  readonly at: number
}
function tokens(sql: string): Token[] {
  const list: Token[] = []
  const pattern =
    /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([A-Za-z_][\w$]*)|(\d+(?:\.\d+)?)|(<=|>=|<>|!=|\|\||::|[-+*/%=<>(),.;])/y
  for (let at = 0; at < sql.length; ) {
    pattern.lastIndex = at
    const m = pattern.exec(sql)
    if (!m) {
      if (sql[at] === "'")
        throw new Refusal('unterminated quoted string at or near "' + sql.slice(at) + '"', '42601', { at: at + 1 })
      throw new Refusal(`syntax error at or near "${sql[at]}"`, '42601', { at: at + 1 })
    }
    const place = at + 1
    at = pattern.lastIndex
    if (m[1] !== undefined) list.push({ kind: 'string', text: m[1].replace(/''/g, "'"), at: place })
    else if (m[2] !== undefined) list.push({ kind: 'name', text: m[2].replace(/""/g, '"'), at: place })
    else if (m[3] !== undefined) list.push({ kind: 'word', text: m[3].toLowerCase(), at: place })
    else if (m[4] !== undefined) list.push({ kind: 'number', text: m[4], at: place })
    else if (m[5] !== undefined) list.push({ kind: 'sign', text: m[5], at: place })
  }
  list.push({ kind: 'end', text: '', at: sql.length + 1 })
  return list
}

type Row = readonly Cell[]
type Expression = (row: Row) => Cell
interface Output {
  readonly name: string
  readonly type: Column['type']
  readonly value: Expression
}
const types: Readonly<Record<string, Column['type']>> = {
  int: 'integer',
  integer: 'integer',
  int4: 'integer',
  serial: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  bigserial: 'bigint',
  text: 'text',
  varchar: 'text',
  character: 'text',
  char: 'text',
  boolean: 'boolean',
  bool: 'boolean',
}
export const shown = (c: Cell): string => (c === null ? '' : c === true ? 't' : c === false ? 'f' : String(c))

/** Numbers, texts and truth values in an order; nulls come last. */
function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

class Statement {
  readonly #tokens: readonly Token[]
  readonly #tables: Tables
  readonly #version: string
  #i = 0
  constructor(list: readonly Token[], tables: Tables, version: string) {
    this.#tokens = list
    this.#tables = tables
    this.#version = version
  }
  get #token(): Token {
    return this.#tokens[this.#i] as Token
  }
  #syntax(): Refusal {
    const t = this.#token
    if (t.kind === 'end') return new Refusal('syntax error at end of input', '42601', { at: t.at })
    return new Refusal(`syntax error at or near "${t.text}"`, '42601', { at: t.at })
  }
  #is(...words: readonly string[]): boolean {
    return words.every((w, k) => {
      const t = this.#tokens[this.#i + k]
      return (t?.kind === 'word' || t?.kind === 'sign') && t.text === w
    })
  }
  #take(...words: readonly string[]): boolean {
    if (!this.#is(...words)) return false
    this.#i += words.length
    return true
  }
  #need(...words: readonly string[]): void {
    for (const w of words) if (!this.#take(w)) throw this.#syntax()
  }
  #name(): string {
    const t = this.#token
    if (t.kind !== 'word' && t.kind !== 'name') throw this.#syntax()
    this.#i++
    return t.text
  }
  #end(): void {
    if (this.#token.kind !== 'end') throw this.#syntax()
  }
  #table(): readonly [name: string, table: Table] {
    const at = this.#token.at
    const name = this.#name()
    const table = this.#tables.get(name)
    if (!table) throw new Refusal(`relation "${name}" does not exist`, '42P01', { at })
    return [name, table]
  }

  run(): Result {
    if (this.#take('select')) return this.#select()
    if (this.#take('insert', 'into')) return this.#insert()
    if (this.#take('update')) return this.#update()
    if (this.#take('delete', 'from')) return this.#delete()
    if (this.#take('create', 'table')) return this.#create()
    if (this.#take('drop', 'table')) return this.#drop()
    const t = this.#token
    if (
      t.kind === 'word' &&
      /^(alter|analyze|begin|call|close|comment|commit|copy|create|declare|do|drop|end|execute|explain|fetch|grant|listen|lock|merge|notify|prepare|reindex|reset|revoke|rollback|savepoint|set|show|start|table|truncate|vacuum|values|with)$/.test(
        t.text,
      )
    )
      throw notHere(
        `${t.text.toUpperCase()}${this.#tokens[this.#i + 1]?.kind === 'word' ? ` ${this.#tokens[this.#i + 1]?.text.toUpperCase()}` : ''}`,
      )
    throw this.#syntax()
  }
  #create(): Result {
    const quiet = this.#take('if', 'not', 'exists')
    const name = this.#name()
    this.#need('(')
    const columns: Column[] = []
    do {
      const t = this.#token
      if (t.kind === 'word' && /^(primary|unique|foreign|constraint|check|exclude|like)$/.test(t.text))
        throw notHere('constraints of tables')
      const column = this.#name()
      const typeAt = this.#token
      const word = this.#name()
      if (word === 'character') this.#take('varying')
      const type = Object.hasOwn(types, word) ? types[word] : undefined
      if (!type) {
        if (
          /^(numeric|decimal|real|double|float|smallint|date|time|timestamp|timestamptz|interval|json|jsonb|uuid|bytea|inet)$/.test(
            word,
          )
        )
          throw notHere(`type ${word}`)
        throw new Refusal(`type "${word}" does not exist`, '42704', { at: typeAt.at })
      }
      if (this.#take('(')) {
        this.#i++
        this.#need(')')
      }
      const serial = word.endsWith('serial')
      let [notNull, unique, key] = [serial, false, false]
      let fallback: Cell | undefined
      for (;;) {
        if (this.#take('primary', 'key')) notNull = unique = key = true
        else if (this.#take('not', 'null')) notNull = true
        else if (this.#take('null')) continue
        else if (this.#take('unique')) unique = true
        else if (this.#take('default')) fallback = this.#value(undefined).value([])
        else break
      }
      if (columns.some((c) => c.name === column))
        throw new Refusal(`column "${column}" specified more than once`, '42701')
      columns.push({
        name: column,
        type,
        notNull,
        unique,
        key,
        serial,
        ...(fallback === undefined ? {} : { fallback }),
      })
    } while (this.#take(','))
    this.#need(')')
    this.#end()
    if (this.#tables.has(name)) {
      if (quiet) return { tag: 'CREATE TABLE', notice: `relation "${name}" already exists, skipping` }
      throw new Refusal(`relation "${name}" already exists`, '42P07')
    }
    this.#tables.set(name, { columns, rows: [], next: 1 })
    return { tag: 'CREATE TABLE' }
  }
  #drop(): Result {
    const quiet = this.#take('if', 'exists')
    const name = this.#name()
    this.#end()
    if (this.#tables.delete(name)) return { tag: 'DROP TABLE' }
    if (quiet) return { tag: 'DROP TABLE', notice: `table "${name}" does not exist, skipping` }
    throw new Refusal(`table "${name}" does not exist`, '42P01')
  }
  /** A value as a column takes it. */
  #fit(c: Column, v: Cell): Cell {
    if (v === null) return null
    if (c.type === 'text') return shown(v)
    if (c.type === 'boolean') {
      const s = String(v).toLowerCase()
      if (['t', 'true', 'yes', 'on', '1'].includes(s)) return true
      if (['f', 'false', 'no', 'off', '0'].includes(s)) return false
      throw new Refusal(`invalid input syntax for type boolean: "${v}"`, '22P02')
    }
    const n = typeof v === 'string' ? (/^\s*[-+]?\d+\s*$/.test(v) ? Number(v) : Number.NaN) : Number(v)
    if (!Number.isSafeInteger(n)) throw new Refusal(`invalid input syntax for type ${c.type}: "${v}"`, '22P02')
    if (c.type === 'integer' && Math.abs(n) > 2147483647) throw new Refusal('integer out of range', '22003')
    return n
  }
  #check(name: string, table: Table, row: readonly Cell[], others: readonly (readonly Cell[])[]): void {
    for (const [i, c] of table.columns.entries()) {
      const v = row[i] ?? null
      if (c.notNull && v === null)
        throw new Refusal(
          `null value in column "${c.name}" of relation "${name}" violates not-null constraint`,
          '23502',
          {
            detail: `Failing row contains (${row.map((x) => (x === null ? 'null' : shown(x))).join(', ')}).`,
          },
        )
      if (c.unique && v !== null && others.some((r) => r[i] === v))
        throw new Refusal(
          `duplicate key value violates unique constraint "${c.key ? `${name}_pkey` : `${name}_${c.name}_key`}"`,
          '23505',
          {
            detail: `Key (${c.name})=(${shown(v)}) already exists.`,
          },
        )
    }
  }
  #insert(): Result {
    const [relation, real] = this.#table()
    let chosen = real.columns.map((_, i) => i)
    if (this.#take('(')) {
      chosen = []
      do chosen.push(this.#column(real, relation))
      while (this.#take(','))
      this.#need(')')
    }
    if (this.#is('select') || this.#is('default')) throw notHere('INSERT without VALUES')
    this.#need('values')
    const made: Cell[][] = []
    let next = real.next
    do {
      this.#need('(')
      const given: (Cell | undefined)[] = []
      do given.push(this.#take('default') ? undefined : this.#value(undefined).value([]))
      while (this.#take(','))
      this.#need(')')
      if (given.length > chosen.length) throw new Refusal('INSERT has more expressions than target columns', '42601')
      const row: Cell[] = real.columns.map((c, i) => {
        const k = chosen.indexOf(i)
        const v = k >= 0 && k < given.length ? given[k] : undefined
        return v !== undefined ? this.#fit(c, v) : c.serial ? next++ : (c.fallback ?? null)
      })
      this.#check(relation, real, row, [...real.rows, ...made])
      made.push(row)
    } while (this.#take(','))
    if (this.#is('returning') || this.#is('on')) throw notHere(`INSERT ... ${this.#token.text.toUpperCase()}`)
    this.#end()
    real.rows.push(...made)
    real.next = next
    return { tag: `INSERT 0 ${made.length}` }
  }
  #column(table: Table, name: string): number {
    const at = this.#token.at
    const column = this.#name()
    const i = table.columns.findIndex((c) => c.name === column)
    if (i < 0) throw new Refusal(`column "${column}" of relation "${name}" does not exist`, '42703', { at })
    return i
  }
  #update(): Result {
    const [relation, real] = this.#table()
    this.#need('set')
    const changes: (readonly [number, Expression])[] = []
    do {
      const i = this.#column(real, relation)
      this.#need('=')
      changes.push([i, this.#value(real).value])
    } while (this.#take(','))
    const where = this.#where(real)
    this.#end()
    let count = 0
    const rows = real.rows.map((row) => {
      if (!where(row)) return row
      count++
      const next = [...row]
      for (const [i, value] of changes) next[i] = this.#fit(real.columns[i] as Column, value(row))
      return next
    })
    for (const [i, row] of rows.entries())
      if (row !== real.rows[i])
        this.#check(
          relation,
          real,
          row,
          rows.filter((_, k) => k !== i),
        )
    real.rows = rows
    return { tag: `UPDATE ${count}` }
  }
  #delete(): Result {
    const [, real] = this.#table()
    const where = this.#where(real)
    this.#end()
    const before = real.rows.length
    real.rows = real.rows.filter((r) => !where(r))
    return { tag: `DELETE ${before - real.rows.length}` }
  }
  #where(table: Table | undefined): (row: Row) => boolean {
    if (!this.#take('where')) return () => true
    const value = this.#condition(table)
    return (row) => value(row) === true
  }
  #condition(table: Table | undefined): Expression {
    let left = this.#conjunction(table)
    while (this.#take('or')) {
      const [a, b] = [left, this.#conjunction(table)]
      left = (row) => a(row) === true || b(row) === true
    }
    return left
  }
  #conjunction(table: Table | undefined): Expression {
    let left = this.#test(table)
    while (this.#take('and')) {
      const [a, b] = [left, this.#test(table)]
      left = (row) => a(row) === true && b(row) === true
    }
    return left
  }
  #test(table: Table | undefined): Expression {
    if (this.#take('not')) {
      const inner = this.#test(table)
      return (row) => {
        const v = inner(row)
        return v === null ? null : v !== true
      }
    }
    if (this.#take('(')) {
      const inner = this.#condition(table)
      this.#need(')')
      return inner
    }
    const left = this.#value(table).value
    if (this.#take('is')) {
      const not = this.#take('not')
      this.#need('null')
      return (row) => (left(row) === null) !== not
    }
    const not = this.#take('not')
    if (this.#is('like') || this.#is('ilike')) {
      const ignore = this.#name() === 'ilike'
      const pattern = this.#value(table).value
      return (row) => {
        const [a, p] = [left(row), pattern(row)]
        if (a === null || p === null) return null
        const source = String(p)
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replace(/%/g, '.*')
          .replace(/_/g, '.')
        return new RegExp(`^${source}$`, ignore ? 'is' : 's').test(String(a)) !== not
      }
    }
    if (this.#take('in')) {
      this.#need('(')
      if (this.#is('select')) throw notHere('subqueries')
      const list: Expression[] = []
      do list.push(this.#value(table).value)
      while (this.#take(','))
      this.#need(')')
      return (row) => {
        const v = left(row)
        return v === null ? null : list.some((e) => same(e(row), v)) !== not
      }
    }
    if (not) throw this.#syntax()
    const sign = this.#token.text
    if (!['=', '<>', '!=', '<', '>', '<=', '>='].includes(sign) || this.#token.kind !== 'sign') return left
    this.#i++
    const right = this.#value(table).value
    return (row) => {
      const [a, b] = [left(row), right(row)]
      if (a === null || b === null) return null
      if (sign === '=' || sign === '<>' || sign === '!=') return same(a, b) === (sign === '=')
      const order =
        typeof a === 'number' && typeof b === 'string'
          ? compare(a, Number(b))
          : typeof b === 'number' && typeof a === 'string'
            ? compare(Number(a), b)
            : compare(a, b)
      return sign === '<' ? order < 0 : sign === '>' ? order > 0 : sign === '<=' ? order <= 0 : order >= 0
    }
  }
  /** Sums, products, columns, literals. */
  #value(table: Table | undefined): Output {
    let left = this.#product(table)
    for (;;) {
      const sign = this.#token
      if (sign.kind !== 'sign' || !['+', '-', '||'].includes(sign.text)) return left
      this.#i++
      left = combined(left, sign.text, this.#product(table))
    }
  }
  #product(table: Table | undefined): Output {
    let left = this.#factor(table)
    for (;;) {
      const sign = this.#token
      if (sign.kind !== 'sign' || !['*', '/', '%'].includes(sign.text)) return left
      this.#i++
      left = combined(left, sign.text, this.#factor(table))
    }
  }
  #factor(table: Table | undefined): Output {
    const t = this.#token
    const constant = (v: Cell, type: Column['type'], name = '?column?'): Output => {
      this.#i++
      return { name, type, value: () => v }
    }
    if (t.kind === 'string') return constant(t.text, 'text')
    if (t.kind === 'number') {
      if (t.text.includes('.')) throw notHere('type numeric')
      return constant(Number(t.text), Number(t.text) > 2147483647 ? 'bigint' : 'integer')
    }
    if (this.#take('-')) {
      const inner = this.#factor(table)
      return {
        ...inner,
        value: (row) => {
          const v = inner.value(row)
          return v === null ? null : -Number(v)
        },
      }
    }
    if (this.#take('(')) {
      if (this.#is('select')) throw notHere('subqueries')
      const inner = this.#value(table)
      this.#need(')')
      return inner
    }
    if (this.#is('null')) return constant(null, 'text')
    if (this.#is('true') || this.#is('false')) return constant(t.text === 'true', 'boolean', 'bool')
    const name = this.#name()
    if (t.kind === 'word' && this.#take('(')) return this.#call(name, table)
    if (this.#is('.')) throw notHere('names with a dot')
    const i = table?.columns.findIndex((c) => c.name === name) ?? -1
    if (i < 0) throw new Refusal(`column "${name}" does not exist`, '42703', { at: t.at })
    return { name, type: (table?.columns[i] as Column).type, value: (row) => row[i] ?? null }
  }
  #call(name: string, table: Table | undefined): Output {
    if (name === 'version') {
      this.#need(')')
      return { name, type: 'text', value: () => this.#version }
    }
    if (name === 'upper' || name === 'lower' || name === 'length') {
      const inner = this.#value(table)
      this.#need(')')
      return {
        name,
        type: name === 'length' ? 'integer' : 'text',
        value: (row) => {
          const v = inner.value(row)
          if (v === null) return null
          return name === 'length'
            ? [...shown(v)].length
            : name === 'upper'
              ? shown(v).toUpperCase()
              : shown(v).toLowerCase()
        },
      }
    }
    throw notHere(`function ${name}()`)
  }
  #select(): Result {
    // The list is read when the table is known.
    const start = this.#i
    let depth = 0
    while (this.#token.kind !== 'end' && !(depth === 0 && this.#is('from'))) {
      if (this.#is('(')) depth++
      if (this.#is(')')) depth--
      this.#i++
    }
    let table: Table | undefined
    if (this.#take('from')) {
      table = this.#table()[1]
      if (this.#is(',') || this.#is('join') || this.#is('left') || this.#is('inner')) throw notHere('joins')
    }
    const after = this.#i
    this.#i = start
    const outputs: Output[] = []
    let aggregate = false
    if (this.#is('distinct')) throw notHere('SELECT DISTINCT')
    do {
      if (this.#take('*')) {
        if (!table)
          throw new Refusal('SELECT * with no tables specified is not valid', '42601', {
            at: this.#tokens[this.#i - 1]?.at ?? 1,
          })
        for (const [i, c] of table.columns.entries())
          outputs.push({ name: c.name, type: c.type, value: (row) => row[i] ?? null })
        continue
      }
      const t = this.#token
      let output: Output
      if (t.kind === 'word' && /^(count|sum|min|max)$/.test(t.text) && this.#tokens[this.#i + 1]?.text === '(') {
        this.#i += 2
        const star = t.text === 'count' && this.#take('*')
        const inner = star ? undefined : this.#value(table)
        this.#need(')')
        aggregate = true
        output = {
          name: t.text,
          type: t.text === 'count' || t.text === 'sum' ? 'bigint' : (inner?.type ?? 'bigint'),
          value: () => {
            const values = (this.#grouped ?? []).map((row) => (inner ? inner.value(row) : 0)).filter((v) => v !== null)
            if (t.text === 'count') return values.length
            if (values.length === 0) return null
            if (t.text === 'sum') return values.reduce((n: number, v) => n + Number(v), 0)
            return values.reduce((a, b) => ((t.text === 'min') === compare(a, b) <= 0 ? a : b))
          },
        }
      } else output = this.#value(table)
      if (this.#take('as')) output = { ...output, name: this.#name() }
      else if (this.#token.kind === 'name' || (this.#token.kind === 'word' && this.#i < after && !this.#is('from')))
        output = { ...output, name: this.#name() }
      outputs.push(output)
    } while (this.#take(','))
    if (
      !this.#is('from') &&
      this.#token.kind !== 'end' &&
      !this.#is('where') &&
      !this.#is('order') &&
      !this.#is('limit')
    )
      throw this.#syntax()
    if (table) this.#i = after
    const where = this.#where(table)
    if (this.#is('group') || this.#is('having') || this.#is('union')) throw notHere(this.#token.text.toUpperCase())
    let rows: Row[] = table ? table.rows.filter(where) : [[]].filter(where)
    if (this.#take('order', 'by')) {
      const keys: (readonly [Expression, number])[] = []
      do {
        const t = this.#token
        const alias = outputs.find((x) => x.name === t.text)
        let key: Expression
        if (t.kind === 'number') {
          this.#i++
          key = outputs[Number(t.text) - 1]?.value ?? (() => null)
        } else if (alias && !table?.columns.some((c) => c.name === t.text)) {
          this.#i++
          key = alias.value
        } else key = this.#value(table).value
        const down = this.#take('desc')
        if (!down) this.#take('asc')
        keys.push([key, down ? -1 : 1])
      } while (this.#take(','))
      rows = [...rows].sort((a, b) => {
        for (const [key, sign] of keys) {
          const order = compare(key(a), key(b))
          if (order !== 0) return order * sign
        }
        return 0
      })
    }
    let limit = Number.POSITIVE_INFINITY
    let offset = 0
    for (;;) {
      if (this.#take('limit')) limit = Number(this.#value(undefined).value([]))
      else if (this.#take('offset')) offset = Number(this.#value(undefined).value([]))
      else break
    }
    this.#end()
    let made: Cell[][]
    if (aggregate) {
      this.#grouped = rows
      made = [outputs.map((x) => x.value([]))]
    } else made = rows.map((row) => outputs.map((x) => x.value(row)))
    made = made.slice(offset, offset + limit)
    return { columns: outputs.map(({ name, type }) => ({ name, type })), rows: made, tag: `SELECT ${made.length}` }
  }
  /** The rows that count(*) and its kin look at. */
  #grouped: readonly Row[] | undefined
}
const same = (a: Cell, b: Cell): boolean =>
  a === b || (a !== null && b !== null && typeof a !== typeof b && shown(a) === shown(b))
function combined(a: Output, sign: string, b: Output): Output {
  if (sign === '||')
    return {
      name: '?column?',
      type: 'text',
      value: (row) => {
        const [x, y] = [a.value(row), b.value(row)]
        return x === null || y === null ? null : shown(x) + shown(y)
      },
    }
  return {
    name: '?column?',
    type: a.type === 'bigint' || b.type === 'bigint' ? 'bigint' : 'integer',
    value: (row) => {
      const [x, y] = [a.value(row), b.value(row)]
      if (x === null || y === null) return null
      const [m, n] = [Number(x), Number(y)]
      if (Number.isNaN(m) || Number.isNaN(n))
        throw new Refusal('operator does not exist: text ' + sign + ' integer', '42883')
      if ((sign === '/' || sign === '%') && n === 0) throw new Refusal('division by zero', '22012')
      return sign === '+'
        ? m + n
        : sign === '-'
          ? m - n
          : sign === '*'
            ? m * n
            : sign === '/'
              ? Math.trunc(m / n)
              : m % n
    },
  }
}

/** Runs the statements of a query, one after the other, until one fails. */
export function runSql(query: string, tables: Tables, version: string): Result[] {
  const results: Result[] = []
  try {
    const all = tokens(query)
    let from = 0
    for (const [i, t] of all.entries()) {
      if (t.kind !== 'end' && !(t.kind === 'sign' && t.text === ';')) continue
      const part = all.slice(from, i)
      from = i + 1
      if (part.length === 0) continue
      results.push(new Statement([...part, { kind: 'end', text: '', at: t.at }], tables, version).run())
    }
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    const { error, code, detail, at } = refusal
    results.push({ error, code, ...(detail === undefined ? {} : { detail }), ...(at === undefined ? {} : { at }) })
  }
  return results
}

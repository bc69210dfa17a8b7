/** PostgreSQL's messages, protocol version 3 (postgresql.org/docs/current/protocol-message-formats.html): a letter, a length, fields. */
import type { Cell, Result } from './sql.ts'
import { shown } from './sql.ts'

const encoder = new TextEncoder()
const OIDS = { integer: [23, 4], bigint: [20, 8], text: [25, -1], boolean: [16, 1] } as const

/** One message; '' as its letter for the start-up message, which has none. */
export function message(letter: string, body: Uint8Array): Uint8Array {
  const head = letter === '' ? 0 : 1
  const out = new Uint8Array(head + 4 + body.length)
  if (head) out[0] = letter.charCodeAt(0)
  new DataView(out.buffer).setUint32(head, 4 + body.length)
  out.set(body, head + 4)
  return out
}
/** Bytes from pieces: texts end in a zero byte, numbers are [value, bytes]. */
export function fields(
  ...parts: readonly (string | readonly [value: number, bytes: 1 | 2 | 4] | Uint8Array)[]
): Uint8Array {
  const list = parts.map((p) => {
    if (typeof p === 'string') return encoder.encode(`${p}\0`)
    if (p instanceof Uint8Array) return p
    const [value, bytes] = p
    const out = new Uint8Array(bytes)
    for (let i = 0; i < bytes; i++) out[bytes - 1 - i] = (value >> (8 * i)) & 255
    return out
  })
  const all = new Uint8Array(list.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of list) {
    all.set(p, at)
    at += p.length
  }
  return all
}
export const errorMessage = (severity: string, text: string, code: string, detail?: string, at?: number): Uint8Array =>
  message(
    'E',
    fields(
      `S${severity}`,
      `V${severity}`,
      `C${code}`,
      `M${text}`,
      ...(detail === undefined ? [] : [`D${detail}`]),
      ...(at === undefined ? [] : [`P${at}`]),
      [0, 1],
    ),
  )
export const ready = message('Z', encoder.encode('I'))
function dataRow(row: readonly Cell[]): Uint8Array {
  return message(
    'D',
    fields(
      [row.length, 2],
      ...row.flatMap((c): (readonly [number, 4] | Uint8Array)[] => {
        if (c === null) return [[-1, 4]]
        const bytes = encoder.encode(shown(c))
        return [[bytes.length, 4], bytes]
      }),
    ),
  )
}
/** What a statement's result is on the wire. */
export function resultMessages(r: Result): Uint8Array[] {
  if ('error' in r) return [errorMessage('ERROR', r.error, r.code, r.detail, r.at)]
  if (!('columns' in r))
    return [
      ...(r.notice === undefined ? [] : [message('N', fields('SNOTICE', 'VNOTICE', 'C42P07', `M${r.notice}`, [0, 1]))]),
      message('C', fields(r.tag)),
    ]
  const head = fields(
    [r.columns.length, 2],
    ...r.columns.flatMap((c): (string | readonly [number, 1 | 2 | 4])[] => {
      const [oid, size] = OIDS[c.type]
      return [c.name, [0, 4], [0, 2], [oid, 4], [size, 2], [-1, 4], [0, 2]]
    }),
  )
  return [message('T', head), ...r.rows.map(dataRow), message('C', fields(r.tag))]
}

/** Cuts what came into messages. */
export class Messages {
  #bytes = new Uint8Array(0)
  #started: boolean
  /** `started`: no start-up message is expected. */
  constructor(started: boolean) {
    this.#started = started
  }
  add(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#bytes.length + bytes.length)
    all.set(this.#bytes)
    all.set(bytes, this.#bytes.length)
    this.#bytes = all
  }
  next(): { readonly letter: string; readonly body: Uint8Array } | undefined {
    const head = this.#started ? 1 : 0
    if (this.#bytes.length < head + 4) return undefined
    const size = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(head)
    if (size < 4 || size > 1 << 24) {
      this.#bytes = new Uint8Array(0)
      return { letter: 'X', body: new Uint8Array(0) }
    }
    if (this.#bytes.length < head + size) return undefined
    const letter = head ? String.fromCharCode(this.#bytes[0] as number) : ''
    const body = this.#bytes.slice(head + 4, head + size)
    this.#bytes = this.#bytes.slice(head + size)
    this.#started = true
    return { letter, body }
  }
}

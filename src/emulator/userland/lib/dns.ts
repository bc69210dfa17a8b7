/** DNS messages, RFC 1035: queries and answers for A records. */

export interface DnsMessage {
  readonly id: number
  readonly response: boolean
  /** 0 no error, 3 no such name. */
  readonly rcode: number
  readonly name: string
  readonly type: number
  /** Addresses of the answers. */
  readonly addresses: readonly string[]
}

function encodeName(name: string): number[] {
  const out: number[] = []
  for (const label of name.split('.').filter(Boolean))
    out.push(Math.min(63, label.length), ...[...label.slice(0, 63)].map((c) => c.charCodeAt(0) & 255))
  return [...out, 0]
}
const u16 = (n: number): number[] => [(n >> 8) & 255, n & 255]

/** A question for addresses (type A unless told otherwise). */
export function encodeQuery(id: number, name: string, type = 1): Uint8Array {
  return Uint8Array.from([...u16(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...encodeName(name), ...u16(type), 0, 1])
}
/** An answer to a question; rcode 3 says that there is no such name. */
export function encodeResponse(query: DnsMessage, addresses: readonly string[], rcode = 0): Uint8Array {
  const answers = addresses.flatMap((a) => [0xc0, 12, 0, 1, 0, 1, 0, 0, 2, 88, 0, 4, ...a.split('.').map(Number)])
  return Uint8Array.from([
    ...u16(query.id),
    0x81,
    0x80 | rcode,
    0,
    1,
    ...u16(addresses.length),
    0,
    0,
    0,
    0,
    ...encodeName(query.name),
    ...u16(query.type),
    0,
    1,
    ...answers,
  ])
}
/** A message's parts; undefined where it isn't one. */
export function decodeMessage(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < 12) return undefined
  const at16 = (i: number): number => ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)
  let i = 12
  const labels: string[] = []
  while (i < bytes.length && bytes[i] !== 0) {
    const n = bytes[i] as number
    if (n > 63) return undefined
    labels.push(String.fromCharCode(...bytes.subarray(i + 1, i + 1 + n)))
    i += n + 1
  }
  const type = at16(i + 1)
  i += 5
  const addresses: string[] = []
  for (let n = at16(6); n > 0 && i + 12 <= bytes.length; n--) {
    if (((bytes[i] ?? 0) & 0xc0) === 0xc0) i += 2
    else {
      while (i < bytes.length && bytes[i] !== 0) i += (bytes[i] as number) + 1
      i++
    }
    const length = at16(i + 8)
    if (at16(i) === 1 && length === 4) addresses.push([...bytes.subarray(i + 10, i + 14)].join('.'))
    i += 10 + length
  }
  return {
    id: at16(0),
    response: ((bytes[2] ?? 0) & 0x80) !== 0,
    rcode: (bytes[3] ?? 0) & 15,
    name: labels.join('.'),
    type,
    addresses,
  }
}

/** Small helpers for bytes. */
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes that were made last, with their texts: most messages are read soon by another process. Nobody changes bytes that were written. */
const lately: { readonly bytes: Uint8Array; readonly text: string }[] = []
const FEW = 8
let at = 0

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  const bytes = encoder.encode(text)
  // What isn't ASCII need not come back as it was.
  if (bytes.length === text.length && text.length < 65536) {
    lately[at] = { bytes, text }
    at = (at + 1) % FEW
  }
  return bytes
}
/** UTF-8 as text; what isn't UTF-8 becomes U+FFFD. */
export function text(bytes: Uint8Array): string {
  for (const known of lately) if (known.bytes === bytes) return known.text
  return decoder.decode(bytes)
}

/** All parts in one array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let out = ''
  for (const b of bytes) out += (b + 256).toString(16).slice(1)
  return out
}

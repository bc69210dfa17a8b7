/**
 * The shell's text: Unicode, so that `${#x}` and `?` count characters, and yet no byte is lost. A byte that isn't part of valid UTF-8 is
 * held as U+DC80 to U+DCFF (a lone surrogate, which no valid text has).
 */
import { fromWord } from '../lib/argument.ts'
import { binary, unbinary } from '../lib/io.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Bytes as the shell's text. */
export function fromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    // Piece by piece: what a lead byte announces, or the byte alone.
    let out = ''
    for (let i = 0; i < bytes.length; ) {
      const b = bytes[i] as number
      const n = b < 0x80 ? 1 : b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2
      try {
        out += strict.decode(bytes.subarray(i, i + n))
        i += n
      } catch {
        out += String.fromCharCode(0xdc00 | b)
        i++
      }
    }
    return out
  }
}
/** The bytes of the shell's text. */
export function toBytes(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text)
  const out: number[] = []
  for (const c of text) {
    const code = c.codePointAt(0) as number
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code & 255)
    else out.push(...encoder.encode(c))
  }
  return Uint8Array.from(out)
}
/** The shell's text as bytes of one character each, for the functions of lib/ that work so. */
export const toBinary = (text: string): string => (/[^\x00-\x7f]/.test(text) ? binary(toBytes(text)) : text)
/** The reverse. */
export const fromBinary = (bytes: string): string => (/[^\x00-\x7f]/.test(bytes) ? fromBytes(unbinary(bytes)) : bytes)

/** A word for a system call: text where it is valid, one character a byte where it isn't (lib/argument.ts). */
export const toWord = (text: string): string => (/[\udc80-\udcff]/.test(text) ? binary(toBytes(text)) : text)
/** A word from the kernel as the shell's text. */
export const ofWord = (word: string): string => (/[^\x00-\x7f]/.test(word) ? fromBinary(fromWord(word)) : word)

/** Characters, as `${#x}` counts them. */
export const length = (text: string): number => (/[\ud800-\udbff]/.test(text) ? [...text].length : text.length)
/** Characters from `from` up to `to`. */
export const slice = (text: string, from: number, to?: number): string =>
  /[\ud800-\udbff]/.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to)

/**
 * Words between the kernel and programs that work on bytes. The kernel's strings (arguments, names of files, the environment) are
 * Unicode text; such programs hold one character a byte (`binary` of io.ts).
 */
import { binary, encode, unbinary } from './io.ts'

const strict = new TextDecoder('utf-8', { fatal: true })

/** Bytes, one character each, as text where they are UTF-8; as they are where not. What a program passes to a system call. */
export function toWord(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes
  try {
    return strict.decode(unbinary(bytes))
  } catch {
    return bytes
  }
}
/** A word from the kernel as its bytes, one character each. A word that is made of bytes already (from a shell's substitution) stays. */
export function fromWord(word: string): string {
  if (!/[^\x00-\x7f]/.test(word)) return word
  return /[^\x00-\xff]/.test(word) || toWord(word) === word ? binary(encode(word)) : word
}

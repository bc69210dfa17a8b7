/**
 * SHA-256, FIPS 180-4 section 6.2. Libraries bring its whole family along, which a page that only pulls images would load for nothing;
 * the applets (sha512sum ...) use one.
 */

/** The first 32 bits of the fraction of a root, section 4.2.2 and 5.3.3. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32)
const primes: number[] = []
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n)
/** Fractions of the cube roots of the first 64 primes. */
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)))
/** Fractions of the square roots of the first eight. */
const H = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)))

const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n))

/** The message, a 1 bit, zeros and the length in bits, in blocks of 16 words: section 5.1.1. */
function padded(message: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil((message.length + 9) / 64) * 16)
  const view = new DataView(message.buffer, message.byteOffset)
  const whole = message.length >> 2
  for (let i = 0; i < whole; i++) words[i] = view.getInt32(i * 4)
  for (let i = whole * 4; i < message.length; i++)
    words[i >> 2] = (words[i >> 2] as number) | ((message[i] as number) << (24 - (i & 3) * 8))
  const end = message.length
  words[end >> 2] = (words[end >> 2] as number) | (0x80 << (24 - (end & 3) * 8))
  words[words.length - 2] = end / 2 ** 29
  words[words.length - 1] = end << 3
  return words
}

/** The digest, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const words = padded(message)
  const state = H.slice()
  const w = new Int32Array(64)
  for (let block = 0; block < words.length; block += 16) {
    for (let t = 0; t < 16; t++) w[t] = words[block + t] as number
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15] as number
      const y = w[t - 2] as number
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
      w[t] = (w[t - 16] as number) + s0 + (w[t - 7] as number) + s1
    }
    let a = state[0] as number
    let b = state[1] as number
    let c = state[2] as number
    let d = state[3] as number
    let e = state[4] as number
    let f = state[5] as number
    let g = state[6] as number
    let h = state[7] as number
    for (let t = 0; t < 64; t++) {
      const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const t1 = (h + sum1 + ((e & f) ^ (~e & g)) + (K[t] as number) + (w[t] as number)) | 0
      const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const t2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    const end = [a, b, c, d, e, f, g, h]
    for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (end[i] as number)
  }
  return Uint8Array.from({ length: 32 }, (_, i) => (state[i >> 2] as number) >>> (24 - (i & 3) * 8))
}

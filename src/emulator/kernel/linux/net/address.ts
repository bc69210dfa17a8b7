/** IPv4 addresses as unsigned 32-bit numbers, with their written form. */

/** The number of `a.b.c.d`; undefined where it isn't one. */
export function parseAddress(text: string): number | undefined {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!m) return undefined
  let value = 0
  for (let i = 1; i <= 4; i++) {
    const byte = Number(m[i])
    if (byte > 255) return undefined
    value = value * 256 + byte
  }
  return value
}
export const formatAddress = (a: number): string => `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`
/** The network mask of a prefix length. */
export const maskOf = (prefix: number): number => (prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0)
export const inNetwork = (address: number, network: number, prefix: number): boolean =>
  ((address ^ network) & maskOf(prefix)) === 0
/** `10.0.0.0/8` or a bare address (prefix 32). */
export function parseCidr(text: string): { readonly address: number; readonly prefix: number } | undefined {
  const [a = '', p] = text.split('/')
  const address = parseAddress(a)
  const prefix = p === undefined ? 32 : Number(p)
  return address === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32
    ? undefined
    : { address, prefix }
}

/** Digests, image-spec descriptor.md "Digests". */
import { hex } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = string & { readonly __digest: unique symbol }

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${hex(sha256(bytes))}` as Digest
/** The text as a digest; undefined where it is none. */
export const parseDigest = (text: string): Digest | undefined =>
  /^sha256:[0-9a-f]{64}$/.test(text) ? (text as Digest) : undefined
/** ChainIDs of layers, image-spec config.md "Layer ChainID". */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const out: Digest[] = []
  for (const d of diffIds) out.push(out.length === 0 ? d : digestOf(new TextEncoder().encode(`${out.at(-1)} ${d}`)))
  return out
}

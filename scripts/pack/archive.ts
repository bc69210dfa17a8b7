/** A folder's files as a tar and as a zip whose bytes depend on names, contents and the given time only. Pure. */
import { type ZippableFile, zipSync } from 'fflate'

export interface ArchiveFile {
  /** With slashes; the first part is the archive's top folder. */
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly executable?: boolean
}
const BLOCK = 512

/** POSIX.1-1988 (ustar) tar, files only, owner 0. Throws where a name doesn't fit the format. */
export function tar(files: readonly ArchiveFile[], time: Date): Uint8Array {
  const blocks: Uint8Array[] = []
  for (const { path, bytes, executable } of files) {
    const header = Buffer.alloc(BLOCK)
    const [prefix, name] = splitName(path)
    header.write(name, 0)
    header.write(executable ? '0000755\0' : '0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write(
      `${Math.floor(time.getTime() / 1000)
        .toString(8)
        .padStart(11, '0')}\0`,
      136,
    )
    header.fill(' ', 148, 156)
    header.write('0', 156)
    header.write('ustar\x0000', 257)
    header.write(prefix, 345)
    const sum = header.reduce((n, byte) => n + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(header, bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK))
  }
  blocks.push(new Uint8Array(2 * BLOCK))
  return Buffer.concat(blocks)
}
function splitName(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path]
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name]
  }
  throw new Error(`pack: the name is too long for a tar: ${path}`)
}

/** A zip. What is packed already is stored as it is. */
export function zip(files: readonly ArchiveFile[], time: Date): Uint8Array {
  // A zip's times have no zone: the time of UTC is written, wherever this runs.
  const mtime = new Date(
    time.getUTCFullYear(),
    time.getUTCMonth(),
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  )
  const entries: Record<string, ZippableFile> = {}
  for (const { path, bytes, executable } of files)
    entries[path] = [
      bytes,
      {
        mtime,
        level: /\.(gz|br|png|pf_\w+)$/.test(path) ? 0 : 9,
        os: 3,
        attrs: (executable ? 0o100755 : 0o100644) * 0x10000,
      },
    ]
  return zipSync(entries)
}

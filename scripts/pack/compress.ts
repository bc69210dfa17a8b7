/** The .gz and .br beside a file, for servers that hand out what was compressed in advance. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { isTwin } from '../../src/components/offline/paths.ts'

/** Smaller files gain nothing: an answer is one network packet anyway. */
const LEAST = 600
/** A packed file must be so much smaller to be worth its place. */
const GAIN = 0.9
const text = /\.(html|css|js|json|svg|xml|txt)$/

/** Whether a file of the site gets packed twins. Pictures and Pagefind's files are compressed already; file:// reads no packed files. */
export const worthPacking = (path: string, size: number): boolean => text.test(path) && size >= LEAST && !isTwin(path)

/** Writes the packed twins of a folder's files and answers their paths. Quality 11 is brotli's best, and slow. */
export async function compressAll(folder: string, paths: readonly string[], quality = 11): Promise<readonly string[]> {
  const out: string[] = []
  const queue = [...paths]
  const one = async (): Promise<void> => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const bytes = readFileSync(join(folder, path))
      if (!worthPacking(path, bytes.length)) continue
      const packed = [
        ['gz', await promisify(gzip)(bytes, { level: 9 })],
        [
          'br',
          await promisify(brotliCompress)(bytes, {
            params: {
              [constants.BROTLI_PARAM_QUALITY]: quality,
              [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
              [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
            },
          }),
        ],
      ] as const
      for (const [end, data] of packed) {
        if (data.length > bytes.length * GAIN) continue
        // The header's byte for the operating system: the same package comes out everywhere.
        if (end === 'gz') data[9] = 255
        writeFileSync(join(folder, `${path}.${end}`), data)
        out.push(`${path}.${end}`)
      }
    }
  }
  await Promise.all(Array.from({ length: 4 }, one))
  return out.sort()
}

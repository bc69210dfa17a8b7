/** wc: lines, words and bytes. */
import { EINTR, type Errno, isErr } from '../../../base/errno.ts'
import { eachFile } from '../../lib/input.ts'
import { print, warn } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const wc: Applet = {
  name: 'wc',
  usage: '[-cmlwL] [FILE]...',
  help: 'Count lines, words, and bytes for FILEs (or stdin)\n\n\t-c\tCount bytes\n\t-m\tCount characters\n\t-l\tCount newlines\n\t-w\tCount words\n\t-L\tPrint longest line length',
  *run(sys, argv) {
    const o = yield* getopt(sys, wc, argv, 'cmlwL')
    if (typeof o === 'number') return o
    const fields = [...'lwcmL'].filter((f) => o.has(f))
    const shown = fields.length > 0 ? fields : ['l', 'w', 'c']
    const total: Record<string, number> = { l: 0, w: 0, c: 0, m: 0, L: 0 }
    let failed = false
    const row = (v: Record<string, number>, file: string): string => {
      // One number of one file stands alone; others are in columns.
      const cells =
        shown.length === 1 && o.rest.length <= 1
          ? String(v[shown[0] as string])
          : shown.map((f) => String(v[f]).padStart(9)).join(' ')
      return `${cells}${o.rest.length === 0 ? '' : ` ${file}`}\n`
    }
    const status = yield* eachFile(sys, 'wc', o.rest, function* (fd, file) {
      const v: Record<string, number> = { l: 0, w: 0, c: 0, m: 0, L: 0 }
      let inWord = false
      let column = 0
      let failure: Errno | undefined
      for (;;) {
        const part = yield* sys.read(fd, 65536)
        if (part === EINTR) continue
        if (isErr(part)) {
          failure = part
          break
        }
        if (part.length === 0) break
        v.c = (v.c ?? 0) + part.length
        for (const b of part) {
          if ((b & 0xc0) !== 0x80) v.m = (v.m ?? 0) + 1
          if (b === 10) {
            v.l = (v.l ?? 0) + 1
            column = 0
          } else {
            column = b === 9 ? (column | 7) + 1 : column + 1
            v.L = Math.max(v.L ?? 0, column)
          }
          const space = b === 32 || (b >= 9 && b <= 13)
          if (!space && !inWord) v.w = (v.w ?? 0) + 1
          inWord = !space
        }
      }
      for (const f of 'lwcm') total[f] = (total[f] ?? 0) + (v[f] ?? 0)
      total.L = Math.max(total.L ?? 0, v.L ?? 0)
      // What couldn't be read counts nothing, and has its row.
      if (failure) yield* warn(sys, `wc: ${file}: ${strerror(failure)}\n`)
      if (failure) failed = true
      yield* print(sys, row(v, file))
      return undefined
    })
    if (o.rest.length > 1) yield* print(sys, row(total, 'total'))
    return failed ? 1 : status
  },
}

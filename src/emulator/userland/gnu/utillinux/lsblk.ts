/** lsblk(8) of util-linux: block devices and where they are mounted. */
import { isErr } from '../../../base/errno.ts'
import type { Program } from '../../../kernel/linux/abi.ts'
import { O_RDONLY } from '../../../kernel/linux/fs/flags.ts'
import { fail, print, readText } from '../../lib/io.ts'
import { mountRows } from '../../lib/mounts.ts'
import { type Column, table } from '../../lib/table.ts'
import { getopt } from '../getopt.ts'

interface Row {
  readonly name: string
  readonly device: string
  readonly size: number
  readonly type: string
  readonly mounts: readonly string[]
}
/** 40G, 512M: one digit after the point where it isn't whole. */
function human(bytes: number): string {
  let n = bytes
  let unit = 'B'
  for (const u of ['K', 'M', 'G', 'T']) {
    if (n < 1024) break
    n /= 1024
    unit = u
  }
  return `${Number.isInteger(n) ? n : n.toFixed(1).replace(/\.0$/, '')}${unit}`
}

export const lsblk: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    { name: 'lsblk', short: 'bndo:pflJai', long: { bytes: 'b', noheadings: 'n', nodeps: 'd', 'output=': 'o' } },
    argv,
  )
  if (typeof o === 'number') return o
  const odd = ['o', 'f', 'l', 'J', 'p'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: lsblk -${odd}`)
  const mounts = yield* mountRows(sys)
  const fd = yield* sys.open('/sys/block', O_RDONLY)
  const disks = isErr(fd) ? [] : yield* sys.getdents(fd)
  const rows: Row[] = []
  const read = function* (path: string) {
    const text = yield* readText(sys, path)
    return isErr(text) ? '' : text.trim()
  }
  for (const d of isErr(disks) ? [] : disks) {
    if (d.name.startsWith('.')) continue
    const inside = yield* sys.open(`/sys/block/${d.name}`, O_RDONLY)
    const names = isErr(inside) ? [] : yield* sys.getdents(inside)
    const parts = (isErr(names) ? [] : names).map((e) => e.name).filter((n) => n.startsWith(d.name))
    for (const [i, name] of [d.name, ...(o.has('d') ? [] : parts)].entries()) {
      const base = i === 0 ? `/sys/block/${d.name}` : `/sys/block/${d.name}/${name}`
      const device = yield* read(`${base}/dev`)
      const at = isErr(mounts) ? [] : mounts.filter((m) => m.device === device).map((m) => m.target)
      rows.push({
        name: i === 0 ? name : `${i === parts.length ? '└─' : '├─'}${name}`,
        device,
        size: Number(yield* read(`${base}/size`)) * 512,
        type: i === 0 ? 'disk' : 'part',
        mounts: [...new Set(at)],
      })
    }
  }
  const columns: Column<Row>[] = [
    { name: 'NAME', cell: (r) => r.name },
    { name: 'MAJ:MIN', cell: (r) => r.device.padStart(3 + (r.device.length - r.device.indexOf(':'))) },
    { name: 'RM', cell: () => '0', right: true },
    { name: 'SIZE', cell: (r) => (o.has('b') ? String(r.size) : human(r.size)), right: true },
    { name: 'RO', cell: () => '0', right: true },
    { name: 'TYPE', cell: (r) => r.type },
    { name: 'MOUNTPOINTS', cell: (r) => r.mounts[0] ?? '' },
  ]
  yield* print(sys, table(columns, rows, !o.has('n')))
  return 0
}

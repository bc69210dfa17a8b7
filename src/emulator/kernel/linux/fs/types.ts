/** The file systems that mount(2) knows by name. */
import { EINVAL, ENODEV, ENOENT, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import type { Kernel } from '../kernel.ts'
import { CgroupFs } from '../proc/cgroupfs.ts'
import { makeProc } from '../proc/procfs.ts'
import { makeSysfs } from '../proc/sysfs.ts'
import type { Process } from '../process.ts'
import { devptsFs } from './devices.ts'
import { S_IFDIR } from './flags.ts'
import type { FileSystem, Inode } from './inode.ts'
import { MemFs } from './memfs.ts'
import { OverlayFs } from './overlay.ts'
import { lookup } from './vfs.ts'

/** `a=1,b` as mount(8) passes it. */
export function parseOptions(data: string): Map<string, string> {
  return new Map(
    data
      .split(',')
      .filter((o) => o !== '')
      .map((o) => {
        const at = o.indexOf('=')
        return at < 0 ? [o, ''] : [o.slice(0, at), o.slice(at + 1)]
      }),
  )
}

/** Bytes of `64m`, `65536k`, `1g`, `50%` (of memory). */
function parseSize(text: string, memory: number): number | undefined {
  const m = /^(\d+)([kmg%]?)$/i.exec(text)
  if (!m) return undefined
  const n = Number(m[1])
  const unit = (m[2] ?? '').toLowerCase()
  return unit === '%' ? Math.floor((memory * n) / 100) : n * ({ '': 1, k: 1024, m: 1048576, g: 1073741824 }[unit] ?? 1)
}

/** A new super block of that type, or why there can't be one. */
export function createFileSystem(
  kernel: Kernel,
  type: string,
  source: string,
  data: string,
  p: Process | undefined,
): FileSystem | Errno {
  const options = parseOptions(data)
  switch (type) {
    case 'tmpfs': {
      const size = options.has('size')
        ? parseSize(options.get('size') ?? '', kernel.options.memory)
        : kernel.options.memory / 2
      if (size === undefined) return EINVAL
      const mode = Number.parseInt(options.get('mode') ?? '1777', 8)
      const shown = options.has('size')
        ? `size=${Math.ceil(size / 1024)}k${options.has('mode') ? `,mode=${mode.toString(8)}` : ''}`
        : ''
      const fs = new MemFs(
        'tmpfs',
        kernel.nextDev(),
        kernel.now,
        size || kernel.options.memory,
        kernel.options.budget,
        shown,
        S_IFDIR | mode,
      )
      fs.root.uid = Number(options.get('uid') ?? 0)
      fs.root.gid = Number(options.get('gid') ?? 0)
      return fs
    }
    case 'devtmpfs':
      return kernel.devtmpfs
    case 'mqueue':
      return new MemFs('mqueue', kernel.nextDev(), kernel.now, 1 << 20, kernel.options.budget, '', S_IFDIR | 0o1777)
    case 'proc':
      return makeProc(kernel, p?.ns.pid ?? kernel.initial.pid)
    case 'sysfs':
      return makeSysfs(kernel)
    case 'cgroup2':
      return new CgroupFs(kernel, p?.ns.cgroup.root ?? kernel.rootCgroup)
    case 'devpts':
      return devptsFs(kernel, options)
    case 'overlay': {
      if (!p) return EINVAL
      const layers: Inode[] = []
      for (const name of (options.get('lowerdir') ?? '').split(':')) {
        const path = lookup(p, name)
        if (isErr(path)) return path
        layers.push(path.dentry.inode)
      }
      const upperName = options.get('upperdir')
      if (upperName === undefined) return new OverlayFs(kernel.nextDev(), layers, undefined, data, kernel.now)
      if (!options.get('workdir')) return EINVAL
      const upper = lookup(p, upperName)
      const work = lookup(p, options.get('workdir') ?? '')
      if (isErr(upper) || isErr(work)) return ENOENT
      if (upper.mount !== work.mount) return EINVAL
      return new OverlayFs(kernel.nextDev(), layers, upper.dentry.inode, data, kernel.now)
    }
    default: {
      const disk = kernel.disks.get(source)
      if (disk && disk.type === type) return disk
      return disk ? EINVAL : source.startsWith('/dev/') ? (p && isErr(lookup(p, source)) ? ENOENT : EPERM) : ENODEV
    }
  }
}

/**
 * The parts of /sys that programs here look at, sysfs(5).
 * @restartable A system call reads or writes a file: its one effect.
 */
import { major, minor } from '../fs/flags.ts'
import { GeneratedDir, GeneratedFile, GeneratedFs, type Nodes } from '../fs/generated.ts'
import type { Inode } from '../fs/inode.ts'
import type { Kernel } from '../kernel.ts'
import type { Interface } from '../net/namespace.ts'

class SysFs extends GeneratedFs {
  readonly kernel: Kernel
  constructor(kernel: Kernel) {
    super('sysfs', kernel)
    this.kernel = kernel
  }
}
type Dir = GeneratedDir<SysFs>

const text =
  (read: (kernel: Kernel) => string) =>
  (d: Dir): Inode => {
    const { kernel } = d.fs
    return new GeneratedFile(d.fs, 0o444, () => read(kernel))
  }
const dir =
  (nodes: Nodes<Dir> = {}) =>
  (d: Dir): Inode =>
    new GeneratedDir(d.fs, nodes, undefined, 0o755)

const interfaceDir = (fs: SysFs, l: Interface): Inode =>
  new GeneratedDir(
    fs,
    {
      address: text(() => `${l.mac}\n`),
      mtu: text(() => `${l.mtu}\n`),
      ifindex: text(() => `${l.index}\n`),
      iflink: text(() => `${l.peer?.index ?? l.index}\n`),
      operstate: text(() => `${l.type === 'loopback' ? 'unknown' : l.carrier ? 'up' : 'down'}\n`),
    },
    undefined,
    0o755,
  )
/** A disk and its partitions, in sectors of 512 bytes. */
function diskDir(fs: SysFs, device: string, name: string): Inode {
  const parts = [...fs.kernel.disks].filter(([path]) => path.startsWith(`/dev/${name}`))
  const sectors = (size: number): ((d: Dir) => Inode) => text(() => `${size / 512}\n`)
  const sizes = parts.map(([, part]) => part.statfs().size)
  return new GeneratedDir(
    fs,
    {
      dev: text(() => `${device}\n`),
      size: sectors(sizes.reduce((a, b) => a + b, 0)),
      ...Object.fromEntries(
        parts.map(([path, part], n) => [
          path.slice(5),
          dir({ dev: text(() => `${major(part.dev)}:${minor(part.dev)}\n`), size: sectors(sizes[n] ?? 0) }),
        ]),
      ),
    },
    undefined,
    0o755,
  )
}
const cpus = text((kernel) => `0-${kernel.options.cpus - 1}\n`)

const root: Nodes<Dir> = {
  block: ({ fs }) =>
    new GeneratedDir(
      fs,
      {},
      {
        lookup: (name) => {
          const device = [...fs.kernel.blockDevices].find(([, n]) => n === name)?.[0]
          return device === undefined ? undefined : diskDir(fs, device, name)
        },
        list: () => [...fs.kernel.blockDevices.values()].map((name, n) => ({ name, ino: 9000 + n, type: 0o040000 })),
      },
    ),
  bus: dir(),
  class: dir({
    net: ({ fs }) =>
      new GeneratedDir(
        fs,
        {},
        {
          lookup: (name, p) => {
            const l = p?.ns.net.interfaces.get(name)
            return l && interfaceDir(fs, l)
          },
          list: (p) =>
            [...(p?.ns.net.interfaces.values() ?? [])].map((l) => ({ name: l.name, ino: l.index, type: 0o040000 })),
        },
      ),
  }),
  dev: dir(),
  devices: dir({ system: dir({ cpu: dir({ online: cpus, present: cpus }) }), virtual: dir() }),
  firmware: dir(),
  fs: dir({ cgroup: dir() }),
  hypervisor: dir(),
  kernel: dir({ security: dir(), debug: dir(), mm: dir() }),
  module: dir(),
  power: dir(),
}

/** A sysfs instance. /sys/class/net shows the reader's own network namespace. */
export function makeSysfs(kernel: Kernel): GeneratedFs {
  const fs = new SysFs(kernel)
  fs.root = new GeneratedDir(fs, root, undefined, 0o555)
  return fs
}

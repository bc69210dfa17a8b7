/** The parts of /sys that programs here look at, sysfs(5). */
import { major, minor } from '../fs/flags.ts'
import { GeneratedDir, GeneratedFile, GeneratedFs } from '../fs/generated.ts'
import type { Inode } from '../fs/inode.ts'
import type { Kernel } from '../kernel.ts'
import type { Interface } from '../net/namespace.ts'

/** A sysfs instance. /sys/class/net shows the reader's own network namespace. */
export function makeSysfs(kernel: Kernel): GeneratedFs {
  const fs = new GeneratedFs('sysfs', kernel.nextDev())
  const text = (read: () => string): GeneratedFile => new GeneratedFile(fs, 0o444, read)
  const dir = (entries: Record<string, Inode> = {}): GeneratedDir => new GeneratedDir(fs, entries, undefined, 0o755)
  const link = (l: Interface): Inode =>
    dir({
      address: text(() => `${l.mac}\n`),
      mtu: text(() => `${l.mtu}\n`),
      ifindex: text(() => `${l.index}\n`),
      iflink: text(() => `${l.peer?.index ?? l.index}\n`),
      operstate: text(() => `${l.type === 'loopback' ? 'unknown' : l.carrier ? 'up' : 'down'}\n`),
    })
  /** A disk and its partitions, in sectors of 512 bytes. */
  const disk = (device: string, name: string): Inode => {
    const parts = [...kernel.disks].filter(([path]) => path.startsWith(`/dev/${name}`))
    const sectors = (size: number): Inode => text(() => `${size / 512}\n`)
    const sizes = parts.map(([, part]) => part.statfs().size)
    return dir({
      dev: text(() => `${device}\n`),
      size: sectors(sizes.reduce((a, b) => a + b, 0)),
      ...Object.fromEntries(
        parts.map(([path, part], n) => [
          path.slice(5),
          dir({ dev: text(() => `${major(part.dev)}:${minor(part.dev)}\n`), size: sectors(sizes[n] ?? 0) }),
        ]),
      ),
    })
  }
  fs.root = dir({
    block: new GeneratedDir(
      fs,
      {},
      {
        lookup: (name) => {
          const device = [...kernel.blockDevices].find(([, n]) => n === name)?.[0]
          return device === undefined ? undefined : disk(device, name)
        },
        list: () => [...kernel.blockDevices.values()].map((name, n) => ({ name, ino: 9000 + n, type: 0o040000 })),
      },
    ),
    bus: dir(),
    class: dir({
      net: new GeneratedDir(
        fs,
        {},
        {
          lookup: (name, p) => {
            const l = p?.ns.net.interfaces.get(name)
            return l && link(l)
          },
          list: (p) =>
            [...(p?.ns.net.interfaces.values() ?? [])].map((l) => ({ name: l.name, ino: l.index, type: 0o040000 })),
        },
      ),
    }),
    dev: dir(),
    devices: dir({
      system: dir({
        cpu: dir({
          online: text(() => `0-${kernel.options.cpus - 1}\n`),
          present: text(() => `0-${kernel.options.cpus - 1}\n`),
        }),
      }),
      virtual: dir(),
    }),
    firmware: dir(),
    fs: dir({ cgroup: dir() }),
    hypervisor: dir(),
    kernel: dir({ security: dir(), debug: dir(), mm: dir() }),
    module: dir(),
    power: dir(),
  })
  return fs
}

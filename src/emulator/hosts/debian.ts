/** Debian as the Linux hosts have it: its kernel's version, its directories, programs and files. */
import { appletNames } from '../userland/busybox/index.ts'
import { gnuTools } from '../userland/gnu/names.ts'
import type { Disk } from './root.ts'

export const KERNEL_RELEASE = '6.12.57+deb13-amd64'
export const KERNEL_VERSION = '#1 SMP PREEMPT_DYNAMIC Debian 6.12.57-1 (2026-11-05)'

/** Names of busybox that Debian has programs of its own for, or none at all. */
const notDebian = new Set(['sh', '[[', 'ash'])

/** Directories of a Debian system and its programs. Where GNU's form differs from busybox's, its own program serves. */
export function debian(disk: Disk, hostname: string): void {
  for (const d of 'proc dev sys run etc root home mnt opt srv boot media usr/bin usr/sbin usr/lib usr/local/bin usr/share var/lib var/log var/cache var/tmp'.split(
    ' ',
  ))
    disk.dir(d)
  disk.dir('tmp', 0o1777)
  disk.dir('root').setattr({ mode: 0o700 })
  for (const [name, target] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/sbin'],
    ['lib', 'usr/lib'],
    ['var/run', '/run'],
  ] as const)
    disk.link(`/${name}`, target)
  disk.program('/usr/bin/busybox', 'busybox', 1_900_000)
  const own = new Set(gnuTools.map(([name]) => name))
  for (const name of appletNames) if (!own.has(name) && !notDebian.has(name)) disk.link(`/usr/bin/${name}`, 'busybox')
  for (const [name, directory, size] of gnuTools) disk.program(`/usr/${directory}/${name}`, `gnu/${name}`, size)
  disk.program('/usr/bin/bash', 'sh', 1_298_416)
  disk.program('/usr/bin/dash', 'sh', 129_736)
  disk.link('/usr/bin/sh', 'dash')
  disk.file('/etc/hostname', `${hostname}\n`)
  disk.file('/etc/hosts', `127.0.0.1\tlocalhost\n127.0.1.1\t${hostname}\n`)
  disk.file('/etc/resolv.conf', 'nameserver 10.0.0.2\n')
  disk.file(
    '/etc/os-release',
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nVERSION="13 (trixie)"\nVERSION_CODENAME=trixie\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n',
  )
  disk.file(
    '/etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nuser:x:1000:1000:user:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  )
  disk.file('/etc/group', 'root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nuser:x:1000:\ndocker:x:999:user\nnogroup:x:65534:\n')
}

/** nerdctl and the plugins of CNI that it runs. */
export const cni: readonly (readonly [string, string, number])[] = [
  ['/usr/local/bin/nerdctl', 'nerdctl', 27_000_000],
  ...['bridge', 'host-local', 'loopback', 'portmap', 'firewall'].map(
    (name) => [`/opt/cni/bin/${name}`, `cni/${name}`, 4_300_000] as const,
  ),
]

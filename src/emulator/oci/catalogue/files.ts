/** Words to write image recipes in. */
import { EM_AARCH64, EM_X86_64, elf } from '../../base/elf.ts'
import { fromText } from '../../base/filedata.ts'
import type { TarEntry } from '../tar.ts'

export type Arch = 'amd64' | 'arm64'
export const machineOf = (arch: Arch): number => (arch === 'amd64' ? EM_X86_64 : EM_AARCH64)
const T = 1_790_000_000

export const dir = (path: string, mode = 0o755, uid = 0, gid = uid): TarEntry => ({
  path,
  type: 'dir',
  mode,
  uid,
  gid,
  mtime: T,
})
export const file = (path: string, content: string, mode = 0o644, uid = 0): TarEntry => ({
  path,
  type: 'file',
  mode,
  uid,
  gid: uid,
  mtime: T,
  data: fromText(content),
})
/** A file of which only the size matters. */
export const bulk = (path: string, size: number, mode = 0o644): TarEntry => ({
  path,
  type: 'file',
  mode,
  uid: 0,
  gid: 0,
  mtime: T,
  data: { size, extents: [] },
})
export const program = (path: string, arch: Arch, name: string, size: number): TarEntry => ({
  path,
  type: 'file',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: T,
  data: elf(machineOf(arch), name, size),
})
export const link = (path: string, target: string): TarEntry => ({
  path,
  type: 'symlink',
  mode: 0o777,
  uid: 0,
  gid: 0,
  mtime: T,
  target,
})
/** A program whose work isn't emulated: it is there, and says so; `versions` are what it answers to -v and the like. */
export function notEmulated(path: string, name: string, size: number, version?: string): TarEntry {
  const script = `#!/bin/sh\n${version === undefined ? '' : `case "$1" in -v|-V|--version) echo '${version}'; exit 0;; esac\n`}echo "zukan: not emulated: ${name}" >&2\nexit 1\n`
  const data = fromText(script)
  return {
    path,
    type: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: T,
    data: { size: Math.max(size, data.size), extents: data.extents },
  }
}

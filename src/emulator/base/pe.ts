/** Executables of Windows: the headers that tell the kernel what a file is for; "PE Format" of the Microsoft documentation. */
import { CODE, codeOf, programAt } from './elf.ts'
import type { FileData } from './filedata.ts'

export const IMAGE_FILE_MACHINE_AMD64 = 0x8664
export const IMAGE_FILE_MACHINE_ARM64 = 0xaa64
const HEADER = 0x80

/** An executable of `size` bytes that runs `program` on a CPU of that kind. */
export function pe(machine: number, program: string, size: number): FileData {
  const header = new Uint8Array(HEADER + 0x60)
  const view = new DataView(header.buffer)
  header.set([0x4d, 0x5a]) // MZ
  view.setUint32(0x3c, HEADER, true)
  header.set([0x50, 0x45, 0, 0], HEADER) // PE
  view.setUint16(HEADER + 4, machine, true)
  view.setUint16(HEADER + 20, 0xf0, true) // size of the optional header
  view.setUint16(HEADER + 22, 0x22, true) // executable, large addresses
  view.setUint16(HEADER + 24, 0x20b, true) // PE32+
  view.setUint32(HEADER + 40, CODE, true)
  view.setUint16(HEADER + 92, 3, true) // console subsystem
  const code = codeOf(program)
  return {
    size: Math.max(size, CODE + code.length),
    extents: [
      { offset: 0, bytes: header },
      { offset: CODE, bytes: code },
    ],
  }
}

/** What an executable is for; undefined where the bytes are no such file. `bytes` must reach to 0x1100 or the end. */
export function parsePe(bytes: Uint8Array): { readonly machine: number; readonly program: string } | undefined {
  if (bytes[0] !== 0x4d || bytes[1] !== 0x5a || bytes.length < HEADER + 24) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const at = view.getUint32(0x3c, true)
  if (at + 24 > bytes.length || view.getUint32(at, true) !== 0x4550) return undefined
  return { machine: view.getUint16(at + 4, true), program: programAt(bytes) }
}

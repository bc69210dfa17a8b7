/** Executables of macOS: the Mach-O header, <mach-o/loader.h>. */
import { CODE, codeOf, programAt } from './elf.ts'
import type { FileData } from './filedata.ts'

const MH_MAGIC_64 = 0xfeedfacf
export const CPU_TYPE_ARM64 = 0x0100000c

/** An executable of `size` bytes that runs `program` on Apple silicon. */
export function macho(program: string, size: number): FileData {
  const header = new Uint8Array(32)
  const view = new DataView(header.buffer)
  view.setUint32(0, MH_MAGIC_64, true)
  view.setUint32(4, CPU_TYPE_ARM64, true)
  view.setUint32(12, 2, true) // MH_EXECUTE
  const code = codeOf(program)
  return {
    size: Math.max(size, CODE + code.length),
    extents: [
      { offset: 0, bytes: header },
      { offset: CODE, bytes: code },
    ],
  }
}

/** The program that a file is for; undefined where it is no executable of macOS for Apple silicon. */
export function parseMacho(bytes: Uint8Array): string | undefined {
  if (bytes.length < 32) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return view.getUint32(0, true) === MH_MAGIC_64 && view.getUint32(4, true) === CPU_TYPE_ARM64
    ? programAt(bytes)
    : undefined
}

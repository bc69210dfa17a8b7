/**
 * Executable files. The first bytes are a true ELF64 header (elf(5)), so that the CPU it is made for can be told; at offset
 * 0x1000, where a real one has its code, stands the name of the program that the emulator runs for it.
 */
import { text, utf8 } from './bytes.ts'
import type { FileData } from './filedata.ts'

export const EM_X86_64 = 0x3e
export const EM_AARCH64 = 0xb7
const MARK = '\0zukan-program:'
/** Where every executable here has its code. */
export const CODE = 0x1000
/** The code of an executable: the name of the program that the emulator runs for it. */
export const codeOf = (program: string): Uint8Array => utf8(`${MARK}${program}\0`)
/** The program's name in a file's first 0x1100 bytes; '' where the code is none of ours. */
export function programAt(bytes: Uint8Array): string {
  const code = text(bytes.subarray(CODE, CODE + 256))
  return code.startsWith(MARK) ? code.slice(MARK.length, code.indexOf('\0', 1)) : ''
}

/** An executable of `size` bytes that runs `program` on a CPU of that kind. */
export function elf(machine: number, program: string, size: number): FileData {
  const header = new Uint8Array(120)
  const view = new DataView(header.buffer)
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, 3, true) // ET_DYN: position independent
  view.setUint16(18, machine, true)
  view.setUint32(20, 1, true)
  view.setUint32(24, CODE, true) // entry
  view.setUint32(32, 64, true) // program headers follow the header
  view.setUint16(52, 64, true)
  view.setUint16(54, 56, true)
  view.setUint16(56, 1, true)
  view.setUint32(64, 1, true) // PT_LOAD, readable and executable, the whole file
  view.setUint32(68, 5, true)
  view.setUint32(96, size, true)
  view.setUint32(104, size, true)
  view.setUint32(112, 0x1000, true)
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
export function parseElf(bytes: Uint8Array): { readonly machine: number; readonly program: string } | undefined {
  if (bytes.length < 64 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    return undefined
  const machine = (bytes[18] as number) | ((bytes[19] as number) << 8)
  return { machine, program: programAt(bytes) }
}

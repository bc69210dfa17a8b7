/** The command lines that hosts offer, by the name of their executable. */
import type { Program } from '../kernel/linux/abi.ts'
import { runc } from '../runtime/runc.ts'
import { docker } from './docker/index.ts'
import { qemu, virsh } from './virsh.ts'

export const cliPrograms: Readonly<Record<string, Program>> = { docker, runc, virsh, 'qemu-system-x86_64': qemu }

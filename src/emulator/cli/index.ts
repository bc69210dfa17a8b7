/** The command lines that every host of containers offers, by the name of their executable; rarer ones are in hosts/parts.ts. */
import type { Program } from '../kernel/linux/abi.ts'
import { runc } from '../runtime/runc.ts'
import { docker } from './docker/index.ts'

export const cliPrograms: Readonly<Record<string, Program>> = { docker, runc }

/** Calls of the NT kernel that Linux has no counterpart of, for programs of a Windows machine; names as in ntdll. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Pid, Run, Sys } from '../linux/abi.ts'
import { O_RDWR } from '../linux/fs/flags.ts'

/** SYSTEM_PROCESS_INFORMATION, with the job that the process is in. */
export interface ProcessInformation {
  readonly pid: Pid
  readonly parent: Pid
  /** ImageName: `docker.exe`. */
  readonly name: string
  readonly commandLine: string
  /** Working set, in bytes. */
  readonly memory: number
  readonly handles: number
  readonly threads: number
  /** Processor time in nanoseconds. */
  readonly time: number
  /** Nanoseconds since 1970. */
  readonly start: number
  /** 0: services; 1: who sits at the console. */
  readonly session: number
  readonly job: string | undefined
  readonly silo: boolean
}
export interface JobInformation {
  readonly name: string
  readonly silo: boolean
  readonly memory: number
  readonly processes: readonly Pid[]
}
export type NtRequest =
  | { readonly name: 'NtQuerySystemInformation' }
  | { readonly name: 'NtQueryInformationJobObject' }
  | { readonly name: 'NtCreateJobObject'; readonly job: string; readonly silo: boolean }
  | {
      readonly name: 'NtSetInformationJobObject'
      readonly job: string
      readonly memory?: number
      readonly processors?: number
    }
  /** A network compartment for a silo, with a card on the host's switch; made by the network's drivers, whose calls have no names of ntdll's. */
  | {
      readonly name: 'NtCreateCompartment'
      readonly job: string
      readonly address: string
      readonly prefix: number
      readonly gateway: string
    }
  | { readonly name: 'NtAssignProcessToJobObject'; readonly job: string; readonly pid: Pid }
  | { readonly name: 'NtTerminateJobObject'; readonly job: string }

/** One call; an Errno stands for the NTSTATUS of the same meaning. */
export function* nt<T = undefined>(sys: Sys, request: NtRequest): Run<T | Errno> {
  const fd = yield* sys.open('/Device/ntoskrnl', O_RDWR)
  if (isErr(fd)) return fd
  const result = yield* sys.ioctl<T>(fd, request.name, request)
  yield* sys.close(fd)
  return result
}
/** All processes, lowest id first. */
export function* ntProcesses(sys: Sys): Run<readonly ProcessInformation[]> {
  const list = yield* nt<readonly ProcessInformation[]>(sys, { name: 'NtQuerySystemInformation' })
  return isErr(list) ? [] : [...list].sort((a, b) => a.pid - b.pid)
}

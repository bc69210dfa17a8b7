/**
 * Virtual machines of Hyper-V as processes: vmwp.exe, one worker a machine, which holds the partition, and vmmem, which stands for the
 * guest's memory in the list of processes.
 */
import { isErr } from '../../base/errno.ts'
import type { Pid, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGKILL } from '../../kernel/linux/signals.ts'
import type { Partition, PartitionRequest } from '../../machine/hypervisor.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { decode, LineReader, readText, unbinary, write, writeAll } from '../../userland/lib/io.ts'

export const VIRTUAL_MACHINES = '/C:/ProgramData/Microsoft/Windows/Hyper-V/Virtual Machines'
const SYSTEM32 = '/C:/Windows/System32'
const WORKER_MEMORY = 24 * 1024 ** 2

export interface RunningPartition extends Partition {
  readonly worker: Pid
}
interface WorkerConfig {
  readonly request: PartitionRequest
  /** How the guest's memory is called in the list of processes: vmmem, vmmemWSL. */
  readonly memoryName: string
}

/** Starts a worker for a machine and waits until its init runs. The text of an error where it can't. */
export function* startPartition(sys: Sys, guid: string, config: WorkerConfig): Run<RunningPartition | string> {
  yield* makeDirs(sys, VIRTUAL_MACHINES)
  const path = `${VIRTUAL_MACHINES}/${guid}.vmcx`
  const file = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  if (isErr(file)) return file.text
  yield* writeAll(sys, file, new TextEncoder().encode(JSON.stringify(config)))
  yield* sys.close(file)
  const ends = yield* sys.pipe()
  if (isErr(ends)) return ends.text
  const worker = yield* sys.fork(function* (child) {
    yield* child.close(ends[0])
    yield* child.dup2(ends[1], 1)
    // Handles of other containers' streams aren't the worker's.
    yield* child.closeRange(3)
    const failed = yield* child.execve(
      `${SYSTEM32}/vmwp.exe`,
      ['C:\\Windows\\System32\\vmwp.exe', guid],
      child.environ(),
    )
    return failed.number
  })
  yield* sys.close(ends[1])
  if (isErr(worker)) return worker.text
  const line = yield* new LineReader(sys, ends[0]).next()
  yield* sys.close(ends[0])
  const answer: Partition | { readonly error: string } =
    typeof line === 'string' ? JSON.parse(decode(unbinary(line))) : { error: 'The worker process ended unexpectedly.' }
  if ('error' in answer) yield* sys.wait(worker)
  return 'error' in answer ? answer.error : { ...answer, worker }
}
/** Switches a machine off: its worker ends, and the partition with it. */
export function* stopPartition(sys: Sys, worker: Pid): Run<void> {
  yield* sys.kill(worker, SIGKILL)
  yield* sys.wait(worker)
}

/** vmwp.exe GUID */
export const vmwp: Program = function* (sys, argv) {
  const text = yield* readText(sys, `${VIRTUAL_MACHINES}/${argv[1]}.vmcx`)
  if (isErr(text)) return 1
  const { request, memoryName } = JSON.parse(text) as WorkerConfig
  const fail = function* (error: string): Run<number> {
    yield* write(sys, 1, `${JSON.stringify({ error })}\n`)
    return 1
  }
  yield* sys.brk(WORKER_MEMORY)
  const device = yield* sys.open('/Device/VidExo', O_RDWR)
  if (isErr(device)) return yield* fail('The hypervisor is not running.')
  const made = yield* sys.ioctl(device, 'HvCreatePartition', request)
  if (isErr(made))
    return yield* fail(
      made.name === 'ENOMEM'
        ? 'Not enough memory in the system to start the virtual machine.'
        : 'The virtual machine could not be started because the hypervisor is not running.',
    )
  const partition = yield* sys.ioctl<Partition>(device, 'HvRun')
  if (isErr(partition)) return yield* fail(partition.text)
  yield* sys.fork(function* (child) {
    yield* child.prctl('set_pdeathsig', SIGKILL)
    yield* child.close(device)
    const failed = yield* child.execve(`${SYSTEM32}/${memoryName}`, [memoryName, String(partition.touched)], [])
    return failed.number
  })
  yield* write(sys, 1, `${JSON.stringify(partition)}\n`)
  for (;;) yield* sys.pause()
}

/** vmmem BYTES: the guest's memory. */
export const vmmem: Program = function* (sys, argv) {
  yield* sys.brk(Number(argv[1] ?? 0))
  for (;;) yield* sys.pause()
}

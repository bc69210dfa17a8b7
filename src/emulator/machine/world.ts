/** The world: machines with their kernels, on one clock, one source of randomness and one network of machines. */
import { VirtualClock } from '../base/clock.ts'
import { Random } from '../base/random.ts'
import { Trace } from '../base/trace.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { makedev } from '../kernel/linux/fs/flags.ts'
import type { FileOps } from '../kernel/linux/fs/inode.ts'
import { Kernel, type KernelOptions, type ProgramTable } from '../kernel/linux/kernel.ts'
import { Wire } from '../kernel/linux/net/namespace.ts'
import type { Process } from '../kernel/linux/process.ts'
import type { Scheduler } from '../kernel/linux/scheduler.ts'

/** Bytes that files of a whole world may really hold. */
const HELD_LIMIT = 192 * 1024 * 1024
/** The internet between machines: 12 ms a way. */
const INTERNET_LATENCY = 12_000_000
/** One virtual step of a machine that boots takes time; see hosts/. */

/** What a kernel is told beside what its machine is. */
type GivenOptions = Pick<KernelOptions, 'hostname' | 'release' | 'version' | 'cmdline' | 'reserved'> & {
  readonly cpuModel?: string
}

export interface MachineOptions {
  readonly name: string
  readonly arch: 'amd64' | 'arm64'
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
  /** The machine whose hypervisor it runs on. */
  readonly parent?: Machine
  /** Software that lets several machines share one: kvm, hyper-v ... */
  readonly hypervisor?: string
}

/**
 * Devices whose code comes when the first program opens one: kernels in user space, virtual machines. What the modules that bring them put here makes a
 * device for one open file.
 */
export const lateDevices: {
  sentry?: (world: World, machine: Machine, host: Kernel) => FileOps
  kvm?: (world: World, machine: Machine, host: Kernel) => FileOps
} = {}
/** Number of the device behind which a process keeps a kernel of its own: its node lies where the process made it. */
export const SENTRY_DEVICE = makedev(10, 250)

/** A physical or virtual machine. */
export class Machine {
  readonly name: string
  readonly arch: 'amd64' | 'arm64'
  readonly cpus: number
  readonly memory: number
  readonly parent: Machine | undefined
  hypervisor: string | undefined
  readonly guests: Machine[] = []
  kernel: Kernel | undefined
  /** The process of the parent whose memory this kernel is, where it is no machine but a kernel in user space (gVisor). */
  sentry: Process | undefined
  /** The process of the parent that holds its memory, where memory is taken only as the guest touches it (KVM). */
  holder: Process | undefined
  /** Virtual nanoseconds from power-on to a running init. */
  bootTime = 0
  constructor(options: MachineOptions) {
    this.name = options.name
    this.arch = options.arch
    this.cpus = options.cpus
    this.memory = options.memory
    this.parent = options.parent
    this.hypervisor = options.hypervisor
    this.parent?.guests.push(this)
  }
  powerOff(): void {
    for (const guest of [...this.guests]) guest.powerOff()
    this.kernel?.halt()
    this.kernel = undefined
    this.parent?.guests.splice(this.parent.guests.indexOf(this), 1)
  }
}

/** Steps after which timers are looked at, and callers are asked whether to stop. */
const TURN = 16

/** How a run ended: nothing is ready (`idle`), the steps were used up, or a program's code must be loaded before anything goes on. */
export type RunState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'load'; readonly programs: readonly string[] }

export class World {
  readonly clock: VirtualClock
  readonly random: Random
  readonly trace = new Trace()
  readonly budget = { held: 0, limit: HELD_LIMIT }
  readonly internet = new Wire(INTERNET_LATENCY)
  readonly machines: Machine[] = []
  readonly #programs: ProgramTable
  readonly #provided = new Map<string, Program>()
  /** Where a process waits for code, and whether that has come. */
  #waiting: Scheduler | undefined
  #provides = false
  /** Steps so far. */
  #steps = 0
  /** Machines whose turn comes in this round, whose turn it is, and whether anybody had something to do. */
  #round = this.allMachines()
  #scheduler: Scheduler | undefined
  #anyRan = false
  /** Counts every change that a diagram could show. */
  get version(): number {
    return this.trace.count
  }

  /** `epoch`: nanoseconds since 1970 at the beginning. */
  constructor(programs: ProgramTable, seed: number, epoch: number) {
    this.#programs = programs
    this.random = new Random(seed)
    this.clock = new VirtualClock(epoch)
  }

  addMachine(options: MachineOptions): Machine {
    const machine = new Machine(options)
    if (!options.parent) this.machines.push(machine)
    return machine
  }
  /** Every machine, outer ones first. */
  *allMachines(from: readonly Machine[] = this.machines): Generator<Machine> {
    for (const machine of from) {
      yield machine
      if (machine.guests.length > 0) yield* this.allMachines(machine.guests)
    }
  }

  /** Gives a machine a kernel, which has no processes yet. */
  startKernel(machine: Machine, options: GivenOptions): Kernel
  /** A kernel of another kind than Linux: `make` builds it. */
  startKernel<K extends Kernel>(machine: Machine, options: GivenOptions, make: (options: KernelOptions) => K): K
  startKernel(
    machine: Machine,
    options: GivenOptions,
    make: (options: KernelOptions) => Kernel = (o) => new Kernel(o),
  ): Kernel {
    const kernel = make({
      cpuModel: 'Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz',
      ...options,
      clock: this.clock,
      random: this.random,
      trace: this.trace,
      programs: (name) => this.#provided.get(name) ?? this.#programs(name),
      budget: this.budget,
      machine: machine.arch === 'amd64' ? 'x86_64' : 'aarch64',
      machineName: machine.name,
      cpus: machine.cpus,
      memory: machine.memory,
    })
    machine.kernel = kernel
    this.trace.add({
      time: this.clock.now,
      kind: 'boot',
      machine: machine.name,
      from: `machine:${machine.parent?.name ?? machine.name}`,
      to: `machine:${machine.name}`,
      what: `${kernel.utsname.sysname} ${options.release}`,
    })
    return kernel
  }

  /** Hands over a program's code that `run` asked for, or undefined where it can't be had; the process that waits for it goes on first. */
  provide(name: string, program: Program | undefined): void {
    if (program) this.#provided.set(name, program)
    if (this.#waiting?.wanted?.program === name) this.#provides = true
  }

  /**
   * Steps ready processes, `steps` of them and up to TURN more, and answers why it stopped. Time doesn't jump: when all sleep, the
   * caller decides whether to wait or to go on at once to `nextTimer` (advance). How the steps are divided among calls, and whether code
   * had to be waited for, changes nothing in what happens.
   */
  run(steps: number, stop?: () => boolean): RunState {
    for (let left = steps; ; ) {
      const scheduler = this.#waiting ?? this.#scheduler
      if (this.#waiting?.wanted && !this.#provides) return { kind: 'load', programs: [this.#waiting.wanted.program] }
      if (this.#waiting || scheduler?.hasReady) {
        if (this.#waiting) this.#waiting.goOn()
        else scheduler?.step()
        this.#provides = false
        this.#waiting = scheduler?.wanted ? scheduler : undefined
        if (this.#waiting) continue
        this.#anyRan = true
        left--
        if (++this.#steps % TURN !== 0) continue
        this.clock.fireDue()
        if (left <= 0 || stop?.()) return { kind: 'busy' }
        continue
      }
      const next = this.#round.next()
      this.#scheduler = next.value?.kernel?.scheduler
      if (!next.done) continue
      this.clock.fireDue()
      const idle = !this.#anyRan && !this.#anyReady()
      this.#round = this.allMachines()
      this.#anyRan = false
      if (idle) return { kind: 'idle' }
    }
  }
  #anyReady(): boolean {
    for (const m of this.allMachines()) if (m.kernel?.scheduler.hasReady) return true
    return false
  }
  /** When something will happen by itself; undefined: never. */
  get nextTimer(): number | undefined {
    return this.clock.next
  }
  /** Moves time on, firing timers. */
  advanceTo(time: number): void {
    this.clock.advanceTo(time)
  }
}

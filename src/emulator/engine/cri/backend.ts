/** What a runtime service must bring that serves the CRI: a store of images, and a way to run a process in a bundle. */
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import type { SpecProcess } from '../../oci/runtimespec.ts'
import type { SpecOptions } from '../containerd/spec.ts'
import type { CriContainer, CriImage, Sandbox } from './types.ts'

/** A failure as gRPC tells it. */
export class CriError {
  readonly code: 'NotFound' | 'InvalidArgument' | 'Unknown' | 'FailedPrecondition' | 'AlreadyExists' | 'Unimplemented'
  readonly message: string
  constructor(message: string, code: CriError['code'] = 'Unknown') {
    this.message = message
    this.code = code
  }
}
/** A further process in a container, while it runs. */
export interface Running {
  /** Where its input goes; undefined where it has none. */
  readonly stdin: Fd | undefined
  resize(t: Sys, rows: number, columns: number): Run<void>
  /** Waits for its end and for its output: the exit code. */
  wait(t: Sys): Run<number>
}
export type Send = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
/** A container's process to make. */
export interface Work {
  readonly id: string
  readonly sandbox: Sandbox
  /** Undefined for the process that holds the pod's namespaces. */
  readonly container: CriContainer | undefined
  readonly image: CriImage
  readonly options: SpecOptions
}
export interface Backend {
  /** What Version answers. */
  readonly name: string
  readonly version: string
  /** The image of the process that holds a pod's namespaces. */
  readonly pause: string
  /** Handlers of runtime classes; the first is the default. */
  handlers(t: Sys): Run<readonly string[]>
  /** The name of the network that pods join; the first configuration where none is named. */
  readonly network?: string
  /** Where the files of pods lie. */
  readonly state: string
  /** Whether a pod needs a process that holds its namespaces. */
  needsPause(s: Pick<Sandbox, 'config'>): boolean
  cgroup(parent: string, id: string): string
  images(t: Sys): Run<readonly CriImage[]>
  /** Fetches an image; what is wrong where it can't. */
  pull(t: Sys, name: string): Run<string | undefined>
  removeImage(t: Sys, image: CriImage): Run<void>
  /** Makes the container's process, which waits for its start. Answers its pid, or what is wrong. */
  create(t: Sys, w: Work): Run<number | string>
  /** Lets the program begin; what is wrong where it can't. */
  start(t: Sys, id: string): Run<string | undefined>
  kill(t: Sys, id: string, signal: number): Run<void>
  /** Waits for the end: the exit code. */
  wait(t: Sys, id: string): Run<number>
  /** Takes the process's traces and its writable layer away. */
  remove(t: Sys, id: string): Run<void>
  /** Starts a further process in a container; what is wrong where it can't. */
  exec(t: Sys, c: CriContainer, process: SpecProcess, input: boolean, send: Send): Run<Running | string>
  /** The bundle's config.json of a container. */
  spec(t: Sys, id: string): Run<{ readonly process: SpecProcess } | undefined>
  /** Bytes and files of a container's writable layer. */
  usage(t: Sys, id: string): Run<{ readonly bytes: number; readonly inodes: number }>
  /** Files of the container's control group, where the runtime keeps it elsewhere than on this machine. */
  figures?(t: Sys, c: CriContainer): Run<Readonly<Record<string, string>> | undefined>
  /** What inspect adds to what every runtime tells. */
  info(c: CriContainer | Sandbox): Readonly<Record<string, unknown>>
}

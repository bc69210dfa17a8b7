/** What a build consists of: operations that depend on each other (BuildKit's LLB), and the image's configuration beside them. */
import type { ImageConfig, Platform, RunConfig } from '../../oci/image.ts'
import type { Command } from './dockerfile/instructions.ts'
import type { HereDocument, Range } from './dockerfile/parse.ts'

/** An image that a stage begins with, resolved: its configuration is known, its layers may still be elsewhere. */
export interface Base {
  /** `docker.io/library/alpine:3.22@sha256:...` */
  readonly reference: string
  readonly config: ImageConfig
  readonly chain: readonly string[]
}
interface Shown {
  /** As the progress names it. */
  readonly name: string
  readonly range: Range
}
export type Op =
  | { readonly kind: 'scratch' }
  | ({ readonly kind: 'image'; readonly base: Base } & Shown)
  | ({ readonly kind: 'mkdir'; readonly below: Op; readonly path: string; readonly user: string } & Shown)
  | ({
      readonly kind: 'copy'
      readonly below: Op
      /** Another stage, or the build context. */
      readonly from: Op | 'context'
      readonly sources: readonly string[]
      readonly documents: readonly { readonly name: string; readonly content: string }[]
      readonly destination: string
      readonly chown: string
      readonly chmod: string
      readonly exclude: readonly string[]
      readonly unpack: boolean
    } & Shown)
  | ({
      readonly kind: 'exec'
      readonly below: Op
      readonly args: readonly string[]
      readonly env: readonly string[]
      readonly cwd: string
      readonly user: string
      readonly network: string
      readonly mounts: readonly RunMount[]
      /** A script given as a here-document that begins with #!. */
      readonly script: HereDocument | undefined
    } & Shown)
export interface RunMount {
  readonly type: 'cache' | 'tmpfs' | 'bind' | 'secret'
  readonly target: string
  readonly id: string
  readonly from: Op | 'context' | undefined
  readonly source: string
  readonly readonly: boolean
  /** Of a secret: who may read it, and whether the build fails without it. */
  readonly secret?: { readonly mode: number; readonly uid: number; readonly gid: number; readonly required: boolean }
}
export interface HistoryEntry {
  readonly createdBy: string
  /** Makes a layer. */
  readonly layer: boolean
}
/** One instruction carried out: what the file system comes from, and the configuration after it. */
export interface Step {
  readonly command: Command | undefined
  /** The instruction as the classic builder shows it. */
  readonly text: string
  readonly op: Op
  readonly config: RunConfig
  readonly history: readonly HistoryEntry[]
}
export interface Warning {
  readonly rule: string
  readonly message: string
  readonly line: number
}
/** What an image is written from. */
export interface Outcome {
  readonly op: Op
  readonly config: RunConfig
  readonly author: string | undefined
  readonly platform: Platform
  /** The configuration of the image that the stage began with. */
  readonly base: ImageConfig | undefined
  readonly history: readonly HistoryEntry[]
}
export interface Build extends Outcome {
  /** Every stage that the target needs, in the order of the file. */
  readonly stages: readonly (Outcome & { readonly steps: readonly Step[] })[]
  readonly warnings: readonly Warning[]
}

/** What a host is: a recipe that boots a world, and the shell that a reader sits at. A file each; the browser loads one when it is asked for. */
import type { Program, Run, Sys } from '../kernel/linux/abi.ts'
import type { Machine, World } from '../machine/world.ts'

export const hostNames = [
  'linux-server',
  'vm-type1',
  'vm-type2',
  'windows-moby',
  'windows-wsl2',
  'windows-wslc',
  'windows-containers',
  'windows-lcow',
  'mac-desktop',
  'mac-container',
  'linux-podman',
  'k8s-node',
  'ci-runner',
] as const
export type HostName = (typeof hostNames)[number]

/** A shell that keeps its variables and its directory between texts. */
export interface OpenShell {
  runText(text: string): Run<number>
}
export interface HostShell {
  readonly environment: readonly string[]
  /** Who sits there; root where none is given. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** Where a login begins. */
  readonly home: string
  /** What a first word may be, for completion; programs of /usr/bin where none are given. */
  readonly words?: readonly string[]
  /** The directory of the machine's terminals. */
  readonly consoles: string
  /** The program of a login at a terminal. */
  readonly login: { readonly path: string; readonly argv: readonly string[]; readonly env: readonly string[] }
  /** The words that run lines without a terminal. */
  script(lines: string): readonly string[]
  open(sys: Sys): Run<OpenShell>
}
export interface Host {
  readonly name: HostName
  readonly shell: HostShell
  /** Programs that this host needs beside those that every host has. */
  readonly programs: Readonly<Record<string, Program>>
  /** Boots the world; answers the machine that the reader works on. */
  boot(world: World): Machine
  /** Whether services are up and a reader may begin. */
  ready(machine: Machine): boolean
  /** Lines that are run before the reader comes, as on a machine that was used before. */
  readonly prepare: string
}

/** A Compose project as the commands see it: files merged, short forms written out, names resolved. */

import type { FileKind, FileSpec, FileUse } from './files.ts'

/** What `docker compose version` says. */
export const VERSION = '5.4.0'

export interface PortMapping {
  readonly target: number
  readonly published: string
  readonly hostIp: string
  readonly protocol: string
}
export interface VolumeMount {
  readonly type: 'bind' | 'volume' | 'tmpfs'
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  /** A short form's path that isn't there is made; a long form's is an error. */
  readonly create: boolean
  readonly tmpfs: { readonly size?: number; readonly mode?: number }
}
export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully'
export interface Dependency {
  readonly condition: Condition
  readonly required: boolean
  readonly restart: boolean
}
export interface Build {
  readonly context: string
  readonly dockerfile?: string
  readonly inline?: string
  readonly target?: string
  readonly args: Readonly<Record<string, string | null>>
  readonly tags: readonly string[]
}
export interface Service {
  readonly name: string
  readonly image: string | undefined
  readonly build: Build | undefined
  readonly command: readonly string[] | undefined
  readonly entrypoint: readonly string[] | undefined
  /** null: the variable goes into the container if Compose itself has it. */
  readonly environment: Readonly<Record<string, string | null>>
  readonly ports: readonly PortMapping[]
  readonly volumes: readonly VolumeMount[]
  /** By the network's key in the file; empty with network_mode. */
  readonly networks: Readonly<Record<string, { readonly aliases: readonly string[]; readonly ipv4: string }>>
  readonly networkMode: string | undefined
  readonly dependsOn: Readonly<Record<string, Dependency>>
  readonly healthcheck: Readonly<Record<string, unknown>> | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly profiles: readonly string[]
  readonly scale: number
  /** What maps to the Engine's settings one to one, as the file has it. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly files: readonly FileUse[]
}
/** Secrets and configs of a project by their keys. */
export type Files = Readonly<Record<FileKind, Readonly<Record<string, FileSpec>>>>
export interface NetworkSpec {
  readonly name: string
  readonly external: boolean
  readonly driver: string
  readonly internal: boolean
  readonly subnet: string
  readonly gateway: string
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
}
export interface VolumeSpec {
  readonly name: string
  readonly external: boolean
  readonly driver: string
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
}
export interface Project {
  readonly name: string
  readonly directory: string
  readonly files: readonly string[]
  /** Those of the profiles in use, and those that a command names. */
  readonly services: readonly Service[]
  /** Those of all profiles. */
  readonly all: readonly Service[]
  readonly networks: Readonly<Record<string, NetworkSpec>>
  readonly volumes: Readonly<Record<string, VolumeSpec>>
  /** Secrets and configs. */
  readonly outside: Files
  /** Compose's own variables, with those of .env. */
  readonly env: Readonly<Record<string, string>>
  /** The merged tree, for `config`. */
  readonly tree: Readonly<Record<string, unknown>>
}
/** The container of a service by its number. */
export const containerName = (p: Project, s: Service, n: number): string =>
  typeof s.settings.container_name === 'string' ? s.settings.container_name : `${p.name}-${s.name}-${n}`
/** The image of a service: the one that is named, or the one that its build gets. */
export const imageOf = (p: Project, s: Service): string => s.image ?? `${p.name}-${s.name}`

/** Services in the order of their dependencies, each after those that it needs. */
export function ordered(p: Project, chosen: readonly Service[]): Service[] {
  const out: Service[] = []
  const visit = (s: Service): void => {
    if (out.includes(s)) return
    for (const name of Object.keys(s.dependsOn).sort()) {
      const d = p.services.find((x) => x.name === name)
      if (d && chosen.includes(d)) visit(d)
    }
    if (!out.includes(s)) out.push(s)
  }
  for (const s of [...chosen].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(s)
  return out
}

/** Secrets and configs: files that services get from outside their images; compose-spec 08-configs.md, 09-secrets.md. */
import { utf8 } from '../../base/bytes.ts'
import { fromBytes } from '../../base/filedata.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { type TarEntry, writeTar } from '../../oci/tar.ts'
import { CliError, type Client, query } from '../docker/api.ts'
import { absolute } from '../docker/create.ts'
import { transfer } from '../docker/transfer.ts'
import { isTree, type Tree } from './tree.ts'

export type FileKind = 'secret' | 'config'
/** A secret or a config of the project: a file, or a text of its own. */
export interface FileSpec {
  readonly name: string
  readonly external: boolean
  /** An absolute path; undefined where the content is a text. */
  readonly file?: string
  readonly environment?: string
  readonly content?: string
}
/** A secret or a config as a service has it. */
export interface FileUse {
  readonly kind: FileKind
  readonly source: string
  readonly target: string
  readonly uid: string
  readonly gid: string
  /** undefined: readable for all. */
  readonly mode: number | undefined
}

/** The project's secrets or configs. A CliError where one says neither or more than one place of its content. */
export function fileSpecs(
  tree: unknown,
  kind: FileKind,
  g: { readonly name: string; readonly directory: string },
): Record<string, FileSpec> {
  const out: Record<string, FileSpec> = {}
  for (const [key, x] of Object.entries(isTree(tree) ? tree : {})) {
    const t: Tree = isTree(x) ? x : {}
    const external = t.external === true
    const places = ['file', 'environment', ...(kind === 'config' ? ['content'] : [])].filter((p) => t[p] !== undefined)
    if (places.length > 1)
      throw new CliError(`${kind}s.${key}: ${places.join('|')} attributes are mutually exclusive`, 15)
    if (places.length === 0 && !external)
      throw new CliError(
        kind === 'secret'
          ? `secrets.${key}: one of file, environment must be set`
          : `configs.${key}: one of file, environment or content must be set`,
        15,
      )
    out[key] = {
      name: typeof t.name === 'string' ? t.name : external ? key : `${g.name}_${key}`,
      external,
      ...(t.file === undefined ? {} : { file: absolute(g.directory, String(t.file)) }),
      ...(t.environment === undefined ? {} : { environment: String(t.environment) }),
      ...(t.content === undefined ? {} : { content: String(t.content) }),
    }
  }
  return out
}
/** What a service lists: names, or mappings with a target and rights. */
export const fileUses = (list: unknown, kind: FileKind): FileUse[] =>
  (Array.isArray(list) ? list : []).map((x): FileUse => {
    const t: Tree = isTree(x) ? x : { source: x }
    const source = String(t.source ?? '')
    const folder = kind === 'secret' ? '/run/secrets/' : '/'
    const target = t.target === undefined ? source : String(t.target)
    return {
      kind,
      source,
      target: target.startsWith('/') ? target : `${folder}${target}`,
      uid: String(t.uid ?? '0'),
      gid: String(t.gid ?? '0'),
      mode: t.mode === undefined ? undefined : typeof t.mode === 'number' ? t.mode : Number.parseInt(String(t.mode), 8),
    }
  })
/** The files of the host that a service's container mounts. */
export function fileMounts(
  uses: readonly FileUse[],
  specs: Readonly<Record<FileKind, Readonly<Record<string, FileSpec>>>>,
): { Type: 'bind'; Source: string; Target: string; ReadOnly: true }[] {
  return uses.flatMap((u) => {
    const spec = specs[u.kind][u.source]
    if (spec?.external) throw new CliError(`unsupported external ${u.kind} ${spec.name}`)
    return spec?.file === undefined
      ? []
      : [{ Type: 'bind' as const, Source: spec.file, Target: u.target, ReadOnly: true as const }]
  })
}
/** Puts texts that are no file of the host's into a container that was just created. */
export function* injectFiles(
  sys: Sys,
  client: Client,
  container: string,
  uses: readonly FileUse[],
  specs: Readonly<Record<FileKind, Readonly<Record<string, FileSpec>>>>,
  env: Readonly<Record<string, string>>,
): Run<void> {
  const entries: TarEntry[] = []
  for (const u of uses) {
    const spec = specs[u.kind][u.source]
    if (!spec || spec.file !== undefined) continue
    const content = spec.content ?? (spec.environment === undefined ? undefined : env[spec.environment])
    if (content === undefined)
      throw new CliError(
        `environment variable ${JSON.stringify(spec.environment)} required by ${u.kind} ${JSON.stringify(spec.name)} is not set`,
      )
    entries.push({
      path: u.target.slice(1),
      type: 'file',
      mode: u.mode ?? 0o444,
      uid: Number(u.uid) || 0,
      gid: Number(u.gid) || 0,
      mtime: Math.floor((yield* sys.clock('realtime')) / 1e9),
      data: fromBytes(utf8(content)),
    })
  }
  if (entries.length === 0) return
  const t = yield* transfer(sys, client, 'PUT', `/containers/${container}/archive${query({ path: '/' })}`, {
    body: writeTar(entries),
  })
  yield* sys.close(t.fd)
}

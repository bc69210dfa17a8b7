/** Secrets: small files below the storage's directory, which containers get a copy of; containers/common pkg/secrets, its file driver. */
import { hex, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { makeDirs } from '../../runtime/runc.ts'
import { encode, readText, writeAll } from '../../userland/lib/io.ts'
import { Problem } from '../containers/problem.ts'
import { base64, unbase64 } from '../dockerd/distribution.ts'
import type { Libpod } from './libpod.ts'

export interface Secret {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Nanoseconds since 1970. */
  readonly created: number
}
export const secretsDir = (lp: Libpod): string => `${lp.place.graphRoot}/secrets`
const index = (lp: Libpod): string => `${secretsDir(lp)}/secrets.json`
const data = (lp: Libpod): string => `${secretsDir(lp)}/filedriver/secretsdata.json`
/** The largest secret, bytes. */
const LARGEST = 512_000

function* read<T>(lp: Libpod, path: string): Run<Record<string, T>> {
  const text = yield* readText(lp.sys, path)
  return isErr(text) ? {} : (JSON.parse(text) as Record<string, T>)
}
function* write(lp: Libpod, path: string, value: unknown): Run<void> {
  yield* makeDirs(lp.sys, path.slice(0, path.lastIndexOf('/')), 0o700)
  const fd = yield* lp.sys.open(path, 0o1101, 0o600)
  if (isErr(fd)) throw new Problem(`open ${path}: ${fd.text.toLowerCase()}`)
  yield* writeAll(lp.sys, fd, encode(JSON.stringify(value)))
  yield* lp.sys.close(fd)
}
/** All secrets, by name. */
export function* secrets(lp: Libpod): Run<Secret[]> {
  return Object.values(yield* read<Secret>(lp, index(lp))).sort((a, b) => (a.name < b.name ? -1 : 1))
}
/** A secret by name, id or the beginning of an id. Throws Problem. */
export function* findSecret(lp: Libpod, ref: string): Run<Secret> {
  const all = yield* secrets(lp)
  const named = all.find((s) => s.name === ref || s.id === ref)
  if (named) return named
  const hits = all.filter((s) => ref !== '' && s.id.startsWith(ref))
  if (hits.length > 1) throw new Problem(`multiple results found for secret prefix ${ref}`)
  if (!hits[0]) throw new Problem(`no secret with name or id ${JSON.stringify(ref)}: no such secret`)
  return hits[0]
}
/** What a secret holds. */
export function* secretData(lp: Libpod, s: Secret): Run<string> {
  return unbase64((yield* read<string>(lp, data(lp)))[s.id] ?? '') ?? ''
}
/** Keeps a secret: its id. Throws Problem. */
export function* createSecret(
  lp: Libpod,
  name: string,
  content: string,
  labels: Readonly<Record<string, string>>,
): Run<string> {
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9])?$/.test(name))
    throw new Problem(
      `only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]: ${name}: invalid secret name`,
    )
  const size = utf8(content).length
  if (size === 0 || size >= LARGEST) throw new Problem('secret data must be larger than 0 and less than 512000 bytes')
  const known = yield* read<Secret>(lp, index(lp))
  if (Object.values(known).some((s) => s.name === name)) throw new Problem(`${name}: secret name in use`)
  const id = hex(yield* lp.sys.getrandom(13)).slice(0, 25)
  yield* write(lp, data(lp), { ...(yield* read<string>(lp, data(lp))), [id]: base64(content) })
  yield* write(lp, index(lp), { ...known, [id]: { id, name, labels, created: yield* lp.now() } })
  return id
}
export function* removeSecret(lp: Libpod, s: Secret): Run<void> {
  const { [s.id]: _, ...rest } = yield* read<Secret>(lp, index(lp))
  const { [s.id]: __, ...kept } = yield* read<string>(lp, data(lp))
  yield* write(lp, index(lp), rest)
  yield* write(lp, data(lp), kept)
}
/** What --secret asks for: `NAME[,type=mount|env][,target=T][,uid=N][,gid=N][,mode=0NNN]`. */
export interface SecretUse {
  readonly secret: Secret
  readonly type: 'mount' | 'env'
  readonly target: string
  readonly uid: number
  readonly gid: number
  readonly mode: number
}
export function* parseSecret(lp: Libpod, text: string): Run<SecretUse> {
  const [source = '', ...options] = text.split(',')
  let type: 'mount' | 'env' = 'mount'
  let target: string | undefined
  const numbers = { uid: 0, gid: 0, mode: 0o444 }
  for (const o of options) {
    const [key = '', value = ''] = o.split('=')
    if (key === 'type' && (value === 'mount' || value === 'env')) type = value
    else if (key === 'type')
      throw new Problem(`type ${value} is invalid: must be one of mount or env: error parsing secret`)
    else if (key === 'target') target = value
    else if (key === 'uid' || key === 'gid') numbers[key] = Number(value)
    else if (key === 'mode') numbers.mode = Number.parseInt(value, 8)
    else throw new Problem(`option ${o} invalid: error parsing secret`)
  }
  const secret = yield* findSecret(lp, source)
  return { secret, type, target: target ?? secret.name, ...numbers }
}
/** Copies the secrets of a container to its directory: what it mounts at their places. */
export function* copySecrets(
  lp: Libpod,
  id: string,
  uses: readonly SecretUse[],
): Run<{ source: string; destination: string; readOnly: true }[]> {
  const dir = `${lp.storage.containerDir(id)}/secrets`
  const out: { source: string; destination: string; readOnly: true }[] = []
  for (const u of uses) {
    if (u.type !== 'mount') continue
    yield* makeDirs(lp.sys, dir, 0o700)
    const source = `${dir}/${u.secret.name}`
    const fd = yield* lp.sys.open(source, 0o1101, u.mode)
    if (isErr(fd)) throw new Problem(`open ${source}: ${fd.text.toLowerCase()}`)
    yield* writeAll(lp.sys, fd, utf8(yield* secretData(lp, u.secret)))
    yield* lp.sys.close(fd)
    yield* lp.sys.chmod(source, u.mode)
    yield* lp.sys.chown(source, u.uid, u.gid)
    const destination = u.target.startsWith('/') ? u.target : `/run/secrets/${u.target}`
    out.push({ source, destination, readOnly: true })
  }
  return out
}

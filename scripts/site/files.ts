/** files.json: what a build consists of, so that an installed copy can be checked and kept offline without mixing two builds. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileScript } from './module.ts'

/** A file's path from the site's root, its size in bytes, and its SHA-256 in hexadecimal. */
export type ListedFile = readonly [path: string, size: number, sha256: string]
export interface FileList {
  readonly version: string
  /** Names the build: made from the contents of all files, so that the same files have the same name. */
  readonly build: string
  readonly files: readonly ListedFile[]
}
/** Files that hold the build's name and so can't be part of it. */
export const named: readonly string[] = ['files.json', 'files.json.js', 'worker.js']

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const listed = (dist: string, path: string): ListedFile => {
  const bytes = readFileSync(join(dist, path))
  return [path, bytes.length, sha256(bytes)]
}

/** The list of a built site. `paths` are its files, sorted. */
export function listFiles(dist: string, paths: readonly string[], version: string): FileList {
  const files = paths.filter((path) => !named.includes(path)).map((path) => listed(dist, path))
  const text = files.map(([path, , hash]) => `${hash} ${path}\n`).join('')
  return { version, build: sha256(Buffer.from(text)).slice(0, 16), files }
}
/** Writes the list, and its twin for file://. The worker, which holds the build's name, is in it. */
export function writeFileList(dist: string, list: FileList): void {
  const files = [...list.files, listed(dist, 'worker.js')].sort(([a], [b]) => (a < b ? -1 : 1))
  // A file a line: it can be read, compared and searched by hand.
  const rows = files.map((file) => `  ${JSON.stringify(file)}`).join(',\n')
  const json = `{"version": ${JSON.stringify(list.version)}, "build": "${list.build}", "files": [\n${rows}\n]}\n`
  writeFileSync(join(dist, 'files.json'), json)
  writeFileSync(join(dist, 'files.json.js'), fileScript(Buffer.from(json)))
}

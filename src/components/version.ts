/** Names of sources by their contents: what a build remembers holds for as long as these stay the same. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/** A hash of texts and bytes, one after the other: 43 letters, digits, - and _. */
export function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sha = createHash('sha256')
  for (const part of parts) sha.update(part).update('\0')
  return sha.digest('base64url')
}

/**
 * A text that changes with the contents and places of these files and of all files below these folders of `root`; tests and what is below
 * the folders of `without` don't count.
 */
export function versionOf(root: string, places: readonly string[], without: readonly string[] = []): string {
  const apart = without.map((place) => join(root, place) + sep)
  const files = places
    .map((place) => join(root, place))
    .flatMap((path) =>
      statSync(path).isFile()
        ? path
        : readdirSync(path, { recursive: true, withFileTypes: true })
            .filter((e) => e.isFile() && !e.name.endsWith('.test.ts'))
            .map((e) => join(e.parentPath, e.name)),
    )
    .filter((path) => !apart.some((folder) => path.startsWith(folder)))
    .sort()
  return hash(...files.flatMap((path) => [path, readFileSync(path)]))
}

/** The end of a build: packs for reading offline, the list of files, and the worker, which is told the build's name. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { standalone, writeBundles } from './bundles.ts'
import { listFiles, writeFileList } from './files.ts'
import { filesBelow } from './finish.ts'

/** Answers the build's name. */
export async function nameBuild(dist: string, version: string): Promise<string> {
  writeBundles(dist, filesBelow(dist))
  const list = listFiles(dist, filesBelow(dist), version)
  writeFileSync(join(dist, 'worker.js'), await standalone('components/offline/worker.ts', { BUILD: list.build }))
  writeFileList(dist, list)
  return list.build
}
